//! The tree of places as it was on one day.

use crate::atlas::Atlas;
use crate::model::{GroupKind, Level};
use jiff::civil::Date;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use uuid::Uuid;

const NONE: u32 = u32::MAX;

/// Which units have to report: a level, and kinds if not all of that level.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reporters {
    /// Level.
    pub level: Level,
    /// Kinds; empty means all.
    pub kinds: Vec<String>,
}

/// The tree on a day. Cheap to ask and to make; days between two changes share one tree.
#[derive(Debug)]
pub struct MapView {
    date: Date,
    tree: Arc<Tree>,
}

/// What is the same on all days from one change of anything to the next.
#[derive(Debug)]
pub(crate) struct Tree {
    ids: Vec<Uuid>,
    levels: Vec<Level>,
    kinds: Vec<Option<Arc<str>>>,
    parent: Vec<u32>,
    children: HashMap<Uuid, Vec<Uuid>>,
    index: HashMap<Uuid, u32>,
    groups: HashMap<Uuid, Vec<Uuid>>,
    group_members: HashMap<Uuid, Vec<Uuid>>,
    counts: Mutex<HashMap<Reporters, Arc<HashMap<Uuid, i64>>>>,
}

impl Tree {
    pub(crate) fn new(atlas: &Atlas, date: Date) -> Tree {
        let alive: Vec<_> = atlas.units().iter().filter_map(|u| u.on(date).map(|v| (u, v))).collect();
        let index: HashMap<Uuid, u32> = alive.iter().zip(0u32..).map(|((u, _), i)| (u.id, i)).collect();
        let mut children: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
        let mut parent = Vec::with_capacity(alive.len());
        for (unit, version) in &alive {
            let above = version.parent.filter(|p| index.contains_key(p));
            parent.push(above.and_then(|p| index.get(&p).copied()).unwrap_or(NONE));
            if let Some(above) = above {
                children.entry(above).or_default().push(unit.id);
            }
        }
        for list in children.values_mut() {
            list.sort_by_key(|id| atlas.order(*id, date));
        }
        let mut groups: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
        let mut group_members: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
        for group in atlas.groups() {
            // A pilot or a flag that does not add up places is still a node: "how are the pilots doing?"
            for member in group.members.iter().filter(|m| m.holds(date)) {
                if index.contains_key(&member.unit) {
                    groups.entry(member.unit).or_default().push(group.id);
                    group_members.entry(group.id).or_default().push(member.unit);
                }
            }
        }
        Tree {
            ids: alive.iter().map(|(u, _)| u.id).collect(),
            levels: alive.iter().map(|(u, _)| u.level).collect(),
            kinds: alive.iter().map(|(_, v)| Some(Arc::clone(&v.kind))).collect(),
            parent,
            children,
            index,
            groups,
            group_members,
            counts: Mutex::default(),
        }
    }
}

impl MapView {
    pub(crate) fn new(date: Date, tree: Arc<Tree>) -> MapView {
        MapView { date, tree }
    }

    /// The day.
    pub fn date(&self) -> Date {
        self.date
    }

    /// Whether a unit existed that day.
    pub fn has(&self, unit: Uuid) -> bool {
        self.tree.index.contains_key(&unit)
    }

    /// Units directly below, in Vietnamese order of their names.
    pub fn children(&self, unit: Uuid) -> &[Uuid] {
        self.tree.children.get(&unit).map(Vec::as_slice).unwrap_or_default()
    }

    /// The unit directly above.
    pub fn parent(&self, unit: Uuid) -> Option<Uuid> {
        let at = *self.tree.index.get(&unit)?;
        self.tree.ids.get(*self.tree.parent.get(at as usize)? as usize).copied()
    }

    /// Level of a unit that day.
    pub fn level(&self, unit: Uuid) -> Option<Level> {
        self.tree.levels.get(*self.tree.index.get(&unit)? as usize).copied()
    }

    /// Units above, nearest first, the nation last.
    pub fn above(&self, unit: Uuid) -> Vec<Uuid> {
        let mut out = Vec::with_capacity(4);
        let mut at = self.tree.index.get(&unit).and_then(|i| self.tree.parent.get(*i as usize)).copied().unwrap_or(NONE);
        while let Some(id) = self.tree.ids.get(at as usize) {
            out.push(*id);
            at = self.tree.parent.get(at as usize).copied().unwrap_or(NONE);
        }
        out
    }

    /// The province-level unit of a unit: itself, or the one above it.
    pub fn province(&self, unit: Uuid) -> Option<Uuid> {
        std::iter::once(unit).chain(self.above(unit)).find(|u| self.level(*u) == Some(Level::Province))
    }

