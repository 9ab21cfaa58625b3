//! The body of a Word document, piece by piece.

use std::fmt::Write as _;

use super::{Block, TEXT_WIDTH};
use crate::cell::Cell;
use crate::table::{Kind, Table};
use crate::xml::escaped;

/// English Metric Units in a pixel (96 to the inch) and in a twentieth of a point.
const EMU_PER_PIXEL: u64 = 9_525;
const EMU_PER_TWIP: u64 = 635;
/// Tallest picture: 200 mm.
const MAX_HEIGHT: u64 = 7_200_000;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Center,
    Right,
    Both,
}

/// How a paragraph looks. Sizes are in half points, distances in twentieths of a point.
#[derive(Clone, Copy)]
pub(super) struct Look {
    pub size: u32,
    pub bold: bool,
    pub italic: bool,
    pub align: Align,
    pub before: u32,
    pub after: u32,
    pub first_line: u32,
    /// Keep on one page with the next paragraph.
    pub keep: bool,
    pub style: &'static str,
}

impl Default for Look {
    fn default() -> Look {
        Look { size: 28, bold: false, italic: false, align: Align::Left, before: 0, after: 0, first_line: 0, keep: false, style: "" }
    }
}

/// Body text: 14 points, justified, first line 12.7 mm in, 6 points between paragraphs.
const TEXT: Look = Look { size: 28, bold: false, italic: false, align: Align::Both, before: 0, after: 120, first_line: 720, keep: false, style: "" };

/// The body being written, with the pictures it refers to.
#[derive(Default)]
pub(super) struct Body<'a> {
    xml: String,
    pictures: Vec<&'a [u8]>,
}

impl<'a> Body<'a> {
    /// A paragraph; its line breaks are kept.
    pub fn paragraph(&mut self, text: &str, look: Look) {
        let _ = write!(self.xml, "<w:p>{}", properties(look));
        for (index, line) in text.split('\n').enumerate() {
            self.xml.push_str("<w:r><w:rPr>");
            self.xml.push_str(if look.bold { "<w:b/>" } else { "" });
            self.xml.push_str(if look.italic { "<w:i/>" } else { "" });
            let _ = write!(self.xml, "<w:sz w:val=\"{0}\"/><w:szCs w:val=\"{0}\"/></w:rPr>", look.size);
            self.xml.push_str(if index > 0 { "<w:br/>" } else { "" });
            let _ = write!(self.xml, "<w:t xml:space=\"preserve\">{}</w:t></w:r>", escaped(line.trim_end_matches('\r')));
        }
        self.xml.push_str("</w:p>");
    }

    /// A short line under a heading, `inset` from both sides.
    pub fn rule(&mut self, inset: u32) {
        let _ = write!(
            self.xml,
            "<w:p><w:pPr><w:pBdr><w:bottom w:val=\"single\" w:sz=\"6\" w:space=\"0\" w:color=\"000000\"/></w:pBdr><w:spacing w:before=\"0\" w:after=\"160\" w:line=\"40\" w:lineRule=\"exact\"/><w:ind w:left=\"{inset}\" w:right=\"{inset}\"/></w:pPr></w:p>"
        );
    }

    /// Two columns without lines.
    pub fn columns(&mut self, widths: [u32; 2], left: impl FnOnce(&mut Self), right: impl FnOnce(&mut Self)) {
        let [first, second] = widths;
        let _ = write!(
            self.xml,
            "<w:tbl><w:tblPr><w:tblW w:w=\"{TEXT_WIDTH}\" w:type=\"dxa\"/><w:tblLayout w:type=\"fixed\"/><w:tblCellMar><w:left w:w=\"0\" w:type=\"dxa\"/><w:right w:w=\"0\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr><w:tblGrid><w:gridCol w:w=\"{first}\"/><w:gridCol w:w=\"{second}\"/></w:tblGrid><w:tr><w:trPr><w:cantSplit/></w:trPr><w:tc><w:tcPr><w:tcW w:w=\"{first}\" w:type=\"dxa\"/></w:tcPr>"
        );
        left(self);
        let _ = write!(self.xml, "</w:tc><w:tc><w:tcPr><w:tcW w:w=\"{second}\" w:type=\"dxa\"/></w:tcPr>");
        right(self);
        self.xml.push_str("</w:tc></w:tr></w:tbl>");
    }

