//! kill -9 in the middle of transitions: a case is where its last event left it, nothing acknowledged is lost, nothing happens twice.

use super::client::{Caller, Program, command};
use crate::house::filled;
use calendar::Clock;
use places::Level;
use serde_json::{Value as Json, json};
use server::app::{App, Settings};
use std::collections::BTreeMap;
use std::sync::mpsc;
use std::time::Duration;
use uuid::Uuid;

/// What was asked for, and whether it was acknowledged.
struct Request {
    path: String,
    body: Json,
    done: bool,
}

/// Opens cases and withdraws them until the program no longer answers.
fn go_on(officer: &Caller, unit: Uuid, told: &mpsc::Sender<Request>) {
    loop {
        let id = Uuid::now_v7();
        let steps = [
            ("/api/v1/cases".to_owned(), json!({"id": id, "procedure": "recognition-province", "unit": unit, "title": "Hồ sơ thử"})),
            (format!("/api/v1/cases/{id}/actions"), json!({"action": "withdraw", "key": format!("k-{id}"), "note": "rút lại hồ sơ"})),
        ];
        for (path, body) in steps {
            let answer = officer.post(&path, &Uuid::now_v7().to_string(), &body).ok();
            if let Some(answer) = &answer {
                assert!(matches!(answer.status, 200 | 201), "{path}: {}", answer.body);
            }
            let done = answer.is_some();
            if told.send(Request { path, body, done }).is_err() || !done {
                return;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_is_where_its_last_event_left_it() {
    let rounds: usize = std::env::var("CONGLANG_KILLS").ok().map_or(5, |n| n.parse().expect("CONGLANG_KILLS is a number"));
    for db in filled().await {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let app = App::open((*db).clone(), Clock::system(), Settings::default()).await.unwrap();
        let ctx = app.access.system();
        let unit = app.places.atlas().coded("24", Some(Level::Province), ctx.today()).unwrap();
        let account = app.access.find_account(&ctx, "officer").await.unwrap().unwrap();
        let cookie = format!("{}={}", app.access.cookie_name(), app.access.open_session(&ctx, account.id).await.unwrap());
        let mut all: Vec<Request> = Vec::new();
        for round in 0..rounds {
            let program = Program::serve(db.address(), &log, &[]);
            // What was under way is sent again, as a careful program would.
            if let Some(last) = all.last_mut().filter(|r| !r.done) {
                let answer = program.caller(&cookie).post(&last.path, "again", &last.body).unwrap();
                assert!(matches!(answer.status, 200 | 201), "round {round}: sent again: {} {}", last.body, answer.body);
                last.done = true;
            }
            let officer = program.caller(&cookie);
            let (tell, told) = mpsc::channel();
            let worker = std::thread::spawn(move || go_on(&officer, unit, &tell));
            all.push(told.recv().expect("not one request was answered"));
            let chance = Uuid::now_v7().as_u128() % 400;
            tokio::time::sleep(Duration::from_millis(u64::try_from(chance).unwrap())).await;
            program.kill();
            worker.join().unwrap();
            all.extend(told.try_iter());
        }
        let (code, said) = command(&["verify", "--database", db.address()]);
        assert_eq!(code, 0, "{}: {said}", db.label());
        let mut wanted: BTreeMap<Uuid, usize> = BTreeMap::new();
        for request in all.iter().filter(|r| r.done) {
            let id = request.body["id"].as_str().or_else(|| request.path.split('/').nth(4)).unwrap().parse().unwrap();
            *wanted.entry(id).or_default() += 1;
        }
        assert!(wanted.len() > rounds, "only {} cases were opened", wanted.len());
        for (id, events) in wanted {
            let seen = app.casework.look(&app.access.system(), id).await.unwrap();
            let there = seen.events.len();
            // The very last act may have been done without anybody hearing of it.
            assert!(there == events || there == events + 1, "{}: {there} events, {events} acknowledged", db.label());
            assert_eq!(usize::try_from(seen.case.seq).unwrap(), there);
            let last = &seen.events[0].event;
            assert_eq!((seen.case.state.as_str(), seen.case.open), (last.to.as_str(), last.to == "draft"));
            let numbers: Vec<i64> = seen.events.iter().rev().map(|e| e.event.seq).collect();
            assert_eq!(numbers, (1..=i64::try_from(there).unwrap()).collect::<Vec<_>>());
        }
    }
}
