//! Whether a target is met, will be, or is not; and the forecast to the deadline.

use crate::plan::Op;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;
use ui::Tone;
use utoipa::ToSchema;

/// How a target stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The value fulfils it.
    Met,
    /// Not yet, but the forecast does.
    OnTrack,
    /// Not yet, and too few periods for a forecast.
    Underway,
    /// Not yet, and the forecast does not.
    Behind,
    /// The last day has passed and what is missing could still decide either way.
    Open,
    /// The last day has passed and it was not met.
    NotMet,
    /// There is no value; what is missing is said.
    NoData,
}

impl Verdict {
    /// All, from good to unknown.
    pub const ALL: [Verdict; 7] = [Verdict::Met, Verdict::OnTrack, Verdict::Underway, Verdict::Behind, Verdict::Open, Verdict::NotMet, Verdict::NoData];

    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Met => "met",
            Verdict::OnTrack => "on_track",
            Verdict::Underway => "underway",
            Verdict::Behind => "behind",
            Verdict::Open => "open",
            Verdict::NotMet => "not_met",
            Verdict::NoData => "no_data",
        }
    }

    /// (Vietnamese, English).
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            Verdict::Met => ("đạt", "met"),
            Verdict::OnTrack => ("đúng hướng", "on track"),
            Verdict::Underway => ("đang làm", "under way"),
            Verdict::Behind => ("chậm", "behind"),
            Verdict::Open => ("chưa kết luận", "undecided"),
            Verdict::NotMet => ("không đạt", "not met"),
            Verdict::NoData => ("chưa có số", "no figure"),
        }
    }

    /// The weight on the screen; the label says the same in words.
    pub fn tone(self) -> Tone {
        match self {
            Verdict::Met | Verdict::OnTrack => Tone::Good,
            Verdict::Underway | Verdict::Behind | Verdict::Open => Tone::Warn,
            Verdict::NotMet => Tone::Bad,
            Verdict::NoData => Tone::Plain,
        }
    }
}

/// What a verdict is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    /// See [`Op`].
    pub op: Op,
    /// What must be reached.
    pub required: Decimal,
    /// The value.
    pub value: Option<Decimal>,
    /// The value if all that is missing met it; none where that cannot be said.
    pub best: Option<Decimal>,
    /// Whether anything is missing or waits.
    pub gaps: bool,
    /// See [`crate::tally::Tally::speaks_for_few`].
    pub few: bool,
    /// Whether the last day has passed.
    pub over: bool,
    /// Value at the deadline if things go on as they did.
    pub forecast: Option<Decimal>,
}

/// Judges a case.
pub fn judge(case: &Case) -> Verdict {
    let Some(value) = case.value else { return Verdict::NoData };
    let holds = |x: Decimal| case.op.holds(x, case.required);
    // "At most" is not sure before everybody has reported.
    let sure = (case.op == Op::AtLeast || !case.gaps) && !case.few;
    if holds(value) && sure {
        return Verdict::Met;
    }
    if case.over {
        let could = case.few || case.gaps && case.best.is_none_or(|best| holds(best) || case.op == Op::AtMost);
        return if could { Verdict::Open } else { Verdict::NotMet };
    }
    match case.forecast {
        Some(then) if holds(then) => Verdict::OnTrack,
        Some(_) => Verdict::Behind,
        None => Verdict::Underway,
    }
}

/// A value at the deadline if it goes on changing as in the last periods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// The day.
    pub on: Date,
    /// The value then.
    pub value: Decimal,
    /// First and last day it was drawn from.
    pub from: Date,
    /// See `from`.
    pub to: Date,
    /// How many known periods.
    pub periods: usize,
}

/// Fewest and most periods a forecast is drawn from.
const FEWEST: usize = 3;
const MOST: usize = 4;

