//! The pages of criteria behind the real gate, with the real places and shipped sets, and people signed in.

use access::{Access, Context, DemoPost, NewAccount, NewGrant, Options, Role};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, header};
use calendar::{Clock, Period};
use criteria::Criteria;
use figures::{Ask, FigureView, Figures, Tree};
use jiff::Timestamp;
use places::{Level, Places};
use std::sync::{Arc, Mutex};
use testkit::TestDb;
use tower::ServiceExt as _;
use uuid::Uuid;

pub struct House {
    pub db: TestDb,
    pub access: Access,
    pub figures: Figures,
    pub criteria: Criteria,
    pub router: Router,
    pub province: Uuid,
    pub commune: Uuid,
    pub neighbour: Uuid,
    pub now: Arc<Mutex<Timestamp>>,
}

/// One house per database, on 21 November 2026.
pub async fn houses() -> Vec<House> {
    let mut out = Vec::new();
    let schemas = [access::SCHEMA, places::SCHEMA, figures::SCHEMA, criteria::SCHEMA];
    for db in testkit::databases(&schemas).await {
        let now = Arc::new(Mutex::new("2026-11-21T05:00:00Z".parse().unwrap()));
        let hand = Arc::clone(&now);
        let clock = Clock::from_fn(move || *hand.lock().unwrap());
        let places = Places::open((*db).clone(), clock.clone()).await.unwrap();
        places.load_facts().await.unwrap();
        let figures = Figures::open(places.clone()).await.unwrap();
        figures.load_facts().await.unwrap();
        let criteria = Criteria::open(figures.clone()).await.unwrap();
        figures.set_criteria(Arc::new(criteria.clone()));
        let (atlas, today) = (places.atlas(), clock.today());
        let access = Access::new((*db).clone(), clock, Arc::new(places.clone()), Options { demo: true, ..Options::new(atlas.nation().unwrap()) });
        criteria.set_access(access.clone());
        let routes = criteria::pages::routes()
            .merge(criteria::api::routes())
            .with_state(criteria.clone())
            .merge(figures::pages::routes().merge(figures::api::routes()).with_state(figures.clone()))
            .merge(access::routes(access.clone()));
        let router = access.layer(routes.into_router(()));
        let province = atlas.coded("24", Some(Level::Province), today).unwrap();
        let communes: Vec<Uuid> =
            atlas.on(today).under(province, Level::Commune).into_iter().filter(|u| &*atlas.version(*u, today).unwrap().kind == "xã").collect();
        out.push(House { commune: communes[0], neighbour: communes[1], db, access, figures, criteria, router, province, now });
    }
    out
}

pub struct Person<'a> {
    pub house: &'a House,
    pub cookie: String,
}

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
    #[track_caller]
    pub fn is(&self, status: u16) -> &Answer {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }
}

impl House {
    pub async fn person(&self, login: &str, role: Role, unit: Uuid) -> Person<'_> {
        let system = self.access.system();
        let new = NewAccount { login: login.into(), name: format!("Cô {login}"), unit, password: Some("ruộng lúa chín vàng".into()) };
        let (id, _) = self.access.add_account(&system, new).await.unwrap();
        self.access.grant(&system, id, NewGrant { role, unit, from: system.today(), to: None, basis: String::new() }).await.unwrap();
        let cookie = format!("{}={}", self.access.cookie_name(), self.access.open_session(&system, id).await.unwrap());
        Person { house: self, cookie }
    }

    /// Somebody with a post of a standard organisation of the province, which is made first.
    pub async fn posted(&self, login: &str, organisation: &str, title: &str) -> Person<'_> {
        self.access.seed_demo_posts(&[DemoPost { login, name: login, unit: self.province, organisation, title }]).await.unwrap();
        let system = self.access.system();
        let id = self.access.find_account(&system, login).await.unwrap().unwrap().id;
        let cookie = format!("{}={}", self.access.cookie_name(), self.access.open_session(&system, id).await.unwrap());
        Person { house: self, cookie }
    }

    /// What somebody has to do by the criteria: titles.
    pub async fn duties(&self, login: &str) -> Vec<work::Duty> {
        let id = self.access.find_account(&self.access.system(), login).await.unwrap().unwrap().id;
        let ctx: Context = self.access.contexts_of(id).await.unwrap().remove(0);
        work::DutySource::duties(&self.criteria, &ctx, 50).await.unwrap()
    }

    /// Moves the clock.
    pub fn at(&self, text: &str) {
        *self.now.lock().unwrap() = text.parse().unwrap();
    }

    pub fn stranger(&self) -> Person<'_> {
        Person { house: self, cookie: String::new() }
    }

    pub fn card(&self, set: &str, unit: Uuid, year: i16) -> String {
        criteria::scorecard_href(set, unit, year)
    }

    /// A figure as it was then.
    pub async fn figure(&self, code: &str, place: Uuid, year: i16) -> FigureView {
        let known = Arc::clone(self.figures.catalog().coded(code).unwrap_or_else(|| panic!("no measure {code}")));
        let ask = Ask { known, period: Period::year(year).unwrap(), tree: Tree::Then };
        self.figures.read(&ask, place).await.unwrap()
    }

    /// Asserts that every figure follows from the ledger.
    pub async fn verifies(&self) {
        let found = self.figures.verify().await.unwrap();
        assert_eq!(found.differences, 0, "{}: {:?}", self.db.label(), found.examples);
    }
}

impl Person<'_> {
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", Vec::new()).await
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = form.iter().map(|(name, value)| format!("{}={}", ui::percent_encode(name), ui::percent_encode(value))).collect();
        self.send("POST", path, "application/x-www-form-urlencoded", body.join("&").into_bytes()).await
    }

    /// A form with a file.
    pub async fn upload(&self, path: &str, form: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Answer {
        let mut body = Vec::new();
        for (name, value) in form {
            body.extend_from_slice(format!("--cut\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes());
        }
        if let Some((name, bytes)) = file {
            body.extend_from_slice(format!("--cut\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n").as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--cut--\r\n");
        self.send("POST", path, "multipart/form-data; boundary=cut", body).await
    }

    pub async fn json(&self, path: &str, body: serde_json::Value) -> Answer {
        self.send("POST", path, "application/json", body.to_string().into_bytes()).await
    }

    /// A JSON body under a name of the request; none sends it without.
    pub async fn keyed(&self, path: &str, key: Option<&str>, body: serde_json::Value) -> Answer {
        self.send_as("POST", path, "application/json", body.to_string().into_bytes(), key).await
    }

    pub async fn send(&self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        let key = Uuid::now_v7().to_string();
        self.send_as(method, path, kind, body, Some(&key)).await
    }

    async fn send_as(&self, method: &str, path: &str, kind: &str, body: Vec<u8>, key: Option<&str>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "gate.test");
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if !kind.is_empty() {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        if !self.cookie.is_empty() {
            request = request.header(header::COOKIE, &self.cookie);
        }
        let response = self.house.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned(), bytes }
    }
}
