//! SQL of recognition decisions.

use db::{Db, DbError, Row, Tx, args};
use jiff::civil::Date;
use uuid::Uuid;

db::statements! {
    OF_UNIT: Tenant = "SELECT unit_id, set_code, recognition_id, kind, number, issued, issuer, holds_from, note, who_name, at FROM recognition \
                       WHERE tenant_id = $1 AND unit_id = $2 ORDER BY holds_from, recognition_id";
    OF_SET: National = "SELECT unit_id, set_code, recognition_id, kind, number, issued, issuer, holds_from, note, who_name, at FROM recognition \
                        WHERE set_code = $1 ORDER BY holds_from, recognition_id";
    ADD: Tenant = "INSERT INTO recognition (tenant_id, unit_id, set_code, recognition_id, kind, number, issued, issuer, holds_from, note, who_name, at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
}

/// What a decision does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// The unit is recognised.
    Recognised,
    /// A unit made by a merge keeps the recognition of the units before.
    Kept,
    /// The recognition is revoked.
    Revoked,
}

impl Act {
    /// All of them.
    pub const ALL: [Act; 3] = [Act::Recognised, Act::Kept, Act::Revoked];

    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Act::Recognised => "recognised",
            Act::Kept => "kept",
            Act::Revoked => "revoked",
        }
    }
    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Act> {
        Act::ALL.into_iter().find(|a| a.word() == word)
    }
    /// (Vietnamese, English).
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            Act::Recognised => ("công nhận", "recognised"),
            Act::Kept => ("giữ công nhận sau sắp xếp", "kept after a merge"),
            Act::Revoked => ("thu hồi", "revoked"),
        }
    }
}

/// A decision about the recognition of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Unit.
    pub unit: Uuid,
    /// Set.
    pub set: String,
    /// Id.
    pub id: Uuid,
    /// What it does.
    pub act: Act,
    /// Number of the document.
    pub number: String,
    /// Its date.
    pub issued: Date,
    /// Who issued it.
    pub issuer: String,
    /// First day on which it holds.
    pub from: Date,
    /// Anything worth saying.
    pub note: String,
    /// Who entered it.
    pub who_name: String,
    /// When.
    pub at: i64,
}

fn decision(row: &Row) -> Result<Decision, DbError> {
    let date = |text: String| text.parse::<Date>().map_err(DbError::defect);
    let kind = row.text(3)?;
    Ok(Decision {
        unit: row.uuid(0)?,
        set: row.text(1)?,
        id: row.uuid(2)?,
        act: Act::from_word(&kind).ok_or_else(|| DbError::defect(format!("unknown act {kind}")))?,
        number: row.text(4)?,
        issued: date(row.text(5)?)?,
        issuer: row.text(6)?,
        from: date(row.text(7)?)?,
        note: row.text(8)?,
        who_name: row.text(9)?,
        at: row.int(10)?,
    })
}

/// Decisions about a unit, oldest first.
pub async fn of_unit(db: &Db, tenant: Uuid, unit: Uuid) -> Result<Vec<Decision>, DbError> {
    db.all(&OF_UNIT, args![tenant, unit]).await?.iter().map(decision).collect()
}

/// Decisions of a set everywhere.
pub async fn of_set(db: &Db, set: &str) -> Result<Vec<Decision>, DbError> {
    db.all(&OF_SET, args![set]).await?.iter().map(decision).collect()
}

/// Adds a decision.
pub async fn add(tx: &mut Tx, tenant: Uuid, d: &Decision) -> Result<(), DbError> {
    let values = args![tenant, d.unit, &d.set, d.id, d.act.word(), &d.number, d.issued.to_string(), &d.issuer, d.from.to_string(), &d.note, &d.who_name, d.at];
    tx.exec(&ADD, values).await.map(drop)
}
