//! Judging: a set, the traits of a unit and its values make a card of outcomes. Nothing here is known about storage or people.

use super::threshold::{Applied, Choice, Op, Traits, Why, threshold_for};
use super::{Compose, Indicator, Kind, Library, Set};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A value as it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Given {
    /// A number; of a choice the step from 0.
    Number {
        /// The number.
        #[schema(value_type = String)]
        value: Decimal,
    },
    /// n of N.
    Ratio {
        /// How many.
        n: i64,
        /// Of how many.
        of: i64,
    },
    /// Whether the unit does what is demanded.
    Answer {
        /// Yes.
        yes: bool,
    },
    /// Words.
    Words {
        /// The words.
        text: String,
    },
    /// It does not apply to the unit.
    NotApplicable,
}

impl Given {
    /// The number that is compared with a threshold: the number itself, or n ÷ N × 100, not rounded.
    pub fn number(&self) -> Option<Decimal> {
        match self {
            Given::Number { value } => Some(*value),
            Given::Ratio { n, of } => (Decimal::from(*n) * Decimal::ONE_HUNDRED).checked_div(Decimal::from(*of)),
            _ => None,
        }
    }
}

/// What was found about an indicator, a criterion or a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Met.
    Met,
    /// Not met.
    NotMet,
    /// There is a value but no threshold to compare it with: neither met nor failed.
    NoLevel,
    /// There is no value.
    NoData,
    /// It does not apply.
    NotApplicable,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Outcome; 5] = [Outcome::Met, Outcome::NotMet, Outcome::NoLevel, Outcome::NoData, Outcome::NotApplicable];

    /// One letter, as rows of assessments keep it.
    pub fn letter(self) -> char {
        match self {
            Outcome::Met => 'M',
            Outcome::NotMet => 'N',
            Outcome::NoLevel => 'L',
            Outcome::NoData => '-',
            Outcome::NotApplicable => 'A',
        }
    }

    /// The outcome of a letter.
    pub fn from_letter(letter: char) -> Option<Outcome> {
        Outcome::ALL.into_iter().find(|o| o.letter() == letter)
    }

    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Met => "met",
            Outcome::NotMet => "not_met",
            Outcome::NoLevel => "no_level",
            Outcome::NoData => "no_data",
            Outcome::NotApplicable => "not_applicable",
        }
    }

    /// (Vietnamese, English).
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            Outcome::Met => ("đạt", "met"),
            Outcome::NotMet => ("chưa đạt", "not met"),
            Outcome::NoLevel => ("chưa có mức", "no threshold"),
            Outcome::NoData => ("chưa có số liệu", "no data"),
            Outcome::NotApplicable => ("không áp dụng", "not applicable"),
        }
    }
}

/// How many indicators (or criteria) came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tally {
    /// Met.
    pub met: usize,
    /// Not met.
    pub not_met: usize,
    /// Without a threshold.
    pub no_level: usize,
    /// Without a value.
    pub no_data: usize,
    /// Not applicable.
    pub not_applicable: usize,
}

impl Tally {
    /// Counts outcomes.
    pub fn of(outcomes: impl IntoIterator<Item = Outcome>) -> Tally {
        let mut tally = Tally::default();
        for outcome in outcomes {
            match outcome {
                Outcome::Met => tally.met += 1,
                Outcome::NotMet => tally.not_met += 1,
                Outcome::NoLevel => tally.no_level += 1,
                Outcome::NoData => tally.no_data += 1,
                Outcome::NotApplicable => tally.not_applicable += 1,
            }
        }
        tally
    }

    /// All that were counted.
    pub fn all(&self) -> usize {
        self.met + self.not_met + self.no_level + self.no_data + self.not_applicable
    }

    /// All that apply.
    pub fn applying(&self) -> usize {
        self.all() - self.not_applicable
    }
}

/// Where the values of a unit are looked up, by the code of the indicator or part.
pub trait Values {
    /// The value, if there is one.
    fn given(&self, code: &str) -> Option<&Given>;
}

impl Values for BTreeMap<String, Given> {
    fn given(&self, code: &str) -> Option<&Given> {
        self.get(code)
    }
}

