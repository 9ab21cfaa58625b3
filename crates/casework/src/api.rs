//! `/api/v1` of casework: deadlines that explain themselves, procedures, cases, certificates.

use crate::Casework;
use crate::case::{CaseRow, Fields, InboxAsk, Scope};
use access::{Context, Need, Routes, Who};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use calendar::{Ask, CountRule, Measure};
use jiff::civil::{Date, DateTime, Time};
use serde::{Deserialize, Serialize};
use ui::AppError;
use ui::api::{Cursor, List, Query, Reply};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;
use work::{CaseAct, NewCase};

/// Routes of casework for programs.
pub fn routes() -> Routes<Casework> {
    Routes::new()
        .get("/api/v1/calendar/due", Need::Public, due)
        .get("/api/v1/procedures", Need::Public, procedures)
        .get("/api/v1/procedures/{code}", Need::Public, procedure)
        .get("/api/v1/cases", Need::SignedIn, cases)
        .post("/api/v1/cases", Need::SignedIn, open)
        .get("/api/v1/cases/{case}", Need::SignedIn, case)
        .post("/api/v1/cases/{case}/actions", Need::SignedIn, act)
        .get("/api/v1/certificates/keys", Need::Public, keys)
        .get("/api/v1/certificates/revoked", Need::Public, revoked)
        .merge(crate::dossier::api::routes())
}

#[derive(OpenApi)]
#[openapi(
    paths(due, procedures, procedure, cases, open, case, act, keys, revoked),
    components(schemas(DueRow, DueAnswer, ProcedureItem, ProcedureText, CaseItem, CaseAnswer, EventItem, OpenBody, ActBody))
)]
struct Api;

/// The description of these operations, to be merged with those of others.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// A line of the table of a deadline.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DueRow {
    /// The day.
    #[schema(value_type = String)]
    pub day: Date,
    /// The stretch of it, `07:30-11:30`; null where whole days are counted.
    pub hours: Option<String>,
    /// Whether it counts.
    pub counts: bool,
    /// Counted up to and with it: days, or minutes for hours.
    pub so_far: u32,
    /// Stable word of the reason.
    pub why: &'static str,
    /// In Vietnamese.
    pub why_vi: String,
    /// In English.
    pub why_en: String,
}

/// A deadline with its table.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DueAnswer {
    /// The last moment, in Vietnam.
    #[schema(value_type = Option<String>)]
    pub due: Option<DateTime>,
    /// The last day.
    #[schema(value_type = Option<String>)]
    pub day: Option<Date>,
    /// Counted: days, or minutes for hours.
    pub counted: u32,
    /// Every day or stretch.
    pub rows: Vec<DueRow>,
}

fn reply<'a>(query: &'a Query, headers: &'a HeaderMap, ctx: &Context) -> Reply<'a> {
    Reply { query, headers, public: ctx.who == Who::Public }
}

/// A deadline, with every day that counts or not, and why.
#[utoipa::path(get, path = "/api/v1/calendar/due", tag = "calendar", params(("from" = String, Query, description = "Day or moment of receipt: 2024-04-26, 2024-04-26T15:30"), ("days" = Option<u32>, Query, description = "Working days"), ("hours" = Option<u32>, Query, description = "Working hours; either these or days"), ("all" = Option<bool>, Query, description = "Count all days, not only working days"), ("unit" = Option<String>, Query, description = "Id or code of a unit, for the calendar of its province")), responses((status = 200, body = DueAnswer), (status = 422, description = "The calendar or the office hours of a day are not known")), extensions(("x-vi" = json!({"summary": "Tính hạn, từng ngày", "description": "Mỗi ngày được tính hay không và vì sao."}))))]
async fn due(State(casework): State<Casework>, ctx: Context, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = Query::read(&uri, &["from", "days", "hours", "unit", "all"])?;
    let bad = |name: &'static str, vi: &str, en: &str| AppError::new("parameter_invalid", 400).say(vi, en).at(name);
    let from = query.need("from")?;
    let start = from
        .parse::<DateTime>()
        .or_else(|_| from.parse::<Date>().map(|d| d.to_datetime(Time::constant(8, 0, 0, 0))))
        .map_err(|_| bad("from", "Viết dạng 2024-04-26 hoặc 2024-04-26T15:30.", "Write 2024-04-26 or 2024-04-26T15:30."))?;
    let all = query.word("all", &["true", "false"], |w| w.parse::<bool>().ok())?.unwrap_or(false);
    let (amount, measure) = match (query.number("days", 0..=1_000)?, query.number("hours", 0..=8_000)?) {
        (Some(days), None) => (days, if all { Measure::Days } else { Measure::WorkingDays }),
        (None, Some(hours)) => (hours, Measure::WorkingHours),
        _ => return Err(bad("days", "Cần một trong hai: days hoặc hours.", "Give either days or hours.")),
    };
    let atlas = casework.places().atlas();
    let unit = match query.one("unit")? {
        Some(text) => {
            let found = text.parse::<Uuid>().ok().filter(|id| atlas.unit(*id).is_some()).or_else(|| atlas.coded(text, None, ctx.today()));
            found.ok_or_else(crate::case::unknown_unit)?
        }
        None => atlas.nation().unwrap_or_default(),
    };
    let rule = CountRule::default();
    let ask = Ask { start, amount: u32::try_from(amount).unwrap_or(u32::MAX), measure, rule: &rule, pauses: &[], extensions: &[] };
    let found = casework.calendar_of(unit, ctx.today()).due(&ask).map_err(|error| {
        AppError::new(error.code(), 422).say(error.vi(), error.to_string()).mend("Nhập lịch ở /admin/calendar.", "Enter the calendar at /admin/calendar.")
    })?;
    let answer = DueAnswer {
        due: found.due,
        day: found.day(),
        counted: found.counted,
        rows: found
            .rows
            .iter()
            .map(|r| DueRow {
                day: r.day,
                hours: r.hours.map(|(from, to)| format!("{}-{}", from.strftime("%H:%M"), to.strftime("%H:%M"))),
                counts: r.counts,
                so_far: r.so_far,
                why: r.why.code(),
                why_vi: r.why.vi(),
                why_en: r.why.en(),
            })
            .collect(),
    };
    reply(&query, &headers, &ctx).one(&answer)
}

