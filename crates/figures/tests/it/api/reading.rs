//! Reading: shapes, pages, tags, forms, and what is not shown.

use super::gate::{Gate, gates};
use crate::world::measure;
use access::Role;
use figures::{Definition, Value as Given};
use places::Level;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Households of every commune at the end of 2025: 1, 2, 3 …
async fn counted(gate: &Gate) -> i64 {
    let f = &gate.world.figures;
    let atlas = f.places().atlas();
    let communes: Vec<_> = atlas.on(jiff::civil::date(2025, 12, 14)).all(Level::Commune).collect();
    let values: Vec<_> = communes.iter().zip(1i64..).map(|(u, n)| (*u, Given::Number(n))).collect();
    let total = (1..=i64::try_from(values.len()).unwrap()).sum();
    let mut load = f.bulk("test", 1_700_000_000_000_000).await.unwrap();
    load.slice(measure("so_ho"), "2025".parse().unwrap(), values).await.unwrap();
    load.finish().await.unwrap();
    total
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

/// The names that other systems' scripts are written against.
#[tokio::test]
async fn names_are_stable() {
    for gate in gates().await {
        let total = counted(&gate).await;
        let nation = gate.get("/api/v1/figures?measure=so_ho&period=2025").await;
        assert_eq!(nation.status, 200, "{}", nation.text());
        let list = nation.json();
        assert_eq!(keys(&list), ["items", "next", "total"].map(String::from).into());
        assert_eq!((list["total"].clone(), list["next"].clone()), (json!(1), Value::Null));
        let figure = &list["items"][0];
        let expected = [
            "measure",
            "unit",
            "unit_name",
            "unit_code",
            "period",
            "tree",
            "value",
            "text",
            "numerator",
            "denominator",
            "n",
            "of",
            "missing",
            "not_known",
            "not_applicable",
            "awaiting",
            "met",
            "estimated",
            "status",
            "as_of",
        ];
        assert_eq!(keys(figure), expected.map(String::from).into());
        assert_eq!(figure["value"], json!(total.to_string()), "{}", gate.world.db.label());
        assert_eq!((figure["n"].clone(), figure["of"].clone()), (json!(3321), json!(3321)));
        assert_eq!((figure["status"].clone(), figure["tree"].clone(), figure["period"].clone()), (json!("complete"), json!("then"), json!("2025")));
        assert_eq!(figure["as_of"], "2023-11-14T22:13:20Z");
        assert_eq!(figure["unit_name"], "Việt Nam");

        let provinces = gate.get("/api/v1/figures?measure=so_ho&period=2025&under=vn").await.json();
        assert_eq!(provinces["total"], 34);
        let sum: Decimal = provinces["items"].as_array().unwrap().iter().map(|f| f["value"].as_str().unwrap().parse::<Decimal>().unwrap()).sum();
        assert_eq!(sum, Decimal::from(total));
        // Nothing reported is null, not zero.
        let none = gate.get("/api/v1/figures?measure=so_ho&period=2024&unit=24&tree=then").await.json();
        assert_eq!((none["items"][0]["value"].clone(), none["items"][0]["status"].clone()), (Value::Null, json!("missing")));
        assert!(none["items"][0]["unit_name"].as_str().unwrap().contains("Bắc Giang"), "24 was Bắc Giang in 2024");
        let named = gate.get("/api/v1/figures?measure=so_ho&period=2025&unit=24,01&unit=24").await.json();
        assert_eq!(named["total"], 2);
        assert_eq!(gate.get("/api/v1/figures?measure=so_ho&period=2025&unit=27").await.code(), "unknown_unit", "27 is no longer a code");

        let trend = gate.get("/api/v1/figures/trend?measure=so_ho&unit=24&last=3&until=2026").await.json();
        let values: Vec<&Value> = trend["items"].as_array().unwrap().iter().map(|f| &f["period"]).collect();
        assert_eq!(values, ["2024", "2025", "2026"]);
        let all = gate.get("/api/v1/completeness?period=2025&under=24&level=commune&measure=so_ho").await.json();
        assert_eq!(
            keys(&all["items"][0]),
            ["unit", "unit_name", "unit_code", "period", "measures", "of", "n", "not_applicable", "awaiting", "missing", "not_known", "complete"]
                .map(String::from)
                .into()
        );
        assert!(all["items"].as_array().unwrap().iter().all(|c| c["complete"] == "100"));

        let measures = gate.get("/api/v1/measures?limit=3").await.json();
        assert_eq!(measures["items"].as_array().unwrap().len(), 3);
        let one = gate.get("/api/v1/measures/so_ho").await.json();
        let fields = keys(&one["items"][0]);
        for name in [
            "id",
            "code",
            "version",
            "valid_from",
            "title_vi",
            "title_en",
            "definition_vi",
            "legal_basis",
            "unit",
            "kind",
            "level",
            "period",
            "rollup",
            "carry",
            "retired",
            "computed",
        ] {
            assert!(fields.contains(name), "{name}");
        }
        assert_eq!(one["items"][0]["max"].as_str().map(str::is_empty), Some(false), "a decimal is text");
    }
}

/// Paging over all communes visits each once, in the order of the codes, whatever the size of the page.
#[tokio::test]
async fn pages_visit_every_commune_once() {
    for gate in gates().await {
        counted(&gate).await;
        let base = "/api/v1/figures?measure=so_ho,so_nhan_khau&period=2025&level=commune";
        for limit in [700, 5000] {
            let mut seen: Vec<(String, String, String)> = Vec::new();
            let mut address = format!("{base}&limit={limit}");
            loop {
                let answer = gate.get(&address).await;
                let page = answer.json();
                assert_eq!(page["total"], 2 * 3321);
                for f in page["items"].as_array().unwrap() {
                    let text = |name: &str| f[name].as_str().unwrap_or_default().to_owned();
                    seen.push((text("measure"), text("unit_code"), text("unit")));
                }
                match page["next"].as_str() {
                    Some(next) => {
                        let link = answer.header("link").strip_prefix('<').unwrap().split('>').next().unwrap().to_owned();
                        assert!(link.ends_with(next));
                        address = link;
                    }
                    None => break,
                }
            }
            assert_eq!(seen.len(), 2 * 3321);
            assert!(seen.is_sorted());
            assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 2 * 3321);
        }
        // A cursor belongs to its question.
        let next = gate.get(&format!("{base}&limit=5")).await.json()["next"].as_str().unwrap().to_owned();
        assert_eq!(gate.get(&format!("/api/v1/figures?measure=so_ho&period=2025&level=commune&next={next}")).await.code(), "cursor_invalid");
        let mut steps = 0;
        let mut next = Some(String::new());
        let mut units = BTreeSet::new();
        while let Some(cursor) = next {
            let page = gate.get(&format!("/api/v1/completeness?period=2025&level=commune&limit=1500&next={cursor}")).await.json();
            units.extend(page["items"].as_array().unwrap().iter().map(|c| c["unit"].as_str().unwrap().to_owned()));
            next = page["next"].as_str().map(str::to_owned);
            steps += 1;
        }
        assert_eq!((steps, units.len()), (3, 3321));
    }
}

