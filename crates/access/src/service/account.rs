use crate::access::{Access, DemoAccount, DemoPart};
use crate::audit::{audit, lock_tenant};
use crate::context::{Context, Who};
use crate::error::db_error;
use crate::organisation::{organisation_id, post_id};
use crate::password;
use crate::role::{Grant, Role};
use crate::secret::{one_time_password, token};
use crate::store::account::{self as store, AccountRow, GrantRow};
use crate::store::organisation;
use crate::store::passkey;
use crate::store::right;
use crate::store::second;
use crate::store::session;
use crate::store::sign_on;
use db::Tx;
use jiff::civil::Date;
use serde_json::json;
use std::sync::PoisonError;
use ui::AppError;
use uuid::Uuid;

/// How long a one-time password waits to be used: three days, in microseconds.
const ONE_TIME: i64 = 3 * 24 * 3600 * 1_000_000;

/// A person as an administrator sees them.
#[derive(Clone, Debug)]
pub struct Account {
    /// Id.
    pub id: Uuid,
    /// Login, in its stored form.
    pub login: String,
    /// Name of the person.
    pub name: String,
    /// The unit whose administrators look after the account.
    pub unit: Uuid,
    /// May not sign in.
    pub disabled: bool,
    /// Still has a one-time password.
    pub temporary: bool,
    /// Belongs to the demonstration.
    pub demo: bool,
    /// Of another system: it has tokens and never signs in.
    pub service: bool,
    /// What the other system does here and who answers for it; empty for people.
    pub purpose: String,
    /// When it was made, microseconds UTC.
    pub created_at: i64,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Account {
        Account {
            id: row.id,
            login: row.login,
            name: row.name,
            unit: row.unit,
            disabled: row.disabled,
            temporary: row.temporary_until.is_some(),
            demo: row.demo,
            service: row.service,
            purpose: row.purpose,
            created_at: row.created_at,
        }
    }
}

/// A page of accounts in the order of logins.
#[derive(Clone, Debug)]
pub struct AccountPage {
    /// The accounts that the reader administers.
    pub items: Vec<Account>,
    /// The login to go on after; `None` at the end.
    pub next: Option<String>,
}

/// What a new account needs.
#[derive(Clone, Debug, Default)]
pub struct NewAccount {
    /// Letters, digits, `.`, `_`, `-`, `@`; 2 to 64 of them; folded, so diacritics and capitals do not matter.
    pub login: String,
    /// Name of the person.
    pub name: String,
    /// The unit whose administrators look after it.
    pub unit: Uuid,
    /// Chosen password; `None` makes a one-time password that is valid for three days.
    pub password: Option<String>,
}

/// An account of the demonstration: login, name, password, role, unit.
pub type DemoSeed<'a> = (&'a str, &'a str, &'a str, Role, Uuid);

/// An account of the demonstration that holds a post; its login is also its password.
#[derive(Clone, Copy, Debug)]
pub struct DemoPost<'a> {
    /// Login and password.
    pub login: &'a str,
    /// Name of the person.
    pub name: &'a str,
    /// The place.
    pub unit: Uuid,
    /// Key of the standard organisation there, such as `ubnd`.
    pub organisation: &'a str,
    /// Title of the post there.
    pub title: &'a str,
}

/// A login in its stored form.
///
/// # Errors
/// 422 `login_invalid` at `login`.
pub(crate) fn login_key(login: &str) -> Result<String, AppError> {
    let key = lang::fold(login);
    let fits = (2..=64).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-@".contains(&b));
    if fits {
        return Ok(key);
    }
    Err(AppError::new("login_invalid", 422)
        .say(
            "Tên đăng nhập gồm 2 đến 64 chữ cái, chữ số hoặc các dấu . _ - @, không có dấu cách.",
            "A login has 2 to 64 letters, digits or the signs . _ - @, without spaces.",
        )
        .mend("Ví dụ: lan.nguyen", "For example: lan.nguyen")
        .at("login"))
}

