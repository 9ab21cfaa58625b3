//! A table for the office: Excel with its source and definitions beside it, or CSV for machines.

use std::collections::HashSet;

use jiff::civil::Date;
use rust_xlsxwriter::{Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, IgnoreError, Workbook, Worksheet, XlsxError};

use crate::cell::{Cell, Language, float};

/// Rows of a worksheet in Excel.
const MAX_ROWS: usize = 1_048_576;
/// Columns of a worksheet in Excel.
const MAX_COLUMNS: usize = 16_384;
/// Longest text of a cell, in UTF-16 units, with room for the ellipsis.
const MAX_TEXT: usize = 32_000;
/// Above this many cells a worksheet goes through a temporary file instead of memory.
const LARGE: usize = 20_000;
/// The green of a head row (rice leaf, pale enough for black print).
pub(crate) const HEAD: Color = Color::RGB(0x00E3_EFDC);

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text, kept as text: codes do not lose their zeros.
    Text,
    /// Numbers with so many decimals.
    Number { decimals: u8 },
    /// Percentages given as the number before the sign (45.2), with so many decimals.
    Percent { decimals: u8 },
    /// Days.
    Date,
}

impl Kind {
    /// The spreadsheet's number format. The language tag makes LibreOffice show `1.234,5` on an English system;
    /// Excel follows the computer's region whatever the file says.
    pub(crate) fn format(self) -> String {
        let decimals = |count: u8| {
            if count == 0 { String::new() } else { format!(".{}", "0".repeat(count.into())) }
        };
        match self {
            Kind::Text => "@".to_owned(),
            Kind::Number { decimals: count } => format!("[$-42A]#,##0{}", decimals(count)),
            Kind::Percent { decimals: count } => format!("[$-42A]0{}%", decimals(count)),
            Kind::Date => "dd/mm/yyyy".to_owned(),
        }
    }

    /// Text for people, as on a page: `1.234,5`, `45,2%`, `05/02/2026`.
    pub fn shown(self, cell: &Cell) -> String {
        match (self, cell.number()) {
            (Kind::Percent { decimals }, Some(_)) => format!("{}%", cell.shown(decimals.into())),
            (Kind::Number { decimals }, _) => cell.shown(decimals.into()),
            (_, Some(value)) => cell.shown(value.normalize().scale()),
            (_, None) => cell.shown(0),
        }
    }
}

/// One column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    pub title: String,
    pub kind: Kind,
    /// Width in characters; 0 asks for one that suits the contents.
    pub width: u16,
}

impl Column {
    /// A column whose width follows its contents.
    pub fn new(title: impl Into<String>, kind: Kind) -> Column {
        Column { title: title.into(), kind, width: 0 }
    }
}

/// A table with its heading and its footnotes. Rows shorter than the columns are filled up with empty cells;
/// cells beyond the last column are not written.
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub title: String,
    pub subtitle: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
    pub notes: Vec<String>,
}

/// A workbook: sheets of data, where they come from, and what the words mean.
#[derive(Clone, Debug)]
pub struct Book {
    pub language: Language,
    /// Day of the export, for the file's properties.
    pub made: Date,
    pub sheets: Vec<Table>,
    /// Name and value: address, time, who asked, filters.
    pub about: Vec<(String, String)>,
    pub definitions: Option<Table>,
}

