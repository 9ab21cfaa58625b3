//! Where the table begins on a sheet that nobody designed for machines: title rows, several rows of merged headings,
//! a row that numbers the columns, and then the values.

use super::book::{Row, Sheet};
use calendar::Period;

/// A table found on a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// First row of the headings.
    pub head: u32,
    /// First row with values.
    pub first: u32,
    /// Column and heading, the texts of several rows joined from above.
    pub headings: Vec<(u32, String)>,
    /// Texts above the headings.
    pub title: Vec<String>,
    /// The period named in them.
    pub period: Option<Period>,
}

/// Finds the table; none on a sheet without one.
pub fn recognise(sheet: &Sheet, legacy: bool) -> Option<Layout> {
    let rows: Vec<&Row> = sheet.rows.iter().filter(|r| !r.hidden).take(80).collect();
    let mut at = rows.iter().enumerate().position(|(i, row)| is_data(row) && i > 0 && rows.iter().take(i).rev().take(6).any(|r| texts(r) >= 2))?;
    let width = sheet.width();
    let heads = |row: &Row| is_numbering(row) || is_head(sheet, row, width);
    // A heading of a group ("I. Huyện…") may stand between the headings and the first values.
    if let Some(last) = (at.saturating_sub(4)..at).rev().find(|i| rows.get(*i).is_some_and(|r| heads(r))) {
        at = last + 1;
    }
    let first = rows.get(at)?.at;
    let mut head = at;
    while let Some(above) = head.checked_sub(1).and_then(|i| rows.get(i)) {
        let below = rows.get(head).map_or(first, |r| r.at);
        if below - above.at > 1 || !heads(above) {
            break;
        }
        head -= 1;
    }
    let head_rows: Vec<u32> = rows.iter().skip(head).take(at - head).filter(|r| !is_numbering(r)).map(|r| r.at).collect();
    let head_at = head_rows.first().copied()?;
    let mut headings = Vec::new();
    for col in 0..width.min(2_000) {
        let mut parts: Vec<String> = Vec::new();
        for row in &head_rows {
            let text = sheet.filled(*row, col).map(|c| c.text(legacy)).unwrap_or_default();
            if !text.is_empty() && parts.last() != Some(&text) {
                parts.push(text);
            }
        }
        let used = sheet.rows.iter().filter(|r| r.at >= first).take(200).any(|r| r.cell(col).is_some());
        if used || !parts.is_empty() {
            headings.push((col, parts.join(" – ")));
        }
    }
    let title: Vec<String> =
        sheet.rows.iter().take_while(|r| r.at < head_at).flat_map(|r| r.cells.iter().map(|c| c.text(legacy))).filter(|t| !t.is_empty()).take(40).collect();
    let period = title.iter().chain(headings.iter().map(|h| &h.1)).chain([&sheet.name]).find_map(|text| find_period(text));
    Some(Layout { head: head_at, first, headings, title, period })
}

fn texts(row: &Row) -> usize {
    row.cells.iter().filter(|c| c.number().is_none() && !c.text(false).is_empty() && !numeric(&c.text(false))).count()
}

fn numeric(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || c == '-') && lang::parse_number(text, lang::NumberHints::default()).is_ok()
}

/// A row with at least one text and one number, which does not merely number the columns or name years.
fn is_data(row: &Row) -> bool {
    let numbers: Vec<String> = row.cells.iter().map(|c| c.text(false)).filter(|t| numeric(t)).collect();
    let years = numbers.iter().all(|t| t.len() == 4 && (t.starts_with("19") || t.starts_with("20")))
        || numbers.iter().all(|t| t.len() == 5 && (t.starts_with("2.0") || t.starts_with("1.9")));
    let named_years = years && texts(row) >= 2;
    !numbers.is_empty() && row.cells.len() >= 2 && !is_numbering(row) && !named_years
}

/// "1 2 3 4", "(1) (2) (3)", "A B 1 2": a row that numbers the columns.
fn is_numbering(row: &Row) -> bool {
    let marks: Vec<String> = row.cells.iter().map(|c| c.text(false)).map(|t| t.trim_matches(['(', ')', '[', ']', ' ']).to_owned()).collect();
    let short = |t: &str| {
        let begin: String = t.chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
        (1..=2).contains(&begin.len()) && (begin.len() == t.len() || t.contains(['=', '/', ':']))
    };
    let numbers: Vec<u32> = marks.iter().filter_map(|t| t.parse().ok()).collect();
    marks.len() >= 3 && marks.iter().all(|t| short(t)) && numbers.len() >= 2 && numbers.windows(2).all(|w| matches!(w, [a, b] if *b == *a + 1))
}

