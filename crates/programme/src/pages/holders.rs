//! Who holds a target and how long there is left: tasks that serve it with their deadlines, and the places that are behind.

use super::words;
use crate::service::Programme;
use crate::service::progress::Progress;
use crate::task::{Asked, headline, last_day, late_words, party};
use access::{Context, Who, db_error};
use jiff::civil::Date;
use places::Level;
use std::collections::BTreeSet;
use ui::{AppError, Lang};
use uuid::Uuid;

/// Tasks and places shown at most.
const MOST: usize = 8;

/// Places that are behind, under one province or under the place asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Behind {
    pub unit: Uuid,
    pub short: i64,
    pub missing: i64,
    pub awaiting: i64,
}

/// One line: who, what, until when, how long left.
pub(super) struct Holder {
    pub who: String,
    pub href: String,
    pub what: String,
    pub due: String,
    pub left: String,
    pub tone: &'static str,
}

/// The lines of a target, and what else there is.
#[derive(Default)]
pub(super) struct Holders {
    pub lines: Vec<Holder>,
    pub more: usize,
    pub tasks_hidden: bool,
}

fn left(last: Date, today: Date, l: Lang) -> (String, &'static str) {
    match (today.until(last).map(|s| s.get_days()).unwrap_or(0), l) {
        (0, Lang::Vi) => ("hết hạn hôm nay".to_owned(), "wait"),
        (0, Lang::En) => ("due today".to_owned(), "wait"),
        (n @ 1.., Lang::Vi) => (format!("còn {n} ngày"), if n <= 30 { "wait" } else { "plain" }),
        (n @ 1.., Lang::En) => (format!("{n} days left"), if n <= 30 { "wait" } else { "plain" }),
        (n, Lang::Vi) => (format!("quá {} ngày", -n), "late"),
        (n, Lang::En) => (format!("{} days over", -n), "late"),
    }
}

/// Who holds a target at a place. Tasks are told to people who have signed in, as far as they may see them.
///
/// # Errors
/// What the database says.
pub(super) async fn holders(programme: &Programme, ctx: &Context, p: &Progress, behind: &[Behind], today: bool) -> Result<Holders, AppError> {
    let (l, atlas) = (ctx.lang, programme.atlas());
    let mut out = Holders { tasks_hidden: ctx.who == Who::Public, ..Holders::default() };
    let mut tasks = Vec::new();
    if !out.tasks_hidden {
        let register = programme.register();
        let plans: BTreeSet<String> = register.below(&p.held.origin.def.plan.code).iter().map(|x| x.def.plan.code.clone()).collect();
        let last = super::last_day(&atlas, p.place, ctx);
        let now: Vec<Uuid> = match last < ctx.today() {
            true => atlas.heirs(p.place, last, ctx.today(), places::Basis::Population).iter().map(|h| h.unit).collect(),
            false => vec![p.place],
        };
        for unit in now {
            let asked = Asked { unit: Some(unit), serves: Some((plans.clone(), p.held.target.code.clone())), ..Asked::default() };
            tasks.extend(programme.tasks(ctx, &asked).await?.into_iter().filter(|t| t.task.state.open()));
        }
    }
    out.more = tasks.len().saturating_sub(MOST);
    out.lines = tasks
        .iter()
        .take(MOST)
        .map(|t| {
            let (tone, left) = late_words(t, l);
            Holder {
                who: party(programme, &t.task.owner, ctx.today()),
                href: format!("/tasks/{}", t.task.id),
                what: headline(&t.task),
                due: last_day(t, l),
                left,
                tone,
            }
        })
        .collect();
    let noun = words::things(p, l);
    let mut places: Vec<&Behind> = behind.iter().filter(|b| b.short + b.missing + b.awaiting > 0).collect();
    places.sort_by_key(|b| (std::cmp::Reverse(b.short + b.missing + b.awaiting), b.unit));
    out.more += places.len().saturating_sub(MOST);
    for b in places.into_iter().take(MOST) {
        let mut parts = Vec::new();
        for (n, vi, en) in [(b.short, "chưa đạt", "fall short"), (b.missing, "chưa báo cáo", "not reported"), (b.awaiting, "chờ duyệt", "awaiting review")]
        {
            if n > 0 {
                parts.push(format!("{} {noun} {}", words::whole(n, l), l.t(vi, en)));
            }
        }
        // What is missing has the province's own day for the report, where one was set.
        let province = atlas.unit(b.unit).filter(|u| u.level == Level::Province).map(|u| u.id);
        let asked = match (province, p.period, b.missing > 0) {
            (Some(province), Some(period), true) => programme.figures().round(province, period).await.map_err(db_error)?.due,
            _ => None,
        };
        if let Some(day) = asked.and_then(|d| d.parse().ok()).map(lang::show::short_date) {
            parts.push(format!("{} {day}", l.t("tỉnh hẹn nộp", "the province asked for it by")));
        }
        let close = p.closing.map(|c| c.last);
        let (left, tone) = close.map(|c| left(c, ctx.today(), l)).unwrap_or_default();
        out.lines.push(Holder {
            who: super::place_name(&atlas, b.unit, ctx),
            href: if b.unit == p.place { "#bang".to_owned() } else { super::target_href(&p.held.plan, &p.held.target.code, b.unit, today) },
            what: parts.join(", "),
            due: close.map(lang::show::short_date).unwrap_or_default(),
            left,
            tone,
        });
    }
    Ok(out)
}
