//! What pages with forms share.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use ui::form::Field;
use ui::{AppError, Notice, Shell, Tone};

/// Puts an error beside the field it names, or above the content when it names none of them.
pub(crate) fn place_error(shell: &mut Shell, fields: &mut [Field], error: &AppError) {
    let text = format!("{} {}", error.what(shell.lang), error.how(shell.lang));
    match fields.iter_mut().find(|field| error.at.as_deref() == Some(field.name.as_str())) {
        Some(field) => field.error = Some(text),
        None => shell.notice = Some(Notice::new(Tone::Bad, text)),
    }
}

/// Whether an error is shown in the form that caused it; others get a page of their own.
pub(crate) fn belongs_in_form(error: &AppError) -> bool {
    matches!(error.status, 409 | 422) || (error.status == 404 && error.at.is_some())
}

pub(crate) fn with_status(mut response: Response, status: u16) -> Response {
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

pub(crate) fn see_other(to: &str) -> Response {
    match HeaderValue::from_str(to) {
        Ok(to) => (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response(),
        Err(_) => AppError::new("internal", 500).into_response(),
    }
}

/// A file to be saved: name, media type, bytes. Nothing in it is run by the browser.
pub(crate) fn download(name: &str, media: &str, bytes: Vec<u8>) -> Result<Response, AppError> {
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| AppError::new("internal", 500));
    let headers = [
        (header::CONTENT_TYPE, value(media)?),
        (header::CONTENT_DISPOSITION, value(&format!("attachment; filename*=UTF-8''{}", ui::percent_encode(name)))?),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    Ok((headers, bytes).into_response())
}

/// Media types of what is written here.
pub(crate) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
pub(crate) const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
pub(crate) const CSV: &str = "text/csv; charset=utf-8; header=present";

/// The language of the words that `print` adds itself.
pub(crate) fn language(l: ui::Lang) -> print::Language {
    match l {
        ui::Lang::Vi => print::Language::Vi,
        ui::Lang::En => print::Language::En,
    }
}

/// Writes a file away from the threads that answer requests.
pub(crate) async fn written(work: impl FnOnce() -> Result<Vec<u8>, print::PrintError> + Send + 'static) -> Result<Vec<u8>, AppError> {
    let made = tokio::task::spawn_blocking(work).await.map_err(|_| AppError::new("internal", 500))?;
    made.map_err(|error| {
        tracing::error!(%error, "a file could not be written");
        AppError::new("internal", 500)
    })
}
