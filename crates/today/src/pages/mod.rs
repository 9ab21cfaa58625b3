//! HTML of today: what is due, how people are reminded, and the burden.

mod burden;
mod list;
mod reminders;

use crate::Today;
use access::{Need, Role, Routes};

/// The description of what programs read.
pub fn openapi() -> utoipa::openapi::OpenApi {
    list::openapi()
}

/// Pages of today, and what programs read.
pub fn routes() -> Routes<Today> {
    Routes::new()
        .get("/today", Need::SignedIn, list::show)
        .get("/today/list", Need::SignedIn, list::fragment)
        .get("/api/v1/today", Need::SignedIn, list::json)
        .get("/me/reminders", Need::SignedIn, reminders::show)
        .post("/me/reminders", Need::SignedIn, reminders::wish)
        .post("/me/reminders/address", Need::SignedIn, reminders::address)
        .post("/me/reminders/confirm", Need::SignedIn, reminders::confirm)
        .post("/me/reminders/feed", Need::SignedIn, reminders::make_feed)
        .post("/me/reminders/feed/end", Need::SignedIn, reminders::end_feed)
        .get("/calendar/{file}", Need::Public, reminders::feed)
        .get("/burden", Need::Role(Role::Viewer), burden::show)
        .get("/burden/export.xlsx", Need::Role(Role::Viewer), burden::xlsx)
}
