//! The page of the audit: who may read what, filters, paging, export.

use crate::house::{COMMUNE, NATION, OTHER, PROVINCE, houses};
use access::{AuditAsk, Role};

#[tokio::test]
async fn the_audit_is_read_by_administrators_with_filters_and_in_pages() {
    for house in houses().await {
        let system = house.access.system();
        let mut tx = house.db.begin().await.unwrap();
        for n in 0..130 {
            let act = if n % 2 == 0 { "unit.import" } else { "unit_change.apply" };
            access::audit(&mut tx, &system, NATION, act, &format!("số {n}"), serde_json::json!({"n": n, "lời": "Đã đối chiếu"})).await.unwrap();
        }
        tx.commit().await.unwrap();
        let (_, mut admin) = house.person("quan.tri", Role::Administrator, NATION).await;
        let first = admin.get("/admin/audit").await;
        assert_eq!(first.status, 200, "{}", first.body);
        assert_eq!(first.body.matches("<tr><td class=\"num when\">").count(), 50);
        assert!(first.body.contains("Xem tiếp"));
        // A kind is a whole word: unit is not unit_change.
        let kind = admin.get("/admin/audit?act=unit&about=da+doi+chieu").await.body;
        assert!(kind.contains("nạp đơn vị") && !kind.contains("unit_change.apply"));
        assert!(admin.get("/admin/audit?about=so+129").await.body.matches("<tr><td class=\"num when\">").count() == 1);
        assert!(admin.get("/admin/audit?who=he+thong&act=unit").await.body.contains("Hệ thống"));
        assert!(admin.get("/admin/audit?who=khong+ai").await.body.contains("Không có dòng nào"));
        assert!(admin.get("/admin/audit?until=1999-01-01").await.body.contains("Không có dòng nào"));
        assert!(admin.get("/admin/audit?from=hom+qua").await.body.contains("Viết như 2026-11-22"));
        for odd in ["before=x", "before=9.9.9", "about=%00", "act=%25"] {
            assert_eq!(admin.get(&format!("/admin/audit?{odd}")).await.status, 200, "{odd}");
        }
        // Every line once, over all pages, the newest first.
        let system = house.access.system();
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let page = house.access.read_audit(&system, &AuditAsk { before, limit: 7, act: "unit.import".into(), ..AuditAsk::default() }).await.unwrap();
            seen.extend(page.lines.iter().map(|l| l.seq));
            match page.next {
                Some(next) => before = Some(next),
                None => break,
            }
        }
        assert_eq!(seen.len(), 65);
        assert!(seen.windows(2).all(|w| w[0] > w[1]));
        let csv = admin.get("/admin/audit/export?act=unit&format=csv").await;
        assert_eq!(csv.body.lines().count(), 66, "{}", csv.body);
        assert!(csv.body.starts_with("at,who,capacity,origin,act,act_words,subject") && csv.body.contains("nạp đơn vị"));
        let (_, mut officer) = house.person("can.bo", Role::Officer, NATION).await;
        // This directory says no tenant lies whole under the province.
        let (_, mut below) = house.person("cap.tinh", Role::Administrator, PROVINCE).await;
        let refused = below.get("/admin/audit").await;
        assert_eq!(refused.status, 403);
        assert!(refused.body.contains("cấp tỉnh trở lên"), "{}", refused.body);
        assert_eq!(officer.get("/admin/audit").await.status, 403);
        assert_eq!(officer.get("/admin/audit/export?format=csv").await.status, 403);
    }
}

/// Acts on accounts stand in the centre's chain; whoever administers a province reads those that concern its people, and no others.
#[tokio::test]
async fn a_province_reads_what_was_done_to_its_own_accounts() {
    for house in houses().await {
        let (_, mut centre) = house.person("quan.tri", Role::Administrator, NATION).await;
        let (ours, _) = house.person("nguoi.minh", Role::Officer, OTHER).await;
        let (theirs, _) = house.person("nguoi.ta", Role::Officer, COMMUNE).await;
        let (_, mut admin) = house.person("cap.tinh", Role::Administrator, OTHER).await;
        let mut pages = Vec::new();
        let mut before = String::new();
        loop {
            let page = admin.get(&format!("/admin/audit?act=account&before={before}")).await;
            assert_eq!(page.status, 200, "{}", page.body);
            let next = page.body.split("before=").skip(1).find_map(|t| t.split('"').next()).unwrap_or_default().to_owned();
            pages.push(page.body);
            match next.is_empty() || next == before {
                true => break,
                false => before = next,
            }
        }
        let all = pages.concat();
        assert!(all.contains(&ours.to_string()), "{} {all}", house.db.label());
        assert!(!all.contains(&theirs.to_string()), "{} {all}", house.db.label());
        let csv = admin.get("/admin/audit/export?format=csv").await.body;
        assert!(csv.contains(&ours.to_string()) && !csv.contains(&theirs.to_string()), "{csv}");
        let whole = centre.get("/admin/audit/export?format=csv").await.body;
        assert!(whole.contains(&theirs.to_string()), "the centre reads everything");
    }
}
