//! The real program, started and killed.

mod client;
mod killed;
mod served;
