use std::io::{Cursor, Write};

use print::{Refusal, UploadKind, UploadLimits, UploadProblem, inspect_upload};
use proptest::prelude::*;
use zip::write::SimpleFileOptions;

use crate::templates::{column, form};

const TYPES: &str =
    "<Types><Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/></Types>";

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn xlsx(extra: &[(&str, &[u8])]) -> Vec<u8> {
    let mut parts = vec![("[Content_Types].xml", TYPES.as_bytes())];
    parts.extend_from_slice(extra);
    archive(&parts)
}

fn inspect(name: &str, bytes: &[u8]) -> Result<UploadKind, Refusal> {
    inspect_upload(name, bytes, &UploadLimits::default()).map_err(|problem| problem.0)
}

fn sheet(rows: &str) -> Vec<u8> {
    xlsx(&[("xl/worksheets/sheet1.xml", format!("<worksheet><sheetData>{rows}</sheetData></worksheet>").as_bytes())])
}

/// A compound file with these entries; the first stream begins with `records`.
fn compound(entries: &[&str], records: &[u8]) -> Vec<u8> {
    let mut file = vec![0; 1536];
    file[..8].copy_from_slice(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    file[30] = 9;
    for (index, name) in entries.iter().enumerate() {
        let record = &mut file[512 + index * 128..][..128];
        let units: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
        record[..units.len()].copy_from_slice(&units);
        record[64] = u8::try_from(units.len()).unwrap();
        record[66] = 2;
        record[116] = 1;
    }
    file[1024..1024 + records.len()].copy_from_slice(records);
    file
}

const BEGIN: [u8; 6] = [0x09, 0x08, 2, 0, 0, 6];

#[test]
fn honest_files_come_in() {
    let form = print::template_xlsx(&form(3, vec![column("p", print::Fill::Percent)])).unwrap();
    assert_eq!(inspect("Biểu mẫu.XLSX", &form), Ok(UploadKind::Xlsx));
    let bad = print::CellProblem { sheet: "Số liệu".into(), row: 5, col: 3, message: "sai".into() };
    assert_eq!(inspect("can-sua.xlsx", &print::annotate_xlsx(&form, &[bad], &[]).unwrap()), Ok(UploadKind::Xlsx));
    assert_eq!(inspect("a.xlsx", &sheet("<row><c><f>IF(A1=\"a&amp;b|c\",'x|y'!B2,&quot;|&quot;)</f><v>1</v></c></row>")), Ok(UploadKind::Xlsx));
    let link = "<Relationships><Relationship Type=\"x/hyperlink\" TargetMode=\"External\" Target=\"mailto:a\"/></Relationships>";
    assert_eq!(inspect("a.xlsx", &xlsx(&[("xl/worksheets/_rels/sheet1.xml.rels", link.as_bytes())])), Ok(UploadKind::Xlsx));
    assert_eq!(inspect("a.xls", &compound(&["Root Entry", "Workbook"], &BEGIN)), Ok(UploadKind::Xls));
    let mimetype: &[u8] = b"application/vnd.oasis.opendocument.spreadsheet";
    let rows = "<o><table:table-row table:number-rows-repeated=\"1048576\"><table:table-cell/></table:table-row></o>";
    assert_eq!(inspect("a.ods", &archive(&[("mimetype", mimetype), ("content.xml", rows.as_bytes())])), Ok(UploadKind::Ods));
    assert_eq!(inspect("a.csv", "Xã,Số\nThiệu Trung,1\n".as_bytes()), Ok(UploadKind::Csv));
    assert_eq!(inspect("a.tsv", b"a\tb\n"), Ok(UploadKind::Tsv));
}

#[test]
fn each_hostile_file_has_its_reason() {
    let external = "<Relationships><Relationship Type=\"x/externalLinkPath\" TargetMode=\"External\" Target=\"b.xlsx\"/></Relationships>";
    let macros = TYPES.replace("spreadsheetml.sheet.main", "ms-excel.sheet.macroEnabled.main");
    let zip = archive(&[]);
    let cases: Vec<(&str, Vec<u8>, Refusal)> = vec![
        ("a.xlsx", vec![], Refusal::Empty),
        ("a.csv", vec![b'a'; 20_000_001], Refusal::TooLarge(20_000_000)),
        ("a.docx", b"PK\x03\x04".to_vec(), Refusal::UnknownKind),
        ("a.xlsm", xlsx(&[]), Refusal::Macros),
        ("a.csv", xlsx(&[]), Refusal::WrongExtension),
        ("a.xls", b"<html><table></table></html>".to_vec(), Refusal::WrongExtension),
        ("a.csv", b"  \n%PDF-1.7".to_vec(), Refusal::WrongExtension),
        ("a.csv", b"MZ\0\0".to_vec(), Refusal::WrongExtension),
        ("a.xlsx", archive(&[("word/document.xml", b"<w/>")]), Refusal::WrongExtension),
        ("a.xlsx", archive(&[("[Content_Types].xml", macros.as_bytes())]), Refusal::Macros),
        ("a.xlsx", xlsx(&[("xl/vbaProject.bin", b"x")]), Refusal::Macros),
        ("a.xlsx", xlsx(&[("xl/macrosheets/sheet1.xml", b"<x/>")]), Refusal::Macros),
        ("a.xlsx", xlsx(&[("xl/externalLinks/externalLink1.xml", b"<x/>")]), Refusal::ExternalLinks),
        ("a.xlsx", xlsx(&[("xl/connections.xml", b"<x/>")]), Refusal::ExternalLinks),
        ("a.xlsx", xlsx(&[("xl/_rels/workbook.xml.rels", external.as_bytes())]), Refusal::ExternalLinks),
        ("a.xlsx", sheet("<row><c><f>cmd|'/c calc'!A1</f></c></row>"), Refusal::ExternalLinks),
        ("a.xlsx", xlsx(&[("xl/embeddings/oleObject1.bin", b"x")]), Refusal::Embedded),
        ("a.xlsx", xlsx(&[("xl/media/image1.png", b"MZ\x90")]), Refusal::Embedded),
        ("a.xlsx", xlsx(&[("xl/media/inner.dat", b"PK\x03\x04rest")]), Refusal::Nested),
        ("a.xlsx", xlsx(&[("../../etc/passwd", b"x")]), Refusal::UnsafeNames),
        ("a.xlsx", xlsx(&[("c:\\windows\\a", b"x")]), Refusal::UnsafeNames),
        ("a.xlsx", xlsx(&[("a.xml", b"<!DOCTYPE x [<!ENTITY a \"b\">]><x>&a;</x>")]), Refusal::XmlEntities),
        ("a.xlsx", xlsx(&[("a.xml", b"\xff\xfe<\0x\0/\0>\0")]), Refusal::Damaged),
        ("a.xlsx", xlsx(&[("a.xml", b"<a><b></a>")]), Refusal::Damaged),
        ("a.xlsx", zip[..zip.len() - 4].to_vec(), Refusal::WrongExtension),
        ("a.xlsx", compound(&["Root Entry", "EncryptedPackage"], &[]), Refusal::Encrypted),
        ("a.xls", compound(&["Workbook"], &[0x09, 0x08, 2, 0, 0, 6, 0x2f, 0, 0, 0]), Refusal::Encrypted),
        ("a.xls", compound(&["Workbook", "_VBA_PROJECT_CUR"], &BEGIN), Refusal::Macros),
        ("a.xls", compound(&["Workbook", "MBD0001A2B3"], &BEGIN), Refusal::Embedded),
        ("a.xls", compound(&["WordDocument"], &[]), Refusal::WrongExtension),
    ];
    for (name, bytes, reason) in cases {
        assert_eq!(inspect(name, &bytes), Err(reason), "{name} for {reason:?}");
    }
}

#[test]
fn bombs_are_counted_while_they_unpack() {
    let limits = UploadLimits { unpacked: 1_000_000, ..UploadLimits::default() };
    let blank = vec![b' '; 2_000_000];
    let honest_bomb = xlsx(&[("a.xml", &blank)]);
    assert_eq!(inspect_upload("a.xlsx", &honest_bomb, &limits).map_err(|problem| problem.0), Err(Refusal::Bomb));
    // The same, lying about its size in both headers.
    let mut liar = honest_bomb;
    let size = 2_000_000_u32.to_le_bytes();
    let places: Vec<usize> = liar.windows(4).enumerate().filter(|(_, window)| *window == size).map(|(at, _)| at).collect();
    assert!(!places.is_empty());
    for at in places {
        liar[at..at + 4].copy_from_slice(&10_u32.to_le_bytes());
    }
    assert!(inspect_upload("a.xlsx", &liar, &limits).is_err());
    let many: Vec<(String, &[u8])> = (0..2_001).map(|index| (format!("p{index}"), b"".as_slice())).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, content)| (name.as_str(), *content)).collect();
    assert_eq!(inspect("a.xlsx", &archive(&many)), Err(Refusal::Bomb));
}

