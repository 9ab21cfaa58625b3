//! `/api/v1` of the criteria.

use crate::model::{Choice, Given, Outcome, Set, Tally};
use crate::store::assess::Stage;
use crate::{Criteria, MatrixAsk, Typed, Verdict, scorecard_href};
use access::{Context, Need, Role, Routes, Who};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ui::AppError;
use ui::api::{Cursor, List, Query, Reply};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

/// Routes of the criteria for programs.
pub fn routes() -> Routes<Criteria> {
    Routes::new()
        .get("/api/v1/criteria-sets", Need::Public, sets)
        .get("/api/v1/criteria-sets/{set}", Need::Public, one_set)
        .get("/api/v1/assessments", Need::Public, assessments)
        .get("/api/v1/assessments/{set}/{unit}/{year}", Need::Public, scorecard)
        .post("/api/v1/assessments/{set}/{unit}/{year}/scores", Need::Role(Role::Officer), score)
        .post("/api/v1/assessments/{set}/{unit}/{year}/decisions", Need::Role(Role::Reviewer), decide)
        .merge(crate::rehearsal::api::routes())
}

/// The description of these operations.
#[derive(OpenApi)]
#[openapi(
    paths(sets, one_set, assessments, scorecard, score, decide),
    components(schemas(SetItem, SetList, AssessmentItem, AssessmentList, Card, CardItem, ScoreRequest, ScoreItem, DecideItems, Done, Set))
)]
struct Doc;

/// What the interface of the criteria is, for the document of the whole.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut all = Doc::openapi();
    all.merge(crate::rehearsal::api::Doc::openapi());
    all
}

/// A set in the list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SetItem {
    /// Stable code.
    pub code: String,
    /// Newest version.
    pub version: i64,
    /// Vietnamese title.
    pub title_vi: String,
    /// English title.
    pub title_en: String,
    /// Document.
    pub document: String,
    /// Level of the units judged.
    pub level: places::Level,
    /// Rank.
    pub rank: crate::model::Rank,
    /// Province it is made for; null for the country.
    pub province: Option<Uuid>,
    /// First day.
    #[schema(value_type = Option<String>, format = Date)]
    pub effective_from: Option<jiff::civil::Date>,
    /// Last day.
    #[schema(value_type = Option<String>, format = Date)]
    pub effective_to: Option<jiff::civil::Date>,
    /// Criteria.
    pub criteria: usize,
    /// Indicators listed.
    pub indicators: usize,
    /// Indicators the document states; null where it states none.
    pub indicators_stated: Option<usize>,
    /// Thresholds known, of those there must be.
    pub thresholds_known: usize,
    /// Thresholds there must be.
    pub thresholds: usize,
    /// Measure with the share of units that meet the set.
    pub measure: String,
}

/// `{"items": […], "total": n, "next": cursor or null}`
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes ui::api::List for the documentation")]
struct SetList {
    items: Vec<SetItem>,
    total: u64,
    next: Option<String>,
}

fn reply<'a>(query: &'a Query, headers: &'a HeaderMap, ctx: &Context) -> Reply<'a> {
    Reply { query, headers, public: ctx.who == Who::Public }
}

fn paged<T>(query: &Query, items: Vec<T>, key: impl Fn(&T) -> String) -> Result<List<T>, AppError> {
    let total = items.len();
    let limit = query.number("limit", 1..=5_000)?.unwrap_or(500);
    let question = query.question();
    let start = match query.one("next")? {
        None => 0,
        Some(text) => {
            let cursor = Cursor::open(text, &question)?;
            let [last] = cursor.parts::<1>().ok_or_else(Cursor::invalid)?;
            items.iter().position(|i| key(i) == *last).map_or(total, |at| at + 1)
        }
    };
    let page: Vec<T> = items.into_iter().skip(start).take(limit).collect();
    let next = page.last().filter(|_| start + page.len() < total).map(|last| Cursor::new([key(last)]).seal(&question));
    Ok(List { items: page, total, next })
}

