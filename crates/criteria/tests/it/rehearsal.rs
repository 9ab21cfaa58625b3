//! The rehearsal through HTTP: the page, the slider, the annex, scenarios, and what it refuses.

use access::{Access, NewAccount, NewGrant, Options, Role};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, header};
use calendar::Clock;
use criteria::Criteria;
use criteria::model::{Given, Outcome};
use criteria::store::assess::{self, Assessment, Filled, Key, Line, Stage};
use figures::Figures;
use places::{Level, Places};
use std::sync::Arc;
use testkit::TestDb;
use tower::ServiceExt as _;
use uuid::Uuid;

const SET: &str = "commune-2021-2025";
const ALL: [db::Schema; 4] = [access::SCHEMA, places::SCHEMA, figures::SCHEMA, criteria::SCHEMA];

struct House {
    db: TestDb,
    criteria: Criteria,
    access: Access,
    router: Router,
    /// The province of today, and communes of its forerunner in 2024.
    province: Uuid,
    communes: Vec<Uuid>,
    elsewhere: Uuid,
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    bytes: Vec<u8>,
    body: String,
}

impl Answer {
    #[track_caller]
    fn is(&self, status: u16) -> &Answer {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
    #[track_caller]
    fn has(&self, text: &str) -> &Answer {
        assert!(self.body.contains(text), "{text:?} is not in {}", self.body);
        self
    }
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {} {}", self.status, self.body))
    }
}

struct Person<'a> {
    house: &'a House,
    cookie: String,
}

async fn houses() -> Vec<House> {
    let mut out = Vec::new();
    for db in testkit::databases(&ALL).await {
        let clock = Clock::fixed("2026-11-21T05:00:00Z".parse().unwrap());
        let places = Places::open((*db).clone(), clock.clone()).await.unwrap();
        places.load_facts().await.unwrap();
        let figures = Figures::open(places.clone()).await.unwrap();
        figures.load_facts().await.unwrap();
        let criteria = Criteria::open(figures).await.unwrap();
        let atlas = places.atlas();
        let access = Access::new((*db).clone(), clock, Arc::new(places.clone()), Options::new(atlas.nation().unwrap()));
        let routes = criteria::pages::routes().merge(criteria::api::routes()).with_state(criteria.clone());
        let router = access.layer(routes.merge(access::routes(access.clone())).into_router(()));
        let today = places.clock().today();
        let province = atlas.coded("24", Some(Level::Province), today).unwrap();
        let elsewhere = atlas.coded("38", Some(Level::Province), today).unwrap();
        let then = atlas.on(jiff::civil::date(2024, 12, 31));
        let old = places::facts::unit_id("p:old:24");
        let mut communes: Vec<Uuid> = then.under(old, Level::Commune).into_iter().filter(|u| &*atlas.version(*u, then.date()).unwrap().kind == "xã").collect();
        communes.sort_unstable();
        out.push(House { db, criteria, access, router, province, communes, elsewhere });
    }
    out
}

impl House {
    async fn person(&self, login: &str, role: Role, unit: Uuid) -> Person<'_> {
        let system = self.access.system();
        let new = NewAccount { login: login.into(), name: format!("Cô {login}"), unit, password: Some("ruộng lúa chín vàng".into()) };
        let (id, _) = self.access.add_account(&system, new).await.unwrap();
        self.access.grant(&system, id, NewGrant { role, unit, from: system.today(), to: None, basis: String::new() }).await.unwrap();
        Person { house: self, cookie: format!("{}={}", self.access.cookie_name(), self.access.open_session(&system, id).await.unwrap()) }
    }

    /// The unit scores 3.1, of which the law wants at least 80.
    async fn scored(&self, unit: Uuid, value: i64, at: i64) {
        let key = Key { tenant: self.criteria.figures().places().atlas().unit(unit).unwrap().tenant, set: SET.into(), year: 2024, unit };
        let filled = Filled { given: Some(Given::Number { value: value.into() }), ..Filled::default() };
        let line = Line {
            known: 0,
            indicator: "3.1".into(),
            seq: at,
            version: 1,
            stage: Stage::Scored,
            filled,
            outcome: Outcome::Met,
            basis: String::new(),
            note: String::new(),
            reason: String::new(),
            who: None,
            who_name: "Cô Hoa".into(),
            at,
        };
        let row = Assessment {
            unit,
            version: 1,
            outcomes: String::new(),
            states: String::new(),
            met: 1,
            criteria_met: 0,
            whole: Outcome::NoData,
            accepted: Outcome::NoData,
            changed_at: at,
        };
        let mut tx = self.db.begin().await.unwrap();
        assess::save(&mut tx, &key, &row, &[line]).await.unwrap();
        tx.commit().await.unwrap();
    }
}

impl Person<'_> {
    async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", String::new()).await
    }
    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = form.iter().map(|(n, v)| format!("{}={}", ui::percent_encode(n), ui::percent_encode(v))).collect();
        self.send("POST", path, "application/x-www-form-urlencoded", body.join("&")).await
    }
    async fn send(&self, method: &str, path: &str, kind: &str, body: String) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "gate.test").header(header::COOKIE, &self.cookie);
        if path.starts_with("/rehearsal/live") {
            request = request.header(header::ACCEPT, "application/json");
        }
        if kind == "application/json" {
            request = request.header("idempotency-key", uuid::Uuid::now_v7().to_string());
        }
        if !kind.is_empty() {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let response = self.house.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned(), bytes }
    }
}

