//! The two encodings of Vietnamese from before Unicode that old workbooks still hold: TCVN3 (ABC) and VNI-Windows.
//!
//! A workbook stores their bytes as Latin-1 characters; only the cell's font tells what they mean.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::syllable::{VOWELS, is_syllable};

/// A legacy encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Fonts `.VnTime`, `.VnArial`…
    Tcvn3,
    /// Fonts `.VnTimeH`…: the same codes drawn as capitals.
    Tcvn3Caps,
    /// Fonts `VNI-Times`…: a base letter followed by a mark.
    Vni,
}

/// TCVN3 codes of the 72 lower-case vowels, rows and tones as in [`VOWELS`]; a plain vowel is itself.
const TCVN3: [&str; 12] = ["aµ¶·¸¹", "¨»¼½¾Æ", "©ÇÈÉÊË", "eÌÎÏÐÑ", "ªÒÓÔÕÖ", "i×ØÜÝÞ", "oßáâãä", "«åæçèé", "¬êëìíî", "uïñòóô", "\u{AD}õö÷øù", "yúûüýþ"];
/// TCVN3's only capitals: the letters without tone.
const TCVN3_CAPITALS: [(char, char); 7] = [('¡', 'Ă'), ('¢', 'Â'), ('£', 'Ê'), ('¤', 'Ô'), ('¥', 'Ơ'), ('¦', 'Ư'), ('§', 'Đ')];

/// VNI codes of the 72 lower-case vowels.
const VNI: [[&str; 6]; 12] = [
    ["a", "aø", "aû", "aõ", "aù", "aï"],
    ["aê", "aè", "aú", "aü", "aé", "aë"],
    ["aâ", "aà", "aå", "aã", "aá", "aä"],
    ["e", "eø", "eû", "eõ", "eù", "eï"],
    ["eâ", "eà", "eå", "eã", "eá", "eä"],
    ["i", "ì", "æ", "ó", "í", "ò"],
    ["o", "oø", "oû", "oõ", "où", "oï"],
    ["oâ", "oà", "oå", "oã", "oá", "oä"],
    ["ô", "ôø", "ôû", "ôõ", "ôù", "ôï"],
    ["u", "uø", "uû", "uõ", "uù", "uï"],
    ["ö", "öø", "öû", "öõ", "öù", "öï"],
    ["y", "yø", "yû", "yõ", "yù", "î"],
];

struct Tables {
    tcvn3: HashMap<char, char>,
    /// Codes of one or two characters.
    vni: HashMap<(char, Option<char>), char>,
    to_tcvn3: HashMap<char, char>,
    to_vni: HashMap<char, String>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let mut t = Tables { tcvn3: HashMap::new(), vni: HashMap::new(), to_tcvn3: HashMap::new(), to_vni: HashMap::new() };
    let marked = VOWELS.iter().zip(TCVN3).flat_map(|(letters, codes)| letters.iter().copied().zip(codes.chars()));
    for (letter, code) in marked.chain([('đ', '®')]).chain(TCVN3_CAPITALS.map(|(code, letter)| (letter, code))) {
        t.tcvn3.insert(code, letter);
        t.to_tcvn3.insert(letter, code);
    }
    // Text that went through a compatibility normalisation writes à's micro sign as the Greek letter.
    t.tcvn3.insert('μ', 'à');
    let letters = VOWELS.iter().flatten().copied().zip(VNI.into_iter().flatten()).chain([('đ', "ñ")]);
    for (letter, code) in letters {
        let mut chars = code.chars();
        let (Some(base), mark) = (chars.next(), chars.next()) else {
            continue;
        };
        t.vni.insert((base, mark), letter);
        t.to_vni.insert(letter, code.to_owned());
        let (capital, base) = (upper(letter), upper(base));
        t.to_vni.insert(capital, code.chars().map(upper).collect());
        // A capital may carry a small mark: typists switch Caps Lock late.
        t.vni.insert((base, mark), capital);
        t.vni.insert((base, mark.map(upper)), capital);
    }
    t
});

fn upper(c: char) -> char {
    c.to_uppercase().next().unwrap_or(c)
}

