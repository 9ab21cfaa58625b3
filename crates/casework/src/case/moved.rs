//! Legal successors: when a unit has ended, its open cases go to its heir with a note; their history stays.

use super::EventRow;
use crate::Casework;
use crate::store::case as store;
use access::{Context, db_error};
use jiff::civil::Date;
use places::Basis;
use ui::AppError;
use uuid::Uuid;

/// What moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Cases that go on with another unit.
    pub cases: usize,
    /// Cases of ended units without a known heir; they stay where they are.
    pub stranded: usize,
}

impl Casework {
    /// Moves the open cases of a tenant whose unit has ended to its heir of today. Runs after a change of units and at start;
    /// finding nothing to do costs one index scan.
    ///
    /// # Errors
    /// What the database says.
    pub async fn move_to_successors(&self, ctx: &Context, tenant: Uuid) -> Result<Moved, AppError> {
        let atlas = self.places().atlas();
        let (now, today) = (calendar::micros(ctx.at), ctx.today());
        let mut moved = Moved::default();
        let ended = |unit: Uuid| atlas.unit(unit).is_some_and(|u| u.on(today).is_none());
        let heir_of = |unit: Uuid, then: Date| {
            let heirs = atlas.heirs(unit, then, today, Basis::Population);
            heirs.iter().max_by_key(|h| h.share).map(|h| h.unit).filter(|h| *h != unit && atlas.unit(*h).is_some_and(|u| u.on(today).is_some()))
        };
        if !store::open_units(self.db(), tenant).await.map_err(db_error)?.into_iter().any(ended) {
            return Ok(moved);
        }
        let mut after = Uuid::nil();
        loop {
            let mut tx = self.db().begin().await.map_err(db_error)?;
            access::lock_tenant(&mut tx, tenant).await.map_err(db_error)?;
            let cases = store::open_cases_tx(&mut tx, tenant, after, 200).await.map_err(db_error)?;
            let Some(last) = cases.last() else { return Ok(moved) };
            after = last.id;
            let mut wrote = false;
            for mut case in cases {
                if !ended(case.unit) && !ended(case.holder_unit) {
                    continue;
                }
                let then = super::clock::local(case.opened_at).date();
                let heir = if ended(case.unit) { heir_of(case.unit, then) } else { Some(case.unit) };
                let (Some(heir), Some(version)) = (heir, self.library().version(&case.procedure, case.version)) else {
                    moved.stranded += 1;
                    continue;
                };
                let (old, held) = (case.unit, case.holder_unit);
                case.unit = heir;
                case.holder_unit = self.holder_of(&version.procedure, &case.holder, heir, today);
                if ended(case.holder_unit) {
                    moved.stranded += 1;
                    continue;
                }
                // Who worked on it in a unit that is no more may not work in the new one.
                if case.holder_unit != held {
                    case.assignee_id = None;
                    case.assignee.clear();
                }
                for task in store::tasks_tx(&mut tx, tenant, case.id).await.map_err(db_error)?.iter().filter(|t| t.open && ended(t.holder_unit)) {
                    let holder = self.holder_of(&version.procedure, &task.holder, heir, today);
                    store::move_task(&mut tx, tenant, case.id, task, holder).await.map_err(db_error)?;
                }
                let (from, to) = if old == heir { (held, case.holder_unit) } else { (old, heir) };
                let note = format!("{} → {}", atlas.full_name(from, then), atlas.full_name(to, today));
                case.seq += 1;
                let event = EventRow {
                    seq: case.seq,
                    at: now,
                    who_name: ctx.author_name().to_owned(),
                    kind: "move".into(),
                    from: case.state.clone(),
                    to: case.state.clone(),
                    note: note.clone(),
                    ..EventRow::default()
                };
                store::add_event(&mut tx, tenant, case.id, &event, None).await.map_err(db_error)?;
                store::save(&mut tx, &case).await.map_err(db_error)?;
                access::audit(&mut tx, ctx, tenant, "case.move", &case.id.to_string(), serde_json::json!({"from": from, "to": to, "note": note}))
                    .await
                    .map_err(db_error)?;
                moved.cases += 1;
                wrote = true;
            }
            if wrote {
                tx.commit().await.map_err(db_error)?;
            }
        }
    }
}
