//! The scorecard of a unit: what was scored, judged by what was known when it was scored.

use super::{Linked, Shelf};
use crate::model::{Applied, Card, Choice, Given, Judged, Kind, Library, Outcome, Set, Traits, Values, Why, combine, judge, judge_indicator};
use crate::store::assess::{Assessment, Filled, Key, Line, Stage};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// An indicator on a scorecard.
#[derive(Clone, Debug)]
pub struct Scored {
    /// The last line.
    pub last: Option<Line>,
    /// All lines, oldest first.
    pub history: Vec<Line>,
    /// The value that counts now: of the last line, or of the figures while nothing was scored.
    pub filled: Filled,
    /// The figure behind it.
    pub linked: Option<Linked>,
    /// The figure is another one than the line was scored with.
    pub moved: bool,
    /// Pieces of evidence that hold.
    pub evidence: usize,
    /// Evidence is demanded and there is none, so that it cannot be met.
    pub lacks_evidence: bool,
    /// Everything is claimed and nothing is proved.
    pub too_good: bool,
    /// How far it has come.
    pub stage: Stage,
    /// Number of the last line under any version, to send back when scoring.
    pub seq: i64,
}

/// A unit, a set, a year.
#[derive(Clone, Debug)]
pub struct Scorecard {
    /// The set in the version the assessment is pinned to.
    pub set: Arc<Set>,
    /// All sets, for thresholds that stand on others.
    pub library: Library,
    /// Unit.
    pub unit: Uuid,
    /// Year.
    pub year: i16,
    /// What decides which thresholds apply.
    pub traits: Traits,
    /// By indicator.
    pub scored: BTreeMap<String, Scored>,
    /// Values by indicator and part.
    pub values: BTreeMap<String, Given>,
    /// The stored state; none before anything was scored.
    pub state: Option<Assessment>,
    /// What was known of sets when an indicator was scored, where that is less than what is known now.
    then: BTreeMap<String, Then>,
}

/// What was known of sets at an earlier moment.
#[derive(Clone, Debug)]
struct Then {
    library: Library,
    set: Arc<Set>,
}

struct Proved<'a> {
    values: &'a BTreeMap<String, Given>,
}

impl Values for Proved<'_> {
    fn given(&self, code: &str) -> Option<&Given> {
        self.values.get(code)
    }
}

impl Scorecard {
    /// The card as it stands: what was scored is judged by what was known of thresholds when it was scored, so that later changes of the
    /// set leave it as it was; values that lack demanded evidence are not met.
    pub fn card(&self) -> Card<'_> {
        let mut card = judge(&self.library, &self.set, &self.traits, &Proved { values: &self.values });
        for j in &mut card.indicators {
            if let Some(then) = self.judged_then(j) {
                *j = then;
            }
            if j.outcome == Outcome::Met && self.scored.get(&j.indicator.code).is_some_and(|s| s.lacks_evidence) {
                j.outcome = Outcome::NoData;
            }
        }
        recount(&self.set, &mut card);
        card
    }

    /// An indicator judged by what was known when it was scored; none when that is what is known now.
    fn judged_then(&self, now: &Judged<'_>) -> Option<Judged<'_>> {
        let then = self.then.get(&now.indicator.code)?;
        let indicator = then.set.indicators().find(|i| i.code == now.indicator.code)?;
        Some(judge_indicator(&then.library, &then.set, now.criterion, indicator, &self.traits, &Proved { values: &self.values }))
    }

    /// Indicators that were scored by another threshold than the one known now, with that of now in words.
    pub fn outdated(&self) -> Vec<(String, String)> {
        let card = judge(&self.library, &self.set, &self.traits, &Proved { values: &self.values });
        let choices = |j: &Judged<'_>| -> Vec<String> { std::iter::once(j).chain(&j.parts).map(|j| basis_of_choice(&self.set, j)).collect() };
        let changed = card.indicators.iter().filter_map(|now| {
            let then = self.judged_then(now)?;
            (choices(&then) != choices(now)).then(|| (now.indicator.code.clone(), basis_of_choice(&self.set, now)))
        });
        changed.collect()
    }
}

/// Makes criteria and totals agree with the outcomes of the indicators.
pub(crate) fn recount(set: &Set, card: &mut Card<'_>) {
    for (nth, outcome) in card.criteria.iter_mut().enumerate() {
        *outcome = combine(card.indicators.iter().filter(|j| j.criterion == nth).map(|j| j.outcome));
    }
    card.tally = crate::model::Tally::of(card.indicators.iter().map(|j| j.outcome));
    let proper = set.criteria.iter().zip(&card.criteria).filter(|(c, _)| !c.condition || set.criteria_number() == 0);
    card.criteria_tally = crate::model::Tally::of(proper.map(|(_, o)| *o));
    card.whole = combine(card.criteria.iter().copied());
    if card.whole == Outcome::Met && !set.is_whole() {
        card.whole = Outcome::NoLevel;
    }
}

/// The threshold that applied, in words that stay with the line.
pub(crate) fn basis(set: &Set, j: &Judged<'_>) -> String {
    if j.indicator.kind == Kind::Composite { String::new() } else { basis_of_choice(set, j) }
}

fn basis_of_choice(set: &Set, j: &Judged<'_>) -> String {
    match &j.choice {
        Choice::Missing(why) => why.label().0.to_owned(),
        Choice::Applies(applied) => format!("{} ({})", level_words(applied), clause_of(set, j, applied)),
    }
}

/// `≥ 90`, or what the annex prints for yes or no.
pub fn level_words(applied: &Applied<'_>) -> String {
    match (applied.threshold.op, applied.value) {
        (Some(op), Some(value)) => format!("{} {}", op.shown(), lang::show::number_upto(value, 6)),
        _ => applied.threshold.expected.clone().unwrap_or_default(),
    }
}

