//! All plans and documents in memory, and the tree the plans make.

use crate::document::{Kept, Validity};
use crate::plan::{Plan, Target};
use jiff::civil::Date;
use places::Atlas;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

/// A snapshot of all plans (newest versions) and of all documents without their texts.
#[derive(Debug, Default)]
pub struct Register {
    plans: BTreeMap<String, Arc<Plan>>,
    documents: BTreeMap<String, Arc<Kept>>,
    children: BTreeMap<String, Vec<String>>,
}

/// A target as it applies to a plan: its own, or that of a plan above.
#[derive(Clone, Debug)]
pub struct Held {
    /// The plan asked about.
    pub plan: Arc<Plan>,
    /// The plan that names the target.
    pub origin: Arc<Plan>,
    /// The target, with the readings of the plan above where it brings none.
    pub target: Target,
    /// The nearest plan above that names the same target in the same unit, and its value.
    pub above: Option<(Arc<Plan>, Decimal)>,
}

/// Which of two values asks for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stricter {
    /// That of the plan itself.
    Own,
    /// That of the plan above.
    Above,
    /// Both are the same.
    Same,
}

impl Held {
    /// Whether the plan names the target itself.
    pub fn own(&self) -> bool {
        self.plan.id == self.origin.id
    }

    /// Which value asks for more; none when there is nothing above to compare with.
    pub fn stricter(&self) -> Option<Stricter> {
        let (_, above) = self.above.as_ref()?;
        let (op, own) = (self.target.op, self.target.value);
        Some(if op.stricter(own, *above) {
            Stricter::Own
        } else if op.stricter(*above, own) {
            Stricter::Above
        } else {
            Stricter::Same
        })
    }

    /// Last day as the plan or the target has it.
    pub fn deadline(&self) -> Date {
        self.target.deadline.unwrap_or(self.origin.def.plan.valid_to)
    }
}

/// `G8` before `G10`: letters, then the number, then the rest.
fn natural(code: &str) -> (String, u64, String) {
    let letters: String = code.chars().take_while(|c| !c.is_ascii_digit()).collect();
    let rest = code.get(letters.len()..).unwrap_or_default();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).take(18).collect();
    let tail = rest.get(digits.len()..).unwrap_or_default().to_owned();
    (letters, digits.parse().unwrap_or(0), tail)
}

impl Register {
    /// Builds the tree. A plan whose parent is not there is a root.
    pub fn new(plans: Vec<Plan>, documents: Vec<Kept>) -> Register {
        let plans: BTreeMap<String, Arc<Plan>> = plans.into_iter().map(|p| (p.def.plan.code.clone(), Arc::new(p))).collect();
        let documents = documents.into_iter().map(|d| (d.about.code.clone(), Arc::new(d))).collect();
        let mut children: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (code, plan) in &plans {
            let parent = plan.def.plan.parent.clone().filter(|p| plans.contains_key(p)).unwrap_or_default();
            children.entry(parent).or_default().push(code.clone());
        }
        let mut register = Register { plans, documents, children: BTreeMap::new() };
        for list in children.values_mut() {
            list.sort_by_cached_key(|code| register.plans.get(code).map(|p| (p.def.plan.valid_from, lang::sort_key(&p.def.plan.title_vi))));
        }
        register.children = children;
        register
    }

    /// A plan by its code.
    pub fn plan(&self, code: &str) -> Option<&Arc<Plan>> {
        self.plans.get(code)
    }

    /// A plan by its id.
    pub fn plan_of(&self, id: Uuid) -> Option<&Arc<Plan>> {
        self.plans.values().find(|p| p.id == id)
    }

    /// All plans, by code.
    pub fn plans(&self) -> impl Iterator<Item = &Arc<Plan>> {
        self.plans.values()
    }

    /// Plans without one above.
    pub fn roots(&self) -> impl Iterator<Item = &Arc<Plan>> {
        self.children("")
    }

    /// Plans directly under one, by first day and title.
    pub fn children(&self, code: &str) -> impl Iterator<Item = &Arc<Plan>> {
        self.children.get(code).into_iter().flatten().filter_map(|c| self.plans.get(c))
    }

