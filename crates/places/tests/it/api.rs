use crate::house::houses;
use places::facts::unit_id;
use serde_json::{Value, json};
use std::collections::HashSet;

#[tokio::test]
async fn a_list_can_be_walked_to_its_end() {
    for house in houses().await {
        let browser = house.stranger();
        let (mut path, mut seen, mut pages) = ("/api/v1/units?level=commune&limit=1500".to_owned(), HashSet::new(), 0);
        loop {
            let page = browser.get(&path).await.json();
            assert_eq!(page["total"], 3321);
            for item in page["items"].as_array().unwrap() {
                assert!(seen.insert(item["id"].as_str().unwrap().to_owned()));
            }
            pages += 1;
            match page["next"].as_str() {
                Some(next) => path = format!("/api/v1/units?level=commune&limit=1500&next={next}"),
                None => break,
            }
        }
        assert_eq!((seen.len(), pages), (3321, 3));
    }
}

#[tokio::test]
async fn a_unit_has_the_promised_fields() {
    let house = houses().await.remove(0);
    let get = async |path: &str| house.stranger().get(path).await.json();
    let found = get("/api/v1/units?code=24&as_of=2025-06-30&level=province").await;
    assert_eq!(
        found,
        json!({"total": 1, "next": null, "items": [{
            "id": unit_id("p:old:24"), "code": "24", "name": "Bắc Giang", "full_name": "Tỉnh Bắc Giang", "kind": "tỉnh", "level": "province",
            "parent": unit_id("nation"), "valid_from": "2020-01-01", "valid_to": "2025-07-01",
            "lat": found["items"][0]["lat"], "lon": found["items"][0]["lon"], "area_km2": null}]})
    );
    assert_eq!(get("/api/v1/units?code=24&as_of=2025-07-01").await["items"][0]["name"], "Bắc Ninh");
    let commune = get("/api/v1/units?code=07330").await["items"][0].clone();
    assert_eq!(commune["area_km2"], 32.69);
    assert_eq!(get(&format!("/api/v1/units/{}", commune["id"].as_str().unwrap())).await, commune);
    assert_eq!(get("/api/v1/units?as_of=2025-06-30&level=district&parent=24").await["total"], 10);
    assert_eq!(get("/api/v1/units?as_of=2025-06-30&level=commune&under=24").await["total"], 192);
    assert_eq!(get("/api/v1/units?as_of=2025-06-30&parent=24").await["total"], 10);
    let names = |page: Value| page["items"].as_array().unwrap().iter().map(|u| u["full_name"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(get("/api/v1/units?q=thieu+trung&limit=1").await), ["Xã Thiệu Trung"]);
    // An old address finds nothing on today's map, but the place in its own time.
    assert_eq!(names(get("/api/v1/units?q=V%C3%A2n+S%C6%A1n,+Tri%E1%BB%87u+S%C6%A1n&as_of=2025-06-30").await), ["Xã Vân Sơn"]);
    assert_eq!(names(get("/api/v1/units?level=nation").await).len(), 1);
}

#[tokio::test]
async fn history_and_changes_tell_who_became_whom() {
    let house = houses().await.remove(0);
    let get = async |path: &str| house.stranger().get(path).await.json();
    let old = unit_id("old:38:397:15712");
    let history = get(&format!("/api/v1/units/{old}/history")).await;
    assert_eq!(history["heirs"][0]["full_name"], "Xã Tân Ninh");
    assert_eq!(history["heirs"][0]["share"], 1.0);
    assert_eq!(history["versions"][0]["valid_to"], "2025-07-01");
    assert_eq!(history["changes"][0]["kind"], "merge");
    let changes = get("/api/v1/unit-changes?limit=1").await;
    assert_eq!(changes["total"].as_i64().unwrap(), 3169 + 440 + 2 + 33 + 127 + 691);
    assert_eq!(get("/api/v1/unit-changes?kind=divide&limit=1").await["total"], 440);
    assert_eq!(get("/api/v1/unit-changes?from=2026-01-01&limit=1").await["total"], 25);
    let decree = get("/api/v1/unit-changes?decree=237&limit=1").await;
    assert!(decree["items"][0]["decree"].as_str().unwrap().contains("237"));
    let of_unit = get(&format!("/api/v1/unit-changes?unit={old}")).await;
    assert_eq!(of_unit["items"][0]["parts"].as_array().unwrap().iter().filter(|p| p["from"] == json!(old)).count(), 1);
    assert_eq!(get(&format!("/api/v1/unit-changes/{}", of_unit["items"][0]["id"].as_str().unwrap())).await, of_unit["items"][0]);
    let csv = house.stranger().with("accept", "text/csv").get(&format!("/api/v1/unit-changes?unit={old}")).await;
    assert_eq!(csv.body.lines().count(), 1 + of_unit["items"][0]["parts"].as_array().unwrap().len());
}

#[tokio::test]
async fn forms_tags_and_groups() {
    let house = houses().await.remove(0);
    let browser = house.stranger();
    let first = browser.get("/api/v1/units?level=province").await;
    let tag = first.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(house.stranger().with("if-none-match", tag).get("/api/v1/units?level=province").await.status, 304);
    let csv = browser.get("/api/v1/units?level=province&format=csv").await;
    assert!(csv.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    assert_eq!(csv.body.lines().next(), Some("id,code,name,full_name,kind,level,parent,valid_from,valid_to,lat,lon,area_km2"));
    assert_eq!(csv.body.lines().count(), 35);
    let geo = house.stranger().with("accept", "application/geo+json").get("/api/v1/units?code=07330").await.json();
    assert_eq!(geo["features"][0]["geometry"], json!({"type": "Point", "coordinates": [106.161, 21.3912]}));
    let groups = browser.get("/api/v1/groups?kind=region&as_of=2025-06-30").await.json();
    assert_eq!(groups["total"], 7);
    assert_eq!(groups["items"].as_array().unwrap().iter().map(|g| g["members"].as_i64().unwrap()).sum::<i64>(), 63);
    let members = browser.get("/api/v1/groups/tay_nguyen/members?as_of=2025-06-30").await.json();
    assert_eq!((members["total"].as_i64(), members["items"][0]["level"].as_str()), (Some(5), Some("province")));
    assert_eq!(browser.get("/api/v1/groups/tay_nguyen/members").await.json()["total"], 0);
}

#[tokio::test]
async fn wrong_questions_get_stable_codes() {
    let house = houses().await.remove(0);
    for (path, status, code) in [
        ("/api/v1/units?level=hamlet", 400, "parameter_invalid"),
        ("/api/v1/units?as_of=30/6/2025", 400, "parameter_invalid"),
        ("/api/v1/units?limit=0", 400, "parameter_invalid"),
        ("/api/v1/units?color=red", 400, "unknown_parameter"),
        ("/api/v1/units?next=zzz", 400, "cursor_invalid"),
        ("/api/v1/units?parent=99999", 404, "unknown_unit"),
        ("/api/v1/units/nobody", 404, "unknown_unit"),
        ("/api/v1/units/00000000-0000-0000-0000-000000000000/history", 404, "unknown_unit"),
        ("/api/v1/unit-changes/x", 404, "unknown_change"),
        ("/api/v1/groups/x/members", 404, "unknown_group"),
    ] {
        let answer = house.stranger().get(path).await;
        assert_eq!((answer.status, answer.json()["code"].as_str().unwrap_or_default()), (status, code), "{path}");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
    }
}

#[test]
fn every_route_is_described() {
    let described = serde_json::to_value(places::api::openapi()).unwrap();
    for route in places::api::routes().table() {
        assert!(described["paths"][route.path][route.method.to_lowercase()].is_object(), "{}", route.path);
    }
}
