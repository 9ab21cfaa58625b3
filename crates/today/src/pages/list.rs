//! `/today`: what is due, in the order of the clock.

use crate::Today;
use crate::service::{Due, Summary};
use access::{Context, Role};
use askama::Template;
use axum::Json;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use ui::{AppError, Lang, Shell, page};
use utoipa::{OpenApi, ToSchema};
use work::{Duty, Urgency};

/// Only what one domain says.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Filter {
    of: Option<String>,
}

struct Part {
    title: &'static str,
    tone: &'static str,
    due: Vec<Due>,
}

#[derive(Template)]
#[template(path = "today.html")]
struct TodayView {
    shell: Shell,
    words: String,
    name: String,
    date: String,
    live: String,
    list: ui::Html,
    shortcuts: Vec<(&'static str, &'static str)>,
}

#[derive(Template)]
#[template(path = "today_list.html")]
struct ListView {
    l: Lang,
    parts: Vec<Part>,
    chips: Vec<(String, String, bool)>,
}

/// What a domain is called in the filter; a domain without a name of its own here is called by its word.
fn source_label(source: &str, l: Lang) -> String {
    match source {
        "figures" => l.t("Số liệu", "Figures"),
        "criteria" => l.t("Tiêu chí", "Criteria"),
        "programme" | "task" | "tasks" => l.t("Nhiệm vụ", "Tasks"),
        "case" | "cases" | "casework" => l.t("Quy trình", "Cases"),
        "dossier" | "dossiers" => l.t("Hồ sơ công việc", "Work dossiers"),
        "report" | "reports" => l.t("Báo cáo", "Reports"),
        "access" => l.t("Tài khoản", "Accounts"),
        other => other,
    }
    .to_owned()
}

fn list(l: Lang, due: Vec<Due>, of: Option<&str>) -> Result<ui::Html, AppError> {
    let mut counts: Vec<(&'static str, usize)> = Vec::new();
    for d in &due {
        match counts.iter_mut().find(|c| c.0 == d.duty.source) {
            Some(count) => count.1 += 1,
            None => counts.push((d.duty.source, 1)),
        }
    }
    let mut chips = Vec::new();
    if counts.len() > 1 {
        chips.push((format!("{} {}", l.t("Tất cả", "All"), due.len()), "/today".to_owned(), of.is_none()));
        chips.extend(counts.iter().map(|(source, n)| (format!("{} {n}", source_label(source, l)), format!("/today?of={source}"), of == Some(source))));
    }
    let mut parts = vec![
        Part { title: l.t("Trễ hạn", "Late"), tone: "late", due: Vec::new() },
        Part { title: l.t("Gấp", "Urgent"), tone: "wait", due: Vec::new() },
        Part { title: l.t("Đang chờ", "To do"), tone: "plain", due: Vec::new() },
    ];
    for d in due.into_iter().filter(|d| of.is_none_or(|of| of == d.duty.source)) {
        let at = match d.duty.urgency {
            Urgency::Late => 0,
            Urgency::Soon => 1,
            Urgency::Open => 2,
        };
        if let Some(part) = parts.get_mut(at) {
            part.due.push(d);
        }
    }
    parts.retain(|part| !part.due.is_empty());
    let text = ListView { l, parts, chips }.render().map_err(|_| AppError::new("ui.render", 500))?;
    Ok(ui::Html::trusted(text))
}

fn shortcuts(ctx: &Context) -> Vec<(&'static str, &'static str)> {
    let l = ctx.lang;
    let mut all = Vec::new();
    if ctx.may_somewhere(Role::Officer) && ctx.speaks_for_place() {
        all.push(("/intake", l.t("Nhập từ Excel", "From a workbook")));
    }
    all.push(("/evidence/library", l.t("Kho minh chứng", "Evidence library")));
    if ctx.may_somewhere(Role::Reviewer) && ctx.speaks_for_place() {
        all.push(("/rounds", l.t("Đợt báo cáo", "Rounds")));
    }
    all.push(("/burden", l.t("Gánh nặng báo cáo", "Burden of reporting")));
    if ctx.may_somewhere(Role::Administrator) {
        all.push(("/admin/measures", l.t("Chỉ tiêu", "Measures")));
        all.push(("/admin/accounts", l.t("Tài khoản", "Accounts")));
        all.push(("/admin/audit", l.t("Nhật ký", "Audit")));
    }
    all.push(("/me/reminders", l.t("Nhắc việc", "Reminders")));
    all
}

/// `GET /today?of=`
pub(super) async fn show(State(today): State<Today>, ctx: Context, Query(filter): Query<Filter>) -> Result<Response, AppError> {
    let due = today.due(&ctx).await?;
    let (l, day) = (ctx.lang, ctx.today());
    let summary = Summary::of(due.iter().map(|d| &d.duty));
    let of = filter.of.as_deref().filter(|of| due.iter().any(|d| d.duty.source == *of)).map(str::to_owned);
    let mut shell = ctx.shell(l.t("Hôm nay", "Today")).noindex();
    if let Some(viewer) = &mut shell.viewer {
        viewer.today_count = u32::try_from(summary.all()).unwrap_or(u32::MAX);
    }
    Ok(page(&TodayView {
        words: summary.words(l),
        name: ctx.author_name().to_owned(),
        date: l.t(&lang::show::long_date(day), &day.strftime("%-d %B %Y").to_string()).to_owned(),
        live: of.as_ref().map_or("/today/list".to_owned(), |of| format!("/today/list?of={of}")),
        list: list(l, due, of.as_deref())?,
        shortcuts: shortcuts(&ctx),
        shell,
    }))
}

/// `GET /today/list?of=`: the list alone, fetched again when something changes.
pub(super) async fn fragment(State(today): State<Today>, ctx: Context, Query(filter): Query<Filter>) -> Result<Response, AppError> {
    let due = today.due(&ctx).await?;
    let html = list(ctx.lang, due, filter.of.as_deref())?;
    Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "private, no-cache")], html.as_str().to_owned()).into_response())
}

