//! A set as a workbook that people can fill in: one sheet about the set, one row per threshold (or per indicator without one).

use crate::flaw::{At, Flaw, Lines};
use crate::model::{Compose, Confidence, Criterion, Indicator, Kind, Op, Rank, Scope, Set, Threshold};
use calamine::{Data, Reader as _, Xlsx};
use jiff::civil::Date;
use places::Level;
use print::{Book, Cell, Column, Kind as Format, Language, PrintError, Table, to_xlsx};
use std::collections::BTreeMap;
use std::io::Cursor;

const ABOUT: &str = "Bộ tiêu chí";
const SHEET: &str = "Chỉ tiêu";
/// Columns of the sheet of indicators, in order.
const COLUMNS: [&str; 27] = [
    "Tiêu chí số",
    "Tên tiêu chí",
    "Nhóm",
    "Điều kiện",
    "Mã chỉ tiêu",
    "Tên chỉ tiêu",
    "Loại",
    "Đơn vị tính",
    "Dấu",
    "Mức",
    "Chữ in trong phụ lục",
    "Vùng",
    "Năm",
    "Nhóm xã",
    "Tỉnh",
    "Đặc điểm",
    "Từ ngày",
    "Đến ngày",
    "Văn bản",
    "Điều khoản",
    "Mức khác nhau theo",
    "Lấy từ số liệu",
    "Bắt buộc minh chứng",
    "Cơ quan chủ trì",
    "Chỉ áp dụng khi",
    "Thuộc chỉ tiêu",
    "Ghi chú",
];

fn text(value: impl Into<String>) -> Cell {
    Cell::Text(value.into())
}

fn opt(value: Option<&str>) -> Cell {
    value.map_or(Cell::Empty, text)
}

fn yes(value: bool) -> Cell {
    if value { text("có") } else { Cell::Empty }
}

/// The set as a workbook. What people rarely fill in (sources, earlier wordings, examples, points) travels in TOML only.
///
/// # Errors
/// What the writer of workbooks says.
pub fn write_xlsx(set: &Set, made: Date) -> Result<Vec<u8>, PrintError> {
    let mut rows = Vec::new();
    let mut add = |c: &Criterion, i: &Indicator, of: Option<&str>| {
        let empty = Threshold::default();
        // What held only while the indicator was judged in another way travels with the earlier wording.
        let past = |t: &Threshold| i.was.iter().any(|f| f.kind.is_some_and(|k| k != i.kind) && t.to.is_some_and(|to| to <= f.until));
        let mut list: Vec<&Threshold> = i.thresholds.iter().filter(|t| !past(t)).collect();
        if list.is_empty() {
            list.push(&empty);
        }
        for t in list {
            rows.push(vec![
                text(&c.number),
                text(&c.title),
                text(&c.group),
                yes(c.condition),
                text(&i.code),
                text(&i.title),
                text(i.kind.word()),
                text(&i.unit),
                opt(t.op.or(i.op).map(Op::sign)),
                t.value.map_or(Cell::Empty, Cell::Number),
                opt(t.expected.as_deref()),
                opt(t.region.as_deref()),
                t.year.map_or(Cell::Empty, |y| Cell::Int(y.into())),
                opt(t.group.as_deref()),
                opt(t.province.as_deref()),
                opt(t.flag.as_deref()),
                t.from.map_or(Cell::Empty, |d| text(d.to_string())),
                t.to.map_or(Cell::Empty, |d| text(d.to_string())),
                opt(t.document.as_deref()),
                opt(t.clause.as_deref()),
                text(i.levels_by.word()),
                opt(i.measure.as_deref()),
                yes(i.evidence),
                opt(i.owner.as_deref()),
                opt(i.applies_if.as_deref()),
                opt(of),
                opt(i.note.as_deref()),
            ]);
        }
    };
    for c in &set.criteria {
        for i in &c.indicators {
            add(c, i, None);
            for p in &i.parts {
                add(c, p, Some(&i.code));
            }
        }
    }
    let kind = |name: &str| match name {
        "Mức" => Format::Number { decimals: 4 },
        "Năm" => Format::Text,
        _ => Format::Text,
    };
    let sheet = Table { title: SHEET.to_owned(), columns: COLUMNS.iter().map(|c| Column::new(*c, kind(c))).collect(), rows, ..Table::default() };
    let about = [
        ("code", set.code.clone()),
        ("title", set.title.clone()),
        ("title_en", set.title_en.clone()),
        ("document", set.document.clone()),
        ("authority", set.authority.clone()),
        ("level", set.level.word().to_owned()),
        ("kinds", set.kinds.join("; ")),
        ("rank", set.rank.word().to_owned()),
        ("requires", set.requires.join("; ")),
        ("based_on", set.based_on.clone().unwrap_or_default()),
        ("effective_from", set.effective_from.map(|d| d.to_string()).unwrap_or_default()),
        ("effective_to", set.effective_to.map(|d| d.to_string()).unwrap_or_default()),
        ("regions", set.regions.join("; ")),
        ("complete", if set.complete { "có" } else { "" }.to_owned()),
    ];
    let head = Table {
        title: ABOUT.to_owned(),
        columns: vec![Column::new("Mục", Format::Text), Column::new("Nội dung", Format::Text)],
        rows: about.iter().map(|(name, value)| vec![text(*name), text(value)]).collect(),
        ..Table::default()
    };
    to_xlsx(&Book { language: Language::Vi, made, sheets: vec![sheet, head], about: Vec::new(), definitions: None })
}

