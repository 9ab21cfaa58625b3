//! Reporting windows: from which day to which day a period's data count.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use crate::period::month_start;
use crate::{CalendarError, Period, PeriodKind};

/// The schemes shipped with the platform (`facts/calendar/reporting.toml`).
pub const REPORTING_TOML: &str = include_str!("../../../facts/calendar/reporting.toml");

/// The schemes of a file by code.
pub type Schemes = BTreeMap<String, Cutoff>;

/// One scheme of reporting windows. Windows follow each other without gap or overlap: each ends the day before
/// the window of the following month starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cutoff {
    pub title_vi: String,
    pub title_en: String,
    /// The document and article the scheme comes from.
    pub source: String,
    /// By the first month they hold for; never empty, the first holds for all earlier time too.
    rules: Vec<Rule>,
}

/// Where windows start, for periods that begin in or after a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    /// The first day of the month the rule holds from; absent: from ever.
    #[serde(default)]
    from: Option<Month>,
    /// The day of the month a window starts on, 1 to 28.
    start_day: i8,
    /// Whether that day lies in the month before the period.
    #[serde(default)]
    in_previous_month: bool,
}

/// A month in a data file, as a period code.
type Month = Period;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    scheme: BTreeMap<String, Scheme>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scheme {
    title_vi: String,
    title_en: String,
    source: String,
    rule: Vec<Rule>,
}

impl Cutoff {
    /// Plain calendar months and years.
    pub fn calendar() -> Cutoff {
        Cutoff {
            title_vi: "Theo tháng dương lịch".into(),
            title_en: "Calendar months".into(),
            source: String::new(),
            rules: vec![Rule { from: None, start_day: 1, in_previous_month: false }],
        }
    }

    /// A shipped scheme: `nd09`, `calendar`.
    ///
    /// # Errors
    /// [`CalendarError::BadData`] for an unknown code.
    pub fn shipped(code: &str) -> Result<Cutoff, CalendarError> {
        Self::parse(REPORTING_TOML)?.remove(code).ok_or_else(|| CalendarError::BadData(format!("no scheme “{code}”")))
    }

    /// Reads the schemes of a TOML text (the shape of `facts/calendar/reporting.toml`).
    ///
    /// # Errors
    /// [`CalendarError::BadData`] naming the place; unknown keys are refused.
    pub fn parse(toml: &str) -> Result<Schemes, CalendarError> {
        let file: File = toml::from_str(toml).map_err(|error| CalendarError::BadData(error.to_string()))?;
        file.scheme
            .into_iter()
            .map(|(code, scheme)| {
                check(&scheme.rule).map_err(|what| CalendarError::BadData(format!("scheme “{code}”: {what}")))?;
                let Scheme { title_vi, title_en, source, rule } = scheme;
                Ok((code, Cutoff { title_vi, title_en, source, rules: rule }))
            })
            .collect()
    }

    /// The first and last day whose data belong to the period. A day is its own window.
    pub fn window(&self, period: Period) -> (Date, Date) {
        if period.kind() == PeriodKind::Day {
            return (period.first_day(), period.last_day());
        }
        let next_month = period.last_day().saturating_add(1.day());
        (self.start(period.first_day()), self.start(next_month).saturating_sub(1.day()))
    }

    /// Where the window of a month (given by its first day) starts.
    fn start(&self, first: Date) -> Date {
        let holds = |rule: &&Rule| rule.from.is_none_or(|from| from.first_day() <= first);
        let rule = self.rules.iter().rev().find(holds).or(self.rules.first());
        let (day, previous) = rule.map_or((1, false), |rule| (rule.start_day, rule.in_previous_month));
        let month = if previous { first.saturating_sub(1.month()) } else { first };
        month_start(month.year(), i16::from(month.month())).saturating_add((i64::from(day) - 1).days())
    }
}

fn check(rules: &[Rule]) -> Result<(), String> {
    if rules.is_empty() {
        return Err("no rule".into());
    }
    for rule in rules {
        if !(1..=28).contains(&rule.start_day) {
            return Err(format!("start_day {} is not between 1 and 28", rule.start_day));
        }
        if rule.from.is_some_and(|from| from.kind() != PeriodKind::Month) {
            return Err("from must be a month such as 2019-04".into());
        }
    }
    for (earlier, later) in rules.iter().zip(rules.iter().skip(1)) {
        if later.from.is_none() || later.from <= earlier.from {
            return Err("rules must come in the order of their months".into());
        }
        if !earlier.in_previous_month && later.in_previous_month && later.start_day <= earlier.start_day {
            return Err("the change of rules leaves a month without a day".into());
        }
    }
    Ok(())
}
