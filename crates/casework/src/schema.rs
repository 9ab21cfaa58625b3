//! Tables of this crate.

use db::{Migration, Schema, Table};

/// Schema of casework.
pub const SCHEMA: Schema = Schema {
    tables: &[
        Table::reference("work_calendar"),
        Table::reference("procedure_version"),
        Table::tenant("work_case"),
        Table::tenant("case_event"),
        Table::tenant("case_clock"),
        Table::tenant("case_task"),
        Table::tenant("case_paper"),
        Table::tenant("case_notice"),
        Table::tenant("certificate"),
        Table::local("issuer_key"),
    ],
    migrations: &[Migration { number: 600, name: "cases, procedures, calendars", sql: include_str!("../migrations/0600_cases.sql") }],
    statements: &[crate::store::ALL, crate::store::case::ALL, crate::store::certificate::ALL],
};
