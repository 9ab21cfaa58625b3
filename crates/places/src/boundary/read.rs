//! A GeoJSON file of areas as plain features. Nothing in it is believed: sizes, depths, coordinates and kinds are checked.

use crate::map::Place;
use crate::model::Level;
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use ui::AppError;

/// The largest file that is read.
pub const MOST_BYTES: u64 = 512 * 1024 * 1024;
/// The most features of a file: all units of both eras are some 14,000.
const MOST_FEATURES: usize = 50_000;
/// The most corners of one feature.
const MOST_CORNERS: usize = 2_000_000;

/// One area of the file.
#[derive(Clone, Debug, Default)]
pub struct Feature {
    /// Code of the unit, as written.
    pub code: String,
    /// Name of the unit, with or without its kind.
    pub name: String,
    /// Name or code of the unit above.
    pub parent: String,
    /// Level, where the file says it.
    pub level: Option<Level>,
    /// Polygons, each an outer ring followed by its holes; corners are (longitude, latitude) in degrees.
    pub polygons: Vec<Vec<Vec<Place>>>,
    /// Why the geometry cannot be used.
    pub problem: Option<String>,
}

/// Which properties of the file hold code, name and parent; empty ones are guessed from usual names.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// Property with the official code.
    pub code: String,
    /// Property with the name.
    pub name: String,
    /// Property with name or code of the unit above.
    pub parent: String,
}

const CODES: &[&str] = &["code", "ma", "ma_xa", "maxa", "ma_px", "ma_dvhc", "madvhc", "ma_huyen", "mahuyen", "ma_tinh", "matinh", "unit_code"];
const NAMES: &[&str] =
    &["full_name", "name", "name_vi", "ten", "ten_xa", "tenxa", "ten_px", "ten_dvhc", "ten_day_du", "ten_huyen", "tenhuyen", "ten_tinh", "tentinh"];
const PARENTS: &[&str] = &["parent", "parent_code", "province", "tinh", "ten_tinh", "tentinh", "ma_tinh", "matinh", "huyen", "ten_huyen"];

/// What stands in `coordinates`, whatever its depth: a number, a position, a ring, a polygon, several polygons.
enum Nest {
    Number(f64),
    Position(Place),
    Ring(Vec<Place>),
    Polygon(Vec<Vec<Place>>),
    Polygons(Vec<Vec<Vec<Place>>>),
}

impl<'de> Deserialize<'de> for Nest {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Nest, D::Error> {
        struct Look;
        impl<'de> Visitor<'de> for Look {
            type Value = Nest;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("numbers in nested lists")
            }
            fn visit_f64<E>(self, n: f64) -> Result<Nest, E> {
                Ok(Nest::Number(n))
            }
            fn visit_i64<E>(self, n: i64) -> Result<Nest, E> {
                #[expect(clippy::cast_precision_loss, reason = "degrees are small")]
                let n = n as f64;
                Ok(Nest::Number(n))
            }
            fn visit_u64<E>(self, n: u64) -> Result<Nest, E> {
                #[expect(clippy::cast_precision_loss, reason = "degrees are small")]
                let n = n as f64;
                Ok(Nest::Number(n))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Nest, A::Error> {
                let mixed = || A::Error::custom("coordinates are nested in an unknown way");
                let mut out: Option<Nest> = None;
                let mut numbers = 0usize;
                while let Some(next) = list.next_element::<Nest>()? {
                    out = Some(match (out, next) {
                        (None, Nest::Number(x)) => Nest::Number(x),
                        (Some(Nest::Number(x)), Nest::Number(y)) => Nest::Position((x, y)),
                        // Heights after longitude and latitude are passed over.
                        (Some(Nest::Position(p)), Nest::Number(_)) if numbers < 4 => Nest::Position(p),
                        (None, Nest::Position(p)) => Nest::Ring(vec![p]),
                        (Some(Nest::Ring(mut ring)), Nest::Position(p)) => {
                            if ring.len() >= MOST_CORNERS {
                                return Err(A::Error::custom("too many corners in one ring"));
                            }
                            ring.push(p);
                            Nest::Ring(ring)
                        }
                        (None, Nest::Ring(ring)) => Nest::Polygon(vec![ring]),
                        (Some(Nest::Polygon(mut rings)), Nest::Ring(ring)) => {
                            rings.push(ring);
                            Nest::Polygon(rings)
                        }
                        (None, Nest::Polygon(one)) => Nest::Polygons(vec![one]),
                        (Some(Nest::Polygons(mut all)), Nest::Polygon(one)) => {
                            all.push(one);
                            Nest::Polygons(all)
                        }
                        _ => return Err(mixed()),
                    });
                    numbers += 1;
                }
                match out {
                    // A position has two numbers at least; a list of one number is none.
                    Some(Nest::Number(_)) => Err(mixed()),
                    Some(nest) => Ok(nest),
                    None => Ok(Nest::Polygons(Vec::new())),
                }
            }
        }
        from.deserialize_any(Look)
    }
}

