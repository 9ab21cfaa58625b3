//! What is kept of a figure at one place: enough to add it up further and to finish it into a value.

use crate::measure::{Kind, Measure, Rollup};
use crate::value::{Value, percent, unscale};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

/// An accumulator. For one unit it holds that unit's value, for a place above the sum over its units.
/// A unit is in exactly one of: `n` (accepted), `na`, `unknown`, `awaiting`, or missing (none of them).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Acc {
    /// Units with an accepted value.
    pub n: i64,
    /// Units to which it does not apply.
    pub na: i64,
    /// Units that said they do not know.
    pub unknown: i64,
    /// Units whose submitted value waits for acceptance.
    pub awaiting: i64,
    /// Σ value, Σ n, or Σ weight·value.
    pub num: i64,
    /// Σ N, or Σ weight.
    pub den: i64,
    /// Units that fulfil the condition.
    pub met: i64,
    /// Smallest value.
    pub lo: Option<i64>,
    /// Largest value.
    pub hi: Option<i64>,
    /// Units whose value is an estimate, because a divided unit is behind it.
    pub estimated: i64,
    /// When the newest part of it was accepted; microseconds UTC.
    pub as_of: i64,
}

impl Acc {
    /// Adds another place. Sums saturate; [`crate::value::LARGEST`] keeps them far from that.
    pub fn add(&mut self, other: &Acc) {
        self.n += other.n;
        self.na += other.na;
        self.unknown += other.unknown;
        self.awaiting += other.awaiting;
        self.num = self.num.saturating_add(other.num);
        self.den = self.den.saturating_add(other.den);
        self.met += other.met;
        self.lo = [self.lo, other.lo].into_iter().flatten().min();
        self.hi = [self.hi, other.hi].into_iter().flatten().max();
        self.estimated += other.estimated;
        self.as_of = self.as_of.max(other.as_of);
    }

    /// Nothing worth keeping a row for.
    pub fn is_empty(&self) -> bool {
        Acc { as_of: 0, ..*self } == Acc::default()
    }

    /// The accumulator of one unit with an accepted value. `weight` is the stored number of the weight measure.
    pub fn leaf(measure: &Measure, condition: Option<&formula::Formula>, value: &Value, weight: Option<i64>, as_of: i64) -> Acc {
        let mut acc = Acc { as_of, ..Acc::default() };
        match value {
            Value::NotApplicable => acc.na = 1,
            Value::NotKnown => acc.unknown = 1,
            Value::Words(_) => acc.n = 1,
            Value::Ratio { n, of } => {
                acc.n = 1;
                acc.num = *n;
                acc.den = *of;
            }
            Value::Number(number) => {
                acc.n = 1;
                acc.num = *number;
                acc.lo = Some(*number);
                acc.hi = Some(*number);
                if measure.def.rollup == Rollup::WeightedMean {
                    let weight = weight.unwrap_or(0).max(0);
                    acc.num = number.saturating_mul(weight);
                    acc.den = weight;
                }
            }
        }
        if acc.n == 1 {
            acc.met = i64::from(is_met(measure, condition, value));
        }
        acc
    }

    /// The finished value of a place above the reporting units: `of` units have to report.
    /// None when nothing was reported or the denominator is zero.
    pub fn value_above(&self, measure: &Measure, of: i64) -> Option<Decimal> {
        let def = &measure.def;
        match def.rollup {
            Rollup::None => None,
            Rollup::CountWhere => (self.n > 0).then(|| Decimal::from(self.met)),
            Rollup::ShareWhere => (self.n > 0).then(|| percent(self.met, of - self.na, def.decimals.max(1))).flatten(),
            Rollup::Min => self.lo.map(|v| unscale(v, measure.scale())),
            Rollup::Max => self.hi.map(|v| unscale(v, measure.scale())),
            Rollup::WeightedMean => mean(self.num, self.den, measure),
            Rollup::Sum if def.kind == Kind::Percent => percent(self.num, self.den, def.decimals),
            Rollup::Sum => (self.n > 0 || self.num != 0).then(|| unscale(self.num, measure.scale())),
        }
    }

    /// The value of a reporting unit itself.
    pub fn value_of_unit(&self, measure: &Measure) -> Option<Decimal> {
        match measure.def.kind {
            Kind::Percent => percent(self.num, self.den, measure.def.decimals),
            Kind::Text => None,
            _ => self.hi.map(|v| unscale(v, measure.scale())),
        }
    }

    /// The two numbers a percentage is made of, at a place above or at a unit; none if it is no percentage.
    pub fn parts(&self, measure: &Measure, of: i64, above: bool) -> Option<(i64, i64)> {
        match (measure.def.kind, measure.def.rollup) {
            (Kind::Percent, _) => Some((self.num, self.den)),
            (_, Rollup::ShareWhere) if above => Some((self.met, of - self.na)),
            _ => None,
        }
    }
}

fn mean(num: i64, den: i64, measure: &Measure) -> Option<Decimal> {
    let mean = unscale(num, measure.scale()).checked_div(Decimal::from(den))?;
    Some(mean.round_dp_with_strategy(measure.def.decimals, rust_decimal::RoundingStrategy::MidpointAwayFromZero))
}

/// Whether a value fulfils the condition of its measure; yes/no without a condition is fulfilled by yes.
pub fn is_met(measure: &Measure, condition: Option<&formula::Formula>, value: &Value) -> bool {
    let Some(shown) = value.shown(measure) else { return false };
    match condition {
        Some(condition) => condition.eval_bool(&[("value".to_owned(), Some(shown))].into()).ok().flatten().unwrap_or(false),
        None => shown == Decimal::ONE,
    }
}

/// A stored number from a decimal already known to fit.
pub fn whole(value: Decimal) -> i64 {
    value.round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointAwayFromZero).to_i64().unwrap_or(0)
}
