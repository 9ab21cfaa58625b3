//! Writing a set as a workbook.

use super::{ABOUT, ALL, AMENDMENTS, ANNEXES, AT_LEAST, CRITERIA, FORMER, GROUPS, INDICATOR, OBSERVED, POINTS, RULES, SHEET, THRESHOLD, in_one};
use crate::model::{Compose, Criterion, Indicator, Kind, Op, Scope, Set, Threshold};
use jiff::civil::Date;
use print::{Book, Cell, Column, Kind as Format, Language, PrintError, Table, to_xlsx};
use rust_decimal::Decimal;

fn text(value: impl Into<String>) -> Cell {
    let value = value.into();
    if value.is_empty() { Cell::Empty } else { Cell::Text(value) }
}

fn opt(value: Option<&str>) -> Cell {
    value.map_or(Cell::Empty, text)
}

fn yes(value: bool) -> Cell {
    if value { text("có") } else { Cell::Empty }
}

fn day(value: Option<Date>) -> Cell {
    value.map_or(Cell::Empty, |d| text(d.to_string()))
}

/// A number as long as a spreadsheet keeps it; a longer one as text.
fn number(value: Option<Decimal>) -> Cell {
    let Some(value) = value.map(|v| v.normalize()) else { return Cell::Empty };
    let kept = value.to_string().parse::<f64>().is_ok_and(|f| f.to_string() == value.to_string());
    if kept { Cell::Number(value) } else { text(value.to_string()) }
}

fn table(title: &str, columns: &[&str], rows: Vec<Vec<Cell>>) -> Table {
    let format = |name: &str| if matches!(name, "Mức" | "Cao hơn (%)" | "Điểm") { Format::Number { decimals: 4 } } else { Format::Text };
    Table { title: title.to_owned(), columns: columns.iter().map(|c| Column::new(*c, format(c))).collect(), rows, ..Table::default() }
}

/// The set as a workbook.
///
/// # Errors
/// What the writer of workbooks says.
pub fn write_xlsx(set: &Set, made: Date) -> Result<Vec<u8>, PrintError> {
    let mut rows = Vec::new();
    let mut former = Vec::new();
    let mut add = |c: &Criterion, i: &Indicator, of: Option<&str>| {
        rows.extend(lines(c, i, of));
        former.extend(i.was.iter().map(|f| {
            vec![text(&i.code), opt(f.title.as_deref()), opt(f.kind.map(Kind::word)), f.unit.as_deref().map_or(Cell::Empty, text), day(Some(f.until))]
        }));
    };
    for c in &set.criteria {
        for i in &c.indicators {
            add(c, i, None);
            for p in &i.parts {
                add(c, p, Some(&i.code));
            }
        }
    }
    let columns: Vec<&str> = INDICATOR.into_iter().chain(THRESHOLD).collect();
    let mut sheets = vec![table(SHEET, &columns, rows), table(ABOUT, &["Mục", "Nội dung"], about(set))];
    let criterion = |c: &Criterion| vec![text(&c.number), text(&c.title), text(&c.group), yes(c.condition), text(c.confidence.word()), opt(c.note.as_deref())];
    sheets.push(table(CRITERIA, &["Tiêu chí số", "Tên tiêu chí", "Nhóm", "Điều kiện", "Độ tin cậy", "Ghi chú"], set.criteria.iter().map(criterion).collect()));
    let mut part = |title: &str, columns: &[&str], rows: Vec<Vec<Cell>>| {
        if !rows.is_empty() {
            sheets.push(table(title, columns, rows));
        }
    };
    part(FORMER, &["Mã chỉ tiêu", "Tên", "Loại", "Đơn vị tính", "Đến hết ngày"], former);
    let rows = set.region_rules.iter().map(|r| {
        vec![text(&r.flag), text(&r.region), text(&r.clause), text(&r.document), text(r.confidence.word()), opt(r.source.as_deref()), opt(r.note.as_deref())]
    });
    part(RULES, &["Đặc điểm", "Áp dụng mức của vùng", "Điều khoản", "Văn bản", "Độ tin cậy", "Nguồn", "Ghi chú"], rows.collect());
    let rows =
        set.amendments.iter().map(|a| vec![text(&a.document), day(Some(a.date)), opt(a.note.as_deref()), text(a.confidence.word()), opt(a.source.as_deref())]);
    part(AMENDMENTS, &["Văn bản", "Ngày", "Nội dung", "Độ tin cậy", "Nguồn"], rows.collect());
    let rows = set.commune_groups.iter().map(|g| vec![text(&g.code), text(&g.title), text(&g.rule), text(g.confidence.word()), opt(g.source.as_deref())]);
    part(GROUPS, &["Mã nhóm", "Tên nhóm", "Quy tắc", "Độ tin cậy", "Nguồn"], rows.collect());
    part(ANNEXES, &["Số phụ lục", "Tên phụ lục"], set.annexes.iter().map(|a| vec![text(&a.number), text(&a.title)]).collect());
    let rows = set
        .observed
        .iter()
        .map(|o| vec![text(&o.title), text(&o.village), text(&o.value), opt(o.op.as_deref()), opt(o.unit.as_deref()), text(o.confidence.word())]);
    part(OBSERVED, &["Nội dung đo", "Nơi", "Giá trị", "Dấu", "Đơn vị tính", "Độ tin cậy"], rows.collect());
    to_xlsx(&Book { language: Language::Vi, made, sheets, about: Vec::new(), definitions: None })
}

