use super::passkey::Door;
use crate::access::Access;
use crate::context::{Context, Who};
use crate::error::db_error;
use crate::secret::{digest, token};
use crate::service::account::login_key;
use crate::store::account::{self as store, AccountRow};
use crate::store::second;
use crate::store::session;
use db::Tx;
use serde_json::{Value, json};
use ui::AppError;
use uuid::Uuid;

/// What comes with somebody who wants in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt<'a> {
    pub address: &'a str,
    pub login: &'a str,
    pub password: &'a str,
    pub agent: &'a str,
    /// The session cookie that came along.
    pub old: Option<&'a str>,
    /// The cookie of a known browser that came along.
    pub device: Option<&'a str>,
}

/// What signing in gives.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn {
    /// The value of the session cookie, to be given out once.
    pub cookie: String,
    /// The password was a one-time one: a new one comes first.
    pub temporary: bool,
    /// A code of the authenticator comes next.
    pub half: bool,
    /// Marks this browser as one from which this person signed in before; for another cookie.
    pub device: String,
}

impl Access {
    /// Signs in with login and password.
    /// `old` is the cookie that came with the request: its session ends, so that nobody can plant one beforehand.
    ///
    /// # Errors
    /// 401 `sign_in_failed`, the same for unknown logins, wrong passwords and closed accounts; 429 `too_many_attempts`.
    pub(crate) async fn sign_in(&self, ctx: &Context, entry: &Attempt<'_>) -> Result<SignedIn, AppError> {
        let Attempt { address, login, password, agent, old, device } = *entry;
        let failed = || {
            AppError::new("sign_in_failed", 401)
                .say("Tên đăng nhập hoặc mật khẩu chưa đúng.", "The login or the password is not right.")
                .mend("Kiểm tra bộ gõ tiếng Việt và phím Caps Lock rồi thử lại.", "Check the keyboard's language and Caps Lock, then try again.")
        };
        // A browser from which the person signed in before has a count of its own: nobody else's failures lock it out.
        let known = match (device, login_key(login)) {
            (Some(device), Ok(key)) => match store::by_login(self.db(), &key).await.map_err(db_error)? {
                Some(row) => second::knows_device(self.db(), digest(device), row.id, ctx.at.as_microsecond()).await.map_err(db_error)?,
                None => false,
            },
            _ => false,
        };
        let from = address;
        let own = device.map(|device| format!("device {}", hex(&digest(device)))).unwrap_or_default();
        let address = if known { own.as_str() } else { address };
        if !known {
            self.count_address(ctx, from).await?;
        }
        self.count_attempt(ctx, login, address).await?;
        let row = match login_key(login) {
            Ok(key) => store::by_login(self.db(), &key).await.map_err(db_error)?,
            Err(_) => None,
        };
        let right = self.inner.hasher.verify(password, row.as_ref().map(|row| row.password_hash.clone())).await?;
        let now = ctx.at.as_microsecond();
        let Some(row) = row.filter(|row| right && !row.disabled && !row.service && (self.inner.options.demo || !row.demo)) else {
            return Err(failed());
        };
        if row.temporary_until.is_some_and(|until| until < now) {
            return Err(AppError::new("password_expired", 401)
                .say("Mật khẩu dùng một lần đã hết hạn.", "The one-time password has expired.")
                .mend("Nhờ người quản trị cấp lại.", "Ask the administrator for a new one."));
        }
        let secret = token()?;
        let mut tx = self.begin().await?;
        if let Some(old) = old {
            session::close(&mut tx, digest(old)).await.map_err(db_error)?;
        }
        let temporary = row.temporary_until.is_some();
        let half = !temporary && self.second_step(row.id).await?.is_some();
        session::open(&mut tx, digest(&secret), row.id, now, &short_agent(agent), half).await.map_err(db_error)?;
        self.forget_attempts(&mut tx, login, address).await?;
        let device = match device.filter(|_| known) {
            Some(device) => device.to_owned(),
            None => {
                session::uncount(&mut tx, &digest(ANY), from).await.map_err(db_error)?;
                let made = token()?;
                second::trust(&mut tx, digest(&made), row.id, now, now + DEVICE_LIFE).await.map_err(db_error)?;
                made
            }
        };
        let who = Who::Account { id: row.id, login: row.login, name: row.name };
        let person = Context { who, ..ctx.clone() };
        let act = if half { "session.half" } else { "session.open" };
        self.act(tx, &person, act, row.id, json!({})).await?;
        Ok(SignedIn { cookie: secret, temporary, half, device })
    }

