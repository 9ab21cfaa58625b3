//! `GET /api/v1/assessments`: what was scored and appraised.

use super::{paged, reply};
use crate::model::{Choice, Given, Outcome, Tally};
use crate::store::assess::Stage;
use crate::{Criteria, MatrixAsk, scorecard_href};
use access::{Context, Role};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde::Serialize;
use ui::AppError;
use ui::api::Query;
use utoipa::ToSchema;
use uuid::Uuid;

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
pub(super) struct AssessmentList {
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
pub(super) async fn assessments(State(criteria): State<Criteria>, ctx: Context, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
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
pub(super) async fn scorecard(
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
