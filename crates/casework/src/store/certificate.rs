//! SQL of certificates and of the key that signs them.

use db::{Db, DbError, Row, Tx, args};
use uuid::Uuid;

db::statements! {
    ADD: Tenant = "INSERT INTO certificate (tenant_id, certificate_id, case_id, unit_id, body, code, issued_at, revoked_at, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    REVOKE_OF_CASE: Tenant = "UPDATE certificate SET revoked_at = $3, reason = $4 WHERE tenant_id = $1 AND case_id = $2 AND revoked_at IS NULL";
    OF_CASE: Tenant = "SELECT certificate_id, case_id, unit_id, body, code, issued_at, revoked_at, reason FROM certificate WHERE tenant_id = $1 AND case_id = $2 ORDER BY issued_at";
    FIND: Tenant = "SELECT certificate_id, case_id, unit_id, body, code, issued_at, revoked_at, reason FROM certificate WHERE tenant_id = $1 AND certificate_id = $2";
    REVOKED: National = "SELECT certificate_id, revoked_at FROM certificate WHERE revoked_at IS NOT NULL ORDER BY certificate_id";
    KEYS: Shared = "SELECT key_id, secret, made_at FROM issuer_key ORDER BY made_at";
    ADD_KEY: Shared = "INSERT INTO issuer_key (key_id, secret, made_at) VALUES ($1, $2, $3)";
}

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateRow {
    /// Id, in the signed code.
    pub id: Uuid,
    /// The case that brought it.
    pub case: Uuid,
    /// The unit recognised.
    pub unit: Uuid,
    /// What is certified, as signed (JSON).
    pub body: String,
    /// The signed code.
    pub code: String,
    /// When it was issued.
    pub issued_at: i64,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
    /// Why.
    pub reason: String,
}

fn read(row: &Row) -> Result<CertificateRow, DbError> {
    Ok(CertificateRow {
        id: row.uuid(0)?,
        case: row.uuid(1)?,
        unit: row.uuid(2)?,
        body: row.text(3)?,
        code: row.text(4)?,
        issued_at: row.int(5)?,
        revoked_at: row.int_opt(6)?,
        reason: row.text(7)?,
    })
}

/// Adds a certificate.
///
/// # Errors
/// What the database says; so do all functions here.
pub async fn add(tx: &mut Tx, tenant: Uuid, c: &CertificateRow) -> Result<(), DbError> {
    tx.exec(&ADD, args![tenant, c.id, c.case, c.unit, &c.body, &c.code, c.issued_at, c.revoked_at, &c.reason]).await.map(drop)
}

/// Revokes what a case brought.
pub async fn revoke_of_case(tx: &mut Tx, tenant: Uuid, case: Uuid, at: i64, reason: &str) -> Result<u64, DbError> {
    tx.exec(&REVOKE_OF_CASE, args![tenant, case, at, reason]).await
}

/// What a case brought, oldest first.
pub async fn of_case(db: &Db, tenant: Uuid, case: Uuid) -> Result<Vec<CertificateRow>, DbError> {
    db.all(&OF_CASE, args![tenant, case]).await?.iter().map(read).collect()
}

/// A certificate of a tenant.
pub async fn find(db: &Db, tenant: Uuid, id: Uuid) -> Result<Option<CertificateRow>, DbError> {
    db.opt(&FIND, args![tenant, id]).await?.as_ref().map(read).transpose()
}

/// Ids of all revoked certificates with the instant: small enough to be carried along by whoever checks without a network.
pub async fn revoked(db: &Db) -> Result<Vec<(Uuid, i64)>, DbError> {
    db.all(&REVOKED, args![]).await?.iter().map(|r| Ok((r.uuid(0)?, r.int(1)?))).collect()
}

/// The keys of this installation, oldest first: id and secret.
pub async fn keys(db: &Db) -> Result<Vec<(String, Vec<u8>)>, DbError> {
    db.all(&KEYS, args![]).await?.iter().map(|r| Ok((r.text(0)?, r.bytes(1)?))).collect()
}

/// The same inside a transaction.
pub async fn keys_tx(tx: &mut Tx) -> Result<Vec<(String, Vec<u8>)>, DbError> {
    tx.all(&KEYS, args![]).await?.iter().map(|r| Ok((r.text(0)?, r.bytes(1)?))).collect()
}

/// Keeps a key.
pub async fn add_key(tx: &mut Tx, id: &str, secret: Vec<u8>, at: i64) -> Result<(), DbError> {
    tx.exec(&ADD_KEY, args![id, secret, at]).await.map(drop)
}
