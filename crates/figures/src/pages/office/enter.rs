//! The entry form of one unit and period.

use super::rows::{Dress, Form as Kept, RowView, first_problem, save as save_rows, sort};
use super::{done, due_words, period as read_period, period_label, see_other, unit as read_unit, unit_name, with_status};
use crate::service::enter_closed;
use crate::{Figures, SheetRow};
use access::{Context, Role, db_error};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use calendar::Period;
use serde::Deserialize;
use ui::{AppError, Notice, Shell, Tone, page};
use uuid::Uuid;

#[derive(Deserialize, Default)]
pub(super) struct Pick {
    pub unit: Option<String>,
    pub period: Option<String>,
    pub measure: Option<String>,
    pub done: Option<String>,
}

#[derive(Template)]
#[template(path = "office_enter.html")]
struct EnterView {
    shell: Shell,
    unit_name: String,
    period_label: String,
    action: String,
    cells: String,
    periods: Vec<(String, String, bool)>,
    rows: Vec<RowView>,
    filled: usize,
    percent: usize,
    drafts: usize,
    due: String,
    late: bool,
    locked: Option<String>,
}

/// `GET /enter?unit=&period=`
pub(super) async fn show(State(figures): State<Figures>, ctx: Context, Query(pick): Query<Pick>) -> Result<Response, AppError> {
    let own = ctx.units_with(Role::Officer);
    let unit = match (&pick.unit, own.as_slice()) {
        (Some(text), _) => read_unit(&figures, &ctx, text)?,
        (None, [only]) => *only,
        (None, _) => return Ok(see_other("/today")),
    };
    let today = ctx.today();
    let period = match &pick.period {
        Some(text) => read_period(text)?,
        None => match figures.open_periods(today).into_iter().find(|p| !figures.measures_of(unit, *p, today).is_empty()) {
            Some(period) => period,
            None => return Ok(see_other("/today")),
        },
    };
    view(&figures, &ctx, unit, period, &Kept::new(), done(ctx.lang, pick.done.as_deref())).await
}

async fn view(figures: &Figures, ctx: &Context, unit: Uuid, period: Period, kept: &Kept, notice: Option<Notice>) -> Result<Response, AppError> {
    if !figures.may(ctx, Role::Officer, unit) {
        ctx.require(Role::Officer, &[])?;
    }
    let (l, today) = (ctx.lang, ctx.today());
    let measures = figures.measures_of(unit, period, today);
    let Some(first) = measures.first() else { return Err(nothing_here(figures, unit, period, today)) };
    let last = first.window(period).1;
    let round = match figures.places().atlas().on(last).province(unit) {
        Some(province) => figures.round(province, period).await.map_err(db_error)?,
        None => Default::default(),
    };
    let locked = round.closed_at.map(|at| {
        let mut text =
            format!("{} {} {}", l.t("Kỳ này đã khóa sổ lúc", "This period was closed at"), super::moment(at), round.closed_by.clone().unwrap_or_default());
        if !round.reason.is_empty() {
            text.push_str(&format!(": {}", round.reason));
        }
        text
    });
    let rows = figures.sheet_of_unit(unit, period, &measures).await?;
    let filled = rows.iter().filter(|r| r.value().is_some()).count();
    let drafts = rows.iter().filter(|r| r.value().is_some() && !r.handed()).count();
    let dress = Dress { figures, ctx, period, locked: locked.is_some(), kept, by_unit: false };
    let name = unit_name(figures, unit, last);
    let label = period_label(period, l);
    let (due, late) = due_words(round.due.as_deref().and_then(|d| d.parse().ok()), today, l);
    let title = format!("{} {label}", l.t("Nhập số liệu", "Figures of"));
    let mut shell = ctx.shell(&title).noindex().scripts(&["sheet.js"]).notice(notice).crumb(l.t("Hôm nay", "Today"), "/today").here(&title);
    shell.path = format!("/enter?unit={unit}&period={period}");
    Ok(page(&EnterView {
        periods: periods(figures, unit, period, today)
            .into_iter()
            .map(|p| (format!("/enter?unit={unit}&period={p}"), period_label(p, l), p == period))
            .collect(),
        action: format!("/enter/{unit}/{period}"),
        cells: format!("/enter/cells/{period}"),
        rows: rows.iter().map(|r: &SheetRow| dress.row(r)).collect(),
        percent: filled * 100 / rows.len().max(1),
        filled,
        drafts,
        late: late && filled < rows.len(),
        due,
        locked,
        unit_name: name,
        period_label: label,
        shell,
    }))
}

