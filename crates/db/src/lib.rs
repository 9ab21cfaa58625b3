//! One door to SQLite and PostgreSQL.
//!
//! Everything above this crate speaks in [`Stmt`] (a named constant of SQL with `$1` placeholders),
//! [`Arg`] and [`Row`]; which engine answers is decided once, by the address given to [`Db::open`].
//! The four storage types mean the same on both engines: 64-bit integer, text, UUID, bytes.
//! Decimals are scaled integers, instants are UTC microseconds, dates are ISO text, booleans are 0/1.

mod bulk;
mod copy;
mod door;
mod error;
pub mod lint;
mod migrate;
mod value;

pub use bulk::{Bulk, Conflict};
pub use copy::{CopiedTable, Target, copy};
pub use door::{Db, Engine, Pools, Tx};
pub use error::DbError;
pub use migrate::Migration;
pub use value::{Arg, Row, Type};

/// How far a statement reaches across tenants; read by the statement lint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Touches tenant tables and names one tenant (`tenant_id = $n`) for each of them.
    Tenant,
    /// Crosses tenants on purpose (a national figure). Listed by name in `docs/national-statements.txt`.
    National,
    /// Touches reference and local tables only.
    Shared,
}

/// A named SQL constant. The text is valid on both engines.
#[derive(Clone, Copy, Debug)]
pub struct Stmt {
    /// Unique name, `crate.what`, used in logs and lints.
    pub name: &'static str,
    /// The SQL with `$1` placeholders.
    pub sql: &'static str,
    /// See [`Reach`].
    pub reach: Reach,
}

/// Declares statements as constants and collects them in `ALL`, so that none escapes the lints.
///
/// ```
/// db::statements! {
///     FIND_UNIT: Shared = "SELECT unit_id FROM unit WHERE unit_id = $1";
/// }
/// assert_eq!(ALL.len(), 1);
/// ```
#[macro_export]
macro_rules! statements {
    ($($name:ident : $reach:ident = $sql:expr;)*) => {
        $(pub const $name: $crate::Stmt = $crate::Stmt {
            name: concat!(module_path!(), "::", stringify!($name)),
            sql: $sql,
            reach: $crate::Reach::$reach,
        };)*
        /// Every statement of this store, for the lints.
        pub const ALL: &[&$crate::Stmt] = &[$(&$name),*];
    };
}

/// Shorthand for a list of [`Arg`]s: `args![id, "text", 7_i64]`.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::Arg::from($value)),*] };
}

/// Where the rows of a table live once the database is spread over machines (Citus).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// Owned by one tenant; `tenant_id` leads every key.
    Tenant,
    /// Copied to every node: places, definitions, code lists, people.
    Reference,
    /// Stays on the coordinator: sessions, jobs, outbox.
    Local,
}

/// A table as registered by the crate that owns it, parents before children.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Name in the database.
    pub name: &'static str,
    /// See [`Spread`].
    pub spread: Spread,
}

impl Table {
    /// A table owned by tenants.
    pub const fn tenant(name: &'static str) -> Table {
        Table { name, spread: Spread::Tenant }
    }
    /// A table copied to every node.
    pub const fn reference(name: &'static str) -> Table {
        Table { name, spread: Spread::Reference }
    }
    /// A table of the coordinator.
    pub const fn local(name: &'static str) -> Table {
        Table { name, spread: Spread::Local }
    }
}

/// What one crate brings to the database.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// Tables, parents before children.
    pub tables: &'static [Table],
    /// Migrations, in order.
    pub migrations: &'static [Migration],
    /// Every statement, for the lints.
    pub statements: &'static [&'static [&'static Stmt]],
}
