//! `GET /api/v1/figures`: figures of many measures, places and periods, in pages.

use super::asked;
use super::operation::FIGURES;
use crate::catalog::Known;
use crate::service::{Ask, FigureView, Figures, Status, Tree};
use access::{Context, Who, db_error};
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use calendar::Period;
use jiff::civil::Date;
use places::map::geometry;
use places::{Atlas, Level};
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::HashMap;
use std::sync::Arc;
use ui::AppError;
use ui::api::{Cursor, List, Reply};
use utoipa::ToSchema;
use uuid::Uuid;

/// A figure of one place in one period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Figure {
    /// Code of the measure.
    pub measure: String,
    /// Id of the unit or group.
    pub unit: Uuid,
    /// Name of the unit on the map that was read.
    pub unit_name: String,
    /// Its official code on that map, with leading zeros.
    pub unit_code: Option<String>,
    /// Period, such as `2026-Q3`.
    pub period: String,
    /// Map: `then`, as it was at the end of the period, or `today`.
    pub tree: Tree,
    /// Exact decimal as text, in the unit of measurement of the measure, a percentage from 0 to 100; null when there is none.
    pub value: Option<String>,
    /// Words, for a measure in words.
    pub text: Option<String>,
    /// For a percentage: how many, as text.
    pub numerator: Option<String>,
    /// For a percentage: of how many, as text.
    pub denominator: Option<String>,
    /// Units with an accepted value.
    pub n: i64,
    /// Units that have to report.
    pub of: i64,
    /// Units that reported nothing, or that they do not know.
    pub missing: i64,
    /// Among the missing: units that said they do not know.
    pub not_known: i64,
    /// Units to which it does not apply.
    pub not_applicable: i64,
    /// Units whose first value waits for acceptance.
    pub awaiting: i64,
    /// Units that fulfil the condition of the measure.
    pub met: i64,
    /// Units whose value is an estimate, because a unit behind it was divided.
    pub estimated: i64,
    /// What the figure is made of.
    pub status: FigureStatus,
    /// When the newest part of it was accepted, RFC 3339 in UTC; null for never.
    pub as_of: Option<String>,
}

/// What a figure is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FigureStatus {
    /// A unit's own value, accepted.
    Accepted,
    /// A unit's value waits for acceptance.
    Awaiting,
    /// The unit says it does not know.
    NotKnown,
    /// It does not apply to the unit.
    NotApplicable,
    /// Nothing was reported.
    Missing,
    /// Added up from all that have to report.
    Complete,
    /// Added up from some of them.
    Partial,
    /// Nobody here has to report it.
    NotAsked,
}

/// Fields of [`Figure`] as columns of a CSV file.
pub(super) const COLUMNS: [&str; 20] = [
    "measure",
    "unit",
    "unit_code",
    "unit_name",
    "period",
    "tree",
    "value",
    "text",
    "numerator",
    "denominator",
    "n",
    "of",
    "missing",
    "not_known",
    "not_applicable",
    "awaiting",
    "met",
    "estimated",
    "status",
    "as_of",
];

/// A decimal as text: a point, no thousands marks, no needless zeros.
pub(super) fn decimal(value: Decimal) -> String {
    value.normalize().to_string()
}

/// Microseconds since 1970 as RFC 3339; none for 0.
pub(super) fn instant(micros: i64) -> Option<String> {
    if micros == 0 { None } else { calendar::from_micros(micros).map(|at| at.to_string()) }
}

impl Figure {
    /// A figure as the interface says it; `day` is that of the map it was read on.
    pub(super) fn of(view: &FigureView, atlas: &Atlas, day: Date) -> Figure {
        let status = match view.status {
            _ if view.of == 0 && view.n == 0 && view.value.is_none() => FigureStatus::NotAsked,
            Status::Accepted => FigureStatus::Accepted,
            Status::Awaiting => FigureStatus::Awaiting,
            Status::NotKnown => FigureStatus::NotKnown,
            Status::NotApplicable => FigureStatus::NotApplicable,
            Status::Missing => FigureStatus::Missing,
            Status::Complete => FigureStatus::Complete,
            Status::Partial => FigureStatus::Partial,
        };
        Figure {
            measure: view.known.measure.def.code.clone(),
            unit: view.place,
            unit_name: atlas.full_name(view.place, day),
            unit_code: atlas.version(view.place, day).and_then(|v| v.code.as_deref()).map(str::to_owned),
            period: view.period.to_string(),
            tree: view.tree,
            value: view.value.map(decimal),
            text: view.words.clone(),
            numerator: view.parts.map(|p| p.0.to_string()),
            denominator: view.parts.map(|p| p.1.to_string()),
            n: view.n,
            of: view.of,
            missing: view.missing,
            not_known: view.not_known,
            not_applicable: view.not_applicable,
            awaiting: view.awaiting,
            met: view.met,
            estimated: view.estimated,
            status,
            as_of: instant(view.as_of),
        }
    }
}

