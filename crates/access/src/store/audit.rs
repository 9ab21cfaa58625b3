use db::{Arg, Db, DbError, Row, Tx, args};
use uuid::Uuid;

db::statements! {
    STEP: Tenant = "UPDATE audit_head SET seq = seq + 1 WHERE tenant_id = $1 RETURNING seq, hash";
    HOLD: Tenant = "UPDATE audit_head SET seq = seq WHERE tenant_id = $1";
    BEGIN: Tenant = "INSERT INTO audit_head (tenant_id, seq, hash) VALUES ($1, 0, $2) ON CONFLICT DO NOTHING";
    SEAL: Tenant = "UPDATE audit_head SET hash = $2 WHERE tenant_id = $1";
    ADD: Tenant = "INSERT INTO audit (tenant_id, seq, at, who_id, who_name, act, subject, detail, prev_hash, hash, origin, capacity, salt, content_hash, erased_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, NULL)";
    HEAD: Tenant = "SELECT seq, hash FROM audit_head WHERE tenant_id = $1";
    LINES: Tenant = "SELECT seq, at, who_id, who_name, act, subject, detail, prev_hash, hash, origin, capacity, salt, content_hash, erased_at FROM audit \
        WHERE tenant_id = $1 ORDER BY seq";
    NEWEST: Tenant = "SELECT seq, at, who_id, who_name, act, subject, detail, origin, capacity FROM audit \
        WHERE tenant_id = $1 AND at >= $2 AND (at < $3 OR (at = $3 AND seq < $4)) ORDER BY at DESC, seq DESC LIMIT $5";
    OF_SUBJECT: Tenant = "SELECT seq, at, who_id, who_name, act, subject, detail, origin, capacity FROM audit \
        WHERE tenant_id = $1 AND subject = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4";
    OF_PERSON: Tenant = "SELECT seq, at, who_id, who_name, act, subject, detail, origin, capacity FROM audit \
        WHERE tenant_id = $1 AND who_id = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4";
    // The hash of what is taken away stays, so that the chain still closes over it.
    ERASE: Tenant = "UPDATE audit SET who_name = '', detail = '', origin = '', capacity = '', salt = NULL, erased_at = $3 \
        WHERE tenant_id = $1 AND seq = $2 AND content_hash IS NOT NULL AND erased_at IS NULL";
    TENANTS: National = "SELECT tenant_id FROM audit_head ORDER BY tenant_id";
}

/// One line of the chain as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub seq: i64,
    pub at: i64,
    pub who_id: Option<Uuid>,
    pub who_name: String,
    pub act: String,
    pub subject: String,
    pub detail: String,
    pub prev_hash: Vec<u8>,
    pub hash: Vec<u8>,
    /// From where, as JSON; empty for what the system does.
    pub origin: String,
    /// As which post, as JSON; empty without one.
    pub capacity: String,
    /// Makes the contents unguessable from their hash once they are erased.
    pub salt: Vec<u8>,
    /// Hash of what can be erased; empty for lines from before there was one.
    pub content_hash: Vec<u8>,
    pub erased_at: Option<i64>,
}

/// A line of the audit as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Tenant whose chain it stands in.
    pub tenant: Uuid,
    /// Number in that chain.
    pub seq: i64,
    /// Microseconds UTC.
    pub at: i64,
    /// Account; none for the system and the public.
    pub who_id: Option<Uuid>,
    /// Name as it was then.
    pub who_name: String,
    /// Stable word, such as `figure.accept`.
    pub act: String,
    /// What was acted upon: often the id of a unit or account.
    pub subject: String,
    /// The rest, as JSON.
    pub detail: String,
    /// From where, as JSON with `address` and `device`; empty for the system and for older lines.
    pub origin: String,
    /// As which post and on whose delegation, as JSON with `label` and `behalf`; empty without one.
    pub capacity: String,
}

/// Begins the chain of a tenant if it has none.
pub(crate) async fn begin(tx: &mut Tx, tenant: Uuid, origin: &[u8]) -> Result<(), DbError> {
    tx.exec(&BEGIN, args![tenant, origin]).await.map(drop)
}

/// Takes the lock of a tenant without adding a line; false when it has no chain yet.
pub(crate) async fn hold(tx: &mut Tx, tenant: Uuid) -> Result<bool, DbError> {
    Ok(tx.exec(&HOLD, args![tenant]).await? > 0)
}

