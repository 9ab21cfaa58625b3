//! `/api/v1` of registers, dossiers and the share: what other systems read, and the counts that they bring.

use super::{Dossier, Stage, State};
use crate::Casework;
use crate::register::{Between, Document, NewDocument};
use crate::share::NewCount;
use access::{Context, Need, Role, Routes};
use axum::Json;
use axum::extract::{Path, State as App};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse as _, Response};
use calendar::Period;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use ui::AppError;
use ui::api::{Cursor, List, Query, Reply};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

type Answer = Result<Response, AppError>;

pub(crate) fn routes() -> Routes<Casework> {
    let inside = Need::Role(Role::Viewer);
    Routes::new()
        .get("/api/v1/dossiers", inside, dossiers)
        .get("/api/v1/dossiers/share", inside, share)
        .post("/api/v1/dossiers/counts", inside, count)
        .get("/api/v1/dossiers/{office}/{dossier}", inside, dossier)
        .get("/api/v1/documents-registers", inside, documents)
        .post("/api/v1/documents-registers", inside, register)
}

#[derive(OpenApi)]
#[openapi(
    paths(dossiers, dossier, share, count, documents, register),
    components(schemas(DossierItem, DossierEvent, DossierWhole, ShareItem, NewCountBody, DocumentItem, NewDocumentBody))
)]
struct Api;

/// The description of these operations, to be merged with those of others.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// A work dossier.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DossierItem {
    /// Id.
    pub id: Uuid,
    /// Office that keeps it.
    pub office: Uuid,
    /// Place of the office.
    pub unit: Uuid,
    /// Year of the dossier list.
    pub year: i64,
    /// Number and symbol.
    pub code: String,
    /// Title.
    pub title: String,
    /// How long it is kept; null while not known.
    pub retention: Option<String>,
    /// `open`, `closed`, `archived`.
    pub state: &'static str,
    /// What has to be done: `assign`, `work`, `sign`, `issue`, `close`, `done`.
    pub stage: &'static str,
    /// Who has to do it.
    pub holder: Option<String>,
    /// Day by which it is to be closed.
    pub due: Option<String>,
    /// Day it was opened.
    pub opened_on: String,
    /// Day it was closed.
    pub closed_on: Option<String>,
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn item(d: &Dossier) -> DossierItem {
    DossierItem {
        id: d.id,
        office: d.office,
        unit: d.unit,
        year: d.year,
        code: d.code.clone(),
        title: d.title.clone(),
        retention: some(&d.retention),
        state: match d.state {
            State::Open => "open",
            State::Closed => "closed",
            State::Archived => "archived",
        },
        stage: Stage::from_word(&d.stage).word(),
        holder: some(&d.holder_name),
        due: d.deadline().map(|d| d.to_string()),
        opened_on: d.opened_on.clone(),
        closed_on: some(&d.closed_on),
    }
}

/// Something that happened to a dossier.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DossierEvent {
    /// Position, from 1.
    pub seq: i64,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// Step, such as `assign`, `sign`, `issue`.
    pub step: &'static str,
    /// Whether it was done on the platform; otherwise on paper or in another system.
    pub on_platform: bool,
    /// Who.
    pub who: String,
    /// To whom.
    pub to: Option<String>,
    /// A word to it.
    pub note: Option<String>,
}

/// A work dossier with its events and what breaks it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DossierWhole {
    /// The dossier.
    #[serde(flatten)]
    pub dossier: DossierItem,
    /// Its events, in order.
    pub events: Vec<DossierEvent>,
    /// Why it does not count as handled on the network; null when it counts.
    pub broken: Option<String>,
}

fn office_id(query: &Query) -> Result<Option<&str>, AppError> {
    query.one("office")
}

fn day(query: &Query, name: &'static str) -> Result<Option<Date>, AppError> {
    query
        .one(name)?
        .map(|text| {
            text.parse().map_err(|_| {
                AppError::new("parameter_invalid", 400)
                    .say("Ngày chưa đúng.", "The date is not right.")
                    .mend("Viết dạng 2026-06-30.", "Write it as 2026-06-30.")
                    .at(name)
            })
        })
        .transpose()
}