/// The key by which places are listed: official code, then id.
type Key = (String, Uuid);

/// One measure in one period at its places.
struct Block {
    ask: Ask,
    day: Date,
    places: Arc<Vec<Key>>,
}

/// Which places are asked for.
enum Scope {
    /// Just these, as named.
    Units(Vec<String>),
    /// All of a level under a place.
    Level { under: Option<String>, level: Option<Level> },
}

/// Most measures, periods and units in one request. Each period may lie on a map of its own, and maps are dear.
const MEASURES: usize = 100;
const PERIODS: usize = 12;
const UNITS: usize = 200;
/// Items of a page unless said otherwise, and at most.
pub(super) const LIMIT: (usize, usize) = (500, 5_000);

/// Figures of measures at places, with everything a reader needs to judge them.
pub(super) async fn list(State(figures): State<Figures>, ctx: Context, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = FIGURES.read(&uri)?;
    let catalog = figures.catalog();
    let atlas = figures.places().atlas();
    let tree = asked::tree(&query)?;
    let periods = query.list("period", PERIODS)?.into_iter().map(asked::period).collect::<Result<Vec<_>, _>>()?;
    let mut wanted: Vec<(Arc<Known>, Period)> = Vec::new();
    for code in query.need_list("measure", MEASURES)? {
        let known = asked::measure(&figures, &ctx, &catalog, code)?;
        let asked = if periods.is_empty() { vec![None] } else { periods.iter().copied().map(Some).collect() };
        for period in asked {
            wanted.push((Arc::clone(known), asked::period_or_newest(&figures, known, period)?));
        }
    }
    wanted.sort_by(|a, b| (&a.0.measure.def.code, a.1).cmp(&(&b.0.measure.def.code, b.1)));
    wanted.dedup_by_key(|(known, period)| (known.measure.id, *period));
    let scope = scope(&query)?;
    let mut blocks = Vec::with_capacity(wanted.len());
    let mut listed: HashMap<(Date, Option<Level>), Arc<Vec<Key>>> = HashMap::new();
    for (known, period) in wanted {
        let ask = Ask { known, period, tree };
        blocks.push(block(&figures, &ctx, &atlas, ask, &scope, &mut listed)?);
    }
    let question = query.question();
    let (start, limit) = match query.one("next")? {
        Some(text) => (Some(Cursor::open(text, &question)?), query.number("limit", 1..=LIMIT.1)?),
        None => (None, query.number("limit", 1..=LIMIT.1)?),
    };
    let limit = limit.unwrap_or(LIMIT.0);
    let total = blocks.iter().map(|b| b.places.len()).sum();
    let mut items: Vec<Figure> = Vec::new();
    let mut more = false;
    for block in &blocks {
        let from = start.as_ref().map_or(Ok(0), |cursor| after(block, cursor))?;
        let places = block.places.get(from..).unwrap_or_default();
        if places.is_empty() {
            continue;
        }
        let room = limit - items.len();
        if room == 0 {
            more = true;
            break;
        }
        let some = places.get(..room.min(places.len())).unwrap_or_default();
        more = some.len() < places.len();
        items.extend(read(&figures, &atlas, block, some, &scope).await?);
    }
    let next = items.last().filter(|_| more).map(|last| {
        let key = [last.measure.clone(), last.period.clone(), last.unit_code.clone().unwrap_or_default(), last.unit.to_string()];
        Cursor::new(key).seal(&question)
    });
    // One answer has one geometry per place: that of the newest map in it.
    let day = blocks.iter().map(|b| b.day).max().unwrap_or_else(|| ctx.today());
    let reply = Reply { query: &query, headers: &headers, public: ctx.who == Who::Public };
    reply.list(&List { items, total, next }, &COLUMNS, Some(&|f: &Figure| geometry(&atlas, f.unit, day)))
}

fn scope(query: &ui::api::Query) -> Result<Scope, AppError> {
    let units: Vec<String> = query.list("unit", UNITS)?.into_iter().map(str::to_owned).collect();
    let (under, level) = (query.one("under")?.map(str::to_owned), asked::level(query)?);
    if units.is_empty() {
        return Ok(Scope::Level { under, level });
    }
    if under.is_some() || level.is_some() {
        return Err(AppError::new("parameter_conflict", 400)
            .say("“unit” không dùng chung với “under” hay “level”.", "“unit” does not go with “under” or “level”.")
            .mend(
                "Dùng “unit” cho từng nơi, hoặc “under” và “level” cho mọi nơi bên dưới.",
                "Use “unit” for single places, or “under” and “level” for all places below one.",
            )
            .at("unit"));
    }
    Ok(Scope::Units(units))
}

