use super::accounts::date;
use super::{Done, belongs_in_form, day, done, moment, place_error, with_status};
use crate::access::Access;
use crate::context::Context;
use crate::delegation::DelegationKind;
use crate::post::PostKind;
use crate::routes::see_other;
use crate::service::{Delegation, NewDelegation};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Notice, Shell, page};
use uuid::Uuid;

const PAGE: &str = "/me/delegations";

struct Line {
    what: String,
    title: String,
    of: String,
    to: String,
    from: String,
    until: String,
    document: String,
    reason: String,
    made_by: String,
    state: (&'static str, &'static str),
    /// Address that ends it; empty when over.
    end: String,
    mine: bool,
}

struct Away {
    id: Uuid,
    first: String,
    last: String,
    note: String,
}

#[derive(Template)]
#[template(path = "delegations.html")]
struct View {
    shell: Shell,
    lines: Vec<Line>,
    away: Vec<Away>,
    can: bool,
    fields: Vec<Field>,
    leave: Vec<Field>,
    summary: Html,
}

#[derive(Default, Deserialize)]
pub(super) struct Entry {
    /// `post|holder`.
    #[serde(rename = "of")]
    what: String,
    to: String,
    kind: String,
    from: String,
    until: String,
    document: String,
    reason: String,
}

async fn line(access: &Access, ctx: &Context, d: Delegation) -> Result<Line, AppError> {
    let l = ctx.lang;
    let title = access.seat(d.post, ctx.today()).await.map(|seat| seat.post.label()).unwrap_or_default();
    let state = match d.returned_how.as_str() {
        "expired" => ("plain", l.t("đã hết hạn", "over")),
        "given-back" => ("plain", l.t("đã trả lại", "given back")),
        "taken-back" => ("plain", l.t("đã rút lại", "taken back")),
        _ if d.ends <= ctx.at => ("plain", l.t("đã hết hạn", "over")),
        _ if d.starts > ctx.at => ("wait", l.t("chưa bắt đầu", "not yet")),
        _ => ("ok", l.t("đang hiệu lực", "in force")),
    };
    let open = d.returned.is_none() && d.ends > ctx.at;
    Ok(Line {
        what: d.kind.label(l).to_owned(),
        title,
        of: d.holder_name,
        to: d.account_name,
        from: moment(d.starts),
        until: moment(d.ends),
        document: d.document,
        reason: d.reason,
        made_by: d.made_by_name,
        state,
        end: if open { format!("{PAGE}/{}/end", d.id) } else { String::new() },
        mine: ctx.account_id() == Some(d.account),
    })
}

async fn view(access: &Access, ctx: &Context, notice: Option<Notice>, entry: Entry, error: Option<&AppError>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let today = ctx.today();
    let mut shell = ctx
        .shell(l.t("Ủy quyền, làm thay", "Delegations"))
        .noindex()
        .notice(notice)
        .crumb(l.t("Tài khoản của tôi", "My account"), "/me")
        .here(l.t("Ủy quyền", "Delegations"));
    shell.path = PAGE.to_owned();
    let mut lines = Vec::new();
    for delegation in access.own_delegations(ctx).await? {
        lines.push(line(access, ctx, delegation).await?);
    }
    let me = ctx.account_id().unwrap_or_default();
    let (mut of, mut to) = (Vec::new(), Vec::new());
    for identity in ctx.identities().iter().filter(|identity| identity.behalf.is_none()) {
        let post = &identity.post;
        of.push((format!("{}|{me}", post.id), format!("{}: {}", l.t("tôi", "myself"), post.label())));
        let mut people = access.members_of(post.organisation, today).await?;
        for below in access.organisations_below(post.organisation, today).await? {
            people.extend(access.members_of(below.id, today).await?.into_iter().filter(|m| m.post.kind == PostKind::Head));
        }
        for member in people.into_iter().filter(|m| m.account != me) {
            let label = format!("{}: {}", member.name, member.post.label());
            if post.kind == PostKind::Head {
                of.push((format!("{}|{}", member.post.id, member.account), label.clone()));
            }
            to.push((member.account.to_string(), label));
        }
    }
    of.dedup();
    let can = !of.is_empty() && !to.is_empty();
    let kinds = DelegationKind::ALL.into_iter().map(|kind| (kind.as_str().to_owned(), kind.label(l).to_owned())).collect();
    let mut fields = vec![
        Field::new("of", l.t("Thay cho", "Acted for")).kind(Kind::Select(of)).value(&entry.what),
        Field::new("to", l.t("Người làm thay", "Who acts")).kind(Kind::Select(to)).value(&entry.to),
        Field::new("kind", l.t("Hình thức", "How")).kind(Kind::Select(kinds)).value(&entry.kind),
        Field::new("from", l.t("Từ ngày", "From")).kind(Kind::Date).value(if entry.from.is_empty() { today.to_string() } else { entry.from }).required(),
        Field::new("until", l.t("Đến hết ngày", "Last day")).kind(Kind::Date).value(&entry.until).required(),
        Field::new("document", l.t("Văn bản", "Document"))
            .value(&entry.document)
            .hint(l.t("Số, ngày văn bản ủy quyền hoặc phân công", "Number and date of the document that delegates"))
            .required(),
        Field::new("reason", l.t("Lý do", "Reason")).value(&entry.reason).hint(l.t("Ví dụ: đi công tác, nghỉ phép", "For example: a journey, leave")),
    ];
    if let Some(error) = error {
        place_error(&mut shell, &mut fields, error);
    }
    let leave = vec![
        Field::new("first", l.t("Nghỉ từ ngày", "Away from")).kind(Kind::Date).required(),
        Field::new("last", l.t("Đến hết ngày", "Last day")).kind(Kind::Date).required(),
        Field::new("note", l.t("Ghi chú", "Note")),
    ];
    let absences = access.absences_of(me, today).await?;
    let away = absences.into_iter().map(|a| Away { id: a.id, first: day(a.first), last: day(a.last), note: a.note }).collect();
    Ok(page(&View { summary: error_summary(l, &fields), shell, lines, away, can, fields, leave }))
}

