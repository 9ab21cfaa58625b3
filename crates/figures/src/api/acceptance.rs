//! `POST /api/v1/acceptances`: accepting waiting figures, or giving one back.

use super::asked;
use super::entry::too_many;
use super::once::{self, Begun, Ticket};
use super::operation::DECIDE;
use crate::ledger::State as LineState;
use crate::service::{Figures, Pending, checked_reason};
use access::Context;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use ui::AppError;
use utoipa::ToSchema;

/// Most figures of one decision.
const ITEMS: usize = 5_000;

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// All of them count.
    Accept,
    /// One goes back to its author.
    Return,
}

/// A decision about waiting figures.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideRequest {
    /// What is decided.
    pub decision: Decision,
    /// Why, for a return.
    #[serde(default)]
    pub reason: String,
    /// The figures; exactly one for a return, at most 5,000 for an acceptance.
    pub items: Vec<DecideItem>,
}

/// A waiting figure as it was seen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideItem {
    /// Reporting unit: id, or official code at the end of the period.
    pub unit: String,
    /// Code of the measure.
    pub measure: String,
    /// Period.
    pub period: String,
    /// Position of the ledger line that was seen.
    pub seq: i64,
}

/// What was decided.
#[derive(Debug, Serialize, ToSchema)]
pub struct Decided {
    /// What was decided.
    pub decision: Decision,
    /// Ledger lines written.
    pub lines: usize,
}

/// Accepts all or none, or returns one.
pub(super) async fn decide(State(figures): State<Figures>, ctx: Context, uri: Uri, headers: HeaderMap, body: Bytes) -> Result<Response, AppError> {
    DECIDE.read(&uri)?;
    let request: DecideRequest = once::read(&headers, &body)?;
    if request.items.len() > ITEMS {
        return Err(too_many(ITEMS));
    }
    let to = match request.decision {
        Decision::Accept => (LineState::Accepted, None),
        Decision::Return => (LineState::Returned, Some(checked_reason(&request.reason)?)),
    };
    if request.items.is_empty() || (request.decision == Decision::Return && request.items.len() != 1) {
        return Err(AppError::new("one_at_a_time", 422)
            .say("Duyệt cần ít nhất một số; trả lại thì đúng một số mỗi lần.", "Accepting takes at least one figure, returning exactly one at a time.")
            .mend("Gửi từng số một khi trả lại, mỗi số một lý do.", "Return figures one by one, each with its reason.")
            .at("items"));
    }
    let atlas = figures.places().atlas();
    let catalog = figures.catalog();
    let mut items = Vec::with_capacity(request.items.len());
    for item in &request.items {
        let known = asked::measure(&figures, &ctx, &catalog, &item.measure)?;
        let period = asked::period(&item.period)?;
        let known = catalog.for_period(known.measure.id, period).unwrap_or(known);
        let unit = asked::place(&atlas, &item.unit, Some(known.measure.def.level), known.window(period).1)?;
        items.push(Pending { unit, measure: known.measure.id, period, seq: item.seq });
    }
    let mut ticket = match Ticket::begin(&figures, &ctx, &headers, uri.path(), &body).await? {
        Begun::First(ticket) => ticket,
        Begun::Again(response) => return Ok(response),
    };
    let lines = figures.decide_in(&mut ticket.tx, &ctx, &items, to, "api").await?;
    ticket.finish(&figures, &Decided { decision: request.decision, lines }).await
}
