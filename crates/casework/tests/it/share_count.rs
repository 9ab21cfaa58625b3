//! The share: counted from events, published, broken by paper, elsewhere, by hand, by definition.

use super::dossier_house::houses;
use super::dossier_life::{handled, opened, trusts};
use figures::{Entry, Intent, Origin, Value};

#[tokio::test]
async fn the_share_is_counted_from_events_and_published_at_once() {
    for house in houses().await {
        let people = house.people().await;
        let (clerk, officer, head, admin) = &people;
        trusts(&house, admin).await;
        let unit = house.commune;
        let page = format!("/dossiers/share?unit={unit}");
        head.get(&page).await.has("Chưa có hồ sơ nào kết thúc trong kỳ");
        let good = handled(&house, &people, "01", true).await;
        head.get(&page).await.has("100%").has("1/1").has("được tính");
        let paper = handled(&house, &people, "02", false).await;
        // By hand is paper; the drill-down names the step.
        head.get(&page).await.has("50%").has("1/2").has("ký").has("làm ngoài hệ thống");
        // A dossier closed without anything lacks steps.
        let empty = opened(clerk, &house, "03", "").await;
        head.post(&format!("{empty}/close"), &[]).await.is(303);
        head.get(&page).await.has("33,3%").has("không có bước “giao việc”");
        let system = house.system();
        let figure = async || {
            let (known, period) = (house.work.figures().catalog().coded("ho_so_mang_xa").unwrap().clone(), "2026-Q4".parse::<calendar::Period>().unwrap());
            let lines =
                figures::store::lines(&house.db, house.work.figures().places().atlas().unit(unit).unwrap().tenant, (known.measure.id, period.to_i64()), unit)
                    .await
                    .unwrap();
            lines.last().map(|l| l.value.clone())
        };
        assert_eq!(figure().await, Some(Value::Ratio { n: 1, of: 3 }));
        // What an office elsewhere counts is added, with its source; secret ones are only counted.
        let form = [("period", "2026-Q4"), ("system", "VNPT iOffice"), ("closed", "7"), ("network", "5"), ("secret", "0")];
        officer.post(&format!("/dossiers/share/{unit}/count"), &form).await.is(403);
        clerk.post(&format!("/dossiers/share/{unit}/count"), &form).await.is(303);
        clerk
            .post(&format!("/dossiers/share/{unit}/count"), &[("period", "2026-Q4"), ("system", ""), ("closed", "0"), ("network", "0"), ("secret", "4")])
            .await
            .is(303);
        head.get(&page).await.has("60%").has("6/10").has("VNPT iOffice").has("Hồ sơ mật, không tính");
        assert_eq!(figure().await, Some(Value::Ratio { n: 6, of: 10 }));
        clerk
            .post(&format!("/dossiers/share/{unit}/count"), &[("period", "2026-Q4"), ("system", "X"), ("closed", "3"), ("network", "5"), ("secret", "0")])
            .await
            .is(422);
        // Opened again: out of the count at once.
        head.post(&format!("{paper}/reopen"), &[("reason", "sai bước")]).await.is(303);
        assert_eq!(figure().await, Some(Value::Ratio { n: 6, of: 9 }));
        let found = house.work.recount_dossiers().await.unwrap();
        assert_eq!((found.dossiers, found.differences), (3, vec![]));
        // A recount notices a dossier that was tampered with.
        let stmt = db::Stmt { name: "test", sql: "UPDATE dossier SET trace = trace + 1024 WHERE code = '01'", reach: db::Reach::National };
        house.db.exec(&stmt, vec![]).await.unwrap();
        assert!(!house.work.recount_dossiers().await.unwrap().differences.is_empty());
        assert!(good.contains(&unit.to_string()));
        let _ = system;
    }
}

