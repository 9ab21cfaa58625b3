//! Maps of provinces and communes as [`ui::map::MapSpec`]: the shapes of the era, communes as imported shapes or as points
//! sized by area, the archipelagos.
//!
//! The caller gives colour, words and address of each unit, and sets `id`, `title` and `legend` of the answer.

mod boundary;
mod drawing;

pub use boundary::{Boundary, ZOOMS, geometry};
pub use drawing::{Frame, Outline, Place, extent, project, unproject};

use crate::atlas::Atlas;
use crate::model::{Level, Unit};
use crate::view::MapView;
use drawing::{DRAWING, Era, Island};
use jiff::civil::{Date, date};
use std::collections::HashMap;
use ui::Tone;
use ui::map::{MapFill, MapLabel, MapPoint, MapShape, MapSpec, PointShape};
use uuid::Uuid;

/// The first day of the provinces of today.
const NEW_MAP: Date = date(2025, 7, 1);
/// Width and greatest height of a picture of communes: about one unit per pixel.
const WIDE: f64 = 520.0;
const TALL: f64 = 560.0;
/// Pixels per unit of the drawing on the map of a province, about.
const PROVINCE_SCALE: f64 = 6.0;
/// Maps of more communes than this are drawn to whole pixels, so that a page stays light.
const FINE: usize = 40;
/// Least size of an islet on the map of the country, in units of the drawing; in scale it would vanish under its own border.
const SPECK: f64 = 8.0;

fn era(on: Date) -> &'static Era {
    if on < NEW_MAP { &DRAWING.old } else { &DRAWING.new }
}

/// The rings of a province: imported, drawn, or those of the provinces it was made of.
fn outline(atlas: &Atlas, unit: Uuid, on: Date, depth: u8) -> Outline {
    if let Some(boundary) = atlas.boundary(unit, on) {
        return boundary.outline(PROVINCE_SCALE);
    }
    if let Some(shape) = era(on).shapes.get(&unit).or_else(|| DRAWING.old.shapes.get(&unit)).or_else(|| DRAWING.new.shapes.get(&unit)) {
        return shape.outline.clone();
    }
    let mut out = Outline::default();
    if depth < 4 {
        let parts = atlas.changes_of(unit).flat_map(|c| c.parts.iter().map(move |p| (c.effective, p)));
        for (day, part) in parts.filter(|(_, p)| p.to == Some(unit) && p.from != Some(unit)) {
            let before = day.yesterday().unwrap_or(day);
            out.rings.extend(part.from.map(|from| outline(atlas, from, before, depth + 1).rings).unwrap_or_default());
        }
    }
    out
}

/// The provinces of a day as areas, with Hoàng Sa and Trường Sa, which are drawn and named on every map of the country.
/// `tiny` takes the coarse drawing of the era (under 4 kB compressed), for public pages.
pub fn province_map(
    atlas: &Atlas,
    view: &MapView,
    fill: impl Fn(Uuid) -> MapFill,
    title: impl Fn(Uuid) -> String,
    href: impl Fn(Uuid) -> Option<String>,
    tiny: bool,
) -> MapSpec {
    let era = match (tiny, view.date() < NEW_MAP) {
        (true, true) => &DRAWING.tiny_old,
        (true, false) => &DRAWING.tiny,
        (false, _) => era(view.date()),
    };
    let area = |unit: Uuid, path: String| MapShape { path, href: href(unit).unwrap_or_default(), title: title(unit), fill: fill(unit), quiet: false };
    let provinces = atlas.nation().map(|n| view.under(n, Level::Province)).unwrap_or_default();
    // Imported shapes do not fit beside drawn ones: all or none.
    let imported = provinces.iter().all(|id| atlas.boundary(*id, view.date()).is_some());
    let mut shapes: Vec<MapShape> = provinces
        .iter()
        .map(|id| {
            let drawn = match atlas.boundary(*id, view.date()) {
                Some(boundary) if imported => Some(boundary.outline(WIDE / DRAWING.view_box.2).path(Frame::SAME)),
                _ => era.shapes.get(id).map(|s| s.path.clone()),
            };
            area(*id, drawn.unwrap_or_else(|| outline(atlas, *id, view.date(), 0).path(Frame::SAME)))
        })
        .filter(|s| !s.path.is_empty())
        .collect();
    for island in &era.islands {
        let owner = owner(atlas, island, view.date());
        // One link per province is enough for the keyboard.
        shapes.push(MapShape { href: String::new(), ..area(owner, island.shape.outline.grown(SPECK).path(Frame::SAME)) });
    }
    let labels = era.islands.iter().map(label).collect();
    MapSpec { id: "provinces".into(), view_box: DRAWING.view_box, shapes, labels, ..MapSpec::default() }
}

