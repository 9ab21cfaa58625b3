//! The only folder of this crate with SQL. Here: sets, their versions, thresholds entered later.

pub mod assess;
pub mod office;
pub mod past;
pub mod recognise;

use crate::model::Threshold;
use db::{Db, DbError, Row, Tx, args};
use figures::evidence::Scan;
use uuid::Uuid;

db::statements! {
    VERSIONS: Shared = "SELECT v.set_code, v.version, v.status, v.definition, v.entered_by, v.entered_at, s.owner_id, v.known \
                        FROM criteria_version v JOIN criteria_set s ON s.set_code = v.set_code ORDER BY v.set_code, v.version";
    ADD_SET: Shared = "INSERT INTO criteria_set (set_code, owner_id) VALUES ($1, $2) ON CONFLICT (set_code) DO NOTHING";
    ADD_VERSION: Shared = "INSERT INTO criteria_version (set_code, version, status, definition, entered_by, entered_at, known) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    CHANGE_DRAFT: Shared = "UPDATE criteria_version SET definition = $3, status = $4, entered_by = $5, entered_at = $6, known = $7 \
                            WHERE set_code = $1 AND version = $2 AND status = 'draft'";
    DRAFT_AT: Shared = "SELECT entered_by, entered_at FROM criteria_version WHERE set_code = $1 AND version = $2 AND status = 'draft'";
    DROP_DRAFT: Shared = "DELETE FROM criteria_version WHERE set_code = $1 AND version = $2 AND status = 'draft'";
    LEVELS: Shared = "SELECT level_id, set_code, indicator, threshold, document, page, file_name, file_hash, entered_by, entered_at, ended_by, ended_at, known, ended_known \
                      FROM criteria_level ORDER BY known, entered_at, level_id";
    ADD_LEVEL: Shared = "INSERT INTO criteria_level (level_id, set_code, indicator, threshold, document, page, file_name, file_hash, entered_by, entered_at, known) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    END_LEVEL: Shared = "UPDATE criteria_level SET ended_by = $2, ended_at = $3, ended_known = $4 WHERE level_id = $1 AND ended_at IS NULL";
    ADD_FILE: Shared = "INSERT INTO criteria_file (sha256, name, media, content, scan) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (sha256) DO NOTHING";
    FILE: Shared = "SELECT name, media, content, scan FROM criteria_file WHERE sha256 = $1";
    SCANNED: Shared = "UPDATE criteria_file SET scan = $2 WHERE sha256 = $1";
}

/// A stored version of a set.
#[derive(Clone, Debug)]
pub struct StoredSet {
    /// Code.
    pub code: String,
    /// Version.
    pub version: i64,
    /// Whether it is published; else a draft.
    pub published: bool,
    /// The set as TOML.
    pub definition: String,
    /// Who entered it.
    pub by: String,
    /// When; microseconds UTC.
    pub at: i64,
    /// The nation, or the province that keeps it.
    pub owner: Uuid,
    /// Number of the catalogue at which it became known.
    pub known: i64,
}

/// All versions of all sets.
pub async fn versions(db: &Db) -> Result<Vec<StoredSet>, DbError> {
    let row = |row: &Row| {
        Ok(StoredSet {
            code: row.text(0)?,
            version: row.int(1)?,
            published: row.text(2)? == "published",
            definition: row.text(3)?,
            by: row.text(4)?,
            at: row.int(5)?,
            owner: row.uuid(6)?,
            known: row.int(7)?,
        })
    };
    db.all(&VERSIONS, vec![]).await?.iter().map(row).collect()
}

/// Adds a version.
pub async fn add_version(tx: &mut Tx, set: &StoredSet) -> Result<(), DbError> {
    tx.exec(&ADD_SET, args![&set.code, set.owner]).await?;
    let status = if set.published { "published" } else { "draft" };
    tx.exec(&ADD_VERSION, args![&set.code, set.version, status, &set.definition, &set.by, set.at, set.known]).await.map(drop)
}

/// Changes or publishes a draft; whether there was one.
pub async fn change_draft(tx: &mut Tx, set: &StoredSet) -> Result<bool, DbError> {
    let status = if set.published { "published" } else { "draft" };
    Ok(tx.exec(&CHANGE_DRAFT, args![&set.code, set.version, &set.definition, status, &set.by, set.at, set.known]).await? > 0)
}

