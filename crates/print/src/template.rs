//! The workbook that goes out to be filled in and comes back.
//!
//! Sheet [`DATA_SHEET`]: row 1 is hidden and holds the machine's keys ([`MARK`] in A1, then one key per column),
//! row 2 the title, row 3 one line of help, row 4 the headings, row 5 the units, from row 6 the rows to fill.
//! Column A is hidden and holds the key of each row. Then come the label columns, then the columns to fill;
//! a share has two of them, `<key>.n` and `<key>.of`. The very hidden sheet [`KEY_SHEET`] holds the opaque key of the
//! whole form in B2 and the words of long lists. Only the cells to fill are unlocked; there is no password, because
//! the lock is against accidents.

mod rules;

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Note, ProtectionOptions, Workbook, Worksheet, XlsxError};

use crate::cell::{Cell, Language};
use crate::table::{HEAD, Kind, PrintError, add_sheet, clipped, page_setup, properties, write_cell};

/// The sheet to fill in.
pub const DATA_SHEET: &str = "Số liệu";
/// The very hidden sheet with the form's key (B2) and its version (B1).
pub const KEY_SHEET: &str = "_cl";
/// What stands in A1 of the sheet to fill in; the number is the version of this layout.
pub const MARK: &str = "cl/1";
/// First row to fill, counted from 0.
pub const FIRST_ROW: u32 = 5;
/// Word for yes in a column of kind [`Fill::YesNo`].
pub const YES: &str = "Đạt";
/// Word for no in a column of kind [`Fill::YesNo`].
pub const NO: &str = "Chưa đạt";

const TITLE_ROW: u32 = 1;
const HELP_ROW: u32 = 2;
const HEAD_ROW: u32 = 3;
const UNIT_ROW: u32 = 4;

/// What may be filled into a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Fill {
    /// A number in a range (both ends allowed), with at most so many decimals.
    Number { decimals: u8, min: Option<Decimal>, max: Option<Decimal> },
    /// A share: two columns of whole numbers, n (how many) and N (of how many), n ≤ N.
    Percent,
    /// [`YES`] or [`NO`].
    YesNo,
    /// One of these words.
    List(Vec<String>),
    /// Anything.
    Text,
}

/// One column to fill (two spreadsheet columns for [`Fill::Percent`]).
#[derive(Clone, Debug)]
pub struct TemplateColumn {
    /// Machine key, comes back unchanged in the hidden row.
    pub key: String,
    pub title: String,
    /// Unit of measure shown under the heading.
    pub unit: String,
    /// Definition, shown as a note on the heading; empty for none.
    pub hint: String,
    pub kind: Fill,
    /// Shown for information, not to be changed.
    pub locked: bool,
}

/// One row to fill.
#[derive(Clone, Debug)]
pub struct TemplateRow {
    /// Machine key, comes back unchanged in the hidden column.
    pub key: String,
    /// One per label column.
    pub labels: Vec<Cell>,
    /// Present values, one per *spreadsheet* column (two for a share); missing ones are left to fill.
    pub values: Vec<Option<Cell>>,
}

/// The whole form.
#[derive(Clone, Debug)]
pub struct TemplateSpec {
    pub language: Language,
    /// Day of making, for the file's properties.
    pub made: Date,
    pub title: String,
    /// Lines of the sheet "Hướng dẫn".
    pub guide: Vec<String>,
    /// Opaque to this crate: what the reader needs to know the form again.
    pub key: String,
    /// Headings of the label columns, for instance "Mã", "Xã".
    pub label_titles: Vec<String>,
    pub columns: Vec<TemplateColumn>,
    pub rows: Vec<TemplateRow>,
    /// Words that may stand for a value everywhere, for instance "Không áp dụng"; keep them few and short.
    pub absent: Vec<String>,
}

/// One spreadsheet column of the form.
struct Slot<'a> {
    column: &'a TemplateColumn,
    /// `Some(false)` is n and `Some(true)` is N of a share.
    of: Option<bool>,
}