fn label(island: &Island) -> MapLabel {
    MapLabel { x: island.label.0, y: island.label.1, text: island.name.clone() }
}

/// The province an archipelago belongs to on a day: that of the file, or whoever took it over.
fn owner(atlas: &Atlas, island: &Island, on: Date) -> Uuid {
    let alive = |unit: Uuid| atlas.version(unit, on).is_some();
    if alive(island.province) {
        return island.province;
    }
    let end = atlas.unit(island.province).and_then(Unit::to).and_then(|d| d.yesterday().ok()).unwrap_or(on);
    atlas.heirs(island.province, end, on, crate::Basis::Area).first().map_or(island.province, |h| h.unit)
}

/// The communes of a place (nation, province, district, group, or one commune) by their imported boundaries, or as points sized by their
/// area, over the outlines of their provinces, zoomed to the place. The form of a point follows its colour, and a shape that is judged
/// short bears a mark, so that no state is told by colour alone.
/// Provinces with an archipelago show it to the east, out of scale, with its name.
pub fn commune_map(
    atlas: &Atlas,
    view: &MapView,
    place: Uuid,
    fill: impl Fn(Uuid) -> MapFill,
    title: impl Fn(Uuid) -> String,
    href: impl Fn(Uuid) -> Option<String>,
) -> MapSpec {
    let on = view.date();
    let communes = view.under(place, Level::Commune);
    let mut provinces: Vec<Uuid> = Vec::new();
    for id in &communes {
        if let Some(province) = view.province(*id)
            && !provinces.contains(&province)
        {
            provinces.push(province);
        }
    }
    let outlines: Vec<(Uuid, Outline)> = provinces.iter().map(|p| (*p, outline(atlas, *p, on, 0))).collect();
    let whole_country = view.level(place) == Some(Level::Nation);
    let islands: Vec<(&Island, Uuid)> = era(on).islands.iter().map(|i| (i, owner(atlas, i, on))).filter(|(_, owner)| provinces.contains(owner)).collect();
    let mut places: HashMap<Uuid, Place> = HashMap::new();
    let mut far: Vec<(Uuid, usize)> = Vec::new();
    for id in &communes {
        let Some(unit) = atlas.unit(*id) else { continue };
        let name = atlas.name(*id, on);
        let on_island = islands.iter().position(|(i, owner)| view.province(*id) == Some(*owner) && i.name.ends_with(name.as_str()) && !name.is_empty());
        match (on_island, whole_country) {
            (Some(at), true) => drop(islands.get(at).map(|(i, _)| places.insert(*id, i.middle()))),
            (Some(at), false) => far.push((*id, at)),
            (None, _) => drop(unit.point.map(|(lat, lon)| places.insert(*id, project(degrees(lat), degrees(lon))))),
        }
    }
    // How far a shape reaches is taken from its finest drawing; which drawing is shown follows from the scale.
    let bounded: HashMap<Uuid, &Boundary> = communes.iter().filter_map(|id| Some((*id, atlas.boundary(*id, on)?))).collect();
    let reach = |id: &Uuid| bounded.get(id).and_then(|b| extent(b.outline(f64::MAX).corners())).into_iter().flat_map(|(l, t, r, b)| [(l, t), (r, b)]);
    let narrow = view.level(place).is_some_and(|l| l > Level::Province);
    let around = if whole_country {
        let (x, y, width, height) = DRAWING.view_box;
        Some((x, y, x + width, y + height))
    } else if narrow && (places.len() > 1 || !bounded.is_empty()) {
        extent(places.values().copied().chain(communes.iter().flat_map(reach)))
    } else {
        extent(outlines.iter().flat_map(|o| o.1.corners()).chain(places.values().copied()).chain(communes.iter().flat_map(reach)))
    };
    let (l, t, r, b) = around.unwrap_or((0.0, 0.0, 1.0, 1.0));
    let margin = if whole_country { 0.0 } else { ((r - l).max(b - t) * if narrow { 0.12 } else { 0.03 }).max(0.5) };
    let (l, t, width, height) = (l - margin, t - margin, r - l + 2.0 * margin, b - t + 2.0 * margin);
    let scale = (WIDE / width).min(TALL / height);
    let frame = Frame { scale, shift: (-l * scale, -t * scale) };
    let (width, height) = (width * scale, height * scale);

    // A province whose communes are all drawn is the sum of them; its own, rougher outline would stick out from under them.
    let whole = |province: Uuid| communes.iter().filter(|c| view.province(**c) == Some(province)).all(|c| bounded.contains_key(c));
    let mut shapes: Vec<MapShape> = outlines
        .iter()
        .filter(|(id, _)| narrow || !whole(*id))
        .map(|(id, o)| MapShape { path: o.path(frame), title: atlas.full_name(*id, on), fill: MapFill::Base, ..MapShape::default() })
        .filter(|s| !s.path.is_empty())
        .collect();
    let mut labels = Vec::new();
    // Archipelagos beside a single province: a column to the east.
    let column = if islands.is_empty() || whole_country { 0.0 } else { (width * 0.5).clamp(190.0, 260.0) };
    let mut middles = Vec::new();
    for ((island, owner), nth) in islands.iter().zip(0i32..) {
        let (l, t, r, b) = extent(island.shape.outline.corners()).unwrap_or((0.0, 0.0, 1.0, 1.0));
        let frame = if whole_country {
            frame
        } else {
            let room = height / f64::from(i32::try_from(islands.len()).unwrap_or(1));
            let scale = ((column - 20.0) / (r - l).max(1.0)).min((room - 60.0).max(20.0) / (b - t).max(1.0));
            let top = room * f64::from(nth) + (room - (b - t) * scale) / 2.0 + 15.0;
            Frame { scale, shift: (width + (column - (r - l) * scale) / 2.0 - l * scale, top - t * scale) }
        };
        let specks = island.shape.outline.grown(6.0 / frame.scale.max(0.01));
        shapes.push(MapShape { path: specks.path(frame), title: atlas.full_name(*owner, on), fill: MapFill::Tone(Tone::Plain), ..MapShape::default() });
        if whole_country {
            let (x, y) = frame.place(island.label);
            labels.push(MapLabel { x, y, text: island.name.clone() });
        } else {
            let (x, y) = frame.place(((l + r) / 2.0, t));
            labels.push(MapLabel { x, y: y - 10.0, text: island.name.clone() });
        }
        middles.push(frame.place(((l + r) / 2.0, (t + b) / 2.0)));
    }

    let dot = dot_size(width * height, communes.len());
    let median = median_area(atlas, &communes);
    let radius = |id: Uuid| match (atlas.unit(id).and_then(|u| u.area), median) {
        (Some(area), Some(median)) => dot * (share(area, median)).sqrt().clamp(0.55, 2.0),
        _ => dot,
    };
    let mut points: Vec<MapPoint> = Vec::with_capacity(communes.len());
    for id in &communes {
        if let Some(boundary) = bounded.get(id) {
            let fill = fill(*id);
            let outline = boundary.outline(scale);
            let path = outline.path_to(frame, if communes.len() > FINE { 0 } else { 1 });
            shapes.push(MapShape { path, href: href(*id).unwrap_or_default(), title: title(*id), fill, quiet: true });
            if matches!(fill, MapFill::Tone(Tone::Bad | Tone::Warn))
                && let Some((l, t, r, b)) = outline.rings.first().and_then(|ring| extent(ring.iter().copied()))
            {
                let (x, y) = frame.place(((l + r) / 2.0, (t + b) / 2.0));
                points.push(MapPoint { x, y, r: dot * 0.55, fill, shape: PointShape::Triangle, ..MapPoint::default() });
            }
            continue;
        }
        let at = match places.get(id) {
            Some(place) => Some(frame.place(*place)),
            None => far.iter().find(|f| f.0 == *id).and_then(|f| middles.get(f.1)).copied(),
        };
        let Some((x, y)) = at else { continue };
        let fill = fill(*id);
        points.push(MapPoint { x, y, r: radius(*id), fill, shape: form(fill), href: href(*id).unwrap_or_default(), title: title(*id) });
    }
    // Small points over large ones, so that each can be pointed at.
    points.sort_by(|a, b| b.r.total_cmp(&a.r));
    MapSpec { id: "communes".into(), view_box: (0.0, 0.0, width + column, height), shapes, points, labels, ..MapSpec::default() }
}

