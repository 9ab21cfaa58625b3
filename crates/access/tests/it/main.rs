//! Through HTTP, on both databases.

mod schema;
