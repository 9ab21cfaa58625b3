//! SQL of the rights of people over their data: requests, terms, erasure.

use db::{Db, DbError, Row, Tx, args};
use uuid::Uuid;

db::statements! {
    REQUEST_ADD: Shared = "INSERT INTO data_request (id, account_id, request, said, wanted, proof, at, state, answer, answered_at, answered_name) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, 0, '', NULL, '')";
    REQUESTS_OF: Shared = "SELECT id, account_id, request, said, wanted, proof, at, state, answer, answered_at, answered_name FROM data_request \
        WHERE account_id = $1 ORDER BY at DESC, id LIMIT 200";
    REQUESTS_OPEN: Shared = "SELECT r.id, r.account_id, r.request, r.said, r.wanted, r.proof, r.at, r.state, r.answer, r.answered_at, r.answered_name, a.name, a.unit_id \
        FROM data_request r JOIN account a ON a.id = r.account_id WHERE r.state = 0 ORDER BY r.at, r.id LIMIT 1000";
    REQUEST_ONE: Shared = "SELECT id, account_id, request, said, wanted, proof, at, state, answer, answered_at, answered_name FROM data_request WHERE id = $1";
    REQUEST_ANSWER: Shared = "UPDATE data_request SET state = $2, answer = $3, answered_at = $4, answered_name = $5 WHERE id = $1 AND state = 0";
    // What somebody asked is about them too; that they asked, and what came of it, stays.
    REQUESTS_ERASE: Shared = "UPDATE data_request SET said = '', wanted = '', proof = '', answer = '' WHERE account_id = $1";
    TERMS: Shared = "SELECT kind, days, basis, entered_at, entered_name FROM retention_term ORDER BY kind";
    TERM_SET: Shared = "INSERT INTO retention_term (kind, days, basis, entered_at, entered_name) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (kind) DO UPDATE SET days = excluded.days, basis = excluded.basis, entered_at = excluded.entered_at, entered_name = excluded.entered_name";
    TERM_DROP: Shared = "DELETE FROM retention_term WHERE kind = $1";
    CLOSED: Shared = "UPDATE account SET closed_at = $2 WHERE id = $1";
    OVERDUE: Shared = "SELECT id FROM account WHERE closed_at < $1 AND disabled = 1 AND demo = 0 AND erased_at IS NULL ORDER BY closed_at, id LIMIT $2";
    ANONYMISE: Shared = "UPDATE account SET name = $2, login = $3, password_hash = $4, temporary_until = NULL, purpose = '', disabled = 1, erased_at = $5 WHERE id = $1";
    CONSENT_DROP: Shared = "DELETE FROM consent WHERE account_id = $1";
    OLD_LINES: Tenant = "SELECT seq FROM audit WHERE tenant_id = $1 AND at < $2 AND erased_at IS NULL AND content_hash IS NOT NULL AND act <> 'audit.erase' \
        ORDER BY at, seq LIMIT $3";
    OLD_COUNT: Tenant = "SELECT count(*) FROM audit WHERE tenant_id = $1 AND at < $2 AND erased_at IS NULL AND content_hash IS NOT NULL AND act <> 'audit.erase'";
}

/// What somebody asks about their own data, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestRow {
    pub id: Uuid,
    pub account: Uuid,
    /// `name`, `other` or `erase`.
    pub request: String,
    pub said: String,
    pub wanted: String,
    pub proof: String,
    pub at: i64,
    /// 0 open, 1 done, 2 refused.
    pub state: i64,
    pub answer: String,
    pub answered_at: Option<i64>,
    pub answered_name: String,
}

fn request(row: &Row) -> Result<RequestRow, DbError> {
    Ok(RequestRow {
        id: row.uuid(0)?,
        account: row.uuid(1)?,
        request: row.text(2)?,
        said: row.text(3)?,
        wanted: row.text(4)?,
        proof: row.text(5)?,
        at: row.int(6)?,
        state: row.int(7)?,
        answer: row.text(8)?,
        answered_at: row.int_opt(9)?,
        answered_name: row.text(10)?,
    })
}

