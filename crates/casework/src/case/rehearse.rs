//! Rehearsal: the cases of a year replayed through a changed procedure or calendar, to see which promises would change. Nothing is
//! written.

use super::clock::{count, local};
use super::{ClockRow, TOTAL};
use crate::Casework;
use crate::procedure::{Procedure, StateKind};
use crate::store::case as store;
use access::{Context, Role, db_error};
use calendar::{Punctual, WorkCalendar, punctual};
use std::sync::Arc;
use ui::AppError;
use uuid::Uuid;

/// A case whose promise would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rehearsed {
    /// Case.
    pub case: Uuid,
    /// Title.
    pub title: String,
    /// The clock: empty for the whole, else the title of the state.
    pub clock: String,
    /// The deadline by what is in force.
    pub before: Option<i64>,
    /// The deadline by what is rehearsed.
    pub after: Option<i64>,
    /// Whether it ended late by what is in force, and by what is rehearsed; none while it runs.
    pub late: Option<(bool, bool)>,
}

/// What a rehearsal found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rehearsal {
    /// Cases replayed.
    pub cases: usize,
    /// Clocks counted.
    pub clocks: usize,
    /// Those that would change.
    pub changed: Vec<Rehearsed>,
    /// Ended late by what is in force.
    pub late_before: usize,
    /// Ended late by what is rehearsed.
    pub late_after: usize,
    /// States of past cases that the rehearsed procedure no longer has.
    pub homeless: usize,
}

/// Most cases that are replayed.
const MOST: i64 = 20_000;

impl Casework {
    /// Replays the cases of a procedure opened between two instants through another text of it, another calendar, or both.
    ///
    /// # Errors
    /// 403; 404 `unknown_procedure`.
    pub async fn rehearse(
        &self,
        ctx: &Context,
        code: &str,
        span: (i64, i64),
        changed: Option<&Procedure>,
        calendar: Option<&WorkCalendar>,
    ) -> Result<Rehearsal, AppError> {
        ctx.require_somewhere(Role::Administrator)?;
        let library = self.library();
        let mut out = Rehearsal::default();
        for tenant in self.tenants() {
            let cases = store::of_procedure(self.db(), tenant, code, span.0, span.1, MOST).await.map_err(db_error)?;
            for case in cases {
                let Some(version) = library.version(&case.procedure, case.version) else { continue };
                out.cases += 1;
                let new = changed.unwrap_or(&version.procedure);
                if new.state(&case.state).is_none() {
                    out.homeless += 1;
                }
                for clock in store::clocks(self.db(), tenant, case.id).await.map_err(db_error)? {
                    let own = self.calendar_of(case.holder_unit, local(clock.started_at).date());
                    let other = calendar.map_or_else(|| Arc::clone(&own), |c| Arc::new(c.clone()));
                    let before = counted(&own, &version.procedure, &clock, clock.amount);
                    let after = counted(&other, new, &clock, limit(new, &clock));
                    out.clocks += 1;
                    let late = clock.ended_at.zip(before).zip(after).map(|((end, before), after)| (is_late(before, end), is_late(after, end)));
                    out.late_before += usize::from(late.is_some_and(|l| l.0));
                    out.late_after += usize::from(late.is_some_and(|l| l.1));
                    if before != after {
                        let title = version.procedure.state(&clock.state).map(|s| s.title_vi.clone()).unwrap_or_default();
                        out.changed.push(Rehearsed { case: case.id, title: case.title.clone(), clock: title, before, after, late });
                    }
                }
            }
        }
        Ok(out)
    }
}

fn is_late(due: i64, end: i64) -> bool {
    punctual(local(due), local(end)) == Punctual::Late
}

fn counted(calendar: &WorkCalendar, procedure: &Procedure, clock: &ClockRow, amount: Option<u32>) -> Option<i64> {
    count(calendar, procedure, clock, amount?).due()
}

/// The limit that a procedure sets for a clock.
fn limit(procedure: &Procedure, clock: &ClockRow) -> Option<u32> {
    if clock.clock.starts_with(TOTAL) {
        return procedure.limit.as_ref().and_then(|l| l.amount);
    }
    procedure.state(&clock.state).filter(|s| s.kind != StateKind::End).and_then(|s| s.limit.as_ref()).and_then(|l| l.amount)
}
