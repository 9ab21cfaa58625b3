//! Values that come from figures, so that nothing is typed twice.

use super::Criteria;
use crate::model::{Given, Indicator, Kind, Set};
use access::db_error;
use calendar::Period;
use figures::{Ask, FigureView, Known, Status, Tree};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use ui::AppError;
use uuid::Uuid;

/// A value that comes from figures, with the way to its explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// The value; none when the figure is missing or not accepted yet.
    pub given: Option<Given>,
    /// Codes of the measures behind it.
    pub measures: Vec<String>,
    /// State of the figure in words, when there is no value.
    pub state: Option<Status>,
}

/// Whether the value of an indicator comes from figures.
pub(crate) fn is_linked(i: &Indicator) -> bool {
    i.measure.is_some() || i.formula.is_some() || matches!(i.kind, Kind::Reference | Kind::Share)
}

/// The value of a figure for an indicator.
pub(crate) fn given_of(view: &FigureView, kind: Kind) -> Option<Given> {
    if view.status == Status::NotApplicable {
        return Some(Given::NotApplicable);
    }
    if let Some(text) = &view.words {
        return Some(Given::Words { text: text.clone() });
    }
    if let Some((n, of)) = view.parts.filter(|(_, of)| *of > 0) {
        return Some(Given::Ratio { n, of });
    }
    let value = view.value?;
    if view.own && view.known.measure.def.kind == figures::Kind::YesNo && !kind.is_number() {
        return Some(Given::Answer { yes: value >= rust_decimal::Decimal::ONE });
    }
    Some(Given::Number { value })
}

impl Criteria {
    /// The values of a set that come from figures, by the code of the indicator or part; with one reading.
    ///
    /// # Errors
    /// What the database says.
    pub async fn linked(&self, set: &Set, unit: Uuid, year: i16) -> Result<BTreeMap<String, Linked>, AppError> {
        let Some(period) = Period::year(year) else { return Ok(BTreeMap::new()) };
        let catalog = self.figures().catalog();
        let mut wanted: BTreeSet<String> = BTreeSet::new();
        let all = || set.indicators().flat_map(|i| std::iter::once(i).chain(&i.parts));
        for i in all() {
            wanted.extend(self.sources(i));
        }
        let asks: Vec<Ask> =
            wanted.iter().filter_map(|code| catalog.coded(code)).map(|known: &Arc<Known>| Ask { known: Arc::clone(known), period, tree: Tree::Then }).collect();
        let views = self.figures().read_many(&asks, unit).await.map_err(db_error)?;
        let by_code: BTreeMap<&str, &FigureView> = asks.iter().map(|a| a.known.measure.def.code.as_str()).zip(&views).collect();
        let mut out = BTreeMap::new();
        for i in all().filter(|i| is_linked(i)) {
            let measures = self.sources(i);
            let given = if let Some(text) = &i.formula {
                let formula = formula::Formula::parse(text).ok();
                let value = formula.and_then(|f| f.eval_with(|code| by_code.get(code).and_then(|v| v.value)).ok().flatten());
                value.map(|value| Given::Number { value })
            } else {
                // The first of them that says anything: the whole set as appraised, else recognition.
                measures.iter().filter_map(|code| by_code.get(code.as_str())).find_map(|v| given_of(v, i.kind))
            };
            let state = if given.is_none() { measures.first().and_then(|c| by_code.get(c.as_str())).map(|v| v.status) } else { None };
            out.insert(i.code.clone(), Linked { given, measures, state });
        }
        Ok(out)
    }

    /// Codes of the measures behind an indicator, the first that has a value counts.
    pub(crate) fn sources(&self, i: &Indicator) -> Vec<String> {
        if let Some(text) = &i.formula {
            return formula::Formula::parse(text).map(|f| f.inputs().to_vec()).unwrap_or_default();
        }
        if let Some(code) = &i.measure {
            return vec![code.clone()];
        }
        let Some(set) = i.refers_to.as_ref().and_then(|code| self.shelf().library.get(code).cloned()) else { return Vec::new() };
        match i.kind {
            // Whether the unit itself meets the set.
            Kind::Reference => vec![set.measure_code(None), set.recognised_code()],
            // Shares count recognised units.
            Kind::Share => vec![set.recognised_code(), set.measure_code(None)],
            _ => Vec::new(),
        }
    }
}
