//! `/measures/{code}`: one measure at one place in one period, as finding, bar, map, ranking, trend and table.

use super::params::{Asked, Href, Params, heirs, measure};
use super::show::{bar, height, moment, period, share, tags, with_unit};
use super::table::{Scale, Table, bars, levels, spoken, table};
use super::words::{behind, finding, movement};
use super::{changed, crumbs, fragment};
use crate::catalog::Known;
use crate::measure::Rollup;
use crate::service::{Ask, FigureView, Figures, Tree};
use access::{Context, db_error};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use calendar::{Period, PeriodKind};
use places::{GroupKind, Level};
use std::collections::HashMap;
use std::sync::Arc;
use ui::chart::{BarItem, Trend, TrendPoint, ranked_bars, trend};
use ui::map::{LegendItem, MapFill, PointShape, map};
use ui::{AppError, Html, Lang, Shell, Tone};
use uuid::Uuid;

/// Everything a dashboard shows, read once.
pub(super) struct Read {
    pub asked: Asked,
    pub figure: FigureView,
    /// Older periods of the same kind, oldest first, the asked one last.
    pub past: Vec<FigureView>,
    pub level: Option<Level>,
    pub rows: Vec<FigureView>,
    /// What the map shows, where that is not the rows: communes under districts.
    pub points: Vec<FigureView>,
    pub before: Vec<FigureView>,
    pub groups: Vec<FigureView>,
}

/// Periods of a trend.
fn reach(kind: PeriodKind) -> usize {
    match kind {
        PeriodKind::Year | PeriodKind::Half | PeriodKind::NineMonths => 6,
        PeriodKind::Month => 12,
        PeriodKind::Quarter | PeriodKind::Day => 8,
    }
}

impl Read {
    pub(super) async fn new(f: &Figures, ctx: &Context, asked: Asked, params: &Params, whole: bool) -> Result<Read, AppError> {
        let past: Vec<Ask> = {
            let mut periods = vec![asked.ask.period];
            while let Some(p) = periods.last().and_then(|p| p.previous()).filter(|_| periods.len() < reach(asked.ask.period.kind())) {
                periods.push(p);
            }
            periods.into_iter().rev().map(|period| Ask { period, ..asked.ask.clone() }).collect()
        };
        let past = f.read_many(&past, asked.place).await.map_err(db_error)?;
        let figure = past.last().cloned().ok_or_else(|| AppError::new("internal", 500))?;
        let wanted = params.get("level").and_then(|w| Level::from_word(&w));
        let all = levels(&asked);
        let level =
            wanted.filter(|l| all.contains(l)).or(all.first().copied()).filter(|level| *level != Level::Village || f.may_see(ctx, asked.known(), asked.place));
        let mut out = Read { asked, figure, past, level, rows: vec![], points: vec![], before: vec![], groups: vec![] };
        if let Some(level) = level.filter(|_| whole) {
            let village = level == Level::Village;
            let seen = |v: &FigureView| !village || f.may_see(ctx, &v.known, v.place);
            out.rows = f.read_level(&out.asked.ask, out.asked.place, level).await.map_err(db_error)?;
            // Units of the reporting level that need not report are no gap.
            out.rows.retain(|v| seen(v) && (v.of > 0 || !v.own));
            if level == Level::District && out.asked.level() != Some(Level::Nation) && out.asked.known().measure.def.level == Level::Commune {
                out.points = f.read_level(&out.asked.ask, out.asked.place, Level::Commune).await.map_err(db_error)?;
            }
            if let Some(previous) = out.asked.ask.period.previous() {
                let ask = Ask { period: previous, ..out.asked.ask.clone() };
                out.before = f.read_level(&ask, out.asked.place, level).await.map_err(db_error)?;
            }
            let regions: Vec<Uuid> = [GroupKind::Region, GroupKind::CommuneGroup, GroupKind::Pilot, GroupKind::Flag]
                .into_iter()
                .flat_map(|kind| out.asked.view.groups_of_kind(&out.asked.atlas, kind))
                .collect();
            if out.asked.level() == Some(Level::Nation) && out.figure.known.measure.def.rollup != Rollup::None && !regions.is_empty() {
                out.groups = f.read_groups(&out.asked.ask, &regions).await.map_err(db_error)?;
            }
        }
        Ok(out)
    }
}

