use crate::organisation::Field;
use crate::post::{Post, PostKind};
use crate::role::Grant;
use db::{Db, DbError, Row, Tx, args};
use jiff::civil::Date;
use uuid::Uuid;

db::statements! {
    ORG_FIND: Shared = "SELECT o.id, o.kind, o.unit_id, o.parent_id, o.standard, o.valid_from, o.valid_to, \
        (SELECT n.name FROM organisation_name n WHERE n.organisation_id = o.id AND (n.valid_from <= $2 OR n.valid_from = o.valid_from) ORDER BY n.valid_from DESC LIMIT 1), \
        (SELECT n.abbreviation FROM organisation_name n WHERE n.organisation_id = o.id AND (n.valid_from <= $2 OR n.valid_from = o.valid_from) ORDER BY n.valid_from DESC LIMIT 1) \
        FROM organisation o WHERE o.id = $1";
    ORG_OF_UNIT: Shared = "SELECT o.id, o.kind, o.unit_id, o.parent_id, o.standard, o.valid_from, o.valid_to, \
        (SELECT n.name FROM organisation_name n WHERE n.organisation_id = o.id AND (n.valid_from <= $2 OR n.valid_from = o.valid_from) ORDER BY n.valid_from DESC LIMIT 1), \
        (SELECT n.abbreviation FROM organisation_name n WHERE n.organisation_id = o.id AND (n.valid_from <= $2 OR n.valid_from = o.valid_from) ORDER BY n.valid_from DESC LIMIT 1) \
        FROM organisation o WHERE o.unit_id = $1 ORDER BY o.id LIMIT 1000";
    ORG_CHILDREN: Shared = "SELECT o.id, o.kind, o.unit_id, o.parent_id, o.standard, o.valid_from, o.valid_to, \
        (SELECT n.name FROM organisation_name n WHERE n.organisation_id = o.id AND (n.valid_from <= $2 OR n.valid_from = o.valid_from) ORDER BY n.valid_from DESC LIMIT 1), \
        (SELECT n.abbreviation FROM organisation_name n WHERE n.organisation_id = o.id AND (n.valid_from <= $2 OR n.valid_from = o.valid_from) ORDER BY n.valid_from DESC LIMIT 1) \
        FROM organisation o WHERE o.parent_id = $1 ORDER BY o.id LIMIT 1000";
    ORG_ADD: Shared = "INSERT INTO organisation (id, kind, unit_id, parent_id, standard, valid_from, valid_to) VALUES ($1, $2, $3, $4, $5, $6, NULL) ON CONFLICT (id) DO NOTHING";
    ORG_END: Shared = "UPDATE organisation SET valid_to = $2 WHERE id = $1 AND valid_to IS NULL";
    ORG_NAMES: Shared = "SELECT valid_from, name, abbreviation, basis FROM organisation_name WHERE organisation_id = $1 ORDER BY valid_from DESC LIMIT 200";
    ORG_NAME: Shared = "INSERT INTO organisation_name (organisation_id, valid_from, name, abbreviation, basis) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (organisation_id, valid_from) DO UPDATE SET name = excluded.name, abbreviation = excluded.abbreviation, basis = excluded.basis";
    ORG_SUCCEED: Shared = "INSERT INTO organisation_successor (organisation_id, successor_id, effective, basis, note, moved) VALUES ($1, $2, $3, $4, $5, $6)";
    ORG_SUCCESSORS: Shared = "SELECT organisation_id, successor_id, effective, basis, note, moved FROM organisation_successor WHERE organisation_id = $1 OR successor_id = $1 ORDER BY effective, successor_id LIMIT 200";
    ORG_MOVE_CHILDREN: Shared = "UPDATE organisation SET parent_id = $2 WHERE parent_id = $1 AND valid_to IS NULL";

    POST_FIND: Shared = "SELECT p.id, p.kind, p.title, p.organisation_id, o.kind, o.unit_id, p.valid_from, p.valid_to, \
        (SELECT n.name FROM organisation_name n WHERE n.organisation_id = o.id AND (n.valid_from <= $2 OR n.valid_from = o.valid_from) ORDER BY n.valid_from DESC LIMIT 1), \
        (SELECT n.abbreviation FROM organisation_name n WHERE n.organisation_id = o.id AND (n.valid_from <= $2 OR n.valid_from = o.valid_from) ORDER BY n.valid_from DESC LIMIT 1) \
        FROM post p JOIN organisation o ON o.id = p.organisation_id WHERE p.id = $1";
    POST_LIST: Shared = "SELECT p.id, p.kind, p.title, p.organisation_id, o.kind, o.unit_id, p.valid_from, p.valid_to, \
        (SELECT n.name FROM organisation_name n WHERE n.organisation_id = o.id AND (n.valid_from <= $2 OR n.valid_from = o.valid_from) ORDER BY n.valid_from DESC LIMIT 1), \
        (SELECT n.abbreviation FROM organisation_name n WHERE n.organisation_id = o.id AND (n.valid_from <= $2 OR n.valid_from = o.valid_from) ORDER BY n.valid_from DESC LIMIT 1) \
        FROM post p JOIN organisation o ON o.id = p.organisation_id WHERE p.organisation_id = $1 ORDER BY p.id LIMIT 500";
    // The posts that somebody holds on a day, oldest first.
    POST_HELD: Shared = "SELECT p.id, p.kind, p.title, p.organisation_id, o.kind, o.unit_id, p.valid_from, p.valid_to, \
        (SELECT n.name FROM organisation_name n WHERE n.organisation_id = o.id AND (n.valid_from <= $2 OR n.valid_from = o.valid_from) ORDER BY n.valid_from DESC LIMIT 1), \
        (SELECT n.abbreviation FROM organisation_name n WHERE n.organisation_id = o.id AND (n.valid_from <= $2 OR n.valid_from = o.valid_from) ORDER BY n.valid_from DESC LIMIT 1) \
        FROM post_holder h JOIN post p ON p.id = h.post_id JOIN organisation o ON o.id = p.organisation_id \
        WHERE h.account_id = $1 AND h.valid_from <= $2 AND (h.valid_to IS NULL OR h.valid_to > $2) \
        AND p.valid_from <= $2 AND (p.valid_to IS NULL OR p.valid_to > $2) AND o.valid_from <= $2 AND (o.valid_to IS NULL OR o.valid_to > $2) \
        ORDER BY h.valid_from, h.id LIMIT 50";
    POST_ADD: Shared = "INSERT INTO post (id, organisation_id, kind, title, valid_from, valid_to) VALUES ($1, $2, $3, $4, $5, NULL) ON CONFLICT (id) DO NOTHING";
    POST_END: Shared = "UPDATE post SET valid_to = $2 WHERE id = $1 AND (valid_to IS NULL OR valid_to > $2)";
    POST_END_OF: Shared = "UPDATE post SET valid_to = $2 WHERE organisation_id = $1 AND (valid_to IS NULL OR valid_to > $2)";
    POST_ROLES: Shared = "SELECT id, field, role, unit_id, valid_from, valid_to FROM post_role WHERE post_id = $1 ORDER BY valid_from DESC, id LIMIT 200";
    POST_ROLE_ADD: Shared = "INSERT INTO post_role (id, post_id, role, unit_id, field, valid_from, valid_to) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING";
    POST_ROLE_END: Shared = "UPDATE post_role SET valid_to = $3 WHERE id = $1 AND post_id = $2 AND (valid_to IS NULL OR valid_to > $3)";
    HOLDERS: Shared = "SELECT h.id, h.account_id, a.name, a.login, h.valid_from, h.valid_to, h.basis, a.disabled, h.post_id \
        FROM post_holder h JOIN account a ON a.id = h.account_id WHERE h.post_id = $1 ORDER BY h.valid_from DESC, h.id LIMIT 500";
    HOLDERS_OF: Shared = "SELECT h.id, h.account_id, a.name, a.login, h.valid_from, h.valid_to, h.basis, a.disabled, h.post_id \
        FROM post p JOIN post_holder h ON h.post_id = p.id JOIN account a ON a.id = h.account_id WHERE p.organisation_id = $1 \
        ORDER BY h.valid_from DESC, h.id LIMIT 2000";
    HOLDER_ADD: Shared = "INSERT INTO post_holder (id, post_id, account_id, valid_from, valid_to, basis) VALUES ($1, $2, $3, $4, $5, $6)";
    HOLDER_END: Shared = "UPDATE post_holder SET valid_to = $3 WHERE id = $1 AND post_id = $2 AND (valid_to IS NULL OR valid_to > $3)";
    ACT_AS: Shared = "UPDATE session SET acting_id = $2 WHERE id = $1";
}

