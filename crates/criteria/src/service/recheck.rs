//! Random re-checks: a list drawn by lot from what was accepted, always the same for the same seed.

use super::Criteria;
use crate::store::assess::{self, Stage};
use crate::store::office::{self, Recheck};
use access::{Context, Role, db_error};
use sha2::{Digest as _, Sha256};
use ui::AppError;
use uuid::Uuid;

/// Draws `count` of a pool by a seed. The order of the pool does not matter, and whoever has the seed and the pool can draw again.
pub fn draw(pool: &[(Uuid, String)], seed: i64, count: usize) -> Vec<(Uuid, String)> {
    let mut all: Vec<([u8; 32], &(Uuid, String))> = pool
        .iter()
        .map(|item| {
            let mut hash = Sha256::new();
            hash.update(seed.to_be_bytes());
            hash.update(item.0.as_bytes());
            hash.update(item.1.as_bytes());
            (hash.finalize().into(), item)
        })
        .collect();
    all.sort_unstable();
    all.into_iter().take(count).map(|(_, item)| item.clone()).collect()
}

impl Criteria {
    /// Everything accepted as met in a province: what a re-check is drawn from.
    async fn accepted(&self, province: Uuid, code: &str, year: i16) -> Result<Vec<(Uuid, String)>, AppError> {
        let set = self.set(code)?;
        let day = set.judged_on(year);
        let view = self.figures().places().atlas().on(day);
        let under: std::collections::HashSet<Uuid> = view.under(province, set.level).into_iter().collect();
        let tenants = self.tenants_under(province, set.level, day);
        let rows = assess::all(self.db(), code, year, tenants.as_deref()).await.map_err(db_error)?;
        let shelf = self.shelf();
        let mut out = Vec::new();
        for row in rows.iter().filter(|r| under.contains(&r.unit)) {
            let Some(set) = shelf.library.version(code, row.version) else { continue };
            for ((i, stage), outcome) in set.indicators().zip(row.states.chars()).zip(row.outcomes.chars()) {
                if stage == Stage::Accepted.letter() && outcome == crate::model::Outcome::Met.letter() {
                    out.push((row.unit, i.code.clone()));
                }
            }
        }
        Ok(out)
    }

    /// Draws a list to check again and keeps it with its seed.
    ///
    /// # Errors
    /// 403 without a reviewer's role in the province; 404 `unknown_set`; 422 `nothing_to_draw`.
    pub async fn draw_recheck(&self, ctx: &Context, province: Uuid, code: &str, year: i16, count: usize, seed: i64) -> Result<Recheck, AppError> {
        self.current().await;
        self.require_at(ctx, Role::Reviewer, province)?;
        let pool = self.accepted(province, code, year).await?;
        if pool.is_empty() {
            return Err(AppError::new("nothing_to_draw", 422)
                .say("Chưa có chỉ tiêu nào được thẩm định là đạt để rút ngẫu nhiên.", "Nothing has been accepted as met yet.")
                .mend("Thẩm định trước, rồi rút danh sách hậu kiểm.", "Appraise first."));
        }
        let recheck = Recheck {
            id: Uuid::now_v7(),
            seed,
            pool: i64::try_from(pool.len()).unwrap_or(i64::MAX),
            chosen: draw(&pool, seed, count.clamp(1, 500)),
            who_name: ctx.author_name().to_owned(),
            at: calendar::micros(ctx.at),
        };
        let tenant = self.tenant(province)?;
        let mut tx = self.db().begin().await.map_err(db_error)?;
        access::lock_tenant(&mut tx, tenant).await.map_err(db_error)?;
        office::add_recheck(&mut tx, tenant, province, code, year, &recheck).await.map_err(db_error)?;
        let detail = serde_json::json!({"set": code, "year": year, "seed": seed, "count": recheck.chosen.len()});
        access::audit(&mut tx, ctx, tenant, "criteria.recheck", &province.to_string(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        Ok(recheck)
    }

    /// The draws of a province, newest last.
    ///
    /// # Errors
    /// 404 `unknown_unit`; what the database says.
    pub async fn rechecks(&self, province: Uuid, code: &str, year: i16) -> Result<Vec<Recheck>, AppError> {
        office::rechecks(self.db(), self.tenant(province)?, province, code, year).await.map_err(db_error)
    }
}