/// Published sets in their newest versions.
#[utoipa::path(get, path = "/api/v1/criteria-sets", tag = "criteria", params(
    ("limit" = Option<u32>, Query, description = "Items of a page"), ("next" = Option<String>, Query, description = "Cursor"),
    ("format" = Option<String>, Query, description = "json or csv"),
), responses((status = 200, body = SetList), (status = 304, description = "Unchanged")))]
async fn sets(State(criteria): State<Criteria>, ctx: Context, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = Query::read(&uri, &["limit", "next", "format"])?;
    let shelf = criteria.current().await;
    let items = shelf.library.all().map(|s| {
        let slots = crate::slots(s);
        SetItem {
            code: s.code.clone(),
            version: s.version,
            title_vi: s.title.clone(),
            title_en: s.title_en.clone(),
            document: s.document.clone(),
            level: s.level,
            rank: s.rank,
            province: s.province.as_deref().map(crate::model::province_id),
            effective_from: s.effective_from,
            effective_to: s.effective_to,
            criteria: s.criteria.len(),
            indicators: s.indicators().count(),
            indicators_stated: s.indicator_count,
            thresholds_known: slots.iter().filter(|x| x.known.is_some()).count(),
            thresholds: slots.len(),
            measure: s.measure_code(None),
        }
    });
    let list = paged(&query, items.collect(), |s: &SetItem| s.code.clone())?;
    let columns = [
        "code",
        "version",
        "title_vi",
        "title_en",
        "document",
        "level",
        "rank",
        "province",
        "effective_from",
        "effective_to",
        "criteria",
        "indicators",
        "thresholds_known",
        "thresholds",
        "measure",
    ];
    reply(&query, &headers, &ctx).list(&list, &columns, None)
}

/// One set with all its thresholds, amendments and sources; `version` for an older one.
#[utoipa::path(get, path = "/api/v1/criteria-sets/{set}", tag = "criteria", params(
    ("set" = String, Path, description = "Code of the set"), ("version" = Option<i64>, Query, description = "Version; the newest when absent"),
), responses((status = 200, body = Set), (status = 304, description = "Unchanged"), (status = 404, description = "unknown_set")))]
async fn one_set(State(criteria): State<Criteria>, ctx: Context, Path(code): Path<String>, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = Query::read(&uri, &["version"])?;
    let shelf = criteria.current().await;
    let set = match query.number("version", 1..=100_000)? {
        Some(version) => shelf.library.version(&code, i64::try_from(version).unwrap_or(0)).cloned(),
        None => shelf.library.get(&code).cloned(),
    };
    let set = set.ok_or_else(crate::unknown_set)?;
    reply(&query, &headers, &ctx).one(&*set)
}

/// A unit's assessment in one line.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AssessmentItem {
    /// Unit.
    pub unit: Uuid,
    /// Official code on the day it is judged.
    pub unit_code: Option<String>,
    /// Name.
    pub unit_name: String,
    /// Set.
    pub set: String,
    /// Version it is pinned to.
    pub version: i64,
    /// Year.
    pub year: i16,
    /// Indicators met; for those without a role only appraised ones count.
    pub met: usize,
    /// Indicators.
    pub indicators: usize,
    /// The whole set.
    pub whole: Outcome,
    /// The whole set as appraised.
    pub appraised: Outcome,
}

/// `{"items": […], "total": n, "next": cursor or null}`
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes ui::api::List for the documentation")]
struct AssessmentList {
    items: Vec<AssessmentItem>,
    total: u64,
    next: Option<String>,
}

/// Assessments of a set and year under a place.
#[utoipa::path(get, path = "/api/v1/assessments", tag = "criteria", params(
    ("set" = String, Query, description = "Code of the set"), ("year" = u32, Query, description = "Year"),
    ("under" = Option<String>, Query, description = "Place: id, or official code of today; the country when absent"),
    ("limit" = Option<u32>, Query, description = "Items of a page"), ("next" = Option<String>, Query, description = "Cursor"),
    ("format" = Option<String>, Query, description = "json or csv"),
), responses((status = 200, body = AssessmentList), (status = 400, description = "parameter_missing"), (status = 404, description = "unknown_set, unknown_unit")))]
async fn assessments(State(criteria): State<Criteria>, ctx: Context, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = Query::read(&uri, &["set", "year", "under", "limit", "next", "format"])?;
    let code = query.need("set")?.to_owned();
    query.need("year")?;
    let year = i16::try_from(query.number("year", 2000..=2100)?.unwrap_or(2025)).unwrap_or(2025);
    let atlas = criteria.figures().places().atlas();
    let under = match query.one("under")? {
        Some(text) => crate::pages::unit(&criteria, &ctx, text)?,
        None => atlas.nation().unwrap_or_default(),
    };
    let board = criteria.board(&MatrixAsk { set: code.clone(), year, under, indicator: None, outcome: None }).await?;
    let detailed = criteria.figures().may(&ctx, Role::Viewer, under);
    let village = board.set.level == places::Level::Village;
    let day = board.set.judged_on(year);
    let items = board.rows.iter().filter(|_| detailed || !village).filter_map(|r| {
        let s = r.state.as_ref()?;
        let met = s
            .outcomes
            .chars()
            .zip(s.states.chars())
            .filter(|(o, stage)| *o == Outcome::Met.letter() && (detailed || *stage == Stage::Accepted.letter()))
            .count();
        Some(AssessmentItem {
            unit: r.unit,
            unit_code: atlas.version(r.unit, day).and_then(|v| v.code.as_deref()).map(str::to_owned),
            unit_name: atlas.full_name(r.unit, day),
            set: code.clone(),
            version: s.version,
            year,
            met,
            indicators: s.outcomes.chars().count(),
            whole: if detailed { s.whole } else { s.accepted },
            appraised: s.accepted,
        })
    });
    let list = paged(&query, items.collect(), |i: &AssessmentItem| i.unit.to_string())?;
    reply(&query, &headers, &ctx).list(&list, &["unit", "unit_code", "unit_name", "set", "version", "year", "met", "indicators", "whole", "appraised"], None)
}

