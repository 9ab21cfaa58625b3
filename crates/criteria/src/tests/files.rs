//! Files: refusals carry their line, and any set survives its own text.

use crate::model::{
    Amendment, Annex, CommuneGroup, Compose, Confidence, Criterion, Former, Indicator, Kind, Observed, Op, Rank, RegionRule, Scope, Set, Threshold,
};
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

fn maybe() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(text())
}

fn date() -> impl Strategy<Value = jiff::civil::Date> {
    (2000i16..2100, 1i8..13, 1i8..29).prop_map(|(y, m, d)| jiff::civil::date(y, m, d))
}

fn sure() -> impl Strategy<Value = Confidence> {
    (0..Confidence::ALL.len()).prop_map(|n| Confidence::ALL[n])
}

fn threshold() -> BoxedStrategy<Threshold> {
    let scope = (maybe(), proptest::option::of(1990i16..2100), maybe(), maybe(), maybe());
    let value = (proptest::option::of(0..Op::ALL.len()), proptest::option::of(number()), maybe(), maybe(), proptest::option::of(number()));
    let from = (proptest::option::of(date()), proptest::option::of(date()), maybe(), maybe(), maybe(), maybe(), sure());
    (value, scope, from)
        .prop_map(|((op, value, expected, above, percent), (region, year, group, province, flag), (from, to, clause, document, source, note, confidence))| {
            Threshold {
                op: op.map(|n| Op::ALL[n]),
                value,
                expected,
                above,
                percent,
                region,
                year,
                group,
                province,
                flag,
                from,
                to,
                clause,
                document,
                confidence,
                source,
                note,
            }
        })
        .boxed()
}

fn former() -> BoxedStrategy<Former> {
    (maybe(), proptest::option::of(0..Kind::ALL.len()), maybe(), date())
        .prop_map(|(title, kind, unit, until)| Former { title, kind: kind.map(|n| Kind::ALL[n]), unit, until })
        .boxed()
}

fn plain(code: String, kinds: &'static [Kind]) -> BoxedStrategy<Indicator> {
    let what = (text(), 0..kinds.len(), maybe(), proptest::option::of(0..Op::ALL.len()), 0..Scope::ALL.len(), any::<bool>(), sure());
    let links = (maybe(), maybe(), maybe(), maybe(), proptest::collection::vec(text(), 0..4), maybe());
    let law = (maybe(), maybe(), maybe(), proptest::option::of(date()), maybe(), maybe(), proptest::option::of(number()));
    let lists = (proptest::collection::vec(former(), 0..3), proptest::collection::vec(threshold(), 0..4));
    (what, links, law, lists)
        .prop_map(
            move |(
                (title, kind, unit, op, scope, evidence, confidence),
                (measure, formula, refers_to, base, options, applies_if),
                (owner, guidance, amended_by, amended_from, source, note, points),
                (was, thresholds),
            )| Indicator {
                code: code.clone(),
                title,
                kind: kinds[kind],
                unit: unit.unwrap_or_default(),
                op: op.map(|n| Op::ALL[n]),
                levels_by: Scope::ALL[scope],
                measure,
                formula,
                refers_to,
                base,
                options,
                applies_if,
                evidence,
                owner,
                guidance,
                amended_by,
                amended_from,
                was,
                compose: None,
                parts: Vec::new(),
                points,
                thresholds,
                confidence,
                source,
                note,
            },
        )
        .boxed()
}

const SIMPLE: &[Kind] = &[Kind::Percent, Kind::Count, Kind::Amount, Kind::YesNo, Kind::Choice, Kind::Reference, Kind::Share, Kind::Satisfaction, Kind::Text];

pub fn indicator(code: &'static str) -> BoxedStrategy<Indicator> {
    let composite = (plain(code.to_owned(), &[Kind::Composite]), plain(format!("{code}.a"), SIMPLE), plain(format!("{code}.b"), SIMPLE), 0..3usize, number());
    prop_oneof![
        3 => plain(code.to_owned(), SIMPLE),
        1 => composite.prop_map(|(mut i, a, b, how, points)| {
            i.compose = Some([Compose::All, Compose::AtLeast(1), Compose::Points(points)][how]);
            i.parts = vec![a, b];
            i
        }),
    ]
    .boxed()
}

