//! A set of criteria in one version.

use super::indicator::{Criterion, Indicator};
use super::words::{Confidence, Rank};
use jiff::civil::Date;
use places::Level;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
