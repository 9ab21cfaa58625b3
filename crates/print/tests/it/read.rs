//! Reads what was written.

use std::io::{Cursor, Read};

use calamine::{Data, Range, Reader, Xlsx};

/// Opens the workbook as a stranger would.
pub fn open(bytes: &[u8]) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(bytes.to_vec())).expect("calamine opens what we wrote")
}

/// The values of one sheet.
pub fn values(bytes: &[u8], sheet: &str) -> Range<Data> {
    open(bytes).worksheet_range(sheet).expect("the sheet is there")
}

/// One part of the package as text.
pub fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    let mut text = String::new();
    archive.by_name(name).expect("the part is there").read_to_string(&mut text).expect("text");
    text
}

/// Every part of the package with its bytes.
pub fn parts(bytes: &[u8]) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    let names: Vec<String> = archive.file_names().map(|name| name.expect("a name").into_owned()).collect();
    names
        .into_iter()
        .map(|name| {
            let mut content = Vec::new();
            archive.by_name(&name).expect("listed").read_to_end(&mut content).expect("whole");
            (name, content)
        })
        .collect()
}
