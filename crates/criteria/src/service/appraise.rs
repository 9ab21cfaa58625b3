//! Appraisal: the level above accepts or returns one indicator of one unit. What is accepted becomes a figure.

use super::score::Found;
use super::scorecard::{Parts, Scorecard, assemble, basis, counted, project};
use super::{Criteria, unknown_indicator};
use crate::model::{Outcome, Set};
use crate::store::assess::{self, Assessment, Key, Line, Stage};
use crate::store::office::Owner;
use access::{Context, Who, db_error};
use calendar::Period;
use figures::{Entry, Origin, Value};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use ui::AppError;
use uuid::Uuid;

/// What the appraiser decides about an indicator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is as the unit says.
    Accept,
    /// Given back with a reason.
    Return(String),
}

/// The figure of an outcome: met 1, not met 0, no threshold not known; none where there is nothing to say.
pub(crate) fn value_of(outcome: Outcome) -> Option<Value> {
    match outcome {
        Outcome::Met => Some(Value::Number(1)),
        Outcome::NotMet => Some(Value::Number(0)),
        Outcome::NoLevel => Some(Value::NotKnown),
        Outcome::NotApplicable => Some(Value::NotApplicable),
        Outcome::NoData => None,
    }
}

/// The address of a scorecard.
pub fn scorecard_href(set: &str, unit: Uuid, year: i16) -> String {
    format!("/criteria/{set}/scorecards/{unit}/{year}")
}

impl Criteria {
    /// Accepts or returns indicators of a unit. Never by whoever scored them. What is accepted is a figure in the same transaction.
    ///
    /// # Errors
    /// 401/403 without a reviewer's role above the unit, `not_the_owner`, `own_score`; 404; 409 `nothing_to_appraise`;
    /// 422 `reason_required`, `evidence_missing`.
    pub async fn appraise(&self, ctx: &Context, code: &str, unit: Uuid, year: i16, indicators: &[String], verdict: &Verdict) -> Result<usize, AppError> {
        let prepared = self.to_appraise(ctx, code, unit, year, verdict).await?;
        let mut tx = self.db().begin().await.map_err(db_error)?;
        let written = self.appraise_in(&mut tx, ctx, &prepared, indicators, verdict).await?;
        tx.commit().await.map_err(db_error)?;
        self.figures().tell();
        Ok(written)
    }

    /// What appraisal reads before its transaction begins, once it is clear that the person may appraise.
    ///
    /// # Errors
    /// As [`Criteria::appraise`].
    pub(crate) async fn to_appraise(&self, ctx: &Context, code: &str, unit: Uuid, year: i16, verdict: &Verdict) -> Result<Appraisal, AppError> {
        self.current().await;
        let Found { key, set, .. } = self.found(ctx, code, unit, year).await?;
        self.require_appraiser(ctx, unit)?;
        let reason = match verdict {
            Verdict::Accept => String::new(),
            Verdict::Return(text) => {
                let text: String = lang::clean(text).chars().take(1_000).collect();
                if text.chars().count() < 3 {
                    return Err(AppError::new("reason_required", 422)
                        .say("Trả lại phải kèm lý do để xã biết sửa gì.", "A return needs its reason.")
                        .mend("Ghi rõ thiếu gì, sai ở đâu.", "Say what is missing or wrong.")
                        .at("reason"));
                }
                text
            }
        };
        let owners = match self.province_of(unit, set.judged_on(year)) {
            Some(province) => self.owners(province, code).await?,
            None => BTreeMap::new(),
        };
        let evidence = self.proofs(ctx, &set, unit, year).await?;
        Ok(Appraisal { key, set, owners, evidence, reason })
    }

