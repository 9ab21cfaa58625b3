//! Numbers and symbols: `15/BC-UBND`, `120/UBND-KT`.

use super::kind::{DocumentKind, kind};
use std::fmt;

/// Number and symbol of a document that is issued (Decree 30/2020, appendix I part II, item 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol<'a> {
    /// Number in its series, from 1.
    pub number: i64,
    /// Kind.
    pub kind: &'a DocumentKind,
    /// Abbreviation of the organisation: `UBND`.
    pub organisation: &'a str,
    /// Abbreviation of the part that drafted it, for official letters: `KT`; may be empty.
    pub part: &'a str,
}

impl fmt::Display for Symbol<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Numbers below 10 take a zero.
        write!(f, "{:02}/", self.number)?;
        if self.kind.abbreviation.is_empty() {
            write!(f, "{}", self.organisation)?;
            if !self.part.is_empty() {
                write!(f, "-{}", self.part)?;
            }
            return Ok(());
        }
        write!(f, "{}-{}", self.kind.abbreviation, self.organisation)
    }
}

/// The series in which a kind is numbered: its own, or the one that the whole office shares.
pub fn series_of(kind_code: &str, shared: bool) -> String {
    if shared { String::new() } else { kind(kind_code).map_or_else(String::new, |k| k.code.clone()) }
}

/// Reads the leading number of a symbol: 15 of `15/BC-UBND`, `Số: 015/BC-UBND`.
pub fn number_in(symbol: &str) -> Option<i64> {
    let text = symbol.trim().trim_start_matches(|c: char| !c.is_ascii_digit());
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok().filter(|n| *n > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn as_the_decree_writes_them() {
        let show = |number, code, part| Symbol { number, kind: kind(code).unwrap(), organisation: "UBND", part }.to_string();
        assert_eq!(show(15, "bao_cao", ""), "15/BC-UBND");
        assert_eq!(show(5, "quyet_dinh", "KT"), "05/QĐ-UBND");
        assert_eq!(show(120, "cong_van", "KT"), "120/UBND-KT");
        assert_eq!(show(7, "cong_van", ""), "07/UBND");
    }

    proptest! {
        #[test]
        fn the_number_comes_back(number in 1..100_000i64, which in 0..29usize) {
            let kind = &super::super::kind::kinds()[which];
            let text = Symbol { number, kind, organisation: "UBND", part: "VP" }.to_string();
            prop_assert_eq!(number_in(&text), Some(number));
            let with_word = format!("Số: {text}");
            prop_assert_eq!(number_in(&with_word), Some(number));
        }

        #[test]
        fn any_text_is_read_without_harm(text in any::<String>()) {
            let _ = number_in(&text);
        }
    }
}
