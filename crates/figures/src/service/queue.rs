//! What waits for a reviewer, and what waits for an officer.

use super::enter::{asks_for_word, unusual};
use super::evidence::{Piece, Subject};
use super::{Figures, Pending};
use crate::catalog::Known;
use crate::ledger::{Line, State, Story, entered};
use crate::store::{self, Act, waiting::Waiting};
use crate::value::Value;
use access::{Context, Role, db_error};
use calendar::Period;
use db::DbError;
use jiff::civil::Date;
use places::Atlas;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use ui::AppError;
use uuid::Uuid;

/// Which part of the queue is asked for.
#[derive(Clone, Debug, Default)]
pub struct QueueAsk {
    /// Only this unit and what lies under it.
    pub under: Option<Uuid>,
    /// Only this measure.
    pub measure: Option<Uuid>,
    /// Only this period.
    pub period: Option<Period>,
    /// After this figure in the order of the queue.
    pub after: Option<Waiting>,
    /// At most so many.
    pub limit: usize,
}

/// A figure in the queue with what is needed to decide.
#[derive(Clone, Debug)]
pub struct Queued {
    /// What to accept or return.
    pub item: Pending,
    /// Its place in the queue.
    pub place: Waiting,
    /// The measure in the version of the period.
    pub known: Arc<Known>,
    /// The line that waits.
    pub line: Line,
    /// Who handed it over, and when.
    pub act: Option<Act>,
    /// The line with which the value was entered, with who, when, and from what.
    pub entered: Option<(Line, Act)>,
    /// The value that counts now; the line would correct it.
    pub accepted: Option<Value>,
    /// The accepted value of the period before.
    pub before: Option<Value>,
    /// Whether it asks for a look of its own: a correction, or a jump.
    pub flagged: bool,
    /// Whether the reader had a part in it and therefore cannot accept it.
    pub own: bool,
    /// Evidence.
    pub evidence: Vec<Piece>,
}

/// A page of the queue.
#[derive(Clone, Debug, Default)]
pub struct QueuePage {
    /// Figures, the oldest first.
    pub items: Vec<Queued>,
    /// Where the next page begins, if there is one.
    pub next: Option<Waiting>,
}

/// What waits in one unit, with the line itself.
#[derive(Clone, Debug)]
pub struct Held {
    /// The measure in the version of the period.
    pub known: Arc<Known>,
    /// Period.
    pub period: Period,
    /// The last line.
    pub line: Line,
    /// Who wrote it and when.
    pub act: Option<Act>,
}

impl Figures {
    /// The tenants with units whose figures somebody may have a role for: those under the units of the role,
    /// and those that the map took over into them.
    pub(crate) fn reach(&self, ctx: &Context, atlas: &Atlas, role: Role) -> Vec<Uuid> {
        let tops = ctx.units_with(role);
        let nation = atlas.nation().unwrap_or_default();
        if ctx.who == access::Who::System || tops.contains(&nation) {
            return self.tenant_list().to_vec();
        }
        let view = atlas.on(ctx.today());
        let mut units: BTreeSet<Uuid> = BTreeSet::new();
        let mut stack = tops;
        while let Some(unit) = stack.pop() {
            if units.insert(unit) {
                stack.extend(view.children(unit));
            }
        }
        let mut changes: Vec<_> = atlas.changes().iter().collect();
        changes.sort_by_key(|c| std::cmp::Reverse(c.effective));
        for part in changes.iter().flat_map(|c| &c.parts) {
            if let (Some(from), Some(to)) = (part.from, part.to)
                && units.contains(&to)
            {
                units.insert(from);
            }
        }
        let tenants: BTreeSet<Uuid> = units.iter().filter_map(|u| atlas.unit(*u)).map(|u| u.tenant).collect();
        tenants.into_iter().collect()
    }

    /// Whether a unit lies in or under a place today, itself or through its heirs.
    fn lies_under(&self, ctx: &Context, atlas: &Atlas, unit: Uuid, place: Uuid) -> bool {
        self.paths_of(atlas, ctx, unit).iter().any(|p| p.contains(&place))
    }

