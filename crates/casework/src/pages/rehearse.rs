//! Rehearsal: last year's cases through a draft, a changed calendar, or both.

use super::day_of;
use crate::Casework;
use crate::case::{Rehearsal, instant};
use access::Context;
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::Response;
use calendar::WorkCalendar;
use jiff::ToSpan as _;
use serde::Deserialize;
use ui::{AppError, Notice, Shell, Tone, page};

#[derive(Deserialize, Default)]
pub(super) struct Asked {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    calendar: String,
}

#[derive(Template)]
#[template(path = "procedure_rehearse.html")]
struct RehearseView {
    shell: Shell,
    code: String,
    title: String,
    draft: Option<i64>,
    from: String,
    to: String,
    calendar: String,
    found: Option<Rehearsal>,
    lines: Vec<(String, String, String, String, String)>,
}

/// `GET /admin/procedures/{code}/rehearse`
pub(super) async fn show(State(casework): State<Casework>, ctx: Context, Path(code): Path<String>) -> Result<Response, AppError> {
    view(&casework, &ctx, &code, Asked::default(), false).await
}

/// `POST /admin/procedures/{code}/rehearse`; writes nothing.
pub(super) async fn run(State(casework): State<Casework>, ctx: Context, Path(code): Path<String>, Form(asked): Form<Asked>) -> Result<Response, AppError> {
    view(&casework, &ctx, &code, asked, true).await
}

async fn view(casework: &Casework, ctx: &Context, code: &str, asked: Asked, run: bool) -> Result<Response, AppError> {
    casework.require_writer(ctx)?;
    let l = ctx.lang;
    let newest = casework.library().newest(code).ok_or_else(crate::case::unknown_procedure)?;
    let draft = Some(&newest).filter(|v| v.state == "draft");
    let today = ctx.today();
    let date = |text: &str, usual: jiff::civil::Date| if text.trim().is_empty() { Ok(usual) } else { lang::parse_date(text) };
    let mut notice = None;
    let mut span = (today.saturating_sub(1.year()), today.saturating_add(1.day()));
    match (date(&asked.from, span.0), date(&asked.to, span.1)) {
        (Ok(from), Ok(to)) => span = (from, to),
        _ => notice = Some(Notice::new(Tone::Bad, l.t("Ngày chưa đúng, viết như 05/02/2026.", "The date is not right; write it like 2026-02-05."))),
    }
    let mut other = None;
    if !asked.calendar.trim().is_empty() {
        match WorkCalendar::parse(&asked.calendar.replace("\r\n", "\n")) {
            Ok(calendar) => {
                let nation = casework.places().atlas().nation().unwrap_or_default();
                other = Some((*casework.calendar_of(nation, today)).clone().under(calendar));
            }
            Err(error) => notice = Some(Notice::new(Tone::Bad, l.t(&error.vi(), &error.to_string()))),
        }
    }
    let found = if run && notice.is_none() {
        let midnight = jiff::civil::Time::midnight();
        let instants = (instant(span.0.to_datetime(midnight)), instant(span.1.to_datetime(midnight)));
        Some(casework.rehearse(ctx, code, instants, draft.map(|v| &v.procedure), other.as_ref()).await?)
    } else {
        None
    };
    let shown = |at: Option<i64>| at.map_or_else(|| l.t("chưa có hạn", "none").to_owned(), day_of);
    let lines = found.iter().flat_map(|f| f.changed.iter().take(200)).map(|c| {
        let late = match c.late {
            Some((false, true)) => l.t("thành quá hạn", "becomes late"),
            Some((true, false)) => l.t("thành đúng hạn", "becomes in time"),
            _ => "",
        };
        (
            format!("/cases/{}", c.case),
            format!("{}{}", c.title, if c.clock.is_empty() { String::new() } else { format!(" · {}", c.clock) }),
            shown(c.before),
            shown(c.after),
            late.to_owned(),
        )
    });
    let title = newest.procedure.title(l).to_owned();
    let shell = ctx
        .shell(l.t("Chạy thử", "Rehearsal"))
        .noindex()
        .notice(notice)
        .crumb(l.t("Quy trình", "Procedures"), "/procedures")
        .crumb(title.clone(), format!("/procedures/{code}"))
        .here(l.t("Chạy thử", "Rehearsal"));
    Ok(page(&RehearseView {
        lines: lines.collect(),
        code: code.to_owned(),
        title,
        draft: draft.map(|v| v.number),
        from: span.0.to_string(),
        to: span.1.to_string(),
        calendar: asked.calendar,
        found,
        shell,
    }))
}
