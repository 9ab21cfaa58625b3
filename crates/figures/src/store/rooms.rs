//! SQL of the smaller tables: rounds, submissions, evidence, idempotency.

use super::Act;
use db::{Db, DbError, Row, Tx, args};
use uuid::Uuid;

db::statements! {
    ROUND: Tenant = "SELECT due, closed_at, closed_by, reason FROM reporting_round WHERE tenant_id = $1 AND period = $2 AND unit_id = $3";
    SAVE_ROUND: Tenant = "INSERT INTO reporting_round (tenant_id, period, unit_id, due, closed_at, closed_by, reason) VALUES ($1, $2, $3, $4, $5, $6, $7) \
                          ON CONFLICT (tenant_id, period, unit_id) DO UPDATE SET due = excluded.due, closed_at = excluded.closed_at, \
                          closed_by = excluded.closed_by, reason = excluded.reason";
    ADD_SUBMISSION: Tenant = "INSERT INTO submission (tenant_id, period, unit_id, act_id, at, lines) VALUES ($1, $2, $3, $4, $5, $6)";
    FIRST_SUBMISSIONS: Tenant = "SELECT unit_id, min(at), max(at) FROM submission WHERE tenant_id = $1 AND period = $2 GROUP BY unit_id";
    ADD_EVIDENCE: Tenant = "INSERT INTO evidence (tenant_id, measure_id, period, unit_id, evidence_id, name, media, size, sha256, content, number, issued, issuer, act_id) \
                            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    EVIDENCE: Tenant = "SELECT evidence_id, name, media, size, sha256, number, issued, issuer, act_id FROM evidence \
                        WHERE tenant_id = $1 AND measure_id = $2 AND period = $3 AND unit_id = $4 ORDER BY evidence_id";
    EVIDENCE_CONTENT: Tenant = "SELECT name, media, content FROM evidence WHERE tenant_id = $1 AND measure_id = $2 AND period = $3 AND unit_id = $4 AND evidence_id = $5";
    CLAIM_KEY: Tenant = "INSERT INTO idempotency (tenant_id, who, idem, at, request_hash, answer) VALUES ($1, $2, $3, $4, $5, '') \
                         ON CONFLICT (tenant_id, who, idem) DO NOTHING";
    ANSWERED: Tenant = "SELECT request_hash, answer FROM idempotency WHERE tenant_id = $1 AND who = $2 AND idem = $3";
    KEEP_ANSWER: Tenant = "UPDATE idempotency SET answer = $4 WHERE tenant_id = $1 AND who = $2 AND idem = $3";
    FORGET_ANSWERS: Tenant = "DELETE FROM idempotency WHERE tenant_id = $1 AND who = $2 AND at < $3";
}

/// A reporting round of a province: when it is due, whether it is closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Last day to submit, set by the province; ISO date.
    pub due: Option<String>,
    /// When it was closed; microseconds UTC.
    pub closed_at: Option<i64>,
    /// By whom.
    pub closed_by: Option<String>,
    /// Reason of the last closing or reopening.
    pub reason: String,
}

fn round(row: &Row) -> Result<Round, DbError> {
    Ok(Round { due: row.text_opt(0)?, closed_at: row.int_opt(1)?, closed_by: row.text_opt(2)?, reason: row.text(3)? })
}

/// The round of a province, inside a transaction.
pub async fn round_tx(tx: &mut Tx, tenant: Uuid, province: Uuid, period: i64) -> Result<Option<Round>, DbError> {
    tx.opt(&ROUND, args![tenant, period, province]).await?.as_ref().map(round).transpose()
}

/// The round of a province.
pub async fn read_round(db: &Db, tenant: Uuid, province: Uuid, period: i64) -> Result<Option<Round>, DbError> {
    db.opt(&ROUND, args![tenant, period, province]).await?.as_ref().map(round).transpose()
}

/// Writes the round of a province.
pub async fn save_round(tx: &mut Tx, tenant: Uuid, province: Uuid, period: i64, r: &Round) -> Result<(), DbError> {
    tx.exec(&SAVE_ROUND, args![tenant, period, province, r.due.clone(), r.closed_at, r.closed_by.clone(), &r.reason]).await.map(drop)
}

/// Records that a unit handed over a period.
pub async fn add_submission(tx: &mut Tx, tenant: Uuid, period: i64, unit: Uuid, act: &Act, lines: usize) -> Result<(), DbError> {
    let lines = i64::try_from(lines).unwrap_or(i64::MAX);
    tx.exec(&ADD_SUBMISSION, args![tenant, period, unit, act.id, act.at, lines]).await.map(drop)
}

