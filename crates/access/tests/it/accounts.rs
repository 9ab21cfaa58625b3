use crate::house::{COMMUNE, NATION, OTHER, PASSWORD, PROVINCE, houses};
use access::{NewAccount, NewGrant, Role, audit_tenants, verify_audit};

#[tokio::test]
async fn an_administrator_adds_a_person_grants_and_ends_a_role() {
    for house in houses().await {
        let (_, mut an) = house.person("an", Role::Administrator, PROVINCE).await;
        let form = an.get("/admin/accounts/new").await;
        assert!(form.body.contains("value=\"tỉnh Thanh Hóa\""));
        let made = an.post("/admin/accounts", &[("login", "Lan.Nguyễn"), ("name", "  Nguyễn Thị  Lan "), ("unit", "xã Thiệu Trung")]).await;
        assert_eq!(made.status, 200, "{}", made.body);
        assert_eq!(made.headers["cache-control"], "no-store");
        let password = made.between("<code>", "</code>");
        let account = made.between("href=\"/admin/accounts/", "\"");
        let page = format!("/admin/accounts/{account}");
        let shown = an.get(&page).await;
        assert!(shown.body.contains("Nguyễn Thị Lan") && shown.body.contains("lan.nguyen") && shown.body.contains("chưa đổi mật khẩu"));

        let grant = [("role", "officer"), ("unit", "xã Thiệu Trung"), ("from", "2026-11-22"), ("until", "31/12/2026"), ("basis", "QĐ 12/QĐ-UBND")];
        assert_eq!(an.post(&format!("{page}/grants"), &grant).await.location(), format!("{page}?done=granted"));
        let again = an.post(&format!("{page}/grants"), &grant).await;
        assert!(again.status == 422 && again.body.contains("đã có vai trò đó"));
        let shown = an.get(&page).await;
        assert!(shown.body.contains("31/12/2026") && shown.body.contains("QĐ 12/QĐ-UBND"), "{}", shown.body);

        let mut lan = house.stranger();
        lan.post("/sign-in", &[("login", "lan.nguyen"), ("password", &password)]).await;
        lan.post("/me/password", &[("current", &password), ("password", PASSWORD)]).await;
        assert!(lan.get("/api/v1/me").await.body.contains("\"valid_to\":\"2027-01-01\""));
        let end = shown.between(&format!("action=\"{page}/grants/"), "\"");
        assert_eq!(an.post(&format!("{page}/grants/{end}"), &[]).await.location(), format!("{page}?done=grant-ended"));
        assert!(lan.get("/api/v1/me").await.body.contains("\"roles\":[]"), "at once, without signing in again");
        assert_eq!(an.post(&format!("{page}/grants/{end}"), &[]).await.status, 404);

        assert_eq!(an.post(&format!("{page}/state"), &[("disabled", "1")]).await.location(), format!("{page}?done=disabled"));
        assert_eq!(lan.get("/me").await.status, 303);
        an.post(&format!("{page}/state"), &[("disabled", "0")]).await;
        let reset = an.post(&format!("{page}/password"), &[]).await.between("<code>", "</code>");
        assert_eq!(lan.post("/sign-in", &[("login", "lan.nguyen"), ("password", PASSWORD)]).await.status, 401);
        assert_eq!(lan.post("/sign-in", &[("login", "lan.nguyen"), ("password", &reset)]).await.location(), "/me/password");

        let acts = house.acts().await;
        for act in
            ["account.add", "grant.add", "session.open", "account.change_password", "grant.end", "account.disable", "account.enable", "account.reset_password"]
        {
            assert!(acts.iter().any(|a| a == act), "{act} is not in {acts:?}");
        }
        let check = verify_audit(&house.db, NATION).await.unwrap();
        assert_eq!((check.lines, check.broken_at), (acts.len() as i64, None));
        assert_eq!(audit_tenants(&house.db).await.unwrap(), [NATION]);
    }
}

