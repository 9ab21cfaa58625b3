//! Working days, from yearly data with its source documents.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

use crate::{CalendarError, Office};

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
    /// The document that says so, for all days that name none of their own.
    pub source: String,
    /// Weekdays (and weekends) without work.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub off: Vec<DayOff>,
    /// Saturdays or Sundays worked in exchange for another day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub working: Vec<WorkedDay>,
    /// Days about which nothing was decided when the data was made; a deadline that reaches one is an error.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<UnknownDay>,
}

/// Why a day is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OffKind {
    /// A holiday by the Labour Code.
    #[default]
    Statutory,
    /// In lieu of a holiday that fell on a weekly day off (Labour Code 2019, art. 111 para. 3).
    Lieu,
    /// Exchanged for a Saturday or Sunday that is worked.
    Swapped,
    /// By a decision of the province.
    Provincial,
    /// For another reason, such as a storm.
    Other,
}

impl OffKind {
    /// The word on the screen.
    pub fn vi(self) -> &'static str {
        match self {
            Self::Statutory => "nghỉ lễ",
            Self::Lieu => "nghỉ bù",
            Self::Swapped => "nghỉ hoán đổi",
            Self::Provincial => "nghỉ theo quyết định của tỉnh",
            Self::Other => "nghỉ khác",
        }
    }

    /// The same in English.
    pub fn en(self) -> &'static str {
        match self {
            Self::Statutory => "public holiday",
            Self::Lieu => "day in lieu",
            Self::Swapped => "exchanged day off",
            Self::Provincial => "off by decision of the province",
            Self::Other => "off for another reason",
        }
    }
}

/// How sure a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Read in a source that is named.
    #[default]
    Source,
    /// Follows from the law and the date alone.
    Law,
    /// General knowledge; its document has not been seen.
    Memory,
}

/// Days off with their name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayOff {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Why.
    #[serde(default)]
    pub kind: OffKind,
    /// Name in Vietnamese.
    pub name_vi: String,
    /// Name in English.
    pub name_en: String,
    /// Its own document, where it is not the span's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// How sure it is.
    #[serde(default)]
    pub confidence: Confidence,
}

/// A weekend day that is worked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkedDay {
    /// The Saturday or Sunday.
    pub day: Date,
    /// The working day that is off for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<Date>,
    /// Its own document, where it is not the span's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// How sure it is.
    #[serde(default)]
    pub confidence: Confidence,
}

/// A day that waits for a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnknownDay {
    /// The day.
    pub day: Date,
    /// What is not known, in Vietnamese.
    pub why_vi: String,
    /// The same in English.
    pub why_en: String,
}

/// What a day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day<'a> {
    /// A usual working day.
    Working,
    /// A weekend day that is worked.
    Worked(&'a WorkedDay),
    /// Saturday or Sunday.
    Weekend,
    /// Off, with its reason and the document.
    Off(&'a DayOff, &'a str),
    /// Undecided or outside all data.
    Unknown(Option<&'a UnknownDay>),
}

impl Day<'_> {
    /// Whether people work; `None` when that is not known.
    pub fn worked(self) -> Option<bool> {
        match self {
            Day::Working | Day::Worked(_) => Some(true),
            Day::Weekend | Day::Off(..) => Some(false),
            Day::Unknown(_) => None,
        }
    }
}

/// The working days and hours of one authority; days it has no data for are errors, not guesses.
///
/// Data comes in layers: what a province says goes before what the nation says, that before what was shipped.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkCalendar {
    /// The layer that decides first comes first; within a layer by first day, without overlap.
    layers: Vec<Vec<WorkSpan>>,
    offices: Vec<Office>,
}

/// The shape of a data file.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    span: Vec<WorkSpan>,
    #[serde(default)]
    office: Vec<Office>,
}

/// The longest count of days, some four years.
pub(crate) const MOST_DAYS: u32 = 1_000;

impl WorkCalendar {
    /// The shipped calendar: the years 2017 to 2026, each day with its source or the mark that it has none.
    ///
    /// # Errors
    /// [`CalendarError::BadData`] if the shipped file is broken (a test says it is not).
    pub fn shipped() -> Result<WorkCalendar, CalendarError> {
        Self::parse(HOLIDAYS_TOML)
    }

    /// Reads a TOML text of `[[span]]` and `[[office]]` tables (the shape of `facts/calendar/holidays.toml`).
    ///
    /// # Errors
    /// [`CalendarError::BadData`]; unknown keys are refused.
    pub fn parse(toml: &str) -> Result<WorkCalendar, CalendarError> {
        let file: File = toml::from_str(toml).map_err(|error| CalendarError::BadData(error.to_string()))?;
        let mut calendar = Self::new(file.span)?;
        for office in &file.office {
            office.check()?;
        }
        calendar.offices = file.office;
        calendar.offices.sort_by_key(|o| std::cmp::Reverse(o.from));
        Ok(calendar)
    }

