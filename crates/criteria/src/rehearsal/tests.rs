//! The grid says what the judge says.

use super::*;
use crate::model::{Compose, Confidence, Criterion, Given, Indicator, Kind, Library, Op, Outcome, Rank, RegionRule, Set, Threshold, Traits, judge};
use places::Level;
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

const REGIONS: [&str; 2] = ["dong_bang", "mien_nui"];

fn decimal() -> impl Strategy<Value = Decimal> {
    // Whole, with decimals, with more decimals than a column keeps, and large ones.
    prop_oneof![
        (-3i64..103).prop_map(Decimal::from),
        (0i64..10_000, 0u32..3).prop_map(|(n, s)| Decimal::new(n, s)),
        (0i64..1_000_000, 6u32..9).prop_map(|(n, s)| Decimal::new(n, s)),
        (0i64..9_000_000_000_000_000, 0u32..2).prop_map(|(n, s)| Decimal::new(n, s)),
    ]
}

fn op() -> impl Strategy<Value = Option<Op>> {
    prop_oneof![4 => (0..5usize).prop_map(|n| Some(Op::ALL[n])), 1 => Just(None)]
}

fn threshold() -> impl Strategy<Value = Threshold> {
    let scope = (
        proptest::option::of(0..2usize),
        proptest::option::of(Just("nhom_1".to_owned())),
        proptest::option::of(Just("dac_biet_kho_khan".to_owned())),
        proptest::option::of(Just(2024i16)),
    );
    (op(), proptest::option::weighted(0.8, decimal()), proptest::option::of(prop_oneof![Just("Đạt".to_owned()), Just("Không".to_owned())]), scope).prop_map(
        |(op, value, expected, (region, group, flag, year))| Threshold {
            op,
            value,
            expected,
            region: region.map(|r| REGIONS[r].to_owned()),
            group,
            flag,
            year,
            ..Threshold::default()
        },
    )
}

fn leaf() -> impl Strategy<Value = Indicator> {
    (0..4usize, proptest::collection::vec(threshold(), 0..3), proptest::option::of((0i64..5).prop_map(Decimal::from))).prop_map(|(kind, thresholds, points)| {
        let kinds = [Kind::Percent, Kind::Amount, Kind::YesNo, Kind::Text];
        Indicator { thresholds, points, ..Indicator::new("", "x", kinds[kind]) }
    })
}

fn indicator() -> impl Strategy<Value = Indicator> {
    let compose = prop_oneof![Just(Compose::All), (0usize..4).prop_map(Compose::AtLeast), (0i64..9).prop_map(|p| Compose::Points(p.into()))];
    prop_oneof![
        4 => leaf(),
        1 => (proptest::collection::vec(leaf(), 0..4), compose).prop_map(|(parts, compose)| Indicator {
            parts,
            compose: Some(compose),
            ..Indicator::new("", "x", Kind::Composite)
        }),
    ]
}

fn set() -> impl Strategy<Value = Set> {
    (proptest::collection::vec(proptest::collection::vec(indicator(), 0..4), 1..4), any::<bool>(), any::<bool>()).prop_map(|(criteria, complete, ruled)| {
        let criteria: Vec<Criterion> = criteria
            .into_iter()
            .zip(1..)
            .map(|(mut indicators, number)| {
                for (i, nth) in indicators.iter_mut().zip(1..) {
                    i.code = format!("{number}.{nth}");
                    for (part, letter) in i.parts.iter_mut().zip(["a", "b", "c", "d"]) {
                        part.code = format!("{number}.{nth}.{letter}");
                    }
                }
                Criterion {
                    number: number.to_string(),
                    title: "x".into(),
                    group: String::new(),
                    condition: number == 3,
                    confidence: Confidence::Source,
                    note: None,
                    indicators,
                }
            })
            .collect();
        let rule = RegionRule {
            flag: "dac_biet_kho_khan".into(),
            region: REGIONS[1].into(),
            clause: String::new(),
            document: String::new(),
            confidence: Confidence::Source,
            source: None,
            note: None,
        };
        let rules = if ruled { vec![rule] } else { Vec::new() };
        Set { complete, region_rules: rules, criteria, ..empty() }
    })
}

fn empty() -> Set {
    Set {
        code: "thu".into(),
        version: 1,
        title: "Bộ thử".into(),
        title_en: "Trial".into(),
        document: String::new(),
        authority: String::new(),
        level: Level::Commune,
        kinds: Vec::new(),
        rank: Rank::Standard,
        requires: Vec::new(),
        required_by: None,
        based_on: None,
        area: None,
        province: None,
        effective_from: None,
        effective_to: None,
        criteria_count: None,
        indicator_count: None,
        regions: REGIONS.map(str::to_owned).to_vec(),
        region_rules: Vec::new(),
        amendments: Vec::new(),
        commune_groups: Vec::new(),
        annexes: Vec::new(),
        observed: Vec::new(),
        complete: false,
        confidence: Confidence::Source,
        source: None,
        note: None,
        criteria: Vec::new(),
    }
}

