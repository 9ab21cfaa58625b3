use crate::house::{COMMUNE, House, PASSWORD, PROVINCE, houses};
use access::{Context, Role};
use jiff::SignedDuration;
use std::sync::{Arc, Mutex};
use totp_rs::{Builder, Secret};

fn code(letters: &str, house: &House) -> String {
    let secret = Secret::try_from_base32(letters).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    let seconds = u64::try_from(house.now.lock().unwrap().as_second()).unwrap();
    totp.generate(seconds).to_string()
}

#[tokio::test]
async fn the_second_step_is_asked_for_and_no_code_works_twice() {
    for house in houses().await {
        let (_, mut lan) = house.person("lan", Role::Officer, COMMUNE).await;
        let page = lan.get("/me/second-step").await;
        let letters = page.between("<code>", "</code>");
        assert_eq!(lan.post("/me/second-step", &[("code", "000000")]).await.status, 422);
        let first = code(&letters, &house);
        let on = lan.post("/me/second-step", &[("code", &first)]).await;
        assert!(on.body.contains("Mã khôi phục"), "{}", on.body);
        let recovery = on.between("<li><code>", "</code>");
        assert!(lan.get("/me").await.body.contains("hai lớp đang bật"));

        // The password alone opens nothing.
        let mut phone = house.stranger();
        let half = phone.post("/sign-in", &[("login", "lan"), ("password", PASSWORD), ("back", "/me")]).await;
        assert_eq!(half.location(), "/sign-in/code?back=%2Fme");
        let before = phone.cookie.clone();
        assert_eq!(phone.get("/me").await.status, 303);
        assert_eq!(phone.get("/api/v1/me").await.status, 401);
        // The code that turned it on is used up; the next one works, once.
        assert_eq!(phone.post("/sign-in/code", &[("code", &first), ("back", "/me")]).await.status, 422);
        house.wait_seconds(60);
        let next = code(&letters, &house);
        assert_eq!(phone.post("/sign-in/code", &[("code", &next), ("back", "/me")]).await.location(), "/me");
        assert_ne!(phone.cookie, before, "the half session's token is worth nothing");
        assert_eq!(phone.get("/me").await.status, 200);
        let mut thief = house.stranger();
        thief.post("/sign-in", &[("login", "lan"), ("password", PASSWORD)]).await;
        assert_eq!(thief.post("/sign-in/code", &[("code", &next)]).await.status, 422);
        // Nor does it come back when the clock is set back.
        house.wait_seconds(-30);
        assert_eq!(thief.post("/sign-in/code", &[("code", &next)]).await.status, 422);
        // A recovery code opens once.
        assert_eq!(thief.post("/sign-in/code", &[("code", &recovery), ("back", "/")]).await.status, 303);
        let mut again = house.stranger();
        again.post("/sign-in", &[("login", "lan"), ("password", PASSWORD)]).await;
        assert_eq!(again.post("/sign-in/code", &[("code", &recovery)]).await.status, 422);
        assert!(house.acts().await.contains(&"totp.recovery".to_owned()));
    }
}

