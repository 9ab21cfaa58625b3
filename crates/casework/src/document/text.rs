//! Text inside files, for searching.

use std::sync::atomic::AtomicBool;

/// Bytes of a file beyond which its text is not looked for.
pub const MOST: u64 = 25_000_000;
/// Letters kept of one file.
const LETTERS: usize = 400_000;

/// The text of a file; empty when there is none or it cannot be taken out.
pub fn extract(bytes: &[u8]) -> String {
    figures::evidence::words_in(bytes, LETTERS, &AtomicBool::new(false)).unwrap_or_default()
}
