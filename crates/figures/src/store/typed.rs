//! SQL of the burden: how many fields people filled for a unit in a month, and by which way.

use db::{Bulk, Conflict, Db, DbError, Tx, Type, args};
use uuid::Uuid;

db::statements! {
    OF_TENANT: Tenant = "SELECT unit_id, month, source, fields FROM typed WHERE tenant_id = $1 AND month >= $2 AND month <= $3";
}

const TYPED: Bulk<'_> = Bulk {
    table: "typed",
    columns: &[("tenant_id", Type::Uuid), ("unit_id", Type::Uuid), ("month", Type::Int), ("source", Type::Text), ("fields", Type::Int)],
    conflict: Conflict::Add { key: 4 },
};

/// Adds fields that were filled, by unit.
pub async fn add(tx: &mut Tx, tenant: Uuid, month: i64, source: &str, filled: impl IntoIterator<Item = (Uuid, i64)>) -> Result<(), DbError> {
    let rows = filled.into_iter().flat_map(|(unit, fields)| args![tenant, unit, month, source, fields]).collect();
    tx.insert(&TYPED, rows).await.map(drop)
}

/// What was filled in a tenant in a span of months: (unit, month, source, fields).
pub async fn of_tenant(db: &Db, tenant: Uuid, from: i64, to: i64) -> Result<Vec<(Uuid, i64, String, i64)>, DbError> {
    db.all(&OF_TENANT, args![tenant, from, to]).await?.iter().map(|r| Ok((r.uuid(0)?, r.int(1)?, r.text(2)?, r.int(3)?))).collect()
}
