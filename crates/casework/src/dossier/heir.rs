//! Legal successors of offices: open dossiers go on with the one that took over, each with a note; closed ones stay with the old office,
//! because they are its archive. What was registered keeps its number in the book in which it was registered.
//!
//! Dossiers are kept by the tenant of their office, because numbers, files and words of it are. A successor may belong to another
//! tenant; then all of the dossier moves there, in the same transaction.

use super::Stage;
use super::step::{How, Step};
use super::store::{self, Dossier};
use crate::Casework;
use crate::document::{Office, office};
use crate::register::store as register;
use access::{Context, HandOver, Moved, Succession, audit, db_error, lock_tenant};
use db::{Arg, Bulk, Conflict, DbError, Row, Stmt, Tx, Type, args};
use places::Basis;
use std::collections::BTreeSet;
use ui::AppError;
use uuid::Uuid;

db::statements! {
    OPEN_OF: Tenant = "SELECT dossier_id FROM dossier WHERE tenant_id = $1 AND office_id = $2 AND state = 1 ORDER BY dossier_id";
    OFFICES: Tenant = "SELECT DISTINCT office_id FROM dossier WHERE tenant_id = $1 AND state = 1";
    ADDRESSED: Tenant = "SELECT DISTINCT office_id FROM delivery WHERE tenant_id = $1 AND state = 0";
    ARRIVALS: Tenant = "SELECT delivery_id FROM delivery WHERE tenant_id = $1 AND office_id = $2 AND state = 0 ORDER BY delivery_id";
    DROP_DELIVERY: Tenant = "DELETE FROM delivery WHERE tenant_id = $1 AND office_id = $2 AND delivery_id = $3";
    MOVE: Tenant = "UPDATE dossier SET office_id = $3, unit_id = $4, code = $5 WHERE tenant_id = $1 AND dossier_id = $2";
    MOVE_DRAFTS: Tenant = "UPDATE draft SET office_id = $3 WHERE tenant_id = $1 AND dossier_id = $2";
    MOVE_WORDS: Tenant = "UPDATE found_word SET office_id = $3 WHERE tenant_id = $1 AND kind = 1 AND office_id = $2 \
                          AND item_id IN (SELECT dossier_id FROM dossier WHERE tenant_id = $1 AND office_id = $3)";
    EVENTS: Tenant = "SELECT tenant_id, dossier_id, seq, at, who_id, who_name, step, how, document_id, to_name, note FROM dossier_event WHERE tenant_id = $1 AND dossier_id = $2";
    DRAFTS: Tenant = "SELECT tenant_id, dossier_id, draft_id, office_id, kind, title, urgency, recipients, version, state, author_id, author_name, signer, document_id, at \
                      FROM draft WHERE tenant_id = $1 AND dossier_id = $2";
    VERSIONS: Tenant = "SELECT tenant_id, draft_id, version, text, note, at, who_name FROM draft_version WHERE tenant_id = $1 AND draft_id = $2";
    WORDS: Tenant = "SELECT tenant_id, draft_id, word_id, version, kind, text, at, who_id, who_name FROM draft_word WHERE tenant_id = $1 AND draft_id = $2";
    FILES: Tenant = "SELECT tenant_id, owner_id, file_id, name, media, size, sha256, role, signature, at, who_name FROM office_document_file WHERE tenant_id = $1 AND owner_id = $2";
    PART: Tenant = "SELECT tenant_id, sha256, part, content FROM file_part WHERE tenant_id = $1 AND sha256 = $2 AND part = $3";
    DROP_DOSSIER: Tenant = "DELETE FROM dossier WHERE tenant_id = $1 AND dossier_id = $2";
    DROP_EVENTS: Tenant = "DELETE FROM dossier_event WHERE tenant_id = $1 AND dossier_id = $2";
    DROP_DRAFTS: Tenant = "DELETE FROM draft WHERE tenant_id = $1 AND dossier_id = $2";
    DROP_VERSIONS: Tenant = "DELETE FROM draft_version WHERE tenant_id = $1 AND draft_id = $2";
    DROP_DRAFT_WORDS: Tenant = "DELETE FROM draft_word WHERE tenant_id = $1 AND draft_id = $2";
    DROP_FILES: Tenant = "DELETE FROM office_document_file WHERE tenant_id = $1 AND owner_id = $2";
    DROP_WORDS: Tenant = "DELETE FROM found_word WHERE tenant_id = $1 AND kind = 1 AND office_id = $2 AND item_id = $3";
}