/// The places of a measure in a period, in order of their keys.
fn block(
    figures: &Figures,
    ctx: &Context,
    atlas: &Atlas,
    ask: Ask,
    scope: &Scope,
    listed: &mut HashMap<(Date, Option<Level>), Arc<Vec<Key>>>,
) -> Result<Block, AppError> {
    let view = figures.view(&ask);
    let day = view.date();
    let key = |id: Uuid| (atlas.version(id, day).and_then(|v| v.code.as_deref()).unwrap_or_default().to_owned(), id);
    let on_map = |id: Uuid| view.has(id) || !view.members(id).is_empty();
    let mut found: Vec<Key> = Vec::new();
    match scope {
        Scope::Units(names) => {
            for name in names {
                let id = asked::place(atlas, name, None, day)?;
                asked::visible(figures, ctx, &ask.known, id)?;
                if !on_map(id) {
                    return Err(asked::not_on_map(atlas, id, day));
                }
                found.push(key(id));
            }
        }
        Scope::Level { under, level } => {
            let (top, level) = top(atlas, &view, under.as_deref(), *level)?;
            asked::all_visible(figures, ctx, &ask.known, top, level)?;
            if let Some(same) = listed.get(&(day, Some(level))) {
                return Ok(Block { ask, day, places: Arc::clone(same) });
            }
            found.extend(view.under(top, level).into_iter().map(key));
            found.sort_unstable();
            let places = Arc::new(found);
            listed.insert((day, Some(level)), Arc::clone(&places));
            return Ok(Block { ask, day, places });
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(Block { ask, day, places: Arc::new(found) })
}

/// The place under which to look, and the level: the one below it unless said; the country itself when neither is said.
pub(super) fn top(atlas: &Atlas, view: &places::MapView, under: Option<&str>, level: Option<Level>) -> Result<(Uuid, Level), AppError> {
    let day = view.date();
    let top = asked::place(atlas, under.unwrap_or("vn"), None, day).map_err(|e| e.at("under"))?;
    if !view.has(top) && view.members(top).is_empty() {
        return Err(asked::not_on_map(atlas, top, day).at("under"));
    }
    let below = || {
        let first = view.children(top).first().or_else(|| view.members(top).first());
        first.and_then(|c| view.level(*c)).or_else(|| view.level(top)).unwrap_or(Level::Province)
    };
    Ok((
        top,
        match (level, under) {
            (Some(level), _) => level,
            (None, Some(_)) => below(),
            (None, None) => Level::Nation,
        },
    ))
}

/// How many places of a block a cursor has passed.
fn after(block: &Block, cursor: &Cursor) -> Result<usize, AppError> {
    let [measure, period, code, unit] = cursor.parts::<4>().ok_or_else(Cursor::invalid)?;
    let (period, unit): (Period, Uuid) = period.parse().ok().zip(unit.parse().ok()).ok_or_else(Cursor::invalid)?;
    let here = (block.ask.known.measure.def.code.as_str(), block.ask.period);
    Ok(match here.cmp(&(measure.as_str(), period)) {
        std::cmp::Ordering::Less => block.places.len(),
        std::cmp::Ordering::Equal => block.places.partition_point(|(c, u)| (c.as_str(), *u) <= (code.as_str(), unit)),
        std::cmp::Ordering::Greater => 0,
    })
}

/// The figures of some places of a block.
async fn read(figures: &Figures, atlas: &Atlas, block: &Block, places: &[Key], scope: &Scope) -> Result<Vec<Figure>, AppError> {
    let (ask, day) = (&block.ask, block.day);
    if let (Scope::Level { under, level }, true) = (scope, places.len() > 1) {
        let view = figures.view(ask);
        let (top, level) = top(atlas, &view, under.as_deref(), *level)?;
        let mut rows: HashMap<Uuid, FigureView> = figures.read_level(ask, top, level).await.map_err(db_error)?.into_iter().map(|f| (f.place, f)).collect();
        let mut out = Vec::with_capacity(places.len());
        for (_, id) in places {
            let view = match rows.remove(id) {
                Some(view) => view,
                None => figures.read(ask, *id).await.map_err(db_error)?,
            };
            out.push(Figure::of(&view, atlas, day));
        }
        return Ok(out);
    }
    let mut out = Vec::with_capacity(places.len());
    for (_, id) in places {
        out.push(Figure::of(&figures.read(ask, *id).await.map_err(db_error)?, atlas, day));
    }
    Ok(out)
}
