use super::*;
use proptest::prelude::*;

fn hints(unit: &str) -> NumberHints<'_> {
    NumberHints { unit, ..NumberHints::default() }
}

/// The value, and the other reading after "|".
fn read(text: &str, hints: NumberHints<'_>) -> String {
    match parse_number(text, hints) {
        Ok(ParsedNumber { value, ambiguous: None, .. }) => value.to_string(),
        Ok(ParsedNumber { value, ambiguous: Some(other), .. }) => format!("{value}|{}", other.value),
        Err(problem) => problem.code().to_owned(),
    }
}

#[test]
fn separators() {
    for (text, value) in [
        ("1.234.567,5", "1234567.5"),
        ("1,234.5", "1234.5"),
        ("1,234,567", "1234567"),
        ("1.234", "1234|1.234"),
        ("1,234", "1.234|1234"),
        ("1,5", "1.5"),
        ("1.5", "1.5"),
        ("0.123", "0.123"),
        ("0,123", "0.123"),
        ("1234.567", "1234.567"),
        ("1.2345", "1.2345"),
        ("1 234 567", "1234567"),
        ("1\u{a0}234,5", "1234.5"),
        ("1'234.5", "1234.5"),
        ("12", "12"),
        ("(123)", "-123"),
        ("(1.234,5)", "-1234.5"),
        ("-5", "-5"),
        ("– 5", "-5"),
        ("−1,5", "-1.5"),
        ("+7", "7"),
        (",5", "0.5"),
        ("007", "7"),
        ("1.2E+09", "1200000000"),
        ("1e-3", "0.001"),
        ("-1.234", "-1234|-1.234"),
        ("１２", "number.not_a_number"),
        ("1.23.456", "number.malformed"),
        ("1 2", "number.malformed"),
        ("5.", "number.malformed"),
        ("1.234.56", "number.malformed"),
        ("1.234,567,8", "number.malformed"),
        ("1,234.567.890", "number.malformed"),
        ("1 234.567.890", "number.malformed"),
        ("1..5", "number.malformed"),
        (".", "number.not_a_number"),
        ("abc", "number.not_a_number"),
        ("12abc", "number.unknown_unit"),
        ("--5", "number.not_a_number"),
        ("1e99", "number.unknown_unit"),
        ("99999999999999999999999999999999", "number.too_big"),
        ("0,00000000000000000000000000000000001", "number.too_big"),
    ] {
        assert_eq!(read(text, hints("")), value, "{text}");
    }
}

#[test]
fn what_the_caller_knows_settles_the_ambiguity() {
    let whole = NumberHints { whole: true, ..hints("") };
    let vi = NumberHints { style: Some(NumberStyle::Vietnamese), ..hints("") };
    let en = NumberHints { style: Some(NumberStyle::English), ..hints("") };
    assert_eq!((read("1.234", whole), read("1,234", whole)), ("1234".into(), "1234".into()));
    assert_eq!((read("1.234", vi), read("1,234", vi)), ("1234".into(), "1.234".into()));
    assert_eq!((read("1.234", en), read("1,234", en)), ("1.234".into(), "1234".into()));
    assert_eq!(read("1.5", vi), "1.5");
}

#[test]
fn units() {
    for (text, unit, value) in [
        ("1,2 tỷ", "triệu đồng", "1200"),
        ("1,2 tỷ đồng", "đồng", "1200000000"),
        ("500 triệu", "tỷ đồng", "0.5"),
        ("1,2 tỷ", "", "1.2"),
        ("5", "triệu đồng", "5"),
        ("5 triệu đồng", "triệu đồng", "5"),
        ("5tr", "triệu đồng", "5"),
        ("3 nghìn", "người", "3000"),
        ("120 hộ", "hộ", "120"),
        ("1,2 nghìn hộ", "hộ", "1200"),
        ("120 người", "hộ", "number.unknown_unit"),
        ("5 m2", "ha", "0.0005"),
        ("2,5 ha", "m2", "25000"),
        ("1 km²", "ha", "100"),
        ("3 sào", "m2", "1080|1500"),
        ("3 sào", "ha", "0.108|0.15"),
        ("3 sào", "", "3"),
        ("2 công", "m2", "2000|2592"),
        ("1 mẫu", "m2", "3600|5000"),
        ("2 công", "công", "2"),
        ("5 tấn", "tạ", "50"),
        ("2 nghìn", "ha", "2000"),
        ("5 kg", "ha", "number.wrong_unit"),
        ("5 triệu đồng", "hộ", "number.wrong_unit"),
        ("85%", "ha", "number.wrong_unit"),
        ("1.500 m2", "ha", "0.15|0.00015"),
        ("85,5%", "%", "85.5"),
        ("85 %", "", "85"),
        ("85 phần trăm", "%", "85"),
        ("85", "%", "85"),
        ("85%%", "%", "number.unknown_unit"),
        ("5 con", "", "number.unknown_unit"),
        ("1 tỷ 200 triệu", "đồng", "number.unknown_unit"),
        ("99999999999999999999999 tỷ", "đồng", "number.too_big"),
    ] {
        assert_eq!(read(text, hints(unit)), value, "{text} as {unit}");
    }
    let money = parse_number("1,2 tỷ đồng", hints("")).unwrap();
    assert_eq!(money.unit.unwrap().quantity, Quantity::Money);
    assert!(parse_number("85%", hints("")).unwrap().percent);
    let sao = parse_number("3 sào", hints("m2")).unwrap().ambiguous.unwrap();
    assert_eq!(sao.why.code(), "number.ambiguous_local_unit");
}

