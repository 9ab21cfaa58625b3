//! HTML of the criteria.

mod card;
mod compare;
mod draft;
mod export;
mod levels;
mod list;
mod matrix;
mod office;
mod panel;
mod scopes;
mod set;
mod typed;
mod words;

pub use panel::CriteriaPanel;

use crate::Criteria;
use access::{Context, Need, Role, Routes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use ui::{AppError, Notice, Tone};
use uuid::Uuid;

/// Largest file of a set, or page of an annex, with its form.
const FILE: usize = 11_000_000;

/// Pages of the criteria.
pub fn routes() -> Routes<Criteria> {
    let (officer, reviewer, admin) = (Need::Role(Role::Officer), Need::Role(Role::Reviewer), Need::Role(Role::Administrator));
    Routes::new()
        .get("/criteria", Need::Public, list::show)
        .get("/criteria/compare", Need::Public, compare::show)
        .get("/criteria/annex/{hash}", Need::Public, levels::page_of_annex)
        .get("/criteria/{set}", Need::Public, set::show)
        .get("/criteria/{set}/export.toml", Need::Public, export::toml)
        .get("/criteria/{set}/export.xlsx", Need::Public, export::xlsx)
        .get("/criteria/{set}/levels", Need::Public, levels::show)
        .upload("/criteria/{set}/levels", admin, FILE, levels::enter)
        .post("/criteria/{set}/levels/end", admin, levels::end)
        .get("/criteria/{set}/matrix", Need::Public, matrix::show)
        .get("/criteria/{set}/matrix.xlsx", Need::Public, matrix::xlsx)
        .get("/criteria/{set}/matrix.csv", Need::Public, matrix::csv)
        .get("/criteria/{set}/scorecards/{unit}/{year}", Need::Public, card::show)
        .post("/criteria/{set}/scorecards/{unit}/{year}", officer, card::score)
        .post("/criteria/{set}/scorecards/{unit}/{year}/appraise", reviewer, card::appraise)
        .post("/criteria/{set}/scorecards/{unit}/{year}/rescore", officer, card::rescore)
        .post("/criteria/{set}/scorecards/{unit}/{year}/recognise", reviewer, card::recognise)
        .get("/criteria/{set}/office/{unit}/{year}", Need::Role(Role::Viewer), office::show)
        .post("/criteria/{set}/office/{unit}/{year}/owners", admin, office::owners)
        .post("/criteria/{set}/office/{unit}/{year}/round", admin, office::round)
        .post("/criteria/{set}/office/{unit}/{year}/rescore", officer, office::rescore)
        .post("/criteria/{set}/office/{unit}/{year}/recheck", reviewer, office::recheck)
        .get("/admin/criteria", admin, draft::list)
        .post("/admin/criteria", admin, draft::copy)
        .upload("/admin/criteria/import", admin, FILE, draft::import)
        .get("/admin/criteria/{set}", admin, draft::show)
        .post("/admin/criteria/{set}", admin, draft::save)
        .get("/admin/criteria/{set}/thresholds/{indicator}", admin, scopes::show)
        .post("/admin/criteria/{set}/thresholds/{indicator}", admin, scopes::save)
        .post("/admin/criteria/{set}/publish", admin, draft::publish)
        .post("/admin/criteria/{set}/discard", admin, draft::discard)
        .merge(crate::rehearsal::pages::routes())
}

/// A link: address and words.
#[derive(Clone, Debug, Default)]
pub(crate) struct Link {
    pub href: String,
    pub text: String,
}

/// The query or form of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(pub Vec<(String, String)>);

impl Params {
    /// The last value of a name, cleaned; none when empty.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let (_, value) = self.0.iter().rev().find(|(n, v)| n == name && !v.trim().is_empty())?;
        Some(lang::clean(&value.chars().take(2_000).collect::<String>())).filter(|v| !v.is_empty())
    }

    /// The same, empty when absent.
    pub(crate) fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default()
    }

    /// All values of a name.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(n, v)| n == name && !v.is_empty()).map(|(_, v)| v.clone()).collect()
    }

    pub(crate) fn year(&self) -> Option<i16> {
        self.get("year").and_then(|y| y.parse().ok()).filter(|y| (2000..=2100).contains(y))
    }
}

