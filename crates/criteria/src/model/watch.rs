//! After recognition: when it is in danger, and what a merge of units makes of it. The rules are data.

use super::Set;
use super::judge::Outcome;
use places::Level;
use serde::Deserialize;

/// A case in which recognition is revoked.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// Level of the units it is about.
    pub level: Level,
    /// Code of the case.
    pub code: String,
    /// Share of failed criteria from which it holds, in percent.
    #[serde(default)]
    pub failed_criteria_from_percent: Option<u32>,
    /// Share below which it holds.
    #[serde(default)]
    pub failed_criteria_below_percent: Option<u32>,
    /// Criteria of which at least one must have failed too.
    #[serde(default)]
    pub and_any_of: Vec<String>,
    /// Share of revoked communes from which a district loses its recognition.
    #[serde(default)]
    pub revoked_communes_from_percent: Option<u32>,
    /// How sure.
    #[serde(default)]
    pub confidence: super::Confidence,
    /// Anything worth saying.
    #[serde(default)]
    pub note: Option<String>,
}

/// What becomes of recognition when units are merged.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct MergeRule {
    /// Level.
    pub level: Level,
    /// Code of the case.
    pub code: String,
    /// The case in words.
    pub title: String,
    /// Document.
    #[serde(default)]
    pub document: Option<String>,
    /// All units before were recognised.
    #[serde(default)]
    pub all_recognised: bool,
    /// Best rank among the units before.
    #[serde(default)]
    pub before_best: Vec<String>,
    /// Worst rank among them.
    #[serde(default)]
    pub before_worst: Option<String>,
    /// Rank the new unit works towards.
    #[serde(default)]
    pub builds_rank: Option<String>,
    /// What is done.
    pub action: String,
    /// How sure.
    #[serde(default)]
    pub confidence: super::Confidence,
    /// Where it was found.
    #[serde(default)]
    pub source: Option<String>,
    /// Anything worth saying.
    #[serde(default)]
    pub note: Option<String>,
}

/// The rules of recognition, as far as sets of criteria need them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Document.
    pub document: String,
    /// Cases of revocation.
    pub revocation: Vec<Revocation>,
    /// Cases of merges.
    pub merge: Vec<MergeRule>,
}

/// How much danger there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alarm {
    /// None.
    Calm,
    /// One more failed criterion would be enough.
    Near,
    /// A case of revocation holds.
    Revocable,
}

/// The state of a recognised unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch<'a> {
    /// How much danger.
    pub alarm: Alarm,
    /// Failed criteria.
    pub failed: usize,
    /// Criteria proper.
    pub of: usize,
    /// Titles of the failed key criteria.
    pub keys: Vec<&'a str>,
    /// The case that holds, or would hold with one more failed criterion.
    pub case: Option<&'a Revocation>,
}

fn case_of(rules: &Rules, level: Level, failed: usize, of: usize, key_failed: bool) -> Option<&Revocation> {
    if of == 0 {
        return None;
    }
    rules.revocation.iter().filter(|r| r.level == level).find(|r| {
        let Some(from) = r.failed_criteria_from_percent else { return false };
        let reached = failed * 100 >= from as usize * of;
        let below = r.failed_criteria_below_percent.is_none_or(|below| failed * 100 < below as usize * of);
        reached && below && (r.and_any_of.is_empty() || key_failed)
    })
}

/// Whether the outcomes of the criteria of a set endanger the recognition of a unit.
pub fn watch<'a>(rules: &'a Rules, set: &'a Set, outcomes: &[Outcome]) -> Watch<'a> {
    let level = set.level;
    let proper = || set.criteria.iter().zip(outcomes).filter(|(c, _)| !c.condition || set.criteria_number() == 0);
    let of = proper().count();
    let failed = proper().filter(|(_, o)| **o == Outcome::NotMet).count();
    let is_key = |title: &str| rules.revocation.iter().any(|r| r.level == level && r.and_any_of.iter().any(|k| k == title));
    let keys: Vec<&str> = proper().filter(|(c, o)| **o == Outcome::NotMet && is_key(&c.title)).map(|(c, _)| c.title.as_str()).collect();
    if let Some(case) = case_of(rules, level, failed, of, !keys.is_empty()) {
        return Watch { alarm: Alarm::Revocable, failed, of, keys, case: Some(case) };
    }
    // One more: any criterion that still stands may be a key one.
    let key_could = !keys.is_empty() || proper().any(|(c, o)| *o != Outcome::NotMet && is_key(&c.title));
    match case_of(rules, level, failed + 1, of, key_could) {
        Some(case) if failed > 0 => Watch { alarm: Alarm::Near, failed, of, keys, case: Some(case) },
        _ => Watch { alarm: Alarm::Calm, failed, of, keys, case: None },
    }
}
