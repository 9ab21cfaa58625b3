//! The pages behind the real gate, with people signed in, a clock that can be moved, and a domain whose duties the test says.

use access::{Access, Context, NewAccount, NewGrant, Options, Role};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use calendar::Clock;
use figures::Figures;
use jiff::Timestamp;
use places::{Level, Places};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use testkit::TestDb;
use today::Today;
use tower::ServiceExt as _;
use uuid::Uuid;
use work::{Answer as Answers, Board, Duty, DutySource};

/// A domain that says what the test wants.
#[derive(Clone, Default)]
pub struct Said(pub Arc<Mutex<Vec<Duty>>>);

impl DutySource for Said {
    fn name(&self) -> &'static str {
        "said"
    }
    fn duties<'a>(&'a self, _: &'a Context, most: usize) -> Answers<'a, Vec<Duty>> {
        let mut all = self.0.lock().unwrap().clone();
        all.truncate(most);
        Box::pin(async move { Ok(all) })
    }
}

pub struct House {
    pub db: TestDb,
    pub today: Today,
    pub access: Access,
    pub router: Router,
    pub said: Said,
    pub province: Uuid,
    pub commune: Uuid,
    pub neighbour: Uuid,
    clock: Arc<AtomicI64>,
}

/// Eight in the morning of Wednesday 25 November 2026 in Vietnam.
pub const MORNING: &str = "2026-11-25T01:00:00Z";

pub async fn houses() -> Vec<House> {
    let mut out = Vec::new();
    for db in testkit::databases(&[access::SCHEMA, places::SCHEMA, figures::SCHEMA, today::SCHEMA]).await {
        let clock = Arc::new(AtomicI64::new(MORNING.parse::<Timestamp>().unwrap().as_microsecond()));
        let shared = Arc::clone(&clock);
        let places = Places::open((*db).clone(), Clock::from_fn(move || Timestamp::from_microsecond(shared.load(Ordering::SeqCst)).unwrap())).await.unwrap();
        places.load_facts().await.unwrap();
        let figures = Figures::open(places.clone()).await.unwrap();
        figures.load_facts().await.unwrap();
        let (atlas, on) = (places.atlas(), places.clock().today());
        let access = Access::new((*db).clone(), places.clock().clone(), Arc::new(places.clone()), Options::new(atlas.nation().unwrap()));
        let (board, said) = (Board::new(), Said::default());
        board.add_duties(Arc::new(said.clone()));
        board.add_duties(Arc::new(figures::pages::FiguresDuties(figures.clone())));
        let today = Today::new(access.clone(), figures.clone(), board);
        let routes =
            today::pages::routes().with_state(today.clone()).merge(figures::pages::routes().with_state(figures.clone())).merge(access::routes(access.clone()));
        let router = access.layer(routes.into_router(()));
        let province = atlas.coded("24", Some(Level::Province), on).unwrap();
        let communes: Vec<Uuid> = atlas.on(on).under(province, Level::Commune).into_iter().filter(|u| &*atlas.version(*u, on).unwrap().kind == "xã").collect();
        out.push(House { commune: communes[0], neighbour: communes[1], db, today, access, router, said, province, clock });
    }
    out
}

impl House {
    pub fn now(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }
    pub fn pass(&self, minutes: i64) {
        self.clock.fetch_add(minutes * 60_000_000, Ordering::SeqCst);
    }
    pub fn say(&self, duties: Vec<Duty>) {
        *self.said.0.lock().unwrap() = duties;
    }
    pub async fn person(&self, login: &str, role: Role, unit: Uuid) -> Person<'_> {
        let system = self.access.system();
        let new = NewAccount { login: login.into(), name: format!("Cô {login}"), unit, password: Some("ruộng lúa chín vàng".into()) };
        let (id, _) = self.access.add_account(&system, new).await.unwrap();
        self.access.grant(&system, id, NewGrant { role, unit, from: system.today(), to: None, basis: String::new() }).await.unwrap();
        let cookie = format!("{}={}", self.access.cookie_name(), self.access.open_session(&system, id).await.unwrap());
        Person { house: self, cookie, id }
    }
    pub fn stranger(&self) -> Person<'_> {
        Person { house: self, cookie: String::new(), id: Uuid::nil() }
    }
}

pub struct Person<'a> {
    pub house: &'a House,
    pub cookie: String,
    pub id: Uuid,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub to: String,
    pub body: String,
}

impl Answer {
    #[track_caller]
    pub fn is(&self, status: u16) -> &Answer {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
    #[track_caller]
    pub fn has(&self, text: &str) -> &Answer {
        assert!(self.body.contains(text), "{text:?} is not in {} {}", self.status, self.body);
        self
    }
    #[track_caller]
    pub fn lacks(&self, text: &str) -> &Answer {
        assert!(!self.body.contains(text), "{text:?} is in {}", self.body);
        self
    }
}

impl Person<'_> {
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, String::new()).await
    }
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = form.iter().map(|(n, v)| format!("{}={}", ui::percent_encode(n), ui::percent_encode(v))).collect();
        self.send("POST", path, body.join("&")).await
    }
    async fn send(&self, method: &str, path: &str, body: String) -> Answer {
        let mut request =
            Request::builder().method(method).uri(path).header("host", "gate.test").header("origin", "http://gate.test").header(header::COOKIE, &self.cookie);
        if method == "POST" {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let response = self.house.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let to = response.headers().get(header::LOCATION).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
        let bytes = to_bytes(response.into_body(), 10_000_000).await.unwrap();
        Answer { status, to, body: String::from_utf8_lossy(&bytes).into_owned() }
    }
}
