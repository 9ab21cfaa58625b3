use crate::house::{Browser, COMMUNE, House, NATION, PASSWORD, PROVINCE, houses};
use access::{DelegationKind, NewAccount, NewDelegation, Role, organisation_id, verify_audit};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

struct Office {
    chair: Uuid,
    deputy: Uuid,
    office: Uuid,
    chair_post: Uuid,
}

async fn seat(house: &House, organisation: &str, title: &str) -> Uuid {
    let seats = house.access.seats_of(organisation_id(COMMUNE, organisation), house.system().today()).await.unwrap();
    seats.iter().find(|s| s.post.title == title).unwrap().post.id
}

async fn put(house: &House, login: &str, organisation: &str, title: &str) -> Uuid {
    let system = house.system();
    let new = NewAccount { login: login.into(), name: format!("Cô {login}"), unit: COMMUNE, password: Some(PASSWORD.into()) };
    let (id, _) = house.access.add_account(&system, new).await.unwrap();
    house.access.appoint(&system, seat(house, organisation, title).await, id, system.today(), None, "QĐ 1").await.unwrap();
    id
}

async fn office(house: &House) -> Office {
    house.access.make_standard(&house.system(), PROVINCE, true).await.unwrap();
    Office {
        chair: put(house, "chair", "ubnd", "Chủ tịch").await,
        deputy: put(house, "deputy", "ubnd", "Phó Chủ tịch").await,
        office: put(house, "office", "van-phong", "Chánh Văn phòng").await,
        chair_post: seat(house, "ubnd", "Chủ tịch").await,
    }
}

async fn browser<'a>(house: &'a House, account: Uuid) -> Browser<'a> {
    let mut browser = house.stranger();
    browser.cookie = Some(house.access.open_session(&house.system(), account).await.unwrap());
    browser
}

fn form<'a>(of: &'a str, to: &'a str, kind: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("of", of),
        ("to", to),
        ("kind", kind),
        ("from", "2026-11-22"),
        ("until", "2026-11-23"),
        ("document", "12/QĐ-UBND ngày 20/11/2026"),
        ("reason", "đi công tác"),
    ]
}

#[tokio::test]
async fn a_deputy_signs_for_the_head_until_the_very_second_it_ends() {
    for house in houses().await {
        let o = office(&house).await;
        let mut chair = browser(&house, o.chair).await;
        let mut deputy = browser(&house, o.deputy).await;
        let of = format!("{}|{}", o.chair_post, o.chair);
        let to = o.deputy.to_string();
        assert!(chair.get("/me/delegations").await.body.contains("Cô deputy: Phó Chủ tịch"));
        assert_eq!(chair.post("/me/delegations", &form(&of, &to, "kt")).await.location(), "/me/delegations?done=delegated");
        let shown = deputy.get("/me/acting").await;
        assert!(shown.body.contains("KT. Chủ tịch · Ủy ban nhân dân xã Thiệu Trung"), "{}", shown.body);
        let choice = shown.between("name=\"acting\" value=\"", "\"");
        let other = shown.body.rsplit("name=\"acting\" value=\"").next().unwrap().split('"').next().unwrap().to_owned();
        assert_ne!(choice, other);
        deputy.post("/me/acting", &[("acting", &other)]).await;
        let me = deputy.get("/api/v1/me").await.body;
        assert!(me.contains("\"kind\":\"head\"") && me.contains("\"holder_name\":\"Cô chair\"") && me.contains("12/QĐ-UBND"), "{me}");
        // What is done so says for whom, and it is not passed on.
        let refused = deputy.post("/me/delegations", &form(&of, &o.office.to_string(), "tl")).await;
        assert_eq!(refused.status, 403, "{}", refused.body);
        deputy.post("/me/leave", &[("first", "2026-12-01"), ("last", "2026-12-02"), ("note", "")]).await;
        let stmt = db::Stmt { name: "test", sql: "SELECT capacity FROM audit WHERE act = 'absence.add'", reach: db::Reach::National };
        let capacity = house.db.opt(&stmt, vec![]).await.unwrap().unwrap().text(0).unwrap();
        assert!(capacity.contains("KT. Chủ tịch") && capacity.contains("Cô chair") && capacity.contains("12/QĐ-UBND"), "{capacity}");
        // Until the last second of the 23rd in Vietnam, and not at the first of the 24th.
        let end: Timestamp = "2026-11-23T17:00:00Z".parse().unwrap();
        *house.now.lock().unwrap() = end - SignedDuration::from_micros(1);
        let mut deputy = browser(&house, o.deputy).await;
        deputy.post("/me/acting", &[("acting", &other)]).await;
        assert!(deputy.get("/api/v1/me").await.body.contains("\"kind\":\"head\""));
        *house.now.lock().unwrap() = end;
        let me = deputy.get("/api/v1/me").await.body;
        assert!(!me.contains("\"kind\":\"head\"") && me.contains("\"kind\":\"deputy\""), "{me}");
        assert_eq!(deputy.post("/me/acting", &[("acting", &other)]).await.status, 404);
        // The clock set back does not bring it to life again.
        *house.now.lock().unwrap() = end - SignedDuration::from_hours(1);
        let mut deputy = browser(&house, o.deputy).await;
        assert!(!deputy.get("/api/v1/me").await.body.contains("\"kind\":\"head\""));
        assert!(deputy.get("/me/delegations").await.body.contains("đã hết hạn"));
        assert!(house.acts().await.contains(&"delegation.expire".to_owned()));
        assert_eq!(verify_audit(&house.db, NATION).await.unwrap().broken_at, None);
    }
}

