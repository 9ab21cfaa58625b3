//! Reports: words with figures in them, issued once and for ever, and what changed since.

use crate::desk::{Desk, desks};
use access::Role;
use figures::{Entry, Intent, Origin, Value};
use std::io::Read as _;

/// Writes an accepted figure of a commune.
async fn enter(desk: &Desk, code: &str, period: &str, value: Value) {
    let ctx = desk.access.system();
    let figures = desk.programme.figures();
    let measure = figures.catalog().coded(code).unwrap().measure.id;
    let entry =
        Entry { unit: desk.communes[0], measure, period: period.parse().unwrap(), value, reason: Some("đối chiếu lại".into()), cell: None, seen: None };
    let outcome = figures.enter(&ctx, &[entry], &Origin { source: "form", ..Origin::default() }, Intent::Accept).await.unwrap();
    assert!(matches!(outcome[0], figures::Outcome::Written { .. }), "{outcome:?}");
}

fn document(docx: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(docx)).unwrap();
    let mut text = String::new();
    archive.by_name("word/document.xml").unwrap().read_to_string(&mut text).unwrap();
    text
}

#[tokio::test]
async fn a_report_is_written_issued_and_watched() {
    for desk in desks().await {
        let commune = desk.communes[0].to_string();
        let officer = desk.person("officer", Role::Officer, desk.communes[0]).await;
        let other = desk.person("other", Role::Officer, desk.communes[1]).await;
        let boss = desk.person("boss", Role::Reviewer, desk.province).await;
        enter(&desk, "so_htx", "2026-Q2", Value::Number(5)).await;
        enter(&desk, "so_htx", "2026-Q3", Value::Number(7)).await;

        officer.get("/reports").await.is(200).has("Báo cáo quý của xã").has("không phải mẫu do cơ quan nào ban hành");
        officer.post("/reports", &[("unit", &commune), ("template", "xa-quy"), ("period", "2026")]).await.is(422);
        officer.post("/reports", &[("unit", &commune), ("template", "tinh-quy"), ("period", "2026-Q2")]).await.is(422);
        other.post("/reports", &[("unit", &commune), ("template", "xa-quy"), ("period", "2026-Q2")]).await.is(403);
        let begun = officer.post("/reports", &[("unit", &commune), ("template", "xa-quy"), ("period", "2026-Q2")]).await;
        let first = begun.is(303).to().split('?').next().unwrap().to_owned();
        assert_eq!(
            officer.post("/reports", &[("unit", &commune), ("template", "xa-quy"), ("period", "2026-Q2")]).await.to().split('?').next(),
            Some(first.as_str())
        );
        other.get(&first).await.is(404);
        officer.get(&first).await.is(200).has("Có <a href=\"/why?measure=so_htx&amp;unit=").has(">5 HTX</a> hợp tác xã");

        // Words: a broken reference is refused beside its field and nothing is lost.
        let write = |words: &'static str, seen: &'static str| {
            [("w-kho-khan", words), ("s-kho-khan", seen), ("signer_title", "TM. UBND\nChủ tịch"), ("signer_name", "Lê Văn A"), ("recipients", "UBND tỉnh")]
        };
        officer.post(&first, &write("Có {so_htx_la}", "0")).await.is(422).has("Có {so_htx_la}").has("Không hiểu chỗ chèn số");
        officer.post(&first, &write("Thiếu cán bộ; mới có {so_htx} & <b>chữ</b>", "0")).await.is(303);
        officer.post(&first, &write("Người thứ hai viết đè", "0")).await.is(409).has("Người thứ hai viết đè");
        officer.get(&first).await.has("Thiếu cán bộ; mới có").has("&amp; &lt;b&gt;chữ");

        // Issued: number, files, hash.
        officer.post(&format!("{first}/issue"), &[("number", "31"), ("day", "2026-07-05"), ("seen", "0")]).await.is(303);
        officer.post(&format!("{first}/issue"), &[("number", "32"), ("day", "2026-07-05"), ("seen", "0"), ("reason", "bấm hai lần")]).await.is(409);
        let docx = boss.get(&format!("{first}/issues/1/docx")).await;
        let text = document(&docx.bytes);
        for wanted in ["Số: 31/BC-UBND", "ngày 05 tháng 7 năm 2026", "Lê Văn A", "UBND tỉnh", "mới có 5 HTX", "không phải mẫu"] {
            assert!(text.contains(wanted), "{wanted} is not in {text}");
        }
        assert!(boss.get(&format!("{first}/issues/1/xlsx")).await.bytes.starts_with(b"PK"));
        other.get(&format!("{first}/issues/1/docx")).await.is(404);
        officer.get(&first).await.has("31/BC-UBND").lacks("Đã đổi sau khi ban hành");

        // A figure that changes afterwards is listed; the issued file is what it was.
        enter(&desk, "so_htx", "2026-Q2", Value::Number(6)).await;
        officer.get(&first).await.has("Đã đổi sau khi ban hành").has("5 HTX").has("6 HTX").has("Vì sao có số này?");
        assert_eq!(boss.get(&format!("{first}/issues/1/docx")).await.bytes, docx.bytes);
        officer
            .post(&format!("{first}/issue"), &[("number", "31"), ("day", "2026-11-20"), ("seen", "1"), ("reason", "sửa số HTX")])
            .await
            .is(422)
            .has("đã dùng");
        officer.post(&format!("{first}/issue"), &[("number", "40"), ("day", "2026-11-20"), ("seen", "1"), ("reason", "")]).await.is(422);
        officer.post(&format!("{first}/issue"), &[("number", "40"), ("day", "2026-11-20"), ("seen", "1"), ("reason", "sửa số HTX")]).await.is(303);
        officer.get(&first).await.lacks("Đã đổi sau khi ban hành").has("sửa số HTX");
        assert!(document(&boss.get(&format!("{first}/issues/2/docx")).await.bytes).contains("mới có 6 HTX"));

        // The next period begins with the words of this one, marked as such, and with its own figures.
        let next =
            officer.post("/reports", &[("unit", &commune), ("template", "xa-quy"), ("period", "2026-Q3")]).await.to().split('?').next().unwrap().to_owned();
        officer.get(&next).await.has("Thiếu cán bộ; mới có").has("7 HTX").has("chép từ").has("Lê Văn A");
        officer.get(&format!("{next}/print")).await.is(200).has("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM");
        officer.get(&format!("{next}/draft/docx")).await.is(200);
        officer.get(&format!("{next}/draft/xlsx")).await.is(200);
        officer.get(&format!("{next}/draft/pdf")).await.is(404);

        let api = boss.get(&format!("/api/v1/reports?unit={}", desk.province)).await.json();
        assert_eq!(api["total"], 2);
        let issued = api["items"].as_array().unwrap().iter().find(|r| r["versions"] == 2).unwrap();
        assert_eq!((issued["number"].as_str(), issued["period"].as_str()), (Some("40/BC-UBND"), Some("2026-Q2")));
        assert_eq!(issued["sha256"].as_str().unwrap().len(), 64);
        assert_eq!(other.get("/api/v1/reports").await.json()["total"], 0);
    }
}

