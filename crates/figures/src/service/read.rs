//! Reading figures: one shape for every place, level and tree.

use super::{Expected, Figures};
use crate::catalog::Known;
use crate::measure::{Kind, OverTime, Rollup};
use crate::project::{GROUP, Leaf, THEN, TODAY};
use crate::store::{self, SliceKey};
use calendar::Period;
use db::DbError;
use places::{Atlas, Level, MapView};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// On which map a period is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tree {
    /// As it was then.
    #[default]
    Then,
    /// On today's map.
    Today,
}

/// What a figure is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
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
}

/// A figure of one place, ready to be shown.
#[derive(Clone, Debug)]
pub struct FigureView {
    /// The measure in the version of the period.
    pub known: Arc<Known>,
    /// Unit or group.
    pub place: Uuid,
    /// Period.
    pub period: Period,
    /// Map.
    pub tree: Tree,
    /// Finished value.
    pub value: Option<Decimal>,
    /// Words of a text measure.
    pub words: Option<String>,
    /// The two numbers of a percentage.
    pub parts: Option<(i64, i64)>,
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
    /// Units that wait for acceptance.
    pub awaiting: i64,
    /// Units that fulfil the condition.
    pub met: i64,
    /// Units whose value is an estimate.
    pub estimated: i64,
    /// See [`Status`].
    pub status: Status,
    /// When the newest part was accepted; microseconds UTC, 0 for never.
    pub as_of: i64,
    /// Whether the place reports itself (and is not added up).
    pub own: bool,
}

impl FigureView {
    /// Whether the value is shown as a percentage.
    pub fn is_percent(&self) -> bool {
        self.known.measure.def.kind == Kind::Percent || (!self.own && self.known.measure.def.rollup == Rollup::ShareWhere)
    }

    /// Digits to show.
    pub fn decimals(&self) -> u32 {
        let def = &self.known.measure.def;
        if !self.own && def.rollup == Rollup::ShareWhere { def.decimals.max(1) } else { def.decimals }
    }
}

/// A question about one measure in one period on one map.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Measure.
    pub known: Arc<Known>,
    /// Period; may be longer than the measure's, then sub-periods are added up over time.
    pub period: Period,
    /// Map.
    pub tree: Tree,
}

/// Where rows of a place are kept: tree, level, tenants (none for any).
type Spread = (i64, i64, Option<Vec<Uuid>>);

/// The maps of a question, resolved.
struct Ground {
    view: Arc<MapView>,
    stored: i64,
    counts: Arc<HashMap<Uuid, i64>>,
    expected: Option<Arc<Expected>>,
}

impl Ground {
    fn of(&self, place: Uuid) -> i64 {
        match &self.expected {
            Some(e) => e.counts.get(&place),
            None => self.counts.get(&place),
        }
        .copied()
        .unwrap_or(0)
    }
}

impl Figures {
    /// The map a period is read on.
    pub fn view(&self, ask: &Ask) -> Arc<MapView> {
        let atlas = self.places().atlas();
        self.ground(&atlas, &ask.known, ask.period, ask.tree).view
    }

    fn ground(&self, atlas: &Atlas, known: &Known, period: Period, tree: Tree) -> Ground {
        let maps = self.maps(atlas, known, period);
        let expected = if tree == Tree::Today { self.succession(&maps, known) } else { None };
        let (view, stored) = if expected.is_some() { (atlas.on(maps.today), TODAY) } else { (atlas.on(maps.then), THEN) };
        let counts = if expected.is_some() { Arc::default() } else { view.expected(&known.measure.reporters()) };
        Ground { view, stored, counts, expected }
    }

    /// The tenants that hold something of a place; none for "any".
    fn holders(&self, atlas: &Atlas, view: &MapView, known: &Known, place: Uuid) -> Option<Vec<Uuid>> {
        let level = view.level(place)?;
        if level == Level::Nation {
            return None;
        }
        let mut out: BTreeSet<Uuid> = atlas.unit(place).map(|u| u.tenant).into_iter().collect();
        let below = known.measure.def.level.max(level);
        for level in Level::ALL.into_iter().filter(|l| *l > level && *l <= below) {
            out.extend(view.under(place, level).into_iter().filter_map(|u| atlas.unit(u)).map(|u| u.tenant));
        }
        Some(out.into_iter().collect())
    }

