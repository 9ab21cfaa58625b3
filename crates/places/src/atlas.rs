//! All places in memory: some fourteen thousand units, read without the database.

use crate::map::Boundary;
use crate::model::{Change, ChangeKind, Group, Level, Unit, Version};
use crate::view::{MapView, Tree};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock};
use uuid::Uuid;

/// The trees asked for of late, by the turn they begin with, each with the number of the question that last asked for it.
#[derive(Debug, Default)]
struct Trees {
    asked: u64,
    kept: BTreeMap<Date, (u64, Arc<Tree>)>,
}

/// A snapshot of all places. Immutable; a change makes a new one.
#[derive(Debug)]
pub struct Atlas {
    units: Vec<Unit>,
    index: HashMap<Uuid, u32>,
    /// Changes in order of their effective date.
    changes: Vec<Change>,
    /// For each unit, the changes (positions) it took part in, as before or after.
    changes_of: HashMap<Uuid, Vec<u32>>,
    groups: Vec<Group>,
    /// Folded name → (unit, version) for look-up; sorted.
    pub(crate) names: Vec<(Box<str>, u32, u16)>,
    pub(crate) by_code: HashMap<Box<str>, Vec<u32>>,
    /// First days of each map: effective dates of changes above village level.
    map_dates: Vec<Date>,
    nation: Option<Uuid>,
    /// Imported boundaries of units, the oldest first.
    boundaries: HashMap<Uuid, Vec<Boundary>>,
    /// Every day on which a unit, an attribute of one or a membership begins or ends.
    turns: Vec<Date>,
    trees: Mutex<Trees>,
    /// Rank of each version's name in Vietnamese order, worked out when first asked for.
    order: OnceLock<HashMap<(u32, Date), u32>>,
}

impl Atlas {
    /// Builds the indexes. Units without versions are left out.
    pub fn new(mut units: Vec<Unit>, mut changes: Vec<Change>, groups: Vec<Group>) -> Atlas {
        units.retain(|u| !u.versions.is_empty());
        for unit in &mut units {
            unit.versions.sort_by_key(|v| v.from);
        }
        units.sort_by_key(|u| (u.level, u.id));
        changes.sort_by_key(|c| (c.effective, c.id));
        let index: HashMap<Uuid, u32> = units.iter().zip(0u32..).map(|(u, i)| (u.id, i)).collect();
        let mut names = Vec::new();
        let mut by_code: HashMap<Box<str>, Vec<u32>> = HashMap::new();
        for (unit, at) in units.iter().zip(0u32..) {
            for (version, nth) in unit.versions.iter().zip(0u16..) {
                let name = crate::search::key(&version.name);
                // With its kind, so that "xa phuc hoa" is found as a whole; a province also by its initials: HCM, BRVT.
                names.push((crate::search::key(&version.full_name).into_boxed_str(), at, nth));
                if unit.level == Level::Province && name.contains(' ') {
                    names.push((crate::search::initials(&name).into_boxed_str(), at, nth));
                }
                names.push((name.into_boxed_str(), at, nth));
                if let Some(code) = &version.code {
                    let list = by_code.entry(code.clone()).or_default();
                    if list.last() != Some(&at) {
                        list.push(at);
                    }
                }
            }
        }
        names.sort();
        names.dedup();
        let mut changes_of: HashMap<Uuid, Vec<u32>> = HashMap::new();
        let mut map_dates = Vec::new();
        for (change, at) in changes.iter().zip(0u32..) {
            let mut above_village = false;
            for unit in change.parts.iter().flat_map(|p| [p.from, p.to]).flatten() {
                let list = changes_of.entry(unit).or_default();
                if list.last() != Some(&at) {
                    list.push(at);
                }
                let level = index.get(&unit).and_then(|i| units.get(*i as usize)).map(|u| u.level);
                above_village |= level.is_some_and(|l| l != Level::Village);
            }
            if above_village {
                map_dates.push(change.effective);
            }
        }
        map_dates.dedup();
        let versions = units.iter().flat_map(|u| &u.versions).flat_map(|v| [Some(v.from), v.to]);
        let members = groups.iter().flat_map(|g| &g.members).flat_map(|m| [Some(m.from), m.to]);
        let turns: BTreeSet<Date> = versions.chain(members).flatten().collect();
        let turns = turns.into_iter().collect();
        let nation = units.iter().find(|u| u.level == Level::Nation).map(|u| u.id);
        Atlas {
            units,
            index,
            changes,
            changes_of,
            groups,
            names,
            by_code,
            map_dates,
            nation,
            boundaries: HashMap::new(),
            turns,
            trees: Mutex::default(),
            order: OnceLock::new(),
        }
    }

    /// The same with imported boundaries.
    pub fn with_boundaries(self, boundaries: HashMap<Uuid, Vec<Boundary>>) -> Atlas {
        Atlas { boundaries, ..self }
    }

    /// The boundary of a unit on a day: the newest drawn up to that day, else the oldest; none when the unit was cut up or
    /// took others over between the day it was drawn and the day asked for.
    pub fn boundary(&self, unit: Uuid, on: Date) -> Option<&Boundary> {
        let list = self.boundaries.get(&unit)?;
        let found = list.iter().rev().find(|b| b.on <= on).or_else(|| list.first())?;
        let (first, last) = (found.on.min(on), found.on.max(on));
        let redrawn = |c: &Change| {
            first < c.effective && c.effective <= last && matches!(c.kind, ChangeKind::Merge | ChangeKind::Divide | ChangeKind::Abolish | ChangeKind::Create)
        };
        (!self.changes_of(unit).any(redrawn)).then_some(found)
    }

