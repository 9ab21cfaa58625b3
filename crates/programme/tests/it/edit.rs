//! Plans are changed by their owners; what is wrong is refused with its line.

use crate::house::houses;
use access::Role;

const PLAN: &str = r#"[plan]
code = "thu-2026-2030"
kind = "plan"
title_vi = "Kế hoạch thử"
unit = "p:old:38"
parent = "ntm-2026-2035"
valid_from = "2026-01-01"
valid_to = "2030-12-31"

[[target]]
code = "T1"
pillar = "government"
title_vi = "Hồ sơ trên mạng"
level = "commune"
value = "80"
unit = "%"

[[target.reading]]
code = "r"
title_vi = "Đếm hồ sơ"
measures = ["ho_so_mang_xa"]
"#;

#[tokio::test]
async fn a_plan_comes_in_as_text_and_as_a_workbook_and_is_the_same() {
    for house in houses().await {
        let owner = house.person("chu", Role::Administrator, "p:old:38").await;
        let stranger = house.person("khac", Role::Administrator, "p:new:24").await;
        assert_eq!(stranger.upload("/plans/import", &[], ("thu.toml", PLAN.as_bytes())).await.status, 403);
        let made = owner.upload("/plans/import", &[("reason", "lập mới")], ("thu.toml", PLAN.as_bytes())).await;
        assert_eq!((made.status, made.location()), (303, "/plans/thu-2026-2030?done=saved"), "{}", made.body);
        let toml = owner.page("/plans/thu-2026-2030/export.toml").await.body;
        let book = owner.page("/plans/thu-2026-2030/export.xlsx").await.bytes;
        // The same once more makes no new version.
        assert_eq!(owner.upload("/plans/import", &[], ("a.xlsx", &book)).await.status, 303);
        assert_eq!(owner.upload("/plans/import", &[], ("a.toml", toml.as_bytes())).await.status, 303);
        let register = house.programme.current().await;
        assert_eq!(register.plan("thu-2026-2030").unwrap().def.plan.version, 1, "{}", house.db.label());
        // A change in the browser makes one.
        let form = [
            ("code", "T1"),
            ("title_vi", "Hồ sơ trên mạng"),
            ("pillar", "government"),
            ("level", "commune"),
            ("op", ">="),
            ("value", "85,5"),
            ("unit", "%"),
            ("version", "1"),
            ("reason", "nâng mức"),
        ];
        assert_eq!(owner.post("/plans/thu-2026-2030/targets/T1/edit", &form).await.status, 303);
        // Whoever looked at the old version is told.
        let late = owner.post("/plans/thu-2026-2030/targets/T1/edit", &form).await;
        assert_eq!(late.status, 409);
        assert!(late.body.contains("người khác đã lưu") && late.body.contains("85,5"));
        let page = house.stranger().page("/plans/thu-2026-2030").await;
        assert!(page.body.contains("ít nhất 85,5%"), "{}", page.body);
        assert!(house.acts().await.iter().filter(|a| *a == "plan.save").count() == 2);
    }
}

