use super::{Link, OnQuery, country, unit_href};
use crate::{Atlas, Places, suggest};
use access::Context;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::civil::Date;
use lang::show::short_date;
use serde::Deserialize;
use ui::{AppError, Shell, page};

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(flatten)]
    on: OnQuery,
}

struct Line {
    link: Link,
    detail: String,
    ended: bool,
    /// What it is now, with links.
    now: Vec<Link>,
}

#[derive(Template)]
#[template(path = "search.html")]
struct View {
    shell: Shell,
    q: String,
    on: String,
    day: String,
    lines: Vec<Line>,
    groups: Vec<Link>,
    more: bool,
}

const MOST: usize = 60;

/// `GET /places/search`
pub(super) async fn show(State(places): State<Places>, ctx: Context, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let on = asked.on.asked()?.unwrap_or_else(|| ctx.today());
    let atlas = places.current().await;
    let q = lang::clean(&asked.q);
    let mut found = suggest(&atlas, &q, on, MOST + 1);
    let more = found.len() > MOST;
    found.truncate(MOST);
    let lines = found.into_iter().map(|s| Line {
        detail: if s.now.iter().any(|(id, _)| *id == s.unit) { s.detail(l) } else { s.context(l) },
        ended: atlas.version(s.unit, on).is_none(),
        link: Link { href: unit_href(&ctx, s.unit, on), text: s.label },
        now: s.now.into_iter().filter(|(id, _)| *id != s.unit).map(|(id, text)| Link { href: unit_href(&ctx, id, on), text }).collect(),
    });
    let shell = ctx.shell(l.t("Tìm nơi", "Find a place")).noindex().crumb(l.t("Địa bàn", "Places"), "/places").here(l.t("Tìm", "Search"));
    Ok(page(&View { lines: lines.collect(), groups: groups(&ctx, &atlas, &q, on), q, on: on.to_string(), day: short_date(on), more, shell }))
}

/// Groups with the words in their name.
fn groups(ctx: &Context, atlas: &Atlas, q: &str, on: Date) -> Vec<Link> {
    let key = lang::fold(q);
    if key.is_empty() {
        return Vec::new();
    }
    let fits = atlas.groups().iter().filter(|g| lang::fold(&g.name_vi).contains(&key) || lang::fold(&g.name_en).contains(&key));
    fits.map(|g| Link { href: country::with_day(&format!("/places/groups/{}", g.code), on, ctx.today()), text: ctx.lang.t(&g.name_vi, &g.name_en).to_owned() })
        .collect()
}
