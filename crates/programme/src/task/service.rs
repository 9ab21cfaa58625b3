//! Use cases: give a task, change it, move it on, talk about it.

use super::deadline::MOST_DAYS;
use super::model::{Act, Due, Event, Party, State, Task, Words, next};
use super::store;
use crate::Programme;
use access::{Context, Role, Who, db_error};
use db::Tx;
use jiff::civil::Date;
use places::Atlas;
use std::collections::BTreeSet;
use ui::AppError;
use uuid::Uuid;

/// A task to be given.
#[derive(Clone, Debug, Default)]
pub struct NewTask {
    /// What it says.
    pub words: Words,
    /// Its owner; a unit must be named.
    pub owner: Option<Party>,
    /// Who helps.
    pub support: Vec<Party>,
    /// The day it is given; today when none is named.
    pub assigned: Option<Date>,
    /// Until when.
    pub due: Due,
}

pub(crate) fn unknown_task() -> AppError {
    AppError::new("unknown_task", 404)
        .say("Không có nhiệm vụ nào ở địa chỉ này.", "There is no task at this address.")
        .mend("Tìm trong bảng nhiệm vụ.", "Look for it on the task board.")
}

pub(super) fn changed() -> AppError {
    AppError::new("task_changed", 409)
        .say("Nhiệm vụ vừa được người khác cập nhật.", "Somebody else has just changed this task.")
        .mend("Tải lại trang, xem thay đổi rồi làm lại.", "Reload the page, look at the change and try again.")
}

fn empty(at: &'static str, vi: &str, en: &str) -> AppError {
    AppError::new("field_required", 422).say(vi, en).mend("Điền vào ô này.", "Fill it in.").at(at)
}

/// A line of text, cleaned and bounded.
pub(crate) fn line(text: &str, most: usize) -> String {
    lang::clean(text).chars().take(most).collect()
}

/// Several lines of text, each cleaned, bounded together.
pub(crate) fn lines(text: &str, most: usize) -> String {
    let kept: Vec<String> = text.lines().map(lang::clean).collect();
    kept.join("\n").trim().chars().take(most).collect()
}

/// A reason of at least three letters.
pub(crate) fn reason(text: &str) -> Result<String, AppError> {
    let reason = lines(text, 2_000);
    if reason.chars().count() < 3 {
        return Err(AppError::new("reason_required", 422)
            .say("Việc này phải có lý do.", "This needs a reason.")
            .mend("Ghi rõ vì sao.", "Say why.")
            .at("words"));
    }
    Ok(reason)
}

fn checked(words: &Words) -> Result<Words, AppError> {
    let out = Words {
        plan: line(&words.plan, 100),
        target: line(&words.target, 100),
        goal: line(&words.goal, 500),
        number: line(&words.number, 30),
        title: line(&words.title, 500),
        output: lines(&words.output, 1_000),
    };
    if out.title.is_empty() {
        return Err(empty("title", "Nhiệm vụ chưa có tên.", "The task has no title."));
    }
    Ok(out)
}

fn checked_due(due: Due, assigned: Date) -> Result<Due, AppError> {
    let wrong =
        |vi: &str, en: &str, at: &'static str| Err(AppError::new("deadline_invalid", 422).say(vi, en).mend("Sửa lại thời hạn.", "Mend the deadline.").at(at));
    match due {
        Due::Days(0) => wrong("Số ngày làm việc phải từ 1.", "At least one working day.", "due_days"),
        Due::Days(days) if days > MOST_DAYS => wrong("Tối đa 1.000 ngày làm việc.", "At most 1,000 working days.", "due_days"),
        Due::On(date) if date < assigned => wrong("Hạn không thể trước ngày giao.", "The deadline cannot lie before the day the task is given.", "due_on"),
        Due::On(date) if date.year() > 2_200 => wrong("Năm quá xa.", "The year is too far away.", "due_on"),
        due => Ok(due),
    }
}

impl Programme {
    /// The tenant of a unit.
    pub(crate) fn tenant_of(&self, unit: Uuid) -> Option<Uuid> {
        self.figures().places().atlas().unit(unit).map(|u| u.tenant)
    }

