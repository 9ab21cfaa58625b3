use crate::{Arg, Bulk, Conflict, Db, DbError, Pools, Row, Schema, Tx, Type, lint};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use sha2::{Digest as _, Sha256};
use sqlx::AssertSqlSafe;

/// A table after copying: rows and checksums as read back from both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopiedTable {
    /// Name.
    pub table: String,
    /// Rows on both sides.
    pub rows: u64,
    /// SHA-256 over all rows in key order, equal on both sides.
    pub checksum: String,
}

const CHUNK: usize = 2_000;

/// What happens to rows that the target holds already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// There must be none.
    Empty,
    /// They go, in the same transaction: readers see the old rows or the new ones, never a mixture.
    Replaced,
}

/// Copies every registered table of one migrated database into another of any engine, parents first, as the source was at
/// one instant even while others write to it, then reads both sides back and compares counts and checksums. All or nothing.
///
/// # Errors
/// [`DbError::Conflict`] when the target must be empty and is not, [`DbError::Defect`] when a table differs afterwards.
pub async fn copy(from: &Db, to: &Db, schemas: &[Schema], target: Target) -> Result<Vec<CopiedTable>, DbError> {
    let shapes = lint::shape(from).await?;
    let tables: Vec<(&str, Vec<(String, Type)>)> = schemas
        .iter()
        .flat_map(|s| s.tables)
        .filter_map(|t| Some((t.name, shapes.get(t.name)?.columns.iter().map(|c| (c.name.clone(), c.kind)).collect())))
        .collect();
    let mut source = from.snapshot().await?;
    let mut tx = to.begin().await?;
    for (name, columns) in tables.iter().rev() {
        if target == Target::Replaced {
            run(&mut tx, format!("DELETE FROM {name}")).await?;
        } else if stream(&mut tx, select(name, columns)).next().await.transpose()?.is_some() {
            return Err(DbError::Conflict(format!("the target is not empty: {name} has rows")));
        }
    }
    for (name, columns) in &tables {
        let mut rows = stream(&mut source, select(name, columns));
        let mut buffer: Vec<Arg> = Vec::new();
        let mut count = 0usize;
        while let Some(row) = rows.try_next().await? {
            for (i, (_, kind)) in columns.iter().enumerate() {
                buffer.push(row.arg(i, *kind)?);
            }
            count += 1;
            if count.is_multiple_of(CHUNK) {
                insert(&mut tx, name, columns, std::mem::take(&mut buffer)).await?;
            }
        }
        insert(&mut tx, name, columns, buffer).await?;
    }
    let mut done = Vec::new();
    for (name, columns) in &tables {
        let (rows, checksum) = digest(&mut source, name, columns).await?;
        let other = digest(&mut tx, name, columns).await?;
        if other != (rows, checksum.clone()) {
            return Err(DbError::defect(format!("{name} differs after copying: {rows} rows {checksum}, then {} rows {}", other.0, other.1)));
        }
        done.push(CopiedTable { table: (*name).to_owned(), rows, checksum });
    }
    tx.commit().await?;
    to.analyze().await?;
    Ok(done)
}

impl Db {
    /// Begins a reading transaction that sees the database as it is now, whatever others write meanwhile.
    async fn snapshot(&self) -> Result<Tx, DbError> {
        Ok(match self.pools() {
            Pools::Sqlite { read, .. } => Tx::Sqlite(read.begin().await?),
            Pools::Postgres(pool) => Tx::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?),
        })
    }

    /// Writes the SQLite database, as it is at one instant, into a new file; others may go on writing.
    ///
    /// # Errors
    /// [`DbError::Defect`] when the file is there already or the engine is PostgreSQL.
    pub async fn vacuum_into(&self, file: &str) -> Result<(), DbError> {
        let Pools::Sqlite { write, .. } = self.pools() else { return Err(DbError::defect("only SQLite keeps its data in one file")) };
        sqlx::query("VACUUM INTO $1").bind(file).execute(write).await?;
        Ok(())
    }
}

fn select(table: &str, columns: &[(String, Type)]) -> String {
    let names: Vec<&str> = columns.iter().map(|c| c.0.as_str()).collect();
    format!("SELECT {} FROM {table}", names.join(", "))
}

fn stream(tx: &mut Tx, sql: String) -> BoxStream<'_, Result<Row, DbError>> {
    let query = AssertSqlSafe(sql);
    match tx {
        Tx::Sqlite(tx) => sqlx::query(query).fetch(&mut **tx).map_ok(Row::Sqlite).map_err(DbError::from).boxed(),
        Tx::Postgres(tx) => sqlx::query(query).fetch(&mut **tx).map_ok(Row::Postgres).map_err(DbError::from).boxed(),
        Tx::Lent => futures_util::stream::once(async { Err(crate::door::lent()) }).boxed(),
    }
}

async fn run(tx: &mut Tx, sql: String) -> Result<(), DbError> {
    let query = AssertSqlSafe(sql);
    match tx {
        Tx::Sqlite(tx) => sqlx::query(query).execute(&mut **tx).await.map(drop)?,
        Tx::Postgres(tx) => sqlx::query(query).execute(&mut **tx).await.map(drop)?,
        Tx::Lent => return Err(crate::door::lent()),
    }
    Ok(())
}

async fn insert(tx: &mut Tx, table: &str, columns: &[(String, Type)], values: Vec<Arg>) -> Result<(), DbError> {
    if values.is_empty() {
        return Ok(());
    }
    let columns: Vec<(&str, Type)> = columns.iter().map(|c| (c.0.as_str(), c.1)).collect();
    tx.insert(&Bulk { table, columns: &columns, conflict: Conflict::Fail }, values).await.map(drop)
}

/// Rows are hashed one by one and the hashes added up, so the order in which an engine sorts bytes does not matter.
async fn digest(tx: &mut Tx, table: &str, columns: &[(String, Type)]) -> Result<(u64, String), DbError> {
    let mut rows = stream(tx, select(table, columns));
    let mut sum = [0u64; 4];
    let mut count = 0;
    while let Some(row) = rows.try_next().await? {
        let mut hash = Sha256::new();
        for (i, (_, kind)) in columns.iter().enumerate() {
            let bytes = match row.arg(i, *kind)? {
                Arg::Int(v) => v.map(|v| v.to_be_bytes().to_vec()),
                Arg::Text(v) => v.map(String::into_bytes),
                Arg::Uuid(v) => v.map(|v| v.as_bytes().to_vec()),
                Arg::Bytes(v) => v,
            };
            match bytes {
                None => hash.update([0]),
                Some(bytes) => {
                    hash.update([1]);
                    hash.update((bytes.len() as u64).to_be_bytes());
                    hash.update(&bytes);
                }
            }
        }
        for (lane, part) in sum.iter_mut().zip(hash.finalize().chunks_exact(8)) {
            let mut word = [0u8; 8];
            word.copy_from_slice(part);
            *lane = lane.wrapping_add(u64::from_be_bytes(word));
        }
        count += 1;
    }
    Ok((count, sum.iter().map(|w| format!("{w:016x}")).collect()))
}
