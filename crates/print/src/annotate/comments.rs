//! Comments of a worksheet: the comments part and the old drawing (VML) that Excel still needs for their boxes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::sheet::{Place, place, reference};
use crate::xml::{Edits, Tag, Tokens, escaped};

/// Author of our comments, and how their text begins: by either they are known again (LibreOffice drops authors).
pub(super) const AUTHOR: &str = "Cổng Làng";

/// The changed comments part.
pub(super) struct Commented {
    pub xml: String,
    /// Cells whose box must go, because our comment of an earlier round is no longer true.
    pub gone: BTreeSet<Place>,
    /// Cells that need a new box.
    pub new: BTreeSet<Place>,
}

/// An empty comments part.
pub(super) fn empty_part(main: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<comments xmlns=\"{main}\"><authors></authors><commentList></commentList></comments>"
    )
}

/// Takes out our comments of an earlier round, adds ours to those of others, and adds new ones.
/// Nothing when the part cannot be read.
pub(super) fn comment(source: &str, messages: &BTreeMap<Place, String>) -> Option<Commented> {
    let mut edits = Edits::default();
    let mut tokens = Tokens::new(source);
    let (mut authors, mut ours, mut from, mut p) = (0_u32, None, 0, "");
    let mut begins_ours = None;
    let mut others = BTreeSet::new();
    let mut gone = BTreeSet::new();
    // The comment being read: its start, its cell, whether it is ours.
    let mut current: Option<(usize, Option<Place>, bool)> = None;
    let mut listed = false;
    while let Some(token) = tokens.next().ok()? {
        if token.depth == 0 && token.tag == Tag::Open {
            p = token.prefix();
        }
        match (token.local(), token.tag) {
            ("author" | "t", Tag::Open) => from = token.end,
            ("author", Tag::Close) => {
                if source.get(from..token.start) == Some(AUTHOR) {
                    ours = Some(authors);
                }
                authors += 1;
            }
            ("author", Tag::Empty) => authors += 1,
            ("authors", Tag::Close) if ours.is_none() => {
                edits.insert(source, token.start, &format!("<{p}author>{AUTHOR}</{p}author>"));
            }
            ("authors", Tag::Empty) => {
                edits.replace(source, token.start..token.end, &format!("<{p}authors><{p}author>{AUTHOR}</{p}author></{p}authors>"));
            }
            ("comment", Tag::Open) => {
                let cell = token.attribute("ref").and_then(|text| place(&text));
                let own = ours.is_some() && token.number("authorId") == ours;
                current = Some((token.start, cell, own));
                begins_ours = None;
            }
            ("t", Tag::Close) => {
                let first = || source.get(from..token.start).is_some_and(|text| text.starts_with(&format!("{AUTHOR}: ")));
                if let Some((_, _, own)) = &mut current {
                    *own |= *begins_ours.get_or_insert_with(first);
                }
            }
            ("text", Tag::Close) => {
                if let Some((_, Some(cell), false)) = current {
                    others.insert(cell);
                    if let Some(message) = messages.get(&cell) {
                        let run = format!("<{p}r><{p}t xml:space=\"preserve\">\n{AUTHOR}: {}</{p}t></{p}r>", escaped(message));
                        edits.insert(source, token.start, &run);
                    }
                }
            }
            ("comment", Tag::Close) => {
                if let Some((start, cell, true)) = current.take() {
                    edits.replace(source, start..token.end, "");
                    gone.extend(cell);
                }
            }
            ("commentList", Tag::Close | Tag::Empty) => {
                listed = true;
                let id = ours.unwrap_or(authors);
                let mut fresh = String::new();
                for (cell, message) in messages.iter().filter(|(cell, _)| !others.contains(*cell)) {
                    let cell = reference(*cell);
                    let message = escaped(message);
                    write!(fresh, "<{p}comment ref=\"{cell}\" authorId=\"{id}\"><{p}text><{p}r><{p}rPr><{p}sz val=\"10\"/><{p}rFont val=\"Tahoma\"/></{p}rPr><{p}t xml:space=\"preserve\">{AUTHOR}: {message}</{p}t></{p}r></{p}text></{p}comment>").ok()?;
                }
                if token.tag == Tag::Empty {
                    fresh = format!("<{p}commentList>{fresh}</{p}commentList>");
                    edits.replace(source, token.start..token.end, &fresh);
                } else {
                    edits.insert(source, token.start, &fresh);
                }
            }
            _ => {}
        }
    }
    let new = messages.keys().filter(|cell| !others.contains(cell) && !gone.contains(cell)).copied().collect();
    gone.retain(|cell| !messages.contains_key(cell) && !others.contains(cell));
    listed.then(|| Commented { xml: edits.finish(source), gone, new })
}

/// A drawing without boxes.
pub(super) fn empty_drawing() -> String {
    "<xml xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\" xmlns:x=\"urn:schemas-microsoft-com:office:excel\">\n<o:shapelayout v:ext=\"edit\"><o:idmap v:ext=\"edit\" data=\"1\"/></o:shapelayout>\n</xml>".to_owned()
}

