//! Working days.

use crate::{CalendarError, WorkCalendar};
use jiff::civil::{Date, date};
use jiff::{Span, ToSpan};
use proptest::prelude::*;

/// An invented year: Tết as in 2026, and a Saturday worked for a Friday off.
fn year() -> WorkCalendar {
    WorkCalendar::parse(
        "[[span]]\nfrom = '2026-01-01'\nto = '2026-12-31'\nsource = 'test'\nworking = ['2026-05-09']\n\
         [[span.off]]\nfrom = '2026-02-14'\nto = '2026-02-22'\nname_vi = 'Tết'\nname_en = 'Tết'\n\
         [[span.off]]\nfrom = '2026-04-30'\nto = '2026-05-01'\nname_vi = '30/4'\nname_en = '30 April'\n",
    )
    .unwrap()
}

#[test]
fn the_shipped_calendar_knows_tet_2026_and_admits_the_rest() {
    let shipped = WorkCalendar::shipped().unwrap();
    assert_eq!(shipped.is_working_day(date(2026, 2, 16)), Ok(false));
    assert_eq!(shipped.is_working_day(date(2026, 1, 2)), Ok(false));
    assert_eq!(shipped.add_working_days(date(2026, 2, 14), 1), Err(CalendarError::NoData(date(2026, 2, 23))));
    assert_eq!(shipped.is_working_day(date(2027, 6, 1)), Err(CalendarError::NoData(date(2027, 6, 1))));
    assert!(shipped.spans().iter().all(|span| !span.source.is_empty()));
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
        "working=['2026-05-08']".to_owned(),
        "working=['2027-05-08']".to_owned(),
        "other=1".to_owned(),
        off("2026-05-02", "2026-05-01"),
        off("2025-12-31", "2026-01-01"),
        off("2026-12-31", "2027-01-01"),
        format!("working=['2026-05-09']\n{}", off("2026-05-08", "2026-05-10")),
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
