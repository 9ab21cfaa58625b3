use crate::house::{Answer, Browser, COMMUNE, House, PASSWORD, PROVINCE, houses};
use access::Role;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::EncodePublicKey as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const ORIGIN: &str = "http://localhost:8080";

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// An authenticator of one key, in software, which says whatever a test wants it to say.
#[derive(Clone)]
struct Key {
    id: Vec<u8>,
    secret: SigningKey,
    user: String,
    counter: u32,
    origin: &'static str,
    party: &'static str,
    flags: u8,
}

impl Key {
    fn new(seed: u8) -> Key {
        let secret = SigningKey::from_slice(&[seed; 32]).unwrap();
        Key { id: vec![seed; 16], secret, user: String::new(), counter: 0, origin: ORIGIN, party: "localhost", flags: 0x05 }
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(self.party.as_bytes()).to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn client(&self, kind: &str, options: &Value) -> Vec<u8> {
        json!({"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false}).to_string().into_bytes()
    }

    fn create(&mut self, options: &Value) -> String {
        options["user"]["id"].as_str().unwrap().clone_into(&mut self.user);
        let mut data = self.data(self.flags | 0x40);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        let key = self.secret.verifying_key().to_public_key_der().unwrap();
        json!({
            "id": text(&self.id), "clientData": text(&self.client("webauthn.create", options)), "authenticatorData": text(&data),
            "publicKey": text(key.as_bytes()), "algorithm": -7,
        })
        .to_string()
    }

    fn get(&self, options: &Value) -> String {
        let (client, data) = (self.client("webauthn.get", options), self.data(self.flags));
        let mut message = data.clone();
        message.extend(Sha256::digest(&client));
        let signature: Signature = self.secret.sign(&message);
        json!({
            "id": text(&self.id), "clientData": text(&client), "authenticatorData": text(&data),
            "signature": text(signature.to_der().as_bytes()), "userHandle": self.user,
        })
        .to_string()
    }
}

/// The options on a page.
fn options(page: &Answer) -> Value {
    assert_eq!(page.status, 200, "{}", page.body);
    let raw = page.between("data-options=\"", "\"");
    serde_json::from_str(&raw.replace("&#34;", "\"").replace("&quot;", "\"")).unwrap()
}

async fn ask(browser: &mut Browser<'_>, path: &str) -> Value {
    let page = browser.post(path, &[]).await;
    if let Some(set) = page.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap()).find(|v| v.starts_with("cl_passkey=")) {
        browser.headers.retain(|(name, _)| *name != "cookie");
        browser.headers.push(("cookie", set.split(';').next().unwrap().to_owned()));
    }
    options(&page)
}

async fn add(browser: &mut Browser<'_>, key: &mut Key, name: &str) -> Answer {
    let options = ask(browser, "/me/passkeys").await;
    let answer = key.create(&options);
    browser.post("/me/passkeys", &[("answer", &answer), ("name", name)]).await
}

async fn enter(browser: &mut Browser<'_>, key: &Key) -> Answer {
    let options = ask(browser, "/sign-in/passkey").await;
    browser.post("/sign-in/passkey", &[("answer", &key.get(&options)), ("back", "/me")]).await
}

async fn prove(browser: &mut Browser<'_>) {
    assert_eq!(browser.post("/me/proof", &[("password", PASSWORD)]).await.status, 303);
}

async fn sites() -> Vec<House> {
    let all = houses().await;
    for house in &all {
        house.access.set_public_address(ORIGIN);
    }
    all
}

#[tokio::test]
async fn a_passkey_is_added_opens_the_gate_and_is_taken_away() {
    for house in sites().await {
        let (_, mut lan) = house.person("lan", Role::Officer, COMMUNE).await;
        // Adding wants a fresh proof.
        house.wait(1);
        assert_eq!(lan.post("/me/passkeys", &[]).await.location(), "/me/proof?back=%2Fme");
        prove(&mut lan).await;
        let mut key = Key::new(7);
        assert_eq!(add(&mut lan, &mut key, "").await.status, 422, "a key has a name");
        assert_eq!(add(&mut lan, &mut key, "điện thoại").await.location(), "/me?done=passkey");
        assert_eq!(add(&mut lan, &mut key, "lần nữa").await.status, 409);
        let page = lan.get("/me").await;
        assert!(page.body.contains("<b>điện thoại</b>") && page.body.contains("chưa dùng"), "{}", page.body);

        let mut phone = house.stranger();
        let form = phone.get("/sign-in").await;
        assert!(form.body.contains("Vào bằng khóa truy cập"));
        key.counter = 1;
        assert_eq!(enter(&mut phone, &key).await.location(), "/me");
        assert!(phone.get("/me").await.body.contains("dùng lần cuối"));
        // It proves again before an act of weight.
        house.wait(1);
        assert_eq!(phone.post("/me/second-step/end", &[]).await.location(), "/me/proof?back=%2Fme");
        assert!(phone.get("/me/proof").await.body.contains("/me/proof/passkey"));
        let asked = ask(&mut phone, "/me/proof/passkey").await;
        assert_eq!(asked["allowCredentials"][0]["id"], text(&key.id));
        key.counter = 2;
        assert_eq!(phone.post("/me/proof/passkey", &[("answer", &key.get(&asked)), ("back", "/today")]).await.location(), "/today");
        assert_eq!(phone.post("/me/second-step/end", &[]).await.location(), "/me?done=saved");

        // Nobody else can take it away; who has it proves first.
        let id = phone.get("/me").await.between("/me/passkeys/", "/end");
        let (_, mut binh) = house.person("binh", Role::Officer, COMMUNE).await;
        assert_eq!(binh.post(&format!("/me/passkeys/{id}/end"), &[]).await.status, 404);
        house.wait(1);
        assert_eq!(phone.post(&format!("/me/passkeys/{id}/end"), &[]).await.location(), "/me/proof?back=%2Fme");
        prove(&mut phone).await;
        assert_eq!(phone.post(&format!("/me/passkeys/{id}/end"), &[]).await.location(), "/me?done=passkey-ended");
        key.counter = 3;
        let gone = enter(&mut house.stranger(), &key).await;
        assert!(gone.status == 422 && gone.body.contains("Chưa vào được"), "a removed key opens nothing");
        let acts = house.acts().await;
        for act in ["passkey.add", "passkey.end", "proof.give"] {
            assert!(acts.iter().any(|a| a == act), "{act}");
        }
    }
}

#[tokio::test]
async fn an_answer_of_another_time_place_browser_or_kind_opens_nothing() {
    for house in sites().await {
        let (_, mut lan) = house.person("lan", Role::Officer, COMMUNE).await;
        let mut key = Key::new(9);
        // While adding: another site, another party, another session.
        for bad in [Key { origin: "http://localhost:8081", ..key.clone() }, Key { party: "evil.vn", ..key.clone() }, Key { flags: 0x01, ..key.clone() }] {
            assert_eq!(add(&mut lan, &mut bad.clone(), "khóa").await.status, 422);
        }
        let (_, mut binh) = house.person("binh", Role::Officer, COMMUNE).await;
        let of_binh = ask(&mut binh, "/me/passkeys").await;
        let answer = key.create(&of_binh);
        assert_eq!(lan.post("/me/passkeys", &[("answer", &answer), ("name", "khóa")]).await.status, 422, "the challenge of another session");
        assert_eq!(add(&mut lan, &mut key, "khóa").await.status, 303);

        for (what, bad) in [
            ("origin", Key { origin: "https://localhost:8080", ..key.clone() }),
            ("party", Key { party: "localhost.evil.vn", ..key.clone() }),
            ("nobody verified", Key { flags: 0x01, ..key.clone() }),
            ("another secret", Key { secret: Key::new(10).secret, ..key.clone() }),
            ("unknown id", Key { id: vec![1; 16], ..key.clone() }),
            ("another person", Key { user: text(&[3; 16]), ..key.clone() }),
        ] {
            let mut thief = house.stranger();
            assert_eq!(enter(&mut thief, &bad).await.status, 422, "{what}");
            assert_eq!(thief.get("/me").await.status, 303, "{what}");
        }
        // Replayed, in another browser, too late, before the clock was set back, and meant for another act.
        let mut phone = house.stranger();
        let asked = ask(&mut phone, "/sign-in/passkey").await;
        let answer = key.get(&asked);
        let mut other = house.stranger();
        ask(&mut other, "/sign-in/passkey").await;
        assert_eq!(other.post("/sign-in/passkey", &[("answer", &answer)]).await.status, 422, "another browser");
        assert_eq!(phone.post("/sign-in/passkey", &[("answer", &answer), ("back", "/me")]).await.location(), "/me");
        assert_eq!(phone.post("/sign-in/passkey", &[("answer", &answer)]).await.status, 422, "replayed");
        let mut late = house.stranger();
        let asked = ask(&mut late, "/sign-in/passkey").await;
        house.wait_seconds(301);
        assert_eq!(late.post("/sign-in/passkey", &[("answer", &key.get(&asked))]).await.status, 422, "too late");
        let mut early = house.stranger();
        let asked = ask(&mut early, "/sign-in/passkey").await;
        house.wait_seconds(-60);
        assert_eq!(early.post("/sign-in/passkey", &[("answer", &key.get(&asked))]).await.status, 422, "clock set back");
        let mut proof = house.stranger();
        let asked = ask(&mut proof, "/sign-in/passkey").await;
        assert_eq!(lan.post("/me/proof/passkey", &[("answer", &key.get(&asked))]).await.status, 422, "asked for another act");
        let asked = ask(&mut proof, "/sign-in/passkey").await;
        assert_eq!(
            proof.post("/sign-in/passkey", &[("answer", &key.clone().create(&json!({"challenge": asked["challenge"], "user": {"id": ""}})))]).await.status,
            422
        );
        assert_eq!(proof.post("/sign-in/passkey", &[("answer", "{")]).await.status, 422);
    }
}

#[tokio::test]
async fn a_copied_key_another_persons_key_and_a_closed_account_are_refused() {
    for house in sites().await {
        let (lan_id, mut lan) = house.person("lan", Role::Officer, COMMUNE).await;
        let (_, mut binh) = house.person("binh", Role::Officer, COMMUNE).await;
        let (mut key, mut other) = (Key::new(7), Key::new(8));
        assert_eq!(add(&mut lan, &mut key, "khóa").await.status, 303);
        assert_eq!(add(&mut binh, &mut other, "khóa").await.status, 303);
        key.counter = 5;
        assert_eq!(enter(&mut house.stranger(), &key).await.status, 303);
        for counter in [5, 4, 0] {
            key.counter = counter;
            let copied = enter(&mut house.stranger(), &key).await;
            assert!(copied.status == 422 && copied.body.contains("sao chép"), "{counter}: {}", copied.body);
        }
        assert_eq!(house.acts().await.iter().filter(|act| *act == "passkey.counter").count(), 3);
        // A key that does not count goes on not counting.
        for _ in 0..2 {
            assert_eq!(enter(&mut house.stranger(), &other).await.status, 303);
        }
        // Binh's key proves nothing in Lan's session.
        house.wait(1);
        let asked = ask(&mut lan, "/me/proof/passkey").await;
        assert_eq!(lan.post("/me/proof/passkey", &[("answer", &other.get(&asked))]).await.status, 422);
        assert_eq!(lan.post("/me/second-step/end", &[]).await.location(), "/me/proof?back=%2Fme");
        // Nor does it finish a sign-in that Lan's password began.
        prove(&mut lan).await;
        let page = lan.get("/me/second-step").await;
        let totp = totp_rs::Builder::new().with_secret(totp_rs::Secret::try_from_base32(page.between("<code>", "</code>")).unwrap()).build().unwrap();
        let now = u64::try_from(house.now.lock().unwrap().as_second()).unwrap();
        assert_eq!(lan.post("/me/second-step", &[("code", &totp.generate(now).to_string())]).await.status, 200);
        let mut half = house.stranger();
        half.post("/sign-in", &[("login", "lan"), ("password", PASSWORD)]).await;
        assert!(half.get("/sign-in/code").await.body.contains("/sign-in/passkey"));
        let asked = options(&half.post("/sign-in/passkey", &[]).await);
        assert_eq!(half.post("/sign-in/passkey", &[("answer", &other.get(&asked))]).await.status, 422);
        key.counter = 6;
        let mut fresh = house.stranger();
        assert_eq!(enter(&mut fresh, &key).await.status, 303);
        // A closed account stays closed, in the same words as an unknown key.
        let (_, mut an) = house.person("an", Role::Administrator, PROVINCE).await;
        assert_eq!(an.post(&format!("/admin/accounts/{lan_id}/state"), &[("disabled", "1"), ("state", "disabled")]).await.status, 303);
        assert_eq!(fresh.get("/me").await.status, 303);
        key.counter = 7;
        let closed = enter(&mut house.stranger(), &key).await;
        assert!(closed.status == 422 && closed.body.contains("Chưa vào được"), "{}", closed.body);
    }
}

#[tokio::test]
async fn without_a_public_address_the_site_says_so_and_keeps_passwords() {
    for house in houses().await {
        house.access.set_public_address("http://10.0.0.1");
        let (_, mut lan) = house.person("lan", Role::Officer, COMMUNE).await;
        assert!(lan.get("/me").await.body.contains("chưa đặt địa chỉ công khai"));
        assert_eq!(lan.post("/me/passkeys", &[]).await.status, 409);
        let mut stranger = house.stranger();
        assert!(!stranger.get("/sign-in").await.body.contains("khóa truy cập"));
        assert_eq!(stranger.post("/sign-in/passkey", &[]).await.status, 409);
    }
}
