//! Targets are computed, or say exactly what is missing.

use crate::house::{House, houses};
use access::{Context, Role};
use figures::Value;
use places::facts::unit_id;
use places::pages::UnitPanel;
use programme::pages::TargetsPanel;
use programme::{Lack, Progress, Verdict};
use rust_decimal::Decimal;

fn public(house: &House) -> Context {
    Context::public(*house.now.lock().unwrap(), ui::Prefs::default(), "test")
}

pub async fn read(house: &House, plan: &str, target: &str) -> Progress {
    let register = house.programme.current().await;
    let plan = register.plan(plan).unwrap();
    house.programme.progress_of(&public(house), plan, plan.home, false, Some(target)).await.unwrap().pop().unwrap()
}

/// The first `yes` of the reporting units say yes, the next `no` say no, the rest nothing.
pub async fn say(house: &House, code: &str, period: &str, under: &str, yes: usize, no: usize) -> usize {
    let units = house.reporters(code, period, under);
    let values = units.iter().take(yes + no).enumerate().map(|(n, u)| (*u, Value::Number(i64::from(n < yes)))).collect();
    house.load(code, period, values).await;
    units.len()
}

#[tokio::test]
async fn without_figures_every_target_says_what_is_missing() {
    for house in houses().await {
        let ctx = public(&house);
        let register = house.programme.current().await;
        let mut seen = 0;
        for plan in register.plans() {
            for p in house.programme.progress(&ctx, plan, plan.home, false).await.unwrap() {
                assert_eq!(p.verdict, Verdict::NoData, "{} {}", plan.def.plan.code, p.held.target.code);
                assert!(!p.lacks.is_empty() && p.reading.is_some(), "{} {}", plan.def.plan.code, p.held.target.code);
                seen += 1;
            }
        }
        assert!(seen > 60, "{seen}");
        let g2 = read(&house, "924", "G2").await;
        assert!(g2.lacks.contains(&Lack::NoMeasure("kq_commune_2021_2025_8_4".into())), "{:?}", g2.lacks);
        assert!(g2.lacks.contains(&Lack::NoFigures("dat_8_4".into())), "{:?}", g2.lacks);
        let page = house.stranger().page("/plans/924").await;
        assert!(page.body.contains("Chưa có kết quả chấm theo bộ tiêu chí (chỉ tiêu kq_commune_2021_2025_8_4)"));
        assert!(page.h1().starts_with("0 trong 16 mục tiêu đã đạt"), "{}", page.h1());
    }
}

#[tokio::test]
async fn a_share_of_communes_counts_who_is_missing_and_closes_with_its_province() {
    for house in houses().await {
        let all = say(&house, "dat_8_4", "2024", "p:old:24", 100, 20).await;
        let missing = i64::try_from(all - 120).unwrap();
        let p = read(&house, "bac-giang-2023-2025", "G2").await;
        assert_eq!((p.tally.parts, p.tally.missing, p.instead), (Some((100, i64::try_from(all).unwrap())), missing, true));
        assert_eq!(p.closing.unwrap().last.to_string(), "2025-06-30");
        assert_eq!(p.verdict, Verdict::NotMet, "20 say no: 97% is out of reach");
        let page = house.stranger().page("/plans/bac-giang-2023-2025/targets/G2").await;
        assert_eq!(page.h1(), format!("100 trong {all} xã đạt; 20 chưa đạt, {missing} chưa báo cáo"));
        assert!(page.body.contains("20 xã chưa đạt") && page.body.contains("số tự khai"));
        assert!(page.body.contains("/why?measure=dat_8_4&#38;unit=") || page.body.contains("/why?measure=dat_8_4&amp;unit="));
        // What is missing could still decide: nobody says no.
        say(&house, "dat_8_4_nang_cao", "2024", "p:old:24", 60, 0).await;
        let open = read(&house, "bac-giang-2023-2025", "G3").await;
        assert_eq!(open.verdict, Verdict::Open);
        // The mark of the plan above stands beside, and the stricter is named.
        let plan = house.stranger().page("/plans/bac-giang-2023-2025").await;
        assert!(plan.body.contains("ở đây chặt hơn") && plan.body.contains("bằng nhau"));
    }
}

#[tokio::test]
async fn a_target_of_districts_stays_readable_after_they_ended() {
    let house = houses().await.remove(0);
    say(&house, "huyen_dat_9_5", "2024", "nation", 500, 100).await;
    let p = read(&house, "924", "G5").await;
    assert_eq!((p.verdict, p.closing.unwrap().last.to_string()), (Verdict::Met, "2025-06-30".to_owned()));
    let page = house.stranger().page("/plans/924/targets/G5").await;
    assert!(page.body.contains("ngày cuối cùng của cấp được đếm"));
    // A province of today never had districts.
    let bac_ninh = unit_id("p:new:24");
    let page = house.stranger().page(&format!("/plans/924/targets/G5?unit={bac_ninh}")).await;
    assert!(page.body.contains("không có đơn vị cấp huyện"), "{}", page.body);
}

