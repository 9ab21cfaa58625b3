//! The entry form of one measure: a row for each unit under a place.

use super::enter::{Pick, mark_all, periods};
use super::rows::{Dress, Form as Kept, RowView, first_problem, save as save_rows, sort};
use super::{done, measure as read_measure, period as read_period, period_label, see_other, unit as read_unit, unit_name, with_status};
use crate::catalog::Known;
use crate::measure::Rollup;
use crate::value::{Value, unscale};
use crate::{Figures, SheetRow};
use access::{Context, Role, db_error};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use calendar::Period;
use places::Level;
use std::sync::Arc;
use ui::{AppError, Lang, Notice, Shell, Tone, page};
use uuid::Uuid;

#[derive(Template)]
#[template(path = "office_grid.html")]
struct GridView {
    shell: Shell,
    heading: String,
    unit: String,
    period: String,
    measures: Vec<(String, String, bool)>,
    periods: Vec<(String, String, bool)>,
    action: String,
    cells: String,
    columns: Vec<String>,
    rows: Vec<RowView>,
    filled: usize,
    percent: usize,
    total: Option<String>,
}

/// `GET /enter/grid?unit=&measure=&period=`
pub(super) async fn show(State(figures): State<Figures>, ctx: Context, Query(pick): Query<Pick>) -> Result<Response, AppError> {
    let unit = match &pick.unit {
        Some(text) => read_unit(&figures, &ctx, text)?,
        None => ctx.units_with(Role::Officer).first().copied().ok_or_else(crate::service::unknown_unit)?,
    };
    let today = ctx.today();
    let period = match &pick.period {
        Some(text) => read_period(text)?,
        None => figures.open_periods(today).into_iter().next().ok_or_else(crate::service::unknown_unit)?,
    };
    let known = match &pick.measure {
        Some(text) if !text.is_empty() => read_measure(&figures, text, period)?,
        _ => offered(&figures, unit, period).into_iter().next().ok_or_else(|| AppError::new("nothing_to_enter", 404))?,
    };
    view(&figures, &ctx, (unit, &known, period), &Kept::new(), done(ctx.lang, pick.done.as_deref())).await
}

/// Measures that several units under a place enter in a period.
fn offered(figures: &Figures, unit: Uuid, period: Period) -> Vec<Arc<Known>> {
    let catalog = figures.catalog();
    let list = catalog.current().filter(|k| k.measure.takes(period) && !k.measure.computed());
    list.filter_map(|k| catalog.for_period(k.measure.id, period)).filter(|k| !figures.reporters(k, period, unit).is_empty()).cloned().collect()
}

async fn view(figures: &Figures, ctx: &Context, of: (Uuid, &Arc<Known>, Period), kept: &Kept, notice: Option<Notice>) -> Result<Response, AppError> {
    let (unit, known, period) = of;
    if !figures.may(ctx, Role::Officer, unit) {
        ctx.require(Role::Officer, &[])?;
    }
    let (l, today) = (ctx.lang, ctx.today());
    let def = &known.measure.def;
    let (first, last) = known.window(period);
    if first > today {
        return Err(AppError::new("future_period", 422)
            .say(format!("Kỳ {} chưa bắt đầu.", period.label_vi()), format!("{} has not begun.", period.label_en()))
            .mend("Chọn kỳ đã bắt đầu.", "Choose a period that has begun."));
    }
    let view = figures.places().atlas().on(last);
    if view.level(unit) == Some(Level::Nation) {
        return Err(AppError::new("grid_too_large", 422)
            .say("Bảng nhập này dành cho một tỉnh.", "This table is for one province.")
            .mend("Chọn một tỉnh, hoặc nhập bằng tệp Excel cho cả nước.", "Choose a province, or use a workbook for the whole country."));
    }
    let locked = match view.province(unit) {
        Some(province) => figures.round(province, period).await.map_err(db_error)?.closed_at.is_some(),
        None => false,
    };
    let rows = figures.sheet_of_measure(unit, known, period).await?;
    let filled = rows.iter().filter(|r| r.value().is_some()).count();
    let dress = Dress { figures, ctx, period, locked, kept, by_unit: true };
    let title = known.measure.title(l).to_owned();
    let heading = format!("{title}, {}", period_label(period, l));
    let mut shell = ctx.shell(&heading).noindex().scripts(&["sheet.js"]).notice(notice).crumb(l.t("Hôm nay", "Today"), "/today").here(&title);
    shell.path = format!("/enter/grid?unit={unit}&measure={}&period={period}", def.code);
    let columns = match def.kind {
        crate::Kind::Percent => vec![named(&def.numerator_vi, "n"), named(&def.denominator_vi, "N")],
        _ => vec![format!("{} ({})", l.t("Số liệu", "Value"), def.unit)],
    };
    let mut units = vec![unit];
    units.extend(rows.first().map(|r| r.unit));
    Ok(page(&GridView {
        measures: offered(figures, unit, period)
            .iter()
            .map(|k| (k.measure.def.code.clone(), k.measure.title(l).to_owned(), k.measure.id == known.measure.id))
            .collect(),
        periods: units
            .iter()
            .flat_map(|u| periods(figures, *u, period, today))
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .map(|p| (p.to_string(), period_label(p, l), p == period))
            .collect(),
        unit: unit.to_string(),
        period: unit_name(figures, unit, last),
        action: format!("/enter/grid/{unit}/{}/{period}", def.code),
        cells: format!("/enter/cells/{period}"),
        total: total(known, &rows, l),
        percent: filled * 100 / rows.len().max(1),
        rows: rows.iter().map(|r| dress.row(r)).collect(),
        filled,
        heading,
        columns,
        shell,
    }))
}