#[tokio::test]
async fn delegations_are_refused_where_the_rules_say_so() {
    for house in houses().await {
        let o = office(&house).await;
        let mut chair = browser(&house, o.chair).await;
        let mut deputy = browser(&house, o.deputy).await;
        let mut head = browser(&house, o.office).await;
        let of = format!("{}|{}", o.chair_post, o.chair);
        let (chair_id, deputy_id, office_id) = (o.chair.to_string(), o.deputy.to_string(), o.office.to_string());
        // Nobody to himself, nobody from below, each kind for its pair of posts.
        assert!(deputy.post("/me/delegations", &form(&of, &deputy_id, "kt")).await.body.contains("tự ủy quyền"));
        assert_eq!(head.post("/me/delegations", &form(&of, &deputy_id, "kt")).await.status, 403);
        assert_eq!(chair.post("/me/delegations", &form(&of, &office_id, "kt")).await.status, 422);
        assert_eq!(chair.post("/me/delegations", &form(&of, &deputy_id, "tl")).await.status, 422);
        assert_eq!(chair.post("/me/delegations", &form(&of, &office_id, "tl")).await.status, 303);
        for (name, value) in [("document", ""), ("until", "2026-11-21"), ("until", "2029-01-01"), ("of", "x")] {
            let mut bad = form(&of, &deputy_id, "kt");
            bad.iter_mut().filter(|f| f.0 == name).for_each(|f| f.1 = value);
            let refused = chair.post("/me/delegations", &bad).await;
            assert!(refused.status == 422 && refused.body.contains("class=\"summary\""), "{name} {value}");
        }
        // Never more than the post has.
        let more = NewDelegation {
            post: o.chair_post,
            holder: o.chair,
            to: o.deputy,
            kind: DelegationKind::Kt,
            roles: vec![Role::Administrator],
            starts: house.system().at,
            ends: house.system().at + SignedDuration::from_hours(1),
            document: "1".into(),
            reason: String::new(),
        };
        assert_eq!(house.access.delegate(&house.system(), more.clone()).await.unwrap_err().code, "roles_exceed");
        // And only while the one who gave it is in the post.
        let id = house.access.delegate(&house.system(), NewDelegation { roles: vec![Role::Reviewer], ..more }).await.unwrap();
        assert!(deputy.get("/api/v1/me").await.body.contains("\"holder_name\""));
        let holders = house.access.holders_of(o.chair_post).await.unwrap();
        house.access.dismiss(&house.system(), o.chair_post, holders[0].id).await.unwrap();
        assert!(!deputy.get("/api/v1/me").await.body.contains("\"holder_name\""));
        // Strangers to it do not end it; who has it gives it back.
        let (_, mut far) = house.person("far", Role::Officer, PROVINCE).await;
        assert_eq!(far.post(&format!("/me/delegations/{id}/end"), &[]).await.status, 404);
        assert_eq!(deputy.post(&format!("/me/delegations/{id}/end"), &[]).await.status, 303);
        assert_eq!(deputy.post(&format!("/me/delegations/{id}/end"), &[]).await.status, 404);
        assert!(house.access.is_away(o.chair, house.system().today()).await.is_ok_and(|away| !away), "{chair_id}");
    }
}

#[tokio::test]
async fn the_page_of_an_account_tells_its_story_and_that_it_was_looked_at() {
    for house in houses().await {
        let (_, an) = house.person("an", Role::Administrator, PROVINCE).await;
        let mut an = an.with("user-agent", "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0");
        let (lan, _) = house.person("lan", Role::Officer, COMMUNE).await;
        let page = an.get(&format!("/admin/accounts/{lan}")).await;
        assert!(page.body.contains("thêm tài khoản") && page.body.contains("xem dữ liệu cá nhân"), "{}", page.body);
        let stmt = db::Stmt { name: "test", sql: "SELECT origin FROM audit WHERE act = 'personal.look'", reach: db::Reach::National };
        assert!(house.db.opt(&stmt, vec![]).await.unwrap().unwrap().text(0).unwrap().contains("Firefox, Linux"));
    }
}
