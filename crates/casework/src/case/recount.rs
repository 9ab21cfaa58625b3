//! After a change of a calendar: open deadlines are counted again; the promise stays beside the new date, with the cause. And who is
//! told when a step is late.

use super::{EventRow, NoticeRow};
use crate::Casework;
use crate::store::case as store;
use access::{Context, db_error};
use ui::AppError;
use uuid::Uuid;

/// What was counted again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recounted {
    /// Open cases looked at.
    pub cases: usize,
    /// Among them those whose deadline moved.
    pub moved: usize,
}

impl Casework {
    /// Counts the open deadlines of a tenant again, because of `why` (Vietnamese, English).
    ///
    /// # Errors
    /// What the database says; whole batches are kept or not.
    pub async fn recount_tenant(&self, ctx: &Context, tenant: Uuid, why: (&str, &str)) -> Result<Recounted, AppError> {
        let now = calendar::micros(ctx.at);
        let mut done = Recounted::default();
        let mut after = Uuid::nil();
        loop {
            let mut tx = self.db().begin().await.map_err(db_error)?;
            access::lock_tenant(&mut tx, tenant).await.map_err(db_error)?;
            let cases = store::open_cases_tx(&mut tx, tenant, after, 100).await.map_err(db_error)?;
            let Some(last) = cases.last() else { return Ok(done) };
            after = last.id;
            let before = done.moved;
            for mut case in cases {
                done.cases += 1;
                let Some(version) = self.library().version(&case.procedure, case.version) else { continue };
                let mut clocks = store::clocks_tx(&mut tx, tenant, case.id).await.map_err(db_error)?;
                if !self.recount(&version.procedure, &mut case, &mut clocks, now, why) {
                    continue;
                }
                done.moved += 1;
                case.seq += 1;
                let event = EventRow {
                    seq: case.seq,
                    at: now,
                    who_id: ctx.account_id(),
                    who_name: ctx.author_name().to_owned(),
                    kind: "recount".into(),
                    from: case.state.clone(),
                    to: case.state.clone(),
                    note: why.0.to_owned(),
                    ..EventRow::default()
                };
                store::add_event(&mut tx, tenant, case.id, &event, None).await.map_err(db_error)?;
                store::save(&mut tx, &case).await.map_err(db_error)?;
                self.keep(&mut tx, &case, &clocks, &[]).await?;
            }
            if done.moved > before {
                let detail = serde_json::json!({"moved": done.moved - before, "why": why.0});
                access::audit(&mut tx, ctx, tenant, "case.recount", "", detail).await.map_err(db_error)?;
                tx.commit().await.map_err(db_error)?;
            }
        }
    }

    /// Tells those whom the procedure names of every step of a tenant that has become late. How many.
    ///
    /// # Errors
    /// What the database says.
    pub async fn escalate(&self, ctx: &Context, tenant: Uuid) -> Result<usize, AppError> {
        let now = calendar::micros(ctx.at);
        let late = store::overdue(self.db(), tenant, now, 500).await.map_err(db_error)?;
        let mut told = 0;
        for (id, name) in late {
            let mut tx = self.db().begin().await.map_err(db_error)?;
            access::lock_tenant(&mut tx, tenant).await.map_err(db_error)?;
            let Some(mut case) = store::find_tx(&mut tx, tenant, id).await.map_err(db_error)? else { continue };
            let Some(version) = self.library().version(&case.procedure, case.version) else { continue };
            let clocks = store::clocks_tx(&mut tx, tenant, id).await.map_err(db_error)?;
            let Some(mut clock) = clocks.into_iter().find(|c| c.clock == name && c.open && !c.escalated && c.due.is_some_and(|due| due < now)) else {
                continue;
            };
            clock.escalated = true;
            store::save_clock(&mut tx, tenant, id, &clock).await.map_err(db_error)?;
            let procedure = &version.procedure;
            let mut actors: Vec<String> = procedure.state(&case.state).map(|s| s.escalate_to.clone()).unwrap_or_default();
            if actors.is_empty() {
                actors.push(case.holder.clone());
            }
            for code in &actors {
                let unit = self.holder_of(procedure, code, case.unit, ctx.today());
                let (vi, en) = (format!("Quá hạn: {}", case.title), format!("Late: {}", case.title));
                store::add_notice(&mut tx, tenant, unit, &NoticeRow { id: Uuid::now_v7(), case: id, actor: code.clone(), at: now, vi, en })
                    .await
                    .map_err(db_error)?;
            }
            case.seq += 1;
            let event = EventRow {
                seq: case.seq,
                at: now,
                who_name: ctx.author_name().to_owned(),
                kind: "escalate".into(),
                from: case.state.clone(),
                to: case.state.clone(),
                note: actors.join(", "),
                ..EventRow::default()
            };
            store::add_event(&mut tx, tenant, id, &event, None).await.map_err(db_error)?;
            store::save(&mut tx, &case).await.map_err(db_error)?;
            access::audit(&mut tx, ctx, tenant, "case.escalate", &id.to_string(), serde_json::json!({"clock": name, "told": actors}))
                .await
                .map_err(db_error)?;
            tx.commit().await.map_err(db_error)?;
            told += 1;
        }
        Ok(told)
    }
}
