//! From a sheet and its plan to entries, each with the cell it came from, and to the problems and questions that are left.

use super::book::{Cell, Row, Sheet, address};
use super::plan::{EVERYWHERE, Part, Plan, Problem, Question};
use super::read::{self, Ask, Fault, Habits, Scalar};
use super::units::{Found, Mended, Units, is_total};
use crate::Known;
use crate::catalog::Catalog;
use crate::measure::Kind;
use crate::service::Entry;
use crate::value::{Value, ValueProblem};
use calendar::Period;
use places::MapView;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// What of a sheet was left out, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Sums.
    pub totals: usize,
    /// Hidden rows.
    pub hidden: usize,
    /// Headings of groups, and rows that hold no value.
    pub other: usize,
}

/// Everything a sheet says.
#[derive(Debug, Default)]
pub struct Extract {
    /// Values, in order of rows.
    pub entries: Vec<Entry>,
    /// Row and column of each.
    pub spots: Vec<(u32, u32)>,
    /// Cells without a usable value.
    pub problems: Vec<Problem>,
    /// What a person can settle.
    pub questions: Vec<Question>,
    /// Rows with values.
    pub rows: usize,
    /// Rows left out.
    pub left_out: LeftOut,
    /// Codes whose zeros were put back, and old names: (cell, what was written, unit).
    pub mended: Vec<(String, String, String)>,
    /// Texts in an old encoding: before, after.
    pub legacy: Vec<(String, String)>,
}

struct Slot<'a> {
    known: &'a Arc<Known>,
    whole: Option<(u32, Habits)>,
    n: Option<(u32, Habits)>,
    of: Option<(u32, Habits)>,
}

/// Reads all rows of a planned sheet. `view` is the map of the period.
pub fn extract(sheet: &Sheet, plan: &Plan, units: &Units, catalog: &Catalog, view: &MapView, period: Period, stopped: &dyn Fn() -> bool) -> Extract {
    let mut out = Extract::default();
    let slots = slots(sheet, plan, catalog, period);
    let mut asked: BTreeMap<(Ask, u32), Vec<String>> = BTreeMap::new();
    let mut chosen: Vec<(&Row, Uuid)> = Vec::new();
    for row in sheet.rows.iter().filter(|r| r.at >= plan.first) {
        if stopped() {
            return out;
        }
        if row.hidden && !plan.hidden {
            out.left_out.hidden += 1;
            continue;
        }
        if let Some(unit) = unit_of(row, sheet, plan, units, &mut out) {
            chosen.push((row, unit));
        }
    }
    for (row, unit) in once_each(chosen, plan, units, sheet, &mut out) {
        out.rows += 1;
        let reason = plan.reason.and_then(|col| row.cell(col)).map(|c| c.text(true)).filter(|t| !t.is_empty());
        if let Some((before, after, _)) = plan.reason.and_then(|col| row.cell(col)).and_then(Cell::legacy) {
            out.legacy.push((before, after));
        }
        for slot in &slots {
            let measured = value(row, slot, view.reports(unit, &slot.known.measure.reporters()));
            match measured {
                Ok(None) => {}
                Ok(Some((value, col))) => {
                    if let (Some(cell), Value::Words(_)) = (row.cell(col), &value)
                        && let Some((before, after, _)) = cell.legacy()
                        && out.legacy.len() < 8
                    {
                        out.legacy.push((before, after));
                    }
                    let given = plan.answers.get(&format!("reason.{}.{col}", row.at)).cloned().filter(|t| !t.trim().is_empty());
                    out.entries.push(Entry {
                        unit,
                        measure: slot.known.measure.id,
                        period,
                        value,
                        reason: given.or_else(|| reason.clone()),
                        cell: Some(format!("{}!{}", sheet.name, address(row.at, col))),
                        seen: None,
                    });
                    out.spots.push((row.at, col));
                }
                Err((fault, col)) => {
                    let value = row.cell(col).map(|c| c.text(false)).unwrap_or_default();
                    if let Some(ask) = fault.ask {
                        let samples = asked.entry((ask, col)).or_default();
                        if samples.len() < 4 && !samples.contains(&value) {
                            samples.push(value.clone());
                        }
                    }
                    out.problems.push(Problem {
                        row: row.at,
                        col,
                        code: fault.code.to_owned(),
                        vi: fault.vi,
                        en: fault.en,
                        value,
                        about: format!("{} · {}", units.name(unit), slot.known.measure.def.title_vi),
                    });
                }
            }
        }
    }
    out.questions.extend(asked.into_iter().map(|((ask, col), samples)| question(ask, col, &samples, &slots)));
    out
}

