use super::sign_in::{self, DEVICE, cookie, set_cookie};
use super::{passkey, unstored};
use crate::access::Access;
use crate::context::{Context, Who};
use crate::gate::{Address, session_cookie};
use crate::routes::{CHANGE_PASSWORD, see_other};
use crate::secret::token;
use crate::service::{Brought, Came, Door, Purpose, SignOnView};
use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde::Deserialize;
use ui::{AppError, Shell, local_path, page};

/// Marks the browser that went to a provider before anybody is signed in; gives no rights.
const BROWSER: &str = "cl_sign_on";

/// A page that says what linking means before the browser leaves for the provider.
#[derive(Template)]
#[template(path = "sign_on.html")]
struct View {
    shell: Shell,
    name: String,
    /// At the provider.
    address: String,
}

#[derive(Deserialize)]
pub(super) struct Back {
    back: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Return {
    #[serde(default)]
    state: String,
    #[serde(default)]
    code: String,
}

/// Addresses of the providers for somebody who is not signed in, with their names.
pub(super) fn doors(access: &Access, back: &str) -> Vec<(String, String)> {
    let back = ui::percent_encode(back);
    access.sign_on_providers().into_iter().map(|(key, name)| (format!("/sign-in/with/{key}?back={back}"), name)).collect()
}

/// `GET /sign-in/with/{key}?back=`: a link and not a form, because a form may not lead to another site.
pub(super) async fn enter(
    State(access): State<Access>,
    ctx: Context,
    Extension(Address(address)): Extension<Address>,
    Path(key): Path<String>,
    Query(back): Query<Back>,
) -> Result<Response, AppError> {
    let back = local_path(back.back.as_deref().unwrap_or("/"));
    if matches!(ctx.who, Who::Account { .. }) {
        return Ok(see_other(back));
    }
    // Counted like a try and forgiven with success: nobody fills the table of tries.
    access.count_address(&ctx, &address).await?;
    let browser = token()?;
    match access.visit(&ctx, &key, Purpose::SignIn, &browser, &back).await {
        Ok(to) => cookie(unstored(see_other(to)), &access, BROWSER, &browser, 900),
        Err(error) => sign_in::refused(&access, &ctx, &back, error),
    }
}

/// `GET /sign-in/return?state=&code=`: back from a provider, for whichever purpose.
pub(super) async fn come_back(
    State(access): State<Access>,
    ctx: Context,
    Extension(Address(address)): Extension<Address>,
    headers: HeaderMap,
    Query(brought): Query<Return>,
) -> Result<Response, AppError> {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let door =
        Door { address: &address, agent, old: session_cookie(&headers, access.cookie_name()), browser: session_cookie(&headers, BROWSER).unwrap_or_default() };
    match access.come_back(&ctx, &door, Brought { state: &brought.state, code: &brought.code }).await {
        Ok(Came::In(signed, back)) => {
            let to = if signed.temporary {
                CHANGE_PASSWORD.to_owned()
            } else if signed.half {
                format!("/sign-in/code?back={}", ui::percent_encode(&back))
            } else {
                back
            };
            let response = set_cookie(see_other(to), &access, &signed.cookie, 7 * 24 * 3600)?;
            let response = cookie(response, &access, BROWSER, "", 0)?;
            cookie(response, &access, DEVICE, &signed.device, 180 * 24 * 3600)
        }
        Ok(Came::Linked) => Ok(see_other("/me?done=linked".to_owned())),
        Ok(Came::Proved(back)) => Ok(see_other(back)),
        Err(error) if matches!(ctx.who, Who::Account { .. }) => Err(error),
        Err(error) => sign_in::refused(&access, &ctx, "/", error),
    }
}

/// `GET /me/proof/with/{key}?back=`
pub(super) async fn prove(State(access): State<Access>, ctx: Context, Path(key): Path<String>, Query(back): Query<Back>) -> Result<Response, AppError> {
    let back = local_path(back.back.as_deref().unwrap_or("/today"));
    Ok(unstored(see_other(access.visit(&ctx, &key, Purpose::Proof, "", &back).await?)))
}

/// `POST /me/sign-on/{key}`
pub(super) async fn link(State(access): State<Access>, ctx: Context, Path(key): Path<String>) -> Result<Response, AppError> {
    let address = match access.visit(&ctx, &key, Purpose::Add, "", "/me").await {
        Ok(address) => address,
        Err(error) => return passkey::after_proof(error),
    };
    let name = access.sign_on_providers().into_iter().find(|one| one.0 == key).map(|one| one.1).unwrap_or_default();
    let l = ctx.lang;
    let mut shell = ctx.shell(format!("{} {name}", l.t("Gắn", "Link"))).noindex();
    shell.path = "/me".to_owned();
    Ok(unstored(page(&View { shell, name, address })))
}

/// `POST /me/sign-on/{key}/end`
pub(super) async fn end(State(access): State<Access>, ctx: Context, Path(key): Path<String>) -> Result<Response, AppError> {
    match access.end_sign_on(&ctx, &key).await {
        Ok(()) => Ok(see_other("/me?done=unlinked".to_owned())),
        Err(error) => passkey::after_proof(error),
    }
}

impl SignOnView {
    /// When it was linked, in words of the page; empty while it is not.
    pub(super) fn since(&self) -> String {
        self.linked_at.and_then(calendar::from_micros).map(super::moment).unwrap_or_default()
    }

    /// When it was last used; empty before the first time.
    pub(super) fn used(&self) -> String {
        self.used_at.and_then(calendar::from_micros).map(super::moment).unwrap_or_default()
    }
}