    /// Opens a session for somebody who showed without a password who they are, in the transaction that wrote it down.
    /// `half` keeps them before the second step; `how` goes into the audit.
    pub(super) async fn let_in(&self, mut tx: Tx, ctx: &Context, row: AccountRow, door: &Door<'_>, half: bool, how: Value) -> Result<SignedIn, AppError> {
        let now = ctx.at.as_microsecond();
        if let Some(old) = door.old {
            session::close(&mut tx, digest(old)).await.map_err(db_error)?;
        }
        let (secret, device) = (token()?, token()?);
        session::open(&mut tx, digest(&secret), row.id, now, &short_agent(door.agent), half).await.map_err(db_error)?;
        session::uncount(&mut tx, &digest(ANY), door.address).await.map_err(db_error)?;
        second::trust(&mut tx, digest(&device), row.id, now, now + DEVICE_LIFE).await.map_err(db_error)?;
        let temporary = row.temporary_until.is_some();
        let person = Context { who: Who::Account { id: row.id, login: row.login, name: row.name }, ..ctx.clone() };
        self.act(tx, &person, if half { "session.half" } else { "session.open" }, row.id, how).await?;
        Ok(SignedIn { cookie: secret, temporary, half, device })
    }

    /// Opens a session without a password and returns the value of its cookie (see [`Access::cookie_name`]).
    /// For tests and for the command line; only the system may.
    ///
    /// # Errors
    /// 403 `system_required`; 404 `account_not_found`.
    pub async fn open_session(&self, ctx: &Context, account: Uuid) -> Result<String, AppError> {
        if ctx.who != Who::System {
            return Err(AppError::new("system_required", 403));
        }
        let secret = token()?;
        let mut tx = self.begin().await?;
        if store::by_id_in(&mut tx, account).await.map_err(db_error)?.is_none() {
            return Err(super::account::not_found());
        }
        session::open(&mut tx, digest(&secret), account, ctx.at.as_microsecond(), "system", false).await.map_err(db_error)?;
        self.act(tx, ctx, "session.open", account, json!({})).await?;
        Ok(secret)
    }

    /// Ends the session of a cookie, whoever holds it.
    pub(crate) async fn sign_out(&self, ctx: &Context, cookie: &str) -> Result<(), AppError> {
        let mut tx = self.begin().await?;
        session::close(&mut tx, digest(cookie)).await.map_err(db_error)?;
        match ctx.account_id() {
            Some(account) => self.act(tx, ctx, "session.close", account, json!({})).await,
            None => tx.commit().await.map_err(db_error),
        }
    }

    /// Counts a try of a login from an address before the password is looked at.
    pub(crate) async fn count_attempt(&self, ctx: &Context, login: &str, address: &str) -> Result<(), AppError> {
        let now = ctx.at.as_microsecond();
        let mut tx = self.db().begin().await.map_err(db_error)?;
        let allowed = session::attempt(&mut tx, &attempt_key(login), address, now).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        let Err(until) = allowed else { return Ok(()) };
        let minutes = ((until - now) / 60_000_000).max(0) + 1;
        Err(AppError::new("too_many_attempts", 429).say("Đã nhập sai nhiều lần liên tiếp.", "Too many wrong tries in a row.").mend(
            format!("Chờ {minutes} phút rồi thử lại, hoặc nhờ người quản trị đặt lại mật khẩu."),
            format!("Wait {minutes} min and try again, or ask the administrator to reset the password."),
        ))
    }

    pub(crate) async fn count_address(&self, ctx: &Context, address: &str) -> Result<(), AppError> {
        if address.is_empty() {
            return Ok(());
        }
        let mut tx = self.db().begin().await.map_err(db_error)?;
        let allowed = session::attempt_from(&mut tx, &digest(ANY), address, ctx.at.as_microsecond()).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        if allowed.is_ok() {
            return Ok(());
        }
        Err(AppError::new("too_many_attempts", 429)
            .say("Từ địa chỉ mạng này có quá nhiều lần đăng nhập sai.", "Too many failed sign-ins came from this address.")
            .mend("Chờ một phút rồi thử lại; thiết bị đã từng đăng nhập thì không bị chặn.", "Wait a minute; devices that signed in before are not held up."))
    }

    pub(crate) async fn forget_attempts(&self, tx: &mut Tx, login: &str, address: &str) -> Result<(), AppError> {
        session::forgive(tx, &attempt_key(login), address).await.map_err(db_error)
    }
}

/// Stands for every login in the count of an address.
const ANY: &str = "\u{0}any";
/// How long a browser is known: half a year, in microseconds.
const DEVICE_LIFE: i64 = 180 * 24 * 3600 * 1_000_000;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// A digest, because people sometimes type their password where the login belongs.
fn attempt_key(login: &str) -> Vec<u8> {
    digest(&lang::fold(login))
}

/// Browser and system out of a `User-Agent`, enough to recognise one's own devices.
pub(crate) fn short_agent(agent: &str) -> String {
    let pick = |list: &[(&str, &'static str)]| list.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    let browser = pick(&[
        ("coc_coc", "Cốc Cốc"),
        ("Zalo", "Zalo"),
        ("Edg", "Edge"),
        ("SamsungBrowser", "Samsung Internet"),
        ("OPR", "Opera"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
        ("curl", "curl"),
    ]);
    let system = pick(&[("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux")]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_recognised() {
        let chrome = "Mozilla/5.0 (Linux; Android 13; SM-A047F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36";
        assert_eq!(short_agent(chrome), "Chrome, Android");
        assert_eq!(short_agent("<script>"), "");
    }
}
