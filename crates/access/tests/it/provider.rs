//! A provider of OpenID Connect on this machine, which says whatever a test wants it to say.

use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use p256::ecdsa::signature::Signer as _;
use rsa::pkcs1v15::SigningKey as RsaSigner;
use rsa::signature::SignatureEncoding as _;
use rsa::traits::PublicKeyParts as _;
use rsa::{BoxedUint, PrivateKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

pub const CLIENT: &str = "cong-lang";
pub const SECRET: &str = "bi mat: 100%";

// Two primes for the key of the tests, which signs nothing else.
const P: &str = "DE501F4701DB7BFAAB17B4FE2F5B065E8D4D824F27B366BE1C3CF9BE9C8C0B25B9238B4E4FBD89B2C2E49AF14D46612981A6E5768229A4FFA60E90051BD0454E83922C1C975C951326A4A6F28B600AFC517132B77047BD4F94305C3D0EBBE7FCB24DD01E96BF5014470292ACD37E41C4819CE132A8078CD9FB82CE122C6CBFD1";
const Q: &str = "F59EE8DAF96BEAC816D9EC3FA88FA35F61FE77668022904971362E06A22487004702598D1BB25934FE53639C504F007793F782B892D6FB274DE2832B95B310290FE0D50560CF18C16807FE234B8485E67D056FFB096BA4145CC956635127CD760D98A67A500F8A84A851D48F114BD19D3695CCB1831B4B00BBC3401A432D86AF";

/// What the provider says; tests change it.
#[derive(Clone)]
pub struct Says {
    pub subject: String,
    pub audience: String,
    /// `None`: itself.
    pub issuer: Option<String>,
    /// `None`: the one that was asked for.
    pub nonce: Option<String>,
    /// Seconds from the start of the epoch.
    pub now: i64,
    pub lives: i64,
    /// When the person was last asked, seconds; `None` says nothing of it.
    pub asked: Option<i64>,
    /// `RS256`, `ES256`, `HS256`, `none`.
    pub algorithm: &'static str,
    /// Key id that is published and signed with.
    pub key: &'static str,
    /// Signs with a key that is not published.
    pub forged: bool,
    /// Answers tokens and keys with an error, or with a body that never ends.
    pub broken: bool,
    pub endless: bool,
}

struct Inner {
    says: Says,
    /// Code to (challenge, nonce).
    codes: HashMap<String, (String, String)>,
    /// How often its keys were read.
    keys_read: usize,
}

#[derive(Clone)]
pub struct Provider {
    pub issuer: String,
    inner: Arc<Mutex<Inner>>,
}

fn text(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn number(hex: &str) -> BoxedUint {
    let bytes: Vec<u8> = hex.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect();
    BoxedUint::from_be_slice_vartime(&bytes)
}

fn rsa_key() -> PrivateKey {
    PrivateKey::from_p_q(number(P), number(Q), BoxedUint::from(65_537_u64)).unwrap()
}

fn ec_key(forged: bool) -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::from_slice(&[if forged { 9 } else { 5 }; 32]).unwrap()
}

impl Provider {
    pub async fn start(now: i64) -> Provider {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let says = Says {
            subject: "079000000001".to_owned(),
            audience: CLIENT.to_owned(),
            issuer: None,
            nonce: None,
            now,
            lives: 300,
            asked: Some(now),
            algorithm: "RS256",
            key: "one",
            forged: false,
            broken: false,
            endless: false,
        };
        let provider = Provider { issuer, inner: Arc::new(Mutex::new(Inner { says, codes: HashMap::new(), keys_read: 0 })) };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        provider
    }

    fn hand(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    pub fn says(&self, change: impl FnOnce(&mut Says)) {
        change(&mut self.hand().says);
    }

    pub fn keys_read(&self) -> usize {
        self.hand().keys_read
    }

    /// Somebody confirms at the address to which the site sent them: the path and query with which they come back.
    pub fn confirm(&self, address: &str) -> String {
        let (page, query) = address.split_once('?').unwrap();
        assert_eq!(page, format!("{}/authorize", self.issuer));
        let asked: HashMap<String, String> = query.split('&').map(|pair| pair.split_once('=').unwrap()).map(|(k, v)| (k.to_owned(), plain(v))).collect();
        assert_eq!((asked["response_type"].as_str(), asked["client_id"].as_str(), asked["code_challenge_method"].as_str()), ("code", CLIENT, "S256"));
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
        let mut inner = self.hand();
        let code = format!("code-{}", inner.codes.len());
        inner.codes.insert(code.clone(), (asked["code_challenge"].clone(), asked["nonce"].clone()));
        format!("/sign-in/return?code={code}&state={}", asked["state"])
    }
}

/// Percent-encoded text as it was.
pub fn plain(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => u8::from_str_radix(std::str::from_utf8(&[bytes.next().unwrap(), bytes.next().unwrap()]).unwrap(), 16).unwrap(),
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8(out).unwrap()
}

async fn metadata(State(provider): State<Provider>) -> Response {
    if provider.hand().says.broken {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let issuer = &provider.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
    }))
    .into_response()
}

