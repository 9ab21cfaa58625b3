//! What was found stays as it was, whatever becomes of the set; scoring again is an act that one sees.

use crate::house::{House, Person, houses};
use access::Role;
use criteria::NewLevel;
use criteria::model::{Confidence, Criterion, Indicator, Kind, Op, Set, Threshold};
use criteria::store::{assess, past};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use rust_decimal::Decimal;

const BASE: &str = "commune-2021-2025";

/// One thing that is done to a set.
#[derive(Clone, Debug)]
enum Op1 {
    /// The draft asks for another threshold, title or kind of an indicator.
    Draft {
        at: usize,
        value: u32,
        title: String,
        words: bool,
    },
    /// The draft loses an indicator, or gets one more.
    Drop(usize),
    Add(u32),
    /// The draft holds for another time.
    Dates(u8),
    Publish,
    /// A threshold is entered in the newest version, or taken back.
    Level {
        at: usize,
        value: u32,
    },
    EndLevel,
}

fn op() -> impl Strategy<Value = Op1> {
    prop_oneof![
        3 => (0usize..4, 1u32..100, "[a-zà-ỹ]{3,8}", prop::bool::weighted(0.2)).prop_map(|(at, value, title, words)| Op1::Draft { at, value, title, words }),
        1 => (0usize..4).prop_map(Op1::Drop),
        1 => (1u32..100).prop_map(Op1::Add),
        1 => (0u8..4).prop_map(Op1::Dates),
        3 => Just(Op1::Publish),
        3 => (0usize..4, 1u32..100).prop_map(|(at, value)| Op1::Level { at, value }),
        1 => Just(Op1::EndLevel),
    ]
}

fn at_least(value: u32) -> Threshold {
    Threshold { op: Some(Op::AtLeast), value: Some(Decimal::from(value)), confidence: Confidence::Official, ..Threshold::default() }
}

/// A set with a threshold, one without, one of yes or no, and one of two parts.
fn first(house: &House, code: &str) -> Set {
    let mut set = (*house.criteria.set(BASE).unwrap()).clone();
    set.code = code.to_owned();
    set.title = "Bộ thử".to_owned();
    set.document = "1/QĐ".to_owned();
    (set.based_on, set.effective_to, set.indicator_count, set.criteria_count, set.complete) = (None, None, None, None, true);
    set.effective_from = Some(jiff::civil::date(2026, 1, 1));
    (set.region_rules, set.amendments, set.annexes, set.requires) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let with = |code: &str, kind: Kind, level: Option<u32>| Indicator {
        thresholds: level.map(at_least).into_iter().collect(),
        ..Indicator::new(code, format!("Chỉ tiêu {code}"), kind)
    };
    let mut parts = with("1.4", Kind::Composite, None);
    parts.parts = vec![with("1.4.1", Kind::Percent, Some(50)), with("1.4.2", Kind::Count, Some(2))];
    let indicators = vec![with("1.1", Kind::Percent, Some(60)), with("1.2", Kind::Percent, None), with("1.3", Kind::YesNo, None), parts];
    set.criteria = vec![Criterion {
        number: "1".to_owned(),
        title: "Một".to_owned(),
        group: String::new(),
        condition: false,
        confidence: Confidence::Official,
        note: None,
        indicators,
    }];
    set
}

