//! .xls: by calamine, after a walk over the records that makes sure that its dense tables fit into memory.
//!
//! Layout: [MS-CFB] 2.2 to 2.6 (compound file) and [MS-XLS] 2.4 (records).

use super::OpenError;
use super::xlsx::{day, text_datum};
use crate::intake::book::{Book, Cell, Datum, Sheet};
use calamine::{Data, Reader as _, SheetVisible, Xls};
use print::{Refusal, UploadProblem};
use std::io::Cursor;

/// Rows × columns of the bounding boxes of all sheets together.
const MAX_AREA: u64 = 2_000_000;

pub(super) fn read(bytes: &[u8]) -> Result<Book, OpenError> {
    let stream = Compound::open(bytes).and_then(|c| c.workbook()).ok_or(OpenError::Unreadable)?;
    if area(&stream) > MAX_AREA {
        return Err(UploadProblem(Refusal::TooManyCells(MAX_AREA)).into());
    }
    let mut file: Xls<_> = Xls::new(Cursor::new(bytes)).map_err(|_| OpenError::Unreadable)?;
    let mut book = Book::default();
    for meta in file.sheets_metadata().to_vec().into_iter().take(60) {
        let Ok(range) = file.worksheet_range(&meta.name) else { continue };
        let mut sheet = Sheet { name: meta.name.clone(), hidden: meta.visible != SheetVisible::Visible, ..Sheet::default() };
        let (top, left) = range.start().unwrap_or_default();
        for (row, col, value) in range.used_cells() {
            let (row, col) = (top + u32::try_from(row).unwrap_or(u32::MAX), left + u32::try_from(col).unwrap_or(u32::MAX));
            if let (Some(datum), Some(row)) = (datum(value), sheet.row_mut(row)) {
                row.push(Cell { col, datum, font: None });
            }
        }
        let merges = file.merge_cells_by_sheet_name(&meta.name).unwrap_or_default();
        sheet.merges = merges.iter().map(|d| (d.start.0, d.start.1, d.end.0, d.end.1)).collect();
        book.sheets.push(sheet);
    }
    Ok(book)
}

fn datum(value: &Data) -> Option<Datum> {
    #[expect(clippy::cast_precision_loss, reason = "spreadsheets keep 15 digits")]
    Some(match value {
        Data::Int(n) => Datum::Number(*n as f64, false),
        Data::Float(n) => Datum::Number(*n, false),
        Data::String(text) | Data::DurationIso(text) | Data::DateTimeIso(text) => text_datum(text)?,
        Data::Bool(yes) => Datum::Yes(*yes),
        Data::DateTime(at) => day(at).map_or(Datum::Number(at.as_f64(), false), Datum::Day),
        Data::Error(_) => Datum::Error,
        Data::Empty => return None,
    })
}

/// The sum of the bounding boxes of the cells of each sheet.
fn area(stream: &[u8]) -> u64 {
    let (mut total, mut bounds, mut at) = (0_u64, None::<(u64, u64, u64, u64)>, 0_usize);
    let size = |b: Option<(u64, u64, u64, u64)>| b.map_or(0, |(r0, c0, r1, c1)| (r1 - r0 + 1).saturating_mul(c1 - c0 + 1));
    while let (Some(kind), Some(length)) = (u16_at(stream, at), u16_at(stream, at + 2)) {
        let body = stream.get(at + 4..(at + 4 + usize::from(length)).min(stream.len())).unwrap_or_default();
        match kind {
            0x0809 => total = total.saturating_add(size(bounds.take())),
            0x0006 | 0x00BD | 0x00BE | 0x00D6 | 0x00FD | 0x0201 | 0x0203 | 0x0204 | 0x0205 | 0x0206 | 0x027E => {
                if let (Some(row), Some(col)) = (u16_at(body, 0), u16_at(body, 2)) {
                    let (row, col) = (u64::from(row), u64::from(col));
                    let many = matches!(kind, 0x00BD | 0x00BE);
                    let last = if many { body.len().checked_sub(2).and_then(|i| u16_at(body, i)).map_or(col, u64::from) } else { col };
                    let b = bounds.unwrap_or((row, col, row, col));
                    bounds = Some((b.0.min(row), b.1.min(col), b.2.max(row), b.3.max(col).max(last)));
                }
            }
            _ => {}
        }
        at += 4 + usize::from(length);
    }
    total.saturating_add(size(bounds))
}

