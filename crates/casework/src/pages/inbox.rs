//! The list of cases, opening one, giving many to a person.

use super::{done, see_other, state_tone, stays, with_status};
use crate::Casework;
use crate::case::{InboxAsk, Item, Scope};
use crate::ports::due_words;
use access::{Context, Role};
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::response::Response;
use serde::Deserialize;
use std::collections::BTreeMap;
use ui::form::{Field, Kind};
use ui::{AppError, Notice, Shell, Tone, page};
use uuid::Uuid;
use work::NewCase;

const SHOWN: usize = 50;

#[derive(Deserialize, Default)]
pub(super) struct Asked {
    #[serde(default)]
    list: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    after: String,
    done: Option<String>,
}

struct Line {
    id: String,
    href: String,
    title: String,
    about: String,
    state: String,
    state_class: &'static str,
    due: String,
    due_class: &'static str,
    assignee: String,
    free: bool,
}

#[derive(Template)]
#[template(path = "case_inbox.html")]
struct InboxView {
    shell: Shell,
    list: String,
    place: String,
    tasks: Vec<Line>,
    lines: Vec<Line>,
    notices: Vec<(String, String, String)>,
    next: Option<String>,
    may_open: bool,
    me: bool,
    workers: Vec<(Uuid, String)>,
}

/// `GET /cases?list=office|mine&unit=&after=`
pub(super) async fn show(State(casework): State<Casework>, ctx: Context, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let notice = done(&ctx, asked.done.as_deref());
    view(&casework, &ctx, asked, notice).await
}

async fn view(casework: &Casework, ctx: &Context, asked: Asked, notice: Option<Notice>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let unit = asked.unit.trim().parse::<Uuid>().ok();
    let scope = match (unit, asked.list.as_str()) {
        (Some(unit), _) => Scope::About(unit),
        (None, "mine") => Scope::Mine,
        (None, _) => Scope::Office,
    };
    let after = asked.after.split_once('.').and_then(|(at, id)| Some((at.parse().ok()?, id.parse().ok()?)));
    let found = casework.inbox(ctx, InboxAsk { scope, after, most: SHOWN }).await?;
    let first = after.is_none() && unit.is_none();
    let tasks = if first { casework.open_tasks(ctx, SHOWN).await? } else { Vec::new() };
    let notices = if first { casework.notices(ctx, 8).await? } else { Vec::new() };
    let list = match scope {
        Scope::Mine => "mine",
        Scope::Office => "office",
        Scope::About(_) => "unit",
    };
    let next = found.next.map(|(at, id)| format!("/cases?list={list}&unit={}&after={at}.{id}", asked.unit));
    let mut workers: Vec<(Uuid, String)> = Vec::new();
    let mut asked_for: Vec<(Uuid, String, String)> = Vec::new();
    for case in found.items.iter().map(|i| &i.case).filter(|_| scope == Scope::Office) {
        let key = (case.holder_unit, case.procedure.clone(), case.holder.clone());
        let Some(version) = casework.library().version(&case.procedure, case.version) else { continue };
        if asked_for.contains(&key) || !casework.leads(ctx, &version.procedure, case) {
            continue;
        }
        asked_for.push(key);
        for worker in casework.workers(ctx, &version.procedure, case).await? {
            if !workers.iter().any(|w| w.0 == worker.id) {
                workers.push((worker.id, worker.label(l)));
            }
        }
    }
    let place = unit.map(|u| casework.places().atlas().full_name(u, ctx.today())).unwrap_or_default();
    let shell = ctx.shell(l.t("Hồ sơ theo quy trình", "Cases")).noindex().notice(notice).crumb(l.t("Hôm nay", "Today"), "/today").here(l.t("Hồ sơ", "Cases"));
    Ok(page(&InboxView {
        list: list.to_owned(),
        place,
        tasks: tasks.iter().map(|item| line(casework, ctx, item)).collect(),
        lines: found.items.iter().map(|item| line(casework, ctx, item)).collect(),
        notices: notices.iter().map(|n| (super::moment(n.at), l.t(&n.vi, &n.en).to_owned(), format!("/cases/{}", n.case))).collect(),
        next,
        may_open: ctx.may_somewhere(Role::Officer),
        me: ctx.account_id().is_some(),
        workers,
        shell,
    }))
}

fn line(casework: &Casework, ctx: &Context, item: &Item) -> Line {
    let (l, case, now) = (ctx.lang, &item.case, calendar::micros(ctx.at));
    let version = casework.library().version(&case.procedure, case.version);
    let state = version.as_ref().and_then(|v| v.procedure.state(&case.state));
    let task = item.task.as_ref().and_then(|t| version.as_ref().and_then(|v| v.procedure.task(&t.task)));
    let due = item.task.as_ref().map_or(case.due, |t| t.due);
    let words =
        if case.open { due_words(due, now, l) } else { case.ended_at.map(|at| format!("{} {}", l.t("xong", "done"), super::day_of(at))).unwrap_or_default() };
    Line {
        id: case.id.to_string(),
        href: format!("/cases/{}", case.id),
        title: task.map_or_else(|| case.title.clone(), |t| format!("{}: {}", l.t(&t.title_vi, &t.title_en), case.title)),
        about: casework.places().atlas().full_name(case.unit, ctx.today()),
        state: state.map(|s| l.t(&s.title_vi, &s.title_en).to_owned()).unwrap_or_default(),
        state_class: state.map_or(Tone::Plain, state_tone).class(),
        due: words,
        due_class: match due {
            Some(due) if case.open && due < now => "late",
            Some(_) if case.open => "wait",
            _ => "plain",
        },
        assignee: case.assignee.clone(),
        free: case.assignee_id.is_none() && case.open,
    }
}

