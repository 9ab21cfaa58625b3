use super::personal::{Asked, asked};
use super::{Done, belongs_in_form, done, moment, place_error, with_status};
use crate::access::Access;
use crate::context::Context;
use crate::routes::see_other;
use crate::service::{Ask, Kept, PersonalKind};
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::Value;
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Lang, Notice, Shell, page};

struct Line {
    kind: &'static PersonalKind,
    label: String,
    agreed: bool,
    /// The term that was entered for it, with its document.
    term: String,
}

#[derive(Template)]
#[template(path = "data.html")]
struct View {
    shell: Shell,
    lines: Vec<Line>,
    requests: Vec<Asked>,
    fields: Vec<Field>,
    summary: Html,
}

/// The form of a request as it was sent.
#[derive(Default, Deserialize)]
pub(super) struct AskEntry {
    ask: String,
    said: String,
    wanted: String,
    proof: String,
}

impl AskEntry {
    fn fields(&self, l: Lang) -> Vec<Field> {
        let choices = Ask::ALL.into_iter().map(|ask| (ask.word().to_owned(), ask.label(l).to_owned())).collect();
        vec![
            Field::new("ask", l.t("Muốn gì", "What is asked")).kind(Kind::Select(choices)).value(&self.ask),
            Field::new("said", l.t("Sai ở đâu, hoặc vì sao muốn xóa", "What is wrong, or why it should go")).value(&self.said).required(),
            Field::new("wanted", l.t("Đúng phải là", "What is right"))
                .value(&self.wanted)
                .hint(l.t("Để trống khi yêu cầu xóa", "Empty when asking for erasure")),
            Field::new("proof", l.t("Căn cứ", "Proof"))
                .value(&self.proof)
                .hint(l.t("Giấy tờ hay văn bản nào cho thấy điều đó", "Which paper or decision shows it")),
        ]
    }
}

async fn view(access: &Access, ctx: &Context, notice: Option<Notice>, entry: &AskEntry, error: Option<&AppError>) -> Result<Response, AppError> {
    ctx.require_person()?;
    let l = ctx.lang;
    let mut shell = ctx
        .shell(l.t("Dữ liệu của tôi", "My data"))
        .noindex()
        .notice(notice)
        .crumb(l.t("Tài khoản của tôi", "My account"), "/me")
        .here(l.t("Dữ liệu của tôi", "My data"));
    shell.path = "/me/data".to_owned();
    let terms = access.retention_terms().await?;
    let term = |kind: &PersonalKind| {
        let kept = match kind.code.as_str() {
            "account" => Kept::Accounts,
            "devices" => Kept::Audit,
            _ => return String::new(),
        };
        terms.iter().find(|t| t.kept == kept).map_or_else(String::new, |t| format!("{}: {} {} ({})", kept.label(l), t.days, l.t("ngày", "days"), t.basis))
    };
    let mut lines = Vec::new();
    for kind in PersonalKind::all() {
        let agreed = kind.consent && access.consents_to(ctx.account_id().unwrap_or_default(), &kind.code).await?;
        lines.push(Line { label: kind.label(l).to_owned(), term: term(kind), kind, agreed });
    }
    let requests = access.own_data_requests(ctx).await?.into_iter().map(|r| asked(r, l)).collect();
    let mut fields = entry.fields(l);
    if let Some(error) = error {
        place_error(&mut shell, &mut fields, error);
    }
    let summary = error_summary(l, &fields);
    Ok(page(&View { shell, lines, requests, fields, summary }))
}

/// `GET /me/data`: what is kept of me, why, on what basis, and until when.
pub(super) async fn show(State(access): State<Access>, ctx: Context, Query(word): Query<Done>) -> Result<Response, AppError> {
    view(&access, &ctx, done(ctx.lang, word.done.as_deref()), &AskEntry::default(), None).await
}

/// `POST /me/data/requests`
pub(super) async fn ask(State(access): State<Access>, ctx: Context, Form(entry): Form<AskEntry>) -> Result<Response, AppError> {
    let Some(ask) = Ask::parse(&entry.ask) else { return Err(AppError::new("ask_unknown", 422)) };
    match access.ask_about_data(&ctx, ask, &entry.said, &entry.wanted, &entry.proof).await {
        Ok(()) => Ok(see_other("/me/data?done=asked".to_owned())),
        Err(error) if belongs_in_form(&error) => Ok(with_status(view(&access, &ctx, None, &entry, Some(&error)).await?, error.status)),
        Err(error) => Err(error),
    }
}

