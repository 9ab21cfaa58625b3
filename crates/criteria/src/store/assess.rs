//! SQL of assessments: one row per unit, set and year with its outcomes as letters, and the lines behind them.

use crate::model::{Given, Outcome};
use db::{Arg, Bulk, Conflict, Db, DbError, Row, Tx, Type, args};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

db::statements! {
    ONE: Tenant = "SELECT unit_id, version, outcomes, states, met, criteria_met, whole, accepted, changed_at FROM assessment \
                   WHERE tenant_id = $1 AND set_code = $2 AND year = $3 AND unit_id = $4";
    OF_TENANT: Tenant = "SELECT unit_id, version, outcomes, states, met, criteria_met, whole, accepted, changed_at FROM assessment \
                         WHERE tenant_id = $1 AND set_code = $2 AND year = $3 ORDER BY unit_id";
    EVERYWHERE: National = "SELECT unit_id, version, outcomes, states, met, criteria_met, whole, accepted, changed_at FROM assessment \
                            WHERE set_code = $1 AND year = $2 ORDER BY unit_id";
    OF_UNIT: Tenant = "SELECT set_code, year, version, outcomes, states, met, criteria_met, whole, accepted, changed_at FROM assessment \
                       WHERE tenant_id = $1 AND unit_id = $2 ORDER BY set_code, year";
    YEARS: National = "SELECT set_code, year, count(unit_id) FROM assessment GROUP BY set_code, year ORDER BY set_code, year";
    LINES: Tenant = "SELECT indicator, seq, version, state, given, outcome, basis, note, reason, who_id, who_name, at, known FROM assessment_line \
                     WHERE tenant_id = $1 AND set_code = $2 AND year = $3 AND unit_id = $4 ORDER BY indicator, seq";
}

/// The state of an assessment is replaced as a whole.
pub const ASSESSMENT: Bulk<'_> = Bulk {
    table: "assessment",
    columns: &[
        ("tenant_id", Type::Uuid),
        ("set_code", Type::Text),
        ("year", Type::Int),
        ("unit_id", Type::Uuid),
        ("version", Type::Int),
        ("outcomes", Type::Text),
        ("states", Type::Text),
        ("met", Type::Int),
        ("criteria_met", Type::Int),
        ("whole", Type::Text),
        ("accepted", Type::Text),
        ("changed_at", Type::Int),
    ],
    conflict: Conflict::Replace { key: 4 },
};

/// Lines only grow.
pub const LINE: Bulk<'_> = Bulk {
    table: "assessment_line",
    columns: &[
        ("tenant_id", Type::Uuid),
        ("set_code", Type::Text),
        ("year", Type::Int),
        ("unit_id", Type::Uuid),
        ("indicator", Type::Text),
        ("seq", Type::Int),
        ("version", Type::Int),
        ("state", Type::Text),
        ("given", Type::Text),
        ("outcome", Type::Text),
        ("basis", Type::Text),
        ("note", Type::Text),
        ("reason", Type::Text),
        ("who_id", Type::Uuid),
        ("who_name", Type::Text),
        ("at", Type::Int),
        ("known", Type::Int),
    ],
    conflict: Conflict::Fail,
};

/// How far an indicator has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Not scored.
    Open,
    /// Scored by the unit itself.
    Scored,
    /// Accepted by the level above.
    Accepted,
    /// Given back with a reason.
    Returned,
}

impl Stage {
    /// All of them.
    pub const ALL: [Stage; 4] = [Stage::Open, Stage::Scored, Stage::Accepted, Stage::Returned];

