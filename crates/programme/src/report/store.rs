//! SQL of reports.

use db::{Db, DbError, Row, Tx, args};
use uuid::Uuid;

macro_rules! columns {
    () => {
        "tenant_id, report_id, template, template_version, unit_id, period, signer_title, signer_name, recipients, synthetic, made_by, made_at"
    };
}

db::statements! {
    ADD: Tenant = "INSERT INTO report (tenant_id, report_id, template, template_version, unit_id, period, signer_title, signer_name, recipients, synthetic, \
                   made_by, made_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12) ON CONFLICT DO NOTHING";
    SAVE: Tenant = "UPDATE report SET signer_title = $3, signer_name = $4, recipients = $5, changed_at = $6 WHERE tenant_id = $1 AND report_id = $2";
    HOME: National = "SELECT tenant_id FROM report WHERE report_id = $1";
    ONE: Tenant = concat!("SELECT ", columns!(), " FROM report WHERE tenant_id = $1 AND report_id = $2");
    THIS: Tenant = concat!("SELECT ", columns!(), " FROM report WHERE tenant_id = $1 AND template = $2 AND unit_id = $3 AND period = $4");
    BEFORE: Tenant = concat!("SELECT ", columns!(), " FROM report WHERE tenant_id = $1 AND template = $2 AND unit_id = $3 AND period < $4 ORDER BY period DESC LIMIT 1");
    OF_TENANT: Tenant = concat!("SELECT ", columns!(), " FROM report WHERE tenant_id = $1 ORDER BY period DESC, report_id LIMIT $2");
    SAVE_TEXT: Tenant = "INSERT INTO report_text (tenant_id, report_id, section, words, carried_from, seq, changed_by, changed_at) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (tenant_id, report_id, section) DO UPDATE SET words = excluded.words, \
                         carried_from = excluded.carried_from, seq = excluded.seq, changed_by = excluded.changed_by, changed_at = excluded.changed_at";
    TEXTS: Tenant = "SELECT section, words, carried_from, seq, changed_by, changed_at FROM report_text WHERE tenant_id = $1 AND report_id = $2 ORDER BY section";
    ADD_ISSUE: Tenant = "INSERT INTO report_issue (tenant_id, report_id, version, unit_id, year, number, symbol, issued_on, reason, who_id, who_name, at, \
                         snapshot, sha256, docx, docx_sha256, xlsx) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
    ISSUES: Tenant = "SELECT version, year, number, symbol, issued_on, reason, who_name, at, sha256, docx_sha256 FROM report_issue \
                      WHERE tenant_id = $1 AND report_id = $2 ORDER BY version";
    ISSUES_OF_TENANT: Tenant = "SELECT report_id, version, year, number, symbol, issued_on, reason, who_name, at, sha256, docx_sha256 FROM report_issue \
                                WHERE tenant_id = $1 ORDER BY report_id, version";
    SNAPSHOT: Tenant = "SELECT snapshot FROM report_issue WHERE tenant_id = $1 AND report_id = $2 AND version = $3";
    FILES: Tenant = "SELECT docx, xlsx FROM report_issue WHERE tenant_id = $1 AND report_id = $2 AND version = $3";
    LAST_NUMBER: Tenant = "SELECT max(number) FROM report_issue WHERE tenant_id = $1 AND unit_id = $2 AND year = $3 AND symbol = $4";
    NUMBER_TAKEN: Tenant = "SELECT report_id FROM report_issue WHERE tenant_id = $1 AND unit_id = $2 AND year = $3 AND symbol = $4 AND number = $5";
}

/// A report without its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub tenant: Uuid,
    pub id: Uuid,
    pub template: String,
    pub template_version: i64,
    pub unit: Uuid,
    pub period: i64,
    pub signer_title: String,
    pub signer_name: String,
    pub recipients: String,
    pub synthetic: bool,
    pub made_by: String,
    pub made_at: i64,
}

