//! Loading whole countries: many accepted lines at once, with provenance and roll-ups.

use super::Figures;
use super::settle::{computed, leaf};
use crate::ledger::{Line, State, Story};
use crate::project::Leaf;
use crate::store::{self, Act};
use crate::value::Value;
use calendar::Period;
use db::{Arg, DbError, Tx};
use places::Atlas;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use uuid::Uuid;

/// What was loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BulkReport {
    /// Ledger lines.
    pub lines: u64,
    /// Figures written.
    pub figures: u64,
}

/// A load under way: one act, one transaction, slice by slice in bounded memory.
/// For an empty database or slices that are not there yet; a slice already there is a conflict.
#[derive(Debug)]
pub struct BulkLoader<'a> {
    figures: &'a Figures,
    atlas: Arc<Atlas>,
    writer: Writer,
    act: Act,
    acted: BTreeSet<Uuid>,
    weights: HashMap<(Uuid, i64), HashMap<Uuid, i64>>,
    /// Values of measures that others are computed from, until the end.
    inputs: BTreeMap<store::SliceKey, HashMap<Uuid, Value>>,
    report: BulkReport,
}

enum Batch {
    Act(Vec<Uuid>, Act),
    Ledger(Vec<Arg>),
    Figures(Vec<Arg>),
}

/// Writes in the background, so that the next slice is worked out while this one is written. At most two slices wait.
#[derive(Debug)]
struct Writer {
    send: mpsc::Sender<Batch>,
    task: Option<JoinHandle<Result<Tx, DbError>>>,
}

impl Writer {
    fn begin(mut tx: Tx) -> Writer {
        let (send, mut receive) = mpsc::channel(4);
        let task = tokio::spawn(async move {
            while let Some(batch) = receive.recv().await {
                match batch {
                    Batch::Act(tenants, act) => store::add_act(&mut tx, &tenants, &act).await?,
                    Batch::Ledger(rows) => tx.insert(&store::LEDGER, rows).await.map(drop)?,
                    Batch::Figures(rows) => store::add_rows(&mut tx, rows).await?,
                }
            }
            Ok(tx)
        });
        Writer { send, task: Some(task) }
    }

    async fn send(&mut self, batch: Batch) -> Result<(), DbError> {
        if self.send.send(batch).await.is_ok() {
            return Ok(());
        }
        // The writer stopped because of an error: that is what the caller must hear.
        self.end().await.and(Err(DbError::defect("the load was given up")))
    }

    async fn finish(mut self) -> Result<Tx, DbError> {
        self.send = mpsc::channel(1).0;
        self.end().await
    }

    async fn end(&mut self) -> Result<Tx, DbError> {
        let task = self.task.take().ok_or_else(|| DbError::defect("the load was given up"))?;
        task.await.map_err(DbError::defect)?
    }
}

impl Figures {
    /// Begins a load by the platform itself.
    ///
    /// # Errors
    /// What the database says.
    pub async fn bulk(&self, note: &str, at: i64) -> Result<BulkLoader<'_>, DbError> {
        let act = Act {
            id: Uuid::now_v7(),
            at,
            who: None,
            who_name: "Hệ thống".to_owned(),
            source: "bulk".to_owned(),
            file_name: None,
            file_hash: None,
            note: note.to_owned(),
        };
        let tx = self.db().begin().await?;
        Ok(BulkLoader {
            figures: self,
            atlas: self.places().atlas(),
            writer: Writer::begin(tx),
            act,
            acted: BTreeSet::new(),
            weights: HashMap::new(),
            inputs: BTreeMap::new(),
            report: BulkReport::default(),
        })
    }
}

