//! Files: refusals carry their line, and any set survives its own text.

use crate::model::{Compose, Confidence, Criterion, Indicator, Kind, Op, Rank, Scope, Set, Threshold};
use crate::source;
use places::Level;
use proptest::prelude::*;
use rust_decimal::Decimal;

pub fn small(code: &str) -> Set {
    Set {
        code: code.to_owned(),
        version: 1,
        title: "Bộ thử".to_owned(),
        title_en: String::new(),
        document: String::new(),
        authority: String::new(),
        level: Level::Commune,
        kinds: vec!["xã".to_owned()],
        rank: Rank::Smart,
        requires: vec![],
        required_by: None,
        based_on: None,
        area: None,
        province: None,
        effective_from: None,
        effective_to: None,
        criteria_count: None,
        indicator_count: None,
        regions: vec![],
        region_rules: vec![],
        amendments: vec![],
        commune_groups: vec![],
        annexes: vec![],
        observed: vec![],
        complete: true,
        confidence: Confidence::Source,
        source: None,
        note: None,
        criteria: vec![],
    }
}

fn text() -> impl Strategy<Value = String> {
    "[\\PC\"\\\\'\n]{1,20}".prop_map(|t| lang::clean(&t)).prop_filter("empty", |t| !t.is_empty())
}

fn number() -> impl Strategy<Value = Decimal> {
    (-1_000_000_000i64..1_000_000_000, 0u32..9).prop_map(|(n, scale)| Decimal::new(n, scale))
}

fn threshold() -> impl Strategy<Value = Threshold> {
    let scope = (proptest::option::of(text()), proptest::option::of(1990i16..2100), proptest::option::of(text()), proptest::option::of(text()));
    (0..Op::ALL.len(), proptest::option::of(number()), scope, 0..5usize, proptest::option::of(text())).prop_map(
        |(op, value, (region, year, province, note), confidence, expected)| Threshold {
            op: Some(Op::ALL[op]),
            value,
            region,
            year,
            province,
            note,
            confidence: Confidence::ALL[confidence],
            expected,
            from: Some(jiff::civil::date(2024, 2, 29)),
            ..Threshold::default()
        },
    )
}

pub fn indicator(code: &'static str) -> impl Strategy<Value = Indicator> {
    (text(), 0..Kind::ALL.len(), proptest::collection::vec(threshold(), 0..3), any::<bool>(), 0..Scope::ALL.len(), proptest::option::of(number())).prop_map(
        move |(title, kind, thresholds, evidence, scope, points)| {
            let mut i = Indicator { thresholds, evidence, levels_by: Scope::ALL[scope], points, ..Indicator::new(code, title, Kind::ALL[kind]) };
            if i.kind == Kind::Composite {
                i.compose = Some(points.map_or(Compose::AtLeast(1), Compose::Points));
                i.parts = vec![Indicator::new(format!("{code}.a"), "Phần", Kind::YesNo)];
            }
            i
        },
    )
}

proptest! {
    #[test]
    fn any_set_comes_back_from_its_text(title in text(), one in indicator("1.1"), two in indicator("2.1"), note in proptest::option::of(text())) {
        let mut set = small("thu");
        set.title = title.clone();
        set.note = note;
        set.criteria = vec![
            Criterion { number: "1".into(), title: title.clone(), group: String::new(), condition: true, confidence: Confidence::Unknown, note: None, indicators: vec![one] },
            Criterion { number: "2".into(), title, group: "Nhóm".into(), condition: false, confidence: Confidence::Memory, note: None, indicators: vec![two] },
        ];
        let text = source::write(&set);
        let (again, _) = source::read(&text).map_err(|f| TestCaseError::fail(format!("{f:?}\n{text}")))?;
        prop_assert_eq!(again, set);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        let _ = source::read(&text);
    }
}

const GOOD: &str = "[set]\ncode = \"thu\"\ntitle = \"Bộ thử\"\nlevel = \"commune\"\nrank = \"smart\"\n\n[[criterion]]\nnumber = \"1\"\ntitle = \"A\"\n\n[[criterion.indicator]]\ncode = \"1.1\"\ntitle = \"B\"\nkind = \"percent\"\n\n[[criterion.indicator.level]]\nop = \">=\"\nvalue = 16.5\n";

#[test]
fn a_refusal_names_the_line() {
    assert_eq!(source::read(GOOD).unwrap().0.indicator("1.1").unwrap().thresholds[0].value, Some(Decimal::new(165, 1)));
    for (from, to, line) in [
        ("kind = \"percent\"", "kind = \"phan_tram\"", 14),
        ("value = 16.5", "value = true", 18),
        ("op = \">=\"", "op = \"ge\"", 17),
        ("code = \"1.1\"", "code = 1.1", 12),
    ] {
        let flaw = source::read(&GOOD.replace(from, to)).unwrap_err();
        assert_eq!((flaw.code, flaw.line), ("file_unreadable", Some(line)), "{to}");
    }
    let twice = format!("{GOOD}\n[[criterion.indicator]]\ncode = \"1.1\"\ntitle = \"C\"\nkind = \"yes_no\"\n");
    let (set, lines) = source::read(&twice).unwrap();
    let flaws = lines.place(crate::check::check(&set, &super::shipped::around()));
    assert_eq!(flaws.iter().map(|f| (f.code, f.line)).collect::<Vec<_>>(), [("indicator_twice", Some(20))]);
}
