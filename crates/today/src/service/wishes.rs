//! How a person wishes to be told: mail, its hour, a calendar feed.

use crate::mail::is_address;
use crate::store::{self, Reminder};
use crate::{Mail, Today};
use access::{Context, db_error};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use ui::AppError;
use uuid::Uuid;

/// A code holds for half an hour and five tries.
const CODE_LIFE: i64 = 30 * 60 * 1_000_000;
const TRIES: i64 = 5;
/// A new code is sent at most once a minute.
const PAUSE: i64 = 60 * 1_000_000;

/// What a person wishes, as they may see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Mail address; empty for none.
    pub address: String,
    /// Whether the person proved to read it.
    pub confirmed: bool,
    /// Whether a code was sent and still holds.
    pub code_sent: bool,
    /// Mail at once for what is late or nearly so.
    pub urgent: bool,
    /// `HH:MM` of the digest on working days; none for no digest.
    pub digest: Option<String>,
    /// Whether there is a calendar feed.
    pub feed: bool,
    /// Whether this installation can send mail.
    pub mail: bool,
    /// Why the last letter has not left yet.
    pub problem: Option<String>,
}

fn hash(account: Uuid, secret: &str) -> Vec<u8> {
    let mut digest = Sha256::new();
    digest.update(account.as_bytes());
    digest.update(secret.as_bytes());
    digest.finalize().to_vec()
}

fn random<const N: usize>() -> Result<[u8; N], AppError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| AppError::new("internal", 500))?;
    Ok(bytes)
}

fn me(ctx: &Context) -> Result<Uuid, AppError> {
    ctx.require_person()?;
    ctx.account_id().ok_or_else(|| AppError::new("sign_in_required", 401))
}

/// The hash under which the secret of a feed is kept.
pub(crate) fn feed_hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// `HH:MM` as a minute of the day.
fn minute(text: &str) -> Option<i64> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    ((0..24).contains(&hours) && (0..60).contains(&minutes)).then_some(hours * 60 + minutes)
}

impl Today {
    /// What the person wishes.
    ///
    /// # Errors
    /// 401/403 for whoever is no person; what the database says.
    pub async fn wishes(&self, ctx: &Context) -> Result<Wishes, AppError> {
        let account = me(ctx)?;
        let r = store::read(self.db(), account).await.map_err(db_error)?.unwrap_or_default();
        Ok(Wishes {
            confirmed: r.confirmed_at.is_some(),
            code_sent: r.code_hash.is_some() && r.code_until > calendar::micros(ctx.at),
            urgent: r.urgent,
            digest: r.digest_minute.map(|m| format!("{:02}:{:02}", m / 60, m % 60)),
            feed: r.feed_hash.is_some(),
            mail: self.post().mailer.is_some(),
            problem: store::last_problem(self.db(), account).await.map_err(db_error)?,
            address: r.address,
        })
    }

