//! `/plans/{code}/targets/{target}`: one target as finding, bar, map, ranking, trend, and the list of who falls short.

use super::holders::{Holders, holders};
use super::show::{Card, bar, card};
use super::table::{Below, Wish, below};
use super::words;
use super::{At, crumbs, plan_href, plan_of, target_href, unknown_target};
use crate::forms::{XLSX, download, language, written};
use crate::plan::{Plan, Reading};
use crate::register::Register;
use crate::service::Programme;
use crate::service::progress::Progress;
use access::Context;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use rust_decimal::prelude::ToPrimitive as _;
use std::sync::Arc;
use ui::chart::{Target as Mark, Trend, TrendPoint, trend};
use ui::{AppError, Html, Lang, Notice, Shell, Tone, page};
use uuid::Uuid;

struct Way {
    code: String,
    title: String,
    here: bool,
}

struct Source {
    title: String,
    code: String,
    value: String,
    missing: String,
    why: String,
}

#[derive(Template)]
#[template(path = "programme_target.html")]
struct TargetView {
    shell: Shell,
    head: String,
    sub: String,
    card: Card,
    bar: Option<Html>,
    lacks: Vec<String>,
    ways: Vec<Way>,
    chosen: String,
    switch: Option<String>,
    carry: Option<String>,
    carry_plans: Vec<(String, String)>,
    sources: Vec<Source>,
    below: Below,
    holders: Holders,
    beside: Option<String>,
    fresh: Option<String>,
    list: String,
    readings: Vec<(String, String, String, String)>,
    edit_reading: Option<String>,
    trend: Option<Html>,
    trend_title: String,
    method: Option<String>,
    then: String,
    today: Option<String>,
    on_today: bool,
    clause: String,
    note: String,
    origin: String,
    older: bool,
    edit: Option<String>,
}

/// What an address of a target names: the plan, the place, the map, and how far the target is there.
struct Looked {
    register: Arc<Register>,
    plan: Arc<Plan>,
    place: Uuid,
    /// Whether the place is on today's map.
    living: bool,
    /// Whether today's map is read.
    today: bool,
    p: Progress,
}

async fn looked(programme: &Programme, ctx: &Context, code: &str, target: &str, at: &At) -> Result<Looked, AppError> {
    let register = programme.current().await;
    let plan = plan_of(&register, code)?;
    let atlas = programme.atlas();
    let place = at.place(&atlas, &plan)?;
    let living = atlas.on(programme.figures().map_day()).has(place);
    let today = at.today() && living;
    let p = programme.progress_of(ctx, &plan, place, today, Some(target)).await?.pop().ok_or_else(|| unknown_target(target))?;
    Ok(Looked { register, plan, place, living, today, p })
}

/// `GET /plans/{code}/targets/{target}?unit=&tree=&show=&page=`
pub(super) async fn show(
    State(programme): State<Programme>,
    ctx: Context,
    Path((code, target)): Path<(String, String)>,
    Query(at): Query<At>,
) -> Result<Response, AppError> {
    let Looked { register, plan, place, living, today, p } = looked(&programme, &ctx, &code, &target, &at).await?;
    let (atlas, l) = (programme.atlas(), ctx.lang);
    let here = target_href(&plan, &target, place, today);
    let wish = Wish { show: at.show.as_deref(), page: at.page.unwrap_or(1), href: here.clone(), today, whole: false };
    let below = below(&programme, &ctx, &p, &wish).await?;
    let holders = holders(&programme, &ctx, &p, &below.behind, today).await?;
    let place_name = super::place_name(&atlas, place, &ctx);
    let named = if Some(place) == atlas.nation() { String::new() } else { place_name.clone() };
    let head = words::finding(&p, &named, l);
    let title = format!("{} {}", p.held.target.code, p.held.target.title(l));
    let mut shell = crumbs(ctx.shell(format!("{title} · {place_name}")), &register, &plan)
        .crumb(words::short_title(&plan, l), plan_href(&plan, plan.home, false))
        .here(p.held.target.code.clone())
        .describe(head.clone());
    if at.done.is_some() {
        shell = shell.notice(Some(Notice::new(Tone::Good, l.t("Đã ghi quyết định.", "The decision is on record."))));
    }
    let owner = programme.may_own(&ctx, &plan);
    let ways = p.held.target.reading.iter().map(|r| way(&p, r, l)).collect();
    let chosen = p.chosen.as_ref().map(|d| {
        let at = calendar::from_micros(d.at).map(calendar::local_date).map(lang::show::short_date).unwrap_or_default();
        match l {
            Lang::Vi => format!("Chủ kế hoạch chọn ngày {at}: {}", d.reason),
            Lang::En => format!("Chosen by the owner on {at}: {}", d.reason),
        }
    });
    let (trend, trend_title) = line(&p, l);
    let decide = |what: &str| format!("/plans/{code}/targets/{}/{what}", ui::percent_encode(&target));
    let view = TargetView {
        sub: [title, place_name, p.period.map(|x| words::period(x, l)).unwrap_or_default()]
            .into_iter()
            .filter(|t| !t.is_empty())
            .collect::<Vec<_>>()
            .join(" · "),
        card: card(&register, &p, today, l),
        bar: bar(&p, l),
        lacks: if p.tally.value.is_none() { words::lacks(&p, l) } else { Vec::new() },
        ways,
        chosen: chosen.unwrap_or_default(),
        switch: (owner && p.held.target.reading.len() > 1).then(|| decide("reading")),
        carry: (owner && p.over && p.carried_over.is_none()).then(|| decide("carry")),
        carry_plans: register
            .plans()
            .filter(|other| other.id != plan.id && other.def.plan.valid_to > plan.def.plan.valid_to)
            .map(|other| (other.def.plan.code.clone(), words::short_title(other, l)))
            .collect(),
        sources: sources(&p, l),
        below,
        holders,
        beside: words::beside(&p, l),
        fresh: words::fresh([&p], l),
        list: list_href(&plan, &target, place, today),
        readings: chosen_before(&programme, &ctx, &p).await?,
        edit_reading: p
            .reading
            .as_ref()
            .filter(|_| owner)
            .map(|r| format!("/plans/{code}/targets/{}/readings/{}", ui::percent_encode(&target), ui::percent_encode(&r.code))),
        trend,
        trend_title,
        method: words::method(&p, l),
        then: target_href(&plan, &target, place, false),
        today: living.then(|| target_href(&plan, &target, place, true)),
        on_today: today,
        clause: p.held.target.clause.clone(),
        note: p.held.target.note.clone(),
        origin: p.held.target.source.clone(),
        older: p.older,
        edit: (owner && p.held.own()).then(|| format!("/plans/{code}/edit?target={}", ui::percent_encode(&target))),
        head,
        shell,
    };
    Ok(page(&view))
}

