//! Workbooks that are zip archives: .xlsx and .ods.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::{Refusal, UploadKind, UploadLimits, within};

/// Archives declare more than they hold when this many times larger unpacked and over the floor below.
const MAX_RATIO: u64 = 200;
const RATIO_FLOOR: u64 = 50_000_000;

/// What has been counted over all parts.
#[derive(Default)]
struct Seen {
    unpacked: u64,
    rows: u64,
    cells: u64,
    spreadsheet: bool,
}

pub(super) fn inspect(bytes: &[u8], limits: &UploadLimits) -> Result<UploadKind, Refusal> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Refusal::Damaged)?;
    if archive.len() > limits.entries {
        return Err(Refusal::Bomb);
    }
    let (mut declared, mut names) = (0_u64, Vec::new());
    for index in 0..archive.len() {
        let file = archive.by_index_raw(index).map_err(|_| Refusal::Damaged)?;
        if file.encrypted() {
            return Err(Refusal::Encrypted);
        }
        declared = declared.saturating_add(file.size());
        names.push(file.name().map_err(|_| Refusal::UnsafeNames)?.into_owned());
    }
    if declared > limits.unpacked || (declared > RATIO_FLOOR && declared / MAX_RATIO > bytes.len() as u64) {
        return Err(Refusal::Bomb);
    }
    check_names(&names)?;
    let kind = if names.iter().any(|name| name == "[Content_Types].xml") { UploadKind::Xlsx } else { UploadKind::Ods };
    let mut seen = Seen::default();
    for (index, name) in names.iter().enumerate() {
        let file = archive.by_index(index).map_err(|_| Refusal::Damaged)?;
        // One byte more than allowed tells a lie in the declared size.
        let budget = limits.unpacked.saturating_sub(seen.unpacked) + 1;
        let mut counted = Counted { inner: file.take(budget), bytes: 0 };
        let lower = name.to_lowercase();
        if [".xml", ".rels", ".vml", ".rdf"].iter().any(|end| lower.ends_with(end)) {
            part(&mut counted, &lower, kind, limits, &mut seen)?;
        } else {
            payload(&mut counted, &lower, &mut seen)?;
        }
        std::io::copy(&mut counted, &mut std::io::sink()).map_err(|_| Refusal::Damaged)?;
        seen.unpacked += counted.bytes;
        if seen.unpacked > limits.unpacked {
            return Err(Refusal::Bomb);
        }
    }
    if seen.spreadsheet { Ok(kind) } else { Err(Refusal::WrongExtension) }
}

/// Counts what is really inflated.
struct Counted<R> {
    inner: R,
    bytes: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.bytes += count as u64;
        Ok(count)
    }
}

/// Names that leave the folder, come twice, or belong to things a table of figures does not need.
fn check_names(names: &[String]) -> Result<(), Refusal> {
    let mut seen = HashSet::new();
    for name in names {
        let lower = name.to_lowercase();
        let climbs = name.split(['/', '\\']).any(|step| step == "..");
        if climbs || name.starts_with(['/', '\\']) || name.contains(['\\', '\0', ':']) || !seen.insert(lower.clone()) {
            return Err(Refusal::UnsafeNames);
        }
        let inside = |folder: &str| lower.starts_with(folder) || lower.contains(&format!("/{folder}"));
        let file = lower.rsplit('/').next().unwrap_or_default();
        if file.starts_with("vbaproject") || inside("macrosheets/") || inside("dialogsheets/") || lower.starts_with("basic/") || lower.starts_with("scripts/") {
            return Err(Refusal::Macros);
        }
        if inside("externallinks/") || file == "connections.xml" || inside("querytables/") {
            return Err(Refusal::ExternalLinks);
        }
        if inside("embeddings/") || inside("activex/") || file.starts_with("oleobject") || lower.starts_with("object ") {
            return Err(Refusal::Embedded);
        }
    }
    Ok(())
}