fn flaw(row: usize, vi: impl Into<String>, en: impl Into<String>) -> Flaw {
    Flaw { line: Some(row), ..Flaw::new("file_unreadable", At::default(), vi, en) }
}

/// Rows with their numbers.
type Numbered = Vec<(usize, Vec<String>)>;

/// The head line of a sheet, and the rows below it as texts.
fn rows(book: &mut Xlsx<Cursor<&[u8]>>, sheet: &str, first: &str) -> Result<(Vec<String>, Numbered), Flaw> {
    let missing = || Flaw::new("file_unreadable", At::default(), format!("Thiếu trang “{sheet}”."), format!("The sheet “{sheet}” is missing."));
    let range = book.worksheet_range(sheet).map_err(|_| missing())?;
    let top = range.start().map_or(0, |s| s.0 as usize);
    let all: Vec<(usize, Vec<String>)> = range
        .rows()
        .enumerate()
        .map(|(nth, row)| {
            let cell = |d: &Data| match d {
                Data::Float(f) => f.to_string(),
                Data::Empty => String::new(),
                other => lang::clean(&other.to_string()),
            };
            (top + nth + 1, row.iter().map(cell).collect())
        })
        .collect();
    let at = all.iter().position(|(_, row)| row.iter().any(|c| c == first)).ok_or_else(missing)?;
    let head = all.get(at).map(|(_, row)| row.clone()).unwrap_or_default();
    Ok((head, all.into_iter().skip(at + 1).filter(|(_, row)| row.iter().any(|c| !c.is_empty())).collect()))
}

