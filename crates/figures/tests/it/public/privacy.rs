//! What the public may not see does not exist for it.

use super::desk::desks;
use crate::world::{measure, person};
use access::{Context, Role};
use figures::{Definition, Entry, Intent, Origin, Value};

#[tokio::test]
async fn a_measure_that_is_not_public_does_not_exist() {
    for desk in desks().await {
        let f = &desk.world.figures;
        let mut def: Definition = f.catalog().coded("so_ho").unwrap().measure.def.clone();
        def.code = "ho_kin".into();
        def.title_vi = "Hộ cần giữ kín".into();
        def.public = false;
        f.define(&Context::system(crate::world::now()), def).await.unwrap();
        let province = desk.province("24");
        let commune = desk.reporters("ho_kin", "2025", province)[0];
        let id = f.catalog().coded("ho_kin").unwrap().measure.id;
        let mut load = f.bulk("test", 1).await.unwrap();
        load.slice(id, "2025".parse().unwrap(), vec![(commune, Value::Number(4711))]).await.unwrap();
        load.finish().await.unwrap();
        let viewer = desk.cookie("xem", Role::Viewer, province).await;
        let stranger = desk.cookie("khach", Role::Viewer, desk.province("38")).await;
        for path in [
            "/measures/ho_kin?unit=24&period=2025",
            "/why?measure=ho_kin&unit=24&period=2025",
            "/compare?measure=ho_kin&a=24&period=2025",
            "/measures/ho_kin/live?unit=24&period=2025",
        ] {
            for cookie in ["", stranger.as_str()] {
                let page = desk.get_with(path, &[("cookie", cookie)]).await;
                assert_eq!(page.status, 404, "{path}: {}", page.text);
                assert!(page.text.contains("unknown_measure") && !page.text.contains("4.711") && !page.text.contains("giữ kín"), "{}", page.text);
            }
            let page = desk.get_with(path, &[("cookie", viewer.as_str())]).await;
            assert_eq!(page.status, 200, "{path}");
            assert!(page.text.contains("4.711"), "{path}");
        }
        for path in [
            "/",
            "/measures",
            "/search?q=giu+kin",
            "/search/suggest?q=giu+kin",
            "/completeness?unit=24&period=2025",
            "/compare",
            &format!("/places/{province}"),
        ] {
            let page = desk.get(path).await;
            assert!(!page.text.contains("cần giữ kín"), "{path}: {}", page.text);
        }
        assert!(desk.get_with("/measures", &[("cookie", viewer.as_str())]).await.text.contains("Hộ cần giữ kín"));
        // Seen in one's own subtree, not in the nation's.
        assert_eq!(desk.get_with("/measures/ho_kin", &[("cookie", viewer.as_str())]).await.status, 404);
    }
}

#[tokio::test]
async fn waiting_values_and_names_are_not_for_the_public() {
    for desk in desks().await {
        let f = &desk.world.figures;
        let province = desk.province("24");
        let commune = desk.reporters("so_ho", "2025", province)[0];
        let officer = person("Nguyễn Thị Hoa", Role::Officer, commune);
        let reviewer = person("Trần Văn Bình", Role::Reviewer, province);
        let entry = |n, reason: Option<&str>| Entry {
            unit: commune,
            measure: measure("so_ho"),
            period: "2025".parse().unwrap(),
            value: Value::Number(n),
            reason: reason.map(Into::into),
            cell: Some("Xã!F27".into()),
            seen: None,
        };
        let origin = Origin { source: "workbook", file_name: Some("bang-cham.xlsx".into()), ..Origin::default() };
        f.enter(&officer, &[entry(1234, None)], &origin, Intent::Submit).await.unwrap();
        let viewer = desk.cookie("xem", Role::Viewer, province).await;
        let paths = [
            format!("/measures/so_ho?unit={commune}&period=2025"),
            format!("/why?measure=so_ho&unit={commune}&period=2025"),
            "/measures/so_ho?unit=24&period=2025".to_owned(),
            format!("/places/{commune}"),
        ];
        for path in &paths {
            let page = desk.get(path).await;
            assert!(!page.text.contains("1.234") && !page.text.contains("Nguyễn Thị Hoa"), "{path}: {}", page.text);
        }
        let page = desk.page(&paths[0]).await;
        assert!(page.h1().contains("đang chờ duyệt"), "{}", page.h1());
        let seen = desk.get_with(&paths[1], &[("cookie", viewer.as_str())]).await;
        assert!(
            seen.text.contains("1.234") && seen.text.contains("Nguyễn Thị Hoa") && seen.text.contains("bang-cham.xlsx") && seen.text.contains("Xã!F27"),
            "{}",
            seen.text
        );

        let accept = |seq| figures::Pending { unit: commune, measure: measure("so_ho"), period: "2025".parse().unwrap(), seq };
        f.accept(&reviewer, &[accept(1)]).await.unwrap();
        f.enter(&officer, &[entry(1300, Some("đếm sót xóm mới"))], &origin, Intent::Submit).await.unwrap();
        for path in &paths[..3] {
            let page = desk.page(path).await;
            assert!(
                page.text.contains("1.234") && !page.text.contains("1.300") && !page.text.contains("xóm mới") && !page.text.contains("Nguyễn Thị Hoa"),
                "{path}: {}",
                page.text
            );
        }
        assert!(desk.page(&paths[1]).await.text.contains("vì có thông tin cá nhân"));
        let seen = desk.get_with(&paths[1], &[("cookie", viewer.as_str())]).await;
        assert!(seen.text.contains("<s>1.234 hộ</s> → 1.300 hộ") && seen.text.contains("đếm sót xóm mới"), "{}", seen.text);
    }
}