/// An organisation as stored, with its name on the day asked for.
#[derive(Clone, Debug)]
pub(crate) struct OrganisationRow {
    pub id: Uuid,
    pub kind: String,
    pub unit: Uuid,
    pub parent: Option<Uuid>,
    pub standard: String,
    pub from: Date,
    pub to: Option<Date>,
    pub name: String,
    pub abbreviation: String,
}

fn date(text: &str) -> Result<Date, DbError> {
    text.parse().map_err(|_| DbError::defect(format!("{text:?} is not a date")))
}

fn end(row: &Row, at: usize) -> Result<Option<Date>, DbError> {
    row.text_opt(at)?.as_deref().map(date).transpose()
}

fn organisation(row: &Row) -> Result<OrganisationRow, DbError> {
    Ok(OrganisationRow {
        id: row.uuid(0)?,
        kind: row.text(1)?,
        unit: row.uuid(2)?,
        parent: row.uuid_opt(3)?,
        standard: row.text(4)?,
        from: date(&row.text(5)?)?,
        to: end(row, 6)?,
        name: row.text_opt(7)?.unwrap_or_default(),
        abbreviation: row.text_opt(8)?.unwrap_or_default(),
    })
}

/// An organisation, named as of a day.
pub(crate) async fn find(db: &Db, id: Uuid, on: Date) -> Result<Option<OrganisationRow>, DbError> {
    db.opt(&ORG_FIND, args![id, on.to_string()]).await?.as_ref().map(organisation).transpose()
}

