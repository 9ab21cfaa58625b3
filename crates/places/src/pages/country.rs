use super::{Link, OnQuery};
use crate::map::province_map;
use crate::model::{ChangeKind, GroupKind, Level};
use crate::{Atlas, MapView, Places};
use access::Context;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::civil::{Date, date};
use lang::show::short_date;
use rust_decimal::Decimal;
use ui::map::{LegendItem, MapFill, map};
use ui::{AppError, Html, Lang, Shell, page};
use uuid::Uuid;

struct Row {
    link: Link,
    code: String,
    districts: String,
    communes: String,
    /// Wards among them.
    wards: String,
}

struct GroupRow {
    link: Link,
    kind: &'static str,
    members: usize,
    /// Last day of its last members, for a group that has had some.
    ended: String,
}

#[derive(Template)]
#[template(path = "country.html")]
struct View {
    shell: Shell,
    on: String,
    day: String,
    /// Days to jump to: label, address, whether shown now.
    jumps: Vec<(String, String, bool)>,
    map: Html,
    rows: Vec<Row>,
    has_districts: bool,
    total: Row,
    groups: Vec<GroupRow>,
    changes: usize,
    csv: String,
    /// Administrators find the way to entering.
    admin: bool,
}

/// The last day of the districts and the 63 provinces.
const LAST_OLD: Date = date(2025, 6, 30);

pub(super) fn count(number: usize, l: Lang) -> String {
    l.number(Decimal::from(number), 0)
}

/// Whether a province was put together from several.
fn merged(atlas: &Atlas, unit: Uuid) -> bool {
    atlas.changes_of(unit).any(|c| c.kind == ChangeKind::Merge && c.parts.iter().any(|p| p.to == Some(unit) && p.from != Some(unit)))
}

/// `GET /places`: the country on a day.
pub(super) async fn show(State(places): State<Places>, ctx: Context, Query(query): Query<OnQuery>) -> Result<Response, AppError> {
    let (l, today) = (ctx.lang, ctx.today());
    let on = query.asked()?.unwrap_or(today);
    let atlas = places.current().await;
    let view = atlas.on(on);
    let provinces = atlas.nation().map(|n| view.under(n, Level::Province)).unwrap_or_default();
    let wards = |communes: &[Uuid]| communes.iter().filter(|c| atlas.version(**c, on).is_some_and(|v| &*v.kind == "phường")).count();
    let row = |id: Uuid, link: Link| {
        let communes = view.under(id, Level::Commune);
        let code = atlas.version(id, on).and_then(|v| v.code.as_deref()).unwrap_or_default().to_owned();
        Row { link, code, districts: count(view.under(id, Level::District).len(), l), communes: count(communes.len(), l), wards: count(wards(&communes), l) }
    };
    let rows: Vec<Row> = provinces.iter().map(|id| row(*id, Link { text: atlas.name(*id, on), href: short_href(&ctx, &atlas, *id, on) })).collect();
    let total = row(atlas.nation().unwrap_or_default(), Link { href: String::new(), text: l.t("Cả nước", "The country").to_owned() });
    let has_districts = view.all(Level::District).next().is_some();
    let title = title(&rows, &total, has_districts, l);
    let groups = atlas.groups().iter().map(|g| GroupRow {
        link: Link { href: with_day(&format!("/places/groups/{}", g.code), on, today), text: l.t(&g.name_vi, &g.name_en).to_owned() },
        kind: kind_word(g.kind, l),
        members: view.members(g.id).len(),
        ended: g.members.iter().filter_map(|m| m.to).filter(|to| *to <= on).max().and_then(|to| to.yesterday().ok()).map(short_date).unwrap_or_default(),
    });
    let mut groups: Vec<GroupRow> = groups.collect();
    groups.sort_by_key(|g| g.members == 0);
    let jumps = vec![
        (l.t("Hôm nay", "Today").to_owned(), "/places".to_owned(), on == today),
        (l.t("Trước 1/7/2025", "Before 1 July 2025").to_owned(), format!("/places?on={LAST_OLD}"), on == LAST_OLD),
    ];
    let shell = ctx.shell(l.t("Địa bàn", "Places")).describe(title.clone());
    Ok(page(&View {
        map: drawing(&ctx, &atlas, &view, &title),
        on: on.to_string(),
        day: short_date(on),
        jumps,
        rows,
        has_districts,
        total,
        groups,
        changes: atlas.changes().iter().filter(|c| c.effective <= today).count(),
        admin: ctx.may_somewhere(access::Role::Administrator),
        csv: format!("/api/v1/units?level=province&as_of={on}&format=csv"),
        shell: Shell { title, ..shell },
    }))
}

/// The address of a province on another day by its code of that day, which leads on to the one for life: sixty-three long ids
/// twice would be a tenth of the page.
fn short_href(ctx: &Context, atlas: &Atlas, unit: Uuid, on: Date) -> String {
    match atlas.version(unit, on).and_then(|v| v.code.as_deref()) {
        Some(code) if on != ctx.today() => format!("/places/{code}?on={on}"),
        _ => super::unit_href(ctx, unit, on),
    }
}

fn title(rows: &[Row], total: &Row, has_districts: bool, l: Lang) -> String {
    let middle = if has_districts { format!("{} {}, ", total.districts, l.t("huyện", "districts")) } else { String::new() };
    match l {
        Lang::Vi => format!("{} tỉnh, thành phố; {middle}{} xã, phường", rows.len(), total.communes),
        Lang::En => format!("{} provinces and cities; {middle}{} communes and wards", rows.len(), total.communes),
    }
}

fn drawing(ctx: &Context, atlas: &Atlas, view: &MapView, title: &str) -> Html {
    let (l, on) = (ctx.lang, view.date());
    let new = on > LAST_OLD;
    let fill = |id: Uuid| if new && merged(atlas, id) { MapFill::Step(4) } else { MapFill::Step(2) };
    let mut spec = province_map(atlas, view, fill, |id| atlas.full_name(id, on), |id| Some(short_href(ctx, atlas, id, on)), true);
    title.clone_into(&mut spec.title);
    if new {
        let item = |step, text: &str| LegendItem { fill: MapFill::Step(step), shape: None, text: text.to_owned() };
        spec.legend = vec![item(4, l.t("lập từ nhiều tỉnh", "made of several")), item(2, l.t("giữ nguyên", "as before"))];
    }
    map(&spec)
}

pub(super) fn kind_word(kind: GroupKind, l: Lang) -> &'static str {
    let (vi, en) = kind.label();
    l.t(vi, en)
}

pub(super) fn with_day(path: &str, on: Date, today: Date) -> String {
    if on == today { path.to_owned() } else { format!("{path}?on={on}") }
}