/// Work dossiers of an office, by deadline. Only for those who work there.
#[utoipa::path(get, path = "/api/v1/dossiers", tag = "dossiers", params(
    ("office" = Option<String>, Query, description = "Office: id of the place, or of the organisation with a register of its own"),
    ("state" = Option<String>, Query, description = "open, closed or archived"),
    ("limit" = Option<u32>, Query, description = "Items of a page"), ("next" = Option<String>, Query, description = "Cursor"),
    ("format" = Option<String>, Query, description = "json or csv"),
), responses((status = 200, body = Vec<DossierItem>), (status = 404, description = "unknown_office")), extensions(("x-vi" = json!({"summary": "Hồ sơ công việc của một cơ quan", "description": "Theo hạn giải quyết; chỉ cho người làm việc ở cơ quan đó."}))))]
pub(super) async fn dossiers(App(work): App<Casework>, ctx: Context, uri: Uri, headers: HeaderMap) -> Answer {
    let query = Query::read(&uri, &["office", "state", "limit", "next", "format"])?;
    let (office, _) = work.chosen(&ctx, office_id(&query)?).await?;
    let state = query.word("state", &["open", "closed", "archived"], |w| {
        Some(match w {
            "closed" => State::Closed,
            "archived" => State::Archived,
            _ => State::Open,
        })
    })?;
    let limit = query.number("limit", 1..=1_000)?.unwrap_or(100);
    let question = query.question();
    let after = match query.one("next")? {
        Some(text) => {
            let [due, id] = Cursor::open(text, &question)?.parts::<2>().cloned().ok_or_else(Cursor::invalid)?;
            Some((due, id.parse().map_err(|_| Cursor::invalid())?))
        }
        None => None,
    };
    let (found, more) = work.dossiers(&ctx, &office, state.unwrap_or(State::Open), after, i64::try_from(limit).unwrap_or(100)).await?;
    let next = found.last().filter(|_| more).map(|d| Cursor::new([d.due.clone(), d.id.to_string()]).seal(&question));
    let total = found.len();
    let list = List { items: found.iter().map(item).collect(), total, next };
    Reply { query: &query, headers: &headers, public: false }.list(
        &list,
        &["code", "title", "state", "stage", "holder", "due", "opened_on", "closed_on", "retention", "id"],
        None,
    )
}

/// One work dossier with its events.
#[utoipa::path(get, path = "/api/v1/dossiers/{office}/{dossier}", tag = "dossiers", params(("office" = String, Path, description = "Office"), ("dossier" = Uuid, Path, description = "Dossier")),
    responses((status = 200, body = DossierWhole), (status = 404, description = "unknown_dossier")), extensions(("x-vi" = json!({"summary": "Một hồ sơ công việc", "description": "Kèm mọi sự kiện và bước làm hỏng, nếu có."}))))]
pub(super) async fn dossier(App(work): App<Casework>, ctx: Context, Path((office, id)): Path<(String, String)>) -> Answer {
    let office = work.desk(&ctx, &office).await?;
    let (dossier, events) = work.dossier(&ctx, &office, crate::document::desk::id_of(&id)?).await?;
    let broken = work.definition_for(office.tenant, &dossier).await?.broken(dossier.trace);
    let events = events.into_iter().map(|e| DossierEvent {
        seq: e.seq,
        at: calendar::from_micros(e.at).map(|at| at.to_string()).unwrap_or_default(),
        step: e.step.word(),
        on_platform: e.how == super::How::System,
        who: e.who_name,
        to: some(&e.to_name),
        note: some(&e.note),
    });
    Ok(Json(DossierWhole { dossier: item(&dossier), events: events.collect(), broken: broken.map(|b| b.label(ctx.lang)) }).into_response())
}

/// The share of a unit in a quarter.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShareItem {
    /// Unit.
    pub unit: Uuid,
    /// Quarter, such as `2026-Q4`.
    pub period: String,
    /// Dossiers handled wholly on the network, here and elsewhere.
    pub n: i64,
    /// Dossiers closed, here and elsewhere, without the secret ones.
    pub of: i64,
    /// Of these counted here from events.
    pub closed_here: i64,
    /// Secret dossiers, left out.
    pub secret: i64,
    /// The definition in words.
    pub definition: String,
    /// Its version; 0 is the platform's own.
    pub definition_version: i64,
}