#[tokio::test]
async fn a_signing_act_wants_a_fresh_proof() {
    for house in houses().await {
        let (_, lan) = house.person("lan", Role::Officer, COMMUNE).await;
        let seen: Arc<Mutex<Vec<Context>>> = Arc::default();
        let hand = Arc::clone(&seen);
        let asked = async |house: &House, cookie: &str| {
            use tower::ServiceExt as _;
            let hand = Arc::clone(&hand);
            let route = axum::routing::get(async move |ctx: Context| hand.lock().unwrap().push(ctx));
            let request = axum::http::Request::builder().uri("/").header("cookie", format!("{}={cookie}", house.access.cookie_name()));
            house.access.layer(axum::Router::new().route("/", route)).oneshot(request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
        };
        let cookie = lan.cookie.clone().unwrap();
        asked(&house, &cookie).await;
        house.wait(1);
        asked(&house, &cookie).await;
        let mut lan = lan;
        assert_eq!(lan.post("/me/proof", &[("password", "wrong wrong"), ("code", "")]).await.status, 422);
        assert_eq!(lan.post("/me/proof", &[("password", PASSWORD), ("code", ""), ("back", "/today")]).await.location(), "/today");
        asked(&house, &cookie).await;
        // The clock set back: the proof of the future is none.
        *house.now.lock().unwrap() -= SignedDuration::from_mins(4);
        asked(&house, &cookie).await;
        let fresh: Vec<bool> = seen.lock().unwrap().iter().map(|ctx| ctx.require_recent_proof(15).is_ok()).collect();
        assert_eq!(fresh, [true, false, true, false]);
        // A session from the future does not live on.
        *house.now.lock().unwrap() -= SignedDuration::from_hours(3);
        assert_eq!(lan.get("/me").await.status, 303);
    }
}

#[tokio::test]
async fn failures_of_others_do_not_lock_out_a_known_device() {
    for house in houses().await {
        let (_, _) = house.person("lan", Role::Officer, COMMUNE).await;
        let mut home = house.stranger();
        let signed = home.post("/sign-in", &[("login", "lan"), ("password", PASSWORD)]).await;
        let set = signed.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap()).find(|v| v.starts_with("cl_device=")).unwrap();
        let device = set.split(';').next().unwrap().to_owned();
        let mut evil = house.stranger();
        for _ in 0..12 {
            evil.post("/sign-in", &[("login", "lan"), ("password", "not this one")]).await;
        }
        assert_eq!(evil.post("/sign-in", &[("login", "lan"), ("password", PASSWORD)]).await.status, 429);
        let mut known = house.stranger().with("cookie", device);
        assert_eq!(known.post("/sign-in", &[("login", "lan"), ("password", PASSWORD)]).await.status, 303);
    }
}

#[tokio::test]
async fn an_administrator_signs_all_devices_out_and_the_first_start_happens_once() {
    for house in houses().await {
        let (login, password) = house.access.first_start().await.unwrap().unwrap();
        assert!(house.access.first_start().await.unwrap().is_none());
        let mut first = house.stranger();
        assert_eq!(first.post("/sign-in", &[("login", &login), ("password", &password)]).await.location(), "/me/password");
        let (_, mut an) = house.person("an", Role::Administrator, PROVINCE).await;
        let (id, mut lan) = house.person("lan", Role::Officer, COMMUNE).await;
        assert_eq!(an.post(&format!("/admin/accounts/{id}/sessions/end"), &[]).await.location(), format!("/admin/accounts/{id}?done=ended"));
        assert_eq!(lan.get("/me").await.status, 303);
    }
}

#[tokio::test]
async fn people_see_take_and_agree_to_what_is_kept_of_them() {
    for house in houses().await {
        let (_, mut lan) = house.person("lan", Role::Officer, COMMUNE).await;
        let page = lan.get("/me/data").await;
        assert!(page.body.contains("Căn cứ") && page.body.contains("chưa đồng ý"), "never agreed beforehand");
        assert_eq!(lan.post("/me/data/consent", &[("kind", "directory"), ("given", "1")]).await.status, 303);
        assert!(lan.get("/me/data").await.body.contains("bạn đã đồng ý"));
        assert_eq!(lan.post("/me/data/consent", &[("kind", "account"), ("given", "1")]).await.status, 422);
        house.wait_seconds(1);
        lan.post("/me/data/consent", &[("kind", "directory"), ("given", "0")]).await;
        let copy = lan.get("/me/data/copy.json").await;
        let read: serde_json::Value = serde_json::from_str(&copy.body).unwrap();
        assert_eq!(read["account"]["login"], "lan");
        assert!(read["consents"][0]["withdrawn"].is_string() && read["roles"][0]["role"] == "officer", "{copy}", copy = copy.body);
        let acts = house.acts().await;
        for act in ["consent.give", "consent.withdraw", "personal.export"] {
            assert!(acts.iter().any(|a| a == act), "{act}");
        }
    }
}
