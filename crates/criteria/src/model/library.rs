//! All published sets in memory.

use super::Set;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Published sets by code, all versions.
#[derive(Clone, Debug, Default)]
pub struct Library {
    versions: BTreeMap<String, Vec<Arc<Set>>>,
}

impl Library {
    /// A library of sets; several versions of a set may be among them.
    pub fn new(sets: impl IntoIterator<Item = Set>) -> Library {
        let mut versions: BTreeMap<String, Vec<Arc<Set>>> = BTreeMap::new();
        for set in sets {
            versions.entry(set.code.clone()).or_default().push(Arc::new(set));
        }
        for list in versions.values_mut() {
            list.sort_by_key(|s| s.version);
        }
        Library { versions }
    }

    /// The newest version of each set, in order of their codes.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Set>> {
        self.versions.values().filter_map(|v| v.last())
    }

    /// The newest version.
    pub fn get(&self, code: &str) -> Option<&Arc<Set>> {
        self.versions.get(code)?.last()
    }

    /// One version.
    pub fn version(&self, code: &str, version: i64) -> Option<&Arc<Set>> {
        self.versions.get(code)?.iter().find(|s| s.version == version)
    }

    /// All versions of a set, oldest first.
    pub fn versions(&self, code: &str) -> &[Arc<Set>] {
        self.versions.get(code).map(Vec::as_slice).unwrap_or_default()
    }

    /// Sets that ask for a set: the next ranks.
    pub fn next_ranks<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a Arc<Set>> {
        self.all().filter(move |s| s.requires.iter().any(|r| r == code))
    }

    /// An indicator addressed as `set:code`.
    pub fn indicator(&self, address: &str) -> Option<(&Arc<Set>, &super::Indicator)> {
        let (set, code) = address.split_once(':')?;
        let set = self.get(set)?;
        Some((set, set.indicator(code)?))
    }
}
