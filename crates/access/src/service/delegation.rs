use super::account::not_found;
use super::organisation::text;
use crate::access::Access;
use crate::audit::audit;
use crate::context::{Context, Who};
use crate::delegation::DelegationKind;
use crate::error::db_error;
use crate::post::{Post, PostKind};
use crate::role::Role;
use crate::store::delegation::{self as store, AbsenceRow, DelegationRow};
use crate::store::{account, organisation};
use db::Tx;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;
use ui::AppError;
use uuid::Uuid;

/// The longest delegation in one piece: a year, so that none is forgotten. Our own bound, not a legal one.
const LONGEST: i64 = 366 * 24 * 3600 * 1_000_000;

/// What is to be delegated.
#[derive(Clone, Debug)]
pub struct NewDelegation {
    /// The post that is acted for.
    pub post: Uuid,
    /// Who holds it and is acted for.
    pub holder: Uuid,
    /// Who acts.
    pub to: Uuid,
    /// How.
    pub kind: DelegationKind,
    /// Which of the post's roles go along; empty for all.
    pub roles: Vec<Role>,
    /// From this instant; the past means now.
    pub starts: Timestamp,
    /// Up to, but not at, this instant.
    pub ends: Timestamp,
    /// Number and date of the document that delegates.
    pub document: String,
    /// Why, such as leave; may be empty.
    pub reason: String,
}

/// A delegation as those concerned see it.
#[derive(Clone, Debug)]
pub struct Delegation {
    /// Id.
    pub id: Uuid,
    /// The post acted for.
    pub post: Uuid,
    /// Who holds it.
    pub holder: Uuid,
    /// Name of the holder.
    pub holder_name: String,
    /// Who acts.
    pub account: Uuid,
    /// Name of who acts.
    pub account_name: String,
    /// How.
    pub kind: DelegationKind,
    /// The roles that go along; empty for all of the post.
    pub roles: Vec<Role>,
    /// From.
    pub starts: Timestamp,
    /// Up to, but not at.
    pub ends: Timestamp,
    /// The document that delegates.
    pub document: String,
    /// Why.
    pub reason: String,
    /// Who made it.
    pub made_by_name: String,
    /// When it was given or taken back before its end, or found over.
    pub returned: Option<Timestamp>,
    /// `expired`, `taken-back`, `given-back`; empty while it runs.
    pub returned_how: String,
}

fn instant(micros: i64) -> Timestamp {
    calendar::from_micros(micros).unwrap_or(Timestamp::UNIX_EPOCH)
}

impl From<DelegationRow> for Delegation {
    fn from(row: DelegationRow) -> Delegation {
        Delegation {
            id: row.id,
            post: row.post,
            holder: row.holder,
            holder_name: row.holder_name,
            account: row.account,
            account_name: row.account_name,
            kind: row.kind,
            roles: row.roles,
            starts: instant(row.starts_at),
            ends: instant(row.ends_at),
            document: row.document,
            reason: row.reason,
            made_by_name: row.made_by_name,
            returned: row.returned_at.map(instant),
            returned_how: row.returned_how,
        }
    }
}

/// Days on which somebody is away.
#[derive(Clone, Debug)]
pub struct Absence {
    /// Id.
    pub id: Uuid,
    /// First day away.
    pub first: Date,
    /// Last day away.
    pub last: Date,
    /// Why; may be empty.
    pub note: String,
}

fn refused(code: &'static str, status: u16, vi: &str, en: &str, how_vi: &str, how_en: &str, at: &str) -> AppError {
    AppError::new(code, status).say(vi, en).mend(how_vi, how_en).at(at)
}

fn not_there() -> AppError {
    AppError::new("delegation_not_found", 404)
        .say("Không có ủy quyền này, hoặc nó đã kết thúc.", "There is no such delegation, or it is over.")
        .mend("Mở lại trang Ủy quyền.", "Open the page of delegations again.")
}

