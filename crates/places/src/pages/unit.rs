use super::country::{count, with_day};
use super::words::{Event, Piece, events, heirs};
use super::{Link, OnQuery, unit_href, unit_link, unit_unknown};
use crate::map::{commune_map, province_map};
use crate::model::{Level, Unit, Version};
use crate::search::lower_first;
use crate::{Atlas, MapView, Places};
use access::Context;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::civil::Date;
use lang::show::short_date;
use rust_decimal::Decimal;
use ui::map::{MapFill, map};
use ui::{AppError, Html, Lang, Notice, Shell, Tone, page};
use uuid::Uuid;

/// A dated version as a line of the table.
struct Row {
    from: String,
    until: String,
    name: String,
    code: String,
    parent: Option<Link>,
    source: String,
    here: bool,
}

/// Units below, of one kind.
struct Brood {
    kind: String,
    number: String,
    units: Vec<Link>,
}

struct GroupRow {
    link: Link,
    dates: String,
    basis: String,
}

/// Said at the top of the page of a unit that has ended.
struct Ended {
    last: String,
    heirs: Vec<Piece>,
}

#[derive(Template)]
#[template(path = "unit.html")]
struct View {
    shell: Shell,
    on: String,
    day: String,
    is_today: bool,
    ended: Option<Ended>,
    lead: String,
    facts: Vec<(&'static str, String)>,
    map: Html,
    panels: Vec<Html>,
    broods: Vec<Brood>,
    below: String,
    events: Vec<Event>,
    rows: Vec<Row>,
    groups: Vec<GroupRow>,
    tags: Vec<Link>,
    villages: Option<(String, String)>,
    list: String,
    api: String,
}

/// `GET /places/{id}`: a unit through time. Links of units that have ended stay good.
pub(super) async fn show(State(places): State<Places>, ctx: Context, Path(id): Path<String>, Query(query): Query<OnQuery>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let atlas = places.current().await;
    let asked = query.asked()?;
    let Ok(id) = id.parse::<Uuid>() else {
        // An official code, with the day on which it holds, leads to the address for life.
        let on = asked.unwrap_or_else(|| ctx.today());
        let unit = atlas.coded(&id, None, on).ok_or_else(unit_unknown)?;
        return Ok(Redirect::to(&unit_href(&ctx, unit, on)).into_response());
    };
    let unit = atlas.unit(id).ok_or_else(unit_unknown)?;
    let wanted = asked.unwrap_or_else(|| ctx.today());
    let on = living_day(unit, wanted);
    let version = unit.near(on).ok_or_else(unit_unknown)?;
    let view = atlas.on(on);
    let notice = (asked.is_some() && on != wanted).then(|| {
        let text = match l {
            Lang::Vi => format!("Ngày {} không có đơn vị này; trang cho thấy ngày {}.", short_date(wanted), short_date(on)),
            Lang::En => format!("This unit did not exist on {}; the page shows {}.", short_date(wanted), short_date(on)),
        };
        Notice::new(Tone::Warn, text)
    });
    let last = unit.to().and_then(|to| to.yesterday().ok()).filter(|last| *last < ctx.today());
    let ended = last.map(|last| Ended { last: short_date(last), heirs: heirs(&ctx, &atlas, unit.id, last, ctx.today()) });
    let mut shell = ctx.shell(version.full_name.to_string()).notice(notice).crumb(l.t("Địa bàn", "Places"), with_day("/places", on, ctx.today()));
    for above in view.above(unit.id).into_iter().rev().filter(|u| Some(*u) != atlas.nation()) {
        let link = unit_link(&ctx, &atlas, above, on);
        shell = shell.crumb(link.text, link.href);
    }
    let placed = atlas.placed_name(unit.id, on);
    shell = shell.here(version.full_name.to_string()).describe(placed.clone());
    let mut panels = Vec::new();
    for panel in places.panels() {
        let html = panel.panel(&ctx, unit.id, on).await;
        if !html.as_str().is_empty() {
            panels.push(html);
        }
    }
    let tags = view
        .groups(unit.id)
        .into_iter()
        .filter_map(|g| atlas.group(g))
        .map(|g| Link { href: with_day(&format!("/places/groups/{}", g.code), on, ctx.today()), text: l.t(&g.name_vi, &g.name_en).to_owned() });
    let villages = (unit.level == Level::Commune).then(|| {
        let number = view.children(unit.id).len();
        (format!("/places/{}/villages", unit.id), count(number, l))
    });
    Ok(page(&View {
        on: on.to_string(),
        day: short_date(on),
        is_today: on == ctx.today(),
        ended,
        lead: lead(&ctx, &atlas, unit, version, on),
        facts: facts(&atlas, &view, unit, version, l),
        map: drawing(&ctx, &atlas, &view, unit, &placed),
        panels,
        broods: broods(&ctx, &atlas, &view, unit),
        below: below(&view, unit, l),
        events: events(&ctx, &atlas, unit.id),
        rows: rows(&ctx, &atlas, unit, version),
        groups: groups(&ctx, &atlas, unit.id),
        tags: tags.collect(),
        villages,
        list: with_day(&format!("/places/{}/units", unit.id), on, ctx.today()),
        api: format!("/api/v1/units/{}/history", unit.id),
        shell,
    }))
}

/// The day itself if the unit lived then, otherwise its nearest day.
pub(super) fn living_day(unit: &Unit, wanted: Date) -> Date {
    match (unit.from(), unit.to()) {
        _ if unit.on(wanted).is_some() => wanted,
        (Some(from), _) if wanted < from => from,
        (_, Some(to)) => to.yesterday().unwrap_or(wanted),
        _ => wanted,
    }
}

/// What it is, in a sentence.
fn lead(ctx: &Context, atlas: &Atlas, unit: &Unit, version: &Version, on: Date) -> String {
    let l = ctx.lang;
    let above: Vec<String> =
        atlas.path(unit.id, on).into_iter().skip(1).filter(|u| Some(*u) != atlas.nation()).map(|u| lower_first(&atlas.full_name(u, on))).collect();
    let code = version.code.as_deref().map(|c| format!("{} {c}", l.t("mã", "code")));
    let place = if above.is_empty() { None } else { Some(above.join(", ")) };
    [place, code].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn facts(atlas: &Atlas, view: &MapView, unit: &Unit, version: &Version, l: Lang) -> Vec<(&'static str, String)> {
    let mut out = vec![(l.t("Loại", "Kind"), version.kind.to_string())];
    if let Some(code) = &version.code {
        out.push((l.t("Mã", "Code"), code.to_string()));
    }
    for level in [Level::Province, Level::District, Level::Commune, Level::Village] {
        let number = if level > unit.level { view.under(unit.id, level).len() } else { 0 };
        if number > 0 {
            let (vi, en) = level.label();
            out.push((l.t(vi, en), count(number, l)));
        }
    }
    let area = unit.area.or_else(|| sum_of_areas(atlas, view, unit));
    if let Some(hectares) = area.filter(|a| *a > 0) {
        out.push((l.t("Diện tích", "Area"), format!("{} km²", l.number(Decimal::new(hectares, 2), 1))));
    }
    if let Some((lat, lon)) = unit.point {
        out.push((l.t("Tọa độ", "Coordinates"), format!("{}; {}", l.number(Decimal::new(lat, 6), 3), l.number(Decimal::new(lon, 6), 3))));
    }
    out
}

/// Area of a unit by its communes, if that of each is known.
fn sum_of_areas(atlas: &Atlas, view: &MapView, unit: &Unit) -> Option<i64> {
    let communes = view.under(unit.id, Level::Commune);
    let known: Option<Vec<i64>> = communes.iter().map(|c| atlas.unit(*c)?.area).collect();
    known.map(|list| list.iter().sum())
}

fn drawing(ctx: &Context, atlas: &Atlas, view: &MapView, unit: &Unit, placed: &str) -> Html {
    let (l, on) = (ctx.lang, view.date());
    let full = |id: Uuid| atlas.full_name(id, on);
    let href = |id: Uuid| Some(unit_href(ctx, id, on));
    let small = view.under(unit.id, Level::Commune).len() <= FEW;
    let mut spec = match unit.level {
        Level::Nation => province_map(atlas, view, |_| MapFill::Step(3), full, href, true),
        // The list beside the map has the links; so many of them twice would be most of the page.
        Level::Province | Level::District => commune_map(atlas, view, unit.id, |_| MapFill::Step(4), full, |id| href(id).filter(|_| small)),
        Level::Commune => commune_map(atlas, view, unit.id, |_| MapFill::Step(5), full, |_| None),
        Level::Village => {
            let commune = view.parent(unit.id).unwrap_or(unit.id);
            commune_map(atlas, view, commune, |_| MapFill::Step(5), full, href)
        }
    };
    if spec.shapes.is_empty() && spec.points.is_empty() {
        return Html::default();
    }
    spec.title = format!("{} {placed}", l.t("Bản đồ", "Map of"));
    map(&spec)
}

/// So many units are linked on the map as well.
const FEW: usize = 30;
/// So many units are listed on the page itself; more have a page of their own, so that the first view stays light.
const MANY: usize = 100;

/// The units directly below, by kind.
fn broods(ctx: &Context, atlas: &Atlas, view: &MapView, unit: &Unit) -> Vec<Brood> {
    if unit.level >= Level::Commune || view.children(unit.id).len() > MANY {
        return Vec::new();
    }
    let on = view.date();
    let mut out: Vec<Brood> = Vec::new();
    for id in view.children(unit.id) {
        let Some(version) = atlas.version(*id, on) else { continue };
        let link = Link { href: unit_href(ctx, *id, on), text: version.name.to_string() };
        match out.iter_mut().find(|b| *b.kind == *version.kind) {
            Some(same) => same.units.push(link),
            None => out.push(Brood { kind: version.kind.to_string(), number: String::new(), units: vec![link] }),
        }
    }
    for brood in &mut out {
        brood.number = count(brood.units.len(), ctx.lang);
    }
    out.sort_by_key(|b| std::cmp::Reverse(b.units.len()));
    out
}

fn below(view: &MapView, unit: &Unit, l: Lang) -> String {
    let level = view.children(unit.id).first().and_then(|c| view.level(*c));
    level
        .map(|level| {
            let (vi, en) = level.label();
            format!("{} {}", count(view.children(unit.id).len(), l), l.t(vi, en))
        })
        .unwrap_or_default()
}

fn rows(ctx: &Context, atlas: &Atlas, unit: &Unit, shown: &Version) -> Vec<Row> {
    let row = |v: &Version| Row {
        from: short_date(v.from),
        until: v.to.and_then(|to| to.yesterday().ok()).map(short_date).unwrap_or_default(),
        name: v.full_name.to_string(),
        code: v.code.as_deref().unwrap_or_default().to_owned(),
        parent: v.parent.filter(|p| Some(*p) != atlas.nation()).map(|p| unit_link(ctx, atlas, p, living_day_of(atlas, p, v, ctx.today()))),
        source: if v.source_date.is_empty() { v.source.to_string() } else { format!("{} ({})", v.source, v.source_date) },
        here: v.from == shown.from,
    };
    unit.versions.iter().rev().map(row).collect()
}

/// A day on which both a version and its parent held.
fn living_day_of(atlas: &Atlas, parent: Uuid, version: &Version, today: Date) -> Date {
    let day = if version.holds(today) { today } else { version.to.and_then(|to| to.yesterday().ok()).unwrap_or(version.from) };
    atlas.unit(parent).map_or(day, |p| living_day(p, day))
}

fn groups(ctx: &Context, atlas: &Atlas, unit: Uuid) -> Vec<GroupRow> {
    let l = ctx.lang;
    let mut out = Vec::new();
    for group in atlas.groups() {
        for member in group.members.iter().filter(|m| m.unit == unit) {
            let until = member.to.and_then(|to| to.yesterday().ok()).map(short_date);
            out.push(GroupRow {
                link: Link {
                    href: with_day(&format!("/places/groups/{}", group.code), member.to.map_or(ctx.today(), |_| member.from), ctx.today()),
                    text: l.t(&group.name_vi, &group.name_en).to_owned(),
                },
                dates: match until {
                    Some(until) => format!("{} – {until}", short_date(member.from)),
                    None => format!("{} {}", l.t("từ", "since"), short_date(member.from)),
                },
                basis: member.legal_basis.to_string(),
            });
        }
    }
    out
}
