//! The drawn shapes of `facts/map/provinces.json`, and places as points of that drawing.

use crate::facts::unit_id;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::LazyLock;
use uuid::Uuid;

const PROVINCES: &str = include_str!("../../../../facts/map/provinces.json");

/// A place in the units of the drawing, x to the right, y down.
pub type Place = (f64, f64);

/// Closed rings in the units of the drawing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    /// Each ring without its closing point.
    pub rings: Vec<Vec<Place>>,
}

/// From the units of a drawing to those of a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Picture units per unit of the drawing.
    pub scale: f64,
    /// Added after scaling.
    pub shift: Place,
}

impl Frame {
    /// The drawing itself.
    pub const SAME: Frame = Frame { scale: 1.0, shift: (0.0, 0.0) };

    /// A place in the picture.
    pub fn place(&self, (x, y): Place) -> Place {
        (x * self.scale + self.shift.0, y * self.scale + self.shift.1)
    }
}

/// The smallest box around places: left, top, right, bottom. None for no places.
pub fn extent(places: impl IntoIterator<Item = Place>) -> Option<(f64, f64, f64, f64)> {
    places
        .into_iter()
        .fold(None, |sofar, (x, y)| Some(sofar.map_or((x, y, x, y), |(l, t, r, b): (f64, f64, f64, f64)| (l.min(x), t.min(y), r.max(x), b.max(y)))))
}

impl Outline {
    /// All corners.
    pub fn corners(&self) -> impl Iterator<Item = Place> + '_ {
        self.rings.iter().flatten().copied()
    }

    /// SVG path data with one decimal, relative steps.
    pub fn path(&self, frame: Frame) -> String {
        self.path_to(frame, 1)
    }

    /// SVG path data with a number of decimals (at most 4), relative steps; corners that fall together are dropped.
    pub fn path_to(&self, frame: Frame, decimals: u32) -> String {
        let unit = 10i64.pow(decimals.min(4));
        let mut out = String::new();
        for ring in &self.rings {
            let mut last: Option<(i64, i64)> = None;
            for corner in ring {
                let (x, y) = frame.place(*corner);
                let here = (tick(x, unit), tick(y, unit));
                match last {
                    None => step(&mut out, 'M', here, unit),
                    Some(same) if same == here => continue,
                    Some((x, y)) => step(&mut out, 'l', (here.0 - x, here.1 - y), unit),
                }
                last = Some(here);
            }
            if last.is_some() {
                out.push('z');
            }
        }
        out
    }

    /// The same with each ring that is smaller than `least` grown around its middle until it is that large.
    pub fn grown(&self, least: f64) -> Outline {
        let grow = |ring: &Vec<Place>| {
            let (l, t, r, b) = extent(ring.iter().copied()).unwrap_or_default();
            let (x, y, size) = ((l + r) / 2.0, (t + b) / 2.0, (r - l).max(b - t));
            let by = if size > 0.0 && size < least { least / size } else { 1.0 };
            ring.iter().map(|(px, py)| (x + (px - x) * by, y + (py - y) * by)).collect()
        };
        Outline { rings: self.rings.iter().map(grow).collect() }
    }

    /// Reads path data of the kind written here and in the fact files: `M`, `l`, `z` with plain numbers. Anything else ends the reading.
    pub fn read(path: &str) -> Outline {
        let mut outline = Outline::default();
        let mut ring: Vec<Place> = Vec::new();
        let mut numbers = Numbers { rest: path };
        let mut verb = ' ';
        loop {
            if let Some(next) = numbers.verb() {
                verb = next;
                if verb == 'z' {
                    outline.rings.push(std::mem::take(&mut ring));
                    continue;
                }
            }
            let Some(x) = numbers.number() else { break };
            let Some(y) = numbers.number() else { break };
            match (verb, ring.last()) {
                ('M', _) => {
                    if ring.len() > 1 {
                        outline.rings.push(std::mem::take(&mut ring));
                    }
                    ring = vec![(x, y)];
                    // Further pairs after a move are lines in the same sense; the files do not use them.
                    verb = 'L';
                }
                ('l', Some((from_x, from_y))) => ring.push((from_x + x, from_y + y)),
                ('L', _) => ring.push((x, y)),
                _ => break,
            }
        }
        if ring.len() > 2 {
            outline.rings.push(ring);
        }
        outline.rings.retain(|r| r.len() > 1);
        outline
    }
}

