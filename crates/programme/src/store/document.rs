//! SQL of the library.

use crate::document::{Document, Kept, Sought};
use db::{Db, DbError, Tx, args};
use std::collections::HashSet;
use uuid::Uuid;

db::statements! {
    DOCUMENTS: Shared = "SELECT document_id, home_id, about FROM document ORDER BY code";
    DOCUMENT_CODES: Shared = "SELECT code FROM document";
    DOCUMENT_BODY: Shared = "SELECT body FROM document WHERE document_id = $1";
    DOCUMENT_FIND: Shared = "SELECT d.code FROM document d WHERE \
                    (d.written LIKE $1 OR EXISTS (SELECT 1 FROM document_text t WHERE t.document_id = d.document_id AND t.written LIKE $1)) AND \
                    (d.written LIKE $2 OR EXISTS (SELECT 1 FROM document_text t WHERE t.document_id = d.document_id AND t.written LIKE $2)) AND \
                    (d.written LIKE $3 OR EXISTS (SELECT 1 FROM document_text t WHERE t.document_id = d.document_id AND t.written LIKE $3)) AND \
                    (d.written LIKE $4 OR EXISTS (SELECT 1 FROM document_text t WHERE t.document_id = d.document_id AND t.written LIKE $4)) AND \
                    (d.folded LIKE $5 OR EXISTS (SELECT 1 FROM document_text t WHERE t.document_id = d.document_id AND t.folded LIKE $5)) AND \
                    (d.folded LIKE $6 OR EXISTS (SELECT 1 FROM document_text t WHERE t.document_id = d.document_id AND t.folded LIKE $6)) AND \
                    (d.folded LIKE $7 OR EXISTS (SELECT 1 FROM document_text t WHERE t.document_id = d.document_id AND t.folded LIKE $7)) AND \
                    (d.folded LIKE $8 OR EXISTS (SELECT 1 FROM document_text t WHERE t.document_id = d.document_id AND t.folded LIKE $8)) ORDER BY d.code";
    DOCUMENT_SAVE: Shared = "INSERT INTO document (document_id, code, home_id, about, body, written, folded, entered_by, entered_at) \
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (document_id) DO UPDATE SET home_id = excluded.home_id, about = excluded.about, \
                    body = excluded.body, written = excluded.written, folded = excluded.folded, entered_by = excluded.entered_by, entered_at = excluded.entered_at";
    DOCUMENT_FILES: Shared = "SELECT file_id, name, media, size, sha256, entered_by, entered_at FROM document_file WHERE document_id = $1 ORDER BY file_id";
    DOCUMENT_UNREAD: Shared = "SELECT f.document_id, f.file_id FROM document_file f WHERE NOT EXISTS \
                       (SELECT 1 FROM document_text t WHERE t.document_id = f.document_id AND t.file_id = f.file_id) ORDER BY f.document_id, f.file_id LIMIT $1";
    DOCUMENT_READ: Shared = "INSERT INTO document_text (document_id, file_id, state, written, folded, read_at) VALUES ($1, $2, $3, $4, $5, $6) \
                     ON CONFLICT (document_id, file_id) DO NOTHING";
    DOCUMENT_READS: Shared = "SELECT file_id, state FROM document_text WHERE document_id = $1 ORDER BY file_id";
    DOCUMENT_FILE: Shared = "SELECT name, media, content FROM document_file WHERE document_id = $1 AND file_id = $2";
    DOCUMENT_ADD_FILE: Shared = "INSERT INTO document_file (document_id, file_id, name, media, size, sha256, content, entered_by, entered_at) \
                        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
}

/// A file of a document, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Media type.
    pub media: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Who brought it.
    pub by: String,
    /// When; microseconds UTC.
    pub at: i64,
}

/// All documents without their texts.
pub async fn all(db: &Db) -> Result<Vec<Kept>, DbError> {
    let row = |row: db::Row| {
        let about: Document = serde_json::from_str(&row.text(2)?).map_err(DbError::defect)?;
        Ok(Kept { id: row.uuid(0)?, home: row.uuid(1)?, about })
    };
    db.all(&DOCUMENTS, args![]).await?.into_iter().map(row).collect()
}

