//! One act hands a task down to many communes, each with a part of its own. Doing it again adds only those who have none yet.

use super::model::{Due, State, Task};
use super::service::{refuse, unknown_unit};
use super::store;
use crate::Programme;
use access::{Context, Role, db_error};
use std::collections::BTreeSet;
use ui::AppError;
use uuid::Uuid;

/// Most parts of one act.
const MOST: usize = 4_000;

/// What handing down did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cascaded {
    /// Parts made now.
    pub made: usize,
    /// Units that had their part already.
    pub had: usize,
}

impl Programme {
    /// Hands a task down to units under its owner. The parts get the same words and, unless another is named, the same deadline,
    /// counted from today.
    ///
    /// # Errors
    /// 401/403 without a reviewer's role above the owner; 404 `unknown_task`, `unknown_unit`; 409 `act_not_possible` when it has ended;
    /// 422 `unit_not_under`, `too_many_units`, `field_required`.
    pub async fn cascade_task(&self, ctx: &Context, id: Uuid, units: &[Uuid], due: Option<Due>) -> Result<Cascaded, AppError> {
        let atlas = self.figures().places().atlas();
        let today = ctx.today();
        let units: BTreeSet<Uuid> = units.iter().copied().collect();
        if units.is_empty() {
            return Err(AppError::new("field_required", 422)
                .say("Chưa chọn xã nào.", "No commune was chosen.")
                .mend("Đánh dấu các xã cần giao.", "Tick the communes.")
                .at("units"));
        }
        if units.len() > MOST {
            return Err(AppError::new("too_many_units", 422).say("Tối đa 4.000 đơn vị một lần.", "At most 4,000 units at once.").at("units"));
        }
        let mut tenants: BTreeSet<Uuid> = BTreeSet::new();
        for unit in &units {
            tenants.insert(self.tenant_of(*unit).ok_or_else(|| unknown_unit("units"))?);
        }
        let mut tx = self.db().begin().await.map_err(db_error)?;
        // In one order, so that two who hand down at the same time never wait for each other.
        let seen = self.task(ctx, id).await?;
        tenants.insert(seen.tenant);
        for tenant in &tenants {
            access::lock_tenant(&mut tx, *tenant).await.map_err(db_error)?;
        }
        let mut task = self.task_locked(&mut tx, ctx, id, None).await?;
        if !self.figures().may(ctx, Role::Reviewer, task.owner.unit) {
            return Err(refuse(ctx, Role::Reviewer));
        }
        if !task.state.open() {
            return Err(
                AppError::new("act_not_possible", 409).say("Nhiệm vụ đã kết thúc nên không giao xuống được.", "The task has ended; it cannot be handed down.")
            );
        }
        for unit in &units {
            if *unit == task.owner.unit || !self.above(&atlas, *unit, today).contains(&task.owner.unit) {
                let name = atlas.full_name(*unit, today);
                return Err(AppError::new("unit_not_under", 422)
                    .say(format!("{name} không trực thuộc đơn vị chủ trì."), format!("{name} does not lie under the task's owner."))
                    .mend("Chỉ chọn đơn vị trong địa bàn của đơn vị chủ trì.", "Choose units under the owner only.")
                    .at("units"));
            }
        }
        let have: BTreeSet<Uuid> = store::children_tx(&mut tx, task.tenant, id).await.map_err(db_error)?.into_iter().map(|c| c.0).collect();
        let mut out = Cascaded { made: 0, had: units.intersection(&have).count() };
        for unit in units.difference(&have) {
            let part = self.part(ctx, &task, *unit, due);
            self.add_task(&mut tx, ctx, &part).await?;
            store::add_child(&mut tx, (task.tenant, id), *unit, (part.tenant, part.id)).await.map_err(db_error)?;
            out.made += 1;
        }
        if out.made > 0 {
            task.seq += 1;
            let words = format!("{} đơn vị", out.made);
            let event = self.event(ctx, task.seq, "cascade", None, &words);
            store::save(&mut tx, &task, event.at).await.map_err(db_error)?;
            store::add_event(&mut tx, task.tenant, id, &event).await.map_err(db_error)?;
            let detail = serde_json::json!({"made": out.made, "had": out.had});
            access::audit(&mut tx, ctx, task.tenant, "task.cascade", &id.to_string(), detail).await.map_err(db_error)?;
        }
        tx.commit().await.map_err(db_error)?;
        self.figures().tell();
        Ok(out)
    }

    pub(super) fn part(&self, ctx: &Context, task: &Task, unit: Uuid, due: Option<Due>) -> Task {
        let mut part = task.clone();
        part.id = Uuid::now_v7();
        part.tenant = self.tenant_of(unit).unwrap_or(task.tenant);
        part.parent = Some((task.tenant, task.id));
        part.owner = super::Party { unit, ..super::Party::default() };
        part.support = Vec::new();
        part.issuer = task.owner.unit;
        part.assigned = ctx.today();
        part.due = due.unwrap_or(task.due);
        (part.state, part.seq, part.done_on, part.done_by) = (State::New, 1, None, None);
        part.everybody = false;
        ctx.author_name().clone_into(&mut part.made_by);
        part.made_at = calendar::micros(ctx.at);
        part
    }
}
