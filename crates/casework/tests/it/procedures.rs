//! Procedures: what the checker refuses, versions, pictures, rehearsal.

use crate::house::houses;
use casework::procedure::{SHIPPED, check, differences, picture, read};

const SMALL: &str = "code = \"small\"\ntitle_vi = \"Nhỏ\"\ntitle_en = \"Small\"\nlevel = \"commune\"\ndocument = \"QĐ 1\"\n\n[[actor]]\ncode = \"a\"\ntitle_vi = \"Xã\"\ntitle_en = \"Commune\"\nrole = \"any\"\nat = \"own\"\n\n[[field]]\ncode = \"n\"\nkind = \"number\"\ntitle_vi = \"Số\"\ntitle_en = \"Number\"\n\n[[state]]\ncode = \"one\"\ntitle_vi = \"Một\"\ntitle_en = \"One\"\nkind = \"start\"\nholder = \"a\"\n[state.limit]\namount = 5\n\n[[state]]\ncode = \"two\"\ntitle_vi = \"Hai\"\ntitle_en = \"Two\"\nkind = \"end\"\n\n[[action]]\ncode = \"go\"\ntitle_vi = \"Đi\"\ntitle_en = \"Go\"\nfrom = [\"one\"]\nto = \"two\"\nby = [\"a\"]\nasks = [\"n\"]\nguard = \"n > 2\"\nguard_vi = [\"hơn hai\"]\nguard_en = [\"more than two\"]\n";

fn found(text: &str) -> Vec<(&'static str, usize)> {
    match read(text) {
        Err(finding) => vec![(finding.code, finding.line)],
        Ok(procedure) => check(text, &procedure, &[]).into_iter().map(|f| (f.code, f.line)).collect(),
    }
}

#[test]
fn the_shipped_procedures_are_whole() {
    let facts = ["criteria_met".to_owned(), "criteria_total".to_owned()];
    for text in SHIPPED {
        let procedure = read(text).unwrap_or_else(|f| panic!("line {}: {}", f.line, f.en));
        let findings = check(text, &procedure, &facts);
        assert!(findings.is_empty(), "{}: {findings:#?}", procedure.code);
        let drawn = picture(&procedure, Some("draft"), ui::Lang::Vi);
        assert_eq!(drawn.as_str().matches("<rect").count(), procedure.state.len());
        assert!(!drawn.as_str().contains("style="));
        assert!(differences(&procedure, &procedure).is_empty());
    }
}

#[test]
fn the_checker_names_the_line() {
    assert_eq!(found(SMALL), []);
    let line = |word: &str, text: &str| text.lines().position(|l| l.contains(word)).unwrap() + 1;
    let stuck = SMALL.replace("kind = \"end\"\n", "holder = \"a\"\n");
    assert_eq!(found(&stuck), [("procedure.no_end", 1)]);
    let dead = format!(
        "{SMALL}\n[[state]]\ncode = \"three\"\ntitle_vi = \"Ba\"\ntitle_en = \"Three\"\nholder = \"a\"\n[[action]]\ncode = \"off\"\ntitle_vi = \"x\"\ntitle_en = \"x\"\nfrom = [\"one\"]\nto = \"three\"\nby = [\"a\"]\n"
    );
    assert_eq!(found(&dead), [("procedure.dead_end", line("\"three\"", &dead))]);
    let lost = format!("{SMALL}\n[[state]]\ncode = \"lost\"\ntitle_vi = \"Lạc\"\ntitle_en = \"Lost\"\nkind = \"end\"\n");
    assert_eq!(found(&lost), [("procedure.unreachable", line("\"lost\"", &lost))]);
    let ring = format!("{dead}\n[[action]]\ncode = \"round\"\ntitle_vi = \"x\"\ntitle_en = \"x\"\nfrom = [\"three\"]\nto = \"three\"\nby = [\"a\"]\n");
    assert_eq!(found(&ring), [("procedure.no_exit", line("\"three\"", &ring))]);
    for (from, to, code) in [
        ("guard = \"n > 2\"", "guard = \"m > 2\"", "procedure.unknown_name"),
        ("guard = \"n > 2\"", "guard = \"n >\"", "procedure.guard"),
        ("guard_vi = [\"hơn hai\"]", "guard_vi = []", "procedure.guard_words"),
        ("by = [\"a\"]\nasks", "by = [\"b\"]\nasks", "procedure.unknown"),
        ("holder = \"a\"", "holder = \"\"", "procedure.nobody"),
        ("role = \"any\"", "role = \"boss\"", "procedure.role"),
        ("level = \"commune\"", "level = \"street\"", "procedure.level"),
        ("kind = \"number\"", "kind = \"choice\"", "procedure.choices"),
        ("title_en = \"Small\"", "title_en = 5", "procedure.unreadable"),
        ("document = \"QĐ 1\"", "document = \"\"", "procedure.document"),
        ("amount = 5", "amount = 5\nspeed = 9", "procedure.unreadable"),
    ] {
        let text = SMALL.replace(from, to);
        assert_ne!(text, SMALL, "{from}");
        assert!(found(&text).iter().any(|f| f.0 == code), "{code}: {:?}", found(&text));
    }
    // Limits of the steps add up to the limit of the whole.
    let budget =
        SMALL.replace("document = \"QĐ 1\"", "document = \"QĐ 1\"\nlimit = { amount = 9 }").replace("[state.limit]", "in_budget = true\n[state.limit]");
    assert!(found(&budget).iter().any(|f| f.0 == "procedure.budget"), "{:?}", found(&budget));
    assert_eq!(found(&budget.replace("amount = 9", "amount = 5")), []);
}

