//! Files of documents, drafts and dossiers: kept once per tenant by their hash, in parts of a megabyte.

use crate::Casework;
use access::db_error;
use db::{Db, DbError, Row, Tx, args};
use figures::evidence::FileKind;
use sha2::{Digest as _, Sha256};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use ui::AppError;
use uuid::Uuid;

/// Most bytes of one file.
pub const MOST: u64 = 210_000_000;
/// Bytes of a part.
const PART: usize = 1 << 20;

db::statements! {
    FILES: Tenant = "SELECT file_id, name, media, size, sha256, role, signature, at, who_name FROM office_document_file \
                     WHERE tenant_id = $1 AND owner_id = $2 ORDER BY file_id";
    ADD_FILE: Tenant = "INSERT INTO office_document_file (tenant_id, owner_id, file_id, name, media, size, sha256, role, signature, at, who_name) \
                        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    COPY_FILES: Tenant = "UPDATE office_document_file SET owner_id = $3 WHERE tenant_id = $1 AND owner_id = $2";
    HAS_PARTS: Tenant = "SELECT part FROM file_part WHERE tenant_id = $1 AND sha256 = $2 AND part = 0";
    ADD_PART: Tenant = "INSERT INTO file_part (tenant_id, sha256, part, content) VALUES ($1, $2, $3, $4)";
    READ_PART: Tenant = "SELECT content FROM file_part WHERE tenant_id = $1 AND sha256 = $2 AND part = $3";
}

/// A file without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// Id.
    pub id: Uuid,
    /// Name, safe to give back.
    pub name: String,
    /// Media type, from its bytes.
    pub media: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256, hex.
    pub sha256: String,
    /// `original`, `draft`, `signed`, `attachment`.
    pub role: String,
    /// What was found about its signatures, as JSON of [`super::signature::Report`]; empty when none was looked for.
    pub signature: String,
    /// Microseconds UTC.
    pub at: i64,
    /// Who brought it.
    pub who_name: String,
}

fn attached(r: &Row) -> Result<Attached, DbError> {
    Ok(Attached {
        id: r.uuid(0)?,
        name: r.text(1)?,
        media: r.text(2)?,
        size: r.int(3)?,
        sha256: r.text(4)?,
        role: r.text(5)?,
        signature: r.text(6)?,
        at: r.int(7)?,
        who_name: r.text(8)?,
    })
}

/// The files of a document, draft or dossier, in the order they came.
pub async fn files(db: &Db, tenant: Uuid, owner: Uuid) -> Result<Vec<Attached>, DbError> {
    db.all(&FILES, args![tenant, owner]).await?.iter().map(attached).collect()
}

/// The same inside a transaction.
pub async fn files_tx(tx: &mut Tx, tenant: Uuid, owner: Uuid) -> Result<Vec<Attached>, DbError> {
    tx.all(&FILES, args![tenant, owner]).await?.iter().map(attached).collect()
}

/// Gives all files of one owner to another: what was signed as a draft belongs to the document that was issued.
pub async fn hand_over(tx: &mut Tx, tenant: Uuid, from: Uuid, to: Uuid) -> Result<(), DbError> {
    tx.exec(&COPY_FILES, args![tenant, from, to]).await.map(drop)
}

/// A file that is being brought: spooled to the disk so that a large one neither fills the memory nor holds the database.
#[derive(Debug)]
pub struct Incoming {
    /// Name as the device says.
    pub name: String,
    spool: std::fs::File,
    hash: Sha256,
    size: u64,
}

fn no_room(error: &std::io::Error) -> AppError {
    tracing::error!(%error, "an upload cannot be spooled");
    AppError::new("disk_full", 507)
        .say(
            "Máy chủ không còn chỗ để nhận tệp này. Những gì đã lưu trước đó vẫn còn nguyên.",
            "The server has no room for this file. What was saved before is untouched.",
        )
        .mend("Báo người quản trị hệ thống dọn đĩa rồi gửi lại.", "Tell the system's administrator to make room, then send it again.")
}

