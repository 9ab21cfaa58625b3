//! Finding a place by name with or without tones, old name, code with date, or address line.

use crate::atlas::Atlas;
use crate::carry::Basis;
use crate::model::{Level, Unit, Version};
use jiff::civil::Date;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use ui::Lang;
use uuid::Uuid;

/// A place that matches what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The unit.
    pub unit: Uuid,
    /// The name that matched (or that went with the code), as it was written.
    pub matched: String,
    /// Whether the place exists on the day asked for; for a code: whether it bore the code that day.
    pub alive: bool,
    /// Smaller is better; equal ranks fit equally well.
    pub rank: u16,
}

impl Hit {
    /// Whether the whole name (or code) is what was asked, tones, kind and address included.
    pub fn exact(&self) -> bool {
        self.rank < BEGINS
    }
}

/// A hit in words, for people to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The unit.
    pub unit: Uuid,
    /// Its level.
    pub level: Level,
    /// The name that matched, with its kind.
    pub label: String,
    /// What lay above it then, nearest first, without the nation: `huyện Thiệu Hóa, tỉnh Thanh Hóa`.
    pub above: String,
    /// Official code of that time.
    pub code: Option<String>,
    /// Last day of that name or of the unit; none while it holds.
    pub until: Option<Date>,
    /// What it is on the day asked for, where that is something else: (unit, full name with its province).
    pub now: Vec<(Uuid, String)>,
}

