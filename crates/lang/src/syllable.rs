//! The Vietnamese syllable: tones taken off and put on, and the test whether a word can be Vietnamese.

/// The twelve vowels, each with its six tones: none, huyền, hỏi, ngã, sắc, nặng.
pub(crate) const VOWELS: [[char; 6]; 12] = [
    ['a', 'à', 'ả', 'ã', 'á', 'ạ'],
    ['ă', 'ằ', 'ẳ', 'ẵ', 'ắ', 'ặ'],
    ['â', 'ầ', 'ẩ', 'ẫ', 'ấ', 'ậ'],
    ['e', 'è', 'ẻ', 'ẽ', 'é', 'ẹ'],
    ['ê', 'ề', 'ể', 'ễ', 'ế', 'ệ'],
    ['i', 'ì', 'ỉ', 'ĩ', 'í', 'ị'],
    ['o', 'ò', 'ỏ', 'õ', 'ó', 'ọ'],
    ['ô', 'ồ', 'ổ', 'ỗ', 'ố', 'ộ'],
    ['ơ', 'ờ', 'ở', 'ỡ', 'ớ', 'ợ'],
    ['u', 'ù', 'ủ', 'ũ', 'ú', 'ụ'],
    ['ư', 'ừ', 'ử', 'ữ', 'ứ', 'ự'],
    ['y', 'ỳ', 'ỷ', 'ỹ', 'ý', 'ỵ'],
];

/// The vowel without its tone, and the tone as 0 to 5 (none, huyền, hỏi, ngã, sắc, nặng); lower case only.
pub fn split_tone(c: char) -> (char, usize) {
    for row in &VOWELS {
        for (tone, &toned) in row.iter().enumerate() {
            if toned == c {
                return (row[0], tone);
            }
        }
    }
    (c, 0)
}

/// The lower-case vowel with the tone (0 to 5); any other character comes back as it is.
pub fn with_tone(vowel: char, tone: usize) -> char {
    VOWELS.iter().find(|row| row[0] == vowel).and_then(|row| row.get(tone)).copied().unwrap_or(vowel)
}

const INITIALS: [&str; 28] =
    ["", "b", "c", "ch", "d", "đ", "g", "gh", "gi", "h", "k", "kh", "l", "m", "n", "ng", "ngh", "nh", "p", "ph", "qu", "r", "s", "t", "th", "tr", "v", "x"];
const FINALS: [&str; 9] = ["", "c", "ch", "m", "n", "ng", "nh", "p", "t"];
const NUCLEI: [&str; 60] = [
    "a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "y", "ai", "ao", "au", "ay", "âu", "ây", "eo", "êu", "ia", "iê", "iêu", "iu", "oa", "oă", "oai",
    "oay", "oao", "oe", "oeo", "oi", "oo", "ôi", "ơi", "ua", "uâ", "uây", "uê", "ui", "uô", "uôi", "uơ", "uy", "uya", "uyê", "uyu", "ưa", "ưi", "ươ", "ươi",
    "ươu", "ưu", "yê", "yêu", "uao", "uêu", "uă", "ue", "uo",
];

/// Whether the word, in any case and tone placement, has the shape of a Vietnamese syllable.
/// A shape only: "hịm" passes, "Brazil" and a wrongly decoded "TØnh" do not.
pub fn is_syllable(word: &str) -> bool {
    let mut tones = 0;
    let bare: String = word
        .chars()
        .flat_map(char::to_lowercase)
        .map(|c| {
            let (base, tone) = split_tone(c);
            tones += usize::from(tone > 0);
            base
        })
        .collect();
    let splits = |rime: &str| FINALS.iter().any(|last| rime.strip_suffix(last).is_some_and(|nucleus| NUCLEI.contains(&nucleus)));
    let shaped = INITIALS.iter().any(|initial| bare.strip_prefix(initial).is_some_and(splits));
    // "gì" and "gìn" keep their vowel inside the initial "gi".
    tones <= 1 && (shaped || matches!(bare.as_str(), "gi" | "gin"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tones_go_off_and_on() {
        for row in VOWELS {
            for (tone, c) in row.into_iter().enumerate() {
                assert_eq!(split_tone(c), (row[0], tone));
                assert_eq!(with_tone(row[0], tone), c);
            }
        }
        assert_eq!(split_tone('đ'), ('đ', 0));
        assert_eq!(with_tone('đ', 4), 'đ');
        assert_eq!(with_tone('a', 9), 'a');
    }

    #[test]
    fn knows_a_syllable_from_noise() {
        for word in "Nghiêng Thuỷ Hòa hoà quý Giường gì khuya nguyễn ƯƠNG đặc Xoong Trạch quốc quặng".split(' ') {
            assert!(is_syllable(word), "{word}");
        }
        for word in ["", "TØnh", "Brazil", "hß", "àá", "ngt", "x1", "Huyeän", "Đăk", "w"] {
            assert!(!is_syllable(word), "{word}");
        }
    }
}
