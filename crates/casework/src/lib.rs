//! Procedures as data, the case engine, the calendars it counts by, recognition, certificates.
//!
//! The first use case to read is [`Casework::act`](crate::Casework::act): one transition, one event, one transaction. The domain words
//! are data: a procedure is a text (`facts/procedures/*.toml`), pinned per case; what is in this crate knows none of them.

pub mod api;
pub mod calendar_rows;
mod calendars;
pub mod case;
mod certificate;
pub mod document;
pub mod dossier;
mod library;
pub mod pages;
mod ports;
pub mod procedure;
pub mod register;
mod schema;
pub mod share;
pub mod store;

pub use calendars::{CalendarChange, Calendars};
pub use certificate::{Certificate, CheckError, Issuer, checked, public_key, qr};
pub use library::{Library, Version};
pub use schema::SCHEMA;

use db::{Db, DbError};
use figures::Figures;
use places::{Level, Places};
use std::collections::BTreeSet;
use std::sync::{Arc, RwLock};
use uuid::Uuid;
use work::Board;

/// Casework of one database. Cheap to clone.
#[derive(Clone)]
pub struct Casework {
    inner: Arc<Inner>,
}

struct Inner {
    figures: Figures,
    board: Board,
    library: RwLock<(i64, Arc<Library>)>,
    calendars: RwLock<(i64, Arc<Calendars>)>,
    issuer: Issuer,
    /// The map and the day for which what ended units had open was moved to their successors.
    succeeded: tokio::sync::Mutex<Option<(Arc<places::Atlas>, jiff::civil::Date)>>,
}

impl std::fmt::Debug for Casework {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Casework").field("issuer", &self.inner.issuer).finish_non_exhaustive()
    }
}

impl Casework {
    /// Opens casework of a migrated database: loads the shipped procedures that are new, makes the key that signs certificates at
    /// the first start, and puts itself on the board.
    ///
    /// # Errors
    /// What the database says.
    pub async fn open(figures: Figures, board: Board) -> Result<Casework, DbError> {
        let issuer = Issuer::open(figures.db(), calendar::micros(figures.clock().now())).await?;
        let inner = Inner {
            figures,
            board,
            library: RwLock::new((-1, Arc::default())),
            calendars: RwLock::new((-1, Arc::new(Calendars::shipped()?))),
            issuer,
            succeeded: tokio::sync::Mutex::default(),
        };
        let casework = Casework { inner: Arc::new(inner) };
        casework.load_procedures().await?;
        casework.refresh().await?;
        casework.inner.board.set_cases(Arc::new(casework.clone()));
        casework.inner.board.add_duties(Arc::new(casework.clone()));
        Ok(casework)
    }

    /// Follows what other processes changed: procedures and calendars.
    ///
    /// # Errors
    /// What the database says; what was read before stays.
    pub async fn refresh(&self) -> Result<(), DbError> {
        self.refresh_library().await?;
        self.refresh_calendars().await
    }

    /// What has to be done now and then, each minute: follow others, tell of what is late, move cases of units that have ended.
    ///
    /// # Errors
    /// What the database says; the rest is done the next time.
    pub async fn upkeep(&self) -> Result<(), ui::AppError> {
        self.refresh().await.map_err(access::db_error)?;
        let ctx = access::Context::system(self.inner.figures.clock().now());
        for tenant in self.tenants() {
            self.escalate(&ctx, tenant).await?;
        }
        // Units end when the map or the day changes, not from minute to minute; once after each start is enough for the rest.
        let (atlas, today) = (self.places().atlas(), ctx.today());
        let mut done = self.inner.succeeded.lock().await;
        if !done.as_ref().is_some_and(|(map, day)| Arc::ptr_eq(map, &atlas) && *day == today) {
            for tenant in self.tenants() {
                self.move_to_successors(&ctx, tenant).await?;
                self.move_dossiers_to_successors(&ctx, tenant).await?;
                // A calendar that was entered just before the program was stopped: its deadlines are counted now.
                self.recount_tenant(&ctx, tenant, ("Lịch làm việc thay đổi", "The calendar changed")).await?;
            }
            *done = Some((atlas, today));
        }
        Ok(())
    }

    /// Where the domains meet about work.
    pub fn board(&self) -> &Board {
        &self.inner.board
    }

    /// The database.
    pub fn db(&self) -> &Db {
        self.inner.figures.db()
    }

    /// The figures that it reads and writes.
    pub fn figures(&self) -> &Figures {
        &self.inner.figures
    }

    /// The places.
    pub fn places(&self) -> &Places {
        self.inner.figures.places()
    }

    /// Who signs certificates here.
    pub fn issuer(&self) -> &Issuer {
        &self.inner.issuer
    }

    /// Every tenant.
    pub(crate) fn tenants(&self) -> BTreeSet<Uuid> {
        self.places().atlas().units().iter().map(|u| u.tenant).collect()
    }

    /// The tenants that can hold cases for a unit: its own, those of the communes below it today, and those of the units that these
    /// took over from, because a case stays with the tenant in which it was opened.
    pub(crate) fn tenants_under(&self, unit: Uuid) -> BTreeSet<Uuid> {
        let atlas = self.places().atlas();
        let Some(found) = atlas.unit(unit) else { return BTreeSet::new() };
        if found.level == Level::Nation {
            return self.tenants();
        }
        let today = self.places().clock().today();
        let mut seen: BTreeSet<Uuid> = atlas.on(today).under(unit, Level::Commune).into_iter().chain([unit]).collect();
        let mut next: Vec<Uuid> = seen.iter().copied().collect();
        while let Some(one) = next.pop() {
            let before = atlas.changes_of(one).flat_map(|c| &c.parts).filter(|p| p.to == Some(one)).filter_map(|p| p.from);
            next.extend(before.filter(|from| seen.insert(*from)));
        }
        seen.into_iter().filter_map(|u| atlas.unit(u)).map(|u| u.tenant).collect()
    }

    /// The tenants in which somebody can have cases of their own.
    pub(crate) fn tenants_of_person(&self, ctx: &access::Context) -> BTreeSet<Uuid> {
        self.offices(ctx).into_iter().flat_map(|unit| self.tenants_under(unit)).collect()
    }
}
