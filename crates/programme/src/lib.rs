//! Documents, plans, targets and tasks of the programme, and the reports that must be signed.

pub mod api;
pub mod pages;
mod schema;

pub use schema::SCHEMA;

use db::DbError;
use figures::Figures;

/// Programme of one database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Programme {
    figures: Figures,
}

impl Programme {
    /// Opens the programme of a migrated database.
    ///
    /// # Errors
    /// What the database says.
    pub async fn open(figures: Figures) -> Result<Programme, DbError> {
        Ok(Programme { figures })
    }

    /// The figures that it reads and writes.
    pub fn figures(&self) -> &Figures {
        &self.figures
    }
}
