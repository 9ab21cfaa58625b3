//! SQL of what does not count yet: the last line of every figure that is a draft, waits for acceptance, or was returned.
//! Kept in the transaction that appends the lines; `verify` compares it with the ledger.

use super::{NewLine, SliceKey};
use crate::ledger::State;
use db::{Bulk, Conflict, Db, DbError, Row, Tx, Type, args};
use std::collections::HashMap;
use uuid::Uuid;

db::statements! {
    DONE: Tenant = "DELETE FROM waiting WHERE tenant_id = $1 AND unit_id = $2 AND period = $3 AND measure_id = $4";
    OF_UNIT: Tenant = "SELECT unit_id, period, measure_id, seq, state, act_id FROM waiting WHERE tenant_id = $1 AND unit_id = $2 ORDER BY period, measure_id";
    QUEUE: Tenant = "SELECT unit_id, period, measure_id, seq, state, act_id FROM waiting \
                     WHERE tenant_id = $1 AND state = $2 AND (act_id, unit_id, period, measure_id) > ($3, $4, $5, $6) \
                     AND (measure_id = $7 OR $8 = 0) AND (period = $9 OR $9 = 0) \
                     ORDER BY act_id, unit_id, period, measure_id LIMIT $10";
    COUNT_BY_UNIT: Tenant = "SELECT unit_id, period, count(seq) FROM waiting WHERE tenant_id = $1 AND state = $2 GROUP BY unit_id, period";
    OF_TENANT: Tenant = "SELECT unit_id, period, measure_id, seq, state, act_id FROM waiting WHERE tenant_id = $1";
}

const WAITING: Bulk<'_> = Bulk {
    table: "waiting",
    columns: &[
        ("tenant_id", Type::Uuid),
        ("unit_id", Type::Uuid),
        ("period", Type::Int),
        ("measure_id", Type::Uuid),
        ("seq", Type::Int),
        ("state", Type::Int),
        ("act_id", Type::Uuid),
    ],
    conflict: Conflict::Replace { key: 4 },
};

/// The last line of a figure that does not count yet. Sorts by the act, which is by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Waiting {
    /// The act that brought the line (UUIDv7: older ones are smaller).
    pub act: Uuid,
    /// Unit.
    pub unit: Uuid,
    /// Period code.
    pub period: i64,
    /// Measure.
    pub measure: Uuid,
    /// Position of the line.
    pub seq: i64,
    /// Code of its state.
    pub state: i64,
}

impl Waiting {
    /// The slice it belongs to.
    pub fn slice(&self) -> SliceKey {
        (self.measure, self.period)
    }
}

fn waiting(row: &Row) -> Result<Waiting, DbError> {
    Ok(Waiting { unit: row.uuid(0)?, period: row.int(1)?, measure: row.uuid(2)?, seq: row.int(3)?, state: row.int(4)?, act: row.uuid(5)? })
}

/// Follows new lines: an accepted one ends the waiting, any other begins or changes it.
pub(super) async fn follow(tx: &mut Tx, lines: &[NewLine]) -> Result<(), DbError> {
    let (mut first, mut rows) = (Vec::new(), Vec::new());
    // In key order, which is not that of the ledger, the rows of the table are appended, not scattered.
    let mut lines: Vec<&NewLine> = lines.iter().collect();
    lines.sort_by_key(|l| (l.tenant, l.unit, l.period, l.measure));
    for l in lines {
        if l.line.state == State::Accepted {
            // The first line of a figure has nothing waiting before it.
            if l.line.seq > 1 {
                tx.exec(&DONE, args![l.tenant, l.unit, l.period, l.measure]).await?;
            }
        } else {
            // The first line of a figure has nothing to replace.
            let list = if l.line.seq == 1 { &mut first } else { &mut rows };
            list.extend(args![l.tenant, l.unit, l.period, l.measure, l.line.seq, l.line.state.code(), l.line.act]);
        }
    }
    tx.insert(&Bulk { conflict: Conflict::Fail, ..WAITING }, first).await?;
    tx.insert(&WAITING, rows).await.map(drop)
}

/// What waits in one unit, in any state, in order of periods.
pub async fn of_unit(db: &Db, tenant: Uuid, unit: Uuid) -> Result<Vec<Waiting>, DbError> {
    db.all(&OF_UNIT, args![tenant, unit]).await?.iter().map(waiting).collect()
}

/// What waits in a state in one tenant, the oldest first, after a place in that order.
pub async fn queue(
    db: &Db,
    tenant: Uuid,
    state: State,
    after: &Waiting,
    measure: Option<Uuid>,
    period: Option<i64>,
    limit: i64,
) -> Result<Vec<Waiting>, DbError> {
    let all_measures = i64::from(measure.is_some());
    let list =
        args![tenant, state.code(), after.act, after.unit, after.period, after.measure, measure.unwrap_or_default(), all_measures, period.unwrap_or(0), limit];
    db.all(&QUEUE, list).await?.iter().map(waiting).collect()
}

/// How much waits in a state in one tenant: (unit, period code, figures).
pub async fn counts(db: &Db, tenant: Uuid, state: State) -> Result<Vec<(Uuid, i64, i64)>, DbError> {
    db.all(&COUNT_BY_UNIT, args![tenant, state.code()]).await?.iter().map(|r| Ok((r.uuid(0)?, r.int(1)?, r.int(2)?))).collect()
}

/// Everything that waits in a tenant, by slice and unit: (position, state code).
pub async fn of_tenant(db: &Db, tenant: Uuid, out: &mut HashMap<SliceKey, HashMap<Uuid, (i64, i64)>>) -> Result<(), DbError> {
    db.each(&OF_TENANT, args![tenant], |row| {
        let w = waiting(&row)?;
        out.entry(w.slice()).or_default().insert(w.unit, (w.seq, w.state));
        Ok::<(), DbError>(())
    })
    .await
}
