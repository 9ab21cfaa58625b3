//! Finding a place by name with or without tones, old name, code with date, or address line.

use crate::atlas::Atlas;
use crate::model::Level;
use jiff::civil::Date;
use uuid::Uuid;

/// A place that matches what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The unit.
    pub unit: Uuid,
    /// The name or code that matched, as it was written.
    pub matched: String,
    /// Whether the place exists on the day asked for.
    pub alive: bool,
    /// Smaller is better.
    rank: u8,
}

impl Atlas {
    /// Places by name, old name, code or address line; the best first, at most `limit`.
    /// A name typed with tones ranks those with the same tones higher; one without finds all.
    /// A code finds every unit that ever bore it.
    pub fn find(&self, text: &str, on: Date, limit: usize) -> Vec<Hit> {
        let text = lang::clean(text);
        if text.is_empty() {
            return Vec::new();
        }
        if text.len() >= 2 && text.len() <= 5 && text.bytes().all(|b| b.is_ascii_digit()) {
            return self.by_code(&text, on, limit);
        }
        let parts = lang::split_address(&text);
        let (first, rest) = match parts.split_first() {
            Some((first, rest)) => (first.as_str(), rest),
            None => (text.as_str(), &[][..]),
        };
        let (prefix, bare) = lang::strip_kind(first);
        let asked = lang::fold(&bare);
        let canonical = lang::canonical(&bare);
        let toned = canonical != asked;
        let kind = prefix.map(|p| p.word().to_owned());
        let above: Vec<String> = rest.iter().map(|p| lang::fold(&lang::strip_kind(p).1)).filter(|p| !p.is_empty()).collect();
        let start = self.names.partition_point(|(name, _, _)| **name < *asked);
        let mut hits: Vec<(Hit, Level)> = Vec::new();
        for (name, at, nth) in self.names.iter().skip(start) {
            if !name.starts_with(asked.as_str()) {
                break;
            }
            let Some(unit) = self.at(*at) else { continue };
            let Some(version) = unit.versions.get(usize::from(*nth)) else { continue };
            if let Some(kind) = &kind
                && !version.kind.starts_with(kind.as_str())
                && !lang::fold(&version.full_name).starts_with(&lang::fold(&text))
            {
                continue;
            }
            if !above.is_empty() && !self.lies_in(unit.id, version.from, &above) {
                continue;
            }
            let whole = **name == *asked;
            let exact_tone = !toned || lang::canonical(&version.name).starts_with(&canonical);
            let alive = version.holds(on);
            let rank = u8::from(!exact_tone) * 4 + u8::from(!whole) * 2 + u8::from(!alive);
            let hit = Hit { unit: unit.id, matched: version.full_name.to_string(), alive: unit.on(on).is_some(), rank };
            match hits.iter_mut().find(|h| h.0.unit == unit.id) {
                Some(same) if same.0.rank <= rank => {}
                Some(same) => same.0 = hit,
                None => hits.push((hit, unit.level)),
            }
            if hits.len() > 2_000 {
                break;
            }
        }
        hits.sort_by(|a, b| (a.0.rank, a.1, &a.0.matched, a.0.unit).cmp(&(b.0.rank, b.1, &b.0.matched, b.0.unit)));
        hits.into_iter().map(|h| h.0).take(limit).collect()
    }

    fn by_code(&self, code: &str, on: Date, limit: usize) -> Vec<Hit> {
        let mut hits: Vec<Hit> = self
            .by_code
            .get(code)
            .into_iter()
            .flatten()
            .filter_map(|at| self.at(*at))
            .filter_map(|u| {
                let version = u.versions.iter().rev().find(|v| v.code.as_deref() == Some(code))?;
                let alive = u.on(on).is_some_and(|v| v.code.as_deref() == Some(code));
                Some(Hit { unit: u.id, matched: version.full_name.to_string(), alive, rank: u8::from(!alive) })
            })
            .collect();
        hits.sort_by_key(|h| (h.rank, h.unit));
        hits.truncate(limit);
        hits
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

    /// Whether the names of an address line occur, in order, above a unit at one time or on today's map.
    fn lies_in(&self, unit: Uuid, on: Date, names: &[String]) -> bool {
        let mut above = self.path(unit, on).into_iter().skip(1).map(|u| lang::fold(&self.name(u, on)));
        names.iter().all(|n| above.any(|a| a == *n || a.ends_with(&format!(" {n}"))))
    }
}
