//! One indicator over all units: values as whole numbers, and the comparison with the threshold of each run of units.

use crate::model::{Applied, Given, Op, Outcome, Threshold, judge_one};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

/// Outcomes as one bit each, so that "any of them" is an OR.
pub const MET: u8 = 1;
/// See [`MET`].
pub const NOT_MET: u8 = 2;
/// See [`MET`].
pub const NO_LEVEL: u8 = 4;
/// See [`MET`].
pub const NO_DATA: u8 = 8;
/// See [`MET`].
pub const NOT_APPLICABLE: u8 = 16;

/// The bit of an outcome.
pub fn bit(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Met => MET,
        Outcome::NotMet => NOT_MET,
        Outcome::NoLevel => NO_LEVEL,
        Outcome::NoData => NO_DATA,
        Outcome::NotApplicable => NOT_APPLICABLE,
    }
}

/// The outcome of bits that were put together: the worst of them, as [`crate::model::combine`] says.
pub fn worst(bits: u8) -> Outcome {
    match bits {
        b if b & NOT_MET != 0 => Outcome::NotMet,
        b if b & NO_DATA != 0 => Outcome::NoData,
        b if b & NO_LEVEL != 0 => Outcome::NoLevel,
        b if b & MET != 0 => Outcome::Met,
        b if b & NOT_APPLICABLE != 0 => Outcome::NotApplicable,
        _ => Outcome::NoLevel,
    }
}

/// Kinds of values, one bit each.
const NUMBER: u8 = 1;
const RATIO: u8 = 2;
const ANSWER: u8 = 4;
const WORDS: u8 = 8;

/// Decimals that a moved threshold may have; a column keeps at least so many.
pub const DECIMALS: u32 = 2;
const MOST_DECIMALS: u32 = 6;

/// A threshold of one run of units, ready to be compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// Comparison.
    pub op: Option<Op>,
    /// Number.
    pub value: Option<Decimal>,
    /// Words that count as yes.
    pub expected: Option<String>,
}

impl Level {
    /// From what applies to a unit.
    pub fn of(applied: &Applied<'_>) -> Level {
        Level { op: applied.threshold.op, value: applied.value, expected: applied.threshold.expected.clone() }
    }

    /// Kinds of values that can be compared with it by a number; see [`crate::model::meets`].
    fn takes(&self) -> u8 {
        match (self.op, self.value) {
            (Some(_), Some(_)) => NUMBER | RATIO | ANSWER,
            (None, None) => NUMBER | ANSWER,
            (Some(_), None) => ANSWER,
            (None, Some(_)) => 0,
        }
    }
}

/// Values of one width.
#[derive(Clone, Debug)]
enum Numbers {
    Narrow(Vec<i32>),
    Wide(Vec<i64>),
}

/// One indicator (or part of one) over all units.
#[derive(Clone, Debug)]
pub struct Column {
    numbers: Numbers,
    /// Decimals kept in the numbers.
    decimals: u32,
    /// All bits set where there is a value to compare.
    compared: Vec<u8>,
    /// The outcome where there is none: no data, or not applicable.
    fixed: Vec<u8>,
    /// Kinds of values that occur.
    kinds: u8,
    /// The values themselves, where numbers cannot stand for them: words, and what is too large.
    given: Option<Vec<Option<Given>>>,
}

/// A value as a whole number: twice the number of 10⁻ˢ it holds in full, plus one if something is left over. Compared with twice
/// a threshold of at most `s` decimals it gives what the exact values give, under every comparison.
fn encoded(given: &Given, decimals: u32) -> Option<i64> {
    let (mantissa, unit) = match given {
        Given::Ratio { n, of } if *of > 0 => (i128::from(*n) * 100, i128::from(*of)),
        Given::Number { value } => (value.mantissa(), 10i128.checked_pow(value.scale())?),
        Given::Answer { yes } => (i128::from(*yes), 1),
        _ => return None,
    };
    let scaled = mantissa.checked_mul(10i128.checked_pow(decimals)?)?;
    let (whole, rest) = (scaled.div_euclid(unit), scaled.rem_euclid(unit));
    i64::try_from(whole.checked_mul(2)? + i128::from(rest != 0)).ok()
}

/// A threshold as twice a whole number; none when it has more decimals than the column keeps or is too large.
fn doubled(value: Decimal, decimals: u32) -> Option<i64> {
    let scaled = value.checked_mul(Decimal::from(10i64.checked_pow(decimals)?))?;
    if scaled.fract().is_zero() { scaled.to_i64()?.checked_mul(2) } else { None }
}

/// The numbers that fulfil a threshold, both ends included.
fn interval(level: &Level, decimals: u32) -> Option<(i64, i64)> {
    let (op, value) = match (level.op, level.value) {
        (Some(op), Some(value)) => (op, value),
        // Without a number a yes is wanted, or at least one.
        _ => (Op::AtLeast, Decimal::ONE),
    };
    let t = doubled(value, decimals)?;
    Some(match op {
        Op::AtLeast => (t, i64::MAX),
        Op::AtMost => (i64::MIN, t),
        Op::MoreThan => (t.checked_add(1)?, i64::MAX),
        Op::LessThan => (i64::MIN, t.checked_sub(1)?),
        Op::Exactly => (t, t),
    })
}