use Type::{Bytes, Int, Text, Uuid as Id};

const fn table(table: &'static str, columns: &'static [(&'static str, Type)]) -> Bulk<'static> {
    Bulk { table, columns, conflict: Conflict::Keep }
}

const EVENT: Bulk<'static> = table(
    "dossier_event",
    &[
        ("tenant_id", Id),
        ("dossier_id", Id),
        ("seq", Int),
        ("at", Int),
        ("who_id", Id),
        ("who_name", Text),
        ("step", Text),
        ("how", Int),
        ("document_id", Id),
        ("to_name", Text),
        ("note", Text),
    ],
);
const DRAFT: Bulk<'static> = table(
    "draft",
    &[
        ("tenant_id", Id),
        ("dossier_id", Id),
        ("draft_id", Id),
        ("office_id", Id),
        ("kind", Text),
        ("title", Text),
        ("urgency", Int),
        ("recipients", Text),
        ("version", Int),
        ("state", Int),
        ("author_id", Id),
        ("author_name", Text),
        ("signer", Text),
        ("document_id", Id),
        ("at", Int),
    ],
);
const VERSION: Bulk<'static> =
    table("draft_version", &[("tenant_id", Id), ("draft_id", Id), ("version", Int), ("text", Text), ("note", Text), ("at", Int), ("who_name", Text)]);
const WORD: Bulk<'static> = table(
    "draft_word",
    &[("tenant_id", Id), ("draft_id", Id), ("word_id", Id), ("version", Int), ("kind", Text), ("text", Text), ("at", Int), ("who_id", Id), ("who_name", Text)],
);
const FILE: Bulk<'static> = table(
    "office_document_file",
    &[
        ("tenant_id", Id),
        ("owner_id", Id),
        ("file_id", Id),
        ("name", Text),
        ("media", Text),
        ("size", Int),
        ("sha256", Text),
        ("role", Text),
        ("signature", Text),
        ("at", Int),
        ("who_name", Text),
    ],
);
const PARTS: Bulk<'static> = table("file_part", &[("tenant_id", Id), ("sha256", Text), ("part", Int), ("content", Bytes)]);

/// A row as it stands, under another tenant.
fn under(tenant: Uuid, columns: &[(&str, Type)], row: &Row) -> Result<Vec<Arg>, DbError> {
    let mut out = vec![Arg::from(tenant)];
    for (at, (_, kind)) in columns.iter().enumerate().skip(1) {
        out.push(match kind {
            Int => Arg::Int(row.int_opt(at)?),
            Text => Arg::Text(row.text_opt(at)?),
            Id => Arg::Uuid(row.uuid_opt(at)?),
            Bytes => Arg::Bytes(row.bytes_opt(at)?),
        });
    }
    Ok(out)
}

/// Copies the rows of one key to another tenant; what they were.
async fn carry(tx: &mut Tx, read: &Stmt, into: &Bulk<'_>, (from, to): (Uuid, Uuid), key: Vec<Arg>) -> Result<Vec<Row>, DbError> {
    let mut values = vec![Arg::from(from)];
    values.extend(key);
    let rows = tx.all(read, values).await?;
    let mut copies = Vec::new();
    for row in &rows {
        copies.extend(under(to, into.columns, row)?);
    }
    if !rows.is_empty() {
        tx.insert(into, copies).await?;
    }
    Ok(rows)
}

/// Copies the files of an owner, piece by piece, and takes them from the old tenant.
async fn carry_files(tx: &mut Tx, tenants: (Uuid, Uuid), owner: Uuid) -> Result<(), DbError> {
    for file in carry(tx, &FILES, &FILE, tenants, args![owner]).await? {
        let sha256 = file.text(6)?;
        for part in 0_i64.. {
            if carry(tx, &PART, &PARTS, tenants, args![&sha256, part]).await?.is_empty() {
                break;
            }
        }
    }
    tx.exec(&DROP_FILES, args![tenants.0, owner]).await.map(drop)
}

