//! Tasks: goal, task, one owner, deadline in working days, output, and how far it is.

pub mod api;
mod board;
mod cascade;
pub mod deadline;
mod demo;
mod duties;
mod export;
mod form;
mod import;
pub mod model;
mod office;
mod page;
mod pages;
mod panel;
mod proof;
mod read;
mod seed;
mod service;
pub mod store;
mod words;

pub use cascade::Cascaded;
pub use duties::TaskDuties;
pub use model::{Act, Due, Event, Party, Proof, State, Task, Words};
pub use panel::TasksPanel;
pub use proof::{NewProof, TaskTitles};
pub use read::{Asked, Late, Seen, Waiting};
pub use service::NewTask;

pub(crate) use board::place;
pub(crate) use export::table as task_table;
pub(crate) use form::{Typed, date, value};
pub(crate) use page::{again, parse};
pub(crate) use pages::routes;
pub(crate) use proof::hex;
pub(crate) use service::{line, lines, reason, refuse, unknown_unit};
pub(crate) use words::{headline, last_day, late as late_words, moment, party};

use calendar::WorkCalendar;
use std::sync::{Arc, LazyLock};

static SHIPPED: LazyLock<Arc<WorkCalendar>> = LazyLock::new(|| Arc::new(WorkCalendar::shipped().unwrap_or_default()));

/// The calendar of the facts, by which deadlines are counted where nobody entered another.
pub(crate) fn shipped() -> Arc<WorkCalendar> {
    Arc::clone(&SHIPPED)
}
