use super::account::not_found;
use crate::access::Access;
use crate::context::{Context, Who};
use crate::error::db_error;
use crate::secret::{digest, one_time_password, random, token};
use crate::store::account;
use crate::store::second as store;
use db::Tx;
use serde_json::json;
use totp_rs::{Builder, Secret};
use ui::AppError;
use uuid::Uuid;

/// How many recovery codes are given out.
const CODES: usize = 10;

fn code_wrong() -> AppError {
    AppError::new("code_wrong", 422)
        .say("Mã chưa đúng hoặc đã dùng rồi.", "The code is wrong or has been used.")
        .mend(
            "Chờ mã tiếp theo trên điện thoại rồi nhập lại; xem giờ điện thoại có đúng không.",
            "Wait for the next code; see whether the phone's clock is right.",
        )
        .at("code")
}

/// The step whose code this is: now, one before or one after.
fn step_of(secret: &[u8], code: &str, seconds: i64) -> Option<i64> {
    let totp = Builder::new().with_secret(Secret::from(secret)).build().ok()?;
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    if digits.len() != 6 {
        return None;
    }
    totp.check(&digits, u64::try_from(seconds).ok()?).and_then(|step| i64::try_from(step).ok())
}

/// What an authenticator takes up: the secret in letters, and the address behind a picture code.
#[derive(Clone, Debug)]
pub(crate) struct Enrolment {
    pub secret: String,
    pub address: String,
}

impl Access {
    /// Whether an account has the second step, and how many recovery codes are left.
    pub(crate) async fn second_step(&self, account: Uuid) -> Result<Option<i64>, AppError> {
        match store::totp(self.db(), account).await.map_err(db_error)? {
            Some(row) if row.confirmed => Ok(Some(store::codes_left(self.db(), account).await.map_err(db_error)?)),
            _ => Ok(None),
        }
    }

    /// Begins or goes on with turning the second step on; the same secret until it is confirmed.
    pub(crate) async fn enrol(&self, ctx: &Context) -> Result<Enrolment, AppError> {
        let (account, login) = self.person_of(ctx)?;
        let secret = match store::totp(self.db(), account).await.map_err(db_error)? {
            Some(row) if row.confirmed => return Err(AppError::new("totp_on", 409).say("Mã xác thực hai lớp đang bật.", "The second step is on.")),
            Some(row) => row.secret,
            None => {
                let made = random()?.to_vec();
                let mut tx = self.begin().await?;
                store::set_totp(&mut tx, account, &made).await.map_err(db_error)?;
                tx.commit().await.map_err(db_error)?;
                made
            }
        };
        let letters = Secret::from(secret.as_slice()).to_base32();
        let address = format!("otpauth://totp/C%E1%BB%95ng%20L%C3%A0ng:{}?secret={letters}&issuer=C%E1%BB%95ng%20L%C3%A0ng", ui::percent_encode(&login));
        Ok(Enrolment { secret: letters, address })
    }

    /// Turns the second step on with a code of the authenticator; gives the recovery codes, shown once.
    pub(crate) async fn confirm_second(&self, ctx: &Context, code: &str) -> Result<Vec<String>, AppError> {
        let (account, _) = self.person_of(ctx)?;
        self.count_attempt(ctx, &format!("totp {account}"), "me").await?;
        let row = store::totp(self.db(), account).await.map_err(db_error)?.filter(|row| !row.confirmed).ok_or_else(code_wrong)?;
        let step = step_of(&row.secret, code, ctx.at.as_second()).ok_or_else(code_wrong)?;
        let mut tx = self.begin().await?;
        if !store::take_step(&mut tx, account, step).await.map_err(db_error)?
            || !store::confirm_totp(&mut tx, account, ctx.at.as_microsecond()).await.map_err(db_error)?
        {
            return Err(code_wrong());
        }
        let mut codes = Vec::new();
        for _ in 0..CODES {
            let made = one_time_password()?;
            store::add_code(&mut tx, account, digest(&made.replace('-', ""))).await.map_err(db_error)?;
            codes.push(made);
        }
        self.act(tx, ctx, "totp.on", account, json!({})).await?;
        Ok(codes)
    }