/// A compound file: sectors chained by a table.
struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    fat: Vec<u32>,
}

impl<'a> Compound<'a> {
    fn open(bytes: &'a [u8]) -> Option<Compound<'a>> {
        let sector = match u16_at(bytes, 30)? {
            9 => 512,
            12 => 4096,
            _ => return None,
        };
        let mut file = Compound { bytes, sector, fat: Vec::new() };
        let mut tables: Vec<u32> = (0..109).filter_map(|i| u32_at(bytes, 76 + 4 * i)).collect();
        let mut next = u32_at(bytes, 68)?;
        // Each sector of the second-level list names further tables and, last, its successor.
        for _ in 0..bytes.len() / sector {
            let Some(list) = file.at(next) else { break };
            tables.extend((0..sector / 4 - 1).filter_map(|i| u32_at(list, 4 * i)));
            next = u32_at(list, sector - 4)?;
        }
        let most = bytes.len() / sector + 1;
        for table in tables.into_iter().filter(|t| *t < 0xffff_fffa) {
            if let Some(part) = file.at(table).filter(|_| file.fat.len() <= most) {
                file.fat.extend((0..sector / 4).filter_map(|i| u32_at(part, 4 * i)));
            }
        }
        Some(file)
    }

    fn at(&self, number: u32) -> Option<&'a [u8]> {
        let start = usize::try_from(number).ok()?.checked_add(1)?.checked_mul(self.sector)?;
        let end = start.checked_add(self.sector)?.min(self.bytes.len());
        self.bytes.get(start..end)
    }

    /// The bytes of a chain.
    fn chain(&self, first: u32) -> Vec<u8> {
        let (mut out, mut next) = (Vec::new(), first);
        while let Some(part) = self.at(next).filter(|_| out.len() <= self.bytes.len()) {
            out.extend_from_slice(part);
            match usize::try_from(next).ok().and_then(|i| self.fat.get(i)) {
                Some(after) => next = *after,
                None => break,
            }
        }
        out
    }

    /// The stream with the workbook's records.
    fn workbook(&self) -> Option<Vec<u8>> {
        let directory = self.chain(u32_at(self.bytes, 48)?);
        let entry = |wanted: &[&str]| {
            directory.chunks_exact(128).find(|entry| {
                let length = u16_at(entry, 64).map_or(0, usize::from).clamp(2, 64) - 2;
                let name: Vec<u16> = (0..length / 2).filter_map(|i| u16_at(entry, 2 * i)).collect();
                String::from_utf16(&name).is_ok_and(|name| wanted.contains(&name.as_str()))
            })
        };
        let stream = entry(&["Workbook", "Book"])?;
        let (first, size) = (u32_at(stream, 116)?, usize::try_from(u32_at(stream, 120)?).ok()?);
        let mut out = if size >= 4096 { self.chain(first) } else { self.small(u32_at(entry(&["Root Entry"])?, 116)?, first) };
        out.truncate(size);
        Some(out)
    }

