//! `/api/v1/scenarios`.

use super::effect::Count;
use super::scenario::Question;
use super::store::Scenario;
use crate::Criteria;
use access::{Context, Need, Role, Routes, Who};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
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

#[utoipa::path(get, path = "/api/v1/scenarios/{scenario}", tag = "criteria", params(("scenario" = Uuid, Path, description = "Id of the scenario")),
    responses((status = 200, body = ScenarioItem), (status = 404, description = "not_found")))]
async fn show(State(criteria): State<Criteria>, ctx: Context, Path(id): Path<String>, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = Query::read(&uri, &[])?;
    let scenario = criteria.scenario(&ctx, id.parse().map_err(|_| AppError::new("not_found", 404))?).await?;
    let answer = criteria.rehearse(&ctx, &scenario.question()).await?;
    Reply { query: &query, headers: &headers, public: false }.one(&ScenarioItem::of(scenario, Some(answer.effect.all)))
}

#[utoipa::path(post, path = "/api/v1/scenarios", tag = "criteria", request_body = KeepRequest,
    responses((status = 201, body = ScenarioItem), (status = 403, description = "role_required"), (status = 422, description = "move_refused, name_required, set_empty, no_units")))]
async fn keep(State(criteria): State<Criteria>, ctx: Context, body: Result<Json<KeepRequest>, JsonRejection>) -> Result<Response, AppError> {
    let Json(body) = body
        .map_err(|e| AppError::new("bad_body", e.status().as_u16()).say("Nội dung JSON không đọc được.", "The JSON body cannot be read.").at(e.body_text()))?;
    let mut moves = Vec::new();
    for text in &body.moves {
        moves.push(text.parse().map_err(|p| super::scenario::refused(&p))?);
    }
    let reading = match body.reading.as_deref() {
        None | Some("") => super::score::Reading::default(),
        Some(word) => super::score::Reading::parse(word)
            .ok_or_else(|| AppError::new("parameter_invalid", 422).say("“reading” là judged hoặc strict.", "“reading” is judged or strict.").at("reading"))?,
    };
    let q = Question { set: body.set, against: body.against.unwrap_or_default(), year: body.year, reading, moves };
    let kept = criteria.keep_scenario(&ctx, body.unit, &body.name, &body.note, &q).await?;
    Ok((StatusCode::CREATED, Json(ScenarioItem::of(kept, None))).into_response())
}