    /// Turns the second step off; asks for a fresh proof first.
    pub(crate) async fn end_second(&self, ctx: &Context) -> Result<(), AppError> {
        let (account, _) = self.person_of(ctx)?;
        ctx.require_recent_proof(10)?;
        let mut tx = self.begin().await?;
        store::drop_totp(&mut tx, account).await.map_err(db_error)?;
        self.act(tx, ctx, "totp.off", account, json!({})).await
    }

    /// Takes a code of the authenticator or a recovery code of an account; each once only.
    async fn take_code(&self, tx: &mut Tx, ctx: &Context, account: Uuid, code: &str) -> Result<bool, AppError> {
        let row = store::totp(self.db(), account).await.map_err(db_error)?.filter(|row| row.confirmed).ok_or_else(code_wrong)?;
        if let Some(step) = step_of(&row.secret, code, ctx.at.as_second()) {
            // The last step is kept, so neither a code seen over the shoulder nor a clock set back brings it again.
            return if store::take_step(tx, account, step).await.map_err(db_error)? { Ok(false) } else { Err(code_wrong()) };
        }
        let plain: String = code.trim().to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
        if plain.len() >= 15 && store::use_code(tx, account, digest(&plain), ctx.at.as_microsecond()).await.map_err(db_error)? {
            return Ok(true);
        }
        Err(code_wrong())
    }

    /// The second step of signing in: gives the value of the session's new cookie.
    pub(crate) async fn finish_sign_in(&self, ctx: &Context, code: &str) -> Result<String, AppError> {
        let (Some(session), Some(account)) = (ctx.session, ctx.half) else { return Err(AppError::new("sign_in_required", 401)) };
        self.count_attempt(ctx, &format!("totp {account}"), "sign-in").await?;
        let secret = token()?;
        let mut tx = self.begin().await?;
        let recovery = self.take_code(&mut tx, ctx, account, code).await?;
        if !store::whole(&mut tx, session, digest(&secret), ctx.at.as_microsecond()).await.map_err(db_error)? {
            return Err(AppError::new("sign_in_required", 401));
        }
        self.forget_attempts(&mut tx, &format!("totp {account}"), "sign-in").await?;
        let row = account::by_id_in(&mut tx, account).await.map_err(db_error)?.ok_or_else(not_found)?;
        let person = Context { who: Who::Account { id: account, login: row.login, name: row.name }, ..ctx.clone() };
        self.act(tx, &person, if recovery { "totp.recovery" } else { "session.open" }, account, json!({"second": true})).await?;
        Ok(secret)
    }

    /// Proves once more who sits there, before an act of weight: by password, and by code where the second step is on.
    ///
    /// # Errors
    /// 401/403; 422 `password_wrong`, `code_wrong`; 429.
    pub(crate) async fn prove(&self, ctx: &Context, password: &str, code: &str) -> Result<(), AppError> {
        let (id, login) = self.person_of(ctx)?;
        let Some(session) = ctx.session else { return Err(not_found()) };
        self.count_attempt(ctx, &login, "proof").await?;
        let row = account::by_id(self.db(), id).await.map_err(db_error)?.ok_or_else(not_found)?;
        if !self.inner.hasher.verify(password, Some(row.password_hash)).await? {
            return Err(AppError::new("password_wrong", 422)
                .say("Mật khẩu chưa đúng.", "The password is not right.")
                .mend("Nhập lại mật khẩu đang dùng.", "Enter the password you use now.")
                .at("password"));
        }
        let second = self.second_step(id).await?.is_some();
        let mut tx = self.begin().await?;
        if second {
            self.take_code(&mut tx, ctx, id, code).await?;
        }
        store::proved(&mut tx, session, ctx.at.as_microsecond()).await.map_err(db_error)?;
        self.forget_attempts(&mut tx, &login, "proof").await?;
        self.act(tx, ctx, "proof.give", id, json!({"second": second})).await
    }

    pub(super) fn person_of(&self, ctx: &Context) -> Result<(Uuid, String), AppError> {
        ctx.require_person()?;
        match &ctx.who {
            Who::Account { id, login, .. } => Ok((*id, login.clone())),
            _ => Err(not_found()),
        }
    }
}
