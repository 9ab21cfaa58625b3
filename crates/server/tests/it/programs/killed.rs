//! kill -9 while drafts, submissions, acceptances and whole tables come in: nothing acknowledged is lost, nothing half-applied.
//! `CONGLANG_KILLS=100` kills a hundred times per database; the suite does ten.

use super::client::{Caller, Program, command};
use crate::house::{communes_of, filled};
use calendar::{Clock, Period};
use db::Db;
use figures::{State, Value};
use serde_json::{Value as Json, json};
use server::app::{App, Settings};
use std::collections::BTreeMap;
use std::sync::mpsc;
use std::time::Duration;
use uuid::Uuid;

/// Lines of the ledger by unit, measure and period.
type Lines = BTreeMap<(Uuid, String, i64), Vec<(i64, State, Value)>>;

/// What a request asked for and, if it was acknowledged, what the answer said.
struct Request {
    path: &'static str,
    key: String,
    body: Json,
    answer: Option<Json>,
}

/// Two people at work: an officer who drafts and submits, one commune after the other, and a reviewer who accepts.
struct Work {
    officer: Caller,
    reviewer: Caller,
    /// Communes and years about which there is something to say.
    spots: Vec<(Uuid, i16)>,
    /// Communes that report by quarter, and the quarters.
    table: (Vec<Uuid>, Vec<String>),
}

impl Work {
    /// Goes on until the program no longer answers; tells of every request after it is answered or broken off.
    fn go_on(&self, round: usize, told: &mpsc::Sender<Request>) {
        for step in 0.. {
            let (commune, year) = self.spots[(round * 37 + step) % self.spots.len()];
            // New at its place each time, and within the range of the measure (100,000 households) after a hundred rounds too.
            let value = 1_000 + 900 * round + step;
            let steps = [
                (
                    &self.officer,
                    "/api/v1/figures",
                    json!({"period": year.to_string(), "items": [{"unit": commune, "measure": "so_ho", "value": value.to_string(), "reason": "sau bão"}]}),
                ),
                (&self.officer, "/api/v1/submissions", json!({"unit": commune, "period": year.to_string(), "reasons": {"so_ho": "sau bão"}})),
                (&self.reviewer, "/api/v1/acceptances", Json::Null),
                (&self.officer, "/api/v1/figures", self.sheet(value)),
            ];
            let mut seq = 0;
            for (who, path, mut body) in steps {
                if body.is_null() {
                    body = json!({"decision": "accept", "items": [{"unit": commune, "measure": "so_ho", "period": year.to_string(), "seq": seq}]});
                }
                let key = Uuid::now_v7().to_string();
                let answer = who.post(path, &key, &body).ok().map(|a| {
                    assert_eq!(a.status, 200, "{path} {body}: {}", a.body);
                    a.json()
                });
                let goes_on = answer.is_some();
                if let Some(n) = answer.as_ref().and_then(|a| a["items"][0]["seq"].as_i64()) {
                    seq = n + 1;
                }
                if told.send(Request { path, key, body, answer }).is_err() || !goes_on {
                    return;
                }
            }
        }
    }

