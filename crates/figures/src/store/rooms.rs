//! SQL of the smaller tables: rounds, submissions, idempotency.

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
