//! The rehearsal through HTTP: the page, the slider, the annex, scenarios, and what it refuses.

use crate::house::{Answer, House, houses};
use access::Role;
use criteria::model::{Given, Outcome};
use criteria::store::assess::{self, Assessment, Filled, Key, Line, Stage};
use places::Level;
use uuid::Uuid;

const SET: &str = "commune-2021-2025";

/// Communes of the forerunner of the province in 2024.
fn communes(house: &House) -> Vec<Uuid> {
    let atlas = house.figures.places().atlas();
    let then = atlas.on(jiff::civil::date(2024, 12, 31));
    let old = places::facts::unit_id("p:old:24");
    let mut all: Vec<Uuid> = then.under(old, Level::Commune).into_iter().filter(|u| &*atlas.version(*u, then.date()).unwrap().kind == "xã").collect();
    all.sort_unstable();
    all
}

/// The unit scores 3.1, of which the law wants at least 80.
async fn scored(house: &House, unit: Uuid, value: i64, at: i64) {
    let key = Key { tenant: house.criteria.figures().places().atlas().unit(unit).unwrap().tenant, set: SET.into(), year: 2024, unit };
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
    let mut tx = house.db.begin().await.unwrap();
    assess::save(&mut tx, &key, &row, &[line]).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_threshold_is_moved_kept_compared_and_printed() {
    for house in houses().await {
        for (unit, value) in communes(&house).iter().zip(70..100) {
            scored(&house, *unit, value, 1).await;
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
        // The map says where they lose; all lists have a page of their own.
        assert!(html(&harder).contains("class=\"map\"") && html(&harder).contains("(0 thêm, 5 mất)"), "{}", harder.body);
        let lost = officer.get(&format!("/rehearsal/units?{base}&m=3.1%3A%2B5&which=lost")).await;
        lost.is(200).has("3.1: 84 / 85 (−1)").has("1–5 / 5").has("Chỉ thiếu một chỉ tiêu");
        let near = officer.get(&format!("/rehearsal/units?{base}&v.3.1=75,5&which=near")).await;
        assert_eq!(near.is(200).body.matches("<tr><th scope=\"row\">").count(), 6, "{}", near.body);
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
        scored(&house, communes(&house)[0], 90, 2).await;
        let one = officer.get(&format!("/api/v1/scenarios/{}", ids[1])).await.json();
        assert_eq!((one["then"]["after"].as_i64(), one["now"]["after"].as_i64()), (Some(15), Some(16)), "{}", house.db.label());

        let body = serde_json::json!({"unit": house.province, "name": "Từ chương trình", "set": SET, "year": 2024, "moves": ["3.1:=99"]});
        let kept = officer.json("/api/v1/scenarios", body).await;
        assert_eq!(kept.is(201).json()["then"]["after"], 1);
        officer.send("POST", "/api/v1/scenarios", "application/json", b"{".to_vec()).await.is(400);

        // Others neither see the units nor the scenarios of this province.
        let atlas = house.figures.places().atlas();
        let elsewhere = atlas.coded("38", Some(Level::Province), house.access.system().today()).unwrap();
        let other = house.person("xa", Role::Viewer, elsewhere).await;
        other.get(&format!("/rehearsal/live?{base}")).await.is(200).has("0 giá trị từ bảng chấm");
        assert_eq!(other.get("/api/v1/scenarios").await.json()["total"], 0);
        other.get(&format!("/api/v1/scenarios/{}", ids[0])).await.is(404);
        other.post(&format!("/rehearsal/scenarios/{}/remove", ids[0]), &[]).await.is(404);
        other.post("/rehearsal/scenarios", &[&form("Lấn sang", "3.1:+5")[..], &[("unit", &house.province.to_string())]].concat()).await.is(403);
        officer.post(&format!("/rehearsal/scenarios/{}/remove", ids[0]), &[]).await.is(303);
        assert_eq!(officer.get("/api/v1/scenarios").await.json()["total"], 2);
    }
}
