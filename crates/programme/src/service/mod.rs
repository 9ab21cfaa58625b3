//! The use cases of the programme.

pub mod edit;
mod library;
pub mod progress;
pub(crate) mod words;

use crate::document::Kept;
use crate::plan::Plan;
use crate::register::Register;
use crate::{facts, store};
use calendar::Clock;
use db::{Db, DbError};
use figures::Figures;
use jiff::civil::Date;
use places::Atlas;
use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use uuid::Uuid;

/// The working days of a unit on a day.
pub type Calendars = dyn Fn(Uuid, Date) -> Arc<calendar::WorkCalendar> + Send + Sync;

/// The catalogue whose counter says that plans or documents changed.
pub(crate) const CATALOG: &str = "programme";

/// Programme of one database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Programme {
    figures: Figures,
    inner: Arc<Inner>,
}

struct Inner {
    register: RwLock<(i64, Arc<Register>)>,
    calendars: OnceLock<Box<Calendars>>,
    offices: OnceLock<access::Access>,
    /// Rung when a file of the library waits to be read.
    bell: tokio::sync::Notify,
}

impl Default for Inner {
    fn default() -> Inner {
        let register = RwLock::new((-1, Arc::default()));
        Inner { register, calendars: OnceLock::new(), offices: OnceLock::new(), bell: tokio::sync::Notify::new() }
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").field("register", &self.register).finish_non_exhaustive()
    }
}

impl Programme {
    /// Opens the programme of a migrated database and loads the facts that are not there yet.
    ///
    /// # Errors
    /// What the database says; a broken fact file is a defect.
    pub async fn open(figures: Figures) -> Result<Programme, DbError> {
        let programme = Programme { figures, inner: Arc::new(Inner::default()) };
        programme.load_facts().await?;
        programme.refresh().await?;
        Ok(programme)
    }

    /// The figures that it reads and writes.
    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// The database.
    pub fn db(&self) -> &Db {
        self.figures.db()
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        self.figures.clock()
    }

    /// The places as last read.
    pub fn atlas(&self) -> Arc<Atlas> {
        self.figures.places().atlas()
    }

    /// Says by which calendar a unit works; call it at start. Without it the shipped one holds everywhere.
    pub fn set_calendars(&self, of: Box<Calendars>) {
        // Said twice, the first one holds.
        let _ = self.inner.calendars.set(of);
    }

    /// The calendar by which a unit works on a day.
    pub fn calendar_of(&self, unit: Uuid, on: Date) -> Arc<calendar::WorkCalendar> {
        match self.inner.calendars.get() {
            Some(of) => of(unit, on),
            None => crate::task::shipped(),
        }
    }

    /// Says who knows the organisations of a unit; call it at start. Without it offices are only words.
    pub fn set_offices(&self, access: access::Access) {
        let _ = self.inner.offices.set(access);
    }

    /// Who knows the organisations.
    pub(crate) fn offices(&self) -> Option<&access::Access> {
        self.inner.offices.get()
    }

    /// Rung when a file of the library waits to be read.
    pub(crate) fn bell(&self) -> &tokio::sync::Notify {
        &self.inner.bell
    }

    /// All plans and documents as last read.
    pub fn register(&self) -> Arc<Register> {
        Arc::clone(&self.inner.register.read().unwrap_or_else(PoisonError::into_inner).1)
    }

    /// All plans and documents, read again first if they changed. While the database does not answer, the last ones go on serving.
    pub async fn current(&self) -> Arc<Register> {
        if let Err(error) = self.refresh().await {
            tracing::warn!(%error, "plans could not be refreshed");
        }
        self.register()
    }

    /// Reads plans and documents again if somebody, in this or another process, changed them.
    ///
    /// # Errors
    /// What the database says; what was read before stays.
    pub async fn refresh(&self) -> Result<(), DbError> {
        let version = places::store::catalog(self.db(), CATALOG).await?.0;
        if self.inner.register.read().unwrap_or_else(PoisonError::into_inner).0 == version {
            return Ok(());
        }
        let atlas = self.atlas();
        let mut plans = store::plan::all(self.db()).await?;
        for plan in plans.iter_mut().filter(|p| Some(p.home) != atlas.nation()) {
            plan.place = atlas.name(plan.home, plan.def.plan.valid_to);
        }
        let register = Register::new(plans, store::document::all(self.db()).await?);
        *self.inner.register.write().unwrap_or_else(PoisonError::into_inner) = (version, Arc::new(register));
        Ok(())
    }

    /// The tenant of a plan or document: that of its unit.
    pub fn tenant(&self, home: Uuid) -> Uuid {
        let atlas = self.atlas();
        atlas.unit(home).map(|u| u.tenant).or(atlas.nation()).unwrap_or_default()
    }

    async fn load_facts(&self) -> Result<bool, DbError> {
        let name = "facts-programme";
        let fingerprint = facts::fingerprint();
        if places::store::catalog(self.db(), name).await?.1 == fingerprint {
            return Ok(false);
        }
        let (documents, plans) = (facts::documents().map_err(DbError::defect)?, facts::plans().map_err(DbError::defect)?);
        let atlas = self.atlas();
        let home = |unit: &str, on: Date| find_unit(&atlas, unit, on).ok_or_else(|| DbError::defect(format!("facts of the programme: no unit {unit}")));
        let at = calendar::micros(self.clock().now());
        let today = self.clock().today();
        let mut tx = self.db().begin().await?;
        // What somebody entered or changed here stays as it is.
        let there = store::document::codes(&mut tx).await?;
        for about in documents.into_iter().filter(|d| !there.contains(&d.code)) {
            let kept = Kept { id: facts::document_id(&about.code), home: home(&about.unit, today)?, about };
            store::document::save(&mut tx, &kept, "facts", at).await?;
        }
        for mut def in plans {
            let home = home(&def.plan.unit, def.plan.valid_to)?;
            def.plan.unit = home.to_string();
            let plan = Plan { id: facts::plan_id(&def.plan.code), home, place: String::new(), def };
            store::plan::save(&mut tx, &plan, "facts", "facts", at).await?;
        }
        places::store::bump(&mut tx, name, &fingerprint).await?;
        places::store::bump(&mut tx, CATALOG, "").await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// A unit by id, key of the fact files, official code or name on a day; the country for an empty text.
pub(crate) fn find_unit(atlas: &Atlas, text: &str, on: Date) -> Option<Uuid> {
    let text = text.trim();
    if text.is_empty() || text == "nation" {
        return atlas.nation();
    }
    if let Ok(id) = text.parse::<Uuid>() {
        return atlas.unit(id).map(|u| u.id);
    }
    let fact = places::facts::unit_id(text);
    if atlas.unit(fact).is_some() {
        return Some(fact);
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return atlas.coded(text, None, on);
    }
    // Two places that fit equally well are no answer.
    let mut hits = atlas.find(text, on, 3).into_iter().filter(|h| h.alive && h.exact());
    let first = hits.next()?;
    match hits.next() {
        Some(second) if second.rank == first.rank => None,
        _ => Some(first.unit),
    }
}
