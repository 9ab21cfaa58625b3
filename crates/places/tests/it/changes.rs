use crate::house::{Browser, House, day, houses};
use access::{Need, Role};
use places::facts::unit_id;
use places::{Basis, Level, Places, WHOLE};

const NEW: &str = "/admin/changes/new";
const APPLY: &str = "/admin/changes";

fn merge() -> Vec<(&'static str, &'static str)> {
    vec![
        ("kind", "merge"),
        ("effective", "2027-01-01"),
        ("decree", "NQ 9/NQ-UBTVQH16"),
        ("decree_date", "2026-12-01"),
        ("from", "07330\nxã Tân Yên, Bắc Ninh"),
        ("to", "Xã Tân Phúc; 99001"),
    ]
}

fn with<'a>(form: &[(&'a str, &'a str)], name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut out: Vec<_> = form.iter().copied().filter(|f| f.0 != name).collect();
    out.push((name, value));
    out
}

/// The id of the change entered last.
async fn entered(house: &House) -> String {
    let list = house.places.entered_changes(&house.system(), None, 1).await.unwrap();
    list[0].id.to_string()
}

async fn applied(browser: &Browser<'_>, form: &[(&str, &str)]) {
    let answer = browser.post(APPLY, form).await;
    assert_eq!((answer.status, answer.location()), (303, "/admin/changes?done=applied"), "{}", answer.body);
}

#[tokio::test]
async fn a_change_is_previewed_applied_seen_by_others_and_undone() {
    for house in houses().await {
        let admin = house.person("lan", Role::Administrator, "p:new:24").await;
        // Another process on the same database.
        let other = Places::open(house.db.clone(), house.places.clock().clone()).await.unwrap();
        let before: Vec<_> = house.places.atlas().units().iter().flat_map(|u| u.versions.clone()).collect();

        let preview = admin.post(NEW, &merge()).await;
        assert_eq!(preview.status, 200, "{}", preview.body);
        for text in ["xã Phúc Hòa và xã Tân Yên → xã Tân Phúc", "Đóng từ ngày", "99001", "Hoàn tác được cho đến ngày hiệu lực"] {
            assert!(preview.body.contains(text), "{text} in {}", preview.body);
        }
        assert!(!other.refresh().await.unwrap(), "a preview writes nothing");

        applied(&admin, &merge()).await;
        assert!(other.refresh().await.unwrap());
        for places in [&house.places, &other] {
            let atlas = places.atlas();
            let heirs = atlas.heirs(unit_id("new:24:07330"), day("2026-12-31"), day("2027-01-01"), Basis::Population);
            assert_eq!((heirs.len(), heirs[0].share), (1, WHOLE));
            assert_eq!(atlas.placed_name(heirs[0].unit, day("2027-01-01")), "xã Tân Phúc, thành phố Bắc Ninh");
            assert_eq!(atlas.unit(heirs[0].unit).unwrap().tenant, unit_id("p:new:24"));
            assert_eq!(atlas.on(day("2027-01-01")).all(Level::Commune).count(), 3320);
            assert_eq!(atlas.on(day("2026-12-31")).all(Level::Commune).count(), 3321);
        }
        let id = entered(&house).await;
        let page = house.stranger().get(&format!("/places/changes/{id}")).await;
        assert!(page.body.contains("chưa có hiệu lực") && page.body.contains("NQ 9/NQ-UBTVQH16"));
        // The old page stays open and leads on.
        let old = house.stranger().get(&format!("/places/{}", unit_id("new:24:07330"))).await;
        assert!(old.body.contains("Nhập vào") && old.body.contains("xã Tân Phúc, thành phố Bắc Ninh"));
        assert!(admin.get(APPLY).await.body.contains("xã Phúc Hòa và xã Tân Yên → xã Tân Phúc"));
        // The same again is refused: the units end already.
        let again = admin.post(APPLY, &merge()).await;
        assert_eq!(again.status, 422);
        assert!(again.body.contains("đã có một thay đổi hiệu lực 01/01/2027"), "{}", again.body);

        let undone = admin.post(&format!("/admin/changes/{id}/undo"), &[]).await;
        assert_eq!((undone.status, undone.location()), (303, "/admin/changes?done=undone"));
        other.refresh().await.unwrap();
        let after: Vec<_> = other.atlas().units().iter().flat_map(|u| u.versions.clone()).collect();
        assert_eq!(before, after, "{}", house.db.label());
        assert!(other.atlas().change(id.parse().unwrap()).is_none());
        assert!(admin.get(APPLY).await.body.contains("đã hoàn tác"));
        let twice = admin.post(&format!("/admin/changes/{id}/undo"), &[]).await;
        assert!(twice.status == 422 && twice.body.contains("change_undone"));
        let acts = house.acts().await;
        assert!(acts.iter().any(|a| a == "unit_change.apply") && acts.iter().any(|a| a == "unit_change.undo"), "{acts:?}");
        assert_eq!(access::verify_audit(&house.db, unit_id("nation")).await.unwrap().broken_at, None);
    }
}

