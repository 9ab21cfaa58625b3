//! *Hôm nay*: what waits for the person who has signed in.

use super::{cell, done, due_words, moment, period_label, provinces, unit_name};
use crate::service::due::RETURNED;
use crate::{Figures, Punctual};
use access::{Context, Role, db_error};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use places::Level;
use serde::Deserialize;
use ui::{AppError, Shell, page};

#[derive(Deserialize)]
pub(super) struct Word {
    done: Option<String>,
}

/// Figures of one unit and period still to be entered or handed over.
struct Duty {
    title: String,
    href: String,
    go: &'static str,
    counts: String,
    tag: (&'static str, String),
    drafts: i64,
    submit: Option<String>,
}

struct Back {
    title: String,
    value: String,
    reason: String,
    who: String,
    href: String,
}

struct RoundLine {
    title: String,
    href: String,
    words: String,
    tag: (&'static str, String),
}

#[derive(Template)]
#[template(path = "office_today.html")]
struct TodayView {
    shell: Shell,
    name: String,
    date: String,
    duties: Vec<Duty>,
    returned: Vec<Back>,
    queue: Vec<(String, String, i64)>,
    waiting: i64,
    rounds: Vec<RoundLine>,
    admin: bool,
    nothing: bool,
}

/// `GET /today`
pub(super) async fn show(State(figures): State<Figures>, ctx: Context, Query(word): Query<Word>) -> Result<Response, AppError> {
    ctx.require_signed_in()?;
    let (l, today) = (ctx.lang, ctx.today());
    let atlas = figures.places().atlas();
    let map = atlas.on(today);
    let periods = figures.open_periods(today);
    let mut duties = Vec::new();
    for unit in ctx.units_with(Role::Officer) {
        let wide = map.level(unit).is_some_and(|level| level < Level::Commune);
        if map.level(unit) == Some(Level::Nation) {
            continue;
        }
        for period in &periods {
            let board = figures.lateness(&ctx, unit, *period).await.map_err(db_error)?;
            let open: Vec<_> = board.units.iter().filter(|u| u.missing() > 0).collect();
            if board.closed.is_some() || open.is_empty() {
                continue;
            }
            let (measures, handed, drafts, returned) =
                board.units.iter().fold((0, 0, 0, 0), |a, u| (a.0 + u.measures, a.1 + u.accepted + u.awaiting, a.2 + u.drafts, a.3 + u.returned));
            let (due, late) = due_words(board.due, today, l);
            let mut counts = format!("{} {handed}/{measures} {}", l.t("đã nộp", "handed over"), l.t("số liệu", "figures"));
            if wide {
                counts = format!("{}/{} {} · {counts}", board.units.len() - open.len(), board.units.len(), l.t("đơn vị đủ", "units complete"));
            }
            if drafts > 0 {
                counts.push_str(&format!(" · {drafts} {}", l.t("nháp", "drafts")));
            }
            if returned > 0 {
                counts.push_str(&format!(" · {returned} {}", l.t("bị trả lại", "returned")));
            }
            let late = late && open.iter().any(|u| matches!(u.punctual, Punctual::Late(_)));
            duties.push((
                late,
                board.due,
                Duty {
                    title: format!("{}, {}", unit_name(&figures, unit, today), period_label(*period, l)),
                    href: if wide { format!("/enter/grid?unit={unit}&period={period}") } else { format!("/enter?unit={unit}&period={period}") },
                    go: l.t("Nhập số liệu", "Enter figures"),
                    counts,
                    tag: (
                        if late {
                            "late"
                        } else if board.due.is_some() {
                            "wait"
                        } else {
                            "plain"
                        },
                        due,
                    ),
                    drafts,
                    submit: (!wide && drafts > 0).then(|| format!("/enter/submit?unit={unit}&period={period}")),
                },
            ));
        }
    }
    // By the clock: late ones first, then what is due next, then what has no date.
    duties.sort_by_key(|(late, due, _)| (!late, due.is_none(), *due));
    let returned = figures.returned(&ctx, RETURNED).await?;
    let returned: Vec<Back> = returned
        .into_iter()
        .map(|(unit, held)| Back {
            title: format!(
                "{}, {}, {}",
                held.known.measure.title(l),
                unit_name(&figures, unit, held.known.window(held.period).1),
                period_label(held.period, l)
            ),
            value: cell::said_of(&held.known, &held.line.value, l),
            reason: held.line.reason.clone().unwrap_or_default(),
            who: held.act.as_ref().map(|a| format!("{}, {}", a.who_name, moment(a.at))).unwrap_or_default(),
            href: format!("/enter?unit={unit}&period={}#row-{}-{}", held.period, unit.simple(), held.known.measure.def.code),
        })
        .collect();
    let counts = if ctx.may_somewhere(Role::Reviewer) { figures.queue_counts(&ctx).await? } else { Vec::new() };
    let mut rounds = Vec::new();
    for province in provinces(&figures, &ctx, Role::Reviewer).into_iter().filter(|p| figures.may(&ctx, Role::Reviewer, *p)).take(5) {
        for period in &periods {
            let board = figures.lateness(&ctx, province, *period).await.map_err(db_error)?;
            if board.closed.is_some() || board.units.is_empty() {
                continue;
            }
            let complete = board.units.iter().filter(|u| u.missing() == 0).count();
            let (due, passed) = due_words(board.due, today, l);
            let late = board.late();
            rounds.push(RoundLine {
                title: format!("{}, {}", unit_name(&figures, province, today), period_label(*period, l)),
                href: format!("/rounds?unit={province}&period={period}"),
                words: format!(
                    "{complete}/{} {}{}",
                    board.units.len(),
                    l.t("đơn vị đủ", "units complete"),
                    if late > 0 { format!(" · {late} {}", l.t("đơn vị trễ", "late")) } else { String::new() }
                ),
                tag: (
                    if passed && late > 0 {
                        "late"
                    } else if board.due.is_some() {
                        "wait"
                    } else {
                        "plain"
                    },
                    due,
                ),
            });
        }
    }
    let mut shell = ctx.shell(l.t("Hôm nay", "Today")).noindex().notice(done(l, word.done.as_deref()));
    shell.path = "/today".to_owned();
    let waiting: i64 = counts.iter().map(|c| c.1).sum();
    let duties: Vec<Duty> = duties.into_iter().map(|d| d.2).collect();
    Ok(page(&TodayView {
        name: ctx.author_name().to_owned(),
        date: l.t(&lang::show::long_date(today), &today.strftime("%-d %B %Y").to_string()).to_owned(),
        queue: counts.iter().map(|(p, n)| (period_label(*p, l), format!("/queue?period={p}"), *n)).collect(),
        waiting,
        nothing: duties.is_empty() && returned.is_empty() && waiting == 0 && rounds.is_empty(),
        duties,
        returned,
        rounds,
        admin: ctx.may_somewhere(Role::Administrator),
        shell,
    }))
}
