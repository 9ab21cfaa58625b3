//! Reporting periods: year, half, nine months, quarter, month, day.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{CalendarError, Cutoff};

/// The first and last years a period may name.
pub const YEARS: std::ops::RangeInclusive<i16> = 1900..=2200;

/// The length of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodKind {
    Year,
    Half,
    NineMonths,
    Quarter,
    Month,
    Day,
}

impl PeriodKind {
    /// All kinds, longest first.
    pub const ALL: [PeriodKind; 6] = [Self::Year, Self::NineMonths, Self::Half, Self::Quarter, Self::Month, Self::Day];

    /// The code as serialised: `nine_months`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Half => "half",
            Self::NineMonths => "nine_months",
            Self::Quarter => "quarter",
            Self::Month => "month",
            Self::Day => "day",
        }
    }

    /// The kind of a code.
    pub fn from_code(code: &str) -> Option<PeriodKind> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// "năm", "6 tháng", "9 tháng", "quý", "tháng", "ngày".
    pub fn label_vi(self) -> &'static str {
        match self {
            Self::Year => "năm",
            Self::Half => "6 tháng",
            Self::NineMonths => "9 tháng",
            Self::Quarter => "quý",
            Self::Month => "tháng",
            Self::Day => "ngày",
        }
    }

    /// "year", "half-year" and so on.
    pub fn label_en(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Half => "half-year",
            Self::NineMonths => "nine months",
            Self::Quarter => "quarter",
            Self::Month => "month",
            Self::Day => "day",
        }
    }
}

/// A reporting period. Its text code is `2025`, `2025-H1`, `2025-9M`, `2025-Q2`, `2025-06` or `2025-06-14`
/// (`Display`, `FromStr`, serde); it sorts by year, then kind, then place in the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    year: i16,
    kind: PeriodKind,
    /// 1-based within the year; a day is its day of the year. 1 for a year and for nine months.
    index: i16,
}

impl Period {
    /// The `index`th period of a kind in a year, from 1 (a day by its day of the year).
    pub fn new(year: i16, kind: PeriodKind, index: i16) -> Option<Period> {
        (YEARS.contains(&year) && (1..=per_year(kind, year)).contains(&index)).then_some(Period { year, kind, index })
    }

    /// The year.
    pub fn year(year: i16) -> Option<Period> {
        Self::new(year, PeriodKind::Year, 1)
    }

    /// The first or second half-year.
    pub fn half(year: i16, half: i16) -> Option<Period> {
        Self::new(year, PeriodKind::Half, half)
    }

    /// January to September.
    pub fn nine_months(year: i16) -> Option<Period> {
        Self::new(year, PeriodKind::NineMonths, 1)
    }

    /// Quarter 1 to 4.
    pub fn quarter(year: i16, quarter: i16) -> Option<Period> {
        Self::new(year, PeriodKind::Quarter, quarter)
    }

    /// Month 1 to 12.
    pub fn month(year: i16, month: i16) -> Option<Period> {
        Self::new(year, PeriodKind::Month, month)
    }

    /// A day.
    pub fn day(date: Date) -> Option<Period> {
        Self::new(date.year(), PeriodKind::Day, date.day_of_year())
    }

    /// Its length.
    pub fn kind(self) -> PeriodKind {
        self.kind
    }

    /// The calendar year it belongs to.
    pub fn in_year(self) -> i16 {
        self.year
    }

    /// Its place in the year from 1; a day is its day of the year.
    pub fn index(self) -> i16 {
        self.index
    }

    /// As stored: year × 10000 + 0 (year), 101–102 (halves), 201 (nine months), 301–304 (quarters), 401–412 (months)
    /// or 501–866 (500 + day of the year).
    pub fn to_i64(self) -> i64 {
        i64::from(self.year) * 10_000 + base(self.kind) + if self.kind == PeriodKind::Year { 0 } else { i64::from(self.index) }
    }

    /// The period of a stored number.
    pub fn from_i64(value: i64) -> Option<Period> {
        let year = i16::try_from(value.div_euclid(10_000)).ok()?;
        let rest = value.rem_euclid(10_000);
        let kind = match rest {
            0 => return Self::year(year),
            501.. => PeriodKind::Day,
            401.. => PeriodKind::Month,
            301.. => PeriodKind::Quarter,
            201.. => PeriodKind::NineMonths,
            101.. => PeriodKind::Half,
            _ => return None,
        };
        Self::new(year, kind, i16::try_from(rest - base(kind)).ok()?)
    }

    /// The period before of the same kind; nine months and years step by a year. `None` before 1900.
    pub fn previous(self) -> Option<Period> {
        if self.index > 1 {
            return Self::new(self.year, self.kind, self.index - 1);
        }
        let year = self.year - 1;
        Self::new(year, self.kind, per_year(self.kind, year))
    }

