use print::{Block, Cell, Column, Kind, Report, Table, to_docx};
use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::read::{part, parts};

fn report(blocks: Vec<Block>) -> Report {
    Report {
        superior: "UBND tỉnh Thanh Hóa".into(),
        body_name: "Ủy ban nhân dân xã Thiệu Trung".into(),
        symbol: "BC-UBND".into(),
        place: "Thiệu Trung".into(),
        date: Some(jiff::civil::date(2026, 2, 5)),
        title: "Báo cáo".into(),
        summary: "Kết quả xây dựng nông thôn mới thông minh".into(),
        blocks,
        signer_title: "TM. Ủy ban nhân dân\nChủ tịch".into(),
        recipients: vec!["Như trên;".into()],
        ..Report::default()
    }
}

fn table() -> Table {
    Table {
        title: "Bảng 1".into(),
        columns: vec![Column::new("Xã", Kind::Text), Column::new("Tỷ lệ", Kind::Percent { decimals: 1 })],
        rows: vec![vec!["Thiệu Trung".into(), Cell::Number("85.25".parse().unwrap())], vec!["Chỉ một ô".into()]],
        ..Table::default()
    }
}

/// All texts of the document, after checking that it is well-formed.
fn texts(docx: &[u8]) -> Vec<String> {
    let document = part(docx, "word/document.xml");
    let mut reader = Reader::from_str(&document);
    let (mut texts, mut current) = (Vec::new(), None);
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(tag) if tag.name().as_ref() == b"w:t" => current = Some(String::new()),
            Event::Text(text) => {
                if let Some(current) = &mut current {
                    current.push_str(&text.decode().unwrap());
                }
            }
            Event::End(tag) if tag.name().as_ref() == b"w:t" => texts.extend(current.take()),
            Event::Eof => return texts,
            _ => {}
        }
    }
}

#[test]
fn the_layout_is_the_decrees() {
    let docx = to_docx(&report(vec![Block::Paragraph("Nội dung".into())])).unwrap();
    let texts = texts(&docx);
    let expected = [
        "UBND TỈNH THANH HÓA",
        "ỦY BAN NHÂN DÂN XÃ THIỆU TRUNG",
        "Số:        /BC-UBND",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Thiệu Trung, ngày 05 tháng 02 năm 2026",
        "BÁO CÁO",
        "Kết quả xây dựng nông thôn mới thông minh",
        "Nội dung",
        "Nơi nhận:",
        "- Như trên;",
        "- Lưu: VT.",
        "TM. ỦY BAN NHÂN DÂN",
        "CHỦ TỊCH",
    ];
    let shown: Vec<&str> = texts.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
    assert_eq!(shown, expected);
    let document = part(&docx, "word/document.xml");
    assert!(document.contains("<w:pgSz w:w=\"11906\" w:h=\"16838\"/><w:pgMar w:top=\"1134\" w:right=\"850\" w:bottom=\"1134\" w:left=\"1701\""));
    assert!(part(&docx, "word/styles.xml").contains("Times New Roman"));
    let numbered = Report { number: Some("15".into()), date: None, ..report(Vec::new()) };
    assert!(self::texts(&to_docx(&numbered).unwrap()).contains(&"Số: 15/BC-UBND".into()));
}

#[test]
fn sums_are_bold_clauses_upright_and_nobody_signs_an_empty_page() {
    let mut sums = table();
    sums.rows.push(vec!["Cộng".into(), Cell::Number("85.25".parse().unwrap())]);
    let blocks = vec![
        Block::Heading { level: 2, text: "Kinh tế số".into() },
        Block::Table(sums),
        Block::Caption("Biểu đồ một".into()),
        Block::Paragraph("Lời đầu".into()),
        Block::Note("Lời cuối".into()),
    ];
    let document = part(&to_docx(&report(blocks)).unwrap(), "word/document.xml");
    let paragraph = |words: &str| {
        let at = document.find(&format!(">{words}<")).unwrap_or_else(|| panic!("{words}"));
        document[document[..at].rfind("<w:p>").unwrap()..at].to_owned()
    };
    assert!(paragraph("Cộng").contains("<w:b/>") && !paragraph("Chỉ một ô").contains("<w:b/>"));
    assert!(paragraph("Kinh tế số").contains("<w:b/>") && !paragraph("Kinh tế số").contains("<w:i/>"));
    assert!(paragraph("Biểu đồ một").contains("w:val=\"center\""));
    assert!(paragraph("Lời cuối").contains("<w:keepNext/>") && !paragraph("Lời đầu").contains("<w:keepNext/>"));
}

#[test]
fn tables_repeat_their_head_and_align_numbers() {
    let docx = to_docx(&report(vec![Block::Table(table())])).unwrap();
    let document = part(&docx, "word/document.xml");
    assert_eq!(document.matches("<w:tblHeader/>").count(), 1);
    assert!(texts(&docx).contains(&"85,3%".into()));
    let cell = document.split("85,3%").next().unwrap().rsplit("<w:tc>").next().unwrap();
    assert!(cell.contains("<w:jc w:val=\"right\"/>"), "{cell}");
    assert_eq!(document.matches("<w:tc>").count(), 4 + 3 * 2, "short rows are filled up");
}

#[test]
fn pictures_fit_the_page_and_have_their_words() {
    let picture = |width_px, height_px| Block::Picture { png: vec![1, 2, 3], width_px, height_px, alt: "Cột \"cao\"".into() };
    let docx = to_docx(&report(vec![picture(10_000, 100), picture(u32::MAX, u32::MAX), picture(96, 96)])).unwrap();
    let document = part(&docx, "word/document.xml");
    assert!(document.contains("descr=\"Cột &quot;cao&quot;\""));
    let widths: Vec<u64> = document.split("<wp:extent cx=\"").skip(1).map(|text| text.split('"').next().unwrap().parse().unwrap()).collect();
    assert!(widths.iter().all(|width| (1..=9_355 * 635).contains(width)), "{widths:?}");
    assert_eq!(widths[2], 914_400, "96 pixels are an inch");
    assert_eq!(parts(&docx)["word/media/image3.png"], [1, 2, 3]);
    assert!(part(&docx, "word/_rels/document.xml.rels").contains("rIdP3"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_gives_a_well_formed_document(text in "\\PC{0,20}[<>&\"\u{0}\u{b}\u{ffff}\n]{0,4}") {
        let cell = Table { rows: vec![vec![Cell::Text(text.clone())]], title: text.clone(), ..table() };
        let blocks = vec![Block::Heading { level: 2, text: text.clone() }, Block::Note(text.clone()), Block::Table(cell)];
        let docx = to_docx(&Report { superior: text.clone(), signer_name: Some(text), ..report(blocks) }).unwrap();
        prop_assert!(!texts(&docx).is_empty());
    }
}
