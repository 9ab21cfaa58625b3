//! A composed report as a Word file, as its Excel appendix, and as a page.

use super::compose::{Composed, Part, Piece};
use super::service::Report;
use crate::Programme;
use access::Context;
use jiff::civil::Date;
use places::Level;
use print::{Block, Book, Cell, Column, Fonts, Kind, Language, Table, png_from_svg};
use std::sync::LazyLock;
use ui::{Html, escape};

/// The fonts of the charts; none if the front end was not built.
static FONTS: LazyLock<Option<Fonts>> = LazyLock::new(|| Fonts::new(ui::fonts().iter().map(|font| font.to_vec()).collect()).ok());

/// A Word file whose drawings are not drawn yet.
pub(super) struct Paper {
    head: print::Report,
    parts: Vec<Part>,
    texts: Vec<String>,
}

/// Who issues a report: the body above, the body, the place of the date line, as appendix I of Decree 30/2020 lays them out.
pub(super) fn issuer(p: &Programme, report: &Report, day: Date) -> (String, String, String) {
    let atlas = p.atlas();
    let name = atlas.full_name(report.unit, day);
    let small = |text: &str| {
        let mut letters = text.chars();
        letters.next().map(|c| c.to_lowercase().collect::<String>() + letters.as_str()).unwrap_or_default()
    };
    match report.template.level {
        Level::Nation => (String::new(), "………………………".to_owned(), "Hà Nội".to_owned()),
        Level::Province => (String::new(), format!("Ủy ban nhân dân\n{}", small(&name)), atlas.name(report.unit, day)),
        _ => {
            let above = atlas.on(day).parent(report.unit).map(|u| format!("UBND {}", small(&atlas.full_name(u, day)))).unwrap_or_default();
            (above, format!("Ủy ban nhân dân\n{}", small(&name)), atlas.name(report.unit, day))
        }
    }
}

/// Lays a report out for Word. Without number and day there is room to fill them in.
pub(super) fn paper(p: &Programme, ctx: &Context, report: &Report, composed: Composed, issued: Option<(i64, Date)>) -> Paper {
    let day = report.period.last_day().min(ctx.today());
    let (superior, body_name, place) = issuer(p, report, day);
    let texts = composed.parts.iter().map(|part| if let Part::Line(pieces) = part { said(&composed, pieces) } else { String::new() }).collect();
    let head = print::Report {
        superior,
        body_name,
        number: issued.map(|i| i.0.to_string()),
        symbol: report.template.symbol.clone(),
        place,
        date: issued.map(|i| i.1),
        title: report.template.document.clone(),
        summary: summary(p, report, day),
        blocks: Vec::new(),
        signer_title: report.signer_title.clone(),
        signer_name: Some(report.signer_name.clone()).filter(|n| !n.is_empty()),
        recipients: report.recipients.lines().map(str::to_owned).filter(|r| !r.trim().is_empty()).collect(),
    };
    Paper { head, parts: composed.parts, texts }
}

/// What the report is about, with its place and period.
pub(super) fn summary(p: &Programme, report: &Report, day: Date) -> String {
    let place = if report.template.level == Level::Nation { "cả nước".to_owned() } else { p.atlas().full_name(report.unit, day) };
    let mut letters = place.chars();
    let place = letters.next().map(|c| c.to_lowercase().collect::<String>() + letters.as_str()).unwrap_or_default();
    let mut period = report.period.label_vi().chars().collect::<Vec<_>>();
    if let Some(first) = period.first_mut() {
        *first = first.to_lowercase().next().unwrap_or(*first);
    }
    format!("{} của {place}, {}", report.template.summary, period.into_iter().collect::<String>())
}

fn said(composed: &Composed, pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(|p| match p {
            Piece::Text(text) => text.as_str(),
            Piece::Fact(nth) => composed.said(*nth),
        })
        .collect()
}

/// Draws the pictures: slow, away from the threads that answer requests.
pub(super) fn drawn(paper: Paper) -> print::Report {
    let mut report = paper.head;
    report.blocks = paper
        .parts
        .into_iter()
        .zip(paper.texts)
        .flat_map(|(part, text)| match part {
            Part::Heading(level, text) => vec![Block::Heading { level, text }],
            Part::Line(_) => vec![Block::Paragraph(text)],
            Part::Table(table) => vec![Block::Table(table)],
            Part::Drawing(svg, alt) => picture(&svg, alt),
            Part::Note(text) => vec![Block::Note(text)],
        })
        .collect();
    report
}

/// A drawing at twice the size of the screen, which prints well, over its words; only the words where it cannot be drawn.
fn picture(svg: &str, alt: String) -> Vec<Block> {
    let drawn = FONTS.as_ref().and_then(|fonts| png_from_svg(svg, 2.0, fonts).inspect_err(|error| tracing::error!(%error, "a chart could not be drawn")).ok());
    let size = |png: &[u8], at: usize| png.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_be_bytes);
    let sized = drawn.and_then(|png| Some((size(&png, 16)?, size(&png, 20)?, png)));
    match sized {
        Some((width, height, png)) => {
            vec![Block::Picture { png, width_px: width / 2, height_px: height / 2, alt: alt.clone() }, Block::Caption(alt)]
        }
        None => vec![Block::Note(alt)],
    }
}

