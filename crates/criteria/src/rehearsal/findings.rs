//! What stands out: indicators that everybody or nobody meets, that nobody can measure, that repeat each other; and what one
//! point more or less would do.

use super::column::{MET, NO_DATA, NO_LEVEL, NOT_APPLICABLE, NOT_MET};
use super::grid::{Grid, Node};
use super::moves::{Move, Moved, Scope};
use super::score::{Reading, Scored};
use crate::model::Tally;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

/// What stands out about one indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// Everybody who can be judged meets it.
    Everybody,
    /// Nobody who can be judged meets it.
    Nobody,
    /// It has a value nowhere.
    NoData,
    /// It has values, but a threshold nowhere.
    NoLevel,
}

/// Two indicators with nearly the same outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Pair {
    /// Position of the first.
    pub first: usize,
    /// Position of the second.
    pub second: usize,
    /// Units judged by both.
    pub both: u32,
    /// Of these, units with the same outcome.
    pub same: u32,
    /// Correlation of the outcomes (phi), in thousandths.
    pub phi: i32,
}

/// Everything that stands out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// How each indicator came out.
    pub tallies: Vec<Tally>,
    /// Indicators that stand out, by their position.
    pub single: Vec<(usize, Finding)>,
    /// Pairs that repeat each other, the closest first.
    pub pairs: Vec<Pair>,
}

/// Fewer units than this say nothing about a pair.
const FEWEST: u32 = 30;
/// A pair is named from this correlation on.
const CLOSE: i32 = 900;

fn bits(row: &[u8], wanted: u8) -> Vec<u64> {
    row.chunks(64).map(|chunk| chunk.iter().enumerate().fold(0, |word, (nth, o)| word | (u64::from(o & wanted != 0) << nth))).collect()
}

/// Looks at the outcomes of all indicators that count.
pub fn findings(grid: &Grid, scored: &Scored) -> Findings {
    let mut out = Findings::default();
    let mut planes = Vec::with_capacity(grid.nodes.len());
    for nth in 0..grid.nodes.len() {
        let row = scored.row(nth);
        let count = |bit: u8| row.iter().filter(|o| **o & bit != 0).count();
        let tally =
            Tally { met: count(MET), not_met: count(NOT_MET), no_level: count(NO_LEVEL), no_data: count(NO_DATA), not_applicable: count(NOT_APPLICABLE) };
        if scored.counts(nth) && tally.all() > 0 {
            let judged = tally.met + tally.not_met;
            let found = match () {
                () if judged > 0 && tally.not_met == 0 => Some(Finding::Everybody),
                () if judged > 0 && tally.met == 0 => Some(Finding::Nobody),
                () if judged == 0 && tally.no_level == 0 && tally.no_data > 0 => Some(Finding::NoData),
                () if judged == 0 && tally.no_level > 0 => Some(Finding::NoLevel),
                () => None,
            };
            out.single.extend(found.map(|f| (nth, f)));
            planes.push((nth, bits(row, MET), bits(row, MET | NOT_MET)));
        }
        out.tallies.push(tally);
    }
    for (at, (first, met_a, judged_a)) in planes.iter().enumerate() {
        for (second, met_b, judged_b) in planes.iter().skip(at + 1) {
            let (mut both, mut yes, mut a, mut b) = (0u32, 0u32, 0u32, 0u32);
            for ((ja, jb), (ma, mb)) in judged_a.iter().zip(judged_b).zip(met_a.iter().zip(met_b)) {
                let judged = ja & jb;
                both += judged.count_ones();
                yes += (ma & mb & judged).count_ones();
                a += (ma & judged).count_ones();
                b += (mb & judged).count_ones();
            }
            let constant = a == 0 || a == both || b == 0 || b == both;
            if both < FEWEST || constant {
                continue;
            }
            let phi = correlation(f64::from(both), f64::from(yes), f64::from(a), f64::from(b));
            if phi >= CLOSE {
                out.pairs.push(Pair { first: *first, second: *second, both, same: both + 2 * yes - a - b, phi });
            }
        }
    }
    out.pairs.sort_by_key(|p| (std::cmp::Reverse(p.phi), p.first, p.second));
    out
}

/// Phi of two yes-or-no columns, in thousandths.
fn correlation(n: f64, both: f64, a: f64, b: f64) -> i32 {
    let below = (a * (n - a) * b * (n - b)).sqrt();
    #[expect(clippy::cast_possible_truncation, reason = "thousandths of a number between -1 and 1")]
    let thousandths = ((n * both - a * b) / below * 1_000.0).round() as i32;
    thousandths
}

/// How many units would pass if the threshold of one indicator moved by one point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Shift {
    /// Position of the indicator.
    pub indicator: usize,
    /// Units that pass when it is made easier by one point.
    pub easier: usize,
    /// Units that pass when it is made harder by one point.
    pub harder: usize,
}

/// One point either way for each indicator that is a share in percent; all else as it is.
pub fn sensitivity(grid: &Grid, scored: &Scored, moves: &[Move], reading: Reading) -> Vec<Shift> {
    let mut out = Vec::new();
    let mut row = vec![0; grid.units.len()];
    let shares: Vec<bool> = grid.set.indicators().map(|i| i.kind.is_share()).collect();
    for (nth, node) in grid.nodes.iter().enumerate() {
        let Node::Leaf(column) = node else { continue };
        if !scored.counts(nth) || !shares.get(nth).copied().unwrap_or_default() {
            continue;
        }
        let (Some((code, _)), Some((op, ..))) = (grid.columns.get(*column), grid.columns.get(*column).and_then(|(code, _)| grid.range(code))) else { continue };
        let up = op.upward() != Some(false);
        let mut passed = |by: Decimal| {
            let mut all = moves.to_vec();
            all.push(Move { indicator: code.clone(), moved: Moved::By(by), scope: Scope::All });
            grid.judge_node(node, &all, &mut row);
            scored.row(nth).iter().zip(&row).enumerate().filter(|(unit, (old, new))| scored.passes_with(*unit, **old, **new, reading)).count()
        };
        let (lower, higher) = (passed(Decimal::NEGATIVE_ONE), passed(Decimal::ONE));
        let (easier, harder) = if up { (lower, higher) } else { (higher, lower) };
        out.push(Shift { indicator: nth, easier, harder });
    }
    out
}

impl Scored {
    /// Whether a unit would pass if one of its outcomes were another.
    fn passes_with(&self, unit: usize, old: u8, new: u8, reading: Reading) -> bool {
        if old == new {
            return self.passes(unit, reading);
        }
        let at = |list: &[u16]| list.get(unit).copied().unwrap_or_default();
        let swap = |count: u16, bit: u8| count - u16::from(old & bit != 0) + u16::from(new & bit != 0);
        let (met, failed) = (swap(at(&self.met), MET), swap(at(&self.failed), NOT_MET));
        match reading {
            Reading::Judged => failed == 0 && met > 0,
            Reading::Strict => failed == 0 && met > 0 && swap(at(&self.open), NO_LEVEL | NO_DATA) == 0 && self.could_pass(),
        }
    }
}
