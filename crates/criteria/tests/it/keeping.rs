//! Keeping sets: provinces compose their own, versions never change, thresholds are entered from the annex.

use crate::house::houses;
use access::Role;
use rust_decimal::Decimal;

const SET: &str = "commune-2021-2025";

#[tokio::test]
async fn public_pages_open() {
    let house = houses().await.remove(0);
    let stranger = house.stranger();
    stranger.get("/criteria").await.is(200).has("Bộ tiêu chí quốc gia về xã nông thôn mới giai đoạn 2021-2025").has("smart-village-nam-dinh");
    stranger
        .get(&format!("/criteria/{SET}"))
        .await
        .is(200)
        .has("≤ 16,5%")
        .has("theo trí nhớ, chưa đối chiếu văn bản")
        .has("211/QĐ-TTg")
        .has("Tỷ lệ dân số có sổ khám chữa bệnh điện tử");
    stranger.get("/criteria/commune-2026-2030").await.is(200).has("Danh mục chỉ tiêu chưa đủ").has("Khoa học công nghệ và chuyển đổi số");
    stranger.get(&format!("/criteria/{SET}/levels")).await.is(200).has("Đã biết").lacks("Nhập mức</");
    stranger.get("/criteria/compare").await.is(200).has("chặt hơn").has("thêm mới");
    stranger.get(&format!("/criteria/{SET}/matrix?year=2025&under={}", house.province)).await.is(200);
    stranger.get(&format!("/criteria/{SET}/matrix.csv?year=2025&under={}", house.province)).await.is(200).has("chưa có số liệu");
    let xlsx = stranger.get(&format!("/criteria/{SET}/matrix.xlsx?year=2025&under={}", house.province)).await;
    assert!(xlsx.is(200).bytes.starts_with(b"PK"));
    // All communes of the country: fifty a page, light enough for a cheap phone, and the last page is there too.
    let nation = stranger.get(&format!("/criteria/{SET}/matrix?year=2025&under=vn")).await;
    assert_eq!(nation.is(200).body.matches("<tr><th scope=\"row\"><a").count(), 50);
    assert!(nation.body.len() < 260_000, "{} bytes", nation.body.len());
    let units: usize = nation.body.split("<h2>").find_map(|h| h.split(" đơn vị").next()?.parse().ok()).unwrap();
    assert!(units > 2_000, "{units}");
    let last = stranger.get(&format!("/criteria/{SET}/matrix?year=2025&under=vn&from={}", units / 50 * 50)).await;
    last.is(200).has("đơn vị trước").lacks("đơn vị sau");
    stranger.get("/criteria/khong-co").await.is(404);
    let sets = stranger.get("/api/v1/criteria-sets").await.is(200).json();
    assert_eq!(sets["total"], 15);
    let one = stranger.get(&format!("/api/v1/criteria-sets/{SET}")).await.is(200).json();
    assert_eq!(one["criteria"].as_array().unwrap().len(), 19);
    stranger.get(&format!("/api/v1/assessments?set={SET}&year=2025")).await.is(200);
}

