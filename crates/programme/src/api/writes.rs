//! Adding a document, giving a task, moving it on and beginning a report by program. Each request has a name, so that one that is
//! sent twice does its work once.

use super::{DocumentItem, document};
use crate::document::Document;
use crate::funding::Totals;
use crate::report::NewReport;
use crate::report::api::ReportItem;
use crate::service::Programme;
use crate::task::api::TaskItem;
use crate::task::{Act, Due, NewTask, Party, Words, unknown_unit};
use access::Context;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use figures::api::once::{Begun, Ticket, read};
use jiff::civil::Date;
use serde::Deserialize;
use ui::AppError;
use ui::api::Query;
use utoipa::ToSchema;

/// The header that names a request.
const KEY: &str = "Names this request, 1 to 128 visible ASCII characters; sent again with the same body, the first answer is repeated and nothing is done";

/// Adds a document to the library; who keeps the library of its unit may.
#[utoipa::path(post, path = "/api/v1/documents", tag = "programme", request_body = Document, params(("idempotency-key" = String, Header, description = KEY)),
    responses((status = 200, description = "The document as the library holds it.", body = DocumentItem),
    (status = 400, description = "idempotency_key_required, bad_body"), (status = 401, description = "sign_in_required"), (status = 403, description = "role_required"),
    (status = 409, description = "document_exists, idempotency_key_reused"),
    (status = 422, description = "document_code_invalid, text_missing, document_days, issued_invalid, unknown_document, unknown_unit")))]
pub(super) async fn add_document(State(p): State<Programme>, ctx: Context, uri: Uri, headers: HeaderMap, body: Bytes) -> Result<Response, AppError> {
    let _ = Query::read(&uri, &[])?;
    ctx.require_signed_in()?;
    let about: Document = read(&headers, &body)?;
    let register = p.current().await;
    let mut ticket = match Ticket::begin(p.figures(), &ctx, &headers, uri.path(), &body).await? {
        Begun::First(ticket) => ticket,
        Begun::Again(response) => return Ok(response),
    };
    let kept = p.save_document_in(&mut ticket.tx, &ctx, about, true).await?;
    let response = ticket.finish(p.figures(), &document(&register, &kept, &ctx)).await?;
    p.current().await;
    Ok(response)
}

/// Somebody who takes part in a task.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PartyRequest {
    /// Id, official code or name of the unit.
    unit: String,
    /// Department or organisation in the unit; absent for the unit as a whole.
    #[serde(default)]
    body: String,
}

/// A task to be given.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TaskRequest {
    /// What is to be done.
    title: String,
    /// The one who does it.
    owner: PartyRequest,
    /// Who helps.
    #[serde(default)]
    support: Vec<PartyRequest>,
    /// What it is done for.
    #[serde(default)]
    goal: String,
    /// What must be there in the end.
    #[serde(default)]
    output: String,
    /// Code of the plan it comes from.
    #[serde(default)]
    plan: String,
    /// Target of the plan that it serves.
    #[serde(default)]
    target: String,
    /// Number in the plan.
    #[serde(default)]
    number: String,
    /// The day it is given; today when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    assigned: Option<Date>,
    /// Working days allowed, counted from the day after; not together with `due`.
    #[serde(default)]
    due_days: Option<u32>,
    /// Last day; not together with `due_days`.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    due: Option<Date>,
}

fn party(p: &Programme, ctx: &Context, asked: PartyRequest, at: &'static str) -> Result<Party, AppError> {
    let unit = p.unit_named(asked.unit.trim(), ctx.today()).ok_or_else(|| unknown_unit(at))?;
    Ok(Party { unit, body: asked.body, organisation: None })
}

/// Gives a task to a unit; with a role there or above.
#[utoipa::path(post, path = "/api/v1/tasks", tag = "programme", request_body = TaskRequest, params(("idempotency-key" = String, Header, description = KEY)),
    responses((status = 200, description = "The task.", body = TaskItem), (status = 400, description = "idempotency_key_required, bad_body"),
    (status = 401, description = "sign_in_required"), (status = 403, description = "role_required"), (status = 404, description = "unknown_unit"),
    (status = 409, description = "idempotency_key_reused"), (status = 422, description = "field_required, deadline_invalid, too_many_helpers")))]
pub(super) async fn give_task(State(p): State<Programme>, ctx: Context, uri: Uri, headers: HeaderMap, body: Bytes) -> Result<Response, AppError> {
    let _ = Query::read(&uri, &[])?;
    ctx.require_signed_in()?;
    let asked: TaskRequest = read(&headers, &body)?;
    let due = match (asked.due, asked.due_days) {
        (None, None) => Due::Open,
        (Some(day), None) => Due::On(day),
        (None, Some(days)) => Due::Days(days),
        (Some(_), Some(_)) => {
            return Err(AppError::new("deadline_invalid", 422)
                .say("Chỉ ghi một thời hạn: due hoặc due_days.", "Name one deadline: due or due_days.")
                .mend("Bỏ một trong hai.", "Leave one of the two out.")
                .at("due"));
        }
    };
    let new = NewTask {
        words: Words { plan: asked.plan, target: asked.target, goal: asked.goal, number: asked.number, title: asked.title, output: asked.output },
        owner: Some(party(&p, &ctx, asked.owner, "owner")?),
        support: asked.support.into_iter().map(|s| party(&p, &ctx, s, "support")).collect::<Result<_, _>>()?,
        assigned: asked.assigned,
        due,
    };
    let mut ticket = match Ticket::begin(p.figures(), &ctx, &headers, uri.path(), &body).await? {
        Begun::First(ticket) => ticket,
        Begun::Again(response) => return Ok(response),
    };
    let task = p.give_task_in(&mut ticket.tx, &ctx, &new, None).await?;
    let item = crate::task::api::item(&p, &ctx, &p.seen(task, ctx.today()), &Totals::default());
    ticket.finish(p.figures(), &item).await
}