impl Column {
    /// A column of the values of all units, kept fit for the thresholds given.
    pub fn new(values: Vec<Option<Given>>, levels: &[Option<Level>]) -> Column {
        let wanted = levels.iter().flatten().filter_map(|l| l.value).map(|v| v.normalize().scale()).max().unwrap_or(0);
        let decimals = wanted.clamp(DECIMALS, MOST_DECIMALS);
        let mut exact = wanted <= MOST_DECIMALS && levels.iter().flatten().all(|l| interval(l, decimals).is_some());
        let mut kinds = 0;
        let mut numbers = Vec::with_capacity(values.len());
        let (mut compared, mut fixed) = (vec![0; values.len()], vec![NO_DATA; values.len()]);
        for ((value, compared), fixed) in values.iter().zip(&mut compared).zip(&mut fixed) {
            let kind = match value {
                Some(Given::NotApplicable) => {
                    *fixed = NOT_APPLICABLE;
                    0
                }
                Some(Given::Number { .. }) => NUMBER,
                Some(Given::Ratio { .. }) => RATIO,
                Some(Given::Answer { .. }) => ANSWER,
                Some(Given::Words { .. }) => WORDS,
                None => 0,
            };
            kinds |= kind;
            let number = value.as_ref().filter(|_| kind & (NUMBER | RATIO | ANSWER) != 0).map(|g| encoded(g, decimals));
            exact &= number != Some(None) && kind != WORDS;
            *compared = if kind == 0 { 0 } else { u8::MAX };
            numbers.push(number.flatten().unwrap_or_default());
        }
        // Of a column of mixed kinds a threshold may fit some and not others.
        exact &= u8::count_ones(kinds) <= 1;
        let narrow: Option<Vec<i32>> = numbers.iter().map(|n| i32::try_from(*n).ok()).collect();
        let numbers = narrow.map_or(Numbers::Wide(numbers), Numbers::Narrow);
        Column { numbers, decimals, compared, fixed, kinds, given: (!exact).then_some(values) }
    }

    /// Judges the units `from..to` by a threshold, into `out` of the same length.
    pub fn judge(&self, level: Option<&Level>, from: usize, to: usize, out: &mut [u8]) {
        let (Some(compared), Some(fixed)) = (self.compared.get(from..to), self.fixed.get(from..to)) else { return };
        let Some(level) = level else {
            // A value without a threshold is neither met nor failed, whatever the value is.
            for ((out, c), f) in out.iter_mut().zip(compared).zip(fixed) {
                *out = (c & NO_LEVEL) | (!c & f);
            }
            return;
        };
        if let Some(given) = &self.given {
            let threshold = Threshold { op: level.op, value: level.value, expected: level.expected.clone(), ..Threshold::default() };
            let applied = Applied { threshold: &threshold, value: level.value, rule: None, overruled: None };
            for (out, given) in out.iter_mut().zip(given.get(from..to).unwrap_or_default()) {
                *out = bit(judge_one(given.as_ref(), Some(&applied)));
            }
            return;
        }
        let Some((low, high)) = interval(level, self.decimals).filter(|_| self.kinds & !level.takes() == 0) else {
            // The kind of value does not go with such a threshold.
            for ((out, c), f) in out.iter_mut().zip(compared).zip(fixed) {
                *out = (c & NO_DATA) | (!c & f);
            }
            return;
        };
        match &self.numbers {
            Numbers::Narrow(all) => {
                // What lies beyond the width lies beyond every value of the column.
                let clamp = |n: i64| i32::try_from(n).unwrap_or(if n < 0 { i32::MIN } else { i32::MAX });
                let none = low > i64::from(i32::MAX) || high < i64::from(i32::MIN);
                let (low, high) = if none { (1, 0) } else { (clamp(low), clamp(high)) };
                compare(all.get(from..to).unwrap_or_default(), low, high, compared, fixed, out);
            }
            Numbers::Wide(all) => compare(all.get(from..to).unwrap_or_default(), low, high, compared, fixed, out),
        }
    }

    fn number(&self, unit: usize) -> Option<i64> {
        match &self.numbers {
            Numbers::Narrow(all) => all.get(unit).map(|n| i64::from(*n)),
            Numbers::Wide(all) => all.get(unit).copied(),
        }
    }

    /// The number of a unit as it is compared, rounded down to the decimals kept; none without one.
    pub fn shown(&self, unit: usize) -> Option<Decimal> {
        if self.compared.get(unit).copied().unwrap_or(0) == 0 || self.kinds & WORDS != 0 {
            return None;
        }
        if let Some(given) = &self.given {
            return given.get(unit).and_then(Option::as_ref).and_then(Given::number);
        }
        Some(Decimal::new(self.number(unit)?.div_euclid(2), self.decimals).normalize())
    }
}

/// The hot loop: values against two constants.
fn compare<T: Copy + PartialOrd>(values: &[T], low: T, high: T, compared: &[u8], fixed: &[u8], out: &mut [u8]) {
    for (((out, v), c), f) in out.iter_mut().zip(values).zip(compared).zip(fixed) {
        let inside = u8::from(*v >= low) & u8::from(*v <= high);
        // Met is 1 and not met is 2.
        *out = (c & (NOT_MET - inside)) | (!c & f);
    }
}