#[tokio::test]
async fn a_missing_threshold_is_entered_with_its_page_and_old_results_stay() {
    for house in houses().await {
        let admin = house.person("quantri", Role::Administrator, house.figures.places().atlas().nation().unwrap()).await;
        let officer = house.person("hoa", Role::Officer, house.commune).await;
        let reviewer = house.person("binh", Role::Reviewer, house.province).await;
        let card = house.card(SET, house.commune, 2025);
        officer.post(&card, &[("s.17.12", "0"), ("v.17.12", "60/100")]).await.is(303);
        reviewer.post(&format!("{card}/appraise"), &[("i", "17.12"), ("verdict", "accept")]).await.is(303);
        let figure = "kq_commune_2021_2025_17_12";
        assert_eq!(house.figure(figure, house.commune, 2025).await.value, None);
        let levels = format!("/criteria/{SET}/levels");
        let form = [("indicator", "17.12"), ("op", ">="), ("value", "50"), ("document", "318/QĐ-TTg"), ("page", "")];
        officer.upload(&levels, &form, None).await.is(403);
        admin.upload(&levels, &form, None).await.is(422).has("Ghi số trang");
        let form = [("indicator", "17.12"), ("op", ">="), ("value", "50"), ("document", "318/QĐ-TTg (08/03/2022)"), ("page", "21")];
        admin.upload(&levels, &form, Some(("trang.exe", b"MZ..."))).await.is(422).has("PDF hoặc ảnh");
        admin.upload(&levels, &form, None).await.is(303);
        admin.get(&format!("/criteria/{SET}")).await.has("trang 21");
        // What was found before stays as it was found, until somebody decides again.
        assert_eq!(house.figure(figure, house.commune, 2025).await.value, None);
        officer.get(&card).await.has("17.12 ≥ 50 (318").lacks("≥ 50%");
        officer.post(&card, &[("s.17.12", "2"), ("v.17.12", "61/100")]).await.is(303);
        reviewer.post(&format!("{card}/appraise"), &[("i", "17.12"), ("verdict", "accept")]).await.is(303);
        assert_eq!(house.figure(figure, house.commune, 2025).await.value, Some(Decimal::ONE));
        house.verifies().await;
    }
}

#[tokio::test]
async fn thresholds_by_region_year_and_mark_are_edited_in_the_browser() {
    for house in houses().await {
        let admin = house.person("tinh", Role::Administrator, house.province).await;
        let officer = house.person("hoa", Role::Officer, house.commune).await;
        let owner = house.province.to_string();
        let copy = [("from", SET), ("owner", owner.as_str()), ("code", "xa-so-bac-ninh"), ("title", "Xã số Bắc Ninh")];
        admin.post("/admin/criteria", &copy).await.is(303);
        let page = "/admin/criteria/xa-so-bac-ninh/thresholds/15.1";
        officer.get(page).await.is(403);
        admin.get(&format!("/admin/criteria/{SET}/thresholds/15.1")).await.is(403);
        admin.get("/admin/criteria/xa-so-bac-ninh/thresholds/99.9").await.is(404);
        admin.get("/admin/criteria/xa-so-bac-ninh").await.has(&format!("href=\"{page}\""));
        admin.get(page).await.is(200).has("Đồng bằng sông Hồng");
        officer.post(page, &[("t.0.value", "1")]).await.is(403);
        admin.post(page, &[("t.0.value", "rất nhiều")]).await.is(422).has("mức phải là số");
        let rows = |special: &'static str| {
            vec![
                ("t.0.op", ">="),
                ("t.0.value", "97"),
                ("t.1.op", ">="),
                ("t.1.value", special),
                ("t.1.flag", "hai_dao"),
                ("t.1.year", "2026"),
                ("t.1.clause", "khoản 2 Điều 1"),
            ]
        };
        // Less than the country asks of everybody is kept in the draft, said beside the row, and never published.
        assert_eq!(admin.post(page, &rows("60")).await.to(), format!("{page}?done=saved"));
        admin.get(page).await.has("thấp hơn yêu cầu chung");
        admin.post("/admin/criteria/xa-so-bac-ninh/publish", &[]).await.is(422).has("thấp hơn yêu cầu chung");
        admin.post(page, &rows("98,5")).await.is(303);
        let kept = admin.get(page).await;
        kept.is(200).lacks("thấp hơn yêu cầu chung").has("98,5").has("khoản 2 Điều 1");
        assert_eq!(kept.body.matches("<fieldset").count(), 4, "two kept, two to add");
        // An emptied row is dropped, the others stay as they were.
        admin.post(page, &[("t.0.op", ">="), ("t.0.value", "97"), ("t.1.value", "")]).await.is(303);
        let set = house.criteria.current().await.drafts["xa-so-bac-ninh"].set.clone();
        assert_eq!(set.indicator("15.1").unwrap().thresholds.len(), 1);
        house.verifies().await;
    }
}

