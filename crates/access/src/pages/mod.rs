//! HTML pages of sign-in, one's own account and the administration of accounts.

mod accounts;
mod acting;
mod audit;
mod data;
mod delegations;
mod me;
mod organisations;
mod passkey;
mod personal;
mod posts;
mod second;
mod sign_in;
mod sign_on;
mod tokens;

use crate::access::Access;
use crate::context::Context;
use crate::role::Role;
use crate::routes::{CHANGE_PASSWORD, Need, Routes};
use crate::service::HeldGrant;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use ui::form::Field;
use ui::{AppError, Lang, Notice, Shell, Tone};

/// All routes of this crate.
pub fn routes(access: Access) -> Routes<()> {
    let admin = Need::Role(Role::Administrator);
    Routes::new()
        .get("/sign-in", Need::Public, sign_in::form)
        .post("/sign-in", Need::Public, sign_in::enter)
        .post("/sign-out", Need::Public, sign_in::leave)
        .get("/me", Need::SignedIn, me::show)
        .get(CHANGE_PASSWORD, Need::SignedIn, me::password_form)
        .post(CHANGE_PASSWORD, Need::SignedIn, me::password)
        .post("/me/sessions/end-others", Need::SignedIn, me::end_others)
        .post("/me/sessions/{id}/end", Need::SignedIn, me::end_session)
        .post("/me/tokens", Need::SignedIn, me::add_token)
        .post("/me/tokens/{id}/end", Need::SignedIn, me::end_token)
        .get("/api/v1/me", Need::SignedIn, me::api)
        .get("/sign-in/code", Need::Public, second::code_form)
        .post("/sign-in/code", Need::Public, second::code)
        .post("/sign-in/passkey", Need::Public, passkey::enter)
        .post("/me/proof/passkey", Need::SignedIn, passkey::prove)
        .post("/me/passkeys", Need::SignedIn, passkey::add)
        .post("/me/passkeys/{id}/end", Need::SignedIn, passkey::end)
        .get("/sign-in/with/{key}", Need::Public, sign_on::enter)
        .get("/sign-in/return", Need::Public, sign_on::come_back)
        .get("/me/proof/with/{key}", Need::SignedIn, sign_on::prove)
        .post("/me/sign-on/{key}", Need::SignedIn, sign_on::link)
        .post("/me/sign-on/{key}/end", Need::SignedIn, sign_on::end)
        .get("/me/second-step", Need::SignedIn, second::enrol)
        .post("/me/second-step", Need::SignedIn, second::confirm)
        .post("/me/second-step/end", Need::SignedIn, second::end)
        .get("/me/proof", Need::SignedIn, second::proof_form)
        .post("/me/proof", Need::SignedIn, second::proof)
        .get("/me/data", Need::SignedIn, data::show)
        .get("/me/data/copy.json", Need::SignedIn, data::copy)
        .post("/me/data/consent", Need::SignedIn, data::consent)
        .post("/admin/accounts/{id}/sessions/end", admin, accounts::end_sessions)
        .get("/me/acting", Need::SignedIn, acting::show)
        .post("/me/acting", Need::SignedIn, acting::choose)
        .get("/me/delegations", Need::SignedIn, delegations::show)
        .post("/me/delegations", Need::SignedIn, delegations::add)
        .post("/me/delegations/{id}/end", Need::SignedIn, delegations::end)
        .post("/me/leave", Need::SignedIn, delegations::leave)
        .post("/me/leave/{id}/end", Need::SignedIn, delegations::end_leave)
        .get("/api/v1/organisations", Need::Public, organisations::api)
        .get("/api/v1/organisations/{id}", Need::Public, organisations::api_one)
        .get("/admin/organisations", admin, organisations::list)
        .post("/admin/organisations", admin, organisations::add)
        .post("/admin/organisations/standard", admin, organisations::standard)
        .get("/admin/organisations/{id}", admin, organisations::show)
        .post("/admin/organisations/{id}/name", admin, organisations::rename)
        .post("/admin/organisations/{id}/end", admin, organisations::end)
        .post("/admin/organisations/{id}/posts", admin, organisations::add_post)
        .get("/admin/posts/{id}", admin, posts::show)
        .post("/admin/posts/{id}/end", admin, posts::end)
        .post("/admin/posts/{id}/holders", admin, posts::appoint)
        .post("/admin/posts/{id}/holders/{grant}/end", admin, posts::dismiss)
        .post("/admin/posts/{id}/roles", admin, posts::add_role)
        .post("/admin/posts/{id}/roles/{grant}/end", admin, posts::end_role)
        .get("/admin/audit", admin, audit::show)
        .get("/admin/audit/export", admin, audit::export)
        .get("/me/data/copy", Need::SignedIn, data::readable)
        .post("/me/data/requests", Need::SignedIn, data::ask)
        .get("/admin/personal", admin, personal::show)
        .post("/admin/personal", admin, personal::terms)
        .post("/admin/personal/{id}", admin, personal::answer)
        .get("/admin/accounts", admin, accounts::list)
        .post("/admin/accounts", admin, accounts::add)
        .get("/admin/accounts/new", admin, accounts::new_form)
        .get("/admin/accounts/{id}", admin, accounts::show)
        .post("/admin/accounts/{id}", admin, accounts::rename)
        .post("/admin/accounts/{id}/state", admin, accounts::state)
        .post("/admin/accounts/{id}/password", admin, accounts::reset_password)
        .post("/admin/accounts/{id}/tokens", admin, accounts::add_token)
        .post("/admin/accounts/{id}/tokens/{token}/end", admin, accounts::end_token)
        .post("/admin/accounts/{id}/grants", admin, accounts::add_grant)
        .post("/admin/accounts/{id}/grants/{grant}/end", admin, accounts::end_grant)
        .with_state(access)
}

