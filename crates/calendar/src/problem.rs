//! What can go wrong with periods and calendars.

use jiff::civil::Date;

/// An error of this crate, with a stable [`code`](CalendarError::code).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The text is no period code or phrase.
    #[error("“{0}” is not a reporting period; write 2025, 2025-H1, 2025-9M, 2025-Q2, 2025-06 or 2025-06-14")]
    NotAPeriod(String),
    /// Outside 1900 to 2200.
    #[error("the year {0} is outside 1900 to 2200")]
    YearOutOfRange(i64),
    /// Calendar data is missing for a day; nothing is guessed.
    #[error("no working-day data for {0}: enter the calendar with its source document first")]
    NoData(Date),
    /// Hours are counted but the office hours of a day were not entered.
    #[error("no office hours for {0}: enter them with their source document first")]
    NoOffice(Date),
    /// More working days than any calendar holds.
    #[error("{0} working days is too long a time")]
    TooManyDays(u32),
    /// A data file does not hold what it must.
    #[error("calendar data: {0}")]
    BadData(String),
}

impl CalendarError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAPeriod(_) => "period.not_a_period",
            Self::YearOutOfRange(_) => "period.year_out_of_range",
            Self::NoData(_) => "workday.no_data",
            Self::NoOffice(_) => "workday.no_office",
            Self::TooManyDays(_) => "workday.too_many_days",
            Self::BadData(_) => "calendar.bad_data",
        }
    }

    /// The sentence in Vietnamese.
    pub fn vi(&self) -> String {
        match self {
            Self::NotAPeriod(text) => {
                format!("“{text}” không phải là kỳ báo cáo. Viết như: năm 2025, 6 tháng đầu năm 2025, quý II/2025, tháng 6/2025.")
            }
            Self::YearOutOfRange(year) => format!("Năm {year} nằm ngoài khoảng 1900–2200."),
            Self::NoData(date) => {
                format!("Chưa có lịch làm việc cho ngày {:02}/{:02}/{}. Hãy nhập lịch cùng văn bản ban hành.", date.day(), date.month(), date.year())
            }
            Self::NoOffice(date) => {
                format!("Chưa có giờ làm việc cho ngày {:02}/{:02}/{}. Hãy nhập giờ làm việc cùng văn bản ban hành.", date.day(), date.month(), date.year())
            }
            Self::TooManyDays(days) => format!("{days} ngày làm việc là quá dài."),
            Self::BadData(what) => format!("Dữ liệu lịch có lỗi: {what}"),
        }
    }
}