impl Suggestion {
    /// What is above, the code, until when.
    pub fn context(&self, l: Lang) -> String {
        let code = self.code.as_ref().map(|code| format!("{} {code}", l.t("mã", "code")));
        let until = self.until.map(|until| format!("{} {}", l.t("đến", "until"), lang::show::short_date(until)));
        let parts = [Some(self.above.clone()).filter(|a| !a.is_empty()), code, until];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    /// The line under the name: the context, and what it is now.
    pub fn detail(&self, l: Lang) -> String {
        let now = match (self.now.split_first(), l) {
            (None, _) => return self.context(l),
            (Some(((_, only), [])), _) => format!("{} {only}", l.t("nay là", "now")),
            (Some(((_, first), rest)), Lang::Vi) => format!("nay chia cho {first} và {} nơi khác", rest.len()),
            (Some(((_, first), rest)), Lang::En) => format!("now in {first} and {} others", rest.len()),
        };
        format!("{} · {now}", self.context(l))
    }
}

// Weights of what does not fit, the gravest first.
const OTHER_ABOVE: u16 = 128;
const OTHER_KIND: u16 = 64;
const OTHER_TONES: u16 = 32;
const INSIDE: u16 = 8;
const BEGINS: u16 = 4;
const ENDED: u16 = 2;
const OLD_NAME: u16 = 1;

/// The key under which names are compared: folded, without apostrophes and dashes, numbers without leading zeros.
pub(crate) fn key(text: &str) -> String {
    let folded = lang::fold(text).replace('\'', "").replace('-', " ");
    let words = folded.split_whitespace().map(|w| {
        let bare = w.trim_start_matches('0');
        if w.bytes().all(|b| b.is_ascii_digit()) && !bare.is_empty() { bare } else { w }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// What is asked: one reading of the text.
struct Asked {
    /// Key of the name.
    key: String,
    /// The words with their tones; none of a toneless text.
    toned: Option<Vec<String>>,
    /// Kind word before the name.
    kind: Option<String>,
    /// Keys of what lies above, in order.
    above: String,
}

impl Asked {
    fn new(name: &str, kind: Option<String>, above: &[String]) -> Asked {
        let canonical = lang::canonical(name).replace(['\'', '’'], "").replace(['-', '–'], " ");
        let key = key(name);
        let toned = (!canonical.is_ascii()).then(|| canonical.split_whitespace().map(str::to_owned).collect());
        let above: Vec<String> = above.iter().map(|part| self::key(&spelled(part))).filter(|p| !p.is_empty()).collect();
        Asked { key, toned, kind, above: above.join(" ") }
    }

    /// Whether the tones that were typed are those of a name; words typed without any mark fit all.
    fn tones_fit(&self, name: &str) -> bool {
        let Some(words) = &self.toned else { return true };
        let canonical = lang::canonical(name).replace(['\'', '’'], "").replace(['-', '–'], " ");
        let theirs: Vec<&str> = canonical.split_whitespace().collect();
        (0..theirs.len().max(1)).any(|start| {
            words.iter().enumerate().all(|(i, w)| {
                let Some(their) = theirs.get(start + i) else { return false };
                if i + 1 == words.len() {
                    their.starts_with(w.as_str()) || (w.is_ascii() && lang::fold(their).starts_with(w.as_str()))
                } else {
                    their == w || (w.is_ascii() && lang::fold(their) == *w)
                }
            })
        })
    }
}

impl Atlas {
    /// Places by name, old name, code or address line; the best first, at most `limit`.
    /// A name typed with tones ranks those with the same tones higher; one without finds all.
    /// A code finds every unit that ever bore it, the bearer of the day first.
    /// The parts of an address before the first known unit (house, street, village) are passed over.
    pub fn find(&self, text: &str, on: Date, limit: usize) -> Vec<Hit> {
        let text = lang::clean(text.get(..text.floor_char_boundary(200)).unwrap_or_default());
        if key(&text).is_empty() || limit == 0 {
            return Vec::new();
        }
        let mut hits = if (2..=5).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) { self.by_code(&text, on) } else { HashMap::new() };
        let parts = lang::split_address(&text);
        // The whole text as a name first: "Bản Lầu" and toneless "Quan Son" begin with words that are also kinds.
        let mut readings = vec![vec![Asked::new(&text, None, &[])]];
        for (at, part) in parts.iter().enumerate() {
            let above = parts.get(at + 1..).unwrap_or_default();
            let (kind, bare) = lang::strip_kind(part);
            let mut same = vec![Asked::new(&bare, kind.map(|k| k.word().to_owned()), above)];
            if kind.is_some() {
                same.push(Asked::new(part, None, above));
            }
            readings.push(same);
        }
        // Written without commas: "thieu trung thieu hoa thanh hoa".
        if let [only] = parts.as_slice() {
            let (kind, bare) = lang::strip_kind(only);
            let words: Vec<&str> = bare.split(' ').collect();
            for cut in (1..words.len().min(8)).rev() {
                let (name, above) = words.split_at(cut);
                readings.push(vec![Asked::new(&name.join(" "), kind.map(|k| k.word().to_owned()), &[above.join(" ")])]);
            }
        }
        let first_readings = if parts.len() > 1 { 1 } else { 2 };
        for (nth, same) in readings.iter().enumerate() {
            for asked in same {
                self.match_names(asked, on, &mut hits);
            }
            if nth + 1 >= first_readings && !hits.is_empty() {
                break;
            }
        }
        let mut hits: Vec<(Hit, Level)> = hits.into_values().collect();
        hits.sort_by(|a, b| (a.0.rank, a.1, &a.0.matched, a.0.unit).cmp(&(b.0.rank, b.1, &b.0.matched, b.0.unit)));
        hits.into_iter().map(|h| h.0).take(limit).collect()
    }

    fn match_names(&self, asked: &Asked, on: Date, hits: &mut HashMap<Uuid, (Hit, Level)>) {
        if asked.key.is_empty() {
            return;
        }
        let inner = format!(" {}", asked.key);
        for (name, at, nth) in &self.names {
            let fit = if **name == *asked.key {
                0
            } else if name.starts_with(asked.key.as_str()) {
                BEGINS
            } else if name.contains(inner.as_str()) {
                INSIDE
            } else {
                continue;
            };
            // Short names would drown in places that merely contain them.
            if fit == INSIDE && (asked.key.len() < 3 || !asked.above.is_empty()) || fit == BEGINS && !asked.above.is_empty() {
                continue;
            }
            let Some(unit) = self.at(*at) else { continue };
            let Some(version) = unit.versions.get(usize::from(*nth)) else { continue };
            let mut rank = fit;
            if !asked.tones_fit(&version.full_name) {
                rank += OTHER_TONES;
            }
            if let Some(kind) = &asked.kind
                && !version.kind.starts_with(kind.as_str())
            {
                rank += OTHER_KIND;
            }
            if !asked.above.is_empty() {
                match self.lies_in(unit, version, on, &asked.above) {
                    Some(extra) => rank += extra,
                    None => continue,
                }
            }
            let alive = unit.on(on).is_some();
            rank += if !alive {
                ENDED
            } else if !version.holds(on) {
                OLD_NAME
            } else {
                0
            };
            let hit = Hit { unit: unit.id, matched: version.full_name.to_string(), alive, rank };
            match hits.entry(unit.id) {
                Entry::Occupied(mut same) if rank < same.get().0.rank => drop(same.insert((hit, unit.level))),
                Entry::Occupied(_) => {}
                Entry::Vacant(free) => drop(free.insert((hit, unit.level))),
            }
        }
    }

    fn by_code(&self, code: &str, on: Date) -> HashMap<Uuid, (Hit, Level)> {
        let bearers = self.by_code.get(code).into_iter().flatten().filter_map(|at| self.at(*at));
        bearers
            .filter_map(|u| {
                let bears = |v: &&Version| v.code.as_deref() == Some(code);
                let now = u.on(on).filter(bears);
                let version = now.or_else(|| u.versions.iter().rev().find(bears))?;
                let rank = if now.is_some() { 0 } else { OLD_NAME };
                Some((u.id, (Hit { unit: u.id, matched: version.full_name.to_string(), alive: now.is_some(), rank }, u.level)))
            })
            .collect()
    }

    /// The unit of a level that bears a code on a day.
    pub fn coded(&self, code: &str, level: Option<Level>, on: Date) -> Option<Uuid> {
        self.by_code
            .get(code)?
            .iter()
            .filter_map(|at| self.at(*at))
            .find(|u| level.is_none_or(|l| u.level == l) && u.on(on).is_some_and(|v| v.code.as_deref() == Some(code)))
            .map(|u| u.id)
    }

    /// Whether the rest of an address lies above a unit: in its own time, on the day asked for, or above what it became or was before.
    /// None if it does not; otherwise what to add to the rank.
    fn lies_in(&self, unit: &Unit, version: &Version, on: Date, rest: &str) -> Option<u16> {
        let then = if version.holds(on) { on } else { version.from };
        if eats(rest, &self.names_above(unit.id, then)) || eats(rest, &self.names_above(unit.id, on)) {
            return Some(0);
        }
        let last = version.to.and_then(|d| d.yesterday().ok()).unwrap_or(then);
        let before = self.changes_of(unit.id).flat_map(|c| c.parts.iter().map(move |p| (c.effective, p)));
        let mut before = before.filter(|(_, p)| p.to == Some(unit.id)).filter_map(|(day, p)| Some((p.from?, day.yesterday().ok()?)));
        let now = if on > last { self.heirs(unit.id, last, on, Basis::Population) } else { Vec::new() };
        let fits = now.iter().any(|h| eats(rest, &self.names_above(h.unit, on))) || before.any(|(from, day)| eats(rest, &self.names_above(from, day)));
        fits.then_some(OTHER_ABOVE)
    }

    fn names_above(&self, unit: Uuid, on: Date) -> Vec<String> {
        self.path(unit, on).into_iter().skip(1).filter_map(|u| self.version(u, on)).map(|v| key(&v.name)).collect()
    }

    /// A hit in words. `on` is the day asked for.
    pub fn suggestion(&self, hit: &Hit, on: Date) -> Option<Suggestion> {
        let unit = self.unit(hit.unit)?;
        let version = unit
            .versions
            .iter()
            .rev()
            .find(|v| *v.full_name == *hit.matched && v.holds(on))
            .or_else(|| unit.versions.iter().rev().find(|v| *v.full_name == *hit.matched))
            .or_else(|| unit.near(on))?;
        let last = version.to.and_then(|d| d.yesterday().ok());
        let then = if version.holds(on) { on } else { last.filter(|d| *d < on).unwrap_or(version.from) };
        let mut above: Vec<String> = Vec::new();
        for id in self.path(unit.id, then).into_iter().skip(1).filter(|u| Some(*u) != self.nation()) {
            above.push(lower_first(&self.full_name(id, then)));
        }
        let now = match unit.on(on) {
            Some(now) if now.full_name == version.full_name => Vec::new(),
            Some(now) => vec![(unit.id, now.full_name.to_string())],
            None if then < on => self.heirs(unit.id, then, on, Basis::Population).iter().map(|h| (h.unit, self.placed_name(h.unit, on))).collect(),
            None => Vec::new(),
        };
        let until = last.filter(|_| unit.on(on).is_none_or(|v| v.from != version.from));
        Some(Suggestion {
            unit: unit.id,
            level: unit.level,
            label: version.full_name.to_string(),
            above: above.join(", "),
            code: version.code.as_deref().map(str::to_owned),
            until,
            now,
        })
    }

    /// The full name of a unit on a day with its province: `xã Thiệu Trung, tỉnh Thanh Hóa`.
    pub fn placed_name(&self, unit: Uuid, on: Date) -> String {
        let name = lower_first(&self.full_name(unit, on));
        let level = self.unit(unit).map(|u| u.level);
        let province = self.path(unit, on).into_iter().skip(1).find(|u| self.unit(*u).is_some_and(|u| u.level == Level::Province));
        match province {
            Some(province) if level > Some(Level::Province) => format!("{name}, {}", lower_first(&self.full_name(province, on))),
            _ => name,
        }
    }
}

/// What to offer while somebody types into a search box: at most `limit` places, the best first.
pub fn suggest(atlas: &Atlas, q: &str, on: Date, limit: usize) -> Vec<Suggestion> {
    atlas.find(q, on, limit).iter().filter_map(|hit| atlas.suggestion(hit, on)).collect()
}

/// "Xã Phúc Hòa" inside a sentence: "xã Phúc Hòa".
pub(crate) fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|c| c.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// An address part with its abbreviated kind written out: "Q1" gives "quận 1".
fn spelled(part: &str) -> String {
    match lang::strip_kind(part) {
        (Some(kind), bare) => format!("{} {bare}", kind.word()),
        (None, bare) => bare,
    }
}

const KIND_KEYS: [&str; 9] = ["thanh pho", "thi xa", "thi tran", "tp", "tinh", "huyen", "quan", "xa", "phuong"];

/// Whether the words of an address are names of these ancestors, in order, some left out; kinds before names do not matter.
fn eats(rest: &str, above: &[String]) -> bool {
    let rest = rest.trim_start();
    if rest.is_empty() {
        return true;
    }
    let ends_word = |after: &str| after.is_empty() || after.starts_with(' ');
    let here = above.iter().enumerate().any(|(i, name)| {
        let further = above.get(i + 1..).unwrap_or_default();
        rest.strip_prefix(name.as_str()).is_some_and(|after| !name.is_empty() && ends_word(after) && eats(after, further))
            || (rest.len() <= 6 && initials(name) == rest.replace(['.', ' '], ""))
    });
    here || KIND_KEYS.iter().any(|kind| rest.strip_prefix(kind).is_some_and(|after| after.starts_with(' ') && eats(after, above)))
}

/// "ho chi minh" as people shorten it: "hcm".
pub(crate) fn initials(key: &str) -> String {
    key.split(' ').filter_map(|w| w.chars().next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{atlas, unit_id};
    use jiff::civil::date;
    use proptest::prelude::*;

    const THEN: Date = date(2025, 6, 30);
    const NOW: Date = date(2026, 1, 1);

    fn first(text: &str, on: Date) -> Uuid {
        atlas().find(text, on, 5).first().unwrap_or_else(|| panic!("nothing for {text}")).unit
    }

    #[test]
    fn finds_the_cases_of_real_life() {
        for (text, on, key) in [
            ("thieu trung", NOW, "new:38:15835"),
            ("Thiệu Trung", NOW, "new:38:15835"),
            ("THIEU TRUNG", NOW, "new:38:15835"),
            ("thiệu tru", NOW, "new:38:15835"),
            ("Thie\u{302}\u{323}u Trung", NOW, "new:38:15835"),
            ("xa thieu trung", THEN, "old:38:398:15841"),
            ("thôn 3, xã Thiệu Trung, huyện Thiệu Hóa, Thanh Hóa", NOW, "old:38:398:15841"),
            ("thôn 3, xã Thiệu Trung, huyện Thiệu Hoá, tỉnh Thanh Hoá, Việt Nam", NOW, "old:38:398:15841"),
            ("thieu trung thieu hoa thanh hoa", NOW, "old:38:398:15841"),
            ("xã Thiệu Trung, Thanh Hóa", NOW, "new:38:15835"),
            ("xã Vân Sơn, huyện Triệu Sơn, tỉnh Thanh Hóa", NOW, "old:38:397:15712"),
            ("24", THEN, "p:old:24"),
            ("24", NOW, "p:new:24"),
            ("07324", THEN, "old:24:216:07324"),
            ("tỉnh Bắc Giang", NOW, "p:old:24"),
            ("bac ninh", NOW, "p:new:24"),
            ("bac ninh", THEN, "p:old:27"),
            ("Bản Lầu", NOW, "new:15:02788"),
            ("Quan Son", THEN, "d:old:38:387"),
            ("TP.HCM", NOW, "p:new:79"),
            ("HCM", NOW, "p:new:79"),
            ("brvt", THEN, "p:old:77"),
            ("12 Lê Lợi, P. Bến Nghé, Q1, TP.HCM", NOW, "old:79:760:26740"),
            ("quận 1", THEN, "d:old:79:760"),
            ("Quận 01", THEN, "d:old:79:760"),
            ("Sơn Hạ, Quảng Ngãi", NOW, "new:51:21292"),
            ("Hoà Bình", THEN, "p:old:17"),
            ("Tỉnh Đồng Nai", THEN, "p:old:75"),
            ("thành phố Đồng Nai", date(2026, 6, 1), "p:new:75"),
        ] {
            assert_eq!(atlas().full_name(first(text, on), on), atlas().full_name(unit_id(key), on), "{text}");
            assert_eq!(first(text, on), unit_id(key), "{text}");
        }
    }

    #[test]
    fn says_what_an_old_place_is_today() {
        let found = |text| suggest(atlas(), text, NOW, 1).pop().unwrap();
        let address = found("thôn 3, xã Thiệu Trung, huyện Thiệu Hóa, Thanh Hóa");
        assert_eq!(address.detail(Lang::Vi), "huyện Thiệu Hóa, tỉnh Thanh Hóa · mã 15841 · đến 30/06/2025 · nay là xã Thiệu Trung, tỉnh Thanh Hóa");
        let old = suggest(atlas(), "24", NOW, 9);
        assert_eq!((old[0].label.as_str(), old[1].label.as_str()), ("Tỉnh Bắc Ninh", "Tỉnh Bắc Giang"));
        assert_eq!(old[1].detail(Lang::En), "code 24 · until 30/06/2025 · now tỉnh Bắc Ninh");
        assert_eq!(
            found("Vân Sơn, Triệu Sơn").detail(Lang::Vi),
            "huyện Triệu Sơn, tỉnh Thanh Hóa · mã 15712 · đến 30/06/2025 · nay là xã Tân Ninh, tỉnh Thanh Hóa"
        );
    }

    #[test]
    fn homonyms_differ_by_what_is_above_and_when() {
        let all = suggest(atlas(), "xã Tân Thành", NOW, 60);
        assert!(all.len() > 20, "{}", all.len());
        let mut lines: Vec<String> = all.iter().map(|s| format!("{} {}", s.label, s.detail(Lang::Vi))).collect();
        lines.sort();
        lines.dedup();
        assert_eq!(lines.len(), all.len());
    }

    #[test]
    fn tones_that_were_typed_count() {
        let hits = atlas().find("Cẩm Giang, Hải Phòng", NOW, 9);
        let names: Vec<String> = hits.iter().map(|h| atlas().name(h.unit, NOW)).collect();
        assert_eq!(names.first().map(String::as_str), Some("Cẩm Giang"), "{names:?}");
        assert!(names.iter().any(|n| n == "Cẩm Giàng"));
    }

    #[test]
    fn only_a_whole_name_is_exact() {
        assert!(atlas().find("Thanh Hóa", NOW, 1)[0].exact());
        assert!(!atlas().find("Thanh H", NOW, 1)[0].exact());
        assert!(!atlas().find("huyện Phúc Hòa, Bắc Ninh", NOW, 1)[0].exact());
    }

    proptest! {
        #[test]
        fn every_living_commune_is_found_by_its_own_address(at in any::<prop::sample::Index>(), then: bool, toneless: bool) {
            let on = if then { THEN } else { NOW };
            let view = atlas().on(on);
            let all: Vec<Uuid> = view.all(Level::Commune).collect();
            let unit = all[at.index(all.len())];
            let path: Vec<String> = atlas().path(unit, on).into_iter().filter(|u| Some(*u) != atlas().nation()).map(|u| atlas().full_name(u, on)).collect();
            let address = if toneless { lang::fold(&path.join(", ")) } else { path.join(", ") };
            let hits = atlas().find(&address, on, 4);
            prop_assert!(hits.first().is_some_and(|h| h.rank == 0), "{address}: {hits:?}");
            prop_assert!(hits.iter().any(|h| h.unit == unit), "{address}: {hits:?}");
            if !toneless {
                prop_assert_eq!(hits[0].unit, unit, "{}", address);
            }
        }

        #[test]
        fn any_text_is_answered(text in "\\PC{0,30}|[a-z0-9, .]{0,40}", limit in 0usize..9) {
            for s in suggest(atlas(), &text, NOW, limit) {
                prop_assert!(!s.label.is_empty());
            }
        }
    }
}
