//! Gives a workbook back with its bad cells marked and explained.
//!
//! The package is edited, not rebuilt: a bad cell gets a reddish fill on top of its own format and a comment, a sheet
//! "Cần sửa" in front lists them all, and every part that need not change is copied byte for byte. A workbook that
//! comes back for another round loses the marks of the round before.

mod comments;
mod list;
mod sheet;
mod styles;
mod workbook;

use std::collections::{BTreeMap, BTreeSet};

use rust_xlsxwriter::{Format, Workbook as Writer};

use self::list::Line;
use self::sheet::{Place, Raw};
use self::styles::Styles;
use self::workbook::Workbook;
use crate::package::{BrokenPart, Package, Relation};
use crate::table::{SheetNames, add_sheet, clipped};
use crate::xml::{Tag, Tokens};

/// More comments than this on one sheet make spreadsheets crawl; the rest is only coloured and listed.
const MAX_COMMENTS: usize = 2_000;
/// Lines of the list.
const MAX_LINES: usize = 20_000;

/// What is wrong with one cell. Rows and columns count from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellProblem {
    /// Name of the sheet as in the workbook.
    pub sheet: String,
    pub row: u32,
    pub col: u32,
    /// A sentence in Vietnamese with the way to mend it.
    pub message: String,
}

