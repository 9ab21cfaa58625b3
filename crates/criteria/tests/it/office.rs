//! The office of a province: departments, deadlines, what is due for whom, recognition over the years, pages of annexes.

use crate::house::{House, houses};
use access::{Role, organisation_id};
use figures::Status;
use figures::evidence::{ScanProblem, Scanner, Verdict};
use places::pages::BoxFuture;
use rust_decimal::Decimal;
use std::sync::{Arc, Mutex};
use work::Urgency;

const SET: &str = "commune-2021-2025";

fn office(house: &House) -> String {
    format!("/criteria/{SET}/office/{}/2025", house.province)
}

#[tokio::test]
async fn an_indicator_given_to_an_organisation_is_decided_by_who_holds_a_post_there() {
    for house in houses().await {
        let officer = house.person("hoa", Role::Officer, house.commune).await;
        let admin = house.person("quantri", Role::Administrator, house.province).await;
        let health = house.posted("soyte", "so-y-te", "Chuyên viên thẩm định").await;
        let science = house.posted("sokhcn", "so-khcn", "Chuyên viên thẩm định").await;
        let id = organisation_id(house.province, "so-y-te").to_string();
        let owners = format!("{}/owners", office(&house));
        admin.get(&office(&house)).await.is(200).has("Sở Y tế Thành phố Bắc Ninh").has(&id);
        admin.post(&owners, &[("i", "15.1")]).await.is(422).has("Chưa chọn cơ quan");
        admin
            .post(&owners, &[("i", "15.1"), ("organisation", &organisation_id(house.commune, "so-y-te").to_string())])
            .await
            .is(422)
            .has("Tỉnh không có cơ quan này");
        admin.post(&owners, &[("i", "15.1"), ("i", "15.2"), ("organisation", &id)]).await.is(303);
        admin.post(&owners, &[("i", "8.1"), ("department", "Sở Thông tin"), ("logins", "ai-do")]).await.is(303);
        let card = house.card(SET, house.commune, 2025);
        officer.post(&card, &[("s.15.1", "0"), ("v.15.1", "95/100"), ("s.8.1", "0"), ("v.8.1", "yes"), ("s.3.1", "0"), ("v.3.1", "90/100")]).await.is(303);
        // What waits for a department stands on the list of its people: two for health (its own, and what nobody was given), one for science.
        let titles = |duties: Vec<work::Duty>| -> Vec<String> { duties.into_iter().map(|d| d.title).collect() };
        assert_eq!(titles(house.duties("soyte").await), ["2 chỉ tiêu chờ thẩm định, 1 đơn vị, 2025"]);
        assert_eq!(titles(house.duties("sokhcn").await), ["1 chỉ tiêu chờ thẩm định, 1 đơn vị, 2025"]);
        health.get(&office(&house)).await.is(200).has("Sở Y tế Thành phố Bắc Ninh").has("của bạn");
        let decide = format!("{card}/appraise");
        science.post(&decide, &[("i", "15.1"), ("verdict", "accept")]).await.is(403).has("Sở Y tế Thành phố Bắc Ninh thẩm định");
        health.post(&decide, &[("i", "8.1"), ("verdict", "accept")]).await.is(403).has("Sở Thông tin thẩm định");
        health.post(&decide, &[("i", "15.1"), ("verdict", "accept")]).await.is(303);
        science.post(&decide, &[("i", "3.1"), ("verdict", "accept")]).await.is(303);
        assert!(house.duties("soyte").await.is_empty() && house.duties("sokhcn").await.is_empty());
        // The department ends and another takes over: so does the work.
        let system = house.access.system();
        let heir = organisation_id(house.province, "so-khcn");
        house.access.end_organisation(&system, organisation_id(house.province, "so-y-te"), system.today(), Some(heir), "1/NQ", "").await.unwrap();
        officer.post(&card, &[("s.15.2", "0"), ("v.15.2", "yes")]).await.is(303);
        admin.get(&office(&house)).await.has("Sở Khoa học và Công nghệ Thành phố Bắc Ninh");
        science.post(&decide, &[("i", "15.2"), ("verdict", "return"), ("reason", "Thiếu danh sách")]).await.is(303);
    }
}