fn tick(value: f64, unit: i64) -> i64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "saturates; drawings are some thousand units wide")]
    let whole = (value * unit as f64).round() as i64;
    whole
}

/// Writes a verb with two numbers given in parts of a unit: the shortest text, as `l1.5-.2`.
fn step(out: &mut String, verb: char, (x, y): (i64, i64), unit: i64) {
    out.push(verb);
    number(out, x, unit, false);
    number(out, y, unit, true);
}

fn number(out: &mut String, ticks: i64, unit: i64, spaced: bool) {
    if ticks < 0 {
        out.push('-');
    } else if spaced {
        out.push(' ');
    }
    let (whole, part) = (ticks.unsigned_abs() / unit.unsigned_abs(), ticks.unsigned_abs() % unit.unsigned_abs());
    if whole > 0 || part == 0 {
        out.push_str(&whole.to_string());
    }
    if part > 0 {
        let width = unit.ilog10() as usize;
        out.push('.');
        out.push_str(format!("{part:0width$}").trim_end_matches('0'));
    }
}

struct Numbers<'a> {
    rest: &'a str,
}

impl Numbers<'_> {
    fn verb(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start_matches([' ', ',']);
        let verb = self.rest.chars().next().filter(char::is_ascii_alphabetic)?;
        self.rest = self.rest.get(1..).unwrap_or_default();
        Some(verb)
    }

    fn number(&mut self) -> Option<f64> {
        self.rest = self.rest.trim_start_matches([' ', ',']);
        let mut seen_point = false;
        let end = self
            .rest
            .char_indices()
            .find(|(at, c)| match c {
                '-' => *at > 0,
                '.' => std::mem::replace(&mut seen_point, true),
                c => !c.is_ascii_digit(),
            })
            .map_or(self.rest.len(), |(at, _)| at);
        let (number, rest) = self.rest.split_at(end);
        self.rest = rest;
        number.parse().ok().filter(|n: &f64| n.is_finite())
    }
}

#[derive(Deserialize)]
struct Projection {
    ax: f64,
    ay: f64,
    bx: f64,
    by: f64,
}

#[derive(Deserialize)]
struct RawShape {
    d: String,
}

#[derive(Deserialize)]
struct RawIsland {
    d: String,
    name_vi: String,
    province: String,
    x: f64,
    y: f64,
}

#[derive(Deserialize)]
struct RawEra {
    shapes: HashMap<String, RawShape>,
    islands: Vec<RawIsland>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    projection: Projection,
    view_box: [f64; 4],
    old: RawEra,
    new: RawEra,
    tiny: RawEra,
    #[serde(rename = "tiny_old")]
    tiny_old: RawEra,
}

/// A shape as it stands in the file.
#[derive(Debug)]
pub(super) struct Shape {
    pub path: String,
    pub outline: Outline,
}

/// An archipelago, part of a province.
#[derive(Debug)]
pub(super) struct Island {
    pub province: Uuid,
    pub name: String,
    pub shape: Shape,
    /// Foot of its name.
    pub label: Place,
}

impl Island {
    /// The middle of what is drawn.
    pub fn middle(&self) -> Place {
        extent(self.shape.outline.corners()).map_or(self.label, |(l, t, r, b)| ((l + r) / 2.0, (t + b) / 2.0))
    }
}

/// The provinces of one era.
#[derive(Debug, Default)]
pub(super) struct Era {
    pub shapes: HashMap<Uuid, Shape>,
    pub islands: Vec<Island>,
}

impl From<RawEra> for Era {
    fn from(raw: RawEra) -> Era {
        let shape = |d: String| Shape { outline: Outline::read(&d), path: d };
        Era {
            shapes: raw.shapes.into_iter().map(|(key, s)| (unit_id(&key), shape(s.d))).collect(),
            islands: raw
                .islands
                .into_iter()
                .map(|i| Island { province: unit_id(&i.province), name: i.name_vi, shape: shape(i.d), label: (i.x, i.y) })
                .collect(),
        }
    }
}

/// Everything that is drawn.
pub(super) struct Drawing {
    projection: Projection,
    pub view_box: (f64, f64, f64, f64),
    pub old: Era,
    pub new: Era,
    pub tiny: Era,
    pub tiny_old: Era,
}

