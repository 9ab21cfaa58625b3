//! Reading a set from TOML; every refusal names its line.

use crate::flaw::{At, Flaw, Lines};
use crate::model::{
    Amendment, Annex, CommuneGroup, Compose, Confidence, Criterion, Former, Indicator, Kind, MergeRule, Observed, Op, Rank, RegionRule, Revocation, Rules,
    Scope, Set, Threshold,
};
use jiff::civil::Date;
use places::Level;
use rust_decimal::Decimal;
use serde::Deserialize;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    set: Spanned<RawSet>,
    #[serde(default)]
    region_rule: Vec<RegionRule>,
    #[serde(default)]
    amendment: Vec<Amendment>,
    #[serde(default)]
    commune_group: Vec<CommuneGroup>,
    #[serde(default)]
    annex: Vec<Annex>,
    #[serde(default)]
    criterion: Vec<Spanned<RawCriterion>>,
    #[serde(default)]
    observed: Vec<Observed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSet {
    code: String,
    #[serde(default = "one")]
    version: i64,
    title: String,
    #[serde(default)]
    title_en: String,
    #[serde(default)]
    document: String,
    #[serde(default)]
    authority: String,
    level: Level,
    #[serde(default)]
    kinds: Vec<String>,
    rank: Rank,
    #[serde(default)]
    requires: Vec<String>,
    #[serde(default)]
    required_by: Option<String>,
    #[serde(default)]
    based_on: Option<String>,
    #[serde(default)]
    area: Option<String>,
    #[serde(default)]
    province: Option<String>,
    #[serde(default)]
    effective_from: Option<Date>,
    #[serde(default)]
    effective_to: Option<Date>,
    #[serde(default)]
    criteria_count: Option<usize>,
    #[serde(default)]
    indicator_count: Option<usize>,
    #[serde(default)]
    regions: Vec<String>,
    #[serde(default)]
    complete: bool,
    #[serde(default)]
    confidence: Confidence,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    note: Option<String>,
}

fn one() -> i64 {
    1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCriterion {
    number: String,
    title: String,
    #[serde(default)]
    group: String,
    #[serde(default)]
    condition: bool,
    #[serde(default)]
    confidence: Confidence,
    #[serde(default)]
    note: Option<String>,
    #[serde(default)]
    indicator: Vec<Spanned<RawIndicator>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawIndicator {
    code: String,
    title: String,
    kind: Kind,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    op: Option<Op>,
    #[serde(default)]
    levels_by: Scope,
    #[serde(default)]
    measure: Option<String>,
    #[serde(default)]
    formula: Option<String>,
    #[serde(default)]
    refers_to: Option<String>,
    #[serde(default)]
    base: Option<String>,
    #[serde(default)]
    options: Vec<String>,
    #[serde(default)]
    applies_if: Option<String>,
    #[serde(default)]
    evidence: bool,
    #[serde(default)]
    owner: Option<String>,
    #[serde(default)]
    guidance: Option<String>,
    #[serde(default)]
    amended_by: Option<String>,
    #[serde(default)]
    amended_from: Option<Date>,
    #[serde(default)]
    at_least: Option<usize>,
    #[serde(default)]
    points_from: Option<toml::Value>,
    #[serde(default)]
    points: Option<toml::Value>,
    #[serde(default)]
    confidence: Confidence,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    note: Option<String>,
    #[serde(default)]
    was: Vec<Former>,
    #[serde(default)]
    level: Vec<Spanned<Threshold>>,
    #[serde(default)]
    part: Vec<Spanned<RawIndicator>>,
}

/// Largest file that is read, in bytes.
pub const LARGEST: usize = 2_000_000;

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|b| *b == b'\n').count() + 1
}