/// The share of dossiers handled on the network, counted now.
#[utoipa::path(get, path = "/api/v1/dossiers/share", tag = "dossiers", params(("unit" = Uuid, Query, description = "Unit"), ("period" = Option<String>, Query, description = "Quarter; the running one when absent")),
    responses((status = 200, body = ShareItem), (status = 404, description = "unknown_office, unknown_measure")), extensions(("x-vi" = json!({"summary": "Tỷ lệ hồ sơ xử lý trên mạng", "description": "Đếm lại ngay từ sự kiện."}))))]
pub(super) async fn share(App(work): App<Casework>, ctx: Context, uri: Uri, headers: HeaderMap) -> Answer {
    let query = Query::read(&uri, &["unit", "period"])?;
    let unit = crate::document::desk::id_of(query.need("unit")?)?;
    let (known, now) = work.share_measure(unit, ctx.today()).ok_or_else(crate::share::no_measure)?;
    let period = quarter(query.one("period")?, now)?;
    let share = work.share(&ctx, unit, known.window(period).0).await?;
    let item = ShareItem {
        unit,
        period: period.to_string(),
        n: share.n(),
        of: share.of(),
        closed_here: share.closed,
        secret: share.secret(),
        definition: share.definition.said(ctx.lang),
        definition_version: share.definition.version,
    };
    Reply { query: &query, headers: &headers, public: false }.one(&item)
}

fn quarter(text: Option<&str>, now: Period) -> Result<Period, AppError> {
    let Some(text) = text else { return Ok(now) };
    text.parse::<Period>().ok().filter(|p| p.kind() == now.kind()).ok_or_else(|| {
        AppError::new("parameter_invalid", 400).say("Kỳ chưa đúng.", "The period is not right.").mend("Viết dạng 2026-Q3.", "Write it as 2026-Q3.").at("period")
    })
}

/// What an office that works elsewhere counted.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCountBody {
    /// Office.
    pub office: Uuid,
    /// Quarter, such as `2026-Q4`.
    pub period: String,
    /// Name of the system that counted.
    pub system: String,
    /// Dossiers closed there, without the secret ones.
    pub closed: i64,
    /// Of these wholly on the network.
    pub network: i64,
    /// Secret dossiers: the number only.
    #[serde(default)]
    pub secret: i64,
}

/// Brings the counts of an office that works in another system. The same office, period and system again replaces them.
#[utoipa::path(post, path = "/api/v1/dossiers/counts", tag = "dossiers", request_body = NewCountBody,
    responses((status = 204, description = "Taken"), (status = 403, description = "hat_required"), (status = 422, description = "count_invalid")), extensions(("x-vi" = json!({"summary": "Gửi số đếm từ hệ thống khác", "description": "Cùng cơ quan, kỳ và hệ thống thì thay số cũ."}))))]
pub(super) async fn count(App(work): App<Casework>, ctx: Context, Json(body): Json<NewCountBody>) -> Answer {
    let office = work.desk(&ctx, &body.office.to_string()).await?;
    let now = work.share_measure(office.unit, ctx.today()).ok_or_else(crate::share::no_measure)?.1;
    let period = quarter(Some(&body.period), now)?;
    let new = NewCount { system: body.system, closed: body.closed, network: body.network, secret: body.secret };
    work.save_count(&ctx, &office, period, &new, "api").await?;
    Ok(axum::http::StatusCode::NO_CONTENT.into_response())
}

/// A registered document.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DocumentItem {
    /// Id.
    pub id: Uuid,
    /// Office whose register it stands in.
    pub office: Uuid,
    /// `in` or `out`.
    pub book: &'static str,
    /// Number in the register.
    pub number: i64,
    /// Number and symbol on it.
    pub symbol: String,
    /// Date on it.
    pub dated: String,
    /// Day it came or was issued.
    pub day: String,
    /// Code of the kind, such as `bao_cao`.
    pub kind: String,
    /// What it is about.
    pub title: String,
    /// Sender, or recipients.
    pub party: String,
    /// Who signed it.
    pub signer: String,
    /// 0 normal, 1 urgent, 2 very urgent, 3 express.
    pub urgency: i64,
    /// `system`, `delivery` or `import:` and the name of the other system.
    pub source: String,
    /// Its dossier.
    pub dossier: Option<Uuid>,
}

