//! What people may ask about their own data, and what goes when its term is over.

use crate::house::{COMMUNE, NATION, OTHER, PROVINCE, houses};
use access::{Kept, Overdue, Role, audit_tenants, verify_audit};

#[tokio::test]
async fn somebody_has_their_name_mended_and_sees_what_is_kept() {
    for house in houses().await {
        let (id, mut lan) = house.person("lan", Role::Officer, COMMUNE).await;
        let (_, mut admin) = house.person("quantri", Role::Administrator, PROVINCE).await;
        let (_, mut far) = house.person("nguoikhac", Role::Administrator, OTHER).await;
        let page = lan.get("/me/data").await;
        assert!(page.body.contains("Yêu cầu đính chính hoặc xóa") && page.body.contains("/me/data/copy"));
        let empty = lan.post("/me/data/requests", &[("ask", "name"), ("said", ""), ("wanted", "Nguyễn Thị Lan"), ("proof", "")]).await;
        assert!(empty.status == 422 && empty.body.contains("id=\"said-err\""), "{}", empty.body);
        let ask = [("ask", "name"), ("said", "Thiếu họ"), ("wanted", "  Nguyễn Thị  Lan "), ("proof", "Căn cước")];
        assert_eq!(lan.post("/me/data/requests", &ask).await.location(), "/me/data?done=asked");
        assert_eq!(lan.post("/me/data/requests", &ask).await.status, 409);
        // Only those who look after the account see it.
        assert!(!far.get("/admin/personal").await.body.contains("Thiếu họ"));
        assert_eq!(lan.get("/admin/personal").await.status, 403);
        let seen = admin.get("/admin/personal").await;
        assert!(seen.body.contains("Thiếu họ") && seen.body.contains("Căn cước"));
        let answer = format!("/admin/personal/{}", seen.between("action=\"/admin/personal/", "\""));
        assert_eq!(far.post(&answer, &[("accept", "1"), ("answer", "")]).await.status, 404);
        let bare = admin.post(&answer, &[("accept", "0"), ("answer", "")]).await;
        assert!(bare.status == 422, "a refusal needs a reason: {}", bare.status);
        assert_eq!(admin.post(&answer, &[("accept", "1"), ("answer", "")]).await.location(), "/admin/personal?done=answered");
        assert_eq!(admin.post(&answer, &[("accept", "0"), ("answer", "không phải")]).await.status, 409);
        let mine = lan.get("/me/data").await;
        assert!(mine.body.contains("đã làm") && lan.get("/me").await.body.contains("<h1>Nguyễn Thị Lan</h1>"));
        // The copy is there to read, in words, and is itself written down.
        let copy = lan.get("/me/data/copy").await;
        for words in ["xã Thiệu Trung", "Đính chính họ tên", "gửi yêu cầu về dữ liệu của mình", "Nguyễn Thị Lan"] {
            assert!(copy.body.contains(words), "{words}: {}", copy.body);
        }
        assert_eq!(copy.headers["cache-control"], "no-store");
        assert!(admin.get(&format!("/admin/accounts/{id}")).await.body.contains("trả lời yêu cầu về dữ liệu cá nhân"));
    }
}

