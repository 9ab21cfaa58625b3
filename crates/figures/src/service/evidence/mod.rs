//! The evidence library: one place for everything that proves a figure or a criterion.
//!
//! A file (or a link) is kept once per tenant, by its SHA-256, and may be used for many indicators, units, years and ranks. Linking and
//! unlinking are lines of `evidence_use`, numbered by `seq`; nothing is overwritten. The first use case to read is
//! [`Library::attach`], the ones that scoring needs are [`Library::list_for`], [`Library::reuse`], [`Library::has_valid`]
//! and [`Library::counts`].

mod add;
mod file;
mod find;
mod link;
mod scan;
mod subject;
mod sweep;
mod text;

pub use add::{Added, Prepared};
pub use file::{BadFile, Clean, FileKind, MOST, cleaned, safe_name, stripped};
pub use find::{Filter, Found, FoundPage, Offer, State};
pub use scan::{Clamd, Scan, ScanProblem, Scanner, Verdict};
pub use subject::{CriteriaNames, Named, Subject, TaskNames, Topic};
pub use sweep::Swept;
pub use text::{NoWords, words_in};

use super::Figures;
use crate::store::evidence as store;
use access::{Context, Role, db_error};
use jiff::civil::Date;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use ui::AppError;
use uuid::Uuid;

/// Most files of one subject.
pub const MOST_FILES: usize = 30;
/// Evidence that ends within so many days is warned about.
pub const SOON: i32 = 60;

/// What a document says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Number.
    pub number: String,
    /// Date.
    pub issued: Option<Date>,
    /// Who issued it.
    pub issuer: String,
    /// Last day on which it holds; none while it has no end.
    pub valid_until: Option<Date>,
}

impl About {
    /// Texts clean and of a length that fits.
    pub(super) fn tidy(&self) -> About {
        About { number: lang::clean(&self.number).chars().take(100).collect(), issuer: lang::clean(&self.issuer).chars().take(200).collect(), ..self.clone() }
    }
}

/// A file as it was brought.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Name on the device it came from.
    pub name: String,
    /// Bytes.
    pub bytes: Vec<u8>,
}

/// A file or link of the library, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Tenant that keeps it.
    pub tenant: Uuid,
    /// Id.
    pub id: Uuid,
    /// Unit for which it was brought first.
    pub unit: Uuid,
    /// SHA-256, hex; of a link, of its address.
    pub sha256: String,
    /// File name, or the address without its scheme.
    pub name: String,
    /// Media type; `text/uri-list` for a link.
    pub media: String,
    /// Bytes.
    pub size: i64,
    /// Address of a link.
    pub url: Option<String>,
    /// What it says about itself.
    pub about: About,
    /// What the virus scan says.
    pub scan: Scan,
    /// When it was scanned last, or tried to; microseconds UTC.
    pub scanned_at: Option<i64>,
    /// What the scanner said.
    pub scan_note: String,
    /// Who brought it.
    pub brought_by: String,
    /// When; microseconds UTC.
    pub brought_at: i64,
}

impl Piece {
    /// Whether it proves something on a day: it has not ended, and no virus was found.
    pub fn valid_on(&self, day: Date) -> bool {
        holds(self.about.valid_until, self.scan, day)
    }
    /// Whether it has ended on a day.
    pub fn expired(&self, day: Date) -> bool {
        self.about.valid_until.is_some_and(|end| end < day)
    }
    /// Whether it ends within [`SOON`] days.
    pub fn expiring(&self, day: Date) -> bool {
        !self.expired(day) && soon(self.about.valid_until, day)
    }
    /// Whether it can be looked at in the page: PDF and pictures.
    pub fn previewable(&self) -> bool {
        matches!(FileKind::of_media(&self.media), Some(FileKind::Pdf | FileKind::Jpeg | FileKind::Png))
    }
}

fn holds(valid_until: Option<Date>, scan: Scan, day: Date) -> bool {
    scan != Scan::Infected && valid_until.is_none_or(|end| day <= end)
}

fn soon(valid_until: Option<Date>, day: Date) -> bool {
    valid_until.is_some_and(|end| day.until(end).is_ok_and(|span| span.get_days() <= SOON))
}

