use super::sign_in::{DEVICE, cookie, set_cookie};
use super::{belongs_in_form, place_error, unstored, with_status};
use crate::access::Access;
use crate::context::Context;
use crate::gate::{Address, session_cookie};
use crate::routes::{CHANGE_PASSWORD, see_other};
use crate::secret::token;
use crate::service::{Door, PasskeyView, Purpose};
use askama::Template;
use axum::Extension;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde::Deserialize;
use ui::form::{Field, error_summary};
use ui::{AppError, Html, Shell, local_path, page};
use uuid::Uuid;

/// Marks the browser that asked for a challenge before anybody is signed in; gives no rights.
const BROWSER: &str = "cl_passkey";

/// A page on which the script asks the authenticator and sends its answer as a form.
#[derive(Template)]
#[template(path = "passkey.html")]
struct View {
    shell: Shell,
    lead: &'static str,
    /// `create` or `get`: what is asked of `navigator.credentials`.
    call: &'static str,
    options: String,
    action: &'static str,
    back: String,
    fields: Vec<Field>,
    summary: Html,
    button: &'static str,
    /// Where it goes on without a passkey.
    otherwise: (&'static str, &'static str),
}

#[derive(Deserialize)]
pub(super) struct Entry {
    /// JSON of the authenticator's answer; empty to begin.
    #[serde(default)]
    answer: String,
    #[serde(default)]
    name: String,
    back: Option<String>,
}

impl Entry {
    fn back(&self) -> String {
        local_path(self.back.as_deref().unwrap_or("/today"))
    }
}

fn shown(mut view: View, error: Option<&AppError>) -> Response {
    if let Some(error) = error {
        place_error(&mut view.shell, &mut view.fields, error);
        view.summary = error_summary(view.shell.lang, &view.fields);
    }
    let response = unstored(page(&view));
    match error {
        Some(error) => with_status(response, error.status),
        None => response,
    }
}

fn shell(ctx: &Context, title: &str, path: &str) -> Shell {
    let mut shell = ctx.shell(title).noindex().scripts(&["passkey.js"]);
    shell.path = path.to_owned();
    shell
}

async fn ask_to_enter(access: &Access, ctx: &Context, back: String, error: Option<&AppError>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let browser = token()?;
    let view = View {
        shell: shell(ctx, l.t("Vào bằng khóa truy cập", "Sign in with a passkey"), "/sign-in"),
        lead: l.t(
            "Thiết bị sẽ hỏi vân tay, khuôn mặt hoặc mã PIN của bạn. Không cần tên đăng nhập.",
            "Your device will ask for your finger, face or PIN. No login name is needed.",
        ),
        call: "get",
        options: access.ask_passkey(ctx, Purpose::SignIn, &browser).await?.to_string(),
        action: "/sign-in/passkey",
        back,
        fields: Vec::new(),
        summary: Html::default(),
        button: l.t("Dùng khóa truy cập", "Use a passkey"),
        otherwise: ("/sign-in", l.t("Vào bằng mật khẩu", "Use a password")),
    };
    cookie(shown(view, error), access, BROWSER, &browser, 300)
}

/// `POST /sign-in/passkey`: without an answer it begins.
pub(super) async fn enter(
    State(access): State<Access>,
    ctx: Context,
    Extension(Address(address)): Extension<Address>,
    headers: HeaderMap,
    Form(entry): Form<Entry>,
) -> Result<Response, AppError> {
    let back = entry.back();
    if entry.answer.is_empty() {
        // Counted like a try and forgiven with success: nobody fills the table of challenges.
        access.count_address(&ctx, &address).await?;
        return ask_to_enter(&access, &ctx, back, None).await;
    }
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let door =
        Door { address: &address, agent, old: session_cookie(&headers, access.cookie_name()), browser: session_cookie(&headers, BROWSER).unwrap_or_default() };
    match access.sign_in_by_passkey(&ctx, &door, &entry.answer).await {
        Ok(signed) => {
            let to = if signed.temporary { CHANGE_PASSWORD.to_owned() } else { back };
            let response = set_cookie(see_other(to), &access, &signed.cookie, 7 * 24 * 3600)?;
            let response = cookie(response, &access, BROWSER, "", 0)?;
            cookie(response, &access, DEVICE, &signed.device, 180 * 24 * 3600)
        }
        Err(error) if error.status == 422 => ask_to_enter(&access, &ctx, back, Some(&error)).await,
        Err(error) => Err(error),
    }
}