    /// A piece of the body; `keep` holds its words on one page with what follows.
    pub fn block(&mut self, block: &'a Block, keep: bool) {
        match block {
            Block::Heading { level, text } => {
                // Titles of parts and of clauses are both bold and upright.
                let style = if *level <= 1 { "Heading1" } else { "Heading2" };
                self.paragraph(text, Look { bold: true, before: 120, keep: true, style, ..TEXT });
            }
            Block::Paragraph(text) => self.paragraph(text, Look { keep, ..TEXT }),
            Block::Note(text) => self.paragraph(text, Look { size: 24, italic: true, first_line: 0, keep, ..TEXT }),
            Block::Caption(text) => self.paragraph(text, Look { size: 24, italic: true, align: Align::Center, after: 120, keep, ..Look::default() }),
            Block::Table(table) => self.table(table),
            Block::Picture { png, width_px, height_px, alt } => self.picture(png, *width_px, *height_px, alt),
        }
    }

    fn table(&mut self, table: &Table) {
        let caption = Look { size: 26, bold: true, align: Align::Center, before: 120, after: 60, keep: true, ..Look::default() };
        if !table.title.is_empty() {
            self.paragraph(&table.title, caption);
        }
        if !table.subtitle.is_empty() {
            self.paragraph(&table.subtitle, Look { bold: false, italic: true, before: 0, ..caption });
        }
        let size = if table.columns.len() > 8 { 20 } else { 24 };
        let widths = column_widths(table);
        if !widths.is_empty() {
            self.xml.push_str("<w:tbl><w:tblPr><w:tblW w:w=\"5000\" w:type=\"pct\"/><w:tblBorders>");
            for side in ["top", "left", "bottom", "right", "insideH", "insideV"] {
                let _ = write!(self.xml, "<w:{side} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/>");
            }
            self.xml.push_str("</w:tblBorders><w:tblLayout w:type=\"fixed\"/><w:tblCellMar><w:top w:w=\"30\" w:type=\"dxa\"/><w:left w:w=\"80\" w:type=\"dxa\"/><w:bottom w:w=\"30\" w:type=\"dxa\"/><w:right w:w=\"80\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr><w:tblGrid>");
            for width in &widths {
                let _ = write!(self.xml, "<w:gridCol w:w=\"{width}\"/>");
            }
            self.xml.push_str("</w:tblGrid>");
            let head = Look { size, bold: true, align: Align::Center, ..Look::default() };
            let titles = table.columns.iter().map(|column| (column.title.clone(), head));
            self.row(&widths, true, titles);
            for cells in &table.rows {
                // A row of sums is bold.
                let bold = matches!(cells.first(), Some(Cell::Text(text)) if text == "Cộng" || text.starts_with("Tổng"));
                let texts = table.columns.iter().enumerate().map(|(index, column)| {
                    let cell = cells.get(index);
                    let align = match (column.kind, cell.and_then(|cell| cell.number())) {
                        // Numbers of lines are in the middle, amounts at right.
                        (_, Some(_)) if column.title == "TT" || column.title == "STT" => Align::Center,
                        (_, Some(_)) => Align::Right,
                        (Kind::Date, None) => Align::Center,
                        _ => Align::Left,
                    };
                    let text = cell.map(|cell| column.kind.shown(cell)).unwrap_or_default();
                    (text, Look { size, align, bold, ..Look::default() })
                });
                self.row(&widths, false, texts);
            }
            self.xml.push_str("</w:tbl>");
        }
        for note in &table.notes {
            self.paragraph(note, Look { size: 24, italic: true, before: 40, ..Look::default() });
        }
        // Word wants a paragraph between two tables; it also gives the text below some air.
        self.paragraph("", Look { size: 12, ..Look::default() });
    }

    fn row(&mut self, widths: &[u32], head: bool, cells: impl Iterator<Item = (String, Look)>) {
        self.xml.push_str("<w:tr><w:trPr><w:cantSplit/>");
        self.xml.push_str(if head { "<w:tblHeader/></w:trPr>" } else { "</w:trPr>" });
        for (width, (text, look)) in widths.iter().zip(cells) {
            let _ = write!(self.xml, "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/><w:vAlign w:val=\"center\"/></w:tcPr>");
            self.paragraph(&text, look);
            self.xml.push_str("</w:tc>");
        }
        self.xml.push_str("</w:tr>");
    }

