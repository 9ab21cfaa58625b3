use super::accounts::{date, find_unit};
use super::{Done, belongs_in_form, day, done, place_error, with_status};
use crate::access::Access;
use crate::context::Context;
use crate::organisation::OrganisationKind;
use crate::post::PostKind;
use crate::role::Role;
use crate::routes::see_other;
use crate::service::{NewOrganisation, Organisation};
use crate::store::organisation as store;
use askama::Template;
use axum::Json;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Notice, Shell, page};
use uuid::Uuid;

const LIST: &str = "/admin/organisations";

/// An organisation as a line of a list.
pub(super) struct Line {
    href: String,
    name: String,
    kind: String,
    abbreviation: String,
    /// How deep below the organisations without one above.
    depth: usize,
}

#[derive(Template)]
#[template(path = "organisations.html")]
struct ListView {
    shell: Shell,
    unit: Uuid,
    unit_name: String,
    q: String,
    lines: Vec<Line>,
    fields: Vec<Field>,
    summary: Html,
}

#[derive(Default, Deserialize)]
pub(super) struct ListQuery {
    unit: Option<String>,
}

/// In the order of the tree: each followed by those below it.
fn lines(ctx: &Context, all: &[Organisation]) -> Vec<Line> {
    fn walk(ctx: &Context, all: &[Organisation], parent: Option<Uuid>, depth: usize, out: &mut Vec<Line>) {
        // A parent elsewhere or gone counts as none.
        let here = |id: Option<Uuid>| id.filter(|id| all.iter().any(|o| o.id == *id));
        for o in all.iter().filter(|o| here(o.parent) == parent && (parent.is_some() || depth == 0)) {
            if depth > 8 {
                return;
            }
            out.push(Line {
                href: format!("{LIST}/{}", o.id),
                name: o.name.clone(),
                kind: OrganisationKind::coded(&o.kind).map(|k| k.label(ctx.lang).to_owned()).unwrap_or_default(),
                abbreviation: o.abbreviation.clone(),
                depth,
            });
            walk(ctx, all, Some(o.id), depth + 1, out);
        }
    }
    let mut out = Vec::new();
    walk(ctx, all, None, 0, &mut out);
    out
}

async fn list_view(
    access: &Access,
    ctx: &Context,
    unit: Uuid,
    notice: Option<Notice>,
    entry: NewEntry,
    error: Option<&AppError>,
) -> Result<Response, AppError> {
    let l = ctx.lang;
    let today = ctx.today();
    access.require_admin_of(ctx, unit)?;
    let unit_name = access.unit_name(unit, today, l);
    let all = access.organisations_of(unit, today).await?;
    let mut shell = ctx.shell(l.t("Cơ quan, tổ chức", "Organisations")).noindex().notice(notice);
    shell.path = format!("{LIST}?unit={unit}");
    let kinds = OrganisationKind::all().iter().map(|k| (k.code.clone(), k.label(l).to_owned())).collect();
    let mut parents = vec![(String::new(), l.t("không có", "none").to_owned())];
    parents.extend(all.iter().map(|o| (o.id.to_string(), o.name.clone())));
    let mut fields = vec![
        Field::new("name", l.t("Tên đầy đủ", "Full name")).value(&entry.name).required(),
        Field::new("kind", l.t("Loại", "Kind")).kind(Kind::Select(kinds)).value(&entry.kind),
        Field::new("abbreviation", l.t("Tên viết tắt", "Short form"))
            .value(&entry.abbreviation)
            .hint(l.t("Dùng trong số, ký hiệu văn bản", "Used in document numbers")),
        Field::new("parent", l.t("Trực thuộc", "Belongs to")).kind(Kind::Select(parents)).value(&entry.parent),
        Field::new("basis", l.t("Căn cứ", "Legal basis")).value(&entry.basis),
    ];
    if let Some(error) = error {
        place_error(&mut shell, &mut fields, error);
    }
    let summary = error_summary(l, &fields);
    Ok(page(&ListView { shell, unit, q: unit_name.clone(), unit_name, lines: lines(ctx, &all), fields, summary }))
}

