//! The task board: what there is, who holds it, what is late.

use super::model::State;
use super::read::{Asked, Seen};
use super::words;
use crate::Programme;
use access::{Context, Role};
use askama::Template;
use axum::extract::{Query, State as Held};
use axum::response::Response;
use serde::Deserialize;
use std::collections::BTreeMap;
use ui::{AppError, Lang, Notice, Shell, Tone, page};
use uuid::Uuid;

/// Cards of one column.
const CARDS: usize = 12;
/// Rows of the list.
const ROWS: usize = 300;

/// What an address of the board asks for.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Pick {
    unit: Option<String>,
    state: Option<String>,
    late: Option<String>,
    plan: Option<String>,
    q: Option<String>,
    view: Option<String>,
    only: Option<String>,
    done: Option<String>,
}

/// The unit a page of tasks is about: the one asked for, else the highest in which the reader has a role, else the nation.
pub(crate) fn place(p: &Programme, ctx: &Context, text: Option<&str>) -> Result<Uuid, AppError> {
    let atlas = p.figures().places().atlas();
    if let Some(text) = text.map(str::trim).filter(|t| !t.is_empty()) {
        return p.unit_named(text, ctx.today()).ok_or_else(|| super::service::unknown_unit("unit"));
    }
    let level = |unit: &Uuid| atlas.unit(*unit).map(|u| u.level);
    p.own_units(ctx).into_iter().min_by_key(level).or(atlas.nation()).ok_or_else(|| super::service::unknown_unit("unit"))
}

impl Pick {
    pub(crate) fn asked(&self, p: &Programme, ctx: &Context) -> Result<Asked, AppError> {
        let text = |t: &Option<String>| t.clone().unwrap_or_default().trim().to_owned();
        Ok(Asked {
            unit: Some(place(p, ctx, self.unit.as_deref())?),
            only: !text(&self.only).is_empty(),
            state: State::from_word(&text(&self.state)),
            late: !text(&self.late).is_empty(),
            plan: text(&self.plan),
            serves: None,
            find: text(&self.q),
        })
    }
}

/// The address of the board for a question, without the view.
pub(crate) fn address(asked: &Asked, path: &str) -> String {
    let mut out = format!("{path}?unit={}", asked.unit.unwrap_or_default());
    let mut put = |name: &str, value: &str| {
        if !value.is_empty() {
            out.push_str(&format!("&{name}={}", ui::percent_encode(value)));
        }
    };
    put("only", if asked.only { "1" } else { "" });
    put("state", asked.state.map_or("", State::word));
    put("late", if asked.late { "1" } else { "" });
    put("plan", &asked.plan);
    put("q", &asked.find);
    out
}