fn document_item(d: &Document) -> DocumentItem {
    DocumentItem {
        id: d.id,
        office: d.office,
        book: if d.out { "out" } else { "in" },
        number: d.number,
        symbol: d.symbol.clone(),
        dated: d.dated.clone(),
        day: d.day.clone(),
        kind: d.kind.clone(),
        title: d.title.clone(),
        party: d.party.clone(),
        signer: d.signer.clone(),
        urgency: d.urgency,
        source: d.source.clone(),
        dossier: d.dossier,
    }
}

/// A register between two days, the newest first.
#[utoipa::path(get, path = "/api/v1/documents-registers", tag = "dossiers", params(
    ("office" = Option<String>, Query, description = "Office"), ("book" = Option<String>, Query, description = "in or out"),
    ("from" = Option<String>, Query, description = "First day"), ("to" = Option<String>, Query, description = "Last day"),
    ("limit" = Option<u32>, Query, description = "Items of a page"), ("next" = Option<String>, Query, description = "Cursor"), ("format" = Option<String>, Query, description = "json or csv"),
), responses((status = 200, body = Vec<DocumentItem>), (status = 404, description = "unknown_office")), extensions(("x-vi" = json!({"summary": "Sổ đăng ký văn bản", "description": "Văn bản đến hoặc đi giữa hai ngày, mới nhất trước."}))))]
pub(super) async fn documents(App(work): App<Casework>, ctx: Context, uri: Uri, headers: HeaderMap) -> Answer {
    let query = Query::read(&uri, &["office", "book", "from", "to", "limit", "next", "format"])?;
    let (office, _) = work.chosen(&ctx, office_id(&query)?).await?;
    let out = query.word("book", &["in", "out"], |w| Some(w == "out"))?.unwrap_or(false);
    let (from, to) = (day(&query, "from")?.unwrap_or(ctx.today().first_of_year()), day(&query, "to")?.unwrap_or(ctx.today()));
    let limit = query.number("limit", 1..=1_000)?.unwrap_or(100);
    let question = query.question();
    let before = match query.one("next")? {
        Some(text) => {
            let [id] = Cursor::open(text, &question)?.parts::<1>().cloned().ok_or_else(Cursor::invalid)?;
            Some(id.parse().map_err(|_| Cursor::invalid())?)
        }
        None => None,
    };
    let (found, more) = work.documents(&ctx, &office, &Between { out, from, to, before, limit: i64::try_from(limit).unwrap_or(100) }).await?;
    let next = found.last().filter(|_| more).map(|d| Cursor::new([d.id.to_string()]).seal(&question));
    let total = found.len();
    let list = List { items: found.iter().map(document_item).collect(), total, next };
    Reply { query: &query, headers: &headers, public: false }.list(
        &list,
        &["number", "symbol", "dated", "day", "kind", "title", "party", "signer", "urgency", "source", "id"],
        None,
    )
}

/// A document that came in.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDocumentBody {
    /// Office.
    pub office: Uuid,
    /// Code of the kind.
    pub kind: String,
    /// Number and symbol on it.
    pub symbol: String,
    /// Date on it, ISO.
    #[schema(value_type = String, format = Date)]
    pub dated: Date,
    /// What it is about.
    pub title: String,
    /// Sender.
    pub party: String,
    /// Who signed it.
    #[serde(default)]
    pub signer: String,
    /// 0 normal, 1 urgent, 2 very urgent, 3 express.
    #[serde(default)]
    pub urgency: i64,
}

/// Registers a document that came in; it takes the next number of the year.
#[utoipa::path(post, path = "/api/v1/documents-registers", tag = "dossiers", request_body = NewDocumentBody,
    responses((status = 201, body = DocumentItem), (status = 403, description = "hat_required"), (status = 409, description = "registered_before"), (status = 422, description = "field_missing, secret_refused")), extensions(("x-vi" = json!({"summary": "Vào sổ văn bản đến", "description": "Lấy số đến tiếp theo của năm."}))))]
pub(super) async fn register(App(work): App<Casework>, ctx: Context, Json(body): Json<NewDocumentBody>) -> Answer {
    let office = work.desk(&ctx, &body.office.to_string()).await?;
    let new = NewDocument {
        kind: body.kind,
        symbol: body.symbol,
        dated: Some(body.dated),
        title: body.title,
        party: body.party,
        signer: body.signer,
        urgency: body.urgency,
        ..NewDocument::default()
    };
    let document = work.register(&ctx, &office, new, Vec::new()).await?;
    Ok((axum::http::StatusCode::CREATED, Json(document_item(&document))).into_response())
}
