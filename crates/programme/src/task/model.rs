//! What a task is and how it may go on. Pure rules, no I/O.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use ui::{Lang, Tone};
use uuid::Uuid;

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Given out, not yet taken.
    New,
    /// Taken by its owner.
    Accepted,
    /// Under way.
    Working,
    /// Said to be done, with proof of its output; waits for confirmation.
    Done,
    /// Confirmed by the level that gave it.
    Confirmed,
    /// Given back with a reason: to be done again.
    Returned,
    /// Called off.
    Cancelled,
}

/// What is done with a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The owner takes it.
    Accept,
    /// The owner begins.
    Start,
    /// The owner says that it is done; needs proof of the output.
    Finish,
    /// Whoever gave it confirms; never the person who said it was done.
    Confirm,
    /// Whoever gave it gives it back, with a reason.
    Return,
    /// Whoever gave it calls it off, with a reason.
    Cancel,
}

impl State {
    /// All of them, in the order of a board.
    pub const ALL: [State; 7] = [State::New, State::Accepted, State::Working, State::Returned, State::Done, State::Confirmed, State::Cancelled];

    /// The stored number.
    pub fn code(self) -> i64 {
        match self {
            State::New => 0,
            State::Accepted => 1,
            State::Working => 2,
            State::Done => 3,
            State::Confirmed => 4,
            State::Returned => 5,
            State::Cancelled => 6,
        }
    }

    /// Reads [`State::code`].
    pub fn from_code(code: i64) -> Option<State> {
        State::ALL.into_iter().find(|s| s.code() == code)
    }

    /// The stable word of addresses, files and the API.
    pub fn word(self) -> &'static str {
        match self {
            State::New => "new",
            State::Accepted => "accepted",
            State::Working => "working",
            State::Done => "done",
            State::Confirmed => "confirmed",
            State::Returned => "returned",
            State::Cancelled => "cancelled",
        }
    }

    /// Reads [`State::word`].
    pub fn from_word(word: &str) -> Option<State> {
        State::ALL.into_iter().find(|s| s.word() == word)
    }

    /// As people say it.
    pub fn label(self, l: Lang) -> &'static str {
        match self {
            State::New => l.t("mới giao", "new"),
            State::Accepted => l.t("đã nhận", "accepted"),
            State::Working => l.t("đang làm", "in progress"),
            State::Done => l.t("đã xong, chờ xác nhận", "done, to be confirmed"),
            State::Confirmed => l.t("đã xác nhận", "confirmed"),
            State::Returned => l.t("trả lại, làm tiếp", "returned"),
            State::Cancelled => l.t("đã hủy", "cancelled"),
        }
    }

    /// Its weight on a page; the word says the same.
    pub fn tone(self) -> Tone {
        match self {
            State::Confirmed => Tone::Good,
            State::Returned => Tone::Bad,
            State::Done | State::New => Tone::Warn,
            State::Accepted | State::Working | State::Cancelled => Tone::Plain,
        }
    }

    /// Whether its owner still has something to do.
    pub fn open(self) -> bool {
        matches!(self, State::New | State::Accepted | State::Working | State::Returned)
    }
}

impl Act {
    /// All of them, in the order of buttons.
    pub const ALL: [Act; 6] = [Act::Accept, Act::Start, Act::Finish, Act::Confirm, Act::Return, Act::Cancel];

    /// The stable word of forms and of the history.
    pub fn word(self) -> &'static str {
        match self {
            Act::Accept => "accept",
            Act::Start => "start",
            Act::Finish => "finish",
            Act::Confirm => "confirm",
            Act::Return => "return",
            Act::Cancel => "cancel",
        }
    }

    /// Reads [`Act::word`].
    pub fn from_word(word: &str) -> Option<Act> {
        Act::ALL.into_iter().find(|a| a.word() == word)
    }

    /// The verb on the button.
    pub fn label(self, l: Lang) -> &'static str {
        match self {
            Act::Accept => l.t("Nhận việc", "Accept"),
            Act::Start => l.t("Bắt đầu làm", "Start"),
            Act::Finish => l.t("Báo đã xong", "Report as done"),
            Act::Confirm => l.t("Xác nhận hoàn thành", "Confirm"),
            Act::Return => l.t("Trả lại", "Return"),
            Act::Cancel => l.t("Hủy nhiệm vụ", "Cancel the task"),
        }
    }

    /// Where it leads.
    pub fn to(self) -> State {
        match self {
            Act::Accept => State::Accepted,
            Act::Start => State::Working,
            Act::Finish => State::Done,
            Act::Confirm => State::Confirmed,
            Act::Return => State::Returned,
            Act::Cancel => State::Cancelled,
        }
    }

    /// Whether it belongs to the level that gave the task rather than to its owner.
    pub fn of_the_giver(self) -> bool {
        matches!(self, Act::Confirm | Act::Return | Act::Cancel)
    }

    /// Whether it must say why.
    pub fn needs_reason(self) -> bool {
        matches!(self, Act::Return | Act::Cancel)
    }
}

