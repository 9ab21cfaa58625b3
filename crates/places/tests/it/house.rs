//! An installation with the real units, a clock that tests move, and a browser.

use access::{Access, Context, NewAccount, NewGrant, Options, Role};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, header};
use calendar::Clock;
use jiff::Timestamp;
use jiff::civil::Date;
use places::Places;
use places::facts::unit_id;
use std::sync::{Arc, Mutex};
use testkit::TestDb;
use tower::ServiceExt as _;

pub struct House {
    pub db: TestDb,
    pub access: Access,
    pub places: Places,
    pub router: Router,
    pub now: Arc<Mutex<Timestamp>>,
}

/// One house per database, on 22 November 2026.
pub async fn houses() -> Vec<House> {
    let mut all = Vec::new();
    for db in testkit::databases(&[access::SCHEMA, places::SCHEMA]).await {
        let now = Arc::new(Mutex::new("2026-11-22T02:00:00Z".parse().unwrap()));
        let hand = Arc::clone(&now);
        let clock = Clock::from_fn(move || *hand.lock().unwrap());
        let places = Places::open(db.clone(), clock.clone()).await.unwrap();
        places.load_facts().await.unwrap();
        let access = Access::new(db.clone(), clock, Arc::new(places.clone()), Options::new(unit_id("nation")));
        let routes = places::pages::routes().merge(places::api::routes()).with_state(places.clone());
        let router = access.layer(routes.into_router(()));
        all.push(House { db, access, places, router, now });
    }
    all
}

pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

impl House {
    pub fn system(&self) -> Context {
        self.access.system()
    }

    /// Somebody with a role in a unit from today on, and a browser in which they are signed in.
    pub async fn person(&self, login: &str, role: Role, unit: &str) -> Browser<'_> {
        let system = self.system();
        let unit = unit_id(unit);
        let new = NewAccount { login: login.into(), name: format!("Cô {login}"), unit, password: Some("ruộng lúa chín vàng".into()) };
        let (id, _) = self.access.add_account(&system, new).await.unwrap();
        self.access.grant(&system, id, NewGrant { role, unit, from: system.today(), to: None, basis: String::new() }).await.unwrap();
        Browser { house: self, cookie: Some(self.access.open_session(&system, id).await.unwrap()), headers: vec![] }
    }

    pub fn stranger(&self) -> Browser<'_> {
        Browser { house: self, cookie: None, headers: vec![] }
    }

    /// The acts in the audit, in order.
    pub async fn acts(&self) -> Vec<String> {
        let stmt = db::Stmt { name: "test", sql: "SELECT act FROM audit ORDER BY at, seq", reach: db::Reach::National };
        self.db.all(&stmt, vec![]).await.unwrap().iter().map(|row| row.text(0).unwrap()).collect()
    }
}

pub struct Browser<'a> {
    house: &'a House,
    pub cookie: Option<String>,
    pub headers: Vec<(&'static str, String)>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }

    /// The text between two marks.
    pub fn between(&self, start: &str, end: &str) -> String {
        let at = self.body.find(start).unwrap_or_else(|| panic!("no {start} in {}", self.body)) + start.len();
        self.body[at..].split(end).next().unwrap().to_owned()
    }
}

impl Browser<'_> {
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, String::new()).await
    }

    /// Sends a form.
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", ui::percent_encode(value))).collect();
        self.send("POST", path, body.join("&")).await
    }

    pub async fn send(&self, method: &str, path: &str, body: String) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "gate.test");
        if method == "POST" {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, format!("{}={cookie}", self.house.access.cookie_name()));
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let response = self.house.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }
}
