//! The use cases of places.

mod boundary;
mod change;
mod group;
mod village;

pub use boundary::{BoundaryOptions, BoundaryReport};
pub use change::{LateShare, Preview};
pub use group::NewGroup;
pub use village::{VILLAGE_KINDS, VillageAct, VillageName};

use crate::atlas::Atlas;
use crate::model::Change;
use crate::pages::{BalanceSheet, UnitPanel};
use crate::{facts, store};
use access::Context;
use calendar::Clock;
use db::{Db, DbError};
use std::sync::{Arc, PoisonError, RwLock};
use ui::Html;

/// The catalogue whose counter says that places changed.
pub(crate) const CATALOG: &str = "places";

/// The places of one database: a snapshot in memory that follows the database.
#[derive(Clone, Debug)]
pub struct Places {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    db: Db,
    clock: Clock,
    snapshot: RwLock<(i64, Arc<Atlas>)>,
    ports: RwLock<Ports>,
}

/// What other parts of the platform hung up here.
#[derive(Default)]
struct Ports {
    panels: Vec<Arc<dyn UnitPanel>>,
    balance: Option<Arc<dyn BalanceSheet>>,
}

impl std::fmt::Debug for Ports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ports").field("panels", &self.panels.len()).field("balance", &self.balance.is_some()).finish()
    }
}

impl Places {
    /// Reads all places of a migrated database.
    ///
    /// # Errors
    /// What the database says.
    pub async fn open(db: Db, clock: Clock) -> Result<Places, DbError> {
        let version = store::catalog(&db, CATALOG).await?.0;
        let atlas = store::load(&db).await?;
        Ok(Places { inner: Arc::new(Inner { db, clock, snapshot: RwLock::new((version, Arc::new(atlas))), ports: RwLock::default() }) })
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.inner.db
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Hangs a block onto the page of every unit; call it at start.
    pub fn add_panel(&self, panel: Arc<dyn UnitPanel>) {
        self.inner.ports.write().unwrap_or_else(PoisonError::into_inner).panels.push(panel);
    }

    /// The blocks of a unit's page.
    pub(crate) fn panels(&self) -> Vec<Arc<dyn UnitPanel>> {
        self.inner.ports.read().unwrap_or_else(PoisonError::into_inner).panels.clone()
    }

    /// Sets who draws the balance sheets of changes; call it at start.
    pub fn set_balance(&self, balance: Arc<dyn BalanceSheet>) {
        self.inner.ports.write().unwrap_or_else(PoisonError::into_inner).balance = Some(balance);
    }

    /// The balance sheet of a change; empty when nobody draws any.
    pub(crate) async fn balance(&self, ctx: &Context, change: &Change, after: &Atlas) -> Html {
        let sheet = self.inner.ports.read().unwrap_or_else(PoisonError::into_inner).balance.clone();
        match sheet {
            Some(sheet) => sheet.balance(ctx, change, after).await,
            None => Html::default(),
        }
    }

    /// All places as last read.
    pub fn atlas(&self) -> Arc<Atlas> {
        Arc::clone(&self.inner.snapshot.read().unwrap_or_else(PoisonError::into_inner).1)
    }

    /// All places, read again first if they changed. While the database does not answer, the last snapshot goes on serving.
    pub async fn current(&self) -> Arc<Atlas> {
        if let Err(error) = self.refresh().await {
            tracing::warn!(%error, "places could not be refreshed");
        }
        self.atlas()
    }

    /// Reads the places again if somebody, in this or another process, changed them; whether they had.
    ///
    /// # Errors
    /// What the database says; the old snapshot stays.
    pub async fn refresh(&self) -> Result<bool, DbError> {
        let version = store::catalog(&self.inner.db, CATALOG).await?.0;
        if self.inner.snapshot.read().unwrap_or_else(PoisonError::into_inner).0 == version {
            return Ok(false);
        }
        let atlas = store::load(&self.inner.db).await?;
        *self.inner.snapshot.write().unwrap_or_else(PoisonError::into_inner) = (version, Arc::new(atlas));
        Ok(true)
    }

    /// Loads the compiled-in facts unless this very state of them is already there. Whether anything was loaded.
    ///
    /// # Errors
    /// What the database says, or [`DbError::Defect`] for a broken fact file.
    pub async fn load_facts(&self) -> Result<bool, DbError> {
        let name = "facts-places";
        if store::catalog(&self.inner.db, name).await?.1 == facts::fingerprint() {
            return Ok(false);
        }
        let facts = facts::read().map_err(DbError::defect)?;
        let at = calendar::micros(self.inner.clock.now());
        // Newer facts never overwrite what an administrator decided here since.
        let touched = store::change::touched(&self.inner.db).await?;
        let units: Vec<_> = facts.units.into_iter().filter(|u| !touched.contains(&u.id)).collect();
        let mut tx = self.inner.db.begin().await?;
        store::save_units(&mut tx, &units).await?;
        let changes: Vec<_> = facts.changes.iter().map(|change| store::NewChange { change, plan: None, by: "facts", at }).collect();
        store::save_changes(&mut tx, &changes).await?;
        store::save_groups(&mut tx, &facts.groups).await?;
        store::bump(&mut tx, name, &facts.fingerprint).await?;
        store::bump(&mut tx, CATALOG, "").await?;
        tx.commit().await?;
        self.refresh().await?;
        Ok(true)
    }
}
