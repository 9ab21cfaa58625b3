//! `/api/v1` of places: units, their history, changes of units, groups. Public, as JSON, CSV and GeoJSON.

mod change;
mod group;
mod unit;

use crate::atlas::Atlas;
use crate::{Level, Places};
use access::{Context, Need, Routes, Who};
use axum::http::HeaderMap;
use jiff::civil::Date;
use ui::AppError;
use ui::api::{Cursor, List, Query, Reply};
use utoipa::OpenApi;
use uuid::Uuid;

pub use change::{ChangeEdge, ChangeItem};
pub use group::{GroupItem, MemberItem};
pub use unit::{UnitHistory, UnitItem};

/// Units, changes and groups as JSON, CSV and GeoJSON.
pub fn routes() -> Routes<Places> {
    Routes::new()
        .get("/api/v1/units", Need::Public, unit::list)
        .get("/api/v1/units/{id}", Need::Public, unit::one)
        .get("/api/v1/units/{id}/history", Need::Public, unit::history)
        .get("/api/v1/unit-changes", Need::Public, change::list)
        .get("/api/v1/unit-changes/{id}", Need::Public, change::one)
        .get("/api/v1/groups", Need::Public, group::list)
        .get("/api/v1/groups/{code}/members", Need::Public, group::members)
}

#[derive(OpenApi)]
#[openapi(
    paths(unit::list, unit::one, unit::history, change::list, change::one, group::list, group::members),
    components(schemas(UnitItem, UnitHistory, ChangeItem, ChangeEdge, GroupItem, MemberItem, unit::UnitList, change::ChangeList, group::GroupList, group::MemberList)),
    tags((name = "places", description = "Units of the country on any day, what they were and what they became"))
)]
struct Api;

/// The description of these operations, to be merged with those of others.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// Most items of a page.
const MOST: usize = 5_000;
/// Items of a page when nothing is said.
const USUAL: usize = 100;

fn reply<'a>(query: &'a Query, headers: &'a HeaderMap, ctx: &Context) -> Reply<'a> {
    Reply { query, headers, public: ctx.who == Who::Public }
}

fn date(query: &Query, name: &'static str) -> Result<Option<Date>, AppError> {
    query.one(name)?.map(|text| text.parse().map_err(|_| date_invalid(name))).transpose()
}

fn date_invalid(name: &'static str) -> AppError {
    AppError::new("parameter_invalid", 400)
        .say(format!("Ngày ở “{name}” chưa đúng."), format!("The date in “{name}” is not right."))
        .mend("Viết dạng 2025-06-30.", "Write it as 2025-06-30.")
        .at(name)
}

/// The day asked for by `as_of`; today when nothing is said.
fn as_of(query: &Query, ctx: &Context) -> Result<Date, AppError> {
    Ok(date(query, "as_of")?.unwrap_or_else(|| ctx.today()))
}

/// A unit named by id or, on a day, by official code.
fn unit_ref(atlas: &Atlas, query: &Query, name: &'static str, on: Date) -> Result<Option<Uuid>, AppError> {
    let Some(text) = query.one(name)? else { return Ok(None) };
    let found = match text.parse::<Uuid>() {
        Ok(id) => atlas.unit(id).map(|u| u.id),
        Err(_) => atlas.coded(text, None, on),
    };
    match found {
        Some(id) => Ok(Some(id)),
        None => Err(AppError::new("unknown_unit", 404)
            .say(format!("Không có đơn vị nào có mã hoặc id “{text}” vào ngày này."), format!("No unit has the id or code “{text}” on that day."))
            .mend("Tìm bằng /api/v1/units?q=…, hoặc thêm as_of.", "Search with /api/v1/units?q=…, or add as_of.")
            .at(name)),
    }
}

fn level(query: &Query) -> Result<Option<Level>, AppError> {
    query.word("level", &Level::ALL.map(Level::word), Level::from_word)
}

/// Cuts one page out of a sorted list. `key` is what the order is by.
fn paged<T, const N: usize>(query: &Query, all: Vec<T>, key: impl Fn(&T) -> [String; N]) -> Result<List<T>, AppError> {
    let limit = query.number("limit", 1..=MOST)?.unwrap_or(USUAL);
    let question = query.question();
    let total = all.len();
    let after = match query.one("next")? {
        Some(text) => Some(Cursor::open(text, &question)?.parts::<N>().cloned().ok_or_else(Cursor::invalid)?),
        None => None,
    };
    let mut rest = all.into_iter().filter(|item| after.as_ref().is_none_or(|after| key(item) > *after));
    let items: Vec<T> = rest.by_ref().take(limit).collect();
    let next = rest.next().and_then(|_| items.last()).map(|last| Cursor::new(key(last)).seal(&question));
    Ok(List { items, total, next })
}

fn unknown(id: &str) -> AppError {
    let id: String = id.chars().take(60).collect();
    AppError::new("unknown_unit", 404)
        .say(format!("Không có đơn vị “{id}”."), format!("There is no unit “{id}”."))
        .mend("Tìm bằng /api/v1/units?q=…", "Search with /api/v1/units?q=…")
}

fn share(millionths: Option<i64>) -> Option<f64> {
    millionths.map(plain)
}

/// Millionths as a number.
fn plain(millionths: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "degrees and shares in millionths fit exactly")]
    let value = millionths as f64 / 1e6;
    value
}