#[tokio::test]
async fn written_published_changed_and_rehearsed() {
    for house in houses().await {
        let admin = house.person("quantri").await;
        let save = admin.post("/admin/procedures/new", &[("text", &SMALL.replace("kind = \"end\"\n", "holder = \"a\"\n"))]).await;
        assert_eq!(save.location(), "/admin/procedures/small?done=saved", "{}", save.body);
        let refused = admin.post("/admin/procedures/small/1/publish", &[]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains("Dòng 1") || refused.body.contains("dòng 1"), "{}", refused.body);
        assert_eq!(house.stranger().get("/procedures/small").await.status, 404, "a draft is its writer's");
        admin.post("/admin/procedures/small", &[("text", SMALL)]).await;
        assert_eq!(admin.post("/admin/procedures/small/1/publish", &[]).await.location(), "/procedures/small?done=published");
        let shown = house.stranger().get("/procedures/small").await;
        assert!(shown.body.contains("<svg class=\"flow\"") && shown.body.contains("hơn hai"), "{}", shown.body);
        let officer = house.person("chuyenvien").await;
        let unit = house.commune().to_string();
        let opened = officer.post("/cases", &[("procedure", "small"), ("unit", &unit), ("title", "Thử quy trình")]).await;
        let case = opened.location().split('?').next().unwrap().to_owned();
        // Another limit: the open case keeps its version, and the rehearsal tells what would change.
        admin.post("/admin/procedures/small", &[("text", &SMALL.replace("amount = 5", "amount = 3"))]).await;
        let tried = admin.post("/admin/procedures/small/rehearse", &[]).await;
        assert!(tried.body.contains("Thử quy trình") && tried.body.contains("09/03/2026") && tried.body.contains("05/03/2026"), "{}", tried.body);
        assert_eq!(admin.post("/admin/procedures/small/2/publish", &[]).await.status, 303);
        let diff = house.stranger().get("/procedures/small/diff?from=1&to=2").await;
        assert!(diff.body.contains("5 ngày làm việc → 3 ngày làm việc"), "{}", diff.body);
        assert!(officer.get(&case).await.body.contains("/procedures/small?version=1"));
        assert_eq!(officer.act(&case, "go", &[("n", "1")]).await.status, 422);
        assert_eq!(officer.act(&case, "go", &[("n", "3")]).await.status, 303);
        assert_eq!(officer.post("/admin/procedures/small", &[("text", SMALL)]).await.status, 403);
        let api = house.stranger().get("/api/v1/procedures").await.json();
        assert!(api["items"].as_array().unwrap().iter().any(|p| p["code"] == "small" && p["version"] == 2), "{api}");
    }
}
