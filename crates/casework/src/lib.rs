//! Procedures as data, the legal clock, work dossiers and recognition.

pub mod api;
pub mod pages;
mod schema;

pub use schema::SCHEMA;

use db::DbError;
use figures::Figures;
use work::Board;

/// Casework of one database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Casework {
    figures: Figures,
    board: Board,
}

impl Casework {
    /// Opens casework of a migrated database.
    ///
    /// # Errors
    /// What the database says.
    pub async fn open(figures: Figures, board: Board) -> Result<Casework, DbError> {
        Ok(Casework { figures, board })
    }

    /// Where the domains meet about work.
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// The figures that it reads and writes.
    pub fn figures(&self) -> &Figures {
        &self.figures
    }
}
