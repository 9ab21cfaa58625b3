//! A task from giving to confirming, on every database.

use crate::desk::{Desk, Person, desks, desks_at};
use access::Role;
use programme::task::{Asked, Due, Late, NewTask, Party, Words};
use uuid::Uuid;

const PDF: &[u8] = b"%PDF-1.4\n%thu\n";

async fn given(by: &Person<'_>, owner: &str, more: &[(&str, &str)]) -> String {
    let mut form = vec![("title", "Tập huấn kỹ năng số <b>cho cán bộ</b>"), ("owner", owner), ("output", "Báo cáo kết quả"), ("due_days", "10")];
    form.extend_from_slice(more);
    let answer = by.post("/tasks", &form).await;
    answer.is(303);
    answer.to().strip_prefix("/tasks/").unwrap().split('?').next().unwrap().to_owned()
}

async fn act(who: &Person<'_>, id: &str, what: &str, words: &str) -> u16 {
    let seen = {
        let page = who.get(&format!("/tasks/{id}")).await;
        if page.body.contains("name=\"seen\"") { page.hidden("seen") } else { "1".to_owned() }
    };
    who.post(&format!("/tasks/{id}/act"), &[("do", what), ("seen", &seen), ("words", words)]).await.status
}

#[tokio::test]
async fn a_task_goes_from_hand_to_hand() {
    for desk in desks().await {
        let (commune, helper) = (desk.communes[0], desk.communes[1]);
        let boss = desk.person("boss", Role::Reviewer, desk.province).await;
        let officer = desk.person("officer", Role::Officer, commune).await;
        let friend = desk.person("friend", Role::Officer, helper).await;
        let other = desk.person("other", Role::Officer, desk.communes[2]).await;
        let id = given(&boss, &commune.to_string(), &[("support", &helper.to_string())]).await;
        let page = format!("/tasks/{id}");

        officer.get(&page).await.is(200).has("Tập huấn kỹ năng số &#60;b&#62;").has("Nhận việc").lacks("Xác nhận hoàn thành");
        friend.get(&page).await.is(200).lacks("Nhận việc");
        other.get(&page).await.is(404);
        desk.stranger().get(&page).await.is(303);
        assert_eq!(act(&friend, &id, "accept", "").await, 403);
        assert_eq!(act(&officer, &id, "accept", "").await, 303);
        assert_eq!(act(&officer, &id, "start", "").await, 303);
        // Both lead and support write into one thread, and both see it.
        friend.post(&format!("{page}/comment"), &[("comment", "Xã tôi cử 3 người")]).await.is(303);
        officer.get(&page).await.has("Xã tôi cử 3 người").has("Cô friend");
        other.post(&format!("{page}/comment"), &[("comment", "x")]).await.is(404);

        assert_eq!(act(&officer, &id, "finish", "").await, 422, "no proof");
        officer.upload(&format!("{page}/proof"), "files", &[("doc_number", "12/BC")], ("ket qua.exe", b"MZ....")).await.is(422).has("ket qua.exe");
        officer.upload(&format!("{page}/proof"), "files", &[("doc_number", "12/BC"), ("issued", "19/11/2026")], ("ket qua.exe", PDF)).await.is(303);
        let shown = officer.get(&page).await;
        shown.has("ket qua.pdf").has("12/BC");
        let file = shown.body.split(&format!("{page}/proof/")).nth(1).unwrap().split('"').next().unwrap().to_owned();
        let answer = friend.get(&format!("{page}/proof/{file}")).await;
        assert_eq!((answer.status, answer.bytes.as_slice()), (200, PDF));
        other.get(&format!("{page}/proof/{file}")).await.is(404);

        assert_eq!(act(&officer, &id, "finish", "đã xong").await, 303);
        assert_eq!(act(&boss, &id, "return", "").await, 422, "a reason");
        assert_eq!(act(&boss, &id, "return", "thiếu danh sách").await, 303);
        officer.get(&page).await.has("thiếu danh sách").has("trả lại, làm tiếp");
        assert_eq!(act(&officer, &id, "finish", "").await, 303);
        let seen = boss.get(&page).await.hidden("seen");
        officer.post(&format!("{page}/act"), &[("do", "confirm"), ("seen", &seen)]).await.is(403);
        // Two who press at the same time: the second has not seen what the first did.
        let seen = boss.get(&page).await.hidden("seen");
        boss.post(&format!("{page}/act"), &[("do", "confirm"), ("seen", &seen)]).await.is(303);
        boss.post(&format!("{page}/act"), &[("do", "return"), ("seen", &seen), ("words", "muộn rồi")]).await.is(409);
        boss.get(&page).await.has("đã xác nhận");
        let audit = access::verify_audit(&desk.db, desk.programme.figures().places().atlas().unit(commune).unwrap().tenant).await.unwrap();
        assert!(audit.lines >= 8 && audit.broken_at.is_none(), "{audit:?}");
    }
}