/// The straight line through the first and the last of the (at most four) newest known values, drawn on to the deadline.
/// None with fewer than three values or when the deadline is not ahead. A share stays within 0 and 100.
pub fn forecast(known: &[(Date, Decimal)], deadline: Date, share: bool, decimals: u32) -> Option<Forecast> {
    let newest = known.get(known.len().saturating_sub(MOST)..)?;
    let ((from, first), (to, last)) = (*newest.first()?, *newest.last()?);
    if newest.len() < FEWEST || deadline <= to || to <= from {
        return None;
    }
    let days = |a: Date, b: Date| a.until(b).ok().map(|span| Decimal::from(span.get_days()));
    let slope = last.checked_sub(first)?.checked_div(days(from, to)?)?;
    let value = last.checked_add(slope.checked_mul(days(to, deadline)?)?)?;
    let value = if share { value.clamp(Decimal::ZERO, Decimal::ONE_HUNDRED) } else { value.max(Decimal::ZERO) };
    let value = value.round_dp_with_strategy(decimals, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
    Some(Forecast { on: deadline, value, from, to, periods: newest.len() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(n: i64) -> Date {
        jiff::civil::date(2024, 1, 1).checked_add(jiff::Span::new().days(n)).unwrap()
    }

    #[test]
    fn a_line_goes_on_to_the_deadline() {
        let points = [(day(0), Decimal::from(40)), (day(100), Decimal::from(45)), (day(200), Decimal::from(50))];
        let then = forecast(&points, day(400), true, 1).unwrap();
        assert_eq!((then.value, then.periods), (Decimal::from(60), 3));
        assert_eq!(forecast(&points, day(2_000), true, 1).unwrap().value, Decimal::ONE_HUNDRED);
        assert_eq!(forecast(&points, day(200), true, 1), None);
        assert_eq!(forecast(&points[..2], day(400), true, 1), None);
    }

    fn case() -> impl Strategy<Value = Case> {
        let number = || (0i64..=1_000).prop_map(|n| Decimal::new(n, 1));
        let maybe = || proptest::option::of(number());
        (any::<bool>(), number(), maybe(), maybe(), any::<bool>(), any::<bool>(), any::<bool>(), maybe()).prop_map(
            |(most, required, value, best, gaps, few, over, forecast)| Case {
                op: if most { Op::AtMost } else { Op::AtLeast },
                required,
                value,
                best: best.map(|b| value.map_or(b, |v| v.max(b))),
                gaps,
                few: few && gaps,
                over,
                forecast: forecast.filter(|_| !over),
            },
        )
    }

    proptest! {
        #[test]
        fn a_verdict_says_what_it_means(case in case()) {
            let holds = |x: Decimal| case.op.holds(x, case.required);
            match judge(&case) {
                Verdict::NoData => prop_assert!(case.value.is_none()),
                Verdict::Met => prop_assert!(case.value.is_some_and(holds) && !case.few),
                Verdict::NotMet => prop_assert!(case.over && (!case.gaps || !case.value.is_some_and(holds))),
                Verdict::Open => prop_assert!(case.over && case.gaps),
                Verdict::OnTrack => prop_assert!(!case.over && case.forecast.is_some_and(holds)),
                Verdict::Behind => prop_assert!(!case.over && !case.forecast.is_some_and(holds)),
                Verdict::Underway => prop_assert!(!case.over && case.forecast.is_none()),
            }
        }

        /// More never makes an "at least" worse.
        #[test]
        fn a_larger_value_is_never_worse(case in case(), more in 0i64..500) {
            prop_assume!(case.op == Op::AtLeast);
            let Some(value) = case.value else { return Ok(()) };
            let larger = value + Decimal::new(more, 1);
            let better = Case { value: Some(larger), best: case.best.map(|b| b.max(larger)), forecast: case.forecast.map(|f| f.max(larger)), ..case };
            if judge(&case) == Verdict::Met { prop_assert_eq!(judge(&better), Verdict::Met); }
            if case.over && judge(&case) == Verdict::Open { prop_assert_ne!(judge(&better), Verdict::NotMet); }
        }
    }
}
