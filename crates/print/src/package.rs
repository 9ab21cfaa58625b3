//! A zip package of XML parts (OPC): read, change some parts, keep all others byte for byte.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};

use zip::result::{ZipError, ZipResult};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::xml::{Tag, Tokens, escaped};

/// No part may unpack to more than this.
const MAX_PART: u64 = 512 * 1024 * 1024;

/// A link from one part to another.
#[derive(Clone, Debug)]
pub(crate) struct Relation {
    pub id: String,
    /// The full type; compare its end, because strict files have another beginning.
    pub kind: String,
    /// Full name of the part it points to (no leading slash).
    pub part: String,
}

/// An opened package with the parts changed so far.
pub(crate) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    changed: BTreeMap<String, Vec<u8>>,
}

impl<'a> Package<'a> {
    pub fn open(bytes: &'a [u8]) -> ZipResult<Package<'a>> {
        Ok(Package { archive: ZipArchive::new(Cursor::new(bytes))?, changed: BTreeMap::new() })
    }

    pub fn has(&self, name: &str) -> bool {
        self.changed.contains_key(name) || self.archive.index_for_name(name).is_some()
    }

    /// The part as text, with changes made before.
    pub fn text(&mut self, name: &str) -> ZipResult<String> {
        self.head(name, MAX_PART)
    }

    /// The first bytes of a part; a broken letter at the cut is left out.
    pub fn head(&mut self, name: &str, most: u64) -> ZipResult<String> {
        if let Some(bytes) = self.changed.get(name) {
            return String::from_utf8(bytes.clone()).map_err(|_| ZipError::InvalidArchive("not UTF-8".into()));
        }
        let file = self.archive.by_name(name)?;
        let mut bytes = Vec::new();
        file.take(most).read_to_end(&mut bytes)?;
        let cut = bytes.len() as u64 == most;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(text),
            Err(error) if cut && most < MAX_PART => Ok(String::from_utf8_lossy(error.as_bytes()).into_owned()),
            Err(_) => Err(ZipError::InvalidArchive("a part is not UTF-8".into())),
        }
    }

    /// Replaces or adds a part.
    pub fn set(&mut self, name: &str, text: String) {
        self.changed.insert(name.to_owned(), text.into_bytes());
    }

    /// A part name that is free: `before` + number + `after`.
    pub fn free_name(&self, before: &str, after: &str) -> String {
        (1_u32..).map(|number| format!("{before}{number}{after}")).find(|name| !self.has(name)).unwrap_or_default()
    }

    /// Where a part's relations are kept.
    pub fn relations_part(part: &str) -> String {
        let (folder, file) = part.rsplit_once('/').map_or(("", part), |(folder, file)| (folder, file));
        if folder.is_empty() { format!("_rels/{file}.rels") } else { format!("{folder}/_rels/{file}.rels") }
    }

    /// The relations of a part (of the package itself for an empty name); links out of the package are left out.
    pub fn relations(&mut self, part: &str) -> Result<Vec<Relation>, BrokenPart> {
        let name = Self::relations_part(part);
        if !self.has(&name) {
            return Ok(Vec::new());
        }
        let text = self.text(&name).map_err(|_| BrokenPart(name.clone()))?;
        let mut tokens = Tokens::new(&text);
        let mut relations = Vec::new();
        while let Some(token) = tokens.next().map_err(|_| BrokenPart(name.clone()))? {
            if !token.begins("Relationship") || token.attribute("TargetMode").is_some_and(|mode| mode == "External") {
                continue;
            }
            let get = |key: &str| token.attribute(key).map(|value| value.into_owned()).unwrap_or_default();
            relations.push(Relation { id: get("Id"), kind: get("Type"), part: resolved(part, &get("Target")) });
        }
        Ok(relations)
    }

