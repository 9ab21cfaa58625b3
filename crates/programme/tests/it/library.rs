//! The library: found with and without tones, kept by those who keep it.

use crate::house::houses;
use access::Role;

#[tokio::test]
async fn documents_are_found_by_number_and_words_the_same_on_both_engines() {
    for house in houses().await {
        let nobody = house.stranger();
        let found = async |q: &str| {
            let answer = nobody.page(&format!("/api/v1/documents?q={}", ui::percent_encode(q))).await.json();
            answer["items"].as_array().unwrap().iter().map(|d| d["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(found("924").await.first().map(String::as_str), Some("924-QD-TTg"), "{}", house.db.label());
        assert_eq!(found("252/KH").await, ["252-KH-UBND-Thanh-Hoa"]);
        assert_eq!(found("252/kh-ubnd").await, ["252-KH-UBND-Thanh-Hoa"]);
        assert!(found("Thanh Hoá").await.contains(&"252-KH-UBND-Thanh-Hoa".to_owned()));
        assert!(found("thanh hoa").await.contains(&"252-KH-UBND-Thanh-Hoa".to_owned()));
        assert!(!found("Thạnh Hoá").await.contains(&"252-KH-UBND-Thanh-Hoa".to_owned()));
        // Words of the text, not only of the title; a tone that was typed counts.
        assert!(found("tám nhiệm vụ").await.contains(&"924-QD-TTg".to_owned()));
        assert!(found("tam nhiem vu").await.contains(&"924-QD-TTg".to_owned()));
        assert!(found("tạm nhiệm vụ").await.is_empty());
        assert!(found("%").await.is_empty() && found("_").await.is_empty());
        let page = nobody.page("/documents/924-QD-TTg").await;
        assert!(page.body.contains("hết hiệu lực từ 01/01/2026"));
        assert!(page.body.contains("/plans/924/targets/G2") && page.body.contains("Là căn cứ của"));
        assert!(nobody.page("/documents?q=252%2FKH").await.body.contains("252/KH-UBND"));
        assert_eq!(nobody.get("/documents/khong-co").await.status, 404);
    }
}

#[tokio::test]
async fn a_document_is_added_changed_and_given_a_file() {
    for house in houses().await {
        let keeper = house.person("luutru", Role::Administrator, "p:old:38").await;
        let form = [
            ("code", "99-KH-UBND"),
            ("number", "99/KH-UBND"),
            ("title", "Kế hoạch đường truyền số"),
            ("kind", "plan"),
            ("issuer", "UBND tỉnh Thanh Hóa"),
            ("unit", "p:old:38"),
            ("issued", "30/6/2026"),
            ("valid_from", "2026-07-01"),
            ("based_on", "257-2025-QH15"),
            ("text", "Điều 1. Phủ sóng thôn Đường Láng."),
        ];
        assert_eq!(house.stranger().post("/documents", &form).await.status, 401);
        let central = [&form[..5], &[("unit", ""), ("issued", "")]].concat();
        assert_eq!(keeper.post("/documents", &central).await.status, 403, "the centre's library is kept by the centre");
        let made = keeper.post("/documents", &form).await;
        assert_eq!(made.status, 303, "{}", made.body);
        assert_eq!(keeper.post("/documents", &form).await.status, 409);
        let find = async |q: &str| house.stranger().page(&format!("/api/v1/documents?q={}", ui::percent_encode(q))).await.json()["total"].as_u64().unwrap();
        assert_eq!((find("duong lang").await, find("đường láng").await, find("dương láng").await), (1, 1, 0), "{}", house.db.label());
        // Another program that shares the database sees it too.
        let other = programme::Programme::open(house.programme.figures().clone()).await.unwrap();
        assert!(other.register().document("99-KH-UBND").is_some());
        let wrong = keeper
            .post("/documents/99-KH-UBND/edit", &[("number", "99/KH-UBND"), ("title", "x"), ("issuer", "y"), ("unit", "p:old:38"), ("issued", "hôm qua")])
            .await;
        assert!(wrong.status == 422 && wrong.body.contains("Ngày ban hành chưa đúng"), "{}", wrong.body);
        let path = "/documents/99-KH-UBND/files";
        assert_eq!(keeper.upload(path, &[], ("a.exe", b"MZ...")).await.status, 422);
        assert_eq!(keeper.upload(path, &[], ("../ke hoach.pdf", b"%PDF-1.7 x")).await.status, 303);
        let page = house.stranger().page("/documents/99-KH-UBND").await.body;
        let href = page.split("href=\"/documents/99-KH-UBND/files/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let file = house.stranger().page(&format!("/documents/99-KH-UBND/files/{href}")).await;
        assert_eq!(file.bytes, b"%PDF-1.7 x");
        assert!(file.headers["content-disposition"].to_str().unwrap().contains("ke%20hoach.pdf"));
        assert_eq!(house.stranger().get("/documents/99-KH-UBND/files/x").await.status, 404);
        let acts = house.acts().await;
        assert!(acts.contains(&"document.save".to_owned()) && acts.contains(&"document.file".to_owned()));
    }
}

/// What stands in an uploaded file is found with and without tones; pictures and broken files say that they are not.
#[tokio::test]
async fn the_words_of_uploaded_files_are_found() {
    for house in houses().await {
        let keeper = house.person("luutru", Role::Administrator, "nation").await;
        let report = print::Report {
            title: "QUYẾT ĐỊNH".into(),
            blocks: vec![print::Block::Paragraph("Điều 3. Giao xã Phúc Hòa trồng thử vải thiều không hạt.".into())],
            ..Default::default()
        };
        let path = "/documents/924-QD-TTg/files";
        assert_eq!(keeper.upload(path, &[], ("toan van.docx", &print::to_docx(&report).unwrap())).await.status, 303);
        assert_eq!(keeper.upload(path, &[], ("hong.pdf", b"%PDF-1.7 x")).await.status, 303);
        let refused = keeper.upload(path, &[], ("virus.docx", b"MZ")).await;
        assert!(refused.status == 422 && refused.body.contains("Không nhận được tệp"), "{}", refused.body);
        let found = async |q: &str| {
            let answer = house.stranger().page(&format!("/api/v1/documents?q={}", ui::percent_encode(q))).await.json();
            answer["items"].as_array().unwrap().iter().map(|d| d["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert!(found("vải thiều").await.is_empty());
        assert!(keeper.page("/documents/924-QD-TTg").await.body.contains("đang đọc chữ bên trong"));
        assert_eq!(house.programme.read_documents().await.unwrap(), 2, "{}", house.db.label());
        assert_eq!(house.programme.read_documents().await.unwrap(), 0);
        for query in ["vải thiều", "vai thieu", "phuc hoa vai", "Phúc Hoà 924"] {
            assert_eq!(found(query).await, ["924-QD-TTg"], "{query}");
        }
        assert!(found("vái thiều").await.is_empty());
        let page = house.stranger().page("/documents/924-QD-TTg").await.body;
        assert!(page.contains("tìm được theo chữ bên trong") && page.contains("không đọc được chữ bên trong"), "{page}");
    }
}
