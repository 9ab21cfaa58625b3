use super::tokens::{self, TokenEntry};
use super::{Done, GrantView, belongs_in_form, done, moment, place_error, with_status};
use crate::access::Access;
use crate::context::{Context, Identity, Who};
use crate::delegation::DelegationKind;
use crate::post::PostKind;
use crate::role::Role;
use crate::routes::{CHANGE_PASSWORD, see_other};
use crate::service::{PasskeyView, SessionView, SignOnView};
use askama::Template;
use axum::Json;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Notice, Shell, page};
use uuid::Uuid;

#[derive(Template)]
#[template(path = "me.html")]
struct MeView {
    shell: Shell,
    name: String,
    login: String,
    grants: Vec<GrantView>,
    posts: Vec<(String, bool)>,
    sessions: Vec<SessionView>,
    tokens: Html,
    administers: bool,
    /// Recovery codes left; `None` while the second step is off.
    second: Option<i64>,
    passkeys: Vec<PasskeyView>,
    has_passkeys: bool,
    sign_on: Vec<SignOnView>,
}

impl MeView {
    fn device<'a>(&self, session: &'a SessionView) -> &'a str {
        if session.agent.is_empty() { self.shell.lang.t("thiết bị không rõ", "unknown device") } else { &session.agent }
    }
}

async fn view(access: &Access, ctx: &Context, notice: Option<Notice>, entry: TokenEntry, error: Option<&AppError>) -> Result<Response, AppError> {
    ctx.require_person()?;
    let l = ctx.lang;
    let mut shell = ctx.shell(l.t("Tài khoản của tôi", "My account")).noindex().notice(notice);
    shell.path = "/me".to_owned();
    let roles: Vec<Role> = Role::ALL.into_iter().filter(|role| ctx.grants().any(|grant| grant.role.covers(*role))).collect();
    let tokens = tokens::section(&mut shell, "/me/tokens", access.own_tokens(ctx).await?, &roles, &entry, error)?;
    let login = match &ctx.who {
        Who::Account { login, .. } => login.clone(),
        _ => String::new(),
    };
    let mut grants = Vec::new();
    if let Some(id) = ctx.account_id() {
        grants = access.grants_of(ctx, id).await?.iter().map(|held| GrantView::of(access, ctx, held)).collect();
    }
    Ok(page(&MeView {
        name: ctx.author_name().to_owned(),
        login,
        grants,
        posts: ctx.identities().iter().enumerate().map(|(at, identity)| (identity.label(), ctx.acting == Some(at))).collect(),
        passkeys: access.own_passkeys(ctx).await?,
        has_passkeys: access.has_passkeys(),
        sign_on: access.own_sign_ons(ctx).await?,
        sessions: access.own_sessions(ctx).await?,
        tokens,
        administers: ctx.may_somewhere(Role::Administrator),
        second: match ctx.account_id() {
            Some(id) => access.second_step(id).await?,
            None => None,
        },
        shell,
    }))
}

/// `GET /me`
pub(super) async fn show(State(access): State<Access>, ctx: Context, Query(word): Query<Done>) -> Result<Response, AppError> {
    view(&access, &ctx, done(ctx.lang, word.done.as_deref()), TokenEntry::fresh(), None).await
}

/// `POST /me/tokens`
pub(super) async fn add_token(State(access): State<Access>, ctx: Context, Form(entry): Form<TokenEntry>) -> Result<Response, AppError> {
    match access.add_token(&ctx, entry.token()).await {
        Ok(secret) => Ok(tokens::shown_once(&ctx, secret, "/me")),
        Err(error) if belongs_in_form(&error) => Ok(with_status(view(&access, &ctx, None, entry, Some(&error)).await?, error.status)),
        Err(error) => Err(error),
    }
}

/// `POST /me/tokens/{id}/end`
pub(super) async fn end_token(State(access): State<Access>, ctx: Context, Path(id): Path<Uuid>) -> Result<Response, AppError> {
    access.end_token(&ctx, id).await?;
    Ok(see_other("/me?done=revoked".to_owned()))
}

/// `POST /me/sessions/{id}/end`
pub(super) async fn end_session(State(access): State<Access>, ctx: Context, Path(id): Path<Uuid>) -> Result<Response, AppError> {
    access.end_sessions(&ctx, Some(id)).await?;
    Ok(see_other("/me?done=ended".to_owned()))
}

