//! Tables of this crate.

use db::Schema;

/// Schema of programme.
pub const SCHEMA: Schema = Schema { tables: &[], migrations: &[], statements: &[] };
