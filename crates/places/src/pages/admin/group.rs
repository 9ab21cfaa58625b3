use crate::model::GroupKind;
use crate::pages::country::kind_word;
use crate::pages::{belongs_in_form, place_error, read_date, see_other, with_status};
use crate::plan::unit_of;
use crate::service::NewGroup;
use crate::{Atlas, Places};
use access::Context;
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::Response;
use serde::Deserialize;
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Shell, page};
use uuid::Uuid;

struct Line {
    href: String,
    name: String,
    code: String,
    kind: &'static str,
    members: usize,
}

#[derive(Template)]
#[template(path = "admin_groups.html")]
struct ListView {
    shell: Shell,
    lines: Vec<Line>,
    fields: Vec<Field>,
    summary: Html,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct Entry {
    code: String,
    kind: String,
    name_vi: String,
    name_en: String,
    legal_basis: String,
}

fn list_view(ctx: &Context, atlas: &Atlas, entry: &Entry, error: Option<&AppError>) -> Response {
    let (l, today) = (ctx.lang, ctx.today());
    let lines = atlas.groups().iter().map(|g| Line {
        href: format!("/places/groups/{}", g.code),
        name: l.t(&g.name_vi, &g.name_en).to_owned(),
        code: g.code.clone(),
        kind: kind_word(g.kind, l),
        members: g.members.iter().filter(|m| m.holds(today)).count(),
    });
    let kinds = GroupKind::ALL.map(|k| (k.word().to_owned(), kind_word(k, l).to_owned()));
    let mut fields = vec![
        Field::new("name_vi", l.t("Tên", "Vietnamese name")).value(&entry.name_vi).required(),
        Field::new("name_en", l.t("Tên tiếng Anh", "English name")).value(&entry.name_en),
        Field::new("code", l.t("Mã nhóm", "Code"))
            .value(&entry.code)
            .hint(l.t("Chữ thường không dấu và gạch dưới, không đổi về sau: xa_an_toan_khu", "Small letters and underscores, for good: xa_an_toan_khu"))
            .required(),
        Field::new("kind", l.t("Loại", "Kind")).kind(Kind::Select(kinds.to_vec())).value(&entry.kind),
        Field::new("legal_basis", l.t("Căn cứ pháp lý", "Legal basis")).value(&entry.legal_basis),
    ];
    let title = l.t("Nhóm và đặc điểm của đơn vị", "Groups and marks of units");
    let mut shell = ctx.shell(title).noindex().crumb(l.t("Địa bàn", "Places"), "/places").here(title);
    shell.path = "/admin/groups".to_owned();
    if let Some(error) = error {
        place_error(&mut shell, &mut fields, error);
    }
    page(&ListView { lines: lines.collect(), summary: error_summary(l, &fields), fields, shell })
}

/// `GET /admin/groups`
pub(in crate::pages) async fn list(State(places): State<Places>, ctx: Context) -> Response {
    list_view(&ctx, &*places.current().await, &Entry::default(), None)
}

/// `POST /admin/groups`
pub(in crate::pages) async fn add(State(places): State<Places>, ctx: Context, Form(entry): Form<Entry>) -> Result<Response, AppError> {
    let new = NewGroup {
        code: entry.code.clone(),
        kind: entry.kind.clone(),
        name_vi: entry.name_vi.clone(),
        name_en: entry.name_en.clone(),
        legal_basis: entry.legal_basis.clone(),
    };
    match places.add_group(&ctx, &new).await {
        Ok(_) => Ok(see_other(format!("/places/groups/{}", lang::clean(&entry.code)))),
        Err(error) if belongs_in_form(&error) => Ok(with_status(list_view(&ctx, &*places.current().await, &entry, Some(&error)), error.status)),
        Err(error) => Err(error),
    }
}

#[derive(Template)]
#[template(path = "admin_members.html")]
struct MembersView {
    shell: Shell,
    action: String,
    ending: String,
    fields: Vec<Field>,
    summary: Html,
    members: Vec<(Uuid, String)>,
    end_fields: Vec<Field>,
}

/// The pairs of a form; a name may come several times.
type Typed = Vec<(String, String)>;

fn value<'a>(typed: &'a Typed, name: &str) -> &'a str {
    typed.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).unwrap_or_default()
}

