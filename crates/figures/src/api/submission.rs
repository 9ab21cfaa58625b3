//! `POST /api/v1/submissions`: handing a period of a unit to the level above.

use super::asked;
use super::once::{self, Begun, Ticket};
use super::operation::SUBMIT;
use crate::service::Figures;
use access::Context;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use ui::AppError;
use utoipa::ToSchema;
use uuid::Uuid;

/// What is to be handed over.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitRequest {
    /// Reporting unit: id, or official code on the last day of the period.
    pub unit: String,
    /// Period.
    pub period: String,
    /// Words of explanation by code of the measure, for figures that ask for one.
    #[serde(default)]
    pub reasons: BTreeMap<String, String>,
}

/// What was handed over.
#[derive(Debug, Serialize, ToSchema)]
pub struct Submission {
    /// Reporting unit.
    pub unit: Uuid,
    /// Period.
    pub period: String,
    /// Ledger lines written.
    pub lines: usize,
}

/// Hands over all drafts of a unit and period.
pub(super) async fn submit(State(figures): State<Figures>, ctx: Context, uri: Uri, headers: HeaderMap, body: Bytes) -> Result<Response, AppError> {
    SUBMIT.read(&uri)?;
    let request: SubmitRequest = once::read(&headers, &body)?;
    let period = asked::period(&request.period)?;
    let unit = asked::place(&figures.places().atlas(), &request.unit, None, period.last_day())?;
    let catalog = figures.catalog();
    let mut words: HashMap<Uuid, String> = HashMap::new();
    for (code, reason) in &request.reasons {
        words.insert(asked::measure(&figures, &ctx, &catalog, code)?.measure.id, reason.chars().take(1_000).collect());
    }
    let mut ticket = match Ticket::begin(&figures, &ctx, &headers, uri.path(), &body).await? {
        Begun::First(ticket) => ticket,
        Begun::Again(response) => return Ok(response),
    };
    let done = figures.submit_in(&mut ticket.tx, &ctx, (unit, period), &words, "api").await?;
    ticket.finish(&figures, &Submission { unit, period: period.to_string(), lines: done.lines }).await
}
