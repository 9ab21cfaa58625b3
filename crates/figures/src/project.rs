//! From the values of units to the figures of every place, on both trees. Pure: the write path, the bulk loader,
//! `verify` and the rebuild after a change of units all go through [`project`].

use crate::acc::{Acc, is_met};
use crate::measure::{Carry, Kind, Measure, Rollup};
use crate::value::Value;
use jiff::civil::Date;
use places::{Atlas, Basis, Heir, Level, MapView, split};
use std::collections::HashMap;
use uuid::Uuid;

/// As it was then.
pub const THEN: i64 = 0;
/// On today's map.
pub const TODAY: i64 = 1;
/// Level code of groups, which stand beside the tree.
pub const GROUP: i64 = 9;

/// The state of one reporting unit.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Leaf {
    /// Accumulator.
    pub acc: Acc,
    /// Words of a text measure.
    pub words: Option<String>,
}

/// Where a row of figures belongs. Ordered like the key of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    /// Tenant of the unit that contributes.
    pub tenant: Uuid,
    /// [`THEN`] or [`TODAY`].
    pub tree: i64,
    /// Depth, or [`GROUP`].
    pub level: i64,
    /// Unit or group.
    pub place: Uuid,
}

/// The two maps a period is seen on.
#[derive(Debug)]
pub struct Maps<'a> {
    /// All places.
    pub atlas: &'a Atlas,
    /// The last day of the period's data window.
    pub then: Date,
    /// The day of today's map.
    pub today: Date,
}

impl Maps<'_> {
    /// Whether today's map is another one than that of the period.
    pub fn differ(&self) -> bool {
        self.then < self.today && self.atlas.map_of(self.then) != self.atlas.map_of(self.today)
    }
}

/// Which share divides units under a carry rule.
pub fn basis(carry: Carry) -> Basis {
    if carry == Carry::ByArea { Basis::Area } else { Basis::Population }
}

/// Who takes over from whom between two maps, in both directions, for the units of one level.
#[derive(Debug, Default)]
pub struct Succession {
    /// Unit then → heirs today.
    pub heirs: HashMap<Uuid, Vec<Heir>>,
    /// Heir today → (unit then, position among its heirs).
    pub parents: HashMap<Uuid, Vec<(Uuid, usize)>>,
}

impl Succession {
    /// For all units that report at the end of a period.
    pub fn of(maps: &Maps<'_>, measure: &Measure) -> Succession {
        let view = maps.atlas.on(maps.then);
        let who = measure.reporters();
        let mut out = Succession::default();
        for unit in view.all(measure.def.level).filter(|u| view.reports(*u, &who)) {
            let heirs = maps.atlas.heirs(unit, maps.then, maps.today, basis(measure.def.carry));
            for (nth, heir) in heirs.iter().enumerate() {
                out.parents.entry(heir.unit).or_default().push((unit, nth));
            }
            out.heirs.insert(unit, heirs);
        }
        for list in out.parents.values_mut() {
            list.sort_unstable();
        }
        out
    }

    /// How many heirs have to report under each node of today's map.
    pub fn expected(&self, today: &MapView) -> HashMap<Uuid, i64> {
        let mut out: HashMap<Uuid, i64> = HashMap::new();
        for heir in self.parents.keys() {
            for node in std::iter::once(*heir).chain(today.nodes(*heir)) {
                *out.entry(node).or_default() += 1;
            }
        }
        out
    }
}

/// Where the values of units go on one map: worked out once per map, then adding up is arithmetic on an array.
#[derive(Debug, Default)]
pub struct Shape {
    /// All spots, in key order.
    spots: Vec<Spot>,
    /// Reporting unit → its own spot first, then those of the nodes above it.
    of: HashMap<Uuid, Vec<u32>>,
}

impl Shape {
    /// The spots of units on a map. Units unknown to the atlas have none.
    pub fn of(atlas: &Atlas, view: &MapView, tree: i64, units: impl Iterator<Item = Uuid>) -> Shape {
        let mut wanted: Vec<(Uuid, Vec<Spot>)> = Vec::new();
        for unit in units {
            let Some(known) = atlas.unit(unit) else { continue };
            let spot = |level: i64, place: Uuid| Spot { tenant: known.tenant, tree, level, place };
            let own = spot(view.level(unit).unwrap_or(known.level).depth(), unit);
            let nodes = view.nodes(unit).into_iter().map(|node| spot(view.level(node).map_or(GROUP, Level::depth), node));
            wanted.push((unit, std::iter::once(own).chain(nodes).collect()));
        }
        let mut spots: Vec<Spot> = wanted.iter().flat_map(|(_, list)| list).copied().collect();
        spots.sort_unstable();
        spots.dedup();
        let index: HashMap<Spot, u32> = spots.iter().copied().zip(0u32..).collect();
        let of = wanted.into_iter().map(|(unit, list)| (unit, list.iter().filter_map(|s| index.get(s).copied()).collect())).collect();
        Shape { spots, of }
    }

    /// Adds up leaves; the rows come out in key order, empty ones left out.
    fn add_up<'a>(&self, leaves: impl Iterator<Item = (Uuid, &'a Leaf)>, adds_up: bool) -> Vec<(Spot, Leaf)> {
        let mut accs = vec![Acc::default(); self.spots.len()];
        let mut words: HashMap<u32, String> = HashMap::new();
        for (unit, leaf) in leaves {
            if leaf.acc.is_empty() {
                continue;
            }
            let Some(list) = self.of.get(&unit) else { continue };
            let reach = if adds_up { list.len() } else { 1 };
            for at in list.iter().take(reach) {
                if let Some(acc) = accs.get_mut(*at as usize) {
                    acc.add(&leaf.acc);
                }
            }
            if let (Some(text), Some(own)) = (&leaf.words, list.first()) {
                words.insert(*own, text.clone());
            }
        }
        let rows = self.spots.iter().zip(accs).zip(0u32..).filter(|((_, acc), _)| !acc.is_empty());
        rows.map(|((spot, acc), at)| (*spot, Leaf { acc, words: words.remove(&at) })).collect()
    }
}