impl Slot<'_> {
    fn key(&self) -> String {
        match self.of {
            None => self.column.key.clone(),
            Some(false) => format!("{}.n", self.column.key),
            Some(true) => format!("{}.of", self.column.key),
        }
    }

    fn unit(&self, language: Language) -> String {
        let unit = &self.column.unit;
        match self.of {
            None => unit.clone(),
            Some(false) => format!("{} (n) {unit}", language.pick("Số đạt", "Count")).trim_end().to_owned(),
            Some(true) => format!("{} (N) {unit}", language.pick("Tổng số", "Out of")).trim_end().to_owned(),
        }
    }

    fn kind(&self) -> Kind {
        match &self.column.kind {
            Fill::Number { decimals, .. } => Kind::Number { decimals: *decimals },
            Fill::Percent => Kind::Number { decimals: 0 },
            _ => Kind::Text,
        }
    }
}

/// The form as .xlsx bytes.
///
/// # Errors
/// [`PrintError::TooLarge`] beyond Excel's rows and columns; [`PrintError::Workbook`] when the writer fails.
pub fn template_xlsx(spec: &TemplateSpec) -> Result<Vec<u8>, PrintError> {
    let slots: Vec<Slot> = spec
        .columns
        .iter()
        .flat_map(|column| match column.kind {
            Fill::Percent => vec![Slot { column, of: Some(false) }, Slot { column, of: Some(true) }],
            _ => vec![Slot { column, of: None }],
        })
        .collect();
    let labels = u16::try_from(spec.label_titles.len()).map_err(|_| PrintError::TooLarge)?;
    let width = usize::from(labels) + slots.len() + 1;
    if width > 16_384 || spec.rows.len() > 1_000_000 {
        return Err(PrintError::TooLarge);
    }
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(&spec.title, spec.made)?);
    let sheet = add_sheet(&mut workbook, width * spec.rows.len())?;
    sheet.set_name(DATA_SHEET)?;
    let first = labels + 1;
    write_head(sheet, spec, &slots, first)?;
    write_rows(sheet, spec, &slots, first)?;
    let mut long_lists = Vec::new();
    if let Some(last) = u32::try_from(spec.rows.len()).ok().and_then(|count| count.checked_sub(1)) {
        for (index, slot) in (first..).zip(&slots).filter(|(_, slot)| !slot.column.locked) {
            if let Some(rule) = rules::validation(slot, index, spec, &mut long_lists)? {
                sheet.add_data_validation(FIRST_ROW, index, FIRST_ROW + last, index, &rule)?;
            }
        }
    }
    sheet.set_freeze_panes(FIRST_ROW, first)?;
    sheet.set_repeat_rows(HEAD_ROW, UNIT_ROW)?;
    sheet.set_repeat_columns(0, labels)?;
    page_setup(sheet, true, spec.language);
    if slots.len() <= 14 {
        sheet.set_print_fit_to_pages(1, 0);
    }
    sheet.protect_with_options(&ProtectionOptions { format_columns: true, format_rows: true, ..ProtectionOptions::default() });
    write_guide(&mut workbook, spec)?;
    let keys = workbook.add_worksheet();
    keys.set_name(KEY_SHEET)?.set_very_hidden(true);
    keys.write_string(0, 0, "format")?.write_string(0, 1, MARK)?;
    keys.write_string(1, 0, "key")?.write_string(1, 1, clipped(&spec.key))?;
    for (column, words) in (3_u16..).zip(&long_lists) {
        for (row, word) in (0_u32..).zip(words) {
            keys.write_string(row, column, clipped(word))?;
        }
    }
    Ok(workbook.save_to_buffer()?)
}

fn write_guide(workbook: &mut Workbook, spec: &TemplateSpec) -> Result<(), XlsxError> {
    let sheet = workbook.add_worksheet();
    sheet.set_name(spec.language.pick("Hướng dẫn", "Guide"))?;
    sheet.set_column_width(0, 110)?;
    let line = Format::new().set_text_wrap();
    sheet.write_string_with_format(0, 0, clipped(&spec.title), &Format::new().set_bold().set_font_size(14))?;
    for (row, text) in (2_u32..).zip(&spec.guide) {
        sheet.write_string_with_format(row, 0, clipped(text), &line)?;
    }
    page_setup(sheet, false, spec.language);
    Ok(())
}