async fn keys(State(provider): State<Provider>) -> Json<Value> {
    let mut inner = provider.hand();
    inner.keys_read += 1;
    let key = if inner.says.algorithm == "ES256" {
        let point = ec_key(false).verifying_key().to_sec1_point(false);
        json!({"kty": "EC", "crv": "P-256", "use": "sig", "kid": inner.says.key, "x": text(point.x().unwrap()), "y": text(point.y().unwrap())})
    } else {
        let key = rsa_key();
        json!({"kty": "RSA", "use": "sig", "kid": inner.says.key, "n": text(key.n().to_be_bytes()), "e": "AQAB"})
    };
    Json(json!({"keys": [key]}))
}

async fn token(State(provider): State<Provider>, headers: HeaderMap, Form(form): Form<HashMap<String, String>>) -> Response {
    let mut inner = provider.hand();
    let says = inner.says.clone();
    if says.broken {
        return (StatusCode::BAD_GATEWAY, "<html>").into_response();
    }
    if says.endless {
        return ([("content-type", "application/json")], " ".repeat(3 << 20)).into_response();
    }
    // RFC 6749, 2.3.1: both halves are form-encoded before they are joined.
    let secret = headers["authorization"].to_str().unwrap().strip_prefix("Basic ").unwrap();
    let secret = String::from_utf8(STANDARD.decode(secret).unwrap()).unwrap();
    let (client, secret) = secret.split_once(':').unwrap();
    assert_eq!((plain(client).as_str(), plain(secret).as_str()), (CLIENT, SECRET));
    assert_eq!(form["grant_type"], "authorization_code");
    let Some((challenge, nonce)) = inner.codes.remove(&form["code"]) else {
        return (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"}))).into_response();
    };
    assert_eq!(text(Sha256::digest(form["code_verifier"].as_bytes())), challenge, "PKCE");
    assert!(form["redirect_uri"].ends_with("/sign-in/return"));
    let head = json!({"alg": says.algorithm, "kid": says.key, "typ": "JWT"});
    let mut claims = json!({
        "iss": says.issuer.unwrap_or_else(|| provider.issuer.clone()),
        "sub": says.subject,
        "aud": says.audience,
        "nonce": says.nonce.unwrap_or(nonce),
        "iat": says.now,
        "exp": says.now + says.lives,
    });
    if let Some(asked) = says.asked {
        claims["auth_time"] = asked.into();
    }
    let body = format!("{}.{}", text(head.to_string()), text(claims.to_string()));
    let signature = match says.algorithm {
        "none" => Vec::new(),
        "HS256" => mac(SECRET.as_bytes(), body.as_bytes()),
        "ES256" => {
            let signature: p256::ecdsa::Signature = ec_key(says.forged).sign(body.as_bytes());
            signature.to_bytes().to_vec()
        }
        _ if says.forged => vec![7; 256],
        _ => RsaSigner::<Sha256>::new(rsa_key()).sign(body.as_bytes()).to_vec(),
    };
    Json(json!({"access_token": "x", "token_type": "Bearer", "expires_in": 60, "id_token": format!("{body}.{}", text(signature))})).into_response()
}

/// HMAC-SHA-256 (RFC 2104).
fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let pad = |with: u8| -> Vec<u8> { (0..64).map(|at| key.get(at).copied().unwrap_or(0) ^ with).collect() };
    let inner = Sha256::digest([pad(0x36), text.to_vec()].concat());
    Sha256::digest([pad(0x5c), inner.to_vec()].concat()).to_vec()
}
