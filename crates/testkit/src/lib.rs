//! Fresh databases for tests: SQLite always, PostgreSQL when the environment names one.

use db::{Db, DbError, Engine, Pools, Schema};
use sqlx::AssertSqlSafe;
use std::ops::Deref;
use std::path::Path;
use tempfile::TempDir;
use uuid::Uuid;

/// The variable with the address of a maintenance database in which the tests may create and drop databases,
/// such as `postgres://postgres@localhost:5433/postgres`.
pub const POSTGRES: &str = "CONGLANG_TEST_POSTGRES";

/// A migrated, empty database that disappears when it is dropped. Reads as a [`Db`].
#[derive(Debug)]
pub struct TestDb {
    db: Db,
    address: String,
    // Held for its destructors; the database itself is closed first.
    _home: Home,
}

#[derive(Debug)]
enum Home {
    Folder(#[expect(dead_code, reason = "removes the folder when dropped")] TempDir),
    Server { maintenance: String, name: String },
}

impl Deref for TestDb {
    type Target = Db;
    fn deref(&self) -> &Db {
        &self.db
    }
}

impl TestDb {
    /// `SQLite` or `PostgreSQL`, for messages of failed assertions.
    pub fn label(&self) -> &'static str {
        match self.db.engine() {
            Engine::Sqlite => "SQLite",
            Engine::Postgres => "PostgreSQL",
        }
    }

    /// The address with which another process or pool can open the same database.
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let Home::Server { maintenance, name } = self else { return };
        let (maintenance, name) = (maintenance.clone(), name.clone());
        // A destructor cannot wait for the test's own runtime, so the clean-up brings its own.
        let _ = std::thread::spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
            let _ = runtime.block_on(command(&maintenance, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")));
        })
        .join();
    }
}

async fn command(address: &str, sql: String) -> Result<(), DbError> {
    let db = Db::open(address).await?;
    if let Pools::Postgres(pool) = db.pools() {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await?;
    }
    db.close().await;
    Ok(())
}

/// A fresh SQLite database, and a fresh PostgreSQL one when [`POSTGRES`] is set, both migrated to `schemas`.
///
/// # Panics
/// When a database cannot be made: the test cannot go on.
#[expect(clippy::panic, reason = "only tests call this, and they must stop here")]
pub async fn databases(schemas: &[Schema]) -> Vec<TestDb> {
    match make(schemas).await {
        Ok(all) => all,
        Err(error) => panic!("no test database: {error}"),
    }
}

async fn make(schemas: &[Schema]) -> Result<Vec<TestDb>, DbError> {
    let folder = TempDir::new().map_err(DbError::defect)?;
    let address = format!("sqlite:{}", folder.path().join("test.db").display());
    let mut all = vec![TestDb { db: Db::open(&address).await?, address, _home: Home::Folder(folder) }];
    if let Some(maintenance) = std::env::var(POSTGRES).ok().filter(|text| !text.is_empty()) {
        let name = format!("cl_test_{}", Uuid::now_v7().simple());
        // The encoding must not depend on how the cluster was made.
        command(&maintenance, format!("CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")).await?;
        let home = Home::Server { maintenance: maintenance.clone(), name: name.clone() };
        let address = beside(&maintenance, &name);
        all.push(TestDb { db: Db::open(&address).await?, address, _home: home });
    }
    for test in &all {
        test.migrate(schemas).await?;
    }
    Ok(all)
}

/// Databases that hold what a SQLite file holds, at the price of a copy of files: for tests that need a country in them.
/// The PostgreSQL copy is made once per cluster and file name, so a file with another content must have another name.
///
/// # Panics
/// When a database cannot be made: the test cannot go on.
#[expect(clippy::panic, reason = "only tests call this, and they must stop here")]
pub async fn databases_like(file: &Path, schemas: &[Schema]) -> Vec<TestDb> {
    match copies(file, schemas).await {
        Ok(all) => all,
        Err(error) => panic!("no test database: {error}"),
    }
}

async fn copies(file: &Path, schemas: &[Schema]) -> Result<Vec<TestDb>, DbError> {
    let folder = TempDir::new().map_err(DbError::defect)?;
    let path = folder.path().join("test.db");
    std::fs::copy(file, &path).map_err(DbError::defect)?;
    let address = format!("sqlite:{}", path.display());
    let mut all = vec![TestDb { db: Db::open(&address).await?, address, _home: Home::Folder(folder) }];
    if let Some(maintenance) = std::env::var(POSTGRES).ok().filter(|text| !text.is_empty()) {
        let model = model(file, schemas, &maintenance).await?;
        let name = format!("cl_test_{}", Uuid::now_v7().simple());
        command(&maintenance, format!("CREATE DATABASE {name} TEMPLATE {model}")).await?;
        let home = Home::Server { maintenance: maintenance.clone(), name: name.clone() };
        let address = beside(&maintenance, &name);
        all.push(TestDb { db: Db::open(&address).await?, address, _home: home });
    }
    Ok(all)
}

/// The name of the filled database that others are made from. Tests are processes of their own, so a lock of the system
/// lets one of them fill it.
async fn model(file: &Path, schemas: &[Schema], maintenance: &str) -> Result<String, DbError> {
    let name = format!("cl_model_{}", Uuid::new_v5(&Uuid::NAMESPACE_URL, file.as_os_str().as_encoded_bytes()).simple());
    let lock = std::fs::File::create(file.with_extension("lock")).map_err(DbError::defect)?;
    lock.lock().map_err(DbError::defect)?;
    if command(maintenance, format!("ALTER DATABASE {name} IS_TEMPLATE false")).await.is_ok() {
        return Ok(name);
    }
    let part = format!("{name}_part");
    command(maintenance, format!("DROP DATABASE IF EXISTS {part}")).await?;
    command(maintenance, format!("CREATE DATABASE {part} ENCODING 'UTF8' TEMPLATE template0")).await?;
    let to = Db::open(&beside(maintenance, &part)).await?;
    to.migrate(schemas).await?;
    let from = Db::open(&format!("sqlite:{}", file.display())).await?;
    db::copy(&from, &to, schemas, db::Target::Empty).await?;
    from.close().await;
    to.close().await;
    command(maintenance, format!("ALTER DATABASE {part} RENAME TO {name}")).await?;
    Ok(name)
}

/// The same server and parameters, another database.
fn beside(address: &str, name: &str) -> String {
    let (path, query) = address.split_once('?').map_or((address, None), |(path, query)| (path, Some(query)));
    let host = match path.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{}", rest.split('/').next().unwrap_or_default()),
        None => path.to_owned(),
    };
    match query {
        Some(query) => format!("{host}/{name}?{query}"),
        None => format!("{host}/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_database_on_the_same_server() {
        assert_eq!(beside("postgres://u:p@h:1/postgres?a=b", "x"), "postgres://u:p@h:1/x?a=b");
        assert_eq!(beside("postgres://u@h", "x"), "postgres://u@h/x");
    }

    #[tokio::test]
    async fn databases_answer_and_vanish() {
        let all = databases(&[]).await;
        let mut addresses = Vec::new();
        for test in &all {
            test.ping().await.unwrap();
            addresses.push(test.address().to_owned());
        }
        drop(all);
        for address in addresses {
            match address.strip_prefix("sqlite:") {
                Some(path) => assert!(!std::path::Path::new(path).exists()),
                None => assert!(Db::open(&address).await.is_err()),
            }
        }
    }
}