fn head(r: &Row) -> Result<Head, DbError> {
    Ok(Head {
        tenant: r.uuid(0)?,
        id: r.uuid(1)?,
        template: r.text(2)?,
        template_version: r.int(3)?,
        unit: r.uuid(4)?,
        period: r.int(5)?,
        signer_title: r.text(6)?,
        signer_name: r.text(7)?,
        recipients: r.text(8)?,
        synthetic: r.flag(9)?,
        made_by: r.text(10)?,
        made_at: r.int(11)?,
    })
}

/// Adds a report unless there is one of the template, unit and period; whether it was added.
pub async fn add(tx: &mut Tx, h: &Head) -> Result<bool, DbError> {
    let values = args![
        h.tenant,
        h.id,
        &h.template,
        h.template_version,
        h.unit,
        h.period,
        &h.signer_title,
        &h.signer_name,
        &h.recipients,
        h.synthetic,
        &h.made_by,
        h.made_at
    ];
    Ok(tx.exec(&ADD, values).await? > 0)
}

/// Writes who signs and who gets it.
pub async fn save(tx: &mut Tx, h: &Head, at: i64) -> Result<(), DbError> {
    tx.exec(&SAVE, args![h.tenant, h.id, &h.signer_title, &h.signer_name, &h.recipients, at]).await.map(drop)
}

/// The tenant of a report, from its id alone.
pub async fn home(db: &Db, id: Uuid) -> Result<Option<Uuid>, DbError> {
    db.opt(&HOME, args![id]).await?.map(|r| r.uuid(0)).transpose()
}

/// A report.
pub async fn one(db: &Db, tenant: Uuid, id: Uuid) -> Result<Option<Head>, DbError> {
    db.opt(&ONE, args![tenant, id]).await?.as_ref().map(head).transpose()
}

/// The report of a template, unit and period.
pub async fn this(tx: &mut Tx, tenant: Uuid, template: &str, unit: Uuid, period: i64) -> Result<Option<Head>, DbError> {
    tx.opt(&THIS, args![tenant, template, unit, period]).await?.as_ref().map(head).transpose()
}

/// The newest report of a template and unit before a period.
pub async fn before(tx: &mut Tx, tenant: Uuid, template: &str, unit: Uuid, period: i64) -> Result<Option<Head>, DbError> {
    tx.opt(&BEFORE, args![tenant, template, unit, period]).await?.as_ref().map(head).transpose()
}

/// The newest reports of a tenant.
pub async fn of_tenant(db: &Db, tenant: Uuid, most: i64) -> Result<Vec<Head>, DbError> {
    db.all(&OF_TENANT, args![tenant, most]).await?.iter().map(head).collect()
}

/// The words of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    pub section: String,
    pub words: String,
    /// Period whose words they still are, unchanged.
    pub carried_from: Option<i64>,
    pub seq: i64,
    pub changed_by: String,
    pub changed_at: i64,
}

fn text(r: &Row) -> Result<Text, DbError> {
    Ok(Text { section: r.text(0)?, words: r.text(1)?, carried_from: r.int_opt(2)?, seq: r.int(3)?, changed_by: r.text(4)?, changed_at: r.int(5)? })
}

/// Writes the words of a section.
pub async fn save_text(tx: &mut Tx, tenant: Uuid, report: Uuid, t: &Text) -> Result<(), DbError> {
    let values = args![tenant, report, &t.section, &t.words, t.carried_from, t.seq, &t.changed_by, t.changed_at];
    tx.exec(&SAVE_TEXT, values).await.map(drop)
}

/// The words of a report.
pub async fn texts(db: &Db, tenant: Uuid, report: Uuid) -> Result<Vec<Text>, DbError> {
    db.all(&TEXTS, args![tenant, report]).await?.iter().map(text).collect()
}

/// The same inside a transaction.
pub async fn texts_tx(tx: &mut Tx, tenant: Uuid, report: Uuid) -> Result<Vec<Text>, DbError> {
    tx.all(&TEXTS, args![tenant, report]).await?.iter().map(text).collect()
}

