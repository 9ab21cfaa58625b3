//! `/me/reminders`: mail and the calendar feed.

use crate::Today;
use crate::service::Wishes;
use access::Context;
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use ui::{AppError, Notice, Shell, Tone, page};

#[derive(Template)]
#[template(path = "reminders.html")]
struct RemindersView {
    shell: Shell,
    wishes: Wishes,
    address: String,
    error: Option<(String, String)>,
    feed: Option<String>,
}

impl RemindersView {
    fn error_at(&self, field: &str) -> &str {
        self.error.as_ref().filter(|(at, _)| at == field).map_or("", |(_, text)| text.as_str())
    }
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Done {
    done: Option<String>,
}

async fn view(
    today: &Today,
    ctx: &Context,
    notice: Option<Notice>,
    error: Option<&AppError>,
    typed: Option<&str>,
    feed: Option<String>,
) -> Result<Response, AppError> {
    let l = ctx.lang;
    let wishes = today.wishes(ctx).await?;
    let said = error.map(|e| format!("{} {}", e.what(l), e.how(l)));
    let at = error.and_then(|e| e.at.clone());
    let mut notice = notice;
    if let (Some(text), None) = (&said, &at) {
        notice = Some(Notice::new(Tone::Bad, text.clone()));
    }
    let mut shell =
        ctx.shell(l.t("Nhắc việc", "Reminders")).noindex().notice(notice).crumb(l.t("Hôm nay", "Today"), "/today").here(l.t("Nhắc việc", "Reminders"));
    shell.path = "/me/reminders".to_owned();
    let address = typed.unwrap_or(&wishes.address).to_owned();
    let mut response = page(&RemindersView { address, wishes, error: at.zip(said), feed, shell });
    if let Some(status) = error.and_then(|e| StatusCode::from_u16(e.status).ok()) {
        *response.status_mut() = status;
    }
    Ok(response)
}

/// Shows what is wrong in the form; what does not belong there gets a page of its own.
async fn answer(today: &Today, ctx: &Context, result: Result<(), AppError>, word: &str, typed: Option<&str>) -> Result<Response, AppError> {
    match result {
        Ok(()) => Ok((StatusCode::SEE_OTHER, [(header::LOCATION, format!("/me/reminders?done={word}"))]).into_response()),
        Err(error) if matches!(error.status, 409 | 422 | 429) => view(today, ctx, None, Some(&error), typed, None).await,
        Err(error) => Err(error),
    }
}

/// `GET /me/reminders`
pub(super) async fn show(State(today): State<Today>, ctx: Context, Query(word): Query<Done>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let text = match word.done.as_deref() {
        Some("code") => Some(l.t("Đã gửi mã tới hộp thư. Nhập mã vào ô bên dưới.", "A code was sent to your mailbox. Enter it below.")),
        Some("removed") => Some(l.t("Đã bỏ địa chỉ thư.", "The address is removed.")),
        Some("confirmed") => Some(l.t("Đã xác nhận địa chỉ thư.", "The address is confirmed.")),
        Some("saved") => Some(l.t("Đã lưu.", "Saved.")),
        Some("feed_ended") => Some(l.t("Địa chỉ lịch cũ không còn dùng được.", "The calendar address no longer works.")),
        _ => None,
    };
    view(&today, &ctx, text.map(|text| Notice::new(Tone::Good, text)), None, None, None).await
}

#[derive(Deserialize)]
pub(super) struct Wish {
    urgent: Option<String>,
    digest: Option<String>,
    #[serde(default)]
    hour: String,
}

/// `POST /me/reminders`
pub(super) async fn wish(State(today): State<Today>, ctx: Context, Form(form): Form<Wish>) -> Result<Response, AppError> {
    let hour = if form.digest.is_some() { form.hour.as_str() } else { "" };
    let result = if form.digest.is_some() && hour.trim().is_empty() {
        today.wish(&ctx, form.urgent.is_some(), "?").await
    } else {
        today.wish(&ctx, form.urgent.is_some(), hour).await
    };
    answer(&today, &ctx, result, "saved", None).await
}

#[derive(Deserialize)]
pub(super) struct Address {
    #[serde(default)]
    address: String,
}

/// `POST /me/reminders/address`
pub(super) async fn address(State(today): State<Today>, ctx: Context, Form(form): Form<Address>) -> Result<Response, AppError> {
    let word = if form.address.trim().is_empty() { "removed" } else { "code" };
    let result = today.set_address(&ctx, &form.address).await;
    answer(&today, &ctx, result, word, Some(&form.address)).await
}

#[derive(Deserialize)]
pub(super) struct Code {
    #[serde(default)]
    code: String,
}

/// `POST /me/reminders/confirm`
pub(super) async fn confirm(State(today): State<Today>, ctx: Context, Form(form): Form<Code>) -> Result<Response, AppError> {
    let result = today.confirm(&ctx, &form.code).await;
    answer(&today, &ctx, result, "confirmed", None).await
}

/// `POST /me/reminders/feed`: the secret address is shown once, in the answer itself.
pub(super) async fn make_feed(State(today): State<Today>, ctx: Context, headers: HeaderMap) -> Result<Response, AppError> {
    let secret = today.make_feed(&ctx).await?;
    let set = today.post().address;
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or("localhost");
    let home = if set.is_empty() { format!("http://{host}") } else { set };
    let mut response = view(&today, &ctx, None, None, None, Some(format!("{home}/calendar/{secret}.ics"))).await?;
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    Ok(response)
}

/// `POST /me/reminders/feed/end`
pub(super) async fn end_feed(State(today): State<Today>, ctx: Context) -> Result<Response, AppError> {
    let result = today.end_feed(&ctx).await;
    answer(&today, &ctx, result, "feed_ended", None).await
}

/// `GET /calendar/{secret}.ics`: whoever knows the address may read it, as calendar programs need.
pub(super) async fn feed(State(today): State<Today>, ctx: Context, Path(file): Path<String>) -> Result<Response, AppError> {
    let secret = file.strip_suffix(".ics").unwrap_or(&file);
    let text = today.feed(secret, calendar::micros(ctx.at)).await?;
    Ok((
        [(header::CONTENT_TYPE, "text/calendar; charset=utf-8"), (header::CACHE_CONTROL, "private, max-age=900"), (header::REFERRER_POLICY, "no-referrer")],
        text,
    )
        .into_response())
}
