//! Rehearsal: what a set would do to real units before anybody signs it.
//!
//! A [`Grid`] holds what a set and a period make of the whole country, indicator by indicator: values as whole numbers, units sorted so
//! that those with the same thresholds stand together, thresholds resolved once for each such run. Scoring it is comparing
//! arrays with constants; moving one threshold compares one array. The result is exactly what [`crate::model::judge`] says,
//! which a property test holds it to.

pub mod api;
mod column;
mod desk;
mod effect;
mod findings;
mod grid;
mod moves;
pub mod pages;
mod scenario;
mod score;
pub mod store;
#[cfg(test)]
mod tests;

pub use desk::{Desk, Snapshot};
pub use effect::{Count, Effect, Flip, effect, passing_in};
pub use findings::{Finding, Findings, Pair, Shift, findings, sensitivity};
pub use grid::{Class, Grid, Margin, Node, UnitRow};
pub use moves::{Move, MoveProblem, Moved, Scope};
pub use scenario::{Answer, MOST_MOVES, Question, Said};
pub use score::{Reading, Scored};
