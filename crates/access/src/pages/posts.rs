use super::accounts::{date, field_field, find_unit, unit_field};
use super::{Done, belongs_in_form, day, done, place_error, with_status};
use crate::access::Access;
use crate::context::Context;
use crate::role::Role;
use crate::routes::see_other;
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Notice, Shell, page};
use uuid::Uuid;

struct HolderLine {
    name: String,
    login: String,
    from: String,
    until: String,
    basis: String,
    /// Address that ends it; empty when over.
    end: String,
}

struct RoleLine {
    role: &'static str,
    unit: String,
    field: &'static str,
    from: String,
    until: String,
    end: String,
}

#[derive(Template)]
#[template(path = "post.html")]
struct PostView {
    shell: Shell,
    id: Uuid,
    title: String,
    kind: &'static str,
    organisation: (String, String),
    open: bool,
    holders: Vec<HolderLine>,
    roles: Vec<RoleLine>,
    holder_fields: Vec<Field>,
    role_fields: Vec<Field>,
    summary: Html,
}

#[derive(Default, Deserialize)]
pub(super) struct HolderEntry {
    login: String,
    from: String,
    until: String,
    basis: String,
}

async fn view(access: &Access, ctx: &Context, id: Uuid, notice: Option<Notice>, entry: HolderEntry, error: Option<&AppError>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let today = ctx.today();
    let seat = access.seat(id, today).await?;
    access.require_admin_of(ctx, seat.post.unit)?;
    let above = (format!("/admin/organisations/{}", seat.post.organisation), seat.post.organisation_name.clone());
    let mut shell = ctx
        .shell(format!("{} · {}", seat.post.title, seat.post.organisation_name))
        .noindex()
        .notice(notice)
        .crumb(l.t("Cơ quan, tổ chức", "Organisations"), format!("/admin/organisations?unit={}", seat.post.unit))
        .crumb(&above.1, &above.0)
        .here(&seat.post.title);
    shell.path = format!("/admin/posts/{id}");
    let last = |to: Option<jiff::civil::Date>| to.and_then(|to| to.yesterday().ok()).map(day).unwrap_or_default();
    let holders = access
        .holders_of(id)
        .await?
        .into_iter()
        .map(|h| HolderLine {
            end: if h.to.is_none_or(|to| to > today) { format!("/admin/posts/{id}/holders/{}/end", h.id) } else { String::new() },
            name: h.name,
            login: h.login,
            from: day(h.from),
            until: last(h.to),
            basis: h.basis,
        })
        .collect();
    let roles = access
        .seat_roles(id)
        .await?
        .into_iter()
        .map(|r| RoleLine {
            role: r.grant.role.label(l),
            unit: access.unit_name(r.grant.unit, today, l),
            field: r.field.map_or("", |field| field.label(l)),
            from: day(r.grant.from),
            until: last(r.grant.to),
            end: if r.grant.to.is_none_or(|to| to > today) { format!("/admin/posts/{id}/roles/{}/end", r.id) } else { String::new() },
        })
        .collect();
    let mut holder_fields = vec![
        Field::new("login", l.t("Tên đăng nhập", "Login")).value(&entry.login).attr("autocomplete", "off").required(),
        Field::new("from", l.t("Từ ngày", "From")).kind(Kind::Date).value(if entry.from.is_empty() { today.to_string() } else { entry.from }).required(),
        Field::new("until", l.t("Đến hết ngày", "Last day")).kind(Kind::Date).value(&entry.until).hint(l.t("Để trống nếu chưa biết", "Empty if not known")),
        Field::new("basis", l.t("Căn cứ", "Legal basis")).value(&entry.basis).hint(l.t("Số, ngày quyết định", "Number and date of the decision")),
    ];
    if let Some(error) = error {
        place_error(&mut shell, &mut holder_fields, error);
    }
    let choices = Role::ALL.into_iter().map(|role| (role.as_str().to_owned(), role.label(l).to_owned())).collect();
    let role_fields = vec![
        Field::new("role", l.t("Vai trò", "Role")).kind(Kind::Select(choices)).value(Role::Officer.as_str()),
        unit_field(ctx, &access.unit_name(seat.post.unit, today, l)),
        field_field(ctx, ""),
    ];
    Ok(page(&PostView {
        open: seat.exists_on(today),
        summary: error_summary(l, &holder_fields),
        id,
        kind: seat.post.kind.label(l),
        title: seat.post.title,
        organisation: above,
        holders,
        roles,
        holder_fields,
        role_fields,
        shell,
    }))
}

