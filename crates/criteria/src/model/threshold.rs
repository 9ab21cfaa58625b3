//! Thresholds and the one function that says which of them applies to a unit.

use super::{Confidence, Indicator, Library, RegionRule, Scope, Set};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// How a value is compared with a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum Op {
    /// At least.
    #[serde(rename = ">=")]
    AtLeast,
    /// At most.
    #[serde(rename = "<=")]
    AtMost,
    /// More than.
    #[serde(rename = ">")]
    MoreThan,
    /// Less than.
    #[serde(rename = "<")]
    LessThan,
    /// Exactly.
    #[serde(rename = "=")]
    Exactly,
}

impl Op {
    /// All of them.
    pub const ALL: [Op; 5] = [Op::AtLeast, Op::AtMost, Op::MoreThan, Op::LessThan, Op::Exactly];

    /// As it is written in files.
    pub fn sign(self) -> &'static str {
        match self {
            Op::AtLeast => ">=",
            Op::AtMost => "<=",
            Op::MoreThan => ">",
            Op::LessThan => "<",
            Op::Exactly => "=",
        }
    }

    /// As people read it.
    pub fn shown(self) -> &'static str {
        match self {
            Op::AtLeast => "≥",
            Op::AtMost => "≤",
            other => other.sign(),
        }
    }

    /// Reads [`Op::sign`] or [`Op::shown`].
    pub fn from_sign(text: &str) -> Option<Op> {
        Op::ALL.into_iter().find(|op| op.sign() == text || op.shown() == text)
    }

    /// Whether a larger value is the better one; none for "exactly".
    pub fn upward(self) -> Option<bool> {
        match self {
            Op::AtLeast | Op::MoreThan => Some(true),
            Op::AtMost | Op::LessThan => Some(false),
            Op::Exactly => None,
        }
    }

    /// Whether a value fulfils it.
    pub fn holds(self, value: Decimal, threshold: Decimal) -> bool {
        match self {
            Op::AtLeast => value >= threshold,
            Op::AtMost => value <= threshold,
            Op::MoreThan => value > threshold,
            Op::LessThan => value < threshold,
            Op::Exactly => value == threshold,
        }
    }
}

/// Whether a threshold asks less than a floor of the same indicator. Thresholds that cannot be compared are not looser.
pub fn looser(op: Op, value: Decimal, floor_op: Op, floor: Decimal) -> bool {
    match floor_op.upward() {
        Some(true) => op.upward() != Some(false) && value < floor,
        Some(false) => op.upward() != Some(true) && value > floor,
        None => value != floor,
    }
}

/// A threshold with the scope it holds for: it applies to units that match all of region, year, group, province and flag that are given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// Comparison; none for yes or no.
    #[serde(default)]
    pub op: Option<Op>,
    /// Number to compare with, in the unit of the indicator.
    #[serde(default, deserialize_with = "number")]
    #[schema(value_type = Option<String>)]
    pub value: Option<Decimal>,
    /// What the document prints for yes or no: `Đạt`, `Không`.
    #[serde(default)]
    pub expected: Option<String>,
    /// Instead of a number: the threshold of another indicator (`set:code`) for the same unit and year…
    #[serde(default)]
    pub above: Option<String>,
    /// …raised by so many percent.
    #[serde(default, deserialize_with = "number")]
    #[schema(value_type = Option<String>)]
    pub percent: Option<Decimal>,
    /// Region.
    #[serde(default)]
    pub region: Option<String>,
    /// Year.
    #[serde(default)]
    pub year: Option<i16>,
    /// Commune group.
    #[serde(default)]
    pub group: Option<String>,
    /// Province: key of the facts, or id.
    #[serde(default)]
    pub province: Option<String>,
    /// Flag.
    #[serde(default)]
    pub flag: Option<String>,
    /// First day.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub from: Option<Date>,
    /// Last day.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub to: Option<Date>,
    /// Clause that sets it, when it says more than the indicator's code.
    #[serde(default)]
    pub clause: Option<String>,
    /// Document, when it is another than the set's.
    #[serde(default)]
    pub document: Option<String>,
    /// How sure it is.
    #[serde(default)]
    pub confidence: Confidence,
    /// Where it was found.
    #[serde(default)]
    pub source: Option<String>,
    /// Anything worth saying.
    #[serde(default)]
    pub note: Option<String>,
}

