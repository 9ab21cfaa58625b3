//! From the bytes of an upload to a [`Book`]. Everything here runs behind a fence: a reader that panics on a hostile
//! file makes a refusal, never an outage; memory is bounded by the limits of the inspection before it.

mod csv;
mod ods;
mod xls;
mod xlsx;

use super::book::Book;
use print::{UploadKind, UploadLimits, UploadProblem, inspect_upload};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What an intake accepts: 20 MB, unpacked 200 MB, 50,000 rows, 1,000,000 cells.
pub const LIMITS: UploadLimits = UploadLimits { bytes: 20_000_000, unpacked: 200_000_000, entries: 2_000, rows: 50_000, cells: 1_000_000 };

/// How far a reading has come, and whether somebody wants it to stop.
#[derive(Debug, Default)]
pub struct Progress {
    /// Steps done.
    pub done: AtomicU64,
    /// Steps in all; 0 while not known.
    pub total: AtomicU64,
    /// Set to stop at the next row.
    pub cancel: AtomicBool,
}

impl Progress {
    /// Whether to stop.
    pub fn stopped(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
    /// One more step.
    pub fn step(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }
}

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// Refused at the gate.
    Refused(UploadProblem),
    /// A reader could not make sense of it.
    Unreadable,
    /// Somebody cancelled.
    Cancelled,
}

impl From<UploadProblem> for OpenError {
    fn from(problem: UploadProblem) -> OpenError {
        OpenError::Refused(problem)
    }
}

/// Inspects and reads an upload.
///
/// # Errors
/// See [`OpenError`]; it never panics.
pub fn open(name: &str, bytes: &[u8], progress: &Progress) -> Result<(UploadKind, Book), OpenError> {
    let fenced = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let kind = inspect_upload(name, bytes, &LIMITS)?;
        let book = match kind {
            UploadKind::Xlsx => xlsx::read(bytes, progress)?,
            UploadKind::Xls => xls::read(bytes)?,
            UploadKind::Ods => ods::read(bytes, progress)?,
            UploadKind::Csv | UploadKind::Tsv => csv::read(name, bytes)?,
        };
        Ok((kind, book))
    }));
    fenced.unwrap_or(Err(OpenError::Unreadable))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NAMES: [&str; 4] = ["a.xlsx", "a.xls", "a.ods", "a.csv"];

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600), magic in 0usize..4, name in 0usize..4) {
            let mut file: Vec<u8> = [&b"PK\x03\x04"[..], &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], b"", b"a;b\n"][magic].to_vec();
            file.extend(bytes);
            let _ = open(NAMES[name], &file, &Progress::default());
        }

        /// A real workbook with a few bytes changed: read, or refused, but never a panic.
        #[test]
        fn damaged_workbooks_never_panic(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12), ods in any::<bool>()) {
            let (name, mut file) = if ods { ("a.ods", super::ods::tests::sample()) } else { ("a.xlsx", super::xlsx::tests::sample()) };
            for (at, byte) in changes {
                let at = at.index(file.len());
                file[at] = byte;
            }
            let _ = open(name, &file, &Progress::default());
        }
    }
}