    /// One letter.
    pub fn letter(self) -> char {
        match self {
            Stage::Open => '-',
            Stage::Scored => 's',
            Stage::Accepted => 'a',
            Stage::Returned => 'r',
        }
    }
    /// The stage of a letter.
    pub fn from_letter(letter: char) -> Option<Stage> {
        Stage::ALL.into_iter().find(|s| s.letter() == letter)
    }
    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Stage::Open => "open",
            Stage::Scored => "scored",
            Stage::Accepted => "accepted",
            Stage::Returned => "returned",
        }
    }
    /// (Vietnamese, English).
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            Stage::Open => ("chưa chấm", "not scored"),
            Stage::Scored => ("chờ thẩm định", "awaits appraisal"),
            Stage::Accepted => ("đã thẩm định", "appraised"),
            Stage::Returned => ("trả lại", "returned"),
        }
    }
}

/// What was given for an indicator: its value, and for a composite those of its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled {
    /// The value; none when it was taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<Given>,
    /// Values of parts by their codes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parts: BTreeMap<String, Given>,
    /// Whether it came from figures.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub linked: bool,
}

/// A line of an assessment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Indicator.
    pub indicator: String,
    /// Number among the lines of this indicator, from 1.
    pub seq: i64,
    /// Version of the set it was judged by.
    pub version: i64,
    /// What the line does.
    pub stage: Stage,
    /// Value.
    pub filled: Filled,
    /// What was found.
    pub outcome: Outcome,
    /// The threshold in words, as it was then.
    pub basis: String,
    /// Note of the unit.
    pub note: String,
    /// Reason of a return.
    pub reason: String,
    /// Account.
    pub who: Option<Uuid>,
    /// Its name.
    pub who_name: String,
    /// When; microseconds UTC.
    pub at: i64,
    /// What was known of sets when its value was judged: the number of their catalogue.
    pub known: i64,
}

/// The state of a unit's assessment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// Unit.
    pub unit: Uuid,
    /// Version of the set it is pinned to.
    pub version: i64,
    /// Outcomes in the order of the indicators, one letter each.
    pub outcomes: String,
    /// Stages, one letter each.
    pub states: String,
    /// Indicators met.
    pub met: i64,
    /// Criteria met.
    pub criteria_met: i64,
    /// The whole set by what the unit scored.
    pub whole: Outcome,
    /// The whole set by what was accepted.
    pub accepted: Outcome,
    /// When it changed; microseconds UTC.
    pub changed_at: i64,
}

fn outcome(text: &str) -> Result<Outcome, DbError> {
    text.chars().next().and_then(Outcome::from_letter).ok_or_else(|| DbError::defect(format!("unknown outcome {text:?}")))
}

pub(super) fn row_at(row: &Row, unit: Uuid, at: usize) -> Result<Assessment, DbError> {
    Ok(Assessment {
        unit,
        version: row.int(at)?,
        outcomes: row.text(at + 1)?,
        states: row.text(at + 2)?,
        met: row.int(at + 3)?,
        criteria_met: row.int(at + 4)?,
        whole: outcome(&row.text(at + 5)?)?,
        accepted: outcome(&row.text(at + 6)?)?,
        changed_at: row.int(at + 7)?,
    })
}

fn assessment(row: &Row) -> Result<Assessment, DbError> {
    row_at(row, row.uuid(0)?, 1)
}

fn line(row: &Row) -> Result<Line, DbError> {
    let stage = row.text(3)?;
    Ok(Line {
        indicator: row.text(0)?,
        seq: row.int(1)?,
        version: row.int(2)?,
        stage: stage.chars().next().and_then(Stage::from_letter).ok_or_else(|| DbError::defect(format!("unknown stage {stage:?}")))?,
        filled: serde_json::from_str(&row.text(4)?).map_err(DbError::defect)?,
        outcome: outcome(&row.text(5)?)?,
        basis: row.text(6)?,
        note: row.text(7)?,
        reason: row.text(8)?,
        who: row.uuid_opt(9)?,
        who_name: row.text(10)?,
        at: row.int(11)?,
        known: row.int(12)?,
    })
}

/// Where an assessment is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Tenant of the unit.
    pub tenant: Uuid,
    /// Set.
    pub set: String,
    /// Year.
    pub year: i16,
    /// Unit.
    pub unit: Uuid,
}

