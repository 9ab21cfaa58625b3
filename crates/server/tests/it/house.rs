//! A platform with the real places and shipped measures, three people, and a browser without a window.

use access::{NewAccount, NewGrant, Role};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, header};
use calendar::Clock;
use db::Db;
use places::Level;
use server::app::{App, SCHEMAS, Settings};
use std::fs::File;
use std::path::PathBuf;
use std::time::UNIX_EPOCH;
use testkit::TestDb;
use tower::ServiceExt as _;
use uuid::Uuid;

pub const PASSWORD: &str = "ruộng lúa chín vàng";

pub struct House {
    pub db: TestDb,
    pub app: App,
    pub router: Router,
}

/// A database with the facts and the people, made once per build of the tests and copied from then on.
pub async fn template() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let program = std::env::current_exe().unwrap().metadata().unwrap();
    let stamp = program.modified().unwrap().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let path = folder.join(format!("house-{stamp}.db"));
    let lock = File::create(folder.join("house.lock")).unwrap();
    lock.lock().unwrap();
    if !path.exists() {
        for old in std::fs::read_dir(&folder).unwrap().flatten() {
            let name = old.file_name().into_string().unwrap_or_default();
            if name.starts_with("house-") {
                std::fs::remove_file(old.path()).unwrap();
            }
        }
        let part = folder.join("house-part.db");
        let db = Db::open(&format!("sqlite:{}", part.display())).await.unwrap();
        let app = App::open(db.clone(), Clock::system(), Settings::default()).await.unwrap();
        people(&app).await;
        db.close().await;
        std::fs::rename(part, &path).unwrap();
    }
    path
}

/// An officer and a reviewer of one province and an administrator of the nation; a viewer, an officer, a reviewer of another province.
async fn people(app: &App) {
    let ctx = app.access.system();
    let today = ctx.today();
    let atlas = app.places.atlas();
    let province = |code: &str| atlas.coded(code, Some(Level::Province), today).unwrap();
    let (here, there, nation) = (province("24"), province("38"), atlas.nation().unwrap());
    for (login, role, unit) in [
        ("officer", Role::Officer, here),
        ("second", Role::Officer, here),
        ("reviewer", Role::Reviewer, here),
        ("admin", Role::Administrator, nation),
        ("viewer.there", Role::Viewer, there),
        ("officer.there", Role::Officer, there),
        ("reviewer.there", Role::Reviewer, there),
        ("admin.there", Role::Administrator, there),
    ] {
        let new = NewAccount { login: login.into(), name: format!("Cô {login}"), unit, password: Some(PASSWORD.into()) };
        let (id, _) = app.access.add_account(&ctx, new).await.unwrap();
        app.access.grant(&ctx, id, NewGrant { role, unit, from: today, to: None, basis: String::new() }).await.unwrap();
    }
}

/// The databases of the tests, filled.
pub async fn filled() -> Vec<TestDb> {
    testkit::databases_like(&template().await, SCHEMAS).await
}

/// One house per database.
pub async fn houses() -> Vec<House> {
    houses_with(Settings::default()).await
}

pub async fn houses_with(settings: Settings) -> Vec<House> {
    houses_at(&Clock::system(), settings).await
}

/// One house per database, in which it is the time of a clock.
pub async fn houses_at(clock: &Clock, settings: Settings) -> Vec<House> {
    // Shown when the test fails; a second test in the same process finds it done.
    let _ = tracing_subscriber::fmt().with_env_filter("warn,sqlx=error").with_test_writer().try_init();
    let mut out = Vec::new();
    for db in filled().await {
        let app = App::open((*db).clone(), clock.clone(), settings).await.unwrap();
        let router = app.router();
        out.push(House { db, app, router });
    }
    out
}

impl House {
    /// Somebody who has signed in.
    pub async fn person(&self, login: &str) -> Browser<'_> {
        let ctx = self.app.access.system();
        let account = self.app.access.find_account(&ctx, login).await.unwrap().unwrap();
        let cookie = self.app.access.open_session(&ctx, account.id).await.unwrap();
        Browser { house: self, cookie: Some(cookie), headers: vec![] }
    }

    pub fn stranger(&self) -> Browser<'_> {
        Browser { house: self, cookie: None, headers: vec![] }
    }

    /// Communes of the officer's province today, by code.
    pub fn communes(&self) -> Vec<(Uuid, String)> {
        communes(&self.app)
    }

    /// Asserts that every figure follows from the ledger and every chain is whole.
    pub async fn verifies(&self) {
        let found = self.app.figures.verify().await.unwrap();
        assert_eq!(found.differences, 0, "{}: {:?}", self.db.label(), found.examples);
        for tenant in access::audit_tenants(&self.db).await.unwrap() {
            assert_eq!(access::verify_audit(&self.db, tenant).await.unwrap().broken_at, None, "{}", self.db.label());
        }
    }
}

/// Communes that reported for the officer's province at the end of a year, as they were then.
pub fn communes_of(app: &App, year: i16) -> Vec<Uuid> {
    let atlas = app.places.atlas();
    let end = jiff::civil::date(year, 12, 31);
    let now = app.figures.clock().today();
    // Before the change of 2025 the province was two; one of them is enough.
    let province = atlas.coded("24", Some(Level::Province), end.min(now)).unwrap();
    let view = atlas.on(end.min(now));
    let known = std::sync::Arc::clone(app.figures.catalog().coded("so_ho").unwrap());
    view.under(province, Level::Commune).into_iter().filter(|u| view.reports(*u, &known.measure.reporters())).collect()
}

pub fn communes(app: &App) -> Vec<(Uuid, String)> {
    let atlas = app.places.atlas();
    let today = app.figures.clock().today();
    let province = atlas.coded("24", Some(Level::Province), today).unwrap();
    let units = atlas.on(today).under(province, Level::Commune);
    units.into_iter().map(|u| (u, atlas.version(u, today).unwrap().code.as_deref().unwrap().to_owned())).collect()
}

pub struct Browser<'a> {
    house: &'a House,
    cookie: Option<String>,
    headers: Vec<(&'static str, String)>,
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} is no JSON: {}", self.status, self.body))
    }
}

impl Browser<'_> {
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", String::new()).await
    }

    /// Sends JSON under a key that is used once.
    pub async fn post(&self, path: &str, body: serde_json::Value) -> Answer {
        self.send("POST", path, "application/json", body.to_string()).await
    }

    pub async fn send(&self, method: &str, path: &str, kind: &str, body: String) -> Answer {
        self.bytes(method, path, kind, body.into_bytes()).await
    }

    pub async fn bytes(&self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "gate.test");
        if !kind.is_empty() {
            request = request.header(header::CONTENT_TYPE, kind).header("idempotency-key", Uuid::now_v7().to_string());
        }
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, format!("{}={cookie}", self.house.app.access.cookie_name()));
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let response = self.house.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = String::from_utf8_lossy(&to_bytes(body, usize::MAX).await.unwrap()).into_owned();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }
}
