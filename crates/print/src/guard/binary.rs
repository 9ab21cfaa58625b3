//! The old binary workbook (.xls) in its compound file, and the encrypted new one, which hides in the same.
//!
//! Only the directory is read: its 128-byte records are aligned, so they are found without following the chains.
//! Layout: [MS-CFB] 2.6 and [MS-XLS] 2.4.117 (FilePass).

use super::{Refusal, UploadKind};

/// First bytes of a compound file.
pub(super) const MAGIC: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

pub(super) fn inspect(bytes: &[u8]) -> Result<UploadKind, Refusal> {
    let sector = match u16_at(bytes, 30) {
        Some(9) => 512,
        Some(12) => 4096,
        _ => return Err(Refusal::Damaged),
    };
    let (mut workbook, mut problem) = (None, None);
    for record in bytes.get(512..).unwrap_or_default().chunks_exact(128) {
        let Some(name) = entry_name(record) else {
            continue;
        };
        problem = problem.or(match name.as_str() {
            "EncryptedPackage" | "EncryptionInfo" => Some(Refusal::Encrypted),
            "_VBA_PROJECT_CUR" | "_VBA_PROJECT" | "Macros" => Some(Refusal::Macros),
            _ if name.starts_with("MBD") || name == "\u{1}Ole10Native" => Some(Refusal::Embedded),
            _ => None,
        });
        if name == "Workbook" || name == "Book" {
            workbook = u32_at(record, 116).and_then(|first| usize::try_from(first).ok());
        }
    }
    if let Some(problem) = problem {
        return Err(problem);
    }
    let start = workbook.and_then(|first| first.checked_add(1)?.checked_mul(sector)).ok_or(Refusal::WrongExtension)?;
    let stream = bytes.get(start..).filter(|stream| stream.len() >= 8).ok_or(Refusal::Damaged)?;
    // Begin-of-file record, then FilePass (0x002F) where there is a password; write protection may stand between.
    let mut at = 0;
    for _ in 0..4 {
        let (kind, length) = (u16_at(stream, at), u16_at(stream, at + 2));
        if kind == Some(0x002f) {
            return Err(Refusal::Encrypted);
        }
        at += 4 + usize::from(length.unwrap_or(0));
    }
    Ok(UploadKind::Xls)
}

/// The name in a directory record, if it is one of a storage or a stream.
fn entry_name(record: &[u8]) -> Option<String> {
    let length = usize::from(u16_at(record, 64)?);
    let kind = *record.get(66)?;
    if !matches!(kind, 1 | 2) || !(4..=64).contains(&length) || !length.is_multiple_of(2) {
        return None;
    }
    let units: Vec<u16> = (0..length - 2).step_by(2).filter_map(|at| u16_at(record, at)).collect();
    String::from_utf16(&units).ok().filter(|_| u16_at(record, length - 2) == Some(0))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}