    /// Every node a figure of this unit adds up into: units above and groups of any of them. Without the unit itself.
    pub fn nodes(&self, unit: Uuid) -> Vec<Uuid> {
        let above = self.above(unit);
        let mut out = above.clone();
        for id in std::iter::once(&unit).chain(&above) {
            for group in self.tree.groups.get(id).into_iter().flatten() {
                if !out.contains(group) {
                    out.push(*group);
                }
            }
        }
        out
    }

    /// The groups a unit belongs to that day, directly or through a unit above.
    pub fn groups(&self, unit: Uuid) -> Vec<Uuid> {
        let above = self.above(unit).len();
        self.nodes(unit).split_off(above)
    }

    /// The members of a group that day.
    pub fn members(&self, group: Uuid) -> &[Uuid] {
        self.tree.group_members.get(&group).map(Vec::as_slice).unwrap_or_default()
    }

    /// All units of a level under a unit or group (itself if it has that level), in tree order.
    pub fn under(&self, place: Uuid, level: Level) -> Vec<Uuid> {
        let mut out = Vec::new();
        let mut stack: Vec<Uuid> = if self.has(place) { vec![place] } else { self.members(place).iter().rev().copied().collect() };
        while let Some(id) = stack.pop() {
            match self.level(id) {
                Some(l) if l == level => out.push(id),
                Some(l) if l < level => stack.extend(self.children(id).iter().rev()),
                _ => {}
            }
        }
        out
    }

    /// All units of a level.
    pub fn all(&self, level: Level) -> impl Iterator<Item = Uuid> + '_ {
        self.tree.ids.iter().zip(&self.tree.levels).filter(move |(_, l)| **l == level).map(|(id, _)| *id)
    }

    /// Whether a unit has to report that day.
    pub fn reports(&self, unit: Uuid, who: &Reporters) -> bool {
        let Some(at) = self.tree.index.get(&unit).map(|i| *i as usize) else { return false };
        self.tree.levels.get(at) == Some(&who.level)
            && (who.kinds.is_empty() || self.tree.kinds.get(at).and_then(Option::as_ref).is_some_and(|k| who.kinds.iter().any(|w| **w == **k)))
    }

    /// How many units have to report, under every node (units, groups, and each reporter itself).
    pub fn expected(&self, who: &Reporters) -> Arc<HashMap<Uuid, i64>> {
        let mut counts = self.tree.counts.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(found) = counts.get(who) {
            return Arc::clone(found);
        }
        let mut out: HashMap<Uuid, i64> = HashMap::new();
        for id in &self.tree.ids {
            if self.reports(*id, who) {
                for node in std::iter::once(*id).chain(self.nodes(*id)) {
                    *out.entry(node).or_default() += 1;
                }
            }
        }
        let out = Arc::new(out);
        counts.insert(who.clone(), Arc::clone(&out));
        out
    }

    /// Groups of a kind with members that day.
    pub fn groups_of_kind(&self, atlas: &Atlas, kind: GroupKind) -> Vec<Uuid> {
        atlas.groups().iter().filter(|g| g.kind == kind && self.tree.group_members.contains_key(&g.id)).map(|g| g.id).collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;
    use jiff::civil::{Date, date};
    use proptest::prelude::*;

    fn agrees(on: Date) {
        let atlas = crate::facts::atlas();
        let view = atlas.on(on);
        assert_eq!(view.date(), on);
        for unit in atlas.units() {
            let version = unit.on(on);
            assert_eq!(view.has(unit.id), version.is_some(), "{on} {}", unit.id);
            if let Some(above) = version.and_then(|v| v.parent).filter(|above| view.has(*above)) {
                assert_eq!(view.parent(unit.id), Some(above), "{on}");
            }
        }
        for group in atlas.groups() {
            let now: Vec<_> = group.members.iter().filter(|m| m.holds(on) && view.has(m.unit)).map(|m| m.unit).collect();
            assert_eq!(view.members(group.id), now, "{on} {}", group.code);
        }
    }

    /// Days share trees, but never across a day on which something began or ended; also when many are asked for in any order.
    #[test]
    fn the_days_around_every_change_have_their_own_trees() {
        let atlas = crate::facts::atlas();
        for change in atlas.changes().iter().map(|c| c.effective).collect::<std::collections::BTreeSet<_>>() {
            agrees(change);
            agrees(change.checked_sub(1.day()).unwrap());
        }
        agrees(date(1, 1, 1));
        agrees(date(9999, 12, 31));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn any_day_has_the_tree_of_that_day(days in 0i32..5_000) {
            agrees(date(2015, 1, 1).checked_add(days.days()).unwrap());
        }
    }
}
