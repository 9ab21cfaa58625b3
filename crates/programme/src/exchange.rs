//! Plans as TOML and as workbooks, out and in. A workbook has a sheet for the head, the targets, the readings, the claims and the
//! groups of tasks; the word in brackets in a heading names the field, so that headings may be read in either language.

use crate::check::{Rows, Spot, Wrong};
use crate::plan::Definition;
use crate::service::progress::Progress;
use calamine::{Data, Reader as _, Xlsx};
use jiff::civil::Date;
use print::{Book, Cell, Column, Kind, Language, PrintError, Table, to_xlsx};
use serde_json::{Map, Value, json};
use std::io::Cursor;
use ui::Lang;

/// The plan as TOML that [`crate::read_toml`] reads again. Units are named by `unit`.
///
/// # Errors
/// What the writer says; a defect.
pub fn to_toml(def: &Definition) -> Result<String, String> {
    // TOML has no null: what is empty is left out.
    let value = serde_json::to_value(def).map_err(|e| e.to_string())?;
    toml::to_string_pretty(&lean(value)).map_err(|e| e.to_string())
}

/// Without nulls, empty texts and empty lists.
fn lean(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.into_iter().map(|(k, v)| (k, lean(v)));
            Value::Object(kept.filter(|(_, v)| !v.is_null() && v.as_str() != Some("") && v.as_array().is_none_or(|a| !a.is_empty())).collect())
        }
        Value::Array(list) => Value::Array(list.into_iter().map(lean).collect()),
        other => other,
    }
}

type Heads = &'static [(&'static str, &'static str, &'static str)];
const TARGET: Heads = &[
    ("code", "Mã", "Code"),
    ("pillar", "Trụ cột", "Pillar"),
    ("title_vi", "Mục tiêu", "Target"),
    ("title_en", "Tên tiếng Anh", "English"),
    ("clause", "Điều, khoản", "Clause"),
    ("level", "Cấp được đếm", "Level counted"),
    ("op", "So sánh", "Comparison"),
    ("value", "Giá trị", "Value"),
    ("unit", "Đơn vị tính", "Unit"),
    ("stated", "Cách ghi", "Stated"),
    ("deadline", "Hạn", "Deadline"),
    ("confidence", "Độ tin cậy", "Confidence"),
    ("source", "Nguồn", "Source"),
    ("note", "Ghi chú", "Note"),
];
const READING: Heads = &[
    ("target", "Mục tiêu", "Target"),
    ("code", "Mã cách đọc", "Code"),
    ("title_vi", "Cách đọc", "Reading"),
    ("title_en", "Tiếng Anh", "English"),
    ("how", "Cách đếm", "How"),
    ("show", "Hiện", "Shown as"),
    ("measures", "Chỉ tiêu", "Measures"),
    ("instead", "Dùng thay", "Instead"),
    ("level", "Cấp", "Level"),
    ("kinds", "Loại đơn vị", "Kinds"),
    ("groups", "Nhóm", "Groups"),
    ("but_groups", "Trừ nhóm", "Without groups"),
    ("among", "Trong số nơi", "Among"),
    ("at_least", "Mỗi nơi từ", "Each at least"),
    ("needs", "Phải đạt", "Needs"),
    ("tree", "Bản đồ", "Map"),
    ("on", "Vào ngày", "On"),
];
const CLAIM: Heads = &[
    ("code", "Mã", "Code"),
    ("targets", "Mục tiêu", "Targets"),
    ("measure", "Chỉ tiêu", "Measure"),
    ("title_vi", "Nội dung", "What"),
    ("value", "Giá trị công bố", "Value claimed"),
    ("unit", "Đơn vị tính", "Unit"),
    ("as_of", "Thời điểm", "As of"),
    ("confidence", "Độ tin cậy", "Confidence"),
    ("source", "Nguồn", "Source"),
    ("note", "Ghi chú", "Note"),
];
const GROUP: Heads = &[
    ("number", "Số", "Number"),
    ("title_vi", "Nhiệm vụ", "Task"),
    ("title_en", "Tiếng Anh", "English"),
    ("pillar", "Trụ cột", "Pillar"),
    ("confidence", "Độ tin cậy", "Confidence"),
    ("source", "Nguồn", "Source"),
];
/// Fields that hold lists; in a cell they are parted by `;`.
const LISTS: &[&str] = &["measures", "instead", "kinds", "groups", "but_groups", "targets"];

fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; "),
        Some(other) => other.to_string(),
    }
}

fn sheet(title: &str, table: &str, heads: Heads, rows: &[Value], l: Lang) -> Table {
    let columns = heads.iter().map(|(field, vi, en)| Column::new(format!("{} ({table}.{field})", l.t(vi, en)), Kind::Text));
    let rows = rows.iter().map(|row| heads.iter().map(|(field, ..)| Cell::from(text(row.get(field)).as_str())).collect());
    Table { title: title.to_owned(), columns: columns.collect(), rows: rows.collect(), ..Table::default() }
}

/// The plan as a workbook, with the computed values on a sheet of their own.
///
/// # Errors
/// [`PrintError`] when it is too large or cannot be written.
pub fn to_workbook(def: &Definition, list: &[Progress], address: &str, made: Date, l: Lang) -> Result<Vec<u8>, PrintError> {
    let all = serde_json::to_value(def).unwrap_or_default();
    let rows = |name: &str| all.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let head: Vec<Value> =
        all.get("plan").and_then(Value::as_object).into_iter().flatten().map(|(field, value)| json!({"field": field, "value": text(Some(value))})).collect();
    let mut readings = Vec::new();
    for target in rows("target") {
        for reading in target.get("reading").and_then(Value::as_array).into_iter().flatten() {
            let mut reading = reading.clone();
            if let Some(map) = reading.as_object_mut() {
                map.insert("target".into(), target.get("code").cloned().unwrap_or_default());
            }
            readings.push(reading);
        }
    }
    let fields: Heads = &[("field", "Trường", "Field"), ("value", "Nội dung", "Value")];
    let language = l.t("vi", "en");
    let book = Book {
        language: if language == "vi" { Language::Vi } else { Language::En },
        made,
        sheets: vec![
            sheet(l.t("Kế hoạch", "Plan"), "plan", fields, &head, l),
            sheet(l.t("Mục tiêu", "Targets"), "target", TARGET, &rows("target"), l),
            sheet(l.t("Cách đọc", "Readings"), "reading", READING, &readings, l),
            sheet(l.t("Công bố", "Claims"), "claim", CLAIM, &rows("claim"), l),
            sheet(l.t("Nhiệm vụ", "Task groups"), "group", GROUP, &rows("task_group"), l),
            computed(list, l),
        ],
        about: vec![(l.t("Địa chỉ", "Address").to_owned(), address.to_owned()), (l.t("Nguồn", "Source").to_owned(), def.plan.source.clone())],
        definitions: None,
    };
    to_xlsx(&book)
}

/// What is computed; this sheet is not read when the workbook comes back.
fn computed(list: &[Progress], l: Lang) -> Table {
    use crate::pages::words;
    let column = |vi: &str, en: &str, kind| Column::new(l.t(vi, en), kind);
    let whole = Kind::Number { decimals: 0 };
    let number = Kind::Number { decimals: 1 };
    let int = |n: Option<i64>| n.map_or(Cell::Empty, Cell::Int);
    let row = |p: &Progress| {
        let (vi, en) = p.verdict.label();
        vec![
            Cell::from(p.held.target.code.as_str()),
            Cell::from(p.held.target.title(l)),
            Cell::Number(p.required),
            p.tally.value.map_or(Cell::Empty, Cell::Number),
            int(p.tally.parts.map(|x| x.0)),
            int(p.tally.parts.map(|x| x.1)),
            Cell::Int(p.tally.missing + p.tally.awaiting),
            Cell::from(p.period.map(|x| words::period(x, l)).unwrap_or_default().as_str()),
            Cell::from(l.t(vi, en)),
            Cell::from(words::reason(p, l).as_str()),
            Cell::from(p.reading.as_ref().map(|r| r.title(l)).unwrap_or_default()),
        ]
    };
    Table {
        title: l.t("Kết quả tính được", "Computed").to_owned(),
        columns: vec![
            column("Mã", "Code", Kind::Text),
            column("Mục tiêu", "Target", Kind::Text),
            column("Phải đạt", "Required", number),
            column("Giá trị", "Value", number),
            column("n", "n", whole),
            column("N", "N", whole),
            column("Còn thiếu", "Missing", whole),
            column("Kỳ", "Period", Kind::Text),
            column("Tình trạng", "Status", Kind::Text),
            column("Vì sao", "Why", Kind::Text),
            column("Cách đọc", "Reading", Kind::Text),
        ],
        rows: list.iter().map(row).collect(),
        ..Table::default()
    }
}

