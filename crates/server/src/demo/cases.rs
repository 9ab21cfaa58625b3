//! Made-up cases: recognition of three communes, each at another step. The furthest is of one that meets its whole set, so that it
//! can be brought to its certificate.

use crate::app::App;
use access::Context;
use casework::case::{Brought, Fields, TaskAnswer};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use places::Level;
use ui::AppError;
use uuid::Uuid;
use work::{About, CaseAct, NewCase, Value};

/// Commune by code (none: the first that meets its set), how many days ago it was opened, how far it came.
const CASES: &[(Option<&str>, i64, usize)] = &[(Some("07330"), 9, 2), (Some("07339"), 40, 5), (None, 60, 6)];

/// What is done in order, each some days after the one before: papers, action, fields.
type Deed = (&'static [&'static str], &'static str, &'static [(&'static str, &'static str)]);
const DEEDS: &[Deed] = &[
    (&["report"], "consult", &[("rank", "standard"), ("year", "2026"), ("no_debt", "1"), ("order_ok", "1")]),
    (&["publication"], "publish", &[("broadcasts", "6"), ("published_from", "2026-10-05"), ("published_days", "12")]),
    (&["opinion"], "complete", &[]),
    (&["minutes", "request"], "request", &[]),
    (&["survey"], "enter_survey", &[("households_asked", "84"), ("satisfied", "96")]),
    (&["verification"], "verified", &[]),
];

/// Opens the cases and does what was done; a second start finds them done.
///
/// # Errors
/// What the case engine says.
pub(super) async fn seed(app: &App, now: Timestamp) -> Result<(), AppError> {
    let (atlas, today) = (app.places.atlas(), calendar::local_date(now));
    for (code, ago, steps) in CASES {
        let unit = match code {
            Some(code) => atlas.coded(code, Some(Level::Commune), today),
            None => ready(app, today).await?,
        };
        let Some(unit) = unit else { continue };
        let id = Uuid::new_v5(&unit, b"demo recognition");
        let at = |days: i64| Context::system(now - SignedDuration::from_hours(24 * days));
        let title = format!("Công nhận {} đạt chuẩn nông thôn mới năm 2026", atlas.full_name(unit, today));
        let new = NewCase { id, procedure: "recognition-commune".into(), unit, title, subject: String::new(), fields: Fields::new() };
        app.casework.open_case(&at(*ago), new).await?;
        for ((papers, action, fields), step) in DEEDS.iter().zip(0i64..).take(*steps) {
            let ctx = at((ago - step * (ago / 8).max(1)).max(0));
            let done = app.casework.look(&ctx, id).await?;
            if done.events.iter().any(|e| e.event.action == *action) {
                continue;
            }
            for paper in *papers {
                let bytes = format!("%PDF-1.4\n% {paper}: du lieu minh hoa\n%%EOF\n").into_bytes();
                app.casework.attach(&ctx, id, Brought { paper: (*paper).into(), name: format!("{paper}.pdf"), bytes, number: String::new() }).await?;
            }
            if *action == "complete" {
                let answer = TaskAnswer {
                    case: id,
                    task: "opinion_front".into(),
                    verdict: "agreed".into(),
                    fields: Fields::new(),
                    note: "Thống nhất với báo cáo.".into(),
                };
                app.casework.answer_task(&ctx, answer).await?;
            }
            let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), typed(value))).collect();
            app.casework
                .act(&ctx, CaseAct { case: id, action: (*action).into(), seen: None, key: format!("demo-{step}"), fields, note: String::new() })
                .await?;
        }
    }
    Ok(())
}

/// The first commune of Bắc Ninh whose scorecard says that it meets everything.
async fn ready(app: &App, today: Date) -> Result<Option<Uuid>, AppError> {
    let (atlas, wanted) = (app.places.atlas(), ["criteria_met", "criteria_total"].map(str::to_owned));
    let Some(province) = atlas.coded("24", Some(Level::Province), today) else { return Ok(None) };
    let fields = [("rank", Value::Text("standard".into())), ("year", Value::Number(2026))].map(|(name, value)| (name.to_owned(), value));
    for unit in atlas.on(today).under(province, Level::Commune) {
        let about = About { procedure: "recognition-commune".into(), case: Uuid::nil(), unit, fields: fields.clone().into(), on: today };
        let facts = app.board.facts(&about, &wanted).await?;
        if let [Some(met), Some(total)] = facts.iter().map(|f| f.value.clone()).collect::<Vec<_>>().as_slice()
            && met == total
        {
            return Ok(Some(unit));
        }
    }
    Ok(None)
}

fn typed(text: &str) -> Value {
    match (text, text.parse::<i64>()) {
        ("1", _) => Value::Flag(true),
        (_, Ok(number)) => Value::Number(number),
        _ => Value::Text(text.to_owned()),
    }
}
