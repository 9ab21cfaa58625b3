//! Lists of cases: mine, my office's, about a unit. By keys, never by numbers of pages.

use super::{CaseRow, NoticeRow, TaskRow};
use crate::Casework;
use crate::store::case as store;
use access::{Context, Role, db_error};
use ui::AppError;
use uuid::Uuid;

/// Whose list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Assigned to the person.
    Mine,
    /// Held by a unit in which the person acts.
    Office,
    /// About a unit, open and ended, newest first.
    About(Uuid),
}

/// What is asked of a list.
#[derive(Clone, Copy, Debug)]
pub struct InboxAsk {
    /// Whose.
    pub scope: Scope,
    /// The key of the last item seen: due or opening instant, and case.
    pub after: Option<(i64, Uuid)>,
    /// How many.
    pub most: usize,
}

/// A case in a list.
#[derive(Clone, Debug)]
pub struct Item {
    /// The case.
    pub case: CaseRow,
    /// A task of it that waits for the person's unit, rather than the case itself.
    pub task: Option<TaskRow>,
}

/// A page of a list.
#[derive(Clone, Debug, Default)]
pub struct Inbox {
    /// Items in order.
    pub items: Vec<Item>,
    /// The key to go on from.
    pub next: Option<(i64, Uuid)>,
}

impl Casework {
    /// A page of a list of cases.
    ///
    /// # Errors
    /// 401; 404 `unknown_unit` for a unit whose cases the person does not see.
    pub async fn inbox(&self, ctx: &Context, ask: InboxAsk) -> Result<Inbox, AppError> {
        ctx.require_signed_in()?;
        let most = i64::try_from(ask.most.clamp(1, 200)).unwrap_or(50);
        let mut rows: Vec<CaseRow> = Vec::new();
        match ask.scope {
            Scope::Mine => {
                let Some(me) = ctx.account_id() else { return Ok(Inbox::default()) };
                let after = ask.after.unwrap_or((i64::MIN, Uuid::nil()));
                for tenant in self.tenants_of_person(ctx) {
                    rows.extend(store::mine(self.db(), tenant, me, after, most + 1).await.map_err(db_error)?);
                }
            }
            Scope::Office => {
                let after = ask.after.unwrap_or((i64::MIN, Uuid::nil()));
                for unit in self.offices(ctx) {
                    for tenant in self.tenants_under(unit) {
                        rows.extend(store::inbox(self.db(), tenant, unit, after, most + 1).await.map_err(db_error)?);
                    }
                }
            }
            Scope::About(unit) => {
                let tenant = self.places().atlas().unit(unit).map(|u| u.tenant).filter(|_| self.sees(ctx, unit)).ok_or_else(super::open::unknown_unit)?;
                let before = ask.after.unwrap_or((i64::MAX, Uuid::max()));
                rows = store::of_unit(self.db(), tenant, unit, before, most + 1).await.map_err(db_error)?;
            }
        }
        let newest = matches!(ask.scope, Scope::About(_));
        let key = |c: &CaseRow| if newest { (c.opened_at, c.id) } else { (c.due.unwrap_or(store::NEVER), c.id) };
        rows.sort_by(|a, b| if newest { key(b).cmp(&key(a)) } else { key(a).cmp(&key(b)) });
        rows.dedup_by_key(|c| c.id);
        let full = rows.len() > ask.most;
        rows.truncate(ask.most);
        let next = rows.last().filter(|_| full).map(key);
        Ok(Inbox { items: rows.into_iter().map(|case| Item { case, task: None }).collect(), next })
    }

    /// Opinions that wait for the units in which the person acts.
    ///
    /// # Errors
    /// 401.
    pub async fn open_tasks(&self, ctx: &Context, most: usize) -> Result<Vec<Item>, AppError> {
        ctx.require_signed_in()?;
        let mut out = Vec::new();
        for unit in self.offices(ctx) {
            for tenant in self.tenants_under(unit) {
                let tasks = store::task_inbox(self.db(), tenant, unit, i64::try_from(most).unwrap_or(50)).await.map_err(db_error)?;
                for (id, task) in tasks {
                    let Some(case) = store::find(self.db(), tenant, id).await.map_err(db_error)? else { continue };
                    let Some(version) = self.library().version(&case.procedure, case.version) else { continue };
                    if version.procedure.actor(&task.holder).is_some_and(|a| self.acts_as(ctx, a, case.unit)) {
                        out.push(Item { case, task: Some(task) });
                    }
                }
            }
        }
        out.truncate(most);
        Ok(out)
    }

    /// The last words to those as whom the person acts, each once.
    ///
    /// # Errors
    /// 401.
    pub async fn notices(&self, ctx: &Context, most: usize) -> Result<Vec<NoticeRow>, AppError> {
        ctx.require_signed_in()?;
        let mut out = Vec::new();
        for unit in self.offices(ctx) {
            for tenant in self.tenants_under(unit) {
                out.extend(store::notices(self.db(), tenant, unit, i64::try_from(most).unwrap_or(20)).await.map_err(db_error)?);
            }
        }
        out.sort_by_key(|n| std::cmp::Reverse(n.at));
        let mut mine: Vec<NoticeRow> = Vec::new();
        for notice in out {
            if mine.len() == most {
                break;
            }
            if mine.iter().any(|n| (n.case, n.at, &n.vi) == (notice.case, notice.at, &notice.vi)) {
                continue;
            }
            let tenant = self.tenant_of(notice.case).await?;
            let Some(case) = store::find(self.db(), tenant, notice.case).await.map_err(db_error)? else { continue };
            let Some(version) = self.library().version(&case.procedure, case.version) else { continue };
            if version.procedure.actor(&notice.actor).is_some_and(|a| self.acts_as(ctx, a, case.unit)) {
                mine.push(notice);
            }
        }
        Ok(mine)
    }

    /// Gives many cases to a person. How many could be given; those that are not the caller's to give are left as they are.
    ///
    /// # Errors
    /// As [`Casework::assign`], when none could be given.
    pub async fn assign_many(&self, ctx: &Context, cases: &[Uuid], to: Uuid, reason: &str) -> Result<usize, AppError> {
        let (mut given, mut refused) = (0, None);
        for case in cases {
            match self.assign(ctx, *case, Some(to), None, reason).await {
                Ok(()) => given += 1,
                Err(error) if error.status < 500 => {
                    refused.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        refused.filter(|_| given == 0).map_or(Ok(given), Err)
    }

    /// The units in which the person acts.
    pub(crate) fn offices(&self, ctx: &Context) -> Vec<Uuid> {
        let mut units = ctx.units_with(Role::Officer);
        units.extend(ctx.units_with(Role::Reviewer));
        units.sort_unstable();
        units.dedup();
        units
    }
}
