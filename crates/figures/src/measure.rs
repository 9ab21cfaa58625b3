//! A measure: what is counted, by whom, when, and how it adds up. Measures are data.

use calendar::{Period, PeriodKind};
use jiff::civil::Date;
use places::{Level, Reporters};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a value of a measure looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A whole number of things.
    Count,
    /// A quantity in a unit, with decimals.
    Amount,
    /// n of N, shown as a percentage.
    Percent,
    /// 1 or 0.
    YesNo,
    /// A step on a scale.
    Ordinal,
    /// Words; never added up.
    Text,
}

/// How values of places add up into the place above.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rollup {
    /// Σ value; for a percentage Σ n of Σ N.
    Sum,
    /// Σ weight·value ÷ Σ weight, the weight being another measure.
    WeightedMean,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// How many units fulfil the condition.
    CountWhere,
    /// Share of the units that fulfil the condition, among all that have to report and to which it applies.
    ShareWhere,
    /// Not at all.
    None,
}

/// How sub-periods add up into a longer period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OverTime {
    /// The last one (a stock).
    Last,
    /// Their sum (a flow).
    Sum,
    /// Their mean.
    Mean,
}

/// How the value of a unit is carried to its heirs on a later map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Carry {
    /// Added up; divided units by population.
    Sum,
    /// Weighted mean; the weight is carried like a sum.
    WeightedMean,
    /// The largest.
    Max,
    /// The smallest.
    Min,
    /// Fulfilled only if every unit before fulfilled it.
    AllMustPass,
    /// Added up; divided units by population.
    ByPopulation,
    /// Added up; divided units by area.
    ByArea,
    /// Only a unit that lives on unchanged keeps its value.
    NotCarried,
}

/// One version of the definition of a measure. This is also the shape of `facts/measures/*.toml` and of the stored JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Stable code: letters, digits, `_`; used in formulas, files and the API.
    pub code: String,
    /// Version, from 1.
    pub version: i64,
    /// First day from which periods are reported under this version.
    #[schema(value_type = String, format = Date)]
    pub valid_from: Date,
    /// Vietnamese title.
    pub title_vi: String,
    /// English title.
    pub title_en: String,
    /// What exactly is counted.
    pub definition_vi: String,
    /// The same in English.
    #[serde(default)]
    pub definition_en: String,
    /// Document and place in it.
    pub legal_basis: String,
    /// Unit of measurement: `hộ`, `%`, `triệu đồng`…
    pub unit: String,
    /// See [`Kind`].
    pub kind: Kind,
    /// For a percentage: what n counts.
    #[serde(default)]
    pub numerator_vi: String,
    /// For a percentage: what N counts.
    #[serde(default)]
    pub denominator_vi: String,
    /// Digits after the comma, 0 to 6. Never changes between versions.
    pub decimals: u32,
    /// Level of the units that report.
    pub level: Level,
    /// Only these kinds of units report; empty means all of the level.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Length of the period reported.
    #[schema(value_type = String)]
    pub period: PeriodKind,
    /// Scheme of the data cut-off: `nd09` or `calendar`.
    pub cutoff: String,
    /// See [`Rollup`].
    pub rollup: Rollup,
    /// Code of the weight, for a weighted mean.
    #[serde(default)]
    pub weight: Option<String>,
    /// Condition in CEL over `value`, for counts and shares.
    #[serde(default)]
    pub condition: Option<String>,
    /// See [`OverTime`].
    pub over_time: OverTime,
    /// See [`Carry`].
    pub carry: Carry,
    /// Smallest plausible value, as a decimal in text.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub min: Option<Decimal>,
    /// Largest plausible value.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub max: Option<Decimal>,
    /// Role that enters: `officer`; `system` for measures that the platform records from its own results.
    pub enter: String,
    /// Role that accepts: `reviewer`.
    pub accept: String,
    /// Formula in CEL over codes of other measures; the measure is then computed and never entered.
    #[serde(default)]
    pub formula: Option<String>,
    /// For a computed percentage: the formula of N.
    #[serde(default)]
    pub formula_of: Option<String>,
    /// Steps of an ordinal scale from 0, Vietnamese.
    #[serde(default)]
    pub steps: Vec<String>,
    /// Whether accepted figures are shown without sign-in.
    #[serde(default = "yes")]
    pub public: bool,
    /// Where this definition comes from.
    #[serde(default)]
    pub source: String,
}

fn yes() -> bool {
    true
}

/// A measure in one version.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// Id.
    pub id: Uuid,
    /// Definition.
    pub def: Definition,
    /// Whether it is no longer asked for.
    pub retired: bool,
}

impl Measure {
    /// Digits after the comma of the stored whole numbers: a percentage is stored as n and N, both whole.
    pub fn scale(&self) -> u32 {
        if self.def.kind == Kind::Percent { 0 } else { self.def.decimals }
    }

