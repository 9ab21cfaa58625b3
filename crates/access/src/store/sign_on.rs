use db::{Db, DbError, Row, Tx, args};
use uuid::Uuid;

db::statements! {
    FIND: Shared = "SELECT account_id, provider, linked_at, used_at FROM sign_on_link WHERE identity_hash = $1";
    LIST: Shared = "SELECT account_id, provider, linked_at, used_at FROM sign_on_link WHERE account_id = $1 ORDER BY provider, linked_at LIMIT 100";
    ADD: Shared = "INSERT INTO sign_on_link (identity_hash, account_id, provider, linked_at, used_at) VALUES ($1, $2, $3, $4, NULL) \
        ON CONFLICT (identity_hash) DO NOTHING";
    USED: Shared = "UPDATE sign_on_link SET used_at = $3 WHERE identity_hash = $1 AND account_id = $2";
    END: Shared = "DELETE FROM sign_on_link WHERE account_id = $1 AND provider = $2";
    END_ALL: Shared = "DELETE FROM sign_on_link WHERE account_id = $1";
    ASK: Shared = "INSERT INTO sign_on_try (state_hash, provider, purpose, bound, nonce, verifier, back, began_at, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    TAKEN: Shared = "SELECT provider, purpose, bound, nonce, verifier, back, began_at, expires_at FROM sign_on_try WHERE state_hash = $1";
    TAKE: Shared = "DELETE FROM sign_on_try WHERE state_hash = $1";
    SWEEP: Shared = "DELETE FROM sign_on_try WHERE expires_at < $1";
}

/// That an account is somebody's whom a provider knows.
#[derive(Clone, Debug)]
pub(crate) struct LinkRow {
    pub account: Uuid,
    /// Key of the provider when it was linked.
    pub provider: String,
    /// Microseconds.
    pub linked_at: i64,
    pub used_at: Option<i64>,
}

/// Somebody on the way to a provider and back.
#[derive(Clone, Debug)]
pub(crate) struct TryRow {
    pub provider: String,
    pub purpose: String,
    /// Digest of the browser's cookie, or the session.
    pub bound: Vec<u8>,
    pub nonce: String,
    pub verifier: String,
    pub back: String,
    /// Microseconds.
    pub began_at: i64,
    pub expires_at: i64,
}

fn link(row: &Row) -> Result<LinkRow, DbError> {
    Ok(LinkRow { account: row.uuid(0)?, provider: row.text(1)?, linked_at: row.int(2)?, used_at: row.int_opt(3)? })
}

pub(crate) async fn find(db: &Db, identity: &[u8]) -> Result<Option<LinkRow>, DbError> {
    db.opt(&FIND, args![identity]).await?.as_ref().map(link).transpose()
}

pub(crate) async fn list(db: &Db, account: Uuid) -> Result<Vec<LinkRow>, DbError> {
    db.all(&LIST, args![account]).await?.iter().map(link).collect()
}

/// Links; false when the identity is linked already.
pub(crate) async fn add(tx: &mut Tx, identity: &[u8], account: Uuid, provider: &str, at: i64) -> Result<bool, DbError> {
    Ok(tx.exec(&ADD, args![identity, account, provider, at]).await? > 0)
}

/// Writes a use down; false when the link is gone.
pub(crate) async fn used(tx: &mut Tx, identity: &[u8], account: Uuid, at: i64) -> Result<bool, DbError> {
    Ok(tx.exec(&USED, args![identity, account, at]).await? > 0)
}

pub(crate) async fn end(tx: &mut Tx, account: Uuid, provider: &str) -> Result<bool, DbError> {
    Ok(tx.exec(&END, args![account, provider]).await? > 0)
}

/// Takes away all links of an account.
pub(crate) async fn end_all(tx: &mut Tx, account: Uuid) -> Result<(), DbError> {
    tx.exec(&END_ALL, args![account]).await.map(drop)
}

/// Keeps a try, and drops those that have ended.
pub(crate) async fn ask(tx: &mut Tx, state: Vec<u8>, new: &TryRow) -> Result<(), DbError> {
    tx.exec(&SWEEP, args![new.began_at]).await?;
    let args = args![
        state,
        new.provider.as_str(),
        new.purpose.as_str(),
        new.bound.as_slice(),
        new.nonce.as_str(),
        new.verifier.as_str(),
        new.back.as_str(),
        new.began_at,
        new.expires_at
    ];
    tx.exec(&ASK, args).await.map(drop)
}

/// Takes a try away, once: of two that come with the same state, one finds it gone.
pub(crate) async fn take(tx: &mut Tx, state: Vec<u8>) -> Result<Option<TryRow>, DbError> {
    let Some(row) = tx.opt(&TAKEN, args![state.as_slice()]).await? else { return Ok(None) };
    if tx.exec(&TAKE, args![state.as_slice()]).await? == 0 {
        return Ok(None);
    }
    Ok(Some(TryRow {
        provider: row.text(0)?,
        purpose: row.text(1)?,
        bound: row.bytes(2)?,
        nonce: row.text(3)?,
        verifier: row.text(4)?,
        back: row.text(5)?,
        began_at: row.int(6)?,
        expires_at: row.int(7)?,
    }))
}