/// The state after an act; none when the act is not possible there.
pub fn next(state: State, act: Act) -> Option<State> {
    let fits = match act {
        Act::Accept => state == State::New,
        Act::Start => matches!(state, State::New | State::Accepted | State::Returned),
        Act::Finish => matches!(state, State::Accepted | State::Working | State::Returned),
        Act::Confirm | Act::Return => state == State::Done,
        Act::Cancel => state.open(),
    };
    fits.then(|| act.to())
}

/// Until when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Due {
    /// No deadline was set.
    #[default]
    Open,
    /// On a date.
    On(Date),
    /// So many working days after the day it was given, which is not counted.
    Days(u32),
}

/// Somebody who takes part: a unit, and the office in it when it is not the unit as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Unit.
    pub unit: Uuid,
    /// Department or organisation in the unit, such as `Sở Nông nghiệp và Môi trường`; empty for the unit itself.
    #[serde(default)]
    pub body: String,
    /// The organisation that `body` names, where the unit has one of that name; its name may have changed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<Uuid>,
}

/// What somebody writes into the form of a task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// Code of the plan it comes from; may be empty.
    pub plan: String,
    /// Target of the plan that it serves; may be empty.
    pub target: String,
    /// Goal: what it is done for.
    pub goal: String,
    /// Number in the plan: `2.1`.
    pub number: String,
    /// What is to be done.
    pub title: String,
    /// What must be there in the end.
    pub output: String,
}

/// A task.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Tenant of its owner.
    pub tenant: Uuid,
    /// Id.
    pub id: Uuid,
    /// The task that it is a part of: tenant and id.
    pub parent: Option<(Uuid, Uuid)>,
    /// What it says.
    pub words: Words,
    /// The one owner.
    pub owner: Party,
    /// Who helps.
    pub support: Vec<Party>,
    /// The unit that gave it.
    pub issuer: Uuid,
    /// The day it was given.
    pub assigned: Date,
    /// Until when.
    pub due: Due,
    /// Where it stands.
    pub state: State,
    /// Number of its last event; an act names the one it has seen.
    pub seq: i64,
    /// The day it was said to be done.
    pub done_on: Option<Date>,
    /// By which account.
    pub done_by: Option<Uuid>,
    /// Whether everybody who has signed in may read it: it comes from a published document.
    pub everybody: bool,
    /// Made up for a demonstration.
    pub synthetic: bool,
    /// Who wrote it.
    pub made_by: String,
    /// When, microseconds UTC.
    pub made_at: i64,
}

/// One line of a task's history: an act, a comment, a change of money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Position, from 1.
    pub seq: i64,
    /// When, microseconds UTC.
    pub at: i64,
    /// Account.
    pub who: Option<Uuid>,
    /// Name.
    pub who_name: String,
    /// The word of an act, or `make`, `edit`, `comment`, `money`, `proof`, `cascade`.
    pub kind: String,
    /// State before and after, for acts.
    pub states: Option<(State, State)>,
    /// What was said.
    pub words: String,
}

/// A piece of proof without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Id.
    pub id: Uuid,
    /// File name.
    pub name: String,
    /// Media type.
    pub media: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256, hex.
    pub sha256: String,
    /// Number of the document.
    pub number: String,
    /// Its date, ISO.
    pub issued: Option<String>,
    /// Who issued it.
    pub issuer: String,
    /// Who brought it.
    pub who_name: String,
    /// When, microseconds UTC.
    pub at: i64,
    /// State of its virus scan, for a file of the evidence library; none for a document that is only named.
    pub scan: Option<figures::evidence::Scan>,
}

impl Task {
    /// The task as a subject of the evidence library.
    pub fn subject(&self) -> Option<figures::evidence::Subject> {
        let period = calendar::Period::year(self.assigned.year())?;
        Some(figures::evidence::Subject::Task { task: self.id, period, unit: self.owner.unit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_and_codes_are_read_back() {
        for state in State::ALL {
            assert_eq!(State::from_code(state.code()), Some(state));
            assert_eq!(State::from_word(state.word()), Some(state));
        }
        for act in Act::ALL {
            assert_eq!(Act::from_word(act.word()), Some(act));
        }
        assert_eq!(State::from_code(9), None);
    }

    proptest! {
        /// Whatever people press, a task is confirmed only after it was done, and nothing moves after its end.
        #[test]
        fn the_end_is_the_end(acts in proptest::collection::vec(0..6usize, 0..40)) {
            let (mut state, mut done) = (State::New, false);
            for act in acts.into_iter().map(|n| Act::ALL[n]) {
                match next(state, act) {
                    Some(after) => {
                        prop_assert!(!matches!(state, State::Confirmed | State::Cancelled));
                        prop_assert!(after != State::Confirmed || (done && state == State::Done));
                        done |= after == State::Done;
                        state = after;
                    }
                    None => prop_assert!(state != act.to() || next(state, act).is_none()),
                }
            }
        }
    }
}
