//! A database with the real places and shipped measures.

use access::{Context, Grant, Role, Who};
use calendar::{Clock, Period};
use figures::{Ask, Figures, Tree};
use jiff::Timestamp;
use places::Places;
use std::sync::Arc;
use testkit::TestDb;
use uuid::Uuid;

pub struct World {
    pub db: TestDb,
    pub figures: Figures,
}

/// The clock of the tests stands at noon of 21 November 2026, Hà Nội time.
pub fn now() -> Timestamp {
    "2026-11-21T05:00:00Z".parse().unwrap()
}

/// The same empty world on every database.
pub async fn worlds() -> Vec<World> {
    let mut out = Vec::new();
    for db in testkit::databases(&[access::SCHEMA, places::SCHEMA, figures::SCHEMA]).await {
        let places = Places::open((*db).clone(), Clock::fixed(now())).await.unwrap();
        assert!(places.load_facts().await.unwrap());
        let figures = Figures::open(places).await.unwrap();
        assert!(figures.load_facts().await.unwrap() > 5);
        out.push(World { db, figures });
    }
    out
}

pub fn unit(key: &str) -> Uuid {
    places::facts::unit_id(key)
}

pub fn measure(code: &str) -> Uuid {
    figures::define::measure_id(code)
}

/// A person with a role in a unit.
pub fn person(name: &str, role: Role, unit: Uuid) -> Context {
    let who = Who::Account { id: places::facts::fact_id(name), login: name.to_owned(), name: name.to_owned() };
    let grant = Grant { role, unit, from: jiff::civil::date(2020, 1, 1), to: None };
    Context::new(who, now(), ui::Prefs::default(), "test", vec![grant])
}

impl World {
    pub fn ask(&self, code: &str, period: &str, tree: Tree) -> Ask {
        let known = Arc::clone(self.figures.catalog().coded(code).unwrap());
        Ask { known, period: period.parse::<Period>().unwrap(), tree }
    }
}
