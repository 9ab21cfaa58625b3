//! Boundaries of units from GeoJSON: read with bounds, matched to units of a day, projected, simplified per zoom level.

mod matched;
mod read;

pub use matched::{Matched, match_units};
pub use read::{Feature, Keys, MOST_BYTES, read};