pub(crate) fn clean_name(name: &str) -> Result<String, AppError> {
    let name = lang::clean(name);
    if (1..=100).contains(&name.chars().count()) {
        return Ok(name);
    }
    Err(AppError::new("name_invalid", 422)
        .say("Họ tên cần có và không quá 100 ký tự.", "A name is needed, of at most 100 characters.")
        .mend("Nhập họ và tên đầy đủ.", "Enter the full name.")
        .at("name"))
}

pub(crate) fn not_found() -> AppError {
    AppError::new("account_not_found", 404)
        .say("Không có tài khoản này.", "There is no such account.")
        .mend("Xem lại danh sách tài khoản.", "Look at the list of accounts.")
}

fn login_taken() -> AppError {
    AppError::new("login_taken", 409)
        .say("Tên đăng nhập này đã có người dùng.", "This login is taken.")
        .mend("Chọn tên khác, ví dụ thêm số.", "Choose another, for example with a number.")
        .at("login")
}

/// What is for people only.
pub(crate) fn service_account() -> AppError {
    AppError::new("service_account", 409)
        .say("Đây là tài khoản của một hệ thống khác, không phải của người.", "This account is of another system, not of a person.")
        .mend("Cấp vai trò và tạo mã truy cập cho nó ở trang tài khoản.", "Grant it roles and make its tokens on the page of the account.")
}

impl Access {
    /// Adds an account. Returns its id and, when no password was chosen, the one-time password to hand over.
    ///
    /// # Errors
    /// 401/403 unless the caller administers the unit; 422 `login_invalid`, `name_invalid`, `password_weak`; 409 `login_taken`.
    pub async fn add_account(&self, ctx: &Context, new: NewAccount) -> Result<(Uuid, Option<String>), AppError> {
        ctx.require_person()?;
        ctx.require(Role::Administrator, &self.path(new.unit, ctx.today()))?;
        let login = login_key(&new.login)?;
        let name = clean_name(&new.name)?;
        let (secret, shown) = match &new.password {
            Some(chosen) => {
                password::check(chosen, &login)?;
                password::check_words(chosen, &[&name, &self.unit_name(new.unit, ctx.today(), ui::Lang::Vi)])?;
                (chosen.clone(), None)
            }
            None => {
                let made = one_time_password()?;
                (made.clone(), Some(made))
            }
        };
        let row = AccountRow {
            id: Uuid::now_v7(),
            login,
            name,
            unit: new.unit,
            temporary_until: shown.as_ref().map(|_| ctx.at.as_microsecond() + ONE_TIME),
            demo: false,
            disabled: false,
            created_at: ctx.at.as_microsecond(),
            password_hash: self.inner.hasher.hash(&secret).await?,
            service: false,
            purpose: String::new(),
        };
        let mut tx = self.begin().await?;
        if !store::add(&mut tx, &row).await.map_err(db_error)? {
            return Err(login_taken());
        }
        let detail = json!({"login": row.login, "name": row.name, "unit": row.unit});
        self.act(tx, ctx, "account.add", row.id, detail).await?;
        Ok((row.id, shown))
    }

