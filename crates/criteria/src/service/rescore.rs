//! Scoring again: a visible act that takes what a unit has given over to the newest version of the set, or to thresholds that were entered
//! since. The assessment that was stays as it was.

use super::score::{Found, filled, judged, scored_line};
use super::scorecard::{Parts, Scorecard, assemble};
use super::{Criteria, Typed, changed_by_other};
use crate::model::Set;
use crate::store::assess::{self, Line};
use crate::store::past;
use access::{Context, Role, db_error};
use std::collections::BTreeMap;
use std::sync::Arc;
use ui::AppError;
use uuid::Uuid;

/// What a scorecard was not scored by yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Newer {
    /// The newest version, where it is another one and applies to the unit and year.
    pub version: Option<i64>,
    /// Otherwise: indicators whose threshold was entered or taken back since they were scored, with the one of now in words.
    pub levels: Vec<(String, String)>,
}

impl Newer {
    /// Whether there is nothing to score again.
    pub fn is_empty(&self) -> bool {
        self.version.is_none() && self.levels.is_empty()
    }
}

impl Criteria {
    /// What a scorecard was not scored by yet.
    pub fn newer(&self, ctx: &Context, card: &Scorecard) -> Newer {
        if card.state.is_none() {
            return Newer::default();
        }
        let newest = self.set(&card.set.code).ok().filter(|s| s.version > card.set.version);
        match newest.filter(|s| self.assessable(ctx, s, card.unit, card.year).is_ok()) {
            Some(set) => Newer { version: Some(set.version), levels: Vec::new() },
            None => Newer { version: None, levels: card.outdated() },
        }
    }

    /// Scores again what was scored before: under the newest version of the set, or where there is none, by the thresholds known now. Each
    /// value is carried over (of linked indicators, that of the figures now) and waits for appraisal; figures of what was accepted stay
    /// until it is accepted anew. How many lines are new.
    ///
    /// # Errors
    /// 401/403 without an officer's role at the unit; 404 `unknown_set`, `unknown_unit`; 409 `changed_by_other`, `nothing_newer`.
    pub async fn rescore(&self, ctx: &Context, code: &str, unit: Uuid, year: i16) -> Result<usize, AppError> {
        let again = self.to_rescore(ctx, code, unit, year).await?;
        let mut tx = self.db().begin().await.map_err(db_error)?;
        let written = self.rescore_in(&mut tx, ctx, &again).await?;
        tx.commit().await.map_err(db_error)?;
        self.figures().tell();
        Ok(written)
    }

    /// Scores again every scorecard of a set and year under a place that is not by the newest version and thresholds yet, each in a
    /// transaction of its own: what was scored stays scored when the rest fails, and doing it twice changes nothing more.
    ///
    /// # Errors
    /// 401/403 without an officer's role at the place; 404 `unknown_set`.
    pub async fn rescore_under(&self, ctx: &Context, code: &str, place: Uuid, year: i16) -> Result<Renewed, AppError> {
        self.current().await;
        let set = self.set(code)?;
        self.require_at(ctx, Role::Officer, place)?;
        let mut out = Renewed::default();
        for row in self.rows_under(place, &set, year).await? {
            match self.rescore(ctx, code, row.unit, year).await {
                Ok(_) => out.cards += 1,
                Err(error) if error.code == "nothing_newer" => {}
                Err(error) if error.code == "changed_by_other" => out.busy += 1,
                Err(error) => return Err(error),
            }
        }
        Ok(out)
    }

    /// What scoring again reads before its transaction begins.
    ///
    /// # Errors
    /// As [`Criteria::rescore`].
    pub(crate) async fn to_rescore(&self, ctx: &Context, code: &str, unit: Uuid, year: i16) -> Result<Again, AppError> {
        self.current().await;
        let Found { set: pinned, .. } = self.found(ctx, code, unit, year).await?;
        self.require_at(ctx, Role::Officer, unit)?;
        let card = self.scorecard(ctx, code, unit, year).await?;
        let newer = self.newer(ctx, &card);
        if newer.is_empty() {
            return Err(AppError::new("nothing_newer", 409)
                .say("Bảng điểm đã theo phiên bản và mức mới nhất.", "The scorecard follows the newest version and thresholds already.")
                .mend("Tải lại bảng điểm.", "Load the scorecard again."));
        }
        let set = if newer.version.is_some() { self.set(code)? } else { Arc::clone(&pinned) };
        let prepared = super::score::Prepared {
            key: assess::Key { tenant: self.tenant(unit)?, set: code.to_owned(), year, unit },
            linked: self.linked(&set, unit, year).await?,
            evidence: self.proofs(ctx, &set, unit, year).await?,
            set,
        };
        Ok(Again { prepared, pinned, newer })
    }

    /// The same as [`Criteria::rescore`] inside a transaction of the caller.
    ///
    /// # Errors
    /// As [`Criteria::rescore`].
    pub(crate) async fn rescore_in(&self, tx: &mut db::Tx, ctx: &Context, again: &Again) -> Result<usize, AppError> {
        let Again { prepared, pinned, newer } = again;
        let (key, set, evidence) = (&prepared.key, &prepared.set, &prepared.evidence);
        access::lock_tenant(tx, key.tenant).await.map_err(db_error)?;
        let state = assess::one_tx(tx, key).await.map_err(db_error)?.filter(|s| s.version == pinned.version).ok_or_else(|| changed_by_other(""))?;
        let before = assess::lines_tx(tx, key).await.map_err(db_error)?;
        let shelf = self.shelf();
        let mut new: Vec<Line> = Vec::new();
        for indicator in set.indicators() {
            let wanted = newer.version.is_some() || newer.levels.iter().any(|(code, _)| *code == indicator.code);
            let Some(last) = before.iter().rfind(|l| l.indicator == indicator.code && l.version == pinned.version).filter(|_| wanted) else { continue };
            let typed = Typed { indicator: indicator.code.clone(), given: last.filled.given.clone(), parts: last.filled.parts.clone(), ..Typed::default() };
            let seq = before.iter().rfind(|l| l.indicator == indicator.code).map_or(0, |l| l.seq) + 1;
            new.push(scored_line(ctx, set, shelf.known, &indicator.code, seq, filled(indicator, &typed, &prepared.linked), last.note.clone()));
        }
        let at = calendar::micros(ctx.at);
        if newer.version.is_some() {
            past::add(tx, key, &state, ctx.author_name(), at).await.map_err(db_error)?;
        }
        let all: Vec<Line> = before.into_iter().chain(new.iter().cloned()).collect();
        let traits = self.traits(set, key.unit, key.year);
        let card = assemble(Parts {
            shelf: &shelf,
            set: Arc::clone(set),
            key: key.clone(),
            traits,
            state: Some(state),
            lines: all,
            linked: BTreeMap::new(),
            evidence,
        });
        let row = judged(&card, &mut new, at);
        assess::save(tx, key, &row, &new).await.map_err(db_error)?;
        let detail = serde_json::json!({"set": key.set, "year": key.year, "from": pinned.version, "to": set.version, "indicators": new.len()});
        access::audit(tx, ctx, key.tenant, "criteria.rescore", &key.unit.to_string(), detail).await.map_err(db_error)?;
        Ok(new.len())
    }
}

/// What scoring many again did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Renewed {
    /// Scorecards scored again.
    pub cards: usize,
    /// Scorecards that somebody else was changing, left as they are.
    pub busy: usize,
}

/// What scoring again has read before its transaction begins.
#[derive(Debug)]
pub(crate) struct Again {
    prepared: super::score::Prepared,
    pinned: Arc<Set>,
    newer: Newer,
}
