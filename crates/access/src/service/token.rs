use super::account::not_found;
use crate::access::Access;
use crate::context::Context;
use crate::error::db_error;
use crate::role::Role;
use crate::scope::Scopes;
use crate::secret::{TOKEN_PREFIX, digest, token};
use crate::store;
use crate::store::session::{self, TokenRow};
use db::Tx;
use jiff::Timestamp;
use serde_json::json;
use ui::AppError;
use uuid::Uuid;

/// The longest life of an API token: 366 days.
const LONGEST_DAYS: i64 = 366;
const DAY: i64 = 24 * 3600 * 1_000_000;

/// What a new API token needs.
#[derive(Clone, Debug)]
pub(crate) struct NewToken {
    pub name: String,
    /// What it may do, at most what its owner may.
    pub roles: Vec<Role>,
    /// Which areas of the API it reaches.
    pub scopes: Scopes,
    pub days: i64,
}

/// An API token as its owner sees it.
#[derive(Clone, Debug)]
pub(crate) struct TokenView {
    pub id: Uuid,
    pub name: String,
    pub roles: Vec<Role>,
    pub scopes: Scopes,
    pub expires_at: Timestamp,
    pub expired: bool,
    /// Last use, to five minutes; `None` before the first.
    pub used_at: Option<Timestamp>,
}

/// A running session as its owner sees it.
#[derive(Clone, Debug)]
pub(crate) struct SessionView {
    pub id: Uuid,
    pub created_at: Timestamp,
    pub seen_at: Timestamp,
    pub agent: String,
    /// The one through which the page is seen.
    pub this: bool,
}