    /// Plans above one, nearest first. A circle, which [`crate::check`] refuses, ends it.
    pub fn above(&self, code: &str) -> Vec<Arc<Plan>> {
        let mut out: Vec<Arc<Plan>> = Vec::new();
        let mut seen: HashSet<&str> = HashSet::from([code]);
        let mut at = self.plan(code);
        while let Some(parent) = at.and_then(|p| p.def.plan.parent.as_deref()).filter(|p| seen.insert(p)).and_then(|p| self.plan(p)) {
            out.push(Arc::clone(parent));
            at = Some(parent);
        }
        out
    }

    /// A plan and all under it, from the top.
    pub fn below(&self, code: &str) -> Vec<Arc<Plan>> {
        let mut out = Vec::new();
        let mut stack: Vec<&str> = vec![code];
        let mut seen: HashSet<&str> = HashSet::new();
        while let Some(code) = stack.pop().filter(|c| seen.insert(c)) {
            out.extend(self.plan(code).cloned());
            stack.extend(self.children.get(code).into_iter().flatten().map(String::as_str));
        }
        out
    }

    /// The targets of a plan: its own, and those of the plans above that it does not name, in the order of the pillars and their codes.
    /// What counts a level above the plan's own unit is not handed down.
    pub fn targets(&self, atlas: &Atlas, plan: &Arc<Plan>) -> Vec<Held> {
        let above = self.above(&plan.def.plan.code);
        let level = atlas.unit(plan.home).map(|u| u.level);
        let mut chain: Vec<&Arc<Plan>> = vec![plan];
        for one in &above {
            if !chain.last().is_some_and(|p| p.def.plan.inherits) {
                break;
            }
            chain.push(one);
        }
        let mut out: Vec<Held> = Vec::new();
        for (nth, origin) in chain.iter().enumerate() {
            for target in &origin.def.target {
                let handed_down = nth > 0 && level.is_some_and(|l| target.level < l);
                if handed_down || out.iter().any(|h| h.target.code == target.code) {
                    continue;
                }
                let rest = chain.get(nth + 1..).unwrap_or_default();
                let same = |p: &&&Arc<Plan>| p.def.target.iter().any(|t| t.code == target.code && t.unit == target.unit && t.op == target.op);
                let over = rest.iter().find(same).and_then(|p| {
                    let value = p.def.target.iter().find(|t| t.code == target.code)?.value;
                    Some((Arc::clone(p), value))
                });
                let mut target = target.clone();
                if target.reading.is_empty() {
                    let readings = rest.iter().flat_map(|p| &p.def.target).find(|t| t.code == target.code && !t.reading.is_empty());
                    target.reading = readings.map(|t| t.reading.clone()).unwrap_or_default();
                }
                out.push(Held { plan: Arc::clone(plan), origin: Arc::clone(origin), target, above: over });
            }
        }
        out.sort_by_cached_key(|h| (h.target.pillar, natural(&h.target.code)));
        out
    }

    /// A document by its code.
    pub fn document(&self, code: &str) -> Option<&Arc<Kept>> {
        self.documents.get(code)
    }

    /// All documents, by code.
    pub fn documents(&self) -> impl Iterator<Item = &Arc<Kept>> {
        self.documents.values()
    }

    /// Whether a document holds on a day, counting what took its place.
    pub fn validity(&self, kept: &Kept, on: Date) -> Validity {
        let next = kept.about.replaced_by.as_deref().and_then(|code| self.document(code));
        let first = next.and_then(|n| n.about.valid_from.or_else(|| n.about.issued.parse().ok()));
        kept.about.validity(on, first)
    }

    /// Plans that a document issues.
    pub fn plans_of_document<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a Arc<Plan>> {
        self.plans.values().filter(move |p| p.def.plan.document.as_deref() == Some(code))
    }

    /// Documents that change, rest on or are replaced by one: the other end of its links.
    pub fn linked<'a>(&'a self, code: &'a str) -> impl Iterator<Item = (&'static str, &'a Arc<Kept>)> {
        self.documents.values().filter_map(move |d| {
            let a = &d.about;
            if a.amends.iter().any(|c| c == code) {
                Some(("amended_by", d))
            } else if a.based_on.iter().any(|c| c == code) {
                Some(("basis_of", d))
            } else if a.replaced_by.as_deref() == Some(code) {
                Some(("replaces", d))
            } else {
                None
            }
        })
    }
}
