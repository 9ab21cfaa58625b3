use calamine::{Data, Reader};
use print::template::{DATA_SHEET, FIRST_ROW, KEY_SHEET, MARK};
use print::{Cell, Fill, Language, TemplateColumn, TemplateRow, TemplateSpec, template_xlsx};

use crate::read::{open, part, values};

pub fn column(key: &str, kind: Fill) -> TemplateColumn {
    TemplateColumn {
        key: key.into(), title: format!("Chỉ tiêu {key}"), unit: "người".into(), hint: "Theo Quyết định 924".into(), kind, locked: false
    }
}

pub fn form(rows: usize, columns: Vec<TemplateColumn>) -> TemplateSpec {
    TemplateSpec {
        language: Language::Vi,
        made: jiff::civil::date(2026, 11, 22),
        title: "Biểu nhập số liệu quý IV".into(),
        guide: vec!["Bước 1: nhập".into()],
        key: "opaque-key".into(),
        label_titles: vec!["Mã".into(), "Xã".into()],
        columns,
        rows: (0..rows)
            .map(|index| TemplateRow {
                key: format!("u{index}"),
                labels: vec![Cell::Text(format!("{index:05}")), "Xã Thiệu Trung".into()],
                values: vec![Some(Cell::Int(7))],
            })
            .collect(),
        absent: vec!["Không áp dụng".into()],
    }
}

fn number() -> Fill {
    Fill::Number { decimals: 1, min: Some(0.into()), max: Some(100.into()) }
}

#[test]
fn keys_headings_and_values_stand_where_the_reader_looks() {
    let bytes = template_xlsx(&form(3, vec![column("a", number()), column("p", Fill::Percent), column("y", Fill::YesNo)])).unwrap();
    assert_eq!(open(&bytes).sheet_names(), [DATA_SHEET, "Hướng dẫn", KEY_SHEET]);
    let data = values(&bytes, DATA_SHEET);
    let text = |row, column| data.get_value((row, column)).map(ToString::to_string).unwrap_or_default();
    assert_eq!(text(0, 0), MARK);
    let keys: Vec<String> = (3..7).map(|column| text(0, column)).collect();
    assert_eq!(keys, ["a", "p.n", "p.of", "y"]);
    assert_eq!(text(FIRST_ROW, 0), "u0");
    assert_eq!(text(FIRST_ROW + 2, 1), "00002");
    assert_eq!(data.get_value((FIRST_ROW, 3)), Some(&Data::Float(7.0)));
    assert_eq!(values(&bytes, KEY_SHEET).get_value((1, 1)), Some(&Data::String("opaque-key".into())));
    assert!(part(&bytes, "xl/workbook.xml").contains("state=\"veryHidden\""));
}

#[test]
fn cells_to_fill_are_unlocked_and_checked() {
    let mut locked = column("l", number());
    locked.locked = true;
    let bytes = template_xlsx(&form(2, vec![column("a", number()), column("p", Fill::Percent), column("y", Fill::YesNo), locked])).unwrap();
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    assert!(sheet.contains("<sheetProtection sheet=\"1\""), "{sheet}");
    assert_eq!(sheet.matches("<dataValidation ").count(), 4);
    assert!(sheet.contains("OR(AND(ISNUMBER(D6),D6&gt;=0,D6&lt;=100),D6=\"Không áp dụng\")"), "{sheet}");
    assert!(sheet.contains("Nhập số từ 0 đến 100. Nếu không có số, ghi: Không áp dụng."), "{sheet}");
    assert!(sheet.contains("OR(NOT(ISNUMBER(F6)),E6&lt;=F6)"), "{sheet}");
    assert!(sheet.contains("\"Đạt,Chưa đạt,Không áp dụng\""), "{sheet}");
    assert!(part(&bytes, "xl/comments1.xml").contains("Theo Quyết định 924"));
    assert!(part(&bytes, "xl/styles.xml").contains("locked=\"0\""));
}

#[test]
fn a_long_list_stands_in_the_hidden_sheet() {
    let words: Vec<String> = (0..40).map(|index| format!("Giá trị số {index}")).collect();
    let bytes = template_xlsx(&form(1, vec![column("l", Fill::List(words.clone())), column("m", Fill::List(words))])).unwrap();
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    assert_eq!(sheet.matches("<formula1>_cl!$D$1:$D$41</formula1>").count(), 2, "{sheet}");
    assert_eq!(values(&bytes, KEY_SHEET).get_value((39, 3)), Some(&Data::String("Giá trị số 39".into())));
}

#[test]
fn an_empty_form_still_opens() {
    let bytes = template_xlsx(&form(0, Vec::new())).unwrap();
    assert_eq!(values(&bytes, DATA_SHEET).get_value((0, 0)), Some(&Data::String(MARK.into())));
}
