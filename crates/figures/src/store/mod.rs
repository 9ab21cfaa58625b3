//! The only file of this crate with SQL, together with `store/rooms.rs` for the smaller tables, `store/evidence.rs` for the
//! evidence library, `store/typed.rs` for the burden and `store/waiting.rs` for what does not count yet.

pub mod evidence;
pub mod rooms;
pub mod typed;
pub mod waiting;

use crate::acc::Acc;
use crate::ledger::{self, Line, State};
use crate::measure::{Definition, Measure};
use crate::project::{Leaf, Spot};
use crate::value::Value;
use db::{Arg, Bulk, Conflict, Db, DbError, Row, Tx, Type, args};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

db::statements! {
    TENANTS: Shared = "SELECT tenant_id FROM tenant";
    MEASURES: Shared = "SELECT m.measure_id, v.retired, v.definition FROM measure m JOIN measure_version v ON v.measure_id = m.measure_id \
                        ORDER BY m.code, v.version";
    ADD_MEASURE: Shared = "INSERT INTO measure (measure_id, code) VALUES ($1, $2) ON CONFLICT (measure_id) DO NOTHING";
    ADD_VERSION: Shared = "INSERT INTO measure_version (measure_id, version, valid_from, retired, definition, entered_by, entered_at) \
                           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (measure_id, version) DO NOTHING";
    RETIRE: Shared = "UPDATE measure_version SET retired = $3 WHERE measure_id = $1 AND version = $2";
    LINES_OF_FIGURE: Tenant = "SELECT unit_id, seq, version, state, known, num, den, words, act_id, cell, reason, replaces FROM ledger \
                               WHERE tenant_id = $1 AND measure_id = $2 AND period = $3 AND unit_id = $4 ORDER BY seq";
    LINES_OF_SLICE: Tenant = "SELECT unit_id, seq, version, state, known, num, den, words, act_id, cell, reason, replaces FROM ledger \
                              WHERE tenant_id = $1 AND measure_id = $2 AND period = $3 ORDER BY unit_id, seq";
    LINES_OF_ALL: National = "SELECT l.unit_id, l.seq, l.version, l.state, l.known, l.num, l.den, l.words, l.act_id, l.cell, l.reason, l.replaces \
                              FROM tenant t JOIN ledger l ON l.tenant_id = t.tenant_id \
                              WHERE l.measure_id = $1 AND l.period = $2 ORDER BY l.tenant_id, l.unit_id, l.seq";
    VALUES_OF_ALL: National = "SELECT l.unit_id, l.state, l.known, l.num, l.den, l.words, l.act_id FROM tenant t JOIN ledger l ON l.tenant_id = t.tenant_id \
                               WHERE l.measure_id = $1 AND l.period = $2 ORDER BY l.tenant_id, l.unit_id, l.seq";
    LAST_OF_SLICE: Tenant = "SELECT unit_id, seq, version, state, known, num, den, words, act_id, cell, reason, replaces FROM ledger l \
                             WHERE l.tenant_id = $1 AND l.measure_id = $2 AND l.period = $3 AND l.seq >= \
                             (SELECT max(k.seq) FROM ledger k WHERE k.tenant_id = $1 AND k.measure_id = $2 AND k.period = $3 AND k.unit_id = l.unit_id) \
                             ORDER BY l.unit_id, l.seq";
    LAST_PERIOD: Tenant = "SELECT max(period) FROM ledger WHERE tenant_id = $1 AND measure_id = $2";
    SLICES: National = "SELECT DISTINCT measure_id, period FROM ledger";
    ACTS_OF_SLICE: Tenant = "SELECT act_id, at, who_id, who_name, source, file_name, file_hash, note FROM act WHERE tenant_id = $1 AND act_id IN \
                             (SELECT act_id FROM ledger WHERE tenant_id = $1 AND measure_id = $2 AND period = $3 AND unit_id = $4)";
    ACT_ORIGIN: Tenant = "SELECT source, who_name, at FROM act WHERE tenant_id = $1 AND act_id = $2";
    ACT_AUTHOR: Tenant = "SELECT who_id FROM act WHERE tenant_id = $1 AND act_id = $2";
    ACT_TIME: Tenant = "SELECT at FROM act WHERE tenant_id = $1 AND act_id = $2";
    ACT_TIMES: Tenant = "SELECT act_id, at FROM act WHERE tenant_id = $1";
    ROWS_OF_SLICE: Tenant = "SELECT tree, level, place_id, n, na, unknown, awaiting, num, den, met, lo, hi, estimated, as_of, words FROM figure \
                             WHERE tenant_id = $1 AND measure_id = $2 AND period = $3";
    ROWS_OF_ALL: National = "SELECT f.tree, f.level, f.place_id, f.n, f.na, f.unknown, f.awaiting, f.num, f.den, f.met, f.lo, f.hi, f.estimated, f.as_of, f.words, \
                             f.tenant_id FROM tenant t JOIN figure f ON f.tenant_id = t.tenant_id WHERE f.measure_id = $1 AND f.period = $2";
    LEAVES_OF_ALL: National = "SELECT f.tree, f.level, f.place_id, f.n, f.na, f.unknown, f.awaiting, f.num, f.den, f.met, f.lo, f.hi, f.estimated, f.as_of, f.words, \
                               f.tenant_id FROM tenant t JOIN figure f ON f.tenant_id = t.tenant_id \
                               WHERE f.measure_id = $1 AND f.period = $2 AND f.tree = 0 AND f.level = $3";
    LEAVES_OF_SLICE: Tenant = "SELECT tree, level, place_id, n, na, unknown, awaiting, num, den, met, lo, hi, estimated, as_of, words FROM figure \
                               WHERE tenant_id = $1 AND measure_id = $2 AND period = $3 AND tree = 0 AND level = $4";
    DROP_ROW: Tenant = "DELETE FROM figure WHERE tenant_id = $1 AND measure_id = $2 AND period = $3 AND tree = $4 AND level = $5 AND place_id = $6";
    DROP_TODAY: National = "DELETE FROM figure WHERE measure_id = $1 AND period = $2 AND tree = 1";
    OF_PLACE_MANY: National = "SELECT f.measure_id, f.period, f.place_id, f.n, f.na, f.unknown, f.awaiting, f.num, f.den, f.met, f.lo, f.hi, f.estimated, f.as_of, f.words \
                          FROM tenant t JOIN figure f ON f.tenant_id = t.tenant_id \
                          WHERE f.measure_id IN ($1, $2, $3, $4, $5, $6, $7, $8) AND f.period IN ($9, $10, $11, $12, $13, $14, $15, $16) \
                          AND f.tree = $17 AND f.level = $18 AND f.place_id = $19";
    OF_PLACE_MANY_IN_TENANT: Tenant = "SELECT f.measure_id, f.period, f.place_id, f.n, f.na, f.unknown, f.awaiting, f.num, f.den, f.met, f.lo, f.hi, f.estimated, f.as_of, f.words \
                          FROM figure f WHERE f.tenant_id = $20 AND f.measure_id IN ($1, $2, $3, $4, $5, $6, $7, $8) AND f.period IN ($9, $10, $11, $12, $13, $14, $15, $16) \
                          AND f.tree = $17 AND f.level = $18 AND f.place_id = $19";
    BOARD: National = "SELECT f.measure_id, f.period, f.place_id, f.n, f.na, f.unknown, f.awaiting, f.num, f.den, f.met, f.lo, f.hi, f.estimated, f.as_of, f.words \
                          FROM tenant t CROSS JOIN measure m JOIN figure f ON f.tenant_id = t.tenant_id AND f.measure_id = m.measure_id \
                          WHERE f.period = $1 AND f.tree = $2 AND f.level = $3";
    AT_LEVEL: National = "SELECT f.measure_id, f.period, f.place_id, f.n, f.na, f.unknown, f.awaiting, f.num, f.den, f.met, f.lo, f.hi, f.estimated, f.as_of, f.words \
                          FROM tenant t JOIN figure f ON f.tenant_id = t.tenant_id \
                          WHERE f.measure_id = $1 AND f.period = $2 AND f.tree = $3 AND f.level = $4";
    AT_LEVEL_OF_TENANT: Tenant = "SELECT f.measure_id, f.period, f.place_id, f.n, f.na, f.unknown, f.awaiting, f.num, f.den, f.met, f.lo, f.hi, f.estimated, f.as_of, f.words \
                          FROM figure f WHERE f.tenant_id = $5 AND f.measure_id = $1 AND f.period = $2 AND f.tree = $3 AND f.level = $4";
    OF_PLACE: National = "SELECT f.measure_id, f.period, f.place_id, f.n, f.na, f.unknown, f.awaiting, f.num, f.den, f.met, f.lo, f.hi, f.estimated, f.as_of, f.words \
                          FROM tenant t JOIN figure f ON f.tenant_id = t.tenant_id \
                          WHERE f.measure_id = $1 AND f.period = $2 AND f.tree = $3 AND f.level = $4 AND f.place_id = $5";
    OF_PLACE_IN_TENANT: Tenant = "SELECT f.measure_id, f.period, f.place_id, f.n, f.na, f.unknown, f.awaiting, f.num, f.den, f.met, f.lo, f.hi, f.estimated, f.as_of, f.words \
                          FROM figure f WHERE f.tenant_id = $6 AND f.measure_id = $1 AND f.period = $2 AND f.tree = $3 AND f.level = $4 AND f.place_id = $5";
}