    /// The figure of one place.
    ///
    /// # Errors
    /// What the database says.
    pub async fn read(&self, ask: &Ask, place: Uuid) -> Result<FigureView, DbError> {
        let atlas = self.places().atlas();
        let mut parts = Vec::new();
        for period in self.sub_periods(&ask.known, ask.period) {
            let ground = self.ground(&atlas, &ask.known, period, ask.tree);
            let level = ground.view.level(place).map_or(GROUP, Level::depth);
            let holders = self.holders(&atlas, &ground.view, &ask.known, place);
            let key = (ask.known.measure.id, period.to_i64());
            let leaf = store::of_place(self.db(), key, ground.stored, level, place, holders.as_deref()).await?;
            let known = self.in_force(&ask.known, period);
            parts.push(finish(ask, &known, &ground, period, place, leaf.unwrap_or_default()));
        }
        Ok(over_time(ask, place, parts))
    }

    /// The figures of one place for many questions, with a few statements in all; in the order of the questions.
    ///
    /// # Errors
    /// What the database says.
    pub async fn read_many(&self, asks: &[Ask], place: Uuid) -> Result<Vec<FigureView>, DbError> {
        let atlas = self.places().atlas();
        let mut grounds: Vec<Vec<(Period, Ground, Spread)>> = Vec::with_capacity(asks.len());
        let mut wanted: BTreeMap<Spread, BTreeSet<SliceKey>> = BTreeMap::new();
        let mut holders: HashMap<(jiff::civil::Date, Level), Option<Vec<Uuid>>> = HashMap::new();
        for ask in asks {
            let mut parts = Vec::new();
            for period in self.sub_periods(&ask.known, ask.period) {
                let ground = self.ground(&atlas, &ask.known, period, ask.tree);
                let level = ground.view.level(place).map_or(GROUP, Level::depth);
                let tenants = holders
                    .entry((ground.view.date(), ask.known.measure.def.level))
                    .or_insert_with(|| self.holders(&atlas, &ground.view, &ask.known, place))
                    .clone();
                let spread = (ground.stored, level, tenants);
                wanted.entry(spread.clone()).or_default().insert((ask.known.measure.id, period.to_i64()));
                parts.push((period, ground, spread));
            }
            grounds.push(parts);
        }
        let mut found: HashMap<(i64, i64), HashMap<SliceKey, Leaf>> = HashMap::new();
        for ((stored, level, tenants), keys) in wanted {
            let leaves = store::of_place_many(self.db(), &keys, stored, level, place, tenants.as_deref()).await?;
            found.entry((stored, level)).or_default().extend(leaves.into_iter().filter(|(key, _)| keys.contains(key)));
        }
        Ok(asks
            .iter()
            .zip(grounds)
            .map(|(ask, parts)| {
                let parts = parts
                    .into_iter()
                    .map(|(period, ground, (stored, level, _))| {
                        let key = (ask.known.measure.id, period.to_i64());
                        let leaf = found.get_mut(&(stored, level)).and_then(|l| l.get(&key).cloned()).unwrap_or_default();
                        finish(ask, &self.in_force(&ask.known, period), &ground, period, place, leaf)
                    })
                    .collect();
                over_time(ask, place, parts)
            })
            .collect())
    }

    /// Every measure at all units of a level under a place in one period of its own kind, with one statement:
    /// for each question the figures of the units, in the order of the tree.
    ///
    /// # Errors
    /// What the database says.
    pub async fn read_board(&self, asks: &[Ask], under: Uuid, level: Level) -> Result<Vec<Vec<FigureView>>, DbError> {
        let atlas = self.places().atlas();
        let mut out = Vec::with_capacity(asks.len());
        let mut kept: HashMap<(Period, i64), HashMap<Uuid, HashMap<Uuid, Leaf>>> = HashMap::new();
        for ask in asks {
            let ground = self.ground(&atlas, &ask.known, ask.period, ask.tree);
            let slot = (ask.period, ground.stored);
            if let std::collections::hash_map::Entry::Vacant(empty) = kept.entry(slot) {
                empty.insert(store::board(self.db(), ask.period.to_i64(), ground.stored, level.depth()).await?);
            }
            let rows = kept.get(&slot).and_then(|r| r.get(&ask.known.measure.id));
            let known = self.in_force(&ask.known, ask.period);
            let leaf = |place: &Uuid| rows.and_then(|r| r.get(place)).cloned().unwrap_or_default();
            out.push(ground.view.under(under, level).into_iter().map(|p| finish(ask, &known, &ground, ask.period, p, leaf(&p))).collect());
        }
        Ok(out)
    }

