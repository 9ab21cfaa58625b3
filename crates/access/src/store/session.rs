use crate::organisation::Field;
use crate::role::{Grant, Role};
use crate::scope::Scopes;
use db::{Db, DbError, Row, Tx, args};
use jiff::civil::Date;
use uuid::Uuid;

db::statements! {
    // One look-up per request: session, person and the roles that hold today.
    FIND: Shared = "SELECT s.id, s.seen_at, a.id, a.login, a.name, a.demo, a.temporary_until, g.role, g.unit_id, g.valid_from, g.valid_to, g.field, s.acting_id, s.proof_at, s.half \
        FROM session s JOIN account a ON a.id = s.account_id \
        LEFT JOIN role_grant g ON g.account_id = a.id AND g.valid_from <= $2 AND (g.valid_to IS NULL OR g.valid_to > $2) \
        WHERE s.token_hash = $1 AND a.disabled = 0 AND s.expires_at > $3 AND s.seen_at > $4 AND s.created_at <= $5";
    OPEN: Shared = "INSERT INTO session (id, token_hash, account_id, created_at, seen_at, expires_at, agent, proof_at, half) VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8)";
    SEEN: Shared = "UPDATE session SET seen_at = $2 WHERE id = $1 AND seen_at < $2";
    CLOSE: Shared = "DELETE FROM session WHERE token_hash = $1";
    END_ONE: Shared = "DELETE FROM session WHERE id = $1 AND account_id = $2";
    END_OTHERS: Shared = "DELETE FROM session WHERE account_id = $1 AND id <> $2";
    LIST: Shared = "SELECT id, created_at, seen_at, agent FROM session WHERE account_id = $1 AND expires_at > $2 AND seen_at > $3 ORDER BY seen_at DESC, id LIMIT 100";
    SWEEP: Shared = "DELETE FROM session WHERE expires_at < $1";

    TOKEN_FIND: Shared = "SELECT t.id, t.name, a.id, a.login, a.name, a.demo, a.temporary_until, g.role, g.unit_id, g.valid_from, g.valid_to, g.field, t.roles, t.scopes, a.service, t.used_at \
        FROM api_token t JOIN account a ON a.id = t.account_id \
        LEFT JOIN role_grant g ON g.account_id = a.id AND g.valid_from <= $2 AND (g.valid_to IS NULL OR g.valid_to > $2) \
        WHERE t.token_hash = $1 AND a.disabled = 0 AND t.expires_at > $3";
    TOKEN_ADD: Shared = "INSERT INTO api_token (id, token_hash, account_id, name, roles, created_at, expires_at, scopes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    TOKEN_LIST: Shared = "SELECT id, name, roles, created_at, expires_at, scopes, used_at FROM api_token WHERE account_id = $1 ORDER BY created_at DESC, id LIMIT 100";
    TOKEN_USED: Shared = "UPDATE api_token SET used_at = $2 WHERE id = $1 AND (used_at IS NULL OR used_at < $2)";
    TOKEN_END: Shared = "DELETE FROM api_token WHERE id = $1 AND account_id = $2";
    TOKEN_END_ALL: Shared = "DELETE FROM api_token WHERE account_id = $1";

    // Counts a try before the password is looked at, so that many at once cannot slip through; no row while blocked.
    TRY: Shared = "INSERT INTO sign_in_attempt (login_hash, address, failures, last_at, blocked_until) VALUES ($1, $2, 1, $3, 0) \
        ON CONFLICT (login_hash, address) DO UPDATE SET \
        failures = CASE WHEN sign_in_attempt.last_at < $4 THEN 1 ELSE sign_in_attempt.failures + 1 END, \
        last_at = excluded.last_at, \
        blocked_until = CASE WHEN sign_in_attempt.last_at < $4 OR sign_in_attempt.failures < 4 THEN CAST(0 AS BIGINT) \
            WHEN sign_in_attempt.failures < 7 THEN CAST($5 AS BIGINT) \
            WHEN sign_in_attempt.failures < 11 THEN CAST($6 AS BIGINT) ELSE CAST($7 AS BIGINT) END \
        WHERE sign_in_attempt.blocked_until <= $3 RETURNING failures";
    // A whole address: hundreds of people may sit behind one, so it is slowed only after many failures, and for a minute.
    TRY_ADDRESS: Shared = "INSERT INTO sign_in_attempt (login_hash, address, failures, last_at, blocked_until) VALUES ($1, $2, 1, $3, 0) \
        ON CONFLICT (login_hash, address) DO UPDATE SET \
        failures = CASE WHEN sign_in_attempt.last_at < $4 THEN 1 ELSE sign_in_attempt.failures + 1 END, \
        last_at = excluded.last_at, \
        blocked_until = CASE WHEN sign_in_attempt.last_at < $4 OR sign_in_attempt.failures < 200 THEN CAST(0 AS BIGINT) ELSE CAST($5 AS BIGINT) END \
        WHERE sign_in_attempt.blocked_until <= $3 RETURNING failures";
    TRY_BACK: Shared = "UPDATE sign_in_attempt SET failures = failures - 1 WHERE login_hash = $1 AND address = $2 AND failures > 0";
    BLOCKED: Shared = "SELECT blocked_until FROM sign_in_attempt WHERE login_hash = $1 AND address = $2";
    ABSENT_FIND: Shared = "SELECT a.id, a.login, a.id, a.login, a.name, a.demo, a.temporary_until, g.role, g.unit_id, g.valid_from, g.valid_to, g.field, a.login, a.login, a.service, a.temporary_until \
        FROM account a LEFT JOIN role_grant g ON g.account_id = a.id AND g.valid_from <= $2 AND (g.valid_to IS NULL OR g.valid_to > $2) \
        WHERE a.id = $1 AND a.disabled = 0";
    FORGIVE: Shared = "DELETE FROM sign_in_attempt WHERE login_hash = $1 AND address = $2";
    TRY_SWEEP: Shared = "DELETE FROM sign_in_attempt WHERE last_at < $1";
}

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
/// A session ends after twelve hours without a request.
pub(crate) const IDLE: i64 = 12 * 60 * MINUTE;
/// A session ends seven days after signing in.
pub(crate) const LIFE: i64 = 7 * 24 * 60 * MINUTE;
/// How often the last use is written down.
pub(crate) const TOUCH: i64 = 5 * MINUTE;

