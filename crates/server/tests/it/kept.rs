//! Copies, backups and restores.

use crate::house::{House, communes_of, filled, houses};
use calendar::{Clock, Period};
use db::{Db, Target};
use figures::{Entry, Figures, Intent, Origin, Outcome, Value};
use places::Places;
use server::app::{App, SCHEMAS, Settings};
use server::keep;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

async fn at(path: &Path) -> Db {
    Db::open(&format!("sqlite:{}", path.display())).await.unwrap()
}

/// Accepts a number of households for each of some communes.
async fn fill(app: &App, year: i16, count: usize) {
    let measure = app.figures.catalog().coded("so_ho").unwrap().measure.id;
    let communes = communes_of(app, year);
    // Whole twenties, also once every commune has its figure.
    let count = count.min(communes.len() / 20 * 20);
    let entries: Vec<Entry> = communes
        .into_iter()
        .take(count)
        .zip(1_000i64..)
        .map(|(unit, n)| Entry { unit, measure, period: Period::year(year).unwrap(), value: Value::Number(n), reason: None, cell: None, seen: None })
        .collect();
    let outcomes = app.figures.enter(&app.access.system(), &entries, &Origin { source: "bulk", ..Origin::default() }, Intent::Accept).await.unwrap();
    assert!(outcomes.iter().all(|o| matches!(o, Outcome::Written { .. } | Outcome::Unchanged)), "{outcomes:?}");
}

/// Lines of the measure that [`fill`] enters; what is computed from it has lines of its own.
async fn entered(db: &Db) -> i64 {
    let sql = "SELECT count(*) FROM ledger WHERE measure_id = $1";
    let stmt = db::Stmt { name: "test.entered", sql, reach: db::Reach::National };
    db.opt(&stmt, db::args![figures::define::measure_id("so_ho")]).await.unwrap().unwrap().int(0).unwrap()
}

async fn verified(db: &Db) -> (u64, u64) {
    let figures = Figures::open(Places::open(db.clone(), Clock::system()).await.unwrap()).await.unwrap();
    let found = figures.verify().await.unwrap();
    assert_eq!(found.differences, 0, "{:?}", found.examples);
    for tenant in access::audit_tenants(db).await.unwrap() {
        assert_eq!(access::verify_audit(db, tenant).await.unwrap().broken_at, None);
    }
    (found.lines, found.figures)
}

#[tokio::test]
async fn a_database_travels_between_the_engines_and_comes_back_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let home = at(&folder.path().join("home.db")).await;
    let app = App::open(home.clone(), Clock::system(), Settings::default()).await.unwrap();
    fill(&app, 2025, 30).await;
    let before = verified(&home).await;
    assert!(before.0 >= 30);
    for (nth, abroad) in testkit::databases(&[]).await.into_iter().enumerate() {
        let there = keep::transfer(&home, &abroad, Target::Empty).await.unwrap();
        assert_eq!(verified(&abroad).await, before, "{}", abroad.label());
        let again = at(&folder.path().join(format!("again-{nth}.db"))).await;
        let back = keep::transfer(&abroad, &again, Target::Empty).await.unwrap();
        assert_eq!(there, back, "{}", abroad.label());
        assert_eq!(verified(&again).await, before);
        assert!(there.iter().any(|t| t.table == "ledger" && t.rows >= 30));
        let refused = keep::transfer(&home, &abroad, Target::Empty).await.unwrap_err();
        assert!(matches!(refused.downcast_ref(), Some(db::DbError::Conflict(_))), "{refused:#}");
    }
}

#[tokio::test]
async fn a_backup_made_while_others_write_is_whole_and_comes_back() {
    for house in houses().await {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup.db");
        fill(&house.app, 2024, 20).await;
        let stop = Arc::new(AtomicBool::new(false));
        let writer = tokio::spawn({
            let (app, stop) = (house.app.clone(), Arc::clone(&stop));
            async move {
                let mut written = 0;
                while !stop.load(Ordering::Relaxed) {
                    // 20 communes more each time, in years that are still empty.
                    fill(&app, 2020 + written % 4, 20 * (usize::try_from(written).unwrap() / 4 + 1)).await;
                    written += 1;
                }
                written
            }
        });
        let size = keep::backup(&house.db, &file).await.unwrap();
        stop.store(true, Ordering::Relaxed);
        assert!(writer.await.unwrap() > 0, "nobody wrote meanwhile");
        assert!(size > 100_000);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "something is left beside the backup");
        let kept = at(&folder.path().join("backup.db")).await;
        let lines = verified(&kept).await.0;
        let typed = entered(&kept).await;
        assert!(typed >= 20 && typed % 20 == 0, "{typed} lines: an entry is half in the backup");
        assert!(keep::backup(&house.db, &file).await.is_err(), "a backup was overwritten");
        for target in filled_with_nothing().await {
            keep::restore(&file, &target, Target::Empty).await.unwrap();
            assert_eq!(verified(&target).await.0, lines, "{} into {}", house.db.label(), target.label());
            assert!(keep::restore(&file, &target, Target::Empty).await.is_err(), "restored into a database that is not empty");
        }
        house.verifies().await;
    }
}

async fn filled_with_nothing() -> Vec<testkit::TestDb> {
    testkit::databases(&[]).await
}

#[tokio::test]
async fn a_running_program_follows_a_restore() {
    for (house, other) in houses().await.into_iter().zip(filled().await) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup.db");
        // Another installation with one measure more, and as many changes of its catalogue as ours.
        let elsewhere = App::open((*other).clone(), Clock::system(), Settings::default()).await.unwrap();
        define(&elsewhere, "chi_tieu_a").await;
        define(&house.app, "chi_tieu_b").await;
        keep::backup(&other, &file).await.unwrap();
        assert_eq!(measure(&house, "chi_tieu_b").await, 200);
        keep::restore(&file, &house.db, Target::Replaced).await.unwrap();
        // Normally within a second; reading a country anew takes longer on a machine that does much else.
        for _ in 0..100 {
            if measure(&house, "chi_tieu_a").await == 200 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
        assert_eq!((measure(&house, "chi_tieu_a").await, measure(&house, "chi_tieu_b").await), (200, 404), "{}", house.db.label());
        house.verifies().await;
    }
}

async fn define(app: &App, code: &str) {
    let mut def = app.figures.catalog().coded("so_ho").unwrap().measure.def.clone();
    (def.code, def.version) = (code.to_owned(), 1);
    app.figures.define(&app.access.system(), def).await.unwrap();
}

async fn measure(house: &House, code: &str) -> u16 {
    house.stranger().get(&format!("/api/v1/measures/{code}")).await.status
}

#[tokio::test]
async fn what_is_no_backup_is_refused_and_nothing_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    for target in testkit::databases(SCHEMAS).await {
        for (name, content) in [("text.db", "no database at all".repeat(100)), ("empty.db", String::new())] {
            let file = folder.path().join(name);
            std::fs::write(&file, content).unwrap();
            assert!(keep::restore(&file, &target, Target::Replaced).await.is_err(), "{name}");
        }
        assert!(keep::restore(&folder.path().join("none.db"), &target, Target::Empty).await.is_err());
    }
}
