//! Use cases: the first argument is the context, authorise first, audit in the same transaction.

mod account;
mod grant;
mod sign_in;
mod token;

pub use account::{Account, AccountPage, DemoSeed, NewAccount};
pub use grant::{HeldGrant, NewGrant};
pub(crate) use token::{NewToken, SessionView, TokenView};
