//! From the score of a commune to the figure of the nation.

use crate::house::{House, houses};
use access::Role;
use calendar::Period;
use figures::{Entry, Intent, Origin, Status, Value};
use rust_decimal::Decimal;

const SET: &str = "commune-2021-2025";

#[tokio::test]
async fn a_score_is_written_appraised_and_becomes_a_figure_at_every_level() {
    for house in houses().await {
        let officer = house.person("hoa", Role::Officer, house.commune).await;
        let reviewer = house.person("binh", Role::Reviewer, house.province).await;
        let card = house.card(SET, house.commune, 2025);
        // The page of the officer has boxes; nothing is filled in.
        officer.get(&card).await.is(200).has("name=\"v.8.1\"").has("chưa có số liệu");
        let form =
            [("s.8.1", "0"), ("v.8.1", "yes"), ("s.3.1", "0"), ("v.3.1", "79/100"), ("s.15.1", "0"), ("v.15.1", "90/100"), ("s.9.2", "0"), ("v.9.2", "85/100")];
        let answer = officer.post(&card, &form).await;
        assert_eq!((answer.status, answer.to()), (303, format!("{card}?done=scored").as_str()));
        let page = officer.get(&card).await;
        page.is(200).has("79/100 (79%)").has("còn cách 1 điểm % (cần thêm 1)").has("mức trong văn bản chưa được nhập");
        // The same again writes nothing.
        let same = [("s.8.1", "1"), ("v.8.1", "yes")];
        assert!(officer.post(&card, &same).await.to().ends_with("?done=nothing"));
        // Somebody who saw an older line is told.
        officer.post(&card, &[("s.8.1", "0"), ("v.8.1", "no")]).await.is(409).has("đã được người khác ghi");
        // Not yet a figure.
        assert_eq!(house.figure("kq_commune_2021_2025_8_1", house.commune, 2025).await.status, Status::Missing);
        // A return needs its reason; whoever scored does not decide.
        let decide = format!("{card}/appraise");
        reviewer.post(&decide, &[("i", "8.1"), ("verdict", "return")]).await.is(422).has("Trả lại phải kèm lý do");
        officer.post(&decide, &[("i", "8.1"), ("verdict", "accept")]).await.is(403);
        assert!(reviewer.post(&decide, &[("i", "9.2"), ("verdict", "return"), ("reason", "Thiếu danh sách hộ")]).await.to().ends_with("?done=returned"));
        let accepted = reviewer.post(&decide, &[("i", "8.1"), ("i", "3.1"), ("i", "15.1"), ("verdict", "accept")]).await;
        assert!(accepted.to().ends_with("?done=accepted"), "{}", accepted.body);
        officer.get(&card).await.has("Thiếu danh sách hộ").has("Trả lại bởi Cô binh");
        // Met, not met; and the share above.
        for (code, value) in [("8_1", 1), ("3_1", 0), ("15_1", 1)] {
            let own = house.figure(&format!("kq_commune_2021_2025_{code}"), house.commune, 2025).await;
            assert_eq!((own.value, own.status), (Some(Decimal::from(value)), Status::Accepted), "{code}");
        }
        let above = house.figure("kq_commune_2021_2025_8_1", house.province, 2025).await;
        assert_eq!((above.met, above.n), (1, 1));
        assert!(above.of > 20);
        let nation = house.figure("kq_commune_2021_2025_3_1", house.figures.places().atlas().nation().unwrap(), 2025).await;
        assert_eq!((nation.met, nation.n), (0, 1));
        // One failed indicator fails the whole.
        assert_eq!(house.figure("kq_commune_2021_2025", house.commune, 2025).await.value, Some(Decimal::ZERO));
        // The public sees what was accepted and nothing else.
        let stranger = house.stranger().get(&card).await;
        stranger.is(200).has("79/100").lacks("85/100").lacks("Cô hoa").lacks("Thiếu danh sách hộ");
        // Why is this number so? leads back.
        let why = officer.get(&format!("/why?measure=kq_commune_2021_2025_8_1&unit={}&period=2025", house.commune)).await;
        why.is(200).has("bảng chấm điểm").has(&card);
        house.verifies().await;
    }
}