/// Moves all of a dossier to another tenant. Its documents stay in the book in which they were registered.
async fn carry_dossier(tx: &mut Tx, from: &Office, to: &Office, d: &Dossier) -> Result<(), DbError> {
    let tenants = (from.tenant, to.tenant);
    store::add(tx, to.tenant, d).await?;
    carry(tx, &EVENTS, &EVENT, tenants, args![d.id]).await?;
    for draft in carry(tx, &DRAFTS, &DRAFT, tenants, args![d.id]).await? {
        let draft = draft.uuid(2)?;
        carry(tx, &VERSIONS, &VERSION, tenants, args![draft]).await?;
        carry(tx, &WORDS, &WORD, tenants, args![draft]).await?;
        carry_files(tx, tenants, draft).await?;
        tx.exec(&DROP_VERSIONS, args![from.tenant, draft]).await?;
        tx.exec(&DROP_DRAFT_WORDS, args![from.tenant, draft]).await?;
    }
    carry_files(tx, tenants, d.id).await?;
    tx.exec(&DROP_DRAFTS, args![from.tenant, d.id]).await?;
    tx.exec(&DROP_EVENTS, args![from.tenant, d.id]).await?;
    tx.exec(&DROP_WORDS, args![from.tenant, from.id, d.id]).await?;
    tx.exec(&DROP_DOSSIER, args![from.tenant, d.id]).await?;
    super::search::index(tx, to.tenant, super::search::DOSSIER, to.id, d.id, &[&d.title, &d.code]).await
}

/// A code that is free in the year's list of the successor: the same, or with the old office's place in the row behind it.
async fn free_code(tx: &mut Tx, to: &Office, d: &Dossier) -> Result<String, DbError> {
    if !store::is_coded(tx, to.tenant, to.id, d.year, &d.code).await? {
        return Ok(d.code.clone());
    }
    for n in 2_u32.. {
        let code = format!("{}/{n}", d.code);
        if !store::is_coded(tx, to.tenant, to.id, d.year, &code).await? {
            return Ok(code);
        }
    }
    Ok(d.code.clone())
}

impl Casework {
    /// Moves the open dossiers of an office to its successor, each with a note, and what has arrived and is not registered. The caller
    /// commits. How many dossiers.
    ///
    /// # Errors
    /// What the database says.
    pub async fn hand_dossiers_over(&self, tx: &mut Tx, ctx: &Context, from: &Office, to: &Office, note: &str) -> Result<u64, AppError> {
        let mut tenants = [from.tenant, to.tenant];
        tenants.sort_unstable();
        for tenant in tenants {
            lock_tenant(tx, tenant).await.map_err(db_error)?;
        }
        let rows = tx.all(&OPEN_OF, args![from.tenant, from.id]).await.map_err(db_error)?;
        let ids = rows.iter().map(|r| r.uuid(0)).collect::<Result<Vec<_>, _>>().map_err(db_error)?;
        for id in &ids {
            let Some(old) = store::one_tx(tx, from.tenant, *id).await.map_err(db_error)? else { continue };
            let code = free_code(tx, to, &old).await.map_err(db_error)?;
            let dossier = Dossier { office: to.id, unit: to.unit, code, ..old };
            if from.tenant == to.tenant {
                tx.exec(&MOVE, args![to.tenant, *id, to.id, to.unit, &dossier.code]).await.map_err(db_error)?;
            } else {
                carry_dossier(tx, from, to, &dossier).await.map_err(db_error)?;
            }
            tx.exec(&MOVE_DRAFTS, args![to.tenant, *id, to.id]).await.map_err(db_error)?;
            moved(tx, ctx, to, dossier, note).await?;
        }
        if from.tenant == to.tenant && !ids.is_empty() {
            tx.exec(&MOVE_WORDS, args![to.tenant, from.id, to.id]).await.map_err(db_error)?;
        }
        let arrivals = self.hand_arrivals_over(tx, from, to).await.map_err(db_error)?;
        if arrivals > 0 {
            let detail = serde_json::json!({"from": from.id, "to": to.id, "note": note, "deliveries": arrivals});
            audit(tx, ctx, to.tenant, "document.redirect", &from.id.to_string(), detail).await.map_err(db_error)?;
        }
        if !ids.is_empty() {
            let detail = serde_json::json!({"from": from.id, "to": to.id, "note": note, "dossiers": ids});
            audit(tx, ctx, to.tenant, "dossier.move", &from.id.to_string(), detail).await.map_err(db_error)?;
        }
        Ok(u64::try_from(ids.len()).unwrap_or(u64::MAX))
    }

