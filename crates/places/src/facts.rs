//! The units of the country as fact files, compiled in: `facts/units` and `facts/groups`.

use crate::model::{Change, ChangeKind, Group, GroupKind, Level, Member, Part, Unit, Version};
use jiff::civil::Date;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

const UNITS: &str = include_str!("../../../facts/units/units.csv");
const CHANGES: &str = include_str!("../../../facts/units/changes.csv");
const GROUPS: &str = include_str!("../../../facts/groups/groups.csv");
const MEMBERS: &str = include_str!("../../../facts/groups/members.csv");

/// Ids of facts are derived from their keys, so a link to a place works in every installation.
const NAMESPACE: Uuid = Uuid::from_u128(0x0c91_1a96_c071_4a9e_8d4f_5ac0_9a1a_7e01);

/// The id of a fact: `unit:p:old:24`, `group:…`.
pub fn fact_id(key: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, key.as_bytes())
}

/// The id of a unit of the fact files by its key.
pub fn unit_id(key: &str) -> Uuid {
    fact_id(&format!("unit:{key}"))
}

/// A fact file that cannot be read: a defect of ours, caught by the tests.
#[derive(Debug, thiserror::Error)]
#[error("facts {file}: {what}")]
pub struct FactsError {
    file: &'static str,
    what: String,
}

/// All facts about places.
#[derive(Debug)]
pub struct Facts {
    /// Units of both eras.
    pub units: Vec<Unit>,
    /// Changes.
    pub changes: Vec<Change>,
    /// Groups.
    pub groups: Vec<Group>,
    /// Changes when the files change.
    pub fingerprint: String,
}

fn rows(file: &'static str, text: &str) -> Result<Vec<HashMap<String, String>>, FactsError> {
    let fail = |e: csv::Error| FactsError { file, what: e.to_string() };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let heads = reader.headers().map_err(fail)?.clone();
    reader.records().map(|r| Ok(heads.iter().map(str::to_owned).zip(r.map_err(fail)?.iter().map(str::to_owned)).collect())).collect()
}

struct Fields<'a> {
    file: &'static str,
    row: &'a HashMap<String, String>,
}

impl Fields<'_> {
    fn get(&self, column: &str) -> Result<&str, FactsError> {
        self.row.get(column).map(String::as_str).ok_or_else(|| FactsError { file: self.file, what: format!("no column {column}") })
    }
    fn some(&self, column: &str) -> Result<Option<&str>, FactsError> {
        Ok(Some(self.get(column)?).filter(|t| !t.is_empty()))
    }
    fn parse<T: std::str::FromStr>(&self, column: &str) -> Result<Option<T>, FactsError> {
        self.some(column)?.map(|t| t.parse().map_err(|_| FactsError { file: self.file, what: format!("{column}: {t:?}") })).transpose()
    }
    fn date(&self, column: &str) -> Result<Date, FactsError> {
        self.parse(column)?.ok_or_else(|| FactsError { file: self.file, what: format!("{column} is empty") })
    }
    fn word<T>(&self, column: &str, of: fn(&str) -> Option<T>) -> Result<T, FactsError> {
        let word = self.get(column)?;
        of(word).ok_or_else(|| FactsError { file: self.file, what: format!("{column}: {word:?}") })
    }
}

/// Kilometres and degrees of the files as the whole numbers of the store.
fn millionths(value: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "degrees times a million fit easily")]
    let whole = (value * 1e6).round() as i64;
    whole
}

/// Says which state of the fact files is compiled in, without reading them.
pub fn fingerprint() -> String {
    fact_id(&[UNITS, CHANGES, GROUPS, MEMBERS].concat()).to_string()
}

