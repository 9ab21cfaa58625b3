//! Scoring a grid, whole or after a move.

use super::column::{MET, NO_DATA, NO_LEVEL, NOT_APPLICABLE, NOT_MET, worst};
use super::grid::{Grid, Node};
use super::moves::{Move, Moved};
use crate::model::{Compose, Outcome, combine};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// When a unit passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Reading {
    /// Every indicator that can be judged is met; those without data or threshold are set aside.
    #[default]
    Judged,
    /// As a card is judged: what has no data or no threshold keeps the unit from passing.
    Strict,
}

impl Reading {
    /// The word in addresses.
    pub fn word(self) -> &'static str {
        match self {
            Reading::Judged => "judged",
            Reading::Strict => "strict",
        }
    }

    /// Reads [`Reading::word`].
    pub fn parse(word: &str) -> Option<Reading> {
        [Reading::Judged, Reading::Strict].into_iter().find(|r| r.word() == word)
    }
}

/// The outcome of every indicator for every unit, and what follows for the units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scored {
    /// Indicator after indicator, one byte per unit.
    outcomes: Vec<u8>,
    units: usize,
    /// Indicators that were left out.
    out: BTreeSet<usize>,
    /// Bits of all outcomes of a unit.
    pub(super) seen: Vec<u8>,
    /// Indicators met.
    pub met: Vec<u16>,
    /// Indicators failed.
    pub failed: Vec<u16>,
    /// Indicators neither met, failed nor beside the matter.
    pub open: Vec<u16>,
    /// Whether everything that the document lists is in the set, so that a unit can meet the whole of it.
    whole_set: bool,
}

impl Grid {
    /// Scores everything under some moves.
    pub fn score(&self, moves: &[Move]) -> Scored {
        let units = self.units.len();
        let mut outcomes = vec![0; units * self.nodes.len()];
        for (node, row) in self.nodes.iter().zip(outcomes.chunks_exact_mut(units.max(1))) {
            self.judge_node(node, moves, row);
        }
        self.sum(outcomes, moves)
    }

    /// Scores what a move changed on top of what is known: `before` is the same grid under other moves.
    pub fn rescore(&self, before: &Scored, old: &[Move], new: &[Move]) -> Scored {
        let mut outcomes = before.outcomes.clone();
        let of = |moves: &[Move], code: &str| moves.iter().filter(|m| m.indicator == code).cloned().collect::<Vec<_>>();
        for (node, row) in self.nodes.iter().zip(outcomes.chunks_exact_mut(self.units.len().max(1))) {
            if self.codes(node).iter().any(|code| of(old, code) != of(new, code)) {
                self.judge_node(node, new, row);
            }
        }
        self.sum(outcomes, new)
    }

    /// Codes of an indicator and its parts.
    fn codes(&self, node: &Node) -> Vec<&str> {
        let own = |column: &usize| self.columns.get(*column).map(|(code, _)| code.as_str());
        match node {
            Node::Leaf(column) => own(column).into_iter().collect(),
            Node::Composite { own: column, parts, .. } => own(column).into_iter().chain(parts.iter().flat_map(|(p, _)| self.codes(p))).collect(),
        }
    }

    pub(super) fn judge_node(&self, node: &Node, moves: &[Move], row: &mut [u8]) {
        match node {
            Node::Leaf(column) => self.judge_column(*column, moves, row),
            Node::Composite { own, parts, compose } => {
                let mut all: Vec<(Vec<u8>, Decimal)> = Vec::with_capacity(parts.len());
                for (part, points) in parts {
                    let out = matches!(part, Node::Leaf(c) if self.left_out(*c, moves));
                    if !out {
                        let mut judged = vec![0; row.len()];
                        self.judge_node(part, moves, &mut judged);
                        all.push((judged, *points));
                    }
                }
                let mut mark = vec![0; row.len()];
                self.judge_column(*own, &[], &mut mark);
                let mut parts = Vec::with_capacity(all.len());
                for (nth, (out, mark)) in row.iter_mut().zip(&mark).enumerate() {
                    parts.clear();
                    parts.extend(all.iter().map(|(judged, points)| (worst(judged.get(nth).copied().unwrap_or_default()), *points)));
                    *out = if *mark == NOT_APPLICABLE { NOT_APPLICABLE } else { super::column::bit(composed(*compose, &parts)) };
                }
            }
        }
    }

    fn left_out(&self, column: usize, moves: &[Move]) -> bool {
        self.columns.get(column).is_some_and(|(code, _)| moves.iter().any(|m| m.indicator == *code && m.moved == Moved::Out))
    }

    fn judge_column(&self, column: usize, moves: &[Move], row: &mut [u8]) {
        let Some((_, values)) = self.columns.get(column) else { return };
        for (nth, class) in self.classes.iter().enumerate() {
            let Some(out) = row.get_mut(class.from..class.to) else { continue };
            // Without a move the threshold is where it lies.
            let still = moves.is_empty().then(|| self.levels.get(column).and_then(|l| l.get(nth)).and_then(Option::as_ref));
            match still {
                Some(level) => values.judge(level, class.from, class.to, out),
                None => values.judge(self.moved(column, nth, moves).as_ref(), class.from, class.to, out),
            }
        }
    }

