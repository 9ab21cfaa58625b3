//! The rehearsal rows alone: `CONGLANG_BENCH_PYTHON=var/python/bin/python cargo run --release -p bench --example rehearsal`.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut report = bench::Report::default();
    bench::rehearsal::measure(&mut report).await?;
    eprintln!("{}", report.markdown());
    Ok(())
}
