//! Criteria and recognition together: the appraised scorecard opens the way to the council, the decision reached in the case stands in the
//! register and becomes the yearly figure, and its revocation ends it. All of it through HTTP.

use crate::house::{Browser, House, houses_with};
use access::{DemoPost, NewAccount, NewGrant, Role};
use calendar::Period;
use criteria::model::{Confidence, Criterion, Indicator, Kind};
use figures::{Ask, Tree};
use places::Level;
use rust_decimal::Decimal;
use server::app::Settings;
use std::sync::Arc;
use uuid::Uuid;

/// Who is there: login, whether of the province, organisation, title.
const POSTS: [(&str, bool, &str, &str); 6] = [
    ("chuyenvien", false, "phong-kinh-te", "Chuyên viên"),
    ("chutichxa", false, "ubnd", "Chủ tịch"),
    ("mattran", false, "mttq", "Chủ tịch"),
    ("thamdinh", true, "so-nnmt", "Chuyên viên thẩm định"),
    ("chutichtinh", true, "ubnd", "Chủ tịch"),
    ("soyte", true, "so-y-te", "Chuyên viên thẩm định"),
];

struct Story<'a> {
    house: &'a House,
    case: String,
}

impl Story<'_> {
    async fn form(&self, who: &str, path: &str, form: &[(String, &str)]) -> crate::house::Answer {
        let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", ui::percent_encode(value))).collect();
        self.house.person(who).await.send("POST", path, "application/x-www-form-urlencoded", body.join("&")).await
    }

    async fn act(&self, who: &str, action: &str, fields: &[(&str, &str)]) -> crate::house::Answer {
        let named: Vec<(String, &str)> = fields.iter().map(|(n, v)| (format!("{action}--{n}"), *v)).collect();
        self.form(who, &format!("{}/act/{action}", self.case), &named).await
    }

    async fn done(&self, who: &str, action: &str, fields: &[(&str, &str)]) {
        let answer = self.act(who, action, fields).await;
        assert_eq!(answer.status, 303, "{}: {who} {action}: {}", self.house.db.label(), answer.body);
    }

    async fn task(&self, who: &str, task: &str) {
        let answer = self.form(who, &format!("{}/task/{task}", self.case), &[(format!("{task}--verdict"), "agreed")]).await;
        assert_eq!(answer.status, 303, "{task}: {}", answer.body);
    }

    async fn attached(&self, who: &str, papers: &[&str]) {
        for paper in papers {
            let pdf = format!("%PDF-1.4\n% {paper} {}\n%%EOF\n", Uuid::now_v7());
            let body = format!(
                "--x\r\nContent-Disposition: form-data; name=\"paper\"\r\n\r\n{paper}\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{paper}.pdf\"\r\n\r\n{pdf}\r\n--x--\r\n"
            );
            let answer = self.house.person(who).await.send("POST", &format!("{}/papers", self.case), "multipart/form-data; boundary=x", body).await;
            assert_eq!(answer.status, 303, "{who} {paper}: {}", answer.body);
        }
    }
}

async fn post(person: &Browser<'_>, path: &str, form: &[(&str, &str)]) -> crate::house::Answer {
    let body: Vec<String> = form.iter().map(|(name, value)| format!("{}={}", ui::percent_encode(name), ui::percent_encode(value))).collect();
    person.send("POST", path, "application/x-www-form-urlencoded", body.join("&")).await
}

