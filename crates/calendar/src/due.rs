//! The legal clock: a deadline with the table of every day or stretch of hours that was counted or skipped, and why.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};

use crate::rule::{CountRule, DayZero, EdgeOfPause, EndOnDayOff, Measure, OutsideHours};
use crate::why::Why;
use crate::workday::{Day, MOST_DAYS, next};
use crate::{CalendarError, WorkCalendar};

/// A stretch of time in which the clock stands still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Since when.
    pub from: DateTime,
    /// Until when; open while it lasts.
    pub to: Option<DateTime>,
    /// Why, in Vietnamese, such as `chờ bổ sung hồ sơ`.
    pub why_vi: String,
    /// The same in English.
    pub why_en: String,
}

/// More time, with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// How much, in the unit of the limit.
    pub amount: u32,
    /// Why, in the words of whoever granted it.
    pub reason: String,
}

/// What is asked of the clock.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// When the paper came or the step began, in Vietnam.
    pub start: DateTime,
    /// The limit.
    pub amount: u32,
    /// What it is counted in.
    pub measure: Measure,
    /// How.
    pub rule: &'a CountRule,
    /// Pauses in any order; they may touch or overlap.
    pub pauses: &'a [Pause],
    /// More time.
    pub extensions: &'a [Extension],
}

/// A line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The day.
    pub day: Date,
    /// The stretch of it, for hours; the whole day otherwise.
    pub hours: Option<(Time, Time)>,
    /// Whether it counts.
    pub counts: bool,
    /// What has been counted up to and with this line: days, or minutes for hours.
    pub so_far: u32,
    /// Why it counts or not.
    pub why: Why,
}

/// A deadline that explains itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// The last moment; none while the clock stands still.
    pub due: Option<DateTime>,
    /// The limit with all extensions: days, or minutes for hours.
    pub total: u32,
    /// Counted so far; `total` when the end is known.
    pub counted: u32,
    /// Every day or stretch between, from day 0 on.
    pub rows: Vec<Row>,
}

impl Deadline {
    /// The last day, if the end is known.
    pub fn day(&self) -> Option<Date> {
        self.due.map(DateTime::date)
    }
}

/// No table is longer; nine years.
const MOST_ROWS: usize = 3_300;
/// The end of a day on which a limit in days ends (Civil Code 2015, art. 148 para. 6: at twenty-four hours).
const END_OF_DAY: Time = Time::constant(23, 59, 59, 0);

impl WorkCalendar {
    /// Counts a limit and says how.
    ///
    /// # Errors
    /// [`CalendarError::NoData`] for the first day on the way that nothing is known of, [`CalendarError::NoOffice`] when hours
    /// are counted on a day without office hours, [`CalendarError::TooManyDays`].
    pub fn due(&self, ask: &Ask<'_>) -> Result<Deadline, CalendarError> {
        let total = ask.extensions.iter().fold(ask.amount, |sum, e| sum.saturating_add(e.amount));
        let most = if ask.measure == Measure::WorkingHours { MOST_DAYS * 8 } else { MOST_DAYS };
        if total > most {
            return Err(CalendarError::TooManyDays(total));
        }
        let mut table = Table { calendar: self, rows: Vec::new(), so_far: 0 };
        let start = table.received(ask)?;
        match ask.measure {
            Measure::WorkingHours => table.hours(ask, start, total.saturating_mul(60)),
            _ => table.days(ask, start.date(), total),
        }
    }
}

struct Table<'a> {
    calendar: &'a WorkCalendar,
    rows: Vec<Row>,
    so_far: u32,
}

