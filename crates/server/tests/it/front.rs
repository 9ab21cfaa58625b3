//! What every request meets: health, measurements, headers, compression, errors as pages or as problem+json.

use crate::house::houses;
use axum::extract::ConnectInfo;
use axum::http::Request;
use server::web;
use std::net::SocketAddr;
use tower::ServiceExt as _;

#[tokio::test]
async fn alive_and_ready() {
    for house in houses().await {
        let nobody = house.stranger();
        assert_eq!(nobody.get("/healthz").await.status, 200);
        assert_eq!(nobody.get("/readyz").await.status, 200);
        house.db.close().await;
        assert_eq!(nobody.get("/healthz").await.status, 200, "{}: alive without its database", house.db.label());
        let answer = nobody.get("/readyz").await;
        assert_eq!(answer.status, 503, "{}: {}", house.db.label(), answer.body);
    }
}

#[tokio::test]
async fn measurements_are_for_this_machine_only() {
    web::install_metrics();
    let house = houses().await.remove(0);
    house.stranger().get("/sign-in").await;
    house.stranger().send("BREW", "/sign-in", "", String::new()).await;
    let ask = |peer: [u8; 4], forwarded: bool| {
        let mut request = Request::get("/metrics").body(axum::body::Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((peer, 1))));
        if forwarded {
            request.headers_mut().insert("x-forwarded-for", "10.0.0.1".parse().unwrap());
        }
        house.router.clone().oneshot(request)
    };
    assert_eq!(ask([10, 0, 0, 1], false).await.unwrap().status(), 404);
    assert_eq!(ask([127, 0, 0, 1], true).await.unwrap().status(), 404);
    let answer = ask([127, 0, 0, 1], false).await.unwrap();
    assert_eq!(answer.status(), 200);
    let text = String::from_utf8(axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap();
    for part in [
        "conglang_requests_total{method=\"GET\",route=\"/sign-in\",status=\"200\"} 1",
        "conglang_request_seconds_bucket{method=\"GET\",route=\"/sign-in\",le=\"0.02\"}",
        "method=\"OTHER\"",
        "conglang_memory_bytes",
        "conglang_db_errors_total{kind=\"gone\"} ",
        "conglang_figures_accepted_total",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    assert!(!text.contains("BREW"));
}

#[tokio::test]
async fn every_answer_is_numbered_and_protected() {
    let house = houses().await.remove(0);
    let nobody = house.stranger();
    for path in ["/sign-in", "/api/v1/units", "/healthz", "/no-such-page", ui::asset("gate.css")] {
        let answer = nobody.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("content-security-policy"), ui::CONTENT_SECURITY_POLICY, "{path}");
        assert_eq!(answer.header("x-request-id").len(), 32, "{path}");
        assert_eq!(answer.header("strict-transport-security"), "", "{path}");
    }
    let numbers = [nobody.get("/healthz").await, nobody.get("/healthz").await].map(|a| a.header("x-request-id").to_owned());
    assert_ne!(numbers[0], numbers[1]);
    let app =
        server::app::App::open((*house.db).clone(), calendar::Clock::system(), server::app::Settings { https: true, ..Default::default() }).await.unwrap();
    let answer = app.router().oneshot(Request::get("/healthz").body(axum::body::Body::empty()).unwrap()).await.unwrap();
    assert!(answer.headers()["strict-transport-security"].to_str().unwrap().starts_with("max-age="));
}

#[tokio::test]
async fn texts_are_compressed() {
    let house = houses().await.remove(0);
    let plain = house.stranger().get("/sign-in").await;
    assert_eq!(plain.header("content-encoding"), "");
    for coding in ["gzip", "br"] {
        let answer = house.stranger().with("accept-encoding", coding).get("/sign-in").await;
        assert_eq!(answer.header("content-encoding"), coding);
        assert!(answer.header("vary").contains("cookie") || answer.header("vary").contains("accept-encoding"));
    }
    // A few bytes are not worth it.
    assert_eq!(house.stranger().with("accept-encoding", "br").get("/healthz").await.header("content-encoding"), "");
}

#[tokio::test]
async fn errors_are_problems_for_programs_and_pages_for_people() {
    let house = houses().await.remove(0);
    let nobody = house.stranger();
    for (path, status) in [("/api/v1/no-such", 404), ("/api/v1/me", 401), ("/api/v1/units?limt=1", 422)] {
        let answer = nobody.get(path).await;
        let problem = answer.json();
        assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
        assert!(answer.status == status || (status == 422 && answer.status == 400), "{path}: {}", answer.status);
        assert_eq!(problem["status"], answer.status, "{path}");
        assert_eq!(problem["request_id"], answer.header("x-request-id"), "{path}");
        for member in ["type", "title", "code", "detail", "instance"] {
            assert!(problem[member].as_str().is_some_and(|t| !t.is_empty()), "{path}: {member} in {problem}");
        }
    }
    let page = nobody.get("/no-such-page").await;
    assert_eq!(page.status, 404);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.body.contains("Không tìm thấy") && page.body.contains(page.header("x-request-id")), "{}", page.body);
    let english = house.stranger().with("cookie", "cl_prefs=en.auto.0").get("/no-such-page").await;
    assert!(english.body.contains("Not found"));
    let page = nobody.send("DELETE", "/sign-in", "", String::new()).await;
    assert_eq!(page.status, 405);
}

#[tokio::test]
async fn hostile_requests_get_plain_answers() {
    let house = houses().await.remove(0);
    let nobody = house.stranger();
    for path in [
        "/assets/../Cargo.toml",
        "/assets/..%2f..%2fetc%2fpasswd",
        "/%00",
        "/%ff%fe",
        "//evil.example/",
        "/sign-in?back=%0d%0aset-cookie:x",
        "/sign-in?back=https://evil.example",
        "/api/v1/units/%27%20OR%201=1",
        "/api/v1/units?q=%ff",
        "/api/v1/figures?measure=%00&period=9999-99",
        "/prefs?back=//evil.example",
    ] {
        let answer = nobody.get(path).await;
        assert!(answer.status < 500, "{path}: {} {}", answer.status, answer.body);
        assert!(!answer.header("location").contains("evil"), "{path}");
        assert!(answer.headers.get("set-cookie").is_none_or(|c| !c.to_str().unwrap().starts_with('x')), "{path}");
    }
    let long = format!("/api/v1/units?q={}", "a".repeat(50_000));
    assert!(nobody.get(&long).await.status < 500);
    let form = "application/x-www-form-urlencoded";
    let large = nobody.send("POST", "/sign-in", form, format!("login=a&password={}", "x".repeat(3_000_000))).await;
    assert_eq!(large.status, 413, "{}", large.body);
    let broken = nobody.send("POST", "/sign-in", form, "%%%".to_owned()).await;
    assert!((400..500).contains(&broken.status), "{}", broken.status);
    let foreign = house.stranger().with("origin", "https://evil.example").send("POST", "/sign-in", form, "login=a&password=b".to_owned()).await;
    assert_eq!(foreign.status, 403);
}