/// One task on a board or in a list.
pub(crate) struct Card {
    pub href: String,
    pub title: String,
    pub owner: String,
    pub goal: String,
    pub state: (&'static str, &'static str),
    pub late: (&'static str, String),
    pub due: String,
    pub part: bool,
    /// Marked by itself only where not everything is made up.
    pub synthetic: bool,
}

impl Card {
    pub(crate) fn of(p: &Programme, seen: &Seen, ctx: &Context) -> Card {
        let l = ctx.lang;
        let t = &seen.task;
        Card {
            href: format!("/tasks/{}", t.id),
            title: words::headline(t),
            owner: words::party(p, &t.owner, ctx.today()),
            goal: t.words.goal.clone(),
            state: (t.state.tone().class(), t.state.label(l)),
            late: words::late(seen, l),
            due: words::last_day(seen, l),
            part: t.parent.is_some(),
            synthetic: t.synthetic && !ctx.demo,
        }
    }
}

struct Column {
    label: String,
    count: usize,
    cards: Vec<Card>,
    more: Option<(String, usize)>,
}

struct Owner {
    name: String,
    href: String,
    all: usize,
    open: usize,
    late: usize,
    done: usize,
}

#[derive(Template)]
#[template(path = "task_board.html")]
struct View {
    shell: Shell,
    lead: String,
    unit: Uuid,
    unit_name: String,
    tiles: Vec<(String, String, usize)>,
    tabs: Vec<(&'static str, String, bool)>,
    board: bool,
    columns: Vec<Column>,
    rows: Vec<Card>,
    beyond: usize,
    owners: Vec<Owner>,
    states: Vec<(&'static str, &'static str, bool)>,
    find: String,
    late: bool,
    view: String,
    xlsx: String,
    csv: String,
    money: String,
    works: String,
    may_give: bool,
}

/// The sentence that says what the board shows.
fn finding(all: usize, open: usize, late: usize, l: Lang) -> String {
    match (all, late) {
        (0, _) => l.t("Chưa có nhiệm vụ nào ở đây", "No tasks here yet").to_owned(),
        (_, 0) => match l {
            Lang::Vi => format!("{open} trong {all} nhiệm vụ còn phải làm, không việc nào trễ"),
            Lang::En => format!("{open} of {all} tasks are open, none is late"),
        },
        _ => match l {
            Lang::Vi => format!("{late} nhiệm vụ đang trễ trong {open} việc còn phải làm"),
            Lang::En => format!("{late} late among {open} open tasks"),
        },
    }
}

/// `GET /tasks?unit=&state=&late=&plan=&q=&view=`
pub(super) async fn show(Held(p): Held<Programme>, ctx: Context, Query(pick): Query<Pick>) -> Result<Response, AppError> {
    ctx.require_signed_in()?;
    let l = ctx.lang;
    let asked = pick.asked(&p, &ctx)?;
    let unit = asked.unit.unwrap_or_default();
    let atlas = p.figures().places().atlas();
    let name = atlas.full_name(unit, ctx.today());
    let tasks = p.tasks(&ctx, &asked).await?;
    let count = |test: &dyn Fn(&Seen) -> bool| tasks.iter().filter(|s| test(s)).count();
    let (open, late) = (count(&|s| s.task.state.open()), count(&Seen::is_late));
    let done = count(&|s| s.task.state == State::Done);
    let plain = Asked { state: None, late: false, ..asked.clone() };
    let with = |state: Option<State>, late: bool| address(&Asked { state, late, ..plain.clone() }, "/tasks");
    let tiles = vec![
        (with(None, true), l.t("đang trễ", "late").to_owned(), late),
        (with(None, false), l.t("còn phải làm", "open").to_owned(), open),
        (with(Some(State::Done), false), l.t("chờ xác nhận", "to be confirmed").to_owned(), done),
        (with(Some(State::Confirmed), false), l.t("đã xác nhận", "confirmed").to_owned(), count(&|s| s.task.state == State::Confirmed)),
    ];
    let view = pick.view.clone().filter(|v| v == "list" || v == "owners").unwrap_or_else(|| "board".to_owned());
    let base = address(&asked, "/tasks");
    let tabs = [("board", "Theo trạng thái", "By state"), ("list", "Danh sách", "List"), ("owners", "Theo đơn vị", "By owner")]
        .map(|(word, vi, en)| (l.t(vi, en), format!("{base}&view={word}"), view == word))
        .to_vec();
    let mut columns = Vec::new();
    if view == "board" {
        for state in State::ALL {
            let of: Vec<&Seen> = tasks.iter().filter(|s| s.task.state == state).collect();
            if of.is_empty() && matches!(state, State::Returned | State::Cancelled) {
                continue;
            }
            columns.push(Column {
                label: state.label(l).to_owned(),
                count: of.len(),
                cards: of.iter().take(CARDS).map(|s| Card::of(&p, s, &ctx)).collect(),
                more: of.len().checked_sub(CARDS).filter(|n| *n > 0).map(|n| (format!("{}&view=list", with(Some(state), asked.late)), n)),
            });
        }
    }
    let rows = if view == "list" { tasks.iter().take(ROWS).map(|s| Card::of(&p, s, &ctx)).collect() } else { Vec::new() };
    let owners = if view == "owners" { owners(&p, &ctx, &asked, &tasks) } else { Vec::new() };
    let mut shell = ctx.shell(l.t("Bảng nhiệm vụ", "Task board")).noindex().notice(notice(l, pick.done.as_deref()));
    shell.path = format!("{base}&view={view}");
    let may = |role| p.figures().may(&ctx, role, unit);
    Ok(page(&View {
        lead: finding(tasks.len(), open, late, l),
        unit,
        unit_name: name,
        tiles,
        tabs,
        board: view == "board",
        columns,
        beyond: if view == "list" { tasks.len().saturating_sub(ROWS) } else { 0 },
        rows,
        owners,
        states: State::ALL.map(|s| (s.word(), s.label(l), asked.state == Some(s))).to_vec(),
        find: asked.find.clone(),
        late: asked.late,
        xlsx: address(&asked, "/tasks/export.xlsx"),
        csv: address(&asked, "/tasks/export.csv"),
        money: format!("/tasks/money?unit={unit}"),
        works: format!("/tasks/works?unit={unit}"),
        may_give: may(Role::Officer) || may(Role::Reviewer) || ctx.may_somewhere(Role::Officer) || ctx.may_somewhere(Role::Reviewer),
        view,
        shell,
    }))
}

fn owners(p: &Programme, ctx: &Context, asked: &Asked, tasks: &[Seen]) -> Vec<Owner> {
    let mut by: BTreeMap<(Vec<u8>, String), Owner> = BTreeMap::new();
    for seen in tasks {
        let name = words::party(p, &seen.task.owner, ctx.today());
        let mine = Asked { unit: Some(seen.task.owner.unit), only: true, ..asked.clone() };
        let row = by.entry((lang::sort_key(&name), name.clone())).or_insert_with(|| Owner {
            href: format!("{}&view=list", address(&mine, "/tasks")),
            name,
            all: 0,
            open: 0,
            late: 0,
            done: 0,
        });
        row.all += 1;
        row.open += usize::from(seen.task.state.open());
        row.late += usize::from(seen.is_late());
        row.done += usize::from(matches!(seen.task.state, State::Done | State::Confirmed));
    }
    let mut out: Vec<Owner> = by.into_values().collect();
    out.sort_by_key(|o| std::cmp::Reverse(o.late));
    out
}

/// The message of `?done=`.
pub(super) fn notice(l: Lang, word: Option<&str>) -> Option<Notice> {
    let text = match word? {
        "given" => l.t("Đã giao nhiệm vụ.", "The task is given."),
        "edited" => l.t("Đã lưu.", "Saved."),
        "moved" => l.t("Đã cập nhật trạng thái.", "The state is updated."),
        "said" => l.t("Đã gửi ý kiến; đơn vị chủ trì và phối hợp đều thấy.", "Sent; owner and helpers see it."),
        "money" => l.t("Đã lưu kinh phí.", "The money is saved."),
        "proved" => l.t("Đã nhận sản phẩm, minh chứng.", "The proof is received."),
        "cascaded" => l.t("Đã giao xuống xã. Làm lại lần nữa cũng không giao trùng.", "Handed down. Doing it again gives nothing twice."),
        "imported" => l.t("Đã nhập danh sách nhiệm vụ.", "The task list is imported."),
        _ => return None,
    };
    Some(Notice::new(Tone::Good, text))
}
