use access::SCHEMA;

#[tokio::test]
async fn schema_and_statements_obey_the_tenancy_rules() {
    for db in testkit::databases(&[SCHEMA]).await {
        let found = db::lint::schema(&db, &[SCHEMA]).await.unwrap();
        assert!(found.is_empty(), "{}: {found:#?}", db.label());
        let found = db::lint::statements(&db, &[SCHEMA]).await.unwrap();
        assert!(found.is_empty(), "{}: {found:#?}", db.label());
    }
}