/// Bulk of `tenant`.
pub const TENANT: Bulk<'_> = Bulk { table: "tenant", columns: &[("tenant_id", Type::Uuid)], conflict: Conflict::Keep };
const ACT: Bulk<'_> = Bulk {
    table: "act",
    columns: &[
        ("tenant_id", Type::Uuid),
        ("act_id", Type::Uuid),
        ("at", Type::Int),
        ("who_id", Type::Uuid),
        ("who_name", Type::Text),
        ("source", Type::Text),
        ("file_name", Type::Text),
        ("file_hash", Type::Text),
        ("note", Type::Text),
    ],
    conflict: Conflict::Keep,
};
/// Bulk of `ledger`; a second line in the same place is a conflict between two writers.
pub const LEDGER: Bulk<'_> = Bulk {
    table: "ledger",
    columns: &[
        ("tenant_id", Type::Uuid),
        ("measure_id", Type::Uuid),
        ("period", Type::Int),
        ("unit_id", Type::Uuid),
        ("seq", Type::Int),
        ("version", Type::Int),
        ("state", Type::Int),
        ("known", Type::Int),
        ("num", Type::Int),
        ("den", Type::Int),
        ("words", Type::Text),
        ("act_id", Type::Uuid),
        ("cell", Type::Text),
        ("reason", Type::Text),
        ("replaces", Type::Int),
    ],
    conflict: Conflict::Fail,
};
const FIGURE_COLUMNS: &[(&str, Type)] = &[
    ("tenant_id", Type::Uuid),
    ("measure_id", Type::Uuid),
    ("period", Type::Int),
    ("tree", Type::Int),
    ("level", Type::Int),
    ("place_id", Type::Uuid),
    ("n", Type::Int),
    ("na", Type::Int),
    ("unknown", Type::Int),
    ("awaiting", Type::Int),
    ("num", Type::Int),
    ("den", Type::Int),
    ("met", Type::Int),
    ("lo", Type::Int),
    ("hi", Type::Int),
    ("estimated", Type::Int),
    ("as_of", Type::Int),
    ("words", Type::Text),
];
const FIGURE: Bulk<'_> = Bulk { table: "figure", columns: FIGURE_COLUMNS, conflict: Conflict::Replace { key: 6 } };

