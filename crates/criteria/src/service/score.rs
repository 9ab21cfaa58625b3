//! Scoring: a unit judges itself by a set for a year. Lines only grow; the state of the assessment is a projection of them.

use super::values::is_linked;
use super::{Criteria, Linked, set_id, unknown_indicator, unknown_unit};
use crate::model::{Applied, Card, Choice, Given, Judged, Kind, Library, Outcome, Set, Traits, Values, Why, combine, judge};
use crate::store::assess::{self, Assessment, Filled, Key, Line, Stage};
use access::{Context, Role, db_error};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use ui::AppError;
use uuid::Uuid;

/// What a person typed for an indicator.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// Indicator.
    pub indicator: String,
    /// Value; none leaves it to the figures, or takes it away.
    pub given: Option<Given>,
    /// Values of the parts of a composite.
    pub parts: BTreeMap<String, Given>,
    /// Note.
    pub note: String,
    /// Number of the last line seen, to notice that somebody else was faster.
    pub seen: Option<i64>,
}

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
    /// The card as it stands: values that lack demanded evidence are not met.
    pub fn card(&self) -> Card<'_> {
        let mut card = judge(&self.library, &self.set, &self.traits, &Proved { values: &self.values });
        for j in &mut card.indicators {
            if j.outcome == Outcome::Met && self.scored.get(&j.indicator.code).is_some_and(|s| s.lacks_evidence) {
                j.outcome = Outcome::NoData;
            }
        }
        recount(&self.set, &mut card);
        card
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
    match &j.choice {
        _ if j.indicator.kind == Kind::Composite => String::new(),
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

fn set_not_in_force(set: &Set, year: i16) -> AppError {
    AppError::new("set_not_in_force", 422)
        .say(format!("Bộ tiêu chí {} không áp dụng cho năm {year}.", set.code), format!("The set {} is not in force in {year}.", set.code))
        .mend("Chọn năm khác hoặc bộ khác.", "Choose another year or set.")
        .at("year")
}

impl Criteria {
    /// Where an assessment is kept, once it is clear that there can be one.
    ///
    /// # Errors
    /// 404 `unknown_unit`; 422 `set_not_in_force`, `future_year`, `wrong_level`.
    pub(crate) fn key(&self, ctx: &Context, set: &Set, unit: Uuid, year: i16) -> Result<Key, AppError> {
        let atlas = self.figures().places().atlas();
        let tenant = atlas.unit(unit).ok_or_else(unknown_unit)?.tenant;
        if !set.in_year(year) {
            return Err(set_not_in_force(set, year));
        }
        if year > ctx.today().year() {
            return Err(AppError::new("future_year", 422).say(format!("Năm {year} chưa bắt đầu."), format!("{year} has not begun.")).at("year"));
        }
        if !self.judges(set, unit, set.judged_on(year)) {
            let name = atlas.full_name(unit, set.judged_on(year));
            let who = if set.kinds.is_empty() { set.level.label().0.to_owned() } else { set.kinds.join(", ") };
            return Err(AppError::new("wrong_level", 422)
                .say(
                    format!("{name} không thuộc diện chấm của bộ này vào ngày {}: bộ dùng cho {who}.", lang::show::short_date(set.judged_on(year))),
                    format!("{name} is not judged by this set on {}.", set.judged_on(year)),
                )
                .mend("Chọn đơn vị hoặc năm khác.", "Choose another unit or year.")
                .at("unit"));
        }
        Ok(Key { tenant, set: set.code.clone(), year, unit })
    }

    /// The set in the version that an assessment is pinned to.
    fn pinned(&self, set: &Arc<Set>, state: Option<&Assessment>) -> Arc<Set> {
        state.and_then(|s| self.shelf().library.version(&set.code, s.version).cloned()).unwrap_or_else(|| Arc::clone(set))
    }

    /// The scorecard of a unit.
    ///
    /// # Errors
    /// 404 `unknown_set`, `unknown_unit`; 422 as there can be none; what the database says.
    pub async fn scorecard(&self, ctx: &Context, code: &str, unit: Uuid, year: i16) -> Result<Scorecard, AppError> {
        let shelf = self.current().await;
        let newest = self.set(code)?;
        let key = self.key(ctx, &newest, unit, year)?;
        let state = assess::one(self.db(), &key).await.map_err(db_error)?;
        let lines = assess::lines(self.db(), &key).await.map_err(db_error)?;
        let set = self.pinned(&newest, state.as_ref());
        let linked = self.linked(&set, unit, year).await?;
        let evidence = self.proofs(ctx, &set, unit, year).await?;
        Ok(assemble(&shelf.library, set, key, self.traits(&newest, unit, year), state, lines, linked, &evidence))
    }

    /// How many pieces of evidence hold for each indicator. Who may not look into the unit is told nothing, and nothing is held against the unit.
    pub(crate) async fn proofs(&self, ctx: &Context, set: &Set, unit: Uuid, year: i16) -> Result<Option<HashMap<String, usize>>, AppError> {
        self.evidence_of(ctx, set_id(&set.code), unit, year).await
    }

    /// Scores indicators: each value judged by the threshold that applies, appended as a line that waits for appraisal.
    /// Values of linked indicators are taken from the figures. How many lines are new.
    ///
    /// # Errors
    /// 401/403 without an officer's role at the unit; 404 `unknown_set`, `unknown_unit`, `unknown_indicator`; 409 `changed_by_other`;
    /// 422 as there can be no assessment, `not_applicable_refused`, `value_kind`.
    pub async fn score(&self, ctx: &Context, code: &str, unit: Uuid, year: i16, typed: &[Typed]) -> Result<usize, AppError> {
        self.current().await;
        let newest = self.set(code)?;
        let key = self.key(ctx, &newest, unit, year)?;
        self.require_at(ctx, Role::Officer, unit)?;
        let linked = self.linked(&newest, unit, year).await?;
        let evidence = self.proofs(ctx, &newest, unit, year).await?;
        let traits = self.traits(&newest, unit, year);
        let mut tx = self.db().begin().await.map_err(db_error)?;
        access::lock_tenant(&mut tx, key.tenant).await.map_err(db_error)?;
        let state = assess::one_tx(&mut tx, &key).await.map_err(db_error)?;
        let set = self.pinned(&newest, state.as_ref());
        let before = assess::lines_tx(&mut tx, &key).await.map_err(db_error)?;
        let shelf = self.shelf();
        let mut new: Vec<Line> = Vec::new();
        for t in typed {
            let indicator = set.indicators().find(|i| i.code == t.indicator).ok_or_else(|| unknown_indicator(&t.indicator))?;
            let last = before.iter().rfind(|l| l.indicator == t.indicator);
            if t.seen.is_some_and(|seen| seen != last.map_or(0, |l| l.seq)) {
                return Err(AppError::new("changed_by_other", 409)
                    .say(
                        format!("Trong lúc bạn chấm, chỉ tiêu {} đã được người khác ghi.", t.indicator),
                        format!("Meanwhile somebody else wrote indicator {}.", t.indicator),
                    )
                    .mend("Tải lại bảng điểm rồi chấm tiếp.", "Load the scorecard again.")
                    .at(t.indicator.clone()));
            }
            let mut filled = Filled { given: t.given.clone(), parts: t.parts.clone(), linked: false };
            if is_linked(indicator) && t.given != Some(Given::NotApplicable) {
                filled = Filled { given: linked.get(&t.indicator).and_then(|l| l.given.clone()), parts: BTreeMap::new(), linked: true };
            }
            for part in indicator.parts.iter().filter(|p| is_linked(p)) {
                match linked.get(&part.code).and_then(|l| l.given.clone()) {
                    Some(given) => filled.parts.insert(part.code.clone(), given),
                    None => filled.parts.remove(&part.code),
                };
            }
            if filled.given == Some(Given::NotApplicable) && indicator.applies_if.is_none() {
                return Err(AppError::new("not_applicable_refused", 422)
                    .say(
                        format!("Chỉ tiêu {} áp dụng cho mọi đơn vị, không ghi “không áp dụng”.", t.indicator),
                        format!("Indicator {} applies to every unit.", t.indicator),
                    )
                    .at(t.indicator.clone()));
            }
            let note: String = lang::clean(&t.note).chars().take(1_000).collect();
            if last.is_some_and(|l| l.filled == filled && l.note == note && l.stage != Stage::Returned)
                || (last.is_none() && filled.given.is_none() && filled.parts.is_empty() && note.is_empty())
            {
                continue;
            }
            new.push(Line {
                indicator: t.indicator.clone(),
                seq: last.map_or(0, |l| l.seq) + 1,
                version: set.version,
                stage: Stage::Scored,
                filled,
                outcome: Outcome::NoData,
                basis: String::new(),
                note,
                reason: String::new(),
                who: ctx.account_id(),
                who_name: ctx.author_name().to_owned(),
                at: calendar::micros(ctx.at),
            });
        }
        if new.is_empty() {
            return Ok(0);
        }
        let all: Vec<Line> = before.into_iter().chain(new.iter().cloned()).collect();
        let card = assemble(&shelf.library, Arc::clone(&set), key.clone(), traits, state, all, BTreeMap::new(), &evidence);
        let judged = card.card();
        for line in &mut new {
            if let Some(j) = judged.indicators.iter().find(|j| j.indicator.code == line.indicator) {
                line.outcome = j.outcome;
                line.basis = basis(&set, j);
            }
        }
        let row = project(&card, &judged, calendar::micros(ctx.at));
        assess::save(&mut tx, &key, &row, &new).await.map_err(db_error)?;
        let detail = serde_json::json!({"set": code, "year": year, "indicators": new.iter().map(|l| &l.indicator).collect::<Vec<_>>()});
        access::audit(&mut tx, ctx, key.tenant, "criteria.score", &unit.to_string(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        self.figures().tell();
        Ok(new.len())
    }
}

/// Puts a scorecard together. Without lines the figures count; with lines what they were scored with.
#[expect(clippy::too_many_arguments, reason = "each is another source of the card")]
pub(crate) fn assemble(
    library: &Library,
    set: Arc<Set>,
    key: Key,
    traits: Traits,
    state: Option<Assessment>,
    lines: Vec<Line>,
    mut linked: BTreeMap<String, Linked>,
    evidence: &Option<HashMap<String, usize>>,
) -> Scorecard {
    let mut by_code: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    for line in lines {
        by_code.entry(line.indicator.clone()).or_default().push(line);
    }
    let mut scored = BTreeMap::new();
    let mut values = BTreeMap::new();
    for i in set.indicators() {
        let history = by_code.remove(&i.code).unwrap_or_default();
        let own = linked.remove(&i.code);
        let last = history.last().cloned();
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
        let stage = last.as_ref().map_or(Stage::Open, |l| l.stage);
        scored.insert(
            i.code.clone(),
            Scored {
                history,
                filled,
                linked: own,
                moved,
                evidence: proofs,
                lacks_evidence: i.evidence && evidence.is_some() && proofs == 0,
                too_good: full && evidence.is_some() && proofs == 0,
                stage,
                last,
            },
        );
    }
    Scorecard { library: library.clone(), unit: key.unit, year: key.year, traits, scored, values, state, set }
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
