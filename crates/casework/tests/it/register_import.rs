//! Registers from the workbook of another system: judged first, marked, written once; hostile files refused.

use super::dossier_house::houses;
use print::{Book, Cell, Column, Kind, Language, Table};

fn workbook(rows: &[[&str; 6]]) -> Vec<u8> {
    let titles = ["Số đến", "Ngày đến", "Tác giả", "Số, ký hiệu", "Ngày, tháng, năm", "Tên loại và trích yếu nội dung văn bản"];
    let table = Table {
        title: "Sổ đến".into(),
        subtitle: "Năm 2026".into(),
        columns: titles.iter().map(|t| Column::new(*t, Kind::Text)).collect(),
        rows: rows.iter().map(|r| r.iter().map(|c| if c.is_empty() { Cell::Empty } else { Cell::from(*c) }).collect()).collect(),
        notes: vec![],
    };
    print::to_xlsx(&Book { language: Language::Vi, made: "2026-11-23".parse().unwrap(), sheets: vec![table], about: vec![], definitions: None }).unwrap()
}

#[tokio::test]
async fn rows_are_judged_first_and_bad_ones_come_back_marked() {
    for house in houses().await {
        let (clerk, officer, ..) = house.people().await;
        let office = house.commune;
        let file = workbook(&[
            ["1", "05/01/2026", "Sở Tài chính", "12/STC", "03/01/2026", "Báo cáo thu chi ngân sách"],
            ["2", "06/01/2026", "Sở Y tế", "15/KH-SYT", "05/01/2026", "Kế hoạch tiêm chủng"],
            ["2", "07/01/2026", "Sở Y tế", "16/SYT", "06/01/2026", "Trùng số đến"],
            ["5", "40/13/2026", "Sở Nội vụ", "9/SNV", "hôm qua", "Ngày sai"],
            ["6", "08/01/2026", "Công an tỉnh", "3/CAT", "08/01/2026", "Phương án (MẬT)"],
            ["7", "09/01/2026", "Sở Xây dựng", "44/QĐ-SXD", "08/01/2026", "Quyết định phê duyệt quy hoạch"],
        ]);
        let base = format!("/registers/{office}/import");
        officer.upload(&base, &[("book", "in"), ("system", "iOffice")], &[("files", "so.xlsx", &file)]).await.is(403);
        let answer = clerk.upload(&base, &[("book", "in"), ("system", "iOffice")], &[("files", "so.xlsx", &file)]).await;
        let path = answer.path();
        let page = clerk.get(answer.to()).await;
        page.has("3</span> dòng vào sổ được").has("đã có ở dòng").has("Không đọc được ngày văn bản").has("1 dòng mật bị loại").lacks("Phương án");
        assert_eq!(house.number("SELECT count(*) FROM office_document").await, 0);
        let marked = clerk.get(&format!("{path}/marked?book=in")).await;
        assert!(marked.bytes.starts_with(b"PK"));
        clerk.post(&path, &[("book", "in"), ("system", "")]).await.is(422).has("Chưa ghi tên hệ thống");
        clerk.post(&path, &[("book", "in"), ("system", "VNPT iOffice")]).await.is(303);
        clerk.post(&path, &[("book", "in"), ("system", "VNPT iOffice")]).await.is(303);
        assert_eq!(house.number("SELECT count(*) FROM office_document").await, 3);
        let o = house.work.office(&house.system(), office).await.unwrap();
        assert_eq!(house.work.gaps(&o, 2026).await.unwrap(), vec![]);
        // Numbers that no row had stand among the reserved ones, to be explained; the next letter goes on behind.
        clerk.get(&format!("/registers/numbers?office={office}")).await.has("không có trong tệp");
        let letter = clerk.letter(office, "1/X", "Văn bản mới", "0").await;
        clerk.get(&letter).await.has("8 (23/11/2026)").has("trên hệ thống này");
        let list = clerk.get(&format!("/registers?office={office}&from=2026-01-01&to=2026-12-31")).await;
        list.has("Kế hoạch tiêm chủng").has("Quyết định");
        clerk.get(&format!("/dossiers/search?office={office}&q=tiem%20chung")).await.has("15/KH-SYT");
    }
}

#[tokio::test]
async fn hostile_and_strange_files_are_refused() {
    let house = houses().await.remove(0);
    let (clerk, ..) = house.people().await;
    let base = format!("/registers/{}/import", house.commune);
    let send = async |name: &str, bytes: &[u8]| clerk.upload(&base, &[("book", "in"), ("system", "x")], &[("files", name, bytes)]).await;
    send("so.xlsx", b"not a workbook").await.is(422);
    send("so.xlsx", b"PK\x03\x04broken").await.is(422);
    send("so.docx", &print::to_docx(&print::Report::default()).unwrap()).await.is(422);
    let no_heads = print::to_xlsx(&Book {
        language: Language::Vi,
        made: "2026-11-23".parse().unwrap(),
        sheets: vec![Table { title: "A".into(), columns: vec![Column::new("Tên", Kind::Text)], ..Table::default() }],
        about: vec![],
        definitions: None,
    })
    .unwrap();
    send("so.xlsx", &no_heads).await.is(422).has("Không thấy dòng tiêu đề");
    clerk.upload(&base, &[("book", "in")], &[]).await.is(422).has("Chưa chọn tệp");
    assert_eq!(house.number("SELECT count(*) FROM office_document_file").await, 0);
}