/// Who did something, when, from what source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Id.
    pub id: Uuid,
    /// Microseconds UTC.
    pub at: i64,
    /// Account, if a person.
    pub who: Option<Uuid>,
    /// Name as it was then.
    pub who_name: String,
    /// `form`, `workbook`, `api`, `computed`, `bulk`.
    pub source: String,
    /// File the values came from.
    pub file_name: Option<String>,
    /// SHA-256 of that file, hex.
    pub file_hash: Option<String>,
    /// Anything said about it.
    pub note: String,
}

/// Key of a slice: one measure in one period.
pub type SliceKey = (Uuid, i64);

/// A line with the place it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLine {
    /// Tenant of the unit.
    pub tenant: Uuid,
    /// Measure.
    pub measure: Uuid,
    /// Period code.
    pub period: i64,
    /// Unit.
    pub unit: Uuid,
    /// The line.
    pub line: Line,
}

/// Reads all measures, every version, oldest first.
pub async fn measures(db: &Db) -> Result<Vec<Measure>, DbError> {
    let mut out = Vec::new();
    for row in db.all(&MEASURES, vec![]).await? {
        let text = row.text(2)?;
        let def: Definition = serde_json::from_str(&text).map_err(|e| DbError::defect(format!("definition: {e}")))?;
        out.push(Measure { id: row.uuid(0)?, def, retired: row.flag(1)? });
    }
    Ok(out)
}