/// As [`find`], within a transaction.
pub(crate) async fn find_in(tx: &mut Tx, id: Uuid, on: Date) -> Result<Option<OrganisationRow>, DbError> {
    tx.opt(&ORG_FIND, args![id, on.to_string()]).await?.as_ref().map(organisation).transpose()
}

/// The organisations of a place, also ended ones.
pub(crate) async fn of_unit(db: &Db, unit: Uuid, on: Date) -> Result<Vec<OrganisationRow>, DbError> {
    db.all(&ORG_OF_UNIT, args![unit, on.to_string()]).await?.iter().map(organisation).collect()
}

/// The organisations below another.
pub(crate) async fn children(db: &Db, parent: Uuid, on: Date) -> Result<Vec<OrganisationRow>, DbError> {
    db.all(&ORG_CHILDREN, args![parent, on.to_string()]).await?.iter().map(organisation).collect()
}

/// Adds an organisation with its first name; false when it is there already.
pub(crate) async fn add(tx: &mut Tx, row: &OrganisationRow, basis: &str) -> Result<bool, DbError> {
    let values = args![row.id, &row.kind, row.unit, row.parent, &row.standard, row.from.to_string()];
    if tx.exec(&ORG_ADD, values).await? == 0 {
        return Ok(false);
    }
    rename(tx, row.id, row.from, &row.name, &row.abbreviation, basis).await?;
    Ok(true)
}

/// Gives a name from a day on.
pub(crate) async fn rename(tx: &mut Tx, id: Uuid, from: Date, name: &str, abbreviation: &str, basis: &str) -> Result<(), DbError> {
    tx.exec(&ORG_NAME, args![id, from.to_string(), name, abbreviation, basis]).await.map(drop)
}

/// A name of an organisation.
#[derive(Clone, Debug)]
pub(crate) struct NameRow {
    pub from: Date,
    pub name: String,
    pub abbreviation: String,
    pub basis: String,
}

/// All names, newest first.
pub(crate) async fn names(db: &Db, id: Uuid) -> Result<Vec<NameRow>, DbError> {
    let rows = db.all(&ORG_NAMES, args![id]).await?;
    rows.iter().map(|row| Ok(NameRow { from: date(&row.text(0)?)?, name: row.text(1)?, abbreviation: row.text(2)?, basis: row.text(3)? })).collect()
}

/// Ends an organisation and its posts; false when it had ended.
pub(crate) async fn close(tx: &mut Tx, id: Uuid, on: Date) -> Result<bool, DbError> {
    if tx.exec(&ORG_END, args![id, on.to_string()]).await? == 0 {
        return Ok(false);
    }
    tx.exec(&POST_END_OF, args![id, on.to_string()]).await?;
    Ok(true)
}

