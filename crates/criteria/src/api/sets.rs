//! `/api/v1/criteria-sets`.

use super::{paged, reply};
use crate::Criteria;
use crate::model::Set;
use access::Context;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde::Serialize;
use ui::AppError;
use ui::api::Query;
use utoipa::ToSchema;
use uuid::Uuid;

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
pub(super) struct SetList {
    items: Vec<SetItem>,
    total: u64,
    next: Option<String>,
}

/// Published sets in their newest versions.
#[utoipa::path(get, path = "/api/v1/criteria-sets", tag = "criteria", params(
    ("limit" = Option<u32>, Query, description = "Items of a page"), ("next" = Option<String>, Query, description = "Cursor"),
    ("format" = Option<String>, Query, description = "json or csv"),
), responses((status = 200, body = SetList), (status = 304, description = "Unchanged")))]
pub(super) async fn sets(State(criteria): State<Criteria>, ctx: Context, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
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
pub(super) async fn one_set(
    State(criteria): State<Criteria>,
    ctx: Context,
    Path(code): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let query = Query::read(&uri, &["version"])?;
    let shelf = criteria.current().await;
    let set = match query.number("version", 1..=100_000)? {
        Some(version) => shelf.library.version(&code, i64::try_from(version).unwrap_or(0)).cloned(),
        None => shelf.library.get(&code).cloned(),
    };
    let set = set.ok_or_else(crate::unknown_set)?;
    reply(&query, &headers, &ctx).one(&*set)
}
