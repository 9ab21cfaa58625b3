//! Writing: each row by itself, each request once, nobody beyond their role.

use super::gate::gates;
use access::Role;
use serde_json::{Value, json};

fn rows(answer: &Value) -> Vec<(String, String)> {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    answer["items"].as_array().unwrap().iter().map(|r| (text(&r["status"]), text(&r["code"]))).collect()
}

/// From a program's post to the nation's total, and back again with a reason.
#[tokio::test]
async fn a_figure_enters_is_submitted_and_counts() {
    for gate in gates().await {
        let (unit, code) = gate.commune("24", 0);
        let officer = gate.program("hoa", Role::Officer, unit, Role::Officer).await;
        let reviewer = gate.program("binh", Role::Reviewer, gate.province("24"), Role::Reviewer).await;
        let body = json!({"period": "2025", "items": [
            {"unit": code, "measure": "so_ho", "value": "1200"},
            {"unit": unit, "measure": "so_nhan_khau", "value": "5000"},
            {"unit": code, "measure": "so_ho", "value": "1200"},
            {"unit": code, "measure": "so_ho", "value": 1200, "period": "2024"},
            {"unit": code, "measure": "khong_co", "value": "1"},
            {"unit": "99999", "measure": "so_ho", "value": "1"},
            {"unit": code, "measure": "thu_nhap_dau_nguoi", "status": "perhaps"},
            {"unit": code, "measure": "thu_nhap_dau_nguoi", "value": "55,5", "n": "1"},
            {"unit": code, "measure": "thu_nhap_dau_nguoi", "value": "55,5"},
            {"unit": "00004", "measure": "so_ho", "value": "1"},
        ]});
        let done = officer.post("/api/v1/figures", "k1", &body).await;
        assert_eq!(done.status, 200, "{}", done.text());
        let answer = done.json();
        let expected = [
            ("written", ""),
            ("written", ""),
            ("refused", "twice"),
            ("refused", "number_as_text"),
            ("refused", "unknown_measure"),
            ("refused", "unknown_unit"),
            ("refused", "status_invalid"),
            ("refused", "value_conflict"),
            ("written", ""),
            ("refused", "role_required"),
        ];
        assert_eq!(rows(&answer), expected.map(|(a, b)| (a.to_owned(), b.to_owned())), "{}", gate.world.db.label());
        assert_eq!(
            (answer["written"].clone(), answer["unchanged"].clone(), answer["refused"].clone(), answer["total"].clone()),
            (json!(3), json!(0), json!(7), json!(10))
        );
        assert_eq!(answer["items"][0]["seq"], 1);
        assert!(answer["items"][3]["detail"].as_str().unwrap().contains("dấu nháy"));

        // Drafts are seen by nobody; a dry run writes nothing.
        let total = "/api/v1/figures?measure=so_ho&period=2025";
        assert_eq!(gate.get(total).await.json()["items"][0]["awaiting"], 0);
        let dry = officer
            .post("/api/v1/figures", "k2", &json!({"period": "2025", "dry_run": true, "items": [{"unit": code, "measure": "so_ho", "value": "7"}]}))
            .await;
        assert_eq!(rows(&dry.json()), [("written".to_owned(), String::new())]);

        let submitted = officer.post("/api/v1/submissions", "s1", &json!({"unit": code, "period": "2025"})).await;
        assert_eq!(submitted.json(), json!({"unit": unit, "period": "2025", "lines": 3}));
        assert_eq!(officer.post("/api/v1/submissions", "s2", &json!({"unit": code, "period": "2025"})).await.code(), "nothing_to_submit");
        assert_eq!(gate.get(total).await.json()["items"][0]["awaiting"], 1);

        let item = |seq: i64| json!({"unit": code, "measure": "so_ho", "period": "2025", "seq": seq});
        let decide = |what: &str, items: Vec<Value>| json!({"decision": what, "reason": "xem lại", "items": items});
        assert_eq!(officer.post("/api/v1/acceptances", "a0", &decide("accept", vec![item(2)])).await.code(), "role_required");
        assert_eq!(reviewer.post("/api/v1/acceptances", "a1", &decide("accept", vec![item(1)])).await.code(), "changed_meanwhile");
        let population = json!({"unit": code, "measure": "so_nhan_khau", "period": "2025", "seq": 2});
        assert_eq!(reviewer.post("/api/v1/acceptances", "a2", &decide("return", vec![item(2), population.clone()])).await.code(), "one_at_a_time");
        assert_eq!(reviewer.post("/api/v1/acceptances", "a3", &decide("return", vec![population])).await.json(), json!({"decision": "return", "lines": 1}));
        let accepted = reviewer.post("/api/v1/acceptances", "a4", &decide("accept", vec![item(2)])).await;
        assert_eq!(accepted.json(), json!({"decision": "accept", "lines": 1}));
        // The same request again answers the same, though the figure has changed since.
        assert_eq!(reviewer.post("/api/v1/acceptances", "a4", &decide("accept", vec![item(2)])).await.body, accepted.body);
        assert_eq!(gate.get(total).await.json()["items"][0]["value"], "1200");
        assert_eq!(gate.world.figures.verify().await.unwrap().differences, 0);
    }
}