    fn picture(&mut self, png: &'a [u8], width_px: u32, height_px: u32, alt: &str) {
        self.pictures.push(png);
        let number = self.pictures.len();
        let (width, height) = (u64::from(width_px.max(1)) * EMU_PER_PIXEL, u64::from(height_px.max(1)) * EMU_PER_PIXEL);
        let most = u64::from(TEXT_WIDTH) * EMU_PER_TWIP;
        // Both sides shrink by the stricter of the two limits; u128 because the products are large.
        let shrink = |side: u64| {
            let by_width = u128::from(side) * u128::from(most) / u128::from(width.max(most));
            let by_height = u128::from(side) * u128::from(MAX_HEIGHT) / u128::from(height.max(MAX_HEIGHT));
            by_width.min(by_height).max(1)
        };
        let (cx, cy, alt) = (shrink(width), shrink(height), escaped(alt));
        let _ = write!(
            self.xml,
            "<w:p>{}<w:r><w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\"><wp:extent cx=\"{cx}\" cy=\"{cy}\"/><wp:docPr id=\"{number}\" name=\"Hình {number}\" descr=\"{alt}\"/><a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><pic:pic><pic:nvPicPr><pic:cNvPr id=\"{number}\" name=\"image{number}.png\" descr=\"{alt}\"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed=\"rIdP{number}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{cx}\" cy=\"{cy}\"/></a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>",
            properties(Look { align: Align::Center, before: 120, after: 120, ..Look::default() })
        );
    }

    /// The whole document part, and the pictures in the order of their numbers.
    pub fn finish(self) -> (String, Vec<&'a [u8]>) {
        let namespaces = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"";
        // Margins: top and bottom 20 mm, left 30 mm, right 15 mm; no page number on the first page.
        let section = "<w:sectPr><w:headerReference w:type=\"default\" r:id=\"rIdH\"/><w:pgSz w:w=\"11906\" w:h=\"16838\"/><w:pgMar w:top=\"1134\" w:right=\"850\" w:bottom=\"1134\" w:left=\"1701\" w:header=\"567\" w:footer=\"567\" w:gutter=\"0\"/><w:titlePg/></w:sectPr>";
        let last = "<w:p><w:pPr><w:spacing w:line=\"20\" w:lineRule=\"exact\"/></w:pPr></w:p>";
        let document = format!("{}<w:document {namespaces}><w:body>{}{last}{section}</w:body></w:document>", super::XML, self.xml);
        (document, self.pictures)
    }
}

fn properties(look: Look) -> String {
    let style = if look.style.is_empty() { String::new() } else { format!("<w:pStyle w:val=\"{}\"/>", look.style) };
    let keep = if look.keep { "<w:keepNext/>" } else { "" };
    let indent = if look.first_line > 0 { format!("<w:ind w:firstLine=\"{}\"/>", look.first_line) } else { String::new() };
    let align = match look.align {
        Align::Left => "left",
        Align::Center => "center",
        Align::Right => "right",
        Align::Both => "both",
    };
    format!("<w:pPr>{style}{keep}<w:spacing w:before=\"{}\" w:after=\"{}\"/>{indent}<w:jc w:val=\"{align}\"/></w:pPr>", look.before, look.after)
}

/// Twentieths of a point that a letter of a table's text takes on average, with room to spare.
const LETTER: usize = 125;

/// What a cell keeps free at both sides together.
const PADDING: usize = 160;

/// Widths of the columns: first what their longest words need, so that dates and numbers are not cut; what is left goes to those
/// with more to say. A title may take three lines.
fn column_widths(table: &Table) -> Vec<u32> {
    let longest = |text: &str| text.split_whitespace().map(|word| word.chars().count()).max().unwrap_or(0);
    let wanted: Vec<(usize, usize)> = table
        .columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let texts = || table.rows.iter().take(500).filter_map(|row| row.get(index)).map(|cell| column.kind.shown(cell));
            let least = texts().map(|text| longest(&text)).max().unwrap_or(0).max(longest(&column.title)).clamp(3, 14) + 1;
            let cell = texts().map(|text| text.chars().count()).max().unwrap_or(0);
            (least, cell.min(90).max(column.title.chars().count() / 3).max(least) + 1)
        })
        .collect();
    let width = TEXT_WIDTH as usize;
    let least: usize = wanted.iter().map(|w| w.0 * LETTER + PADDING).sum();
    let more: usize = wanted.iter().map(|w| w.1 - w.0).sum::<usize>().max(1);
    let each = |(low, high): &(usize, usize)| {
        if least < width { low * LETTER + PADDING + (width - least) * (high - low) / more } else { width * (low * LETTER + PADDING) / least }
    };
    wanted.iter().map(|w| u32::try_from(each(w)).unwrap_or(0)).collect()
}
