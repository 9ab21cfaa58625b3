//! Formulas as their authors write them.

use std::collections::BTreeMap;

use crate::{Formula, FormulaError};
use proptest::prelude::*;
use rust_decimal::Decimal;

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn inputs(pairs: &[(&str, &str)]) -> BTreeMap<String, Option<Decimal>> {
    pairs.iter().map(|(code, value)| ((*code).to_owned(), value.parse().ok())).collect()
}

fn result(source: &str, pairs: &[(&str, &str)]) -> Option<String> {
    Formula::parse(source).unwrap().eval(&inputs(pairs)).unwrap().map(|value| value.to_string())
}

#[test]
fn computes_exactly() {
    let ab = [("a", "0.1"), ("b", "0.2"), ("z", "0"), ("none", "")];
    for (source, value) in [
        ("a + b", Some("0.3")),
        ("a + b == 0.3", Some("1")),
        ("a * 100", Some("10")),
        ("1 / 3", Some("0.333333333")),
        ("1 / 3 * 3 >= 1", Some("1")),
        ("2 + 3 * 4 - -1", Some("15")),
        ("10 - 4 - 3", Some("3")),
        ("7 % 4", Some("3")),
        ("(2 + 3) * 4", Some("20")),
        ("-b", Some("-0.2")),
        ("a / z", None),
        ("a % z", None),
        ("a + none", None),
        ("absent", None),
        ("known(none) ? none : b", Some("0.2")),
        ("known(a / z)", Some("0")),
        ("z > 1 && none > 1", Some("0")),
        ("none > 1 && z > 1", Some("0")),
        ("none > 1 || z < 1", Some("1")),
        ("none > 1 || z > 1", None),
        ("!(a > b)", Some("1")),
        ("true && false", Some("0")),
        ("min(3, 1, 2)", Some("1")),
        ("max(3, a)", Some("3")),
        ("max(3, none)", None),
        ("abs(a - b)", Some("0.1")),
        ("round(2.5)", Some("3")),
        ("round(2.345, 2)", Some("2.35")),
        ("a < b ? 1 : a > b ? 2 : 3", Some("1")),
        ("0.12345678949", Some("0.123456789")),
        ("  a\n+\tb ", Some("0.3")),
    ] {
        assert_eq!(result(source, &ab).as_deref(), value, "{source}");
    }
}

#[test]
fn lists_its_inputs_and_shows_them() {
    let formula = Formula::parse("known(TC_09_1) ? TC_09_1 / TC_09 * 100 : max (0, b2)").unwrap();
    assert_eq!(formula.inputs(), ["TC_09", "TC_09_1", "b2"]);
    assert_eq!(formula.show_with(|code| format!("<{code}>")), "known(<TC_09_1>) ? <TC_09_1> / <TC_09> * 100 : max (0, <b2>)");
    assert!(!formula.is_boolean());
    assert!(Formula::parse("true").unwrap().inputs().is_empty());
}

#[test]
fn conditions_are_conditions() {
    let at_least = Formula::parse("a / b * 100 >= 80").unwrap();
    assert!(at_least.is_boolean());
    assert_eq!(at_least.eval_bool(&inputs(&[("a", "4"), ("b", "5")])), Ok(Some(true)));
    assert_eq!(at_least.eval_bool(&inputs(&[("a", "3"), ("b", "5")])), Ok(Some(false)));
    assert_eq!(at_least.eval_bool(&inputs(&[("a", "3")])), Ok(None));
    assert_eq!(Formula::parse("a").unwrap().eval_bool(&inputs(&[])), Err(FormulaError::NotACondition));
}