#[tokio::test]
async fn shares_of_several_levels_add_up_and_units_are_counted_by_what_is_below_them() {
    let house = houses().await.remove(0);
    let communes = house.reporters("can_bo_tap_huan", "2025-Q2", "p:old:38");
    house.load("can_bo_tap_huan", "2025-Q2", vec![(communes[0], Value::Ratio { n: 8, of: 10 }), (communes[1], Value::Ratio { n: 1, of: 10 })]).await;
    let districts = house.reporters("can_bo_tap_huan_huyen", "2025-Q2", "p:old:38");
    house.load("can_bo_tap_huan_huyen", "2025-Q2", vec![(districts[0], Value::Ratio { n: 20, of: 20 })]).await;
    let g8 = read(&house, "quang-xuong-2025", "G8").await;
    assert!(g8.tally.parts.is_none_or(|(_, of)| of <= 40));
    let all = house.programme.current().await;
    let plan = all.plan("924").unwrap();
    let at = unit_id("p:old:38");
    // The programme as a whole goes on to the end of 2025: the newest period with figures is taken and said to be older.
    let g8 = house.programme.progress_of(&public(&house), plan, at, false, Some("G8")).await.unwrap().pop().unwrap();
    assert_eq!((g8.tally.parts, g8.older), (Some((29, 40)), true));
    // One commune with a model makes its district one that has models.
    let view = house.programme.atlas().on(jiff::civil::date(2025, 6, 14));
    let first = house.reporters("mo_hinh_lien_ket", "2025-Q2", "p:old:38")[0];
    house.load("mo_hinh_lien_ket", "2025-Q2", vec![(first, Value::Number(2))]).await;
    let e2 = house.programme.progress_of(&public(&house), plan, at, false, Some("E2")).await.unwrap().pop().unwrap();
    let districts = view.under(at, places::Level::District).into_iter().filter(|d| !view.under(*d, places::Level::Commune).is_empty()).count();
    let (n, of) = e2.tally.parts.unwrap();
    assert_eq!(n, 1);
    assert!(of > 1 && usize::try_from(of).unwrap() <= districts);
    assert_eq!(e2.tally.missing, of - 1);
}

#[tokio::test]
async fn the_owner_chooses_how_a_sentence_is_read() {
    for house in houses().await {
        let units = house.reporters("so_htx", "2025-Q2", "p:old:24");
        house.load("so_htx", "2025-Q2", units.iter().map(|u| (*u, Value::Number(3))).collect()).await;
        house.load("htx_so", "2025-Q2", units.iter().enumerate().map(|(n, u)| (*u, Value::Number(i64::from(n % 2 == 0)))).collect()).await;
        let stricter = read(&house, "bac-giang-2023-2025", "E1").await;
        assert!(stricter.tally.value.unwrap() < Decimal::from(60));
        assert!(
            house
                .stranger()
                .page("/plans/bac-giang-2023-2025")
                .await
                .body
                .contains("Đang hiểu là: xã có ít nhất một hợp tác xã đang hoạt động có ứng dụng công nghệ số")
        );
        // The province has ended; its heir owns the plan.
        let owner = house.person("chu", Role::Administrator, "p:new:24").await;
        let other = house.person("khac", Role::Administrator, "p:old:38").await;
        let path = "/plans/bac-giang-2023-2025/targets/E1/reading";
        let form = [("reading", "co_htx"), ("reason", "Theo công văn hướng dẫn")];
        assert_eq!(other.post(path, &form).await.status, 403);
        assert_eq!(owner.post(path, &[("reading", "khac"), ("reason", "x")]).await.status, 422);
        assert_eq!(owner.post(path, &[("reading", "co_htx"), ("reason", " ")]).await.status, 422);
        assert_eq!(owner.post(path, &form).await.status, 303);
        let loose = read(&house, "bac-giang-2023-2025", "E1").await;
        assert_eq!(loose.tally.value, Some(Decimal::ONE_HUNDRED), "{}", house.db.label());
        assert_eq!(loose.chosen.unwrap().reason, "Theo công văn hướng dẫn");
        // Another plan keeps its own reading.
        assert!(read(&house, "924", "E1").await.chosen.is_none());
        assert!(house.acts().await.contains(&"plan.reading".to_owned()));
        assert!(house.stranger().page("/plans/bac-giang-2023-2025/history").await.body.contains("Theo công văn hướng dẫn"));
    }
}