/// First and last submission of each unit of a tenant in a period.
pub async fn submissions(db: &Db, tenant: Uuid, period: i64) -> Result<Vec<(Uuid, i64, i64)>, DbError> {
    db.all(&FIRST_SUBMISSIONS, args![tenant, period]).await?.iter().map(|r| Ok((r.uuid(0)?, r.int(1)?, r.int(2)?))).collect()
}

/// A piece of evidence without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Id.
    pub id: Uuid,
    /// File name.
    pub name: String,
    /// Media type.
    pub media: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256, hex.
    pub sha256: String,
    /// Number of the document.
    pub number: String,
    /// Its date, ISO.
    pub issued: Option<String>,
    /// Who issued it.
    pub issuer: String,
    /// The act that brought it.
    pub act: Uuid,
}

/// Where evidence belongs.
pub type Place = (Uuid, Uuid, i64, Uuid);

/// Adds evidence to a figure: (tenant, measure, period, unit).
pub async fn add_evidence(tx: &mut Tx, place: Place, e: &Evidence, content: Vec<u8>) -> Result<(), DbError> {
    let (tenant, measure, period, unit) = place;
    tx.exec(
        &ADD_EVIDENCE,
        args![tenant, measure, period, unit, e.id, &e.name, &e.media, e.size, &e.sha256, content, &e.number, e.issued.clone(), &e.issuer, e.act],
    )
    .await
    .map(drop)
}

/// The evidence of a figure.
pub async fn evidence(db: &Db, place: Place) -> Result<Vec<Evidence>, DbError> {
    let (tenant, measure, period, unit) = place;
    db.all(&EVIDENCE, args![tenant, measure, period, unit]).await?.iter().map(piece).collect()
}

/// The same inside a transaction.
pub async fn evidence_tx(tx: &mut Tx, place: Place) -> Result<Vec<Evidence>, DbError> {
    let (tenant, measure, period, unit) = place;
    tx.all(&EVIDENCE, args![tenant, measure, period, unit]).await?.iter().map(piece).collect()
}

fn piece(r: &Row) -> Result<Evidence, DbError> {
    Ok(Evidence {
        id: r.uuid(0)?,
        name: r.text(1)?,
        media: r.text(2)?,
        size: r.int(3)?,
        sha256: r.text(4)?,
        number: r.text(5)?,
        issued: r.text_opt(6)?,
        issuer: r.text(7)?,
        act: r.uuid(8)?,
    })
}

/// Name, media type and bytes of a piece of evidence.
pub async fn evidence_content(db: &Db, place: Place, id: Uuid) -> Result<Option<(String, String, Vec<u8>)>, DbError> {
    let (tenant, measure, period, unit) = place;
    match db.opt(&EVIDENCE_CONTENT, args![tenant, measure, period, unit, id]).await? {
        Some(r) => Ok(Some((r.text(0)?, r.text(1)?, r.bytes(2)?))),
        None => Ok(None),
    }
}

/// Claims the key of a request for this transaction, if nobody used it; whether it did. A second request with the same key
/// waits here until the first has ended, and then finds its answer, or the key free again when the first was given up.
pub async fn claim_key(tx: &mut Tx, tenant: Uuid, who: &str, key: &str, at: i64, hash: &str) -> Result<bool, DbError> {
    Ok(tx.exec(&CLAIM_KEY, args![tenant, who, key, at, hash]).await? > 0)
}

/// What was answered to a request with this key: (hash of the request, answer).
pub async fn answered(tx: &mut Tx, tenant: Uuid, who: &str, key: &str) -> Result<Option<(String, String)>, DbError> {
    match tx.opt(&ANSWERED, args![tenant, who, key]).await? {
        Some(r) => Ok(Some((r.text(0)?, r.text(1)?))),
        None => Ok(None),
    }
}

/// Keeps the answer to the request that claimed the key.
pub async fn keep_answer(tx: &mut Tx, tenant: Uuid, who: &str, key: &str, answer: &str) -> Result<(), DbError> {
    tx.exec(&KEEP_ANSWER, args![tenant, who, key, answer]).await.map(drop)
}

/// Forgets somebody's answers from before an instant.
pub async fn forget_answers(tx: &mut Tx, tenant: Uuid, who: &str, before: i64) -> Result<(), DbError> {
    tx.exec(&FORGET_ANSWERS, args![tenant, who, before]).await.map(drop)
}
