//! Laws of judging.

use super::files::small;
use crate::model::{
    Alarm, Choice, Compose, Confidence, Criterion, Given, Indicator, Kind, Library, Op, Outcome, Set, Tally, Threshold, Traits, judge, looser, steps, watch,
};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

const CODES: [&str; 4] = ["1.1", "1.2", "2.1", "2.2"];

fn indicator(code: &str, kind: Kind, op: Op, value: Option<i64>) -> Indicator {
    let says = |v: i64| {
        if kind == Kind::YesNo {
            Threshold { expected: Some("Đạt".into()), ..Threshold::default() }
        } else {
            Threshold { op: Some(op), value: Some(Decimal::from(v)), ..Threshold::default() }
        }
    };
    Indicator { thresholds: value.map(says).into_iter().collect(), ..Indicator::new(code, "x", kind) }
}

fn set_of(indicators: Vec<Indicator>) -> Set {
    let mut set = small("thu");
    for number in ["1", "2"] {
        let own = indicators.iter().filter(|i| i.code.starts_with(number)).cloned().collect();
        set.criteria.push(Criterion {
            number: number.into(),
            title: number.into(),
            group: String::new(),
            condition: false,
            confidence: Confidence::Source,
            note: None,
            indicators: own,
        });
    }
    set
}

fn sets() -> impl Strategy<Value = Set> {
    proptest::collection::vec((0..3usize, 0..2usize, proptest::option::of(0i64..100)), 4).prop_map(|list| {
        let kinds = [Kind::Percent, Kind::Amount, Kind::YesNo];
        let ops = [Op::AtLeast, Op::AtMost];
        set_of(list.into_iter().zip(CODES).map(|((kind, op, value), code)| indicator(code, kinds[kind], ops[op], value)).collect())
    })
}

fn given() -> impl Strategy<Value = Option<Given>> {
    prop_oneof![
        Just(None),
        (0i64..100, 1i64..100).prop_map(|(n, of)| Some(Given::Ratio { n: n.min(of), of })),
        (0i64..100).prop_map(|n| Some(Given::Number { value: n.into() })),
        any::<bool>().prop_map(|yes| Some(Given::Answer { yes })),
        Just(Some(Given::NotApplicable)),
    ]
}

fn values() -> impl Strategy<Value = BTreeMap<String, Given>> {
    proptest::collection::vec(given(), 4).prop_map(|list| list.into_iter().zip(CODES).filter_map(|(g, code)| Some((code.to_owned(), g?))).collect())
}

proptest! {
    #[test]
    fn everything_is_counted_once_and_only_what_can_be_judged_is(set in sets(), values in values()) {
        let library = Library::default();
        let traits = Traits::plain(2024);
        let card = judge(&library, &set, &traits, &values);
        prop_assert_eq!(card.tally.all(), 4);
        prop_assert_eq!(card.criteria_tally.all(), 2);
        prop_assert_eq!(card.tally, Tally::of(card.indicators.iter().map(|j| j.outcome)));
        for j in &card.indicators {
            match j.outcome {
                Outcome::Met | Outcome::NotMet => prop_assert!(matches!(j.choice, Choice::Applies(_)) && values.contains_key(&j.indicator.code)),
                Outcome::NoLevel => prop_assert!(matches!(j.choice, Choice::Missing(_)) && values.contains_key(&j.indicator.code)),
                Outcome::NotApplicable => prop_assert_eq!(values.get(&j.indicator.code), Some(&Given::NotApplicable)),
                Outcome::NoData => {}
            }
            // A gap is positive exactly when the value falls short, except at strict comparisons, which are not made here.
            if let Some(gap) = j.gap {
                prop_assert_eq!(j.outcome == Outcome::NotMet, gap > Decimal::ZERO, "{:?}", j);
            }
        }
        let met = card.indicators.iter().all(|j| matches!(j.outcome, Outcome::Met | Outcome::NotApplicable)) && card.tally.met > 0;
        let by_criteria = card.criteria.iter().all(|o| matches!(o, Outcome::Met | Outcome::NotApplicable));
        prop_assert_eq!(card.whole == Outcome::Met, met && by_criteria);
    }

    #[test]
    fn a_better_value_never_loses_what_was_met(n in 0i64..100, more in 0i64..100, level in 0i64..100, of in 1i64..120) {
        let library = Library::default();
        let traits = Traits::plain(2024);
        let set = set_of(vec![indicator("1.1", Kind::Percent, Op::AtLeast, Some(level))]);
        let outcome = |n: i64| {
            let values: BTreeMap<String, Given> = [("1.1".to_owned(), Given::Ratio { n: n.min(of), of })].into();
            judge(&library, &set, &traits, &values).outcome("1.1").unwrap()
        };
        if outcome(n) == Outcome::Met {
            prop_assert_eq!(outcome(n + more), Outcome::Met);
        }
    }

    #[test]
    fn the_missing_number_of_things_is_just_enough(n in 0i64..200, of in 1i64..200, level in 0i64..=100) {
        let n = n.min(of);
        let library = Library::default();
        let traits = Traits::plain(2024);
        let set = set_of(vec![indicator("1.1", Kind::Percent, Op::AtLeast, Some(level))]);
        let card = |n: i64| [("1.1".to_owned(), Given::Ratio { n, of })].into_iter().collect::<BTreeMap<_, _>>();
        let first = card(n);
        let judged = judge(&library, &set, &traits, &first).indicators.remove(0);
        if judged.outcome == Outcome::NotMet {
            let more = judged.missing_units.unwrap();
            prop_assert!(n + more <= of);
            prop_assert_eq!(judge(&library, &set, &traits, &card(n + more)).outcome("1.1"), Some(Outcome::Met));
            prop_assert_eq!(judge(&library, &set, &traits, &card(n + more - 1)).outcome("1.1"), Some(Outcome::NotMet));
        }
    }

    #[test]
    fn a_stricter_threshold_never_helps(a in 0i64..100, b in 0i64..100, value in 0i64..100, down in any::<bool>()) {
        let op = if down { Op::AtMost } else { Op::AtLeast };
        let (x, y) = (Decimal::from(a), Decimal::from(b));
        if !looser(op, x, op, y) {
            // x is at least as strict as y: whoever meets x meets y.
            prop_assert!(!op.holds(value.into(), x) || op.holds(value.into(), y));
        }
    }

    #[test]
    fn the_cheapest_steps_lead_to_the_rank(set in sets(), values in values()) {
        let library = Library::default();
        let traits = Traits::plain(2024);
        let card = judge(&library, &set, &traits, &values);
        let todo = steps(&card);
        let open = card.indicators.iter().filter(|j| !matches!(j.outcome, Outcome::Met | Outcome::NotApplicable)).count();
        prop_assert_eq!(todo.len(), open);
        prop_assert!(todo.windows(2).all(|w| w[0].cost.is_some() || w[1].cost.is_none()));
        prop_assert_eq!(todo.iter().filter(|s| s.completes).count(), card.criteria.iter().filter(|o| !matches!(o, Outcome::Met | Outcome::NotApplicable)).count());
    }
}