impl Table<'_> {
    fn push(&mut self, day: Date, hours: Option<(Time, Time)>, counted: u32, why: Why) -> Result<(), CalendarError> {
        if self.rows.len() >= MOST_ROWS {
            return Err(CalendarError::TooManyDays(u32::try_from(MOST_ROWS).unwrap_or(u32::MAX)));
        }
        self.so_far += counted;
        self.rows.push(Row { day, hours, counts: counted > 0, so_far: self.so_far, why });
        Ok(())
    }

    /// The instant from which it counts as received, with the days until then.
    fn received(&mut self, ask: &Ask<'_>) -> Result<DateTime, CalendarError> {
        let start = ask.start;
        if ask.rule.outside_hours == OutsideHours::AsFiled {
            return Ok(start);
        }
        let (mut day, calendar) = (start.date(), self.calendar);
        if calendar.is_working_day(day)? {
            let Some(office) = calendar.office(day) else { return Err(CalendarError::NoOffice(day)) };
            if office.closes().is_none_or(|closes| start.time() < closes) {
                return Ok(start);
            }
            self.push(day, None, 0, Why::AfterHours(start.time()))?;
        } else {
            self.push(day, None, 0, Why::FiledOnDayOff)?;
        }
        loop {
            day = next(day)?;
            if calendar.is_working_day(day)? {
                return Ok(day.to_datetime(Time::midnight()));
            }
            let why = Why::of_day(calendar.day(day));
            self.push(day, None, 0, why)?;
        }
    }

    fn days(mut self, ask: &Ask<'_>, zero: Date, total: u32) -> Result<Deadline, CalendarError> {
        let mut day = zero;
        if total == 0 {
            self.push(day, None, 0, Why::DayZero)?;
            return self.ended(ask, day, 0);
        }
        if ask.rule.day_zero == DayZero::NotCounted {
            self.push(day, None, 0, Why::DayZero)?;
            day = next(day)?;
        }
        loop {
            if let Some((pause, open)) = paused(ask, day) {
                let why = Why::Paused(pause.why_vi.clone(), pause.why_en.clone());
                self.push(day, None, 0, why)?;
                if open {
                    return Ok(Deadline { due: None, total, counted: self.so_far, rows: self.rows });
                }
            } else {
                let kind = self.calendar.day(day);
                let counts = if ask.measure == Measure::Days { true } else { kind.worked().ok_or(CalendarError::NoData(day))? };
                let why = if ask.measure == Measure::Days { Why::EveryDay } else { Why::of_day(kind) };
                self.push(day, None, u32::from(counts), why)?;
                if self.so_far >= total {
                    return self.ended(ask, day, total);
                }
            }
            day = next(day)?;
        }
    }

    /// The limit is used up on `day`; a limit in all days may move off a day off.
    fn ended(mut self, ask: &Ask<'_>, day: Date, total: u32) -> Result<Deadline, CalendarError> {
        let mut last = day;
        let end = match ask.rule.end_on_day_off {
            _ if ask.measure != Measure::Days && total > 0 => EndOnDayOff::Stays,
            // Nothing ends before it came.
            EndOnDayOff::PreviousWorkingDay if total == 0 => EndOnDayOff::NextWorkingDay,
            other => other,
        };
        while end != EndOnDayOff::Stays && !self.calendar.is_working_day(last)? {
            last = if end == EndOnDayOff::NextWorkingDay { next(last)? } else { last.yesterday().map_err(|_| CalendarError::NoData(last))? };
            self.push(last, None, 0, Why::MovedTo)?;
        }
        Ok(Deadline { due: Some(last.to_datetime(END_OF_DAY)), total, counted: self.so_far, rows: self.rows })
    }

    fn hours(mut self, ask: &Ask<'_>, start: DateTime, total: u32) -> Result<Deadline, CalendarError> {
        let mut pauses: Vec<&Pause> = ask.pauses.iter().collect();
        pauses.sort_by_key(|p| p.from);
        let mut day = start.date();
        let mut now = start;
        if total == 0 {
            return Ok(Deadline { due: Some(start), total, counted: 0, rows: self.rows });
        }
        loop {
            let kind = self.calendar.day(day);
            if !kind.worked().ok_or(CalendarError::NoData(day))? {
                self.push(day, None, 0, Why::of_day(kind))?;
            } else {
                let Some(office) = self.calendar.office(day).cloned() else { return Err(CalendarError::NoOffice(day)) };
                for (from, to) in office.between(day, now, None) {
                    if let Some(done) = self.stretch(&pauses, (from, to), total)? {
                        return Ok(Deadline { due: done.0, total, counted: self.so_far, rows: self.rows });
                    }
                }
            }
            day = next(day)?;
            now = day.to_datetime(Time::midnight());
        }
    }

    /// Counts one stretch of office hours around the pauses. Some when the end is reached, or the clock stands still for good.
    fn stretch(&mut self, pauses: &[&Pause], window: (DateTime, DateTime), total: u32) -> Result<Option<(Option<DateTime>,)>, CalendarError> {
        let (mut at, end) = window;
        while at < end {
            if let Some(pause) = pauses.iter().find(|p| p.from <= at && p.to.is_none_or(|to| at < to)) {
                let until = pause.to.map_or(end, |to| to.min(end));
                self.push(at.date(), Some((at.time(), until.time())), 0, Why::Paused(pause.why_vi.clone(), pause.why_en.clone()))?;
                if pause.to.is_none() {
                    return Ok(Some((None,)));
                }
                at = until;
                continue;
            }
            let until = pauses.iter().map(|p| p.from).filter(|from| at < *from).min().map_or(end, |from| from.min(end));
            let minutes = u32::try_from(until.duration_since(at).as_mins()).unwrap_or(0);
            let left = total - self.so_far;
            if minutes >= left {
                let due = at.saturating_add(SignedDuration::from_mins(i64::from(left)));
                self.push(at.date(), Some((at.time(), due.time())), left, Why::OfficeHours)?;
                return Ok(Some((Some(due),)));
            }
            if minutes > 0 {
                self.push(at.date(), Some((at.time(), until.time())), minutes, Why::OfficeHours)?;
            }
            at = until;
        }
        Ok(None)
    }
}

/// The pause that keeps a day from counting, and whether it is still open. Days at its edges count as the rule says.
fn paused<'a>(ask: &'a Ask<'_>, day: Date) -> Option<(&'a Pause, bool)> {
    let edge = ask.rule.edge_of_pause;
    ask.pauses.iter().find_map(|pause| {
        let (first, last) = (pause.from.date(), pause.to.map(DateTime::date));
        let begins = day > first || (day == first && edge != EdgeOfPause::FirstCounted);
        let lasts = last.is_none_or(|last| day < last || (day == last && edge != EdgeOfPause::LastCounted));
        (begins && lasts).then_some((pause, pause.to.is_none()))
    })
}

/// Whether budgets per step add up to the whole; the difference when they do not.
pub fn budget_difference(total: u32, steps: &[u32]) -> Option<i64> {
    let sum: i64 = steps.iter().map(|s| i64::from(*s)).sum();
    let difference = sum - i64::from(total);
    (difference != 0).then_some(difference)
}

/// What of a finished stretch was in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Punctual {
    /// Before the last day.
    Early,
    /// In time.
    OnTime,
    /// After the deadline.
    Late,
}

/// Compares an end with its deadline.
pub fn punctual(due: DateTime, ended: DateTime) -> Punctual {
    if ended > due {
        Punctual::Late
    } else if ended.date() < due.date() {
        Punctual::Early
    } else {
        Punctual::OnTime
    }
}

/// The kinds of day that a table can skip or count, used by its words.
pub(crate) type Kind<'a> = Day<'a>;
