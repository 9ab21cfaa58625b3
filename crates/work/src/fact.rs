use crate::{About, Answer};
use serde::{Deserialize, Serialize};

/// A value that fields of cases, facts and guards share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// A text; dates are ISO, `2026-02-05`.
    Text(String),
}

/// A fact that a domain offers, for whoever writes procedures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactName {
    /// The name in guards: `a-z`, digits and `_`, beginning with the domain, such as `criteria_met`.
    pub name: String,
    /// What it says, in Vietnamese.
    pub vi: String,
    /// The same in English.
    pub en: String,
}

/// What a domain knows about the subject of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fact {
    /// One of the names asked for.
    pub name: String,
    /// The value; none when it is not known, which is neither yes nor zero.
    pub value: Option<Value>,
    /// In words, Vietnamese: `đạt 19/19 tiêu chí`.
    pub vi: String,
    /// The same in English.
    pub en: String,
    /// Where it opens down to what it is made of.
    pub href: Option<String>,
}

/// A domain that knows facts about the subjects of cases.
pub trait CaseFacts: Send + Sync {
    /// What it offers.
    fn names(&self) -> Vec<FactName>;

    /// The facts of these names (all of them its own) about a case.
    fn facts<'a>(&'a self, about: &'a About, wanted: &'a [String]) -> Answer<'a, Vec<Fact>>;
}