/// The encoding a font name stands for: `.VnTime`, `.VnTimeH`, `VNI-Times`; `None` for Unicode fonts.
pub fn encoding_of_font(font: &str) -> Option<Encoding> {
    let font = font.trim();
    let starts = |prefix: &str| font.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
    if starts(".vn") {
        // The capital H at the end marks the capital fonts.
        Some(if font.ends_with('H') { Encoding::Tcvn3Caps } else { Encoding::Tcvn3 })
    } else if starts("vni-") || starts("vni ") {
        Some(Encoding::Vni)
    } else {
        None
    }
}

/// Unicode text of a legacy text given as Latin-1 characters. What has no meaning in the encoding stays as it is.
pub fn decode(text: &str, encoding: Encoding) -> String {
    let t = &*TABLES;
    match encoding {
        Encoding::Tcvn3 => text.chars().map(|c| t.tcvn3.get(&c).copied().unwrap_or(c)).collect(),
        Encoding::Tcvn3Caps => text.chars().map(|c| upper(t.tcvn3.get(&c).copied().unwrap_or(c))).collect(),
        Encoding::Vni => {
            let mut out = String::with_capacity(text.len());
            let mut chars = text.chars().peekable();
            while let Some(base) = chars.next() {
                if let Some(&letter) = chars.peek().and_then(|&mark| t.vni.get(&(base, Some(mark)))) {
                    chars.next();
                    out.push(letter);
                } else {
                    out.push(t.vni.get(&(base, None)).copied().unwrap_or(base));
                }
            }
            out
        }
    }
}

/// The inverse of [`decode`], for files that must go back to an old system. `None` if a Vietnamese letter has no code
/// there: TCVN3 has no capitals with tones, its capital fonts have no small letters.
pub fn encode(text: &str, encoding: Encoding) -> Option<String> {
    let t = &*TABLES;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match encoding {
            Encoding::Vni => match t.to_vni.get(&c) {
                Some(code) => out.push_str(code),
                None if c.is_ascii() => out.push(c),
                None => return None,
            },
            Encoding::Tcvn3 => out.push(t.to_tcvn3.get(&c).copied().or(c.is_ascii().then_some(c))?),
            Encoding::Tcvn3Caps if c.is_lowercase() => return None,
            Encoding::Tcvn3Caps => {
                let small = c.to_lowercase().next().unwrap_or(c);
                out.push(t.to_tcvn3.get(&small).copied().or(c.is_ascii().then_some(c))?);
            }
        }
    }
    Some(out)
}

