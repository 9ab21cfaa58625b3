use crate::house::{day, houses};
use access::Role;
use places::facts::unit_id;
use places::{Basis, Level, WHOLE};
use uuid::Uuid;

const COMMUNE: &str = "new:24:07330";

fn page() -> String {
    format!("/places/{}/villages", unit_id(COMMUNE))
}

#[tokio::test]
async fn a_commune_keeps_its_villages() {
    for house in houses().await {
        let officer = house.person("hoa", Role::Officer, COMMUNE).await;
        assert!(house.stranger().get(&page()).await.body.contains("Xã chưa lập danh sách"));
        let added = officer.post(&page(), &[("names", "Thôn 1\nThôn 2\n\ntổ dân phố Đông\nBản Mạ"), ("from", "2026-01-01"), ("basis", "NQ 1/HĐND")]).await;
        assert_eq!((added.status, added.location()), (303, format!("{}?done=added", page()).as_str()), "{}", added.body);
        let ids = |on: &str| house.places.atlas().on(day(on)).children(unit_id(COMMUNE)).to_vec();
        let names = |on: &str| ids(on).iter().map(|v| house.places.atlas().full_name(*v, day(on))).collect::<Vec<_>>();
        assert_eq!(names("2026-06-01"), ["Thôn 1", "Thôn 2", "Tổ dân phố Đông", "Bản Mạ"]);
        let village = ids("2026-06-01");
        assert_eq!(house.places.atlas().unit(village[0]).unwrap().tenant, unit_id("p:new:24"));
        assert!(village.iter().all(|v| v.get_version_num() == 7));

        let text: Vec<String> = village.iter().map(Uuid::to_string).collect();
        let change = format!("{}/change", page());
        let renamed = officer.post(&change, &[("village", &text[0]), ("do", "rename"), ("name", "Thôn Đoàn Kết"), ("day", "2026-07-01"), ("by", "")]).await;
        assert_eq!(renamed.status, 303, "{}", renamed.body);
        assert_eq!((names("2026-06-30")[0].as_str(), names("2026-07-01").contains(&"Thôn Đoàn Kết".to_owned())), ("Thôn 1", true));
        let merged = officer
            .post(&change, &[("village", &text[0]), ("village", &text[1]), ("do", "merge"), ("name", "Thôn 1"), ("day", "2026-09-01"), ("by", "NQ 2")])
            .await;
        assert_eq!(merged.status, 303, "{}", merged.body);
        let closed = officer.post(&change, &[("village", &text[3]), ("do", "close"), ("day", "2026-09-01"), ("by", "")]).await;
        assert_eq!(closed.status, 303, "{}", closed.body);
        assert_eq!(names("2026-10-01"), ["Thôn 1", "Tổ dân phố Đông"]);
        let heirs = house.places.atlas().heirs(village[1], day("2026-08-31"), day("2026-10-01"), Basis::Population);
        assert_eq!((heirs.len(), heirs[0].share), (1, WHOLE));
        // Changes of villages do not redraw the map of communes.
        assert!(house.places.atlas().maps_between(day("2026-09-20"), day("2026-12-31")).next().is_none());

        let shown = house.stranger().get(&page()).await;
        assert!(shown.body.contains("2 thôn, bản, tổ dân phố") && shown.body.contains("→ Thôn 1") && !shown.body.contains("name=\"village\""));
        let old = house.stranger().get(&format!("/places/{}", text[1])).await;
        assert!(old.status == 200 && old.body.contains("kết thúc ngày 31/08/2026"), "{}", old.body);
        let list = house.stranger().get(&format!("/api/v1/units?level=village&parent={}", unit_id(COMMUNE))).await.json();
        assert_eq!((list["total"].as_i64(), list["items"][0]["code"].is_null()), (Some(2), true));
        let acts = house.acts().await;
        for act in ["village.add", "village.rename", "village.merge", "village.close"] {
            assert!(acts.iter().any(|a| a == act), "{act}");
        }
        // When the commune joins another, its villages go along.
        let form = places::DraftForm {
            kind: "merge".into(),
            effective: "2027-01-01".into(),
            decree: "NQ 3".into(),
            from: "07330\n07615".into(),
            to: "Xã A".into(),
            ..Default::default()
        };
        house.places.apply_change(&house.system(), &form, |_, _| String::new()).await.unwrap();
        let atlas = house.places.atlas();
        let heir = atlas.heirs(unit_id(COMMUNE), day("2026-12-31"), day("2027-01-01"), Basis::Area)[0].unit;
        assert_eq!(atlas.on(day("2027-01-01")).under(heir, Level::Village).len(), 2);
    }
}

#[tokio::test]
async fn villages_are_refused_with_codes() {
    let house = houses().await.remove(0);
    let officer = house.person("hoa", Role::Officer, COMMUNE).await;
    let neighbour = house.person("ben", Role::Officer, "new:24:07615").await;
    let form = [("names", "Thôn 1"), ("from", "2026-01-01"), ("basis", "")];
    let refused = neighbour.post(&page(), &form).await;
    assert!(refused.status == 403 && refused.body.contains("role_required"));
    assert_eq!(house.stranger().post(&page(), &form).await.status, 401);
    assert_eq!(officer.post(&page(), &form).await.status, 303);
    for (form, text) in [
        (vec![("names", "thôn 1"), ("from", "2026-01-01")], "Xã đã có Thôn 1"),
        (vec![("names", "Thôn 2\nThôn 2"), ("from", "2026-01-01")], "Xã đã có Thôn 2"),
        (vec![("names", "Đoàn Kết"), ("from", "2026-01-01")], "chưa ghi là thôn"),
        (vec![("names", "Thôn 3"), ("from", "2025-06-30")], "chưa có (hoặc không còn) xã này"),
        (vec![("names", "Thôn 3"), ("from", "hôm nay")], "from-err"),
        (vec![("names", ""), ("from", "2026-01-01")], "Chưa ghi thôn nào"),
    ] {
        let answer = officer.post(&page(), &form).await;
        assert!(answer.status == 422 && answer.body.contains(text), "{form:?} {} {}", answer.status, answer.body);
    }
    let village = house.places.atlas().on(day("2026-06-01")).children(unit_id(COMMUNE))[0].to_string();
    for (act, name, on, text) in
        [("merge", "Thôn 9", "2026-02-01", "ít nhất hai thôn"), ("rename", "Thôn 9", "2026-01-01", "day-err"), ("rename", "Đẹp", "2026-02-01", "name-err")]
    {
        let answer = officer.post(&format!("{}/change", page()), &[("village", &village), ("do", act), ("name", name), ("day", on)]).await;
        assert!(answer.status == 422 && answer.body.contains(text), "{act} {}", answer.body);
    }
    // Not on a province, not on a commune that has ended.
    assert_eq!(officer.post(&format!("/places/{}/villages", unit_id("p:new:24")), &form).await.status, 404);
    let ended = house.person("cu", Role::Administrator, "nation").await.post(&format!("/places/{}/villages", unit_id("old:24:216:07324")), &form).await;
    assert!(ended.status == 422 && ended.body.contains("đã kết thúc"), "{}", ended.body);
}