    /// The country; none in an empty database.
    pub fn nation(&self) -> Option<Uuid> {
        self.nation
    }

    /// All units, by level.
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// A unit.
    pub fn unit(&self, id: Uuid) -> Option<&Unit> {
        self.units.get(self.position(id)? as usize)
    }

    pub(crate) fn position(&self, id: Uuid) -> Option<u32> {
        self.index.get(&id).copied()
    }

    pub(crate) fn at(&self, position: u32) -> Option<&Unit> {
        self.units.get(position as usize)
    }

    /// All changes in order of effect.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// A change.
    pub fn change(&self, id: Uuid) -> Option<&Change> {
        self.changes.iter().find(|c| c.id == id)
    }

    /// The changes a unit took part in.
    pub fn changes_of(&self, unit: Uuid) -> impl Iterator<Item = &Change> {
        self.changes_of.get(&unit).into_iter().flatten().filter_map(|i| self.changes.get(*i as usize))
    }

    /// All groups.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// A group by id.
    pub fn group(&self, id: Uuid) -> Option<&Group> {
        self.groups.iter().find(|g| g.id == id)
    }

    /// The name of a unit or group on a day (or nearest to it), without its kind.
    pub fn name(&self, id: Uuid, on: Date) -> String {
        match self.unit(id).and_then(|u| u.near(on)) {
            Some(version) => version.name.to_string(),
            None => self.group(id).map(|g| g.name_vi.clone()).unwrap_or_default(),
        }
    }

    /// The name with its kind.
    pub fn full_name(&self, id: Uuid, on: Date) -> String {
        match self.unit(id).and_then(|u| u.near(on)) {
            Some(version) => version.full_name.to_string(),
            None => self.group(id).map(|g| g.name_vi.clone()).unwrap_or_default(),
        }
    }

    /// The last day on which the map changed, on or before a day. Two days with the same answer have the same map.
    pub fn map_of(&self, on: Date) -> Option<Date> {
        self.map_dates.iter().rev().find(|d| **d <= on).copied()
    }

    /// First days of each later map, after a day and up to another.
    pub fn maps_between(&self, after: Date, until: Date) -> impl Iterator<Item = Date> {
        self.map_dates.iter().copied().filter(move |d| after < *d && *d <= until)
    }

    /// The tree as it was on a day. Days between two turns share one tree; the last few asked for are kept.
    pub fn on(&self, date: Date) -> Arc<MapView> {
        // Some ten trees since 2020; a registry of villages that changes every week does not pile up.
        const KEPT: usize = 24;
        let turn = self.turns.partition_point(|t| *t <= date).checked_sub(1).and_then(|at| self.turns.get(at)).copied().unwrap_or(Date::MIN);
        let mut trees = self.trees.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Trees { asked: now, kept } = &mut *trees;
        *now += 1;
        if let Some((asked, tree)) = kept.get_mut(&turn) {
            *asked = *now;
            return Arc::new(MapView::new(date, Arc::clone(tree)));
        }
        if kept.len() >= KEPT
            && let Some(oldest) = kept.iter().min_by_key(|(_, (asked, _))| *asked).map(|(turn, _)| *turn)
        {
            kept.remove(&oldest);
        }
        let tree = Arc::new(Tree::new(self, date));
        kept.insert(turn, (*now, Arc::clone(&tree)));
        Arc::new(MapView::new(date, tree))
    }

    /// Rank of the name a unit bears on a day in the Vietnamese order of all names. Collating is dear, so it is done
    /// once for all maps.
    pub(crate) fn order(&self, id: Uuid, on: Date) -> u32 {
        let ranks = self.order.get_or_init(|| {
            let versions = self.units.iter().zip(0u32..).flat_map(|(u, at)| u.versions.iter().map(move |v| (lang::sort_key(&v.name), (at, v.from))));
            let mut keys: Vec<(Vec<u8>, (u32, Date))> = versions.collect();
            keys.sort_unstable();
            keys.into_iter().map(|(_, version)| version).zip(0u32..).collect()
        });
        let version = self.position(id).zip(self.unit(id).and_then(|u| u.near(on)).map(|v| v.from));
        version.and_then(|v| ranks.get(&v)).copied().unwrap_or(u32::MAX)
    }

    /// The path from a unit up to the nation on a day, itself first; empty if it did not exist.
    pub fn path(&self, unit: Uuid, on: Date) -> Vec<Uuid> {
        let mut path = Vec::with_capacity(5);
        let mut next = Some(unit);
        while let Some(id) = next {
            let Some(version) = self.unit(id).and_then(|u| u.on(on)) else { break };
            path.push(id);
            next = version.parent;
            if path.len() > 8 {
                break;
            }
        }
        path
    }

    /// The version of a unit on a day.
    pub fn version(&self, unit: Uuid, on: Date) -> Option<&Version> {
        self.unit(unit)?.on(on)
    }
}
