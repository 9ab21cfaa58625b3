//! `/completeness`: who has reported what of a period, who is missing, who is late.

use super::params::{Asked, Href, Params, full_name, tree};
use super::show::{period, silent, whole};
use crate::catalog::Known;
use crate::measure::Rollup;
use crate::service::{Ask, FigureView, Figures};
use crate::store::rooms;
use access::{Context, db_error};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use calendar::{Period, PeriodKind};
use jiff::civil::Date;
use places::Level;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use ui::chart::{StackedBar, stacked_bar};
use ui::{AppError, Html, Lang, Shell};
use uuid::Uuid;

struct ByMeasure {
    title: String,
    href: String,
    n_of: String,
    share: String,
    missing: String,
    awaiting: String,
    here: bool,
}

struct ByPlace {
    name: String,
    href: String,
    n_of: String,
    missing: String,
    awaiting: String,
    state: (&'static str, String),
}

struct Missing {
    name: String,
    above: String,
    what: String,
    late: Option<String>,
    href: String,
}

#[derive(Template)]
#[template(path = "public_completeness.html")]
struct Board {
    shell: Shell,
    head: String,
    sub: String,
    bar: Html,
    measures: Vec<ByMeasure>,
    places: Vec<ByPlace>,
    places_title: String,
    missing: Vec<Missing>,
    missing_title: String,
    missing_more: Option<String>,
    missing_before: Option<String>,
    hint: bool,
    periods: Vec<(String, String, bool)>,
    hidden: Vec<(&'static str, String)>,
    all: Option<String>,
    exports: [(&'static str, String); 2],
    dues: bool,
}

/// Missing places on one page.
const ROWS: usize = 60;

/// When a unit handed over, against the day it was due.
pub(super) struct Lateness {
    due: HashMap<Uuid, Date>,
    first: HashMap<Uuid, i64>,
}

/// What a board is about.
pub(super) struct Sight {
    /// All measures the reader may know.
    pub all: Vec<Arc<Known>>,
    /// The one measure asked for, if any.
    pub chosen: Option<Arc<Known>>,
    /// A measure of the kind of period.
    pub lead: Arc<Known>,
    pub asked: Asked,
    /// Level of the place.
    pub top: Level,
    /// Measures reported here in such periods.
    pub list: Vec<Arc<Known>>,
    /// Those of them that are asked for.
    pub narrowed: Vec<Arc<Known>>,
    /// The level below at which most is reported; a commune itself has none.
    pub below: Option<Level>,
}

/// A question for each measure.
pub(super) fn of_period(list: &[Arc<Known>], asked: &Asked) -> Vec<Ask> {
    list.iter().map(|k| Ask { known: Arc::clone(k), period: asked.ask.period, tree: asked.ask.tree }).collect()
}

impl Sight {
    pub(super) fn read(f: &Figures, ctx: &Context, params: &Params) -> Result<Sight, AppError> {
        let all: Vec<Arc<Known>> = f.catalog().current().filter(|k| f.may_know(ctx, k) && !k.measure.computed()).cloned().collect();
        let chosen = params.get("measure").map(|code| super::params::measure(f, ctx, &code)).transpose()?;
        let kind = match params.get("period").and_then(|p| Period::parse_vi(&p).ok()) {
            Some(period) => period.kind(),
            None => chosen.as_ref().map_or_else(|| commonest(&all), |k| k.measure.def.period),
        };
        // The board is of one kind of period; any measure of it can lead to place and map.
        let of_kind: Vec<Arc<Known>> = all.iter().filter(|k| k.measure.def.period == kind).cloned().collect();
        let lead =
            chosen.clone().filter(|k| k.measure.def.period == kind).or_else(|| of_kind.iter().find(|k| k.measure.def.public).or(of_kind.first()).cloned());
        let lead = lead.ok_or_else(|| {
            AppError::new("wrong_period", 400)
                .say(format!("Không có chỉ tiêu nào báo cáo theo {}.", kind.label_vi()), format!("No measure is reported by {}.", kind.label_en()))
                .mend("Chọn kỳ là quý, 6 tháng hoặc năm.", "Choose a quarter, half-year or year.")
        })?;
        let asked = Asked::of(f, ctx, &lead, params.get("unit").as_deref(), params.get("period").as_deref(), tree(params))?;
        let top = asked.level().unwrap_or(Level::Nation);
        let list: Vec<Arc<Known>> = of_kind
            .into_iter()
            .filter(|k| k.measure.def.level >= top && (k.measure.def.rollup != Rollup::None || k.measure.def.level == top) && f.may_see(ctx, k, asked.place))
            .collect();
        let narrowed: Vec<Arc<Known>> = list.iter().filter(|k| chosen.as_ref().is_none_or(|c| c.measure.id == k.measure.id)).cloned().collect();
        // The level below at which most is reported; a commune itself has none.
        let below =
            Level::ALL.into_iter().filter(|level| *level > top && *level <= Level::Commune).find(|level| !asked.view.under(asked.place, *level).is_empty());
        Ok(Sight { all, chosen, lead, asked, top, list, narrowed, below })
    }
}

/// `GET /completeness?period=&unit=&measure=`.
pub(super) async fn page(State(f): State<Figures>, ctx: Context, params: Params) -> Result<Response, AppError> {
    let l = ctx.lang;
    let Sight { all, chosen, lead, asked, top, list, narrowed, below } = Sight::read(&f, &ctx, &params)?;
    let time = asked.ask.period;
    let asks = |list: &[Arc<Known>]| of_period(list, &asked);
    let whole_place = f.read_many(&asks(&list), asked.place).await.map_err(db_error)?;
    let boards = match below {
        Some(level) => f.read_board(&asks(&narrowed), asked.place, level).await.map_err(db_error)?,
        None => Vec::new(),
    };
    let late = lateness(&f, &asked, time, top).await?;
    let mine: Vec<&FigureView> = whole_place.iter().filter(|v| narrowed.iter().any(|k| k.measure.id == v.known.measure.id)).collect();
    let sum = |get: fn(&FigureView) -> i64| mine.iter().map(|v| get(v)).sum::<i64>();
    let (n, of, awaiting, missing, na) = (sum(|v| v.n), sum(|v| v.of), sum(|v| v.awaiting), sum(|v| v.missing), sum(|v| v.not_applicable));
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    let bar = stacked_bar(&StackedBar {
        lang: l,
        met: count(n),
        awaiting: count(awaiting),
        missing: count(missing),
        na: count(na),
        met_text: l.t("đã duyệt", "accepted").to_owned(),
        ..StackedBar::default()
    });
    let here = asked.link("/completeness", asked.place).with("measure", chosen.as_ref().map_or("", |k| k.measure.def.code.as_str()));
    let (missing_rows, missing_total) =
        if top == Level::Nation && chosen.is_none() { (Vec::new(), 0) } else { absent(&f, &asked, &narrowed, &late, &params, l).await? };
    let page = params.page();
    let turn = |page: usize| format!("{}#thieu", here.with("page", page.to_string()));
    let place = if top == Level::Nation { String::new() } else { format!("{}: ", asked.full_name(asked.place)) };
    let tail: Vec<String> = [(missing, "còn thiếu", "missing"), (awaiting, "chờ duyệt", "awaiting review")]
        .into_iter()
        .filter(|t| t.0 > 0)
        .map(|(n, vi, en)| format!("{} {}", whole(n, l), l.t(vi, en)))
        .collect();
    let tail = if tail.is_empty() { String::new() } else { format!("; {}", tail.join(", ")) };
    let head = match (l, of - na) {
        (_, 0) => format!("{place}{}", l.t("không có số liệu nào phải báo cáo", "nothing has to be reported")),
        (Lang::Vi, all) => format!("{place}{} trong {} số liệu của {} đã duyệt{tail}", whole(n, l), whole(all, l), period(time, l)),
        (Lang::En, all) => format!("{place}{} of {} figures of {} accepted{tail}", whole(n, l), whole(all, l), period(time, l)),
    };
    let day = lang::show::short_date;
    let (from, to) = lead.window(time);
    let due = f.places().atlas().unit(asked.place).and_then(|_| asked.view.province(asked.place)).and_then(|p| late.due.get(&p));
    let due = due.map(|d| format!(" · {} {}", l.t("hạn gửi", "due"), day(*d))).unwrap_or_default();
    let measures = list
        .iter()
        .zip(&whole_place)
        .filter(|(_, v)| v.of > 0)
        .map(|(k, v)| {
            let here_now = chosen.as_ref().is_some_and(|c| c.measure.id == k.measure.id);
            let all = (v.of - v.not_applicable).max(1);
            ByMeasure {
                title: k.measure.title(l).to_owned(),
                href: here.with("measure", k.measure.def.code.clone()).to_string(),
                n_of: format!("{}/{}", whole(v.n, l), whole(v.of - v.not_applicable, l)),
                share: format!("{}.{}", v.n * 1000 / all / 10, v.n * 1000 / all % 10),
                missing: whole(v.missing, l),
                awaiting: whole(v.awaiting, l),
                here: here_now,
            }
        })
        .collect();
    let places = places(&asked, &boards, &late, &here, l, f.clock().today());
    let shell =
        super::crumbs(ctx.shell(l.t("Ai còn thiếu, ai trễ", "Who is missing, who is late")), &asked, f.map_day()).here(l.t("Đầy đủ, đúng hạn", "Completeness"));
    let label = |level: Level| {
        let (vi, en) = level.label();
        l.t(vi, en).to_owned()
    };
    let template = Board {
        shell,
        head,
        sub: format!("{} ({}–{}){due}", period(time, l), day(from), day(to)),
        bar,
        measures,
        places_title: below.map(|level| format!("{} {}", l.t("Theo", "By"), label(level))).unwrap_or_default(),
        places,
        missing_title: format!("{} {}", whole(i64::try_from(missing_total).unwrap_or(0), l), l.t("nơi còn thiếu", "places with something missing")),
        missing_more: (page * ROWS < missing_total).then(|| turn(page + 1)),
        missing_before: (page > 1).then(|| turn(page - 1)),
        dues: missing_rows.iter().any(|m| m.late.is_some()),
        missing: missing_rows,
        hint: top == Level::Nation && chosen.is_none(),
        periods: all_periods(&f, &all, time, l),
        hidden: here.fields(&["period", "page", "measure"]),
        exports: [("Excel", here.at("/completeness/export.xlsx").to_string()), ("CSV", here.at("/completeness/export.csv").to_string())],
        all: chosen.is_some().then(|| here.with("measure", "").to_string()),
    };
    Ok(ui::page(&template))
}

/// The kind of period most measures have.
fn commonest(all: &[Arc<Known>]) -> PeriodKind {
    PeriodKind::ALL.into_iter().max_by_key(|kind| all.iter().filter(|k| k.measure.def.period == *kind).count()).unwrap_or(PeriodKind::Quarter)
}

/// The last periods of every kind in use, newest first.
fn all_periods(f: &Figures, all: &[Arc<Known>], chosen: Period, l: Lang) -> Vec<(String, String, bool)> {
    let mut list: Vec<(Date, Period)> = Vec::new();
    for kind in PeriodKind::ALL {
        if let Some(known) = all.iter().find(|k| k.measure.def.period == kind) {
            list.extend(f.recent_periods(known, 6).into_iter().map(|p| (known.window(p).1, p)));
        }
    }
    if list.iter().all(|p| p.1 != chosen) {
        list.push((chosen.last_day(), chosen));
    }
    list.sort_by_key(|p| std::cmp::Reverse(p.0));
    list.into_iter().map(|(end, p)| (p.to_string(), format!("{} ({} {})", period(p, l), l.t("đến", "to"), lang::show::short_date(end)), p == chosen)).collect()
}

/// The rounds and first submissions of the provinces in sight. For the whole nation only what is below counts, not who was late.
pub(super) async fn lateness(f: &Figures, asked: &Asked, time: Period, top: Level) -> Result<Lateness, AppError> {
    let mut out = Lateness { due: HashMap::new(), first: HashMap::new() };
    let provinces: BTreeSet<Uuid> = match top {
        Level::Nation => return Ok(out),
        _ => asked.view.province(asked.place).into_iter().collect(),
    };
    let mut tenants: BTreeSet<Uuid> = BTreeSet::new();
    for province in provinces {
        let Some(unit) = asked.atlas.unit(province) else { continue };
        let round = rooms::read_round(f.db(), unit.tenant, province, time.to_i64()).await.map_err(db_error)?;
        if let Some(due) = round.and_then(|r| r.due).and_then(|d| d.parse().ok()) {
            out.due.insert(province, due);
        }
        tenants.insert(unit.tenant);
        tenants.extend(asked.view.under(province, Level::Commune).into_iter().filter_map(|u| asked.atlas.unit(u)).map(|u| u.tenant));
    }
    for tenant in tenants {
        for (unit, first, _) in rooms::submissions(f.db(), tenant, time.to_i64()).await.map_err(db_error)? {
            out.first.insert(unit, first);
        }
    }
    Ok(out)
}

/// What to say of a unit's punctuality: nothing without a due day.
pub(super) fn punctual(late: &Lateness, asked: &Asked, unit: Uuid, complete: bool, today: Date, l: Lang) -> Option<(&'static str, String)> {
    let due = *late.due.get(&asked.view.province(unit)?)?;
    let sent = late.first.get(&unit).and_then(|at| calendar::from_micros(*at)).map(calendar::local_date);
    let days = |to: Date| (to - due).get_days();
    let late_by = |n: i32| match (l, n) {
        (Lang::Vi, n) => format!("trễ {n} ngày"),
        (Lang::En, 1) => "1 day late".to_owned(),
        (Lang::En, n) => format!("{n} days late"),
    };
    Some(match sent {
        Some(day) if day > due => ("late", late_by(days(day))),
        Some(_) => ("ok", l.t("đúng hạn", "on time").to_owned()),
        None if complete => return None,
        None if today > due => ("late", late_by(days(today))),
        None => (
            "wait",
            match (l, -days(today)) {
                (Lang::Vi, n) => format!("còn {n} ngày"),
                (Lang::En, 1) => "1 day left".to_owned(),
                (Lang::En, n) => format!("{n} days left"),
            },
        ),
    })
}

fn places(asked: &Asked, boards: &[Vec<FigureView>], late: &Lateness, here: &Href, l: Lang, today: Date) -> Vec<ByPlace> {
    let mut sums: Vec<(Uuid, [i64; 4])> = Vec::new();
    let mut at: HashMap<Uuid, usize> = HashMap::new();
    for v in boards.iter().flatten() {
        let nth = *at.entry(v.place).or_insert_with(|| {
            sums.push((v.place, [0; 4]));
            sums.len() - 1
        });
        if let Some((_, [n, of, missing, awaiting])) = sums.get_mut(nth) {
            *n += v.n;
            *of += v.of - v.not_applicable;
            *missing += v.missing;
            *awaiting += v.awaiting;
        }
    }
    sums.iter()
        .filter(|(_, [_, of, ..])| *of > 0)
        .map(|(place, [n, of, missing, awaiting])| {
            let complete = *missing == 0;
            let usual = || if complete { ("ok", l.t("đủ", "complete").to_owned()) } else { ("none", l.t("còn thiếu", "incomplete").to_owned()) };
            ByPlace {
                name: asked.name(*place),
                href: here.with("unit", asked.token(*place)).with("page", "").to_string(),
                n_of: format!("{}/{}", whole(*n, l), whole(*of, l)),
                missing: whole(*missing, l),
                awaiting: whole(*awaiting, l),
                state: punctual(late, asked, *place, complete, today, l).unwrap_or_else(usual),
            }
        })
        .collect()
}

/// Every reporting unit that lacks something, with what it lacks; one page of them and how many there are.
async fn absent(f: &Figures, asked: &Asked, list: &[Arc<Known>], late: &Lateness, params: &Params, l: Lang) -> Result<(Vec<Missing>, usize), AppError> {
    let mut lacking: Vec<(Uuid, Vec<Arc<Known>>)> = Vec::new();
    let mut at: HashMap<Uuid, usize> = HashMap::new();
    let levels: BTreeSet<Level> = list.iter().map(|k| k.measure.def.level).filter(|level| *level <= Level::Commune).collect();
    for level in levels {
        let asks: Vec<Ask> = list
            .iter()
            .filter(|k| k.measure.def.level == level)
            .map(|k| Ask { known: Arc::clone(k), period: asked.ask.period, tree: asked.ask.tree })
            .collect();
        for (ask, rows) in asks.iter().zip(f.read_board(&asks, asked.place, level).await.map_err(db_error)?) {
            for v in rows.into_iter().filter(|v| silent(v) > 0 || v.not_known > 0) {
                let nth = *at.entry(v.place).or_insert_with(|| {
                    lacking.push((v.place, vec![]));
                    lacking.len() - 1
                });
                if let Some((_, what)) = lacking.get_mut(nth) {
                    what.push(Arc::clone(&ask.known));
                }
            }
        }
    }
    let order: HashMap<Uuid, usize> = Level::ALL.into_iter().flat_map(|level| asked.view.under(asked.place, level)).enumerate().map(|(i, u)| (u, i)).collect();
    lacking.sort_by_key(|(place, what)| (std::cmp::Reverse(what.len()), order.get(place).copied()));
    let today = f.clock().today();
    let rows = lacking
        .iter()
        .skip((params.page() - 1) * ROWS)
        .take(ROWS)
        .map(|(place, what)| {
            let titles: Vec<&str> = what.iter().take(3).map(|k| k.measure.title(l)).collect();
            let more = what.len().saturating_sub(3);
            let more = if more > 0 { format!("; {} {more} {}", l.t("và", "and"), l.t("chỉ tiêu nữa", "more")) } else { String::new() };
            Missing {
                name: asked.full_name(*place),
                above: asked.view.parent(*place).filter(|p| *p != asked.place).map(|p| full_name(&asked.atlas, p, asked.view.date(), l)).unwrap_or_default(),
                what: format!("{}{more}", titles.join("; ")),
                late: punctual(late, asked, *place, false, today, l).filter(|p| p.0 == "late").map(|p| p.1),
                href: format!("/places/{place}"),
            }
        })
        .collect();
    Ok((rows, lacking.len()))
}
