//! Pages of officers and reviewers: entry, submission, queue, rounds, evidence, measures.

mod cell;
mod cells;
mod duties;
mod enter;
mod evidence;
mod grid;
mod measures;
mod queue;
mod rounds;
mod rows;
mod submit;

pub use duties::FiguresDuties;

use crate::Figures;
use crate::catalog::Known;
use crate::service::unknown_unit;
use access::{Context, Need, Role, Routes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use calendar::Period;
use places::Level;
use std::sync::Arc;
use ui::{AppError, Lang, Notice, Tone};
use uuid::Uuid;

pub(super) fn routes() -> Routes<Figures> {
    let officer = Need::Role(Role::Officer);
    let reviewer = Need::Role(Role::Reviewer);
    let admin = Need::Role(Role::Administrator);
    Routes::new()
        .get("/enter", officer, enter::show)
        .post("/enter/{unit}/{period}", officer, enter::save)
        .post("/enter/cells/{period}", officer, cells::save)
        .get("/enter/grid", officer, grid::show)
        .post("/enter/grid/{unit}/{measure}/{period}", officer, grid::save)
        .get("/enter/submit", officer, submit::show)
        .post("/enter/submit", officer, submit::hand_over)
        .get("/queue", reviewer, queue::show)
        .post("/queue/accept", reviewer, queue::accept)
        .post("/queue/return", reviewer, queue::give_back)
        .get("/rounds", Need::SignedIn, rounds::show)
        .post("/rounds/due", reviewer, rounds::due)
        .post("/rounds/close", reviewer, rounds::close)
        .post("/rounds/reopen", reviewer, rounds::reopen)
        .merge(evidence::routes())
        .merge(measures::routes(admin))
}

fn see_other(to: &str) -> Response {
    match HeaderValue::from_str(to) {
        Ok(to) => (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response(),
        Err(_) => AppError::new("internal", 500).into_response(),
    }
}

fn with_status(mut response: Response, status: u16) -> Response {
    if let Ok(status) = StatusCode::from_u16(status) {
        *response.status_mut() = status;
    }
    response
}

/// A unit from an address: our id, or an official code of today.
fn unit(figures: &Figures, ctx: &Context, text: &str) -> Result<Uuid, AppError> {
    let atlas = figures.places().atlas();
    let found = match text.trim().parse::<Uuid>() {
        Ok(id) => atlas.unit(id).map(|u| u.id),
        Err(_) => atlas.coded(text.trim(), None, ctx.today()),
    };
    found.ok_or_else(unknown_unit)
}

fn period(text: &str) -> Result<Period, AppError> {
    text.trim().parse::<Period>().map_err(|_| {
        AppError::new("unknown_period", 404)
            .say("Không có kỳ báo cáo này.", "There is no such period.")
            .mend("Kỳ viết như 2026, 2026-H1, 2026-Q3 hoặc 2026-06.", "Periods are written 2026, 2026-H1, 2026-Q3 or 2026-06.")
    })
}

fn measure(figures: &Figures, text: &str, period: Period) -> Result<Arc<Known>, AppError> {
    let catalog = figures.catalog();
    let id = catalog.coded(text.trim()).map(|k| k.measure.id);
    id.and_then(|id| catalog.for_period(id, period).cloned()).ok_or_else(|| {
        AppError::new("unknown_measure", 404)
            .say("Không có chỉ tiêu này.", "There is no such measure.")
            .mend("Xem danh sách chỉ tiêu.", "See the list of measures.")
    })
}

fn period_label(period: Period, l: Lang) -> String {
    match l {
        Lang::Vi => period.label_vi(),
        Lang::En => period.label_en(),
    }
}

/// `14:32` of an instant, in Vietnam.
fn hour(micros: i64) -> String {
    let minutes = micros.div_euclid(60_000_000) + 7 * 60;
    format!("{:02}:{:02}", minutes.div_euclid(60).rem_euclid(24), minutes.rem_euclid(60))
}

/// `14:32 22/11/2026` of an instant, in Vietnam.
fn moment(micros: i64) -> String {
    let day = calendar::from_micros(micros).map(calendar::local_date).map(lang::show::short_date).unwrap_or_default();
    format!("{} {day}", hour(micros))
}

/// The day until which a period is wanted, in words, and whether that has passed.
fn due_words(due: Option<jiff::civil::Date>, today: jiff::civil::Date, l: Lang) -> (String, bool) {
    let Some(due) = due else { return (l.t("tỉnh chưa đặt hạn nộp", "no due date set").to_owned(), false) };
    let days = today.until(due).map(|s| s.get_days()).unwrap_or(0);
    let date = lang::show::short_date(due);
    let words = match days {
        0 => l.t("hôm nay là ngày cuối", "today is the last day").to_owned(),
        1.. => format!("{} {days} {}", l.t("còn", "in"), l.t("ngày", "days")),
        _ => format!("{} {} {}", l.t("trễ", "late by"), -days, l.t("ngày", "days")),
    };
    (format!("{} {date} · {words}", l.t("hạn", "due")), days < 0)
}

/// The message of `?done=`.
fn done(l: Lang, word: Option<&str>) -> Option<Notice> {
    let text = match word? {
        "saved" => l.t("Đã lưu nháp.", "Saved as a draft."),
        "nothing" => l.t("Không có gì thay đổi.", "Nothing had changed."),
        "submitted" => l.t("Đã nộp. Cấp trên sẽ duyệt.", "Handed over. The level above will decide."),
        "accepted" => l.t("Đã duyệt. Số liệu đã được tính vào mọi cấp.", "Accepted. The figures count at every level now."),
        "returned" => l.t("Đã trả lại kèm lý do.", "Returned with the reason."),
        "due" => l.t("Đã ghi hạn nộp.", "The due date is set."),
        "closed" => l.t("Đã khóa sổ.", "The period is closed."),
        "reopened" => l.t("Đã mở lại.", "The period is open again."),
        "evidence" => l.t("Đã nhận minh chứng.", "The evidence is received."),
        "evidence_known" => {
            l.t("Tệp này đã có trong kho; đã gắn vào đây, không lưu thêm bản nữa.", "The library has this file already; it is linked here and not kept twice.")
        }
        "unlinked" => l.t("Đã gỡ. Dòng lịch sử vẫn còn trên trang của tệp.", "Unlinked. The history stays on the page of the file."),
        "described" => l.t("Đã lưu thông tin văn bản.", "What the document says is saved."),
        "measure" => l.t("Đã lưu. Chỉ tiêu có hiệu lực ngay.", "Saved. The measure is in use at once."),
        "retired" => l.t("Đã ngừng thu thập.", "No longer collected."),
        "resumed" => l.t("Đã thu thập trở lại.", "Collected again."),
        _ => return None,
    };
    Some(Notice::new(Tone::Good, text))
}

/// The name of a unit on a day, with its kind.
fn unit_name(figures: &Figures, unit: Uuid, on: jiff::civil::Date) -> String {
    figures.places().atlas().full_name(unit, on)
}

/// The province-level units that somebody looks after or works in, for the pages that are about a province.
fn provinces(figures: &Figures, ctx: &Context, role: Role) -> Vec<Uuid> {
    let atlas = figures.places().atlas();
    let view = atlas.on(ctx.today());
    let mut out: Vec<Uuid> = Vec::new();
    for top in ctx.units_with(role) {
        match view.level(top) {
            Some(Level::Nation) => out.extend(view.under(top, Level::Province)),
            _ => out.extend(view.province(top)),
        }
    }
    out.sort_unstable();
    out.dedup();
    out.sort_by_cached_key(|u| lang::sort_key(&atlas.name(*u, ctx.today())));
    out
}