impl Access {
    /// Delegates a post for a time. Made by its holder, or by the head of its organisation or of the one above; never by who
    /// receives it, and never by somebody who himself acts for another (Decree 30/2020, article 13: not to be passed on).
    /// What it gives is what the holder has at each moment, never more.
    ///
    /// # Errors
    /// 401/403 `delegation_not_yours`, `own_delegation`, `delegation_passed_on`; 404; 422 `document_missing`, `dates_invalid`,
    /// `roles_exceed`, `delegation_kind`, `not_holder`.
    pub async fn delegate(&self, ctx: &Context, new: NewDelegation) -> Result<Uuid, AppError> {
        ctx.require_person()?;
        let today = ctx.today();
        let now = ctx.at.as_microsecond();
        let maker = ctx.account_id();
        if maker == Some(new.to) {
            return Err(refused(
                "own_delegation",
                403,
                "Không ai tự ủy quyền cho mình.",
                "Nobody delegates to himself.",
                "Nhờ người giữ chức vụ hoặc người đứng đầu lập ủy quyền.",
                "Ask the holder or the head to make it.",
                "to",
            ));
        }
        let starts = new.starts.as_microsecond().max(now);
        let ends = new.ends.as_microsecond();
        if ends <= starts || ends - starts > LONGEST {
            return Err(refused(
                "dates_invalid",
                422,
                "Ủy quyền kết thúc sau khi bắt đầu, sau lúc này và dài nhất một năm.",
                "It ends after it begins, after now, and lasts a year at most.",
                "Sửa thời hạn.",
                "Mend the time.",
                "until",
            ));
        }
        let document = text(&new.document, 200);
        if document.is_empty() {
            return Err(refused(
                "document_missing",
                422,
                "Ủy quyền cần số văn bản.",
                "A delegation needs the number of its document.",
                "Ghi số, ngày của văn bản ủy quyền hoặc phân công.",
                "Enter number and date of the document that delegates.",
                "document",
            ));
        }
        let mut tx = self.begin().await?;
        let seat = organisation::find_post_in(&mut tx, new.post, today).await.map_err(db_error)?.ok_or_else(not_there)?;
        let holders = organisation::holders_in(&mut tx, new.post).await.map_err(db_error)?;
        if !holders.iter().any(|h| h.account == new.holder && h.from <= today && h.to.is_none_or(|to| today < to)) {
            return Err(refused(
                "not_holder",
                422,
                "Người được thay không giữ chức vụ này hôm nay.",
                "The one acted for does not hold this post today.",
                "Chọn lại chức vụ.",
                "Choose the post again.",
                "post",
            ));
        }
        if ctx.who != Who::System {
            if ctx.behalf().is_some() {
                return Err(refused(
                    "delegation_passed_on",
                    403,
                    "Người đang làm thay không được ủy quyền lại cho người khác.",
                    "Who acts for another does not pass it on.",
                    "Đổi về chức vụ của chính mình.",
                    "Go back to your own post.",
                    "post",
                ));
            }
            if maker != Some(new.holder) && !self.heads(&mut tx, maker, &seat.post, today).await? {
                return Err(refused(
                    "delegation_not_yours",
                    403,
                    "Chỉ người giữ chức vụ hoặc người đứng đầu cơ quan lập được ủy quyền này.",
                    "Only the holder or the head of the organisation makes this delegation.",
                    "Nhờ người đứng đầu.",
                    "Ask the head.",
                    "post",
                ));
            }
        }
        let receiver = account::by_id_in(&mut tx, new.to).await.map_err(db_error)?.filter(|a| !a.disabled && !a.service).ok_or_else(not_found)?;
        if new.to == new.holder {
            return Err(refused(
                "own_delegation",
                422,
                "Đây chính là người giữ chức vụ.",
                "This is the holder himself.",
                "Chọn người khác.",
                "Choose somebody else.",
                "to",
            ));
        }
        let mut fits = false;
        for own in organisation::held_in(&mut tx, new.to, today).await.map_err(db_error)? {
            let above = organisation::find_in(&mut tx, own.organisation, today).await.map_err(db_error)?.and_then(|o| o.parent);
            fits |= new.kind.fits(&seat.post, &own, above == Some(seat.post.organisation));
        }
        if !fits {
            return Err(refused(
                "delegation_kind",
                422,
                "Chức vụ hai bên không hợp với kiểu này: ký thay là cấp phó cùng cơ quan; thừa lệnh, thừa ủy quyền là người đứng đầu đơn vị trực thuộc; làm thay là đồng nghiệp.",
                "The two posts do not fit: KT. is a deputy of the same organisation; TL. and TUQ. the head of one below; standing in is a colleague.",
                "Chọn kiểu khác hoặc người khác.",
                "Choose another kind or person.",
                "kind",
            ));
        }
        let held: Vec<Role> =
            organisation::roles_in(&mut tx, new.post).await.map_err(db_error)?.iter().filter(|r| r.grant.holds_on(today)).map(|r| r.grant.role).collect();
        if new.roles.iter().any(|role| !held.contains(role)) {
            return Err(refused(
                "roles_exceed",
                422,
                "Không thể trao quyền mà chức vụ này không có.",
                "Nothing can be handed on that the post does not have.",
                "Bỏ bớt quyền.",
                "Choose fewer roles.",
                "roles",
            ));
        }
        let row = DelegationRow {
            id: Uuid::now_v7(),
            post: new.post,
            holder: new.holder,
            holder_name: String::new(),
            account: new.to,
            account_name: receiver.name,
            kind: new.kind,
            roles: new.roles,
            starts_at: starts,
            ends_at: ends,
            document,
            reason: text(&new.reason, 300),
            made_by: maker,
            made_by_name: ctx.author_name().to_owned(),
            returned_at: None,
            returned_how: String::new(),
        };
        store::add(&mut tx, &row, now).await.map_err(db_error)?;
        let detail = json!({"post": row.post, "holder": row.holder, "to": row.account, "kind": row.kind.as_str(), "starts": instant(starts).to_string(),
            "ends": instant(ends).to_string(), "document": row.document, "reason": row.reason});
        self.act_on(tx, ctx, "delegation.add", "delegation", row.id, detail).await?;
        Ok(row.id)
    }

