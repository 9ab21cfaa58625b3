//! A rehearsal as a question with its answer, and scenarios that are kept.

use super::desk::{Snapshot, find};
use super::effect::{Count, Effect, effect, passing_in};
use super::findings::{Findings, Shift, findings, sensitivity};
use super::moves::Move;
use super::score::{Reading, Scored};
use super::store::{self, Scenario};
use crate::Criteria;
use access::{Context, Role, db_error};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use ui::AppError;
use uuid::Uuid;

/// Moves of one question.
pub const MOST_MOVES: usize = 200;
/// Scenarios shown of one tenant.
const MOST_SHOWN: usize = 200;

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// Set; `~` behind it asks for its draft.
    pub set: String,
    /// Set it is compared with; empty for the set itself without moves.
    pub against: String,
    /// Year of the figures.
    pub year: i16,
    /// When a unit passes.
    pub reading: Reading,
    /// What is tried.
    pub moves: Vec<Move>,
}

/// What is answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The set over the units.
    pub snapshot: Arc<Snapshot>,
    /// The other set.
    pub against: Option<Arc<Snapshot>>,
    /// The score after the moves.
    pub after: Scored,
    /// Who gains and who loses.
    pub effect: Effect,
    /// One point either way.
    pub shifts: Vec<Shift>,
    /// What stands out.
    pub findings: Findings,
}

/// What a kept scenario said when it was kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// How many pass.
    pub count: Count,
    /// When the newest figure behind it was accepted.
    pub as_of: i64,
    /// When the snapshot was taken.
    pub taken_at: i64,
}

impl Scenario {
    /// The question again.
    pub fn question(&self) -> Question {
        Question {
            set: self.set.clone(),
            against: self.against.clone(),
            year: self.year,
            reading: Reading::parse(&self.reading).unwrap_or_default(),
            moves: self.moves.lines().filter_map(|line| line.parse().ok()).collect(),
        }
    }

    /// What it said when it was kept.
    pub fn said(&self) -> Said {
        serde_json::from_str(&self.result).unwrap_or_default()
    }
}

impl Criteria {
    /// Rehearses a question.
    ///
    /// # Errors
    /// As [`Criteria::snapshot`], and 422 `move_refused` for what the set cannot follow.
    pub async fn rehearse(&self, ctx: &Context, q: &Question) -> Result<Answer, AppError> {
        if q.moves.len() > MOST_MOVES {
            return Err(AppError::new("too_many_moves", 422)
                .say(format!("Nhiều nhất {MOST_MOVES} thay đổi một lần."), format!("At most {MOST_MOVES} moves at a time.")));
        }
        let snapshot = self.snapshot(ctx, &q.set, q.year).await?;
        for m in &q.moves {
            m.check(&snapshot.grid.set).map_err(|problem| refused(&problem))?;
        }
        let against = match q.against.as_str() {
            "" => None,
            other if other == q.set => None,
            other => Some(self.snapshot(ctx, other, q.year).await?),
        };
        let (moves, reading) = (q.moves.clone(), q.reading);
        let worked = tokio::task::spawn_blocking(move || {
            let grid = &snapshot.grid;
            let after = grid.rescore(&snapshot.start, &[], &moves);
            let before = match &against {
                Some(other) => passing_in(other, &other.start, &grid.units, reading),
                None => (0..grid.units.len()).map(|at| snapshot.start.passes(at, reading)).collect(),
            };
            let effect = effect(&snapshot, &after, &moves, &before, reading);
            let shifts = sensitivity(grid, &after, &moves, reading);
            let findings = findings(grid, &after);
            Answer { after, effect, shifts, findings, against, snapshot }
        });
        worked.await.map_err(|_| AppError::new("internal", 500))
    }

    /// Keeps a scenario for a unit in which one holds a role; others with a role there see it too.
    ///
    /// # Errors
    /// As [`Criteria::rehearse`]; 403 without a role in the unit, 422 `name_required`.
    pub async fn keep_scenario(&self, ctx: &Context, unit: Uuid, name: &str, note: &str, q: &Question) -> Result<Scenario, AppError> {
        let scenario = self.worked_scenario(ctx, unit, name, note, q).await?;
        let mut tx = self.db().begin().await.map_err(db_error)?;
        self.keep_scenario_in(&mut tx, ctx, &scenario).await?;
        tx.commit().await.map_err(db_error)?;
        Ok(scenario)
    }

