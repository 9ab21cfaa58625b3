//! .xlsx: cells and fonts by calamine, cell after cell; hidden rows and columns from the sheet's own XML.

use super::{OpenError, Progress};
use crate::intake::book::{Book, Cell, Datum, Sheet};
use calamine::{DataRef, ExcelDateTime, Reader as _, SheetVisible, Xlsx};
use jiff::civil::Date;
use lang::legacy::encoding_of_font;
use quick_xml::events::{BytesStart, Event};
use std::collections::HashSet;
use std::io::{BufReader, Cursor, Read};
use zip::ZipArchive;

pub(super) fn read(bytes: &[u8], progress: &Progress) -> Result<Book, OpenError> {
    let mut file: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| OpenError::Unreadable)?;
    let sheets = file.sheets_metadata().to_vec();
    let mut book = Book::default();
    let mut hidden = Hidden::open(bytes);
    for meta in sheets.iter().filter(|s| s.typ == calamine::SheetType::WorkSheet).take(60) {
        let mut sheet = Sheet { name: meta.name.clone(), hidden: meta.visible != SheetVisible::Visible, ..Sheet::default() };
        let merges = file.merge_cells_by_sheet_name(&meta.name).unwrap_or_default();
        sheet.merges = merges.iter().take(20_000).map(|d| (d.start.0, d.start.1, d.end.0, d.end.1)).collect();
        let mut cells = file.worksheet_cells_reader(&meta.name).map_err(|_| OpenError::Unreadable)?;
        let traits: Vec<(Option<lang::legacy::Encoding>, bool)> = cells
            .styles()
            .iter()
            .map(|style| {
                let font = style.font.as_ref().and_then(|f| f.name.as_deref()).and_then(encoding_of_font);
                (font, style.number_format.as_ref().is_some_and(|f| f.format_code.contains('%')))
            })
            .collect();
        let mut last = None;
        while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(|_| OpenError::Unreadable)? {
            let (row, col) = cell.get_position();
            if last != Some(row) {
                last = Some(row);
                progress.step();
                if progress.stopped() {
                    return Err(OpenError::Cancelled);
                }
            }
            let (font, percent) = traits.get(style).copied().unwrap_or_default();
            let Some(datum) = datum(cell.get_value(), percent) else { continue };
            if let Some(row) = sheet.row_mut(row) {
                row.push(Cell { col, datum, font });
            }
        }
        if let Some(hidden) = &mut hidden {
            hidden.mark(&mut sheet);
        }
        book.sheets.push(sheet);
    }
    Ok(book)
}

fn datum(value: &DataRef<'_>, percent: bool) -> Option<Datum> {
    #[expect(clippy::cast_precision_loss, reason = "spreadsheets keep 15 digits")]
    Some(match value {
        DataRef::Int(n) => Datum::Number(*n as f64, percent),
        DataRef::Float(n) => Datum::Number(*n, percent),
        DataRef::String(text) => text_datum(text)?,
        DataRef::SharedString(text) => text_datum(text)?,
        DataRef::Bool(yes) => Datum::Yes(*yes),
        DataRef::DateTime(at) => day(at).map_or(Datum::Number(at.as_f64(), false), Datum::Day),
        DataRef::DateTimeIso(text) => lang::parse_date(text).map_or_else(|_| Datum::Text(text.as_str().into()), Datum::Day),
        DataRef::DurationIso(text) => text_datum(text)?,
        DataRef::Error(_) => Datum::Error,
        DataRef::Empty => return None,
    })
}

pub(super) fn text_datum(text: &str) -> Option<Datum> {
    if text.trim().is_empty() {
        return None;
    }
    // Nobody writes a chapter into a cell of figures; the rest of it is of no use here.
    Some(Datum::Text(text.chars().take(4_000).collect::<String>().into_boxed_str()))
}

pub(super) fn day(at: &ExcelDateTime) -> Option<Date> {
    if !at.is_datetime() || !(1.0..3_000_000.0).contains(&at.as_f64()) {
        return None;
    }
    let (year, month, day, ..) = at.to_ymd_hms_milli();
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The sheets' XML, read once more only for what is hidden.
struct Hidden<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// Sheet name → part.
    parts: Vec<(String, String)>,
}