    fn sum(&self, outcomes: Vec<u8>, moves: &[Move]) -> Scored {
        let units = self.units.len();
        let gone = |node: &Node| match node {
            Node::Leaf(c) | Node::Composite { own: c, .. } => self.left_out(*c, moves),
        };
        let out: BTreeSet<usize> = self.nodes.iter().enumerate().filter(|(_, n)| gone(n)).map(|(nth, _)| nth).collect();
        let (mut seen, mut met, mut failed, mut open) = (vec![0u8; units], vec![0u16; units], vec![0u16; units], vec![0u16; units]);
        for (nth, row) in outcomes.chunks_exact(units.max(1)).enumerate() {
            if out.contains(&nth) {
                continue;
            }
            for ((((o, seen), met), failed), open) in row.iter().zip(&mut seen).zip(&mut met).zip(&mut failed).zip(&mut open) {
                *seen |= o;
                *met += u16::from(o & MET);
                *failed += u16::from((o & NOT_MET) >> 1);
                *open += u16::from(o & (NO_LEVEL | NO_DATA) != 0);
            }
        }
        // A criterion without known indicators cannot be judged.
        let empty = self.set.criteria.iter().any(|c| c.indicators.is_empty());
        if empty {
            seen.iter_mut().for_each(|s| *s |= NO_LEVEL);
        }
        Scored { outcomes, units, out, seen, met, failed, open, whole_set: self.set.is_whole() }
    }
}

impl Scored {
    /// The outcomes of an indicator, by its position in the set; one bit each.
    pub fn row(&self, indicator: usize) -> &[u8] {
        self.outcomes.get(indicator * self.units..(indicator + 1) * self.units).unwrap_or_default()
    }

    /// What was found about an indicator of a unit.
    pub fn outcome(&self, indicator: usize, unit: usize) -> Outcome {
        worst(self.row(indicator).get(unit).copied().unwrap_or(NO_DATA))
    }

    /// Whether an indicator counts.
    pub fn counts(&self, indicator: usize) -> bool {
        !self.out.contains(&indicator)
    }

    /// The set as a whole for a unit, as a card says it.
    pub fn whole(&self, unit: usize) -> Outcome {
        match worst(self.seen.get(unit).copied().unwrap_or_default()) {
            Outcome::Met if !self.whole_set => Outcome::NoLevel,
            other => other,
        }
    }

    /// Whether a unit passes.
    pub fn passes(&self, unit: usize, reading: Reading) -> bool {
        let at = |list: &[u16]| list.get(unit).copied().unwrap_or_default();
        match reading {
            Reading::Judged => at(&self.failed) == 0 && at(&self.met) > 0,
            Reading::Strict => self.whole(unit) == Outcome::Met,
        }
    }

    /// Whether any unit can meet the set as a whole.
    pub(super) fn could_pass(&self) -> bool {
        self.whole_set
    }

    /// Which units pass, one bit each.
    pub fn passing(&self, reading: Reading) -> Vec<u64> {
        let mut bits = vec![0u64; self.units.div_ceil(64)];
        for unit in 0..self.units {
            if let Some(word) = bits.get_mut(unit / 64) {
                *word |= u64::from(self.passes(unit, reading)) << (unit % 64);
            }
        }
        bits
    }

    /// How many units pass.
    pub fn passed(&self, reading: Reading) -> usize {
        self.passing(reading).iter().map(|w| w.count_ones() as usize).sum()
    }
}

/// The outcome of a composite from those of its parts, as [`crate::model::judge`] makes it.
fn composed(compose: Compose, parts: &[(Outcome, Decimal)]) -> Outcome {
    let applying = || parts.iter().filter(|(o, _)| *o != Outcome::NotApplicable);
    if applying().next().is_none() {
        return if parts.is_empty() { Outcome::NoLevel } else { Outcome::NotApplicable };
    }
    let open = |o: &Outcome| matches!(o, Outcome::NoData | Outcome::NoLevel);
    let undecided = || if applying().any(|(o, _)| *o == Outcome::NoData) { Outcome::NoData } else { Outcome::NoLevel };
    let (met, possible, least): (Decimal, Decimal, Decimal) = match compose {
        Compose::All => return combine(parts.iter().map(|(o, _)| *o)),
        Compose::AtLeast(k) => {
            let met = applying().filter(|(o, _)| *o == Outcome::Met).count();
            (met.into(), (met + applying().filter(|(o, _)| open(o)).count()).into(), k.into())
        }
        Compose::Points(least) => {
            let met = applying().filter(|(o, _)| *o == Outcome::Met).map(|(_, p)| *p).sum();
            (met, met + applying().filter(|(o, _)| open(o)).map(|(_, p)| *p).sum::<Decimal>(), least)
        }
    };
    match () {
        () if met >= least => Outcome::Met,
        () if possible < least => Outcome::NotMet,
        () => undecided(),
    }
}
