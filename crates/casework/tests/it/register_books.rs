//! Numbers without gaps or doubles, the same-day rule, secrets, sending between offices.

use super::dossier_house::houses;
use access::Role;
use std::sync::Arc;

#[tokio::test]
async fn numbers_have_no_gaps_and_no_doubles_with_two_writers() {
    for house in houses().await {
        let house = Arc::new(house);
        house.post("vanthu", house.commune, "van-phong", "Văn thư").await;
        house.post("vanthu2", house.commune, "van-phong", "Văn thư").await;
        let mut writers = tokio::task::JoinSet::new();
        for login in ["vanthu", "vanthu2"] {
            let house = Arc::clone(&house);
            writers.spawn(async move {
                let system = house.system();
                let id = house.access.find_account(&system, login).await.unwrap().unwrap().id;
                let person = super::dossier_house::Person { house: &house, id, session: None, token: None };
                for n in 0..12 {
                    if n % 4 == 3 {
                        // Refused in the middle: leaves no gap.
                        let form = [("kind", "bao_cao"), ("title", "Báo cáo (MẬT)"), ("urgency", "0")];
                        person.upload(&format!("/registers/{}/issue", house.commune), &form, &[]).await.is(422);
                        let files: &[(&str, &str, &[u8])] = &[("files", "a.exe", b"MZ")];
                        let form = [("kind", "bao_cao"), ("title", "Báo cáo có tệp lạ"), ("urgency", "0")];
                        person.upload(&format!("/registers/{}/issue", house.commune), &form, files).await.is(422).has("chỉ nhận PDF");
                    } else {
                        let title = format!("Báo cáo {login} {n}");
                        let form = [("kind", "bao_cao"), ("title", title.as_str()), ("urgency", "0")];
                        person.upload(&format!("/registers/{}/issue", house.commune), &form, &[]).await.is(303);
                    }
                }
            });
        }
        while let Some(done) = writers.join_next().await {
            done.unwrap();
        }
        let office = house.work.office(&house.system(), house.commune).await.unwrap();
        assert_eq!(house.work.gaps(&office, 2026).await.unwrap(), vec![]);
        assert_eq!(house.number("SELECT count(DISTINCT symbol) FROM office_document").await, 18);
        assert_eq!(house.number("SELECT max(number) FROM office_document").await, 18);
        assert_eq!(house.number("SELECT last FROM series WHERE direction = 1").await, 18);
    }
}

#[tokio::test]
async fn reserved_numbers_are_used_or_void_with_the_reason() {
    for house in houses().await {
        let (clerk, officer, ..) = house.people().await;
        let office = house.commune;
        clerk.post(&format!("/registers/{office}/reserve"), &[("kind", "bao_cao"), ("count", "2"), ("reason", "Họp khẩn cuối ngày")]).await.is(303);
        officer.post(&format!("/registers/{office}/reserve"), &[("kind", "bao_cao"), ("count", "1"), ("reason", "thử")]).await.is(403);
        let form = [("kind", "bao_cao"), ("title", "Báo cáo họp"), ("urgency", "0"), ("reserved", "2")];
        let page = clerk.upload(&format!("/registers/{office}/issue"), &form, &[]).await.path();
        clerk.get(&page).await.has("02/BC-UBND");
        clerk.upload(&format!("/registers/{office}/issue"), &form, &[]).await.is(404).has("không phải số đang giữ");
        let void = [("year", "2026"), ("series", "bao_cao"), ("number", "1"), ("reason", "")];
        clerk.post(&format!("/registers/{office}/void"), &void).await.is(422).has("Chưa ghi lý do");
        clerk
            .post(&format!("/registers/{office}/void"), &[("year", "2026"), ("series", "bao_cao"), ("number", "1"), ("reason", "Không họp nữa")])
            .await
            .is(303);
        clerk.get(&format!("/registers/numbers?office={office}")).await.has("đã hủy").has("Không họp nữa");
        // The next one follows; the void number is never given again.
        let form = [("kind", "bao_cao"), ("title", "Báo cáo quý"), ("urgency", "0")];
        let page = clerk.upload(&format!("/registers/{office}/issue"), &form, &[]).await.path();
        clerk.get(&page).await.has("03/BC-UBND");
        let o = house.work.office(&house.system(), office).await.unwrap();
        assert_eq!(house.work.gaps(&o, 2026).await.unwrap(), vec![]);
        // A new year begins at 01.
        house.move_clock("2027-01-04T02:00:00Z");
        let page = clerk.upload(&format!("/registers/{office}/issue"), &form, &[]).await.path();
        clerk.get(&page).await.has("01/BC-UBND");
        // One series for all kinds, letters with the part that drafted them.
        clerk.post(&format!("/registers/{office}/book"), &[("symbol", "UBND"), ("shared", "1")]).await.is(303);
        let letter = [("kind", "cong_van"), ("title", "V/v rà soát"), ("urgency", "0"), ("part", "KT")];
        let page = clerk.upload(&format!("/registers/{office}/issue"), &letter, &[]).await.path();
        clerk.get(&page).await.has("01/UBND-KT");
    }
}