/// An indicator judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged<'a> {
    /// Position of its criterion in the set.
    pub criterion: usize,
    /// The indicator.
    pub indicator: &'a Indicator,
    /// What was found.
    pub outcome: Outcome,
    /// The threshold that applied.
    pub choice: Choice<'a>,
    /// How far the value is from the threshold, in the unit of the indicator; positive when it falls short.
    pub gap: Option<Decimal>,
    /// Of n of N: how many more (or fewer) are needed.
    pub missing_units: Option<i64>,
    /// Of a composite: its parts.
    pub parts: Vec<Judged<'a>>,
}

/// A unit judged by a set.
#[derive(Clone, Debug, PartialEq)]
pub struct Card<'a> {
    /// The set.
    pub set: &'a Set,
    /// Every indicator, in order.
    pub indicators: Vec<Judged<'a>>,
    /// Every criterion, in order; one without known indicators has no threshold.
    pub criteria: Vec<Outcome>,
    /// Indicators counted.
    pub tally: Tally,
    /// Criteria proper counted; conditions are apart.
    pub criteria_tally: Tally,
    /// The set as a whole.
    pub whole: Outcome,
}

impl Card<'_> {
    /// What was found about an indicator.
    pub fn outcome(&self, code: &str) -> Option<Outcome> {
        self.indicators.iter().find(|j| j.indicator.code == code).map(|j| j.outcome)
    }
}

/// Whether a value fulfils a threshold, for numbers and answers; `None` when they do not go together.
/// n of N is compared exactly, without rounding: 89.96 % is not 90 %.
pub fn meets(given: &Given, op: Option<Op>, threshold: Option<Decimal>, expected: Option<&str>) -> Option<bool> {
    match (given, op, threshold) {
        (Given::Answer { yes }, _, None) => Some(*yes),
        // A number that stands for an answer: at least one is yes.
        (Given::Answer { yes }, Some(op), Some(t)) => Some(op.holds(Decimal::from(i64::from(*yes)), t)),
        (Given::Ratio { n, of }, Some(op), Some(t)) if *of > 0 => Some(op.holds(Decimal::from(*n) * Decimal::ONE_HUNDRED, t.checked_mul(Decimal::from(*of))?)),
        (Given::Number { value }, Some(op), Some(t)) => Some(op.holds(*value, t)),
        (Given::Number { value }, None, None) => Some(*value >= Decimal::ONE),
        (Given::Words { text }, _, None) => expected.map(|e| lang::fold(e) == lang::fold(text)),
        _ => None,
    }
}

/// The outcome of a value against an applied threshold. Never allocates; a rehearsal of many units calls it directly.
pub fn judge_one(given: Option<&Given>, applied: Option<&Applied<'_>>) -> Outcome {
    let Some(given) = given else { return Outcome::NoData };
    if *given == Given::NotApplicable {
        return Outcome::NotApplicable;
    }
    let Some(applied) = applied else { return Outcome::NoLevel };
    match meets(given, applied.threshold.op, applied.value, applied.threshold.expected.as_deref()) {
        Some(true) => Outcome::Met,
        Some(false) => Outcome::NotMet,
        None => Outcome::NoData,
    }
}

/// All of them together: one failed fails; then one without value; then one without threshold; met only when all that apply are met.
pub fn combine(outcomes: impl IntoIterator<Item = Outcome>) -> Outcome {
    let tally = Tally::of(outcomes);
    match tally {
        Tally { not_met: 1.., .. } => Outcome::NotMet,
        Tally { no_data: 1.., .. } => Outcome::NoData,
        Tally { no_level: 1.., .. } => Outcome::NoLevel,
        Tally { met: 1.., .. } => Outcome::Met,
        Tally { not_applicable: 1.., .. } => Outcome::NotApplicable,
        _ => Outcome::NoLevel,
    }
}

