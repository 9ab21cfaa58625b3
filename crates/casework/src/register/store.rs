//! SQL of registers, numbers and deliveries.

use db::{Db, DbError, Row, Tx, args};
use uuid::Uuid;

db::statements! {
    BOOK: Tenant = "SELECT symbol, shared FROM office_book WHERE tenant_id = $1 AND office_id = $2";
    SAVE_BOOK: Tenant = "INSERT INTO office_book (tenant_id, office_id, unit_id, symbol, shared) VALUES ($1, $2, $3, $4, $5) \
                         ON CONFLICT (tenant_id, office_id) DO UPDATE SET symbol = excluded.symbol, shared = excluded.shared";
    OPEN_SERIES: Tenant = "INSERT INTO series (tenant_id, office_id, direction, year, series, last) VALUES ($1, $2, $3, $4, $5, 0) \
                           ON CONFLICT (tenant_id, office_id, direction, year, series) DO NOTHING";
    NEXT: Tenant = "UPDATE series SET last = last + $6 WHERE tenant_id = $1 AND office_id = $2 AND direction = $3 AND year = $4 AND series = $5 RETURNING last";
    RAISE: Tenant = "UPDATE series SET last = $6 WHERE tenant_id = $1 AND office_id = $2 AND direction = $3 AND year = $4 AND series = $5 AND last < $6";
    SERIES_OF: Tenant = "SELECT direction, series, last FROM series WHERE tenant_id = $1 AND office_id = $2 AND year = $3 ORDER BY direction, series";
    TAKE: Tenant = "INSERT INTO book_number (tenant_id, office_id, direction, year, series, number, state, document_id, reason, at, who_name) \
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    NUMBER: Tenant = "SELECT state FROM book_number WHERE tenant_id = $1 AND office_id = $2 AND direction = $3 AND year = $4 AND series = $5 AND number = $6";
    SET_NUMBER: Tenant = "UPDATE book_number SET state = $7, document_id = $8, reason = $9, at = $10, who_name = $11 \
                          WHERE tenant_id = $1 AND office_id = $2 AND direction = $3 AND year = $4 AND series = $5 AND number = $6 AND state = 2";
    HELD: Tenant = "SELECT direction, series, number, state, reason, at, who_name FROM book_number \
                    WHERE tenant_id = $1 AND office_id = $2 AND year = $3 AND state > 1 ORDER BY direction, series, number";
    NUMBERS: Tenant = "SELECT number FROM book_number WHERE tenant_id = $1 AND office_id = $2 AND direction = $3 AND year = $4 AND series = $5 ORDER BY number";
    BOOKED: Tenant = "SELECT year, series, number, symbol FROM office_document WHERE tenant_id = $1 AND office_id = $2 AND direction = $3 AND year >= $4 AND year <= $5";
    ADD: Tenant = "INSERT INTO office_document (tenant_id, document_id, office_id, unit_id, direction, year, series, number, kind, symbol, dated, day, title, party, signer, \
                   urgency, due, pages, note, dossier_id, source, at, who_id, who_name, handed_at, handed_to) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)";
    ONE: Tenant = "SELECT document_id, office_id, unit_id, direction, year, series, number, kind, symbol, dated, day, title, party, signer, urgency, due, pages, note, \
                   dossier_id, source, at, who_name, handed_at, handed_to FROM office_document WHERE tenant_id = $1 AND document_id = $2";
    TWIN: Tenant = "SELECT document_id, number, day, party, dated FROM office_document WHERE tenant_id = $1 AND office_id = $2 AND direction = $3 AND symbol = $4 ORDER BY document_id";
    OF_DAYS: Tenant = "SELECT document_id, office_id, unit_id, direction, year, series, number, kind, symbol, dated, day, title, party, signer, urgency, due, pages, note, \
                       dossier_id, source, at, who_name, handed_at, handed_to FROM office_document WHERE tenant_id = $1 AND office_id = $2 AND direction = $3 \
                       AND day >= $4 AND day <= $5 AND document_id > $6 ORDER BY day, document_id LIMIT $7";
    NEWEST: Tenant = "SELECT document_id, office_id, unit_id, direction, year, series, number, kind, symbol, dated, day, title, party, signer, urgency, due, pages, note, \
                      dossier_id, source, at, who_name, handed_at, handed_to FROM office_document WHERE tenant_id = $1 AND office_id = $2 AND direction = $3 \
                      AND day >= $4 AND day <= $5 AND document_id < $6 ORDER BY document_id DESC LIMIT $7";
    OF_DOSSIER: Tenant = "SELECT document_id, office_id, unit_id, direction, year, series, number, kind, symbol, dated, day, title, party, signer, urgency, due, pages, note, \
                          dossier_id, source, at, who_name, handed_at, handed_to FROM office_document WHERE tenant_id = $1 AND dossier_id = $2 ORDER BY day, document_id";
    HAND: Tenant = "UPDATE office_document SET handed_at = $3, handed_to = $4 WHERE tenant_id = $1 AND document_id = $2 AND handed_at IS NULL";
    LINK: Tenant = "UPDATE office_document SET dossier_id = $3 WHERE tenant_id = $1 AND document_id = $2 AND dossier_id IS NULL";
    ADD_DELIVERY: Tenant = "INSERT INTO delivery (tenant_id, office_id, delivery_id, from_tenant_id, from_document_id, from_name, kind, symbol, dated, title, signer, urgency, at, state, document_id) \
                            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, NULL)";
    ADD_DISPATCH: Tenant = "INSERT INTO dispatch (tenant_id, document_id, delivery_id, to_tenant_id, to_office_id, to_name, at, who_name, state, received_at, received_by, note) \
                            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, NULL, '', '')";
    ARRIVED: Tenant = "SELECT delivery_id, from_tenant_id, from_document_id, from_name, kind, symbol, dated, title, signer, urgency, at FROM delivery \
                       WHERE tenant_id = $1 AND office_id = $2 AND state = 0 ORDER BY delivery_id LIMIT 200";
    DELIVERY: Tenant = "SELECT delivery_id, from_tenant_id, from_document_id, from_name, kind, symbol, dated, title, signer, urgency, at FROM delivery \
                        WHERE tenant_id = $1 AND office_id = $2 AND delivery_id = $3 AND state = 0";
    TAKEN: Tenant = "UPDATE delivery SET state = $4, document_id = $5 WHERE tenant_id = $1 AND office_id = $2 AND delivery_id = $3 AND state = 0";
    RECEIPT: Tenant = "UPDATE dispatch SET state = $4, received_at = $5, received_by = $6, note = $7 WHERE tenant_id = $1 AND document_id = $2 AND delivery_id = $3";
    SENT_TO: Tenant = "SELECT to_name, at, state, received_at, received_by, note, to_office_id FROM dispatch WHERE tenant_id = $1 AND document_id = $2 ORDER BY to_name, delivery_id";
}

