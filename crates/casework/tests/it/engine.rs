//! The engine: once, two at a time, assignment, extension, successors, strangers.

use crate::house::houses;
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;
use work::NewCase;

#[tokio::test]
async fn the_same_act_twice_is_one_act_and_the_second_person_is_told() {
    for house in houses().await {
        let case = house.opened().await;
        let officer = house.person("chuyenvien").await;
        officer.attach(&case, "report").await;
        let before = officer.get(&format!("/api/v1{case}")).await.json();
        let body =
            json!({"action": "consult", "key": "k1", "seen": before["seq"], "fields": {"rank": "standard", "year": 2026, "no_debt": true, "order_ok": true}});
        let path = format!("/api/v1{case}/actions");
        let first = officer.json(&path, body.clone()).await;
        assert_eq!((first.status, first.json()["state"].as_str()), (200, Some("consult")), "{}", first.body);
        let again = officer.json(&path, body).await;
        assert_eq!((again.status, again.json()["seq"].clone()), (200, first.json()["seq"].clone()));
        // Somebody who saw the case before it is told who did what.
        let late = house.person("chuyenvien2").await.json(&path, json!({"action": "withdraw", "key": "k2", "seen": before["seq"], "note": "rút lại"})).await;
        assert_eq!(late.status, 409, "{}", late.body);
        assert!(late.body.contains("chuyenvien") && late.body.contains("case_moved"), "{}", late.body);
        let events = officer.get(&format!("/api/v1{case}")).await.json()["events"].as_array().unwrap().len();
        assert_eq!(events, 3, "opened, attached, consulted");
    }
}

#[tokio::test]
async fn two_at_the_same_time_are_one_after_the_other() {
    for house in houses().await {
        let case = house.opened().await;
        let path = format!("/api/v1{case}/actions");
        let seq = house.person("chuyenvien").await.get(&format!("/api/v1{case}")).await.json()["seq"].clone();
        let (one, two) = (house.person("chuyenvien").await, house.person("chuyenvien2").await);
        let act = |key: &str| json!({"action": "withdraw", "key": key, "seen": seq, "note": "rút lại hồ sơ"});
        let (a, b) = tokio::join!(one.json(&path, act("a")), two.json(&path, act("b")));
        let mut codes = [a.status, b.status];
        codes.sort_unstable();
        assert_eq!(codes, [200, 409], "{} {}", a.body, b.body);
    }
}

#[tokio::test]
async fn strangers_and_other_provinces_see_nothing() {
    for house in houses().await {
        let case = house.opened().await;
        assert_eq!(house.stranger().get(&case).await.status, 303);
        let other = house.person("nguoikhac").await;
        assert_eq!(other.get(&case).await.status, 404);
        assert_eq!(other.act(&case, "consult", &[]).await.status, 404);
        assert_eq!(other.attach(&case, "report").await.status, 404);
        assert_eq!(other.post(&format!("{case}/comment"), &[("text", "x")]).await.status, 404);
        let unit = house.commune().to_string();
        assert_eq!(other.get(&format!("/cases?unit={unit}")).await.status, 404);
        // Nor do programs of theirs, by tokens that may all that their owners may.
        let theirs = other.program().await;
        assert_eq!(theirs.get(&format!("/api/v1{case}")).await.status, 404);
        let act = serde_json::json!({"action": "consult", "key": "máy-1", "fields": {}});
        assert_eq!(theirs.json(&format!("/api/v1{case}/actions"), act).await.status, 404);
        let open = serde_json::json!({"id": uuid::Uuid::now_v7(), "procedure": "recognition-commune", "unit": unit, "title": "x"});
        let refused = theirs.json("/api/v1/cases", open).await;
        assert_eq!(refused.status, 403, "{}", refused.body);
        assert_eq!(theirs.get(&format!("/api/v1/cases?unit={unit}")).await.status, 404);
        // The province sees the case but does not speak for the commune.
        let above = house.person("thamdinh").await;
        assert_eq!(above.get(&case).await.status, 200);
        let refused = above.act(&case, "consult", &[("rank", "standard"), ("year", "2026"), ("no_debt", "1"), ("order_ok", "1")]).await;
        assert_eq!(refused.status, 403);
        assert!(refused.body.contains("UBND xã"));
        let opened = above.post("/cases", &[("procedure", "recognition-commune"), ("unit", &unit), ("title", "x")]).await;
        assert_eq!(opened.status, 403, "{}", opened.body);
    }
}