#[test]
fn only_rows_with_something_in_them_count() {
    let limits = UploadLimits { rows: 10, cells: 15, ..UploadLimits::default() };
    let inspect = |bytes: &[u8], name: &str| inspect_upload(name, bytes, &limits).map_err(|problem| problem.0);
    let styled = "<row><c s=\"1\"/></row>".repeat(5_000);
    let full = |count: usize| "<row><c><v>1</v></c></row>".repeat(count);
    assert_eq!(inspect(&sheet(&(styled.clone() + &full(10))), "a.xlsx"), Ok(UploadKind::Xlsx));
    assert_eq!(inspect(&sheet(&(styled + &full(11))), "a.xlsx"), Err(Refusal::TooManyRows(10)));
    assert_eq!(inspect(&sheet(&format!("<row>{}</row>", "<c><v>1</v></c>".repeat(16))), "a.xlsx"), Err(Refusal::TooManyCells(15)));
    let mimetype: &[u8] = b"application/vnd.oasis.opendocument.spreadsheet";
    let rows = "<o><table:table-row table:number-rows-repeated=\"900000\"><table:table-cell office:value-type=\"float\"/></table:table-row></o>";
    assert_eq!(inspect(&archive(&[("mimetype", mimetype), ("content.xml", rows.as_bytes())]), "a.ods"), Err(Refusal::TooManyRows(10)));
    assert_eq!(inspect("a\n".repeat(11).as_bytes(), "a.csv"), Err(Refusal::TooManyRows(10)));
    let told = UploadProblem(Refusal::TooManyRows(50_000));
    assert!(told.vi().contains("hơn 50.000 dòng") && told.en().contains("more than 50,000 rows"));
}

proptest! {
    #[test]
    fn random_bytes_never_panic(magic in 0usize..3, bytes in prop::collection::vec(any::<u8>(), 0..3_000)) {
        let magics: [&[u8]; 3] = [b"", b"PK\x03\x04", &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]];
        let file = [magics[magic], &bytes].concat();
        for name in ["a.xlsx", "a.xls", "a.ods", "a.csv"] {
            let _ = inspect(name, &file);
        }
    }

    #[test]
    fn broken_archives_never_panic(at in any::<prop::sample::Index>(), value in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let mut bytes = sheet("<row><c><v>1</v></c></row>");
        let place = at.index(bytes.len());
        bytes[place] = value;
        bytes.truncate(cut.index(bytes.len()));
        prop_assert!(inspect("a.xlsx", &bytes).is_err());
    }

    #[test]
    fn damaged_compound_files_never_panic(at in any::<prop::sample::Index>(), value in any::<u8>()) {
        let mut bytes = compound(&["Root Entry", "Workbook"], &BEGIN);
        let place = at.index(bytes.len());
        bytes[place] = value;
        let _ = inspect("a.xls", &bytes);
    }
}