#[derive(Deserialize)]
struct RawGeometry {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    coordinates: Option<Nest>,
}

#[derive(Deserialize)]
struct RawFeature {
    #[serde(default)]
    properties: Option<Map<String, Value>>,
    #[serde(default)]
    geometry: Option<RawGeometry>,
}

#[derive(Deserialize)]
struct File {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    features: Vec<RawFeature>,
}

fn refuse(code: &'static str, vi: impl Into<String>, en: impl Into<String>) -> AppError {
    AppError::new(code, 422).say(vi, en)
}

/// Reads a file.
///
/// # Errors
/// 422 `boundaries_unreadable` (not GeoJSON, or nested without end), `boundaries_too_large`, `boundaries_empty`.
pub fn read(text: &str, keys: &Keys) -> Result<Vec<Feature>, AppError> {
    if text.len() as u64 > MOST_BYTES {
        return Err(refuse("boundaries_too_large", "Tệp lớn quá 512 MB.", "The file is larger than 512 MB.")
            .mend("Chia tệp theo tỉnh, hoặc giản lược đường ranh giới.", "Split it by province, or simplify the lines."));
    }
    let file: File = serde_json::from_str(text).map_err(|error| {
        refuse("boundaries_unreadable", format!("Tệp không đọc được như GeoJSON: {error}."), format!("The file cannot be read as GeoJSON: {error}.")).mend(
            "Xuất lại từ phần mềm bản đồ thành một FeatureCollection các Polygon, MultiPolygon.",
            "Export it again from the map software, as a FeatureCollection of Polygons and MultiPolygons.",
        )
    })?;
    if file.kind != "FeatureCollection" || file.features.is_empty() {
        return Err(refuse(
            "boundaries_empty",
            "Tệp không phải FeatureCollection, hoặc không có vùng nào.",
            "The file is no FeatureCollection, or holds no area.",
        )
        .mend("Xuất mỗi đơn vị thành một Feature.", "Export each unit as a Feature."));
    }
    if file.features.len() > MOST_FEATURES {
        return Err(refuse("boundaries_too_large", format!("Tệp có hơn {MOST_FEATURES} vùng."), format!("The file has more than {MOST_FEATURES} areas."))
            .mend("Chỉ nạp đơn vị hành chính.", "Import administrative units only."));
    }
    Ok(file.features.into_iter().map(|raw| feature(raw, keys)).collect())
}

fn feature(raw: RawFeature, keys: &Keys) -> Feature {
    let properties = raw.properties.unwrap_or_default();
    let pick = |wanted: &str, usual: &[&str]| {
        let named =
            |key: &str| properties.iter().find(|(k, _)| if wanted.is_empty() { lang::fold(k).replace([' ', '-'], "_") == key } else { k.as_str() == key });
        let found = if wanted.is_empty() { usual.iter().find_map(|key| named(key)) } else { named(wanted) };
        let text = match found.map(|f| f.1) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        lang::clean(text.get(..text.floor_char_boundary(300)).unwrap_or_default())
    };
    let level = properties.get("level").and_then(Value::as_str).and_then(Level::from_word);
    let (polygons, problem) = match raw.geometry {
        Some(RawGeometry { kind, coordinates }) => match (kind.as_str(), coordinates) {
            ("Polygon", Some(Nest::Polygon(one))) => (vec![one], None),
            ("MultiPolygon", Some(Nest::Polygons(all))) => (all, None),
            ("Polygon" | "MultiPolygon", _) => (vec![], Some("tọa độ không đúng cấu trúc (the coordinates are not nested as the type says)".to_owned())),
            (other, _) => {
                let other: String = other.chars().take(30).collect();
                (vec![], Some(format!("cần Polygon hoặc MultiPolygon, đây là {other} (a Polygon or MultiPolygon is needed)")))
            }
        },
        None => (vec![], Some("không có hình (no geometry)".to_owned())),
    };
    let problem = problem.or_else(|| wrong(&polygons));
    Feature { code: pick(&keys.code, CODES), name: pick(&keys.name, NAMES), parent: pick(&keys.parent, PARENTS), level, polygons, problem }
}