#[tokio::test]
async fn provinces_and_the_programme_have_their_reports_and_the_demo_fills_them() {
    for desk in desks().await {
        let mut ctx = desk.access.system();
        ctx.demo = true;
        let p = &desk.programme;
        p.start().await.unwrap();
        p.seed_demo(&ctx).await.unwrap();
        p.seed_demo(&ctx).await.unwrap();
        p.seed_demo_reports(&ctx).await.unwrap();
        p.seed_demo_reports(&ctx).await.unwrap();
        // The plan that still runs is there once, and says in its title that it is made up.
        let register = p.current().await;
        let plan = &register.plan("minh-hoa-2026-2028").unwrap().def.plan;
        assert!(plan.version == 1 && plan.title_vi.contains("không phải văn bản thật") && plan.document.is_none());
        let boss = desk.person("boss", Role::Reviewer, desk.province).await;
        let reports = p.reports(&ctx, desk.province).await.unwrap();
        assert_eq!(reports.len(), 3, "two of the commune and one of the province");
        let province = reports.iter().find(|r| r.unit == desk.province).unwrap();
        boss.get(&format!("/reports/{}", province.id))
            .await
            .is(200)
            .has("TIẾN ĐỘ NHIỆM VỤ")
            .has("Kết quả thực hiện mục tiêu")
            .has("/plans/924")
            .has("số liệu minh họa");
        assert!(boss.get(&format!("/reports/{}/draft/docx", province.id)).await.bytes.starts_with(b"PK"));
        let nation = p.atlas().nation().unwrap();
        let id = p
            .begin_report(&ctx, &programme::report::NewReport { template: "chuong-trinh-nam".into(), unit: nation, period: "2025".parse().unwrap() })
            .await
            .unwrap();
        let report = p.report(&ctx, id).await.unwrap();
        let composed = p.compose(&ctx, &report, report.template).await.unwrap();
        assert!(composed.parts.len() > 12);
        assert!(composed.facts.iter().filter(|f| f.key.starts_with("target:924:")).count() >= 16);
        // Pages with the demo's data.
        for path in ["/tasks", "/tasks?view=list", "/tasks?view=owners", "/tasks/money", "/tasks/works", "/tasks?late=1&view=list", "/reports"] {
            let answer = boss.get(path).await;
            answer.is(200);
            assert!(answer.body.len() < 150_000, "{path}: {}", answer.body.len());
        }
        // Tasks that plans name are there once, for everybody.
        let all = p.tasks(&ctx, &programme::task::Asked { plan: "924".into(), unit: Some(nation), ..Default::default() }).await.unwrap();
        assert_eq!(all.iter().filter(|s| s.task.everybody).count(), 8);
        assert_eq!(p.load_published_tasks(&ctx).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn the_owner_of_the_programme_writes_its_report() {
    for desk in desks().await {
        let p = &desk.programme;
        let nation = p.atlas().nation().unwrap();
        let owner = desk.person("owner", Role::Administrator, nation).await;
        let keeper = desk.person("keeper", Role::Administrator, desk.province).await;
        let of = |unit: uuid::Uuid, template: &'static str, period: &'static str| (unit.to_string(), template, period);
        let begin = async |who: &crate::desk::Person<'_>, (unit, template, period): (String, &str, &str)| {
            who.post("/reports", &[("unit", &unit), ("template", template), ("period", period)]).await
        };
        begin(&keeper, of(nation, "chuong-trinh-nam", "2025")).await.is(403);
        begin(&keeper, of(desk.province, "tinh-quy", "2026-Q3")).await.is(403);
        // The outline of a province has the programme's targets too, but the province reports it.
        begin(&owner, of(desk.province, "tinh-quy", "2026-Q3")).await.is(403);
        owner.get("/reports").await.is(200).has("Báo cáo năm của Chương trình");
        let made = begin(&owner, of(nation, "chuong-trinh-nam", "2025")).await;
        let page = made.is(303).to().split('?').next().unwrap().to_owned();
        owner.post(&page, &[("w-chi-dao", "Ban hành Kế hoạch"), ("s-chi-dao", "0"), ("signer_title", "Thủ trưởng")]).await.is(303);
        let text = document(&owner.get(&format!("{page}/draft/docx")).await.bytes);
        // What is missing is said in the words of the target's page; one pilot in each province is a share of provinces.
        for wanted in ["Ban hành Kế hoạch", "KẾT QUẢ THỰC HIỆN CÁC MỤC TIÊU", "G1a", "P1", "chưa có số", "phải báo cáo"] {
            assert!(text.contains(wanted), "{wanted} is not in {text}");
        }
        assert!(!text.contains("mô hình mỗi tỉnh</w:t>"), "{text}");
    }
}

#[tokio::test]
async fn every_measure_of_an_outline_exists() {
    let desk = desks().await.remove(0);
    let catalog = desk.programme.figures().catalog();
    for template in programme::report::templates() {
        for code in template.section.iter().flat_map(|s| &s.measures) {
            assert!(catalog.coded(code).is_some(), "{}: {code}", template.code);
        }
        assert!(template.plan.is_empty() || desk.programme.register().plan(&template.plan).is_some());
    }
}
