//! Marks cells inside one worksheet part.

use std::collections::{BTreeMap, BTreeSet};

use super::styles::Styles;
use crate::cell::column_name;
use crate::xml::{Edits, Tag, Token, Tokens, with_attribute, without_attribute};

/// Elements that the schema puts after `legacyDrawing`.
const AFTER_LEGACY: [&str; 8] = ["legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst"];

/// Row and column from 0.
pub(super) type Place = (u32, u32);

/// What a cell holds, as written in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Raw {
    /// Index into the shared strings.
    Shared(usize),
    Text(String),
}

/// What to do with a worksheet.
pub(super) struct Work<'a> {
    pub cells: &'a BTreeSet<Place>,
    /// Relation id for a new drawing of comments, used when the sheet has none; `None` adds no drawing.
    pub drawing: Option<&'a str>,
    /// Namespace of relations in this package.
    pub relations: &'a str,
}

/// The changed worksheet and what was seen in it.
pub(super) struct Marked {
    pub xml: String,
    pub values: BTreeMap<Place, Raw>,
}

/// `B5` for (4, 1).
pub(super) fn reference((row, column): Place) -> String {
    format!("{}{}", column_name(column), u64::from(row) + 1)
}

/// (4, 1) for `B5`; nothing beyond Excel's limits.
pub(super) fn place(reference: &str) -> Option<Place> {
    let letters = reference.find(|c: char| !c.is_ascii_alphabetic())?;
    let (name, digits) = reference.split_at_checked(letters)?;
    if name.is_empty() || name.len() > 3 {
        return None;
    }
    let column = name.bytes().fold(0_u32, |sum, byte| sum * 26 + u32::from(byte.to_ascii_uppercase() - b'A') + 1);
    let row: u32 = digits.parse().ok()?;
    ((1..=1_048_576).contains(&row) && column <= 16_384).then(|| (row - 1, column - 1))
}

/// Id of the drawing of comments that the sheet has.
pub(super) fn legacy_drawing(xml: &str) -> Option<String> {
    let start = xml.rfind("legacyDrawing ")?;
    let mut tokens = Tokens::new(xml.get(xml.get(..start)?.rfind('<')?..)?);
    let token = tokens.next().ok().flatten()?;
    let name = token.raw.split_whitespace().find_map(|word| word.split_once('=').map(|(name, _)| name).filter(|name| name.ends_with(":id")))?;
    token.attribute(name).map(|id| id.into_owned())
}

/// State of the walk through the rows.
struct Walk<'a, 'b, 'c> {
    source: &'a str,
    edits: Edits,
    styles: &'b mut Styles<'c>,
    wanted: Vec<Place>,
    /// How many of `wanted` are done.
    done: usize,
    prefix: String,
    row: u32,
    row_style: u32,
    next_row: u32,
    next_column: u32,
    columns: Vec<(u32, u32, u32)>,
}

