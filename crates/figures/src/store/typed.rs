//! SQL of the burden: how many fields people filled for a unit in a month, and by which way.

use db::{Db, DbError, Tx, args};
use uuid::Uuid;

db::statements! {
    ADD: Tenant = "INSERT INTO typed (tenant_id, unit_id, month, source, fields) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT (tenant_id, unit_id, month, source) DO UPDATE SET fields = typed.fields + excluded.fields";
    OF_TENANT: Tenant = "SELECT unit_id, month, source, fields FROM typed WHERE tenant_id = $1 AND month >= $2 AND month <= $3";
}

/// Adds fields that were filled.
pub async fn add(tx: &mut Tx, tenant: Uuid, unit: Uuid, month: i64, source: &str, fields: i64) -> Result<(), DbError> {
    tx.exec(&ADD, args![tenant, unit, month, source, fields]).await.map(drop)
}

/// What was filled in a tenant in a span of months: (unit, month, source, fields).
pub async fn of_tenant(db: &Db, tenant: Uuid, from: i64, to: i64) -> Result<Vec<(Uuid, i64, String, i64)>, DbError> {
    db.all(&OF_TENANT, args![tenant, from, to]).await?.iter().map(|r| Ok((r.uuid(0)?, r.int(1)?, r.text(2)?, r.int(3)?))).collect()
}
