//! Text inside files, for searching: PDF and Word, as far as it can be taken out.

use figures::evidence::FileKind;
use quick_xml::Reader;
use quick_xml::events::Event;
use std::io::{Cursor, Read as _};

/// Bytes of a file beyond which its text is not looked for.
pub const MOST: u64 = 25_000_000;
/// Letters kept of one file.
const LETTERS: usize = 400_000;
const PAGES: usize = 300;

/// The text of a file; empty when there is none or it cannot be taken out.
pub fn extract(bytes: &[u8]) -> String {
    let text = match FileKind::of(bytes) {
        Ok(FileKind::Pdf) => pdf(bytes),
        Ok(FileKind::Docx) => word(bytes),
        _ => None,
    };
    text.unwrap_or_default().chars().take(LETTERS).collect()
}

fn pdf(bytes: &[u8]) -> Option<String> {
    let document = lopdf::Document::load_mem(bytes).ok()?;
    let pages: Vec<u32> = document.get_pages().keys().copied().take(PAGES).collect();
    let mut out = String::new();
    for page in pages {
        // A page with a font that cannot be read does not take the others along.
        if let Ok(text) = document.extract_text(&[page]) {
            out.push_str(&text);
            out.push('\n');
        }
        if out.len() > LETTERS * 4 {
            break;
        }
    }
    Some(out)
}

fn word(bytes: &[u8]) -> Option<String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut xml = String::new();
    archive.by_name("word/document.xml").ok()?.take(40_000_000).read_to_string(&mut xml).ok()?;
    let mut reader = Reader::from_str(&xml);
    let mut out = String::new();
    loop {
        match reader.read_event().ok()? {
            Event::Text(text) => out.push_str(&text.decode().ok()?),
            Event::End(end) if end.local_name().as_ref() == b"p" => out.push('\n'),
            Event::Empty(tag) if matches!(tag.local_name().as_ref(), b"tab" | b"br") => out.push(' '),
            Event::Eof => return Some(out),
            _ => {}
        }
        if out.len() > LETTERS * 4 {
            return Some(out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_words_of_a_report_are_found() {
        let report = print::Report {
            title: "BÁO CÁO".into(),
            summary: "kết quả chuyển đổi số".into(),
            blocks: vec![print::Block::Paragraph("Xã Phúc Hòa đã số hóa vườn vải thiều.".into())],
            ..Default::default()
        };
        let text = extract(&print::to_docx(&report).unwrap());
        assert!(text.contains("vải thiều"), "{text}");
    }

    proptest! {
        #[test]
        fn any_bytes_give_some_text_or_none(mut bytes in prop::collection::vec(any::<u8>(), 0..400), pdf in any::<bool>()) {
            let mut all = if pdf { b"%PDF-1.7\n".to_vec() } else { b"PK\x03\x04".to_vec() };
            all.append(&mut bytes);
            let _ = extract(&all);
        }
    }
}
