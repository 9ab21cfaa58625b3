use crate::house::{Answer, Browser, COMMUNE, House, PASSWORD, PROVINCE, houses};
use crate::provider::{CLIENT, Provider, SECRET, Says, plain};
use access::Role;

const SITE: &str = "https://cong.example.vn/";

fn configured(provider: &Provider, checks_second_step: bool) -> access::Provider {
    access::Provider {
        key: "vneid".to_owned(),
        name: "VNeID".to_owned(),
        issuer: provider.issuer.clone(),
        client_id: CLIENT.to_owned(),
        client_secret: SECRET.to_owned(),
        scopes: vec!["profile".to_owned()],
        checks_second_step,
        authority: None,
    }
}

async fn open(house: &House, checks_second_step: bool) -> Provider {
    let now = house.now.lock().unwrap().as_second();
    let provider = Provider::start(now).await;
    house.access.set_sign_on(&[configured(&provider, checks_second_step)], SITE).unwrap();
    provider
}

/// Remembers the cookie of a browser that leaves for the provider, as browsers do.
fn keep(browser: &mut Browser<'_>, answer: &Answer) {
    if let Some(set) = answer.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap()).find(|v| v.starts_with("cl_sign_on=")) {
        assert!(set.contains("HttpOnly; SameSite=Lax"));
        browser.headers.retain(|(name, _)| *name != "cookie");
        browser.headers.push(("cookie", set.split(';').next().unwrap().to_owned()));
    }
}

/// Leaves for the provider: the address there.
async fn leave(browser: &mut Browser<'_>, back: &str) -> String {
    let answer = browser.get(&format!("/sign-in/with/vneid?back={back}")).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    keep(browser, &answer);
    answer.location().to_owned()
}

async fn enter(browser: &mut Browser<'_>, provider: &Provider) -> Answer {
    let address = leave(browser, "/me").await;
    browser.get(&provider.confirm(&address)).await
}

/// Asks to link: the address at the provider that the page leads to.
async fn ask_link(browser: &mut Browser<'_>) -> String {
    let page = browser.post("/me/sign-on/vneid", &[]).await;
    assert_eq!(page.status, 200, "{}", page.body);
    page.between("class=\"btn go\" href=\"", "\"").replace("&#38;", "&").replace("&amp;", "&")
}

async fn link(browser: &mut Browser<'_>, provider: &Provider) -> Answer {
    let address = ask_link(browser).await;
    browser.get(&provider.confirm(&address)).await
}

async fn prove(browser: &mut Browser<'_>) {
    assert_eq!(browser.post("/me/proof", &[("password", PASSWORD)]).await.status, 303);
}

#[tokio::test]
async fn an_account_is_linked_by_its_owner_entered_proved_and_unlinked() {
    for house in houses().await {
        let provider = open(&house, false).await;
        let (_, mut lan) = house.person("lan", Role::Officer, COMMUNE).await;
        // Nobody is let in before, and no account is made.
        let mut phone = house.stranger();
        assert!(phone.get("/sign-in").await.body.contains("Vào bằng VNeID"));
        let unknown = enter(&mut phone, &provider).await;
        assert!(unknown.status == 422 && unknown.body.contains("Chưa có tài khoản nào ở đây gắn với VNeID"), "{}", unknown.body);

        // Linking wants a fresh proof.
        house.wait(1);
        provider.says(|says| (says.now, says.asked) = (says.now + 3600, Some(says.now + 3600)));
        assert_eq!(lan.post("/me/sign-on/vneid", &[]).await.location(), "/me/proof?back=%2Fme");
        prove(&mut lan).await;
        assert_eq!(link(&mut lan, &provider).await.location(), "/me?done=linked");
        assert!(lan.get("/me").await.body.contains("đã gắn"));
        assert_eq!(lan.post("/me/sign-on/vneid", &[]).await.status, 409, "once is enough");

        assert_eq!(enter(&mut phone, &provider).await.location(), "/me");
        let me = phone.get("/me").await;
        assert!(me.body.contains("Cô lan") && me.body.contains("dùng lần cuối"), "{}", me.body);
        let copy = phone.get("/me/data/copy").await;
        assert!(copy.body.contains("Đăng nhập qua nơi khác") && !copy.body.contains("079000000001"), "the identifier itself is not kept");

        // Before an act of weight the provider asks the person again.
        house.wait(2);
        let now = house.now.lock().unwrap().as_second();
        provider.says(|says| says.now = now);
        assert!(phone.get("/me/proof?back=/me").await.body.contains("Xác nhận bằng VNeID"));
        let address = phone.get("/me/proof/with/vneid?back=/me").await.location().to_owned();
        assert!(address.contains("prompt=login") && address.contains("max_age=0"), "{address}");
        let old = phone.get(&provider.confirm(&address)).await;
        assert!(old.status == 422 && old.body.contains("chưa hỏi lại"), "{}", old.body);
        assert_eq!(phone.post("/me/sign-on/vneid/end", &[]).await.location(), "/me/proof?back=%2Fme");
        provider.says(|says| says.asked = None);
        let address = phone.get("/me/proof/with/vneid?back=/me").await.location().to_owned();
        assert_eq!(phone.get(&provider.confirm(&address)).await.status, 422, "a provider that does not say when it asked");
        provider.says(|says| (says.asked, says.subject) = (Some(now), "somebody else".to_owned()));
        let address = phone.get("/me/proof/with/vneid?back=/me").await.location().to_owned();
        let other = phone.get(&provider.confirm(&address)).await;
        assert!(other.status == 422 && other.body.contains("không phải chủ"), "{}", other.body);
        provider.says(|says| says.subject = "079000000001".to_owned());
        let address = phone.get("/me/proof/with/vneid?back=/me").await.location().to_owned();
        assert_eq!(phone.get(&provider.confirm(&address)).await.location(), "/me");
        assert_eq!(phone.post("/me/sign-on/vneid/end", &[]).await.location(), "/me?done=unlinked");
        assert_eq!(enter(&mut house.stranger(), &provider).await.status, 422);
        let acts = house.acts().await;
        for act in ["sign_on.link", "sign_on.end", "proof.give"] {
            assert!(acts.iter().any(|a| a == act), "{act}");
        }
    }
}

