//! A workbook that is not ours: what is shown to the person who says what its columns mean.

use super::book::{Book, Cell, Sheet};
use super::layout::{self, Layout};
use super::plan::Plan;
use super::propose::{propose, shape};
use super::store::{self, Job};
use super::units::{Units, is_total};
use crate::Known;
use crate::service::Figures;
use access::db_error;
use calendar::Period;
use places::Level;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use ui::AppError;

/// A column as shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DraftColumn {
    /// Column from 0.
    pub col: u32,
    /// Its letters.
    pub letters: String,
    /// Heading.
    pub heading: String,
    /// First values.
    pub samples: Vec<String>,
    /// Hidden in the file.
    pub hidden: bool,
}

/// A sheet as shown while it is mapped.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Draft {
    /// Sheets: name, rows, hidden.
    pub sheets: Vec<(String, usize, bool)>,
    /// Columns with a heading or values.
    pub columns: Vec<DraftColumn>,
    /// Texts above the table.
    pub title: Vec<String>,
    /// Texts in an old encoding: before, after.
    pub legacy: Vec<(String, String)>,
    /// Hidden rows of the table.
    pub hidden_rows: usize,
    /// Rows that are sums.
    pub totals: usize,
    /// Shape of the headings.
    pub shape: String,
    /// The mapping is the one remembered for this shape.
    pub remembered: bool,
}

/// Measures that may stand in a workbook with rows of a level.
pub fn measures(figures: &Figures, level: Level) -> Vec<Arc<Known>> {
    let catalog = figures.catalog();
    let mut out: Vec<Arc<Known>> = catalog.current().filter(|k| !k.measure.computed() && k.measure.def.level == level).cloned().collect();
    out.sort_by_cached_key(|k| lang::sort_key(&k.measure.def.title_vi));
    out
}

/// The first mapping of a workbook, or of another sheet of it, or from another first row.
///
/// # Errors
/// 422 `no_table` when no sheet holds a table; what the database says.
pub async fn draft(figures: &Figures, job: &Job, book: &Book, wanted: Option<&str>, first: Option<u32>) -> Result<(Plan, Draft), AppError> {
    let found = |sheet: &Sheet| layout::recognise(sheet, true);
    let chosen = match wanted.and_then(|name| book.sheet(name)) {
        Some(sheet) => found(sheet).map(|l| (sheet, l)),
        None => {
            let tables = book.sheets.iter().filter(|s| !s.hidden).filter_map(|s| Some((s, found(s)?)));
            tables.max_by_key(|(s, l)| s.rows.iter().filter(|r| r.at >= l.first).count())
        }
    };
    let Some((sheet, mut layout)) = chosen else {
        return Err(AppError::new("no_table", 422)
            .say("Không thấy bảng số liệu nào trong tệp.", "No table of figures was found in the file.")
            .mend("Bảng cần một dòng tiêu đề cột và các dòng số liệu ngay bên dưới.", "A table needs a row of headings with rows of figures right below."));
    };
    if let Some(first) = first.filter(|f| *f > layout.head) {
        layout.first = first;
    }
    let atlas = figures.places().atlas();
    let on = layout.period.map_or(figures.clock().today(), Period::last_day);
    let view = atlas.on(on);
    let own = atlas.unit(job.unit).map_or(Level::Commune, |u| u.level);
    let level = if own >= Level::Commune { own } else { Level::Commune };
    let units = Units::new(&atlas, &view, job.unit, level, on);
    let measures = measures(figures, level);
    let mut plan = propose(sheet, &layout, &units, &measures, job.unit, level, layout.period);
    let shape = shape(&layout);
    let tenant = atlas.unit(job.unit).map(|u| u.tenant).unwrap_or_default();
    let known = store::mapping(figures.db(), tenant, &shape).await.map_err(db_error)?;
    let remembered = known.and_then(|text| serde_json::from_str::<Plan>(&text).ok());
    let is_remembered = remembered.is_some();
    if let Some(old) = remembered {
        plan = Plan { sheet: plan.sheet, period: plan.period, scope: plan.scope, first: plan.first, units: plan.units, ..old };
    }
    let draft = describe(book, sheet, &layout, shape, is_remembered);
    Ok((plan, draft))
}

fn describe(book: &Book, sheet: &Sheet, layout: &Layout, shape: String, remembered: bool) -> Draft {
    let rows: Vec<_> = sheet.rows.iter().filter(|r| r.at >= layout.first).collect();
    let columns = layout
        .headings
        .iter()
        .take(300)
        .map(|(col, heading)| DraftColumn {
            col: *col,
            letters: super::book::column(*col),
            heading: heading.clone(),
            samples: rows.iter().filter_map(|r| r.cell(*col)).map(|c| c.text(true)).filter(|t| !t.is_empty()).take(3).collect(),
            hidden: sheet.hidden_cols.contains(col),
        })
        .collect();
    let mut legacy: Vec<(String, String)> = Vec::new();
    for (before, after, _) in sheet.rows.iter().flat_map(|r| &r.cells).filter_map(Cell::legacy) {
        if legacy.len() >= 8 {
            break;
        }
        if !legacy.iter().any(|l| l.0 == before) {
            legacy.push((before, after));
        }
    }
    Draft {
        sheets: book.sheets.iter().map(|s| (s.name.clone(), s.rows.len(), s.hidden)).collect(),
        columns,
        title: layout.title.iter().take(6).cloned().collect(),
        legacy,
        hidden_rows: rows.iter().filter(|r| r.hidden).count(),
        totals: rows.iter().filter(|r| r.cells.iter().take(3).any(|c| is_total(&c.text(true)))).count(),
        shape,
        remembered,
    }
}