    /// The same as [`Criteria::appraise`] inside a transaction of the caller, who commits and then calls [`figures::Figures::tell`].
    ///
    /// # Errors
    /// As [`Criteria::appraise`].
    pub(crate) async fn appraise_in(
        &self,
        tx: &mut db::Tx,
        ctx: &Context,
        prepared: &Appraisal,
        indicators: &[String],
        verdict: &Verdict,
    ) -> Result<usize, AppError> {
        let Appraisal { key, set, owners, evidence, reason } = prepared;
        let (unit, year) = (key.unit, key.year);
        access::lock_tenant(tx, key.tenant).await.map_err(db_error)?;
        let state = assess::one_tx(tx, key).await.map_err(db_error)?.filter(|s| s.version == set.version).ok_or_else(nothing)?;
        let before = assess::lines_tx(tx, key).await.map_err(db_error)?;
        let shelf = self.shelf();
        let traits = self.traits(set, unit, year);
        let put = |lines: Vec<Line>| {
            let (set, key, traits, state) = (Arc::clone(set), key.clone(), traits.clone(), Some(state.clone()));
            assemble(Parts { shelf: &shelf, set, key, traits, state, lines, linked: BTreeMap::new(), evidence })
        };
        let card = put(before.clone());
        let judged = card.card();
        let mut new: Vec<Line> = Vec::new();
        for i in indicators {
            let j = judged.indicators.iter().find(|j| j.indicator.code == *i).ok_or_else(|| unknown_indicator(i))?;
            let scored = card.scored.get(i).ok_or_else(|| unknown_indicator(i))?;
            let Some(last) = scored.last.as_ref().filter(|l| l.stage == Stage::Scored || (l.stage == Stage::Accepted && !reason.is_empty())) else {
                return Err(nothing());
            };
            if !self.may_appraise(ctx, unit, owners.get(i)) {
                let who = owners.get(i).map(|o| o.department.clone()).unwrap_or_default();
                return Err(AppError::new("not_the_owner", 403)
                    .say(format!("Chỉ tiêu {i} do {who} thẩm định."), format!("Indicator {i} is appraised by {who}."))
                    .at(i.clone()));
            }
            // Whoever had a hand in the score since the last decision does not decide about it.
            let since = scored.history.iter().rev().take_while(|l| l.stage == Stage::Scored);
            if ctx.who != Who::System && since.clone().any(|l| l.who.is_some() && l.who == ctx.account_id()) {
                return Err(AppError::new("own_score", 403)
                    .say("Người tự chấm không thẩm định điểm của chính mình.", "Nobody appraises a score of one's own.")
                    .mend("Nhờ người khác trong cơ quan thẩm định.", "Ask somebody else of the department.")
                    .at(i.clone()));
            }
            if *verdict == Verdict::Accept && scored.lacks_evidence {
                return Err(AppError::new("evidence_missing", 422)
                    .say(format!("Chỉ tiêu {i} phải có minh chứng mới được công nhận là đạt."), format!("Indicator {i} needs evidence."))
                    .mend("Trả lại để xã nộp minh chứng.", "Return it so that the unit adds evidence.")
                    .at(i.clone()));
            }
            let stage = if *verdict == Verdict::Accept { Stage::Accepted } else { Stage::Returned };
            new.push(Line {
                indicator: i.clone(),
                seq: last.seq + 1,
                version: set.version,
                stage,
                filled: last.filled.clone(),
                outcome: j.outcome,
                basis: basis(set, j),
                note: last.note.clone(),
                reason: reason.clone(),
                who: ctx.account_id(),
                who_name: ctx.author_name().to_owned(),
                at: calendar::micros(ctx.at),
                // A decision judges by what the score was judged by.
                known: last.known,
            });
        }
        let all: Vec<Line> = before.into_iter().chain(new.iter().cloned()).collect();
        let card = put(all);
        let row = project(&card, &card.card(), calendar::micros(ctx.at));
        assess::save(tx, key, &row, &new).await.map_err(db_error)?;
        self.publish_results(tx, ctx, &card, (&state, &row), &new).await?;
        let act = if *verdict == Verdict::Accept { "criteria.accept" } else { "criteria.return" };
        let detail = serde_json::json!({"set": key.set, "year": year, "indicators": indicators, "reason": reason});
        access::audit(tx, ctx, key.tenant, act, &unit.to_string(), detail).await.map_err(db_error)?;
        Ok(new.len())
    }

    /// Writes the figures of what was decided: each indicator, and the whole set when that changed.
    async fn publish_results(
        &self,
        tx: &mut db::Tx,
        ctx: &Context,
        card: &Scorecard,
        (was, is): (&Assessment, &Assessment),
        lines: &[Line],
    ) -> Result<(), AppError> {
        let Some(period) = Period::year(card.year) else { return Ok(()) };
        let set = &card.set;
        let entry = |code: String, value: Value, reason: String| Entry {
            unit: card.unit,
            measure: figures::define::measure_id(&code),
            period,
            value,
            reason: Some(reason).filter(|r| !r.is_empty()),
            cell: None,
            seen: None,
        };
        let mut entries: Vec<Entry> = Vec::new();
        for line in lines {
            let history = card.scored.get(&line.indicator).map(|s| s.history.as_slice()).unwrap_or_default();
            let before = history.split_last().and_then(|(_, before)| counted(before)).and_then(value_of);
            let after = counted(history).and_then(value_of);
            let reason = if line.stage == Stage::Returned { line.reason.clone() } else { line.basis.clone() };
            // What was known and is taken back is not known until it is accepted again.
            if let Some(value) = after.or_else(|| before.map(|_| Value::NotKnown)) {
                entries.push(entry(set.measure_code(Some(&line.indicator)), value, reason));
            }
        }
        match (value_of(was.accepted), value_of(is.accepted)) {
            (_, Some(value)) => entries.push(entry(set.measure_code(None), value, String::new())),
            (Some(_), None) => entries.push(entry(set.measure_code(None), Value::NotKnown, String::new())),
            (None, None) => {}
        }
        let origin = Origin { source: "criteria", note: scorecard_href(&set.code, card.unit, card.year), ..Origin::default() };
        self.figures().record_in(tx, ctx, &entries, &origin).await.map(drop)
    }
}

/// What appraisal has read before its transaction begins.
#[derive(Debug)]
pub(crate) struct Appraisal {
    key: Key,
    set: Arc<Set>,
    owners: BTreeMap<String, Owner>,
    evidence: Option<HashMap<String, usize>>,
    reason: String,
}

fn nothing() -> AppError {
    AppError::new("nothing_to_appraise", 409)
        .say("Chỉ tiêu này chưa được tự chấm, hoặc đã được thẩm định rồi.", "This indicator has not been scored, or has been decided already.")
        .mend("Tải lại bảng điểm.", "Load the scorecard again.")
}
