//! The only file of this crate with SQL.

use db::{Db, DbError, Row, Tx, args};
use uuid::Uuid;

db::statements! {
    REMINDER: Shared = "SELECT account_id, address, confirmed_at, code_hash, code_until, tries, urgent, digest_minute, digested_on, checked_at, feed_hash \
                        FROM reminder WHERE account_id = $1";
    BY_FEED: Shared = "SELECT account_id FROM reminder WHERE feed_hash = $1";
    LEAST_CHECKED: Shared = "SELECT account_id, address, confirmed_at, code_hash, code_until, tries, urgent, digest_minute, digested_on, checked_at, feed_hash \
                             FROM reminder WHERE confirmed_at IS NOT NULL AND (urgent = 1 OR digest_minute IS NOT NULL) ORDER BY checked_at, account_id LIMIT $1";
    SAVE_REMINDER: Shared = "INSERT INTO reminder (account_id, address, confirmed_at, code_hash, code_until, tries, urgent, digest_minute, digested_on, checked_at, feed_hash) \
                             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (account_id) DO UPDATE SET address = excluded.address, \
                             confirmed_at = excluded.confirmed_at, code_hash = excluded.code_hash, code_until = excluded.code_until, tries = excluded.tries, \
                             urgent = excluded.urgent, digest_minute = excluded.digest_minute, feed_hash = excluded.feed_hash";
    CHECKED: Shared = "UPDATE reminder SET checked_at = $2 WHERE account_id = $1";
    DIGESTED: Shared = "UPDATE reminder SET digested_on = $2 WHERE account_id = $1 AND digested_on <> $2";
    ADD_REMINDED: Shared = "INSERT INTO reminded (account_id, duty, at) VALUES ($1, $2, $3) ON CONFLICT (account_id, duty) DO NOTHING";
    FORGET_REMINDED: Shared = "DELETE FROM reminded WHERE account_id = $1 AND at < $2";
    LOOKED: Shared = "SELECT duties FROM looked WHERE account_id = $1";
    SAVE_LOOKED: Shared = "INSERT INTO looked (account_id, at, duties) VALUES ($1, $2, $3) ON CONFLICT (account_id) DO UPDATE SET at = excluded.at, duties = excluded.duties";
    ADD_MAIL: Shared = "INSERT INTO mail_out (mail_id, account_id, address, subject, body, created_at, next_at, tries, problem) VALUES ($1, $2, $3, $4, $5, $6, $6, 0, '')";
    MAIL_DUE: Shared = "SELECT mail_id, address, subject, body, tries FROM mail_out WHERE next_at <= $1 ORDER BY next_at, mail_id LIMIT $2";
    CLAIM_MAIL: Shared = "UPDATE mail_out SET tries = tries + 1, next_at = $3 WHERE mail_id = $1 AND tries = $2";
    MAIL_PROBLEM: Shared = "UPDATE mail_out SET problem = $2 WHERE mail_id = $1";
    MAIL_SENT: Shared = "DELETE FROM mail_out WHERE mail_id = $1";
    LAST_PROBLEM: Shared = "SELECT problem FROM mail_out WHERE account_id = $1 AND problem <> '' ORDER BY created_at DESC LIMIT 1";
}

/// What a person wishes to be told, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reminder {
    /// Whose.
    pub account: Uuid,
    /// Mail address; empty for none.
    pub address: String,
    /// When the person proved to read it; microseconds UTC.
    pub confirmed_at: Option<i64>,
    /// SHA-256 of the code that proves it.
    pub code_hash: Option<Vec<u8>>,
    /// Until when the code holds.
    pub code_until: i64,
    /// Wrong codes so far.
    pub tries: i64,
    /// Whether what is late or nearly so is mailed at once.
    pub urgent: bool,
    /// Minute of the day of the digest; none for no digest.
    pub digest_minute: Option<i64>,
    /// Day of the last digest, ISO.
    pub digested_on: String,
    /// When it was last looked whether there is something to say.
    pub checked_at: i64,
    /// SHA-256 of the secret in the address of the calendar feed.
    pub feed_hash: Option<Vec<u8>>,
}

fn reminder(r: &Row) -> Result<Reminder, DbError> {
    let bytes = |at| -> Result<Option<Vec<u8>>, DbError> { if r.is_null(at)? { Ok(None) } else { r.bytes(at).map(Some) } };
    Ok(Reminder {
        account: r.uuid(0)?,
        address: r.text(1)?,
        confirmed_at: r.int_opt(2)?,
        code_hash: bytes(3)?,
        code_until: r.int(4)?,
        tries: r.int(5)?,
        urgent: r.flag(6)?,
        digest_minute: r.int_opt(7)?,
        digested_on: r.text(8)?,
        checked_at: r.int(9)?,
        feed_hash: bytes(10)?,
    })
}

