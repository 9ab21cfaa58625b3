//! SQL of the intake: jobs and remembered mappings.

use db::{Db, DbError, Row, args};
use uuid::Uuid;

db::statements! {
    ADD_JOB: Shared = "INSERT INTO import_job (job_id, who_id, unit_id, file_name, file_hash, content, state, done, total, detail, created_at, changed_at, kind, plan, report) \
                       VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, '', $8, $8, '', '', '')";
    JOB: Shared = "SELECT job_id, who_id, unit_id, file_name, file_hash, state, done, total, detail, created_at, changed_at, kind, plan, report FROM import_job WHERE job_id = $1";
    JOBS_OF: Shared = "SELECT job_id, who_id, unit_id, file_name, file_hash, state, done, total, detail, created_at, changed_at, kind, '', '' FROM import_job \
                       WHERE who_id = $1 ORDER BY created_at DESC LIMIT 12";
    CONTENT: Shared = "SELECT content FROM import_job WHERE job_id = $1";
    SAVE_JOB: Shared = "UPDATE import_job SET state = $2, detail = $3, kind = $4, plan = $5, report = $6, changed_at = $7 WHERE job_id = $1";
    BEAT: Shared = "UPDATE import_job SET done = $2, total = $3, changed_at = $4 WHERE job_id = $1";
    DROP_CONTENT: Shared = "UPDATE import_job SET content = $2 WHERE job_id = $1";
    TAKEN_BEFORE: Shared = "SELECT changed_at FROM import_job WHERE file_hash = $1 AND state = 'done' AND job_id <> $2 ORDER BY changed_at DESC LIMIT 1";
    MAPPING: Tenant = "SELECT mapping FROM import_mapping WHERE tenant_id = $1 AND mapping_id = $2";
    SAVE_MAPPING: Tenant = "INSERT INTO import_mapping (tenant_id, mapping_id, shape_hash, mapping, at, who_name) VALUES ($1, $2, $3, $4, $5, $6) \
                            ON CONFLICT (tenant_id, mapping_id) DO UPDATE SET mapping = excluded.mapping, at = excluded.at, who_name = excluded.who_name";
}

/// How far an upload has come. The words are those in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Read, and its columns understood.
    Reading,
    /// A person has to say what the columns mean.
    Mapping,
    /// Values judged.
    Checking,
    /// Judged; waits for the word to write.
    Ready,
    /// Written in one transaction.
    Writing,
    /// Written.
    Done,
    /// Cannot be used; `detail` says why.
    Refused,
    /// Stopped by its owner.
    Cancelled,
}

impl Stage {
    const ALL: [Stage; 8] = [Stage::Reading, Stage::Mapping, Stage::Checking, Stage::Ready, Stage::Writing, Stage::Done, Stage::Refused, Stage::Cancelled];

    /// The word in the database.
    pub fn word(self) -> &'static str {
        match self {
            Stage::Reading => "reading",
            Stage::Mapping => "mapping",
            Stage::Checking => "checking",
            Stage::Ready => "ready",
            Stage::Writing => "writing",
            Stage::Done => "done",
            Stage::Refused => "refused",
            Stage::Cancelled => "cancelled",
        }
    }

    /// Whether a task should be at work on it.
    pub fn works(self) -> bool {
        matches!(self, Stage::Reading | Stage::Checking | Stage::Writing)
    }
}

/// An upload.
#[derive(Clone, Debug)]
pub struct Job {
    /// Id.
    pub id: Uuid,
    /// Whose it is.
    pub who: Option<Uuid>,
    /// Unit chosen with the file.
    pub unit: Uuid,
    /// Name of the file.
    pub file_name: String,
    /// SHA-256, hex.
    pub file_hash: String,
    /// See [`Stage`].
    pub stage: Stage,
    /// Steps done.
    pub done: i64,
    /// Steps in all; 0 while unknown.
    pub total: i64,
    /// Why it was refused: JSON of code and sentences.
    pub detail: String,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC; a working job renews it every second.
    pub changed_at: i64,
    /// `form` or `foreign`.
    pub kind: String,
    /// JSON of the plan.
    pub plan: String,
    /// JSON of the report, or of the sheet while it is mapped.
    pub report: String,
}

