//! Criteria sets as dated data, scoring with evidence, appraisal, and the rehearsal of sets that are not signed yet.

pub mod api;
pub mod check;
pub mod facts;
mod flaw;
pub mod model;
pub mod pages;
pub mod rehearsal;
mod schema;
pub mod source;
#[cfg(test)]
mod tests;

pub use flaw::{At, Flaw, Lines};
pub use schema::SCHEMA;

use db::DbError;
use figures::Figures;

/// Criteria of one database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Criteria {
    figures: Figures,
}

impl Criteria {
    /// Opens the criteria of a migrated database.
    ///
    /// # Errors
    /// What the database says.
    pub async fn open(figures: Figures) -> Result<Criteria, DbError> {
        Ok(Criteria { figures })
    }

    /// The figures that it reads and writes.
    pub fn figures(&self) -> &Figures {
        &self.figures
    }
}
