//! Pages for everybody: home, search, measures, dashboards, comparison, completeness, why.

mod compare;
mod completeness;
mod dashboard;
mod export;
mod home;
mod measures;
mod panel;
mod params;
mod said;
mod search;
mod show;
mod table;
mod why;
mod words;

use crate::Figures;
use access::{Need, Routes};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use params::Asked;
use places::Level;
use sha2::{Digest as _, Sha256};
use std::convert::Infallible;
use std::time::Duration;
use ui::{Html, Shell};

pub use panel::FiguresPanel;
pub use said::Said;
pub use search::{Finder, Found};

pub(super) fn routes() -> Routes<Figures> {
    Routes::new()
        .get("/", Need::Public, home::page)
        .get("/measures", Need::Public, measures::page)
        .get("/measures/{code}", Need::Public, dashboard::page)
        .get("/measures/{code}/live", Need::Public, dashboard::live)
        .get("/events", Need::Public, dashboard::events)
        .get("/why", Need::Public, why::page)
        .get("/compare", Need::Public, compare::page)
        .get("/completeness", Need::Public, completeness::page)
        .get("/search", Need::Public, search::page)
        .get("/search/suggest", Need::Public, search::suggest)
        .merge(export::routes())
}

/// The breadcrumb of a question: the places above on its map, an ended one with its old code and what became of it.
fn crumbs(mut shell: Shell, asked: &Asked, today: jiff::civil::Date) -> Shell {
    let mut path = asked.view.above(asked.place);
    path.reverse();
    path.push(asked.place);
    for place in path {
        let mut name = if asked.view.level(place) == Some(Level::Nation) { asked.lang.t("Việt Nam", "Viet Nam").to_owned() } else { asked.name(place) };
        let end = asked.atlas.unit(place).and_then(|u| u.to()).filter(|to| *to <= today).and_then(|to| to.yesterday().ok());
        if let Some(end) = end {
            let code = asked.atlas.version(place, asked.view.date()).and_then(|v| v.code.as_deref()).unwrap_or_default();
            let day = lang::show::short_date(end);
            name = match asked.lang {
                ui::Lang::Vi => format!("{name} (mã {code} đến {day})"),
                ui::Lang::En => format!("{name} (code {code} until {day})"),
            };
        }
        shell = shell.crumb(name, format!("/places/{place}"));
    }
    shell
}

/// A fragment of a page with a mark by which the browser knows that it has not changed.
fn fragment(headers: &HeaderMap, html: Html) -> Response {
    let hash = Sha256::digest(html.as_str().as_bytes());
    let tag: String = std::iter::once("\"".to_owned()).chain(hash.iter().take(12).map(|b| format!("{b:02x}"))).chain(["\"".to_owned()]).collect();
    if headers.get(header::IF_NONE_MATCH).is_some_and(|sent| sent.as_bytes() == tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
    }
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    let mut response = Response::new(Body::from(html.into_string()));
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("cookie"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Between two messages to a browser, so that a bulk of changes is one.
const BREATH: Duration = Duration::from_millis(300);

/// A message after each change of figures, for as long as the browser listens.
fn changed(f: &Figures) -> Response {
    let stream = futures_util::stream::unfold(f.changes(), |mut changes| async move {
        // An error says that the server is closing: the stream ends.
        changes.changed().await.ok()?;
        tokio::time::sleep(BREATH).await;
        let at = *changes.borrow_and_update();
        Some((Ok::<Event, Infallible>(Event::default().data(at.to_string())), changes))
    });
    Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(20))).into_response()
}
