use crate::role::Grant;
use crate::store::session::grant as read_grant;
use db::{Db, DbError, Row, Tx, args};
use jiff::civil::Date;
use uuid::Uuid;

db::statements! {
    BY_LOGIN: Shared = "SELECT id, login, name, unit_id, temporary_until, demo, disabled, created_at, password_hash, service, purpose FROM account WHERE login = $1";
    BY_ID: Shared = "SELECT id, login, name, unit_id, temporary_until, demo, disabled, created_at, password_hash, service, purpose FROM account WHERE id = $1";
    PAGE: Shared = "SELECT id, login, name, unit_id, temporary_until, demo, disabled, created_at, password_hash, service, purpose FROM account WHERE login > $1 ORDER BY login LIMIT $2";
    ADD: Shared = "INSERT INTO account (id, login, name, unit_id, password_hash, temporary_until, demo, disabled, created_at, service, purpose) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10) ON CONFLICT (login) DO NOTHING";
    RENAME: Shared = "UPDATE account SET name = $2 WHERE id = $1";
    DISABLE: Shared = "UPDATE account SET disabled = $2 WHERE id = $1";
    PASSWORD: Shared = "UPDATE account SET password_hash = $2, temporary_until = $3 WHERE id = $1";
    GRANTS: Shared = "SELECT id, basis, role, unit_id, valid_from, valid_to, field FROM role_grant WHERE account_id = $1 ORDER BY valid_from DESC, id LIMIT 1000";
    GRANTS_OPEN: Shared = "SELECT id, basis, role, unit_id, valid_from, valid_to, field FROM role_grant WHERE account_id = $1 \
        AND (valid_to IS NULL OR valid_to > $2) ORDER BY valid_from DESC, id LIMIT 1000";
    GRANT: Shared = "INSERT INTO role_grant (id, account_id, role, unit_id, valid_from, valid_to, basis, field) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    GRANT_END: Shared = "UPDATE role_grant SET valid_to = $3 WHERE id = $1 AND account_id = $2 AND (valid_to IS NULL OR valid_to > $3)";
    ADMINISTRATORS: Shared = "SELECT count(*) FROM role_grant g JOIN account a ON a.id = g.account_id \
        WHERE g.role = 'administrator' AND g.unit_id = $1 AND a.disabled = 0 AND a.demo = 0 AND a.service = 0 AND (g.valid_to IS NULL OR g.valid_to > $2)";
}

/// An account as stored.
#[derive(Clone, Debug)]
pub(crate) struct AccountRow {
    pub id: Uuid,
    pub login: String,
    pub name: String,
    /// The unit whose administrators look after it.
    pub unit: Uuid,
    /// End of a one-time password, microseconds; `None` when the person has chosen one.
    pub temporary_until: Option<i64>,
    pub demo: bool,
    pub disabled: bool,
    pub created_at: i64,
    pub password_hash: String,
    /// Of another system: it has tokens and never signs in.
    pub service: bool,
    /// What the other system does here and who answers for it; empty for people.
    pub purpose: String,
}

fn account(row: &Row) -> Result<AccountRow, DbError> {
    Ok(AccountRow {
        id: row.uuid(0)?,
        login: row.text(1)?,
        name: row.text(2)?,
        unit: row.uuid(3)?,
        temporary_until: row.int_opt(4)?,
        demo: row.flag(5)?,
        disabled: row.flag(6)?,
        created_at: row.int(7)?,
        password_hash: row.text(8)?,
        service: row.flag(9)?,
        purpose: row.text(10)?,
    })
}

/// A grant with its number and legal basis.
#[derive(Clone, Debug)]
pub(crate) struct GrantRow {
    pub id: Uuid,
    pub basis: String,
    pub grant: Grant,
    /// Code of the field it is narrowed to; empty for none.
    pub field: String,
}

