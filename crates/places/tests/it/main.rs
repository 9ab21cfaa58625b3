//! Through HTTP, on both databases.

#[cfg(test)]
mod api;
#[cfg(test)]
mod changes;
mod facts;
// So marked, the helpers are test code for the lints as well.
#[cfg(test)]
mod house;
mod schema;
