//! Work dossiers (hồ sơ công việc): opened from the yearly list, given to somebody, worked on, closed, handed to the archive.
//!
//! Not the procedure file of a citizen (hồ sơ thủ tục hành chính) and not the file of an OCOP product: those are other things
//! with other names. A dossier's own life is small (open, closed, archived); what happens to a draft inside is in [`draft`].

pub mod api;
mod difference;
pub mod draft;
mod duty;
pub(crate) mod heir;
mod life;
mod list;
pub(crate) mod pages;
mod path;
mod report;
pub(crate) mod search;
pub mod step;
pub(crate) mod store;

pub use difference::{Line, difference};
pub use draft::{Draft, DraftVersion, Word};
pub use duty::DossierDuties;
pub use heir::DossierHandOver;
pub use life::{Given, NewDossier};
pub use path::{Issuing, Signing};
pub use report::{Balance, Load, OpenItem, loads};
pub use search::Found;
pub use step::{How, Step, Trace};
pub use store::{Dossier, Event, ListItem, State};

use crate::Casework;
use crate::document::Office;
use access::{Context, audit, db_error, lock_tenant};
use db::Tx;
use jiff::civil::Date;
use store::NEVER;
use ui::{AppError, Lang};
use uuid::Uuid;

/// What the holder of a dossier has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Give it to somebody.
    Assign,
    /// Work on it.
    Work,
    /// Sign or give back.
    Sign,
    /// Give it a number and issue it.
    Issue,
    /// Close it.
    Close,
    /// Nothing more.
    Done,
}

impl Stage {
    /// All of them.
    pub const ALL: [Stage; 6] = [Stage::Assign, Stage::Work, Stage::Sign, Stage::Issue, Stage::Close, Stage::Done];

    /// The word in the database.
    pub fn word(self) -> &'static str {
        match self {
            Stage::Assign => "assign",
            Stage::Work => "work",
            Stage::Sign => "sign",
            Stage::Issue => "issue",
            Stage::Close => "close",
            Stage::Done => "done",
        }
    }

    /// Reads [`Stage::word`]; anything else is work.
    pub fn from_word(word: &str) -> Stage {
        Stage::ALL.into_iter().find(|s| s.word() == word).unwrap_or(Stage::Work)
    }

    /// What is done in it, as a verb.
    pub fn label(self, l: Lang) -> &'static str {
        match self {
            Stage::Assign => l.t("chờ giao việc", "to be assigned"),
            Stage::Work => l.t("đang xử lý", "being worked on"),
            Stage::Sign => l.t("chờ ký", "to be signed"),
            Stage::Issue => l.t("chờ phát hành", "to be issued"),
            Stage::Close => l.t("chờ kết thúc", "to be closed"),
            Stage::Done => l.t("đã kết thúc", "closed"),
        }
    }
}

/// A dossier that is being changed, with the events that are written with it.
pub(crate) struct Change {
    pub tx: Tx,
    pub dossier: Dossier,
    seen: i64,
    events: Vec<Event>,
}

impl Change {
    /// Adds an event.
    pub(crate) fn happened(&mut self, ctx: &Context, step: Step, how: How, document: Option<Uuid>, to: &str, note: &str) {
        let event = event(&mut self.dossier, ctx, (step, how), document, to, note);
        self.events.push(event);
    }

    /// Hands the dossier to somebody (or to nobody in particular) for a stage.
    pub(crate) fn pass(&mut self, ctx: &Context, stage: Stage, holder: Option<(Uuid, &str)>) {
        pass(&mut self.dossier, ctx, stage, holder);
    }

    /// Writes it without ending the transaction.
    pub(crate) async fn write(&mut self, ctx: &Context, office: &Office) -> Result<(), AppError> {
        if !store::save(&mut self.tx, office.tenant, &self.dossier, self.seen).await.map_err(db_error)? {
            return Err(moved(None));
        }
        for event in self.events.drain(..) {
            store::add_event(&mut self.tx, office.tenant, self.dossier.id, ctx.account_id(), &event).await.map_err(db_error)?;
        }
        self.seen = self.dossier.seq;
        Ok(())
    }

    /// Writes it with a line in the audit, and ends the transaction.
    pub(crate) async fn finish(mut self, ctx: &Context, office: &Office, act: &str, detail: serde_json::Value) -> Result<Dossier, AppError> {
        self.write(ctx, office).await?;
        audit(&mut self.tx, ctx, office.tenant, act, &self.dossier.id.to_string(), detail).await.map_err(db_error)?;
        self.tx.commit().await.map_err(db_error)?;
        Ok(self.dossier)
    }
}

/// The next event of a dossier, which from now on counts it.
pub(crate) fn event(d: &mut Dossier, ctx: &Context, (step, how): (Step, How), document: Option<Uuid>, to: &str, note: &str) -> Event {
    d.seq += 1;
    d.trace = d.trace.with(step, how);
    Event {
        seq: d.seq,
        at: calendar::micros(ctx.at),
        who_name: ctx.author_name().to_owned(),
        step,
        how,
        document,
        to_name: to.to_owned(),
        note: note.chars().take(1_000).collect(),
    }
}

pub(crate) fn pass(d: &mut Dossier, ctx: &Context, stage: Stage, holder: Option<(Uuid, &str)>) {
    d.stage = stage.word().to_owned();
    d.holder = holder.map(|h| h.0);
    d.holder_name = holder.map(|h| h.1.to_owned()).unwrap_or_default();
    d.since = calendar::micros(ctx.at);
}