    /// Adds the account of another system: it is given roles like a person, but never signs in, holds no post and receives no
    /// delegation. Who administers it makes its tokens.
    ///
    /// # Errors
    /// As [`Access::add_account`]; 422 `purpose_missing` at `purpose`.
    pub async fn add_service(&self, ctx: &Context, login: &str, name: &str, unit: Uuid, purpose: &str) -> Result<Uuid, AppError> {
        ctx.require_person()?;
        ctx.require(Role::Administrator, &self.path(unit, ctx.today()))?;
        let purpose = lang::clean(purpose);
        if !(10..=500).contains(&purpose.chars().count()) {
            return Err(AppError::new("purpose_missing", 422)
                .say(
                    "Chưa ghi hệ thống này dùng để làm gì, ai chịu trách nhiệm (10 đến 500 ký tự).",
                    "What the system does here and who answers for it is not said (10 to 500 characters).",
                )
                .mend(
                    "Ví dụ: Phần mềm một cửa gửi số hồ sơ mỗi tháng; phụ trách: Sở KH&CN, ông Minh, 0208…",
                    "For example: the one-stop software sends monthly counts; answers: Department of Science, Mr Minh.",
                )
                .at("purpose"));
        }
        let row = AccountRow {
            id: Uuid::now_v7(),
            login: login_key(login)?,
            name: clean_name(name)?,
            unit,
            temporary_until: None,
            demo: false,
            disabled: false,
            created_at: ctx.at.as_microsecond(),
            // Nobody knows it, and it would not help: see `sign_in`.
            password_hash: self.inner.hasher.hash(&token()?).await?,
            service: true,
            purpose,
        };
        let mut tx = self.begin().await?;
        if !store::add(&mut tx, &row).await.map_err(db_error)? {
            return Err(login_taken());
        }
        let detail = json!({"login": row.login, "name": row.name, "unit": row.unit, "service": true, "purpose": row.purpose});
        self.act(tx, ctx, "account.add", row.id, detail).await?;
        Ok(row.id)
    }

    /// Makes the first administrator, at the centre. Used by the command line before anybody can sign in.
    ///
    /// # Errors
    /// 409 `administrator_exists`, and those of [`Access::add_account`].
    pub async fn first_administrator(&self, login: &str, name: &str, password: &str) -> Result<Uuid, AppError> {
        let ctx = self.system();
        let centre = self.inner.options.centre;
        let mut tx = self.begin().await?;
        if store::administrators(&mut tx, centre, ctx.today()).await.map_err(db_error)? > 0 {
            return Err(AppError::new("administrator_exists", 409)
                .say("Hệ thống đã có người quản trị.", "There is an administrator already.")
                .mend("Đặt lại mật khẩu của tài khoản đó.", "Reset the password of that account."));
        }
        drop(tx);
        let new = NewAccount { login: login.to_owned(), name: name.to_owned(), unit: centre, password: Some(password.to_owned()) };
        let (id, _) = self.add_account(&ctx, new).await?;
        let basis = "người quản trị đầu tiên".to_owned();
        let grant = super::NewGrant { role: Role::Administrator, unit: centre, from: ctx.today(), to: None, basis };
        self.grant(&ctx, id, grant).await?;
        Ok(id)
    }