/// The rows of an indicator: one per threshold, or one alone.
fn lines(c: &Criterion, i: &Indicator, of: Option<&str>) -> Vec<Vec<Cell>> {
    let compose = match i.compose {
        Some(Compose::All) => text(ALL),
        Some(Compose::AtLeast(k)) => text(format!("{AT_LEAST} {k}")),
        Some(Compose::Points(points)) => text(format!("{POINTS} {points}")),
        None => Cell::Empty,
    };
    let levels_by = if i.levels_by == Scope::National { Cell::Empty } else { text(i.levels_by.word()) };
    let own = || {
        vec![
            text(&c.number),
            text(&i.code),
            opt(of),
            text(&i.title),
            text(i.kind.word()),
            text(&i.unit),
            opt(i.op.map(Op::sign)),
            levels_by.clone(),
            opt(i.measure.as_deref()),
            opt(i.formula.as_deref()),
            opt(i.refers_to.as_deref()),
            opt(i.base.as_deref()),
            text(i.options.join("\n")),
            opt(i.applies_if.as_deref()),
            yes(i.evidence),
            opt(i.owner.as_deref()),
            opt(i.guidance.as_deref()),
            opt(i.amended_by.as_deref()),
            day(i.amended_from),
            compose.clone(),
            number(i.points),
            text(i.confidence.word()),
            opt(i.source.as_deref()),
            opt(i.note.as_deref()),
        ]
    };
    if i.thresholds.is_empty() {
        return vec![own().into_iter().chain(THRESHOLD.map(|_| Cell::Empty)).collect()];
    }
    i.thresholds.iter().map(|t| own().into_iter().chain(threshold(t)).collect()).collect()
}

fn threshold(t: &Threshold) -> [Cell; 17] {
    [
        opt(t.op.map(Op::sign)),
        number(t.value),
        opt(t.expected.as_deref()),
        opt(t.above.as_deref()),
        number(t.percent),
        opt(t.region.as_deref()),
        t.year.map_or(Cell::Empty, |y| text(y.to_string())),
        opt(t.group.as_deref()),
        opt(t.province.as_deref()),
        opt(t.flag.as_deref()),
        day(t.from),
        day(t.to),
        opt(t.document.as_deref()),
        opt(t.clause.as_deref()),
        text(t.confidence.word()),
        opt(t.source.as_deref()),
        opt(t.note.as_deref()),
    ]
}

fn about(set: &Set) -> Vec<Vec<Cell>> {
    let some = |value: &Option<String>| value.clone().unwrap_or_default();
    let date = |value: Option<Date>| value.map(|d| d.to_string()).unwrap_or_default();
    let count = |value: Option<usize>| value.map(|n| n.to_string()).unwrap_or_default();
    let lines = [
        ("code", set.code.clone()),
        ("version", set.version.to_string()),
        ("title", set.title.clone()),
        ("title_en", set.title_en.clone()),
        ("document", set.document.clone()),
        ("authority", set.authority.clone()),
        ("level", set.level.word().to_owned()),
        ("kinds", in_one(&set.kinds)),
        ("rank", set.rank.word().to_owned()),
        ("requires", in_one(&set.requires)),
        ("required_by", some(&set.required_by)),
        ("based_on", some(&set.based_on)),
        ("area", some(&set.area)),
        ("province", some(&set.province)),
        ("effective_from", date(set.effective_from)),
        ("effective_to", date(set.effective_to)),
        ("criteria_count", count(set.criteria_count)),
        ("indicator_count", count(set.indicator_count)),
        ("regions", in_one(&set.regions)),
        ("complete", if set.complete { "có" } else { "" }.to_owned()),
        ("confidence", set.confidence.word().to_owned()),
        ("source", some(&set.source)),
        ("note", some(&set.note)),
    ];
    lines.into_iter().map(|(name, value)| vec![text(name), text(value)]).collect()
}
