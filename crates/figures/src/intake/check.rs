//! Judging what a sheet says against the ledger, and writing what is right.

use super::extract::{Extract, LeftOut};
use super::plan::{Plan, Problem, Question};
use crate::Known;
use crate::catalog::Catalog;
use crate::measure::Kind;
use crate::project::THEN;
use crate::service::{Entry, Figures, Intent, Origin, Outcome, Refusal};
use crate::store;
use crate::value::{Value, percent, unscale};
use access::{Context, db_error};
use calendar::Period;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use ui::AppError;
use uuid::Uuid;

/// Problems kept with a job; the list in the marked workbook has the same bound.
const MAX_PROBLEMS: usize = 20_000;

/// Codes of refusals that a word of explanation settles.
pub const NEEDS_WORD: [&str; 2] = ["reason_for_correction", "unusual_change"];

/// What a measure adds up to over the units in the file: counted now, and once the good values are accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// Vietnamese title.
    pub vi: String,
    /// English title.
    pub en: String,
    /// Unit of measurement.
    pub unit: String,
    /// Values in the file that are right.
    pub cells: usize,
    /// Sum now, as people write it; empty where nothing adds up.
    pub before: String,
    /// Sum afterwards.
    pub after: String,
}

/// What a dry run found, or what was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Values nobody had entered.
    pub new: usize,
    /// Values that replace others.
    pub changed: usize,
    /// Values that are already so.
    pub unchanged: usize,
    /// Problems in all, also those beyond the ones kept.
    pub wrong: usize,
    /// Rows with values.
    pub rows: usize,
    /// Rows left out.
    pub left_out: LeftOut,
    /// Sums per measure.
    pub totals: Vec<Total>,
    /// Problems, in order of cells.
    pub problems: Vec<Problem>,
    /// Open questions.
    pub questions: Vec<Question>,
    /// Codes and names that were understood though not written so: cell, text, unit.
    pub mended: Vec<(String, String, String)>,
    /// Old encodings: before, after.
    pub legacy: Vec<(String, String)>,
    /// When the same file was taken before; microseconds UTC.
    pub taken_before: Option<i64>,
    /// Values written; none for a dry run.
    pub written: Option<usize>,
    /// Whether they were written as drafts only.
    pub draft: bool,
}

/// The sheet judged: what would become of each entry.
pub struct Judged {
    /// As extracted, those that may be written with the position of the line they replace.
    pub extract: Extract,
    /// In the order of the entries.
    pub outcomes: Vec<Outcome>,
}

/// Looks at every entry without writing.
///
/// # Errors
/// What concerns the whole: the database.
pub async fn judge(figures: &Figures, ctx: &Context, plan: &Plan, mut extract: Extract) -> Result<Judged, AppError> {
    let mut outcomes = figures.enter(ctx, &extract.entries, &Origin::default(), Intent::DryRun).await?;
    for (entry, outcome) in extract.entries.iter_mut().zip(&mut outcomes) {
        let Outcome::Written { seq } = outcome else { continue };
        let seen = *seq - 1;
        entry.seen = Some(seen);
        // A form filled in long ago must not bring back what somebody else has changed since.
        if plan.made > 0
            && seen > 0
            && let Some(refusal) = newer(figures, ctx, plan, entry).await?
        {
            *outcome = Outcome::Refused(refusal);
        }
    }
    Ok(Judged { extract, outcomes })
}

async fn newer(figures: &Figures, ctx: &Context, plan: &Plan, entry: &Entry) -> Result<Option<Refusal>, AppError> {
    let Some(tenant) = figures.places().atlas().unit(entry.unit).map(|u| u.tenant) else { return Ok(None) };
    let key = (entry.measure, entry.period.to_i64());
    let lines = store::lines(figures.db(), tenant, key, entry.unit).await.map_err(db_error)?;
    let acts = store::acts(figures.db(), tenant, key, entry.unit).await.map_err(db_error)?;
    let since = lines.last().and_then(|l| Some((l, acts.get(&l.act)?))).filter(|(_, act)| act.at > plan.made && act.who != ctx.account_id());
    // The same value handed on or accepted meanwhile is no conflict; that is judged by the ledger.
    Ok(since.map(|(line, act)| {
        let theirs = figures
            .catalog()
            .newest(entry.measure)
            .and_then(|k| line.value.shown(&k.measure))
            .map_or_else(|| "…".to_owned(), |v| lang::show::number_upto(v, 6));
        Refusal::new(
            "changed_by_other",
            format!("Sau khi bạn tải mẫu này, {} đã ghi {theirs}. Hãy tải mẫu mới để xem số đó rồi sửa nếu cần.", act.who_name),
            format!("After you downloaded this form, {} saved {theirs}. Download a new form to see it.", act.who_name),
        )
    }))
}

/// Writes the good entries in one transaction; the outcomes of all.
///
/// # Errors
/// What concerns the whole: the database. Then nothing is written.
pub async fn write(figures: &Figures, ctx: &Context, judged: Judged, origin: &Origin, intent: Intent) -> Result<Judged, AppError> {
    let Judged { extract, mut outcomes } = judged;
    let good: Vec<usize> = outcomes.iter().enumerate().filter(|(_, o)| matches!(o, Outcome::Written { .. })).map(|(i, _)| i).collect();
    let entries: Vec<Entry> = good.iter().filter_map(|i| extract.entries.get(*i)).cloned().collect();
    let done = figures.enter(ctx, &entries, origin, intent).await?;
    for (at, outcome) in good.into_iter().zip(done) {
        if let Some(place) = outcomes.get_mut(at) {
            *place = outcome;
        }
    }
    Ok(Judged { extract, outcomes })
}

