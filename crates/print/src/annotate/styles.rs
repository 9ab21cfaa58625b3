//! New cell formats in styles.xml: the old one with a reddish fill, and the way back.

use std::collections::{HashMap, HashSet};

use crate::xml::{Edits, Tag, Token, Tokens, with_attribute};

/// Our red. Not Excel's own pale red (FFC7CE), so that our marks are known again in a workbook that comes back.
const RED: &str = "FFFFC8CD";

/// A styles part for workbooks that have none.
pub(super) const PLAIN: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<styleSheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><fonts count=\"1\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts><fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill></fills><borders count=\"1\"><border/></borders><cellStyleXfs count=\"1\"><xf/></cellStyleXfs><cellXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/></cellXfs></styleSheet>";

/// The cell formats of a workbook and those added to it.
pub(super) struct Styles<'a> {
    source: &'a str,
    /// Raw `xf` elements of `cellXfs`.
    formats: Vec<&'a str>,
    fonts: u32,
    fills: u32,
    /// Formats that already carry our red from an earlier round.
    red: HashSet<u32>,
    added: Vec<String>,
    known: HashMap<(u32, bool), u32>,
    prefix: &'a str,
}

/// Formats of the list of what to mend.
#[derive(Clone, Copy)]
pub(super) struct ListFormats {
    pub title: u32,
    pub head: u32,
    pub text: u32,
    pub link: u32,
}

impl<'a> Styles<'a> {
    /// Reads the part; nothing when it lacks fonts, fills or cell formats.
    pub fn read(source: &'a str) -> Option<Styles<'a>> {
        let (mut fonts, mut fills, mut inside, mut begin) = (0, 0, "", 0);
        let mut styles = Styles { source, formats: Vec::new(), fonts: 0, fills: 0, red: HashSet::new(), added: Vec::new(), known: HashMap::new(), prefix: "" };
        let mut red_fills = HashSet::new();
        let mut tokens = Tokens::new(source);
        while let Some(token) = tokens.next().ok()? {
            let child = matches!(token.tag, Tag::Open | Tag::Empty);
            match token.depth {
                0 if child => styles.prefix = token.prefix(),
                1 if token.tag == Tag::Open => inside = token.local(),
                1 => inside = "",
                2 if child => {
                    begin = token.start;
                    fonts += u32::from(inside == "fonts");
                    fills += u32::from(inside == "fills");
                }
                _ => {}
            }
            if inside == "fills" && token.begins("fgColor") && token.attribute("rgb").is_some_and(|rgb| rgb == RED) {
                red_fills.insert(fills - 1);
            }
            if inside == "cellXfs" && token.depth == 2 && matches!(token.tag, Tag::Close | Tag::Empty) {
                styles.formats.push(source.get(begin..token.end)?);
            }
        }
        (styles.fonts, styles.fills) = (fonts, fills);
        for (index, raw) in (0_u32..).zip(&styles.formats) {
            let fill = first_tag(raw).and_then(|tag| tag.number("fillId")).unwrap_or(0);
            if red_fills.contains(&fill) {
                styles.red.insert(index);
            }
        }
        (fonts > 0 && fills > 0 && !styles.formats.is_empty()).then_some(styles)
    }

    /// Whether an earlier round left marks.
    pub fn has_marks(&self) -> bool {
        !self.red.is_empty()
    }

    /// The same format in red.
    pub fn marked(&mut self, format: u32) -> u32 {
        if self.red.contains(&format) { format } else { self.variant(format, true) }
    }

    /// The format without our red, where it has it.
    pub fn cleaned(&mut self, format: u32) -> Option<u32> {
        self.red.contains(&format).then(|| self.variant(format, false))
    }

    fn variant(&mut self, format: u32, red: bool) -> u32 {
        if let Some(known) = self.known.get(&(format, red)) {
            return *known;
        }
        let fill = if red { self.fills } else { 0 };
        let plain = self.formats.first().copied().unwrap_or_default();
        let raw = usize::try_from(format).ok().and_then(|index| self.formats.get(index)).copied().unwrap_or(plain);
        let tag = first_tag(raw).map(|token| token.raw).unwrap_or_default();
        let changed = with_attribute(&with_attribute(tag, "fillId", &fill.to_string()), "applyFill", "1");
        let new = self.add(format!("{changed}{}", raw.get(tag.len()..).unwrap_or_default()));
        self.known.insert((format, red), new);
        new
    }

    fn add(&mut self, raw: String) -> u32 {
        self.added.push(raw);
        u32::try_from(self.formats.len() + self.added.len() - 1).unwrap_or(0)
    }

    /// Formats for the list; fonts and fills are written by [`Styles::finish`].
    pub fn list_formats(&mut self) -> ListFormats {
        let (bold, link, p) = (self.fonts, self.fonts + 1, self.prefix);
        let grey = self.fills + 1;
        let wrap = format!("<{p}alignment vertical=\"top\" wrapText=\"1\"/></{p}xf>");
        let xf = |font: u32, fill: u32| {
            format!(
                "<{p}xf numFmtId=\"49\" fontId=\"{font}\" fillId=\"{fill}\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\" applyFont=\"1\" applyFill=\"1\" applyAlignment=\"1\">"
            )
        };
        let open = format!("<{p}alignment vertical=\"top\"/></{p}xf>");
        ListFormats {
            title: self.add(format!("{}{open}", xf(bold, 0))),
            head: self.add(format!("{}{wrap}", xf(bold, grey))),
            text: self.add(format!("{}{wrap}", xf(0, 0))),
            link: self.add(format!("{}{open}", xf(link, 0))),
        }
    }

    /// The changed part.
    pub fn finish(&self) -> Option<String> {
        let p = self.prefix;
        let font = |extra: &str, color: &str| format!("<{p}font>{extra}<{p}sz val=\"11\"/>{color}<{p}name val=\"Calibri\"/><{p}family val=\"2\"/></{p}font>");
        let fonts = font(&format!("<{p}b/>"), "") + &font(&format!("<{p}u/>"), &format!("<{p}color rgb=\"FF0563C1\"/>"));
        let fill = |rgb: &str| {
            format!("<{p}fill><{p}patternFill patternType=\"solid\"><{p}fgColor rgb=\"{rgb}\"/><{p}bgColor indexed=\"64\"/></{p}patternFill></{p}fill>")
        };
        let fills = fill(RED) + &fill("FFE3EFDC");
        let mut edits = Edits::default();
        let mut tokens = Tokens::new(self.source);
        while let Some(token) = tokens.next().ok()? {
            if token.depth != 1 {
                continue;
            }
            let (new, count) = match token.local() {
                "fonts" => (&fonts, self.fonts + 2),
                "fills" => (&fills, self.fills + 2),
                "cellXfs" => (&self.added.concat(), u32::try_from(self.formats.len() + self.added.len()).ok()?),
                _ => continue,
            };
            match token.tag {
                Tag::Open => {
                    let tag = with_attribute(token.raw, "count", &count.to_string());
                    edits.replace(self.source, token.start..token.end, &tag);
                }
                Tag::Close => edits.insert(self.source, token.start, new),
                _ => {}
            }
        }
        Some(edits.finish(self.source))
    }
}

fn first_tag(raw: &str) -> Option<Token<'_>> {
    Tokens::new(raw).next().ok().flatten()
}