/// A tag spares the second download and changes with the figures; CSV and GeoJSON say the same as JSON.
#[tokio::test]
async fn tags_and_forms() {
    for gate in gates().await {
        let path = "/api/v1/figures?measure=so_ho&period=2025&under=24&level=commune";
        let before = gate.get(path).await;
        let tag = before.header("etag").to_owned();
        assert_eq!(before.header("cache-control"), "public, no-cache");
        assert_eq!(gate.get_with(path, &[("if-none-match", &tag)]).await.status, 304);
        counted(&gate).await;
        let after = gate.get_with(path, &[("if-none-match", &tag)]).await;
        assert_eq!(after.status, 200);
        assert_ne!(after.header("etag"), tag);
        let items = after.json()["items"].clone();

        let csv = gate.get_with(path, &[("accept", "text/csv")]).await;
        assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8; header=present");
        let mut reader = csv::Reader::from_reader(csv.body.as_slice());
        let heads = reader.headers().unwrap().clone();
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), items.as_array().unwrap().len());
        for (row, item) in rows.iter().zip(items.as_array().unwrap()) {
            for (head, cell) in heads.iter().zip(row) {
                let said = match &item[head] {
                    Value::Null => String::new(),
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                assert_eq!(cell, said, "{head}");
            }
        }

        let geo = gate.get(&format!("{path}&format=geojson")).await;
        assert_eq!(geo.header("content-type"), "application/geo+json");
        let collection = geo.json();
        assert_eq!(collection["type"], "FeatureCollection");
        for (feature, item) in collection["features"].as_array().unwrap().iter().zip(items.as_array().unwrap()) {
            assert_eq!((&feature["id"], &feature["properties"]["value"]), (&item["unit"], &item["value"]));
            let [lon, lat] = [0, 1].map(|i| feature["geometry"]["coordinates"][i].as_f64().unwrap());
            assert!((102.0..118.0).contains(&lon) && (7.0..24.0).contains(&lat), "{feature}");
        }
    }
}

