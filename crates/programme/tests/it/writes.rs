//! Requests of programs are done once, however often they are sent, on every database.

use crate::desk::{Desk, desks};
use access::Role;
use serde_json::json;

async fn total(desk: &Desk, table: &'static str) -> i64 {
    let sql: &'static str = match table {
        "task" => "SELECT COUNT(*) FROM task",
        "report" => "SELECT COUNT(*) FROM report",
        _ => "SELECT COUNT(*) FROM audit",
    };
    let stmt = db::Stmt { name: "test", sql, reach: db::Reach::National };
    desk.db.all(&stmt, vec![]).await.unwrap()[0].int(0).unwrap()
}

#[tokio::test]
async fn a_task_by_program_is_given_and_moved_once() {
    for desk in desks().await {
        let commune = desk.communes[0];
        let boss = desk.person("boss", Role::Reviewer, desk.province).await;
        let officer = desk.person("officer", Role::Officer, commune).await;
        let body = json!({"title": "Nối mạng nhà văn hóa thôn", "owner": {"unit": commune}, "output": "Biên bản", "due_days": 10}).to_string();
        desk.stranger().send_json("/api/v1/tasks", "k1", &body).await.is(401);
        boss.send_json("/api/v1/tasks", "", &body).await.is(400).has("idempotency_key_required");
        let first = boss.send_json("/api/v1/tasks", "k1", &body).await;
        let task = first.is(200).json();
        assert_eq!((task["state"].as_str(), task["seq"].as_i64(), task["due_days"].as_u64()), (Some("new"), Some(1), Some(10)));
        let lines = total(&desk, "audit").await;
        let again = boss.send_json("/api/v1/tasks", "k1", &body).await;
        assert_eq!((again.is(200).body.as_str(), again.headers["idempotent-replayed"].to_str().unwrap()), (first.body.as_str(), "true"));
        assert_eq!((total(&desk, "task").await, total(&desk, "audit").await), (1, lines), "{}", desk.db.label());
        boss.send_json("/api/v1/tasks", "k1", &body.replace("Nối", "Đấu nối")).await.is(409).has("idempotency_key_reused");
        // What was refused leaves its key free and nothing behind.
        boss.send_json("/api/v1/tasks", "k2", &json!({"title": " ", "owner": {"unit": commune}}).to_string()).await.is(422).has("field_required");
        let two = json!({"title": "x", "owner": {"unit": commune}, "due_days": 2, "due": "2026-12-31"}).to_string();
        boss.send_json("/api/v1/tasks", "k2", &two).await.is(422).has("deadline_invalid");
        boss.send_json("/api/v1/tasks", "k2", &json!({"title": "x", "owner": {"unit": "khongconoinay"}}).to_string()).await.is(404).has("unknown_unit");
        boss.send_json("/api/v1/tasks", "k2", &json!({"title": "x", "owner": {"unit": commune}, "la": 1}).to_string()).await.is(400).has("bad_body");
        officer.send_json("/api/v1/tasks", "k2", &json!({"title": "x", "owner": {"unit": desk.communes[1]}}).to_string()).await.is(403);
        assert_eq!((total(&desk, "task").await, total(&desk, "audit").await), (1, lines));

        let acts = format!("/api/v1/tasks/{}/acts", task["id"].as_str().unwrap());
        let start = json!({"act": "start", "seq": 1}).to_string();
        let moved = officer.send_json(&acts, "k3", &start).await;
        assert_eq!((moved.is(200).json()["state"].as_str(), moved.json()["seq"].as_i64()), (Some("working"), Some(2)));
        assert_eq!(officer.send_json(&acts, "k3", &start).await.is(200).body, moved.body);
        officer.send_json(&acts, "k4", &start).await.is(409).has("task_changed");
        officer.send_json(&acts, "k4", &json!({"act": "nhay", "seq": 2}).to_string()).await.is(422).has("unknown_act");
        boss.send_json(&acts, "k4", &json!({"act": "cancel", "seq": 2}).to_string()).await.is(422).has("reason_required");
        let other = desk.person("other", Role::Officer, desk.communes[2]).await;
        other.send_json(&acts, "k5", &start).await.is(404);
        assert_eq!(officer.get("/api/v1/tasks").await.json()["items"][0]["state"], "working");
    }
}

#[tokio::test]
async fn a_document_and_a_report_by_program_are_made_once() {
    for desk in desks().await {
        let commune = desk.communes[0];
        let keeper = desk.person("keeper", Role::Administrator, desk.province).await;
        let officer = desk.person("officer", Role::Officer, commune).await;
        let body = json!({"code": "99-KH-UBND-thu", "number": "99/KH-UBND", "title": "Kế hoạch thử", "kind": "plan", "issuer": "UBND tỉnh", "unit": desk.province, "issued": "2026-03-02"}).to_string();
        officer.send_json("/api/v1/documents", "d1", &body).await.is(403);
        let first = keeper.send_json("/api/v1/documents", "d1", &body).await;
        assert_eq!(first.is(200).json()["validity"], "holds");
        assert_eq!(keeper.send_json("/api/v1/documents", "d1", &body).await.is(200).body, first.body);
        keeper.send_json("/api/v1/documents", "d2", &body).await.is(409).has("document_exists");
        desk.stranger().get("/api/v1/documents?q=99/KH").await.is(200).has("99-KH-UBND-thu");
        keeper.send_json("/api/v1/documents", "d2", &body.replace("99-KH", "98-KH").replace("2026-03-02", "hôm qua")).await.is(422).has("issued_invalid");

        let body = json!({"template": "xa-quy", "unit": commune, "period": "2026-Q3"}).to_string();
        keeper.send_json("/api/v1/reports", "r1", &body).await.is(403);
        let first = officer.send_json("/api/v1/reports", "r1", &body).await;
        assert_eq!(first.is(200).json()["versions"], 0);
        assert_eq!(officer.send_json("/api/v1/reports", "r1", &body).await.is(200).body, first.body);
        // Another key finds the report that is there.
        assert_eq!(officer.send_json("/api/v1/reports", "r2", &body).await.is(200).json()["id"], first.json()["id"]);
        assert_eq!(total(&desk, "report").await, 1, "{}", desk.db.label());
        officer.send_json("/api/v1/reports", "r3", &body.replace("2026-Q3", "2026")).await.is(422).has("wrong_period");
        officer.send_json("/api/v1/reports", "r3", &body.replace("2026-Q3", "2027-Q3")).await.is(422).has("future_period");
        officer.get(&format!("/reports/{}", first.json()["id"].as_str().unwrap())).await.is(200);
    }
}

#[test]
fn every_operation_of_the_programme_is_described() {
    let described = [programme::api::openapi(), programme::task::api::openapi()];
    for route in programme::api::routes().table() {
        let method = route.method.to_ascii_lowercase();
        let op = described.iter().find_map(|d| d["paths"][route.path].get(&method));
        let op = op.unwrap_or_else(|| panic!("{} {} is not described", route.method, route.path));
        assert!(op["operationId"].is_string() && op["x-vi"]["summary"].is_string(), "{} {}", route.method, route.path);
    }
}