/// The encoding a text without a known font seems to be in; `None` if it reads well as it is, or too little speaks for any.
/// A guess by syllable shape: show a preview before using it.
pub fn suspect(text: &str) -> Option<Encoding> {
    // A letter beyond Latin-1 is Unicode already (TCVN3 and VNI bytes never give one).
    if text.is_ascii() || text.chars().any(|c| c > '\u{FF}' && c != 'μ' && c.is_alphabetic()) {
        return None;
    }
    let good = |text: &str| {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_ascii());
        let (mut yes, mut no) = (0usize, 0usize);
        for word in words {
            if is_syllable(word) { yes += 1 } else { no += 1 }
        }
        (yes, no)
    };
    let (now_good, now_bad) = good(text);
    if now_bad == 0 && now_good > 0 && !text.chars().any(|c| ('\u{A1}'..='\u{BE}').contains(&c)) {
        return None;
    }
    [Encoding::Tcvn3, Encoding::Vni]
        .into_iter()
        .map(|encoding| (good(&decode(text, encoding)), encoding))
        .filter(|((yes, no), _)| *yes > now_good && yes > no)
        .max_by_key(|((yes, no), _)| (*yes as isize) - (*no as isize))
        .map(|(_, encoding)| encoding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The 134 letters that are not plain ASCII.
    fn letters() -> Vec<char> {
        let small: Vec<char> = VOWELS.iter().flatten().copied().chain(['đ']).filter(|c| !c.is_ascii()).collect();
        small.iter().copied().chain(small.iter().map(|c| upper(*c))).collect()
    }

    #[test]
    fn there_are_134_letters_and_all_have_a_code() {
        let letters = letters();
        assert_eq!(letters.len(), 134);
        for c in letters {
            let text = c.to_string();
            let vni = encode(&text, Encoding::Vni).unwrap();
            assert_eq!(decode(&vni, Encoding::Vni), text, "{vni}");
            let tcvn3 = if c.is_lowercase() { Encoding::Tcvn3 } else { Encoding::Tcvn3Caps };
            let code = encode(&text, tcvn3).unwrap();
            assert_eq!(decode(&code, tcvn3), text);
            assert_eq!(code.chars().count(), 1);
            assert!(code.chars().chain(vni.chars()).all(|c| c <= '\u{FF}'), "Latin-1 only");
        }
        assert_eq!(encode("Ấ", Encoding::Tcvn3), None);
        assert_eq!(encode("a", Encoding::Tcvn3Caps), None);
        assert_eq!(encode("Đ", Encoding::Tcvn3).as_deref(), Some("§"));
    }

    /// Words typed with the old fonts, as they show in a Unicode editor.
    #[test]
    fn decodes_what_old_files_hold() {
        for (old, encoding, text) in [
            ("TØnh Thanh Hãa", Encoding::Tcvn3, "Tỉnh Thanh Hóa"),
            ("Céng hßa x· héi chñ nghÜa ViÖt Nam", Encoding::Tcvn3, "Cộng hòa xã hội chủ nghĩa Việt Nam"),
            ("§éc lËp - Tù do - H¹nh phóc", Encoding::Tcvn3, "Độc lập - Tự do - Hạnh phúc"),
            ("d\u{AD}¬ng", Encoding::Tcvn3, "dương"),
            ("céng hßa", Encoding::Tcvn3Caps, "CỘNG HÒA"),
            ("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", Encoding::Vni, "Cộng hòa xã hội chủ nghĩa Việt Nam"),
            ("Ñoäc laäp - Töï do - Haïnh phuùc", Encoding::Vni, "Độc lập - Tự do - Hạnh phúc"),
            ("TÆNH THÖØA THIEÂN HUEÁ", Encoding::Vni, "TỈNH THỪA THIÊN HUẾ"),
        ] {
            assert_eq!(decode(old, encoding), text);
            assert_eq!(suspect(old), Some(if encoding == Encoding::Tcvn3Caps { Encoding::Tcvn3 } else { encoding }), "{old}");
        }
        for modern in ["Thanh Hóa", "Tỉnh Thừa Thiên Huế", "Hà Nội", "Hoa Binh", "", "là cá", "100 m²", "Thôn 3 – xã Tân", "CÔNG"] {
            assert_eq!(suspect(modern), None, "{modern}");
        }
    }

    #[test]
    fn knows_the_fonts() {
        for (font, encoding) in [
            (".VnTime", Some(Encoding::Tcvn3)),
            (".VnTimeH", Some(Encoding::Tcvn3Caps)),
            (".vnArial NarrowH", Some(Encoding::Tcvn3Caps)),
            (".VnBlack", Some(Encoding::Tcvn3)),
            ("VNI-Times", Some(Encoding::Vni)),
            ("vni-helve", Some(Encoding::Vni)),
            ("Times New Roman", None),
            ("Vnfont", None),
            ("", None),
            ("ệ", None),
        ] {
            assert_eq!(encoding_of_font(font), encoding, "{font}");
        }
    }

    proptest! {
        #[test]
        fn vietnamese_texts_round_trip(picks in proptest::collection::vec(any::<prop::sample::Index>(), 0..40)) {
            let all: Vec<char> = letters().into_iter().chain(' '..='~').collect();
            let text: String = picks.iter().map(|pick| *pick.get(&all)).collect();
            let vni = encode(&text, Encoding::Vni).unwrap();
            prop_assert_eq!(decode(&vni, Encoding::Vni), text.clone());
            let small = text.to_lowercase();
            prop_assert_eq!(decode(&encode(&small, Encoding::Tcvn3).unwrap(), Encoding::Tcvn3), small);
            let capital = text.to_uppercase();
            prop_assert_eq!(decode(&encode(&capital, Encoding::Tcvn3Caps).unwrap(), Encoding::Tcvn3Caps), capital);
        }

        #[test]
        fn nothing_panics(text in any::<String>()) {
            for encoding in [Encoding::Tcvn3, Encoding::Tcvn3Caps, Encoding::Vni] {
                let _ = (decode(&text, encoding), encode(&text, encoding));
            }
            let _ = (suspect(&text), encoding_of_font(&text));
        }
    }
}
