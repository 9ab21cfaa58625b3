//! Periods and their reporting windows.

use crate::{CalendarError, Cutoff, Period, PeriodKind};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;

fn p(code: &str) -> Period {
    code.parse().unwrap()
}

fn any_kind() -> impl Strategy<Value = PeriodKind> {
    proptest::sample::select(PeriodKind::ALL.to_vec())
}

fn any_period() -> impl Strategy<Value = Period> {
    (1900i16..=2200, any_kind(), 1i16..=366).prop_map(|(year, kind, index)| {
        let most = Period::year(year).unwrap().within(kind).len() as i16;
        Period::new(year, kind, (index - 1) % most + 1).unwrap()
    })
}

fn any_scheme() -> impl Strategy<Value = Cutoff> {
    prop_oneof![
        Just(Cutoff::calendar()),
        Just(Cutoff::shipped("nd09").unwrap()),
        // A change of rule in 2025.
        (1i8..=28, 1i8..=28, any::<bool>(), any::<bool>()).prop_filter_map("leaves a month empty", |(a, b, pa, pb)| {
            let toml = format!(
                "[scheme.x]\ntitle_vi='x'\ntitle_en='x'\nsource='x'\n[[scheme.x.rule]]\nstart_day={a}\nin_previous_month={pa}\n\
                 [[scheme.x.rule]]\nfrom='2025-04'\nstart_day={b}\nin_previous_month={pb}\n"
            );
            Cutoff::parse(&toml).ok()?.remove("x")
        }),
    ]
}

#[test]
fn codes_and_numbers() {
    for (code, number) in [
        ("2025", 20_250_000),
        ("2025-H1", 20_250_101),
        ("2025-H2", 20_250_102),
        ("2025-9M", 20_250_201),
        ("2025-Q2", 20_250_302),
        ("2025-06", 20_250_406),
        ("2025-01-01", 20_250_501),
        ("2024-12-31", 20_240_866),
    ] {
        assert_eq!(p(code).to_i64(), number);
        assert_eq!(Period::from_i64(number), Some(p(code)));
        assert_eq!(p(code).to_string(), code);
    }
    for bad in [
        "",
        "25",
        "2025-",
        "2025-13",
        "2025-00",
        "2025-6",
        "2025-H3",
        "2025-Q0",
        "2025-q1",
        "2025-02-30",
        "2025-9m",
        "+2025",
        "2025-Q+1",
        "20255",
        "2025-06-1",
        "2025-é",
    ] {
        assert_eq!(bad.parse::<Period>().unwrap_err().code(), "period.not_a_period", "{bad}");
    }
    assert_eq!("1899".parse::<Period>(), Err(CalendarError::YearOutOfRange(1899)));
    for bad in [20_250_001, 20_250_103, 20_250_405 + 10, 20_250_866, 18_990_000, -1, i64::MAX, i64::MIN] {
        assert_eq!(Period::from_i64(bad), None, "{bad}");
    }
}

#[test]
fn reads_vietnamese() {
    for (text, code) in [
        ("quý II/2025", "2025-Q2"),
        ("Quý 2 năm 2025", "2025-Q2"),
        ("QUÝ IV-2025", "2025-Q4"),
        ("quy i nam 2025", "2025-Q1"),
        ("6 tháng đầu năm 2025", "2025-H1"),
        ("6 tháng cuối năm 2025", "2025-H2"),
        ("sáu tháng đầu năm 2025", "2025-H1"),
        ("9 tháng 2025", "2025-9M"),
        ("9 tháng đầu năm 2025", "2025-9M"),
        ("tháng 6/2025", "2025-06"),
        ("Tháng 06 năm 2025", "2025-06"),
        ("năm 2025", "2025"),
        ("2025", "2025"),
        ("2025-h1", "2025-H1"),
        ("kỳ báo cáo năm 2025", "2025"),
        ("ngày 14/6/2025", "2025-06-14"),
        ("ngày 14 tháng 6 năm 2025", "2025-06-14"),
        ("nă\u{306}m 2025", "2025"),
        ("qu\u{79}\u{301} II/2025", "2025-Q2"),
    ] {
        assert_eq!(Period::parse_vi(text), Ok(p(code)), "{text}");
    }
    for bad in ["", "quý V/2025", "tháng 13/2025", "quý II", "3 tháng 2025", "quý II/25", "ngày 31/2/2025", "tháng 2025", "6 tháng giữa năm 2025"] {
        assert_eq!(Period::parse_vi(bad).unwrap_err().code(), "period.not_a_period", "{bad}");
    }
    assert_eq!(Period::parse_vi("năm 3025").unwrap_err().code(), "period.year_out_of_range");
}

