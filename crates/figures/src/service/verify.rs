//! Recomputing every figure from the ledger.

use super::Figures;
use super::settle::leaf;
use crate::ledger::{Line, Story};
use crate::project::{Leaf, Spot, project};
use crate::store::{self, SliceKey};
use calendar::Period;
use db::DbError;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// What `verify` found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Figures compared.
    pub figures: u64,
    /// Ledger lines read.
    pub lines: u64,
    /// Figures that differ from the ledger; must be 0.
    pub differences: u64,
    /// The first few, in words.
    pub examples: Vec<String>,
}

/// What the ledger says of a slice.
pub(crate) struct FromLedger {
    /// Lines read.
    pub lines: u64,
    /// Leaves by unit.
    pub leaves: HashMap<Uuid, Leaf>,
    /// Position and state code of the last line of figures that do not count yet.
    pub waiting: HashMap<Uuid, (i64, i64)>,
}

impl Verified {
    fn add(&mut self, other: Verified) {
        self.figures += other.figures;
        self.lines += other.lines;
        self.differences += other.differences;
        self.examples.extend(other.examples);
        self.examples.truncate(20);
    }
}

impl Figures {
    /// Recomputes every figure of every slice from the ledger and compares it with what is stored.
    ///
    /// # Errors
    /// What the database says.
    pub async fn verify(&self) -> Result<Verified, DbError> {
        self.refresh().await?;
        let slices = store::slices(self.db()).await?;
        let tenants = self.tenant_list();
        let mut times = HashMap::new();
        for tenant in tenants.iter() {
            times.extend(store::act_times(self.db(), *tenant).await?);
        }
        let times = Arc::new(times);
        let mut waiting = HashMap::new();
        for tenant in tenants.iter() {
            store::waiting::of_tenant(self.db(), *tenant, &mut waiting).await?;
        }
        let stray: usize = waiting.iter().filter(|(key, _)| !slices.contains(key)).map(|(_, units)| units.len()).sum();
        let waiting = Arc::new(waiting);
        // Weights are read from the ledger too, so that a wrong stored weight cannot hide behind itself.
        let queue = Arc::new(tokio::sync::Mutex::new(slices));
        let mut workers = tokio::task::JoinSet::new();
        for _ in 0..std::thread::available_parallelism().map_or(2, std::num::NonZero::get).min(4) {
            let (figures, queue, times, waiting) = (self.clone(), Arc::clone(&queue), Arc::clone(&times), Arc::clone(&waiting));
            workers.spawn(async move {
                let mut found = Verified::default();
                loop {
                    let Some(key) = queue.lock().await.pop() else { return Ok::<_, DbError>(found) };
                    found.add(figures.verify_slice(key, &times, waiting.get(&key).unwrap_or(&HashMap::new())).await?);
                }
            });
        }
        let mut all = Verified { differences: stray as u64, ..Verified::default() };
        while let Some(done) = workers.join_next().await {
            all.add(done.map_err(DbError::defect)??);
        }
        Ok(all)
    }

    /// The leaves of a slice and what waits in it, from the ledger alone.
    pub(crate) async fn leaves_from_ledger(&self, key: SliceKey, times: &HashMap<Uuid, i64>) -> Result<FromLedger, DbError> {
        let catalog = self.catalog();
        let Some((known, period)) = Period::from_i64(key.1).and_then(|p| Some((catalog.for_period(key.0, p)?, p))) else {
            return Err(DbError::defect(format!("ledger lines of an unknown measure or period {key:?}")));
        };
        let (lines, stories) = self.stories_from_ledger(key).await?;
        let mut weights: HashMap<Uuid, i64> = HashMap::new();
        if let Some(weight) = known.measure.def.weight.as_deref().and_then(|w| catalog.coded(w))
            && let Some(at) = known.period_of(weight, period)
        {
            for (unit, story) in self.stories_from_ledger((weight.measure.id, at.to_i64())).await?.1 {
                if let Some(crate::value::Value::Number(n)) = story.accepted.map(|l| l.value) {
                    weights.insert(unit, n);
                }
            }
        }
        let waiting = stories.iter().filter_map(|(unit, story)| Some((*unit, story.pending.as_ref().map(|l| (l.seq, l.state.code()))?))).collect();
        let leaves = stories
            .into_iter()
            .map(|(unit, story)| {
                let at = story.accepted.as_ref().and_then(|l| times.get(&l.act)).copied().unwrap_or(0);
                (unit, leaf(known, &story, weights.get(&unit).copied(), at))
            })
            .collect();
        Ok(FromLedger { lines, leaves, waiting })
    }

    async fn stories_from_ledger(&self, key: SliceKey) -> Result<(u64, HashMap<Uuid, Story>), DbError> {
        let mut stories: HashMap<Uuid, Story> = HashMap::new();
        let mut lines = 0;
        store::slice_values(self.db(), key, |unit, state, value, act| {
            lines += 1;
            let story = stories.entry(unit).or_default();
            story.push(Line { seq: story.last_seq + 1, version: 0, state, value, act, cell: None, reason: None, replaces: None });
        })
        .await?;
        Ok((lines, stories))
    }

