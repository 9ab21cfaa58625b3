use super::tokens::{self, TokenEntry};
use super::{Done, GrantView, SecretView, belongs_in_form, day, done, place_error, unstored, with_status};
use crate::access::Access;
use crate::context::Context;
use crate::role::Role;
use crate::routes::see_other;
use crate::service::{Account, NewAccount, NewGrant};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use jiff::civil::Date;
use serde::Deserialize;
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Notice, Shell, page};
use uuid::Uuid;

const LIST: &str = "/admin/accounts";

/// An account as a line of the list.
struct Line {
    href: String,
    login: String,
    name: String,
    unit: String,
    state: Option<(&'static str, &'static str)>,
}

fn line(access: &Access, ctx: &Context, account: &Account) -> Line {
    let l = ctx.lang;
    let state = if account.disabled {
        Some(("late", l.t("đã khóa", "closed")))
    } else if account.temporary {
        Some(("wait", l.t("chưa đổi mật khẩu", "one-time password")))
    } else if account.service {
        Some(("plain", l.t("hệ thống khác", "another system")))
    } else if account.demo {
        Some(("wait", l.t("dùng thử", "demonstration")))
    } else {
        None
    };
    Line {
        href: format!("{LIST}/{}", account.id),
        login: account.login.clone(),
        name: account.name.clone(),
        unit: access.unit_name(account.unit, ctx.today(), l),
        state,
    }
}

