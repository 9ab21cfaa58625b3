//! Every component on one page, written to standard output: `cargo run -p ui --example gallery > gallery.html`.
//! With `--serve 127.0.0.1:8090` it is served with its assets, preferences and a make-believe save of the entry sheet,
//! which is how the pictures for review are taken.

use std::io::Write as _;

use askama::Template;
use axum::extract::Query;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use ui::chart::{BarItem, StackedBar, Target, Trend, TrendPoint, ranked_bars, stacked_bar, stacked_svg, trend, trend_svg};
use ui::form::{Field, Kind, error_summary};
use ui::map::{LegendItem, MapFill, MapLabel, MapPoint, MapShape, MapSpec, PointShape, map};
use ui::{AppError, Html, Lang, Notice, Prefs, Shell, Tone, Viewer, negotiate, page};

#[derive(Template)]
#[template(path = "gallery.html")]
struct Gallery {
    shell: Shell,
    standing: Html,
    districts: Html,
    line: Html,
    short_line: Html,
    places: Html,
    provinces: Html,
    summary: Html,
    fields: Vec<Field>,
    paper: Vec<Html>,
}

fn gallery(prefs: Prefs, path: &str, signed_in: bool) -> Gallery {
    let l = prefs.lang;
    let viewer =
        Viewer {
            name: "Nguyễn Thị Lan Anh".into(), role_label: l.t("Sở KH&CN Bắc Ninh", "Bắc Ninh, Science").into(), today_count: 7, acting_href: None
        };
    let fields = fields(l);
    let drawn = line(l);
    let bar = StackedBar { lang: l, met: 132, not_met: 30, missing: 12, awaiting: 8, unknown: 3, na: 2, target: Some(0.97), ..StackedBar::default() };
    Gallery {
        shell: Shell::new(prefs, path, l.t("Mọi thành phần", "Every component"))
            .describe("Gallery")
            .crumb("Việt Nam", "/places/vn")
            .crumb("Bắc Giang", "/places/24")
            .here(l.t("Chỉ tiêu 8.4", "Target 8.4"))
            .viewer(signed_in.then_some(viewer))
            .notice(Some(Notice::new(Tone::Good, l.t("Đã nhận 57 giá trị lúc 14:32.", "57 values received at 14:32."))))
            .demo(true)
            .scripts(&["sheet.js"])
            .noindex(),
        standing: stacked_bar(&bar),
        districts: ranked_bars(&districts()),
        line: trend(&drawn),
        short_line: trend(&Trend { points: drawn.points.iter().skip(8).cloned().collect(), ..drawn.clone() }),
        places: map(&points(l)),
        provinces: map(&areas(l)),
        summary: error_summary(l, &fields),
        fields,
        paper: vec![Html::trusted(trend_svg(&drawn)), Html::trusted(stacked_svg(&bar)), Html::trusted(ui::chart::bars_svg("Theo huyện", &districts()))],
    }
}

fn districts() -> Vec<BarItem> {
    let rows = [
        ("Thành phố Bắc Giang", 10, 10),
        ("Việt Yên", 9, 9),
        ("Hiệp Hòa", 20, 22),
        ("Tân Yên", 17, 19),
        ("Lạng Giang", 16, 19),
        ("Lục Nam", 15, 23),
        ("Yên Thế", 10, 17),
        ("Lục Ngạn", 15, 28),
        ("Sơn Động", 7, 19),
    ];
    let mut items: Vec<BarItem> = rows
        .into_iter()
        .map(|(name, n, all)| {
            let share = f64::from(n) / f64::from(all);
            BarItem {
                label: name.into(),
                href: "/places/x".into(),
                value_text: Lang::Vi.percent(share),
                share,
                n_of_text: format!("{n}/{all}"),
                tone: if share < 0.6 { Tone::Warn } else { Tone::Good },
                estimated: name == "Lục Nam",
            }
        })
        .collect();
    items.push(BarItem { label: "Yên Dũng".into(), value_text: "chưa báo cáo".into(), share: f64::NAN, n_of_text: "0/16".into(), ..BarItem::default() });
    items
}

