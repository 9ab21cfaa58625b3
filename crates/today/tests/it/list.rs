use crate::house::houses;
use access::Role;
use work::{Duty, Quick, Urgency};

#[tokio::test]
async fn what_is_due_stands_in_the_order_of_the_clock() {
    for house in houses().await {
        let officer = house.person("hoa", Role::Officer, house.commune).await;
        let quick = Quick {
            action: "/cases/1/act".into(),
            hidden: vec![("seq".into(), "3".into())],
            field: Some(("note".into(), "Ý kiến".into())),
            verb: "Đồng ý".into(),
        };
        house.say(vec![
            Duty {
                key: "b".into(),
                title: "Góp ý <b>dự thảo</b>".into(),
                href: "/cases/2".into(),
                verb: "Góp ý".into(),
                quick: Some(quick),
                ..Duty::default()
            },
            Duty {
                key: "a".into(),
                title: "Trả lời công văn 12".into(),
                urgency: Urgency::Late,
                due: Some(house.now() - 1),
                due_words: "trễ 2 ngày làm việc".into(),
                ..Duty::default()
            },
        ]);
        let page = officer.get("/today").await;
        // The third comes from figures themselves.
        page.is(200)
            .has("1 việc trễ hạn, ")
            .has("Trễ hạn <span class=\"tag late\">1</span>")
            .has("Góp ý &#60;b&#62;dự thảo")
            .has("name=\"note\"")
            .has("Số liệu quý III/2026");
        let (late, open) = (page.body.find("Trả lời công văn 12").unwrap(), page.body.find("Góp ý &#60;").unwrap());
        assert!(late < open, "{}", house.db.label());
        officer.get("/today?of=figures").await.is(200).lacks("công văn 12").has("Số liệu quý III/2026");
        officer.get("/today/list").await.is(200).has("công văn 12").lacks("<html");
        let json: serde_json::Value = serde_json::from_str(&officer.get("/api/v1/today").await.is(200).body).unwrap();
        assert_eq!(json["items"][0]["key"], "a");
        assert_eq!(json["summary"]["late"], 1);
        // Done is gone.
        house.say(vec![]);
        officer.get("/today").await.is(200).lacks("công văn 12").lacks("Trễ hạn");
        assert!(house.stranger().get("/today").await.is(303).to.starts_with("/sign-in"));
    }
}

#[tokio::test]
async fn what_came_since_the_last_look_is_new() {
    for house in houses().await {
        let officer = house.person("hoa", Role::Officer, house.commune).await;
        let duty = |key: &str| Duty { key: key.into(), title: format!("Việc {key}"), ..Duty::default() };
        house.say(vec![duty("cũ")]);
        officer.get("/today").await.lacks(">mới<");
        // What was seen is written beside the answer.
        while !officer.get("/today").await.lacks(">mới<").status.eq(&200) || looked(&house, officer.id).await.is_none() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        house.pass(10);
        house.say(vec![duty("cũ"), duty("vừa đến")]);
        let page = officer.get("/today").await;
        assert_eq!(page.body.matches(">mới<").count(), 1, "{}", house.db.label());
        house.pass(5 * 60);
        assert_eq!(looked_after(&house, &officer).await, 0);
    }
}

async fn looked(house: &crate::house::House, account: uuid::Uuid) -> Option<String> {
    let stmt = db::Stmt { name: "test.looked", sql: "SELECT duties FROM looked WHERE account_id = $1", reach: db::Reach::Shared };
    house.db.opt(&stmt, db::args![account]).await.unwrap().map(|r| r.text(0).unwrap())
}

/// How many are still new once the second look is written down.
async fn looked_after(house: &crate::house::House, officer: &crate::house::Person<'_>) -> usize {
    while !looked(house, officer.id).await.unwrap_or_default().contains("vừa đến") {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    officer.get("/today").await.body.matches(">mới<").count()
}