/// A row of headings: several texts, or one that stands over a part of the table only.
fn is_head(sheet: &Sheet, row: &Row, width: u32) -> bool {
    let texts = texts(row);
    if texts >= 2 {
        // A motto and an agency side by side over the whole width are titles.
        let spans: u32 = row.cells.iter().map(|c| span(sheet, row.at, c.col)).sum();
        return texts > 2 || spans < width || width <= 2;
    }
    let Some(only) = row.cells.first().filter(|_| texts == 1) else { return false };
    let span = span(sheet, row.at, only.col);
    span > 1 && span * 2 <= width
}

fn span(sheet: &Sheet, row: u32, col: u32) -> u32 {
    sheet.merges.iter().find(|m| m.0 == row && m.1 == col).map_or(1, |m| m.3 - m.1 + 1)
}

/// The period a sentence names: the longest phrase in it that is one ("Báo cáo quý II năm 2025 của…").
pub fn find_period(text: &str) -> Option<Period> {
    let words: Vec<&str> = text.split_whitespace().take(60).collect();
    let mut best: Option<(usize, Period)> = None;
    for from in 0..words.len() {
        for count in (1..=7).rev() {
            let Some(part) = words.get(from..from + count) else { continue };
            let phrase = part.join(" ");
            let phrase = phrase.trim_matches(['(', ')', ',', '.', ';', ':']);
            // A bare year is found only behind its word, or every number of four digits were one.
            let named = phrase.chars().any(char::is_alphabetic) || phrase.contains('-');
            if let Ok(period) = Period::parse_vi(phrase)
                && named
                && best.is_none_or(|(length, _)| count > length)
            {
                best = Some((count, period));
            }
        }
    }
    best.map(|b| b.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::book::{Cell, Datum};

    pub fn sheet(rows: &[&[&str]], merges: &[(u32, u32, u32, u32)]) -> Sheet {
        let mut sheet = Sheet { name: "S".into(), merges: merges.to_vec(), ..Sheet::default() };
        for (at, cells) in (0..).zip(rows) {
            for (col, text) in (0..).zip(*cells).filter(|(_, t)| !t.is_empty()) {
                let datum = text.parse().map_or_else(|_| Datum::Text((*text).into()), |n| Datum::Number(n, false));
                sheet.row_mut(at).unwrap().push(Cell { col, datum, font: None });
            }
        }
        sheet
    }

    #[test]
    fn finds_the_table_under_titles_and_merged_headings() {
        let s = sheet(
            &[
                &["UBND TỈNH BẮC NINH", "", "", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
                &["BIỂU TỔNG HỢP QUÝ II NĂM 2025"],
                &[],
                &["TT", "Tên xã", "Hợp tác xã", "", "Ghi chú"],
                &["", "", "Tổng số", "Có ứng dụng số"],
                &["A", "B", "1", "2", "3"],
                &["1", "Phúc Hòa", "12", "3"],
            ],
            &[(0, 0, 0, 2), (0, 3, 0, 4), (1, 0, 1, 4), (3, 0, 4, 0), (3, 1, 4, 1), (3, 2, 3, 3), (3, 4, 4, 4)],
        );
        let found = recognise(&s, false).unwrap();
        assert_eq!((found.head, found.first), (3, 6));
        let heads: Vec<&str> = found.headings.iter().map(|h| h.1.as_str()).collect();
        assert_eq!(heads, ["TT", "Tên xã", "Hợp tác xã – Tổng số", "Hợp tác xã – Có ứng dụng số", "Ghi chú"]);
        assert_eq!(found.period, Period::quarter(2025, 2));
    }

    #[test]
    fn finds_periods_in_sentences() {
        for (text, period) in [
            ("Báo cáo kết quả 6 tháng đầu năm 2025 (mẫu 1)", Period::half(2025, 1)),
            ("Số liệu quý II/2025", Period::quarter(2025, 2)),
            ("Kế hoạch năm 2024 của xã", Period::year(2024)),
            ("Tháng 6/2025", Period::month(2025, 6)),
            ("12 xã, 2025 hộ", None),
        ] {
            assert_eq!(find_period(text), period, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_grid_is_survived(cells in proptest::collection::vec((0u32..12, 0u32..8, "[0-9A-Za-zộ .(),-]{0,6}"), 0..60), merges in proptest::collection::vec((0u32..9, 0u32..9, 0u32..3, 0u32..3), 0..4)) {
            let mut s = Sheet { merges: merges.iter().map(|m| (m.0, m.1, m.0 + m.2, m.1 + m.3)).collect(), ..Sheet::default() };
            for (row, col, text) in cells {
                s.row_mut(row).unwrap().push(Cell { col, datum: Datum::Text(text.into()), font: None });
            }
            if let Some(found) = recognise(&s, true) {
                proptest::prop_assert!(found.head < found.first);
            }
        }
    }
}
