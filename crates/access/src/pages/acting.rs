use super::{Done, done};
use crate::access::Access;
use crate::context::Context;
use crate::routes::see_other;
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::response::Response;
use serde::Deserialize;
use ui::{AppError, Shell, local_path, page};
use uuid::Uuid;

/// What somebody can act as.
struct Choice {
    id: Uuid,
    label: String,
    now: bool,
}

#[derive(Template)]
#[template(path = "acting.html")]
struct ActingView {
    shell: Shell,
    back: String,
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
pub(super) struct Back {
    back: Option<String>,
}

/// `GET /me/acting?back=`
pub(super) async fn show(ctx: Context, Query(word): Query<Done>, Query(back): Query<Back>) -> Result<Response, AppError> {
    ctx.require_person()?;
    let l = ctx.lang;
    let mut shell = ctx.shell(l.t("Chức vụ đang làm việc", "Acting post")).noindex().notice(done(l, word.done.as_deref()));
    shell.path = "/me/acting".to_owned();
    let choices =
        ctx.identities().iter().enumerate().map(|(at, identity)| Choice { id: identity.id(), label: identity.label(), now: ctx.acting == Some(at) }).collect();
    Ok(page(&ActingView { shell, back: local_path(back.back.as_deref().unwrap_or("/today")), choices }))
}

#[derive(Deserialize)]
pub(super) struct ActingEntry {
    acting: Uuid,
    back: Option<String>,
}

/// `POST /me/acting`
pub(super) async fn choose(State(access): State<Access>, ctx: Context, Form(entry): Form<ActingEntry>) -> Result<Response, AppError> {
    access.act_as(&ctx, entry.acting).await?;
    Ok(see_other(local_path(entry.back.as_deref().unwrap_or("/today"))))
}
