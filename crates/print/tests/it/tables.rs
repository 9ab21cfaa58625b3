use calamine::{Data, Reader};
use print::{Book, Cell, Column, Kind, Language, Table, to_csv, to_xlsx};
use proptest::prelude::*;

use crate::read::{open, part, values};

fn table(rows: Vec<Vec<Cell>>) -> Table {
    Table {
        title: "Xã đạt tiêu chí: 2026".into(),
        subtitle: "Tỉnh Bắc Ninh".into(),
        columns: vec![
            Column::new("Mã", Kind::Text),
            Column::new("Dân số", Kind::Number { decimals: 0 }),
            Column::new("Tỷ lệ", Kind::Percent { decimals: 1 }),
            Column::new("Ngày", Kind::Date),
        ],
        rows,
        notes: vec!["Số liệu minh họa".into()],
    }
}

fn book(sheets: Vec<Table>) -> Book {
    Book {
        language: Language::Vi,
        made: jiff::civil::date(2026, 11, 22),
        sheets,
        about: vec![("Địa chỉ".into(), "=HYPERLINK(\"x\")".into())],
        definitions: Some(Table { title: "Định nghĩa".into(), ..Table::default() }),
    }
}

fn row() -> Vec<Cell> {
    vec!["00123".into(), Cell::Int(12_500), Cell::Number("85.3".parse().unwrap()), Cell::Date(jiff::civil::date(2026, 2, 5))]
}

#[test]
fn a_workbook_carries_data_source_and_definitions() {
    let bytes = to_xlsx(&book(vec![table(vec![row()])])).unwrap();
    assert_eq!(open(&bytes).sheet_names(), ["Xã đạt tiêu chí 2026", "Nguồn", "Định nghĩa"]);
    let data = values(&bytes, "Xã đạt tiêu chí 2026");
    assert_eq!(data.get_value((3, 1)), Some(&Data::String("Dân số".into())));
    assert_eq!(data.get_value((4, 0)), Some(&Data::String("00123".into())));
    assert_eq!(data.get_value((4, 1)), Some(&Data::Float(12_500.0)));
    assert_eq!(data.get_value((4, 2)), Some(&Data::Float(0.853)));
    assert!(matches!(data.get_value((4, 3)), Some(Data::DateTime(day)) if day.as_f64() == 46_058.0));
    assert_eq!(data.get_value((6, 0)), Some(&Data::String("Số liệu minh họa".into())));
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    assert!(sheet.contains("<autoFilter ref=\"A4:D5\"/>") && sheet.contains("state=\"frozen\""), "{sheet}");
    assert!(!part(&bytes, "xl/worksheets/sheet2.xml").contains("<f>"), "a source address is never a formula");
}

#[test]
fn the_same_book_gives_the_same_bytes() {
    let book = book(vec![table(vec![row(); 50])]);
    assert_eq!(to_xlsx(&book).unwrap(), to_xlsx(&book).unwrap());
}

#[test]
fn a_large_sheet_reads_back_in_full() {
    let bytes = to_xlsx(&book(vec![table(vec![row(); 20_000])])).unwrap();
    let data = values(&bytes, "Xã đạt tiêu chí 2026");
    assert_eq!(data.get_value((20_003, 1)), Some(&Data::Float(12_500.0)));
    assert_eq!(data.get_value((20_003, 0)), Some(&Data::String("00123".into())));
}

#[test]
fn too_many_rows_are_refused() {
    let refused = to_xlsx(&book(vec![table(vec![Vec::new(); 1_048_576])]));
    assert!(matches!(refused, Err(print::PrintError::TooLarge)));
}

#[test]
fn csv_is_for_excel_and_for_machines() {
    let mut rows = vec![row()];
    rows.push(vec!["=1+1".into(), Cell::Int(-5), "a \"b\", c".into()]);
    let text = String::from_utf8(to_csv(&table(rows))).unwrap();
    assert_eq!(text, "\u{feff}Mã,Dân số,Tỷ lệ,Ngày\r\n00123,12500,85.3,2026-02-05\r\n'=1+1,-5,\"a \"\"b\"\", c\",\r\n");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_title_makes_a_workbook_that_opens(titles in prop::collection::vec(".{0,50}", 1..5), text in ".{0,40}") {
        let sheets = titles.iter().map(|title| Table { title: title.clone(), ..table(vec![vec![Cell::Text(text.clone())]]) });
        let bytes = to_xlsx(&book(sheets.collect())).unwrap();
        let names = open(&bytes).sheet_names();
        prop_assert_eq!(names.len(), titles.len() + 2);
        prop_assert!(names.iter().all(|name| (1..=31).contains(&name.encode_utf16().count())));
    }

    #[test]
    fn no_csv_text_can_be_run(text in "[=+@\t\r\n-]?.{0,20}") {
        let table = table(vec![vec![Cell::Text(text.clone())]]);
        let csv = String::from_utf8(to_csv(&table)).unwrap();
        let body = csv.split_once("\r\n").unwrap().1;
        prop_assert!(!body.trim_start_matches('"').starts_with(['=', '+', '-', '@', '\t']), "{}", body);
        let field = body.strip_suffix(",,,\r\n").unwrap();
        let field = field.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).map_or(field.into(), |rest| rest.replace("\"\"", "\""));
        prop_assert_eq!(field.strip_prefix('\'').filter(|rest| *rest == text).unwrap_or(&field), text.as_str());
    }
}
