//! A plan: a programme, a thematic programme or the plan of a level, with its targets as data.

use crate::document::Confidence;
use jiff::civil::Date;
use places::Level;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Where a plan stands in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanKind {
    /// A national target programme.
    Programme,
    /// A thematic programme or component of one.
    Thematic,
    /// The plan of a level.
    Plan,
}

impl PlanKind {
    /// All kinds from the top.
    pub const ALL: [PlanKind; 3] = [PlanKind::Programme, PlanKind::Thematic, PlanKind::Plan];

    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            PlanKind::Programme => "programme",
            PlanKind::Thematic => "thematic",
            PlanKind::Plan => "plan",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<PlanKind> {
        PlanKind::ALL.into_iter().find(|k| k.word() == word)
    }

    /// (Vietnamese, English).
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            PlanKind::Programme => ("chương trình mục tiêu quốc gia", "national target programme"),
            PlanKind::Thematic => ("chương trình chuyên đề", "thematic programme"),
            PlanKind::Plan => ("kế hoạch", "plan"),
        }
    }
}

/// The part of the programme a target belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pillar {
    /// New-rural development as a whole.
    General,
    /// Digital government.
    Government,
    /// Digital economy.
    Economy,
    /// Digital society.
    Society,
    /// Digital infrastructure and data.
    Infrastructure,
    /// Pilots.
    Pilot,
}

impl Pillar {
    /// All, in the order of the decision.
    pub const ALL: [Pillar; 6] = [Pillar::General, Pillar::Government, Pillar::Economy, Pillar::Society, Pillar::Infrastructure, Pillar::Pilot];

    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Pillar::General => "general",
            Pillar::Government => "government",
            Pillar::Economy => "economy",
            Pillar::Society => "society",
            Pillar::Infrastructure => "infrastructure",
            Pillar::Pilot => "pilot",
        }
    }

    /// The pillar of a word.
    pub fn from_word(word: &str) -> Option<Pillar> {
        Pillar::ALL.into_iter().find(|p| p.word() == word)
    }

    /// (Vietnamese, English).
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            Pillar::General => ("Nông thôn mới", "New-rural development"),
            Pillar::Government => ("Chính quyền số", "Digital government"),
            Pillar::Economy => ("Kinh tế số", "Digital economy"),
            Pillar::Society => ("Xã hội số", "Digital society"),
            Pillar::Infrastructure => ("Hạ tầng số và dữ liệu số", "Digital infrastructure and data"),
            Pillar::Pilot => ("Mô hình thí điểm", "Pilots"),
        }
    }
}

/// How a value is compared with the target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum Op {
    /// At least.
    #[default]
    #[serde(rename = ">=")]
    AtLeast,
    /// At most.
    #[serde(rename = "<=")]
    AtMost,
}

impl Op {
    /// `>=` or `<=`.
    pub fn word(self) -> &'static str {
        match self {
            Op::AtLeast => ">=",
            Op::AtMost => "<=",
        }
    }

    /// Whether a value fulfils the target.
    pub fn holds(self, value: Decimal, target: Decimal) -> bool {
        match self {
            Op::AtLeast => value >= target,
            Op::AtMost => value <= target,
        }
    }

    /// Whether `a` asks for more than `b`.
    pub fn stricter(self, a: Decimal, b: Decimal) -> bool {
        match self {
            Op::AtLeast => a > b,
            Op::AtMost => a < b,
        }
    }

    /// (Vietnamese, English).
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            Op::AtLeast => ("từ", "at least"),
            Op::AtMost => ("không quá", "at most"),
        }
    }
}

/// How the document words the value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stated {
    /// As a minimum (or maximum).
    #[default]
    AtLeast,
    /// Only the figure.
    Exact,
    /// "About".
    About,
}

/// How a reading counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The figure of the place itself; of several measures n is added to n and N to N.
    #[default]
    Value,
    /// How many places of a level fulfil a condition, among all of them.
    Units,
    /// Whether the place itself fulfils every one of the measures.
    All,
}

/// How the result of a reading is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Show {
    /// A percentage.
    #[default]
    Share,
    /// A number of things.
    Number,
    /// Met or not.
    YesNo,
}

/// On which map a reading counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tree {
    /// As it was then.
    #[default]
    Then,
    /// On today's map.
    Today,
}

/// One way of understanding a target: what is counted, among which places, on which map and day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// Code within the target.
    pub code: String,
    /// Printed under the figure.
    pub title_vi: String,
    /// The same in English.
    #[serde(default)]
    pub title_en: String,
    /// See [`How`].
    #[serde(default)]
    pub how: How,
    /// See [`Show`].
    #[serde(default)]
    pub show: Show,
    /// Codes of measures. Results of criteria sets are called `kq_<set>_<indicator>`, recognitions `cn_<set>`.
    pub measures: Vec<String>,
    /// Measures to read as long as the first ones do not exist, hold nothing, or cover less than half of the places while these cover more.
    #[serde(default)]
    pub instead: Vec<String>,
    /// Level of the places counted; the reporting level when absent.
    #[serde(default)]
    pub level: Option<Level>,
    /// Only places of these kinds, such as `xã`.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Only members of these groups (codes).
    #[serde(default)]
    pub groups: Vec<String>,
    /// Without members of these groups.
    #[serde(default)]
    pub but_groups: Vec<String>,
    /// Only places for which this measure says yes.
    #[serde(default)]
    pub among: Option<String>,
    /// A place fulfils the condition from this value on; when absent, if it fulfils that of the measure itself.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub at_least: Option<Decimal>,
    /// What the result must reach, where that is not the value of the target: 100 for "each of them".
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub needs: Option<Decimal>,
    /// See [`Tree`].
    #[serde(default)]
    pub tree: Tree,
    /// Counted on this day instead of the newest period.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub on: Option<Date>,
}