#[tokio::test]
async fn deadlines_stand_on_the_lists_of_those_who_must_keep_them() {
    for house in houses().await {
        let officer = house.person("hoa", Role::Officer, house.commune).await;
        let reviewer = house.person("binh", Role::Reviewer, house.province).await;
        let admin = house.person("quantri", Role::Administrator, house.province).await;
        assert!(house.duties("hoa").await.is_empty());
        let round = format!("{}/round", office(&house));
        reviewer.post(&round, &[("score_by", "2026-11-28")]).await.is(403);
        admin.post(&round, &[("score_by", "2026-11-28"), ("appraise_by", "2026-11-20")]).await.is(422).has("Hạn thẩm định phải sau hạn tự chấm");
        admin.post(&round, &[("score_by", "28/11/2026"), ("appraise_by", "2026-12-10"), ("document", "12/KH-UBND")]).await.is(303);
        admin.get(&office(&house)).await.has("28/11/2026").has("12/KH-UBND");
        let due = house.duties("hoa").await;
        assert_eq!(due.len(), 1);
        assert!(due[0].title.starts_with("Tự chấm 2025, còn 57/57") && due[0].due_words == "hạn 28/11/2026 · còn 7 ngày", "{:?}", due[0]);
        assert_eq!(due[0].urgency, Urgency::Open);
        let card = house.card(SET, house.commune, 2025);
        officer.post(&card, &[("s.8.1", "0"), ("v.8.1", "yes")]).await.is(303);
        assert!(house.duties("hoa").await[0].title.contains("còn 56/57"));
        assert!(house.duties("binh").await[0].due_words.contains("10/12/2026 · còn 19 ngày"));
        house.at("2026-11-29T02:00:00Z");
        let late = house.duties("hoa").await;
        assert_eq!((late[0].urgency, late[0].due_words.as_str()), (Urgency::Late, "hạn 28/11/2026 · trễ 1 ngày"));
        // What was given back stands beside it.
        let reviewer = house.posted("sonnmt", "so-nnmt", "Chuyên viên thẩm định").await;
        reviewer.post(&format!("{card}/appraise"), &[("i", "8.1"), ("verdict", "return"), ("reason", "Chưa có dịch vụ")]).await.is(303);
        let titles: Vec<String> = house.duties("hoa").await.into_iter().map(|d| d.title).collect();
        assert!(titles.iter().any(|t| t == "1 chỉ tiêu bị trả lại, 2025") && titles.iter().any(|t| t.contains("còn 57/57")), "{titles:?}");
    }
}

#[tokio::test]
async fn evidence_that_ends_is_a_duty() {
    let house = houses().await.remove(0);
    let officer = house.person("hoa", Role::Officer, house.commune).await;
    let card = house.card(SET, house.commune, 2025);
    officer.post(&card, &[("s.8.1", "0"), ("v.8.1", "yes")]).await.is(303);
    let set = criteria::set_id(SET).to_string();
    let unit = house.commune.to_string();
    let form = [
        ("unit", unit.as_str()),
        ("set", set.as_str()),
        ("indicator", "8.1"),
        ("period", "2025"),
        ("valid_until", "2026-12-31"),
        ("number", "7/BC"),
        ("url", "https://xa.example.vn/bao-cao"),
    ];
    let answer = officer.upload("/evidence", &form, None).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let titles = || async { house.duties("hoa").await.into_iter().map(|d| (d.title, d.urgency)).collect::<Vec<_>>() };
    assert_eq!(titles().await, [("1 minh chứng sắp hết hạn, 2025".to_owned(), Urgency::Open)]);
    house.at("2026-10-01T02:00:00Z");
    assert!(titles().await.is_empty());
}