    /// What waits for the acceptance of the reader.
    ///
    /// # Errors
    /// 401/403 without the role of a reviewer anywhere; the database.
    pub async fn queue(&self, ctx: &Context, ask: &QueueAsk) -> Result<QueuePage, AppError> {
        ctx.require_somewhere(Role::Reviewer)?;
        let atlas = self.places().atlas();
        let start = Waiting { act: Uuid::nil(), unit: Uuid::nil(), period: 0, measure: Uuid::nil(), seq: 0, state: 0 };
        let mut mine: HashMap<Uuid, bool> = HashMap::new();
        let mut found: Vec<(Waiting, Uuid)> = Vec::new();
        let batch = i64::try_from(ask.limit + 1).unwrap_or(i64::MAX);
        for tenant in self.reach(ctx, &atlas, Role::Reviewer) {
            let mut after = ask.after.unwrap_or(start);
            let mut taken = 0;
            loop {
                let rows = store::waiting::queue(self.db(), tenant, State::Submitted, &after, ask.measure, ask.period.map(Period::to_i64), batch)
                    .await
                    .map_err(db_error)?;
                let full = rows.len() > ask.limit;
                for row in rows {
                    after = row;
                    let shown = *mine
                        .entry(row.unit)
                        .or_insert_with(|| self.reviews(ctx, &atlas, row.unit) && ask.under.is_none_or(|u| self.lies_under(ctx, &atlas, row.unit, u)));
                    if shown {
                        found.push((row, tenant));
                        taken += 1;
                    }
                }
                if !full || taken > ask.limit {
                    break;
                }
            }
        }
        found.sort_unstable();
        let more = found.len() > ask.limit;
        found.truncate(ask.limit);
        let mut page = QueuePage::default();
        for (place, tenant) in found {
            page.items.extend(self.queued(ctx, place, tenant).await.map_err(db_error)?);
            page.next = Some(place).filter(|_| more);
        }
        Ok(page)
    }

    async fn queued(&self, ctx: &Context, place: Waiting, tenant: Uuid) -> Result<Option<Queued>, DbError> {
        let Some(period) = Period::from_i64(place.period) else { return Ok(None) };
        let Some(known) = self.catalog().for_period(place.measure, period).cloned() else { return Ok(None) };
        let lines = store::lines(self.db(), tenant, place.slice(), place.unit).await?;
        let first = entered(&lines).cloned();
        let story = Story::of(lines);
        // Somebody may have decided between the two reads.
        let Some(line) = story.pending.clone().filter(|l| l.state == State::Submitted && l.seq == place.seq) else { return Ok(None) };
        let acts = store::acts(self.db(), tenant, place.slice(), place.unit).await?;
        let me = ctx.account_id();
        let own = me.is_some() && story.acts_since_decision.iter().any(|a| acts.get(a).is_some_and(|a| a.who == me));
        let before = self.accepted_before(&known, period, place.unit).await?;
        let flagged =
            asks_for_word(&known, &line.value, &story, before.as_ref()).is_some() || before.as_ref().is_some_and(|b| unusual(&known.measure, b, &line.value));
        let evidence = store::evidence::of_subject(self.db(), tenant, &Subject::Figure { measure: place.measure, period, unit: place.unit }).await?;
        Ok(Some(Queued {
            item: Pending { unit: place.unit, measure: place.measure, period, seq: line.seq },
            place,
            act: acts.get(&line.act).cloned(),
            entered: first.and_then(|l| Some((acts.get(&l.act)?.clone(), l))).map(|(act, l)| (l, act)),
            accepted: story.accepted.map(|l| l.value),
            before,
            flagged,
            own,
            evidence,
            known,
            line,
        }))
    }

