//! The page, and the live answer while a slider moves.

use super::result::{NAMED, told};
use super::{Pairs, group_name, href, one, question, said};
use crate::Criteria;
use crate::model::Indicator;
use crate::rehearsal::moves::{Move, Moved, Scope};
use crate::rehearsal::scenario::{Answer, Question};
use crate::rehearsal::score::Reading;
use access::{Context, Role};
use askama::Template;
use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use places::GroupKind;
use rust_decimal::Decimal;
use ui::{AppError, Html, Lang, Notice, Shell, Tone, page};

struct Slider {
    code: String,
    title: String,
    /// The thresholds of the set in words: `≥ 90` or `≥ 70–100`.
    levels: String,
    met: String,
    /// How far it is moved, in points; none when it has no threshold to move.
    by: Option<String>,
    low: String,
    high: String,
    step: &'static str,
    /// A threshold that was typed.
    to: String,
    /// Whether it is judged by a number at all.
    number: bool,
    out: bool,
}

struct Block {
    title: String,
    open: bool,
    sliders: Vec<Slider>,
}

#[derive(Template)]
#[template(path = "rehearsal.html")]
struct RehearsalView {
    shell: Shell,
    sets: Vec<(String, String, bool)>,
    others: Vec<(String, String, bool)>,
    years: Vec<(i16, bool)>,
    strict: bool,
    scopes: Vec<(String, String, bool)>,
    /// Moves that the controls of the page do not stand for: text, words, address without it.
    kept: Vec<(String, String, String)>,
    blocks: Vec<Block>,
    result: Html,
    annex: String,
    fresh: String,
    save_to: Vec<(String, String)>,
    address: Vec<(&'static str, String)>,
}

/// `GET /rehearsal`
pub(super) async fn show(State(criteria): State<Criteria>, ctx: Context, Query(pairs): Query<Pairs>) -> Result<Response, AppError> {
    criteria.current().await;
    let notice = match one(&pairs, "done") {
        "removed" => Some(Notice::new(Tone::Good, ctx.lang.t("Đã cất kịch bản.", "The scenario was put away."))),
        _ => None,
    };
    let q = question(&criteria, &ctx, &pairs)?;
    let answer = criteria.rehearse(&ctx, &q).await?;
    view(&criteria, &ctx, &q, &answer, one(&pairs, "scope"), notice)
}

/// `GET /rehearsal/live`: the answer as `{"html", "href", "annex"}` for the same parameters; a refusal as `{"code", "detail", "how"}`.
pub(super) async fn live(State(criteria): State<Criteria>, ctx: Context, Query(pairs): Query<Pairs>) -> Response {
    match lively(&criteria, &ctx, &pairs).await {
        Ok(answer) => answer.into_response(),
        // The page shows it in place of the answer.
        Err(error) => {
            let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, Json(serde_json::json!({"code": error.code, "detail": error.what(ctx.lang), "how": error.how(ctx.lang)}))).into_response()
        }
    }
}

async fn lively(criteria: &Criteria, ctx: &Context, pairs: &Pairs) -> Result<Json<serde_json::Value>, AppError> {
    let q = question(criteria, ctx, pairs)?;
    let answer = criteria.rehearse(ctx, &q).await?;
    let html = told(criteria, &q, &answer, NAMED, ctx.lang).html()?;
    Ok(Json(serde_json::json!({"html": html, "href": href("/rehearsal", &q), "annex": href("/rehearsal/annex.docx", &q)})))
}

fn view(criteria: &Criteria, ctx: &Context, q: &Question, answer: &Answer, scope: &str, notice: Option<Notice>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let all = criteria.rehearsable(l);
    let title = criteria.rehearsed_title(&q.set, l);
    // Controls stand for the moves of one scope; all other moves are listed and can be taken back.
    let chosen = format!("1:x@{scope}").parse::<Move>().map(|m| m.scope).unwrap_or_default();
    let chosen = if scope.is_empty() { one_scope(&q.moves) } else { chosen };
    let controls = |m: &Move| m.scope == chosen || m.moved == Moved::Out;
    let kept = q
        .moves
        .iter()
        .filter(|m| !controls(m))
        .map(|m| {
            let rest = Question { moves: q.moves.iter().filter(|o| *o != m).cloned().collect(), ..q.clone() };
            (m.to_string(), said(criteria, m, l), href("/rehearsal", &rest))
        })
        .collect();
    let mut shell = ctx.shell(format!("{}: {title}", l.t("Diễn tập", "Rehearsal"))).noindex().scripts(&["rehearsal.js"]).notice(notice);
    shell = shell.crumb(l.t("Tiêu chí", "Criteria"), "/criteria").here(l.t("Diễn tập", "Rehearsal"));
    Ok(page(&RehearsalView {
        shell,
        sets: all.iter().map(|(code, title, draft)| (code.clone(), labelled(title, *draft, l), *code == q.set)).collect(),
        others: all
            .iter()
            .filter(|(code, ..)| *code != q.set)
            .map(|(code, title, draft)| (code.clone(), labelled(title, *draft, l), *code == q.against))
            .collect(),
        years: (2021..=ctx.today().year()).rev().map(|y| (y, y == q.year)).collect(),
        strict: q.reading == Reading::Strict,
        scopes: scopes(criteria, answer, &chosen, l),
        kept,
        blocks: blocks(answer, q, &chosen, l),
        result: Html::trusted(told(criteria, q, answer, NAMED, l).html()?),
        annex: href("/rehearsal/annex.docx", q),
        fresh: href("/rehearsal", &Question { moves: Vec::new(), ..q.clone() }),
        save_to: ctx.units_with(Role::Viewer).into_iter().map(|u| (u.to_string(), criteria.figures().places().atlas().full_name(u, ctx.today()))).collect(),
        address: address(q),
    }))
}

