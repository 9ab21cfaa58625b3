//! Working days, from data with its source documents.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

use crate::CalendarError;

/// The days off known when the platform was made (`facts/calendar/holidays.toml`).
pub const HOLIDAYS_TOML: &str = include_str!("../../../facts/calendar/holidays.toml");

/// A stretch of days the data speaks for, usually a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkSpan {
    /// The first day spoken for.
    pub from: Date,
    /// The last day spoken for.
    pub to: Date,
    /// The document that says so.
    pub source: String,
    /// Weekdays (and weekends) without work.
    #[serde(default)]
    pub off: Vec<DayOff>,
    /// Saturdays or Sundays worked in exchange for another day.
    #[serde(default)]
    pub working: Vec<Date>,
}

/// Days off with their name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayOff {
    pub from: Date,
    pub to: Date,
    pub name_vi: String,
    pub name_en: String,
}

/// The working days of one authority; days it has no data for are errors, not guesses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkCalendar {
    /// By first day, without overlap.
    spans: Vec<WorkSpan>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    span: Vec<WorkSpan>,
}

/// The longest count of working days, some four years.
const MOST_DAYS: u32 = 1_000;

impl WorkCalendar {
    /// The shipped calendar, far from complete: provinces enter their years.
    ///
    /// # Errors
    /// [`CalendarError::BadData`] if the shipped file is broken (a test says it is not).
    pub fn shipped() -> Result<WorkCalendar, CalendarError> {
        Self::parse(HOLIDAYS_TOML)
    }

    /// Reads a TOML text of `[[span]]` tables (the shape of `facts/calendar/holidays.toml`).
    ///
    /// # Errors
    /// [`CalendarError::BadData`]; unknown keys are refused.
    pub fn parse(toml: &str) -> Result<WorkCalendar, CalendarError> {
        let file: File = toml::from_str(toml).map_err(|error| CalendarError::BadData(error.to_string()))?;
        Self::new(file.span)
    }

    /// A calendar of spans in any order.
    ///
    /// # Errors
    /// [`CalendarError::BadData`] if spans overlap, a day lies outside its span, is listed twice over as off and working,
    /// or a listed working day is no weekend.
    pub fn new(mut spans: Vec<WorkSpan>) -> Result<WorkCalendar, CalendarError> {
        let bad = |what: String| Err(CalendarError::BadData(what));
        spans.sort_by_key(|span| span.from);
        for span in &spans {
            if span.from > span.to {
                return bad(format!("the span from {} ends before it begins", span.from));
            }
            for off in &span.off {
                if off.from > off.to || off.from < span.from || off.to > span.to {
                    return bad(format!("“{}” from {} lies outside its span", off.name_vi, off.from));
                }
            }
            for day in &span.working {
                if !is_weekend(*day) || *day < span.from || *day > span.to {
                    return bad(format!("the working day {day} is no weekend day of its span"));
                }
                if span.off.iter().any(|off| (off.from..=off.to).contains(day)) {
                    return bad(format!("{day} is both off and working"));
                }
            }
        }
        for (earlier, later) in spans.iter().zip(spans.iter().skip(1)) {
            if later.from <= earlier.to {
                return bad(format!("two spans speak for {}", later.from));
            }
        }
        Ok(WorkCalendar { spans })
    }

    /// The spans, by first day.
    pub fn spans(&self) -> &[WorkSpan] {
        &self.spans
    }

    /// Whether the day is a working day.
    ///
    /// # Errors
    /// [`CalendarError::NoData`] if no span speaks for the day.
    pub fn is_working_day(&self, date: Date) -> Result<bool, CalendarError> {
        let span = self.spans.iter().find(|span| (span.from..=span.to).contains(&date)).ok_or(CalendarError::NoData(date))?;
        let off = span.off.iter().any(|off| (off.from..=off.to).contains(&date));
        Ok(!off && (!is_weekend(date) || span.working.contains(&date)))
    }

    /// The `days`th working day after `date` (counting starts the day after); for 0, `date` itself or the next working day.
    ///
    /// # Errors
    /// [`CalendarError::NoData`] for the first day on the way without data; [`CalendarError::TooManyDays`] above 1,000.
    pub fn add_working_days(&self, date: Date, days: u32) -> Result<Date, CalendarError> {
        if days > MOST_DAYS {
            return Err(CalendarError::TooManyDays(days));
        }
        let mut day = date;
        let mut left = days;
        if left == 0 && self.is_working_day(day)? {
            return Ok(day);
        }
        loop {
            let next = day.saturating_add(1.day());
            if next == day {
                return Err(CalendarError::NoData(day));
            }
            day = next;
            if self.is_working_day(day)? {
                left = left.saturating_sub(1);
                if left == 0 {
                    return Ok(day);
                }
            }
        }
    }

    /// How many working days lie after `from` up to and with `to`; 0 if `to` is not later.
    ///
    /// # Errors
    /// [`CalendarError::NoData`] for the first day without data.
    pub fn working_days_between(&self, from: Date, to: Date) -> Result<u32, CalendarError> {
        let mut count = 0;
        let mut day = from;
        while day < to {
            day = day.saturating_add(1.day());
            count += u32::from(self.is_working_day(day)?);
        }
        Ok(count)
    }
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}
