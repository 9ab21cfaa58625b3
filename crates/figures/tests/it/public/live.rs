//! A newly accepted number shows within a second.

use super::desk::desks;
use crate::world::{measure, person};
use access::Role;
use axum::body::Body;
use axum::http::Request;
use figures::{Entry, Intent, Origin, Pending, Value};
use std::time::Duration;
use tower::ServiceExt as _;

#[tokio::test]
async fn an_accepted_number_is_told_and_shown_at_once() {
    for desk in desks().await {
        let f = &desk.world.figures;
        let province = desk.province("24");
        let commune = desk.reporters("so_ho", "2025", province)[0];
        let page = desk.page("/measures/so_ho?period=2025").await;
        let live = page.text.split("data-live=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
        assert!(page.text.contains("data-live-events=\"/events\""));
        let before = desk.page(&live).await;
        assert!(before.text.contains("chưa có số liệu"), "{}", before.text);
        let tag = before.headers["etag"].to_str().unwrap().to_owned();
        let same = desk.get_with(&live, &[("if-none-match", &tag)]).await;
        assert_eq!((same.status, same.text.as_str()), (304, ""));

        let events = desk.router.clone().oneshot(Request::get("/events").body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(events.headers()["content-type"], "text/event-stream");
        let mut stream = events.into_body().into_data_stream();
        let officer = person("o", Role::Officer, commune);
        let entry = Entry {
            unit: commune,
            measure: measure("so_ho"),
            period: "2025".parse().unwrap(),
            value: Value::Number(1234),
            reason: None,
            cell: None,
            seen: None,
        };
        f.enter(&officer, &[entry], &Origin { source: "form", ..Origin::default() }, Intent::Submit).await.unwrap();
        let item = Pending { unit: commune, measure: measure("so_ho"), period: "2025".parse().unwrap(), seq: 1 };
        f.accept(&person("r", Role::Reviewer, province), &[item]).await.unwrap();
        let told = tokio::time::timeout(Duration::from_secs(5), futures_util::StreamExt::next(&mut stream)).await.unwrap().unwrap().unwrap();
        assert!(told.starts_with(b"data:"), "{told:?}");
        let after = desk.get_with(&live, &[("if-none-match", &tag)]).await;
        assert_eq!(after.status, 200);
        assert!(after.text.contains("1.234 hộ"), "{}", after.text);
        assert!(desk.page(&format!("{live}&part=body")).await.text.contains("1.234"), "the table too");
    }
}