#[test]
fn walks_and_contains() {
    let codes = |list: Vec<Period>| list.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    assert_eq!(codes(p("2025").within(PeriodKind::Quarter)), "2025-Q1 2025-Q2 2025-Q3 2025-Q4");
    assert_eq!(codes(p("2025-9M").within(PeriodKind::Quarter)), "2025-Q1 2025-Q2 2025-Q3");
    assert_eq!(codes(p("2025-H2").within(PeriodKind::Month)), "2025-07 2025-08 2025-09 2025-10 2025-11 2025-12");
    assert_eq!(codes(p("2025-9M").within(PeriodKind::Half)), "2025-H1");
    assert_eq!(p("2024-02").within(PeriodKind::Day).len(), 29);
    assert!(p("2025-Q1").within(PeriodKind::Year).is_empty());
    assert!(p("2025-H1").contains(p("2025-Q2")) && !p("2025-H1").contains(p("2025-Q3")) && !p("2025").contains(p("2026-01")));
    assert_eq!(p("2025-Q1").previous(), Some(p("2024-Q4")));
    assert_eq!(p("2024-12-31").next(), Some(p("2025-01-01")));
    assert_eq!(p("2025-9M").next(), Some(p("2026-9M")));
    assert_eq!((p("1900").previous(), p("2200-12").next()), (None, None));
    assert_eq!(p("2025-06").same_period_last_year(), Some(p("2024-06")));
    assert_eq!(p("2025-03-01").same_period_last_year(), Some(p("2024-03-01")));
    assert_eq!(p("2024-02-29").same_period_last_year(), None);
}

#[test]
fn labels() {
    for (code, vi, en, axis) in [
        ("2025", "năm 2025", "2025", "2025"),
        ("2025-H1", "6 tháng đầu năm 2025", "first half of 2025", "6T/25"),
        ("2025-9M", "9 tháng năm 2025", "nine months of 2025", "9T/25"),
        ("2025-Q2", "quý II/2025", "Q2 2025", "II/25"),
        ("2025-06", "tháng 6/2025", "June 2025", "6/25"),
        ("2025-06-04", "ngày 04/06/2025", "4 June 2025", "4/6"),
    ] {
        assert_eq!((p(code).label_vi().as_str(), p(code).label_en().as_str(), p(code).label_axis().as_str()), (vi, en, axis));
    }
}

#[test]
fn decree_09_windows() {
    let nd09 = Cutoff::shipped("nd09").unwrap();
    for (code, from, to) in [
        ("2025", date(2024, 12, 15), date(2025, 12, 14)),
        ("2025-H1", date(2024, 12, 15), date(2025, 6, 14)),
        ("2025-9M", date(2024, 12, 15), date(2025, 9, 14)),
        ("2025-Q2", date(2025, 3, 15), date(2025, 6, 14)),
        ("2025-06", date(2025, 5, 15), date(2025, 6, 14)),
        ("2025-06-20", date(2025, 6, 20), date(2025, 6, 20)),
    ] {
        assert_eq!(nd09.window(p(code)), (from, to), "{code}");
    }
    assert_eq!(Period::containing(PeriodKind::Year, date(2024, 12, 15), &nd09), Some(p("2025")));
    assert_eq!(Period::containing(PeriodKind::NineMonths, date(2025, 9, 15), &nd09), None);
    assert_eq!(Period::containing(PeriodKind::Year, date(1899, 12, 20), &nd09), Some(p("1900")));
    assert_eq!(Cutoff::shipped("calendar").unwrap().window(p("2024-02")), Cutoff::calendar().window(p("2024-02")));
    assert_eq!(Cutoff::shipped("x").unwrap_err().code(), "calendar.bad_data");
}

#[test]
fn bad_schemes_are_refused() {
    let rules = |rules: &str| Cutoff::parse(&format!("[scheme.x]\ntitle_vi='x'\ntitle_en='x'\nsource='x'\n{rules}")).is_ok();
    assert!(rules("rule = [{start_day=15}]"));
    for bad in [
        "rule = []",
        "rule = [{start_day=0}]",
        "rule = [{start_day=29}]",
        "rule = [{start_day=1, other=1}]",
        "rule = [{start_day=1, from='2025'}]",
        "rule = [{start_day=1},{start_day=2}]",
        "rule = [{start_day=15},{from='2025-04',start_day=15,in_previous_month=true}]",
    ] {
        assert!(!rules(bad), "{bad}");
    }
}

