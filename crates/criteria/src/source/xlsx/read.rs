//! Reading a set from a workbook; every refusal names its sheet and row.

use super::{ABOUT, ALL, AMENDMENTS, ANNEXES, AT_LEAST, CRITERIA, FORMER, GROUPS, OBSERVED, POINTS, RULES, SHEET, THRESHOLD, words};
use crate::flaw::{At, Flaw, Lines};
use crate::model::{
    Amendment, Annex, CommuneGroup, Compose, Confidence, Criterion, Former, Indicator, Kind, Observed, Op, Rank, RegionRule, Scope, Set, Threshold,
};
use calamine::{Data, Reader as _, Xlsx};
use jiff::civil::Date;
use places::Level;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::io::Cursor;
use std::rc::Rc;

/// Most rows of a sheet that are read.
const MOST: usize = 20_000;

type Workbook<'a> = Xlsx<Cursor<&'a [u8]>>;

/// A row of a sheet.
struct Row {
    sheet: &'static str,
    /// Number of the row as the spreadsheet shows it.
    at: usize,
    head: Rc<Vec<String>>,
    cells: Vec<String>,
}

impl Row {
    fn flaw(&self, vi: impl std::fmt::Display, en: impl std::fmt::Display) -> Flaw {
        self.coded("file_unreadable", vi, en)
    }

    fn coded(&self, code: &'static str, vi: impl std::fmt::Display, en: impl std::fmt::Display) -> Flaw {
        let text = |word: &str, says: &dyn std::fmt::Display| format!("{word} “{}”: {says}", self.sheet);
        Flaw { line: Some(self.at), ..Flaw::new(code, At::default(), text("trang", &vi), text("sheet", &en)) }
    }

    /// What stands in a column; empty where there is no such column.
    fn text(&self, column: &str) -> String {
        self.head.iter().position(|h| h == column).and_then(|at| self.cells.get(at)).cloned().unwrap_or_default()
    }

    fn some(&self, column: &str) -> Option<String> {
        Some(self.text(column)).filter(|t| !t.is_empty())
    }

    fn yes(&self, column: &str) -> bool {
        !self.text(column).is_empty()
    }

