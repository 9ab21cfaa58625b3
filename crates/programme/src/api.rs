//! `/api/v1` of the programme: documents, plans, targets with what is computed; documents, tasks and reports to be made.

mod writes;

use crate::document::{Confidence, DocumentKind, Kept, Validity};
use crate::plan::{Op, Pillar, PlanKind, Stated};
use crate::register::{Register, Stricter};
use crate::service::Programme;
use crate::service::progress::Progress;
use crate::verdict::Verdict;
use access::{Context, Need, Routes, Who};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use places::Level;
use rust_decimal::Decimal;
use serde::Serialize;
use ui::AppError;
use ui::api::{Cursor, List, Query, Reply};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

/// Routes of the programme for programs.
pub fn routes() -> Routes<Programme> {
    Routes::new()
        .merge(crate::task::api::routes())
        .merge(crate::report::api::routes())
        .get("/api/v1/documents", Need::Public, documents)
        .post("/api/v1/documents", Need::SignedIn, writes::add_document)
        .post("/api/v1/tasks", Need::SignedIn, writes::give_task)
        .post("/api/v1/tasks/{task}/acts", Need::SignedIn, writes::act)
        .post("/api/v1/reports", Need::SignedIn, writes::begin_report)
        .get("/api/v1/plans", Need::Public, plans)
        .get("/api/v1/plans/{code}/targets", Need::Public, targets)
}

#[derive(OpenApi)]
#[openapi(
    paths(documents, plans, targets, writes::add_document, writes::give_task, writes::act, writes::begin_report),
    components(schemas(DocumentItem, PlanItem, TargetItem, DocumentList, PlanList, TargetList)),
    tags((name = "programme", description = "Documents, plans and their targets"))
)]
struct Api;

/// The description of these operations, to be shown with those of the other parts.
pub fn openapi() -> serde_json::Value {
    let mut all = serde_json::to_value(Api::openapi()).unwrap_or_default();
    let words = [
        ("get", "/api/v1/documents", "Văn bản", "Thư viện văn bản; tìm theo số, chữ có dấu hoặc không dấu.", "listDocuments", "/api/v1/documents?q=924"),
        ("get", "/api/v1/plans", "Chương trình, kế hoạch", "Cây chương trình và kế hoạch.", "listPlans", "/api/v1/plans?limit=3"),
        (
            "get",
            "/api/v1/plans/{code}/targets",
            "Mục tiêu và kết quả tính được",
            "Mỗi mục tiêu với giá trị, n, N, còn thiếu, tình trạng và đường dẫn giải thích.",
            "listTargets",
            "/api/v1/plans/924/targets",
        ),
        ("post", "/api/v1/documents", "Thêm văn bản", "Thêm một văn bản vào thư viện của đơn vị. Cần Idempotency-Key.", "addDocument", ""),
        ("post", "/api/v1/tasks", "Giao nhiệm vụ", "Một đơn vị chủ trì; hạn theo ngày làm việc hoặc ngày cuối. Cần Idempotency-Key.", "giveTask", ""),
        (
            "post",
            "/api/v1/tasks/{task}/acts",
            "Chuyển bước nhiệm vụ",
            "Nhận, bắt đầu, báo xong, xác nhận, trả lại, hủy; nêu seq đã thấy. Cần Idempotency-Key.",
            "moveTask",
            "",
        ),
        ("post", "/api/v1/reports", "Mở báo cáo", "Mở báo cáo của một đơn vị và kỳ, chép phần chữ của kỳ trước. Cần Idempotency-Key.", "beginReport", ""),
    ];
    for (method, path, title, says, id, example) in words {
        if let Some(op) = all.get_mut("paths").and_then(|p| p.get_mut(path)).and_then(|p| p.get_mut(method)).and_then(|o| o.as_object_mut()) {
            op.insert("x-vi".into(), serde_json::json!({"summary": title, "description": says}));
            op.insert("operationId".into(), id.into());
            let open = method == "get";
            op.insert("x-example".into(), example.into());
            op.insert("security".into(), if open { serde_json::json!([{}, {"token": []}]) } else { serde_json::json!([{"token": []}]) });
        }
    }
    all
}

