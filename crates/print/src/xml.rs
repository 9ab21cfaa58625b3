//! Small edits to XML that leave every other byte as it is.

use std::borrow::Cow;
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::Event;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    Open,
    Empty,
    Close,
    Other,
}

/// One token with its place in the source. `depth` counts the elements open around it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'a> {
    pub tag: Tag,
    pub start: usize,
    pub end: usize,
    pub depth: usize,
    pub raw: &'a str,
}

impl<'a> Token<'a> {
    /// Name of the element with its prefix.
    pub fn name(&self) -> &'a str {
        let inside = self.raw.trim_start_matches(['<', '/']);
        let end = inside.find(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/').unwrap_or(inside.len());
        inside.get(..end).unwrap_or_default()
    }

    /// Name of the element without its prefix; empty for other tokens.
    pub fn local(&self) -> &'a str {
        match self.tag {
            Tag::Other => "",
            _ => self.name().rsplit(':').next().unwrap_or_default(),
        }
    }

    /// Prefix with its colon, or nothing.
    pub fn prefix(&self) -> &'a str {
        let name = self.name();
        name.find(':').and_then(|colon| name.get(..=colon)).unwrap_or_default()
    }

    /// Whether it begins an element of this local name.
    pub fn begins(&self, local: &str) -> bool {
        matches!(self.tag, Tag::Open | Tag::Empty) && self.local() == local
    }

    /// Whether it closes an element of this local name.
    pub fn closes(&self, local: &str) -> bool {
        self.tag == Tag::Close && self.local() == local
    }

    /// Value of an attribute by its name as written.
    pub fn attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        let value = self.raw.get(attribute_span(self.raw, name)?)?;
        quick_xml::escape::unescape(value).ok()
    }

    /// The number in an attribute.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.attribute(name)?.trim().parse().ok()
    }
}

/// Reads tokens with their places.
pub(crate) struct Tokens<'a> {
    source: &'a str,
    reader: Reader<&'a [u8]>,
    offset: usize,
    depth: usize,
}

impl<'a> Tokens<'a> {
    pub fn new(source: &'a str) -> Tokens<'a> {
        let offset = if source.starts_with('\u{feff}') { 3 } else { 0 };
        let mut reader = Reader::from_reader(source.as_bytes().get(offset..).unwrap_or_default());
        reader.config_mut().allow_dangling_amp = true;
        Tokens { source, reader, offset, depth: 0 }
    }

    /// The next token, or nothing at the end.
    pub fn next(&mut self) -> Result<Option<Token<'a>>, quick_xml::Error> {
        let place = |reader: &Reader<&[u8]>| usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let start = self.offset + place(&self.reader);
        let tag = match self.reader.read_event()? {
            Event::Eof => return Ok(None),
            Event::Start(_) => Tag::Open,
            Event::Empty(_) => Tag::Empty,
            Event::End(_) => Tag::Close,
            _ => Tag::Other,
        };
        let end = self.offset + place(&self.reader);
        let raw = self.source.get(start..end).unwrap_or_default();
        if tag == Tag::Close {
            self.depth = self.depth.saturating_sub(1);
        }
        let token = Token { tag, start, end, depth: self.depth, raw };
        if tag == Tag::Open {
            self.depth += 1;
        }
        Ok(Some(token))
    }
}

/// Where the value of an attribute stands inside the text of a start tag.
pub(crate) fn attribute_span(tag: &str, name: &str) -> Option<Range<usize>> {
    let bytes = tag.as_bytes();
    let at = |index: usize| bytes.get(index).copied();
    let mut index = tag.find(|c: char| c.is_ascii_whitespace())?;
    loop {
        while at(index)?.is_ascii_whitespace() {
            index += 1;
        }
        let start = index;
        while !matches!(at(index)?, b'=' | b'>' | b'/') && !at(index)?.is_ascii_whitespace() {
            index += 1;
        }
        let key = tag.get(start..index)?;
        while at(index)?.is_ascii_whitespace() {
            index += 1;
        }
        if at(index)? != b'=' {
            return None;
        }
        index += 1;
        while at(index)?.is_ascii_whitespace() {
            index += 1;
        }
        let quote = at(index)?;
        let from = index + 1;
        let length = bytes.get(from..)?.iter().position(|byte| *byte == quote)?;
        if key == name {
            return Some(from..from + length);
        }
        index = from + length + 1;
    }
}

