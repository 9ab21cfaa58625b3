//! Works of a unit that were accepted, and the funds arranged for them: what is left is owed.

use super::model::{LARGEST, arrears};
use super::store;
use crate::Programme;
use access::{Context, Role, db_error};
use jiff::civil::Date;
use std::collections::BTreeMap;
use ui::AppError;
use uuid::Uuid;

/// A project or item of it, as last written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Works {
    /// The unit that owes.
    pub unit: Uuid,
    /// Id.
    pub id: Uuid,
    /// What was built.
    pub title: String,
    /// Value of the volume accepted, đồng.
    pub accepted: i64,
    /// Funds arranged so far, đồng.
    pub arranged: i64,
    /// The document that says so.
    pub document: String,
    /// Day of these numbers.
    pub as_of: Date,
    /// Taken out: entered by mistake.
    pub removed: bool,
    /// Made up for a demonstration.
    pub synthetic: bool,
    /// Number of the last line of its history.
    pub seq: i64,
    /// Who wrote that line.
    pub changed_by: String,
    /// When, microseconds UTC.
    pub changed_at: i64,
}

impl Works {
    /// What is owed, đồng.
    pub fn owed(&self) -> i64 {
        if self.removed { 0 } else { arrears(self.accepted, self.arranged) }
    }
}

/// Works to be written: new ones, or a new line of those with this id.
#[derive(Clone, Debug)]
pub struct NewWorks {
    /// Those that are there; none for new ones.
    pub id: Option<Uuid>,
    /// See [`Works::title`].
    pub title: String,
    /// See [`Works::accepted`].
    pub accepted: i64,
    /// See [`Works::arranged`].
    pub arranged: i64,
    /// See [`Works::document`].
    pub document: String,
    /// See [`Works::as_of`].
    pub as_of: Date,
    /// See [`Works::removed`].
    pub removed: bool,
}

impl Programme {
    /// Writes works of a unit and publishes what it owes now as a figure.
    ///
    /// # Errors
    /// 401/403 without an officer's role in the unit, 404 `unknown_unit`, `unknown_works`, 422 `field_required`, `amount_invalid`, `future_date`.
    pub async fn save_works(&self, ctx: &Context, unit: Uuid, new: &NewWorks) -> Result<(), AppError> {
        let mut tx = self.db().begin().await.map_err(db_error)?;
        self.save_works_in(&mut tx, ctx, unit, new, false).await?;
        tx.commit().await.map_err(db_error)?;
        self.figures().tell();
        Ok(())
    }

    pub(crate) async fn save_works_in(&self, tx: &mut db::Tx, ctx: &Context, unit: Uuid, new: &NewWorks, synthetic: bool) -> Result<(), AppError> {
        ctx.require_signed_in()?;
        let tenant = self.tenant_of(unit).ok_or_else(|| crate::task::unknown_unit("unit"))?;
        if !self.figures().may(ctx, Role::Officer, unit) {
            return Err(crate::task::refuse(ctx, Role::Officer));
        }
        let wrong = |code, at: &'static str, vi: &str, en: &str| Err(AppError::new(code, 422).say(vi, en).mend("Sửa lại ô này.", "Mend it.").at(at));
        let title = crate::task::line(&new.title, 300);
        if title.is_empty() {
            return wrong("field_required", "title", "Chưa ghi tên công trình.", "The works have no name.");
        }
        if !(0..=LARGEST).contains(&new.accepted) {
            return wrong("amount_invalid", "accepted", "Số tiền không hợp lệ.", "The amount is not valid.");
        }
        if !(0..=LARGEST).contains(&new.arranged) {
            return wrong("amount_invalid", "arranged", "Số tiền không hợp lệ.", "The amount is not valid.");
        }
        if new.as_of > ctx.today() {
            return wrong("future_date", "as_of", "Ngày của số liệu chưa tới.", "The day of the numbers lies in the future.");
        }
        access::lock_tenant(tx, tenant).await.map_err(db_error)?;
        let before = match new.id {
            None => None,
            Some(id) => {
                let list = store::works_of_unit_tx(tx, tenant, unit).await.map_err(db_error)?;
                let missing = || AppError::new("unknown_works", 404).say("Không có công trình này.", "There are no such works.");
                Some(list.into_iter().find(|w| w.id == id).ok_or_else(missing)?)
            }
        };
        let works = Works {
            unit,
            id: before.as_ref().map_or_else(Uuid::now_v7, |w| w.id),
            title,
            accepted: new.accepted,
            arranged: new.arranged,
            document: crate::task::line(&new.document, 300),
            as_of: new.as_of,
            removed: new.removed,
            synthetic: synthetic || before.as_ref().is_some_and(|w| w.synthetic),
            seq: before.as_ref().map_or(1, |w| w.seq + 1),
            changed_by: ctx.author_name().to_owned(),
            changed_at: calendar::micros(ctx.at),
        };
        store::save_works(tx, tenant, &works).await.map_err(db_error)?;
        let detail = serde_json::json!({"unit": unit, "title": works.title, "accepted": works.accepted, "arranged": works.arranged, "removed": works.removed});
        access::audit(tx, ctx, tenant, "works.save", &works.id.to_string(), detail).await.map_err(db_error)?;
        self.publish_in(tx, ctx, unit).await.map(drop)
    }

    /// The works of a unit that count.
    ///
    /// # Errors
    /// 401, 403 without any role there.
    pub async fn works_of(&self, ctx: &Context, unit: Uuid) -> Result<Vec<Works>, AppError> {
        ctx.require_signed_in()?;
        if !self.figures().may(ctx, Role::Viewer, unit) {
            return Err(crate::task::refuse(ctx, Role::Viewer));
        }
        let tenant = self.tenant_of(unit).ok_or_else(|| crate::task::unknown_unit("unit"))?;
        let list = store::works_of_unit(self.db(), tenant, unit).await.map_err(db_error)?;
        Ok(list.into_iter().filter(|w| !w.removed).collect())
    }

    /// What each unit under a place owes, in đồng, with the number of its works: only units that have any and the reader may see.
    ///
    /// # Errors
    /// 401; what the database says.
    pub async fn arrears_under(&self, ctx: &Context, place: Uuid) -> Result<BTreeMap<Uuid, (i64, usize)>, AppError> {
        ctx.require_signed_in()?;
        let atlas = self.figures().places().atlas();
        let mut out: BTreeMap<Uuid, (i64, usize)> = BTreeMap::new();
        for tenant in self.tenants_under(place, ctx.today()) {
            for works in store::works_of_tenant(self.db(), tenant).await.map_err(db_error)?.into_iter().filter(|w| !w.removed) {
                let row = out.entry(works.unit).or_default();
                row.0 = row.0.saturating_add(works.owed());
                row.1 += 1;
            }
        }
        out.retain(|unit, _| self.figures().may(ctx, Role::Viewer, *unit) && self.above(&atlas, *unit, ctx.today()).contains(&place));
        Ok(out)
    }
}
