//! Criteria sets as dated data, scoring with evidence, appraisal, and the rehearsal of sets that are not signed yet.

pub mod api;
pub mod check;
pub mod demo;
pub mod facts;
mod flaw;
pub mod model;
pub mod pages;
pub mod rehearsal;
mod schema;
mod service;
pub mod source;
pub mod store;
#[cfg(test)]
mod tests;

pub use flaw::{At, Flaw, Lines};
pub use schema::SCHEMA;
pub use service::*;
