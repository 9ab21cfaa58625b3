//! The rows of an entry form, as a page shows them; and what a form sends back.

use super::cell::{self, Typed};
use crate::ledger::State;
use crate::measure::Kind;
use crate::{Entry, Figures, Intent, Origin, Outcome, SheetRow, Status};
use access::Context;
use calendar::Period;
use rust_decimal::Decimal;
use std::collections::HashMap;
use ui::{AppError, Lang};
use uuid::Uuid;

/// One box to type in.
pub(super) struct Input {
    pub name: String,
    pub value: String,
    pub label: String,
    pub numeric: bool,
    /// Id of the list of answers offered.
    pub list: String,
    pub seen: String,
    /// Whether this is the only box of the row.
    pub alone: bool,
}

/// One row: a figure.
pub(super) struct RowView {
    pub id: String,
    pub title: String,
    pub unit: String,
    pub definition: String,
    pub basis: String,
    pub n_of: String,
    pub tag: Option<(&'static str, &'static str)>,
    pub note: String,
    pub inputs: Vec<Input>,
    /// Hidden fields: the version seen, and what the page showed, so that what was not touched is not sent as an edit.
    pub hidden: [(String, String); 2],
    pub was: String,
    pub error: String,
    pub take: Option<(String, String)>,
    pub word: Option<(String, String)>,
    pub evidence: (String, usize),
    pub steps: Option<(String, Vec<String>)>,
    pub locked: bool,
    /// How many columns a single box spans.
    pub span: usize,
    /// Name shared by the two boxes of a percentage, which are saved together.
    pub pair: String,
}

/// What a person typed for one figure, kept for showing it again.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    pub typed: Typed,
    pub word: String,
    pub seen: String,
    pub shown: String,
    pub error: Option<(&'static str, String)>,
}

impl Kept {
    /// Whether the person changed anything of what the page showed.
    pub(super) fn touched(&self) -> bool {
        self.shown != self.typed.first && self.shown != format!("{}|{}", self.typed.first, self.typed.second)
    }
}

pub(super) type Form = HashMap<(Uuid, String), Kept>;

/// Sorts the fields of a form by figure.
pub(super) fn sort(fields: Vec<(String, String)>) -> Form {
    let mut out = Form::new();
    for (name, value) in fields {
        let Some((unit, code, part)) = cell::split(&name) else { continue };
        let kept = out.entry((unit, code.to_owned())).or_default();
        match part {
            "v" | "n" => kept.typed.first = value,
            "d" => kept.typed.second = value,
            "r" => kept.word = value,
            "s" => kept.seen = value,
            "w" => kept.shown = value,
            _ => {}
        }
    }
    out
}

/// Saves what was changed on a page as drafts. What could not be saved stays in the form with its error. How many were written.
pub(super) async fn save(figures: &Figures, ctx: &Context, period: Period, form: &mut Form) -> Result<usize, AppError> {
    let catalog = figures.catalog();
    let mut keys = Vec::new();
    let mut entries = Vec::new();
    for (key, kept) in form.iter_mut() {
        let word = lang::clean(&kept.word);
        if !kept.touched() && word.is_empty() {
            continue;
        }
        let Some(known) = catalog.coded(&key.1).and_then(|k| catalog.for_period(k.measure.id, period)) else { continue };
        if kept.typed.is_empty() {
            kept.error = Some(("empty_value", empty_words(ctx.lang).to_owned()));
            continue;
        }
        match cell::read(known, &kept.typed) {
            Ok(value) => {
                let reason = Some(word).filter(|w| !w.is_empty());
                let seen = Some(kept.seen.parse().unwrap_or(0));
                keys.push(key.clone());
                entries.push(Entry { unit: key.0, measure: known.measure.id, period, value, reason, cell: None, seen });
            }
            Err(p) => kept.error = Some((p.code, ctx.lang.t(&p.vi, &p.en).to_owned())),
        }
    }
    if entries.is_empty() {
        return Ok(0);
    }
    let origin = Origin { source: "form", ..Origin::default() };
    let outcomes = figures.enter(ctx, &entries, &origin, Intent::Draft).await?;
    let mut written = 0;
    for (key, outcome) in keys.into_iter().zip(outcomes) {
        match outcome {
            Outcome::Refused(r) => {
                if let Some(kept) = form.get_mut(&key) {
                    kept.error = Some((r.code, ctx.lang.t(&r.vi, &r.en).to_owned()));
                }
            }
            Outcome::Written { .. } => {
                written += 1;
                form.remove(&key);
            }
            Outcome::Unchanged => drop(form.remove(&key)),
        }
    }
    Ok(written)
}

