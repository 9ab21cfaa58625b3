use crate::context::{Context, Who, sign_in_required};
use crate::role::Role;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::handler::Handler;
use axum::http::{Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{self, MethodRouter};
use ui::AppError;

/// Who may knock at a route at all; the use case behind it checks the exact place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Everybody.
    Public,
    /// Whoever has signed in, in person or with a token.
    SignedIn,
    /// Whoever holds the role somewhere today.
    Role(Role),
}

/// A route as listed for the refusal test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteInfo {
    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub method: &'static str,
    /// The pattern, such as `/places/{id}`.
    pub path: &'static str,
    /// Who may knock.
    pub need: Need,
}

/// The one way to add a route: every route says who may knock, is refused to all others, and is listed in the table.
#[derive(Debug)]
pub struct Routes<S> {
    router: Router<S>,
    table: Vec<RouteInfo>,
}

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// No routes yet.
    pub fn new() -> Self {
        Self { router: Router::new(), table: Vec::new() }
    }

    /// Adds a GET (and HEAD) route.
    pub fn get<H: Handler<T, S>, T: 'static>(self, path: &'static str, need: Need, handler: H) -> Self {
        self.add("GET", path, need, routing::get(handler))
    }

    /// Adds a POST route.
    pub fn post<H: Handler<T, S>, T: 'static>(self, path: &'static str, need: Need, handler: H) -> Self {
        self.add("POST", path, need, routing::post(handler))
    }

    /// Adds a POST route that takes bodies of up to `bytes` instead of axum's 2 MB.
    pub fn upload<H: Handler<T, S>, T: 'static>(self, path: &'static str, need: Need, bytes: usize, handler: H) -> Self {
        self.add("POST", path, need, routing::post(handler).layer(DefaultBodyLimit::max(bytes)))
    }

    /// Adds a PUT route.
    pub fn put<H: Handler<T, S>, T: 'static>(self, path: &'static str, need: Need, handler: H) -> Self {
        self.add("PUT", path, need, routing::put(handler))
    }

    /// Adds a DELETE route.
    pub fn delete<H: Handler<T, S>, T: 'static>(self, path: &'static str, need: Need, handler: H) -> Self {
        self.add("DELETE", path, need, routing::delete(handler))
    }

    fn add(mut self, method: &'static str, path: &'static str, need: Need, route: MethodRouter<S>) -> Self {
        let guarded = route.route_layer(from_fn(move |request: Request, next: Next| guard(need, request, next)));
        self.router = self.router.route(path, guarded);
        self.table.push(RouteInfo { method, path, need });
        self
    }

    /// Takes in a router that was made without us and is open to everybody, such as assets, with the (method, path) pairs it serves.
    pub fn include_public(mut self, router: Router<S>, serves: &[(&'static str, &'static str)]) -> Self {
        self.router = self.router.merge(router);
        self.table.extend(serves.iter().map(|(method, path)| RouteInfo { method, path, need: Need::Public }));
        self
    }

    /// All routes of both.
    pub fn merge(mut self, other: Routes<S>) -> Self {
        self.router = self.router.merge(other.router);
        self.table.extend(other.table);
        self
    }

    /// Gives the routes their state, so that routes of other states can be merged with them.
    pub fn with_state<T: Clone + Send + Sync + 'static>(self, state: S) -> Routes<T> {
        Routes { router: self.router.with_state(state), table: self.table }
    }

    /// Every route, in the order of adding.
    pub fn table(&self) -> &[RouteInfo] {
        &self.table
    }

    /// The router; wrap it in [`crate::Access::layer`], without which every guarded route refuses.
    pub fn into_router(self, state: S) -> Router {
        self.router.with_state(state)
    }
}

/// The page where a one-time password is replaced; until then everything else is closed.
pub(crate) const CHANGE_PASSWORD: &str = "/me/password";

async fn guard(need: Need, request: Request, next: Next) -> Response {
    if need == Need::Public {
        return next.run(request).await;
    }
    let Some(context) = request.extensions().get::<Context>() else {
        tracing::error!(path = request.uri().path(), "a guarded route lies outside of Access::layer");
        return AppError::new("internal", 500).into_response();
    };
    let page = !request.uri().path().starts_with("/api/") && matches!(*request.method(), Method::GET | Method::HEAD);
    if context.who == Who::Public {
        if page {
            let back = request.uri().path_and_query().map_or("/", |p| p.as_str());
            return see_other(format!("/sign-in?back={}", ui::percent_encode(back)));
        }
        return sign_in_required().into_response();
    }
    if context.out_of_scope && request.uri().path().starts_with("/api/") {
        return AppError::new("token_scope", 403)
            .say("Mã truy cập này không mở được phần này, hoặc chỉ được đọc.", "This token does not reach this area, or may only read it.")
            .mend("Tạo mã có phần cần dùng ở trang tài khoản.", "Create a token with this area on your account page.")
            .into_response();
    }
    if context.must_change && request.uri().path() != CHANGE_PASSWORD {
        if page {
            return see_other(CHANGE_PASSWORD.to_owned());
        }
        return AppError::new("password_change_required", 403)
            .say("Mật khẩu dùng một lần cần được thay trước.", "The one-time password must be replaced first.")
            .mend("Mở trang Đổi mật khẩu.", "Open the page Change password.")
            .into_response();
    }
    if let Need::Role(role) = need
        && let Err(refused) = context.require_somewhere(role)
    {
        return refused.into_response();
    }
    next.run(request).await
}

pub(crate) fn see_other(to: String) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}