#[tokio::test]
async fn a_case_that_is_won_registers_recognition_and_one_that_is_lost_ends_it() {
    for house in houses_with(Settings { demo: true, ..Settings::default() }).await {
        let app = &house.app;
        let system = app.access.system();
        let (atlas, today) = (app.places.atlas(), system.today());
        let (year, nation) = (today.year(), atlas.nation().unwrap());
        let province = atlas.coded("24", Some(Level::Province), today).unwrap();
        let commune = house.communes().into_iter().map(|(u, _)| u).find(|u| &*atlas.version(*u, today).unwrap().kind == "xã").unwrap();
        let seeds: Vec<DemoPost> = POSTS
            .iter()
            .map(|(login, above, organisation, title)| DemoPost { login, name: login, unit: if *above { province } else { commune }, organisation, title })
            .collect();
        app.access.seed_demo_posts(&seeds).await.unwrap();
        // A national set of two criteria, the newest of its rank.
        let mut set = (*app.criteria.set("commune-2021-2025").unwrap()).clone();
        set.code = "xa-chuan-thu".to_owned();
        set.document = "1/QĐ-TTg".to_owned();
        (set.based_on, set.effective_to, set.indicator_count, set.criteria_count, set.complete) = (None, None, None, None, true);
        set.effective_from = Some(today.yesterday().unwrap().max(jiff::civil::date(year, 1, 1)));
        (set.region_rules, set.amendments, set.annexes, set.requires, set.required_by) = (vec![], vec![], vec![], vec![], None);
        let criterion = |n: usize| Criterion {
            number: n.to_string(),
            title: format!("Tiêu chí {n}"),
            group: String::new(),
            condition: false,
            confidence: Confidence::Official,
            note: None,
            indicators: vec![Indicator {
                thresholds: vec![criteria::model::Threshold { expected: Some("Đạt".into()), ..Default::default() }],
                ..Indicator::new(format!("{n}.1"), format!("Chỉ tiêu {n}.1"), Kind::YesNo)
            }],
        };
        set.criteria = vec![criterion(1), criterion(2)];
        app.criteria.save_draft(&system, set, nation).await.unwrap();
        app.criteria.publish(&system, "xa-chuan-thu").await.unwrap();

        // The case, up to the council.
        let opening = [("procedure", "recognition-commune"), ("unit", &commune.to_string()), ("title", "Công nhận xã"), ("id", &Uuid::now_v7().to_string())];
        let opened = post(&house.person("chuyenvien").await, "/cases", &opening).await;
        assert_eq!(opened.status, 303, "{}", opened.body);
        let story = Story { house: &house, case: opened.header("location").split('?').next().unwrap().to_owned() };
        let this_year = year.to_string();
        story.attached("chuyenvien", &["report"]).await;
        story.done("chuyenvien", "consult", &[("rank", "standard"), ("year", &this_year), ("no_debt", "1"), ("order_ok", "1")]).await;
        story.attached("mattran", &["opinion"]).await;
        story.task("mattran", "opinion_front").await;
        story.attached("chuyenvien", &["publication", "minutes", "request"]).await;
        story.done("chuyenvien", "publish", &[("broadcasts", "6"), ("published_from", &today.to_string()), ("published_days", "10")]).await;
        story.done("chuyenvien", "complete", &[]).await;
        story.done("chuyenvien", "request", &[]).await;
        story.attached("mattran", &["survey"]).await;
        story.done("mattran", "enter_survey", &[("households_asked", "82"), ("satisfied", "97")]).await;
        story.attached("thamdinh", &["verification", "appraisal"]).await;
        story.done("thamdinh", "verified", &[]).await;
        for task in ["appraise_agriculture", "appraise_digital", "appraise_social"] {
            story.task("thamdinh", task).await;
        }

        // The scorecard decides: empty, then scored but not appraised, then appraised in part, then whole.
        let refused = |word: &'static str| {
            let story = &story;
            async move {
                let answer = story.act("thamdinh", "to_council", &[]).await;
                assert_eq!(answer.status, 422, "{}", answer.body);
                assert!(answer.body.contains(word), "{word}: {}", answer.body);
            }
        };
        refused("bảng chấm điểm chưa có gì").await;
        let card = format!("/criteria/xa-chuan-thu/scorecards/{commune}/{year}");
        let officer = house.person("chuyenvien").await;
        let scored = post(&officer, &card, &[("s.1.1", "0"), ("v.1.1", "yes"), ("s.2.1", "0"), ("v.2.1", "yes")]).await;
        assert_eq!(scored.status, 303, "{}", scored.body);
        refused("đạt 0/2 tiêu chí đã thẩm định").await;
        let reviewer = house.person("soyte").await;
        assert_eq!(post(&reviewer, &format!("{card}/appraise"), &[("i", "1.1"), ("verdict", "accept")]).await.status, 303);
        refused("đạt 1/2 tiêu chí đã thẩm định").await;
        assert_eq!(post(&reviewer, &format!("{card}/appraise"), &[("i", "2.1"), ("verdict", "accept")]).await.status, 303);
        story.done("thamdinh", "to_council", &[]).await;

        let recognised = || async {
            let known = Arc::clone(app.figures.catalog().coded("cn_xa_chuan_thu").unwrap());
            let ask = Ask { known, period: Period::year(year).unwrap(), tree: Tree::Then };
            app.figures.read(&ask, commune).await.unwrap().value
        };
        story.attached("chutichtinh", &["ballot", "decision"]).await;
        story.done("chutichtinh", "voted", &[("members", "20"), ("votes_for", "20")]).await;
        assert_eq!(recognised().await, None, "nothing is registered before the decision");
        let decision = [("decision_number", "15/QĐ-UBND"), ("decision_date", &*today.to_string()), ("decided_by", "Chủ tịch UBND tỉnh")];
        story.done("chutichtinh", "decide", &decision).await;
        assert_eq!(recognised().await, Some(Decimal::ONE), "{}", house.db.label());
        let page = house.stranger().get(&card).await;
        assert!(page.body.contains("công nhận: quyết định 15/QĐ-UBND") && page.body.contains("Chủ tịch UBND tỉnh"), "{}", page.body);
        let list = app.criteria.decisions(commune).await.unwrap();
        assert_eq!((list.len(), list[0].number.as_str(), list[0].note.as_str()), (1, "15/QĐ-UBND", story.case.as_str()));

        // A re-check that fails leads to revocation: the register and the figure follow.
        story.done("thamdinh", "announce", &[("announced_on", &today.to_string())]).await;
        let fails = [("recheck_year", this_year.as_str()), ("failed_percent", "50"), ("note", "rà soát")];
        story.done("thamdinh", "consider_revocation", &fails).await;
        assert_eq!(recognised().await, Some(Decimal::ONE), "considered is not revoked");
        story.done("chutichtinh", "revoke", &[("revoke_number", "99/QĐ-UBND"), ("note", "không còn đạt")]).await;
        assert_eq!(recognised().await, Some(Decimal::ZERO));
        assert!(house.stranger().get(&card).await.body.contains("thu hồi: quyết định 99/QĐ-UBND"));
        let share = house.stranger().get(&format!("/api/v1/figures?measure=cn_xa_chuan_thu&period={year}&unit={province}")).await.json();
        assert_eq!((share["items"][0]["n"].as_i64(), share["items"][0]["met"].as_i64()), (Some(1), Some(0)), "{share}");
        house.verifies().await;
    }
}

#[tokio::test]
async fn nobody_recognises_past_the_case_engine_without_the_role() {
    let house = houses_with(Settings::default()).await.remove(0);
    let (commune, _) = house.communes().remove(0);
    let system = house.app.access.system();
    let new = NewAccount { login: "xa".into(), name: "Cô xã".into(), unit: commune, password: Some(crate::house::PASSWORD.into()) };
    let (id, _) = house.app.access.add_account(&system, new).await.unwrap();
    house.app.access.grant(&system, id, NewGrant { role: Role::Officer, unit: commune, from: system.today(), to: None, basis: String::new() }).await.unwrap();
    let path = format!("/criteria/commune-2021-2025/scorecards/{commune}/2025/recognise");
    let form = [("kind", "recognised"), ("number", "1/QĐ"), ("issued", "2025-12-01")];
    assert_eq!(post(&house.person("xa").await, &path, &form).await.status, 403);
}