/// `POST /me/sessions/end-others`
pub(super) async fn end_others(State(access): State<Access>, ctx: Context) -> Result<Response, AppError> {
    access.end_sessions(&ctx, None).await?;
    Ok(see_other("/me?done=ended".to_owned()))
}

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordView {
    shell: Shell,
    fields: Vec<Field>,
    summary: Html,
    must: bool,
}

#[derive(Deserialize)]
pub(super) struct PasswordEntry {
    current: String,
    password: String,
}

fn password_view(ctx: &Context, error: Option<&AppError>) -> Response {
    let l = ctx.lang;
    let mut shell = ctx.shell(l.t("Đổi mật khẩu", "Change password")).noindex();
    shell.path = CHANGE_PASSWORD.to_owned();
    let mut fields = vec![
        Field::new("current", l.t("Mật khẩu hiện tại", "Current password")).kind(Kind::Password).attr("autocomplete", "current-password").required(),
        Field::new("password", l.t("Mật khẩu mới", "New password"))
            .kind(Kind::Password)
            .attr("autocomplete", "new-password")
            .hint(l.t("Ít nhất 10 ký tự; một câu ngắn dễ nhớ là tốt nhất.", "At least 10 characters; a short phrase is best."))
            .required(),
    ];
    if let Some(error) = error {
        place_error(&mut shell, &mut fields, error);
    }
    let summary = error_summary(l, &fields);
    page(&PasswordView { shell, fields, summary, must: ctx.must_change })
}

/// `GET /me/password`
pub(super) async fn password_form(ctx: Context) -> Result<Response, AppError> {
    ctx.require_person()?;
    Ok(password_view(&ctx, None))
}

/// `POST /me/password`
pub(super) async fn password(State(access): State<Access>, ctx: Context, Form(entry): Form<PasswordEntry>) -> Result<Response, AppError> {
    match access.change_password(&ctx, &entry.current, &entry.password).await {
        Ok(()) => Ok(see_other("/me?done=password".to_owned())),
        Err(error) if belongs_in_form(&error) => Ok(with_status(password_view(&ctx, Some(&error)), error.status)),
        Err(error) => Err(error),
    }
}

/// Who asks, as programs see it.
#[derive(Serialize)]
pub(super) struct Me {
    /// Account id.
    id: Option<Uuid>,
    name: String,
    roles: Vec<MyRole>,
    /// The post acted in, and all that could be.
    post: Option<MyPost>,
    posts: Vec<MyPost>,
}

/// A post of the person who asks.
#[derive(Serialize)]
struct MyPost {
    id: Uuid,
    title: String,
    kind: PostKind,
    organisation: Uuid,
    organisation_name: String,
    unit: Uuid,
    /// How it is acted in for another; absent in one's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    behalf: Option<MyBehalf>,
}

#[derive(Serialize)]
struct MyBehalf {
    delegation: Uuid,
    kind: DelegationKind,
    holder_name: String,
    until: String,
    document: String,
}

impl From<&Identity> for MyPost {
    fn from(identity: &Identity) -> MyPost {
        let post = &identity.post;
        MyPost {
            behalf: identity.behalf.as_ref().map(|b| MyBehalf {
                delegation: b.delegation,
                kind: b.kind,
                holder_name: b.holder_name.clone(),
                until: b.until.to_string(),
                document: b.document.clone(),
            }),
            id: post.id,
            title: post.title.clone(),
            kind: post.kind,
            organisation: post.organisation,
            organisation_name: post.organisation_name.clone(),
            unit: post.unit,
        }
    }
}

/// A role that holds today.
#[derive(Serialize)]
struct MyRole {
    role: Role,
    unit: Uuid,
    unit_name: String,
    valid_from: String,
    /// First day on which it no longer holds.
    valid_to: Option<String>,
}

/// `GET /api/v1/me`
pub(super) async fn api(State(access): State<Access>, ctx: Context) -> Json<Me> {
    let today = ctx.today();
    let roles = ctx
        .grants()
        .map(|grant| MyRole {
            role: grant.role,
            unit: grant.unit,
            unit_name: access.unit_name(grant.unit, today, ctx.lang),
            valid_from: grant.from.to_string(),
            valid_to: grant.to.map(|to| to.to_string()),
        })
        .collect();
    let posts = ctx.identities().iter().map(MyPost::from).collect();
    Json(Me { id: ctx.account_id(), name: ctx.author_name().to_owned(), roles, post: ctx.identity().map(MyPost::from), posts })
}

impl SessionView {
    fn seen(&self) -> String {
        moment(self.seen_at)
    }

    fn since(&self) -> String {
        moment(self.created_at)
    }
}
