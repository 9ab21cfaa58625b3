//! How targets are read: counted place by place with a trend, edited in the browser with a preview, held by somebody.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use crate::house::{House, houses};
use access::{Context, Role};
use figures::Value;
use places::facts::unit_id;
use programme::task::{Due, NewTask, Party, Words};
use programme::{Lack, Progress, Verdict};
use rust_decimal::Decimal;

const PLAN: &str = r#"[plan]
code = "thu-2026-2030"
kind = "plan"
title_vi = "Kế hoạch thử"
unit = "p:old:38"
valid_from = "2026-01-01"
valid_to = "2027-12-31"

[[target]]
code = "T1"
pillar = "economy"
title_vi = "Xã có hợp tác xã"
level = "commune"
value = "90"
unit = "%"

[[target.reading]]
code = "co_htx"
title_vi = "Xã có ít nhất một hợp tác xã"
how = "units"
measures = ["so_htx"]
level = "commune"
at_least = "1"
"#;

async fn read(house: &House, plan: &str, target: &str) -> Progress {
    let register = house.programme.current().await;
    let ctx = Context::public(*house.now.lock().unwrap(), ui::Prefs::default(), "test");
    let plan = register.plan(plan).unwrap();
    house.programme.progress_of(&ctx, plan, plan.home, false, Some(target)).await.unwrap().pop().unwrap()
}

/// In a quarter the first `yes` communes of Thanh Hóa have two cooperatives, the others none.
async fn have(house: &House, period: &str, yes: usize) -> usize {
    let units = house.reporters("so_htx", period, "p:old:38");
    house.load("so_htx", period, units.iter().enumerate().map(|(n, u)| (*u, Value::Number(if n < yes { 2 } else { 0 }))).collect()).await;
    units.len()
}

#[tokio::test]
async fn places_counted_one_by_one_have_a_trend_and_a_forecast() {
    for house in houses().await {
        let owner = house.person("chu", Role::Administrator, "p:old:38").await;
        assert_eq!(owner.upload("/plans/import", &[], ("thu.toml", PLAN.as_bytes())).await.status, 303);
        let all = have(&house, "2026-Q1", 20).await;
        have(&house, "2026-Q2", 40).await;
        let page = house.stranger().page("/plans/thu-2026-2030/targets/T1").await;
        assert!(page.body.contains("Chưa dự báo đến 31/12/2027: cần ít nhất ba kỳ có số, mới có 2."), "{}", page.body);
        have(&house, "2026-Q3", 60).await;
        let p = read(&house, "thu-2026-2030", "T1").await;
        assert_eq!((p.tally.parts, p.past.len()), (Some((60, i64::try_from(all).unwrap())), 3), "{}", house.db.label());
        assert!(p.past.iter().all(|(_, v)| v.is_some()));
        let then = p.forecast.unwrap();
        assert_eq!((then.on.to_string(), then.periods), ("2027-12-31".to_owned(), 3));
        // 20 communes each quarter: five quarters later 160, all there are or as many as that makes.
        let least = Decimal::from(100 * 150 / all.max(150));
        assert!(then.value >= least.min(Decimal::from(99)), "{} of {all}", then.value);
        assert_eq!(p.verdict, if then.value >= Decimal::from(90) { Verdict::OnTrack } else { Verdict::Behind });
        let page = house.stranger().page("/plans/thu-2026-2030/targets/T1").await;
        for text in ["Dự báo", "kéo dài đường thẳng", "Ai đang giữ, còn bao lâu", "xã chưa đạt", "31/12/2027"] {
            assert!(page.body.contains(text), "{text}");
        }
        // The plan page judges by the same forecast.
        let plan = house.stranger().page("/api/v1/plans/thu-2026-2030/targets").await.json();
        assert_eq!(plan["items"][0]["forecast"].as_str().unwrap(), then.value.normalize().to_string());
    }
}

