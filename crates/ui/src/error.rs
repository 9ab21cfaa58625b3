use std::fmt;

use askama::Template;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::{Lang, Shell, page};

/// THE error that people see: what happened and how to mend it, in both languages, under a code that never changes.
///
/// It carries no internals; log those where they occur.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppError {
    /// Stable code such as `figures.out_of_range`; scripts of others rely on it.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// What happened, Vietnamese.
    pub vi: String,
    /// What happened, English.
    pub en: String,
    /// How to mend it, Vietnamese; may be empty.
    pub how_vi: String,
    /// How to mend it, English; may be empty.
    pub how_en: String,
    /// Where: a field, a cell, a line; the same in both languages.
    pub at: Option<String>,
}

impl AppError {
    /// An error with the usual sentences of its status; [`say`](Self::say) and [`mend`](Self::mend) make them precise.
    pub fn new(code: &'static str, status: u16) -> Self {
        let usual = usual(status);
        Self {
            code,
            status,
            vi: usual.what.0.to_owned(),
            en: usual.what.1.to_owned(),
            how_vi: usual.how.0.to_owned(),
            how_en: usual.how.1.to_owned(),
            at: None,
        }
    }

    /// Says what happened.
    pub fn say(mut self, vi: impl Into<String>, en: impl Into<String>) -> Self {
        (self.vi, self.en) = (vi.into(), en.into());
        self
    }

    /// Says how to mend it.
    pub fn mend(mut self, vi: impl Into<String>, en: impl Into<String>) -> Self {
        (self.how_vi, self.how_en) = (vi.into(), en.into());
        self
    }

