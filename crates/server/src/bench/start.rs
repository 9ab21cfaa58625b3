use crate::app::{App, Settings};
use crate::cli;
use crate::config::Config;
use calendar::Clock;
use std::io::Write as _;
use std::time::Instant;

const ROUNDS: usize = 5;

/// Opens the application a few times; the baseline is one answer of the bare database.
pub(super) async fn run(config: &Config) -> anyhow::Result<()> {
    let mut open = Vec::new();
    let mut bare = Vec::new();
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let db = cli::open(&config.database).await?;
        db.ping().await?;
        bare.push(began.elapsed());
        let app = App::open(db.clone(), Clock::system(), Settings::default()).await?;
        open.push(began.elapsed());
        drop(app);
        db.close().await;
    }
    open.sort_unstable();
    bare.sort_unstable();
    let middle = |list: &[std::time::Duration]| list.get(list.len() / 2).map_or(0.0, |d| d.as_secs_f64() * 1_000.0);
    let mut out = std::io::stdout().lock();
    writeln!(out, "start (median of {ROUNDS})   {:>8.1} ms   bare opening of the database {:>8.1} ms", middle(&open), middle(&bare))?;
    Ok(())
}
