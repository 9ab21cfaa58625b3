//! The places below a target: who falls short, bars, and the map.

use super::holders::Behind;
use super::show::{tone, why_at};
use super::words;
use crate::plan::How;
use crate::service::Programme;
use crate::service::progress::Progress;
use crate::tally::{self, State};
use access::{Context, db_error};
use figures::{Ask, FigureView};
use places::{Level, MapView};
use rust_decimal::prelude::ToPrimitive as _;
use std::collections::HashMap;
use std::sync::Arc;
use ui::chart::{BarItem, ranked_bars};
use ui::map::{LegendItem, MapFill, PointShape, map};
use ui::{AppError, Html, Lang, Tone};
use uuid::Uuid;

/// Rows of one page of a table.
const ROWS: usize = 50;

/// One place under a target.
pub(super) struct Row {
    pub name: String,
    pub above: String,
    pub href: String,
    pub value: String,
    pub n_of: String,
    pub state: &'static str,
    pub tone: &'static str,
    pub why: String,
}

/// The places below, ready to be shown.
#[derive(Default)]
pub(super) struct Below {
    pub title: String,
    pub rows: Vec<Row>,
    pub filters: Vec<(String, String, bool)>,
    pub from: usize,
    pub shown: usize,
    pub before: Option<String>,
    pub after: Option<String>,
    pub bars: Option<Html>,
    pub bars_title: String,
    pub between: usize,
    pub map: Option<Html>,
    /// Where places are behind, by province of the nation, or in one line.
    pub behind: Vec<Behind>,
}

/// A place with its figure and how it stands.
struct Stand {
    unit: Uuid,
    state: State,
    figure: FigureView,
}

/// Which rows are shown, and how they are asked for.
pub(super) struct Wish<'a> {
    pub show: Option<&'a str>,
    pub page: usize,
    pub href: String,
    pub today: bool,
    /// Every place of the lowest level in one list, without drawings: for a file.
    pub whole: bool,
}

fn label(level: Level, l: Lang) -> &'static str {
    let (vi, en) = level.label();
    l.t(vi, en)
}

/// How a place stands: units judged one by one by their own condition, places above them by the target itself.
fn standing(p: &Progress, v: &FigureView) -> State {
    let yes_no = v.known.measure.def.kind == figures::Kind::YesNo;
    if v.of == 0 || (v.own && v.not_applicable > 0) {
        return State::Out;
    }
    if v.own && yes_no {
        return tally::state(v, None);
    }
    let required = if p.tally.parts.is_some() && v.is_percent() { Some(p.required) } else { None };
    match (v.value, required) {
        (None, _) if v.awaiting > 0 => State::Awaiting,
        (None, _) => State::Missing,
        (Some(value), Some(needs)) if p.held.target.op.holds(value, needs) => State::Met,
        (Some(_), Some(_)) => State::NotMet,
        // A number that adds up has no mark of its own below.
        (Some(_), None) => State::Met,
    }
}