    /// Whether an account leads the organisation of a post, or the one above it.
    async fn heads(&self, tx: &mut Tx, account: Option<Uuid>, post: &Post, today: Date) -> Result<bool, AppError> {
        let Some(account) = account else { return Ok(false) };
        let above = organisation::find_in(tx, post.organisation, today).await.map_err(db_error)?.and_then(|o| o.parent);
        let held = organisation::held_in(tx, account, today).await.map_err(db_error)?;
        // Of a head only the head above is the head.
        let within = |own: &Post| own.organisation == post.organisation && post.kind != PostKind::Head;
        Ok(held.iter().any(|own| own.kind == PostKind::Head && (within(own) || Some(own.organisation) == above)))
    }

    /// Ends a delegation now: the holder or the head takes it back, or who received it gives it back.
    ///
    /// # Errors
    /// 401/403; 404 `delegation_not_found` for those it does not concern, and when it is over.
    pub async fn end_delegation(&self, ctx: &Context, id: Uuid) -> Result<(), AppError> {
        ctx.require_person()?;
        let mut tx = self.begin().await?;
        let row = store::find_in(&mut tx, id).await.map_err(db_error)?.ok_or_else(not_there)?;
        let who = ctx.account_id();
        let seat = organisation::find_post_in(&mut tx, row.post, ctx.today()).await.map_err(db_error)?.ok_or_else(not_there)?;
        let given_back = who == Some(row.account);
        if ctx.who != Who::System && !given_back && who != Some(row.holder) && who != row.made_by && !self.heads(&mut tx, who, &seat.post, ctx.today()).await? {
            return Err(not_there());
        }
        let how = if given_back { "given-back" } else { "taken-back" };
        if !store::give_back(&mut tx, id, ctx.at.as_microsecond(), how).await.map_err(db_error)? {
            return Err(not_there());
        }
        self.act_on(tx, ctx, "delegation.end", "delegation", id, json!({"how": how})).await
    }

    /// The delegations that the caller gave, received or made, newest first.
    ///
    /// # Errors
    /// 401/403.
    pub async fn own_delegations(&self, ctx: &Context) -> Result<Vec<Delegation>, AppError> {
        ctx.require_person()?;
        let Some(account) = ctx.account_id() else { return Err(not_found()) };
        Ok(store::of_account(self.db(), account).await.map_err(db_error)?.into_iter().map(Delegation::from).collect())
    }