#[tokio::test]
async fn what_is_wrong_is_refused_with_its_line() {
    let house = houses().await.remove(0);
    let owner = house.person("chu", Role::Administrator, "nation").await;
    let refused = async |text: String| {
        let answer = owner.upload("/plans/import", &[], ("x.toml", text.as_bytes())).await;
        assert_eq!(answer.status, 422, "{}", answer.body);
        answer.body
    };
    for (from, to, line, says) in [
        ("value = \"80\"", "value = \"180\"", 15, "nằm ngoài khoảng"),
        ("ho_so_mang_xa", "khong_co", 21, "Không có chỉ tiêu mang mã khong_co"),
        ("level = \"commune\"", "level = \"district\"", 14, "không có cấp huyện để đếm"),
        ("parent = \"ntm-2026-2035\"", "parent = \"la-gi\"", 6, "Không có kế hoạch mang mã la-gi"),
        ("unit = \"p:old:38\"", "unit = \"p:old:24\"", 5, "không tồn tại trong thời gian của kế hoạch"),
        ("valid_to = \"2030-12-31\"", "valid_to = \"2025-12-31\"", 8, "Ngày cuối trước ngày đầu"),
        ("title_vi = \"Hồ sơ trên mạng\"", "ten = \"x\"", 13, "unknown field"),
    ] {
        assert!(PLAN.contains(from));
        let body = refused(PLAN.replace(from, to)).await;
        assert!(body.contains(&format!("dòng {line},")) && body.contains(says), "{to}: {body}");
    }
    let twice = format!("{PLAN}\n[[target]]\ncode = \"T1\"\npillar = \"economy\"\ntitle_vi = \"x\"\nlevel = \"commune\"\nvalue = \"1\"\n");
    assert!(refused(twice).await.contains("dòng 24"), "the second T1 is named");
    // A result of a criteria set may come later than the plan that counts it.
    let later = PLAN.replace("ho_so_mang_xa", "kq_commune_2026_2030_7_1");
    assert_eq!(owner.upload("/plans/import", &[], ("x.toml", later.as_bytes())).await.status, 303);
    // The plan above cannot be put below.
    let circle = house.programme.current().await.plan("ntm-2026-2035").unwrap().def.clone();
    let mut circle = circle;
    circle.plan.parent = Some("thu-2026-2030".into());
    let body = refused(programme::exchange::to_toml(&circle).unwrap()).await;
    assert!(body.contains("cây bị vòng"), "{body}");
    assert_eq!(house.programme.current().await.plan("ntm-2026-2035").unwrap().def.plan.version, 1);
    // A workbook names the row.
    let mut def = house.programme.current().await.plan("924").unwrap().def.clone();
    def.target[3].value = "400".parse().unwrap();
    let book = programme::exchange::to_workbook(&def, &[], "", jiff::civil::date(2026, 1, 1), ui::Lang::Vi).unwrap();
    let answer = owner.upload("/plans/import", &[], ("x.xlsx", &book)).await;
    assert!(answer.status == 422 && answer.body.contains("mục tiêu thứ 4"), "{}", answer.body);
}

#[tokio::test]
async fn the_forms_of_the_owner() {
    let house = houses().await.remove(0);
    let owner = house.person("chu", Role::Administrator, "p:old:38").await;
    for path in
        ["/plans/new", "/plans/import", "/plans/thanh-hoa-2022-2025/edit", "/plans/thanh-hoa-2022-2025/edit?target=new", "/plans/thanh-hoa-2022-2025/text"]
    {
        owner.page(path).await;
        assert_eq!(house.stranger().get(path).await.status, 303, "{path}");
    }
    let form = [
        ("code", "thu"),
        ("title_vi", "Kế hoạch xã"),
        ("kind", "plan"),
        ("unit", "p:old:38"),
        ("parent", "thanh-hoa-2022-2025"),
        ("valid_from", "2025-01-01"),
        ("valid_to", "31/12/2025"),
        ("inherits", "1"),
        ("version", "0"),
    ];
    let made = owner.post("/plans", &form).await;
    assert_eq!(made.status, 303, "{}", made.body);
    assert_eq!(owner.post("/plans", &form).await.status, 409);
    let target = [
        ("code", "M1"),
        ("title_vi", "Có hợp tác xã"),
        ("pillar", "economy"),
        ("level", "commune"),
        ("op", ">="),
        ("value", "200"),
        ("unit", "HTX"),
        ("measure", "so_htx"),
        ("version", "1"),
    ];
    assert_eq!(owner.post("/plans/thu/targets/new/edit", &target).await.status, 303);
    let page = owner.page("/plans/thu").await;
    assert!(page.body.contains("ít nhất 200 HTX"), "{}", page.body);
    let wrong = owner.post("/plans/thu/targets/M1/edit", &[("code", "M1"), ("title_vi", "x"), ("value", "nhiều"), ("version", "2")]).await;
    assert!(wrong.status == 422 && wrong.body.contains("không phải là số") && wrong.body.contains("value=\"nhiều\""), "{}", wrong.body);
    assert_eq!(owner.post("/plans/thu/targets/M1/remove", &[("version", "2")]).await.status, 303);
    assert!(!owner.page("/plans/thu").await.body.contains("HTX</b>"));
}
