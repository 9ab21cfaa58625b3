//! Where a file comes from: address, time, who, filters, map and cut-off of the data; and what its measures mean.

use super::super::params::Asked;
use super::super::show::{period, reporters, whole, with_unit};
use super::super::why::{adds_up, carry_rule};
use crate::catalog::Known;
use crate::measure::Measure;
use crate::service::{FigureView, Figures, Tree};
use access::Context;
use axum::http::{HeaderMap, header};
use places::Level;
use print::{Cell, Column, Kind, Table};
use std::sync::Arc;
use ui::Lang;

/// The name under which the reader reached us; empty if it is strange.
pub(super) fn host(headers: &HeaderMap) -> String {
    let name = headers.get(header::HOST).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if name.len() <= 200 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b)) { name.to_owned() } else { String::new() }
}

/// Time of day and date in Vietnam.
pub(super) fn moment(micros: i64) -> String {
    let Some(at) = calendar::from_micros(micros) else { return String::new() };
    let local = calendar::local_time(at);
    format!("{:02}:{:02} {}", local.hour(), local.minute(), lang::show::short_date(local.date()))
}

/// First and last day of the data of a period.
pub(super) fn window(asked: &Asked, known: &Known) -> String {
    let (from, to) = known.window(asked.ask.period);
    format!("{}–{}", lang::show::short_date(from), lang::show::short_date(to))
}

/// The map in words.
pub(super) fn map(asked: &Asked, l: Lang) -> String {
    let day = lang::show::short_date(asked.view.date());
    match (asked.ask.tree, l) {
        (Tree::Then, Lang::Vi) => format!("như lúc đó, ngày {day}"),
        (Tree::Then, Lang::En) => format!("as it was then, {day}"),
        (Tree::Today, Lang::Vi) => format!("hôm nay, ngày {day}; số liệu được chuyển theo quy tắc của chỉ tiêu"),
        (Tree::Today, Lang::En) => format!("today's, {day}; figures are carried by the rule of the measure"),
    }
}

/// How complete a figure is, in words.
pub(super) fn completeness(v: &FigureView, l: Lang) -> String {
    let mut out = match l {
        Lang::Vi => format!("{} trên {} đơn vị có số đã duyệt", whole(v.n, l), whole(v.of, l)),
        Lang::En => format!("{} of {} units have an accepted figure", whole(v.n, l), whole(v.of, l)),
    };
    for (n, vi, en) in [
        (v.missing, "chưa báo cáo hoặc chưa biết", "missing or not known"),
        (v.awaiting, "chờ duyệt", "awaiting review"),
        (v.not_applicable, "không áp dụng", "not applicable"),
        (v.estimated, "ước tính do đơn vị cũ bị chia", "estimated, because a former unit was divided"),
    ] {
        if n > 0 {
            out.push_str(&format!("; {} {}", whole(n, l), l.t(vi, en)));
        }
    }
    out
}

/// Rows about the file that every export begins with.
pub(super) fn origin(ctx: &Context, asked: &Asked, host: &str, l: Lang) -> Vec<(String, String)> {
    let row = |vi: &str, en: &str, value: String| (l.t(vi, en).to_owned(), value);
    let mut rows = vec![
        row("Nguồn", "Source", "Cổng Làng".to_owned()),
        row("Địa chỉ", "Address", format!("{host}{}", ctx.path)),
        row("Xuất lúc", "Exported at", moment(calendar::micros(ctx.at))),
        row("Người xuất", "Exported by", ctx.author_name().to_owned()),
        row("Nơi", "Place", asked.full_name(asked.place)),
        row("Kỳ", "Period", period(asked.ask.period, l)),
        row("Bản đồ hành chính", "Map", map(asked, l)),
    ];
    if ctx.demo {
        rows.push(row("Lưu ý", "Note", demo(l).to_owned()));
    }
    rows
}

