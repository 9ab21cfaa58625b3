//! Reading tasks: what somebody may see of them, how late they are, whose turn it is.

use super::deadline::{self, Reckoning};
use super::model::{Act, State, Task};
use super::store;
use crate::Programme;
use ::calendar::WorkCalendar;
use access::{Context, Role, db_error};
use jiff::civil::Date;
use places::Level;
use std::collections::{BTreeMap, BTreeSet};
use ui::AppError;
use uuid::Uuid;

/// How a task stands towards its deadline. Days are working days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    /// There is no deadline, or the task was called off.
    None,
    /// So many days are left; 0 on the last day.
    Left(u32),
    /// The last day has passed by so many days and it is not done; 0 while only days off have passed since.
    By(u32),
    /// Done in time.
    InTime,
    /// Done, late by so many days.
    DoneLate(u32),
}

/// A task with what the reader wants to know at once.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The task.
    pub task: Task,
    /// Last day.
    pub due: Option<Date>,
    /// Whether the calendar is silent about some days on the way.
    pub provisional: bool,
    /// Lateness today.
    pub late: Late,
}

impl Seen {
    /// Looks at a task on a day, by the calendar of its owner.
    pub fn of(task: Task, today: Date, calendar: &WorkCalendar) -> Seen {
        let found = reckoning(&task, calendar);
        let (due, provisional) = found.map_or((None, false), |r| (Some(r.due), r.unknown > 0));
        let late = lateness(&task, due, today, calendar);
        Seen { task, due, provisional, late }
    }

    /// Whether it is late and not done.
    pub fn is_late(&self) -> bool {
        matches!(self.late, Late::By(_))
    }
}

/// How the deadline of a task is counted.
pub fn reckoning(task: &Task, calendar: &WorkCalendar) -> Option<Reckoning> {
    deadline::reckon(calendar, task.assigned, task.due)
}

fn lateness(task: &Task, due: Option<Date>, today: Date, calendar: &WorkCalendar) -> Late {
    let Some(due) = due.filter(|_| task.state != State::Cancelled) else { return Late::None };
    let by = |on| deadline::late_by(calendar, due, on);
    match (task.state.open(), task.done_on) {
        (false, Some(done)) => match by(done) {
            0 => Late::InTime,
            days => Late::DoneLate(days),
        },
        (false, None) => Late::None,
        (true, _) if today > due => Late::By(by(today)),
        (true, _) => Late::Left(deadline::between(calendar, today, due)),
    }
}

/// Which tasks are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Owners under this unit, itself included.
    pub unit: Option<Uuid>,
    /// Only this unit as owner or helper.
    pub only: bool,
    /// Only in this state.
    pub state: Option<State>,
    /// Only those that are late.
    pub late: bool,
    /// Only of this plan.
    pub plan: String,
    /// Only those that serve the target of this code in one of these plans.
    pub serves: Option<(BTreeSet<String>, String)>,
    /// Only with these letters in number, title, goal or output.
    pub find: String,
}

impl Programme {
    /// A task as it stands on a day, its deadline counted by the calendar of its owner.
    pub fn seen(&self, task: Task, today: Date) -> Seen {
        let calendar = self.calendar_of(task.owner.unit, today);
        Seen::of(task, today, &calendar)
    }

    /// The tenants under a unit, its own included.
    pub(crate) fn tenants_under(&self, unit: Uuid, today: Date) -> BTreeSet<Uuid> {
        let atlas = self.figures().places().atlas();
        let view = atlas.on(today);
        let below = [Level::Province, Level::Commune].into_iter().flat_map(|level| view.under(unit, level));
        below.chain([unit]).filter_map(|u| atlas.unit(u)).map(|u| u.tenant).collect()
    }

    /// The units in which somebody holds any role; the nation for the platform itself.
    pub(crate) fn own_units(&self, ctx: &Context) -> Vec<Uuid> {
        let nation = self.figures().places().atlas().nation();
        if ctx.who == access::Who::System { nation.into_iter().collect() } else { ctx.units_with(Role::Viewer) }
    }

    /// Tasks that the reader may see: the late ones first, then by deadline.
    ///
    /// # Errors
    /// 401 `sign_in_required`; what the database says.
    pub async fn tasks(&self, ctx: &Context, asked: &Asked) -> Result<Vec<Seen>, AppError> {
        ctx.require_signed_in()?;
        let atlas = self.figures().places().atlas();
        let today = ctx.today();
        let top = match asked.unit.or(atlas.nation()) {
            Some(top) => top,
            None => return Ok(Vec::new()),
        };
        let mut found: BTreeMap<Uuid, Task> = BTreeMap::new();
        if asked.only {
            let tenant = self.tenant_of(top).unwrap_or_default();
            found.extend(store::of_owner(self.db(), tenant, top).await.map_err(db_error)?.into_iter().map(|t| (t.id, t)));
        } else {
            for tenant in self.tenants_under(top, today) {
                found.extend(store::of_tenant(self.db(), tenant).await.map_err(db_error)?.into_iter().map(|t| (t.id, t)));
            }
        }
        for (home, id) in self.helped(top).await? {
            if let Some(task) = store::one(self.db(), home, id).await.map_err(db_error)? {
                found.insert(id, task);
            }
        }
        let key = lang::fold(&asked.find);
        // Whether a unit lies under the one asked for, and whether its tasks may be seen, is asked once per unit.
        let mut under: BTreeMap<Uuid, bool> = BTreeMap::new();
        let mut open: BTreeMap<Uuid, bool> = BTreeMap::new();
        let mut out: Vec<Seen> = Vec::new();
        for task in found.into_values() {
            let owner = task.owner.unit;
            let inside = asked.only || *under.entry(owner).or_insert_with(|| Some(top) == atlas.nation() || self.above(&atlas, owner, today).contains(&top));
            let helps = task.support.iter().any(|p| p.unit == top);
            let may = task.everybody || *open.entry(owner).or_insert_with(|| self.figures().may(ctx, Role::Viewer, owner)) || self.may_see_task(ctx, &task);
            let fits = asked.state.is_none_or(|s| s == task.state)
                && (asked.plan.is_empty() || asked.plan == task.words.plan)
                && asked.serves.as_ref().is_none_or(|(plans, code)| plans.contains(&task.words.plan) && *code == task.words.target)
                && matches(&task, &key);
            if (inside || helps) && may && fits {
                let seen = self.seen(task, today);
                if !asked.late || seen.is_late() {
                    out.push(seen);
                }
            }
        }
        out.sort_by_cached_key(order);
        Ok(out)
    }

