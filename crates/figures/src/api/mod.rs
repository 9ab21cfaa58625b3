//! `/api/v1` of figures. Every operation is described once, in [`operation`]; the same description reads the parameters,
//! makes the OpenAPI document and the readable page.

mod acceptance;
mod asked;
mod completeness;
mod entry;
mod evidence;
mod explain;
mod figure;
mod measure;
pub mod once;
mod openapi;
mod operation;
mod page;
mod param;
mod problem;
mod submission;
mod trend;
mod words;

pub use openapi::{describe, openapi};

use crate::Figures;
use access::{Need, Role, Routes};

/// Largest body of a bulk entry: 50,000 rows fit.
const BULK: usize = 24 * 1024 * 1024;

/// Measures, figures, explanations, completeness, and the description of all of `/api/v1`.
pub fn routes() -> Routes<Figures> {
    Routes::new()
        .get(operation::MEASURES.path, Need::Public, measure::list)
        .get(operation::MEASURE.path, Need::Public, measure::one)
        .get(operation::FIGURES.path, Need::Public, figure::list)
        .get(operation::TREND.path, Need::Public, trend::list)
        .get(operation::EXPLAIN.path, Need::Public, explain::one)
        .get(operation::EVIDENCE.path, Need::Role(Role::Viewer), evidence::list)
        .get(operation::COMPLETENESS.path, Need::Public, completeness::list)
        .upload(operation::ENTER.path, Need::Role(Role::Officer), BULK, entry::enter)
        .post(operation::SUBMIT.path, Need::Role(Role::Officer), submission::submit)
        .post(operation::DECIDE.path, Need::Role(Role::Reviewer), acceptance::decide)
        .get(operation::OPENAPI.path, Need::Public, openapi::document)
        .get(operation::DOCS.path, Need::Public, page::docs)
}
