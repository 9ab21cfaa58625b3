//! Handlers of the task pages.

use super::form::{self, Typed, value};
use super::model::Act;
use super::page::{self, parse};
use super::proof::NewProof;
use super::{board, export, import};
use crate::Programme;
use crate::forms::{belongs_in_form, download, see_other};
use access::{Context, Need, Routes};
use axum::extract::{Form, Multipart, Path, Query, State};
use axum::response::Response;
use figures::evidence::MOST;
use places::Level;
use ui::AppError;
use uuid::Uuid;

/// Pages of tasks. Who may do what depends on the task, so the use cases ask; the routes only ask to sign in.
pub(crate) fn routes() -> Routes<Programme> {
    let somebody = Need::SignedIn;
    Routes::new()
        .get("/tasks", somebody, board::show)
        .post("/tasks", somebody, give)
        .get("/tasks/new", somebody, new)
        .get("/tasks/export.xlsx", somebody, export::xlsx)
        .get("/tasks/export.csv", somebody, export::csv)
        .get("/tasks/import", somebody, import::show)
        .upload("/tasks/import", somebody, import::MAX_BODY, import::upload)
        .upload("/tasks/import/rows", somebody, import::MAX_BODY, import::write)
        .get("/tasks/import/template.xlsx", somebody, import::template)
        .get("/tasks/{task}", somebody, page::show)
        .get("/tasks/{task}/days", somebody, page::days)
        .get("/tasks/{task}/edit", somebody, edit)
        .post("/tasks/{task}/edit", somebody, save)
        .post("/tasks/{task}/act", somebody, act)
        .post("/tasks/{task}/comment", somebody, comment)
        .post("/tasks/{task}/cascade", somebody, cascade)
        .upload("/tasks/{task}/proof", somebody, MOST + 100_000, prove)
        .get("/tasks/{task}/proof/{proof}", somebody, proof)
}

async fn new(State(p): State<Programme>, ctx: Context, Query(pick): Query<board::Pick>) -> Result<Response, AppError> {
    let home = pick.asked(&p, &ctx)?.unit;
    page::form(&p, &ctx, None, home, None, None).await
}

async fn give(State(p): State<Programme>, ctx: Context, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    ctx.require_signed_in()?;
    let home = p.unit_named(value(&typed, "home"), ctx.today());
    let outcome = match p.read_task(&ctx, &typed, home) {
        Ok(new) => p.give_task(&ctx, &new).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(id) => Ok(see_other(&format!("/tasks/{id}?done=given"))),
        Err(error) if belongs_in_form(&error) => page::form(&p, &ctx, None, home, Some(&typed), Some(&error)).await,
        Err(error) => Err(error),
    }
}

async fn edit(State(p): State<Programme>, ctx: Context, Path(id): Path<String>) -> Result<Response, AppError> {
    let task = p.task(&ctx, parse(&id)?).await?;
    page::form(&p, &ctx, Some(&task), None, None, None).await
}

async fn save(State(p): State<Programme>, ctx: Context, Path(id): Path<String>, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    let task = p.task(&ctx, parse(&id)?).await?;
    let seen = value(&typed, "seen").parse().unwrap_or(-1);
    let outcome = match p.read_task(&ctx, &typed, Some(task.owner.unit)) {
        Ok(new) => p.edit_task(&ctx, task.id, seen, &new).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => Ok(see_other(&format!("/tasks/{id}?done=edited"))),
        Err(error) if belongs_in_form(&error) => page::form(&p, &ctx, Some(&task), None, Some(&typed), Some(&error)).await,
        Err(error) => Err(error),
    }
}

/// The answer to a small form of a task's page.
async fn answer(p: &Programme, ctx: &Context, id: Uuid, outcome: Result<&str, AppError>) -> Result<Response, AppError> {
    match outcome {
        Ok(word) => Ok(see_other(&format!("/tasks/{id}?done={word}"))),
        Err(error) if belongs_in_form(&error) || error.code == "own_work" => page::again(p, ctx, id, &error).await,
        Err(error) => Err(error),
    }
}

async fn act(State(p): State<Programme>, ctx: Context, Path(id): Path<String>, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    let id = parse(&id)?;
    let act = Act::from_word(value(&typed, "do")).ok_or_else(|| AppError::new("bad_request", 400))?;
    let seen = value(&typed, "seen").parse().unwrap_or(-1);
    let outcome = p.act_on_task(&ctx, id, seen, act, value(&typed, "words")).await.map(|_| "moved");
    answer(&p, &ctx, id, outcome).await
}

async fn comment(State(p): State<Programme>, ctx: Context, Path(id): Path<String>, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    let id = parse(&id)?;
    let outcome = p.comment_task(&ctx, id, value(&typed, "comment")).await.map(|()| "said");
    answer(&p, &ctx, id, outcome).await
}

async fn cascade(State(p): State<Programme>, ctx: Context, Path(id): Path<String>, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    let id = parse(&id)?;
    let task = p.task(&ctx, id).await?;
    let view = p.figures().places().atlas().on(ctx.today());
    let units: Vec<Uuid> = if value(&typed, "all").is_empty() {
        typed.iter().filter(|(n, _)| n == "unit").filter_map(|(_, v)| v.parse().ok()).collect()
    } else {
        let level = if view.level(task.owner.unit) == Some(Level::Nation) { Level::Province } else { Level::Commune };
        view.under(task.owner.unit, level)
    };
    let outcome = p.cascade_task(&ctx, id, &units, None).await.map(|_| "cascaded");
    answer(&p, &ctx, id, outcome).await
}

async fn prove(State(p): State<Programme>, ctx: Context, Path(id): Path<String>, mut form: Multipart) -> Result<Response, AppError> {
    let id = parse(&id)?;
    let broken = |_| AppError::new("upload_broken", 400).say("Tệp chưa gửi lên hết.", "The upload was cut off.").mend("Gửi lại.", "Send it again.");
    let (mut new, mut issued) = (NewProof::default(), String::new());
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "files" {
            let file = field.file_name().unwrap_or_default().to_owned();
            new.file = Some((file, field.bytes().await.map_err(broken)?.to_vec()));
            continue;
        }
        let text = field.text().await.map_err(broken)?;
        match name.as_str() {
            "doc_number" => new.number = text,
            "issued" => issued = text,
            "issuer" => new.issuer = text,
            "reuse" => new.reuse = text.trim().parse().ok(),
            _ => {}
        }
    }
    let outcome = match form::date(&issued, "issued") {
        Ok(date) => {
            new.issued = date;
            p.prove_task(&ctx, id, new).await.map(|()| "proved")
        }
        Err(error) => Err(error),
    };
    answer(&p, &ctx, id, outcome).await
}

async fn proof(State(p): State<Programme>, ctx: Context, Path((id, piece)): Path<(String, String)>) -> Result<Response, AppError> {
    let piece = piece.parse().map_err(|_| super::service::unknown_task())?;
    let (name, media, bytes) = p.task_proof(&ctx, parse(&id)?, piece).await?;
    download(&name, &media, bytes)
}
