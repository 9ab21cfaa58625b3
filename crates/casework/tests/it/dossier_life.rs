//! From the letter to the archive, in the four roles; two at once; giving back; closing; reports.

use super::document_signature::{Key, ROOT_PEM, signed_pdf};
use super::dossier_house::{House, Person, houses};

/// Opens a dossier from a letter; its path.
pub async fn opened(clerk: &Person<'_>, house: &House, code: &str, due: &str) -> String {
    let letter = clerk.letter(house.commune, &format!("{code}/UBND-KT"), "V/v rà soát hồ sơ vải thiều", "0").await;
    let document = letter.rsplit('/').next().unwrap();
    let form = [("code", "99.X"), ("title", ""), ("retention", "10 năm"), ("due", due), ("secrecy", "")];
    let refused = clerk.upload(&format!("/dossiers/{}/open?document={document}", house.commune), &form, &[]).await;
    refused.is(422).has("Tên hồ sơ");
    let form = [("code", code), ("title", "Rà soát vùng vải thiều"), ("retention", "10 năm"), ("due", due), ("secrecy", "")];
    clerk.upload(&format!("/dossiers/{}/open?document={document}", house.commune), &form, &[]).await.path()
}

pub async fn seen(person: &Person<'_>, path: &str) -> String {
    let page = person.get(path).await;
    let mark = "name=\"seen\" value=\"";
    page.body.find(mark).map(|at| page.body[at + mark.len()..].split('"').next().unwrap().to_owned()).unwrap_or_default()
}

/// Everything up to a closed dossier; with a digital signature or by hand.
pub async fn handled(house: &House, people: &(Person<'_>, Person<'_>, Person<'_>, Person<'_>), code: &str, digital: bool) -> String {
    let (clerk, officer, head, _) = people;
    let path = opened(clerk, house, code, "2026-12-01").await;
    let to = officer.id.to_string();
    head.post(&format!("{path}/assign"), &[("to", &to), ("seen", &seen(head, &path).await), ("note", "Làm gấp")]).await.is(303);
    let form = [
        ("kind", "bao_cao"),
        ("title", "Báo cáo rà soát vải thiều"),
        ("recipients", "UBND tỉnh"),
        ("urgency", "0"),
        ("text", "Dòng một\nDòng hai"),
        ("note", ""),
    ];
    let draft = officer.upload(&format!("{path}/drafts"), &form, &[]).await.path();
    let to = head.id.to_string();
    officer.upload(&format!("{draft}/submit"), &[("to", &to), ("note", "Kính trình")], &[]).await.is(303);
    if digital {
        head.upload(&format!("{draft}/sign"), &[], &[("files", "da ky.pdf", &signed_pdf("Bao cao", &Key::Signer))]).await.is(303);
    } else {
        head.upload(&format!("{draft}/by-hand"), &[("x", "1")], &[]).await.is(303);
    }
    clerk.upload(&format!("{draft}/issue"), &[("reserved", ""), ("part", "")], &[]).await.is(303);
    officer.post(&format!("{path}/close"), &[("seen", &seen(officer, &path).await)]).await.is(303);
    path
}

pub async fn trusts(house: &House, admin: &Person<'_>) {
    admin
        .upload(&format!("/dossiers/share/{}/define/trust", house.province), &[("basis", "QĐ 1/QĐ-BCY")], &[("certificate", "root.pem", ROOT_PEM)])
        .await
        .is(303);
}