/// What a measure's values in a period need to become figures: where they go on the map of the time and, if the maps
/// differ, on today's.
#[derive(Debug)]
pub struct Ways<'a> {
    /// Spots as it was then.
    pub then: &'a Shape,
    /// Who takes over, and the spots of the heirs.
    pub today: Option<(&'a Succession, &'a Shape)>,
}

/// Figures of one measure and period at every place, from the leaves of reporting units, in key order.
/// Leaves that are empty make none.
pub fn project(measure: &Measure, condition: Option<&formula::Formula>, leaves: &HashMap<Uuid, Leaf>, ways: &Ways<'_>) -> Vec<(Spot, Leaf)> {
    let adds_up = measure.def.rollup != Rollup::None;
    let mut out = ways.then.add_up(leaves.iter().map(|(unit, leaf)| (*unit, leaf)), adds_up);
    if let Some((succession, shape)) = ways.today {
        let mut heirs: Vec<Uuid> = leaves.keys().filter_map(|u| succession.heirs.get(u)).flatten().map(|h| h.unit).collect();
        heirs.sort_unstable();
        heirs.dedup();
        let carried: Vec<(Uuid, Leaf)> = heirs.into_iter().filter_map(|heir| Some((heir, carried(measure, condition, heir, leaves, succession)?))).collect();
        out.extend(shape.add_up(carried.iter().map(|(unit, leaf)| (*unit, leaf)), adds_up));
        // Tenants come first in the key, so the two maps interleave.
        out.sort_unstable_by_key(|row| row.0);
    }
    out
}

/// The value of a unit of today's map, from those of the units it took over, by the carry rule of the measure.
pub fn carried(measure: &Measure, condition: Option<&formula::Formula>, heir: Uuid, leaves: &HashMap<Uuid, Leaf>, succession: &Succession) -> Option<Leaf> {
    let parents = succession.parents.get(&heir)?;
    if let [(only, 0)] = parents.as_slice()
        && *only == heir
        && succession.heirs.get(only).is_some_and(|h| h.len() == 1)
    {
        return leaves.get(only).cloned();
    }
    if measure.def.carry == Carry::NotCarried || measure.def.kind == Kind::Text {
        return None;
    }
    let empty = Leaf::default();
    let mut acc = Acc::default();
    let mut values: Vec<i64> = Vec::new();
    let (mut reported, mut not_applicable, mut awaiting, mut unknown) = (0usize, 0usize, 0usize, 0usize);
    let mut value_sum: i64 = 0;
    let mut estimated = false;
    for (unit, nth) in parents {
        let leaf = leaves.get(unit).unwrap_or(&empty);
        let heirs = succession.heirs.get(unit).map(Vec::as_slice).unwrap_or_default();
        let shares: Vec<i64> = heirs.iter().map(|h| h.share).collect();
        let part = |whole: i64| split(whole, &shares).get(*nth).copied().unwrap_or(0);
        let from = &leaf.acc;
        reported += usize::from(from.n > 0);
        not_applicable += usize::from(from.na > 0);
        awaiting += usize::from(from.awaiting > 0);
        unknown += usize::from(from.unknown > 0);
        acc.as_of = acc.as_of.max(from.as_of);
        if from.n > 0 {
            acc.num = acc.num.saturating_add(part(from.num));
            acc.den = acc.den.saturating_add(part(from.den));
            values.extend(from.hi);
            value_sum = value_sum.saturating_add(part(from.hi.unwrap_or(0)));
            estimated |= heirs.get(*nth).is_some_and(|h| h.estimated);
        }
    }
    let value = match measure.def.carry {
        Carry::Max => values.iter().copied().max(),
        Carry::Min => values.iter().copied().min(),
        Carry::AllMustPass => values.iter().copied().min(),
        Carry::WeightedMean => (acc.den != 0).then(|| crate::acc::whole(rust_decimal::Decimal::from(acc.num) / rust_decimal::Decimal::from(acc.den))),
        Carry::Sum | Carry::ByPopulation | Carry::ByArea if measure.def.kind == Kind::Percent => None,
        Carry::Sum | Carry::ByPopulation | Carry::ByArea => (!values.is_empty()).then_some(value_sum),
        Carry::NotCarried => None,
    };
    if measure.def.kind != Kind::Percent && measure.def.rollup != Rollup::WeightedMean {
        acc.num = value.unwrap_or(0);
        acc.den = 0;
    }
    acc.lo = value;
    acc.hi = value;
    // A commune of today has reported once all the units it came from have; sums still keep what is there.
    if reported > 0 && reported + not_applicable == parents.len() {
        acc.n = 1;
        let whole = match measure.def.kind {
            Kind::Percent => Some(Value::Ratio { n: acc.num, of: acc.den }),
            _ => value.map(Value::Number),
        };
        acc.met = i64::from(whole.is_some_and(|v| is_met(measure, condition, &v)));
        acc.estimated = i64::from(estimated);
    } else if not_applicable == parents.len() {
        acc.na = 1;
    } else if awaiting > 0 && reported + not_applicable + awaiting == parents.len() {
        acc.awaiting = 1;
    } else if unknown > 0 && reported + not_applicable + awaiting + unknown == parents.len() {
        acc.unknown = 1;
    }
    Some(Leaf { acc, words: None })
}
