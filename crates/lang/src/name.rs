//! Names of administrative units and addresses.

use crate::clean::clean;
use crate::fold::fold;

/// The kind word before a unit's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum UnitPrefix {
    Tinh,
    ThanhPho,
    Quan,
    Huyen,
    ThiXa,
    Xa,
    Phuong,
    ThiTran,
    DacKhu,
    Thon,
    Ban,
    Ap,
    Xom,
    Buon,
    Lang,
    Bon,
    Plei,
    Phum,
    Soc,
    Khom,
    Khu,
    KhuPho,
    ToDanPho,
}

use UnitPrefix as P;

/// Each kind with its word and its abbreviations; longer forms first where one begins another.
const KINDS: [(UnitPrefix, &str, &[&str]); 23] = [
    (P::ThanhPho, "thành phố", &["tp.", "tp"]),
    (P::ThiXa, "thị xã", &["tx.", "tx"]),
    (P::ThiTran, "thị trấn", &["tt.", "tt"]),
    (P::DacKhu, "đặc khu", &["đk."]),
    (P::ToDanPho, "tổ dân phố", &["tdp.", "tdp"]),
    (P::KhuPho, "khu phố", &["kp.", "kp"]),
    (P::Tinh, "tỉnh", &["t."]),
    (P::Quan, "quận", &["q."]),
    (P::Huyen, "huyện", &["h."]),
    (P::Xa, "xã", &["x."]),
    (P::Phuong, "phường", &["p."]),
    (P::Thon, "thôn", &[]),
    (P::Ban, "bản", &[]),
    (P::Ap, "ấp", &[]),
    (P::Xom, "xóm", &[]),
    (P::Buon, "buôn", &[]),
    (P::Lang, "làng", &[]),
    (P::Bon, "bon", &[]),
    (P::Plei, "plei", &[]),
    (P::Phum, "phum", &[]),
    (P::Soc, "sóc", &[]),
    (P::Khom, "khóm", &[]),
    (P::Khu, "khu", &[]),
];

impl UnitPrefix {
    /// The full word in lower case: "thị trấn".
    pub fn word(self) -> &'static str {
        KINDS.iter().find(|(kind, ..)| *kind == self).map_or("", |(_, word, _)| word)
    }

    /// Below the commune: a village kind, not an official unit.
    pub fn is_village(self) -> bool {
        self >= P::Thon
    }
}

/// The kind word taken off a unit's name: "P. Bến Nghé" gives (phường, "Bến Nghé"), "Q1" gives (quận, "1").
///
/// A text without any tone is read by its toneless words. Some names begin with a word that is also a kind
/// ("Bản Lầu", toneless "Quan Son"): try the whole text as a name before using the stripped one.
pub fn strip_kind(text: &str) -> (Option<UnitPrefix>, String) {
    let text = clean(text);
    let toneless = text.is_ascii();
    for (kind, word, short) in KINDS {
        let count = word.split(' ').count();
        let head = nth_space(&text, count);
        if let Some((head, rest)) = head
            && (head.to_lowercase() == word || (toneless && has_toneless(kind) && head.to_lowercase() == fold(word)))
        {
            return (Some(kind), rest.to_owned());
        }
        for abbreviation in short {
            let Some(rest) = strip_prefix_ignoring_case(&text, abbreviation) else {
                continue;
            };
            let joined = abbreviation.ends_with('.') || rest.starts_with(' ') || rest.starts_with(|c: char| c.is_ascii_digit());
            if joined && !rest.trim().is_empty() {
                return (Some(kind), rest.trim_start().to_owned());
            }
        }
        if let Some(rest) = numbered(&text, kind) {
            return (Some(kind), rest.to_owned());
        }
    }
    (None, text)
}

/// The parts of an address from small to large: "thôn 3, xã Thiệu Trung, huyện Thiệu Hóa, Thanh Hóa" gives four.
/// Separated by commas, by semicolons, by dashes before a kind word, or run together ("thôn 3 xã Thiệu Trung");
/// a trailing "Việt Nam" goes, and an address written from the province down is turned round.
pub fn split_address(address: &str) -> Vec<String> {
    let address = clean(address);
    let mut parts: Vec<String> = address
        .split([',', ';'])
        .flat_map(before_kinds)
        .map(|part| part.trim_matches(['-', '–', '.', ' ']).to_owned())
        .filter(|part| !part.is_empty())
        .collect();
    if parts.last().is_some_and(|last| matches!(fold(last).as_str(), "viet nam" | "vietnam" | "vn")) {
        parts.pop();
    }
    let rank = |part: Option<&String>| part.and_then(|part| strip_kind(part).0);
    if rank(parts.first()) == Some(P::Tinh) && rank(parts.last()).is_some_and(|last| last > P::ThanhPho) {
        parts.reverse();
    }
    parts
}

