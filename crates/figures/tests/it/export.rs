//! Files that leave: opened with the eyes of a spreadsheet and a word processor.

use crate::api::gate::{Answer, Gate, gates};
use crate::world::measure;
use calamine::{Data, DataType as _, Reader as _, Xlsx};
use figures::Value;
use places::Level;
use std::io::{Cursor, Read as _};

/// Cooperatives of the communes of Bắc Ninh in two quarters, some missing.
async fn counted(gate: &Gate) {
    let f = &gate.world.figures;
    let communes = f.places().atlas().on(jiff::civil::date(2026, 9, 14)).under(gate.province("24"), Level::Commune);
    let mut load = f.bulk("test", 1_790_000_000_000_000).await.unwrap();
    for (period, more) in [("2026-Q2", 0), ("2026-Q3", 2)] {
        for (code, size) in [("so_htx", 10), ("htx_so", 4)] {
            let known = f.catalog().coded(code).unwrap().clone();
            let atlas = f.places().atlas();
            let view = atlas.on(known.window(period.parse().unwrap()).1);
            let values = communes.iter().filter(|u| view.reports(**u, &known.measure.reporters())).enumerate().filter(|(n, _)| n % 7 != 3);
            let values = values.map(|(n, u)| (*u, Value::Number(i64::try_from(n % 5).unwrap() + size + more))).collect();
            load.slice(measure(code), period.parse().unwrap(), values).await.unwrap();
        }
    }
    load.finish().await.unwrap();
}

fn book(answer: &Answer) -> Xlsx<Cursor<Vec<u8>>> {
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    Xlsx::new(Cursor::new(answer.body.clone())).unwrap()
}

fn rows(book: &mut Xlsx<Cursor<Vec<u8>>>, sheet: &str) -> Vec<Vec<Data>> {
    book.worksheet_range(sheet).unwrap().rows().map(<[Data]>::to_vec).collect()
}

fn column(rows: &[Vec<Data>], title: &str) -> (usize, usize) {
    rows.iter()
        .enumerate()
        .find_map(|(row, cells)| cells.iter().position(|c| c.to_string().starts_with(title)).map(|column| (row, column)))
        .unwrap_or_else(|| panic!("no column {title}"))
}

/// The workbook says what the API says, where it comes from and what it means.
#[tokio::test]
async fn a_workbook_carries_source_and_definition() {
    for gate in gates().await {
        counted(&gate).await;
        let answer = gate.get("/measures/so_htx/export.xlsx?unit=24&period=2026-Q3").await;
        assert!(answer.header("content-disposition").contains("so_htx_2026-Q3_24_commune.xlsx"));
        let mut book = book(&answer);
        assert_eq!(book.sheet_names(), ["Hợp tác xã đang hoạt động", "Diễn biến", "Nguồn", "Định nghĩa"]);
        let data = rows(&mut book, "Hợp tác xã đang hoạt động");
        let (head, value) = column(&data, "Giá trị");
        let (_, code) = column(&data, "Mã");
        let api = gate.get("/api/v1/figures?measure=so_htx&period=2026-Q3&under=24&level=commune").await.json();
        let mut compared = 0;
        // The workbook names only the places that have to report.
        for item in api["items"].as_array().unwrap().iter().filter(|i| i["of"] != 0) {
            let row = data[head + 1..].iter().find(|r| r[code].as_string().as_deref() == item["unit_code"].as_str()).unwrap();
            match item["value"].as_str() {
                Some(text) => {
                    assert_eq!(row[value].to_string(), text);
                    compared += 1;
                }
                None => assert_eq!(row[value], Data::Empty),
            }
        }
        assert!(compared > 30);
        let source: Vec<String> = rows(&mut book, "Nguồn").iter().map(|r| r.iter().map(ToString::to_string).collect::<Vec<_>>().join(" = ")).collect();
        let source = source.join("\n");
        for part in [
            "gate.test/measures/so_htx/export.xlsx?unit=24&period=2026-Q3",
            "12:00 21/11/2026",
            "Công chúng",
            "tỉnh Bắc Ninh",
            "quý III/2026",
            "như lúc đó",
            "đã duyệt",
        ] {
            assert!(source.to_lowercase().contains(&part.to_lowercase()), "{part} in {source}");
        }
        let meaning = rows(&mut book, "Định nghĩa");
        assert!(meaning.iter().flatten().any(|c| c.to_string().contains("Số hợp tác xã có trụ sở tại xã")));
        assert_eq!(rows(&mut book, "Diễn biến").iter().filter(|r| r[0].to_string().starts_with("2026-Q")).count(), 3);
        // A computed percentage keeps its two numbers and explains its inputs.
        let mut percent = self::book(&gate.get("/measures/ty_le_htx_so/export.xlsx?period=2026-Q3").await);
        let first = percent.sheet_names()[0].clone();
        let data = rows(&mut percent, &first);
        column(&data, "Tử số");
        assert_eq!(rows(&mut percent, "Định nghĩa").iter().filter(|r| matches!(r[0].to_string().as_str(), "ty_le_htx_so" | "htx_so" | "so_htx")).count(), 3);
        // English for the English reader.
        let english = gate.get_with("/measures/so_htx/export.xlsx?unit=24", &[("cookie", "cl_prefs=en.auto.0")]).await;
        assert!(self::book(&english).sheet_names().contains(&"Source".to_owned()));
    }
}