fn instant(micros: i64) -> Timestamp {
    calendar::from_micros(micros).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn person_account() -> AppError {
    AppError::new("person_account", 409)
        .say("Mã truy cập của một người do chính người đó tạo và thu hồi.", "A person makes and revokes their own tokens.")
        .mend("Lập tài khoản hệ thống riêng cho phần mềm khác.", "Make a service account for another system.")
}

fn person(ctx: &Context) -> Result<Uuid, AppError> {
    ctx.require_person()?;
    ctx.account_id().ok_or_else(not_found)
}

impl Access {
    /// Makes an API token for oneself; the text is shown once and not kept.
    ///
    /// # Errors
    /// 401/403; 422 `name_invalid`, `roles_missing`, `scopes_missing`, `days_invalid`, `too_many_tokens`.
    pub(crate) async fn add_token(&self, ctx: &Context, new: NewToken) -> Result<String, AppError> {
        let account = person(ctx)?;
        let roles = new.roles.iter().copied().filter(|role| ctx.may_somewhere(*role)).collect();
        let tx = self.begin().await?;
        self.new_token(tx, ctx, account, roles, new).await
    }

    /// Makes an API token of a service account, by who administers it.
    ///
    /// # Errors
    /// 401/403/404 as [`Access::disable`]; 409 `person_account`; 422 as [`Access::add_token`].
    pub(crate) async fn add_service_token(&self, ctx: &Context, account: Uuid, new: NewToken) -> Result<String, AppError> {
        let (mut tx, row) = self.managed(ctx, account).await?;
        if !row.service {
            return Err(person_account());
        }
        let held = store::account::grants_open(&mut tx, account, ctx.today()).await.map_err(db_error)?;
        let roles = new.roles.iter().copied().filter(|role| held.iter().any(|g| g.grant.role.covers(*role))).collect();
        self.new_token(tx, ctx, account, roles, new).await
    }

    async fn new_token(&self, mut tx: Tx, ctx: &Context, account: Uuid, roles: Vec<Role>, new: NewToken) -> Result<String, AppError> {
        let name = lang::clean(&new.name);
        if !(1..=60).contains(&name.chars().count()) {
            return Err(AppError::new("name_invalid", 422)
                .say("Mã truy cập cần một tên không quá 60 ký tự.", "A token needs a name of at most 60 characters.")
                .mend("Đặt tên theo chương trình sẽ dùng nó.", "Name it after the program that will use it.")
                .at("name"));
        }
        if roles.is_empty() {
            return Err(AppError::new("roles_missing", 422)
                .say("Chưa chọn mã truy cập được làm gì.", "What the token may do has not been chosen.")
                .mend("Chọn ít nhất một vai trò.", "Choose at least one role.")
                .at("roles"));
        }
        if new.scopes.is_empty() {
            return Err(AppError::new("scopes_missing", 422)
                .say("Chưa chọn mã truy cập mở được phần nào.", "What the token may reach has not been chosen.")
                .mend("Chọn ít nhất một phần, đọc hoặc đọc và ghi.", "Choose at least one area, to read or to read and write.")
                .at("places"));
        }
        if !(1..=LONGEST_DAYS).contains(&new.days) {
            return Err(AppError::new("days_invalid", 422)
                .say("Thời hạn từ 1 đến 366 ngày.", "A token lives from 1 to 366 days.")
                .mend("Sửa số ngày.", "Mend the number of days.")
                .at("days"));
        }
        if session::tokens(self.db(), account).await.map_err(db_error)?.len() >= 50 {
            return Err(AppError::new("too_many_tokens", 422)
                .say("Mỗi tài khoản có nhiều nhất 50 mã truy cập.", "Each account has at most 50 tokens.")
                .mend("Thu hồi mã không còn dùng.", "Revoke those no longer used."));
        }
        let secret = format!("{TOKEN_PREFIX}{}", token()?);
        let now = ctx.at.as_microsecond();
        let row = TokenRow { id: Uuid::now_v7(), name, roles, scopes: new.scopes, created_at: now, expires_at: now + new.days * DAY, used_at: None };
        session::add_token(&mut tx, &row, digest(&secret), account).await.map_err(db_error)?;
        let roles: Vec<&str> = row.roles.iter().map(|role| role.as_str()).collect();
        self.act(tx, ctx, "token.add", account, json!({"token": row.id, "name": row.name, "roles": roles, "scopes": row.scopes.to_string(), "days": new.days}))
            .await?;
        Ok(secret)
    }

    /// Revokes one of one's own API tokens.
    pub(crate) async fn end_token(&self, ctx: &Context, id: Uuid) -> Result<(), AppError> {
        let account = person(ctx)?;
        let mut tx = self.begin().await?;
        if !session::end_token(&mut tx, id, account).await.map_err(db_error)? {
            return Err(AppError::new("token_not_found", 404));
        }
        self.act(tx, ctx, "token.end", account, json!({"token": id})).await
    }

    /// Revokes an API token of a service account.
    pub(crate) async fn end_service_token(&self, ctx: &Context, account: Uuid, id: Uuid) -> Result<(), AppError> {
        let (mut tx, row) = self.managed(ctx, account).await?;
        if !row.service {
            return Err(person_account());
        }
        if !session::end_token(&mut tx, id, account).await.map_err(db_error)? {
            return Err(AppError::new("token_not_found", 404));
        }
        self.act(tx, ctx, "token.end", account, json!({"token": id})).await
    }

    /// One's own API tokens, newest first.
    pub(crate) async fn own_tokens(&self, ctx: &Context) -> Result<Vec<TokenView>, AppError> {
        self.tokens_of(ctx, person(ctx)?).await
    }

    /// The API tokens of an account, newest first; the caller has made sure that they may be seen.
    pub(crate) async fn tokens_of(&self, ctx: &Context, account: Uuid) -> Result<Vec<TokenView>, AppError> {
        let rows = session::tokens(self.db(), account).await.map_err(db_error)?;
        let view = |row: TokenRow| {
            let expires_at = instant(row.expires_at);
            TokenView {
                id: row.id,
                name: row.name,
                roles: row.roles,
                scopes: row.scopes,
                expires_at,
                expired: expires_at <= ctx.at,
                used_at: row.used_at.map(instant),
            }
        };
        Ok(rows.into_iter().map(view).collect())
    }

    /// One's own running sessions, last used first.
    pub(crate) async fn own_sessions(&self, ctx: &Context) -> Result<Vec<SessionView>, AppError> {
        let rows = session::list(self.db(), person(ctx)?, ctx.at.as_microsecond()).await.map_err(db_error)?;
        let view = |row: session::SessionRow| SessionView {
            this: ctx.session == Some(row.id),
            id: row.id,
            created_at: instant(row.created_at),
            seen_at: instant(row.seen_at),
            agent: row.agent,
        };
        Ok(rows.into_iter().map(view).collect())
    }

    /// Ends one of one's own sessions, or with `None` all but this one.
    pub(crate) async fn end_sessions(&self, ctx: &Context, id: Option<Uuid>) -> Result<(), AppError> {
        let account = person(ctx)?;
        let mut tx = self.begin().await?;
        let ended = match id {
            Some(id) => u64::from(session::end_one(&mut tx, id, account).await.map_err(db_error)?),
            None => session::end_others(&mut tx, account, ctx.session.unwrap_or_default()).await.map_err(db_error)?,
        };
        self.act(tx, ctx, "session.end", account, json!({"ended": ended})).await
    }
}
