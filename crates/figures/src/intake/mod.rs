//! Workbooks in and out: the form that comes back, foreign workbooks, and the jobs that read them.
//!
//! The way of a file: `open` inspects and reads it into a `Book`; a `Plan` says which column is what (from the keys inside our
//! own form, or proposed, corrected by a person and remembered); `extract` makes entries, problems and questions of it;
//! [`Figures::enter`] judges and writes; what is wrong goes back in the same workbook.

pub mod bench;
mod book;
mod check;
mod demo;
mod desk;
mod extract;
mod foreign;
mod form;
mod grid;
mod layout;
mod open;
mod pages;
mod plan;
mod propose;
mod read;
mod store;
mod units;
mod view;

use crate::Figures;
use access::{Need, Role, Routes};

pub(crate) use desk::Desk;
pub use grid::grid;
pub(crate) use store::ALL as STATEMENTS;

/// Bytes of a request with a file in it.
const MAX_BODY: usize = 21_000_000;

/// Pages of the intake.
pub fn routes() -> Routes<Figures> {
    let officer = Need::Role(Role::Officer);
    Routes::new()
        .get("/intake", officer, pages::home)
        .upload("/intake", officer, MAX_BODY, pages::upload)
        .get("/intake/template.xlsx", officer, pages::template)
        .get("/intake/demo.xlsx", officer, pages::demo)
        .get("/intake/{job}", officer, pages::show)
        .get("/intake/{job}/live", officer, pages::live)
        .get("/intake/{job}/marked.xlsx", officer, pages::marked)
        .post("/intake/{job}/map", officer, pages::map)
        .post("/intake/{job}/answer", officer, pages::answer)
        .post("/intake/{job}/write", officer, pages::write)
        .post("/intake/{job}/cancel", officer, pages::cancel)
        .post("/intake/{job}/resume", officer, pages::resume)
}