impl<'a> Hidden<'a> {
    fn open(bytes: &'a [u8]) -> Option<Hidden<'a>> {
        let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
        let book = text(&mut archive, "xl/workbook.xml")?;
        let links = text(&mut archive, "xl/_rels/workbook.xml.rels")?;
        let targets = elements(&links, "Relationship", &["Id", "Target"]);
        let parts = elements(&book, "sheet", &["name", "id"])
            .into_iter()
            .filter_map(|mut sheet| {
                let (id, name) = (sheet.pop()?, sheet.pop()?);
                let target = targets.iter().find(|t| t.first() == Some(&id))?.get(1)?;
                let part = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
                Some((name, part))
            })
            .collect();
        Some(Hidden { archive, parts })
    }

    fn mark(&mut self, sheet: &mut Sheet) {
        let Some((_, part)) = self.parts.iter().find(|(name, _)| *name == sheet.name) else { return };
        let Ok(file) = self.archive.by_name(part) else { return };
        let (mut rows, mut at) = (HashSet::new(), 0_u32);
        let mut reader = quick_xml::Reader::from_reader(BufReader::with_capacity(64 * 1024, file));
        let mut buffer = Vec::new();
        loop {
            match reader.read_event_into(&mut buffer) {
                Ok(Event::Start(tag) | Event::Empty(tag)) => match tag.local_name().as_ref() {
                    b"col" if is_hidden(&tag) => {
                        let number = |name| attribute(&tag, name).and_then(|v| v.parse::<u32>().ok()).unwrap_or(1);
                        let last = number("max").min(number("min").saturating_add(16_384));
                        sheet.hidden_cols.extend((number("min").saturating_sub(1)..last).take(16_384));
                    }
                    b"row" => {
                        at = attribute(&tag, "r").and_then(|v| v.parse().ok()).unwrap_or(at + 1);
                        if is_hidden(&tag) {
                            rows.insert(at.saturating_sub(1));
                        }
                    }
                    _ => {}
                },
                Ok(Event::End(tag)) if tag.local_name().as_ref() == b"sheetData" => break,
                Ok(Event::Eof) | Err(_) => break,
                _ => {}
            }
            buffer.clear();
        }
        for row in &mut sheet.rows {
            row.hidden = rows.contains(&row.at);
        }
    }
}

fn is_hidden(tag: &BytesStart<'_>) -> bool {
    attribute(tag, "hidden").is_some_and(|v| v == "1" || v == "true")
}

pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().with_checks(false).flatten().find(|a| a.key.local_name().as_ref() == name.as_bytes())?;
    let text = String::from_utf8_lossy(&found.value).into_owned();
    Some(quick_xml::escape::unescape(&text).map(|t| t.into_owned()).unwrap_or(text))
}

fn text(archive: &mut ZipArchive<Cursor<&[u8]>>, part: &str) -> Option<String> {
    let mut out = String::new();
    archive.by_name(part).ok()?.take(8_000_000).read_to_string(&mut out).ok()?;
    Some(out)
}

/// The wanted attributes of each element of a name; elements without all of them are left out.
fn elements(xml: &str, name: &str, wanted: &[&str]) -> Vec<Vec<String>> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut out = Vec::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) if tag.local_name().as_ref() == name.as_bytes() => {
                let values: Vec<String> = wanted.iter().filter_map(|w| attribute(&tag, w)).collect();
                if values.len() == wanted.len() {
                    out.push(values);
                }
            }
            Ok(Event::Eof) | Err(_) => return out,
            _ => {}
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use lang::legacy::Encoding;
    use rust_xlsxwriter::{Format, Formula, Workbook};

    pub fn sample() -> Vec<u8> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.set_name("Số & chữ").unwrap();
        let old = Format::new().set_font_name(".VnTime");
        sheet.merge_range(0, 0, 0, 3, "Báo cáo quý II/2025", &Format::new()).unwrap();
        sheet.write_string_with_format(1, 0, "x· Phóc Hßa", &old).unwrap();
        sheet.write_number(1, 1, 1234.5).unwrap();
        sheet.write_number_with_format(1, 2, 0.45, &Format::new().set_num_format("0%")).unwrap();
        sheet.write_formula(1, 3, Formula::new("B2*2").set_result("2469")).unwrap();
        sheet.write_number_with_format(2, 0, 46058, &Format::new().set_num_format("dd/mm/yyyy")).unwrap();
        sheet.write_boolean(2, 1, true).unwrap();
        sheet.set_row_hidden(2).unwrap();
        sheet.set_column_hidden(3).unwrap();
        book.save_to_buffer().unwrap()
    }

    #[test]
    fn reads_what_people_see_and_what_they_hid() {
        let book = read(&sample(), &Progress::default()).unwrap();
        let sheet = book.sheet("Số & chữ").unwrap();
        assert_eq!(sheet.merges, [(0, 0, 0, 3)]);
        assert_eq!(sheet.filled(0, 2).unwrap().text(false), "Báo cáo quý II/2025");
        assert_eq!(sheet.cell(1, 0).unwrap().font, Some(Encoding::Tcvn3));
        assert_eq!(sheet.cell(1, 0).unwrap().text(false), "xã Phúc Hòa");
        assert_eq!(sheet.cell(1, 2).unwrap().datum, Datum::Number(0.45, true));
        assert_eq!(sheet.cell(1, 3).unwrap().number(), Some(2469.0));
        assert_eq!(sheet.cell(2, 0).unwrap().datum, Datum::Day(jiff::civil::date(2026, 2, 5)));
        assert_eq!(sheet.cell(2, 1).unwrap().datum, Datum::Yes(true));
        assert!(sheet.row(2).unwrap().hidden && !sheet.row(1).unwrap().hidden);
        assert_eq!(sheet.hidden_cols, [3]);
    }
}
