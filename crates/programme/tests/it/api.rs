//! `/api/v1` of the programme.

use crate::house::houses;
use figures::Value;
use std::collections::BTreeSet;

#[tokio::test]
async fn targets_carry_value_n_of_missing_and_where_they_are_explained() {
    for house in houses().await {
        let units = house.reporters("dat_8_4", "2024", "p:old:24");
        house.load("dat_8_4", "2024", units.iter().take(50).map(|u| (*u, Value::Number(1))).collect()).await;
        let answer = house.stranger().page("/api/v1/plans/bac-giang-2023-2025/targets").await.json();
        let g2 = answer["items"].as_array().unwrap().iter().find(|t| t["code"] == "G2").unwrap().clone();
        assert_eq!((g2["n"].as_i64(), g2["of"].as_u64(), g2["target"].as_str()), (Some(50), Some(units.len() as u64), Some("97")));
        assert_eq!(g2["missing"].as_u64(), Some(units.len() as u64 - 50));
        assert_eq!(house.stranger().get(g2["explanation"].as_str().unwrap()).await.status, 200);
        assert!(answer["items"].as_array().unwrap().iter().all(|t| !t["value"].is_null() || !t["lacks_vi"].as_array().unwrap().is_empty()));
        let csv = house.stranger().page("/api/v1/plans/bac-giang-2023-2025/targets?format=csv").await.body;
        assert!(csv.starts_with("code,title_vi,level"));
        let first = house.stranger().page("/api/v1/plans?limit=3").await.json();
        let rest = house.stranger().page(&format!("/api/v1/plans?limit=100&next={}", first["next"].as_str().unwrap())).await.json();
        assert_eq!(first["items"].as_array().unwrap().len() + rest["items"].as_array().unwrap().len(), 7);
        for path in ["/api/v1/plans/khong-co/targets", "/api/v1/plans/924/targets?unit=khongconoinay"] {
            assert_eq!(house.stranger().get(path).await.status, 404, "{path}");
        }
        assert_eq!(house.stranger().get("/api/v1/plans?sai=1").await.json()["code"], "unknown_parameter");
    }
}

#[test]
fn every_operation_is_described() {
    let described = programme::api::openapi();
    let described: BTreeSet<&str> = described["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let routes: BTreeSet<&str> =
        programme::api::routes().table().iter().map(|r| r.path).filter(|p| p.starts_with("/api/v1/d") || p.starts_with("/api/v1/p")).collect();
    assert!(described.is_superset(&routes), "{described:?} {routes:?}");
}