/// Key of a series of numbers of an office: tenant, office, direction code, year, series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Series {
    pub tenant: Uuid,
    pub office: Uuid,
    pub direction: i64,
    pub year: i64,
    pub series: String,
}

/// What becomes of a number, by whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark<'a> {
    /// [`USED`], [`RESERVED`] or [`VOID`].
    pub state: i64,
    pub document: Option<Uuid>,
    pub reason: &'a str,
    pub at: i64,
    pub who: &'a str,
}

impl<'a> Mark<'a> {
    /// Used for a document.
    pub fn used(document: Uuid, at: i64, who: &'a str) -> Mark<'a> {
        Mark { state: USED, document: Some(document), reason: "", at, who }
    }

    /// Reserved or void, with the reason.
    pub fn held(state: i64, reason: &'a str, at: i64, who: &'a str) -> Mark<'a> {
        Mark { state, document: None, reason, at, who }
    }
}

/// A number as kept.
pub(crate) const USED: i64 = 1;
pub(crate) const RESERVED: i64 = 2;
pub(crate) const VOID: i64 = 3;

/// A document as registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Id.
    pub id: Uuid,
    /// Office that keeps it.
    pub office: Uuid,
    /// Place of the office.
    pub unit: Uuid,
    /// Whether it came in (false) or went out (true).
    pub out: bool,
    /// Year of the register.
    pub year: i64,
    /// Series of the number; empty for the shared one.
    pub series: String,
    /// Number in the register.
    pub number: i64,
    /// Kind.
    pub kind: String,
    /// Number and symbol on it.
    pub symbol: String,
    /// Date on it, ISO.
    pub dated: String,
    /// Day it came or was issued, ISO.
    pub day: String,
    /// What it is about.
    pub title: String,
    /// Who sent it, or whom it goes to.
    pub party: String,
    /// Who signed it.
    pub signer: String,
    /// Grade of urgency.
    pub urgency: i64,
    /// Day by which it has to be answered, ISO; may be empty.
    pub due: String,
    /// Pages.
    pub pages: i64,
    /// Note.
    pub note: String,
    /// Its dossier.
    pub dossier: Option<Uuid>,
    /// `system`, `delivery` or `import:<name of the other system>`.
    pub source: String,
    /// When it was registered, microseconds UTC.
    pub at: i64,
    /// By whom.
    pub who_name: String,
    /// When it was handed on, microseconds UTC.
    pub handed_at: Option<i64>,
    /// To whom.
    pub handed_to: String,
}