/// Where the whole list of places under a target is given as a workbook.
fn list_href(plan: &Plan, target: &str, place: Uuid, today: bool) -> String {
    let tree = if today { "&tree=today" } else { "" };
    format!("/plans/{}/targets/{}/places.xlsx?unit={place}{tree}", plan.def.plan.code, ui::percent_encode(target))
}

/// `GET /plans/{code}/targets/{target}/places.xlsx?unit=&tree=&show=`: every place that is counted, down to the lowest level, uncut.
pub(super) async fn places(
    State(programme): State<Programme>,
    ctx: Context,
    Path((code, target)): Path<(String, String)>,
    Query(at): Query<At>,
) -> Result<Response, AppError> {
    let Looked { plan, place, today, p, .. } = looked(&programme, &ctx, &code, &target, &at).await?;
    let (atlas, l) = (programme.atlas(), ctx.lang);
    let wish = Wish { show: at.show.as_deref().or(Some("all")), page: 1, href: String::new(), today, whole: true };
    let below = below(&programme, &ctx, &p, &wish).await?;
    let place_name = super::place_name(&atlas, place, &ctx);
    let head = |vi: &str, en: &str| print::Column::new(l.t(vi, en), print::Kind::Text);
    let text = |t: &str| if t.is_empty() { print::Cell::Empty } else { print::Cell::Text(t.to_owned()) };
    let sheet = print::Table {
        title: format!("{} {}", p.held.target.code, p.held.target.title(l)),
        subtitle: format!("{place_name} · {}", words::finding(&p, "", l)),
        columns: vec![
            head("Nơi", "Place"),
            head("Thuộc", "In"),
            head("Giá trị", "Value"),
            head("n/N", "n/N"),
            head("Tình trạng", "State"),
            head("Vì sao có số này", "Why this number"),
        ],
        rows: below.rows.iter().map(|r| [&r.name, &r.above, &r.value, &r.n_of, r.state, &r.why].map(text).to_vec()).collect(),
        notes: Vec::new(),
    };
    let line = |vi: &str, en: &str, value: String| (l.t(vi, en).to_owned(), value);
    let mut about = vec![
        line("Kế hoạch", "Plan", words::short_title(&plan, l)),
        line("Mức phải đạt", "To be reached", words::required(&p, l)),
        line("Kỳ số liệu", "Period", p.period.map(|x| words::period(x, l)).unwrap_or_default()),
        line("Cách đọc", "Reading", p.reading.as_ref().map(|r| r.title(l).to_owned()).unwrap_or_default()),
        line("Vì sao", "Why", words::reason(&p, l)),
        line("Số mới nhất", "Newest figure", words::fresh([&p], l).unwrap_or_default()),
        line("Địa chỉ", "Address", target_href(&plan, &target, place, today)),
    ];
    if ctx.demo {
        about.push(line("Dữ liệu", "Data", l.t("minh họa, không phải số thật", "made up for a demonstration").to_owned()));
    }
    let book = print::Book { language: language(l), made: ctx.today(), sheets: vec![sheet], about, definitions: None };
    download(&format!("{code}-{target}.xlsx"), XLSX, written(move || print::to_xlsx(&book)).await?)
}