#[tokio::test]
async fn a_change_in_effect_stays_and_one_that_is_built_upon_too() {
    for house in houses().await {
        let admin = house.person("lan", Role::Administrator, "nation").await;
        applied(&admin, &merge()).await;
        let first = entered(&house).await;
        let second = [("kind", "retype"), ("effective", "2027-06-01"), ("decree", "NQ 10"), ("from", "99001"), ("to", "Phường Tân Phúc")];
        applied(&admin, &second).await;
        let refused = admin.post(&format!("/admin/changes/{first}/undo"), &[]).await;
        assert!(refused.status == 422 && refused.body.contains("change_in_use"), "{}", refused.body);
        let second = entered(&house).await;
        assert_eq!(admin.post(&format!("/admin/changes/{second}/undo"), &[]).await.status, 303);
        *house.now.lock().unwrap() = "2026-12-31T17:00:00Z".parse().unwrap();
        let refused = house.places.undo_change(&house.system(), first.parse().unwrap()).await.unwrap_err();
        assert_eq!((refused.code, refused.status), ("change_in_effect", 422));
        // Newer facts do not bring the ended communes back.
        let mut tx = house.db.begin().await.unwrap();
        places::store::bump(&mut tx, "facts-places", "of another release").await.unwrap();
        tx.commit().await.unwrap();
        assert!(house.places.load_facts().await.unwrap());
        assert_eq!(house.places.atlas().on(day("2027-01-01")).all(Level::Commune).count(), 3320);
    }
}

#[tokio::test]
async fn only_those_above_may_change_a_unit() {
    let house = houses().await.remove(0);
    let own = house.person("xa", Role::Administrator, "new:24:07330").await;
    let neighbour = house.person("ben", Role::Administrator, "p:old:20").await;
    let reviewer = house.person("duyet", Role::Reviewer, "nation").await;
    for (who, browser) in [("the commune's own", &own), ("the neighbour's", &neighbour), ("a reviewer", &reviewer)] {
        for path in [NEW, APPLY] {
            let refused = browser.post(path, &merge()).await;
            assert!(refused.status == 403 && refused.body.contains("role_required"), "{who} {path} {}", refused.status);
        }
    }
    // Moving a commune to another province takes both.
    let above = house.person("tinh", Role::Administrator, "p:new:24").await;
    let away = with(&with(&with(&merge(), "kind", "move"), "parent", "tỉnh Lạng Sơn"), "to", "");
    assert_eq!(above.post(NEW, &away).await.status, 403);
    let nation = house.person("tw", Role::Administrator, "nation").await;
    assert_eq!(nation.post(NEW, &away).await.status, 200);
}

#[tokio::test]
async fn errors_stand_beside_the_field_and_keep_what_was_typed() {
    let house = houses().await.remove(0);
    let admin = house.person("lan", Role::Administrator, "nation").await;
    let answer = admin.post(NEW, &with(&merge(), "from", "07330\nxã Không Có")).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("Không có đơn vị “xã Không Có”") && answer.body.contains("id=\"from-err\""));
    assert!(answer.body.contains("Xã Tân Phúc; 99001"));
    assert!(admin.get("/admin/changes/new?kind=divide&from=07330").await.body.contains("07330"));
}

#[tokio::test]
async fn the_shares_of_a_division_of_2025_can_be_completed() {
    for house in houses().await {
        let admin = house.person("lan", Role::Administrator, "nation").await;
        let atlas = house.places.atlas();
        let change = atlas
            .changes()
            .iter()
            .find(|c| c.kind == places::ChangeKind::Divide && c.parts.len() == 2 && c.parts.iter().all(|p| p.by_population.is_none()))
            .unwrap()
            .clone();
        let from = change.parts[0].from.unwrap();
        let path = format!("/admin/changes/{}/shares", change.id);
        assert!(house.stranger().get(&format!("/places/changes/{}", change.id)).await.body.contains("chưa rõ tỷ lệ"));
        assert!(admin.get(&path).await.body.contains("name=\"p0\""));
        for (form, code) in [
            (vec![("p0", "60"), ("p1", "30"), ("source", "NQ 1")], "cộng lại là 90%"),
            (vec![("p0", "60"), ("p1", ""), ("source", "NQ 1")], "chưa ghi tỷ lệ"),
            (vec![("p0", "60"), ("p1", "40"), ("source", "")], "Chưa ghi nguồn"),
        ] {
            let refused = admin.post(&path, &form).await;
            assert!(refused.status == 422 && refused.body.contains(code), "{code} {}", refused.body);
        }
        let done = admin.post(&path, &[("p0", "37,5"), ("p1", "62,5"), ("source", "NQ 1/NQ-HĐND")]).await;
        assert_eq!(done.status, 303, "{}", done.body);
        let heirs = house.places.atlas().heirs(from, day("2025-06-30"), day("2025-07-01"), Basis::Population);
        assert_eq!(heirs.iter().map(|h| h.share).collect::<Vec<_>>(), [375_000, 625_000]);
        assert!(heirs.iter().all(|h| h.estimated));
        assert!(house.acts().await.iter().any(|a| a == "unit_change.shares"));
    }
}

/// The refusal test of this crate; the server has one over all crates.
#[tokio::test]
async fn every_route_refuses_those_without_rights() {
    let house = houses().await.remove(0);
    let officer = house.person("hoa", Role::Officer, "new:24:07330").await;
    let routes = places::pages::routes().merge(places::api::routes());
    assert!(routes.table().len() > 20);
    for route in routes.table() {
        let path = route
            .path
            .replace("{id}", &unit_id("new:24:07330").to_string())
            .replace("{village}", "018f0000-0000-7000-8000-000000000000")
            .replace("{code}", "x");
        if route.need != Need::Public {
            let refused = house.stranger().send(route.method, &path, String::new()).await;
            assert_eq!(refused.status, if route.method == "GET" { 303 } else { 401 }, "{route:?}");
        }
        if route.need == Need::Role(Role::Administrator) {
            assert_eq!(officer.send(route.method, &path, String::new()).await.status, 403, "{route:?}");
        }
    }
}