    /// A scenario that is worked out but not kept yet.
    ///
    /// # Errors
    /// As [`Criteria::keep_scenario`].
    pub(super) async fn worked_scenario(&self, ctx: &Context, unit: Uuid, name: &str, note: &str, q: &Question) -> Result<Scenario, AppError> {
        ctx.require_signed_in()?;
        self.require_at(ctx, Role::Viewer, unit)?;
        let name: String = lang::clean(name).chars().take(120).collect();
        if name.is_empty() {
            return Err(AppError::new("name_required", 422)
                .say("Kịch bản cần có tên.", "A scenario needs a name.")
                .mend("Ghi một tên ngắn, ví dụ: nâng 8.4 lên 95%.", "Give it a short name, such as: 8.4 raised to 95%.")
                .at("name"));
        }
        let answer = self.rehearse(ctx, q).await?;
        let said = Said { count: answer.effect.all, as_of: answer.snapshot.as_of, taken_at: answer.snapshot.taken_at };
        Ok(Scenario {
            tenant: self.tenant(unit)?,
            id: Uuid::now_v7(),
            unit,
            name,
            note: lang::clean(note).chars().take(2_000).collect(),
            set: q.set.clone(),
            version: answer.snapshot.grid.set.version,
            against: q.against.clone(),
            year: q.year,
            reading: q.reading.word().to_owned(),
            moves: q.moves.iter().map(Move::to_string).collect::<Vec<_>>().join("\n"),
            result: serde_json::to_string(&said).map_err(|e| db_error(db::DbError::defect(e)))?,
            who: ctx.account_id(),
            who_name: ctx.author_name().to_owned(),
            at: calendar::micros(ctx.at),
        })
    }

    /// Keeps it inside a transaction of the caller.
    ///
    /// # Errors
    /// What the database says.
    pub(super) async fn keep_scenario_in(&self, tx: &mut db::Tx, ctx: &Context, scenario: &Scenario) -> Result<(), AppError> {
        access::lock_tenant(tx, scenario.tenant).await.map_err(db_error)?;
        store::add(tx, scenario).await.map_err(db_error)?;
        let detail = serde_json::json!({"name": scenario.name, "set": scenario.set, "year": scenario.year, "moves": scenario.moves});
        access::audit(tx, ctx, scenario.tenant, "scenario.keep", &scenario.id.to_string(), detail).await.map_err(db_error)
    }

    /// The scenarios of the units in which one holds a role, the newest first.
    ///
    /// # Errors
    /// 403 for those without a role.
    pub async fn scenarios(&self, ctx: &Context) -> Result<Vec<Scenario>, AppError> {
        ctx.require_somewhere(Role::Viewer)?;
        let mut tenants: Vec<Uuid> = ctx.units_with(Role::Viewer).into_iter().filter_map(|u| self.tenant(u).ok()).collect();
        tenants.sort_unstable();
        tenants.dedup();
        let mut out = Vec::new();
        for tenant in tenants {
            out.extend(store::list(self.db(), tenant).await.map_err(db_error)?);
        }
        out.retain(|s| self.figures().may(ctx, Role::Viewer, s.unit));
        out.sort_by_key(|s| std::cmp::Reverse(s.id));
        out.truncate(MOST_SHOWN);
        Ok(out)
    }

    /// One scenario.
    ///
    /// # Errors
    /// 404 for everybody who may not see it.
    pub async fn scenario(&self, ctx: &Context, id: Uuid) -> Result<Scenario, AppError> {
        self.scenarios(ctx).await?.into_iter().find(|s| s.id == id).ok_or_else(|| AppError::new("not_found", 404))
    }

    /// Puts a scenario away: who kept it, or an administrator of the unit.
    ///
    /// # Errors
    /// 404, 403 `role_required`.
    pub async fn remove_scenario(&self, ctx: &Context, id: Uuid) -> Result<(), AppError> {
        let scenario = self.scenario(ctx, id).await?;
        if scenario.who.is_none() || scenario.who != ctx.account_id() {
            self.require_at(ctx, Role::Administrator, scenario.unit)?;
        }
        let mut tx = self.db().begin().await.map_err(db_error)?;
        access::lock_tenant(&mut tx, scenario.tenant).await.map_err(db_error)?;
        store::remove(&mut tx, scenario.tenant, id, ctx.author_name(), calendar::micros(ctx.at)).await.map_err(db_error)?;
        access::audit(&mut tx, ctx, scenario.tenant, "scenario.remove", &id.to_string(), serde_json::json!({"name": scenario.name})).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)
    }

    /// The title of a set in an address; the code itself when there is no such set.
    pub fn rehearsed_title(&self, code: &str, lang: ui::Lang) -> String {
        find(self, code).map_or_else(
            || code.to_owned(),
            |(set, draft)| if draft { format!("{} ({})", set.title(lang), lang.t("bản thảo", "draft")) } else { set.title(lang).to_owned() },
        )
    }
}

/// The refusal of a move.
pub fn refused(problem: &super::moves::MoveProblem) -> AppError {
    let (vi, en) = problem.said();
    AppError::new("move_refused", 422).say(vi, en).at("m")
}
