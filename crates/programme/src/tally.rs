//! What a reading counts in one period at one place: n of N, the value, and what is missing.

use crate::plan::{Reading, Show};
use figures::{FigureView, Kind, Rollup, percent};
use rust_decimal::Decimal;
use uuid::Uuid;

/// The result of counting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The value to compare with the target; none when nothing was reported.
    pub value: Option<Decimal>,
    /// n of N behind a share.
    pub parts: Option<(i64, i64)>,
    /// Places that have to report, or that are counted.
    pub of: i64,
    /// Places of which nothing is known yet, or that said they do not know.
    pub missing: i64,
    /// Places whose figure waits for acceptance.
    pub awaiting: i64,
    /// Places to which it does not apply.
    pub not_applicable: i64,
    /// Places whose figure is an estimate.
    pub estimated: i64,
    /// The value if every place that is missing or waiting met it; none where that cannot be said.
    pub best: Option<Decimal>,
}

impl Tally {
    /// A share of things of which nobody knows how many there are elsewhere, from less than half of the places that have to
    /// report: it does not speak for all of them.
    pub fn speaks_for_few(&self) -> bool {
        self.parts.is_some() && self.best.is_none() && (self.missing + self.awaiting) * 2 > self.of
    }
}

/// How one counted place stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Fulfils the condition.
    Met,
    /// Reported and does not.
    NotMet,
    /// Its figure waits for acceptance.
    Awaiting,
    /// Nothing is known, or not enough.
    Missing,
    /// Not counted: it need not report, or it does not apply.
    Out,
}

/// A counted place.
#[derive(Clone, Debug)]
pub struct Place {
    /// The place.
    pub unit: Uuid,
    /// How it stands.
    pub state: State,
    /// Its figure.
    pub figure: FigureView,
}

fn is_share(v: &FigureView) -> bool {
    v.known.measure.def.kind == Kind::Percent || (!v.own && v.known.measure.def.rollup == Rollup::ShareWhere)
}

/// Nothing has been reported at all.
pub fn is_empty(v: &FigureView) -> bool {
    v.value.is_none() && v.n == 0
}

/// Whether a figure is a place's answer about itself, yes or no, however it is written: a commune that has three such
/// cooperatives is one of the communes that have any.
pub fn is_answer(v: &FigureView) -> bool {
    v.own && (v.known.measure.def.kind == Kind::YesNo || v.known.measure.def.rollup == Rollup::ShareWhere)
}

/// n of N of a figure that is a share, or of a place that reports yes or no about itself and is added to shares of others.
fn parts_of(v: &FigureView) -> Option<(i64, i64)> {
    if is_answer(v) {
        return (v.of > v.not_applicable).then_some((v.met.min(1), 1));
    }
    v.parts.or_else(|| (!v.own && v.known.measure.def.rollup == Rollup::ShareWhere && v.of > 0).then_some((0, v.of - v.not_applicable)))
}

/// Whether a place fulfils every one of several measures about itself: no as soon as one says no, yes when all say yes.
pub fn of_all(list: &[FigureView]) -> Tally {
    let mut out = Tally { of: i64::try_from(list.len()).unwrap_or(i64::MAX), ..Tally::default() };
    let mut failed = false;
    for v in list {
        match state(v, None) {
            State::Met | State::Out => {}
            State::NotMet => failed = true,
            State::Awaiting => out.awaiting += 1,
            State::Missing => out.missing += 1,
        }
    }
    let gaps = out.missing + out.awaiting > 0;
    out.value = match (failed, gaps) {
        (true, _) => Some(Decimal::ZERO),
        (false, false) if !list.is_empty() => Some(Decimal::ONE),
        _ => None,
    };
    out.best = Some(if failed { Decimal::ZERO } else { Decimal::ONE });
    out
}

/// The figures of a place itself: of shares n is added to n and N to N, of numbers the values.
pub fn of_figures(list: &[FigureView]) -> Tally {
    let mut out = Tally::default();
    for v in list {
        out.of += v.of;
        out.missing += v.missing;
        out.awaiting += v.awaiting;
        out.not_applicable += v.not_applicable;
        out.estimated += v.estimated;
    }
    let known: Vec<&FigureView> = list.iter().filter(|v| v.value.is_some()).collect();
    if known.is_empty() {
        return out;
    }
    if let [only] = list
        && is_answer(only)
    {
        out.value = Some(if only.met > 0 { Decimal::ONE } else { Decimal::ZERO });
        out.best = out.value;
        return out;
    }
    // A district that reports about itself and its communes together are places all the same.
    let mixed = list.len() > 1 && known.iter().any(|v| is_share(v));
    if known.iter().all(|v| is_share(v) || (mixed && is_answer(v))) {
        // A measure without any figure still has its places in N, where places are what is counted.
        let counted = list.iter().filter_map(parts_of);
        let (n, of) = counted.fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        let decimals = known.iter().map(|v| v.decimals()).max().unwrap_or(1).max(1);
        out.parts = Some((n, of));
        out.value = match known.as_slice() {
            [only] if list.len() == 1 => only.value,
            _ => percent(n, of, decimals),
        };
        let places = list.iter().all(|v| v.known.measure.def.kind == Kind::YesNo && v.known.measure.def.rollup == Rollup::ShareWhere);
        let gaps = out.missing + out.awaiting;
        out.best = if places { percent((n + gaps).min(of), of, decimals) } else { (gaps == 0).then_some(out.value).flatten() };
        return out;
    }
    out.value = Some(known.iter().filter_map(|v| v.value).sum());
    out.best = (out.missing + out.awaiting == 0).then_some(out.value).flatten();
    out
}

/// How a place stands under a reading.
pub fn state(v: &FigureView, at_least: Option<Decimal>) -> State {
    if v.of == 0 || (v.own && v.not_applicable > 0) {
        return State::Out;
    }
    let met = match (at_least, v.value) {
        (Some(least), Some(value)) => value >= least,
        (Some(_), None) => false,
        (None, _) if v.own => v.met > 0,
        (None, value) => value.is_some_and(|x| x > Decimal::ZERO),
    };
    // What is missing below could still bring a place that adds up to the mark; what is met stays met.
    match met {
        true => State::Met,
        false if v.awaiting > 0 => State::Awaiting,
        false if v.missing > 0 => State::Missing,
        false => State::NotMet,
    }
}

/// Places counted one by one.
pub fn of_places(reading: &Reading, places: &[Place]) -> Tally {
    let count = |state: State| i64::try_from(places.iter().filter(|p| p.state == state).count()).unwrap_or(i64::MAX);
    let (met, awaiting, missing) = (count(State::Met), count(State::Awaiting), count(State::Missing));
    let of = met + awaiting + missing + count(State::NotMet);
    let known = places.iter().any(|p| p.state != State::Out && !is_empty(&p.figure));
    let result = |met: i64| match reading.show {
        Show::Share => percent(met, of, 1),
        Show::Number => Some(Decimal::from(met)),
        Show::YesNo => Some(if of > 0 && met == of { Decimal::ONE } else { Decimal::ZERO }),
    };
    Tally {
        value: known.then(|| result(met)).flatten(),
        parts: (reading.show == Show::Share && known).then_some((met, of)),
        of,
        missing,
        awaiting,
        not_applicable: count(State::Out),
        estimated: i64::try_from(places.iter().filter(|p| p.figure.estimated > 0).count()).unwrap_or(0),
        best: known.then(|| result(met + awaiting + missing)).flatten(),
    }
}
