//! The office through HTTP: an officer, a reviewer, an administrator, and what happens on bad days.

mod bad_days;
pub mod house;
mod path;