#[tokio::test]
async fn nobody_reaches_beyond_his_subtree_or_helps_himself() {
    for house in houses().await {
        let (an, mut an_browser) = house.person("an", Role::Administrator, COMMUNE).await;
        let (chief, _) = house.person("chief", Role::Administrator, NATION).await;
        let (far, _) = house.person("far", Role::Officer, OTHER).await;
        // Of the commune, but also reviewer of the province.
        let (both, _) = house.person("both", Role::Officer, COMMUNE).await;
        let system = house.system();
        let grant = |role, unit| NewGrant { role, unit, from: system.today(), to: None, basis: String::new() };
        house.access.grant(&system, both, grant(Role::Reviewer, PROVINCE)).await.unwrap();

        for (account, status) in [(chief, 404), (far, 404), (both, 403)] {
            for (path, form) in [("state", vec![("disabled", "1")]), ("password", vec![])] {
                let refused = an_browser.post(&format!("/admin/accounts/{account}/{path}"), &form).await;
                assert_eq!(refused.status, status, "{path}");
            }
        }
        let own = format!("/admin/accounts/{an}");
        for (path, form) in [
            ("grants", vec![("role", "reviewer"), ("unit", "xã Thiệu Trung"), ("from", "22/11/2026"), ("until", ""), ("basis", "")]),
            ("state", vec![("disabled", "1")]),
            ("password", vec![]),
        ] {
            let refused = an_browser.post(&format!("{own}/{path}"), &form).await;
            assert!(refused.status == 403 && refused.body.contains("Không ai tự"), "{path}: {}", refused.status);
        }
        let (hoa, _) = house.person("hoa", Role::Viewer, COMMUNE).await;
        for (unit, from, status) in
            [("tỉnh Thanh Hóa", "22/11/2026", 403), ("xã Nào Đó", "22/11/2026", 422), ("xã Thiệu Trung", "21/11/2026", 422), ("xã Thiệu Trung", "x", 422)]
        {
            let form = [("role", "officer"), ("unit", unit), ("from", from), ("until", ""), ("basis", "giữ lại")];
            let refused = an_browser.post(&format!("/admin/accounts/{hoa}/grants"), &form).await;
            assert!(refused.status == status && refused.body.contains("value=\"giữ lại\""), "{unit} {from}: {}", refused.status);
        }
        let list = an_browser.get("/admin/accounts").await.body;
        assert!(list.contains("Cô hoa") && list.contains("Cô both") && !list.contains("Cô chief") && !list.contains("Cô far"));
        let refused = an_browser.post("/admin/accounts", &[("login", "moi"), ("name", "Mới"), ("unit", "tỉnh Bắc Ninh")]).await;
        assert_eq!(refused.status, 403);
        let taken = an_browser.post("/admin/accounts", &[("login", "HOA"), ("name", "Hoa"), ("unit", "xã Thiệu Trung")]).await;
        assert!(taken.status == 409 && taken.body.contains("id=\"login-err\"") && taken.body.contains("value=\"Hoa\""));
    }
}

#[tokio::test]
async fn the_list_goes_on_after_fifty_and_filters_without_tones() {
    for house in houses().await {
        let (_, mut an) = house.person("an", Role::Administrator, NATION).await;
        let system = house.system();
        for n in 0..60 {
            let (name, unit) = (format!("Người {n:02}"), if n % 2 == 0 { COMMUNE } else { OTHER });
            let new = NewAccount { login: format!("u{n:02}"), name, unit, password: Some(PASSWORD.into()) };
            house.access.add_account(&system, new).await.unwrap();
        }
        let first = an.get("/admin/accounts").await;
        assert!(first.body.contains("Người 48") && !first.body.contains("Người 49"));
        let next = first.between("<a class=\"btn\" href=\"/admin/accounts?", "\"").replace("&#38;", "&").replace("&amp;", "&");
        let second = an.get(&format!("/admin/accounts?{next}")).await;
        assert!(second.body.contains("Người 49") && second.body.contains("Người 59") && !second.body.contains("Người 48"));
        let found = an.get("/admin/accounts?q=nguoi%2007").await.body;
        assert!(found.contains("Người 07") && !found.contains("Người 08"));
    }
}

#[tokio::test]
async fn the_first_administrator_is_made_once() {
    for house in houses().await {
        let weak = house.access.first_administrator("an", "An", "matkhau123").await.unwrap_err();
        assert_eq!(weak.code, "password_weak");
        house.access.first_administrator("an", "An", PASSWORD).await.unwrap();
        assert_eq!(house.access.first_administrator("binh", "Bình", PASSWORD).await.unwrap_err().code, "administrator_exists");
        let mut an = house.stranger();
        assert_eq!(an.post("/sign-in", &[("login", "an"), ("password", PASSWORD)]).await.status, 303);
        assert_eq!(an.get("/admin/accounts").await.status, 200);
    }
}

#[tokio::test]
async fn a_line_changed_or_cut_off_in_the_database_is_found() {
    for house in houses().await {
        house.person("lan", Role::Officer, COMMUNE).await;
        let run = async |sql: &'static str| {
            house.db.exec(&db::Stmt { name: "test", sql, reach: db::Reach::National }, vec![]).await.unwrap();
        };
        let broken = async || verify_audit(&house.db, NATION).await.unwrap().broken_at;
        assert_eq!(broken().await, None);
        run("UPDATE audit SET who_name = 'X' WHERE seq = 2").await;
        assert_eq!(broken().await, Some(2));
        run("UPDATE audit SET who_name = 'Hệ thống' WHERE seq = 2").await;
        assert_eq!(broken().await, None);
        run("DELETE FROM audit WHERE seq = 3").await;
        assert_eq!(broken().await, Some(3), "cut off at the end");
        run("DELETE FROM audit_head").await;
        assert_eq!(broken().await, Some(3));
    }
}