/// The fields of a row: name and value.
type Fields = Vec<(&'static str, String)>;

#[derive(Template)]
#[template(path = "data_copy.html")]
struct CopyView {
    shell: Shell,
    taken: String,
    /// Title of a part, and its rows.
    parts: Vec<(&'static str, Vec<Fields>)>,
}

/// Words for the parts and fields of the copy.
fn word(name: &str, l: Lang) -> &'static str {
    match name {
        "account" => l.t("Tài khoản", "Account"),
        "roles" => l.t("Vai trò", "Roles"),
        "posts" => l.t("Chức vụ", "Posts"),
        "delegations" => l.t("Ủy quyền", "Delegations"),
        "leave" => l.t("Ngày nghỉ", "Leave"),
        "devices" => l.t("Thiết bị", "Devices"),
        "passkeys" => l.t("Khóa truy cập", "Passkeys"),
        "sign_on" => l.t("Đăng nhập qua nơi khác", "Sign-on elsewhere"),
        "provider" => l.t("Nơi đăng nhập", "Provider"),
        "linked" => l.t("Gắn lúc", "Linked"),
        "consents" => l.t("Sự đồng ý", "Consents"),
        "requests" => l.t("Yêu cầu của tôi về dữ liệu", "My requests about data"),
        "acts" => l.t("Việc đã làm (1.000 việc gần nhất)", "Acts (the last 1,000)"),
        "login" => l.t("tên đăng nhập", "login"),
        "name" => l.t("họ tên", "name"),
        "unit" => l.t("đơn vị", "unit"),
        "created" => l.t("lập lúc", "made"),
        "role" => l.t("vai trò", "role"),
        "from" => l.t("từ", "from"),
        "to" | "until" | "last" => l.t("đến", "to"),
        "first" => l.t("từ ngày", "first day"),
        "basis" => l.t("căn cứ", "basis"),
        "title" => l.t("chức danh", "title"),
        "organisation" => l.t("cơ quan", "organisation"),
        "kind" => l.t("loại", "kind"),
        "for" => l.t("thay cho", "for"),
        "document" => l.t("văn bản", "document"),
        "note" => l.t("ghi chú", "note"),
        "device" => l.t("thiết bị", "device"),
        "since" => l.t("từ lúc", "since"),
        "last_used" => l.t("dùng lần cuối", "last used"),
        "given" => l.t("đồng ý lúc", "given"),
        "withdrawn" => l.t("rút lại lúc", "withdrawn"),
        "at" => l.t("lúc", "at"),
        "act" => l.t("việc", "act"),
        "subject" => l.t("về", "about"),
        "asked" => l.t("yêu cầu", "asked"),
        "said" => l.t("nêu", "said"),
        "answer" => l.t("trả lời", "answer"),
        _ => l.t("khác", "other"),
    }
}

/// A value in words: moments in local time, units by name, acts and kinds by their titles.
fn shown(access: &Access, ctx: &Context, name: &str, value: &Value) -> String {
    let l = ctx.lang;
    let Value::String(text) = value else { return if value.is_null() { String::new() } else { value.to_string() } };
    match name {
        "unit" => text.parse().map_or_else(|_| text.clone(), |id| access.unit_name(id, ctx.today(), l)),
        "act" => crate::acts::words(text, l),
        "role" => crate::role::Role::parse(text).map_or_else(|| text.clone(), |role| role.label(l).to_owned()),
        "kind" => PersonalKind::all().iter().find(|k| k.code == *text).map_or_else(|| text.clone(), |k| k.label(l).to_owned()),
        _ => match (text.parse::<jiff::Timestamp>(), text.parse::<jiff::civil::Date>()) {
            (Ok(at), _) => moment(at),
            (_, Ok(date)) => super::day(date),
            _ => text.clone(),
        },
    }
}

/// `GET /me/data/copy`: the same copy to read and print.
pub(super) async fn readable(State(access): State<Access>, ctx: Context) -> Result<Response, AppError> {
    let l = ctx.lang;
    let data = access.own_data(&ctx).await?;
    let row = |value: &Value| -> Fields {
        let fields = value.as_object().into_iter().flatten();
        fields.map(|(name, value)| (word(name, l), shown(&access, &ctx, name, value))).filter(|(_, text)| !text.is_empty()).collect()
    };
    let parts = ["account", "roles", "posts", "delegations", "leave", "devices", "passkeys", "sign_on", "consents", "requests", "acts"].map(|part| {
        let rows = match data.get(part) {
            Some(Value::Array(list)) => list.iter().map(row).collect(),
            Some(one) => vec![row(one)],
            None => Vec::new(),
        };
        (word(part, l), rows)
    });
    let mut shell = ctx
        .shell(l.t("Bản sao dữ liệu của tôi", "A copy of my data"))
        .noindex()
        .crumb(l.t("Dữ liệu của tôi", "My data"), "/me/data")
        .here(l.t("Bản sao", "Copy"));
    shell.path = "/me/data/copy".to_owned();
    let taken = format!("{} {}", l.t("Lấy lúc", "Taken"), moment(ctx.at));
    Ok(super::unstored(page(&CopyView { shell, taken, parts: parts.into_iter().collect() })))
}

/// `GET /me/data/copy.json`
pub(super) async fn copy(State(access): State<Access>, ctx: Context) -> Result<Response, AppError> {
    let data = access.own_data(&ctx).await?;
    let text = serde_json::to_string_pretty(&data).map_err(|_| AppError::new("internal", 500))?;
    let mut response = ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], text).into_response();
    response.headers_mut().insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"du-lieu-cua-toi.json\""));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

#[derive(Deserialize)]
pub(super) struct Entry {
    kind: String,
    given: String,
}

/// `POST /me/data/consent` with `given=1` or `given=0`
pub(super) async fn consent(State(access): State<Access>, ctx: Context, Form(entry): Form<Entry>) -> Result<Response, AppError> {
    access.set_consent(&ctx, &entry.kind, entry.given == "1").await?;
    Ok(see_other("/me/data?done=saved".to_owned()))
}