fn decimal(value: Option<&toml::Value>) -> Option<Decimal> {
    match value? {
        toml::Value::Integer(n) => Some(Decimal::from(*n)),
        toml::Value::Float(n) => n.to_string().parse().ok(),
        toml::Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// Reads a set and the lines at which its parts stand.
///
/// # Errors
/// One refusal with its line: text that is no TOML, a word that is not known, a field that is missing. What is wrong in the sense of
/// the set is found by [`crate::check::check`].
pub fn read(text: &str) -> Result<(Set, Lines), Flaw> {
    if text.len() > LARGEST {
        return Err(Flaw::new("file_too_large", At::default(), "Tệp lớn hơn 2 MB.", "The file is larger than 2 MB."));
    }
    let raw: RawFile = toml::from_str(text).map_err(|error| {
        let what = error.message().to_owned();
        let mut flaw = Flaw::new("file_unreadable", At::default(), format!("không đọc được: {what}"), format!("cannot be read: {what}"));
        flaw.line = error.span().map(|span| line_of(text, span.start));
        flaw
    })?;
    let mut lines = Lines::default();
    lines.note(At::default(), line_of(text, raw.set.span().start));
    let s = raw.set.into_inner();
    let mut criteria = Vec::with_capacity(raw.criterion.len());
    for (c, spanned) in raw.criterion.into_iter().enumerate() {
        let at = At { criterion: Some(c), ..At::default() };
        lines.note(at, line_of(text, spanned.span().start));
        let raw = spanned.into_inner();
        let mut indicators = Vec::with_capacity(raw.indicator.len());
        for (i, spanned) in raw.indicator.into_iter().enumerate() {
            let at = At { indicator: Some(i), ..at };
            lines.note(at, line_of(text, spanned.span().start));
            indicators.push(indicator(text, spanned.into_inner(), at, &mut lines));
        }
        criteria.push(Criterion {
            number: raw.number,
            title: lang::clean(&raw.title),
            group: lang::clean(&raw.group),
            condition: raw.condition,
            confidence: raw.confidence,
            note: raw.note,
            indicators,
        });
    }
    let set = Set {
        code: s.code,
        version: s.version,
        title: lang::clean(&s.title),
        title_en: lang::clean(&s.title_en),
        document: lang::clean(&s.document),
        authority: lang::clean(&s.authority),
        level: s.level,
        kinds: s.kinds,
        rank: s.rank,
        requires: s.requires,
        required_by: s.required_by,
        based_on: s.based_on,
        area: s.area,
        province: s.province,
        effective_from: s.effective_from,
        effective_to: s.effective_to,
        criteria_count: s.criteria_count,
        indicator_count: s.indicator_count,
        regions: s.regions,
        region_rules: raw.region_rule,
        amendments: raw.amendment,
        commune_groups: raw.commune_group,
        annexes: raw.annex,
        observed: raw.observed,
        complete: s.complete,
        confidence: s.confidence,
        source: s.source,
        note: s.note,
        criteria,
    };
    Ok((set, lines))
}

fn indicator(text: &str, raw: RawIndicator, at: At, lines: &mut Lines) -> Indicator {
    let mut thresholds = Vec::with_capacity(raw.level.len());
    for (nth, spanned) in raw.level.into_iter().enumerate() {
        lines.note(At { threshold: Some(nth), ..at }, line_of(text, spanned.span().start));
        thresholds.push(spanned.into_inner());
    }
    let mut parts = Vec::with_capacity(raw.part.len());
    for (nth, spanned) in raw.part.into_iter().enumerate() {
        let at = At { part: Some(nth), ..at };
        lines.note(at, line_of(text, spanned.span().start));
        parts.push(indicator(text, spanned.into_inner(), at, lines));
    }
    let compose = match (raw.at_least, decimal(raw.points_from.as_ref())) {
        (Some(k), _) => Some(Compose::AtLeast(k)),
        (None, Some(points)) => Some(Compose::Points(points)),
        (None, None) => (raw.kind == Kind::Composite).then_some(Compose::All),
    };
    Indicator {
        code: raw.code,
        title: lang::clean(&raw.title),
        kind: raw.kind,
        unit: raw.unit,
        op: raw.op,
        levels_by: raw.levels_by,
        measure: raw.measure,
        formula: raw.formula,
        refers_to: raw.refers_to,
        base: raw.base,
        options: raw.options,
        applies_if: raw.applies_if,
        evidence: raw.evidence,
        owner: raw.owner,
        guidance: raw.guidance,
        amended_by: raw.amended_by,
        amended_from: raw.amended_from,
        was: raw.was,
        compose,
        parts,
        points: decimal(raw.points.as_ref()),
        thresholds,
        confidence: raw.confidence,
        source: raw.source,
        note: raw.note,
    }
}

#[derive(Deserialize)]
struct RulesFile {
    rules: RulesHead,
    #[serde(default)]
    revocation: Vec<Revocation>,
    #[serde(default)]
    merge_rule: Vec<MergeRule>,
}

#[derive(Deserialize)]
struct RulesHead {
    document: String,
}

/// Reads the rules of recognition: what sets of criteria need of them.
///
/// # Errors
/// What the reader of the format says.
pub fn read_rules(text: &str) -> Result<Rules, String> {
    let file: RulesFile = toml::from_str(text).map_err(|e| e.to_string())?;
    Ok(Rules { document: file.rules.document, revocation: file.revocation, merge: file.merge_rule })
}