#[tokio::test]
async fn nobody_confirms_what_they_did_themselves() {
    for desk in desks().await {
        let commune = desk.communes[0];
        let both = desk.person("both", Role::Officer, desk.province).await;
        let system = desk.access.system();
        let id = desk.access.find_account(&system, "both").await.unwrap().unwrap().id;
        let grant = access::NewGrant { role: Role::Reviewer, unit: desk.province, from: system.today(), to: None, basis: String::new() };
        desk.access.grant(&system, id, grant).await.unwrap();
        let task = given(&both, &commune.to_string(), &[]).await;
        act(&both, &task, "start", "").await;
        both.upload(&format!("/tasks/{task}/proof"), "files", &[("doc_number", "5/BC")], ("", b"")).await.is(303);
        assert_eq!(act(&both, &task, "finish", "").await, 303);
        let seen = desk.programme.task(&system, task.parse().unwrap()).await.unwrap().seq.to_string();
        both.post(&format!("/tasks/{task}/act"), &[("do", "confirm"), ("seen", &seen)]).await.is(403);
        both.get(&format!("/tasks/{task}")).await.has("Bạn đã báo xong");
    }
}

#[tokio::test]
async fn handing_down_twice_gives_nothing_twice() {
    for desk in desks().await {
        let boss = desk.person("boss", Role::Reviewer, desk.province).await;
        let officer = desk.person("officer", Role::Officer, desk.communes[0]).await;
        let id = given(&boss, &desk.province.to_string(), &[]).await;
        let page = format!("/tasks/{id}");
        let (a, b, c) = (desk.communes[0].to_string(), desk.communes[1].to_string(), desk.communes[2].to_string());
        boss.post(&format!("{page}/cascade"), &[("unit", &a), ("unit", &b)]).await.is(303);
        boss.post(&format!("{page}/cascade"), &[("unit", &a), ("unit", &b), ("unit", &c)]).await.is(303);
        boss.post(&format!("{page}/cascade"), &[("unit", &a), ("unit", &b), ("unit", &c)]).await.is(303);
        boss.get(&page).await.has("0 trong 3 đơn vị đã xong");
        officer.post(&format!("{page}/cascade"), &[("unit", &a)]).await.is(404);
        let far = desk.programme.figures().places().atlas().coded("79", Some(places::Level::Province), desk.access.system().today()).unwrap();
        boss.post(&format!("{page}/cascade"), &[("unit", &far.to_string())]).await.is(422).has("không trực thuộc");
        // Each part has a state of its own.
        let ctx = desk.access.system();
        let own = desk.programme.tasks(&ctx, &Asked { unit: Some(desk.communes[0]), only: true, ..Asked::default() }).await.unwrap();
        assert_eq!(own.len(), 1);
        assert_eq!(own[0].task.parent.map(|p| p.1.to_string()), Some(id.clone()));
        assert_eq!(act(&officer, &own[0].task.id.to_string(), "start", "").await, 303);
        boss.get(&page).await.has("đang làm");
        boss.post(&format!("{page}/cascade"), &[("all", "1")]).await.is(303);
        let all = desk.programme.figures().places().atlas().on(ctx.today()).under(desk.province, places::Level::Commune).len();
        boss.get(&page).await.has(&format!("0 trong {all} đơn vị đã xong"));
    }
}

#[tokio::test]
async fn the_late_list_is_right_over_tet() {
    // Wednesday 25 February 2026; 14 to 22 February were off.
    for desk in desks_at("2026-02-25T05:00:00Z").await {
        let ctx = desk.access.system();
        let new = |days: u32, assigned: &str| NewTask {
            words: Words { title: format!("việc {days}"), ..Words::default() },
            owner: Some(Party { unit: desk.communes[0], ..Party::default() }),
            assigned: Some(assigned.parse().unwrap()),
            due: Due::Days(days),
            ..NewTask::default()
        };
        let p = &desk.programme;
        // Given on the 11th: 12, 13, 23, 24, 25.
        p.give_task(&ctx, &new(5, "2026-02-11")).await.unwrap();
        p.give_task(&ctx, &new(3, "2026-02-11")).await.unwrap();
        p.give_task(&ctx, &new(2, "2026-02-11")).await.unwrap();
        let list = p.tasks(&ctx, &Asked { unit: Some(desk.communes[0]), ..Asked::default() }).await.unwrap();
        let late = |title: &str| list.iter().find(|s| s.task.words.title == title).unwrap().late;
        assert_eq!(late("việc 5"), Late::Left(0));
        assert_eq!(late("việc 3"), Late::By(2), "due on the 23rd");
        assert_eq!(late("việc 2"), Late::By(3), "due on the 13th: Tết does not count");
        let late = p.tasks(&ctx, &Asked { unit: Some(desk.communes[0]), late: true, ..Asked::default() }).await.unwrap();
        assert_eq!(late.len(), 2);
        let boss = desk.person("boss", Role::Reviewer, desk.province).await;
        let id = list.iter().find(|s| s.task.words.title == "việc 5").unwrap().task.id;
        boss.get(&format!("/tasks/{id}/days")).await.is(200).has("nghỉ: Tết Nguyên đán").has("ngày giao, không tính");
        boss.get("/tasks").await.has("2 nhiệm vụ đang trễ trong 3");
        boss.get("/tasks?late=1&view=list").await.has("trễ 3 ngày làm việc");
    }
}

