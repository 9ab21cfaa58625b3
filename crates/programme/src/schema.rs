//! Tables of this crate.

use db::{Migration, Schema, Table};

/// Schema of programme.
pub const SCHEMA: Schema = Schema {
    tables: &[
        Table::reference("document"),
        Table::reference("document_file"),
        Table::reference("plan"),
        Table::reference("plan_version"),
        Table::tenant("plan_decision"),
    ],
    migrations: &[Migration { number: 500, name: "programme", sql: include_str!("../migrations/0500_programme.sql") }],
    statements: &[crate::store::document::ALL, crate::store::plan::ALL],
};
