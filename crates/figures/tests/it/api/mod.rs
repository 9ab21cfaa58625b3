//! `/api/v1` through HTTP.

mod described;
mod gate;
mod hostile;
mod reading;
mod writing;
