//! One thing that is judged, and the criterion it stands in.

use super::threshold::{Op, Threshold};
use super::words::{Confidence, Kind, Scope};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How the parts of a composite indicator make the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compose {
    /// Every part.
    All,
    /// At least so many parts.
    AtLeast(usize),
    /// The points of the parts that are met add up to at least this.
    #[schema(value_type = String)]
    Points(Decimal),
}

/// How an indicator was worded before an amendment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Former {
    /// The old title; none where it is not known.
    #[serde(default)]
    pub title: Option<String>,
    /// The old kind where it was another.
    #[serde(default)]
    pub kind: Option<Kind>,
    /// The old unit where it was another.
    #[serde(default)]
    pub unit: Option<String>,
    /// Last day on which it held.
    #[schema(value_type = String, format = Date)]
    pub until: Date,
}

/// One thing that is judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Indicator {
    /// Code within the set: `8.4`.
    pub code: String,
    /// Title as it reads now.
    pub title: String,
    /// What is asked for.
    pub kind: Kind,
    /// Unit of measurement.
    pub unit: String,
    /// Usual direction of the comparison, for thresholds still to be entered.
    pub op: Option<Op>,
    /// By what the threshold differs.
    pub levels_by: Scope,
    /// Code of the measure from which the value comes.
    pub measure: Option<String>,
    /// Formula in CEL over codes of measures from which the value comes.
    pub formula: Option<String>,
    /// Code of the set it refers to.
    pub refers_to: Option<String>,
    /// Code of the same indicator in the set this one is based on, when it is another code.
    pub base: Option<String>,
    /// Choices, lowest first; for other kinds: examples of what counts.
    pub options: Vec<String>,
    /// When it applies, in words; an indicator with this may be "not applicable".
    pub applies_if: Option<String>,
    /// Whether it may only be met with evidence.
    pub evidence: bool,
    /// Department at province level that appraises it.
    pub owner: Option<String>,
    /// Guidance of the ministry in charge.
    pub guidance: Option<String>,
    /// Document that amended it.
    pub amended_by: Option<String>,
    /// First day of the amended wording.
    #[schema(value_type = Option<String>, format = Date)]
    pub amended_from: Option<Date>,
    /// Earlier wordings, oldest first.
    pub was: Vec<Former>,
    /// Of a composite: how the parts make the whole.
    pub compose: Option<Compose>,
    /// Of a composite: its parts.
    #[schema(no_recursion)]
    pub parts: Vec<Indicator>,
    /// Of a part: its points.
    #[schema(value_type = Option<String>)]
    pub points: Option<Decimal>,
    /// Thresholds, all scopes and dates.
    pub thresholds: Vec<Threshold>,
    /// How sure the title is.
    pub confidence: Confidence,
    /// Where it was found.
    pub source: Option<String>,
    /// Anything worth saying.
    pub note: Option<String>,
}

/// The wording of an indicator on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wording<'a> {
    /// Title.
    pub title: &'a str,
    /// Kind.
    pub kind: Kind,
    /// Unit.
    pub unit: &'a str,
}

impl Indicator {
    /// An indicator with nothing but code, title and kind.
    pub fn new(code: impl Into<String>, title: impl Into<String>, kind: Kind) -> Indicator {
        Indicator {
            code: code.into(),
            title: title.into(),
            kind,
            unit: if kind.is_share() { "%".to_owned() } else { String::new() },
            op: kind.is_number().then_some(Op::AtLeast),
            levels_by: Scope::National,
            measure: None,
            formula: None,
            refers_to: None,
            base: None,
            options: Vec::new(),
            applies_if: None,
            evidence: false,
            owner: None,
            guidance: None,
            amended_by: None,
            amended_from: None,
            was: Vec::new(),
            compose: None,
            parts: Vec::new(),
            points: None,
            thresholds: Vec::new(),
            confidence: Confidence::Unknown,
            source: None,
            note: None,
        }
    }

    /// How it reads on a day.
    pub fn on(&self, day: Date) -> Wording<'_> {
        let former = self.was.iter().filter(|f| day <= f.until).min_by_key(|f| f.until);
        Wording {
            title: former.and_then(|f| f.title.as_deref()).unwrap_or(&self.title),
            kind: former.and_then(|f| f.kind).unwrap_or(self.kind),
            unit: former.and_then(|f| f.unit.as_deref()).unwrap_or(&self.unit),
        }
    }
}

/// A criterion: indicators that are met together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Criterion {
    /// Number, such as `8`; of a condition `DK1`.
    pub number: String,
    /// Title.
    pub title: String,
    /// Group of criteria.
    pub group: String,
    /// A condition beside the criteria proper; not counted among them.
    pub condition: bool,
    /// How sure the title is.
    pub confidence: Confidence,
    /// Anything worth saying.
    pub note: Option<String>,
    /// Indicators; empty when they are not known.
    pub indicators: Vec<Indicator>,
}