#[tokio::test]
async fn what_is_not_true_of_now_and_for_us_opens_nothing() {
    for house in houses().await {
        let provider = open(&house, false).await;
        let (_, mut lan) = house.person("lan", Role::Officer, COMMUNE).await;
        assert_eq!(link(&mut lan, &provider).await.status, 303);
        let honest: Says = {
            let mut kept = None;
            provider.says(|says| kept = Some(says.clone()));
            kept.unwrap()
        };
        type Lie = fn(&mut Says);
        let lies: [(&str, Lie); 11] = [
            ("audience", |s| s.audience = "another-site".to_owned()),
            ("issuer", |s| s.issuer = Some("https://id.example.vn".to_owned())),
            ("nonce", |s| s.nonce = Some("of another visit".to_owned())),
            ("expired", |s| s.lives = -1),
            ("forged", |s| s.forged = true),
            ("no signature", |s| s.algorithm = "none"),
            ("a secret instead of a key", |s| s.algorithm = "HS256"),
            ("a key nobody published, by another algorithm", |s| (s.algorithm, s.forged) = ("ES256", true)),
            ("broken", |s| s.broken = true),
            ("endless", |s| s.endless = true),
            ("another subject", |s| s.subject = "079000000002".to_owned()),
        ];
        for (what, lie) in lies {
            let mut thief = house.stranger();
            let address = leave(&mut thief, "/me").await;
            provider.says(lie);
            let answer = thief.get(&provider.confirm(&address)).await;
            provider.says(|says| *says = honest.clone());
            assert!(matches!(answer.status, 422 | 502), "{what}: {}", answer.status);
            assert!(answer.body.contains("Tên đăng nhập"), "{what}: the other ways lie at hand");
            assert_eq!(thief.get("/me").await.status, 303, "{what}");
        }
        let mut honest_one = house.stranger();
        assert_eq!(enter(&mut honest_one, &provider).await.location(), "/me");
    }
}

#[tokio::test]
async fn a_visit_is_finished_once_in_time_by_who_began_it_and_for_what_it_was_begun() {
    for house in houses().await {
        let provider = open(&house, false).await;
        let (_, mut lan) = house.person("lan", Role::Officer, COMMUNE).await;
        let (_, mut binh) = house.person("binh", Role::Officer, COMMUNE).await;
        // A thief sends Lan the end of a visit that the thief began, to link their own identity to her account.
        let address = ask_link(&mut binh).await;
        let trap = provider.confirm(&address);
        let caught = lan.get(&trap).await;
        assert!(caught.status == 422 && caught.body.contains("không bắt đầu từ trình duyệt này"), "{}", caught.body);
        assert_eq!(binh.get(&trap).await.status, 422, "it is spent");
        assert_eq!(link(&mut lan, &provider).await.status, 303);
        // The same identity cannot open two accounts.
        assert_eq!(link(&mut binh, &provider).await.status, 409);

        let mut phone = house.stranger();
        let address = leave(&mut phone, "/me").await;
        let end = provider.confirm(&address);
        let mut other = house.stranger();
        leave(&mut other, "/me").await;
        assert_eq!(other.get(&end).await.status, 422, "another browser");
        assert_eq!(phone.get(&end).await.status, 422, "and the visit is spent");
        let address = leave(&mut phone, "/me").await;
        let end = provider.confirm(&address);
        assert_eq!(phone.get(&end).await.location(), "/me");
        phone.post("/sign-out", &[]).await;
        assert_eq!(phone.get(&end).await.status, 422, "replayed");
        let address = leave(&mut phone, "/me").await;
        let end = provider.confirm(&address);
        house.wait_seconds(901);
        assert_eq!(phone.get(&end).await.status, 422, "too late");
        let now = house.now.lock().unwrap().as_second();
        provider.says(|says| says.now = now);
        let address = leave(&mut phone, "/me").await;
        let end = provider.confirm(&address);
        house.wait_seconds(-60);
        assert_eq!(phone.get(&end).await.status, 422, "the clock was set back");
        // Refused or cancelled there; nothing at all; another site to go back to.
        let address = leave(&mut phone, "/me").await;
        let state = plain(address.split("state=").nth(1).unwrap().split('&').next().unwrap());
        let cancelled = phone.get(&format!("/sign-in/return?error=access_denied&state={state}")).await;
        assert!(cancelled.status == 422 && cancelled.body.contains("VNeID chưa xác nhận"), "{}", cancelled.body);
        assert_eq!(phone.get("/sign-in/return").await.status, 422);
        let address = leave(&mut phone, "https://evil.vn").await;
        assert_eq!(phone.get(&provider.confirm(&address)).await.location(), "/");
        assert_eq!(house.stranger().get("/sign-in/with/none").await.status, 404);
        assert_eq!(lan.get("/me/proof/with/none").await.status, 404);
        assert_eq!(binh.get("/me/proof/with/vneid").await.status, 404, "not linked");
    }
}

