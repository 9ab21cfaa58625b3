//! Vietnamese order as binary keys, the same on every database.

use std::sync::LazyLock;

use icu_collator::options::CollatorOptions;
use icu_collator::preferences::CollationNumericOrdering;
use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences};
use icu_locale::locale;

use crate::clean::clean;

static COLLATOR: LazyLock<Option<CollatorBorrowed<'static>>> = LazyLock::new(|| {
    let mut preferences = CollatorPreferences::from(&locale!("vi"));
    preferences.numeric_ordering = Some(CollationNumericOrdering::True);
    Collator::try_new(preferences, CollatorOptions::default()).ok()
});

/// A key whose byte order is the Vietnamese alphabetical order (CLDR `vi`): a < ă < â, d < đ, tones after letters,
/// case last, and digits by their number ("Thôn 2" before "Thôn 10"). Contains no zero byte.
pub fn sort_key(text: &str) -> Vec<u8> {
    let text = clean(text);
    let mut key = Vec::with_capacity(text.len() * 2);
    if let Some(collator) = COLLATOR.as_ref() {
        let Ok(()) = collator.write_sort_key_to(&text, &mut key);
    } else {
        // Cannot happen with the compiled data; the folded text is still a usable order.
        key.extend_from_slice(crate::fold::fold(&text).as_bytes());
    }
    key
}

/// The order of people's lists: given name (the last word) first, then family and middle names.
pub fn given_name_sort_key(name: &str) -> Vec<u8> {
    let name = clean(name);
    let (rest, given) = name.rsplit_once(' ').unwrap_or(("", &name));
    let mut key = sort_key(given);
    // Sorts below every byte of a key, so "An" comes before "Anh" whatever follows.
    key.push(0);
    key.extend(sort_key(rest));
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn assert_ordered(words: &[&str], key: fn(&str) -> Vec<u8>) {
        for pair in words.windows(2) {
            assert!(key(pair[0]) < key(pair[1]), "{} < {}", pair[0], pair[1]);
        }
    }

    #[test]
    fn orders_letters_then_tones() {
        assert_ordered(&["An", "Ăn", "Ân", "Bắc", "Da", "Dương", "Đà Nẵng", "Đăk Lăk", "oi", "ôi", "ơi"], sort_key);
        assert_ordered(&["ma", "mà", "mả", "mã", "má", "mạ", "man"], sort_key);
        assert_ordered(&["Thôn 1", "Thôn 2", "Thôn 10", "Thôn Đông"], sort_key);
    }

    #[test]
    fn orders_people_by_given_name() {
        assert_ordered(&["Trần An", "Lê Văn Anh", "Nguyễn Thị Anh", "Phạm Hà", "Bùi Hạ", "Đỗ Yến"], given_name_sort_key);
        assert_eq!(given_name_sort_key(" Trần  An "), given_name_sort_key("Trần An"));
    }

    proptest! {
        #[test]
        fn keys_hold_no_zero_byte(text in any::<String>()) {
            prop_assert!(!sort_key(&text).contains(&0));
        }

        #[test]
        fn composed_and_decomposed_are_one(text in "[a-zđàáảãạăắâấêếôốơớưứ ]{0,20}") {
            let nfd = icu_normalizer::DecomposingNormalizerBorrowed::new_nfd().normalize(&text).into_owned();
            prop_assert_eq!(sort_key(&nfd), sort_key(&text));
        }
    }
}
