//! Why a line of a deadline's table counts or not, in words.

use jiff::civil::{Date, Time};

use crate::due::Kind;
use crate::workday::{Confidence, Day, OffKind};

/// A reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The day of receipt, day 0.
    DayZero,
    /// Came after the office closed at that time of day.
    AfterHours(Time),
    /// Came on a day off.
    FiledOnDayOff,
    /// A usual working day.
    WorkingDay,
    /// A weekend day worked for another day.
    WorkedInstead {
        /// The day that is off for it, where known.
        instead_of: Option<Date>,
        /// The document; empty when none has been seen.
        source: String,
    },
    /// A day of a limit that counts all days.
    EveryDay,
    /// Saturday or Sunday.
    Weekend,
    /// A day off.
    Off {
        /// Why it is off.
        kind: OffKind,
        /// Name in Vietnamese.
        name_vi: String,
        /// Name in English.
        name_en: String,
        /// The document.
        source: String,
        /// How sure that is.
        confidence: Confidence,
    },
    /// The clock stood still; the cause in both languages.
    Paused(String, String),
    /// The end moved here from a day off.
    MovedTo,
    /// A stretch of office hours.
    OfficeHours,
    /// Nothing is known of the day.
    NotKnown,
}

impl Why {
    /// The reason that a day's kind gives.
    pub fn of_day(day: Kind<'_>) -> Why {
        match day {
            Day::Working => Why::WorkingDay,
            Day::Worked(worked) => Why::WorkedInstead { instead_of: worked.instead_of, source: worked.source.clone().unwrap_or_default() },
            Day::Weekend => Why::Weekend,
            Day::Off(off, source) => {
                Why::Off { kind: off.kind, name_vi: off.name_vi.clone(), name_en: off.name_en.clone(), source: source.to_owned(), confidence: off.confidence }
            }
            Day::Unknown(_) => Why::NotKnown,
        }
    }

    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::DayZero => "day_zero",
            Self::AfterHours(_) => "after_hours",
            Self::FiledOnDayOff => "filed_on_day_off",
            Self::WorkingDay => "working_day",
            Self::WorkedInstead { .. } => "worked_instead",
            Self::EveryDay => "every_day",
            Self::Weekend => "weekend",
            Self::Off { .. } => "day_off",
            Self::Paused(..) => "paused",
            Self::MovedTo => "moved",
            Self::OfficeHours => "office_hours",
            Self::NotKnown => "not_known",
        }
    }

    /// In Vietnamese.
    pub fn vi(&self) -> String {
        match self {
            Self::DayZero => "Ngày nhận, không tính (tính từ ngày kế tiếp)".into(),
            Self::AfterHours(at) => format!("Nộp lúc {}, sau giờ làm việc: tính là nhận vào ngày làm việc kế tiếp", at.strftime("%H:%M")),
            Self::FiledOnDayOff => "Nộp vào ngày nghỉ: tính là nhận vào ngày làm việc kế tiếp".into(),
            Self::WorkingDay => "Ngày làm việc".into(),
            Self::WorkedInstead { instead_of, .. } => match instead_of {
                Some(day) => format!("Làm bù cho ngày {:02}/{:02}/{}", day.day(), day.month(), day.year()),
                None => "Ngày cuối tuần làm bù".into(),
            },
            Self::EveryDay => "Tính mọi ngày".into(),
            Self::Weekend => "Nghỉ cuối tuần".into(),
            Self::Off { kind, name_vi, confidence, .. } => format!("{name_vi} ({}{})", kind.vi(), unseen(*confidence).0),
            Self::Paused(why, _) => format!("Tạm dừng: {why}"),
            Self::MovedTo => "Hết hạn vào ngày nghỉ: chuyển sang ngày làm việc".into(),
            Self::OfficeHours => "Giờ làm việc".into(),
            Self::NotKnown => "Chưa có dữ liệu lịch".into(),
        }
    }

    /// In English.
    pub fn en(&self) -> String {
        match self {
            Self::DayZero => "Day of receipt, not counted (counting starts the day after)".into(),
            Self::AfterHours(at) => format!("Filed at {}, after hours: counts as received on the next working day", at.strftime("%H:%M")),
            Self::FiledOnDayOff => "Filed on a day off: counts as received on the next working day".into(),
            Self::WorkingDay => "Working day".into(),
            Self::WorkedInstead { instead_of, .. } => match instead_of {
                Some(day) => format!("Worked in exchange for {day}"),
                None => "Weekend day worked in exchange".into(),
            },
            Self::EveryDay => "Every day counts".into(),
            Self::Weekend => "Weekend".into(),
            Self::Off { kind, name_en, confidence, .. } => format!("{name_en} ({}{})", kind.en(), unseen(*confidence).1),
            Self::Paused(_, why) => format!("Paused: {why}"),
            Self::MovedTo => "Ended on a day off: moved to a working day".into(),
            Self::OfficeHours => "Office hours".into(),
            Self::NotKnown => "No calendar data".into(),
        }
    }
}

fn unseen(confidence: Confidence) -> (&'static str, &'static str) {
    match confidence {
        Confidence::Source => ("", ""),
        Confidence::Law => (", suy ra từ luật", ", follows from the law"),
        Confidence::Memory => (", chưa đối chiếu văn bản", ", document not seen yet"),
    }
}