/// The wishes of a person, if there are any.
pub async fn read(db: &Db, account: Uuid) -> Result<Option<Reminder>, DbError> {
    db.opt(&REMINDER, args![account]).await?.as_ref().map(reminder).transpose()
}

/// The same inside a transaction.
pub async fn read_tx(tx: &mut Tx, account: Uuid) -> Result<Option<Reminder>, DbError> {
    tx.opt(&REMINDER, args![account]).await?.as_ref().map(reminder).transpose()
}

/// Whose calendar feed this is.
pub async fn by_feed(db: &Db, hash: Vec<u8>) -> Result<Option<Uuid>, DbError> {
    db.opt(&BY_FEED, args![hash]).await?.map(|r| r.uuid(0)).transpose()
}

/// People who want mail, those first who were not looked after for longest.
pub async fn least_checked(db: &Db, most: i64) -> Result<Vec<Reminder>, DbError> {
    db.all(&LEAST_CHECKED, args![most]).await?.iter().map(reminder).collect()
}

/// Writes the wishes; not when the last digest went out, nor when they were last looked after.
pub async fn save(tx: &mut Tx, r: &Reminder) -> Result<(), DbError> {
    tx.exec(
        &SAVE_REMINDER,
        args![
            r.account,
            &r.address,
            r.confirmed_at,
            r.code_hash.clone(),
            r.code_until,
            r.tries,
            r.urgent,
            r.digest_minute,
            &r.digested_on,
            r.checked_at,
            r.feed_hash.clone()
        ],
    )
    .await
    .map(drop)
}

/// Notes that somebody was looked after.
pub async fn checked(tx: &mut Tx, account: Uuid, at: i64) -> Result<(), DbError> {
    tx.exec(&CHECKED, args![account, at]).await.map(drop)
}

/// Takes the digest of a day; false when another process took it.
pub async fn take_digest(tx: &mut Tx, account: Uuid, day: &str) -> Result<bool, DbError> {
    Ok(tx.exec(&DIGESTED, args![account, day]).await? > 0)
}

/// Notes that somebody was told of a duty; false when they had been before.
pub async fn take_duty(tx: &mut Tx, account: Uuid, duty: &str, at: i64) -> Result<bool, DbError> {
    Ok(tx.exec(&ADD_REMINDED, args![account, duty, at]).await? > 0)
}

/// Forgets what somebody was told of before an instant.
pub async fn forget(tx: &mut Tx, account: Uuid, before: i64) -> Result<(), DbError> {
    tx.exec(&FORGET_REMINDED, args![account, before]).await.map(drop)
}

/// What somebody saw the last time: JSON of keys with the instant when each was first seen.
pub async fn looked(db: &Db, account: Uuid) -> Result<Option<String>, DbError> {
    db.opt(&LOOKED, args![account]).await?.map(|r| r.text(0)).transpose()
}

/// Keeps what somebody saw.
pub async fn save_looked(db: &Db, account: Uuid, at: i64, duties: &str) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    tx.exec(&SAVE_LOOKED, args![account, at, duties]).await?;
    tx.commit().await
}

/// Puts a letter into the outbox.
pub async fn add_mail(tx: &mut Tx, account: Uuid, mail: &crate::Mail, at: i64) -> Result<(), DbError> {
    tx.exec(&ADD_MAIL, args![mail.id, account, &mail.to, &mail.subject, &mail.body, at]).await.map(drop)
}

/// Letters to be sent now, each with how often it was tried.
pub async fn mail_due(db: &Db, now: i64, most: i64) -> Result<Vec<(crate::Mail, i64)>, DbError> {
    let read = |r: &Row| Ok((crate::Mail { id: r.uuid(0)?, to: r.text(1)?, subject: r.text(2)?, body: r.text(3)? }, r.int(4)?));
    db.all(&MAIL_DUE, args![now, most]).await?.iter().map(read).collect()
}

/// Takes a letter for one try; false when another process was faster.
pub async fn claim_mail(db: &Db, id: Uuid, tries: i64, next_at: i64) -> Result<bool, DbError> {
    let mut tx = db.begin().await?;
    let taken = tx.exec(&CLAIM_MAIL, args![id, tries, next_at]).await? > 0;
    tx.commit().await?;
    Ok(taken)
}

/// Says why a letter was not sent.
pub async fn mail_problem(db: &Db, id: Uuid, problem: &str) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    tx.exec(&MAIL_PROBLEM, args![id, problem]).await?;
    tx.commit().await
}

/// A letter that has left, or that is given up.
pub async fn mail_done(db: &Db, id: Uuid) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    tx.exec(&MAIL_SENT, args![id]).await?;
    tx.commit().await
}

/// Why the last letter to somebody has not left yet.
pub async fn last_problem(db: &Db, account: Uuid) -> Result<Option<String>, DbError> {
    db.opt(&LAST_PROBLEM, args![account]).await?.map(|r| r.text(0)).transpose()
}