/// The rows for one measure.
pub(super) fn of_measure(asked: &Asked, figure: &FigureView, level: Option<Level>, l: Lang) -> Vec<(String, String)> {
    let row = |vi: &str, en: &str, value: String| (l.t(vi, en).to_owned(), value);
    let known = &figure.known;
    let mut rows = vec![
        row("Chỉ tiêu", "Measure", format!("{} ({})", known.measure.title(l), known.measure.def.code)),
        row("Số liệu từ ngày đến ngày", "Data from and to", window(asked, known)),
        row("Cách chốt số liệu", "Data cut-off", l.t(&known.cutoff.title_vi, &known.cutoff.title_en).to_owned()),
        row("Giá trị của nơi", "Value of the place", with_unit(figure, l).unwrap_or_else(|| super::super::show::status(figure, l).1)),
        row("Mức đầy đủ", "Completeness", completeness(figure, l)),
    ];
    if let Some(level) = level {
        let (vi, en) = level.label();
        rows.push(row("Chi tiết theo", "Broken down by", l.t(vi, en).to_owned()));
    }
    if figure.as_of > 0 {
        rows.push(row("Số mới nhất được duyệt lúc", "Newest part accepted at", moment(figure.as_of)));
    }
    if known.measure.def.public {
        rows.push(row("Dùng lại", "Reuse", l.t("Dữ liệu mở, ghi nguồn “Cổng Làng”.", "Open data; name “Cổng Làng” as the source.").to_owned()));
    }
    rows
}

/// The sentence on made-up data.
pub(super) fn demo(l: Lang) -> &'static str {
    l.t("Dữ liệu minh họa do máy tạo ra để dùng thử, không phải số thật.", "Made-up data for trial; not real.")
}

/// A measure with those it is computed from or weighted by.
pub(super) fn family(f: &Figures, known: &Arc<Known>) -> Vec<Arc<Known>> {
    let catalog = f.catalog();
    let mut out = vec![Arc::clone(known)];
    for code in known.inputs().iter().chain(&known.measure.def.weight) {
        out.extend(catalog.coded(code).cloned());
    }
    out
}

/// What measures mean, as a table.
pub(super) fn definitions(list: &[Arc<Known>], l: Lang) -> Table {
    let text = |vi: &str, en: &str| Column::new(l.t(vi, en), Kind::Text);
    Table {
        title: l.t("Định nghĩa", "Definitions").to_owned(),
        columns: vec![
            text("Mã", "Code"),
            Column::new(l.t("Phiên bản", "Version"), Kind::Number { decimals: 0 }),
            text("Tên", "Title"),
            text("Đếm cái gì", "What is counted"),
            text("Căn cứ", "Legal basis"),
            text("Đơn vị đo", "Unit"),
            text("Nơi báo cáo", "Reported by"),
            text("Theo", "Every"),
            text("Cách chốt số liệu", "Cut-off"),
            text("Cộng lên cấp trên", "Adding up"),
            text("Chuyển qua thay đổi địa giới", "Carried across changes"),
            text("Công thức", "Formula"),
            text("Nguồn định nghĩa", "Source of the definition"),
        ],
        rows: list.iter().map(|k| definition(&k.measure, k, l)).collect(),
        ..Table::default()
    }
}

fn definition(m: &Measure, known: &Known, l: Lang) -> Vec<Cell> {
    let def = &m.def;
    let counted = if l == Lang::En && !def.definition_en.is_empty() { &def.definition_en } else { &def.definition_vi };
    let formula = match (&def.formula, &def.formula_of) {
        (Some(n), Some(of)) => format!("({n}) ÷ ({of})"),
        (Some(formula), None) => formula.clone(),
        _ => def.condition.clone().unwrap_or_default(),
    };
    vec![
        Cell::Text(def.code.clone()),
        Cell::Int(def.version),
        Cell::Text(m.title(l).to_owned()),
        Cell::Text(counted.clone()),
        Cell::Text(def.legal_basis.clone()),
        Cell::Text(def.unit.clone()),
        Cell::Text(reporters(m, 2, l)),
        Cell::Text(l.t(def.period.label_vi(), def.period.label_en()).to_owned()),
        Cell::Text(l.t(&known.cutoff.title_vi, &known.cutoff.title_en).to_owned()),
        Cell::Text(adds_up(m, l).to_owned()),
        Cell::Text(carry_rule(def.carry, l).to_owned()),
        Cell::Text(formula),
        Cell::Text(def.source.clone()),
    ]
}