    /// Writes down every delegation whose time is over as returned, so that it stays over whatever the clock says later.
    /// Called each minute, and when somebody who had one comes. How many there were.
    ///
    /// # Errors
    /// What the database says.
    pub async fn return_delegations(&self, at: Timestamp) -> Result<usize, AppError> {
        let ctx = Context::system(at);
        let mut tx = self.begin().await?;
        let over = store::over(&mut tx, at.as_microsecond()).await.map_err(db_error)?;
        if over.is_empty() {
            return Ok(0);
        }
        for (id, account) in &over {
            store::give_back(&mut tx, *id, at.as_microsecond(), "expired").await.map_err(db_error)?;
            audit(&mut tx, &ctx, self.inner.options.centre, "delegation.expire", &format!("delegation/{id}"), json!({"to": account}))
                .await
                .map_err(db_error)?;
        }
        tx.commit().await.map_err(db_error)?;
        Ok(over.len())
    }

    /// Says that somebody is away on some days: oneself, or a head for people of the organisation.
    ///
    /// # Errors
    /// 401/403 `delegation_not_yours`; 422 `dates_invalid`.
    pub async fn add_absence(&self, ctx: &Context, account: Uuid, first: Date, last: Date, note: &str) -> Result<Uuid, AppError> {
        ctx.require_person()?;
        let today = ctx.today();
        if last < first || last < today {
            return Err(refused(
                "dates_invalid",
                422,
                "Ngày nghỉ cuối không trước ngày đầu và chưa qua.",
                "The last day is not before the first and not past.",
                "Sửa ngày.",
                "Mend the days.",
                "last",
            ));
        }
        let mut tx = self.begin().await?;
        if ctx.who != Who::System && ctx.account_id() != Some(account) {
            let mut may = false;
            for post in organisation::held_in(&mut tx, account, today).await.map_err(db_error)? {
                may |= self.heads(&mut tx, ctx.account_id(), &post, today).await?;
            }
            if !may {
                return Err(AppError::new("delegation_not_yours", 403)
                    .say("Chỉ chính người đó hoặc người đứng đầu ghi được ngày nghỉ.", "Only the person or the head enters leave.")
                    .mend("Nhờ người đứng đầu.", "Ask the head."));
            }
        }
        let row = AbsenceRow { id: Uuid::now_v7(), account, first, last, note: text(note, 300) };
        store::add_absence(&mut tx, &row, ctx.account_id(), ctx.at.as_microsecond()).await.map_err(db_error)?;
        self.act(tx, ctx, "absence.add", account, json!({"first": first.to_string(), "last": last.to_string()})).await?;
        Ok(row.id)
    }

    /// Takes back one's own leave.
    ///
    /// # Errors
    /// 401/403; 404.
    pub async fn end_absence(&self, ctx: &Context, id: Uuid) -> Result<(), AppError> {
        ctx.require_person()?;
        let Some(account) = ctx.account_id() else { return Err(not_found()) };
        let mut tx = self.begin().await?;
        if !store::end_absence(&mut tx, id, account, ctx.at.as_microsecond()).await.map_err(db_error)? {
            return Err(not_there());
        }
        self.act(tx, ctx, "absence.end", account, json!({"absence": id})).await
    }

    /// The leave of an account that is not over on a day.
    ///
    /// # Errors
    /// What the database says.
    pub async fn absences_of(&self, account: Uuid, today: Date) -> Result<Vec<Absence>, AppError> {
        let rows = store::absences(self.db(), account, today).await.map_err(db_error)?;
        Ok(rows.into_iter().map(|r| Absence { id: r.id, first: r.first, last: r.last, note: r.note }).collect())
    }

    /// Whether somebody is away on a day: work is then offered to others first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn is_away(&self, account: Uuid, day: Date) -> Result<bool, AppError> {
        Ok(self.absences_of(account, day).await?.iter().any(|a| a.first <= day && day <= a.last))
    }
}
