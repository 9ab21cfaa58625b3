//! A small installation with four units, a clock that tests move, and a browser.

use access::{Access, Context, NewAccount, NewGrant, Options, Role, SCHEMA, Standing, UnitDirectory};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, header};
use calendar::Clock;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex};
use testkit::TestDb;
use tower::ServiceExt as _;
use uuid::Uuid;

pub const NATION: Uuid = Uuid::from_u128(1);
pub const PROVINCE: Uuid = Uuid::from_u128(2);
pub const COMMUNE: Uuid = Uuid::from_u128(3);
pub const OTHER: Uuid = Uuid::from_u128(4);

/// Nation over two provinces; a commune in the first.
pub struct Units;

impl UnitDirectory for Units {
    fn find(&self, text: &str, on: Date) -> Option<(Uuid, String)> {
        [NATION, PROVINCE, COMMUNE, OTHER].into_iter().find_map(|id| self.name(id, on).filter(|name| name == text).map(|name| (id, name)))
    }
    fn name(&self, unit: Uuid, _: Date) -> Option<String> {
        let name = match unit.as_u128() {
            1 => "Việt Nam",
            2 => "tỉnh Thanh Hóa",
            3 => "xã Thiệu Trung",
            4 => "tỉnh Bắc Ninh",
            _ => return None,
        };
        Some(name.to_owned())
    }
    fn tenants(&self, unit: Uuid, _: Date) -> Vec<Uuid> {
        if unit == OTHER { vec![OTHER] } else { Vec::new() }
    }
    fn path(&self, unit: Uuid, _: Date) -> Vec<Uuid> {
        match unit.as_u128() {
            1 => vec![NATION],
            2 => vec![PROVINCE, NATION],
            3 => vec![COMMUNE, PROVINCE, NATION],
            4 => vec![OTHER, NATION],
            _ => vec![],
        }
    }
    fn standing(&self, unit: Uuid, on: Date) -> Option<Standing> {
        let full_name = self.name(unit, on)?;
        let (level, kind) = match unit.as_u128() {
            1 => ("nation", "nước"),
            2 | 4 => ("province", "tỉnh"),
            _ => ("commune", "xã"),
        };
        let name = full_name.strip_prefix(kind).unwrap_or(&full_name).trim().to_owned();
        Some(Standing { level, kind: kind.to_owned(), name, full_name })
    }
    fn below(&self, unit: Uuid, _: Date) -> Vec<Uuid> {
        match unit.as_u128() {
            1 => vec![PROVINCE, OTHER],
            2 => vec![COMMUNE],
            _ => vec![],
        }
    }
}

pub struct House {
    pub db: TestDb,
    pub access: Access,
    pub router: Router,
    pub now: Arc<Mutex<Timestamp>>,
}

pub const PASSWORD: &str = "ruộng lúa chín vàng";

/// One house per database.
pub async fn houses() -> Vec<House> {
    houses_with(Options { demo: true, ..Options::new(NATION) }).await
}

pub async fn houses_with(options: Options) -> Vec<House> {
    let mut all = Vec::new();
    for db in testkit::databases(&[SCHEMA]).await {
        let now = Arc::new(Mutex::new("2026-11-22T02:00:00Z".parse().unwrap()));
        let hand = Arc::clone(&now);
        let clock = Clock::from_fn(move || *hand.lock().unwrap());
        let access = Access::new(db.clone(), clock, Arc::new(Units), options);
        let router = access.layer(access::routes(access.clone()).into_router(()));
        all.push(House { db, access, router, now });
    }
    all
}

impl House {
    pub fn system(&self) -> Context {
        self.access.system()
    }

    pub fn wait(&self, hours: i64) {
        let mut now = self.now.lock().unwrap();
        *now += SignedDuration::from_hours(hours);
    }

    pub fn wait_seconds(&self, seconds: i64) {
        let mut now = self.now.lock().unwrap();
        *now += SignedDuration::from_secs(seconds);
    }

    /// Somebody with a role in a unit from today on, and a browser in which they are signed in.
    pub async fn person(&self, login: &str, role: Role, unit: Uuid) -> (Uuid, Browser<'_>) {
        let system = self.system();
        let new = NewAccount { login: login.into(), name: format!("Cô {login}"), unit, password: Some(PASSWORD.into()) };
        let (id, _) = self.access.add_account(&system, new).await.unwrap();
        let grant = NewGrant { role, unit, from: system.today(), to: None, basis: String::new() };
        self.access.grant(&system, id, grant).await.unwrap();
        let cookie = self.access.open_session(&system, id).await.unwrap();
        (id, Browser { house: self, cookie: Some(cookie), headers: vec![] })
    }

    pub fn stranger(&self) -> Browser<'_> {
        Browser { house: self, cookie: None, headers: vec![] }
    }

    /// The acts in the audit, in order.
    pub async fn acts(&self) -> Vec<String> {
        let stmt = db::Stmt { name: "test", sql: "SELECT act FROM audit ORDER BY seq", reach: db::Reach::National };
        self.db.all(&stmt, vec![]).await.unwrap().iter().map(|row| row.text(0).unwrap()).collect()
    }
}

pub struct Browser<'a> {
    house: &'a House,
    pub cookie: Option<String>,
    pub headers: Vec<(&'static str, String)>,
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
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

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, String::new()).await
    }

    /// Sends a form.
    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", ui::percent_encode(value))).collect();
        self.send("POST", path, body.join("&")).await
    }

    pub async fn send(&mut self, method: &str, path: &str, body: String) -> Answer {
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
        for set in parts.headers.get_all(header::SET_COOKIE) {
            let text = set.to_str().unwrap();
            if let Some(value) = text.strip_prefix(&format!("{}=", self.house.access.cookie_name())) {
                self.cookie = Some(value.split(';').next().unwrap().to_owned()).filter(|value| !value.is_empty());
            }
        }
        let body = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }
}