fn given() -> impl Strategy<Value = Option<Given>> {
    prop_oneof![
        2 => Just(None),
        4 => (0i64..200, 0i64..100).prop_map(|(n, of)| Some(Given::Ratio { n, of })),
        4 => decimal().prop_map(|value| Some(Given::Number { value })),
        2 => any::<bool>().prop_map(|yes| Some(Given::Answer { yes })),
        1 => prop_oneof![Just("ĐẠT"), Just("không"), Just("khác")].prop_map(|t| Some(Given::Words { text: t.into() })),
        1 => Just(Some(Given::NotApplicable)),
    ]
}

type Row = UnitRow<BTreeMap<String, Given>>;

/// Values of one column are mostly of one kind, as they are in life; some columns are mixed.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let traits = (proptest::option::of(0..2usize), any::<bool>(), any::<bool>(), 0..3u128);
    proptest::collection::vec((traits, proptest::collection::vec(given(), 24)), 1..40).prop_map(|units| {
        let codes: Vec<String> = (1..4).flat_map(|c| (1..4).map(move |n| (c, n))).flat_map(|(c, n)| ["", ".a", ".b"].map(|p| format!("{c}.{n}{p}"))).collect();
        units
            .into_iter()
            .zip(1u128..)
            .map(|(((region, group, flag, province), values), nth)| UnitRow {
                unit: Uuid::from_u128(nth),
                province: Some(Uuid::from_u128(province + 1_000)),
                traits: Traits {
                    region: region.map(|r| REGIONS[r].to_owned()),
                    group: group.then(|| "nhom_1".to_owned()),
                    flags: if flag { vec!["dac_biet_kho_khan".into()] } else { Vec::new() },
                    ..Traits::plain(2024)
                },
                values: codes.iter().cloned().zip(values).filter_map(|(code, given)| Some((code, given?))).collect(),
            })
            .collect()
    })
}

/// The same kind of value in the whole column: the first that occurs.
fn of_one_kind(mut rows: Vec<Row>) -> Vec<Row> {
    let mut first: BTreeMap<String, std::mem::Discriminant<Given>> = BTreeMap::new();
    for row in &mut rows {
        row.values.retain(|code, given| {
            *given == Given::NotApplicable || *first.entry(code.clone()).or_insert_with(|| std::mem::discriminant(given)) == std::mem::discriminant(given)
        });
    }
    rows
}