#[derive(Deserialize, Default)]
pub(super) struct NewForm {
    #[serde(default)]
    procedure: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    id: String,
}

#[derive(Template)]
#[template(path = "case_new.html")]
struct NewView {
    shell: Shell,
    summary: ui::Html,
    fields: Vec<Field>,
    id: Uuid,
}

/// `GET /cases/new?procedure=&unit=`
pub(super) async fn ask(State(casework): State<Casework>, ctx: Context, Query(form): Query<NewForm>) -> Result<Response, AppError> {
    ask_view(&casework, &ctx, &form, None)
}

fn ask_view(casework: &Casework, ctx: &Context, form: &NewForm, error: Option<&AppError>) -> Result<Response, AppError> {
    ctx.require_somewhere(Role::Officer)?;
    let (l, today) = (ctx.lang, ctx.today());
    let library = casework.library();
    let atlas = casework.places().atlas();
    let procedures: Vec<(String, String)> =
        library.codes().filter_map(|code| library.in_force(code, today)).map(|v| (v.procedure.code.clone(), v.procedure.title(l).to_owned())).collect();
    let mut units: Vec<(String, String)> = ctx.units_with(Role::Officer).into_iter().map(|u| (u.to_string(), atlas.full_name(u, today))).collect();
    if let Ok(unit) = form.unit.parse::<Uuid>()
        && !units.iter().any(|u| u.0 == form.unit)
    {
        units.push((form.unit.clone(), atlas.full_name(unit, today)));
    }
    let wrong = |name: &str| error.filter(|e| e.at.as_deref() == Some(name)).map(|e| format!("{} {}", e.what(l), e.how(l)));
    let fields = vec![
        Field::new("procedure", l.t("Quy trình", "Procedure")).kind(Kind::Select(procedures)).value(&form.procedure).error(wrong("procedure")),
        Field::new("unit", l.t("Đơn vị", "Unit")).kind(Kind::Select(units)).value(&form.unit).error(wrong("unit")),
        Field::new("title", l.t("Tên hồ sơ", "Title"))
            .hint(l.t("Ví dụ: Công nhận xã Phúc Hòa đạt chuẩn nông thôn mới năm 2026", "Such as: Recognition of Phúc Hòa commune, 2026"))
            .value(&form.title)
            .attr("maxlength", "300")
            .error(wrong("title"))
            .required(),
    ];
    let notice = error.filter(|e| e.at.is_none()).map(|e| Notice::new(Tone::Bad, format!("{} {}", e.what(l), e.how(l))));
    let shell = ctx.shell(l.t("Mở hồ sơ", "Open a case")).noindex().notice(notice).crumb(l.t("Hồ sơ", "Cases"), "/cases").here(l.t("Mở hồ sơ", "Open a case"));
    let summary = ui::form::error_summary(l, &fields);
    Ok(page(&NewView { summary, fields, id: form.id.parse().unwrap_or_else(|_| Uuid::now_v7()), shell }))
}

/// `POST /cases`
pub(super) async fn open(State(casework): State<Casework>, ctx: Context, Form(form): Form<NewForm>) -> Result<Response, AppError> {
    let unit = form.unit.trim().parse::<Uuid>().map_err(|_| crate::case::unknown_unit());
    let new = unit.map(|unit| NewCase {
        id: form.id.parse().unwrap_or_else(|_| Uuid::now_v7()),
        procedure: form.procedure.clone(),
        unit,
        title: form.title.clone(),
        subject: String::new(),
        fields: BTreeMap::new(),
    });
    let opened = match new {
        Ok(new) => casework.open_case(&ctx, new).await,
        Err(error) => Err(error),
    };
    match opened {
        Ok(case) => Ok(see_other(&format!("{}?done=opened", case.href))),
        Err(error) if ctx.may_somewhere(Role::Officer) && (stays(&error) || error.status == 404) => {
            let shown = ask_view(&casework, &ctx, &form, Some(&error))?;
            Ok(with_status(shown, error.status))
        }
        Err(error) => Err(error),
    }
}

/// `POST /cases/assign`: many cases to oneself, or by a head to one of the list.
pub(super) async fn assign(State(casework): State<Casework>, ctx: Context, Form(fields): Form<Vec<(String, String)>>) -> Result<Response, AppError> {
    ctx.require_signed_in()?;
    let cases: Vec<Uuid> = fields.iter().filter(|(name, _)| name == "case").filter_map(|(_, id)| id.parse().ok()).take(200).collect();
    let Some(me) = ctx.account_id() else { return Err(AppError::new("bad_request", 400)) };
    let to = fields.iter().find(|(name, _)| name == "to").map(|(_, id)| id.trim()).filter(|id| !id.is_empty());
    let to = to.map_or(me, |id| id.parse().unwrap_or_default());
    let outcome = if cases.is_empty() {
        Err(AppError::new("nothing_chosen", 422)
            .say("Chưa chọn hồ sơ nào.", "No case was chosen.")
            .mend("Đánh dấu hồ sơ rồi bấm lại.", "Tick some and try again."))
    } else {
        casework.assign_many(&ctx, &cases, to, "").await
    };
    match outcome {
        Ok(given) if given < cases.len() => Ok(see_other(&format!("/cases?done=assigned-{given}-{}", cases.len()))),
        Ok(_) if to == me => Ok(see_other("/cases?list=mine&done=assigned")),
        Ok(_) => Ok(see_other("/cases?done=assigned")),
        Err(error) if stays(&error) => {
            let notice = Notice::new(Tone::Bad, format!("{} {}", error.what(ctx.lang), error.how(ctx.lang)));
            let shown = view(&casework, &ctx, Asked::default(), Some(notice)).await?;
            Ok(with_status(shown, error.status))
        }
        Err(error) => Err(error),
    }
}