#[tokio::test]
async fn what_was_accepted_and_taken_back_is_not_known() {
    let house = houses().await.remove(0);
    let officer = house.person("hoa", Role::Officer, house.commune).await;
    let reviewer = house.person("binh", Role::Reviewer, house.province).await;
    let card = house.card(SET, house.commune, 2025);
    let decide = format!("{card}/appraise");
    officer.post(&card, &[("s.8.1", "0"), ("v.8.1", "yes")]).await.is(303);
    reviewer.post(&decide, &[("i", "8.1"), ("verdict", "accept")]).await.is(303);
    // A later score that waits does not take away what was accepted.
    officer.post(&card, &[("s.8.1", "2"), ("v.8.1", "no")]).await.is(303);
    assert_eq!(house.figure("kq_commune_2021_2025_8_1", house.commune, 2025).await.value, Some(Decimal::ONE));
    reviewer.post(&decide, &[("i", "8.1"), ("verdict", "accept")]).await.is(303);
    assert_eq!(house.figure("kq_commune_2021_2025_8_1", house.commune, 2025).await.value, Some(Decimal::ZERO));
    reviewer.post(&decide, &[("i", "8.1"), ("verdict", "return"), ("reason", "Duyệt nhầm")]).await.is(303);
    assert_eq!(house.figure("kq_commune_2021_2025_8_1", house.commune, 2025).await.status, Status::NotKnown);
    house.verifies().await;
}

#[tokio::test]
async fn nothing_is_typed_twice() {
    let house = houses().await.remove(0);
    let officer = house.person("hoa", Role::Officer, house.commune).await;
    let income = |house: &House| Entry {
        unit: house.commune,
        measure: figures::define::measure_id("thu_nhap_dau_nguoi"),
        period: Period::year(2025).unwrap(),
        value: Value::Number(6550),
        reason: None,
        cell: None,
        seen: None,
    };
    let system = house.access.system();
    house.figures.enter(&system, &[income(&house)], &Origin::default(), Intent::Accept).await.unwrap();
    let card = house.card(SET, house.commune, 2025);
    let page = officer.get(&card).await;
    page.is(200).has("65,5").lacks("name=\"v.10.1\"");
    // Typing into a box that is not there changes nothing about it.
    officer.post(&card, &[("s.10.1", "0"), ("v.10.1", "99")]).await.is(303);
    let api = officer.get(&format!("/api/v1/assessments/{SET}/{}/2025", house.commune)).await.is(200).json();
    let item = api["items"].as_array().unwrap().iter().find(|i| i["indicator"] == "10.1").unwrap().clone();
    assert_eq!((item["value"]["value"].as_str().unwrap().parse::<Decimal>().unwrap(), item["outcome"].as_str()), (Decimal::new(655, 1), Some("no_level")));
    // People cannot enter what the platform records.
    let entry = Entry { measure: figures::define::measure_id("kq_commune_2021_2025_8_1"), value: Value::Number(1), ..income(&house) };
    let outcome = house.figures.enter(&system, &[entry], &Origin::default(), Intent::Accept).await.unwrap();
    assert!(format!("{outcome:?}").contains("recorded_measure"), "{outcome:?}");
    // Nor does it stand among what has to be entered.
    let catalog = house.figures.catalog();
    assert!(catalog.current().all(|k| !k.measure.def.code.starts_with("kq_")));
    assert!(catalog.recorded().count() > 200);
}

#[tokio::test]
async fn refusals_say_why() {
    let house = houses().await.remove(0);
    let officer = house.person("hoa", Role::Officer, house.commune).await;
    let elsewhere = house.person("lan", Role::Officer, house.neighbour).await;
    officer.get(&house.card(SET, house.commune, 2026)).await.is(422).has("không áp dụng cho năm 2026");
    officer.get(&house.card(SET, house.commune, 2024)).await.is(422);
    officer.get(&house.card("khong-co", house.commune, 2025)).await.is(404);
    let card = house.card(SET, house.commune, 2025);
    elsewhere.post(&card, &[("s.8.1", "0"), ("v.8.1", "yes")]).await.is(403);
    officer.post(&card, &[("s.3.1", "0"), ("v.3.1", "120/100")]).await.is(422).has("phần lớn hơn toàn bộ").has("value=\"120/100\"");
    officer.post(&card, &[("s.8.1", "0"), ("v.8.1", "na")]).await.is(422).has("áp dụng cho mọi đơn vị");
    officer.post(&card, &[("s.13.4", "0"), ("v.13.4", "na")]).await.is(303);
    let answer = officer.json(&format!("/api/v1/assessments/{SET}/{}/2025/scores", house.commune), serde_json::json!({"items": [{"indicator": "99.9"}]})).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (404, Some("unknown_indicator")));
}

