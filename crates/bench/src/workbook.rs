//! A workbook of every commune of today × 57 measures: dry run, then acceptance, beside calamine reading the same file.

use crate::national::{MEASURES, National};
use crate::report::{Report, Row};
use access::Context;
use anyhow::Context as _;
use calamine::Reader as _;
use calendar::{Cutoff, Period, PeriodKind};
use figures::{Definition, Figures, Kind};
use places::Level;
use rust_xlsxwriter::Workbook;
use std::io::Cursor;
use std::time::Instant;

/// Takes a filled workbook of the last quarter the whole way on top of the national set.
///
/// # Errors
/// What the database says, or a workbook that is not taken whole.
pub async fn measure(set: &National, label: &str, out: &mut Report) -> anyhow::Result<()> {
    let figures = &set.figures;
    figures.carry_to_today().await?;
    let now = figures.clock().now();
    let system = Context::system(now);
    prepare(figures, &system).await?;
    let today = figures.clock().today();
    let period = Period::containing(PeriodKind::Quarter, today, &Cutoff::calendar()).and_then(Period::previous).context("no quarter before today")?;
    let nation = figures.places().atlas().nation().context("no nation")?;
    let form = figures::intake::bench::workbook(figures, &system, nation, period).await?;
    let file = filled(&form)?;
    let start = Instant::now();
    let mut book: calamine::Xlsx<_> = calamine::Xlsx::new(Cursor::new(&file))?;
    let cells = book.worksheet_range("Số liệu")?.used_cells().count();
    let bare = start.elapsed().as_secs_f64();
    let took = figures::intake::bench::run(figures, &system, "bench.xlsx", file).await?;
    anyhow::ensure!(took.written == took.rows * MEASURES, "{} of {} × {MEASURES} values were taken", took.written, took.rows);
    let whole = took.whole.as_secs_f64();
    out.rows.push(Row {
        work: format!("{label}: workbook of {} × {MEASURES} cells, dry run and acceptance, {} values written", took.rows, took.written),
        goal: "< 5 s".to_owned(),
        measured: format!("{whole:.1} s (read {:.1}, judge {:.1}, write {:.1})", took.read.as_secs_f64(), took.judge.as_secs_f64(), took.write.as_secs_f64()),
        baseline: format!("{bare:.2} s calamine reading alone, {cells} cells"),
        ratio: Some(whole / bare),
        reached: whole < 5.0,
    });
    Ok(())
}

/// Retires the shipped quarterly measures and adds others until 57 are reported by every commune in a quarter.
async fn prepare(figures: &Figures, system: &Context) -> anyhow::Result<()> {
    let catalog = figures.catalog();
    let fits = |d: &Definition| d.period == PeriodKind::Quarter && d.level == Level::Commune && d.kinds.is_empty() && d.formula.is_none();
    let model = catalog.current().find(|k| fits(&k.measure.def) && k.measure.def.kind == Kind::Count).context("no quarterly measure to copy")?;
    for known in catalog.current().filter(|k| k.measure.def.period == PeriodKind::Quarter) {
        figures.retire(system, known.measure.id, true).await?;
    }
    for nth in 0..MEASURES {
        let def = Definition { code: format!("bench_{nth}"), title_vi: format!("Chỉ tiêu {nth}"), min: None, max: None, ..model.measure.def.clone() };
        figures.define(system, def).await?;
    }
    Ok(())
}

/// The form with a number in each cell.
fn filled(form: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut book: calamine::Xlsx<_> = calamine::Xlsx::new(Cursor::new(form))?;
    let sheet = book.worksheet_range("Số liệu")?;
    let key = book.worksheet_range("_cl")?.get_value((1, 1)).map(ToString::to_string).unwrap_or_default();
    let (last_row, last_col) = sheet.end().context("an empty form")?;
    let mut out = Workbook::new();
    let page = out.add_worksheet();
    page.set_name("Số liệu")?;
    for row in 0..=last_row {
        for col in 0..=last_col {
            let at = u16::try_from(col)?;
            match sheet.get_value((row, col)) {
                Some(calamine::Data::String(text)) => drop(page.write_string(row, at, text)?),
                _ if row >= 5 && (3..3 + u32::try_from(MEASURES)?).contains(&col) => drop(page.write_number(row, at, f64::from(row * 7 + col))?),
                _ => {}
            }
        }
    }
    let keys = out.add_worksheet();
    keys.set_name("_cl")?;
    keys.write_string(0, 1, "cl/1")?;
    keys.write_string(1, 1, &key)?;
    Ok(out.save_to_buffer()?)
}
