use super::sign_in::SignedIn;
use crate::access::Access;
use crate::context::{Context, Who};
use crate::error::db_error;
use crate::passkey::{Answer, Fault, Said, Site, text};
use crate::secret::{digest, random};
use crate::store::passkey::{self as store, PasskeyRow};
use crate::store::{account, second};
use serde_json::{Value, json};
use ui::AppError;
use uuid::Uuid;

/// How long a challenge waits for its answer, in microseconds.
const WAIT: i64 = 5 * 60 * 1_000_000;
/// How many keys a person may keep.
const MOST: usize = 20;

/// What a challenge was given for; an answer to one is none to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Add,
    SignIn,
    Proof,
}

impl Purpose {
    /// The purpose behind a word.
    pub(crate) fn of(word: &str) -> Option<Purpose> {
        [Purpose::Add, Purpose::SignIn, Purpose::Proof].into_iter().find(|purpose| purpose.word() == word)
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Purpose::Add => "add",
            Purpose::SignIn => "sign-in",
            Purpose::Proof => "proof",
        }
    }
}

/// A passkey as its owner sees it.
#[derive(Clone, Debug)]
pub(crate) struct PasskeyView {
    pub id: Uuid,
    pub name: String,
    pub created_at: i64,
    pub used_at: Option<i64>,
}

/// Where somebody who signs in without a password comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Door<'a> {
    pub address: &'a str,
    pub agent: &'a str,
    /// The session cookie that came along.
    pub old: Option<&'a str>,
    /// The cookie of the browser that asked for the challenge.
    pub browser: &'a str,
}

/// One sentence for whatever is wrong, so that nobody learns which keys and accounts there are.
fn refused() -> AppError {
    AppError::new("passkey_refused", 422)
        .say("Chưa vào được bằng khóa truy cập này.", "This passkey was not accepted.")
        .mend("Thử lại từ đầu; nếu vẫn không được thì dùng mật khẩu.", "Begin again; if it still fails, use your password.")
}

fn fault(fault: Fault) -> AppError {
    tracing::info!(?fault, "a passkey was refused");
    match fault {
        Fault::Unverified => AppError::new("passkey_unverified", 422)
            .say("Thiết bị chưa kiểm tra vân tay, khuôn mặt hay mã PIN của bạn.", "The device did not check your finger, face or PIN.")
            .mend("Bật khóa màn hình trên thiết bị rồi thử lại.", "Turn the screen lock on and try again."),
        Fault::Algorithm => AppError::new("passkey_algorithm", 422)
            .say("Loại khóa của thiết bị này chưa dùng được.", "This kind of key is not taken.")
            .mend("Dùng thiết bị khác, hoặc mã trên điện thoại.", "Use another device, or a code on your phone."),
        _ => refused(),
    }
}

impl Access {
    /// Binds passkeys to the public address of the site; without a fitting one there are none.
    pub fn set_public_address(&self, address: &str) {
        if let Some(site) = Site::of(address) {
            // The address does not change while the program runs.
            drop(self.inner.site.set(site));
        }
    }

    /// Whether browsers let passkeys be bound to an address.
    pub fn carries_passkeys(address: &str) -> bool {
        Site::of(address).is_some()
    }

    /// Whether passkeys can be used on this site.
    pub(crate) fn has_passkeys(&self) -> bool {
        self.inner.site.get().is_some()
    }

    fn site(&self) -> Result<&Site, AppError> {
        self.inner.site.get().ok_or_else(|| {
            AppError::new("passkeys_off", 409)
                .say("Trang này chưa dùng được khóa truy cập.", "Passkeys are not set up on this site.")
                .mend("Người vận hành cần đặt địa chỉ công khai (https) của trang.", "Its operator has to set its public https address.")
        })
    }

    /// The passkeys of the person who asks.
    pub(crate) async fn own_passkeys(&self, ctx: &Context) -> Result<Vec<PasskeyView>, AppError> {
        let (account, _) = self.person_of(ctx)?;
        let rows = store::list(self.db(), account).await.map_err(db_error)?;
        Ok(rows.into_iter().map(|row| PasskeyView { id: row.id, name: row.name, created_at: row.created_at, used_at: row.used_at }).collect())
    }

