use crate::{Arg, DbError, Row, Stmt};
use futures_util::TryStreamExt as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Postgres, Sqlite, Transaction};
use std::str::FromStr as _;
use std::time::Duration;

/// Which engine answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The embedded file.
    Sqlite,
    /// PostgreSQL 15 or later.
    Postgres,
}

/// The pools behind the door. SQLite has one writer and several readers; PostgreSQL one pool.
#[derive(Clone, Debug)]
pub enum Pools {
    /// One connection that writes, several that only read.
    Sqlite {
        /// Readers.
        read: sqlx::SqlitePool,
        /// The writer.
        write: sqlx::SqlitePool,
    },
    /// PostgreSQL.
    Postgres(sqlx::PgPool),
}

/// The door. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    pools: Pools,
}

/// A writing transaction; rolled back when dropped without [`Tx::commit`].
#[derive(Debug)]
pub enum Tx {
    /// On SQLite, begun with BEGIN IMMEDIATE so that it never has to upgrade.
    Sqlite(Transaction<'static, Sqlite>),
    /// On PostgreSQL, READ COMMITTED.
    Postgres(Transaction<'static, Postgres>),
    /// Its rows are being copied in by a task of their own; what is left behind when nobody waited for that.
    Lent,
}

/// The error of a transaction whose copying was given up.
pub(crate) fn lent() -> DbError {
    DbError::defect("the transaction was given up while rows were copied")
}

macro_rules! bind {
    ($query:expr, $args:expr) => {{
        let mut query = $query;
        for arg in $args {
            query = match arg {
                Arg::Int(v) => query.bind(v),
                Arg::Text(v) => query.bind(v),
                Arg::Uuid(v) => query.bind(v),
                Arg::Bytes(v) => query.bind(v),
            };
        }
        query
    }};
}
pub(crate) use bind;

macro_rules! verbs {
    () => {
        /// All rows.
        pub async fn all(&mut self, stmt: &Stmt, args: Vec<Arg>) -> Result<Vec<Row>, DbError> {
            Ok(match self {
                Tx::Sqlite(tx) => bind!(sqlx::query(stmt.sql), args).fetch_all(&mut **tx).await?.into_iter().map(Row::Sqlite).collect(),
                Tx::Postgres(tx) => bind!(sqlx::query(stmt.sql), args).fetch_all(&mut **tx).await?.into_iter().map(Row::Postgres).collect(),
                Tx::Lent => return Err(lent()),
            })
        }
        /// The first row, if any.
        pub async fn opt(&mut self, stmt: &Stmt, args: Vec<Arg>) -> Result<Option<Row>, DbError> {
            Ok(match self {
                Tx::Sqlite(tx) => bind!(sqlx::query(stmt.sql), args).fetch_optional(&mut **tx).await?.map(Row::Sqlite),
                Tx::Postgres(tx) => bind!(sqlx::query(stmt.sql), args).fetch_optional(&mut **tx).await?.map(Row::Postgres),
                Tx::Lent => return Err(lent()),
            })
        }
    };
}

impl Tx {
    verbs!();

    /// Runs a statement; the number of rows touched.
    pub async fn exec(&mut self, stmt: &Stmt, args: Vec<Arg>) -> Result<u64, DbError> {
        Ok(match self {
            Tx::Sqlite(tx) => bind!(sqlx::query(stmt.sql), args).execute(&mut **tx).await?.rows_affected(),
            Tx::Postgres(tx) => bind!(sqlx::query(stmt.sql), args).execute(&mut **tx).await?.rows_affected(),
            Tx::Lent => return Err(lent()),
        })
    }

    /// Makes everything since `begin` durable and visible.
    pub async fn commit(self) -> Result<(), DbError> {
        match self {
            Tx::Sqlite(tx) => tx.commit().await?,
            Tx::Postgres(tx) => tx.commit().await?,
            Tx::Lent => return Err(lent()),
        }
        Ok(())
    }
}

/// Begins on the one writer. When a disk is full SQLite ends the transaction by itself, which the driver does not notice: it
/// believes for ever that one is open. Such a connection is closed and a new one takes its place.
async fn immediate(write: &sqlx::SqlitePool) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
    match write.begin_with("BEGIN IMMEDIATE").await {
        Err(sqlx::Error::InvalidSavePointStatement) => {
            tracing::warn!("the writer lost count of its transactions and is opened anew");
            write.acquire().await?.close().await?;
            write.begin_with("BEGIN IMMEDIATE").await
        }
        begun => begun,
    }
}

impl Db {
    /// Opens `sqlite:path`, `sqlite::memory:` is refused (readers would not see the writer), or `postgres://…`.
    /// A SQLite file is created if missing.
    ///
    /// # Errors
    /// [`DbError::Address`] for an unknown scheme, [`DbError::Gone`] when it cannot be reached.
    pub async fn open(address: &str) -> Result<Db, DbError> {
        if let Some(path) = address.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.contains(":memory:") {
                return Err(DbError::Address(address.to_owned()));
            }
            return Db::sqlite(path).await;
        }
        if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            let options = PgConnectOptions::from_str(address).map_err(|_| DbError::Address(address.to_owned()))?.application_name("conglang");
            let pool = PgPoolOptions::new().max_connections(16).acquire_timeout(Duration::from_secs(5)).connect_with(options).await?;
            return Ok(Db { pools: Pools::Postgres(pool) });
        }
        Err(DbError::Address(address.to_owned()))
    }

    async fn sqlite(path: &str) -> Result<Db, DbError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // Rows cross to another thread; a longer queue means fewer switches while a whole ledger is read.
            .row_buffer_size(1024)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .pragma("temp_store", "MEMORY")
            .pragma("journal_size_limit", "67108864")
            .statement_cache_capacity(256);
        // An acknowledged write must survive a crash of the machine, so the writer syncs every commit.
        let writer = options.clone().synchronous(SqliteSynchronous::Full).pragma("cache_size", "-32768").optimize_on_close(true, None);
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(30))
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(writer)
            .await?;
        let read = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(5))
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.pragma("query_only", "ON").pragma("cache_size", "-5120"))
            .await?;
        Ok(Db { pools: Pools::Sqlite { read, write } })
    }

    /// Which engine this is.
    pub fn engine(&self) -> Engine {
        match self.pools {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// The file of a SQLite database.
    pub fn file(&self) -> Option<std::path::PathBuf> {
        match &self.pools {
            Pools::Sqlite { write, .. } => Some(write.connect_options().get_filename().to_path_buf()),
            Pools::Postgres(_) => None,
        }
    }

    /// The pools, for this crate and for checks of the engine itself.
    pub fn pools(&self) -> &Pools {
        &self.pools
    }

    /// Begins a writing transaction. On SQLite it waits for the one writer.
    pub async fn begin(&self) -> Result<Tx, DbError> {
        Ok(match &self.pools {
            Pools::Sqlite { write, .. } => Tx::Sqlite(immediate(write).await?),
            Pools::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// All rows, from a reader.
    pub async fn all(&self, stmt: &Stmt, args: Vec<Arg>) -> Result<Vec<Row>, DbError> {
        Ok(match &self.pools {
            Pools::Sqlite { read, .. } => bind!(sqlx::query(stmt.sql), args).fetch_all(read).await?.into_iter().map(Row::Sqlite).collect(),
            Pools::Postgres(pool) => bind!(sqlx::query(stmt.sql), args).fetch_all(pool).await?.into_iter().map(Row::Postgres).collect(),
        })
    }

    /// The first row, if any, from a reader.
    pub async fn opt(&self, stmt: &Stmt, args: Vec<Arg>) -> Result<Option<Row>, DbError> {
        Ok(match &self.pools {
            Pools::Sqlite { read, .. } => bind!(sqlx::query(stmt.sql), args).fetch_optional(read).await?.map(Row::Sqlite),
            Pools::Postgres(pool) => bind!(sqlx::query(stmt.sql), args).fetch_optional(pool).await?.map(Row::Postgres),
        })
    }

    /// Hands each row to `each` without holding the answer in memory.
    pub async fn each<E: From<DbError>>(&self, stmt: &Stmt, args: Vec<Arg>, mut each: impl FnMut(Row) -> Result<(), E> + Send) -> Result<(), E> {
        match &self.pools {
            Pools::Sqlite { read, .. } => {
                let mut rows = bind!(sqlx::query(stmt.sql), args).fetch(read);
                while let Some(row) = rows.try_next().await.map_err(DbError::from)? {
                    each(Row::Sqlite(row))?;
                }
            }
            Pools::Postgres(pool) => {
                let mut rows = bind!(sqlx::query(stmt.sql), args).fetch(pool);
                while let Some(row) = rows.try_next().await.map_err(DbError::from)? {
                    each(Row::Postgres(row))?;
                }
            }
        }
        Ok(())
    }

    /// One statement in its own transaction.
    pub async fn exec(&self, stmt: &Stmt, args: Vec<Arg>) -> Result<u64, DbError> {
        let mut tx = self.begin().await?;
        let touched = tx.exec(stmt, args).await?;
        tx.commit().await?;
        Ok(touched)
    }

    /// Whether the database answers; the message is for `/readyz`.
    pub async fn ping(&self) -> Result<(), DbError> {
        self.opt(&Stmt { name: "db::ping", sql: "SELECT 1", reach: crate::Reach::Shared }, vec![]).await.map(drop)
    }

    /// Tells the planner how the tables look now; the bulk loader must call it.
    pub async fn analyze(&self) -> Result<(), DbError> {
        match &self.pools {
            Pools::Sqlite { write, .. } => sqlx::raw_sql("ANALYZE").execute(write).await.map(drop)?,
            Pools::Postgres(pool) => sqlx::raw_sql("ANALYZE").execute(pool).await.map(drop)?,
        }
        Ok(())
    }

    /// Closes the pools; on SQLite the planner's statistics are refreshed.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}