/// The clause that sets a threshold.
pub fn clause_of(set: &Set, j: &Judged<'_>, applied: &Applied<'_>) -> String {
    let t = applied.threshold;
    let document = t.document.as_deref().unwrap_or(&set.document);
    let mut out = format!("{document}, {}", t.clause.clone().unwrap_or_else(|| format!("chỉ tiêu {}", j.indicator.code)));
    if let Some(rule) = applied.rule {
        out.push_str(&format!("; {} {}", rule.document, rule.clause));
    }
    out
}

/// Where an assessment and what is known about it come from.
pub(crate) struct Parts<'a> {
    pub shelf: &'a Shelf,
    pub set: Arc<Set>,
    pub key: Key,
    pub traits: Traits,
    pub state: Option<Assessment>,
    pub lines: Vec<Line>,
    pub linked: BTreeMap<String, Linked>,
    pub evidence: &'a Option<HashMap<String, usize>>,
}

/// Puts a scorecard together. Without lines the figures count; with lines what they were scored with. Lines of other versions of the set
/// are another assessment.
pub(crate) fn assemble(parts: Parts<'_>) -> Scorecard {
    let Parts { shelf, set, key, traits, state, lines, mut linked, evidence } = parts;
    let mut by_code: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    let mut seqs: BTreeMap<String, i64> = BTreeMap::new();
    for line in lines {
        seqs.insert(line.indicator.clone(), line.seq);
        if line.version == set.version {
            by_code.entry(line.indicator.clone()).or_default().push(line);
        }
    }
    let mut scored = BTreeMap::new();
    let mut values = BTreeMap::new();
    let mut then = BTreeMap::new();
    for i in set.indicators() {
        let history = by_code.remove(&i.code).unwrap_or_default();
        let own = linked.remove(&i.code);
        let last = history.last().cloned();
        if let Some(library) = last.as_ref().and_then(|l| shelf.as_of(l.known))
            && let Some(set) = library.version(&set.code, set.version).cloned()
        {
            then.insert(i.code.clone(), Then { library, set });
        }
        let filled = match &last {
            Some(line) => line.filled.clone(),
            None => {
                let parts = i.parts.iter().filter_map(|p| Some((p.code.clone(), linked.get(&p.code)?.given.clone()?))).collect();
                Filled { given: own.as_ref().and_then(|l| l.given.clone()), parts, linked: own.is_some() }
            }
        };
        let moved =
            own.as_ref().is_some_and(|l| last.as_ref().is_some_and(|line| line.filled.given != Some(Given::NotApplicable) && line.filled.given != l.given));
        if let Some(given) = &filled.given {
            values.insert(i.code.clone(), given.clone());
        }
        values.extend(filled.parts.iter().map(|(code, given)| (code.clone(), given.clone())));
        let proofs = evidence.as_ref().and_then(|e| e.get(&i.code)).copied().unwrap_or(0);
        let full = matches!(&filled.given, Some(Given::Ratio { n, of }) if n == of && *of > 0)
            || matches!(&filled.given, Some(g) if i.kind.is_share() && g.number() == Some(rust_decimal::Decimal::ONE_HUNDRED));
        scored.insert(
            i.code.clone(),
            Scored {
                stage: last.as_ref().map_or(Stage::Open, |l| l.stage),
                seq: seqs.get(&i.code).copied().unwrap_or(0),
                history,
                filled,
                linked: own,
                moved,
                evidence: proofs,
                lacks_evidence: i.evidence && evidence.is_some() && proofs == 0,
                too_good: full && evidence.is_some() && proofs == 0,
                last,
            },
        );
    }
    Scorecard { library: shelf.library.clone(), unit: key.unit, year: key.year, traits, scored, values, state, set, then }
}

/// What counts of an indicator by its lines: the outcome accepted last, unless it was given back since. A later score that waits, or
/// that was given back itself, does not take away what was accepted before.
pub(crate) fn counted(history: &[Line]) -> Option<Outcome> {
    let mut out = None;
    let mut before = Stage::Open;
    for line in history {
        match line.stage {
            Stage::Accepted => out = Some(line.outcome),
            Stage::Returned if before == Stage::Accepted => out = None,
            _ => {}
        }
        before = line.stage;
    }
    out
}

/// The stored state of a card.
pub(crate) fn project(card: &Scorecard, judged: &Card<'_>, at: i64) -> Assessment {
    let outcomes: String = judged
        .indicators
        .iter()
        .map(|j| if card.scored.get(&j.indicator.code).is_some_and(|s| s.last.is_some()) { j.outcome } else { Outcome::NoData }.letter())
        .collect();
    let states: String = judged.indicators.iter().map(|j| card.scored.get(&j.indicator.code).map_or(Stage::Open, |s| s.stage).letter()).collect();
    // What was accepted alone.
    let accepted: Vec<Outcome> =
        judged.indicators.iter().map(|j| card.scored.get(&j.indicator.code).and_then(|s| counted(&s.history)).unwrap_or(Outcome::NoData)).collect();
    let mut whole = combine(accepted);
    if whole == Outcome::Met && !card.set.is_whole() {
        whole = Outcome::NoLevel;
    }
    Assessment {
        unit: card.unit,
        version: card.set.version,
        outcomes,
        states,
        met: i64::try_from(judged.tally.met).unwrap_or(0),
        criteria_met: i64::try_from(judged.criteria_tally.met).unwrap_or(0),
        whole: judged.whole,
        accepted: whole,
        changed_at: at,
    }
}

/// The reason why there is no threshold, for people.
pub fn why_words(why: Why, lang: ui::Lang) -> &'static str {
    let (vi, en) = why.label();
    lang.t(vi, en)
}