    /// A calendar of one layer of spans in any order.
    ///
    /// # Errors
    /// [`CalendarError::BadData`] if spans overlap, a day lies outside its span, is listed twice over as off and working,
    /// or a listed working day is no weekend.
    pub fn new(mut spans: Vec<WorkSpan>) -> Result<WorkCalendar, CalendarError> {
        spans.sort_by_key(|span| span.from);
        spans.iter().try_for_each(checked)?;
        for (earlier, later) in spans.iter().zip(spans.iter().skip(1)) {
            if later.from <= earlier.to {
                return Err(CalendarError::BadData(format!("two spans speak for {}", later.from)));
            }
        }
        Ok(WorkCalendar { layers: vec![spans], offices: Vec::new() })
    }

    /// This calendar with another over it: what the other speaks for, it decides.
    pub fn under(mut self, mut over: WorkCalendar) -> WorkCalendar {
        over.layers.append(&mut self.layers);
        over.offices.append(&mut self.offices);
        over
    }

    /// The data as a TOML text, one layer after the other.
    ///
    /// # Errors
    /// [`CalendarError::BadData`] if it cannot be written.
    pub fn to_toml(&self) -> Result<String, CalendarError> {
        let file = File { span: self.layers.iter().flatten().cloned().collect(), office: self.offices.clone() };
        toml::to_string(&file).map_err(|error| CalendarError::BadData(error.to_string()))
    }

    /// All spans, those that decide first in front; within a layer by first day.
    pub fn spans(&self) -> impl Iterator<Item = &WorkSpan> {
        self.layers.iter().flatten()
    }

    /// The office hours of a day, if they were entered.
    pub fn office(&self, day: Date) -> Option<&Office> {
        self.offices.iter().find(|o| o.holds_on(day))
    }

    /// All office hours, those that decide first in front.
    pub fn offices(&self) -> &[Office] {
        &self.offices
    }

    /// What a day is.
    pub fn day(&self, date: Date) -> Day<'_> {
        for spans in &self.layers {
            let at = spans.partition_point(|span| span.to < date);
            let Some(span) = spans.get(at).filter(|span| span.from <= date) else { continue };
            if let Some(off) = span.off.iter().find(|off| (off.from..=off.to).contains(&date)) {
                return Day::Off(off, off.source.as_deref().unwrap_or(&span.source));
            }
            if let Some(worked) = span.working.iter().find(|w| w.day == date) {
                return Day::Worked(worked);
            }
            if let Some(unknown) = span.unknown.iter().find(|u| u.day == date) {
                return Day::Unknown(Some(unknown));
            }
            return if is_weekend(date) { Day::Weekend } else { Day::Working };
        }
        Day::Unknown(None)
    }

    /// Whether the day is a working day.
    ///
    /// # Errors
    /// [`CalendarError::NoData`] if nothing is known about the day.
    pub fn is_working_day(&self, date: Date) -> Result<bool, CalendarError> {
        self.day(date).worked().ok_or(CalendarError::NoData(date))
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
            day = next(day)?;
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
            day = next(day)?;
            count += u32::from(self.is_working_day(day)?);
        }
        Ok(count)
    }
}

fn checked(span: &WorkSpan) -> Result<(), CalendarError> {
    let bad = |what: String| Err(CalendarError::BadData(what));
    let within = |day: Date| span.from <= day && day <= span.to;
    if span.from > span.to {
        return bad(format!("the span from {} ends before it begins", span.from));
    }
    if span.source.trim().is_empty() {
        return bad(format!("the span from {} names no source document", span.from));
    }
    for off in &span.off {
        if off.from > off.to || !within(off.from) || !within(off.to) {
            return bad(format!("“{}” from {} lies outside its span", off.name_vi, off.from));
        }
    }
    for worked in &span.working {
        let day = worked.day;
        if !is_weekend(day) || !within(day) {
            return bad(format!("the working day {day} is no weekend day of its span"));
        }
        if span.off.iter().any(|off| (off.from..=off.to).contains(&day)) {
            return bad(format!("{day} is both off and working"));
        }
    }
    if let Some(unknown) = span.unknown.iter().find(|u| !within(u.day)) {
        return bad(format!("the undecided day {} lies outside its span", unknown.day));
    }
    Ok(())
}

/// The day after.
pub(crate) fn next(day: Date) -> Result<Date, CalendarError> {
    let next = day.saturating_add(1.day());
    if next == day { Err(CalendarError::NoData(day)) } else { Ok(next) }
}

pub(crate) fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}