/// Reads and draws the places below a target.
///
/// # Errors
/// What the database says.
pub(super) async fn below(programme: &Programme, ctx: &Context, p: &Progress, wish: &Wish<'_>) -> Result<Below, AppError> {
    let (l, atlas) = (ctx.lang, programme.atlas());
    let (Some(sample), Some(reading)) = (p.figures.first().filter(|_| p.period.is_some()), &p.reading) else { return Ok(Below::default()) };
    let ask = Ask { known: Arc::clone(&sample.known), period: sample.period, tree: sample.tree };
    let view = programme.figures().view(&ask);
    let lowest = reading.level.filter(|_| reading.how == How::Units).unwrap_or(sample.known.measure.def.level);
    // The nation looks at its provinces first; a province at every unit that is counted.
    let level = match view.level(p.place) {
        Some(own) if wish.whole && own < lowest => lowest,
        Some(Level::Nation) if lowest > Level::Province => Level::Province,
        Some(own) if own < lowest => lowest,
        _ => return Ok(Below::default()),
    };
    let direct = level == lowest && reading.how == How::Units;
    let stands: Vec<Stand> = if direct {
        let (places, _) = programme.places_of(ctx, reading, Some(sample), p.place).await?;
        places.into_iter().map(|x| Stand { unit: x.unit, state: x.state, figure: x.figure }).collect()
    } else if reading.how == How::Units {
        under_provinces(programme, ctx, p, &view, sample).await?
    } else {
        let rows = programme.figures().read_level(&ask, p.place, level).await.map_err(db_error)?;
        rows.into_iter().map(|v| Stand { unit: v.place, state: standing(p, &v), figure: v }).collect()
    };
    let stands: Vec<Stand> = stands.into_iter().filter(|s| s.state != State::Out).collect();
    let numbers = p.tally.parts.is_none();
    let mut out = Below { behind: behind(p, level == lowest, &stands), ..Below::default() };
    let count = |state: State| stands.iter().filter(|s| s.state == state).count();
    let kinds = [
        ("short", State::NotMet, l.t("chưa đạt", "fall short")),
        ("missing", State::Missing, l.t("chưa có số", "without figures")),
        ("awaiting", State::Awaiting, l.t("chờ duyệt", "awaiting review")),
        ("met", State::Met, if numbers { l.t("có số", "with figures") } else { l.t("đạt", "met") }),
    ];
    let usual = kinds.iter().find(|k| count(k.1) > 0).map_or("short", |k| k.0);
    let show = wish.show.filter(|s| *s == "all" || kinds.iter().any(|k| k.0 == *s)).unwrap_or(usual);
    let link = |show: &str, page: usize| {
        let join = if wish.href.contains('?') { '&' } else { '?' };
        let page = if page > 1 { format!("&page={page}") } else { String::new() };
        format!("{}{join}show={show}{page}#bang", wish.href)
    };
    let wanted = kinds.iter().find(|k| k.0 == show);
    out.filters = kinds
        .iter()
        .filter(|k| count(k.1) > 0)
        .map(|k| (format!("{} {}", words::whole(i64::try_from(count(k.1)).unwrap_or(0), l), k.2), link(k.0, 1), k.0 == show))
        .collect();
    out.filters.push((l.t("tất cả", "all").to_owned(), link("all", 1), show == "all"));
    let mut chosen: Vec<&Stand> = stands.iter().filter(|s| wanted.is_none_or(|k| s.state == k.1)).collect();
    // Those farthest from the mark first; without a value in the order of the tree.
    chosen.sort_by_key(|s| (s.figure.value.is_none(), if show == "met" || show == "all" { s.figure.value.map(|v| -v) } else { s.figure.value }));
    let noun = if level == lowest { words::things(p, l) } else { label(level, l).to_owned() };
    out.title = format!("{} {noun} {}", words::whole(i64::try_from(chosen.len()).unwrap_or(0), l), wanted.map_or("", |k| k.2)).trim_end().to_owned();
    out.shown = chosen.len();
    let most = if wish.whole { chosen.len().max(1) } else { ROWS };
    let page = wish.page.clamp(1, chosen.len().div_ceil(most).max(1));
    out.from = (page - 1) * most;
    out.before = (page > 1).then(|| link(show, page - 1));
    out.after = (out.from + most < chosen.len()).then(|| link(show, page + 1));
    let name = |unit: Uuid| match view.level(unit) {
        Some(Level::Province | Level::District) => atlas.name(unit, view.date()),
        _ => atlas.full_name(unit, view.date()),
    };
    let href =
        |s: &Stand| if s.figure.own || direct { why_at(&s.figure, s.unit) } else { super::target_href(&p.held.plan, &p.held.target.code, s.unit, wish.today) };
    let text = |v: &FigureView| match v.value {
        Some(x) if v.own && v.known.measure.def.kind == figures::Kind::YesNo => {
            if x > rust_decimal::Decimal::ZERO { l.t("đạt", "met") } else { l.t("chưa đạt", "not met") }.to_owned()
        }
        Some(x) if v.is_percent() => format!("{}%", l.number(x, v.decimals())),
        Some(x) => l.number(x, v.decimals()),
        None => "–".to_owned(),
    };
    out.rows = chosen
        .iter()
        .skip(out.from)
        .take(most)
        .map(|s| {
            let kind = kinds.iter().find(|k| k.1 == s.state);
            Row {
                name: name(s.unit),
                above: view.parent(s.unit).filter(|a| *a != p.place).map(name).unwrap_or_default(),
                href: href(s),
                value: text(&s.figure),
                n_of: s.figure.parts.map(|(n, of)| format!("{}/{}", words::whole(n, l), words::whole(of, l))).unwrap_or_default(),
                state: kind.map_or("", |k| k.2),
                tone: match s.state {
                    State::Met => "ok",
                    State::NotMet => "late",
                    State::Awaiting => "wait",
                    State::Missing | State::Out => "none",
                },
                why: why_at(&s.figure, s.unit),
            }
        })
        .collect();
    if wish.whole {
        return Ok(out);
    }
    bars(programme, p, &view, sample, &mut out, wish, l).await?;
    out.map = picture(programme, p, &view, level, &stands, &text, &href, l);
    Ok(out)
}

