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
        Table::tenant("office_book"),
        Table::tenant("series"),
        Table::tenant("book_number"),
        Table::tenant("office_document"),
        Table::tenant("office_document_file"),
        Table::tenant("file_part"),
        Table::tenant("delivery"),
        Table::tenant("dispatch"),
        Table::tenant("dossier_list_item"),
        Table::tenant("dossier"),
        Table::tenant("dossier_event"),
        Table::tenant("draft"),
        Table::tenant("draft_version"),
        Table::tenant("draft_word"),
        Table::tenant("found_word"),
        Table::tenant("share_definition"),
        Table::tenant("share_count"),
        Table::tenant("trusted_certificate"),
    ],
    migrations: &[
        Migration { number: 600, name: "cases, procedures, calendars", sql: include_str!("../migrations/0600_cases.sql") },
        Migration { number: 650, name: "registers of documents, work dossiers, share", sql: include_str!("../migrations/0650_dossiers.sql") },
    ],
    statements: &[
        crate::store::ALL,
        crate::store::case::ALL,
        crate::store::certificate::ALL,
        crate::document::office::ALL,
        crate::document::file::ALL,
        crate::document::TRUST,
        crate::register::store::ALL,
        crate::dossier::store::ALL,
        crate::dossier::draft::ALL,
        crate::dossier::search::ALL,
        crate::share::store::ALL,
    ],
};