impl Document {
    /// Whether it was registered here and not brought from another system.
    pub fn here(&self) -> bool {
        !self.source.starts_with("import")
    }
}

fn document(r: &Row) -> Result<Document, DbError> {
    Ok(Document {
        id: r.uuid(0)?,
        office: r.uuid(1)?,
        unit: r.uuid(2)?,
        out: r.flag(3)?,
        year: r.int(4)?,
        series: r.text(5)?,
        number: r.int(6)?,
        kind: r.text(7)?,
        symbol: r.text(8)?,
        dated: r.text(9)?,
        day: r.text(10)?,
        title: r.text(11)?,
        party: r.text(12)?,
        signer: r.text(13)?,
        urgency: r.int(14)?,
        due: r.text(15)?,
        pages: r.int(16)?,
        note: r.text(17)?,
        dossier: r.uuid_opt(18)?,
        source: r.text(19)?,
        at: r.int(20)?,
        who_name: r.text(21)?,
        handed_at: r.int_opt(22)?,
        handed_to: r.text(23)?,
    })
}

/// How an office numbers: its abbreviation, and whether all kinds share one series.
pub(crate) async fn book(tx: &mut Tx, tenant: Uuid, office: Uuid) -> Result<Option<(String, bool)>, DbError> {
    tx.opt(&BOOK, args![tenant, office]).await?.map(|r| Ok((r.text(0)?, r.flag(1)?))).transpose()
}

pub(crate) async fn read_book(db: &Db, tenant: Uuid, office: Uuid) -> Result<Option<(String, bool)>, DbError> {
    db.opt(&BOOK, args![tenant, office]).await?.map(|r| Ok((r.text(0)?, r.flag(1)?))).transpose()
}

pub(crate) async fn save_book(tx: &mut Tx, tenant: Uuid, office: Uuid, unit: Uuid, symbol: &str, shared: bool) -> Result<(), DbError> {
    tx.exec(&SAVE_BOOK, args![tenant, office, unit, symbol, shared]).await.map(drop)
}

