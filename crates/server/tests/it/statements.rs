//! The tenancy rules, read off the whole schema and every statement on both engines.

use server::app::SCHEMAS;
use std::collections::BTreeSet;

#[tokio::test]
async fn the_schema_and_every_statement_obey_the_tenancy_rules() {
    let mut shapes = Vec::new();
    for db in testkit::databases(SCHEMAS).await {
        assert_eq!(db::lint::schema(&db, SCHEMAS).await.unwrap(), Vec::<String>::new(), "{}", db.label());
        assert_eq!(db::lint::statements(&db, SCHEMAS).await.unwrap(), Vec::<String>::new(), "{}", db.label());
        shapes.push(db::lint::shape(&db).await.unwrap());
    }
    for shape in &shapes {
        assert_eq!(shape, &shapes[0], "the engines hold different schemas");
    }
}

#[test]
fn statements_have_names_of_their_own() {
    let mut seen = BTreeSet::new();
    for stmt in SCHEMAS.iter().flat_map(|s| s.statements).copied().flatten() {
        assert!(seen.insert(stmt.name), "two statements are called {}", stmt.name);
    }
    assert!(seen.len() > 50, "only {} statements", seen.len());
}

#[test]
fn statements_that_cross_tenants_are_listed() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/national-statements.txt");
    let text = std::fs::read_to_string(file).unwrap();
    let listed: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let found = db::lint::national(SCHEMAS);
    assert_eq!(listed, found, "docs/national-statements.txt must say exactly:\n{}\n", found.join("\n"));
}

#[test]
fn migrations_have_numbers_of_their_own() {
    let mut seen = BTreeSet::new();
    for migration in SCHEMAS.iter().flat_map(|s| s.migrations) {
        assert!(seen.insert(migration.number), "two migrations have the number {}", migration.number);
    }
}
