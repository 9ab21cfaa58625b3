//! The first view of a public page, HTML and stylesheet compressed, fits in 14 KB; with the script in 30 KB.

use super::desk::desks;
use figures::{Kind, Value};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;

const FIRST_VIEW: usize = 14 * 1024;
const WITH_SCRIPT: usize = 30 * 1024;

fn packed(text: &str) -> usize {
    let mut gz = GzEncoder::new(Vec::new(), Compression::best());
    gz.write_all(text.as_bytes()).unwrap();
    gz.finish().unwrap().len()
}

#[tokio::test]
async fn a_first_view_is_light() {
    let Some(desk) = desks().await.into_iter().next() else { return };
    let f = &desk.world.figures;
    let nation = f.places().atlas().nation().unwrap();
    // Every commune of the country reports everything, each another number: the heaviest case.
    for known in f.catalog().current().filter(|k| !k.measure.computed() && k.measure.def.kind != Kind::Text).cloned().collect::<Vec<_>>() {
        let code = known.measure.def.code.clone();
        let judged = ["dat_8_4", "so_ho", "ho_so_mang_xa"].contains(&code.as_str());
        for period in f.recent_periods(&known, if judged { 2 } else { 1 }) {
            let units = desk.reporters(&code, &period.to_string(), nation);
            let values = units.iter().zip(1i64..).map(|(unit, n)| {
                let value = match known.measure.def.kind {
                    Kind::Percent => Value::Ratio { n: n % 97, of: 97 + n % 13 },
                    Kind::YesNo | Kind::Ordinal => Value::Number(n % 2),
                    _ => Value::Number(n * 37 % 90),
                };
                (*unit, value)
            });
            desk.load(&code, &period.to_string(), values.collect()).await;
        }
    }
    let css = packed(&desk.page(ui::asset("gate.css")).await.text);
    let script = match ui::asset("gate.js") {
        "" => 0,
        url => packed(&desk.page(url).await.text),
    };
    let mut heavy = Vec::new();
    for path in [
        "/",
        "/measures",
        "/measures/dat_8_4",
        "/measures/so_ho",
        "/measures/ho_so_mang_xa",
        "/measures/so_ho?tree=today",
        "/measures/dat_8_4?unit=24",
        "/measures/so_ho?unit=24",
        "/why?measure=dat_8_4",
        "/why?measure=dat_8_4&unit=24",
        "/why?measure=so_ho&unit=07330",
        "/compare",
        "/compare?measure=ho_so_mang_xa&a=24&b=38",
        "/completeness",
        "/completeness?unit=24",
        "/search",
        "/search?q=xuan",
    ] {
        let html = packed(&desk.page(path).await.text);
        if html + css > FIRST_VIEW || html + css + script > WITH_SCRIPT {
            heavy.push(format!("{path}: {html} + {css} + {script}"));
        }
    }
    assert!(heavy.is_empty(), "{heavy:#?}");
}
