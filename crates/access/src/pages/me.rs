use super::{Done, GrantView, SecretView, belongs_in_form, done, moment, place_error, unstored, with_status};
use crate::access::Access;
use crate::context::{Context, Identity, Who};
use crate::delegation::DelegationKind;
use crate::post::PostKind;
use crate::role::Role;
use crate::routes::{CHANGE_PASSWORD, see_other};
use crate::scope::{Area, Scopes};
use crate::service::{NewToken, SessionView, TokenView};
use askama::Template;
use axum::Json;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Notice, Shell, Tone, page};
use uuid::Uuid;

#[derive(Template)]
#[template(path = "me.html")]
struct MeView {
    shell: Shell,
    name: String,
    login: String,
    grants: Vec<GrantView>,
    posts: Vec<(String, bool)>,
    sessions: Vec<SessionView>,
    tokens: Vec<TokenView>,
    fields: Vec<Field>,
    summary: Html,
    administers: bool,
    /// Recovery codes left; `None` while the second step is off.
    second: Option<i64>,
}

impl MeView {
    fn roles(&self, token: &TokenView) -> String {
        token.roles.iter().map(|role| role.label(self.shell.lang)).collect::<Vec<_>>().join(", ")
    }

    fn reach(&self, token: &TokenView) -> String {
        token.scopes.label(self.shell.lang)
    }

    fn device<'a>(&self, session: &'a SessionView) -> &'a str {
        if session.agent.is_empty() { self.shell.lang.t("thiết bị không rõ", "unknown device") } else { &session.agent }
    }
}

/// The form for a new token as it was sent: a tick per role, and `read` or `write` per area, each under its word.
#[derive(Default, Deserialize)]
pub(super) struct TokenEntry {
    name: String,
    days: String,
    #[serde(flatten)]
    chosen: BTreeMap<String, String>,
}

impl TokenEntry {
    fn ticked(&self, role: Role) -> bool {
        self.chosen.contains_key(role.as_str())
    }

    fn chosen(&self, area: Area) -> &str {
        self.chosen.get(area.word()).map_or("", String::as_str)
    }

    fn scopes(&self) -> Scopes {
        let fits = |area: &Area| matches!(self.chosen(*area), "read" | "write");
        Area::ALL.into_iter().filter(fits).fold(Scopes::default(), |scopes, area| scopes.with(area, self.chosen(area) == "write"))
    }

    fn fields(&self, ctx: &Context) -> Vec<Field> {
        let l = ctx.lang;
        let days = |n: &str| (n.to_owned(), format!("{n} {}", l.t("ngày", "days")));
        let mut fields = vec![
            Field::new("name", l.t("Tên mã", "Name")).value(&self.name).hint(l.t("Chương trình nào sẽ dùng?", "Which program will use it?")),
            Field::new("days", l.t("Thời hạn", "Lifetime")).value(&self.days).kind(Kind::Select(vec![days("30"), days("90"), days("366")])),
        ];
        for role in Role::ALL.into_iter().filter(|role| ctx.grants().any(|grant| grant.role.covers(*role))) {
            let value = if self.ticked(role) { "1" } else { "" };
            fields.push(Field::new(role.as_str(), role.label(l)).kind(Kind::Check).value(value));
        }
        for area in Area::ALL {
            let choices = [("", l.t("không mở", "closed")), ("read", l.t("đọc", "read")), ("write", l.t("đọc và ghi", "read and write"))];
            let choices = choices.map(|(word, label)| (word.to_owned(), label.to_owned())).to_vec();
            fields.push(Field::new(area.word(), area.label(l)).kind(Kind::Select(choices)).value(self.chosen(area)));
        }
        fields
    }
}