fn line(l: Lang) -> Trend {
    let values = [41.0, 43.5, 44.0, 47.2, f64::NAN, 52.0, 55.5, 58.0, 61.0, 63.7, 68.1, 72.5];
    let points = values
        .into_iter()
        .enumerate()
        .map(|(i, value)| TrendPoint {
            label: format!("{}/{}", ["I", "II", "III", "IV"].get(i % 4).unwrap_or(&""), 23 + i / 4),
            value: value.is_finite().then_some(value),
            value_text: if value.is_finite() { l.percent(value / 100.0) } else { l.t("chưa báo cáo", "not reported").into() },
        })
        .collect();
    Trend {
        lang: l,
        title: l.t("Tăng 18 xã trong một năm, cần 45 xã nữa", "18 communes more in a year, 45 to go").into(),
        points,
        target: Some(Target { value: 97.0, text: l.t("mục tiêu 97%", "target 97%").into() }),
        suffix: "%".into(),
    }
}

fn points(l: Lang) -> MapSpec {
    let mut seed = 7u64;
    let mut random = || {
        seed = seed * 16807 % 2_147_483_647;
        seed as f64 / 2_147_483_647.0
    };
    let points = (0..182)
        .map(|i| {
            let (turn, far) = (random() * std::f64::consts::TAU, random().sqrt());
            let (x, y) = (210.0 + turn.cos() * far * 190.0, 150.0 + turn.sin() * far * 135.0);
            let (shape, fill, r) = match i % 15 {
                3 | 9 | 12 => (PointShape::Triangle, MapFill::Tone(Tone::Warn), 5.0),
                14 => (PointShape::Dashed, MapFill::Missing, 4.5),
                _ => (PointShape::Circle, MapFill::Tone(Tone::Good), 3.5 + random() * 4.0),
            };
            MapPoint { x, y, r, fill, shape, href: format!("/places/{i}"), title: format!("Xã {i}") }
        })
        .collect();
    let key = |fill, shape, text: &str| LegendItem { fill, shape: Some(shape), text: text.into() };
    MapSpec {
        id: "p".into(),
        title: l.t("182 xã; 38 xã chưa đạt", "182 communes; 38 not met").into(),
        view_box: (0.0, 0.0, 420.0, 300.0),
        points,
        legend: vec![
            key(MapFill::Tone(Tone::Good), PointShape::Circle, l.t("đạt", "met")),
            key(MapFill::Tone(Tone::Warn), PointShape::Triangle, l.t("chưa đạt", "not met")),
            key(MapFill::Missing, PointShape::Dashed, l.t("chưa báo cáo", "not reported")),
        ],
        ..MapSpec::default()
    }
}

fn areas(l: Lang) -> MapSpec {
    let shapes = (0..24)
        .map(|i| {
            let (x, y) = (f64::from(i % 6) * 70.0, f64::from(i / 6) * 70.0);
            let fill = if i % 7 == 6 { MapFill::Missing } else { MapFill::Step((i * 5 % 6) as u8) };
            MapShape { path: format!("M{x} {y}l70 6-5 64-62-4z"), href: format!("/places/{i}"), title: format!("Tỉnh {i}"), fill, quiet: false }
        })
        .collect();
    let steps = ["< 20%", "20–40%", "40–60%", "60–80%", "80–95%", "≥ 95%"];
    let mut legend: Vec<LegendItem> =
        steps.iter().enumerate().map(|(i, text)| LegendItem { fill: MapFill::Step(i as u8), shape: None, text: (*text).to_owned() }).collect();
    legend.push(LegendItem { fill: MapFill::Missing, shape: None, text: l.t("chưa báo cáo", "not reported").into() });
    MapSpec {
        id: "a".into(),
        title: "24 tỉnh".into(),
        view_box: (0.0, 0.0, 520.0, 300.0),
        shapes,
        labels: vec![MapLabel { x: 470.0, y: 120.0, text: "Hoàng Sa".into() }, MapLabel { x: 470.0, y: 250.0, text: "Trường Sa".into() }],
        legend,
        ..MapSpec::default()
    }
}

