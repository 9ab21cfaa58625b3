use super::passkey::{Door, Purpose};
use super::sign_in::SignedIn;
use crate::access::Access;
use crate::context::Context;
use crate::error::db_error;
use crate::secret::digest;
use crate::sign_on::{Fault, Provider, SignOn};
use crate::store::account;
use crate::store::second;
use crate::store::sign_on::{self as store, TryRow};
use jiff::Timestamp;
use serde_json::json;
use ui::AppError;

/// How long somebody may be away at a provider, in microseconds: time to find the phone.
const WAIT: i64 = 15 * 60 * 1_000_000;

/// A provider by which the owner of an account may sign in.
#[derive(Clone, Debug)]
pub(crate) struct SignOnView {
    pub key: String,
    pub name: String,
    /// Microseconds; `None` while it is not linked.
    pub linked_at: Option<i64>,
    pub used_at: Option<i64>,
    /// The configuration still has it.
    pub open: bool,
}

/// What the browser brings back from a provider.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Brought<'a> {
    pub state: &'a str,
    /// Empty when the provider refused.
    pub code: &'a str,
}

/// What came of a visit to a provider.
#[derive(Clone, Debug)]
pub(crate) enum Came {
    In(SignedIn, String),
    Linked,
    Proved(String),
}

fn unknown() -> AppError {
    AppError::new("sign_on_not_found", 404)
        .say("Không có cách đăng nhập này.", "There is no such way to sign in.")
        .mend("Xem các cách đang có ở trang đăng nhập.", "See the ways there are on the sign-in page.")
}

fn stale() -> AppError {
    AppError::new("sign_on_stale", 422)
        .say("Lượt đăng nhập này đã hết hạn hoặc không bắt đầu từ trình duyệt này.", "This sign-in has run out or did not begin in this browser.")
        .mend("Bấm lại nút đăng nhập.", "Press the button again.")
}

fn fault(fault: Fault, name: &str) -> AppError {
    match fault {
        Fault::Unreachable => AppError::new("sign_on_unreachable", 502)
            .say(format!("Chưa liên lạc được với {name}."), format!("{name} cannot be reached."))
            .mend("Thử lại sau ít phút, hoặc vào bằng mật khẩu.", "Try again in a few minutes, or use your password."),
        Fault::Busy => AppError::new("sign_on_busy", 503)
            .say(format!("Nhiều người đang vào bằng {name} cùng lúc."), format!("Many people sign in by {name} right now."))
            .mend("Chờ vài giây rồi thử lại.", "Wait a few seconds and try again."),
        Fault::Untrue => AppError::new("sign_on_untrue", 422)
            .say(format!("Trả lời của {name} không kiểm chứng được nên không được nhận."), format!("The answer of {name} could not be verified."))
            .mend("Thử lại từ đầu; nếu vẫn vậy thì báo người quản trị.", "Begin again; if it stays so tell the administrator."),
        Fault::Stale => AppError::new("sign_on_not_anew", 422)
            .say(format!("{name} chưa hỏi lại bạn."), format!("{name} did not ask you again."))
            .mend("Xác nhận bằng mật khẩu hoặc khóa truy cập.", "Prove it by password or passkey."),
    }
}

impl Access {
    /// Opens the doors of other providers; call it once, before serving.
    ///
    /// # Errors
    /// What cannot be right in the configuration, in words for whoever wrote it.
    pub fn set_sign_on(&self, providers: &[Provider], public_address: &str) -> Result<(), String> {
        let all = providers.iter().map(|provider| SignOn::new(provider.clone(), public_address)).collect::<Result<Vec<_>, _>>()?;
        self.inner.sign_on.set(all).map_err(|_| "sign_on was set before".to_owned())
    }

    /// Keys and names of the providers.
    pub(crate) fn sign_on_providers(&self) -> Vec<(String, String)> {
        self.sign_ons().iter().map(|one| (one.provider.key.clone(), one.provider.name.clone())).collect()
    }

    fn sign_ons(&self) -> &[SignOn] {
        self.inner.sign_on.get().map_or(&[], Vec::as_slice)
    }

    fn sign_on(&self, key: &str) -> Result<&SignOn, AppError> {
        self.sign_ons().iter().find(|one| one.provider.key == key).ok_or_else(unknown)
    }