/// The appendix: every number with its source, the tables in full, the definitions.
pub(super) fn appendix(p: &Programme, ctx: &Context, report: &Report, composed: &Composed) -> Book {
    let head = |t: &str| Column::new(t, Kind::Text);
    let text = |t: &str| if t.is_empty() { Cell::Empty } else { Cell::Text(t.to_owned()) };
    let number = |t: Option<&str>| t.and_then(|t| t.parse().ok()).map_or(Cell::Empty, Cell::Number);
    let facts = Table {
        title: "Số liệu trong báo cáo".to_owned(),
        subtitle: summary(p, report, report.period.last_day().min(ctx.today())),
        columns: vec![
            head("Chỉ tiêu"),
            head("Nơi"),
            head("Kỳ"),
            head("Như trong báo cáo"),
            Column::new("Giá trị", Kind::Number { decimals: 2 }),
            head("n/N"),
            head("Tình trạng"),
            head("Vì sao có số này"),
        ],
        rows: composed
            .facts
            .iter()
            .map(|f| {
                vec![text(&f.title), text(&f.place), text(&f.when), text(&f.shown), number(f.value.as_deref()), text(&f.n_of), text(&f.status), text(&f.href)]
            })
            .collect(),
        notes: Vec::new(),
    };
    let mut seen = std::collections::BTreeSet::new();
    let definitions = Table {
        title: "Định nghĩa".to_owned(),
        columns: vec![head("Chỉ tiêu"), Column::new("Phiên bản", Kind::Number { decimals: 0 }), head("Định nghĩa")],
        rows: composed
            .facts
            .iter()
            .filter(|f| f.version > 0 && seen.insert((f.title.clone(), f.version)))
            .map(|f| vec![text(&f.title), Cell::Int(f.version), text(&f.definition)])
            .collect(),
        ..Table::default()
    };
    let mut sheets = vec![facts];
    sheets.extend(composed.more.iter().cloned());
    let mut about = vec![
        ("Báo cáo".to_owned(), report.template.title_vi.clone()),
        ("Bố cục".to_owned(), report.template.source.clone()),
        ("Địa chỉ".to_owned(), format!("/reports/{}", report.id)),
        ("Lúc".to_owned(), crate::task::moment(calendar::micros(ctx.at))),
        ("Người xuất".to_owned(), ctx.author_name().to_owned()),
    ];
    if ctx.demo || report.synthetic {
        about.push(("Dữ liệu".to_owned(), "minh họa, không phải số thật".to_owned()));
    }
    Book { language: Language::Vi, made: ctx.today(), sheets, about, definitions: Some(definitions) }
}

/// The body as a page: the same parts, each number a link to its reason; long tables scroll by themselves when `tall`.
pub(super) fn body(composed: &Composed, tall: bool) -> Html {
    let mut out = String::new();
    for part in &composed.parts {
        match part {
            Part::Heading(level, text) => {
                let tag = if *level <= 1 { "h3" } else { "h4" };
                out.push_str(&format!("<{tag}>{}</{tag}>", escape(text)));
            }
            Part::Line(pieces) => {
                out.push_str("<p>");
                for piece in pieces {
                    match piece {
                        Piece::Text(text) => out.push_str(&escape(text)),
                        Piece::Fact(nth) => {
                            if let Some(f) = composed.facts.get(*nth) {
                                let about = format!("{}, {}; {} {}", f.title, f.when, f.n_of, f.status);
                                out.push_str(&format!("<a href=\"{}\" title=\"{}\">{}</a>", escape(&f.href), escape(&about), escape(&f.shown)));
                            }
                        }
                    }
                }
                out.push_str("</p>");
            }
            Part::Table(t) => out.push_str(&table(t, tall && t.rows.len() > 15)),
            Part::Drawing(svg, alt) => {
                out.push_str(&format!("<figure class=\"drawn\">{svg}<figcaption class=\"small muted\">{}</figcaption></figure>", escape(alt)))
            }
            Part::Note(text) => out.push_str(&format!("<p class=\"small muted\">{}</p>", escape(text))),
        }
    }
    Html::trusted(out)
}

fn table(t: &Table, tall: bool) -> String {
    let name = if t.title.is_empty() { "Bảng" } else { &t.title };
    let class = if tall { "scroll tall" } else { "scroll" };
    let mut out = format!("<div class=\"{class}\" role=\"region\" tabindex=\"0\" aria-label=\"{}\"><table>", escape(name));
    if !t.title.is_empty() {
        out.push_str(&format!("<caption>{}</caption>", escape(&t.title)));
    }
    out.push_str("<thead><tr>");
    for column in &t.columns {
        let class = if column.kind == Kind::Text { "" } else { " class=\"r\"" };
        out.push_str(&format!("<th scope=\"col\"{class}>{}</th>", escape(&column.title)));
    }
    out.push_str("</tr></thead><tbody>");
    for row in &t.rows {
        out.push_str("<tr>");
        for (column, cell) in t.columns.iter().zip(row) {
            let class = if cell.number().is_some() { " class=\"r num\"" } else { "" };
            out.push_str(&format!("<td{class}>{}</td>", escape(&column.kind.shown(cell))));
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
    for note in &t.notes {
        out.push_str(&format!("<p class=\"small muted\">{}</p>", escape(note)));
    }
    out
}
