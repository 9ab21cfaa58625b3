use jiff::civil::Date;
use places::{Places, Unit, Version};
use serde::Serialize;
use uuid::Uuid;

/// A unit in one of its versions.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    id: Uuid,
    level: &'static str,
    kind: String,
    name: String,
    full_name: String,
    code: Option<String>,
    parent: Option<Uuid>,
    parent_name: Option<String>,
    valid_from: Date,
    /// First day on which it no longer holds.
    valid_to: Option<Date>,
    lat: Option<f64>,
    lon: Option<f64>,
    area_km2: Option<f64>,
    source: String,
    source_date: String,
}

/// All versions, or those that hold on a day.
pub(super) fn rows(places: &Places, on: Option<Date>) -> impl Iterator<Item = Row> {
    let atlas = places.atlas();
    let row = |unit: &Unit, version: &Version| {
        #[expect(clippy::cast_precision_loss, reason = "millionths of degrees and square metres fit exactly")]
        let float = |whole: i64| whole as f64;
        Row {
            id: unit.id,
            level: unit.level.word(),
            kind: version.kind.to_string(),
            name: version.name.to_string(),
            full_name: version.full_name.to_string(),
            code: version.code.as_deref().map(str::to_owned),
            parent: version.parent,
            parent_name: version.parent.map(|parent| atlas.full_name(parent, version.from)),
            valid_from: version.from,
            valid_to: version.to,
            lat: unit.point.map(|p| float(p.0) / 1e6),
            lon: unit.point.map(|p| float(p.1) / 1e6),
            area_km2: unit.area.map(|area| float(area) / 100.0),
            source: version.source.to_string(),
            source_date: version.source_date.to_string(),
        }
    };
    let found: Vec<Row> = atlas
        .units()
        .iter()
        .flat_map(|unit| unit.versions.iter().filter(move |v| on.is_none_or(|day| v.holds(day))).map(move |v| (unit, v)))
        .map(|(unit, version)| row(unit, version))
        .collect();
    found.into_iter()
}