/// Codes of the documents that are there, inside a transaction.
pub async fn codes(tx: &mut Tx) -> Result<HashSet<String>, DbError> {
    tx.all(&DOCUMENT_CODES, args![]).await?.iter().map(|row| row.text(0)).collect()
}

/// The text of a document.
pub async fn body(db: &Db, id: Uuid) -> Result<String, DbError> {
    db.opt(&DOCUMENT_BODY, args![id]).await?.map_or(Ok(String::new()), |row| row.text(0))
}

/// Codes of the documents that hold everything sought, by code.
pub async fn find(db: &Db, sought: &Sought) -> Result<Vec<String>, DbError> {
    let pattern = |list: &[String], nth: usize| list.get(nth).map_or_else(|| "%".to_owned(), |p| format!("%{p}%"));
    let args = (0..4).map(|n| pattern(&sought.written, n)).chain((0..4).map(|n| pattern(&sought.folded, n))).map(db::Arg::from).collect();
    db.all(&DOCUMENT_FIND, args).await?.iter().map(|row| row.text(0)).collect()
}

/// Writes a document with its text and its columns for searching.
pub async fn save(tx: &mut Tx, kept: &Kept, by: &str, at: i64) -> Result<(), DbError> {
    let about = Document { text: String::new(), ..kept.about.clone() };
    let json = serde_json::to_string(&about).map_err(DbError::defect)?;
    let (written, folded) = (kept.about.written(), kept.about.folded());
    tx.exec(&DOCUMENT_SAVE, args![kept.id, &kept.about.code, kept.home, json, &kept.about.text, written, folded, by, at]).await.map(drop)
}

/// The files of a document, oldest first.
pub async fn files(db: &Db, document: Uuid) -> Result<Vec<File>, DbError> {
    let row = |row: &db::Row| {
        Ok(File { id: row.uuid(0)?, name: row.text(1)?, media: row.text(2)?, size: row.int(3)?, sha256: row.text(4)?, by: row.text(5)?, at: row.int(6)? })
    };
    db.all(&DOCUMENT_FILES, args![document]).await?.iter().map(row).collect()
}

/// Name, media type and bytes of a file.
pub async fn file(db: &Db, document: Uuid, file: Uuid) -> Result<Option<(String, String, Vec<u8>)>, DbError> {
    db.opt(&DOCUMENT_FILE, args![document, file]).await?.map(|row| Ok((row.text(0)?, row.text(1)?, row.bytes(2)?))).transpose()
}

/// Adds a file.
pub async fn add_file(tx: &mut Tx, document: Uuid, file: &File, content: Vec<u8>) -> Result<(), DbError> {
    let args = args![document, file.id, &file.name, &file.media, file.size, &file.sha256, content, &file.by, file.at];
    tx.exec(&DOCUMENT_ADD_FILE, args).await.map(drop)
}

/// Files whose words were not looked for yet: document and file.
pub async fn unread(db: &Db, limit: i64) -> Result<Vec<(Uuid, Uuid)>, DbError> {
    db.all(&DOCUMENT_UNREAD, args![limit]).await?.iter().map(|row| Ok((row.uuid(0)?, row.uuid(1)?))).collect()
}

/// Writes what was found in a file: the state (see `service::words::State`) and the words, as the columns for searching want them.
pub async fn keep_words(tx: &mut Tx, document: Uuid, file: Uuid, state: i64, written: &str, folded: &str, at: i64) -> Result<(), DbError> {
    tx.exec(&DOCUMENT_READ, args![document, file, state, written, folded, at]).await.map(drop)
}

/// The state of each file of a document that was looked at.
pub async fn reads(db: &Db, document: Uuid) -> Result<Vec<(Uuid, i64)>, DbError> {
    db.all(&DOCUMENT_READS, args![document]).await?.iter().map(|row| Ok((row.uuid(0)?, row.int(1)?))).collect()
}