/// Who saved a draft last, and when (microseconds); none when there is no draft.
pub async fn draft_saved(tx: &mut Tx, code: &str, version: i64) -> Result<Option<(String, i64)>, DbError> {
    tx.opt(&DRAFT_AT, args![code, version]).await?.map(|row| Ok((row.text(0)?, row.int(1)?))).transpose()
}

/// Throws a draft away; whether there was one.
pub async fn drop_draft(tx: &mut Tx, code: &str, version: i64) -> Result<bool, DbError> {
    Ok(tx.exec(&DROP_DRAFT, args![code, version]).await? > 0)
}

/// A threshold entered from the official annex.
#[derive(Clone, Debug)]
pub struct EnteredLevel {
    /// Id.
    pub id: Uuid,
    /// Set.
    pub set: String,
    /// Indicator.
    pub indicator: String,
    /// The threshold.
    pub threshold: Threshold,
    /// Document.
    pub document: String,
    /// Page.
    pub page: String,
    /// The page as a file.
    pub file: Option<(String, String)>,
    /// Who entered it.
    pub by: String,
    /// When.
    pub at: i64,
    /// Who took it back, and when.
    pub ended: Option<(String, i64)>,
    /// Number of the catalogue from which it was known.
    pub known: i64,
    /// Number of the catalogue from which it was known to be taken back.
    pub ended_known: Option<i64>,
}

impl EnteredLevel {
    /// Whether it counted at a moment.
    pub fn counted_at(&self, known: i64) -> bool {
        self.known <= known && (self.ended.is_none() || self.ended_known.is_some_and(|end| end > known))
    }
}

/// All entered thresholds, also those taken back.
pub async fn levels(db: &Db) -> Result<Vec<EnteredLevel>, DbError> {
    let read = |row: &Row| {
        Ok(EnteredLevel {
            id: row.uuid(0)?,
            set: row.text(1)?,
            indicator: row.text(2)?,
            threshold: serde_json::from_str(&row.text(3)?).map_err(DbError::defect)?,
            document: row.text(4)?,
            page: row.text(5)?,
            file: row.text_opt(6)?.zip(row.text_opt(7)?),
            by: row.text(8)?,
            at: row.int(9)?,
            ended: row.text_opt(10)?.zip(row.int_opt(11)?),
            known: row.int(12)?,
            ended_known: row.int_opt(13)?,
        })
    };
    db.all(&LEVELS, vec![]).await?.iter().map(read).collect()
}

/// Adds an entered threshold.
pub async fn add_level(tx: &mut Tx, l: &EnteredLevel) -> Result<(), DbError> {
    let json = serde_json::to_string(&l.threshold).map_err(DbError::defect)?;
    let (name, hash) = l.file.clone().unzip();
    tx.exec(&ADD_LEVEL, args![l.id, &l.set, &l.indicator, json, &l.document, &l.page, name, hash, &l.by, l.at, l.known]).await.map(drop)
}

/// Takes an entered threshold back; whether it held.
pub async fn end_level(tx: &mut Tx, id: Uuid, by: &str, at: i64, known: i64) -> Result<bool, DbError> {
    Ok(tx.exec(&END_LEVEL, args![id, by, at, known]).await? > 0)
}

/// A page of an annex.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// SHA-256, hex.
    pub sha256: String,
    /// File name.
    pub name: String,
    /// Media type.
    pub media: String,
    /// Bytes.
    pub content: Vec<u8>,
    /// What the virus scan says.
    pub scan: Scan,
}

/// Keeps a page of an annex.
pub async fn add_file(tx: &mut Tx, page: Page) -> Result<(), DbError> {
    tx.exec(&ADD_FILE, args![page.sha256, page.name, page.media, page.content, page.scan.to_i64()]).await.map(drop)
}

/// A page of an annex.
pub async fn file(db: &Db, sha256: &str) -> Result<Option<Page>, DbError> {
    let read = |row: Row| Ok(Page { sha256: sha256.to_owned(), name: row.text(0)?, media: row.text(1)?, content: row.bytes(2)?, scan: Scan::of(row.int(3)?) });
    db.opt(&FILE, args![sha256]).await?.map(read).transpose()
}

/// Notes what the virus scan says of a page.
pub async fn scanned(tx: &mut Tx, sha256: &str, scan: Scan) -> Result<(), DbError> {
    tx.exec(&SCANNED, args![sha256, scan.to_i64()]).await.map(drop)
}
