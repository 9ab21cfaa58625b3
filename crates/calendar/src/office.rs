//! Office hours: when papers are taken and hours are counted.

use jiff::civil::{Date, DateTime, Time};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::CalendarError;

/// The office hours of an authority between two dates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Office {
    /// First day.
    pub from: Date,
    /// Last day; open when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
    /// Stretches of a working day, such as `07:30-11:30`, in order.
    pub windows: Vec<Window>,
    /// The document that says so.
    pub source: String,
}

/// A stretch of a day, written `07:30-11:30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First minute.
    pub from: Time,
    /// First minute after.
    pub to: Time,
}

impl Serialize for Window {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.from.strftime("%H:%M"), self.to.strftime("%H:%M"))
    }
}

impl<'de> Deserialize<'de> for Window {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl std::str::FromStr for Window {
    type Err = String;

    fn from_str(text: &str) -> Result<Window, String> {
        let read = |part: &str| Time::strptime("%H:%M", part.trim()).ok();
        match text.split_once(['-', '–']).map(|(from, to)| (read(from), read(to))) {
            Some((Some(from), Some(to))) if from < to => Ok(Window { from, to }),
            _ => Err(format!("“{text}” is not a stretch of a day such as 07:30-11:30")),
        }
    }
}

impl Office {
    /// Whether these hours hold on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    /// When the office closes for the day.
    pub fn closes(&self) -> Option<Time> {
        self.windows.last().map(|w| w.to)
    }

    /// The stretches of a working day that lie between two instants.
    pub(crate) fn between(&self, day: Date, from: DateTime, to: Option<DateTime>) -> Vec<(DateTime, DateTime)> {
        let mut out = Vec::new();
        for window in &self.windows {
            let (start, end) = (day.to_datetime(window.from).max(from), to.map_or(day.to_datetime(window.to), |to| to.min(day.to_datetime(window.to))));
            if start < end {
                out.push((start, end));
            }
        }
        out
    }

    /// # Errors
    /// [`CalendarError::BadData`] if there is no stretch, they overlap, or the source is missing.
    pub(crate) fn check(&self) -> Result<(), CalendarError> {
        let bad = |what: &str| Err(CalendarError::BadData(format!("the office hours from {}: {what}", self.from)));
        if self.windows.is_empty() {
            return bad("no stretch of a day");
        }
        if self.source.trim().is_empty() {
            return bad("no source document");
        }
        if self.windows.iter().zip(self.windows.iter().skip(1)).any(|(a, b)| b.from < a.to) {
            return bad("stretches overlap or are out of order");
        }
        if self.to.is_some_and(|to| to < self.from) {
            return bad("they end before they begin");
        }
        Ok(())
    }
}