    /// Whether the map of a period is another one than today's.
    pub fn map_changed(&self, known: &Known, period: Period) -> bool {
        let atlas = self.places().atlas();
        self.maps(&atlas, known, period).differ()
    }

    /// The version of a measure that holds for a period.
    fn in_force(&self, known: &Arc<Known>, period: Period) -> Arc<Known> {
        self.catalog().for_period(known.measure.id, period).map_or_else(|| Arc::clone(known), Arc::clone)
    }

    /// The figures of all units of a level under a place, in Vietnamese order of the tree; also those with nothing.
    ///
    /// # Errors
    /// What the database says.
    pub async fn read_level(&self, ask: &Ask, under: Uuid, level: Level) -> Result<Vec<FigureView>, DbError> {
        let atlas = self.places().atlas();
        let mut by_place: Vec<(Uuid, Vec<FigureView>)> = Vec::new();
        let mut at: HashMap<Uuid, usize> = HashMap::new();
        for period in self.sub_periods(&ask.known, ask.period) {
            let ground = self.ground(&atlas, &ask.known, period, ask.tree);
            let key = (ask.known.measure.id, period.to_i64());
            let holders = self.holders(&atlas, &ground.view, &ask.known, under);
            let mut rows = store::at_level(self.db(), key, ground.stored, level.depth(), holders.as_deref()).await?;
            let known = self.in_force(&ask.known, period);
            for place in ground.view.under(under, level) {
                let view = finish(ask, &known, &ground, period, place, rows.remove(&place).unwrap_or_default());
                // A unit that began within a longer period is a row like all others.
                let nth = *at.entry(place).or_insert(by_place.len());
                match by_place.get_mut(nth) {
                    Some((_, list)) => list.push(view),
                    None => by_place.push((place, vec![view])),
                }
            }
        }
        Ok(by_place.into_iter().map(|(place, parts)| over_time(ask, place, parts)).collect())
    }

    /// The figures of groups (regions, pilots…).
    ///
    /// # Errors
    /// What the database says.
    pub async fn read_groups(&self, ask: &Ask, groups: &[Uuid]) -> Result<Vec<FigureView>, DbError> {
        let atlas = self.places().atlas();
        let Some(period) = self.sub_periods(&ask.known, ask.period).pop() else { return Ok(Vec::new()) };
        let ground = self.ground(&atlas, &ask.known, period, ask.tree);
        let key = (ask.known.measure.id, period.to_i64());
        let mut rows = store::at_level(self.db(), key, ground.stored, GROUP, None).await?;
        let known = self.in_force(&ask.known, period);
        Ok(groups.iter().map(|g| finish(ask, &known, &ground, period, *g, rows.remove(g).unwrap_or_default())).collect())
    }

    /// A place over several periods, oldest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn trend(&self, known: &Arc<Known>, place: Uuid, tree: Tree, periods: &[Period]) -> Result<Vec<FigureView>, DbError> {
        let asks: Vec<Ask> = periods.iter().map(|period| Ask { known: Arc::clone(known), period: *period, tree }).collect();
        self.read_many(&asks, place).await
    }

    /// The newest period of a measure that has ended, and those before it, oldest first.
    pub fn recent_periods(&self, known: &Known, count: usize) -> Vec<Period> {
        let today = self.clock().today();
        let mut at = Period::containing(known.measure.def.period, today, &known.cutoff).and_then(Period::previous);
        let mut out = Vec::new();
        while let Some(period) = at.filter(|_| out.len() < count) {
            out.push(period);
            at = period.previous();
        }
        out.reverse();
        out
    }

    /// The periods of the measure that make up a period: itself, or its parts.
    fn sub_periods(&self, known: &Known, period: Period) -> Vec<Period> {
        let kind = known.measure.def.period;
        if period.kind() == kind { vec![period] } else { period.within(kind) }
    }
}

