//! SQL of plans, their versions, and what their owners decided.

use crate::plan::{Definition, Plan};
use db::{Db, DbError, Row, Tx, args};
use std::collections::BTreeMap;
use uuid::Uuid;

db::statements! {
    PLANS: Shared = "SELECT p.plan_id, p.home_id, v.definition FROM plan p JOIN plan_version v ON v.plan_id = p.plan_id ORDER BY p.code, v.version";
    PLAN_VERSIONS: Shared = "SELECT version, definition, reason, entered_by, entered_at FROM plan_version WHERE plan_id = $1 ORDER BY version DESC";
    PLAN_LAST: Shared = "SELECT max(version) FROM plan_version WHERE plan_id = $1";
    PLAN_SAVE: Shared = "INSERT INTO plan (plan_id, code, home_id) VALUES ($1, $2, $3) ON CONFLICT (plan_id) DO UPDATE SET home_id = excluded.home_id";
    PLAN_ADD_VERSION: Shared = "INSERT INTO plan_version (plan_id, version, definition, reason, entered_by, entered_at) VALUES ($1, $2, $3, $4, $5, $6) \
                       ON CONFLICT (plan_id, version) DO NOTHING";
    PLAN_DECISIONS: Tenant = "SELECT plan_id, seq, kind, target, choice, document, reason, who_name, at FROM plan_decision WHERE tenant_id = $1 ORDER BY plan_id, seq";
    PLAN_DECISION_LAST: Tenant = "SELECT max(seq) FROM plan_decision WHERE tenant_id = $1 AND plan_id = $2";
    PLAN_DECIDE: Tenant = "INSERT INTO plan_decision (tenant_id, plan_id, seq, kind, target, choice, document, reason, who_name, at) \
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
}

/// A version of a plan as history shows it.
#[derive(Clone, Debug)]
pub struct Version {
    /// Number.
    pub version: i64,
    /// What it said.
    pub def: Definition,
    /// Why it was made.
    pub reason: String,
    /// By whom.
    pub by: String,
    /// When; microseconds UTC.
    pub at: i64,
}

/// What the owner of a plan decided. Rows are only added; the newest of a kind and target holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The plan.
    pub plan: Uuid,
    /// Number within the plan, from 1.
    pub seq: i64,
    /// `reading` or `carry_over`.
    pub kind: String,
    /// Code of the target.
    pub target: String,
    /// Code of the reading, or of the plan that goes on with it.
    pub choice: String,
    /// Document of the decision: code in the library, or number and date.
    pub document: String,
    /// Why.
    pub reason: String,
    /// By whom.
    pub by: String,
    /// When; microseconds UTC.
    pub at: i64,
}

fn definition(text: &str) -> Result<Definition, DbError> {
    serde_json::from_str(text).map_err(DbError::defect)
}

/// All plans in their newest versions.
pub async fn all(db: &Db) -> Result<Vec<Plan>, DbError> {
    let mut newest: BTreeMap<Uuid, (Uuid, String)> = BTreeMap::new();
    for row in db.all(&PLANS, args![]).await? {
        newest.insert(row.uuid(0)?, (row.uuid(1)?, row.text(2)?));
    }
    newest.into_iter().map(|(id, (home, text))| Ok(Plan { id, home, place: String::new(), def: definition(&text)? })).collect()
}

/// The versions of a plan, newest first.
pub async fn versions(db: &Db, plan: Uuid) -> Result<Vec<Version>, DbError> {
    let row = |row: &Row| Ok(Version { version: row.int(0)?, def: definition(&row.text(1)?)?, reason: row.text(2)?, by: row.text(3)?, at: row.int(4)? });
    db.all(&PLAN_VERSIONS, args![plan]).await?.iter().map(row).collect()
}

/// The number of the newest version, inside a transaction; 0 for a new plan.
pub async fn last_version(tx: &mut Tx, plan: Uuid) -> Result<i64, DbError> {
    Ok(tx.opt(&PLAN_LAST, args![plan]).await?.map(|row| row.int_opt(0)).transpose()?.flatten().unwrap_or(0))
}

/// Adds a version; whether it was not there yet.
pub async fn save(tx: &mut Tx, plan: &Plan, reason: &str, by: &str, at: i64) -> Result<bool, DbError> {
    let json = serde_json::to_string(&plan.def).map_err(DbError::defect)?;
    tx.exec(&PLAN_SAVE, args![plan.id, &plan.def.plan.code, plan.home]).await?;
    Ok(tx.exec(&PLAN_ADD_VERSION, args![plan.id, plan.def.plan.version, json, reason, by, at]).await? > 0)
}

/// Everything the owners in a tenant decided, by plan and number.
pub async fn decisions(db: &Db, tenant: Uuid) -> Result<Vec<Decision>, DbError> {
    let row = |row: &Row| {
        Ok(Decision {
            plan: row.uuid(0)?,
            seq: row.int(1)?,
            kind: row.text(2)?,
            target: row.text(3)?,
            choice: row.text(4)?,
            document: row.text(5)?,
            reason: row.text(6)?,
            by: row.text(7)?,
            at: row.int(8)?,
        })
    };
    db.all(&PLAN_DECISIONS, args![tenant]).await?.iter().map(row).collect()
}

/// Writes a decision down under the next number of its plan.
pub async fn decide(tx: &mut Tx, tenant: Uuid, new: Decision) -> Result<(), DbError> {
    let last = tx.opt(&PLAN_DECISION_LAST, args![tenant, new.plan]).await?.map(|row| row.int_opt(0)).transpose()?.flatten().unwrap_or(0);
    let args = args![tenant, new.plan, last + 1, new.kind, new.target, new.choice, new.document, new.reason, new.by, new.at];
    tx.exec(&PLAN_DECIDE, args).await.map(drop)
}