fn members_view(ctx: &Context, atlas: &Atlas, code: &str, typed: &Typed, error: Option<&AppError>, ending: bool) -> Result<Response, AppError> {
    let (l, today) = (ctx.lang, ctx.today());
    let group = atlas.groups().iter().find(|g| g.code == code).ok_or_else(|| crate::pages::group_unknown(code))?;
    let name = l.t(&group.name_vi, &group.name_en).to_owned();
    let typed_in = |field: &str| value(typed, field).to_owned();
    let day = |text: String| if text.is_empty() { today.to_string() } else { text };
    let basis = |field: &str| {
        Field::new(field, l.t("Căn cứ pháp lý", "Legal basis"))
            .value(typed_in(field))
            .hint(l.t("Số và ngày văn bản", "Number and date of the document"))
            .required()
    };
    let mut fields = vec![
        Field::new("units", l.t("Đơn vị thêm vào", "Units to add"))
            .kind(Kind::Lines(6))
            .value(typed_in("units"))
            .hint(l.t("Mỗi dòng một đơn vị: mã, hoặc tên kèm tỉnh", "One per line: code, or name with province"))
            .required(),
        Field::new("from", l.t("Từ ngày", "From")).kind(Kind::Date).value(day(typed_in("from"))).required(),
        basis("basis"),
    ];
    let mut end_fields = vec![Field::new("last", l.t("Ngày cuối", "Last day")).kind(Kind::Date).value(day(typed_in("last"))).required(), basis("by")];
    let mut shell = ctx
        .shell(name.clone())
        .noindex()
        .crumb(l.t("Địa bàn", "Places"), "/places")
        .crumb(name, format!("/places/groups/{code}"))
        .here(l.t("Thành viên", "Members"));
    shell.path = format!("/admin/groups/{code}/members");
    if let Some(error) = error {
        place_error(&mut shell, if ending { &mut end_fields } else { &mut fields }, error);
    }
    let summary = error_summary(l, if ending { &end_fields } else { &fields });
    let mut members: Vec<(Uuid, String)> =
        group.members.iter().filter(|m| m.to.is_none()).map(|m| (m.unit, atlas.placed_name(m.unit, today.max(m.from)))).collect();
    members.sort_by_cached_key(|m| lang::sort_key(&m.1));
    Ok(page(&MembersView { action: shell.path.clone(), ending: format!("/admin/groups/{code}/end"), fields, summary, members, end_fields, shell }))
}

/// `GET /admin/groups/{code}/members`
pub(in crate::pages) async fn members(State(places): State<Places>, ctx: Context, Path(code): Path<String>) -> Result<Response, AppError> {
    members_view(&ctx, &*places.current().await, &code, &Vec::new(), None, false)
}

async fn answer(places: &Places, ctx: &Context, code: &str, typed: &Typed, ending: bool, outcome: Result<(), AppError>) -> Result<Response, AppError> {
    match outcome {
        Ok(()) => Ok(see_other(format!("/places/groups/{code}"))),
        Err(error) if belongs_in_form(&error) => Ok(with_status(members_view(ctx, &*places.current().await, code, typed, Some(&error), ending)?, error.status)),
        Err(error) => Err(error),
    }
}

/// `POST /admin/groups/{code}/members`
pub(in crate::pages) async fn add_members(
    State(places): State<Places>,
    ctx: Context,
    Path(code): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, AppError> {
    let atlas = places.current().await;
    let outcome = async {
        let from = read_date(value(&typed, "from"), "from")?;
        let lines = value(&typed, "units").lines().map(lang::clean).filter(|l| !l.is_empty()).take(4_000);
        let units = lines.map(|line| unit_of(&atlas, &line, from, "units")).collect::<Result<Vec<_>, _>>()?;
        places.add_members(&ctx, &code, &units, from, value(&typed, "basis")).await
    };
    let outcome = outcome.await;
    answer(&places, &ctx, &code, &typed, false, outcome).await
}

/// `POST /admin/groups/{code}/end`
pub(in crate::pages) async fn end_members(
    State(places): State<Places>,
    ctx: Context,
    Path(code): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, AppError> {
    let outcome = async {
        let last = read_date(value(&typed, "last"), "last")?;
        let units: Vec<Uuid> = typed.iter().filter(|(n, _)| n == "unit").filter_map(|(_, v)| v.parse().ok()).collect();
        places.end_members(&ctx, &code, &units, last, value(&typed, "by")).await
    };
    // The second form has names of its own, for ids are unique in a page.
    let outcome = outcome.await.map_err(|e: AppError| if e.at.as_deref() == Some("basis") { e.at("by") } else { e });
    answer(&places, &ctx, &code, &typed, true, outcome).await
}
