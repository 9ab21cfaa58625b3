//! The pages behind the real gate, with people signed in.

use crate::world::{World, worlds};
use access::{Access, NewAccount, NewGrant, Options, Role};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, header};
use places::Level;
use std::sync::Arc;
use tower::ServiceExt as _;
use uuid::Uuid;

pub struct House {
    pub world: World,
    pub access: Access,
    pub router: Router,
    pub province: Uuid,
    pub commune: Uuid,
    pub neighbour: Uuid,
}

pub async fn houses() -> Vec<House> {
    let mut out = Vec::new();
    for world in worlds().await {
        let places = world.figures.places();
        let (atlas, today) = (places.atlas(), places.clock().today());
        let access = Access::new((*world.db).clone(), places.clock().clone(), Arc::new(places.clone()), Options::new(atlas.nation().unwrap()));
        let routes = figures::pages::routes().merge(figures::api::routes()).with_state(world.figures.clone()).merge(access::routes(access.clone()));
        let router = access.layer(routes.into_router(()));
        let province = atlas.coded("24", Some(Level::Province), today).unwrap();
        let communes: Vec<Uuid> =
            atlas.on(today).under(province, Level::Commune).into_iter().filter(|u| &*atlas.version(*u, today).unwrap().kind == "xã").collect();
        out.push(House { commune: communes[0], neighbour: communes[1], world, access, router, province });
    }
    out
}

pub struct Person<'a> {
    pub house: &'a House,
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
    /// The value of an attribute of the element that contains a text.
    pub fn hidden(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let at = self.body.find(&mark).unwrap_or_else(|| panic!("no {name} in {}", self.body)) + mark.len();
        self.body[at..].split('"').next().unwrap().to_owned()
    }
    #[track_caller]
    pub fn has(&self, text: &str) -> &Answer {
        assert!(self.body.contains(text), "{text:?} is not in {} {}", self.status, self.body);
        self
    }
    #[track_caller]
    pub fn is(&self, status: u16) -> &Answer {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
}

impl House {
    /// What is due for somebody with a role in a unit, a line each: urgency, title, about, due, verb.
    pub async fn due(&self, role: Role, unit: Uuid) -> String {
        let duties = figures::pages::FiguresDuties(self.world.figures.clone());
        let list = work::DutySource::duties(&duties, &crate::world::person("ai đó", role, unit), 50).await.unwrap();
        list.iter().map(|d| format!("{:?} | {} | {} | {} | {}\n", d.urgency, d.title, d.about, d.due_words, d.verb)).collect()
    }

    pub async fn person(&self, login: &str, role: Role, unit: Uuid) -> Person<'_> {
        let system = self.access.system();
        let new = NewAccount { login: login.into(), name: format!("Cô {login}"), unit, password: Some("ruộng lúa chín vàng".into()) };
        let (id, _) = self.access.add_account(&system, new).await.unwrap();
        self.access.grant(&system, id, NewGrant { role, unit, from: system.today(), to: None, basis: String::new() }).await.unwrap();
        let cookie = format!("{}={}", self.access.cookie_name(), self.access.open_session(&system, id).await.unwrap());
        Person { house: self, cookie }
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
    pub async fn json(&self, path: &str, body: &serde_json::Value) -> serde_json::Value {
        let answer = self.send("POST", path, "application/json", body.to_string().into_bytes()).await;
        answer.is(200);
        serde_json::from_str(&answer.body).unwrap()
    }
    /// A form with one file.
    pub async fn upload(&self, path: &str, form: &[(&str, &str)], file: (&str, &[u8])) -> Answer {
        let mut body = Vec::new();
        for (name, value) in form {
            body.extend(format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes());
        }
        body.extend(format!("--X\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{}\"\r\nContent-Type: text/html\r\n\r\n", file.0).into_bytes());
        body.extend_from_slice(file.1);
        body.extend_from_slice(b"\r\n--X--\r\n");
        self.send("POST", path, "multipart/form-data; boundary=X", body).await
    }
    pub async fn send(&self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "gate.test").header(header::COOKIE, &self.cookie);
        if !kind.is_empty() {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let response = self.house.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned(), bytes }
    }
}