proptest! {
    #[test]
    fn text_number_and_serde_round_trip(period in any_period()) {
        prop_assert_eq!(period.to_string().parse(), Ok(period));
        prop_assert_eq!(Period::from_i64(period.to_i64()), Some(period));
        prop_assert_eq!(Period::parse_vi(&period.to_string()), Ok(period));
        prop_assert_eq!(Period::parse_vi(&period.label_vi()), Ok(period));
        #[derive(serde::Serialize, serde::Deserialize)]
        struct Row { period: Period, kind: PeriodKind }
        let text = toml::to_string(&Row { period, kind: period.kind() }).unwrap();
        prop_assert_eq!(&text, &format!("period = \"{period}\"\nkind = \"{}\"\n", period.kind().code()));
        prop_assert_eq!(toml::from_str::<Row>(&text).unwrap().period, period);
    }

    #[test]
    fn order_is_the_number(a in any_period(), b in any_period()) {
        prop_assert_eq!(a.cmp(&b), a.to_i64().cmp(&b.to_i64()));
        if a.in_year() < b.in_year() { prop_assert!(a < b); }
    }

    #[test]
    fn next_and_previous_undo_each_other(period in any_period()) {
        if let Some(next) = period.next() {
            prop_assert_eq!(next.previous(), Some(period));
            prop_assert!(period < next && next.kind() == period.kind());
        }
        prop_assert_eq!(period.previous().is_none(), period.in_year() == 1900 && period.index() == 1);
    }

    #[test]
    fn parts_tile_their_period(period in any_period(), kind in any_kind()) {
        let parts = period.within(kind);
        for part in &parts {
            prop_assert!(period.contains(*part));
        }
        for pair in parts.windows(2) {
            prop_assert_eq!(pair[0].last_day().checked_add(1.day()).unwrap(), pair[1].first_day());
        }
        if matches!(kind, PeriodKind::Month | PeriodKind::Day) && period.kind() != PeriodKind::Day {
            prop_assert_eq!(parts.first().unwrap().first_day(), period.first_day());
            prop_assert_eq!(parts.last().unwrap().last_day(), period.last_day());
        }
    }

    #[test]
    fn windows_tile_time(period in any_period(), cutoff in any_scheme()) {
        let (from, to) = cutoff.window(period);
        prop_assert!(from <= to);
        if let Some(next) = period.next() && period.kind() != PeriodKind::NineMonths {
            prop_assert_eq!(to.checked_add(1.day()).unwrap(), cutoff.window(next).0);
        }
        // A longer window is exactly its months' windows.
        let months = period.within(PeriodKind::Month);
        if let (Some(first), Some(last)) = (months.first(), months.last()) {
            prop_assert_eq!((cutoff.window(*first).0, cutoff.window(*last).1), (from, to));
        }
    }

    #[test]
    fn every_day_has_its_period(offset in 0i64..109_000, kind in any_kind(), cutoff in any_scheme()) {
        let day = date(1900, 1, 15).checked_add(offset.days()).unwrap();
        match Period::containing(kind, day, &cutoff) {
            Some(period) => {
                let (from, to) = cutoff.window(period);
                prop_assert!((from..=to).contains(&day) && period.kind() == kind);
            }
            None => prop_assert_eq!(kind, PeriodKind::NineMonths),
        }
    }

    #[test]
    fn no_text_panics(text in any::<String>(), near in "[0-9HQMqhm/ -]{0,12}", number in any::<i64>(), toml in "[a-z.=\\[\\]'\n0-9 _]{0,60}") {
        for text in [text, near] {
            let _ = (text.parse::<Period>(), Period::parse_vi(&text));
        }
        let _ = (Period::from_i64(number), Cutoff::parse(&toml));
    }

    #[test]
    fn no_date_panics(days in -2_000_000i32..2_000_000, kind in any_kind(), cutoff in any_scheme()) {
        let day = date(2000, 1, 1).saturating_add(i64::from(days).days());
        let _ = (Period::containing(kind, day, &cutoff), Period::containing(kind, Date::MIN, &cutoff), Period::containing(kind, Date::MAX, &cutoff));
    }
}
