//! Writing and undoing changes of units.

use super::{date_at, date_opt, unknown};
use crate::model::ChangeKind;
use crate::plan::{Edit, Plan, Record, Words};
use db::{Bulk, Conflict, Db, DbError, Row, Tx, Type, args};
use jiff::civil::Date;
use uuid::Uuid;

db::statements! {
    CLOSE: Shared = "UPDATE unit_version SET valid_to = $3 WHERE unit_id = $1 AND valid_from = $2";
    DROP_VERSION: Shared = "DELETE FROM unit_version WHERE unit_id = $1 AND valid_from = $2";
    ALTER: Shared = "UPDATE unit_version SET kind = $3, name = $4, full_name = $5, code = $6, parent_id = $7 WHERE unit_id = $1 AND valid_from = $2";
    STATUS: Shared = "UPDATE unit_change SET status = $2 WHERE change_id = $1 AND status = 'applied'";
    ENTERED: Shared = "SELECT change_id, kind, effective, decree, decree_date, status, note, plan, entered_by, entered_at FROM unit_change \
                       WHERE plan IS NOT NULL AND entered_at <= $1 ORDER BY entered_at DESC, change_id DESC LIMIT $2";
    ONE: Shared = "SELECT change_id, kind, effective, decree, decree_date, status, note, plan, entered_by, entered_at FROM unit_change WHERE change_id = $1";
    SHARES: Shared = "SELECT change_id, ordinal, by_population, by_area, is_default, source FROM unit_change_share";
    TOUCHED: Shared = "SELECT p.from_id, p.to_id FROM unit_change_part p JOIN unit_change c ON c.change_id = p.change_id \
                       WHERE c.plan IS NOT NULL AND c.status = 'applied'";
}

const SHARE: Bulk<'_> = Bulk {
    table: "unit_change_share",
    columns: &[
        ("change_id", Type::Uuid),
        ("ordinal", Type::Int),
        ("by_population", Type::Int),
        ("by_area", Type::Int),
        ("is_default", Type::Int),
        ("source", Type::Text),
        ("entered_by", Type::Text),
        ("entered_at", Type::Int),
    ],
    conflict: Conflict::Replace { key: 2 },
};

/// A change that somebody entered, whether it stands or was undone.
#[derive(Clone, Debug)]
pub struct Entered {
    /// Id.
    pub id: Uuid,
    /// Kind.
    pub kind: ChangeKind,
    /// Day of effect.
    pub effective: Date,
    /// Decree.
    pub decree: String,
    /// Its date.
    pub decree_date: Option<Date>,
    /// Whether it stands.
    pub applied: bool,
    /// Note.
    pub note: String,
    /// What undoing needs.
    pub record: Record,
    /// Who.
    pub by: String,
    /// When, microseconds UTC.
    pub at: i64,
}

fn entered(row: &Row) -> Result<Option<Entered>, DbError> {
    let Some(plan) = row.text_opt(7)? else { return Ok(None) };
    let word = row.text(1)?;
    Ok(Some(Entered {
        id: row.uuid(0)?,
        kind: ChangeKind::from_word(&word).ok_or_else(|| unknown("kind of change", &word))?,
        effective: date_at(row, 2)?,
        decree: row.text(3)?,
        decree_date: date_opt(row, 4)?,
        applied: row.text(5)? == "applied",
        note: row.text(6)?,
        record: serde_json::from_str(&plan).map_err(DbError::defect)?,
        by: row.text(8)?,
        at: row.int(9)?,
    }))
}

/// The changes entered up to an instant, the newest first.
pub async fn list(db: &Db, until: i64, limit: i64) -> Result<Vec<Entered>, DbError> {
    let rows = db.all(&ENTERED, args![until, limit]).await?;
    rows.iter().filter_map(|row| entered(row).transpose()).collect()
}

/// One change that somebody entered.
pub async fn one(tx: &mut Tx, id: Uuid) -> Result<Option<Entered>, DbError> {
    tx.opt(&ONE, args![id]).await?.as_ref().map(entered).transpose().map(Option::flatten)
}

/// Writes a planned change: closes, opens, the event with its parts. Without a record it cannot be undone (villages).
pub async fn apply(tx: &mut Tx, plan: &Plan, record: Option<&Record>, by: &str, at: i64) -> Result<(), DbError> {
    let mut units = plan.created.clone();
    for edit in &plan.edits {
        if let Edit::Close { unit, from, to, .. } = edit {
            tx.exec(&CLOSE, args![unit, from.to_string(), to.to_string()]).await?;
        }
    }
    let mut living = Vec::new();
    for (id, version) in &plan.versions {
        match units.iter_mut().find(|u| u.id == *id) {
            Some(new) => new.versions.push(version.clone()),
            None => living.push((*id, version.clone())),
        }
    }
    super::save_units(tx, &units).await?;
    super::save_versions(tx, &living).await?;
    let json = record.map(serde_json::to_string).transpose().map_err(DbError::defect)?;
    super::save_changes(tx, &[super::NewChange { change: &plan.change, plan: json, by, at }]).await
}

/// Takes back what a change did to versions, in reverse, and marks it undone. Whether it still stood.
pub async fn undo(tx: &mut Tx, change: &Entered) -> Result<bool, DbError> {
    if tx.exec(&STATUS, args![change.id, "undone"]).await? == 0 {
        return Ok(false);
    }
    for edit in change.record.edits.iter().rev() {
        match edit {
            Edit::Open { unit, from } => tx.exec(&DROP_VERSION, args![unit, from.to_string()]).await?,
            Edit::Close { unit, from, was, .. } => tx.exec(&CLOSE, args![unit, from.to_string(), was.map(|d| d.to_string())]).await?,
            Edit::Alter { unit, from, was: Words { kind, name, full_name, code, parent } } => {
                tx.exec(&ALTER, args![unit, from.to_string(), kind, name, full_name, code.clone(), *parent]).await?
            }
        };
    }
    Ok(true)
}

/// Shares found out after a change was entered: (ordinal of the part, people, area, main part).
pub async fn save_shares(tx: &mut Tx, change: Uuid, shares: &[(i64, Option<i64>, Option<i64>, bool)], source: &str, by: &str, at: i64) -> Result<(), DbError> {
    let mut rows = Vec::new();
    for (ordinal, people, area, main) in shares {
        rows.extend(args![change, *ordinal, *people, *area, *main, source, by, at]);
    }
    tx.insert(&SHARE, rows).await.map(drop)
}

/// A share completed later.
pub(super) struct LateShare {
    pub change: Uuid,
    pub ordinal: usize,
    pub by_population: Option<i64>,
    pub by_area: Option<i64>,
    pub is_default: bool,
}

pub(super) async fn late_shares(db: &Db) -> Result<Vec<LateShare>, DbError> {
    let rows = db.all(&SHARES, vec![]).await?;
    let read = |row: &Row| {
        Ok(LateShare {
            change: row.uuid(0)?,
            ordinal: usize::try_from(row.int(1)?).map_err(DbError::defect)?,
            by_population: row.int_opt(2)?,
            by_area: row.int_opt(3)?,
            is_default: row.flag(4)?,
        })
    };
    rows.iter().map(read).collect()
}

/// Units that people changed here; the fact files no longer speak for them.
pub async fn touched(db: &Db) -> Result<std::collections::HashSet<Uuid>, DbError> {
    let rows = db.all(&TOUCHED, vec![]).await?;
    let mut out = std::collections::HashSet::new();
    for row in rows {
        out.extend(row.uuid_opt(0)?);
        out.extend(row.uuid_opt(1)?);
    }
    Ok(out)
}
