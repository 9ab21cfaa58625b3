//! Through HTTP, on both databases.

#[cfg(test)]
mod api;
#[cfg(test)]
mod boundaries;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod facts;
#[cfg(test)]
mod groups;
// So marked, the helpers are test code for the lints as well.

#[cfg(test)]
mod house;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod villages;
