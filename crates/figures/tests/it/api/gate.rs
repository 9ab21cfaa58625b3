//! The interface behind the real gate, with people, tokens and programs.

use crate::world::{World, worlds};
use access::{Access, Context, NewAccount, NewGrant, Options, Role};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, header};
use places::Level;
use serde_json::Value;
use std::sync::Arc;
use tower::ServiceExt as _;
use uuid::Uuid;

pub struct Gate {
    pub world: World,
    pub access: Access,
    pub router: Router,
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }
    pub fn code(&self) -> String {
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json", "{}", self.text());
        self.json()["code"].as_str().unwrap().to_owned()
    }
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
}

/// One gate per database.
pub async fn gates() -> Vec<Gate> {
    let mut out = Vec::new();
    for world in worlds().await {
        let places = world.figures.places();
        let centre = places.atlas().nation().unwrap();
        let access = Access::new((*world.db).clone(), places.clock().clone(), Arc::new(places.clone()), Options::new(centre));
        let routes = figures::api::routes().merge(figures::pages::routes()).with_state(world.figures.clone()).merge(access::routes(access.clone()));
        let router = access.layer(routes.into_router(()));
        out.push(Gate { world, access, router });
    }
    out
}

impl Gate {
    /// A province and a commune of today.
    pub fn province(&self, code: &str) -> Uuid {
        let figures = &self.world.figures;
        figures.places().atlas().coded(code, Some(Level::Province), figures.clock().today()).unwrap()
    }

    pub fn commune(&self, province: &str, nth: usize) -> (Uuid, String) {
        let figures = &self.world.figures;
        let (atlas, today) = (figures.places().atlas(), figures.clock().today());
        let unit = atlas.on(today).under(self.province(province), Level::Commune)[nth];
        (unit, atlas.version(unit, today).unwrap().code.clone().unwrap().into_string())
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], String::new()).await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, String::new()).await
    }

    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "gate.test");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body: to_bytes(body, usize::MAX).await.unwrap().to_vec() }
    }

    /// Somebody with a role in a unit, and a program with a token of theirs that may do what is ticked.
    pub async fn program(&self, login: &str, role: Role, unit: Uuid, ticked: Role) -> Program<'_> {
        self.program_reaching(login, role, unit, ticked, "figures=write&places=write").await
    }

    /// The same with chosen areas of the API.
    pub async fn program_reaching(&self, login: &str, role: Role, unit: Uuid, ticked: Role, areas: &str) -> Program<'_> {
        let system: Context = self.access.system();
        let new = NewAccount { login: login.into(), name: format!("Cô {login}"), unit, password: Some("ruộng lúa chín vàng".into()) };
        let (id, _) = self.access.add_account(&system, new).await.unwrap();
        let grant = NewGrant { role, unit, from: system.today(), to: None, basis: String::new() };
        self.access.grant(&system, id, grant).await.unwrap();
        let cookie = format!("{}={}", self.access.cookie_name(), self.access.open_session(&system, id).await.unwrap());
        let form = format!("name=may&days=30&{}=1&{areas}", ticked.as_str());
        let headers = [("cookie", cookie.as_str()), ("content-type", "application/x-www-form-urlencoded")];
        let made = self.send("POST", "/me/tokens", &headers, form).await;
        assert_eq!(made.status, 200);
        let token = made.text().split("<code>").nth(1).unwrap().split("</code>").next().unwrap().to_owned();
        Program { gate: self, token: format!("Bearer {token}") }
    }
}

pub struct Program<'a> {
    gate: &'a Gate,
    token: String,
}

impl Program<'_> {
    pub async fn get(&self, path: &str) -> Answer {
        self.gate.get_with(path, &[("authorization", &self.token)]).await
    }

    pub async fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        let mut headers = vec![("authorization", self.token.as_str()), ("content-type", "application/json; charset=utf-8")];
        if !key.is_empty() {
            headers.push(("idempotency-key", key));
        }
        self.gate.send("POST", path, &headers, body.to_string()).await
    }
}
