//! Scoring: a unit judges itself by a set for a year. Lines only grow; the state of the assessment is a projection of them.

use super::scorecard::{Parts, Scorecard, assemble, basis, project};
use super::values::is_linked;
use super::{Criteria, Linked, set_id, unknown_indicator, unknown_unit};
use crate::model::{Given, Indicator, Outcome, Set};
use crate::store::assess::{self, Assessment, Filled, Key, Line, Stage};
use crate::store::past::{self, Past};
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

/// What an assessment is read with.
pub(super) struct Found {
    pub key: Key,
    /// The set in the version it is pinned to; the newest while nothing was scored.
    pub set: Arc<Set>,
    pub state: Option<Assessment>,
}

impl Criteria {
    /// Refuses what cannot be assessed.
    ///
    /// # Errors
    /// 422 `set_not_in_force`, `future_year`, `wrong_level`.
    pub(super) fn assessable(&self, ctx: &Context, set: &Set, unit: Uuid, year: i16) -> Result<(), AppError> {
        if !set.in_year(year) {
            return Err(AppError::new("set_not_in_force", 422)
                .say(format!("Bộ tiêu chí {} không áp dụng cho năm {year}.", set.code), format!("The set {} is not in force in {year}.", set.code))
                .mend("Chọn năm khác hoặc bộ khác.", "Choose another year or set.")
                .at("year"));
        }
        if year > ctx.today().year() {
            return Err(AppError::new("future_year", 422).say(format!("Năm {year} chưa bắt đầu."), format!("{year} has not begun.")).at("year"));
        }
        if !self.judges(set, unit, set.judged_on(year)) {
            let name = self.figures().places().atlas().full_name(unit, set.judged_on(year));
            let who = if set.kinds.is_empty() { set.level.label().0.to_owned() } else { set.kinds.join(", ") };
            return Err(AppError::new("wrong_level", 422)
                .say(
                    format!("{name} không thuộc diện chấm của bộ này vào ngày {}: bộ dùng cho {who}.", lang::show::short_date(set.judged_on(year))),
                    format!("{name} is not judged by this set on {}.", set.judged_on(year)),
                )
                .mend("Chọn đơn vị hoặc năm khác.", "Choose another unit or year.")
                .at("unit"));
        }
        Ok(())
    }

    /// Where an assessment is kept and what it is pinned to. What was once assessed stays, whatever later versions of the set say.
    ///
    /// # Errors
    /// 404 `unknown_set`, `unknown_unit`; 422 when there is none and there can be none.
    pub(super) async fn found(&self, ctx: &Context, code: &str, unit: Uuid, year: i16) -> Result<Found, AppError> {
        let newest = self.set(code)?;
        let tenant = self.figures().places().atlas().unit(unit).ok_or_else(unknown_unit)?.tenant;
        let key = Key { tenant, set: newest.code.clone(), year, unit };
        let state = assess::one(self.db(), &key).await.map_err(db_error)?;
        if state.is_none() {
            self.assessable(ctx, &newest, unit, year)?;
        }
        let set = self.pinned(&newest, state.as_ref());
        Ok(Found { key, set, state })
    }

    /// The set in the version that an assessment is pinned to.
    pub(super) fn pinned(&self, set: &Arc<Set>, state: Option<&Assessment>) -> Arc<Set> {
        state.and_then(|s| self.shelf().library.version(&set.code, s.version).cloned()).unwrap_or_else(|| Arc::clone(set))
    }

    /// The scorecard of a unit.
    ///
    /// # Errors
    /// 404 `unknown_set`, `unknown_unit`; 422 as there can be none; what the database says.
    pub async fn scorecard(&self, ctx: &Context, code: &str, unit: Uuid, year: i16) -> Result<Scorecard, AppError> {
        let shelf = self.current().await;
        let Found { key, set, state } = self.found(ctx, code, unit, year).await?;
        let lines = assess::lines(self.db(), &key).await.map_err(db_error)?;
        let linked = self.linked(&set, unit, year).await?;
        let evidence = self.proofs(ctx, &set, unit, year).await?;
        let traits = self.traits(&set, unit, year);
        Ok(assemble(Parts { shelf: &shelf, set, key, traits, state, lines, linked, evidence: &evidence }))
    }