/// Why a workbook could not be marked; [`annotated_copy`] is the way out.
#[derive(Debug, thiserror::Error)]
pub enum AnnotateError {
    /// Not a zip package, or not one that holds a workbook.
    #[error("this is not an .xlsx workbook")]
    NotAWorkbook,
    /// A part of the workbook that cannot be edited safely.
    #[error("the part {0} of the workbook cannot be read")]
    Broken(String),
    /// Writing failed.
    #[error("the workbook could not be written: {0}")]
    Write(#[from] zip::result::ZipError),
    /// Writing the copy failed.
    #[error("the workbook could not be written: {0}")]
    Copy(#[from] rust_xlsxwriter::XlsxError),
}

impl From<BrokenPart> for AnnotateError {
    fn from(part: BrokenPart) -> AnnotateError {
        AnnotateError::Broken(part.0)
    }
}

/// Messages by cell of one sheet.
type Messages = BTreeMap<Place, String>;

/// The same workbook with the bad cells marked. `summary` stands above the list.
/// Problems of sheets that do not exist, or of cells beyond Excel's limits, are listed without a link.
///
/// # Errors
/// [`AnnotateError`]; the original is never changed.
pub fn annotate_xlsx(original: &[u8], problems: &[CellProblem], summary: &[String]) -> Result<Vec<u8>, AnnotateError> {
    let mut package = Package::open(original).map_err(|_| AnnotateError::NotAWorkbook)?;
    let office = find(&package.relations("")?, "/officeDocument").ok_or(AnnotateError::NotAWorkbook)?;
    let book_part = office.part;
    // Strict files have other namespaces; the relation's own type tells which.
    let relations = office.kind.trim_end_matches("/officeDocument").to_owned();
    let book_text = package.text(&book_part).map_err(|_| AnnotateError::NotAWorkbook)?;
    let book = Workbook::read(&book_text).ok_or(AnnotateError::NotAWorkbook)?;
    let links = package.relations(&book_part)?;

    let style_part = match find(&links, "/styles") {
        Some(link) => link.part,
        None => add_styles(&mut package, &book_part, &relations)?,
    };
    let style_text = package.text(&style_part).map_err(|_| AnnotateError::Broken(style_part.clone()))?;
    let mut styles = Styles::read(&style_text).ok_or_else(|| AnnotateError::Broken(style_part.clone()))?;

    let mut by_sheet: BTreeMap<usize, Messages> = BTreeMap::new();
    for problem in problems {
        let at = book.sheets.iter().position(|sheet| sheet.name == problem.sheet);
        if let Some(index) = at.filter(|index| Some(*index) != book.old_list && within_limits(problem)) {
            let known = by_sheet.entry(index).or_default().entry((problem.row, problem.col)).or_default();
            if !known.is_empty() {
                known.push('\n');
            }
            known.push_str(&problem.message);
        }
    }

    let mut values: BTreeMap<(usize, Place), Raw> = BTreeMap::new();
    for (index, sheet) in book.sheets.iter().enumerate() {
        let part = links.iter().find(|link| link.id == sheet.id && link.kind.ends_with("/worksheet"));
        let Some(part) = part.map(|link| link.part.clone()).filter(|_| Some(index) != book.old_list) else {
            continue;
        };
        let none = Messages::new();
        let messages = by_sheet.get(&index).unwrap_or(&none);
        let head = package.head(&part, 16 * 1024).unwrap_or_default();
        if messages.is_empty() && !styles.has_marks() && !head.contains("tabSelected=") {
            continue;
        }
        for (place, raw) in mark_sheet(&mut package, &part, messages, &mut styles, &relations, &book.main)? {
            values.insert((index, place), raw);
        }
    }

    let shared = shared_strings(&mut package, &links, &values);
    let lines: Vec<Line> = problems
        .iter()
        .take(MAX_LINES)
        .map(|problem| {
            let index = book.sheets.iter().position(|sheet| sheet.name == problem.sheet);
            let place = (problem.row, problem.col);
            let value = match index.and_then(|index| values.get(&(index, place))) {
                Some(Raw::Shared(at)) => shared.get(at).cloned().unwrap_or_default(),
                Some(Raw::Text(text)) => text.clone(),
                None => String::new(),
            };
            let linked = index.is_some() && within_limits(problem);
            Line { sheet: problem.sheet.clone(), place, linked, value, message: problem.message.clone() }
        })
        .collect();
    let mut summary = summary.to_vec();
    if problems.len() > lines.len() {
        summary.push(format!("Danh sách dưới đây chỉ ghi {} lỗi đầu trong {} lỗi.", lines.len(), problems.len()));
    }
    let list = list::sheet(&book.main, styles.list_formats(), &summary, &lines);
    let old = book.old_list.and_then(|index| book.sheets.get(index));
    let old = old.and_then(|sheet| links.iter().find(|link| link.id == sheet.id));
    let relation = match old {
        Some(link) => {
            package.set(&link.part, list);
            None
        }
        None => {
            let part = package.free_name("xl/worksheets/can_sua", ".xml");
            package.set(&part, list);
            package.declare(&part, "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml")?;
            Some(package.relate(&book_part, &format!("{relations}/worksheet"), &part)?)
        }
    };
    let broken = || AnnotateError::Broken(book_part.clone());
    let changed_book = book.with_list(relation.as_deref(), &relations).ok_or_else(broken)?;
    let changed_styles = styles.finish().ok_or_else(|| AnnotateError::Broken(style_part.clone()))?;
    package.set(&book_part, changed_book);
    package.set(&style_part, changed_styles);
    Ok(package.finish()?)
}

/// A new workbook with the same grid of texts, marked like [`annotate_xlsx`]: for uploads in other formats
/// (.xls, .ods, .csv), where the original cannot be edited. Each sheet is its name and its rows.
///
/// # Errors
/// [`AnnotateError::Copy`] beyond Excel's limits.
pub fn annotated_copy(sheets: &[(String, Vec<Vec<String>>)], problems: &[CellProblem], summary: &[String]) -> Result<Vec<u8>, AnnotateError> {
    let mut writer = Writer::new();
    let mut names = SheetNames::default();
    let mut renamed: BTreeMap<&str, String> = BTreeMap::new();
    let text = Format::new().set_num_format("@");
    for (name, rows) in sheets {
        let sheet = add_sheet(&mut writer, rows.iter().map(Vec::len).sum())?;
        let given = names.take(name);
        sheet.set_name(&given)?;
        renamed.entry(name).or_insert(given);
        for (row, cells) in (0_u32..).zip(rows) {
            for (column, cell) in (0_u16..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
                sheet.write_string_with_format(row, column, clipped(cell), &text)?;
            }
        }
    }
    if sheets.is_empty() {
        writer.add_worksheet();
    }
    let problems: Vec<CellProblem> = problems
        .iter()
        .map(|problem| CellProblem { sheet: renamed.get(problem.sheet.as_str()).unwrap_or(&problem.sheet).clone(), ..problem.clone() })
        .collect();
    annotate_xlsx(&writer.save_to_buffer()?, &problems, summary)
}

fn within_limits(problem: &CellProblem) -> bool {
    problem.row < 1_048_576 && problem.col < 16_384
}

fn find(links: &[Relation], kind: &str) -> Option<Relation> {
    links.iter().find(|link| link.kind.ends_with(kind)).cloned()
}

fn add_styles(package: &mut Package, book_part: &str, relations: &str) -> Result<String, AnnotateError> {
    let part = package.free_name("xl/styles_cl", ".xml");
    package.set(&part, styles::PLAIN.to_owned());
    package.declare(&part, "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml")?;
    package.relate(book_part, &format!("{relations}/styles"), &part)?;
    Ok(part)
}

/// Marks one worksheet with its comments; gives the values of the marked cells.
fn mark_sheet(
    package: &mut Package,
    part: &str,
    messages: &Messages,
    styles: &mut Styles,
    relations: &str,
    main: &str,
) -> Result<BTreeMap<Place, Raw>, AnnotateError> {
    let broken = |part: &str| AnnotateError::Broken(part.to_owned());
    let source = package.text(part).map_err(|_| broken(part))?;
    let links = package.relations(part)?;
    let messages_shown: Messages = messages.iter().take(MAX_COMMENTS).map(|(place, text)| (*place, clipped(text))).collect();

    let drawing_id = sheet::legacy_drawing(&source);
    let drawing = drawing_id.and_then(|id| links.iter().find(|link| link.id == id)).map(|link| link.part.clone());
    let mut new_drawing = None;
    if find(&links, "/comments").is_some() || !messages_shown.is_empty() {
        let comments_part = match find(&links, "/comments") {
            Some(link) => link.part,
            None => {
                let comments_part = package.free_name("xl/comments_cl", ".xml");
                package.set(&comments_part, comments::empty_part(main));
                package.declare(&comments_part, "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml")?;
                package.relate(part, &format!("{relations}/comments"), &comments_part)?;
                comments_part
            }
        };
        let text = package.text(&comments_part).map_err(|_| broken(&comments_part))?;
        let done = comments::comment(&text, &messages_shown).ok_or_else(|| broken(&comments_part))?;
        let drawing_part = match drawing {
            Some(existing) => existing,
            None => {
                let drawing_part = package.free_name("xl/drawings/vmlDrawing_cl", ".vml");
                package.set(&drawing_part, comments::empty_drawing());
                package.declare(&drawing_part, "application/vnd.openxmlformats-officedocument.vmlDrawing")?;
                new_drawing = Some(package.relate(part, &format!("{relations}/vmlDrawing"), &drawing_part)?);
                drawing_part
            }
        };
        let text = package.text(&drawing_part).map_err(|_| broken(&drawing_part))?;
        let drawn = comments::draw(&text, &done.gone, &done.new).ok_or_else(|| broken(&drawing_part))?;
        package.set(&comments_part, done.xml);
        package.set(&drawing_part, drawn);
    }
    let cells: BTreeSet<Place> = messages.keys().copied().collect();
    let work = sheet::Work { cells: &cells, drawing: new_drawing.as_deref(), relations };
    let marked = sheet::mark(&source, styles, &work).ok_or_else(|| broken(part))?;
    package.set(part, marked.xml);
    Ok(marked.values)
}

/// The texts of those shared strings that the marked cells use.
fn shared_strings(package: &mut Package, links: &[Relation], values: &BTreeMap<(usize, Place), Raw>) -> BTreeMap<usize, String> {
    let wanted: BTreeSet<usize> = values.values().filter_map(|raw| if let Raw::Shared(at) = raw { Some(*at) } else { None }).collect();
    let mut found = BTreeMap::new();
    let Some(text) = find(links, "/sharedStrings").and_then(|link| package.text(&link.part).ok()) else {
        return found;
    };
    let (mut index, mut from, mut phonetic) = (0_usize, 0, false);
    let mut tokens = Tokens::new(&text);
    while let Ok(Some(token)) = tokens.next() {
        match (token.local(), token.tag) {
            ("si", Tag::Close | Tag::Empty) => index += 1,
            ("rPh", Tag::Open) => phonetic = true,
            ("rPh", Tag::Close) => phonetic = false,
            ("t", Tag::Open) => from = token.end,
            ("t", Tag::Close) if !phonetic && wanted.contains(&index) => {
                let piece = text.get(from..token.start).unwrap_or_default();
                let piece = quick_xml::escape::unescape(piece).unwrap_or_default();
                found.entry(index).or_insert_with(String::new).push_str(&piece);
            }
            _ => {}
        }
    }
    found
}