#[tokio::test]
async fn incoming_documents_follow_the_same_day_rule() {
    for house in houses().await {
        let (clerk, ..) = house.people().await;
        let office = house.commune;
        let normal = clerk.letter(office, "12/UBND-KT", "V/v báo cáo chuyển đổi số", "0").await;
        let express = clerk.letter(office, "01/CĐ-UBND", "Ứng phó bão số 9", "3").await;
        clerk.get(&normal).await.has("chậm nhất").has("24/11/2026").lacks("quá hạn chuyển");
        clerk.get(&express).await.has("Hỏa tốc").has("23/11/2026");
        // The next day the express one is late, two days later the other as well.
        house.move_clock("2026-11-24T02:00:00Z");
        clerk.get(&express).await.has("quá hạn chuyển");
        clerk.get(&normal).await.lacks("quá hạn chuyển");
        house.move_clock("2026-11-25T02:00:00Z");
        clerk.get(&normal).await.has("quá hạn chuyển");
        clerk.post(&format!("{normal}/hand-on"), &[("to", "Phòng Kinh tế")]).await.is(303);
        clerk.post(&format!("{normal}/hand-on"), &[("to", "Phòng khác")]).await.is(409);
        clerk.get(&format!("/registers?office={office}&from=2026-11-01&to=2026-11-30")).await.is(200).has("đã chuyển: Phòng Kinh tế").has("quá hạn chuyển");
        // The same symbol from the same sender is asked about.
        let form =
            [("party", "UBND tỉnh Bắc Ninh"), ("symbol", "12/UBND-KT"), ("dated", "2026-11-20"), ("kind", "cong_van"), ("title", "x y z"), ("urgency", "0")];
        clerk.upload(&format!("/registers/{office}/register"), &form, &[]).await.is(409).has("đã vào sổ với số đến 1").has("x y z");
        let mut again = form.to_vec();
        again.push(("twin", "1"));
        clerk.upload(&format!("/registers/{office}/register"), &again, &[]).await.is(303);
        let sheet = clerk.get(&format!("/registers/file?office={office}&format=xlsx&from=2026-01-01&to=2026-12-31")).await;
        assert!(sheet.bytes.starts_with(b"PK"));
        clerk.get(&format!("/registers/file?office={office}&format=docx")).await.is(200);
    }
}

#[tokio::test]
async fn state_secrets_are_refused_and_nothing_is_kept() {
    for house in houses().await {
        let (clerk, officer, ..) = house.people().await;
        let office = house.commune;
        let mut form = vec![
            ("party", "Công an tỉnh"),
            ("symbol", "1/A"),
            ("dated", "2026-11-20"),
            ("kind", "cong_van"),
            ("title", "Việc thường"),
            ("urgency", "0"),
            ("secrecy", "mat"),
        ];
        clerk.upload(&format!("/registers/{office}/register"), &form, &[]).await.is(422).has("không được đưa lên mạng này");
        form[6].1 = "";
        form[4].1 = "Kế hoạch tuyệt mật";
        clerk.upload(&format!("/registers/{office}/register"), &form, &[]).await.is(422).has("không được đưa lên mạng này");
        officer.upload(&format!("/dossiers/{office}/open"), &[("code", "01"), ("title", "Hồ sơ"), ("secrecy", "toi_mat")], &[]).await.is(422);
        assert_eq!(house.number("SELECT count(*) FROM office_document").await, 0);
        assert_eq!(house.number("SELECT count(*) FROM dossier").await, 0);
        assert_eq!(house.number("SELECT count(*) FROM audit WHERE detail LIKE '%tuyệt mật%'").await, 0);
    }
}