/// A duty for programs.
#[derive(Serialize, ToSchema)]
struct DutyJson {
    source: &'static str,
    key: String,
    title: String,
    about: String,
    verb: String,
    href: String,
    due: Option<String>,
    #[schema(value_type = String)]
    urgency: Urgency,
}

#[derive(Serialize, ToSchema)]
struct DutiesJson {
    items: Vec<DutyJson>,
    total: usize,
    next: Option<String>,
    #[schema(value_type = Object)]
    summary: Summary,
}

#[derive(OpenApi)]
#[openapi(paths(json), components(schemas(DutyJson, DutiesJson)))]
struct Api;

/// The description of this operation, to be merged with those of others.
pub(crate) fn openapi() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// What is due for the caller in the post they act in, over all domains: late first, then by the clock.
#[utoipa::path(get, path = "/api/v1/today", tag = "today", responses((status = 200, body = DutiesJson), (status = 401, description = "sign_in_required")),
    extensions(("x-vi" = json!({"summary": "Hôm nay", "description": "Việc đến hạn của người gọi, trễ trước, rồi theo hạn."}))))]
pub(super) async fn json(State(today): State<Today>, ctx: Context) -> Result<Response, AppError> {
    let due = today.due(&ctx).await?;
    let summary = Summary::of(due.iter().map(|d| &d.duty));
    let item = |Duty { source, key, title, about, verb, href, due, urgency, .. }: Duty| DutyJson {
        source,
        key,
        title,
        about,
        verb,
        href,
        due: due.and_then(calendar::from_micros).map(|at| at.to_string()),
        urgency,
    };
    let items: Vec<DutyJson> = due.into_iter().map(|d| item(d.duty)).collect();
    Ok(([(header::CACHE_CONTROL, "private, no-store")], Json(DutiesJson { total: items.len(), items, next: None, summary })).into_response())
}
