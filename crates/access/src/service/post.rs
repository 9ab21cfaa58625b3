use super::account::{not_found, refuse_own};
use super::organisation::text;
use crate::access::Access;
use crate::context::{Context, Who};
use crate::error::db_error;
use crate::organisation::Field;
use crate::post::{Post, PostKind};
use crate::role::{Grant, Role};
use crate::store::account;
use crate::store::organisation::{self as store, HolderRow, PostRole, PostRow};
use db::Tx;
use jiff::civil::Date;
use serde_json::json;
use ui::AppError;
use uuid::Uuid;

/// Somebody in a post.
#[derive(Clone, Debug)]
pub struct Holder {
    /// Of the holding itself.
    pub id: Uuid,
    /// Who.
    pub account: Uuid,
    /// Name of the person.
    pub name: String,
    /// Login of the person.
    pub login: String,
    /// First day.
    pub from: Date,
    /// First day on which no longer.
    pub to: Option<Date>,
    /// The decision that appointed; may be empty.
    pub basis: String,
    /// The account is closed.
    pub disabled: bool,
    /// The post.
    pub post: Uuid,
}

impl Holder {
    /// Whether it holds on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day < to)
    }
}

impl From<HolderRow> for Holder {
    fn from(row: HolderRow) -> Holder {
        let HolderRow { id, account, name, login, from, to, basis, disabled, post } = row;
        Holder { id, account, name, login, from, to, basis, disabled, post }
    }
}

/// A post of an organisation with its days.
#[derive(Clone, Debug)]
pub struct Seat {
    /// The post.
    pub post: Post,
    /// First day.
    pub from: Date,
    /// First day on which it no longer was.
    pub to: Option<Date>,
}

impl Seat {
    /// Whether it was there on a day.
    pub fn exists_on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day < to)
    }
}

impl From<PostRow> for Seat {
    fn from(row: PostRow) -> Seat {
        Seat { post: row.post, from: row.from, to: row.to }
    }
}

/// A person of an organisation and the post held there, for assigning work.
#[derive(Clone, Debug)]
pub struct Member {
    /// Who.
    pub account: Uuid,
    /// Name of the person.
    pub name: String,
    /// The post.
    pub post: Post,
}

/// A role that comes with a post.
#[derive(Clone, Copy, Debug)]
pub struct SeatRole {
    /// Of the role itself.
    pub id: Uuid,
    /// Role, place and days.
    pub grant: Grant,
    /// Narrowed to a field.
    pub field: Option<Field>,
}

fn post_not_found() -> AppError {
    AppError::new("post_not_found", 404)
        .say("Không có chức vụ này.", "There is no such post.")
        .mend("Mở lại trang của cơ quan.", "Open the organisation's page again.")
}

fn dates_invalid(vi: &str, en: &str) -> AppError {
    AppError::new("dates_invalid", 422).say(vi, en).mend("Sửa ngày bắt đầu hoặc ngày kết thúc.", "Mend the first or the last day.").at("from")
}

