//! Deadlines of tasks: working days counted one by one, so that each can be shown with its reason.

use super::model::Due;
use calendar::{Day, WorkCalendar};
use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use ui::Lang;

/// Longest deadline in working days, some four years.
pub const MOST_DAYS: u32 = 1_000;

/// Days off on a fixed date by article 112 of the Labour Code 2019 (New Year, 30 April, 1 May, National Day). They are
/// used only where no calendar speaks for the day; moving days (Tết, Hùng Kings) and swaps are never guessed.
const FIXED: [((i8, i8), &str, &str); 4] = [
    ((1, 1), "Tết Dương lịch", "New Year"),
    ((4, 30), "Ngày Chiến thắng", "Victory Day"),
    ((5, 1), "Ngày Quốc tế lao động", "Labour Day"),
    ((9, 2), "Quốc khánh", "National Day"),
];

/// What a day is for the counting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The day the task was given: not counted.
    Given,
    /// An ordinary working day.
    Weekday,
    /// A Saturday or Sunday worked in exchange for another day.
    Swapped,
    /// A Saturday or Sunday.
    Weekend,
    /// A day off, with its names.
    Off(String, String),
}

impl Why {
    /// In words.
    pub fn label(&self, l: Lang) -> String {
        match self {
            Why::Given => l.t("ngày giao, không tính", "day given, not counted").to_owned(),
            Why::Weekday => l.t("ngày làm việc", "working day").to_owned(),
            Why::Swapped => l.t("cuối tuần làm bù", "weekend worked in exchange").to_owned(),
            Why::Weekend => l.t("nghỉ cuối tuần", "weekend").to_owned(),
            Why::Off(vi, en) => format!("{} {}", l.t("nghỉ:", "off:"), l.t(vi, en)),
        }
    }

    fn works(&self) -> bool {
        matches!(self, Why::Weekday | Why::Swapped)
    }
}

/// One day of a counting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The day.
    pub date: Date,
    /// What it is.
    pub why: Why,
    /// Which working day of the deadline it is, from 1; none when it does not count.
    pub nth: Option<u32>,
    /// The document that speaks for it; none while no calendar does, and the day is taken as an ordinary week's.
    pub source: Option<String>,
}

/// A deadline as counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reckoning {
    /// The last day.
    pub due: Date,
    /// The date that was set, when it is no working day and the deadline therefore ends on the next one
    /// (article 148.5 of the Civil Code 2015).
    pub moved_from: Option<Date>,
    /// Every day from the first to the last.
    pub steps: Vec<Step>,
    /// Days on the way for which no calendar speaks; the deadline is provisional when there are any.
    pub unknown: usize,
}

/// What a day is, by the calendar or, where it is silent, by the ordinary week.
pub fn day(calendar: &WorkCalendar, date: Date) -> Step {
    let span = || calendar.spans().find(|span| (span.from..=span.to).contains(&date)).map(|span| span.source.clone());
    let (why, source) = match calendar.day(date) {
        Day::Working => (Why::Weekday, span()),
        Day::Weekend => (Why::Weekend, span()),
        Day::Worked(worked) => (Why::Swapped, worked.source.clone().or_else(span)),
        Day::Off(off, source) => (Why::Off(off.name_vi.clone(), off.name_en.clone()), Some(source.to_owned())),
        Day::Unknown(_) => (usual(date), None),
    };
    Step { date, why, nth: None, source }
}

/// A day of an ordinary week.
fn usual(date: Date) -> Why {
    if let Some((_, vi, en)) = FIXED.iter().find(|(at, ..)| *at == (date.month(), date.day())) {
        return Why::Off((*vi).to_owned(), (*en).to_owned());
    }
    if matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) { Why::Weekend } else { Why::Weekday }
}

/// Counts a deadline. None for no deadline, or beyond the years of the calendar.
pub fn reckon(calendar: &WorkCalendar, given: Date, due: Due) -> Option<Reckoning> {
    let mut steps = Vec::new();
    let mut at = given;
    let (mut left, from) = match due {
        Due::Open => return None,
        Due::On(date) => {
            // The date itself and, if it is off, the days up to the next working day.
            at = date.checked_sub(1.day()).ok()?;
            (1, Some(date))
        }
        Due::Days(days) => {
            steps.push(Step { why: Why::Given, ..day(calendar, given) });
            (days.clamp(1, MOST_DAYS), None)
        }
    };
    let mut nth = 0;
    while left > 0 {
        at = at.checked_add(1.day()).ok()?;
        let mut step = day(calendar, at);
        if step.why.works() {
            nth += 1;
            left -= 1;
            step.nth = Some(nth);
        }
        steps.push(step);
    }
    let unknown = steps.iter().filter(|s| s.source.is_none() && s.why != Why::Given).count();
    Some(Reckoning { due: at, moved_from: from.filter(|date| *date != at), steps, unknown })
}

