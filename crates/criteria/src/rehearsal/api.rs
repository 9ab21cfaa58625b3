//! `/api/v1/scenarios`.

use super::effect::Count;
use super::scenario::Question;
use super::store::Scenario;
use crate::Criteria;
use access::{Context, Need, Role, Routes, Who};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use figures::api::once::{self, Begun, Ticket};
use serde::{Deserialize, Serialize};
use ui::AppError;
use ui::api::{List, Query, Reply};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

/// Scenarios by program.
pub fn routes() -> Routes<Criteria> {
    let viewer = Need::Role(Role::Viewer);
    Routes::new().get("/api/v1/scenarios", viewer, list).post("/api/v1/scenarios", viewer, keep).get("/api/v1/scenarios/{scenario}", viewer, show)
}

/// The description of these operations.
#[derive(OpenApi)]
#[openapi(paths(list, keep, show), components(schemas(ScenarioItem, ScenarioList, KeepRequest, Count)))]
pub(crate) struct Doc;

/// A list of scenarios.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described; the list is written by the API kit")]
struct ScenarioList {
    /// Scenarios.
    items: Vec<ScenarioItem>,
    /// How many.
    total: usize,
    /// Always null: there is one page.
    next: Option<String>,
}

/// A kept scenario.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ScenarioItem {
    /// Id.
    pub id: Uuid,
    /// Unit for which it was kept.
    pub unit: Uuid,
    /// Name.
    pub name: String,
    /// Note.
    pub note: String,
    /// Code of the set, with `~` behind it for its draft.
    pub set: String,
    /// Version of the set when it was kept.
    pub version: i64,
    /// Set it is compared with; null for the set itself without moves.
    pub against: Option<String>,
    /// Year of the figures.
    pub year: i16,
    /// `judged` or `strict`.
    pub reading: String,
    /// Moves, such as `8.4:+5`, `8.4:=90@r.tay_nguyen`, `8.4:x`.
    pub moves: Vec<String>,
    /// Who kept it.
    pub who: String,
    /// When, RFC 3339 in UTC.
    pub at: Option<String>,
    /// What it said then.
    pub then: Count,
    /// What it says on the figures of now; only when one scenario is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<Count>,
}

/// A scenario to be kept.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeepRequest {
    /// Unit in which the caller holds a role.
    pub unit: Uuid,
    /// Name.
    pub name: String,
    /// Note.
    #[serde(default)]
    pub note: String,
    /// Code of the set, with `~` behind it for its draft.
    pub set: String,
    /// Set it is compared with.
    #[serde(default)]
    pub against: Option<String>,
    /// Year of the figures.
    pub year: i16,
    /// `judged` or `strict`.
    #[serde(default)]
    pub reading: Option<String>,
    /// Moves, such as `8.4:+5`.
    #[serde(default)]
    pub moves: Vec<String>,
}

impl ScenarioItem {
    fn of(s: Scenario, now: Option<Count>) -> ScenarioItem {
        let then = s.said().count;
        ScenarioItem {
            id: s.id,
            unit: s.unit,
            name: s.name,
            note: s.note,
            set: s.set,
            version: s.version,
            against: Some(s.against).filter(|a| !a.is_empty()),
            year: s.year,
            reading: s.reading,
            moves: s.moves.lines().map(str::to_owned).collect(),
            who: s.who_name,
            at: calendar::from_micros(s.at).map(|at| at.to_string()),
            then,
            now,
        }
    }
}

const COLUMNS: [&str; 9] = ["id", "unit", "name", "set", "version", "year", "reading", "who", "at"];

/// The scenarios of the units in which one holds a role, the newest first.
#[utoipa::path(get, path = "/api/v1/scenarios", tag = "criteria", params(
    ("set" = Option<String>, Query, description = "Only of this set"), ("format" = Option<String>, Query, description = "json or csv"),
), responses((status = 200, body = ScenarioList), (status = 401, description = "sign_in_required"), (status = 403, description = "role_required")))]
async fn list(State(criteria): State<Criteria>, ctx: Context, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = Query::read(&uri, &["set", "format"])?;
    let set = query.one("set")?;
    let items: Vec<ScenarioItem> =
        criteria.scenarios(&ctx).await?.into_iter().filter(|s| set.is_none_or(|set| s.set == set)).map(|s| ScenarioItem::of(s, None)).collect();
    let total = items.len();
    Reply { query: &query, headers: &headers, public: ctx.who == Who::Public }.list(&List { items, total, next: None }, &COLUMNS, None)
}

/// One scenario: what it said when it was kept, and what it says on the figures of now.
#[utoipa::path(get, path = "/api/v1/scenarios/{scenario}", tag = "criteria", params(("scenario" = Uuid, Path, description = "Id of the scenario")),
    responses((status = 200, body = ScenarioItem), (status = 404, description = "not_found")))]
async fn show(State(criteria): State<Criteria>, ctx: Context, Path(id): Path<String>, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = Query::read(&uri, &[])?;
    let scenario = criteria.scenario(&ctx, id.parse().map_err(|_| AppError::new("not_found", 404))?).await?;
    let answer = criteria.rehearse(&ctx, &scenario.question()).await?;
    Reply { query: &query, headers: &headers, public: false }.one(&ScenarioItem::of(scenario, Some(answer.effect.all)))
}

/// Rehearses a question and keeps it for a unit.
#[utoipa::path(post, path = "/api/v1/scenarios", tag = "criteria", request_body = KeepRequest,
    params(("idempotency-key" = String, Header, description = "Names this request; sent again with the same body, the first answer is repeated")),
    responses((status = 201, body = ScenarioItem), (status = 400, description = "idempotency_key_required, bad_body"), (status = 403, description = "role_required"),
        (status = 409, description = "idempotency_key_reused"), (status = 422, description = "move_refused, name_required, set_empty, no_units")))]
async fn keep(State(criteria): State<Criteria>, ctx: Context, uri: Uri, headers: HeaderMap, body: Bytes) -> Result<Response, AppError> {
    let request: KeepRequest = once::read(&headers, &body)?;
    let mut moves = Vec::new();
    for text in &request.moves {
        moves.push(text.parse().map_err(|p| super::scenario::refused(&p))?);
    }
    let reading = match request.reading.as_deref() {
        None | Some("") => super::score::Reading::default(),
        Some(word) => super::score::Reading::parse(word)
            .ok_or_else(|| AppError::new("parameter_invalid", 422).say("“reading” là judged hoặc strict.", "“reading” is judged or strict.").at("reading"))?,
    };
    let q = Question { set: request.set, against: request.against.unwrap_or_default(), year: request.year, reading, moves };
    let scenario = criteria.worked_scenario(&ctx, request.unit, &request.name, &request.note, &q).await?;
    let mut response = match Ticket::begin(criteria.figures(), &ctx, &headers, uri.path(), &body).await? {
        Begun::First(mut ticket) => {
            criteria.keep_scenario_in(&mut ticket.tx, &ctx, &scenario).await?;
            ticket.finish(criteria.figures(), &ScenarioItem::of(scenario, None)).await?
        }
        Begun::Again(response) => response,
    };
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}
