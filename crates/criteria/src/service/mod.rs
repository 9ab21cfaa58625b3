//! The use cases of criteria.

mod appraise;
mod compare;
mod duties;
mod evidence;
mod levels;
mod matrix;
mod measures;
mod owners;
mod recheck;
mod recognise;
mod rescore;
mod score;
mod scorecard;
mod sets;
mod shelf;
mod traits;
pub(crate) mod values;
mod work;

pub use appraise::{Verdict, scorecard_href};
pub use compare::{Change, Compared, PassesOne, Row as ComparedRow, compare};
pub use duties::Endangered;
pub use levels::{NewLevel, Slot, slots};
pub use matrix::{Board, MatrixAsk, MatrixRow, Positions};
pub(crate) use measures::of_set as measures_of;
pub use owners::NewOwner;
pub use recheck::draw;
pub use recognise::{NewDecision, standing};
pub use rescore::Newer;
pub use score::Typed;
use score::changed_by_other;
pub(crate) use scorecard::basis as basis_of;
pub use scorecard::{Scorecard, Scored, clause_of, level_words, why_words};
pub use sets::{Draft, Listed};
pub use shelf::Shelf;
pub use values::Linked;
pub(crate) use values::{given_of, is_linked as values_linked};

use crate::check::Around;
use crate::facts;
use crate::model::{Rules, Set};
use access::{Access, Context, Role, db_error};
use db::{Db, DbError};
use figures::Figures;
use jiff::civil::Date;
use places::{GroupKind, Level};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use ui::AppError;
use uuid::Uuid;

/// The catalogue whose counter says that sets or thresholds changed.
pub(crate) const CATALOG: &str = "criteria";

/// Criteria of one database: a snapshot of all sets in memory that follows the database.
#[derive(Clone, Debug)]
pub struct Criteria {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    figures: Figures,
    rules: Rules,
    shelf: RwLock<(i64, Arc<Shelf>)>,
    rehearsal: crate::rehearsal::Desk,
    /// Who keeps organisations and posts; set at start.
    access: OnceLock<Access>,
}

impl Criteria {
    /// Opens the criteria of a migrated database: loads the sets of the fact files that are not there yet, and declares their measures.
    ///
    /// # Errors
    /// What the database says; a broken fact file is a defect.
    pub async fn open(figures: Figures) -> Result<Criteria, DbError> {
        let rules = facts::rules().map_err(DbError::defect)?;
        let criteria = Criteria {
            inner: Arc::new(Inner {
                figures,
                rules,
                shelf: RwLock::new((-1, Arc::default())),
                rehearsal: crate::rehearsal::Desk::default(),
                access: OnceLock::new(),
            }),
        };
        criteria.refresh().await?;
        criteria.load_facts().await?;
        Ok(criteria)
    }

    /// The figures that it reads and writes.
    pub fn figures(&self) -> &Figures {
        &self.inner.figures
    }

    /// Sets who keeps organisations and posts; call it at start. Without it, indicators are given to people by name only.
    pub fn set_access(&self, access: Access) {
        let _ = self.inner.access.set(access);
    }

    pub(crate) fn access(&self) -> Option<&Access> {
        self.inner.access.get()
    }

    /// The database.
    pub fn db(&self) -> &Db {
        self.inner.figures.db()
    }

    pub(crate) fn rehearsals(&self) -> &crate::rehearsal::Desk {
        &self.inner.rehearsal
    }

    /// The rules of recognition.
    pub fn rules(&self) -> &Rules {
        &self.inner.rules
    }

    /// Everything known about sets, as last read.
    pub fn shelf(&self) -> Arc<Shelf> {
        Arc::clone(&self.inner.shelf.read().unwrap_or_else(PoisonError::into_inner).1)
    }

    /// Everything known about sets, read again first if it changed. While the database does not answer, the last snapshot goes on serving.
    pub async fn current(&self) -> Arc<Shelf> {
        if let Err(error) = self.refresh().await {
            tracing::warn!(%error, "criteria could not be refreshed");
        }
        self.shelf()
    }

    /// Follows what this or another process changed.
    ///
    /// # Errors
    /// What the database says; the old snapshot stays.
    pub async fn refresh(&self) -> Result<(), DbError> {
        let mut version = places::store::catalog(self.db(), CATALOG).await?.0;
        if self.inner.shelf.read().unwrap_or_else(PoisonError::into_inner).0 == version {
            return Ok(());
        }
        // What a score notes as known must be what it was judged by, so the reading is repeated when somebody wrote meanwhile.
        let shelf = loop {
            let shelf = Shelf::read(self.db(), version).await?;
            let now = places::store::catalog(self.db(), CATALOG).await?.0;
            if now == version {
                break Arc::new(shelf);
            }
            version = now;
        };
        *self.inner.shelf.write().unwrap_or_else(PoisonError::into_inner) = (version, shelf);
        self.figures().refresh().await
    }

