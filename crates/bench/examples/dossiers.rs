//! The rows of work dossiers alone, on an empty database: `cargo run --release -p bench --example dossiers -- sqlite:var/d.db 100000`.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut words = std::env::args().skip(1);
    let address = words.next().unwrap_or_else(|| "sqlite:var/bench.dossiers.db".to_owned());
    let many = words.next().map_or(Ok(bench::dossiers::MANY), |n| n.parse())?;
    let (label, goal) = if address.starts_with("sqlite") { ("SQLite", 300.0) } else { ("PostgreSQL", 1_000.0) };
    let mut report = bench::Report::default();
    bench::dossiers::measure(&address, label, goal, many, &mut report).await?;
    eprintln!("{}", report.markdown());
    Ok(())
}