/// Why a workbook could not be written.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// More rows or columns than a worksheet of Excel has.
    #[error("a worksheet holds at most 1,048,576 rows and 16,384 columns")]
    TooLarge,
    /// The writer failed (temporary folder full, for instance).
    #[error("the workbook could not be written: {0}")]
    Workbook(#[from] XlsxError),
    /// The archive could not be written.
    #[error("the file could not be written: {0}")]
    Archive(#[from] zip::result::ZipError),
    /// Writing to memory failed.
    #[error("the file could not be written: {0}")]
    Io(#[from] std::io::Error),
}

/// The workbook as .xlsx bytes: the data sheets, then "Nguồn" and "Định nghĩa".
///
/// # Errors
/// [`PrintError::TooLarge`] beyond Excel's limits; [`PrintError::Workbook`] when the temporary folder is full.
pub fn to_xlsx(book: &Book) -> Result<Vec<u8>, PrintError> {
    let mut workbook = Workbook::new();
    let title = book.sheets.first().map_or("", |table| table.title.as_str());
    workbook.set_properties(&properties(title, book.made)?);
    let mut names = SheetNames::default();
    for table in &book.sheets {
        write_table(&mut workbook, &names.take(&table.title), table, book.language)?;
    }
    let about = Table {
        title: book.language.pick("Nguồn", "Source").to_owned(),
        columns: vec![
            Column { title: book.language.pick("Mục", "Item").into(), kind: Kind::Text, width: 24 },
            Column { title: book.language.pick("Nội dung", "Value").into(), kind: Kind::Text, width: 90 },
        ],
        rows: book.about.iter().map(|(name, value)| vec![name.as_str().into(), value.as_str().into()]).collect(),
        ..Table::default()
    };
    write_table(&mut workbook, &names.take(&about.title), &about, book.language)?;
    if let Some(definitions) = &book.definitions {
        let name = names.take(book.language.pick("Định nghĩa", "Definitions"));
        write_table(&mut workbook, &name, definitions, book.language)?;
    }
    Ok(workbook.save_to_buffer()?)
}

/// The rows under one head line as CSV (RFC 4180) in UTF-8 with a byte order mark, because Excel needs it.
/// Numbers have a decimal point, days are ISO 8601. Texts that a spreadsheet would run get a leading apostrophe.
pub fn to_csv(table: &Table) -> Vec<u8> {
    let mut out = "\u{feff}".to_owned();
    line(&mut out, table.columns.iter().map(|column| guarded(&column.title)));
    for row in &table.rows {
        let cells = (0..table.columns.len()).map(|index| row.get(index).unwrap_or(&Cell::Empty));
        line(
            &mut out,
            cells.map(|cell| match cell {
                Cell::Empty => String::new(),
                Cell::Text(text) => guarded(text),
                Cell::Number(value) => value.to_string(),
                Cell::Int(value) => value.to_string(),
                Cell::Date(date) => date.to_string(),
            }),
        );
    }
    out.into_bytes()
}

fn line(out: &mut String, fields: impl Iterator<Item = String>) {
    for (index, field) in fields.enumerate() {
        if index > 0 {
            out.push(',');
        }
        if field.contains(['"', ',', '\n', '\r']) || field.starts_with(' ') || field.ends_with(' ') {
            out.push('"');
            out.push_str(&field.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&field);
        }
    }
    out.push_str("\r\n");
}

/// Whether a spreadsheet might take the text for a formula.
pub(crate) fn is_formula_like(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

fn guarded(text: &str) -> String {
    if is_formula_like(text) { format!("'{text}") } else { text.to_owned() }
}

pub(crate) fn properties(title: &str, made: Date) -> Result<DocProperties, XlsxError> {
    let created = ExcelDateTime::from_ymd(made.year().unsigned_abs(), made.month().unsigned_abs(), made.day().unsigned_abs())?;
    Ok(DocProperties::new().set_title(clipped(title)).set_author("Cổng Làng").set_creation_datetime(&created))
}

/// Text cut to what a cell may hold.
pub(crate) fn clipped(text: &str) -> String {
    let mut units = 0;
    for (index, letter) in text.char_indices() {
        units += letter.len_utf16();
        if units > MAX_TEXT {
            return format!("{}…", text.get(..index).unwrap_or_default());
        }
    }
    text.to_owned()
}

/// Gives each sheet a name that Excel accepts: at most 31 units, none of `[]:*?/\`, no quote at the ends, unique.
#[derive(Default)]
pub(crate) struct SheetNames(HashSet<String>);

impl SheetNames {
    pub(crate) fn take(&mut self, wanted: &str) -> String {
        let clean: String = wanted.chars().map(|c| if c.is_control() || "[]:*?/\\".contains(c) { ' ' } else { c }).collect();
        let words = clean.split_whitespace().collect::<Vec<_>>().join(" ");
        let base = words.trim_matches(|c: char| c == '\'' || c == ' ');
        // "History" is a name Excel keeps for itself.
        let base = if base.is_empty() || base.eq_ignore_ascii_case("history") { "Bảng" } else { base };
        for number in 1_u32.. {
            let tail = if number == 1 { String::new() } else { format!(" ({number})") };
            let mut room = 31_usize.saturating_sub(tail.encode_utf16().count());
            let head: String = base
                .chars()
                .take_while(|c| {
                    let fits = c.len_utf16() <= room;
                    room = room.saturating_sub(if fits { c.len_utf16() } else { room });
                    fits
                })
                .collect();
            let name = format!("{}{tail}", head.trim_end_matches([' ', '\'']));
            if self.0.insert(name.to_lowercase()) {
                return name;
            }
        }
        String::new()
    }
}

/// A new worksheet; a large one keeps only its current row in memory.
pub(crate) fn add_sheet(workbook: &mut Workbook, cells: usize) -> Result<&mut Worksheet, XlsxError> {
    if cells > LARGE { workbook.add_worksheet_with_low_memory() } else { Ok(workbook.add_worksheet()) }
}

fn write_table(workbook: &mut Workbook, name: &str, table: &Table, language: Language) -> Result<(), PrintError> {
    let heading = 2 + usize::from(!table.subtitle.is_empty());
    if table.rows.len() + table.notes.len() + heading + 3 > MAX_ROWS || table.columns.len() > MAX_COLUMNS {
        return Err(PrintError::TooLarge);
    }
    let sheet = add_sheet(workbook, table.rows.len() * table.columns.len())?;
    sheet.set_name(name)?;
    let formats: Vec<Format> = table.columns.iter().map(|column| cell_format(column.kind)).collect();
    for (index, column) in (0_u16..).zip(&table.columns) {
        sheet.set_column_width(index, width(table, index, column))?;
    }
    let head_row = u32::try_from(heading).map_err(|_| PrintError::TooLarge)?;
    sheet.write_string_with_format(0, 0, clipped(&table.title), &Format::new().set_bold().set_font_size(14))?;
    if !table.subtitle.is_empty() {
        sheet.write_string_with_format(1, 0, clipped(&table.subtitle), &Format::new().set_italic())?;
    }
    let head = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_background_color(HEAD)
        .set_border(FormatBorder::Thin)
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter);
    for (index, column) in (0_u16..).zip(&table.columns) {
        sheet.write_string_with_format(head_row, index, clipped(&column.title), &head)?;
    }
    let text = cell_format(Kind::Text);
    let plain = Format::new();
    for (row, cells) in (head_row + 1..).zip(&table.rows) {
        for (index, (cell, (column, format))) in (0_u16..).zip(cells.iter().zip(table.columns.iter().zip(&formats))) {
            write_cell(sheet, row, index, cell, column.kind, format, &text)?;
        }
    }
    let after = head_row + u32::try_from(table.rows.len()).map_err(|_| PrintError::TooLarge)?;
    if let Some(last) = u16::try_from(table.columns.len()).ok().and_then(|count| count.checked_sub(1)) {
        if !table.rows.is_empty() {
            sheet.autofilter(head_row, 0, after, last)?;
            sheet.ignore_error_range(head_row, 0, after, last, IgnoreError::NumberStoredAsText)?;
        }
        sheet.set_repeat_rows(head_row, head_row)?;
    }
    for (row, note) in (after + 2..).zip(&table.notes) {
        sheet.write_string_with_format(row, 0, clipped(note), &plain)?;
    }
    sheet.set_freeze_panes(head_row + 1, 0)?;
    page_setup(sheet, table.columns.len() > 6, language);
    sheet.set_print_fit_to_pages(1, 0);
    Ok(())
}

/// A4 with a page count at the foot.
pub(crate) fn page_setup(sheet: &mut Worksheet, landscape: bool, language: Language) {
    sheet.set_paper_size(9);
    if landscape {
        sheet.set_landscape();
    }
    sheet.set_footer(format!("&C{} &P/&N", language.pick("Trang", "Page")));
}

pub(crate) fn cell_format(kind: Kind) -> Format {
    let format = Format::new().set_num_format(kind.format()).set_align(FormatAlign::Top);
    if kind == Kind::Text { format.set_text_wrap() } else { format }
}

/// Writes one value. `format` belongs to the column, `text` is for words where a number was expected ("không áp dụng").
pub(crate) fn write_cell(sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell, kind: Kind, format: &Format, text: &Format) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => {}
        Cell::Text(words) => {
            let format = if kind == Kind::Text { format } else { text };
            sheet.write_string_with_format(row, column, clipped(words), format)?;
        }
        Cell::Date(date) => {
            let shown = if kind == Kind::Date { format.clone() } else { format.clone().set_num_format(Kind::Date.format()) };
            match ExcelDateTime::from_ymd(date.year().unsigned_abs(), date.month().unsigned_abs(), date.day().unsigned_abs()) {
                Ok(value) if date.year() >= 1900 => sheet.write_datetime_with_format(row, column, &value, &shown)?,
                _ => sheet.write_string_with_format(row, column, cell.shown(0), text)?,
            };
        }
        Cell::Number(_) | Cell::Int(_) => {
            let value = float(cell.number().unwrap_or_default());
            let value = if matches!(kind, Kind::Percent { .. }) { value / 100.0 } else { value };
            sheet.write_number_with_format(row, column, value, format)?;
        }
    }
    Ok(())
}

/// Characters that suit the title and the first rows.
fn width(table: &Table, index: u16, column: &Column) -> f64 {
    if column.width > 0 {
        return f64::from(column.width.min(255));
    }
    let title = column.title.chars().count().min(24);
    let cells = table.rows.iter().take(500).filter_map(|row| row.get(usize::from(index)));
    let longest = cells.map(|cell| column.kind.shown(cell).chars().count()).max().unwrap_or(0);
    let count = u16::try_from(longest.max(title).clamp(8, 60)).unwrap_or(60);
    f64::from(count) + 2.0
}