/// A document.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DocumentItem {
    /// Code, used in addresses.
    pub code: String,
    /// Number and symbol.
    pub number: String,
    /// What it is about.
    pub title: String,
    /// Kind.
    pub kind: DocumentKind,
    /// Who issued it.
    pub issuer: String,
    /// Unit whose document it is.
    pub unit: Uuid,
    /// Date of issue as far as it is known: `YYYY-MM-DD`, `YYYY-MM`, `YYYY`.
    pub issued: Option<String>,
    /// First day in force.
    #[schema(value_type = Option<String>, format = Date)]
    pub valid_from: Option<jiff::civil::Date>,
    /// Last day in force.
    #[schema(value_type = Option<String>, format = Date)]
    pub valid_to: Option<jiff::civil::Date>,
    /// Whether it holds today.
    pub validity: Validity,
    /// Code of the document that took its place.
    pub replaced_by: Option<String>,
    /// Codes of documents it amends.
    pub amends: Vec<String>,
    /// Codes of documents it rests on.
    pub based_on: Vec<String>,
    /// Codes of plans it issues.
    pub plans: Vec<String>,
    /// How sure the row is.
    pub confidence: Confidence,
    /// Where the row comes from.
    pub source: String,
    /// Page for people.
    pub page: String,
}

/// A programme or plan.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlanItem {
    /// Code.
    pub code: String,
    /// Version.
    pub version: i64,
    /// Kind.
    pub kind: PlanKind,
    /// Title.
    pub title_vi: String,
    /// English title.
    pub title_en: String,
    /// Who issued it.
    pub authority: String,
    /// Unit whose plan it is.
    pub unit: Uuid,
    /// Code of the plan above.
    pub parent: Option<String>,
    /// Code of its document.
    pub document: Option<String>,
    /// First day.
    #[schema(value_type = Option<String>, format = Date)]
    pub valid_from: Option<jiff::civil::Date>,
    /// Last day.
    #[schema(value_type = String, format = Date)]
    pub valid_to: jiff::civil::Date,
    /// Targets, its own and those handed down.
    pub targets: usize,
    /// How sure it is.
    pub confidence: Confidence,
    /// Where it comes from.
    pub source: String,
    /// Page for people.
    pub page: String,
}

/// A target with what is computed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TargetItem {
    /// Code within the plan.
    pub code: String,
    /// Wording.
    pub title_vi: String,
    /// English wording.
    pub title_en: String,
    /// Part of the programme.
    pub pillar: Pillar,
    /// Level whose places or files are counted.
    pub level: Level,
    /// Comparison.
    pub op: Op,
    /// Value to reach, as the document has it; a decimal in text.
    pub target: String,
    /// Its unit.
    pub unit: String,
    /// How the document words it.
    pub stated: Stated,
    /// Code of the plan that names it.
    pub named_by: String,
    /// Value of the plan above, where that names the same target.
    pub above: Option<String>,
    /// Which of the two asks for more.
    pub stricter: Option<Stricter>,
    /// What the computed value must reach.
    pub required: String,
    /// Computed value; null when it cannot be computed.
    pub value: Option<String>,
    /// n of N behind a share.
    pub n: Option<i64>,
    /// N.
    pub of: Option<i64>,
    /// Places without a figure.
    pub missing: i64,
    /// Places whose figure waits for acceptance.
    pub awaiting: i64,
    /// Period of the value.
    pub period: Option<String>,
    /// When the newest figure behind the value was accepted, RFC 3339 in UTC.
    #[schema(format = DateTime)]
    pub as_of: Option<String>,
    /// How it stands.
    pub status: Verdict,
    /// Why, in words, Vietnamese.
    pub reason_vi: String,
    /// Why, in words, English.
    pub reason_en: String,
    /// What is missing for a value, Vietnamese.
    pub lacks_vi: Vec<String>,
    /// What is missing for a value, English.
    pub lacks_en: Vec<String>,
    /// Code of the reading in use.
    pub reading: Option<String>,
    /// The reading in words.
    pub reading_vi: String,
    /// Measures read.
    pub measures: Vec<String>,
    /// Forecast to the last day; null without one.
    pub forecast: Option<String>,
    /// Last day on which it counts.
    #[schema(value_type = Option<String>, format = Date)]
    pub closes: Option<jiff::civil::Date>,
    /// Claims about it: value, source.
    pub claims: Vec<ClaimItem>,
    /// Where the value is explained.
    pub explanation: String,
}

/// A result that somebody claimed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClaimItem {
    /// Value claimed; a decimal in text.
    pub value: String,
    /// Its unit.
    pub unit: String,
    /// Who says so.
    pub source: String,
}

/// `{"items": […], "total": n, "next": cursor or null}`
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes ui::api::List for the documentation")]
struct DocumentList {
    items: Vec<DocumentItem>,
    total: u64,
    next: Option<String>,
}

/// `{"items": […], "total": n, "next": cursor or null}`
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes ui::api::List for the documentation")]
struct PlanList {
    items: Vec<PlanItem>,
    total: u64,
    next: Option<String>,
}

/// `{"items": […], "total": n, "next": cursor or null}`
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes ui::api::List for the documentation")]
struct TargetList {
    items: Vec<TargetItem>,
    total: u64,
    next: Option<String>,
}

