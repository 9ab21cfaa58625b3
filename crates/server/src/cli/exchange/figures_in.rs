use crate::app::App;
use crate::cli::said;
use anyhow::Context as _;
use calendar::Period;
use figures::{Entry, Intent, Known, Origin, Outcome, Refusal, Value};
use places::Atlas;
use rust_decimal::Decimal;
use serde::Deserialize;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

/// Lines per transaction: few enough that others get their turn, many enough to be quick.
const CHUNK: usize = 10_000;

#[derive(Debug, Deserialize)]
struct Row {
    #[serde(default)]
    unit_id: Option<Uuid>,
    #[serde(default)]
    unit_code: String,
    measure: String,
    period: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    n: Option<Decimal>,
    #[serde(default)]
    of: Option<Decimal>,
    #[serde(default)]
    reason: Option<String>,
}

/// Enters the figures of the file as accepted, by the rules of every other way in. Returns how many rows were refused.
pub(super) async fn run(app: &App, file: &Path, text: &str, dry_run: bool) -> anyhow::Result<u64> {
    let ctx = app.access.system();
    let atlas = app.places.atlas();
    let origin = Origin { source: "bulk", file_name: file.file_name().map(|n| n.to_string_lossy().into_owned()), ..Origin::default() };
    let mut entries: Vec<(u64, Entry)> = Vec::new();
    let mut refused: Vec<(u64, Refusal)> = Vec::new();
    for (row, line) in csv::Reader::from_reader(text.as_bytes()).deserialize::<Row>().zip(2u64..) {
        let row = row.with_context(|| format!("line {line} cannot be read"))?;
        match entry(app, &atlas, row) {
            Ok(entry) => entries.push((line, entry)),
            Err(refusal) => refused.push((line, refusal)),
        }
    }
    // Together what is settled together: a weight before what it weighs, then by measure and period.
    let catalog = app.figures.catalog();
    entries.sort_by_key(|(line, e)| (catalog.weight_of(e.measure).is_empty(), e.measure, e.period.to_i64(), *line));
    let intent = if dry_run { Intent::DryRun } else { Intent::Accept };
    let (mut written, mut unchanged) = (0u64, 0u64);
    for chunk in entries.chunks(CHUNK) {
        let list: Vec<Entry> = chunk.iter().map(|(_, entry)| entry.clone()).collect();
        let outcomes = app.figures.enter(&ctx, &list, &origin, intent).await.map_err(said)?;
        for ((line, _), outcome) in chunk.iter().zip(outcomes) {
            match outcome {
                Outcome::Written { .. } => written += 1,
                Outcome::Unchanged => unchanged += 1,
                Outcome::Refused(refusal) => refused.push((*line, refusal)),
            }
        }
    }
    refused.sort_by_key(|(line, _)| *line);
    let mut out = std::io::stdout().lock();
    for (line, refusal) in &refused {
        writeln!(out, "line {line}: {} {} [{}]", refusal.vi, refusal.en, refusal.code)?;
    }
    let verb = if dry_run { "would be written" } else { "written" };
    writeln!(out, "{written} {verb}, {unchanged} unchanged, {} refused (đã ghi {written}, không đổi {unchanged}, từ chối {})", refused.len(), refused.len())?;
    Ok(refused.len() as u64)
}

fn entry(app: &App, atlas: &Atlas, row: Row) -> Result<Entry, Refusal> {
    let catalog = app.figures.catalog();
    let known = catalog
        .coded(&row.measure)
        .ok_or_else(|| Refusal::new("unknown_measure", format!("Không có chỉ tiêu {:?}.", row.measure), format!("There is no measure {:?}.", row.measure)))?;
    let period: Period =
        row.period.parse().map_err(|_| Refusal::new("wrong_period", format!("Không hiểu kỳ {:?}.", row.period), format!("{:?} is no period.", row.period)))?;
    let last = known.window(period).1;
    let unit = match row.unit_id {
        Some(id) => atlas.unit(id).map(|u| u.id),
        None => atlas.coded(row.unit_code.trim(), Some(known.measure.def.level), last),
    };
    let unit = unit.ok_or_else(|| {
        Refusal::new(
            "unknown_unit",
            format!("Không có nơi mang mã {:?} vào {last}.", row.unit_code),
            format!("No unit had the code {:?} on {last}.", row.unit_code),
        )
    })?;
    let value = value(known, &row)?;
    Ok(Entry { unit, measure: known.measure.id, period, value, reason: row.reason.filter(|r| !r.is_empty()), cell: None, seen: None })
}

fn value(known: &Arc<Known>, row: &Row) -> Result<Value, Refusal> {
    let measure = &known.measure;
    let text = row.value.trim();
    let made = match (text, row.n, row.of) {
        ("NA", ..) => Ok(Value::NotApplicable),
        ("?", ..) => Ok(Value::NotKnown),
        (_, Some(n), Some(of)) => Value::ratio(measure, n, of),
        _ if measure.def.kind == figures::Kind::Text => Value::words(measure, text),
        _ => match text.parse::<Decimal>() {
            Ok(number) => Value::number(measure, number),
            Err(_) => {
                return Err(Refusal::new(
                    "not_a_number",
                    format!("{text:?} không phải là số; viết như 1234.5."),
                    format!("{text:?} is no number; write 1234.5."),
                ));
            }
        },
    };
    made.map_err(|problem| Refusal::new(problem.code, problem.vi, problem.en))
}
