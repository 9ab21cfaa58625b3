//! HTML of the programme.

mod decide;
mod document;
mod edit;
mod finder;
mod holders;
mod keep;
mod library;
mod panel;
mod plan;
mod reading;
mod show;
mod table;
mod target;
mod tree;
pub(crate) mod words;

pub use finder::ProgrammeFinder;
pub use panel::TargetsPanel;

use crate::plan::Plan;
use crate::register::Register;
use crate::service::Programme;
use access::{Context, Need, Role, Routes};
use places::{Atlas, Level};
use std::sync::Arc;
use ui::{AppError, Shell};
use uuid::Uuid;

/// Largest upload: a file of 10 MB with its form around it.
const UPLOAD: usize = 11 * 1024 * 1024;

/// Pages of the programme.
pub fn routes() -> Routes<Programme> {
    let keeper = Need::Role(Role::Administrator);
    Routes::new()
        .merge(crate::funding::routes())
        .merge(crate::report::routes())
        .merge(crate::task::routes())
        .get("/programme", Need::Public, tree::show)
        .get("/plans/new", keeper, edit::new)
        .post("/plans", keeper, edit::create)
        .get("/plans/import", keeper, edit::import_form)
        .upload("/plans/import", keeper, UPLOAD, edit::import)
        .get("/plans/{code}/edit", keeper, edit::edit)
        .post("/plans/{code}/edit", keeper, edit::save)
        .get("/plans/{code}/text", keeper, edit::text)
        .post("/plans/{code}/text", keeper, edit::save_text)
        .post("/plans/{code}/targets/{target}/edit", keeper, edit::save_target)
        .post("/plans/{code}/targets/{target}/remove", keeper, edit::remove_target)
        .post("/plans/{code}/targets/{target}/reading", keeper, decide::reading)
        .get("/plans/{code}/targets/{target}/readings/{reading}", keeper, reading::edit)
        .post("/plans/{code}/targets/{target}/readings/{reading}", keeper, reading::save)
        .post("/plans/{code}/targets/{target}/carry", keeper, decide::carry)
        .get("/plans/{code}/history", Need::Public, decide::history)
        .get("/plans/{code}/export.toml", Need::Public, decide::export_toml)
        .get("/plans/{code}/export.xlsx", Need::Public, decide::export_xlsx)
        .get("/documents/new", keeper, keep::new)
        .post("/documents", keeper, keep::create)
        .get("/documents/{code}/edit", keeper, keep::edit)
        .post("/documents/{code}/edit", keeper, keep::save)
        .upload("/documents/{code}/files", keeper, UPLOAD, keep::upload)
        .get("/plans/{code}", Need::Public, plan::show)
        .get("/plans/{code}/targets/{target}", Need::Public, target::show)
        .get("/plans/{code}/targets/{target}/places.xlsx", Need::Public, target::places)
        .get("/documents", Need::Public, library::show)
        .get("/documents/{code}", Need::Public, document::show)
        .get("/documents/{code}/files/{file}", Need::Public, document::file)
}

/// A link: address and words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Link {
    pub href: String,
    pub text: String,
}

/// Where a plan is read: its unit or a place below it, and on which map.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct At {
    unit: Option<String>,
    tree: Option<String>,
    page: Option<usize>,
    show: Option<String>,
    done: Option<String>,
}

impl At {
    fn today(&self) -> bool {
        self.tree.as_deref() == Some("today")
    }

    /// The place asked for; the plan's own unit when nothing is said.
    fn place(&self, atlas: &Atlas, plan: &Plan) -> Result<Uuid, AppError> {
        let Some(text) = self.unit.as_deref().map(str::trim).filter(|t| !t.is_empty()) else { return Ok(plan.home) };
        let on = plan.def.plan.valid_to;
        crate::service::find_unit(atlas, text, on).filter(|u| atlas.unit(*u).is_some()).ok_or_else(|| {
            let text: String = text.chars().take(60).collect();
            AppError::new("unknown_unit", 404)
                .say(format!("Không tìm thấy nơi nào là “{text}”."), format!("No place is “{text}”."))
                .mend("Mở kế hoạch rồi chọn nơi trong bảng.", "Open the plan and choose the place in its table.")
        })
    }
}

/// A plan by its code.
///
/// # Errors
/// 404 `unknown_plan`.
pub(crate) fn plan_of(register: &Register, code: &str) -> Result<Arc<Plan>, AppError> {
    register.plan(code).cloned().ok_or_else(|| {
        let code: String = code.chars().take(60).collect();
        AppError::new("unknown_plan", 404)
            .say(format!("Không có kế hoạch nào mang mã “{code}”."), format!("There is no plan “{code}”."))
            .mend("Xem danh sách ở mục Chương trình.", "See the list under Programme.")
    })
}

pub(crate) fn unknown_target(code: &str) -> AppError {
    let code: String = code.chars().take(60).collect();
    AppError::new("unknown_target", 404)
        .say(format!("Kế hoạch này không có mục tiêu “{code}” ở nơi này."), format!("The plan has no target “{code}” here."))
        .mend("Xem các mục tiêu trên trang kế hoạch.", "See the targets on the page of the plan.")
}

/// The name of a place on the last day it lived, or today.
pub(crate) fn place_name(atlas: &Atlas, place: Uuid, ctx: &Context) -> String {
    if Some(place) == atlas.nation() {
        return ctx.lang.t("Việt Nam", "Viet Nam").to_owned();
    }
    atlas.full_name(place, last_day(atlas, place, ctx))
}

/// Today, or the last day of a place that has ended.
pub(crate) fn last_day(atlas: &Atlas, place: Uuid, ctx: &Context) -> jiff::civil::Date {
    let today = ctx.today();
    atlas.unit(place).and_then(|u| u.to()).and_then(|to| to.yesterday().ok()).map_or(today, |last| last.min(today))
}

/// Breadcrumb of a plan: the programme, the plans above, itself.
pub(crate) fn crumbs(mut shell: Shell, register: &Register, plan: &Plan) -> Shell {
    let l = shell.lang;
    shell = shell.crumb(l.t("Chương trình", "Programme"), "/programme");
    let mut above = register.above(&plan.def.plan.code);
    above.reverse();
    for one in above {
        shell = shell.crumb(words::short_title(&one, l), format!("/plans/{}", one.def.plan.code));
    }
    shell
}

/// The address of a plan's page for a place.
pub(crate) fn plan_href(plan: &Plan, place: Uuid, today: bool) -> String {
    at_href(format!("/plans/{}", plan.def.plan.code), plan, place, today)
}

/// The address of a target's page for a place.
pub(crate) fn target_href(plan: &Plan, target: &str, place: Uuid, today: bool) -> String {
    at_href(format!("/plans/{}/targets/{}", plan.def.plan.code, ui::percent_encode(target)), plan, place, today)
}

fn at_href(path: String, plan: &Plan, place: Uuid, today: bool) -> String {
    let mut query = Vec::new();
    if place != plan.home {
        query.push(format!("unit={place}"));
    }
    if today {
        query.push("tree=today".to_owned());
    }
    if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
}

/// The level below a place whose units a list shows: the next one that has any on a map.
pub(crate) fn next_level(view: &places::MapView, place: Uuid, lowest: Level) -> Option<Level> {
    let own = view.level(place)?;
    [Level::Province, Level::District, Level::Commune].into_iter().filter(|l| *l > own && *l <= lowest).find(|l| !view.under(place, *l).is_empty())
}