/// The report of a judged sheet.
///
/// # Errors
/// What the database says.
pub async fn report(figures: &Figures, judged: &Judged, period: Period) -> Result<Report, AppError> {
    let catalog = figures.catalog();
    let atlas = figures.places().atlas();
    let extract = &judged.extract;
    let mut report = Report {
        rows: extract.rows,
        left_out: extract.left_out,
        problems: extract.problems.clone(),
        questions: extract.questions.clone(),
        mended: extract.mended.clone(),
        legacy: extract.legacy.clone(),
        ..Report::default()
    };
    let mut good: BTreeMap<Uuid, Vec<&Entry>> = BTreeMap::new();
    for ((entry, spot), outcome) in extract.entries.iter().zip(&extract.spots).zip(&judged.outcomes) {
        match outcome {
            Outcome::Written { seq: 1 } => report.new += 1,
            Outcome::Written { .. } => report.changed += 1,
            Outcome::Unchanged => report.unchanged += 1,
            Outcome::Refused(refusal) => {
                let title = catalog.newest(entry.measure).map(|k| k.measure.def.title_vi.clone()).unwrap_or_default();
                let value = catalog.newest(entry.measure).map(|k| shown(k, &entry.value)).unwrap_or_default();
                let last = catalog.newest(entry.measure).map_or(period.last_day(), |k| k.window(period).1);
                report.problems.push(Problem {
                    row: spot.0,
                    col: spot.1,
                    code: refusal.code.to_owned(),
                    vi: refusal.vi.clone(),
                    en: refusal.en.clone(),
                    value,
                    about: format!("{} · {title}", atlas.full_name(entry.unit, last)),
                });
            }
        }
        if !matches!(outcome, Outcome::Refused(_)) {
            good.entry(entry.measure).or_default().push(entry);
        }
    }
    report.wrong = report.problems.len();
    report.problems.sort_by_key(|p| (p.row, p.col));
    report.problems.truncate(MAX_PROBLEMS);
    report.totals = totals(figures, &catalog, period, &good).await?;
    Ok(report)
}

/// A value in words.
fn shown(known: &Known, value: &Value) -> String {
    match value {
        Value::Words(text) => text.clone(),
        Value::Ratio { n, of } => format!("{n}/{of}"),
        Value::NotApplicable => "Không áp dụng".to_owned(),
        Value::NotKnown => "Chưa có số liệu".to_owned(),
        Value::Number(_) => value.shown(&known.measure).map(|v| lang::show::number_upto(v, 6)).unwrap_or_default(),
    }
}

async fn totals(figures: &Figures, catalog: &Catalog, period: Period, good: &BTreeMap<Uuid, Vec<&Entry>>) -> Result<Vec<Total>, AppError> {
    let mut out = Vec::new();
    for (id, entries) in good {
        let Some(known) = catalog.for_period(*id, period) else { continue };
        let def = &known.measure.def;
        let level = def.level.depth();
        let stored = store::at_level(figures.db(), (*id, period.to_i64()), THEN, level, tenants(figures, entries).as_deref()).await.map_err(db_error)?;
        let (mut before, mut after) = ((0_i64, 0_i64), (0_i64, 0_i64));
        let add = |sum: &mut (i64, i64), pair: (i64, i64)| *sum = (sum.0.saturating_add(pair.0), sum.1.saturating_add(pair.1));
        for entry in entries {
            if let Some(leaf) = stored.get(&entry.unit).filter(|l| l.acc.n > 0) {
                // The stored number of one unit stands in `hi`; of a share in n and N.
                add(&mut before, if def.kind == Kind::Percent { (leaf.acc.num, leaf.acc.den) } else { (leaf.acc.hi.unwrap_or(0), 1) });
            }
            match entry.value {
                Value::Number(n) => add(&mut after, (n, 1)),
                Value::Ratio { n, of } => add(&mut after, (n, of)),
                _ => {}
            }
        }
        out.push(Total {
            vi: def.title_vi.clone(),
            en: def.title_en.clone(),
            unit: if def.kind == Kind::YesNo { "đạt".to_owned() } else { def.unit.clone() },
            cells: entries.len(),
            before: sum_shown(known, before),
            after: sum_shown(known, after),
        });
    }
    out.sort_by_cached_key(|t| lang::sort_key(&t.vi));
    Ok(out)
}

fn sum_shown(known: &Arc<Known>, sum: (i64, i64)) -> String {
    match known.measure.def.kind {
        Kind::Text | Kind::Ordinal => String::new(),
        _ if sum.1 == 0 => "–".to_owned(),
        Kind::Percent => {
            let share = percent(sum.0, sum.1, known.measure.def.decimals).map(|p| lang::show::number_upto(p, known.measure.def.decimals)).unwrap_or_default();
            format!("{}/{} = {share}%", lang::show::number_upto(sum.0.into(), 0), lang::show::number_upto(sum.1.into(), 0))
        }
        _ => lang::show::number_upto(unscale(sum.0, known.measure.scale()), known.measure.def.decimals),
    }
}

/// The tenants of the entries; none for "any" when they are many.
fn tenants(figures: &Figures, entries: &[&Entry]) -> Option<Vec<Uuid>> {
    let atlas = figures.places().atlas();
    let found: HashMap<Uuid, ()> = entries.iter().filter_map(|e| atlas.unit(e.unit)).map(|u| (u.tenant, ())).collect();
    (found.len() <= 3).then(|| found.into_keys().collect())
}
