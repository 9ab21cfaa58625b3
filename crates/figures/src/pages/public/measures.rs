//! `/measures`: all measures by theme, each with its newest national figure.

use super::params::Params;
use super::search::matching;
use super::show::{n_of, period, share, with_unit};
use crate::catalog::Known;
use crate::service::{Ask, FigureView, Figures, Tree};
use access::{Context, db_error};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use std::collections::HashMap;
use std::sync::Arc;
use ui::{AppError, Lang, Shell};
use uuid::Uuid;

struct Line {
    title: String,
    href: String,
    about: String,
    value: String,
    n_of: String,
    share: Option<String>,
    period: String,
}

struct Theme {
    name: String,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "public_measures.html")]
struct MeasuresPage {
    shell: Shell,
    q: String,
    total: usize,
    themes: Vec<Theme>,
}

/// The newest figure of each measure at a place: of the newest ended period, or of the one before while that is empty.
pub(super) async fn newest(f: &Figures, list: &[Arc<Known>], place: Uuid) -> Result<Vec<FigureView>, AppError> {
    let mut asks = Vec::new();
    let mut counts = Vec::new();
    for known in list {
        let periods = f.recent_periods(known, 2);
        counts.push(periods.len());
        asks.extend(periods.into_iter().rev().map(|period| Ask { known: Arc::clone(known), period, tree: Tree::Then }));
    }
    let mut read = f.read_many(&asks, place).await.map_err(db_error)?.into_iter();
    Ok(counts
        .into_iter()
        .filter_map(|n| {
            let mut of_measure: Vec<FigureView> = read.by_ref().take(n).collect();
            let at = of_measure.iter().position(|v| v.n > 0 || v.value.is_some()).unwrap_or(0);
            (at < of_measure.len()).then(|| of_measure.swap_remove(at))
        })
        .collect())
}

/// `GET /measures?q=`.
pub(super) async fn page(State(f): State<Figures>, ctx: Context, params: Params) -> Result<Response, AppError> {
    let l = ctx.lang;
    let q = params.get("q").unwrap_or_default();
    let nation = f.places().atlas().nation().unwrap_or_default();
    let list = matching(&f, &ctx, &q);
    // What is not public has no national figure for those without a role there, but can still be opened for their own unit.
    let seen: Vec<Arc<Known>> = list.iter().filter(|k| f.may_see(&ctx, k, nation)).cloned().collect();
    let figures: HashMap<Uuid, FigureView> = newest(&f, &seen, nation).await?.into_iter().map(|v| (v.known.measure.id, v)).collect();
    let names = crate::define::themes();
    let mut themes: Vec<Theme> = Vec::new();
    for known in &list {
        let def = &known.measure.def;
        let name = names.get(&def.code).map_or_else(|| l.t("Chỉ tiêu khác", "Other measures").to_owned(), |(vi, en)| l.t(vi, en).to_owned());
        let line = line(known, figures.get(&known.measure.id), l);
        match themes.iter_mut().find(|t| t.name == name) {
            Some(theme) => theme.lines.push(line),
            None => themes.push(Theme { name, lines: vec![line] }),
        }
    }
    if q.is_empty() {
        themes.sort_by_cached_key(|t| lang::sort_key(&t.name));
        for theme in &mut themes {
            theme.lines.sort_by_cached_key(|line| lang::sort_key(&line.title));
        }
    }
    let title = l.t("Số liệu", "Figures").to_owned();
    Ok(ui::page(&MeasuresPage { shell: ctx.shell(title), total: list.len(), q, themes }))
}

fn line(known: &Known, v: Option<&FigureView>, l: Lang) -> Line {
    let def = &known.measure.def;
    let about = format!("{}{}{}", def.legal_basis, if def.legal_basis.is_empty() { "" } else { " · " }, l.t(def.period.label_vi(), def.period.label_en()));
    Line {
        title: known.measure.title(l).to_owned(),
        href: format!("/measures/{}", def.code),
        about,
        value: v.and_then(|v| with_unit(v, l)).unwrap_or_else(|| "–".to_owned()),
        n_of: v.map(|v| n_of(v, l)).unwrap_or_default(),
        share: v.and_then(share).map(|s| format!("{:.1}", s.clamp(0.0, 1.0) * 100.0)),
        period: v.map(|v| period(v.period, l)).unwrap_or_default(),
    }
}