#[tokio::test]
async fn a_reading_is_edited_in_the_browser_after_a_look_at_who_is_counted() {
    for house in houses().await {
        let owner = house.person("chu", Role::Administrator, "p:old:38").await;
        let other = house.person("khac", Role::Administrator, "p:new:24").await;
        assert_eq!(owner.upload("/plans/import", &[], ("thu.toml", PLAN.as_bytes())).await.status, 303);
        have(&house, "2026-Q3", 60).await;
        let path = "/plans/thu-2026-2030/targets/T1/readings/co_htx";
        assert_eq!(other.get(path).await.status, 403);
        assert_eq!(owner.get("/plans/thu-2026-2030/targets/T1/readings/khac").await.status, 404);
        let form = |what: &'static str, measure: &'static str, kinds: &'static str, groups: &'static str| {
            vec![
                ("do", what),
                ("version", "1"),
                ("title_vi", "Xã (không kể phường) có từ ba hợp tác xã"),
                ("how", "units"),
                ("measure", measure),
                ("show", "share"),
                ("level", "commune"),
                ("at_least", "3"),
                ("kinds", kinds),
                ("groups", groups),
                ("tree", "then"),
            ]
        };
        let seen = owner.post(path, &form("preview", "so_htx", "phường", "")).await;
        assert_eq!(seen.status, 200, "{}", seen.body);
        assert!(seen.body.contains("Chưa lưu") && seen.body.contains("0 nơi được đếm"), "{}", seen.body);
        assert!(seen.body.contains("Chưa nơi nào thuộc nhóm được đếm"), "this measure is reported by communes that are no wards: {}", seen.body);
        let seen = owner.post(path, &form("preview", "so_htx", "xã", "")).await;
        assert!(seen.body.contains("Ai được đếm") && seen.body.contains("<li>Xã ") && !seen.body.contains("Chưa nơi nào thuộc nhóm được đếm"), "{}", seen.body);
        // What is wrong is said at the form, also in a preview.
        let wrong = owner.post(path, &form("preview", "so_htx", "", "nhom-khong-co")).await;
        assert!(wrong.status == 422 && wrong.body.contains("Không có nhóm mang mã nhom-khong-co"), "{}", wrong.body);
        assert_eq!(read(&house, "thu-2026-2030", "T1").await.tally.parts.unwrap().0, 60, "a preview saves nothing");
        assert_eq!(owner.post(path, &form("save", "so_htx", "xã", "")).await.status, 303);
        let p = read(&house, "thu-2026-2030", "T1").await;
        assert_eq!((p.tally.parts.unwrap().0, p.reading.unwrap().kinds), (0, vec!["xã".to_owned()]));
        assert_eq!(owner.post(path, &form("save", "so_htx", "", "")).await.status, 409, "somebody saved meanwhile");
        // The same through the file: nothing is lost on the way.
        let toml = owner.page("/plans/thu-2026-2030/export.toml").await.body;
        assert!(toml.contains("kinds = [\"xã\"]") && toml.contains("at_least = \"3\""), "{toml}");
        // A second one is added and can be chosen; the choices stay in the history of the target.
        let mut second = form("save", "so_htx", "", "");
        second[1].1 = "2";
        second.push(("code", "ca_phuong"));
        assert_eq!(owner.post("/plans/thu-2026-2030/targets/T1/readings/new", &second).await.status, 303);
        for choice in ["ca_phuong", "co_htx"] {
            let form = [("reading", choice), ("reason", "Theo hướng dẫn")];
            assert_eq!(owner.post("/plans/thu-2026-2030/targets/T1/reading", &form).await.status, 303);
        }
        assert!(owner.page("/plans/thu-2026-2030/targets/T1").await.body.contains("Các lần chọn cách đọc (2)"));
        let mut gone = form("remove", "so_htx", "", "");
        gone[1].1 = "3";
        assert_eq!(owner.post("/plans/thu-2026-2030/targets/T1/readings/ca_phuong", &gone).await.status, 303);
        assert_eq!(read(&house, "thu-2026-2030", "T1").await.held.target.reading.len(), 1);
    }
}