#[tokio::test]
async fn money_adds_up_and_arrears_become_figures() {
    for desk in desks().await {
        let commune = desk.communes[0];
        let boss = desk.person("boss", Role::Reviewer, desk.province).await;
        let officer = desk.person("officer", Role::Officer, commune).await;
        let id = given(&boss, &commune.to_string(), &[]).await;
        let money = |source: &'static str, planned: &'static str, spent: &'static str| {
            [("year", "2026"), ("source", source), ("planned", planned), ("spent", spent), ("price", "")]
        };
        officer.post(&format!("/tasks/{id}/money"), &money("central", "1.234,5", "200")).await.is(303);
        officer.post(&format!("/tasks/{id}/money"), &money("labour", "300", "250")).await.is(303);
        officer.post(&format!("/tasks/{id}/money"), &money("district", "10", "")).await.is(422).has("Cấp huyện kết thúc");
        officer.post(&format!("/tasks/{id}/money"), &money("central", "một ít", "")).await.is(422);
        officer.get(&format!("/tasks/{id}")).await.has("1.234,5</td>").has("300 công").has("chưa có đơn giá");
        officer
            .post(&format!("/tasks/{id}/money"), &[("year", "2026"), ("source", "labour"), ("planned", "300"), ("spent", "250"), ("price", "250000")])
            .await
            .is(303);
        boss.get(&format!("/tasks/money?unit={}", desk.province)).await.is(200).has("1.309,5").has("1 trong 1 nhiệm vụ đã ghi kinh phí");
        let csv = boss.get(&format!("/tasks/money.csv?unit={}", desk.province)).await;
        csv.is(200).has("75000000").has("1234500000");
        let api = officer.get("/api/v1/tasks").await.json();
        assert_eq!(api["items"][0]["planned"], 1_309_500_000_i64);
        assert_eq!(api["items"][0]["spent"], 262_500_000_i64);

        let works =
            |accepted: &'static str, arranged: &'static str| [("title", "Đường thôn 3"), ("accepted", accepted), ("arranged", arranged), ("do", "save")];
        let unit = commune.to_string();
        let mut form = works("900", "650,25").to_vec();
        form.push(("unit", &unit));
        officer.post("/tasks/works", &form).await.is(303);
        boss.post("/tasks/works", &form).await.is(403);
        officer.get(&format!("/tasks/works?unit={commune}")).await.has("Còn nợ đọng 249,75 triệu đồng");
        boss.get(&format!("/tasks/works?unit={}", desk.province)).await.has("1 đơn vị còn nợ đọng 249,75 triệu đồng");
        let figures = desk.programme.figures();
        let known = std::sync::Arc::clone(figures.catalog().coded(programme::funding::ARREARS).unwrap());
        let read = async |place: Uuid| {
            let ask = figures::Ask { known: std::sync::Arc::clone(&known), period: "2026-Q4".parse().unwrap(), tree: figures::Tree::Then };
            figures.read_many(&[ask], place).await.unwrap()[0].value.map(|v| v.to_string())
        };
        assert_eq!(read(commune).await.as_deref(), Some("249.750000"), "{}", desk.db.label());
        assert_eq!(read(desk.province).await.as_deref(), Some("249.750000"));
        let page = officer.get(&format!("/tasks/works?unit={commune}")).await;
        let id = page.body.split("&#38;works=").nth(1).or_else(|| page.body.split("&amp;works=").nth(1)).unwrap().split('#').next().unwrap().to_owned();
        let mut form = works("900", "900").to_vec();
        form.extend([("unit", unit.as_str()), ("works", id.as_str())]);
        officer.post("/tasks/works", &form).await.is(303);
        assert_eq!(read(commune).await.as_deref(), Some("0.000000"));
        assert_eq!(desk.programme.publish_arrears(&desk.access.system()).await.unwrap(), 0, "it says so already");
    }
}