/// Adds a version of a measure; an existing version stays as it is.
pub async fn add_measure(tx: &mut Tx, measure: &Measure, by: &str, at: i64) -> Result<bool, DbError> {
    let json = serde_json::to_string(&measure.def).map_err(DbError::defect)?;
    tx.exec(&ADD_MEASURE, args![measure.id, &measure.def.code]).await?;
    let added = tx.exec(&ADD_VERSION, args![measure.id, measure.def.version, measure.def.valid_from.to_string(), measure.retired, json, by, at]).await?;
    Ok(added > 0)
}

fn line(row: &Row) -> Result<(Uuid, Line), DbError> {
    let value =
        ledger::value(row.int(4)?, row.int_opt(5)?, row.int_opt(6)?, row.text_opt(7)?).ok_or_else(|| DbError::defect("a ledger line without a value"))?;
    let state = State::from_code(row.int(3)?).ok_or_else(|| DbError::defect("a ledger line in an unknown state"))?;
    let line = Line {
        seq: row.int(1)?,
        version: row.int(2)?,
        state,
        value,
        act: row.uuid(8)?,
        cell: row.text_opt(9)?,
        reason: row.text_opt(10)?,
        replaces: row.int_opt(11)?,
    };
    Ok((row.uuid(0)?, line))
}

/// All lines of one figure, in order.
pub async fn lines(db: &Db, tenant: Uuid, key: SliceKey, unit: Uuid) -> Result<Vec<Line>, DbError> {
    db.all(&LINES_OF_FIGURE, args![tenant, key.0, key.1, unit]).await?.iter().map(|r| Ok(line(r)?.1)).collect()
}

/// The same inside a transaction.
pub async fn lines_tx(tx: &mut Tx, tenant: Uuid, key: SliceKey, unit: Uuid) -> Result<Vec<Line>, DbError> {
    tx.all(&LINES_OF_FIGURE, args![tenant, key.0, key.1, unit]).await?.iter().map(|r| Ok(line(r)?.1)).collect()
}

/// All lines of a slice of one tenant, in order of unit and position.
pub async fn slice_lines_tx(tx: &mut Tx, tenant: Uuid, key: SliceKey) -> Result<Vec<(Uuid, Line)>, DbError> {
    tx.all(&LINES_OF_SLICE, args![tenant, key.0, key.1]).await?.iter().map(line).collect()
}

