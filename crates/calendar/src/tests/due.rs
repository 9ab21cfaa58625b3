//! Deadlines that explain themselves.

use crate::due::{Ask, Extension, Pause, Punctual, budget_difference, punctual};
use crate::rule::{CountRule, DayZero, EdgeOfPause, EndOnDayOff, Measure, OutsideHours};
use crate::{CalendarError, WorkCalendar};
use jiff::ToSpan;
use jiff::civil::{DateTime, date, datetime};
use proptest::prelude::*;

fn shipped() -> WorkCalendar {
    WorkCalendar::shipped().unwrap()
}

fn with_hours() -> WorkCalendar {
    shipped().under(WorkCalendar::parse("[[office]]\nfrom='2017-01-01'\nwindows=['07:30-11:30','13:30-17:00']\nsource='QĐ'").unwrap())
}

fn at(text: &str) -> DateTime {
    text.parse().unwrap()
}

fn ask<'a>(start: &str, amount: u32, measure: Measure, rule: &'a CountRule, pauses: &'a [Pause]) -> Ask<'a> {
    Ask { start: at(start), amount, measure, rule, pauses, extensions: &[] }
}

fn pause(from: &str, to: Option<&str>) -> Pause {
    Pause { from: at(from), to: to.map(at), why_vi: "chờ bổ sung".into(), why_en: "supplement".into() }
}

#[test]
fn five_days_across_the_holidays_of_2024() {
    let rule = CountRule::default();
    let found = shipped().due(&ask("2024-04-26T10:00", 5, Measure::WorkingDays, &rule, &[])).unwrap();
    assert_eq!(found.day(), Some(date(2024, 5, 7)));
    assert_eq!(found.due, Some(datetime(2024, 5, 7, 23, 59, 59, 0)));
    let told: Vec<(String, u32, &str)> = found.rows.iter().map(|r| (r.day.to_string(), r.so_far, r.why.code())).collect();
    let told: Vec<(&str, u32, &str)> = told.iter().map(|(d, n, c)| (d.as_str(), *n, *c)).collect();
    assert_eq!(
        told,
        [
            ("2024-04-26", 0, "day_zero"),
            ("2024-04-27", 0, "weekend"),
            ("2024-04-28", 0, "weekend"),
            ("2024-04-29", 0, "day_off"),
            ("2024-04-30", 0, "day_off"),
            ("2024-05-01", 0, "day_off"),
            ("2024-05-02", 1, "working_day"),
            ("2024-05-03", 2, "working_day"),
            ("2024-05-04", 3, "worked_instead"),
            ("2024-05-05", 3, "weekend"),
            ("2024-05-06", 4, "working_day"),
            ("2024-05-07", 5, "working_day"),
        ]
    );
    assert_eq!(found.rows[8].why.vi(), "Làm bù cho ngày 29/04/2024");
    assert!(found.rows[3].why.vi().contains("nghỉ hoán đổi"), "{}", found.rows[3].why.vi());
}

#[test]
fn all_days_end_on_a_working_day() {
    let mut rule = CountRule::default();
    let asked = |rule: &CountRule| shipped().due(&ask("2024-04-20T08:00", 10, Measure::Days, rule, &[])).unwrap().day();
    assert_eq!(asked(&rule), Some(date(2024, 5, 2)));
    rule.end_on_day_off = EndOnDayOff::Stays;
    assert_eq!(asked(&rule), Some(date(2024, 4, 30)));
    rule.end_on_day_off = EndOnDayOff::PreviousWorkingDay;
    assert_eq!(asked(&rule), Some(date(2024, 4, 26)));
    rule.day_zero = DayZero::Counted;
    rule.end_on_day_off = EndOnDayOff::Stays;
    assert_eq!(asked(&rule), Some(date(2024, 4, 29)));
}