/// Cuts a piece before each official kind word in lower case, each dotted or numbered abbreviation ("P.", "Q1"), and
/// each kind word after a dash.
fn before_kinds(piece: &str) -> Vec<String> {
    let words: Vec<&str> = piece.split_whitespace().collect();
    let mut groups: Vec<Vec<&str>> = vec![Vec::new()];
    // The words of a kind already begun: "thị xã" must not be cut before "xã".
    let mut inside = 0usize;
    for (i, word) in words.iter().enumerate() {
        // No kind has more than three words.
        let tail = words.iter().skip(i).take(4).copied().collect::<Vec<_>>().join(" ");
        let kind = if inside == 0 { strip_kind(&tail).0 } else { None };
        inside = inside.saturating_sub(1);
        let number = [P::Phuong, P::Quan].iter().any(|kind| numbered(word, *kind).is_some());
        let cut = kind.is_some_and(|kind| {
            let after_dash = i > 0 && matches!(words.get(i - 1), Some(&"-" | &"–"));
            let spelled = word.chars().next().is_some_and(char::is_lowercase) && !word.is_ascii();
            after_dash || word.contains('.') || (spelled && !kind.is_village())
        });
        if i > 0 && (cut || number) {
            groups.push(Vec::new());
        }
        if let Some(kind) = kind
            && tail.to_lowercase().starts_with(kind.word())
        {
            inside = kind.word().split(' ').count() - 1;
        }
        if let Some(group) = groups.last_mut() {
            group.push(word);
        }
    }
    groups.into_iter().map(|group| group.join(" ")).collect()
}

/// Kinds whose toneless word is rarely a name's first word.
fn has_toneless(kind: UnitPrefix) -> bool {
    !kind.is_village() || matches!(kind, P::Thon | P::KhuPho | P::ToDanPho)
}