    /// Which units have to report.
    pub fn reporters(&self) -> Reporters {
        Reporters { level: self.def.level, kinds: self.def.kinds.clone() }
    }

    /// Whether it is computed from others.
    pub fn computed(&self) -> bool {
        self.def.formula.is_some()
    }

    /// Title in a language.
    pub fn title(&self, lang: ui::Lang) -> &str {
        match lang {
            ui::Lang::Vi => &self.def.title_vi,
            ui::Lang::En if !self.def.title_en.is_empty() => &self.def.title_en,
            ui::Lang::En => &self.def.title_vi,
        }
    }

    /// Whether a period is one this measure is reported in.
    pub fn takes(&self, period: Period) -> bool {
        period.kind() == self.def.period
    }

    /// How a value at a place above the reporting level is to be read: as a percentage, or in the unit of the measure.
    pub fn percent_above(&self) -> bool {
        self.def.kind == Kind::Percent || self.def.rollup == Rollup::ShareWhere
    }
}

/// What is wrong with a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionProblem {
    /// Field.
    pub field: &'static str,
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

impl Definition {
    /// Whether the platform records it from its own results, so that no person enters it and nobody is late with it.
    pub fn is_recorded(&self) -> bool {
        self.enter == crate::service::SYSTEM
    }

    /// Checks a definition by itself; references to other measures are checked by the catalogue.
    pub fn problems(&self) -> Vec<DefinitionProblem> {
        let mut out = Vec::new();
        let mut say = |field, vi: &str, en: &str| out.push(DefinitionProblem { field, vi: vi.to_owned(), en: en.to_owned() });
        let code_ok = self.code.len() <= 40
            && self.code.starts_with(|c: char| c.is_ascii_lowercase())
            && self.code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !code_ok {
            say(
                "code",
                "Mã chỉ gồm chữ thường không dấu, số và dấu gạch dưới, bắt đầu bằng chữ, tối đa 40 ký tự.",
                "The code takes lower-case ASCII letters, digits and _, begins with a letter, at most 40 characters.",
            );
        }
        if self.title_vi.trim().is_empty() {
            say("title_vi", "Cần tên chỉ tiêu bằng tiếng Việt.", "A Vietnamese title is needed.");
        }
        if self.definition_vi.trim().is_empty() {
            say("definition_vi", "Cần nói rõ đếm cái gì.", "Say what is counted.");
        }
        if self.decimals > 6 {
            say("decimals", "Tối đa 6 chữ số thập phân.", "At most 6 decimals.");
        }
        if matches!(self.kind, Kind::Count | Kind::YesNo | Kind::Ordinal | Kind::Text) && self.decimals != 0 {
            say("decimals", "Loại này không có chữ số thập phân.", "This kind has no decimals.");
        }
        if self.rollup == Rollup::WeightedMean && self.weight.is_none() {
            say("weight", "Bình quân gia quyền cần một chỉ tiêu làm trọng số.", "A weighted mean needs a weight measure.");
        }
        if self.rollup == Rollup::WeightedMean && self.kind == Kind::Percent {
            say("rollup", "Tỷ lệ n/N cộng dồn n và N, không lấy bình quân.", "A percentage adds up n and N; it is not averaged.");
        }
        let needs_condition = matches!(self.rollup, Rollup::CountWhere | Rollup::ShareWhere) && self.kind != Kind::YesNo;
        if needs_condition && self.condition.is_none() {
            say("condition", "Cần điều kiện, ví dụ: value >= 97.", "A condition is needed, for example: value >= 97.");
        }
        if self.kind == Kind::Text && self.rollup != Rollup::None {
            say("rollup", "Chữ không cộng dồn được.", "Text does not add up.");
        }
        if let (Some(min), Some(max)) = (self.min, self.max)
            && min > max
        {
            say("min", "Nhỏ nhất lớn hơn lớn nhất.", "The minimum is above the maximum.");
        }
        for (field, text) in [("formula", &self.formula), ("formula_of", &self.formula_of), ("condition", &self.condition)] {
            if let Some(text) = text
                && let Err(error) = formula::Formula::parse(text)
            {
                say(field, &format!("Công thức chưa đúng: {error}"), &format!("The formula is not right: {error}"));
            }
        }
        if self.kind == Kind::Percent && self.formula.is_some() != self.formula_of.is_some() {
            say("formula_of", "Tỷ lệ tính toán cần cả công thức của n và của N.", "A computed percentage needs formulas for both n and N.");
        }
        if !matches!(self.cutoff.as_str(), "nd09" | "calendar") {
            say("cutoff", "Thời hạn chốt số liệu là nd09 hoặc calendar.", "The cut-off is nd09 or calendar.");
        }
        out
    }
}
