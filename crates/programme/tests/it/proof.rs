//! Proof goes through the one evidence library; owners are real organisations; deadlines follow the calendar of the province.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what fails here fails the test")]

use crate::desk::{Desk, NOW, Person, desks, desks_at};
use access::Role;
use calendar::WorkCalendar;
use figures::evidence::{ScanProblem, Scanner, Verdict};
use programme::task::{Asked, Due, Late, NewTask, Party, Words};
use std::sync::Arc;

const PDF: &[u8] = b"%PDF-1.4\n%thu\n";

async fn given(desk: &Desk, due: Due) -> String {
    let new = NewTask {
        words: Words { title: "Tập huấn kỹ năng số".into(), ..Words::default() },
        owner: Some(Party { unit: desk.communes[0], ..Party::default() }),
        due,
        ..NewTask::default()
    };
    desk.programme.give_task(&desk.access.system(), &new).await.unwrap().to_string()
}

/// Finds every file infected that says so.
#[derive(Debug)]
struct Careful;

impl Scanner for Careful {
    fn scan<'a>(&'a self, bytes: &'a [u8]) -> places::pages::BoxFuture<'a, Result<Verdict, ScanProblem>> {
        Box::pin(async move {
            let has = |text: &[u8]| bytes.windows(text.len()).any(|w| w == text);
            if has(b"later") {
                Err(ScanProblem::Timeout)
            } else if has(b"virus") {
                Ok(Verdict::Infected("Thu".into()))
            } else {
                Ok(Verdict::Clean)
            }
        })
    }
}

#[tokio::test]
async fn one_file_is_kept_once_and_proves_two_tasks() {
    for desk in desks().await {
        let officer = desk.person("officer", Role::Officer, desk.communes[0]).await;
        let (one, two) = (given(&desk, Due::Days(5)).await, given(&desk, Due::Days(5)).await);
        let prove = async |who: &Person<'_>, task: &str, form: &[(&str, &str)], file: (&str, &[u8])| {
            who.upload(&format!("/tasks/{task}/proof"), "files", form, file).await
        };
        prove(&officer, &one, &[("doc_number", "12/BC")], ("ket qua.pdf", PDF)).await.is(303);
        // The same bytes once more are no second proof of the same task.
        prove(&officer, &one, &[("doc_number", "12/BC")], ("ten khac.pdf", PDF)).await.is(422).has("đã là minh chứng");
        let page = officer.get(&format!("/tasks/{two}")).await;
        page.has("12/BC · ket qua.pdf");
        let id = page.body.split("12/BC · ket qua.pdf").next().unwrap().rsplit("value=\"").next().unwrap().split('"').next().unwrap().to_owned();
        prove(&officer, &two, &[("reuse", &id)], ("", b"")).await.is(303);
        let page = officer.get(&format!("/tasks/{two}")).await;
        page.has("ket qua.pdf").has("chưa quét vi-rút").has(&format!("/tasks/{two}/proof/{id}"));
        assert_eq!(officer.get(&format!("/tasks/{two}/proof/{id}")).await.bytes, PDF, "{}", desk.db.label());
        let count = db::Stmt { name: "test", sql: "SELECT count(*) FROM evidence_file", reach: db::Reach::National };
        assert_eq!(desk.db.all(&count, vec![]).await.unwrap()[0].int(0).unwrap(), 1);
        let other = desk.person("other", Role::Officer, desk.communes[1]).await;
        prove(&other, &one, &[("doc_number", "1")], ("", b"")).await.is(404);
        other.get(&format!("/tasks/{one}/proof/{id}")).await.is(404);
        // Both can be reported as done.
        for task in [&one, &two] {
            let seen = officer.get(&format!("/tasks/{task}")).await.hidden("seen");
            officer.post(&format!("/tasks/{task}/act"), &[("do", "start"), ("seen", &seen)]).await.is(303);
            let seen = officer.get(&format!("/tasks/{task}")).await.hidden("seen");
            officer.post(&format!("/tasks/{task}/act"), &[("do", "finish"), ("seen", &seen)]).await.is(303);
        }
    }
}

#[tokio::test]
async fn with_a_scanner_nothing_is_given_out_before_it_is_clean() {
    let desk = desks().await.remove(0);
    desk.programme.figures().set_scanner(Some(Arc::new(Careful)), false);
    let officer = desk.person("officer", Role::Officer, desk.communes[0]).await;
    let task = given(&desk, Due::Days(5)).await;
    let path = format!("/tasks/{task}/proof");
    officer.upload(&path, "files", &[], ("xau.pdf", b"%PDF-1.4\nvirus")).await.is(422).has("mã độc");
    officer.upload(&path, "files", &[], ("cham.pdf", b"%PDF-1.4\nlater")).await.is(303);
    officer.upload(&path, "files", &[], ("sach.pdf", PDF)).await.is(303);
    let page = officer.get(&format!("/tasks/{task}")).await;
    page.has("đã quét, sạch").has("quét vi-rút");
    let hrefs: Vec<String> = page.body.split(&format!("href=\"{path}/")).skip(1).map(|t| format!("{path}/{}", t.split('"').next().unwrap())).collect();
    let mut answers = Vec::new();
    for href in &hrefs {
        answers.push(officer.get(href).await.status);
    }
    answers.sort_unstable();
    assert_eq!(answers, [200, 409]);
}

