//! A dashboard as a Word report in the layout of Decree 30/2020: finding, charts, table, definition, source. In Vietnamese,
//! because that is the language of the form. Who issues it, number, date and signature are left to be filled in.

use super::super::dashboard::{Read, named, points};
use super::super::show::{lower, n_of, period, standing, status, unit};
use super::super::table::ranked;
use super::super::why::{adds_up, carry_rule};
use super::super::words::{finding, first_large, movement};
use super::sheet::{kind, value};
use super::source;
use crate::service::{FigureView, Figures};
use access::Context;
use print::{Block, Cell, Column, Fonts, Kind, PrintError, Report, Table, png_from_svg, to_docx};
use std::sync::LazyLock;
use ui::Lang;
use ui::chart::{Trend, bars_svg, stacked_svg, trend_svg};

/// The fonts of the charts; none if the front end was not built.
static FONTS: LazyLock<Option<Fonts>> = LazyLock::new(|| Fonts::new(ui::fonts().iter().map(|font| font.to_vec()).collect()).ok());

/// Room for what is filled in by hand.
const BLANK: &str = "………………………";

const L: Lang = Lang::Vi;

/// One part of the body; drawings are still drawings.
enum Part {
    Ready(Block),
    Drawing { svg: String, alt: String },
}

/// A report whose pictures are not drawn yet, so that reading is done before the slow part begins.
pub(super) struct Draft {
    summary: String,
    parts: Vec<Part>,
}

impl Draft {
    pub(super) fn of(f: &Figures, ctx: &Context, read: &Read, host: &str) -> Draft {
        let (asked, v) = (&read.asked, &read.figure);
        let def = &v.known.measure.def;
        // Inside a sentence a kind is not capitalised: "của tỉnh Bắc Ninh".
        let place = if named(asked).is_empty() { "cả nước".to_owned() } else { lower(&asked.full_name(asked.place)) };
        let summary = format!("Về {} của {place}, {}", lower(&def.title_vi), period(asked.ask.period, L));
        let mut parts = Vec::new();
        let mut say = |block: Block| parts.push(Part::Ready(block));
        say(heading(1, "KẾT QUẢ"));
        let head = finding(v, &named(asked), L);
        say(Block::Paragraph(format!("{}.", first_large(&head))));
        say(Block::Paragraph(format!("Mức đầy đủ của số liệu: {}.", source::completeness(v, L))));
        if ctx.demo {
            say(Block::Paragraph(source::demo(L).to_owned()));
        }
        if let Some(bar) = standing(v, L).filter(|bar| bar.total() > 0) {
            parts.push(Part::Drawing { svg: stacked_svg(&bar), alt: head.clone() });
        }
        over_time(read, &mut parts);
        by_place(read, &mut parts);
        let nth = next(&parts);
        parts.extend(definition(f, read, nth).into_iter().map(Part::Ready));
        let (from, at) = (format!("{host}{}", ctx.path), source::moment(calendar::micros(ctx.at)));
        parts.push(Part::Ready(Block::Note(format!(
            "Nguồn: Cổng Làng, {from}; xuất lúc {at}, người xuất: {}. Bản đồ hành chính: {}. Số liệu từ {}.",
            ctx.author_name(),
            source::map(asked, L),
            source::window(asked, &v.known)
        ))));
        Draft { summary, parts }
    }

    /// Draws the pictures and writes the document. Without fonts the drawings are left out and the text says so.
    ///
    /// # Errors
    /// What writing the archive says.
    pub(super) fn finish(self) -> Result<Vec<u8>, PrintError> {
        let blocks = self.parts.into_iter().map(|part| match part {
            Part::Ready(block) => block,
            Part::Drawing { svg, alt } => picture(&svg, alt),
        });
        to_docx(&Report {
            superior: String::new(),
            body_name: BLANK.to_owned(),
            number: None,
            symbol: "BC-………".to_owned(),
            place: "…………".to_owned(),
            date: None,
            title: "Báo cáo".to_owned(),
            summary: self.summary,
            blocks: blocks.collect(),
            signer_title: BLANK.to_owned(),
            signer_name: None,
            recipients: vec![BLANK.to_owned()],
        })
    }
}

/// A heading with its Roman number.
fn heading(nth: usize, text: &str) -> Block {
    let number = ["I", "II", "III", "IV"].get(nth.saturating_sub(1)).copied().unwrap_or_default();
    Block::Heading { level: 1, text: format!("{number}. {text}") }
}

/// The number of the next heading.
fn next(parts: &[Part]) -> usize {
    parts.iter().filter(|p| matches!(p, Part::Ready(Block::Heading { .. }))).count() + 1
}

