//! Words inside files, for searching: PDF, Word and Excel, as far as they can be taken out within bounds. Slow: call it where waiting is
//! allowed. Nothing here is shown to people as the document; it only lets a search find it.

use super::FileKind;
use calamine::{DataRef, Reader as _, Xlsx};
use quick_xml::events::Event;
use std::io::{BufReader, Cursor, Read as _};
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes to which all streams of a PDF together may unpack.
const UNPACKED: usize = 192 << 20;
/// Streams of a PDF that hold many objects; a real document has one for some hundred objects.
const PACKED: usize = 4_000;
const PAGES: usize = 500;
const SHEETS: usize = 60;
const CELLS: usize = 400_000;

/// Why a file gives no words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoWords {
    /// A picture, or a scan without a layer of text.
    None,
    /// It cannot be read: damaged, with a password, or not one of the kinds.
    Unreadable,
    /// It would unpack to more than is allowed, or took too long.
    TooMuch,
}

/// The words of a file, at most `letters` of them, one paragraph, page or cell to a line. `stop` is looked at on the way.
///
/// # Errors
/// See [`NoWords`].
pub fn words_in(bytes: &[u8], letters: usize, stop: &AtomicBool) -> Result<String, NoWords> {
    let mut out = Out { text: String::new(), left: letters, stop };
    match FileKind::of(bytes).map_err(|_| NoWords::Unreadable)? {
        FileKind::Pdf => pdf(bytes, &mut out)?,
        FileKind::Docx => word(bytes, &mut out)?,
        FileKind::Xlsx => sheets(bytes, &mut out)?,
        FileKind::Jpeg | FileKind::Png => {}
    }
    if stop.load(Ordering::Relaxed) {
        return Err(NoWords::TooMuch);
    }
    if out.text.chars().any(char::is_alphanumeric) { Ok(out.text) } else { Err(NoWords::None) }
}

/// What was taken out, with what may still come.
struct Out<'a> {
    text: String,
    left: usize,
    stop: &'a AtomicBool,
}

impl Out<'_> {
    fn push(&mut self, text: &str) {
        for c in text.chars().take(self.left) {
            self.text.push(c);
            self.left -= 1;
        }
    }

    fn full(&self) -> bool {
        self.left == 0 || self.stop.load(Ordering::Relaxed)
    }
}

fn count(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).filter(|w| *w == what).count()
}

fn pdf(bytes: &[u8], out: &mut Out<'_>) -> Result<(), NoWords> {
    // Streams that hold objects are unpacked and kept when a file is opened: the whole is bounded by their number.
    let packed = count(bytes, b"ObjStm") + count(bytes, b"/XRef");
    if packed > PACKED {
        return Err(NoWords::TooMuch);
    }
    let most = (UNPACKED / (packed + 1)).clamp(64 << 10, 32 << 20);
    let options = lopdf::LoadOptions { max_decompressed_size: Some(most), ..lopdf::LoadOptions::default() };
    let document = lopdf::Document::load_mem_with_options(bytes, options).map_err(|_| NoWords::Unreadable)?;
    for page in document.get_pages().into_keys().take(PAGES) {
        if out.full() {
            break;
        }
        // A page with a font that cannot be read does not take the others along.
        if let Ok(text) = document.extract_text_with_limit(&[page], 16 << 20) {
            out.push(&text);
            out.push("\n");
        }
    }
    Ok(())
}

fn word(bytes: &[u8], out: &mut Out<'_>) -> Result<(), NoWords> {
    let bad = |_| NoWords::Unreadable;
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(bad)?;
    let part = archive.by_name("word/document.xml").map_err(bad)?.take(60_000_000);
    let mut reader = quick_xml::Reader::from_reader(BufReader::new(part));
    let mut room = Vec::new();
    while !out.full() {
        room.clear();
        match reader.read_event_into(&mut room).map_err(|_| NoWords::Unreadable)? {
            Event::Text(text) => out.push(&text.decode().map_err(|_| NoWords::Unreadable)?),
            Event::End(end) if end.local_name().as_ref() == b"p" => out.push("\n"),
            Event::Empty(tag) if matches!(tag.local_name().as_ref(), b"tab" | b"br") => out.push(" "),
            Event::Eof => break,
            _ => {}
        }
    }
    Ok(())
}

fn sheets(bytes: &[u8], out: &mut Out<'_>) -> Result<(), NoWords> {
    let mut file: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| NoWords::Unreadable)?;
    let names: Vec<String> = file.sheet_names().into_iter().take(SHEETS).collect();
    let mut left = CELLS;
    for name in names {
        // Cell after cell: what a sheet says about its size is never believed.
        let Ok(mut cells) = file.worksheet_cells_reader(&name) else { continue };
        while let Ok(Some(cell)) = cells.next_cell() {
            left = left.saturating_sub(1);
            if left == 0 || out.full() {
                return Ok(());
            }
            match cell.get_value() {
                DataRef::String(text) => out.push(text),
                DataRef::SharedString(text) => out.push(text),
                _ => continue,
            }
            out.push("\n");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    static GO: AtomicBool = AtomicBool::new(false);

    #[test]
    fn words_of_reports_and_workbooks_are_found() {
        let report = print::Report {
            title: "BÁO CÁO".into(),
            summary: "kết quả chuyển đổi số".into(),
            blocks: vec![print::Block::Paragraph("Xã Phúc Hòa đã số hóa vườn vải thiều.".into())],
            ..Default::default()
        };
        let text = words_in(&print::to_docx(&report).unwrap(), 10_000, &GO).unwrap();
        assert!(text.contains("vải thiều"), "{text}");
        assert_eq!(words_in(&print::to_docx(&report).unwrap(), 10, &GO).unwrap().chars().count(), 10);
        let table = print::Table {
            title: "Nhiệm vụ".into(),
            columns: vec![print::Column::new("Tên", print::Kind::Text)],
            rows: vec![vec![print::Cell::from("Trạm y tế xã Lộc Bình")]],
            ..Default::default()
        };
        let made = jiff::civil::date(2026, 1, 1);
        let book = print::to_xlsx(&print::Book { language: print::Language::Vi, made, sheets: vec![table], about: vec![], definitions: None }).unwrap();
        assert!(words_in(&book, 10_000, &GO).unwrap().contains("Lộc Bình"));
    }

    #[test]
    fn what_is_hostile_ends_and_says_so() {
        assert_eq!(words_in(b"MZ", 100, &GO), Err(NoWords::Unreadable));
        assert_eq!(words_in(b"%PDF-1.7\nnothing", 100, &GO), Err(NoWords::Unreadable));
        let many = [&b"%PDF-1.7\n"[..], &b"/ObjStm ".repeat(PACKED + 1)].concat();
        assert_eq!(words_in(&many, 100, &GO), Err(NoWords::TooMuch));
        let report = print::to_docx(&print::Report { title: "x".into(), ..Default::default() }).unwrap();
        assert_eq!(words_in(&report, 100, &AtomicBool::new(true)), Err(NoWords::TooMuch));
    }

    proptest! {
        #[test]
        fn any_bytes_give_some_words_or_none(mut bytes in prop::collection::vec(any::<u8>(), 0..400), pdf in any::<bool>()) {
            let mut all = if pdf { b"%PDF-1.7\n".to_vec() } else { b"PK\x03\x04".to_vec() };
            all.append(&mut bytes);
            let _ = words_in(&all, 1_000, &GO);
        }
    }
}