    /// What the browser must know to ask an authenticator: the options of `navigator.credentials`, bytes in base64url.
    /// `browser` names the browser of somebody who is not signed in.
    pub(crate) async fn ask_passkey(&self, ctx: &Context, purpose: Purpose, browser: &str) -> Result<Value, AppError> {
        let site = self.site()?;
        let challenge = random()?;
        let bound = self.bound(ctx, purpose, browser)?;
        let options = match purpose {
            Purpose::SignIn => json!({"challenge": text(&challenge), "rpId": site.host, "userVerification": "required", "timeout": WAIT / 1000}),
            Purpose::Proof => {
                let (account, _) = self.person_of(ctx)?;
                let keys = store::list(self.db(), account).await.map_err(db_error)?;
                let allowed: Vec<Value> = keys.iter().map(|key| json!({"type": "public-key", "id": text(&key.credential)})).collect();
                json!({"challenge": text(&challenge), "rpId": site.host, "userVerification": "required", "timeout": WAIT / 1000, "allowCredentials": allowed})
            }
            Purpose::Add => {
                let (account, login) = self.person_of(ctx)?;
                ctx.require_recent_proof(10)?;
                let keys = store::list(self.db(), account).await.map_err(db_error)?;
                let known: Vec<Value> = keys.iter().map(|key| json!({"type": "public-key", "id": text(&key.credential)})).collect();
                json!({
                    "challenge": text(&challenge),
                    "rp": {"id": site.host, "name": "Cổng Làng"},
                    "user": {"id": text(account.as_bytes()), "name": login, "displayName": ctx.author_name()},
                    "pubKeyCredParams": [{"type": "public-key", "alg": crate::passkey::ES256}, {"type": "public-key", "alg": crate::passkey::RS256}],
                    "authenticatorSelection": {"residentKey": "required", "requireResidentKey": true, "userVerification": "required"},
                    "attestation": "none",
                    "excludeCredentials": known,
                    "timeout": WAIT / 1000,
                })
            }
        };
        let now = ctx.at.as_microsecond();
        let mut tx = self.begin().await?;
        store::ask(&mut tx, digest(&text(&challenge)), purpose.word(), &bound, now, now + WAIT).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        Ok(options)
    }

    /// To what a challenge is bound: the session, or the browser before there is one.
    fn bound(&self, ctx: &Context, purpose: Purpose, browser: &str) -> Result<Vec<u8>, AppError> {
        match (purpose, ctx.session) {
            (Purpose::SignIn, _) if !browser.is_empty() => Ok(digest(browser)),
            (Purpose::Add | Purpose::Proof, Some(session)) => Ok(session.as_bytes().to_vec()),
            _ => Err(refused()),
        }
    }

    /// Takes the challenge of an answer away, whatever comes of the rest: it is worth one try.
    async fn take_challenge(&self, ctx: &Context, purpose: Purpose, browser: &str, said: &Said) -> Result<(), AppError> {
        let bound = self.bound(ctx, purpose, browser)?;
        let now = ctx.at.as_microsecond();
        let mut tx = self.begin().await?;
        let taken = store::take(&mut tx, digest(&text(&said.challenge)), purpose.word(), &bound, now, now + WAIT).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        if taken { Ok(()) } else { Err(refused()) }
    }

    /// Keeps a key that was just made, under a name.
    ///
    /// # Errors
    /// 401/403, also `proof_required`; 409 `passkeys_off`, `passkey_known`; 422 `name_missing`, `passkey_…`.
    pub(crate) async fn add_passkey(&self, ctx: &Context, name: &str, answer: &str) -> Result<(), AppError> {
        let (account, _) = self.person_of(ctx)?;
        ctx.require_recent_proof(10)?;
        let site = self.site()?;
        let name: String = lang::clean(name).chars().take(60).collect();
        if name.is_empty() {
            return Err(AppError::new("name_missing", 422)
                .say("Khóa chưa có tên.", "The passkey has no name.")
                .mend("Đặt tên, như “điện thoại của tôi”.", "Give it one, such as “my phone”."));
        }
        let (said, made) = Answer::read(answer).and_then(|answer| answer.made(site)).map_err(fault)?;
        self.take_challenge(ctx, Purpose::Add, "", &said).await?;
        let mut tx = self.begin().await?;
        if store::list(self.db(), account).await.map_err(db_error)?.len() >= MOST {
            return Err(AppError::new("passkeys_many", 409)
                .say("Đã có 20 khóa truy cập.", "There are 20 passkeys already.")
                .mend("Bỏ khóa không dùng nữa.", "Remove one that is no longer used."));
        }
        let new = PasskeyRow {
            credential: said.credential,
            id: Uuid::now_v7(),
            account,
            name: name.clone(),
            algorithm: made.algorithm,
            public_key: made.public_key,
            counter: said.counter,
            created_at: ctx.at.as_microsecond(),
            used_at: None,
        };
        if !store::add(&mut tx, &new).await.map_err(db_error)? {
            return Err(AppError::new("passkey_known", 409)
                .say("Khóa này đã được thêm rồi.", "This passkey has been added before.")
                .mend("Dùng luôn khóa đó.", "Just use it."));
        }
        self.act(tx, ctx, "passkey.add", account, json!({"passkey": new.id, "name": name})).await
    }

