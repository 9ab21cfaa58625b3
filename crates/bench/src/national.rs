//! The national set: every commune of the old country, 57 measures, four years.

use calendar::Period;
use db::{Bulk, Conflict, Db};
use figures::{Carry, Definition, Figures, Kind, Measure, OverTime, Rollup, Value, store};
use places::{Level, Places};
use std::time::Instant;
use uuid::Uuid;

/// A loaded national set.
#[derive(Debug)]
pub struct National {
    /// The service.
    pub figures: Figures,
    /// Measures, in order.
    pub measures: Vec<Uuid>,
    /// Periods, oldest first.
    pub periods: Vec<Period>,
    /// Ledger lines loaded.
    pub lines: u64,
    /// Figures made.
    pub made: u64,
    /// Seconds for all of it.
    pub seconds: f64,
}

/// Measures of the set.
pub const MEASURES: usize = 57;

fn definition(nth: usize) -> Definition {
    Definition {
        code: format!("do_thu_{nth:02}"),
        version: 1,
        valid_from: jiff::civil::date(2020, 1, 1),
        title_vi: format!("Chỉ tiêu đo thử {nth}"),
        title_en: format!("Benchmark measure {nth}"),
        definition_vi: "Chỉ dùng để đo tốc độ.".to_owned(),
        definition_en: "For measuring speed only.".to_owned(),
        legal_basis: "-".to_owned(),
        unit: "-".to_owned(),
        kind: if nth.is_multiple_of(3) { Kind::Percent } else { Kind::Count },
        numerator_vi: String::new(),
        denominator_vi: String::new(),
        decimals: u32::from(nth.is_multiple_of(3)),
        level: Level::Commune,
        kinds: Vec::new(),
        period: calendar::PeriodKind::Year,
        cutoff: "nd09".to_owned(),
        rollup: Rollup::Sum,
        weight: None,
        condition: None,
        over_time: OverTime::Last,
        carry: Carry::Sum,
        min: None,
        max: None,
        enter: "officer".to_owned(),
        accept: "reviewer".to_owned(),
        formula: None,
        formula_of: None,
        steps: Vec::new(),
        public: true,
        source: "bench".to_owned(),
    }
}

/// Opens places and figures on a migrated, empty database, with the measures of the set.
///
/// # Errors
/// What the database says.
pub async fn open(db: Db) -> anyhow::Result<(Figures, Vec<Uuid>)> {
    let clock = calendar::Clock::system();
    let places = Places::open(db.clone(), clock).await?;
    places.load_facts().await?;
    let figures = Figures::open(places).await?;
    figures.load_facts().await?;
    let mut tx = db.begin().await?;
    let mut ids = Vec::new();
    for nth in 0..MEASURES {
        let def = definition(nth);
        let id = figures::define::measure_id(&def.code);
        store::add_measure(&mut tx, &Measure { id, def, retired: false }, "bench", 0).await?;
        ids.push(id);
    }
    places::store::bump(&mut tx, "measures", "").await?;
    tx.commit().await?;
    figures.refresh().await?;
    Ok((figures, ids))
}

/// The value of a unit: plain arithmetic, so that the generator costs nothing.
fn value(nth_measure: usize, nth_unit: usize, year: i16) -> Value {
    let n = i64::try_from(nth_unit % 977 + nth_measure * 13).unwrap_or(0) + i64::from(year - 2000);
    if nth_measure.is_multiple_of(3) { Value::Ratio { n: n / 2, of: n } } else { Value::Number(n) }
}

/// Loads the whole set, with provenance and roll-ups on both maps.
///
/// # Errors
/// What the database says.
pub async fn load(db: Db) -> anyhow::Result<National> {
    let (figures, measures) = open(db).await?;
    let atlas = figures.places().atlas();
    let units: Vec<Uuid> = atlas.on(jiff::civil::date(2024, 12, 14)).all(Level::Commune).collect();
    let periods: Vec<Period> = (2021..=2024).filter_map(Period::year).collect();
    let start = Instant::now();
    let mut load = figures.bulk("bench", 1).await?;
    for period in &periods {
        for (nth, measure) in measures.iter().enumerate() {
            let values = units.iter().enumerate().map(|(u, unit)| (*unit, value(nth, u, period.in_year()))).collect();
            load.slice(*measure, *period, values).await?;
        }
    }
    let report = load.finish().await?;
    let seconds = start.elapsed().as_secs_f64();
    Ok(National { figures, measures, periods, lines: report.lines, made: report.figures, seconds })
}

/// The baseline of the load: the same ledger rows as bare inserts into a table without keys. Rows per second.
///
/// # Errors
/// What the database says.
pub async fn bare_inserts(db: &Db, rows: usize) -> anyhow::Result<f64> {
    let unit = Uuid::now_v7();
    let columns = store::LEDGER.columns;
    let twin = Bulk { table: "bench_ledger", columns, conflict: Conflict::Fail };
    let create: Vec<String> = columns
        .iter()
        .map(|(name, kind)| {
            let kind = match kind {
                db::Type::Int => "BIGINT",
                db::Type::Text => "TEXT",
                db::Type::Uuid => "{uuid}",
                db::Type::Bytes => "{bytes}",
            };
            format!("{name} {kind}")
        })
        .collect();
    db.scratch("bench_ledger", &create.join(", ")).await?;
    let mut args = Vec::with_capacity(rows * columns.len());
    for n in 0..rows {
        let n = i64::try_from(n)?;
        let line =
            figures::Line { seq: 1, version: 1, state: figures::State::Accepted, value: Value::Number(n), act: unit, cell: None, reason: None, replaces: None };
        store::ledger_row(&mut args, &store::NewLine { tenant: unit, measure: unit, period: n, unit, line });
    }
    let start = Instant::now();
    let mut tx = db.begin().await?;
    tx.insert(&twin, args).await?;
    tx.commit().await?;
    #[expect(clippy::cast_precision_loss, reason = "a rate needs no precision")]
    let rate = rows as f64 / start.elapsed().as_secs_f64();
    db.scratch_drop("bench_ledger").await?;
    Ok(rate)
}