/// Why a unit has nothing to enter in a period: the unit or the period is the wrong one.
fn nothing_here(figures: &Figures, unit: Uuid, period: Period, today: jiff::civil::Date) -> AppError {
    let atlas = figures.places().atlas();
    let catalog = figures.catalog();
    let last = catalog.current().find(|k| k.measure.takes(period)).map_or(period.last_day(), |k| k.window(period).1);
    if period.first_day() > today {
        return AppError::new("future_period", 422)
            .say(format!("Kỳ {} chưa bắt đầu.", period.label_vi()), format!("{} has not begun.", period.label_en()))
            .mend("Chọn kỳ đã bắt đầu.", "Choose a period that has begun.");
    }
    if atlas.on(last).level(unit).is_none() {
        return AppError::new("closed_unit", 422)
            .say(
                format!("{} không có vào cuối {}.", atlas.full_name(unit, last), period.label_vi()),
                format!("{} did not exist at the end of {}.", atlas.full_name(unit, last), period.label_en()),
            )
            .mend("Chọn đơn vị có vào cuối kỳ này.", "Choose the unit that existed at the end of the period.");
    }
    AppError::new("nothing_to_enter", 404)
        .say(
            format!("{} không có chỉ tiêu nào phải nhập cho {}.", atlas.full_name(unit, last), period.label_vi()),
            format!("{} has nothing to enter for {}.", atlas.full_name(unit, last), period.label_en()),
        )
        .mend("Chọn kỳ khác, hoặc đơn vị cấp dưới.", "Choose another period, or a unit below.")
}

/// The periods offered beside one: of each length in use the two newest, and itself.
pub(super) fn periods(figures: &Figures, unit: Uuid, period: Period, today: jiff::civil::Date) -> Vec<Period> {
    let mut out: Vec<Period> = figures.open_periods(today).into_iter().flat_map(|p| [Some(p), p.previous()]).flatten().chain([period]).collect();
    out.retain(|p| *p == period || !figures.measures_of(unit, *p, today).is_empty());
    out.sort_unstable();
    out.dedup();
    out
}

/// `POST /enter/{unit}/{period}`: saves what was changed as drafts; with `then=submit` goes on to handing over.
pub(super) async fn save(
    State(figures): State<Figures>,
    ctx: Context,
    Path((unit, code)): Path<(String, String)>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, AppError> {
    let (unit, period) = (read_unit(&figures, &ctx, &unit)?, read_period(&code)?);
    if !figures.may(&ctx, Role::Officer, unit) {
        ctx.require(Role::Officer, &[])?;
    }
    let find = |name: &str| fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
    let (action, take) = (find("then"), find("take"));
    let mut form = sort(fields);
    // "Take theirs" leaves that figure as the server holds it.
    form.retain(|(u, c), _| take.as_deref() != Some(format!("{}.{c}", u.simple()).as_str()));
    form.retain(|(u, _), _| *u == unit);
    let saved = save_rows(&figures, &ctx, period, &mut form).await;
    let back = format!("/enter?unit={unit}&period={period}");
    let failed = |e: &AppError| Notice::new(Tone::Bad, format!("{} {}", e.what(ctx.lang), e.how(ctx.lang)));
    match saved {
        Err(error) if error.status >= 500 => {
            // What was typed stays on the page.
            mark_all(&mut form, &error, ctx.lang);
            Ok(with_status(view(&figures, &ctx, unit, period, &form, Some(failed(&error))).await?, error.status))
        }
        Err(error) => Err(error),
        Ok(_) if first_problem(&form).is_some() => {
            let status = if first_problem(&form) == Some(enter_closed(period).code) { 409 } else { 422 };
            let l = ctx.lang;
            let notice = Notice::new(Tone::Bad, l.t("Có chỗ cần xem lại; phần còn lại đã lưu.", "Something needs a look; the rest is saved."));
            Ok(with_status(view(&figures, &ctx, unit, period, &form, Some(notice)).await?, status))
        }
        Ok(_) if action.as_deref() == Some("submit") => Ok(see_other(&format!("/enter/submit?unit={unit}&period={period}"))),
        Ok(0) => Ok(see_other(&format!("{back}&done=nothing"))),
        Ok(_) => Ok(see_other(&format!("{back}&done=saved"))),
    }
}

/// Gives every changed figure the same error, so that the page shows what was typed.
pub(super) fn mark_all(form: &mut Kept, error: &AppError, l: ui::Lang) {
    form.retain(|_, kept| kept.touched());
    for kept in form.values_mut() {
        kept.error.get_or_insert((error.code, error.what(l).to_owned()));
    }
}