    /// Takes a key away; asks for a fresh proof first.
    pub(crate) async fn end_passkey(&self, ctx: &Context, id: Uuid) -> Result<(), AppError> {
        let (account, _) = self.person_of(ctx)?;
        ctx.require_recent_proof(10)?;
        let mut tx = self.begin().await?;
        if !store::end(&mut tx, account, id).await.map_err(db_error)? {
            return Err(AppError::new("passkey_not_found", 404).say("Không có khóa truy cập này.", "There is no such passkey."));
        }
        self.act(tx, ctx, "passkey.end", account, json!({"passkey": id})).await
    }

    /// The kept key that gave an answer, and who has it: challenge taken, signature right, account open, count still to be written.
    async fn key_of(&self, ctx: &Context, purpose: Purpose, browser: &str, answer: &str) -> Result<(PasskeyRow, account::AccountRow, Said), AppError> {
        let site = self.site()?;
        let said = Answer::read(answer).and_then(|answer| answer.shown(site)).map_err(fault)?;
        self.take_challenge(ctx, purpose, browser, &said).await?;
        let key = store::find(self.db(), &said.credential).await.map_err(db_error)?.ok_or_else(refused)?;
        said.proved_by(key.algorithm, &key.public_key).map_err(fault)?;
        if !said.user.is_empty() && said.user != key.account.as_bytes() {
            return Err(refused());
        }
        let row = account::by_id(self.db(), key.account).await.map_err(db_error)?;
        let row = row.filter(|row| !row.disabled && !row.service && (self.inner.options.demo || !row.demo)).ok_or_else(refused)?;
        Ok((key, row, said))
    }

    /// Writes the use of a key down in the transaction of the act; refuses, and tells the audit, when its count went back: there is a copy.
    async fn count_use(&self, mut tx: db::Tx, person: &Context, key: &PasskeyRow, said: &Said) -> Result<db::Tx, AppError> {
        if store::used(&mut tx, &key.credential, said.counter, person.at.as_microsecond()).await.map_err(db_error)? {
            return Ok(tx);
        }
        drop(tx);
        let tx = self.begin().await?;
        self.act(tx, person, "passkey.counter", key.account, json!({"passkey": key.id, "kept": key.counter, "said": said.counter})).await?;
        Err(AppError::new("passkey_copied", 422)
            .say("Khóa truy cập này có dấu hiệu bị sao chép nên không được nhận.", "This passkey looks copied, so it was not accepted.")
            .mend("Vào bằng mật khẩu, bỏ khóa này và báo người quản trị.", "Sign in with your password, remove the passkey and tell the administrator."))
    }

    /// Signs in with a passkey alone: the device holds the key and has checked its owner, which makes two steps in one.
    ///
    /// # Errors
    /// 409 `passkeys_off`; 422 `passkey_refused` for whatever is wrong with challenge, key or account, `passkey_copied`.
    pub(crate) async fn sign_in_by_passkey(&self, ctx: &Context, door: &Door<'_>, answer: &str) -> Result<SignedIn, AppError> {
        let (key, row, said) = self.key_of(ctx, Purpose::SignIn, door.browser, answer).await?;
        // Whoever gave the password of one account does not go on with the key of another.
        if ctx.half.is_some_and(|half| half != row.id) {
            return Err(refused());
        }
        let person = Context { who: Who::Account { id: row.id, login: row.login.clone(), name: row.name.clone() }, ..ctx.clone() };
        let tx = self.count_use(self.begin().await?, &person, &key, &said).await?;
        self.let_in(tx, ctx, row, door, false, json!({"passkey": key.id})).await
    }

    /// Proves once more who sits there with one's own passkey, before an act of weight.
    ///
    /// # Errors
    /// As [`Access::sign_in_by_passkey`].
    pub(crate) async fn prove_by_passkey(&self, ctx: &Context, answer: &str) -> Result<(), AppError> {
        let (account, login) = self.person_of(ctx)?;
        let session = ctx.session.ok_or_else(refused)?;
        self.count_attempt(ctx, &login, "proof").await?;
        let (key, _, said) = self.key_of(ctx, Purpose::Proof, "", answer).await?;
        if key.account != account {
            return Err(refused());
        }
        let mut tx = self.count_use(self.begin().await?, ctx, &key, &said).await?;
        second::proved(&mut tx, session, ctx.at.as_microsecond()).await.map_err(db_error)?;
        self.forget_attempts(&mut tx, &login, "proof").await?;
        self.act(tx, ctx, "proof.give", account, json!({"passkey": key.id})).await
    }
}
