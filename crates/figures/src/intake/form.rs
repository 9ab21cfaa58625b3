//! Our own form: made with keys inside, and known again by them.

use super::book::Book;
use super::plan::{Column, Part, Plan};
use crate::ledger::{State, Story};
use crate::measure::Kind;
use crate::service::Figures;
use crate::store;
use crate::value::{Value, unscale};
use crate::{Known, Measure};
use access::{Context, Role, db_error};
use calendar::Period;
use places::Level;
use print::template::{DATA_SHEET, FIRST_ROW, KEY_SHEET, MARK, NO, YES};
use print::{Cell, Fill, Language, TemplateColumn, TemplateRow, TemplateSpec, template_xlsx};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use ui::AppError;
use uuid::Uuid;

/// Key of the column of explanations.
const REASON: &str = "_reason";
/// Behind the code of a measure: the locked column with the last period's value.
const BEFORE: &str = ".prev";

/// What the hidden sheet says about the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormKey {
    /// Version of this key.
    pub v: u32,
    /// Unit for which it was made.
    pub unit: Uuid,
    /// Period.
    pub period: String,
    /// Level of the rows.
    pub level: Level,
    /// When; microseconds UTC.
    pub made: i64,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// The unit, or the unit above the rows.
    pub unit: Uuid,
    /// Period.
    pub period: Period,
    /// With a locked column of the last period's values beside each measure.
    pub before: bool,
}

fn absent_words() -> Vec<String> {
    vec!["Không áp dụng".to_owned(), "Chưa có số liệu".to_owned()]
}

/// What a form of a unit and period holds: level of its rows, units, measures.
pub fn contents(figures: &Figures, unit: Uuid, period: Period) -> Option<(Level, Vec<Uuid>, Vec<Arc<Known>>)> {
    let atlas = figures.places().atlas();
    let catalog = figures.catalog();
    let open = || {
        let all = catalog.current().filter(|k| k.measure.takes(period) && !k.measure.computed());
        all.filter_map(|k| catalog.for_period(k.measure.id, period)).cloned()
    };
    let last = open().next()?.window(period).1;
    let view = atlas.on(last);
    let own = view.level(unit)?;
    let level = if own >= Level::Commune { own } else { Level::Commune };
    let measures: Vec<Arc<Known>> = open().filter(|k| k.measure.def.level == level).collect();
    let reports = |u: &Uuid| measures.iter().any(|k| view.reports(*u, &k.measure.reporters()));
    let units: Vec<Uuid> = view.under(unit, level).into_iter().filter(reports).collect();
    let measures: Vec<Arc<Known>> = measures.iter().filter(|k| units.iter().any(|u| view.reports(*u, &k.measure.reporters()))).cloned().collect();
    (!units.is_empty() && !measures.is_empty()).then_some((level, units, measures))
}

/// The form as a file: name and bytes.
///
/// # Errors
/// 401/403 without the role of officer there, 404 `nothing_to_fill` when no measure is reported by it in this period.
pub async fn make(figures: &Figures, ctx: &Context, wanted: Wanted) -> Result<(String, Vec<u8>), AppError> {
    let (name, spec) = spec(figures, ctx, wanted).await?;
    let bytes = tokio::task::spawn_blocking(move || template_xlsx(&spec)).await.ok().and_then(Result::ok);
    Ok((name, bytes.ok_or_else(|| AppError::new("internal", 500))?))
}