/// A line of the use of a file: linked to a subject, or unlinked with a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// What it proves.
    pub subject: Subject,
    /// File.
    pub file: Uuid,
    /// Number of the line among those of this file and subject, from 1.
    pub seq: i64,
    /// Linked, or unlinked.
    pub linked: bool,
    /// Why it was unlinked.
    pub reason: String,
    /// Who did it.
    pub who: String,
    /// When; microseconds UTC.
    pub at: i64,
}

/// How much evidence a subject has on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Files and links.
    pub all: usize,
    /// Those that hold on the day.
    pub valid: usize,
    /// Among the valid: those that end within [`SOON`] days.
    pub expiring: usize,
    /// Those that have ended.
    pub expired: usize,
}

impl Count {
    fn add(&mut self, valid_until: Option<Date>, scan: Scan, day: Date) {
        let valid = holds(valid_until, scan, day);
        self.all += 1;
        self.valid += usize::from(valid);
        self.expiring += usize::from(valid && soon(valid_until, day));
        self.expired += usize::from(valid_until.is_some_and(|end| end < day));
    }
}

/// What is plugged into the library at start.
#[derive(Default)]
pub(crate) struct Ports {
    scanner: RwLock<Option<Arc<dyn Scanner>>>,
    /// Files are kept back while no scanner is configured.
    strict: std::sync::atomic::AtomicBool,
    criteria: RwLock<Option<Arc<dyn CriteriaNames>>>,
    tasks: RwLock<Option<Arc<dyn TaskNames>>>,
    /// Rung when a file waits for its scan.
    pub(crate) bell: tokio::sync::Notify,
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ports").finish_non_exhaustive()
    }
}

impl Figures {
    /// The evidence library of this database.
    pub fn evidence(&self) -> Library {
        Library { figures: self.clone() }
    }

    /// Sets the virus scanner, and whether files are kept back while there is none; call it at start.
    pub fn set_scanner(&self, scanner: Option<Arc<dyn Scanner>>, serve_unscanned: bool) {
        let ports = self.evidence_ports();
        *ports.scanner.write().unwrap_or_else(PoisonError::into_inner) = scanner;
        ports.strict.store(!serve_unscanned, std::sync::atomic::Ordering::Relaxed);
    }

    /// Sets who names tasks on the pages of evidence; call it at start.
    pub fn set_tasks(&self, names: Arc<dyn TaskNames>) {
        *self.evidence_ports().tasks.write().unwrap_or_else(PoisonError::into_inner) = Some(names);
    }

    /// Sets who names criteria on the pages of evidence; call it at start.
    pub fn set_criteria(&self, names: Arc<dyn CriteriaNames>) {
        *self.evidence_ports().criteria.write().unwrap_or_else(PoisonError::into_inner) = Some(names);
    }
}

/// The evidence library. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Library {
    figures: Figures,
}

impl Library {
    /// Whether a scanner is configured: then nothing is given out before it is clean.
    pub fn scans(&self) -> bool {
        self.scanner().is_some()
    }