#[tokio::test]
async fn csv_is_for_machines() {
    for gate in gates().await {
        counted(&gate).await;
        let answer = gate.get("/measures/so_htx/export.csv?unit=24&period=2026-Q3").await;
        let text = answer.text();
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        assert_eq!(&reader.headers().unwrap()[0], "Mã");
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let sum: i64 = rows.iter().filter_map(|r| r[3].parse::<i64>().ok()).sum();
        let api = gate.get("/api/v1/figures?measure=so_htx&period=2026-Q3&unit=24").await.json();
        assert_eq!(api["items"][0]["value"], sum.to_string());
    }
}

/// The report has the form's head, the finding, the charts, the table and the definition, and room for what is filled in by hand.
#[tokio::test]
async fn a_report_in_the_layout_of_decree_30() {
    for gate in gates().await {
        counted(&gate).await;
        let answer = gate.get("/measures/ty_le_htx_so/export.docx?unit=24&period=2026-Q3").await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        let mut zip = zip::ZipArchive::new(Cursor::new(answer.body.clone())).unwrap();
        let mut xml = String::new();
        zip.by_name("word/document.xml").unwrap().read_to_string(&mut xml).unwrap();
        for part in [
            "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
            "Độc lập - Tự do - Hạnh phúc",
            "BÁO CÁO",
            "I. KẾT QUẢ",
            "II. DIỄN BIẾN",
            "III. CHI TIẾT THEO ĐỊA BÀN",
            "IV. ĐỊNH NGHĨA VÀ NGUỒN SỐ LIỆU",
            "Nơi nhận",
            "htx_so",
            "Nguồn: Cổng Làng, gate.test/measures/ty_le_htx_so/export.docx",
        ] {
            assert!(xml.contains(part), "{part}");
        }
        let pictures = zip.file_names().filter(|n| n.starts_with("word/media/")).count();
        assert_eq!(pictures, if ui::fonts().is_empty() { 0 } else { 3 });
        let api = gate.get("/api/v1/figures?measure=ty_le_htx_so&period=2026-Q3&under=24&level=commune").await.json();
        for place in api["items"].as_array().unwrap() {
            let name = place["unit_name"].as_str().unwrap();
            assert_eq!(xml.contains(name), place["status"] != "not_asked", "{name}: those who have to report stand in the table");
        }
        if let Ok(folder) = std::env::var("CONGLANG_TEST_KEEP") {
            std::fs::write(format!("{folder}/bao-cao.docx"), &answer.body).unwrap();
        }
    }
}

#[tokio::test]
async fn the_board_of_completeness_as_a_workbook() {
    for gate in gates().await {
        counted(&gate).await;
        let mut book = book(&gate.get("/completeness/export.xlsx?unit=24&period=2026-Q3").await);
        assert_eq!(book.sheet_names(), ["Theo nơi", "Theo chỉ tiêu", "Còn thiếu", "Nguồn", "Định nghĩa"]);
        let places = rows(&mut book, "Theo nơi");
        let (head, due) = column(&places, "Phải báo cáo");
        let (_, missing) = column(&places, "Còn thiếu");
        let number = |d: &Data| d.to_string().parse::<i64>().unwrap_or(0);
        let sum = |column: usize| places[head + 1..].iter().map(|r| number(&r[column])).sum::<i64>();
        let api = gate.get("/api/v1/completeness?under=24&period=2026-Q3&level=commune").await.json();
        let total = |field: &str| api["items"].as_array().unwrap().iter().map(|c| c[field].as_i64().unwrap()).sum::<i64>();
        assert_eq!((sum(due), sum(missing)), (total("of"), total("missing")));
        assert!(sum(missing) > 0);
        let csv = gate.get("/completeness/export.csv?unit=24&period=2026-Q3").await;
        assert_eq!(csv.text().lines().count(), places[head + 1..].iter().filter(|r| !r[0].to_string().is_empty()).count() + 1);
    }
}

/// Nothing leaves that the page would not show, and no address makes it fail.
#[tokio::test]
async fn files_obey_the_same_rules() {
    let gate = &gates().await[0];
    let f = &gate.world.figures;
    let open = f.catalog().coded("so_ho").unwrap().measure.def.clone();
    f.define(&gate.access.system(), figures::Definition { code: "rieng".into(), public: false, ..open }).await.unwrap();
    for ending in ["xlsx", "csv", "docx"] {
        assert_eq!(gate.get(&format!("/measures/rieng/export.{ending}")).await.status, 404);
        assert_eq!(gate.get(&format!("/measures/none/export.{ending}")).await.status, 404);
        assert_eq!(gate.get(&format!("/measures/so_ho/export.{ending}?period=2025-Q1")).await.status, 400);
        assert_eq!(gate.get(&format!("/measures/so_ho/export.{ending}?unit=nowhere")).await.status, 404);
        // Nothing reported is a file too, with nothing in it.
        for query in ["", "?unit=24&tree=today&period=2024", "?unit=07330", "?level=commune&unit=24"] {
            assert_eq!(gate.get(&format!("/measures/so_ho/export.{ending}{query}")).await.status, 200, "{ending}{query}");
        }
    }
    assert_eq!(gate.get("/completeness/export.xlsx?level=commune").await.status, 200);
    assert_eq!(gate.get("/completeness/export.csv?unit=x").await.status, 404);
}