#[derive(Template)]
#[template(path = "accounts.html")]
struct ListView {
    shell: Shell,
    q: String,
    lines: Vec<Line>,
    next: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct ListQuery {
    q: Option<String>,
    after: Option<String>,
}

/// `GET /admin/accounts?q=&after=`
pub(super) async fn list(State(access): State<Access>, ctx: Context, Query(query): Query<ListQuery>) -> Result<Response, AppError> {
    let q = query.q.unwrap_or_default();
    let found = access.list_accounts(&ctx, &q, query.after.as_deref().unwrap_or_default(), 50).await?;
    let shell = ctx.shell(ctx.lang.t("Tài khoản", "Accounts")).noindex();
    let next = found.next.map(|after| format!("{LIST}?q={}&after={}", ui::percent_encode(&q), ui::percent_encode(&after)));
    let lines = found.items.iter().map(|account| line(&access, &ctx, account)).collect();
    Ok(page(&ListView { shell, q, lines, next }))
}

#[derive(Template)]
#[template(path = "account_new.html")]
struct NewView {
    shell: Shell,
    fields: Vec<Field>,
    summary: Html,
}

#[derive(Default, Deserialize)]
pub(super) struct NewEntry {
    login: String,
    name: String,
    unit: String,
    /// Ticked for the account of another system.
    #[serde(default)]
    service: String,
    #[serde(default)]
    purpose: String,
}

/// The choice of a field that narrows a role.
pub(super) fn field_field(ctx: &Context, value: &str) -> Field {
    let l = ctx.lang;
    let mut choices = vec![(String::new(), l.t("mọi lĩnh vực", "all fields").to_owned())];
    choices.extend(crate::Field::all().map(|field| (field.code().to_owned(), field.label(l).to_owned())));
    Field::new("field", l.t("Lĩnh vực", "Field")).kind(Kind::Select(choices)).value(value)
}

pub(super) fn unit_field(ctx: &Context, value: &str) -> Field {
    let l = ctx.lang;
    Field::new("unit", l.t("Đơn vị", "Unit"))
        .value(value)
        .hint(l.t("Tên đầy đủ hoặc mã, ví dụ: xã Thiệu Trung, Thanh Hóa", "Full name or code, for example: xã Thiệu Trung, Thanh Hóa"))
        .required()
}

fn new_view(ctx: &Context, entry: &NewEntry, error: Option<&AppError>) -> Response {
    let l = ctx.lang;
    let mut shell = ctx.shell(l.t("Thêm tài khoản", "New account")).noindex().crumb(l.t("Tài khoản", "Accounts"), LIST).here(l.t("Thêm", "New"));
    shell.path = format!("{LIST}/new");
    let mut fields = vec![
        Field::new("name", l.t("Họ và tên", "Name")).value(&entry.name).attr("autocomplete", "off").required(),
        Field::new("login", l.t("Tên đăng nhập", "Login"))
            .value(&entry.login)
            .attr("autocomplete", "off")
            .hint(l.t("Chữ, số và . _ - @; ví dụ: lan.nguyen", "Letters, digits and . _ - @; for example: lan.nguyen"))
            .required(),
        unit_field(ctx, &entry.unit),
        Field::new("service", l.t("Tài khoản của một hệ thống khác, không phải của người", "Account of another system, not of a person"))
            .kind(Kind::Check)
            .value(&entry.service)
            .hint(l.t(
                "Không đăng nhập, không giữ chức vụ; chỉ gọi giao diện lập trình bằng mã truy cập.",
                "Never signs in, holds no post; only calls the interface with tokens.",
            )),
        Field::new("purpose", l.t("Hệ thống đó làm gì ở đây, ai chịu trách nhiệm", "What it does here and who answers for it"))
            .value(&entry.purpose)
            .hint(l.t("Chỉ ghi cho tài khoản hệ thống", "Only for the account of a system")),
    ];
    if let Some(error) = error {
        place_error(&mut shell, &mut fields, error);
    }
    let summary = error_summary(l, &fields);
    page(&NewView { shell, fields, summary })
}

/// `GET /admin/accounts/new`
pub(super) async fn new_form(State(access): State<Access>, ctx: Context) -> Response {
    let own = ctx.units_with(Role::Administrator).first().map(|unit| access.unit_name(*unit, ctx.today(), ctx.lang));
    new_view(&ctx, &NewEntry { unit: own.unwrap_or_default(), ..NewEntry::default() }, None)
}

/// The unit that an administrator typed.
pub(super) fn find_unit(access: &Access, ctx: &Context, text: &str) -> Result<Uuid, AppError> {
    let text = lang::clean(text);
    let known = text.parse::<Uuid>().ok().filter(|id| access.inner.units.name(*id, ctx.today()).is_some());
    let found = known.or_else(|| access.inner.units.find(&text, ctx.today()).map(|(id, _)| id));
    found.ok_or_else(|| {
        AppError::new("unit_unknown", 422)
            .say("Chưa nhận ra đơn vị này, hoặc có nhiều đơn vị trùng tên.", "No such unit, or several of that name.")
            .mend("Ghi thêm tên tỉnh, hoặc dùng mã đơn vị.", "Add the name of the province, or use the unit's code.")
            .at("unit")
    })
}

/// `POST /admin/accounts`
pub(super) async fn add(State(access): State<Access>, ctx: Context, Form(entry): Form<NewEntry>) -> Result<Response, AppError> {
    let made = match find_unit(&access, &ctx, &entry.unit) {
        Ok(unit) if !entry.service.is_empty() => access.add_service(&ctx, &entry.login, &entry.name, unit, &entry.purpose).await.map(|id| (id, None)),
        Ok(unit) => {
            let new = NewAccount { login: entry.login.clone(), name: entry.name.clone(), unit, password: None };
            access.add_account(&ctx, new).await
        }
        Err(error) => Err(error),
    };
    match made {
        Ok((id, Some(password))) => Ok(one_time(&ctx, id, password)),
        Ok((id, None)) => Ok(see_other(format!("{LIST}/{id}?done=service"))),
        Err(error) if belongs_in_form(&error) || error.code == "role_required" => Ok(with_status(new_view(&ctx, &entry, Some(&error)), error.status)),
        Err(error) => Err(error),
    }
}

/// Shows a one-time password.
fn one_time(ctx: &Context, account: Uuid, secret: String) -> Response {
    let l = ctx.lang;
    let back = format!("{LIST}/{account}");
    let mut shell = ctx.shell(l.t("Mật khẩu dùng một lần", "One-time password")).noindex();
    shell.path.clone_from(&back);
    let about = l.t(
        "Trao tận tay người dùng. Mật khẩu dùng được một lần trong ba ngày; khi đăng nhập họ tự đặt mật khẩu của mình. Sau trang này không ai xem lại được.",
        "Hand it over in person. It works once within three days; on signing in they choose their own. After this page nobody can see it again.",
    );
    unstored(page(&SecretView { shell, secret, about: about.to_owned(), back }))
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountView {
    shell: Shell,
    line: Line,
    since: String,
    disabled: bool,
    demo: bool,
    own: bool,
    /// What another system does here; none for the account of a person.
    purpose: Option<String>,
    /// Its tokens.
    tokens: Html,
    grants: Vec<GrantView>,
    posts: Vec<(String, String)>,
    timeline: Html,
    person: String,
    fields: Vec<Field>,
    summary: Html,
}

#[derive(Default, Deserialize)]
pub(super) struct GrantEntry {
    role: String,
    unit: String,
    from: String,
    until: String,
    basis: String,
    #[serde(default)]
    field: String,
}

/// What was typed on the page of an account.
enum Typed<'a> {
    Nothing,
    Grant(GrantEntry, &'a AppError),
    Token(TokenEntry, &'a AppError),
    /// An error that belongs to neither form.
    Other(&'a AppError),
}

async fn view(access: &Access, ctx: &Context, id: Uuid, notice: Option<Notice>, typed: Typed<'_>) -> Result<Response, AppError> {
    let (entry, token, error, refused) = match typed {
        Typed::Nothing => (fresh(ctx), TokenEntry::fresh(), None, None),
        Typed::Grant(entry, error) => (entry, TokenEntry::fresh(), Some(error), None),
        Typed::Token(token, error) => (fresh(ctx), token, None, Some(error)),
        Typed::Other(error) => (fresh(ctx), TokenEntry::fresh(), Some(error), None),
    };
    let account = access.account(ctx, id).await?;
    let l = ctx.lang;
    let mut shell = ctx.shell(&account.name).noindex().notice(notice).crumb(l.t("Tài khoản", "Accounts"), LIST).here(&account.name);
    shell.path = format!("{LIST}/{id}");
    let roles = Role::ALL.into_iter().map(|role| (role.as_str().to_owned(), role.label(l).to_owned())).collect();
    let mut fields = vec![
        Field::new("role", l.t("Vai trò", "Role")).kind(Kind::Select(roles)).value(&entry.role),
        unit_field(ctx, &entry.unit),
        Field::new("from", l.t("Từ ngày", "From")).kind(Kind::Date).value(&entry.from).required(),
        Field::new("until", l.t("Đến hết ngày", "Last day")).kind(Kind::Date).value(&entry.until).hint(l.t("Để trống nếu chưa biết", "Empty if not known")),
        field_field(ctx, &entry.field),
        Field::new("basis", l.t("Căn cứ", "Legal basis"))
            .value(&entry.basis)
            .hint(l.t("Số, ngày văn bản giao nhiệm vụ", "Number and date of the decision that assigns the task")),
    ];
    if let Some(error) = error {
        place_error(&mut shell, &mut fields, error);
    }
    let held = access.grants_of(ctx, id).await?;
    let grants = held.iter().map(|held| GrantView { end: format!("{LIST}/{id}/grants/{}/end", held.id), ..GrantView::of(access, ctx, held) }).collect();
    let posts = access.posts_of(id, ctx.today()).await?.into_iter().map(|post| (format!("/admin/posts/{}", post.id), post.label())).collect();
    let centre = access.inner.options.centre;
    access.note_look(ctx, centre, &format!("account/{id}"), "account").await?;
    let told = access.timeline(centre, &format!("account/{id}"), 30).await?;
    let timeline = access.timeline_html(l, &told);
    let since = calendar::from_micros(account.created_at).map(calendar::local_date).map(day).unwrap_or_default();
    let tokens = if account.service {
        let open = |role: &Role| held.iter().any(|h| h.grant.to.is_none_or(|to| to > ctx.today()) && h.grant.role.covers(*role));
        let roles: Vec<Role> = Role::ALL.into_iter().filter(open).collect();
        tokens::section(&mut shell, &format!("{LIST}/{id}/tokens"), access.tokens_of(ctx, id).await?, &roles, &token, refused)?
    } else {
        if let Some(error) = refused {
            place_error(&mut shell, &mut [], error);
        }
        Html::default()
    };
    Ok(page(&AccountView {
        purpose: account.service.then(|| account.purpose.clone()),
        tokens,
        line: line(access, ctx, &account),
        since,
        disabled: account.disabled,
        demo: account.demo,
        own: ctx.account_id() == Some(id),
        grants,
        posts,
        timeline,
        person: account.name,
        summary: error_summary(l, &fields),
        fields,
        shell,
    }))
}

fn fresh(ctx: &Context) -> GrantEntry {
    GrantEntry { role: Role::Officer.as_str().to_owned(), from: ctx.today().to_string(), ..GrantEntry::default() }
}

/// Back to the account with a message, or the account with the error.
async fn answer(access: &Access, ctx: &Context, id: Uuid, outcome: Result<(), AppError>, word: &str) -> Result<Response, AppError> {
    match outcome {
        Ok(()) => Ok(see_other(format!("{LIST}/{id}?done={word}"))),
        Err(error) if belongs_in_form(&error) => Ok(with_status(view(access, ctx, id, None, Typed::Other(&error)).await?, error.status)),
        Err(error) => Err(error),
    }
}

/// `GET /admin/accounts/{id}`
pub(super) async fn show(State(access): State<Access>, ctx: Context, Path(id): Path<Uuid>, Query(word): Query<Done>) -> Result<Response, AppError> {
    view(&access, &ctx, id, done(ctx.lang, word.done.as_deref()), Typed::Nothing).await
}

#[derive(Deserialize)]
pub(super) struct RenameEntry {
    person: String,
}

/// `POST /admin/accounts/{id}`
pub(super) async fn rename(State(access): State<Access>, ctx: Context, Path(id): Path<Uuid>, Form(entry): Form<RenameEntry>) -> Result<Response, AppError> {
    let outcome = access.rename(&ctx, id, &entry.person).await;
    answer(&access, &ctx, id, outcome, "saved").await
}

#[derive(Deserialize)]
pub(super) struct StateEntry {
    disabled: String,
}

/// `POST /admin/accounts/{id}/state` with `disabled=1` or `disabled=0`
pub(super) async fn state(State(access): State<Access>, ctx: Context, Path(id): Path<Uuid>, Form(entry): Form<StateEntry>) -> Result<Response, AppError> {
    let disabled = entry.disabled == "1";
    let outcome = access.disable(&ctx, id, disabled).await;
    answer(&access, &ctx, id, outcome, if disabled { "disabled" } else { "enabled" }).await
}

/// `POST /admin/accounts/{id}/sessions/end`: signs all devices of the person out.
pub(super) async fn end_sessions(State(access): State<Access>, ctx: Context, Path(id): Path<Uuid>) -> Result<Response, AppError> {
    let outcome = access.sign_out_everywhere(&ctx, id).await;
    answer(&access, &ctx, id, outcome, "ended").await
}

/// `POST /admin/accounts/{id}/password`
pub(super) async fn reset_password(State(access): State<Access>, ctx: Context, Path(id): Path<Uuid>) -> Result<Response, AppError> {
    match access.reset_password(&ctx, id).await {
        Ok(secret) => Ok(one_time(&ctx, id, secret)),
        Err(error) => answer(&access, &ctx, id, Err(error), "").await,
    }
}

pub(super) fn date(text: &str, at: &str) -> Result<Date, AppError> {
    lang::parse_date(text).map_err(|problem| {
        AppError::new("date_unreadable", 422).say(problem.vi(), problem.en()).mend("Viết ngày theo dạng 30/6/2026.", "Write the date as 30/6/2026.").at(at)
    })
}

fn read_grant(access: &Access, ctx: &Context, entry: &GrantEntry) -> Result<NewGrant, AppError> {
    let role = Role::parse(&entry.role).ok_or_else(|| AppError::new("role_unknown", 422).at("role"))?;
    let unit = find_unit(access, ctx, &entry.unit)?;
    let from = date(&entry.from, "from")?;
    let last = if entry.until.trim().is_empty() { None } else { Some(date(&entry.until, "until")?) };
    let to = match last {
        Some(last) => Some(last.tomorrow().map_err(|_| AppError::new("dates_invalid", 422).at("until"))?),
        None => None,
    };
    Ok(NewGrant { role, unit, from, to, basis: entry.basis.clone() })
}

/// `POST /admin/accounts/{id}/grants`
pub(super) async fn add_grant(State(access): State<Access>, ctx: Context, Path(id): Path<Uuid>, Form(entry): Form<GrantEntry>) -> Result<Response, AppError> {
    let outcome = match read_grant(&access, &ctx, &entry) {
        Ok(new) => access.grant_narrowed(&ctx, id, new, crate::Field::coded(&entry.field)).await.map(drop),
        Err(error) => Err(error),
    };
    match outcome {
        Err(error) if belongs_in_form(&error) || error.code == "role_required" => {
            Ok(with_status(view(&access, &ctx, id, None, Typed::Grant(entry, &error)).await?, error.status))
        }
        outcome => answer(&access, &ctx, id, outcome, "granted").await,
    }
}

/// `POST /admin/accounts/{id}/grants/{grant}/end`
pub(super) async fn end_grant(State(access): State<Access>, ctx: Context, Path((id, grant)): Path<(Uuid, Uuid)>) -> Result<Response, AppError> {
    let outcome = access.end_grant(&ctx, id, grant).await;
    answer(&access, &ctx, id, outcome, "grant-ended").await
}

/// `POST /admin/accounts/{id}/tokens`: a token of another system.
pub(super) async fn add_token(State(access): State<Access>, ctx: Context, Path(id): Path<Uuid>, Form(entry): Form<TokenEntry>) -> Result<Response, AppError> {
    match access.add_service_token(&ctx, id, entry.token()).await {
        Ok(secret) => Ok(tokens::shown_once(&ctx, secret, &format!("{LIST}/{id}"))),
        Err(error) if belongs_in_form(&error) => Ok(with_status(view(&access, &ctx, id, None, Typed::Token(entry, &error)).await?, error.status)),
        Err(error) => Err(error),
    }
}

/// `POST /admin/accounts/{id}/tokens/{token}/end`
pub(super) async fn end_token(State(access): State<Access>, ctx: Context, Path((id, token)): Path<(Uuid, Uuid)>) -> Result<Response, AppError> {
    let outcome = access.end_service_token(&ctx, id, token).await;
    answer(&access, &ctx, id, outcome, "revoked").await
}