/// A target of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Code within the plan; the same code in the plan above is what it overrides.
    pub code: String,
    /// See [`Pillar`].
    pub pillar: Pillar,
    /// Wording.
    pub title_vi: String,
    /// English.
    #[serde(default)]
    pub title_en: String,
    /// Where it stands in the document.
    #[serde(default)]
    pub clause: String,
    /// The level whose places or files are counted; a target of a level that ended closes with it.
    pub level: Level,
    /// See [`Op`].
    #[serde(default)]
    pub op: Op,
    /// Value to reach, as the document has it.
    #[schema(value_type = String)]
    pub value: Decimal,
    /// Unit of the value.
    #[serde(default)]
    pub unit: String,
    /// See [`Stated`].
    #[serde(default)]
    pub stated: Stated,
    /// Last day; that of the plan when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub deadline: Option<Date>,
    /// Ways of reading it, the first one unless the owner chose another; those of the plan above when absent.
    #[serde(default)]
    pub reading: Vec<Reading>,
    /// How sure it is.
    #[serde(default)]
    pub confidence: Confidence,
    /// Where it comes from.
    #[serde(default)]
    pub source: String,
    /// What a reader must know.
    #[serde(default)]
    pub note: String,
}

/// A result that somebody claimed. It stands beside the computed value, never instead of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Code within the plan.
    pub code: String,
    /// Targets it speaks about.
    #[serde(default)]
    pub targets: Vec<String>,
    /// A measure that counts the same, where no target does.
    #[serde(default)]
    pub measure: Option<String>,
    /// Wording.
    pub title_vi: String,
    /// Value claimed.
    #[schema(value_type = String)]
    pub value: Decimal,
    /// Unit.
    #[serde(default)]
    pub unit: String,
    /// `YYYY`, `YYYY-MM` or a day; empty if not said.
    #[serde(default)]
    pub as_of: String,
    /// How sure it is that this was claimed.
    #[serde(default)]
    pub confidence: Confidence,
    /// Who says so.
    pub source: String,
    /// What a reader must know.
    #[serde(default)]
    pub note: String,
}

/// A group of tasks that the document lists; tasks hang on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskGroup {
    /// Its number in the document.
    pub number: u32,
    /// Wording.
    pub title_vi: String,
    /// English.
    #[serde(default)]
    pub title_en: String,
    /// See [`Pillar`].
    pub pillar: Pillar,
    /// How sure it is.
    #[serde(default)]
    pub confidence: Confidence,
    /// Where it comes from.
    #[serde(default)]
    pub source: String,
}

/// What a plan says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Short stable code, used in addresses: small letters, digits and `-`.
    pub code: String,
    /// Version, from 1; counted up here.
    #[serde(default = "one")]
    pub version: i64,
    /// See [`PlanKind`].
    pub kind: PlanKind,
    /// Title.
    pub title_vi: String,
    /// English.
    #[serde(default)]
    pub title_en: String,
    /// Who issued it.
    #[serde(default)]
    pub authority: String,
    /// Code of its document in the library.
    #[serde(default)]
    pub document: Option<String>,
    /// Code of the plan above.
    #[serde(default)]
    pub parent: Option<String>,
    /// Code of the plan of the period before.
    #[serde(default)]
    pub follows: Option<String>,
    /// Whether targets of the plan above that it does not name are its own too.
    #[serde(default = "yes")]
    pub inherits: bool,
    /// The unit whose plan it is: id, key of the facts, code or name.
    pub unit: String,
    /// First day, where it is known.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub valid_from: Option<Date>,
    /// Last day.
    #[schema(value_type = String, format = Date)]
    pub valid_to: Date,
    /// How sure it is.
    #[serde(default)]
    pub confidence: Confidence,
    /// Where it comes from.
    #[serde(default)]
    pub source: String,
    /// What a reader must know.
    #[serde(default)]
    pub note: String,
}

fn one() -> i64 {
    1
}

fn yes() -> bool {
    true
}

/// A plan with everything in it. This is also the shape of `facts/programme/plans/*.toml`, of import and export, and of the stored JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Head.
    pub plan: Head,
    /// Targets.
    #[serde(default)]
    pub target: Vec<Target>,
    /// Claims.
    #[serde(default)]
    pub claim: Vec<Claim>,
    /// Groups of tasks.
    #[serde(default)]
    pub task_group: Vec<TaskGroup>,
}

/// A plan as it is kept.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Id, the same for all versions.
    pub id: Uuid,
    /// The unit whose plan it is.
    pub home: Uuid,
    /// Its name without kind, on the last day of the plan; empty for the country.
    pub place: String,
    /// Definition in the newest version.
    pub def: Definition,
}

impl Target {
    /// Wording in a language.
    pub fn title(&self, l: ui::Lang) -> &str {
        pick(l, &self.title_vi, &self.title_en)
    }
}

impl Reading {
    /// Wording in a language.
    pub fn title(&self, l: ui::Lang) -> &str {
        pick(l, &self.title_vi, &self.title_en)
    }

    /// Every measure that it may read.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.measures.iter().chain(&self.instead).chain(&self.among).map(String::as_str)
    }
}

impl Head {
    /// Title in a language.
    pub fn title(&self, l: ui::Lang) -> &str {
        pick(l, &self.title_vi, &self.title_en)
    }
}

fn pick<'a>(l: ui::Lang, vi: &'a str, en: &'a str) -> &'a str {
    if en.is_empty() { vi } else { l.t(vi, en) }
}

/// Whether a code is that of a result or recognition of a criteria set, which may come later than the plan that counts it.
pub fn may_come(code: &str) -> bool {
    code.starts_with("kq_") || code.starts_with("cn_")
}
