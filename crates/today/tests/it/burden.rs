use crate::house::houses;
use access::Role;

#[tokio::test]
async fn what_people_type_is_counted_for_the_province() {
    for house in houses().await {
        let u = house.commune;
        let officer = house.person("hoa", Role::Officer, u).await;
        let chief = house.person("binh", Role::Viewer, house.province).await;
        chief.get("/burden").await.is(200).has("chưa ai phải gõ");
        let name = |code: &str, part: &str| format!("{}.{code}.{part}", u.simple());
        let form = [(name("so_htx", "v"), "7"), (name("ho_so_mang_xa", "n"), "45"), (name("ho_so_mang_xa", "d"), "60"), ("then".to_owned(), "draft")];
        let form: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), *v)).collect();
        officer.post(&format!("/enter/{u}/2026-Q3"), &form).await.is(303);
        let page = chief.get("/burden").await;
        page.is(200).has("Tháng 11/2026: 2 ô gõ tay").has("nhiều hơn tháng trước");
        // A commune sees its own, not its neighbour's; a stranger nothing.
        officer.get(&format!("/burden?unit={u}")).await.is(200).has("2 ô gõ tay ở 1 xã");
        officer.get(&format!("/burden?unit={}", house.neighbour)).await.is(403);
        officer.get(&format!("/burden?unit={}", uuid::Uuid::now_v7())).await.is(404);
        chief.get("/burden/export.xlsx").await.is(200);
        assert!(house.stranger().get("/burden").await.is(303).to.starts_with("/sign-in"));
    }
}
