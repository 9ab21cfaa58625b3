//! The programme through HTTP and through its use cases, on every database.

mod facts;
mod house;