pub(super) fn empty_words(l: Lang) -> &'static str {
    l.t(
        "Ô này để trống nhưng trước đó đã có số. Ghi số khác, hoặc “chưa có số liệu”, “không áp dụng”.",
        "This is empty but had a figure. Write another, or “not known”, “not applicable”.",
    )
}

/// The first code of what went wrong.
pub(super) fn first_problem(form: &Form) -> Option<&'static str> {
    form.values().find_map(|k| k.error.as_ref().map(|e| e.0))
}

/// How a form's rows are made.
pub(super) struct Dress<'a> {
    pub figures: &'a Figures,
    pub ctx: &'a Context,
    pub period: Period,
    pub locked: bool,
    pub kept: &'a Form,
    /// The row's head is the unit (a grid) instead of the measure.
    pub by_unit: bool,
}

impl Dress<'_> {
    pub(super) fn row(&self, row: &SheetRow) -> RowView {
        let l = self.ctx.lang;
        let known = &row.known;
        let def = &known.measure.def;
        let shown = row.value().map(|v| cell::show(known, v, l)).unwrap_or_default();
        let kept = self.kept.get(&(row.unit, def.code.clone()));
        let error = kept.and_then(|k| k.error.as_ref());
        let conflict = error.is_some_and(|e| e.0 == "changed_by_other");
        let typed = kept.filter(|k| k.error.is_some()).map_or(&shown, |k| &k.typed).clone();
        let seen = row.story.last_seq.to_string();
        let title = known.measure.title(l).to_owned();
        let place = super::unit_name(self.figures, row.unit, known.window(self.period).1);
        let head = if self.by_unit { place.clone() } else { title.clone() };
        let percent = def.kind == Kind::Percent;
        let input = |part: &str, value: &str, of: &str, alone: bool| Input {
            name: cell::name(row.unit, &def.code, part),
            value: value.to_owned(),
            label: if of.is_empty() { head.clone() } else { format!("{head}: {of}") },
            numeric: matches!(def.kind, Kind::Count | Kind::Amount | Kind::Percent),
            list: match def.kind {
                Kind::YesNo => "answers-yesno".to_owned(),
                Kind::Ordinal => format!("steps-{}", def.code),
                _ => "answers".to_owned(),
            },
            seen: if row.story.last_seq == 0 { String::new() } else { seen.clone() },
            alone,
        };
        let inputs = if percent {
            let (n, of) = (named(&def.numerator_vi, "n"), named(&def.denominator_vi, "N"));
            vec![input("n", &typed.first, &n, false), input("d", &typed.second, &of, false)]
        } else {
            vec![input("v", &typed.first, "", true)]
        };
        let asks = row.asks();
        let word = kept.filter(|k| !k.word.is_empty()).map(|k| k.word.clone()).or_else(|| row.word().map(str::to_owned));
        RowView {
            id: format!("row-{}-{}", row.unit.simple(), def.code),
            title: head,
            unit: if percent { String::new() } else { def.unit.clone() },
            definition: l.t(&def.definition_vi, if def.definition_en.is_empty() { &def.definition_vi } else { &def.definition_en }).to_owned(),
            basis: def.legal_basis.clone(),
            n_of: if percent { format!("{} / {}", named(&def.numerator_vi, "n"), named(&def.denominator_vi, "N")) } else { String::new() },
            tag: tag(row.state(), l),
            note: note(row, l),
            inputs,
            was: was(row, l),
            take: conflict.then(|| {
                let theirs = row.value().map_or_else(|| l.t("ô trống", "nothing").to_owned(), |v| cell::said_of(known, v, l));
                (format!("{}.{}", row.unit.simple(), def.code), theirs)
            }),
            error: match error {
                Some(_) if conflict => {
                    let who = row.act.as_ref().map(|a| format!("{}, {}", a.who_name, super::hour(a.at))).unwrap_or_default();
                    let theirs = row.value().map(|v| cell::said_of(known, v, l)).unwrap_or_default();
                    match l {
                        Lang::Vi => format!("{who} đã ghi {theirs} trong lúc bạn nhập. Lưu lần nữa để giữ số của bạn, hoặc lấy số kia."),
                        Lang::En => format!("{who} saved {theirs} while you were typing. Save again to keep yours, or take theirs."),
                    }
                }
                Some(e) => e.1.clone(),
                None => String::new(),
            },
            word: (asks.is_some() && !self.locked || word.is_some()).then(|| (cell::name(row.unit, &def.code, "r"), word.unwrap_or_default())),
            evidence: (evidence_href(row.unit, &def.code, self.period), row.evidence),
            steps: (def.kind == Kind::Ordinal).then(|| (format!("steps-{}", def.code), def.steps.clone())),
            hidden: [
                (cell::name(row.unit, &def.code, "s"), seen),
                (cell::name(row.unit, &def.code, "w"), if percent { format!("{}|{}", shown.first, shown.second) } else { shown.first }),
            ],
            locked: self.locked,
            span: if self.by_unit { 1 } else { 2 },
            pair: if percent { format!("{}.{}", row.unit.simple(), def.code) } else { String::new() },
        }
    }
}

