//! Reporting rounds of a province: due date, who is late, closing and reopening.

use super::{done, due_words, moment, period as read_period, period_label, provinces, see_other, unit as read_unit, unit_name, with_status};
use crate::{Figures, Punctual, Standing};
use access::{Context, Role, db_error};
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::response::Response;
use calendar::Period;
use jiff::civil::Date;
use serde::Deserialize;
use ui::{AppError, Lang, Notice, Shell, Tone, page};
use uuid::Uuid;

#[derive(Deserialize, Default)]
pub(super) struct Ask {
    unit: Option<String>,
    period: Option<String>,
    done: Option<String>,
}

struct Line {
    unit: String,
    href: String,
    tag: (&'static str, String),
    measures: i64,
    accepted: i64,
    awaiting: i64,
    drafts: i64,
    returned: i64,
    missing: i64,
    last: String,
}

#[derive(Template)]
#[template(path = "office_rounds.html")]
struct RoundsView {
    shell: Shell,
    unit: String,
    unit_name: String,
    period: String,
    period_label: String,
    units: Vec<(String, String, bool)>,
    periods: Vec<(String, String, bool)>,
    lines: Vec<Line>,
    late: usize,
    done: usize,
    due: String,
    overdue: bool,
    due_field: String,
    closed: Option<String>,
    reason: String,
    typed: String,
    error: String,
    may_lead: bool,
}

/// `GET /rounds?unit=&period=`
pub(super) async fn show(State(figures): State<Figures>, ctx: Context, Query(ask): Query<Ask>) -> Result<Response, AppError> {
    let own = provinces(&figures, &ctx, Role::Viewer);
    let unit = match ask.unit.as_deref().filter(|u| !u.is_empty()) {
        Some(text) => read_unit(&figures, &ctx, text)?,
        None => own.first().copied().ok_or_else(crate::service::unknown_unit)?,
    };
    let period = match ask.period.as_deref().filter(|p| !p.is_empty()) {
        Some(text) => read_period(text)?,
        None => figures.open_periods(ctx.today()).into_iter().next().ok_or_else(crate::service::unknown_unit)?,
    };
    view(&figures, &ctx, unit, period, done(ctx.lang, ask.done.as_deref()), None).await
}

async fn view(
    figures: &Figures,
    ctx: &Context,
    unit: Uuid,
    period: Period,
    notice: Option<Notice>,
    kept: Option<(&str, &AppError)>,
) -> Result<Response, AppError> {
    ctx.require_signed_in()?;
    if !figures.may(ctx, Role::Viewer, unit) {
        ctx.require(Role::Viewer, &[])?;
    }
    let (l, today) = (ctx.lang, ctx.today());
    let board = figures.lateness(ctx, unit, period).await.map_err(db_error)?;
    let (due, overdue) = due_words(board.due, today, l);
    let last = period.last_day();
    let mut units = board.units.clone();
    // Who is late comes first, then who still has something open, in the order of the tree.
    units.sort_by_key(|u| match u.punctual {
        Punctual::Late(_) => 0,
        Punctual::Open => 1,
        Punctual::DoneLate(_) | Punctual::Done => 2,
    });
    let title = format!("{} {}", l.t("Đợt báo cáo", "Round of"), period_label(period, l));
    let mut shell = ctx.shell(&title).noindex().notice(notice).crumb(l.t("Hôm nay", "Today"), "/today").here(&title);
    shell.path = format!("/rounds?unit={unit}&period={period}");
    let mut periods: Vec<Period> = figures
        .open_periods(today)
        .into_iter()
        .flat_map(|p| [Some(p), p.previous(), p.previous().and_then(Period::previous)])
        .flatten()
        .chain([period])
        .collect();
    periods.sort_unstable();
    periods.dedup();
    let own = provinces(figures, ctx, Role::Viewer);
    Ok(page(&RoundsView {
        unit: unit.to_string(),
        unit_name: unit_name(figures, unit, last),
        period: period.to_string(),
        period_label: period_label(period, l),
        units: own.iter().map(|u| (u.to_string(), unit_name(figures, *u, today), *u == unit)).collect(),
        periods: periods.iter().map(|p| (p.to_string(), period_label(*p, l), *p == period)).collect(),
        late: board.late(),
        done: units.iter().filter(|u| u.missing() == 0).count(),
        lines: units.iter().map(|u| line(figures, u, period, last, l)).collect(),
        due,
        overdue: overdue && board.late() > 0,
        due_field: board.due.map(|d| d.to_string()).unwrap_or_default(),
        closed: board.closed.as_ref().map(|(at, who)| format!("{who}, {}", moment(*at))),
        reason: board.reason.clone(),
        typed: kept.map(|k| k.0.to_owned()).unwrap_or_default(),
        error: kept.map(|k| format!("{} {}", k.1.what(l), k.1.how(l))).unwrap_or_default(),
        may_lead: figures.may(ctx, Role::Reviewer, unit) && figures.places().atlas().unit(unit).is_some_and(|u| u.level == places::Level::Province),
        shell,
    }))
}

fn line(figures: &Figures, u: &Standing, period: Period, on: Date, l: Lang) -> Line {
    let tag = match u.punctual {
        Punctual::Done => ("ok", l.t("đủ", "complete").to_owned()),
        Punctual::DoneLate(days) => ("wait", format!("{} {days} {}", l.t("đủ, nộp muộn", "complete, late by"), l.t("ngày", "days"))),
        Punctual::Late(days) => ("late", format!("{} {days} {}", l.t("trễ", "late by"), l.t("ngày", "days"))),
        Punctual::Open => ("plain", l.t("chưa đủ", "open").to_owned()),
    };
    Line {
        unit: unit_name(figures, u.unit, on),
        href: format!("/enter?unit={}&period={period}", u.unit),
        tag,
        measures: u.measures,
        accepted: u.accepted,
        awaiting: u.awaiting,
        drafts: u.drafts,
        returned: u.returned,
        missing: u.missing(),
        last: u.last.map(moment).unwrap_or_default(),
    }
}

#[derive(Deserialize)]
pub(super) struct Change {
    unit: String,
    period: String,
    #[serde(default)]
    due: String,
    #[serde(default)]
    reason: String,
}

async fn answer(figures: &Figures, ctx: &Context, change: &Change, outcome: Result<(), AppError>, word: &str) -> Result<Response, AppError> {
    match outcome {
        Ok(()) => Ok(see_other(&format!("/rounds?unit={}&period={}&done={word}", ui::percent_encode(&change.unit), ui::percent_encode(&change.period)))),
        Err(error) if matches!(error.status, 409 | 422 | 503) => {
            let (unit, period) = (read_unit(figures, ctx, &change.unit)?, read_period(&change.period)?);
            let notice = Notice::new(Tone::Bad, error.what(ctx.lang).to_owned());
            let shown = view(figures, ctx, unit, period, Some(notice), Some((&change.reason, &error))).await?;
            Ok(with_status(shown, error.status))
        }
        Err(error) => Err(error),
    }
}

/// `POST /rounds/due`
pub(super) async fn due(State(figures): State<Figures>, ctx: Context, Form(change): Form<Change>) -> Result<Response, AppError> {
    let (unit, period) = (read_unit(&figures, &ctx, &change.unit)?, read_period(&change.period)?);
    let date = match change.due.trim() {
        "" => Ok(None),
        text => lang::parse_date(text).map(Some).map_err(|p| AppError::new("date_unreadable", 422).say(p.vi(), p.en()).at("due")),
    };
    let outcome = match date {
        Ok(date) => figures.set_due(&ctx, unit, period, date).await,
        Err(error) => Err(error),
    };
    answer(&figures, &ctx, &change, outcome, "due").await
}

/// `POST /rounds/close`
pub(super) async fn close(State(figures): State<Figures>, ctx: Context, Form(change): Form<Change>) -> Result<Response, AppError> {
    let (unit, period) = (read_unit(&figures, &ctx, &change.unit)?, read_period(&change.period)?);
    let outcome = figures.close_round(&ctx, unit, period, &change.reason).await;
    answer(&figures, &ctx, &change, outcome, "closed").await
}

/// `POST /rounds/reopen`
pub(super) async fn reopen(State(figures): State<Figures>, ctx: Context, Form(change): Form<Change>) -> Result<Response, AppError> {
    let (unit, period) = (read_unit(&figures, &ctx, &change.unit)?, read_period(&change.period)?);
    let outcome = figures.reopen_round(&ctx, unit, period, &change.reason).await;
    answer(&figures, &ctx, &change, outcome, "reopened").await
}