/// Any set: everything that a set can say is said in some of them.
fn any_set() -> BoxedStrategy<Set> {
    let frame = (text(), maybe(), maybe(), maybe(), proptest::collection::vec("[a-zà-ỹ ]{1,8}", 0..3), maybe(), maybe(), sure());
    let dates = (proptest::option::of(date()), proptest::option::of(date()), proptest::option::of(0usize..99), proptest::option::of(0usize..99), any::<bool>());
    let rule = (text(), text(), text(), text(), sure(), maybe(), maybe());
    let rest = (proptest::collection::vec(rule, 0..3), proptest::option::of((text(), date(), sure(), text())), 1i64..9);
    (frame, dates, rest, indicator("1.1"), indicator("1.2"), indicator("2.1"))
        .prop_map(
            |(
                (title, title_en, document, province, kinds, source, note, confidence),
                (from, to, criteria_count, indicator_count, complete),
                (rules, amendment, version),
                one,
                two,
                three,
            )| {
                let mut set = small("thu");
                let kinds: Vec<String> = kinds.iter().map(|k| lang::clean(k)).filter(|k| !k.is_empty()).collect();
                (set.title, set.title_en, set.document) = (title, title_en.unwrap_or_default(), document.unwrap_or_default());
                (set.province, set.area, set.required_by) = (province.clone(), province, Some("mot-bo".to_owned()));
                (set.kinds, set.requires, set.regions) = (kinds.clone(), vec!["mot-bo".to_owned(), "hai-bo".to_owned()], kinds);
                (set.effective_from, set.effective_to, set.criteria_count, set.indicator_count, set.complete) =
                    (from, to, criteria_count, indicator_count, complete);
                (set.source, set.note, set.confidence, set.version) = (source, note, confidence, version);
                set.region_rules = rules
                    .into_iter()
                    .map(|(flag, region, clause, document, confidence, source, note)| RegionRule { flag, region, clause, document, confidence, source, note })
                    .collect();
                if let Some((text, date, confidence, other)) = amendment {
                    set.amendments = vec![Amendment { document: text.clone(), date, note: Some(other.clone()), confidence, source: None }];
                    set.commune_groups =
                        vec![CommuneGroup { code: text.clone(), title: other.clone(), rule: text.clone(), confidence, source: Some(other.clone()) }];
                    set.annexes = vec![Annex { number: text.clone(), title: other.clone() }];
                    set.observed = vec![Observed { title: text.clone(), village: other, value: text, op: Some(">".into()), unit: None, confidence }];
                }
                let criterion = |number: &str, condition, confidence, note, indicators| Criterion {
                    number: number.into(),
                    title: format!("Tiêu chí {number}"),
                    group: if condition { "Nhóm".into() } else { String::new() },
                    condition,
                    confidence,
                    note,
                    indicators,
                };
                set.criteria = vec![
                    criterion("1", true, Confidence::Unknown, None, vec![one, two]),
                    criterion("2", false, Confidence::Memory, Some("Ghi chú".to_owned()), vec![three]),
                    criterion("3", false, Confidence::Source, None, vec![]),
                ];
                set
            },
        )
        .boxed()
}

proptest! {
    #[test]
    fn any_set_comes_back_from_its_text(set in any_set()) {
        let text = source::write(&set);
        let (again, _) = source::read(&text).map_err(|f| TestCaseError::fail(format!("{f:?}\n{text}")))?;
        prop_assert_eq!(again, set);
    }

    #[test]
    fn any_set_comes_back_from_its_workbook(set in any_set()) {
        let bytes = source::write_xlsx(&set, jiff::civil::date(2026, 11, 21)).map_err(|e| TestCaseError::fail(e.to_string()))?;
        let (again, _) = source::read_xlsx(&bytes).map_err(|f| TestCaseError::fail(format!("{f:?}")))?;
        prop_assert_eq!(again, set);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        let _ = source::read(&text);
        let _ = source::read_xlsx(text.as_bytes());
    }
}

#[test]
fn every_shipped_set_comes_back_from_its_workbook() {
    for set in crate::facts::shipped_sets().unwrap() {
        let bytes = source::write_xlsx(&set, jiff::civil::date(2026, 11, 21)).unwrap();
        let (again, _) = source::read_xlsx(&bytes).unwrap();
        assert_eq!(again, set, "{}", set.code);
    }
}

/// What is wrong with a set when it comes as a text, and as a workbook: code, and whether a line or row is named.
fn refused(change: impl Fn(&mut Set)) -> Vec<(&'static str, &'static str, usize)> {
    let around = super::shipped::around();
    let mut set = crate::facts::shipped_sets().unwrap().into_iter().find(|s| s.code == "commune-2021-2025").unwrap();
    set.code = "thu".to_owned();
    set.based_on = Some("commune-2021-2025".to_owned());
    change(&mut set);
    let text = source::write(&set);
    let bytes = source::write_xlsx(&set, jiff::civil::date(2026, 11, 21)).unwrap();
    let mut out = Vec::new();
    for (form, read) in [("toml", source::read(&text)), ("xlsx", source::read_xlsx(&bytes))] {
        let flaws = match read {
            Ok((set, lines)) => lines.place(crate::check::check(&set, &around)),
            Err(flaw) => vec![flaw],
        };
        out.extend(flaws.into_iter().map(|f| (form, f.code, f.line.unwrap_or(0))));
    }
    out
}

