use std::collections::BTreeSet;

use calamine::{Data, Reader};
use print::template::{DATA_SHEET, FIRST_ROW};
use print::{AnnotateError, CellProblem, Fill, annotate_xlsx, annotated_copy, template_xlsx};
use proptest::prelude::*;

use crate::read::{open, part, parts, values};
use crate::templates::{column, form};

fn problem(row: u32, col: u32, message: &str) -> CellProblem {
    CellProblem { sheet: DATA_SHEET.into(), row, col, message: message.into() }
}

fn workbook() -> Vec<u8> {
    let number = Fill::Number { decimals: 1, min: None, max: None };
    template_xlsx(&form(4, vec![column("a", number), column("p", Fill::Percent)])).unwrap()
}

/// The style number of a cell in the first data sheet.
fn style(bytes: &[u8], cell: &str) -> usize {
    let sheet = part(bytes, "xl/worksheets/sheet1.xml");
    let tag = sheet.split("<c ").find(|tag| tag.contains(&format!("r=\"{cell}\""))).expect("the cell is there");
    tag.split("s=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
}

/// The raw cell format of that number.
fn format_of(bytes: &[u8], style: usize) -> String {
    let styles = part(bytes, "xl/styles.xml");
    let formats = styles.split("<cellXfs").nth(1).unwrap().split("</cellXfs>").next().unwrap().to_owned();
    formats.split("<xf ").nth(style + 1).unwrap().to_owned()
}

fn attribute<'a>(tag: &'a str, name: &str) -> &'a str {
    tag.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap()
}

#[test]
fn bad_cells_are_red_and_explained_and_the_rest_is_untouched() {
    let original = workbook();
    let problems = [problem(FIRST_ROW, 3, "Số này <lớn> hơn dân số"), problem(FIRST_ROW + 40, 9, "Dòng thừa"), problem(3, 3, "Tiêu đề bị đổi")];
    let marked = annotate_xlsx(&original, &problems, &["Nhận 11 ô, trả lại 3 ô".into()]).unwrap();

    assert_eq!(open(&marked).sheet_names(), ["Cần sửa", DATA_SHEET, "Hướng dẫn", "_cl"]);
    for sheet in [DATA_SHEET, "Hướng dẫn", "_cl"] {
        let (before, after) = (values(&original, sheet), values(&marked, sheet));
        assert!(before.used_cells().eq(after.used_cells()), "{sheet} keeps its values");
    }
    let list = values(&marked, "Cần sửa");
    let line: Vec<String> = list.rows().nth(4).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(line, [DATA_SHEET, "D6", "7", "Số này <lớn> hơn dân số"]);
    assert!(part(&marked, "xl/worksheets/can_sua1.xml").contains("location=\"'Số liệu'!D6\""));

    let (before, after) = (format_of(&original, style(&original, "D6")), format_of(&marked, style(&marked, "D6")));
    assert_eq!(attribute(&before, "numFmtId"), attribute(&after, "numFmtId"));
    assert!(after.contains("locked=\"0\""), "the cell stays open for correction: {after}");
    let fill: usize = attribute(&after, "fillId").parse().unwrap();
    assert!(part(&marked, "xl/styles.xml").split("<fill>").nth(fill + 1).unwrap().contains("FFFFC8CD"));
    assert_eq!(style(&original, "D7"), style(&marked, "D7"));

    // The heading had a note with its definition: ours is added to it.
    let comments = part(&marked, "xl/comments1.xml");
    assert!(comments.contains("Theo Quyết định 924") && comments.contains("Cổng Làng: Tiêu đề bị đổi"), "{comments}");
    assert!(comments.contains("ref=\"J46\""), "{comments}");
    assert_eq!(part(&marked, "xl/drawings/vmlDrawing1.vml").matches("<v:shape ").count(), 4);

    let (before, after) = (parts(&original), parts(&marked));
    let changed: BTreeSet<&str> = before.iter().filter(|(name, bytes)| after[*name] != **bytes).map(|(name, _)| name.as_str()).collect();
    let expected = [
        "[Content_Types].xml",
        "xl/_rels/workbook.xml.rels",
        "xl/comments1.xml",
        "xl/drawings/vmlDrawing1.vml",
        "xl/styles.xml",
        "xl/workbook.xml",
        "xl/worksheets/sheet1.xml",
    ];
    assert_eq!(changed, BTreeSet::from(expected));
}

