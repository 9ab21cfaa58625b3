//! The whole table, on one engine after the other.

use crate::load::steady;
use crate::national::{self, MEASURES, National};
use crate::report::{Report, Row, ms, percentile};
use crate::{acceptance, baseline, workbook};
use anyhow::Context as _;
use db::Db;
use figures::{Ask, Tree};
use places::Level;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use uuid::Uuid;

/// Measures one engine and appends its rows.
///
/// # Errors
/// What goes wrong while measuring; a missed goal is a row, not an error.
pub async fn engine(address: &str, label: &str, goal_lines: f64, program: &Path, out: &mut Report) -> anyhow::Result<()> {
    let db = Db::open(address).await?;
    db.migrate(&[access::SCHEMA, places::SCHEMA, figures::SCHEMA]).await?;
    let bare = national::bare_inserts(&db, 400_000).await?;
    let set = national::load(db.clone()).await?;
    #[expect(clippy::cast_precision_loss, reason = "a rate needs no precision")]
    let rate = set.lines as f64 / set.seconds;
    out.rows.push(Row {
        work: format!("{label}: national set, {} lines with {} figures on both maps", set.lines, set.made),
        goal: format!("≥ {goal_lines:.0} lines/s"),
        measured: format!("{rate:.0} lines/s"),
        baseline: format!("{bare:.0} bare rows/s"),
        ratio: Some(bare / rate),
        reached: rate >= goal_lines,
    });
    verify(&set, label, out).await?;
    acceptance::measure(&set, address, label, out).await?;
    serving(&set, address, label, program, out).await?;
    workbook::measure(&set, label, out).await?;
    db.close().await;
    Ok(())
}

async fn verify(set: &National, label: &str, out: &mut Report) -> anyhow::Result<()> {
    let start = Instant::now();
    let found = set.figures.verify().await?;
    let seconds = start.elapsed().as_secs_f64();
    let duck = baseline::duckdb(set).await?;
    out.rows.push(Row {
        work: format!("{label}: verify, {} figures against {} lines, {} differences", found.figures, found.lines, found.differences),
        goal: "< 10 s, 0 differences".to_owned(),
        measured: format!("{seconds:.1} s"),
        baseline: duck.map_or_else(|| "DuckDB is not installed".to_owned(), |s| format!("{s:.2} s, the same sums in DuckDB from Parquet-like columns")),
        ratio: duck.map(|s| seconds / s),
        reached: seconds < 10.0 && found.differences == 0,
    });
    Ok(())
}

/// A server of our own program on the loaded database.
struct Server {
    child: tokio::process::Child,
    address: SocketAddr,
    started: f64,
}

impl Server {
    async fn start(program: &Path, database: &str) -> anyhow::Result<Server> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let address: SocketAddr = ([127, 0, 0, 1], port).into();
        let start = Instant::now();
        let child = tokio::process::Command::new(program)
            .args(["serve", "--listen", &address.to_string(), "--database", database])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        while !ready(address).await {
            anyhow::ensure!(start.elapsed() < Duration::from_secs(30), "the server did not start");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(Server { child, address, started: start.elapsed().as_secs_f64() })
    }

    /// Highest resident memory in MB.
    fn memory(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()?)).ok()?;
        let kb: f64 = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?.trim().trim_end_matches("kB").trim().parse().ok()?;
        Some(kb / 1024.0)
    }
}

/// Whether the server says that it and its database can serve.
async fn ready(address: SocketAddr) -> bool {
    let ask = async {
        let mut stream = tokio::net::TcpStream::connect(address).await?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n").await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok::<bool, std::io::Error>(answer.starts_with("HTTP/1.1 200"))
    };
    ask.await.unwrap_or(false)
}