/// A sheet that was recognised: its table, and each row with its number and its filled fields.
struct Read {
    table: String,
    rows: Vec<(usize, Map<String, Value>)>,
}

/// The field that a heading names: `Mã (target.code)` gives `target`, `code`.
fn named(heading: &str) -> Option<(&str, &str)> {
    heading.trim().strip_suffix(')')?.rsplit_once('(')?.1.split_once('.')
}

fn cell(data: &Data) -> String {
    match data {
        Data::Empty => String::new(),
        Data::Float(n) if n.fract() == 0.0 && n.abs() < 1e15 => format!("{n:.0}"),
        Data::DateTimeIso(text) => text.chars().take(10).collect(),
        Data::DateTime(at) => lang::excel_serial(at.as_f64()).map(|d| d.to_string()).unwrap_or_default(),
        other => lang::clean(&other.to_string()),
    }
}

fn sheets(bytes: &[u8]) -> Option<Vec<Read>> {
    let mut file: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).ok()?;
    let names = file.sheet_names();
    let mut out = Vec::new();
    for name in names.into_iter().take(20) {
        let range = file.worksheet_range(&name).ok()?;
        let first = range.start().map_or(0, |s| s.0 as usize);
        let mut heads: Vec<(usize, String)> = Vec::new();
        let mut read = Read { table: String::new(), rows: Vec::new() };
        for (nth, row) in range.rows().take(5_000).enumerate() {
            let texts: Vec<String> = row.iter().map(cell).collect();
            if heads.is_empty() {
                let found = texts.iter().enumerate().filter_map(|(at, text)| named(text).map(|(table, field)| (at, table.to_owned(), field.to_owned())));
                for (at, table, field) in found {
                    read.table = table;
                    heads.push((at, field));
                }
                continue;
            }
            let mut map = Map::new();
            for (at, field) in &heads {
                let Some(text) = texts.get(*at).filter(|t| !t.is_empty()) else { continue };
                let value = if LISTS.contains(&field.as_str()) {
                    Value::from(text.split([';', ',']).map(str::trim).filter(|t| !t.is_empty()).collect::<Vec<_>>())
                } else if field == "number" {
                    text.parse::<u32>().map_or_else(|_| Value::from(text.as_str()), Value::from)
                } else {
                    Value::from(text.as_str())
                };
                map.insert(field.clone(), value);
            }
            if !map.is_empty() {
                read.rows.push((first + nth + 1, map));
            }
        }
        if !heads.is_empty() {
            out.push(read);
        }
    }
    Some(out)
}

