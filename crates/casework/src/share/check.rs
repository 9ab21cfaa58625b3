//! Counting everything again from the events.

use super::store;
use crate::Casework;
use crate::dossier::store as dossiers;
use access::Context;
use db::DbError;
use figures::{Published, Value};
use std::collections::BTreeSet;
use uuid::Uuid;

/// What a recount found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recount {
    /// Dossiers whose steps were made anew from their events.
    pub dossiers: u64,
    /// Shares that were counted anew and compared with the published figure.
    pub shares: u64,
    /// What differs; must be empty.
    pub differences: Vec<String>,
}

impl Casework {
    /// Makes every trace anew from the events, counts every share of the running period anew and compares it with the figure.
    ///
    /// # Errors
    /// What the database says.
    pub async fn recount_dossiers(&self) -> Result<Recount, DbError> {
        let mut found = Recount::default();
        let ctx = Context::system(self.figures().clock().now());
        let tenants: BTreeSet<Uuid> = self.figures().places().atlas().units().iter().map(|u| u.tenant).collect();
        for tenant in tenants {
            let (count, wrong) = dossiers::differing(self.db(), tenant).await?;
            found.dossiers += count;
            found.differences.extend(wrong.iter().take(20).map(|id| format!("dossier {id}: its steps are not those of its events")));
            let everything = ("2000-01-01", "9998-12-31");
            let mut units: BTreeSet<Uuid> = store::units(self.db(), tenant, everything).await?.into_iter().map(|u| u.0).collect();
            units.extend(store::counted(self.db(), tenant).await?.into_iter().map(|u| u.0));
            for unit in units {
                let Ok(share) = self.share(&ctx, unit, ctx.today()).await else { continue };
                if share.of() == 0 || matches!(share.kept, Some(Published::Kept { .. })) {
                    continue;
                }
                found.shares += 1;
                let Some((known, period)) = self.share_measure(unit, ctx.today()) else { continue };
                let lines = figures::store::lines(self.db(), tenant, (known.measure.id, period.to_i64()), unit).await?;
                let says = lines.last().map(|l| l.value.clone());
                let counted = Value::Ratio { n: share.n(), of: share.of() };
                if says.as_ref() != Some(&counted) {
                    found.differences.push(format!("share of {unit} in {period}: counted {}/{}, published {says:?}", share.n(), share.of()));
                }
            }
        }
        Ok(found)
    }
}
