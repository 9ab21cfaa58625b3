//! The tenancy rules of `docs/decisions`, read off the real schema and the text of every statement.

use crate::{Db, DbError, Engine, Pools, Reach, Row, Schema, Spread, Stmt, Table, Type};
use sqlx::{AssertSqlSafe, Executor as _};
use std::collections::BTreeMap;

/// A column as the engine describes it, in neutral words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnShape {
    /// Name.
    pub name: String,
    /// Neutral type.
    pub kind: Type,
    /// Whether NULL is refused.
    pub required: bool,
}

/// A table as the engine describes it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct TableShape {
    /// Columns in order.
    pub columns: Vec<ColumnShape>,
    /// Unique keys (the primary key among them), each as its columns; sorted.
    pub unique: Vec<Vec<String>>,
    /// Foreign keys: columns, other table; sorted.
    pub foreign: Vec<(Vec<String>, String)>,
}

const SQLITE_TABLES: &str = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
const POSTGRES_TABLES: &str =
    "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY 1";

async fn rows(db: &Db, sqlite: &str, postgres: &str, table: Option<&str>) -> Result<Vec<Row>, DbError> {
    Ok(match db.pools() {
        Pools::Sqlite { read, .. } => {
            let mut q = sqlx::query(AssertSqlSafe(sqlite.to_owned()));
            if let Some(t) = table {
                q = q.bind(t.to_owned());
            }
            q.fetch_all(read).await?.into_iter().map(Row::Sqlite).collect()
        }
        Pools::Postgres(pool) => {
            let mut q = sqlx::query(AssertSqlSafe(postgres.to_owned()));
            if let Some(t) = table {
                q = q.bind(t.to_owned());
            }
            q.fetch_all(pool).await?.into_iter().map(Row::Postgres).collect()
        }
    })
}

/// The schema as it really is, in words that are the same on both engines.
pub async fn shape(db: &Db) -> Result<BTreeMap<String, TableShape>, DbError> {
    let mut out = BTreeMap::new();
    for row in rows(db, SQLITE_TABLES, POSTGRES_TABLES, None).await? {
        let table = row.text(0)?;
        let mut shape = TableShape::default();
        let columns = rows(
            db,
            "SELECT name, type, \"notnull\" OR pk > 0 FROM pragma_table_info($1) ORDER BY cid",
            "SELECT column_name::text, data_type::text, (is_nullable = 'NO')::int::bigint FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position",
            Some(&table),
        )
        .await?;
        for c in columns {
            let kind = match c.text(1)?.to_lowercase().as_str() {
                "integer" | "bigint" => Type::Int,
                "text" => Type::Text,
                "uuid" => Type::Uuid,
                // SQLite keeps both in a BLOB; our rule is that a UUID column is called `id` or ends in `_id`.
                "blob" if c.text(0)? == "id" || c.text(0)?.ends_with("_id") => Type::Uuid,
                "blob" | "bytea" => Type::Bytes,
                other => return Err(DbError::defect(format!("{table}: type {other} is not one of the four"))),
            };
            shape.columns.push(ColumnShape { name: c.text(0)?, kind, required: c.flag(2)? });
        }
        let keys = rows(
            db,
            "SELECT group_concat(name, ',') FROM (SELECT l.name AS i, c.name AS name FROM pragma_index_list($1) l, pragma_index_info(l.name) c \
             WHERE l.\"unique\" = 1 ORDER BY l.name, c.seqno) GROUP BY i \
             UNION SELECT name FROM pragma_table_info($1) WHERE pk = 1 AND (SELECT count(*) FROM pragma_table_info($1) WHERE pk > 0) = 1",
            "SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(att, n) \
             JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.att \
             WHERE i.indisunique AND i.indrelid = to_regclass($1) GROUP BY i.indexrelid",
            Some(&table),
        )
        .await?;
        for k in keys {
            shape.unique.push(k.text(0)?.split(',').map(str::to_owned).collect());
        }
        let foreign = rows(
            db,
            "SELECT \"table\", group_concat(\"from\", ',') FROM (SELECT * FROM pragma_foreign_key_list($1) ORDER BY id, seq) GROUP BY id",
            "SELECT c.confrelid::regclass::text, string_agg(a.attname, ',' ORDER BY k.n) FROM pg_constraint c \
             CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k(att, n) \
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.att \
             WHERE c.contype = 'f' AND c.conrelid = to_regclass($1) GROUP BY c.oid, c.confrelid",
            Some(&table),
        )
        .await?;
        for f in foreign {
            shape.foreign.push((f.text(1)?.split(',').map(str::to_owned).collect(), f.text(0)?));
        }
        shape.unique.sort();
        shape.unique.dedup();
        shape.foreign.sort();
        out.insert(table, shape);
    }
    Ok(out)
}

