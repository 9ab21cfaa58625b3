//! SQL of the rehearsal: scenarios that were kept, and the values of assessments over the whole country.

use crate::store::assess::Filled;
use db::{Db, DbError, Row, Tx, args};
use std::collections::BTreeMap;
use uuid::Uuid;

db::statements! {
    ADD: Tenant = "INSERT INTO scenario (tenant_id, scenario_id, unit_id, name, note, set_code, version, against, year, reading, moves, result, who_id, who_name, at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    LIST: Tenant = "SELECT tenant_id, scenario_id, unit_id, name, note, set_code, version, against, year, reading, moves, result, who_id, who_name, at FROM scenario \
                    WHERE tenant_id = $1 AND removed_at IS NULL ORDER BY scenario_id DESC";
    REMOVE: Tenant = "UPDATE scenario SET removed_by = $3, removed_at = $4 WHERE tenant_id = $1 AND scenario_id = $2 AND removed_at IS NULL";
    ENTERED: National = "SELECT unit_id, indicator, given FROM assessment_line WHERE set_code = $1 AND year = $2 ORDER BY unit_id, indicator, seq";
    STAMP: National = "SELECT count(unit_id), coalesce(max(changed_at), 0) FROM assessment WHERE year = $1";
}

/// A scenario that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// Tenant of the unit.
    pub tenant: Uuid,
    /// Id.
    pub id: Uuid,
    /// Unit for which it was kept; those with a role there see it.
    pub unit: Uuid,
    /// Name.
    pub name: String,
    /// Note.
    pub note: String,
    /// Set, with `~` behind it for its draft.
    pub set: String,
    /// Version of the set when it was kept.
    pub version: i64,
    /// Set it is compared with; empty for the set itself without moves.
    pub against: String,
    /// Year of the figures.
    pub year: i16,
    /// Reading, see [`super::Reading::word`].
    pub reading: String,
    /// Moves, one per line.
    pub moves: String,
    /// What it said when it was kept, as JSON.
    pub result: String,
    /// Account.
    pub who: Option<Uuid>,
    /// Its name.
    pub who_name: String,
    /// When; microseconds UTC.
    pub at: i64,
}

fn scenario(r: &Row) -> Result<Scenario, DbError> {
    Ok(Scenario {
        tenant: r.uuid(0)?,
        id: r.uuid(1)?,
        unit: r.uuid(2)?,
        name: r.text(3)?,
        note: r.text(4)?,
        set: r.text(5)?,
        version: r.int(6)?,
        against: r.text(7)?,
        year: i16::try_from(r.int(8)?).unwrap_or_default(),
        reading: r.text(9)?,
        moves: r.text(10)?,
        result: r.text(11)?,
        who: r.uuid_opt(12)?,
        who_name: r.text(13)?,
        at: r.int(14)?,
    })
}

/// Keeps a scenario.
pub async fn add(tx: &mut Tx, s: &Scenario) -> Result<(), DbError> {
    tx.exec(
        &ADD,
        args![
            s.tenant,
            s.id,
            s.unit,
            &s.name,
            &s.note,
            &s.set,
            s.version,
            &s.against,
            i64::from(s.year),
            &s.reading,
            &s.moves,
            &s.result,
            s.who,
            &s.who_name,
            s.at
        ],
    )
    .await
    .map(drop)
}

/// The scenarios of a tenant, the newest first.
pub async fn list(db: &Db, tenant: Uuid) -> Result<Vec<Scenario>, DbError> {
    db.all(&LIST, args![tenant]).await?.iter().map(scenario).collect()
}

/// Puts a scenario away; whether it was there.
pub async fn remove(tx: &mut Tx, tenant: Uuid, id: Uuid, by: &str, at: i64) -> Result<bool, DbError> {
    Ok(tx.exec(&REMOVE, args![tenant, id, by, at]).await? > 0)
}

/// What was given last for each unit and indicator of a set in a year, also what was taken away again.
pub async fn entered(db: &Db, set: &str, year: i16) -> Result<BTreeMap<Uuid, BTreeMap<String, Filled>>, DbError> {
    let mut out: BTreeMap<Uuid, BTreeMap<String, Filled>> = BTreeMap::new();
    db.each(&ENTERED, args![set, i64::from(year)], |row| {
        let filled: Filled = serde_json::from_str(&row.text(2)?).map_err(DbError::defect)?;
        out.entry(row.uuid(0)?).or_default().insert(row.text(1)?, filled);
        Ok::<_, DbError>(())
    })
    .await?;
    Ok(out)
}

/// How many assessments a year has and when one changed last; tells whether a snapshot is still right.
pub async fn stamp(db: &Db, year: i16) -> Result<(i64, i64), DbError> {
    match db.opt(&STAMP, args![i64::from(year)]).await? {
        Some(r) => Ok((r.int(0)?, r.int(1)?)),
        None => Ok((0, 0)),
    }
}