async fn serving(set: &National, address: &str, label: &str, program: &Path, out: &mut Report) -> anyhow::Result<()> {
    let server = Server::start(program, address).await?;
    out.rows.push(Row {
        work: format!("{label}: start with the national set, until /readyz says yes"),
        goal: "< 1 s".to_owned(),
        measured: format!("{:.2} s", server.started),
        baseline: String::new(),
        ratio: None,
        reached: server.started < 1.0,
    });
    let atlas = set.figures.places().atlas();
    let view = atlas.on(jiff::civil::date(2024, 12, 14));
    let nation = atlas.nation().context("no nation")?;
    let provinces: Vec<Uuid> = view.all(Level::Province).collect();
    let mixed: Vec<Uuid> = std::iter::once(nation)
        .chain(provinces.iter().copied())
        .chain(view.all(Level::District).step_by(9))
        .chain(view.all(Level::Commune).step_by(101))
        .collect();
    let code = |nth: usize| format!("do_thu_{:02}", nth % MEASURES);
    let json: Vec<String> = mixed.iter().enumerate().map(|(n, u)| format!("/api/v1/figures/trend?measure={}&unit={u}&last=5", code(n))).collect();
    let html: Vec<String> = mixed.iter().enumerate().map(|(n, u)| format!("/measures/{}?unit={u}&period=2024", code(n))).collect();
    let bare = baseline::five_years(set, &mixed).await?;
    for (what, paths) in [("as JSON", json), ("as a page", html)] {
        let p95 = p95(&server, paths, 200, 10).await?;
        out.rows.push(row(format!("{label}: a figure at any level, 5 years, {what}, 200 requests/s"), "p95 < 20 ms", 0.020, p95, bare));
    }
    let twelve = (0..12).map(code).collect::<Vec<_>>().join(",");
    let bare = baseline::level(set, 12, Level::Province, Tree::Today).await?;
    let p = p95(&server, vec![format!("/api/v1/figures?measure={twelve}&period=2024&level=province&tree=today&limit=1000")], 10, 10).await?;
    out.rows.push(row(format!("{label}: 34 provinces × 12 measures, 10 requests/s"), "p95 < 50 ms", 0.050, p, bare));
    let bare = baseline::level(set, 1, Level::Commune, Tree::Today).await?;
    let p = p95(&server, vec![format!("/api/v1/figures?measure={}&period=2024&level=commune&tree=today&limit=5000", code(1))], 5, 10).await?;
    out.rows.push(row(format!("{label}: map of 3,321 communes × 1 measure, 5 requests/s"), "p95 < 80 ms", 0.080, p, bare));
    if let Some(memory) = server.memory() {
        out.rows.push(Row {
            work: format!("{label}: memory while serving the above, highest"),
            goal: "≤ 256 MB".to_owned(),
            measured: format!("{memory:.0} MB"),
            baseline: String::new(),
            ratio: None,
            reached: memory <= 256.0,
        });
    }
    Ok(())
}

async fn p95(server: &Server, paths: Vec<String>, rate: u32, seconds: u64) -> anyhow::Result<f64> {
    // The first answers fill caches of the engine; they are asked once and not counted.
    steady(server.address, paths.clone(), rate, Duration::from_secs(2)).await?;
    let mut samples = steady(server.address, paths, rate, Duration::from_secs(seconds)).await?;
    Ok(percentile(&mut samples, 0.95))
}

fn row(work: String, goal: &str, limit: f64, measured: f64, bare: f64) -> Row {
    Row {
        work,
        goal: goal.to_owned(),
        measured: ms(measured),
        baseline: format!("{} bare SQL", ms(bare)),
        ratio: Some(measured / bare),
        reached: measured < limit,
    }
}

/// A question about one of the measures of the set.
pub(crate) fn ask(set: &National, nth: usize, year: i16, tree: Tree) -> anyhow::Result<Ask> {
    let catalog = set.figures.catalog();
    let id = set.measures.get(nth % MEASURES).copied().context("no measure")?;
    let known = catalog.newest(id).map(Arc::clone).context("no measure")?;
    let period = calendar::Period::year(year).context("no period")?;
    Ok(Ask { known, period, tree })
}