/// A version that was issued, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    pub version: i64,
    pub year: i64,
    pub number: i64,
    pub symbol: String,
    pub issued_on: String,
    pub reason: String,
    pub who_name: String,
    pub at: i64,
    pub sha256: String,
    pub docx_sha256: String,
}

/// What is frozen when a report is issued.
#[derive(Clone, Debug)]
pub struct Frozen {
    pub snapshot: String,
    pub docx: Vec<u8>,
    pub xlsx: Vec<u8>,
}

fn issued(r: &Row, at: usize) -> Result<Issued, DbError> {
    Ok(Issued {
        version: r.int(at)?,
        year: r.int(at + 1)?,
        number: r.int(at + 2)?,
        symbol: r.text(at + 3)?,
        issued_on: r.text(at + 4)?,
        reason: r.text(at + 5)?,
        who_name: r.text(at + 6)?,
        at: r.int(at + 7)?,
        sha256: r.text(at + 8)?,
        docx_sha256: r.text(at + 9)?,
    })
}

/// Adds an issued version. It is never changed afterwards.
pub async fn add_issue(tx: &mut Tx, h: &Head, i: &Issued, who: Option<Uuid>, frozen: Frozen) -> Result<(), DbError> {
    let values = args![
        h.tenant,
        h.id,
        i.version,
        h.unit,
        i.year,
        i.number,
        &i.symbol,
        &i.issued_on,
        &i.reason,
        who,
        &i.who_name,
        i.at,
        frozen.snapshot,
        &i.sha256,
        frozen.docx,
        &i.docx_sha256,
        frozen.xlsx
    ];
    tx.exec(&ADD_ISSUE, values).await.map(drop)
}

/// The issued versions of a report, oldest first.
pub async fn issues(db: &Db, tenant: Uuid, report: Uuid) -> Result<Vec<Issued>, DbError> {
    db.all(&ISSUES, args![tenant, report]).await?.iter().map(|r| issued(r, 0)).collect()
}

/// The same inside a transaction.
pub async fn issues_tx(tx: &mut Tx, tenant: Uuid, report: Uuid) -> Result<Vec<Issued>, DbError> {
    tx.all(&ISSUES, args![tenant, report]).await?.iter().map(|r| issued(r, 0)).collect()
}

/// The issued versions of all reports of a tenant.
pub async fn issues_of_tenant(db: &Db, tenant: Uuid) -> Result<Vec<(Uuid, Issued)>, DbError> {
    db.all(&ISSUES_OF_TENANT, args![tenant]).await?.iter().map(|r| Ok((r.uuid(0)?, issued(r, 1)?))).collect()
}

/// What was frozen of a version: the snapshot.
pub async fn snapshot(db: &Db, tenant: Uuid, report: Uuid, version: i64) -> Result<Option<String>, DbError> {
    db.opt(&SNAPSHOT, args![tenant, report, version]).await?.map(|r| r.text(0)).transpose()
}

/// What was frozen of a version: the Word file and the Excel appendix.
pub async fn files(db: &Db, tenant: Uuid, report: Uuid, version: i64) -> Result<Option<(Vec<u8>, Vec<u8>)>, DbError> {
    match db.opt(&FILES, args![tenant, report, version]).await? {
        Some(r) => Ok(Some((r.bytes(0)?, r.bytes(1)?))),
        None => Ok(None),
    }
}

/// The last number a unit took in a year.
pub async fn last_number(db: &Db, tenant: Uuid, unit: Uuid, year: i64, symbol: &str) -> Result<i64, DbError> {
    let row = db.opt(&LAST_NUMBER, args![tenant, unit, year, symbol]).await?;
    Ok(row.map(|r| r.int_opt(0)).transpose()?.flatten().unwrap_or(0))
}

/// Whether a number is taken.
pub async fn number_taken(tx: &mut Tx, tenant: Uuid, unit: Uuid, year: i64, symbol: &str, number: i64) -> Result<bool, DbError> {
    Ok(tx.opt(&NUMBER_TAKEN, args![tenant, unit, year, symbol, number]).await?.is_some())
}
