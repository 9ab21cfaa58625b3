use crate::door::bind;
use crate::door::lent;
use crate::{Arg, DbError, Tx, Type};
use sqlx::{AssertSqlSafe, PgConnection};
use std::fmt::Write as _;

/// What happens when a row with the same key is already there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// The whole statement fails with [`DbError::Conflict`].
    Fail,
    /// The old row stays.
    Keep,
    /// The first `key` columns are the key; all other columns are replaced.
    Replace {
        /// Number of leading key columns.
        key: usize,
    },
    /// The first `key` columns are the key; the numbers of the other columns are added to what is there.
    Add {
        /// Number of leading key columns.
        key: usize,
    },
}

/// Many rows into one table: multi-row VALUES on SQLite; on PostgreSQL binary COPY where a conflict fails, else arrays through UNNEST.
#[derive(Clone, Copy, Debug)]
pub struct Bulk<'a> {
    /// Table name, a constant of ours.
    pub table: &'a str,
    /// Columns with their types, in the order of the values.
    pub columns: &'a [(&'a str, Type)],
    /// See [`Conflict`].
    pub conflict: Conflict,
}

/// SQLite allows 32,766 parameters in a statement.
const SQLITE_PARAMETERS: usize = 32_000;
const SQLITE_ROWS: usize = 1_000;
const POSTGRES_ROWS: usize = 20_000;
/// From so many rows on COPY is worth its second round trip.
const COPY_ROWS: usize = 200;
/// Rows of a COPY leave in packets of about so many bytes.
const COPY_BYTES: usize = 256 * 1024;
/// Signature, flags and extension of PostgreSQL's binary COPY format (documentation of COPY, "Binary Format").
const COPY_HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

impl Bulk<'_> {
    fn head(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|c| c.0).collect();
        format!("INSERT INTO {} ({}) ", self.table, names.join(", "))
    }

    fn tail(&self) -> String {
        match self.conflict {
            Conflict::Fail => String::new(),
            Conflict::Keep => " ON CONFLICT DO NOTHING".to_owned(),
            Conflict::Replace { key } | Conflict::Add { key } => {
                let names: Vec<&str> = self.columns.iter().map(|c| c.0).collect();
                let (keys, rest) = names.split_at(key.min(names.len()));
                let before = |c: &str| if matches!(self.conflict, Conflict::Add { .. }) { format!("{}.{c} + ", self.table) } else { String::new() };
                let sets: Vec<String> = rest.iter().map(|c| format!("{c} = {}excluded.{c}", before(c))).collect();
                if sets.is_empty() {
                    return format!(" ON CONFLICT ({}) DO NOTHING", keys.join(", "));
                }
                format!(" ON CONFLICT ({}) DO UPDATE SET {}", keys.join(", "), sets.join(", "))
            }
        }
    }

    fn sqlite_sql(&self, rows: usize) -> String {
        let mut sql = self.head();
        sql.push_str("VALUES ");
        let mut group = String::from("(");
        for i in 0..self.columns.len() {
            group.push_str(if i == 0 { "?" } else { ",?" });
        }
        group.push(')');
        for row in 0..rows {
            if row > 0 {
                sql.push(',');
            }
            sql.push_str(&group);
        }
        sql.push_str(&self.tail());
        sql
    }

    fn postgres_sql(&self) -> String {
        let mut sql = self.head();
        sql.push_str("SELECT * FROM UNNEST(");
        for (i, (_, kind)) in self.columns.iter().enumerate() {
            let array = match kind {
                Type::Int => "bigint[]",
                Type::Text => "text[]",
                Type::Uuid => "uuid[]",
                Type::Bytes => "bytea[]",
            };
            // Writing into a String cannot fail.
            let _ = write!(sql, "{}${}::{array}", if i == 0 { "" } else { ", " }, i + 1);
        }
        sql.push(')');
        sql.push_str(&self.tail());
        sql
    }
}

impl Tx {
    /// Inserts rows given as one flat list, `columns.len()` values per row. Rows touched.
    ///
    /// # Errors
    /// [`DbError::Defect`] when the list is ragged or a value has another type than its column.
    pub async fn insert(&mut self, bulk: &Bulk<'_>, mut values: Vec<Arg>) -> Result<u64, DbError> {
        let width = bulk.columns.len();
        if width == 0 || !values.len().is_multiple_of(width) {
            return Err(DbError::defect(format!("ragged rows for {}", bulk.table)));
        }
        if matches!(self, Tx::Postgres(_)) && bulk.conflict == Conflict::Fail && values.len() / width >= COPY_ROWS {
            return self.copy(bulk, values).await;
        }
        let mut touched = 0;
        match self {
            Tx::Sqlite(tx) => {
                let chunk = SQLITE_ROWS.min(SQLITE_PARAMETERS / width) * width;
                let mut rest = values.into_iter();
                let full = bulk.sqlite_sql(chunk / width);
                loop {
                    let part: Vec<Arg> = rest.by_ref().take(chunk).collect();
                    if part.is_empty() {
                        break;
                    }
                    let sql = if part.len() == chunk { full.clone() } else { bulk.sqlite_sql(part.len() / width) };
                    // Table and column names are constants of ours; values are bound.
                    let persistent = part.len() == chunk || part.len() == width;
                    let query = sqlx::query(AssertSqlSafe(sql)).persistent(persistent);
                    touched += bind!(query, part).execute(&mut **tx).await?.rows_affected();
                }
            }
            Tx::Postgres(tx) => {
                while !values.is_empty() {
                    let rest = values.split_off(values.len().min(POSTGRES_ROWS * width));
                    let columns = columns_of(bulk, values)?;
                    let mut query = sqlx::query(AssertSqlSafe(bulk.postgres_sql()));
                    for column in columns {
                        query = match column {
                            Column::Int(v) => query.bind(v),
                            Column::Text(v) => query.bind(v),
                            Column::Uuid(v) => query.bind(v),
                            Column::Bytes(v) => query.bind(v),
                        };
                    }
                    touched += query.execute(&mut **tx).await?.rows_affected();
                    values = rest;
                }
            }
            Tx::Lent => return Err(lent()),
        }
        Ok(touched)
    }