impl Key {
    pub(super) fn args(&self) -> Vec<Arg> {
        args![self.tenant, &self.set, i64::from(self.year), self.unit]
    }
}

/// The assessment of a unit.
pub async fn one(db: &Db, key: &Key) -> Result<Option<Assessment>, DbError> {
    db.opt(&ONE, key.args()).await?.as_ref().map(assessment).transpose()
}

/// The same inside a transaction.
pub async fn one_tx(tx: &mut Tx, key: &Key) -> Result<Option<Assessment>, DbError> {
    tx.opt(&ONE, key.args()).await?.as_ref().map(assessment).transpose()
}

/// Assessments of a set and year in some tenants, or everywhere.
pub async fn all(db: &Db, set: &str, year: i16, tenants: Option<&[Uuid]>) -> Result<Vec<Assessment>, DbError> {
    let Some(tenants) = tenants else { return db.all(&EVERYWHERE, args![set, i64::from(year)]).await?.iter().map(assessment).collect() };
    let mut out = Vec::new();
    for tenant in tenants {
        for row in db.all(&OF_TENANT, args![*tenant, set, i64::from(year)]).await? {
            out.push(assessment(&row)?);
        }
    }
    Ok(out)
}

/// All assessments of a unit: set, year, state.
pub async fn of_unit(db: &Db, tenant: Uuid, unit: Uuid) -> Result<Vec<(String, i16, Assessment)>, DbError> {
    let read = |row: &Row| Ok((row.text(0)?, i16::try_from(row.int(1)?).unwrap_or_default(), row_at(row, unit, 2)?));
    db.all(&OF_UNIT, args![tenant, unit]).await?.iter().map(read).collect()
}

/// Which sets were scored in which years by how many units.
pub async fn years(db: &Db) -> Result<Vec<(String, i16, i64)>, DbError> {
    let read = |row: &Row| Ok((row.text(0)?, i16::try_from(row.int(1)?).unwrap_or_default(), row.int(2)?));
    db.all(&YEARS, vec![]).await?.iter().map(read).collect()
}

/// The lines of an assessment, by indicator, oldest first.
pub async fn lines(db: &Db, key: &Key) -> Result<Vec<Line>, DbError> {
    db.all(&LINES, key.args()).await?.iter().map(line).collect()
}

/// The same inside a transaction.
pub async fn lines_tx(tx: &mut Tx, key: &Key) -> Result<Vec<Line>, DbError> {
    tx.all(&LINES, key.args()).await?.iter().map(line).collect()
}

/// Appends the values of a line.
///
/// # Errors
/// A value that cannot be written as JSON is a defect.
pub fn line_row(out: &mut Vec<Arg>, key: &Key, l: &Line) -> Result<(), DbError> {
    let given = serde_json::to_string(&l.filled).map_err(DbError::defect)?;
    out.extend(key.args());
    out.extend(args![
        &l.indicator,
        l.seq,
        l.version,
        l.stage.letter().to_string(),
        given,
        l.outcome.letter().to_string(),
        &l.basis,
        &l.note,
        &l.reason,
        l.who,
        &l.who_name,
        l.at,
        l.known
    ]);
    Ok(())
}

/// Appends the values of an assessment.
pub fn assessment_row(out: &mut Vec<Arg>, key: &Key, row: &Assessment) {
    out.extend(key.args());
    out.extend(args![
        row.version,
        &row.outcomes,
        &row.states,
        row.met,
        row.criteria_met,
        row.whole.letter().to_string(),
        row.accepted.letter().to_string(),
        row.changed_at
    ]);
}

/// Writes lines and the state they make.
pub async fn save(tx: &mut Tx, key: &Key, row: &Assessment, lines: &[Line]) -> Result<(), DbError> {
    let mut values = Vec::new();
    for line in lines {
        line_row(&mut values, key, line)?;
    }
    tx.insert(&LINE, values).await?;
    let mut values = Vec::new();
    assessment_row(&mut values, key, row);
    tx.insert(&ASSESSMENT, values).await.map(drop)
}
