//! All targets of the plans that are shipped, one by one: each shows what was computed, or says exactly what is missing.

use crate::house::{Answer, House, houses};
use access::Role;
use figures::Value;
use std::collections::BTreeMap;

/// The plans with targets of their own, and the targets of each.
const PLANS: [(&str, usize); 5] = [("924", 16), ("bac-giang-2023-2025", 17), ("hcm-2025", 16), ("thanh-hoa-2022-2025", 15), ("quang-xuong-2025", 14)];

/// Every target of the plans, through the interface for programs.
async fn targets(house: &House) -> Vec<(&'static str, serde_json::Value)> {
    let mut out = Vec::new();
    for (plan, count) in PLANS {
        let answer = house.stranger().page(&format!("/api/v1/plans/{plan}/targets")).await.json();
        let items = answer["items"].as_array().unwrap().clone();
        assert_eq!(items.len(), count, "{plan}");
        out.extend(items.into_iter().map(|item| (plan, item)));
    }
    out
}

fn text<'a>(item: &'a serde_json::Value, field: &str) -> &'a str {
    item[field].as_str().unwrap_or_default()
}

/// A target says the same to people: value and share, or what is missing; how it is read; why the light is what it is.
fn reads_well(plan: &str, item: &serde_json::Value, page: &Answer) {
    let code = text(item, "code");
    assert_eq!(page.status, 200, "{plan} {code}: {}", page.body);
    for wanted in ["Cách đọc mục tiêu", "Mục tiêu: <b>"] {
        assert!(page.body.contains(wanted), "{plan} {code}: {wanted}: {}", page.body);
    }
    let lacks = item["lacks_vi"].as_array().unwrap();
    match (item["value"].as_str(), lacks.first()) {
        (Some(_), _) => assert!(!text(item, "reason_vi").is_empty() && !text(item, "reason_en").is_empty(), "{plan} {code} has no reason"),
        (None, Some(lack)) => {
            assert!(page.body.contains(&html(lack.as_str().unwrap())), "{plan} {code}: {lack} is not in {}", page.body);
            assert_eq!(text(item, "status"), "no_data", "{plan} {code}");
        }
        (None, None) => panic!("{plan} {code} has no value and does not say why"),
    }
    if let (Some(n), Some(of)) = (item["n"].as_i64(), item["of"].as_i64()) {
        assert!(0 <= n && n <= of && item["missing"].as_i64().unwrap() <= of.max(item["missing"].as_i64().unwrap()), "{plan} {code}");
        let shown = |n: i64| lang::show::number_upto(n.into(), 0);
        assert!(page.body.contains(&format!("{} / {}", shown(n), shown(of))), "{plan} {code}: {n}/{of} is not in {}", page.body);
    }
    if text(item, "level") == "district" {
        let closed = text(item, "closes");
        assert!(closed <= "2025-06-30", "{plan} {code} closes on {closed}");
        assert!(page.body.contains("Đóng ngày 30/06/2025"), "{plan} {code}: {}", page.body);
    }
}

/// As text stands in a page.
fn html(text: &str) -> String {
    text.replace('&', "&#38;").replace('<', "&#60;").replace('>', "&#62;").replace('"', "&#34;").replace('\'', "&#39;")
}

