//! Counting rules as data.

use serde::{Deserialize, Serialize};

/// What a limit is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Working days.
    #[default]
    WorkingDays,
    /// All days.
    Days,
    /// Working hours, inside the office hours.
    WorkingHours,
}

impl Measure {
    /// The unit in words, such as `ngày làm việc`.
    pub fn vi(self) -> &'static str {
        match self {
            Self::WorkingDays => "ngày làm việc",
            Self::Days => "ngày",
            Self::WorkingHours => "giờ làm việc",
        }
    }

    /// The same in English, in the plural.
    pub fn en(self) -> &'static str {
        match self {
            Self::WorkingDays => "working days",
            Self::Days => "days",
            Self::WorkingHours => "working hours",
        }
    }
}

/// Which day is day 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayZero {
    /// The day of receipt is not counted (Civil Code 2015, art. 147).
    #[default]
    NotCounted,
    /// The day of receipt is the first day.
    Counted,
}

/// What is filed after closing time or on a day off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutsideHours {
    /// Counts as received when it came.
    #[default]
    AsFiled,
    /// Counts as received on the next working day.
    NextWorkingDay,
}

/// Where a limit in all days that ends on a day off ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndOnDayOff {
    /// On the next working day (Civil Code 2015, art. 148 para. 5).
    #[default]
    NextWorkingDay,
    /// There.
    Stays,
    /// On the working day before.
    PreviousWorkingDay,
}

/// Whether the day on which a pause begins or ends is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EdgeOfPause {
    /// Neither: a day that was paused at all is not counted, as day 0 is not.
    #[default]
    NotCounted,
    /// The day on which it begins is counted, the one on which it ends is not.
    FirstCounted,
    /// The day on which it begins is not counted, the one on which it ends is.
    LastCounted,
}

/// How a limit is counted. The default is the Civil Code's; a procedure may say otherwise, with its document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CountRule {
    /// Day 0.
    pub day_zero: DayZero,
    /// Filed after hours or on a day off.
    pub outside_hours: OutsideHours,
    /// Ends on a day off.
    pub end_on_day_off: EndOnDayOff,
    /// The days at the edges of a pause.
    pub edge_of_pause: EdgeOfPause,
    /// The document; empty while it is the Civil Code.
    pub source: String,
}
