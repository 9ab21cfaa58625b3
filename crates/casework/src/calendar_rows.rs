//! A year's days off as rows of a table (pasted, .csv, .xlsx): first day, last day, kind, name, source. They become the calendar's own
//! text, in place of what was known of the same years.

use calamine::{Data, Reader as _};
use jiff::civil::{Date, date};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use toml::{Table, Value};
use ui::AppError;

/// Most rows that are read.
const MOST: usize = 2_000;
/// Most wrong rows that are told at once.
const TOLD: usize = 20;

/// What a row says of its days.
enum Says {
    /// Off, by the word in the calendar.
    Off(&'static str),
    /// Worked, although it is a Saturday or Sunday.
    Worked,
}

fn says(word: &str) -> Option<Says> {
    Some(match lang::fold(word).trim() {
        "" | "nghi le" | "le" | "nghi" | "statutory" => Says::Off("statutory"),
        "nghi bu" | "bu" | "lieu" => Says::Off("lieu"),
        "nghi hoan doi" | "hoan doi" | "swapped" => Says::Off("swapped"),
        "nghi theo quyet dinh cua tinh" | "tinh" | "provincial" => Says::Off("provincial"),
        "nghi khac" | "khac" | "other" => Says::Off("other"),
        "lam bu" | "lam viec" | "lam" | "working" => Says::Worked,
        _ => return None,
    })
}

/// Splits pasted or CSV text into cells.
fn cells(text: &str) -> Vec<Vec<String>> {
    let sign = ['\t', ';', ','].into_iter().find(|sign| text.lines().take(3).any(|line| line.contains(*sign))).unwrap_or('\t');
    let cell = |part: &str| lang::clean(part.trim().trim_matches('"'));
    text.trim_start_matches('\u{feff}').lines().map(|line| line.split(sign).map(cell).collect()).collect()
}

/// The first sheet of a workbook as text with tabs; dates as people write them.
///
/// # Errors
/// 422 `calendar_unreadable` for what is no workbook.
pub fn workbook_text(bytes: &[u8]) -> Result<String, AppError> {
    let no_book = |_| {
        AppError::new("calendar_unreadable", 422)
            .say("Không đọc được bảng tính này.", "This workbook cannot be read.")
            .mend("Lưu lại dạng .xlsx hoặc .csv.", "Save it again as .xlsx or .csv.")
            .at("body")
    };
    let mut book: calamine::Xlsx<_> = calamine::Xlsx::new(Cursor::new(bytes)).map_err(no_book)?;
    let sheet = book.sheet_names().first().cloned().unwrap_or_default();
    let range = book.worksheet_range(&sheet).map_err(no_book)?;
    let words = |cell: &Data| match cell {
        Data::Empty => String::new(),
        // Days since the end of 1899, as spreadsheets count; the fraction is the time of day.
        #[expect(clippy::cast_possible_truncation, reason = "days of a calendar")]
        Data::DateTime(at) => {
            let days = jiff::Span::new().try_days(at.as_f64() as i64);
            days.and_then(|days| date(1899, 12, 30).checked_add(days)).map_or_else(|_| String::new(), |day| day.to_string())
        }
        other => lang::clean(&other.to_string()),
    };
    let rows: Vec<String> = range.rows().take(MOST + 2).map(|row| row.iter().map(words).collect::<Vec<_>>().join("\t")).collect();
    Ok(rows.join("\n"))
}

fn text(value: impl Into<String>) -> Value {
    Value::String(value.into())
}

/// Reads rows into the text of a calendar: their years replace those of `before`, everything else of it stays.
///
/// # Errors
/// 422 `calendar_unreadable` naming each wrong row.
pub fn merged(before: &str, rows: &str, document: &str) -> Result<String, AppError> {
    let mut wrong: Vec<String> = Vec::new();
    let mut years: BTreeMap<i16, (Vec<Value>, Vec<Value>)> = BTreeMap::new();
    let mut seen: BTreeSet<Date> = BTreeSet::new();
    for (at, row) in cells(rows).iter().enumerate().take(MOST) {
        let cell = |n: usize| row.get(n).map_or("", String::as_str);
        if row.iter().all(String::is_empty) {
            continue;
        }
        let day = |text: &str| text.parse::<Date>().ok().or_else(|| lang::parse_date(text).ok());
        let Some(first) = day(cell(0)) else {
            // A heading stands above the first row.
            if !years.is_empty() || !wrong.is_empty() || at > 5 {
                wrong.push(format!("dòng {}: “{}” không phải ngày (is no date)", at + 1, cell(0)));
            }
            continue;
        };
        let last = if cell(1).is_empty() { Some(first) } else { day(cell(1)) };
        let Some(last) = last.filter(|last| *last >= first && last.year() == first.year() && first.until(*last).is_ok_and(|s| s.get_days() < 32)) else {
            wrong.push(format!("dòng {}: ngày cuối “{}” phải cùng năm, sau ngày đầu, cách không quá 31 ngày (last day)", at + 1, cell(1)));
            continue;
        };
        let Some(kind) = says(cell(2)) else {
            wrong.push(format!("dòng {}: chưa hiểu loại “{}”: nghỉ lễ, nghỉ bù, nghỉ hoán đổi, tỉnh, khác, làm bù (kind)", at + 1, cell(2)));
            continue;
        };
        let days: Vec<Date> = std::iter::successors(Some(first), |d| d.tomorrow().ok()).take_while(|d| *d <= last).collect();
        if let Some(twice) = days.iter().find(|d| !seen.insert(**d)) {
            wrong.push(format!("dòng {}: {} đã có ở dòng trước (is there already)", at + 1, lang::show::short_date(*twice)));
            continue;
        }
        let (off, worked) = years.entry(first.year()).or_default();
        match kind {
            Says::Off(kind) => {
                let mut one = Table::new();
                one.insert("from".into(), text(first.to_string()));
                one.insert("to".into(), text(last.to_string()));
                one.insert("kind".into(), text(kind));
                let name = if cell(3).is_empty() { "Ngày nghỉ" } else { cell(3) };
                one.insert("name_vi".into(), text(name));
                one.insert("name_en".into(), text(name));
                if !cell(4).is_empty() {
                    one.insert("source".into(), text(cell(4)));
                }
                off.push(Value::Table(one));
            }
            Says::Worked => worked.extend(days.iter().map(|day| {
                let mut one = Table::new();
                one.insert("day".into(), text(day.to_string()));
                if !cell(4).is_empty() {
                    one.insert("source".into(), text(cell(4)));
                }
                Value::Table(one)
            })),
        }
    }
    if years.is_empty() && wrong.is_empty() {
        wrong.push("không có dòng nào (no rows)".to_owned());
    }
    if !wrong.is_empty() {
        let more = if wrong.len() > TOLD { format!("; … {} dòng nữa", wrong.len() - TOLD) } else { String::new() };
        wrong.truncate(TOLD);
        let told = format!("{}{more}", wrong.join("; "));
        return Err(AppError::new("calendar_unreadable", 422)
            .say(format!("Có dòng chưa đúng: {told}."), format!("Some rows are wrong: {told}."))
            .mend(
                "Mỗi dòng: từ ngày; đến ngày; loại; tên; nguồn. Sửa rồi nhập lại, chưa có gì được lưu.",
                "Each row: first day; last day; kind; name; source. Mend and enter again; nothing was saved.",
            )
            .at("body"));
    }
    let mut all: Table = before.parse().unwrap_or_default();
    let mut spans: Vec<Value> = all.get("span").and_then(Value::as_array).cloned().unwrap_or_default();
    let year_of = |span: &Value| span.get("from").and_then(Value::as_str).and_then(|t| t.parse::<Date>().ok()).map(Date::year);
    spans.retain(|span| year_of(span).is_none_or(|year| !years.contains_key(&year)));
    for (year, (off, worked)) in years {
        let mut span = Table::new();
        span.insert("from".into(), text(date(year, 1, 1).to_string()));
        span.insert("to".into(), text(date(year, 12, 31).to_string()));
        span.insert("source".into(), text(document));
        if !off.is_empty() {
            span.insert("off".into(), Value::Array(off));
        }
        if !worked.is_empty() {
            span.insert("working".into(), Value::Array(worked));
        }
        spans.push(Value::Table(span));
    }
    spans.sort_by_key(year_of);
    all.insert("span".into(), Value::Array(spans));
    toml::to_string(&all).map_err(|_| AppError::new("internal", 500))
}

#[cfg(test)]
mod tests {
    use super::merged;
    use calendar::WorkCalendar;