#[tokio::test]
async fn who_saves_a_draft_second_is_told() {
    for house in houses().await {
        let first = house.person("tinh", Role::Administrator, house.province).await;
        let second = house.person("pho.tinh", Role::Administrator, house.province).await;
        let owner = house.province.to_string();
        let copy = [("from", SET), ("owner", owner.as_str()), ("code", "xa-so-bac-ninh"), ("title", "Xã số Bắc Ninh")];
        first.post("/admin/criteria", &copy).await.is(303);
        let draft = "/admin/criteria/xa-so-bac-ninh";
        let levels = format!("{draft}/thresholds/15.1");
        let seen = |page: &str| page.split_once("name=\"seen\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
        let looked = seen(&first.get(draft).await.body);
        assert_eq!(looked, seen(&second.get(&levels).await.body));
        house.at("2026-11-21T06:00:00Z");
        first.post(&levels, &[("seen", &looked), ("t.0.op", ">="), ("t.0.value", "97")]).await.is(303);
        // Neither the thresholds nor the draft as they were looked at before overwrite what was saved since.
        second
            .post(&levels, &[("seen", &looked), ("t.0.op", ">="), ("t.0.value", "96")])
            .await
            .is(409)
            .has("đã lưu bản thảo này sau khi bạn mở trang")
            .has("97");
        let over = second.post(draft, &[("seen", &looked), ("title", "Của người thứ hai")]).await;
        over.is(409).has("đã lưu bản thảo này sau khi bạn mở trang").has("Xã số Bắc Ninh").lacks("Của người thứ hai");
        // Having seen it, the second may go on.
        second.post(&levels, &[("seen", &seen(&over.body)), ("t.0.op", ">="), ("t.0.value", "98")]).await.is(303);
        let kept = house.criteria.current().await.drafts["xa-so-bac-ninh"].set.clone();
        assert_eq!(kept.title, "Xã số Bắc Ninh");
        assert_eq!(kept.indicator("15.1").unwrap().thresholds[0].value, Some(Decimal::from(98)));
        // Dropped meanwhile: there is nothing to save over.
        let old = seen(&second.get(&levels).await.body);
        first.post(&format!("{draft}/discard"), &[]).await.is(303);
        second.post(&levels, &[("seen", &old), ("t.0.value", "99")]).await.is(404);
        house.verifies().await;
    }
}

#[tokio::test]
async fn a_province_composes_edits_and_publishes_its_own_set() {
    for house in houses().await {
        let admin = house.person("tinh", Role::Administrator, house.province).await;
        let officer = house.person("hoa", Role::Officer, house.commune).await;
        let owner = house.province.to_string();
        let copy = [("from", SET), ("owner", owner.as_str()), ("code", "xa-so-bac-ninh"), ("title", "Xã số Bắc Ninh")];
        officer.post("/admin/criteria", &copy).await.is(403);
        let made = admin.post("/admin/criteria", &copy).await;
        assert_eq!(made.to(), "/admin/criteria/xa-so-bac-ninh", "{}", made.body);
        // The country's sets are not the province's to change.
        admin.post(&format!("/admin/criteria/{SET}"), &[("title", "Của tôi")]).await.is(403);
        // One criterion with two indicators is kept; a looser threshold than the floor is said.
        let edit = |value: &'static str| {
            vec![
                ("title", "Xã số Bắc Ninh"),
                ("document", "99/QĐ-UBND (01/02/2026)"),
                ("effective_from", "2026-03-01"),
                ("c.14.number", "15"),
                ("c.14.title", "Y tế"),
                ("i.14.0.code", "15.1"),
                ("i.14.0.title", "Tỷ lệ người dân tham gia bảo hiểm y tế"),
                ("i.14.0.kind", "percent"),
                ("i.14.0.unit", "%"),
                ("i.14.0.op", ">="),
                ("i.14.0.value", value),
            ]
        };
        let publish = "/admin/criteria/xa-so-bac-ninh/publish";
        admin.post("/admin/criteria/xa-so-bac-ninh", &edit("85")).await.is(303);
        admin.get("/admin/criteria/xa-so-bac-ninh").await.has("thấp hơn yêu cầu chung");
        admin.post(publish, &[]).await.is(422).has("thấp hơn yêu cầu chung");
        admin.post("/admin/criteria/xa-so-bac-ninh", &edit("97")).await.is(303);
        let published = admin.post(publish, &[]).await;
        assert_eq!(published.to(), "/criteria/xa-so-bac-ninh?done=published", "{}", published.body);
        // Scored at once, and its results are figures.
        let card = house.card("xa-so-bac-ninh", house.commune, 2026);
        officer.post(&card, &[("s.15.1", "0"), ("v.15.1", "98/100")]).await.is(303);
        let reviewer = house.person("binh", Role::Reviewer, house.province).await;
        reviewer.post(&format!("{card}/appraise"), &[("i", "15.1"), ("verdict", "accept")]).await.is(303);
        assert_eq!(house.figure("kq_xa_so_bac_ninh", house.commune, 2026).await.value, Some(Decimal::ONE));
        // A second version asks more; the first assessment stays with the first.
        admin.post("/admin/criteria/xa-so-bac-ninh", &edit("99")).await.is(303);
        admin.post(publish, &[]).await.is(303);
        officer.get(&card).await.has("≥ 97%").lacks("≥ 99%").has("phiên bản 1");
        assert_eq!(house.figure("kq_xa_so_bac_ninh", house.commune, 2026).await.value, Some(Decimal::ONE));
        officer.get(&house.card("xa-so-bac-ninh", house.neighbour, 2026)).await.has("≥ 99%").has("phiên bản 2");
        house.verifies().await;
    }
}

