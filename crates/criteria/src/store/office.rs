//! SQL of the office that appraises in a province: who owns which indicator, until when, and the lists of random re-checks.

use db::{Db, DbError, Row, Tx, args};
use jiff::civil::Date;
use uuid::Uuid;

db::statements! {
    OWNERS: Tenant = "SELECT indicator, department, logins, who_name, at, organisation_id FROM assessment_owner \
                      WHERE tenant_id = $1 AND province_id = $2 AND set_code = $3 ORDER BY indicator";
    SAVE_OWNER: Tenant = "INSERT INTO assessment_owner (tenant_id, province_id, set_code, indicator, department, logins, who_name, at, organisation_id) \
                          VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (tenant_id, province_id, set_code, indicator) \
                          DO UPDATE SET department = excluded.department, logins = excluded.logins, who_name = excluded.who_name, at = excluded.at, \
                          organisation_id = excluded.organisation_id";
    ROUNDS: Tenant = "SELECT set_code, year, score_by, appraise_by, document, who_name, at FROM assessment_round \
                      WHERE tenant_id = $1 AND province_id = $2 ORDER BY set_code, year";
    SAVE_ROUND: Tenant = "INSERT INTO assessment_round (tenant_id, province_id, set_code, year, score_by, appraise_by, document, who_name, at) \
                          VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (tenant_id, province_id, set_code, year) \
                          DO UPDATE SET score_by = excluded.score_by, appraise_by = excluded.appraise_by, document = excluded.document, \
                          who_name = excluded.who_name, at = excluded.at";
    RECHECKS: Tenant = "SELECT recheck_id, seed, pool, chosen, who_name, at FROM assessment_recheck \
                        WHERE tenant_id = $1 AND province_id = $2 AND set_code = $3 AND year = $4 ORDER BY recheck_id";
    ADD_RECHECK: Tenant = "INSERT INTO assessment_recheck (tenant_id, province_id, set_code, year, recheck_id, seed, pool, chosen, who_name, at) \
                           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
}

/// Until when a province wants a set of a year scored and appraised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Set.
    pub set: String,
    /// Year.
    pub year: i16,
    /// Last day for the scores of the units.
    pub score_by: Option<Date>,
    /// Last day for the appraisal.
    pub appraise_by: Option<Date>,
    /// Document that says so.
    pub document: String,
    /// Who entered it.
    pub who_name: String,
    /// When; microseconds UTC.
    pub at: i64,
}

/// The rounds of a province.
pub async fn rounds(db: &Db, tenant: Uuid, province: Uuid) -> Result<Vec<Round>, DbError> {
    let date = |text: Option<String>| text.map(|t| t.parse::<Date>().map_err(DbError::defect)).transpose();
    let read = |row: &Row| {
        Ok(Round {
            set: row.text(0)?,
            year: i16::try_from(row.int(1)?).unwrap_or_default(),
            score_by: date(row.text_opt(2)?)?,
            appraise_by: date(row.text_opt(3)?)?,
            document: row.text(4)?,
            who_name: row.text(5)?,
            at: row.int(6)?,
        })
    };
    db.all(&ROUNDS, args![tenant, province]).await?.iter().map(read).collect()
}

/// Says until when.
pub async fn save_round(tx: &mut Tx, tenant: Uuid, province: Uuid, r: &Round) -> Result<(), DbError> {
    let text = |d: Option<Date>| d.map(|d| d.to_string());
    let values = args![tenant, province, &r.set, i64::from(r.year), text(r.score_by), text(r.appraise_by), &r.document, &r.who_name, r.at];
    tx.exec(&SAVE_ROUND, values).await.map(drop)
}

/// Who appraises an indicator in a province.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Indicator.
    pub indicator: String,
    /// Department.
    pub department: String,
    /// The organisation that it is, where it is one of the province's: whoever holds a post there decides.
    pub organisation: Option<Uuid>,
    /// Otherwise the logins of the people who may decide; empty for any reviewer of the province.
    pub logins: Vec<String>,
    /// Who said so.
    pub who_name: String,
    /// When.
    pub at: i64,
}

/// The owners of the indicators of a set in a province.
pub async fn owners(db: &Db, tenant: Uuid, province: Uuid, set: &str) -> Result<Vec<Owner>, DbError> {
    let read = |row: &Row| {
        let logins = row.text(2)?.split(' ').filter(|l| !l.is_empty()).map(str::to_owned).collect();
        Ok(Owner { indicator: row.text(0)?, department: row.text(1)?, logins, who_name: row.text(3)?, at: row.int(4)?, organisation: row.uuid_opt(5)? })
    };
    db.all(&OWNERS, args![tenant, province, set]).await?.iter().map(read).collect()
}

/// Says who owns an indicator.
pub async fn save_owner(tx: &mut Tx, tenant: Uuid, province: Uuid, set: &str, o: &Owner) -> Result<(), DbError> {
    tx.exec(&SAVE_OWNER, args![tenant, province, set, &o.indicator, &o.department, o.logins.join(" "), &o.who_name, o.at, o.organisation]).await.map(drop)
}

/// A list of indicators of units drawn by lot to be checked again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recheck {
    /// Id.
    pub id: Uuid,
    /// Seed of the draw; the same seed over the same pool draws the same list.
    pub seed: i64,
    /// How many accepted indicators there were to draw from.
    pub pool: i64,
    /// What was drawn: unit and indicator.
    pub chosen: Vec<(Uuid, String)>,
    /// Who drew.
    pub who_name: String,
    /// When.
    pub at: i64,
}

/// The draws of a province.
pub async fn rechecks(db: &Db, tenant: Uuid, province: Uuid, set: &str, year: i16) -> Result<Vec<Recheck>, DbError> {
    let read = |row: &Row| {
        let chosen = serde_json::from_str(&row.text(3)?).map_err(DbError::defect)?;
        Ok(Recheck { id: row.uuid(0)?, seed: row.int(1)?, pool: row.int(2)?, chosen, who_name: row.text(4)?, at: row.int(5)? })
    };
    db.all(&RECHECKS, args![tenant, province, set, i64::from(year)]).await?.iter().map(read).collect()
}

/// Keeps a draw.
pub async fn add_recheck(tx: &mut Tx, tenant: Uuid, province: Uuid, set: &str, year: i16, r: &Recheck) -> Result<(), DbError> {
    let chosen = serde_json::to_string(&r.chosen).map_err(DbError::defect)?;
    tx.exec(&ADD_RECHECK, args![tenant, province, set, i64::from(year), r.id, r.seed, r.pool, chosen, &r.who_name, r.at]).await.map(drop)
}
