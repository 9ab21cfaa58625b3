//! What the domains share about work without knowing each other: what is due for a person, cases, and facts about cases.
//!
//! Four ports and one board that holds what stands behind them. A domain puts itself on the [`Board`] when the platform is
//! composed; the others ask the board and never learn who answers.
//!
//! * [`DutySource`]: every domain says what is due for a person; the page *Hôm nay* asks all of them.
//! * [`Cases`]: the case engine. A domain that needs a procedure opens cases and acts in them; it never copies a state machine.
//! * [`CaseFacts`]: a domain offers facts about the subject of a case, such as "met 19 of 19", which guards of procedures read.
//! * [`CaseHook`]: a domain listens to what cases bring about, in the transaction of the transition, such as a recognised status.
//!
//! Absent on purpose: SQL, and any word of a particular domain.

mod board;
mod case;
mod duty;
mod fact;

pub use board::Board;
pub use case::{About, CaseAct, CaseEvent, CaseHook, CaseRef, Cases, NewCase};
pub use duty::{Duty, DutySource, Quick, Urgency};
pub use fact::{CaseFacts, Fact, FactName, Value};

use std::future::Future;
use std::pin::Pin;
use ui::AppError;

/// What a port answers: a future that a trait object can return.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, AppError>> + Send + 'a>>;
