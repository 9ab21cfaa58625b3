//! `/api/v1` of the criteria: described as it is, answered as described, and done once.

use crate::house::houses;
use access::{Need, Role};
use figures::Status;
use serde_json::json;
use std::collections::BTreeSet;

const SET: &str = "commune-2021-2025";

#[test]
fn every_operation_is_described_in_both_languages() {
    let described = criteria::api::openapi();
    let mut found = BTreeSet::new();
    for (path, item) in described["paths"].as_object().unwrap() {
        for (method, op) in item.as_object().unwrap() {
            assert!(op["x-vi"]["summary"].as_str().is_some_and(|t| !t.is_empty()), "{method} {path} has no Vietnamese");
            assert!(op["operationId"].is_string() && op["security"].is_array());
            let named: BTreeSet<&str> =
                op["parameters"].as_array().into_iter().flatten().filter(|p| p["in"] == "path").map(|p| p["name"].as_str().unwrap()).collect();
            let wanted: BTreeSet<&str> = path.split('{').skip(1).map(|p| p.split('}').next().unwrap()).collect();
            assert_eq!(named, wanted, "{method} {path}");
            found.insert((method.to_uppercase(), path.clone(), op["security"].as_array().unwrap().len() == 2));
        }
    }
    let routes: BTreeSet<_> = criteria::api::routes().table().iter().map(|r| (r.method.to_owned(), r.path.to_owned(), r.need == Need::Public)).collect();
    assert_eq!(found, routes);
    let text = described.to_string();
    for reference in text.split("\"$ref\":\"#/").skip(1).map(|r| r.split('"').next().unwrap()) {
        assert!(described.pointer(&format!("/{reference}")).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn a_request_that_is_sent_twice_is_done_once() {
    for house in houses().await {
        let officer = house.person("hoa", Role::Officer, house.commune).await;
        let reviewer = house.person("binh", Role::Reviewer, house.province).await;
        let base = format!("/api/v1/assessments/{SET}/{}/2025", house.commune);
        let (scores, decisions) = (format!("{base}/scores"), format!("{base}/decisions"));
        let one = json!({"items": [{"indicator": "8.1", "value": {"kind": "answer", "yes": true}, "seq": 0}]});
        assert_eq!(officer.keyed(&scores, None, one.clone()).await.is(400).json()["code"], "idempotency_key_required");
        house.stranger().keyed(&scores, None, one.clone()).await.is(401);
        assert_eq!(officer.keyed(&scores, Some("a1"), one.clone()).await.is(200).json()["written"], 1);
        // Without its name the same request would meet its own line.
        let again = officer.keyed(&scores, Some("a1"), one.clone()).await;
        assert_eq!((again.status, again.json()["written"].as_i64(), again.headers["idempotent-replayed"].to_str().unwrap()), (200, Some(1), "true"));
        assert_eq!(officer.keyed(&scores, Some("a2"), one.clone()).await.is(409).json()["code"], "changed_by_other");
        let other = json!({"items": [{"indicator": "8.2"}]});
        assert_eq!(officer.keyed(&scores, Some("a1"), other).await.is(409).json()["code"], "idempotency_key_reused");
        // A refused one leaves its name free.
        let bad = json!({"items": [{"indicator": "99.9"}]});
        officer.keyed(&scores, Some("a3"), bad).await.is(404);
        officer.keyed(&scores, Some("a3"), json!({"items": [{"indicator": "8.2", "value": {"kind": "answer", "yes": true}}]})).await.is(200);
        let accept = json!({"indicators": ["8.1"], "accept": true});
        officer.keyed(&decisions, Some("b1"), accept.clone()).await.is(403);
        for _ in 0..2 {
            assert_eq!(reviewer.keyed(&decisions, Some("b1"), accept.clone()).await.is(200).json()["written"], 1);
        }
        assert_eq!(reviewer.keyed(&decisions, Some("b2"), accept).await.is(409).json()["code"], "nothing_to_appraise");
        assert_eq!(house.figure("kq_commune_2021_2025_8_1", house.commune, 2025).await.status, Status::Accepted);
        // Scoring again needs something newer; a threshold entered since is.
        let rescores = format!("{base}/rescores");
        assert_eq!(officer.keyed(&rescores, Some("c1"), json!(null)).await.is(409).json()["code"], "nothing_newer");
        officer.keyed(&scores, Some("a4"), json!({"items": [{"indicator": "17.12", "value": {"kind": "ratio", "n": 6, "of": 10}}]})).await.is(200);
        let admin = house.person("quantri", Role::Administrator, house.figures.places().atlas().nation().unwrap()).await;
        let level = [("indicator", "17.12"), ("op", ">="), ("value", "50"), ("document", "318/QĐ-TTg"), ("page", "21")];
        admin.upload(&format!("/criteria/{SET}/levels"), &level, None).await.is(303);
        let item = |answer: &crate::house::Answer| answer.json()["items"].as_array().unwrap().iter().find(|i| i["indicator"] == "17.12").unwrap().clone();
        assert_eq!(item(&officer.get(&base).await)["outcome"], "no_level");
        for _ in 0..2 {
            assert_eq!(officer.keyed(&rescores, Some("c2"), json!(null)).await.is(200).json()["written"], 1);
        }
        assert_eq!(item(&officer.get(&base).await)["outcome"], "met");
        // Scenarios.
        let keep = json!({"unit": house.province, "name": "Nâng 3.1", "set": SET, "year": 2025, "moves": ["3.1:+5"]});
        let first = reviewer.keyed("/api/v1/scenarios", Some("d1"), keep.clone()).await.is(201).json();
        let second = reviewer.keyed("/api/v1/scenarios", Some("d1"), keep.clone()).await.is(201).json();
        assert_eq!(first["id"], second["id"]);
        assert_eq!(reviewer.get("/api/v1/scenarios").await.json()["total"], 1);
        assert_eq!(reviewer.keyed("/api/v1/scenarios", None, keep).await.is(400).json()["code"], "idempotency_key_required");
        let scenario = reviewer.get(&format!("/api/v1/scenarios/{}", first["id"].as_str().unwrap())).await.is(200).json();
        assert_eq!(scenario["now"]["units"], scenario["then"]["units"]);
        house.verifies().await;
    }
}

#[tokio::test]
async fn sets_assessments_and_evidence_are_read_by_program() {
    for house in houses().await {
        let officer = house.person("hoa", Role::Officer, house.commune).await;
        let stranger = house.stranger();
        let sets = stranger.get("/api/v1/criteria-sets?limit=4").await.is(200).json();
        assert_eq!((sets["items"].as_array().unwrap().len(), sets["total"].as_i64()), (4, Some(15)));
        let next = stranger.get(&format!("/api/v1/criteria-sets?limit=4&next={}", sets["next"].as_str().unwrap())).await.is(200).json();
        assert_ne!(sets["items"][3]["code"], next["items"][0]["code"]);
        assert!(
            stranger.get("/api/v1/criteria-sets?format=csv").await.is(200).body.starts_with("\u{feff}code,")
                || stranger.get("/api/v1/criteria-sets?format=csv").await.body.contains("code")
        );
        stranger.get("/api/v1/criteria-sets/khong-co").await.is(404);
        assert_eq!(stranger.get(&format!("/api/v1/criteria-sets/{SET}?version=9")).await.is(404).json()["code"], "unknown_set");
        let card = house.card(SET, house.commune, 2025);
        officer.post(&card, &[("s.8.1", "0"), ("v.8.1", "yes")]).await.is(303);
        let (set, unit) = (criteria::set_id(SET).to_string(), house.commune.to_string());
        let form = [
            ("unit", unit.as_str()),
            ("set", set.as_str()),
            ("indicator", "8.1"),
            ("period", "2025"),
            ("number", "7/BC"),
            ("url", "https://xa.example.vn/bao-cao"),
        ];
        officer.upload("/evidence", &form, None).await.is(303);
        // The public sees nothing that was not appraised, and no evidence.
        let path = format!("/api/v1/assessments/{SET}/{unit}/2025");
        let (own, open) = (officer.get(&path).await.is(200).json(), stranger.get(&path).await.is(200).json());
        let of = |card: &serde_json::Value| card["items"].as_array().unwrap().iter().find(|i| i["indicator"] == "8.1").unwrap().clone();
        assert_eq!((of(&own)["outcome"].as_str(), of(&own)["evidence"].as_i64(), of(&own)["seq"].as_i64()), (Some("met"), Some(1), Some(1)));
        assert_eq!((of(&open)["outcome"].as_str(), of(&open)["evidence"].is_null(), of(&open)["value"].is_null()), (Some("no_data"), true, true));
        stranger.get(&format!("/api/v1/assessments?set={SET}&year=2025&under={}&format=csv", house.province)).await.is(200).has("appraised");
        let list = stranger.get(&format!("/api/v1/assessments?set={SET}&year=2025&under={}", house.province)).await.is(200).json();
        assert_eq!((list["total"].as_i64(), list["items"][0]["met"].as_i64()), (Some(1), Some(0)));
        stranger.get("/api/v1/assessments?set=khong-co&year=2025").await.is(404);
        assert_eq!(stranger.get(&format!("/api/v1/assessments?set={SET}")).await.is(400).json()["code"], "parameter_missing");
        let evidence = format!("/api/v1/evidence?unit={unit}");
        stranger.get(&evidence).await.is(401);
        let found = officer.get(&evidence).await;
        assert_eq!((found.is(200).json()["items"][0]["number"].as_str(), found.json()["total"].as_i64()), (Some("7/BC"), Some(1)), "{}", found.body);
    }
}