/// A number as files write it: whole, with a point, or as text.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    struct Number;
    impl Visitor<'_> for Number {
        type Value = Option<Decimal>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a number")
        }
        fn visit_i64<E: Error>(self, v: i64) -> Result<Self::Value, E> {
            Ok(Some(Decimal::from(v)))
        }
        fn visit_u64<E: Error>(self, v: u64) -> Result<Self::Value, E> {
            Ok(Some(Decimal::from(v)))
        }
        fn visit_f64<E: Error>(self, v: f64) -> Result<Self::Value, E> {
            // The shortest text of the float is the text that stood in the file.
            v.to_string().parse().map(Some).map_err(E::custom)
        }
        fn visit_str<E: Error>(self, v: &str) -> Result<Self::Value, E> {
            v.parse().map(Some).map_err(E::custom)
        }
        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
    }
    deserializer.deserialize_any(Number)
}

impl Threshold {
    /// Whether it holds on a day.
    pub fn holds(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }

    /// How special its scope is: the larger wins.
    fn weight(&self) -> u8 {
        let given = |some: bool, weight: u8| if some { weight } else { 0 };
        given(self.province.is_some(), 16)
            + given(self.flag.is_some(), 8)
            + given(self.group.is_some(), 4)
            + given(self.region.is_some(), 2)
            + given(self.year.is_some(), 1)
    }

    /// Whether it says anything to judge by.
    pub fn says(&self) -> bool {
        self.value.is_some() || self.above.is_some() || self.expected.is_some()
    }

    /// Whether two of them claim the same units and days.
    pub fn clashes(&self, other: &Threshold) -> bool {
        let same =
            (&self.region, self.year, &self.group, &self.province, &self.flag) == (&other.region, other.year, &other.group, &other.province, &other.flag);
        let before = |a: &Threshold, b: &Threshold| matches!((a.to, b.from), (Some(to), Some(from)) if to < from);
        same && !before(self, other) && !before(other, self)
    }
}

/// The province of a threshold or set: an id, or a key of the facts.
pub fn province_id(text: &str) -> Uuid {
    text.parse().unwrap_or_else(|_| places::facts::unit_id(text))
}

/// What about a unit decides which threshold applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traits {
    /// Day on which it is judged.
    pub day: Date,
    /// Year that is judged.
    pub year: i16,
    /// Region it lies in.
    pub region: Option<String>,
    /// Whether the region is that of the units it was made of, because there are no regions on the day.
    pub region_inherited: bool,
    /// Commune group.
    pub group: Option<String>,
    /// Flags.
    pub flags: Vec<String>,
    /// Its province, and older ones that set thresholds for it.
    pub provinces: Vec<Uuid>,
}

impl Traits {
    /// A unit of which nothing is known, judged on the last day of a year.
    pub fn plain(year: i16) -> Traits {
        Traits { day: jiff::civil::date(year, 12, 31), year, region: None, region_inherited: false, group: None, flags: Vec::new(), provinces: Vec::new() }
    }
}

/// Why there is no threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Nobody has entered it.
    Unknown,
    /// It is known for other regions, or the one of this region is missing.
    Region,
    /// The region of the unit is not known.
    NoRegion,
    /// Missing for this year.
    Year,
    /// The commune group of the unit is not known, or its threshold is missing.
    Group,
    /// The province has not set it (or it was not entered).
    Province,
    /// It stands on another threshold that is not known.
    Base,
}

impl Why {
    /// (Vietnamese, English).
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            Why::Unknown => ("mức trong văn bản chưa được nhập", "the threshold of the document has not been entered"),
            Why::Region => ("chưa nhập mức của vùng này", "the threshold of this region has not been entered"),
            Why::NoRegion => ("chưa biết xã áp dụng mức của vùng nào", "it is not known which region's threshold applies"),
            Why::Year => ("chưa nhập mức của năm này", "the threshold of this year has not been entered"),
            Why::Group => ("chưa biết xã thuộc nhóm nào, hoặc chưa nhập mức của nhóm", "the commune group or its threshold is not known"),
            Why::Province => ("tỉnh chưa quy định hoặc chưa nhập mức", "the province has not set it, or it has not been entered"),
            Why::Base => ("mức làm gốc để so chưa được nhập", "the threshold it is based on has not been entered"),
        }
    }
}

/// The threshold that applies and by what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied<'a> {
    /// The threshold.
    pub threshold: &'a Threshold,
    /// Number to compare with, also where it is worked out from another threshold.
    pub value: Option<Decimal>,
    /// The rule that moved the unit to another region.
    pub rule: Option<&'a RegionRule>,
    /// A province's threshold that was looser than the floor: the floor applies instead.
    pub overruled: Option<&'a Threshold>,
}

