//! Text made clean at the edge: NFC, one kind of space, no invisible characters.

use icu_normalizer::ComposingNormalizerBorrowed;

/// The text as the platform stores it: NFC, invisible characters removed, every run of white space
/// (line ends and no-break spaces too) one space, trimmed, and the Icelandic look-alikes `Ð`/`ð` made `Đ`/`đ`.
///
/// Legacy-encoded text must be decoded first ([`crate::legacy`]): in TCVN3 the soft hyphen is a letter.
pub fn clean(text: &str) -> String {
    let visible: String = text.chars().filter_map(visible).collect();
    squeeze(&ComposingNormalizerBorrowed::new_nfc().normalize(&visible))
}

/// Whether [`clean`] would leave the text as it is.
pub fn is_clean(text: &str) -> bool {
    clean(text) == text
}

/// Collapses runs of white space to one space and trims.
pub(crate) fn squeeze(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

fn visible(c: char) -> Option<char> {
    match c {
        '\u{00D0}' | '\u{0189}' => Some('Đ'),
        '\u{00F0}' => Some('đ'),
        // Soft hyphen, zero-width and direction marks, word joiner, byte order mark, variation selectors.
        '\u{00AD}'
        | '\u{034F}'
        | '\u{061C}'
        | '\u{180E}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}'
        | '\u{FFFE}' => None,
        c if c.is_whitespace() => Some(' '),
        c if c.is_control() => None,
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn makes_one_spelling_of_many() {
        assert_eq!(clean("  Thie\u{302}\u{323}u\u{a0} Trung\u{200b}\n"), "Thiệu Trung");
        assert_eq!(clean("\u{d0}ông \u{f0}ô"), "Đông đô");
        assert!(is_clean("Đắk Lắk"));
        assert!(!is_clean("Đắk  Lắk"));
        assert!(!is_clean("Đa\u{306}\u{301}k"));
    }

    proptest! {
        #[test]
        fn is_idempotent(text in any::<String>()) {
            let once = clean(&text);
            prop_assert!(is_clean(&once), "{once:?}");
            prop_assert!(!once.contains("  "));
            prop_assert_eq!(once.trim(), &once);
        }

        #[test]
        fn does_not_see_how_the_text_was_composed(text in "[a-zA-ZàáảãạăắằẵặâấầẫậđĐêếềểễệôốồổỗộơớờởỡợưứừửữự ]{0,40}") {
            let nfd = icu_normalizer::DecomposingNormalizerBorrowed::new_nfd().normalize(&text).into_owned();
            prop_assert_eq!(clean(&nfd), clean(&text));
        }
    }
}