#[tokio::test]
async fn erasure_waits_for_the_end_of_the_task_and_leaves_a_chain_that_closes() {
    for house in houses().await {
        let (id, mut lan) = house.person("lan", Role::Officer, COMMUNE).await;
        let (_, mut admin) = house.person("quantri", Role::Administrator, PROVINCE).await;
        lan.post("/me/data/consent", &[("kind", "directory"), ("given", "1")]).await;
        let ask = [("ask", "erase"), ("said", "Đã chuyển công tác"), ("wanted", ""), ("proof", "")];
        assert_eq!(lan.post("/me/data/requests", &ask).await.status, 303);
        let answer = format!("/admin/personal/{}", admin.get("/admin/personal").await.between("action=\"/admin/personal/", "\""));
        let early = admin.post(&answer, &[("accept", "1"), ("answer", "")]).await;
        assert!(early.status == 409 && early.body.contains("còn vai trò hoặc chức vụ"), "{}", early.body);
        let page = admin.get(&format!("/admin/accounts/{id}")).await;
        let end = page.between(&format!("/admin/accounts/{id}/grants/"), "/end");
        assert_eq!(admin.post(&format!("/admin/accounts/{id}/grants/{end}/end"), &[]).await.status, 303);
        assert_eq!(admin.post(&answer, &[("accept", "1"), ("answer", "Đã xóa")]).await.status, 303);
        assert_eq!(lan.get("/me").await.status, 303, "signed out");
        let left = admin.get(&format!("/admin/accounts/{id}")).await;
        assert!(left.body.contains("Người dùng đã xóa") && !left.body.contains("Cô lan") && !left.body.contains("chuyển công tác"), "{}", left.body);
        assert!(!house.access.consents_to(id, "directory").await.unwrap());
        // Somebody new may take the login.
        house
            .access
            .add_account(&house.system(), access::NewAccount { login: "lan".into(), name: "Lan mới".into(), unit: COMMUNE, password: None })
            .await
            .unwrap();
        for tenant in audit_tenants(&house.db).await.unwrap() {
            assert_eq!(verify_audit(&house.db, tenant).await.unwrap().broken_at, None);
        }
    }
}

#[tokio::test]
async fn nothing_goes_without_a_term_and_what_is_past_its_term_goes() {
    for house in houses().await {
        let (id, _) = house.person("lan", Role::Officer, COMMUNE).await;
        let (_, mut centre) = house.person("trunguong", Role::Administrator, NATION).await;
        let (_, mut province) = house.person("quantri", Role::Administrator, PROVINCE).await;
        let system = house.system();
        house.access.disable(&system, id, true).await.unwrap();
        assert_eq!(house.access.keep_terms(&system).await.unwrap(), Overdue::default());
        let terms = [("accounts", "365"), ("accounts_basis", ""), ("audit", ""), ("audit_basis", "")];
        let refused = centre.post("/admin/personal", &terms).await;
        assert!(refused.status == 422 && refused.body.contains("id=\"accounts_basis-err\""), "{}", refused.body);
        assert_eq!(centre.post("/admin/personal", &[("accounts", "nhiều"), ("accounts_basis", "NĐ 1"), ("audit", "")]).await.status, 422);
        let terms = [("accounts", "365"), ("accounts_basis", "Điều 5 NĐ thử"), ("audit", "730"), ("audit_basis", "Điều 6 NĐ thử")];
        assert_eq!(province.post("/admin/personal", &terms).await.status, 403);
        assert_eq!(centre.post("/admin/personal", &terms).await.status, 303);
        assert!(centre.get("/me/data").await.body.contains("Điều 5 NĐ thử"));
        house.wait(24 * 364);
        assert_eq!(house.access.overdue_data(&house.system()).await.unwrap(), Overdue::default());
        house.wait(24 * 2);
        let system = house.system();
        assert_eq!(house.access.overdue_data(&system).await.unwrap(), Overdue { accounts: 1, lines: 0 });
        assert_eq!(house.access.keep_terms(&system).await.unwrap(), Overdue { accounts: 1, lines: 0 });
        assert_eq!(house.access.keep_terms(&system).await.unwrap(), Overdue::default());
        let kept = house.access.list_accounts(&system, "", "", 50).await.unwrap().items;
        assert!(kept.iter().all(|a| !a.name.contains("lan")) && kept.iter().any(|a| a.name == "Người dùng đã xóa"));
        house.wait(24 * 366);
        let system = house.system();
        let gone = house.access.keep_terms(&system).await.unwrap();
        assert!(gone.lines > 5 && gone.accounts == 0, "{gone:?}");
        assert_eq!(house.access.keep_terms(&system).await.unwrap(), Overdue::default());
        // A term that is taken back keeps what is left.
        house.access.set_retention(&system, Kept::Audit, None, "").await.unwrap();
        house.wait(24 * 5_000);
        assert_eq!(house.access.overdue_data(&house.system()).await.unwrap().lines, 0);
        for tenant in audit_tenants(&house.db).await.unwrap() {
            assert_eq!(verify_audit(&house.db, tenant).await.unwrap().broken_at, None);
        }
    }
}
