//! Many rows into one table: alike on both engines, whole or not at all, and no harm when nobody waits for the end.

use db::{Arg, Bulk, Conflict, Db, DbError, Migration, Reach, Schema, Stmt, Table, Type, args};
use std::time::Duration;
use uuid::Uuid;

const SCHEMA: Schema = Schema {
    tables: &[Table::tenant("bulk_probe")],
    migrations: &[Migration {
        number: 1,
        name: "probe",
        sql: "CREATE TABLE bulk_probe (tenant_id {uuid} NOT NULL, n BIGINT NOT NULL, word TEXT, body {bytes}, PRIMARY KEY (tenant_id, n)){clustered};",
    }],
    statements: &[],
};
const COLUMNS: &[(&str, Type)] = &[("tenant_id", Type::Uuid), ("n", Type::Int), ("word", Type::Text), ("body", Type::Bytes)];
const ROWS: Bulk<'_> = Bulk { table: "bulk_probe", columns: COLUMNS, conflict: Conflict::Fail };
const ALL: Stmt = Stmt { name: "probe.all", sql: "SELECT n, word, body FROM bulk_probe WHERE tenant_id = $1 ORDER BY n", reach: Reach::Tenant };

fn rows(tenant: Uuid, numbers: std::ops::Range<i64>) -> Vec<Arg> {
    numbers
        .flat_map(|n| {
            let word = (n % 7 != 0).then(|| format!("Xã \u{1F33E} số {n}\t\n\\N\""));
            let body = (n % 5 != 0).then(|| n.to_be_bytes().repeat(usize::try_from(n % 90).unwrap()));
            args![tenant, n, word, body]
        })
        .collect()
}

async fn count(db: &Db, tenant: Uuid) -> usize {
    db.all(&ALL, args![tenant]).await.unwrap().len()
}

#[tokio::test]
async fn few_and_many_rows_read_back_as_they_went_in() {
    for db in testkit::databases(&[SCHEMA]).await {
        // Below and above the number from which PostgreSQL copies, and more than one packet.
        for many in [1, 199, 200, 20_001] {
            let tenant = Uuid::now_v7();
            let mut tx = db.begin().await.unwrap();
            assert_eq!(tx.insert(&ROWS, rows(tenant, 0..many)).await.unwrap(), u64::try_from(many).unwrap(), "{}", db.label());
            tx.commit().await.unwrap();
            let mut seen = Vec::new();
            for row in db.all(&ALL, args![tenant]).await.unwrap() {
                seen.extend(args![tenant, row.int(0).unwrap(), row.text_opt(1).unwrap(), row.bytes_opt(2).unwrap()]);
            }
            assert_eq!(format!("{seen:?}"), format!("{:?}", rows(tenant, 0..many)), "{} {many}", db.label());
        }
    }
}

#[tokio::test]
async fn a_row_that_is_there_already_or_has_the_wrong_type_stops_them_all() {
    for db in testkit::databases(&[SCHEMA]).await {
        let tenant = Uuid::now_v7();
        let mut tx = db.begin().await.unwrap();
        tx.insert(&ROWS, rows(tenant, 4_000..4_001)).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.begin().await.unwrap();
        let twice = tx.insert(&ROWS, rows(tenant, 0..5_000)).await;
        assert!(matches!(twice, Err(DbError::Conflict(_))), "{}: {twice:?}", db.label());
        drop(tx);
        for wrong in [Arg::Int(Some(1)), Arg::Text(Some("NUL \0".to_owned()))] {
            let mut list = rows(tenant, 5_000..10_000);
            list[4 * 4_000 + 2] = wrong.clone();
            let mut tx = db.begin().await.unwrap();
            let refused = tx.insert(&ROWS, list).await;
            // SQLite binds each value as it is; what matters is that nothing is half there and the connection lives.
            drop(tx);
            assert!(refused.is_err() || db.engine() == db::Engine::Sqlite, "{}: {wrong:?}", db.label());
        }
        assert_eq!(count(&db, tenant).await, 1, "{}", db.label());
    }
}

#[tokio::test]
async fn rows_nobody_waits_for_are_rolled_back_and_no_later_question_gets_their_answer() {
    for db in testkit::databases(&[SCHEMA]).await {
        let tenant = Uuid::now_v7();
        let mut interrupted = 0;
        for round in 0..40_u64 {
            let mut tx = db.begin().await.unwrap();
            let list = rows(tenant, 0..20_000);
            interrupted += usize::from(tokio::time::timeout(Duration::from_micros(200 * round), tx.insert(&ROWS, list)).await.is_err());
            let late = tx.insert(&ROWS, rows(tenant, 50_000..50_001)).await;
            drop(tx);
            drop(late);
            assert_eq!(count(&db, tenant).await, 0, "{} round {round}", db.label());
        }
        assert!(interrupted > 0, "{}: every round was finished in time", db.label());
        let mut tx = db.begin().await.unwrap();
        tx.insert(&ROWS, rows(tenant, 0..300)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(count(&db, tenant).await, 300, "{}", db.label());
    }
}
