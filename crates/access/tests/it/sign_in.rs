use crate::house::{COMMUNE, House, NATION, PASSWORD, Units, houses, houses_with};
use access::{NewAccount, Options, Role};

async fn enter(house: &House, login: &str, password: &str, address: &str) -> u16 {
    let form = [("login", login), ("password", password)];
    house.stranger().with("x-forwarded-for", address).post("/sign-in", &form).await.status
}

#[tokio::test]
async fn people_sign_in_go_back_to_their_page_and_sign_out() {
    for house in houses().await {
        house.person("lan.nguyen", Role::Officer, COMMUNE).await;
        let mut browser = house.stranger().with("user-agent", "Firefox on Windows");
        let form = browser.get("/sign-in?back=/places/27%3Fq%3Da").await;
        assert!(form.body.contains("value=\"/places/27?q=a\""), "{}", form.body);
        // Capitals and diacritics in the login do not matter.
        let entered = browser.post("/sign-in", &[("login", "Lan.Nguyễn"), ("password", PASSWORD), ("back", "/places/27?q=a")]).await;
        assert_eq!((entered.status, entered.location()), (303, "/places/27?q=a"));
        let cookie = entered.headers["set-cookie"].to_str().unwrap();
        assert!(cookie.contains("HttpOnly; SameSite=Lax") && cookie.starts_with("cl_session=") && !cookie.contains("Secure"), "{cookie}");
        let me = browser.get("/me").await;
        assert_eq!(me.status, 200);
        assert!(me.body.contains("Cô lan.nguyen") && me.body.contains("cán bộ nhập liệu · xã Thiệu Trung") && me.body.contains("Firefox, Windows"));
        assert_eq!(me.headers["cache-control"], "private, no-cache");
        assert_eq!(browser.get("/sign-in?back=/x").await.location(), "/x");
        let old = browser.cookie.clone();
        assert_eq!(browser.post("/sign-out", &[]).await.status, 303);
        assert_eq!(browser.cookie, None);
        browser.cookie = old;
        assert_eq!(browser.get("/me").await.status, 303, "the session itself must be over");
    }
}

#[tokio::test]
async fn redirects_stay_at_home_and_old_sessions_end() {
    for house in houses().await {
        let (_, mut browser) = house.person("lan", Role::Officer, COMMUNE).await;
        let planted = browser.cookie.clone();
        let entered = browser.post("/sign-in", &[("login", "lan"), ("password", PASSWORD), ("back", "//evil.test")]).await;
        assert_eq!(entered.location(), "/");
        assert_ne!(browser.cookie, planted);
        browser.cookie = planted;
        assert_eq!(browser.get("/me").await.status, 303);
    }
}

#[tokio::test]
async fn wrong_unknown_and_closed_look_the_same() {
    for house in houses().await {
        let (id, _) = house.person("lan", Role::Officer, COMMUNE).await;
        house.person("hoa", Role::Officer, COMMUNE).await;
        house.access.disable(&house.system(), id, true).await.unwrap();
        let mut bodies = Vec::new();
        for (login, password) in [("hoa", "wrong"), ("ho1", PASSWORD), ("lan", PASSWORD), ("", "")] {
            let refused = house.stranger().post("/sign-in", &[("login", login), ("password", password)]).await;
            assert_eq!(refused.status, 401);
            bodies.push(refused.body.replace(&format!("value=\"{login}\""), ""));
        }
        assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]));
        assert!(bodies[0].contains("chưa đúng"));
    }
}

#[tokio::test]
async fn guessing_is_slowed_for_the_pair_of_login_and_address_only() {
    for house in houses_with(Options { behind_proxy: true, ..Options::new(NATION) }).await {
        house.person("lan", Role::Officer, COMMUNE).await;
        house.person("hoa", Role::Officer, COMMUNE).await;
        for _ in 0..5 {
            assert_eq!(enter(&house, "lan", "wrong", "10.0.0.1").await, 401);
        }
        assert_eq!(enter(&house, "lan", PASSWORD, "10.0.0.1").await, 429);
        assert_eq!(enter(&house, "hoa", PASSWORD, "10.0.0.1").await, 303, "a colleague in the same office");
        assert_eq!(enter(&house, "lan", PASSWORD, "10.0.0.2").await, 303, "the person herself elsewhere");
        house.wait(1);
        assert_eq!(enter(&house, "lan", PASSWORD, "10.0.0.1").await, 303);
        // Success forgets the failures.
        for _ in 0..4 {
            assert_eq!(enter(&house, "lan", "wrong", "10.0.0.1").await, 401);
        }
        assert_eq!(enter(&house, "lan", PASSWORD, "10.0.0.1").await, 303);
    }
}

#[tokio::test]
async fn many_guesses_at_once_do_not_slip_through() {
    for house in houses().await {
        house.person("lan", Role::Officer, COMMUNE).await;
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..20 {
            let router = house.router.clone();
            tasks.spawn(async move {
                let request = axum::http::Request::post("/sign-in")
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(axum::body::Body::from(format!("login=lan&password=guess{n}")))
                    .unwrap();
                tower::ServiceExt::oneshot(router, request).await.unwrap().status().as_u16()
            });
        }
        let answers = tasks.join_all().await;
        assert_eq!(answers.iter().filter(|status| **status == 401).count(), 5, "{answers:?}");
        assert_eq!(answers.iter().filter(|status| **status == 429).count(), 15, "{answers:?}");
    }
}