fn write_head(sheet: &mut Worksheet, spec: &TemplateSpec, slots: &[Slot], first: u16) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold().set_font_size(14);
    let head = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_background_color(HEAD)
        .set_border(FormatBorder::Thin)
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter);
    let unit = Format::new().set_italic().set_text_wrap().set_background_color(HEAD).set_border(FormatBorder::Thin).set_align(FormatAlign::Center);
    sheet.set_column_hidden(0)?;
    for index in 1..first {
        // The first label is usually a code, the second a name.
        sheet.set_column_width(index, if index == 1 && first > 2 { 12 } else { 26 })?;
    }
    for (index, slot) in (first..).zip(slots) {
        sheet.set_column_width(index, if slot.kind() == Kind::Text { 18 } else { 13 })?;
    }
    sheet.set_row_hidden(0)?;
    sheet.write_string(0, 0, MARK)?;
    for (index, slot) in (first..).zip(slots) {
        sheet.write_string(0, index, clipped(&slot.key()))?;
    }
    let shown = first.min(1);
    sheet.write_string_with_format(TITLE_ROW, shown, clipped(&spec.title), &bold)?;
    let help = spec.language.pick(
        "Chỉ nhập vào các ô trắng; để trống nếu chưa có số liệu. Rê chuột lên tiêu đề cột để xem định nghĩa.",
        "Fill in the white cells only; leave empty what is not known yet. Hover over a heading for its definition.",
    );
    sheet.write_string_with_format(HELP_ROW, shown, help, &Format::new().set_italic())?;
    sheet.set_row_height(HEAD_ROW, 62)?;
    for (index, title) in (1_u16..).zip(&spec.label_titles) {
        sheet.write_string_with_format(HEAD_ROW, index, clipped(title), &head)?;
    }
    for (index, slot) in (first..).zip(slots) {
        match slot.of {
            Some(false) => {
                sheet.merge_range(HEAD_ROW, index, HEAD_ROW, index + 1, &clipped(&slot.column.title), &head)?;
            }
            Some(true) => {}
            None => {
                sheet.write_string_with_format(HEAD_ROW, index, clipped(&slot.column.title), &head)?;
            }
        }
        if !slot.column.hint.is_empty() && slot.of != Some(true) {
            let note = Note::new(clipped(&slot.column.hint)).add_author_prefix(false).set_width(280).set_height(140);
            sheet.insert_note(HEAD_ROW, index, &note)?;
        }
    }
    sheet.set_row_height(UNIT_ROW, 32)?;
    for index in 1..first {
        sheet.write_string_with_format(UNIT_ROW, index, "", &unit)?;
    }
    for (index, slot) in (first..).zip(slots) {
        sheet.write_string_with_format(UNIT_ROW, index, clipped(&slot.unit(spec.language)), &unit)?;
    }
    Ok(())
}

fn write_rows(sheet: &mut Worksheet, spec: &TemplateSpec, slots: &[Slot], first: u16) -> Result<(), XlsxError> {
    let label = Format::new().set_num_format("@").set_background_color(Color::RGB(0x00F3_F3F1)).set_border(FormatBorder::Hair);
    let formats: Vec<(Kind, Format, Format)> = slots
        .iter()
        .map(|slot| {
            let base = Format::new().set_border(FormatBorder::Hair);
            let base = if slot.column.locked { base.set_background_color(Color::RGB(0x00F3_F3F1)) } else { base.set_unlocked() };
            let kind = slot.kind();
            (kind, base.clone().set_num_format(kind.format()), base)
        })
        .collect();
    for (row, line) in (FIRST_ROW..).zip(&spec.rows) {
        sheet.write_string(row, 0, clipped(&line.key))?;
        for (index, cell) in (1..first).zip(&line.labels) {
            write_cell(sheet, row, index, cell, Kind::Text, &label, &label)?;
        }
        let values = line.values.iter().map(Option::as_ref).chain(std::iter::repeat(None));
        for (index, (value, (kind, format, text))) in (first..).zip(values.zip(&formats)) {
            match value {
                Some(cell) if *cell != Cell::Empty => write_cell(sheet, row, index, cell, *kind, format, text)?,
                _ => {
                    sheet.write_blank(row, index, format)?;
                }
            }
        }
    }
    Ok(())
}