/// Reads the tenancy rules off the real schema. Each finding is a sentence; none means it obeys.
pub async fn schema(db: &Db, schemas: &[Schema]) -> Result<Vec<String>, DbError> {
    let shapes = shape(db).await?;
    let tables: BTreeMap<&str, Table> = schemas.iter().flat_map(|s| s.tables).map(|t| (t.name, *t)).collect();
    let mut found = Vec::new();
    for (name, shape) in &shapes {
        if name == "schema_migration" {
            continue;
        }
        let Some(table) = tables.get(name.as_str()) else {
            found.push(format!("{name}: not registered as tenant, reference or local"));
            continue;
        };
        if table.spread == Spread::Tenant {
            if shape.columns.first().map(|c| c.name.as_str()) != Some("tenant_id") {
                found.push(format!("{name}: tenant_id is not its first column"));
            }
            for key in &shape.unique {
                if key.first().map(String::as_str) != Some("tenant_id") {
                    found.push(format!("{name}: unique key ({}) does not begin with tenant_id", key.join(", ")));
                }
            }
        }
        for (columns, other) in &shape.foreign {
            let other_spread = tables.get(other.as_str()).map(|t| t.spread);
            if table.spread == Spread::Tenant && other_spread == Some(Spread::Tenant) && columns.first().map(String::as_str) != Some("tenant_id") {
                found.push(format!("{name}: foreign key to {other} does not carry tenant_id"));
            }
            if table.spread != Spread::Tenant && other_spread == Some(Spread::Tenant) {
                found.push(format!("{name}: shared table points at tenant table {other}"));
            }
        }
    }
    for name in tables.keys() {
        if !shapes.contains_key(*name) {
            found.push(format!("{name}: registered but not in the database"));
        }
    }
    let machinery = rows(
        db,
        "SELECT type || ' ' || name FROM sqlite_master WHERE type IN ('trigger', 'view') OR sql LIKE '%AUTOINCREMENT%'",
        "SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal UNION ALL \
         SELECT 'sequence ' || relname FROM pg_class WHERE relkind = 'S' AND relnamespace = to_regnamespace(current_schema())",
        None,
    )
    .await?;
    for row in machinery {
        found.push(format!("{}: not allowed", row.text(0)?));
    }
    Ok(found)
}

/// Words that a distributed database refuses or that make two engines answer differently.
const REFUSED: &[&str] = &[
    "select *",
    "now()",
    "random()",
    "current_timestamp",
    "recursive",
    "grouping sets",
    "cube(",
    "rollup(",
    "listen ",
    "notify ",
    " offset ",
    "nextval",
    "autoincrement",
    "advisory",
];

/// Reads one statement for the tenancy rules.
pub fn statement(stmt: &Stmt, tables: &BTreeMap<&str, Table>) -> Vec<String> {
    let sql = stmt.sql.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let mut found: Vec<String> = REFUSED.iter().filter(|w| sql.contains(*w)).map(|w| format!("{}: contains {w:?}", stmt.name)).collect();
    let mut tenant_tables = 0;
    let words: Vec<&str> = sql.split([' ', ',', '(', ')', ';']).filter(|w| !w.is_empty()).collect();
    for (at, word) in words.iter().enumerate() {
        let Some(table) = tables.get(word) else { continue };
        let before = at.checked_sub(1).and_then(|i| words.get(i)).copied().unwrap_or_default();
        if table.spread != Spread::Tenant || !matches!(before, "from" | "join" | "update" | "into") {
            continue;
        }
        tenant_tables += 1;
        if stmt.reach != Reach::Tenant {
            continue;
        }
        if before == "into" {
            if words.get(at + 1) != Some(&"tenant_id") {
                found.push(format!("{}: tenant_id is not the first column inserted into {word}", stmt.name));
            }
            continue;
        }
        let alias = match words.get(at + 1).copied() {
            Some("as") => words.get(at + 2).copied(),
            Some("set" | "where" | "join" | "on" | "order" | "group" | "limit" | "left" | "for") | None => None,
            other => other,
        };
        let prefix = alias.map(|a| format!("{a}.")).unwrap_or_default();
        let column = format!("{prefix}tenant_id = ");
        let reversed = format!("= {prefix}tenant_id");
        if !sql.contains(&column) && !sql.contains(&reversed) {
            found.push(format!("{}: no equality on {prefix}tenant_id for {word}", stmt.name));
        }
    }
    if stmt.reach == Reach::Shared && tenant_tables > 0 {
        found.push(format!("{}: touches tenant tables but is registered as Shared", stmt.name));
    }
    found
}

/// Lints every statement and prepares each on the engine; findings as sentences.
pub async fn statements(db: &Db, schemas: &[Schema]) -> Result<Vec<String>, DbError> {
    let tables: BTreeMap<&str, Table> = schemas.iter().flat_map(|s| s.tables).map(|t| (t.name, *t)).collect();
    let mut found = Vec::new();
    for stmt in schemas.iter().flat_map(|s| s.statements).copied().flatten() {
        found.extend(statement(stmt, &tables));
        let text = AssertSqlSafe(stmt.sql.to_owned());
        let prepared = match db.pools() {
            Pools::Sqlite { read, .. } => read.prepare(sqlx::SqlSafeStr::into_sql_str(text)).await.map(drop),
            Pools::Postgres(pool) => pool.prepare(sqlx::SqlSafeStr::into_sql_str(text)).await.map(drop),
        };
        if let Err(error) = prepared {
            let engine = if db.engine() == Engine::Sqlite { "SQLite" } else { "PostgreSQL" };
            found.push(format!("{}: {engine} refuses it: {error}", stmt.name));
        }
    }
    Ok(found)
}

/// Names of the statements that cross tenants on purpose, sorted.
pub fn national(schemas: &[Schema]) -> Vec<&'static str> {
    let mut names: Vec<&str> = schemas.iter().flat_map(|s| s.statements).copied().flatten().filter(|s| s.reach == Reach::National).map(|s| s.name).collect();
    names.sort_unstable();
    names
}
