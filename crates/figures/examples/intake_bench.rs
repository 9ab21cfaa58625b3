//! A workbook of 3,321 communes × 57 measures on an empty database: dry run, then writing. Run it in release.
//! `CONGLANG_TEST_POSTGRES` adds PostgreSQL (see `scripts/with-postgres`).

use access::Context;
use anyhow::Context as _;
use calamine::Reader as _;
use calendar::{Clock, Period, PeriodKind};
use figures::{Definition, Figures};
use places::{Level, Places};
use rust_xlsxwriter::Workbook;
use std::io::Cursor;
use std::io::Write as _;
use std::time::Instant;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let now: jiff::Timestamp = "2026-11-21T05:00:00Z".parse()?;
    for db in testkit::databases(&[access::SCHEMA, places::SCHEMA, figures::SCHEMA]).await {
        let places = Places::open((*db).clone(), Clock::fixed(now)).await?;
        places.load_facts().await?;
        let figures = Figures::open(places).await?;
        figures.load_facts().await?;
        figures.carry_to_today().await?;
        let system = Context::system(now);
        prepare(&figures, &system).await?;
        let nation = figures.places().atlas().nation().context("no country")?;
        let period: Period = "2026-Q3".parse()?;
        let form = figures::intake::bench::workbook(&figures, &system, nation, period).await?;
        let file = filled(&form)?;
        let start = Instant::now();
        let mut book: calamine::Xlsx<_> = calamine::Xlsx::new(Cursor::new(&file))?;
        let cells = book.worksheet_range("Số liệu")?.used_cells().count();
        let bare = start.elapsed();
        let t = figures::intake::bench::run(&figures, &system, "bench.xlsx", file).await?;
        writeln!(
            std::io::stdout(),
            "{}: {} rows, {} values, {} written; calamine alone {bare:.2?} ({cells} cells); read {:.2?}, judge {:.2?}, write {:.2?}; dry run and writing {:.2?}; peak memory {} MB",
            db.label(),
            t.rows,
            t.values,
            t.written,
            t.read,
            t.judge,
            t.write,
            t.whole,
            peak().unwrap_or(0)
        )?;
    }
    Ok(())
}

/// Retires what does not fit and adds measures until 57 are reported by every commune in a quarter.
async fn prepare(figures: &Figures, system: &Context) -> anyhow::Result<()> {
    let catalog = figures.catalog();
    let quarterly = |d: &Definition| d.period == PeriodKind::Quarter && d.level == Level::Commune && d.kinds.is_empty() && d.formula.is_none();
    let model = catalog.current().find(|k| quarterly(&k.measure.def) && k.measure.def.kind == figures::Kind::Count).context("no model")?;
    for known in catalog.current().filter(|k| k.measure.def.period == PeriodKind::Quarter) {
        figures.retire(system, known.measure.id, true).await?;
    }
    for nth in 0..57 {
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
                _ if row >= 5 && (3..60).contains(&col) => drop(page.write_number(row, at, f64::from(row * 7 + col))?),
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

/// Largest memory this process ever held.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kb| kb / 1024)
}
