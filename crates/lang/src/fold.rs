//! Keys for search and comparison.

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

use crate::clean::{clean, squeeze};
use crate::syllable::{split_tone, with_tone};

/// The search key: clean, lower case, all marks off, `đ` made `d`, one apostrophe, one dash, single spaces.
/// "Thiệu Trung", "THIEU TRUNG" and decomposed text give "thieu trung".
///
/// Toneless keys collide (Sơn Hà, Sơn Hạ): never a key of identity.
pub fn fold(text: &str) -> String {
    let lower = clean(text).to_lowercase();
    let bare: String = DecomposingNormalizerBorrowed::new_nfd()
        .normalize(&lower)
        .chars()
        .filter(|&c| !is_mark(c))
        .map(|c| match c {
            'đ' => 'd',
            '’' | '‘' | '‛' | 'ʼ' | 'ʹ' | '`' | '´' | '′' => '\'',
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            c => c,
        })
        .collect();
    squeeze(&ComposingNormalizerBorrowed::new_nfc().normalize(&bare))
}

/// [`fold`] without spaces and punctuation: "H'Leo - Ea Sol" gives "hleoeasol".
pub fn fold_tight(text: &str) -> String {
    let letters: String = fold(text).chars().filter(|c| c.is_alphanumeric()).collect();
    // Letters of other scripts may compose once nothing stands between them.
    ComposingNormalizerBorrowed::new_nfc().normalize(&letters).into_owned()
}

/// Clean lower case with its diacritics and one tone placement (`hoà` becomes `hòa`, `thuỷ` becomes `thủy`,
/// `qúy` becomes `quý`), for ranking exact matches above toneless ones. `quý` and `quí` stay two spellings.
pub fn canonical(text: &str) -> String {
    let mut letters: Vec<char> = clean(text).to_lowercase().chars().collect();
    for start in 0..letters.len() {
        place_tone(&mut letters, start);
    }
    // Lower-casing can decompose (İ), so compose again.
    squeeze(&ComposingNormalizerBorrowed::new_nfc().normalize(&letters.iter().collect::<String>()))
}

/// Moves the tone of "oa", "oe", "uy" at `at`: on the first vowel in an open syllable, else on the second.
fn place_tone(letters: &mut [char], at: usize) {
    let before = at.checked_sub(1).and_then(|i| letters.get(i)).copied();
    let after = letters.get(at + 2).copied();
    let Some([first, second]) = letters.get_mut(at..at + 2) else {
        return;
    };
    let ((v1, t1), (v2, t2)) = (split_tone(*first), split_tone(*second));
    let movable = matches!((v1, v2), ('o', 'a') | ('o', 'e') | ('u', 'y'));
    // One tone exactly, and no third vowel ("ngoài", "khuya" are always written one way).
    if !movable || (t1 == 0) == (t2 == 0) || after.is_some_and(is_vowel) || before.is_some_and(is_vowel) {
        return;
    }
    let tone = t1 + t2;
    let open = before != Some('q') && !after.is_some_and(char::is_alphabetic);
    (*first, *second) = if open { (with_tone(v1, tone), v2) } else { (v1, with_tone(v2, tone)) };
}

fn is_vowel(c: char) -> bool {
    crate::syllable::VOWELS.iter().any(|row| row.contains(&c))
}

/// Combining marks that carry no width of their own.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn folds_marks_and_the_stroke() {
        assert_eq!(fold("Đường  ĐẮK LẮK"), "duong dak lak");
        assert_eq!(fold("Thie\u{302}\u{323}u Trung"), "thieu trung");
        assert_eq!(fold("Ea H’Leo – Cư M'gar"), "ea h'leo - cu m'gar");
        assert_eq!(fold_tight("Ea H’Leo – 3"), "eahleo3");
    }

    #[test]
    fn unifies_tone_placement_only() {
        for (written, one) in [
            ("Hoà Bình", "hòa bình"),
            ("Hòa Bình", "hòa bình"),
            ("Thuỷ", "thủy"),
            ("khoẻ", "khỏe"),
            ("Uỷ ban", "ủy ban"),
            ("hòan", "hoàn"),
            ("Qúy", "quý"),
            ("quý", "quý"),
            ("quí", "quí"),
            ("Ngoài", "ngoài"),
            ("Khuya", "khuya"),
            ("hoa", "hoa"),
            ("Hoá-hoà", "hóa-hòa"),
            ("Nguyễn", "nguyễn"),
            ("Toàn", "toàn"),
            ("loạ", "lọa"),
        ] {
            assert_eq!(canonical(written), one, "{written}");
        }
    }

    proptest! {
        #[test]
        fn are_idempotent(text in any::<String>()) {
            let key = fold(&text);
            prop_assert_eq!(&fold(&key), &key);
            let tight = fold_tight(&text);
            prop_assert_eq!(&fold_tight(&tight), &tight);
            let canon = canonical(&text);
            prop_assert_eq!(&canonical(&canon), &canon);
        }

        #[test]
        fn a_canonical_text_has_the_same_key(text in "[a-zA-ZđĐàáạòóọùúụỳýỵăâêôơưếộợ '’–-]{0,30}") {
            prop_assert_eq!(fold(&canonical(&text)), fold(&text));
        }

        #[test]
        fn a_key_of_vietnamese_is_ascii(text in "[a-zA-ZđĐàÁạòÓọùÚụỳÝỵĂâÊôƠưẾộợẵẬ ]{0,30}") {
            prop_assert!(fold(&text).is_ascii());
        }
    }
}
