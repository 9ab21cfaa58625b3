use crate::DbError;
use sqlx::{Row as _, ValueRef as _};
use uuid::Uuid;

/// The four storage types; they mean the same on both engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// 64-bit integer (also booleans, scaled decimals, instants).
    Int,
    /// UTF-8 text (also ISO dates and JSON).
    Text,
    /// 16 bytes: BLOB on SQLite, UUID on PostgreSQL.
    Uuid,
    /// Bytes.
    Bytes,
}

/// A value to bind. The inner `None` is SQL NULL of that type.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    /// See [`Type::Int`].
    Int(Option<i64>),
    /// See [`Type::Text`].
    Text(Option<String>),
    /// See [`Type::Uuid`].
    Uuid(Option<Uuid>),
    /// See [`Type::Bytes`].
    Bytes(Option<Vec<u8>>),
}

macro_rules! arg_from {
    ($($from:ty => $variant:ident, |$v:ident| $make:expr;)*) => {
        $(impl From<$from> for Arg { fn from($v: $from) -> Arg { Arg::$variant(Some($make)) } }
          impl From<Option<$from>> for Arg { fn from(v: Option<$from>) -> Arg { Arg::$variant(v.map(|$v| $make)) } })*
    };
}
arg_from! {
    i64 => Int, |v| v;
    i32 => Int, |v| i64::from(v);
    u32 => Int, |v| i64::from(v);
    bool => Int, |v| i64::from(v);
    String => Text, |v| v;
    &str => Text, |v| v.to_owned();
    &String => Text, |v| v.clone();
    Uuid => Uuid, |v| v;
    &Uuid => Uuid, |v| *v;
    Vec<u8> => Bytes, |v| v;
    &[u8] => Bytes, |v| v.to_vec();
}

/// A row of an answer; columns are read by position.
#[derive(Debug)]
pub enum Row {
    /// From SQLite.
    Sqlite(sqlx::sqlite::SqliteRow),
    /// From PostgreSQL.
    Postgres(sqlx::postgres::PgRow),
}

macro_rules! getter {
    ($(#[$doc:meta])* $name:ident, $opt:ident, $t:ty) => {
        $(#[$doc])*
        pub fn $opt(&self, column: usize) -> Result<Option<$t>, DbError> {
            match self {
                Row::Sqlite(row) => row.try_get::<Option<$t>, _>(column),
                Row::Postgres(row) => row.try_get::<Option<$t>, _>(column),
            }
            .map_err(|e| DbError::defect(format!("column {column}: {e}")))
        }
        $(#[$doc])*
        pub fn $name(&self, column: usize) -> Result<$t, DbError> {
            self.$opt(column)?.ok_or_else(|| DbError::defect(format!("column {column} is NULL")))
        }
    };
}

impl Row {
    getter!(
        /// Integer at a position.
        int, int_opt, i64
    );
    getter!(
        /// Text at a position.
        text, text_opt, String
    );
    getter!(
        /// UUID at a position.
        uuid, uuid_opt, Uuid
    );
    getter!(
        /// Bytes at a position.
        bytes, bytes_opt, Vec<u8>
    );

    /// 0/1 as a boolean.
    pub fn flag(&self, column: usize) -> Result<bool, DbError> {
        Ok(self.int(column)? != 0)
    }

    /// The value at a position as an [`Arg`] of the given type.
    pub fn arg(&self, column: usize, kind: Type) -> Result<Arg, DbError> {
        Ok(match kind {
            Type::Int => Arg::Int(self.int_opt(column)?),
            Type::Text => Arg::Text(self.text_opt(column)?),
            Type::Uuid => Arg::Uuid(self.uuid_opt(column)?),
            Type::Bytes => Arg::Bytes(self.bytes_opt(column)?),
        })
    }

    /// Whether the value at a position is NULL.
    pub fn is_null(&self, column: usize) -> Result<bool, DbError> {
        Ok(match self {
            Row::Sqlite(row) => row.try_get_raw(column).map(|v| v.is_null()),
            Row::Postgres(row) => row.try_get_raw(column).map(|v| v.is_null()),
        }?)
    }
}