    /// What a set is checked against.
    pub fn around(&self) -> Around {
        let atlas = self.figures().places().atlas();
        let of = |kind| atlas.groups().iter().filter(move |g| g.kind == kind).map(|g| g.code.clone()).collect();
        let mut region_of = BTreeMap::new();
        for group in atlas.groups().iter().filter(|g| g.kind == GroupKind::Region) {
            region_of.extend(group.members.iter().map(|m| (m.unit, group.code.clone())));
        }
        Around {
            library: self.shelf().library.clone(),
            regions: of(GroupKind::Region),
            groups: of(GroupKind::CommuneGroup),
            flags: of(GroupKind::Flag),
            measures: self.figures().catalog().all().map(|k| k.measure.def.code.clone()).collect(),
            region_of,
        }
    }

    /// A published set in its newest version.
    ///
    /// # Errors
    /// 404 `unknown_set`.
    pub fn set(&self, code: &str) -> Result<Arc<Set>, AppError> {
        self.shelf().library.get(code).cloned().ok_or_else(unknown_set)
    }

    /// Whether a unit is one that a set judges on a day.
    pub fn judges(&self, set: &Set, unit: Uuid, on: Date) -> bool {
        let view = self.figures().places().atlas().on(on);
        view.reports(unit, &places::Reporters { level: set.level, kinds: set.kinds.clone() })
    }

    /// Refuses unless a role is held at a unit (or, when it has ended, at its heirs).
    pub(crate) fn require_at(&self, ctx: &Context, role: Role, unit: Uuid) -> Result<(), AppError> {
        if self.figures().may(ctx, role, unit) { Ok(()) } else { ctx.require(role, &[]) }
    }

    /// Refuses whoever appraises nothing of a unit. The Front may appraise what is given to it; for which indicators is asked of each,
    /// see [`Criteria::may_appraise`].
    pub(crate) fn require_appraiser(&self, ctx: &Context, unit: Uuid) -> Result<(), AppError> {
        if self.figures().holds(ctx, Role::Reviewer, unit) { Ok(()) } else { ctx.require(Role::Reviewer, &[]) }
    }

    /// The province above a unit on a day.
    pub(crate) fn province_of(&self, unit: Uuid, on: Date) -> Option<Uuid> {
        self.figures().places().atlas().on(on).province(unit)
    }

    /// The tenant of a unit.
    pub(crate) fn tenant(&self, unit: Uuid) -> Result<Uuid, AppError> {
        self.figures().places().atlas().unit(unit).map(|u| u.tenant).ok_or_else(unknown_unit)
    }

    /// Tenants that may hold something of a place on a day; none for the nation, which means any.
    pub(crate) fn tenants_under(&self, place: Uuid, level: Level, on: Date) -> Option<Vec<Uuid>> {
        let atlas = self.figures().places().atlas();
        let view = atlas.on(on);
        if view.level(place) == Some(Level::Nation) {
            return None;
        }
        let mut out: Vec<Uuid> = view.under(place, level).into_iter().filter_map(|u| atlas.unit(u)).map(|u| u.tenant).collect();
        out.sort_unstable();
        out.dedup();
        Some(out)
    }

    /// Begins a change of sets or thresholds: locks the tenant that keeps them and counts the catalogue up, which says from when it is known.
    pub(crate) async fn unsealed(&self, tenant: Uuid) -> Result<(db::Tx, i64), AppError> {
        let mut tx = self.db().begin().await.map_err(db_error)?;
        access::lock_tenant(&mut tx, tenant).await.map_err(db_error)?;
        let known = places::store::bump_counted(&mut tx, CATALOG, "").await.map_err(db_error)?;
        Ok((tx, known))
    }

    /// Ends it: audits, commits, and reads everything again.
    pub(crate) async fn seal(&self, mut tx: db::Tx, ctx: &Context, owner: Uuid, act: &str, subject: &str, detail: serde_json::Value) -> Result<(), AppError> {
        access::audit(&mut tx, ctx, owner, act, subject, detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        self.refresh().await.map_err(db_error)
    }
}

/// The id under which a set has evidence and is known to others.
pub fn set_id(code: &str) -> Uuid {
    places::facts::fact_id(&format!("criteria-set:{code}"))
}

pub(crate) fn unknown_set() -> AppError {
    AppError::new("unknown_set", 404)
        .say("Không có bộ tiêu chí này.", "There is no such set of criteria.")
        .mend("Xem danh sách các bộ tiêu chí.", "See the list of sets.")
}

pub(crate) fn unknown_unit() -> AppError {
    AppError::new("unknown_unit", 404).say("Không có đơn vị này.", "There is no such unit.").mend("Tìm theo tên ở ô tìm kiếm.", "Search by name.")
}

pub(crate) fn unknown_indicator(code: &str) -> AppError {
    let code: String = code.chars().take(20).collect();
    AppError::new("unknown_indicator", 404)
        .say(format!("Bộ tiêu chí không có chỉ tiêu “{code}”."), format!("The set has no indicator “{code}”."))
        .mend("Xem các mã chỉ tiêu trên trang của bộ.", "See the codes on the page of the set.")
}
