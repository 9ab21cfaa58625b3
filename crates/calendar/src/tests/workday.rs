//! Working days.

use crate::{CalendarError, Confidence, Day, WorkCalendar};
use jiff::civil::{Date, date};
use jiff::{Span, ToSpan};
use proptest::prelude::*;

/// An invented year: Tết as in 2026, and a Saturday worked for a Friday off.
fn year() -> WorkCalendar {
    WorkCalendar::parse(
        "[[span]]\nfrom = '2026-01-01'\nto = '2026-12-31'\nsource = 'test'\n\
         [[span.working]]\nday = '2026-05-09'\n\
         [[span.off]]\nfrom = '2026-02-14'\nto = '2026-02-22'\nname_vi = 'Tết'\nname_en = 'Tết'\n\
         [[span.off]]\nfrom = '2026-04-30'\nto = '2026-05-01'\nname_vi = '30/4'\nname_en = '30 April'\n",
    )
    .unwrap()
}

#[test]
fn the_shipped_calendar_says_what_it_does_not_know() {
    let shipped = WorkCalendar::shipped().unwrap();
    assert_eq!(shipped.is_working_day(date(2026, 2, 16)), Ok(false));
    assert_eq!(shipped.is_working_day(date(2026, 1, 10)), Ok(true));
    // Nobody has told whether the new holiday is in force.
    assert_eq!(shipped.add_working_days(date(2026, 11, 23), 1), Err(CalendarError::NoData(date(2026, 11, 24))));
    assert_eq!(shipped.is_working_day(date(2027, 6, 1)), Err(CalendarError::NoData(date(2027, 6, 1))));
    assert!(shipped.spans().all(|span| !span.source.is_empty()));
}

/// Working days of each published year as its announcement gives them, counted apart from the code: weekdays of the year, less the
/// weekdays off, plus the weekend days worked. Every day was read in a source or follows from the law.
#[test]
fn ten_published_years() {
    let shipped = WorkCalendar::shipped().unwrap();
    let years: [(i16, u32, u32, u32); 10] = [
        (2017, 260, 10, 0),
        (2018, 261, 11, 0),
        (2019, 261, 11, 2),
        (2020, 262, 10, 0),
        (2021, 261, 11, 0),
        (2022, 260, 11, 0),
        (2023, 260, 11, 0),
        (2024, 262, 12, 1),
        (2025, 261, 12, 1),
        (2026, 261, 13, 2),
    ];
    for (year, weekdays, off, worked) in years {
        let (first, last) = (date(year, 1, 1), date(year, 12, 31));
        let days = std::iter::successors(Some(first), |d| d.tomorrow().ok()).take_while(|d| *d <= last);
        let (mut working, mut unknown, mut plain, mut seen) = (0, 0, 0, true);
        for day in days {
            plain += u32::from(!super::super::workday::is_weekend(day));
            match shipped.day(day) {
                Day::Unknown(_) => unknown += 1,
                Day::Off(off, source) => {
                    seen &= off.confidence != Confidence::Memory;
                    assert!(!source.is_empty());
                }
                Day::Worked(w) => {
                    seen &= w.confidence != Confidence::Memory;
                    working += 1;
                }
                Day::Working => working += 1,
                Day::Weekend => {}
            }
        }
        assert_eq!(plain, weekdays, "{year}");
        assert_eq!(working + unknown, weekdays - off + worked, "{year}");
        assert_eq!(unknown, u32::from(year == 2026), "{year}");
        assert!(seen, "{year}: a day rests on memory");
    }
    // Whoever works a Saturday has the day off that it is for.
    for worked in shipped.spans().flat_map(|s| &s.working) {
        assert_eq!(shipped.is_working_day(worked.instead_of.unwrap()), Ok(false), "{}", worked.day);
    }
}

