use db::{Db, DbError, Row, Tx, args};
use uuid::Uuid;

db::statements! {
    FIND: Shared = "SELECT credential, id, account_id, name, algorithm, public_key, counter, created_at, used_at FROM passkey WHERE credential = $1";
    LIST: Shared = "SELECT credential, id, account_id, name, algorithm, public_key, counter, created_at, used_at FROM passkey \
        WHERE account_id = $1 ORDER BY created_at, id LIMIT 100";
    ADD: Shared = "INSERT INTO passkey (credential, id, account_id, name, algorithm, public_key, counter, created_at, used_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL) ON CONFLICT (credential) DO NOTHING";
    END: Shared = "DELETE FROM passkey WHERE account_id = $1 AND id = $2";
    END_ALL: Shared = "DELETE FROM passkey WHERE account_id = $1";
    // Of two answers with one count, one finds it taken; an authenticator that does not count says 0 for ever.
    USED: Shared = "UPDATE passkey SET counter = $2, used_at = $3 WHERE credential = $1 AND (counter < $2 OR (counter = 0 AND $2 = 0))";
    ASK: Shared = "INSERT INTO passkey_challenge (challenge_hash, purpose, bound, expires_at) VALUES ($1, $2, $3, $4)";
    TAKE: Shared = "DELETE FROM passkey_challenge WHERE challenge_hash = $1 AND purpose = $2 AND bound = $3 AND expires_at > $4 AND expires_at <= $5";
    SWEEP: Shared = "DELETE FROM passkey_challenge WHERE expires_at < $1";
}

/// A passkey as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct PasskeyRow {
    pub credential: Vec<u8>,
    pub id: Uuid,
    pub account: Uuid,
    pub name: String,
    /// COSE number: -7 (ES256) or -257 (RS256).
    pub algorithm: i64,
    /// SubjectPublicKeyInfo, DER.
    pub public_key: Vec<u8>,
    /// How often the authenticator says it has signed; 0 when it does not count.
    pub counter: i64,
    /// Microseconds.
    pub created_at: i64,
    pub used_at: Option<i64>,
}

fn passkey(row: &Row) -> Result<PasskeyRow, DbError> {
    Ok(PasskeyRow {
        credential: row.bytes(0)?,
        id: row.uuid(1)?,
        account: row.uuid(2)?,
        name: row.text(3)?,
        algorithm: row.int(4)?,
        public_key: row.bytes(5)?,
        counter: row.int(6)?,
        created_at: row.int(7)?,
        used_at: row.int_opt(8)?,
    })
}

pub(crate) async fn find(db: &Db, credential: &[u8]) -> Result<Option<PasskeyRow>, DbError> {
    db.opt(&FIND, args![credential]).await?.as_ref().map(passkey).transpose()
}

pub(crate) async fn list(db: &Db, account: Uuid) -> Result<Vec<PasskeyRow>, DbError> {
    db.all(&LIST, args![account]).await?.iter().map(passkey).collect()
}

/// Keeps a new key; false when its id is known already.
pub(crate) async fn add(tx: &mut Tx, new: &PasskeyRow) -> Result<bool, DbError> {
    let args = args![new.credential.as_slice(), new.id, new.account, new.name.as_str(), new.algorithm, new.public_key.as_slice(), new.counter, new.created_at];
    Ok(tx.exec(&ADD, args).await? > 0)
}

/// Takes away all keys of an account.
pub(crate) async fn end_all(tx: &mut Tx, account: Uuid) -> Result<(), DbError> {
    tx.exec(&END_ALL, args![account]).await.map(drop)
}

pub(crate) async fn end(tx: &mut Tx, account: Uuid, id: Uuid) -> Result<bool, DbError> {
    Ok(tx.exec(&END, args![account, id]).await? > 0)
}

/// Writes a use down; false when the count did not go forward, or the key is gone.
pub(crate) async fn used(tx: &mut Tx, credential: &[u8], counter: i64, at: i64) -> Result<bool, DbError> {
    Ok(tx.exec(&USED, args![credential, counter, at]).await? > 0)
}

/// Keeps a challenge that was given out, and drops those that have ended.
pub(crate) async fn ask(tx: &mut Tx, challenge: Vec<u8>, purpose: &str, bound: &[u8], now: i64, until: i64) -> Result<(), DbError> {
    tx.exec(&SWEEP, args![now]).await?;
    tx.exec(&ASK, args![challenge, purpose, bound, until]).await.map(drop)
}

/// Takes a challenge, once. One that ends later than it could have been given was made before the clock was set back.
pub(crate) async fn take(tx: &mut Tx, challenge: Vec<u8>, purpose: &str, bound: &[u8], now: i64, latest: i64) -> Result<bool, DbError> {
    Ok(tx.exec(&TAKE, args![challenge, purpose, bound, now, latest]).await? > 0)
}
