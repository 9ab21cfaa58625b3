//! HTML of casework: the list of cases, a case, procedures, the calendar, certificates.

mod act;
mod calendar;
mod case;
mod inbox;
mod procedure;
mod rehearse;
mod verify;
mod words;

use crate::Casework;
use access::{Context, Need, Role, Routes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use figures::evidence::MOST;
use ui::{AppError, Notice, Tone};
use uuid::Uuid;

pub(crate) use words::{day_of, moment, state_tone};

/// Pages of casework.
pub fn routes() -> Routes<Casework> {
    let admin = Need::Role(Role::Administrator);
    Routes::new()
        .merge(crate::register::pages::routes())
        .merge(crate::dossier::pages::routes())
        .merge(crate::share::pages::routes())
        .get("/cases", Need::SignedIn, inbox::show)
        .get("/cases/new", Need::SignedIn, inbox::ask)
        .post("/cases", Need::SignedIn, inbox::open)
        .post("/cases/assign", Need::SignedIn, inbox::assign)
        .get("/cases/{case}", Need::SignedIn, case::show)
        .post("/cases/{case}/act/{action}", Need::SignedIn, act::act)
        .post("/cases/{case}/task/{task}", Need::SignedIn, act::task)
        .post("/cases/{case}/assign", Need::SignedIn, act::assign)
        .post("/cases/{case}/extend", Need::SignedIn, act::extend)
        .post("/cases/{case}/comment", Need::SignedIn, act::comment)
        .upload("/cases/{case}/papers", Need::SignedIn, MOST + 100_000, act::attach)
        .get("/cases/{case}/papers/{paper}", Need::SignedIn, act::paper)
        .get("/procedures", Need::Public, procedure::list)
        .get("/procedures/{code}", Need::Public, procedure::show)
        .get("/procedures/{code}/diff", Need::Public, procedure::diff)
        .get("/admin/procedures/{code}", admin, procedure::edit)
        .post("/admin/procedures/{code}", admin, procedure::save)
        .post("/admin/procedures/{code}/{version}/publish", admin, procedure::publish)
        .post("/admin/procedures/{code}/{version}/drop", admin, procedure::throw)
        .get("/admin/procedures/{code}/rehearse", admin, rehearse::show)
        .post("/admin/procedures/{code}/rehearse", admin, rehearse::run)
        .get("/calendar", Need::Public, calendar::show)
        .get("/admin/calendar", admin, calendar::edit)
        .post("/admin/calendar", admin, calendar::save)
        .get("/verify", Need::Public, verify::ask)
        .get("/verify/{code}", Need::Public, verify::show)
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

/// The word of an address on what was done, as a message.
fn done(ctx: &Context, word: Option<&str>) -> Option<Notice> {
    let l = ctx.lang;
    // Some of the ticked ones belong to others: what was given is said, so that nobody takes it for all of them.
    if let Some((some, all)) =
        word?.strip_prefix("assigned-").and_then(|n| n.split_once('-')).and_then(|(n, of)| Some((n.parse::<u32>().ok()?, of.parse::<u32>().ok()?)))
    {
        let words = match l {
            ui::Lang::Vi => format!("Đã giao {some} trong {all} hồ sơ; hồ sơ còn lại bạn không giao được cho người này."),
            ui::Lang::En => format!("{some} of {all} were given; the rest is not yours to give to this person."),
        };
        return Some(Notice::new(Tone::Warn, words));
    }
    let text = match word? {
        "opened" => l.t("Đã mở hồ sơ.", "The case is open."),
        "acted" => l.t("Đã ghi nhận.", "Done."),
        "assigned" => l.t("Đã giao việc.", "Assigned."),
        "extended" => l.t("Đã gia hạn, lời hẹn cũ vẫn được giữ.", "Extended; the first promise is kept beside it."),
        "attached" => l.t("Đã đính kèm.", "Attached."),
        "commented" => l.t("Đã ghi.", "Written."),
        "saved" => l.t("Đã lưu bản nháp.", "The draft is saved."),
        "published" => l.t("Đã ban hành. Hồ sơ đang mở giữ bản cũ.", "Published. Open cases keep their version."),
        "dropped" => l.t("Đã bỏ bản nháp.", "The draft is gone."),
        _ => return None,
    };
    Some(Notice::new(Tone::Good, text))
}

/// An error that stays on the page it happened on.
fn stays(error: &AppError) -> bool {
    matches!(error.status, 409 | 422 | 503) || matches!(error.code, "case_not_yours" | "assign_not_yours" | "role_required")
}

fn id(text: &str) -> Result<Uuid, AppError> {
    text.parse().map_err(|_| crate::case::unknown_case())
}