/// A role with its place and days, in words.
#[derive(Clone, Debug)]
struct GrantView {
    role: &'static str,
    unit: String,
    from: String,
    /// Last day; empty without an end.
    until: String,
    basis: String,
    /// The field it is narrowed to; empty for all.
    field: &'static str,
    /// Holds today or will.
    open: bool,
    /// Address that ends it.
    end: String,
}

impl GrantView {
    fn of(access: &Access, ctx: &Context, held: &HeldGrant) -> GrantView {
        let grant = &held.grant;
        let today = ctx.today();
        GrantView {
            role: grant.role.label(ctx.lang),
            unit: access.unit_name(grant.unit, today, ctx.lang),
            from: day(grant.from),
            until: grant.to.and_then(|to| to.yesterday().ok()).map(day).unwrap_or_default(),
            basis: held.basis.clone(),
            field: held.field.map_or("", |field| field.label(ctx.lang)),
            open: grant.to.is_none_or(|to| to > today),
            end: String::new(),
        }
    }
}

/// `30/6/2026`.
fn day(date: Date) -> String {
    lang::show::short_date(date)
}

/// Local day and time of an instant, `30/6/2026 14:05`.
pub(crate) fn moment(at: Timestamp) -> String {
    let local = jiff::tz::Offset::constant(7).to_datetime(at);
    format!("{} {:02}:{:02}", day(local.date()), local.hour(), local.minute())
}

/// Puts an error beside the field it names, or above the content when it names none of them.
fn place_error(shell: &mut Shell, fields: &mut [Field], error: &AppError) {
    let text = format!("{} {}", error.what(shell.lang), error.how(shell.lang));
    match fields.iter_mut().find(|field| error.at.as_deref() == Some(field.name.as_str())) {
        Some(field) => field.error = Some(text),
        None => shell.notice = Some(Notice::new(Tone::Bad, text)),
    }
}

/// Whether an error is shown in the form that caused it; others get a page of their own.
fn belongs_in_form(error: &AppError) -> bool {
    matches!(error.status, 409 | 422 | 429) || error.code == "own_account" || error.code == "demo_account"
}

fn with_status(mut response: Response, status: u16) -> Response {
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

/// A page with a secret on it stays in no cache.
fn unstored(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The message after a form that went well, by its word in the address.
fn done(lang: Lang, word: Option<&str>) -> Option<Notice> {
    let text = match word? {
        "saved" => lang.t("Đã lưu.", "Saved."),
        "password" => lang.t("Đã đổi mật khẩu; các thiết bị khác đã bị đăng xuất.", "Password changed; other devices are signed out."),
        "ended" => lang.t("Đã đăng xuất thiết bị.", "The device is signed out."),
        "revoked" => lang.t("Đã thu hồi mã truy cập.", "The token is revoked."),
        "asked" => lang.t("Đã gửi yêu cầu tới người quản trị của đơn vị.", "Your request went to the administrator of your unit."),
        "answered" => lang.t("Đã trả lời.", "Answered."),
        "service" => {
            lang.t("Đã lập tài khoản hệ thống. Cấp vai trò rồi tạo mã truy cập cho nó.", "The service account is made. Grant it roles, then make its tokens.")
        }
        "granted" => lang.t("Đã cấp vai trò.", "The role is granted."),
        "grant-ended" => lang.t("Đã kết thúc vai trò.", "The role has ended."),
        "standard" => lang.t("Đã tạo các cơ quan còn thiếu theo danh mục.", "The missing standard organisations are made."),
        "added" => lang.t("Đã thêm.", "Added."),
        "moved" => {
            lang.t("Đã kết thúc cơ quan; việc đang mở đã chuyển cho cơ quan tiếp nhận.", "The organisation has ended; what was open went to its successor.")
        }
        "appointed" => lang.t("Đã phân công.", "Appointed."),
        "delegated" => lang.t("Đã lập ủy quyền.", "The delegation is made."),
        "dismissed" => lang.t("Đã thôi giữ chức vụ.", "No longer in the post."),
        "acting" => lang.t("Từ giờ bạn làm việc với chức vụ đã chọn.", "From now on you act in the chosen post."),
        "passkey" => lang.t("Đã thêm khóa truy cập.", "The passkey is added."),
        "passkey-ended" => lang.t("Đã bỏ khóa truy cập.", "The passkey is removed."),
        "linked" => lang.t("Đã gắn. Lần sau bạn vào bằng cách này được.", "Linked. Next time you can sign in this way."),
        "unlinked" => lang.t("Đã bỏ gắn.", "The link is taken away."),
        "ended-item" => lang.t("Đã kết thúc.", "Ended."),
        "disabled" => lang.t("Đã khóa tài khoản.", "The account is closed."),
        "enabled" => lang.t("Đã mở lại tài khoản.", "The account is open again."),
        _ => return None,
    };
    Some(Notice::new(Tone::Good, text))
}

/// The word of [`done`] in an address.
#[derive(Debug, serde::Deserialize)]
struct Done {
    done: Option<String>,
}

/// A secret shown once.
#[derive(askama::Template)]
#[template(path = "secret.html")]
struct SecretView {
    shell: Shell,
    secret: String,
    about: String,
    back: String,
}
