//! The acceptance queue.

use super::{cell, done, moment, period as read_period, period_label, rows, see_other, unit as read_unit, unit_name, with_status};
use crate::store::waiting::Waiting;
use crate::{Figures, Pending, QueueAsk, Queued, Value};
use access::{Context, Role};
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::response::Response;
use rust_decimal::Decimal;
use serde::Deserialize;
use ui::{AppError, Lang, Notice, Shell, Tone, page};
use uuid::Uuid;

const SHOWN: usize = 50;

#[derive(Deserialize, Default, Clone)]
pub(super) struct Filter {
    #[serde(default)]
    unit: String,
    #[serde(default)]
    measure: String,
    #[serde(default)]
    period: String,
    #[serde(default)]
    after: String,
    done: Option<String>,
}

impl Filter {
    fn address(&self, after: &str) -> String {
        let e = ui::percent_encode;
        format!("/queue?unit={}&measure={}&period={}&after={}", e(&self.unit), e(&self.measure), e(&self.period), e(after))
    }
}

struct Item {
    key: String,
    unit: String,
    measure: String,
    why: String,
    period: String,
    value: String,
    previous: String,
    change: String,
    accepted: String,
    author: String,
    handed: String,
    source: String,
    word: String,
    flagged: bool,
    own: bool,
    evidence: (String, usize),
    reason: String,
    error: String,
}

#[derive(Template)]
#[template(path = "office_queue.html")]
struct QueueView {
    shell: Shell,
    filter: Filter,
    units: Vec<(String, String)>,
    measures: Vec<(String, String)>,
    periods: Vec<(String, String)>,
    total: i64,
    items: Vec<Item>,
    plain: Vec<String>,
    plain_count: usize,
    next: Option<String>,
}

/// `GET /queue?unit=&measure=&period=&after=`
pub(super) async fn show(State(figures): State<Figures>, ctx: Context, Query(filter): Query<Filter>) -> Result<Response, AppError> {
    let notice = done(ctx.lang, filter.done.as_deref());
    view(&figures, &ctx, filter, notice, None).await
}

async fn view(figures: &Figures, ctx: &Context, filter: Filter, notice: Option<Notice>, kept: Option<(&str, &str, &AppError)>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let given = |text: &str| !text.trim().is_empty();
    let catalog = figures.catalog();
    let ask = QueueAsk {
        under: if given(&filter.unit) { Some(read_unit(figures, ctx, &filter.unit)?) } else { None },
        measure: if given(&filter.measure) { catalog.coded(&filter.measure).map(|k| k.measure.id) } else { None },
        period: if given(&filter.period) { Some(read_period(&filter.period)?) } else { None },
        after: place(&filter.after),
        limit: SHOWN,
    };
    let found = figures.queue(ctx, &ask).await?;
    let counts = figures.queue_counts(ctx).await?;
    let mut items: Vec<Item> = found.items.iter().map(|q| item(figures, ctx, q)).collect();
    for item in &mut items {
        if let Some((_, reason, error)) = kept.filter(|k| k.0 == item.key) {
            (item.reason, item.error) = (reason.to_owned(), error.what(l).to_owned());
        }
    }
    let plain: Vec<String> = items.iter().filter(|i| !i.flagged && !i.own).map(|i| i.key.clone()).collect();
    let atlas = figures.places().atlas();
    let today = ctx.today();
    let map = atlas.on(today);
    let mut units: Vec<(String, String)> = Vec::new();
    for top in ctx.units_with(Role::Reviewer) {
        let below: Vec<Uuid> = map.children(top).to_vec();
        units.extend(below.into_iter().map(|u| (u.to_string(), atlas.full_name(u, today))));
    }
    let mut shell =
        ctx.shell(l.t("Chờ duyệt", "Awaiting acceptance")).noindex().notice(notice).crumb(l.t("Hôm nay", "Today"), "/today").here(l.t("Chờ duyệt", "Queue"));
    shell.path = filter.address(&filter.after);
    Ok(page(&QueueView {
        units,
        measures: catalog.current().filter(|k| !k.measure.computed()).map(|k| (k.measure.def.code.clone(), k.measure.title(l).to_owned())).collect(),
        periods: counts.iter().map(|(p, n)| (p.to_string(), format!("{} ({n})", period_label(*p, l)))).collect(),
        total: counts.iter().map(|c| c.1).sum(),
        plain_count: plain.len(),
        plain,
        next: found.next.map(|w| filter.address(&place_text(&w))),
        items,
        filter,
        shell,
    }))
}

