use db::{Db, DbError, Tx, args};
use uuid::Uuid;

db::statements! {
    TOTP: Shared = "SELECT secret, last_step, confirmed_at FROM totp WHERE account_id = $1";
    TOTP_SET: Shared = "INSERT INTO totp (account_id, secret, last_step, confirmed_at) VALUES ($1, $2, 0, NULL) \
        ON CONFLICT (account_id) DO UPDATE SET secret = excluded.secret, last_step = 0, confirmed_at = NULL WHERE totp.confirmed_at IS NULL";
    TOTP_CONFIRM: Shared = "UPDATE totp SET confirmed_at = $2 WHERE account_id = $1 AND confirmed_at IS NULL";
    // A step is taken once: of two that come with the same code, one finds it gone.
    TOTP_STEP: Shared = "UPDATE totp SET last_step = $2 WHERE account_id = $1 AND last_step < $2";
    TOTP_DROP: Shared = "DELETE FROM totp WHERE account_id = $1";
    CODE_ADD: Shared = "INSERT INTO recovery_code (account_id, code_hash, used_at) VALUES ($1, $2, NULL)";
    CODE_USE: Shared = "UPDATE recovery_code SET used_at = $3 WHERE account_id = $1 AND code_hash = $2 AND used_at IS NULL";
    CODE_LEFT: Shared = "SELECT count(*) FROM recovery_code WHERE account_id = $1 AND used_at IS NULL";
    CODE_DROP: Shared = "DELETE FROM recovery_code WHERE account_id = $1";
    DEVICE: Shared = "SELECT token_hash FROM trusted_device WHERE token_hash = $1 AND account_id = $2 AND expires_at > $3";
    DEVICE_ADD: Shared = "INSERT INTO trusted_device (token_hash, account_id, created_at, expires_at) VALUES ($1, $2, $3, $4)";
    DEVICE_SWEEP: Shared = "DELETE FROM trusted_device WHERE expires_at < $1";
    DEVICE_DROP: Shared = "DELETE FROM trusted_device WHERE account_id = $1";
    CONSENTS: Shared = "SELECT kind, given_at, withdrawn_at FROM consent WHERE account_id = $1 ORDER BY kind, given_at LIMIT 500";
    CONSENT_ADD: Shared = "INSERT INTO consent (account_id, kind, given_at, withdrawn_at) VALUES ($1, $2, $3, NULL) ON CONFLICT DO NOTHING";
    CONSENT_END: Shared = "UPDATE consent SET withdrawn_at = $3 WHERE account_id = $1 AND kind = $2 AND withdrawn_at IS NULL";
    HALF_DONE: Shared = "UPDATE session SET half = 0, token_hash = $2, proof_at = $3 WHERE id = $1 AND half = 1";
    PROVED: Shared = "UPDATE session SET proof_at = $2 WHERE id = $1";
}

/// The shared secret of an account.
#[derive(Clone, Debug)]
pub(crate) struct TotpRow {
    pub secret: Vec<u8>,
    pub confirmed: bool,
}

pub(crate) async fn totp(db: &Db, account: Uuid) -> Result<Option<TotpRow>, DbError> {
    db.opt(&TOTP, args![account]).await?.map(|row| Ok(TotpRow { secret: row.bytes(0)?, confirmed: !row.is_null(2)? })).transpose()
}

/// Keeps a secret that is still to be confirmed; a confirmed one stays.
pub(crate) async fn set_totp(tx: &mut Tx, account: Uuid, secret: &[u8]) -> Result<(), DbError> {
    tx.exec(&TOTP_SET, args![account, secret]).await.map(drop)
}

pub(crate) async fn confirm_totp(tx: &mut Tx, account: Uuid, at: i64) -> Result<bool, DbError> {
    Ok(tx.exec(&TOTP_CONFIRM, args![account, at]).await? > 0)
}

/// Takes a step; false when it or a later one was taken before.
pub(crate) async fn take_step(tx: &mut Tx, account: Uuid, step: i64) -> Result<bool, DbError> {
    Ok(tx.exec(&TOTP_STEP, args![account, step]).await? > 0)
}

/// Turns the second step off.
pub(crate) async fn drop_totp(tx: &mut Tx, account: Uuid) -> Result<(), DbError> {
    tx.exec(&CODE_DROP, args![account]).await?;
    tx.exec(&TOTP_DROP, args![account]).await.map(drop)
}

pub(crate) async fn add_code(tx: &mut Tx, account: Uuid, hash: Vec<u8>) -> Result<(), DbError> {
    tx.exec(&CODE_ADD, args![account, hash]).await.map(drop)
}

pub(crate) async fn use_code(tx: &mut Tx, account: Uuid, hash: Vec<u8>, at: i64) -> Result<bool, DbError> {
    Ok(tx.exec(&CODE_USE, args![account, hash, at]).await? > 0)
}

pub(crate) async fn codes_left(db: &Db, account: Uuid) -> Result<i64, DbError> {
    match db.opt(&CODE_LEFT, args![account]).await? {
        Some(row) => row.int(0),
        None => Ok(0),
    }
}

pub(crate) async fn knows_device(db: &Db, hash: Vec<u8>, account: Uuid, now: i64) -> Result<bool, DbError> {
    Ok(db.opt(&DEVICE, args![hash, account, now]).await?.is_some())
}

pub(crate) async fn trust(tx: &mut Tx, hash: Vec<u8>, account: Uuid, now: i64, until: i64) -> Result<(), DbError> {
    tx.exec(&DEVICE_SWEEP, args![now]).await?;
    tx.exec(&DEVICE_ADD, args![hash, account, now, until]).await.map(drop)
}

pub(crate) async fn distrust(tx: &mut Tx, account: Uuid) -> Result<(), DbError> {
    tx.exec(&DEVICE_DROP, args![account]).await.map(drop)
}

/// A consent: kind, when given, when withdrawn.
pub(crate) async fn consents(db: &Db, account: Uuid) -> Result<Vec<(String, i64, Option<i64>)>, DbError> {
    db.all(&CONSENTS, args![account]).await?.iter().map(|row| Ok((row.text(0)?, row.int(1)?, row.int_opt(2)?))).collect()
}

pub(crate) async fn consent(tx: &mut Tx, account: Uuid, kind: &str, at: i64) -> Result<(), DbError> {
    tx.exec(&CONSENT_ADD, args![account, kind, at]).await.map(drop)
}

pub(crate) async fn withdraw(tx: &mut Tx, account: Uuid, kind: &str, at: i64) -> Result<bool, DbError> {
    Ok(tx.exec(&CONSENT_END, args![account, kind, at]).await? > 0)
}

/// The second step was done: the session gets a new token, so that the first is worth nothing.
pub(crate) async fn whole(tx: &mut Tx, session: Uuid, token_hash: Vec<u8>, at: i64) -> Result<bool, DbError> {
    Ok(tx.exec(&HALF_DONE, args![session, token_hash, at]).await? > 0)
}

pub(crate) async fn proved(tx: &mut Tx, session: Uuid, at: i64) -> Result<(), DbError> {
    tx.exec(&PROVED, args![session, at]).await.map(drop)
}
