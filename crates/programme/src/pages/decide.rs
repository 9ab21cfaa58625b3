//! What the owner decides about a target, the history of a plan, and the plan as a file.

use super::edit::{Typed, see_other, value};
use super::{crumbs, plan_of, words};
use crate::exchange::{to_toml, to_workbook};
use crate::service::Programme;
use access::{Context, db_error};
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use ui::{AppError, Shell, page};

/// `POST /plans/{code}/targets/{target}/reading`
pub(super) async fn reading(
    State(programme): State<Programme>,
    ctx: Context,
    Path((code, target)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Result<Response, AppError> {
    let plan = plan_of(&*programme.current().await, &code)?;
    programme.choose_reading(&ctx, &plan, &target, value(&typed, "reading"), value(&typed, "reason")).await?;
    Ok(see_other(format!("/plans/{code}/targets/{}?done=reading", ui::percent_encode(&target))))
}

/// `POST /plans/{code}/targets/{target}/carry`
pub(super) async fn carry(
    State(programme): State<Programme>,
    ctx: Context,
    Path((code, target)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Result<Response, AppError> {
    let plan = plan_of(&*programme.current().await, &code)?;
    programme.carry_over(&ctx, &plan, &target, value(&typed, "plan"), value(&typed, "document"), value(&typed, "reason")).await?;
    Ok(see_other(format!("/plans/{code}/targets/{}?done=carry", ui::percent_encode(&target))))
}

struct Line {
    when: String,
    what: String,
    why: String,
    by: String,
}

#[derive(Template)]
#[template(path = "programme_history.html")]
struct HistoryView {
    shell: Shell,
    versions: Vec<Line>,
    decisions: Vec<Line>,
}

/// `GET /plans/{code}/history`: every version and every decision. Names are shown to people who have signed in.
pub(super) async fn history(State(programme): State<Programme>, ctx: Context, Path(code): Path<String>) -> Result<Response, AppError> {
    let register = programme.current().await;
    let plan = plan_of(&register, &code)?;
    let l = ctx.lang;
    let named = ctx.may_somewhere(access::Role::Viewer);
    let day = |at: i64| calendar::from_micros(at).map(calendar::local_date).map(lang::show::short_date).unwrap_or_default();
    let who = |by: String| if named { by } else { String::new() };
    let versions = crate::store::plan::versions(programme.db(), plan.id).await.map_err(db_error)?;
    let versions = versions.into_iter().map(|v| Line {
        when: day(v.at),
        what: format!("{} {} · {} {}", l.t("phiên bản", "version"), v.version, v.def.target.len(), l.t("mục tiêu", "targets")),
        why: if v.reason == "facts" { l.t("theo tệp dữ kiện", "from the fact files").to_owned() } else { v.reason },
        by: if v.by == "facts" { String::new() } else { who(v.by) },
    });
    let decisions = programme.decisions(&plan).await?.into_iter().rev().map(|d| Line {
        when: day(d.at),
        what: match d.kind.as_str() {
            "reading" => format!("{}: {} {}", d.target, l.t("đọc theo", "read as"), d.choice),
            _ => format!("{}: {} {} ({})", d.target, l.t("chuyển tiếp sang", "carried over to"), d.choice, d.document),
        },
        why: d.reason,
        by: who(d.by),
    });
    let title = l.t("Lịch sử sửa đổi", "History");
    let shell = crumbs(ctx.shell(title).noindex(), &register, &plan).crumb(words::short_title(&plan, l), format!("/plans/{code}")).here(title);
    Ok(page(&HistoryView { shell, versions: versions.collect(), decisions: decisions.collect() }))
}

fn download(name: &str, media: &'static str, body: Vec<u8>) -> Response {
    let how = format!("attachment; filename*=UTF-8''{}", ui::percent_encode(name));
    ([(header::CONTENT_TYPE, media.to_owned()), (header::CONTENT_DISPOSITION, how)], body).into_response()
}

/// `GET /plans/{code}/export.toml`
pub(super) async fn export_toml(State(programme): State<Programme>, Path(code): Path<String>) -> Result<Response, AppError> {
    let plan = plan_of(&*programme.current().await, &code)?;
    let text = to_toml(&plan.def).map_err(|error| {
        tracing::error!(error, code, "a plan cannot be written as TOML");
        AppError::new("internal", 500)
    })?;
    Ok(download(&format!("{code}.toml"), "application/toml; charset=utf-8", text.into_bytes()))
}

/// `GET /plans/{code}/export.xlsx`
pub(super) async fn export_xlsx(State(programme): State<Programme>, ctx: Context, Path(code): Path<String>) -> Result<Response, AppError> {
    let plan = plan_of(&*programme.current().await, &code)?;
    let list = programme.progress(&ctx, &plan, plan.home, false).await?;
    let bytes = to_workbook(&plan.def, &list, &format!("/plans/{code}"), ctx.today(), ctx.lang).map_err(|error| {
        tracing::error!(%error, code, "a plan cannot be written as a workbook");
        AppError::new("internal", 500)
    })?;
    Ok(download(&format!("{code}.xlsx"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", bytes))
}
