//! Tables and ranked bars of the places below, and which colour a place has on the map.

use super::params::{Asked, Href, Params};
use super::show::{bare, change, height, n_of, share, status, tags, with_unit};
use crate::measure::Kind;
use crate::service::{FigureView, Status};
use places::Level;
use rust_decimal::Decimal;
use std::collections::HashMap;
use ui::chart::{BarItem, ranked_bars};
use ui::map::MapFill;
use ui::{Html, Lang, Tone};
use uuid::Uuid;

/// Rows of one page of a table.
pub(super) const ROWS: usize = 50;

/// One row: a place with its figure now and before.
#[derive(Debug)]
pub(super) struct Row {
    pub name: String,
    pub above: String,
    pub href: String,
    pub why: String,
    pub value: String,
    pub n_of: String,
    pub tags: Vec<(&'static str, String)>,
    pub before: String,
    pub change: String,
    pub tone: &'static str,
}

/// Heads of the columns that can be sorted by: label, address, whether it is the present order and which way.
#[derive(Debug)]
pub(super) struct Head {
    pub label: &'static str,
    pub href: String,
    pub sort: &'static str,
    pub right: bool,
}

/// A page of the table of the places below.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub heads: Vec<Head>,
    pub rows: Vec<Row>,
    pub shown: usize,
    pub total: usize,
    pub from: usize,
    pub before: Option<String>,
    pub after: Option<String>,
    pub filters: Vec<(String, String, bool)>,
    /// What the rows are narrowed to, in words.
    pub only: &'static str,
    /// Whether there are n/N, and whether there is anything to compare with.
    pub parts: bool,
    pub past: bool,
    pub states: bool,
}

/// States that a table can be narrowed to: name in the address, words for units themselves and for places above them, and the test.
type Filter = (&'static str, &'static str, &'static str, &'static str, &'static str, fn(&FigureView) -> bool);
const FILTERS: &[Filter] = &[
    ("not", "chưa đạt", "not met", "còn nơi chưa đạt", "with some not met", |v| v.own && v.status == Status::Accepted && v.met == 0),
    ("missing", "chưa báo cáo", "not reported", "còn thiếu báo cáo", "with reports missing", |v| v.of > 0 && v.missing > 0),
    ("awaiting", "chờ duyệt", "awaiting review", "còn số chờ duyệt", "with figures awaiting review", |v| v.awaiting > 0),
    ("estimated", "ước tính", "estimated", "có ước tính", "with estimates", |v| v.estimated > 0),
];

fn conditional(v: &FigureView) -> bool {
    v.known.measure.def.condition.is_some() || v.known.measure.def.kind == Kind::YesNo
}

pub(super) fn table(asked: &Asked, rows: &[FigureView], before: &[FigureView], params: &Params, here: &Href) -> Table {
    let l = asked.lang;
    let old: HashMap<Uuid, &FigureView> = before.iter().map(|v| (v.place, v)).collect();
    // Of units judged one by one, those that fall short are what a reader looks for.
    let short = rows.first().is_some_and(|v| v.own && v.known.measure.def.kind == Kind::YesNo)
        && rows.iter().any(|v| v.own && v.status == Status::Accepted && v.met == 0);
    let show = params.get("show").unwrap_or_else(|| if short { "not" } else { "" }.to_owned());
    let keep = FILTERS.iter().find(|f| f.0 == show);
    let mut list: Vec<&FigureView> = rows.iter().filter(|v| keep.is_none_or(|f| (f.5)(v))).collect();
    let sort = params.get("sort").unwrap_or_default();
    let key = sort.trim_start_matches('-');
    let delta = |v: &FigureView| old.get(&v.place).and_then(|o| change(o, v, l)).map(|c| c.0);
    // What has no value stands last either way.
    match key {
        "value" => list.sort_by_key(|v| (v.value.is_none(), v.value)),
        "gaps" => list.sort_by_key(|v| (false, Some(Decimal::from(v.missing + v.awaiting)))),
        "change" => list.sort_by_cached_key(|v| (delta(v).is_none(), delta(v))),
        _ => {}
    }
    if sort.starts_with('-') {
        let known = list
            .iter()
            .take_while(|v| match key {
                "value" => v.value.is_some(),
                "change" => delta(v).is_some(),
                _ => true,
            })
            .count();
        if let Some(known) = list.get_mut(..known) {
            known.reverse();
        }
    }
    let total = list.len();
    let page = params.page().min(total.div_ceil(ROWS).max(1));
    let from = (page - 1) * ROWS;
    let here = here
        .with(
            "show",
            match keep {
                Some(f) => f.0,
                None if short => "all",
                None => "",
            },
        )
        .with("sort", sort.clone());
    let turn = |page: usize| here.with("page", if page == 1 { String::new() } else { page.to_string() });
    let hash = |href: Href| format!("{href}#bang");
    let mixed = list.iter().any(|v| asked.view.parent(v.place) != Some(asked.place));
    let head = |label, name: &'static str, right| {
        if name.is_empty() {
            return Head { label, href: String::new(), sort: "", right };
        }
        let way = if sort == name {
            "ascending"
        } else if sort == format!("-{name}") {
            "descending"
        } else {
            ""
        };
        // Numbers are looked at from the largest first.
        let next = match (name, way) {
            ("name", _) => String::new(),
            (_, "descending") => name.to_owned(),
            _ => format!("-{name}"),
        };
        Head { label, href: hash(turn(1).with("sort", next)), sort: if name == "name" && sort.is_empty() { "ascending" } else { way }, right }
    };
    let parts = list.iter().any(|v| !n_of(v, l).is_empty());
    let past = list.iter().any(|v| old.get(&v.place).is_some_and(|o| o.value.is_some()));
    let states = list.iter().any(|v| !tags(v, l).is_empty());
    let mut heads = vec![
        head(l.t("Nơi", "Place"), "name", false),
        head(l.t("Giá trị", "Value"), "value", true),
        head(l.t("n/N", "n/N"), "", true),
        head(l.t("Tình trạng", "State"), "gaps", false),
        head(l.t("Kỳ trước", "Before"), "", true),
        head(l.t("Thay đổi", "Change"), "change", true),
    ];
    heads.retain(|h| {
        (states || h.label != l.t("Tình trạng", "State"))
            && (parts || h.label != "n/N")
            && (past || (h.label != l.t("Kỳ trước", "Before") && h.label != l.t("Thay đổi", "Change")))
    });
    let filters = FILTERS
        .iter()
        .filter(|f| f.0 != "not" || rows.iter().any(|v| v.own && conditional(v)))
        .filter_map(|f| {
            let n = rows.iter().filter(|v| (f.5)(v)).count();
            let here = f.0 == show;
            let what = if rows.iter().all(|v| v.own) { l.t(f.1, f.2) } else { l.t(f.3, f.4) };
            (n > 0 || here).then(|| (format!("{} {what}", l.number(n.into(), 0)), hash(turn(1).with("show", if here { "all" } else { f.0 })), here))
        })
        .collect();
    Table {
        heads,
        rows: list.iter().skip(from).take(ROWS).map(|v| row(asked, v, old.get(&v.place).copied(), mixed)).collect(),
        shown: total,
        total: rows.len(),
        from,
        before: (page > 1).then(|| hash(turn(page - 1))),
        after: (from + ROWS < total).then(|| hash(turn(page + 1))),
        filters,
        only: keep.map_or("", |f| if rows.iter().all(|v| v.own) { l.t(f.1, f.2) } else { l.t(f.3, f.4) }),
        parts,
        past,
        states,
    }
}