/// The refusal when somebody else was faster.
pub(crate) fn moved(last: Option<&Event>) -> AppError {
    let error = AppError::new("dossier_moved", 409);
    let error = match last {
        Some(e) => error.say(
            format!("Trong lúc bạn xem, {} đã làm bước “{}” với hồ sơ này.", e.who_name, e.step.label(Lang::Vi)),
            format!("Meanwhile {} did “{}” with this dossier.", e.who_name, e.step.label(Lang::En)),
        ),
        None => error.say("Trong lúc bạn xem, người khác đã thay đổi hồ sơ này.", "Meanwhile somebody else changed this dossier."),
    };
    error.mend("Tải lại trang, xem bước mới rồi làm tiếp.", "Reload the page, look at the new step and go on.")
}

/// The refusal of a dossier that does not exist, or not for the one who asks.
pub fn dossier_unknown() -> AppError {
    AppError::new("unknown_dossier", 404)
        .say("Không có hồ sơ công việc này trong cơ quan của bạn.", "There is no such work dossier in your office.")
        .mend("Tìm theo số, ký hiệu hoặc tên hồ sơ.", "Search by code or title.")
}

pub(crate) fn not_open(d: &Dossier) -> AppError {
    AppError::new("dossier_closed", 409)
        .say(format!("Hồ sơ {} đã kết thúc.", d.code), format!("The dossier {} is closed.", d.code))
        .mend("Lãnh đạo có thể mở lại, kèm lý do.", "The head may open it again, with the reason.")
}

/// The deadline as kept.
pub(crate) fn due_text(due: Option<Date>) -> String {
    due.map_or_else(|| NEVER.to_owned(), |d| d.to_string())
}

impl Casework {
    /// Opens a dossier for changing. `seen` is the last event that the reader saw.
    pub(crate) async fn change(&self, ctx: &Context, office: &Office, id: Uuid, seen: Option<i64>) -> Result<Change, AppError> {
        office.require_inside(ctx)?;
        let mut tx = self.db().begin().await.map_err(db_error)?;
        lock_tenant(&mut tx, office.tenant).await.map_err(db_error)?;
        let dossier = store::one_tx(&mut tx, office.tenant, id).await.map_err(db_error)?.filter(|d| d.office == office.id).ok_or_else(dossier_unknown)?;
        if seen.is_some_and(|s| s != dossier.seq) {
            drop(tx);
            let events = store::events(self.db(), office.tenant, id).await.map_err(db_error)?;
            return Err(moved(events.last()));
        }
        Ok(Change { tx, seen: dossier.seq, dossier, events: Vec::new() })
    }

    /// The same for one that is open.
    pub(crate) async fn change_open(&self, ctx: &Context, office: &Office, id: Uuid, seen: Option<i64>) -> Result<Change, AppError> {
        let change = self.change(ctx, office, id, seen).await?;
        if change.dossier.state != State::Open {
            return Err(not_open(&change.dossier));
        }
        Ok(change)
    }

    /// One dossier with its events, for those who work in its office or in its successor.
    ///
    /// # Errors
    /// 404 `unknown_dossier`.
    pub async fn dossier(&self, ctx: &Context, office: &Office, id: Uuid) -> Result<(Dossier, Vec<Event>), AppError> {
        self.require_reader(ctx, office).await?;
        let dossier = store::one(self.db(), office.tenant, id).await.map_err(db_error)?.filter(|d| d.office == office.id).ok_or_else(dossier_unknown)?;
        let events = store::events(self.db(), office.tenant, id).await.map_err(db_error)?;
        Ok((dossier, events))
    }

    /// The documents of a dossier, by day: also those that an office before this one registered, in whose book they stay.
    ///
    /// # Errors
    /// What the database says.
    pub async fn dossier_documents(&self, ctx: &Context, office: &Office, id: Uuid) -> Result<Vec<crate::register::Document>, AppError> {
        let mut tenants: Vec<Uuid> = self.offices_before(ctx, office).await?.into_iter().map(|o| o.tenant).chain([office.tenant]).collect();
        tenants.sort_unstable();
        tenants.dedup();
        let mut out = Vec::new();
        for tenant in tenants {
            out.extend(crate::register::store::of_dossier(self.db(), tenant, id).await.map_err(db_error)?);
        }
        out.sort_by(|a, b| (&a.day, a.id).cmp(&(&b.day, b.id)));
        Ok(out)
    }

    /// Open dossiers that the caller holds, by deadline, in an office.
    ///
    /// # Errors
    /// 404 for those who do not work there.
    pub async fn held_dossiers(&self, ctx: &Context, office: &Office, limit: i64) -> Result<Vec<Dossier>, AppError> {
        office.require_inside(ctx)?;
        let Some(account) = ctx.account_id() else { return Ok(Vec::new()) };
        let all = store::held_by(self.db(), office.tenant, account, limit).await.map_err(db_error)?;
        Ok(all.into_iter().filter(|d| d.office == office.id).collect())
    }

    /// Dossiers of an office in a state, by deadline, behind a key; and whether there is more.
    ///
    /// # Errors
    /// 404 for strangers.
    pub async fn dossiers(
        &self,
        ctx: &Context,
        office: &Office,
        state: State,
        after: Option<(String, Uuid)>,
        limit: i64,
    ) -> Result<(Vec<Dossier>, bool), AppError> {
        self.require_reader(ctx, office).await?;
        let (due, id) = after.unwrap_or((String::new(), Uuid::nil()));
        let mut found = store::of_office(self.db(), office.tenant, office.id, state, (&due, id), limit + 1).await.map_err(db_error)?;
        let limit = usize::try_from(limit).unwrap_or_default();
        let more = found.len() > limit;
        found.truncate(limit);
        Ok((found, more))
    }
}