/// Takes the next `count` numbers of a series; the first of them. The row of the series is held until the transaction ends,
/// so nobody gets the same one, and a transaction that is given up leaves no gap.
pub(crate) async fn take_next(tx: &mut Tx, s: &Series, count: i64) -> Result<i64, DbError> {
    tx.exec(&OPEN_SERIES, args![s.tenant, s.office, s.direction, s.year, &s.series]).await?;
    let row = tx.opt(&NEXT, args![s.tenant, s.office, s.direction, s.year, &s.series, count]).await?;
    let last = row.ok_or_else(|| DbError::defect("a series that was opened is not there"))?.int(0)?;
    Ok(last - count + 1)
}

/// Lifts the last number of a series when an imported register goes further.
pub(crate) async fn raise(tx: &mut Tx, s: &Series, to: i64) -> Result<(), DbError> {
    tx.exec(&OPEN_SERIES, args![s.tenant, s.office, s.direction, s.year, &s.series]).await?;
    tx.exec(&RAISE, args![s.tenant, s.office, s.direction, s.year, &s.series, to]).await.map(drop)
}

/// Writes down what became of a number.
pub(crate) async fn put_number(tx: &mut Tx, s: &Series, number: i64, m: &Mark<'_>) -> Result<(), DbError> {
    let values = args![s.tenant, s.office, s.direction, s.year, &s.series, number, m.state, m.document, m.reason, m.at, m.who];
    tx.exec(&TAKE, values).await.map(drop)
}

pub(crate) async fn number_state(tx: &mut Tx, s: &Series, number: i64) -> Result<Option<i64>, DbError> {
    tx.opt(&NUMBER, args![s.tenant, s.office, s.direction, s.year, &s.series, number]).await?.map(|r| r.int(0)).transpose()
}

/// Changes a reserved number; whether it was one.
pub(crate) async fn use_reserved(tx: &mut Tx, s: &Series, number: i64, m: &Mark<'_>) -> Result<bool, DbError> {
    let values = args![s.tenant, s.office, s.direction, s.year, &s.series, number, m.state, m.document, m.reason, m.at, m.who];
    Ok(tx.exec(&SET_NUMBER, values).await? > 0)
}

/// The last number of each series of a year: (direction code, series, last).
pub(crate) async fn series_of(db: &Db, tenant: Uuid, office: Uuid, year: i64) -> Result<Vec<(i64, String, i64)>, DbError> {
    db.all(&SERIES_OF, args![tenant, office, year]).await?.iter().map(|r| Ok((r.int(0)?, r.text(1)?, r.int(2)?))).collect()
}

/// All numbers of a series, in order.
pub(crate) async fn numbers(db: &Db, s: &Series) -> Result<Vec<i64>, DbError> {
    db.all(&NUMBERS, args![s.tenant, s.office, s.direction, s.year, &s.series]).await?.iter().map(|r| r.int(0)).collect()
}

/// A number that is reserved or void.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Whether of the outgoing register.
    pub out: bool,
    /// Series.
    pub series: String,
    /// Number.
    pub number: i64,
    /// Whether it is void; otherwise reserved.
    pub void: bool,
    /// Why.
    pub reason: String,
    /// Microseconds UTC.
    pub at: i64,
    /// By whom.
    pub who_name: String,
}

pub(crate) async fn held(db: &Db, tenant: Uuid, office: Uuid, year: i64) -> Result<Vec<Held>, DbError> {
    let one = |r: &Row| {
        Ok(Held { out: r.flag(0)?, series: r.text(1)?, number: r.int(2)?, void: r.int(3)? == VOID, reason: r.text(4)?, at: r.int(5)?, who_name: r.text(6)? })
    };
    db.all(&HELD, args![tenant, office, year]).await?.iter().map(one).collect()
}

