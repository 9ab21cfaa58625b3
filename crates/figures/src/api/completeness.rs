//! `GET /api/v1/completeness`: who has reported how much of a period.

use super::asked;
use super::figure::{LIMIT, top};
use super::operation::COMPLETENESS;
use crate::catalog::Known;
use crate::service::{Ask, Figures, Tree};
use access::{Context, Who, db_error};
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use places::map::geometry;
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use ui::AppError;
use ui::api::{Cursor, List, Reply};
use utoipa::ToSchema;
use uuid::Uuid;

/// How much of a period a place has reported.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Completeness {
    /// Id of the unit.
    pub unit: Uuid,
    /// Its name.
    pub unit_name: String,
    /// Its official code.
    pub unit_code: Option<String>,
    /// Period.
    pub period: String,
    /// Measures that somebody here has to report.
    pub measures: i64,
    /// Values due: for each measure, the units that have to report it.
    pub of: i64,
    /// Values accepted.
    pub n: i64,
    /// Values that do not apply.
    pub not_applicable: i64,
    /// Values that wait for acceptance.
    pub awaiting: i64,
    /// Values missing, or said not to be known.
    pub missing: i64,
    /// Among the missing: said not to be known.
    pub not_known: i64,
    /// Accepted and not applicable of all due, in percent with one decimal, as text; null when nothing is due.
    pub complete: Option<String>,
}

/// Fields as columns of a CSV file.
const COLUMNS: [&str; 12] =
    ["unit", "unit_code", "unit_name", "period", "measures", "of", "n", "not_applicable", "awaiting", "missing", "not_known", "complete"];

/// Completeness of all places of a level under a place.
pub(super) async fn list(State(figures): State<Figures>, ctx: Context, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = COMPLETENESS.read(&uri)?;
    let catalog = figures.catalog();
    let atlas = figures.places().atlas();
    let period = asked::period(query.need("period")?)?;
    let mut measures: Vec<Arc<Known>> = Vec::new();
    for code in query.list("measure", 100)? {
        let known = asked::measure(&figures, &ctx, &catalog, code)?;
        if !known.measure.takes(period) {
            return Err(AppError::new("wrong_period", 400)
                .say(format!("Chỉ tiêu {code} không báo cáo theo kỳ này."), format!("{code} is not reported for such a period."))
                .at("measure"));
        }
        measures.push(Arc::clone(known));
    }
    if measures.is_empty() {
        measures.extend(catalog.current().filter(|k| k.measure.takes(period) && !k.measure.computed() && k.measure.def.public).cloned());
    }
    let level = asked::level(&query)?;
    let question = query.question();
    let start = query.one("next")?.map(|text| Cursor::open(text, &question)).transpose()?;
    let limit = query.number("limit", 1..=LIMIT.1)?.unwrap_or(LIMIT.0);
    let mut rows: BTreeMap<(String, Uuid), Completeness> = BTreeMap::new();
    let mut on = period.first_day();
    for known in measures {
        let ask = Ask { known, period, tree: Tree::Then };
        let view = figures.view(&ask);
        let day = view.date();
        on = on.max(day);
        let (under, level) = top(&atlas, &view, query.one("under")?, level)?;
        asked::all_visible(&figures, &ctx, &ask.known, under, level)?;
        for f in figures.read_level(&ask, under, level).await.map_err(db_error)? {
            let code = atlas.version(f.place, day).and_then(|v| v.code.as_deref()).map(str::to_owned);
            let row = rows.entry((code.clone().unwrap_or_default(), f.place)).or_insert_with(|| Completeness {
                unit: f.place,
                unit_name: atlas.full_name(f.place, day),
                unit_code: code,
                period: period.to_string(),
                measures: 0,
                of: 0,
                n: 0,
                not_applicable: 0,
                awaiting: 0,
                missing: 0,
                not_known: 0,
                complete: None,
            });
            row.measures += i64::from(f.of > 0);
            row.of += f.of;
            row.n += f.n;
            row.not_applicable += f.not_applicable;
            row.awaiting += f.awaiting;
            row.missing += f.missing;
            row.not_known += f.not_known;
        }
    }
    let total = rows.len();
    let after = match &start {
        Some(cursor) => {
            let [code, unit] = cursor.parts::<2>().ok_or_else(Cursor::invalid)?;
            Some((code.clone(), unit.parse::<Uuid>().map_err(|_| Cursor::invalid())?))
        }
        None => None,
    };
    let mut rest = rows.into_iter().filter(|(key, _)| after.as_ref().is_none_or(|after| key > after)).map(|(_, row)| row);
    let mut items: Vec<Completeness> = rest.by_ref().take(limit).collect();
    for row in &mut items {
        row.complete = crate::value::percent(row.n + row.not_applicable, row.of, 1).map(|p: Decimal| super::figure::decimal(p));
    }
    let next = match (rest.next(), items.last()) {
        (Some(_), Some(last)) => Some(Cursor::new([last.unit_code.clone().unwrap_or_default(), last.unit.to_string()]).seal(&question)),
        _ => None,
    };
    let reply = Reply { query: &query, headers: &headers, public: ctx.who == Who::Public };
    reply.list(&List { items, total, next }, &COLUMNS, Some(&|c: &Completeness| geometry(&atlas, c.unit, on)))
}
