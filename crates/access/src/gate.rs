use crate::access::Access;
use crate::context::{Context, Origin, Who};
use crate::service::short_agent;
use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use std::net::{IpAddr, SocketAddr};
use ui::{AppError, Prefs, negotiate};
use uuid::Uuid;

const REQUEST_ID: &str = "x-request-id";

/// Where a request came from, for counting failed sign-ins.
#[derive(Clone, Debug)]
pub(crate) struct Address(pub String);

impl Access {
    /// Puts the gate before all routes: finds out who asks, refuses forms sent from other sites, numbers the request,
    /// and turns errors into pages or problem+json in the reader's language.
    pub fn layer(&self, router: Router) -> Router {
        router.layer(from_fn_with_state(self.clone(), gate))
    }
}

async fn gate(State(access): State<Access>, mut request: Request, next: Next) -> Response {
    let options = access.inner.options;
    let headers = request.headers();
    let prefs = Prefs::from_headers(headers);
    let request_id = request_id(headers);
    let path = request.uri().path().to_owned();
    let at = access.inner.clock.now();
    let bearer = bearer_token(headers).map(str::to_owned);
    let address = address(&request, options.behind_proxy);

    let found = if bearer.is_none() && is_cross_site(request.method(), headers, options.behind_proxy) {
        Err(AppError::new("cross_site", 403)
            .say("Yêu cầu này được gửi từ một trang khác nên không được nhận.", "This was sent from another site and is not accepted.")
            .mend("Mở lại trang ở đây rồi gửi lại.", "Open the page here and send it again."))
    } else if let Some(token) = &bearer {
        access.by_token(token, at, prefs, &request_id, (request.method().is_safe(), &path)).await
    } else if let Some(token) = session_cookie(headers, access.cookie_name()) {
        access.by_session(token, at, prefs, &request_id).await
    } else {
        Ok(Context::public(at, prefs, request_id.as_str()))
    };
    let (mut context, refused) = match found {
        Ok(context) => (context, None),
        Err(error) => (Context::public(at, prefs, request_id.as_str()), Some(error)),
    };
    context.path = request.uri().path_and_query().map_or_else(|| path.clone(), |p| p.as_str().to_owned());
    context.demo = options.demo;
    if wants_page(&request) {
        context.due = access.due(&context).await;
    }
    let writer = (!request.method().is_safe()).then(|| context.clone());
    context.origin = Origin { address: address.clone(), device: device(&context.who, request.headers()) };

    let mut response = match refused {
        Some(error) => error.into_response(),
        None => {
            request.extensions_mut().insert(context.clone());
            request.extensions_mut().insert(Address(address));
            next.run(request).await
        }
    };
    if let Some(writer) = writer {
        access.done_something(&writer);
    }
    if let Some(error) = error_of(&mut response) {
        response = negotiate(&error, &path, &context.shell(""), Some(&request_id));
        if error.status == 401 {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if error.status == 503 {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
    }
    let headers = response.headers_mut();
    if context.who != Who::Public {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    }
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        headers.insert(REQUEST_ID, value);
    }
    response
}

/// The error inside a response: ours, or what axum says in plain text when a path, query or form cannot be read.
fn error_of(response: &mut Response) -> Option<AppError> {
    if let Some(error) = response.extensions_mut().remove::<AppError>() {
        return Some(error);
    }
    let plain = response.headers().get(header::CONTENT_TYPE).is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    let code = match response.status() {
        _ if !plain => return None,
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
        StatusCode::PAYLOAD_TOO_LARGE => "too_large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported_media_type",
        StatusCode::UNPROCESSABLE_ENTITY => "unprocessable",
        StatusCode::BAD_REQUEST => "bad_request",
        _ => return None,
    };
    Some(AppError::new(code, response.status().as_u16()))
}

/// Whether the answer is a page with a header, and not data, a style or a stream.
fn wants_page(request: &Request) -> bool {
    let path = request.uri().path();
    let html = request.headers().get(header::ACCEPT).is_none_or(|kinds| kinds.as_bytes().windows(9).any(|w| w == b"text/html") || kinds == "*/*");
    html && !path.starts_with("/assets/") && !path.starts_with("/api/")
}

/// The number an outer layer or our proxy gave the request, or a new one.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
    match given {
        Some(id) if (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') => id.to_owned(),
        _ => Uuid::now_v7().simple().to_string(),
    }
}

/// What is written down about the device: never the whole of what the browser says about itself.
fn device(who: &Who, headers: &HeaderMap) -> String {
    match who {
        Who::Token { name, .. } => name.clone(),
        _ => short_agent(headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default()),
    }
}

fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// The value of the session cookie, if it has the shape of one.
pub(crate) fn session_cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name && value.len() == 64).then_some(value))
}