fn fields(l: Lang) -> Vec<Field> {
    let pairs = |items: &[(&str, &str)]| items.iter().map(|(v, t)| ((*v).to_owned(), (*t).to_owned())).collect::<Vec<_>>();
    vec![
        Field::new("households", l.t("Số hộ dùng nước sạch", "Households with clean water"))
            .kind(Kind::Number)
            .hint(l.t("Kỳ trước: 1.204. Từ 0 đến 1.310.", "Last period: 1,204. From 0 to 1,310."))
            .value("13.100")
            .unit(l.t("hộ", "households"))
            .error(Some(l.t("Nhiều hơn số hộ của xã (1.310). Xem lại dấu chấm.", "More than the commune has (1,310). Check the point.").into())),
        Field::new("period", l.t("Kỳ báo cáo", "Period")).kind(Kind::Select(pairs(&[("2025Q1", "Quý I/2025"), ("2025Q2", "Quý II/2025")]))).value("2025Q2"),
        Field::new("scope", l.t("Phạm vi", "Scope")).kind(Kind::Radios(pairs(&[("then", "Khi đó"), ("today", "Bản đồ hôm nay")]))).value("then"),
        Field::new("why", l.t("Vì sao số đổi nhiều?", "Why did the number jump?")).kind(Kind::Lines(3)),
        Field::new("file", l.t("Minh chứng", "Evidence")).kind(Kind::File).hint("PDF, JPG, ≤ 10 MB"),
        Field::new("sure", l.t("Tôi đã đối chiếu với sổ của thôn", "I have checked it against the village book")).kind(Kind::Check),
    ]
}

async fn show(uri: Uri, headers: HeaderMap) -> Response {
    page(&gallery(Prefs::from_headers(&headers), &uri.to_string(), uri.path() != "/out"))
}

async fn error(uri: Uri, headers: HeaderMap) -> Response {
    let shell = Shell::new(Prefs::from_headers(&headers), uri.to_string(), "");
    let status = uri.query().and_then(|q| q.parse().ok()).unwrap_or(404);
    negotiate(&AppError::new("demo.error", status), uri.path(), &shell, Some("01J9Z3"))
}

/// Takes every number below 100, refuses larger ones, and finds a conflict at 13.
async fn save(Json(body): Json<Value>) -> Response {
    let cells: Vec<Value> = body
        .get("cells")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|cell| {
            let name = &cell["name"];
            match cell["value"].as_str().unwrap_or_default().parse::<u32>() {
                Ok(13) if cell["seen"] != "9" => {
                    json!({"name": name, "status": "conflict", "seen": "9", "value": "15", "by": "Lan, 14:30"})
                }
                Ok(number) if number < 100 => json!({"name": name, "status": "saved", "seen": "2", "value": number.to_string()}),
                _ => json!({"name": name, "status": "refused", "detail": "Cần một số từ 0 đến 99."}),
            }
        })
        .collect();
    Json(json!({"at": "14:32", "cells": cells})).into_response()
}

async fn suggest(Query(query): Query<Value>) -> Json<Value> {
    let q = query.get("q").and_then(Value::as_str).unwrap_or_default();
    Json(json!([
        {"label": format!("Xã {q} Phúc Hòa"), "sub": "Bắc Ninh", "href": "/places/1"},
        {"label": "Thiệu Trung", "sub": "Thanh Hóa · trước 1/7/2025", "href": "/places/2"},
    ]))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    if args.next().as_deref() == Some("--serve") {
        let listener = tokio::net::TcpListener::bind(args.next().unwrap_or("127.0.0.1:0".into())).await?;
        let policy = [("content-security-policy", ui::CONTENT_SECURITY_POLICY)];
        let app = Router::new()
            .route("/", get(move |uri, headers| async move { (policy, show(uri, headers).await) }))
            .route("/out", get(show))
            .route("/cells", post(save))
            .route("/search/suggest", get(suggest))
            .fallback(error)
            .merge(ui::assets_routes())
            .merge(ui::prefs_routes());
        axum::serve(listener, app).await?;
        return Ok(());
    }
    let html = gallery(Prefs::default(), "/", true).render()?;
    std::io::stdout().write_all(html.as_bytes())?;
    Ok(())
}