impl Incoming {
    /// Begins to take in a file.
    ///
    /// # Errors
    /// 507 `disk_full`.
    pub fn new(name: impl Into<String>) -> Result<Incoming, AppError> {
        Ok(Incoming { name: name.into(), spool: tempfile::tempfile().map_err(|e| no_room(&e))?, hash: Sha256::new(), size: 0 })
    }

    /// A file that is already in memory.
    ///
    /// # Errors
    /// As [`Incoming::push`].
    pub fn of(name: impl Into<String>, bytes: &[u8]) -> Result<Incoming, AppError> {
        let mut incoming = Incoming::new(name)?;
        incoming.push(bytes)?;
        Ok(incoming)
    }

    /// Takes a piece.
    ///
    /// # Errors
    /// 507 `disk_full`; 413 `file_too_large`.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), AppError> {
        self.size += bytes.len() as u64;
        if self.size > MOST {
            return Err(AppError::new("file_too_large", 413)
                .say(format!("{}: tệp quá lớn, mỗi tệp tối đa 210 MB.", self.name), format!("{}: too large, at most 210 MB per file.", self.name))
                .mend("Nén lại hoặc chia nhỏ tệp.", "Compress or split the file."));
        }
        self.hash.update(bytes);
        self.spool.write_all(bytes).map_err(|e| no_room(&e))
    }

    /// Bytes so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// All of it, for files that must be read as a whole; nothing beyond `most` bytes.
    ///
    /// # Errors
    /// 507 `disk_full` when the spool cannot be read back.
    pub fn bytes(&mut self, most: u64) -> Result<Option<Vec<u8>>, AppError> {
        if self.size > most {
            return Ok(None);
        }
        let mut out = Vec::new();
        self.spool.seek(SeekFrom::Start(0)).and_then(|_| self.spool.read_to_end(&mut out)).map_err(|e| no_room(&e))?;
        Ok(Some(out))
    }

    fn kind(&mut self) -> Result<Option<FileKind>, AppError> {
        // A zip has its directory at the end, so small files are read whole; of large ones the beginning is enough for the rest.
        if let Some(bytes) = self.bytes(60_000_000)? {
            return Ok(FileKind::of(&bytes).ok());
        }
        let mut head = vec![0; 4096];
        let n = self.spool.seek(SeekFrom::Start(0)).and_then(|_| self.spool.read(&mut head)).map_err(|e| no_room(&e))?;
        head.truncate(n);
        Ok(FileKind::of(&head).ok())
    }
}

/// How a file is kept.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a> {
    /// See [`Attached::role`].
    pub role: &'a str,
    /// See [`Attached::signature`].
    pub signature: &'a str,
    /// Microseconds UTC.
    pub at: i64,
    /// Who brings it.
    pub who: &'a str,
}

impl<'a> Kept<'a> {
    /// A file in which no signature was looked for.
    pub fn plain(role: &'a str, at: i64, who: &'a str) -> Kept<'a> {
        Kept { role, signature: "", at, who }
    }
}