#[tokio::test]
async fn each_target_shows_a_value_or_says_what_is_missing() {
    for house in houses().await {
        // Nothing was reported: every target of every plan says what it would take.
        let empty = targets(&house).await;
        assert_eq!(empty.len(), 78);
        for (plan, item) in &empty {
            assert!(item["value"].is_null() && item["n"].is_null(), "{plan} {item}");
            reads_well(plan, item, &house.stranger().get(text(item, "explanation")).await);
        }
        // Accepted figures of every measure that stands behind a target, in the last period that counts for it.
        let catalog = house.programme.figures().catalog();
        let register = house.programme.register();
        let mut slices: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
        for (plan, item) in &empty {
            let home = ["p:old:24", "p:old:38", "p:old:79"][usize::from(*plan != "bac-giang-2023-2025") + usize::from(*plan == "hcm-2025")];
            let held = register.targets(&house.programme.atlas(), register.plan(plan).unwrap());
            let target = &held.iter().find(|h| h.target.code == text(item, "code")).unwrap().target;
            for code in target.reading.iter().flat_map(|r| r.codes()) {
                let Some(known) = catalog.coded(code).filter(|k| !k.measure.computed()) else { continue };
                let last = text(item, "closes").parse().unwrap();
                let mut period = calendar::Period::containing(known.measure.def.period, last, &known.cutoff).unwrap();
                while known.window(period).1 > last {
                    period = period.previous().unwrap();
                }
                let homes = slices.entry((code.to_owned(), period.to_string())).or_default();
                if !homes.contains(&home) {
                    homes.push(home);
                }
            }
        }
        for ((code, period), homes) in &slices {
            let kind = catalog.coded(code).unwrap().measure.def.kind;
            let value = |nth: usize| match kind {
                figures::Kind::Percent => Value::Ratio { n: 7 + (nth as i64 % 4), of: 10 },
                figures::Kind::YesNo => Value::Number(i64::from(!nth.is_multiple_of(5))),
                _ => Value::Number(3),
            };
            let units: Vec<_> = homes.iter().flat_map(|home| house.reporters(code, period, home)).collect();
            // One in twenty has not reported.
            let values: Vec<_> = units.into_iter().enumerate().filter(|(nth, _)| nth % 20 != 19).map(|(nth, unit)| (unit, value(nth))).collect();
            if !values.is_empty() {
                house.load(code, period, values).await;
            }
        }
        let full = targets(&house).await;
        let with_value = full.iter().filter(|(_, item)| !item["value"].is_null()).count();
        assert!(with_value >= 60, "{with_value} of {} have a value, {}", full.len(), house.db.label());
        for (plan, item) in &full {
            reads_well(plan, item, &house.stranger().get(text(item, "explanation")).await);
        }
        // What was claimed stands beside, with its source, and is never the value.
        let claims: Vec<_> = full.iter().filter(|(_, item)| !item["claims"].as_array().unwrap().is_empty()).collect();
        assert!(claims.iter().any(|(plan, item)| *plan == "thanh-hoa-2022-2025" && item["claims"][0]["value"] == "100" && item["value"] != "100"));
        for (plan, item) in claims {
            assert!(!text(&item["claims"][0], "source").is_empty());
            let page = house.stranger().page(&format!("/plans/{plan}")).await;
            assert!(page.body.contains("công bố") && page.body.contains(&html(text(&item["claims"][0], "source"))), "{plan}");
        }
        // From the percentage to a commune that falls short, to its figure.
        let page = house.stranger().page("/plans/bac-giang-2023-2025/targets/G2?show=short").await;
        let link = page.body.split("id=\"bang\"").nth(1).unwrap().split("<tbody>").nth(1).unwrap().split("href=\"").nth(1).unwrap();
        let link = link.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
        assert!(link.starts_with("/why?measure="), "{link}");
        assert_eq!(house.stranger().get(&link).await.status, 200, "{link}");
        // How fresh it is, and the whole list as a workbook: not cut, down to the commune, with those who fall short alone when asked.
        assert!(page.body.contains("Số mới nhất được duyệt lúc"), "{}", page.body);
        let api = full.iter().find(|(plan, item)| *plan == "bac-giang-2023-2025" && text(item, "code") == "G2").map(|(_, item)| item).unwrap();
        assert!(text(api, "as_of").ends_with('Z'), "{api}");
        let states = async |show: &str| {
            let book = house.stranger().page(&format!("/plans/bac-giang-2023-2025/targets/G2/places.xlsx?tree=then{show}")).await;
            assert!(book.headers["content-disposition"].to_str().unwrap().contains("bac-giang-2023-2025-G2.xlsx"));
            let mut book: calamine::Xlsx<_> = calamine::Reader::new(std::io::Cursor::new(book.bytes)).unwrap();
            let sheet = calamine::Reader::worksheet_range_at(&mut book, 0).unwrap().unwrap();
            let find = |row: &[calamine::Data]| row.iter().position(|cell| *cell == *"Tình trạng");
            let (head, column) = sheet.rows().enumerate().find_map(|(nth, row)| Some((nth, find(row)?))).unwrap();
            sheet.rows().skip(head + 1).map(|row| row[column].to_string()).filter(|state| !state.is_empty()).collect::<Vec<_>>()
        };
        let all = states("").await;
        assert_eq!(all.len() as u64, api["of"].as_u64().unwrap(), "{all:?}");
        assert_eq!(all.iter().filter(|s| *s == "đạt").count() as u64, api["n"].as_u64().unwrap());
        let short = states("&show=short").await;
        assert!(!short.is_empty() && short.iter().all(|s| s == "chưa đạt") && short.len() == all.iter().filter(|s| *s == "chưa đạt").count());
    }
}

#[tokio::test]
async fn each_plan_goes_out_and_comes_in_again_as_it_is() {
    for house in houses().await {
        let owner = house.person("chu", Role::Administrator, "nation").await;
        let before = house.programme.current().await;
        for plan in before.plans() {
            let code = &plan.def.plan.code;
            let toml = owner.page(&format!("/plans/{code}/export.toml")).await.body;
            let book = owner.page(&format!("/plans/{code}/export.xlsx")).await.bytes;
            for (name, bytes) in [("ke-hoach.toml", toml.as_bytes()), ("ke-hoach.xlsx", &book)] {
                let answer = owner.upload("/plans/import", &[("reason", "vẫn thế")], (name, bytes)).await;
                assert_eq!(answer.status, 303, "{code} {name}: {}", answer.body);
                let after = house.programme.current().await;
                let same = after.plan(code).unwrap();
                assert_eq!(same.def, plan.def, "{code} {name}, {}", house.db.label());
            }
            assert_eq!(owner.page(&format!("/plans/{code}/export.toml")).await.body, toml, "{code}");
        }
    }
}
