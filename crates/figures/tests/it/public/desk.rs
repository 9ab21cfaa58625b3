//! The public pages behind the real gate.

use crate::world::{World, measure, worlds};
use access::{Access, NewAccount, NewGrant, Options, Role};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use calendar::Period;
use figures::Value;
use places::Level;
use std::sync::Arc;
use tower::ServiceExt as _;
use uuid::Uuid;

pub struct Desk {
    pub world: World,
    pub access: Access,
    pub router: Router,
}

pub struct Page {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Page {
    /// The heading, as a reader sees it.
    pub fn h1(&self) -> String {
        let inside = self.text.split("<h1>").nth(1).unwrap_or_else(|| panic!("no heading: {}", self.text)).split("</h1>").next().unwrap();
        inside.replace("&#38;", "&").replace("&#39;", "'")
    }
}

pub async fn desks() -> Vec<Desk> {
    worlds().await.into_iter().map(desk).collect()
}

pub fn desk(world: World) -> Desk {
    let places = world.figures.places();
    places.add_panel(Arc::new(figures::pages::FiguresPanel(world.figures.clone())));
    let options = Options::new(places.atlas().nation().unwrap());
    let access = Access::new((*world.db).clone(), places.clock().clone(), Arc::new(places.clone()), options);
    let routes = figures::pages::routes()
        .with_state(world.figures.clone())
        .merge(places::pages::routes().with_state(places.clone()))
        .merge(access::routes(access.clone()))
        .include_public(ui::assets_routes(), &[("GET", "/assets/{file}")]);
    let router = access.layer(routes.into_router(()));
    Desk { world, access, router }
}

impl Desk {
    pub async fn get(&self, path: &str) -> Page {
        self.get_with(path, &[]).await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Page {
        let mut request = Request::get(path).header("host", "gate.test");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Page { status: parts.status.as_u16(), headers: parts.headers, text: String::from_utf8_lossy(&body).into_owned() }
    }

    /// A page that must be there.
    pub async fn page(&self, path: &str) -> Page {
        let page = self.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        page
    }

    /// A cookie of somebody with a role in a unit.
    pub async fn cookie(&self, login: &str, role: Role, unit: Uuid) -> String {
        let system = self.access.system();
        let new = NewAccount { login: login.into(), name: format!("Cô {login}"), unit, password: Some("ruộng lúa chín vàng".into()) };
        let (id, _) = self.access.add_account(&system, new).await.unwrap();
        let grant = NewGrant { role, unit, from: system.today(), to: None, basis: String::new() };
        self.access.grant(&system, id, grant).await.unwrap();
        format!("{}={}", self.access.cookie_name(), self.access.open_session(&system, id).await.unwrap())
    }

    pub fn province(&self, code: &str) -> Uuid {
        let figures = &self.world.figures;
        figures.places().atlas().coded(code, Some(Level::Province), figures.clock().today()).unwrap()
    }

    /// The units that have to report a measure in a period, under a place, in the order of the tree.
    pub fn reporters(&self, code: &str, period: &str, under: Uuid) -> Vec<Uuid> {
        let figures = &self.world.figures;
        let known = figures.catalog().coded(code).unwrap().clone();
        let view = figures.places().atlas().on(known.window(period.parse().unwrap()).1);
        let who = known.measure.reporters();
        view.under(under, who.level).into_iter().filter(|u| view.reports(*u, &who)).collect()
    }

    pub async fn load(&self, code: &str, period: &str, values: Vec<(Uuid, Value)>) {
        let mut load = self.world.figures.bulk("test", 1_700_000_000_000_000).await.unwrap();
        load.slice(measure(code), period.parse::<Period>().unwrap(), values).await.unwrap();
        load.finish().await.unwrap();
    }
}