pub(crate) async fn add(tx: &mut Tx, tenant: Uuid, d: &Document, who: Option<Uuid>) -> Result<(), DbError> {
    let values = args![
        tenant,
        d.id,
        d.office,
        d.unit,
        d.out,
        d.year,
        &d.series,
        d.number,
        &d.kind,
        &d.symbol,
        &d.dated,
        &d.day,
        &d.title,
        &d.party,
        &d.signer,
        d.urgency,
        &d.due,
        d.pages,
        &d.note,
        d.dossier,
        &d.source,
        d.at,
        who,
        &d.who_name,
        d.handed_at,
        &d.handed_to
    ];
    tx.exec(&ADD, values).await.map(drop)
}

pub(crate) async fn one(db: &Db, tenant: Uuid, id: Uuid) -> Result<Option<Document>, DbError> {
    db.opt(&ONE, args![tenant, id]).await?.as_ref().map(document).transpose()
}

pub(crate) async fn one_tx(tx: &mut Tx, tenant: Uuid, id: Uuid) -> Result<Option<Document>, DbError> {
    tx.opt(&ONE, args![tenant, id]).await?.as_ref().map(document).transpose()
}

/// Documents with the same symbol in a register: (id, number, day, party, date on it).
pub(crate) async fn twins(tx: &mut Tx, tenant: Uuid, office: Uuid, out: bool, symbol: &str) -> Result<Vec<(Uuid, i64, String, String, String)>, DbError> {
    let rows = tx.all(&TWIN, args![tenant, office, out, symbol]).await?;
    rows.iter().map(|r| Ok((r.uuid(0)?, r.int(1)?, r.text(2)?, r.text(3)?, r.text(4)?))).collect()
}

/// The register between two days, in its order, `limit` documents after `after`.
pub(crate) async fn of_days(db: &Db, tenant: Uuid, office: Uuid, out: bool, days: (&str, &str), after: Uuid, limit: i64) -> Result<Vec<Document>, DbError> {
    db.all(&OF_DAYS, args![tenant, office, out, days.0, days.1, after, limit]).await?.iter().map(document).collect()
}

/// The same, the newest first, before `before`.
pub(crate) async fn newest(db: &Db, tenant: Uuid, office: Uuid, out: bool, days: (&str, &str), before: Uuid, limit: i64) -> Result<Vec<Document>, DbError> {
    db.all(&NEWEST, args![tenant, office, out, days.0, days.1, before, limit]).await?.iter().map(document).collect()
}

pub(crate) async fn of_dossier(db: &Db, tenant: Uuid, dossier: Uuid) -> Result<Vec<Document>, DbError> {
    db.all(&OF_DOSSIER, args![tenant, dossier]).await?.iter().map(document).collect()
}

/// Marks a document as handed on; whether it was not yet.
pub(crate) async fn hand(tx: &mut Tx, tenant: Uuid, id: Uuid, at: i64, to: &str) -> Result<bool, DbError> {
    Ok(tx.exec(&HAND, args![tenant, id, at, to]).await? > 0)
}

/// Puts a document into a dossier; whether it was in none.
pub(crate) async fn link(tx: &mut Tx, tenant: Uuid, id: Uuid, dossier: Uuid) -> Result<bool, DbError> {
    Ok(tx.exec(&LINK, args![tenant, id, dossier]).await? > 0)
}

/// A document that another office on the platform has sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Id.
    pub id: Uuid,
    /// Sender's tenant.
    pub from_tenant: Uuid,
    /// The sender's document.
    pub from_document: Uuid,
    /// Sender.
    pub from_name: String,
    /// Kind.
    pub kind: String,
    /// Number and symbol.
    pub symbol: String,
    /// Date on it, ISO.
    pub dated: String,
    /// What it is about.
    pub title: String,
    /// Who signed it.
    pub signer: String,
    /// Grade of urgency.
    pub urgency: i64,
    /// When it arrived, microseconds UTC.
    pub at: i64,
}

