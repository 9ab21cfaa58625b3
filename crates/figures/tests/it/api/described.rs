//! The OpenAPI document and what is really there.

use super::gate::gates;
use access::Need;
use std::collections::BTreeSet;

/// Every route is described, and every description is a route.
#[tokio::test]
async fn routes_and_descriptions_are_the_same() {
    let gate = &gates().await[0];
    let document = gate.get("/api/v1/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, op) in item.as_object().unwrap() {
            described.insert((method.to_uppercase(), path.clone(), op["security"].as_array().is_some_and(|s| s.len() == 1)));
            // Parameters in the path are described as such.
            let named: BTreeSet<&str> =
                op["parameters"].as_array().into_iter().flatten().filter(|p| p["in"] == "path").map(|p| p["name"].as_str().unwrap()).collect();
            let wanted: BTreeSet<&str> = path.split('{').skip(1).map(|p| p.split('}').next().unwrap()).collect();
            assert_eq!(named, wanted, "{method} {path}");
        }
    }
    let mut routes = BTreeSet::new();
    let figures = figures::api::routes();
    let places = places::api::routes();
    let access = access::routes(gate.access.clone());
    for route in figures.table().iter().chain(places.table()).chain(access.table()).filter(|r| r.path.starts_with("/api/v1")) {
        routes.insert((route.method.to_owned(), route.path.to_owned(), route.need != Need::Public));
    }
    assert_eq!(routes, described);
    assert!(routes.len() >= 18);
}

/// Every reference leads somewhere, ids are unique, and the examples are answered.
#[tokio::test]
async fn the_document_holds_together() {
    let gate = &gates().await[0];
    let document = gate.get("/api/v1/openapi.json").await.json();
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#/").skip(1).map(|r| r.split('"').next().unwrap()) {
        assert!(document.pointer(&format!("/{reference}")).is_some(), "{reference}");
    }
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, op) in item.as_object().unwrap() {
            assert!(ids.insert(op["operationId"].as_str().unwrap().to_owned()), "{method} {path}");
            let example = op["x-example"].as_str().unwrap_or_default();
            if method == "get" && !example.is_empty() && (path.contains("/figures") || path.contains("/measures")) {
                let answer = gate.get(example).await;
                assert!(matches!(answer.status, 200 | 404), "{example}: {}", answer.text());
                if answer.status == 200 {
                    assert!(answer.json()["items"].is_array() || answer.json()["figure"].is_object());
                }
            }
        }
    }
}

/// The page says everything the document says, in both languages, with an anchor for each code.
#[tokio::test]
async fn the_page_for_people() {
    let gate = &gates().await[0];
    let document = gate.get("/api/v1/openapi.json").await.json();
    let page = gate.get("/api/v1/docs").await;
    assert_eq!(page.status, 200);
    let vi = page.text();
    let en = gate.get_with("/api/v1/docs", &[("cookie", "cl_prefs=en.auto.0")]).await.text();
    for html in [&vi, &en] {
        assert!(!html.contains("<script>") && !html.contains(" style="));
        for (path, item) in document["paths"].as_object().unwrap() {
            for op in item.as_object().unwrap().values() {
                let id = op["operationId"].as_str().unwrap();
                assert!(html.contains(&format!("id=\"{id}\"")), "{path}");
            }
        }
        for name in document["components"]["schemas"].as_object().unwrap().keys() {
            assert!(html.contains(&format!("id=\"{name}\"")), "{name}");
        }
        for code in document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"].as_array().unwrap() {
            assert!(html.contains(&format!("id=\"{}\"", code.as_str().unwrap())), "{code}");
        }
        let anchors: Vec<&str> = html.split("href=\"#").skip(1).map(|a| a.split('"').next().unwrap()).collect();
        for anchor in anchors.iter().filter(|a| !a.is_empty()) {
            assert!(html.contains(&format!("id=\"{anchor}\"")), "#{anchor} leads nowhere");
        }
    }
    assert!(vi.contains("Nhập số liệu hàng loạt") && en.contains("Enter figures in bulk"));
    // A refusal names the anchor of its code.
    let refused = gate.get("/api/v1/figures?measure=none").await.json();
    assert_eq!(refused["type"], "/api/v1/docs#unknown_measure");
}
