//! `/api/v1` of the criteria.

mod assessments;
mod sets;
mod writes;

use crate::Criteria;
use access::{Context, Need, Role, Routes, Who};
use axum::http::HeaderMap;
use ui::AppError;
use ui::api::{Cursor, List, Query, Reply};
use utoipa::OpenApi;

/// Routes of the criteria for programs.
pub fn routes() -> Routes<Criteria> {
    Routes::new()
        .get("/api/v1/criteria-sets", Need::Public, sets::sets)
        .get("/api/v1/criteria-sets/{set}", Need::Public, sets::one_set)
        .get("/api/v1/assessments", Need::Public, assessments::assessments)
        .get("/api/v1/assessments/{set}/{unit}/{year}", Need::Public, assessments::scorecard)
        .post("/api/v1/assessments/{set}/{unit}/{year}/scores", Need::Role(Role::Officer), writes::score)
        .post("/api/v1/assessments/{set}/{unit}/{year}/rescores", Need::Role(Role::Officer), writes::rescore)
        .post("/api/v1/assessments/{set}/{unit}/{year}/decisions", Need::Role(Role::Reviewer), writes::decide)
        .merge(crate::rehearsal::api::routes())
}

/// The description of these operations.
#[derive(OpenApi)]
#[openapi(
    paths(sets::sets, sets::one_set, assessments::assessments, assessments::scorecard, writes::score, writes::rescore, writes::decide),
    components(schemas(
        sets::SetItem,
        sets::SetList,
        assessments::AssessmentItem,
        assessments::AssessmentList,
        assessments::Card,
        assessments::CardItem,
        writes::ScoreRequest,
        writes::ScoreItem,
        writes::DecideItems,
        writes::Done,
        crate::model::Set
    )),
    tags((name = "criteria", description = "Sets of criteria, assessments, scenarios"))
)]
struct Doc;

/// Each operation: method, path, id, and in Vietnamese what it is and what it does; an example that is answered.
const OPERATIONS: [(&str, &str, &str, &str, &str, &str); 10] = [
    (
        "get",
        "/api/v1/criteria-sets",
        "listCriteriaSets",
        "Các bộ tiêu chí",
        "Bộ đã ban hành, bản mới nhất, kèm số mức đã biết.",
        "/api/v1/criteria-sets?limit=3",
    ),
    (
        "get",
        "/api/v1/criteria-sets/{set}",
        "getCriteriaSet",
        "Một bộ tiêu chí",
        "Đủ chỉ tiêu, mức theo từng phạm vi, tên trước sửa đổi, nguồn; `version` để xem phiên bản cũ.",
        "/api/v1/criteria-sets/commune-2021-2025",
    ),
    (
        "get",
        "/api/v1/assessments",
        "listAssessments",
        "Kết quả chấm của các đơn vị",
        "Theo bộ, năm, địa bàn. Người không có vai trò chỉ thấy kết quả đã thẩm định.",
        "/api/v1/assessments?set=commune-2021-2025&year=2025&limit=3",
    ),
    (
        "get",
        "/api/v1/assessments/{set}/{unit}/{year}",
        "getAssessment",
        "Bảng điểm của một đơn vị",
        "Từng chỉ tiêu: kết quả, giá trị, mức và điều khoản; `version` để xem bảng cũ.",
        "",
    ),
    (
        "post",
        "/api/v1/assessments/{set}/{unit}/{year}/scores",
        "scoreAssessment",
        "Tự chấm",
        "Giá trị giống lần trước thì không ghi thêm. Cần Idempotency-Key.",
        "",
    ),
    (
        "post",
        "/api/v1/assessments/{set}/{unit}/{year}/rescores",
        "rescoreAssessment",
        "Chấm lại theo phiên bản hoặc mức mới",
        "Giá trị được mang sang và chờ thẩm định lại; bảng điểm cũ giữ nguyên. Cần Idempotency-Key.",
        "",
    ),
    (
        "post",
        "/api/v1/assessments/{set}/{unit}/{year}/decisions",
        "decideAssessment",
        "Thẩm định",
        "Chấp nhận hoặc trả lại từng chỉ tiêu kèm lý do; được chấp nhận thì thành số liệu ngay. Cần Idempotency-Key.",
        "",
    ),
    ("get", "/api/v1/scenarios", "listScenarios", "Kịch bản diễn tập", "Các kịch bản đã lưu ở nơi bạn có vai trò.", ""),
    ("post", "/api/v1/scenarios", "keepScenario", "Lưu một kịch bản", "Diễn tập ngay và lưu kết quả. Cần Idempotency-Key.", ""),
    ("get", "/api/v1/scenarios/{scenario}", "getScenario", "Một kịch bản", "Kết quả lúc lưu và kết quả trên số liệu hiện nay.", ""),
];

/// What the interface of the criteria is, for the document of the whole.
pub fn openapi() -> serde_json::Value {
    let mut doc = Doc::openapi();
    doc.merge(crate::rehearsal::api::Doc::openapi());
    let mut all = serde_json::to_value(doc).unwrap_or_default();
    let open: Vec<(&str, &str)> = routes().table().iter().filter(|r| r.need == Need::Public).map(|r| (r.method, r.path)).collect();
    for (method, path, id, title, says, example) in OPERATIONS {
        if let Some(op) = all.get_mut("paths").and_then(|p| p.get_mut(path)).and_then(|p| p.get_mut(method)).and_then(|o| o.as_object_mut()) {
            op.insert("x-vi".into(), serde_json::json!({"summary": title, "description": says}));
            op.insert("x-example".into(), example.into());
            op.insert("operationId".into(), id.into());
            let public = open.iter().any(|(m, p)| m.eq_ignore_ascii_case(method) && *p == path);
            op.insert("security".into(), if public { serde_json::json!([{}, {"token": []}]) } else { serde_json::json!([{"token": []}]) });
        }
    }
    all
}

fn reply<'a>(query: &'a Query, headers: &'a HeaderMap, ctx: &Context) -> Reply<'a> {
    Reply { query, headers, public: ctx.who == Who::Public }
}

fn paged<T>(query: &Query, items: Vec<T>, key: impl Fn(&T) -> String) -> Result<List<T>, AppError> {
    let total = items.len();
    let limit = query.number("limit", 1..=5_000)?.unwrap_or(500);
    let question = query.question();
    let start = match query.one("next")? {
        None => 0,
        Some(text) => {
            let cursor = Cursor::open(text, &question)?;
            let [last] = cursor.parts::<1>().ok_or_else(Cursor::invalid)?;
            items.iter().position(|i| key(i) == *last).map_or(total, |at| at + 1)
        }
    };
    let page: Vec<T> = items.into_iter().skip(start).take(limit).collect();
    let next = page.last().filter(|_| start + page.len() < total).map(|last| Cursor::new([key(last)]).seal(&question));
    Ok(List { items: page, total, next })
}