/// Whom a session or token stands for.
#[derive(Clone, Debug)]
pub(crate) struct Bearer {
    /// Of the session or the token.
    pub id: Uuid,
    /// Last use written down, microseconds; 0 before the first.
    pub seen_at: i64,
    /// Name of the token.
    pub token_name: String,
    pub account: Uuid,
    pub login: String,
    pub name: String,
    pub demo: bool,
    pub temporary: bool,
    pub grants: Vec<(Grant, Option<Field>)>,
    /// What the person chose to act as in this session.
    pub acting: Option<Uuid>,
    /// When the person last showed who it is, microseconds.
    pub proof_at: i64,
    /// The password was right, the second step is still to come.
    pub half: bool,
    /// What a token may do at most.
    pub narrowed: Option<Vec<Role>>,
    /// How far a token reaches.
    pub scopes: Option<Scopes>,
    /// Of another system.
    pub service: bool,
}

fn bearer(rows: &[Row], token: bool) -> Result<Option<Bearer>, DbError> {
    let Some(first) = rows.first() else { return Ok(None) };
    let mut grants = Vec::new();
    for row in rows {
        if row.is_null(7)? {
            continue;
        }
        // A field that the facts no longer know narrows to nothing; it must not widen to everything.
        if let Some(field) = field(&row.text(11)?) {
            grants.push((grant(row, 7)?, field));
        }
    }
    let mut bearer = Bearer {
        id: first.uuid(0)?,
        seen_at: if token { first.int_opt(15)?.unwrap_or_default() } else { first.int(1)? },
        token_name: if token { first.text(1)? } else { String::new() },
        account: first.uuid(2)?,
        login: first.text(3)?,
        name: first.text(4)?,
        demo: first.flag(5)?,
        temporary: first.int_opt(6)?.is_some(),
        grants,
        acting: if token { None } else { first.uuid_opt(12)? },
        proof_at: if token { 0 } else { first.int(13)? },
        half: !token && first.flag(14)?,
        narrowed: None,
        scopes: None,
        service: token && first.flag(14)?,
    };
    if token {
        bearer.narrowed = Some(parse_roles(&first.text(12)?));
        bearer.scopes = Some(Scopes::parse(&first.text(13)?));
    }
    Ok(Some(bearer))
}

/// A grant from four columns: role, unit, first day, end.
pub(crate) fn grant(row: &Row, at: usize) -> Result<Grant, DbError> {
    let role = row.text(at)?;
    let date = |text: String| text.parse::<Date>().map_err(|_| DbError::defect(format!("{text:?} is not a date")));
    Ok(Grant {
        role: Role::parse(&role).ok_or_else(|| DbError::defect(format!("unknown role {role:?}")))?,
        unit: row.uuid(at + 1)?,
        from: date(row.text(at + 2)?)?,
        to: row.text_opt(at + 3)?.map(date).transpose()?,
    })
}

