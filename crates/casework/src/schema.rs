//! Tables of this crate.

use db::Schema;

/// Schema of casework.
pub const SCHEMA: Schema = Schema { tables: &[], migrations: &[], statements: &[] };