#[tokio::test]
async fn a_list_from_excel_is_looked_at_before_it_is_written() {
    for desk in desks().await {
        let boss = desk.person("boss", Role::Reviewer, desk.province).await;
        let name = desk.name(desk.communes[0]);
        let list = format!(
            "KẾ HOẠCH,,,,\n(đơn vị tính: triệu đồng),,,,\nSTT,Nội dung nhiệm vụ,Cơ quan chủ trì,Thời gian hoàn thành,Ngân sách tỉnh\n\
             I,Chính quyền số,,,\n1,Nối mạng các thôn,{name},Quý IV/2026,\"1.200,5\"\n2,Đào tạo tổ công nghệ số,Sở Khoa học và Công nghệ,20 ngày làm việc,\n3,Việc lạ,,bao giờ xong,\n"
        );
        let unit = desk.province.to_string();
        let preview = boss.upload("/tasks/import", "file", &[("unit", &unit)], ("ke hoach.csv", list.as_bytes())).await;
        preview.is(200).has("Nối mạng các thôn").has("1.200,5 triệu đồng").has("không đọc được thời hạn").has("Nhập 2 nhiệm vụ");
        assert_eq!(desk.programme.tasks(&desk.access.system(), &Asked::default()).await.unwrap().len(), 0);
        let grid = preview.hidden("grid");
        let form = [
            ("unit", unit.as_str()),
            ("grid", grid.as_str()),
            ("col0", "number"),
            ("col1", "title"),
            ("col2", "owner"),
            ("col3", "due"),
            ("col4", "province"),
            ("year", "2026"),
            ("money_unit", "triệu đồng"),
            ("do", "write"),
        ];
        boss.post("/tasks/import/rows", &form).await.is(303);
        boss.post("/tasks/import/rows", &form).await.is(303);
        let tasks = desk.programme.tasks(&desk.access.system(), &Asked::default()).await.unwrap();
        assert_eq!(tasks.len(), 2, "a list that comes twice gives nothing twice");
        let first = tasks.iter().find(|s| s.task.words.title == "Nối mạng các thôn").unwrap();
        assert_eq!((first.task.owner.unit, first.due), (desk.communes[0], Some("2026-12-31".parse().unwrap())));
        assert_eq!(first.task.words.goal, "Chính quyền số");
        let second = tasks.iter().find(|s| s.task.words.number == "2").unwrap();
        assert_eq!(second.task.owner, Party { unit: desk.province, body: "Sở Khoa học và Công nghệ".into(), organisation: None });
        let xlsx = boss.get("/tasks/export.xlsx").await;
        assert!(xlsx.bytes.starts_with(b"PK"));
        // What goes out comes back, and nothing of it is new.
        let again = boss.upload("/tasks/import", "file", &[("unit", &unit)], ("nhiem-vu.xlsx", &xlsx.bytes)).await;
        again.is(200).has("đã có, bỏ qua").lacks("name=\"do\" value=\"write\"");
        boss.upload("/tasks/import", "file", &[("unit", &unit)], ("x.xlsx", b"PK\x03\x04rubbish")).await.is(422);
        boss.get("/tasks/export.csv").await.is(200).has("Nối mạng các thôn");
        boss.get("/tasks/import/template.xlsx").await.is(200);
    }
}

async fn hostile(desk: &Desk) {
    let boss = desk.person("boss", Role::Reviewer, desk.province).await;
    for path in ["/tasks/x", "/tasks/00000000-0000-0000-0000-000000000000", "/tasks/x/days", "/tasks/x/proof/y", "/api/v1/tasks/x"] {
        boss.get(path).await.is(404);
    }
    boss.get("/tasks?unit=khongconoinay").await.is(404);
    boss.get("/api/v1/tasks?color=red").await.is(400);
    boss.post("/tasks", &[("title", ""), ("owner", "24")]).await.is(422).has("Nhiệm vụ chưa có tên");
    boss.post("/tasks", &[("title", "a"), ("owner", "nơi không có")]).await.is(404).has("Không có đơn vị này");
    boss.post("/tasks", &[("title", "a"), ("owner", "79")]).await.is(403);
    boss.post("/tasks", &[("title", "a"), ("owner", "24"), ("due_days", "1001")]).await.is(422);
    boss.post("/tasks", &[("title", "a"), ("owner", "24"), ("due_on", "2020-01-01")]).await.is(422).has("trước ngày giao");
    boss.post("/tasks/import/rows", &[("grid", "[[\"a\"]"), ("unit", "24")]).await.is(400);
}

#[tokio::test]
async fn what_is_wrong_is_refused_with_words() {
    for desk in desks().await {
        hostile(&desk).await;
    }
}