/// Reads a set from such a workbook, with the rows at which its parts stand.
///
/// # Errors
/// One refusal with its row.
pub fn read_xlsx(bytes: &[u8]) -> Result<(Set, Lines), Flaw> {
    let mut book: Xlsx<Cursor<&[u8]>> =
        Xlsx::new(Cursor::new(bytes)).map_err(|_| Flaw::new("file_unreadable", At::default(), "Không đọc được tệp Excel.", "The workbook cannot be read."))?;
    let (_, about) = rows(&mut book, ABOUT, "Mục")?;
    let about: BTreeMap<String, (usize, String)> =
        about.into_iter().filter_map(|(n, row)| Some((row.first()?.clone(), (n, row.get(1).cloned().unwrap_or_default())))).collect();
    let item = |name: &str| about.get(name).map(|(_, v)| v.clone()).unwrap_or_default();
    let some = |text: String| Some(text).filter(|t| !t.is_empty());
    let list = |name: &str| item(name).split(';').map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).collect::<Vec<_>>();
    let line = |name: &str| about.get(name).map_or(1, |(n, _)| *n);
    let date_of = |text: &str, row: usize| -> Result<Option<Date>, Flaw> {
        if text.is_empty() {
            return Ok(None);
        }
        text.parse()
            .or_else(|_| lang::parse_date(text))
            .map(Some)
            .map_err(|_| flaw(row, format!("ngày “{text}” chưa đúng"), format!("the date “{text}” is not right")))
    };
    let level = Level::from_word(&item("level")).ok_or_else(|| flaw(line("level"), "cấp (level) chưa đúng", "the level is not right"))?;
    let rank = Rank::from_word(&item("rank")).ok_or_else(|| flaw(line("rank"), "danh hiệu (rank) chưa đúng", "the rank is not right"))?;
    let mut set = Set {
        code: item("code"),
        version: 1,
        title: item("title"),
        title_en: item("title_en"),
        document: item("document"),
        authority: item("authority"),
        level,
        kinds: list("kinds"),
        rank,
        requires: list("requires"),
        required_by: None,
        based_on: some(item("based_on")),
        area: None,
        province: None,
        effective_from: date_of(&item("effective_from"), line("effective_from"))?,
        effective_to: date_of(&item("effective_to"), line("effective_to"))?,
        criteria_count: None,
        indicator_count: None,
        regions: list("regions"),
        region_rules: Vec::new(),
        amendments: Vec::new(),
        commune_groups: Vec::new(),
        annexes: Vec::new(),
        observed: Vec::new(),
        complete: !item("complete").is_empty(),
        confidence: Confidence::Official,
        source: None,
        note: None,
        criteria: Vec::new(),
    };
    let mut lines = Lines::default();
    let (head, body) = rows(&mut book, SHEET, "Mã chỉ tiêu")?;
    for (row, cells) in body {
        let get = |name: &str| head.iter().position(|h| h == name).and_then(|at| cells.get(at)).cloned().unwrap_or_default();
        let number = get("Tiêu chí số");
        if set.criteria.last().is_none_or(|c| c.number != number) {
            lines.note(At { criterion: Some(set.criteria.len()), ..At::default() }, row);
            set.criteria.push(Criterion {
                number: number.clone(),
                title: get("Tên tiêu chí"),
                group: get("Nhóm"),
                condition: !get("Điều kiện").is_empty(),
                confidence: Confidence::Official,
                note: None,
                indicators: Vec::new(),
            });
        }
        let nth = set.criteria.len() - 1;
        let Some(criterion) = set.criteria.last_mut() else { continue };
        let code = get("Mã chỉ tiêu");
        let of = get("Thuộc chỉ tiêu");
        let holder = if of.is_empty() {
            &mut criterion.indicators
        } else {
            let whole = criterion.indicators.iter_mut().rev().find(|i| i.code == of);
            let whole = whole.ok_or_else(|| flaw(row, format!("chưa có chỉ tiêu “{of}” ở phía trên"), format!("there is no indicator “{of}” above")))?;
            whole.compose.get_or_insert(Compose::All);
            &mut whole.parts
        };
        if holder.last().is_none_or(|i| i.code != code) {
            let kind = Kind::from_word(&get("Loại"))
                .ok_or_else(|| flaw(row, format!("loại “{}” chưa đúng", get("Loại")), format!("the kind “{}” is not right", get("Loại"))))?;
            let mut i = Indicator::new(code.clone(), get("Tên chỉ tiêu"), kind);
            i.unit = get("Đơn vị tính");
            i.op = Op::from_sign(&get("Dấu"));
            i.levels_by = Scope::from_word(&get("Mức khác nhau theo")).unwrap_or_default();
            i.measure = some(get("Lấy từ số liệu"));
            i.evidence = !get("Bắt buộc minh chứng").is_empty();
            i.owner = some(get("Cơ quan chủ trì"));
            i.applies_if = some(get("Chỉ áp dụng khi"));
            i.note = some(get("Ghi chú"));
            i.confidence = Confidence::Official;
            i.compose = (kind == Kind::Composite).then_some(Compose::All);
            holder.push(i);
        }
        let at = if of.is_empty() { holder.len() - 1 } else { criterion_len(&set, nth) };
        let spot = At { criterion: Some(nth), indicator: Some(at), threshold: None };
        lines.note(spot, row);
        let value = get("Mức");
        let expected = some(get("Chữ in trong phụ lục"));
        let value = if value.is_empty() {
            None
        } else {
            let read = value.parse().ok().or_else(|| lang::parse_number(&value, lang::NumberHints::default()).ok().map(|n| n.value));
            Some(read.ok_or_else(|| flaw(row, format!("mức “{value}” không phải số"), format!("the threshold “{value}” is no number")))?)
        };
        if value.is_none() && expected.is_none() {
            continue;
        }
        let threshold = Threshold {
            op: Op::from_sign(&get("Dấu")).filter(|_| value.is_some()),
            value,
            expected,
            region: some(get("Vùng")),
            year: some(get("Năm")).and_then(|y| y.parse().ok()),
            group: some(get("Nhóm xã")),
            province: some(get("Tỉnh")),
            flag: some(get("Đặc điểm")),
            from: date_of(&get("Từ ngày"), row)?,
            to: date_of(&get("Đến ngày"), row)?,
            document: some(get("Văn bản")),
            clause: some(get("Điều khoản")),
            confidence: Confidence::Official,
            ..Threshold::default()
        };
        let target = set.criteria.get_mut(nth).and_then(|c| c.indicators.get_mut(at));
        let target = target.and_then(|i| if of.is_empty() { Some(i) } else { i.parts.last_mut() });
        if let Some(i) = target {
            lines.note(At { threshold: Some(i.thresholds.len()), ..spot }, row);
            i.thresholds.push(threshold);
        }
    }
    Ok((set, lines))
}

/// Position of the last indicator of a criterion.
fn criterion_len(set: &Set, nth: usize) -> usize {
    set.criteria.get(nth).map_or(0, |c| c.indicators.len().saturating_sub(1))
}