/// The field of a stored code: none for the empty one, nothing at all for one that is not known.
pub(crate) fn field(code: &str) -> Option<Option<Field>> {
    if code.is_empty() { Some(None) } else { Field::coded(code).map(Some) }
}

/// What a token may do: its owner's roles, as far as it has them; where it may only view, every role becomes viewing.
pub(crate) fn narrow(grants: &[(Grant, Option<Field>)], roles: &[Role]) -> Vec<(Grant, Option<Field>)> {
    grants
        .iter()
        .filter_map(|(grant, field)| {
            if roles.contains(&grant.role) {
                Some((*grant, *field))
            } else if roles.contains(&Role::Viewer) {
                Some((Grant { role: Role::Viewer, ..*grant }, *field))
            } else {
                None
            }
        })
        .collect()
}

fn parse_roles(text: &str) -> Vec<Role> {
    text.split(',').filter_map(Role::parse).collect()
}

/// Whose session this is, if it still runs; instants in microseconds.
pub(crate) async fn find(db: &Db, token_hash: Vec<u8>, today: Date, now: i64) -> Result<Option<Bearer>, DbError> {
    // A session from the future was made before the clock was set back: it is not to live longer by that.
    bearer(&db.all(&FIND, args![token_hash, today.to_string(), now, now - IDLE, now + 5 * MINUTE]).await?, false)
}

/// Whose API token this is, if it is still valid.
pub(crate) async fn find_token(db: &Db, token_hash: Vec<u8>, today: Date, now: i64) -> Result<Option<Bearer>, DbError> {
    bearer(&db.all(&TOKEN_FIND, args![token_hash, today.to_string(), now]).await?, true)
}

/// An account without a session or token, for what is read on behalf of somebody who is not here.
pub(crate) async fn find_absent(db: &Db, account: Uuid, today: Date) -> Result<Option<Bearer>, DbError> {
    let found = bearer(&db.all(&ABSENT_FIND, args![account, today.to_string()]).await?, true)?;
    Ok(found.map(|b| Bearer { narrowed: None, scopes: None, ..b }))
}

/// Begins a session and clears away what is over: sessions, and failed tries of a day ago.
pub(crate) async fn open(tx: &mut Tx, token_hash: Vec<u8>, account: Uuid, now: i64, agent: &str, half: bool) -> Result<Uuid, DbError> {
    let id = Uuid::now_v7();
    tx.exec(&SWEEP, args![now]).await?;
    tx.exec(&TRY_SWEEP, args![now - 24 * 60 * MINUTE]).await?;
    tx.exec(&OPEN, args![id, token_hash, account, now, now + if half { 10 * MINUTE } else { LIFE }, agent, if half { 0 } else { now }, half]).await?;
    Ok(id)
}

/// Writes down that a session was used.
pub(crate) async fn seen(db: &Db, session: Uuid, now: i64) -> Result<(), DbError> {
    db.exec(&SEEN, args![session, now]).await.map(drop)
}

/// Ends the session of a cookie.
pub(crate) async fn close(tx: &mut Tx, token_hash: Vec<u8>) -> Result<bool, DbError> {
    Ok(tx.exec(&CLOSE, args![token_hash]).await? > 0)
}

/// Ends one session of an account.
pub(crate) async fn end_one(tx: &mut Tx, session: Uuid, account: Uuid) -> Result<bool, DbError> {
    Ok(tx.exec(&END_ONE, args![session, account]).await? > 0)
}

/// Ends all sessions of an account but one; the nil UUID keeps none.
pub(crate) async fn end_others(tx: &mut Tx, account: Uuid, keep: Uuid) -> Result<u64, DbError> {
    tx.exec(&END_OTHERS, args![account, keep]).await
}

/// A running session, for its owner.
#[derive(Clone, Debug)]
pub(crate) struct SessionRow {
    pub id: Uuid,
    pub created_at: i64,
    pub seen_at: i64,
    pub agent: String,
}

/// The running sessions of an account, last used first.
pub(crate) async fn list(db: &Db, account: Uuid, now: i64) -> Result<Vec<SessionRow>, DbError> {
    let rows = db.all(&LIST, args![account, now, now - IDLE]).await?;
    rows.iter().map(|row| Ok(SessionRow { id: row.uuid(0)?, created_at: row.int(1)?, seen_at: row.int(2)?, agent: row.text(3)? })).collect()
}

/// An API token, for its owner.
#[derive(Clone, Debug)]
pub(crate) struct TokenRow {
    pub id: Uuid,
    pub name: String,
    pub roles: Vec<Role>,
    pub scopes: Scopes,
    pub created_at: i64,
    pub expires_at: i64,
    /// Last use written down; `None` before the first.
    pub used_at: Option<i64>,
}