#[tokio::test]
async fn from_the_letter_to_the_archive() {
    for house in houses().await {
        let people = house.people().await;
        let (clerk, officer, head, admin) = &people;
        trusts(&house, admin).await;
        let office = house.commune;
        clerk
            .post(
                &format!("/dossiers/{office}/list"),
                &[("year", "2026"), ("lines", "05.KT; Chuyển đổi số nông thôn; 20 năm; Đức; Kinh tế\n06.KT\tOCOP\tVĩnh viễn")],
            )
            .await
            .is(303);
        clerk.get(&format!("/dossiers/list?office={office}")).await.has("05.KT").has("20 năm").has("Vĩnh viễn");
        clerk.post(&format!("/dossiers/{office}/list"), &[("lines", "07; Tên; lâu dài")]).await.is(422).has("Thời hạn bảo quản ghi");
        officer.post(&format!("/dossiers/{office}/list"), &[("lines", "08; Tên")]).await.is(403);

        let path = opened(clerk, &house, "05.KT", "2026-12-01").await;
        clerk.get(&path).await.has("chờ giao việc").has("tiếp nhận, vào sổ");
        // An officer cannot take what the head has not given; the head gives it.
        let to = officer.id.to_string();
        officer.post(&format!("{path}/assign"), &[("to", &to)]).await.is(403);
        head.post(&format!("{path}/assign"), &[("to", &head.house.province.to_string())]).await.is(422).has("không làm việc ở cơ quan");
        let at = seen(head, &path).await;
        head.post(&format!("{path}/assign"), &[("to", &to), ("seen", &at)]).await.is(303);
        // Two act on the same picture: the second is told who was faster.
        head.post(&format!("{path}/assign"), &[("to", &to), ("seen", &at)]).await.is(409).has("Cô chutich đã làm bước");
        officer.get("/dossiers").await.has("Việc của tôi").has("05.KT");

        let form = [
            ("kind", "bao_cao"),
            ("title", "Báo cáo kết quả"),
            ("recipients", "UBND tỉnh"),
            ("urgency", "0"),
            ("text", "Đã số hóa 12 vườn.\nKinh phí 5 triệu."),
            ("note", ""),
        ];
        let draft = officer.upload(&format!("{path}/drafts"), &form, &[]).await.path();
        officer.post(&format!("{path}/close"), &[]).await.is(409).has("chưa phát hành");
        let mut next = form.to_vec();
        next[4].1 = "Đã số hóa 15 vườn.\nKinh phí 5 triệu.";
        next.push(("seen", "1"));
        officer.upload(&format!("{draft}/write"), &next, &[]).await.is(303);
        officer.upload(&format!("{draft}/write"), &next, &[]).await.is(409).has("đã lưu bản 2").has("Đã số hóa 15 vườn");
        officer.get(&draft).await.has("<ins>Đã số hóa 15 vườn.</ins>").has("<del>Đã số hóa 12 vườn.</del>");
        clerk.upload(&format!("{draft}/opinion"), &[("word", "Nên thêm số hộ")], &[]).await.is(303);
        officer.upload(&format!("{draft}/submit"), &[("to", &officer.id.to_string())], &[]).await.is(422);
        let to_head = head.id.to_string();
        officer.upload(&format!("{draft}/submit"), &[("to", &to_head)], &[]).await.is(303);
        head.get("/dossiers").await.has("chờ ký");
        officer.upload(&format!("{draft}/sign"), &[], &[("files", "a.pdf", &signed_pdf("x", &Key::Signer))]).await.is(403);
        head.upload(&format!("{draft}/return"), &[("reason", "Thêm số hộ dân")], &[]).await.is(303);
        officer.get(&draft).await.has("Thêm số hộ dân").has("đang soạn");
        let mut third = next.clone();
        third[6].1 = "2";
        officer.upload(&format!("{draft}/write"), &third, &[]).await.is(303);
        officer.upload(&format!("{draft}/submit"), &[("to", &to_head)], &[]).await.is(303);
        // Forged, changed, strange and unsigned files are refused, each with its sentence; nothing moves.
        let sign = format!("{draft}/sign");
        let mut changed = signed_pdf("Tong 100", &Key::Signer);
        let at = changed.windows(8).position(|w| w == b"Tong 100").unwrap();
        changed[at + 5] = b'9';
        for (file, sentence) in [
            (signed_pdf("x", &Key::Forger), "Chữ ký số không đúng"),
            (changed, "bị sửa sau khi ký"),
            (signed_pdf("x", &Key::Stranger), "không thuộc danh sách tin cậy"),
            (signed_pdf("x", &Key::Old), "không còn hiệu lực"),
            (b"%PDF-1.7\n".to_vec(), "không phải PDF đọc được"),
        ] {
            head.upload(&sign, &[], &[("files", "ky.pdf", &file)]).await.is(422).has(sentence);
        }
        head.upload(&sign, &[], &[]).await.is(422).has("Chưa chọn tệp");
        head.get(&draft).await.has("chờ ký");
        head.upload(&sign, &[], &[("files", "bao cao da ky.pdf", &signed_pdf("x", &Key::Signer))]).await.is(303);
        head.get(&draft).await.has("ký số: Ngô Văn Thắng").has("chứng thư tin cậy");
        officer.upload(&format!("{draft}/issue"), &[("reserved", "")], &[]).await.is(403);
        clerk.get("/dossiers").await.has("Đã ký, chờ cấp số");
        clerk.upload(&format!("{draft}/issue"), &[("reserved", "")], &[]).await.is(303);
        clerk.upload(&format!("{draft}/issue"), &[("reserved", "")], &[]).await.is(409);
        clerk.get(&draft).await.has("đã phát hành");
        let page = officer.get(&path).await;
        page.has("01/BC-UBND").has("đủ các bước trên mạng");
        officer.post(&format!("{path}/close"), &[("seen", &seen(officer, &path).await)]).await.is(303);
        officer.post(&format!("{path}/opinion"), &[("text", "muộn rồi")]).await.is(409).has("đã kết thúc");
        let id = path.rsplit('/').next().unwrap();
        officer.post(&format!("/dossiers/{office}/archive"), &[("dossier", id)]).await.is(403);
        clerk.post(&format!("/dossiers/{office}/archive"), &[("dossier", id), ("basis", "BB 01")]).await.is(303);
        clerk.post(&format!("/dossiers/{office}/archive"), &[("dossier", id)]).await.is(409).has("chưa kết thúc hoặc đã nộp");
        for format in ["docx", "xlsx"] {
            let file = clerk.get(&format!("{path}/contents?format={format}")).await;
            assert!(file.bytes.starts_with(b"PK"), "{format}");
        }
        clerk.get(&format!("/dossiers/file?office={office}&state=archived&format=docx")).await.is(200);
        for event in ["mở hồ sơ", "giao việc", "trình ký", "trả lại", "cấp số, phát hành", "nộp lưu trữ"] {
            clerk.get(&path).await.has(event);
        }
        let found = house.work.recount_dossiers().await.unwrap();
        assert_eq!((found.dossiers, found.shares, found.differences), (1, 1, vec![]));
    }
}