impl<S: Sync> axum::extract::FromRequestParts<S> for Params {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut axum::http::request::Parts, _: &S) -> Result<Params, Self::Rejection> {
        Ok(Params(axum::extract::Query::try_from_uri(&parts.uri).map(|axum::extract::Query(pairs)| pairs).unwrap_or_default()))
    }
}

pub(crate) fn see_other(to: &str) -> Response {
    match HeaderValue::from_str(to) {
        Ok(to) => (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response(),
        Err(_) => AppError::new("internal", 500).into_response(),
    }
}

pub(crate) fn with_status(mut response: Response, status: u16) -> Response {
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

/// Whether an error belongs beside the form that caused it.
pub(crate) fn in_form(error: &AppError) -> bool {
    matches!(error.status, 409 | 422) || matches!(error.code, "own_score" | "not_the_owner")
}

pub(crate) fn bad(ctx: &Context, error: &AppError) -> Option<Notice> {
    Some(Notice::new(Tone::Bad, format!("{} {}", error.what(ctx.lang), error.how(ctx.lang))))
}

/// A unit in an address: our id, or an official code of today.
pub(crate) fn unit(criteria: &Criteria, ctx: &Context, text: &str) -> Result<Uuid, AppError> {
    let atlas = criteria.figures().places().atlas();
    let found = match text.trim().parse::<Uuid>() {
        Ok(id) => atlas.unit(id).map(|u| u.id).or_else(|| atlas.group(id).map(|g| g.id)),
        Err(_) if text.trim() == "vn" => atlas.nation(),
        Err(_) => atlas.coded(text.trim(), None, ctx.today()),
    };
    found.ok_or_else(crate::unknown_unit)
}

pub(crate) fn year(text: &str) -> Result<i16, AppError> {
    text.parse::<i16>().ok().filter(|y| (2000..=2100).contains(y)).ok_or_else(|| {
        AppError::new("unknown_period", 404).say("Không có năm này.", "There is no such year.").mend("Năm viết như 2025.", "Years are written 2025.")
    })
}

/// The message of `?done=`.
pub(crate) fn done(l: ui::Lang, word: Option<&str>) -> Option<Notice> {
    let text = match word? {
        "scored" => l.t("Đã ghi điểm tự chấm. Cơ quan chủ trì sẽ thẩm định.", "The score is written. The department in charge will appraise it."),
        "rescored" => l.t("Đã chấm lại. Các chỉ tiêu chờ thẩm định lại.", "Scored again. The indicators await appraisal anew."),
        "nothing" => l.t("Không có gì thay đổi.", "Nothing had changed."),
        "accepted" => l.t("Đã thẩm định. Kết quả đã thành số liệu ở mọi cấp.", "Accepted. The results are figures at every level now."),
        "returned" => l.t("Đã trả lại kèm lý do.", "Returned with the reason."),
        "recognised" => l.t("Đã ghi quyết định.", "The decision is entered."),
        "level" => l.t("Đã nhập mức. Kết quả chấm trước đây giữ nguyên.", "The threshold is entered. Earlier results stay as they are."),
        "level_ended" => l.t("Đã rút lại mức.", "The threshold was taken back."),
        "saved" => l.t("Đã lưu bản thảo.", "The draft is saved."),
        "published" => l.t("Đã ban hành. Phiên bản này không đổi nữa.", "Published. This version never changes."),
        "discarded" => l.t("Đã bỏ bản thảo.", "The draft was thrown away."),
        "owners" => l.t("Đã phân công.", "Assigned."),
        "round" => {
            l.t("Đã ghi hạn. Hạn hiện trên trang Hôm nay của xã và của người thẩm định.", "The deadlines are set and stand on the lists of what is due.")
        }
        "drawn" => l.t("Đã rút danh sách hậu kiểm.", "The list is drawn."),
        _ => return None,
    };
    Some(Notice::new(Tone::Good, text))
}
