//! `/criteria`: all sets of criteria.

use super::{Link, words};
use crate::{Criteria, slots};
use access::{Context, Role, db_error};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use ui::{AppError, Shell, page};

struct Line {
    link: Link,
    code: String,
    document: String,
    days: String,
    level: &'static str,
    rank: &'static str,
    in_force: bool,
    counts: String,
    known: usize,
    of: usize,
    years: Vec<Link>,
    draft: bool,
}

#[derive(Template)]
#[template(path = "criteria_list.html")]
struct View {
    shell: Shell,
    national: Vec<Line>,
    provincial: Vec<Line>,
    may_admin: bool,
}

/// `GET /criteria`
pub(super) async fn show(State(criteria): State<Criteria>, ctx: Context) -> Result<Response, AppError> {
    let l = ctx.lang;
    criteria.current().await;
    let years = crate::store::assess::years(criteria.db()).await.map_err(db_error)?;
    let today = ctx.today();
    let mut national = Vec::new();
    let mut provincial = Vec::new();
    for listed in criteria.list() {
        let set = &listed.set;
        if !listed.published && !criteria.may_keep(&ctx, set) {
            continue;
        }
        let slots = slots(set);
        let indicators = set.indicators().count();
        let stated = set.indicator_count.map(|n| format!("/{n}")).unwrap_or_default();
        let line = Line {
            link: Link {
                href: if listed.published { format!("/criteria/{}", set.code) } else { format!("/admin/criteria/{}", set.code) },
                text: set.title(l).to_owned(),
            },
            code: set.code.clone(),
            document: set.document.clone(),
            days: words::days(set, l),
            level: l.t(set.level.label().0, set.level.label().1),
            rank: l.t(set.rank.label().0, set.rank.label().1),
            in_force: set.holds(today),
            counts: format!("{} {}, {indicators}{stated} {}", set.criteria.len(), l.t("tiêu chí", "criteria"), l.t("chỉ tiêu", "indicators")),
            known: slots.iter().filter(|s| s.known.is_some()).count(),
            of: slots.len(),
            years: years
                .iter()
                .filter(|(code, ..)| *code == set.code)
                .map(|(code, year, n)| Link { href: format!("/criteria/{code}/matrix?year={year}"), text: format!("{year} ({})", l.number((*n).into(), 0)) })
                .collect(),
            draft: listed.draft,
        };
        if set.province.is_some() { provincial.push(line) } else { national.push(line) }
    }
    let title = l.t("Bộ tiêu chí", "Sets of criteria");
    Ok(page(&View { national, provincial, may_admin: ctx.may_somewhere(Role::Administrator), shell: ctx.shell(title).here(title) }))
}