/// An indicator of a scorecard.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CardItem {
    /// Code.
    pub indicator: String,
    /// What was found; for those without a role only what was appraised.
    pub outcome: Outcome,
    /// How far it has come.
    pub stage: Stage,
    /// Value.
    pub value: Option<Given>,
    /// The threshold in words; null when there is none.
    pub threshold: Option<String>,
    /// The clause that sets it, or why there is none.
    pub clause: String,
    /// How far the value falls short, in the unit of the indicator.
    #[schema(value_type = Option<String>)]
    pub gap: Option<rust_decimal::Decimal>,
    /// Number of the last line, to send back when scoring.
    pub seq: i64,
    /// Pieces of evidence that hold; null for those who may not see them.
    pub evidence: Option<usize>,
}

/// A scorecard.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Card {
    /// Set.
    pub set: String,
    /// Version it is pinned to.
    pub version: i64,
    /// Older versions under which it was scored before, see the parameter `version`.
    pub past: Vec<i64>,
    /// The newest version of the set, when it is another one and applies: the unit may score again.
    pub newer: Option<i64>,
    /// Unit.
    pub unit: Uuid,
    /// Year.
    pub year: i16,
    /// Its page.
    pub href: String,
    /// Indicators counted.
    pub tally: Tally,
    /// The whole set.
    pub whole: Outcome,
    /// Region whose thresholds apply.
    pub region: Option<String>,
    /// Indicators.
    pub items: Vec<CardItem>,
}

/// The scorecard of a unit.
#[utoipa::path(get, path = "/api/v1/assessments/{set}/{unit}/{year}", tag = "criteria", params(
    ("set" = String, Path, description = "Code of the set"), ("unit" = String, Path, description = "Unit: id, or official code of today"), ("year" = u32, Path, description = "Year"),
    ("version" = Option<i64>, Query, description = "An older version under which the unit was scored before"),
), responses((status = 200, body = Card), (status = 404, description = "unknown_set, unknown_unit, unknown_version"), (status = 422, description = "set_not_in_force, wrong_level")))]
async fn scorecard(
    State(criteria): State<Criteria>,
    ctx: Context,
    Path((code, unit, year)): Path<(String, String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let query = Query::read(&uri, &["version"])?;
    let (unit, year) = (crate::pages::unit(&criteria, &ctx, &unit)?, crate::pages::year(&year)?);
    let mut card = criteria.scorecard(&ctx, &code, unit, year).await?;
    let newer = criteria.newer(&ctx, &card).version;
    let past = criteria.past(&code, unit, year).await?.into_iter().map(|p| p.state.version).collect();
    let version = query.number("version", 1..=100_000)?.and_then(|v| i64::try_from(v).ok());
    if let Some(version) = version.filter(|v| *v != card.set.version) {
        (card, _) = criteria.past_scorecard(&ctx, &code, unit, year, version).await?;
    }
    let detailed = criteria.figures().may(&ctx, Role::Viewer, unit);
    if card.set.level == places::Level::Village && !detailed {
        return Err(crate::unknown_unit());
    }
    let judged = card.card();
    let items: Vec<CardItem> = judged
        .indicators
        .iter()
        .map(|j| {
            let s = card.scored.get(&j.indicator.code);
            let stage = s.map_or(Stage::Open, |s| s.stage);
            let open = detailed || stage == Stage::Accepted;
            let (threshold, clause) = match &j.choice {
                Choice::Applies(a) => (Some(crate::level_words(a)), crate::clause_of(&card.set, j, a)),
                Choice::Missing(why) => (None, crate::why_words(*why, ctx.lang).to_owned()),
            };
            CardItem {
                indicator: j.indicator.code.clone(),
                outcome: if open { j.outcome } else { Outcome::NoData },
                stage,
                value: s.and_then(|s| s.filled.given.clone()).filter(|_| open),
                threshold,
                clause,
                gap: j.gap.filter(|_| open),
                seq: s.map_or(0, |s| s.seq),
                evidence: s.map(|s| s.evidence).filter(|_| detailed),
            }
        })
        .collect();
    let tally = Tally::of(items.iter().map(|i| i.outcome));
    let (region, _) = card.set.region_for(&card.traits);
    let body = Card {
        set: card.set.code.clone(),
        version: card.set.version,
        past,
        newer,
        unit,
        year,
        href: scorecard_href(&code, unit, year),
        tally,
        whole: if detailed { judged.whole } else { card.state.as_ref().map_or(Outcome::NoData, |s| s.accepted) },
        region: region.map(str::to_owned),
        items,
    };
    reply(&query, &headers, &ctx).one(&body)
}

/// One indicator to score.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ScoreItem {
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
struct ScoreRequest {
    /// Indicators.
    items: Vec<ScoreItem>,
}

/// How many lines were written.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Done {
    /// Lines.
    written: usize,
}

