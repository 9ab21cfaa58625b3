//! Boundaries come in as GeoJSON, are matched, and maps draw shapes instead of points.

use crate::house::{day, houses};
use flate2::Compression;
use flate2::write::GzEncoder;
use places::boundary::Keys;
use places::facts::unit_id;
use places::{BoundaryOptions, Level};
use serde_json::{Value, json};
use std::io::Write as _;

fn options(on: &str, level: Level) -> BoundaryOptions {
    BoundaryOptions { on: day(on), level, source: "Vẽ thử, 2026".into(), keys: Keys::default(), dry_run: false }
}

/// A wavy ring of many corners around a place, in degrees.
fn ring(lat: f64, lon: f64, size: f64) -> Value {
    let at = |n: u32| {
        let turn = f64::from(n % 300) / 300.0 * std::f64::consts::TAU;
        let r = size * (1.0 + 0.15 * (turn * 7.0).sin() + 0.04 * (turn * 31.0).sin());
        json!([lon + r * turn.cos(), lat + r * turn.sin()])
    };
    Value::Array((0..=300).map(at).collect())
}

fn feature(properties: Value, lat: f64, lon: f64, size: f64) -> Value {
    json!({"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring(lat, lon, size)]}})
}

fn file(features: Vec<Value>) -> String {
    json!({"type": "FeatureCollection", "features": features}).to_string()
}

#[tokio::test]
async fn communes_become_shapes_and_what_does_not_fit_is_explained() {
    for house in houses().await {
        let system = house.system();
        let page = house.stranger();
        let province = format!("/places/{}", unit_id("p:new:24"));
        let before = page.get(&province).await.body;
        let (shapes, points) = (before.matches("<path d=\"M").count(), before.matches("<circle cx").count());
        let atlas = house.places.atlas();
        let on = day("2026-11-22");
        let view = atlas.on(on);
        let mut features = Vec::new();
        for unit in view.under(unit_id("p:new:24"), Level::Commune) {
            let (lat, lon) = atlas.unit(unit).unwrap().point.unwrap();
            let version = atlas.version(unit, on).unwrap();
            features.push(feature(json!({"ma_xa": version.code, "ten_xa": &*version.full_name}), lat as f64 / 1e6, lon as f64 / 1e6, 0.06));
        }
        let all = features.len();
        let first = features[0].clone();
        // The same unit again, a code of another place of that day, a name that is borne by many, a point, France.
        features.push(first);
        features.push(feature(json!({"ma_xa": "07330", "ten_xa": "Xã Tân An"}), 21.3, 106.2, 0.05));
        features.push(feature(json!({"ten_xa": "Tân An"}), 21.3, 106.2, 0.05));
        features.push(json!({"type": "Feature", "properties": {"ma_xa": "07330"}, "geometry": {"type": "Point", "coordinates": [106.0, 21.0]}}));
        features.push(feature(json!({"ma_xa": "07330"}), 10.0, 106.2, 0.05));
        let text = file(features);
        let dry =
            house.places.import_boundaries(&system, text.clone(), &BoundaryOptions { dry_run: true, ..options("2026-11-22", Level::Commune) }).await.unwrap();
        assert_eq!(page.get(&province).await.body.matches("<circle cx").count(), points, "a dry run changes nothing");
        let report = house.places.import_boundaries(&system, text.clone(), &options("2026-11-22", Level::Commune)).await.unwrap();
        assert_eq!(report, dry);
        assert_eq!((report.taken, report.refused.len(), report.without), (all, 5, 3_321 - all), "{:?}", report.refused);
        for (word, nth) in [("the same unit", 0), ("belongs to", 1), ("several units", 2), ("Polygon", 3), ("50 km", 4)] {
            assert!(report.refused[nth].1.contains(word), "{:?}", report.refused[nth]);
        }
        let after = page.get(&province).await.body;
        assert_eq!(after.matches("<circle cx").count(), 0, "{}", house.db.label());
        assert!(after.matches("<path d=\"M").count() + 1 >= shapes + all - 1);
        assert!(after.contains("<title>Xã Phúc Hòa</title>"), "each shape says its name");
        let mut gz = GzEncoder::new(Vec::new(), Compression::best());
        gz.write_all(after.as_bytes()).unwrap();
        gz.write_all(&std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/dist/gate.css")).unwrap()).unwrap();
        let weight = gz.finish().unwrap().len();
        assert!(weight <= 14 * 1024, "the page of a province with {all} shapes weighs {weight}");
        // The same again changes nothing; a commune shows its own shape; the list says the same and GeoJSON has the area.
        let again = house.places.import_boundaries(&system, text, &options("2026-11-22", Level::Commune)).await.unwrap();
        assert_eq!(again, report);
        let commune = atlas.coded("07330", Some(Level::Commune), on).unwrap();
        assert!(page.get(&format!("/places/{commune}")).await.body.matches("<circle cx").count() == 0);
        let geo = page.get("/api/v1/units?code=07330&format=geojson").await.json();
        assert_eq!(geo["features"][0]["geometry"]["type"], "MultiPolygon");
        let corner = &geo["features"][0]["geometry"]["coordinates"][0][0][0];
        let (lat, lon) = atlas.unit(commune).unwrap().point.unwrap();
        assert!((corner[0].as_f64().unwrap() - lon as f64 / 1e6).abs() < 0.1 && (corner[1].as_f64().unwrap() - lat as f64 / 1e6).abs() < 0.1, "{corner}");
        // Before the country was redrawn the unit was another one, and stays a point.
        let old = page.get(&format!("/places/{}?on=2025-06-30", unit_id("p:old:24"))).await.body;
        assert!(old.contains("<circle cx"));
        assert_eq!(house.acts().await.iter().filter(|a| *a == "unit.boundaries").count(), 2);
    }
}

#[tokio::test]
async fn old_units_are_matched_on_their_own_day_and_only_administrators_bring_boundaries() {
    for house in houses().await {
        let system = house.system();
        let on = "2025-06-30";
        // "24" was Bắc Giang and is Bắc Ninh.
        let text = file(vec![feature(json!({"code": 24, "name": "Tỉnh Bắc Giang"}), 21.3, 106.4, 0.4)]);
        let report = house.places.import_boundaries(&system, text.clone(), &options("2026-11-22", Level::Province)).await.unwrap();
        assert_eq!((report.taken, report.refused.len()), (0, 1), "{:?}", report.refused);
        assert!(report.refused[0].1.contains("Bắc Ninh"), "{:?}", report.refused);
        let report = house.places.import_boundaries(&system, text, &options(on, Level::Province)).await.unwrap();
        assert_eq!((report.taken, report.without), (1, 62));
        // By name and parent, without a code.
        let text = file(vec![feature(json!({"name": "Hiệp Hòa", "parent": "Bắc Giang"}), 21.35, 105.97, 0.1)]);
        let report = house.places.import_boundaries(&system, text, &options(on, Level::District)).await.unwrap();
        assert_eq!(report.taken, 1, "{:?}", report.refused);
        // Not without the role, not without a source, not what is no GeoJSON.
        let officer = access::Context::public(system.at, ui::Prefs::default(), "test");
        let denied = house.places.import_boundaries(&officer, file(vec![]), &options(on, Level::Commune)).await.unwrap_err();
        assert!(matches!(denied.status, 401 | 403), "{}", denied.status);
        let nameless = BoundaryOptions { source: " ".into(), ..options(on, Level::Commune) };
        assert_eq!(house.places.import_boundaries(&system, "{}".into(), &nameless).await.unwrap_err().code, "boundaries_source_missing");
        for text in ["", "PK\u{3}\u{4}", "{\"type\":\"FeatureCollection\"}"] {
            let refused = house.places.import_boundaries(&system, text.into(), &options(on, Level::Commune)).await.unwrap_err();
            assert!(refused.code.starts_with("boundaries_") && !refused.how_vi.is_empty(), "{text}: {}", refused.code);
        }
    }
}