#[tokio::test]
async fn the_second_step_closed_accounts_and_resets_hold_for_this_door_too() {
    for house in houses().await {
        let provider = open(&house, false).await;
        let (lan_id, mut lan) = house.person("lan", Role::Officer, COMMUNE).await;
        let (_, mut an) = house.person("an", Role::Administrator, PROVINCE).await;
        assert_eq!(link(&mut lan, &provider).await.status, 303);
        let page = lan.get("/me/second-step").await;
        let totp = totp_rs::Builder::new().with_secret(totp_rs::Secret::try_from_base32(page.between("<code>", "</code>")).unwrap()).build().unwrap();
        let seconds = || u64::try_from(house.now.lock().unwrap().as_second()).unwrap();
        assert_eq!(lan.post("/me/second-step", &[("code", &totp.generate(seconds()).to_string())]).await.status, 200);
        let mut phone = house.stranger();
        assert_eq!(enter(&mut phone, &provider).await.location(), "/sign-in/code?back=%2Fme");
        assert_eq!(phone.get("/me").await.status, 303, "not yet");
        house.wait_seconds(60);
        assert_eq!(phone.post("/sign-in/code", &[("code", &totp.generate(seconds()).to_string()), ("back", "/me")]).await.location(), "/me");

        let state = format!("/admin/accounts/{lan_id}/state");
        assert_eq!(an.post(&state, &[("disabled", "1"), ("state", "disabled")]).await.status, 303);
        let closed = enter(&mut house.stranger(), &provider).await;
        assert!(closed.status == 422 && closed.body.contains("Chưa có tài khoản nào"), "in the words for an unknown identity");
        assert_eq!(an.post(&state, &[("disabled", "0"), ("state", "enabled")]).await.status, 303);
        assert_eq!(enter(&mut house.stranger(), &provider).await.status, 303);
        // Whoever had the account in their hands may have linked it to themselves.
        assert_eq!(an.post(&format!("/admin/accounts/{lan_id}/password"), &[]).await.status, 200);
        assert_eq!(enter(&mut house.stranger(), &provider).await.status, 422);
    }
}

#[tokio::test]
async fn a_provider_that_checks_two_steps_itself_and_one_that_changes_its_keys() {
    for house in houses().await {
        let provider = open(&house, true).await;
        let (_, mut lan) = house.person("lan", Role::Officer, COMMUNE).await;
        assert_eq!(link(&mut lan, &provider).await.status, 303);
        let page = lan.get("/me/second-step").await;
        let totp = totp_rs::Builder::new().with_secret(totp_rs::Secret::try_from_base32(page.between("<code>", "</code>")).unwrap()).build().unwrap();
        let now = u64::try_from(house.now.lock().unwrap().as_second()).unwrap();
        assert_eq!(lan.post("/me/second-step", &[("code", &totp.generate(now).to_string())]).await.status, 200);
        assert_eq!(enter(&mut house.stranger(), &provider).await.location(), "/me");
        let read = provider.keys_read();
        // A new key of another kind within the hour: read once more, and not again and again for a key that stays unknown.
        house.wait_seconds(120);
        provider.says(|says| (says.algorithm, says.key) = ("ES256", "two"));
        assert_eq!(enter(&mut house.stranger(), &provider).await.location(), "/me");
        assert_eq!(provider.keys_read(), read + 1);
        provider.says(|says| says.key = "three");
        assert_eq!(enter(&mut house.stranger(), &provider).await.status, 422);
        assert_eq!(enter(&mut house.stranger(), &provider).await.status, 422);
        assert_eq!(provider.keys_read(), read + 1);
    }
}

#[tokio::test]
async fn a_provider_that_is_gone_leaves_the_password() {
    for house in houses().await {
        let provider = open(&house, false).await;
        provider.says(|says| says.broken = true);
        let gone = house.stranger().get("/sign-in/with/vneid").await;
        assert!(gone.status == 502 && gone.body.contains("Chưa liên lạc được với VNeID"), "{}", gone.body);
        assert!(gone.body.contains("name=\"password\""));
        let (_, mut lan) = house.person("lan", Role::Officer, COMMUNE).await;
        assert_eq!(lan.post("/me/sign-on/vneid", &[]).await.status, 502);
    }
}