    /// Makes the accounts of the demonstration unless they are there, and shows them on the sign-in page.
    /// Their passwords are public: they can sign in only while [`crate::Options::demo`] is set, and cannot be changed.
    ///
    /// # Errors
    /// What the database says; 409 `login_taken` when a real account has such a login.
    pub async fn seed_demo(&self, seeds: &[DemoSeed<'_>]) -> Result<(), AppError> {
        let ctx = self.system();
        let mut shown = Vec::new();
        for (login, name, password, role, unit) in seeds {
            let login = login_key(login)?;
            match store::by_login(self.db(), &login).await.map_err(db_error)? {
                Some(row) if row.demo => {}
                Some(_) => return Err(AppError::new("login_taken", 409).at(login)),
                None => self.add_demo(&ctx, &login, name, password, Some(*role), *unit).await.map(drop)?,
            }
            shown.push(DemoAccount { login, name: (*name).to_owned(), password: (*password).to_owned(), part: DemoPart::Role(*role, *unit) });
        }
        *self.inner.demo.write().unwrap_or_else(PoisonError::into_inner) = shown;
        Ok(())
    }

    /// Adds accounts that hold posts of standard organisations to the demonstration; call it after [`Access::seed_demo`].
    /// Organisations that are not there yet are made.
    ///
    /// # Errors
    /// As [`Access::seed_demo`]; 404 for a place without such a post.
    pub async fn seed_demo_posts(&self, seeds: &[DemoPost<'_>]) -> Result<(), AppError> {
        let ctx = self.system();
        let today = ctx.today();
        for seed in seeds {
            let login = login_key(seed.login)?;
            let account = match store::by_login(self.db(), &login).await.map_err(db_error)? {
                Some(row) if row.demo => row.id,
                Some(_) => return Err(AppError::new("login_taken", 409).at(login)),
                None => self.add_demo(&ctx, &login, seed.name, seed.login, None, seed.unit).await?,
            };
            let organisation = organisation_id(seed.unit, seed.organisation);
            if self.organisation(organisation, today).await?.is_none() {
                self.make_standard(&ctx, seed.unit, false).await?;
            }
            let post = self.seat(post_id(organisation, seed.title), today).await?.post;
            if !self.posts_of(account, today).await?.iter().any(|held| held.id == post.id) {
                self.appoint(&ctx, post.id, account, Date::constant(2025, 7, 1), None, "dữ liệu minh họa").await?;
            }
            let shown = DemoAccount { login, name: seed.name.to_owned(), password: seed.login.to_owned(), part: DemoPart::Post(post.label()) };
            self.inner.demo.write().unwrap_or_else(PoisonError::into_inner).push(shown);
        }
        Ok(())
    }

    async fn add_demo(&self, ctx: &Context, login: &str, name: &str, password: &str, role: Option<Role>, unit: Uuid) -> Result<Uuid, AppError> {
        let row = AccountRow {
            id: Uuid::now_v7(),
            login: login.to_owned(),
            name: clean_name(name)?,
            unit,
            temporary_until: None,
            demo: true,
            disabled: false,
            created_at: ctx.at.as_microsecond(),
            password_hash: self.inner.hasher.hash(password).await?,
            service: false,
            purpose: String::new(),
        };
        // Demonstrations look at past periods too, so the role has always been held.
        let mut tx = self.begin().await?;
        store::add(&mut tx, &row).await.map_err(db_error)?;
        if let Some(role) = role {
            let grant = Grant { role, unit, from: Date::constant(2000, 1, 1), to: None };
            let grant = GrantRow { id: Uuid::now_v7(), basis: "dữ liệu minh họa".to_owned(), grant, field: String::new() };
            store::grant(&mut tx, row.id, &grant).await.map_err(db_error)?;
        }
        self.act(tx, ctx, "account.add_demo", row.id, json!({"login": login, "role": role.map(Role::as_str), "unit": unit})).await?;
        Ok(row.id)
    }

    /// Changes the name of a person.
    ///
    /// # Errors
    /// 401/403/404 as [`Access::disable`]; 422 `name_invalid`.
    pub async fn rename(&self, ctx: &Context, account: Uuid, name: &str) -> Result<(), AppError> {
        let name = clean_name(name)?;
        let (mut tx, row) = self.managed(ctx, account).await?;
        store::rename(&mut tx, account, &name).await.map_err(db_error)?;
        self.act(tx, ctx, "account.rename", account, json!({"from": row.name, "to": name})).await
    }

    /// Closes an account and ends its sessions, or opens it again. Its tokens rest while it is closed.
    ///
    /// # Errors
    /// 401/403 unless the caller administers the account's unit and every unit where it holds a role; 403 `own_account`; 404.
    pub async fn disable(&self, ctx: &Context, account: Uuid, disabled: bool) -> Result<(), AppError> {
        let (mut tx, _) = self.managed(ctx, account).await?;
        refuse_own(ctx, account)?;
        store::disable(&mut tx, account, disabled).await.map_err(db_error)?;
        right::closed(&mut tx, account, disabled.then_some(ctx.at.as_microsecond())).await.map_err(db_error)?;
        if disabled {
            session::end_others(&mut tx, account, Uuid::nil()).await.map_err(db_error)?;
        }
        let act = if disabled { "account.disable" } else { "account.enable" };
        self.act(tx, ctx, act, account, json!({})).await
    }

    /// Ends all sessions of a person and forgets the devices known to be theirs; the tokens stay.
    ///
    /// # Errors
    /// As [`Access::disable`].
    pub async fn sign_out_everywhere(&self, ctx: &Context, account: Uuid) -> Result<(), AppError> {
        let (mut tx, _) = self.managed(ctx, account).await?;
        let ended = session::end_others(&mut tx, account, Uuid::nil()).await.map_err(db_error)?;
        second::distrust(&mut tx, account).await.map_err(db_error)?;
        self.act(tx, ctx, "session.end", account, json!({"ended": ended})).await
    }

    /// On the first start, when nobody administers the centre and nobody has an account: makes one administrator and gives
    /// its login and one-time password, to be printed once. There is no default password.
    ///
    /// # Errors
    /// What the database says.
    pub async fn first_start(&self) -> Result<Option<(String, String)>, AppError> {
        let ctx = self.system();
        if !store::page(self.db(), "", 1).await.map_err(db_error)?.is_empty() {
            return Ok(None);
        }
        let centre = self.inner.options.centre;
        let login = "quantri".to_owned();
        let new = NewAccount { login: login.clone(), name: "Người quản trị đầu tiên".to_owned(), unit: centre, password: None };
        // Two programs that start at once: the second finds the login taken.
        let (id, shown) = match self.add_account(&ctx, new).await {
            Err(error) if error.code == "login_taken" => return Ok(None),
            made => made?,
        };
        let basis = "người quản trị đầu tiên".to_owned();
        self.grant(&ctx, id, super::NewGrant { role: Role::Administrator, unit: centre, from: ctx.today(), to: None, basis }).await?;
        Ok(shown.map(|password| (login, password)))
    }

    /// Sets a password that the person keeps, and ends all sessions. For the command line; administrators use
    /// [`Access::reset_password`].
    ///
    /// # Errors
    /// 403 unless the caller is the system; 422 `password_weak`; 404.
    pub async fn set_password(&self, ctx: &Context, account: Uuid, password: &str) -> Result<(), AppError> {
        if ctx.who != Who::System {
            return Err(AppError::new("system_required", 403));
        }
        let row = self.account_row(account).await?;
        password::check(password, &row.login)?;
        self.replace_password(ctx, account, password, None, "account.set_password").await
    }

    /// Gives a one-time password, valid for three days, ends all sessions, revokes all tokens and removes all passkeys and links to other providers.
    ///
    /// # Errors
    /// As [`Access::disable`].
    pub async fn reset_password(&self, ctx: &Context, account: Uuid) -> Result<String, AppError> {
        refuse_own(ctx, account)?;
        let made = one_time_password()?;
        let until = ctx.at.as_microsecond() + ONE_TIME;
        self.replace_password(ctx, account, &made, Some(until), "account.reset_password").await?;
        Ok(made)
    }

    async fn replace_password(&self, ctx: &Context, account: Uuid, password: &str, until: Option<i64>, act: &str) -> Result<(), AppError> {
        // Before the transaction: hashing takes longer than anything that should hold the one writer.
        let hash = self.inner.hasher.hash(password).await?;
        let (mut tx, row) = self.managed(ctx, account).await?;
        if row.demo {
            return Err(demo_account());
        }
        if row.service {
            return Err(service_account());
        }
        store::password(&mut tx, account, &hash, until).await.map_err(db_error)?;
        session::end_others(&mut tx, account, Uuid::nil()).await.map_err(db_error)?;
        session::end_tokens(&mut tx, account).await.map_err(db_error)?;
        // Whoever had the account in their hands may have added one.
        passkey::end_all(&mut tx, account).await.map_err(db_error)?;
        sign_on::end_all(&mut tx, account).await.map_err(db_error)?;
        // Who lost the phone too comes to the administrator: a reset opens the way in again.
        second::drop_totp(&mut tx, account).await.map_err(db_error)?;
        second::distrust(&mut tx, account).await.map_err(db_error)?;
        self.act(tx, ctx, act, account, json!({})).await
    }

    /// Changes one's own password and ends one's other sessions.
    ///
    /// # Errors
    /// 401/403; 422 `password_wrong` at `current`, `password_weak` at `password`; 403 `demo_account`; 429.
    pub async fn change_password(&self, ctx: &Context, current: &str, password: &str) -> Result<(), AppError> {
        ctx.require_person()?;
        let Some(account) = ctx.account_id() else { return Err(not_found()) };
        let row = self.account_row(account).await?;
        if row.demo {
            return Err(demo_account());
        }
        // An open, forgotten session must not become a place to guess at leisure.
        self.count_attempt(ctx, &row.login, "me").await?;
        if !self.inner.hasher.verify(current, Some(row.password_hash)).await? {
            return Err(AppError::new("password_wrong", 422)
                .say("Mật khẩu hiện tại chưa đúng.", "The current password is not right.")
                .mend("Nhập lại mật khẩu đang dùng.", "Enter the password you use now.")
                .at("current"));
        }
        password::check(password, &row.login)?;
        password::check_words(password, &[&row.name, &self.unit_name(row.unit, ctx.today(), ui::Lang::Vi)])?;
        if password == current {
            return Err(AppError::new("password_weak", 422)
                .say("Mật khẩu mới phải khác mật khẩu hiện tại.", "The new password must differ from the current one.")
                .mend("Chọn mật khẩu khác.", "Choose another.")
                .at("password"));
        }
        let hash = self.inner.hasher.hash(password).await?;
        let mut tx = self.begin().await?;
        store::password(&mut tx, account, &hash, None).await.map_err(db_error)?;
        session::end_others(&mut tx, account, ctx.session.unwrap_or_default()).await.map_err(db_error)?;
        self.forget_attempts(&mut tx, &row.login, "me").await?;
        self.act(tx, ctx, "account.change_password", account, json!({})).await
    }

    /// Up to `limit` accounts (at most 200) that the caller administers, after a login, whose login or name contains `like`
    /// (folded; empty for all).
    ///
    /// # Errors
    /// 401/403 unless the caller administers some unit.
    pub async fn list_accounts(&self, ctx: &Context, like: &str, after: &str, limit: usize) -> Result<AccountPage, AppError> {
        ctx.require_person()?;
        ctx.require_somewhere(Role::Administrator)?;
        let limit = limit.clamp(1, 200);
        let like = lang::fold(like);
        let mut items: Vec<Account> = Vec::new();
        let mut after = after.to_owned();
        // Whether an account lies in the caller's subtree is known to the directory, not to the database.
        loop {
            let rows = store::page(self.db(), &after, 500).await.map_err(db_error)?;
            let last_page = rows.len() < 500;
            for row in rows {
                if items.len() == limit {
                    return Ok(AccountPage { next: items.last().map(|a| a.login.clone()), items });
                }
                after.clone_from(&row.login);
                let fits = row.login.contains(&like) || lang::fold(&row.name).contains(&like);
                if fits && ctx.may(Role::Administrator, &self.path(row.unit, ctx.today())) {
                    items.push(row.into());
                }
            }
            if last_page {
                return Ok(AccountPage { items, next: None });
            }
        }
    }

    /// One account that the caller administers.
    ///
    /// # Errors
    /// 401/403 unless the caller administers some unit; 404 for accounts elsewhere, whose existence is not told.
    pub async fn account(&self, ctx: &Context, account: Uuid) -> Result<Account, AppError> {
        ctx.require_person()?;
        ctx.require_somewhere(Role::Administrator)?;
        let row = self.account_row(account).await?;
        if ctx.may(Role::Administrator, &self.path(row.unit, ctx.today())) { Ok(row.into()) } else { Err(not_found()) }
    }

    /// The account with a login, for the command line; `None` when there is none.
    ///
    /// # Errors
    /// 422 `login_invalid`; what the database says.
    pub async fn find_account(&self, ctx: &Context, login: &str) -> Result<Option<Account>, AppError> {
        ctx.require(Role::Administrator, &self.path(self.inner.options.centre, ctx.today()))?;
        let found = store::by_login(self.db(), &login_key(login)?).await.map_err(db_error)?;
        Ok(found.map(Account::from))
    }

    async fn account_row(&self, account: Uuid) -> Result<AccountRow, AppError> {
        store::by_id(self.db(), account).await.map_err(db_error)?.ok_or_else(not_found)
    }

    /// Begins the transaction of an act on an account, after making sure that the caller administers its unit and every
    /// unit where it holds a role: otherwise who looks after a commune could take over an account of the province.
    pub(crate) async fn managed(&self, ctx: &Context, account: Uuid) -> Result<(Tx, AccountRow), AppError> {
        ctx.require_person()?;
        ctx.require_somewhere(Role::Administrator)?;
        let mut tx = self.begin().await?;
        let row = store::by_id_in(&mut tx, account).await.map_err(db_error)?.ok_or_else(not_found)?;
        let today = ctx.today();
        if !ctx.may(Role::Administrator, &self.path(row.unit, today)) {
            return Err(not_found());
        }
        for held in store::grants_open(&mut tx, account, today).await.map_err(db_error)? {
            ctx.require(Role::Administrator, &self.path(held.grant.unit, today))?;
        }
        for post in organisation::held_in(&mut tx, account, today).await.map_err(db_error)? {
            for role in organisation::roles_in(&mut tx, post.id).await.map_err(db_error)?.iter().filter(|r| r.grant.to.is_none_or(|to| to > today)) {
                ctx.require(Role::Administrator, &self.path(role.grant.unit, today))?;
            }
        }
        Ok((tx, row))
    }

    /// Begins the transaction of an act. Such transactions take turns: what one reads, no other changes before it ends,
    /// and none waits for another in a circle.
    pub(crate) async fn begin(&self) -> Result<Tx, AppError> {
        let mut tx = self.db().begin().await.map_err(db_error)?;
        lock_tenant(&mut tx, self.inner.options.centre).await.map_err(db_error)?;
        Ok(tx)
    }

    /// Writes the audit line of an act on an account and commits.
    pub(crate) async fn act(&self, tx: Tx, ctx: &Context, act: &str, account: Uuid, detail: serde_json::Value) -> Result<(), AppError> {
        self.act_on(tx, ctx, act, "account", account, detail).await
    }

    /// Writes the audit line of an act on something else of this crate and commits.
    pub(crate) async fn act_on(&self, mut tx: Tx, ctx: &Context, act: &str, kind: &str, id: Uuid, detail: serde_json::Value) -> Result<(), AppError> {
        let subject = format!("{kind}/{id}");
        audit(&mut tx, ctx, self.inner.options.centre, act, &subject, detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)
    }
}

pub(crate) fn demo_account() -> AppError {
    AppError::new("demo_account", 403)
        .say("Tài khoản dùng thử không đổi được.", "Accounts of the demonstration cannot be changed.")
        .mend("Nhờ người quản trị tạo tài khoản riêng.", "Ask the administrator for an account of your own.")
}

/// Nobody gives rights to, closes or resets himself.
pub(crate) fn refuse_own(ctx: &Context, account: Uuid) -> Result<(), AppError> {
    if ctx.account_id() != Some(account) {
        return Ok(());
    }
    Err(AppError::new("own_account", 403)
        .say("Không ai tự cấp quyền, tự khóa hay tự đặt lại tài khoản của mình.", "Nobody grants roles to, closes or resets his own account.")
        .mend("Nhờ một người quản trị khác.", "Ask another administrator."))
}