#[tokio::test]
async fn claims_stand_beside_the_value_and_carrying_over_needs_a_document() {
    let house = houses().await.remove(0);
    let unit = house.reporters("thon_thong_minh", "2025-Q4", "p:old:38");
    house.load("thon_thong_minh", "2025-Q4", vec![(unit[0], Value::Number(9))]).await;
    let page = house.stranger().page("/plans/thanh-hoa-2022-2025").await;
    assert!(page.body.contains("14 thôn") && page.body.contains("9 thôn (quý IV/2025)"), "{}", page.body);
    let g1b = house.stranger().page("/plans/thanh-hoa-2022-2025/targets/G1b").await;
    assert!(g1b.body.contains("công bố") && g1b.body.contains("100%"));
    let owner = house.person("chu", Role::Administrator, "nation").await;
    let path = "/plans/924/targets/G2/carry";
    assert_eq!(owner.post(path, &[("plan", "ntm-2026-2035"), ("document", ""), ("reason", "r")]).await.status, 422);
    assert_eq!(owner.post(path, &[("plan", "hcm-2025"), ("document", "1/QĐ"), ("reason", "r")]).await.status, 422);
    assert_eq!(owner.post(path, &[("plan", "ntm-2026-2035"), ("document", "1/QĐ-BNNMT (01/02/2026)"), ("reason", "chưa đạt")]).await.status, 303);
    let page = house.stranger().page("/plans/924/targets/G2").await;
    assert!(page.body.contains("Chuyển tiếp sang") && page.body.contains("1/QĐ-BNNMT"));
    // One that still runs is not carried over.
    let open = owner.post("/plans/ntm-2026-2035/targets/N1/carry", &[("plan", "924"), ("document", "x"), ("reason", "y")]).await;
    assert!(open.status == 422 && open.body.contains("Mục tiêu chưa đóng"), "{}", open.body);
}

/// However a component is moved in the tree, the whole keeps its totals.
#[tokio::test]
async fn moving_a_component_keeps_the_totals() {
    let house = houses().await.remove(0);
    say(&house, "dat_8_4", "2024", "p:old:24", 150, 0).await;
    let ctx = public(&house);
    let totals = async || {
        let register = house.programme.current().await;
        let mut counts = std::collections::BTreeMap::new();
        for plan in register.plans() {
            for target in &plan.def.target {
                let p = house.programme.progress_of(&ctx, plan, plan.home, false, Some(&target.code)).await.unwrap();
                *counts.entry(p.first().map(|p| p.verdict)).or_insert(0) += 1;
            }
        }
        (register.roots().map(|r| register.below(&r.def.plan.code).len()).sum::<usize>(), counts)
    };
    let before = totals().await;
    let owner = house.person("chu", Role::Administrator, "nation").await;
    let register = house.programme.current().await;
    let mut def = register.plan("hcm-2025").unwrap().def.clone();
    def.plan.parent = Some("ntm-2021-2025".to_owned());
    for target in &mut def.target {
        // It brings its readings along, for the new plan above has none.
        let held = register.targets(&house.programme.atlas(), register.plan("hcm-2025").unwrap());
        target.reading = held.iter().find(|h| h.target.code == target.code).unwrap().target.reading.clone();
    }
    let text = programme::exchange::to_toml(&def).unwrap();
    let answer = owner.post("/plans/hcm-2025/text", &[("text", &text), ("version", "1"), ("reason", "chuyển")]).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    assert_eq!(house.programme.current().await.above("hcm-2025").len(), 1);
    assert_eq!(totals().await, before);
}

#[tokio::test]
async fn a_commune_is_asked_what_it_can_answer_itself() {
    for house in houses().await {
        let units = house.reporters("htx_so", "2025-Q4", "p:new:24");
        let [some, none] = [units[0], units[1]];
        house.load("htx_so", "2025-Q4", vec![(some, Value::Number(3)), (none, Value::Number(0))]).await;
        house.load("thon_thong_minh", "2025-Q4", vec![(some, Value::Number(4))]).await;
        let register = house.programme.current().await;
        let plan = register.plan("bac-giang-2023-2025").unwrap();
        for (unit, value, verdict) in [(some, Decimal::ONE, Verdict::Met), (none, Decimal::ZERO, Verdict::NotMet)] {
            let p = house.programme.progress_of(&public(&house), plan, unit, false, Some("E1")).await.unwrap().pop().unwrap();
            assert_eq!((p.tally.value, p.verdict), (Some(value), verdict), "three such cooperatives are not 3 %");
            let panel = TargetsPanel(house.programme.clone());
            let page = panel.panel(&public(&house), unit, "2026-01-05".parse().unwrap()).await;
            let page = page.as_str();
            assert!(page.contains("E1 Xã có hợp tác xã") && !page.contains("3%"));
            assert!(!page.contains("V2 Thôn"), "what the whole province is to reach is no yardstick for a commune");
        }
    }
}