#[tokio::test]
async fn many_writers_make_one_chain() {
    for house in houses().await {
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..30 {
            let (db, ctx) = (house.db.clone(), house.system());
            tasks.spawn(async move {
                let mut tx = db.begin().await.unwrap();
                if n % 3 == 0 {
                    access::lock_tenant(&mut tx, NATION).await.unwrap();
                }
                access::audit(&mut tx, &ctx, NATION, "figure.enter", "x\0y", serde_json::json!({"n": n, "s": "\0"})).await.unwrap();
                // Some give up: they must leave no gap.
                if n % 5 != 0 {
                    tx.commit().await.unwrap();
                }
            });
        }
        tasks.join_all().await;
        let check = verify_audit(&house.db, NATION).await.unwrap();
        assert_eq!((check.lines, check.broken_at), (24, None), "{}", house.db.label());
    }
}

#[tokio::test]
async fn another_system_has_roles_and_tokens_and_never_signs_in() {
    for house in houses().await {
        let (_, mut admin) = house.person("quantri", Role::Administrator, PROVINCE).await;
        let (lan, mut officer) = house.person("lan", Role::Officer, COMMUNE).await;
        let mut form = vec![("name", "Phần mềm một cửa"), ("login", "mot-cua"), ("unit", "xã Thiệu Trung"), ("service", "1"), ("purpose", "")];
        let refused = admin.post("/admin/accounts", &form).await;
        assert!(refused.status == 422 && refused.body.contains("ai chịu trách nhiệm (10"), "{}", refused.body);
        form[4].1 = "Gửi số hồ sơ mỗi tháng; phụ trách: ông Minh, Sở KH&CN";
        let page = admin.post("/admin/accounts", &form).await;
        assert_eq!(page.status, 303, "{}", page.body);
        let page = page.location().split('?').next().unwrap().to_owned();
        let shown = admin.get(&page).await;
        assert!(shown.body.contains("phụ trách: ông Minh") && shown.body.contains("cấp vai trò trước") && !shown.body.contains(&format!("{page}/password")));
        // Without a role there is nothing a token could do.
        let token = [("name", "máy chủ một cửa"), ("days", "90"), ("officer", "1"), ("figures", "write")];
        assert_eq!(admin.post(&format!("{page}/tokens"), &token).await.status, 422);
        let grant = [("role", "officer"), ("unit", "xã Thiệu Trung"), ("from", "22/11/2026"), ("until", ""), ("basis", "QĐ 12"), ("field", "")];
        assert_eq!(admin.post(&format!("{page}/grants"), &grant).await.status, 303);
        // An administrator's role is not among what it holds.
        let more = [("name", "x"), ("days", "90"), ("administrator", "1"), ("figures", "write")];
        assert_eq!(admin.post(&format!("{page}/tokens"), &more).await.status, 422);
        let made = admin.post(&format!("{page}/tokens"), &token).await;
        assert_eq!((made.status, made.headers["cache-control"].to_str().unwrap()), (200, "no-store"), "{}", made.body);
        let secret = made.between("<code>", "</code>");
        assert!(!admin.get(&page).await.body.contains(&secret), "shown once");
        let mut program = house.stranger().with("authorization", format!("Bearer {secret}"));
        let me: serde_json::Value = serde_json::from_str(&program.get("/api/v1/me").await.body).unwrap();
        assert_eq!((me["name"].as_str().unwrap(), me["roles"][0]["role"].as_str().unwrap()), ("Phần mềm một cửa (hệ thống: máy chủ một cửa)", "officer"));
        assert_eq!(program.get("/me").await.status, 403);
        // What is for people is not for it, and what is a person's stays the person's.
        let id: uuid::Uuid = page.rsplit('/').next().unwrap().parse().unwrap();
        assert_eq!(house.access.reset_password(&house.system(), id).await.unwrap_err().code, "service_account");
        assert_eq!(house.stranger().post("/sign-in", &[("login", "mot-cua"), ("password", "")]).await.status, 401);
        let others = admin.post(&format!("/admin/accounts/{lan}/tokens"), &token).await;
        assert!(others.status == 409 && others.body.contains("do chính người đó"), "{}", others.body);
        for address in [format!("{page}/tokens"), page.clone()] {
            assert_eq!(officer.post(&address, &token).await.status, 403, "{address}");
        }
        // Revoked, or closed, it is refused at once.
        let end = admin.get(&page).await.between(&format!("action=\"{page}/tokens/"), "\"");
        assert_eq!(admin.post(&format!("{page}/state"), &[("disabled", "1")]).await.status, 303);
        assert_eq!(program.get("/api/v1/me").await.status, 401);
        assert_eq!(admin.post(&format!("{page}/state"), &[("disabled", "0")]).await.status, 303);
        assert_eq!(program.get("/api/v1/me").await.status, 200);
        assert_eq!(admin.post(&format!("{page}/tokens/{end}"), &[]).await.status, 303);
        assert_eq!(program.get("/api/v1/me").await.status, 401);
        assert!(admin.get("/admin/accounts").await.body.contains("hệ thống khác"));
    }
}