/// `GET /me/delegations`
pub(super) async fn show(State(access): State<Access>, ctx: Context, Query(word): Query<Done>) -> Result<Response, AppError> {
    ctx.require_person()?;
    view(&access, &ctx, done(ctx.lang, word.done.as_deref()), Entry::default(), None).await
}

/// Local midnight at which a day begins.
fn midnight(day: Date) -> Result<Timestamp, AppError> {
    jiff::tz::Offset::constant(7).to_timestamp(day.at(0, 0, 0, 0)).map_err(|_| AppError::new("dates_invalid", 422).at("until"))
}

async fn made(access: &Access, ctx: &Context, entry: &Entry) -> Result<Uuid, AppError> {
    let missing = |at: &'static str| {
        AppError::new("choice_missing", 422).say("Chưa chọn.", "Nothing chosen.").mend("Chọn trong danh sách.", "Choose one of the list.").at(at)
    };
    let (post, holder) = entry.what.split_once('|').ok_or_else(|| missing("of"))?;
    let new = NewDelegation {
        post: post.parse().map_err(|_| missing("of"))?,
        holder: holder.parse().map_err(|_| missing("of"))?,
        to: entry.to.parse().map_err(|_| missing("to"))?,
        kind: DelegationKind::parse(&entry.kind).ok_or_else(|| missing("kind"))?,
        roles: Vec::new(),
        starts: midnight(date(&entry.from, "from")?)?,
        ends: midnight(date(&entry.until, "until")?.tomorrow().map_err(|_| AppError::new("dates_invalid", 422).at("until"))?)?,
        document: entry.document.clone(),
        reason: entry.reason.clone(),
    };
    access.delegate(ctx, new).await
}

/// `POST /me/delegations`
pub(super) async fn add(State(access): State<Access>, ctx: Context, Form(entry): Form<Entry>) -> Result<Response, AppError> {
    ctx.require_person()?;
    match made(&access, &ctx, &entry).await {
        Ok(_) => Ok(see_other(format!("{PAGE}?done=delegated"))),
        Err(error) if belongs_in_form(&error) || error.at.is_some() => Ok(with_status(view(&access, &ctx, None, entry, Some(&error)).await?, error.status)),
        Err(error) => Err(error),
    }
}

/// `POST /me/delegations/{id}/end`
pub(super) async fn end(State(access): State<Access>, ctx: Context, Path(id): Path<Uuid>) -> Result<Response, AppError> {
    access.end_delegation(&ctx, id).await?;
    Ok(see_other(format!("{PAGE}?done=ended-item")))
}

#[derive(Deserialize)]
pub(super) struct LeaveEntry {
    first: String,
    last: String,
    note: String,
}

/// `POST /me/leave`
pub(super) async fn leave(State(access): State<Access>, ctx: Context, Form(entry): Form<LeaveEntry>) -> Result<Response, AppError> {
    ctx.require_person()?;
    let outcome = match (date(&entry.first, "first"), date(&entry.last, "last")) {
        (Ok(first), Ok(last)) => access.add_absence(&ctx, ctx.account_id().unwrap_or_default(), first, last, &entry.note).await,
        (Err(error), _) | (_, Err(error)) => Err(error),
    };
    match outcome {
        Ok(_) => Ok(see_other(format!("{PAGE}?done=saved"))),
        Err(error) if belongs_in_form(&error) => {
            Ok(with_status(view(&access, &ctx, None, Entry::default(), Some(&AppError { at: None, ..error.clone() })).await?, error.status))
        }
        Err(error) => Err(error),
    }
}

/// `POST /me/leave/{id}/end`
pub(super) async fn end_leave(State(access): State<Access>, ctx: Context, Path(id): Path<Uuid>) -> Result<Response, AppError> {
    access.end_absence(&ctx, id).await?;
    Ok(see_other(format!("{PAGE}?done=ended-item")))
}