pub(crate) async fn add(tx: &mut Tx, r: &RequestRow) -> Result<(), DbError> {
    tx.exec(&REQUEST_ADD, args![r.id, r.account, &r.request, &r.said, &r.wanted, &r.proof, r.at]).await.map(drop)
}

/// Those of one account, the newest first.
pub(crate) async fn of(db: &Db, account: Uuid) -> Result<Vec<RequestRow>, DbError> {
    db.all(&REQUESTS_OF, args![account]).await?.iter().map(request).collect()
}

/// All that are open, the oldest first, with the name and the unit of the account.
pub(crate) async fn open(db: &Db) -> Result<Vec<(RequestRow, String, Uuid)>, DbError> {
    db.all(&REQUESTS_OPEN, vec![]).await?.iter().map(|row| Ok((request(row)?, row.text(11)?, row.uuid(12)?))).collect()
}

pub(crate) async fn one(tx: &mut Tx, id: Uuid) -> Result<Option<RequestRow>, DbError> {
    tx.opt(&REQUEST_ONE, args![id]).await?.as_ref().map(request).transpose()
}

/// Answers an open request; false when somebody was faster.
pub(crate) async fn answer(tx: &mut Tx, id: Uuid, state: i64, words: &str, at: i64, who: &str) -> Result<bool, DbError> {
    Ok(tx.exec(&REQUEST_ANSWER, args![id, state, words, at, who]).await? > 0)
}

/// How long a kind is kept, by which document, and who entered it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TermRow {
    pub kind: String,
    pub days: i64,
    pub basis: String,
    pub entered_at: i64,
    pub entered_name: String,
}

pub(crate) async fn terms(db: &Db) -> Result<Vec<TermRow>, DbError> {
    let read = |row: &Row| Ok(TermRow { kind: row.text(0)?, days: row.int(1)?, basis: row.text(2)?, entered_at: row.int(3)?, entered_name: row.text(4)? });
    db.all(&TERMS, vec![]).await?.iter().map(read).collect()
}

pub(crate) async fn set_term(tx: &mut Tx, t: &TermRow) -> Result<(), DbError> {
    tx.exec(&TERM_SET, args![&t.kind, t.days, &t.basis, t.entered_at, &t.entered_name]).await.map(drop)
}

pub(crate) async fn drop_term(tx: &mut Tx, kind: &str) -> Result<(), DbError> {
    tx.exec(&TERM_DROP, args![kind]).await.map(drop)
}

/// Notes since when an account is closed; none when it is open again.
pub(crate) async fn closed(tx: &mut Tx, account: Uuid, at: Option<i64>) -> Result<(), DbError> {
    tx.exec(&CLOSED, args![account, at]).await.map(drop)
}

/// Accounts closed before an instant that still carry a name.
pub(crate) async fn overdue(db: &Db, before: i64, limit: i64) -> Result<Vec<Uuid>, DbError> {
    db.all(&OVERDUE, args![before, limit]).await?.iter().map(|row| row.uuid(0)).collect()
}

/// Takes everything from an account that tells who it was; the row stays, because acts point to it.
pub(crate) async fn anonymise(tx: &mut Tx, account: Uuid, name: &str, login: &str, password_hash: &str, at: i64) -> Result<(), DbError> {
    tx.exec(&ANONYMISE, args![account, name, login, password_hash, at]).await?;
    tx.exec(&REQUESTS_ERASE, args![account]).await?;
    tx.exec(&CONSENT_DROP, args![account]).await.map(drop)
}

/// Lines of the audit of a tenant from before an instant whose contents are still there.
pub(crate) async fn old_lines(tx: &mut Tx, tenant: Uuid, before: i64, limit: i64) -> Result<Vec<i64>, DbError> {
    tx.all(&OLD_LINES, args![tenant, before, limit]).await?.iter().map(|row| row.int(0)).collect()
}

/// How many there are.
pub(crate) async fn old_count(db: &Db, tenant: Uuid, before: i64) -> Result<i64, DbError> {
    db.opt(&OLD_COUNT, args![tenant, before]).await?.map_or(Ok(0), |row| row.int(0))
}
