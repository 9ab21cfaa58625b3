//! Which unit of a day an area belongs to.

use super::read::Feature;
use crate::atlas::Atlas;
use crate::map::{Boundary, project};
use crate::model::{Level, Unit};
use jiff::civil::Date;
use std::collections::HashMap;
use uuid::Uuid;

/// Areas with their units, and what was refused.
#[derive(Debug, Default)]
pub struct Matched {
    /// Boundaries, one per unit.
    pub found: Vec<(Uuid, Boundary)>,
    /// Number of the area in the file, from 1, and why it was refused, in both languages.
    pub refused: Vec<(usize, String)>,
}

/// Finds the unit of each area on a day: by its code of that day, which the name must not contradict; without a code by
/// the name under the unit above. `level` holds where an area does not say its own.
pub fn match_units(atlas: &Atlas, features: &[Feature], level: Level, on: Date) -> Matched {
    let names = names(atlas, on);
    let mut out = Matched::default();
    let mut taken: HashMap<Uuid, usize> = HashMap::new();
    for (feature, nth) in features.iter().zip(1usize..) {
        let unit = match &feature.problem {
            Some(problem) => Err(problem.clone()),
            None => find(atlas, &names, feature, feature.level.unwrap_or(level), on),
        };
        match unit.and_then(|unit| fits(atlas, unit, feature, on)) {
            Err(why) => {
                let called = [feature.code.as_str(), feature.name.as_str()].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" ");
                out.refused.push((nth, if called.is_empty() { why } else { format!("{called}: {why}") }));
            }
            Ok(unit) => match taken.insert(unit, nth) {
                Some(first) => {
                    taken.insert(unit, first);
                    out.refused
                        .push((nth, format!("{}: đã có ở vùng {first} của tệp (the area {first} of the file is the same unit)", atlas.full_name(unit, on))));
                }
                None => {
                    let place = |ring: &Vec<(f64, f64)>| ring.iter().map(|(lon, lat)| project(*lat, *lon)).collect::<Vec<_>>();
                    let polygons: Vec<Vec<Vec<(f64, f64)>>> = feature.polygons.iter().map(|p| p.iter().map(place).collect()).collect();
                    out.found.push((unit, Boundary::of(on, &polygons)));
                }
            },
        }
    }
    out
}

type Names = HashMap<(Level, String), Vec<Uuid>>;

/// The units of a day by level and folded name, with and without kind.
fn names(atlas: &Atlas, on: Date) -> Names {
    let mut out: Names = HashMap::new();
    for unit in atlas.units() {
        let Some(version) = unit.on(on) else { continue };
        for name in [lang::fold_tight(&version.name), lang::fold_tight(&version.full_name)] {
            let list = out.entry((unit.level, name)).or_default();
            if list.last() != Some(&unit.id) {
                list.push(unit.id);
            }
        }
    }
    out
}

fn find(atlas: &Atlas, names: &Names, feature: &Feature, level: Level, on: Date) -> Result<Uuid, String> {
    if !feature.code.is_empty() {
        let width = match level {
            Level::Province => 2,
            Level::District => 3,
            _ => 5,
        };
        // A code that went through a number lost its zeros.
        let code = if feature.code.bytes().all(|b| b.is_ascii_digit()) { format!("{:0>width$}", feature.code) } else { feature.code.clone() };
        let day = lang::show::short_date(on);
        let unit =
            atlas.coded(&code, Some(level), on).ok_or_else(|| format!("ngày {day} không có đơn vị nào mang mã {code} (no unit bears this code that day)"))?;
        let version = atlas.version(unit, on);
        let same = |name: &str| {
            let said = lang::fold_tight(&feature.name);
            said == lang::fold_tight(name) || lang::fold_tight(&lang::strip_kind(&feature.name).1) == lang::fold_tight(name)
        };
        if !feature.name.is_empty() && !version.is_some_and(|v| same(&v.name) || same(&v.full_name)) {
            let held = version.map(|v| v.full_name.to_string()).unwrap_or_default();
            return Err(format!(
                "mã {code} ngày {day} là của {held}, tên trong tệp khác (that day the code belongs to {held}; the name differs: is --on right?)"
            ));
        }
        return Ok(unit);
    }
    if feature.name.is_empty() {
        return Err("không có mã, không có tên (neither code nor name)".to_owned());
    }
    let key = |text: &str| names.get(&(level, lang::fold_tight(text)));
    let list = key(&feature.name).or_else(|| key(&lang::strip_kind(&feature.name).1)).map(Vec::as_slice).unwrap_or_default();
    // Toneless keys collide: what is written with tones decides among them.
    let exact: Vec<Uuid> = list.iter().copied().filter(|u| atlas.version(*u, on).is_some_and(|v| feature.name.ends_with(&*v.name))).collect();
    let list = if exact.is_empty() { list.to_vec() } else { exact };
    let parent = lang::fold_tight(&feature.parent);
    let bare = lang::fold_tight(&lang::strip_kind(&feature.parent).1);
    let under = |unit: &Uuid| {
        atlas.path(*unit, on).iter().skip(1).filter_map(|above| atlas.version(*above, on)).any(|v| {
            let name = lang::fold_tight(&v.name);
            name == parent || name == bare || lang::fold_tight(&v.full_name) == parent || v.code.as_deref() == Some(feature.parent.as_str())
        })
    };
    let here: Vec<Uuid> = list.iter().copied().filter(|u| feature.parent.is_empty() || under(u)).collect();
    match here.as_slice() {
        [only] => Ok(*only),
        [] => Err("không tìm thấy đơn vị có tên này (no unit of this name and parent)".to_owned()),
        several => {
            let places: Vec<String> = several.iter().take(4).map(|u| atlas.placed_name(*u, on)).collect();
            Err(format!("nhiều nơi cùng tên: {} (several units bear this name; give the code or the parent)", places.join("; ")))
        }
    }
}

/// Refuses an area that lies far from where the unit is known to be.
fn fits(atlas: &Atlas, unit: Uuid, feature: &Feature, on: Date) -> Result<Uuid, String> {
    let Some((lat, lon)) = atlas.unit(unit).and_then(|u: &Unit| u.point) else { return Ok(unit) };
    #[expect(clippy::cast_precision_loss, reason = "degrees in millionths fit exactly")]
    let (lat, lon) = (lat as f64 / 1e6, lon as f64 / 1e6);
    let corners = feature.polygons.iter().filter_map(|p| p.first()).flatten().copied();
    let Some((l, t, r, b)) = crate::map::extent(corners) else { return Ok(unit) };
    // Half a degree is some 55 km; the known point of a unit is not always within it.
    let near = (l - 0.5..=r + 0.5).contains(&lon) && (t - 0.5..=b + 0.5).contains(&lat);
    if near {
        return Ok(unit);
    }
    let name = atlas.full_name(unit, on);
    Err(format!("vùng này cách {name} hơn 50 km (the area lies more than 50 km away from {name})"))
}
