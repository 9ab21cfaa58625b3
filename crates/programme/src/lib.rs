//! Documents, plans, targets and tasks of the programme, and the reports that must be signed.

pub mod api;
mod check;
mod closing;
mod demo;
mod document;
pub mod exchange;
pub mod facts;
mod forms;
pub mod funding;
pub mod pages;
mod plan;
mod register;
pub mod report;
mod schema;
mod service;
pub mod store;
pub mod tally;
pub mod task;
mod verdict;

pub use check::{Lines, Rows, Spot, Wrong, check, read_toml, refusal};
pub use closing::{Closing, Early, closing};
pub use document::{Confidence, Document, DocumentKind, Kept, Sought, Validity};
pub use plan::{Claim, Definition, Head, How, Op, Pillar, Plan, PlanKind, Reading, Show, Stated, Target, TaskGroup, Tree, may_come};
pub use register::{Held, Register, Stricter};
pub use schema::SCHEMA;
pub use service::Programme;
pub use service::progress::{Lack, Progress};
pub use verdict::{Case, Forecast, Verdict, forecast, judge};