/// Pictures, printer settings and the like.
fn payload(file: &mut impl Read, name: &str, seen: &mut Seen) -> Result<(), Refusal> {
    let mut head = Vec::new();
    file.take(64).read_to_end(&mut head).map_err(|_| Refusal::Damaged)?;
    let archives: [&[u8]; 4] = [b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!"];
    if archives.iter().any(|magic| head.starts_with(magic)) {
        return Err(Refusal::Nested);
    }
    if head.starts_with(&super::binary::MAGIC) || head.starts_with(b"MZ") {
        return Err(Refusal::Embedded);
    }
    if name == "mimetype" && head == b"application/vnd.oasis.opendocument.spreadsheet" {
        seen.spreadsheet = true;
    }
    Ok(())
}

/// Walks through one XML part.
fn part(file: &mut impl Read, name: &str, kind: UploadKind, limits: &UploadLimits, seen: &mut Seen) -> Result<(), Refusal> {
    // VML written by Excel is not always XML; it is only displayed by spreadsheets, never read here.
    let strict = !name.ends_with(".vml");
    let mut file = BufReader::with_capacity(32 * 1024, file);
    // Wide encodings would hide a document type from this walk, and no office program writes them.
    let head = file.fill_buf().map_err(|_| Refusal::Damaged)?;
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) || head.iter().take(4).any(|byte| *byte == 0) {
        return Err(Refusal::Damaged);
    }
    let mut reader = Reader::from_reader(file);
    reader.config_mut().check_end_names = strict;
    let mut buffer = Vec::new();
    let mut sheet = Sheet::default();
    loop {
        buffer.clear();
        let event = match reader.read_event_into(&mut buffer) {
            Ok(event) => event,
            Err(_) if !strict => return Ok(()),
            Err(_) => return Err(Refusal::Damaged),
        };
        match event {
            Event::Eof => return Ok(()),
            Event::DocType(_) => return Err(Refusal::XmlEntities),
            Event::Start(tag) => element(&tag, true, name, kind, &mut sheet, seen)?,
            Event::Empty(tag) => element(&tag, false, name, kind, &mut sheet, seen)?,
            Event::Text(text) if sheet.in_formula => dde(&text, &mut sheet.quote)?,
            Event::GeneralRef(entity) if sheet.in_formula => match &*entity {
                b"quot" => dde(b"\"", &mut sheet.quote)?,
                b"apos" => dde(b"'", &mut sheet.quote)?,
                _ => {}
            },
            Event::End(tag) => match (kind, tag.local_name().as_ref()) {
                (_, b"f") => sheet.in_formula = false,
                (UploadKind::Xlsx, b"row") | (UploadKind::Ods, b"table-row") => {
                    seen.rows = seen.rows.saturating_add(if sheet.cells > 0 { sheet.repeat } else { 0 });
                    seen.cells = seen.cells.saturating_add(sheet.cells.saturating_mul(sheet.repeat));
                    within(seen.rows, seen.cells, limits)?;
                    sheet = Sheet::default();
                }
                _ => {}
            },
            _ => {}
        }
    }
}

/// The row being read.
#[derive(Default)]
struct Sheet {
    cells: u64,
    /// How often the row repeats (.ods).
    repeat: u64,
    in_formula: bool,
    /// The quotation mark open in the formula.
    quote: Option<u8>,
}

fn element(tag: &BytesStart, open: bool, part: &str, kind: UploadKind, sheet: &mut Sheet, seen: &mut Seen) -> Result<(), Refusal> {
    let get = |name: &str| {
        let found = tag.attributes().with_checks(false).flatten().find(|attribute| attribute.key.local_name().as_ref() == name.as_bytes());
        found.map(|attribute| String::from_utf8_lossy(&attribute.value).into_owned())
    };
    let local = tag.local_name();
    match (kind, local.as_ref()) {
        (UploadKind::Xlsx, b"row") => *sheet = Sheet { repeat: 1, ..Sheet::default() },
        (UploadKind::Xlsx, b"v" | b"is") if open => sheet.cells += 1,
        (UploadKind::Xlsx, b"f") => (sheet.in_formula, sheet.quote) = (open, None),
        (UploadKind::Xlsx, b"ddeLink" | b"oleLink") => return Err(Refusal::ExternalLinks),
        (UploadKind::Xlsx, b"oleObject") if part.contains("/worksheets/") => {
            return Err(Refusal::Embedded);
        }
        (UploadKind::Xlsx, b"Override" | b"Default") if part == "[content_types].xml" => {
            let content = get("ContentType").unwrap_or_default().to_lowercase();
            if content.contains("macroenabled") || content.contains("vbaproject") {
                return Err(Refusal::Macros);
            }
            seen.spreadsheet |= content.ends_with("spreadsheetml.sheet.main+xml") || content.ends_with("spreadsheetml.template.main+xml");
        }
        (UploadKind::Xlsx, b"Relationship")
            if get("TargetMode").as_deref() == Some("External") && !get("Type").is_some_and(|kind| kind.ends_with("/hyperlink")) =>
        {
            return Err(Refusal::ExternalLinks);
        }
        (UploadKind::Ods, b"table-row") if open => {
            let repeat = get("number-rows-repeated").and_then(|count| count.parse().ok()).unwrap_or(1);
            *sheet = Sheet { repeat, ..Sheet::default() };
        }
        (UploadKind::Ods, b"table-cell") if get("value-type").is_some() => {
            let formula = get("formula").unwrap_or_default().to_lowercase();
            if ["dde(", "webservice(", "file:", "http:", "https:", "ftp:"].iter().any(|call| formula.contains(call)) {
                return Err(Refusal::ExternalLinks);
            }
            let repeat = get("number-columns-repeated").and_then(|count| count.parse().ok()).unwrap_or(1_u64);
            sheet.cells = sheet.cells.saturating_add(repeat);
        }
        (UploadKind::Ods, b"dde-source" | b"dde-link" | b"table-source" | b"cell-range-source") => {
            return Err(Refusal::ExternalLinks);
        }
        (UploadKind::Ods, b"object" | b"object-ole" | b"plugin" | b"applet") => {
            return Err(Refusal::Embedded);
        }
        (UploadKind::Ods, b"encryption-data") => return Err(Refusal::Encrypted),
        _ => {}
    }
    Ok(())
}

/// A call to another program in a formula: a bar outside of quotes, as in `cmd|'/c calc'!A1`.
/// `quote` is the quotation mark open at the beginning, because a formula comes in pieces.
fn dde(formula: &[u8], quote: &mut Option<u8>) -> Result<(), Refusal> {
    for byte in formula {
        match (*quote, byte) {
            (None, b'"' | b'\'') => *quote = Some(*byte),
            (Some(open), byte) if open == *byte => *quote = None,
            (None, b'|') => return Err(Refusal::ExternalLinks),
            _ => {}
        }
    }
    Ok(())
}
