//! Periodic reports: written from live figures, edited, issued with a number, kept for ever as they were issued.

pub mod api;
mod compose;
mod demo;
mod draw;
mod fact;
mod page;
mod pages;
mod refs;
mod service;
pub mod store;
mod template;

pub use compose::Composed;
pub use fact::{Changed, Fact};
pub(crate) use pages::routes;
pub use service::{Issue, NewReport, Report, Section, ToIssue};
pub use template::{Block, Template, templates};
