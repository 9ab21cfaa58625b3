use crate::{Arg, Bulk, Conflict, Db, DbError, Pools, Row, Schema, Tx, Type, lint};
use futures_util::TryStreamExt as _;
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

/// Copies every registered table from one migrated database into another, empty one, of any engine,
/// parents first, then reads both sides back and compares counts and checksums.
///
/// # Errors
/// [`DbError::Conflict`] when the target is not empty, [`DbError::Defect`] when a table differs afterwards.
pub async fn copy(from: &Db, to: &Db, schemas: &[Schema]) -> Result<Vec<CopiedTable>, DbError> {
    let shapes = lint::shape(from).await?;
    let mut done = Vec::new();
    let mut tx = to.begin().await?;
    let tables: Vec<&str> = schemas.iter().flat_map(|s| s.tables).map(|t| t.name).collect();
    for name in &tables {
        let Some(shape) = shapes.get(*name) else { continue };
        let columns: Vec<(String, Type)> = shape.columns.iter().map(|c| (c.name.clone(), c.kind)).collect();
        let sql = select(name, &columns);
        let mut buffer: Vec<Arg> = Vec::new();
        let mut count = 0usize;
        let mut rows = stream(from, &sql);
        while let Some(row) = rows.try_next().await? {
            for (i, (_, kind)) in columns.iter().enumerate() {
                buffer.push(row.arg(i, *kind)?);
            }
            count += 1;
            if count.is_multiple_of(CHUNK) {
                insert(&mut tx, name, &columns, std::mem::take(&mut buffer)).await?;
            }
        }
        insert(&mut tx, name, &columns, buffer).await?;
    }
    tx.commit().await?;
    for name in &tables {
        let Some(shape) = shapes.get(*name) else { continue };
        let columns: Vec<(String, Type)> = shape.columns.iter().map(|c| (c.name.clone(), c.kind)).collect();
        let (rows, checksum) = digest(from, name, &columns).await?;
        let other = digest(to, name, &columns).await?;
        if other != (rows, checksum.clone()) {
            return Err(DbError::defect(format!("{name} differs after copying: {rows} rows {checksum}, then {} rows {}", other.0, other.1)));
        }
        done.push(CopiedTable { table: (*name).to_owned(), rows, checksum });
    }
    Ok(done)
}

fn select(table: &str, columns: &[(String, Type)]) -> String {
    let names: Vec<&str> = columns.iter().map(|c| c.0.as_str()).collect();
    format!("SELECT {} FROM {table}", names.join(", "))
}

fn stream(db: &Db, sql: &str) -> futures_util::stream::BoxStream<'static, Result<Row, DbError>> {
    let text = AssertSqlSafe(sql.to_owned());
    let (send, receive) = tokio::sync::mpsc::channel(CHUNK);
    match db.pools().clone() {
        Pools::Sqlite { read, .. } => drop(tokio::spawn(async move { forward(&mut sqlx::query(text).fetch(&read), send, Row::Sqlite).await })),
        Pools::Postgres(pool) => drop(tokio::spawn(async move { forward(&mut sqlx::query(text).fetch(&pool), send, Row::Postgres).await })),
    }
    Box::pin(futures_util::stream::unfold(receive, |mut r| async move { r.recv().await.map(|item| (item, r)) }))
}

async fn forward<R>(
    rows: &mut (impl futures_util::Stream<Item = Result<R, sqlx::Error>> + Unpin),
    send: tokio::sync::mpsc::Sender<Result<Row, DbError>>,
    wrap: fn(R) -> Row,
) {
    loop {
        let item = match rows.try_next().await {
            Ok(None) => return,
            Ok(Some(row)) => Ok(wrap(row)),
            Err(error) => Err(error.into()),
        };
        let failed = item.is_err();
        if send.send(item).await.is_err() || failed {
            return;
        }
    }
}

async fn insert(tx: &mut Tx, table: &str, columns: &[(String, Type)], values: Vec<Arg>) -> Result<(), DbError> {
    if values.is_empty() {
        return Ok(());
    }
    let columns: Vec<(&str, Type)> = columns.iter().map(|c| (c.0.as_str(), c.1)).collect();
    tx.insert(&Bulk { table, columns: &columns, conflict: Conflict::Fail }, values).await.map(drop)
}

/// Rows are hashed one by one and the hashes added up, so the order in which an engine sorts bytes does not matter.
async fn digest(db: &Db, table: &str, columns: &[(String, Type)]) -> Result<(u64, String), DbError> {
    let mut rows = stream(db, &select(table, columns));
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
