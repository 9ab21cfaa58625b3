//! A dashboard as a workbook: its places, its periods, its source and its definitions.

use super::super::dashboard::Read;
use super::super::params::Asked;
use super::super::show::{bare, period, status};
use super::source::{self, moment};
use crate::measure::Kind as Measured;
use crate::service::{FigureView, Figures};
use access::Context;
use print::{Book, Cell, Column, Kind, Table};
use std::collections::HashMap;
use ui::Lang;

/// The workbook.
pub(super) fn book(f: &Figures, ctx: &Context, read: &Read, host: &str) -> Book {
    let l = ctx.lang;
    let mut about = source::origin(ctx, &read.asked, host, l);
    about.extend(source::of_measure(&read.asked, &read.figure, read.level, l));
    Book {
        language: super::language(l),
        made: ctx.today(),
        sheets: vec![places(read, l), periods(read, l)],
        about,
        definitions: Some(source::definitions(&source::family(f, &read.figure.known), l)),
    }
}

/// How the values of a table are written: all its figures are of one measure and one level.
pub(super) fn kind(sample: &FigureView) -> Kind {
    let decimals = u8::try_from(sample.decimals()).unwrap_or(6);
    match sample.known.measure.def.kind {
        _ if sample.is_percent() => Kind::Percent { decimals },
        Measured::Text => Kind::Text,
        Measured::YesNo | Measured::Ordinal if sample.own => Kind::Text,
        _ => Kind::Number { decimals },
    }
}

/// The value of a figure as a cell of such a column.
pub(super) fn value(v: &FigureView, l: Lang) -> Cell {
    match (kind(v), v.value) {
        (Kind::Text, _) => bare(v, l).map_or(Cell::Empty, Cell::Text),
        (_, Some(value)) => Cell::Number(value),
        (_, None) => Cell::Empty,
    }
}

/// Heads of what stands behind a figure; the cells are those of [`behind`].
fn heads(sample: &FigureView, l: Lang) -> Vec<Column> {
    let count = |vi: &str, en: &str| Column::new(l.t(vi, en), Kind::Number { decimals: 0 });
    let mut out = vec![Column::new(title(sample, l), kind(sample))];
    if sample.is_percent() {
        out.extend([count("Tử số", "Numerator"), count("Mẫu số", "Denominator")]);
    }
    out.extend([
        count("Đơn vị đã có số (n)", "Units with a figure (n)"),
        count("Đơn vị phải báo cáo (N)", "Units that report (N)"),
        count("Còn thiếu", "Missing"),
        count("Trong đó chưa biết", "Of these not known"),
        count("Không áp dụng", "Not applicable"),
        count("Chờ duyệt", "Awaiting"),
        count("Ước tính", "Estimated"),
        Column::new(l.t("Tình trạng", "State"), Kind::Text),
        Column::new(l.t("Duyệt lúc", "Accepted at"), Kind::Text),
    ]);
    out
}

fn title(sample: &FigureView, l: Lang) -> String {
    let unit = super::super::show::unit(sample, l);
    let value = l.t("Giá trị", "Value");
    if unit.is_empty() { value.to_owned() } else { format!("{value} ({unit})") }
}

fn behind(v: &FigureView, percent: bool, l: Lang) -> Vec<Cell> {
    let mut out = vec![value(v, l)];
    if percent {
        out.extend(match v.parts {
            Some((n, of)) => [Cell::Int(n), Cell::Int(of)],
            None => [Cell::Empty, Cell::Empty],
        });
    }
    out.extend([v.n, v.of, v.missing, v.not_known, v.not_applicable, v.awaiting, v.estimated].map(Cell::Int));
    out.push(Cell::Text(status(v, l).1));
    out.push(if v.as_of > 0 { Cell::Text(moment(v.as_of)) } else { Cell::Empty });
    out
}

/// The places below, or the place itself where nothing lies below.
pub(super) fn places(read: &Read, l: Lang) -> Table {
    let asked = &read.asked;
    let rows: &[FigureView] = if read.rows.is_empty() { std::slice::from_ref(&read.figure) } else { &read.rows };
    let sample = rows.iter().find(|v| v.value.is_some()).or(rows.first()).unwrap_or(&read.figure);
    let before: HashMap<uuid::Uuid, &FigureView> = read.before.iter().map(|v| (v.place, v)).collect();
    let mut columns =
        vec![Column::new(l.t("Mã", "Code"), Kind::Text), Column::new(l.t("Nơi", "Place"), Kind::Text), Column::new(l.t("Thuộc", "Part of"), Kind::Text)];
    columns.extend(heads(sample, l));
    columns.push(Column::new(l.t("Kỳ trước", "Before"), kind(sample)));
    let line = |v: &FigureView| {
        let mut cells = named(asked, v.place);
        cells.extend(behind(v, sample.is_percent(), l));
        cells.push(before.get(&v.place).map_or(Cell::Empty, |old| value(old, l)));
        cells
    };
    Table {
        title: sample.known.measure.title(l).to_owned(),
        subtitle: format!("{}, {} ({})", asked.full_name(asked.place), period(asked.ask.period, l), source::window(asked, &sample.known)),
        columns,
        rows: rows.iter().map(line).collect(),
        notes: vec![source::completeness(&read.figure, l)],
    }
}

/// Code, name and place above.
pub(super) fn named(asked: &Asked, place: uuid::Uuid) -> Vec<Cell> {
    let code = asked.atlas.version(place, asked.view.date()).and_then(|v| v.code.as_deref());
    let above = asked.view.parent(place).map(|p| asked.full_name(p));
    vec![code.map_or(Cell::Empty, Cell::from), Cell::Text(asked.full_name(place)), above.map_or(Cell::Empty, Cell::Text)]
}

/// The place over time.
fn periods(read: &Read, l: Lang) -> Table {
    let sample = &read.figure;
    let mut columns = vec![Column::new(l.t("Mã kỳ", "Code"), Kind::Text), Column::new(l.t("Kỳ", "Period"), Kind::Text)];
    columns.extend(heads(sample, l));
    let line = |v: &FigureView| {
        let mut cells = vec![Cell::Text(v.period.to_string()), Cell::Text(period(v.period, l))];
        cells.extend(behind(v, sample.is_percent(), l));
        cells
    };
    Table {
        title: l.t("Diễn biến", "Over time").to_owned(),
        subtitle: format!("{} · {}", sample.known.measure.title(l), read.asked.full_name(read.asked.place)),
        columns,
        rows: read.past.iter().map(line).collect(),
        notes: Vec::new(),
    }
}
