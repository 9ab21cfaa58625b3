//! Load and verify only, for working on the core: `cargo run --release -p bench --example core -- <database>`.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "sqlite:/tmp/bench-core.db".to_owned());
    let db = db::Db::open(&address).await?;
    db.migrate(&[access::SCHEMA, places::SCHEMA, figures::SCHEMA]).await?;
    let bare = bench::national::bare_inserts(&db, 200_000).await?;
    eprintln!("bare {bare:.0} rows/s");
    let set = bench::national::load(db.clone()).await?;
    eprintln!("{} lines, {} figures in {:.1} s: {:.0} lines/s", set.lines, set.made, set.seconds, set.lines as f64 / set.seconds);
    let start = std::time::Instant::now();
    let verified = set.figures.verify().await?;
    eprintln!("verify {verified:?} in {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}
