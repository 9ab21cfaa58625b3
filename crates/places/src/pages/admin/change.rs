use crate::model::{ChangeKind, Part};
use crate::pages::words::{kind_word, percent, sentence};
use crate::pages::{Done, Link, belongs_in_form, change_unknown, place_error, see_other, unit_href, with_status};
use crate::plan::{DraftForm, Edit, Plan, percent as read_percent};
use crate::service::LateShare;
use crate::{Atlas, Places};
use access::Context;
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use jiff::civil::Date;
use lang::show::short_date;
use serde::Deserialize;
use std::collections::HashMap;
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Lang, Notice, Shell, Tone, page};
use uuid::Uuid;

const LIST: &str = "/admin/changes";
const PAGE: usize = 50;

struct Line {
    href: String,
    what: String,
    kind: &'static str,
    effective: String,
    decree: String,
    by: String,
    applied: bool,
    /// Can still be undone.
    future: bool,
    undo: String,
}

#[derive(Template)]
#[template(path = "admin_changes.html")]
struct ListView {
    shell: Shell,
    lines: Vec<Line>,
    next: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::pages) struct ListQuery {
    until: Option<i64>,
    #[serde(flatten)]
    done: Done,
}

fn done(l: Lang, word: Option<&str>) -> Option<Notice> {
    let text = match word? {
        "applied" => l.t(
            "Đã áp dụng thay đổi. Bản đồ và số liệu cộng dồn theo ngày hiệu lực đã biết thay đổi này.",
            "The change is applied. Maps and roll-ups know it from its day of effect.",
        ),
        "undone" => l.t("Đã hoàn tác thay đổi.", "The change is undone."),
        "shares" => l.t("Đã ghi tỷ lệ chia.", "The shares are recorded."),
        _ => return None,
    };
    Some(Notice::new(Tone::Good, text))
}

/// `GET /admin/changes`
pub(in crate::pages) async fn list(State(places): State<Places>, ctx: Context, Query(query): Query<ListQuery>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let mut entered = places.entered_changes(&ctx, query.until, PAGE + 1).await?;
    let more = entered.len() > PAGE;
    entered.truncate(PAGE);
    let next = entered.last().filter(|_| more).map(|last| format!("{LIST}?until={}", last.at - 1));
    let lines = entered.into_iter().map(|e| Line {
        href: if e.applied { format!("/places/changes/{}", e.id) } else { String::new() },
        what: e.record.summary,
        kind: kind_word(e.kind, l),
        effective: short_date(e.effective),
        decree: e.decree,
        by: e.by,
        applied: e.applied,
        future: e.applied && e.effective > ctx.today(),
        undo: format!("{LIST}/{}/undo", e.id),
    });
    let title = l.t("Nhập thay đổi đơn vị", "Entering changes of units");
    let shell = ctx.shell(title).noindex().notice(done(l, query.done.done.as_deref())).crumb(l.t("Địa bàn", "Places"), "/places").here(title);
    Ok(page(&ListView { lines: lines.collect(), next, shell }))
}

#[derive(Template)]
#[template(path = "admin_change_new.html")]
struct NewView {
    shell: Shell,
    fields: Vec<Field>,
    summary: Html,
}

