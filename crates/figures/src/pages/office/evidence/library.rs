//! `/evidence/library`: everything that proves something, to be searched by words, unit, end and scan.

use super::super::unit as read_unit;
use super::{Row, row};
use crate::Figures;
use crate::evidence::{Filter, State as Wanted};
use access::{Context, Role};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use places::Level;
use serde::Deserialize;
use ui::{AppError, Lang, Shell, page};
use uuid::Uuid;

/// Files of a page.
const PAGE: usize = 50;
/// Units offered in the list to choose from.
const MOST_UNITS: usize = 400;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in super::super) struct Pick {
    q: String,
    unit: String,
    state: String,
    before: Option<String>,
}

struct Line {
    row: Row,
    unit: String,
    uses: i64,
}

#[derive(Template)]
#[template(path = "office_evidence_library.html")]
struct LibraryView {
    shell: Shell,
    q: String,
    units: Vec<(String, String)>,
    unit: String,
    states: Vec<(&'static str, &'static str)>,
    state: String,
    lines: Vec<Line>,
    next: Option<String>,
    filtered: bool,
}

fn label(state: Wanted, l: Lang) -> &'static str {
    match state {
        Wanted::Expired => l.t("đã hết hạn", "has ended"),
        Wanted::Expiring => l.t("sắp hết hạn (60 ngày)", "ends within 60 days"),
        Wanted::Unscanned => l.t("chưa quét vi-rút", "not scanned"),
        Wanted::Infected => l.t("có mã độc", "infected"),
        Wanted::Unused => l.t("không gắn với chỉ tiêu nào", "proves nothing now"),
    }
}

/// `GET /evidence/library?q=&unit=&state=&before=`
pub(in super::super) async fn show(State(figures): State<Figures>, ctx: Context, Query(pick): Query<Pick>) -> Result<Response, AppError> {
    let (l, today) = (ctx.lang, ctx.today());
    let unit = if pick.unit.is_empty() { None } else { Some(read_unit(&figures, &ctx, &pick.unit)?) };
    let filter = Filter {
        text: pick.q.chars().take(200).collect(),
        unit,
        state: Wanted::parse(&pick.state),
        before: pick.before.as_deref().and_then(|t| t.parse().ok()),
        limit: PAGE,
    };
    let found = figures.evidence().search(&ctx, &filter).await?;
    let atlas = figures.places().atlas();
    let unit = unit.map(|u| u.to_string()).unwrap_or_default();
    let next = found
        .next
        .map(|id| format!("/evidence/library?q={}&unit={unit}&state={}&before={id}", ui::percent_encode(&filter.text), filter.state.map_or("", Wanted::word)));
    Ok(page(&LibraryView {
        shell: ctx
            .shell(l.t("Kho minh chứng", "Evidence library"))
            .noindex()
            .crumb(l.t("Hôm nay", "Today"), "/today")
            .here(l.t("Kho minh chứng", "Evidence library")),
        units: choices(&figures, &ctx),
        states: Wanted::ALL.map(|s| (s.word(), label(s, l))).to_vec(),
        state: filter.state.map_or("", Wanted::word).to_owned(),
        lines: found.items.iter().map(|f| Line { row: row(&figures, &f.piece, today, l), unit: atlas.full_name(f.piece.unit, today), uses: f.uses }).collect(),
        filtered: !filter.text.is_empty() || !unit.is_empty() || filter.state.is_some(),
        q: filter.text,
        unit,
        next,
    }))
}

/// The units to choose from: those in which the reader holds a role, and the communes below.
fn choices(figures: &Figures, ctx: &Context) -> Vec<(String, String)> {
    let (atlas, today) = (figures.places().atlas(), ctx.today());
    let view = atlas.on(today);
    let mut out: Vec<Uuid> = Vec::new();
    for top in ctx.units_with(Role::Viewer) {
        out.push(top);
        match view.level(top) {
            Some(Level::Nation) => out.extend(view.under(top, Level::Province)),
            Some(Level::Province) => {
                let mut below = view.under(top, Level::Commune);
                below.sort_by_cached_key(|u| lang::sort_key(&atlas.name(*u, today)));
                out.extend(below);
            }
            _ => {}
        }
    }
    let mut seen = std::collections::HashSet::new();
    out.retain(|u| seen.insert(*u));
    out.truncate(MOST_UNITS);
    out.into_iter().map(|u| (u.to_string(), atlas.full_name(u, today))).collect()
}
