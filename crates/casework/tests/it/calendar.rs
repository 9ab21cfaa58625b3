//! Calendars entered by administrators, and the deadlines that follow.

use crate::house::houses;

const OFF: &str = "[[span]]\nfrom = \"2026-03-17\"\nto = \"2026-03-17\"\nsource = \"QĐ 5/QĐ-UBND\"\n[[span.off]]\nfrom = \"2026-03-17\"\nto = \"2026-03-17\"\nkind = \"provincial\"\nname_vi = \"Ngày truyền thống\"\nname_en = \"Day of the province\"\n";

#[tokio::test]
async fn a_deadline_in_the_api_and_on_the_page() {
    for house in houses().await {
        let nobody = house.stranger();
        let due = nobody.get("/api/v1/calendar/due?from=2024-04-26&days=5").await.json();
        assert_eq!(due["day"], "2024-05-07");
        assert_eq!(due["rows"].as_array().unwrap().len(), 12);
        assert_eq!(due["rows"][8]["why"], "worked_instead");
        for (query, status, code) in [
            ("from=2024-04-26", 400, "parameter_invalid"),
            ("from=x&days=1", 400, "parameter_invalid"),
            ("from=2026-11-23&days=1", 422, "workday.no_data"),
            ("from=2026-03-02&hours=4", 422, "workday.no_office"),
            ("days=1", 400, "parameter_missing"),
        ] {
            let answer = nobody.get(&format!("/api/v1/calendar/due?{query}")).await;
            assert_eq!((answer.status, answer.json()["code"].as_str()), (status, Some(code)), "{query}: {}", answer.body);
        }
        let page = nobody.get("/calendar?year=2026&from=2026-03-02&days=3").await;
        assert!(page.body.contains("Tết Nguyên đán") && page.body.contains("chưa biết") && page.body.contains("05/03/2026"), "{}", page.body);
    }
}

#[tokio::test]
async fn a_new_calendar_moves_open_deadlines_and_keeps_the_promise() {
    for house in houses().await {
        let case = house.opened().await;
        let officer = house.person("chuyenvien").await;
        officer.attach(&case, "report").await;
        officer.act(&case, "consult", &[("rank", "standard"), ("year", "2026"), ("no_debt", "1"), ("order_ok", "1")]).await;
        let admin = house.person("quantri").await;
        let scope = house.places.atlas().nation().unwrap().to_string();
        for (document, body, status) in [("", OFF, 422), ("QĐ 5", "[[span]]", 422), ("QĐ 5", OFF, 303)] {
            let answer = admin.post("/admin/calendar", &[("scope", &scope), ("document", document), ("body", body)]).await;
            assert_eq!(answer.status, status, "{}", answer.body);
            if status == 303 {
                assert!(answer.location().ends_with("counted=1&moved=1"), "{}", answer.location());
            }
        }
        // The promise was 17 March, now a day off: the deadline is the 18th, and the page says both and why.
        let page = officer.get(&case).await.body;
        assert!(
            page.contains("18/03/2026") && page.contains("hẹn ban đầu") && page.contains("17/03/2026") && page.contains("Lịch làm việc thay đổi: QĐ 5"),
            "{page}"
        );
        assert_eq!(house.stranger().get("/api/v1/calendar/due?from=2026-03-16&days=1").await.json()["day"], "2026-03-18");
        assert_eq!(officer.post("/admin/calendar", &[("scope", &scope), ("document", "x"), ("body", OFF)]).await.status, 403);
        // A year as rows, pasted from a table: it joins what was entered, wrong rows are named, and the same again changes nothing.
        let rows = "Từ ngày\tĐến ngày\tLoại\tTên\n1/1/2028\t\tnghỉ lễ\tTết Dương lịch\n26/1/2028\t1/2/2028\tnghỉ lễ\tTết Mậu Thân\n";
        let wrong = admin.post("/admin/calendar", &[("scope", &scope), ("document", "TB 9"), ("body", "1/1/2028;;tùy;A")]).await;
        assert!(wrong.status == 422 && wrong.body.contains("dòng 1: chưa hiểu loại"), "{}", wrong.body);
        for _ in 0..2 {
            assert_eq!(admin.post("/admin/calendar", &[("scope", &scope), ("document", "TB 9"), ("body", rows)]).await.status, 303);
        }
        let nation = scope.parse().unwrap();
        assert_eq!(house.casework.calendars().versions(nation).map(|v| v.version).collect::<Vec<_>>(), [1, 2]);
        assert!(house.stranger().get("/calendar?year=2028").await.body.contains("Tết Mậu Thân"));
        assert_eq!(house.stranger().get("/api/v1/calendar/due?from=2026-03-16&days=1").await.json()["day"], "2026-03-18");
    }
}