/// Working days after the last day up to and with another: by so many is it late. 0 while there is time.
pub fn late_by(calendar: &WorkCalendar, due: Date, on: Date) -> u32 {
    between(calendar, due, on)
}

/// Working days after a day up to and with a later one; 0 if it is not later. Counts ten years at most.
pub fn between(calendar: &WorkCalendar, from: Date, to: Date) -> u32 {
    let mut at = from;
    let mut count = 0;
    for _ in 0..3_660 {
        if at >= to {
            break;
        }
        let Ok(next) = at.checked_add(1.day()) else { break };
        at = next;
        count += u32::from(day(calendar, at).why.works());
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    /// The year around Tết 2026 as decided, with a Saturday worked in exchange.
    fn calendar() -> WorkCalendar {
        WorkCalendar::parse(
            r#"
            [[span]]
            from = "2026-01-01"
            to = "2026-03-31"
            source = "thử"
            [[span.off]]
            from = "2026-02-14"
            to = "2026-02-22"
            name_vi = "Tết Nguyên đán"
            name_en = "Lunar New Year"
            [[span.working]]
            day = "2026-02-28"
            "#,
        )
        .unwrap()
    }

    #[test]
    fn tet_is_jumped_over_and_each_day_says_why() {
        let found = reckon(&calendar(), date(2026, 2, 11), Due::Days(5)).unwrap();
        // 12, 13, then nine days off, 23, 24, 25.
        assert_eq!(found.due, date(2026, 2, 25));
        assert_eq!(found.unknown, 0);
        assert_eq!(found.steps.len(), 15);
        assert_eq!(found.steps[0].why, Why::Given);
        assert_eq!(found.steps.iter().filter(|s| matches!(s.why, Why::Off(..))).count(), 9);
        assert_eq!(found.steps.last().unwrap().nth, Some(5));
        // Late by working days only: Tết itself makes nobody late.
        assert_eq!(late_by(&calendar(), date(2026, 2, 13), date(2026, 2, 22)), 0);
        assert_eq!(late_by(&calendar(), date(2026, 2, 13), date(2026, 2, 23)), 1);
    }

    #[test]
    fn a_saturday_worked_in_exchange_counts() {
        let found = reckon(&calendar(), date(2026, 2, 26), Due::Days(2)).unwrap();
        assert_eq!(found.due, date(2026, 2, 28));
        assert_eq!(found.steps.last().unwrap().why, Why::Swapped);
    }

    #[test]
    fn a_date_that_is_off_ends_on_the_next_working_day() {
        let found = reckon(&calendar(), date(2026, 1, 5), Due::On(date(2026, 2, 17))).unwrap();
        assert_eq!((found.due, found.moved_from), (date(2026, 2, 23), Some(date(2026, 2, 17))));
        let found = reckon(&calendar(), date(2026, 1, 5), Due::On(date(2026, 2, 12))).unwrap();
        assert_eq!((found.due, found.moved_from), (date(2026, 2, 12), None));
    }

    #[test]
    fn days_without_a_calendar_are_counted_and_said() {
        let found = reckon(&calendar(), date(2026, 4, 29), Due::Days(1)).unwrap();
        assert_eq!(found.due, date(2026, 5, 4), "30 April, 1 May and a weekend");
        assert_eq!(found.unknown, 5);
        assert_eq!(reckon(&calendar(), date(2026, 4, 29), Due::Open), None);
    }

    proptest! {
        #[test]
        fn the_last_day_is_the_nth_working_day(offset in 0..500i32, days in 1..60u32) {
            let given = date(2025, 6, 1).checked_add(jiff::Span::new().days(offset)).unwrap();
            let found = reckon(&calendar(), given, Due::Days(days)).unwrap();
            prop_assert_eq!(between(&calendar(), given, found.due), days);
            prop_assert!(day(&calendar(), found.due).why.works());
            let counted: Vec<u32> = found.steps.iter().filter_map(|s| s.nth).collect();
            prop_assert_eq!(counted, (1..=days).collect::<Vec<_>>());
            prop_assert_eq!(late_by(&calendar(), found.due, found.due), 0);
        }
    }
}
