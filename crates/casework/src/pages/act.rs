//! What forms on the page of a case send.

use super::case::{Kept, view};
use super::{id, see_other, stays, with_status};
use crate::Casework;
use crate::case::{Brought, Fields, TaskAnswer};
use access::Context;
use axum::extract::{Form, Multipart, Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use ui::{AppError, Notice, Tone};
use uuid::Uuid;
use work::CaseAct;

type Sent = Vec<(String, String)>;

fn value<'a>(sent: &'a Sent, name: &str) -> &'a str {
    sent.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
}

async fn answer(casework: &Casework, ctx: &Context, case: Uuid, outcome: Result<(), AppError>, word: &str, kept: (&str, &Sent)) -> Result<Response, AppError> {
    match outcome {
        Ok(()) => Ok(see_other(&format!("/cases/{case}?done={word}"))),
        Err(error) if stays(&error) => {
            let notice = Notice::new(Tone::Bad, format!("{} {}", error.what(ctx.lang), error.how(ctx.lang)));
            let shown = view(casework, ctx, case, Some(notice), Some(Kept { about: kept.0, fields: kept.1, error: &error })).await?;
            Ok(with_status(shown, error.status))
        }
        Err(error) => Err(error),
    }
}

/// The fields of a form by the codes of a list, read as their kinds.
fn read(procedure: &crate::procedure::Procedure, asks: &[String], about: &str, sent: &Sent) -> Result<Fields, AppError> {
    let mut out = Fields::new();
    for field in asks.iter().filter_map(|code| procedure.field(code)) {
        if let Some(value) = field.read(value(sent, &format!("{about}--{}", field.code)))? {
            out.insert(field.code.clone(), value);
        }
    }
    Ok(out)
}

/// `POST /cases/{case}/act/{action}`
pub(super) async fn act(
    State(casework): State<Casework>,
    ctx: Context,
    Path((case, action)): Path<(String, String)>,
    Form(sent): Form<Sent>,
) -> Result<Response, AppError> {
    let case = id(&case)?;
    let row = casework.seen_case(&ctx, case).await?;
    let version = casework.library().version(&row.procedure, row.version).ok_or_else(crate::case::unknown_procedure)?;
    let asks = version.procedure.action(&action).map(|a| a.asks.clone()).unwrap_or_default();
    let outcome = match read(&version.procedure, &asks, &action, &sent) {
        Ok(fields) => {
            let act = CaseAct {
                case,
                action: action.clone(),
                seen: value(&sent, "seen").parse().ok(),
                key: value(&sent, "key").to_owned(),
                fields,
                note: value(&sent, &format!("{action}--note")).to_owned(),
            };
            casework.act(&ctx, act).await.map(drop)
        }
        Err(error) => Err(error),
    };
    answer(&casework, &ctx, case, outcome, "acted", (&format!("act/{action}"), &sent)).await
}

/// `POST /cases/{case}/task/{task}`
pub(super) async fn task(
    State(casework): State<Casework>,
    ctx: Context,
    Path((case, task)): Path<(String, String)>,
    Form(sent): Form<Sent>,
) -> Result<Response, AppError> {
    let case = id(&case)?;
    let row = casework.seen_case(&ctx, case).await?;
    let version = casework.library().version(&row.procedure, row.version).ok_or_else(crate::case::unknown_procedure)?;
    let asks = version.procedure.task(&task).map(|t| t.asks.clone()).unwrap_or_default();
    let outcome = match read(&version.procedure, &asks, &task, &sent) {
        Ok(fields) => {
            let answer = TaskAnswer {
                case,
                task: task.clone(),
                verdict: value(&sent, &format!("{task}--verdict")).to_owned(),
                fields,
                note: value(&sent, &format!("{task}--note")).to_owned(),
            };
            casework.answer_task(&ctx, answer).await
        }
        Err(error) => Err(error),
    };
    answer(&casework, &ctx, case, outcome, "acted", (&format!("task/{task}"), &sent)).await
}

/// `POST /cases/{case}/assign` with `to`: `me`, `nobody`, or by a head somebody of the list.
pub(super) async fn assign(State(casework): State<Casework>, ctx: Context, Path(case): Path<String>, Form(sent): Form<Sent>) -> Result<Response, AppError> {
    let case = id(&case)?;
    casework.seen_case(&ctx, case).await?;
    let to = match (value(&sent, "to"), ctx.account_id()) {
        ("me", Some(me)) => Some(me),
        ("nobody", _) => None,
        // What cannot be read is nobody's id, and refused as such.
        (other, _) => Some(other.trim().parse().unwrap_or_default()),
    };
    let outcome = casework.assign(&ctx, case, to, value(&sent, "seen").parse().ok(), value(&sent, "reason")).await;
    answer(&casework, &ctx, case, outcome, "assigned", ("assign", &sent)).await
}

/// `POST /cases/{case}/extend`
pub(super) async fn extend(State(casework): State<Casework>, ctx: Context, Path(case): Path<String>, Form(sent): Form<Sent>) -> Result<Response, AppError> {
    let case = id(&case)?;
    casework.seen_case(&ctx, case).await?;
    let amount = value(&sent, "amount").trim().parse().unwrap_or(0);
    let outcome = casework.extend(&ctx, case, amount, value(&sent, "reason"), value(&sent, "seen").parse().ok()).await;
    answer(&casework, &ctx, case, outcome, "extended", ("extend", &sent)).await
}

/// `POST /cases/{case}/comment`
pub(super) async fn comment(State(casework): State<Casework>, ctx: Context, Path(case): Path<String>, Form(sent): Form<Sent>) -> Result<Response, AppError> {
    let case = id(&case)?;
    let outcome = casework.comment(&ctx, case, value(&sent, "text")).await;
    answer(&casework, &ctx, case, outcome, "commented", ("comment", &sent)).await
}

/// `POST /cases/{case}/papers` with paper, file, number.
pub(super) async fn attach(State(casework): State<Casework>, ctx: Context, Path(case): Path<String>, mut form: Multipart) -> Result<Response, AppError> {
    let broken = |_| AppError::new("upload_broken", 400).say("Tệp chưa gửi lên hết.", "The upload was cut off.").mend("Gửi lại.", "Send it again.");
    let case = id(&case)?;
    casework.seen_case(&ctx, case).await?;
    let (mut brought, mut sent) = (Brought::default(), Sent::new());
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            brought.name = field.file_name().unwrap_or_default().to_owned();
            brought.bytes = field.bytes().await.map_err(broken)?.to_vec();
        } else {
            sent.push((name, field.text().await.map_err(broken)?));
        }
    }
    brought.paper = value(&sent, "paper").to_owned();
    brought.number = value(&sent, "number").to_owned();
    let outcome = casework.attach(&ctx, case, brought).await;
    answer(&casework, &ctx, case, outcome, "attached", ("papers", &sent)).await
}

/// `GET /cases/{case}/papers/{paper}`
pub(super) async fn paper(State(casework): State<Casework>, ctx: Context, Path((case, paper)): Path<(String, String)>) -> Result<Response, AppError> {
    let (name, media, content) = casework.paper(&ctx, id(&case)?, id(&paper)?).await?;
    let shown = format!("attachment; filename*=UTF-8''{}", ui::percent_encode(&name));
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| AppError::new("internal", 500));
    let headers = [
        (header::CONTENT_TYPE, value(&media)?),
        (header::CONTENT_DISPOSITION, value(&shown)?),
        (header::CACHE_CONTROL, value("private, no-store")?),
        (header::X_CONTENT_TYPE_OPTIONS, value("nosniff")?),
    ];
    Ok((headers, content).into_response())
}
