//! The measured path of a large workbook: made, read, judged, written.

use super::check;
use super::desk::window;
use super::extract::extract;
use super::form::{self, Wanted};
use super::open::{Progress, open};
use super::units::Units;
use crate::service::{Figures, Intent, Origin};
use access::Context;
use calendar::Period;
use std::time::{Duration, Instant};
use ui::AppError;
use uuid::Uuid;

/// What one run took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timing {
    /// Rows of the workbook.
    pub rows: usize,
    /// Values found.
    pub values: usize,
    /// Values written.
    pub written: usize,
    /// Reading and extracting.
    pub read: Duration,
    /// Judging every value against the ledger.
    pub judge: Duration,
    /// Writing in one transaction, roll-ups included.
    pub write: Duration,
    /// The platform's dry run and acceptance together, as they happen: read, judge; read, judge, write.
    pub whole: Duration,
}

/// The form of a unit and period, as officers download it.
///
/// # Errors
/// As [`Figures::enter`], and where the unit reports nothing in the period.
pub async fn workbook(figures: &Figures, ctx: &Context, unit: Uuid, period: Period) -> Result<Vec<u8>, AppError> {
    form::make(figures, ctx, Wanted { unit, period, before: false }).await.map(|made| made.1)
}

/// Takes a filled form the whole way, as two requests would: a dry run, and then the writing.
///
/// # Errors
/// What reading and writing say.
pub async fn run(figures: &Figures, ctx: &Context, name: &str, bytes: Vec<u8>) -> Result<Timing, AppError> {
    let mut timing = Timing::default();
    let all = Instant::now();
    for writes in [false, true] {
        let start = Instant::now();
        let (judging, file, name) = (figures.clone(), bytes.clone(), name.to_owned());
        let read = tokio::task::spawn_blocking(move || {
            let (_, book) = open(&name, &file, &Progress::default()).ok()?;
            let plan = form::recognise(&book)?.ok()?;
            let period: Period = plan.period.parse().ok()?;
            let atlas = judging.places().atlas();
            let on = window(&judging, &plan, period);
            let view = atlas.on(on);
            let units = Units::new(&atlas, &view, plan.scope, plan.level, on);
            let found = extract(book.sheet(&plan.sheet)?, &plan, &units, &judging.catalog(), &view, period, &|| false);
            Some((plan, period, found))
        });
        let Some((plan, period, found)) = read.await.ok().flatten() else { return Err(AppError::new("upload_damaged", 422)) };
        timing.rows = found.rows;
        timing.values = found.entries.len();
        timing.read = start.elapsed();
        let start = Instant::now();
        let mut judged = check::judge(figures, ctx, &plan, found).await?;
        timing.judge = start.elapsed();
        let start = Instant::now();
        if writes {
            let origin = Origin { source: "workbook", file_name: Some("bench.xlsx".to_owned()), ..Origin::default() };
            judged = check::write(figures, ctx, judged, &origin, Intent::Submit).await?;
            timing.write = start.elapsed();
        }
        let report = check::report(figures, &judged, period).await?;
        timing.written = report.new + report.changed;
    }
    timing.whole = all.elapsed();
    Ok(timing)
}
