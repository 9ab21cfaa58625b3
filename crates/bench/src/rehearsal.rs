//! A draft set over the whole country rescored, beside the same join and sum in DuckDB and Polars.

use crate::report::{Report, Row, ms, percentile};
use anyhow::Context as _;
use criteria::model::{Confidence, Criterion, Given, Indicator, Kind, Library, Op, Rank, Set, Threshold, Traits};
use criteria::rehearsal::{Grid, Move, Reading, Scored, UnitRow};
use places::Level;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;
use uuid::Uuid;

const UNITS: u64 = 10_036;
const INDICATORS: u64 = 75;
const REGIONS: u64 = 7;
const PROVINCES: u64 = 63;
/// Units that meet so many indicators are counted, so that the three must agree.
const ENOUGH: u16 = 40;

/// A number from 0 to 9,999 that depends only on its inputs.
fn made_up(a: u64, b: u64) -> u64 {
    let mut x = a.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ b.wrapping_mul(0xd1b5_4a32_d192_ed03);
    for _ in 0..3 {
        x = (x ^ (x >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    }
    (x >> 33) % 10_000
}

/// The threshold of an indicator in a region, in hundredths of a percent.
fn threshold(indicator: u64, region: u64) -> u64 {
    3_000 + 100 * (made_up(indicator, 1_000_000 + region) % 40)
}

fn set() -> anyhow::Result<Set> {
    let mut criteria = Vec::new();
    for nth in 0..INDICATORS {
        let mut indicator = Indicator::new(format!("{}.{}", nth / 4 + 1, nth % 4 + 1), format!("Chỉ tiêu đo thử {nth}"), Kind::Percent);
        for region in 0..REGIONS {
            let value = rust_decimal_of(threshold(nth, region))?;
            indicator.thresholds.push(Threshold { op: Some(Op::AtLeast), value: Some(value), region: Some(format!("vung_{region}")), ..Threshold::default() });
        }
        if nth % 4 == 0 {
            criteria.push(Criterion {
                number: (nth / 4 + 1).to_string(),
                title: "Tiêu chí đo thử".to_owned(),
                group: String::new(),
                condition: false,
                confidence: Confidence::Unknown,
                note: None,
                indicators: Vec::new(),
            });
        }
        criteria.last_mut().context("no criterion")?.indicators.push(indicator);
    }
    Ok(Set {
        code: "do-thu".to_owned(),
        version: 1,
        title: "Bộ đo thử".to_owned(),
        title_en: "Bench".to_owned(),
        document: String::new(),
        authority: String::new(),
        level: Level::Commune,
        kinds: Vec::new(),
        rank: Rank::Other,
        requires: Vec::new(),
        required_by: None,
        based_on: None,
        area: None,
        province: None,
        effective_from: None,
        effective_to: None,
        criteria_count: None,
        indicator_count: None,
        regions: Vec::new(),
        region_rules: Vec::new(),
        amendments: Vec::new(),
        commune_groups: Vec::new(),
        annexes: Vec::new(),
        observed: Vec::new(),
        complete: true,
        confidence: Confidence::Unknown,
        source: None,
        note: None,
        criteria,
    })
}

/// Hundredths of a percent as a percentage.
fn rust_decimal_of(hundredths: u64) -> anyhow::Result<rust_decimal::Decimal> {
    Ok(rust_decimal::Decimal::new(i64::try_from(hundredths)?, 2))
}

fn grid() -> anyhow::Result<Grid> {
    let set = Arc::new(set()?);
    let codes: Vec<String> = set.indicators().map(|i| i.code.clone()).collect();
    let mut rows = Vec::new();
    for unit in 0..UNITS {
        let province = unit % PROVINCES;
        let mut values = BTreeMap::new();
        for (code, nth) in codes.iter().zip(0..) {
            values.insert(code.clone(), Given::Ratio { n: i64::try_from(made_up(unit, nth))?, of: 10_000 });
        }
        rows.push(UnitRow {
            unit: Uuid::from_u128(u128::from(unit)),
            province: Some(Uuid::from_u128(u128::from(province))),
            traits: Traits { region: Some(format!("vung_{}", province % REGIONS)), ..Traits::plain(2024) },
            values,
        });
    }
    Ok(Grid::new(&Library::new([Set::clone(&set)]), set, rows))
}

/// All that is met, and the units that meet enough.
fn sums(scored: &Scored) -> (u64, u64) {
    let met = scored.met.iter().map(|m| u64::from(*m)).sum();
    let enough = scored.met.iter().filter(|m| **m >= ENOUGH).count();
    (met, u64::try_from(enough).unwrap_or_default())
}

const SCRIPT: &str = r"
import sys, time
folder = sys.argv[1]
def warm(work):
    answer, samples = None, []
    for _ in range(15):
        start = time.perf_counter()
        answer = work()
        samples.append(time.perf_counter() - start)
    samples.sort()
    return samples[len(samples) // 2], answer
def say(name, work):
    seconds, (met, enough) = warm(work)
    print(name, seconds, met, enough)
try:
    import duckdb
    db = duckdb.connect()
    db.execute('set threads to 2')
    for table in ('unit', 'level', 'value'):
        db.execute(f'''create table {table} as select * from read_csv('{folder}/{table}.csv', header=true)''')
    question = '''select sum(met), count(*) filter (where met >= ENOUGH) from (select v.unit, sum(case when v.value >= l.value then 1 else 0 end) met
        from value v join unit u on u.unit = v.unit join level l on l.indicator = v.indicator and l.region = u.region group by v.unit)'''
    say('duckdb', lambda: tuple(int(x) for x in db.execute(question).fetchone()))
except ImportError:
    pass
try:
    import os
    os.environ['POLARS_MAX_THREADS'] = '2'
    import polars as pl
    unit, level, value = (pl.read_csv(f'{folder}/{table}.csv') for table in ('unit', 'level', 'value'))
    def polars():
        joined = value.lazy().join(unit.lazy(), on='unit').join(level.lazy().rename({'value': 'least'}), on=['indicator', 'region'])
        per = joined.group_by('unit').agg((pl.col('value') >= pl.col('least')).sum().alias('met'))
        done = per.select(pl.col('met').sum().alias('all'), (pl.col('met') >= ENOUGH).sum().alias('enough')).collect()
        return int(done['all'][0]), int(done['enough'][0])
    say('polars', polars)
except ImportError:
    pass
";

/// What a baseline took, and its sums.
struct Baseline {
    name: String,
    seconds: f64,
    sums: (u64, u64),
}

async fn baselines() -> anyhow::Result<Vec<Baseline>> {
    let folder = std::env::temp_dir().join(format!("conglang-rehearsal-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let (mut units, mut levels, mut values) = (String::from("unit,region\n"), String::from("indicator,region,value\n"), String::from("unit,indicator,value\n"));
    for unit in 0..UNITS {
        writeln!(units, "{unit},{}", unit % PROVINCES % REGIONS)?;
        for indicator in 0..INDICATORS {
            writeln!(values, "{unit},{indicator},{}", made_up(unit, indicator))?;
        }
    }
    for indicator in 0..INDICATORS {
        for region in 0..REGIONS {
            writeln!(levels, "{indicator},{region},{}", threshold(indicator, region))?;
        }
    }
    for (name, text) in [("unit", units), ("level", levels), ("value", values)] {
        std::fs::write(folder.join(format!("{name}.csv")), text)?;
    }
    let python = std::env::var("CONGLANG_BENCH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let answer = tokio::process::Command::new(python).arg("-c").arg(SCRIPT.replace("ENOUGH", &ENOUGH.to_string())).arg(&folder).output().await;
    std::fs::remove_dir_all(&folder)?;
    let Ok(answer) = answer else { return Ok(Vec::new()) };
    anyhow::ensure!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    let mut out = Vec::new();
    for line in String::from_utf8_lossy(&answer.stdout).lines() {
        let mut words = line.split(' ');
        let mut next = || words.next().context("a short line from the baseline");
        out.push(Baseline { name: next()?.to_owned(), seconds: next()?.parse()?, sums: (next()?.parse()?, next()?.parse()?) });
    }
    Ok(out)
}

/// Measures the rescoring of everything, and the move of one threshold.
///
/// # Errors
/// What goes wrong while measuring, also when the three do not count the same.
pub async fn measure(out: &mut Report) -> anyhow::Result<()> {
    let grid = tokio::task::spawn_blocking(grid).await??;
    let time = |work: &dyn Fn() -> Scored| {
        let mut samples = Vec::new();
        let mut last = work();
        for _ in 0..60 {
            let start = Instant::now();
            last = work();
            samples.push(start.elapsed().as_secs_f64());
        }
        (percentile(&mut samples, 0.5), last)
    };
    let (whole, start) = time(&|| grid.score(&[]));
    let slid: [Move; 1] = ["8.2:+5".parse().map_err(|p: criteria::rehearsal::MoveProblem| anyhow::anyhow!(p.said().1))?];
    let (one, moved) = time(&|| grid.rescore(&start, &[], &slid));
    anyhow::ensure!(moved == grid.score(&slid), "moving one threshold says something else than scoring everything");
    let found = baselines().await?;
    for b in &found {
        anyhow::ensure!(b.sums == sums(&start), "{} counts {:?}, we count {:?}", b.name, b.sums, sums(&start));
    }
    let fastest = found.iter().map(|b| b.seconds).min_by(f64::total_cmp);
    let said: Vec<String> = found.iter().map(|b| format!("{} {}", ms(b.seconds), if b.name == "duckdb" { "DuckDB" } else { "Polars" })).collect();
    let said = if said.is_empty() {
        "DuckDB and Polars are not installed".to_owned()
    } else {
        format!("{}: the same join and sum, warm, two threads", said.join(", "))
    };
    let passed = start.passed(Reading::Judged);
    for (work, seconds) in [
        (format!("Rehearsal: {UNITS} communes × {INDICATORS} indicators rescored, {passed} pass"), whole),
        ("Rehearsal: the same after one threshold was moved".to_owned(), one),
    ] {
        out.rows.push(Row {
            work,
            goal: "faster than both".to_owned(),
            measured: format!("{:.2} ms", seconds * 1e3),
            baseline: said.clone(),
            ratio: fastest.map(|f| seconds / f),
            reached: fastest.is_some_and(|f| seconds < f),
        });
    }
    Ok(())
}
