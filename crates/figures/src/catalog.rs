//! All measures in memory, with their formulas read and their dependencies known.

use crate::measure::{Definition, DefinitionProblem, Measure};
use calendar::{Cutoff, Period};
use formula::Formula;
use jiff::civil::Date;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

/// A measure with its formulas read.
#[derive(Debug)]
pub struct Known {
    /// The measure.
    pub measure: Measure,
    /// Condition of counts and shares.
    pub condition: Option<Formula>,
    /// Formula of a computed measure.
    pub formula: Option<Formula>,
    /// Formula of N of a computed percentage.
    pub formula_of: Option<Formula>,
    /// Windows of its periods.
    pub cutoff: Cutoff,
}

/// A snapshot of all measures.
#[derive(Debug, Default)]
pub struct Catalog {
    /// Versions by measure, oldest first.
    versions: HashMap<Uuid, Vec<Arc<Known>>>,
    by_code: BTreeMap<String, Uuid>,
    /// Measure → measures computed from it.
    computed_from: HashMap<Uuid, Vec<Uuid>>,
    /// Measure → measures it is the weight of.
    weight_of: HashMap<Uuid, Vec<Uuid>>,
}

impl Catalog {
    /// Reads the formulas of all measures. A definition that was stored has been checked; one that cannot be read is left out.
    pub fn new(measures: Vec<Measure>) -> Catalog {
        let mut catalog = Catalog::default();
        for measure in measures {
            let read = |text: &Option<String>| text.as_deref().map(Formula::parse).transpose();
            let (Ok(condition), Ok(formula), Ok(formula_of), Ok(cutoff)) =
                (read(&measure.def.condition), read(&measure.def.formula), read(&measure.def.formula_of), Cutoff::shipped(&measure.def.cutoff))
            else {
                tracing::error!(code = measure.def.code, "a stored definition cannot be read");
                continue;
            };
            catalog.by_code.insert(measure.def.code.clone(), measure.id);
            catalog.versions.entry(measure.id).or_default().push(Arc::new(Known { measure, condition, formula, formula_of, cutoff }));
        }
        for list in catalog.versions.values_mut() {
            list.sort_by_key(|k| k.measure.def.version);
        }
        for (id, list) in &catalog.versions {
            let Some(known) = list.last() else { continue };
            for code in known.inputs() {
                if let Some(input) = catalog.by_code.get(&code) {
                    catalog.computed_from.entry(*input).or_default().push(*id);
                }
            }
            if let Some(input) = known.measure.def.weight.as_ref().and_then(|w| catalog.by_code.get(w)) {
                catalog.weight_of.entry(*input).or_default().push(*id);
            }
        }
        for list in catalog.computed_from.values_mut().chain(catalog.weight_of.values_mut()) {
            list.sort_unstable();
            list.dedup();
        }
        catalog
    }

    /// Measures in use that people enter or that are computed from these, in order of their codes: the newest version of each.
    /// What the platform records from its own results stands with these results; see [`Catalog::recorded`].
    pub fn current(&self) -> impl Iterator<Item = &Arc<Known>> {
        self.all().filter(|k| !k.measure.retired && !k.measure.def.is_recorded())
    }

    /// Measures that the platform records from its own results, in order of their codes.
    pub fn recorded(&self) -> impl Iterator<Item = &Arc<Known>> {
        self.all().filter(|k| !k.measure.retired && k.measure.def.is_recorded())
    }

