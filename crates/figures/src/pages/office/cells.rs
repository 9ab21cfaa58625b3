//! What the sheet saves by itself: `POST /enter/cells/{period}`, see the markup contract in `web/src/sheet.ts`.
//! Sending the same again is harmless: a value equal to the one held is saved whatever version was seen.

use super::cell::{self, Typed};
use super::{hour, period as read_period, rows};
use crate::measure::Kind;
use crate::{Entry, Figures, Intent, Origin, Outcome, SheetRow};
use access::Context;
use axum::Json;
use axum::extract::{Path, State};
use calendar::Period;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ui::AppError;
use uuid::Uuid;

#[derive(Deserialize)]
pub(super) struct Batch {
    cells: Vec<Sent>,
}

#[derive(Deserialize)]
struct Sent {
    name: String,
    value: String,
    #[serde(default)]
    seen: String,
}

#[derive(Serialize)]
pub(super) struct Answer {
    at: String,
    cells: Vec<Told>,
}

#[derive(Serialize, Default)]
struct Told {
    name: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
}

fn refused(name: &str, code: &'static str, detail: &str) -> Told {
    Told { name: name.to_owned(), status: "refused", code: Some(code), detail: Some(detail.to_owned()), ..Told::default() }
}

/// The cells of one figure that were sent together.
struct Group {
    parts: BTreeMap<String, (String, String)>,
    row: SheetRow,
}

/// `POST /enter/cells/{period}`
pub(super) async fn save(State(figures): State<Figures>, ctx: Context, Path(code): Path<String>, Json(batch): Json<Batch>) -> Result<Json<Answer>, AppError> {
    let period = read_period(&code)?;
    let l = ctx.lang;
    let catalog = figures.catalog();
    let mut groups: BTreeMap<(Uuid, String), Group> = BTreeMap::new();
    let mut told: Vec<Told> = Vec::new();
    for sent in batch.cells.into_iter().take(1_000) {
        let Some((unit, code, part)) = cell::split(&sent.name) else {
            told.push(refused(
                &sent.name,
                "unknown_measure",
                l.t("Ô này không còn trong mẫu nhập. Tải lại trang.", "This cell is no longer asked for. Reload the page."),
            ));
            continue;
        };
        let Some(known) = catalog.coded(code).and_then(|k| catalog.for_period(k.measure.id, period)).filter(|_| figures.may(&ctx, access::Role::Officer, unit))
        else {
            told.push(refused(&sent.name, "role_required", l.t("Bạn không nhập được ô này.", "You may not enter this cell.")));
            continue;
        };
        let key = (unit, code.to_owned());
        if !groups.contains_key(&key) {
            let row = figures.sheet_row(unit, known, period).await?;
            groups.insert(key.clone(), Group { parts: BTreeMap::new(), row });
        }
        if let Some(group) = groups.get_mut(&key) {
            group.parts.insert(part.to_owned(), (sent.value, sent.seen));
        }
    }
    let mut entries = Vec::new();
    let mut waiting = Vec::new();
    for ((unit, code), group) in &groups {
        let names = || group.parts.keys().map(|part| cell::name(*unit, code, part));
        match entry(*unit, period, group, l) {
            Ok(Some(entry)) => {
                entries.push(entry);
                waiting.push((*unit, code.clone()));
            }
            Ok(None) => told.extend(names().map(|name| Told { name, status: "saved", seen: Some(String::new()), ..Told::default() })),
            Err((code, detail)) => told.extend(names().map(|name| refused(&name, code, &detail))),
        }
    }
    let origin = Origin { source: "form", ..Origin::default() };
    let outcomes = figures.enter(&ctx, &entries, &origin, Intent::Draft).await?;
    for ((key, entry), outcome) in waiting.into_iter().zip(&entries).zip(outcomes) {
        let Some(group) = groups.get(&key) else { continue };
        let names: Vec<(String, String)> = group.parts.keys().map(|part| (part.clone(), cell::name(key.0, &key.1, part))).collect();
        let (status, row) = match outcome {
            Outcome::Refused(r) if r.code != "changed_by_other" => {
                told.extend(names.iter().map(|(_, name)| refused(name, r.code, l.t(&r.vi, &r.en))));
                continue;
            }
            Outcome::Refused(_) => ("conflict", figures.sheet_row(key.0, &group.row.known, period).await?),
            Outcome::Written { .. } | Outcome::Unchanged => ("saved", figures.sheet_row(key.0, &group.row.known, period).await?),
        };
        let held = row.value().unwrap_or(&entry.value);
        let shown = cell::show(&row.known, held, l);
        let by = (status == "conflict").then(|| row.act.as_ref().map(|a| format!("{}, {}", a.who_name, hour(a.at)))).flatten();
        let asks = row.asks().filter(|_| status == "saved" && row.word().is_none());
        for (part, name) in names {
            let value = match part.as_str() {
                "d" => shown.second.clone(),
                "r" => row.word().unwrap_or_default().to_owned(),
                _ => shown.first.clone(),
            };
            let detail = asks.as_ref().filter(|_| part != "r" && part != "d").map(|r| l.t(&r.vi, &r.en).to_owned());
            told.push(Told { name, status, seen: Some(row.story.last_seq.to_string()), value: Some(value), detail, by: by.clone(), code: None });
        }
    }
    Ok(Json(Answer { at: hour(calendar::micros(ctx.at)), cells: told }))
}

/// What a group of cells says; none when it is as empty as before.
fn entry(unit: Uuid, period: Period, group: &Group, l: ui::Lang) -> Result<Option<Entry>, (&'static str, String)> {
    let known = &group.row.known;
    let held = group.row.value().map(|v| cell::show(known, v, l)).unwrap_or_default();
    let part = |name: &str| group.parts.get(name).map(|p| p.0.clone());
    let first = if known.measure.def.kind == Kind::Percent { "n" } else { "v" };
    let typed = Typed { first: part(first).unwrap_or_else(|| held.first.clone()), second: part("d").unwrap_or_else(|| held.second.clone()) };
    if typed.is_empty() {
        return if group.row.value().is_none() { Ok(None) } else { Err(("empty_value", rows::empty_words(l).to_owned())) };
    }
    // A word alone goes with the value that is held, whoever wrote it.
    let word_only = part(first).is_none() && part("d").is_none();
    let value = match (group.row.value(), word_only) {
        (Some(value), true) => value.clone(),
        _ => cell::read(known, &typed).map_err(|p| (p.code, l.t(&p.vi, &p.en).to_owned()))?,
    };
    let seen = group.parts.values().filter_map(|p| p.1.parse::<i64>().ok()).max().unwrap_or(0);
    // A value that changes keeps the word that stands beside it.
    let reason = part("r").or_else(|| group.row.word().map(str::to_owned)).map(|r| lang::clean(&r)).filter(|r| !r.is_empty());
    Ok(Some(Entry { unit, measure: known.measure.id, period, value, reason, cell: None, seen: Some(seen).filter(|_| !word_only) }))
}
