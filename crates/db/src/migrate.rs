use crate::{Db, DbError, Engine, Pools, Reach, Schema, Stmt, args};
use sha2::{Digest as _, Sha256};
use sqlx::AssertSqlSafe;

/// One step of the schema, written once for both engines. `{uuid}`, `{bytes}`, `{strict}` and `{clustered}`
/// stand for the engine's own words, so the two schemas cannot drift apart.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Position in the whole; unique over all crates.
    pub number: u32,
    /// What it does, in a few words.
    pub name: &'static str,
    /// The neutral text.
    pub sql: &'static str,
}

impl Migration {
    /// The text for an engine.
    pub fn text(&self, engine: Engine) -> String {
        let (uuid, bytes, strict, clustered) = match engine {
            Engine::Sqlite => ("BLOB", "BLOB", " STRICT", " STRICT, WITHOUT ROWID"),
            Engine::Postgres => ("UUID", "BYTEA", "", ""),
        };
        self.sql
            .replace("{uuid}", uuid)
            .replace("{bytes}", bytes)
            .replace("{strict}", strict)
            .replace("{clustered}", clustered)
            .replace("BIGINT", if engine == Engine::Sqlite { "INTEGER" } else { "BIGINT" })
    }

    fn checksum(&self) -> String {
        Sha256::digest(self.sql.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
    }
}

const APPLIED: Stmt = Stmt { name: "db::APPLIED", sql: "SELECT number, checksum FROM schema_migration ORDER BY number", reach: Reach::Shared };
const DONE: Stmt = Stmt { name: "db::DONE", sql: "SELECT number FROM schema_migration WHERE number = $1", reach: Reach::Shared };
const HERE_SQLITE: Stmt =
    Stmt { name: "db::HERE_SQLITE", sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'schema_migration'", reach: Reach::Shared };
const HERE_POSTGRES: Stmt = Stmt {
    name: "db::HERE_POSTGRES",
    sql: "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'schema_migration'",
    reach: Reach::Shared,
};
const RECORD: Stmt = Stmt { name: "db::RECORD", sql: "INSERT INTO schema_migration (number, name, checksum) VALUES ($1, $2, $3)", reach: Reach::Shared };

impl Db {
    /// Names of the steps that are not applied yet, in order; all of them on an empty database.
    ///
    /// # Errors
    /// [`DbError::Defect`] when an applied step was changed afterwards, or the database is newer than this program.
    pub async fn pending(&self, schemas: &[Schema]) -> Result<Vec<&'static str>, DbError> {
        let mut steps: Vec<&Migration> = schemas.iter().flat_map(|s| s.migrations).collect();
        steps.sort_by_key(|m| m.number);
        let here = match self.engine() {
            Engine::Sqlite => &HERE_SQLITE,
            Engine::Postgres => &HERE_POSTGRES,
        };
        let mut applied = Vec::new();
        if self.opt(here, vec![]).await?.is_some() {
            for row in self.all(&APPLIED, vec![]).await? {
                applied.push((row.int(0)?, row.text(1)?));
            }
        }
        for (number, checksum) in &applied {
            match steps.iter().find(|m| i64::from(m.number) == *number) {
                None => return Err(DbError::defect(format!("the database has migration {number}, which this program does not know: use a newer program"))),
                Some(step) if step.checksum() != *checksum => {
                    return Err(DbError::defect(format!("migration {number} ({}) was changed after it was applied", step.name)));
                }
                Some(_) => {}
            }
        }
        Ok(steps.into_iter().filter(|m| !applied.iter().any(|(n, _)| *n == i64::from(m.number))).map(|m| m.name).collect())
    }

    /// Brings the schema up to date; each step is one transaction. Returns the names applied now.
    ///
    /// # Errors
    /// [`DbError::Defect`] when an applied step was changed afterwards, or the database is newer than this program.
    pub async fn migrate(&self, schemas: &[Schema]) -> Result<Vec<&'static str>, DbError> {
        if self.pending(schemas).await?.is_empty() {
            return Ok(Vec::new());
        }
        let create = "CREATE TABLE IF NOT EXISTS schema_migration (number BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)";
        match self.pools() {
            Pools::Sqlite { write, .. } => sqlx::raw_sql(create).execute(write).await.map(drop)?,
            Pools::Postgres(pool) => sqlx::raw_sql(create).execute(pool).await.map(drop)?,
        }
        let mut steps: Vec<&Migration> = schemas.iter().flat_map(|s| s.migrations).collect();
        steps.sort_by_key(|m| m.number);
        let mut done = Vec::new();
        for step in steps {
            let text = AssertSqlSafe(step.text(self.engine()));
            let mut tx = self.begin().await?;
            // Two programs may start at once: the second waits here and finds the step done.
            if let crate::Tx::Postgres(inner) = &mut tx {
                sqlx::raw_sql("LOCK TABLE schema_migration IN EXCLUSIVE MODE").execute(&mut **inner).await?;
            }
            if tx.opt(&DONE, args![step.number]).await?.is_some() {
                continue;
            }
            match &mut tx {
                crate::Tx::Sqlite(inner) => sqlx::raw_sql(text).execute(&mut **inner).await.map(drop)?,
                crate::Tx::Postgres(inner) => sqlx::raw_sql(text).execute(&mut **inner).await.map(drop)?,
                crate::Tx::Lent => return Err(crate::door::lent()),
            }
            tx.exec(&RECORD, args![step.number, step.name, step.checksum()]).await?;
            tx.commit().await?;
            done.push(step.name);
        }
        Ok(done)
    }
}

/// Tables of a benchmark or a check, outside of the schema.
impl Db {
    /// Makes an empty table from neutral column declarations; one of that name is dropped first.
    pub async fn scratch(&self, table: &'static str, columns: &str) -> Result<(), DbError> {
        self.scratch_drop(table).await?;
        let (uuid, bytes) = if self.engine() == Engine::Sqlite { ("BLOB", "BLOB") } else { ("UUID", "BYTEA") };
        let columns = columns.replace("{uuid}", uuid).replace("{bytes}", bytes);
        self.raw(format!("CREATE TABLE {table} ({columns})")).await
    }

    /// Drops such a table.
    pub async fn scratch_drop(&self, table: &'static str) -> Result<(), DbError> {
        self.raw(format!("DROP TABLE IF EXISTS {table}")).await
    }

    /// Drops a database beside this one and makes it again, empty. PostgreSQL only.
    ///
    /// # Errors
    /// [`DbError::Defect`] on SQLite, where a database is a file.
    pub async fn recreate(&self, database: &'static str) -> Result<(), DbError> {
        if self.engine() == Engine::Sqlite {
            return Err(DbError::defect("a SQLite database is a file"));
        }
        self.raw(format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)")).await?;
        self.raw(format!("CREATE DATABASE {database}")).await
    }

    async fn raw(&self, sql: String) -> Result<(), DbError> {
        match self.pools() {
            Pools::Sqlite { write, .. } => sqlx::raw_sql(AssertSqlSafe(sql)).execute(write).await.map(drop)?,
            Pools::Postgres(pool) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.map(drop)?,
        }
        Ok(())
    }
}