/// Everything that is kept of an assessment, and what its pages show below the word that there is something newer.
async fn seen(house: &House, set: &str, people: &[&Person<'_>]) -> Vec<String> {
    let mut out = Vec::new();
    let tenant = house.figures.places().atlas().unit(house.commune).unwrap().tenant;
    let key = assess::Key { tenant, set: set.to_owned(), year: 2026, unit: house.commune };
    out.push(format!("{:?}", assess::one(&house.db, &key).await.unwrap()));
    out.push(format!("{:?}", assess::lines(&house.db, &key).await.unwrap()));
    out.push(format!("{:?}", past::of_key(&house.db, &key).await.unwrap()));
    for code in ["1_1", "1_2", "1_3", "1_4"] {
        let figure = house.figure(&format!("kq_{}_{code}", set.replace('-', "_")), house.commune, 2026).await;
        out.push(format!("{:?} {:?}", figure.value, figure.status));
    }
    for person in people {
        let page = person.get(&house.card(set, house.commune, 2026)).await;
        page.is(200);
        let main = page.body.split("<main").nth(1).unwrap().split("</main>").next().unwrap().to_owned();
        let (before, rest) = main.split_once("<section class=\"notice wait\" id=\"cham-lai\"").map_or((main.as_str(), None), |(a, b)| (a, Some(b)));
        let after = rest.map_or("", |rest| rest.split_once("</section>").unwrap().1);
        out.push(format!("{before}{after}"));
    }
    out
}

async fn apply(house: &House, code: &str, op: &Op1) {
    let system = house.access.system();
    let nation = house.figures.places().atlas().nation().unwrap();
    let shelf = house.criteria.current().await;
    let draft = shelf.drafts.get(code).map_or_else(|| (*house.criteria.set(code).unwrap()).clone(), |d| d.set.clone());
    let change = |change: &dyn Fn(&mut Set)| {
        let mut set = draft.clone();
        change(&mut set);
        set
    };
    // What cannot be is refused; that changes nothing either.
    match op {
        Op1::Draft { at, value, title, words } => {
            let set = change(&|set| {
                if let Some(i) = set.criteria[0].indicators.get_mut(*at) {
                    i.title.clone_from(title);
                    i.kind = if *words { Kind::Text } else { i.kind };
                    i.thresholds = if i.kind.is_number() { vec![at_least(*value)] } else { Vec::new() };
                }
            });
            let _ = house.criteria.save_draft(&system, set, nation).await;
        }
        Op1::Drop(at) => {
            let set = change(&|set| {
                if set.criteria[0].indicators.len() > 1 && *at < set.criteria[0].indicators.len() {
                    set.criteria[0].indicators.remove(*at);
                }
            });
            let _ = house.criteria.save_draft(&system, set, nation).await;
        }
        Op1::Add(value) => {
            let set = change(&|set| {
                let new = Indicator { thresholds: vec![at_least(*value)], ..Indicator::new(format!("1.{}", 10 + value), "Thêm", Kind::Percent) };
                set.criteria[0].indicators.insert(0, new);
            });
            let _ = house.criteria.save_draft(&system, set, nation).await;
        }
        Op1::Dates(which) => {
            let set = change(&|set| {
                set.effective_from = Some(jiff::civil::date(2025 + i16::from(*which % 3), 1, 1));
                set.effective_to = (*which == 3).then(|| jiff::civil::date(2026, 6, 30));
                set.kinds = if *which == 2 { vec!["phường".to_owned()] } else { vec!["xã".to_owned()] };
            });
            let _ = house.criteria.save_draft(&system, set, nation).await;
        }
        Op1::Publish => {
            let _ = house.criteria.publish(&system, code).await;
        }
        Op1::Level { at, value } => {
            let indicator = ["1.1", "1.2", "1.4.1", "1.4.2"][*at].to_owned();
            let new = NewLevel { indicator, value: value.to_string(), document: "2/QĐ".to_owned(), page: "3".to_owned(), ..NewLevel::default() };
            let _ = house.criteria.enter_level(&system, code, new).await;
        }
        Op1::EndLevel => {
            let last = shelf.entered.iter().rfind(|l| l.set == code && l.ended.is_none()).map(|l| l.id);
            if let Some(id) = last {
                house.criteria.end_level(&system, id).await.unwrap();
            }
        }
    }
}

/// Draws a number of values of a strategy, always the same.
fn drawn<S: Strategy>(strategy: &S, many: usize) -> Vec<S::Value> {
    let mut runner = TestRunner::deterministic();
    (0..many).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

async fn scored(house: &House, code: &str, officer: &Person<'_>, reviewer: &Person<'_>) {
    let system = house.access.system();
    let nation = house.figures.places().atlas().nation().unwrap();
    house.criteria.save_draft(&system, first(house, code), nation).await.unwrap();
    house.criteria.publish(&system, code).await.unwrap();
    let card = house.card(code, house.commune, 2026);
    let form = [
        ("s.1.1", "0"),
        ("v.1.1", "70/100"),
        ("s.1.2", "0"),
        ("v.1.2", "40/100"),
        ("s.1.3", "0"),
        ("v.1.3", "yes"),
        ("s.1.4", "0"),
        ("v.1.4.1", "55/100"),
        ("v.1.4.2", "1"),
    ];
    officer.post(&card, &form).await.is(303);
    reviewer.post(&format!("{card}/appraise"), &[("i", "1.1"), ("i", "1.2"), ("verdict", "accept")]).await.is(303);
    reviewer.post(&format!("{card}/appraise"), &[("i", "1.3"), ("verdict", "return"), ("reason", "Thiếu biên bản")]).await.is(303);
}

#[tokio::test]
async fn old_results_never_change_when_a_set_does() {
    for house in houses().await {
        let officer = house.person("hoa", Role::Officer, house.commune).await;
        let reviewer = house.person("binh", Role::Reviewer, house.province).await;
        let stranger = house.stranger();
        let (mut published, mut levels) = (0, 0);
        for (nth, ops) in drawn(&prop::collection::vec(op(), 6..14), 10).into_iter().enumerate() {
            let code = format!("bo-thu-{nth}");
            scored(&house, &code, &officer, &reviewer).await;
            let people = [&officer, &reviewer, &stranger];
            let before = seen(&house, &code, &people).await;
            for (done, op) in ops.iter().enumerate() {
                apply(&house, &code, op).await;
                let after = seen(&house, &code, &people).await;
                for (was, is) in before.iter().zip(&after) {
                    assert_eq!(was, is, "{}: after {:?}", house.db.label(), &ops[..=done]);
                }
            }
            published += house.criteria.set(&code).unwrap().version - 1;
            levels += house.criteria.shelf().entered.iter().filter(|l| l.set == code).count();
        }
        // The sequences did something.
        assert!(published > 5 && levels > 5, "{published} versions, {levels} thresholds");
        house.verifies().await;
    }
}

#[tokio::test]
async fn a_province_scores_all_again_at_once_and_twice_is_once() {
    for house in houses().await {
        let officer = house.person("hoa", Role::Officer, house.commune).await;
        let reviewer = house.person("binh", Role::Reviewer, house.province).await;
        let all = house.person("tinh", Role::Officer, house.province).await;
        let code = "bo-thu";
        scored(&house, code, &officer, &reviewer).await;
        let office = format!("/criteria/{code}/office/{}/2026", house.province);
        officer.post(&format!("{office}/rescore"), &[]).await.is(403);
        reviewer.post(&format!("{office}/rescore"), &[]).await.is(403);
        reviewer.get(&office).await.is(200).lacks("Chấm lại tất cả");
        let nothing = all.post(&format!("{office}/rescore"), &[]).await;
        all.get(nothing.to()).await.has("Mọi bảng điểm đã theo phiên bản và mức mới nhất");
        apply(&house, code, &Op1::Level { at: 1, value: 30 }).await;
        all.get(&office).await.has("Chấm lại tất cả");
        let done = all.post(&format!("{office}/rescore"), &[]).await;
        all.get(done.to()).await.has("1 bảng điểm đã chấm lại");
        officer.get(&house.card(code, house.commune, 2026)).await.has("≥ 30%").lacks("Chấm lại theo mức mới");
        let again = all.post(&format!("{office}/rescore"), &[]).await;
        all.get(again.to()).await.has("Mọi bảng điểm đã theo phiên bản và mức mới nhất");
        house.verifies().await;
    }
}

#[tokio::test]
async fn scoring_again_is_an_act_and_the_old_assessment_stays() {
    for house in houses().await {
        let officer = house.person("hoa", Role::Officer, house.commune).await;
        let reviewer = house.person("binh", Role::Reviewer, house.province).await;
        let code = "bo-thu";
        scored(&house, code, &officer, &reviewer).await;
        let card = house.card(code, house.commune, 2026);
        officer.post(&format!("{card}/rescore"), &[]).await.is(409).has("đã theo phiên bản và mức mới nhất");
        // A threshold is entered: the page says so, the result stays until it is scored again.
        apply(&house, code, &Op1::Level { at: 1, value: 30 }).await;
        officer.get(&card).await.has("Từ khi chấm, mức đã đổi: 1.2 ≥ 30").has("Chấm lại theo mức mới");
        house.stranger().get(&card).await.lacks("Từ khi chấm");
        reviewer.post(&format!("{card}/rescore"), &[]).await.is(403);
        assert!(officer.post(&format!("{card}/rescore"), &[]).await.to().ends_with("?done=rescored"));
        let page = officer.get(&card).await;
        page.has("≥ 30%").lacks("Chấm lại theo mức mới");
        reviewer.post(&format!("{card}/appraise"), &[("i", "1.2"), ("verdict", "accept")]).await.is(303);
        assert_eq!(house.figure("kq_bo_thu_1_2", house.commune, 2026).await.value, Some(Decimal::ONE));
        // A second version asks more and has one indicator more.
        for op in [Op1::Draft { at: 0, value: 80, title: "Chỉ tiêu chặt hơn".into(), words: false }, Op1::Add(50), Op1::Publish] {
            apply(&house, code, &op).await;
        }
        let old = officer.get(&card).await;
        old.has("Bộ tiêu chí đã có phiên bản 2").has("Chấm lại theo phiên bản 2").has("≥ 60%").lacks("≥ 80%").has("phiên bản 1");
        assert!(officer.post(&format!("{card}/rescore"), &[]).await.to().ends_with("?done=rescored"));
        let new = officer.get(&card).await;
        new.has("phiên bản 2").has("≥ 80%").has("70/100").has("chờ thẩm định").has("Bảng điểm cũ theo phiên bản 1").has("1.60");
        // Its figures stay until somebody accepts the new score.
        assert_eq!(house.figure("kq_bo_thu_1_1", house.commune, 2026).await.value, Some(Decimal::ONE));
        let rows = |body: &str| -> Vec<String> { body.split("<tr id=\"i-").skip(1).map(|r| r.split("</tr>").next().unwrap().to_owned()).collect() };
        let kept = officer.get(&format!("{card}?version=1")).await;
        kept.is(200).has("Đây là bảng điểm theo phiên bản 1").has("≥ 60%").has("70/100").lacks("≥ 80%").lacks("Ghi điểm tự chấm");
        assert_eq!(rows(&kept.body).len(), 4);
        house.stranger().get(&format!("{card}?version=1")).await.is(200).has("70/100").lacks("40/100 (40%)<br>").lacks("Thiếu biên bản");
        officer.get(&format!("{card}?version=7")).await.is(200).has("phiên bản 2");
        reviewer.post(&format!("{card}/appraise"), &[("i", "1.1"), ("verdict", "accept")]).await.is(303);
        assert_eq!(house.figure("kq_bo_thu_1_1", house.commune, 2026).await.value, Some(Decimal::ZERO));
        officer.post(&card, &[("s.1.1", "4"), ("v.1.1", "85/100")]).await.is(303);
        let again = officer.get(&format!("{card}?version=1")).await;
        assert_eq!(rows(&again.body), rows(&kept.body), "the old assessment stays");
        let api = officer.get(&format!("/api/v1/assessments/{code}/{}/2026", house.commune)).await.json();
        assert_eq!((api["version"].as_i64(), api["past"][0].as_i64()), (Some(2), Some(1)));
        let api = officer.get(&format!("/api/v1/assessments/{code}/{}/2026?version=1", house.commune)).await.json();
        assert_eq!(api["version"], 1);
        house.verifies().await;
    }
}
