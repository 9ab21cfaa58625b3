//! The rows of an entry form: each figure with its lines, the value before, and what it asks for.

use super::enter::asks_for_word;
use super::evidence::Subject;
use super::{Ask, FigureView, Figures, Refusal, Tree};
use crate::catalog::Known;
use crate::ledger::{State, Story};
use crate::store::{self, Act};
use crate::value::Value;
use access::db_error;
use calendar::Period;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use ui::AppError;
use uuid::Uuid;

/// One figure of an entry form.
#[derive(Clone, Debug)]
pub struct SheetRow {
    /// Unit.
    pub unit: Uuid,
    /// The measure in the version of the period.
    pub known: Arc<Known>,
    /// What its lines say.
    pub story: Story,
    /// Who wrote the last line, when, from what.
    pub act: Option<Act>,
    /// The figure of the period before; on today's map, so that a unit made since sees what it was made of.
    pub previous: Option<FigureView>,
    /// The accepted value of the same unit in the period before.
    pub before: Option<Value>,
    /// How many pieces of evidence it has.
    pub evidence: usize,
}

impl SheetRow {
    /// The value shown: the pending one, else the accepted one.
    pub fn value(&self) -> Option<&Value> {
        self.story.pending.as_ref().or(self.story.accepted.as_ref()).map(|l| &l.value)
    }

    /// The word of explanation given so far.
    pub fn word(&self) -> Option<&str> {
        self.story.pending.as_ref().filter(|l| l.state != State::Returned)?.reason.as_deref()
    }

    /// Whether the value shown needs a word of explanation.
    pub fn asks(&self) -> Option<Refusal> {
        let line = self.story.pending.as_ref()?;
        asks_for_word(&self.known, &line.value, &self.story, self.before.as_ref())
    }

    /// State of the last line, if there is one.
    pub fn state(&self) -> Option<State> {
        self.story.pending.as_ref().or(self.story.accepted.as_ref()).map(|l| l.state)
    }

    /// Whether it has been handed over or accepted and nothing is being edited.
    pub fn handed(&self) -> bool {
        matches!(self.state(), Some(State::Submitted | State::Accepted))
    }
}

impl Figures {
    /// The rows of one unit: all measures it enters in a period.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sheet_of_unit(&self, unit: Uuid, period: Period, measures: &[Arc<Known>]) -> Result<Vec<SheetRow>, AppError> {
        let mut out = Vec::with_capacity(measures.len());
        for known in measures {
            out.push(self.sheet_row(unit, known, period).await?);
        }
        Ok(out)
    }

    /// One row.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sheet_row(&self, unit: Uuid, known: &Arc<Known>, period: Period) -> Result<SheetRow, AppError> {
        let tenant = self.places().atlas().unit(unit).map(|u| u.tenant).unwrap_or_default();
        let key = (known.measure.id, period.to_i64());
        let story = Story::of(store::lines(self.db(), tenant, key, unit).await.map_err(db_error)?);
        let last = story.pending.as_ref().or(story.accepted.as_ref()).map(|l| l.act);
        let act = match last {
            Some(act) => store::acts(self.db(), tenant, key, unit).await.map_err(db_error)?.remove(&act),
            None => None,
        };
        let before = self.accepted_before(known, period, unit).await.map_err(db_error)?;
        let previous = match period.previous() {
            Some(period) => {
                let ask = Ask { known: Arc::clone(known), period, tree: Tree::Today };
                Some(self.read(&ask, unit).await.map_err(db_error)?)
            }
            None => None,
        };
        let evidence =
            store::evidence::of_subject(self.db(), tenant, &Subject::Figure { measure: known.measure.id, period, unit }).await.map_err(db_error)?.len();
        Ok(SheetRow { unit, known: Arc::clone(known), story, act, previous, before, evidence })
    }

    /// The rows of one measure: all units under a place that enter it in a period.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sheet_of_measure(&self, under: Uuid, known: &Arc<Known>, period: Period) -> Result<Vec<SheetRow>, AppError> {
        let atlas = self.places().atlas();
        let units = self.reporters(known, period, under);
        let key = (known.measure.id, period.to_i64());
        let tenants: BTreeSet<Uuid> = units.iter().filter_map(|u| atlas.unit(*u)).map(|u| u.tenant).collect();
        let mut stories: HashMap<Uuid, Story> = HashMap::new();
        for tenant in tenants {
            for (unit, line) in store::slice_lines(self.db(), tenant, key).await.map_err(db_error)? {
                stories.entry(unit).or_default().push(line);
            }
        }
        let level = known.measure.def.level;
        let (mut before, mut previous) = (HashMap::new(), HashMap::new());
        if let Some(period) = period.previous() {
            let mut ask = Ask { known: Arc::clone(known), period, tree: Tree::Then };
            for view in self.read_level(&ask, under, level).await.map_err(db_error)? {
                let value = match view.parts {
                    _ if view.n == 0 => None,
                    Some((n, of)) if known.measure.def.kind == crate::Kind::Percent => Some(Value::Ratio { n, of }),
                    _ => view.value.and_then(|v| crate::scale(v, known.measure.scale())).map(Value::Number),
                };
                if let Some(value) = value {
                    before.insert(view.place, value);
                }
            }
            ask.tree = Tree::Today;
            previous.extend(self.read_level(&ask, under, level).await.map_err(db_error)?.into_iter().map(|v| (v.place, v)));
        }
        let mut out = Vec::with_capacity(units.len());
        for unit in units {
            let story = stories.remove(&unit).unwrap_or_default();
            let waits = story.pending.as_ref().map(|l| l.act);
            let act = match (waits, atlas.unit(unit)) {
                (Some(act), Some(place)) => store::acts(self.db(), place.tenant, key, unit).await.map_err(db_error)?.remove(&act),
                _ => None,
            };
            out.push(SheetRow { unit, known: Arc::clone(known), story, act, previous: previous.remove(&unit), before: before.remove(&unit), evidence: 0 });
        }
        Ok(out)
    }
}