/// "P1", "Q10": the letter of a kind right before its number.
fn numbered(text: &str, kind: UnitPrefix) -> Option<&str> {
    let letter = match kind {
        P::Phuong => "p",
        P::Quan => "q",
        _ => return None,
    };
    strip_prefix_ignoring_case(text, letter).filter(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let mut rest = text.chars();
    for expected in prefix.chars() {
        let c = rest.next()?;
        if c != expected && !c.to_lowercase().eq([expected]) {
            return None;
        }
    }
    Some(rest.as_str())
}

/// The text cut at its `n`th space; `None` if nothing follows.
fn nth_space(text: &str, n: usize) -> Option<(&str, &str)> {
    let at = text.match_indices(' ').nth(n.checked_sub(1)?)?.0;
    let (head, rest) = text.split_at(at);
    Some((head, rest.trim_start())).filter(|(_, rest)| !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn takes_the_kind_off() {
        for (text, kind, rest) in [
            ("P. Bến Nghé", Some(P::Phuong), "Bến Nghé"),
            ("P.Bến Nghé", Some(P::Phuong), "Bến Nghé"),
            ("xã Thiệu Trung", Some(P::Xa), "Thiệu Trung"),
            ("XÃ THIỆU TRUNG", Some(P::Xa), "THIỆU TRUNG"),
            ("TT. Vạn Hà", Some(P::ThiTran), "Vạn Hà"),
            ("Thị trấn Vạn Hà", Some(P::ThiTran), "Vạn Hà"),
            ("TX Sơn Tây", Some(P::ThiXa), "Sơn Tây"),
            ("TP.HCM", Some(P::ThanhPho), "HCM"),
            ("tp Huế", Some(P::ThanhPho), "Huế"),
            ("Q1", Some(P::Quan), "1"),
            ("Q. 1", Some(P::Quan), "1"),
            ("P10", Some(P::Phuong), "10"),
            ("Quận 1", Some(P::Quan), "1"),
            ("T. Thanh Hóa", Some(P::Tinh), "Thanh Hóa"),
            ("Đặc khu Phú Quốc", Some(P::DacKhu), "Phú Quốc"),
            ("Tổ dân phố 5", Some(P::ToDanPho), "5"),
            ("TDP 5", Some(P::ToDanPho), "5"),
            ("Khu phố 2", Some(P::KhuPho), "2"),
            ("khu 2", Some(P::Khu), "2"),
            ("Bản Lầu", Some(P::Ban), "Lầu"),
            ("xa Thieu Trung", Some(P::Xa), "Thieu Trung"),
            ("Lang Chánh", None, "Lang Chánh"),
            ("Thiệu Trung", None, "Thiệu Trung"),
            ("Thôn", None, "Thôn"),
            ("Tuyên Quang", None, "Tuyên Quang"),
            ("Pleiku", None, "Pleiku"),
            ("Xã", None, "Xã"),
            ("Ttt", None, "Ttt"),
            ("Lang Chanh", None, "Lang Chanh"),
            ("Thie\u{302}\u{323}u", None, "Thiệu"),
            ("P.", None, "P."),
            ("", None, ""),
        ] {
            assert_eq!(strip_kind(text), (kind, rest.to_owned()), "{text}");
        }
    }

    #[test]
    fn splits_addresses() {
        let parts = |text: &str| split_address(text).join("|");
        let four = "thôn 3|xã Thiệu Trung|huyện Thiệu Hóa|Thanh Hóa";
        assert_eq!(parts("thôn 3, xã Thiệu Trung, huyện Thiệu Hóa, Thanh Hóa"), four);
        assert_eq!(parts("thôn 3; xã Thiệu Trung ,huyện Thiệu Hóa - Thanh Hóa"), "thôn 3|xã Thiệu Trung|huyện Thiệu Hóa - Thanh Hóa");
        assert_eq!(parts("thôn 3 xã Thiệu Trung huyện Thiệu Hóa tỉnh Thanh Hóa"), "thôn 3|xã Thiệu Trung|huyện Thiệu Hóa|tỉnh Thanh Hóa");
        assert_eq!(parts("Thôn 3 - Xã Tân Xã - Huyện Thạch Thất"), "Thôn 3|Xã Tân Xã|Huyện Thạch Thất");
        assert_eq!(parts("phường 1, thị xã Gò Công, tỉnh Bà Rịa - Vũng Tàu, Việt Nam."), "phường 1|thị xã Gò Công|tỉnh Bà Rịa - Vũng Tàu");
        assert_eq!(parts("tỉnh Thanh Hóa, huyện Thiệu Hóa, xã Thiệu Trung"), "xã Thiệu Trung|huyện Thiệu Hóa|tỉnh Thanh Hóa");
        assert_eq!(parts("12 Lê Lợi P.Bến Nghé Q1 TP.HCM"), "12 Lê Lợi|P.Bến Nghé|Q1|TP.HCM");
        assert_eq!(parts("thôn 3 x. Thiệu Trung, h. Thiệu Hóa"), "thôn 3|x. Thiệu Trung|h. Thiệu Hóa");
        assert_eq!(parts(" , ;"), "");
    }

    proptest! {
        #[test]
        fn any_text_is_split_into_clean_parts(text in any::<String>()) {
            let (kind, rest) = strip_kind(&text);
            prop_assert!(clean(&text).ends_with(&rest));
            prop_assert!(kind.is_none() || !rest.is_empty());
            for part in split_address(&text) {
                prop_assert!(!part.trim().is_empty());
            }
        }

        #[test]
        fn every_kind_word_comes_off(index in 0..KINDS.len(), name in "[A-ZĐ][a-zếộưà]{1,6}( [A-ZĐ][a-zếộưà]{1,6})?", upper: bool) {
            let (kind, word, short) = KINDS[index];
            let word = if upper { word.to_uppercase() } else { word.to_owned() };
            prop_assert_eq!(strip_kind(&format!("{word} {name}")), (Some(kind), name.clone()));
            for s in short {
                prop_assert_eq!(strip_kind(&format!("{s} {name}")), (Some(kind), name.clone()));
            }
        }

        #[test]
        fn joined_parts_split_again(names in proptest::collection::vec("[A-ZĐ][a-zếộưà]{1,6}", 1..4)) {
            let line = names.iter().map(|n| format!("xã {n}")).collect::<Vec<_>>();
            prop_assert_eq!(split_address(&line.join(", ")), line.clone());
            prop_assert_eq!(split_address(&line.join(" ")), line);
        }
    }
}