    /// The providers and which of them the person who asks has linked; one that is linked but configured no more comes too.
    pub(crate) async fn own_sign_ons(&self, ctx: &Context) -> Result<Vec<SignOnView>, AppError> {
        let (account, _) = self.person_of(ctx)?;
        let links = store::list(self.db(), account).await.map_err(db_error)?;
        let mut all: Vec<SignOnView> = self
            .sign_on_providers()
            .into_iter()
            .map(|(key, name)| {
                let link = links.iter().find(|link| link.provider == key);
                SignOnView { key, name, linked_at: link.map(|link| link.linked_at), used_at: link.and_then(|link| link.used_at), open: true }
            })
            .collect();
        for link in links {
            if !all.iter().any(|one| one.key == link.provider) {
                all.push(SignOnView { name: link.provider.clone(), key: link.provider, linked_at: Some(link.linked_at), used_at: link.used_at, open: false });
            }
        }
        Ok(all)
    }

    /// To what a visit is bound, so that nobody can finish one that somebody else began.
    fn visitor(ctx: &Context, purpose: Purpose, browser: &str) -> Result<Vec<u8>, AppError> {
        match (purpose, ctx.session) {
            (Purpose::SignIn, _) if !browser.is_empty() => Ok(digest(browser)),
            (Purpose::Add | Purpose::Proof, Some(session)) => Ok(session.as_bytes().to_vec()),
            _ => Err(stale()),
        }
    }

    /// Begins a visit to a provider: the address where the browser goes. `browser` is the cookie of somebody who is not signed in.
    ///
    /// # Errors
    /// 404 `sign_on_not_found`; 403 `proof_required` before linking; 409 `sign_on_linked`; 502/503 of the provider.
    pub(crate) async fn visit(&self, ctx: &Context, key: &str, purpose: Purpose, browser: &str, back: &str) -> Result<String, AppError> {
        let sign_on = self.sign_on(key)?;
        let bound = Self::visitor(ctx, purpose, browser)?;
        if purpose != Purpose::SignIn {
            let (account, _) = self.person_of(ctx)?;
            let linked = store::list(self.db(), account).await.map_err(db_error)?.iter().any(|link| link.provider == key);
            match purpose {
                Purpose::Add => {
                    ctx.require_recent_proof(10)?;
                    if linked {
                        return Err(linked_before());
                    }
                }
                _ if !linked => return Err(unknown()),
                _ => {}
            }
        }
        let begun = sign_on.begin(ctx.at, purpose == Purpose::Proof).await.map_err(|e| fault(e, &sign_on.provider.name))?;
        let now = ctx.at.as_microsecond();
        let new = TryRow {
            provider: key.to_owned(),
            purpose: purpose.word().to_owned(),
            bound,
            nonce: begun.nonce,
            verifier: begun.verifier,
            back: back.to_owned(),
            began_at: now,
            expires_at: now + WAIT,
        };
        let mut tx = self.begin().await?;
        store::ask(&mut tx, digest(&begun.state), &new).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        Ok(begun.address)
    }

    /// Takes in who comes back from a provider.
    ///
    /// # Errors
    /// 422 `sign_on_stale`, `sign_on_refused`, `sign_on_untrue`, `sign_on_unknown` and others as [`Access::visit`].
    pub(crate) async fn come_back(&self, ctx: &Context, door: &Door<'_>, brought: Brought<'_>) -> Result<Came, AppError> {
        let mut tx = self.begin().await?;
        let taken = store::take(&mut tx, digest(brought.state)).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        let now = ctx.at.as_microsecond();
        // One that began later than now was made before the clock was set back.
        let taken = taken.filter(|row| row.began_at <= now && now < row.expires_at).ok_or_else(stale)?;
        let purpose = Purpose::of(&taken.purpose).ok_or_else(stale)?;
        if Self::visitor(ctx, purpose, door.browser)? != taken.bound {
            return Err(stale());
        }
        let sign_on = self.sign_on(&taken.provider)?;
        let name = &sign_on.provider.name;
        if brought.code.is_empty() {
            return Err(AppError::new("sign_on_refused", 422)
                .say(format!("{name} chưa xác nhận, hoặc bạn đã bấm hủy ở đó."), format!("{name} did not confirm, or you cancelled there."))
                .mend("Thử lại, hoặc vào bằng mật khẩu.", "Try again, or use your password."));
        }
        let since = (purpose == Purpose::Proof).then(|| calendar::from_micros(taken.began_at).unwrap_or(Timestamp::MIN));
        let identity = sign_on.finish(ctx.at, brought.code.to_owned(), taken.nonce, taken.verifier, since).await.map_err(|e| fault(e, name))?;
        match purpose {
            Purpose::SignIn => Ok(Came::In(self.sign_in_by_link(ctx, door, sign_on, &identity).await?, taken.back)),
            Purpose::Add => self.link(ctx, &sign_on.provider, &identity).await.map(|()| Came::Linked),
            Purpose::Proof => self.prove_by_link(ctx, &sign_on.provider, &identity).await.map(|()| Came::Proved(taken.back)),
        }
    }