/// A row of figures as it is shown; `known` is the measure in the version of the period.
fn finish(ask: &Ask, known: &Arc<Known>, ground: &Ground, period: Period, place: Uuid, leaf: Leaf) -> FigureView {
    let measure = &known.measure;
    let of = ground.of(place);
    let own = ground.view.level(place) == Some(measure.def.level)
        || ground
            .expected
            .as_ref()
            .is_some_and(|e| e.succession.parents.contains_key(&place) && measure.def.level.depth() >= ground.view.level(place).map_or(0, Level::depth));
    let a = &leaf.acc;
    let value = if own { a.value_of_unit(measure).filter(|_| a.n > 0 || a.num != 0 || a.hi.is_some()) } else { a.value_above(measure, of) };
    let missing = (of - a.n - a.na - a.awaiting).max(0);
    let status = match own {
        true if a.n > 0 => Status::Accepted,
        true if a.na > 0 => Status::NotApplicable,
        true if a.awaiting > 0 => Status::Awaiting,
        true if a.unknown > 0 => Status::NotKnown,
        true => Status::Missing,
        false if a.n == 0 && value.is_none() => Status::Missing,
        false if missing + a.awaiting == 0 => Status::Complete,
        false => Status::Partial,
    };
    FigureView {
        place,
        period,
        tree: ask.tree,
        value,
        words: leaf.words,
        parts: a.parts(measure, of, !own).filter(|_| value.is_some()),
        n: a.n,
        of,
        missing,
        not_known: a.unknown,
        not_applicable: a.na,
        awaiting: a.awaiting,
        met: a.met,
        estimated: a.estimated,
        status,
        as_of: a.as_of,
        own,
        known: Arc::clone(known),
    }
}

/// Sub-periods into the longer period. `n` is that of the sub-period where the fewest reported.
fn over_time(ask: &Ask, place: Uuid, mut parts: Vec<FigureView>) -> FigureView {
    let newest = parts.iter().rposition(|p| p.value.is_some()).or(parts.len().checked_sub(1));
    let Some(newest) = newest else {
        return FigureView {
            known: Arc::clone(&ask.known),
            place,
            period: ask.period,
            tree: ask.tree,
            value: None,
            words: None,
            parts: None,
            n: 0,
            of: 0,
            missing: 0,
            not_known: 0,
            not_applicable: 0,
            awaiting: 0,
            met: 0,
            estimated: 0,
            status: Status::Missing,
            as_of: 0,
            own: false,
        };
    };
    if parts.len() == 1 {
        return parts.swap_remove(0);
    }
    let values: Vec<Decimal> = parts.iter().filter_map(|p| p.value).collect();
    let n = parts.iter().map(|p| p.n).min().unwrap_or(0);
    let as_of = parts.iter().map(|p| p.as_of).max().unwrap_or(0);
    let sums = parts.iter().filter_map(|p| p.parts).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    let mut out = parts.swap_remove(newest);
    let def = &out.known.measure.def;
    match def.over_time {
        OverTime::Last => {}
        OverTime::Sum if def.kind == Kind::Percent => {
            out.parts = Some(sums);
            out.value = crate::value::percent(sums.0, sums.1, def.decimals);
            out.n = n;
        }
        OverTime::Sum => {
            out.value = (!values.is_empty()).then(|| values.iter().sum());
            out.n = n;
        }
        OverTime::Mean => {
            let mean = values.iter().sum::<Decimal>().checked_div(Decimal::from(values.len()));
            out.value = mean.map(|m| m.round_dp_with_strategy(def.decimals, rust_decimal::RoundingStrategy::MidpointAwayFromZero));
            out.parts = None;
            out.n = n;
        }
    }
    if def.over_time != OverTime::Last {
        out.missing = (out.of - out.n - out.not_applicable - out.awaiting).max(0);
        if out.missing > 0 && matches!(out.status, Status::Complete | Status::Accepted) {
            out.status = Status::Partial;
        }
    }
    out.period = ask.period;
    out.as_of = as_of;
    out
}
