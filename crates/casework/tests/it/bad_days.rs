//! Bad days: the clock is set back, the program stops between a calendar and its deadlines, words come decomposed.

use super::dossier_house;
use super::dossier_life::{handled, opened, seen};
use super::house;

#[tokio::test]
async fn a_clock_that_is_set_back_loses_nothing_and_numbers_go_on() {
    for house in dossier_house::houses().await {
        let people = house.people().await;
        let (clerk, officer, head, _) = &people;
        house.move_clock("2026-11-25T02:00:00Z");
        let first = opened(clerk, &house, "01", "2026-12-01").await;
        head.post(&format!("{first}/assign"), &[("to", &officer.id.to_string())]).await.is(303);
        // Somebody mends the machine's clock: it was two days ahead.
        house.move_clock("2026-11-23T03:00:00Z");
        officer.post(&format!("{first}/opinion"), &[("text", "Sau khi chỉnh đồng hồ")]).await.is(303);
        head.post(&format!("{first}/assign"), &[("to", &officer.id.to_string()), ("seen", &seen(head, &first).await)]).await.is(303);
        officer.get(&first).await.has("Sau khi chỉnh đồng hồ");
        officer.post(&format!("{first}/close"), &[]).await.is(303);
        head.get(&format!("/dossiers/share?unit={}", house.commune)).await.has("0/1");
        // The next letter takes the next number, not one that was given already.
        let letter = [("party", "UBND tỉnh"), ("symbol", "9/UBND"), ("dated", "2026-11-20"), ("kind", "cong_van"), ("title", "V/v sau"), ("urgency", "0")];
        let letter = clerk.upload(&format!("/registers/{}/register", house.commune), &letter, &[]).await.path();
        clerk.get(&letter).await.has("Số đến").has(">2 (");
        assert_eq!(house.work.recount_dossiers().await.unwrap().differences, Vec::<String>::new());
        house.move_clock("2026-11-24T02:00:00Z");
        handled(&house, &people, "02", false).await;
        assert_eq!(house.work.recount_dossiers().await.unwrap().differences, Vec::<String>::new());
    }
}

#[tokio::test]
async fn decomposed_words_are_the_same_words() {
    for house in dossier_house::houses().await {
        let people = house.people().await;
        let officer = &people.1;
        // "Đường" and "số" as some machines type them, letters and marks apart.
        let form = [("code", "01"), ("title", "\u{110}u\u{31b}o\u{31b}\u{300}ng so\u{302}\u{301} 5"), ("retention", ""), ("due", ""), ("secrecy", "")];
        officer.upload(&format!("/dossiers/{}/open", house.commune), &form, &[]).await.is(303);
        for query in ["%C4%91%C6%B0%E1%BB%9Dng", "duong", "so%CC%82%CC%81"] {
            officer.get(&format!("/dossiers/search?office={}&q={query}", house.commune)).await.has("Đường số 5");
        }
    }
}

#[tokio::test]
async fn a_calendar_that_nobody_counted_by_is_counted_by_after_the_start() {
    for house in house::houses().await {
        let case = house.opened().await;
        let officer = house.person("chuyenvien").await;
        officer.attach(&case, "report").await;
        officer.act(&case, "consult", &[("rank", "standard"), ("year", "2026"), ("no_debt", "1"), ("order_ok", "1")]).await;
        assert!(officer.get(&case).await.body.contains("17/03/2026"));
        // The calendar is there and the machine stopped before the deadlines were counted again.
        let body = "[[span]]\nfrom = \"2026-01-01\"\nto = \"2026-12-31\"\nsource = \"thử\"\n\n[[span.off]]\nfrom = \"2026-03-16\"\nto = \"2026-03-18\"\nkind = \"statutory\"\nname_vi = \"Nghỉ thử\"\nname_en = \"Off\"\n";
        let nation = house.places.atlas().nation().unwrap();
        let row =
            casework::store::CalendarVersion {
                scope: nation, version: 1, body: body.into(), document: "QĐ thử".into(), entered_by: "x".into(), entered_at: 0
            };
        let mut tx = house.db.begin().await.unwrap();
        casework::store::add_calendar(&mut tx, &row).await.unwrap();
        places::store::bump(&mut tx, "work-calendars", "").await.unwrap();
        tx.commit().await.unwrap();
        house.casework.upkeep().await.unwrap();
        let page = officer.get(&case).await.body;
        assert!(page.contains("19/03/2026") && page.contains("Lịch làm việc thay đổi"), "{page}");
        // The promise stays beside it, and the next round changes nothing.
        assert!(page.contains("17/03/2026"));
        let before = page.matches("Tính lại hạn").count();
        house.casework.upkeep().await.unwrap();
        assert_eq!(officer.get(&case).await.body.matches("Tính lại hạn").count(), before);
    }
}
