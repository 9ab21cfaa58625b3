//! `/api/v1/tasks`: tasks with state, deadline and money, for programs with a token.

use super::model::{Due, State};
use super::read::{Asked, Late, Seen};
use super::words;
use crate::Programme;
use crate::funding::{Stage, Totals, store as money};
use access::{Context, Need, Routes, Who, db_error};
use axum::extract::{Path, State as Held};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use ui::AppError;
use ui::api::{Cursor, List, Query, Reply};
use utoipa::ToSchema;
use uuid::Uuid;

/// Items of a page: usual and most.
const LIMIT: (usize, usize) = (100, 1_000);

pub(crate) fn routes() -> Routes<Programme> {
    Routes::new().get("/api/v1/tasks", Need::SignedIn, list).get("/api/v1/tasks/{task}", Need::SignedIn, one)
}

/// A task.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TaskItem {
    /// Id.
    pub id: Uuid,
    /// The task it is a part of; null for none.
    pub parent: Option<Uuid>,
    /// Code of the plan; empty for none.
    pub plan: String,
    /// Target of the plan that it serves; empty for none.
    pub target: String,
    /// Number in the plan.
    pub number: String,
    /// What is to be done.
    pub title: String,
    /// What it is done for.
    pub goal: String,
    /// What must be there in the end.
    pub output: String,
    /// Unit of the owner.
    pub owner: Uuid,
    /// Owner in words, with the office.
    pub owner_name: String,
    /// Helpers in words.
    pub support: Vec<String>,
    /// `new`, `accepted`, `working`, `done`, `confirmed`, `returned`, `cancelled`.
    pub state: &'static str,
    /// Number of its last event; whoever moves it on names the one they saw.
    pub seq: i64,
    /// The day it was given.
    #[schema(format = Date)]
    pub assigned: String,
    /// Working days allowed; null when a date was set, or nothing.
    pub due_days: Option<u32>,
    /// Last day; null without a deadline.
    #[schema(format = Date)]
    pub due: Option<String>,
    /// The calendar is silent about some of the days counted.
    pub due_provisional: bool,
    /// Late and not done.
    pub late: bool,
    /// Working days late, also of what was done late; null when in time.
    pub late_days: Option<u32>,
    /// The day it was said to be done.
    #[schema(format = Date)]
    pub done_on: Option<String>,
    /// Planned, đồng, labour and land where they were valued.
    pub planned: i64,
    /// Allocated, đồng.
    pub allocated: i64,
    /// Paid out, đồng.
    pub spent: i64,
    /// Made up for a demonstration.
    pub synthetic: bool,
}

/// Fields as columns of a CSV file.
const COLUMNS: [&str; 21] = [
    "id",
    "parent",
    "plan",
    "target",
    "number",
    "title",
    "goal",
    "output",
    "owner",
    "owner_name",
    "support",
    "state",
    "assigned",
    "due_days",
    "due",
    "due_provisional",
    "late",
    "late_days",
    "planned",
    "allocated",
    "spent",
];

pub(crate) fn item(p: &Programme, ctx: &Context, seen: &Seen, totals: &Totals) -> TaskItem {
    let t = &seen.task;
    let all = totals.all();
    TaskItem {
        id: t.id,
        parent: t.parent.map(|p| p.1),
        plan: t.words.plan.clone(),
        target: t.words.target.clone(),
        number: t.words.number.clone(),
        title: t.words.title.clone(),
        goal: t.words.goal.clone(),
        output: t.words.output.clone(),
        owner: t.owner.unit,
        owner_name: words::party(p, &t.owner, ctx.today()),
        support: t.support.iter().map(|s| words::party(p, s, ctx.today())).collect(),
        state: t.state.word(),
        seq: t.seq,
        assigned: t.assigned.to_string(),
        due_days: if let Due::Days(days) = t.due { Some(days) } else { None },
        due: seen.due.map(|d| d.to_string()),
        due_provisional: seen.provisional,
        late: seen.is_late(),
        late_days: match seen.late {
            Late::By(n) | Late::DoneLate(n) => Some(n),
            _ => None,
        },
        done_on: t.done_on.map(|d| d.to_string()),
        planned: all.at(Stage::Planned),
        allocated: all.at(Stage::Allocated),
        spent: all.at(Stage::Spent),
        synthetic: t.synthetic,
    }
}

/// `{"items": […], "total": n, "next": cursor or null}`
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes ui::api::List for the documentation")]
pub(crate) struct TaskList {
    items: Vec<TaskItem>,
    total: u64,
    next: Option<String>,
}

/// Tasks under a unit that the caller may see, in the order of their ids.
#[utoipa::path(get, path = "/api/v1/tasks", operation_id = "listTasks", tag = "programme",
    params(
        ("unit" = Option<String>, Query, description = "Id, official code or name of a unit: tasks owned there and below. The caller's own unit when nothing is said."),
        ("state" = Option<String>, Query, description = "new, accepted, working, done, confirmed, returned or cancelled."),
        ("late" = Option<String>, Query, description = "`yes`: only tasks past their last day and not done."),
        ("plan" = Option<String>, Query, description = "Code of a plan."),
        ("limit" = Option<usize>, Query, description = "1 to 1,000; 100 when nothing is said."),
        ("next" = Option<String>, Query, description = "Cursor of the page before."),
        ("format" = Option<String>, Query, description = "`json` or `csv`.")
    ),
    responses((status = 200, description = "Tasks.", body = TaskList), (status = 400, description = "unknown_parameter, parameter_invalid, cursor_invalid"), (status = 401, description = "sign_in_required"), (status = 404, description = "unknown_unit")),
    security(("token" = [])))]