fn reply<'a>(query: &'a Query, headers: &'a HeaderMap, ctx: &Context) -> Reply<'a> {
    Reply { query, headers, public: ctx.who == Who::Public }
}

/// Cuts one page out of a list in its order; `key` names an item.
fn paged<T>(query: &Query, all: Vec<T>, key: impl Fn(&T) -> String) -> Result<List<T>, AppError> {
    let limit = query.number("limit", 1..=1_000)?.unwrap_or(100);
    let question = query.question();
    let total = all.len();
    let after = match query.one("next")? {
        Some(text) => Some(Cursor::open(text, &question)?.parts::<1>().cloned().ok_or_else(Cursor::invalid)?),
        None => None,
    };
    let mut rest = all.into_iter();
    if let Some([last]) = after {
        rest.by_ref().find(|item| key(item) == last);
    }
    let items: Vec<T> = rest.by_ref().take(limit).collect();
    let next = rest.next().and_then(|_| items.last()).map(|last| Cursor::new([key(last)]).seal(&question));
    Ok(List { items, total, next })
}

fn document(register: &Register, kept: &Kept, ctx: &Context) -> DocumentItem {
    let a = &kept.about;
    DocumentItem {
        code: a.code.clone(),
        number: a.number.clone(),
        title: a.title.clone(),
        kind: a.kind,
        issuer: a.issuer.clone(),
        unit: kept.home,
        issued: (!a.issued.is_empty()).then(|| a.issued.clone()),
        valid_from: a.valid_from,
        valid_to: a.valid_to,
        validity: register.validity(kept, ctx.today()),
        replaced_by: a.replaced_by.clone(),
        amends: a.amends.clone(),
        based_on: a.based_on.clone(),
        plans: register.plans_of_document(&a.code).map(|p| p.def.plan.code.clone()).collect(),
        confidence: a.confidence,
        source: a.source.clone(),
        page: format!("/documents/{}", a.code),
    }
}

/// Documents of the library.
#[utoipa::path(get, path = "/api/v1/documents", tag = "programme", params(
    ("q" = Option<String>, Query, description = "Number or words, with or without tones"),
    ("kind" = Option<DocumentKind>, Query, description = "Kind"),
    ("limit" = Option<u32>, Query, description = "Items of a page"), ("next" = Option<String>, Query, description = "Cursor"),
    ("format" = Option<String>, Query, description = "json or csv"),
), responses((status = 200, body = DocumentList), (status = 304, description = "Unchanged"), (status = 400, description = "parameter_invalid")))]
async fn documents(State(programme): State<Programme>, ctx: Context, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = Query::read(&uri, &["q", "kind", "limit", "next", "format"])?;
    let register = programme.current().await;
    let kind = query.word("kind", &DocumentKind::ALL.map(DocumentKind::word), DocumentKind::from_word)?;
    let found = programme.find_documents(query.one("q")?.unwrap_or_default()).await?;
    let items = found.iter().filter(|d| kind.is_none_or(|k| d.about.kind == k)).map(|d| document(&register, d, &ctx)).collect();
    let page = paged(&query, items, |d: &DocumentItem| d.code.clone())?;
    let columns = ["code", "number", "title", "kind", "issuer", "unit", "issued", "valid_from", "valid_to", "validity", "replaced_by", "plans", "source"];
    reply(&query, &headers, &ctx).list(&page, &columns, None)
}

/// Programmes and plans.
#[utoipa::path(get, path = "/api/v1/plans", tag = "programme", params(
    ("parent" = Option<String>, Query, description = "Code of the plan above"),
    ("limit" = Option<u32>, Query, description = "Items of a page"), ("next" = Option<String>, Query, description = "Cursor"),
    ("format" = Option<String>, Query, description = "json or csv"),
), responses((status = 200, body = PlanList), (status = 304, description = "Unchanged"), (status = 400, description = "parameter_invalid")))]
async fn plans(State(programme): State<Programme>, ctx: Context, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = Query::read(&uri, &["parent", "limit", "next", "format"])?;
    let register = programme.current().await;
    let atlas = programme.atlas();
    let parent = query.one("parent")?;
    let found = register.plans().filter(|p| parent.is_none_or(|c| p.def.plan.parent.as_deref() == Some(c))).map(|p| {
        let head = &p.def.plan;
        PlanItem {
            code: head.code.clone(),
            version: head.version,
            kind: head.kind,
            title_vi: head.title_vi.clone(),
            title_en: head.title_en.clone(),
            authority: head.authority.clone(),
            unit: p.home,
            parent: head.parent.clone(),
            document: head.document.clone(),
            valid_from: head.valid_from,
            valid_to: head.valid_to,
            targets: register.targets(&atlas, p).len(),
            confidence: head.confidence,
            source: head.source.clone(),
            page: format!("/plans/{}", head.code),
        }
    });
    let page = paged(&query, found.collect(), |p: &PlanItem| p.code.clone())?;
    let columns = ["code", "version", "kind", "title_vi", "title_en", "authority", "unit", "parent", "document", "valid_from", "valid_to", "targets", "source"];
    reply(&query, &headers, &ctx).list(&page, &columns, None)
}