#[tokio::test]
async fn a_threshold_is_moved_kept_compared_and_printed() {
    for house in houses().await {
        for (unit, value) in house.communes.iter().zip(70..100) {
            house.scored(*unit, value, 1).await;
        }
        let officer = house.person("tinh", Role::Viewer, house.province).await;
        let base = format!("set={SET}&year=2024");
        // 80…99 pass: what has no data is set aside.
        let page = officer.get(&format!("/rehearsal?{base}")).await;
        page.is(200).has("20 trên").has("đạt bộ này").has("name=\"s.3.1\"").has("Không nơi nào có số liệu").has("30 giá trị từ bảng chấm");
        let live = async |more: &str| officer.get(&format!("/rehearsal/live?{base}{more}")).await;
        let html = |answer: &Answer| answer.json()["html"].as_str().unwrap().to_owned();
        let harder = live("&s.3.1=5").await;
        assert!(html(harder.is(200)).contains("Thêm 0 xã đạt, 5 xã không còn đạt: từ 20 thành 15"), "{}", harder.body);
        assert!(html(&harder).contains("3.1: 84 / 85 (−1)"));
        assert!(harder.json()["href"].as_str().unwrap().contains("m=3.1%3A%2B5"));
        assert!(html(&live("&v.3.1=75,5").await).contains("Thêm 4 xã đạt, 0 xã không còn đạt: từ 20 thành 24"));
        assert!(html(&live("&d.3.1=1").await).contains("20 xã không còn đạt"));
        assert!(html(&live("&s.3.1=5&reading=strict").await).contains("Không xã nào đổi kết quả: vẫn 0"));
        assert!(html(&live("").await).contains("3.1 Tỷ lệ diện tích"), "one point more or less is told");
        for (bad, status, code) in [
            ("&m=9.99%3A%2B1", 422, "move_refused"),
            ("&m=hai", 422, "move_refused"),
            ("&s.1.1=5", 422, "move_refused"),
            ("&v.3.1=1e99", 422, "move_refused"),
            ("&year=hai", 404, "unknown_period"),
        ] {
            let answer = live(bad).await;
            assert_eq!((answer.status, answer.json()["code"].as_str()), (status, Some(code)), "{bad} {}", answer.body);
        }
        officer.get("/rehearsal?set=khong-co&year=2024").await.is(404);

        let word = officer.get(&format!("/rehearsal/annex.docx?{base}&m=3.1%3A%2B5")).await;
        assert!(word.is(200).bytes.starts_with(b"PK") && word.headers["content-disposition"].to_str().unwrap().contains("phu-luc-dien-tap"));

        let form = |name: &'static str, m: &'static str| [("set", SET), ("year", "2024"), ("m", m), ("name", name), ("note", "")];
        officer.post("/rehearsal/scenarios", &form(" ", "3.1:+5")).await.is(422).has("Kịch bản cần có tên").has("value=\"3.1:+5\"");
        officer.post("/rehearsal/scenarios", &form("Nâng 5 điểm", "3.1:+5")).await.is(303);
        officer.post("/rehearsal/scenarios", &form("Hạ 5 điểm", "3.1:-5")).await.is(303);
        let list = officer.get("/api/v1/scenarios").await.is(200).json();
        assert_eq!(list["total"], 2);
        let ids: Vec<&str> = list["items"].as_array().unwrap().iter().map(|s| s["id"].as_str().unwrap()).collect();
        assert_eq!((list["items"][1]["moves"][0].as_str(), list["items"][1]["then"]["lost"].as_i64()), (Some("3.1:+5"), Some(5)));
        let compared = officer.get(&format!("/rehearsal/scenarios?id={}&id={}", ids[0], ids[1])).await;
        compared.is(200).has("Hạ 5 điểm").has("Nâng 5 điểm").has("<td>25</td><td>15</td>").has("Tỉnh Bắc Giang");

        // A new score makes another snapshot; what a scenario said when it was kept stays.
        house.scored(house.communes[0], 90, 2).await;
        let one = officer.get(&format!("/api/v1/scenarios/{}", ids[1])).await.json();
        assert_eq!((one["then"]["after"].as_i64(), one["now"]["after"].as_i64()), (Some(15), Some(16)), "{}", house.db.label());

        let body = serde_json::json!({"unit": house.province, "name": "Từ chương trình", "set": SET, "year": 2024, "moves": ["3.1:=99"]});
        let kept = officer.send("POST", "/api/v1/scenarios", "application/json", body.to_string()).await;
        assert_eq!(kept.is(201).json()["then"]["after"], 1);
        officer.send("POST", "/api/v1/scenarios", "application/json", "{".into()).await.is(400);

        // Others neither see the units nor the scenarios of this province.
        let other = house.person("xa", Role::Viewer, house.elsewhere).await;
        other.get(&format!("/rehearsal/live?{base}")).await.is(200).has("0 giá trị từ bảng chấm");
        assert_eq!(other.get("/api/v1/scenarios").await.json()["total"], 0);
        other.get(&format!("/api/v1/scenarios/{}", ids[0])).await.is(404);
        other.post(&format!("/rehearsal/scenarios/{}/remove", ids[0]), &[]).await.is(404);
        other.post("/rehearsal/scenarios", &[&form("Lấn sang", "3.1:+5")[..], &[("unit", &house.province.to_string())]].concat()).await.is(403);
        officer.post(&format!("/rehearsal/scenarios/{}/remove", ids[0]), &[]).await.is(303);
        assert_eq!(officer.get("/api/v1/scenarios").await.json()["total"], 2);
    }
}