#[test]
fn what_comes_after_hours_counts_from_the_next_working_day() {
    let late = CountRule { outside_hours: OutsideHours::NextWorkingDay, ..CountRule::default() };
    let (calendar, plain) = (with_hours(), CountRule::default());
    let due = |rule: &CountRule, start: &str| calendar.due(&ask(start, 3, Measure::WorkingDays, rule, &[])).unwrap().day().unwrap();
    assert_eq!(due(&plain, "2024-03-08T17:30"), date(2024, 3, 13));
    assert_eq!(due(&late, "2024-03-08T16:59"), date(2024, 3, 13));
    assert_eq!(due(&late, "2024-03-08T17:00"), date(2024, 3, 14));
    assert_eq!(due(&late, "2024-03-09T09:00"), date(2024, 3, 14));
    // Without office hours nobody can say what is late.
    let asked = ask("2024-03-08T17:30", 3, Measure::WorkingDays, &late, &[]);
    assert_eq!(shipped().due(&asked), Err(CalendarError::NoOffice(date(2024, 3, 8))));
}

#[test]
fn pauses_stop_the_clock_and_extensions_lengthen_it() {
    let (rule, calendar) = (CountRule::default(), shipped());
    let two = [pause("2024-03-06T09:00", Some("2024-03-08T10:00")), pause("2024-03-07T09:00", Some("2024-03-12T10:00"))];
    let mut asked = ask("2024-03-04T09:00", 5, Measure::WorkingDays, &rule, &two);
    // 5 counts; 6 to 12 are paused; 13, 14, 15 and 18 count.
    assert_eq!(calendar.due(&asked).unwrap().day(), Some(date(2024, 3, 18)));
    let more = [Extension { amount: 2, reason: "phức tạp".into() }];
    asked.extensions = &more;
    assert_eq!(calendar.due(&asked).unwrap().day(), Some(date(2024, 3, 20)));
    let open = [pause("2024-03-06T09:00", None)];
    let found = calendar.due(&ask("2024-03-04T09:00", 5, Measure::WorkingDays, &rule, &open)).unwrap();
    assert_eq!((found.due, found.counted, found.rows.last().unwrap().why.code()), (None, 1, "paused"));
    let edges = |edge| {
        let rule = CountRule { edge_of_pause: edge, ..CountRule::default() };
        let pauses = [pause("2024-03-06T09:00", Some("2024-03-08T10:00"))];
        calendar.due(&ask("2024-03-04T09:00", 5, Measure::WorkingDays, &rule, &pauses)).unwrap().day().unwrap()
    };
    assert_eq!(edges(EdgeOfPause::NotCounted), date(2024, 3, 14));
    assert_eq!(edges(EdgeOfPause::FirstCounted), date(2024, 3, 13));
    assert_eq!(edges(EdgeOfPause::LastCounted), date(2024, 3, 13));
}

#[test]
fn hours_are_counted_inside_office_hours() {
    let (rule, calendar) = (CountRule::default(), with_hours());
    let due = |start: &str, hours: u32, pauses: &[Pause]| calendar.due(&ask(start, hours, Measure::WorkingHours, &rule, pauses)).unwrap();
    assert_eq!(due("2024-03-08T08:00", 4, &[]).due, Some(at("2024-03-08T14:00")));
    // Friday 16:00: one hour, then Monday 07:30 to 10:30.
    let graded = due("2024-03-08T16:00", 4, &[]);
    assert_eq!(graded.due, Some(at("2024-03-11T10:30")));
    assert_eq!(graded.rows.iter().filter(|r| r.why.code() == "weekend").count(), 2);
    assert_eq!(due("2024-03-08T22:00", 8, &[]).due, Some(at("2024-03-12T08:00")));
    let waited = due("2024-03-08T08:00", 4, &[pause("2024-03-08T09:00", Some("2024-03-08T15:00"))]);
    assert_eq!(waited.due, Some(at("2024-03-11T08:30")));
    assert_eq!(due("2024-03-08T08:00", 4, &[pause("2024-03-08T09:00", None)]).due, None);
    assert_eq!(shipped().due(&ask("2024-03-08T08:00", 4, Measure::WorkingHours, &rule, &[])), Err(CalendarError::NoOffice(date(2024, 3, 8))));
}