/// The targets of a plan at its unit, or at a unit below it.
#[utoipa::path(get, path = "/api/v1/plans/{code}/targets", tag = "programme", params(
    ("code" = String, Path, description = "Code of the plan"),
    ("unit" = Option<String>, Query, description = "Id, code or name of a unit below; the plan's own when absent"),
    ("tree" = Option<String>, Query, description = "`today` for today's map; as it was then when absent"),
    ("limit" = Option<u32>, Query, description = "Items of a page"), ("next" = Option<String>, Query, description = "Cursor"),
    ("format" = Option<String>, Query, description = "json or csv"),
), responses((status = 200, body = TargetList), (status = 304, description = "Unchanged"), (status = 404, description = "not_found")))]
async fn targets(State(programme): State<Programme>, ctx: Context, Path(code): Path<String>, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = Query::read(&uri, &["unit", "tree", "limit", "next", "format"])?;
    let register = programme.current().await;
    let plan = crate::pages::plan_of(&register, &code)?;
    let today = query.word("tree", &["then", "today"], |w| matches!(w, "then" | "today").then(|| w == "today"))?.unwrap_or_default();
    let place = match query.one("unit")? {
        None => plan.home,
        Some(text) => crate::service::find_unit(&programme.atlas(), text, plan.def.plan.valid_to).ok_or_else(|| {
            AppError::new("unknown_unit", 404)
                .say(format!("Không tìm thấy nơi nào là “{text}”."), format!("No place is “{text}”."))
                .mend("Dùng id của đơn vị.", "Use the id of the unit.")
                .at("unit")
        })?,
    };
    let list = programme.progress(&ctx, &plan, place, today).await?;
    let page = paged(&query, list.iter().map(|p| target(p, today)).collect(), |t: &TargetItem| t.code.clone())?;
    let columns = [
        "code",
        "title_vi",
        "level",
        "op",
        "target",
        "unit",
        "above",
        "stricter",
        "required",
        "value",
        "n",
        "of",
        "missing",
        "awaiting",
        "period",
        "as_of",
        "status",
        "reason_vi",
        "reading_vi",
        "measures",
        "forecast",
        "closes",
        "explanation",
    ];
    reply(&query, &headers, &ctx).list(&page, &columns, None)
}

fn target(p: &Progress, today: bool) -> TargetItem {
    use crate::pages::words;
    let t = &p.held.target;
    let text = |d: Decimal| d.normalize().to_string();
    let plan = &p.held.plan;
    let claims = plan.def.claim.iter().filter(|c| p.place == plan.home && c.targets.contains(&t.code));
    TargetItem {
        code: t.code.clone(),
        title_vi: t.title_vi.clone(),
        title_en: t.title_en.clone(),
        pillar: t.pillar,
        level: t.level,
        op: t.op,
        target: text(t.value),
        unit: t.unit.clone(),
        stated: t.stated,
        named_by: p.held.origin.def.plan.code.clone(),
        above: p.held.above.as_ref().map(|(_, v)| text(*v)),
        stricter: p.held.stricter(),
        required: text(p.required),
        value: p.tally.value.map(text),
        n: p.tally.parts.map(|(n, _)| n),
        of: p.tally.parts.map(|(_, of)| of),
        missing: p.tally.missing,
        awaiting: p.tally.awaiting,
        period: p.period.map(|x| x.to_string()),
        as_of: p.as_of().and_then(calendar::from_micros).map(|at| at.to_string()),
        status: p.verdict,
        reason_vi: words::reason(p, ui::Lang::Vi),
        reason_en: words::reason(p, ui::Lang::En),
        lacks_vi: if p.tally.value.is_none() { words::lacks(p, ui::Lang::Vi) } else { Vec::new() },
        lacks_en: if p.tally.value.is_none() { words::lacks(p, ui::Lang::En) } else { Vec::new() },
        reading: p.reading.as_ref().map(|r| r.code.clone()),
        reading_vi: p.reading.as_ref().map(|r| r.title_vi.clone()).unwrap_or_default(),
        measures: p.figures.iter().map(|v| v.known.measure.def.code.clone()).collect(),
        forecast: p.forecast.map(|f| text(f.value)),
        closes: p.closing.map(|c| c.last),
        claims: claims.map(|c| ClaimItem { value: text(c.value), unit: c.unit.clone(), source: c.source.clone() }).collect(),
        explanation: crate::pages::target_href(plan, &t.code, p.place, today),
    }
}