impl Access {
    /// The posts of an organisation, heads first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn seats_of(&self, organisation: Uuid, on: Date) -> Result<Vec<Seat>, AppError> {
        let mut all: Vec<Seat> = store::posts(self.db(), organisation, on).await.map_err(db_error)?.into_iter().map(Seat::from).collect();
        all.sort_by_cached_key(|seat| (seat.to.is_some(), seat.post.kind, lang::sort_key(&seat.post.title)));
        Ok(all)
    }

    /// A post by id.
    ///
    /// # Errors
    /// 404 `post_not_found`.
    pub async fn seat(&self, id: Uuid, on: Date) -> Result<Seat, AppError> {
        store::find_post(self.db(), id, on).await.map_err(db_error)?.map(Seat::from).ok_or_else(post_not_found)
    }

    /// The people of an organisation on a day with their posts, heads first, then by given name: to whom work can be given.
    ///
    /// # Errors
    /// What the database says.
    pub async fn members_of(&self, organisation: Uuid, on: Date) -> Result<Vec<Member>, AppError> {
        let seats = self.seats_of(organisation, on).await?;
        let holders = store::holders_of(self.db(), organisation).await.map_err(db_error)?;
        let mut all = Vec::new();
        for holder in holders.into_iter().map(Holder::from).filter(|h| h.holds_on(on) && !h.disabled) {
            if let Some(seat) = seats.iter().find(|s| s.post.id == holder.post && s.exists_on(on)) {
                all.push(Member { account: holder.account, name: holder.name, post: seat.post.clone() });
            }
        }
        all.sort_by_cached_key(|m| (m.post.kind, lang::given_name_sort_key(&m.name)));
        Ok(all)
    }

    /// Everybody who holds or held a post, newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn holders_of(&self, post: Uuid) -> Result<Vec<Holder>, AppError> {
        Ok(store::holders(self.db(), post).await.map_err(db_error)?.into_iter().map(Holder::from).collect())
    }

    /// The posts that an account holds on a day, the one held longest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn posts_of(&self, account: Uuid, on: Date) -> Result<Vec<Post>, AppError> {
        store::held(self.db(), account, on).await.map_err(db_error)
    }

    /// The roles that come with a post, newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn seat_roles(&self, post: Uuid) -> Result<Vec<SeatRole>, AppError> {
        let rows = store::roles(self.db(), post).await.map_err(db_error)?;
        Ok(rows.into_iter().map(|r| SeatRole { id: r.id, grant: r.grant, field: r.field }).collect())
    }

    /// Adds a post to an organisation.
    ///
    /// # Errors
    /// 401/403 unless the caller administers its place; 404; 422 `title_invalid`.
    pub async fn add_post(&self, ctx: &Context, organisation: Uuid, kind: PostKind, title: &str) -> Result<Uuid, AppError> {
        let title = lang::clean(title);
        if !(1..=100).contains(&title.chars().count()) {
            return Err(AppError::new("title_invalid", 422)
                .say("Chức vụ cần tên gọi, không quá 100 ký tự.", "A post needs a title of at most 100 characters.")
                .mend("Ví dụ: Phó Chủ tịch, Chuyên viên.", "For example: Phó Chủ tịch, Chuyên viên.")
                .at("title"));
        }
        let (mut tx, _) = self.managed_organisation(ctx, organisation).await?;
        let id = Uuid::now_v7();
        store::add_post(&mut tx, id, organisation, kind, &title, ctx.today()).await.map_err(db_error)?;
        self.act_on(tx, ctx, "post.add", "post", id, json!({"organisation": organisation, "kind": kind.as_str(), "title": title})).await?;
        Ok(id)
    }

    /// Ends a post from today on.
    ///
    /// # Errors
    /// 401/403; 404 `post_not_found`.
    pub async fn end_post(&self, ctx: &Context, post: Uuid) -> Result<(), AppError> {
        let (mut tx, _) = self.managed_post(ctx, post).await?;
        if !store::end_post(&mut tx, post, ctx.today()).await.map_err(db_error)? {
            return Err(post_not_found());
        }
        self.act_on(tx, ctx, "post.end", "post", post, json!({"on": ctx.today().to_string()})).await
    }

    /// Lets a role come with a post: in a place and everything below it, from today on, for one field or all.
    ///
    /// # Errors
    /// 401/403 unless the caller administers the organisation's place and the role's; 403 `own_account` for a post the caller
    /// holds; 404.
    pub async fn add_post_role(&self, ctx: &Context, post: Uuid, role: Role, unit: Uuid, field: Option<Field>) -> Result<(), AppError> {
        let (mut tx, _) = self.managed_post(ctx, post).await?;
        ctx.require(Role::Administrator, &self.path(unit, ctx.today()))?;
        self.refuse_holder(&mut tx, ctx, post).await?;
        let grant = Grant { role, unit, from: ctx.today(), to: None };
        let new = PostRole { id: Uuid::now_v7(), grant, field };
        store::add_role(&mut tx, post, &new).await.map_err(db_error)?;
        let detail = json!({"grant": new.id, "role": role.as_str(), "unit": unit, "field": field.map(Field::code)});
        self.act_on(tx, ctx, "post.role_add", "post", post, detail).await
    }

    /// Ends a role of a post from today on.
    ///
    /// # Errors
    /// 401/403; 404.
    pub async fn end_post_role(&self, ctx: &Context, post: Uuid, grant: Uuid) -> Result<(), AppError> {
        let (mut tx, _) = self.managed_post(ctx, post).await?;
        if !store::end_role(&mut tx, grant, post, ctx.today()).await.map_err(db_error)? {
            return Err(post_not_found());
        }
        self.act_on(tx, ctx, "post.role_end", "post", post, json!({"grant": grant, "on": ctx.today().to_string()})).await
    }

    /// Puts somebody in a post.
    ///
    /// # Errors
    /// 401/403 unless the caller administers the organisation's place and every place where the post brings a role; 403
    /// `own_account`, `demo_account`; 404; 422 `dates_invalid`, `post_held`.
    pub async fn appoint(&self, ctx: &Context, post: Uuid, account: Uuid, from: Date, to: Option<Date>, basis: &str) -> Result<Uuid, AppError> {
        refuse_own(ctx, account)?;
        let today = ctx.today();
        let (mut tx, row) = self.managed_post(ctx, post).await?;
        // Appointing hands over the roles of the post: nobody hands over what he does not look after.
        for role in store::roles_in(&mut tx, post).await.map_err(db_error)?.iter().filter(|r| r.grant.to.is_none_or(|to| to > today)) {
            ctx.require(Role::Administrator, &self.path(role.grant.unit, today))?;
        }
        if to.is_some_and(|to| to <= from) || (from < today && ctx.who != Who::System) || row.to.is_some_and(|end| end <= from) {
            return Err(dates_invalid(
                "Giữ chức vụ từ hôm nay trở đi và kết thúc sau ngày bắt đầu.",
                "A post is held from today on or later, and ends after it begins.",
            ));
        }
        let person = account::by_id_in(&mut tx, account).await.map_err(db_error)?.ok_or_else(not_found)?;
        if person.demo && ctx.who != Who::System {
            return Err(super::account::demo_account());
        }
        if person.service {
            return Err(super::account::service_account());
        }
        let holders = store::holders_in(&mut tx, post).await.map_err(db_error)?;
        if holders.iter().any(|h| h.account == account && h.to.is_none_or(|end| end > from) && to.is_none_or(|to| h.from < to)) {
            return Err(AppError::new("post_held", 422)
                .say("Người này đang giữ chức vụ đó.", "This person holds that post already.")
                .mend("Kết thúc lần giữ chức vụ trước.", "End the earlier holding first.")
                .at("login"));
        }
        let id = Uuid::now_v7();
        let basis = text(basis, 300);
        store::add_holder(&mut tx, id, post, account, from, to, &basis).await.map_err(db_error)?;
        let detail = json!({"post": post, "title": row.post.title, "organisation": row.post.organisation, "from": from.to_string(),
            "to": to.map(|d| d.to_string()), "basis": basis});
        self.act(tx, ctx, "post.appoint", account, detail).await?;
        Ok(id)
    }

    /// Takes somebody out of a post from today on.
    ///
    /// # Errors
    /// 401/403; 404 `post_not_found`.
    pub async fn dismiss(&self, ctx: &Context, post: Uuid, holding: Uuid) -> Result<(), AppError> {
        let (mut tx, _) = self.managed_post(ctx, post).await?;
        let holders = store::holders_in(&mut tx, post).await.map_err(db_error)?;
        let Some(holder) = holders.iter().find(|h| h.id == holding) else { return Err(post_not_found()) };
        let account = holder.account;
        refuse_own(ctx, account)?;
        if !store::end_holder(&mut tx, holding, post, ctx.today()).await.map_err(db_error)? {
            return Err(post_not_found());
        }
        self.act(tx, ctx, "post.dismiss", account, json!({"post": post, "on": ctx.today().to_string()})).await
    }

    /// Chooses the post in which the caller acts from now on in this session; see [`Context::post`].
    ///
    /// # Errors
    /// 401/403 unless signed in in person; 404 for a post the caller does not hold.
    pub async fn act_as(&self, ctx: &Context, post: Uuid) -> Result<(), AppError> {
        ctx.require_person()?;
        let Some(session) = ctx.session else { return Err(not_found()) };
        if !ctx.identities().iter().any(|identity| identity.id() == post) {
            return Err(post_not_found());
        }
        store::act_as(self.db(), session, Some(post)).await.map_err(db_error)
    }

    async fn refuse_holder(&self, tx: &mut Tx, ctx: &Context, post: Uuid) -> Result<(), AppError> {
        let today = ctx.today();
        let holders = store::holders_in(tx, post).await.map_err(db_error)?;
        holders.iter().filter(|h| h.to.is_none_or(|to| to > today)).try_for_each(|h| refuse_own(ctx, h.account))
    }

    async fn managed_post(&self, ctx: &Context, post: Uuid) -> Result<(Tx, PostRow), AppError> {
        ctx.require_person()?;
        ctx.require_somewhere(Role::Administrator)?;
        let mut tx = self.begin().await?;
        let row = store::find_post_in(&mut tx, post, ctx.today()).await.map_err(db_error)?.ok_or_else(post_not_found)?;
        ctx.require(Role::Administrator, &self.path(row.post.unit, ctx.today()))?;
        Ok((tx, row))
    }
}

impl Access {
    /// The account that an administrator names by its login in order to put it in a post. People of other places may be
    /// appointed too, so nothing but the id is told.
    pub(crate) async fn person_to_appoint(&self, ctx: &Context, login: &str) -> Result<Uuid, AppError> {
        ctx.require_somewhere(Role::Administrator)?;
        let unknown = || {
            AppError::new("login_unknown", 422)
                .say("Không có tài khoản với tên đăng nhập này.", "There is no account with this login.")
                .mend("Kiểm tra lại tên đăng nhập, hoặc tạo tài khoản trước.", "Check the login, or make the account first.")
                .at("login")
        };
        let key = super::account::login_key(login)?;
        Ok(account::by_login(self.db(), &key).await.map_err(db_error)?.ok_or_else(unknown)?.id)
    }
}