#[tokio::test]
async fn files_go_out_and_come_back_and_refusals_name_their_line() {
    let house = houses().await.remove(0);
    let admin = house.person("tinh", Role::Administrator, house.province).await;
    let owner = house.province.to_string();
    let form = [("import_owner", owner.as_str())];
    for (ext, code) in [("toml", "from-toml"), ("xlsx", "from-xlsx")] {
        let file = admin.get(&format!("/criteria/{SET}/export.{ext}")).await;
        file.is(200);
        // The code belongs to the country.
        admin.upload("/admin/criteria/import", &form, Some((&format!("bo.{ext}"), &file.bytes))).await.is(422).has("đã thuộc bộ tiêu chí của nơi khác");
        if ext == "toml" {
            let text = file.body.replace("code = \"commune-2021-2025\"", &format!("code = \"{code}\""));
            let answer = admin.upload("/admin/criteria/import", &form, Some(("bo.toml", text.as_bytes()))).await;
            assert_eq!(answer.to(), "/admin/criteria/from-toml", "{}", answer.body);
            let broken = text.replace("kind = \"percent\"", "kind = \"phan_tram\"");
            admin.upload("/admin/criteria/import", &form, Some(("bo.toml", broken.as_bytes()))).await.is(422).has("Dòng ");
            let unknown = text.replace("region = \"tay_nguyen\"", "region = \"mien_tay\"");
            admin.upload("/admin/criteria/import", &form, Some(("bo.toml", unknown.as_bytes()))).await.is(422).has("Không có vùng “mien_tay”").has("Dòng ");
        }
    }
    // What the workbook carries is the same set.
    let set = house.criteria.set(SET).unwrap();
    let bytes = criteria::source::write_xlsx(&set, jiff::civil::date(2026, 11, 21)).unwrap();
    let (again, _) = criteria::source::read_xlsx(&bytes).unwrap();
    let shape = |s: &criteria::model::Set| -> Vec<_> {
        let today = |i: &criteria::model::Indicator| i.thresholds.iter().filter(|t| t.to.is_none()).map(|t| (t.value, t.region.clone())).collect::<Vec<_>>();
        s.indicators().map(|i| (i.code.clone(), i.title.clone(), i.kind, today(i))).collect()
    };
    assert_eq!(shape(&again), shape(&set));
    for text in ["", "x", "[set]", "PK\u{3}\u{4}rubbish"] {
        admin.upload("/admin/criteria/import", &form, Some(("bo.toml", text.as_bytes()))).await.is(422);
    }
}