/// A choice of a list: value, label, whether it is the present one.
pub(super) type Choice = (String, String, bool);

#[derive(Template)]
#[template(path = "public_finding.html")]
struct Finding {
    l: Lang,
    head: String,
    sub: String,
    updated: Option<String>,
    demo: bool,
    estimated: bool,
    retired: bool,
    then: String,
    today: String,
    on_today: bool,
    same_map: Option<String>,
    exports: [(&'static str, String); 3],
    bar: Option<Html>,
    big: Option<String>,
    behind: String,
    tags: Vec<(&'static str, String)>,
    why: String,
    compare: String,
}

#[derive(Template)]
#[template(path = "public_body.html")]
struct Body {
    l: Lang,
    picture: Option<Html>,
    picture_title: String,
    bars: Option<Html>,
    bars_title: String,
    between: usize,
    unranked: String,
    groups: Option<Html>,
    trend: Html,
    trend_title: String,
    table: Option<Table>,
    table_title: String,
    levels: Vec<Choice>,
    completeness: String,
}

#[derive(Template)]
#[template(path = "public_dashboard.html")]
struct Dashboard {
    shell: Shell,
    finding: Html,
    body: Html,
    live: String,
    live_body: String,
    path: String,
    hidden: Vec<(&'static str, String)>,
    periods: Vec<Choice>,
    cutoff: String,
}

/// `GET /measures/{code}`.
pub(super) async fn page(State(f): State<Figures>, ctx: Context, Path(code): Path<String>, params: Params) -> Result<Response, AppError> {
    let known = measure(&f, &ctx, &code)?;
    let asked = Asked::read(&f, &ctx, &known, &params)?;
    let read = Read::new(&f, &ctx, asked, &params, true).await?;
    let (asked, l) = (&read.asked, ctx.lang);
    let def = &asked.known().measure.def;
    let here = address(&read, &params);
    let title = format!("{} · {}", known.measure.title(l), asked.full_name(asked.place));
    let shell = crumbs(ctx.shell(title), asked, f.map_day()).crumb(l.t("Số liệu", "Figures"), "/measures").here(known.measure.title(l)).describe(finding(
        &read.figure,
        &named(asked),
        l,
    ));
    let template = Dashboard {
        shell,
        finding: render(&finding_of(&f, &ctx, &read, &here))?,
        body: render(&body_of(&ctx, &read, &params, &here)?)?,
        live: here.at(format!("/measures/{}/live", def.code)).to_string(),
        live_body: here.at(format!("/measures/{}/live", def.code)).with("part", "body").to_string(),
        path: format!("/measures/{}", def.code),
        hidden: here.fields(&["period", "page"]),
        periods: periods(&f, asked.known(), asked.ask.period, l),
        cutoff: l.t(&asked.known().cutoff.title_vi, &asked.known().cutoff.title_en).to_owned(),
    };
    Ok(ui::page(&template))
}

/// `GET /measures/{code}/live`: the parts of the page that follow the figures.
pub(super) async fn live(State(f): State<Figures>, ctx: Context, Path(code): Path<String>, params: Params, headers: HeaderMap) -> Result<Response, AppError> {
    let known = measure(&f, &ctx, &code)?;
    let asked = Asked::read(&f, &ctx, &known, &params)?;
    let body = params.is("part", "body");
    let read = Read::new(&f, &ctx, asked, &params, body).await?;
    let here = address(&read, &params);
    let html = if body { render(&body_of(&ctx, &read, &params, &here)?)? } else { render(&finding_of(&f, &ctx, &read, &here))? };
    Ok(fragment(&headers, html))
}

fn render(template: &impl Template) -> Result<Html, AppError> {
    template.render().map(Html::trusted).map_err(|_| AppError::new("ui.render", 500))
}

/// The address of this view with everything said.
fn address(read: &Read, params: &Params) -> Href {
    let natural = levels(&read.asked).first().copied();
    let level = read.level.filter(|level| Some(*level) != natural).map_or("", Level::word);
    let keep = |name| params.get(name).unwrap_or_default();
    read.asked.href().with("level", level).with("show", keep("show")).with("sort", keep("sort")).with("page", keep("page"))
}

/// The place as the finding names it; nothing for the nation.
pub(super) fn named(asked: &Asked) -> String {
    if Some(asked.place) == asked.atlas.nation() { String::new() } else { asked.full_name(asked.place) }
}

fn finding_of(f: &Figures, ctx: &Context, read: &Read, here: &Href) -> Finding {
    let (asked, v, l) = (&read.asked, &read.figure, ctx.lang);
    let (from, to) = asked.known().window(asked.ask.period);
    let day = lang::show::short_date;
    let changed = f.map_changed(asked.known(), asked.ask.period);
    let window = format!("{} ({}–{})", period(asked.ask.period, l), day(from), day(to));
    let export = |format| here.at(format!("/measures/{}/export.{format}", v.known.measure.def.code)).to_string();
    let gone = heirs(&asked.atlas, asked.place, f.map_day());
    let now = if gone.is_empty() { String::new() } else { format!(" ({} {})", l.t("nay thuộc", "now"), gone.join(", ")) };
    Finding {
        l,
        head: finding(v, &named(asked), l),
        sub: [format!("{}{now}", asked.full_name(asked.place)), window, v.known.measure.def.legal_basis.clone()]
            .into_iter()
            .filter(|t| !t.is_empty())
            .collect::<Vec<_>>()
            .join(" · "),
        updated: (v.as_of > 0).then(|| moment(v.as_of, ctx.at, l)),
        demo: ctx.demo,
        estimated: v.estimated > 0,
        retired: asked.known().measure.retired,
        then: here.with("tree", "").with("page", "").to_string(),
        today: here.with("tree", "today").with("page", "").to_string(),
        on_today: asked.ask.tree == Tree::Today,
        same_map: (!changed).then(|| day(f.map_day())),
        exports: [("Excel", export("xlsx")), ("CSV", export("csv")), ("Word", export("docx"))],
        bar: bar(v, l),
        big: with_unit(v, l),
        behind: behind(v, l),
        // The bar of units says its gaps itself.
        tags: if v.own || v.known.measure.def.kind == crate::measure::Kind::Percent { tags(v, l) } else { Vec::new() },
        why: asked.why(asked.place).to_string(),
        compare: asked.href().at("/compare").with("measure", v.known.measure.def.code.clone()).with("a", asked.token(asked.place)).with("unit", "").to_string(),
    }
}

fn body_of(ctx: &Context, read: &Read, params: &Params, here: &Href) -> Result<Body, AppError> {
    let (asked, l) = (&read.asked, ctx.lang);
    let label = |level: Level| {
        let (vi, en) = level.label();
        l.t(vi, en)
    };
    let has_bars =
        read.rows.iter().any(|v| v.value.is_some()) && !read.rows.iter().all(|v| v.own && matches!(v.known.measure.def.kind, crate::measure::Kind::YesNo));
    let (drawn, between, unranked) = bars(asked, &read.rows);
    let ended = read.level == Some(Level::District);
    let table = read.level.map(|_| table(asked, &read.rows, &read.before, params, here));
    let noun = |level: Level| {
        if read.rows.first().is_some_and(|v| v.own) { super::show::reporters(&read.figure.known.measure, 2, l) } else { label(level).to_owned() }
    };
    let title = |level| table.as_ref().map(|t| format!("{} {} {}", l.number(t.shown.into(), 0), noun(level), t.only));
    let table_title = read.level.and_then(title).unwrap_or_default().trim_end().to_owned();
    let year_ago = asked.ask.period.same_period_last_year().and_then(|p| read.past.iter().find(|v| v.period == p)).filter(|v| v.value.is_some());
    let previous = read.past.iter().rev().nth(1);
    let nearest = read.past.iter().rev().find(|v| v.value.is_some()).filter(|_| read.figure.value.is_none());
    let nearest = nearest.map(|v| format!("{}: {}, {}", l.t("Số gần nhất", "The latest figure"), with_unit(v, l).unwrap_or_default(), period(v.period, l)));
    let trend_title = nearest
        .unwrap_or_else(|| year_ago.or(previous).map_or_else(|| l.t("Các kỳ gần đây", "Recent periods").to_owned(), |old| movement(old, &read.figure, l)));
    let by = read.level.map(|level| {
        format!(
            "{} {}{}",
            l.t("Theo", "By"),
            label(level),
            if ended { l.t(" (cấp huyện kết thúc 30/06/2025)", " (districts ended on 30/06/2025)") } else { "" }
        )
    });
    Ok(Body {
        l,
        picture: picture(read, l),
        picture_title: picture_title(read, l),
        bars: has_bars.then_some(drawn),
        bars_title: by.unwrap_or_default(),
        between: if has_bars { between } else { 0 },
        unranked: if has_bars && unranked > 0 { l.number(unranked.into(), 0) } else { String::new() },
        groups: groups(read, l),
        trend: trend(&Trend {
            lang: l,
            title: trend_title.clone(),
            points: points(&read.past, l),
            target: None,
            suffix: if read.figure.is_percent() { "%".to_owned() } else { String::new() },
        }),
        trend_title,
        table,
        table_title,
        levels: levels(asked)
            .into_iter()
            .map(|level| (here.with("level", level.word()).with("page", "").to_string(), label(level).to_owned(), Some(level) == read.level))
            .collect(),
        completeness: asked.link("/completeness", asked.place).with("tree", "").with("measure", asked.known().measure.def.code.clone()).to_string(),
    })
}

/// The points of a line over time; estimates are marked, gaps stay gaps.
pub(super) fn points(past: &[FigureView], l: Lang) -> Vec<TrendPoint> {
    past.iter()
        .map(|v| TrendPoint {
            label: v.period.label_axis(),
            value: height(v),
            value_text: super::show::bare(v, l).map_or_else(|| super::show::status(v, l).1, |text| if v.estimated > 0 { format!("≈ {text}") } else { text }),
        })
        .collect()
}

fn groups(read: &Read, l: Lang) -> Option<Html> {
    let most = read.groups.iter().filter_map(height).fold(0.0_f64, f64::max);
    let items: Vec<BarItem> = read
        .groups
        .iter()
        .filter(|v| v.of > 0)
        .map(|v| BarItem {
            label: read.asked.full_name(v.place),
            href: read.asked.link("", v.place).to_string(),
            value_text: super::show::bare(v, l).unwrap_or_else(|| super::show::status(v, l).1),
            share: share(v).or_else(|| height(v).map(|h| if most > 0.0 { h / most } else { 0.0 })).unwrap_or(f64::NAN),
            n_of_text: super::show::n_of(v, l),
            tone: Tone::Good,
            estimated: v.estimated > 0,
        })
        .collect();
    (!items.is_empty()).then(|| ranked_bars(&items))
}

/// The map of the places below: provinces as areas, communes as points.
fn picture(read: &Read, l: Lang) -> Option<Html> {
    let asked = &read.asked;
    let (level, rows) = if read.points.is_empty() { (read.level?, &read.rows) } else { (Level::Commune, &read.points) };
    let by: HashMap<Uuid, &FigureView> = rows.iter().map(|v| (v.place, v)).collect();
    let scale = Scale::of(rows);
    let get = |place: Uuid| by.get(&place).copied();
    let title = |place: Uuid| if get(place).is_some() { spoken(asked, place, get(place)) } else { asked.name(place) };
    let fill = |place: Uuid| scale.fill(get(place));
    let many = rows.len() > 300;
    let href = |place: Uuid| get(place).filter(|_| !many).map(|v| if v.own { asked.why(place) } else { asked.link("", place) }.to_string());
    let mut spec = match level {
        Level::Province => places::map::province_map(&asked.atlas, &asked.view, fill, title, href, true),
        Level::Commune => places::map::commune_map(&asked.atlas, &asked.view, asked.place, fill, title, href),
        _ => return None,
    };
    spec.points.retain(|p| p.fill != MapFill::Base);
    // What is not met has its own form beside its own colour.
    for point in spec.points.iter_mut().filter(|p| p.fill == MapFill::Tone(Tone::Warn)) {
        point.shape = PointShape::Triangle;
    }
    spec.id = "map".into();
    spec.title = picture_title(read, l);
    let drawn = spec.shapes.iter().any(|s| s.quiet);
    let shape = |fill| {
        (level == Level::Commune && (!drawn || fill == MapFill::Tone(Tone::Warn))).then_some(match fill {
            MapFill::Tone(Tone::Warn) => PointShape::Triangle,
            MapFill::Missing => PointShape::Dashed,
            _ => PointShape::Circle,
        })
    };
    let used = |fill: MapFill| rows.iter().any(|v| scale.fill(Some(v)) == fill);
    let mut key: Vec<(MapFill, String)> =
        vec![(MapFill::Tone(Tone::Good), l.t("đạt", "met").to_owned()), (MapFill::Tone(Tone::Warn), l.t("chưa đạt", "not met").to_owned())];
    key.retain(|k| used(k.0));
    key.extend(scale.key(&read.figure, l).into_iter().filter(|k| used(k.0)));
    if used(MapFill::Missing) {
        key.push((MapFill::Missing, l.t("chưa có số liệu", "no figures").to_owned()));
    }
    spec.legend = key.into_iter().map(|(fill, text)| LegendItem { fill, shape: shape(fill), text }).collect();
    Some(map(&spec))
}

fn picture_title(read: &Read, l: Lang) -> String {
    let rows = if read.points.is_empty() { &read.rows } else { &read.points };
    let some = rows.iter().filter(|v| v.value.is_some() || v.words.is_some()).count();
    let all = rows.iter().filter(|v| v.of > 0).count();
    if some < all {
        let (some, all) = (l.number(some.into(), 0), l.number(all.into(), 0));
        return match l {
            Lang::Vi => format!("Trên bản đồ: {some} trong {all} nơi có số liệu"),
            Lang::En => format!("On the map: {some} of {all} places have figures"),
        };
    }
    l.t("Trên bản đồ", "On the map").to_owned()
}

/// Periods to choose from, newest first, with their windows.
pub(super) fn periods(f: &Figures, known: &Arc<Known>, chosen: Period, l: Lang) -> Vec<Choice> {
    let mut list = f.recent_periods(known, 12);
    let kind = known.measure.def.period;
    let today = f.clock().today();
    list.extend(Period::containing(kind, today, &known.cutoff));
    if matches!(kind, PeriodKind::Half | PeriodKind::Quarter | PeriodKind::Month) {
        let year = today.year();
        list.extend((year - 3..=year).filter_map(Period::year).filter(|p| known.window(*p).1 < today));
    }
    if !list.contains(&chosen) {
        list.push(chosen);
    }
    list.sort_by_key(|p| std::cmp::Reverse((known.window(*p).1, p.kind() == PeriodKind::Year)));
    list.dedup();
    list.into_iter()
        .map(|p| {
            let (from, to) = known.window(p);
            let day = lang::show::short_date;
            let open = if to >= today { l.t(", đang diễn ra", ", running") } else { "" };
            (p.to_string(), format!("{} ({}–{}{open})", period(p, l), day(from), day(to)), p == chosen)
        })
        .collect()
}

/// Told to browsers after each change of figures: `GET /events`.
pub(super) async fn events(State(f): State<Figures>) -> Response {
    changed(&f)
}