#[tokio::test]
async fn every_one_of_several_measures_must_be_met() {
    let house = houses().await.remove(0);
    let district = house.reporters("huyen_dat_9_5", "2024", "p:old:38")[0];
    let owner = house.person("chu", Role::Administrator, "p:old:38").await;
    let unit = district.to_string();
    let text = PLAN.replace("p:old:38", &unit).replace("2026-01-01", "2024-01-01").replace("2027-12-31", "2025-06-30").replace("commune", "district").replace(
        "how = \"units\"\nmeasures = [\"so_htx\"]\nlevel = \"district\"\nat_least = \"1\"",
        "how = \"all\"\nshow = \"yes_no\"\nmeasures = [\"huyen_dat_9_5\", \"huyen_dat_6_5_nang_cao\"]",
    );
    assert_eq!(owner.upload("/plans/import", &[], ("thu.toml", text.as_bytes())).await.status, 303);
    house.load("huyen_dat_9_5", "2024", vec![(district, Value::Number(1))]).await;
    let half = read(&house, "thu-2026-2030", "T1").await;
    assert_eq!(half.verdict, Verdict::NoData);
    assert!(half.lacks.contains(&Lack::NoFigures("huyen_dat_6_5_nang_cao".into())), "{:?}", half.lacks);
    house.load("huyen_dat_6_5_nang_cao", "2024", vec![(district, Value::Number(1))]).await;
    assert_eq!(read(&house, "thu-2026-2030", "T1").await.verdict, Verdict::Met);
    let page = house.stranger().page("/plans/thu-2026-2030/targets/T1").await;
    assert!(page.body.contains("đạt ở năm 2024") && !page.body.contains("phải đạt đạt"), "{}", page.body);
    // It says nothing about many places at once.
    let many = text.replace(&unit, "p:old:38");
    let answer = owner.post("/plans/thu-2026-2030/text", &[("text", &many), ("version", "1")]).await;
    assert!(answer.status == 422 && answer.body.contains("của chính đơn vị có kế hoạch"), "{}", answer.body);
}

/// A district that says yes about itself counts as one place among its communes.
#[tokio::test]
async fn a_district_and_its_communes_are_counted_together() {
    let house = houses().await.remove(0);
    let register = house.programme.current().await;
    let home = register.plan("quang-xuong-2025").unwrap().home;
    let communes: Vec<_> = {
        let view = house.programme.atlas().on(jiff::civil::date(2025, 6, 30));
        house.reporters("dich_vu_thiet_yeu", "2025-H1", "p:old:38").into_iter().filter(|u| view.under(home, places::Level::Commune).contains(u)).collect()
    };
    house.load("dich_vu_thiet_yeu", "2025-H1", communes.iter().enumerate().map(|(n, u)| (*u, Value::Number(i64::from(n < 5)))).collect()).await;
    house.load("dich_vu_thiet_yeu_huyen", "2025-H1", vec![(home, Value::Number(1))]).await;
    let p = read(&house, "quang-xuong-2025", "S1").await;
    assert_eq!(p.tally.parts, Some((6, i64::try_from(communes.len()).unwrap() + 1)));
}

#[tokio::test]
async fn whoever_signed_in_sees_which_task_serves_a_target_and_how_long_is_left() {
    let house = houses().await.remove(0);
    let owner = house.person("chu", Role::Administrator, "p:old:38").await;
    assert_eq!(owner.upload("/plans/import", &[], ("thu.toml", PLAN.as_bytes())).await.status, 303);
    have(&house, "2026-Q3", 60).await;
    let new = NewTask {
        words: Words { plan: "thu-2026-2030".into(), target: "T1".into(), title: "Vận động lập hợp tác xã".into(), ..Words::default() },
        owner: Some(Party { unit: unit_id("p:old:38"), body: "Liên minh Hợp tác xã".into(), ..Party::default() }),
        due: Due::Days(10),
        ..NewTask::default()
    };
    house.programme.give_task(&house.access.system(), &new).await.unwrap();
    let page = owner.page("/plans/thu-2026-2030/targets/T1").await;
    assert!(page.body.contains("Vận động lập hợp tác xã") && page.body.contains("Liên minh Hợp tác xã") && page.body.contains("còn 10 ngày làm việc"));
    let page = house.stranger().page("/plans/thu-2026-2030/targets/T1").await;
    assert!(!page.body.contains("Vận động lập hợp tác xã") && page.body.contains("sau khi đăng nhập"));
}

#[tokio::test]
async fn todays_map_says_that_a_level_is_gone() {
    let house = houses().await.remove(0);
    let p = house.stranger().page("/api/v1/plans/924/targets?tree=today").await.json();
    let g5 = p["items"].as_array().unwrap().iter().find(|t| t["code"] == "G5").unwrap();
    assert!(g5["lacks_vi"][0].as_str().unwrap().contains("Bản đồ hôm nay không còn"), "{g5}");
    let p = house.stranger().page("/api/v1/plans/924/targets").await.json();
    let g8 = p["items"].as_array().unwrap().iter().find(|t| t["code"] == "G8").unwrap();
    let said = g8["lacks_vi"][0].as_str().unwrap();
    assert!(said.starts_with('“') && said.contains("nơi phải báo cáo") && !said.contains("can_bo_tap_huan"), "{said}");
}
