//! A line of a scorecard: its threshold, value, boxes, warnings and history.

use super::super::{Link, words};
use crate::model::{Given, Indicator, Judged, Kind, Outcome};
use crate::store::assess::{Filled, Stage};
use crate::{Criteria, Scorecard, Scored};
use access::Context;
use std::collections::BTreeMap;
use ui::Lang;

/// A box to fill in: name, label, value, choices.
pub(super) struct Cell {
    pub name: String,
    pub label: String,
    pub value: String,
    pub options: Vec<(String, String)>,
    pub hint: String,
    pub error: bool,
}

pub(super) struct Row {
    pub code: String,
    pub title: String,
    pub level: String,
    pub clause: String,
    pub doubt: Option<&'static str>,
    pub value: String,
    pub figure: Option<Link>,
    pub outcome: (&'static str, &'static str),
    pub stage: (&'static str, &'static str),
    pub gap: String,
    pub boxes: Vec<Cell>,
    pub parts: Vec<(String, &'static str, &'static str)>,
    pub note: String,
    pub note_name: Option<String>,
    pub seen: i64,
    pub tick: bool,
    pub owner: String,
    pub evidence: Option<(Link, usize)>,
    pub warn: Vec<String>,
    pub history: Vec<String>,
}

/// What was typed and refused, so that it stays in the boxes.
pub(super) type Kept = BTreeMap<String, String>;

fn boxes(i: &Indicator, filled: &Filled, kept: &Kept, at: Option<&str>, l: Lang) -> Vec<Cell> {
    let one = |i: &Indicator, given: Option<&Given>| {
        let name = format!("v.{}", i.code);
        let value = kept.get(&name).cloned().unwrap_or_else(|| words::in_box(given, i.kind));
        let mut options: Vec<(String, String)> = Vec::new();
        if matches!(i.kind, Kind::YesNo | Kind::Reference | Kind::Text) {
            options.push((String::new(), l.t("— chọn —", "— choose —").to_owned()));
            options.push(("yes".to_owned(), l.t("đạt", "yes").to_owned()));
            options.push(("no".to_owned(), l.t("chưa đạt", "no").to_owned()));
        } else if i.kind == Kind::Choice {
            options.push((String::new(), l.t("— chọn —", "— choose —").to_owned()));
            options.extend(i.options.iter().enumerate().map(|(at, o)| (at.to_string(), o.clone())));
        }
        if i.applies_if.is_some() && !options.is_empty() {
            options.push(("na".to_owned(), l.t("không áp dụng", "not applicable").to_owned()));
        }
        let hint = if i.kind.is_share() { l.t("n/N, ví dụ 85/100", "n/N, such as 85/100") } else { "" };
        Cell {
            label: format!("{} {}", i.code, i.title),
            options,
            hint: format!("{hint}{}", if i.unit.is_empty() || i.kind.is_share() { String::new() } else { i.unit.clone() }),
            error: at == Some(i.code.as_str()),
            name,
            value,
        }
    };
    if i.kind == Kind::Composite {
        return i.parts.iter().filter(|p| p.measure.is_none() && p.formula.is_none()).map(|p| one(p, filled.parts.get(&p.code))).collect();
    }
    vec![one(i, filled.given.as_ref())]
}

pub(super) struct Seer<'a> {
    pub ctx: &'a Context,
    pub officer: bool,
    pub reviewer: bool,
    pub detailed: bool,
    pub owners: &'a BTreeMap<String, crate::store::office::Owner>,
    pub kept: &'a Kept,
    pub at: Option<&'a str>,
}

