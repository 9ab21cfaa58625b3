//! Where a unit went when the map was redrawn.

use crate::atlas::Atlas;
use jiff::civil::Date;
use uuid::Uuid;

/// Shares are millionths; those of one unit always add up to this.
pub const WHOLE: i64 = 1_000_000;

/// Which share divides a unit that was cut up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Share of the people.
    Population,
    /// Share of the land.
    Area,
}

/// A unit of the later map that takes over all or part of an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heir {
    /// The unit of the later map.
    pub unit: Uuid,
    /// Millionths.
    pub share: i64,
    /// Whether the share is an estimate: the unit was divided on the way.
    pub estimated: bool,
}

impl Atlas {
    /// The heirs of a unit of one day on the map of a later day. A unit that simply lives on is its own heir.
    /// Shares add up to [`WHOLE`]. A unit that was divided without known shares goes wholly to its default heir,
    /// marked as an estimate, so that no sum is ever lost. An empty answer means the unit ended without an heir.
    pub fn heirs(&self, unit: Uuid, then: Date, later: Date, basis: Basis) -> Vec<Heir> {
        let mut heirs = vec![Heir { unit, share: WHOLE, estimated: false }];
        // Changes are few per unit: follow them event by event instead of over the whole list.
        let mut after = then;
        for _ in 0..64 {
            let next = heirs
                .iter()
                .flat_map(|h| self.changes_of(h.unit))
                .filter(|c| {
                    after < c.effective && c.effective <= later && c.parts.iter().any(|p| heirs.iter().any(|h| p.from == Some(h.unit) && p.to != Some(h.unit)))
                })
                .map(|c| c.effective)
                .min();
            let Some(day) = next else { break };
            heirs = heirs.iter().flat_map(|h| self.step(*h, day, basis)).fold(Vec::new(), |mut out: Vec<Heir>, h| {
                match out.iter_mut().find(|o| o.unit == h.unit) {
                    Some(same) => {
                        same.share += h.share;
                        same.estimated |= h.estimated;
                    }
                    None => out.push(h),
                }
                out
            });
            after = day;
        }
        heirs
    }

    fn step(&self, heir: Heir, day: Date, basis: Basis) -> Vec<Heir> {
        let parts: Vec<_> =
            self.changes_of(heir.unit).filter(|c| c.effective == day).flat_map(|c| &c.parts).filter(|p| p.from == Some(heir.unit) && p.to.is_some()).collect();
        let ended = self.unit(heir.unit).is_some_and(|u| u.on(day).is_none());
        if parts.is_empty() {
            return if ended { Vec::new() } else { vec![heir] };
        }
        let share = |p: &&crate::model::Part| match basis {
            Basis::Population => p.by_population.or(p.by_area),
            Basis::Area => p.by_area.or(p.by_population),
        };
        let weights: Vec<(Uuid, i64)> = if parts.len() == 1 {
            parts.iter().filter_map(|p| p.to).map(|to| (to, WHOLE)).collect()
        } else if parts.iter().all(|p| share(p).is_some()) {
            parts.iter().filter_map(|p| Some((p.to?, share(p)?))).collect()
        } else {
            let default = parts.iter().find(|p| p.is_default).or(parts.first());
            default.and_then(|p| p.to).map(|to| (to, WHOLE)).into_iter().collect()
        };
        let estimated = heir.estimated || parts.len() > 1;
        split(heir.share, &weights.iter().map(|w| w.1).collect::<Vec<_>>())
            .into_iter()
            .zip(weights)
            .map(|(share, (unit, _))| Heir { unit, share, estimated })
            .filter(|h| h.share > 0 || parts.len() == 1)
            .collect()
    }
}

/// Divides a whole number by weights so that the parts add up to it again (largest remainders first).
/// All-zero weights give everything to the first part.
pub fn split(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|w| i128::from((*w).max(0))).sum();
    if sum == 0 {
        return weights.iter().enumerate().map(|(i, _)| if i == 0 { total } else { 0 }).collect();
    }
    let mut parts: Vec<(i64, i128, usize)> = weights
        .iter()
        .enumerate()
        .map(|(i, w)| {
            let exact = i128::from(total) * i128::from((*w).max(0));
            // The quotient lies between 0 and total, so it fits.
            (i64::try_from(exact.div_euclid(sum)).unwrap_or(total), exact.rem_euclid(sum), i)
        })
        .collect();
    let mut left = total - parts.iter().map(|p| p.0).sum::<i64>();
    parts.sort_by_key(|p| (std::cmp::Reverse(p.1), p.2));
    for part in &mut parts {
        if left <= 0 {
            break;
        }
        part.0 += 1;
        left -= 1;
    }
    parts.sort_by_key(|p| p.2);
    parts.into_iter().map(|p| p.0).collect()
}
