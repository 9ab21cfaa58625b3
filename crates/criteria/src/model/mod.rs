//! A set of criteria: what a unit is judged by, dated and versioned. Pure; the same set and the same values always give the same verdict.

mod ahead;
mod judge;
mod library;
mod threshold;
mod watch;

pub use ahead::{Step, steps};
pub use judge::{Card, Given, Judged, Outcome, Tally, Values, combine, judge, judge_one, meets};
pub use library::Library;
pub use threshold::{Applied, Choice, Op, Threshold, Traits, Why, looser, province_id, threshold_for};
pub use watch::{Alarm, MergeRule, Revocation, Rules, Watch, watch};

use jiff::civil::Date;
use places::Level;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How much is known about a title or a threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Entered from the official text with its page.
    Official,
    /// Found in a consulted source.
    Source,
    /// Recalled, not compared with the text.
    Memory,
    /// Recalled with doubt.
    Unsure,
    /// Nothing is known.
    #[default]
    Unknown,
}

impl Confidence {
    /// All words, the surest first.
    pub const ALL: [Confidence; 5] = [Confidence::Official, Confidence::Source, Confidence::Memory, Confidence::Unsure, Confidence::Unknown];

    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Confidence::Official => "official",
            Confidence::Source => "source",
            Confidence::Memory => "memory",
            Confidence::Unsure => "unsure",
            Confidence::Unknown => "unknown",
        }
    }

    /// In plain words: (Vietnamese, English).
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            Confidence::Official => ("theo văn bản chính thức", "from the official text"),
            Confidence::Source => ("có nguồn", "from a source"),
            Confidence::Memory => ("theo trí nhớ, chưa đối chiếu văn bản", "recalled, not compared with the text"),
            Confidence::Unsure => ("chưa chắc, cần đối chiếu văn bản", "unsure, to be compared with the text"),
            Confidence::Unknown => ("chưa rõ", "not known"),
        }
    }
}

/// The rank that a set gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// Đạt chuẩn.
    Standard,
    /// Đặc thù.
    Special,
    /// Nâng cao.
    Advanced,
    /// Kiểu mẫu.
    Model,
    /// Thông minh.
    Smart,
    /// Anything a province calls otherwise.
    Other,
}

impl Rank {
    /// All ranks.
    pub const ALL: [Rank; 6] = [Rank::Standard, Rank::Special, Rank::Advanced, Rank::Model, Rank::Smart, Rank::Other];

    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Rank::Standard => "standard",
            Rank::Special => "special",
            Rank::Advanced => "advanced",
            Rank::Model => "model",
            Rank::Smart => "smart",
            Rank::Other => "other",
        }
    }

    /// The rank of a word.
    pub fn from_word(word: &str) -> Option<Rank> {
        Rank::ALL.into_iter().find(|r| r.word() == word)
    }

    /// (Vietnamese, English).
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            Rank::Standard => ("đạt chuẩn", "standard"),
            Rank::Special => ("đặc thù", "special"),
            Rank::Advanced => ("nâng cao", "advanced"),
            Rank::Model => ("kiểu mẫu", "model"),
            Rank::Smart => ("thông minh", "smart"),
            Rank::Other => ("khác", "other"),
        }
    }
}

/// What an indicator asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// n of N.
    Percent,
    /// A number of things.
    Count,
    /// A quantity in a unit.
    Amount,
    /// Whether the unit does what is demanded.
    YesNo,
    /// A step of an ordered list; the threshold is the lowest step that counts, from 0.
    Choice,
    /// Made of parts; see [`Compose`].
    Composite,
    /// The unit meets another set.
    Reference,
    /// The share of lower units that meet another set.
    Share,
    /// The result of a survey of satisfaction, n of N.
    Satisfaction,
    /// Words; judged by people.
    Text,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 10] =
        [Kind::Percent, Kind::Count, Kind::Amount, Kind::YesNo, Kind::Choice, Kind::Composite, Kind::Reference, Kind::Share, Kind::Satisfaction, Kind::Text];

    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Percent => "percent",
            Kind::Count => "count",
            Kind::Amount => "amount",
            Kind::YesNo => "yes_no",
            Kind::Choice => "choice",
            Kind::Composite => "composite",
            Kind::Reference => "reference",
            Kind::Share => "share",
            Kind::Satisfaction => "satisfaction",
            Kind::Text => "text",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|k| k.word() == word)
    }

    /// (Vietnamese, English).
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            Kind::Percent => ("tỷ lệ %", "percentage"),
            Kind::Count => ("số lượng", "count"),
            Kind::Amount => ("giá trị", "amount"),
            Kind::YesNo => ("đạt hoặc chưa đạt", "yes or no"),
            Kind::Choice => ("chọn một mức", "choice"),
            Kind::Composite => ("gồm nhiều nội dung", "composite"),
            Kind::Reference => ("đạt bộ tiêu chí khác", "meets another set"),
            Kind::Share => ("tỷ lệ đơn vị cấp dưới đạt", "share of lower units"),
            Kind::Satisfaction => ("kết quả lấy ý kiến hài lòng", "satisfaction"),
            Kind::Text => ("xếp loại bằng chữ", "words"),
        }
    }

    /// Whether the value is n of N (or a percentage).
    pub fn is_share(self) -> bool {
        matches!(self, Kind::Percent | Kind::Share | Kind::Satisfaction)
    }

    /// Whether the value is a number compared with a number.
    pub fn is_number(self) -> bool {
        self.is_share() || matches!(self, Kind::Count | Kind::Amount | Kind::Choice)
    }
}