fn fields(l: Lang, form: &DraftForm) -> Vec<Field> {
    let kinds = ChangeKind::ALL.map(|k| (k.word().to_owned(), kind_word(k, l).to_owned()));
    vec![
        Field::new("kind", l.t("Loại thay đổi", "Kind of change")).kind(Kind::Select(kinds.to_vec())).value(&form.kind).required(),
        Field::new("effective", l.t("Ngày hiệu lực", "Day of effect")).kind(Kind::Date).value(&form.effective).hint(l.t("Ngày đầu tiên của bản đồ mới", "First day of the new map")).required(),
        Field::new("decree", l.t("Số văn bản", "Number of the decree")).value(&form.decree).hint(l.t("Ví dụ: NQ 1658/NQ-UBTVQH15", "Such as NQ 1658/NQ-UBTVQH15")).required(),
        Field::new("decree_date", l.t("Ngày văn bản", "Date of the decree")).kind(Kind::Date).value(&form.decree_date),
        Field::new("from", l.t("Đơn vị trước", "Units before"))
            .kind(Kind::Lines(4))
            .value(&form.from)
            .hint(l.t("Mỗi dòng một đơn vị: mã, hoặc tên kèm tỉnh, ví dụ: xã Phúc Hòa, Bắc Ninh. Lập mới thì để trống.", "One unit per line: code, or name with province. Empty for a creation.")),
        Field::new("to", l.t("Đơn vị sau", "Units after"))
            .kind(Kind::Lines(4))
            .value(&form.to)
            .hint(l.t(
                "Mỗi dòng: loại và tên; mã; % dân số; % diện tích. Ví dụ: Xã Phúc Hòa; 07330; 62,5; 40. Đơn vị đang có thì ghi mã thay cho tên. Phần chưa biết để trống. Chuyển cấp trên thì để trống cả ô.",
                "Per line: kind and name; code; % of people; % of area, such as: Xã Phúc Hòa; 07330; 62.5; 40. For a living unit write its code instead of the name. Leave out what is not known. Empty for a move.",
            )),
        Field::new("parent", l.t("Cấp trên của đơn vị sau", "Unit above the units after"))
            .value(&form.parent)
            .hint(l.t("Để trống nếu vẫn thuộc cấp trên cũ", "Empty if it stays the same")),
        Field::new("source", l.t("Nguồn của tỷ lệ chia", "Source of the shares")).value(&form.source).hint(l.t("Văn bản công bố dân số, diện tích từng phần", "Document that gives people and area of each part")),
        Field::new("note", l.t("Ghi chú", "Note")).kind(Kind::Lines(2)).value(&form.note),
    ]
}

fn new_view(ctx: &Context, form: &DraftForm, error: Option<&AppError>) -> Response {
    let l = ctx.lang;
    let title = l.t("Thay đổi mới", "New change");
    let mut shell = ctx.shell(title).noindex().crumb(l.t("Địa bàn", "Places"), "/places").crumb(l.t("Nhập thay đổi", "Changes"), LIST).here(title);
    shell.path = format!("{LIST}/new");
    let mut fields = fields(l, form);
    if let Some(error) = error {
        place_error(&mut shell, &mut fields, error);
    }
    page(&NewView { summary: error_summary(l, &fields), fields, shell })
}

/// `GET /admin/changes/new`; fields may be given in the address.
pub(in crate::pages) async fn new_form(ctx: Context, Query(form): Query<DraftForm>) -> Response {
    new_view(&ctx, &form, None)
}

/// A version in the preview.
struct Row {
    name: String,
    code: String,
    above: String,
}