impl Walk<'_, '_, '_> {
    fn peek(&self) -> Option<Place> {
        self.wanted.get(self.done).copied()
    }

    /// The style of a cell that is not in the file: its row's, else its column's.
    fn style_at(&self, column: u32, row_style: u32) -> u32 {
        let of_column = || self.columns.iter().find(|(first, last, _)| (*first..=*last).contains(&(column + 1)));
        if row_style > 0 { row_style } else { of_column().map_or(0, |(_, _, style)| *style) }
    }

    /// New marked cells before `limit`, all in the given row.
    fn cells_before(&mut self, row: u32, limit: u32, row_style: u32) -> String {
        let mut cells = String::new();
        while let Some(place) = self.peek().filter(|place| place.0 == row && place.1 < limit) {
            let style = self.styles.marked(self.style_at(place.1, row_style));
            cells += &format!("<{}c r=\"{}\" s=\"{style}\"/>", self.prefix, reference(place));
            self.done += 1;
        }
        cells
    }

    /// New rows before `limit` for wanted cells whose row is not in the file.
    fn rows_before(&mut self, limit: u32) -> String {
        let mut rows = String::new();
        while let Some((row, _)) = self.peek().filter(|place| place.0 < limit) {
            let cells = self.cells_before(row, u32::MAX, 0);
            rows += &format!("<{p}row r=\"{}\">{cells}</{p}row>", row + 1, p = self.prefix);
        }
        rows
    }

    fn begin_row(&mut self, token: &Token) -> Option<()> {
        let row = match token.number("r") {
            Some(number) => number.checked_sub(1)?,
            None => self.next_row,
        };
        // Rows out of order would put our new ones in a wrong place: better give up than break the file.
        if row < self.next_row {
            return None;
        }
        let missing = self.rows_before(row);
        (self.row, self.next_row, self.next_column) = (row, row + 1, 0);
        let own_style = token.attribute("customFormat").is_some_and(|value| value == "1" || value == "true");
        self.row_style = token.number("s").filter(|_| own_style).unwrap_or(0);
        self.edits.insert(self.source, token.start, &missing);
        if self.peek().is_some_and(|place| place.0 == row) {
            // A hint for readers that new cells would make false.
            let mut tag = without_attribute(token.raw, "spans");
            if token.tag == Tag::Empty {
                let style = self.row_style;
                let cells = self.cells_before(row, u32::MAX, style);
                let open = tag.strip_suffix("/>")?.trim_end().to_owned();
                tag = format!("{open}>{cells}</{}>", token.name());
            }
            self.edits.replace(self.source, token.start..token.end, &tag);
        }
        Some(())
    }

    /// Marks or cleans a cell; gives its place when it is a wanted one.
    fn begin_cell(&mut self, token: &Token) -> Option<Option<Place>> {
        let column = match token.attribute("r") {
            Some(reference) => place(&reference).filter(|place| place.0 == self.row)?.1,
            None => self.next_column,
        };
        if column < self.next_column {
            return None;
        }
        let style = self.row_style;
        let missing = self.cells_before(self.row, column, style);
        self.edits.insert(self.source, token.start, &missing);
        self.next_column = column + 1;
        let style = token.number("s").unwrap_or(0);
        let wanted = self.peek().filter(|place| *place == (self.row, column));
        let new = if wanted.is_some() {
            self.done += 1;
            Some(self.styles.marked(style))
        } else {
            self.styles.cleaned(style)
        };
        if let Some(new) = new {
            let tag = with_attribute(token.raw, "s", &new.to_string());
            self.edits.replace(self.source, token.start..token.end, &tag);
        }
        Some(wanted)
    }
}

/// Marks the cells, removes marks of an earlier round from all others, and un-selects the sheet's tab.
/// Nothing when the part is not a well-formed worksheet.
pub(super) fn mark(source: &str, styles: &mut Styles, work: &Work) -> Option<Marked> {
    let mut walk = Walk {
        source,
        edits: Edits::default(),
        styles,
        wanted: work.cells.iter().copied().collect(),
        done: 0,
        prefix: String::new(),
        row: 0,
        row_style: 0,
        next_row: 0,
        next_column: 0,
        columns: Vec::new(),
    };
    let mut drawing = work.drawing.filter(|_| legacy_drawing(source).is_none());
    let mut values = BTreeMap::new();
    let mut reading: Option<(Place, String, usize)> = None;
    let mut tokens = Tokens::new(source);
    while let Some(token) = tokens.next().ok()? {
        if token.tag == Tag::Other {
            continue;
        }
        if token.depth == 0 && token.tag == Tag::Open {
            walk.prefix = token.prefix().to_owned();
        }
        let child = token.depth == 1 && token.tag != Tag::Close;
        let past_drawing = (child && AFTER_LEGACY.contains(&token.local())) || (token.depth == 0 && token.tag == Tag::Close);
        if let Some(id) = drawing.filter(|_| past_drawing) {
            let p = &walk.prefix;
            let element = format!("<{p}legacyDrawing xmlns:r=\"{}\" r:id=\"{id}\"/>", work.relations);
            walk.edits.insert(source, token.start, &element);
            drawing = None;
        }
        match (token.local(), token.tag) {
            ("sheetView", Tag::Open | Tag::Empty) if token.attribute("tabSelected").is_some() => {
                let tag = without_attribute(token.raw, "tabSelected");
                walk.edits.replace(source, token.start..token.end, &tag);
            }
            ("col", Tag::Open | Tag::Empty) if token.depth == 2 => {
                walk.columns.push((token.number("min")?, token.number("max")?, token.number("style").unwrap_or(0)));
            }
            ("row", Tag::Open | Tag::Empty) if token.depth == 2 => walk.begin_row(&token)?,
            ("row", Tag::Close) if token.depth == 2 => {
                let (row, style) = (walk.row, walk.row_style);
                let rest = walk.cells_before(row, u32::MAX, style);
                walk.edits.insert(source, token.start, &rest);
            }
            ("c", Tag::Open | Tag::Empty) if token.depth == 3 => {
                if let Some(place) = walk.begin_cell(&token)?.filter(|_| token.tag == Tag::Open) {
                    reading = Some((place, token.attribute("t").unwrap_or_default().into_owned(), 0));
                }
            }
            ("c", Tag::Close) if token.depth == 3 => reading = None,
            ("v" | "t", Tag::Open) => {
                if let Some((_, _, from)) = &mut reading {
                    *from = token.end;
                }
            }
            ("v" | "t", Tag::Close) => {
                if let Some((place, kind, from)) = &reading {
                    let text = source.get(*from..token.start).unwrap_or_default();
                    let text = quick_xml::escape::unescape(text).unwrap_or_default();
                    let known = values.entry(*place).or_insert_with(|| Raw::Text(String::new()));
                    *known = match (kind.as_str(), &*known) {
                        ("s", _) => Raw::Shared(text.trim().parse().ok()?),
                        // Rich text comes in pieces.
                        (_, Raw::Text(before)) => Raw::Text(format!("{before}{text}")),
                        (_, Raw::Shared(_)) => Raw::Text(text.into_owned()),
                    };
                }
            }
            ("sheetData", Tag::Empty) => {
                let rows = walk.rows_before(u32::MAX);
                if !rows.is_empty() {
                    let open = token.raw.strip_suffix("/>")?.trim_end();
                    let all = format!("{open}>{rows}</{}>", token.name());
                    walk.edits.replace(source, token.start..token.end, &all);
                }
            }
            ("sheetData", Tag::Close) => {
                let rows = walk.rows_before(u32::MAX);
                walk.edits.insert(source, token.start, &rows);
            }
            _ => {}
        }
    }
    (walk.done == walk.wanted.len() && drawing.is_none()).then(|| Marked { xml: walk.edits.finish(source), values })
}

