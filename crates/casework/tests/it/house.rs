//! An installation with the real units, people in posts, a scorecard that tests set, a clock that they move, and a browser.

use access::{Access, Context, DemoPost, Options, Role};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, header};
use calendar::Clock;
use casework::Casework;
use figures::Figures;
use jiff::Timestamp;
use jiff::civil::Date;
use places::facts::unit_id;
use places::{Level, Places};
use std::sync::{Arc, Mutex};
use testkit::TestDb;
use tower::ServiceExt as _;
use uuid::Uuid;
use work::{About, Answer, Board, CaseEvent, CaseFacts, CaseHook, Fact, FactName, Value};

pub const SCHEMAS: &[db::Schema] = &[access::SCHEMA, places::SCHEMA, figures::SCHEMA, casework::SCHEMA];

/// Who is there: login, unit (code, level), organisation, title.
const POSTS: &[(&str, &str, Level, &str, &str)] = &[
    ("chuyenvien", "07330", Level::Commune, "phong-kinh-te", "Chuyên viên"),
    ("chuyenvien2", "07330", Level::Commune, "van-phong", "Văn thư"),
    ("chutichxa", "07330", Level::Commune, "ubnd", "Chủ tịch"),
    ("mattran", "07330", Level::Commune, "mttq", "Chủ tịch"),
    ("thamdinh", "24", Level::Province, "so-nnmt", "Chuyên viên thẩm định"),
    ("giamdoc", "24", Level::Province, "so-nnmt", "Giám đốc"),
    ("chutichtinh", "24", Level::Province, "ubnd", "Chủ tịch"),
    ("nguoikhac", "38", Level::Province, "so-nnmt", "Chuyên viên thẩm định"),
];

/// A scorecard in place of the criteria: met of total.
#[derive(Clone)]
pub struct Scorecard(pub Arc<Mutex<Option<(i64, i64)>>>);

impl CaseFacts for Scorecard {
    fn names(&self) -> Vec<FactName> {
        ["criteria_met", "criteria_total"].map(|n| FactName { name: n.into(), vi: n.into(), en: n.into() }).to_vec()
    }
    fn facts<'a>(&'a self, _: &'a About, wanted: &'a [String]) -> Answer<'a, Vec<Fact>> {
        let now = *self.0.lock().unwrap();
        Box::pin(async move {
            let value = |name: &str| now.map(|(met, total)| Value::Number(if name == "criteria_met" { met } else { total }));
            let words = now.map_or("chưa chấm".to_owned(), |(met, total)| format!("đạt {met}/{total}"));
            Ok(wanted.iter().map(|n| Fact { name: n.clone(), value: value(n), vi: words.clone(), en: words.clone(), href: None }).collect())
        })
    }
}

/// Remembers what cases brought about; refuses when told to.
#[derive(Clone, Default)]
pub struct Ear(pub Arc<Mutex<Vec<String>>>, pub Arc<Mutex<bool>>);

impl CaseHook for Ear {
    fn listens(&self) -> &'static [&'static str] {
        &["recognition.decided", "recognition.revoked"]
    }
    fn happened<'a>(&'a self, _: &'a mut db::Tx, _: &'a Context, event: &'a CaseEvent) -> Answer<'a, ()> {
        let refuse = *self.1.lock().unwrap();
        Box::pin(async move {
            if refuse {
                return Err(ui::AppError::new("register_closed", 409));
            }
            self.0.lock().unwrap().push(event.emits.join(","));
            Ok(())
        })
    }
}

pub struct House {
    pub db: TestDb,
    pub access: Access,
    pub places: Places,
    pub casework: Casework,
    pub router: Router,
    pub now: Arc<Mutex<Timestamp>>,
    pub score: Scorecard,
    pub ear: Ear,
}

/// One house per database, on Monday 2 March 2026, 09:00.
pub async fn houses() -> Vec<House> {
    let mut all = Vec::new();
    for db in testkit::databases(SCHEMAS).await {
        all.push(house(db, "2026-03-02T02:00:00Z").await);
    }
    all
}

