//! The only place with SQL: definitions here, cases in `case.rs`, certificates in `certificate.rs`.

pub mod case;
pub mod certificate;

use db::{Db, DbError, Row, Tx, args};
use uuid::Uuid;

db::statements! {
    CALENDARS: Shared = "SELECT scope_id, version, body, document, entered_by, entered_at FROM work_calendar ORDER BY scope_id, version";
    ADD_CALENDAR: Shared = "INSERT INTO work_calendar (scope_id, version, body, document, entered_by, entered_at) VALUES ($1, $2, $3, $4, $5, $6)";
    PROCEDURES: Shared = "SELECT code, version, state, body, entered_by, entered_at, published_by, published_at FROM procedure_version ORDER BY code, version";
    ADD_PROCEDURE: Shared = "INSERT INTO procedure_version (code, version, state, body, entered_by, entered_at, published_by, published_at) \
                             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    SAVE_DRAFT: Shared = "UPDATE procedure_version SET body = $3, entered_by = $4, entered_at = $5 WHERE code = $1 AND version = $2 AND state = 'draft'";
    PUBLISH: Shared = "UPDATE procedure_version SET state = 'published', published_by = $3, published_at = $4 WHERE code = $1 AND version = $2 AND state = 'draft'";
    RETIRE_OLDER: Shared = "UPDATE procedure_version SET state = 'retired' WHERE code = $1 AND version < $2 AND state = 'published'";
    DROP_DRAFT: Shared = "DELETE FROM procedure_version WHERE code = $1 AND version = $2 AND state = 'draft'";
}

/// A calendar as somebody entered it for a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarVersion {
    /// The unit: the nation or a province.
    pub scope: Uuid,
    /// Number of the version; the highest is in force.
    pub version: i64,
    /// TOML in the shape of `facts/calendar/holidays.toml`.
    pub body: String,
    /// The document.
    pub document: String,
    /// Who entered it.
    pub entered_by: String,
    /// When.
    pub entered_at: i64,
}

/// Every calendar entered, by unit and version.
///
/// # Errors
/// What the database says; so do all functions here.
pub async fn calendars(db: &Db) -> Result<Vec<CalendarVersion>, DbError> {
    let read = |row: &Row| {
        Ok(CalendarVersion {
            scope: row.uuid(0)?,
            version: row.int(1)?,
            body: row.text(2)?,
            document: row.text(3)?,
            entered_by: row.text(4)?,
            entered_at: row.int(5)?,
        })
    };
    db.all(&CALENDARS, args![]).await?.iter().map(read).collect()
}

/// Adds a version of a calendar.
pub async fn add_calendar(tx: &mut Tx, c: &CalendarVersion) -> Result<(), DbError> {
    tx.exec(&ADD_CALENDAR, args![c.scope, c.version, &c.body, &c.document, &c.entered_by, c.entered_at]).await.map(drop)
}

/// A stored version of a procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcedureRow {
    /// Code.
    pub code: String,
    /// Number.
    pub version: i64,
    /// `draft`, `published` or `retired`.
    pub state: String,
    /// The text.
    pub body: String,
    /// Who entered it.
    pub entered_by: String,
    /// When.
    pub entered_at: i64,
    /// Who published it.
    pub published_by: Option<String>,
    /// When.
    pub published_at: Option<i64>,
}

/// Every stored version, by code and number.
pub async fn procedures(db: &Db) -> Result<Vec<ProcedureRow>, DbError> {
    let read = |row: &Row| {
        Ok(ProcedureRow {
            code: row.text(0)?,
            version: row.int(1)?,
            state: row.text(2)?,
            body: row.text(3)?,
            entered_by: row.text(4)?,
            entered_at: row.int(5)?,
            published_by: row.text_opt(6)?,
            published_at: row.int_opt(7)?,
        })
    };
    db.all(&PROCEDURES, args![]).await?.iter().map(read).collect()
}

/// Adds a version.
pub async fn add_procedure(tx: &mut Tx, p: &ProcedureRow) -> Result<(), DbError> {
    tx.exec(&ADD_PROCEDURE, args![&p.code, p.version, &p.state, &p.body, &p.entered_by, p.entered_at, p.published_by.clone(), p.published_at]).await.map(drop)
}

/// Replaces the text of a draft; false when there is no such draft.
pub async fn save_draft(tx: &mut Tx, code: &str, version: i64, body: &str, who: &str, at: i64) -> Result<bool, DbError> {
    Ok(tx.exec(&SAVE_DRAFT, args![code, version, body, who, at]).await? == 1)
}

/// Publishes a draft and retires what was published before; false when there is no such draft.
pub async fn publish(tx: &mut Tx, code: &str, version: i64, who: &str, at: i64) -> Result<bool, DbError> {
    if tx.exec(&PUBLISH, args![code, version, who, at]).await? == 0 {
        return Ok(false);
    }
    tx.exec(&RETIRE_OLDER, args![code, version]).await.map(|_| true)
}

/// Throws a draft away.
pub async fn drop_draft(tx: &mut Tx, code: &str, version: i64) -> Result<bool, DbError> {
    Ok(tx.exec(&DROP_DRAFT, args![code, version]).await? == 1)
}