impl BulkLoader<'_> {
    /// Loads one measure in one period: accepted values by unit. Load a weight before what it weighs.
    ///
    /// # Errors
    /// [`DbError::Conflict`] when the slice is already there; what the database says.
    pub async fn slice(&mut self, measure: Uuid, period: Period, values: Vec<(Uuid, Value)>) -> Result<(), DbError> {
        let key = (measure, period.to_i64());
        let catalog = self.figures.catalog();
        let Some(known) = catalog.for_period(measure, period) else { return Err(DbError::defect("an unknown measure")) };
        let mut lines: Vec<(Uuid, Uuid, Value)> = values.into_iter().filter_map(|(unit, value)| Some((self.atlas.unit(unit)?.tenant, unit, value))).collect();
        // In key order the rows of a table are appended, not scattered.
        lines.sort_by_key(|l| (l.0, l.1));
        let new: Vec<Uuid> = lines.iter().map(|l| l.0).filter(|t| self.acted.insert(*t)).collect::<BTreeSet<_>>().into_iter().collect();
        if !new.is_empty() {
            self.writer.send(Batch::Act(new, self.act.clone())).await?;
        }
        if !catalog.computed_from(measure).is_empty() {
            self.inputs.insert(key, lines.iter().map(|(_, unit, value)| (*unit, value.clone())).collect());
        }
        let weights = known.measure.def.weight.as_deref().and_then(|w| catalog.coded(w)).and_then(|w| {
            let at = known.period_of(w, period)?;
            self.weights.get(&(w.measure.id, at.to_i64()))
        });
        let mut leaves: HashMap<Uuid, Leaf> = HashMap::with_capacity(lines.len());
        let mut own_weights = HashMap::new();
        let is_weight = !catalog.weight_of(measure).is_empty();
        let mut rows = Vec::with_capacity(lines.len() * store::LEDGER.columns.len());
        let count = lines.len();
        for (tenant, unit, value) in lines {
            if let (true, Value::Number(n)) = (is_weight, &value) {
                own_weights.insert(unit, *n);
            }
            let line =
                Line { seq: 1, version: known.measure.def.version, state: State::Accepted, value, act: self.act.id, cell: None, reason: None, replaces: None };
            let story = Story { accepted: Some(line), last_seq: 1, ..Story::default() };
            leaves.insert(unit, leaf(known, &story, weights.and_then(|w| w.get(&unit)).copied(), self.act.at));
            if let Some(line) = story.accepted {
                store::ledger_row(&mut rows, &store::NewLine { tenant, measure, period: key.1, unit, line });
            }
        }
        if is_weight {
            self.weights.insert(key, own_weights);
        }
        let figures = self.figures.project_slice(key, &leaves)?;
        let made = figures.len() as u64;
        let figures = store::figure_rows(key, &figures);
        self.writer.send(Batch::Ledger(rows)).await?;
        self.writer.send(Batch::Figures(figures)).await?;
        self.report.lines += count as u64;
        self.report.figures += made;
        Ok(())
    }

    /// Makes it all durable and tells the planner.
    ///
    /// # Errors
    /// What the database says; nothing is kept then.
    pub async fn finish(mut self) -> Result<BulkReport, DbError> {
        let mut done: BTreeSet<store::SliceKey> = self.inputs.keys().copied().collect();
        // Formulas do not go in circles; each round computes what has its inputs and is not there yet.
        while let Some((measure, period)) = self.next_computed(&done) {
            done.insert((measure, period.to_i64()));
            let values = self.compute(measure, period);
            self.slice(measure, period, values).await?;
        }
        self.writer.finish().await?.commit().await?;
        self.figures.db().analyze().await?;
        self.figures.tell();
        Ok(self.report)
    }

    fn next_computed(&self, done: &BTreeSet<store::SliceKey>) -> Option<(Uuid, Period)> {
        let catalog = self.figures.catalog();
        self.inputs.keys().find_map(|(input, at)| {
            let at = Period::from_i64(*at)?;
            catalog.computed_from(*input).iter().find_map(|id| {
                let known = catalog.newest(*id)?;
                let periods = if known.measure.takes(at) { vec![at] } else { at.within(known.measure.def.period) };
                periods.into_iter().find(|p| !done.contains(&(*id, p.to_i64()))).map(|p| (*id, p))
            })
        })
    }

    fn compute(&self, measure: Uuid, period: Period) -> Vec<(Uuid, Value)> {
        let catalog = self.figures.catalog();
        let Some(known) = catalog.for_period(measure, period) else { return Vec::new() };
        let mut given: HashMap<Uuid, BTreeMap<String, Option<rust_decimal::Decimal>>> = HashMap::new();
        for code in known.inputs() {
            let Some(input) = catalog.coded(&code) else { continue };
            let Some(at) = known.period_of(input, period) else { continue };
            for (unit, value) in self.inputs.get(&(input.measure.id, at.to_i64())).into_iter().flatten() {
                given.entry(*unit).or_default().insert(code.clone(), value.shown(&input.measure));
            }
        }
        given.into_iter().filter_map(|(unit, inputs)| Some((unit, computed(known, &inputs)?))).collect()
    }
}