fn slots<'a>(sheet: &Sheet, plan: &Plan, catalog: &'a Catalog, period: Period) -> Vec<Slot<'a>> {
    let mut slots: Vec<Slot<'a>> = Vec::new();
    for column in &plan.columns {
        let Some(known) = catalog.coded(&column.code).and_then(|k| catalog.for_period(k.measure.id, period)) else { continue };
        let mut habits = plan.habits(column.col);
        if habits.unit.is_empty() {
            habits.unit = plan.units.get(&EVERYWHERE).filter(|u| read::fits(u, &known.measure)).cloned().unwrap_or_default();
        }
        if habits.style.is_none() {
            habits.style = column_style(sheet, plan.first, column.col);
        }
        let at = match slots.iter().position(|s| s.known.measure.id == known.measure.id) {
            Some(at) => at,
            None => {
                slots.push(Slot { known, whole: None, n: None, of: None });
                slots.len() - 1
            }
        };
        if let Some(slot) = slots.get_mut(at) {
            let held = Some((column.col, habits));
            match column.part {
                Part::Whole => slot.whole = held,
                Part::N => slot.n = held,
                Part::Of => slot.of = held,
            }
        }
    }
    slots
}

/// The style that the unambiguous texts of a column agree upon.
fn column_style(sheet: &Sheet, first: u32, col: u32) -> Option<lang::NumberStyle> {
    let texts = sheet.rows.iter().filter(|r| r.at >= first).filter_map(|r| r.cell(col)).filter(|c| c.number().is_none());
    let mut styles = texts.filter_map(|c| read::style_of(&c.text(false)));
    let style = styles.next()?;
    styles.all(|s| s == style).then_some(style)
}

fn place_problem(row: &Row, col: u32, code: &str, vi: String, en: String, value: &str) -> Problem {
    Problem { row: row.at, col, code: code.to_owned(), vi, en, value: value.to_owned(), about: String::new() }
}

/// Whether any column with values is filled in the row.
fn has_values(row: &Row, plan: &Plan) -> bool {
    plan.columns.iter().any(|c| row.cell(c.col).is_some())
}

