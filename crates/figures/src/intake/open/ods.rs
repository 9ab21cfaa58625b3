//! .ods: read by ourselves, row after row, because repeated empty cells must not become memory.

use super::xlsx::{attribute, text_datum};
use super::{OpenError, Progress};
use crate::intake::book::{Book, Cell, Datum, Sheet};
use quick_xml::events::{BytesStart, Event};
use std::io::{BufReader, Cursor};
use zip::ZipArchive;

/// One cell while it is read.
#[derive(Default)]
struct Open {
    kind: String,
    value: String,
    repeat: u32,
    rows: u32,
    cols: u32,
    text: String,
    filled: bool,
}

#[derive(Default)]
struct State {
    row: u32,
    row_repeat: u32,
    row_hidden: bool,
    col: u32,
    column: u32,
    cells: Vec<Cell>,
    cell: Option<Open>,
    in_note: bool,
}

pub(super) fn read(bytes: &[u8], progress: &Progress) -> Result<Book, OpenError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| OpenError::Unreadable)?;
    let file = archive.by_name("content.xml").map_err(|_| OpenError::Unreadable)?;
    let mut reader = quick_xml::Reader::from_reader(BufReader::with_capacity(64 * 1024, file));
    let (mut book, mut s, mut buffer) = (Book::default(), State::default(), Vec::new());
    loop {
        match reader.read_event_into(&mut buffer).map_err(|_| OpenError::Unreadable)? {
            Event::Eof => return Ok(book),
            Event::Start(tag) => begin(&tag, &mut book, &mut s),
            Event::Empty(tag) => {
                begin(&tag, &mut book, &mut s);
                end(tag.local_name().as_ref(), &mut book, &mut s, progress)?;
            }
            Event::Text(text) if !s.in_note => {
                if let Some(cell) = s.cell.as_mut().filter(|c| c.text.len() < 16_000) {
                    cell.text.push_str(&String::from_utf8_lossy(&text));
                }
            }
            Event::GeneralRef(name) if !s.in_note => {
                if let Some(cell) = &mut s.cell {
                    let entity = format!("&{};", String::from_utf8_lossy(&name));
                    cell.text.push_str(&quick_xml::escape::unescape(&entity).unwrap_or_default());
                }
            }
            Event::End(tag) => end(tag.local_name().as_ref(), &mut book, &mut s, progress)?,
            _ => {}
        }
        buffer.clear();
    }
}

fn number(tag: &BytesStart<'_>, name: &str) -> u32 {
    attribute(tag, name).and_then(|v| v.parse().ok()).unwrap_or(1).max(1)
}

fn hidden(tag: &BytesStart<'_>) -> bool {
    attribute(tag, "visibility").is_some_and(|v| v == "collapse" || v == "filter")
}

fn begin(tag: &BytesStart<'_>, book: &mut Book, s: &mut State) {
    match tag.local_name().as_ref() {
        b"table" => {
            let name = attribute(tag, "name").unwrap_or_default();
            book.sheets.push(Sheet { name, ..Sheet::default() });
            *s = State::default();
        }
        b"table-column" => {
            let count = number(tag, "number-columns-repeated").min(16_384);
            if hidden(tag)
                && s.column < 16_384
                && let Some(sheet) = book.sheets.last_mut()
            {
                sheet.hidden_cols.extend(s.column..s.column + count);
            }
            s.column = s.column.saturating_add(count);
        }
        b"table-row" => {
            s.row_repeat = number(tag, "number-rows-repeated");
            s.row_hidden = hidden(tag);
            s.col = 0;
            s.cells = Vec::new();
        }
        b"table-cell" | b"covered-table-cell" => {
            s.cell = Some(Open {
                kind: attribute(tag, "value-type").unwrap_or_default(),
                value: attribute(tag, "value").or_else(|| attribute(tag, "date-value")).or_else(|| attribute(tag, "boolean-value")).unwrap_or_default(),
                repeat: number(tag, "number-columns-repeated"),
                rows: number(tag, "number-rows-spanned"),
                cols: number(tag, "number-columns-spanned"),
                ..Open::default()
            });
        }
        b"annotation" => s.in_note = true,
        b"p" if !s.in_note => {
            if let Some(cell) = &mut s.cell {
                if cell.filled {
                    cell.text.push(' ');
                }
                cell.filled = true;
            }
        }
        b"s" | b"tab" | b"line-break" if !s.in_note => {
            if let Some(cell) = &mut s.cell {
                cell.text.push(' ');
            }
        }
        _ => {}
    }
}

