//! *Vì sao có số này?* — a figure opened down to its definition, formula, inputs, people and evidence.

use super::evidence::{Piece, Subject};
use super::{Ask, FigureView, Figures};
use crate::catalog::Known;
use crate::ledger::{Line, Story};
use crate::store::{self, Act};
use access::{Context, Role, db_error};
use places::Level;
use std::collections::HashMap;
use std::sync::Arc;
use ui::AppError;
use uuid::Uuid;

/// A line with the act it belongs to.
#[derive(Clone, Debug)]
pub struct Step {
    /// The line.
    pub line: Line,
    /// Who, when, from what; none when the reader may not know.
    pub act: Option<Act>,
}

/// An older unit behind a figure on today's map.
#[derive(Clone, Debug)]
pub struct CarriedFrom {
    /// The unit of the time.
    pub unit: Uuid,
    /// Millionths of it that came here.
    pub share: i64,
    /// Whether that is an estimate.
    pub estimated: bool,
    /// Its figure as it was then.
    pub figure: FigureView,
}

/// Everything behind one figure.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The figure.
    pub figure: FigureView,
    /// The level just below that adds up into it, with each place's figure.
    pub parts: Vec<FigureView>,
    /// Inputs of a computed measure, for this place.
    pub inputs: Vec<FigureView>,
    /// Units of an older map it was carried from.
    pub carried: Vec<CarriedFrom>,
    /// The lines of a reporting unit, oldest first.
    pub steps: Vec<Step>,
    /// Evidence of a reporting unit.
    pub evidence: Vec<Piece>,
    /// Whether people, files and evidence are shown: the reader has signed in with a role above or in the place.
    pub detailed: bool,
}

impl Figures {
    /// Opens a figure.
    ///
    /// # Errors
    /// What the database says.
    pub async fn explain(&self, ctx: &Context, ask: &Ask, place: Uuid) -> Result<Explanation, AppError> {
        let atlas = self.places().atlas();
        let view = self.view(ask);
        let figure = self.read(ask, place).await.map_err(db_error)?;
        let detailed = self.may(ctx, Role::Viewer, place);
        let mut out = Explanation { figure, parts: vec![], inputs: vec![], carried: vec![], steps: vec![], evidence: vec![], detailed };
        let def_level = out.figure.known.measure.def.level;
        if !out.figure.own {
            let level = view.children(place).first().and_then(|c| view.level(*c)).filter(|l| *l <= def_level).unwrap_or(def_level);
            let level = if view.has(place) { level } else { view.members(place).first().and_then(|m| view.level(*m)).unwrap_or(Level::Province) };
            out.parts = self.read_level(ask, place, level).await.map_err(db_error)?;
        }
        let catalog = self.catalog();
        for code in out.figure.known.inputs() {
            if let Some(input) = catalog.coded(&code)
                && let Some(period) = out.figure.known.period_of(input, out.figure.period)
            {
                let ask = Ask { known: Arc::clone(input), period, tree: ask.tree };
                out.inputs.push(self.read(&ask, place).await.map_err(db_error)?);
            }
        }
        if out.figure.own {
            self.history(&mut out, &atlas, ask, place).await?;
        }
        Ok(out)
    }

    async fn history(&self, out: &mut Explanation, atlas: &places::Atlas, ask: &Ask, place: Uuid) -> Result<(), AppError> {
        let period = out.figure.period;
        let known: Arc<Known> = Arc::clone(&out.figure.known);
        let maps = self.maps(atlas, &known, period);
        let expected = if ask.tree == super::Tree::Today { self.succession(&maps, &known) } else { None };
        let parents = expected.as_ref().and_then(|e| e.succession.parents.get(&place).cloned()).unwrap_or_default();
        if !parents.is_empty() && parents.as_slice() != [(place, 0)] {
            for (unit, nth) in parents {
                let Some(heir) = expected.as_ref().and_then(|e| e.succession.heirs.get(&unit)).and_then(|h| h.get(nth)) else { continue };
                let figure = self.read(&Ask { tree: super::Tree::Then, ..ask.clone() }, unit).await.map_err(db_error)?;
                out.carried.push(CarriedFrom { unit, share: heir.share, estimated: heir.estimated, figure });
            }
            return Ok(());
        }
        let Some(unit) = atlas.unit(place) else { return Ok(()) };
        let key = (known.measure.id, period.to_i64());
        let lines = store::lines(self.db(), unit.tenant, key, place).await.map_err(db_error)?;
        if !out.detailed {
            // The public sees what counts, not who wrote it nor what was not accepted.
            out.steps = Story::of(lines).accepted.into_iter().map(|line| Step { line: Line { cell: None, reason: None, ..line }, act: None }).collect();
            return Ok(());
        }
        let acts: HashMap<Uuid, Act> = store::acts(self.db(), unit.tenant, key, place).await.map_err(db_error)?;
        out.steps = lines
            .into_iter()
            .map(|line| {
                let act = acts.get(&line.act).cloned();
                Step { line, act }
            })
            .collect();
        out.evidence =
            store::evidence::of_subject(self.db(), unit.tenant, &Subject::Figure { measure: known.measure.id, period, unit: place }).await.map_err(db_error)?;
        Ok(())
    }
}