fn named(text: &str, short: &str) -> String {
    if text.is_empty() { short.to_owned() } else { text.to_owned() }
}

/// The sum of what the page holds, for a look at the whole; for measures that add up.
fn total(known: &Known, rows: &[SheetRow], l: Lang) -> Option<String> {
    if known.measure.def.rollup != Rollup::Sum {
        return None;
    }
    let (mut sum, mut n, mut of) = (0i64, 0i64, 0i64);
    for row in rows {
        match row.value() {
            Some(Value::Number(v)) => sum = sum.saturating_add(*v),
            Some(Value::Ratio { n: a, of: b }) => (n, of) = (n.saturating_add(*a), of.saturating_add(*b)),
            _ => {}
        }
    }
    if known.measure.def.kind == crate::Kind::Percent {
        return Some(super::cell::said_of(known, &Value::Ratio { n, of }, l));
    }
    Some(format!("{} {}", l.number(unscale(sum, known.measure.scale()), known.measure.def.decimals), known.measure.def.unit))
}

/// `POST /enter/grid/{unit}/{measure}/{period}`
pub(super) async fn save(
    State(figures): State<Figures>,
    ctx: Context,
    Path((unit, code, period)): Path<(String, String, String)>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, AppError> {
    let (unit, period) = (read_unit(&figures, &ctx, &unit)?, read_period(&period)?);
    if !figures.may(&ctx, Role::Officer, unit) {
        ctx.require(Role::Officer, &[])?;
    }
    let known = read_measure(&figures, &code, period)?;
    let take = fields.iter().find(|(n, _)| n == "take").map(|(_, v)| v.clone());
    let mut form = sort(fields);
    form.retain(|(u, c), _| *c == known.measure.def.code && take.as_deref() != Some(format!("{}.{c}", u.simple()).as_str()));
    let back = format!("/enter/grid?unit={unit}&measure={}&period={period}", known.measure.def.code);
    match save_rows(&figures, &ctx, period, &mut form).await {
        Err(error) if error.status >= 500 => {
            mark_all(&mut form, &error, ctx.lang);
            let notice = Notice::new(Tone::Bad, format!("{} {}", error.what(ctx.lang), error.how(ctx.lang)));
            Ok(with_status(view(&figures, &ctx, (unit, &known, period), &form, Some(notice)).await?, error.status))
        }
        Err(error) => Err(error),
        Ok(_) if first_problem(&form).is_some() => {
            let notice = Notice::new(Tone::Bad, ctx.lang.t("Có chỗ cần xem lại; phần còn lại đã lưu.", "Something needs a look; the rest is saved."));
            Ok(with_status(view(&figures, &ctx, (unit, &known, period), &form, Some(notice)).await?, 422))
        }
        Ok(written) => Ok(see_other(&format!("{back}&done={}", if written == 0 { "nothing" } else { "saved" }))),
    }
}