    /// A stream kept in pieces of 64 bytes inside the root's own stream.
    fn small(&self, root: u32, first: u32) -> Vec<u8> {
        let (home, table) = (self.chain(root), u32_at(self.bytes, 60).map(|t| self.chain(t)).unwrap_or_default());
        let (mut out, mut next) = (Vec::new(), first);
        while let Some(start) = usize::try_from(next).ok().and_then(|n| n.checked_mul(64)) {
            let Some(part) = home.get(start..start + 64).filter(|_| out.len() < 8192) else { break };
            out.extend_from_slice(part);
            match u32_at(&table, start / 16) {
                Some(after) => next = after,
                None => break,
            }
        }
        out
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::open::{Progress, open};

    fn record(kind: u16, body: &[u8]) -> Vec<u8> {
        let mut out = kind.to_le_bytes().to_vec();
        out.extend(u16::try_from(body.len()).unwrap().to_le_bytes());
        out.extend(body);
        out
    }

    /// A BIFF8 cell with a number.
    fn cell(row: u16, col: u16, value: f64) -> Vec<u8> {
        let mut body = Vec::new();
        for part in [row, col, 0] {
            body.extend(part.to_le_bytes());
        }
        body.extend(value.to_le_bytes());
        record(0x0203, &body)
    }

    /// The smallest .xls that holds these numbers on a sheet "S".
    pub fn workbook(cells: &[(u16, u16, f64)]) -> Vec<u8> {
        let bof = |kind: u16| record(0x0809, &[0x00, 0x06, kind.to_le_bytes()[0], kind.to_le_bytes()[1], 0, 0, 0xcc, 7, 0, 0, 0, 0, 6, 0, 0, 0]);
        let eof = record(0x000A, &[]);
        let mut head = bof(5);
        head.extend(record(0x0042, &1200_u16.to_le_bytes()));
        let sheet_at = u32::try_from(head.len() + 4 + 8 + 1 + eof.len()).unwrap();
        let mut bound = sheet_at.to_le_bytes().to_vec();
        bound.extend([0, 0, 1, 0, b'S']);
        head.extend(record(0x0085, &bound));
        head.extend(&eof);
        head.extend(bof(0x10));
        for (row, col, value) in cells {
            head.extend(cell(*row, *col, *value));
        }
        head.extend(&eof);
        head.resize(head.len().max(4096).next_multiple_of(512), 0);
        let sectors = head.len() / 512;
        let mut file = vec![0_u8; 512];
        file[..8].copy_from_slice(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
        let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
        put(24, &[0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0]);
        put(44, &1_u32.to_le_bytes());
        put(48, &1_u32.to_le_bytes());
        put(56, &4096_u32.to_le_bytes());
        put(60, &0xffff_fffe_u32.to_le_bytes());
        put(68, &0xffff_fffe_u32.to_le_bytes());
        put(76, &0_u32.to_le_bytes());
        for i in 1..109 {
            put(76 + 4 * i, &u32::MAX.to_le_bytes());
        }
        // Sector 0: the table; 1: the directory; from 2 on: the stream.
        let mut fat = vec![0xffff_fffd_u32, 0xffff_fffe];
        fat.extend((0..sectors).map(|i| if i + 1 == sectors { 0xffff_fffe } else { u32::try_from(i).unwrap() + 3 }));
        fat.resize(128, u32::MAX);
        file.extend(fat.iter().flat_map(|n| n.to_le_bytes()));
        for (name, kind, child, first, size) in [("Root Entry", 5_u8, 1_u32, 0xffff_fffe_u32, 0), ("Workbook", 2, u32::MAX, 2, head.len())] {
            let mut entry = vec![0_u8; 128];
            let units: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
            entry[..units.len()].copy_from_slice(&units);
            entry[64] = u8::try_from(units.len()).unwrap();
            (entry[66], entry[67]) = (kind, 1);
            entry[68..76].fill(0xff);
            entry[76..80].copy_from_slice(&child.to_le_bytes());
            entry[116..120].copy_from_slice(&first.to_le_bytes());
            entry[120..124].copy_from_slice(&u32::try_from(size).unwrap().to_le_bytes());
            file.extend(entry);
        }
        file.resize(file.len().next_multiple_of(512), 0);
        file.extend(head);
        file
    }

    #[test]
    fn reads_old_workbooks_and_refuses_far_corners() {
        let (_, book) = open("a.xls", &workbook(&[(0, 0, 1.0), (4, 2, 12.5)]), &Progress::default()).unwrap();
        assert_eq!(book.sheets[0].name, "S");
        assert_eq!(book.sheets[0].cell(4, 2).unwrap().number(), Some(12.5));
        let far = open("a.xls", &workbook(&[(0, 0, 1.0), (65_535, 255, 2.0)]), &Progress::default());
        assert_eq!(far, Err(OpenError::Refused(UploadProblem(Refusal::TooManyCells(MAX_AREA)))));
    }
}
