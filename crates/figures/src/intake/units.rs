//! Which unit a row means: by code with or without its leading zeros, by name with or without its kind, by an old name.
//! Toneless names collide, so what could be two places is asked, never guessed.

use jiff::civil::Date;
use places::{Atlas, Basis, Level, MapView};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// What had to be understood although it was not written so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mended {
    /// Nothing.
    No,
    /// The code had lost its zeros.
    Code,
    /// The name is that of a unit that is part of this one now.
    Name,
}

/// What the texts of a row say about its unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// This one.
    One(Uuid, Mended),
    /// One of these, or none of them.
    Ask(Vec<Uuid>),
    /// The code says one place, the name another.
    Contradiction(Uuid),
    /// A place, but above the rows: a heading of a group.
    Above,
    /// Nobody here.
    Unknown,
}

/// The units that may stand in the rows, by all their names.
pub struct Units {
    by_code: HashMap<String, Uuid>,
    toned: HashMap<String, BTreeSet<Uuid>>,
    toneless: HashMap<String, BTreeSet<Uuid>>,
    /// Names that units bore or whose places they took over; canonical.
    old: HashMap<String, BTreeSet<Uuid>>,
    above: BTreeSet<String>,
    names: HashMap<Uuid, (String, String)>,
    /// The only unit there is, when rows need not name it.
    pub single: Option<Uuid>,
}

impl Units {
    /// The units of a level under a unit, on a day.
    pub fn new(atlas: &Atlas, view: &MapView, scope: Uuid, level: Level, on: Date) -> Units {
        let mut units = Units {
            by_code: HashMap::new(),
            toned: HashMap::new(),
            toneless: HashMap::new(),
            old: HashMap::new(),
            above: BTreeSet::new(),
            names: HashMap::new(),
            single: None,
        };
        let list = view.under(scope, level);
        units.single = if let [only] = list.as_slice() { Some(*only) } else { None };
        let inside: BTreeSet<Uuid> = list.iter().copied().collect();
        for id in &list {
            let Some(version) = atlas.version(*id, on) else { continue };
            if let Some(code) = &version.code {
                units.by_code.insert(code.to_string(), *id);
            }
            units.names.insert(*id, (version.name.to_string(), version.full_name.to_string()));
            for name in [&version.name, &version.full_name] {
                units.toned.entry(lang::canonical(name)).or_default().insert(*id);
                units.toneless.entry(lang::fold(name)).or_default().insert(*id);
            }
            for place in view.above(*id) {
                units.above.insert(lang::canonical(&atlas.full_name(place, on)));
                units.above.insert(lang::canonical(&atlas.name(place, on)));
            }
            for old in atlas.unit(*id).map(|u| u.versions.as_slice()).unwrap_or_default().iter().filter(|v| v.from < on) {
                units.old.entry(lang::canonical(&old.full_name)).or_default().insert(*id);
                units.old.entry(lang::canonical(&old.name)).or_default().insert(*id);
            }
        }
        // Former units of the level that went into these: their names are still on old forms.
        for change in atlas.changes().iter().filter(|c| c.effective <= on) {
            for part in &change.parts {
                let (Some(from), Some(to)) = (part.from, part.to) else { continue };
                let Some(before) = atlas.unit(from).filter(|u| u.level == level && from != to) else { continue };
                let heirs: Vec<Uuid> = if inside.contains(&to) {
                    vec![to]
                } else {
                    let last = before.to().and_then(|d| d.yesterday().ok()).unwrap_or(on);
                    if !list.is_empty() && atlas.unit(to).is_some_and(|u| u.on(on).is_none()) {
                        atlas.heirs(from, last, on, Basis::Population).iter().map(|h| h.unit).filter(|u| inside.contains(u)).collect()
                    } else {
                        Vec::new()
                    }
                };
                for heir in heirs {
                    for name in before.versions.iter().flat_map(|v| [&v.name, &v.full_name]) {
                        units.old.entry(lang::canonical(name)).or_default().insert(heir);
                    }
                }
            }
        }
        units
    }

    /// Name and full name of a unit.
    pub fn name(&self, unit: Uuid) -> &str {
        self.names.get(&unit).map_or("", |n| &n.1)
    }

    /// Whether a unit is one of these.
    pub fn has(&self, unit: Uuid) -> bool {
        self.names.contains_key(&unit)
    }

    /// Whether a name is that of a unit, as well as a text without its row can tell.
    pub fn is_name(&self, text: &str) -> bool {
        matches!(self.named(text), Found::One(..) | Found::Ask(_))
    }

    /// Whether a text is a code of one of these units; digits may have lost their zeros.
    pub fn is_code(&self, text: &str) -> bool {
        self.coded(text).is_some()
    }