fn item(figures: &Figures, ctx: &Context, q: &Queued) -> Item {
    let l = ctx.lang;
    let known = &q.known;
    let said = |v: &Option<Value>| v.as_ref().map(|v| cell::said_of(known, v, l)).unwrap_or_default();
    let code = &known.measure.def.code;
    // Where the value was entered and by whom; handing over is told only where it was another act.
    let by = q.entered.as_ref().map(|(_, act)| act).or(q.act.as_ref());
    let mut source = by.map(|a| origin(&a.source, l).to_owned()).unwrap_or_default();
    if let Some(file) = by.and_then(|a| a.file_name.as_deref()) {
        source.push_str(&format!(": {file}"));
    }
    if let Some(cell) = q.entered.as_ref().and_then(|(line, _)| line.cell.as_ref()) {
        source.push_str(&format!(", {} {cell}", l.t("ô", "cell")));
    }
    let signed = |a: &crate::store::Act| format!("{}, {}", a.who_name, moment(a.at));
    let handed = q.act.as_ref().filter(|a| by.is_some_and(|b| b.id != a.id)).map(signed);
    Item {
        key: key(&q.item),
        unit: unit_name(figures, q.item.unit, known.window(q.item.period).1),
        measure: known.measure.title(l).to_owned(),
        why: format!("/why?measure={code}&unit={}&period={}", q.item.unit, q.item.period),
        period: period_label(q.item.period, l),
        value: cell::said_of(known, &q.line.value, l),
        previous: said(&q.before),
        change: change(q, l),
        accepted: said(&q.accepted),
        author: by.map(signed).unwrap_or_default(),
        handed: handed.unwrap_or_default(),
        source,
        word: q.line.reason.clone().unwrap_or_default(),
        flagged: q.flagged,
        own: q.own,
        evidence: (rows::evidence_href(q.item.unit, code, q.item.period), q.evidence.len()),
        reason: String::new(),
        error: String::new(),
    }
}

/// A source in words.
pub(super) fn origin(source: &str, l: Lang) -> &'static str {
    match source {
        "form" => l.t("nhập trên trang", "form"),
        "workbook" => l.t("tệp Excel", "workbook"),
        "works" => l.t("sổ công trình", "register of works"),
        "api" => l.t("phần mềm gửi", "API"),
        _ => l.t("hệ thống", "system"),
    }
}

fn change(q: &Queued, l: Lang) -> String {
    let measure = &q.known.measure;
    let (Some(now), Some(then)) = (q.line.value.shown(measure), q.before.as_ref().and_then(|b| b.shown(measure))) else { return String::new() };
    if matches!(measure.def.kind, crate::Kind::YesNo | crate::Kind::Ordinal | crate::Kind::Text) {
        return String::new();
    }
    let step = now - then;
    let sign = if step > Decimal::ZERO { "+" } else { "" };
    if measure.percent_above() {
        return format!("{sign}{} {}", l.number(step, 1), l.t("điểm %", "points"));
    }
    match (step * Decimal::ONE_HUNDRED).checked_div(then) {
        Some(share) => format!("{sign}{} ({sign}{}%)", l.number(step, measure.def.decimals), l.number(share, 1)),
        None => format!("{sign}{}", l.number(step, measure.def.decimals)),
    }
}

fn key(item: &Pending) -> String {
    format!("{}.{}.{}.{}", item.unit.simple(), item.measure.simple(), item.period.to_i64(), item.seq)
}