#[cfg(test)]
mod tests {
    use super::super::styles::PLAIN;
    use super::*;
    use proptest::prelude::*;

    fn marked(source: &str, cells: &[Place]) -> Option<String> {
        let mut styles = Styles::read(PLAIN).unwrap();
        let cells = cells.iter().copied().collect();
        mark(source, &mut styles, &Work { cells: &cells, drawing: None, relations: "r" }).map(|marked| marked.xml)
    }

    #[test]
    fn missing_cells_and_rows_are_made_in_order() {
        let sheet = "<worksheet><sheetData><row r=\"2\" spans=\"2:2\"><c r=\"B2\"><v>1</v></c></row><row r=\"5\"/></sheetData></worksheet>";
        assert_eq!(
            marked(sheet, &[(0, 0), (1, 0), (1, 1), (1, 2), (3, 1), (4, 2), (9, 0)]).unwrap(),
            "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" s=\"1\"/></row><row r=\"2\"><c r=\"A2\" s=\"1\"/><c r=\"B2\" s=\"1\"><v>1</v></c><c r=\"C2\" s=\"1\"/></row><row r=\"4\"><c r=\"B4\" s=\"1\"/></row><row r=\"5\"><c r=\"C5\" s=\"1\"/></row><row r=\"10\"><c r=\"A10\" s=\"1\"/></row></sheetData></worksheet>"
        );
        assert_eq!(
            marked("<x:worksheet><x:sheetData/></x:worksheet>", &[(0, 0)]).unwrap(),
            "<x:worksheet><x:sheetData><x:row r=\"1\"><x:c r=\"A1\" s=\"1\"/></x:row></x:sheetData></x:worksheet>"
        );
    }

    #[test]
    fn cells_without_references_are_counted() {
        let sheet = "<worksheet><sheetData><row><c><v>1</v></c><c/></row><row><c/></row></sheetData></worksheet>";
        let marked = marked(sheet, &[(0, 1), (1, 0)]).unwrap();
        assert_eq!(marked, "<worksheet><sheetData><row><c><v>1</v></c><c s=\"1\"/></row><row><c s=\"1\"/></row></sheetData></worksheet>");
    }

    #[test]
    fn rows_out_of_order_are_not_touched() {
        let sheet = "<worksheet><sheetData><row r=\"5\"/><row r=\"2\"/></sheetData></worksheet>";
        assert_eq!(marked(sheet, &[(0, 0)]), None);
    }

    proptest! {
        #[test]
        fn references_read_back(row in 0u32..1_048_576, column in 0u32..16_384) {
            prop_assert_eq!(place(&reference((row, column))), Some((row, column)));
        }

        #[test]
        fn any_reference_is_survived(text in ".{0,12}") {
            place(&text);
        }

        #[test]
        fn nothing_wanted_changes_nothing(cells in prop::collection::btree_set((0u32..6, 0u32..6), 0..12)) {
            let rows: String = (0..6).map(|row| {
                let cells: String = cells.iter().filter(|place| place.0 == row).map(|place| format!("<c r=\"{}\"><v>7</v></c>", reference(*place))).collect();
                format!("<row r=\"{}\">{cells}</row>", row + 1)
            }).collect();
            let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
            prop_assert_eq!(marked(&sheet, &[]).unwrap(), sheet);
        }
    }
}