async fn ask_to_prove(access: &Access, ctx: &Context, back: String, error: Option<&AppError>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let view = View {
        shell: shell(ctx, l.t("Xác nhận đúng là bạn", "Show that it is you"), "/me/proof"),
        lead: l.t("Việc này cần xác nhận lại. Dùng khóa truy cập rồi làm tiếp.", "This needs a fresh proof. Use your passkey and go on."),
        call: "get",
        options: access.ask_passkey(ctx, Purpose::Proof, "").await?.to_string(),
        action: "/me/proof/passkey",
        back,
        fields: Vec::new(),
        summary: Html::default(),
        button: l.t("Dùng khóa truy cập", "Use a passkey"),
        otherwise: ("/me/proof", l.t("Xác nhận bằng mật khẩu", "Use the password")),
    };
    Ok(shown(view, error))
}

/// `POST /me/proof/passkey`: without an answer it begins.
pub(super) async fn prove(State(access): State<Access>, ctx: Context, Form(entry): Form<Entry>) -> Result<Response, AppError> {
    let back = entry.back();
    if entry.answer.is_empty() {
        return ask_to_prove(&access, &ctx, back, None).await;
    }
    match access.prove_by_passkey(&ctx, &entry.answer).await {
        Ok(()) => Ok(see_other(back)),
        Err(error) if error.status == 422 => ask_to_prove(&access, &ctx, back, Some(&error)).await,
        Err(error) => Err(error),
    }
}

/// Whoever has to prove first comes back to the account page and presses again.
pub(super) fn after_proof(error: AppError) -> Result<Response, AppError> {
    if error.code == "proof_required" { Ok(see_other("/me/proof?back=%2Fme".to_owned())) } else { Err(error) }
}

async fn ask_to_add(access: &Access, ctx: &Context, name: &str, error: Option<&AppError>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let options = match access.ask_passkey(ctx, Purpose::Add, "").await {
        Ok(options) => options.to_string(),
        Err(error) => return after_proof(error),
    };
    let name = Field::new("name", l.t("Tên khóa", "Name"))
        .value(name)
        .hint(l.t("Để sau này bạn nhận ra, như “điện thoại của tôi”", "So that you know it again, such as “my phone”"))
        .attr("maxlength", "60")
        .required();
    let view = View {
        shell: shell(ctx, l.t("Thêm khóa truy cập", "Add a passkey"), "/me"),
        lead: l.t(
            "Khóa nằm trong điện thoại, máy tính hay khóa USB của bạn; trang này chỉ giữ phần công khai của nó.",
            "The key stays in your phone, computer or USB key; this site keeps only its public half.",
        ),
        call: "create",
        options,
        action: "/me/passkeys",
        back: "/me".to_owned(),
        fields: vec![name],
        summary: Html::default(),
        button: l.t("Tạo khóa", "Make the key"),
        otherwise: ("/me", l.t("Về tài khoản của tôi", "Back to my account")),
    };
    Ok(shown(view, error))
}

/// `POST /me/passkeys`: without an answer it begins.
pub(super) async fn add(State(access): State<Access>, ctx: Context, Form(entry): Form<Entry>) -> Result<Response, AppError> {
    if entry.answer.is_empty() {
        return ask_to_add(&access, &ctx, &entry.name, None).await;
    }
    match access.add_passkey(&ctx, &entry.name, &entry.answer).await {
        Ok(()) => Ok(see_other("/me?done=passkey".to_owned())),
        Err(error) if belongs_in_form(&error) => ask_to_add(&access, &ctx, &entry.name, Some(&error)).await,
        Err(error) => after_proof(error),
    }
}

/// `POST /me/passkeys/{id}/end`
pub(super) async fn end(State(access): State<Access>, ctx: Context, Path(id): Path<Uuid>) -> Result<Response, AppError> {
    match access.end_passkey(&ctx, id).await {
        Ok(()) => Ok(see_other("/me?done=passkey-ended".to_owned())),
        Err(error) => after_proof(error),
    }
}

impl PasskeyView {
    /// When it was made, in words of the page.
    pub(super) fn since(&self) -> String {
        calendar::from_micros(self.created_at).map(super::moment).unwrap_or_default()
    }

    /// When it was last used; empty before the first time.
    pub(super) fn used(&self) -> String {
        self.used_at.and_then(calendar::from_micros).map(super::moment).unwrap_or_default()
    }
}