/// Hangs the organisations below one under another.
pub(crate) async fn move_children(tx: &mut Tx, from: Uuid, to: Uuid) -> Result<u64, DbError> {
    tx.exec(&ORG_MOVE_CHILDREN, args![from, to]).await
}

/// Who took over whom.
#[derive(Clone, Debug)]
pub(crate) struct SuccessorRow {
    pub from: Uuid,
    pub to: Uuid,
    pub effective: Date,
    pub basis: String,
    pub note: String,
    pub moved: i64,
}

/// Writes down who takes over.
pub(crate) async fn succeed(tx: &mut Tx, row: &SuccessorRow) -> Result<(), DbError> {
    tx.exec(&ORG_SUCCEED, args![row.from, row.to, row.effective.to_string(), &row.basis, &row.note, row.moved]).await.map(drop)
}

/// Take-overs in which an organisation took part.
pub(crate) async fn successors(db: &Db, id: Uuid) -> Result<Vec<SuccessorRow>, DbError> {
    let rows = db.all(&ORG_SUCCESSORS, args![id]).await?;
    let read = |row: &Row| -> Result<SuccessorRow, DbError> {
        Ok(SuccessorRow { from: row.uuid(0)?, to: row.uuid(1)?, effective: date(&row.text(2)?)?, basis: row.text(3)?, note: row.text(4)?, moved: row.int(5)? })
    };
    rows.iter().map(read).collect()
}

/// A post with its days.
#[derive(Clone, Debug)]
pub(crate) struct PostRow {
    pub post: Post,
    pub from: Date,
    pub to: Option<Date>,
}

/// A post from the first ten columns.
pub(crate) fn post_at(row: &Row) -> Result<PostRow, DbError> {
    let kind = row.text(1)?;
    Ok(PostRow {
        post: Post {
            id: row.uuid(0)?,
            kind: PostKind::parse(&kind).ok_or_else(|| DbError::defect(format!("unknown kind of post {kind:?}")))?,
            title: row.text(2)?,
            organisation: row.uuid(3)?,
            organisation_kind: row.text(4)?,
            unit: row.uuid(5)?,
            organisation_name: row.text_opt(8)?.unwrap_or_default(),
            abbreviation: row.text_opt(9)?.unwrap_or_default(),
        },
        from: date(&row.text(6)?)?,
        to: end(row, 7)?,
    })
}

/// A post.
pub(crate) async fn find_post(db: &Db, id: Uuid, on: Date) -> Result<Option<PostRow>, DbError> {
    db.opt(&POST_FIND, args![id, on.to_string()]).await?.as_ref().map(post_at).transpose()
}

/// As [`find_post`], within a transaction.
pub(crate) async fn find_post_in(tx: &mut Tx, id: Uuid, on: Date) -> Result<Option<PostRow>, DbError> {
    tx.opt(&POST_FIND, args![id, on.to_string()]).await?.as_ref().map(post_at).transpose()
}

/// The posts of an organisation, also ended ones.
pub(crate) async fn posts(db: &Db, organisation: Uuid, on: Date) -> Result<Vec<PostRow>, DbError> {
    db.all(&POST_LIST, args![organisation, on.to_string()]).await?.iter().map(post_at).collect()
}

/// The posts that an account holds on a day, the one held longest first.
pub(crate) async fn held(db: &Db, account: Uuid, on: Date) -> Result<Vec<Post>, DbError> {
    db.all(&POST_HELD, args![account, on.to_string()]).await?.iter().map(|row| Ok(post_at(row)?.post)).collect()
}

/// As [`held`], within a transaction.
pub(crate) async fn held_in(tx: &mut Tx, account: Uuid, on: Date) -> Result<Vec<Post>, DbError> {
    tx.all(&POST_HELD, args![account, on.to_string()]).await?.iter().map(|row| Ok(post_at(row)?.post)).collect()
}

/// Adds a post; false when it is there already.
pub(crate) async fn add_post(tx: &mut Tx, id: Uuid, organisation: Uuid, kind: PostKind, title: &str, from: Date) -> Result<bool, DbError> {
    Ok(tx.exec(&POST_ADD, args![id, organisation, kind.as_str(), title, from.to_string()]).await? > 0)
}

/// Ends a post.
pub(crate) async fn end_post(tx: &mut Tx, id: Uuid, on: Date) -> Result<bool, DbError> {
    Ok(tx.exec(&POST_END, args![id, on.to_string()]).await? > 0)
}

