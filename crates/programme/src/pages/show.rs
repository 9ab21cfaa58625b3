//! Pieces of pages: a target as a card, its bar, its claims.

use super::words;
use super::{Link, target_href};
use crate::plan::{Claim, Plan};
use crate::register::{Register, Stricter};
use crate::service::progress::Progress;
use rust_decimal::prelude::ToPrimitive as _;
use ui::Lang;
use ui::chart::{StackedBar, stacked_bar};
use ui::{Html, Tone};
use uuid::Uuid;

/// A claim beside a computed value.
#[derive(Clone, Debug)]
pub(super) struct ClaimLine {
    pub title: String,
    pub value: String,
    pub source: String,
    pub note: String,
}

/// One target as plan pages, panels and documents show it.
#[derive(Clone, Debug)]
pub(super) struct Card {
    pub code: String,
    pub title: String,
    pub href: String,
    pub asked: String,
    pub value: String,
    pub parts: String,
    pub tone: &'static str,
    pub verdict: &'static str,
    pub reason: String,
    pub period: String,
    pub gaps: String,
    pub reading: String,
    pub instead: bool,
    pub above: Option<(Link, String, &'static str)>,
    pub from: Option<Link>,
    pub claims: Vec<ClaimLine>,
    pub share: Option<String>,
    pub mark: Option<String>,
    pub why: Option<String>,
    pub closing: Option<String>,
    pub carried: Option<Link>,
}

/// The address where a figure is explained.
pub(super) fn why(p: &Progress) -> Option<String> {
    let v = p.figures.first().filter(|_| p.figures.len() == 1 && p.period.is_some())?;
    let tree = if v.tree == figures::Tree::Today { "&tree=today" } else { "" };
    Some(format!("/why?measure={}&unit={}&period={}{tree}", v.known.measure.def.code, p.place, v.period))
}

pub(super) fn card(register: &Register, p: &Progress, today: bool, l: Lang) -> Card {
    let target = &p.held.target;
    let (vi, en) = p.verdict.label();
    let width = |value: Option<f64>| value.filter(|v| (0.0..=100.0).contains(v)).map(|v| format!("{v:.1}"));
    let share = p.tally.parts.is_some();
    let gaps = p.tally.missing + p.tally.awaiting;
    let above = p.held.above.as_ref().map(|(plan, value)| {
        let mark = match p.held.stricter() {
            Some(Stricter::Own) => l.t("ở đây chặt hơn", "stricter here"),
            Some(Stricter::Above) => l.t("cấp trên chặt hơn", "stricter above"),
            _ => l.t("bằng nhau", "the same"),
        };
        let link = Link { href: target_href(plan, &target.code, plan.home, false), text: words::short_title(plan, l) };
        (link, words::with_unit(*value, &target.unit, l), mark)
    });
    let from = (!p.held.own())
        .then(|| Link { href: target_href(&p.held.origin, &target.code, p.held.origin.home, false), text: words::short_title(&p.held.origin, l) });
    let claims = if p.place == p.held.plan.home { claims(&p.held.plan, &target.code, l) } else { Vec::new() };
    Card {
        code: target.code.clone(),
        title: target.title(l).to_owned(),
        href: target_href(&p.held.plan, &target.code, p.place, today),
        asked: words::asked(target, target.value, l),
        value: words::value(p, l).unwrap_or_default(),
        parts: words::parts(p, l),
        tone: p.verdict.tone().class(),
        verdict: l.t(vi, en),
        reason: words::reason(p, l),
        period: p.period.map(|x| words::period(x, l)).unwrap_or_default(),
        gaps: if gaps > 0 { format!("{} {}", words::whole(gaps, l), l.t("nơi chưa có số", "places without figures")) } else { String::new() },
        reading: p.reading.as_ref().map(|r| r.title(l).to_owned()).unwrap_or_default(),
        instead: p.instead,
        above,
        from,
        claims,
        share: width(p.tally.value.filter(|_| share).and_then(|v| v.to_f64())),
        mark: width(Some(p.required).filter(|_| share).and_then(|v| v.to_f64())),
        why: why(p),
        closing: words::closing(p, l),
        carried: p.carried_over.as_ref().and_then(|d| {
            let plan = register.plan(&d.choice)?;
            Some(Link { href: format!("/plans/{}", d.choice), text: format!("{} ({})", words::short_title(plan, l), d.document) })
        }),
    }
}

/// Claims of a plan about a target.
pub(super) fn claims(plan: &Plan, target: &str, l: Lang) -> Vec<ClaimLine> {
    plan.def.claim.iter().filter(|c| c.targets.iter().any(|t| t == target)).map(|c| claim(c, l)).collect()
}

pub(super) fn claim(c: &Claim, l: Lang) -> ClaimLine {
    let when = if c.as_of.is_empty() { String::new() } else { format!(" ({})", c.as_of) };
    ClaimLine { title: c.title_vi.clone(), value: format!("{}{when}", words::with_unit(c.value, &c.unit, l)), source: c.source.clone(), note: c.note.clone() }
}

fn count(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

/// The bar of a target: met, not met, waiting, missing against the mark.
pub(super) fn bar(p: &Progress, l: Lang) -> Option<Html> {
    let (n, of) = p.tally.parts?;
    let target = p.required.to_f64().map(|v| v / 100.0);
    let places = words::counts_places(p);
    Some(stacked_bar(&StackedBar {
        lang: l,
        met: count(n),
        not_met: count(if places { words::short(p) } else { of - n }),
        missing: count(if places { p.tally.missing } else { 0 }),
        awaiting: count(if places { p.tally.awaiting } else { 0 }),
        target,
        met_text: if places { String::new() } else { l.t("có", "yes").to_owned() },
        not_text: if places { String::new() } else { l.t("còn lại", "the rest").to_owned() },
        ..StackedBar::default()
    }))
}

/// The bar of a plan: its targets by how they stand.
pub(super) fn plan_bar(list: &[Progress], l: Lang) -> Html {
    use crate::verdict::Verdict;
    let n = |of: &[Verdict]| count(i64::try_from(list.iter().filter(|p| of.contains(&p.verdict)).count()).unwrap_or(0));
    stacked_bar(&StackedBar {
        lang: l,
        met: n(&[Verdict::Met]),
        awaiting: 0,
        not_met: n(&[Verdict::OnTrack, Verdict::Underway, Verdict::Behind, Verdict::NotMet]),
        unknown: n(&[Verdict::Open, Verdict::NoData]),
        missing: 0,
        met_text: l.t("mục tiêu đạt", "targets met").to_owned(),
        not_text: l.t("chưa đạt", "not met").to_owned(),
        unknown_text: l.t("chưa kết luận hoặc chưa có số", "undecided or without figures").to_owned(),
        ..StackedBar::default()
    })
}

/// How a value of one place compares with what is asked: for bars and maps.
pub(super) fn tone(p: &Progress, value: Option<rust_decimal::Decimal>) -> Tone {
    match value {
        Some(v) if p.held.target.op.holds(v, p.required) => Tone::Good,
        Some(_) => Tone::Warn,
        None => Tone::Plain,
    }
}

/// Address of the figure's own reasons at another place in the same period.
pub(super) fn why_at(v: &figures::FigureView, place: Uuid) -> String {
    let tree = if v.tree == figures::Tree::Today { "&tree=today" } else { "" };
    format!("/why?measure={}&unit={place}&period={}{tree}", v.known.measure.def.code, v.period)
}
