//! Scenarios: kept, listed, compared, put away.

use super::result::{difference, moment, signed};
use super::show::address;
use super::{Pairs, href, one, question, said};
use crate::Criteria;
use crate::rehearsal::scenario::Answer;
use crate::rehearsal::store::Scenario;
use access::Context;
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use ui::{AppError, Lang, Notice, Shell, Tone, page};
use uuid::Uuid;

/// Scenarios compared side by side.
const MOST: usize = 4;

struct Line {
    id: String,
    name: String,
    href: String,
    set: String,
    moves: Vec<String>,
    who: String,
    unit: String,
    then: String,
    note: String,
    mine: bool,
    picked: bool,
}

struct Column {
    name: String,
    href: String,
    moves: Vec<String>,
}

struct Row {
    what: String,
    cells: Vec<String>,
}

#[derive(Template)]
#[template(path = "rehearsal_scenarios.html")]
struct ScenariosView {
    shell: Shell,
    lines: Vec<Line>,
    columns: Vec<Column>,
    rows: Vec<Row>,
    provinces: Vec<Row>,
    most: usize,
    /// A scenario that could not be kept: its fields again.
    hidden: Vec<(&'static str, String)>,
    name: String,
    note: String,
    unit: String,
    units: Vec<(String, String)>,
    error: String,
}

/// `GET /rehearsal/scenarios?id=&id=`
pub(super) async fn list(State(criteria): State<Criteria>, ctx: Context, Query(pairs): Query<Pairs>) -> Result<Response, AppError> {
    let notice = match one(&pairs, "done") {
        "kept" => Some(Notice::new(Tone::Good, ctx.lang.t("Đã lưu kịch bản.", "The scenario is kept."))),
        "removed" => Some(Notice::new(Tone::Good, ctx.lang.t("Đã cất kịch bản.", "The scenario was put away."))),
        _ => None,
    };
    view(&criteria, &ctx, &pairs, notice, None).await
}

async fn view(criteria: &Criteria, ctx: &Context, pairs: &Pairs, notice: Option<Notice>, refused: Option<&AppError>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let all = criteria.scenarios(ctx).await?;
    let picked: Vec<Uuid> = pairs.iter().filter(|(n, _)| n == "id").filter_map(|(_, v)| v.parse().ok()).take(MOST).collect();
    let mut answers: Vec<(&Scenario, Answer)> = Vec::new();
    for id in &picked {
        if let Some(scenario) = all.iter().find(|s| s.id == *id) {
            answers.push((scenario, criteria.rehearse(ctx, &scenario.question()).await?));
        }
    }
    let shell = ctx
        .shell(l.t("Kịch bản diễn tập", "Scenarios"))
        .noindex()
        .notice(notice)
        .crumb(l.t("Diễn tập", "Rehearsal"), "/rehearsal")
        .here(l.t("Kịch bản", "Scenarios"));
    let again = if refused.is_some() { Some(question(criteria, ctx, pairs)?) } else { None };
    Ok(page(&ScenariosView {
        shell,
        lines: all.iter().map(|s| line(criteria, ctx, s, picked.contains(&s.id))).collect(),
        columns: answers.iter().map(|(s, _)| Column { name: s.name.clone(), href: href("/rehearsal", &s.question()), moves: moves(criteria, s, l) }).collect(),
        rows: rows(criteria, &answers, l),
        provinces: provinces(criteria, &answers, l),
        most: MOST,
        hidden: again.as_ref().map(address).unwrap_or_default(),
        name: one(pairs, "name").to_owned(),
        note: one(pairs, "note").to_owned(),
        unit: one(pairs, "unit").to_owned(),
        units: ctx
            .units_with(access::Role::Viewer)
            .into_iter()
            .map(|u| (u.to_string(), criteria.figures().places().atlas().full_name(u, ctx.today())))
            .collect(),
        error: refused.map(|e| format!("{} {}", e.what(l), e.how(l))).unwrap_or_default(),
    }))
}

fn moves(criteria: &Criteria, s: &Scenario, l: Lang) -> Vec<String> {
    s.question().moves.iter().map(|m| said(criteria, m, l)).collect()
}

fn line(criteria: &Criteria, ctx: &Context, s: &Scenario, picked: bool) -> Line {
    let (l, then) = (ctx.lang, s.said());
    let count = then.count;
    let n = |n: usize| l.number(Decimal::from(n), 0);
    Line {
        id: s.id.to_string(),
        name: s.name.clone(),
        href: href("/rehearsal", &s.question()),
        set: format!("{}, {}", criteria.rehearsed_title(&s.set, l), s.year),
        moves: moves(criteria, s, l),
        who: format!("{}, {}", s.who_name, moment(s.at)),
        unit: criteria.figures().places().atlas().full_name(s.unit, ctx.today()),
        then: format!(
            "{} → {} / {} ({}, {})",
            n(count.before),
            n(count.after),
            n(count.units),
            signed(difference(count.gained, 0), l),
            signed(-difference(count.lost, 0), l)
        ),
        note: s.note.clone(),
        mine: s.who.is_some() && s.who == ctx.account_id(),
        picked,
    }
}

fn rows(criteria: &Criteria, answers: &[(&Scenario, Answer)], l: Lang) -> Vec<Row> {
    if answers.is_empty() {
        return Vec::new();
    }
    let n = |n: usize| l.number(Decimal::from(n), 0);
    let row = |what: &str, cell: &dyn Fn(&Scenario, &Answer) -> String| Row { what: what.to_owned(), cells: answers.iter().map(|(s, a)| cell(s, a)).collect() };
    vec![
        row(l.t("Bộ tiêu chí, năm", "Set, year"), &|s, _| format!("{}, {}", criteria.rehearsed_title(&s.set, l), s.year)),
        row(l.t("Đơn vị", "Units"), &|_, a| n(a.effect.all.units)),
        row(l.t("Đạt trước", "Pass before"), &|_, a| n(a.effect.all.before)),
        row(l.t("Đạt sau", "Pass after"), &|_, a| n(a.effect.all.after)),
        row(l.t("Thêm", "Gain"), &|_, a| signed(difference(a.effect.all.gained, 0), l)),
        row(l.t("Mất", "Lose"), &|_, a| signed(-difference(a.effect.all.lost, 0), l)),
        row(l.t("Suýt đạt (thiếu một chỉ tiêu)", "Nearly pass (one indicator short)"), &|_, a| n(a.effect.near.len())),
        row(l.t("Khi lưu: đạt sau", "When kept: pass after"), &|s, a| {
            let then = s.said().count.after;
            if then == a.effect.all.after { n(then) } else { format!("{} ({})", n(then), l.t("số liệu đã đổi", "the figures have changed")) }
        }),
    ]
}

fn provinces(criteria: &Criteria, answers: &[(&Scenario, Answer)], l: Lang) -> Vec<Row> {
    let atlas = criteria.figures().places().atlas();
    let all: BTreeSet<Uuid> = answers.iter().flat_map(|(_, a)| a.effect.provinces.keys().copied()).collect();
    let mut named: BTreeMap<Vec<u8>, Row> = BTreeMap::new();
    for province in all {
        let day = answers.iter().map(|(_, a)| a.snapshot.grid.set.judged_on(a.snapshot.year)).max();
        let what = day.map(|d| atlas.full_name(province, d)).unwrap_or_default();
        let cells: Vec<String> = answers
            .iter()
            .map(|(_, a)| match a.effect.provinces.get(&province) {
                Some(c) => format!("{}/{} ({})", l.number(c.after.into(), 0), l.number(c.units.into(), 0), signed(difference(c.after, c.before), l)),
                None => "–".to_owned(),
            })
            .collect();
        let mut key = lang::sort_key(&what);
        key.extend(province.as_bytes());
        named.insert(key, Row { what, cells });
    }
    named.into_values().collect()
}

/// `POST /rehearsal/scenarios` with the question, name, note and unit.
pub(super) async fn keep(State(criteria): State<Criteria>, ctx: Context, Form(pairs): Form<Pairs>) -> Result<Response, AppError> {
    let q = question(&criteria, &ctx, &pairs)?;
    let unit = match one(&pairs, "unit").parse::<Uuid>() {
        Ok(unit) => unit,
        Err(_) => ctx.units_with(access::Role::Viewer).first().copied().ok_or_else(crate::unknown_unit)?,
    };
    match criteria.keep_scenario(&ctx, unit, one(&pairs, "name"), one(&pairs, "note"), &q).await {
        Ok(kept) => Ok(to(&format!("/rehearsal/scenarios?done=kept&id={}", kept.id))),
        Err(error) if error.at.as_deref() == Some("name") => {
            let mut response = view(&criteria, &ctx, &pairs, None, Some(&error)).await?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
        Err(error) => Err(error),
    }
}

/// `POST /rehearsal/scenarios/{scenario}/remove`
pub(super) async fn remove(State(criteria): State<Criteria>, ctx: Context, Path(id): Path<String>) -> Result<Response, AppError> {
    let id = id.parse().map_err(|_| AppError::new("not_found", 404))?;
    criteria.remove_scenario(&ctx, id).await?;
    Ok(to("/rehearsal/scenarios?done=removed"))
}

fn to(address: &str) -> Response {
    match HeaderValue::from_str(address) {
        Ok(address) => (StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response(),
        Err(_) => AppError::new("internal", 500).into_response(),
    }
}