    fn scanner(&self) -> Option<Arc<dyn Scanner>> {
        self.figures.evidence_ports().scanner.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the scanner says about bytes that are kept elsewhere; not looked at while there is none, or it does not answer.
    pub async fn looked_at(&self, bytes: &[u8]) -> Scan {
        let Some(scanner) = self.scanner() else { return Scan::Unscanned };
        match scanner.scan(bytes).await {
            Ok(Verdict::Clean) => Scan::Clean,
            Ok(Verdict::Infected(_)) => Scan::Infected,
            Ok(Verdict::Refused(_)) => Scan::Refused,
            Err(problem) => {
                tracing::warn!(%problem, "the virus scanner said nothing");
                Scan::Unscanned
            }
        }
    }

    /// Whether a file may be given out to those who may see it. With a scanner only what it found clean; without one, what the
    /// installation allows (setting `serve_unscanned`, yes unless said otherwise).
    pub fn served(&self, scan: Scan) -> bool {
        let strict = self.figures.evidence_ports().strict.load(std::sync::atomic::Ordering::Relaxed);
        match scan {
            Scan::Clean | Scan::NotNeeded => true,
            Scan::Infected => false,
            Scan::Unscanned | Scan::Refused => !self.scans() && !strict,
        }
    }

    /// The evidence of a subject, the oldest first, for those who may see it.
    ///
    /// # Errors
    /// 404 for everybody else: what is not public does not exist for them.
    pub async fn list_for(&self, ctx: &Context, subject: &Subject) -> Result<Vec<Piece>, AppError> {
        let tenant = self.seen_tenant(ctx, subject.unit())?;
        store::of_subject(self.figures.db(), tenant, subject).await.map_err(db_error)
    }

    /// Whether a subject has evidence that holds on a day.
    ///
    /// # Errors
    /// As [`Library::list_for`].
    pub async fn has_valid(&self, ctx: &Context, subject: &Subject, on: Date) -> Result<bool, AppError> {
        Ok(self.list_for(ctx, subject).await?.iter().any(|p| p.valid_on(on)))
    }

    /// How much evidence each indicator of a set (or the one figure of a measure) has in a unit, by the indicator's code; one
    /// statement. Subjects without evidence are not in it.
    ///
    /// # Errors
    /// As [`Library::list_for`].
    pub async fn counts(&self, ctx: &Context, topic: Topic, unit: Uuid, on: Date) -> Result<HashMap<String, Count>, AppError> {
        let tenant = self.seen_tenant(ctx, unit)?;
        let rows = store::counted(self.figures.db(), topic, Some((tenant, unit))).await.map_err(db_error)?;
        let mut out: HashMap<String, Count> = HashMap::new();
        for (_, item, end, scan) in rows {
            out.entry(item).or_default().add(end, scan, on);
        }
        Ok(out)
    }

    /// The same for every unit of the country, by unit and code; one statement. For computing, not for showing: who may see which
    /// unit is left to the caller.
    ///
    /// # Errors
    /// What the database says.
    pub async fn counts_everywhere(&self, topic: Topic, on: Date) -> Result<HashMap<(Uuid, String), Count>, db::DbError> {
        let mut out: HashMap<(Uuid, String), Count> = HashMap::new();
        for (unit, item, end, scan) in store::counted(self.figures.db(), topic, None).await? {
            out.entry((unit, item)).or_default().add(end, scan, on);
        }
        Ok(out)
    }

    /// Whether somebody may add evidence in a unit.
    pub fn may_add(&self, ctx: &Context, unit: Uuid) -> bool {
        self.figures.may(ctx, Role::Officer, unit)
    }

    /// The words for a criterion; none when nobody knows it.
    pub async fn criterion(&self, subject: &Subject, lang: ui::Lang) -> Option<Named> {
        let Subject::Criterion { set, indicator, period, unit } = subject else { return None };
        let names = self.figures.evidence_ports().criteria.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        names.named(*set, indicator, *period, *unit, lang).await
    }

    /// The words for a task; none when nobody knows it.
    pub async fn task(&self, subject: &Subject, lang: ui::Lang) -> Option<Named> {
        let Subject::Task { task, unit, .. } = subject else { return None };
        let names = self.figures.evidence_ports().tasks.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        names.named(*task, *unit, lang).await
    }

    /// The evidence of a subject, the oldest first, for callers that decide themselves who may see it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn linked(&self, subject: &Subject) -> Result<Vec<Piece>, AppError> {
        let Some(tenant) = self.figures.places().atlas().unit(subject.unit()).map(|u| u.tenant) else { return Ok(Vec::new()) };
        store::of_subject(self.figures.db(), tenant, subject).await.map_err(db_error)
    }

    /// The same inside a transaction.
    ///
    /// # Errors
    /// What the database says.
    pub async fn linked_in(&self, tx: &mut db::Tx, subject: &Subject) -> Result<Vec<Piece>, AppError> {
        let Some(tenant) = self.figures.places().atlas().unit(subject.unit()).map(|u| u.tenant) else { return Ok(Vec::new()) };
        store::of_subject_tx(tx, tenant, subject).await.map_err(db_error)
    }

    /// The tenant of a unit that the reader may look into.
    fn seen_tenant(&self, ctx: &Context, unit: Uuid) -> Result<Uuid, AppError> {
        match self.figures.places().atlas().unit(unit) {
            Some(found) if self.figures.may(ctx, Role::Viewer, unit) => Ok(found.tenant),
            _ => Err(AppError::new("not_found", 404)),
        }
    }
}