#[tokio::test]
async fn a_recognition_that_nobody_touched_counts_in_the_new_year_too() {
    for house in houses().await {
        let reviewer = house.person("binh", Role::Reviewer, house.province).await;
        let year = |unit, year| {
            let house = &house;
            async move { house.figure("cn_commune_2021_2025", unit, year).await }
        };
        for (unit, number) in [(house.commune, "12/QĐ-UBND"), (house.neighbour, "13/QĐ-UBND")] {
            let recognise = format!("{}/recognise", house.card(SET, unit, 2025));
            reviewer.post(&recognise, &[("kind", "recognised"), ("number", number), ("issued", "2025-12-01")]).await.is(303);
        }
        assert_eq!(house.criteria.renew().await.unwrap(), 0, "what was decided is there already");
        // Eight in the evening of New Year's Eve in Vietnam, then five hours later.
        house.at("2026-12-31T13:00:00Z");
        assert_eq!(house.criteria.renew().await.unwrap(), 0);
        assert_eq!(year(house.commune, 2026).await.value, Some(Decimal::ONE));
        house.at("2026-12-31T18:00:00Z");
        assert_eq!(year(house.commune, 2027).await.status, Status::Missing);
        assert_eq!(house.criteria.renew().await.unwrap(), 2);
        assert_eq!(year(house.commune, 2027).await.value, Some(Decimal::ONE));
        assert_eq!(house.criteria.renew().await.unwrap(), 0, "once a year");
        let share = year(house.province, 2027).await;
        assert_eq!((share.met, share.n), (2, 2));
        // Revoked in the middle of a year, it is not carried into the next; nobody ran the platform for two years.
        house.at("2027-05-03T02:00:00Z");
        let reviewer = house.person("thu", Role::Reviewer, house.province).await;
        let recognise = format!("{}/recognise", house.card(SET, house.commune, 2025));
        reviewer.post(&recognise, &[("kind", "revoked"), ("number", "15/QĐ-UBND"), ("issued", "2027-05-01")]).await.is(303);
        assert_eq!(year(house.commune, 2027).await.value, Some(Decimal::ZERO));
        house.at("2029-02-01T02:00:00Z");
        assert_eq!(house.criteria.renew().await.unwrap(), 4);
        for y in [2028, 2029] {
            assert_eq!(year(house.commune, y).await.value, Some(Decimal::ZERO), "{y}");
            assert_eq!(year(house.neighbour, y).await.value, Some(Decimal::ONE), "{y}");
        }
        assert_eq!(year(house.commune, 2026).await.value, Some(Decimal::ONE), "what was stays");
        house.verifies().await;
    }
}

/// Says what it is told to.
#[derive(Debug, Default)]
struct Fake(Mutex<Option<Result<Verdict, ScanProblem>>>);

impl Scanner for Fake {
    fn scan<'a>(&'a self, _: &'a [u8]) -> BoxFuture<'a, Result<Verdict, ScanProblem>> {
        Box::pin(async { self.0.lock().unwrap().clone().unwrap_or(Err(ScanProblem::Timeout)) })
    }
}

#[tokio::test]
async fn a_page_of_an_annex_is_never_opened_before_it_is_clean() {
    for house in houses().await {
        let admin = house.person("quantri", Role::Administrator, house.figures.places().atlas().nation().unwrap()).await;
        let scanner = Arc::new(Fake::default());
        house.figures.set_scanner(Some(Arc::clone(&scanner) as Arc<dyn Scanner>), true);
        let says = |verdict| *scanner.0.lock().unwrap() = verdict;
        let levels = format!("/criteria/{SET}/levels");
        let form = [("indicator", "17.12"), ("op", ">="), ("value", "50"), ("document", "318/QĐ-TTg"), ("page", "21")];
        says(Some(Ok(Verdict::Infected("Eicar".into()))));
        admin.upload(&levels, &form, Some(("trang.pdf", b"%PDF-1.4\n%%EOF\n"))).await.is(422).has("Tệp có mã độc");
        // The scanner is away: the threshold is entered, the page waits.
        says(None);
        admin.upload(&levels, &form, Some(("trang 21.pdf", b"%PDF-1.4\n%%EOF\n"))).await.is(303);
        let page = admin.get(&format!("/criteria/{SET}")).await;
        let href = format!("/criteria/annex/{}", page.body.split("/criteria/annex/").nth(1).unwrap().split('"').next().unwrap());
        house.stranger().get(&href).await.is(503).has("chờ quét vi-rút");
        says(Some(Ok(Verdict::Clean)));
        let shown = house.stranger().get(&href).await;
        assert_eq!((shown.is(200).bytes.as_slice(), shown.headers["content-type"].to_str().unwrap()), (b"%PDF-1.4\n%%EOF\n".as_slice(), "application/pdf"));
        assert!(shown.headers["content-disposition"].to_str().unwrap().starts_with("inline"));
        // It was found clean; that stays when the scanner is away again.
        says(None);
        house.stranger().get(&href).await.is(200);
    }
}