#[tokio::test]
async fn the_province_changes_the_definition_from_this_quarter_on() {
    for house in houses().await {
        let people = house.people().await;
        let (_, _, head, admin) = &people;
        handled(&house, &people, "01", true).await;
        let page = format!("/dossiers/share?unit={}", house.commune);
        // Without a trust list no signature is trusted.
        head.get(&page).await.has("0%").has("chưa đối chiếu được với chứng thư tin cậy");
        let mut form = vec![("trusted", ""), ("from", "2026-Q4"), ("why", "QĐ 15/QĐ-UBND tỉnh")];
        let steps = ["register", "assign", "draft", "opinion", "submit", "sign", "issue", "send", "file"].map(|s| format!("step-{s}"));
        form.extend(steps.iter().map(|s| (s.as_str(), "if_done")));
        let define = format!("/dossiers/share/{}/define", house.province);
        head.post(&define, &form).await.is(403);
        admin.post(&define, &form).await.is(422).has("ít nhất một bước bắt buộc");
        form[4].1 = "required";
        let mut past = form.clone();
        past[1].1 = "2025-Q4";
        admin.post(&define, &past).await.is(422).has("từ quý này trở đi");
        admin.post(&define, &form).await.is(303);
        head.get(&page).await.has("100%").has("Định nghĩa bản 1").has("QĐ 15/QĐ-UBND tỉnh");
        admin.get(&format!("/dossiers/share?unit={}", house.province)).await.has("Phúc Hòa").has("1/1");
        assert_eq!(house.work.recount_dossiers().await.unwrap().differences, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_value_that_people_entered_is_never_replaced_silently() {
    for house in houses().await {
        let people = house.people().await;
        let (_, officer, head, admin) = &people;
        trusts(&house, admin).await;
        let figures = house.work.figures().clone();
        let known = figures.catalog().coded("ho_so_mang_xa").unwrap().clone();
        let system = house.system();
        let entry = Entry {
            unit: house.commune,
            measure: known.measure.id,
            period: "2026-Q4".parse().unwrap(),
            value: Value::Ratio { n: 60, of: 60 },
            reason: None,
            cell: None,
            seen: None,
        };
        figures.enter(&system, &[entry], &Origin { source: "form", ..Origin::default() }, Intent::Accept).await.unwrap();
        handled(&house, &people, "01", true).await;
        let page = format!("/dossiers/share?unit={}", house.commune);
        head.get(&page).await.has("Số đang công bố là 60/60").has("Dùng số đếm được");
        officer.post(&format!("/dossiers/share/{}/take-over", house.commune), &[("period", "2026-Q4"), ("reason", "đếm lại")]).await.is(403);
        head.post(&format!("/dossiers/share/{}/take-over", house.commune), &[("period", "2026-Q4"), ("reason", "")]).await.is(422);
        head.post(&format!("/dossiers/share/{}/take-over", house.commune), &[("period", "2026-Q4"), ("reason", "đếm lại từ hồ sơ")]).await.is(303);
        head.get(&page).await.lacks("Số đang công bố là");
        assert_eq!(house.work.recount_dossiers().await.unwrap().differences, Vec::<String>::new());
        // From now on each closing keeps it fresh.
        handled(&house, &people, "02", true).await;
        head.get(&page).await.has("2/2").lacks("Số đang công bố là");
    }
}

#[tokio::test]
async fn somebody_above_sees_which_step_broke_and_opens_nothing() {
    for house in houses().await {
        let people = house.people().await;
        let path = handled(&house, &people, "01", false).await;
        let above = house.role("giamsat", house.province, access::Role::Viewer).await;
        let page = above.get(&format!("/dossiers/share?unit={}", house.commune)).await;
        page.is(200).has("làm ngoài hệ thống").lacks(&path);
        above.get(&path).await.is(404);
        let far = house.role("xa", house.abroad, access::Role::Viewer).await;
        far.get(&format!("/dossiers/share?unit={}", house.commune)).await.is(404);
    }
}

#[tokio::test]
async fn the_centre_is_counted_like_everybody_else() {
    for house in houses().await {
        let (system, nation) = (house.system(), house.work.places().atlas().nation().unwrap());
        house.access.make_standard(&system, nation, false).await.unwrap();
        let officer = house.post("cvbo", nation, "bo-nnmt", "Chuyên viên").await;
        let office = access::organisation_id(nation, "bo-nnmt");
        let form = [("code", "01"), ("title", "Hướng dẫn năm 2027"), ("retention", ""), ("due", ""), ("secrecy", "")];
        let path = officer.upload(&format!("/dossiers/{office}/open"), &form, &[]).await.path();
        officer.post(&format!("{path}/close"), &[]).await.is(303);
        officer.get(&format!("/dossiers/share?unit={nation}")).await.has("0/1").has("không có bước");
        let (known, period) = (house.work.figures().catalog().coded("ho_so_mang_tw").unwrap().clone(), "2026-Q4".parse::<calendar::Period>().unwrap());
        let tenant = house.work.places().atlas().unit(nation).unwrap().tenant;
        let lines = figures::store::lines(&house.db, tenant, (known.measure.id, period.to_i64()), nation).await.unwrap();
        assert_eq!(lines.last().map(|l| l.value.clone()), Some(Value::Ratio { n: 0, of: 1 }));
        assert_eq!(house.work.recount_dossiers().await.unwrap().differences, Vec::<String>::new());
    }
}
