use crate::house::{day, houses};
use access::Role;
use places::facts::{fact_id, unit_id};

#[tokio::test]
async fn members_come_and_go_with_dates_and_basis() {
    for house in houses().await {
        let admin = house.person("lan", Role::Administrator, "p:new:24").await;
        let path = "/admin/groups/xa_nhom_1/members";
        let form = [("units", "07330\nxã Tân Yên, Bắc Ninh"), ("from", "2026-03-01"), ("basis", "QĐ 5/QĐ-UBND")];
        let added = admin.post(path, &form).await;
        assert_eq!((added.status, added.location()), (303, "/places/groups/xa_nhom_1"), "{}", added.body);
        let group = fact_id("group:xa_nhom_1");
        let members = |on: &str| house.places.atlas().on(day(on)).members(group).len();
        assert_eq!((members("2026-02-28"), members("2026-03-01")), (0, 2));
        for (path, form, text) in [
            (path, vec![("units", "07330"), ("from", "2026-05-01"), ("basis", "x")], "đã thuộc nhóm này"),
            ("/admin/groups/xa_nhom_2/members", vec![("units", "07330"), ("from", "2026-05-01"), ("basis", "x")], "Mỗi xã chỉ thuộc một nhóm xã"),
            (path, vec![("units", "07615"), ("from", "2026-05-01"), ("basis", " ")], "Chưa ghi căn cứ"),
            (path, vec![("units", "xã Không Có"), ("from", "2026-05-01"), ("basis", "x")], "units-err"),
        ] {
            let refused = admin.post(path, &form).await;
            assert!(refused.status == 422 && refused.body.contains(text), "{text} {}", refused.body);
        }
        assert_eq!(admin.post(path, &[("units", "15835"), ("from", "2026-05-01"), ("basis", "x")]).await.status, 403, "a commune of another province");
        let id = unit_id("new:24:07330").to_string();
        let early = admin.post("/admin/groups/xa_nhom_1/end", &[("unit", &id), ("last", "2026-02-01"), ("by", "QĐ 6")]).await;
        assert!(early.status == 422 && early.body.contains("last-err"), "{}", early.body);
        let ended = admin.post("/admin/groups/xa_nhom_1/end", &[("unit", &id), ("last", "2026-08-31"), ("by", "QĐ 6")]).await;
        assert_eq!(ended.status, 303, "{}", ended.body);
        assert_eq!((members("2026-08-31"), members("2026-09-01")), (2, 1));
        let shown = house.stranger().get("/places/groups/xa_nhom_1?on=2026-06-01").await;
        assert!(shown.body.contains("2 đơn vị vào ngày 01/06/2026") && shown.body.contains("QĐ 5/QĐ-UBND"));
        let unit = house.stranger().get(&format!("/places/{id}?on=2026-06-01")).await;
        assert!(unit.body.contains("Xã nhóm 1"));
        let acts = house.acts().await;
        assert!(acts.iter().any(|a| a == "group.member.add") && acts.iter().any(|a| a == "group.member.end"));
    }
}

#[tokio::test]
async fn a_new_group_takes_the_administrator_of_the_country() {
    let house = houses().await.remove(0);
    let form = [("code", "xa_an_toan_khu"), ("kind", "flag"), ("name_vi", "Xã an toàn khu"), ("legal_basis", "QĐ 1")];
    let province = house.person("tinh", Role::Administrator, "p:new:24").await;
    assert_eq!(province.post("/admin/groups", &form).await.status, 403);
    let nation = house.person("tw", Role::Administrator, "nation").await;
    assert_eq!(nation.post("/admin/groups", &form).await.location(), "/places/groups/xa_an_toan_khu");
    let again = nation.post("/admin/groups", &form).await;
    assert!(again.status == 422 && again.body.contains("code-err"));
    assert!(house.stranger().get("/places/search?q=an+toan+khu").await.body.contains("Xã an toàn khu"));
    assert_eq!(house.stranger().get("/places/groups/none").await.status, 404);
}