fn row(asked: &Asked, v: &FigureView, old: Option<&FigureView>, mixed: bool) -> Row {
    let l = asked.lang;
    let moved = old.and_then(|o| change(o, v, l));
    let above = asked.view.parent(v.place).filter(|_| mixed).map(|p| asked.name(p)).unwrap_or_default();
    Row {
        name: asked.name(v.place),
        above,
        href: asked.link("", v.place).to_string(),
        why: asked.why(v.place).to_string(),
        value: with_unit_short(v, l),
        n_of: n_of(v, l),
        tags: tags(v, l),
        before: old.and_then(|o| bare(o, l)).unwrap_or_else(|| "–".to_owned()),
        tone: match &moved {
            Some((d, _)) if d.is_zero() => "muted",
            _ => "",
        },
        change: moved.map_or_else(|| "–".to_owned(), |m| m.1),
    }
}

fn with_unit_short(v: &FigureView, l: Lang) -> String {
    let mark = if v.estimated > 0 { "≈ " } else { "" };
    bare(v, l).map_or_else(|| "–".to_owned(), |text| format!("{mark}{text}"))
}

/// The places below in the order of their values: the first and the last ones, those between counted.
pub(super) fn bars(asked: &Asked, rows: &[FigureView]) -> (Html, usize, usize) {
    let (items, between, unranked) = ranked(asked, rows);
    (ranked_bars(&items), between, unranked)
}

