//! Bad days of the database: full, read-only, busy, gone; each a clear answer, nothing lost, and no restart afterwards.

use crate::house::{Answer, Browser, House, houses};
use axum::Router;
use db::{Db, Pools};
use serde_json::json;
use server::app::{App, Settings};
use std::time::Duration;
use uuid::Uuid;

const FORM: &str = "application/x-www-form-urlencoded";

async fn draft(person: &Browser<'_>, unit: Uuid, value: i64) -> Answer {
    person.post("/api/v1/figures", json!({"period": "2025", "items": [{"unit": unit, "measure": "so_ho", "value": value.to_string()}]})).await
}

fn written(answer: &Answer) -> bool {
    answer.status == 200 && answer.json()["written"] == 1
}

/// Sets a limit of the writer, which must have been used after it broke.
async fn close(db: &Db, limit: &'static str) {
    drop(db.begin().await);
    if let Pools::Sqlite { write, .. } = db.pools() {
        sqlx::raw_sql(limit).execute(write).await.unwrap();
    }
}

#[tokio::test]
async fn a_full_or_read_only_database_says_so_and_reading_goes_on() {
    let house = houses().await.remove(0);
    let officer = house.person("officer").await;
    let communes = house.communes();
    assert!(written(&draft(&officer, communes[0].0, 1_000).await));
    for closed in ["PRAGMA max_page_count = 1", "PRAGMA query_only = ON"] {
        close(&house.db, closed).await;
        let mut refused = None;
        // A full database still has room in its last pages.
        for n in 1..400 {
            let answer = draft(&officer, communes[n % communes.len()].0, 2_000 + i64::try_from(n).unwrap()).await;
            if !written(&answer) {
                refused = Some(answer);
                break;
            }
        }
        let refused = refused.expect("the database never got full");
        assert_eq!((refused.status, refused.json()["code"].as_str()), (503, Some("database_read_only")), "{closed}: {}", refused.body);
        assert_eq!(refused.header("retry-after"), "5");
        assert_eq!(house.stranger().get("/api/v1/units?limit=1").await.status, 200);
        // The writer may have been replaced by one that knows nothing of the limit.
        close(&house.db, closed).await;
        let page = officer.send("POST", "/me/sessions/end-others", FORM, String::new()).await;
        // So little may still find room in a full database.
        let fits = page.status == 503 && page.body.contains("chưa ghi được");
        assert!(fits || (page.status == 303 && closed.contains("page_count")), "{closed}: {} {}", page.status, page.body);
        close(&house.db, if closed.contains("page_count") { "PRAGMA max_page_count = 1000000" } else { "PRAGMA query_only = OFF" }).await;
        assert!(written(&draft(&officer, communes[1].0, 9_000 + i64::try_from(closed.len()).unwrap()).await), "{closed}");
    }
    house.verifies().await;
}

#[tokio::test]
async fn a_busy_database_asks_for_patience() {
    let house = houses().await.remove(0);
    let officer = house.person("officer").await;
    let commune = house.communes()[0].0;
    let other = Db::open(house.db.address()).await.unwrap();
    let held = other.begin().await.unwrap();
    let answer = draft(&officer, commune, 1_000).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (503, Some("database_busy")), "{}", answer.body);
    assert_eq!(answer.header("retry-after"), "5");
    assert_eq!(officer.get("/me").await.status, 200, "readers wait for nobody");
    drop(held);
    other.close().await;
    assert!(written(&draft(&officer, commune, 1_000).await));
    house.verifies().await;
}

#[tokio::test]
async fn a_file_that_is_moved_away_is_missed_before_anything_is_lost() {
    let house = houses().await.remove(0);
    let officer = house.person("officer").await;
    let commune = house.communes()[0].0;
    assert!(written(&draft(&officer, commune, 1_000).await));
    let file = house.db.file().unwrap();
    let aside = file.with_extension("aside");
    std::fs::rename(&file, &aside).unwrap();
    settle().await;
    for path in ["/me", "/api/v1/units?limit=1", "/readyz"] {
        assert_eq!(officer.get(path).await.status, 503, "{path}");
    }
    assert_eq!(draft(&officer, commune, 2_000).await.status, 503);
    assert_eq!(officer.get("/healthz").await.status, 200);
    std::fs::rename(&aside, &file).unwrap();
    settle().await;
    assert_eq!(officer.get("/me").await.status, 200);
    assert!(written(&draft(&officer, commune, 3_000).await));
    house.verifies().await;
}

