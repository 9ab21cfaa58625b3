//! `/criteria/compare`: two sets side by side.

use super::{Link, Params, unit as read_unit, words};
use crate::model::{Indicator, Set};
use crate::{Change, Criteria, compare, scorecard_href, unknown_set};
use access::{Context, Role};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use std::sync::Arc;
use ui::{AppError, Lang, Shell, page};

struct Side {
    code: String,
    title: String,
    levels: String,
}

struct Row {
    first: Option<Side>,
    second: Option<Side>,
    class: &'static str,
    change: &'static str,
    renamed: bool,
}

/// Units that pass one set and not the other: the first few, and how many.
struct Passes {
    one: Vec<Link>,
    two: Vec<Link>,
    n1: usize,
    n2: usize,
    both: usize,
    neither: usize,
}

#[derive(Template)]
#[template(path = "criteria_compare.html")]
struct View {
    shell: Shell,
    sets: Vec<(String, String)>,
    first: String,
    second: String,
    names: (String, String),
    counts: Vec<(&'static str, &'static str, usize)>,
    rows: Vec<Row>,
    years: (String, String),
    passes: Option<Passes>,
    only: bool,
}

fn side(i: &Indicator, atlas: &places::Atlas, l: Lang) -> Side {
    let levels: Vec<String> = i
        .thresholds
        .iter()
        .take(4)
        .map(|t| {
            let scope = words::scope(t, atlas, l);
            if scope == l.t("chung", "all") { words::threshold(t, &i.unit, l) } else { format!("{} ({scope})", words::threshold(t, &i.unit, l)) }
        })
        .collect();
    let more = i.thresholds.len().saturating_sub(4);
    let mut text = if levels.is_empty() { l.t("chưa có mức", "no threshold").to_owned() } else { levels.join("; ") };
    if more > 0 {
        text.push_str(&format!(" … (+{more})"));
    }
    Side { code: i.code.clone(), title: i.title.clone(), levels: text }
}

fn class(c: Change) -> &'static str {
    match c {
        Change::Added => "ok",
        Change::Dropped | Change::Stricter => "late",
        Change::Renamed | Change::Looser | Change::OtherKind => "wait",
        Change::Unknown => "none",
        Change::Same => "plain",
    }
}

/// `GET /criteria/compare?first=&second=`
pub(super) async fn show(State(criteria): State<Criteria>, ctx: Context, params: Params) -> Result<Response, AppError> {
    let l = ctx.lang;
    let shelf = criteria.current().await;
    let pick = |name: &str, default: &str| -> Result<Arc<Set>, AppError> {
        let text = params.get(name).unwrap_or_else(|| default.to_owned());
        // `code@2` is a version.
        let (code, version) = text.split_once('@').map_or((text.as_str(), None), |(c, v)| (c, v.parse::<i64>().ok()));
        version.map_or_else(|| shelf.library.get(code), |v| shelf.library.version(code, v)).cloned().ok_or_else(unknown_set)
    };
    let first = pick("first", "commune-2021-2025")?;
    let second = pick("second", "commune-advanced-2021-2025")?;
    let compared = compare(&shelf.library, &first, &second);
    let atlas = criteria.figures().places().atlas();
    let only = params.get("all").is_none();
    let all = [Change::Added, Change::Dropped, Change::Stricter, Change::Looser, Change::Renamed, Change::OtherKind, Change::Unknown, Change::Same];
    let counts =
        all.iter().map(|c| (class(*c), l.t(c.label().0, c.label().1), compared.rows.iter().filter(|r| r.change == *c).count())).filter(|c| c.2 > 0).collect();
    let rows = compared
        .rows
        .iter()
        .filter(|r| !only || r.change != Change::Same)
        .map(|r| Row {
            first: r.first.map(|i| side(i, &atlas, l)),
            second: r.second.map(|i| side(i, &atlas, l)),
            class: class(r.change),
            change: l.t(r.change.label().0, r.change.label().1),
            renamed: r.renamed && r.change != Change::Renamed,
        })
        .collect();
    let last = |s: &Set| s.effective_to.map_or(ctx.today().year(), |d| d.year().min(ctx.today().year()));
    let year = |name: &str, set: &Set| params.get(name).and_then(|y| y.parse::<i16>().ok()).filter(|y| (2000..=2100).contains(y)).unwrap_or_else(|| last(set));
    let (y1, y2) = (year("first_year", &first), year("second_year", &second));
    let under = params.get("under").map(|u| read_unit(&criteria, &ctx, &u)).transpose()?;
    let under = under.or_else(|| ctx.units_with(Role::Viewer).first().copied());
    let passes = match under {
        // Own scores are for those with a role there.
        Some(place) if criteria.figures().may(&ctx, Role::Viewer, place) && first.level == second.level => {
            let found = criteria.passes_one((&first.code, y1), (&second.code, y2), place).await?;
            let link = |code: &str, year: i16, list: &[uuid::Uuid]| -> Vec<Link> {
                let day = jiff::civil::date(year, 12, 31);
                list.iter().take(60).map(|u| Link { href: scorecard_href(code, *u, year), text: atlas.full_name(*u, day) }).collect()
            };
            Some(Passes {
                one: link(&second.code, y2, &found.first),
                two: link(&first.code, y1, &found.second),
                n1: found.first.len(),
                n2: found.second.len(),
                both: found.both,
                neither: found.neither,
            })
        }
        _ => None,
    };
    let title = l.t("So sánh hai bộ tiêu chí", "Two sets compared");
    Ok(page(&View {
        sets: shelf.library.all().map(|s| (s.code.clone(), s.title(l).to_owned())).collect(),
        names: (first.title(l).to_owned(), second.title(l).to_owned()),
        first: first.code.clone(),
        second: second.code.clone(),
        counts,
        rows,
        years: (y1.to_string(), y2.to_string()),
        passes,
        only,
        shell: ctx.shell(title).crumb(l.t("Bộ tiêu chí", "Sets of criteria"), "/criteria").here(title),
    }))
}
