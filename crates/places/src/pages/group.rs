use super::country::{count, kind_word};
use super::{Link, OnQuery, group_unknown, unit_href};
use crate::Places;
use crate::map::commune_map;
use access::Context;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use lang::show::short_date;
use ui::map::{MapFill, map};
use ui::{AppError, Html, Lang, Shell, page};

struct Row {
    link: Link,
    code: String,
    from: String,
    until: String,
    basis: String,
    /// Belongs to the group on the day shown.
    here: bool,
}

#[derive(Template)]
#[template(path = "group.html")]
struct View {
    shell: Shell,
    on: String,
    day: String,
    kind: &'static str,
    basis: String,
    number: usize,
    title: String,
    map: Html,
    panels: Vec<Html>,
    rows: Vec<Row>,
    csv: String,
    /// Where members are added and ended, for administrators.
    keep: Option<String>,
}

/// `GET /places/groups/{code}`
pub(super) async fn show(State(places): State<Places>, ctx: Context, Path(code): Path<String>, Query(query): Query<OnQuery>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let atlas = places.current().await;
    let group = atlas.groups().iter().find(|g| g.code == code).ok_or_else(|| group_unknown(&code))?;
    let on = query.asked()?.unwrap_or_else(|| ctx.today());
    let view = atlas.on(on);
    let number = view.members(group.id).len();
    let mut rows: Vec<Row> = group
        .members
        .iter()
        .map(|m| {
            let shown = atlas.unit(m.unit).map_or(on, |u| super::unit::living_day(u, on.max(m.from)));
            Row {
                link: Link { href: unit_href(&ctx, m.unit, shown), text: atlas.placed_name(m.unit, shown) },
                code: atlas.version(m.unit, shown).and_then(|v| v.code.as_deref()).unwrap_or_default().to_owned(),
                from: short_date(m.from),
                until: m.to.and_then(|to| to.yesterday().ok()).map(short_date).unwrap_or_default(),
                basis: m.legal_basis.to_string(),
                here: m.holds(on) && view.has(m.unit),
            }
        })
        .collect();
    rows.sort_by_cached_key(|r| (!r.here, lang::sort_key(&r.link.text)));
    let name = l.t(&group.name_vi, &group.name_en).to_owned();
    let mut drawing = Html::default();
    if number > 0 {
        let mut spec = commune_map(&atlas, &view, group.id, |_| MapFill::Step(4), |id| atlas.full_name(id, on), |_| None);
        spec.title = format!("{} {name}", l.t("Bản đồ", "Map of"));
        drawing = map(&spec);
    }
    let mut panels = Vec::new();
    for panel in places.panels() {
        let html = panel.panel(&ctx, group.id, on).await;
        if !html.as_str().is_empty() {
            panels.push(html);
        }
    }
    let shell = ctx.shell(name.clone()).crumb(l.t("Địa bàn", "Places"), "/places").here(name);
    let title = match (number, l) {
        (0, Lang::Vi) => format!("Ngày {} chưa có đơn vị nào trong danh sách", short_date(on)),
        (0, Lang::En) => format!("No unit in the list on {}", short_date(on)),
        (n, Lang::Vi) => format!("{} đơn vị vào ngày {}", count(n, l), short_date(on)),
        (n, Lang::En) => format!("{} units on {}", count(n, l), short_date(on)),
    };
    Ok(page(&View {
        on: on.to_string(),
        day: short_date(on),
        keep: ctx.may_somewhere(access::Role::Administrator).then(|| format!("/admin/groups/{}/members", group.code)),
        kind: kind_word(group.kind, l),
        basis: group.legal_basis.clone(),
        number,
        title,
        map: drawing,
        panels,
        rows,
        csv: format!("/api/v1/groups/{}/members?as_of={on}&format=csv", ui::percent_encode(&group.code)),
        shell,
    }))
}