    /// The earlier assessments of a unit by a set and year, each under an older version.
    ///
    /// # Errors
    /// 404 `unknown_unit`; what the database says.
    pub async fn past(&self, code: &str, unit: Uuid, year: i16) -> Result<Vec<Past>, AppError> {
        let key = Key { tenant: self.tenant(unit)?, set: code.to_owned(), year, unit };
        past::of_key(self.db(), &key).await.map_err(db_error)
    }

    /// One of them as a scorecard, as it stood when it was scored again.
    ///
    /// # Errors
    /// 404 `unknown_version` when there is none under that version.
    pub async fn past_scorecard(&self, ctx: &Context, code: &str, unit: Uuid, year: i16, version: i64) -> Result<(Scorecard, Past), AppError> {
        let shelf = self.current().await;
        let unknown = || AppError::new("unknown_version", 404).say("Không có bảng điểm theo phiên bản này.", "There is no scorecard under this version.");
        let past = self.past(code, unit, year).await?.into_iter().find(|p| p.state.version == version).ok_or_else(unknown)?;
        let set = shelf.library.version(code, version).cloned().ok_or_else(unknown)?;
        let key = Key { tenant: self.tenant(unit)?, set: code.to_owned(), year, unit };
        let lines = assess::lines(self.db(), &key).await.map_err(db_error)?;
        let evidence = self.proofs(ctx, &set, unit, year).await?;
        let traits = self.traits(&set, unit, year);
        let state = Some(past.state.clone());
        Ok((assemble(Parts { shelf: &shelf, set, key, traits, state, lines, linked: BTreeMap::new(), evidence: &evidence }), past))
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
        let prepared = self.to_score(ctx, code, unit, year).await?;
        let mut tx = self.db().begin().await.map_err(db_error)?;
        let written = self.score_in(&mut tx, ctx, &prepared, typed).await?;
        tx.commit().await.map_err(db_error)?;
        self.figures().tell();
        Ok(written)
    }

    /// What scoring reads before its transaction begins, once it is clear that the person may score.
    ///
    /// # Errors
    /// As [`Criteria::score`].
    pub(crate) async fn to_score(&self, ctx: &Context, code: &str, unit: Uuid, year: i16) -> Result<Prepared, AppError> {
        self.current().await;
        let Found { key, set, .. } = self.found(ctx, code, unit, year).await?;
        self.require_at(ctx, Role::Officer, unit)?;
        let linked = self.linked(&set, unit, year).await?;
        let evidence = self.proofs(ctx, &set, unit, year).await?;
        Ok(Prepared { key, set, linked, evidence })
    }

