use crate::house::{COMMUNE, houses};
use access::{Need, Role};

fn filled(path: &str) -> String {
    path.replace("{id}", "018f0000-0000-7000-8000-000000000000").replace("{grant}", "018f0000-0000-7000-8000-000000000001")
}

/// The refusal test of this crate; the server has one over all crates.
#[tokio::test]
async fn every_route_refuses_those_without_rights() {
    for house in houses().await {
        let (_, mut officer) = house.person("lan", Role::Officer, COMMUNE).await;
        let routes = access::routes(house.access.clone());
        assert!(routes.table().len() > 15);
        for route in routes.table() {
            let path = filled(route.path);
            if route.need != Need::Public {
                let refused = house.stranger().send(route.method, &path, String::new()).await;
                if route.method == "GET" && !path.starts_with("/api/") {
                    assert_eq!(refused.status, 303, "{route:?}");
                    assert_eq!(refused.location(), format!("/sign-in?back={}", ui::percent_encode(&path)));
                } else {
                    assert_eq!(refused.status, 401, "{route:?}");
                    assert_eq!(refused.headers["www-authenticate"], "Bearer");
                }
            }
            if matches!(route.need, Need::Role(_)) {
                assert_eq!(officer.send(route.method, &path, String::new()).await.status, 403, "{route:?}");
            }
        }
    }
}

#[tokio::test]
async fn forms_from_other_sites_are_refused() {
    for house in houses().await {
        let (_, evil) = house.person("lan", Role::Officer, COMMUNE).await;
        let cookie = evil.cookie.clone();
        let mut evil = evil.with("sec-fetch-site", "cross-site");
        assert_eq!(evil.post("/sign-out", &[]).await.status, 403);
        assert_eq!(evil.get("/me").await.status, 200);
        let mut old = house.stranger().with("origin", "http://evil.test");
        old.cookie = cookie;
        let refused = old.post("/me/sessions/end-others", &[]).await;
        assert_eq!(refused.status, 403);
        assert!(refused.body.contains("cross_site"));
    }
}

#[tokio::test]
async fn errors_are_pages_for_people_and_problems_for_programs() {
    for house in houses().await {
        let page = house.stranger().with("x-request-id", "abc-1").get("/nowhere").await;
        assert_eq!(page.status, 404);
        assert!(page.body.contains("Không tìm thấy") && page.body.contains("abc-1"));
        assert_eq!(page.headers["x-request-id"], "abc-1");
        let english = house.stranger().with("cookie", "cl_prefs=en.auto.0").get("/nowhere").await;
        assert!(english.body.contains("Not found"));
        let json = house.stranger().get("/api/v1/nowhere").await;
        assert_eq!(json.headers["content-type"], "application/problem+json");
        assert_ne!(json.headers["x-request-id"], "");
        // A path that cannot be read, a form without its fields, a method that is not there.
        let (_, mut admin) = house.person("an", Role::Administrator, COMMUNE).await;
        let bad = admin.get("/admin/accounts/not-an-id").await;
        assert!(bad.status == 400 && bad.body.contains("Yêu cầu chưa đúng"), "{}", bad.body);
        let bad = house.stranger().post("/sign-in", &[]).await;
        assert!(bad.status == 422 && bad.body.contains("<html"), "{}", bad.body);
        assert_eq!(house.stranger().get("/sign-out").await.status, 405);
    }
}
