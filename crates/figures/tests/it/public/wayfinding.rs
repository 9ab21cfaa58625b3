//! What does not exist is said helpfully; what has ended still opens; search finds with or without tones.

use super::desk::desks;

#[tokio::test]
async fn what_does_not_exist_is_said_helpfully() {
    for desk in desks().await {
        let cases = [
            ("/measures/khong_co", 404, "unknown_measure"),
            ("/measures/so_ho?unit=khongco", 404, "unknown_unit"),
            ("/measures/so_ho?unit=00000000-0000-0000-0000-000000000001", 404, "unknown_unit"),
            ("/measures/so_ho?period=hôm qua", 400, "wrong_period"),
            ("/measures/so_ho?period=2025-Q1", 400, "wrong_period"),
            ("/measures/so_ho?period=2199", 400, "future_period"),
            ("/why", 404, "unknown_measure"),
            ("/why?measure=khong_co", 404, "unknown_measure"),
            ("/compare?measure=khong_co", 404, "unknown_measure"),
            ("/completeness?period=2025-06-14", 400, "wrong_period"),
            ("/measures/khong_co/live", 404, "unknown_measure"),
        ];
        for (path, status, code) in cases {
            let path = path.replace(' ', "%20").replace("ô", "%C3%B4");
            let page = desk.get(&path).await;
            assert_eq!(page.status, status, "{path}: {}", page.text);
            assert!(page.text.contains(&format!("<code>{code}</code>")), "{path}: {}", page.text);
            assert!(page.text.contains("<h1>"), "a page, not bare text");
        }
    }
}

#[tokio::test]
async fn an_ended_unit_opens_in_its_own_time() {
    for desk in desks().await {
        let old = places::facts::unit_id("p:old:24");
        let page = desk.page(&format!("/measures/so_ho?unit={old}")).await;
        assert!(page.h1().contains("Bắc Giang") && page.text.contains("mã 24 đến 30/06/2025") && page.text.contains("nay thuộc"), "{}", page.text);
        let now = desk.get(&format!("/measures/so_ho?unit={old}&period=2025")).await;
        assert_eq!(now.status, 404);
        assert!(now.text.contains("unit_not_on_map") && now.text.contains("30/06/2025") && now.text.contains("Bắc Ninh"), "{}", now.text);
        let early = desk.get(&format!("/measures/so_ho?unit={}&period=2020", places::facts::unit_id("p:new:24"))).await;
        assert!(early.status == 404 && early.text.contains("01/07/2025"), "{}", early.text);
    }
}

#[tokio::test]
async fn search_finds_places_of_both_eras_and_measures() {
    for desk in desks().await {
        for (q, found) in [
            ("phuc+hoa", "Xã Phúc Hòa"),
            ("B%E1%BA%AFc+Giang", "đơn vị cũ"),
            ("24", "mã 24"),
            ("hop+tac+xa", "/measures/so_htx"),
            ("OCOP", "/measures/san_pham_ocop"),
        ] {
            let page = desk.page(&format!("/search?q={q}")).await;
            assert!(page.text.contains(found), "{q}: {}", page.text);
        }
        let nothing = desk.page("/search?q=zzzzqqqq").await;
        assert!(nothing.text.contains("Không tìm thấy"));
        let suggest = desk.page("/search/suggest?q=phuc").await;
        assert_eq!(suggest.headers["content-type"], "application/json");
        let list: serde_json::Value = serde_json::from_str(&suggest.text).unwrap();
        let first = &list.as_array().unwrap()[0];
        assert!(first["label"].is_string() && first["sub"].is_string() && first["href"].as_str().unwrap().starts_with('/'), "{first}");
        assert!(list.as_array().unwrap().len() <= 9);
        assert_eq!(desk.page("/search/suggest?q=").await.text, "[]");
    }
}

#[tokio::test]
async fn every_page_stands_without_any_figures() {
    for desk in desks().await {
        for path in ["/", "/measures", "/measures?q=hop+tac", "/compare", "/compare?measure=so_ho", "/completeness", "/completeness?unit=24", "/search"] {
            assert!(desk.page(path).await.text.contains("<h1>"), "{path}");
        }
        for known in desk.world.figures.catalog().current() {
            let code = &known.measure.def.code;
            for path in [
                format!("/measures/{code}"),
                format!("/measures/{code}?unit=24"),
                format!("/measures/{code}?tree=today"),
                format!("/why?measure={code}"),
                format!("/why?measure={code}&unit=07330"),
            ] {
                let page = desk.page(&path).await;
                assert!(page.text.contains("chưa") || page.text.contains("không"), "{path}");
                assert!(!page.text.contains("NaN") && !page.text.contains("<b class=\"big num\">0"), "{path}");
            }
        }
    }
}