async fn answer(access: &Access, ctx: &Context, id: Uuid, outcome: Result<(), AppError>, word: &str) -> Result<Response, AppError> {
    match outcome {
        Ok(()) => Ok(see_other(format!("/admin/posts/{id}?done={word}"))),
        Err(error) if belongs_in_form(&error) => Ok(with_status(view(access, ctx, id, None, HolderEntry::default(), Some(&error)).await?, error.status)),
        Err(error) => Err(error),
    }
}

/// `GET /admin/posts/{id}`
pub(super) async fn show(State(access): State<Access>, ctx: Context, Path(id): Path<Uuid>, Query(word): Query<Done>) -> Result<Response, AppError> {
    view(&access, &ctx, id, done(ctx.lang, word.done.as_deref()), HolderEntry::default(), None).await
}

async fn appointed(access: &Access, ctx: &Context, id: Uuid, entry: &HolderEntry) -> Result<(), AppError> {
    let from = date(&entry.from, "from")?;
    let to = if entry.until.trim().is_empty() { None } else { date(&entry.until, "until")?.tomorrow().ok() };
    let account = access.person_to_appoint(ctx, &entry.login).await?;
    access.appoint(ctx, id, account, from, to, &entry.basis).await.map(drop)
}

/// `POST /admin/posts/{id}/holders`
pub(super) async fn appoint(State(access): State<Access>, ctx: Context, Path(id): Path<Uuid>, Form(entry): Form<HolderEntry>) -> Result<Response, AppError> {
    match appointed(&access, &ctx, id, &entry).await {
        Err(error) if belongs_in_form(&error) => Ok(with_status(view(&access, &ctx, id, None, entry, Some(&error)).await?, error.status)),
        outcome => answer(&access, &ctx, id, outcome, "appointed").await,
    }
}

/// `POST /admin/posts/{id}/holders/{grant}/end`
pub(super) async fn dismiss(State(access): State<Access>, ctx: Context, Path((id, holding)): Path<(Uuid, Uuid)>) -> Result<Response, AppError> {
    let outcome = access.dismiss(&ctx, id, holding).await;
    answer(&access, &ctx, id, outcome, "dismissed").await
}

#[derive(Deserialize)]
pub(super) struct RoleEntry {
    role: String,
    unit: String,
    field: String,
}

/// `POST /admin/posts/{id}/roles`
pub(super) async fn add_role(State(access): State<Access>, ctx: Context, Path(id): Path<Uuid>, Form(entry): Form<RoleEntry>) -> Result<Response, AppError> {
    let role = Role::parse(&entry.role).ok_or_else(|| AppError::new("role_unknown", 422).at("role"));
    let outcome = match (role, find_unit(&access, &ctx, &entry.unit)) {
        (Ok(role), Ok(unit)) => access.add_post_role(&ctx, id, role, unit, crate::Field::coded(&entry.field)).await,
        (Err(error), _) | (_, Err(error)) => Err(error),
    };
    answer(&access, &ctx, id, outcome, "granted").await
}

/// `POST /admin/posts/{id}/roles/{grant}/end`
pub(super) async fn end_role(State(access): State<Access>, ctx: Context, Path((id, grant)): Path<(Uuid, Uuid)>) -> Result<Response, AppError> {
    let outcome = access.end_post_role(&ctx, id, grant).await;
    answer(&access, &ctx, id, outcome, "grant-ended").await
}

/// `POST /admin/posts/{id}/end`
pub(super) async fn end(State(access): State<Access>, ctx: Context, Path(id): Path<Uuid>) -> Result<Response, AppError> {
    let outcome = access.end_post(&ctx, id).await;
    answer(&access, &ctx, id, outcome, "ended-item").await
}
