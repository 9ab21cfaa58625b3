use super::country::{count, with_day};
use super::unit::living_day;
use super::{Link, OnQuery, unit_href, unit_link, unit_unknown};
use crate::model::Level;
use crate::search::lower_first;
use crate::{Atlas, Places};
use access::Context;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use jiff::civil::Date;
use lang::show::short_date;
use rust_decimal::Decimal;
use ui::{AppError, Shell, page};
use uuid::Uuid;

struct Row {
    link: Link,
    code: String,
    area: String,
    /// Units below it.
    number: String,
    /// What it was made of.
    before: String,
}

#[derive(Template)]
#[template(path = "below.html")]
struct View {
    shell: Shell,
    day: String,
    rows: Vec<Row>,
    has_areas: bool,
    has_below: bool,
    csv: String,
    geo: String,
}

/// `GET /places/{id}/units`: all units directly below on a day, with what each was made of.
pub(super) async fn show(State(places): State<Places>, ctx: Context, Path(id): Path<String>, Query(query): Query<OnQuery>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let atlas = places.current().await;
    let unit = id.parse().ok().and_then(|id| atlas.unit(id)).ok_or_else(unit_unknown)?;
    let on = living_day(unit, query.asked()?.unwrap_or_else(|| ctx.today()));
    let view = atlas.on(on);
    let children = view.children(unit.id);
    let rows = children.iter().filter_map(|id| {
        let child = atlas.unit(*id)?;
        let version = child.on(on)?;
        let below = view.children(*id).len();
        Some(Row {
            link: unit_link(&ctx, &atlas, *id, on),
            code: version.code.as_deref().unwrap_or_default().to_owned(),
            area: child.area.filter(|a| *a > 0).map(|a| l.number(Decimal::new(a, 2), 1)).unwrap_or_default(),
            number: if below == 0 || child.level >= Level::Commune { String::new() } else { count(below, l) },
            before: made_of(&atlas, *id, on, l),
        })
    });
    let rows: Vec<Row> = rows.collect();
    let name = atlas.full_name(unit.id, on);
    let level = children.first().and_then(|c| view.level(*c)).map_or(("đơn vị", "units"), Level::label);
    let title = format!("{name}: {} {}", count(rows.len(), l), l.t(level.0, level.1));
    let here = l.t("Danh sách", "List").to_owned();
    let shell = ctx.shell(title).crumb(l.t("Địa bàn", "Places"), with_day("/places", on, ctx.today())).crumb(name, unit_href(&ctx, unit.id, on)).here(here);
    let data = format!("/api/v1/units?parent={}&as_of={on}&limit=5000", unit.id);
    Ok(page(&View {
        day: short_date(on),
        has_areas: rows.iter().any(|r| !r.area.is_empty()),
        has_below: rows.iter().any(|r| !r.number.is_empty()),
        rows,
        csv: format!("{data}&format=csv"),
        geo: format!("{data}&format=geojson"),
        shell,
    }))
}

/// The units a place was made of when it began.
fn made_of(atlas: &Atlas, unit: Uuid, on: Date, l: ui::Lang) -> String {
    let mut parts: Vec<String> = Vec::new();
    for change in atlas.changes_of(unit).filter(|c| c.effective <= on && !matches!(c.kind, crate::ChangeKind::Abolish)) {
        let before = change.effective.yesterday().unwrap_or(change.effective);
        for part in change.parts.iter().filter(|p| p.to == Some(unit) && p.from != Some(unit)) {
            let Some(from) = part.from else { continue };
            let whole = change.parts.iter().filter(|p| p.from == part.from && p.to.is_some()).count() <= 1;
            let name = lower_first(&atlas.full_name(from, before));
            let said = if whole { name } else { format!("{} {name}", l.t("một phần", "a part of")) };
            if !parts.contains(&said) {
                parts.push(said);
            }
        }
    }
    parts.join(", ")
}
