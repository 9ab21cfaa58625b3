//! Scoring, scoring again and appraising by program. Each request has a name, so that one that is sent twice does its work once.

use crate::model::Given;
use crate::{Criteria, Typed, Verdict};
use access::{Context, Role};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use figures::api::once::{Begun, Ticket, read};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ui::AppError;
use utoipa::ToSchema;

/// The header that names a request.
const KEY: &str = "Names this request, 1 to 128 visible ASCII characters; sent again with the same body, the first answer is repeated and nothing is done";

/// One indicator to score.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ScoreItem {
    /// Code.
    indicator: String,
    /// Value; absent for indicators that take it from figures.
    #[serde(default)]
    value: Option<Given>,
    /// Values of the parts of a composite.
    #[serde(default)]
    parts: BTreeMap<String, Given>,
    /// Note.
    #[serde(default)]
    note: String,
    /// Number of the last line seen.
    #[serde(default)]
    seq: Option<i64>,
}

/// What to score.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ScoreRequest {
    /// Indicators.
    items: Vec<ScoreItem>,
}

/// How many lines were written.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Done {
    /// Lines.
    written: usize,
}

/// Scores indicators of a unit; what says the same as before writes nothing.
#[utoipa::path(post, path = "/api/v1/assessments/{set}/{unit}/{year}/scores", tag = "criteria", request_body = ScoreRequest, params(
    ("set" = String, Path, description = "Code of the set"), ("unit" = String, Path, description = "Unit: id, or official code of today"), ("year" = u32, Path, description = "Year"),
    ("idempotency-key" = String, Header, description = KEY),
), responses((status = 200, body = Done), (status = 403, description = "role_required"), (status = 404, description = "unknown_set, unknown_unit, unknown_indicator"),
    (status = 400, description = "idempotency_key_required, bad_body"), (status = 409, description = "changed_by_other, idempotency_key_reused"), (status = 422, description = "set_not_in_force, wrong_level, not_applicable_refused")))]
pub(super) async fn score(
    State(criteria): State<Criteria>,
    ctx: Context,
    Path((code, unit, year)): Path<(String, String, String)>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, AppError> {
    let (unit, year) = (crate::pages::unit(&criteria, &ctx, &unit)?, crate::pages::year(&year)?);
    criteria.require_at(&ctx, Role::Officer, unit)?;
    let request: ScoreRequest = read(&headers, &body)?;
    let items: Vec<Typed> =
        request.items.into_iter().map(|i| Typed { indicator: i.indicator, given: i.value, parts: i.parts, note: i.note, seen: i.seq }).collect();
    let prepared = criteria.to_score(&ctx, &code, unit, year).await?;
    let mut ticket = match Ticket::begin(criteria.figures(), &ctx, &headers, uri.path(), &body).await? {
        Begun::First(ticket) => ticket,
        Begun::Again(response) => return Ok(response),
    };
    let written = criteria.score_in(&mut ticket.tx, &ctx, &prepared, &items).await?;
    ticket.finish(criteria.figures(), &Done { written }).await
}

/// Scores a unit again under the newest version of the set, or where there is none, by thresholds entered since; the old assessment stays.
#[utoipa::path(post, path = "/api/v1/assessments/{set}/{unit}/{year}/rescores", tag = "criteria", params(
    ("set" = String, Path, description = "Code of the set"), ("unit" = String, Path, description = "Unit: id, or official code of today"), ("year" = u32, Path, description = "Year"),
    ("idempotency-key" = String, Header, description = KEY),
), responses((status = 200, body = Done), (status = 400, description = "idempotency_key_required"), (status = 403, description = "role_required"),
    (status = 404, description = "unknown_set, unknown_unit"), (status = 409, description = "nothing_newer, changed_by_other, idempotency_key_reused")))]
pub(super) async fn rescore(
    State(criteria): State<Criteria>,
    ctx: Context,
    Path((code, unit, year)): Path<(String, String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let (unit, year) = (crate::pages::unit(&criteria, &ctx, &unit)?, crate::pages::year(&year)?);
    criteria.require_at(&ctx, Role::Officer, unit)?;
    let mut ticket = match Ticket::begin(criteria.figures(), &ctx, &headers, uri.path(), &[]).await? {
        Begun::First(ticket) => ticket,
        Begun::Again(response) => return Ok(response),
    };
    // Whether there is something newer is asked after the key, since a repeated request finds nothing newer any more.
    let again = criteria.to_rescore(&ctx, &code, unit, year).await?;
    let written = criteria.rescore_in(&mut ticket.tx, &ctx, &again).await?;
    ticket.finish(criteria.figures(), &Done { written }).await
}

/// Indicators to accept or return.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DecideItems {
    /// Codes.
    indicators: Vec<String>,
    /// Whether they are accepted; else they are given back.
    accept: bool,
    /// Why they are given back.
    #[serde(default)]
    reason: String,
}

/// Accepts or returns indicators of a unit; accepted ones are figures in the same transaction.
#[utoipa::path(post, path = "/api/v1/assessments/{set}/{unit}/{year}/decisions", tag = "criteria", request_body = DecideItems, params(
    ("set" = String, Path, description = "Code of the set"), ("unit" = String, Path, description = "Unit: id, or official code of today"), ("year" = u32, Path, description = "Year"),
    ("idempotency-key" = String, Header, description = KEY),
), responses((status = 200, body = Done), (status = 403, description = "role_required, own_score, not_the_owner"), (status = 404, description = "unknown_set, unknown_unit, unknown_indicator"),
    (status = 400, description = "idempotency_key_required, bad_body"), (status = 409, description = "nothing_to_appraise, idempotency_key_reused"), (status = 422, description = "reason_required, evidence_missing")))]
pub(super) async fn decide(
    State(criteria): State<Criteria>,
    ctx: Context,
    Path((code, unit, year)): Path<(String, String, String)>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, AppError> {
    let (unit, year) = (crate::pages::unit(&criteria, &ctx, &unit)?, crate::pages::year(&year)?);
    criteria.require_appraiser(&ctx, unit)?;
    let request: DecideItems = read(&headers, &body)?;
    let verdict = if request.accept { Verdict::Accept } else { Verdict::Return(request.reason) };
    let prepared = criteria.to_appraise(&ctx, &code, unit, year, &verdict).await?;
    let mut ticket = match Ticket::begin(criteria.figures(), &ctx, &headers, uri.path(), &body).await? {
        Begun::First(ticket) => ticket,
        Begun::Again(response) => return Ok(response),
    };
    let written = criteria.appraise_in(&mut ticket.tx, &ctx, &prepared, &request.indicators, &verdict).await?;
    ticket.finish(criteria.figures(), &Done { written }).await
}