/// A role that comes with a post.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PostRole {
    pub id: Uuid,
    pub grant: Grant,
    /// Narrowed to a field.
    pub field: Option<Field>,
}

/// Nothing for a role narrowed to a field that is not known.
fn role(row: &Row) -> Result<Option<PostRole>, DbError> {
    let Some(field) = super::session::field(&row.text(1)?) else { return Ok(None) };
    Ok(Some(PostRole { id: row.uuid(0)?, grant: super::session::grant(row, 2)?, field }))
}

/// Every role that ever came with a post.
pub(crate) async fn roles(db: &Db, post: Uuid) -> Result<Vec<PostRole>, DbError> {
    db.all(&POST_ROLES, args![post]).await?.iter().filter_map(|row| role(row).transpose()).collect()
}

/// As [`roles`], within a transaction.
pub(crate) async fn roles_in(tx: &mut Tx, post: Uuid) -> Result<Vec<PostRole>, DbError> {
    tx.all(&POST_ROLES, args![post]).await?.iter().filter_map(|row| role(row).transpose()).collect()
}

/// Adds a role to a post.
pub(crate) async fn add_role(tx: &mut Tx, post: Uuid, new: &PostRole) -> Result<(), DbError> {
    let g = &new.grant;
    let field = new.field.map_or("", Field::code);
    let values = args![new.id, post, g.role.as_str(), g.unit, field, g.from.to_string(), g.to.map(|d| d.to_string())];
    tx.exec(&POST_ROLE_ADD, values).await.map(drop)
}

/// Ends a role of a post.
pub(crate) async fn end_role(tx: &mut Tx, id: Uuid, post: Uuid, on: Date) -> Result<bool, DbError> {
    Ok(tx.exec(&POST_ROLE_END, args![id, post, on.to_string()]).await? > 0)
}

/// Somebody in a post.
#[derive(Clone, Debug)]
pub(crate) struct HolderRow {
    pub id: Uuid,
    pub account: Uuid,
    pub name: String,
    pub login: String,
    pub from: Date,
    pub to: Option<Date>,
    pub basis: String,
    pub disabled: bool,
    pub post: Uuid,
}

fn holder(row: &Row) -> Result<HolderRow, DbError> {
    Ok(HolderRow {
        id: row.uuid(0)?,
        account: row.uuid(1)?,
        name: row.text(2)?,
        login: row.text(3)?,
        from: date(&row.text(4)?)?,
        to: end(row, 5)?,
        basis: row.text(6)?,
        disabled: row.flag(7)?,
        post: row.uuid(8)?,
    })
}

/// Everybody who holds or held a post.
pub(crate) async fn holders(db: &Db, post: Uuid) -> Result<Vec<HolderRow>, DbError> {
    db.all(&HOLDERS, args![post]).await?.iter().map(holder).collect()
}

/// As [`holders`], within a transaction.
pub(crate) async fn holders_in(tx: &mut Tx, post: Uuid) -> Result<Vec<HolderRow>, DbError> {
    tx.all(&HOLDERS, args![post]).await?.iter().map(holder).collect()
}

/// Everybody who holds or held a post of an organisation.
pub(crate) async fn holders_of(db: &Db, organisation: Uuid) -> Result<Vec<HolderRow>, DbError> {
    db.all(&HOLDERS_OF, args![organisation]).await?.iter().map(holder).collect()
}

/// Puts somebody in a post.
pub(crate) async fn add_holder(tx: &mut Tx, id: Uuid, post: Uuid, account: Uuid, from: Date, to: Option<Date>, basis: &str) -> Result<(), DbError> {
    tx.exec(&HOLDER_ADD, args![id, post, account, from.to_string(), to.map(|d| d.to_string()), basis]).await.map(drop)
}

/// Takes somebody out of a post.
pub(crate) async fn end_holder(tx: &mut Tx, id: Uuid, post: Uuid, on: Date) -> Result<bool, DbError> {
    Ok(tx.exec(&HOLDER_END, args![id, post, on.to_string()]).await? > 0)
}

/// Remembers in a session what its person acts as.
pub(crate) async fn act_as(db: &Db, session: Uuid, acting: Option<Uuid>) -> Result<(), DbError> {
    db.exec(&ACT_AS, args![session, acting]).await.map(drop)
}
