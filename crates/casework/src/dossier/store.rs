//! SQL of work dossiers, their list and their events.

use super::step::{How, Step, Trace};
use db::{Db, DbError, Row, Tx, args};
use uuid::Uuid;

/// The day that means "no deadline": behind every other in order.
pub(crate) const NEVER: &str = "9999-12-31";

db::statements! {
    LIST: Tenant = "SELECT code, heading, title, retention, keeper FROM dossier_list_item WHERE tenant_id = $1 AND office_id = $2 AND year = $3 ORDER BY code";
    LIST_ONE: Tenant = "SELECT code, heading, title, retention, keeper FROM dossier_list_item WHERE tenant_id = $1 AND office_id = $2 AND year = $3 AND code = $4";
    SAVE_ITEM: Tenant = "INSERT INTO dossier_list_item (tenant_id, office_id, year, code, heading, title, retention, keeper, at, who_name) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (tenant_id, office_id, year, code) DO UPDATE SET \
                         heading = excluded.heading, title = excluded.title, retention = excluded.retention, keeper = excluded.keeper, at = excluded.at, who_name = excluded.who_name";
    ADD: Tenant = "INSERT INTO dossier (tenant_id, dossier_id, office_id, unit_id, year, code, title, retention, state, opened_on, due, closed_on, archived_on, holder_id, \
                   holder_name, stage, since, seq, trace, returns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)";
    SAVE: Tenant = "UPDATE dossier SET title = $3, retention = $4, state = $5, due = $6, closed_on = $7, archived_on = $8, holder_id = $9, holder_name = $10, stage = $11, \
                    since = $12, seq = $13, trace = $14, returns = $15 WHERE tenant_id = $1 AND dossier_id = $2 AND seq = $16";
    ONE: Tenant = "SELECT dossier_id, office_id, unit_id, year, code, title, retention, state, opened_on, due, closed_on, archived_on, holder_id, holder_name, stage, since, \
                   seq, trace, returns FROM dossier WHERE tenant_id = $1 AND dossier_id = $2";
    CODED: Tenant = "SELECT dossier_id FROM dossier WHERE tenant_id = $1 AND office_id = $2 AND year = $3 AND code = $4";
    HELD_BY: Tenant = "SELECT dossier_id, office_id, unit_id, year, code, title, retention, state, opened_on, due, closed_on, archived_on, holder_id, holder_name, stage, since, \
                       seq, trace, returns FROM dossier WHERE tenant_id = $1 AND holder_id = $2 AND state = 1 ORDER BY due, dossier_id LIMIT $3";
    OF_OFFICE: Tenant = "SELECT dossier_id, office_id, unit_id, year, code, title, retention, state, opened_on, due, closed_on, archived_on, holder_id, holder_name, stage, since, \
                         seq, trace, returns FROM dossier WHERE tenant_id = $1 AND office_id = $2 AND state = $3 AND (due > $4 OR (due = $4 AND dossier_id > $5)) \
                         ORDER BY due, dossier_id LIMIT $6";
    IN_PERIOD: Tenant = "SELECT dossier_id, office_id, unit_id, year, code, title, retention, state, opened_on, due, closed_on, archived_on, holder_id, holder_name, stage, since, \
                         seq, trace, returns FROM dossier WHERE tenant_id = $1 AND unit_id = $2 AND closed_on >= $3 AND closed_on <= $4 AND dossier_id > $5 ORDER BY dossier_id LIMIT $6";
    ADD_EVENT: Tenant = "INSERT INTO dossier_event (tenant_id, dossier_id, seq, at, who_id, who_name, step, how, document_id, to_name, note) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    EVENTS: Tenant = "SELECT seq, at, who_name, step, how, document_id, to_name, note FROM dossier_event WHERE tenant_id = $1 AND dossier_id = $2 ORDER BY seq";
    ALL_EVENTS: Tenant = "SELECT dossier_id, step, how FROM dossier_event WHERE tenant_id = $1 ORDER BY dossier_id, seq";
    ALL_TRACES: Tenant = "SELECT dossier_id, trace, seq FROM dossier WHERE tenant_id = $1 ORDER BY dossier_id";
    BALANCE: Tenant = "SELECT state, CAST(CASE WHEN opened_on < $3 THEN 1 ELSE 0 END AS BIGINT), CAST(CASE WHEN closed_on = '' OR closed_on > $4 THEN 1 ELSE 0 END AS BIGINT), \
                       CAST(CASE WHEN due < (CASE WHEN closed_on = '' OR closed_on > $4 THEN $5 ELSE closed_on END) THEN 1 ELSE 0 END AS BIGINT), CAST(CASE WHEN returns > 0 THEN 1 ELSE 0 END AS BIGINT), count(*) \
                       FROM dossier WHERE tenant_id = $1 AND office_id = $2 AND opened_on <= $4 AND (closed_on = '' OR closed_on >= $3) GROUP BY 1, 2, 3, 4, 5";
}