/// Where places are behind: in one line when each is listed, else by the place above them.
fn behind(p: &Progress, listed: bool, stands: &[Stand]) -> Vec<Behind> {
    let numbers = p.tally.parts.is_none();
    if listed {
        let count = |state: State| i64::try_from(stands.iter().filter(|s| s.state == state).count()).unwrap_or(0);
        let short = if numbers { 0 } else { count(State::NotMet) };
        return vec![Behind { unit: p.place, short, missing: count(State::Missing), awaiting: count(State::Awaiting) }];
    }
    let line = |s: &Stand| {
        let v = &s.figure;
        let short = match v.parts {
            Some((n, of)) if words::counts_places(p) => (of - n - v.missing - v.awaiting).max(0),
            _ => 0,
        };
        Behind { unit: s.unit, short, missing: v.missing, awaiting: v.awaiting }
    };
    stands.iter().map(line).collect()
}

/// Places counted one by one, gathered by province: how many of its places fulfil the condition.
async fn under_provinces(programme: &Programme, ctx: &Context, p: &Progress, view: &MapView, sample: &FigureView) -> Result<Vec<Stand>, AppError> {
    let Some(reading) = &p.reading else { return Ok(Vec::new()) };
    let (places, _) = programme.places_of(ctx, reading, Some(sample), p.place).await?;
    let mut by: HashMap<Uuid, Vec<tally::Place>> = HashMap::new();
    for place in places {
        if let Some(province) = view.province(place.unit) {
            by.entry(province).or_default().push(place);
        }
    }
    let mut out = Vec::new();
    for unit in view.under(p.place, Level::Province) {
        let Some(list) = by.remove(&unit) else { continue };
        let counted = tally::of_places(reading, &list);
        // A figure of the province that carries what was counted, so that it is shown like all others.
        let Some(first) = list.first() else { continue };
        let figure = FigureView {
            place: unit,
            value: counted.value,
            parts: counted.parts,
            of: counted.of,
            missing: counted.missing,
            awaiting: counted.awaiting,
            own: false,
            ..first.figure.clone()
        };
        let state = match counted.value {
            None => State::Missing,
            Some(v) if p.held.target.op.holds(v, p.required) => State::Met,
            Some(_) => State::NotMet,
        };
        out.push(Stand { unit, state, figure });
    }
    Ok(out)
}

