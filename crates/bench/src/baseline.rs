//! Baselines of the same run: the bare SQL behind a page, and the same sums in DuckDB.

use crate::national::National;
use crate::report::percentile;
use anyhow::Context as _;
use figures::{Tree, store};
use places::Level;
use std::time::Instant;
use uuid::Uuid;

/// The five statements behind a trend, alone, p95 in seconds.
///
/// # Errors
/// What the database says.
pub async fn five_years(set: &National, places: &[Uuid]) -> anyhow::Result<f64> {
    let mut samples = Vec::new();
    let view = set.figures.places().atlas().on(jiff::civil::date(2024, 12, 14));
    for (nth, place) in places.iter().cycle().take(600).enumerate() {
        let measure = set.measures.get(nth % set.measures.len().max(1)).copied().context("no measures")?;
        let level = view.level(*place).map_or(9, Level::depth);
        let start = Instant::now();
        for period in &set.periods {
            store::of_place(set.figures.db(), (measure, period.to_i64()), 0, level, *place, None).await?;
        }
        samples.push(start.elapsed().as_secs_f64());
    }
    Ok(percentile(&mut samples, 0.95))
}

/// The statements behind a level of places, alone, p95 in seconds.
///
/// # Errors
/// What the database says.
pub async fn level(set: &National, measures: usize, level: Level, tree: Tree) -> anyhow::Result<f64> {
    let mut samples = Vec::new();
    let period = set.periods.last().context("no periods")?.to_i64();
    let tree = if tree == Tree::Today { figures::TODAY } else { figures::THEN };
    for _ in 0..30 {
        let start = Instant::now();
        for measure in set.measures.iter().take(measures) {
            store::at_level(set.figures.db(), (*measure, period), tree, level.depth(), None).await?;
        }
        samples.push(start.elapsed().as_secs_f64());
    }
    Ok(percentile(&mut samples, 0.95))
}

const SUMS: &str = r"
import sys, time
try:
    import duckdb
except ImportError:
    sys.exit(3)
db = duckdb.connect()
db.execute('set threads to 2')
db.execute('create table line as select * from read_csv(?, header=false, columns={''measure'': ''INT'', ''period'': ''INT'', ''unit'': ''INT'', ''district'': ''INT'', ''province'': ''INT'', ''num'': ''BIGINT'', ''den'': ''BIGINT''})', [sys.argv[1]])
start = time.perf_counter()
db.execute('select measure, period, province, district, sum(num), sum(den), count(*) from line group by grouping sets ((measure, period), (measure, period, province), (measure, period, province, district))').fetchall()
print(time.perf_counter() - start)
";

/// Seconds DuckDB takes for the sums of all districts, provinces and the nation over the same lines; none if it is not
/// installed for `python3`.
///
/// # Errors
/// A failing script.
pub async fn duckdb(set: &National) -> anyhow::Result<Option<f64>> {
    use std::io::Write as _;
    let atlas = set.figures.places().atlas();
    let view = atlas.on(jiff::civil::date(2024, 12, 14));
    let path = std::env::temp_dir().join(format!("conglang-bench-{}.csv", std::process::id()));
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path)?);
    let number = |id: Option<Uuid>, list: &[Uuid]| id.and_then(|id| list.iter().position(|x| *x == id)).unwrap_or(0);
    let (districts, provinces): (Vec<Uuid>, Vec<Uuid>) = (view.all(Level::District).collect(), view.all(Level::Province).collect());
    let units: Vec<(usize, usize)> = view.all(Level::Commune).map(|u| (number(view.parent(u), &districts), number(view.province(u), &provinces))).collect();
    for period in &set.periods {
        for measure in 0..set.measures.len() {
            for (unit, (district, province)) in units.iter().enumerate() {
                writeln!(file, "{measure},{},{unit},{district},{province},{},{}", period.in_year(), unit % 977 + measure, unit % 977)?;
            }
        }
    }
    file.flush()?;
    let answer = tokio::process::Command::new(std::env::var("CONGLANG_BENCH_PYTHON").unwrap_or_else(|_| "python3".to_owned()))
        .args(["-c", SUMS])
        .arg(&path)
        .output()
        .await;
    let _ = std::fs::remove_file(&path);
    let Ok(answer) = answer else { return Ok(None) };
    if answer.status.code() == Some(3) {
        return Ok(None);
    }
    anyhow::ensure!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    Ok(Some(String::from_utf8_lossy(&answer.stdout).trim().parse()?))
}