    async fn change(&self, ctx: &Context, what: &str, change: impl AsyncFnOnce(&mut Reminder, &mut db::Tx) -> Result<(), AppError>) -> Result<(), AppError> {
        let account = me(ctx)?;
        let centre = self.figures().places().atlas().nation().unwrap_or_default();
        let mut tx = self.db().begin().await.map_err(db_error)?;
        access::lock_tenant(&mut tx, centre).await.map_err(db_error)?;
        let mut reminder = store::read_tx(&mut tx, account).await.map_err(db_error)?.unwrap_or(Reminder { account, ..Reminder::default() });
        change(&mut reminder, &mut tx).await?;
        store::save(&mut tx, &reminder).await.map_err(db_error)?;
        access::audit(&mut tx, ctx, centre, what, &account.to_string(), serde_json::json!({})).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)
    }

    /// Begins to use a mail address: sends a code there. An empty address takes the old one away.
    ///
    /// # Errors
    /// 422 `address_unreadable`, 409 `mail_not_set_up`, 429 `code_just_sent`.
    pub async fn set_address(&self, ctx: &Context, address: &str) -> Result<(), AppError> {
        let address = lang::clean(address);
        let now = calendar::micros(ctx.at);
        if !address.is_empty() && !is_address(&address) {
            return Err(AppError::new("address_unreadable", 422)
                .say("Địa chỉ thư chưa đúng.", "This is no mail address.")
                .mend("Viết như hoa.nguyen@phuchoa.example.vn.", "Write it like hoa.nguyen@phuchoa.example.vn.")
                .at("address"));
        }
        if !address.is_empty() && self.post().mailer.is_none() {
            return Err(AppError::new("mail_not_set_up", 409)
                .say("Hệ thống này chưa cài đặt gửi thư.", "This installation does not send mail.")
                .mend("Nhờ người quản trị máy chủ đặt “mail” trong cấu hình.", "Ask whoever runs the server to set “mail” in the configuration."));
        }
        self.change(ctx, "reminder.address", async |reminder, tx| {
            // The code before is known by the instant until which it holds.
            if reminder.code_hash.is_some() && now < reminder.code_until - CODE_LIFE + PAUSE && !address.is_empty() {
                return Err(AppError::new("code_just_sent", 429)
                    .say("Vừa gửi mã cách đây chưa đầy một phút.", "A code was sent less than a minute ago.")
                    .mend("Xem hộp thư, kể cả thư rác, rồi hãy xin mã mới.", "Look into your mailbox, spam too, before asking again."));
            }
            *reminder = Reminder { address: address.clone(), confirmed_at: None, code_hash: None, tries: 0, ..reminder.clone() };
            if address.is_empty() {
                return Ok(());
            }
            let code = format!("{:06}", u32::from_be_bytes(random::<4>()?) % 1_000_000);
            reminder.code_hash = Some(hash(reminder.account, &code));
            reminder.code_until = now + CODE_LIFE;
            let l = ctx.lang;
            let mail = Mail {
                id: Uuid::now_v7(),
                to: address.clone(),
                subject: format!("Cổng Làng: {} {code}", l.t("mã xác nhận", "code")),
                body: format!(
                    "{}\n\n    {code}\n\n{}\n",
                    l.t("Mã xác nhận địa chỉ thư của bạn trên Cổng Làng:", "The code that confirms your mail address on Cổng Làng:"),
                    l.t(
                        "Mã dùng được trong 30 phút. Nếu bạn không xin mã này, hãy bỏ qua thư: không ai nhận được thông báo của bạn.",
                        "It holds for 30 minutes. If you did not ask for it, ignore this letter: nothing will be sent."
                    )
                ),
            };
            store::add_mail(tx, reminder.account, &mail, now).await.map_err(db_error)
        })
        .await
    }

    /// Confirms the address with the code that was sent there.
    ///
    /// # Errors
    /// 422 `code_wrong`, also when it is too late or was tried too often.
    pub async fn confirm(&self, ctx: &Context, code: &str) -> Result<(), AppError> {
        let (code, now) = (code.trim().to_owned(), calendar::micros(ctx.at));
        let mut right = false;
        self.change(ctx, "reminder.confirm", async |reminder, _| {
            right = reminder.tries < TRIES && now < reminder.code_until && reminder.code_hash.as_ref() == Some(&hash(reminder.account, &code));
            if right {
                *reminder = Reminder { confirmed_at: Some(now), code_hash: None, tries: 0, ..reminder.clone() };
            } else {
                reminder.tries += 1;
            }
            Ok(())
        })
        .await?;
        if right {
            return Ok(());
        }
        Err(AppError::new("code_wrong", 422)
            .say("Mã chưa đúng hoặc đã hết hạn.", "The code is wrong or too old.")
            .mend("Xem lại thư mới nhất, hoặc xin mã mới.", "Look at the newest letter, or ask for a new code.")
            .at("code"))
    }

    /// Says what is to be mailed: at once, and the digest at `HH:MM` (empty for none).
    ///
    /// # Errors
    /// 422 `hour_unreadable`.
    pub async fn wish(&self, ctx: &Context, urgent: bool, digest: &str) -> Result<(), AppError> {
        let digest = if digest.trim().is_empty() {
            None
        } else {
            Some(minute(digest).ok_or_else(|| {
                AppError::new("hour_unreadable", 422)
                    .say("Giờ gửi thư chưa đúng.", "This is no time of day.")
                    .mend("Viết giờ và phút, ví dụ 07:00.", "Write hours and minutes, such as 07:00.")
                    .at("digest")
            })?)
        };
        self.change(ctx, "reminder.wish", async |reminder, _| {
            (reminder.urgent, reminder.digest_minute) = (urgent, digest);
            Ok(())
        })
        .await
    }

    /// Makes the calendar feed anew; its secret, shown only now. The address before stops working.
    ///
    /// # Errors
    /// What the database says.
    pub async fn make_feed(&self, ctx: &Context) -> Result<String, AppError> {
        let secret = URL_SAFE_NO_PAD.encode(random::<24>()?);
        self.change(ctx, "reminder.feed", async |reminder, _| {
            reminder.feed_hash = Some(feed_hash(&secret));
            Ok(())
        })
        .await?;
        Ok(secret)
    }

    /// Ends the calendar feed.
    ///
    /// # Errors
    /// What the database says.
    pub async fn end_feed(&self, ctx: &Context) -> Result<(), AppError> {
        self.change(ctx, "reminder.feed_end", async |reminder, _| {
            reminder.feed_hash = None;
            Ok(())
        })
        .await
    }

    /// The calendar behind a secret address.
    ///
    /// # Errors
    /// 404 `unknown_feed`.
    pub async fn feed(&self, secret: &str, now: i64) -> Result<String, AppError> {
        let account = store::by_feed(self.db(), feed_hash(secret)).await.map_err(db_error)?;
        let Some(account) = account else {
            return Err(AppError::new("unknown_feed", 404)
                .say("Không có lịch nào ở địa chỉ này.", "There is no calendar at this address.")
                .mend("Tạo địa chỉ mới ở trang Nhắc việc.", "Make a new address on the page Reminders."));
        };
        let home = self.post().address;
        let entries: Vec<crate::Entry> = self
            .due_of(account)
            .await?
            .into_iter()
            .filter_map(|duty| {
                let due = duty.due?;
                Some(crate::Entry { key: super::due::key(&duty), link: format!("{home}{}", duty.href), title: duty.title, about: duty.due_words, due })
            })
            .collect();
        Ok(crate::calendar_feed("Cổng Làng: việc của tôi", &entries, now))
    }
}