/// `GET /admin/organisations?unit=` with the name, code or id of a place; the caller's own without.
pub(super) async fn list(State(access): State<Access>, ctx: Context, Query(query): Query<ListQuery>, Query(word): Query<Done>) -> Result<Response, AppError> {
    let unit = match query.unit.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => find_unit(&access, &ctx, text)?,
        None => ctx.units_with(Role::Administrator).first().copied().unwrap_or(access.inner.options.centre),
    };
    list_view(&access, &ctx, unit, done(ctx.lang, word.done.as_deref()), NewEntry::default(), None).await
}

#[derive(Default, Deserialize)]
pub(super) struct NewEntry {
    #[serde(default)]
    unit: Uuid,
    name: String,
    kind: String,
    abbreviation: String,
    parent: String,
    basis: String,
}

/// `POST /admin/organisations`
pub(super) async fn add(State(access): State<Access>, ctx: Context, Form(entry): Form<NewEntry>) -> Result<Response, AppError> {
    let new = NewOrganisation {
        kind: entry.kind.clone(),
        unit: entry.unit,
        parent: entry.parent.parse().ok(),
        name: entry.name.clone(),
        abbreviation: entry.abbreviation.clone(),
        from: None,
        basis: entry.basis.clone(),
    };
    match access.add_organisation(&ctx, new).await {
        Ok(id) => Ok(see_other(format!("{LIST}/{id}?done=added"))),
        Err(error) if belongs_in_form(&error) => {
            let (unit, status) = (entry.unit, error.status);
            Ok(with_status(list_view(&access, &ctx, unit, None, entry, Some(&error)).await?, status))
        }
        Err(error) => Err(error),
    }
}

#[derive(Deserialize)]
pub(super) struct StandardEntry {
    unit: Uuid,
    below: Option<String>,
}

/// `POST /admin/organisations/standard`
pub(super) async fn standard(State(access): State<Access>, ctx: Context, Form(entry): Form<StandardEntry>) -> Result<Response, AppError> {
    access.make_standard(&ctx, entry.unit, entry.below.is_some()).await?;
    Ok(see_other(format!("{LIST}?unit={}&done=standard", entry.unit)))
}

struct NameLine {
    name: String,
    abbreviation: String,
    from: String,
    basis: String,
}

struct SeatLine {
    href: String,
    title: String,
    kind: &'static str,
    holders: Vec<String>,
    ended: bool,
}

struct Handed {
    /// Whether this organisation took over the other.
    took: bool,
    href: String,
    other: String,
    on: String,
    basis: String,
    note: String,
}

#[derive(Template)]
#[template(path = "organisation.html")]
struct OrganisationView {
    shell: Shell,
    id: Uuid,
    name: String,
    kind: String,
    unit_name: String,
    unit_href: String,
    above: Option<(String, String)>,
    until: String,
    names: Vec<NameLine>,
    seats: Vec<SeatLine>,
    below: Vec<(String, String)>,
    handed: Vec<Handed>,
    timeline: Html,
    name_fields: Vec<Field>,
    post_fields: Vec<Field>,
    end_fields: Vec<Field>,
    summary: Html,
}

