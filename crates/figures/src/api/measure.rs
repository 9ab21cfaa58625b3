//! `GET /api/v1/measures` and `/api/v1/measures/{code}`: definitions, all versions.

use super::asked;
use super::figure::LIMIT;
use super::operation::{MEASURE, MEASURES};
use crate::catalog::Known;
use crate::measure::Definition;
use crate::service::Figures;
use access::{Context, Who};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde::Serialize;
use ui::AppError;
use ui::api::{Cursor, List, Reply};
use utoipa::ToSchema;
use uuid::Uuid;

/// One version of a measure.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MeasureVersion {
    /// Id, the same for all versions.
    pub id: Uuid,
    /// Whether it is no longer collected.
    pub retired: bool,
    /// Whether it is computed from other measures and never entered.
    pub computed: bool,
    /// The definition.
    #[serde(flatten)]
    pub definition: Definition,
}

/// Fields as columns of a CSV file.
const COLUMNS: [&str; 31] = [
    "code",
    "id",
    "version",
    "valid_from",
    "retired",
    "computed",
    "title_vi",
    "title_en",
    "definition_vi",
    "definition_en",
    "legal_basis",
    "unit",
    "kind",
    "numerator_vi",
    "denominator_vi",
    "decimals",
    "level",
    "kinds",
    "period",
    "cutoff",
    "rollup",
    "weight",
    "condition",
    "over_time",
    "carry",
    "min",
    "max",
    "formula",
    "formula_of",
    "public",
    "source",
];

fn version(known: &Known) -> MeasureVersion {
    let m = &known.measure;
    MeasureVersion { id: m.id, retired: m.retired, computed: m.computed(), definition: m.def.clone() }
}

/// Measures in use, newest versions, in order of their codes.
pub(super) async fn list(State(figures): State<Figures>, ctx: Context, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = MEASURES.read(&uri)?;
    let catalog = figures.catalog();
    let all: Vec<&Known> = catalog.current().map(AsRef::as_ref).filter(|k| figures.may_know(&ctx, k)).collect();
    let question = query.question();
    let limit = query.number("limit", 1..=LIMIT.1)?.unwrap_or(LIMIT.0);
    let start = match query.one("next")? {
        Some(text) => {
            let cursor = Cursor::open(text, &question)?;
            let [code] = cursor.parts::<1>().ok_or_else(Cursor::invalid)?;
            all.partition_point(|k| k.measure.def.code <= *code)
        }
        None => 0,
    };
    let items: Vec<MeasureVersion> = all.iter().skip(start).take(limit).map(|k| version(k)).collect();
    let next = items.last().filter(|_| start + items.len() < all.len()).map(|last| Cursor::new([last.definition.code.clone()]).seal(&question));
    let reply = Reply { query: &query, headers: &headers, public: ctx.who == Who::Public };
    reply.list(&List { items, total: all.len(), next }, &COLUMNS, None)
}

/// All versions of one measure, the newest first.
pub(super) async fn one(State(figures): State<Figures>, ctx: Context, Path(code): Path<String>, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = MEASURE.read(&uri)?;
    let catalog = figures.catalog();
    let known = asked::measure(&figures, &ctx, &catalog, &code)?;
    let items: Vec<MeasureVersion> = catalog.versions(known.measure.id).iter().rev().map(|k| version(k)).collect();
    let reply = Reply { query: &query, headers: &headers, public: ctx.who == Who::Public };
    reply.list(&List { total: items.len(), items, next: None }, &COLUMNS, None)
}
