//! Tables of this crate. All but the wishes of a person are about one machine's work and stay on the coordinator.

use db::{Migration, Schema, Table};

/// Schema of today.
pub const SCHEMA: Schema = Schema {
    tables: &[Table::reference("reminder"), Table::local("reminded"), Table::local("looked"), Table::local("mail_out")],
    migrations: &[Migration { number: 700, name: "today", sql: include_str!("../migrations/0700_today.sql") }],
    statements: &[crate::store::ALL],
};