    async fn helped(&self, unit: Uuid) -> Result<Vec<(Uuid, Uuid)>, AppError> {
        let Some(tenant) = self.tenant_of(unit) else { return Ok(Vec::new()) };
        store::supported(self.db(), tenant, unit).await.map_err(db_error)
    }

    /// The parts of a task that was handed down.
    ///
    /// # Errors
    /// What the database says.
    pub async fn task_parts(&self, ctx: &Context, task: &Task) -> Result<Vec<Seen>, AppError> {
        let children = store::children(self.db(), task.tenant, task.id).await.map_err(db_error)?;
        let tenants: BTreeSet<Uuid> = children.iter().map(|c| c.1).collect();
        let mut out = Vec::with_capacity(children.len());
        for tenant in tenants {
            out.extend(store::parts(self.db(), tenant, task.id).await.map_err(db_error)?.into_iter().map(|t| self.seen(t, ctx.today())));
        }
        out.sort_by_cached_key(order);
        Ok(out)
    }

    /// What waits for somebody today: open tasks of the units where they enter, tasks there that others own and they help with,
    /// and tasks that they gave and that are said to be done.
    ///
    /// # Errors
    /// What the database says.
    pub async fn tasks_waiting(&self, ctx: &Context) -> Result<Waiting, AppError> {
        let today = ctx.today();
        let mut out = Waiting::default();
        let mut seen = BTreeSet::new();
        for unit in ctx.units_with(Role::Officer) {
            let Some(tenant) = self.tenant_of(unit) else { continue };
            for task in store::of_owner(self.db(), tenant, unit).await.map_err(db_error)? {
                if task.state.open() && !task.everybody && falls_to(ctx, &task) && seen.insert(task.id) {
                    out.own.push(self.seen(task, today));
                }
            }
            for (home, id) in self.helped(unit).await? {
                if let Some(task) = store::one(self.db(), home, id).await.map_err(db_error)?
                    && task.state.open()
                    && seen.insert(id)
                {
                    out.helping.push(self.seen(task, today));
                }
            }
        }
        let mut tenants = BTreeSet::new();
        for unit in ctx.units_with(Role::Reviewer) {
            tenants.extend(self.tenants_under(unit, today));
        }
        for tenant in tenants {
            for task in store::in_state(self.db(), tenant, State::Done).await.map_err(db_error)? {
                if self.may_act(ctx, &task, Act::Confirm) && seen.insert(task.id) {
                    out.to_confirm.push(self.seen(task, today));
                }
            }
        }
        for list in [&mut out.own, &mut out.helping, &mut out.to_confirm] {
            list.sort_by_cached_key(order);
        }
        Ok(out)
    }
}

/// Whether a task falls to somebody: whoever acts in a post has those of their own organisation, of the people's committee all, and
/// those that name no organisation.
fn falls_to(ctx: &Context, task: &Task) -> bool {
    match (task.owner.organisation, ctx.post()) {
        (Some(organisation), Some(post)) => post.organisation == organisation || post.organisation_kind == "ubnd",
        _ => true,
    }
}

/// Tasks that wait for one person.
#[derive(Clone, Debug, Default)]
pub struct Waiting {
    /// To be done.
    pub own: Vec<Seen>,
    /// Others do them, with help from here.
    pub helping: Vec<Seen>,
    /// Said to be done, to be confirmed.
    pub to_confirm: Vec<Seen>,
}

/// The late ones first, then open ones by their last day, then the rest; numbers of the plan count as numbers.
fn order(seen: &Seen) -> (bool, bool, bool, Option<Date>, Vec<u64>, Vec<u8>, Uuid) {
    let number = seen.task.words.number.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
    (!seen.is_late(), !seen.task.state.open(), seen.due.is_none(), seen.due, number, lang::sort_key(&seen.task.words.title), seen.task.id)
}

fn matches(task: &Task, key: &str) -> bool {
    let w = &task.words;
    key.is_empty() || [&w.number, &w.title, &w.goal, &w.output, &task.owner.body].iter().any(|text| lang::fold(text).contains(key))
}