pub(super) fn evidence_href(unit: Uuid, code: &str, period: Period) -> String {
    format!("/evidence?unit={unit}&measure={code}&period={period}")
}

fn named(text: &str, short: &str) -> String {
    if text.is_empty() { short.to_owned() } else { text.to_owned() }
}

/// The tag of a state.
pub(super) fn tag(state: Option<State>, l: Lang) -> Option<(&'static str, &'static str)> {
    let state = state?;
    let class = match state {
        State::Draft => "plain",
        State::Submitted => "wait",
        State::Accepted => "ok",
        State::Returned => "late",
    };
    let (vi, en) = state.label();
    Some((class, l.t(vi, en)))
}

fn note(row: &SheetRow, l: Lang) -> String {
    let Some(act) = &row.act else { return String::new() };
    let who = format!("{}, {}", act.who_name, super::moment(act.at));
    match (row.state(), row.story.pending.as_ref().and_then(|p| p.reason.as_deref())) {
        (Some(State::Returned), Some(reason)) => format!("{}: “{reason}” ({who})", l.t("Trả lại", "Returned")),
        _ => who,
    }
}

/// The value of the period before and the plausible range.
fn was(row: &SheetRow, l: Lang) -> String {
    let def = &row.known.measure.def;
    let mut parts = Vec::new();
    if let Some(previous) = &row.previous {
        let label = super::period_label(previous.period, l);
        let value = match (previous.status, previous.value, previous.parts, &previous.words) {
            (_, _, _, Some(words)) => words.clone(),
            (_, Some(v), Some((n, of)), _) if def.kind == Kind::Percent => {
                format!("{}/{} = {}%", l.number(Decimal::from(n), 0), l.number(Decimal::from(of), 0), l.number(v, def.decimals))
            }
            (_, Some(v), _, _) if def.kind == Kind::YesNo => if v.is_zero() { l.t("chưa đạt", "no") } else { l.t("đạt", "yes") }.to_owned(),
            (_, Some(v), _, _) if def.kind == Kind::Ordinal => {
                let step = usize::try_from(v.trunc().mantissa()).ok().and_then(|i| def.steps.get(i));
                step.cloned().unwrap_or_else(|| l.number(v, 0))
            }
            (_, Some(v), _, _) => l.number(v, def.decimals),
            (Status::NotApplicable, ..) => l.t("không áp dụng", "not applicable").to_owned(),
            _ => l.t("chưa có", "none").to_owned(),
        };
        let estimate = if previous.estimated > 0 { l.t(" (ước tính)", " (estimate)") } else { "" };
        parts.push(format!("{label}: {value}{estimate}"));
    }
    if def.kind != Kind::Percent && (def.min.is_some() || def.max.is_some()) {
        let text = |d: Option<Decimal>| d.map_or_else(|| "…".to_owned(), |d| l.number(d, 6));
        parts.push(format!("{} {}–{}", l.t("khoảng", "range"), text(def.min), text(def.max)));
    }
    parts.join(" · ")
}
