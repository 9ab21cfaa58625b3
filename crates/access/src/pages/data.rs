use super::{Done, done};
use crate::access::Access;
use crate::context::Context;
use crate::routes::see_other;
use crate::service::PersonalKind;
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use ui::{AppError, Shell, page};

struct Line {
    kind: &'static PersonalKind,
    label: String,
    agreed: bool,
}

#[derive(Template)]
#[template(path = "data.html")]
struct View {
    shell: Shell,
    lines: Vec<Line>,
}

/// `GET /me/data`: what is kept of me, why, on what basis, and until when.
pub(super) async fn show(State(access): State<Access>, ctx: Context, Query(word): Query<Done>) -> Result<Response, AppError> {
    ctx.require_person()?;
    let l = ctx.lang;
    let mut shell = ctx
        .shell(l.t("Dữ liệu của tôi", "My data"))
        .noindex()
        .notice(done(l, word.done.as_deref()))
        .crumb(l.t("Tài khoản của tôi", "My account"), "/me")
        .here(l.t("Dữ liệu của tôi", "My data"));
    shell.path = "/me/data".to_owned();
    let mut lines = Vec::new();
    for kind in PersonalKind::all() {
        let agreed = kind.consent && access.consents_to(ctx.account_id().unwrap_or_default(), &kind.code).await?;
        lines.push(Line { label: kind.label(l).to_owned(), kind, agreed });
    }
    Ok(page(&View { shell, lines }))
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
