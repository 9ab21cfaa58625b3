//! `conglang bench`: the table of `docs/performance.md`, each row beside its baseline of the same run; none is a timed test.

use ::bench::Report;
use anyhow::Context as _;
use db::Db;
use std::path::{Path, PathBuf};

/// `conglang bench`.
#[derive(Debug, clap::Args)]
pub struct Bench {
    /// A file that is made anew for SQLite
    #[arg(long, default_value = "var/bench.db")]
    sqlite: PathBuf,
    /// A maintenance database of a PostgreSQL where the database `conglang_bench` may be made anew
    #[arg(long, env = "CONGLANG_TEST_POSTGRES")]
    postgres: Option<String>,
    /// Where the table is also written, between the two marks of that file
    #[arg(long)]
    write: Option<PathBuf>,
}

/// Measures and prints the table.
///
/// # Errors
/// What stopped it; a missed goal is a row.
pub async fn run(bench: Bench) -> anyhow::Result<()> {
    let program = std::env::current_exe()?;
    let mut report = Report::default();
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", bench.sqlite.display()));
    }
    if let Some(folder) = bench.sqlite.parent() {
        std::fs::create_dir_all(folder)?;
    }
    ::bench::run::engine(&format!("sqlite:{}", bench.sqlite.display()), "SQLite", 100_000.0, &program, &mut report).await?;
    if let Some(maintenance) = &bench.postgres {
        let address = fresh(maintenance).await?;
        ::bench::run::engine(&address, "PostgreSQL", 50_000.0, &program, &mut report).await?;
    }
    ::bench::rehearsal::measure(&mut report).await?;
    let dossiers = bench.sqlite.with_extension("dossiers.db");
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", dossiers.display()));
    }
    ::bench::dossiers::measure(&format!("sqlite:{}", dossiers.display()), "SQLite", 300.0, ::bench::dossiers::MANY, &mut report).await?;
    if let Some(maintenance) = &bench.postgres {
        ::bench::dossiers::measure(&fresh(maintenance).await?, "PostgreSQL", 1_000.0, ::bench::dossiers::MANY, &mut report).await?;
    }
    let table = report.markdown();
    #[expect(clippy::print_stdout, reason = "the table is what the command is for")]
    {
        println!("{table}");
    }
    match &bench.write {
        Some(path) => write(path, &table),
        None => Ok(()),
    }
}

/// The database of the bench, dropped and made again. The addresses differ in the last part of their path only.
async fn fresh(maintenance: &str) -> anyhow::Result<String> {
    let name = "conglang_bench";
    let db = Db::open(maintenance).await?;
    db.recreate(name).await?;
    db.close().await;
    let (base, query) = maintenance.split_once('?').map_or((maintenance, String::new()), |(base, query)| (base, format!("?{query}")));
    let (server, _) = base.rsplit_once('/').context("the address names no database")?;
    Ok(format!("{server}/{name}{query}"))
}

const BEGIN: &str = "<!-- table -->";
const END: &str = "<!-- /table -->";

fn write(path: &Path, table: &str) -> anyhow::Result<()> {
    let old = std::fs::read_to_string(path)?;
    let (before, rest) = old.split_once(BEGIN).context("the file has no mark for the table")?;
    let (_, after) = rest.split_once(END).context("the file has no mark for the end of the table")?;
    std::fs::write(path, format!("{before}{BEGIN}\n\n{table}\n{END}{after}"))?;
    Ok(())
}