/// All lines of a slice of all tenants: one question instead of one per tenant.
pub async fn slice_lines_all_tx(tx: &mut Tx, key: SliceKey) -> Result<Vec<(Uuid, Line)>, DbError> {
    tx.all(&LINES_OF_ALL, args![key.0, key.1]).await?.iter().map(line).collect()
}

/// The same from a reader.
pub async fn slice_lines(db: &Db, tenant: Uuid, key: SliceKey) -> Result<Vec<(Uuid, Line)>, DbError> {
    db.all(&LINES_OF_SLICE, args![tenant, key.0, key.1]).await?.iter().map(line).collect()
}

/// State, value and act of all lines of a slice, in order of unit and position, handed out one by one.
pub async fn slice_values(db: &Db, key: SliceKey, mut each: impl FnMut(Uuid, State, Value, Uuid) + Send) -> Result<(), DbError> {
    db.each(&VALUES_OF_ALL, args![key.0, key.1], |row| {
        let value = ledger::value(row.int(2)?, row.int_opt(3)?, row.int_opt(4)?, row.text_opt(5)?);
        let (Some(state), Some(value)) = (State::from_code(row.int(1)?), value) else { return Err(DbError::defect("a ledger line that cannot be read")) };
        each(row.uuid(0)?, state, value, row.uuid(6)?);
        Ok(())
    })
    .await
}

/// The last line of every figure of a slice of one tenant.
pub async fn last_lines(db: &Db, tenant: Uuid, key: SliceKey) -> Result<Vec<(Uuid, Line)>, DbError> {
    db.all(&LAST_OF_SLICE, args![tenant, key.0, key.1]).await?.iter().map(line).collect()
}

/// The last period of a measure with a line in a tenant.
pub async fn last_period(db: &Db, tenant: Uuid, measure: Uuid) -> Result<Option<i64>, DbError> {
    match db.opt(&LAST_PERIOD, args![tenant, measure]).await? {
        Some(row) => row.int_opt(0),
        None => Ok(None),
    }
}

/// Every measure and period with at least one line.
pub async fn slices(db: &Db) -> Result<Vec<SliceKey>, DbError> {
    db.all(&SLICES, vec![]).await?.iter().map(|r| Ok((r.uuid(0)?, r.int(1)?))).collect()
}

/// All tenants.
pub async fn tenants(db: &Db) -> Result<Vec<Uuid>, DbError> {
    db.all(&TENANTS, vec![]).await?.iter().map(|r| r.uuid(0)).collect()
}

/// The acts behind one figure.
pub async fn acts(db: &Db, tenant: Uuid, key: SliceKey, unit: Uuid) -> Result<HashMap<Uuid, Act>, DbError> {
    let mut out = HashMap::new();
    for row in db.all(&ACTS_OF_SLICE, args![tenant, key.0, key.1, unit]).await? {
        let act = Act {
            id: row.uuid(0)?,
            at: row.int(1)?,
            who: row.uuid_opt(2)?,
            who_name: row.text(3)?,
            source: row.text(4)?,
            file_name: row.text_opt(5)?,
            file_hash: row.text_opt(6)?,
            note: row.text(7)?,
        };
        out.insert(act.id, act);
    }
    Ok(out)
}

/// Times of all acts of a tenant.
pub async fn act_times(db: &Db, tenant: Uuid) -> Result<HashMap<Uuid, i64>, DbError> {
    db.all(&ACT_TIMES, args![tenant]).await?.iter().map(|r| Ok((r.uuid(0)?, r.int(1)?))).collect()
}

/// Where an act came from: (source, who, when).
pub async fn act_origin_tx(tx: &mut Tx, tenant: Uuid, act: Uuid) -> Result<Option<(String, String, i64)>, DbError> {
    tx.opt(&ACT_ORIGIN, args![tenant, act]).await?.map(|r| Ok((r.text(0)?, r.text(1)?, r.int(2)?))).transpose()
}

/// The account behind an act.
pub async fn act_author_tx(tx: &mut Tx, tenant: Uuid, act: Uuid) -> Result<Option<Uuid>, DbError> {
    Ok(tx.opt(&ACT_AUTHOR, args![tenant, act]).await?.map(|r| r.uuid_opt(0)).transpose()?.flatten())
}