async fn view(access: &Access, ctx: &Context, notice: Option<Notice>, entry: TokenEntry, error: Option<&AppError>) -> Result<Response, AppError> {
    ctx.require_person()?;
    let l = ctx.lang;
    let mut shell = ctx.shell(l.t("Tài khoản của tôi", "My account")).noindex().notice(notice);
    shell.path = "/me".to_owned();
    let mut fields = entry.fields(ctx);
    if let Some(error) = error {
        place_error(&mut shell, &mut fields, error);
    }
    let login = match &ctx.who {
        Who::Account { login, .. } => login.clone(),
        _ => String::new(),
    };
    let mut grants = Vec::new();
    if let Some(id) = ctx.account_id() {
        grants = access.grants_of(ctx, id).await?.iter().map(|held| GrantView::of(access, ctx, held)).collect();
    }
    Ok(page(&MeView {
        name: ctx.author_name().to_owned(),
        login,
        grants,
        posts: ctx.identities().iter().enumerate().map(|(at, identity)| (identity.label(), ctx.acting == Some(at))).collect(),
        sessions: access.own_sessions(ctx).await?,
        tokens: access.own_tokens(ctx).await?,
        summary: error_summary(l, &fields),
        fields,
        administers: ctx.may_somewhere(Role::Administrator),
        second: match ctx.account_id() {
            Some(id) => access.second_step(id).await?,
            None => None,
        },
        shell,
    }))
}

/// `GET /me`
pub(super) async fn show(State(access): State<Access>, ctx: Context, Query(word): Query<Done>) -> Result<Response, AppError> {
    let entry = TokenEntry { days: "90".to_owned(), ..TokenEntry::default() };
    view(&access, &ctx, done(ctx.lang, word.done.as_deref()), entry, None).await
}

/// `POST /me/tokens`
pub(super) async fn add_token(State(access): State<Access>, ctx: Context, Form(entry): Form<TokenEntry>) -> Result<Response, AppError> {
    let roles = Role::ALL.into_iter().filter(|role| entry.ticked(*role)).collect();
    let new = NewToken { name: entry.name.clone(), roles, scopes: entry.scopes(), days: entry.days.parse().unwrap_or(0) };
    let l = ctx.lang;
    match access.add_token(&ctx, new).await {
        Ok(secret) => {
            let mut shell = ctx.shell(l.t("Mã truy cập mới", "New token")).noindex();
            shell.path = "/me".to_owned();
            let about = l.t(
                "Chép mã này vào chương trình ngay bây giờ; sau trang này không ai xem lại được. Gửi kèm mỗi lần gọi: Authorization: Bearer <mã>.",
                "Copy it into the program now; after this page nobody can see it again. Send it with each call: Authorization: Bearer <token>.",
            );
            Ok(unstored(page(&SecretView { shell, secret, about: about.to_owned(), back: "/me".to_owned() })))
        }
        Err(error) if belongs_in_form(&error) => Ok(with_status(view(&access, &ctx, None, entry, Some(&error)).await?, error.status)),
        Err(error) => Err(error),
    }
}

/// `POST /me/tokens/{id}/end`
pub(super) async fn end_token(State(access): State<Access>, ctx: Context, Path(id): Path<Uuid>) -> Result<Response, AppError> {
    access.end_token(&ctx, id).await?;
    Ok(see_other("/me?done=revoked".to_owned()))
}

/// `POST /me/sessions/{id}/end`
pub(super) async fn end_session(State(access): State<Access>, ctx: Context, Path(id): Path<Uuid>) -> Result<Response, AppError> {
    access.end_sessions(&ctx, Some(id)).await?;
    Ok(see_other("/me?done=ended".to_owned()))
}

/// `POST /me/sessions/end-others`
pub(super) async fn end_others(State(access): State<Access>, ctx: Context) -> Result<Response, AppError> {
    access.end_sessions(&ctx, None).await?;
    Ok(see_other("/me?done=ended".to_owned()))
}

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordView {
    shell: Shell,
    fields: Vec<Field>,
    summary: Html,
    must: bool,
}

#[derive(Deserialize)]
pub(super) struct PasswordEntry {
    current: String,
    password: String,
}

