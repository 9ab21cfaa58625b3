//! Dates as people and spreadsheets write them.

use jiff::civil::Date;
use jiff::{Span, ToSpan};

use crate::fold::fold;

/// Why a text gave no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateProblem {
    Empty,
    /// No form known here.
    NotADate,
    /// The form is right but there is no such day (31/02, month 13).
    NoSuchDay,
    /// `05/02/26`: the century must be written.
    ShortYear,
    /// Outside 1900 to 2200.
    OutOfRange,
}

impl DateProblem {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "date.empty",
            Self::NotADate => "date.not_a_date",
            Self::NoSuchDay => "date.no_such_day",
            Self::ShortYear => "date.short_year",
            Self::OutOfRange => "date.out_of_range",
        }
    }

    /// The sentence in Vietnamese.
    pub fn vi(self) -> &'static str {
        match self {
            Self::Empty => "Chưa ghi ngày.",
            Self::NotADate => "Không đọc được ngày. Viết ngày/tháng/năm, ví dụ 05/02/2026.",
            Self::NoSuchDay => "Không có ngày này trong lịch. Viết ngày/tháng/năm, ví dụ 05/02/2026.",
            Self::ShortYear => "Viết năm đủ bốn chữ số, ví dụ 05/02/2026.",
            Self::OutOfRange => "Năm phải từ 1900 đến 2200.",
        }
    }

    /// The sentence in English.
    pub fn en(self) -> &'static str {
        match self {
            Self::Empty => "No date was written.",
            Self::NotADate => "This date cannot be read. Write day/month/year, such as 05/02/2026.",
            Self::NoSuchDay => "There is no such day. Write day/month/year, such as 05/02/2026.",
            Self::ShortYear => "Write the year with four digits, such as 05/02/2026.",
            Self::OutOfRange => "The year must be between 1900 and 2200.",
        }
    }
}

/// Reads `05/02/2026` (day first; also with `-`, `.` or spaces), `2026-02-05` (a time after it is ignored),
/// `ngày 05 tháng 02 năm 2026`, and an Excel serial of five digits.
///
/// # Errors
/// A [`DateProblem`]; an ambiguous text is refused, never guessed.
pub fn parse_date(text: &str) -> Result<Date, DateProblem> {
    let key = fold(text);
    if key.is_empty() {
        return Err(DateProblem::Empty);
    }
    if key.len() > 60 {
        return Err(DateProblem::NotADate);
    }
    if let Some(serial) = serial_text(&key) {
        return excel_serial(serial).ok_or(DateProblem::OutOfRange);
    }
    let words = key.strip_prefix("ngay ").and_then(|rest| {
        let (day, rest) = rest.split_once(" thang ")?;
        let (month, year) = rest.split_once(" nam ")?;
        Some([day, month, year].map(|part| part.trim().to_owned()))
    });
    let parts = match words {
        Some(parts) => parts,
        None => separated(&key).ok_or(DateProblem::NotADate)?,
    };
    let digits = |part: &str| !part.is_empty() && part.len() <= 4 && part.bytes().all(|b| b.is_ascii_digit());
    let [a, b, c] = &parts;
    if !(digits(a) && digits(b) && digits(c)) || b.len() > 2 {
        return Err(DateProblem::NotADate);
    }
    let (day, year) = if a.len() == 4 { (c, a) } else { (a, c) };
    if day.len() > 2 {
        return Err(DateProblem::NotADate);
    }
    if year.len() < 4 {
        return Err(DateProblem::ShortYear);
    }
    let number = |part: &str| part.parse::<i16>().map_err(|_| DateProblem::NotADate);
    let (year, month, day) = (number(year)?, number(b)?, number(day)?);
    if !(1900..=2200).contains(&year) {
        return Err(DateProblem::OutOfRange);
    }
    let small = |n: i16| i8::try_from(n).map_err(|_| DateProblem::NoSuchDay);
    Date::new(year, small(month)?, small(day)?).map_err(|_| DateProblem::NoSuchDay)
}

/// The date of an Excel serial (1900 system, where 60 is the day that never was); the time of day is dropped.
/// `None` below 61 or beyond the year 2200.
pub fn excel_serial(serial: f64) -> Option<Date> {
    if !(61.0..109_940.0).contains(&serial) {
        return None;
    }
    let days: Span = (serial.floor() as i64).days();
    Date::constant(1899, 12, 30).checked_add(days).ok().filter(|date| date.year() <= 2200)
}

/// A bare number of five digits, perhaps with a time of day; shorter ones are more likely years.
fn serial_text(key: &str) -> Option<f64> {
    let (days, time) = key.split_once('.').unwrap_or((key, "0"));
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if days.len() == 5 && digits(days) && digits(time) { key.parse().ok() } else { None }
}

fn separated(key: &str) -> Option<[String; 3]> {
    // "2026-02-05t08:30" and "05/02/2026 08:30": the time goes.
    let spaced = key.contains(['/', '-', '.']);
    let date = if spaced { key.split([' ', 't']).next()? } else { key };
    let mut parts = date.split(['/', '-', '.', ' ']).map(str::to_owned);
    let three = [parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(three)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show;
    use proptest::prelude::*;

    #[test]
    fn reads_the_usual_forms() {
        let date = Ok(Date::constant(2026, 2, 5));
        for text in [
            "05/02/2026",
            "5/2/2026",
            "5-2-2026",
            "05.02.2026",
            "2026-02-05",
            "2026-02-05T08:30:00",
            "05/02/2026 08:30",
            "ngày 05 tháng 02 năm 2026",
            "Ngày 5 tháng 2 năm 2026",
            "46058",
            "46058.354",
            " 05/02/2026\u{a0}",
        ] {
            assert_eq!(parse_date(text), date, "{text}");
        }
    }

    #[test]
    fn refuses_rather_than_guesses() {
        for (text, problem) in [
            ("", DateProblem::Empty),
            ("05/02/26", DateProblem::ShortYear),
            ("31/02/2026", DateProblem::NoSuchDay),
            ("06/14/2026", DateProblem::NoSuchDay),
            ("2026", DateProblem::NotADate),
            ("hôm nay", DateProblem::NotADate),
            ("05/02/1800", DateProblem::OutOfRange),
            ("1/2/3/2026", DateProblem::NotADate),
            ("005/02/2026", DateProblem::NotADate),
        ] {
            assert_eq!(parse_date(text), Err(problem), "{text}");
        }
        assert_eq!(excel_serial(f64::NAN), None);
        assert_eq!(excel_serial(60.0), None);
        assert_eq!(excel_serial(61.0), Some(Date::constant(1900, 3, 1)));
    }

    proptest! {
        #[test]
        fn every_shown_date_reads_back(serial in 61i64..109_900) {
            let date = excel_serial(serial as f64).unwrap();
            prop_assert_eq!(parse_date(&show::short_date(date)), Ok(date));
            prop_assert_eq!(parse_date(&show::long_date(date)), Ok(date));
            prop_assert_eq!(parse_date(&date.to_string()), Ok(date));
        }

        #[test]
        fn never_panics(text in any::<String>(), serial in any::<f64>()) {
            let _ = parse_date(&text);
            let _ = excel_serial(serial);
        }

        #[test]
        fn never_panics_near_dates(text in "[0-9/. tngayhm-]{0,24}") {
            if let Ok(date) = parse_date(&text) {
                prop_assert!((1900..=2200).contains(&date.year()));
            }
        }
    }
}
