use super::open_ready;
use crate::config::Config;
use calendar::Clock;
use figures::{Figures, Verified};
use places::Places;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Instant;

/// Recomputes all figures and all audit chains.
pub(super) async fn verify(config: &Config) -> anyhow::Result<ExitCode> {
    let db = open_ready(&config.database).await?;
    let figures = Figures::open(Places::open(db.clone(), Clock::system()).await?).await?;
    let casework = casework::Casework::open(figures.clone(), work::Board::new()).await?;
    let began = Instant::now();
    let mut found = figures.verify().await?;
    // Somebody may have been writing between two reads: only what differs again and again differs.
    for _ in 0..2 {
        if found.differences == 0 {
            break;
        }
        found = figures.verify().await?;
    }
    let mut dossiers = casework.recount_dossiers().await?;
    for _ in 0..2 {
        if dossiers.differences.is_empty() {
            break;
        }
        dossiers = casework.recount_dossiers().await?;
    }
    let Verified { figures: compared, lines, differences, examples } = found;
    let mut chains = 0u64;
    let mut acts = 0i64;
    let mut broken = Vec::new();
    for tenant in access::audit_tenants(&db).await? {
        let check = access::verify_audit(&db, tenant).await?;
        chains += 1;
        acts += check.lines;
        if let Some(at) = check.broken_at {
            broken.push(format!("audit of {tenant}: line {at} does not fit (nhật ký bị sửa hoặc thiếu)"));
        }
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "figures compared     {compared}  (số liệu đã đối chiếu)")?;
    writeln!(out, "ledger lines         {lines}  (dòng sổ gốc)")?;
    writeln!(out, "differences          {differences}  (sai khác)")?;
    writeln!(out, "audit chains         {chains} with {acts} lines, {} broken  (nhật ký)", broken.len())?;
    let (counted, shares, differing) = (dossiers.dossiers, dossiers.shares, dossiers.differences.len());
    writeln!(out, "dossiers recounted   {counted} and {shares} shares, {differing} differ  (hồ sơ công việc, tỷ lệ trên mạng)")?;
    writeln!(out, "time                 {:.2} s", began.elapsed().as_secs_f64())?;
    for line in examples.iter().chain(&broken).chain(&dossiers.differences) {
        writeln!(out, "  {line}")?;
    }
    db.close().await;
    Ok(if differences == 0 && broken.is_empty() && dossiers.differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
