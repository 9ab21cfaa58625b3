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
async fn a_delegation_that_ended_a_second_ago_registers_nothing() {
    for house in dossier_house::houses().await {
        let clerk = house.post("vanthu", house.commune, "van-phong", "Văn thư").await;
        let mut colleague = house.post("donghiep", house.commune, "van-phong", "Chuyên viên").await;
        let system = house.system();
        let post = house.access.posts_of(clerk.id, system.today()).await.unwrap().remove(0);
        let new = access::NewDelegation {
            post: post.id,
            holder: clerk.id,
            to: colleague.id,
            kind: access::DelegationKind::Cover,
            roles: vec![],
            starts: system.at,
            ends: "2026-11-23T03:00:00Z".parse().unwrap(),
            document: "Giấy phân công 3".into(),
            reason: "nghỉ phép".into(),
        };
        let delegation = house.access.delegate(&system, new).await.unwrap().to_string();
        colleague.session = Some(house.access.open_session(&system, colleague.id).await.unwrap());
        let form = [("party", "UBND tỉnh"), ("symbol", "9/UBND"), ("dated", "2026-11-20"), ("kind", "cong_van"), ("title", "V/v thay"), ("urgency", "0")];
        let book = format!("/registers/{}/register", house.commune);
        colleague.upload(&book, &form, &[]).await.is(403);
        colleague.post("/me/acting", &[("acting", &delegation)]).await.is(303);
        house.move_clock("2026-11-23T02:59:59Z");
        let letter = colleague.upload(&book, &form, &[]).await.path();
        colleague.get(&letter).await.has("V/v thay");
        assert_eq!(house.number("SELECT count(*) FROM office_document").await, 1);
        house.move_clock("2026-11-23T03:00:01Z");
        colleague.upload(&book, &form, &[]).await.is(403).has("văn thư");
        colleague.post("/me/acting", &[("acting", &delegation)]).await.is(404);
        assert_eq!(house.number("SELECT count(*) FROM office_document").await, 1);
    }
}

#[tokio::test]
async fn a_large_file_on_a_full_disk_is_refused_whole_and_comes_in_once_there_is_room() {
    let house = dossier_house::houses().await.remove(0);
    let people = house.people().await;
    let path = opened(&people.0, &house, "01", "").await;
    let limit = async |text: String| {
        if let db::Pools::Sqlite { write, .. } = house.db.pools() {
            sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(write).await.unwrap();
        }
    };
    let pages = house.number("PRAGMA page_count").await;
    // Room for a third of it.
    limit(format!("PRAGMA max_page_count = {}", pages + 16_000)).await;
    let mut big = b"%PDF-1.7\n".to_vec();
    big.resize(200_000_000, b' ');
    for _ in 0..2 {
        let refused = people.1.upload(&format!("{path}/files"), &[], &[("files", "ban do.pdf", &big)]).await;
        refused.is(503).has("chưa ghi được");
        assert_eq!(house.number("SELECT count(*) FROM file_part").await, 0, "no part of it stays");
        assert_eq!(house.number("SELECT count(*) FROM office_document_file").await, 0);
        people.1.get(&path).await.is(200).lacks("ban do.pdf");
        // Small work goes on beside it.
        people.1.post(&format!("{path}/opinion"), &[("text", "Đĩa đầy, chờ dọn")]).await.is(303);
        limit(format!("PRAGMA max_page_count = {}", pages + 16_000)).await;
    }
    limit("PRAGMA max_page_count = 4294967294".to_owned()).await;
    people.1.upload(&format!("{path}/files"), &[], &[("files", "ban do.pdf", &big)]).await.is(303);
    people.1.get(&path).await.has("ban do.pdf").has("200,0 MB");
    assert_eq!(house.number("SELECT count(*) FROM file_part").await, 191);
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
