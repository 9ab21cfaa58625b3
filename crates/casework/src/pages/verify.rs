//! Whether a certificate holds: for everybody, without signing in.

use super::{day_of, see_other};
use crate::Casework;
use crate::certificate::{Certificate, qr};
use access::Context;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde::Deserialize;
use ui::{AppError, Html, Shell, page};

#[derive(Deserialize, Default)]
pub(super) struct Typed {
    #[serde(default)]
    code: String,
}

#[derive(Template)]
#[template(path = "certificate.html")]
struct VerifyView {
    shell: Shell,
    found: Option<Certificate>,
    dates: (String, String),
    revoked: String,
    code: String,
    picture: Html,
    keys: Vec<String>,
}

/// `GET /verify?code=`
pub(super) async fn ask(ctx: Context, Query(typed): Query<Typed>) -> Response {
    let code = typed.code.trim().rsplit('/').next().unwrap_or_default().to_owned();
    if !code.is_empty() {
        return see_other(&format!("/verify/{}", ui::percent_encode(&code)));
    }
    let l = ctx.lang;
    let shell = ctx.shell(l.t("Kiểm tra giấy chứng nhận", "Check a certificate")).here(l.t("Kiểm tra", "Check"));
    page(&VerifyView {
        shell,
        found: None,
        dates: (String::new(), String::new()),
        revoked: String::new(),
        code: String::new(),
        picture: Html::default(),
        keys: vec![],
    })
}

/// `GET /verify/{code}`
pub(super) async fn show(State(casework): State<Casework>, ctx: Context, Path(code): Path<String>, headers: HeaderMap) -> Result<Response, AppError> {
    let l = ctx.lang;
    let (certificate, revoked) = casework.verify_certificate(&code).await?;
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or_default();
    let scheme = if host.starts_with("127.0.0.1") || host.starts_with("localhost") { "http" } else { "https" };
    let address = format!("{scheme}://{host}/verify/{code}");
    let date = |text: &str| text.parse().map_or_else(|_| text.to_owned(), lang::show::short_date);
    let shell = ctx.shell(l.t("Giấy chứng nhận", "Certificate")).crumb(l.t("Kiểm tra", "Check"), "/verify").here(certificate.unit.clone());
    Ok(page(&VerifyView {
        dates: (date(&certificate.date), date(&certificate.on)),
        revoked: revoked.map(day_of).unwrap_or_default(),
        picture: qr(&address).unwrap_or_default(),
        keys: casework.issuer().public_hex(),
        found: Some(certificate),
        code,
        shell,
    }))
}
