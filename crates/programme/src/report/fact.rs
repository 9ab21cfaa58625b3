//! A number in a report with where it comes from, and what became of it after the report was issued.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A number as it stands in a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is: `figure:so_htx:2026-Q3:<unit>`, `money:planned`, `tasks:late`.
    pub key: String,
    /// Title of the measure or sum.
    pub title: String,
    /// Place.
    pub place: String,
    /// Period or day.
    pub when: String,
    /// With its unit, as shown; the words for a value that is not there.
    pub shown: String,
    /// The number alone as a decimal; none when there is none.
    pub value: Option<String>,
    /// `n/N`; may be empty.
    pub n_of: String,
    /// How complete it is.
    pub status: String,
    /// Version of the definition; 0 for sums that are no measure.
    pub version: i64,
    /// Definition in words.
    pub definition: String,
    /// The page that says why.
    pub href: String,
}

impl Fact {
    /// As it stands in a table, whose column of states says why a value is not there.
    pub fn cell(&self) -> String {
        if self.value.is_none() && self.shown.starts_with('(') { "–".to_owned() } else { self.shown.clone() }
    }

    /// Whether it says the same as another; how a number is written does not matter.
    fn same(&self, other: &Fact) -> bool {
        match (&self.value, &other.value) {
            (Some(one), Some(two)) => one == two,
            (one, two) => one == two && self.shown == other.shown,
        }
    }
}

/// A number that is another now than it was in the issued report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// As it was issued.
    pub was: Fact,
    /// As it is now; none when the report would not show it any more.
    pub now: Option<String>,
}

/// What changed between the numbers of an issued report and those of now.
pub fn changed(issued: &[Fact], now: &[Fact]) -> Vec<Changed> {
    let now: BTreeMap<&str, &Fact> = now.iter().map(|f| (f.key.as_str(), f)).collect();
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for was in issued.iter().filter(|f| seen.insert(f.key.as_str())) {
        match now.get(was.key.as_str()) {
            Some(is) if is.same(was) => {}
            is => out.push(Changed { was: was.clone(), now: is.map(|f| f.shown.clone()) }),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(key: &str, shown: &str) -> Fact {
        Fact {
            key: key.into(),
            title: String::new(),
            place: String::new(),
            when: String::new(),
            shown: shown.into(),
            value: None,
            n_of: String::new(),
            status: String::new(),
            version: 1,
            definition: String::new(),
            href: String::new(),
        }
    }

    #[test]
    fn only_what_differs_is_listed_and_once() {
        let issued = [fact("a", "1"), fact("b", "2"), fact("b", "2"), fact("c", "3")];
        let found = changed(&issued, &[fact("a", "1"), fact("b", "5"), fact("d", "9")]);
        assert_eq!(found.iter().map(|c| (c.was.key.as_str(), c.now.as_deref())).collect::<Vec<_>>(), [("b", Some("5")), ("c", None)]);
    }

    #[test]
    fn the_same_number_written_another_way_has_not_changed() {
        let with = |value: &str, shown: &str| Fact { value: Some(value.into()), ..fact("a", shown) };
        assert!(changed(&[with("70.5", "70,5 %")], &[with("70.5", "70,5%")]).is_empty());
        assert_eq!(changed(&[with("70.51", "70,5%")], &[with("70.52", "70,5%")]).len(), 1, "rounding hides nothing");
        assert_eq!(changed(&[fact("a", "(chưa báo cáo)")], &[with("0", "0")]).len(), 1);
        assert_eq!((fact("a", "(chưa báo cáo)").cell().as_str(), fact("a", "Du lịch").cell().as_str()), ("–", "Du lịch"));
    }
}
