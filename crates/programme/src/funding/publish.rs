//! What units owe, published as figures, so that criteria, recognition and reports can read it like any other.

use super::store;
use crate::Programme;
use access::{Context, db_error};
use calendar::Period;
use db::Tx;
use figures::{Entry, Origin, Value};
use std::collections::BTreeSet;
use ui::AppError;
use uuid::Uuid;

/// The measure: nợ đọng xây dựng cơ bản of a commune, a stock at the end of the quarter.
pub const ARREARS: &str = "no_dong_xdcb";

impl Programme {
    /// Records what a unit owes now in the running period of [`ARREARS`], in the transaction that changed its works. Units that
    /// do not report the measure (provinces, wards) keep their works without it.
    pub(crate) async fn publish_in(&self, tx: &mut Tx, ctx: &Context, unit: Uuid) -> Result<usize, AppError> {
        let catalog = self.figures().catalog();
        let Some(known) = catalog.coded(ARREARS) else { return Ok(0) };
        let Some(period) = Period::containing(known.measure.def.period, ctx.today(), &known.cutoff) else { return Ok(0) };
        let view = self.atlas().on(ctx.today());
        let last = self.atlas().on(known.window(period).1);
        let who = known.measure.reporters();
        let Some(tenant) = self.tenant_of(unit).filter(|_| view.reports(unit, &who) && last.reports(unit, &who)) else { return Ok(0) };
        let works = store::works_of_unit_tx(tx, tenant, unit).await.map_err(db_error)?;
        let count = works.iter().filter(|w| !w.removed).count();
        // Stored with six decimals of a million: whole đồng.
        let owed = works.iter().map(super::Works::owed).fold(0_i64, i64::saturating_add).min(figures::LARGEST);
        let reason = Some(format!("{count} công trình trong sổ, ngày {}", lang::show::short_date(ctx.today())));
        let entry = Entry { unit, measure: known.measure.id, period, value: Value::Number(owed), reason, cell: None, seen: None };
        // The note is an address: the figure opens to the works it was made from.
        let origin = Origin { source: "works", note: format!("/tasks/works?unit={unit}"), ..Origin::default() };
        self.figures().record_in(tx, ctx, &[entry], &origin).await
    }

    /// Records what all units with works owe in the running period; called at start, so that a new quarter has its stock.
    ///
    /// # Errors
    /// What the database says.
    pub async fn publish_arrears(&self, ctx: &Context) -> Result<usize, AppError> {
        let Some(nation) = self.atlas().nation() else { return Ok(0) };
        let mut units = BTreeSet::new();
        for tenant in self.tenants_under(nation, ctx.today()) {
            units.extend(store::works_of_tenant(self.db(), tenant).await.map_err(db_error)?.into_iter().map(|w| w.unit));
        }
        let mut made = 0;
        for unit in units {
            let mut tx = self.db().begin().await.map_err(db_error)?;
            made += self.publish_in(&mut tx, ctx, unit).await?;
            tx.commit().await.map_err(db_error)?;
        }
        if made > 0 {
            self.figures().tell();
        }
        Ok(made)
    }
}
