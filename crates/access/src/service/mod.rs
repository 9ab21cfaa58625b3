//! Use cases: the first argument is the context, authorise first, audit in the same transaction.

mod account;
mod audit;
mod data;
mod delegation;
mod grant;
mod organisation;
mod passkey;
mod post;
mod retention;
mod right;
mod second;
mod sign_in;
mod sign_on;
mod timeline;
mod token;

pub use account::{Account, AccountPage, DemoPost, DemoSeed, NewAccount};
pub use audit::{AuditAsk, AuditPage};
pub use data::PersonalKind;
pub use delegation::{Absence, Delegation, NewDelegation};
pub use grant::{HeldGrant, NewGrant};
pub(crate) use organisation::organisation_not_found;
pub use organisation::{HandOver, MadeStandard, Moved, NewOrganisation, Organisation, Succession};
pub(crate) use passkey::{Door, PasskeyView, Purpose};
pub use post::{Holder, Member, Seat, SeatRole};
pub use retention::{Kept, Overdue, Term};
pub use right::{Ask, DataRequest};
pub(crate) use sign_in::{Attempt, short_agent};
pub(crate) use sign_on::{Brought, Came, SignOnView};
pub(crate) use token::{NewToken, SessionView, TokenView};
