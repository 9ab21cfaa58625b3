/// What can go wrong at the door, sorted by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// Somebody else holds what we need; trying again later may work (SQLITE_BUSY, deadlock, serialisation).
    #[error("the database is busy: {0}")]
    Busy(String),
    /// A unique key already holds this value: two writers met.
    #[error("conflict: {0}")]
    Conflict(String),
    /// The disk is full.
    #[error("the disk is full: {0}")]
    Full(String),
    /// The database may only be read.
    #[error("the database is read-only: {0}")]
    ReadOnly(String),
    /// The database does not answer.
    #[error("the database is gone: {0}")]
    Gone(String),
    /// A row did not have the shape the statement promised, or the SQL is wrong: a defect of ours.
    #[error("database defect: {0}")]
    Defect(String),
    /// The address is not one we understand.
    #[error("unknown database address {0:?}: use sqlite:path or postgres://user@host/name")]
    Address(String),
}

impl DbError {
    /// A defect with the statement's name.
    pub fn defect(what: impl std::fmt::Display) -> DbError {
        DbError::Defect(what.to_string())
    }
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> DbError {
        let error = DbError::sorted(error);
        metrics::counter!("conglang_db_errors_total", "kind" => error.kind()).increment(1);
        error
    }
}

impl DbError {
    /// One word per kind, for measurements.
    fn kind(&self) -> &'static str {
        match self {
            DbError::Busy(_) => "busy",
            DbError::Conflict(_) => "conflict",
            DbError::Full(_) => "full",
            DbError::ReadOnly(_) => "read_only",
            DbError::Gone(_) => "gone",
            DbError::Defect(_) | DbError::Address(_) => "defect",
        }
    }

    fn sorted(error: sqlx::Error) -> DbError {
        let text = error.to_string();
        match &error {
            sqlx::Error::PoolTimedOut => DbError::Busy(text),
            sqlx::Error::Io(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed | sqlx::Error::Tls(_) => DbError::Gone(text),
            sqlx::Error::Database(inner) => {
                if inner.is_unique_violation() {
                    return DbError::Conflict(text);
                }
                let code = inner.code().unwrap_or_default().into_owned();
                // SQLite gives extended result codes: the primary code is the low byte.
                let primary = code.parse::<u32>().ok().map(|n| n & 0xff);
                match (code.as_str(), primary) {
                    ("40001" | "40P01" | "55P03" | "53300" | "57014", _) => DbError::Busy(text),
                    ("53100", _) => DbError::Full(text),
                    ("25006", _) => DbError::ReadOnly(text),
                    ("57P01" | "57P02" | "57P03" | "08006" | "08003" | "3D000" | "55000", _) => DbError::Gone(text),
                    (c, _) if c.len() == 5 => DbError::Defect(text),
                    (_, Some(5 | 6)) => DbError::Busy(text),
                    (_, Some(13)) => DbError::Full(text),
                    (_, Some(8)) => DbError::ReadOnly(text),
                    (_, Some(10 | 11 | 14 | 26)) => DbError::Gone(text),
                    _ => DbError::Defect(text),
                }
            }
            _ => DbError::Defect(text),
        }
    }
}
