//! `GET /api/v1/figures/trend`: one measure at one place over time.

use super::asked;
use super::figure::{COLUMNS, Figure};
use super::operation::TREND;
use crate::service::{Ask, Figures};
use access::{Context, Who, db_error};
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use calendar::Period;
use std::sync::Arc;
use ui::AppError;
use ui::api::{List, Reply};

/// Periods in a row, the oldest first.
pub(super) async fn list(State(figures): State<Figures>, ctx: Context, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = TREND.read(&uri)?;
    let catalog = figures.catalog();
    let atlas = figures.places().atlas();
    let known = asked::measure(&figures, &ctx, &catalog, query.need("measure")?)?;
    let until = query.one("until")?.map(asked::period).transpose()?;
    let until = asked::period_or_newest(&figures, known, until)?;
    let tree = asked::tree(&query)?;
    let day = figures.view(&Ask { known: Arc::clone(known), period: until, tree }).date();
    let place = asked::place(&atlas, query.need("unit")?, None, day)?;
    asked::visible(&figures, &ctx, known, place)?;
    let last = query.number("last", 1..=60)?.unwrap_or(12);
    let mut periods: Vec<Period> = std::iter::successors(Some(until), |p| p.previous()).take(last).collect();
    periods.reverse();
    let views = figures.trend(known, place, tree, &periods).await.map_err(db_error)?;
    let day_of = |period: Period| figures.view(&Ask { known: Arc::clone(known), period, tree }).date();
    let items: Vec<Figure> = views.iter().map(|f| Figure::of(f, &atlas, day_of(f.period))).collect();
    let reply = Reply { query: &query, headers: &headers, public: ctx.who == Who::Public };
    reply.list(&List { total: items.len(), items, next: None }, &COLUMNS, None)
}