    const ROWS: &str = "Từ ngày\tĐến ngày\tLoại\tTên\tNguồn\n01/01/2027\t\tnghỉ lễ\tTết Dương lịch\t\n5/2/2027\t11/2/2027\t\tTết Nguyên đán\tTB 1\n2027-02-20\t\tlàm bù\t\tTB 1\n";

    #[test]
    fn rows_become_a_calendar_and_replace_only_their_years() {
        let one = merged("", ROWS, "TB 1/2026").unwrap();
        WorkCalendar::parse(&one).unwrap();
        let two = merged(&one, "1/1/2028;;le;Tết\n", "TB 2/2027").unwrap();
        WorkCalendar::parse(&two).unwrap();
        assert!(two.contains("2027-02-05") && two.contains("2028-01-01"));
        // The same again is the same text.
        assert_eq!(merged(&one, ROWS, "TB 1/2026").unwrap(), one);
        let mended = merged(&two, "2/1/2027;;le;Khác\n", "TB 3/2027").unwrap();
        assert!(!mended.contains("2027-02-05") && mended.contains("2027-01-02") && mended.contains("2028-01-01"));
    }

    #[test]
    fn every_wrong_row_is_named() {
        let error = merged("", "1/1/2027;;le;A\nhôm qua;;le;B\n3/1/2027;1/1/2027;le;C\n4/1/2027;;tùy;D\n1/1/2027;;le;E\n", "x").unwrap_err();
        for line in ["dòng 2", "dòng 3", "dòng 4", "dòng 5"] {
            assert!(error.vi.contains(line), "{line}: {}", error.vi);
        }
        assert!(merged("", "", "x").unwrap_err().vi.contains("không có dòng nào"));
    }