fn job(row: &Row) -> Result<Job, DbError> {
    let word = row.text(5)?;
    let stage = Stage::ALL.into_iter().find(|s| s.word() == word).ok_or_else(|| DbError::defect("an import job in an unknown state"))?;
    Ok(Job {
        id: row.uuid(0)?,
        who: row.uuid_opt(1)?,
        unit: row.uuid(2)?,
        file_name: row.text(3)?,
        file_hash: row.text(4)?,
        stage,
        done: row.int(6)?,
        total: row.int(7)?,
        detail: row.text(8)?,
        created_at: row.int(9)?,
        changed_at: row.int(10)?,
        kind: row.text(11)?,
        plan: row.text(12)?,
        report: row.text(13)?,
    })
}

/// Adds an upload.
pub async fn add(db: &Db, job: &Job, content: Vec<u8>) -> Result<(), DbError> {
    db.exec(&ADD_JOB, args![job.id, job.who, job.unit, &job.file_name, &job.file_hash, content, job.stage.word(), job.created_at]).await.map(drop)
}

/// An upload by id.
pub async fn read(db: &Db, id: Uuid) -> Result<Option<Job>, DbError> {
    db.opt(&JOB, args![id]).await?.as_ref().map(job).transpose()
}

/// The newest uploads of an account, without plan and report.
pub async fn of_account(db: &Db, who: Uuid) -> Result<Vec<Job>, DbError> {
    db.all(&JOBS_OF, args![who]).await?.iter().map(job).collect()
}

/// The bytes of an upload.
pub async fn content(db: &Db, id: Uuid) -> Result<Vec<u8>, DbError> {
    db.opt(&CONTENT, args![id]).await?.map_or(Ok(Vec::new()), |row| row.bytes(0))
}

/// Writes everything that changes.
pub async fn save(db: &Db, job: &Job) -> Result<(), DbError> {
    db.exec(&SAVE_JOB, args![job.id, job.stage.word(), &job.detail, &job.kind, &job.plan, &job.report, job.changed_at]).await.map(drop)
}

/// Says that a job is alive, and how far it is.
pub async fn beat(db: &Db, id: Uuid, done: i64, total: i64, at: i64) -> Result<(), DbError> {
    db.exec(&BEAT, args![id, done, total, at]).await.map(drop)
}

/// Forgets the bytes of a file that is refused or was cancelled.
pub async fn forget(db: &Db, id: Uuid) -> Result<(), DbError> {
    db.exec(&DROP_CONTENT, args![id, Vec::<u8>::new()]).await.map(drop)
}

/// When the same bytes were taken before.
pub async fn taken_before(db: &Db, hash: &str, but: Uuid) -> Result<Option<i64>, DbError> {
    db.opt(&TAKEN_BEFORE, args![hash, but]).await?.map(|row| row.int(0)).transpose()
}

/// The mapping remembered for a shape of headings.
pub async fn mapping(db: &Db, tenant: Uuid, shape: &str) -> Result<Option<String>, DbError> {
    db.opt(&MAPPING, args![tenant, mapping_id(tenant, shape)]).await?.map(|row| row.text(0)).transpose()
}

/// Remembers a mapping.
pub async fn save_mapping(db: &Db, tenant: Uuid, shape: &str, mapping: &str, at: i64, who: &str) -> Result<(), DbError> {
    db.exec(&SAVE_MAPPING, args![tenant, mapping_id(tenant, shape), shape, mapping, at, who]).await.map(drop)
}

fn mapping_id(tenant: Uuid, shape: &str) -> Uuid {
    Uuid::new_v5(&tenant, shape.as_bytes())
}
