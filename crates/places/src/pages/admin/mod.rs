//! Administration of units: changes, groups.

mod change;
mod group;

use crate::Places;
use access::{Need, Role, Routes};

pub(super) fn routes() -> Routes<Places> {
    let admin = Need::Role(Role::Administrator);
    Routes::new()
        .get("/admin/changes", admin, change::list)
        .post("/admin/changes", admin, change::apply)
        .get("/admin/changes/new", admin, change::new_form)
        .post("/admin/changes/new", admin, change::preview)
        .post("/admin/changes/{id}/undo", admin, change::undo)
        .get("/admin/changes/{id}/shares", admin, change::shares_form)
        .post("/admin/changes/{id}/shares", admin, change::shares)
        .get("/admin/groups", admin, group::list)
        .post("/admin/groups", admin, group::add)
        .get("/admin/groups/{code}/members", admin, group::members)
        .post("/admin/groups/{code}/members", admin, group::add_members)
        .post("/admin/groups/{code}/end", admin, group::end_members)
}