/// A figure opens down to its parts; people are shown only to those with a role in the place.
#[tokio::test]
async fn explained_to_those_who_may() {
    for gate in gates().await {
        counted(&gate).await;
        let (_, code) = gate.commune("24", 0);
        let path = format!("/api/v1/figures/explain?measure=so_ho&period=2025&unit={code}");
        let public = gate.get(&path).await.json();
        assert_eq!(keys(&public), ["figure", "definition", "parts", "inputs", "carried", "lines", "evidence", "detailed"].map(String::from).into());
        assert_eq!((public["detailed"].clone(), public["lines"][0]["who"].clone()), (json!(false), Value::Null));
        assert_eq!(public["lines"][0]["value"], public["figure"]["value"]);
        let officer = gate.program("hoa", Role::Officer, gate.province("24"), Role::Viewer).await;
        let known = officer.get(&path).await;
        assert_eq!(known.header("cache-control"), "private, no-cache");
        assert_eq!((known.json()["detailed"].clone(), known.json()["lines"][0]["who"].clone()), (json!(true), json!("Hệ thống")));
        let province = gate.get("/api/v1/figures/explain?measure=so_ho&period=2025&unit=24").await.json();
        assert!(province["parts"].as_array().unwrap().len() > 50);
        let computed = gate.get("/api/v1/figures/explain?measure=ty_le_htx_so&unit=24&period=2026-Q3").await.json();
        assert_eq!(computed["inputs"].as_array().unwrap().len(), 2);
        assert_eq!(computed["definition"]["formula"], "htx_so");
        // Yesterday's commune is explained on today's map by the units it came from.
        let carried = gate.get(&format!("/api/v1/figures/explain?measure=so_ho&period=2024&tree=today&unit={code}")).await.json();
        assert!(carried["carried"].as_array().unwrap().iter().all(|c| c["share"].as_str().unwrap().parse::<Decimal>().unwrap() <= Decimal::ONE));
    }
}

/// What is not public does not exist for others: not in lists, not by its code, not in a bulk question.
#[tokio::test]
async fn what_is_not_public_is_not_there() {
    for gate in gates().await {
        let f = &gate.world.figures;
        let open = f.catalog().coded("so_ho").unwrap().measure.def.clone();
        let system = gate.access.system();
        f.define(&system, Definition { code: "rieng".into(), public: false, ..open.clone() }).await.unwrap();
        f.define(&system, Definition { code: "so_ho_thon".into(), level: Level::Village, ..open }).await.unwrap();
        let mine = gate.program("hoa", Role::Officer, gate.province("24"), Role::Viewer).await;
        let (_, code) = gate.commune("24", 0);
        let here = format!("/api/v1/figures?measure=rieng&period=2025&unit={code}");
        assert_eq!(gate.get(&here).await.code(), "unknown_measure");
        assert_eq!(gate.get("/api/v1/measures/rieng").await.code(), "unknown_measure");
        assert!(!gate.get("/api/v1/measures").await.text().contains("rieng"));
        assert_eq!(mine.get(&here).await.status, 200);
        assert!(mine.get("/api/v1/measures").await.text().contains("rieng"));
        // A role in one province opens neither another nor the country.
        for foreign in ["unit=01", "unit=vn", "level=province", "under=01"] {
            assert_eq!(mine.get(&format!("/api/v1/figures?measure=rieng&period=2025&{foreign}")).await.code(), "unknown_measure", "{foreign}");
            assert_eq!(
                mine.get(&format!("/api/v1/completeness?measure=rieng&period=2025&{}", foreign.replace("unit", "under"))).await.code(),
                "unknown_measure"
            );
        }
        assert_eq!(mine.get("/api/v1/figures/explain?measure=rieng&period=2025&unit=01").await.code(), "unknown_measure");
        assert_eq!(mine.get("/api/v1/figures/trend?measure=rieng&until=2025&unit=01").await.code(), "unknown_measure");
        // Communes of a measure that villages report are open; single villages are not.
        let villages = format!("/api/v1/figures?measure=so_ho_thon&period=2025&under={code}");
        assert_eq!(gate.get(&format!("{villages}&level=village")).await.code(), "villages_not_public");
        assert_eq!(gate.get(&format!("{villages}&level=commune")).await.status, 200);
        assert_eq!(mine.get(&format!("{villages}&level=village")).await.status, 200);
        assert_eq!(gate.get("/api/v1/completeness?measure=so_ho_thon&period=2025&level=village").await.code(), "villages_not_public");
    }
}