fn end(name: &[u8], book: &mut Book, s: &mut State, progress: &Progress) -> Result<(), OpenError> {
    match name {
        b"table-cell" | b"covered-table-cell" => {
            let Some(cell) = s.cell.take() else { return Ok(()) };
            if (cell.rows > 1 || cell.cols > 1)
                && let Some(sheet) = book.sheets.last_mut().filter(|sheet| sheet.merges.len() < 20_000)
            {
                sheet.merges.push((s.row, s.col, s.row.saturating_add(cell.rows - 1), s.col.saturating_add(cell.cols - 1)));
            }
            if let Some(datum) = datum(&cell) {
                for col in (s.col..s.col.saturating_add(cell.repeat)).take_while(|c| *c < 16_384) {
                    s.cells.push(Cell { col, datum: datum.clone(), font: None });
                }
            }
            s.col = s.col.saturating_add(cell.repeat);
        }
        b"table-row" => {
            progress.step();
            if progress.stopped() {
                return Err(OpenError::Cancelled);
            }
            let cells = std::mem::take(&mut s.cells);
            if let Some(sheet) = book.sheets.last_mut().filter(|_| !cells.is_empty()) {
                for at in (s.row..s.row.saturating_add(s.row_repeat)).take(50_000) {
                    if let Some(row) = sheet.row_mut(at) {
                        row.cells = cells.clone();
                        row.hidden = s.row_hidden;
                    }
                }
            }
            s.row = s.row.saturating_add(s.row_repeat);
        }
        b"annotation" => s.in_note = false,
        _ => {}
    }
    Ok(())
}

fn datum(cell: &Open) -> Option<Datum> {
    match cell.kind.as_str() {
        "float" | "currency" => cell.value.parse().ok().map(|n| Datum::Number(n, false)),
        "percentage" => cell.value.parse().ok().map(|n| Datum::Number(n, true)),
        "boolean" => Some(Datum::Yes(cell.value == "true")),
        "date" => lang::parse_date(&cell.value).ok().map(Datum::Day).or_else(|| text_datum(&cell.text)),
        "" => None,
        _ => text_datum(&cell.text),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::io::Write as _;

    pub fn sample() -> Vec<u8> {
        pack(
            "<table:table table:name=\"Bảng\"><table:table-column/><table:table-column table:visibility=\"collapse\"/>\
             <table:table-row><table:table-cell office:value-type=\"string\" table:number-columns-spanned=\"2\"><text:p>Quý II &amp; 2025</text:p></table:table-cell><table:covered-table-cell/></table:table-row>\
             <table:table-row table:number-rows-repeated=\"1000000\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>\
             <table:table-row table:visibility=\"filter\"><table:table-cell/><table:table-cell office:value-type=\"float\" office:value=\"12.5\" table:number-columns-repeated=\"2\"><text:p>12,5</text:p></table:table-cell></table:table-row></table:table>",
        )
    }

    pub fn pack(tables: &str) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file("mimetype", options).unwrap();
        zip.write_all(b"application/vnd.oasis.opendocument.spreadsheet").unwrap();
        zip.start_file("content.xml", options).unwrap();
        let head = "<office:document-content xmlns:office=\"o\" xmlns:table=\"t\" xmlns:text=\"x\"><office:body><office:spreadsheet>";
        zip.write_all(format!("{head}{tables}</office:spreadsheet></office:body></office:document-content>").as_bytes()).unwrap();
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn repeated_emptiness_costs_nothing() {
        let book = read(&sample(), &Progress::default()).unwrap();
        let sheet = &book.sheets[0];
        assert_eq!(sheet.rows.len(), 2);
        assert_eq!(sheet.filled(0, 1).unwrap().text(false), "Quý II & 2025");
        assert_eq!(sheet.cell(1_000_001, 2).unwrap().number(), Some(12.5));
        assert!(sheet.rows[1].hidden);
        assert_eq!(sheet.hidden_cols, [1]);
        assert_eq!(super::super::open("a.ods", &sample(), &Progress::default()).unwrap().1, book);
    }
}