fn unit_of(row: &Row, sheet: &Sheet, plan: &Plan, units: &Units, out: &mut Extract) -> Option<Uuid> {
    let text = |col: Option<u32>| col.and_then(|c| row.cell(c)).map(|c| c.text(true)).unwrap_or_default();
    let (code, name) = (text(plan.code), text(plan.name));
    if !has_values(row, plan) {
        out.left_out.other += usize::from(!row.cells.is_empty());
        return None;
    }
    if [&name, &code].into_iter().any(|t| is_total(t)) || row.cells.iter().take(3).any(|c| c.number().is_none() && is_total(&c.text(true))) {
        out.left_out.totals += 1;
        return None;
    }
    let col = plan.name.or(plan.code).unwrap_or(0);
    if let Some((before, after, _)) = row.cell(col).and_then(Cell::legacy).filter(|_| out.legacy.len() < 8) {
        out.legacy.push((before, after));
    }
    let keyed: Option<Uuid> = if plan.keyed { row.cell(0).and_then(|c| c.text(false).parse().ok()) } else { None };
    if let Some(answer) = plan.answers.get(&format!("unit.{}", row.at)) {
        return match answer.parse::<Uuid>() {
            Ok(unit) if units.has(unit) => Some(unit),
            _ => {
                out.left_out.other += 1;
                None
            }
        };
    }
    let found = units.find(&code, &name);
    if let Some(unit) = keyed {
        // Sorting some columns but not the hidden one would put one commune's figures under another's name.
        if let Found::One(named, _) = found
            && named != unit
        {
            out.problems.push(place_problem(
                row,
                col,
                "row_moved",
                format!("Dòng này trong mẫu là của {}, nay ghi tên {}. Hãy tải lại mẫu rồi điền, không đổi chỗ các dòng.", units.name(unit), units.name(named)),
                format!(
                    "In the form this row belongs to {}, now it names {}. Download the form again and do not move rows.",
                    units.name(unit),
                    units.name(named)
                ),
                &name,
            ));
            return None;
        }
        if let Found::One(_, mended) = found {
            note_mended(row, sheet, plan, units, unit, mended, [&code, &name], out);
        }
        return Some(unit);
    }
    match found {
        Found::One(unit, mended) => {
            note_mended(row, sheet, plan, units, unit, mended, [&code, &name], out);
            Some(unit)
        }
        Found::Above => {
            out.left_out.other += 1;
            None
        }
        Found::Ask(list) => {
            ask_unit(row, col, &name, &code, &list, units, out);
            None
        }
        Found::Contradiction(named) => {
            ask_unit(row, col, &name, &code, &[named], units, out);
            None
        }
        Found::Unknown if name.is_empty() && code.is_empty() => {
            if let Some(single) = units.single {
                return Some(single);
            }
            out.problems.push(place_problem(
                row,
                col,
                "no_unit",
                "Dòng này có số nhưng không có tên hay mã đơn vị.".to_owned(),
                "This row has figures but neither name nor code of a unit.".to_owned(),
                "",
            ));
            None
        }
        Found::Unknown => {
            let text = if name.is_empty() { &code } else { &name };
            out.problems.push(place_problem(
                row,
                col,
                "unknown_unit",
                format!("Không thấy “{text}” trong phạm vi đã chọn. Hãy ghi mã đơn vị, hoặc tên đầy đủ có dấu."),
                format!("“{text}” is not among the units chosen. Write its code, or its full name with tones."),
                text,
            ));
            None
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "one note, said from two places")]
fn note_mended(row: &Row, sheet: &Sheet, plan: &Plan, units: &Units, unit: Uuid, mended: Mended, texts: [&str; 2], out: &mut Extract) {
    let (col, text) = match mended {
        Mended::No => return,
        Mended::Code => (plan.code, texts[0]),
        Mended::Name => (plan.name, texts[1]),
    };
    if out.mended.len() < 200 {
        out.mended.push((format!("{}!{}", sheet.name, address(row.at, col.unwrap_or(0))), text.to_owned(), units.name(unit).to_owned()));
    }
}

fn ask_unit(row: &Row, col: u32, name: &str, code: &str, list: &[Uuid], units: &Units, out: &mut Extract) {
    let written = [code, name].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" ");
    out.problems.push(place_problem(
        row,
        col,
        "which_unit",
        format!(
            "“{written}” là nơi nào: {}? Trả lời trên trang, hoặc ghi tên đầy đủ có dấu và mã đúng.",
            list.iter().map(|u| units.name(*u)).collect::<Vec<_>>().join(", ")
        ),
        format!("Which place is “{written}”? Answer on the page, or write the full name and the right code."),
        &written,
    ));
    if out.questions.len() < 100 {
        let mut options: Vec<(String, String, String)> = list.iter().map(|u| (u.to_string(), units.name(*u).to_owned(), units.name(*u).to_owned())).collect();
        options.push(("skip".into(), "Bỏ qua dòng này".into(), "Leave this row out".into()));
        out.questions.push(Question {
            key: format!("unit.{}", row.at),
            vi: format!("Dòng {}: “{written}” là nơi nào?", row.at + 1),
            en: format!("Row {}: which place is “{written}”?", row.at + 1),
            options,
        });
    }
}