pub(super) static DRAWING: LazyLock<Drawing> = LazyLock::new(|| match serde_json::from_str::<Raw>(PROVINCES) {
    Ok(raw) => {
        let [x, y, width, height] = raw.view_box;
        Drawing {
            projection: raw.projection,
            view_box: (x, y, width, height),
            old: raw.old.into(),
            new: raw.new.into(),
            tiny: raw.tiny.into(),
            tiny_old: raw.tiny_old.into(),
        }
    }
    // A test reads the file; without it there would be no map, but everything else.
    Err(error) => {
        tracing::error!(%error, "the drawing of the provinces cannot be read");
        let projection = Projection { ax: 1.0, ay: -1.0, bx: 0.0, by: 0.0 };
        Drawing { projection, view_box: (0.0, 0.0, 1.0, 1.0), old: Era::default(), new: Era::default(), tiny: Era::default(), tiny_old: Era::default() }
    }
});

/// Degrees (WGS 84) as a place of the drawing: Mercator, fitted to the shapes of the provinces.
pub fn project(lat: f64, lon: f64) -> Place {
    let p = &DRAWING.projection;
    let m = (std::f64::consts::FRAC_PI_4 + lat.clamp(-85.0, 85.0).to_radians() / 2.0).tan().ln();
    (p.ax * lon + p.bx, p.ay * m + p.by)
}

/// A place of the drawing as degrees (latitude, longitude): the inverse of [`project`].
pub fn unproject((x, y): Place) -> (f64, f64) {
    let p = &DRAWING.projection;
    let m = (y - p.by) / p.ay;
    ((2.0 * m.exp().atan() - std::f64::consts::FRAC_PI_2).to_degrees(), (x - p.bx) / p.ax)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_file_has_both_eras_and_both_archipelagos() {
        let drawing = &*DRAWING;
        assert_eq!((drawing.old.shapes.len(), drawing.new.shapes.len(), drawing.tiny.shapes.len(), drawing.tiny_old.shapes.len()), (63, 34, 34, 63));
        for era in [&drawing.old, &drawing.new, &drawing.tiny, &drawing.tiny_old] {
            let names: Vec<&str> = era.islands.iter().map(|i| i.name.as_str()).collect();
            assert_eq!(names, ["Quần đảo Hoàng Sa", "Quần đảo Trường Sa"]);
            for shape in era.shapes.values().chain(era.islands.iter().map(|i| &i.shape)) {
                assert_eq!(shape.outline.rings.len(), shape.path.matches('z').count());
                for (x, y) in shape.outline.corners() {
                    assert!((-5.0..830.0).contains(&x) && (-5.0..890.0).contains(&y), "{x} {y}");
                }
            }
        }
    }

    #[test]
    fn cities_fall_into_their_provinces() {
        for (key, lat, lon) in [("p:old:01", 21.03, 105.85), ("p:old:48", 16.05, 108.2), ("p:old:79", 10.78, 106.7), ("p:old:96", 9.18, 105.15)] {
            let (x, y) = project(lat, lon);
            let (l, t, r, b) = extent(DRAWING.old.shapes[&unit_id(key)].outline.corners()).unwrap();
            assert!((l - 6.0..r + 6.0).contains(&x) && (t - 6.0..b + 6.0).contains(&y), "{key}: {x} {y} not in {l} {t} {r} {b}");
        }
    }

    proptest! {
        #[test]
        fn a_place_comes_back_to_its_degrees(lat in 6.0f64..24.0, lon in 102.0f64..118.0) {
            let (back_lat, back_lon) = unproject(project(lat, lon));
            prop_assert!((lat - back_lat).abs() < 1e-9 && (lon - back_lon).abs() < 1e-9);
        }

        #[test]
        fn what_is_written_reads_back(rings in proptest::collection::vec(proptest::collection::vec((0..9000i32, 0..9000i32), 3..12), 1..4)) {
            let outline = Outline { rings: rings.iter().map(|r| r.iter().map(|(x, y)| (f64::from(*x) / 10.0, f64::from(*y) / 10.0)).collect()).collect() };
            let again = Outline::read(&outline.path(Frame::SAME));
            for (x, y) in again.corners() {
                prop_assert!(outline.corners().any(|(a, b)| (a - x).abs() < 1e-6 && (b - y).abs() < 1e-6));
            }
            prop_assert_eq!(again.path(Frame::SAME), outline.path(Frame::SAME).replace("Mz", ""));
        }

        #[test]
        fn any_path_is_read_without_a_panic(path in "[MlzLc0-9 .,-]{0,60}|.{0,40}") {
            let _ = Outline::read(&path).path_to(Frame { scale: 1e9, shift: (f64::NAN, 0.0) }, 9);
        }
    }
}