    /// All units above a unit today, itself included; for one that has ended, those above its heirs.
    pub(crate) fn above(&self, atlas: &Atlas, unit: Uuid, today: Date) -> BTreeSet<Uuid> {
        let path = atlas.path(unit, today);
        if !path.is_empty() {
            return path.into_iter().collect();
        }
        let last = atlas.unit(unit).and_then(places::Unit::to).and_then(|d| d.yesterday().ok()).unwrap_or(today);
        let mut out: BTreeSet<Uuid> = std::iter::once(unit).collect();
        for heir in atlas.heirs(unit, last, today, places::Basis::Population) {
            out.extend(atlas.path(heir.unit, today));
        }
        out
    }

    /// Whether somebody may read a task: with any role above its owner or one of those who help, or because it is published.
    pub fn may_see_task(&self, ctx: &Context, task: &Task) -> bool {
        if ctx.who == Who::Public {
            return false;
        }
        let may = |unit| self.figures().may(ctx, Role::Viewer, unit);
        task.everybody || may(task.owner.unit) || task.support.iter().any(|p| may(p.unit))
    }

    /// Whether somebody may do an act with a task; the state is looked at by [`next`].
    pub fn may_act(&self, ctx: &Context, task: &Task, act: Act) -> bool {
        if !act.of_the_giver() {
            let own = task.owner.organisation.is_some_and(|owner| ctx.post().is_some_and(|post| post.organisation == owner));
            return self.figures().may(ctx, Role::Officer, task.owner.unit) || (own && self.figures().holds(ctx, Role::Officer, task.owner.unit));
        }
        let other = act != Act::Confirm || task.done_by.is_none() || task.done_by != ctx.account_id();
        other && self.may_give(ctx, task)
    }

    /// Whether somebody may speak for the level that gave a task.
    pub fn may_give(&self, ctx: &Context, task: &Task) -> bool {
        self.figures().may(ctx, Role::Reviewer, task.issuer)
    }

    /// Whether somebody may change what a task says: the level that gave it, or the unit itself when it gave the task to itself.
    pub fn may_edit_task(&self, ctx: &Context, task: &Task) -> bool {
        self.may_give(ctx, task) || (task.issuer == task.owner.unit && self.figures().may(ctx, Role::Officer, task.owner.unit))
    }

    /// The unit in whose name somebody gives tasks to an owner: the highest in which they hold a role above it.
    pub(crate) fn giver(&self, ctx: &Context, owner: Uuid) -> Option<Uuid> {
        let atlas = self.figures().places().atlas();
        let today = ctx.today();
        let above = self.above(&atlas, owner, today);
        if ctx.who == Who::System {
            let view = atlas.on(today);
            return view.province(owner).or(atlas.nation()).or(Some(owner));
        }
        let level = |unit: &Uuid| atlas.unit(*unit).map(|u| u.level);
        let held = |role| ctx.units_with(role).into_iter().filter(|u| above.contains(u)).min_by_key(level);
        held(Role::Reviewer).or_else(|| held(Role::Officer))
    }

    /// A task that the reader may see.
    ///
    /// # Errors
    /// 401 `sign_in_required`, 404 `unknown_task` also for one that is not theirs to know of.
    pub async fn task(&self, ctx: &Context, id: Uuid) -> Result<Task, AppError> {
        ctx.require_signed_in()?;
        let tenant = store::home(self.db(), id).await.map_err(db_error)?.ok_or_else(unknown_task)?;
        let found = store::one(self.db(), tenant, id).await.map_err(db_error)?;
        found.filter(|t| self.may_see_task(ctx, t)).ok_or_else(unknown_task)
    }

    /// The same for writing: the tenant is locked until the transaction ends.
    pub(crate) async fn task_locked(&self, tx: &mut Tx, ctx: &Context, id: Uuid, seen: Option<i64>) -> Result<Task, AppError> {
        ctx.require_signed_in()?;
        let tenant = store::home(self.db(), id).await.map_err(db_error)?.ok_or_else(unknown_task)?;
        access::lock_tenant(tx, tenant).await.map_err(db_error)?;
        let found = store::one_tx(tx, tenant, id).await.map_err(db_error)?;
        let task = found.filter(|t| self.may_see_task(ctx, t)).ok_or_else(unknown_task)?;
        if seen.is_some_and(|seen| seen != task.seq) {
            return Err(changed());
        }
        Ok(task)
    }

