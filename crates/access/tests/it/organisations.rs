use crate::house::{COMMUNE, House, NATION, OTHER, PASSWORD, PROVINCE, houses};
use access::{Body, Context, Field, HandOver, Moved, NewAccount, NewGrant, NewOrganisation, PostKind, Role, Succession, organisation_id};
use jiff::civil::date;
use std::sync::{Arc, Mutex};
use uuid::Uuid;

/// Somebody without any role of his own, and the id of a standard post by its title.
async fn plain(house: &House, login: &str, unit: Uuid) -> Uuid {
    let new = NewAccount { login: login.into(), name: format!("Cô {login}"), unit, password: Some(PASSWORD.into()) };
    house.access.add_account(&house.system(), new).await.unwrap().0
}

async fn seat(house: &House, unit: Uuid, organisation: &str, title: &str) -> Uuid {
    let today = house.system().today();
    let seats = house.access.seats_of(organisation_id(unit, organisation), today).await.unwrap();
    seats.iter().find(|s| s.post.title == title).unwrap_or_else(|| panic!("no {title}")).post.id
}

#[tokio::test]
async fn a_place_gets_its_standard_organisations_once() {
    for house in houses().await {
        let (_, mut an) = house.person("an", Role::Administrator, PROVINCE).await;
        let page = format!("/admin/organisations?unit={PROVINCE}");
        assert!(an.get("/admin/organisations").await.body.contains("Chưa có cơ quan nào"));
        let made = an.post("/admin/organisations/standard", &[("unit", &PROVINCE.to_string()), ("below", "1")]).await;
        assert_eq!(made.location(), format!("{page}&done=standard"));
        let shown = an.get(&page).await;
        assert!(shown.body.contains("Sở Nông nghiệp và Môi trường tỉnh Thanh Hóa") && shown.body.contains("Tỉnh ủy Thanh Hóa"), "{}", shown.body);
        let commune = an.get(&format!("/admin/organisations?unit={COMMUNE}")).await;
        assert!(commune.body.contains("Phòng Kinh tế xã Thiệu Trung"));
        // A second time makes nothing.
        let again = house.access.make_standard(&house.system(), PROVINCE, true).await.unwrap();
        assert_eq!((again.units, again.organisations, again.posts), (2, 0, 0));
        let today = house.system().today();
        let front = house.access.standard_organisation(COMMUNE, "mttq", today).await.unwrap().unwrap();
        assert_eq!((front.body(), front.abbreviation.as_str()), (Some(Body::Front), "MTTQ"));
        let office = house.access.standard_organisation(COMMUNE, "van-phong", today).await.unwrap().unwrap();
        assert_eq!(office.parent, Some(organisation_id(COMMUNE, "ubnd")));
        // Open to programs, as of a day.
        let api = house.stranger().get(&format!("/api/v1/organisations?unit={COMMUNE}")).await;
        assert!(api.status == 200 && api.body.contains("Ủy ban nhân dân xã Thiệu Trung"));
        assert_eq!(house.stranger().get(&format!("/api/v1/organisations?unit={COMMUNE}&on=2024-01-01")).await.body, r#"{"items":[],"total":0,"next":null}"#);
        // The administrator of the commune does not reach into the province.
        let (_, mut low) = house.person("low", Role::Administrator, COMMUNE).await;
        assert_eq!(low.get(&page).await.status, 403);
        assert_eq!(low.post("/admin/organisations/standard", &[("unit", &PROVINCE.to_string())]).await.status, 403);
        assert_eq!(low.get(&format!("/admin/organisations/{}", organisation_id(PROVINCE, "ubnd"))).await.status, 403);
    }
}

#[tokio::test]
async fn roles_come_with_the_post_acted_in() {
    for house in houses().await {
        let system = house.system();
        house.access.make_standard(&system, PROVINCE, true).await.unwrap();
        let (_, mut an) = house.person("an", Role::Administrator, PROVINCE).await;
        let lan = plain(&house, "lan", COMMUNE).await;
        let chair = seat(&house, COMMUNE, "ubnd", "Chủ tịch").await;
        let clerk = seat(&house, COMMUNE, "van-phong", "Văn thư").await;
        for (post, from) in [(chair, "2026-11-22"), (clerk, "2026-11-22")] {
            let form = [("login", "lan"), ("from", from), ("until", ""), ("basis", "QĐ 7/QĐ-UBND")];
            assert_eq!(an.post(&format!("/admin/posts/{post}/holders"), &form).await.location(), format!("/admin/posts/{post}?done=appointed"));
            let again = an.post(&format!("/admin/posts/{post}/holders"), &form).await;
            assert!(again.status == 422 && again.body.contains("đang giữ chức vụ đó"));
        }
        let cookie = house.access.open_session(&system, lan).await.unwrap();
        let mut browser = house.stranger();
        browser.cookie = Some(cookie);
        let me = browser.get("/api/v1/me").await.body;
        assert!(me.contains("\"reviewer\"") && !me.contains("\"officer\""), "the first post counts: {me}");
        let choose = browser.get("/me/acting").await;
        assert!(choose.body.contains("Văn thư · Văn phòng") && choose.body.contains("Chủ tịch · Ủy ban nhân dân xã Thiệu Trung"), "{}", choose.body);
        assert!(browser.get("/me").await.body.contains("/me/acting?back=%2Fme"), "the header offers the choice");
        assert_eq!(browser.post("/me/acting", &[("acting", &clerk.to_string()), ("back", "/me")]).await.location(), "/me");
        let me = browser.get("/api/v1/me").await.body;
        assert!(me.contains("\"officer\"") && !me.contains("\"reviewer\"") && me.contains("\"kind\":\"clerk\""), "{me}");
        // A post of somebody else cannot be chosen.
        let other = seat(&house, COMMUNE, "mttq", "Chủ tịch").await;
        assert_eq!(browser.post("/me/acting", &[("acting", &other.to_string())]).await.status, 404);
        // Dismissed: the role goes at once and the session falls back to what is left.
        let page = an.get(&format!("/admin/posts/{clerk}")).await;
        let end = page.between(&format!("action=\"/admin/posts/{clerk}/holders/"), "\"");
        assert_eq!(an.post(&format!("/admin/posts/{clerk}/holders/{end}"), &[]).await.location(), format!("/admin/posts/{clerk}?done=dismissed"));
        assert!(browser.get("/api/v1/me").await.body.contains("\"reviewer\""));
        // Members for assigning work.
        let members = house.access.members_of(organisation_id(COMMUNE, "ubnd"), system.today()).await.unwrap();
        assert_eq!(members.iter().map(|m| (m.account, m.post.kind)).collect::<Vec<_>>(), [(lan, PostKind::Head)]);
    }
}

#[tokio::test]
async fn nobody_rises_through_a_post() {
    for house in houses().await {
        let system = house.system();
        house.access.make_standard(&system, PROVINCE, true).await.unwrap();
        let (low, mut low_browser) = house.person("low", Role::Administrator, COMMUNE).await;
        let (_, mut high) = house.person("high", Role::Administrator, PROVINCE).await;
        let post = seat(&house, COMMUNE, "phong-kinh-te", "Chuyên viên").await;
        let form = |login: &'static str| [("login", login), ("from", "2026-11-22"), ("until", ""), ("basis", "")];
        // Not himself.
        assert_eq!(low_browser.post(&format!("/admin/posts/{post}/holders"), &form("low")).await.status, 403);
        // Not with a role beyond his subtree.
        let role = [("role", "reviewer"), ("unit", "tỉnh Thanh Hóa"), ("field", "")];
        assert_eq!(low_browser.post(&format!("/admin/posts/{post}/roles"), &role).await.status, 403);
        // Once the province let its role come with the post, the commune cannot hand it out, nor take over who holds it.
        assert_eq!(high.post(&format!("/admin/posts/{post}/roles"), &role).await.location(), format!("/admin/posts/{post}?done=granted"));
        let lan = plain(&house, "lan", COMMUNE).await;
        assert_eq!(low_browser.post(&format!("/admin/posts/{post}/holders"), &form("lan")).await.status, 403);
        assert_eq!(low_browser.post(&format!("/admin/accounts/{lan}/password"), &[]).await.status, 200, "while lan holds nothing");
        assert_eq!(high.post(&format!("/admin/posts/{post}/holders"), &form("lan")).await.status, 303);
        assert_eq!(low_browser.post(&format!("/admin/accounts/{lan}/password"), &[]).await.status, 403);
        // Nobody widens a post he holds.
        house.access.appoint(&system, post, low, system.today(), None, "").await.unwrap();
        assert_eq!(
            low_browser.post(&format!("/admin/posts/{post}/roles"), &[("role", "reviewer"), ("unit", "xã Thiệu Trung"), ("field", "")]).await.status,
            403
        );
    }
}

#[tokio::test]
async fn a_field_narrows_a_role() {
    for house in houses().await {
        let system = house.system();
        let lan = plain(&house, "lan", COMMUNE).await;
        let agriculture = Field::coded("agriculture").unwrap();
        let new = || NewGrant { role: Role::Officer, unit: COMMUNE, from: system.today(), to: None, basis: String::new() };
        house.access.grant_in_field(&system, lan, new(), agriculture).await.unwrap();
        assert_eq!(house.access.grant_in_field(&system, lan, new(), agriculture).await.unwrap_err().code, "grant_held");
        let held = house.access.grants_of(&system, lan).await.unwrap();
        assert_eq!(held[0].field, Some(agriculture));
        let context = seen_by(&house, lan).await;
        let path = [COMMUNE, PROVINCE, NATION];
        assert!(context.may_somewhere(Role::Officer) && !context.may(Role::Officer, &path));
        assert!(context.may_in(Role::Officer, &path, agriculture) && !context.may_in(Role::Officer, &path, Field::coded("health").unwrap()));
        assert!(!context.may_in(Role::Officer, &[OTHER, NATION], agriculture));
        // A field that the facts no longer know narrows to nothing.
        let stmt = db::Stmt { name: "test", sql: "UPDATE role_grant SET field = 'gone'", reach: db::Reach::Shared };
        house.db.exec(&stmt, vec![]).await.unwrap();
        assert!(!seen_by(&house, lan).await.may_somewhere(Role::Officer));
    }
}

/// The context in which the requests of an account arrive.
async fn seen_by(house: &House, account: Uuid) -> Context {
    use tower::ServiceExt as _;
    let cookie = house.access.open_session(&house.system(), account).await.unwrap();
    let seen = Arc::new(Mutex::new(None));
    let hand = Arc::clone(&seen);
    let router = axum::Router::new().route(
        "/",
        axum::routing::get(async move |ctx: Context| {
            *hand.lock().unwrap() = Some(ctx);
        }),
    );
    let request =
        axum::http::Request::builder().uri("/").header("cookie", format!("{}={cookie}", house.access.cookie_name())).body(axum::body::Body::empty()).unwrap();
    house.access.layer(router).oneshot(request).await.unwrap();
    seen.lock().unwrap().take().unwrap()
}

struct Dossiers(Mutex<Vec<(Uuid, Uuid, String)>>);

impl HandOver for Dossiers {
    fn hand_over<'a>(&'a self, _: &'a mut db::Tx, _: &'a Context, s: &'a Succession) -> Moved<'a> {
        Box::pin(async move {
            self.0.lock().unwrap().push((s.from, s.to, s.note.clone()));
            Ok(7)
        })
    }
}

#[tokio::test]
async fn what_is_open_goes_to_the_successor_and_names_stay_with_their_days() {
    for house in houses().await {
        let system = house.system();
        house.access.make_standard(&system, PROVINCE, true).await.unwrap();
        let dossiers = Arc::new(Dossiers(Mutex::default()));
        house.access.add_hand_over(Arc::<Dossiers>::clone(&dossiers));
        let (_, mut an) = house.person("an", Role::Administrator, PROVINCE).await;
        let economy = organisation_id(COMMUNE, "phong-kinh-te");
        let page = format!("/admin/organisations/{economy}");
        let rename = [("name", "Phòng Kinh tế và Nông thôn xã Thiệu Trung"), ("abbreviation", "KTNT"), ("from", "2026-01-01"), ("basis", "QĐ 9")];
        assert_eq!(an.post(&format!("{page}/name"), &rename).await.location(), format!("{page}?done=saved"));
        let then = house.access.organisation(economy, date(2025, 12, 31)).await.unwrap().unwrap();
        let now = house.access.organisation(economy, date(2026, 1, 1)).await.unwrap().unwrap();
        assert_eq!((then.name.as_str(), now.abbreviation.as_str()), ("Phòng Kinh tế xã Thiệu Trung", "KTNT"));

        let lan = plain(&house, "lan", COMMUNE).await;
        let post = seat(&house, COMMUNE, "phong-kinh-te", "Chuyên viên").await;
        house.access.appoint(&system, post, lan, date(2026, 1, 1), None, "").await.unwrap();
        let social = organisation_id(COMMUNE, "phong-vhxh").to_string();
        let late = [("effective", "2026-12-01"), ("successor", social.as_str()), ("basis-end", ""), ("note", "")];
        assert_eq!(an.post(&format!("{page}/end"), &late).await.status, 422);
        let end = [("effective", "2026-11-20"), ("successor", social.as_str()), ("basis-end", "QĐ 20"), ("note", "chuyển theo Quyết định 20")];
        assert_eq!(an.post(&format!("{page}/end"), &end).await.location(), format!("{page}?done=moved"));
        assert_eq!(*dossiers.0.lock().unwrap(), [(economy, organisation_id(COMMUNE, "phong-vhxh"), "chuyển theo Quyết định 20".to_owned())]);
        assert_eq!(an.post(&format!("{page}/end"), &end).await.status, 409);
        let shown = an.get(&page).await;
        assert!(shown.body.contains("chuyển theo Quyết định 20") && shown.body.contains("đã kết thúc từ"));
        // The posts ended with it, and whoever asks for the old one is led to the new.
        assert!(house.access.posts_of(lan, system.today()).await.unwrap().is_empty());
        let heir = house.access.heir_of_organisation(economy, system.today()).await.unwrap().unwrap();
        assert_eq!(heir.id.to_string(), social);
        assert!(house.stranger().get(&format!("/api/v1/organisations/{economy}")).await.body.contains(&social));
    }
}

#[tokio::test]
async fn other_organisations_are_added_by_hand() {
    for house in houses().await {
        let (_, mut an) = house.person("an", Role::Administrator, COMMUNE).await;
        let unit = COMMUNE.to_string();
        let form =
            [("unit", unit.as_str()), ("name", " Hợp tác xã  Thiệu Trung "), ("kind", "cooperative"), ("abbreviation", "HTX"), ("parent", ""), ("basis", "")];
        let made = an.post("/admin/organisations", &form).await;
        assert_eq!(made.status, 303, "{}", made.body);
        let page = made.location().split('?').next().unwrap().to_owned();
        assert!(an.get(&page).await.body.contains("<h1>Hợp tác xã Thiệu Trung</h1>"));
        let post = an.post(&format!("{page}/posts"), &[("title", "Giám đốc"), ("kind", "head")]).await;
        assert_eq!(post.location(), format!("{page}?done=added"));
        let post = an.get(&page).await.between("href=\"/admin/posts/", "\"");
        let role = an.post(&format!("/admin/posts/{post}/roles"), &[("role", "officer"), ("unit", "xã Thiệu Trung"), ("field", "agriculture")]).await;
        assert_eq!(role.location(), format!("/admin/posts/{post}?done=granted"));
        let shown = an.get(&format!("/admin/posts/{post}")).await;
        assert!(shown.body.contains("Nông nghiệp, môi trường"));
        let end = shown.between(&format!("action=\"/admin/posts/{post}/roles/"), "\"");
        assert_eq!(an.post(&format!("/admin/posts/{post}/roles/{end}"), &[]).await.status, 303);
        assert_eq!(an.post(&format!("/admin/posts/{post}/end"), &[]).await.location(), format!("/admin/posts/{post}?done=ended-item"));
        for wrong in [("name", " "), ("kind", "club")] {
            let mut bad = form.to_vec();
            bad.iter_mut().filter(|f| f.0 == wrong.0).for_each(|f| f.1 = wrong.1);
            let refused = an.post("/admin/organisations", &bad).await;
            assert!(refused.status == 422 && refused.body.contains("class=\"summary\""), "{}", refused.body);
        }
        let far = NewOrganisation { kind: "cooperative".into(), unit: OTHER, name: "X".into(), ..NewOrganisation::default() };
        let ctx = house.system();
        assert!(house.access.add_organisation(&ctx, far).await.is_ok());
    }
}