#[tokio::test]
async fn an_office_is_an_organisation_where_the_unit_has_one() {
    for desk in desks().await {
        let system = desk.access.system();
        desk.access.make_standard(&system, desk.province, false).await.unwrap();
        let boss = desk.person("boss", Role::Reviewer, desk.province).await;
        let offices = desk.access.organisations_of(desk.province, system.today()).await.unwrap();
        let farm = offices.iter().find(|o| o.standard == "so-nnmt").unwrap_or_else(|| panic!("{offices:?}"));
        boss.get("/tasks/new").await.is(200).has("<datalist").has(&farm.name);
        let owner = format!("{}, {}", lang::fold(&farm.name), desk.name(desk.province));
        let made = boss.post("/tasks", &[("title", "Rà soát"), ("owner", &owner), ("support", "Hội Làm vườn")]).await;
        made.is(303);
        let id = made.to().strip_prefix("/tasks/").unwrap().split('?').next().unwrap().to_owned();
        let task = desk.programme.task(&system, id.parse().unwrap()).await.unwrap();
        assert_eq!(task.owner.organisation, Some(farm.id), "{} {owner}", desk.db.label());
        assert_eq!((task.support[0].body.as_str(), task.support[0].organisation), ("Hội Làm vườn", None), "words stay words");
        boss.get(&format!("/tasks/{id}")).await.has(&format!("/organisations/{}", farm.id)).has("Hội Làm vườn");
        // Its heir answers for it after it has ended.
        let day = system.today();
        let heir = offices.iter().find(|o| o.id != farm.id && o.kind == farm.kind).unwrap();
        desk.access.end_organisation(&system, farm.id, day, Some(heir.id), "Nghị quyết", "").await.unwrap();
        boss.get(&format!("/tasks/{id}")).await.has(&format!("/organisations/{}", heir.id));
    }
}

/// A province that has two days off of its own counts them; the neighbour does not.
#[tokio::test]
async fn deadlines_follow_the_calendar_of_the_owner() {
    let desk = desks_at(NOW).await.remove(0);
    let province = desk.province;
    let atlas = desk.programme.figures().places().atlas();
    let shipped = WorkCalendar::shipped().unwrap();
    let own = WorkCalendar::parse("[[span]]\nfrom = \"2026-11-23\"\nto = \"2026-11-29\"\nsource = \"thử\"\n[[span.off]]\nfrom = \"2026-11-24\"\nto = \"2026-11-25\"\nname_vi = \"Bão\"\nname_en = \"Storm\"\n").unwrap();
    let (here, there) = (Arc::new(shipped.clone().under(own)), Arc::new(shipped));
    desk.programme.set_calendars(Box::new(move |unit, on| if atlas.path(unit, on).contains(&province) { Arc::clone(&here) } else { Arc::clone(&there) }));
    let system = desk.access.system();
    let days = async |unit| {
        let new = NewTask {
            words: Words { title: "x".into(), ..Words::default() },
            owner: Some(Party { unit, ..Party::default() }),
            due: Due::Days(3),
            ..NewTask::default()
        };
        let id = desk.programme.give_task(&system, &new).await.unwrap();
        desk.programme.seen(desk.programme.task(&system, id).await.unwrap(), system.today()).due.unwrap().to_string()
    };
    let far = desk.programme.atlas().coded("38", Some(places::Level::Province), system.today()).unwrap();
    // Given on Friday 20 November: 23, 24, 25 elsewhere; 23, 26, 27 here.
    assert_eq!((days(far).await, days(desk.communes[0]).await), ("2026-11-25".to_owned(), "2026-11-27".to_owned()));
    let boss = desk.person("boss", Role::Reviewer, province).await;
    let id = given(&desk, Due::Days(3)).await;
    boss.get(&format!("/tasks/{id}/days")).await.has("Bão");
}

/// Over Tết 2026 nobody becomes late by the days off; the list says it the first working day after.
#[tokio::test]
async fn the_late_list_is_right_over_tet() {
    let shipped = WorkCalendar::shipped().unwrap();
    let off = |day: i8| matches!(shipped.day(jiff::civil::date(2026, 2, day)), calendar::Day::Off(..) | calendar::Day::Weekend);
    assert!((16..=20).all(off), "the facts know Tết 2026");
    let before = desks_at("2026-02-09T02:00:00Z").await;
    for mut desk in before {
        let id = given(&desk, Due::Days(4)).await;
        let ask = Asked { unit: Some(desk.province), late: true, ..Asked::default() };
        let task = desk.programme.task(&desk.access.system(), id.parse().unwrap()).await.unwrap();
        let due = desk.programme.seen(task.clone(), desk.access.system().today()).due.unwrap();
        assert_eq!(due.to_string(), "2026-02-13", "10, 11, 12, 13 February, a Friday before Tết");
        // The clock of the house stands still, so another context looks at later days.
        let on = |day: &str| access::Context::system(format!("{day}T03:00:00Z").parse().unwrap());
        let late = async |day: &str| desk.programme.tasks(&on(day), &ask).await.unwrap().into_iter().map(|s| s.late).collect::<Vec<_>>();
        assert_eq!(late("2026-02-13").await, []);
        let first = (14..=28).find(|d| !off(*d)).unwrap();
        for day in 14..first {
            assert_eq!(late(&format!("2026-02-{day}")).await, [Late::By(0)], "{day}: past its last day, by no working day");
        }
        assert_eq!(late(&format!("2026-02-{first}")).await, [Late::By(1)]);
        let _ = &mut desk;
    }
}
