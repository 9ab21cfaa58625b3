//! Procedures as data, the legal clock, work dossiers and recognition.

pub mod api;
pub mod pages;
mod schema;

pub use schema::SCHEMA;

use db::DbError;
use figures::Figures;

/// Casework of one database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Casework {
    figures: Figures,
}

impl Casework {
    /// Opens casework of a migrated database.
    ///
    /// # Errors
    /// What the database says.
    pub async fn open(figures: Figures) -> Result<Casework, DbError> {
        Ok(Casework { figures })
    }

    /// The figures that it reads and writes.
    pub fn figures(&self) -> &Figures {
        &self.figures
    }
}
