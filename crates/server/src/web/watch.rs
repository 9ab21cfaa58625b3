//! The outermost layer: numbers and measures every request, keeps the answer within its time, turns a panic into a page,
//! follows what other processes changed, and adds the headers that protect the reader.

use super::Presence;
use crate::app::Settings;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use figures::Figures;
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tracing::Instrument as _;
use ui::{AppError, Prefs, Shell, negotiate};
use uuid::Uuid;

/// How old this process's view of places and measures may be when a request comes in, milliseconds.
const FRESH: u64 = 300;
/// How long a request waits for that view to be renewed before it goes on with the old one.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long an answer may take, and how long when a file comes with the request over a slow line.
const LIMIT: Duration = Duration::from_secs(60);
const LIMIT_OF_UPLOADS: Duration = Duration::from_secs(15 * 60);
/// From this size on a request counts as an upload, bytes.
const UPLOAD: u64 = 64 * 1024;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the watch knows.
#[derive(Debug)]
pub(crate) struct Watch {
    figures: Figures,
    settings: Settings,
    presence: Presence,
    began: Instant,
    /// When the view was last renewed, milliseconds since `began`.
    renewed: AtomicU64,
    /// Whether somebody is renewing it now.
    renewing: AtomicBool,
}

impl Watch {
    /// A watch over an application.
    pub(crate) fn new(figures: Figures, settings: Settings, presence: Presence) -> Arc<Watch> {
        Arc::new(Watch { figures, settings, presence, began: Instant::now(), renewed: AtomicU64::new(0), renewing: AtomicBool::new(false) })
    }

    /// Follows other processes, at most once per [`FRESH`]; only the request that finds it due waits. Errors if the database is not there.
    async fn follow(self: &Arc<Watch>) -> Result<(), AppError> {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let due = now.saturating_sub(self.renewed.load(Ordering::Relaxed)) >= FRESH;
        if due && !self.renewing.swap(true, Ordering::AcqRel) {
            self.presence.look();
            let watch = Arc::clone(self);
            // A task of its own: reading everything anew may take longer than a reader's patience, and must not be given up for that.
            let renewal = tokio::spawn(async move {
                if let Err(error) = watch.figures.refresh().await {
                    tracing::warn!(%error, "could not look for changes of other processes; going on with what is known");
                }
                let now = u64::try_from(watch.began.elapsed().as_millis()).unwrap_or(u64::MAX);
                watch.renewed.store(now, Ordering::Relaxed);
                watch.renewing.store(false, Ordering::Release);
            });
            if tokio::time::timeout(PATIENCE, renewal).await.is_err() {
                tracing::warn!("the database answers slowly; going on with what is known");
            }
        }
        if self.presence.is_here() { Ok(()) } else { Err(AppError::new("database_unavailable", 503)) }
    }

    /// Whether the database's file is still where it was.
    pub(crate) fn is_here(&self) -> bool {
        self.presence.look();
        self.presence.is_here()
    }