fn password_view(ctx: &Context, error: Option<&AppError>) -> Response {
    let l = ctx.lang;
    let mut shell = ctx.shell(l.t("Đổi mật khẩu", "Change password")).noindex();
    shell.path = CHANGE_PASSWORD.to_owned();
    let mut fields = vec![
        Field::new("current", l.t("Mật khẩu hiện tại", "Current password")).kind(Kind::Password).attr("autocomplete", "current-password").required(),
        Field::new("password", l.t("Mật khẩu mới", "New password"))
            .kind(Kind::Password)
            .attr("autocomplete", "new-password")
            .hint(l.t("Ít nhất 10 ký tự; một câu ngắn dễ nhớ là tốt nhất.", "At least 10 characters; a short phrase is best."))
            .required(),
    ];
    if let Some(error) = error {
        place_error(&mut shell, &mut fields, error);
    }
    let summary = error_summary(l, &fields);
    page(&PasswordView { shell, fields, summary, must: ctx.must_change })
}

/// `GET /me/password`
pub(super) async fn password_form(ctx: Context) -> Result<Response, AppError> {
    ctx.require_person()?;
    Ok(password_view(&ctx, None))
}

/// `POST /me/password`
pub(super) async fn password(State(access): State<Access>, ctx: Context, Form(entry): Form<PasswordEntry>) -> Result<Response, AppError> {
    match access.change_password(&ctx, &entry.current, &entry.password).await {
        Ok(()) => Ok(see_other("/me?done=password".to_owned())),
        Err(error) if belongs_in_form(&error) => Ok(with_status(password_view(&ctx, Some(&error)), error.status)),
        Err(error) => Err(error),
    }
}

/// Who asks, as programs see it.
#[derive(Serialize)]
pub(super) struct Me {
    /// Account id.
    id: Option<Uuid>,
    name: String,
    roles: Vec<MyRole>,
    /// The post acted in, and all that could be.
    post: Option<MyPost>,
    posts: Vec<MyPost>,
}

/// A post of the person who asks.
#[derive(Serialize)]
struct MyPost {
    id: Uuid,
    title: String,
    kind: PostKind,
    organisation: Uuid,
    organisation_name: String,
    unit: Uuid,
    /// How it is acted in for another; absent in one's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    behalf: Option<MyBehalf>,
}

#[derive(Serialize)]
struct MyBehalf {
    delegation: Uuid,
    kind: DelegationKind,
    holder_name: String,
    until: String,
    document: String,
}

impl From<&Identity> for MyPost {
    fn from(identity: &Identity) -> MyPost {
        let post = &identity.post;
        MyPost {
            behalf: identity.behalf.as_ref().map(|b| MyBehalf {
                delegation: b.delegation,
                kind: b.kind,
                holder_name: b.holder_name.clone(),
                until: b.until.to_string(),
                document: b.document.clone(),
            }),
            id: post.id,
            title: post.title.clone(),
            kind: post.kind,
            organisation: post.organisation,
            organisation_name: post.organisation_name.clone(),
            unit: post.unit,
        }
    }
}

/// A role that holds today.
#[derive(Serialize)]
struct MyRole {
    role: Role,
    unit: Uuid,
    unit_name: String,
    valid_from: String,
    /// First day on which it no longer holds.
    valid_to: Option<String>,
}

/// `GET /api/v1/me`
pub(super) async fn api(State(access): State<Access>, ctx: Context) -> Json<Me> {
    let today = ctx.today();
    let roles = ctx
        .grants()
        .map(|grant| MyRole {
            role: grant.role,
            unit: grant.unit,
            unit_name: access.unit_name(grant.unit, today, ctx.lang),
            valid_from: grant.from.to_string(),
            valid_to: grant.to.map(|to| to.to_string()),
        })
        .collect();
    let posts = ctx.identities().iter().map(MyPost::from).collect();
    Json(Me { id: ctx.account_id(), name: ctx.author_name().to_owned(), roles, post: ctx.identity().map(MyPost::from), posts })
}

impl SessionView {
    fn seen(&self) -> String {
        moment(self.seen_at)
    }

    fn since(&self) -> String {
        moment(self.created_at)
    }
}

impl TokenView {
    fn until(&self) -> String {
        moment(self.expires_at)
    }

    fn tone(&self) -> &'static str {
        if self.expired { Tone::Bad.class() } else { Tone::Plain.class() }
    }
}
