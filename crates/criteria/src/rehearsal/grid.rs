//! A set over all units of a period.

use super::column::{Column, Level};
use super::moves::Move;
use crate::model::{Choice, Compose, Given, Indicator, Kind, Library, Op, Set, Traits, Values, threshold_for};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// A unit with what decides its thresholds and its values.
#[derive(Clone, Debug)]
pub struct UnitRow<V> {
    /// Unit.
    pub unit: Uuid,
    /// Its province in the period.
    pub province: Option<Uuid>,
    /// What decides its thresholds.
    pub traits: Traits,
    /// Its values, by code.
    pub values: V,
}

/// Units that stand together because the same thresholds apply to them.
#[derive(Clone, Debug)]
pub struct Class {
    /// Province of all of them.
    pub province: Option<Uuid>,
    /// Traits of all of them.
    pub traits: Traits,
    /// First position.
    pub from: usize,
    /// Position behind the last.
    pub to: usize,
}

/// How an indicator of the set is judged.
#[derive(Clone, Debug)]
pub enum Node {
    /// By one column.
    Leaf(usize),
    /// From parts.
    Composite {
        /// Column that only says where it does not apply.
        own: usize,
        /// Its parts with their points.
        parts: Vec<(Node, Decimal)>,
        /// How they make the whole.
        compose: Compose,
    },
}

/// How far a unit is from a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Margin {
    /// The value, rounded down to the decimals kept.
    pub value: Decimal,
    /// The threshold.
    pub threshold: Decimal,
    /// By how much the value is better than demanded; negative when it falls short.
    pub better: Decimal,
}

/// A set over all units of a period; see the module.
#[derive(Clone, Debug)]
pub struct Grid {
    /// The set.
    pub set: Arc<Set>,
    /// Units in order of their classes.
    pub units: Vec<Uuid>,
    /// Runs of units.
    pub classes: Vec<Class>,
    /// Code and column of every indicator, part and composite.
    pub(super) columns: Vec<(String, Column)>,
    /// Thresholds by column and class.
    pub(super) levels: Vec<Vec<Option<Level>>>,
    /// The usual comparison of each column's indicator.
    usual: Vec<Option<Op>>,
    /// One for each indicator of the set, in order.
    pub(super) nodes: Vec<Node>,
    /// Criterion of each indicator.
    pub(super) criterion: Vec<usize>,
    place_of: HashMap<Uuid, usize>,
}

impl Grid {
    /// Lays the units out. Thresholds are looked up once per class and column.
    pub fn new<V: Values>(library: &Library, set: Arc<Set>, rows: Vec<UnitRow<V>>) -> Grid {
        let mut keys: HashMap<(Option<Uuid>, String), Vec<UnitRow<V>>> = HashMap::new();
        for row in rows {
            // Traits have no order of their own; their words have one that is the same every time.
            keys.entry((row.province, format!("{:?}", row.traits))).or_default().push(row);
        }
        let sorted: BTreeMap<_, _> = keys.into_iter().collect();
        let (mut ordered, mut classes) = (Vec::new(), Vec::new());
        for ((province, _), mut rows) in sorted {
            rows.sort_by_key(|r| r.unit);
            let from = ordered.len();
            let Some(traits) = rows.first().map(|r| r.traits.clone()) else { continue };
            ordered.extend(rows);
            classes.push(Class { province, traits, from, to: ordered.len() });
        }
        let mut grid = Grid {
            units: ordered.iter().map(|r| r.unit).collect(),
            place_of: ordered.iter().enumerate().map(|(at, r)| (r.unit, at)).collect(),
            classes,
            columns: Vec::new(),
            levels: Vec::new(),
            usual: Vec::new(),
            nodes: Vec::new(),
            criterion: Vec::new(),
            set: Arc::clone(&set),
        };
        for (at, criterion) in set.criteria.iter().enumerate() {
            for indicator in &criterion.indicators {
                let node = grid.node(library, indicator, &ordered);
                grid.nodes.push(node);
                grid.criterion.push(at);
            }
        }
        grid
    }

    fn node<V: Values>(&mut self, library: &Library, indicator: &Indicator, rows: &[UnitRow<V>]) -> Node {
        let own = self.column(library, indicator, rows);
        if indicator.kind != Kind::Composite {
            return Node::Leaf(own);
        }
        let parts = indicator.parts.iter().map(|p| (self.node(library, p, rows), p.points.unwrap_or(Decimal::ONE))).collect();
        Node::Composite { own, parts, compose: indicator.compose.unwrap_or(Compose::All) }
    }

    fn column<V: Values>(&mut self, library: &Library, indicator: &Indicator, rows: &[UnitRow<V>]) -> usize {
        let set = Arc::clone(&self.set);
        let levels: Vec<Option<Level>> = self
            .classes
            .iter()
            .map(|class| match threshold_for(library, &set, indicator, &class.traits) {
                Choice::Applies(applied) => Some(Level::of(&applied)),
                Choice::Missing(_) => None,
            })
            .collect();
        let values: Vec<Option<Given>> = rows.iter().map(|r| r.values.given(&indicator.code).cloned()).collect();
        self.columns.push((indicator.code.clone(), Column::new(values, &levels)));
        self.levels.push(levels);
        self.usual.push(indicator.op);
        self.columns.len() - 1
    }

    /// Where a unit stands.
    pub fn place(&self, unit: Uuid) -> Option<usize> {
        self.place_of.get(&unit).copied()
    }

    /// The class of a position.
    pub fn class_at(&self, position: usize) -> Option<&Class> {
        let nth = self.classes.partition_point(|c| c.to <= position);
        self.classes.get(nth)
    }

    /// The column of a code.
    pub(super) fn column_of(&self, code: &str) -> Option<usize> {
        self.columns.iter().position(|(c, _)| c == code)
    }

    /// The threshold of a column for a class after the moves, which act one after the other.
    pub(super) fn moved(&self, column: usize, class: usize, moves: &[Move]) -> Option<Level> {
        let start = self.levels.get(column).and_then(|l| l.get(class)).cloned().flatten();
        let (Some((code, _)), Some(of)) = (self.columns.get(column), self.classes.get(class)) else { return start };
        let usual = self.usual.get(column).copied().flatten();
        let own = moves.iter().filter(|m| m.indicator == *code && m.reaches(&self.set, &of.traits, of.province));
        own.fold(start, |level, m| m.apply(level.as_ref(), usual))
    }

    /// How far a unit is from the threshold of an indicator after the moves; none where numbers are not compared.
    pub fn margin(&self, indicator: &str, position: usize, moves: &[Move]) -> Option<Margin> {
        let column = self.column_of(indicator)?;
        let class = self.classes.partition_point(|c| c.to <= position);
        let level = self.moved(column, class, moves)?;
        let (op, threshold) = (level.op?, level.value?);
        let value = self.columns.get(column)?.1.shown(position)?;
        let better = match op.upward() {
            Some(true) => value - threshold,
            Some(false) => threshold - value,
            None => -(value - threshold).abs(),
        };
        Some(Margin { value, threshold, better })
    }

    /// The lowest and highest threshold of an indicator as the set has it, with how they compare; none when no number is compared.
    pub fn range(&self, indicator: &str) -> Option<(Op, Decimal, Decimal)> {
        let column = self.column_of(indicator)?;
        let levels = || self.levels.get(column).into_iter().flatten().flatten();
        let op = levels().find_map(|l| l.op)?;
        let values = || levels().filter_map(|l| l.value);
        Some((op, values().min()?, values().max()?))
    }
}