fn delivery(r: &Row) -> Result<Delivery, DbError> {
    Ok(Delivery {
        id: r.uuid(0)?,
        from_tenant: r.uuid(1)?,
        from_document: r.uuid(2)?,
        from_name: r.text(3)?,
        kind: r.text(4)?,
        symbol: r.text(5)?,
        dated: r.text(6)?,
        title: r.text(7)?,
        signer: r.text(8)?,
        urgency: r.int(9)?,
        at: r.int(10)?,
    })
}

pub(crate) async fn add_delivery(tx: &mut Tx, tenant: Uuid, office: Uuid, d: &Delivery) -> Result<(), DbError> {
    let values = args![tenant, office, d.id, d.from_tenant, d.from_document, &d.from_name, &d.kind, &d.symbol, &d.dated, &d.title, &d.signer, d.urgency, d.at];
    tx.exec(&ADD_DELIVERY, values).await.map(drop)
}

pub(crate) async fn add_dispatch(tx: &mut Tx, tenant: Uuid, document: Uuid, delivery: Uuid, to: (Uuid, Uuid, &str), at: i64, who: &str) -> Result<(), DbError> {
    tx.exec(&ADD_DISPATCH, args![tenant, document, delivery, to.0, to.1, to.2, at, who]).await.map(drop)
}

pub(crate) async fn arrived(db: &Db, tenant: Uuid, office: Uuid) -> Result<Vec<Delivery>, DbError> {
    db.all(&ARRIVED, args![tenant, office]).await?.iter().map(delivery).collect()
}

pub(crate) async fn delivery_tx(tx: &mut Tx, tenant: Uuid, office: Uuid, id: Uuid) -> Result<Option<Delivery>, DbError> {
    tx.opt(&DELIVERY, args![tenant, office, id]).await?.as_ref().map(delivery).transpose()
}

/// Marks a delivery as registered (1) or refused (2).
pub(crate) async fn taken(tx: &mut Tx, tenant: Uuid, office: Uuid, id: Uuid, state: i64, document: Option<Uuid>) -> Result<bool, DbError> {
    Ok(tx.exec(&TAKEN, args![tenant, office, id, state, document]).await? > 0)
}

/// Writes the receipt at the sender's.
pub(crate) async fn receipt(tx: &mut Tx, d: &Delivery, state: i64, at: i64, by: &str, note: &str) -> Result<(), DbError> {
    tx.exec(&RECEIPT, args![d.from_tenant, d.from_document, d.id, state, at, by, note]).await.map(drop)
}

/// Where a document was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentTo {
    /// Name of the office.
    pub name: String,
    /// When, microseconds UTC.
    pub at: i64,
    /// 0 on its way, 1 registered there, 2 sent back.
    pub state: i64,
    /// When it was received.
    pub received_at: Option<i64>,
    /// By whom.
    pub received_by: String,
    /// Why it was sent back.
    pub note: String,
    /// The office.
    pub office: Uuid,
}

pub(crate) async fn sent_to(db: &Db, tenant: Uuid, document: Uuid) -> Result<Vec<SentTo>, DbError> {
    let one = |r: &Row| {
        Ok(SentTo {
            name: r.text(0)?,
            at: r.int(1)?,
            state: r.int(2)?,
            received_at: r.int_opt(3)?,
            received_by: r.text(4)?,
            note: r.text(5)?,
            office: r.uuid(6)?,
        })
    };
    db.all(&SENT_TO, args![tenant, document]).await?.iter().map(one).collect()
}

/// What stands in a register over some years: (year, series, number) and the symbol.
pub(crate) async fn booked(
    db: &Db,
    tenant: Uuid,
    office: Uuid,
    out: bool,
    years: (i64, i64),
) -> Result<std::collections::HashMap<(i64, String, i64), String>, DbError> {
    let rows = db.all(&BOOKED, args![tenant, office, out, years.0, years.1]).await?;
    rows.iter().map(|r| Ok(((r.int(0)?, r.text(1)?, r.int(2)?), r.text(3)?))).collect()
}