#[tokio::test]
async fn reports_balance_and_say_who_is_late() {
    for house in houses().await {
        let people = house.people().await;
        let (clerk, officer, head, _) = &people;
        let office = house.commune;
        let late = opened(clerk, &house, "01", "2026-11-25").await;
        let to = officer.id.to_string();
        head.post(&format!("{late}/assign"), &[("to", &to)]).await.is(303);
        opened(clerk, &house, "02", "").await;
        let done = handled(&house, &people, "03", false).await;
        house.move_clock("2026-12-02T02:00:00Z");
        let closed_late = opened(clerk, &house, "04", "2026-12-01").await;
        head.post(&format!("{closed_late}/close"), &[]).await.is(303);
        head.get(&format!("/dossiers/reports?office={office}&from=2026-12-01&to=2026-12-31"))
            .await
            .has("1</span> hồ sơ đang trễ hạn")
            .has("Cô chuyenvien")
            .has("đang xử lý")
            .has("trễ 7 ngày")
            .has("không đặt hạn")
            .has("chưa giao");
        for format in ["xlsx", "docx"] {
            let file = head.get(&format!("/dossiers/reports?office={office}&format={format}")).await;
            assert!(file.bytes.starts_with(b"PK"), "{format}");
        }
        let here = house.work.office(&house.system(), office).await.unwrap();
        let items = house.work.open_items(&house.system(), &here).await.unwrap();
        assert_eq!(items.iter().map(|i| i.left).collect::<Vec<_>>(), [Some(-7), None]);
        let loads = casework::dossier::loads(&items);
        assert_eq!(loads.iter().map(|l| (l.holder.as_str(), l.open, l.late, l.longest)).collect::<Vec<_>>(), [("Cô chuyenvien", 1, 1, 7), ("", 1, 0, 0)]);
        let o = house.work.office(&house.system(), office).await.unwrap();
        let system = house.system();
        for (from, to, carried, received, in_time, closed_late, open, open_late) in
            [("2026-11-01", "2026-11-30", 0, 3, 1, 0, 1, 1), ("2026-12-01", "2026-12-31", 2, 1, 0, 1, 1, 1), ("2027-01-01", "2027-01-31", 2, 0, 0, 0, 1, 1)]
        {
            let b = house.work.balance(&system, &o, from.parse().unwrap(), to.parse().unwrap()).await;
            // The system works in no office; a person of it does.
            let b = match b {
                Ok(b) => b,
                Err(e) => panic!("{e}"),
            };
            assert_eq!(
                (b.carried, b.received, b.closed_in_time, b.closed_late, b.open, b.open_late),
                (carried, received, in_time, closed_late, open, open_late),
                "{from}"
            );
            assert!(b.balances());
        }
        head.post(&format!("{done}/reopen"), &[("reason", "")]).await.is(422).has("Chưa ghi lý do");
        officer.post(&format!("{done}/reopen"), &[("reason", "thêm tài liệu")]).await.is(403);
        head.post(&format!("{done}/reopen"), &[("reason", "thêm tài liệu")]).await.is(303);
        head.get(&done).await.has("chờ giao việc");
        // Many at once to one colleague.
        let ids: Vec<String> = [&late, &done].iter().map(|p| p.rsplit('/').next().unwrap().to_owned()).collect();
        head.post(&format!("/dossiers/{office}/assign"), &[("dossier", &ids[0]), ("dossier", &ids[1]), ("to", &to)]).await.is(303);
        officer.get("/dossiers").await.has("01").has("03");
    }
}

