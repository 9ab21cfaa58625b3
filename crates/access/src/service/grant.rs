use super::account::{demo_account, not_found, refuse_own};
use crate::access::Access;
use crate::context::Context;
use crate::error::db_error;
use crate::organisation::Field;
use crate::role::{Grant, Role};
use crate::store::account::{self as store, GrantRow};
use jiff::civil::Date;
use serde_json::json;
use ui::AppError;
use uuid::Uuid;

/// What is to be granted.
#[derive(Clone, Debug)]
pub struct NewGrant {
    /// What may be done.
    pub role: Role,
    /// In this unit and everything below it.
    pub unit: Uuid,
    /// First day; not before today, except for the system.
    pub from: Date,
    /// First day on which it no longer holds.
    pub to: Option<Date>,
    /// Legal basis: the decision that assigns the task; may be empty.
    pub basis: String,
}

/// A grant as an administrator sees it.
#[derive(Clone, Debug)]
pub struct HeldGrant {
    /// Id.
    pub id: Uuid,
    /// Role, unit and days.
    pub grant: Grant,
    /// Legal basis.
    pub basis: String,
    /// Narrowed to a field.
    pub field: Option<Field>,
}

impl Access {
    /// Grants a role to an account. Returns the id of the grant.
    ///
    /// # Errors
    /// 401/403 unless the caller administers the account and the unit; 403 `own_account`, `demo_account`; 404;
    /// 422 `dates_invalid`, `grant_held` when the same role in the same unit is held on the first day already.
    pub async fn grant(&self, ctx: &Context, account: Uuid, new: NewGrant) -> Result<Uuid, AppError> {
        self.grant_narrowed(ctx, account, new, None).await
    }

    /// Grants a role that holds for one field only (lĩnh vực); see [`Context::may_in`]. Otherwise as [`Access::grant`].
    ///
    /// # Errors
    /// As [`Access::grant`].
    pub async fn grant_in_field(&self, ctx: &Context, account: Uuid, new: NewGrant, field: Field) -> Result<Uuid, AppError> {
        self.grant_narrowed(ctx, account, new, Some(field)).await
    }

    pub(crate) async fn grant_narrowed(&self, ctx: &Context, account: Uuid, new: NewGrant, field: Option<Field>) -> Result<Uuid, AppError> {
        ctx.require_person()?;
        let today = ctx.today();
        ctx.require(Role::Administrator, &self.path(new.unit, today))?;
        refuse_own(ctx, account)?;
        if new.to.is_some_and(|to| to <= new.from) || (new.from < today && ctx.account_id().is_some()) {
            return Err(AppError::new("dates_invalid", 422)
                .say("Vai trò bắt đầu từ hôm nay trở đi và kết thúc sau ngày bắt đầu.", "A role begins today or later and ends after it begins.")
                .mend("Sửa ngày bắt đầu hoặc ngày kết thúc.", "Mend the first or the last day.")
                .at("from"));
        }
        let (mut tx, row) = self.managed(ctx, account).await?;
        if row.demo {
            return Err(demo_account());
        }
        let code = field.map_or("", Field::code);
        let held = store::grants_open(&mut tx, account, today).await.map_err(db_error)?;
        if held.iter().any(|h| h.grant.role == new.role && h.grant.unit == new.unit && h.field == code && h.grant.holds_on(new.from)) {
            return Err(AppError::new("grant_held", 422)
                .say("Người này đã có vai trò đó tại đơn vị đó.", "This person holds that role in that unit already.")
                .mend("Kết thúc vai trò cũ trước.", "End the old one first.")
                .at("role"));
        }
        let grant = Grant { role: new.role, unit: new.unit, from: new.from, to: new.to };
        let basis: String = lang::clean(&new.basis).chars().take(300).collect();
        let made = GrantRow { id: Uuid::now_v7(), basis, grant, field: code.to_owned() };
        store::grant(&mut tx, account, &made).await.map_err(db_error)?;
        let detail = json!({
            "grant": made.id, "role": new.role.as_str(), "unit": new.unit, "from": new.from.to_string(),
            "to": new.to.map(|to| to.to_string()), "basis": made.basis, "field": field.map(Field::code),
        });
        self.act(tx, ctx, "grant.add", account, detail).await?;
        Ok(made.id)
    }

    /// Ends a grant from today on.
    ///
    /// # Errors
    /// 401/403 unless the caller administers the account and the unit; 403 `own_account`; 404 `grant_not_found`.
    pub async fn end_grant(&self, ctx: &Context, account: Uuid, grant: Uuid) -> Result<(), AppError> {
        let (mut tx, row) = self.managed(ctx, account).await?;
        refuse_own(ctx, account)?;
        if row.demo {
            return Err(demo_account());
        }
        if !store::end_grant(&mut tx, grant, account, ctx.today()).await.map_err(db_error)? {
            return Err(AppError::new("grant_not_found", 404)
                .say("Không có vai trò này, hoặc nó đã kết thúc.", "There is no such grant, or it has ended.")
                .mend("Mở lại trang tài khoản.", "Open the account's page again."));
        }
        self.act(tx, ctx, "grant.end", account, json!({"grant": grant, "on": ctx.today().to_string()})).await
    }

    /// All grants of an account, newest first.
    ///
    /// # Errors
    /// As [`Access::account`]; people may always see their own.
    pub async fn grants_of(&self, ctx: &Context, account: Uuid) -> Result<Vec<HeldGrant>, AppError> {
        ctx.require_signed_in()?;
        if ctx.account_id() != Some(account) {
            self.account(ctx, account).await.map_err(|error| if error.status == 403 { not_found() } else { error })?;
        }
        let rows = store::grants(self.db(), account).await.map_err(db_error)?;
        Ok(rows.into_iter().map(|row| HeldGrant { field: Field::coded(&row.field), id: row.id, grant: row.grant, basis: row.basis }).collect())
    }
}