/// Whether a request that may change something was sent by another site: by `Sec-Fetch-Site`, which scripts cannot forge,
/// and by `Origin` for browsers without it or on plain http. Programs send neither and carry no cookies of others.
fn is_cross_site(method: &Method, headers: &HeaderMap, behind_proxy: bool) -> bool {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return false;
    }
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text("origin") else { return false };
    let forwarded = if behind_proxy { text("x-forwarded-host") } else { None };
    let host = forwarded.or_else(|| text("host")).unwrap_or_default();
    origin.split_once("://").is_none_or(|(_, authority)| !authority.eq_ignore_ascii_case(host))
}

/// The address that asked: of the connection, or, behind our proxy, the last one that the proxy wrote down.
fn address(request: &Request, behind_proxy: bool) -> String {
    let forwarded = || {
        let last = request.headers().get_all("x-forwarded-for").iter().next_back()?;
        last.to_str().ok()?.rsplit(',').next()?.trim().parse::<IpAddr>().ok()
    };
    let peer = || request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let address = if behind_proxy { forwarded().or_else(peer) } else { peer() };
    match address {
        // One household or office has a whole /64 of the newer addresses.
        Some(IpAddr::V6(v6)) if v6.to_ipv4_mapped().is_none() => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Some(IpAddr::V6(v6)) => v6.to_ipv4_mapped().map(|v4| v4.to_string()).unwrap_or_default(),
        Some(IpAddr::V4(v4)) => v4.to_string(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&'static str, &str)]) -> HeaderMap {
        list.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn forms_from_other_sites_are_seen() {
        let post = |list: &[(&'static str, &str)]| is_cross_site(&Method::POST, &headers(list), false);
        assert!(!post(&[("sec-fetch-site", "same-origin")]));
        assert!(!post(&[("sec-fetch-site", "none")]));
        assert!(post(&[("sec-fetch-site", "cross-site")]));
        assert!(post(&[("sec-fetch-site", "same-site")]));
        assert!(!post(&[("origin", "http://gate.vn:81"), ("host", "gate.vn:81")]));
        assert!(post(&[("origin", "http://gate.vn"), ("host", "gate.vn:81")]));
        assert!(post(&[("origin", "null"), ("host", "gate.vn")]));
        assert!(post(&[("origin", "http://x"), ("host", "gate.vn"), ("x-forwarded-host", "x")]));
        assert!(!post(&[]));
        assert!(!is_cross_site(&Method::GET, &headers(&[("sec-fetch-site", "cross-site")]), false));
    }

    #[test]
    fn the_address_of_a_proxy_is_believed_only_when_it_is_ours() {
        let mut request = Request::new(axum::body::Body::empty());
        request.headers_mut().insert("x-forwarded-for", "1.1.1.1, 2.2.2.2".parse().unwrap());
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([9, 9, 9, 9], 1))));
        assert_eq!(address(&request, true), "2.2.2.2");
        assert_eq!(address(&request, false), "9.9.9.9");
        request.headers_mut().insert("x-forwarded-for", "2001:db8:1:2:3:4:5:6".parse().unwrap());
        assert_eq!(address(&request, true), "2001:db8:1:2::/64");
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let token = "a".repeat(64);
        let all = headers(&[("cookie", &format!("cl_prefs=vi; cl_session={token}; x=y"))]);
        assert_eq!(session_cookie(&all, "cl_session"), Some(token.as_str()));
        assert_eq!(session_cookie(&all, "__Host-cl_session"), None);
        assert_eq!(session_cookie(&headers(&[("cookie", "cl_session=short")]), "cl_session"), None);
    }
}
