//! HTML of places.

mod admin;
mod below;
mod change;
mod country;
mod group;
mod search;
mod unit;
mod village;
mod words;

use crate::Places;
use crate::atlas::Atlas;
use crate::model::Change;
use access::{Context, Need, Routes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use jiff::civil::Date;
use std::pin::Pin;
use ui::form::Field;
use ui::{AppError, Html, Notice, Shell, Tone};
use uuid::Uuid;

/// What a port answers later.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A block that another part of the platform shows on the page of a unit: its figures, its villages' works.
/// Registered once at start by [`Places::add_panel`]; blocks stand in the order of registration.
pub trait UnitPanel: Send + Sync {
    /// The markup for a unit (or group) as seen on a day; empty to show nothing. It brings its own `<section class="card">` and heading (h2).
    /// Errors are the panel's own: it says in one sentence what is missing rather than failing the page.
    fn panel<'a>(&'a self, ctx: &'a Context, unit: Uuid, on: Date) -> BoxFuture<'a, Html>;
}

/// The balance sheet of a change of units: sums before, sums after, and the residual where a share is not known.
/// Registered once at start by [`Places::set_balance`]; shown before a change is applied and on its page afterwards.
pub trait BalanceSheet: Send + Sync {
    /// The markup for a change. `after` is the atlas with the change in it, applied or only planned; it may not yet be in force.
    /// Empty to show nothing. It brings its own `<section class="card">` and heading (h2).
    fn balance<'a>(&'a self, ctx: &'a Context, change: &'a Change, after: &'a Atlas) -> BoxFuture<'a, Html>;
}

/// Pages of places.
pub fn routes() -> Routes<Places> {
    Routes::new()
        .get("/places", Need::Public, country::show)
        .get("/places/search", Need::Public, search::show)
        .get("/places/changes", Need::Public, change::list)
        .get("/places/changes/{id}", Need::Public, change::show)
        .get("/places/groups/{code}", Need::Public, group::show)
        .get("/places/{id}", Need::Public, unit::show)
        .get("/places/{id}/units", Need::Public, below::show)
        .get("/places/{id}/villages", Need::Public, village::show)
        .post("/places/{id}/villages", Need::SignedIn, village::add)
        .post("/places/{id}/villages/change", Need::SignedIn, village::change)
        .merge(admin::routes())
}

/// A link: address and words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Link {
    pub href: String,
    pub text: String,
}

/// The day in `?on=`; the reader's today when nothing is said.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct OnQuery {
    on: Option<String>,
}

impl OnQuery {
    /// The day asked for, if any.
    fn asked(&self) -> Result<Option<Date>, AppError> {
        match self.on.as_deref().map(str::trim).filter(|t| !t.is_empty()) {
            None => Ok(None),
            Some(text) => read_date(text, "on").map(Some),
        }
    }
}

/// A date as people or browsers write it.
pub(crate) fn read_date(text: &str, at: &'static str) -> Result<Date, AppError> {
    let wrong =
        |vi: &str, en: &str| AppError::new("date_unreadable", 422).say(vi, en).mend("Viết ngày theo dạng 30/6/2025.", "Write the date as 30/6/2025.").at(at);
    let date = text.parse().or_else(|_| lang::parse_date(text)).map_err(|problem| wrong(problem.vi(), problem.en()))?;
    if (1900..=2200).contains(&Date::year(date)) {
        return Ok(date);
    }
    Err(wrong("Năm phải từ 1900 đến 2200.", "The year must lie between 1900 and 2200."))
}

/// Address of a unit's page on a day.
pub(crate) fn unit_href(ctx: &Context, unit: Uuid, on: Date) -> String {
    if on == ctx.today() { format!("/places/{unit}") } else { format!("/places/{unit}?on={on}") }
}

pub(crate) fn unit_link(ctx: &Context, atlas: &Atlas, unit: Uuid, on: Date) -> Link {
    Link { href: unit_href(ctx, unit, on), text: atlas.full_name(unit, on) }
}

/// Puts an error beside the field it names, or above the content when it names none of them.
pub(crate) fn place_error(shell: &mut Shell, fields: &mut [Field], error: &AppError) {
    let text = format!("{} {}", error.what(shell.lang), error.how(shell.lang));
    match fields.iter_mut().find(|field| error.at.as_deref() == Some(field.name.as_str())) {
        Some(field) => field.error = Some(text),
        None => shell.notice = Some(Notice::new(Tone::Bad, text)),
    }
}

/// Whether an error is shown in the form that caused it; others get a page of their own.
pub(crate) fn belongs_in_form(error: &AppError) -> bool {
    matches!(error.status, 409 | 422)
}

pub(crate) fn with_status(mut response: Response, status: u16) -> Response {
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

pub(crate) fn see_other(to: String) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}

/// The message after a form that went well, by its word in the address.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Done {
    done: Option<String>,
}

pub(crate) fn group_unknown(code: &str) -> AppError {
    let code: String = code.chars().take(60).collect();
    AppError::new("unknown_group", 404)
        .say(format!("Không có nhóm “{code}”."), format!("There is no group “{code}”."))
        .mend("Xem các nhóm ở trang Địa bàn.", "See the groups on the page Places.")
}

pub(crate) fn unit_unknown() -> AppError {
    AppError::new("unknown_unit", 404)
        .say("Không có địa bàn nào ở địa chỉ này.", "There is no place at this address.")
        .mend("Tìm theo tên, tên cũ hoặc mã ở ô tìm kiếm.", "Search by name, old name or code.")
}

pub(crate) fn change_unknown() -> AppError {
    AppError::new("unknown_change", 404)
        .say("Không có thay đổi nào ở địa chỉ này.", "There is no change of units at this address.")
        .mend("Xem danh sách các thay đổi.", "See the list of changes.")
}
