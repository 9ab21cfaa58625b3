//! Everything known about sets, now and at any earlier moment.

use super::sets::Draft;
use crate::model::{Library, Set};
use crate::source;
use crate::store::{self, EnteredLevel};
use db::{Db, DbError};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// Everything known about sets. Moments are numbers of the catalogue, which counts every change of a set or a threshold.
#[derive(Debug, Default)]
pub struct Shelf {
    /// Published sets, with the thresholds that were entered later in them.
    pub library: Library,
    /// The unit that keeps each set: the nation or a province.
    pub owners: BTreeMap<String, Uuid>,
    /// Drafts by code.
    pub drafts: BTreeMap<String, Draft>,
    /// Thresholds entered later, also those taken back.
    pub entered: Vec<EnteredLevel>,
    /// When and by whom each version was published.
    pub published: BTreeMap<(String, i64), (String, i64)>,
    /// The moment at which this was read.
    pub known: i64,
    /// Versions as they were published, each with its moment.
    versions: Vec<(Set, i64)>,
    /// The moments at which something became known, in order.
    moments: Vec<i64>,
    /// Earlier libraries that were asked for, by how many moments had passed.
    earlier: Mutex<BTreeMap<usize, Library>>,
}

/// Published versions at a moment with the thresholds known then. The one entered last is the one that counts, so they go behind those
/// of the document.
fn library_at(versions: &[(Set, i64)], entered: &[EnteredLevel], known: i64) -> Library {
    let sets = versions.iter().filter(|(_, at)| *at <= known).map(|(set, _)| {
        let mut set = set.clone();
        for level in entered.iter().filter(|l| l.set == set.code && l.counted_at(known)) {
            let all = set.criteria.iter_mut().flat_map(|c| &mut c.indicators);
            for i in all.flat_map(|i| if i.code == level.indicator { vec![i] } else { i.parts.iter_mut().filter(|p| p.code == level.indicator).collect() }) {
                i.thresholds.push(level.threshold.clone());
            }
        }
        set
    });
    Library::new(sets.collect::<Vec<_>>())
}

impl Shelf {
    /// Reads everything. A stored definition that cannot be read is left out and logged.
    pub(super) async fn read(db: &Db, known: i64) -> Result<Shelf, DbError> {
        let mut shelf = Shelf { entered: store::levels(db).await?, known, ..Shelf::default() };
        for stored in store::versions(db).await? {
            let mut set = match source::read(&stored.definition) {
                Ok((set, _)) => set,
                Err(flaw) => {
                    tracing::error!(code = stored.code, version = stored.version, flaw = flaw.en, "a stored set cannot be read");
                    continue;
                }
            };
            set.version = stored.version;
            shelf.owners.insert(stored.code.clone(), stored.owner);
            if stored.published {
                shelf.published.insert((stored.code.clone(), stored.version), (stored.by.clone(), stored.at));
                shelf.versions.push((set, stored.known));
            } else {
                shelf.drafts.insert(stored.code.clone(), Draft { set, owner: stored.owner, by: stored.by, at: stored.at });
            }
        }
        let levels = shelf.entered.iter().flat_map(|l| [Some(l.known), l.ended_known]).flatten();
        shelf.moments = shelf.versions.iter().map(|(_, at)| *at).chain(levels).collect();
        shelf.moments.sort_unstable();
        shelf.library = library_at(&shelf.versions, &shelf.entered, i64::MAX);
        Ok(shelf)
    }

    /// What was known at an earlier moment; none when nothing has changed since.
    pub fn as_of(&self, known: i64) -> Option<Library> {
        let passed = self.moments.partition_point(|at| *at <= known);
        if passed == self.moments.len() {
            return None;
        }
        let mut earlier = self.earlier.lock().unwrap_or_else(PoisonError::into_inner);
        Some(earlier.entry(passed).or_insert_with(|| library_at(&self.versions, &self.entered, known)).clone())
    }
}
