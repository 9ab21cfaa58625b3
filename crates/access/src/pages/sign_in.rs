use super::{place_error, sign_on, unstored, with_status};
use crate::access::{Access, DemoPart};
use crate::context::{Context, Who};
use crate::gate::{Address, session_cookie};
use crate::routes::{CHANGE_PASSWORD, see_other};
use crate::service::Attempt;
use askama::Template;
use axum::Extension;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use serde::Deserialize;
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Shell, local_path, page};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInView {
    shell: Shell,
    back: String,
    fields: Vec<Field>,
    summary: Html,
    demo: Vec<DemoButton>,
    passkeys: bool,
    /// Address and name of each provider at which one may sign in too.
    doors: Vec<(String, String)>,
}

struct DemoButton {
    login: String,
    password: String,
    name: String,
    place: String,
}

#[derive(Deserialize)]
pub(super) struct Back {
    #[serde(alias = "next")]
    back: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Entry {
    login: String,
    password: String,
    back: Option<String>,
}

fn view(access: &Access, ctx: &Context, back: &str, login: &str, error: Option<&AppError>) -> Response {
    let l = ctx.lang;
    let mut shell = ctx.shell(l.t("Đăng nhập", "Sign in")).noindex();
    shell.path = format!("/sign-in?back={}", ui::percent_encode(back));
    let mut fields = vec![
        Field::new("login", l.t("Tên đăng nhập", "Login")).value(login).attr("autocomplete", "username").attr("autocapitalize", "none").required(),
        Field::new("password", l.t("Mật khẩu", "Password")).kind(Kind::Password).attr("autocomplete", "current-password").required(),
    ];
    if let Some(error) = error {
        place_error(&mut shell, &mut fields, error);
    }
    let today = ctx.today();
    let demo = access
        .demo_accounts()
        .into_iter()
        .map(|account| DemoButton {
            place: match &account.part {
                DemoPart::Role(role, unit) => format!("{} · {}", role.label(l), access.unit_name(*unit, today, l)),
                DemoPart::Post(label) => label.clone(),
            },
            login: account.login,
            password: account.password,
            name: account.name,
        })
        .collect();
    let summary = error_summary(l, &fields);
    let doors = sign_on::doors(access, back);
    unstored(page(&SignInView { shell, back: back.to_owned(), fields, summary, demo, passkeys: access.has_passkeys(), doors }))
}

/// The sign-in page with what went wrong elsewhere, so that the other ways lie at hand.
pub(super) fn refused(access: &Access, ctx: &Context, back: &str, error: AppError) -> Result<Response, AppError> {
    if error.code == "internal" { Err(error) } else { Ok(with_status(view(access, ctx, back, "", Some(&error)), error.status)) }
}

/// `GET /sign-in?back=`
pub(super) async fn form(State(access): State<Access>, ctx: Context, Query(back): Query<Back>) -> Response {
    let back = local_path(back.back.as_deref().unwrap_or("/"));
    if matches!(ctx.who, Who::Account { .. }) {
        return see_other(back);
    }
    view(&access, &ctx, &back, "", None)
}

/// `POST /sign-in`
pub(super) async fn enter(
    State(access): State<Access>,
    ctx: Context,
    Extension(Address(address)): Extension<Address>,
    headers: HeaderMap,
    Form(entry): Form<Entry>,
) -> Result<Response, AppError> {
    let back = local_path(entry.back.as_deref().unwrap_or("/"));
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let old = session_cookie(&headers, access.cookie_name());
    let device = session_cookie(&headers, DEVICE);
    let attempt = Attempt { address: &address, login: &entry.login, password: &entry.password, agent, old, device };
    match access.sign_in(&ctx, &attempt).await {
        Ok(signed) => {
            let to = if signed.temporary {
                CHANGE_PASSWORD.to_owned()
            } else if signed.half {
                format!("/sign-in/code?back={}", ui::percent_encode(&back))
            } else {
                back
            };
            let response = set_cookie(see_other(to), &access, &signed.cookie, 7 * 24 * 3600)?;
            cookie(response, &access, DEVICE, &signed.device, 180 * 24 * 3600)
        }
        Err(error) if error.status < 500 => Ok(with_status(view(&access, &ctx, &back, &entry.login, Some(&error)), error.status)),
        Err(error) => Err(error),
    }
}

/// `POST /sign-out`
pub(super) async fn leave(State(access): State<Access>, ctx: Context, headers: HeaderMap) -> Result<Response, AppError> {
    if let Some(cookie) = session_cookie(&headers, access.cookie_name()) {
        access.sign_out(&ctx, cookie).await?;
    }
    let mut response = set_cookie(see_other("/".to_owned()), &access, "", 0)?;
    // Pages of the person who leaves must not come back by the Back key of a shared machine.
    response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    Ok(response)
}

/// Marks a browser from which somebody signed in before; gives no rights.
pub(super) const DEVICE: &str = "cl_device";

pub(super) fn set_cookie(response: Response, access: &Access, value: &str, seconds: u32) -> Result<Response, AppError> {
    cookie(response, access, access.cookie_name(), value, seconds)
}

pub(super) fn cookie(mut response: Response, access: &Access, name: &str, value: &str, seconds: u32) -> Result<Response, AppError> {
    let secure = if access.inner.options.https { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    let value = HeaderValue::from_str(&text).map_err(|_| AppError::new("internal", 500))?;
    response.headers_mut().append(header::SET_COOKIE, value);
    Ok(response)
}