fn grant_row(row: &Row) -> Result<GrantRow, DbError> {
    Ok(GrantRow { id: row.uuid(0)?, basis: row.text(1)?, grant: read_grant(row, 2)?, field: row.text(6)? })
}

/// The account with a login, which must be in its stored form.
pub(crate) async fn by_login(db: &Db, login: &str) -> Result<Option<AccountRow>, DbError> {
    db.opt(&BY_LOGIN, args![login]).await?.as_ref().map(account).transpose()
}

/// The account with an id.
pub(crate) async fn by_id(db: &Db, id: Uuid) -> Result<Option<AccountRow>, DbError> {
    db.opt(&BY_ID, args![id]).await?.as_ref().map(account).transpose()
}

/// The account with an id, within a transaction.
pub(crate) async fn by_id_in(tx: &mut Tx, id: Uuid) -> Result<Option<AccountRow>, DbError> {
    tx.opt(&BY_ID, args![id]).await?.as_ref().map(account).transpose()
}

/// Up to `limit` accounts after a login, in the order of logins.
pub(crate) async fn page(db: &Db, after: &str, limit: i64) -> Result<Vec<AccountRow>, DbError> {
    db.all(&PAGE, args![after, limit]).await?.iter().map(account).collect()
}

/// Adds an account; false when the login is taken.
pub(crate) async fn add(tx: &mut Tx, row: &AccountRow) -> Result<bool, DbError> {
    let values = args![row.id, &row.login, &row.name, row.unit, &row.password_hash, row.temporary_until, row.demo, row.created_at, row.service, &row.purpose];
    Ok(tx.exec(&ADD, values).await? > 0)
}

/// Changes the name.
pub(crate) async fn rename(tx: &mut Tx, id: Uuid, name: &str) -> Result<(), DbError> {
    tx.exec(&RENAME, args![id, name]).await.map(drop)
}

/// Closes or reopens an account.
pub(crate) async fn disable(tx: &mut Tx, id: Uuid, disabled: bool) -> Result<(), DbError> {
    tx.exec(&DISABLE, args![id, disabled]).await.map(drop)
}

/// Changes the password; `temporary_until` makes it a one-time password.
pub(crate) async fn password(tx: &mut Tx, id: Uuid, hash: &str, temporary_until: Option<i64>) -> Result<(), DbError> {
    tx.exec(&PASSWORD, args![id, hash, temporary_until]).await.map(drop)
}

/// All grants of an account, newest first.
pub(crate) async fn grants(db: &Db, account: Uuid) -> Result<Vec<GrantRow>, DbError> {
    db.all(&GRANTS, args![account]).await?.iter().map(grant_row).collect()
}

/// The grants of an account that hold today or later, within a transaction.
pub(crate) async fn grants_open(tx: &mut Tx, account: Uuid, today: Date) -> Result<Vec<GrantRow>, DbError> {
    tx.all(&GRANTS_OPEN, args![account, today.to_string()]).await?.iter().map(grant_row).collect()
}

/// Adds a grant.
pub(crate) async fn grant(tx: &mut Tx, account: Uuid, row: &GrantRow) -> Result<(), DbError> {
    let g = &row.grant;
    let values = args![row.id, account, g.role.as_str(), g.unit, g.from.to_string(), g.to.map(|d| d.to_string()), &row.basis, &row.field];
    tx.exec(&GRANT, values).await.map(drop)
}

/// Ends a grant; false when it is over already or is not of this account.
pub(crate) async fn end_grant(tx: &mut Tx, id: Uuid, account: Uuid, on: Date) -> Result<bool, DbError> {
    Ok(tx.exec(&GRANT_END, args![id, account, on.to_string()]).await? > 0)
}

/// How many open accounts administer a unit today or later.
pub(crate) async fn administrators(tx: &mut Tx, unit: Uuid, today: Date) -> Result<i64, DbError> {
    match tx.opt(&ADMINISTRATORS, args![unit, today.to_string()]).await? {
        Some(row) => row.int(0),
        None => Ok(0),
    }
}