#[test]
fn answers_in_place_of_numbers() {
    for (text, code) in [
        ("", "number.empty"),
        (" \u{a0}", "number.empty"),
        ("-", "number.not_known_or_zero"),
        ("—", "number.not_known_or_zero"),
        ("Không có", "number.not_known_or_zero"),
        ("x", "number.not_applicable"),
        ("KAD", "number.not_applicable"),
        ("không áp dụng", "number.not_applicable"),
        ("Chưa có số liệu", "number.not_known"),
        ("không rõ.", "number.not_known"),
        ("chưa biết", "number.not_known"),
        ("Chu\u{31b}a bie\u{302}\u{301}t", "number.not_known"),
        (".", "number.not_a_number"),
    ] {
        let problem = parse_number(text, hints("")).unwrap_err();
        assert_eq!(problem.code(), code, "{text}");
        assert!(!problem.vi().is_empty() && !problem.en().is_empty());
    }
}

#[test]
fn yes_and_no() {
    for text in ["đạt", "Đạt", "có", "x", "X", "1", "✓", "Đã đạt.", "hoàn thành"] {
        assert_eq!(parse_yes_no(text), Ok(true), "{text}");
    }
    for text in ["không đạt", "Chưa", "0", "không", "chưa đạt", "không có"] {
        assert_eq!(parse_yes_no(text), Ok(false), "{text}");
    }
    assert_eq!(parse_yes_no("KAD"), Err(NumberProblem::NotApplicable));
    assert_eq!(parse_yes_no("không rõ"), Err(NumberProblem::NotKnown));
    assert_eq!(parse_yes_no("-"), Err(NumberProblem::NotKnownOrZero));
    assert_eq!(parse_yes_no(""), Err(NumberProblem::Empty));
    assert_eq!(parse_yes_no("12"), Err(NumberProblem::NotANumber));
}

proptest! {
    #[test]
    fn nothing_panics(text in any::<String>(), unit in any::<String>()) {
        let _ = (parse_number(&text, hints(&unit)), parse_yes_no(&text));
    }

    #[test]
    fn nothing_near_a_number_panics(text in "[-+(]?[0-9., ']{0,40}(%|tỷ|triệu đồng|sào|ha| hộ|e[0-9]{1,3})?\\)?", unit in "(|ha|triệu đồng|hộ|%|nghìn sào)") {
        if let Ok(parsed) = parse_number(&text, hints(&unit)) {
            // Two readings are two values (of zero there is one).
            if let Some(other) = parsed.ambiguous {
                prop_assert!(other.value != parsed.value || parsed.value.is_zero());
            }
        }
    }

    #[test]
    fn a_sign_changes_only_the_sign(text in "[0-9]{1,3}([.,][0-9]{1,3}){0,3}") {
        let plain = parse_number(&text, hints(""));
        let negative = parse_number(&format!("({text})"), hints(""));
        prop_assert_eq!(plain.map(|n| -n.value), negative.map(|n| n.value));
    }

    #[test]
    fn units_convert_there_and_back(value in 0i64..1_000_000_000) {
        let dong = parse_number(&format!("{value} tỷ đồng"), hints("đồng")).unwrap().value;
        prop_assert_eq!(dong, Decimal::from(value) * Decimal::from(1_000_000_000i64));
        prop_assert_eq!(parse_number(&format!("{dong} đồng"), hints("tỷ đồng")).unwrap().value, Decimal::from(value));
    }
}