    async fn verify_slice(&self, key: SliceKey, times: &HashMap<Uuid, i64>, waiting: &HashMap<Uuid, (i64, i64)>) -> Result<Verified, DbError> {
        let FromLedger { lines, leaves, waiting: should_wait } = self.leaves_from_ledger(key, times).await?;
        let wanted = self.project_slice(key, &leaves)?;
        let mut stored: Vec<(Spot, Leaf)> = Vec::with_capacity(wanted.len());
        store::rows(self.db(), key, &mut stored).await?;
        stored.sort_unstable_by_key(|row| row.0);
        let mut found = Verified { lines, ..Verified::default() };
        for unit in should_wait.keys().chain(waiting.keys().filter(|u| !should_wait.contains_key(u))) {
            if should_wait.get(unit) != waiting.get(unit) {
                found.differences += 1;
                found.examples.push(format!("{key:?} {unit}: waiting by the ledger {:?}, stored {:?}", should_wait.get(unit), waiting.get(unit)));
            }
        }
        let (mut wanted, mut stored) = (wanted.iter().peekable(), stored.iter().peekable());
        loop {
            let (ledger, table) = match (wanted.peek(), stored.peek()) {
                (None, None) => return Ok(found),
                (Some(w), Some(s)) if w.0 == s.0 => (wanted.next(), stored.next()),
                (Some(w), Some(s)) if w.0 < s.0 => (wanted.next(), None),
                (Some(_), None) => (wanted.next(), None),
                (_, Some(_)) => (None, stored.next()),
            };
            found.figures += 1;
            if ledger != table {
                found.differences += 1;
                if found.examples.len() < 5 {
                    found.examples.push(format!("{key:?}: ledger {ledger:?}, stored {table:?}"));
                }
            }
        }
    }

    /// All figures of a slice from its leaves, on both trees, in key order.
    pub(crate) fn project_slice(&self, key: SliceKey, leaves: &HashMap<Uuid, Leaf>) -> Result<Vec<(Spot, Leaf)>, DbError> {
        let catalog = self.catalog();
        let Some((known, period)) = Period::from_i64(key.1).and_then(|p| Some((catalog.for_period(key.0, p)?, p))) else {
            return Err(DbError::defect(format!("an unknown measure or period {key:?}")));
        };
        let atlas = self.places().atlas();
        let maps = self.maps(&atlas, known, period);
        let road = self.road(&maps, known);
        Ok(project(&known.measure, known.condition.as_ref(), leaves, &road.ways()))
    }

    /// Carries all figures to the map of today, if the map changed since they were last carried. Whether it did.
    /// Everything happens in one transaction: readers see the old map or the new one, never a mixture.
    ///
    /// # Errors
    /// What the database says.
    pub async fn carry_to_today(&self) -> Result<bool, DbError> {
        self.refresh().await?;
        let today = self.clock().today();
        let atlas = self.places().atlas();
        let (version, _) = places::store::catalog(self.db(), super::CARRIED).await?;
        let stale = version == 0 || atlas.map_of(self.map_day()) != atlas.map_of(today);
        if !stale {
            return Ok(false);
        }
        self.carry_all(today).await?;
        Ok(true)
    }

    /// Makes the figures on today's map anew, carried to the map of a day.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) async fn carry_all(&self, day: jiff::civil::Date) -> Result<(), DbError> {
        let before = self.map_day();
        let slices = store::slices(self.db()).await?;
        let mut tx = self.db().begin().await?;
        for tenant in self.tenant_list().iter() {
            access::lock_tenant(&mut tx, *tenant).await?;
        }
        *self.inner.carried.write().unwrap_or_else(std::sync::PoisonError::into_inner) = (-1, day);
        let done = self.carry_in(&mut tx, &slices, day).await;
        if let Err(error) = done {
            *self.inner.carried.write().unwrap_or_else(std::sync::PoisonError::into_inner) = (-1, before);
            return Err(error);
        }
        tx.commit().await?;
        self.refresh().await?;
        self.tell();
        Ok(())
    }

    async fn carry_in(&self, tx: &mut db::Tx, slices: &[SliceKey], day: jiff::civil::Date) -> Result<(), DbError> {
        for key in slices {
            let mut leaves: HashMap<Uuid, Leaf> = HashMap::new();
            let level = self.catalog().newest(key.0).map(|k| k.measure.def.level.depth()).unwrap_or_default();
            for tenant in self.tenant_list().iter() {
                leaves.extend(store::leaves_tx(tx, *tenant, *key, level).await?);
            }
            store::drop_today(tx, *key).await?;
            let mut rows = self.project_slice(*key, &leaves)?;
            rows.retain(|(s, _)| s.tree == crate::project::TODAY);
            store::save_rows(tx, *key, &rows).await?;
        }
        places::store::bump(tx, super::CARRIED, &day.to_string()).await
    }
}
