//! A programme with the real places, measures, documents and plans, people, and a browser.

use access::{Access, NewAccount, NewGrant, Options, Role};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, header};
use calendar::{Clock, Period};
use db::Db;
use figures::{Figures, Value};
use jiff::Timestamp;
use places::Places;
use places::facts::unit_id;
use programme::Programme;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::UNIX_EPOCH;
use testkit::TestDb;
use tower::ServiceExt as _;
use uuid::Uuid;

const SCHEMAS: &[db::Schema] = &[access::SCHEMA, places::SCHEMA, figures::SCHEMA, programme::SCHEMA];

pub struct House {
    pub db: TestDb,
    pub access: Access,
    pub programme: Programme,
    pub router: Router,
    pub now: Arc<Mutex<Timestamp>>,
}

fn now() -> Timestamp {
    "2026-11-22T02:00:00Z".parse().unwrap()
}

/// A database with the facts, made once per build of the tests.
async fn template() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let program = std::env::current_exe().unwrap().metadata().unwrap();
    let stamp = program.modified().unwrap().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let path = folder.join(format!("programme-{stamp}.db"));
    let lock = std::fs::File::create(folder.join("programme.lock")).unwrap();
    lock.lock().unwrap();
    if !path.exists() {
        for old in std::fs::read_dir(&folder).unwrap().flatten() {
            let name = old.file_name().into_string().unwrap_or_default();
            if name.starts_with("programme-") {
                std::fs::remove_file(old.path()).unwrap();
            }
        }
        let part = folder.join("programme-part.db");
        let db = Db::open(&format!("sqlite:{}", part.display())).await.unwrap();
        db.migrate(SCHEMAS).await.unwrap();
        open(db.clone(), Clock::fixed(now())).await;
        db.close().await;
        std::fs::rename(part, &path).unwrap();
    }
    path
}

async fn open(db: Db, clock: Clock) -> Programme {
    let places = Places::open(db, clock).await.unwrap();
    places.load_facts().await.unwrap();
    let figures = Figures::open(places).await.unwrap();
    figures.load_facts().await.unwrap();
    Programme::open(figures).await.unwrap()
}

/// One house per database, on 22 November 2026.
pub async fn houses() -> Vec<House> {
    let mut out = Vec::new();
    for db in testkit::databases_like(&template().await, SCHEMAS).await {
        let now = Arc::new(Mutex::new(now()));
        let hand = Arc::clone(&now);
        let clock = Clock::from_fn(move || *hand.lock().unwrap());
        let programme = open((*db).clone(), clock.clone()).await;
        let places = programme.figures().places().clone();
        let access = Access::new((*db).clone(), clock, Arc::new(places.clone()), Options::new(unit_id("nation")));
        let routes = programme::pages::routes()
            .merge(programme::api::routes())
            .with_state(programme.clone())
            .merge(places::pages::routes().with_state(places))
            .merge(figures::pages::routes().with_state(programme.figures().clone()));
        let router = access.layer(routes.into_router(()));
        out.push(House { db, access, programme, router, now });
    }
    out
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
    pub body: String,
}

impl Answer {
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }

    /// The heading, as a reader sees it.
    pub fn h1(&self) -> String {
        self.body.split("<h1>").nth(1).unwrap_or_else(|| panic!("{} no heading: {}", self.status, self.body)).split("</h1>").next().unwrap().to_owned()
    }
}

impl House {
    /// Accepted figures.
    pub async fn load(&self, code: &str, period: &str, values: Vec<(Uuid, Value)>) {
        let mut load = self.programme.figures().bulk("test", 1_700_000_000_000_000).await.unwrap();
        load.slice(figures::define::measure_id(code), period.parse::<Period>().unwrap(), values).await.unwrap();
        load.finish().await.unwrap();
    }

    /// The units that have to report a measure in a period under a place.
    pub fn reporters(&self, code: &str, period: &str, under: &str) -> Vec<Uuid> {
        let known = Arc::clone(self.programme.figures().catalog().coded(code).unwrap());
        let view = self.programme.atlas().on(known.window(period.parse().unwrap()).1);
        let who = known.measure.reporters();
        view.under(unit_id(under), who.level).into_iter().filter(|u| view.reports(*u, &who)).collect()
    }

    /// A browser of somebody with a role in a unit.
    pub async fn person(&self, login: &str, role: Role, unit: &str) -> Browser<'_> {
        let system = self.access.system();
        let unit = unit_id(unit);
        let new = NewAccount { login: login.into(), name: format!("Cô {login}"), unit, password: Some("ruộng lúa chín vàng".into()) };
        let (id, _) = self.access.add_account(&system, new).await.unwrap();
        self.access.grant(&system, id, NewGrant { role, unit, from: system.today(), to: None, basis: String::new() }).await.unwrap();
        Browser { house: self, cookie: Some(self.access.open_session(&system, id).await.unwrap()) }
    }

    pub fn stranger(&self) -> Browser<'_> {
        Browser { house: self, cookie: None }
    }

    /// The acts in the audit, in order.
    pub async fn acts(&self) -> Vec<String> {
        let stmt = db::Stmt { name: "test", sql: "SELECT act FROM audit ORDER BY at, seq", reach: db::Reach::National };
        self.db.all(&stmt, vec![]).await.unwrap().iter().map(|row| row.text(0).unwrap()).collect()
    }
}

pub struct Browser<'a> {
    house: &'a House,
    cookie: Option<String>,
}

impl Browser<'_> {
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", Vec::new()).await
    }

    /// A page that must be there.
    pub async fn page(&self, path: &str) -> Answer {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer
    }

    /// Sends a form.
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", ui::percent_encode(value))).collect();
        self.send("POST", path, "application/x-www-form-urlencoded", body.join("&").into_bytes()).await
    }

    /// Sends a form with one file.
    pub async fn upload(&self, path: &str, fields: &[(&str, &str)], file: (&str, &[u8])) -> Answer {
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend(format!("--line\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes());
        }
        body.extend(format!("--line\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\r\n", file.0).into_bytes());
        body.extend(file.1);
        body.extend(b"\r\n--line--\r\n");
        self.send("POST", path, "multipart/form-data; boundary=line", body).await
    }

    pub async fn send(&self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "gate.test");
        if !kind.is_empty() {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, format!("{}={cookie}", self.house.access.cookie_name()));
        }
        let response = self.house.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned(), bytes }
    }
}
