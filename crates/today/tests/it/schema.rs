use crate::house::houses;

#[tokio::test]
async fn tables_and_statements_obey_the_rules() {
    for house in houses().await {
        let all = [access::SCHEMA, places::SCHEMA, figures::SCHEMA, today::SCHEMA];
        assert_eq!(db::lint::schema(&house.db, &all).await.unwrap(), Vec::<String>::new());
        assert_eq!(db::lint::statements(&house.db, &all).await.unwrap(), Vec::<String>::new());
    }
}
