//! Figures on real places, on every database.

mod carry;
mod ledger;
mod together;
mod world;