#[tokio::test]
async fn a_department_decides_about_its_own_indicators_only() {
    let house = houses().await.remove(0);
    let officer = house.person("hoa", Role::Officer, house.commune).await;
    let health = house.person("yte", Role::Reviewer, house.province).await;
    let other = house.person("gtvt", Role::Reviewer, house.province).await;
    let admin = house.person("quantri", Role::Administrator, house.province).await;
    let office = format!("/criteria/{SET}/office/{}/2025", house.province);
    let owners = [("i", "15.1"), ("i", "15.2"), ("department", "Sở Y tế"), ("logins", "yte")];
    other.post(&format!("{office}/owners"), &owners).await.is(403);
    admin.post(&format!("{office}/owners"), &owners).await.is(303);
    health.get(&office).await.is(200).has("Sở Y tế");
    let card = house.card(SET, house.commune, 2025);
    officer.post(&card, &[("s.15.1", "0"), ("v.15.1", "95/100"), ("s.8.1", "0"), ("v.8.1", "yes")]).await.is(303);
    let decide = format!("{card}/appraise");
    other.post(&decide, &[("i", "15.1"), ("verdict", "accept")]).await.is(403).has("Sở Y tế thẩm định");
    health.post(&decide, &[("i", "15.1"), ("verdict", "accept")]).await.is(303);
    other.post(&decide, &[("i", "8.1"), ("verdict", "accept")]).await.is(303);
    // A draw by lot over what was accepted is the same for the same seed.
    health.post(&format!("{office}/recheck"), &[("count", "1"), ("seed", "7")]).await.is(303);
    health.post(&format!("{office}/recheck"), &[("count", "1"), ("seed", "7")]).await.is(303);
    let draws = house.criteria.rechecks(house.province, SET, 2025).await.unwrap();
    assert_eq!((draws.len(), draws[0].pool), (2, 2));
    assert_eq!(draws[0].chosen, draws[1].chosen);
}

#[tokio::test]
async fn recognition_is_a_register_and_a_yearly_figure() {
    let house = houses().await.remove(0);
    let reviewer = house.person("binh", Role::Reviewer, house.province).await;
    let card = house.card(SET, house.commune, 2025);
    let recognise = format!("{card}/recognise");
    reviewer.post(&recognise, &[("kind", "revoked"), ("number", "1/QĐ"), ("issued", "2025-12-01")]).await.is(422).has("không có gì để thu hồi");
    // The commune was merged; not all before it were recognised.
    reviewer.post(&recognise, &[("kind", "kept"), ("number", "1/QĐ"), ("issued", "2025-12-01")]).await.is(422).has("267/BNN-VPĐP");
    reviewer.post(&recognise, &[("kind", "recognised"), ("number", "12/QĐ-UBND"), ("issued", "2025-12-01")]).await.is(303);
    reviewer.get(&card).await.has("12/QĐ-UBND");
    for year in [2025, 2026] {
        assert_eq!(house.figure("cn_commune_2021_2025", house.commune, year).await.value, Some(Decimal::ONE), "{year}");
    }
    reviewer.post(&recognise, &[("kind", "revoked"), ("number", "15/QĐ-UBND"), ("issued", "2026-05-01")]).await.is(303);
    assert_eq!(house.figure("cn_commune_2021_2025", house.commune, 2025).await.value, Some(Decimal::ONE));
    assert_eq!(house.figure("cn_commune_2021_2025", house.commune, 2026).await.value, Some(Decimal::ZERO));
    house.verifies().await;
}
