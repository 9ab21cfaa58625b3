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
        Table::tenant("assessment_past"),
        Table::tenant("assessment_round"),
        Table::tenant("recognition"),
        Table::tenant("scenario"),
    ],
    migrations: &[
        Migration { number: 400, name: "criteria", sql: include_str!("../migrations/0400_criteria.sql") },
        Migration { number: 410, name: "criteria: scenarios", sql: include_str!("../migrations/0410_scenario.sql") },
        Migration { number: 420, name: "criteria: what was known when", sql: include_str!("../migrations/0420_known.sql") },
    ],
    statements: &[
        crate::store::ALL,
        crate::store::assess::ALL,
        crate::store::office::ALL,
        crate::store::past::ALL,
        crate::store::recognise::ALL,
        crate::rehearsal::store::ALL,
    ],
};