    /// Gives a task.
    ///
    /// # Errors
    /// 401/403 without a role above the owner, 404 `unknown_unit`, 422 `field_required`, `deadline_invalid`.
    pub async fn give_task(&self, ctx: &Context, new: &NewTask) -> Result<Uuid, AppError> {
        let mut tx = self.db().begin().await.map_err(db_error)?;
        let task = self.give_task_in(&mut tx, ctx, new, None).await?;
        tx.commit().await.map_err(db_error)?;
        // The number beside Hôm nay is counted again when something changed.
        self.figures().tell();
        Ok(task.id)
    }

    /// The same inside a transaction that the caller commits.
    pub(crate) async fn give_task_in(&self, tx: &mut Tx, ctx: &Context, new: &NewTask, synthetic: Option<Uuid>) -> Result<Task, AppError> {
        ctx.require_signed_in()?;
        let words = checked(&new.words)?;
        let owner = new.owner.clone().ok_or_else(|| empty("owner", "Nhiệm vụ chưa có đơn vị chủ trì.", "The task has no owner."))?;
        let tenant = self.tenant_of(owner.unit).ok_or_else(|| unknown_unit("owner"))?;
        let unit = owner.unit;
        let may = |role| self.figures().may(ctx, role, unit);
        if !may(Role::Reviewer) && !may(Role::Officer) {
            ctx.require(Role::Officer, &[])?;
        }
        let issuer = self.giver(ctx, unit).unwrap_or(unit);
        let assigned = new.assigned.unwrap_or_else(|| ctx.today());
        let task = Task {
            tenant,
            id: synthetic.unwrap_or_else(Uuid::now_v7),
            parent: None,
            words,
            support: self.checked_support(&owner, &new.support, ctx.today()).await?,
            owner: self.with_office(Party { body: line(&owner.body, 200), ..owner }, ctx.today()).await?,
            issuer,
            assigned,
            due: checked_due(new.due, assigned)?,
            state: State::New,
            seq: 1,
            done_on: None,
            done_by: None,
            everybody: false,
            synthetic: synthetic.is_some(),
            made_by: ctx.author_name().to_owned(),
            made_at: calendar::micros(ctx.at),
        };
        self.add_task(tx, ctx, &task).await?;
        Ok(task)
    }

    /// Writes a new task with its first line, its helpers and the audit.
    pub(crate) async fn add_task(&self, tx: &mut Tx, ctx: &Context, task: &Task) -> Result<bool, AppError> {
        access::lock_tenant(tx, task.tenant).await.map_err(db_error)?;
        if !store::add(tx, task).await.map_err(db_error)? {
            return Ok(false);
        }
        let event = self.event(ctx, 1, "make", None, "");
        store::add_event(tx, task.tenant, task.id, &event).await.map_err(db_error)?;
        for party in &task.support {
            let tenant = self.tenant_of(party.unit).unwrap_or(task.tenant);
            store::add_support(tx, tenant, party.unit, task).await.map_err(db_error)?;
        }
        let detail = serde_json::json!({"owner": task.owner.unit, "title": task.words.title, "parent": task.parent.map(|p| p.1)});
        access::audit(tx, ctx, task.tenant, "task.give", &task.id.to_string(), detail).await.map_err(db_error)?;
        Ok(true)
    }

    async fn checked_support(&self, owner: &Party, list: &[Party], on: Date) -> Result<Vec<Party>, AppError> {
        let mut out: Vec<Party> = Vec::new();
        for party in list {
            self.tenant_of(party.unit).ok_or_else(|| unknown_unit("support"))?;
            let party = self.with_office(Party { body: line(&party.body, 200), ..party.clone() }, on).await?;
            if (party.unit, &party.body) != (owner.unit, &owner.body) && !out.contains(&party) {
                out.push(party);
            }
        }
        if out.len() > 50 {
            return Err(AppError::new("too_many_helpers", 422).say("Tối đa 50 đơn vị phối hợp.", "At most 50 units may help.").at("support"));
        }
        Ok(out)
    }

    pub(crate) fn event(&self, ctx: &Context, seq: i64, kind: &str, states: Option<(State, State)>, words: &str) -> Event {
        Event {
            seq,
            at: calendar::micros(ctx.at),
            who: ctx.account_id(),
            who_name: ctx.author_name().to_owned(),
            kind: kind.to_owned(),
            states,
            words: words.to_owned(),
        }
    }

