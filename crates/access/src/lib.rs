//! People, roles by place and date, sign-in, sessions, API tokens, the chained audit, and the one way to add a route.
//!
//! A request passes [`Access::layer`], which finds out who asks and hands every handler a [`Context`]. The context is the
//! first argument of every use case; the use case calls [`Context::require`] before anything else and [`audit`] inside the
//! transaction of what it does. Routes are added through [`Routes`] only, so that a test can list them all and prove that
//! each refuses those without rights.
//!
//! Absent on purpose: places. Units are known here by their UUID; what access must know about them comes through
//! [`UnitDirectory`].

mod access;
mod acts;
mod audit;
mod context;
mod delegation;
mod due;
mod error;
mod fence;
mod gate;
mod organisation;
mod pages;
mod passkey;
mod password;
mod post;
mod role;
mod routes;
mod scope;
mod secret;
mod service;
mod sign_on;
mod store;

pub use access::{Access, Options, Standing, UnitDirectory};
pub use audit::{AuditCheck, audit, audit_tenants, lock_tenant, verify_audit};
pub use context::{Context, Identity, Who};
pub use delegation::{Behalf, DelegationKind, signature};
pub use due::Due;
pub use error::db_error;
pub use fence::DataClass;
pub use organisation::{Body, Field, OrganisationKind, organisation_id};
pub use pages::routes;
pub use post::{Post, PostKind};
pub use role::{Grant, Role, allows};
pub use routes::{Need, RouteInfo, Routes};
pub use scope::{Area, Scopes};
pub use service::{
    Absence, Account, AccountPage, Ask, AuditAsk, AuditPage, DataRequest, Delegation, DemoPost, DemoSeed, HandOver, HeldGrant, Holder, Kept, MadeStandard,
    Member, Moved, NewAccount, NewDelegation, NewGrant, NewOrganisation, Organisation, Overdue, PersonalKind, Seat, SeatRole, Succession, Term,
};
pub use sign_on::Provider;
pub use store::SCHEMA;
pub use store::audit::Told;