#[tokio::test]
async fn what_is_sent_arrives_at_once_and_the_receipt_comes_back() {
    for house in houses().await {
        let (clerk, ..) = house.people().await;
        let other = house.post("vanthu.ban", house.neighbour, "van-phong", "Văn thư").await;
        let far = house.post("vanthu.xa", house.abroad, "van-phong", "Văn thư").await;
        let report = print::to_docx(&print::Report { title: "BÁO CÁO".into(), summary: "lúa vụ đông".into(), ..Default::default() }).unwrap();
        let form = [("kind", "bao_cao"), ("title", "Báo cáo phối hợp"), ("urgency", "1"), ("party", "Các xã"), ("signer", "Chủ tịch")];
        let page = clerk.upload(&format!("/registers/{}/issue", house.commune), &form, &[("files", "bao cao.docx", &report)]).await.path();
        let (neighbour, abroad) = (house.neighbour.to_string(), house.abroad.to_string());
        other.post(&format!("{page}/send"), &[("to", &neighbour)]).await.is(404);
        clerk.post(&format!("{page}/send"), &[]).await.is(422);
        clerk.post(&format!("{page}/send"), &[("to", &neighbour), ("to", &abroad)]).await.is(303);
        clerk.get(&page).await.has("chờ vào sổ");
        for (who, office) in [(&other, house.neighbour), (&far, house.abroad)] {
            let arrivals = who.get(&format!("/registers?office={office}")).await;
            arrivals.has("Báo cáo phối hợp").has("01/BC-UBND");
            let mark = "name=\"delivery\" value=\"";
            let at = arrivals.body.find(mark).unwrap() + mark.len();
            let delivery = &arrivals.body[at..at + 36];
            clerk.post(&format!("/registers/{office}/accept"), &[("delivery", delivery)]).await.is(404);
            let page = who.post(&format!("/registers/{office}/accept"), &[("delivery", delivery)]).await.path();
            who.post(&format!("/registers/{office}/accept"), &[("delivery", delivery)]).await.is(404);
            let document = who.get(&page).await;
            document.has("UBND xã Phúc Hòa").has("bao cao.docx").has("Số đến");
            // The file came along and can be opened there, and only there.
            let at = document.body.find(&format!("/registers/{office}/files/")).unwrap();
            let href = document.body[at..].split('"').next().unwrap().to_owned();
            let file = who.get(&href).await;
            assert_eq!(file.bytes, report);
            clerk.get(&href).await.is(404);
        }
        clerk.get(&page).await.has("đã nhận Cô vanthu.ban").has("đã nhận Cô vanthu.xa");
        // Found by number, words of the title and words inside of the file, with and without tones.
        let find = async |q: &str| clerk.get(&format!("/dossiers/search?office={}&q={}", house.commune, ui::percent_encode(q))).await;
        for q in ["01/BC-UBND", "phối hợp", "phoi hop", "lua vu dong", "lúa"] {
            find(q).await.has("Báo cáo phối hợp");
        }
        find("lụa").await.lacks("Báo cáo phối hợp");
        let stranger = house.post("vanthu.khac", house.province, "so-nnmt", "Văn thư").await;
        let so = access::organisation_id(house.province, "so-nnmt");
        stranger.get(&format!("/dossiers/search?office={so}&q=phoi")).await.is(200).lacks("Báo cáo phối hợp");
        stranger.get(&format!("/dossiers/search?office={}&q=phoi", house.commune)).await.is(404);
    }
}

#[tokio::test]
async fn a_role_above_opens_no_register_below() {
    for house in houses().await {
        let (clerk, ..) = house.people().await;
        let page = clerk.letter(house.commune, "12/UBND", "V/v nội bộ", "0").await;
        for (login, role) in [("tren", Role::Reviewer), ("tren2", Role::Officer), ("tren3", Role::Administrator)] {
            let above = house.role(login, house.province, role).await;
            above.get(&page).await.is(404);
            above.get(&format!("/registers?office={}", house.commune)).await.is(404);
            above.get(&format!("/dossiers?office={}", house.commune)).await.is(404);
        }
        let front = house.post("mattran", house.commune, "mttq", "Văn thư").await;
        front.get(&page).await.is(404);
    }
}