/// One step of a task.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ActRequest {
    /// `accept`, `start`, `finish`, `confirm`, `return` or `cancel`.
    act: String,
    /// What is said with it; needed to return and to cancel.
    #[serde(default)]
    words: String,
    /// `seq` of the task as it was looked at.
    seq: i64,
}

/// Moves a task on: its owner accepts, starts, finishes; who gave it confirms, returns, cancels.
#[utoipa::path(post, path = "/api/v1/tasks/{task}/acts", tag = "programme", request_body = ActRequest,
    params(("task" = uuid::Uuid, Path, description = "Id of the task."), ("idempotency-key" = String, Header, description = KEY)),
    responses((status = 200, description = "The task as it is now.", body = TaskItem), (status = 400, description = "idempotency_key_required, bad_body"),
    (status = 401, description = "sign_in_required"), (status = 403, description = "role_required, own_work"), (status = 404, description = "unknown_task"),
    (status = 409, description = "task_changed, act_not_possible, idempotency_key_reused"), (status = 422, description = "unknown_act, reason_required, proof_required")))]
pub(super) async fn act(
    State(p): State<Programme>,
    ctx: Context,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, AppError> {
    let _ = Query::read(&uri, &[])?;
    // Whoever may not know of the task learns nothing of the body either.
    let id = p.task(&ctx, crate::task::parse(&id)?).await?.id;
    let asked: ActRequest = read(&headers, &body)?;
    let act = Act::from_word(&asked.act).ok_or_else(|| {
        AppError::new("unknown_act", 422)
            .say("Không có bước này.", "There is no such step.")
            .mend(format!("Dùng: {}.", Act::ALL.map(Act::word).join(", ")), format!("Use one of: {}.", Act::ALL.map(Act::word).join(", ")))
            .at("act")
    })?;
    let mut ticket = match Ticket::begin(p.figures(), &ctx, &headers, uri.path(), &body).await? {
        Begun::First(ticket) => ticket,
        Begun::Again(response) => return Ok(response),
    };
    let mut task = p.task_locked(&mut ticket.tx, &ctx, id, Some(asked.seq)).await?;
    p.move_in(&mut ticket.tx, &ctx, &mut task, act, &asked.words).await?;
    let money = crate::funding::store::of_task(p.db(), task.tenant, task.id).await.map_err(access::db_error)?;
    let item = crate::task::api::item(&p, &ctx, &p.seen(task, ctx.today()), &Totals::of(&money));
    ticket.finish(p.figures(), &item).await
}

/// A report to be begun.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReportRequest {
    /// Code of its outline: `xa-quy`, `tinh-quy`, `chuong-trinh-nam`.
    template: String,
    /// Id, official code or name of the unit that reports.
    unit: String,
    /// Period: `2026-Q3`, `2026`.
    period: String,
}

/// Begins the report of a unit and period with the words of the one before; the report that is there already is answered as it is.
#[utoipa::path(post, path = "/api/v1/reports", tag = "programme", request_body = ReportRequest, params(("idempotency-key" = String, Header, description = KEY)),
    responses((status = 200, description = "The report.", body = ReportItem), (status = 400, description = "idempotency_key_required, bad_body"),
    (status = 401, description = "sign_in_required"), (status = 403, description = "role_required"), (status = 404, description = "unknown_template, unknown_unit"),
    (status = 409, description = "idempotency_key_reused"), (status = 422, description = "wrong_level, wrong_period, future_period")))]
pub(super) async fn begin_report(State(p): State<Programme>, ctx: Context, uri: Uri, headers: HeaderMap, body: Bytes) -> Result<Response, AppError> {
    let _ = Query::read(&uri, &[])?;
    ctx.require_signed_in()?;
    let asked: ReportRequest = read(&headers, &body)?;
    let unit = p.unit_named(asked.unit.trim(), ctx.today()).ok_or_else(|| unknown_unit("unit"))?;
    let period = asked.period.trim().parse().map_err(|_| {
        AppError::new("wrong_period", 422)
            .say("Kỳ báo cáo chưa đúng.", "The period is not right.")
            .mend("Viết như 2026-Q3.", "Write it as 2026-Q3.")
            .at("period")
    })?;
    let mut ticket = match Ticket::begin(p.figures(), &ctx, &headers, uri.path(), &body).await? {
        Begun::First(ticket) => ticket,
        Begun::Again(response) => return Ok(response),
    };
    let report = p.begin_report_in(&mut ticket.tx, &ctx, &NewReport { template: asked.template, unit, period }).await?;
    ticket.finish(p.figures(), &crate::report::api::item(&p, &ctx, &report)).await
}
