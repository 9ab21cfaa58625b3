//! Cases: what is stored, and the use cases of the engine. Every transition is an event; the row of a case only says where the
//! last one left it.

mod acting;
mod answer;
mod change;
mod clock;
mod condition;
mod inbox;
mod look;
mod moved;
mod open;
mod paper;
mod recount;
mod rehearse;
mod task;
pub(crate) mod worker;
mod write;

pub use acting::Acting;
pub use clock::{Counted, Standing};
pub(crate) use clock::{instant, local};
pub use condition::Condition;
pub use inbox::{Inbox, InboxAsk, Item, Scope};
pub use look::{CaseView, Offer, Told};
pub use moved::Moved;
pub(crate) use open::{unknown_case, unknown_procedure, unknown_unit};
pub use paper::Brought;
pub use recount::Recounted;
pub use rehearse::{Rehearsal, Rehearsed};
pub use task::TaskAnswer;
pub use worker::Worker;
pub(crate) use write::event_words;

use calendar::Measure;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;
use work::Value;

/// The fields of a case by code.
pub type Fields = BTreeMap<String, Value>;

/// Where a case stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    /// Tenant that keeps it for life.
    pub tenant: Uuid,
    /// Id.
    pub id: Uuid,
    /// Code of the procedure.
    pub procedure: String,
    /// Its version, pinned when the case was opened.
    pub version: i64,
    /// The unit it is about, today its legal successor.
    pub unit: Uuid,
    /// The unit it was opened for.
    pub origin: Uuid,
    /// Title.
    pub title: String,
    /// What it belongs to in another domain; may be empty.
    pub subject: String,
    /// State.
    pub state: String,
    /// Whether something remains to be done. A settled case is closed here and still takes the actions of its state.
    pub open: bool,
    /// Number of the last event.
    pub seq: i64,
    /// The unit that holds it.
    pub holder_unit: Uuid,
    /// The actor that holds it.
    pub holder: String,
    /// The person it is assigned to.
    pub assignee_id: Option<Uuid>,
    /// Their name.
    pub assignee: String,
    /// Fields.
    pub fields: Fields,
    /// When it was opened.
    pub opened_at: i64,
    /// By whom.
    pub opened_by: String,
    /// When it entered its state.
    pub entered_at: i64,
    /// When it ended or was settled.
    pub ended_at: Option<i64>,
    /// The next deadline.
    pub due: Option<i64>,
}

/// Something that happened in a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventRow {
    /// Number, from 1.
    pub seq: i64,
    /// When.
    pub at: i64,
    /// Who.
    pub who_id: Option<Uuid>,
    /// Their name.
    pub who_name: String,
    /// As which post, by which delegation.
    pub acting: String,
    /// `open`, `act`, `task`, `assign`, `extend`, `paper`, `comment`, `recount`, `escalate`, `move`.
    pub kind: String,
    /// Code of the action or task.
    pub action: String,
    /// State before.
    pub from: String,
    /// State after.
    pub to: String,
    /// Fields that changed, before.
    pub was: Fields,
    /// The same after.
    pub became: Fields,
    /// A word.
    pub note: String,
}

impl EventRow {
    /// Whether somebody who saw the case before it must look again before acting.
    pub fn matters(&self) -> bool {
        !matches!(self.kind.as_str(), "recount" | "escalate" | "comment" | "paper")
    }
}

/// A stretch in which the clock stood still, as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredPause {
    /// Since when; microseconds.
    pub from: i64,
    /// Until when.
    pub to: Option<i64>,
    /// Why.
    pub vi: String,
    /// In English.
    pub en: String,
}

/// More time, as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredExtension {
    /// How much.
    pub amount: u32,
    /// Why.
    pub reason: String,
    /// By whom.
    pub by: String,
    /// When.
    pub at: i64,
}

/// Why a deadline is another one than was promised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// When it was counted again.
    pub at: i64,
    /// The deadline before.
    pub from: Option<i64>,
    /// The deadline after.
    pub to: Option<i64>,
    /// Why.
    pub vi: String,
    /// In English.
    pub en: String,
}

/// A clock of a case: the whole (`total`) or a step (`step:n`, numbered by the event that began it).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockRow {
    /// Which.
    pub clock: String,
    /// The state of a step; empty for the whole.
    pub state: String,
    /// Since when.
    pub started_at: i64,
    /// The limit; none while it is not known.
    pub amount: Option<u32>,
    /// Counted in.
    pub measure: Measure,
    /// The deadline as it was told first; it never changes.
    pub promised: Option<i64>,
    /// The deadline now.
    pub due: Option<i64>,
    /// When it stopped for good.
    pub ended_at: Option<i64>,
    /// Whether it runs.
    pub open: bool,
    /// Whether those above were told that it is late.
    pub escalated: bool,
    /// When it stood still.
    pub pauses: Vec<StoredPause>,
    /// More time.
    pub extensions: Vec<StoredExtension>,
    /// Why the deadline moved.
    pub causes: Vec<Cause>,
}

/// The clock of the whole.
pub const TOTAL: &str = "total";

/// A task of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskRow {
    /// Number of the event that handed it out.
    pub seq: i64,
    /// Code.
    pub task: String,
    /// The unit that answers.
    pub holder_unit: Uuid,
    /// The actor that answers.
    pub holder: String,
    /// When it was handed out.
    pub opened_at: i64,
    /// Deadline.
    pub due: Option<i64>,
    /// Whether it waits.
    pub open: bool,
    /// `agreed`, `against`, `done`; empty while it waits.
    pub verdict: String,
    /// The word to it.
    pub note: String,
    /// By whom.
    pub done_by: String,
    /// When.
    pub done_at: Option<i64>,
}

/// A paper without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperRow {
    /// Id.
    pub id: Uuid,
    /// Code of its kind in the procedure.
    pub paper: String,
    /// File name.
    pub name: String,
    /// Media type.
    pub media: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256, hex.
    pub sha256: String,
    /// Number and date of the document.
    pub number: String,
    /// When it came.
    pub at: i64,
    /// From whom.
    pub who_name: String,
}

/// A word to a unit about a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeRow {
    /// Id.
    pub id: Uuid,
    /// Case.
    pub case: Uuid,
    /// Actor that is told.
    pub actor: String,
    /// When.
    pub at: i64,
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}