/// One row per unit: of two, the answered one; without an answer none, and both are explained. Equal rows count once.
fn once_each<'a>(chosen: Vec<(&'a Row, Uuid)>, plan: &Plan, units: &Units, sheet: &Sheet, out: &mut Extract) -> Vec<(&'a Row, Uuid)> {
    let mut rows_of: HashMap<Uuid, Vec<&Row>> = HashMap::new();
    for (row, unit) in &chosen {
        rows_of.entry(*unit).or_default().push(row);
    }
    let texts = |row: &Row| plan.columns.iter().map(|c| row.cell(c.col).map(|c| c.text(false))).collect::<Vec<_>>();
    let (mut kept, mut said) = (Vec::new(), BTreeSet::new());
    for (row, unit) in chosen {
        let all = rows_of.get(&unit).map(Vec::as_slice).unwrap_or_default();
        let first = all.first().copied().unwrap_or(row);
        let answer = plan.answers.get(&format!("twice.{unit}")).and_then(|a| a.parse::<u32>().ok());
        let same = all.iter().all(|other| texts(other) == texts(first));
        if all.len() < 2 || answer == Some(row.at) || (answer.is_none() && same && first.at == row.at) {
            kept.push((row, unit));
            continue;
        }
        if answer.is_some() || same {
            out.left_out.other += 1;
            continue;
        }
        let name = units.name(unit);
        let numbers = all.iter().map(|r| (r.at + 1).to_string()).collect::<Vec<_>>().join(", ");
        let col = plan.name.or(plan.code).unwrap_or(0);
        let value = sheet.cell(row.at, col).map(|c| c.text(true)).unwrap_or_default();
        out.problems.push(place_problem(
            row,
            col,
            "unit_twice",
            format!("{name} có nhiều dòng khác nhau: dòng {numbers}. Hãy chỉ giữ một dòng, hoặc chọn trên trang."),
            format!("{name} has several different rows: {numbers}. Keep one, or choose on the page."),
            &value,
        ));
        if said.insert(unit) && out.questions.len() < 100 {
            let mut options: Vec<(String, String, String)> =
                all.iter().map(|r| (r.at.to_string(), format!("Lấy dòng {}", r.at + 1), format!("Take row {}", r.at + 1))).collect();
            options.push((u32::MAX.to_string(), "Bỏ qua cả hai".into(), "Leave all of them out".into()));
            out.questions.push(Question {
                key: format!("twice.{unit}"),
                vi: format!("{name} có nhiều dòng ({numbers}). Lấy dòng nào?"),
                en: format!("{name} has several rows ({numbers}). Which one?"),
                options,
            });
        }
    }
    kept
}

type Read = Result<Option<(Value, u32)>, (Fault, u32)>;