/// Judges a unit by a set.
pub fn judge<'a>(library: &'a Library, set: &'a Set, traits: &'a Traits, values: &impl Values) -> Card<'a> {
    let mut indicators = Vec::with_capacity(set.indicators().count());
    let mut criteria = Vec::with_capacity(set.criteria.len());
    for (at, criterion) in set.criteria.iter().enumerate() {
        let start = indicators.len();
        for indicator in &criterion.indicators {
            indicators.push(judge_indicator(library, set, at, indicator, traits, values));
        }
        criteria.push(combine(indicators.iter().skip(start).map(|j: &Judged<'_>| j.outcome)));
    }
    let tally = Tally::of(indicators.iter().map(|j| j.outcome));
    let proper = set.criteria.iter().zip(&criteria).filter(|(c, _)| !c.condition || set.criteria_number() == 0);
    let criteria_tally = Tally::of(proper.map(|(_, o)| *o));
    let mut whole = combine(criteria.iter().copied());
    // Whoever meets all that is listed does not yet meet what is not listed.
    if whole == Outcome::Met && !set.is_whole() {
        whole = Outcome::NoLevel;
    }
    Card { set, indicators, criteria, tally, criteria_tally, whole }
}

/// Judges one indicator of a set.
pub(crate) fn judge_indicator<'a>(
    library: &'a Library,
    set: &'a Set,
    criterion: usize,
    indicator: &'a Indicator,
    traits: &'a Traits,
    values: &impl Values,
) -> Judged<'a> {
    let given = values.given(&indicator.code);
    if indicator.kind == Kind::Composite {
        let parts: Vec<Judged<'a>> = indicator.parts.iter().map(|p| judge_indicator(library, set, criterion, p, traits, values)).collect();
        let outcome = if given == Some(&Given::NotApplicable) { Outcome::NotApplicable } else { composed(indicator, &parts) };
        return Judged { criterion, indicator, outcome, choice: Choice::Missing(Why::Unknown), gap: None, missing_units: None, parts };
    }
    let choice = threshold_for(library, set, indicator, traits);
    let applied = match &choice {
        Choice::Applies(applied) => Some(applied),
        Choice::Missing(_) => None,
    };
    let outcome = judge_one(given, applied);
    let (gap, missing_units) = match (given, applied) {
        (Some(given), Some(applied)) => short_by(given, applied),
        _ => (None, None),
    };
    Judged { criterion, indicator, outcome, choice, gap, missing_units, parts: Vec::new() }
}

/// How far a value falls short: in the unit of the indicator, and of n of N in things.
fn short_by(given: &Given, applied: &Applied<'_>) -> (Option<Decimal>, Option<i64>) {
    let (Some(op), Some(threshold), Some(value)) = (applied.threshold.op, applied.value, given.number()) else { return (None, None) };
    let up = op.upward();
    let gap = match up {
        Some(true) => threshold - value,
        Some(false) => value - threshold,
        None => (threshold - value).abs(),
    };
    let things = match (given, up) {
        (Given::Ratio { n, of }, Some(up)) if *of > 0 => {
            let exact = threshold * Decimal::from(*of) / Decimal::ONE_HUNDRED;
            let whole = if up { exact.ceil() } else { exact.floor() };
            // "More than" needs one more when the bound itself is a whole number.
            let strict = matches!(op, Op::MoreThan | Op::LessThan) && exact.fract().is_zero();
            let wanted = whole.to_i64().map(|w| if strict { if up { w + 1 } else { w - 1 } } else { w });
            wanted.map(|w| if up { w - n } else { n - w })
        }
        _ => None,
    };
    (Some(gap), things.filter(|t| *t > 0))
}

fn composed(indicator: &Indicator, parts: &[Judged<'_>]) -> Outcome {
    let applying = || parts.iter().filter(|p| p.outcome != Outcome::NotApplicable);
    if applying().next().is_none() {
        return if parts.is_empty() { Outcome::NoLevel } else { Outcome::NotApplicable };
    }
    let open = |o: Outcome| matches!(o, Outcome::NoData | Outcome::NoLevel);
    let undecided = || if applying().any(|p| p.outcome == Outcome::NoData) { Outcome::NoData } else { Outcome::NoLevel };
    match indicator.compose.unwrap_or(Compose::All) {
        Compose::All => combine(parts.iter().map(|p| p.outcome)),
        Compose::AtLeast(k) => {
            let met = applying().filter(|p| p.outcome == Outcome::Met).count();
            let possible = met + applying().filter(|p| open(p.outcome)).count();
            match () {
                () if met >= k => Outcome::Met,
                () if possible < k => Outcome::NotMet,
                () => undecided(),
            }
        }
        Compose::Points(least) => {
            let sum = |keep: &dyn Fn(Outcome) -> bool| -> Decimal {
                applying().filter(|p| keep(p.outcome)).map(|p| p.indicator.points.unwrap_or(Decimal::ONE)).sum()
            };
            let met = sum(&|o| o == Outcome::Met);
            let possible = met + sum(&open);
            match () {
                () if met >= least => Outcome::Met,
                () if possible < least => Outcome::NotMet,
                () => undecided(),
            }
        }
    }
}
