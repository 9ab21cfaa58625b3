//! The page of one task: what, who, until when and why that day, money, proof, parts, the thread.

use super::board::{Card, notice};
use super::deadline::Why;
use super::form::{Typed, fields, typed_of};
use super::model::{Act, Event, State, Task, next};
use super::read::{Seen, reckoning};
use super::{store, words};
use crate::Programme;
use crate::funding::TaskMoney;
use access::{Context, Role, db_error};
use askama::Template;
use axum::extract::{Path, Query, State as Held};
use axum::response::Response;
use figures::evidence::Scan;
use places::Level;
use serde::Deserialize;
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Lang, Notice, Shell, Tone, page};
use uuid::Uuid;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Word {
    done: Option<String>,
}

struct Line {
    who: String,
    when: String,
    what: String,
    words: String,
    said: bool,
}

struct Piece {
    name: String,
    href: Option<String>,
    about: String,
    who: String,
    sha256: String,
    short: String,
    library: Option<String>,
    scan: Option<(&'static str, &'static str)>,
}

struct Button {
    word: &'static str,
    label: &'static str,
    class: &'static str,
    reason: bool,
}

struct Tick {
    id: Uuid,
    name: String,
    had: bool,
}

#[derive(Template)]
#[template(path = "task.html")]
struct View {
    shell: Shell,
    id: Uuid,
    seq: i64,
    title: String,
    state: (&'static str, &'static str),
    late: (&'static str, String),
    synthetic: bool,
    facts: Vec<(&'static str, String)>,
    links: Vec<(&'static str, String, String)>,
    parent: Option<(String, String)>,
    due: String,
    steps: String,
    buttons: Vec<Button>,
    waits: Option<String>,
    may_prove: bool,
    proof_fields: Vec<Field>,
    pieces: Vec<Piece>,
    money: TaskMoney,
    may_money: bool,
    parts: Vec<Card>,
    part_lead: String,
    ticks: Vec<Tick>,
    may_cascade: bool,
    may_edit: bool,
    may_talk: bool,
    lines: Vec<Line>,
    summary: Html,
}

pub(crate) fn parse(text: &str) -> Result<Uuid, AppError> {
    text.parse().map_err(|_| super::service::unknown_task())
}

/// `GET /tasks/{task}`
pub(super) async fn show(Held(p): Held<Programme>, ctx: Context, Path(id): Path<String>, Query(word): Query<Word>) -> Result<Response, AppError> {
    let id = parse(&id)?;
    view(&p, &ctx, id, notice(ctx.lang, word.done.as_deref()), None).await
}

/// The page again, with what went wrong.
pub(crate) async fn again(p: &Programme, ctx: &Context, id: Uuid, error: &AppError) -> Result<Response, AppError> {
    let mut response = view(p, ctx, id, None, Some(error)).await?;
    *response.status_mut() = axum::http::StatusCode::from_u16(error.status).unwrap_or(axum::http::StatusCode::UNPROCESSABLE_ENTITY);
    Ok(response)
}

async fn view(p: &Programme, ctx: &Context, id: Uuid, said: Option<Notice>, error: Option<&AppError>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let today = ctx.today();
    let task = p.task(ctx, id).await?;
    let seen = p.seen(task.clone(), today);
    let events = store::events(p.db(), task.tenant, id).await.map_err(db_error)?;
    let proofs = p.proofs_of(&task).await?;
    let offers = if open_to_prove(p, ctx, &task) { p.proof_offers(ctx, &task).await? } else { Vec::new() };
    let parts = p.task_parts(ctx, &task).await?;
    let parent = match task.parent {
        Some((tenant, above)) => store::one(p.db(), tenant, above).await.map_err(db_error)?,
        None => None,
    };
    let mut proof_fields = proof_fields(offers, l);
    let mut shell = ctx.shell(words::headline(&task)).noindex().notice(said);
    shell = shell.crumb(l.t("Nhiệm vụ", "Tasks"), format!("/tasks?unit={}", task.owner.unit)).here(short(&words::headline(&task)));
    shell.path = format!("/tasks/{id}");
    if let Some(error) = error {
        let text = format!("{} {}", error.what(l), error.how(l));
        match proof_fields.iter_mut().find(|f| error.at.as_deref() == Some(f.name.as_str())) {
            Some(field) => field.error = Some(text),
            None => shell.notice = Some(Notice::new(Tone::Bad, text)),
        }
    }
    let owner_may = p.figures().may(ctx, Role::Officer, task.owner.unit);
    let giver_may = p.may_give(ctx, &task);
    let helps = task.support.iter().any(|s| p.figures().may(ctx, Role::Officer, s.unit) || p.figures().may(ctx, Role::Reviewer, s.unit));
    let open = task.state.open();
    let may_cascade = open && p.figures().may(ctx, Role::Reviewer, task.owner.unit);
    let ticks = if may_cascade { ticks(p, ctx, &task, &parts) } else { Vec::new() };
    let view = View {
        id,
        seq: task.seq,
        title: words::headline(&task),
        state: (task.state.tone().class(), task.state.label(l)),
        late: words::late(&seen, l),
        synthetic: task.synthetic,
        facts: facts(p, ctx, &task),
        links: links(p, ctx, &task).await?,
        parent: parent.filter(|t| p.may_see_task(ctx, t)).map(|t| (format!("/tasks/{}", t.id), words::headline(&t))),
        due: words::last_day(&seen, l),
        steps: steps(p, ctx, &task),
        buttons: buttons(p, ctx, &task),
        waits: waits(p, ctx, &task),
        may_prove: open_to_prove(p, ctx, &task),
        summary: error_summary(l, &proof_fields),
        proof_fields,
        pieces: proofs.into_iter().map(|piece| piece_of(&task, piece, l)).collect(),
        money: p.task_money(ctx, &task).await?,
        may_money: owner_may || giver_may,
        part_lead: part_lead(&parts, l),
        parts: parts.iter().map(|s| Card::of(p, s, ctx)).collect(),
        ticks,
        may_cascade,
        may_edit: !matches!(task.state, State::Confirmed | State::Cancelled) && p.may_edit_task(ctx, &task),
        may_talk: owner_may || giver_may || helps || p.figures().may(ctx, Role::Reviewer, task.owner.unit),
        lines: events.iter().map(|e| said_line(e, l)).collect(),
        shell,
    };
    Ok(page(&view))
}

fn short(text: &str) -> String {
    if text.chars().count() <= 60 { text.to_owned() } else { format!("{}…", text.chars().take(58).collect::<String>()) }
}

fn facts(p: &Programme, ctx: &Context, task: &Task) -> Vec<(&'static str, String)> {
    let l = ctx.lang;
    let today = ctx.today();
    let w = &task.words;
    let support: Vec<String> = task.support.iter().map(|s| words::party(p, s, today)).collect();
    let mut out = vec![
        (l.t("Chủ trì", "Owner"), words::party(p, &task.owner, today)),
        (l.t("Phối hợp", "Helpers"), if support.is_empty() { l.t("không có", "none").to_owned() } else { support.join("; ") }),
        (l.t("Sản phẩm", "Output"), if w.output.is_empty() { l.t("chưa ghi", "not said").to_owned() } else { w.output.clone() }),
        (l.t("Giao bởi", "Given by"), p.figures().places().atlas().full_name(task.issuer, today)),
        (l.t("Ngày giao", "Given on"), lang::show::short_date(task.assigned)),
        (l.t("Thời hạn", "Deadline"), words::due_set(task.due, l)),
    ];
    if !w.goal.is_empty() {
        out.push((l.t("Mục tiêu", "Goal"), w.goal.clone()));
    }
    out
}

/// What the task hangs on: the organisation that owns it, its plan, its target, each with its page.
async fn links(p: &Programme, ctx: &Context, task: &Task) -> Result<Vec<(&'static str, String, String)>, AppError> {
    let l = ctx.lang;
    let mut out = Vec::new();
    if let Some((href, text)) = p.office_now(&task.owner, ctx.today()).await? {
        out.push((l.t("Cơ quan chủ trì", "Office"), href, text));
    }
    let register = p.current().await;
    let w = &task.words;
    match register.plan(&w.plan) {
        Some(plan) => {
            out.push((l.t("Kế hoạch", "Plan"), format!("/plans/{}", w.plan), crate::pages::words::short_title(plan, l)));
            let held = register.targets(&p.atlas(), plan).into_iter().find(|h| h.target.code == w.target);
            if let Some(held) = held {
                out.push((
                    l.t("Phục vụ mục tiêu", "Serves the target"),
                    crate::pages::target_href(plan, &w.target, plan.home, false),
                    format!("{} {}", w.target, held.target.title(l)),
                ));
            }
        }
        None if !w.plan.is_empty() => out.push((l.t("Kế hoạch", "Plan"), String::new(), w.plan.clone())),
        None => {}
    }
    Ok(out)
}

/// Whether the reader may add proof to a task.
fn open_to_prove(p: &Programme, ctx: &Context, task: &Task) -> bool {
    task.state.open() && p.figures().may(ctx, Role::Officer, task.owner.unit)
}

/// Working days counted and days skipped, in one sentence.
fn steps(p: &Programme, ctx: &Context, task: &Task) -> String {
    let l = ctx.lang;
    let Some(found) = reckoning(task, &p.calendar_of(task.owner.unit, ctx.today())) else { return String::new() };
    let counted = found.steps.iter().filter(|s| s.nth.is_some()).count();
    let off = found.steps.iter().filter(|s| matches!(s.why, Why::Off(..))).count();
    let weekend = found.steps.iter().filter(|s| s.why == Why::Weekend).count();
    match l {
        Lang::Vi => format!("{counted} ngày được tính, bỏ qua {weekend} ngày cuối tuần và {off} ngày nghỉ"),
        Lang::En => format!("{counted} days counted, {weekend} weekend days and {off} days off skipped"),
    }
}

fn buttons(p: &Programme, ctx: &Context, task: &Task) -> Vec<Button> {
    let possible = Act::ALL.into_iter().filter(|act| next(task.state, *act).is_some() && p.may_act(ctx, task, *act));
    possible
        .map(|act| Button {
            word: act.word(),
            label: act.label(ctx.lang),
            class: match act {
                Act::Cancel | Act::Return => "risk",
                Act::Confirm | Act::Finish | Act::Accept => "go",
                Act::Start => "",
            },
            reason: act.needs_reason(),
        })
        .collect()
}

/// Whose turn it is, when it is not the reader's.
fn waits(p: &Programme, ctx: &Context, task: &Task) -> Option<String> {
    let l = ctx.lang;
    match task.state {
        State::Done if task.done_by.is_some() && task.done_by == ctx.account_id() => Some(
            l.t("Bạn đã báo xong; người khác ở cấp giao việc sẽ xác nhận.", "You reported it as done; somebody else at the level above confirms.").to_owned(),
        ),
        State::Done => Some(format!("{} {}", l.t("Chờ xác nhận:", "To be confirmed by:"), p.figures().places().atlas().full_name(task.issuer, ctx.today()))),
        state if state.open() => Some(format!("{} {}", l.t("Đang ở:", "It lies with:"), words::party(p, &task.owner, ctx.today()))),
        _ => None,
    }
}

fn proof_fields(offers: Vec<(String, String)>, l: Lang) -> Vec<Field> {
    let mut out = vec![
        Field::new("files", l.t("Tệp sản phẩm, minh chứng", "File of the output")).kind(Kind::File).attr("accept", ".pdf,.jpg,.jpeg,.png,.docx,.xlsx").hint(
            l.t(
                "PDF, ảnh, Word, Excel; không quá 10 MB. Không có tệp thì ghi số văn bản.",
                "PDF, picture, Word, Excel; at most 10 MB. Without a file give the document's number.",
            ),
        ),
        Field::new("doc_number", l.t("Số, ký hiệu văn bản", "Number of the document")),
        Field::new("issued", l.t("Ngày văn bản", "Date of the document")).kind(Kind::Date),
        Field::new("issuer", l.t("Nơi ban hành", "Issued by")),
    ];
    if !offers.is_empty() {
        let none = (String::new(), l.t("(không)", "(none)").to_owned());
        let list = std::iter::once(none).chain(offers).collect();
        out.push(
            Field::new("reuse", l.t("Hoặc dùng tệp đã có trong kho minh chứng", "Or use a file that the library has"))
                .kind(Kind::Select(list))
                .hint(l.t("Không phải tải lên lần nữa", "Nothing is uploaded again")),
        );
    }
    out
}

fn piece_of(task: &Task, piece: super::Proof, l: Lang) -> Piece {
    let issued = piece.issued.as_deref().and_then(|d| d.parse().ok()).map(lang::show::short_date);
    let about: Vec<String> =
        [Some(piece.number.clone()).filter(|n| !n.is_empty() && !piece.name.is_empty()), issued, Some(piece.issuer).filter(|i| !i.is_empty())]
            .into_iter()
            .flatten()
            .collect();
    Piece {
        href: (piece.size > 0).then(|| format!("/tasks/{}/proof/{}", task.id, piece.id)),
        library: piece.scan.is_some().then(|| format!("/evidence/file/{}/{}", task.owner.unit, piece.id)),
        scan: piece.scan.map(|scan| (scan_tone(scan), scan.label(false, l))),
        name: if piece.name.is_empty() { piece.number } else { piece.name },
        about: about.join(" · "),
        who: format!("{}, {}", piece.who_name, words::moment(piece.at)),
        short: piece.sha256.chars().take(8).collect(),
        sha256: piece.sha256,
    }
}

fn scan_tone(scan: Scan) -> &'static str {
    match scan {
        Scan::Clean | Scan::NotNeeded => "ok",
        Scan::Infected => "late",
        Scan::Unscanned | Scan::Refused => "wait",
    }
}

fn part_lead(parts: &[Seen], l: Lang) -> String {
    let done = parts.iter().filter(|s| matches!(s.task.state, State::Done | State::Confirmed)).count();
    let late = parts.iter().filter(|s| s.is_late()).count();
    match l {
        Lang::Vi => format!("{done} trong {} đơn vị đã xong, {late} đơn vị trễ", parts.len()),
        Lang::En => format!("{done} of {} units are done, {late} are late", parts.len()),
    }
}

/// The units directly under the owner, to be ticked: communes of a province, provinces of the nation.
fn ticks(p: &Programme, ctx: &Context, task: &Task, parts: &[Seen]) -> Vec<Tick> {
    let atlas = p.figures().places().atlas();
    let view = atlas.on(ctx.today());
    let level = match view.level(task.owner.unit) {
        Some(Level::Nation) => Level::Province,
        Some(Level::Province | Level::District) => Level::Commune,
        _ => return Vec::new(),
    };
    let units = view.under(task.owner.unit, level).into_iter();
    units.map(|id| Tick { id, name: atlas.full_name(id, ctx.today()), had: parts.iter().any(|s| s.task.owner.unit == id) }).collect()
}

fn said_line(e: &Event, l: Lang) -> Line {
    let what = match e.kind.as_str() {
        "make" => l.t("giao nhiệm vụ", "gave the task").to_owned(),
        "edit" => l.t("sửa", "changed").to_owned(),
        "comment" => l.t("viết", "wrote").to_owned(),
        "money" => l.t("cập nhật kinh phí", "changed the money").to_owned(),
        "proof" => l.t("gửi minh chứng", "added proof").to_owned(),
        "cascade" => l.t("giao xuống", "handed it down to").to_owned(),
        act => match (Act::from_word(act), e.states) {
            (Some(act), Some((_, to))) => format!("{} → {}", act.label(l), to.label(l)),
            _ => act.to_owned(),
        },
    };
    Line { who: e.who_name.clone(), when: words::moment(e.at), what, words: e.words.clone(), said: e.kind == "comment" }
}

#[derive(Template)]
#[template(path = "task_days.html")]
struct Days {
    shell: Shell,
    title: String,
    back: String,
    lead: String,
    due: String,
    moved: Option<String>,
    unknown: usize,
    rows: Vec<(String, String, String, String, String, &'static str)>,
}

/// `GET /tasks/{task}/days`: every day of the deadline, counted or skipped, and why.
pub(super) async fn days(Held(p): Held<Programme>, ctx: Context, Path(id): Path<String>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let task = p.task(&ctx, parse(&id)?).await?;
    let title = words::headline(&task);
    let mut shell = ctx.shell(l.t("Thời hạn tính thế nào?", "How is the deadline counted?")).noindex();
    shell = shell.crumb(l.t("Nhiệm vụ", "Tasks"), "/tasks").crumb(short(&title), format!("/tasks/{}", task.id)).here(l.t("Thời hạn", "Deadline"));
    shell.path = format!("/tasks/{}/days", task.id);
    let found = reckoning(&task, &p.calendar_of(task.owner.unit, ctx.today()));
    let rows = found.iter().flat_map(|r| &r.steps).map(|step| {
        let source = step
            .source
            .clone()
            .unwrap_or_else(|| l.t("chưa có lịch của ngày này: tính như tuần thường", "no calendar for this day: taken as an ordinary week's").to_owned());
        let tone = if step.nth.is_some() { "ok" } else { "plain" };
        (
            lang::show::short_date(step.date),
            weekday(step.date, l).to_owned(),
            step.nth.map(|n| n.to_string()).unwrap_or_default(),
            step.why.label(l),
            source,
            tone,
        )
    });
    Ok(page(&Days {
        back: format!("/tasks/{}", task.id),
        lead: steps(&p, &ctx, &task),
        due: found.as_ref().map(|r| lang::show::long_date(r.due)).unwrap_or_default(),
        moved: found.as_ref().and_then(|r| r.moved_from).map(lang::show::short_date),
        unknown: found.as_ref().map_or(0, |r| r.unknown),
        rows: rows.collect(),
        title,
        shell,
    }))
}

fn weekday(date: jiff::civil::Date, l: Lang) -> &'static str {
    let names = [
        ("thứ hai", "Monday"),
        ("thứ ba", "Tuesday"),
        ("thứ tư", "Wednesday"),
        ("thứ năm", "Thursday"),
        ("thứ sáu", "Friday"),
        ("thứ bảy", "Saturday"),
        ("chủ nhật", "Sunday"),
    ];
    let at = usize::from(date.weekday().to_monday_zero_offset().unsigned_abs());
    names.get(at).map_or("", |(vi, en)| l.t(vi, en))
}

#[derive(Template)]
#[template(path = "task_form.html")]
struct FormView {
    shell: Shell,
    action: String,
    seen: Option<i64>,
    home: String,
    fields: Vec<Field>,
    summary: Html,
    offices: Vec<String>,
    button: &'static str,
}

/// The form of a new task or of one that is there, with an error beside its field.
pub(super) async fn form(
    p: &Programme,
    ctx: &Context,
    task: Option<&Task>,
    home: Option<Uuid>,
    typed: Option<&Typed>,
    error: Option<&AppError>,
) -> Result<Response, AppError> {
    let l = ctx.lang;
    let around = task.map(|t| t.owner.unit).or(home);
    let offices = match around {
        Some(unit) => p.office_names(unit, ctx.today()).await?,
        None => Vec::new(),
    };
    let typed = match (typed, task) {
        (Some(typed), _) => typed.clone(),
        (None, Some(task)) => typed_of(p, task, ctx.today()),
        (None, None) => {
            let atlas = p.figures().places().atlas();
            vec![("owner".to_owned(), home.map(|u| atlas.full_name(u, ctx.today())).unwrap_or_default())]
        }
    };
    let register = p.current().await;
    let plans = register.plans().map(|plan| (plan.def.plan.code.clone(), crate::pages::words::short_title(plan, l))).collect();
    let mut fields = fields(l, &typed, task.is_some(), plans);
    let title = if task.is_some() { l.t("Sửa nhiệm vụ", "Change the task") } else { l.t("Giao nhiệm vụ", "Give a task") };
    let mut shell = ctx.shell(title).noindex().crumb(l.t("Nhiệm vụ", "Tasks"), "/tasks").here(title);
    shell.path = task.map_or_else(|| "/tasks/new".to_owned(), |t| format!("/tasks/{}/edit", t.id));
    if let Some(error) = error {
        crate::forms::place_error(&mut shell, &mut fields, error);
    }
    let response = page(&FormView {
        action: task.map_or_else(|| "/tasks".to_owned(), |t| format!("/tasks/{}/edit", t.id)),
        seen: task.map(|t| t.seq),
        home: home.map(|u| u.to_string()).unwrap_or_default(),
        summary: error_summary(l, &fields),
        fields,
        offices,
        button: if task.is_some() { l.t("Lưu", "Save") } else { l.t("Giao nhiệm vụ", "Give the task") },
        shell,
    });
    Ok(match error {
        Some(error) => crate::forms::with_status(response, error.status),
        None => response,
    })
}