    /// The period after of the same kind. `None` after 2200.
    pub fn next(self) -> Option<Period> {
        Self::new(self.year, self.kind, self.index + 1).or_else(|| Self::new(self.year + 1, self.kind, 1))
    }

    /// The same months (or day) a year earlier; `None` for 29 February.
    pub fn same_period_last_year(self) -> Option<Period> {
        if self.kind != PeriodKind::Day {
            return Self::new(self.year - 1, self.kind, self.index);
        }
        let first = self.first_day();
        Self::day(Date::new(first.year() - 1, first.month(), first.day()).ok()?)
    }

    /// The periods of a kind that lie wholly within this one, in order; itself for its own kind.
    pub fn within(self, kind: PeriodKind) -> Vec<Period> {
        (1..=per_year(kind, self.year)).filter_map(|index| Self::new(self.year, kind, index)).filter(|part| self.contains(*part)).collect()
    }

    /// Whether the other period lies wholly within this one, by calendar days.
    pub fn contains(self, other: Period) -> bool {
        self.year == other.year && self.first_day() <= other.first_day() && other.last_day() <= self.last_day()
    }

    /// The period of a kind whose reporting window under the cut-off holds the date.
    /// `None` outside 1900–2200, and for nine months in the last quarter.
    pub fn containing(kind: PeriodKind, date: Date, cutoff: &Cutoff) -> Option<Period> {
        if kind == PeriodKind::Day {
            return Self::day(date);
        }
        // A window starts within a month of its period's first day, so only the neighbours can hold the date instead.
        let month = i16::from(date.month());
        let index = match kind {
            PeriodKind::Year | PeriodKind::NineMonths | PeriodKind::Day => 1,
            PeriodKind::Half => (month + 5) / 6,
            PeriodKind::Quarter => (month + 2) / 3,
            PeriodKind::Month => month,
        };
        let holds = |period: &Period| {
            let (from, to) = cutoff.window(*period);
            (from..=to).contains(&date)
        };
        let here = Self::new(date.year(), kind, index);
        let after = match here {
            Some(here) => here.next(),
            None => Self::new(date.year() + 1, kind, 1),
        };
        [here, after, here.and_then(Self::previous)].into_iter().flatten().find(holds)
    }

    /// The first calendar day (a cut-off may start the reporting window elsewhere: [`Cutoff::window`]).
    pub fn first_day(self) -> Date {
        match self.kind {
            PeriodKind::Day => day_of_year(self.year, self.index),
            kind => month_start(self.year, (self.index - 1) * months(kind) + 1),
        }
    }

    /// The last calendar day.
    pub fn last_day(self) -> Date {
        match self.kind {
            PeriodKind::Day => self.first_day(),
            kind => month_start(self.year, self.index * months(kind)).last_of_month(),
        }
    }

    /// "năm 2025", "6 tháng đầu năm 2025", "9 tháng năm 2025", "quý II/2025", "tháng 6/2025", "ngày 14/06/2025".
    pub fn label_vi(self) -> String {
        let Period { year, index, .. } = self;
        match self.kind {
            PeriodKind::Year => format!("năm {year}"),
            PeriodKind::Half => format!("6 tháng {} năm {year}", if index == 1 { "đầu" } else { "cuối" }),
            PeriodKind::NineMonths => format!("9 tháng năm {year}"),
            PeriodKind::Quarter => format!("quý {}/{year}", roman(index)),
            PeriodKind::Month => format!("tháng {index}/{year}"),
            PeriodKind::Day => {
                let date = self.first_day();
                format!("ngày {:02}/{:02}/{year}", date.day(), date.month())
            }
        }
    }

    /// "2025", "first half of 2025", "nine months of 2025", "Q2 2025", "June 2025", "14 June 2025".
    pub fn label_en(self) -> String {
        let Period { year, index, .. } = self;
        match self.kind {
            PeriodKind::Year => year.to_string(),
            PeriodKind::Half => format!("{} half of {year}", if index == 1 { "first" } else { "second" }),
            PeriodKind::NineMonths => format!("nine months of {year}"),
            PeriodKind::Quarter => format!("Q{index} {year}"),
            PeriodKind::Month => format!("{} {year}", month_name(index)),
            PeriodKind::Day => {
                let date = self.first_day();
                format!("{} {} {year}", date.day(), month_name(i16::from(date.month())))
            }
        }
    }

