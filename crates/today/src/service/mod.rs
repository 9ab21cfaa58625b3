//! The use cases of today.

mod due;
mod remind;
mod wishes;

pub use due::{Due, Summary};
pub use wishes::Wishes;