    /// The same as [`Criteria::score`] inside a transaction of the caller, who commits and then calls [`figures::Figures::tell`].
    ///
    /// # Errors
    /// As [`Criteria::score`].
    pub(crate) async fn score_in(&self, tx: &mut db::Tx, ctx: &Context, prepared: &Prepared, typed: &[Typed]) -> Result<usize, AppError> {
        let Prepared { key, set, linked, evidence } = prepared;
        access::lock_tenant(tx, key.tenant).await.map_err(db_error)?;
        let state = assess::one_tx(tx, key).await.map_err(db_error)?;
        if state.as_ref().is_some_and(|s| s.version != set.version) {
            return Err(changed_by_other(""));
        }
        let before = assess::lines_tx(tx, key).await.map_err(db_error)?;
        let shelf = self.shelf();
        let mut new: Vec<Line> = Vec::new();
        for t in typed {
            let indicator = set.indicators().find(|i| i.code == t.indicator).ok_or_else(|| unknown_indicator(&t.indicator))?;
            let last = before.iter().rfind(|l| l.indicator == t.indicator);
            if t.seen.is_some_and(|seen| seen != last.map_or(0, |l| l.seq)) {
                return Err(changed_by_other(&t.indicator));
            }
            let filled = filled(indicator, t, linked);
            if filled.given == Some(Given::NotApplicable) && indicator.applies_if.is_none() {
                return Err(AppError::new("not_applicable_refused", 422)
                    .say(
                        format!("Chỉ tiêu {} áp dụng cho mọi đơn vị, không ghi “không áp dụng”.", t.indicator),
                        format!("Indicator {} applies to every unit.", t.indicator),
                    )
                    .at(t.indicator.clone()));
            }
            let note: String = lang::clean(&t.note).chars().take(1_000).collect();
            let same = last.filter(|l| l.version == set.version);
            if same.is_some_and(|l| l.filled == filled && l.note == note && l.stage != Stage::Returned)
                || (last.is_none() && filled.given.is_none() && filled.parts.is_empty() && note.is_empty())
            {
                continue;
            }
            let seq = last.map_or(0, |l| l.seq) + 1;
            new.push(scored_line(ctx, set, shelf.known, &t.indicator, seq, filled, note));
        }
        if new.is_empty() {
            return Ok(0);
        }
        let all: Vec<Line> = before.into_iter().chain(new.iter().cloned()).collect();
        let traits = self.traits(set, key.unit, key.year);
        let parts = Parts { shelf: &shelf, set: Arc::clone(set), key: key.clone(), traits, state, lines: all, linked: BTreeMap::new(), evidence };
        let row = judged(&assemble(parts), &mut new, calendar::micros(ctx.at));
        assess::save(tx, key, &row, &new).await.map_err(db_error)?;
        let detail = serde_json::json!({"set": key.set, "year": key.year, "indicators": new.iter().map(|l| &l.indicator).collect::<Vec<_>>()});
        access::audit(tx, ctx, key.tenant, "criteria.score", &key.unit.to_string(), detail).await.map_err(db_error)?;
        Ok(new.len())
    }
}

/// What scoring has read before its transaction begins.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub key: Key,
    pub set: Arc<Set>,
    pub linked: BTreeMap<String, Linked>,
    pub evidence: Option<HashMap<String, usize>>,
}

pub(super) fn changed_by_other(indicator: &str) -> AppError {
    let error = AppError::new("changed_by_other", 409)
        .say(
            format!(
                "Trong lúc bạn chấm, {} đã được người khác ghi.",
                if indicator.is_empty() { "bảng điểm".to_owned() } else { format!("chỉ tiêu {indicator}") }
            ),
            format!("Meanwhile somebody else wrote {}.", if indicator.is_empty() { "the scorecard".to_owned() } else { format!("indicator {indicator}") }),
        )
        .mend("Tải lại bảng điểm rồi chấm tiếp.", "Load the scorecard again.");
    if indicator.is_empty() { error } else { error.at(indicator) }
}

/// What a line says of an indicator: what was typed, and what the figures have.
pub(super) fn filled(indicator: &Indicator, t: &Typed, linked: &BTreeMap<String, Linked>) -> Filled {
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
    filled
}

/// A line that waits for appraisal; what was found is put in by [`judged`].
pub(super) fn scored_line(ctx: &Context, set: &Set, known: i64, indicator: &str, seq: i64, filled: Filled, note: String) -> Line {
    Line {
        indicator: indicator.to_owned(),
        seq,
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
        known,
    }
}

/// Puts what was found into new lines, and the state that they make.
pub(super) fn judged(card: &Scorecard, new: &mut [Line], at: i64) -> Assessment {
    let judged = card.card();
    for line in new {
        if let Some(j) = judged.indicators.iter().find(|j| j.indicator.code == line.indicator) {
            line.outcome = j.outcome;
            line.basis = basis(&card.set, j);
        }
    }
    project(card, &judged, at)
}
