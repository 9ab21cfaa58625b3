//! What stands between a unit and a rank, the nearest first.

use super::judge::{Card, Judged, Outcome};
use super::{Choice, Compose, Kind};
use rust_decimal::Decimal;

/// One thing that is still to be done.
#[derive(Clone, Debug, PartialEq)]
pub struct Step<'a> {
    /// What.
    pub judged: &'a Judged<'a>,
    /// How far, as a share of the threshold: 0 is there, 1 is all of the way. None when it cannot be said (no value, no threshold).
    pub cost: Option<Decimal>,
    /// Whether its criterion is met once this is done (and what precedes it in the list).
    pub completes: bool,
}

/// The cheapest set of indicators that takes a unit to the rank of the set: every indicator that is not met, and of a composite only as
/// many parts as it needs, those that are nearest. In order of distance; what cannot be measured comes last.
///
/// A yes-or-no indicator counts as all of the way, because nothing says how far it is.
pub fn steps<'a>(card: &'a Card<'a>) -> Vec<Step<'a>> {
    let mut out: Vec<Step<'a>> = Vec::new();
    for judged in &card.indicators {
        if !open(judged.outcome) {
            continue;
        }
        if judged.indicator.kind == Kind::Composite && !judged.parts.is_empty() {
            out.extend(parts(judged));
        } else {
            out.push(Step { judged, cost: cost(judged), completes: false });
        }
    }
    out.sort_by_key(|a| (a.cost.is_none(), a.cost));
    let mut left: Vec<usize> = vec![0; card.criteria.len()];
    for step in &out {
        if let Some(n) = left.get_mut(step.judged.criterion) {
            *n += 1;
        }
    }
    for step in &mut out {
        if let Some(n) = left.get_mut(step.judged.criterion) {
            *n -= 1;
            step.completes = *n == 0;
        }
    }
    out
}

fn open(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::NotMet | Outcome::NoData | Outcome::NoLevel)
}

fn cost(judged: &Judged<'_>) -> Option<Decimal> {
    if judged.outcome != Outcome::NotMet {
        return None;
    }
    let Some(gap) = judged.gap else { return Some(Decimal::ONE) };
    let Choice::Applies(applied) = judged.choice else { return None };
    let whole = applied.value.map(|v| v.abs()).filter(|v| !v.is_zero()).unwrap_or(Decimal::ONE);
    gap.checked_div(whole).map(|c| c.clamp(Decimal::ZERO, Decimal::ONE))
}

/// The parts of a composite that are still needed, the nearest ones.
fn parts<'a>(judged: &'a Judged<'a>) -> Vec<Step<'a>> {
    let mut steps: Vec<Step<'a>> = judged.parts.iter().filter(|p| open(p.outcome)).map(|p| Step { judged: p, cost: cost(p), completes: false }).collect();
    steps.sort_by_key(|a| (a.cost.is_none(), a.cost));
    let met = || judged.parts.iter().filter(|p| p.outcome == Outcome::Met);
    match judged.indicator.compose.unwrap_or(Compose::All) {
        Compose::All => {}
        Compose::AtLeast(k) => steps.truncate(k.saturating_sub(met().count())),
        Compose::Points(least) => {
            let points = |j: &Judged<'_>| j.indicator.points.unwrap_or(Decimal::ONE);
            let mut lacking = least - met().map(points).sum::<Decimal>();
            let mut keep = 0;
            for step in &steps {
                if lacking <= Decimal::ZERO {
                    break;
                }
                lacking -= points(step.judged);
                keep += 1;
            }
            steps.truncate(keep);
        }
    }
    steps
}