    /// Says where: a field, a cell, a line.
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.at = Some(place.into());
        self
    }

    /// What happened, in one language.
    pub fn what(&self, lang: Lang) -> &str {
        lang.t(&self.vi, &self.en)
    }

    /// How to mend it, in one language.
    pub fn how(&self, lang: Lang) -> &str {
        lang.t(&self.how_vi, &self.how_en)
    }

    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.en)?;
        match &self.at {
            Some(at) => write!(f, " ({at})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for AppError {}

/// Answers problem+json in Vietnamese and leaves the error itself in the response's extensions,
/// so that one layer of the server can turn it into a page by [`negotiate`].
impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let mut response = Problem::of(&self, Lang::Vi, "", None).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// An error as the interface for programs says it (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Address of the description of the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// Name of the status.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// Stable code.
    pub code: String,
    /// What happened, here.
    pub detail: String,
    /// Where inside what was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Path that was asked for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub instance: String,
    /// How to mend it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub how: String,
    /// Number of the request in the logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Problem {
    /// The error for a program, in one language; `instance` is the path that was asked for.
    pub fn of(error: &AppError, lang: Lang, instance: &str, request_id: Option<&str>) -> Self {
        let title = usual(error.status).title;
        Self {
            kind: format!("/api/v1/docs#{}", error.code),
            title: lang.t(title.0, title.1).to_owned(),
            status: error.status_code().as_u16(),
            code: error.code.to_owned(),
            detail: error.what(lang).to_owned(),
            at: error.at.clone(),
            instance: instance.to_owned(),
            how: error.how(lang).to_owned(),
            request_id: request_id.map(str::to_owned),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind = HeaderValue::from_static("application/problem+json");
        (status, [(header::CONTENT_TYPE, kind)], Json(self)).into_response()
    }
}

/// The error page: what, where, how to mend it, and the number to quote.
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorView {
    /// Page around it; its title is replaced by the name of the status.
    pub shell: Shell,
    /// Stable code.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// What happened.
    pub what: String,
    /// Where, if known.
    pub where_: Option<String>,
    /// How to mend it; may be empty.
    pub how: String,
    /// Number of the request in the logs.
    pub request_id: Option<String>,
}

impl ErrorView {
    /// The page of an error, in the language of the shell.
    pub fn of(error: &AppError, shell: &Shell, request_id: Option<&str>) -> Self {
        let lang = shell.lang;
        let title = usual(error.status).title;
        let mut shell = shell.clone().noindex();
        shell.title = lang.t(title.0, title.1).to_owned();
        Self {
            code: error.code,
            status: error.status_code().as_u16(),
            what: error.what(lang).to_owned(),
            where_: error.at.clone(),
            how: error.how(lang).to_owned(),
            request_id: request_id.map(str::to_owned),
            shell,
        }
    }
}

/// Answers an error as a page.
pub fn render_error(error: &AppError, shell: &Shell) -> Response {
    respond(error, shell, None)
}

/// Answers an error as problem+json under `/api/` and as a page elsewhere. `path` is the path of the request.
pub fn negotiate(error: &AppError, path: &str, shell: &Shell, request_id: Option<&str>) -> Response {
    if path.starts_with("/api/") { Problem::of(error, shell.lang, path, request_id).into_response() } else { respond(error, shell, request_id) }
}

fn respond(error: &AppError, shell: &Shell, request_id: Option<&str>) -> Response {
    let mut response = page(&ErrorView::of(error, shell, request_id));
    *response.status_mut() = error.status_code();
    response
}

struct Usual {
    title: (&'static str, &'static str),
    what: (&'static str, &'static str),
    how: (&'static str, &'static str),
}

/// The sentences of a status when nothing more precise is known.
fn usual(status: u16) -> Usual {
    let (title, what, how) = match status {
        400 => (
            ("Yêu cầu chưa đúng", "The request is not right"),
            ("Máy chủ không hiểu yêu cầu này.", "The server could not understand this request."),
            ("Quay lại trang trước và thử lại.", "Go back and try again."),
        ),
        401 => (
            ("Cần đăng nhập", "Please sign in"),
            ("Trang này dành cho người đã đăng nhập.", "This page is for people who have signed in."),
            ("Đăng nhập rồi mở lại trang.", "Sign in, then open the page again."),
        ),
        403 => (
            ("Chưa được phép", "Not allowed"),
            ("Vai trò của bạn chưa được làm việc này.", "Your role does not allow this."),
            ("Nhờ người quản trị đơn vị cấp quyền.", "Ask the administrator of your unit for the right."),
        ),
        404 => (
            ("Không tìm thấy", "Not found"),
            ("Không có trang nào ở địa chỉ này.", "There is no page at this address."),
            ("Xem lại địa chỉ, hoặc tìm theo tên ở ô tìm kiếm.", "Check the address, or search by name."),
        ),
        409 => (
            ("Đã có người sửa", "Somebody else changed it"),
            ("Dữ liệu đã đổi sau khi bạn mở trang.", "The data changed after you opened the page."),
            ("Xem giá trị mới rồi chọn giữ giá trị nào.", "Look at the new value, then choose which to keep."),
        ),
        413 => (
            ("Tệp quá lớn", "The file is too large"),
            ("Phần gửi lên lớn hơn mức cho phép.", "What was sent is larger than allowed."),
            ("Chia tệp nhỏ hơn rồi gửi từng phần.", "Split the file and send the parts."),
        ),
        422 => (
            ("Có chỗ chưa đúng", "Something is not right"),
            ("Một vài giá trị chưa nhận được.", "Some values could not be accepted."),
            ("Sửa chỗ được chỉ ra rồi gửi lại.", "Mend what is marked and send again."),
        ),
        429 => (
            ("Quá nhiều lần", "Too many requests"),
            ("Bạn đã gửi quá nhiều yêu cầu trong thời gian ngắn.", "You have sent too many requests in a short time."),
            ("Chờ một phút rồi thử lại.", "Wait a minute, then try again."),
        ),
        503 => (
            ("Tạm thời chưa phục vụ được", "Not available for the moment"),
            ("Máy chủ đang bận hoặc đang bảo trì. Dữ liệu đã lưu vẫn còn nguyên.", "The server is busy or under maintenance. What was saved is safe."),
            ("Thử lại sau ít phút.", "Try again in a few minutes."),
        ),
        _ => (
            ("Lỗi của máy chủ", "A fault of ours"),
            ("Máy chủ gặp lỗi khi làm việc này. Lỗi đã được ghi lại.", "The server failed at this. The failure has been recorded."),
            ("Thử lại; nếu vẫn lỗi, báo người quản trị kèm số yêu cầu.", "Try again; if it still fails, tell the administrator the request number."),
        ),
    };
    Usual { title, what, how }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Prefs;
    use axum::body::to_bytes;

    async fn text(response: Response) -> String {
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    fn shell(lang: Lang) -> Shell {
        Shell::new(Prefs { lang, ..Prefs::default() }, "/x", "old")
    }

    #[tokio::test]
    async fn programs_get_json_and_people_get_a_page() {
        let error = AppError::new("figures.out_of_range", 422).say("Giá trị <120> vượt quá 100 %.", "Value <120> exceeds 100%.").at("ô F27");
        let api = negotiate(&error, "/api/v1/figures", &shell(Lang::En), Some("r1"));
        assert_eq!(api.status(), 422);
        assert_eq!(api.headers()[header::CONTENT_TYPE], "application/problem+json");
        let problem: serde_json::Value = serde_json::from_str(&text(api).await).unwrap();
        assert_eq!(problem["code"], "figures.out_of_range");
        assert_eq!(problem["detail"], "Value <120> exceeds 100%.");
        assert_eq!(problem["at"], "ô F27");
        assert_eq!(problem["instance"], "/api/v1/figures");

        let html = negotiate(&error, "/entry", &shell(Lang::Vi), Some("r1"));
        assert_eq!(html.status(), 422);
        let html = text(html).await;
        assert!(html.contains("Giá trị &#60;120&#62; vượt quá 100 %."), "{html}");
        assert!(html.contains("ô F27") && html.contains("r1") && html.contains("Có chỗ chưa đúng"));
    }

    #[tokio::test]
    async fn every_usual_status_has_a_full_page_in_both_languages() {
        for status in [400, 401, 403, 404, 409, 413, 422, 429, 500, 503] {
            let error = AppError::new("x.y", status);
            for lang in [Lang::Vi, Lang::En] {
                let response = render_error(&error, &shell(lang));
                assert_eq!(response.status().as_u16(), status);
                let html = text(response).await;
                assert!(html.contains(error.what(lang)) && html.contains(error.how(lang)), "{status}");
                assert!(html.contains("noindex") && !html.contains("<title>old"));
            }
        }
    }

    #[test]
    fn a_status_out_of_range_is_our_fault() {
        assert_eq!(AppError::new("x", 7).into_response().status(), 500);
    }
}
