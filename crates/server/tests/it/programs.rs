//! The real program, started and killed.

mod client;
mod killed;
mod killed_cases;
mod killed_dossiers;
mod served;