    /// The label of a chart's axis, the same in both languages: `2025`, `6T/25`, `9T/25`, `II/25`, `6/25`, `14/6`.
    /// The second half is `6TC/25` (cuối năm).
    pub fn label_axis(self) -> String {
        let (index, short) = (self.index, self.year.rem_euclid(100));
        match self.kind {
            PeriodKind::Year => self.year.to_string(),
            PeriodKind::Half => format!("6T{}/{short:02}", if index == 1 { "" } else { "C" }),
            PeriodKind::NineMonths => format!("9T/{short:02}"),
            PeriodKind::Quarter => format!("{}/{short:02}", roman(index)),
            PeriodKind::Month => format!("{index}/{short:02}"),
            PeriodKind::Day => {
                let date = self.first_day();
                format!("{}/{}", date.day(), date.month())
            }
        }
    }

    /// Reads a text code or the Vietnamese way: "quý II/2025", "6 tháng đầu năm 2025", "9 tháng 2025", "tháng 6/2025",
    /// "năm 2025", "ngày 14/6/2025"; with or without tones, in any case.
    ///
    /// # Errors
    /// [`CalendarError::NotAPeriod`] or [`CalendarError::YearOutOfRange`].
    pub fn parse_vi(text: &str) -> Result<Period, CalendarError> {
        crate::phrase::parse(text)
    }
}

/// What [`Period::to_i64`] adds to the year before the index.
fn base(kind: PeriodKind) -> i64 {
    match kind {
        PeriodKind::Year => 0,
        PeriodKind::Half => 100,
        PeriodKind::NineMonths => 200,
        PeriodKind::Quarter => 300,
        PeriodKind::Month => 400,
        PeriodKind::Day => 500,
    }
}

/// The months a period of the kind spans (a day: none).
fn months(kind: PeriodKind) -> i16 {
    match kind {
        PeriodKind::Year => 12,
        PeriodKind::NineMonths => 9,
        PeriodKind::Half => 6,
        PeriodKind::Quarter => 3,
        PeriodKind::Month => 1,
        PeriodKind::Day => 0,
    }
}

fn per_year(kind: PeriodKind, year: i16) -> i16 {
    match kind {
        PeriodKind::Year | PeriodKind::NineMonths => 1,
        PeriodKind::Half => 2,
        PeriodKind::Quarter => 4,
        PeriodKind::Month => 12,
        PeriodKind::Day => month_start(year, 1).days_in_year(),
    }
}

/// The first of a month; years and months are kept in range by the constructors, so the fallback is never met.
pub(crate) fn month_start(year: i16, month: i16) -> Date {
    i8::try_from(month).ok().and_then(|month| Date::new(year, month, 1).ok()).unwrap_or_default()
}

fn day_of_year(year: i16, day: i16) -> Date {
    month_start(year, 1).saturating_add((i64::from(day) - 1).days())
}

fn roman(index: i16) -> &'static str {
    match index {
        1 => "I",
        2 => "II",
        3 => "III",
        _ => "IV",
    }
}

fn month_name(month: i16) -> &'static str {
    const NAMES: [&str; 12] = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
    usize::try_from(month - 1).ok().and_then(|i| NAMES.get(i)).copied().unwrap_or_default()
}

impl Ord for Period {
    fn cmp(&self, other: &Self) -> Ordering {
        self.to_i64().cmp(&other.to_i64())
    }
}

impl PartialOrd for Period {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Period { year, index, .. } = self;
        match self.kind {
            PeriodKind::Year => write!(f, "{year}"),
            PeriodKind::Half => write!(f, "{year}-H{index}"),
            PeriodKind::NineMonths => write!(f, "{year}-9M"),
            PeriodKind::Quarter => write!(f, "{year}-Q{index}"),
            PeriodKind::Month => write!(f, "{year}-{index:02}"),
            PeriodKind::Day => write!(f, "{}", self.first_day()),
        }
    }
}

impl FromStr for Period {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Period, CalendarError> {
        let bad = || CalendarError::NotAPeriod(text.chars().take(60).collect());
        let (year, rest) = text.split_once('-').unwrap_or((text, ""));
        let digits = |part: &str, len: usize| (part.len() == len && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<i16>().ok()).flatten();
        let year = digits(year, 4).ok_or_else(bad)?;
        if !YEARS.contains(&year) {
            return Err(CalendarError::YearOutOfRange(year.into()));
        }
        let period = match (rest, rest.split_at_checked(1)) {
            ("", _) if !text.contains('-') => Self::year(year),
            ("9M", _) => Self::nine_months(year),
            (_, Some(("H", half))) => digits(half, 1).and_then(|half| Self::half(year, half)),
            (_, Some(("Q", quarter))) => digits(quarter, 1).and_then(|quarter| Self::quarter(year, quarter)),
            (rest, _) => match rest.split_once('-') {
                None => digits(rest, 2).and_then(|month| Self::month(year, month)),
                Some((month, day)) => digits(month, 2).zip(digits(day, 2)).and_then(|(month, day)| {
                    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
                    Self::day(date)
                }),
            },
        };
        period.ok_or_else(bad)
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
