//! A workbook as read, whatever its format: sparse, bounded, without formulas.

use jiff::civil::Date;
use lang::legacy::{self, Encoding};

/// What stands in a cell. Empty cells are not kept.
#[derive(Clone, Debug, PartialEq)]
pub enum Datum {
    /// A number; `true` when the cell shows it as a percentage (0.45 for 45 %).
    Number(f64, bool),
    /// Text as it is in the file, not yet cleaned or decoded.
    Text(Box<str>),
    /// A tick.
    Yes(bool),
    /// A day.
    Day(Date),
    /// `#REF!` and its sisters.
    Error,
}

/// One filled cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Column from 0.
    pub col: u32,
    /// What stands in it.
    pub datum: Datum,
    /// The encoding its font stands for; none for Unicode fonts and formats without fonts.
    pub font: Option<Encoding>,
}

/// One row with its filled cells in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Row from 0.
    pub at: u32,
    /// Filled cells, by column.
    pub cells: Vec<Cell>,
    /// Whether it is hidden in the file.
    pub hidden: bool,
}

/// A merged range: first row, first column, last row, last column.
pub type Merge = (u32, u32, u32, u32);

/// One sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// Name.
    pub name: String,
    /// Hidden in the file.
    pub hidden: bool,
    /// Filled rows in order.
    pub rows: Vec<Row>,
    /// Merged ranges.
    pub merges: Vec<Merge>,
    /// Hidden columns.
    pub hidden_cols: Vec<u32>,
}

/// All sheets of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Book {
    /// Sheets in order.
    pub sheets: Vec<Sheet>,
}

impl Cell {
    /// The text decoded by its font (or by `guess` where it has none) and cleaned; numbers and days as people write them.
    pub fn text(&self, guess: bool) -> String {
        match &self.datum {
            Datum::Text(raw) => {
                let encoding = self.font.or_else(|| if guess { legacy::suspect(raw) } else { None });
                match encoding {
                    // Texts beyond Latin-1 are Unicode already, whatever the font says.
                    Some(encoding) if raw.chars().all(|c| c <= '\u{FF}' || c == 'μ') => lang::clean(&legacy::decode(raw, encoding)),
                    _ => lang::clean(raw),
                }
            }
            Datum::Number(n, _) => decimal(*n).map_or_else(String::new, |d| lang::show::number_upto(d, 10)),
            Datum::Yes(yes) => (if *yes { "x" } else { "" }).to_owned(),
            Datum::Day(day) => lang::show::short_date(*day),
            Datum::Error => "#…".to_owned(),
        }
    }

    /// The text with its old encoding, if it would change: (as stored, decoded, whether the font says so).
    pub fn legacy(&self) -> Option<(String, String, bool)> {
        let Datum::Text(raw) = &self.datum else { return None };
        let decoded = self.text(true);
        let plain = lang::clean(raw);
        (decoded != plain).then_some((plain, decoded, self.font.is_some()))
    }

    /// The number in it.
    pub fn number(&self) -> Option<f64> {
        if let Datum::Number(n, _) = self.datum { Some(n) } else { None }
    }
}

impl Row {
    /// The cell of a column.
    pub fn cell(&self, col: u32) -> Option<&Cell> {
        self.cells.binary_search_by_key(&col, |c| c.col).ok().and_then(|at| self.cells.get(at))
    }

    /// Adds a cell behind the others; one further left is put in its place.
    pub fn push(&mut self, cell: Cell) {
        match self.cells.last() {
            Some(last) if last.col >= cell.col => match self.cells.binary_search_by_key(&cell.col, |c| c.col) {
                Ok(at) => {
                    if let Some(old) = self.cells.get_mut(at) {
                        *old = cell;
                    }
                }
                Err(at) => self.cells.insert(at, cell),
            },
            _ => self.cells.push(cell),
        }
    }
}

impl Sheet {
    /// The row at a position.
    pub fn row(&self, at: u32) -> Option<&Row> {
        self.rows.binary_search_by_key(&at, |r| r.at).ok().and_then(|i| self.rows.get(i))
    }

    /// A cell.
    pub fn cell(&self, row: u32, col: u32) -> Option<&Cell> {
        self.row(row)?.cell(col)
    }