/// Ranked bars of the next level below: provinces of the nation, districts or communes of a province.
async fn bars(programme: &Programme, p: &Progress, view: &MapView, sample: &FigureView, out: &mut Below, wish: &Wish<'_>, l: Lang) -> Result<(), AppError> {
    let lowest = sample.known.measure.def.level;
    if p.reading.as_ref().is_some_and(|r| r.how == How::Units) {
        return Ok(());
    }
    let Some(level) = super::next_level(view, p.place, lowest) else { return Ok(()) };
    if level == lowest && sample.known.measure.def.kind == figures::Kind::YesNo {
        return Ok(());
    }
    let atlas = programme.atlas();
    let ask = Ask { known: Arc::clone(&sample.known), period: sample.period, tree: sample.tree };
    let rows = programme.figures().read_level(&ask, p.place, level).await.map_err(db_error)?;
    let mut known: Vec<&FigureView> = rows.iter().filter(|v| v.value.is_some()).collect();
    known.sort_by_key(|v| std::cmp::Reverse(v.value));
    let most = known.iter().filter_map(|v| v.value?.to_f64()).fold(0.0_f64, f64::max);
    let item = |v: &&FigureView| BarItem {
        label: atlas.name(v.place, view.date()),
        href: if v.own { why_at(v, v.place) } else { super::target_href(&p.held.plan, &p.held.target.code, v.place, wish.today) },
        value_text: v.value.map(|x| if v.is_percent() { format!("{}%", l.number(x, v.decimals())) } else { l.number(x, v.decimals()) }).unwrap_or_default(),
        share: v.value.and_then(|x| x.to_f64()).map_or(f64::NAN, |x| {
            if v.is_percent() {
                x / 100.0
            } else if most > 0.0 {
                x / most
            } else {
                0.0
            }
        }),
        n_of_text: v.parts.map(|(n, of)| format!("{}/{}", words::whole(n, l), words::whole(of, l))).unwrap_or_default(),
        tone: if v.is_percent() { tone(p, v.value) } else { Tone::Good },
        estimated: v.estimated > 0,
    };
    let (first, last) = if known.len() > 20 { (10, 6) } else { (20, 0) };
    out.between = known.len().saturating_sub(first + last);
    let items: Vec<BarItem> = known.iter().take(first).chain(known.iter().skip(first + out.between)).map(item).collect();
    let ended = if level == Level::District { l.t(" (cấp huyện kết thúc 30/06/2025)", " (districts ended on 30/06/2025)") } else { "" };
    out.bars_title = format!("{} {}{ended}", l.t("Theo", "By"), label(level, l));
    out.bars = (!items.is_empty()).then(|| ranked_bars(&items));
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "everything a map needs, said once")]
fn picture(
    programme: &Programme,
    p: &Progress,
    view: &MapView,
    level: Level,
    stands: &[Stand],
    text: &dyn Fn(&FigureView) -> String,
    href: &dyn Fn(&Stand) -> String,
    l: Lang,
) -> Option<Html> {
    if p.tally.parts.is_none() && stands.iter().all(|s| s.state != State::NotMet) {
        return None;
    }
    let atlas = programme.atlas();
    let by: HashMap<Uuid, &Stand> = stands.iter().map(|s| (s.unit, s)).collect();
    let fill = |unit: Uuid| match by.get(&unit).map(|s| s.state) {
        Some(State::Met) => MapFill::Tone(Tone::Good),
        Some(State::NotMet) => MapFill::Tone(Tone::Warn),
        Some(State::Missing | State::Awaiting) => MapFill::Missing,
        Some(State::Out) | None => MapFill::Base,
    };
    let title = |unit: Uuid| {
        let name = atlas.full_name(unit, view.date());
        by.get(&unit).map_or(name.clone(), |s| format!("{name}: {}", text(&s.figure)))
    };
    let many = stands.len() > 300;
    let link = |unit: Uuid| by.get(&unit).filter(|_| !many).map(|s| href(s));
    let mut spec = match level {
        Level::Province => places::map::province_map(&atlas, view, fill, title, link, true),
        Level::Commune => places::map::commune_map(&atlas, view, p.place, fill, title, link),
        _ => return None,
    };
    spec.points.retain(|point| point.fill != MapFill::Base);
    for point in spec.points.iter_mut().filter(|point| point.fill == MapFill::Tone(Tone::Warn)) {
        point.shape = PointShape::Triangle;
    }
    spec.id = "map".into();
    spec.title = l.t("Ở đâu còn chậm", "Where it falls short").to_owned();
    let shape = |shape| (level == Level::Commune).then_some(shape);
    let key = [
        (MapFill::Tone(Tone::Good), PointShape::Circle, l.t("đạt", "met")),
        (MapFill::Tone(Tone::Warn), PointShape::Triangle, l.t("chưa đạt", "falls short")),
        (MapFill::Missing, PointShape::Dashed, l.t("chưa có số", "no figures")),
    ];
    let used = |wanted: MapFill| stands.iter().any(|s| fill(s.unit) == wanted);
    spec.legend = key.into_iter().filter(|k| used(k.0)).map(|(fill, form, text)| LegendItem { fill, shape: shape(form), text: text.to_owned() }).collect();
    Some(map(&spec))
}