/// Every choice of a reading for the target, newest first: day, reading, reason, who (for those who have signed in).
async fn chosen_before(programme: &Programme, ctx: &Context, p: &Progress) -> Result<Vec<(String, String, String, String)>, AppError> {
    let named = ctx.may_somewhere(access::Role::Viewer);
    let all = programme.decisions(&p.held.plan).await?;
    let line = |d: crate::store::plan::Decision| {
        let day = calendar::from_micros(d.at).map(calendar::local_date).map(lang::show::short_date).unwrap_or_default();
        let title = p.held.target.reading.iter().find(|r| r.code == d.choice).map_or(d.choice.clone(), |r| r.title(ctx.lang).to_owned());
        (day, title, d.reason, if named { d.by } else { String::new() })
    };
    Ok(all.into_iter().rev().filter(|d| d.kind == "reading" && d.target == p.held.target.code).map(line).collect())
}

fn way(p: &Progress, r: &Reading, l: Lang) -> Way {
    Way { code: r.code.clone(), title: r.title(l).to_owned(), here: p.reading.as_ref().is_some_and(|x| x.code == r.code) }
}

/// The measures behind the value, each with its own page of reasons.
fn sources(p: &Progress, l: Lang) -> Vec<Source> {
    let source = |v: &figures::FigureView| Source {
        title: v.known.measure.title(l).to_owned(),
        code: v.known.measure.def.code.clone(),
        value: v.value.map_or_else(
            || l.t("chưa có số", "no figure").to_owned(),
            |x| if v.is_percent() { format!("{}%", l.number(x, v.decimals())) } else { l.number(x, v.decimals()) },
        ),
        missing: match v.missing + v.awaiting {
            0 => String::new(),
            n => format!("{} {}", words::whole(n, l), l.t("nơi chưa có số", "places without figures")),
        },
        why: super::show::why_at(v, p.place),
    };
    p.figures.iter().filter(|_| p.period.is_some()).map(source).collect()
}

/// The line over time with the mark, and the forecast as its last point.
fn line(p: &Progress, l: Lang) -> (Option<Html>, String) {
    let known = p.past.iter().filter(|(_, v)| v.is_some()).count();
    if known == 0 {
        return (None, String::new());
    }
    let first = p.past.iter().find_map(|(x, v)| Some((*x, (*v)?)));
    let last = p.past.iter().rev().find_map(|(x, v)| Some((*x, (*v)?)));
    let title = match (first, last) {
        (Some((a, x)), Some((b, y))) if a != b => {
            let change = (y - x).abs();
            let size = if p.tally.parts.is_some() {
                format!("{} {}", l.number(change, 1), l.t("điểm phần trăm", "percentage points"))
            } else {
                l.number(change, 1)
            };
            match (y >= x, l) {
                _ if change.is_zero() => format!("{} {}", l.t("Không đổi từ", "Unchanged since"), words::period(a, l)),
                (true, Lang::Vi) => format!("Tăng {size} từ {}", words::period(a, l)),
                (false, Lang::Vi) => format!("Giảm {size} từ {}", words::period(a, l)),
                (true, Lang::En) => format!("Up {size} since {}", words::period(a, l)),
                (false, Lang::En) => format!("Down {size} since {}", words::period(a, l)),
            }
        }
        _ => l.t("Mới có một kỳ có số", "Only one period has a figure").to_owned(),
    };
    let mut points: Vec<TrendPoint> = p
        .past
        .iter()
        .map(|(x, v)| TrendPoint {
            label: x.label_axis(),
            value: v.and_then(|v| v.to_f64()),
            value_text: v.map_or_else(|| l.t("chưa có số", "no figure").to_owned(), |v| words::plain(p, v, l)),
        })
        .collect();
    if let Some(f) = p.forecast {
        points.push(TrendPoint {
            label: l.t("dự báo", "forecast").to_owned(),
            value: f.value.to_f64(),
            value_text: format!("≈ {}", words::plain(p, f.value, l)),
        });
    }
    let target = p.required.to_f64().map(|value| Mark { value, text: format!("{} {}", l.t("mục tiêu", "target"), words::required(p, l)) });
    let suffix = if p.tally.parts.is_some() { "%".to_owned() } else { String::new() };
    (Some(trend(&Trend { lang: l, title: title.clone(), points, target, suffix })), title)
}
