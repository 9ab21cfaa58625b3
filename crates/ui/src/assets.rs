use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

struct Asset {
    name: &'static str,
    url: &'static str,
    raw: &'static [u8],
    br: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

static ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The address of an asset with its fingerprint, `/assets/gate.<hash>.css` for `gate.css`; empty if it was not built.
pub fn asset(name: &str) -> &'static str {
    ASSETS.iter().find(|asset| asset.name == name).map_or("", |asset| asset.url)
}

static FONTS: &[&[u8]] = include!(concat!(env!("OUT_DIR"), "/fonts.rs"));

/// The fonts with which charts are drawn into documents, the plain one first; none if the front end was not built.
pub fn fonts() -> &'static [&'static [u8]] {
    FONTS
}

/// `GET /assets/{file}`: the embedded files, compressed beforehand, cacheable for ever because the name changes with the content.
pub fn assets_routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{file}", get(serve))
}

async fn serve(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let wanted = |asset: &&Asset| asset.url.strip_prefix("/assets/") == Some(file.as_str());
    let Some(asset) = ASSETS.iter().find(wanted) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (body, encoding) = choose(asset, &headers);
    let kind = match asset.name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        _ => "image/svg+xml",
    };
    let mut response = (
        [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            (header::VARY, "accept-encoding"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ],
        body,
    )
        .into_response();
    if let Some(encoding) = encoding {
        response.headers_mut().insert(header::CONTENT_ENCODING, axum::http::HeaderValue::from_static(encoding));
    }
    response
}

fn choose(asset: &Asset, headers: &HeaderMap) -> (&'static [u8], Option<&'static str>) {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let accepts = |coding: &str| {
        accepted.split(',').any(|item| {
            let mut parts = item.split(';').map(str::trim);
            parts.next() == Some(coding) && !parts.any(|q| matches!(q, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
    };
    match (asset.br, asset.gzip) {
        (Some(br), _) if accepts("br") => (br, Some("br")),
        (_, Some(gzip)) if accepts("gzip") => (gzip, Some("gzip")),
        _ => (asset.raw, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use tower::ServiceExt;

    async fn fetch(path: &str, accept: &str) -> Response {
        let request = Request::get(path).header(header::ACCEPT_ENCODING, accept).body(Body::empty()).unwrap();
        assets_routes::<()>().oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn stylesheet_is_served_for_ever_under_its_hash() {
        let url = asset("gate.css");
        assert!(url.starts_with("/assets/gate.") && url.ends_with(".css"), "{url}");
        let response = fetch(url, "identity").await;
        assert_eq!(response.status(), StatusCode::OK);
        assert!(response.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        assert!(String::from_utf8_lossy(&body).contains("--leaf"));
        assert_eq!(fetch("/assets/gate.0.css", "br").await.status(), StatusCode::NOT_FOUND);
    }

    /// Whoever has built the scripts has the fonts too, and they are not served.
    #[test]
    fn fonts_come_with_the_front_end() {
        assert_eq!(fonts().len(), if asset("gate.js").is_empty() { fonts().len() } else { 2 });
        assert!(fonts().iter().all(|font| font.starts_with(&[0, 1, 0, 0]) && font.len() > 100_000));
        assert_eq!(asset("DejaVuSans.ttf"), "");
    }

    #[test]
    fn encodings_are_chosen_and_refused() {
        let asset = Asset { name: "a", url: "a", raw: b"raw", br: Some(b"br"), gzip: Some(b"gz") };
        let with = |accept: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, axum::http::HeaderValue::from_static(accept));
            choose(&asset, &headers).1
        };
        assert_eq!(with("gzip, deflate, br, zstd"), Some("br"));
        assert_eq!(with("gzip, br;q=0"), Some("gzip"));
        assert_eq!(with("identity"), None);
    }
}
