//! The workbook part: which sheets there are, and room for one more in front.

use crate::table::SheetNames;
use crate::xml::{Edits, Tag, Tokens, escaped, with_attribute, without_attribute};

/// Hidden name that points to our list, so that the next round finds it whatever its sheet is called by then.
const OUR_NAME: &str = "_cl_can_sua";
/// Title of the list's sheet.
pub(super) const LIST_SHEET: &str = "Cần sửa";
/// Elements that the schema puts after `definedNames`.
const AFTER_NAMES: [&str; 10] = [
    "calcPr",
    "oleSize",
    "customWorkbookViews",
    "pivotCaches",
    "smartTagPr",
    "smartTagTypes",
    "webPublishing",
    "fileRecoveryPr",
    "webPublishObjects",
    "extLst",
];

/// One sheet of the workbook.
pub(super) struct Sheet {
    pub name: String,
    /// Relation id.
    pub id: String,
}

/// What the workbook part says.
pub(super) struct Workbook<'a> {
    source: &'a str,
    pub sheets: Vec<Sheet>,
    largest_id: u32,
    /// Position of our list of an earlier round.
    pub old_list: Option<usize>,
    /// Namespace of spreadsheets in this file (strict files have another).
    pub main: String,
}

impl<'a> Workbook<'a> {
    /// Reads the part; nothing when it is not a workbook.
    pub fn read(source: &'a str) -> Option<Workbook<'a>> {
        let mut workbook = Workbook { source, sheets: Vec::new(), largest_id: 0, old_list: None, main: String::new() };
        let (mut in_our_name, mut from) = (false, 0);
        let mut pointed = None;
        let mut tokens = Tokens::new(source);
        while let Some(token) = tokens.next().ok()? {
            if token.depth == 0 && token.tag == Tag::Open {
                let prefix = token.prefix().trim_end_matches(':');
                let name = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
                workbook.main = token.attribute(&name)?.into_owned();
            }
            if token.begins("sheet") && token.depth == 2 {
                let id = token.raw.split_whitespace().find_map(|word| word.split_once('=').map(|(name, _)| name).filter(|name| name.ends_with(":id")))?;
                let id = token.attribute(id)?.into_owned();
                workbook.sheets.push(Sheet { name: token.attribute("name")?.into_owned(), id });
                workbook.largest_id = workbook.largest_id.max(token.number("sheetId").unwrap_or(0));
            }
            if token.begins("definedName") {
                in_our_name = token.attribute("name").is_some_and(|name| name == OUR_NAME);
                from = token.end;
            }
            if token.closes("definedName") && in_our_name {
                let target = quick_xml::escape::unescape(source.get(from..token.start)?).ok()?;
                let sheet = target.rsplit_once('!').map_or("", |(sheet, _)| sheet);
                pointed = Some(sheet.trim_matches('\'').replace("''", "'"));
            }
        }
        workbook.old_list = pointed.and_then(|name| workbook.sheets.iter().position(|sheet| sheet.name == name));
        (!workbook.sheets.is_empty()).then_some(workbook)
    }

    /// Name for the list's sheet.
    pub fn list_name(&self) -> String {
        if let Some(sheet) = self.old_list.and_then(|index| self.sheets.get(index)) {
            return sheet.name.clone();
        }
        let mut names = SheetNames::default();
        for sheet in &self.sheets {
            names.take(&sheet.name);
        }
        names.take(LIST_SHEET)
    }

    /// The changed part: the list is opened first; `relation` is its id when it is a new sheet.
    pub fn with_list(&self, relation: Option<&str>, relations: &str) -> Option<String> {
        let name = self.list_name();
        let our_name = |p: &str| {
            let target = escaped(&format!("'{}'!$A$1", name.replace('\'', "''")));
            format!("<{p}definedName name=\"{OUR_NAME}\" hidden=\"1\">{target}</{p}definedName>")
        };
        let active = self.old_list.filter(|_| relation.is_none()).unwrap_or(0).to_string();
        let mut edits = Edits::default();
        let mut tokens = Tokens::new(self.source);
        let (mut named, mut skipping) = (false, None);
        let mut p = "";
        while let Some(token) = tokens.next().ok()? {
            if token.tag == Tag::Other {
                continue;
            }
            if token.depth == 0 && token.tag == Tag::Open {
                p = token.prefix();
            }
            let past_names = (token.depth == 1 && AFTER_NAMES.contains(&token.local())) || token.depth == 0 && token.tag == Tag::Close;
            if past_names && !named {
                named = true;
                edits.insert(self.source, token.start, &format!("<{p}definedNames>{}</{p}definedNames>", our_name(p)));
            }
            match (token.local(), token.tag) {
                ("workbookView", Tag::Open | Tag::Empty) => {
                    let tag = with_attribute(&without_attribute(token.raw, "firstSheet"), "activeTab", &active);
                    edits.replace(self.source, token.start..token.end, &tag);
                }
                ("sheets", Tag::Open) => {
                    if let Some(id) = relation {
                        let (name, number) = (escaped(&name), self.largest_id + 1);
                        let sheet = format!("<{p}sheet xmlns:r=\"{relations}\" name=\"{name}\" sheetId=\"{number}\" r:id=\"{id}\"/>");
                        edits.insert(self.source, token.end, &sheet);
                    }
                }
                ("definedNames", Tag::Open) => {
                    named = true;
                    edits.insert(self.source, token.end, &our_name(p));
                }
                ("definedName", Tag::Open | Tag::Empty) => {
                    if token.attribute("name").is_some_and(|name| name == OUR_NAME) {
                        skipping = Some(token.start);
                    } else if let Some(index) = token.number("localSheetId").filter(|_| relation.is_some()) {
                        let tag = with_attribute(token.raw, "localSheetId", &(index + 1).to_string());
                        edits.replace(self.source, token.start..token.end, &tag);
                    }
                }
                ("definedName", Tag::Close) => {
                    if let Some(start) = skipping.take() {
                        edits.replace(self.source, start..token.end, "");
                    }
                }
                _ => {}
            }
        }
        Some(edits.finish(self.source))
    }
}