/// Keeps a file for an owner. The bytes are written once per tenant.
///
/// # Errors
/// 422 `file_kind` for what is neither PDF, picture, Word nor Excel; what the database says.
pub async fn keep(tx: &mut Tx, tenant: Uuid, owner: Uuid, mut incoming: Incoming, kept: &Kept<'_>) -> Result<Attached, AppError> {
    let kind = incoming.kind()?.ok_or_else(|| {
        let name: String = incoming.name.chars().take(80).collect();
        AppError::new("file_kind", 422)
            .say(
                format!("{name}: chỉ nhận PDF, ảnh JPEG/PNG, Word (.docx) và Excel (.xlsx) không có macro."),
                format!("{name}: only PDF, JPEG or PNG pictures, Word (.docx) and Excel (.xlsx) without macros are taken."),
            )
            .mend("Lưu lại sang một trong các dạng đó rồi gửi lại.", "Save it as one of these and send it again.")
            .at("files")
    })?;
    let sha256: String = incoming.hash.clone().finalize().iter().map(|b| format!("{b:02x}")).collect();
    if tx.opt(&HAS_PARTS, args![tenant, &sha256]).await.map_err(db_error)?.is_none() {
        incoming.spool.seek(SeekFrom::Start(0)).map_err(|e| no_room(&e))?;
        let mut part = 0i64;
        loop {
            let mut piece = Vec::with_capacity(PART);
            let n = (&mut incoming.spool).take(PART as u64).read_to_end(&mut piece).map_err(|e| no_room(&e))?;
            if n == 0 && part > 0 {
                break;
            }
            tx.exec(&ADD_PART, args![tenant, &sha256, part, piece]).await.map_err(db_error)?;
            part += 1;
            if n < PART {
                break;
            }
        }
    }
    let file = Attached {
        id: Uuid::now_v7(),
        name: safe_name(&incoming.name, kind),
        media: kind.media().to_owned(),
        size: i64::try_from(incoming.size).unwrap_or(i64::MAX),
        sha256,
        role: kept.role.to_owned(),
        signature: kept.signature.to_owned(),
        at: kept.at,
        who_name: kept.who.to_owned(),
    };
    add(tx, tenant, owner, &file).await.map_err(db_error)?;
    Ok(file)
}

async fn add(tx: &mut Tx, tenant: Uuid, owner: Uuid, f: &Attached) -> Result<(), DbError> {
    let values = args![tenant, owner, f.id, &f.name, &f.media, f.size, &f.sha256, &f.role, &f.signature, f.at, &f.who_name];
    tx.exec(&ADD_FILE, values).await.map(drop)
}

/// Copies a file to an owner in another (or the same) tenant: what is sent to another unit belongs to it from then on.
///
/// # Errors
/// What the database says.
pub async fn copy_to(tx: &mut Tx, from: Uuid, file: &Attached, tenant: Uuid, owner: Uuid) -> Result<(), DbError> {
    if tx.opt(&HAS_PARTS, args![tenant, &file.sha256]).await?.is_none() {
        let mut part = 0i64;
        while let Some(row) = tx.opt(&READ_PART, args![from, &file.sha256, part]).await? {
            tx.exec(&ADD_PART, args![tenant, &file.sha256, part, row.bytes(0)?]).await?;
            part += 1;
        }
    }
    add(tx, tenant, owner, &Attached { id: Uuid::now_v7(), ..file.clone() }).await
}

/// The bytes of a file.
///
/// # Errors
/// What the database says.
pub async fn content(db: &Db, tenant: Uuid, file: &Attached) -> Result<Vec<u8>, DbError> {
    let mut out = Vec::with_capacity(usize::try_from(file.size).unwrap_or_default());
    let mut part = 0i64;
    while let Some(row) = db.opt(&READ_PART, args![tenant, &file.sha256, part]).await? {
        out.extend(row.bytes(0)?);
        part += 1;
    }
    Ok(out)
}

/// A name that is safe to give back: its last part, clean, with the extension of what it really is.
fn safe_name(name: &str, kind: FileKind) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let stem: String = lang::clean(stem).chars().filter(|c| !c.is_control() && !"<>:\"|?*\u{202e}\u{202d}".contains(*c)).take(120).collect();
    format!("{}.{}", if stem.is_empty() { "van-ban" } else { &stem }, kind.extension())
}

impl Casework {
    /// A part of a file, for sending it piece by piece; none behind the last.
    ///
    /// # Errors
    /// What the database says.
    pub async fn file_part(&self, tenant: Uuid, sha256: &str, part: i64) -> Result<Option<Vec<u8>>, DbError> {
        self.db().opt(&READ_PART, args![tenant, sha256, part]).await?.map(|r| r.bytes(0)).transpose()
    }
}