/// The bars themselves.
pub(super) fn ranked(asked: &Asked, rows: &[FigureView]) -> (Vec<BarItem>, usize, usize) {
    let l = asked.lang;
    let mut known: Vec<&FigureView> = rows.iter().filter(|v| v.value.is_some()).collect();
    known.sort_by_key(|v| std::cmp::Reverse(v.value));
    let most = known.iter().filter_map(|v| height(v)).fold(0.0_f64, |a, b| a.max(b.abs()));
    let item = |v: &&FigureView| BarItem {
        label: asked.name(v.place),
        href: if v.own { asked.why(v.place) } else { asked.link("", v.place) }.to_string(),
        value_text: bare(v, l).unwrap_or_default(),
        share: share(v).unwrap_or_else(|| height(v).map_or(f64::NAN, |h| if most > 0.0 { h.abs() / most } else { 0.0 })),
        n_of_text: n_of(v, l),
        tone: Tone::Good,
        estimated: v.estimated > 0,
    };
    let (first, last) = if known.len() > 20 { (10, 6) } else { (20, 0) };
    let mut items: Vec<BarItem> = known.iter().take(first).map(item).collect();
    let between = known.len().saturating_sub(first + last);
    items.extend(known.iter().skip(first + between).map(item));
    (items, between, rows.len() - known.len())
}

/// The steps of the map's colours: the values at which a next colour begins, from the values themselves in equal numbers.
pub(super) struct Scale {
    from: Vec<Decimal>,
    to: Vec<Decimal>,
}

impl Scale {
    pub(super) fn of(rows: &[FigureView]) -> Scale {
        let mut values: Vec<Decimal> = rows.iter().filter_map(|v| v.value).collect();
        values.sort_unstable();
        let distinct = {
            let mut d = values.clone();
            d.dedup();
            d.len()
        };
        let classes = distinct.min(5);
        let (mut from, mut to): (Vec<Decimal>, Vec<Decimal>) = (Vec::new(), Vec::new());
        for nth in 0..classes {
            let Some(first) = values.get(nth * values.len() / classes) else { continue };
            if from.last() != Some(first) {
                from.push(*first);
            }
        }
        for nth in 0..from.len() {
            let next = from.get(nth + 1);
            to.extend(values.iter().rev().find(|v| next.is_none_or(|n| *v < n)));
        }
        Scale { from, to }
    }

    fn step(&self, value: Decimal) -> u8 {
        let at = self.from.iter().rposition(|from| *from <= value).unwrap_or(0);
        // A few classes still reach from the lightest to the darkest.
        let last = self.from.len().saturating_sub(1).max(1);
        u8::try_from((at * 5).div_ceil(last)).unwrap_or(5)
    }

    pub(super) fn fill(&self, v: Option<&FigureView>) -> MapFill {
        let Some(v) = v.filter(|v| v.of > 0) else { return MapFill::Base };
        if v.own && v.known.measure.def.kind == Kind::YesNo {
            return match v.status {
                Status::Accepted if v.met > 0 => MapFill::Tone(Tone::Good),
                Status::Accepted => MapFill::Tone(Tone::Warn),
                Status::NotApplicable => MapFill::Base,
                _ => MapFill::Missing,
            };
        }
        match v.value {
            Some(value) => MapFill::Step(self.step(value)),
            None if v.words.is_some() => MapFill::Tone(Tone::Good),
            None => MapFill::Missing,
        }
    }

    /// The key: each colour with the values it stands for.
    pub(super) fn key(&self, sample: &FigureView, l: Lang) -> Vec<(MapFill, String)> {
        let mark = if sample.is_percent() { "%" } else { "" };
        let number = |d: Decimal| l.number(d, sample.decimals());
        self.from
            .iter()
            .zip(&self.to)
            .map(|(from, to)| {
                let text = if from == to { format!("{}{mark}", number(*from)) } else { format!("{}–{}{mark}", number(*from), number(*to)) };
                (MapFill::Step(self.step(*from)), text)
            })
            .collect()
    }
}

/// What a place on the map says when pointed at.
pub(super) fn spoken(asked: &Asked, place: Uuid, v: Option<&FigureView>) -> String {
    let l = asked.lang;
    let name = asked.name(place);
    match v.and_then(|v| with_unit(v, l)) {
        Some(value) => format!("{name}: {value}"),
        None => match v {
            Some(v) if v.own || v.of == 0 || v.n == 0 => format!("{name}: {}", status(v, l).1),
            _ => name,
        },
    }
}

/// Levels at which the places below can be listed: those on the map of the period, down to the reporting level.
pub(super) fn levels(asked: &Asked) -> Vec<Level> {
    let reporting = asked.known().measure.def.level;
    let top = asked.level().unwrap_or(Level::Nation);
    let adds_up = asked.known().measure.def.rollup != crate::measure::Rollup::None;
    Level::ALL
        .into_iter()
        .filter(|level| *level > top && *level <= reporting && (adds_up || *level == reporting))
        .filter(|level| !asked.view.under(asked.place, *level).is_empty())
        .collect()
}
