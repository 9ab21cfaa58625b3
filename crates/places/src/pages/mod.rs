//! HTML of places.

use crate::Places;
use access::{Context, Routes};
use jiff::civil::Date;
use std::pin::Pin;
use ui::Html;
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

pub(crate) fn group_unknown(code: &str) -> ui::AppError {
    let code: String = code.chars().take(60).collect();
    ui::AppError::new("unknown_group", 404)
        .say(format!("Không có nhóm “{code}”."), format!("There is no group “{code}”."))
        .mend("Xem các nhóm ở trang Địa bàn.", "See the groups on the page Places.")
}

/// Pages of places.
pub fn routes() -> Routes<Places> {
    Routes::new()
}
