//! The only folder of this crate with SQL.

pub mod document;
pub mod plan;