#[test]
fn both_forms_refuse_the_same_mistakes_with_the_line() {
    type Change = fn(&mut Set);
    let mistakes: [(&str, Change); 7] = [
        ("indicator_twice", |s| {
            let mut again = s.criteria[7].indicators[0].clone();
            again.title = "Chỉ tiêu khác".to_owned();
            s.criteria[7].indicators.insert(1, again);
        }),
        ("indicator_twice", |s| {
            let again = s.criteria[2].indicators[0].clone();
            s.criteria[7].indicators.push(again);
        }),
        ("reference_cycle", |s| s.requires = vec!["thu".to_owned()]),
        ("looser_than_floor", |s| {
            let i = s.criteria.iter_mut().flat_map(|c| &mut c.indicators).find(|i| i.code == "15.1").unwrap();
            i.thresholds[0].value = Some(Decimal::ONE);
        }),
        ("unknown_region", |s| {
            let t = s.criteria.iter_mut().flat_map(|c| &mut c.indicators).flat_map(|i| &mut i.thresholds).find(|t| t.region.is_some()).unwrap();
            t.region = Some("mien_tay".to_owned());
        }),
        ("formula_broken", |s| s.criteria[3].indicators[0].formula = Some("so_ho +* 2".to_owned())),
        ("criterion_twice", |s| s.criteria[3].number = "3".to_owned()),
    ];
    assert_eq!(refused(|_| {}), [], "the set itself is sound");
    for (code, change) in mistakes {
        let found = refused(change);
        for form in ["toml", "xlsx"] {
            assert!(found.iter().any(|(f, c, line)| *f == form && *c == code && *line > 0), "{code} as {form}: {found:?}");
        }
    }
    // A part of a composite has a line of its own.
    let parts = GOOD.replace("kind = \"percent\"", "kind = \"composite\"").split("\n[[criterion.indicator.level]]").next().unwrap().to_owned()
        + "\n[[criterion.indicator.part]]\ncode = \"1.1.1\"\ntitle = \"C\"\nkind = \"yes_no\"\n\n[[criterion.indicator.part]]\ncode = \"1.1.1\"\ntitle = \"D\"\nkind = \"yes_no\"\n";
    let (set, lines) = source::read(&parts).unwrap();
    let flaws = lines.place(crate::check::check(&set, &super::shipped::around()));
    assert_eq!(flaws.iter().map(|f| (f.code, f.line)).collect::<Vec<_>>(), [("indicator_twice", Some(21))]);
}

#[test]
fn a_workbook_that_people_filled_in_is_read_and_its_mistakes_have_a_row() {
    use print::{Book, Cell, Column, Kind as Format, Language, Table, to_xlsx};
    let sheet = |title: &str, columns: &[&str], rows: &[&[&str]]| Table {
        title: title.to_owned(),
        columns: columns.iter().map(|c| Column::new(*c, Format::Text)).collect(),
        rows: rows.iter().map(|r| r.iter().map(|c| if c.is_empty() { Cell::Empty } else { Cell::Text((*c).to_owned()) }).collect()).collect(),
        ..Table::default()
    };
    let read = |rows: &[&[&str]]| {
        let columns = ["Tiêu chí số", "Tên tiêu chí", "Mã chỉ tiêu", "Tên chỉ tiêu", "Loại", "Đơn vị tính", "Dấu", "Mức", "Vùng", "Đến ngày"];
        let about: [&[&str]; 4] = [&["code", "xa-thu"], &["title", "Bộ thử"], &["level", "commune"], &["rank", "smart"]];
        let sheets = vec![sheet("Chỉ tiêu", &columns, rows), sheet("Bộ tiêu chí", &["Mục", "Nội dung"], &about)];
        let bytes = to_xlsx(&Book { language: Language::Vi, made: jiff::civil::date(2026, 1, 1), sheets, about: vec![], definitions: None }).unwrap();
        source::read_xlsx(&bytes)
    };
    let good: [&[&str]; 3] = [
        &["1", "Một", "1.1", "Tỷ lệ", "percent", "%", "≥", "16,5", "tay_nguyen", "31/12/2026"],
        &["", "", "", "", "", "", ">=", "20", "dong_nam_bo", ""],
        &["1", "", "1.2", "Thu nhập", "amount", "triệu đồng", ">=", "1.234,5", "", ""],
    ];
    let (set, _) = read(&good).unwrap();
    let values: Vec<_> = set.indicators().flat_map(|i| &i.thresholds).map(|t| t.value.unwrap()).collect();
    assert_eq!(values, [Decimal::new(165, 1), Decimal::from(20), Decimal::new(12345, 1)]);
    assert_eq!(set.indicator("1.1").unwrap().thresholds[0].to, Some(jiff::civil::date(2026, 12, 31)));
    for (at, column, bad) in [(0, 4, "phan_tram"), (1, 6, "~"), (2, 7, "nhiều"), (0, 9, "31/13/2026")] {
        let mut rows: Vec<Vec<&str>> = good.iter().map(|r| r.to_vec()).collect();
        rows[at][column] = bad;
        let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
        let flaw = read(&rows).unwrap_err();
        assert!(flaw.vi.contains("trang “Chỉ tiêu”") && flaw.vi.contains(bad) && flaw.line.is_some(), "{flaw:?}");
    }
    assert!(source::read_xlsx(b"PK\x03\x04rubbish").unwrap_err().vi.contains("Không đọc được"));
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
