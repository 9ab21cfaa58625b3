//! Tables of this crate.

use db::{Migration, Schema, Table};

/// Schema of figures.
pub const SCHEMA: Schema = Schema {
    tables: &[
        Table::reference("tenant"),
        Table::reference("measure"),
        Table::reference("measure_version"),
        Table::tenant("act"),
        Table::tenant("ledger"),
        Table::tenant("figure"),
        Table::tenant("waiting"),
        Table::tenant("evidence_file"),
        Table::tenant("evidence_content"),
        Table::tenant("evidence_use"),
        Table::tenant("submission"),
        Table::tenant("reporting_round"),
        Table::tenant("idempotency"),
        Table::tenant("import_mapping"),
        Table::tenant("typed"),
        Table::local("import_job"),
    ],
    migrations: &[
        Migration { number: 300, name: "figures", sql: include_str!("../migrations/0300_figures.sql") },
        Migration { number: 301, name: "figures: what waits", sql: include_str!("../migrations/0301_waiting.sql") },
        Migration { number: 302, name: "intake", sql: include_str!("../migrations/0302_intake.sql") },
        Migration { number: 310, name: "figures: one evidence library", sql: include_str!("../migrations/0310_evidence_library.sql") },
        Migration { number: 320, name: "figures: the burden", sql: include_str!("../migrations/0320_typed.sql") },
    ],
    statements: &[
        crate::store::ALL,
        crate::store::rooms::ALL,
        crate::store::waiting::ALL,
        crate::store::evidence::ALL,
        crate::store::typed::ALL,
        crate::intake::STATEMENTS,
    ],
};