    /// The accepted value of a unit in the period before, as it was then.
    pub(crate) async fn accepted_before(&self, known: &Arc<Known>, period: Period, unit: Uuid) -> Result<Option<Value>, DbError> {
        let Some(previous) = period.previous() else { return Ok(None) };
        let ask = super::Ask { known: Arc::clone(known), period: previous, tree: super::Tree::Then };
        let view = self.read(&ask, unit).await?;
        if view.n == 0 {
            return Ok(None);
        }
        Ok(match view.parts {
            Some((n, of)) if known.measure.def.kind == crate::Kind::Percent => Some(Value::Ratio { n, of }),
            _ => view.value.and_then(|v| crate::scale(v, known.measure.scale())).map(Value::Number),
        })
    }

    /// How many figures wait for the acceptance of the reader, by period, the newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn queue_counts(&self, ctx: &Context) -> Result<Vec<(Period, i64)>, AppError> {
        let atlas = self.places().atlas();
        let mut out: BTreeMap<Period, i64> = BTreeMap::new();
        for tenant in self.reach(ctx, &atlas, Role::Reviewer) {
            for (unit, period, count) in store::waiting::counts(self.db(), tenant, State::Submitted).await.map_err(db_error)? {
                if let Some(period) = Period::from_i64(period)
                    && self.reviews(ctx, &atlas, unit)
                {
                    *out.entry(period).or_default() += count;
                }
            }
        }
        Ok(out.into_iter().rev().collect())
    }

    /// Returned figures in the units where the reader enters, the oldest first, at most `limit`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn returned(&self, ctx: &Context, limit: usize) -> Result<Vec<(Uuid, Held)>, AppError> {
        let atlas = self.places().atlas();
        let start = Waiting { act: Uuid::nil(), unit: Uuid::nil(), period: 0, measure: Uuid::nil(), seq: 0, state: 0 };
        let mut found = Vec::new();
        for tenant in self.reach(ctx, &atlas, Role::Officer) {
            for w in store::waiting::queue(self.db(), tenant, State::Returned, &start, None, None, 500).await.map_err(db_error)? {
                if self.may(ctx, Role::Officer, w.unit) {
                    found.push((w, tenant));
                }
            }
        }
        found.sort_unstable();
        found.truncate(limit);
        let mut out = Vec::new();
        for (w, tenant) in found {
            if let Some(held) = self.held(tenant, &w).await.map_err(db_error)? {
                out.push((w.unit, held));
            }
        }
        Ok(out)
    }

    async fn held(&self, tenant: Uuid, w: &Waiting) -> Result<Option<Held>, DbError> {
        let Some(period) = Period::from_i64(w.period) else { return Ok(None) };
        let Some(known) = self.catalog().for_period(w.measure, period).cloned() else { return Ok(None) };
        let story = Story::of(store::lines(self.db(), tenant, w.slice(), w.unit).await?);
        let mut acts = store::acts(self.db(), tenant, w.slice(), w.unit).await?;
        Ok(story.pending.map(|line| Held { known, period, act: acts.remove(&line.act), line }))
    }

    /// Which units of a level under a place have to report a measure in a period.
    pub fn reporters(&self, known: &Known, period: Period, under: Uuid) -> Vec<Uuid> {
        let view = self.places().atlas().on(known.window(period).1);
        view.under(under, known.measure.def.level).into_iter().filter(|u| view.reports(*u, &known.measure.reporters())).collect()
    }

    /// Measures that are entered in a period by a unit of the time, in order of their codes.
    pub fn measures_of(&self, unit: Uuid, period: Period, today: Date) -> Vec<Arc<Known>> {
        let atlas = self.places().atlas();
        let catalog = self.catalog();
        catalog
            .current()
            .filter(|k| k.measure.takes(period) && !k.measure.computed())
            .filter_map(|k| catalog.for_period(k.measure.id, period))
            .filter(|k| {
                let (first, last) = k.window(period);
                first <= today && atlas.on(last).reports(unit, &k.measure.reporters())
            })
            .cloned()
            .collect()
    }
}