/// The value of a measure in a row, and the column it is shown at.
fn value(row: &Row, slot: &Slot<'_>, reports: bool) -> Read {
    let measure = &slot.known.measure;
    let part = |held: &Option<(u32, Habits)>| -> Result<Option<Scalar>, (Fault, u32)> {
        let Some((col, habits)) = held else { return Ok(None) };
        row.cell(*col).map_or(Ok(None), |cell| read::read(cell, measure, habits)).map_err(|fault| (fault, *col))
    };
    let refused = |problem: ValueProblem, col: u32| (Fault { code: problem.code, vi: problem.vi, en: problem.en, ask: None }, col);
    let Some(col) = slot.whole.as_ref().or(slot.n.as_ref()).or(slot.of.as_ref()).map(|h| h.0) else { return Ok(None) };
    let plain = |scalar: Scalar| match scalar {
        Scalar::NotApplicable => Ok(Value::NotApplicable),
        Scalar::NotKnown => Ok(Value::NotKnown),
        Scalar::Words(text) => Value::words(measure, &text),
        Scalar::Number(number) => Value::number(measure, number),
    };
    let found = if measure.def.kind == Kind::Percent && slot.whole.is_none() {
        let (n, of) = (part(&slot.n)?, part(&slot.of)?);
        let missing = |vi: &str, en: &str, col: u32| (Fault { code: "half_share", vi: vi.to_owned(), en: en.to_owned(), ask: None }, col);
        match (n, of) {
            (None, None) => None,
            (Some(Scalar::Number(n)), Some(Scalar::Number(of))) => Some(Value::ratio(measure, n, of).map_err(|p| refused(p, col))?),
            (Some(absent @ (Scalar::NotApplicable | Scalar::NotKnown)), _) | (None, Some(absent @ (Scalar::NotApplicable | Scalar::NotKnown))) => {
                Some(plain(absent).map_err(|p| refused(p, col))?)
            }
            (Some(_), None) => {
                return Err(missing(
                    "Có số đạt (n) nhưng thiếu tổng số (N). Hãy ghi cả hai.",
                    "n is there but N is missing. Write both.",
                    slot.of.as_ref().map_or(col, |h| h.0),
                ));
            }
            (None, Some(_)) => {
                return Err(missing(
                    "Có tổng số (N) nhưng thiếu số đạt (n). Nếu không có thì ghi 0.",
                    "N is there but n is missing. Write 0 if there are none.",
                    col,
                ));
            }
            _ => return Err(missing("n và N phải cùng là số.", "n and N must both be numbers.", slot.of.as_ref().map_or(col, |h| h.0))),
        }
    } else {
        part(&slot.whole)?.map(plain).transpose().map_err(|p| refused(p, col))?
    };
    // Forms for mixed units say "not applicable" where a unit has nothing to report.
    Ok(found.filter(|v| reports || *v != Value::NotApplicable).map(|v| (v, col)))
}

fn question(ask: Ask, col: u32, samples: &[String], slots: &[Slot<'_>]) -> Question {
    let letters = super::book::column(col);
    let holds = |s: &&Slot<'_>| [&s.whole, &s.n, &s.of].into_iter().flatten().any(|h| h.0 == col);
    let title = slots.iter().find(holds).map(|s| s.known.measure.def.title_vi.clone()).unwrap_or_default();
    let shown = samples.iter().map(|s| format!("“{s}”")).collect::<Vec<_>>().join(", ");
    let own = |options: &[(&str, &str, &str)]| options.iter().map(|o| (o.0.to_owned(), o.1.to_owned(), o.2.to_owned())).collect();
    let (vi, en, options) = match ask {
        Ask::Style => (
            "dấu chấm và dấu phẩy nghĩa là gì?",
            "what do point and comma mean?",
            own(&[
                ("vi", "1.234,5 – dấu chấm ngăn hàng nghìn", "1.234,5 – the point groups thousands"),
                ("en", "1,234.5 – dấu phẩy ngăn hàng nghìn", "1,234.5 – the comma groups thousands"),
            ]),
        ),
        Ask::Local => (
            "sào, mẫu, công theo cách đo nào?",
            "which sào, mẫu or công?",
            own(&[
                ("usual", "Sào 360 m², mẫu 3.600 m², công 1.000 m²", "Sào 360 m², mẫu 3,600 m², công 1,000 m²"),
                ("other", "Sào 500 m², mẫu 5.000 m², công 1.296 m²", "Sào 500 m², mẫu 5,000 m², công 1,296 m²"),
            ]),
        ),
        Ask::Dash => (
            "dấu gạch nghĩa là gì?",
            "what does the dash mean?",
            own(&[("zero", "Bằng 0", "Zero"), ("unknown", "Chưa có số liệu", "Not known"), ("skip", "Bỏ qua", "Leave out")]),
        ),
        Ask::Legacy => (
            "chữ gõ bằng phông cũ, đổi sang Unicode?",
            "text in an old encoding, convert it to Unicode?",
            own(&[("yes", "Đổi", "Convert"), ("no", "Giữ nguyên", "Keep")]),
        ),
    };
    Question {
        key: format!("{}.{col}", ask.word()),
        vi: format!("Cột {letters} ({title}), {shown}: {vi}"),
        en: format!("Column {letters} ({title}), {shown}: {en}"),
        options,
    }
}