/// The start tag with one attribute set.
pub(crate) fn with_attribute(tag: &str, name: &str, value: &str) -> String {
    if let Some(span) = attribute_span(tag, name) {
        let mut changed = tag.to_owned();
        changed.replace_range(span, value);
        return changed;
    }
    let end = tag.strip_suffix("/>").or_else(|| tag.strip_suffix('>')).unwrap_or(tag);
    let close = tag.get(end.len()..).unwrap_or_default();
    format!("{} {name}=\"{value}\"{close}", end.trim_end())
}

/// The start tag without an attribute.
pub(crate) fn without_attribute(tag: &str, name: &str) -> String {
    match attribute_span(tag, name) {
        Some(span) => {
            let head = tag.get(..span.start.saturating_sub(1)).unwrap_or_default().trim_end().trim_end_matches('=').trim_end();
            let head = head.strip_suffix(name).unwrap_or(head).trim_end();
            format!("{head}{}", tag.get(span.end + 1..).unwrap_or_default())
        }
        None => tag.to_owned(),
    }
}

/// Changes to a text, in the order of their places.
#[derive(Debug, Default)]
pub(crate) struct Edits {
    out: String,
    copied: usize,
}

impl Edits {
    /// Puts `new` where `range` of the source was. Ranges must come in rising order.
    pub fn replace(&mut self, source: &str, range: Range<usize>, new: &str) {
        self.out.push_str(source.get(self.copied..range.start).unwrap_or_default());
        self.out.push_str(new);
        self.copied = self.copied.max(range.end);
    }

    /// Puts `new` before the place.
    pub fn insert(&mut self, source: &str, place: usize, new: &str) {
        self.replace(source, place..place, new);
    }

    /// The changed text.
    pub fn finish(mut self, source: &str) -> String {
        self.out.push_str(source.get(self.copied..).unwrap_or_default());
        self.out
    }
}

/// Text for an element or an attribute; characters that XML forbids are left out.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(letter),
            '\u{fffe}' | '\u{ffff}' => {}
            other if other.is_control() => {}
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn attributes_are_found_set_and_removed() {
        let tag = "<x:c r = 'B5' s=\"3\" t=\"s\"/>";
        assert_eq!(attribute_span(tag, "r").and_then(|span| tag.get(span)), Some("B5"));
        assert_eq!(attribute_span(tag, "q"), None);
        assert_eq!(with_attribute(tag, "s", "9"), "<x:c r = 'B5' s=\"9\" t=\"s\"/>");
        assert_eq!(with_attribute("<c>", "s", "9"), "<c s=\"9\">");
        assert_eq!(without_attribute(tag, "s"), "<x:c r = 'B5' t=\"s\"/>");
        assert_eq!(without_attribute(tag, "r"), "<x:c s=\"3\" t=\"s\"/>");
    }

    proptest! {
        #[test]
        fn tokens_cover_the_source_and_never_panic(source in "[<>/a-c =\"'&;!?\u{feff}-]{0,60}") {
            let mut tokens = Tokens::new(&source);
            let mut end = if source.starts_with('\u{feff}') { 3 } else { 0 };
            while let Ok(Some(token)) = tokens.next() {
                prop_assert_eq!(token.start, end);
                end = token.end;
                token.attribute("a");
                with_attribute(token.raw, "a", "1");
                without_attribute(token.raw, "a");
            }
        }
    }
}
