use super::{as_of, level, paged, plain, reply, unit_ref, unknown};
use crate::api::change::ChangeItem;
use crate::atlas::Atlas;
use crate::carry::Basis;
use crate::map::geometry;
use crate::model::{Unit, Version};
use crate::{Level, Places};
use access::Context;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use jiff::civil::Date;
use serde::Serialize;
use ui::AppError;
use ui::api::{List, Query};
use utoipa::ToSchema;
use uuid::Uuid;

/// A unit as it is (or was) on a day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UnitItem {
    /// Our id, for life. The official code is not an identity: codes are used again for other places.
    pub id: Uuid,
    /// Official code that day, text with leading zeros.
    pub code: Option<String>,
    /// Name without its kind.
    pub name: String,
    /// Name with its kind.
    pub full_name: String,
    /// Vietnamese kind: `tỉnh`, `huyện`, `xã`, `phường`, `thôn`…
    pub kind: String,
    /// Depth in the tree; there is no district since 1 July 2025.
    pub level: Level,
    /// The unit directly above that day.
    pub parent: Option<Uuid>,
    /// First day on which all this holds.
    #[schema(value_type = String, format = Date)]
    pub valid_from: Date,
    /// First day on which it no longer does; null while it does.
    #[schema(value_type = Option<String>, format = Date)]
    pub valid_to: Option<Date>,
    /// Degrees, WGS 84; approximate.
    pub lat: Option<f64>,
    /// Degrees, WGS 84; approximate.
    pub lon: Option<f64>,
    /// Square kilometres.
    pub area_km2: Option<f64>,
}

/// `{"items": […], "total": n, "next": cursor or null}`
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes ui::api::List for the documentation")]
pub(super) struct UnitList {
    items: Vec<UnitItem>,
    total: u64,
    next: Option<String>,
}

/// A unit through all times.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UnitHistory {
    /// The unit.
    pub id: Uuid,
    /// Its dated attributes, oldest first.
    pub versions: Vec<UnitItem>,
    /// The changes it took part in, oldest first.
    pub changes: Vec<ChangeItem>,
    /// What it is on the day asked for: itself while it lives, otherwise those that took it over.
    pub heirs: Vec<HeirItem>,
}

/// A unit that took over all or part of another.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HeirItem {
    /// The heir.
    pub unit: Uuid,
    /// Its name with kind.
    pub full_name: String,
    /// Share of the people, 0 to 1.
    pub share: f64,
    /// Whether the share is an estimate.
    pub estimated: bool,
}

pub(super) const COLUMNS: [&str; 12] = ["id", "code", "name", "full_name", "kind", "level", "parent", "valid_from", "valid_to", "lat", "lon", "area_km2"];

pub(super) fn item(unit: &Unit, version: &Version) -> UnitItem {
    UnitItem {
        id: unit.id,
        code: version.code.as_deref().map(str::to_owned),
        name: version.name.to_string(),
        full_name: version.full_name.to_string(),
        kind: version.kind.to_string(),
        level: unit.level,
        parent: version.parent,
        valid_from: version.from,
        valid_to: version.to,
        lat: unit.point.map(|p| plain(p.0)),
        lon: unit.point.map(|p| plain(p.1)),
        // Hectares in the store.
        area_km2: unit.area.map(|hectares| plain(hectares.saturating_mul(10_000))),
    }
}

/// Units of a day.
#[utoipa::path(get, path = "/api/v1/units", tag = "places", params(
    ("as_of" = Option<String>, Query, description = "Day, such as 2025-06-30; today when absent"),
    ("level" = Option<Level>, Query, description = "Level"),
    ("parent" = Option<String>, Query, description = "Id, or code of that day, of the unit directly above"),
    ("under" = Option<String>, Query, description = "Id, or code of that day, of a unit anywhere above"),
    ("code" = Option<String>, Query, description = "Official code on that day"),
    ("q" = Option<String>, Query, description = "Name with or without tones, or address line; the best first. Old names find the units that live that day under another"),
    ("limit" = Option<u32>, Query, description = "Items of a page, 1 to 5000; 100 when absent"),
    ("next" = Option<String>, Query, description = "Cursor of the page before"),
    ("format" = Option<String>, Query, description = "json, csv or geojson, instead of the header Accept"),
), responses((status = 200, body = UnitList, description = "Units; also text/csv and application/geo+json"), (status = 304, description = "Unchanged"),
    (status = 400, description = "parameter_invalid, unknown_parameter, cursor_invalid"), (status = 404, description = "unknown_unit")))]