/// The form before it becomes a file.
pub(super) async fn spec(figures: &Figures, ctx: &Context, wanted: Wanted) -> Result<(String, TemplateSpec), AppError> {
    let atlas = figures.places().atlas();
    if !figures.may(ctx, Role::Officer, wanted.unit) {
        ctx.require(Role::Officer, &[])?;
    }
    let Wanted { unit, period, before } = wanted;
    let Some((level, units, measures)) = contents(figures, unit, period) else {
        return Err(AppError::new("nothing_to_fill", 404)
            .say("Kỳ này không có chỉ tiêu nào do nơi này báo cáo.", "No measure is reported by this place in this period.")
            .mend("Chọn kỳ khác hoặc nơi khác.", "Choose another period or place."));
    };
    let last = measures.first().map_or(ctx.today(), |k| k.window(period).1);
    let view = atlas.on(last);
    let mut rows: Vec<TemplateRow> = units
        .iter()
        .map(|id| {
            let code = atlas.version(*id, last).and_then(|v| v.code.as_ref()).map(ToString::to_string).unwrap_or_default();
            TemplateRow { key: id.to_string(), labels: vec![Cell::Text(code), Cell::Text(atlas.full_name(*id, last))], values: Vec::new() }
        })
        .collect();
    let mut columns = Vec::new();
    for known in &measures {
        let measure = &known.measure;
        let present = values(figures, known, period, &units).await?;
        let past = match period.previous().filter(|_| before) {
            Some(previous) => Some((previous, values(figures, known, previous, &units).await?)),
            None => None,
        };
        columns.push(column(known));
        if let Some((previous, _)) = &past {
            let unit = format!("kỳ trước, {}", previous.label_vi());
            columns.push(TemplateColumn {
                key: format!("{}{BEFORE}", measure.def.code),
                title: measure.def.title_vi.clone(),
                unit,
                hint: String::new(),
                kind: Fill::Text,
                locked: true,
            });
        }
        for (row, id) in rows.iter_mut().zip(&units) {
            let value = if view.reports(*id, &measure.reporters()) { present.get(id).cloned() } else { Some(Value::NotApplicable) };
            row.values.extend(cells(measure, value.as_ref()));
            if let Some((_, past)) = &past {
                row.values.push(past.get(id).map(|v| Cell::Text(shown(measure, v))));
            }
        }
    }
    columns.push(TemplateColumn {
        key: REASON.to_owned(),
        title: "Giải thích".to_owned(),
        unit: "khi sửa số đã duyệt hoặc số khác nhiều kỳ trước".to_owned(),
        hint: "Ghi một câu khi sửa số đã được duyệt, hoặc khi số khác hẳn kỳ trước.".to_owned(),
        kind: Fill::Text,
        locked: false,
    });
    let key = FormKey { v: 1, unit, period: period.to_string(), level, made: calendar::micros(ctx.at) };
    let place = atlas.full_name(unit, last);
    let spec = TemplateSpec {
        language: Language::Vi,
        made: ctx.today(),
        title: format!("Số liệu {}, {place}", period.label_vi()),
        guide: guide(),
        key: serde_json::to_string(&key).unwrap_or_default(),
        label_titles: vec!["Mã".to_owned(), "Đơn vị".to_owned()],
        columns,
        rows,
        absent: absent_words(),
    };
    let name = format!("{}-{period}.xlsx", lang::fold(&place).replace(|c: char| !c.is_ascii_alphanumeric(), "-"));
    Ok((name, spec))
}