    /// A word of a list; none when the cell is empty.
    fn word<T>(&self, column: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Flaw> {
        let Some(text) = self.some(column) else { return Ok(None) };
        match read(&text) {
            Some(word) => Ok(Some(word)),
            None => {
                Err(self
                    .flaw(format!("cột “{column}” ghi “{text}”, không phải từ được dùng"), format!("“{text}” in the column “{column}” is no word of the list")))
            }
        }
    }

    fn confidence(&self, column: &str) -> Result<Confidence, Flaw> {
        // What people fill in comes from the document in front of them.
        Ok(self.word(column, |w| Confidence::ALL.into_iter().find(|c| c.word() == w))?.unwrap_or(Confidence::Official))
    }

    fn date(&self, column: &str) -> Result<Option<Date>, Flaw> {
        let Some(text) = self.some(column) else { return Ok(None) };
        let read = text.parse().or_else(|_| lang::parse_date(&text));
        read.map(Some).map_err(|_| self.flaw(format!("ngày “{text}” ở cột “{column}” chưa đúng"), format!("the date “{text}” is not right")))
    }

    fn number(&self, column: &str) -> Result<Option<Decimal>, Flaw> {
        let Some(text) = self.some(column) else { return Ok(None) };
        // Cells that hold numbers come with a point; what people write as text is read as they write.
        let plain = text.strip_prefix('=').map(|t| t.parse::<Decimal>());
        match plain {
            Some(Ok(value)) => Ok(Some(value)),
            _ => lang::parse_number(&text, lang::NumberHints::default())
                .map(|n| Some(n.value))
                .map_err(|_| self.flaw(format!("“{text}” ở cột “{column}” không phải số"), format!("“{text}” is no number"))),
        }
    }

    fn whole<T: std::str::FromStr>(&self, column: &str) -> Result<Option<T>, Flaw> {
        let Some(text) = self.some(column) else { return Ok(None) };
        let plain = text.strip_prefix('=').unwrap_or(&text);
        plain.parse().map(Some).map_err(|_| self.flaw(format!("“{plain}” ở cột “{column}” không phải số nguyên"), format!("“{plain}” is no whole number")))
    }

    /// Whether any of some columns says something.
    fn any(&self, columns: &[&str]) -> bool {
        columns.iter().any(|c| !self.text(c).is_empty())
    }
}

/// What stands in a cell as text; a number in a column of numbers begins with `=`, so that it is not taken for a text that people wrote.
fn cell(data: &Data, number: bool) -> String {
    match data {
        Data::Float(f) if number => format!("={f}"),
        Data::Int(n) if number => format!("={n}"),
        Data::Float(f) => f.to_string(),
        Data::Empty => String::new(),
        Data::DateTime(when) if when.is_datetime() => {
            let (year, month, day, ..) = when.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        other => other.to_string().trim().to_owned(),
    }
}

/// The rows of a sheet below its head; none when there is no such sheet.
fn rows(book: &mut Workbook<'_>, sheet: &'static str, first: &str) -> Result<Option<Vec<Row>>, Flaw> {
    let Ok(range) = book.worksheet_range(sheet) else { return Ok(None) };
    let refuse = |vi: String, en: String| Flaw::new("file_unreadable", At::default(), vi, en);
    if range.height() > MOST {
        return Err(refuse(format!("Trang “{sheet}” có quá nhiều dòng."), format!("The sheet “{sheet}” has too many rows.")));
    }
    let top = range.start().map_or(0, |s| s.0 as usize);
    let mut lines = range.rows().enumerate();
    let head = lines.by_ref().map(|(_, row)| row.iter().map(|d| lang::clean(&cell(d, false))).collect::<Vec<_>>()).find(|row| row.iter().any(|c| c == first));
    let head =
        Rc::new(head.ok_or_else(|| refuse(format!("Trang “{sheet}” thiếu dòng đầu có cột “{first}”."), format!("The sheet “{sheet}” lacks its head row.")))?);
    let numeric: Vec<bool> = head.iter().map(|h| matches!(h.as_str(), "Mức" | "Cao hơn (%)" | "Điểm" | "Năm")).collect();
    let mut out = Vec::new();
    for (nth, row) in lines {
        let cells: Vec<String> = row.iter().enumerate().map(|(at, d)| cell(d, numeric.get(at).copied().unwrap_or_default())).collect();
        if cells.iter().any(|c| !c.is_empty()) {
            out.push(Row { sheet, at: top + nth + 1, head: Rc::clone(&head), cells });
        }
    }
    Ok(Some(out))
}

/// Lines of a cell.
fn lines_of(text: &str) -> Vec<String> {
    text.lines().map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).collect()
}

/// Reads a set from such a workbook, with the rows at which its parts stand.
///
/// # Errors
/// One refusal with its sheet and row.
pub fn read_xlsx(bytes: &[u8]) -> Result<(Set, Lines), Flaw> {
    let mut book: Workbook<'_> =
        Xlsx::new(Cursor::new(bytes)).map_err(|_| Flaw::new("file_unreadable", At::default(), "Không đọc được tệp Excel.", "The workbook cannot be read."))?;
    let missing = |sheet: &str| Flaw::new("file_unreadable", At::default(), format!("Thiếu trang “{sheet}”."), format!("The sheet “{sheet}” is missing."));
    let mut lines = Lines::default();
    let about = rows(&mut book, ABOUT, "Mục")?.ok_or_else(|| missing(ABOUT))?;
    let mut set = head(&about, &mut lines)?;
    for row in rows(&mut book, CRITERIA, "Tiêu chí số")?.unwrap_or_default() {
        lines.note(At { criterion: Some(set.criteria.len()), ..At::default() }, row.at);
        set.criteria.push(criterion(&row, "Độ tin cậy", "Ghi chú")?);
    }
    for row in rows(&mut book, SHEET, "Mã chỉ tiêu")?.ok_or_else(|| missing(SHEET))? {
        line(&mut set, &row, &mut lines)?;
    }
    for row in rows(&mut book, FORMER, "Mã chỉ tiêu")?.unwrap_or_default() {
        let code = row.text("Mã chỉ tiêu");
        let former = Former {
            title: row.some("Tên"),
            kind: row.word("Loại", Kind::from_word)?,
            unit: row.some("Đơn vị tính"),
            until: row.date("Đến hết ngày")?.ok_or_else(|| row.flaw("thiếu ngày cuối của tên cũ", "the last day of the wording is missing"))?,
        };
        let mut all = set.criteria.iter_mut().flat_map(|c| &mut c.indicators).flat_map(|i| {
            let own = i.code == code;
            if own { vec![&mut i.was] } else { i.parts.iter_mut().filter(|p| p.code == code).map(|p| &mut p.was).collect() }
        });
        all.next().ok_or_else(|| row.flaw(format!("không có chỉ tiêu “{code}”"), format!("there is no indicator “{code}”")))?.push(former);
    }
    others(&mut book, &mut set)?;
    Ok((set, lines))
}

/// The set without its criteria.
fn head(about: &[Row], lines: &mut Lines) -> Result<Set, Flaw> {
    let items: BTreeMap<String, &Row> = about.iter().map(|row| (row.text("Mục"), row)).collect();
    let item = |name: &str| items.get(name).map(|row| row.text("Nội dung")).unwrap_or_default();
    let some = |name: &str| Some(item(name)).filter(|t| !t.is_empty());
    let row = |name: &str| items.get(name).copied().or(about.first());
    let lacks = |name: &str, vi: &str, en: &str| match row(name) {
        Some(row) => row.flaw(vi, en),
        None => Flaw::new("file_unreadable", At::default(), vi, en),
    };
    let number = |name: &str| row(name).filter(|_| some(name).is_some()).map_or(Ok(None), |r| r.whole::<usize>("Nội dung"));
    let date = |name: &str| row(name).filter(|_| some(name).is_some()).map_or(Ok(None), |r| r.date("Nội dung"));
    if let Some(row) = row("code") {
        lines.note(At::default(), row.at);
    }
    Ok(Set {
        code: item("code"),
        version: number("version")?.and_then(|v| i64::try_from(v).ok()).unwrap_or(1),
        title: lang::clean(&item("title")),
        title_en: lang::clean(&item("title_en")),
        document: lang::clean(&item("document")),
        authority: lang::clean(&item("authority")),
        level: Level::from_word(&item("level")).ok_or_else(|| lacks("level", "cấp (level) chưa đúng", "the level is not right"))?,
        kinds: words(&item("kinds")),
        rank: Rank::from_word(&item("rank")).ok_or_else(|| lacks("rank", "danh hiệu (rank) chưa đúng", "the rank is not right"))?,
        requires: words(&item("requires")),
        required_by: some("required_by"),
        based_on: some("based_on"),
        area: some("area"),
        province: some("province"),
        effective_from: date("effective_from")?,
        effective_to: date("effective_to")?,
        criteria_count: number("criteria_count")?,
        indicator_count: number("indicator_count")?,
        regions: words(&item("regions")),
        complete: some("complete").is_some(),
        confidence: match some("confidence") {
            None => Confidence::Official,
            Some(word) => Confidence::ALL
                .into_iter()
                .find(|c| c.word() == word)
                .ok_or_else(|| lacks("confidence", "độ tin cậy (confidence) chưa đúng", "the confidence is not right"))?,
        },
        source: some("source"),
        note: some("note"),
        region_rules: Vec::new(),
        amendments: Vec::new(),
        commune_groups: Vec::new(),
        annexes: Vec::new(),
        observed: Vec::new(),
        criteria: Vec::new(),
    })
}

fn criterion(row: &Row, confidence: &str, note: &str) -> Result<Criterion, Flaw> {
    Ok(Criterion {
        number: row.text("Tiêu chí số"),
        title: lang::clean(&row.text("Tên tiêu chí")),
        group: lang::clean(&row.text("Nhóm")),
        condition: row.yes("Điều kiện"),
        confidence: row.confidence(confidence)?,
        note: row.some(note),
        indicators: Vec::new(),
    })
}

/// One row of the sheet of indicators: an indicator, or one more threshold of the one above.
fn line(set: &mut Set, row: &Row, lines: &mut Lines) -> Result<(), Flaw> {
    let number = row.text("Tiêu chí số");
    let nth = match set.criteria.iter().rposition(|c| c.number == number) {
        Some(nth) => nth,
        None if number.is_empty() && !set.criteria.is_empty() => set.criteria.len() - 1,
        // A workbook without a sheet of criteria names them in the rows.
        None => {
            lines.note(At { criterion: Some(set.criteria.len()), ..At::default() }, row.at);
            set.criteria.push(criterion(row, "", "")?);
            set.criteria.len() - 1
        }
    };
    let Some(criterion) = set.criteria.get_mut(nth) else { return Ok(()) };
    let (code, of) = (row.text("Mã chỉ tiêu"), row.text("Thuộc chỉ tiêu"));
    let whole = criterion.indicators.len();
    let (holder, above) = if of.is_empty() {
        (&mut criterion.indicators, None)
    } else {
        let at = criterion.indicators.iter().rposition(|i| i.code == of);
        let at = at.ok_or_else(|| row.flaw(format!("phía trên chưa có chỉ tiêu “{of}”"), format!("there is no indicator “{of}” above")))?;
        let Some(i) = criterion.indicators.get_mut(at) else { return Ok(()) };
        (&mut i.parts, Some(at))
    };
    let more = holder.last().is_some_and(|i| i.code == code || code.is_empty());
    if more {
        // The same indicator goes on only with another threshold; two of the same code are a mistake that must not be lost.
        let same = holder.last().is_some_and(|i| {
            let title = lang::clean(&row.text("Tên chỉ tiêu"));
            let kind = row.text("Loại");
            (title.is_empty() || title == i.title) && (kind.is_empty() || kind == i.kind.word())
        });
        if !same || !row.any(&THRESHOLD) || holder.last().is_some_and(|i| i.thresholds.is_empty()) {
            return Err(row.coded("indicator_twice", format!("mã chỉ tiêu “{code}” có hai lần"), format!("indicator “{code}” stands twice")));
        }
    } else {
        holder.push(indicator(row, code)?);
    }
    let at = above.unwrap_or(if more { whole.saturating_sub(1) } else { whole });
    let part = above.is_some().then(|| holder.len().saturating_sub(1));
    let spot = At { criterion: Some(nth), indicator: Some(at), part, threshold: None };
    lines.note(spot, row.at);
    if row.any(&THRESHOLD)
        && let Some(i) = holder.last_mut()
    {
        lines.note(At { threshold: Some(i.thresholds.len()), ..spot }, row.at);
        i.thresholds.push(threshold(row)?);
    }
    Ok(())
}

fn indicator(row: &Row, code: String) -> Result<Indicator, Flaw> {
    let kind = row.word("Loại", Kind::from_word)?.ok_or_else(|| row.flaw("thiếu loại chỉ tiêu", "the kind is missing"))?;
    let compose = match row.some("Cách ghép nội dung") {
        None => (kind == Kind::Composite).then_some(Compose::All),
        Some(text) if text == ALL => Some(Compose::All),
        Some(text) => {
            let count = text.strip_prefix(AT_LEAST).and_then(|k| k.trim().parse().ok()).map(Compose::AtLeast);
            let points = text.strip_prefix(POINTS).and_then(|p| p.trim().parse().ok()).map(Compose::Points);
            let known = count.or(points);
            Some(known.ok_or_else(|| row.flaw(format!("không hiểu cách ghép nội dung “{text}”"), format!("“{text}” says not how the parts make the whole")))?)
        }
    };
    Ok(Indicator {
        code,
        title: lang::clean(&row.text("Tên chỉ tiêu")),
        kind,
        unit: row.text("Đơn vị tính"),
        op: row.word("Dấu thường dùng", Op::from_sign)?,
        levels_by: row.word("Mức khác nhau theo", Scope::from_word)?.unwrap_or_default(),
        measure: row.some("Lấy từ số liệu"),
        formula: row.some("Công thức"),
        refers_to: row.some("Đạt bộ tiêu chí"),
        base: row.some("Mã ở bộ gốc"),
        options: lines_of(&row.text("Lựa chọn")),
        applies_if: row.some("Chỉ áp dụng khi"),
        evidence: row.yes("Bắt buộc minh chứng"),
        owner: row.some("Cơ quan chủ trì"),
        guidance: row.some("Hướng dẫn"),
        amended_by: row.some("Sửa đổi bởi"),
        amended_from: row.date("Sửa đổi từ ngày")?,
        was: Vec::new(),
        compose,
        parts: Vec::new(),
        points: row.number("Điểm")?,
        thresholds: Vec::new(),
        confidence: row.confidence("Độ tin cậy của tên")?,
        source: row.some("Nguồn của tên"),
        note: row.some("Ghi chú"),
    })
}

fn threshold(row: &Row) -> Result<Threshold, Flaw> {
    Ok(Threshold {
        op: row.word("Dấu", Op::from_sign)?,
        value: row.number("Mức")?,
        expected: row.some("Chữ in trong phụ lục"),
        above: row.some("Cao hơn mức của"),
        percent: row.number("Cao hơn (%)")?,
        region: row.some("Vùng"),
        year: row.whole("Năm")?,
        group: row.some("Nhóm xã"),
        province: row.some("Tỉnh"),
        flag: row.some("Đặc điểm"),
        from: row.date("Từ ngày")?,
        to: row.date("Đến ngày")?,
        document: row.some("Văn bản"),
        clause: row.some("Điều khoản"),
        confidence: row.confidence("Độ tin cậy của mức")?,
        source: row.some("Nguồn của mức"),
        note: row.some("Ghi chú của mức"),
    })
}

/// The small sheets beside.
fn others(book: &mut Workbook<'_>, set: &mut Set) -> Result<(), Flaw> {
    for row in rows(book, RULES, "Đặc điểm")?.unwrap_or_default() {
        set.region_rules.push(RegionRule {
            flag: row.text("Đặc điểm"),
            region: row.text("Áp dụng mức của vùng"),
            clause: row.text("Điều khoản"),
            document: row.text("Văn bản"),
            confidence: row.confidence("Độ tin cậy")?,
            source: row.some("Nguồn"),
            note: row.some("Ghi chú"),
        });
    }
    for row in rows(book, AMENDMENTS, "Văn bản")?.unwrap_or_default() {
        set.amendments.push(Amendment {
            document: row.text("Văn bản"),
            date: row.date("Ngày")?.ok_or_else(|| row.flaw("thiếu ngày của văn bản sửa đổi", "the date of the amendment is missing"))?,
            note: row.some("Nội dung"),
            confidence: row.confidence("Độ tin cậy")?,
            source: row.some("Nguồn"),
        });
    }
    for row in rows(book, GROUPS, "Mã nhóm")?.unwrap_or_default() {
        set.commune_groups.push(CommuneGroup {
            code: row.text("Mã nhóm"),
            title: row.text("Tên nhóm"),
            rule: row.text("Quy tắc"),
            confidence: row.confidence("Độ tin cậy")?,
            source: row.some("Nguồn"),
        });
    }
    for row in rows(book, ANNEXES, "Số phụ lục")?.unwrap_or_default() {
        set.annexes.push(Annex { number: row.text("Số phụ lục"), title: row.text("Tên phụ lục") });
    }
    for row in rows(book, OBSERVED, "Nội dung đo")?.unwrap_or_default() {
        set.observed.push(Observed {
            title: row.text("Nội dung đo"),
            village: row.text("Nơi"),
            value: row.text("Giá trị"),
            op: row.some("Dấu"),
            unit: row.some("Đơn vị tính"),
            confidence: row.confidence("Độ tin cậy")?,
        });
    }
    Ok(())
}