async fn view(access: &Access, ctx: &Context, id: Uuid, notice: Option<Notice>, error: Option<&AppError>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let today = ctx.today();
    let Some(organisation) = access.organisation(id, today).await? else { return Err(crate::service::organisation_not_found()) };
    access.require_admin_of(ctx, organisation.unit)?;
    let unit_href = format!("{LIST}?unit={}", organisation.unit);
    let mut shell = ctx.shell(&organisation.name).noindex().notice(notice).crumb(l.t("Cơ quan, tổ chức", "Organisations"), &unit_href).here(&organisation.name);
    shell.path = format!("{LIST}/{id}");
    let names = store::names(access.db(), id).await.map_err(crate::db_error)?;
    let members = access.members_of(id, today).await?;
    let seats = access
        .seats_of(id, today)
        .await?
        .into_iter()
        .map(|seat| SeatLine {
            href: format!("/admin/posts/{}", seat.post.id),
            kind: seat.post.kind.label(l),
            holders: members.iter().filter(|m| m.post.id == seat.post.id).map(|m| m.name.clone()).collect(),
            ended: !seat.exists_on(today),
            title: seat.post.title,
        })
        .collect();
    let mut handed = Vec::new();
    for s in access.successions_of(id).await? {
        let took = s.to == id;
        let other = if took { s.from } else { s.to };
        let name = access.organisation(other, today).await?.map(|o| o.name).unwrap_or_default();
        handed.push(Handed { took, href: format!("{LIST}/{other}"), other: name, on: day(s.effective), basis: s.basis, note: s.note });
    }
    let above = match organisation.parent {
        Some(parent) => access.organisation(parent, today).await?.map(|o| (format!("{LIST}/{}", o.id), o.name)),
        None => None,
    };
    let mut successors = vec![(String::new(), l.t("không có cơ quan tiếp nhận", "no successor").to_owned())];
    successors.extend(access.organisations_of(organisation.unit, today).await?.into_iter().filter(|o| o.id != id).map(|o| (o.id.to_string(), o.name)));
    let mut name_fields = vec![
        Field::new("name", l.t("Tên mới", "New name")).value(&organisation.name).required(),
        Field::new("abbreviation", l.t("Tên viết tắt", "Short form")).value(&organisation.abbreviation),
        Field::new("from", l.t("Từ ngày", "From")).kind(Kind::Date).value(today.to_string()).required(),
        Field::new("basis", l.t("Căn cứ", "Legal basis")),
    ];
    let kinds = PostKind::ALL.into_iter().map(|kind| (kind.as_str().to_owned(), kind.label(l).to_owned())).collect();
    let mut post_fields = vec![
        Field::new("title", l.t("Chức vụ", "Title")).required(),
        Field::new("kind", l.t("Nhóm", "Kind")).kind(Kind::Select(kinds)).value(PostKind::Officer.as_str()),
    ];
    let mut end_fields = vec![
        Field::new("effective", l.t("Kết thúc từ ngày", "Ends on")).kind(Kind::Date).value(today.to_string()).required(),
        Field::new("successor", l.t("Cơ quan tiếp nhận", "Successor")).kind(Kind::Select(successors)),
        Field::new("basis-end", l.t("Căn cứ", "Legal basis")).hint(l.t("Số, ngày quyết định", "Number and date of the decision")),
        Field::new("note", l.t("Ghi chú cho người mở hồ sơ sau này", "Note for whoever opens a file later")),
    ];
    let mut summary = Html::default();
    if let Some(error) = error {
        let at = error.at.as_deref().unwrap_or_default();
        let fields = match at {
            "title" | "kind" => &mut post_fields,
            "effective" | "successor" => &mut end_fields,
            _ => &mut name_fields,
        };
        place_error(&mut shell, fields, error);
        summary = error_summary(l, fields);
    }
    Ok(page(&OrganisationView {
        kind: OrganisationKind::coded(&organisation.kind).map(|k| k.label(l).to_owned()).unwrap_or_default(),
        unit_name: access.unit_name(organisation.unit, today, l),
        unit_href,
        above,
        until: organisation.to.map(day).unwrap_or_default(),
        names: names.into_iter().map(|n| NameLine { name: n.name, abbreviation: n.abbreviation, from: day(n.from), basis: n.basis }).collect(),
        seats,
        below: access.organisations_below(id, today).await?.into_iter().map(|o| (format!("{LIST}/{}", o.id), o.name)).collect(),
        handed,
        timeline: access.timeline_html(l, &access.timeline(access.inner.options.centre, &format!("organisation/{id}"), 30).await?),
        name_fields,
        post_fields,
        end_fields,
        summary,
        id,
        name: organisation.name,
        shell,
    }))
}

async fn answer(access: &Access, ctx: &Context, id: Uuid, outcome: Result<(), AppError>, word: &str) -> Result<Response, AppError> {
    match outcome {
        Ok(()) => Ok(see_other(format!("{LIST}/{id}?done={word}"))),
        Err(error) if belongs_in_form(&error) => Ok(with_status(view(access, ctx, id, None, Some(&error)).await?, error.status)),
        Err(error) => Err(error),
    }
}

/// `GET /admin/organisations/{id}`
pub(super) async fn show(State(access): State<Access>, ctx: Context, Path(id): Path<Uuid>, Query(word): Query<Done>) -> Result<Response, AppError> {
    view(&access, &ctx, id, done(ctx.lang, word.done.as_deref()), None).await
}

#[derive(Deserialize)]
pub(super) struct NameEntry {
    name: String,
    abbreviation: String,
    from: String,
    basis: String,
}

