use crate::app::App;
use anyhow::{Context as _, anyhow, bail};
use jiff::civil::Date;
use places::facts::fact_id;
use places::{Atlas, Level, Unit, Version, store};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::Write as _;
use uuid::Uuid;

/// A row of the file; columns that are not needed here are passed over.
#[derive(Debug, Deserialize)]
struct Row {
    #[serde(default)]
    id: Option<Uuid>,
    level: String,
    #[serde(default)]
    kind: String,
    name: String,
    #[serde(default)]
    full_name: String,
    #[serde(default)]
    code: Option<String>,
    parent: String,
    valid_from: Date,
    #[serde(default)]
    valid_to: Option<Date>,
    #[serde(default)]
    lat: Option<f64>,
    #[serde(default)]
    lon: Option<f64>,
    #[serde(default)]
    source: String,
    #[serde(default)]
    source_date: String,
}

/// Adds the units of the file that are not there. Returns how many rows were refused; then nothing is added.
pub(super) async fn run(app: &App, text: &str) -> anyhow::Result<u64> {
    let atlas = app.places.atlas();
    let mut units: BTreeMap<Uuid, Unit> = BTreeMap::new();
    let mut refused = Vec::new();
    let mut known = 0u64;
    for (row, line) in csv::Reader::from_reader(text.as_bytes()).deserialize::<Row>().zip(2u64..) {
        match row.map_err(anyhow::Error::from).and_then(|row| unit(&atlas, row)) {
            Ok((id, unit)) if atlas.unit(id).is_some() => {
                if !atlas.unit(id).is_some_and(|held| unit.versions.iter().all(|v| held.versions.iter().any(|h| same(h, v)))) {
                    refused.push(format!("line {line}: {id} is there and says something else; a change of units is an event with a decree"));
                }
                known += 1;
            }
            Ok((id, mut unit)) => match units.get_mut(&id) {
                Some(held) if held.versions.iter().any(|v| v.from == unit.versions.first().map_or(v.from, |n| n.from)) => known += 1,
                Some(held) => held.versions.append(&mut unit.versions),
                None => drop(units.insert(id, unit)),
            },
            Err(error) => refused.push(format!("line {line}: {error:#}")),
        }
    }
    let mut out = std::io::stdout().lock();
    for sentence in &refused {
        writeln!(out, "{sentence}")?;
    }
    if refused.is_empty() && !units.is_empty() {
        let list: Vec<Unit> = units.into_values().collect();
        let ctx = app.access.system();
        let mut tx = app.figures.db().begin().await?;
        store::save_units(&mut tx, &list).await?;
        store::bump(&mut tx, "places", "").await?;
        let tenant = atlas.nation().context("the database holds no nation")?;
        access::audit(&mut tx, &ctx, tenant, "unit.import", "cli", serde_json::json!({"units": list.len()})).await?;
        tx.commit().await?;
        app.figures.refresh().await?;
        app.figures.carry_to_today().await?;
        writeln!(out, "{} units added, {known} were there (đã thêm {} địa bàn)", list.len(), list.len())?;
    } else {
        writeln!(out, "nothing added; {known} units were there, {} rows refused (không thêm gì)", refused.len())?;
    }
    Ok(refused.len() as u64)
}

fn same(a: &Version, b: &Version) -> bool {
    a.from == b.from && a.to == b.to && a.name == b.name && a.code == b.code && a.parent == b.parent
}

fn unit(atlas: &Atlas, row: Row) -> anyhow::Result<(Uuid, Unit)> {
    let level = Level::from_word(&row.level).ok_or_else(|| anyhow!("level {:?} is none of nation, province, district, commune, village", row.level))?;
    let name = lang::clean(&row.name);
    if name.is_empty() || name.chars().count() > 100 {
        bail!("a name of 1 to 100 characters is needed");
    }
    if row.valid_to.is_some_and(|to| to <= row.valid_from) {
        bail!("valid_to must be after valid_from");
    }
    let parent = match row.parent.parse::<Uuid>() {
        Ok(id) => atlas.unit(id).map(|u| u.id),
        Err(_) => Level::ALL.into_iter().rev().filter(|l| *l < level).find_map(|l| atlas.coded(&row.parent, Some(l), row.valid_from)),
    };
    let held = row.id.and_then(|id| atlas.unit(id));
    let parent = match (parent, held) {
        (Some(parent), _) => Some(parent),
        // The nation itself has no parent.
        (None, Some(_)) if row.parent.is_empty() => None,
        _ => bail!("there is no parent {:?} on {}", row.parent, row.valid_from),
    };
    let above = parent.and_then(|p| atlas.unit(p));
    if above.is_some_and(|above| above.level >= level) {
        bail!("the parent must be of a level above {}", level.word());
    }
    let id = row
        .id
        .or_else(|| parent.map(|p| fact_id(&format!("imported:{p}:{}:{}:{}", level.word(), lang::fold(&name), row.valid_from))))
        .context("an id is needed")?;
    let full_name = match lang::clean(&row.full_name) {
        full if !full.is_empty() => full,
        _ if row.kind.is_empty() || lang::fold(&name).starts_with(&lang::fold(&row.kind)) => name.clone(),
        _ => format!("{} {name}", row.kind),
    };
    #[expect(clippy::cast_possible_truncation, reason = "degrees times a million fit easily")]
    let millionths = |degrees: f64| (degrees * 1e6).round() as i64;
    let point = row.lat.zip(row.lon).filter(|(lat, lon)| lat.abs() <= 90.0 && lon.abs() <= 180.0).map(|(lat, lon)| (millionths(lat), millionths(lon)));
    let version = Version {
        from: row.valid_from,
        to: row.valid_to,
        kind: row.kind.into(),
        name: name.into(),
        full_name: full_name.into(),
        code: row.code.map(|c| lang::clean(&c)).filter(|c| !c.is_empty()).map(Into::into),
        parent,
        source: if row.source.is_empty() { "import".into() } else { row.source.into() },
        source_date: row.source_date.into(),
    };
    let tenant = held.or(above).map(|u| u.tenant).context("a parent is needed")?;
    Ok((id, Unit { id, tenant, level, point, area: None, versions: vec![version] }))
}
