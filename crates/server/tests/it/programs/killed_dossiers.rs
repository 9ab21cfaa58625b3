//! kill -9 in the middle of the acts of work dossiers, from the letter to the end: what was acknowledged stands, numbers have neither
//! gap nor double, what was sent lies at both ends or at neither, and the share agrees with the events.

use super::client::{Caller, Program, command};
use crate::house::filled;
use calendar::Clock;
use casework::dossier::Step;
use casework::register::Between;
use places::Level;
use server::app::{App, Settings};
use std::collections::BTreeMap;
use std::sync::mpsc;
use std::time::Duration;
use uuid::Uuid;

/// The people of an office, another office to send to, and how often the program was started.
struct Work {
    officer: Caller,
    head: Caller,
    ids: (Uuid, Uuid),
    office: Uuid,
    other: Uuid,
    round: usize,
}

/// An act that was answered: the dossier and the step that must now be among its events.
type Done = (Uuid, Step);

fn last_id(path: &str) -> Uuid {
    path.split('?').next().unwrap().rsplit('/').next().unwrap().parse().unwrap()
}

impl Work {
    /// Handles dossier after dossier until the program no longer answers.
    fn go_on(&self, told: &mpsc::Sender<Done>) {
        for n in 0.. {
            if self.one(n, told).is_none() {
                return;
            }
        }
    }

    /// One dossier from opening to closing; nothing when the program is gone.
    fn one(&self, n: usize, told: &mpsc::Sender<Done>) -> Option<()> {
        let went = |who: &Caller, path: &str, form: &[(&str, &str)], multipart: bool| {
            let answer = if multipart { who.upload(path, form) } else { who.form(path, form) }.ok()?;
            assert_eq!(answer.status, 303, "{path}: {}", answer.body);
            answer.location
        };
        let (officer, head) = (self.ids.0.to_string(), self.ids.1.to_string());
        let code = format!("{}.{n}", self.round);
        let open = [("code", code.as_str()), ("title", "Sửa đường thôn"), ("retention", "10 năm"), ("due", ""), ("secrecy", "")];
        let id = last_id(&went(&self.officer, &format!("/dossiers/{}/open", self.office), &open, true)?);
        let path = format!("/dossiers/{}/{id}", self.office);
        let tell = |step| told.send((id, step)).ok();
        tell(Step::Open)?;
        went(&self.head, &format!("{path}/assign"), &[("to", &officer), ("note", "làm")], false)?;
        tell(Step::Assign)?;
        let text = [("kind", "bao_cao"), ("title", "Báo cáo"), ("recipients", "UBND"), ("urgency", "0"), ("text", "Đã làm."), ("note", "")];
        let draft = format!("{path}/drafts/{}", last_id(&went(&self.officer, &format!("{path}/drafts"), &text, true)?));
        tell(Step::Draft)?;
        went(&self.officer, &format!("{draft}/submit"), &[("to", &head), ("note", "")], true)?;
        tell(Step::Submit)?;
        went(&self.head, &format!("{draft}/by-hand"), &[("x", "1")], true)?;
        tell(Step::Sign)?;
        went(&self.officer, &format!("{draft}/issue"), &[("reserved", ""), ("part", "")], true)?;
        tell(Step::Issue)?;
        let page = self.officer.get(&path).ok()?.body;
        let documents = format!("/registers/{}/documents/", self.office);
        let document = page.split(&documents).nth(1).unwrap().split('"').next().unwrap();
        went(&self.officer, &format!("{documents}{document}/send"), &[("to", &self.other.to_string())], false)?;
        tell(Step::Send)?;
        went(&self.officer, &format!("{path}/close"), &[], false)?;
        tell(Step::Close)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dossier_keeps_what_was_acknowledged_and_its_registers_have_no_gap() {
    let rounds: usize = std::env::var("CONGLANG_KILLS").ok().map_or(5, |n| n.parse().expect("CONGLANG_KILLS is a number"));
    for db in filled().await {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let app = App::open((*db).clone(), Clock::system(), Settings::default()).await.unwrap();
        let ctx = app.access.system();
        let unit = |code: &str| app.places.atlas().coded(code, Some(Level::Province), ctx.today()).unwrap();
        let (office, other) = (unit("24"), unit("38"));
        let mut people = Vec::new();
        for login in ["officer", "reviewer"] {
            let id = app.access.find_account(&ctx, login).await.unwrap().unwrap().id;
            people.push((id, format!("{}={}", app.access.cookie_name(), app.access.open_session(&ctx, id).await.unwrap())));
        }
        let mut all: Vec<Done> = Vec::new();
        for round in 0..rounds {
            let program = Program::serve(db.address(), &log, &[]);
            let work =
                Work { officer: program.caller(&people[0].1), head: program.caller(&people[1].1), ids: (people[0].0, people[1].0), office, other, round };
            let (tell, told) = mpsc::channel();
            let worker = std::thread::spawn(move || work.go_on(&tell));
            all.push(told.recv().expect("not one act was answered"));
            let chance = Uuid::now_v7().as_u128() % 700;
            tokio::time::sleep(Duration::from_millis(u64::try_from(chance).unwrap())).await;
            program.kill();
            worker.join().unwrap();
            all.extend(told.try_iter());
        }
        // Figures, audit chains, and the share of every dossier from its events.
        let (code, said) = command(&["verify", "--database", db.address()]);
        assert_eq!(code, 0, "{}: {said}", db.label());
        let (here, there) = (app.casework.office(&ctx, office).await.unwrap(), app.casework.office(&ctx, other).await.unwrap());
        let mut wanted: BTreeMap<Uuid, Vec<Step>> = BTreeMap::new();
        for (id, step) in &all {
            wanted.entry(*id).or_default().push(*step);
        }
        assert!(wanted.values().flatten().count() > rounds * 2, "{}: only {} acts", db.label(), all.len());
        for (id, steps) in wanted {
            let (dossier, events) = app.casework.dossier(&ctx, &here, id).await.unwrap();
            for step in &steps {
                assert!(events.iter().any(|e| e.step == *step), "{}: {step:?} of {id} was acknowledged and is gone", db.label());
            }
            let numbers: Vec<i64> = events.iter().map(|e| e.seq).collect();
            assert_eq!(numbers, (1..=dossier.seq).collect::<Vec<_>>(), "{}", db.label());
        }
        // One number for each document, one document for each number; sent is arrived.
        let today = ctx.today();
        let ask = |out| Between { out, from: today.yesterday().unwrap(), to: today, before: None, limit: 10_000 };
        let (issued, _) = app.casework.documents(&ctx, &here, &ask(true)).await.unwrap();
        let mut numbers: Vec<i64> = issued.iter().map(|d| d.number).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=i64::try_from(issued.len()).unwrap()).collect::<Vec<_>>(), "{}", db.label());
        let mut sent = 0;
        for document in &issued {
            sent += app.casework.document(&ctx, &here, document.id).await.unwrap().2.len();
        }
        assert_eq!(app.casework.arrivals(&ctx, &there).await.unwrap().len(), sent.min(200), "{}", db.label());
    }
}
