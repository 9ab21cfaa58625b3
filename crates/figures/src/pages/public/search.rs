//! `/search` and `/search/suggest`: places of both eras and measures, with or without tones, and what other parts of the platform find.

use super::params::{Params, full_name};
use crate::catalog::Known;
use crate::service::Figures;
use access::Context;
use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use places::pages::BoxFuture;
use places::{Atlas, Hit};
use serde::Serialize;
use std::sync::Arc;
use ui::{AppError, Lang, Shell};

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// What it is called.
    pub label: String,
    /// What it is, and where.
    pub sub: String,
    /// Its page.
    pub href: String,
    /// Whether it has ended.
    #[serde(skip)]
    pub old: bool,
}

/// What another part of the platform finds: documents, plans. Registered once at start by [`Figures::add_finder`].
pub trait Finder: Send + Sync {
    /// Heading of its answers on the page: (Vietnamese, English).
    fn heading(&self) -> (&'static str, &'static str);
    /// At most `most` answers, best first, of what this reader may see. Errors are its own: it finds nothing.
    fn find<'a>(&'a self, ctx: &'a Context, q: &'a str, most: usize) -> BoxFuture<'a, Vec<Found>>;
}

#[derive(Template)]
#[template(path = "public_search.html")]
struct SearchPage {
    shell: Shell,
    q: String,
    units: Vec<Found>,
    measures: Vec<Found>,
    others: Vec<(&'static str, Vec<Found>)>,
}

/// `GET /search?q=`.
pub(super) async fn page(State(f): State<Figures>, ctx: Context, params: Params) -> Result<Response, AppError> {
    let q = params.get("q").unwrap_or_default();
    let l = ctx.lang;
    let title = if q.is_empty() { l.t("Tìm kiếm", "Search").to_owned() } else { format!("{}: {q}", l.t("Tìm", "Search")) };
    let others = others(&f, &ctx, &q, 30).await;
    Ok(ui::page(&SearchPage { shell: ctx.shell(title).noindex(), units: units(&f, &q, l, 40), measures: measures(&f, &ctx, &q, 30), others, q }))
}

/// `GET /search/suggest?q=`.
pub(super) async fn suggest(State(f): State<Figures>, ctx: Context, params: Params) -> Response {
    let q = params.get("q").unwrap_or_default();
    let mut measures = measures(&f, &ctx, &q, 4);
    let others: Vec<Found> = others(&f, &ctx, &q, 3).await.into_iter().flat_map(|(_, found)| found).take(4).collect();
    let units = units(&f, &q, ctx.lang, 9 - measures.len().min(3) - others.len().min(3));
    measures.truncate(9usize.saturating_sub(units.len() + others.len()).max(2));
    // Digits with a stroke are the number of a document, not a place.
    let document_first = q.contains('/') || q.chars().all(|c| c.is_ascii_digit() && q.len() < 5);
    let found: Vec<Found> = match document_first {
        true => others.into_iter().chain(units).chain(measures).collect(),
        false => units.into_iter().chain(others).chain(measures).collect(),
    };
    ([(header::CACHE_CONTROL, "private, max-age=60"), (header::VARY, "cookie")], Json(found)).into_response()
}

/// What the other parts find, each under its heading.
async fn others(f: &Figures, ctx: &Context, q: &str, most: usize) -> Vec<(&'static str, Vec<Found>)> {
    let mut out = Vec::new();
    if q.is_empty() {
        return out;
    }
    for finder in f.finders() {
        let found = finder.find(ctx, q, most).await;
        let (vi, en) = finder.heading();
        if !found.is_empty() {
            out.push((ctx.lang.t(vi, en), found));
        }
    }
    out
}

fn units(f: &Figures, q: &str, l: Lang, most: usize) -> Vec<Found> {
    let atlas = f.places().atlas();
    let today = f.map_day();
    atlas.find(q, today, most).into_iter().map(|hit| unit(&atlas, &hit, today, l)).collect()
}

/// A place with those above it; an ended one with its last day and what became of it, an old name with the new one.
fn unit(atlas: &Atlas, hit: &Hit, today: jiff::civil::Date, l: Lang) -> Found {
    let unit = atlas.unit(hit.unit);
    let end = unit.and_then(|u| u.to()).filter(|to| *to <= today).and_then(|to| to.yesterday().ok());
    let on = end.unwrap_or(today);
    let now = atlas.full_name(hit.unit, on);
    let above: Vec<String> = atlas.path(hit.unit, on).into_iter().skip(1).filter(|u| Some(*u) != atlas.nation()).map(|u| full_name(atlas, u, on, l)).collect();
    let mut sub = above;
    let code = atlas.version(hit.unit, on).and_then(|v| v.code.clone());
    sub.extend(code.map(|code| format!("{} {code}", l.t("mã", "code"))));
    let label = if now == hit.matched { now } else { format!("{now} ({} {})", l.t("từng là", "once"), hit.matched) };
    if let Some(end) = end {
        let heirs = super::params::heirs(atlas, hit.unit, today);
        sub.push(format!("{} {}", l.t("đến", "until"), lang::show::short_date(end)));
        if let Some(first) = heirs.first() {
            let more = if heirs.len() > 1 { "…" } else { "" };
            sub.push(format!("{} {first}{more}", l.t("nay là", "now")));
        }
    }
    Found { label, sub: sub.join(" · "), href: format!("/places/{}", hit.unit), old: end.is_some() }
}

/// Measures whose title, code or definition holds all words; those with the words in the title first.
pub(super) fn measures(f: &Figures, ctx: &Context, q: &str, most: usize) -> Vec<Found> {
    if q.is_empty() {
        return Vec::new();
    }
    let l = ctx.lang;
    matching(f, ctx, q)
        .into_iter()
        .take(most)
        .map(|k| Found {
            label: k.measure.title(l).to_owned(),
            sub: format!("{} · {}", l.t("chỉ tiêu", "measure"), l.t(k.measure.def.period.label_vi(), k.measure.def.period.label_en())),
            href: format!("/measures/{}", k.measure.def.code),
            old: false,
        })
        .collect()
}

pub(super) fn matching(f: &Figures, ctx: &Context, q: &str) -> Vec<Arc<Known>> {
    let asked = lang::fold(q);
    let words: Vec<&str> = asked.split_whitespace().collect();
    let toned = lang::canonical(q);
    let mut out: Vec<(u8, Arc<Known>)> = Vec::new();
    for known in f.catalog().current().filter(|k| f.may_know(ctx, k)) {
        let def = &known.measure.def;
        let title = lang::fold(&format!("{} {} {}", def.title_vi, def.title_en, def.code));
        let all = lang::fold(&format!("{title} {} {}", def.definition_vi, def.legal_basis));
        let holds = |text: &str| words.iter().all(|w| text.contains(w));
        if !holds(&all) {
            continue;
        }
        // Typed with tones, the same tones come first.
        let exact = lang::canonical(&def.title_vi).contains(&toned);
        out.push((u8::from(!exact) + u8::from(!holds(&title)) * 2, Arc::clone(known)));
    }
    out.sort_by_key(|(rank, _)| *rank);
    out.into_iter().map(|(_, k)| k).collect()
}