    #[test]
    fn a_workbook_reads_like_what_is_pasted() {
        use print::{Book, Cell, Column, Kind, Language, Table, to_xlsx};
        let columns = ["Từ ngày", "Đến ngày"].map(|t| Column::new(t, Kind::Date)).into_iter();
        let columns = columns.chain(["Loại", "Tên", "Nguồn"].map(|t| Column::new(t, Kind::Text))).collect();
        let day = |text: &str| Cell::Date(text.parse().unwrap());
        let rows = vec![
            vec![day("2027-01-01"), Cell::Empty, "nghỉ lễ".into(), "Tết Dương lịch".into(), Cell::Empty],
            vec![day("2027-02-05"), day("2027-02-11"), "".into(), "Tết Nguyên đán".into(), "TB 1".into()],
            vec![day("2027-02-20"), Cell::Empty, "làm bù".into(), Cell::Empty, "TB 1".into()],
        ];
        let sheet = Table { title: "Nghỉ 2027".into(), columns, rows, ..Table::default() };
        let book = Book { language: Language::Vi, made: jiff::civil::date(2026, 11, 25), sheets: vec![sheet], about: Vec::new(), definitions: None };
        let text = super::workbook_text(&to_xlsx(&book).unwrap()).unwrap();
        assert_eq!(merged("", &text, "TB 1/2026").unwrap(), merged("", ROWS, "TB 1/2026").unwrap(), "{text}");
        assert!(super::workbook_text(b"PK no book").is_err());
    }
}
