//! Tables of this crate.

use db::Schema;

/// Schema of criteria.
pub const SCHEMA: Schema = Schema { tables: &[], migrations: &[], statements: &[] };