/// A procedure in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ProcedureItem {
    code: String,
    version: i64,
    title_vi: String,
    title_en: String,
    level: String,
    document: String,
}

/// The procedures in force.
#[utoipa::path(get, path = "/api/v1/procedures", tag = "procedures", responses((status = 200, body = Vec<ProcedureItem>)), extensions(("x-vi" = json!({"summary": "Quy trình đang có hiệu lực", "description": "Mã, bản, tên, cấp, văn bản."}))))]
async fn procedures(State(casework): State<Casework>, ctx: Context, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = Query::read(&uri, &["format"])?;
    let library = casework.library();
    let items: Vec<ProcedureItem> = library
        .codes()
        .filter_map(|code| library.published(code))
        .map(|v| ProcedureItem {
            code: v.procedure.code.clone(),
            version: v.number,
            title_vi: v.procedure.title_vi.clone(),
            title_en: v.procedure.title_en.clone(),
            level: v.procedure.level.clone(),
            document: v.procedure.document.clone(),
        })
        .collect();
    let list = List { total: items.len(), items, next: None };
    reply(&query, &headers, &ctx).list(&list, &["code", "version", "title_vi", "title_en", "level", "document"], None)
}

/// A procedure with its text.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ProcedureText {
    code: String,
    version: i64,
    text: String,
}

/// The text of a procedure: the version in force, or a published one.
#[utoipa::path(get, path = "/api/v1/procedures/{code}", tag = "procedures", params(("code" = String, Path, description = "Code"), ("version" = Option<i64>, Query, description = "Number of a published version; the one in force when absent")), responses((status = 200, body = ProcedureText), (status = 404, description = "unknown_procedure")), extensions(("x-vi" = json!({"summary": "Một quy trình", "description": "Nguyên văn TOML của bản đang có hiệu lực hoặc của một bản đã ban hành."}))))]
async fn procedure(State(casework): State<Casework>, ctx: Context, Path(code): Path<String>, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = Query::read(&uri, &["version"])?;
    let library = casework.library();
    let found = match query.number("version", 1..=1_000_000)? {
        Some(number) => library.version(&code, i64::try_from(number).unwrap_or(0)).filter(|v| v.state != "draft"),
        None => library.published(&code),
    };
    let version = found.ok_or_else(crate::case::unknown_procedure)?;
    reply(&query, &headers, &ctx).one(&ProcedureText { code, version: version.number, text: version.text.clone() })
}

/// A case.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseItem {
    /// Id.
    pub id: Uuid,
    /// Code of the procedure.
    pub procedure: String,
    /// Its version.
    pub version: i64,
    /// The unit it is about.
    pub unit: Uuid,
    /// Title.
    pub title: String,
    /// State.
    pub state: String,
    /// Whether something remains to be done.
    pub open: bool,
    /// Number of the last event; send it back as `seen`.
    pub seq: i64,
    /// The unit that holds it.
    pub holder: Uuid,
    /// The person it is assigned to.
    pub assignee: String,
    /// Next deadline, ISO instant.
    pub due: Option<String>,
    /// When it was opened, ISO instant.
    pub opened_at: String,
}

