//! Through HTTP, on both databases.

mod accounts;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod delegations;
mod gate;
// So marked, the helpers are test code for the lints as well.
#[cfg(test)]
mod house;
mod me;
#[cfg(test)]
mod organisations;
#[cfg(test)]
mod passkey;
#[cfg(test)]
mod provider;
mod rights;
mod schema;
#[cfg(test)]
mod second;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod sign_on;