/// By what the threshold of an indicator differs. It says which thresholds are still missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// One for the country.
    #[default]
    National,
    /// One per region.
    Region,
    /// One per region and year.
    RegionYear,
    /// One per commune group.
    CommuneGroup,
    /// Left to the province.
    Province,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Scope; 5] = [Scope::National, Scope::Region, Scope::RegionYear, Scope::CommuneGroup, Scope::Province];

    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Scope::National => "national",
            Scope::Region => "region",
            Scope::RegionYear => "region_year",
            Scope::CommuneGroup => "commune_group",
            Scope::Province => "province",
        }
    }

    /// The scope of a word.
    pub fn from_word(word: &str) -> Option<Scope> {
        Scope::ALL.into_iter().find(|s| s.word() == word)
    }

    /// (Vietnamese, English).
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            Scope::National => ("cả nước", "the country"),
            Scope::Region => ("theo vùng", "by region"),
            Scope::RegionYear => ("theo vùng và năm", "by region and year"),
            Scope::CommuneGroup => ("theo nhóm xã", "by commune group"),
            Scope::Province => ("do tỉnh quy định", "set by the province"),
        }
    }
}

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

/// Units with a flag are judged by the thresholds of another region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegionRule {
    /// Flag of the unit.
    pub flag: String,
    /// Region whose thresholds apply.
    pub region: String,
    /// Clause that says so.
    pub clause: String,
    /// Document.
    pub document: String,
    /// How sure.
    #[serde(default)]
    pub confidence: Confidence,
    /// Where it was found.
    #[serde(default)]
    pub source: Option<String>,
    /// Anything worth saying.
    #[serde(default)]
    pub note: Option<String>,
}

/// A document that changed the set during its period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Amendment {
    /// Document.
    pub document: String,
    /// Its date.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// What it changed.
    #[serde(default)]
    pub note: Option<String>,
    /// How sure.
    #[serde(default)]
    pub confidence: Confidence,
    /// Where it was found.
    #[serde(default)]
    pub source: Option<String>,
}

/// A group of communes with thresholds of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommuneGroup {
    /// Code of the group of places.
    pub code: String,
    /// Title.
    pub title: String,
    /// Which communes.
    pub rule: String,
    /// How sure.
    #[serde(default)]
    pub confidence: Confidence,
    /// Where it was found.
    #[serde(default)]
    pub source: Option<String>,
}

/// An annex of the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Annex {
    /// Number.
    pub number: String,
    /// Title.
    pub title: String,
}

/// What an example village reached; never a threshold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Observed {
    /// What was measured.
    pub title: String,
    /// Where.
    pub village: String,
    /// The value as the source gives it.
    pub value: String,
    /// `>` where the source says "more than".
    #[serde(default)]
    pub op: Option<String>,
    /// Unit.
    #[serde(default)]
    pub unit: Option<String>,
    /// How sure.
    #[serde(default)]
    pub confidence: Confidence,
}