fn iso(micros: i64) -> String {
    calendar::from_micros(micros).map(|at| at.to_string()).unwrap_or_default()
}

fn item(case: &CaseRow) -> CaseItem {
    CaseItem {
        id: case.id,
        procedure: case.procedure.clone(),
        version: case.version,
        unit: case.unit,
        title: case.title.clone(),
        state: case.state.clone(),
        open: case.open,
        seq: case.seq,
        holder: case.holder_unit,
        assignee: case.assignee.clone(),
        due: case.due.map(iso),
        opened_at: iso(case.opened_at),
    }
}

/// Cases that the caller sees, by deadline.
#[utoipa::path(get, path = "/api/v1/cases", tag = "cases", params(("list" = Option<String>, Query, description = "office (held where the caller works) or mine"), ("unit" = Option<Uuid>, Query, description = "All cases about a unit instead, newest first"), ("limit" = Option<u32>, Query, description = "1 to 200"), ("next" = Option<String>, Query, description = "From the answer before")), responses((status = 200, body = Vec<CaseItem>), (status = 401, description = "sign_in_required")), extensions(("x-vi" = json!({"summary": "Hồ sơ theo quy trình", "description": "Nơi mình đang giữ, của riêng mình, hoặc mọi hồ sơ về một đơn vị."}))))]
async fn cases(State(casework): State<Casework>, ctx: Context, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = Query::read(&uri, &["list", "unit", "limit", "next", "format"])?;
    let scope = match query.one("unit")? {
        Some(text) => Scope::About(text.parse().map_err(|_| crate::case::unknown_unit())?),
        None => query
            .word("list", &["office", "mine"], |w| match w {
                "office" => Some(Scope::Office),
                "mine" => Some(Scope::Mine),
                _ => None,
            })?
            .unwrap_or(Scope::Office),
    };
    let question = query.question();
    let after = match query.one("next")? {
        Some(text) => {
            let cursor = Cursor::open(text, &question)?;
            let [at, id] = cursor.parts::<2>().cloned().ok_or_else(Cursor::invalid)?;
            Some((at.parse().map_err(|_| Cursor::invalid())?, id.parse().map_err(|_| Cursor::invalid())?))
        }
        None => None,
    };
    let most = query.number("limit", 1..=200)?.unwrap_or(50);
    let found = casework.inbox(&ctx, InboxAsk { scope, after, most }).await?;
    let items: Vec<CaseItem> = found.items.iter().map(|i| item(&i.case)).collect();
    let next = found.next.map(|(at, id)| Cursor::new([at.to_string(), id.to_string()]).seal(&question));
    let columns = ["id", "procedure", "version", "unit", "title", "state", "open", "seq", "holder", "assignee", "due", "opened_at"];
    reply(&query, &headers, &ctx).list(&List { total: items.len(), items, next }, &columns, None)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OpenBody {
    id: Uuid,
    procedure: String,
    unit: Uuid,
    title: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    #[schema(value_type = Object)]
    fields: Fields,
}

fn body<T>(read: Result<Json<T>, axum::extract::rejection::JsonRejection>) -> Result<T, AppError> {
    read.map(|Json(body)| body).map_err(|error| {
        let why = error.body_text();
        AppError::new("body_invalid", 400)
            .say(format!("Nội dung gửi không đúng dạng: {why}"), format!("The body is not as described: {why}"))
            .mend("Xem tài liệu API.", "See the documentation of the API.")
    })
}

/// Opens a case; the same id again answers with the case that is there.
#[utoipa::path(post, path = "/api/v1/cases", tag = "cases", request_body = OpenBody, responses((status = 201, body = CaseItem), (status = 403, description = "case_not_yours"), (status = 409, description = "id_taken"), (status = 422, description = "wrong_level, title_missing, field_invalid")), extensions(("x-vi" = json!({"summary": "Mở hồ sơ", "description": "Gửi lại cùng mã thì không mở thêm."}))))]
async fn open(
    State(casework): State<Casework>,
    ctx: Context,
    read: Result<Json<OpenBody>, axum::extract::rejection::JsonRejection>,
) -> Result<Response, AppError> {
    let b = body(read)?;
    let new = NewCase { id: b.id, procedure: b.procedure, unit: b.unit, title: b.title, subject: b.subject, fields: b.fields };
    let opened = casework.open_case(&ctx, new).await?;
    let view = casework.look(&ctx, opened.id).await?;
    Ok((StatusCode::CREATED, Json(item(&view.case))).into_response())
}

#[derive(Serialize, ToSchema)]
struct EventItem {
    seq: i64,
    at: String,
    who: String,
    acting: String,
    kind: String,
    action: String,
    from: String,
    to: String,
    note: String,
}

#[derive(Serialize, ToSchema)]
struct CaseAnswer {
    #[serde(flatten)]
    case: CaseItem,
    #[schema(value_type = Object)]
    fields: Fields,
    actions: Vec<String>,
    events: Vec<EventItem>,
}

/// A case: fields, what the caller may do, what happened.
#[utoipa::path(get, path = "/api/v1/cases/{case}", tag = "cases", params(("case" = Uuid, Path, description = "Case")), responses((status = 200, body = CaseAnswer), (status = 404, description = "unknown_case")), extensions(("x-vi" = json!({"summary": "Một hồ sơ", "description": "Trường, việc làm được, diễn biến."}))))]
async fn case(State(casework): State<Casework>, ctx: Context, Path(id): Path<String>) -> Result<Response, AppError> {
    let id = id.parse().map_err(|_| crate::case::unknown_case())?;
    let view = casework.look(&ctx, id).await?;
    let answer = CaseAnswer {
        case: item(&view.case),
        fields: view.fields.iter().map(|(f, v)| (f.code.clone(), v.clone())).collect(),
        actions: view.offers.iter().map(|o| o.action.code.get_ref().clone()).collect(),
        events: view
            .events
            .iter()
            .map(|t| EventItem {
                seq: t.event.seq,
                at: iso(t.event.at),
                who: t.event.who_name.clone(),
                acting: t.event.acting.clone(),
                kind: t.event.kind.clone(),
                action: t.event.action.clone(),
                from: t.event.from.clone(),
                to: t.event.to.clone(),
                note: t.event.note.clone(),
            })
            .collect(),
    };
    Ok(Json(answer).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ActBody {
    action: String,
    key: String,
    #[serde(default)]
    seen: Option<i64>,
    #[serde(default)]
    #[schema(value_type = Object)]
    fields: Fields,
    #[serde(default)]
    note: String,
}

/// Acts in a case. The key is made by the caller; the same key again changes nothing.
#[utoipa::path(post, path = "/api/v1/cases/{case}/actions", tag = "cases", params(("case" = Uuid, Path, description = "Case")), request_body = ActBody, responses((status = 200, body = CaseItem), (status = 403, description = "case_not_yours"), (status = 409, description = "case_moved, action_not_here"), (status = 422, description = "condition_not_met, paper_missing, note_required, tasks_open, field_missing, key_required")), extensions(("x-vi" = json!({"summary": "Làm một việc trong hồ sơ", "description": "Gửi lại cùng khóa thì không làm hai lần."}))))]
async fn act(
    State(casework): State<Casework>,
    ctx: Context,
    Path(id): Path<String>,
    read: Result<Json<ActBody>, axum::extract::rejection::JsonRejection>,
) -> Result<Response, AppError> {
    let id: Uuid = id.parse().map_err(|_| crate::case::unknown_case())?;
    casework.seen_case(&ctx, id).await?;
    let b = body(read)?;
    if b.key.trim().is_empty() || b.key.len() > 100 {
        return Err(AppError::new("key_required", 422)
            .say("Thiếu khóa chống gửi trùng (key).", "The key that keeps an act from being done twice is missing.")
            .at("key"));
    }
    casework.act(&ctx, CaseAct { case: id, action: b.action, seen: b.seen, key: b.key, fields: b.fields, note: b.note }).await?;
    let view = casework.look(&ctx, id).await?;
    Ok(Json(item(&view.case)).into_response())
}

/// The public keys, hexadecimal, under which certificates verify without a network.
#[utoipa::path(get, path = "/api/v1/certificates/keys", tag = "certificates", responses((status = 200, description = "algorithm and keys")), extensions(("x-vi" = json!({"summary": "Khóa công khai", "description": "Để kiểm tra giấy chứng nhận khi không có mạng."}))))]
async fn keys(State(casework): State<Casework>) -> Json<serde_json::Value> {
    Json(serde_json::json!({"algorithm": "Ed25519", "keys": casework.issuer().public_hex()}))
}

/// Ids of the revoked certificates, small enough to be carried along.
#[utoipa::path(get, path = "/api/v1/certificates/revoked", tag = "certificates", responses((status = 200, description = "ids and moments")), extensions(("x-vi" = json!({"summary": "Giấy chứng nhận đã thu hồi", "description": "Danh sách nhỏ để mang theo."}))))]
async fn revoked(State(casework): State<Casework>) -> Result<Json<serde_json::Value>, AppError> {
    let list = casework.revoked_certificates().await?;
    Ok(Json(serde_json::json!({"revoked": list.iter().map(|(id, at)| serde_json::json!({"id": id, "at": iso(*at)})).collect::<Vec<_>>()})))
}