#[test]
fn the_next_round_takes_the_old_marks_away() {
    let original = workbook();
    let first = annotate_xlsx(&original, &[problem(FIRST_ROW, 3, "một"), problem(FIRST_ROW, 4, "hai")], &[]).unwrap();
    let second = annotate_xlsx(&first, &[problem(FIRST_ROW, 4, "vẫn sai")], &[]).unwrap();
    assert_eq!(open(&second).sheet_names(), ["Cần sửa", DATA_SHEET, "Hướng dẫn", "_cl"]);
    assert_eq!(attribute(&format_of(&second, style(&second, "D6")), "fillId"), "0");
    assert_ne!(attribute(&format_of(&second, style(&second, "E6")), "fillId"), "0");
    let comments = part(&second, "xl/comments1.xml");
    assert!(!comments.contains("một") && !comments.contains("hai") && comments.contains("vẫn sai"), "{comments}");
    assert_eq!(part(&second, "xl/workbook.xml").matches("_cl_can_sua").count(), 1);
    assert!(values(&second, "Cần sửa").used_cells().any(|(_, _, cell)| *cell == Data::String("vẫn sai".into())));
    // All well: the list stays, empty.
    let third = annotate_xlsx(&second, &[], &["Không còn lỗi".into()]).unwrap();
    assert!(!part(&third, "xl/comments1.xml").contains("vẫn sai"));
}

#[test]
fn names_bound_to_a_sheet_still_mean_it() {
    let original = workbook();
    let before = part(&original, "xl/workbook.xml");
    assert!(before.contains("localSheetId=\"0\""), "print titles are bound to the first sheet: {before}");
    let after = part(&annotate_xlsx(&original, &[], &[]).unwrap(), "xl/workbook.xml");
    assert!(after.contains("localSheetId=\"1\"") && !after.contains("localSheetId=\"0\""), "{after}");
}

#[test]
fn problems_of_unknown_places_are_listed_too() {
    let lost = CellProblem { sheet: "Không có".into(), row: 1, col: 1, message: "mất trang".into() };
    let marked = annotate_xlsx(&workbook(), &[lost, problem(u32::MAX, u32::MAX, "ngoài bảng")], &[]).unwrap();
    let list = values(&marked, "Cần sửa");
    assert_eq!(list.used_cells().filter(|(_, _, cell)| ["mất trang", "ngoài bảng"].contains(&cell.to_string().as_str())).count(), 2);
}

#[test]
fn other_formats_get_a_marked_copy() {
    let grid = vec![vec!["Xã".into(), "Số".into()], vec!["Thiệu Trung".into(), "=1+".into()]];
    let bad = CellProblem { sheet: "a/b".into(), row: 1, col: 1, message: "không phải số".into() };
    let copy = annotated_copy(&[("a/b".into(), grid)], &[bad], &[]).unwrap();
    assert_eq!(open(&copy).sheet_names(), ["Cần sửa", "a b"]);
    assert_eq!(values(&copy, "a b").get_value((1, 1)), Some(&Data::String("=1+".into())));
    assert!(part(&copy, "xl/comments_cl1.xml").contains("không phải số"));
    assert!(values(&copy, "Cần sửa").used_cells().any(|(_, _, cell)| *cell == Data::String("=1+".into())));
}

#[test]
fn what_is_no_workbook_is_refused() {
    assert!(matches!(annotate_xlsx(b"no zip", &[], &[]), Err(AnnotateError::NotAWorkbook)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_cells_can_be_marked(places in prop::collection::vec((0u32..40, 0u32..12), 0..30)) {
        let problems: Vec<CellProblem> = places.iter().map(|(row, col)| problem(*row, *col, "sai")).collect();
        let original = workbook();
        let marked = annotate_xlsx(&original, &problems, &[]).unwrap();
        let (before, after) = (values(&original, DATA_SHEET), values(&marked, DATA_SHEET));
        prop_assert!(before.used_cells().eq(after.used_cells()));
        let cells: BTreeSet<(u32, u32)> = places.into_iter().collect();
        let red = part(&marked, "xl/comments1.xml").matches("sai</t>").count();
        prop_assert_eq!(red, cells.len());
    }

    #[test]
    fn broken_packages_never_panic(cut in 0usize..9_000, flips in prop::collection::vec((0usize..9_000, any::<u8>()), 0..4)) {
        let mut bytes = workbook();
        for (at, value) in flips {
            let length = bytes.len();
            bytes[at % length] = value;
        }
        bytes.truncate(bytes.len().saturating_sub(cut / 2 * (cut % 2)));
        let _ = annotate_xlsx(&bytes, &[problem(FIRST_ROW, 3, "sai")], &[]);
    }
}
