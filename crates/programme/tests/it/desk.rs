//! The pages of tasks behind the real gate, with people signed in.

use access::{Access, NewAccount, NewGrant, Options, Role};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, header};
use calendar::Clock;
use figures::Figures;
use jiff::Timestamp;
use places::{Level, Places};
use programme::Programme;
use std::sync::Arc;
use testkit::TestDb;
use tower::ServiceExt as _;
use uuid::Uuid;

pub struct Desk {
    pub db: TestDb,
    pub programme: Programme,
    pub access: Access,
    pub router: Router,
    pub province: Uuid,
    pub communes: Vec<Uuid>,
}

/// Noon of 20 November 2026, a Friday, Hà Nội time.
pub const NOW: &str = "2026-11-20T05:00:00Z";

pub async fn desks() -> Vec<Desk> {
    desks_at(NOW).await
}

pub async fn desks_at(now: &str) -> Vec<Desk> {
    let now: Timestamp = now.parse().unwrap();
    let mut out = Vec::new();
    for db in testkit::databases(&[access::SCHEMA, places::SCHEMA, figures::SCHEMA, programme::SCHEMA]).await {
        let places = Places::open((*db).clone(), Clock::fixed(now)).await.unwrap();
        assert!(places.load_facts().await.unwrap());
        let figures = Figures::open(places.clone()).await.unwrap();
        figures.load_facts().await.unwrap();
        let programme = Programme::open(figures).await.unwrap();
        let (atlas, today) = (places.atlas(), places.clock().today());
        let access = Access::new((*db).clone(), places.clock().clone(), Arc::new(places.clone()), Options::new(atlas.nation().unwrap()));
        programme.set_offices(access.clone());
        let routes = programme::pages::routes().merge(programme::api::routes()).with_state(programme.clone()).merge(access::routes(access.clone()));
        let router = access.layer(routes.into_router(()));
        let province = atlas.coded("24", Some(Level::Province), today).unwrap();
        let communes = atlas.on(today).under(province, Level::Commune).into_iter().filter(|u| &*atlas.version(*u, today).unwrap().kind == "xã").collect();
        out.push(Desk { db, programme, access, router, province, communes });
    }
    out
}

pub struct Person<'a> {
    pub desk: &'a Desk,
    pub cookie: String,
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
    /// The value of a hidden field.
    pub fn hidden(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let at = self.body.find(&mark).unwrap_or_else(|| panic!("no {name} in {}", self.body)) + mark.len();
        self.body[at..]
            .split('"')
            .next()
            .unwrap()
            .replace("&#34;", "\"")
            .replace("&#38;", "&")
            .replace("&quot;", "\"")
            .replace("&amp;", "&")
            .replace("&#39;", "'")
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
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

impl Desk {
    pub async fn person(&self, login: &str, role: Role, unit: Uuid) -> Person<'_> {
        let system = self.access.system();
        let new = NewAccount { login: login.into(), name: format!("Cô {login}"), unit, password: Some("ruộng lúa chín vàng".into()) };
        let (id, _) = self.access.add_account(&system, new).await.unwrap();
        self.access.grant(&system, id, NewGrant { role, unit, from: system.today(), to: None, basis: String::new() }).await.unwrap();
        let cookie = format!("{}={}", self.access.cookie_name(), self.access.open_session(&system, id).await.unwrap());
        Person { desk: self, cookie }
    }
    pub fn stranger(&self) -> Person<'_> {
        Person { desk: self, cookie: String::new() }
    }
    pub fn name(&self, unit: Uuid) -> String {
        self.programme.figures().places().atlas().full_name(unit, self.programme.figures().clock().today())
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
    /// A form with one file.
    pub async fn upload(&self, path: &str, field: &str, form: &[(&str, &str)], file: (&str, &[u8])) -> Answer {
        let mut body = Vec::new();
        for (name, value) in form {
            body.extend(format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes());
        }
        body.extend(
            format!("--X\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{}\"\r\nContent-Type: application/octet-stream\r\n\r\n", file.0)
                .into_bytes(),
        );
        body.extend_from_slice(file.1);
        body.extend_from_slice(b"\r\n--X--\r\n");
        self.send("POST", path, "multipart/form-data; boundary=X", body).await
    }
    /// JSON under an idempotency key; without the key when it is empty.
    pub async fn send_json(&self, path: &str, key: &str, body: &str) -> Answer {
        self.call("POST", path, &[("content-type", "application/json"), ("idempotency-key", key)], body.as_bytes().to_vec()).await
    }
    pub async fn send(&self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        self.call(method, path, &[("content-type", kind)], body).await
    }
    async fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "gate.test").header(header::COOKIE, &self.cookie);
        for (name, value) in headers.iter().filter(|h| !h.1.is_empty()) {
            request = request.header(*name, *value);
        }
        let response = self.desk.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned(), bytes }
    }
}