/// A drawing at twice the size of the screen, which prints well.
fn picture(svg: &str, alt: String) -> Block {
    let drawn = FONTS.as_ref().map(|fonts| png_from_svg(svg, 2.0, fonts));
    let size = |png: &[u8], at: usize| png.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_be_bytes);
    match drawn {
        Some(Ok(png)) => match (size(&png, 16), size(&png, 20)) {
            (Some(width), Some(height)) => Block::Picture { png, width_px: width / 2, height_px: height / 2, alt },
            _ => Block::Note(alt),
        },
        Some(Err(error)) => {
            tracing::error!(%error, "a chart could not be drawn");
            Block::Note(alt)
        }
        None => Block::Note(alt),
    }
}

fn over_time(read: &Read, parts: &mut Vec<Part>) {
    if read.past.iter().filter(|v| v.value.is_some()).count() < 2 {
        return;
    }
    let earlier = read.past.iter().rev().skip(1).find(|v| v.value.is_some());
    let title = earlier.map_or_else(|| "Các kỳ gần đây".to_owned(), |old| movement(old, &read.figure, L));
    let suffix = if read.figure.is_percent() { "%".to_owned() } else { String::new() };
    parts.push(Part::Ready(heading(next(parts), "DIỄN BIẾN")));
    parts.push(Part::Ready(Block::Paragraph(format!("{}.", first_large(&title)))));
    parts.push(Part::Drawing { svg: trend_svg(&Trend { lang: L, title: title.clone(), points: points(&read.past, L), target: None, suffix }), alt: title });
}

fn by_place(read: &Read, parts: &mut Vec<Part>) {
    if read.rows.is_empty() {
        return;
    }
    let asked = &read.asked;
    parts.push(Part::Ready(heading(next(parts), "CHI TIẾT THEO ĐỊA BÀN")));
    let (items, between, _) = ranked(asked, &read.rows);
    if items.len() > 1 {
        let title = format!("{} theo địa bàn", read.figure.known.measure.def.title_vi);
        parts.push(Part::Drawing { svg: bars_svg(&title, &items), alt: title });
        if between > 0 {
            parts.push(Part::Ready(Block::Note(format!("Biểu đồ bỏ qua {between} nơi ở giữa; bảng dưới có đủ."))));
        }
    }
    parts.push(Part::Ready(Block::Table(table(read))));
}

/// The table of places that have to report, narrow enough for a page of A4.
fn table(read: &Read) -> Table {
    let asked = &read.asked;
    let rows: Vec<&FigureView> = read.rows.iter().filter(|v| v.of > 0).collect();
    let sample = rows.iter().find(|v| v.value.is_some()).or(rows.first()).copied().unwrap_or(&read.figure);
    let measured = unit(sample, L);
    let head = if measured.is_empty() { "Giá trị".to_owned() } else { format!("Giá trị ({measured})") };
    let mixed = rows.iter().any(|v| asked.view.parent(v.place) != Some(asked.place));
    let estimated = rows.iter().any(|v| v.estimated > 0);
    let mut columns = vec![Column::new("TT", Kind::Number { decimals: 0 }), Column::new("Nơi", Kind::Text)];
    if mixed {
        columns.push(Column::new("Thuộc", Kind::Text));
    }
    columns.extend([Column::new(head, kind(sample)), Column::new("n/N", Kind::Text), Column::new("Tình trạng", Kind::Text)]);
    let line = |(nth, v): (i64, &FigureView)| {
        let mut cells = vec![Cell::Int(nth), Cell::Text(asked.full_name(v.place))];
        if mixed {
            cells.push(asked.view.parent(v.place).map_or(Cell::Empty, |p| Cell::Text(asked.full_name(p))));
        }
        let mark = if v.estimated > 0 { ", ước tính" } else { "" };
        cells.extend([value(v, L), Cell::Text(n_of(v, L)), Cell::Text(format!("{}{mark}", status(v, L).1))]);
        cells
    };
    Table {
        title: format!("{} – {}", read.figure.known.measure.def.title_vi, period(asked.ask.period, L)),
        subtitle: String::new(),
        columns,
        rows: (1..).zip(rows.iter().copied()).map(line).collect(),
        notes: if estimated { vec!["Số ước tính là số có đơn vị cũ bị chia đứng sau.".to_owned()] } else { Vec::new() },
    }
}

fn definition(f: &Figures, read: &Read, nth: usize) -> Vec<Block> {
    let mut out = vec![heading(nth, "ĐỊNH NGHĨA VÀ NGUỒN SỐ LIỆU")];
    for known in source::family(f, &read.figure.known) {
        let def = &known.measure.def;
        let basis = if def.legal_basis.is_empty() { "chưa ghi".to_owned() } else { def.legal_basis.clone() };
        out.push(Block::Paragraph(format!(
            "{} (mã {}, phiên bản {}, đơn vị đo: {}): {} Căn cứ: {basis}. {} Khi đổi địa giới: {}",
            def.title_vi,
            def.code,
            def.version,
            def.unit,
            def.definition_vi,
            adds_up(&known.measure, L),
            carry_rule(def.carry, L)
        )));
    }
    out
}
