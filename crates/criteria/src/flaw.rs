//! What is wrong with a set: where, and how it is said to people.

use std::collections::BTreeMap;

/// A place in a set: positions of the criterion, the indicator, its part, the threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// Criterion.
    pub criterion: Option<usize>,
    /// Indicator within it.
    pub indicator: Option<usize>,
    /// Part of a composite indicator.
    pub part: Option<usize>,
    /// Threshold within that.
    pub threshold: Option<usize>,
}

/// A refusal. Codes are stable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Stable code.
    pub code: &'static str,
    /// Where in the set.
    pub at: At,
    /// Line of the file (or row of the sheet), when it came from one.
    pub line: Option<usize>,
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

impl Flaw {
    /// A refusal of something in the set.
    pub fn new(code: &'static str, at: At, vi: impl Into<String>, en: impl Into<String>) -> Flaw {
        Flaw { code, at, line: None, vi: vi.into(), en: en.into() }
    }

    /// The sentence with its line.
    pub fn says(&self, lang: ui::Lang) -> String {
        let text = lang.t(&self.vi, &self.en);
        match self.line {
            Some(line) => format!("{} {line}: {text}", lang.t("Dòng", "Line")),
            None => text.to_owned(),
        }
    }
}

/// The lines at which things of a set stand in its file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines(BTreeMap<At, usize>);

impl Lines {
    /// Notes where something stands; the first note counts.
    pub fn note(&mut self, at: At, line: usize) {
        self.0.entry(at).or_insert(line);
    }

    /// The line of something, or of what it stands in.
    pub fn of(&self, at: At) -> Option<usize> {
        let indicator = At { threshold: None, part: None, ..at };
        let wider = [at, At { threshold: None, ..at }, indicator, At { indicator: None, ..indicator }, At::default()];
        wider.iter().find_map(|a| self.0.get(a)).copied()
    }

    /// Gives each refusal its line.
    pub fn place(&self, mut flaws: Vec<Flaw>) -> Vec<Flaw> {
        for flaw in &mut flaws {
            flaw.line = flaw.line.or_else(|| self.of(flaw.at));
        }
        flaws
    }
}
