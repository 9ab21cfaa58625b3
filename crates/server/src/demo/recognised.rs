//! Made-up recognitions above the standard one, so that the targets that count them have something to count.

use super::{chance, provinces};
use crate::app::App;
use calendar::Period;
use figures::{Ask, Tree, Value};
use places::Level;
use std::collections::HashSet;
use std::sync::Arc;
use uuid::Uuid;

/// Measure, level, the measure that must say yes before, share of those that are recognised.
const LADDER: &[(&str, Level, Option<&str>, f64)] = &[
    ("cn_commune_advanced_2021_2025", Level::Commune, Some("cn_commune_2021_2025"), 0.45),
    ("cn_commune_model_2021_2025", Level::Commune, Some("cn_commune_advanced_2021_2025"), 0.3),
    ("cn_district_2021_2025", Level::District, None, 0.55),
    ("cn_district_advanced_2021_2025", Level::District, Some("cn_district_2021_2025"), 0.35),
    ("cn_province_2021_2025", Level::Province, None, 0.5),
];
/// The year in which all of them are read.
const YEAR: i16 = 2024;

/// Adds them for the demo provinces.
pub(super) async fn seed(app: &App) -> anyhow::Result<()> {
    let Some(period) = Period::year(YEAR) else { return Ok(()) };
    let atlas = app.places.atlas();
    for (code, level, before, share) in LADDER {
        let catalog = app.figures.catalog();
        let Some(known) = catalog.coded(code) else { continue };
        let view = atlas.on(known.window(period).1);
        let mut fit: Option<HashSet<Uuid>> = None;
        if let (Some(before), Some(nation)) = (before.and_then(|code| catalog.coded(code)), atlas.nation()) {
            let ask = Ask { known: Arc::clone(before), period, tree: Tree::Then };
            let rows = app.figures.read_level(&ask, nation, *level).await?;
            fit = Some(rows.into_iter().filter(|v| v.met > 0).map(|v| v.place).collect());
        }
        let units = provinces(&atlas, &view).into_iter().flat_map(|p| view.under(p, *level));
        let yes = |unit: Uuid| fit.as_ref().is_none_or(|f| f.contains(&unit)) && chance(unit, code) < *share;
        let values: Vec<(Uuid, Value)> =
            units.filter(|u| view.reports(*u, &known.measure.reporters())).map(|u| (u, Value::Number(i64::from(yes(u))))).collect();
        let at = calendar::micros(app.figures.clock().now());
        let mut load = app.figures.bulk("dữ liệu minh họa", at).await?;
        load.slice(known.measure.id, period, values).await?;
        load.finish().await?;
    }
    Ok(())
}