#[test]
fn ends_and_budgets() {
    assert_eq!(punctual(at("2024-03-08T23:59:59"), at("2024-03-08T17:00")), Punctual::OnTime);
    assert_eq!(punctual(at("2024-03-08T23:59:59"), at("2024-03-07T17:00")), Punctual::Early);
    assert_eq!(punctual(at("2024-03-08T23:59:59"), at("2024-03-09T00:00")), Punctual::Late);
    assert_eq!(budget_difference(10, &[3, 5, 2]), None);
    assert_eq!(budget_difference(10, &[3, 5]), Some(-2));
    let (rule, calendar) = (CountRule::default(), shipped());
    assert_eq!(calendar.due(&ask("2024-03-08T08:00", 1_001, Measure::WorkingDays, &rule, &[])).unwrap_err().code(), "workday.too_many_days");
    assert_eq!(calendar.due(&ask("2026-11-23T08:00", 1, Measure::WorkingDays, &rule, &[])), Err(CalendarError::NoData(date(2026, 11, 24))));
    let none = calendar.due(&ask("2024-03-09T08:00", 0, Measure::WorkingDays, &rule, &[])).unwrap();
    assert_eq!(none.day(), Some(date(2024, 3, 11)));
}

fn moments() -> impl Strategy<Value = DateTime> {
    (0i64..2_600, 0i64..1_440)
        .prop_map(|(days, minutes)| date(2017, 2, 1).to_datetime(jiff::civil::Time::midnight()).saturating_add(days.days().minutes(minutes)))
}

fn rules() -> impl Strategy<Value = CountRule> {
    (0..2, 0..2, 0..3, 0..3).prop_map(|(zero, hours, end, edge)| CountRule {
        day_zero: if zero == 0 { DayZero::NotCounted } else { DayZero::Counted },
        outside_hours: if hours == 0 { OutsideHours::AsFiled } else { OutsideHours::NextWorkingDay },
        end_on_day_off: [EndOnDayOff::NextWorkingDay, EndOnDayOff::Stays, EndOnDayOff::PreviousWorkingDay][end as usize],
        edge_of_pause: [EdgeOfPause::NotCounted, EdgeOfPause::FirstCounted, EdgeOfPause::LastCounted][edge as usize],
        source: String::new(),
    })
}

proptest! {
    /// The table adds up, days follow one another, and only working days count.
    #[test]
    fn the_table_is_the_deadline(start in moments(), amount in 0u32..60, rule in rules(), hours in any::<bool>(),
                                 breaks in proptest::collection::vec((0i64..40, 0i64..20), 0..3)) {
        let calendar = with_hours();
        let pauses: Vec<Pause> = breaks.iter().map(|(after, long)| Pause {
            from: start.saturating_add(after.days()), to: Some(start.saturating_add((after + long).days())),
            why_vi: "x".into(), why_en: "x".into(),
        }).collect();
        let measure = if hours { Measure::WorkingHours } else { Measure::WorkingDays };
        let asked = Ask { start, amount, measure, rule: &rule, pauses: &pauses, extensions: &[] };
        let found = calendar.due(&asked).unwrap();
        let due = found.due.unwrap();
        prop_assert!(due >= start.date().to_datetime(jiff::civil::Time::midnight()));
        prop_assert_eq!(found.counted, found.total);
        prop_assert_eq!(found.rows.last().map_or(0, |r| r.so_far), found.total);
        for pair in found.rows.windows(2) {
            prop_assert!(pair[0].day <= pair[1].day && pair[0].so_far <= pair[1].so_far);
            if !hours {
                prop_assert!(pair[0].day == pair[1].day || pair[1].day == pair[0].day.tomorrow().unwrap());
            }
        }
        for row in &found.rows {
            prop_assert!(!row.counts || calendar.is_working_day(row.day).unwrap());
            prop_assert!(!row.why.vi().is_empty() && !row.why.en().is_empty());
        }
        // A pause or a day more never makes it earlier.
        let without = calendar.due(&Ask { pauses: &[], ..asked.clone() }).unwrap().due.unwrap();
        prop_assert!(due >= without);
        let more = calendar.due(&Ask { amount: amount + 1, ..asked.clone() }).unwrap().due.unwrap();
        prop_assert!(more >= due);
        // The same by the plain count when nothing special is asked.
        if !hours && pauses.is_empty() && rule.day_zero == DayZero::NotCounted && rule.outside_hours == OutsideHours::AsFiled && amount > 0 {
            prop_assert_eq!(Some(due.date()), calendar.add_working_days(start.date(), amount).ok());
        }
    }
}