#[tokio::test]
async fn sessions_end_by_idleness_and_by_age() {
    for house in houses().await {
        let (_, mut idle) = house.person("lan", Role::Officer, COMMUNE).await;
        let (_, mut busy) = house.person("hoa", Role::Officer, COMMUNE).await;
        for hours in [11, 2] {
            house.wait(hours);
            assert_eq!(busy.get("/me").await.status, 200);
            use_is_written_down(&house).await;
        }
        assert_eq!(idle.get("/me").await.status, 303, "13 hours without a request");
        for _ in 0..14 {
            house.wait(11);
            assert_eq!(busy.get("/me").await.status, 200);
            use_is_written_down(&house).await;
        }
        house.wait(2);
        assert_eq!(busy.get("/me").await.status, 303, "169 hours after signing in");
    }
}

/// The last use is written down beside the request, so a test waits for it.
async fn use_is_written_down(house: &House) {
    let now = house.system().at.as_microsecond();
    let stmt = db::Stmt { name: "test", sql: "SELECT max(seen_at) FROM session", reach: db::Reach::Shared };
    for _ in 0..1000 {
        if house.db.opt(&stmt, vec![]).await.unwrap().unwrap().int(0).unwrap() == now {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("the use of a session was not written down");
}

#[tokio::test]
async fn https_gets_the_host_cookie() {
    for house in houses_with(Options { https: true, ..Options::new(NATION) }).await {
        house.person("lan", Role::Officer, COMMUNE).await;
        let mut browser = house.stranger();
        let entered = browser.post("/sign-in", &[("login", "lan"), ("password", PASSWORD)]).await;
        let cookie = entered.headers["set-cookie"].to_str().unwrap();
        assert!(cookie.starts_with("__Host-cl_session=") && cookie.ends_with("; Secure") && cookie.contains("Path=/;"), "{cookie}");
        assert_eq!(browser.get("/me").await.status, 200);
    }
}

#[tokio::test]
async fn demonstration_accounts_are_one_click_and_only_there() {
    for house in houses().await {
        let seeds = [("demo-xa", "Cán bộ xã", "demo", Role::Officer, COMMUNE)];
        house.access.seed_demo(&seeds).await.unwrap();
        house.access.seed_demo(&seeds).await.unwrap();
        let mut browser = house.stranger();
        let page = browser.get("/sign-in").await;
        assert!(page.body.contains("value=\"demo-xa\"") && page.body.contains("Người dân"));
        assert_eq!(browser.post("/sign-in", &[("login", "demo-xa"), ("password", "demo")]).await.status, 303);
        let refused = browser.post("/me/password", &[("current", "demo"), ("password", "another good one")]).await;
        assert_eq!(refused.status, 403);
        assert!(refused.body.contains("dùng thử"));
        // The same database served without the demonstration.
        let clock = calendar::Clock::fixed(house.system().at);
        let serious = access::Access::new(house.db.clone(), clock, std::sync::Arc::new(Units), Options::new(NATION));
        let other = House { router: serious.layer(access::routes(serious.clone()).into_router(())), access: serious, ..house };
        let cookie = other.access.open_session(&other.system(), account(&other, "demo-xa").await).await.unwrap();
        let mut browser = other.stranger();
        assert!(!browser.get("/sign-in").await.body.contains("demo-xa"));
        assert_eq!(browser.post("/sign-in", &[("login", "demo-xa"), ("password", "demo")]).await.status, 401);
        browser.cookie = Some(cookie);
        assert_eq!(browser.get("/me").await.status, 303);
    }
}

async fn account(house: &House, login: &str) -> uuid::Uuid {
    house.access.find_account(&house.system(), login).await.unwrap().unwrap().id
}

#[tokio::test]
async fn a_one_time_password_opens_only_the_page_where_it_is_replaced() {
    for house in houses().await {
        let new = |login: &str| NewAccount { login: login.into(), name: "Lan".into(), unit: COMMUNE, password: None };
        let (_, password) = house.access.add_account(&house.system(), new("lan")).await.unwrap();
        let password = password.unwrap();
        let mut browser = house.stranger();
        let entered = browser.post("/sign-in", &[("login", "lan"), ("password", &password), ("back", "/places")]).await;
        assert_eq!(entered.location(), "/me/password");
        assert_eq!(browser.get("/me").await.location(), "/me/password");
        assert_eq!(browser.post("/me/tokens", &[("name", "x"), ("days", "30")]).await.status, 403);
        assert_eq!(browser.get("/me/password").await.status, 200);
        let weak = browser.post("/me/password", &[("current", &password), ("password", "matkhau123")]).await;
        assert!(weak.status == 422 && weak.body.contains("dễ đoán"), "{}", weak.body);
        let changed = browser.post("/me/password", &[("current", &password), ("password", PASSWORD)]).await;
        assert_eq!(changed.location(), "/me?done=password");
        assert_eq!(browser.get("/me").await.status, 200);
        assert_eq!(enter(&house, "lan", &password, "").await, 401);
        // Three days later an unused one is void.
        let (_, unused) = house.access.add_account(&house.system(), new("hoa")).await.unwrap();
        house.wait(73);
        let late = house.stranger().post("/sign-in", &[("login", "hoa"), ("password", &unused.unwrap())]).await;
        assert!(late.status == 401 && late.body.contains("hết hạn"));
    }
}