    /// The cell that fills a place: its own, or the first of the merged range it lies in.
    pub fn filled(&self, row: u32, col: u32) -> Option<&Cell> {
        self.cell(row, col).or_else(|| {
            let merge = self.merges.iter().find(|m| (m.0..=m.2).contains(&row) && (m.1..=m.3).contains(&col))?;
            self.cell(merge.0, merge.1)
        })
    }

    /// Number of columns up to the last filled one.
    pub fn width(&self) -> u32 {
        self.rows.iter().filter_map(|r| r.cells.last()).map(|c| c.col + 1).max().unwrap_or(0)
    }

    /// The row to which cells are added, rows coming in order.
    pub(super) fn row_mut(&mut self, at: u32) -> Option<&mut Row> {
        if self.rows.last().is_none_or(|last| last.at < at) {
            self.rows.push(Row { at, ..Row::default() });
            return self.rows.last_mut();
        }
        match self.rows.binary_search_by_key(&at, |r| r.at) {
            Ok(found) => self.rows.get_mut(found),
            Err(place) => {
                self.rows.insert(place, Row { at, ..Row::default() });
                self.rows.get_mut(place)
            }
        }
    }
}

impl Book {
    /// A sheet by name.
    pub fn sheet(&self, name: &str) -> Option<&Sheet> {
        self.sheets.iter().find(|s| s.name == name)
    }

    /// The texts of all sheets, for a marked copy of files that cannot be edited.
    pub fn texts(&self) -> Vec<(String, Vec<Vec<String>>)> {
        self.sheets
            .iter()
            .map(|sheet| {
                let mut rows: Vec<Vec<String>> = Vec::new();
                for row in &sheet.rows {
                    let at = row.at as usize;
                    // A far-off row would make millions of empty ones; it is left where the table ends.
                    if at > rows.len() + 1_000 {
                        break;
                    }
                    rows.resize(at, Vec::new());
                    let mut line = Vec::new();
                    for cell in row.cells.iter().filter(|c| c.col < 1_000) {
                        line.resize(cell.col as usize, String::new());
                        line.push(cell.text(false));
                    }
                    rows.push(line);
                }
                (sheet.name.clone(), rows)
            })
            .collect()
    }
}

/// The exact decimal of a spreadsheet's number: 15 digits, which is all Excel keeps, so that 0.1 + 0.2 is 0.3.
pub fn decimal(n: f64) -> Option<rust_decimal::Decimal> {
    if !n.is_finite() {
        return None;
    }
    rust_decimal::Decimal::from_scientific(&format!("{n:.14e}")).ok().map(|d| d.normalize())
}

/// The letters of a column counted from 0: `A`, `Z`, `AA`.
pub fn column(col: u32) -> String {
    let (mut rest, mut letters) = (u64::from(col) + 1, Vec::new());
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

/// `F27`.
pub fn address(row: u32, col: u32) -> String {
    format!("{}{}", column(col), row + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lose_the_noise_of_floats() {
        assert_eq!(decimal(0.1 + 0.2).unwrap().to_string(), "0.3");
        assert_eq!(decimal(45.199_999_999_999_996).unwrap().to_string(), "45.2");
        assert_eq!(decimal(1e15).unwrap().to_string(), "1000000000000000");
        assert_eq!(decimal(f64::NAN), None);
        assert_eq!(decimal(1e300), None);
        assert_eq!(decimal(0.0).unwrap().to_string(), "0");
        assert_eq!((address(26, 5), address(0, 26)), ("F27".to_owned(), "AA1".to_owned()));
    }

    #[test]
    fn the_font_tells_the_encoding() {
        let cell = |text: &str, font| Cell { col: 0, datum: Datum::Text(text.into()), font };
        assert_eq!(cell("TØnh Thanh Hãa", Some(Encoding::Tcvn3)).text(false), "Tỉnh Thanh Hóa");
        assert_eq!(cell("Tỉnh Thanh Hóa", Some(Encoding::Tcvn3)).text(false), "Tỉnh Thanh Hóa");
        assert_eq!(cell("TØnh Thanh Hãa", None).text(false), "TØnh Thanh Hãa");
        assert_eq!(cell("TØnh Thanh Hãa", None).legacy().unwrap().1, "Tỉnh Thanh Hóa");
    }
}
