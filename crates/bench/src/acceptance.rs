//! From acceptance to the nation's total on another connection, while values keep arriving.

use crate::national::National;
use crate::report::{Report, Row, ms, percentile};
use crate::run::ask;
use access::{Context, Grant, Role, Who};
use anyhow::Context as _;
use calendar::Period;
use db::Db;
use figures::{Entry, Figures, Intent, Origin, Pending, Tree, Value};
use places::{Level, Places};
use std::time::{Duration, Instant};
use uuid::Uuid;

const VALUES: u32 = 500;
const RATE: u32 = 50;

fn person(name: &str, role: Role, unit: Uuid) -> Context {
    let who = Who::Account { id: places::facts::fact_id(name), login: name.to_owned(), name: name.to_owned() };
    let grant = Grant { role, unit, from: jiff::civil::date(2020, 1, 1), to: None };
    Context::new(who, calendar::Clock::system().now(), ui::Prefs::default(), "bench", vec![grant])
}

/// Accepts 50 values a second; each is timed from the call of the acceptance until another pool reads the new total.
///
/// # Errors
/// What the database says.
pub async fn measure(set: &National, address: &str, label: &str, out: &mut Report) -> anyhow::Result<()> {
    let atlas = set.figures.places().atlas();
    let nation = atlas.nation().context("no nation")?;
    let period = Period::year(2025).context("no period")?;
    let measure = *set.measures.get(1).context("no measure")?;
    let today = set.figures.clock().today();
    let all: Vec<Uuid> = atlas.on(today).all(Level::Commune).collect();
    let units: Vec<Uuid> = all.iter().copied().step_by((all.len() / VALUES as usize).max(1)).take(VALUES as usize).collect();
    let officer = person("bench-officer", Role::Officer, nation);
    let reviewer = person("bench-reviewer", Role::Reviewer, nation);
    let entries: Vec<Entry> = units
        .iter()
        .map(|unit| Entry { unit: *unit, measure, period, value: Value::Number(7), reason: Some("đo thử".to_owned()), cell: None, seen: None })
        .collect();
    set.figures.enter(&officer, &entries, &Origin { source: "api", ..Origin::default() }, Intent::Submit).await?;

    let other = Figures::open(Places::open(Db::open(address).await?, calendar::Clock::system()).await?).await?;
    let ask = ask(set, 1, 2025, Tree::Today)?;
    let before = other.read(&ask, nation).await?.n;
    let start = Instant::now();
    let mut samples = Vec::new();
    for (unit, nth) in units.iter().zip(1u32..) {
        tokio::time::sleep_until((start + Duration::from_secs_f64(f64::from(nth) / f64::from(RATE))).into()).await;
        let called = Instant::now();
        set.figures.accept(&reviewer, &[Pending { unit: *unit, measure, period, seq: 1 }]).await?;
        while other.read(&ask, nation).await?.n < before + i64::from(nth) {
            anyhow::ensure!(called.elapsed() < Duration::from_secs(10), "the total never came");
        }
        samples.push(called.elapsed().as_secs_f64());
    }
    let p99 = percentile(&mut samples, 0.99);
    out.rows.push(Row {
        work: format!("{label}: acceptance to the nation's total on another connection, {RATE} values/s"),
        goal: "p99 < 200 ms".to_owned(),
        measured: ms(p99),
        baseline: String::new(),
        ratio: None,
        reached: p99 < 0.2,
    });
    Ok(())
}
