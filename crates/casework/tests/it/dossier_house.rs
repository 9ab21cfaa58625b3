//! A province with its organisations, people in posts, and browsers in which they are signed in.

use access::{Access, Context, NewAccount, NewGrant, Options, Role, organisation_id};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, header};
use calendar::Clock;
use casework::Casework;
use figures::Figures;
use jiff::Timestamp;
use places::{Level, Places};
use std::sync::{Arc, Mutex};
use testkit::TestDb;
use tower::ServiceExt as _;
use uuid::Uuid;

pub struct House {
    pub db: TestDb,
    pub access: Access,
    pub work: Casework,
    pub router: Router,
    pub now: Arc<Mutex<Timestamp>>,
    pub province: Uuid,
    pub commune: Uuid,
    pub neighbour: Uuid,
    pub abroad: Uuid,
}

pub const SCHEMAS: [db::Schema; 4] = [access::SCHEMA, places::SCHEMA, figures::SCHEMA, casework::SCHEMA];

/// One house per database, at nine in the morning of Monday 23 November 2026.
pub async fn houses() -> Vec<House> {
    let mut all = Vec::new();
    for db in testkit::databases(&SCHEMAS).await {
        let now = Arc::new(Mutex::new("2026-11-23T02:00:00Z".parse().unwrap()));
        let hand = Arc::clone(&now);
        let clock = Clock::from_fn(move || *hand.lock().unwrap());
        let places = Places::open((*db).clone(), clock.clone()).await.unwrap();
        places.load_facts().await.unwrap();
        let figures = Figures::open(places.clone()).await.unwrap();
        figures.load_facts().await.unwrap();
        let work = Casework::open(figures, work::Board::new()).await.unwrap();
        let atlas = places.atlas();
        let today = clock.today();
        let access = Access::new((*db).clone(), clock, Arc::new(places), Options::new(atlas.nation().unwrap()));
        let routes = casework::pages::routes().merge(casework::api::routes()).with_state(work.clone()).merge(access::routes(access.clone()));
        let router = access.layer(routes.into_router(()));
        let province = atlas.coded("24", Some(Level::Province), today).unwrap();
        let view = atlas.on(today);
        let commune = atlas.coded("07330", Some(Level::Commune), today).unwrap();
        let neighbour = view.under(province, Level::Commune).into_iter().find(|u| *u != commune && &*atlas.version(*u, today).unwrap().kind == "xã").unwrap();
        let abroad = view.under(atlas.coded("38", Some(Level::Province), today).unwrap(), Level::Commune)[0];
        for unit in [province, commune, neighbour, abroad] {
            access.make_standard(&access.system(), unit, false).await.unwrap();
        }
        all.push(House { db, access, work, router, now, province, commune, neighbour, abroad });
    }
    all
}

impl House {
    pub fn system(&self) -> Context {
        self.access.system()
    }

    pub fn move_clock(&self, to: &str) {
        *self.now.lock().unwrap() = to.parse().unwrap();
    }

    async fn account(&self, login: &str, unit: Uuid) -> Uuid {
        let new = NewAccount { login: login.into(), name: format!("Cô {login}"), unit, password: Some("ruộng lúa chín vàng".into()) };
        self.access.add_account(&self.system(), new).await.unwrap().0
    }

    /// Somebody in a post of a standard organisation.
    pub async fn post(&self, login: &str, unit: Uuid, organisation: &str, title: &str) -> Person<'_> {
        let system = self.system();
        let id = self.account(login, unit).await;
        let seats = self.access.seats_of(organisation_id(unit, organisation), system.today()).await.unwrap();
        let seat = seats.iter().find(|s| s.post.title == title).unwrap_or_else(|| panic!("no {title} in {organisation}"));
        self.access.appoint(&system, seat.post.id, id, system.today(), None, "QĐ").await.unwrap();
        self.open(id)
    }

    /// Somebody with a role and no post.
    pub async fn role(&self, login: &str, unit: Uuid, role: Role) -> Person<'_> {
        let system = self.system();
        let id = self.account(login, unit).await;
        self.access.grant(&system, id, NewGrant { role, unit, from: system.today(), to: None, basis: String::new() }).await.unwrap();
        self.open(id)
    }

    fn open(&self, id: Uuid) -> Person<'_> {
        Person { house: self, id, session: None, token: None }
    }

    /// The four of the commune: clerk, officer, head, and the province's administrator.
    pub async fn people(&self) -> (Person<'_>, Person<'_>, Person<'_>, Person<'_>) {
        (
            self.post("vanthu", self.commune, "van-phong", "Văn thư").await,
            self.post("chuyenvien", self.commune, "phong-kinh-te", "Chuyên viên").await,
            self.post("chutich", self.commune, "ubnd", "Chủ tịch").await,
            self.role("quantri", self.province, Role::Administrator).await,
        )
    }

    pub async fn number(&self, sql: &'static str) -> i64 {
        let stmt = db::Stmt { name: "test", sql, reach: db::Reach::National };
        self.db.all(&stmt, vec![]).await.unwrap().first().map_or(0, |r| r.int(0).unwrap())
    }
}