/// The drawing without the boxes of `gone` and with boxes for `new`. VML written by Excel is not always XML,
/// so it is cut as text. Nothing when its end is not found.
pub(super) fn draw(source: &str, gone: &BTreeSet<Place>, new: &BTreeSet<Place>) -> Option<String> {
    let (body, tail) = source.split_at_checked(source.rfind("</xml>")?)?;
    let mut out = String::with_capacity(source.len() + new.len() * 800);
    let mut rest = body;
    while let Some(start) = rest.find("<v:shape ").filter(|_| !gone.is_empty()) {
        let end = rest.get(start..)?.find("</v:shape>").map(|length| start + length + "</v:shape>".len());
        let Some(end) = end else { break };
        let (before, shape, after) = (rest.get(..start)?, rest.get(start..end)?, rest.get(end..)?);
        out.push_str(before);
        let cell = number_in(shape, "Row").zip(number_in(shape, "Column"));
        if !cell.is_some_and(|cell| gone.contains(&cell)) {
            out.push_str(shape);
        }
        rest = after;
    }
    out.push_str(rest);
    if !new.is_empty() && !source.contains("\"_x0000_t202\"") {
        out.push_str("<v:shapetype id=\"_x0000_t202\" coordsize=\"21600,21600\" o:spt=\"202\" path=\"m,l,21600r21600,l21600,xe\"><v:stroke joinstyle=\"miter\"/><v:path gradientshapeok=\"t\" o:connecttype=\"rect\"/></v:shapetype>\n");
    }
    let used = source.split("_x0000_s").filter_map(|text| {
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        text.get(..digits)?.parse::<u32>().ok()
    });
    let first = used.max().unwrap_or(1024).saturating_add(1);
    for (id, (row, column)) in (first..).zip(new) {
        let (left, right, top, bottom) = (column + 1, column + 4, row.saturating_sub(1), row + 5);
        writeln!(out, "<v:shape id=\"_x0000_s{id}\" type=\"#_x0000_t202\" style=\"position:absolute;margin-left:80pt;margin-top:5pt;width:220pt;height:84pt;z-index:1;visibility:hidden\" fillcolor=\"#ffffe1\" o:insetmode=\"auto\"><v:fill color2=\"#ffffe1\"/><v:shadow on=\"t\" color=\"black\" obscured=\"t\"/><v:path o:connecttype=\"none\"/><v:textbox style=\"mso-direction-alt:auto\"><div style=\"text-align:left\"></div></v:textbox><x:ClientData ObjectType=\"Note\"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{left}, 15, {top}, 10, {right}, 31, {bottom}, 4</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>").ok()?;
    }
    out.push_str(tail);
    Some(out)
}

fn number_in(shape: &str, name: &str) -> Option<u32> {
    let from = shape.find(&format!("<x:{name}>"))? + name.len() + 4;
    let text = shape.get(from..)?;
    text.get(..text.find('<')?)?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(places: &[Place]) -> BTreeMap<Place, String> {
        places.iter().map(|place| (*place, "Sai & thiếu".to_owned())).collect()
    }

    #[test]
    fn a_second_round_replaces_the_first() {
        let first = comment(&empty_part("m"), &cells(&[(0, 0), (1, 1)])).unwrap();
        assert_eq!(first.new.len(), 2);
        let drawing = draw(&empty_drawing(), &first.gone, &first.new).unwrap();
        assert_eq!(drawing.matches("<v:shape ").count(), 2);
        let second = comment(&first.xml, &cells(&[(1, 1), (2, 2)])).unwrap();
        assert_eq!((&second.gone, &second.new), (&BTreeSet::from([(0, 0)]), &BTreeSet::from([(2, 2)])));
        assert_eq!(second.xml.matches("<comment ").count(), 2);
        assert_eq!(second.xml.matches("<author>").count(), 1);
        let drawing = draw(&drawing, &second.gone, &second.new).unwrap();
        assert_eq!(drawing.matches("<v:shape ").count(), 2);
        assert!(!drawing.contains("<x:Row>0</x:Row>") && drawing.contains("<x:Row>2</x:Row>"));
        assert_eq!(drawing.matches("id=\"_x0000_s1027\"").count(), 1);
        assert_eq!(draw(&empty_drawing(), &BTreeSet::new(), &BTreeSet::new()).unwrap(), empty_drawing());
    }

    #[test]
    fn ours_is_known_even_without_its_author() {
        let first = comment(&empty_part("m"), &cells(&[(0, 0)])).unwrap();
        let anonymous = first.xml.replace("<author>Cổng Làng</author>", "<author> </author>");
        let second = comment(&anonymous, &BTreeMap::new()).unwrap();
        assert_eq!((second.xml.matches("<comment ").count(), second.gone.len()), (0, 1));
    }

    #[test]
    fn a_colleagues_comment_is_kept_and_added_to() {
        let part = "<comments><authors><author>An</author></authors><commentList><comment ref=\"A1\" authorId=\"0\"><text><t>hỏi lại</t></text></comment></commentList></comments>";
        let done = comment(part, &cells(&[(0, 0)])).unwrap();
        assert!(done.xml.contains("<t>hỏi lại</t><r><t xml:space=\"preserve\">\nCổng Làng: Sai &amp; thiếu</t></r></text>"));
        assert!(done.new.is_empty() && done.gone.is_empty());
    }
}