/// `POST /admin/organisations/{id}/name`
pub(super) async fn rename(State(access): State<Access>, ctx: Context, Path(id): Path<Uuid>, Form(entry): Form<NameEntry>) -> Result<Response, AppError> {
    let outcome = match date(&entry.from, "from") {
        Ok(from) => access.rename_organisation(&ctx, id, from, &entry.name, &entry.abbreviation, &entry.basis).await,
        Err(error) => Err(error),
    };
    answer(&access, &ctx, id, outcome, "saved").await
}

#[derive(Deserialize)]
pub(super) struct EndEntry {
    effective: String,
    successor: String,
    #[serde(rename = "basis-end")]
    basis: String,
    note: String,
}

/// `POST /admin/organisations/{id}/end`
pub(super) async fn end(State(access): State<Access>, ctx: Context, Path(id): Path<Uuid>, Form(entry): Form<EndEntry>) -> Result<Response, AppError> {
    let outcome = match date(&entry.effective, "effective") {
        Ok(on) => access.end_organisation(&ctx, id, on, entry.successor.parse().ok(), &entry.basis, &entry.note).await.map(drop),
        Err(error) => Err(error),
    };
    answer(&access, &ctx, id, outcome, "moved").await
}

#[derive(Deserialize)]
pub(super) struct PostEntry {
    title: String,
    kind: String,
}

/// `POST /admin/organisations/{id}/posts`
pub(super) async fn add_post(State(access): State<Access>, ctx: Context, Path(id): Path<Uuid>, Form(entry): Form<PostEntry>) -> Result<Response, AppError> {
    let outcome = match PostKind::parse(&entry.kind) {
        Some(kind) => access.add_post(&ctx, id, kind, &entry.title).await.map(drop),
        None => Err(AppError::new("kind_unknown", 422).at("kind")),
    };
    answer(&access, &ctx, id, outcome, "added").await
}

/// An organisation as programs see it.
#[derive(Serialize)]
pub(super) struct ApiOrganisation {
    id: Uuid,
    kind: String,
    unit: Uuid,
    parent: Option<Uuid>,
    standard: String,
    name: String,
    abbreviation: String,
    valid_from: String,
    valid_to: Option<String>,
    /// Who goes on with what it had, if it ended.
    successors: Vec<Uuid>,
}

/// Lists answer alike everywhere; a place has few organisations, so there is always one page.
#[derive(Serialize)]
pub(super) struct ApiOrganisations {
    items: Vec<ApiOrganisation>,
    total: usize,
    next: Option<String>,
}

async fn shown(access: &Access, o: Organisation) -> Result<ApiOrganisation, AppError> {
    let successors = match o.to {
        Some(_) => access.successions_of(o.id).await?.into_iter().filter(|s| s.from == o.id).map(|s| s.to).collect(),
        None => Vec::new(),
    };
    Ok(ApiOrganisation {
        id: o.id,
        kind: o.kind,
        unit: o.unit,
        parent: o.parent,
        standard: o.standard,
        name: o.name,
        abbreviation: o.abbreviation,
        valid_from: o.from.to_string(),
        valid_to: o.to.map(|d| d.to_string()),
        successors,
    })
}

#[derive(Deserialize)]
pub(super) struct ApiQuery {
    unit: Uuid,
    on: Option<jiff::civil::Date>,
}

/// `GET /api/v1/organisations?unit=&on=`: the organisations that a place had on a day (today without).
pub(super) async fn api(State(access): State<Access>, ctx: Context, Query(query): Query<ApiQuery>) -> Result<Json<ApiOrganisations>, AppError> {
    let mut items = Vec::new();
    for organisation in access.organisations_of(query.unit, query.on.unwrap_or_else(|| ctx.today())).await? {
        items.push(shown(&access, organisation).await?);
    }
    Ok(Json(ApiOrganisations { total: items.len(), items, next: None }))
}

/// `GET /api/v1/organisations/{id}`
pub(super) async fn api_one(State(access): State<Access>, ctx: Context, Path(id): Path<Uuid>) -> Result<Json<ApiOrganisation>, AppError> {
    let Some(found) = access.organisation(id, ctx.today()).await? else { return Err(crate::service::organisation_not_found()) };
    Ok(Json(shown(&access, found).await?))
}