/// Reads a plan from a workbook as [`to_workbook`] writes it, with the rows for findings.
///
/// # Errors
/// One [`Wrong`] `plan_unreadable` with the row.
pub fn from_workbook(name: &str, bytes: &[u8]) -> Result<(Definition, Rows), Wrong> {
    let wrong = |line: Option<usize>, field: &'static str, vi: String, en: String| Wrong { code: "plan_unreadable", spot: Spot::Plan, field, line, vi, en };
    if let Err(problem) = print::inspect_upload(name, bytes, &print::UploadLimits::default()) {
        return Err(wrong(None, "XLSX", problem.vi(), problem.en()));
    }
    let all = sheets(bytes).ok_or_else(|| wrong(None, "XLSX", "Tệp Excel không đọc được.".to_owned(), "The workbook cannot be read.".to_owned()))?;
    let of = |table: &str| all.iter().filter(|s| s.table == table).flat_map(|s| s.rows.clone()).collect::<Vec<_>>();
    let mut head = Map::new();
    for (_, row) in of("plan") {
        let (Some(field), Some(value)) = (row.get("field").and_then(Value::as_str), row.get("value").and_then(Value::as_str)) else { continue };
        let value = match (field, value) {
            ("version", _) => continue,
            ("inherits", text) => Value::from(text == "true"),
            (_, text) => Value::from(text),
        };
        head.insert(field.to_owned(), value);
    }
    if head.is_empty() {
        return Err(wrong(
            None,
            "XLSX",
            "Không thấy trang tính của kế hoạch. Tải mẫu bằng nút Excel ở một trang kế hoạch.".to_owned(),
            "There is no sheet of a plan. Take the form with the button Excel on the page of a plan.".to_owned(),
        ));
    }
    let mut rows = Rows::default();
    let mut targets: Vec<Map<String, Value>> = Vec::new();
    for (line, row) in of("target") {
        rows.target.push(line);
        rows.reading.push(Vec::new());
        targets.push(row);
    }
    let mut lists: Vec<Vec<Value>> = vec![Vec::new(); targets.len()];
    for (line, mut row) in of("reading") {
        let code = row.remove("target").unwrap_or_default();
        let at = targets.iter().position(|t| t.get("code") == Some(&code)).ok_or_else(|| {
            let code = code.as_str().unwrap_or_default();
            wrong(Some(line), "target", format!("Không có mục tiêu {code}."), format!("There is no target {code}."))
        })?;
        if let (Some(list), Some(lines)) = (lists.get_mut(at), rows.reading.get_mut(at)) {
            list.push(Value::Object(row));
            lines.push(line);
        }
    }
    for (target, list) in targets.iter_mut().zip(lists) {
        target.insert("reading".into(), Value::Array(list));
    }
    let claims = of("claim");
    rows.claim = claims.iter().map(|c| c.0).collect();
    // One at a time, so that a row that cannot be read is named.
    for (target, line) in targets.iter().zip(&rows.target) {
        if let Err(e) = serde_json::from_value::<crate::plan::Target>(Value::Object(target.clone())) {
            return Err(wrong(Some(*line), "target", format!("Dòng mục tiêu chưa đọc được: {e}."), format!("The target cannot be read: {e}.")));
        }
    }
    for (line, claim) in &claims {
        if let Err(e) = serde_json::from_value::<crate::plan::Claim>(Value::Object(claim.clone())) {
            return Err(wrong(Some(*line), "claim", format!("Dòng công bố chưa đọc được: {e}."), format!("The claim cannot be read: {e}.")));
        }
    }
    let whole = json!({
        "plan": head,
        "target": targets,
        "claim": claims.into_iter().map(|c| c.1).collect::<Vec<_>>(),
        "task_group": of("group").into_iter().map(|g| g.1).collect::<Vec<_>>(),
    });
    let def = serde_json::from_value(whole)
        .map_err(|e| wrong(None, "plan", format!("Phần kế hoạch chưa đọc được: {e}."), format!("The plan cannot be read: {e}.")))?;
    Ok((def, rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_plans_come_back_as_they_went() {
        for def in crate::facts::plans().unwrap() {
            let text = to_toml(&def).unwrap();
            assert_eq!(crate::read_toml(&text).unwrap(), def, "{text}");
            let bytes = to_workbook(&def, &[], "/plans/x", jiff::civil::date(2026, 1, 1), Lang::Vi).unwrap();
            let (back, rows) = from_workbook("plan.xlsx", &bytes).unwrap();
            // The version is the platform's to give, not the workbook's.
            assert_eq!(Definition { plan: crate::plan::Head { version: def.plan.version, ..back.plan.clone() }, ..back }, def);
            assert_eq!(rows.target.len(), def.target.len());
        }
    }

    #[test]
    fn what_is_no_plan_is_refused() {
        assert_eq!(from_workbook("x.xlsx", b"nothing").unwrap_err().code, "plan_unreadable");
        let empty = to_xlsx(&Book { language: Language::Vi, made: jiff::civil::date(2026, 1, 1), sheets: vec![], about: vec![], definitions: None }).unwrap();
        assert!(from_workbook("x.xlsx", &empty).unwrap_err().vi.contains("Không thấy"));
    }
}