    /// Adds a relation and gives its id.
    pub fn relate(&mut self, part: &str, kind: &str, target: &str) -> Result<String, BrokenPart> {
        let name = Self::relations_part(part);
        let text = if self.has(&name) {
            self.text(&name).map_err(|_| BrokenPart(name.clone()))?
        } else {
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"></Relationships>".to_owned()
        };
        let id = (1_u32..).map(|number| format!("rIdCL{number}")).find(|id| !text.contains(&format!("\"{id}\""))).unwrap_or_default();
        let element = format!("Relationship Id=\"{id}\" Type=\"{}\" Target=\"/{}\"/>", escaped(kind), escaped(target));
        let text = appended(&text, "Relationships", &element).ok_or_else(|| BrokenPart(name.clone()))?;
        self.set(&name, text);
        Ok(id)
    }

    /// Declares the content type of a part.
    pub fn declare(&mut self, part: &str, content_type: &str) -> Result<(), BrokenPart> {
        let name = "[Content_Types].xml";
        let broken = || BrokenPart(name.to_owned());
        let text = self.text(name).map_err(|_| broken())?;
        let element = format!("Override PartName=\"/{}\" ContentType=\"{content_type}\"/>", escaped(part));
        let text = appended(&text, "Types", &element).ok_or_else(broken)?;
        self.set(name, text);
        Ok(())
    }

    /// The package with its changed parts; untouched entries are copied as they are, still compressed.
    pub fn finish(mut self) -> ZipResult<Vec<u8>> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default();
        for index in 0..self.archive.len() {
            let file = self.archive.by_index_raw(index)?;
            let name = file.name().map(|name| name.into_owned()).unwrap_or_default();
            match self.changed.remove(&name) {
                Some(bytes) => {
                    drop(file);
                    writer.start_file(name, options)?;
                    writer.write_all(&bytes)?;
                }
                None => writer.raw_copy_file(file)?,
            }
        }
        for (name, bytes) in self.changed {
            writer.start_file(name, options)?;
            writer.write_all(&bytes)?;
        }
        Ok(writer.finish()?.into_inner())
    }
}

/// A part that could not be read or understood.
#[derive(Debug)]
pub(crate) struct BrokenPart(pub String);

/// Puts an element (written without its `<` and prefix) at the end of the root element of this local name.
fn appended(text: &str, root: &str, element: &str) -> Option<String> {
    let mut tokens = Tokens::new(text);
    while let Ok(Some(token)) = tokens.next() {
        if token.depth != 0 || token.local() != root {
            continue;
        }
        let (head, tail) = (text.get(..token.start)?, text.get(token.end..)?);
        match token.tag {
            Tag::Close => {
                return Some(format!("{head}<{}{element}{}{tail}", token.prefix(), token.raw));
            }
            Tag::Empty => {
                let open = token.raw.strip_suffix("/>")?;
                return Some(format!("{head}{open}><{}{element}</{}>{tail}", token.prefix(), token.name()));
            }
            _ => {}
        }
    }
    None
}

/// The part that a target means, seen from another part.
fn resolved(from: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut folders: Vec<&str> = from.split('/').collect();
    folders.pop();
    for step in target.split('/') {
        match step {
            ".." => {
                folders.pop();
            }
            "." | "" => {}
            name => folders.push(name),
        }
    }
    folders.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_resolved() {
        assert_eq!(resolved("xl/worksheets/sheet1.xml", "../comments1.xml"), "xl/comments1.xml");
        assert_eq!(resolved("xl/workbook.xml", "/xl/styles.xml"), "xl/styles.xml");
        assert_eq!(resolved("", "xl/workbook.xml"), "xl/workbook.xml");
        assert_eq!(Package::relations_part("xl/workbook.xml"), "xl/_rels/workbook.xml.rels");
        assert_eq!(Package::relations_part(""), "_rels/.rels");
    }

    #[test]
    fn elements_are_appended() {
        let text = appended("<a:Types x=\"1\"/>", "Types", "Override/>");
        assert_eq!(text.as_deref(), Some("<a:Types x=\"1\"><a:Override/></a:Types>"));
        assert_eq!(appended("<Types><b/></Types>\n", "Types", "c/>").as_deref(), Some("<Types><b/><c/></Types>\n"));
        assert_eq!(appended("<other/>", "Types", "c/>"), None);
    }
}