/// A set of criteria in one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Set {
    /// Stable code: `commune-2021-2025`.
    pub code: String,
    /// Version, from 1.
    pub version: i64,
    /// Vietnamese title.
    pub title: String,
    /// English title.
    pub title_en: String,
    /// Document that issues it.
    pub document: String,
    /// Who issued it.
    pub authority: String,
    /// Level of the units judged.
    pub level: Level,
    /// Kinds of these units; empty for all of the level.
    pub kinds: Vec<String>,
    /// Rank it gives.
    pub rank: Rank,
    /// Sets that must be met as well.
    pub requires: Vec<String>,
    /// Set that asks for this one.
    pub required_by: Option<String>,
    /// Set it was copied from; its thresholds are the floor.
    pub based_on: Option<String>,
    /// Name of the province it is made for; none for the country.
    pub area: Option<String>,
    /// That province: key of the facts, or id.
    pub province: Option<String>,
    /// First day.
    #[schema(value_type = Option<String>, format = Date)]
    pub effective_from: Option<Date>,
    /// Last day.
    #[schema(value_type = Option<String>, format = Date)]
    pub effective_to: Option<Date>,
    /// Number of criteria the document states.
    pub criteria_count: Option<usize>,
    /// Number of indicators the document states.
    pub indicator_count: Option<usize>,
    /// Regions by which thresholds may differ.
    pub regions: Vec<String>,
    /// Flags with thresholds of another region.
    pub region_rules: Vec<RegionRule>,
    /// Documents that changed it.
    pub amendments: Vec<Amendment>,
    /// Commune groups by which thresholds may differ.
    pub commune_groups: Vec<CommuneGroup>,
    /// Annexes of the document.
    pub annexes: Vec<Annex>,
    /// Examples, never thresholds.
    pub observed: Vec<Observed>,
    /// Whether every indicator and threshold of the document stands here.
    pub complete: bool,
    /// How sure the frame is.
    pub confidence: Confidence,
    /// Where it was found.
    pub source: Option<String>,
    /// Anything worth saying.
    pub note: Option<String>,
    /// Criteria.
    pub criteria: Vec<Criterion>,
}

impl Set {
    /// All indicators in order; parts of composites are inside them.
    pub fn indicators(&self) -> impl Iterator<Item = &Indicator> {
        self.criteria.iter().flat_map(|c| &c.indicators)
    }

    /// Indicators with their criterion.
    pub fn pairs(&self) -> impl Iterator<Item = (&Criterion, &Indicator)> {
        self.criteria.iter().flat_map(|c| c.indicators.iter().map(move |i| (c, i)))
    }

    /// An indicator, or a part of one, by its code.
    pub fn indicator(&self, code: &str) -> Option<&Indicator> {
        self.indicators().find_map(|i| if i.code == code { Some(i) } else { i.parts.iter().find(|p| p.code == code) })
    }

    /// How many criteria proper there are.
    pub fn criteria_number(&self) -> usize {
        self.criteria.iter().filter(|c| !c.condition).count()
    }

    /// Whether all indicators are listed, so that a unit that meets those listed meets the set.
    pub fn is_whole(&self) -> bool {
        let listed = self.criteria.iter().filter(|c| !c.condition).map(|c| c.indicators.len()).sum::<usize>();
        let any = self.indicators().next().is_some();
        any && self.criteria.iter().all(|c| !c.indicators.is_empty()) && (self.complete || self.indicator_count == Some(listed))
    }

    /// Whether it is in force on a day; a set without dates always is.
    pub fn holds(&self, day: Date) -> bool {
        self.effective_from.is_none_or(|from| from <= day) && self.effective_to.is_none_or(|to| day <= to)
    }

    /// Whether a year has a day on which it is in force.
    pub fn in_year(&self, year: i16) -> bool {
        self.effective_from.is_none_or(|from| from.year() <= year) && self.effective_to.is_none_or(|to| year <= to.year())
    }

    /// The day on which a year is judged: its last, or the last of the set if that comes first.
    pub fn judged_on(&self, year: i16) -> Date {
        let end = jiff::civil::date(year, 12, 31);
        self.effective_to.filter(|to| to.year() == year).map_or(end, |to| to.min(end))
    }

    /// Code of the measure that holds the result of an indicator, or of the whole set.
    pub fn measure_code(&self, indicator: Option<&str>) -> String {
        let set = self.code.replace('-', "_");
        match indicator {
            Some(code) => format!("kq_{set}_{}", code.replace('.', "_")),
            None => format!("kq_{set}"),
        }
    }

    /// Code of the measure that says whether a unit is recognised.
    pub fn recognised_code(&self) -> String {
        format!("cn_{}", self.code.replace('-', "_"))
    }

    /// Title in a language.
    pub fn title(&self, lang: ui::Lang) -> &str {
        match lang {
            ui::Lang::En if !self.title_en.is_empty() => &self.title_en,
            _ => &self.title,
        }
    }
}
