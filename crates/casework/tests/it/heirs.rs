//! Legal successors: a body or a unit that is no more, with dossiers and cases still open.

use super::document_signature::{Key, signed_pdf};
use super::dossier_house::{House, houses};
use super::dossier_life::opened;
use access::{Role, organisation_id};
use casework::dossier::{DossierHandOver, Step};
use places::Level;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;
use work::NewCase;

fn id_of(path: &str) -> Uuid {
    path.rsplit('/').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_body_that_is_taken_over_hands_its_open_dossiers_on() {
    for house in houses().await {
        let people = house.people().await;
        let (_, officer, head, _) = &people;
        house.access.add_hand_over(Arc::new(DossierHandOver(house.work.clone())));
        let (front, committee) = (organisation_id(house.commune, "mttq"), organisation_id(house.commune, "ubnd"));
        let chair = house.post("mattran", house.commune, "mttq", "Chủ tịch").await;
        let form = |code: &'static str, title: &'static str| [("code", code), ("title", title), ("retention", ""), ("due", "2026-12-20"), ("secrecy", "")];
        let path = chair.upload(&format!("/dossiers/{front}/open"), &form("01", "Khảo sát sự hài lòng"), &[]).await.path();
        let closed = chair.upload(&format!("/dossiers/{front}/open"), &form("02", "Việc đã xong"), &[]).await.path();
        chair.post(&format!("{closed}/close"), &[]).await.is(303);
        // The committee has a dossier of that number already.
        officer.upload(&format!("/dossiers/{}/open", house.commune), &form("01", "Hồ sơ của ủy ban"), &[]).await.is(303);
        head.get(&path).await.is(404);
        let (system, today) = (house.system(), house.system().today());
        // A division has no register of its own: nothing moves with it.
        let division = organisation_id(house.commune, "phong-kinh-te");
        let office = organisation_id(house.commune, "van-phong");
        assert_eq!(house.access.end_organisation(&system, division, today, Some(office), "QĐ 8", "").await.unwrap(), 0);
        assert_eq!(house.access.end_organisation(&system, front, today, Some(committee), "QĐ 9/QĐ-TU", "sáp nhập thí điểm").await.unwrap(), 1);
        let moved = format!("/dossiers/{}/{}", house.commune, id_of(&path));
        head.get(&moved)
            .await
            .has("01/2 ")
            .has("Khảo sát sự hài lòng")
            .has("chuyển sang cơ quan kế thừa")
            .has("QĐ 9/QĐ-TU: sáp nhập thí điểm")
            .has("mở hồ sơ")
            .has("chờ giao việc");
        head.get(&format!("/dossiers/search?office={}&q=khao+sat", house.commune)).await.has("Khảo sát sự hài lòng");
        // What was closed is the archive of the body that is no more.
        head.get(&format!("/dossiers/{}/{}", house.commune, id_of(&closed))).await.is(404);
        assert_eq!(house.work.recount_dossiers().await.unwrap().differences, Vec::<String>::new());
    }
}

/// A commune of the older map and the one that took it over.
fn old_and_new(house: &House) -> (Uuid, Uuid) {
    let atlas = house.work.places().atlas();
    let (then, now) = (jiff::civil::date(2025, 6, 20), jiff::civil::date(2025, 7, 2));
    let whole = |u: &places::Unit| {
        let heirs = atlas.heirs(u.id, then, now, places::Basis::Population);
        let heir = heirs.first().filter(|h| heirs.len() == 1 && h.unit != u.id)?.unit;
        (atlas.unit(heir)?.tenant != u.tenant).then_some((u.id, heir))
    };
    let ended = |u: &&places::Unit| u.level == Level::Commune && u.on(then).is_some() && u.on(now).is_none();
    atlas.units().iter().filter(ended).find_map(whole).expect("a commune that went to another tenant")
}

#[tokio::test]
async fn a_unit_that_is_merged_leaves_its_open_work_to_its_heir() {
    for house in houses().await {
        house.move_clock("2025-06-20T02:00:00Z");
        let (old, new) = old_and_new(&house);
        let (officer, head) = (house.role("cu", old, Role::Officer).await, house.role("cu2", old, Role::Reviewer).await);
        let letter =
            [("party", "UBND huyện"), ("symbol", "77/UBND"), ("dated", "2025-06-18"), ("kind", "cong_van"), ("title", "V/v bàn giao"), ("urgency", "0")];
        let letter = officer.upload(&format!("/registers/{old}/register"), &letter, &[]).await.path();
        let form = [("code", "05"), ("title", "Làm đường liên thôn"), ("retention", "10 năm"), ("due", ""), ("secrecy", "")];
        let path = officer.upload(&format!("/dossiers/{old}/open?document={}", id_of(&letter)), &form, &[]).await.path();
        head.post(&format!("{path}/assign"), &[("to", &officer.id.to_string())]).await.is(303);
        let draft =
            [("kind", "bao_cao"), ("title", "Báo cáo làm đường"), ("recipients", "UBND tỉnh"), ("urgency", "0"), ("text", "Đã làm 2 km."), ("note", "")];
        let draft = officer.upload(&format!("{path}/drafts"), &draft, &[]).await.path();
        officer.upload(&format!("{draft}/opinion"), &[("word", "Nên thêm ảnh")], &[]).await.is(303);
        officer.upload(&format!("{path}/files"), &[], &[("files", "ban ve.pdf", &signed_pdf("ban ve", &Key::Signer))]).await.is(303);
        // A letter from another office lies unregistered on the last day.
        let sender = house.role("gui", house.commune, Role::Officer).await;
        let out = [("kind", "cong_van"), ("title", "V/v phối hợp làm đường"), ("party", ""), ("signer", ""), ("urgency", "0"), ("reserved", ""), ("part", "")];
        let out = sender.upload(&format!("/registers/{}/issue", house.commune), &out, &[]).await.path();
        sender.post(&format!("{out}/send"), &[("to", &old.to_string())]).await.is(303);
        officer.get(&format!("/registers?office={old}")).await.has("V/v phối hợp làm đường");
        let system = house.system();
        let new_case = NewCase {
            id: Uuid::now_v7(),
            procedure: "recognition-commune".into(),
            unit: old,
            title: "Hồ sơ trước sắp xếp".into(),
            subject: String::new(),
            fields: BTreeMap::new(),
        };
        let case = house.work.open_case(&system, new_case).await.unwrap();

        house.move_clock("2025-07-02T02:00:00Z");
        house.work.upkeep().await.unwrap();
        let (heir, boss) = (house.role("moi", new, Role::Officer).await, house.role("moi2", new, Role::Reviewer).await);
        let moved = format!("/dossiers/{new}/{}", id_of(&path));
        boss.get("/dossiers").await.has("Làm đường liên thôn");
        boss.get(&moved).await.has("chuyển sang cơ quan kế thừa").has("giao việc").has("tiếp nhận, vào sổ").has("ban ve.pdf").has("Báo cáo làm đường");
        boss.get(&format!("{moved}/drafts/{}", id_of(&draft))).await.has("Đã làm 2 km.").has("Nên thêm ảnh");
        heir.get(&format!("/dossiers/search?office={new}&q=%C4%91%C6%B0%E1%BB%9Dng")).await.has("Làm đường liên thôn");
        // What the old office registered stays in its book; the heir sees it in the dossier and in the contents, opens it, and writes nothing there.
        boss.get(&moved).await.has("77/UBND").has(&letter);
        let now_in = house.work.office(&house.system(), new).await.unwrap();
        let contents = house.work.contents_sheet(&house.system(), &now_in, id_of(&path)).await.unwrap().1;
        assert!(format!("{:?}", contents.table.rows).contains("77/UBND"));
        boss.get(&format!("{moved}/contents?format=docx")).await.is(200);
        heir.get(&letter).await.has("V/v bàn giao").has(&moved);
        heir.get(&format!("/registers?office={new}")).await.has(&format!("/registers?office={old}"));
        heir.get(&format!("/registers?office={old}")).await.has("V/v bàn giao").has("chỉ xem").lacks("Vào sổ</a>");
        heir.get(&format!("/dossiers/list?office={old}&year=2025")).await.is(200);
        heir.upload(
            &format!("/registers/{old}/register"),
            &[("party", "X"), ("symbol", "1"), ("dated", "2025-06-18"), ("kind", "cong_van"), ("title", "Y"), ("urgency", "0")],
            &[],
        )
        .await
        .is(404);
        sender.get(&letter).await.is(404);
        sender.get(&format!("/registers?office={old}")).await.is(404);
        // An older address leads to where the dossier lies now.
        assert_eq!(heir.get(&path).await.is(303).path(), moved);
        // What had arrived waits with the heir, whose receipt the sender gets.
        let arrived = heir.get(&format!("/registers?office={new}")).await;
        arrived.has("V/v phối hợp làm đường");
        let delivery = arrived.body.split("name=\"delivery\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        heir.post(&format!("/registers/{new}/accept"), &[("delivery", &delivery)]).await.is(303);
        sender.get(&out).await.has("đã nhận");
        // Nothing of it is left behind, and nobody else sees it.
        let office = house.work.office(&house.system(), old).await.unwrap();
        assert_eq!(house.number("SELECT count(*) FROM dossier").await, 1);
        assert_eq!(house.number("SELECT count(DISTINCT tenant_id) FROM dossier_event").await, 1);
        assert!(house.work.dossier(&house.system(), &office, id_of(&path)).await.is_err());
        // It goes on: given, submitted, signed, issued in the heir's own series, closed.
        boss.post(&format!("{moved}/assign"), &[("to", &heir.id.to_string())]).await.is(303);
        let draft = format!("{moved}/drafts/{}", id_of(&draft));
        heir.upload(&format!("{draft}/submit"), &[("to", &boss.id.to_string())], &[]).await.is(303);
        boss.upload(&format!("{draft}/by-hand"), &[("x", "1")], &[]).await.is(303);
        heir.upload(&format!("{draft}/issue"), &[("reserved", ""), ("part", "")], &[]).await.is(303);
        heir.post(&format!("{moved}/close"), &[]).await.is(303);
        assert_eq!(house.work.recount_dossiers().await.unwrap().differences, Vec::<String>::new());
        // The case is in the heir's list, although it stays with the tenant in which it was opened.
        heir.get("/cases").await.has("Hồ sơ trước sắp xếp");
        let seen = house.work.look(&house.system(), case.id).await.unwrap();
        assert_eq!((seen.case.unit, seen.case.holder_unit, seen.events[0].event.kind.as_str()), (new, new, "move"));
        // The next round finds nothing to do.
        house.work.upkeep().await.unwrap();
        assert_eq!(house.work.look(&house.system(), case.id).await.unwrap().case.seq, seen.case.seq);
    }
}

#[tokio::test]
async fn the_move_is_a_step_of_its_own_and_breaks_no_share() {
    let house = houses().await.remove(0);
    let people = house.people().await;
    let path = opened(&people.0, &house, "01", "").await;
    let system = house.system();
    let (from, to) = (house.work.office(&system, house.commune).await.unwrap(), house.work.office(&system, house.neighbour).await.unwrap());
    let mut tx = house.work.db().begin().await.unwrap();
    assert_eq!(house.work.hand_dossiers_over(&mut tx, &system, &from, &to, "thử").await.unwrap(), 1);
    // Given up: nothing has moved.
    drop(tx);
    people.2.get(&path).await.is(200).lacks("kế thừa");
    assert!(Step::ALL.iter().all(|s| Step::from_word(s.word()) == Some(*s)));
}