#[test]
fn a_province_decides_before_the_nation() {
    let own = WorkCalendar::parse("[[span]]\nfrom='2026-11-24'\nto='2026-11-24'\nsource='QĐ 1'\n[[span]]\nfrom='2026-06-01'\nto='2026-06-01'\nsource='QĐ 2'\n[[span.off]]\nfrom='2026-06-01'\nto='2026-06-01'\nkind='provincial'\nname_vi='x'\nname_en='x'").unwrap();
    let both = WorkCalendar::shipped().unwrap().under(own);
    assert_eq!(both.is_working_day(date(2026, 11, 24)), Ok(true));
    assert_eq!(both.is_working_day(date(2026, 6, 1)), Ok(false));
    assert_eq!(both.is_working_day(date(2026, 6, 2)), Ok(true));
    let again = WorkCalendar::parse(&WorkCalendar::shipped().unwrap().to_toml().unwrap()).unwrap();
    assert_eq!(again, WorkCalendar::shipped().unwrap());
}

#[test]
fn counts_from_the_day_after() {
    let year = year();
    assert_eq!(year.add_working_days(date(2026, 3, 2), 5), Ok(date(2026, 3, 9)));
    assert_eq!(year.add_working_days(date(2026, 2, 13), 1), Ok(date(2026, 2, 23)));
    assert_eq!(year.add_working_days(date(2026, 2, 15), 0), Ok(date(2026, 2, 23)));
    assert_eq!(year.add_working_days(date(2026, 3, 2), 0), Ok(date(2026, 3, 2)));
    // Friday 8 May, then the Saturday worked in exchange.
    assert_eq!(year.add_working_days(date(2026, 5, 7), 2), Ok(date(2026, 5, 9)));
    assert_eq!(year.add_working_days(date(2026, 12, 30), 2), Err(CalendarError::NoData(date(2027, 1, 1))));
    assert_eq!(year.add_working_days(date(2026, 1, 2), 1_001), Err(CalendarError::TooManyDays(1_001)));
    assert_eq!(year.add_working_days(Date::MAX, 3), Err(CalendarError::NoData(Date::MAX)));
}

#[test]
fn bad_data_is_refused() {
    let span = |body: &str| WorkCalendar::parse(&format!("[[span]]\nfrom='2026-01-01'\nto='2026-12-31'\nsource='x'\n{body}")).map(|_| ());
    assert_eq!(span(""), Ok(()));
    let off = |from: &str, to: &str| format!("[[span.off]]\nfrom='{from}'\nto='{to}'\nname_vi='x'\nname_en='x'\n");
    for bad in [
        "[[span.working]]\nday='2026-05-08'".to_owned(),
        "[[span.working]]\nday='2027-05-08'".to_owned(),
        "[[span.unknown]]\nday='2027-05-08'\nwhy_vi='x'\nwhy_en='x'".to_owned(),
        "other=1".to_owned(),
        off("2026-05-02", "2026-05-01"),
        off("2025-12-31", "2026-01-01"),
        off("2026-12-31", "2027-01-01"),
        format!("[[span.working]]\nday='2026-05-09'\n{}", off("2026-05-08", "2026-05-10")),
        "[[span]]\nfrom='2026-12-31'\nto='2027-12-31'\nsource='x'".to_owned(),
        "[[span]]\nfrom='2028-12-31'\nto='2027-12-31'\nsource='x'".to_owned(),
    ] {
        assert_eq!(span(&bad).unwrap_err().code(), "calendar.bad_data", "{bad}");
    }
}

proptest! {
    #[test]
    fn the_answer_is_a_working_day_with_that_many_before(start in 0i64..300, days in 0u32..40) {
        let year = year();
        let span: Span = start.days();
        let from = date(2026, 1, 1).checked_add(span).unwrap();
        if let Ok(to) = year.add_working_days(from, days) {
            prop_assert_eq!(year.is_working_day(to), Ok(true));
            if days > 0 {
                prop_assert_eq!(year.working_days_between(from, to), Ok(days));
            }
            // Never earlier for one day more.
            if let Ok(later) = year.add_working_days(from, days + 1) {
                let later_enough = if days > 0 { later > to } else { later >= to };
                prop_assert!(later_enough);
            }
        }
    }

    #[test]
    fn no_toml_panics(text in any::<String>()) {
        let _ = WorkCalendar::parse(&text);
    }
}
