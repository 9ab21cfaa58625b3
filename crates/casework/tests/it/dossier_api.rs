//! `/api/v1/dossiers` and `/api/v1/documents-registers`.

use super::dossier_house::houses;
use super::dossier_life::{handled, trusts};
use serde_json::json;

#[tokio::test]
async fn other_systems_read_registers_and_dossiers_and_bring_counts() {
    for house in houses().await {
        let people = house.people().await;
        let (clerk, officer, _, admin) = &people;
        trusts(&house, admin).await;
        let path = handled(&house, &people, "01", true).await;
        let office = house.commune;
        let read = async |path: &str| -> serde_json::Value { serde_json::from_str(&clerk.get(path).await.is(200).body).unwrap() };
        let list = read(&format!("/api/v1/dossiers?office={office}&state=closed")).await;
        assert_eq!(list["items"][0]["code"], "01");
        assert_eq!(list["next"], json!(null));
        let whole = read(&format!("/api/v1{path}")).await;
        assert_eq!(whole["broken"], json!(null));
        assert!(whole["events"].as_array().unwrap().iter().all(|e| e["on_platform"] == true));
        let book = read(&format!("/api/v1/documents-registers?office={office}&book=out")).await;
        assert_eq!(book["items"][0]["symbol"], "01/BC-UBND");
        let count = json!({"office": office, "period": "2026-Q4", "system": "iOffice", "closed": 9, "network": 8});
        officer.json("POST", "/api/v1/dossiers/counts", &count).await.is(403);
        clerk.json("POST", "/api/v1/dossiers/counts", &count).await.is(204);
        let share = read(&format!("/api/v1/dossiers/share?unit={office}&period=2026-Q4")).await;
        assert_eq!((share["n"].as_i64(), share["of"].as_i64(), share["closed_here"].as_i64()), (Some(9), Some(10), Some(1)));
        let new = json!({"office": office, "kind": "cong_van", "symbol": "7/STC", "dated": "2026-11-20", "title": "V/v quyết toán", "party": "Sở Tài chính"});
        clerk.json("POST", "/api/v1/documents-registers", &new).await.is(201).has("\"number\":2");
        clerk.json("POST", "/api/v1/documents-registers", &new).await.is(409);
        let far = house.post("xa", house.abroad, "van-phong", "Văn thư").await;
        for path in [
            format!("/api/v1/dossiers?office={office}"),
            format!("/api/v1{path}"),
            format!("/api/v1/documents-registers?office={office}"),
            format!("/api/v1/dossiers/share?unit={office}"),
        ] {
            far.get(&path).await.is(404);
        }
        far.json("POST", "/api/v1/dossiers/counts", &count).await.is(404);
        // A token opens what its owner may, and no more than it was made for: another province's opens nothing here.
        let (ours, reads, theirs) = (clerk.program("write").await, clerk.program("read").await, far.program("write").await);
        ours.get(&format!("/api/v1{path}")).await.is(200);
        ours.json("POST", "/api/v1/dossiers/counts", &count).await.is(204);
        reads.get(&format!("/api/v1{path}")).await.is(200);
        reads.json("POST", "/api/v1/dossiers/counts", &count).await.is(403).has("token_scope");
        for path in [format!("/api/v1/dossiers?office={office}"), format!("/api/v1{path}"), format!("/api/v1/documents-registers?office={office}")] {
            theirs.get(&path).await.is(404);
        }
        for (path, body) in [("/api/v1/dossiers/counts", &count), ("/api/v1/documents-registers", &new)] {
            let refused = theirs.json("POST", path, body).await;
            assert!(matches!(refused.status, 403 | 404), "{path}: {} {}", refused.status, refused.body);
        }
        ours.get(&path).await.lacks("Rà soát vùng vải thiều");
        assert!(matches!(ours.post(&format!("{path}/reopen"), &[("reason", "x")]).await.status, 403 | 404), "pages are for people");
        clerk.get("/api/v1/dossiers?fruit=1").await.is(400);
    }
}

#[test]
fn every_operation_is_described() {
    let described = serde_json::to_value(casework::dossier::api::openapi()).unwrap();
    for path in ["/api/v1/dossiers", "/api/v1/dossiers/share", "/api/v1/dossiers/counts", "/api/v1/dossiers/{office}/{dossier}", "/api/v1/documents-registers"]
    {
        for (method, op) in described["paths"][path].as_object().unwrap() {
            assert!(op["x-vi"]["summary"].is_string(), "{method} {path}");
        }
    }
}