#[test]
fn refuses_with_a_code() {
    for (source, code) in [
        ("", "formula.empty"),
        ("  ", "formula.empty"),
        ("a +", "formula.syntax"),
        ("(a", "formula.syntax"),
        ("a b", "formula.syntax"),
        ("a = b", "formula.character"),
        ("\"x\"", "formula.character"),
        ("a.b", "formula.character"),
        ("[1]", "formula.character"),
        ("1 // 2", "formula.character"),
        ("1.5x", "formula.character"),
        ("5u", "formula.character"),
        ("1.", "formula.character"),
        ("độ", "formula.character"),
        ("sum(a)", "formula.unknown_function"),
        ("known()", "formula.arguments"),
        ("known(a, b)", "formula.arguments"),
        ("min()", "formula.arguments"),
        ("round(a, b)", "formula.arguments"),
        ("round(a, 99)", "formula.arguments"),
        ("round(a, 1.5)", "formula.arguments"),
        ("a + true", "formula.mixed"),
        ("a && b", "formula.mixed"),
        ("!a", "formula.mixed"),
        ("a ? 1 : 2", "formula.mixed"),
        ("a > 1 ? 1 : true", "formula.mixed"),
        ("a == (b > 1)", "formula.mixed"),
        ("in", "formula.syntax"),
    ] {
        let error = Formula::parse(source).unwrap_err();
        assert_eq!(error.code(), code, "{source}: {error}");
        assert!(!error.vi().is_empty());
    }
    assert_eq!(Formula::parse("a + đ").unwrap_err(), FormulaError::Character { what: 'đ', at: 5 });
}

#[test]
fn is_bounded() {
    assert_eq!(Formula::parse(&"1".repeat(2_001)), Err(FormulaError::TooLong));
    for open in ["(", "-", "!", "1>2?1:", "min(", "- ", "(-"] {
        let text = open.repeat(280);
        assert_eq!(Formula::parse(&text), Err(FormulaError::TooDeep), "{open}");
    }
    assert_eq!(Formula::parse(&format!("1{}", "+1".repeat(201))), Err(FormulaError::TooMany));
    for operator in ["+a", "*a", "-a", "<a", "==a", "/a"] {
        let text = format!("a{}", operator.repeat(200));
        assert_ne!(Formula::parse(&text).map(|f| f.inputs().len()), Err(FormulaError::TooMany), "{operator}");
    }
    let ands = format!("true{}", "&&true".repeat(200));
    assert_eq!(Formula::parse(&ands).unwrap().eval_bool(&inputs(&[])), Ok(Some(true)));
    let deep = format!("{}a{}", "(".repeat(24), ")".repeat(24));
    assert_eq!(Formula::parse(&deep).unwrap().inputs(), ["a"]);
    let power = format!("a{}", "*a".repeat(20));
    assert_eq!(Formula::parse(&power).unwrap().eval(&inputs(&[("a", "99999999")])), Err(FormulaError::Overflow));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = Formula::parse(&text);
    }

    #[test]
    fn no_near_formula_panics(text in "([a-c]|[0-9]{1,3}|[-+*/%<>!?:(),.&|= ]|==|&&|\\|\\||known\\(|min\\(|true|in ){0,30}", value in any::<i64>()) {
        if let Ok(formula) = Formula::parse(&text) {
            let _ = formula.eval_with(|_| Some(Decimal::from(value)));
            let _ = formula.eval_with(|_| None);
        }
    }

    #[test]
    fn agrees_with_decimal_arithmetic(a in -1_000_000i64..1_000_000, b in -1_000_000i64..1_000_000, c in 1i64..1_000_000) {
        let (a, b, c) = (Decimal::new(a, 3), Decimal::new(b, 2), Decimal::new(c, 1));
        let formula = Formula::parse("(a + b) * c - a / c").unwrap();
        let map = BTreeMap::from([("a".to_owned(), Some(a)), ("b".to_owned(), Some(b)), ("c".to_owned(), Some(c))]);
        let expected = (a + b) * c - a / c;
        let got = formula.eval(&map).unwrap().unwrap();
        prop_assert!((got - expected).abs() <= d("0.0000000005"), "{got} {expected}");
        prop_assert!(got.scale() <= crate::PLACES);
    }

    #[test]
    fn literals_are_what_was_written(units in 0i64..1_000_000_000_000, scale in 0u32..6) {
        let value = Decimal::new(units, scale);
        prop_assert_eq!(Formula::parse(&value.to_string()).unwrap().eval(&BTreeMap::new()).unwrap(), Some(value));
    }

    #[test]
    fn one_missing_input_makes_the_sum_missing(present in proptest::collection::vec(any::<bool>(), 1..20)) {
        let source = (0..present.len()).map(|i| format!("m{i}")).collect::<Vec<_>>().join(" + ");
        let map = present.iter().enumerate().map(|(i, yes)| (format!("m{i}"), yes.then_some(Decimal::ONE))).collect();
        let sum = Formula::parse(&source).unwrap().eval(&map).unwrap();
        prop_assert_eq!(sum, present.iter().all(|yes| *yes).then(|| Decimal::from(present.len())));
    }
}