/// Sent again, at once or at the same moment, a request is done once.
#[tokio::test]
async fn a_request_is_done_once() {
    for gate in gates().await {
        let (unit, code) = gate.commune("24", 1);
        let officer = gate.program("hoa", Role::Officer, unit, Role::Officer).await;
        let other = gate.program("lan", Role::Officer, unit, Role::Officer).await;
        let body =
            |n: u32| json!({"period": "2025", "submit": true, "items": [{"unit": code, "measure": "so_ho", "value": n.to_string(), "reason": "đếm lại"}]});
        let first = officer.post("/api/v1/figures", "k", &body(10)).await;
        let again = officer.post("/api/v1/figures", "k", &body(10)).await;
        assert_eq!(first.status, 200);
        assert_eq!((first.body, again.header("idempotent-replayed")), (again.body.clone(), "true"));
        assert_eq!(officer.post("/api/v1/figures", "k", &body(11)).await.code(), "idempotency_key_reused");
        assert_eq!(officer.post("/api/v1/submissions", "k", &json!({"unit": code, "period": "2025"})).await.code(), "idempotency_key_reused");
        assert_eq!(officer.post("/api/v1/figures", "", &body(11)).await.code(), "idempotency_key_required");
        // Somebody else's key is another key.
        assert_eq!(other.post("/api/v1/figures", "k", &body(10)).await.json()["items"][0]["status"], "unchanged");

        let posts = (0..8).map(|_| async { officer.post("/api/v1/figures", "same", &body(20)).await });
        let answers = futures(posts).await;
        let written: Vec<&[u8]> = answers.iter().map(|a| a.body.as_slice()).collect();
        assert!(answers.iter().all(|a| a.status == 200), "{:?}", answers.iter().map(|a| a.text()).collect::<Vec<_>>());
        assert!(written.iter().all(|w| *w == written[0]));
        assert_eq!(answers.iter().filter(|a| a.header("idempotent-replayed").is_empty()).count(), 1, "{}", gate.world.db.label());
        let lines = officer.get(&format!("/api/v1/figures/explain?measure=so_ho&period=2025&unit={code}")).await.json()["lines"].as_array().unwrap().len();
        assert_eq!(lines, 2, "one line for 10, one for 20");

        // A request that fails as a whole leaves its key free.
        let gone = json!({"unit": code, "period": "2019"});
        assert_eq!(officer.post("/api/v1/submissions", "free", &gone).await.code(), "unknown_unit");
        let empty = json!({"unit": code, "period": "2024"});
        assert!(matches!(officer.post("/api/v1/submissions", "free", &empty).await.code().as_str(), "unknown_unit" | "nothing_to_submit"));
    }
}

async fn futures<F: Future>(all: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut pending: Vec<_> = all.map(|f| (Box::pin(f), None)).collect();
    std::future::poll_fn(|cx| {
        for (future, done) in &mut pending {
            if done.is_none()
                && let std::task::Poll::Ready(value) = future.as_mut().poll(cx)
            {
                *done = Some(value);
            }
        }
        if pending.iter().all(|(_, done)| done.is_some()) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    pending.into_iter().map(|(_, done)| done.unwrap()).collect()
}

/// Tokens do what was ticked, where their owner may, and nothing else.
#[tokio::test]
async fn a_token_without_the_scope_writes_nothing() {
    for gate in gates().await {
        let (unit, code) = gate.commune("24", 0);
        let viewer = gate.program("hoa", Role::Officer, unit, Role::Viewer).await;
        let elsewhere = gate.program("lan", Role::Officer, gate.province("01"), Role::Officer).await;
        let body = json!({"period": "2025", "submit": true, "items": [{"unit": code, "measure": "so_ho", "value": "10"}]});
        for path in ["/api/v1/figures", "/api/v1/submissions", "/api/v1/acceptances"] {
            assert_eq!(viewer.post(path, "k", &body).await.code(), "role_required", "{path}");
            assert_eq!(
                gate.send("POST", path, &[("content-type", "application/json"), ("idempotency-key", "k")], body.to_string()).await.code(),
                "sign_in_required"
            );
            let wrong = [("content-type", "application/json"), ("idempotency-key", "k"), ("authorization", "Bearer cl_0000")];
            assert_eq!(gate.send("POST", path, &wrong, body.to_string()).await.code(), "token_invalid");
        }
        assert_eq!(rows(&elsewhere.post("/api/v1/figures", "k", &body).await.json()), [("refused".to_owned(), "role_required".to_owned())]);
        assert_eq!(elsewhere.post("/api/v1/submissions", "k2", &json!({"unit": code, "period": "2025"})).await.code(), "role_required");
        assert_eq!(gate.get("/api/v1/figures?measure=so_ho&period=2025").await.json()["items"][0]["awaiting"], 0);
    }
}
