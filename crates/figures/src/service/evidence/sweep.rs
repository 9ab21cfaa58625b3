//! The job that scans what waits and rescans what was scanned long ago.

use super::{Library, Scan, Scanner, Verdict};
use crate::store::evidence as store;
use access::Context;
use db::DbError;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Files of one round.
const ROUND: i64 = 50;
/// A file whose scan failed is tried again after so many microseconds.
const AGAIN: i64 = 5 * 60 * 1_000_000;
/// A file is scanned anew after so many microseconds: scanners learn.
const STALE: i64 = 7 * 24 * 3_600 * 1_000_000;

/// What a round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Found clean.
    pub clean: usize,
    /// Found infected.
    pub infected: usize,
    /// Refused by the scanner.
    pub refused: usize,
    /// Left for later: the scanner is gone or was too slow.
    pub later: usize,
}

impl Library {
    /// Scans a round of files that wait; nothing without a scanner. A scanner that is gone ends the round, one that is too slow
    /// ends the turn of that file only.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sweep(&self) -> Result<Swept, DbError> {
        let mut out = Swept::default();
        let Some(scanner) = self.scanner() else { return Ok(out) };
        let now = self.figures.clock().now();
        let at = calendar::micros(now);
        for (tenant, id) in store::to_scan(self.figures.db(), at.saturating_sub(AGAIN), at.saturating_sub(STALE), ROUND).await? {
            if !self.scan_one(&scanner, &Context::system(now), tenant, id, &mut out).await? {
                break;
            }
        }
        Ok(out)
    }

    /// Scans one file; false when the scanner is gone.
    async fn scan_one(&self, scanner: &Arc<dyn Scanner>, ctx: &Context, tenant: Uuid, id: Uuid, out: &mut Swept) -> Result<bool, DbError> {
        let db = self.figures.db();
        let (Some(piece), Some(bytes)) = (store::file(db, tenant, id).await?, store::content(db, tenant, id).await?) else { return Ok(true) };
        let (scan, note) = match scanner.scan(&bytes).await {
            Ok(Verdict::Clean) => (Scan::Clean, String::new()),
            Ok(Verdict::Refused(why)) => (Scan::Refused, why),
            Ok(Verdict::Infected(what)) => (Scan::Infected, what),
            Err(problem @ super::ScanProblem::Gone(_)) => {
                tracing::warn!(%problem, "files wait for their scan");
                out.later += 1;
                return Ok(false);
            }
            // What was clean before stays so until the scanner says otherwise.
            Err(problem @ super::ScanProblem::Timeout) => {
                tracing::warn!(%problem, sha256 = piece.sha256, "a file waits for its scan");
                out.later += 1;
                (piece.scan, problem.to_string())
            }
        };
        let mut tx = db.begin().await?;
        access::lock_tenant(&mut tx, tenant).await?;
        store::scanned(&mut tx, tenant, id, scan, calendar::micros(ctx.at), &note).await?;
        match scan {
            Scan::Clean if note.is_empty() => out.clean += 1,
            Scan::Refused if note != super::ScanProblem::Timeout.to_string() => out.refused += 1,
            Scan::Infected => {
                out.infected += 1;
                tracing::warn!(sha256 = piece.sha256, found = note, "evidence is infected and kept back");
                access::audit(&mut tx, ctx, tenant, "evidence.infected", &id.to_string(), serde_json::json!({"sha256": piece.sha256, "found": note})).await?;
            }
            _ => {}
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Scans for ever: when a file comes in, and every minute what is left. Run it as a task of its own.
    pub async fn keep_scanning(self) {
        loop {
            let bell = &self.figures.evidence_ports().bell;
            let _ = tokio::time::timeout(Duration::from_secs(60), bell.notified()).await;
            match self.sweep().await {
                Ok(swept) if swept != Swept::default() => tracing::info!(?swept, "evidence was scanned"),
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "evidence could not be scanned"),
            }
        }
    }
}
