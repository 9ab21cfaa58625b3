//! Through HTTP, on both databases.

mod accounts;
mod gate;
mod house;
mod me;
mod schema;
mod sign_in;
