//! Handing over: what goes, what is still missing, what asks for a word.

use super::cell;
use super::enter::Pick;
use super::{due_words, period as read_period, period_label, see_other, unit as read_unit, unit_name, with_status};
use crate::ledger::State;
use crate::{Figures, SheetRow};
use access::{Context, Role, db_error};
use askama::Template;
use axum::extract::{Form, Query, State as Here};
use axum::response::Response;
use calendar::Period;
use std::collections::HashMap;
use ui::{AppError, Notice, Shell, Tone, page};
use uuid::Uuid;

struct Going {
    title: String,
    value: String,
    previous: String,
    ask: Option<String>,
    name: String,
    word: String,
    missing_word: bool,
}

#[derive(Template)]
#[template(path = "office_submit.html")]
struct SubmitView {
    shell: Shell,
    unit: String,
    period: String,
    unit_name: String,
    going: Vec<Going>,
    missing: Vec<String>,
    returned: Vec<(String, String)>,
    handed: usize,
    total: usize,
    due: String,
    late: bool,
    back: String,
}

/// `GET /enter/submit?unit=&period=`
pub(super) async fn show(Here(figures): Here<Figures>, ctx: Context, Query(pick): Query<Pick>) -> Result<Response, AppError> {
    let unit = read_unit(&figures, &ctx, pick.unit.as_deref().unwrap_or_default())?;
    let period = read_period(pick.period.as_deref().unwrap_or_default())?;
    view(&figures, &ctx, unit, period, &HashMap::new(), None).await
}

async fn view(
    figures: &Figures,
    ctx: &Context,
    unit: Uuid,
    period: Period,
    words: &HashMap<Uuid, String>,
    error: Option<&AppError>,
) -> Result<Response, AppError> {
    if !figures.may(ctx, Role::Officer, unit) {
        ctx.require(Role::Officer, &[])?;
    }
    let (l, today) = (ctx.lang, ctx.today());
    let measures = figures.measures_of(unit, period, today);
    let rows = figures.sheet_of_unit(unit, period, &measures).await?;
    let last = measures.first().map_or(period.last_day(), |k| k.window(period).1);
    let due = match figures.places().atlas().on(last).province(unit) {
        Some(province) => figures.round(province, period).await.map_err(db_error)?.due,
        None => None,
    };
    let (due, late) = due_words(due.and_then(|d| d.parse().ok()), today, l);
    let title = |r: &SheetRow| r.known.measure.title(l).to_owned();
    let mut out = SubmitView {
        unit: unit.to_string(),
        period: period.to_string(),
        unit_name: unit_name(figures, unit, last),
        going: vec![],
        missing: vec![],
        returned: vec![],
        handed: 0,
        total: rows.len(),
        due,
        late,
        back: format!("/enter?unit={unit}&period={period}"),
        shell: ctx.shell(format!("{} {}", l.t("Nộp", "Hand over"), period_label(period, l))).noindex(),
    };
    for row in &rows {
        match row.state() {
            Some(State::Draft) => {
                let known = &row.known;
                let ask = row.asks();
                let word = words.get(&known.measure.id).cloned().or_else(|| row.word().map(str::to_owned)).unwrap_or_default();
                out.going.push(Going {
                    title: title(row),
                    value: row.value().map(|v| cell::said_of(known, v, l)).unwrap_or_default(),
                    previous: row.before.as_ref().map(|v| cell::said_of(known, v, l)).unwrap_or_default(),
                    missing_word: error.is_some() && ask.is_some() && lang::clean(&word).chars().count() < 3,
                    ask: ask.map(|r| l.t(&r.vi, &r.en).to_owned()),
                    name: cell::name(unit, &known.measure.def.code, "r"),
                    word,
                });
            }
            Some(State::Returned) => {
                let why = row.story.pending.as_ref().and_then(|p| p.reason.clone()).unwrap_or_default();
                out.returned.push((title(row), why));
            }
            Some(State::Submitted | State::Accepted) => out.handed += 1,
            None => out.missing.push(title(row)),
        }
    }
    out.shell = out.shell.notice(error.map(|e| Notice::new(Tone::Bad, format!("{} {}", e.what(l), e.how(l)))));
    out.shell.path = format!("/enter/submit?unit={unit}&period={period}");
    out.shell = out.shell.crumb(l.t("Hôm nay", "Today"), "/today").crumb(l.t("Nhập số liệu", "Enter figures"), out.back.clone()).here(l.t("Nộp", "Hand over"));
    Ok(page(&out))
}

/// `POST /enter/submit`
pub(super) async fn hand_over(Here(figures): Here<Figures>, ctx: Context, Form(fields): Form<Vec<(String, String)>>) -> Result<Response, AppError> {
    let find = |name: &str| fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).unwrap_or_default();
    let unit = read_unit(&figures, &ctx, find("unit"))?;
    let period = read_period(find("period"))?;
    let catalog = figures.catalog();
    let words: HashMap<Uuid, String> = fields
        .iter()
        .filter_map(|(name, value)| {
            let (_, code, _) = cell::split(name).filter(|(u, _, part)| *u == unit && *part == "r")?;
            Some((catalog.coded(code)?.measure.id, value.clone()))
        })
        .collect();
    match figures.submit_with(&ctx, unit, period, &words).await {
        Ok(_) => Ok(see_other(&format!("/enter?unit={unit}&period={period}&done=submitted"))),
        Err(error) if matches!(error.status, 409 | 422 | 503) => Ok(with_status(view(&figures, &ctx, unit, period, &words, Some(&error)).await?, error.status)),
        Err(error) => Err(error),
    }
}
