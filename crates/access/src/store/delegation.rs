use crate::delegation::DelegationKind;
use crate::post::Post;
use crate::role::Role;
use crate::store::organisation::post_at;
use db::{Db, DbError, Row, Tx, args};
use jiff::civil::Date;
use uuid::Uuid;

db::statements! {
    // Only while the one who delegated still holds the post, at this very instant.
    RECEIVED: Shared = "SELECT p.id, p.kind, p.title, p.organisation_id, o.kind, o.unit_id, p.valid_from, p.valid_to, \
        (SELECT n.name FROM organisation_name n WHERE n.organisation_id = o.id AND (n.valid_from <= $2 OR n.valid_from = o.valid_from) ORDER BY n.valid_from DESC LIMIT 1), \
        (SELECT n.abbreviation FROM organisation_name n WHERE n.organisation_id = o.id AND (n.valid_from <= $2 OR n.valid_from = o.valid_from) ORDER BY n.valid_from DESC LIMIT 1), \
        d.id, d.kind, d.roles, d.holder_id, a.name, d.ends_at, d.document \
        FROM delegation d JOIN post p ON p.id = d.post_id JOIN organisation o ON o.id = p.organisation_id JOIN account a ON a.id = d.holder_id \
        JOIN post_holder h ON h.post_id = d.post_id AND h.account_id = d.holder_id \
        WHERE d.account_id = $1 AND d.returned_at IS NULL AND d.starts_at <= $3 AND d.ends_at > $3 AND a.disabled = 0 \
        AND h.valid_from <= $2 AND (h.valid_to IS NULL OR h.valid_to > $2) \
        AND p.valid_from <= $2 AND (p.valid_to IS NULL OR p.valid_to > $2) AND o.valid_from <= $2 AND (o.valid_to IS NULL OR o.valid_to > $2) \
        ORDER BY d.starts_at, d.id LIMIT 50";
    // What is over but not yet written down as returned.
    OVER: Shared = "SELECT id, account_id FROM delegation WHERE returned_at IS NULL AND ends_at <= $1 ORDER BY ends_at, id LIMIT 200";
    OVER_OF: Shared = "SELECT id FROM delegation WHERE account_id = $1 AND returned_at IS NULL AND ends_at <= $2 LIMIT 1";
    ADD: Shared = "INSERT INTO delegation (id, post_id, holder_id, account_id, kind, roles, starts_at, ends_at, document, reason, made_by_id, made_by_name, made_at, returned_at, returned_how) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, NULL, '')";
    RETURN: Shared = "UPDATE delegation SET returned_at = $2, returned_how = $3 WHERE id = $1 AND returned_at IS NULL";
    ONE: Shared = "SELECT d.id, d.post_id, d.holder_id, ha.name, d.account_id, ra.name, d.kind, d.roles, d.starts_at, d.ends_at, d.document, d.reason, d.made_by_id, d.made_by_name, d.returned_at, d.returned_how \
        FROM delegation d JOIN account ha ON ha.id = d.holder_id JOIN account ra ON ra.id = d.account_id WHERE d.id = $1";
    OF_ACCOUNT: Shared = "SELECT d.id, d.post_id, d.holder_id, ha.name, d.account_id, ra.name, d.kind, d.roles, d.starts_at, d.ends_at, d.document, d.reason, d.made_by_id, d.made_by_name, d.returned_at, d.returned_how \
        FROM delegation d JOIN account ha ON ha.id = d.holder_id JOIN account ra ON ra.id = d.account_id \
        WHERE d.holder_id = $1 OR d.account_id = $1 OR d.made_by_id = $1 ORDER BY d.starts_at DESC, d.id LIMIT 200";

    ABSENCE_ADD: Shared = "INSERT INTO absence (id, account_id, first_day, last_day, note, made_by_id, made_at, ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)";
    ABSENCE_END: Shared = "UPDATE absence SET ended_at = $3 WHERE id = $1 AND account_id = $2 AND ended_at IS NULL";
    ABSENCES: Shared = "SELECT id, account_id, first_day, last_day, note FROM absence WHERE account_id = $1 AND ended_at IS NULL AND last_day >= $2 ORDER BY first_day, id LIMIT 50";
}

/// A delegation as it is held now.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub post: Post,
    pub id: Uuid,
    pub kind: DelegationKind,
    pub roles: Vec<Role>,
    pub holder: Uuid,
    pub holder_name: String,
    pub ends_at: i64,
    pub document: String,
}

fn kind(text: &str) -> Result<DelegationKind, DbError> {
    DelegationKind::parse(text).ok_or_else(|| DbError::defect(format!("unknown kind of delegation {text:?}")))
}

fn roles(text: &str) -> Vec<Role> {
    text.split(',').filter_map(Role::parse).collect()
}

/// What an account may act as on behalf of others at an instant.
pub(crate) async fn received(db: &Db, account: Uuid, today: Date, now: i64) -> Result<Vec<Received>, DbError> {
    let read = |row: &Row| -> Result<Received, DbError> {
        Ok(Received {
            post: post_at(row)?.post,
            id: row.uuid(10)?,
            kind: kind(&row.text(11)?)?,
            roles: roles(&row.text(12)?),
            holder: row.uuid(13)?,
            holder_name: row.text(14)?,
            ends_at: row.int(15)?,
            document: row.text(16)?,
        })
    };
    db.all(&RECEIVED, args![account, today.to_string(), now]).await?.iter().map(read).collect()
}

