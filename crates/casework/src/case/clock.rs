//! The clocks of a case: what they are counted to, and how that looks.

use super::{CaseRow, ClockRow, StoredPause};
use crate::Casework;
use crate::procedure::Procedure;
use calendar::{Ask, CalendarError, Deadline, Extension, Pause, Punctual, from_micros, local_time, punctual};
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use uuid::Uuid;

/// What a count gives: a deadline, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Counted, with its table; the end is open while the clock stands still.
    Deadline(Deadline),
    /// The limit is not known: its document has not been read.
    NoLimit,
    /// The calendar lacks a day or the office hours.
    NoCalendar(CalendarError),
}

impl Counted {
    /// The deadline in microseconds.
    pub fn due(&self) -> Option<i64> {
        match self {
            Counted::Deadline(deadline) => deadline.due.map(instant),
            Counted::NoLimit | Counted::NoCalendar(_) => None,
        }
    }
}

/// How a clock stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Ended, compared with its deadline.
    Ended(Punctual),
    /// Past its deadline.
    Late,
    /// Runs.
    Running,
    /// Stands still.
    Paused,
    /// Has no deadline.
    Open,
}

/// An instant as a time of day in Vietnam.
pub(crate) fn local(micros: i64) -> DateTime {
    from_micros(micros).map(local_time).unwrap_or_default()
}

/// A time of day in Vietnam as an instant.
pub(crate) fn instant(at: DateTime) -> i64 {
    let zone = TimeZone::fixed(Offset::constant(7));
    zone.to_timestamp(at).map_or(i64::MAX, |at| at.as_microsecond())
}

impl ClockRow {
    /// How it stands.
    pub fn standing(&self, now: i64) -> Standing {
        match (self.ended_at, self.due) {
            (Some(ended), Some(due)) => Standing::Ended(punctual(local(due), local(ended))),
            (Some(_), None) => Standing::Open,
            (None, _) if self.pauses.iter().any(|p| p.to.is_none()) => Standing::Paused,
            (None, Some(due)) if now > due => Standing::Late,
            (None, Some(_)) => Standing::Running,
            (None, None) => Standing::Open,
        }
    }

    /// Stops it for a cause, unless it stands already.
    pub(crate) fn pause(&mut self, at: i64, vi: &str, en: &str) {
        if self.open && !self.pauses.iter().any(|p| p.to.is_none()) {
            self.pauses.push(StoredPause { from: at, to: None, vi: vi.to_owned(), en: en.to_owned() });
        }
    }

    /// Lets it run on.
    pub(crate) fn resume(&mut self, at: i64) {
        for pause in self.pauses.iter_mut().filter(|p| p.to.is_none()) {
            pause.to = Some(at);
        }
    }
}

impl Casework {
    /// Counts a clock of a case by the calendar of the unit that holds it, as it is now.
    pub(crate) fn count(&self, procedure: &Procedure, holder: Uuid, clock: &ClockRow) -> Counted {
        let Some(amount) = clock.amount else { return Counted::NoLimit };
        let calendar = self.calendar_of(holder, local(clock.started_at).date());
        count(&calendar, procedure, clock, amount)
    }

    /// Counts it and writes the deadline into it; the first deadline becomes the promise. Whether the deadline moved.
    pub(crate) fn settle(&self, procedure: &Procedure, holder: Uuid, clock: &mut ClockRow) -> bool {
        let due = self.count(procedure, holder, clock).due();
        let moved = clock.due != due;
        clock.due = due;
        if clock.promised.is_none() {
            clock.promised = due;
        }
        moved
    }

    /// A clock that begins now.
    pub(crate) fn start(&self, name: String, state: &str, limit: &crate::procedure::Limit, at: i64) -> ClockRow {
        ClockRow {
            clock: name,
            state: state.to_owned(),
            started_at: at,
            amount: limit.amount,
            measure: limit.measure,
            promised: None,
            due: None,
            ended_at: None,
            open: true,
            escalated: false,
            pauses: vec![],
            extensions: vec![],
            causes: vec![],
        }
    }
}

/// Counts a clock by a calendar.
pub(crate) fn count(calendar: &calendar::WorkCalendar, procedure: &Procedure, clock: &ClockRow, amount: u32) -> Counted {
    let pauses: Vec<Pause> =
        clock.pauses.iter().map(|p| Pause { from: local(p.from), to: p.to.map(local), why_vi: p.vi.clone(), why_en: p.en.clone() }).collect();
    let extensions: Vec<Extension> = clock.extensions.iter().map(|e| Extension { amount: e.amount, reason: e.reason.clone() }).collect();
    let ask = Ask { start: local(clock.started_at), amount, measure: clock.measure, rule: &procedure.count, pauses: &pauses, extensions: &extensions };
    match calendar.due(&ask) {
        Ok(deadline) => Counted::Deadline(deadline),
        Err(error) => Counted::NoCalendar(error),
    }
}

/// The next deadline of a case: the earliest of its running clocks.
pub(crate) fn next_due(clocks: &[ClockRow]) -> Option<i64> {
    clocks.iter().filter(|c| c.open).filter_map(|c| c.due).min()
}

/// Ends what runs.
pub(crate) fn end_all(clocks: &mut [ClockRow], at: i64, which: impl Fn(&ClockRow) -> bool) {
    for clock in clocks.iter_mut().filter(|c| c.open && which(c)) {
        clock.resume(at);
        clock.ended_at = Some(at);
        clock.open = false;
    }
}

/// The clock of the whole.
pub(crate) fn total(clocks: &mut [ClockRow]) -> Option<&mut ClockRow> {
    clocks.iter_mut().find(|c| c.clock == super::TOTAL && c.open)
}

/// The unit by whose calendar the clocks of a case run: the one that holds it.
pub(crate) fn home(case: &CaseRow) -> Uuid {
    case.holder_unit
}