/// Longer than this process goes without looking at the database.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(400)).await;
}

/// A PostgreSQL as the platform sees it, which can be taken away and given back: a socket of our own before the real one.
struct Wire {
    folder: tempfile::TempDir,
    real: std::path::PathBuf,
    task: Option<tokio::task::JoinHandle<()>>,
}

impl Wire {
    /// The wire before a database, and the address through it.
    fn before(address: &str) -> (Wire, String) {
        let (_, query) = address.split_once('?').expect("PostgreSQL must be reached by a socket in a folder: use scripts/with-postgres");
        let host = query.split('&').find_map(|pair| pair.strip_prefix("host=")).expect("no host= in the address");
        let folder = tempfile::tempdir().unwrap();
        let through = address.replace(&format!("host={host}"), &format!("host={}", folder.path().display()));
        let real = std::path::Path::new(host).join(".s.PGSQL.5432");
        (Wire { folder, real, task: None }, through)
    }

    async fn connect(&mut self) {
        let here = self.folder.path().join(".s.PGSQL.5432");
        let listener = tokio::net::UnixListener::bind(&here).unwrap();
        let real = self.real.clone();
        self.task = Some(tokio::spawn(async move {
            // Dropped with this task, and every conversation with it.
            let mut conversations = tokio::task::JoinSet::new();
            while let Ok((mut ours, _)) = listener.accept().await {
                let real = real.clone();
                conversations.spawn(async move {
                    if let Ok(mut theirs) = tokio::net::UnixStream::connect(real).await {
                        let _ = tokio::io::copy_bidirectional(&mut ours, &mut theirs).await;
                    }
                });
            }
        }));
    }

    async fn cut(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            let _ = task.await;
        }
        std::fs::remove_file(self.folder.path().join(".s.PGSQL.5432")).unwrap();
    }
}

#[tokio::test]
async fn a_server_that_goes_away_and_comes_back_needs_no_restart() {
    for house in houses().await.into_iter().skip(1) {
        let (mut wire, address) = Wire::before(house.db.address());
        wire.connect().await;
        let db = Db::open(&address).await.unwrap();
        let app = App::open(db.clone(), calendar::Clock::system(), Settings::default()).await.unwrap();
        let router: Router = app.router();
        let house = House { app, router, ..house };
        let officer = house.person("officer").await;
        let commune = house.communes()[0].0;
        assert!(written(&draft(&officer, commune, 1_000).await));
        wire.cut().await;
        let answer = draft(&officer, commune, 2_000).await;
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert!(answer.json()["code"].as_str().is_some_and(|c| c.starts_with("database_")), "{}", answer.body);
        let page = officer.get("/me").await;
        assert!(
            page.status == 503 && page.header("content-type").starts_with("text/html") && page.header("retry-after") == "5",
            "{} {}",
            page.status,
            page.body
        );
        assert_eq!(officer.get("/readyz").await.status, 503);
        assert_eq!(officer.get("/healthz").await.status, 200);
        wire.connect().await;
        assert!(written(&draft(&officer, commune, 3_000).await));
        assert_eq!(officer.get("/readyz").await.status, 200);
        house.verifies().await;
        db.close().await;
    }
}

#[tokio::test]
async fn of_two_officers_who_write_the_same_figure_one_is_asked_to_choose() {
    for house in houses().await {
        let (first, second) = (house.person("officer").await, house.person("second").await);
        for (commune, _) in house.communes().into_iter().take(8) {
            let body = |value: &str| json!({"period": "2025", "items": [{"unit": commune, "measure": "so_ho", "value": value, "seen": 0}]});
            let (a, b) = tokio::join!(first.post("/api/v1/figures", body("1111")), second.post("/api/v1/figures", body("2222")));
            let (a, b) = (a.json(), b.json());
            let (won, lost) = if a["written"] == 1 { (&a, &b) } else { (&b, &a) };
            assert_eq!((&won["written"], &lost["written"], &lost["refused"]), (&json!(1), &json!(0), &json!(1)), "{}: {a} {b}", house.db.label());
            assert_eq!(lost["items"][0]["code"], "changed_by_other");
            let theirs = if a["written"] == 1 { "1.111" } else { "2.222" };
            assert!(lost["items"][0]["detail"].as_str().unwrap().contains(theirs), "the second does not see the first's value: {lost}");
        }
        house.verifies().await;
    }
}