/// Whether an account has a delegation that is over and not yet written down as returned.
pub(crate) async fn has_over(db: &Db, account: Uuid, now: i64) -> Result<bool, DbError> {
    Ok(db.opt(&OVER_OF, args![account, now]).await?.is_some())
}

/// Delegations that are over and not yet written down as returned: id and who had it.
pub(crate) async fn over(tx: &mut Tx, now: i64) -> Result<Vec<(Uuid, Uuid)>, DbError> {
    tx.all(&OVER, args![now]).await?.iter().map(|row| Ok((row.uuid(0)?, row.uuid(1)?))).collect()
}

/// A delegation as stored, with names.
#[derive(Clone, Debug)]
pub(crate) struct DelegationRow {
    pub id: Uuid,
    pub post: Uuid,
    pub holder: Uuid,
    pub holder_name: String,
    pub account: Uuid,
    pub account_name: String,
    pub kind: DelegationKind,
    pub roles: Vec<Role>,
    pub starts_at: i64,
    pub ends_at: i64,
    pub document: String,
    pub reason: String,
    pub made_by: Option<Uuid>,
    pub made_by_name: String,
    pub returned_at: Option<i64>,
    /// `expired`, `taken-back`, `given-back`; empty while it runs.
    pub returned_how: String,
}

fn row(row: &Row) -> Result<DelegationRow, DbError> {
    Ok(DelegationRow {
        id: row.uuid(0)?,
        post: row.uuid(1)?,
        holder: row.uuid(2)?,
        holder_name: row.text(3)?,
        account: row.uuid(4)?,
        account_name: row.text(5)?,
        kind: kind(&row.text(6)?)?,
        roles: roles(&row.text(7)?),
        starts_at: row.int(8)?,
        ends_at: row.int(9)?,
        document: row.text(10)?,
        reason: row.text(11)?,
        made_by: row.uuid_opt(12)?,
        made_by_name: row.text(13)?,
        returned_at: row.int_opt(14)?,
        returned_how: row.text(15)?,
    })
}

/// Adds a delegation.
pub(crate) async fn add(tx: &mut Tx, d: &DelegationRow, made_at: i64) -> Result<(), DbError> {
    let roles: Vec<&str> = d.roles.iter().map(|role| role.as_str()).collect();
    let values = args![
        d.id,
        d.post,
        d.holder,
        d.account,
        d.kind.as_str(),
        roles.join(","),
        d.starts_at,
        d.ends_at,
        &d.document,
        &d.reason,
        d.made_by,
        &d.made_by_name,
        made_at,
    ];
    tx.exec(&ADD, values).await.map(drop)
}

/// Writes down that a delegation is over; false when it was already.
pub(crate) async fn give_back(tx: &mut Tx, id: Uuid, at: i64, how: &str) -> Result<bool, DbError> {
    Ok(tx.exec(&RETURN, args![id, at, how]).await? > 0)
}

/// A delegation.
pub(crate) async fn find_in(tx: &mut Tx, id: Uuid) -> Result<Option<DelegationRow>, DbError> {
    tx.opt(&ONE, args![id]).await?.as_ref().map(row).transpose()
}

/// Delegations that an account made, gave or received, newest first.
pub(crate) async fn of_account(db: &Db, account: Uuid) -> Result<Vec<DelegationRow>, DbError> {
    db.all(&OF_ACCOUNT, args![account]).await?.iter().map(row).collect()
}

/// Days on which somebody is away.
#[derive(Clone, Debug)]
pub(crate) struct AbsenceRow {
    pub id: Uuid,
    pub account: Uuid,
    pub first: Date,
    pub last: Date,
    pub note: String,
}

/// Adds an absence.
pub(crate) async fn add_absence(tx: &mut Tx, a: &AbsenceRow, by: Option<Uuid>, at: i64) -> Result<(), DbError> {
    tx.exec(&ABSENCE_ADD, args![a.id, a.account, a.first.to_string(), a.last.to_string(), &a.note, by, at]).await.map(drop)
}

/// Takes an absence back.
pub(crate) async fn end_absence(tx: &mut Tx, id: Uuid, account: Uuid, at: i64) -> Result<bool, DbError> {
    Ok(tx.exec(&ABSENCE_END, args![id, account, at]).await? > 0)
}

/// Absences of an account that are not over on a day.
pub(crate) async fn absences(db: &Db, account: Uuid, today: Date) -> Result<Vec<AbsenceRow>, DbError> {
    let day = |text: String| text.parse::<Date>().map_err(|_| DbError::defect(format!("{text:?} is not a date")));
    let read = |row: &Row| -> Result<AbsenceRow, DbError> {
        Ok(AbsenceRow { id: row.uuid(0)?, account: row.uuid(1)?, first: day(row.text(2)?)?, last: day(row.text(3)?)?, note: row.text(4)? })
    };
    db.all(&ABSENCES, args![account, today.to_string()]).await?.iter().map(read).collect()
}
