//! `/api/v1/reports`: which reports there are and what was issued of them, without their content.

use super::service::Report;
use crate::Programme;
use crate::task::place;
use access::{Context, Need, Routes};
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde::Serialize;
use ui::AppError;
use ui::api::{Cursor, List, Query, Reply};
use utoipa::ToSchema;
use uuid::Uuid;

/// Items of a page: usual and most.
const LIMIT: (usize, usize) = (100, 1_000);

pub(crate) fn routes() -> Routes<Programme> {
    Routes::new().get("/api/v1/reports", Need::SignedIn, list)
}

/// A report; its newest issued version where there is one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReportItem {
    /// Id.
    pub id: Uuid,
    /// Code of its outline.
    pub template: String,
    /// Whether the outline is a form that an authority issued.
    pub official: bool,
    /// The unit that reports.
    pub unit: Uuid,
    /// Its name.
    pub unit_name: String,
    /// Period.
    pub period: String,
    /// Versions issued; 0 for a draft.
    pub versions: usize,
    /// Number and symbol of the newest; null for a draft.
    pub number: Option<String>,
    /// Its day.
    #[schema(format = Date)]
    pub issued_on: Option<String>,
    /// Who issued it.
    pub issued_by: Option<String>,
    /// SHA-256 of the frozen words and figures.
    pub sha256: Option<String>,
    /// SHA-256 of the Word file.
    pub docx_sha256: Option<String>,
    /// Made up for a demonstration.
    pub synthetic: bool,
}

const COLUMNS: [&str; 13] =
    ["id", "template", "official", "unit", "unit_name", "period", "versions", "number", "issued_on", "issued_by", "sha256", "docx_sha256", "synthetic"];

pub(crate) fn item(p: &Programme, ctx: &Context, r: &Report) -> ReportItem {
    let last = r.issues.last();
    ReportItem {
        id: r.id,
        template: r.template.code.clone(),
        official: r.template.official,
        unit: r.unit,
        unit_name: p.atlas().full_name(r.unit, ctx.today()),
        period: r.period.to_string(),
        versions: r.issues.len(),
        number: last.map(|i| format!("{}/{}", i.number, i.symbol)),
        issued_on: last.map(|i| i.issued_on.clone()),
        issued_by: last.map(|i| i.who_name.clone()),
        sha256: last.map(|i| i.sha256.clone()),
        docx_sha256: last.map(|i| i.docx_sha256.clone()),
        synthetic: r.synthetic,
    }
}

/// `{"items": […], "total": n, "next": cursor or null}`
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes ui::api::List for the documentation")]
pub(crate) struct ReportList {
    items: Vec<ReportItem>,
    total: u64,
    next: Option<String>,
}

/// Reports under a unit that the caller may see, in the order of their ids.
#[utoipa::path(get, path = "/api/v1/reports", operation_id = "listReports", tag = "programme",
    params(
        ("unit" = Option<String>, Query, description = "Id, official code or name of a unit: its reports and those below. The caller's own unit when nothing is said."),
        ("limit" = Option<usize>, Query, description = "1 to 1,000; 100 when nothing is said."),
        ("next" = Option<String>, Query, description = "Cursor of the page before."),
        ("format" = Option<String>, Query, description = "`json` or `csv`.")
    ),
    responses((status = 200, description = "Reports.", body = ReportList), (status = 400, description = "unknown_parameter, parameter_invalid, cursor_invalid"), (status = 401, description = "sign_in_required"), (status = 404, description = "unknown_unit")),
    security(("token" = [])))]
pub(crate) async fn list(State(p): State<Programme>, ctx: Context, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    ctx.require_signed_in()?;
    let query = Query::read(&uri, &["unit", "limit", "next", "format"])?;
    let unit = place(&p, &ctx, query.one("unit")?)?;
    let mut all = p.reports(&ctx, unit).await?;
    all.sort_by_key(|r| r.id);
    let limit = query.number("limit", 1..=LIMIT.1)?.unwrap_or(LIMIT.0);
    let question = query.question();
    let total = all.len();
    let after = match query.one("next")? {
        Some(text) => {
            let cursor = Cursor::open(text, &question)?;
            let [id] = cursor.parts::<1>().ok_or_else(Cursor::invalid)?;
            Some(id.parse::<Uuid>().map_err(|_| Cursor::invalid())?)
        }
        None => None,
    };
    let mut rest = all.iter().filter(|r| after.is_none_or(|after| r.id > after));
    let items: Vec<ReportItem> = rest.by_ref().take(limit).map(|r| item(&p, &ctx, r)).collect();
    let next = rest.next().and_then(|_| items.last()).map(|last| Cursor::new([last.id.to_string()]).seal(&question));
    Reply { query: &query, headers: &headers, public: false }.list(&List { items, total, next }, &COLUMNS, None)
}
