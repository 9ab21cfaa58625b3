use crate::house::{COMMUNE, PASSWORD, PROVINCE, houses};
use access::Role;

#[tokio::test]
async fn tokens_act_for_their_owner_within_what_was_ticked() {
    for house in houses().await {
        let (id, mut lan) = house.person("lan", Role::Officer, COMMUNE).await;
        let made = lan.post("/me/tokens", &[("name", "Phần mềm xã"), ("days", "30"), ("viewer", "1"), ("figures", "read")]).await;
        assert_eq!(made.status, 200);
        assert_eq!(made.headers["cache-control"], "no-store");
        let token = made.between("<code>", "</code>");
        assert!(token.starts_with("cl_") && token.len() == 67);
        let page = lan.get("/me").await.body;
        assert!(!page.contains(&token), "shown once");
        assert!(page.contains("<td data-label=\"Dùng lần cuối\">chưa dùng</td>"), "{page}");

        let mut program = house.stranger().with("authorization", format!("Bearer {token}"));
        let me = program.get("/api/v1/me").await;
        assert_eq!(me.status, 200);
        let me: serde_json::Value = serde_json::from_str(&me.body).unwrap();
        assert_eq!(me["id"], id.to_string());
        assert_eq!(me["roles"][0]["role"], "viewer", "an officer's token that may only view");
        assert_eq!(me["roles"][0]["unit_name"], "xã Thiệu Trung");
        // The use is written beside the request.
        let used = "<td data-label=\"Dùng lần cuối\">22/11/2026 09:00</td>";
        let mut page = String::new();
        for _ in 0..200 {
            page = lan.get("/me").await.body;
            if page.contains(used) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert!(page.contains(used), "{page}");
        // Tokens do not look after accounts.
        for path in ["/me", "/me/password"] {
            let refused = program.get(path).await;
            assert!(refused.status == 403 && refused.body.contains("person_required"), "{path}");
        }
        assert_eq!(program.post("/me/tokens", &[("name", "x"), ("days", "30"), ("officer", "1")]).await.status, 403);

        house.access.disable(&house.system(), id, true).await.unwrap();
        assert_eq!(program.get("/api/v1/me").await.status, 401);
        house.access.disable(&house.system(), id, false).await.unwrap();
        assert_eq!(program.get("/api/v1/me").await.status, 200);
        house.wait(31 * 24);
        let expired = program.get("/api/v1/me").await;
        assert!(expired.status == 401 && expired.body.contains("token_invalid"));
        // A wrong token is not the public, even where the public may go.
        assert_eq!(house.stranger().with("authorization", "Bearer nonsense").get("/sign-in").await.status, 401);
    }
}

#[tokio::test]
async fn tokens_are_revoked_by_their_owner_only() {
    for house in houses().await {
        let (_, mut lan) = house.person("lan", Role::Officer, COMMUNE).await;
        let (_, mut hoa) = house.person("hoa", Role::Officer, COMMUNE).await;
        let token = lan.post("/me/tokens", &[("name", "x"), ("days", "30"), ("officer", "1"), ("figures", "write")]).await.between("<code>", "</code>");
        let end = lan.get("/me").await.between("action=\"/me/tokens/", "\"");
        let end = format!("/me/tokens/{end}");
        let mut program = house.stranger().with("authorization", format!("Bearer {token}"));
        assert_eq!(hoa.post(&end, &[]).await.status, 404);
        assert_eq!(program.get("/api/v1/me").await.status, 200);
        assert_eq!(lan.post(&end, &[]).await.location(), "/me?done=revoked");
        assert_eq!(program.get("/api/v1/me").await.status, 401);
        for (form, words) in [
            (vec![("name", ""), ("days", "30"), ("officer", "1")], "cần một tên"),
            (vec![("name", "x"), ("days", "30")], "Chưa chọn"),
            (vec![("name", "x"), ("days", "30"), ("administrator", "1")], "Chưa chọn"),
            (vec![("name", "x"), ("days", "9999"), ("officer", "1"), ("figures", "read")], "366"),
            (vec![("name", "x"), ("days", "30"), ("officer", "1"), ("figures", "nonsense")], "mở được phần nào"),
        ] {
            let refused = lan.post("/me/tokens", &form).await;
            assert!(refused.status == 422 && refused.body.contains(words), "{words}");
        }
    }
}

#[tokio::test]
async fn devices_are_listed_and_signed_out() {
    for house in houses().await {
        let (id, mut here) = house.person("lan", Role::Officer, COMMUNE).await;
        let (_, mut hoa) = house.person("hoa", Role::Officer, COMMUNE).await;
        let mut phone = house.stranger();
        phone.cookie = Some(house.access.open_session(&house.system(), id).await.unwrap());
        let end = format!("/me/sessions/{}", here.get("/me").await.between("action=\"/me/sessions/", "\""));
        hoa.post(&end, &[]).await;
        assert_eq!(phone.get("/me").await.status, 200, "nobody ends the sessions of others");
        here.post(&end, &[]).await;
        assert_eq!(phone.get("/me").await.status, 303);
        phone.cookie = Some(house.access.open_session(&house.system(), id).await.unwrap());
        here.post("/me/sessions/end-others", &[]).await;
        assert_eq!(phone.get("/me").await.status, 303);
        assert_eq!(here.get("/me").await.status, 200);
    }
}

#[tokio::test]
async fn changing_the_password_signs_out_other_devices() {
    for house in houses().await {
        let (id, mut here) = house.person("lan", Role::Reviewer, PROVINCE).await;
        let mut phone = house.stranger();
        phone.cookie = Some(house.access.open_session(&house.system(), id).await.unwrap());
        let wrong = here.post("/me/password", &[("current", "not it"), ("password", "trâu bò lợn gà vịt")]).await;
        assert!(wrong.status == 422 && wrong.body.contains("id=\"current-err\""));
        let right = here.post("/me/password", &[("current", PASSWORD), ("password", "trâu bò lợn gà vịt")]).await;
        assert_eq!(right.location(), "/me?done=password");
        assert_eq!(phone.get("/me").await.status, 303);
        assert_eq!(here.get("/me").await.status, 200);
        for n in 0..6 {
            let status = here.post("/me/password", &[("current", "guess"), ("password", "another one here")]).await.status;
            assert_eq!(status, if n < 5 { 422 } else { 429 }, "an open session is no place to guess");
        }
    }
}
