//! Whatever is sent, the answer is a figure or a clear refusal.

use super::gate::{Gate, gates};
use access::Role;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

#[tokio::test]
async fn wrong_questions_have_stable_codes() {
    let gate = &gates().await[0];
    for (path, status, code) in [
        ("/api/v1/figures", 400, "parameter_missing"),
        ("/api/v1/figures?measure=so_ho&units=24", 400, "unknown_parameter"),
        ("/api/v1/figures?measure=so_ho&period=quý 3", 400, "bad_period"),
        ("/api/v1/figures?measure=so_ho&period=2025-Q1", 400, "wrong_period"),
        ("/api/v1/figures?measure=so_ho&tree=tomorrow", 400, "parameter_invalid"),
        ("/api/v1/figures?measure=so_ho&tree=then&tree=then", 400, "parameter_repeated"),
        ("/api/v1/figures?measure=so_ho&level=xa", 400, "parameter_invalid"),
        ("/api/v1/figures?measure=so_ho&limit=0", 400, "parameter_invalid"),
        ("/api/v1/figures?measure=so_ho&limit=5001", 400, "parameter_invalid"),
        ("/api/v1/figures?measure=so_ho&unit=24&under=24", 400, "parameter_conflict"),
        ("/api/v1/figures?measure=so_ho&unit=ff", 404, "unknown_unit"),
        ("/api/v1/figures?measure=so_ho&under=ff", 404, "unknown_unit"),
        ("/api/v1/figures?measure=ff", 404, "unknown_measure"),
        ("/api/v1/figures?measure=so_ho&next=AAAA", 400, "cursor_invalid"),
        ("/api/v1/figures?measure=so_ho&format=xml", 400, "parameter_invalid"),
        ("/api/v1/figures?measure=so_ho&period=2011,2012,2013,2014,2015,2016,2017,2018,2019,2020,2021,2022,2023", 400, "too_many_values"),
        ("/api/v1/figures/trend?measure=so_ho&unit=24&last=61", 400, "parameter_invalid"),
        ("/api/v1/figures/trend?measure=so_ho", 400, "parameter_missing"),
        ("/api/v1/figures/explain?measure=so_ho", 400, "parameter_missing"),
        ("/api/v1/completeness", 400, "parameter_missing"),
        ("/api/v1/completeness?period=2025&measure=so_htx", 400, "wrong_period"),
        ("/api/v1/measures/none", 404, "unknown_measure"),
        ("/api/v1/measures?q=x", 400, "unknown_parameter"),
        ("/api/v1/nothing", 404, "not_found"),
    ] {
        let answer = gate.get(&path.replace(' ', "%20").replace('ý', "%C3%BD")).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{path}");
        let problem = answer.json();
        assert!(problem["detail"].as_str().is_some_and(|d| d.len() > 5), "{path}");
    }
    // A unit of yesterday is not on today's map, and the refusal says where to look.
    let old = places::facts::unit_id("p:old:24");
    let answer = gate.get(&format!("/api/v1/figures?measure=so_ho&period=2025&unit={old}")).await;
    assert_eq!(answer.code(), "unit_not_on_map");
    assert!(answer.json()["how"].as_str().unwrap().contains("unit-changes"));
    assert_eq!(gate.send("DELETE", "/api/v1/figures", &[], String::new()).await.code(), "method_not_allowed");
}

#[tokio::test]
async fn wrong_bodies_have_stable_codes() {
    let gate = &gates().await[0];
    let (unit, code) = gate.commune("24", 0);
    let officer = gate.program("hoa", Role::Officer, unit, Role::Officer).await;
    let officer = &officer;
    let post = |body: serde_json::Value| async move { officer.post("/api/v1/figures", "k", &body).await };
    assert_eq!(post(json!({"items": [], "extra": 1})).await.code(), "bad_body");
    assert_eq!(post(json!([])).await.code(), "bad_body");
    assert_eq!(post(json!({"items": [{"unit": 7330, "measure": "so_ho"}]})).await.code(), "bad_body");
    assert_eq!(post(json!({"period": "x", "items": []})).await.code(), "bad_period");
    let many: Vec<_> = (0..50_001).map(|_| json!({"unit": code, "measure": "so_ho"})).collect();
    assert_eq!(post(json!({"items": many})).await.code(), "too_many_items");
    assert_eq!(officer.post("/api/v1/figures", "a key with blanks", &json!({"items": []})).await.code(), "idempotency_key_required");
    assert_eq!(officer.post("/api/v1/figures?x=1", "k", &json!({"items": []})).await.code(), "unknown_parameter");
    assert_eq!(officer.post("/api/v1/submissions", "k", &json!({"unit": "x", "period": "2025"})).await.code(), "unknown_unit");
    // An empty list is answered like any other.
    assert_eq!(post(json!({"items": []})).await.json()["total"], 0);
}

/// Words that reach deep into the readers, and any others.
fn value() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "so_ho",
        "ty_le_htx_so",
        "2025",
        "2025-Q3",
        "1900",
        "2200",
        "24",
        "vn",
        "then",
        "today",
        "commune",
        "village",
        "csv",
        "geojson",
        "5000",
        "1",
        "",
        "00000000-0000-0000-0000-000000000000",
        "W10",
        "'; DROP TABLE figure; --",
        "%00",
        "..%2f",
        "ｆｕｌｌ",
        "-1",
        "9999999999999999999999",
        "region-1",
    ]);
    prop_oneof![3 => known.prop_map(str::to_owned), 1 => any::<String>(), 1 => prop::collection::vec(any::<String>(), 0..4).prop_map(|v| v.join(","))]
}

fn question() -> impl Strategy<Value = String> {
    let paths = prop::sample::select(vec![
        "/api/v1/figures",
        "/api/v1/figures/trend",
        "/api/v1/figures/explain",
        "/api/v1/completeness",
        "/api/v1/measures",
        "/api/v1/measures/so_ho",
        "/api/v1/docs",
    ]);
    let names = prop::sample::select(vec!["measure", "period", "unit", "under", "level", "tree", "limit", "next", "format", "last", "until", "x"]);
    (paths, prop::collection::vec((names, value()), 0..7)).prop_map(|(path, pairs)| {
        let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", ui::percent_encode(value))).collect();
        format!("{path}?{}", query.join("&"))
    })
}

async fn never_fails(gate: &Gate, path: &str) {
    let answer = gate.get(path).await;
    assert!(answer.status < 500, "{path}: {}", answer.text());
    if answer.status >= 400 {
        assert!(!answer.code().is_empty());
    }
}

/// No question makes the server fail.
#[tokio::test(flavor = "multi_thread")]
async fn no_question_is_a_fault_of_ours() {
    let gate = &gates().await[0];
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let handle = tokio::runtime::Handle::current();
    runner
        .run(&question(), |path| {
            tokio::task::block_in_place(|| handle.block_on(never_fails(gate, &path)));
            Ok(())
        })
        .unwrap();
    // Bytes that are no text.
    for raw in [
        "/api/v1/figures?measure=%FF%FE",
        "/api/v1/figures?%FF=1",
        "/api/v1/measures/%FF",
        "/api/v1/figures?&&&=&measure",
        "/api/v1/figures?measure=so_ho&unit=%00",
    ] {
        never_fails(gate, raw).await;
    }
}
