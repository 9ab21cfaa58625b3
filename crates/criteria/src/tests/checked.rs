//! What a set may not contain.

use super::files::small;
use super::shipped::around;
use crate::check::check;
use crate::model::{Confidence, Criterion, Indicator, Kind, Library, Op, Set, Threshold};
use rust_decimal::Decimal;

fn with(mut set: Set, indicators: Vec<Indicator>) -> Set {
    set.criteria = vec![Criterion {
        number: "1".into(),
        title: "A".into(),
        group: String::new(),
        condition: false,
        confidence: Confidence::Source,
        note: None,
        indicators,
    }];
    set
}

fn percent(code: &str, value: i64) -> Indicator {
    let t = Threshold { op: Some(Op::AtLeast), value: Some(Decimal::from(value)), ..Threshold::default() };
    Indicator { thresholds: vec![t], ..Indicator::new(code, "Tỷ lệ", Kind::Percent) }
}

fn codes(set: &Set) -> Vec<&'static str> {
    check(set, &around()).into_iter().map(|f| f.code).collect()
}

#[test]
fn a_sound_set_passes() {
    assert!(codes(&with(small("xa-thu"), vec![percent("1.1", 80)])).is_empty());
}

#[test]
fn unknown_words_and_broken_formulas_are_refused() {
    let mut i = percent("1.1", 80);
    i.thresholds[0].region = Some("mien_tay".to_owned());
    i.formula = Some("so_ho *".to_owned());
    assert_eq!(codes(&with(small("xa-thu"), vec![i])), ["formula_broken", "unknown_region"]);
    let mut i = percent("1.1", 180);
    i.formula = Some("so_ho / so_ma".to_owned());
    assert_eq!(codes(&with(small("xa-thu"), vec![i])), ["unknown_measure", "threshold_range"]);
}

#[test]
fn a_province_may_ask_more_but_not_less() {
    let based = |value| {
        let set = Set { based_on: Some("commune-2021-2025".to_owned()), province: Some("p:old:24".to_owned()), ..small("xa-thu") };
        with(set, vec![percent("15.1", value)])
    };
    assert_eq!(codes(&based(89)), ["looser_than_floor"]);
    assert!(codes(&based(90)).is_empty());
    assert!(codes(&based(97)).is_empty());
    // At most: less is stricter. Bắc Giang lies in the northern mountains, whose threshold is 24.
    let mut set = based(97);
    let stunting = |value: i64| Indicator {
        op: Some(Op::AtMost),
        thresholds: vec![Threshold { op: Some(Op::AtMost), value: Some(Decimal::from(value)), ..Threshold::default() }],
        ..Indicator::new("15.3", "Thấp còi", Kind::Percent)
    };
    set.criteria[0].indicators = vec![stunting(25)];
    assert_eq!(codes(&set), ["looser_than_floor"]);
    set.criteria[0].indicators = vec![stunting(20)];
    assert!(codes(&set).is_empty());
    // Within one set: a province's own threshold below the country's.
    let mut i = percent("1.1", 80);
    i.thresholds.push(Threshold { province: Some("p:old:24".to_owned()), value: Some(Decimal::from(70)), ..i.thresholds[0].clone() });
    assert_eq!(codes(&with(small("xa-thu"), vec![i])), ["looser_than_floor"]);
}

#[test]
fn a_circle_of_references_is_refused() {
    let refers = |code: &str, to: &str| {
        let i = Indicator { refers_to: Some(to.to_owned()), ..Indicator::new("1", "Đạt bộ khác", Kind::Reference) };
        with(small(code), vec![i])
    };
    let mut around = around();
    around.library = Library::new([refers("bo-a", "bo-b"), refers("bo-b", "bo-c"), refers("bo-c", "bo-c")]);
    let found = check(&refers("bo-c", "bo-a"), &around);
    assert_eq!(found[0].code, "reference_cycle");
    assert!(found[0].en.contains("bo-c → bo-a → bo-b → bo-c"), "{}", found[0].en);
    assert_eq!(codes(&refers("bo-x", "bo-y")), ["unknown_set"]);
}
