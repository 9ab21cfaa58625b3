use crate::{Answer, Value};
use access::Context;
use jiff::civil::Date;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What a case is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Code of its procedure.
    pub procedure: String,
    /// The case.
    pub case: Uuid,
    /// The unit it is about.
    pub unit: Uuid,
    /// Its fields.
    pub fields: BTreeMap<String, Value>,
    /// The day on which it is asked.
    pub on: Date,
}

/// A case to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCase {
    /// Made by the caller; the same id again opens nothing and answers with the case that is there.
    pub id: Uuid,
    /// Code of the procedure; its version in force is pinned.
    pub procedure: String,
    /// The unit it is about.
    pub unit: Uuid,
    /// Title.
    pub title: String,
    /// What it belongs to in the domain that opens it, such as `criteria:assessment:…`; may be empty.
    pub subject: String,
    /// First fields.
    pub fields: BTreeMap<String, Value>,
}

/// Where a case stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRef {
    /// The case.
    pub id: Uuid,
    /// Number of its last event; send it back with an act so that two people never act on different pictures.
    pub seq: i64,
    /// Code of its state.
    pub state: String,
    /// The state in words, in the language of the context.
    pub state_label: String,
    /// Whether it has ended.
    pub ended: bool,
    /// Where it is shown.
    pub href: String,
}

/// A transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseAct {
    /// The case.
    pub case: Uuid,
    /// Code of the action.
    pub action: String,
    /// Number of the last event that was seen; none acts on whatever is there.
    pub seen: Option<i64>,
    /// Made by the caller; the same key again changes nothing and answers as before.
    pub key: String,
    /// Fields that the action asks for.
    pub fields: BTreeMap<String, Value>,
    /// A word to it.
    pub note: String,
}

/// A transition that has happened, told to those who listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseEvent {
    /// What it is about, with the fields after it.
    pub about: About,
    /// The tenant that holds the case.
    pub tenant: Uuid,
    /// Its subject, as given when it was opened.
    pub subject: String,
    /// Number of the event.
    pub seq: i64,
    /// Action.
    pub action: String,
    /// State before.
    pub from: String,
    /// State after.
    pub to: String,
    /// Words that the procedure emits with this action, such as `recognition.decided`.
    pub emits: Vec<String>,
}

/// The case engine. Everything runs inside the caller's transaction; nothing is kept when that is given up.
pub trait Cases: Send + Sync {
    /// Opens a case.
    fn open<'a>(&'a self, tx: &'a mut db::Tx, ctx: &'a Context, new: NewCase) -> Answer<'a, CaseRef>;

    /// Acts in a case. Refused with 409 `case_moved`, naming who did what, when somebody was faster.
    fn act<'a>(&'a self, tx: &'a mut db::Tx, ctx: &'a Context, act: CaseAct) -> Answer<'a, CaseRef>;

    /// The cases of a subject, oldest first, as far as the person may see them.
    fn of_subject<'a>(&'a self, ctx: &'a Context, unit: Uuid, subject: &'a str) -> Answer<'a, Vec<CaseRef>>;
}

/// A domain that listens to cases.
pub trait CaseHook: Send + Sync {
    /// The emitted words it waits for.
    fn listens(&self) -> &'static [&'static str];

    /// One of them came; runs inside the transaction of the transition, and an error undoes it.
    fn happened<'a>(&'a self, tx: &'a mut db::Tx, ctx: &'a Context, event: &'a CaseEvent) -> Answer<'a, ()>;
}
