//! A workbook as plain rows of text, for lists that are no figures.

use super::open::{OpenError, Progress, open};
use ui::AppError;

/// Columns and rows that are looked at.
const COLUMNS: u32 = 60;
const ROWS: usize = 5_000;

/// The visible sheets of an upload as rows of text, numbers and days as people write them; merged cells are filled. The file
/// passes the same inspection as a workbook of figures.
///
/// # Errors
/// 422 with the code of the refusal, or `upload_damaged`.
pub fn grid(name: &str, bytes: &[u8]) -> Result<Vec<Vec<Vec<String>>>, AppError> {
    let (_, book) = open(name, bytes, &Progress::default()).map_err(|error| match error {
        OpenError::Refused(problem) => AppError::new(problem.code(), 422).say(problem.vi(), problem.en()).at("file"),
        OpenError::Unreadable | OpenError::Cancelled => AppError::new("upload_damaged", 422)
            .say("Không đọc được tệp này.", "The file cannot be read.")
            .mend("Mở bằng Excel rồi lưu lại thành .xlsx.", "Open it in Excel and save it as .xlsx.")
            .at("file"),
    })?;
    let sheets = book.sheets.iter().filter(|s| !s.hidden);
    Ok(sheets
        .map(|sheet| {
            let wide = sheet.rows.iter().filter_map(|r| r.cells.last()).map(|c| c.col + 1).max().unwrap_or(0).min(COLUMNS);
            let text = |row: u32, col: u32| sheet.filled(row, col).map(|c| c.text(true)).unwrap_or_default();
            sheet.rows.iter().take(ROWS).map(|row| (0..wide).map(|col| text(row.at, col)).collect()).collect()
        })
        .collect())
}