fn guide() -> Vec<String> {
    [
        "1. Điền vào các ô trắng của trang “Số liệu”. Ô chưa có số thì để trống; đừng ghi 0 thay cho chưa biết.",
        "2. Không có số vì không áp dụng ở nơi này: ghi “Không áp dụng”. Đã hỏi mà chưa biết: ghi “Chưa có số liệu”.",
        "3. Tỷ lệ có hai cột: số đạt (n) và tổng số (N).",
        "4. Sửa số đã duyệt, hoặc số khác hẳn kỳ trước: ghi một câu ở cột “Giải thích”.",
        "5. Lưu tệp rồi tải lên trang “Nhập từ bảng tính”. Hệ thống cho xem trước, chưa ghi gì; ô nào sai sẽ được đánh dấu và nói rõ vì sao.",
        "6. Không đổi chỗ dòng, cột; thêm trang khác để tính toán thì được.",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn column(known: &Known) -> TemplateColumn {
    let def = &known.measure.def;
    let kind = match def.kind {
        Kind::Count | Kind::Amount => Fill::Number { decimals: u8::try_from(def.decimals).unwrap_or(6), min: def.min, max: def.max },
        Kind::Percent => Fill::Percent,
        Kind::YesNo => Fill::YesNo,
        Kind::Ordinal if !def.steps.is_empty() => Fill::List(def.steps.clone()),
        Kind::Ordinal => Fill::Number { decimals: 0, min: def.min, max: def.max },
        Kind::Text => Fill::Text,
    };
    let mut hint = def.definition_vi.clone();
    if def.kind == Kind::Percent {
        hint = format!("{hint}\nn: {}. N: {}.", def.numerator_vi, def.denominator_vi);
    }
    TemplateColumn {
        key: def.code.clone(),
        title: def.title_vi.clone(),
        unit: def.unit.clone(),
        hint: format!("{hint}\n{}", def.legal_basis),
        kind,
        locked: false,
    }
}

/// What the units say now: what waits, else what was accepted; what was returned is left to fill in again.
async fn values(figures: &Figures, known: &Known, period: Period, units: &[Uuid]) -> Result<HashMap<Uuid, Value>, AppError> {
    let atlas = figures.places().atlas();
    let key = (known.measure.id, period.to_i64());
    let wanted: BTreeSet<Uuid> = units.iter().copied().collect();
    let mut by_tenant: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    for unit in units {
        if let Some(found) = atlas.unit(*unit) {
            by_tenant.entry(found.tenant).or_default().push(*unit);
        }
    }
    let mut stories: HashMap<Uuid, Story> = HashMap::new();
    for (tenant, units) in by_tenant {
        if let [only] = units.as_slice() {
            stories.insert(*only, Story::of(store::lines(figures.db(), tenant, key, *only).await.map_err(db_error)?));
            continue;
        }
        for (unit, line) in store::slice_lines(figures.db(), tenant, key).await.map_err(db_error)? {
            if wanted.contains(&unit) {
                stories.entry(unit).or_default().push(line);
            }
        }
    }
    let now = |story: Story| match story.pending {
        Some(line) if line.state == State::Returned => None,
        Some(line) => Some(line.value),
        None => story.accepted.map(|l| l.value),
    };
    Ok(stories.into_iter().filter_map(|(unit, story)| Some((unit, now(story)?))).collect())
}

/// A value as the cells of its columns.
fn cells(measure: &Measure, value: Option<&Value>) -> Vec<Option<Cell>> {
    let word = |text: &str| Some(Cell::Text(text.to_owned()));
    let mut out = match value {
        None => vec![None],
        Some(Value::NotApplicable) => vec![word("Không áp dụng")],
        Some(Value::NotKnown) => vec![word("Chưa có số liệu")],
        Some(Value::Words(text)) => vec![word(text)],
        Some(Value::Ratio { n, of }) => vec![Some(Cell::Int(*n)), Some(Cell::Int(*of))],
        Some(Value::Number(n)) => vec![Some(match measure.def.kind {
            Kind::YesNo => Cell::Text((if *n == 1 { YES } else { NO }).to_owned()),
            Kind::Ordinal => usize::try_from(*n).ok().and_then(|i| measure.def.steps.get(i)).map_or(Cell::Int(*n), |s| Cell::Text(s.clone())),
            _ => Cell::Number(unscale(*n, measure.scale())),
        })],
    };
    if measure.def.kind == Kind::Percent && out.len() == 1 {
        out.push(None);
    }
    out
}

/// A value in one cell of text.
fn shown(measure: &Measure, value: &Value) -> String {
    let parts: Vec<String> = cells(measure, Some(value)).into_iter().flatten().map(|c| c.shown(measure.def.decimals)).collect();
    parts.join("/")
}

/// Why a workbook with our mark cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormProblem {
    /// Made by another version of the platform.
    Version,
    /// The hidden keys are gone or changed.
    Keys,
}

/// The plan inside a workbook of ours; none for a foreign one.
///
/// # Errors
/// [`FormProblem`].
pub fn recognise(book: &Book) -> Option<Result<Plan, FormProblem>> {
    let mark = |s: &&super::book::Sheet| s.cell(0, 0).is_some_and(|c| c.text(false).starts_with("cl/"));
    let sheet = book.sheets.iter().find(|s| s.name == DATA_SHEET && mark(s)).or_else(|| book.sheets.iter().find(mark))?;
    if sheet.cell(0, 0).map(|c| c.text(false)).as_deref() != Some(MARK) {
        return Some(Err(FormProblem::Version));
    }
    let key: Option<FormKey> = book.sheet(KEY_SHEET).and_then(|s| s.cell(1, 1)).and_then(|c| serde_json::from_str(&c.text(false)).ok());
    let Some(key) = key else { return Some(Err(FormProblem::Keys)) };
    if key.v != 1 {
        return Some(Err(FormProblem::Version));
    }
    let mut plan = Plan {
        sheet: sheet.name.clone(),
        period: key.period,
        scope: key.unit,
        level: key.level,
        keyed: true,
        made: key.made,
        first: FIRST_ROW,
        code: Some(1),
        name: Some(2),
        reason: None,
        columns: Vec::new(),
        units: BTreeMap::new(),
        hidden: true,
        answers: BTreeMap::new(),
    };
    for cell in sheet.row(0).map(|r| r.cells.as_slice()).unwrap_or_default().iter().skip(1) {
        let key = cell.text(false);
        if key == REASON {
            plan.reason = Some(cell.col);
        } else if !key.ends_with(BEFORE) {
            let (code, part) = Part::split(&key);
            plan.columns.push(Column { col: cell.col, code: code.to_owned(), part });
        }
    }
    Some(Ok(plan))
}