/// Writes down that a token was used.
pub(crate) async fn token_used(db: &Db, token: Uuid, now: i64) -> Result<(), DbError> {
    db.exec(&TOKEN_USED, args![token, now]).await.map(drop)
}

/// Adds an API token.
pub(crate) async fn add_token(tx: &mut Tx, token: &TokenRow, token_hash: Vec<u8>, account: Uuid) -> Result<(), DbError> {
    let roles: Vec<&str> = token.roles.iter().map(|role| role.as_str()).collect();
    tx.exec(&TOKEN_ADD, args![token.id, token_hash, account, &token.name, roles.join(","), token.created_at, token.expires_at, token.scopes.to_string()])
        .await
        .map(drop)
}

/// The API tokens of an account, newest first.
pub(crate) async fn tokens(db: &Db, account: Uuid) -> Result<Vec<TokenRow>, DbError> {
    db.all(&TOKEN_LIST, args![account])
        .await?
        .iter()
        .map(|row| {
            let scopes = Scopes::parse(&row.text(5)?);
            Ok(TokenRow {
                id: row.uuid(0)?,
                name: row.text(1)?,
                roles: parse_roles(&row.text(2)?),
                scopes,
                created_at: row.int(3)?,
                expires_at: row.int(4)?,
                used_at: row.int_opt(6)?,
            })
        })
        .collect()
}

/// Revokes a token of an account.
pub(crate) async fn end_token(tx: &mut Tx, token: Uuid, account: Uuid) -> Result<bool, DbError> {
    Ok(tx.exec(&TOKEN_END, args![token, account]).await? > 0)
}

/// Revokes all tokens of an account.
pub(crate) async fn end_tokens(tx: &mut Tx, account: Uuid) -> Result<u64, DbError> {
    tx.exec(&TOKEN_END_ALL, args![account]).await
}

/// Counts a try of a login from an address. `Err(until)` while the pair is blocked.
///
/// After five failures within an hour the pair waits 30 seconds, after eight 5 minutes, after twelve 15 minutes.
/// Other logins from the address, and the login from other addresses, are not touched.
pub(crate) async fn attempt(tx: &mut Tx, login_hash: &[u8], address: &str, now: i64) -> Result<Result<(), i64>, DbError> {
    let values = args![login_hash, address, now, now - 60 * MINUTE, now + 30 * SECOND, now + 5 * MINUTE, now + 15 * MINUTE];
    if tx.opt(&TRY, values).await?.is_some() {
        return Ok(Ok(()));
    }
    let until = tx.opt(&BLOCKED, args![login_hash, address]).await?.map(|row| row.int(0)).transpose()?;
    Ok(Err(until.unwrap_or(now)))
}

/// Counts a try from an address, whatever the login: two hundred failures within an hour make it wait a minute.
pub(crate) async fn attempt_from(tx: &mut Tx, key: &[u8], address: &str, now: i64) -> Result<Result<(), i64>, DbError> {
    if tx.opt(&TRY_ADDRESS, args![key, address, now, now - 60 * MINUTE, now + MINUTE]).await?.is_some() {
        return Ok(Ok(()));
    }
    let until = tx.opt(&BLOCKED, args![key, address]).await?.map(|row| row.int(0)).transpose()?;
    Ok(Err(until.unwrap_or(now)))
}

/// A success does not count against the address.
pub(crate) async fn uncount(tx: &mut Tx, key: &[u8], address: &str) -> Result<(), DbError> {
    tx.exec(&TRY_BACK, args![key, address]).await.map(drop)
}

/// Forgets the failures of a pair after a success.
pub(crate) async fn forgive(tx: &mut Tx, login_hash: &[u8], address: &str) -> Result<(), DbError> {
    tx.exec(&FORGIVE, args![login_hash, address]).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_never_does_more_than_its_owner() {
        let grant = |role| (Grant { role, unit: Uuid::nil(), from: Date::MIN, to: None }, None);
        let owner = [grant(Role::Officer), grant(Role::Reviewer)];
        let roles = |list: Vec<(Grant, Option<Field>)>| list.iter().map(|(g, _)| g.role).collect::<Vec<_>>();
        assert_eq!(roles(narrow(&owner, &[Role::Officer])), [Role::Officer]);
        assert_eq!(roles(narrow(&owner, &[Role::Viewer])), [Role::Viewer, Role::Viewer]);
        assert_eq!(roles(narrow(&owner, &[Role::Administrator])), []);
        assert_eq!(parse_roles("officer,,root,viewer"), [Role::Officer, Role::Viewer]);
    }
}
