//! The sheet "Cần sửa": every bad cell with a link to it, its value and what is wrong.

use std::fmt::Write as _;

use super::sheet::{Place, reference};
use super::styles::ListFormats;
use crate::table::clipped;
use crate::xml::escaped;

/// One line of the list.
pub(super) struct Line {
    pub sheet: String,
    pub place: Place,
    /// Whether the sheet exists, so that a link can lead there.
    pub linked: bool,
    pub value: String,
    pub message: String,
}

/// The worksheet part.
pub(super) fn sheet(main: &str, formats: ListFormats, summary: &[String], lines: &[Line]) -> String {
    let mut rows = String::with_capacity(lines.len() * 400);
    let mut links = String::new();
    let mut row = 0;
    let mut put = |cells: &[(&str, u32)]| {
        row += 1;
        let _ = write!(rows, "<row r=\"{row}\">");
        for (column, (text, style)) in ('A'..='Z').zip(cells) {
            let text = escaped(&clipped(text));
            let _ = write!(rows, "<c r=\"{column}{row}\" s=\"{style}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{text}</t></is></c>");
        }
        rows.push_str("</row>");
        row
    };
    put(&[("Những ô cần sửa", formats.title)]);
    for text in summary {
        put(&[(text, 0)]);
    }
    put(&[("Sửa các ô có nền đỏ ngay trong tệp này rồi nộp lại; các ô khác đã đúng thì giữ nguyên.", 0)]);
    let head = put(&["Trang tính", "Ô", "Giá trị đang có", "Vì sao và cách sửa"].map(|text| (text, formats.head)));
    for line in lines {
        let cell = reference(line.place);
        let link = if line.linked { formats.link } else { formats.text };
        let row = put(&[(&line.sheet, formats.text), (&cell, link), (&line.value, formats.text), (&line.message, formats.text)]);
        if line.linked {
            let target = escaped(&format!("'{}'!{cell}", line.sheet.replace('\'', "''")));
            let _ = write!(links, "<hyperlink ref=\"B{row}\" location=\"{target}\" display=\"{cell}\"/>");
        }
    }
    let links = if links.is_empty() { links } else { format!("<hyperlinks>{links}</hyperlinks>") };
    let below = head + 1;
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<worksheet xmlns=\"{main}\"><sheetPr><tabColor rgb=\"FFC0392B\"/><pageSetUpPr fitToPage=\"1\"/></sheetPr><sheetViews><sheetView tabSelected=\"1\" workbookViewId=\"0\"><pane ySplit=\"{head}\" topLeftCell=\"A{below}\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews><cols><col min=\"1\" max=\"1\" width=\"22\" customWidth=\"1\"/><col min=\"2\" max=\"2\" width=\"10\" customWidth=\"1\"/><col min=\"3\" max=\"3\" width=\"28\" customWidth=\"1\"/><col min=\"4\" max=\"4\" width=\"80\" customWidth=\"1\"/></cols><sheetData>{rows}</sheetData>{links}<pageSetup paperSize=\"9\" orientation=\"landscape\" fitToHeight=\"0\"/></worksheet>"
    )
}