/// An entry of the yearly dossier list (danh mục hồ sơ).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListItem {
    /// Number and symbol of the dossier: `05.TH`.
    pub code: String,
    /// Heading it stands under.
    pub heading: String,
    /// Title.
    pub title: String,
    /// How long it is kept, in words; empty while not known.
    pub retention: String,
    /// Who keeps it.
    pub keeper: String,
}

/// Where a dossier stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Being worked on.
    Open,
    /// Closed, still with the office.
    Closed,
    /// With the archive.
    Archived,
}

impl State {
    /// The number in the database.
    pub fn code(self) -> i64 {
        match self {
            State::Open => 1,
            State::Closed => 2,
            State::Archived => 3,
        }
    }

    /// Reads [`State::code`].
    pub fn from_code(code: i64) -> Option<State> {
        [State::Open, State::Closed, State::Archived].into_iter().find(|s| s.code() == code)
    }
}

/// A work dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dossier {
    /// Id.
    pub id: Uuid,
    /// Office that keeps it.
    pub office: Uuid,
    /// Place of the office.
    pub unit: Uuid,
    /// Year of the list it belongs to.
    pub year: i64,
    /// Number and symbol.
    pub code: String,
    /// Title.
    pub title: String,
    /// How long it is kept; empty while not known.
    pub retention: String,
    /// Where it stands.
    pub state: State,
    /// ISO.
    pub opened_on: String,
    /// Day by which it is to be closed, ISO; `9999-12-31` for none.
    pub due: String,
    /// ISO; empty while open.
    pub closed_on: String,
    /// ISO; empty until handed over.
    pub archived_on: String,
    /// Who has to act now.
    pub holder: Option<Uuid>,
    /// Their name.
    pub holder_name: String,
    /// What they have to do: a word of [`super::Stage`].
    pub stage: String,
    /// Since when, microseconds UTC.
    pub since: i64,
    /// Number of its last event.
    pub seq: i64,
    /// Its steps.
    pub trace: Trace,
    /// How often a draft was given back.
    pub returns: i64,
}

impl Dossier {
    /// The deadline, if there is one.
    pub fn deadline(&self) -> Option<jiff::civil::Date> {
        if self.due == NEVER { None } else { self.due.parse().ok() }
    }
}

/// Something that happened to a dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Position.
    pub seq: i64,
    /// Microseconds UTC.
    pub at: i64,
    /// Who.
    pub who_name: String,
    /// Step.
    pub step: Step,
    /// How it was done.
    pub how: How,
    /// The document or draft it is about.
    pub document: Option<Uuid>,
    /// To whom.
    pub to_name: String,
    /// A word to it.
    pub note: String,
}

fn item(r: &Row) -> Result<ListItem, DbError> {
    Ok(ListItem { code: r.text(0)?, heading: r.text(1)?, title: r.text(2)?, retention: r.text(3)?, keeper: r.text(4)? })
}

pub(crate) async fn list(db: &Db, tenant: Uuid, office: Uuid, year: i64) -> Result<Vec<ListItem>, DbError> {
    db.all(&LIST, args![tenant, office, year]).await?.iter().map(item).collect()
}