/// The form of a point by its state: ● met or plain, ▲ not met, ◌ not reported.
pub fn form(fill: MapFill) -> PointShape {
    match fill {
        MapFill::Tone(Tone::Bad) => PointShape::Triangle,
        MapFill::Missing => PointShape::Dashed,
        _ => PointShape::Circle,
    }
}

fn degrees(millionths: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "degrees in millionths fit exactly")]
    let value = millionths as f64 / 1e6;
    value
}

fn share(part: i64, of: i64) -> f64 {
    degrees(part) / degrees(of).max(1e-6)
}

fn dot_size(room: f64, points: usize) -> f64 {
    let points = f64::from(u32::try_from(points.max(1)).unwrap_or(u32::MAX));
    (0.2 * (room / points).sqrt()).clamp(1.6, 8.0)
}

fn median_area(atlas: &Atlas, units: &[Uuid]) -> Option<i64> {
    let mut areas: Vec<i64> = units.iter().filter_map(|id| atlas.unit(*id)?.area).filter(|a| *a > 0).collect();
    areas.sort_unstable();
    areas.get(areas.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{atlas, unit_id};

    fn provinces(on: Date, tiny: bool) -> MapSpec {
        let atlas = atlas();
        let view = atlas.on(on);
        province_map(atlas, &view, |_| MapFill::Base, |u| atlas.full_name(u, on), |u| Some(format!("/places/{u}")), tiny)
    }

    fn communes(place: &str, on: Date) -> MapSpec {
        let atlas = atlas();
        let view = atlas.on(on);
        commune_map(atlas, &view, unit_id(place), |_| MapFill::Step(3), |u| atlas.full_name(u, on), |_| None)
    }

    #[test]
    fn every_map_of_the_country_has_all_provinces_and_both_archipelagos() {
        for (on, count) in [(date(2025, 6, 30), 63), (date(2025, 7, 1), 34), (date(2026, 10, 1), 34)] {
            for tiny in [false, true] {
                let map = provinces(on, tiny);
                assert_eq!(map.shapes.len(), count + 2, "{on}");
                assert!(map.shapes.iter().all(|s| s.path.starts_with('M') && !s.title.is_empty()));
                assert_eq!(map.shapes.iter().filter(|s| s.href.is_empty()).count(), 2);
                assert_eq!(map.labels.iter().map(|l| l.text.as_str()).collect::<Vec<_>>(), ["Quần đảo Hoàng Sa", "Quần đảo Trường Sa"]);
            }
        }
    }

    #[test]
    fn a_province_map_shows_each_commune_inside_the_picture() {
        for (place, on, count) in [("p:new:24", date(2026, 1, 1), 99), ("p:old:24", date(2025, 6, 30), 192), ("nation", date(2025, 7, 1), 3321)] {
            let map = communes(place, on);
            assert_eq!(map.points.len(), count, "{place}");
            let (_, _, width, height) = map.view_box;
            for p in &map.points {
                assert!((0.0..=width).contains(&p.x) && (0.0..=height).contains(&p.y), "{} {} {}", p.title, p.x, p.y);
            }
        }
    }

    #[test]
    fn the_archipelagos_stand_beside_their_provinces() {
        for (place, label, zone) in [("p:new:48", "Quần đảo Hoàng Sa", "Đặc khu Hoàng Sa"), ("p:new:56", "Quần đảo Trường Sa", "Đặc khu Trường Sa")]
        {
            let map = communes(place, date(2026, 1, 1));
            assert_eq!(map.labels.iter().map(|l| l.text.as_str()).collect::<Vec<_>>(), [label]);
            assert!(map.points.iter().any(|p| p.title == zone && p.x > WIDE * 0.5));
        }
        assert!(communes("p:new:24", date(2026, 1, 1)).labels.is_empty());
    }
}