#[derive(Template)]
#[template(path = "admin_change_preview.html")]
struct PreviewView {
    shell: Shell,
    what: String,
    effective: String,
    closes: Vec<Row>,
    opens: Vec<Row>,
    followers: Vec<String>,
    more_followers: usize,
    shares: Vec<(String, String, String, String, bool)>,
    warnings: Vec<String>,
    balance: Html,
    hidden: Vec<(&'static str, String)>,
    undoable: bool,
}

fn hidden(form: &DraftForm) -> Vec<(&'static str, String)> {
    let f = form.clone();
    vec![
        ("kind", f.kind),
        ("effective", f.effective),
        ("decree", f.decree),
        ("decree_date", f.decree_date),
        ("from", f.from),
        ("to", f.to),
        ("parent", f.parent),
        ("source", f.source),
        ("note", f.note),
    ]
}

fn row(atlas: &Atlas, unit: Uuid, on: Date) -> Row {
    let version = atlas.version(unit, on);
    Row {
        name: atlas.full_name(unit, on),
        code: version.and_then(|v| v.code.as_deref()).unwrap_or_default().to_owned(),
        above: version.and_then(|v| v.parent).map(|p| atlas.full_name(p, on)).unwrap_or_default(),
    }
}

/// `POST /admin/changes/new`: what would happen.
pub(in crate::pages) async fn preview(State(places): State<Places>, ctx: Context, Form(form): Form<DraftForm>) -> Result<Response, AppError> {
    let preview = match places.preview_change(&ctx, &form).await {
        Ok(preview) => preview,
        Err(error) if belongs_in_form(&error) => return Ok(with_status(new_view(&ctx, &form, Some(&error)), error.status)),
        Err(error) => return Err(error),
    };
    let l = ctx.lang;
    let (plan, after) = (&preview.plan, &preview.after);
    let day = plan.change.effective;
    let before = day.yesterday().unwrap_or(day);
    let title = l.t("Xem trước thay đổi", "Preview of the change");
    let mut shell = ctx.shell(title).noindex().crumb(l.t("Địa bàn", "Places"), "/places").crumb(l.t("Nhập thay đổi", "Changes"), LIST).here(title);
    shell.path = format!("{LIST}/new");
    let (closes, opens) = edits(plan, after, before, day);
    let names: Vec<String> = plan.followers.iter().map(|u| after.full_name(*u, day)).collect();
    Ok(page(&PreviewView {
        what: sentence(after, &plan.change, l),
        effective: short_date(day),
        closes,
        opens,
        more_followers: names.len().saturating_sub(20),
        followers: names.into_iter().take(20).collect(),
        shares: plan
            .change
            .parts
            .iter()
            .filter(|p| p.from != p.to)
            .map(|p| edge(after, p, p.is_default && plan.change.kind == ChangeKind::Divide, (before, day), l))
            .collect(),
        warnings: plan.warnings.iter().map(|(vi, en)| l.t(vi, en).to_owned()).collect(),
        balance: preview.balance,
        hidden: hidden(&form),
        undoable: day > ctx.today(),
        shell,
    }))
}

fn edge(after: &Atlas, part: &Part, main: bool, (before, day): (Date, Date), l: Lang) -> (String, String, String, String, bool) {
    let name = |u: Option<Uuid>, on| u.map(|u| after.full_name(u, on)).unwrap_or_else(|| "–".into());
    let share = |s: Option<i64>| s.map(|m| percent(m, l)).unwrap_or_else(|| l.t("chưa rõ", "not known").into());
    (name(part.from, before), name(part.to, day), share(part.by_population), share(part.by_area), main)
}

/// What closes and what opens, without the units that only follow.
fn edits(plan: &Plan, after: &Atlas, before: Date, day: Date) -> (Vec<Row>, Vec<Row>) {
    let (mut closes, mut opens) = (Vec::new(), Vec::new());
    for edit in &plan.edits {
        match edit {
            Edit::Close { unit, .. } if !plan.followers.contains(unit) => closes.push(row(after, *unit, before)),
            Edit::Open { unit, .. } | Edit::Alter { unit, .. } if !plan.followers.contains(unit) => opens.push(row(after, *unit, day)),
            _ => {}
        }
    }
    (closes, opens)
}

/// `POST /admin/changes`: applies it.
pub(in crate::pages) async fn apply(State(places): State<Places>, ctx: Context, Form(form): Form<DraftForm>) -> Result<Response, AppError> {
    match places.apply_change(&ctx, &form, |atlas, change| sentence(atlas, change, Lang::Vi)).await {
        Ok(_) => Ok(see_other(format!("{LIST}?done=applied"))),
        Err(error) if belongs_in_form(&error) => Ok(with_status(new_view(&ctx, &form, Some(&error)), error.status)),
        Err(error) => Err(error),
    }
}

fn id(text: &str) -> Result<Uuid, AppError> {
    text.parse().map_err(|_| change_unknown())
}

/// `POST /admin/changes/{id}/undo`
pub(in crate::pages) async fn undo(State(places): State<Places>, ctx: Context, Path(change): Path<String>) -> Result<Response, AppError> {
    places.undo_change(&ctx, id(&change)?).await?;
    Ok(see_other(format!("{LIST}?done=undone")))
}

#[derive(Template)]
#[template(path = "admin_shares.html")]
struct SharesView {
    shell: Shell,
    what: String,
    back: String,
    action: String,
    rows: Vec<ShareRow>,
    source: Field,
    summary: Html,
}

struct ShareRow {
    part: usize,
    from: String,
    to: Link,
    people: String,
    area: String,
}

fn shares_view(ctx: &Context, atlas: &Atlas, change: Uuid, typed: &HashMap<String, String>, error: Option<&AppError>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let change = atlas.change(change).ok_or_else(change_unknown)?;
    let before = change.effective.yesterday().unwrap_or(change.effective);
    let number = |m: i64| percent(m, l).trim_end_matches('%').to_owned();
    let rows = change
        .parts
        .iter()
        .enumerate()
        .filter(|(_, p)| p.from.is_some() && p.to.is_some() && change.parts.iter().filter(|o| o.from == p.from).count() > 1)
        .map(|(part, p)| ShareRow {
            part,
            from: p.from.map(|u| atlas.placed_name(u, before)).unwrap_or_default(),
            to: p.to.map(|u| Link { href: unit_href(ctx, u, change.effective), text: atlas.placed_name(u, change.effective) }).unwrap_or_default(),
            people: typed.get(&format!("p{part}")).cloned().or(p.by_population.map(number)).unwrap_or_default(),
            area: typed.get(&format!("a{part}")).cloned().or(p.by_area.map(number)).unwrap_or_default(),
        });
    let title = l.t("Bổ sung tỷ lệ chia", "Complete the shares");
    let back = format!("/places/changes/{}", change.id);
    let mut shell = ctx.shell(title).noindex().crumb(l.t("Địa bàn", "Places"), "/places").crumb(l.t("Thay đổi", "Changes"), back.clone()).here(title);
    shell.path = format!("{LIST}/{}/shares", change.id);
    let mut fields = vec![
        Field::new("source", l.t("Nguồn", "Source"))
            .value(typed.get("source").cloned().unwrap_or_default())
            .hint(l.t("Văn bản công bố tỷ lệ", "Document that gives the shares"))
            .required(),
    ];
    if let Some(error) = error {
        place_error(&mut shell, &mut fields, error);
    }
    let summary = error_summary(l, &fields);
    let source = fields.pop().unwrap_or_default();
    Ok(page(&SharesView { what: sentence(atlas, change, l), action: shell.path.clone(), back, rows: rows.collect(), source, summary, shell }))
}

/// `GET /admin/changes/{id}/shares`
pub(in crate::pages) async fn shares_form(State(places): State<Places>, ctx: Context, Path(change): Path<String>) -> Result<Response, AppError> {
    shares_view(&ctx, &*places.current().await, id(&change)?, &HashMap::new(), None)
}

/// `POST /admin/changes/{id}/shares` with `p<part>` and `a<part>` in percent, and `source`.
pub(in crate::pages) async fn shares(
    State(places): State<Places>,
    ctx: Context,
    Path(change): Path<String>,
    Form(typed): Form<HashMap<String, String>>,
) -> Result<Response, AppError> {
    let change = id(&change)?;
    let outcome = match read_shares(&typed) {
        Ok(shares) => places.complete_shares(&ctx, change, &shares, typed.get("source").map(String::as_str).unwrap_or_default()).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => Ok(see_other(format!("/places/changes/{change}"))),
        Err(error) if belongs_in_form(&error) => Ok(with_status(shares_view(&ctx, &*places.current().await, change, &typed, Some(&error))?, error.status)),
        Err(error) => Err(error),
    }
}

fn read_shares(typed: &HashMap<String, String>) -> Result<Vec<LateShare>, AppError> {
    let mut parts: Vec<usize> = typed.keys().filter_map(|k| k.strip_prefix(['p', 'a'])?.parse().ok()).collect();
    parts.sort_unstable();
    parts.dedup();
    let read = |name: String| typed.get(&name).map(|text| read_percent(text)).transpose().map(Option::flatten);
    parts.into_iter().map(|part| Ok(LateShare { part, by_population: read(format!("p{part}"))?, by_area: read(format!("a{part}"))? })).collect()
}
