//! Made-up cases: recognition of three communes, each at another step. The furthest is of one that meets its whole set, so that it
//! can be brought to its certificate.

use crate::app::App;
use access::Context;
use calendar::Period;
use casework::case::{Brought, Fields, TaskAnswer};
use criteria::demo::SET;
use criteria::model::{Given, Kind, Outcome};
use criteria::store::assess::Stage;
use criteria::{Typed, Verdict};
use figures::Computed;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use places::Level;
use ui::AppError;
use uuid::Uuid;
use work::{CaseAct, NewCase, Value};

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

/// The first commune of Bắc Ninh whose scorecard lacks at most what is answered by yes or no; that is scored and accepted, so that the
/// commune meets its whole set.
async fn ready(app: &App, today: Date) -> Result<Option<Uuid>, AppError> {
    let (atlas, ctx) = (app.places.atlas(), app.access.system());
    let Some(province) = atlas.coded("24", Some(Level::Province), today) else { return Ok(None) };
    for unit in atlas.on(today).under(province, Level::Commune) {
        // A ward is judged by no set for communes.
        let Ok(card) = app.criteria.scorecard(&ctx, SET, unit, 2026).await else { continue };
        if card.state.is_none() {
            continue;
        }
        let judged = card.card();
        let applying = || judged.indicators.iter().filter(|j| j.outcome != Outcome::NotApplicable);
        let open: Vec<_> = applying().filter(|j| j.outcome != Outcome::Met).collect();
        let answerable = |kind| matches!(kind, Kind::YesNo | Kind::Text | Kind::Reference);
        let accepted = |code: &str| card.scored.get(code).and_then(|s| s.last.as_ref()).is_some_and(|l| l.stage == Stage::Accepted);
        let settled = applying().all(|j| j.outcome != Outcome::Met || accepted(&j.indicator.code));
        if !settled || open.iter().any(|j| j.outcome != Outcome::NoData || !answerable(j.indicator.kind)) {
            continue;
        }
        if !open.is_empty() {
            let codes: Vec<String> = open.iter().map(|j| j.indicator.code.clone()).collect();
            let yes = |code: &String| Typed { indicator: code.clone(), given: Some(Given::Answer { yes: true }), ..Typed::default() };
            for j in &open {
                given(app, unit, j.indicator.measure.as_deref()).await?;
            }
            app.criteria.score(&ctx, SET, unit, 2026, &codes.iter().map(yes).collect::<Vec<_>>()).await?;
            app.criteria.appraise(&ctx, SET, unit, 2026, &codes, &Verdict::Accept).await?;
        }
        return Ok(Some(unit));
    }
    Ok(None)
}

/// Gives a unit the figure that an indicator reads.
async fn given(app: &App, unit: Uuid, measure: Option<&str>) -> Result<(), AppError> {
    let catalog = app.figures.catalog();
    let (Some(known), Some(period)) = (measure.and_then(|code| catalog.coded(code)), Period::year(2026)) else { return Ok(()) };
    let value = figures::Value::Number(1);
    let computed = Computed { unit, measure: known.measure.id, period, value, note: "Dữ liệu minh họa".into(), take_over: None };
    let mut tx = app.figures.db().begin().await.map_err(access::db_error)?;
    app.figures.publish_in(&mut tx, app.figures.clock().now(), "demo", computed).await?;
    tx.commit().await.map_err(access::db_error)
}

fn typed(text: &str) -> Value {
    match (text, text.parse::<i64>()) {
        ("1", _) => Value::Flag(true),
        (_, Ok(number)) => Value::Number(number),
        _ => Value::Text(text.to_owned()),
    }
}