fn same(set: Set, rows: Vec<Row>) -> Result<(), TestCaseError> {
    let library = Library::new([set.clone()]);
    let set = Arc::new(set);
    let grid = Grid::new(&library, Arc::clone(&set), rows.clone());
    let scored = grid.score(&[]);
    for row in &rows {
        let at = grid.place(row.unit).unwrap();
        let card = judge(&library, &set, &row.traits, &row.values);
        for (nth, judged) in card.indicators.iter().enumerate() {
            prop_assert_eq!(
                scored.outcome(nth, at),
                judged.outcome,
                "{} of {:?} by {:?}",
                judged.indicator.code,
                row.values.get(&judged.indicator.code),
                judged.choice
            );
        }
        prop_assert_eq!(scored.whole(at), card.whole);
        prop_assert_eq!(scored.passes(at, Reading::Strict), card.whole == Outcome::Met);
        prop_assert_eq!(usize::from(scored.met[at]), card.tally.met);
        prop_assert_eq!(usize::from(scored.failed[at]), card.tally.not_met);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn the_grid_says_what_the_judge_says(set in set(), rows in rows()) {
        same(set.clone(), rows.clone())?;
        same(set, of_one_kind(rows))?;
    }

    /// Moving a threshold in the grid is judging by a set in which it was written so.
    #[test]
    fn a_move_is_a_set_written_otherwise(set in set(), rows in rows(), by in (-500i64..500).prop_map(|n| Decimal::new(n, 1)), pick in 0..9usize) {
        let rows = of_one_kind(rows);
        let codes: Vec<String> = set.indicators().filter(|i| i.kind.is_number()).map(|i| i.code.clone()).collect();
        prop_assume!(!codes.is_empty());
        let code = &codes[pick % codes.len()];
        let library = Library::new([set.clone()]);
        let grid = Grid::new(&library, Arc::new(set.clone()), rows.clone());
        let moves = [Move { indicator: code.clone(), moved: Moved::By(by), scope: Scope::All }];
        let start = grid.score(&[]);
        let fast = grid.rescore(&start, &[], &moves);
        prop_assert_eq!(&fast, &grid.score(&moves));
        prop_assert_eq!(&grid.rescore(&fast, &moves, &[]), &start);
        let mut written = set;
        for i in written.criteria.iter_mut().flat_map(|c| &mut c.indicators).filter(|i| i.code == *code) {
            for t in &mut i.thresholds {
                t.value = t.value.map(|v| v + by);
            }
        }
        let other = Grid::new(&Library::new([written.clone()]), Arc::new(written), rows);
        let slow = other.score(&[]);
        let nth = grid.set.indicators().position(|i| i.code == *code).unwrap();
        prop_assert_eq!(fast.row(nth), slow.row(nth));
    }

    /// What one point would do is what moving by one point does.
    #[test]
    fn sensitivity_is_a_move_by_one(set in set(), rows in rows(), strict in any::<bool>()) {
        let reading = if strict { Reading::Strict } else { Reading::Judged };
        let grid = Grid::new(&Library::new([set.clone()]), Arc::new(set), of_one_kind(rows));
        let start = grid.score(&[]);
        for shift in sensitivity(&grid, &start, &[], reading) {
            let i = grid.set.indicators().nth(shift.indicator).unwrap();
            let up = grid.range(&i.code).unwrap().0.upward() != Some(false);
            let by = |n: i64| grid.score(&[Move { indicator: i.code.clone(), moved: Moved::By(n.into()), scope: Scope::All }]).passed(reading);
            let (easier, harder) = if up { (by(-1), by(1)) } else { (by(1), by(-1)) };
            prop_assert_eq!((shift.easier, shift.harder), (easier, harder));
        }
    }

    #[test]
    fn a_move_comes_back_as_it_was_written(text in "[0-9a-z.:=+<>@ -]{0,24}") {
        if let Ok(read) = text.parse::<Move>() {
            prop_assert_eq!(read.to_string().parse::<Move>().unwrap(), read);
        }
    }
}

#[test]
fn moves_are_read_and_refused() {
    let read = |text: &str| text.parse::<Move>().unwrap();
    assert_eq!(read("8.4:+5").moved, Moved::By(5.into()));
    assert_eq!(read("8.4:-2,5").moved, Moved::By(Decimal::new(-25, 1)));
    assert_eq!(read("8.4:=90@r.tay_nguyen"), Move { indicator: "8.4".into(), moved: Moved::To(None, 90.into()), scope: Scope::Region("tay_nguyen".into()) });
    assert_eq!(read("9.1:≤3").moved, Moved::To(Some(Op::AtMost), 3.into()));
    assert_eq!(read("8.4:x").moved, Moved::Out);
    for bad in ["", "8.4", "8.4:", "8.4:5", "8.4:+x", "8.4:=1.234", "8.4:=9999999999", ":+1", "8.4:+1@q.x", "8.4:+1@p.x", "8.4:+1@r."] {
        assert!(bad.parse::<Move>().is_err(), "{bad}");
    }
}

/// The law's own threshold: 89.96 % is not 90 %, also in whole numbers.
#[test]
fn nothing_is_rounded_up() {
    let mut i = Indicator::new("1.1", "x", Kind::Percent);
    i.thresholds.push(Threshold { op: Some(Op::AtLeast), value: Some(90.into()), ..Threshold::default() });
    let criterion = Criterion {
        number: "1".into(),
        title: "x".into(),
        group: String::new(),
        condition: false,
        confidence: Confidence::Source,
        note: None,
        indicators: vec![i],
    };
    let set = Set { complete: true, criteria: vec![criterion], ..empty() };
    let row = |n: i64, of: i64, id: u128| UnitRow {
        unit: Uuid::from_u128(id),
        province: None,
        traits: Traits::plain(2024),
        values: BTreeMap::from([("1.1".to_owned(), Given::Ratio { n, of })]),
    };
    let grid = Grid::new(&Library::new([set.clone()]), Arc::new(set), vec![row(8_999_999_999, 10_000_000_000, 1), row(9, 10, 2), row(2, 3, 3)]);
    let outcome = |moves: &[Move]| (0..3).map(|u| grid.score(moves).outcome(0, u)).collect::<Vec<_>>();
    assert_eq!(outcome(&[]), [Outcome::NotMet, Outcome::Met, Outcome::NotMet]);
    let at = |text: &str| outcome(&[text.parse().unwrap()]);
    assert_eq!(at("1.1:=66.66"), [Outcome::Met; 3]);
    assert_eq!(at("1.1:=66.67"), [Outcome::Met, Outcome::Met, Outcome::NotMet]);
    assert_eq!(at("1.1:>90"), [Outcome::NotMet; 3]);
    let margin = grid.margin("1.1", 2, &["1.1:+1".parse().unwrap()]).unwrap();
    assert_eq!((margin.value, margin.threshold, margin.better), (Decimal::new(6666, 2), 91.into(), Decimal::new(-2434, 2)));
    let found = findings(&grid, &grid.score(&["1.1:=0".parse().unwrap()]));
    assert_eq!(found.single, [(0, Finding::Everybody)]);
}