/// When an act was made.
pub async fn act_time_tx(tx: &mut Tx, tenant: Uuid, act: Uuid) -> Result<Option<i64>, DbError> {
    tx.opt(&ACT_TIME, args![tenant, act]).await?.map(|r| r.int(0)).transpose()
}

/// Records an act in each tenant it touches.
pub async fn add_act(tx: &mut Tx, tenants: &[Uuid], act: &Act) -> Result<(), DbError> {
    let mut rows = Vec::new();
    for tenant in tenants {
        rows.extend(args![*tenant, act.id, act.at, act.who, &act.who_name, &act.source, act.file_name.clone(), act.file_hash.clone(), &act.note]);
    }
    tx.insert(&ACT, rows).await.map(drop)
}

/// The fifteen values of a ledger row.
pub fn ledger_row(out: &mut Vec<Arg>, new: &NewLine) {
    let (known, num, den, words) = ledger::columns(&new.line.value);
    let l = &new.line;
    out.extend([
        Arg::Uuid(Some(new.tenant)),
        Arg::Uuid(Some(new.measure)),
        Arg::Int(Some(new.period)),
        Arg::Uuid(Some(new.unit)),
        Arg::Int(Some(l.seq)),
        Arg::Int(Some(l.version)),
        Arg::Int(Some(l.state.code())),
        Arg::Int(Some(known)),
        Arg::Int(num),
        Arg::Int(den),
        Arg::Text(words),
        Arg::Uuid(Some(l.act)),
        Arg::Text(l.cell.clone()),
        Arg::Text(l.reason.clone()),
        Arg::Int(l.replaces),
    ]);
}

/// Appends lines. Two writers in the same place: [`DbError::Conflict`].
pub async fn add_lines(tx: &mut Tx, lines: &[NewLine]) -> Result<(), DbError> {
    let mut rows = Vec::with_capacity(lines.len() * LEDGER.columns.len());
    for new in lines {
        ledger_row(&mut rows, new);
    }
    tx.insert(&LEDGER, rows).await?;
    waiting::follow(tx, lines).await
}

fn acc(row: &Row, first: usize) -> Result<Acc, DbError> {
    Ok(Acc {
        n: row.int(first)?,
        na: row.int(first + 1)?,
        unknown: row.int(first + 2)?,
        awaiting: row.int(first + 3)?,
        num: row.int(first + 4)?,
        den: row.int(first + 5)?,
        met: row.int(first + 6)?,
        lo: row.int_opt(first + 7)?,
        hi: row.int_opt(first + 8)?,
        estimated: row.int(first + 9)?,
        as_of: row.int(first + 10)?,
    })
}

fn spot_row(tenant: Uuid, row: &Row) -> Result<(Spot, Leaf), DbError> {
    let spot = Spot { tenant, tree: row.int(0)?, level: row.int(1)?, place: row.uuid(2)? };
    let acc = acc(row, 3)?;
    Ok((spot, Leaf { acc, words: row.text_opt(14)? }))
}

/// All stored figures of a slice of one tenant.
pub async fn rows_tx(tx: &mut Tx, tenant: Uuid, key: SliceKey) -> Result<Vec<(Spot, Leaf)>, DbError> {
    tx.all(&ROWS_OF_SLICE, args![tenant, key.0, key.1]).await?.iter().map(|r| spot_row(tenant, r)).collect()
}

/// Those of all tenants: one question instead of one per tenant.
pub async fn rows_all_tx(tx: &mut Tx, key: SliceKey) -> Result<Vec<(Spot, Leaf)>, DbError> {
    tx.all(&ROWS_OF_ALL, args![key.0, key.1]).await?.iter().map(|r| spot_row(r.uuid(15)?, r)).collect()
}

