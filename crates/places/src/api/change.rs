use super::{date, paged, reply, share, unit_ref};
use crate::atlas::Atlas;
use crate::filter::Filter;
use crate::model::{Change, ChangeKind};
use crate::{Level, Places};
use access::Context;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use jiff::civil::Date;
use serde::Serialize;
use ui::AppError;
use ui::api::{Format, List, Query};
use utoipa::ToSchema;
use uuid::Uuid;

/// A change of units.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangeItem {
    /// Id.
    pub id: Uuid,
    /// Kind.
    pub kind: ChangeKind,
    /// First day of the new map.
    #[schema(value_type = String, format = Date)]
    pub effective: Date,
    /// Number of the resolution or decree; null where it is not known.
    pub decree: Option<String>,
    /// Its date.
    #[schema(value_type = Option<String>, format = Date)]
    pub decree_date: Option<Date>,
    /// Where we know it from.
    pub source: String,
    /// Anything worth saying.
    pub note: Option<String>,
    /// Who became whom.
    pub parts: Vec<ChangeEdge>,
}

/// One unit before, one after.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangeEdge {
    /// Unit before; null for a unit that begins.
    pub from: Option<Uuid>,
    /// Its full name on its last day.
    pub from_name: Option<String>,
    /// Unit after; null for a unit that ends without an heir.
    pub to: Option<Uuid>,
    /// Its full name on its first day.
    pub to_name: Option<String>,
    /// Share of the people of `from` that went to `to`, 0 to 1; null when nobody published it.
    pub share_population: Option<f64>,
    /// The same by area.
    pub share_area: Option<f64>,
    /// The heir of `from` where a single one is needed.
    pub is_default: bool,
}

/// `{"items": […], "total": n, "next": cursor or null}`
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes ui::api::List for the documentation")]
pub(super) struct ChangeList {
    items: Vec<ChangeItem>,
    total: u64,
    next: Option<String>,
}

impl ChangeItem {
    pub(super) fn of(atlas: &Atlas, change: &Change) -> ChangeItem {
        let before = change.effective.yesterday().unwrap_or(change.effective);
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let parts = change.parts.iter().map(|p| ChangeEdge {
            from: p.from,
            from_name: p.from.map(|u| atlas.full_name(u, before)),
            to: p.to,
            to_name: p.to.map(|u| atlas.full_name(u, change.effective)),
            share_population: share(p.by_population),
            share_area: share(p.by_area),
            is_default: p.is_default,
        });
        ChangeItem {
            id: change.id,
            kind: change.kind,
            effective: change.effective,
            decree: some(&change.decree),
            decree_date: change.decree_date,
            source: change.source.to_string(),
            note: some(&change.note),
            parts: parts.collect(),
        }
    }
}

/// An edge with its change: a line of the CSV.
#[derive(Serialize)]
struct Line {
    id: Uuid,
    kind: ChangeKind,
    effective: Date,
    decree: Option<String>,
    decree_date: Option<Date>,
    #[serde(flatten)]
    edge: ChangeEdge,
    source: String,
    note: Option<String>,
}

const COLUMNS: [&str; 14] = [
    "id",
    "kind",
    "effective",
    "decree",
    "decree_date",
    "from",
    "from_name",
    "to",
    "to_name",
    "share_population",
    "share_area",
    "is_default",
    "source",
    "note",
];

/// Changes of units in order of their effect.
#[utoipa::path(get, path = "/api/v1/unit-changes", tag = "places", params(
    ("unit" = Option<String>, Query, description = "Id (or code of today) of a unit that took part, before or after"),
    ("under" = Option<String>, Query, description = "Id (or code of today) of a unit above one that took part, before or after"),
    ("level" = Option<Level>, Query, description = "Level of the units that changed"),
    ("kind" = Option<ChangeKind>, Query, description = "Kind"),
    ("decree" = Option<String>, Query, description = "Number of the resolution or decree, or a part of it"),
    ("from" = Option<String>, Query, description = "First day of effect"),
    ("to" = Option<String>, Query, description = "Last day of effect"),
    ("limit" = Option<u32>, Query, description = "Items of a page, 1 to 5000; 100 when absent"),
    ("next" = Option<String>, Query, description = "Cursor of the page before"),
    ("format" = Option<String>, Query, description = "json or csv (one line per edge), instead of the header Accept"),
), responses((status = 200, body = ChangeList, description = "Changes; also text/csv, one line per edge"), (status = 304, description = "Unchanged"),
    (status = 400, description = "parameter_invalid, unknown_parameter, cursor_invalid"), (status = 404, description = "unknown_unit")))]
pub(super) async fn list(State(places): State<Places>, ctx: Context, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = Query::read(&uri, &["unit", "under", "level", "kind", "decree", "from", "to", "limit", "next", "format"])?;
    let atlas = places.current().await;
    let filter = Filter {
        unit: unit_ref(&atlas, &query, "unit", ctx.today())?,
        under: unit_ref(&atlas, &query, "under", ctx.today())?,
        level: super::level(&query)?,
        kind: query.word("kind", &ChangeKind::ALL.map(ChangeKind::word), ChangeKind::from_word)?,
        decree: query.one("decree")?.unwrap_or_default().to_owned(),
        from: date(&query, "from")?,
        to: date(&query, "to")?,
    };
    let found: Vec<&Change> = atlas.changes().iter().filter(|c| filter.fits(&atlas, c)).collect();
    let page = paged(&query, found, |c| [c.effective.to_string(), c.id.to_string()])?;
    let page = List { items: page.items.into_iter().map(|c| ChangeItem::of(&atlas, c)).collect(), total: page.total, next: page.next };
    if Format::wanted(&query, &headers, &[Format::Json, Format::Csv])? == Format::Csv {
        let lines = page.items.into_iter().flat_map(|c| {
            let edges = c.parts.clone();
            edges.into_iter().map(move |edge| Line {
                id: c.id,
                kind: c.kind,
                effective: c.effective,
                decree: c.decree.clone(),
                decree_date: c.decree_date,
                edge,
                source: c.source.clone(),
                note: c.note.clone(),
            })
        });
        let lines = List { items: lines.collect::<Vec<_>>(), total: page.total, next: page.next };
        return reply(&query, &headers, &ctx).list(&lines, &COLUMNS, None);
    }
    reply(&query, &headers, &ctx).list(&page, &[], None)
}

/// One change of units.
#[utoipa::path(get, path = "/api/v1/unit-changes/{id}", tag = "places", params(("id" = Uuid, Path, description = "Id")),
    responses((status = 200, body = ChangeItem), (status = 304, description = "Unchanged"), (status = 404, description = "unknown_change")))]
pub(super) async fn one(State(places): State<Places>, ctx: Context, Path(id): Path<String>, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = Query::read(&uri, &[])?;
    let atlas = places.current().await;
    let change = id.parse().ok().and_then(|id: Uuid| atlas.change(id)).ok_or_else(|| {
        AppError::new("unknown_change", 404)
            .say("Không có thay đổi nào có id này.", "There is no change of units with this id.")
            .mend("Xem danh sách ở /api/v1/unit-changes.", "See the list at /api/v1/unit-changes.")
    })?;
    reply(&query, &headers, &ctx).one(&ChangeItem::of(&atlas, change))
}