    /// Changes what a task says, who helps and until when; its owner never changes, for another owner is another task.
    ///
    /// # Errors
    /// 401/403, 404 `unknown_task`, 409 `task_changed`, `task_ended`, 422 as [`Programme::give_task`].
    pub async fn edit_task(&self, ctx: &Context, id: Uuid, seen: i64, new: &NewTask) -> Result<(), AppError> {
        let mut tx = self.db().begin().await.map_err(db_error)?;
        let mut task = self.task_locked(&mut tx, ctx, id, Some(seen)).await?;
        if !self.may_edit_task(ctx, &task) {
            return Err(refuse(ctx, Role::Reviewer));
        }
        if matches!(task.state, State::Confirmed | State::Cancelled) {
            return Err(ended(task.state));
        }
        let before = task.clone();
        task.words = checked(&new.words)?;
        if let Some(owner) = &new.owner {
            task.owner = self.with_office(Party { unit: task.owner.unit, body: line(&owner.body, 200), organisation: None }, ctx.today()).await?;
        }
        task.support = self.checked_support(&task.owner, &new.support, ctx.today()).await?;
        task.due = checked_due(new.due, task.assigned)?;
        if task == before {
            return Ok(());
        }
        task.seq += 1;
        for gone in before.support.iter().filter(|p| !task.support.iter().any(|q| q.unit == p.unit)) {
            let tenant = self.tenant_of(gone.unit).unwrap_or(task.tenant);
            store::drop_support(&mut tx, tenant, gone.unit, id).await.map_err(db_error)?;
        }
        for new in &task.support {
            let tenant = self.tenant_of(new.unit).unwrap_or(task.tenant);
            store::add_support(&mut tx, tenant, new.unit, &task).await.map_err(db_error)?;
        }
        let what = difference(&before, &task);
        let event = self.event(ctx, task.seq, "edit", None, &what);
        store::save(&mut tx, &task, event.at).await.map_err(db_error)?;
        store::add_event(&mut tx, task.tenant, id, &event).await.map_err(db_error)?;
        access::audit(&mut tx, ctx, task.tenant, "task.edit", &id.to_string(), serde_json::json!({"what": what})).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)
    }

    /// Moves a task on. `seen` is the number of the last event that the person saw.
    ///
    /// # Errors
    /// 401/403 `role_required`, `own_work`; 404; 409 `task_changed`, `act_not_possible`; 422 `reason_required`, `proof_required`.
    pub async fn act_on_task(&self, ctx: &Context, id: Uuid, seen: i64, act: Act, words: &str) -> Result<State, AppError> {
        let mut tx = self.db().begin().await.map_err(db_error)?;
        let mut task = self.task_locked(&mut tx, ctx, id, Some(seen)).await?;
        let state = self.move_in(&mut tx, ctx, &mut task, act, words).await?;
        tx.commit().await.map_err(db_error)?;
        self.figures().tell();
        Ok(state)
    }

    pub(crate) async fn move_in(&self, tx: &mut Tx, ctx: &Context, task: &mut Task, act: Act, words: &str) -> Result<State, AppError> {
        if act == Act::Confirm && task.done_by.is_some() && task.done_by == ctx.account_id() {
            return Err(AppError::new("own_work", 403)
                .say("Người báo xong không tự xác nhận được.", "Whoever reported the task as done cannot confirm it.")
                .mend("Nhờ người khác ở cấp giao việc xác nhận.", "Ask somebody else at the level that gave the task."));
        }
        if !self.may_act(ctx, task, act) {
            return Err(refuse(ctx, if act.of_the_giver() { Role::Reviewer } else { Role::Officer }));
        }
        let before = task.state;
        let state = next(before, act).ok_or_else(|| {
            AppError::new("act_not_possible", 409)
                .say(
                    format!("Nhiệm vụ đang ở trạng thái “{}” nên không “{}” được.", before.label(ui::Lang::Vi), act.label(ui::Lang::Vi)),
                    format!("The task is “{}”; “{}” is not possible.", before.label(ui::Lang::En), act.label(ui::Lang::En)),
                )
                .mend("Tải lại trang để thấy các việc làm được.", "Reload the page to see what is possible.")
        })?;
        let words = if act.needs_reason() { reason(words)? } else { lines(words, 2_000) };
        if act == Act::Finish && !self.proved(tx, ctx, task).await? {
            return Err(AppError::new("proof_required", 422)
                .say("Chưa có sản phẩm hay văn bản nào chứng minh đã xong.", "There is no output or document that proves it yet.")
                .mend("Gửi tệp, hoặc ghi số văn bản, rồi báo xong.", "Attach a file or give the number of the document first.")
                .at("files"));
        }
        task.state = state;
        task.seq += 1;
        match act {
            Act::Finish => (task.done_on, task.done_by) = (Some(ctx.today()), ctx.account_id()),
            Act::Return => (task.done_on, task.done_by) = (None, None),
            _ => {}
        }
        let event = self.event(ctx, task.seq, act.word(), Some((before, state)), &words);
        store::save(tx, task, event.at).await.map_err(db_error)?;
        store::add_event(tx, task.tenant, task.id, &event).await.map_err(db_error)?;
        let detail = serde_json::json!({"from": before.word(), "to": state.word(), "words": words});
        access::audit(tx, ctx, task.tenant, &format!("task.{}", act.word()), &task.id.to_string(), detail).await.map_err(db_error)?;
        Ok(state)
    }

    /// Adds to the thread that owner, helpers and giver all see.
    ///
    /// # Errors
    /// 401, 404, 422 `field_required`.
    pub async fn comment_task(&self, ctx: &Context, id: Uuid, words: &str) -> Result<(), AppError> {
        let words = lines(words, 4_000);
        if words.is_empty() {
            return Err(empty("comment", "Chưa viết gì.", "Nothing was written."));
        }
        let mut tx = self.db().begin().await.map_err(db_error)?;
        let mut task = self.task_locked(&mut tx, ctx, id, None).await?;
        // A published task can be read by all, but only those who have to do with it talk about it.
        let may = |role, unit| self.figures().may(ctx, role, unit);
        let part = std::iter::once(&task.owner).chain(&task.support).any(|p| may(Role::Officer, p.unit) || may(Role::Reviewer, p.unit));
        if !part && !self.may_give(ctx, &task) {
            return Err(refuse(ctx, Role::Officer));
        }
        task.seq += 1;
        let event = self.event(ctx, task.seq, "comment", None, &words);
        store::save(&mut tx, &task, event.at).await.map_err(db_error)?;
        store::add_event(&mut tx, task.tenant, id, &event).await.map_err(db_error)?;
        access::audit(&mut tx, ctx, task.tenant, "task.comment", &id.to_string(), serde_json::json!({"words": words})).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)
    }
}