    /// The unit of a code.
    fn coded(&self, text: &str) -> Option<(Uuid, Mended)> {
        // A number is shown with points between its thousands.
        let digits = text.replace(['.', ' '], "");
        if digits.is_empty() || digits.len() > 5 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        if let Some(unit) = self.by_code.get(&digits) {
            return Some((*unit, Mended::No));
        }
        [5, 3, 2].iter().filter(|w| **w > digits.len()).find_map(|w| self.by_code.get(&format!("{digits:0>w$}"))).map(|unit| (*unit, Mended::Code))
    }

    fn named(&self, text: &str) -> Found {
        let text = lang::clean(text);
        // "xã Phúc Hòa, huyện Tân Yên" and "1. Phúc Hòa" are both written.
        let first = lang::split_address(&text).into_iter().next().unwrap_or_default();
        let bare = first.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ')' | '-' | ' ')).to_owned();
        let first = if bare.is_empty() { first } else { bare };
        if first.is_empty() {
            return Found::Unknown;
        }
        let (kind, stripped) = lang::strip_kind(&first);
        let spelled = kind.map(|k| format!("{} {stripped}", k.word()));
        let forms: Vec<String> = [Some(first.clone()), spelled].into_iter().flatten().collect();
        let pick = |map: &HashMap<String, BTreeSet<Uuid>>, key: fn(&str) -> String| {
            let whole = forms.iter().find_map(|f| map.get(&key(f)));
            // The kind people write may be that of before the reform ("TT." of a commune that is a ward now).
            whole.or_else(|| map.get(&key(&stripped))).cloned().unwrap_or_default()
        };
        let exact = pick(&self.toned, lang::canonical);
        match (exact.len(), exact.first()) {
            (1, Some(unit)) => return Found::One(*unit, Mended::No),
            (2.., _) => return Found::Ask(exact.into_iter().collect()),
            _ => {}
        }
        let old = pick(&self.old, lang::canonical);
        match (old.len(), old.first()) {
            (1, Some(unit)) => return Found::One(*unit, Mended::Name),
            (2.., _) => return Found::Ask(old.into_iter().collect()),
            _ => {}
        }
        if forms.iter().chain([&stripped]).any(|f| self.above.contains(&lang::canonical(f))) {
            return Found::Above;
        }
        let loose = pick(&self.toneless, lang::fold);
        match (loose.len(), loose.first()) {
            (0, _) => Found::Unknown,
            // Typed without any tone and nobody else of that name here: that is the one.
            (1, Some(unit)) if first.is_ascii() => Found::One(*unit, Mended::No),
            _ => Found::Ask(loose.into_iter().collect()),
        }
    }

    /// The unit of a row, from its code and its name as written (either may be empty).
    pub fn find(&self, code: &str, name: &str) -> Found {
        let by_name = if name.is_empty() { Found::Unknown } else { self.named(name) };
        match (self.coded(code), by_name) {
            (Some((unit, lost)), Found::Unknown) if name.is_empty() => Found::One(unit, lost),
            (Some((unit, lost)), Found::One(named, old)) if unit == named => Found::One(unit, if lost == Mended::No { old } else { lost }),
            (Some((unit, lost)), Found::Ask(list)) if list.contains(&unit) => Found::One(unit, lost),
            // Almost every code was given to another place in 2025, so a code never wins against a name.
            (Some(_), Found::One(named, _)) => Found::Contradiction(named),
            (Some((unit, _)), _) => Found::Ask(vec![unit]),
            (None, by_name) => by_name,
        }
    }
}

/// Whether a row of texts begins a sum and not a unit.
pub fn is_total(text: &str) -> bool {
    let key = lang::fold(text);
    // "II. Tổng số": a short mark with a point or bracket numbers the row.
    let key = key.split_once(['.', ')']).filter(|(mark, rest)| mark.len() <= 4 && rest.starts_with(' ')).map_or(key.as_str(), |(_, rest)| rest);
    let key = key.trim_end_matches([':', '.']).trim();
    matches!(
        key,
        "cong"
            | "tong"
            | "tong cong"
            | "tong so"
            | "tong chung"
            | "toan tinh"
            | "toan huyen"
            | "toan thanh pho"
            | "ca tinh"
            | "binh quan"
            | "trung binh"
            | "total"
    ) || ["tong cong ", "cong toan ", "tong so ", "tong toan ", "cong (", "cong huyen", "cong tinh", "binh quan "].iter().any(|begin| key.starts_with(begin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_known_by_their_words() {
        for text in ["Tổng cộng", "TỔNG SỐ:", "Cộng", "Cộng toàn tỉnh", "II. Tổng số xã", "Bình quân"] {
            assert!(is_total(text), "{text}");
        }
        for text in ["Cộng Hòa", "xã Tổng Cọt", "Công Chính", ""] {
            assert!(!is_total(text), "{text}");
        }
    }
}