/// Which threshold applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice<'a> {
    /// This one.
    Applies(Applied<'a>),
    /// None: neither met nor failed.
    Missing(Why),
}

impl Set {
    /// The region whose thresholds apply to a unit, and the rule that moved it there.
    pub fn region_for<'a>(&'a self, traits: &'a Traits) -> (Option<&'a str>, Option<&'a RegionRule>) {
        let rule = self.region_rules.iter().find(|r| traits.flags.contains(&r.flag) && traits.region.as_deref() != Some(r.region.as_str()));
        match rule {
            Some(rule) => (Some(&rule.region), Some(rule)),
            None => (traits.region.as_deref(), None),
        }
    }
}

/// The threshold of an indicator for a unit: the most special one that holds, but never one looser than what the document demands of all.
pub fn threshold_for<'a>(library: &'a Library, set: &'a Set, indicator: &'a Indicator, traits: &'a Traits) -> Choice<'a> {
    resolve(library, set, indicator, traits, 4)
}

fn resolve<'a>(library: &'a Library, set: &'a Set, indicator: &'a Indicator, traits: &Traits, depth: u8) -> Choice<'a> {
    let moved = set.region_rules.iter().find(|r| traits.flags.contains(&r.flag) && traits.region.as_deref() != Some(r.region.as_str()));
    let region = moved.map(|r| r.region.as_str()).or(traits.region.as_deref());
    let mut best: Option<&Threshold> = None;
    let mut floor: Option<&Threshold> = None;
    for t in indicator.thresholds.iter().filter(|t| t.says() && t.holds(traits.day)) {
        let fits = t.region.as_deref().is_none_or(|r| region == Some(r))
            && t.year.is_none_or(|y| y == traits.year)
            && t.group.as_deref().is_none_or(|g| traits.group.as_deref() == Some(g))
            && t.flag.as_deref().is_none_or(|f| traits.flags.iter().any(|own| own == f))
            && t.province.as_deref().is_none_or(|p| traits.provinces.contains(&province_id(p)));
        if !fits {
            continue;
        }
        // Of two with the same scope the later one in the file is the correction.
        if best.is_none_or(|b| b.weight() <= t.weight()) {
            best = Some(t);
        }
        if t.province.is_none() && floor.is_none_or(|b| b.weight() <= t.weight()) {
            floor = Some(t);
        }
    }
    let Some(best) = best else { return Choice::Missing(why(indicator, traits, region)) };
    let rule = |t: &Threshold| moved.filter(|_| t.region.is_some());
    let Some(value) = number_of(library, best, traits, depth) else { return Choice::Missing(Why::Base) };
    if let Some(floor) = floor.filter(|_| best.province.is_some())
        && let (Some(op), Some(own), Some(floor_op), Some(Some(least))) = (best.op, value, floor.op, number_of(library, floor, traits, depth))
        && looser(op, own, floor_op, least)
    {
        return Choice::Applies(Applied { threshold: floor, value: Some(least), rule: rule(floor), overruled: Some(best) });
    }
    Choice::Applies(Applied { threshold: best, value, rule: rule(best), overruled: None })
}

/// The number of a threshold: its own, or worked out from the one it stands on; `None` when that one is not known.
fn number_of(library: &Library, threshold: &Threshold, traits: &Traits, depth: u8) -> Option<Option<Decimal>> {
    let Some(address) = &threshold.above else { return Some(threshold.value) };
    let depth = depth.checked_sub(1)?;
    let (set, indicator) = library.indicator(address)?;
    match resolve(library, set, indicator, traits, depth) {
        Choice::Applies(base) => {
            let raise = Decimal::ONE + threshold.percent.unwrap_or_default() / Decimal::ONE_HUNDRED;
            Some(Some(base.value?.checked_mul(raise)?))
        }
        Choice::Missing(_) => None,
    }
}

fn why(indicator: &Indicator, traits: &Traits, region: Option<&str>) -> Why {
    let known = |pick: fn(&Threshold) -> bool| indicator.thresholds.iter().any(|t| t.says() && t.holds(traits.day) && pick(t));
    match indicator.levels_by {
        Scope::Province => Why::Province,
        Scope::CommuneGroup => Why::Group,
        Scope::Region | Scope::RegionYear if known(|t| t.region.is_some()) && region.is_none() => Why::NoRegion,
        Scope::Region if known(|t| t.region.is_some()) => Why::Region,
        Scope::RegionYear if known(|t| t.region.is_some()) => Why::Year,
        _ => Why::Unknown,
    }
}