pub struct Person<'a> {
    pub house: &'a House,
    pub id: Uuid,
    /// A session that is kept; otherwise each request has a new one.
    pub session: Option<String>,
    /// A token, by which a program of theirs asks.
    pub token: Option<String>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
    pub body: String,
}

impl Answer {
    pub fn to(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |v| v.to_str().unwrap())
    }
    /// The path it sends to, without its query.
    #[track_caller]
    pub fn path(&self) -> String {
        self.is(303);
        self.to().split('?').next().unwrap().to_owned()
    }
    #[track_caller]
    pub fn has(&self, text: &str) -> &Answer {
        assert!(self.body.contains(text), "{text:?} is not in {} {}", self.status, self.body);
        self
    }
    #[track_caller]
    pub fn lacks(&self, text: &str) -> &Answer {
        assert!(!self.body.contains(text), "{text:?} is in {} {}", self.status, self.body);
        self
    }
    #[track_caller]
    pub fn is(&self, status: u16) -> &Answer {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
}

impl Person<'_> {
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", Vec::new()).await
    }
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = form.iter().map(|(n, v)| format!("{}={}", ui::percent_encode(n), ui::percent_encode(v))).collect();
        self.send("POST", path, "application/x-www-form-urlencoded", body.join("&").into_bytes()).await
    }
    pub async fn json(&self, method: &str, path: &str, body: &serde_json::Value) -> Answer {
        self.send(method, path, "application/json", body.to_string().into_bytes()).await
    }
    /// A form with files: (field, name, bytes).
    pub async fn upload(&self, path: &str, form: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Answer {
        let mut body = Vec::new();
        for (name, value) in form {
            body.extend(format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes());
        }
        for (field, name, bytes) in files {
            body.extend(
                format!("--X\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: text/html\r\n\r\n").into_bytes(),
            );
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--X--\r\n");
        self.send("POST", path, "multipart/form-data; boundary=X", body).await
    }
    pub async fn send(&self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        // A new session each time: tests move the clock, and sessions end.
        let access = &self.house.access;
        let session = match &self.session {
            Some(session) => session.clone(),
            None => access.open_session(&access.system(), self.id).await.unwrap(),
        };
        let request = Request::builder().method(method).uri(path).header("host", "gate.test");
        let mut request = match &self.token {
            Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
            None => request.header(header::COOKIE, format!("{}={session}", access.cookie_name())),
        };
        if !kind.is_empty() {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let response = self.house.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned(), bytes }
    }

    /// Their program, with a token for casework: `read` or `write`.
    pub async fn program(&self, may: &str) -> Person<'_> {
        let form = [("name", "máy"), ("days", "30"), ("viewer", "1"), ("officer", "1"), ("casework", may)];
        let page = self.post("/me/tokens", &form).await;
        let token = page.is(200).body.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
        Person { house: self.house, id: self.id, session: None, token: Some(token) }
    }

    /// Registers a letter that came in; the path of its page.
    pub async fn letter(&self, office: Uuid, symbol: &str, title: &str, urgency: &str) -> String {
        let form = [("party", "UBND tỉnh Bắc Ninh"), ("symbol", symbol), ("dated", "2026-11-20"), ("kind", "cong_van"), ("title", title), ("urgency", urgency)];
        self.upload(&format!("/registers/{office}/register"), &form, &[]).await.path()
    }
}

#[tokio::test]
async fn tables_and_statements_obey_the_rules() {
    for house in houses().await {
        assert_eq!(db::lint::schema(&house.db, &SCHEMAS).await.unwrap(), Vec::<String>::new());
        assert_eq!(db::lint::statements(&house.db, &SCHEMAS).await.unwrap(), Vec::<String>::new());
    }
}