    async fn sign_in_by_link(&self, ctx: &Context, door: &Door<'_>, sign_on: &SignOn, identity: &[u8]) -> Result<SignedIn, AppError> {
        let name = &sign_on.provider.name;
        let unknown = || {
            AppError::new("sign_on_unknown", 422)
                .say(format!("Chưa có tài khoản nào ở đây gắn với {name} của bạn."), format!("No account here is linked to your {name}."))
                .mend(
                    format!("Vào bằng mật khẩu một lần, rồi gắn {name} ở trang Tài khoản của tôi."),
                    format!("Sign in with your password once, then link {name} on your account page."),
                )
        };
        let link = store::find(self.db(), identity).await.map_err(db_error)?.ok_or_else(unknown)?;
        let row = account::by_id(self.db(), link.account).await.map_err(db_error)?;
        let row = row.filter(|row| !row.disabled && !row.service && (self.inner.options.demo || !row.demo)).ok_or_else(unknown)?;
        // Whoever gave the password of one account does not go on as another.
        if ctx.half.is_some_and(|half| half != row.id) {
            return Err(stale());
        }
        let half = !sign_on.provider.checks_second_step && self.second_step(row.id).await?.is_some();
        let mut tx = self.begin().await?;
        if !store::used(&mut tx, identity, row.id, ctx.at.as_microsecond()).await.map_err(db_error)? {
            return Err(unknown());
        }
        self.let_in(tx, ctx, row, door, half, json!({"sign_on": sign_on.provider.key})).await
    }

    async fn link(&self, ctx: &Context, provider: &Provider, identity: &[u8]) -> Result<(), AppError> {
        let (account, _) = self.person_of(ctx)?;
        let now = ctx.at.as_microsecond();
        let mut tx = self.begin().await?;
        if store::list(self.db(), account).await.map_err(db_error)?.iter().any(|link| link.provider == provider.key) {
            return Err(linked_before());
        }
        if !store::add(&mut tx, identity, account, &provider.key, now).await.map_err(db_error)? {
            let name = &provider.name;
            return Err(AppError::new("sign_on_taken", 409)
                .say(format!("{name} này đã gắn với một tài khoản khác."), format!("This {name} is linked to another account."))
                .mend("Mỗi người chỉ cần một tài khoản; nhờ người quản trị nếu bạn có hai.", "One account is enough; ask the administrator if you have two."));
        }
        self.act(tx, ctx, "sign_on.link", account, json!({"provider": provider.key})).await
    }

    async fn prove_by_link(&self, ctx: &Context, provider: &Provider, identity: &[u8]) -> Result<(), AppError> {
        let (account, _) = self.person_of(ctx)?;
        let session = ctx.session.ok_or_else(stale)?;
        let mut tx = self.begin().await?;
        if !store::used(&mut tx, identity, account, ctx.at.as_microsecond()).await.map_err(db_error)? {
            let name = &provider.name;
            return Err(AppError::new("sign_on_other", 422)
                .say(format!("Người vừa xác nhận ở {name} không phải chủ tài khoản này."), format!("Who confirmed at {name} is not the owner of this account."))
                .mend("Đăng xuất ở đó rồi thử lại, hoặc dùng mật khẩu.", "Sign out there and try again, or use your password."));
        }
        second::proved(&mut tx, session, ctx.at.as_microsecond()).await.map_err(db_error)?;
        self.act(tx, ctx, "proof.give", account, json!({"sign_on": provider.key})).await
    }

    /// Takes a link away; asks for a fresh proof first.
    pub(crate) async fn end_sign_on(&self, ctx: &Context, key: &str) -> Result<(), AppError> {
        let (account, _) = self.person_of(ctx)?;
        ctx.require_recent_proof(10)?;
        let mut tx = self.begin().await?;
        if !store::end(&mut tx, account, key).await.map_err(db_error)? {
            return Err(unknown());
        }
        self.act(tx, ctx, "sign_on.end", account, json!({"provider": key})).await
    }
}

fn linked_before() -> AppError {
    AppError::new("sign_on_linked", 409)
        .say("Tài khoản của bạn đã gắn rồi.", "Your account is linked already.")
        .mend("Muốn gắn lại thì bỏ gắn trước.", "Take the link away first to link again.")
}