#[tokio::test]
async fn a_file_of_two_hundred_megabytes_is_kept_in_parts_and_a_larger_one_is_refused() {
    let house = houses().await.remove(0);
    let people = house.people().await;
    let path = opened(&people.0, &house, "01", "").await;
    let mut big = b"%PDF-1.7\n".to_vec();
    big.resize(200_000_000, b' ');
    people.1.upload(&format!("{path}/files"), &[], &[("files", "ban do.pdf", &big)]).await.is(303);
    assert_eq!(house.number("SELECT count(*) FROM file_part").await, 191);
    let page = people.1.get(&path).await;
    page.has("ban do.pdf").has("200,0 MB");
    let at = page.body.find("/registers/").map(|_| page.body.rfind("/files/").unwrap()).unwrap();
    let start = page.body[..at].rfind('"').unwrap() + 1;
    let href = page.body[start..].split('"').next().unwrap().to_owned();
    let back = people.1.get(&href).await;
    assert_eq!(back.bytes.len(), big.len());
    // The same bytes again take no more room.
    people.1.upload(&format!("{path}/files"), &[], &[("files", "ban do 2.pdf", &big)]).await.is(303);
    assert_eq!(house.number("SELECT count(*) FROM file_part").await, 191);
    big.resize(211_000_000, b' ');
    people.1.upload(&format!("{path}/files"), &[], &[("files", "qua to.pdf", &big)]).await.is(413).has("tối đa 210 MB");
}
