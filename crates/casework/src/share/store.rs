//! SQL of the share: traces of closed dossiers, definitions, counts from elsewhere.

use super::definition::Definition;
use crate::dossier::Trace;
use db::{Db, DbError, Row, Tx, args};
use uuid::Uuid;

db::statements! {
    TRACES: Tenant = "SELECT trace, count(*) FROM dossier WHERE tenant_id = $1 AND unit_id = $2 AND closed_on >= $3 AND closed_on <= $4 GROUP BY trace";
    UNITS: Tenant = "SELECT unit_id, trace, count(*) FROM dossier WHERE tenant_id = $1 AND closed_on >= $2 AND closed_on <= $3 GROUP BY unit_id, trace";
    DEFINITIONS: Tenant = "SELECT rules FROM share_definition WHERE tenant_id = $1 ORDER BY version";
    ADD_DEFINITION: Tenant = "INSERT INTO share_definition (tenant_id, version, valid_from, rules, reason, at, who_name) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    COUNTS: Tenant = "SELECT unit_id, office_id, system, closed, network, secret, source, at, who_name FROM share_count \
                      WHERE tenant_id = $1 AND unit_id = $2 AND period = $3 ORDER BY office_id, system";
    PERIODS: Tenant = "SELECT DISTINCT unit_id, period FROM share_count WHERE tenant_id = $1";
    SAVE_COUNT: Tenant = "INSERT INTO share_count (tenant_id, unit_id, period, office_id, system, closed, network, secret, source, at, who_name) \
                          VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (tenant_id, unit_id, period, office_id, system) DO UPDATE SET \
                          closed = excluded.closed, network = excluded.network, secret = excluded.secret, source = excluded.source, at = excluded.at, who_name = excluded.who_name";
}

/// Closed dossiers of a unit between two days, by trace.
pub(crate) async fn traces(tx: &mut Tx, tenant: Uuid, unit: Uuid, days: (&str, &str)) -> Result<Vec<(Trace, i64)>, DbError> {
    tx.all(&TRACES, args![tenant, unit, days.0, days.1]).await?.iter().map(|r| Ok((Trace(r.int(0)?), r.int(1)?))).collect()
}

/// The same from a reader.
pub(crate) async fn read_traces(db: &Db, tenant: Uuid, unit: Uuid, days: (&str, &str)) -> Result<Vec<(Trace, i64)>, DbError> {
    db.all(&TRACES, args![tenant, unit, days.0, days.1]).await?.iter().map(|r| Ok((Trace(r.int(0)?), r.int(1)?))).collect()
}

/// Closed dossiers of all units of a tenant between two days, by unit and trace.
pub(crate) async fn units(db: &Db, tenant: Uuid, days: (&str, &str)) -> Result<Vec<(Uuid, Trace, i64)>, DbError> {
    db.all(&UNITS, args![tenant, days.0, days.1]).await?.iter().map(|r| Ok((r.uuid(0)?, Trace(r.int(1)?), r.int(2)?))).collect()
}

fn definition(r: &Row) -> Result<Definition, DbError> {
    serde_json::from_str(&r.text(0)?).map_err(DbError::defect)
}

/// The versions of a province, oldest first.
pub(crate) async fn definitions(db: &Db, tenant: Uuid) -> Result<Vec<Definition>, DbError> {
    db.all(&DEFINITIONS, args![tenant]).await?.iter().map(definition).collect()
}

pub(crate) async fn definitions_tx(tx: &mut Tx, tenant: Uuid) -> Result<Vec<Definition>, DbError> {
    tx.all(&DEFINITIONS, args![tenant]).await?.iter().map(definition).collect()
}

pub(crate) async fn add_definition(tx: &mut Tx, tenant: Uuid, d: &Definition, at: i64, who: &str) -> Result<(), DbError> {
    let rules = serde_json::to_string(d).map_err(DbError::defect)?;
    tx.exec(&ADD_DEFINITION, args![tenant, d.version, &d.valid_from, rules, &d.reason, at, who]).await.map(drop)
}

/// What an office that works elsewhere says, or how many secret dossiers there were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// Unit.
    pub unit: Uuid,
    /// Office.
    pub office: Uuid,
    /// Name of the system that counted; empty for the count of secret dossiers by hand.
    pub system: String,
    /// Dossiers closed, without the secret ones.
    pub closed: i64,
    /// Of these, handled wholly on the network by that system's own reading.
    pub network: i64,
    /// Dossiers with state secrets, which are left out of both.
    pub secret: i64,
    /// `form`, `api`, `workbook`.
    pub source: String,
    /// Microseconds UTC.
    pub at: i64,
    /// Who said so.
    pub who_name: String,
}

fn count(r: &Row) -> Result<Count, DbError> {
    Ok(Count {
        unit: r.uuid(0)?,
        office: r.uuid(1)?,
        system: r.text(2)?,
        closed: r.int(3)?,
        network: r.int(4)?,
        secret: r.int(5)?,
        source: r.text(6)?,
        at: r.int(7)?,
        who_name: r.text(8)?,
    })
}

pub(crate) async fn counts(db: &Db, tenant: Uuid, unit: Uuid, period: i64) -> Result<Vec<Count>, DbError> {
    db.all(&COUNTS, args![tenant, unit, period]).await?.iter().map(count).collect()
}

pub(crate) async fn counts_tx(tx: &mut Tx, tenant: Uuid, unit: Uuid, period: i64) -> Result<Vec<Count>, DbError> {
    tx.all(&COUNTS, args![tenant, unit, period]).await?.iter().map(count).collect()
}

/// The units and periods of which there are counts.
pub(crate) async fn counted(db: &Db, tenant: Uuid) -> Result<Vec<(Uuid, i64)>, DbError> {
    db.all(&PERIODS, args![tenant]).await?.iter().map(|r| Ok((r.uuid(0)?, r.int(1)?))).collect()
}

pub(crate) async fn save_count(tx: &mut Tx, tenant: Uuid, period: i64, c: &Count) -> Result<(), DbError> {
    let values = args![tenant, c.unit, period, c.office, &c.system, c.closed, c.network, c.secret, &c.source, c.at, &c.who_name];
    tx.exec(&SAVE_COUNT, values).await.map(drop)
}
