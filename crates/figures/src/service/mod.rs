//! The use cases of figures.

mod bulk;
mod burden;
pub mod define;
mod enter;
pub mod evidence;
pub mod explain;
mod publish;
mod queue;
mod read;
mod record;
mod review;
mod rounds;
mod settle;
mod sheet;
mod sight;
mod verify;

pub use bulk::{BulkLoader, BulkReport};
pub use burden::{Burden, Filled, count_typed, typed};
pub use enter::{Entry, Intent, Origin, Outcome, Refusal};
pub use explain::{Explanation, Step};
pub use publish::{Computed, Published};
pub use queue::{Held, QueueAsk, QueuePage, Queued};
pub use read::{Ask, FigureView, Status, Tree};
pub use record::SYSTEM;
pub(crate) use review::checked_reason;
pub use review::{Pending, Submitted};
pub use rounds::{Lateness, Punctual, Standing};
pub use sheet::SheetRow;
pub use verify::Verified;

pub(crate) use enter::closed as enter_closed;
pub(crate) use review::unknown_unit;

use crate::catalog::{Catalog, Known};
use crate::project::{Maps, Shape, Succession, THEN, TODAY, Ways};
use crate::store;
use calendar::{Clock, Period};
use db::{Db, DbError};
use jiff::civil::Date;
use places::{Basis, Places, Reporters};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use uuid::Uuid;

pub(crate) const MEASURES: &str = "measures";
/// Detail: the day of the map to which figures are carried.
pub(crate) const CARRIED: &str = "figures-today";

/// The figures of one database.
#[derive(Clone, Debug)]
pub struct Figures {
    inner: Arc<Inner>,
}

type SuccessionKey = (Reporters, bool, Option<Date>, Date, Date);

#[derive(Debug)]
struct Inner {
    places: Places,
    catalog: RwLock<(i64, Arc<Catalog>)>,
    carried: RwLock<(i64, Date)>,
    tenants: RwLock<Arc<Vec<Uuid>>>,
    successions: Mutex<HashMap<SuccessionKey, Arc<Expected>>>,
    shapes: Mutex<HashMap<(Reporters, Date), Arc<Shape>>>,
    changed: tokio::sync::watch::Sender<u64>,
    desk: crate::intake::Desk,
    evidence: evidence::Ports,
    finders: Finders,
}

/// What other parts of the platform hung up here for the search.
#[derive(Default)]
struct Finders(RwLock<Vec<Arc<dyn crate::pages::Finder>>>);

impl std::fmt::Debug for Finders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Finders").field(&self.0.read().unwrap_or_else(PoisonError::into_inner).len()).finish()
    }
}

/// A succession and how many heirs have to report under each node.
#[derive(Debug)]
pub struct Expected {
    /// Who takes over from whom.
    pub succession: Succession,
    /// Heirs under each node of today's map.
    pub counts: HashMap<Uuid, i64>,
    /// Spots of the heirs.
    shape: Shape,
}

/// What [`project`](crate::project::project) needs, kept alive.
#[derive(Debug)]
pub(crate) struct Road {
    then: Arc<Shape>,
    pub(crate) today: Option<Arc<Expected>>,
}

impl Road {
    pub(crate) fn ways(&self) -> Ways<'_> {
        Ways { then: &self.then, today: self.today.as_ref().map(|e| (&e.succession, &e.shape)) }
    }
}

impl Figures {
    /// Opens the figures of a migrated database.
    ///
    /// # Errors
    /// What the database says.
    pub async fn open(places: Places) -> Result<Figures, DbError> {
        let today = places.clock().today();
        let figures = Figures {
            inner: Arc::new(Inner {
                places,
                catalog: RwLock::new((-1, Arc::default())),
                carried: RwLock::new((-1, today)),
                tenants: RwLock::default(),
                successions: Mutex::default(),
                shapes: Mutex::default(),
                changed: tokio::sync::watch::channel(0).0,
                desk: crate::intake::Desk::default(),
                evidence: evidence::Ports::default(),
                finders: Finders::default(),
            }),
        };
        figures.refresh().await?;
        Ok(figures)
    }

    /// Lets another part of the platform answer the search too; call it at start.
    pub fn add_finder(&self, finder: Arc<dyn crate::pages::Finder>) {
        self.inner.finders.0.write().unwrap_or_else(PoisonError::into_inner).push(finder);
    }

