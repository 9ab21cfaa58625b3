//! Doing a request once, however often it is sent: the key, the work and the answer share one transaction.

use crate::service::Figures;
use crate::store::rooms;
use access::{Context, db_error};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use db::Tx;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use ui::AppError;
use uuid::Uuid;

/// How long answers are kept: 30 days, in microseconds.
const KEPT: i64 = 30 * 24 * 3600 * 1_000_000;

/// The header that names a request.
pub const KEY: &str = "idempotency-key";

/// A request that has claimed its key and may do its work in [`Ticket::tx`]. Dropped without [`Ticket::finish`], nothing
/// has happened and the key is free again.
pub struct Ticket {
    /// The transaction of the key, the work and the answer.
    pub tx: Tx,
    tenant: Uuid,
    who: String,
    key: String,
}

/// What a request finds.
pub enum Begun {
    /// It is the first of its name.
    First(Box<Ticket>),
    /// It was answered before; here is the answer.
    Again(Response),
}

impl Ticket {
    /// Claims the key of a request. Two at the same time: the second waits for the first and gets its answer.
    ///
    /// # Errors
    /// 401, 400 `idempotency_key_required`, 409 `idempotency_key_reused` for another body under the same key.
    pub async fn begin(figures: &Figures, ctx: &Context, headers: &HeaderMap, path: &str, body: &[u8]) -> Result<Begun, AppError> {
        ctx.require_signed_in()?;
        let key = key(headers)?;
        let who = ctx.account_id().map_or_else(|| "system".to_owned(), |id| id.to_string());
        let tenant = figures.places().atlas().nation().unwrap_or_default();
        let mut hash = Sha256::new();
        hash.update(path.as_bytes());
        hash.update([0]);
        hash.update(body);
        let hash: String = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
        let at = calendar::micros(ctx.at);
        let mut tx = figures.db().begin().await.map_err(db_error)?;
        rooms::forget_answers(&mut tx, tenant, &who, at - KEPT).await.map_err(db_error)?;
        if rooms::claim_key(&mut tx, tenant, &who, &key, at, &hash).await.map_err(db_error)? {
            return Ok(Begun::First(Box::new(Ticket { tx, tenant, who, key })));
        }
        match rooms::answered(&mut tx, tenant, &who, &key).await.map_err(db_error)? {
            Some((same, answer)) if same == hash => {
                let mut response = json(answer);
                response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
                Ok(Begun::Again(response))
            }
            Some(_) => Err(AppError::new("idempotency_key_reused", 409)
                .say("Idempotency-Key này đã dùng cho một nội dung khác.", "This Idempotency-Key was used for another body.")
                .mend("Đặt tên mới cho mỗi nội dung mới.", "Take a new key for each new body.")),
            // Another request with the key was given up at this very moment.
            None => Err(AppError::new("database_busy", 503)),
        }
    }

    /// Keeps the answer and makes everything durable at once.
    ///
    /// # Errors
    /// What the database says; nothing has happened then, or the same key will tell.
    pub async fn finish(mut self, figures: &Figures, answer: &impl Serialize) -> Result<Response, AppError> {
        let text = serde_json::to_string(answer).map_err(|_| AppError::new("internal", 500))?;
        rooms::keep_answer(&mut self.tx, self.tenant, &self.who, &self.key, &text).await.map_err(db_error)?;
        self.tx.commit().await.map_err(db_error)?;
        figures.tell();
        Ok(json(text))
    }
}

fn json(text: String) -> Response {
    let mut response = text.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The key of a request: 1 to 128 visible ASCII characters.
fn key(headers: &HeaderMap) -> Result<String, AppError> {
    let mut given = headers.get_all(KEY).iter();
    let text = given.next().and_then(|v| v.to_str().ok()).map(str::trim).unwrap_or_default();
    if given.next().is_none() && (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(text.to_owned());
    }
    Err(AppError::new("idempotency_key_required", 400)
        .say("Cần header Idempotency-Key, 1–128 ký tự ASCII không có khoảng trắng.", "The header Idempotency-Key is needed: 1 to 128 visible ASCII characters.")
        .mend("Đặt một tên riêng cho mỗi lần gửi; gửi lại thì dùng lại tên đó.", "Name each request; when you send it again, use the same name."))
}

/// Reads a JSON body.
///
/// # Errors
/// 415 `unsupported_media_type`, 400 `bad_body` with the place of the fault.
pub fn read<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, AppError> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind != "application/json" {
        return Err(AppError::new("unsupported_media_type", 415)
            .say("Nội dung gửi lên phải là JSON.", "The body must be JSON.")
            .mend("Thêm header Content-Type: application/json.", "Send Content-Type: application/json."));
    }
    serde_json::from_slice(body).map_err(|error| {
        AppError::new("bad_body", 400)
            .say(format!("Không đọc được nội dung JSON: {error}."), format!("The body cannot be read: {error}."))
            .mend("So với ví dụ ở /api/v1/docs.", "Compare with the example at /api/v1/docs.")
            .at(format!("{}:{}", error.line(), error.column()))
    })
}