    /// A value for every commune at once.
    fn sheet(&self, value: usize) -> Json {
        let quarter = &self.table.1[value % self.table.1.len()];
        let items: Vec<Json> = self
            .table
            .0
            .iter()
            .map(|unit| json!({"unit": unit, "measure": "san_pham_ocop", "value": (value % 300).to_string(), "reason": "sau bão"}))
            .collect();
        json!({"period": quarter, "submit": true, "items": items})
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_and_nothing_is_half_applied() {
    let rounds: usize = std::env::var("CONGLANG_KILLS").ok().map_or(10, |n| n.parse().expect("CONGLANG_KILLS is a number"));
    for db in filled().await {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let app = App::open((*db).clone(), Clock::system(), Settings::default()).await.unwrap();
        let spots: Vec<(Uuid, i16)> = (2_020..2_026).flat_map(|year| communes_of(&app, year).into_iter().map(move |u| (u, year))).collect();
        let table = (communes_of(&app, 2_026), ["2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"].map(str::to_owned).to_vec());
        let mut cookies = Vec::new();
        for login in ["officer", "reviewer"] {
            let ctx = app.access.system();
            let account = app.access.find_account(&ctx, login).await.unwrap().unwrap();
            cookies.push(format!("{}={}", app.access.cookie_name(), app.access.open_session(&ctx, account.id).await.unwrap()));
        }
        let mut all: Vec<Request> = Vec::new();
        for round in 0..rounds {
            let program = Program::serve(db.address(), &log, &[]);
            // What was under way when it was killed is sent again under its key, as a careful program would.
            if let Some(last) = all.last_mut().filter(|r| r.answer.is_none()) {
                let who = program.caller(if last.path.ends_with("acceptances") { &cookies[1] } else { &cookies[0] });
                let answer = who.post(last.path, &last.key, &last.body).unwrap();
                assert_eq!(answer.status, 200, "round {round}: sent again: {} {}", last.body, answer.body);
                last.answer = Some(answer.json());
            }
            let work = Work { officer: program.caller(&cookies[0]), reviewer: program.caller(&cookies[1]), spots: spots.clone(), table: table.clone() };
            let (tell, told) = mpsc::channel();
            let worker = std::thread::spawn(move || work.go_on(round, &tell));
            all.push(told.recv().expect("not one request was answered"));
            // Any moment of the work is as good as another; the version-7 id brings the chance.
            let chance = Uuid::now_v7().as_u128() % 600;
            tokio::time::sleep(Duration::from_millis(u64::try_from(chance).unwrap())).await;
            program.kill();
            worker.join().unwrap();
            all.extend(told.try_iter());
            let (code, said) = command(&["verify", "--database", db.address()]);
            assert_eq!(code, 0, "{} round {round}, killed after {chance} ms: {said}", db.label());
        }
        let done = all.iter().filter(|r| r.answer.is_some()).count();
        assert!(done > rounds * 2, "only {done} requests were answered");
        holds(&app, &db, &all).await;
    }
}

/// Every acknowledged line is in the ledger, once, and there is no other.
async fn holds(app: &App, db: &Db, all: &[Request]) {
    let mut wanted: Lines = BTreeMap::new();
    let unit = |json: &Json| json["unit"].as_str().unwrap().parse::<Uuid>().unwrap();
    let unanswered = all.last().filter(|r| r.answer.is_none()).map(|r| r.key.clone());
    for request in all.iter().filter(|r| Some(&r.key) != unanswered.as_ref()) {
        let answer = request.answer.as_ref().expect("a request in the middle was never answered");
        let body = &request.body;
        match request.path {
            "/api/v1/figures" => {
                let period: Period = body["period"].as_str().unwrap().parse().unwrap();
                let state = if body["submit"] == true { State::Submitted } else { State::Draft };
                for (item, row) in body["items"].as_array().unwrap().iter().zip(answer["items"].as_array().unwrap()) {
                    assert_ne!(row["status"], "refused", "{row}");
                    if row["status"] == "written" {
                        let value: i64 = item["value"].as_str().unwrap().parse().unwrap();
                        let code = item["measure"].as_str().unwrap().to_owned();
                        wanted.entry((unit(item), code, period.to_i64())).or_default().push((row["seq"].as_i64().unwrap(), state, Value::Number(value)));
                    }
                }
            }
            "/api/v1/submissions" => {
                let period: Period = body["period"].as_str().unwrap().parse().unwrap();
                assert_eq!(answer["lines"], 1);
                let lines = wanted.get_mut(&(unit(body), "so_ho".to_owned(), period.to_i64())).unwrap();
                let last = lines.last().unwrap().clone();
                lines.push((last.0 + 1, State::Submitted, last.2));
            }
            _ => {
                let item = &body["items"][0];
                let period: Period = item["period"].as_str().unwrap().parse().unwrap();
                assert_eq!(answer["lines"], 1);
                let lines = wanted.get_mut(&(unit(item), "so_ho".to_owned(), period.to_i64())).unwrap();
                let last = lines.last().unwrap().clone();
                lines.push((last.0 + 1, State::Accepted, last.2));
            }
        }
    }
    app.figures.refresh().await.unwrap();
    let catalog = app.figures.catalog();
    let atlas = app.places.atlas();
    let mut found: Lines = BTreeMap::new();
    let tenants: std::collections::BTreeSet<Uuid> = atlas.units().iter().map(|u| u.tenant).collect();
    for (measure, period) in figures::store::slices(db).await.unwrap() {
        let known = catalog.newest(measure).unwrap();
        for tenant in &tenants {
            for (unit, line) in figures::store::slice_lines(db, *tenant, (measure, period)).await.unwrap() {
                if !known.measure.computed() {
                    found.entry((unit, known.measure.def.code.clone(), period)).or_default().push((line.seq, line.state, line.value));
                }
            }
        }
    }
    // The very last request may have been done without anybody hearing of it: it is there as a whole or not at all.
    if let Some(last) = all.last().filter(|r| r.answer.is_none()) {
        let extra: usize = found.iter().map(|(key, lines)| lines.len() - wanted.get(key).map_or(0, Vec::len)).sum();
        let whole = last.body["items"].as_array().map_or(1, Vec::len);
        assert!(extra == 0 || extra == whole, "{extra} of {whole} lines of the last request");
        for (key, lines) in &wanted {
            assert_eq!(&found[key][..lines.len()], &lines[..], "{key:?}");
        }
    } else {
        assert_eq!(found, wanted);
    }
}