    /// The same by COPY. It runs to its end even if nobody waits for it any more: given up half way, the driver would lose
    /// count of the server's answers and hand a later question the answer of an earlier one.
    async fn copy(&mut self, bulk: &Bulk<'_>, values: Vec<Arg>) -> Result<u64, DbError> {
        let Tx::Postgres(mut tx) = std::mem::replace(self, Tx::Lent) else { return Err(lent()) };
        let names: Vec<&str> = bulk.columns.iter().map(|c| c.0).collect();
        let sql = format!("COPY {} ({}) FROM STDIN (FORMAT binary)", bulk.table, names.join(", "));
        let kinds: Vec<Type> = bulk.columns.iter().map(|c| c.1).collect();
        let (tx, done) = tokio::spawn(async move {
            let done = copy_rows(&mut tx, &sql, &kinds, values).await;
            (tx, done)
        })
        .await
        .map_err(DbError::defect)?;
        *self = Tx::Postgres(tx);
        done
    }
}

async fn copy_rows(tx: &mut PgConnection, sql: &str, kinds: &[Type], values: Vec<Arg>) -> Result<u64, DbError> {
    let fields = i16::try_from(kinds.len()).map_err(DbError::defect)?;
    let mut writer = tx.copy_in_raw(sql).await?;
    let mut packet = Vec::with_capacity(COPY_BYTES + COPY_BYTES / 8);
    packet.extend_from_slice(COPY_HEAD);
    for (arg, kind) in values.into_iter().zip((0..).flat_map(|_: u64| kinds.iter().enumerate())) {
        let (at, kind) = kind;
        if at == 0 {
            if packet.len() >= COPY_BYTES {
                writer.send(packet.as_slice()).await?;
                packet.clear();
            }
            packet.extend_from_slice(&fields.to_be_bytes());
        }
        if !field(&mut packet, *kind, arg) {
            writer.abort("a value of the wrong type").await?;
            return Err(DbError::defect(format!("a value of the wrong type: {sql}")));
        }
    }
    packet.extend_from_slice(&(-1_i16).to_be_bytes());
    writer.send(packet.as_slice()).await?;
    Ok(writer.finish().await?)
}

/// One field: its length and its bytes; false when it does not fit its column.
fn field(packet: &mut Vec<u8>, kind: Type, arg: Arg) -> bool {
    let mut put = |bytes: Option<&[u8]>| match bytes.map(|b| (b, i32::try_from(b.len()))) {
        None => {
            packet.extend_from_slice(&(-1_i32).to_be_bytes());
            true
        }
        Some((bytes, Ok(length))) => {
            packet.extend_from_slice(&length.to_be_bytes());
            packet.extend_from_slice(bytes);
            true
        }
        Some((_, Err(_))) => false,
    };
    match (kind, arg) {
        (Type::Int, Arg::Int(v)) => put(v.map(i64::to_be_bytes).as_ref().map(<[u8; 8]>::as_slice)),
        (Type::Uuid, Arg::Uuid(v)) => put(v.as_ref().map(|v| v.as_bytes().as_slice())),
        (Type::Text, Arg::Text(v)) => put(v.as_deref().map(str::as_bytes)),
        (Type::Bytes, Arg::Bytes(v)) => put(v.as_deref()),
        _ => false,
    }
}

enum Column {
    Int(Vec<Option<i64>>),
    Text(Vec<Option<String>>),
    Uuid(Vec<Option<uuid::Uuid>>),
    Bytes(Vec<Option<Vec<u8>>>),
}

fn columns_of(bulk: &Bulk<'_>, values: Vec<Arg>) -> Result<Vec<Column>, DbError> {
    let rows = values.len() / bulk.columns.len().max(1);
    let mut columns: Vec<Column> = bulk
        .columns
        .iter()
        .map(|(_, kind)| match kind {
            Type::Int => Column::Int(Vec::with_capacity(rows)),
            Type::Text => Column::Text(Vec::with_capacity(rows)),
            Type::Uuid => Column::Uuid(Vec::with_capacity(rows)),
            Type::Bytes => Column::Bytes(Vec::with_capacity(rows)),
        })
        .collect();
    let mut values = values.into_iter();
    loop {
        for column in &mut columns {
            match (column, values.next()) {
                (_, None) => return Ok(columns),
                (Column::Int(list), Some(Arg::Int(v))) => list.push(v),
                (Column::Text(list), Some(Arg::Text(v))) => list.push(v),
                (Column::Uuid(list), Some(Arg::Uuid(v))) => list.push(v),
                (Column::Bytes(list), Some(Arg::Bytes(v))) => list.push(v),
                _ => return Err(DbError::defect(format!("a value of the wrong type for {}", bulk.table))),
            }
        }
    }
}
