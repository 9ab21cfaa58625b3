//! SQL of assessments that were scored again under a newer version of their set.

use super::assess::{Assessment, Key, row_at};
use db::{Db, DbError, Row, Tx, args};

db::statements! {
    OF_KEY: Tenant = "SELECT version, outcomes, states, met, criteria_met, whole, accepted, changed_at, replaced_by, replaced_at FROM assessment_past \
                      WHERE tenant_id = $1 AND set_code = $2 AND year = $3 AND unit_id = $4 ORDER BY version";
    ADD: Tenant = "INSERT INTO assessment_past (tenant_id, set_code, year, unit_id, version, outcomes, states, met, criteria_met, whole, accepted, \
                   changed_at, replaced_by, replaced_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
}

/// An assessment as it stood when it was scored again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// Its state.
    pub state: Assessment,
    /// Who scored again.
    pub by: String,
    /// When; microseconds UTC.
    pub at: i64,
}

/// The earlier assessments of a unit, oldest version first.
pub async fn of_key(db: &Db, key: &Key) -> Result<Vec<Past>, DbError> {
    let read = |row: &Row| Ok(Past { state: row_at(row, key.unit, 0)?, by: row.text(8)?, at: row.int(9)? });
    db.all(&OF_KEY, key.args()).await?.iter().map(read).collect()
}

/// Puts an assessment aside.
pub async fn add(tx: &mut Tx, key: &Key, state: &Assessment, by: &str, at: i64) -> Result<(), DbError> {
    let mut values = key.args();
    values.extend(args![
        state.version,
        &state.outcomes,
        &state.states,
        state.met,
        state.criteria_met,
        state.whole.letter().to_string(),
        state.accepted.letter().to_string(),
        state.changed_at,
        by,
        at
    ]);
    tx.exec(&ADD, values).await.map(drop)
}
