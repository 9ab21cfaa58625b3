//! Tables of this crate.

use db::{Migration, Schema, Table};

/// Schema of criteria.
pub const SCHEMA: Schema = Schema {
    tables: &[
        Table::reference("criteria_set"),
        Table::reference("criteria_version"),
        Table::reference("criteria_level"),
        Table::reference("criteria_file"),
        Table::tenant("assessment"),
        Table::tenant("assessment_line"),
        Table::tenant("assessment_owner"),
        Table::tenant("assessment_recheck"),
        Table::tenant("recognition"),
        Table::tenant("scenario"),
    ],
    migrations: &[
        Migration { number: 400, name: "criteria", sql: include_str!("../migrations/0400_criteria.sql") },
        Migration { number: 410, name: "criteria: scenarios", sql: include_str!("../migrations/0410_scenario.sql") },
    ],
    statements: &[crate::store::ALL, crate::store::assess::ALL, crate::store::recognise::ALL, crate::rehearsal::store::ALL],
};