/// Scores indicators of a unit; what says the same as before writes nothing, so that a request may be repeated.
#[utoipa::path(post, path = "/api/v1/assessments/{set}/{unit}/{year}/scores", tag = "criteria", request_body = ScoreRequest, params(
    ("set" = String, Path, description = "Code of the set"), ("unit" = String, Path, description = "Unit: id, or official code of today"), ("year" = u32, Path, description = "Year"),
), responses((status = 200, body = Done), (status = 403, description = "role_required"), (status = 404, description = "unknown_set, unknown_unit, unknown_indicator"),
    (status = 409, description = "changed_by_other"), (status = 422, description = "set_not_in_force, wrong_level, not_applicable_refused")))]
async fn score(
    State(criteria): State<Criteria>,
    ctx: Context,
    Path((code, unit, year)): Path<(String, String, String)>,
    body: axum::body::Bytes,
) -> Result<Response, AppError> {
    let (unit, year) = (crate::pages::unit(&criteria, &ctx, &unit)?, crate::pages::year(&year)?);
    criteria.require_at(&ctx, Role::Officer, unit)?;
    let request: ScoreRequest = read(&body)?;
    let items: Vec<Typed> =
        request.items.into_iter().map(|i| Typed { indicator: i.indicator, given: i.value, parts: i.parts, note: i.note, seen: i.seq }).collect();
    let written = criteria.score(&ctx, &code, unit, year, &items).await?;
    Ok(Json(Done { written }).into_response())
}

/// Indicators to accept or return.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DecideItems {
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
), responses((status = 200, body = Done), (status = 403, description = "role_required, own_score, not_the_owner"), (status = 404, description = "unknown_set, unknown_unit, unknown_indicator"),
    (status = 409, description = "nothing_to_appraise"), (status = 422, description = "reason_required, evidence_missing")))]
async fn decide(
    State(criteria): State<Criteria>,
    ctx: Context,
    Path((code, unit, year)): Path<(String, String, String)>,
    body: axum::body::Bytes,
) -> Result<Response, AppError> {
    let (unit, year) = (crate::pages::unit(&criteria, &ctx, &unit)?, crate::pages::year(&year)?);
    criteria.require_at(&ctx, Role::Reviewer, unit)?;
    let request: DecideItems = read(&body)?;
    let verdict = if request.accept { Verdict::Accept } else { Verdict::Return(request.reason) };
    let written = criteria.appraise(&ctx, &code, unit, year, &request.indicators, &verdict).await?;
    Ok(Json(Done { written }).into_response())
}

fn read<T: for<'de> Deserialize<'de>>(body: &[u8]) -> Result<T, AppError> {
    serde_json::from_slice(body).map_err(|e| {
        AppError::new("bad_body", 400)
            .say("Nội dung JSON không đọc được.", "The JSON body cannot be read.")
            .mend("Xem mô tả ở /api/v1/docs.", "See /api/v1/docs.")
            .at(format!("{}:{}", e.line(), e.column()))
    })
}