/// What is wrong with corners: none, too many, not degrees, or not of this country.
fn wrong(polygons: &[Vec<Vec<Place>>]) -> Option<String> {
    let corners = || polygons.iter().flatten().flatten();
    let say = |text: &str| Some(text.to_owned());
    if corners().count() > MOST_CORNERS {
        return say("quá nhiều điểm (too many corners)");
    }
    if polygons.iter().any(|p| p.first().is_none_or(|ring| ring.len() < 4)) || polygons.is_empty() {
        return say("vòng ranh giới có ít hơn bốn điểm (a ring of fewer than four corners)");
    }
    if corners().all(|(x, y)| (6.0..=24.5).contains(x) && (102.0..=118.5).contains(y)) {
        return say("kinh độ và vĩ độ đổi chỗ (longitude and latitude are swapped)");
    }
    if corners().any(|(x, y)| !x.is_finite() || !y.is_finite() || x.abs() > 180.0 || y.abs() > 90.0) {
        return say(
            "tọa độ không phải độ WGS 84, có lẽ là VN-2000 tính bằng mét; hãy chuyển sang EPSG:4326 (coordinates are not degrees; convert to EPSG:4326)",
        );
    }
    if corners().any(|(x, y)| !(102.0..=118.5).contains(x) || !(6.0..=24.5).contains(y)) {
        return say("nằm ngoài Việt Nam (outside of Việt Nam)");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(geometry: &str, properties: &str) -> Feature {
        let text = format!(r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{properties},"geometry":{geometry}}}]}}"#);
        read(&text, &Keys::default()).unwrap().remove(0)
    }

    const SQUARE: &str = r#"{"type":"Polygon","coordinates":[[[105.1,21.0],[105.2,21.0],[105.2,21.1],[105.1,21.0]]]}"#;

    #[test]
    fn usual_properties_are_found_and_heights_passed_over() {
        let f = one(SQUARE, r#"{"Mã xã":"07330","TEN_XA":"Xã Phúc Hòa","Tên tỉnh":"Bắc Ninh"}"#);
        assert_eq!((f.code.as_str(), f.name.as_str(), f.parent.as_str(), f.problem), ("07330", "Xã Phúc Hòa", "Bắc Ninh", None));
        let f = one(r#"{"type":"MultiPolygon","coordinates":[[[[105.1,21,9],[105.2,21,9],[105.2,21.1,9],[105.1,21,9]]]]}"#, r#"{"code":330}"#);
        assert_eq!((f.code.as_str(), f.problem, f.polygons.len()), ("330", None, 1));
    }

    #[test]
    fn what_cannot_be_used_is_said() {
        let said = |geometry: &str| one(geometry, "{}").problem.unwrap();
        assert!(said(r#"{"type":"Point","coordinates":[105,21]}"#).contains("Point"));
        assert!(said(r#"{"type":"Polygon","coordinates":[[[21,105],[21,105.1],[21.1,105.1],[21,105]]]}"#).contains("swapped"));
        assert!(said(r#"{"type":"Polygon","coordinates":[[[523000,2300000],[523100,2300000],[523100,2300100],[523000,2300000]]]}"#).contains("EPSG:4326"));
        assert!(said(r#"{"type":"Polygon","coordinates":[[[2,48],[2.1,48],[2.1,48.1],[2,48]]]}"#).contains("outside"));
        assert!(said(r#"{"type":"Polygon","coordinates":[[[105,21],[105,21]]]}"#).contains("four"));
        assert!(said(r#"{"type":"Polygon","coordinates":[]}"#).contains("nested"));
        assert!(said(r#"{"type":"Polygon","coordinates":[105,21]}"#).contains("nested"));
        for (text, code) in [
            ("", "boundaries_unreadable"),
            ("[]", "boundaries_unreadable"),
            (r#"{"type":"Topology"}"#, "boundaries_empty"),
            (r#"{"type":"FeatureCollection","features":[]}"#, "boundaries_empty"),
            (r#"{"type":"FeatureCollection","features":[{"geometry":{"type":"Polygon","coordinates":[[1,[2]]]}}]}"#, "boundaries_unreadable"),
            (r#"{"type":"FeatureCollection","features":[{"geometry":{"type":"Polygon","coordinates":"x"}}]}"#, "boundaries_unreadable"),
        ] {
            assert_eq!(read(text, &Keys::default()).unwrap_err().code, code, "{text}");
        }
        let deep = format!(
            r#"{{"type":"FeatureCollection","features":[{{"geometry":{{"type":"Polygon","coordinates":{}{}}}}}]}}"#,
            "[".repeat(100_000),
            "]".repeat(100_000)
        );
        assert_eq!(read(&deep, &Keys::default()).unwrap_err().code, "boundaries_unreadable");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(inner in r#"[\[\]0-9.,e-]{0,60}"#, text in ".{0,60}") {
            let _ = read(&text, &Keys::default());
            let _ = read(&format!(r#"{{"type":"FeatureCollection","features":[{{"geometry":{{"type":"MultiPolygon","coordinates":{inner}}}}}]}}"#), &Keys::default());
        }
    }
}