    pub(crate) fn finders(&self) -> Vec<Arc<dyn crate::pages::Finder>> {
        self.inner.finders.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Follows what other processes changed: places, measures, the day of today's map.
    ///
    /// # Errors
    /// What the database says; what was read before stays.
    pub async fn refresh(&self) -> Result<(), DbError> {
        if self.inner.places.refresh().await? {
            self.inner.successions.lock().unwrap_or_else(PoisonError::into_inner).clear();
            self.inner.shapes.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
        let version = places::store::catalog(self.db(), MEASURES).await?.0;
        if self.inner.catalog.read().unwrap_or_else(PoisonError::into_inner).0 != version {
            let catalog = Arc::new(Catalog::new(store::measures(self.db()).await?));
            *self.inner.catalog.write().unwrap_or_else(PoisonError::into_inner) = (version, catalog);
        }
        let (version, day) = places::store::catalog(self.db(), CARRIED).await?;
        if self.inner.carried.read().unwrap_or_else(PoisonError::into_inner).0 != version {
            if let Ok(day) = day.parse() {
                *self.inner.carried.write().unwrap_or_else(PoisonError::into_inner) = (version, day);
            }
            let tenants = Arc::new(store::tenants(self.db()).await?);
            *self.inner.tenants.write().unwrap_or_else(PoisonError::into_inner) = tenants;
        }
        Ok(())
    }

    /// The database.
    pub fn db(&self) -> &Db {
        self.inner.places.db()
    }
    /// The places.
    pub fn places(&self) -> &Places {
        &self.inner.places
    }
    /// The clock.
    pub fn clock(&self) -> &Clock {
        self.inner.places.clock()
    }
    /// All measures.
    pub fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.inner.catalog.read().unwrap_or_else(PoisonError::into_inner).1)
    }
    /// The day of the map that "today's map" means; the stored figures are carried to it.
    pub fn map_day(&self) -> Date {
        self.inner.carried.read().unwrap_or_else(PoisonError::into_inner).1
    }
    /// Told after each commit that changed figures in this process.
    pub fn changes(&self) -> tokio::sync::watch::Receiver<u64> {
        self.inner.changed.subscribe()
    }
    pub(crate) fn desk(&self) -> &crate::intake::Desk {
        &self.inner.desk
    }
    pub(crate) fn evidence_ports(&self) -> &evidence::Ports {
        &self.inner.evidence
    }
    /// Tells open pages that figures changed; call it after a commit that recorded some.
    pub fn tell(&self) {
        self.inner.changed.send_modify(|n| *n = n.wrapping_add(1));
    }
    pub(crate) fn tenant_list(&self) -> Arc<Vec<Uuid>> {
        Arc::clone(&self.inner.tenants.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The two maps of a period of a measure.
    pub(crate) fn maps<'a>(&self, atlas: &'a places::Atlas, known: &Known, period: Period) -> Maps<'a> {
        Maps { atlas, then: known.window(period).1, today: self.map_day() }
    }

    /// The succession between the two maps; kept, because it only depends on the maps, the level and the basis.
    pub(crate) fn succession(&self, maps: &Maps<'_>, known: &Known) -> Option<Arc<Expected>> {
        if !maps.differ() {
            return None;
        }
        let area = crate::project::basis(known.measure.def.carry) == Basis::Area;
        let key = (known.measure.reporters(), area, maps.atlas.map_of(maps.then), maps.then, maps.today);
        let mut kept = self.inner.successions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = kept.get(&key) {
            return Some(Arc::clone(found));
        }
        if kept.len() >= 24 {
            kept.clear();
        }
        let succession = Succession::of(maps, &known.measure);
        let today = maps.atlas.on(maps.today);
        let counts = succession.expected(&today);
        let shape = Shape::of(maps.atlas, &today, TODAY, succession.parents.keys().copied());
        let found = Arc::new(Expected { succession, counts, shape });
        kept.insert(key, Arc::clone(&found));
        Some(found)
    }

    /// Where the values of a measure go, on the map of a period and on today's.
    pub(crate) fn road(&self, maps: &Maps<'_>, known: &Known) -> Road {
        let key = (known.measure.reporters(), maps.then);
        let mut kept = self.inner.shapes.lock().unwrap_or_else(PoisonError::into_inner);
        let then = match kept.get(&key) {
            Some(found) => Arc::clone(found),
            None => {
                if kept.len() >= 8 {
                    kept.clear();
                }
                let view = maps.atlas.on(maps.then);
                let units = view.all(known.measure.def.level).filter(|u| view.reports(*u, &key.0));
                let found = Arc::new(Shape::of(maps.atlas, &view, THEN, units));
                kept.insert(key, Arc::clone(&found));
                found
            }
        };
        drop(kept);
        Road { then, today: self.succession(maps, known) }
    }
}
