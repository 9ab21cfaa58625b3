use super::{as_of, paged, reply};
use crate::model::GroupKind;
use crate::{Level, Places};
use access::Context;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use jiff::civil::Date;
use serde::Serialize;
use ui::AppError;
use ui::api::Query;
use utoipa::ToSchema;
use uuid::Uuid;

/// A group of units or a mark that units bear.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GroupItem {
    /// Id; usable as `unit` or `under` where figures are asked for.
    pub id: Uuid,
    /// Short stable code.
    pub code: String,
    /// Kind.
    pub kind: GroupKind,
    /// Vietnamese name.
    pub name_vi: String,
    /// English name.
    pub name_en: String,
    /// Document that makes the group; null where it is not known.
    pub legal_basis: Option<String>,
    /// Members on the day asked for.
    pub members: usize,
}

/// A unit's membership.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MemberItem {
    /// The unit.
    pub unit: Uuid,
    /// Official code that day.
    pub code: Option<String>,
    /// Name with kind.
    pub full_name: String,
    /// Level.
    pub level: Level,
    /// First day of membership.
    #[schema(value_type = String, format = Date)]
    pub valid_from: Date,
    /// First day after it; null while it lasts.
    #[schema(value_type = Option<String>, format = Date)]
    pub valid_to: Option<Date>,
    /// Document.
    pub legal_basis: String,
}

/// `{"items": […], "total": n, "next": cursor or null}`
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes ui::api::List for the documentation")]
pub(super) struct GroupList {
    items: Vec<GroupItem>,
    total: u64,
    next: Option<String>,
}

/// `{"items": […], "total": n, "next": cursor or null}`
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes ui::api::List for the documentation")]
pub(super) struct MemberList {
    items: Vec<MemberItem>,
    total: u64,
    next: Option<String>,
}

/// Groups: regions, commune groups, pilots, marks.
#[utoipa::path(get, path = "/api/v1/groups", tag = "places", params(
    ("as_of" = Option<String>, Query, description = "Day for the number of members; today when absent"),
    ("kind" = Option<GroupKind>, Query, description = "Kind"),
    ("limit" = Option<u32>, Query, description = "Items of a page"), ("next" = Option<String>, Query, description = "Cursor"),
    ("format" = Option<String>, Query, description = "json or csv"),
), responses((status = 200, body = GroupList), (status = 304, description = "Unchanged"), (status = 400, description = "parameter_invalid")))]
pub(super) async fn list(State(places): State<Places>, ctx: Context, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = Query::read(&uri, &["as_of", "kind", "limit", "next", "format"])?;
    let atlas = places.current().await;
    let on = as_of(&query, &ctx)?;
    let kind = query.word("kind", &GroupKind::ALL.map(GroupKind::word), GroupKind::from_word)?;
    let found = atlas.groups().iter().filter(|g| kind.is_none_or(|k| g.kind == k)).map(|g| GroupItem {
        id: g.id,
        code: g.code.clone(),
        kind: g.kind,
        name_vi: g.name_vi.clone(),
        name_en: g.name_en.clone(),
        legal_basis: (!g.legal_basis.is_empty()).then(|| g.legal_basis.clone()),
        members: g.members.iter().filter(|m| m.holds(on)).count(),
    });
    let mut found: Vec<GroupItem> = found.collect();
    found.sort_by(|a, b| a.code.cmp(&b.code));
    let page = paged(&query, found, |g| [g.code.clone()])?;
    reply(&query, &headers, &ctx).list(&page, &["id", "code", "kind", "name_vi", "name_en", "legal_basis", "members"], None)
}

/// Members of a group on a day.
#[utoipa::path(get, path = "/api/v1/groups/{code}/members", tag = "places", params(
    ("code" = String, Path, description = "Code of the group"),
    ("as_of" = Option<String>, Query, description = "Day; today when absent"),
    ("limit" = Option<u32>, Query, description = "Items of a page"), ("next" = Option<String>, Query, description = "Cursor"),
    ("format" = Option<String>, Query, description = "json or csv"),
), responses((status = 200, body = MemberList), (status = 304, description = "Unchanged"), (status = 404, description = "unknown_group")))]
pub(super) async fn members(State(places): State<Places>, ctx: Context, Path(code): Path<String>, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = Query::read(&uri, &["as_of", "limit", "next", "format"])?;
    let atlas = places.current().await;
    let on = as_of(&query, &ctx)?;
    let group = atlas.groups().iter().find(|g| g.code == code).ok_or_else(|| crate::pages::group_unknown(&code))?;
    let found = group.members.iter().filter(|m| m.holds(on)).filter_map(|m| {
        let unit = atlas.unit(m.unit)?;
        let version = unit.near(on)?;
        Some(MemberItem {
            unit: m.unit,
            code: version.code.as_deref().map(str::to_owned),
            full_name: version.full_name.to_string(),
            level: unit.level,
            valid_from: m.from,
            valid_to: m.to,
            legal_basis: m.legal_basis.to_string(),
        })
    });
    let key = |m: &MemberItem| [m.code.clone().unwrap_or_default(), m.unit.to_string()];
    let mut found: Vec<MemberItem> = found.collect();
    found.sort_by_cached_key(key);
    let page = paged(&query, found, key)?;
    reply(&query, &headers, &ctx).list(&page, &["unit", "code", "full_name", "level", "valid_from", "valid_to", "legal_basis"], None)
}
