//! Tables of this crate.

use db::{Migration, Schema, Table};

/// Schema of programme.
pub const SCHEMA: Schema = Schema {
    tables: &[
        Table::reference("document"),
        Table::reference("document_file"),
        Table::reference("document_text"),
        Table::reference("plan"),
        Table::reference("plan_version"),
        Table::tenant("plan_decision"),
        Table::tenant("task"),
        Table::tenant("task_event"),
        Table::tenant("task_child"),
        Table::tenant("task_support"),
        Table::tenant("task_proof"),
        Table::tenant("task_funding"),
        Table::tenant("works"),
        Table::tenant("works_line"),
        Table::tenant("report"),
        Table::tenant("report_text"),
        Table::tenant("report_issue"),
    ],
    migrations: &[
        Migration { number: 500, name: "programme", sql: include_str!("../migrations/0500_programme.sql") },
        Migration { number: 550, name: "tasks", sql: include_str!("../migrations/0550_tasks.sql") },
        Migration { number: 551, name: "funding", sql: include_str!("../migrations/0551_funding.sql") },
        Migration { number: 552, name: "reports", sql: include_str!("../migrations/0552_reports.sql") },
        Migration { number: 553, name: "task_offices", sql: include_str!("../migrations/0553_task_offices.sql") },
        Migration { number: 554, name: "document_text", sql: include_str!("../migrations/0554_document_text.sql") },
    ],
    statements: &[crate::store::document::ALL, crate::store::plan::ALL, crate::task::store::ALL, crate::funding::store::ALL, crate::report::store::ALL],
};