/// The hidden fields that stand for a question.
pub(super) fn address(q: &Question) -> Vec<(&'static str, String)> {
    let mut out = vec![("set", q.set.clone()), ("against", q.against.clone()), ("year", q.year.to_string()), ("reading", q.reading.word().to_owned())];
    out.extend(q.moves.iter().map(|m| ("m", m.to_string())));
    out
}

fn labelled(title: &str, draft: bool, l: Lang) -> String {
    if draft { format!("{title} ({})", l.t("bản thảo", "draft")) } else { title.to_owned() }
}

/// The scope of the moves, when all have the same.
fn one_scope(moves: &[Move]) -> Scope {
    let mut scopes = moves.iter().filter(|m| m.moved != Moved::Out).map(|m| &m.scope);
    match scopes.next() {
        Some(first) if scopes.all(|s| s == first) => first.clone(),
        _ => Scope::All,
    }
}

fn scopes(criteria: &Criteria, answer: &Answer, chosen: &Scope, l: Lang) -> Vec<(String, String, bool)> {
    let mut out = Vec::new();
    let snapshot = &answer.snapshot;
    let mut codes: Vec<(&'static str, &String)> =
        snapshot.regions.iter().flatten().map(|c| ("r", c)).chain(snapshot.groups.iter().flatten().map(|c| ("g", c))).collect();
    codes.sort_unstable();
    codes.dedup();
    let atlas = criteria.figures().places().atlas();
    for (kind, code) in codes {
        let known = atlas.groups().iter().any(|g| g.code == *code && matches!(g.kind, GroupKind::Region | GroupKind::CommuneGroup));
        let scope = if kind == "r" { Scope::Region(code.clone()) } else { Scope::Group(code.clone()) };
        if known {
            out.push((format!("{kind}.{code}"), group_name(criteria, code, l), *chosen == scope));
        }
    }
    out
}

fn blocks(answer: &Answer, q: &Question, chosen: &Scope, l: Lang) -> Vec<Block> {
    let grid = &answer.snapshot.grid;
    let mut nth = 0;
    let mut out = Vec::new();
    for criterion in &grid.set.criteria {
        let mut sliders = Vec::new();
        for indicator in &criterion.indicators {
            sliders.push(slider(answer, q, chosen, indicator, nth, l));
            nth += 1;
        }
        if !sliders.is_empty() {
            let open = sliders.iter().any(|s| s.out || !s.to.is_empty() || s.by.as_deref().is_some_and(|b| b != "0"));
            out.push(Block { title: format!("{}. {}", criterion.number, criterion.title), open, sliders });
        }
    }
    // The first that can be moved stands open, so that the page shows what it is for.
    if !out.iter().any(|b| b.open)
        && let Some(first) = out.iter_mut().find(|b| b.sliders.iter().any(|s| s.by.is_some()))
    {
        first.open = true;
    }
    out
}

fn slider(answer: &Answer, q: &Question, chosen: &Scope, i: &Indicator, nth: usize, l: Lang) -> Slider {
    let own = |want: fn(&Moved) -> Option<Decimal>| q.moves.iter().filter(|m| m.indicator == i.code && m.scope == *chosen).find_map(|m| want(&m.moved));
    let by = own(|m| if let Moved::By(by) = m { Some(*by) } else { None });
    let to = own(|m| if let Moved::To(_, to) = m { Some(*to) } else { None });
    let range = answer.snapshot.grid.range(&i.code);
    let levels = match range {
        Some((op, low, high)) if low == high => format!("{} {}", op.shown(), l.number(low, 2)),
        Some((op, low, high)) => format!("{} {}–{}", op.shown(), l.number(low, 2), l.number(high, 2)),
        None if i.kind.is_number() => l.t("chưa có mức", "no threshold").to_owned(),
        None => i.kind.label().0.to_owned(),
    };
    let (met, judged) = super::super::effect::met_of(&answer.after, nth);
    // A share moves by points and stays between 0 and 100 %, anything else by about half of its threshold at most.
    let points = |room: Decimal| room.clamp(Decimal::ZERO, Decimal::from(30));
    let (down, up) = match range {
        Some((_, low, high)) if i.kind.is_share() => (points(high), points(Decimal::ONE_HUNDRED - low)),
        Some((_, _, high)) => {
            let half = (high / Decimal::TWO).abs().round().max(Decimal::ONE).min(Decimal::from(1_000_000));
            (half, half)
        }
        None => (Decimal::ZERO, Decimal::ZERO),
    };
    Slider {
        code: i.code.clone(),
        title: i.title.clone(),
        levels: format!("{levels}{}", if i.unit.is_empty() || range.is_none() { String::new() } else { format!(" {}", i.unit) }),
        met: format!("{}/{} {}", l.number(met.into(), 0), l.number(judged.into(), 0), l.t("đạt", "met")),
        by: range.is_some().then(|| by.unwrap_or_default().to_string()),
        low: (-down).to_string(),
        high: up.to_string(),
        step: if i.kind.is_share() { "0.5" } else { "1" },
        to: to.map(|t| l.number(t, 2)).unwrap_or_default(),
        number: i.kind.is_number(),
        out: q.moves.iter().any(|m| m.indicator == i.code && m.moved == Moved::Out),
    }
}