pub(crate) async fn list_item(tx: &mut Tx, tenant: Uuid, office: Uuid, year: i64, code: &str) -> Result<Option<ListItem>, DbError> {
    tx.opt(&LIST_ONE, args![tenant, office, year, code]).await?.as_ref().map(item).transpose()
}

pub(crate) async fn save_item(tx: &mut Tx, tenant: Uuid, office: Uuid, year: i64, i: &ListItem, at: i64, who: &str) -> Result<(), DbError> {
    tx.exec(&SAVE_ITEM, args![tenant, office, year, &i.code, &i.heading, &i.title, &i.retention, &i.keeper, at, who]).await.map(drop)
}

fn dossier(r: &Row) -> Result<Dossier, DbError> {
    Ok(Dossier {
        id: r.uuid(0)?,
        office: r.uuid(1)?,
        unit: r.uuid(2)?,
        year: r.int(3)?,
        code: r.text(4)?,
        title: r.text(5)?,
        retention: r.text(6)?,
        state: State::from_code(r.int(7)?).ok_or_else(|| DbError::defect("a dossier in an unknown state"))?,
        opened_on: r.text(8)?,
        due: r.text(9)?,
        closed_on: r.text(10)?,
        archived_on: r.text(11)?,
        holder: r.uuid_opt(12)?,
        holder_name: r.text(13)?,
        stage: r.text(14)?,
        since: r.int(15)?,
        seq: r.int(16)?,
        trace: Trace(r.int(17)?),
        returns: r.int(18)?,
    })
}

pub(crate) async fn add(tx: &mut Tx, tenant: Uuid, d: &Dossier) -> Result<(), DbError> {
    let values = args![
        tenant,
        d.id,
        d.office,
        d.unit,
        d.year,
        &d.code,
        &d.title,
        &d.retention,
        d.state.code(),
        &d.opened_on,
        &d.due,
        &d.closed_on,
        &d.archived_on,
        d.holder,
        &d.holder_name,
        &d.stage,
        d.since,
        d.seq,
        d.trace.0,
        d.returns
    ];
    tx.exec(&ADD, values).await.map(drop)
}

/// Saves a dossier that was read with `seen` as its last event; whether nobody was faster.
pub(crate) async fn save(tx: &mut Tx, tenant: Uuid, d: &Dossier, seen: i64) -> Result<bool, DbError> {
    let values = args![
        tenant,
        d.id,
        &d.title,
        &d.retention,
        d.state.code(),
        &d.due,
        &d.closed_on,
        &d.archived_on,
        d.holder,
        &d.holder_name,
        &d.stage,
        d.since,
        d.seq,
        d.trace.0,
        d.returns,
        seen
    ];
    Ok(tx.exec(&SAVE, values).await? > 0)
}

pub(crate) async fn one(db: &Db, tenant: Uuid, id: Uuid) -> Result<Option<Dossier>, DbError> {
    db.opt(&ONE, args![tenant, id]).await?.as_ref().map(dossier).transpose()
}

pub(crate) async fn one_tx(tx: &mut Tx, tenant: Uuid, id: Uuid) -> Result<Option<Dossier>, DbError> {
    tx.opt(&ONE, args![tenant, id]).await?.as_ref().map(dossier).transpose()
}

pub(crate) async fn is_coded(tx: &mut Tx, tenant: Uuid, office: Uuid, year: i64, code: &str) -> Result<bool, DbError> {
    Ok(tx.opt(&CODED, args![tenant, office, year, code]).await?.is_some())
}

/// Open dossiers that somebody holds, by deadline.
pub(crate) async fn held_by(db: &Db, tenant: Uuid, account: Uuid, limit: i64) -> Result<Vec<Dossier>, DbError> {
    db.all(&HELD_BY, args![tenant, account, limit]).await?.iter().map(dossier).collect()
}