#[tokio::test]
async fn a_head_moves_work_without_hand_back() {
    for house in houses().await {
        let case = house.opened().await;
        let (officer, second, head) = (house.person("chuyenvien").await, house.person("chuyenvien2").await, house.person("chutichxa").await);
        assert!(officer.get("/cases?list=mine").await.body.contains("Công nhận xã Phúc Hòa 2026"));
        // A colleague does not take what another works on.
        assert_eq!(second.post(&format!("{case}/assign"), &[("to", "me")]).await.status, 403);
        let id: Uuid = case.rsplit('/').next().unwrap().parse().unwrap();
        let account = house.access.find_account(&house.access.system(), "chuyenvien2").await.unwrap().unwrap();
        let ctx = head_context(&house).await;
        house.casework.assign(&ctx, id, Some(account.id), None, "nghỉ phép").await.unwrap();
        assert!(second.get("/cases?list=mine").await.body.contains("Công nhận xã Phúc Hòa 2026"));
        assert!(!officer.get("/cases?list=mine").await.body.contains("Công nhận xã Phúc Hòa 2026"));
        assert!(head.get(&case).await.body.contains("nghỉ phép"));
        // The list has those who belong to the holder and says who is away; nobody else can be given it, and no head of another side leads here.
        let (system, today) = (house.access.system(), house.today());
        house.access.add_absence(&system, account.id, today, today.tomorrow().unwrap(), "nghỉ phép").await.unwrap();
        let page = head.get(&case).await.body;
        assert!(page.contains("chuyenvien, Chuyên viên") && !page.contains("mattran,"), "{page}");
        assert!(head.get("/cases").await.body.contains("Văn thư (nghỉ đến 03/03/2026)"));
        let stranger = house.access.find_account(&system, "nguoikhac").await.unwrap().unwrap().id;
        assert_eq!(head.post(&format!("{case}/assign"), &[("to", &stranger.to_string())]).await.status, 422);
        assert_eq!(head.post(&format!("{case}/assign"), &[("to", "x")]).await.status, 422);
        let front = house.person("mattran").await;
        assert_eq!(front.post(&format!("{case}/assign"), &[("to", &account.id.to_string())]).await.status, 403);
        assert_eq!(front.post(&format!("{case}/extend"), &[("amount", "3"), ("reason", "lấn sân")]).await.status, 403);
        assert!(!front.get(&case).await.body.contains("Giao cho người khác"));
        // Many at once to one of the list.
        let other = house.access.find_account(&system, "chuyenvien").await.unwrap().unwrap().id.to_string();
        let given = head.post("/cases/assign", &[("case", &id.to_string()), ("to", &other)]).await;
        assert_eq!((given.status, given.location()), (303, "/cases?done=assigned"));
        assert!(officer.get("/cases?list=mine").await.body.contains("Công nhận xã Phúc Hòa 2026"));
        let nowhere = Uuid::now_v7().to_string();
        let partly = head.post("/cases/assign", &[("case", &id.to_string()), ("case", &nowhere), ("to", &other)]).await;
        assert_eq!(partly.location(), "/cases?done=assigned-1-2");
        assert!(head.get(partly.location()).await.body.contains("Đã giao 1 trong 2 hồ sơ"));
        // Nobody has it: several are taken at once.
        house.casework.assign(&ctx, id, None, None, "").await.unwrap();
        let taken = officer.post("/cases/assign", &[("case", &id.to_string())]).await;
        assert_eq!(taken.location(), "/cases?list=mine&done=assigned");
    }
}

