//! Figures on real places, on every database.

mod api;
mod carry;
mod intake;
mod ledger;
mod together;
mod world;
