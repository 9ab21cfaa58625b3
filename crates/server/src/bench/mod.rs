//! Benchmarks: each prints its table, with the baseline measured in the same run; none is a timed test.

mod start;

use crate::config::Config;

/// `conglang bench`.
#[derive(Debug, clap::Args)]
pub struct Bench {
    #[command(subcommand)]
    what: Option<What>,
}

/// One benchmark; without a word all of them run.
#[derive(Clone, Copy, Debug, clap::Subcommand)]
enum What {
    /// How long opening the database takes before the first page can be answered
    Start,
}

/// Runs a benchmark.
///
/// # Errors
/// What stopped it.
pub async fn run(config: &Config, bench: Bench) -> anyhow::Result<()> {
    let all = [What::Start];
    for what in bench.what.as_ref().map_or(all.as_slice(), std::slice::from_ref) {
        match what {
            What::Start => start::run(config).await?,
        }
    }
    Ok(())
}
