//! What a scenario does: who gains, who loses, where, and by how much.

use super::column::{MET, NO_DATA, NO_LEVEL, NOT_MET};
use super::desk::Snapshot;
use super::grid::Margin;
use super::moves::Move;
use super::score::{Reading, Scored};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// How many units pass before and after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Count {
    /// Units.
    pub units: usize,
    /// Units that passed before.
    pub before: usize,
    /// Units that pass after.
    pub after: usize,
    /// Units that pass only after.
    pub gained: usize,
    /// Units that passed only before.
    pub lost: usize,
}

impl Count {
    fn add(&mut self, before: bool, after: bool) {
        self.units += 1;
        self.before += usize::from(before);
        self.after += usize::from(after);
        self.gained += usize::from(after && !before);
        self.lost += usize::from(before && !after);
    }
}

/// A unit that gains, loses, or nearly passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flip {
    /// Position in the grid.
    pub at: usize,
    /// Unit.
    pub unit: Uuid,
    /// The indicators that decide it, by their positions.
    pub by: Vec<usize>,
    /// The narrowest margin among them, with its indicator.
    pub margin: Option<(usize, Margin)>,
}

/// What a scenario does.
#[derive(Clone, Debug, Default)]
pub struct Effect {
    /// All units.
    pub all: Count,
    /// By province.
    pub provinces: BTreeMap<Uuid, Count>,
    /// By region whose thresholds apply.
    pub regions: BTreeMap<String, Count>,
    /// By commune group.
    pub groups: BTreeMap<String, Count>,
    /// Units that gain.
    pub gained: Vec<Flip>,
    /// Units that lose.
    pub lost: Vec<Flip>,
    /// Units that fail by one indicator only, the nearest first.
    pub near: Vec<Flip>,
    /// Values without threshold, and missing values, over all indicators that count.
    pub aside: (usize, usize),
}

/// The effect of moves on a snapshot. `before` says for each unit whether it passed what the scenario is compared with.
pub fn effect(snapshot: &Snapshot, after: &Scored, moves: &[Move], before: &[bool], reading: Reading) -> Effect {
    let grid = &snapshot.grid;
    let mut out = Effect::default();
    let indicators = grid.set.indicators().count();
    let blocking = |o: u8| o & NOT_MET != 0 || (reading == Reading::Strict && o & (NO_LEVEL | NO_DATA) != 0);
    let byte = |scored: &Scored, nth: usize, at: usize| scored.row(nth).get(at).copied().unwrap_or_default();
    let flip = |at: usize, unit: Uuid, by: Vec<usize>| {
        let codes: Vec<&str> = grid.set.indicators().map(|i| i.code.as_str()).collect();
        let margins = by.iter().filter_map(|nth| Some((*nth, grid.margin(codes.get(*nth)?, at, moves)?)));
        let margin = margins.min_by_key(|(_, m)| m.better.abs());
        Flip { at, unit, by, margin }
    };
    for (at, unit) in grid.units.iter().enumerate() {
        let (was, is) = (before.get(at).copied().unwrap_or_default(), after.passes(at, reading));
        out.all.add(was, is);
        if let Some(Some(province)) = snapshot.provinces.get(at) {
            out.provinces.entry(*province).or_default().add(was, is);
        }
        if let Some(Some(region)) = snapshot.regions.get(at) {
            out.regions.entry(region.clone()).or_default().add(was, is);
        }
        if let Some(Some(group)) = snapshot.groups.get(at) {
            out.groups.entry(group.clone()).or_default().add(was, is);
        }
        let counted = || (0..indicators).filter(|nth| after.counts(*nth));
        if is && !was {
            let by =
                (0..indicators).filter(|nth| blocking(byte(&snapshot.start, *nth, at)) && (!after.counts(*nth) || !blocking(byte(after, *nth, at)))).collect();
            out.gained.push(flip(at, *unit, by));
        } else if was && !is {
            let by = counted().filter(|nth| blocking(byte(after, *nth, at))).collect();
            out.lost.push(flip(at, *unit, by));
        } else if !is && after.failed.get(at) == Some(&1) && (reading == Reading::Judged || after.open.get(at) == Some(&0)) {
            let by = counted().filter(|nth| byte(after, *nth, at) & NOT_MET != 0).collect();
            out.near.push(flip(at, *unit, by));
        }
    }
    for nth in (0..indicators).filter(|nth| after.counts(*nth)) {
        for o in after.row(nth) {
            out.aside.0 += usize::from(o & NO_LEVEL != 0);
            out.aside.1 += usize::from(o & NO_DATA != 0);
        }
    }
    out.near.retain(|f| f.margin.is_some());
    // Nearness is measured against the threshold, so that percents and millions can stand in one list.
    let nearness = |f: &Flip| f.margin.map(|(_, m)| (m.better.abs() * Decimal::ONE_THOUSAND).checked_div(m.threshold.abs()).unwrap_or(m.better.abs()));
    out.near.sort_by(|a, b| nearness(a).cmp(&nearness(b)).then(a.unit.cmp(&b.unit)));
    out
}

/// For each unit of a snapshot, whether it passes another one.
pub fn passing_in(other: &Snapshot, scored: &Scored, units: &[Uuid], reading: Reading) -> Vec<bool> {
    units.iter().map(|unit| other.grid.place(*unit).is_some_and(|at| scored.passes(at, reading))).collect()
}

/// How an indicator comes out: met and judged.
pub fn met_of(scored: &Scored, indicator: usize) -> (usize, usize) {
    let row = scored.row(indicator);
    let count = |bits: u8| row.iter().filter(|o| **o & bits != 0).count();
    (count(MET), count(MET | NOT_MET))
}