pub(super) fn row(criteria: &Criteria, card: &Scorecard, j: &Judged<'_>, s: &Scored, seer: &Seer<'_>) -> Row {
    let l = seer.ctx.lang;
    let (level, clause, doubt) = words::applied(&card.set, j, l);
    let i = j.indicator;
    let open = seer.detailed || s.stage == Stage::Accepted;
    let wording = i.on(card.traits.day);
    let links: Vec<String> = s.linked.as_ref().map(|l| l.measures.clone()).unwrap_or_default();
    let mut warn = Vec::new();
    if seer.detailed {
        if s.moved {
            let now = s.linked.as_ref().and_then(|l| l.given.as_ref());
            let now = words::given(now, i.kind, &i.options, l);
            warn.push(format!(
                "{} {}",
                l.t("Số liệu đã đổi từ khi chấm, nay là", "The figure has changed since; it is now"),
                if now.is_empty() { l.t("trống", "empty").to_owned() } else { now }
            ));
        }
        if s.lacks_evidence {
            warn.push(l.t("Thiếu minh chứng bắt buộc nên chưa được tính là đạt", "Required evidence is missing, so it does not count as met").to_owned());
        }
        if s.too_good {
            warn.push(l.t("100% mà không có minh chứng: cần xem lại", "100 % without evidence: look again").to_owned());
        }
        if let Some(last) = s.last.as_ref().filter(|l| l.stage == Stage::Returned) {
            warn.push(format!("{} {}: {}", l.t("Trả lại bởi", "Returned by"), last.who_name, last.reason));
        }
    }
    let history = s.history.iter().map(|h| {
        let stage = words::stage(h.stage, l).1;
        let value = words::given(h.filled.given.as_ref(), i.kind, &i.options, l);
        let found = words::outcome(h.outcome, l).1;
        let mut text = format!("{} {}: {stage}, {found}", words::moment(h.at), h.who_name);
        if !value.is_empty() {
            text.push_str(&format!(", {value}"));
        }
        if !h.basis.is_empty() {
            text.push_str(&format!("; {}", h.basis));
        }
        if !h.reason.is_empty() {
            text.push_str(&format!("; “{}”", h.reason));
        }
        text
    });
    let typing = seer.officer && !crate::values_linked(i);
    let owner = seer.owners.get(&i.code);
    let figure = links.first().map(|code| Link { href: format!("/why?measure={code}&unit={}&period={}", card.unit, card.year), text: links.join(", ") });
    let evidence_href =
        format!("/evidence?unit={}&set={}&indicator={}&period={}", card.unit, crate::set_id(&card.set.code), ui::percent_encode(&i.code), card.year);
    Row {
        code: i.code.clone(),
        title: wording.title.to_owned(),
        level,
        clause,
        doubt,
        value: if open { words::given(s.filled.given.as_ref(), i.kind, &i.options, l) } else { String::new() },
        figure: figure.filter(|_| open),
        outcome: words::outcome(if open { j.outcome } else { Outcome::NoData }, l),
        stage: words::stage(s.stage, l),
        gap: if open { words::gap(j, l) } else { String::new() },
        boxes: if typing { boxes(i, &s.filled, seer.kept, seer.at, l) } else { Vec::new() },
        parts: if open {
            j.parts
                .iter()
                .map(|p| {
                    let (class, text) = words::outcome(p.outcome, l);
                    (format!("{} {}", p.indicator.code, p.indicator.title), class, text)
                })
                .collect()
        } else {
            Vec::new()
        },
        note: s.last.as_ref().map(|l| l.note.clone()).filter(|_| seer.detailed).unwrap_or_default(),
        note_name: seer.officer.then(|| format!("n.{}", i.code)),
        seen: s.seq,
        tick: seer.reviewer && s.stage == Stage::Scored && criteria.may_appraise(seer.ctx, card.unit, owner),
        owner: owner.map(|o| o.department.clone()).or_else(|| i.owner.clone()).filter(|_| seer.detailed).unwrap_or_default(),
        evidence: seer.detailed.then(|| (Link { href: evidence_href, text: l.t("Minh chứng", "Evidence").to_owned() }, s.evidence)),
        warn,
        history: if seer.detailed { history.collect() } else { Vec::new() },
    }
}