/// The same from a reader, appended to a list.
pub async fn rows(db: &Db, key: SliceKey, out: &mut Vec<(Spot, Leaf)>) -> Result<(), DbError> {
    db.each(&ROWS_OF_ALL, args![key.0, key.1], |row| {
        out.push(spot_row(row.uuid(15)?, &row)?);
        Ok(())
    })
    .await
}

/// Stored figures of the reporting units of a slice of one tenant, as it was then.
pub async fn leaves_tx(tx: &mut Tx, tenant: Uuid, key: SliceKey, level: i64) -> Result<Vec<(Uuid, Leaf)>, DbError> {
    tx.all(&LEAVES_OF_SLICE, args![tenant, key.0, key.1, level]).await?.iter().map(|r| spot_row(tenant, r).map(|(s, l)| (s.place, l))).collect()
}

/// Those of all tenants.
pub async fn leaves_all_tx(tx: &mut Tx, key: SliceKey, level: i64) -> Result<Vec<(Uuid, Leaf)>, DbError> {
    tx.all(&LEAVES_OF_ALL, args![key.0, key.1, level]).await?.iter().map(|r| spot_row(r.uuid(15)?, r).map(|(s, l)| (s.place, l))).collect()
}

/// Writes figures; a row already there is replaced.
pub async fn save_rows(tx: &mut Tx, key: SliceKey, rows: &[(Spot, Leaf)]) -> Result<(), DbError> {
    tx.insert(&FIGURE, figure_rows(key, rows)).await.map(drop)
}

/// Writes figures of a slice that is not there yet.
pub async fn add_rows(tx: &mut Tx, rows: Vec<Arg>) -> Result<(), DbError> {
    tx.insert(&Bulk { conflict: Conflict::Fail, ..FIGURE }, rows).await.map(drop)
}

/// The values of figure rows.
pub fn figure_rows(key: SliceKey, rows: &[(Spot, Leaf)]) -> Vec<Arg> {
    let mut out: Vec<Arg> = Vec::with_capacity(rows.len() * FIGURE_COLUMNS.len());
    for (s, leaf) in rows {
        let a = &leaf.acc;
        out.extend([
            Arg::Uuid(Some(s.tenant)),
            Arg::Uuid(Some(key.0)),
            Arg::Int(Some(key.1)),
            Arg::Int(Some(s.tree)),
            Arg::Int(Some(s.level)),
            Arg::Uuid(Some(s.place)),
            Arg::Int(Some(a.n)),
            Arg::Int(Some(a.na)),
            Arg::Int(Some(a.unknown)),
            Arg::Int(Some(a.awaiting)),
            Arg::Int(Some(a.num)),
            Arg::Int(Some(a.den)),
            Arg::Int(Some(a.met)),
            Arg::Int(a.lo),
            Arg::Int(a.hi),
            Arg::Int(Some(a.estimated)),
            Arg::Int(Some(a.as_of)),
            Arg::Text(leaf.words.clone()),
        ]);
    }
    out
}

/// Takes away a figure that no longer has anything behind it.
pub async fn drop_row(tx: &mut Tx, key: SliceKey, s: &Spot) -> Result<(), DbError> {
    tx.exec(&DROP_ROW, args![s.tenant, key.0, key.1, s.tree, s.level, s.place]).await.map(drop)
}

/// Takes away all figures of a slice on today's map, before they are made anew.
pub async fn drop_today(tx: &mut Tx, key: SliceKey) -> Result<(), DbError> {
    tx.exec(&DROP_TODAY, args![key.0, key.1]).await.map(drop)
}

/// Adds what the tenants hold of the same place together.
fn merge(rows: &[Row], out: &mut HashMap<Uuid, Leaf>) -> Result<(), DbError> {
    for row in rows {
        add(row, out.entry(row.uuid(2)?).or_default())?;
    }
    Ok(())
}

fn add(row: &Row, leaf: &mut Leaf) -> Result<(), DbError> {
    leaf.acc.add(&acc(row, 3)?);
    if let Some(words) = row.text_opt(14)? {
        leaf.words = Some(words);
    }
    Ok(())
}

