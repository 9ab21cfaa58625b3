//! Whether the program lives, whether it can work, what it has measured. Outside of the gate: these ask nothing about who knocks.

use crate::app::{App, SCHEMAS};
use access::{Need, RouteInfo};
use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::net::SocketAddr;
use std::time::Duration;
use ui::AppError;

/// How long a database may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);
const TEXT: [(header::HeaderName, &str); 2] = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
const MEASURED: [(header::HeaderName, &str); 2] = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];

/// `GET /healthz`, `/readyz` and `/metrics`, with their lines for the table of routes.
pub(crate) fn health(app: App) -> (Router, Vec<RouteInfo>) {
    let router = Router::new().route("/healthz", get(alive)).route("/readyz", get(ready)).route("/metrics", get(measured)).with_state(app);
    let table = ["/healthz", "/readyz", "/metrics"].map(|path| RouteInfo { method: "GET", path, need: Need::Public });
    (router, table.to_vec())
}

/// `/metrics` alone, for an address of its own.
pub(crate) fn metrics_only() -> Router {
    Router::new().route("/metrics", get(async || (MEASURED, super::render_metrics())))
}

async fn alive() -> Response {
    (TEXT, "alive\n").into_response()
}

async fn ready(State(app): State<App>) -> Response {
    let db = app.figures.db();
    let (status, text) = match tokio::time::timeout(PATIENCE, db.pending(SCHEMAS)).await {
        _ if !app.is_here() => (StatusCode::SERVICE_UNAVAILABLE, "the database file is gone\n".to_owned()),
        Ok(Ok(steps)) if steps.is_empty() => (StatusCode::OK, "ready\n".to_owned()),
        Ok(Ok(steps)) => (StatusCode::SERVICE_UNAVAILABLE, format!("migrations wait: {}\n", steps.join(", "))),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n".to_owned())
        }
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database is slow to answer\n".to_owned()),
    };
    (status, TEXT, text).into_response()
}

/// Measurements tell about load and routes, so only this machine may read them here. Behind a proxy everybody seems to come
/// from this machine, so there they are read on `metrics_listen` only.
async fn measured(State(app): State<App>, request: Request) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let forwarded = ["x-forwarded-for", "forwarded"].iter().any(|name| request.headers().contains_key(*name));
    if app.settings.behind_proxy || forwarded || !peer.is_some_and(|ip| ip.to_canonical().is_loopback()) {
        return AppError::new("not_found", 404).into_response();
    }
    (MEASURED, super::render_metrics()).into_response()
}