    /// Lays what was sent to an office and is not registered yet before its successor; the sender's receipt comes from there. How many.
    async fn hand_arrivals_over(&self, tx: &mut Tx, from: &Office, to: &Office) -> Result<u64, DbError> {
        let mut moved = 0;
        for row in tx.all(&ARRIVALS, args![from.tenant, from.id]).await? {
            let id = row.uuid(0)?;
            let Some(delivery) = register::delivery_tx(tx, from.tenant, from.id, id).await? else { continue };
            tx.exec(&DROP_DELIVERY, args![from.tenant, from.id, id]).await?;
            register::add_delivery(tx, to.tenant, to.id, &delivery).await?;
            if from.tenant != to.tenant {
                carry_files(tx, (from.tenant, to.tenant), id).await?;
            }
            moved += 1;
        }
        Ok(moved)
    }

    /// Moves open dossiers and arrivals of the People's Committees of a tenant whose place has ended to that of its heir. How many.
    ///
    /// # Errors
    /// What the database says.
    pub async fn move_dossiers_to_successors(&self, ctx: &Context, tenant: Uuid) -> Result<u64, AppError> {
        let atlas = self.places().atlas();
        let today = ctx.today();
        let mut moved = 0;
        let mut offices = self.db().all(&OFFICES, args![tenant]).await.map_err(db_error)?;
        offices.extend(self.db().all(&ADDRESSED, args![tenant]).await.map_err(db_error)?);
        let offices = offices.iter().map(|r| r.uuid(0)).collect::<Result<BTreeSet<_>, _>>().map_err(db_error)?;
        for unit in offices {
            // A body with a register of its own (it is no unit) goes where its own succession says.
            let Some(place) = atlas.unit(unit) else { continue };
            let Some(last) = place.to().filter(|end| *end <= today).and_then(|end| end.yesterday().ok()) else { continue };
            let heir = atlas.heirs(unit, last, today, Basis::Population).into_iter().max_by_key(|h| h.share).map(|h| h.unit);
            let Some(to) = heir.filter(|h| *h != unit).and_then(|h| office::main_office(&atlas, ctx, h)) else { continue };
            let Some(from) = office::main_office(&atlas, ctx, unit) else { continue };
            let note = format!("{} → {}", atlas.full_name(unit, last), atlas.full_name(to.unit, today));
            let mut tx = self.db().begin().await.map_err(db_error)?;
            moved += self.hand_dossiers_over(&mut tx, ctx, &from, &to, &note).await?;
            tx.commit().await.map_err(db_error)?;
        }
        Ok(moved)
    }
}

/// Adds the event of the move to a dossier whose rows stand with the successor already, and leaves it to be given to somebody: those
/// who held it may not work there.
async fn moved(tx: &mut Tx, ctx: &Context, to: &Office, mut d: Dossier, note: &str) -> Result<(), AppError> {
    let seen = d.seq;
    let event = super::event(&mut d, ctx, (Step::Move, How::System), None, &to.name, note);
    super::pass(&mut d, ctx, Stage::Assign, None);
    if !store::save(tx, to.tenant, &d, seen).await.map_err(db_error)? {
        return Err(super::moved(None));
    }
    store::add_event(tx, to.tenant, d.id, ctx.account_id(), &event).await.map_err(db_error)
}

/// Hands open dossiers over when an organisation with a register of its own is taken over.
#[derive(Clone, Debug)]
pub struct DossierHandOver(pub Casework);

impl HandOver for DossierHandOver {
    fn hand_over<'a>(&'a self, tx: &'a mut Tx, ctx: &'a Context, succession: &'a Succession) -> Moved<'a> {
        Box::pin(async move {
            // A division of a People's Committee has no register of its own: there is nothing to move.
            let Some((from, true)) = self.0.office_ever(tx, ctx, succession.from).await? else { return Ok(0) };
            let to = self.0.office_ever(tx, ctx, succession.to).await?.map(|(to, _)| to);
            let Some(to) = to.filter(|to| to.id != from.id) else { return Ok(0) };
            let words: Vec<&str> = [succession.basis.as_str(), succession.note.as_str()].into_iter().filter(|w| !w.is_empty()).collect();
            self.0.hand_dossiers_over(tx, ctx, &from, &to, &format!("{} → {}. {}", from.name, to.name, words.join(": "))).await
        })
    }
}