/// Figures of all places of a level on a tree. With tenants given, only what these hold.
pub async fn at_level(db: &Db, key: SliceKey, tree: i64, level: i64, tenants: Option<&[Uuid]>) -> Result<HashMap<Uuid, Leaf>, DbError> {
    let mut out = HashMap::new();
    match tenants {
        None => merge(&db.all(&AT_LEVEL, args![key.0, key.1, tree, level]).await?, &mut out)?,
        Some(list) => {
            for tenant in list {
                merge(&db.all(&AT_LEVEL_OF_TENANT, args![key.0, key.1, tree, level, *tenant]).await?, &mut out)?;
            }
        }
    }
    Ok(out)
}

/// The figure of one place on a tree. With tenants given, only what these hold.
pub async fn of_place(db: &Db, key: SliceKey, tree: i64, level: i64, place: Uuid, tenants: Option<&[Uuid]>) -> Result<Option<Leaf>, DbError> {
    let mut out = HashMap::new();
    match tenants {
        None => merge(&db.all(&OF_PLACE, args![key.0, key.1, tree, level, place]).await?, &mut out)?,
        Some(list) => {
            for tenant in list {
                merge(&db.all(&OF_PLACE_IN_TENANT, args![key.0, key.1, tree, level, place, *tenant]).await?, &mut out)?;
            }
        }
    }
    Ok(out.remove(&place))
}

/// Measures and periods of one statement of [`of_place_many`].
const MANY: usize = 8;

/// The figures of one place in many slices, on a tree; more slices than asked for may come back. With tenants given, only what these hold.
pub async fn of_place_many(
    db: &Db,
    keys: &BTreeSet<SliceKey>,
    tree: i64,
    level: i64,
    place: Uuid,
    tenants: Option<&[Uuid]>,
) -> Result<HashMap<SliceKey, Leaf>, DbError> {
    let measures: Vec<Uuid> = keys.iter().map(|k| k.0).collect::<BTreeSet<_>>().into_iter().collect();
    let mut out: HashMap<SliceKey, Leaf> = HashMap::new();
    for some in measures.chunks(MANY) {
        let periods: Vec<i64> = keys.iter().filter(|k| some.contains(&k.0)).map(|k| k.1).collect::<BTreeSet<_>>().into_iter().collect();
        for times in periods.chunks(MANY) {
            // The lists of the statement have one length; the last value stands in for what lacks.
            let mut args: Vec<Arg> = (0..MANY).filter_map(|i| some.get(i).or(some.last())).map(|m| Arg::from(*m)).collect();
            args.extend((0..MANY).filter_map(|i| times.get(i).or(times.last())).map(|p| Arg::from(*p)));
            args.extend(args![tree, level, place]);
            let rows = match tenants {
                None => db.all(&OF_PLACE_MANY, args).await?,
                Some(list) => {
                    let mut rows = Vec::new();
                    for tenant in list {
                        let mut args = args.clone();
                        args.push(Arg::from(*tenant));
                        rows.extend(db.all(&OF_PLACE_MANY_IN_TENANT, args).await?);
                    }
                    rows
                }
            };
            for row in &rows {
                add(row, out.entry((row.uuid(0)?, row.int(1)?)).or_default())?;
            }
        }
    }
    Ok(out)
}

/// Figures of all measures at all places of a level in a period: by measure, then by place.
pub async fn board(db: &Db, period: i64, tree: i64, level: i64) -> Result<HashMap<Uuid, HashMap<Uuid, Leaf>>, DbError> {
    let mut out: HashMap<Uuid, HashMap<Uuid, Leaf>> = HashMap::new();
    for row in &db.all(&BOARD, args![period, tree, level]).await? {
        add(row, out.entry(row.uuid(0)?).or_default().entry(row.uuid(2)?).or_default())?;
    }
    Ok(out)
}