pub(super) async fn list(State(places): State<Places>, ctx: Context, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = Query::read(&uri, &["as_of", "level", "parent", "under", "code", "q", "limit", "next", "format"])?;
    let atlas = places.current().await;
    let on = as_of(&query, &ctx)?;
    let view = atlas.on(on);
    let (parent, under) = (unit_ref(&atlas, &query, "parent", on)?, unit_ref(&atlas, &query, "under", on)?);
    let (level, code) = (level(&query)?, query.one("code")?);
    let fits = |unit: &Unit, version: &Version| {
        level.is_none_or(|l| unit.level == l)
            && code.is_none_or(|c| version.code.as_deref() == Some(c))
            && parent.is_none_or(|p| version.parent == Some(p))
            && under.is_none_or(|u| u != unit.id && view.above(unit.id).contains(&u))
    };
    let living = |unit: &Unit| unit.on(on).filter(|v| fits(unit, v)).map(|v| item(unit, v));
    let page = match query.one("q")? {
        Some(q) => {
            let hits = atlas.find(q, on, 1_000);
            let found: Vec<(usize, UnitItem)> = hits.iter().enumerate().filter_map(|(at, h)| Some((at, living(atlas.unit(h.unit)?)?))).collect();
            let page = paged(&query, found, |(at, unit)| [format!("{at:06}"), unit.id.to_string()])?;
            List { items: page.items.into_iter().map(|(_, u)| u).collect(), total: page.total, next: page.next }
        }
        None => {
            let mut found: Vec<UnitItem> = atlas.units().iter().filter_map(living).collect();
            let key = |u: &UnitItem| [u.level.depth().to_string(), u.code.clone().unwrap_or_default(), u.id.to_string()];
            found.sort_by_cached_key(key);
            paged(&query, found, key)?
        }
    };
    reply(&query, &headers, &ctx).list(&page, &COLUMNS, Some(&|unit| geometry(&atlas, unit.id, on)))
}

fn known<'a>(atlas: &'a Atlas, id: &str) -> Result<&'a Unit, AppError> {
    id.parse().ok().and_then(|id| atlas.unit(id)).ok_or_else(|| unknown(id))
}

/// One unit on a day, or with its nearest attributes if it did not exist that day.
#[utoipa::path(get, path = "/api/v1/units/{id}", tag = "places", params(
    ("id" = Uuid, Path, description = "Id"),
    ("as_of" = Option<String>, Query, description = "Day; today when absent"),
), responses((status = 200, body = UnitItem), (status = 304, description = "Unchanged"), (status = 404, description = "unknown_unit")))]
pub(super) async fn one(State(places): State<Places>, ctx: Context, Path(id): Path<String>, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = Query::read(&uri, &["as_of", "format"])?;
    let atlas = places.current().await;
    let on = as_of(&query, &ctx)?;
    let unit = known(&atlas, &id)?;
    let version = unit.near(on).ok_or_else(|| unknown(&id))?;
    let list = List { items: vec![item(unit, version)], total: 1, next: None };
    match ui::api::Format::wanted(&query, &headers, &[ui::api::Format::Json, ui::api::Format::Csv, ui::api::Format::GeoJson])? {
        ui::api::Format::Json => reply(&query, &headers, &ctx).one(&item(unit, version)),
        _ => reply(&query, &headers, &ctx).list(&list, &COLUMNS, Some(&|unit| geometry(&atlas, unit.id, on))),
    }
}

/// What a unit was, is and became.
#[utoipa::path(get, path = "/api/v1/units/{id}/history", tag = "places", params(
    ("id" = Uuid, Path, description = "Id"),
    ("as_of" = Option<String>, Query, description = "Day of the heirs; today when absent"),
), responses((status = 200, body = UnitHistory), (status = 304, description = "Unchanged"), (status = 404, description = "unknown_unit")))]
pub(super) async fn history(State(places): State<Places>, ctx: Context, Path(id): Path<String>, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = Query::read(&uri, &["as_of"])?;
    let atlas = places.current().await;
    let on = as_of(&query, &ctx)?;
    let unit = known(&atlas, &id)?;
    let last = unit.to().and_then(|to| to.yesterday().ok()).filter(|last| *last < on);
    let heirs = atlas.heirs(unit.id, last.unwrap_or(on), on, Basis::Population);
    let heirs = heirs.iter().map(|h| HeirItem { unit: h.unit, full_name: atlas.full_name(h.unit, on), share: plain(h.share), estimated: h.estimated });
    let history = UnitHistory {
        id: unit.id,
        versions: unit.versions.iter().map(|v| item(unit, v)).collect(),
        changes: atlas.changes_of(unit.id).map(|c| ChangeItem::of(&atlas, c)).collect(),
        heirs: heirs.collect(),
    };
    reply(&query, &headers, &ctx).one(&history)
}
