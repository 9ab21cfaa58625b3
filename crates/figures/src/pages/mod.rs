//! HTML of figures: what everybody sees, and the office behind it.

mod office;
mod public;

pub use office::FiguresDuties;
pub use public::{FiguresPanel, Finder, Found, Said};

use crate::Figures;
use access::Routes;

/// Pages of figures.
pub fn routes() -> Routes<Figures> {
    public::routes().merge(office::routes())
}