/// Takes the lock and the next number; the hash is that of the line before. `None` when it has no chain yet.
pub(crate) async fn step(tx: &mut Tx, tenant: Uuid) -> Result<Option<(i64, Vec<u8>)>, DbError> {
    tx.opt(&STEP, args![tenant]).await?.map(|row| Ok((row.int(0)?, row.bytes(1)?))).transpose()
}

/// Writes a line and seals the chain with its hash.
pub(crate) async fn add(tx: &mut Tx, tenant: Uuid, line: Line) -> Result<(), DbError> {
    let seal = line.hash.clone();
    let values: Vec<Arg> = args![
        tenant,
        line.seq,
        line.at,
        line.who_id,
        line.who_name,
        line.act,
        line.subject,
        line.detail,
        line.prev_hash,
        line.hash,
        line.origin,
        line.capacity,
        line.salt,
        line.content_hash
    ];
    tx.exec(&ADD, values).await?;
    tx.exec(&SEAL, args![tenant, seal]).await.map(drop)
}

/// Number and hash of the last line; `None` when the tenant has no chain.
pub(crate) async fn head(db: &Db, tenant: Uuid) -> Result<Option<(i64, Vec<u8>)>, DbError> {
    db.opt(&HEAD, args![tenant]).await?.map(|row| Ok((row.int(0)?, row.bytes(1)?))).transpose()
}

/// Hands every line of a tenant to `each`, in order.
pub(crate) async fn lines(db: &Db, tenant: Uuid, mut each: impl FnMut(Line) + Send) -> Result<(), DbError> {
    db.each(&LINES, args![tenant], |row| {
        each(line(&row)?);
        Ok(())
    })
    .await
}

fn line(row: &Row) -> Result<Line, DbError> {
    Ok(Line {
        seq: row.int(0)?,
        at: row.int(1)?,
        who_id: row.uuid_opt(2)?,
        who_name: row.text(3)?,
        act: row.text(4)?,
        subject: row.text(5)?,
        detail: row.text(6)?,
        prev_hash: row.bytes(7)?,
        hash: row.bytes(8)?,
        origin: row.text(9)?,
        capacity: row.text(10)?,
        salt: row.bytes_opt(11)?.unwrap_or_default(),
        content_hash: row.bytes_opt(12)?.unwrap_or_default(),
        erased_at: row.int_opt(13)?,
    })
}

/// Lines of a tenant, the newest first: from an instant on, and before (at, seq).
pub(crate) async fn newest(db: &Db, tenant: Uuid, from: i64, before: (i64, i64), limit: i64) -> Result<Vec<Told>, DbError> {
    let rows = db.all(&NEWEST, args![tenant, from, before.0, before.1, limit]).await?;
    rows.iter().map(|row| told(tenant, row)).collect()
}

/// Lines about a subject before a number, the newest first.
pub(crate) async fn of_subject(db: &Db, tenant: Uuid, subject: &str, before: i64, limit: i64) -> Result<Vec<Told>, DbError> {
    let rows = db.all(&OF_SUBJECT, args![tenant, subject, before, limit]).await?;
    rows.iter().map(|row| told(tenant, row)).collect()
}

/// Lines of what a person did, before a number, the newest first.
pub(crate) async fn of_person(db: &Db, tenant: Uuid, person: Uuid, before: i64, limit: i64) -> Result<Vec<Told>, DbError> {
    let rows = db.all(&OF_PERSON, args![tenant, person, before, limit]).await?;
    rows.iter().map(|row| told(tenant, row)).collect()
}

fn told(tenant: Uuid, row: &Row) -> Result<Told, DbError> {
    Ok(Told {
        tenant,
        seq: row.int(0)?,
        at: row.int(1)?,
        who_id: row.uuid_opt(2)?,
        who_name: row.text(3)?,
        act: row.text(4)?,
        subject: row.text(5)?,
        detail: row.text(6)?,
        origin: row.text(7)?,
        capacity: row.text(8)?,
    })
}

/// Takes the contents of a line away; false when it has none that can be.
pub(crate) async fn erase(tx: &mut Tx, tenant: Uuid, seq: i64, at: i64) -> Result<bool, DbError> {
    Ok(tx.exec(&ERASE, args![tenant, seq, at]).await? > 0)
}

/// The tenants that have a chain.
pub(crate) async fn tenants(db: &Db) -> Result<Vec<Uuid>, DbError> {
    db.all(&TENANTS, vec![]).await?.iter().map(|row| row.uuid(0)).collect()
}
