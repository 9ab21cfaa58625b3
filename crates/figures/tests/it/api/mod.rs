//! `/api/v1` through HTTP.

mod described;
pub mod gate;
mod hostile;
mod reading;
mod scope;
mod writing;
