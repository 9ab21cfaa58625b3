//! Boundaries as they are kept: in the units of the drawing, one path per zoom level.

use super::drawing::{Frame, Outline, Place, extent, unproject};
use crate::atlas::Atlas;
use geo::{Area as _, Coord, LineString, Polygon, Simplify as _};
use jiff::civil::Date;
use serde_json::{Value, json};
use uuid::Uuid;

/// Zoom levels: the country, a province, a district or commune.
pub const ZOOMS: usize = 3;
/// What a line may stray at each level, in units of the drawing (about 1.9 km), and the decimals kept.
const FINENESS: [(f64, u32); ZOOMS] = [(1.0, 1), (0.15, 2), (0.02, 3)];

/// The boundary of a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Boundary {
    /// The day for which it was drawn.
    pub on: Date,
    /// Path data in the units of the drawing, one per zoom level, the coarsest first.
    pub paths: [Box<str>; ZOOMS],
}

impl Boundary {
    /// Simplifies polygons, each an outer ring followed by its holes, for every zoom level.
    pub fn of(on: Date, polygons: &[Vec<Vec<Place>>]) -> Boundary {
        Boundary { on, paths: FINENESS.map(|(tolerance, decimals)| simplified(polygons, tolerance).path_to(Frame::SAME, decimals).into_boxed_str()) }
    }

    /// The outline for a picture with so many pixels per unit of the drawing: the coarsest whose straying is not seen.
    pub fn outline(&self, scale: f64) -> Outline {
        let zoom = FINENESS.iter().position(|(tolerance, _)| tolerance * scale <= 1.3).unwrap_or(ZOOMS - 1);
        self.paths.get(zoom).map(|path| Outline::read(path)).unwrap_or_default()
    }

    /// As a GeoJSON MultiPolygon of middle fineness. Holes come as their own rings after the outer ones of the drawing's turn.
    fn geometry(&self) -> Value {
        let outline = self.paths.get(1).map(|path| Outline::read(path)).unwrap_or_default();
        let rounded = |degrees: f64| (degrees * 1e5).round() / 1e5;
        let mut polygons: Vec<Vec<Vec<[f64; 2]>>> = Vec::new();
        for ring in outline.rings {
            let area = Polygon::new(LineString::from(ring.clone()), vec![]).signed_area();
            let mut corners: Vec<[f64; 2]> = ring.into_iter().map(unproject).map(|(lat, lon)| [rounded(lon), rounded(lat)]).collect();
            corners.extend(corners.first().copied());
            // The drawing's y runs down, so what turns one way there turns the other way in degrees: outer rings run as the standard asks.
            corners.reverse();
            match polygons.last_mut() {
                Some(polygon) if area < 0.0 => polygon.push(corners),
                _ => polygons.push(vec![corners]),
            }
        }
        json!({"type": "MultiPolygon", "coordinates": polygons})
    }
}

/// Where a unit lies on a day, as GeoJSON: its imported boundary, else its point, else null.
pub fn geometry(atlas: &Atlas, unit: Uuid, on: Date) -> Value {
    // Degrees are the one number that is no decimal in text, because GeoJSON wants it so.
    #[expect(clippy::cast_precision_loss, reason = "180 million is far below 2^52")]
    let degrees = |millionths: i64| millionths as f64 / 1e6;
    match (atlas.boundary(unit, on), atlas.unit(unit).and_then(|u| u.point)) {
        (Some(boundary), _) => boundary.geometry(),
        (None, Some((lat, lon))) => json!({"type": "Point", "coordinates": [degrees(lon), degrees(lat)]}),
        (None, None) => Value::Null,
    }
}

fn simplified(polygons: &[Vec<Vec<Place>>], tolerance: f64) -> Outline {
    let mut rings: Vec<(f64, Vec<Place>)> = Vec::new();
    for polygon in polygons {
        for (ring, nth) in polygon.iter().zip(0usize..) {
            let line = LineString::from(ring.clone()).simplify(tolerance);
            let area = Polygon::new(line.clone(), vec![]).signed_area();
            // Outer rings run one way and holes the other, so that holes stay open whatever the file did.
            let turn = (area > 0.0) != (nth == 0);
            let mut corners: Vec<Place> = line.into_inner().into_iter().map(|Coord { x, y }| (x, y)).collect();
            corners.dedup();
            if corners.first() == corners.last() {
                corners.pop();
            }
            if turn {
                corners.reverse();
            }
            if corners.len() > 2 {
                rings.push((area.abs(), corners));
            }
        }
    }
    // Islets that are no more than a speck go, the largest part stays.
    let largest = rings.iter().map(|r| r.0).fold(0.0, f64::max);
    rings.retain(|(area, _)| *area >= (tolerance * tolerance).min(largest));
    if rings.is_empty() {
        // A place smaller than the straying is at least its box.
        let all = polygons.iter().filter_map(|p| p.first()).flatten().copied();
        return extent(all).map(|(l, t, r, b)| Outline { rings: vec![vec![(l, t), (r, t), (r, b), (l, b)]] }).unwrap_or_default();
    }
    Outline { rings: rings.into_iter().map(|r| r.1).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A wavy circle.
    fn wavy(middle: Place, size: f64, corners: u32) -> Vec<Place> {
        let at = |n: u32| {
            let turn = f64::from(n % corners) / f64::from(corners) * std::f64::consts::TAU;
            let r = size * (1.0 + 0.1 * (turn * 9.0).sin());
            (middle.0 + r * turn.cos(), middle.1 + r * turn.sin())
        };
        (0..=corners).map(at).collect()
    }

    #[test]
    fn each_level_is_coarser_than_the_next_and_all_cover_the_place() {
        let b = Boundary::of(Date::default(), &[vec![wavy((300.0, 400.0), 3.0, 2_000), wavy((300.0, 400.0), 1.0, 500)]]);
        let [far, middle, near] = &b.paths;
        assert!(far.len() < middle.len() && middle.len() < near.len(), "{} {} {}", far.len(), middle.len(), near.len());
        assert!(near.len() < 4_000);
        for scale in [0.6, 6.0, 60.0] {
            let (l, t, r, bottom) = extent(b.outline(scale).corners()).unwrap();
            assert!((l - 296.7).abs() < 1.3 && (r - 303.3).abs() < 1.3 && (t - 396.7).abs() < 1.3 && (bottom - 403.3).abs() < 1.3);
        }
        assert_eq!(b.outline(60.0).rings.len(), 2, "the hole is kept");
    }

    #[test]
    fn a_speck_is_still_a_shape() {
        let b = Boundary::of(Date::default(), &[vec![wavy((10.0, 10.0), 0.001, 50)]]);
        assert!(b.paths.iter().all(|p| p.ends_with('z')), "{b:?}");
    }

    proptest! {
        #[test]
        fn any_rings_are_simplified(rings in proptest::collection::vec(proptest::collection::vec((-50f64..900.0, -50f64..900.0), 0..30), 0..5)) {
            let b = Boundary::of(Date::default(), &[rings]);
            for scale in [0.1, 1.0, 9.0, 90.0] {
                prop_assert!(!b.outline(scale).path(Frame::SAME).contains("NaN"));
            }
        }
    }
}