fn unkey(text: &str) -> Option<Pending> {
    let mut parts = text.split('.');
    let item = Pending {
        unit: parts.next()?.parse().ok()?,
        measure: parts.next()?.parse().ok()?,
        period: calendar::Period::from_i64(parts.next()?.parse().ok()?)?,
        seq: parts.next()?.parse().ok()?,
    };
    parts.next().is_none().then_some(item)
}

fn place_text(w: &Waiting) -> String {
    format!("{}.{}.{}.{}", w.act.simple(), w.unit.simple(), w.period, w.measure.simple())
}

fn place(text: &str) -> Option<Waiting> {
    let mut parts = text.split('.');
    Some(Waiting {
        act: parts.next()?.parse().ok()?,
        unit: parts.next()?.parse().ok()?,
        period: parts.next()?.parse().ok()?,
        measure: parts.next()?.parse().ok()?,
        seq: 0,
        state: 0,
    })
}

/// What a form of the queue sends: the figures, and where to go back to.
struct Sent {
    items: Vec<(String, Pending)>,
    reason: String,
    filter: Filter,
}

fn read(fields: Vec<(String, String)>) -> Result<Sent, AppError> {
    let mut sent = Sent { items: vec![], reason: String::new(), filter: Filter::default() };
    for (name, value) in fields {
        match name.as_str() {
            "item" => {
                let item = unkey(&value).ok_or_else(|| AppError::new("bad_request", 400))?;
                sent.items.push((value, item));
            }
            "reason" => sent.reason = value,
            "unit" => sent.filter.unit = value,
            "measure" => sent.filter.measure = value,
            "period" => sent.filter.period = value,
            "after" => sent.filter.after = value,
            _ => {}
        }
    }
    if sent.items.is_empty() {
        return Err(AppError::new("nothing_chosen", 422)
            .say("Chưa chọn số liệu nào.", "No figure was chosen.")
            .mend("Quay lại danh sách và chọn.", "Go back to the list and choose."));
    }
    Ok(sent)
}

async fn answer(figures: &Figures, ctx: &Context, sent: Sent, outcome: Result<(), AppError>, word: &str) -> Result<Response, AppError> {
    match outcome {
        Ok(()) => Ok(see_other(&format!("{}&done={word}", sent.filter.address(&sent.filter.after)))),
        Err(error) if matches!(error.status, 409 | 422 | 503) || error.code == "own_figure" => {
            let notice = Notice::new(Tone::Bad, format!("{} {}", error.what(ctx.lang), error.how(ctx.lang)));
            let first = sent.items.first().map(|i| i.0.clone()).unwrap_or_default();
            let shown = view(figures, ctx, sent.filter, Some(notice), Some((&first, &sent.reason, &error))).await?;
            Ok(with_status(shown, error.status))
        }
        Err(error) => Err(error),
    }
}

/// `POST /queue/accept`
pub(super) async fn accept(State(figures): State<Figures>, ctx: Context, Form(fields): Form<Vec<(String, String)>>) -> Result<Response, AppError> {
    let sent = read(fields)?;
    let items: Vec<Pending> = sent.items.iter().map(|i| i.1).collect();
    let outcome = figures.accept(&ctx, &items).await.map(drop);
    answer(&figures, &ctx, sent, outcome, "accepted").await
}

/// `POST /queue/return`: one figure with a reason.
pub(super) async fn give_back(State(figures): State<Figures>, ctx: Context, Form(fields): Form<Vec<(String, String)>>) -> Result<Response, AppError> {
    let sent = read(fields)?;
    let outcome = match sent.items.as_slice() {
        [(_, item)] => figures.give_back(&ctx, *item, &sent.reason).await,
        _ => Err(AppError::new("one_at_a_time", 422).say("Mỗi lần trả lại một số liệu.", "Return one figure at a time.")),
    };
    answer(&figures, &ctx, sent, outcome, "returned").await
}