async fn house(db: TestDb, at: &str) -> House {
    let now = Arc::new(Mutex::new(at.parse().unwrap()));
    let hand = Arc::clone(&now);
    let clock = Clock::from_fn(move || *hand.lock().unwrap());
    let places = Places::open(db.clone(), clock.clone()).await.unwrap();
    places.load_facts().await.unwrap();
    let figures = Figures::open(places.clone()).await.unwrap();
    let board = Board::new();
    let score = Scorecard(Arc::new(Mutex::new(Some((19, 19)))));
    let ear = Ear::default();
    board.add_facts(Arc::new(score.clone()));
    board.add_hook(Arc::new(ear.clone()));
    let casework = Casework::open(figures, board).await.unwrap();
    let options = Options { demo: true, ..Options::new(unit_id("nation")) };
    let access = Access::new(db.clone(), clock, Arc::new(places.clone()), options);
    access.seed_demo(&[("quantri", "Lê Minh Châu", "quantri", Role::Administrator, unit_id("nation"))]).await.unwrap();
    let (atlas, today) = (places.atlas(), access.system().today());
    let seeds: Vec<DemoPost> = POSTS
        .iter()
        .map(|(login, code, level, organisation, title)| DemoPost {
            login,
            name: login,
            unit: atlas.coded(code, Some(*level), today).unwrap(),
            organisation,
            title,
        })
        .collect();
    access.seed_demo_posts(&seeds).await.unwrap();
    let routes = casework::pages::routes().merge(casework::api::routes()).with_state(casework.clone()).merge(access::routes(access.clone()));
    let router = access.layer(routes.into_router(()));
    House { db, access, places, casework, router, now, score, ear }
}

impl House {
    pub fn commune(&self) -> Uuid {
        self.places.atlas().coded("07330", Some(Level::Commune), self.today()).unwrap()
    }

    pub fn today(&self) -> Date {
        self.access.system().today()
    }

    /// Moves the clock.
    pub fn at(&self, text: &str) {
        *self.now.lock().unwrap() = text.parse().unwrap();
    }

    pub async fn person(&self, login: &str) -> Browser<'_> {
        let account = self.access.find_account(&self.access.system(), login).await.unwrap().unwrap();
        Browser { house: self, cookie: Some(self.access.open_session(&self.access.system(), account.id).await.unwrap()), token: None }
    }

    pub fn stranger(&self) -> Browser<'_> {
        Browser { house: self, cookie: None, token: None }
    }

    /// A recognition opened by the commune's officer; its address.
    pub async fn opened(&self) -> String {
        let officer = self.person("chuyenvien").await;
        let unit = self.commune().to_string();
        let answer = officer
            .post(
                "/cases",
                &[("procedure", "recognition-commune"), ("unit", &unit), ("title", "Công nhận xã Phúc Hòa 2026"), ("id", &Uuid::now_v7().to_string())],
            )
            .await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer.location().split('?').next().unwrap().to_owned()
    }
}

pub struct Browser<'a> {
    house: &'a House,
    pub cookie: Option<String>,
    /// By which a program asks.
    pub token: Option<String>,
}

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Reply {
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }
}

impl Browser<'_> {
    /// Their program, with a token for casework, to read and to write.
    pub async fn program(&self) -> Browser<'_> {
        let form = [("name", "máy"), ("days", "30"), ("viewer", "1"), ("officer", "1"), ("reviewer", "1"), ("casework", "write")];
        let page = self.post("/me/tokens", &form).await;
        let token = page.body.split("<code>").nth(1).unwrap_or_else(|| panic!("{}", page.body)).split('<').next().unwrap().to_owned();
        Browser { house: self.house, cookie: None, token: Some(token) }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, "", vec![]).await
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", ui::percent_encode(value))).collect();
        self.send("POST", path, "application/x-www-form-urlencoded", body.join("&").into_bytes()).await
    }

    pub async fn json(&self, path: &str, body: serde_json::Value) -> Reply {
        self.send("POST", path, "application/json", body.to_string().into_bytes()).await
    }

    /// Attaches a small PDF.
    pub async fn attach(&self, case: &str, paper: &str) -> Reply {
        let pdf = format!("%PDF-1.4\n% {paper} {}\n%%EOF\n", Uuid::now_v7());
        let body = format!(
            "--x\r\nContent-Disposition: form-data; name=\"paper\"\r\n\r\n{paper}\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{paper}.pdf\"\r\n\r\n{pdf}\r\n--x--\r\n"
        );
        self.send("POST", &format!("{case}/papers"), "multipart/form-data; boundary=x", body.into_bytes()).await
    }

    /// Does an action; fields are named as in the procedure.
    pub async fn act(&self, case: &str, action: &str, fields: &[(&str, &str)]) -> Reply {
        let named: Vec<(String, &str)> = fields.iter().map(|(n, v)| (format!("{action}--{n}"), *v)).collect();
        let form: Vec<(&str, &str)> = named.iter().map(|(n, v)| (n.as_str(), *v)).collect();
        self.post(&format!("{case}/act/{action}"), &form).await
    }

    pub async fn send(&self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Reply {
        let mut request = Request::builder().method(method).uri(path).header("host", "gate.test");
        if !kind.is_empty() {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        } else if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, format!("{}={cookie}", self.house.access.cookie_name()));
        }
        let response = self.house.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = String::from_utf8_lossy(&to_bytes(body, usize::MAX).await.unwrap()).into_owned();
        Reply { status: parts.status.as_u16(), headers: parts.headers, body }
    }
}