#[test]
fn of_a_composite_only_as_many_parts_as_needed() {
    let library = Library::default();
    let traits = Traits::plain(2024);
    let part = |code: &str| indicator(code, Kind::YesNo, Op::AtLeast, Some(1));
    let whole = Indicator {
        compose: Some(Compose::AtLeast(2)),
        parts: vec![part("1.1.a"), part("1.1.b"), part("1.1.c")],
        ..Indicator::new("1.1", "x", Kind::Composite)
    };
    let set = set_of(vec![whole, indicator("2.1", Kind::YesNo, Op::AtLeast, Some(1))]);
    let answer = |list: &[(&str, bool)]| list.iter().map(|(c, yes)| ((*c).to_owned(), Given::Answer { yes: *yes })).collect::<BTreeMap<_, _>>();
    let outcome = |v: &BTreeMap<String, Given>| judge(&library, &set, &traits, v).outcome("1.1").unwrap();
    assert_eq!(outcome(&answer(&[("1.1.a", true), ("1.1.b", true)])), Outcome::Met);
    assert_eq!(outcome(&answer(&[("1.1.a", false), ("1.1.b", false)])), Outcome::NotMet);
    assert_eq!(outcome(&answer(&[("1.1.a", true), ("1.1.b", false)])), Outcome::NoData);
    let values = answer(&[("1.1.a", true), ("1.1.b", false), ("2.1", true)]);
    let card = judge(&library, &set, &traits, &values);
    let todo = steps(&card);
    assert_eq!(todo.iter().map(|s| s.judged.indicator.code.as_str()).collect::<Vec<_>>(), ["1.1.b"]);
}

#[test]
fn recognition_is_endangered_by_data() {
    let rules = crate::facts::rules().unwrap();
    let library = crate::facts::shipped().unwrap();
    let set = library.get("commune-2021-2025").unwrap();
    let traits = Traits::plain(2024);
    // A yes-or-no indicator of each of several criteria fails.
    let failing = |criteria: &[&str]| -> BTreeMap<String, Given> {
        let first = |n: &&str| set.criteria.iter().find(|c| c.number == **n).unwrap().indicators.iter().find(|i| i.kind == Kind::YesNo).unwrap().code.clone();
        criteria.iter().map(|n| (first(n), Given::Answer { yes: false })).collect()
    };
    let alarm = |criteria: &[&str]| {
        let values = failing(criteria);
        let card = judge(&library, set, &traits, &values);
        let watch = watch(&rules, set, &card.criteria);
        (watch.alarm, watch.failed, watch.case.map(|c| c.code.clone()))
    };
    assert_eq!(alarm(&["1", "3", "4", "6"]), (Alarm::Calm, 4, None));
    // 5 of 19 is 26 %; one more would be 31 %, and it may be a key criterion.
    assert_eq!(alarm(&["1", "3", "4", "6", "7"]), (Alarm::Near, 5, Some("A".to_owned())));
    assert_eq!(alarm(&["1", "3", "4", "6", "7", "17"]), (Alarm::Revocable, 6, Some("A".to_owned())));
    // 6 of 19 without a key criterion is not enough.
    assert_eq!(alarm(&["1", "3", "4", "6", "7", "8"]).0, Alarm::Near);
    assert_eq!(alarm(&["1", "3", "4", "6", "7", "8", "9", "13", "14", "15"]), (Alarm::Revocable, 10, Some("B".to_owned())));
}