/// Reads the compiled-in fact files.
///
/// # Errors
/// [`FactsError`] names the file and the cell.
pub fn read() -> Result<Facts, FactsError> {
    let mut shared: HashSet<Arc<str>> = HashSet::new();
    let mut share = |text: &str| -> Arc<str> {
        if let Some(same) = shared.get(text) {
            return Arc::clone(same);
        }
        let new: Arc<str> = text.into();
        shared.insert(Arc::clone(&new));
        new
    };
    let mut units: BTreeMap<String, Unit> = BTreeMap::new();
    for row in &rows("units.csv", UNITS)? {
        let f = Fields { file: "units.csv", row };
        let key = f.get("key")?;
        let version = Version {
            from: f.date("valid_from")?,
            to: f.parse("valid_to")?,
            kind: share(f.get("kind")?),
            name: f.get("name")?.into(),
            full_name: f.get("full_name")?.into(),
            code: f.some("code")?.map(Into::into),
            parent: f.some("parent")?.map(unit_id),
            source: share(f.get("source")?),
            source_date: share(f.get("source_date")?),
        };
        let point = f.parse::<f64>("lat")?.zip(f.parse::<f64>("lon")?).map(|(lat, lon)| (millionths(lat), millionths(lon)));
        let area = f.parse::<f64>("area_km2")?.map(|km2| millionths(km2 / 10_000.0));
        let unit = units.entry(key.to_owned()).or_insert(Unit {
            id: unit_id(key),
            tenant: unit_id(f.get("tenant")?),
            level: f.word("level", Level::from_word)?,
            point,
            area,
            versions: Vec::new(),
        });
        unit.point = point.or(unit.point);
        unit.area = area.or(unit.area);
        unit.versions.push(version);
    }
    let mut changes: BTreeMap<String, Change> = BTreeMap::new();
    for row in &rows("changes.csv", CHANGES)? {
        let f = Fields { file: "changes.csv", row };
        let key = f.get("change")?;
        let kind = f.word("kind", ChangeKind::from_word)?;
        let share_known = f.parse::<f64>("share")?.map(millionths);
        let by_area = f.get("basis")? == "area";
        let part = Part {
            from: f.some("from")?.map(unit_id),
            to: f.some("to")?.map(unit_id),
            by_population: share_known.filter(|_| !by_area),
            by_area: share_known.filter(|_| by_area || f.get("basis").is_ok_and(|b| b == "whole")),
            is_default: f.get("is_default")? == "1",
        };
        let change = changes.entry(key.to_owned()).or_insert(Change {
            id: fact_id(&format!("change:{key}")),
            kind,
            effective: f.date("effective")?,
            decree: share(f.get("decree")?),
            decree_date: f.parse("decree_date")?,
            source: share(f.get("source")?),
            note: share(f.get("note")?),
            parts: Vec::new(),
        });
        change.parts.push(part);
    }
    let mut groups: Vec<Group> = Vec::new();
    for row in &rows("groups.csv", GROUPS)? {
        let f = Fields { file: "groups.csv", row };
        groups.push(Group {
            id: fact_id(&format!("group:{}", f.get("code")?)),
            code: f.get("code")?.to_owned(),
            kind: f.word("kind", GroupKind::from_word)?,
            name_vi: f.get("name_vi")?.to_owned(),
            name_en: f.get("name_en")?.to_owned(),
            legal_basis: f.get("legal_basis")?.to_owned(),
            members: Vec::new(),
        });
    }
    for row in &rows("members.csv", MEMBERS)? {
        let f = Fields { file: "members.csv", row };
        let code = f.get("group")?;
        let Some(group) = groups.iter_mut().find(|g| g.code == code) else {
            return Err(FactsError { file: "members.csv", what: format!("unknown group {code}") });
        };
        group.members.push(Member {
            unit: unit_id(f.get("unit")?),
            from: f.date("valid_from")?,
            to: f.parse("valid_to")?,
            legal_basis: share(f.get("legal_basis")?),
        });
    }
    let fingerprint = fingerprint();
    Ok(Facts { units: units.into_values().collect(), changes: changes.into_values().collect(), groups, fingerprint })
}

/// All facts as an atlas, read once for all tests.
#[cfg(test)]
pub(crate) fn atlas() -> &'static crate::Atlas {
    static ATLAS: std::sync::LazyLock<crate::Atlas> = std::sync::LazyLock::new(|| {
        let facts = read().unwrap();
        crate::Atlas::new(facts.units, facts.changes, facts.groups)
    });
    &ATLAS
}
