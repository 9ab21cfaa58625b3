//! Figures: measures as data, an append-only ledger, roll-ups that are always fresh on both maps, and the way back
//! from any number to who entered what, on what evidence, under which definition.

mod acc;
pub mod api;
mod catalog;
pub mod intake;
mod ledger;
mod measure;
pub mod pages;
mod project;
mod schema;
mod service;
pub mod store;
mod value;

pub use acc::Acc;
pub use catalog::{Catalog, Known};
pub use ledger::{Line, State, Story};
pub use measure::{Carry, Definition, DefinitionProblem, Kind, Measure, OverTime, Rollup};
pub use project::{GROUP, Leaf, Maps, Spot, Succession, THEN, TODAY, carried, project};
pub use schema::SCHEMA;
pub use service::*;
pub use value::{LARGEST, Value, ValueProblem, percent, scale, unscale};