    /// All measures, also those no longer asked for.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Known>> {
        self.by_code.values().filter_map(|id| self.newest(*id))
    }

    /// The newest version.
    pub fn newest(&self, id: Uuid) -> Option<&Arc<Known>> {
        self.versions.get(&id)?.last()
    }

    /// The version that holds for a period: the newest that began before the period ended, else the oldest.
    pub fn for_period(&self, id: Uuid, period: Period) -> Option<&Arc<Known>> {
        let list = self.versions.get(&id)?;
        list.iter().rev().find(|k| k.measure.def.valid_from <= k.cutoff.window(period).1).or(list.first())
    }

    /// A version by its number.
    pub fn version(&self, id: Uuid, version: i64) -> Option<&Arc<Known>> {
        self.versions.get(&id)?.iter().find(|k| k.measure.def.version == version)
    }

    /// All versions, oldest first.
    pub fn versions(&self, id: Uuid) -> &[Arc<Known>] {
        self.versions.get(&id).map(Vec::as_slice).unwrap_or_default()
    }

    /// By code (or id as text).
    pub fn coded(&self, code: &str) -> Option<&Arc<Known>> {
        let id = match self.by_code.get(code) {
            Some(id) => *id,
            None => code.parse().ok()?,
        };
        self.newest(id)
    }

    /// Measures computed from a measure.
    pub fn computed_from(&self, id: Uuid) -> &[Uuid] {
        self.computed_from.get(&id).map(Vec::as_slice).unwrap_or_default()
    }

    /// Measures it is the weight of.
    pub fn weight_of(&self, id: Uuid) -> &[Uuid] {
        self.weight_of.get(&id).map(Vec::as_slice).unwrap_or_default()
    }

    /// What is wrong with a definition among the others: unknown references, circles, a change that would break old figures.
    pub fn problems(&self, def: &Definition) -> Vec<DefinitionProblem> {
        let mut out = def.problems();
        let mut say = |field, vi: String, en: String| out.push(DefinitionProblem { field, vi, en });
        let mut inputs: Vec<String> = Vec::new();
        for text in [&def.formula, &def.formula_of].into_iter().flatten() {
            if let Ok(formula) = Formula::parse(text) {
                inputs.extend(formula.inputs().iter().cloned());
            }
        }
        for code in inputs.iter().chain(&def.weight) {
            if !self.by_code.contains_key(code) {
                say("formula", format!("Chưa có chỉ tiêu mang mã {code}."), format!("There is no measure {code}."));
            }
        }
        if self.reaches(&inputs, &def.code, &mut HashSet::new()) {
            say("formula", "Công thức quay vòng về chính chỉ tiêu này.".to_owned(), "The formula comes back to this measure.".to_owned());
        }
        if let Some(old) = self.coded(&def.code) {
            let old = &old.measure.def;
            if old.kind != def.kind || old.decimals != def.decimals || old.level != def.level || old.period != def.period {
                say(
                    "kind",
                    "Loại, số thập phân, cấp báo cáo và kỳ của một chỉ tiêu không đổi được giữa các phiên bản: hãy lập chỉ tiêu mới.".to_owned(),
                    "Kind, decimals, level and period never change between versions: make a new measure.".to_owned(),
                );
            }
        }
        out
    }

    fn reaches(&self, from: &[String], goal: &str, seen: &mut HashSet<String>) -> bool {
        from.iter().any(|code| code == goal || (seen.insert(code.clone()) && self.coded(code).is_some_and(|k| self.reaches(&k.inputs(), goal, seen))))
    }
}

impl Known {
    /// Codes of the measures this one is computed from.
    pub fn inputs(&self) -> Vec<String> {
        let mut out: Vec<String> = [&self.formula, &self.formula_of].into_iter().flatten().flat_map(|f| f.inputs().iter().cloned()).collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    /// First and last day of the data of a period.
    pub fn window(&self, period: Period) -> (Date, Date) {
        self.cutoff.window(period)
    }

    /// The period of another measure whose values go with a period of this one: the same, or the longer one around it.
    pub fn period_of(&self, other: &Known, period: Period) -> Option<Period> {
        if other.measure.def.period == period.kind() {
            return Some(period);
        }
        let last = self.window(period).1;
        Period::containing(other.measure.def.period, last, &other.cutoff).filter(|p| p.contains(period))
    }
}