pub(crate) async fn list(Held(p): Held<Programme>, ctx: Context, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    ctx.require_signed_in()?;
    let query = Query::read(&uri, &["unit", "state", "late", "plan", "limit", "next", "format"])?;
    let asked = Asked {
        unit: Some(super::board::place(&p, &ctx, query.one("unit")?)?),
        state: query.word("state", &State::ALL.map(State::word), State::from_word)?,
        late: query.word("late", &["yes", "no"], |w| Some(w == "yes"))?.unwrap_or(false),
        plan: query.one("plan")?.unwrap_or_default().to_owned(),
        ..Asked::default()
    };
    let mut tasks = p.tasks(&ctx, &asked).await?;
    tasks.sort_by_key(|s| s.task.id);
    let limit = query.number("limit", 1..=LIMIT.1)?.unwrap_or(LIMIT.0);
    let question = query.question();
    let total = tasks.len();
    let after = match query.one("next")? {
        Some(text) => {
            let cursor = Cursor::open(text, &question)?;
            let [id] = cursor.parts::<1>().ok_or_else(Cursor::invalid)?;
            Some(id.parse::<Uuid>().map_err(|_| Cursor::invalid())?)
        }
        None => None,
    };
    let mut rest = tasks.into_iter().filter(|s| after.is_none_or(|after| s.task.id > after));
    let page: Vec<Seen> = rest.by_ref().take(limit).collect();
    let next = rest.next().and_then(|_| page.last()).map(|last| Cursor::new([last.task.id.to_string()]).seal(&question));
    let tenants: BTreeSet<Uuid> = page.iter().map(|s| s.task.tenant).collect();
    let mut sums: BTreeMap<Uuid, Totals> = BTreeMap::new();
    for tenant in tenants {
        for (task, row) in money::of_tenant(p.db(), tenant).await.map_err(db_error)? {
            sums.entry(task).or_default().add(&row);
        }
    }
    let none = Totals::default();
    let items = page.iter().map(|s| item(&p, &ctx, s, sums.get(&s.task.id).unwrap_or(&none))).collect();
    Reply { query: &query, headers: &headers, public: ctx.who == Who::Public }.list(&List { items, total, next }, &COLUMNS, None)
}

/// One task that the caller may see.
#[utoipa::path(get, path = "/api/v1/tasks/{task}", operation_id = "getTask", tag = "programme",
    params(("task" = Uuid, Path, description = "Id of the task.")),
    responses((status = 200, description = "The task.", body = TaskItem), (status = 401, description = "sign_in_required"), (status = 404, description = "unknown_task")),
    security(("token" = [])))]
pub(crate) async fn one(Held(p): Held<Programme>, ctx: Context, Path(id): Path<String>, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    ctx.require_signed_in()?;
    let query = Query::read(&uri, &[])?;
    let task = p.task(&ctx, super::page::parse(&id)?).await?;
    let rows = money::of_task(p.db(), task.tenant, task.id).await.map_err(db_error)?;
    let seen = p.seen(task, ctx.today());
    Reply { query: &query, headers: &headers, public: false }.one(&item(&p, &ctx, &seen, &Totals::of(&rows)))
}

#[derive(utoipa::OpenApi)]
#[openapi(
    paths(list, one, crate::report::api::list),
    components(schemas(TaskItem, TaskList, crate::report::api::ReportItem, crate::report::api::ReportList)),
    tags((name = "programme", description = "Tasks with their money, and what was reported"))
)]
struct Doc;

/// The description of tasks and reports, to be shown with those of the other parts.
pub fn openapi() -> serde_json::Value {
    let mut all = serde_json::to_value(<Doc as utoipa::OpenApi>::openapi()).unwrap_or_default();
    let words = [
        ("/api/v1/tasks", "Nhiệm vụ", "Nhiệm vụ của một đơn vị và các đơn vị bên dưới, kèm hạn, trạng thái, kinh phí.", "/api/v1/tasks?state=working&limit=2"),
        ("/api/v1/tasks/{task}", "Một nhiệm vụ", "Một nhiệm vụ mà người gọi được xem.", "/api/v1/tasks/{task}"),
        ("/api/v1/reports", "Báo cáo", "Các báo cáo và bản đã ban hành: số, ngày, mã băm; không kèm nội dung.", "/api/v1/reports?limit=2"),
    ];
    for (path, title, says, example) in words {
        if let Some(op) = all.get_mut("paths").and_then(|p| p.get_mut(path)).and_then(|p| p.get_mut("get")).and_then(|o| o.as_object_mut()) {
            op.insert("x-vi".into(), serde_json::json!({"summary": title, "description": says}));
            op.insert("x-example".into(), example.into());
        }
    }
    all
}
