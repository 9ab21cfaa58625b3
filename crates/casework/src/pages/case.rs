//! A case: what to do next, who holds it, the clock explained, what happened.

use super::words::standing;
use super::{day_of, done, moment, state_tone};
use crate::Casework;
use crate::case::{CaseView, Counted, Offer, TOTAL, event_words};
use crate::procedure::{FieldKind, Note, StateKind};
use access::Context;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use formula::Verdict;
use serde::Deserialize;
use ui::form::{Field, Kind};
use ui::{AppError, Html, Lang, Notice, Shell, Tone, page};
use uuid::Uuid;
use work::Value;

#[derive(Deserialize, Default)]
pub(super) struct Word {
    done: Option<String>,
}

struct Tick {
    class: &'static str,
    mark: &'static str,
    words: String,
    now: String,
    href: Option<String>,
}

struct Deed {
    code: String,
    title: String,
    risk: bool,
    ticks: Vec<Tick>,
    fields: Vec<Field>,
    plain: bool,
    open: bool,
}

struct TaskLine {
    code: String,
    title: String,
    who: String,
    due: String,
    verdict: (&'static str, String),
    note: String,
    mine: bool,
    open: bool,
    fields: Vec<Field>,
}

struct Row {
    day: String,
    counts: bool,
    so_far: String,
    why: String,
}

struct ClockLine {
    title: String,
    promised: String,
    due: String,
    tag: (&'static str, String),
    causes: Vec<String>,
    rows: Vec<Row>,
    trouble: String,
    source: String,
}

struct Past {
    at: String,
    who: String,
    what: String,
    way: String,
    note: String,
    changes: Vec<(String, String, String)>,
    closed: bool,
}

#[derive(Template)]
#[template(path = "case_show.html")]
struct CasePage {
    shell: Shell,
    id: Uuid,
    seq: i64,
    key: Uuid,
    title: String,
    place: (String, String),
    origin: String,
    procedure: (String, String),
    state: (&'static str, String),
    hint: String,
    holder: String,
    assignee: String,
    deeds: Vec<Deed>,
    later: Vec<String>,
    tasks: Vec<TaskLine>,
    clocks: Vec<ClockLine>,
    values: Vec<(String, String)>,
    closed: Vec<String>,
    papers: Vec<(String, String, String, String)>,
    closed_papers: usize,
    paper_fields: Vec<Field>,
    past: Vec<Past>,
    certificates: Vec<(String, String)>,
    may_take: bool,
    head: bool,
    workers: Vec<(Uuid, String)>,
    picture: Html,
    over: bool,
}

/// What was sent and refused, so that the page comes back as it was.
pub(super) struct Kept<'a> {
    pub about: &'a str,
    pub fields: &'a [(String, String)],
    pub error: &'a AppError,
}

/// `GET /cases/{case}`
pub(super) async fn show(State(casework): State<Casework>, ctx: Context, Path(case): Path<String>, Query(word): Query<Word>) -> Result<Response, AppError> {
    let notice = done(&ctx, word.done.as_deref());
    view(&casework, &ctx, super::id(&case)?, notice, None).await
}

pub(super) async fn view(casework: &Casework, ctx: &Context, id: Uuid, notice: Option<Notice>, kept: Option<Kept<'_>>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let seen = casework.look(ctx, id).await?;
    let (case, procedure) = (&seen.case, &seen.version.procedure);
    let atlas = casework.places().atlas();
    let today = ctx.today();
    let state = procedure.state(&case.state);
    let kept = kept.as_ref();
    let workers = if case.open && seen.head { casework.workers(ctx, procedure, case).await? } else { Vec::new() };
    let workers = workers.iter().filter(|w| Some(w.id) != case.assignee_id).map(|w| (w.id, w.label(l))).collect();
    let (now, later): (Vec<&Offer>, Vec<&Offer>) = seen.offers.iter().partition(|o| !o.waits);
    let title_of = |o: &Offer| l.t(&o.action.title_vi, &o.action.title_en).to_owned();
    let holder = procedure.actor(&case.holder).map(|a| l.t(&a.title_vi, &a.title_en).to_owned()).unwrap_or_default();
    let mut shell = ctx.shell(case.title.clone()).noindex().notice(notice).crumb(l.t("Hồ sơ", "Cases"), "/cases").here(case.title.clone());
    shell.path = format!("/cases/{id}");
    let origin = if case.origin == case.unit { String::new() } else { atlas.full_name(case.origin, crate::case::local(case.opened_at).date()) };
    Ok(page(&CasePage {
        id,
        seq: case.seq,
        key: Uuid::now_v7(),
        title: case.title.clone(),
        place: (atlas.full_name(case.unit, today), format!("/places/{}", case.unit)),
        origin,
        procedure: (procedure.title(l).to_owned(), format!("/procedures/{}?version={}", procedure.code, seen.version.number)),
        state: (state.map_or(Tone::Plain, state_tone).class(), state.map(|s| l.t(&s.title_vi, &s.title_en).to_owned()).unwrap_or_default()),
        hint: state.map(|s| l.t(&s.hint_vi, &s.hint_en).to_owned()).unwrap_or_default(),
        holder: if holder.is_empty() { String::new() } else { format!("{holder} · {}", atlas.full_name(case.holder_unit, today)) },
        assignee: case.assignee.clone(),
        deeds: now.iter().map(|o| deed(o, &case.state, kept, l)).collect(),
        later: later.iter().map(|o| title_of(o)).collect(),
        tasks: tasks(&seen, kept, l),
        clocks: clocks(&seen, calendar::micros(ctx.at), l),
        values: seen.fields.iter().map(|(f, v)| (f.title(l).to_owned(), f.shown(v, l))).collect(),
        closed: seen.closed.iter().map(|f| f.title(l).to_owned()).collect(),
        papers: papers(&seen, id, l),
        closed_papers: seen.closed_papers,
        paper_fields: paper_fields(&seen, kept, l),
        past: past(&seen, l),
        certificates: seen
            .certificates
            .iter()
            .map(|c| {
                let word = match c.revoked_at {
                    Some(at) => format!("{} {}", l.t("đã thu hồi", "revoked"), day_of(at)),
                    None => format!("{} {}", l.t("cấp", "issued"), day_of(c.issued_at)),
                };
                (format!("/verify/{}", c.code), word)
            })
            .collect(),
        may_take: case.open && seen.holds && case.assignee_id.is_none() && ctx.account_id().is_some(),
        head: case.open && seen.head,
        workers,
        picture: crate::procedure::picture(procedure, Some(&case.state), l),
        over: state.is_some_and(|s| s.kind == StateKind::End),
        shell,
    }))
}

fn ask(field: &crate::procedure::Field, value: Option<&Value>, name: String, l: Lang) -> Field {
    let typed = match value {
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Flag(true)) => "1".into(),
        _ => String::new(),
    };
    let kind = match field.kind {
        FieldKind::Text => Kind::Text,
        FieldKind::Number | FieldKind::Year => Kind::Number,
        FieldKind::Date => Kind::Date,
        FieldKind::Flag => Kind::Check,
        FieldKind::Choice => Kind::Select(field.choices.iter().map(|c| (c.0.clone(), l.t(&c.1, &c.2).to_owned())).collect()),
    };
    Field::new(name, field.title(l)).kind(kind).hint(l.t(&field.hint_vi, &field.hint_en)).unit(&field.unit).value(typed)
}

/// Puts back what was sent for this form, and what was wrong with it.
fn restore(fields: Vec<Field>, about: &str, kept: Option<&Kept<'_>>, l: Lang) -> Vec<Field> {
    let Some(kept) = kept.filter(|k| k.about == about) else { return fields };
    let bare = |name: &str| name.rsplit("--").next().unwrap_or(name).to_owned();
    fields
        .into_iter()
        .map(|field| {
            let name = bare(&field.name);
            let sent = kept.fields.iter().find(|(n, _)| bare(n) == name).map(|(_, v)| v.clone());
            let wrong = kept.error.at.as_deref() == Some(name.as_str());
            let error = wrong.then(|| format!("{} {}", kept.error.what(l), kept.error.how(l)));
            let field = if sent.is_some() || matches!(field.kind, Kind::Check) { field.value(sent.unwrap_or_default()) } else { field };
            field.error(error)
        })
        .collect()
}

fn deed(offer: &Offer, at: &str, kept: Option<&Kept<'_>>, l: Lang) -> Deed {
    let action = &offer.action;
    let code = action.code.get_ref().clone();
    let asked: Vec<&str> = offer.asks.iter().map(|(f, _)| f.code.as_str()).collect();
    let mut ticks: Vec<Tick> = offer
        .needs
        .iter()
        .map(|(paper, there)| Tick {
            class: if *there { "ok" } else { "wait" },
            mark: if *there { "✓" } else { "•" },
            words: l.t(&paper.title_vi, &paper.title_en).to_owned(),
            now: if *there { String::new() } else { l.t("chưa đính kèm", "not attached yet").to_owned() },
            href: (!*there).then(|| "#papers".to_owned()),
        })
        .collect();
    ticks.extend(offer.conditions.iter().map(|c| {
        // What hangs on a field asked for right here is judged when it is sent.
        let pending = c.verdict != Verdict::Yes && !asked.is_empty();
        let (class, mark) = match c.verdict {
            Verdict::Yes => ("ok", "✓"),
            Verdict::No if !pending => ("late", "✗"),
            _ => ("wait", "•"),
        };
        Tick { class, mark, words: c.said(l).to_owned(), now: c.now(l).to_owned(), href: c.href.clone() }
    }));
    let mut fields: Vec<Field> = offer.asks.iter().map(|(f, v)| ask(f, v.as_ref(), format!("{code}--{}", f.code), l)).collect();
    let must = action.note == Note::Required;
    if must || !fields.is_empty() || action.risk {
        let label = if must { l.t("Lý do", "Reason") } else { l.t("Ghi chú (không bắt buộc)", "Note (optional)") };
        let note = Field::new(format!("{code}--note"), label).kind(Kind::Lines(2));
        fields.push(if must { note.required() } else { note });
    }
    let about = format!("act/{code}");
    let fields = restore(fields, &about, kept, l);
    let again = action.from.iter().any(|from| from == &action.to) && action.to == at;
    Deed {
        title: l.t(&action.title_vi, &action.title_en).to_owned(),
        risk: action.risk,
        plain: fields.is_empty() && !again,
        open: kept.is_some_and(|k| k.about == about),
        ticks,
        fields,
        code,
    }
}

fn tasks(seen: &CaseView, kept: Option<&Kept<'_>>, l: Lang) -> Vec<TaskLine> {
    let procedure = &seen.version.procedure;
    let lines = seen.tasks.iter().rev().filter_map(|(row, mine)| {
        let task = procedure.task(&row.task)?;
        let mut fields = Vec::new();
        if *mine {
            if task.verdict {
                let choices =
                    vec![("agreed".to_owned(), l.t("Đồng ý", "Agreed").to_owned()), ("against".to_owned(), l.t("Không đồng ý", "Not agreed").to_owned())];
                fields.push(Field::new(format!("{}--verdict", task.code), l.t("Ý kiến", "Opinion")).kind(Kind::Radios(choices)));
            }
            fields.extend(
                task.asks
                    .iter()
                    .filter_map(|code| procedure.field(code))
                    .map(|f| ask(f, seen.case.fields.get(&f.code), format!("{}--{}", task.code, f.code), l)),
            );
            fields.push(Field::new(format!("{}--note", task.code), l.t("Nội dung", "Words")).kind(Kind::Lines(2)));
            fields = restore(fields, &format!("task/{}", task.code), kept, l);
        }
        let verdict = match (row.verdict.as_str(), row.open) {
            ("agreed", _) => ("ok", l.t("đồng ý", "agreed").to_owned()),
            ("against", _) => ("late", l.t("không đồng ý", "not agreed").to_owned()),
            ("done", _) => ("ok", l.t("đã trả lời", "answered").to_owned()),
            (_, true) => ("wait", l.t("đang chờ", "waiting").to_owned()),
            _ => ("plain", l.t("đã đóng", "closed").to_owned()),
        };
        let who = procedure.actor(&task.by).map(|a| l.t(&a.title_vi, &a.title_en).to_owned()).unwrap_or_default();
        Some(TaskLine {
            code: task.code.clone(),
            title: l.t(&task.title_vi, &task.title_en).to_owned(),
            who: if row.done_by.is_empty() { who } else { format!("{who} · {}, {}", row.done_by, row.done_at.map(moment).unwrap_or_default()) },
            due: row.due.filter(|_| row.open).map(day_of).unwrap_or_default(),
            verdict,
            note: row.note.clone(),
            mine: *mine,
            open: row.open,
            fields,
        })
    });
    lines.collect()
}

fn clocks(seen: &CaseView, now: i64, l: Lang) -> Vec<ClockLine> {
    let procedure = &seen.version.procedure;
    let lines = seen.clocks.iter().rev().map(|(clock, counted)| {
        let state = procedure.state(&clock.state);
        let limit = state.and_then(|s| s.limit.as_ref()).or(if clock.clock.starts_with(TOTAL) { procedure.limit.as_ref() } else { None });
        let (tone, word) = standing(clock.standing(now), counted, l);
        let hours = clock.measure == calendar::Measure::WorkingHours;
        let rows = match counted {
            Counted::Deadline(deadline) => deadline
                .rows
                .iter()
                .map(|r| Row {
                    day: match r.hours {
                        Some((from, to)) => format!("{} {}–{}", weekday(r.day, l), from.strftime("%H:%M"), to.strftime("%H:%M")),
                        None => weekday(r.day, l),
                    },
                    counts: r.counts,
                    so_far: if hours { format!("{}:{:02}", r.so_far / 60, r.so_far % 60) } else { r.so_far.to_string() },
                    why: l.t(&r.why.vi(), &r.why.en()).to_owned(),
                })
                .collect(),
            _ => Vec::new(),
        };
        let trouble = match counted {
            Counted::NoLimit => l.t("Văn bản chưa cho biết thời hạn: chưa có mức.", "The document's limit is not known yet.").to_owned(),
            Counted::NoCalendar(error) => l.t(&error.vi(), &error.to_string()).to_owned(),
            Counted::Deadline(_) => String::new(),
        };
        let amount = clock.amount.map(|n| format!("{n} {}", l.t(clock.measure.vi(), clock.measure.en())));
        let name = state.map_or_else(|| l.t("Toàn bộ", "The whole").to_owned(), |s| l.t(&s.title_vi, &s.title_en).to_owned());
        ClockLine {
            title: match amount {
                Some(amount) => format!("{name}: {amount}"),
                None => name,
            },
            promised: clock.promised.map(day_of).unwrap_or_default(),
            due: clock.due.map(day_of).unwrap_or_default(),
            tag: (tone.class(), word),
            causes: clock.causes.iter().map(|c| format!("{}: {}", moment(c.at), l.t(&c.vi, &c.en))).collect(),
            rows,
            trouble,
            source: limit.map(|x| x.source.clone()).unwrap_or_default(),
        }
    });
    lines.collect()
}

/// `Thứ hai 05/02/2026`.
pub(super) fn weekday(day: jiff::civil::Date, l: Lang) -> String {
    use jiff::civil::Weekday;
    let name = match day.weekday() {
        Weekday::Monday => l.t("Thứ hai", "Mon"),
        Weekday::Tuesday => l.t("Thứ ba", "Tue"),
        Weekday::Wednesday => l.t("Thứ tư", "Wed"),
        Weekday::Thursday => l.t("Thứ năm", "Thu"),
        Weekday::Friday => l.t("Thứ sáu", "Fri"),
        Weekday::Saturday => l.t("Thứ bảy", "Sat"),
        Weekday::Sunday => l.t("Chủ nhật", "Sun"),
    };
    format!("{name} {}", lang::show::short_date(day))
}

fn papers(seen: &CaseView, id: Uuid, l: Lang) -> Vec<(String, String, String, String)> {
    let name = |code: &str| seen.version.procedure.paper(code).map(|p| l.t(&p.title_vi, &p.title_en).to_owned()).unwrap_or_else(|| code.to_owned());
    seen.papers.iter().map(|p| (format!("/cases/{id}/papers/{}", p.id), p.name.clone(), name(&p.paper), format!("{} · {}", p.who_name, moment(p.at)))).collect()
}

fn paper_fields(seen: &CaseView, kept: Option<&Kept<'_>>, l: Lang) -> Vec<Field> {
    if seen.version.procedure.paper.is_empty() {
        return Vec::new();
    }
    // What an action here waits for comes first.
    let wanted: Vec<&str> = seen.offers.iter().flat_map(|o| &o.needs).filter(|(_, there)| !there).map(|(p, _)| p.code.as_str()).collect();
    let mut kinds: Vec<_> = seen.version.procedure.paper.iter().collect();
    kinds.sort_by_key(|p| !wanted.contains(&p.code.as_str()));
    let kinds = kinds.into_iter().map(|p| (p.code.clone(), l.t(&p.title_vi, &p.title_en).to_owned())).collect();
    let fields = vec![
        Field::new("paper", l.t("Loại giấy tờ", "Kind of paper")).kind(Kind::Select(kinds)),
        Field::new("file", l.t("Tệp", "File"))
            .kind(Kind::File)
            .hint(l.t("PDF, JPG, PNG, Word, Excel; không quá 10 MB", "PDF, JPG, PNG, Word, Excel; at most 10 MB")),
        Field::new("number", l.t("Số, ngày văn bản (nếu có)", "Number and date (if any)")),
    ];
    restore(fields, "papers", kept, l)
}

fn past(seen: &CaseView, l: Lang) -> Vec<Past> {
    let procedure = &seen.version.procedure;
    let state = |code: &str| procedure.state(code).map(|s| l.t(&s.title_vi, &s.title_en).to_owned()).unwrap_or_default();
    let lines = seen.events.iter().map(|told| {
        let e = &told.event;
        Past {
            at: moment(e.at),
            who: if e.acting.is_empty() { e.who_name.clone() } else { format!("{} ({})", e.who_name, e.acting) },
            what: event_words(procedure, e, l),
            way: if e.from == e.to || e.to.is_empty() { String::new() } else { format!("→ {}", state(&e.to)) },
            note: e.note.clone(),
            changes: told.changes.clone(),
            closed: told.closed,
        }
    });
    lines.collect()
}