/// Dossiers of an office in a state, by deadline, behind a key.
pub(crate) async fn of_office(db: &Db, tenant: Uuid, office: Uuid, state: State, after: (&str, Uuid), limit: i64) -> Result<Vec<Dossier>, DbError> {
    db.all(&OF_OFFICE, args![tenant, office, state.code(), after.0, after.1, limit]).await?.iter().map(dossier).collect()
}

/// Dossiers of a unit that were closed between two days.
pub(crate) async fn in_period(db: &Db, tenant: Uuid, unit: Uuid, days: (&str, &str), after: Uuid, limit: i64) -> Result<Vec<Dossier>, DbError> {
    db.all(&IN_PERIOD, args![tenant, unit, days.0, days.1, after, limit]).await?.iter().map(dossier).collect()
}

pub(crate) async fn add_event(tx: &mut Tx, tenant: Uuid, dossier: Uuid, who: Option<Uuid>, e: &Event) -> Result<(), DbError> {
    let values = args![tenant, dossier, e.seq, e.at, who, &e.who_name, e.step.word(), e.how.code(), e.document, &e.to_name, &e.note];
    tx.exec(&ADD_EVENT, values).await.map(drop)
}

pub(crate) async fn events(db: &Db, tenant: Uuid, dossier: Uuid) -> Result<Vec<Event>, DbError> {
    let one = |r: &Row| {
        Ok(Event {
            seq: r.int(0)?,
            at: r.int(1)?,
            who_name: r.text(2)?,
            step: Step::from_word(&r.text(3)?).ok_or_else(|| DbError::defect("an event of an unknown step"))?,
            how: How::from_code(r.int(4)?),
            document: r.uuid_opt(5)?,
            to_name: r.text(6)?,
            note: r.text(7)?,
        })
    };
    db.all(&EVENTS, args![tenant, dossier]).await?.iter().map(one).collect()
}

/// How many dossiers differ from their events, and the first few; with how many were looked at.
pub(crate) async fn differing(db: &Db, tenant: Uuid) -> Result<(u64, Vec<Uuid>), DbError> {
    // Two sorted streams; the second is walked while the first is held.
    let mut made: Vec<(Uuid, Trace, i64)> = Vec::new();
    db.each(&ALL_EVENTS, args![tenant], |r| {
        let (id, step, how) = (r.uuid(0)?, Step::from_word(&r.text(1)?), How::from_code(r.int(2)?));
        let step = step.ok_or_else(|| DbError::defect("an event of an unknown step"))?;
        match made.last_mut() {
            Some(last) if last.0 == id => *last = (id, last.1.with(step, how), last.2 + 1),
            _ => made.push((id, Trace::default().with(step, how), 1)),
        }
        Ok::<(), DbError>(())
    })
    .await?;
    let mut at = made.into_iter().peekable();
    let (mut count, mut wrong) = (0u64, Vec::new());
    db.each(&ALL_TRACES, args![tenant], |r| {
        let (id, trace, seq) = (r.uuid(0)?, Trace(r.int(1)?), r.int(2)?);
        count += 1;
        while at.peek().is_some_and(|m| m.0 < id) {
            at.next();
        }
        if at.peek() != Some(&(id, trace, seq)) {
            wrong.push(id);
        }
        Ok::<(), DbError>(())
    })
    .await?;
    Ok((count, wrong))
}

/// A group of dossiers of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub carried: bool,
    pub open_at_end: bool,
    pub late: bool,
    pub returned: bool,
    pub count: i64,
}

/// The dossiers that an office had between two days, in groups.
pub(crate) async fn balance(db: &Db, tenant: Uuid, office: Uuid, days: (&str, &str), today: &str) -> Result<Vec<Group>, DbError> {
    let rows = db.all(&BALANCE, args![tenant, office, days.0, days.1, today]).await?;
    rows.iter().map(|r| Ok(Group { carried: r.flag(1)?, open_at_end: r.flag(2)?, late: r.flag(3)?, returned: r.flag(4)?, count: r.int(5)? })).collect()
}
