use super::house::houses;
use access::Role;

const Q3: &str = "2026-Q3";

/// Each refusal has its code and sentence, and the page keeps what was typed.
#[tokio::test]
async fn refusals_say_what_and_how() {
    for house in houses().await {
        let u = house.commune;
        let officer = house.person("hoa", Role::Officer, u).await;
        let reviewer = house.person("binh", Role::Reviewer, house.province).await;
        let viewer = house.person("xem", Role::Viewer, house.province).await;
        let own = house.person("ca", Role::Reviewer, u).await;
        let atlas = house.world.figures.places().atlas();
        let old = places::facts::unit_id("old:24:216:07330");
        let today = house.world.figures.clock().today();

        officer.get(&format!("/enter?unit={u}&period=2031")).await.is(422).has("future_period");
        officer.get(&format!("/enter?unit={u}&period=hôm")).await.is(404).has("unknown_period");
        officer.get(&format!("/enter?unit={}&period={Q3}", uuid::Uuid::nil())).await.is(404).has("unknown_unit");
        officer.get(&format!("/enter?unit={}&period={Q3}", house.neighbour)).await.is(403).has("role_required");
        if atlas.on(today).level(old).is_none() {
            let wide = house.person("tinh", Role::Officer, house.province).await;
            wide.get(&format!("/enter?unit={old}&period={Q3}")).await.is(422).has("closed_unit");
        }
        officer.get(&format!("/evidence?unit={u}&measure=khong_co&period={Q3}")).await.is(404).has("unknown_measure");
        let v = format!("{}.so_htx.v", u.simple());
        let save = format!("/enter/{u}/{Q3}");
        officer.post(&save, &[(&v, "999999")]).await.is(422).has("ngoài khoảng").has("value=\"999999\"");
        viewer.get("/queue").await.is(403);
        viewer.post(&save, &[(&v, "1")]).await.is(403);

        // Whoever reviews in the unit itself is not above it; whoever entered does not accept.
        officer.post(&save, &[(&v, "3")]).await.is(303);
        officer.post("/enter/submit", &[("unit", &u.to_string()), ("period", Q3)]).await.is(303);
        own.get("/queue").await.is(200).has("Không có số liệu nào chờ duyệt");
        let queue = reviewer.get("/queue").await;
        own.post("/queue/accept", &[("item", &queue.hidden("item"))]).await.is(403);
        reviewer.post("/queue/accept", &[]).await.is(422).has("nothing_chosen");

        // Rounds: due date, closing, reopening with a reason.
        let round = |extra: Vec<(&'static str, String)>| {
            let mut all = vec![("unit", house.province.to_string()), ("period", Q3.to_owned())];
            all.extend(extra);
            all
        };
        let refs = |list: &[(&'static str, String)]| list.iter().map(|(a, b)| (*a, b.clone())).collect::<Vec<_>>();
        let post = async |who: &super::house::Person<'_>, path: &str, list: Vec<(&'static str, String)>| {
            let list = refs(&list);
            let form: Vec<(&str, &str)> = list.iter().map(|(a, b)| (*a, b.as_str())).collect();
            who.post(path, &form).await
        };
        post(&reviewer, "/rounds/due", round(vec![("due", "2026-10-05".into())])).await.is(303);
        reviewer.get(&format!("/rounds?unit={}&period={Q3}", house.province)).await.is(200).has("trễ 47 ngày");
        let due = house.due(Role::Officer, house.commune).await;
        assert!(due.contains("Late | ") && due.contains("trễ 47 ngày"), "{due}");
        let due = house.due(Role::Reviewer, house.province).await;
        assert!(due.contains("đơn vị trễ, quý III/2026") || due.contains("đơn vị trễ quý III/2026"), "{due}");
        post(&reviewer, "/rounds/due", round(vec![("due", "2025-01-01".into())])).await.is(422).has("Hạn nộp không thể trước");
        post(&officer, "/rounds/close", round(vec![])).await.is(403);
        post(&reviewer, "/rounds/reopen", round(vec![("reason", "có xã gửi bổ sung".into())])).await.is(409);
        post(&reviewer, "/rounds/close", round(vec![("reason", "đã chốt".into())])).await.is(303);
        post(&reviewer, "/rounds/close", round(vec![])).await.is(409);
        officer
            .post(&save, &[(&v, "8"), (&format!("{}.so_htx.s", u.simple()), "2"), (&format!("{}.so_htx.w", u.simple()), "3")])
            .await
            .is(409)
            .has("đã khóa sổ")
            .has("value=\"8\"");
        officer.get(&format!("/enter?unit={u}&period={Q3}")).await.is(200).has("readonly").has("đã chốt");
        post(&reviewer, "/rounds/reopen", round(vec![("reason", " ".into())])).await.is(422).has("phải có lý do");
        post(&reviewer, "/rounds/reopen", round(vec![("reason", "có xã gửi bổ sung".into())])).await.is(303);
        officer.post(&save, &[(&v, "8"), (&format!("{}.so_htx.s", u.simple()), "2"), (&format!("{}.so_htx.w", u.simple()), "3")]).await.is(303);
        assert_eq!(house.world.figures.verify().await.unwrap().differences, 0);
    }
}

/// Evidence goes in clean, comes out as an attachment, and does not exist for strangers.
#[tokio::test]
async fn evidence_is_kept_and_guarded() {
    for house in houses().await {
        let u = house.commune.to_string();
        let officer = house.person("hoa", Role::Officer, house.commune).await;
        let about = [("unit", u.as_str()), ("measure", "so_htx"), ("period", Q3), ("number", "12/BC-UBND"), ("issued", "2026-09-30"), ("issuer", "UBND xã")];
        let pdf = b"%PDF-1.4 x";
        officer.upload("/evidence", &about, ("../B\u{e1}o c\u{e1}o.html", pdf)).await.is(303);
        officer.upload("/evidence", &about, ("again.pdf", pdf)).await.is(303);
        let list = officer.get(&format!("/evidence?unit={u}&measure=so_htx&period={Q3}")).await;
        list.is(200).has("Báo cáo.pdf").has("12/BC-UBND").has("30/09/2026");
        assert!(!list.body.contains("again.pdf"), "the same file is kept once");
        officer.upload("/evidence", &about, ("x.pdf", b"<html><script>")).await.is(422).has("loại tệp này không nhận").has("12/BC-UBND");
        officer.upload("/evidence", &about, ("x.pdf", b"")).await.is(422).has("Chưa chọn tệp nào");
        let big = [&b"%PDF-"[..], &vec![0; 10_000_001]].concat();
        officer.upload("/evidence", &about, ("x.pdf", &big)).await.is(422).has("lớn hơn 10 MB");
        let href = list.body.split("href=\"/evidence/file/").nth(1).unwrap().split('"').next().unwrap();
        let file = officer.get(&format!("/evidence/file/{href}/content")).await;
        assert_eq!(file.bytes, pdf);
        assert_eq!(file.headers["x-content-type-options"], "nosniff");
        assert!(file.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
        assert_eq!(file.headers["content-type"], "application/pdf");
        let stranger = house.person("xa", Role::Officer, house.neighbour).await;
        stranger.get(&format!("/evidence/file/{href}")).await.is(404);
        stranger.get(&format!("/evidence/file/{href}/content")).await.is(404);
        stranger.get(&format!("/evidence/file/{href}/inline")).await.is(404);
        stranger.get(&format!("/evidence?unit={u}&measure=so_htx&period={Q3}")).await.is(404);
        stranger.upload("/evidence", &about, ("x.pdf", pdf)).await.is(403);
        officer.get(&format!("/enter?unit={u}&period={Q3}")).await.has("Minh chứng (1)");
    }
}

#[tokio::test]
async fn schema_and_statements_obey_the_tenancy_rules() {
    let all = [access::SCHEMA, places::SCHEMA, figures::SCHEMA];
    for db in testkit::databases(&all).await {
        let found = db::lint::schema(&db, &all).await.unwrap();
        assert!(found.is_empty(), "{}: {found:#?}", db.label());
        let found = db::lint::statements(&db, &all).await.unwrap();
        assert!(found.is_empty(), "{}: {found:#?}", db.label());
    }
}