/// The refusal of somebody without a role.
pub(crate) fn refuse(ctx: &Context, role: Role) -> AppError {
    ctx.require(role, &[]).err().unwrap_or_else(|| AppError::new("role_required", 403))
}

pub(crate) fn unknown_unit(at: &'static str) -> AppError {
    AppError::new("unknown_unit", 404)
        .say("Không có đơn vị này.", "There is no such unit.")
        .mend("Ghi tên đầy đủ hoặc mã của đơn vị.", "Give its full name or its code.")
        .at(at)
}

fn ended(state: State) -> AppError {
    AppError::new("task_ended", 409)
        .say(
            format!("Nhiệm vụ {}, không sửa được nữa.", state.label(ui::Lang::Vi)),
            format!("The task is {} and cannot be changed.", state.label(ui::Lang::En)),
        )
        .mend("Giao một nhiệm vụ mới nếu còn việc.", "Give a new task if something is left.")
}

/// What an edit changed, in one line for the history.
fn difference(before: &Task, after: &Task) -> String {
    let (a, b) = (&before.words, &after.words);
    let mut out = Vec::new();
    let mut say = |name: &str, old: &str, new: &str| {
        if old != new {
            out.push(format!("{name}: “{old}” → “{new}”"));
        }
    };
    say("tên", &a.title, &b.title);
    say("sản phẩm", &a.output, &b.output);
    say("mục tiêu", &a.goal, &b.goal);
    say("kế hoạch", &a.plan, &b.plan);
    say("chỉ tiêu", &a.target, &b.target);
    say("số", &a.number, &b.number);
    say("bộ phận chủ trì", &before.owner.body, &after.owner.body);
    let due = |d: Due| match d {
        Due::Open => "chưa đặt".to_owned(),
        Due::On(date) => lang::show::short_date(date),
        Due::Days(days) => format!("{days} ngày làm việc"),
    };
    say("thời hạn", &due(before.due), &due(after.due));
    if before.support != after.support {
        out.push("đơn vị phối hợp".to_owned());
    }
    out.join("; ")
}