    fn fail(&self, error: &AppError, path: &str, headers: &HeaderMap, id: &str) -> Response {
        let shell = Shell::new(Prefs::from_headers(headers), path, "").demo(self.settings.demo);
        let mut response = negotiate(error, path, &shell, Some(id));
        if error.status == 503 {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

/// The layer itself.
pub(crate) async fn watch(State(watch): State<Arc<Watch>>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = number(request.headers(), watch.settings.behind_proxy);
    if let Ok(value) = HeaderValue::from_str(&id) {
        request.headers_mut().insert(&REQUEST_ID, value);
    }
    let method = word(request.method());
    let path = request.uri().path().to_owned();
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "(none)".to_owned(), |p| p.as_str().to_owned());
    let headers = request.headers().clone();
    let span = tracing::info_span!("request", id, method, path);
    let limit = limit(&headers);
    let measured = metrics::gauge!("conglang_requests_in_flight");
    measured.increment(1.0);
    let quiet = path.starts_with("/assets/") || matches!(path.as_str(), "/healthz" | "/readyz" | "/metrics");
    let mut response = async {
        if !quiet && let Err(error) = watch.follow().await {
            return watch.fail(&error, &path, &headers, &id);
        }
        match AssertUnwindSafe(tokio::time::timeout(limit, next.run(request))).catch_unwind().await {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => {
                tracing::error!("gave up: no answer within {} s", limit.as_secs());
                let error = AppError::new("too_slow", 503)
                    .say("Việc này kéo dài quá lâu nên đã được dừng lại; chưa có gì được ghi.", "This took too long and was stopped; nothing was saved.")
                    .mend("Thử lại sau ít phút, hoặc chia nhỏ phần gửi lên.", "Try again in a few minutes, or send less at once.");
                watch.fail(&error, &path, &headers, &id)
            }
            Err(panic) => {
                let what = panic.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
                tracing::error!(panic = what, "a handler panicked");
                watch.fail(&AppError::new("internal", 500), &path, &headers, &id)
            }
        }
    }
    .instrument(span.clone())
    .await;
    measured.decrement(1.0);
    let took = began.elapsed();
    let status = response.status().as_u16();
    metrics::counter!("conglang_requests_total", "method" => method, "route" => route.clone(), "status" => status.to_string()).increment(1);
    metrics::histogram!("conglang_request_seconds", "method" => method, "route" => route).record(took.as_secs_f64());
    let ms = took.as_secs_f64() * 1_000.0;
    span.in_scope(|| {
        if quiet {
            tracing::debug!(status, ms, "answered");
        } else {
            tracing::info!(status, ms, "answered");
        }
    });
    protect(response.headers_mut(), watch.settings.https);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(&REQUEST_ID, value);
    }
    response
}

/// The number our proxy gave the request, or a new one.
fn number(headers: &HeaderMap, behind_proxy: bool) -> String {
    let given = headers.get(&REQUEST_ID).filter(|_| behind_proxy).and_then(|value| value.to_str().ok());
    match given {
        Some(id) if (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') => id.to_owned(),
        _ => Uuid::now_v7().simple().to_string(),
    }
}

/// Methods as labels; whatever somebody invents is one label, not a new one each.
fn word(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "OTHER",
    }
}

fn limit(headers: &HeaderMap) -> Duration {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<u64>().ok());
    let large = length.is_some_and(|bytes| bytes > UPLOAD) || headers.contains_key(header::TRANSFER_ENCODING);
    if large { LIMIT_OF_UPLOADS } else { LIMIT }
}

fn protect(headers: &mut HeaderMap, https: bool) {
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, ui::CONTENT_SECURITY_POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "same-origin");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=(self)");
    if https {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&'static str, &str)]) -> HeaderMap {
        list.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn only_our_proxy_numbers_requests_and_only_with_a_plain_word() {
        assert_eq!(number(&headers(&[("x-request-id", "abc-1")]), true), "abc-1");
        assert_ne!(number(&headers(&[("x-request-id", "abc-1")]), false), "abc-1");
        assert_eq!(number(&headers(&[("x-request-id", "a\"b")]), true).len(), 32);
        assert_eq!(number(&headers(&[]), true).len(), 32);
    }

    #[test]
    fn uploads_get_more_time() {
        assert_eq!(limit(&headers(&[("content-length", "100")])), LIMIT);
        assert_eq!(limit(&headers(&[("content-length", "100000000")])), LIMIT_OF_UPLOADS);
        assert_eq!(limit(&headers(&[("transfer-encoding", "chunked")])), LIMIT_OF_UPLOADS);
        assert_eq!(limit(&headers(&[("content-length", "no")])), LIMIT);
    }

    #[test]
    fn invented_methods_are_one_label() {
        assert_eq!(word(&"BREW".parse().unwrap()), "OTHER");
        assert_eq!(word(&Method::POST), "POST");
    }
}