async fn head_context(house: &crate::house::House) -> access::Context {
    let account = house.access.find_account(&house.access.system(), "chutichxa").await.unwrap().unwrap();
    let post = house.access.posts_of(account.id, house.today()).await.unwrap().remove(0);
    let grants = vec![access::Grant { role: access::Role::Reviewer, unit: house.commune(), from: house.today(), to: None }];
    let who = access::Who::Account { id: account.id, login: "chutichxa".into(), name: "Chủ tịch".into() };
    access::Context::new(who, house.access.system().at, ui::Prefs::default(), "t", grants).in_post(post)
}

#[tokio::test]
async fn a_limit_explains_itself_is_extended_and_told_when_late() {
    for house in houses().await {
        let case = house.opened().await;
        let officer = house.person("chuyenvien").await;
        officer.attach(&case, "report").await;
        officer.act(&case, "consult", &[("rank", "standard"), ("year", "2026"), ("no_debt", "1"), ("order_ok", "1")]).await;
        // 15 days from Monday 2 March end on Tuesday 17 March.
        let page = officer.get(&case).await.body;
        assert!(page.contains("17/03/2026") && page.contains("Ngày nhận, không tính"), "{page}");
        let head = house.person("chutichxa").await;
        let extended = head.post(&format!("{case}/extend"), &[("amount", "3"), ("reason", "nhiều thôn")]).await;
        assert_eq!(extended.status, 303, "{}", extended.body);
        let page = officer.get(&case).await.body;
        assert!(page.contains("20/03/2026") && page.contains("hẹn ban đầu") && page.contains("nhiều thôn"));
        assert_eq!(officer.post(&format!("{case}/extend"), &[("amount", "3"), ("reason", "tự gia hạn")]).await.status, 403);
        house.at("2026-03-22T02:00:00Z");
        house.casework.upkeep().await.unwrap();
        house.casework.upkeep().await.unwrap();
        let officer = house.person("chuyenvien").await;
        let page = officer.get(&case).await.body;
        assert_eq!(page.matches("Báo quá hạn").count(), 1, "told once");
        assert!(officer.get("/cases").await.body.contains("Quá hạn: Công nhận"));
        let duties = house.casework.board().duties(&head_context(&house).await, 10).await.unwrap();
        assert!(duties.is_empty() || duties.iter().all(|d| d.source == "case"));
    }
}

#[tokio::test]
async fn open_cases_go_to_the_legal_successor() {
    for house in houses().await {
        // Phúc Hòa of the district era lived until 30 June 2025.
        house.at("2025-06-20T02:00:00Z");
        let atlas = house.places.atlas();
        let old = atlas.units().iter().find(|u| {
            u.level == places::Level::Commune && u.on(house.today()).is_some_and(|v| v.name.as_ref() == "Phúc Hòa" && v.code.as_deref() == Some("07324"))
        });
        let old = old.expect("the pilot commune of the older map").id;
        let system = house.access.system();
        let new = NewCase {
            id: Uuid::now_v7(),
            procedure: "recognition-commune".into(),
            unit: old,
            title: "Hồ sơ trước sắp xếp".into(),
            subject: String::new(),
            fields: BTreeMap::new(),
        };
        let case = house.casework.open_case(&system, new).await.unwrap();
        house.at("2025-07-02T02:00:00Z");
        house.casework.upkeep().await.unwrap();
        let seen = house.casework.look(&house.access.system(), case.id).await.unwrap();
        assert_ne!(seen.case.unit, old);
        assert_eq!(seen.case.origin, old);
        assert!(house.places.atlas().unit(seen.case.unit).unwrap().on(house.today()).is_some());
        assert_eq!(seen.events[0].event.kind, "move");
        assert!(seen.events[0].event.note.contains("Phúc Hòa"));
        assert_eq!(seen.events.len(), 2, "the history stays");
        house.casework.upkeep().await.unwrap();
        assert_eq!(house.casework.look(&house.access.system(), case.id).await.unwrap().case.seq, seen.case.seq);
    }
}
