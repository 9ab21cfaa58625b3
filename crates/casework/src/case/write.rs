//! Acting in a case: one transition, one event, one transaction.

use super::answer::answered;
use super::clock::{end_all, home, next_due, total};
use super::open::{unknown_case, unknown_procedure};
use super::{CaseRow, ClockRow, EventRow, Fields, NoticeRow, TOTAL, TaskRow};
use crate::Casework;
use crate::procedure::{Action, Note, Procedure, State, StateKind};
use crate::store::case as store;
use access::{Context, db_error};
use formula::Verdict;
use ui::{AppError, Lang};
use uuid::Uuid;
use work::{About, CaseAct, CaseEvent, CaseRef, Value};

impl Casework {
    /// Acts in a case.
    ///
    /// # Errors
    /// 403 `case_not_yours`; 404 `unknown_case`; 409 `case_moved` naming who did what, `action_not_here`; 422 `condition_not_met`,
    /// `paper_missing`, `note_required`, `tasks_open`, `field_missing`, `field_invalid`.
    pub async fn act(&self, ctx: &Context, act: CaseAct) -> Result<CaseRef, AppError> {
        let mut tx = self.db().begin().await.map_err(db_error)?;
        let done = self.act_in(&mut tx, ctx, act).await?;
        tx.commit().await.map_err(db_error)?;
        self.figures().tell();
        Ok(done)
    }

    pub(crate) async fn act_in(&self, tx: &mut db::Tx, ctx: &Context, act: CaseAct) -> Result<CaseRef, AppError> {
        ctx.require_signed_in()?;
        let tenant = store::tenant_of_tx(tx, act.case).await.map_err(db_error)?.ok_or_else(unknown_case)?;
        access::lock_tenant(tx, tenant).await.map_err(db_error)?;
        let mut case = store::find_tx(tx, tenant, act.case).await.map_err(db_error)?.ok_or_else(unknown_case)?;
        if !act.key.is_empty() && store::keyed_tx(tx, tenant, case.id, &act.key).await.map_err(db_error)?.is_some() {
            return Ok(self.case_ref(&case, ctx.lang));
        }
        let library = self.library();
        let version = library.version(&case.procedure, case.version).ok_or_else(unknown_procedure)?;
        let procedure = &version.procedure;
        self.require_unmoved(tx, procedure, &case, act.seen).await?;
        let action = procedure.action(&act.action).ok_or_else(|| not_here(procedure, &case))?;
        if !action.from.contains(&case.state) {
            return Err(not_here(procedure, &case));
        }
        let Some(acting) = self.acting(ctx, procedure, &action.by, case.unit) else {
            // What one may not see does not exist.
            return Err(if self.sees(ctx, case.unit) { super::acting::not_yours(procedure, &action.by) } else { unknown_case() });
        };
        let (now, today) = (calendar::micros(ctx.at), ctx.today());
        let became = answered(procedure, &action.asks, &act.fields)?;
        let note: String = lang::clean(&act.note).chars().take(2_000).collect();
        if action.note == Note::Required && note.chars().count() < 3 {
            return Err(AppError::new("note_required", 422)
                .say("Việc này cần ghi lý do.", "This needs a word of reason.")
                .mend("Ghi ngắn gọn lý do.", "Say briefly why.")
                .at("note"));
        }
        let tasks = store::tasks_tx(tx, tenant, case.id).await.map_err(db_error)?;
        let papers = store::papers_tx(tx, tenant, case.id).await.map_err(db_error)?;
        if let Some(missing) = action.needs.iter().find(|code| !papers.iter().any(|p| p.paper == **code)) {
            let paper = procedure.paper(missing);
            let (vi, en) = paper.map_or((missing.as_str(), missing.as_str()), |p| (p.title_vi.as_str(), p.title_en.as_str()));
            return Err(AppError::new("paper_missing", 422)
                .say(format!("Chưa có giấy tờ: {vi}."), format!("A paper is missing: {en}."))
                .mend("Đính kèm rồi làm lại.", "Attach it and try again.")
                .at(format!("paper-{missing}")));
        }
        if action.after_tasks && tasks.iter().any(|t| t.open) {
            return Err(AppError::new("tasks_open", 422).say("Còn ý kiến chưa trả lời.", "Some opinions have not been given yet."));
        }
        let names = self.names(procedure, &case, &tasks, &papers, now).await?;
        let conditions = self.conditions(procedure, action, &names, &became);
        if let Some(unmet) = conditions.iter().find(|c| c.verdict != Verdict::Yes) {
            let unknown = unmet.verdict == Verdict::NotKnown;
            let word = |l: Lang| if unknown { l.t("chưa biết", "not known") } else { l.t("chưa đạt", "not met") };
            return Err(AppError::new("condition_not_met", 422)
                .say(
                    format!("Điều kiện {}: {} ({})", word(Lang::Vi), unmet.vi, unmet.now_vi),
                    format!("Condition {}: {} ({})", word(Lang::En), unmet.en, unmet.now_en),
                )
                .mend("Bổ sung cho đủ điều kiện rồi làm lại.", "Complete what is missing and try again."));
        }
        let from = case.state.clone();
        let was: Fields = became.keys().filter_map(|code| case.fields.get(code).map(|value| (code.clone(), value.clone()))).collect();
        case.fields.extend(became.clone());
        case.seq += 1;
        let mut clocks = store::clocks_tx(tx, tenant, case.id).await.map_err(db_error)?;
        if action.starts_clock
            && total(&mut clocks).is_none()
            && let Some(limit) = &procedure.limit
        {
            let mut clock =
                self.start(if clocks.iter().any(|c| c.clock == TOTAL) { format!("{TOTAL}:{}", case.seq) } else { TOTAL.to_owned() }, "", limit, now);
            self.settle(procedure, self.holder_of(procedure, &case.holder, case.unit, today), &mut clock);
            clocks.push(clock);
        }
        if action.stops_clock {
            end_all(&mut clocks, now, |c| c.state.is_empty());
        }
        let state = procedure.state(&action.to).ok_or_else(unknown_procedure)?;
        let mut fresh = Vec::new();
        if action.to != from {
            end_all(&mut clocks, now, |c| !c.state.is_empty());
            store::close_tasks(tx, tenant, case.id).await.map_err(db_error)?;
            fresh = self.enter(ctx, procedure, &mut case, &mut clocks, state, now);
        } else {
            case.due = next_due(&clocks);
        }
        let event = EventRow {
            seq: case.seq,
            at: now,
            who_id: ctx.account_id(),
            who_name: ctx.author_name().to_owned(),
            acting: acting.words,
            kind: "act".into(),
            action: act.action.clone(),
            from: from.clone(),
            to: case.state.clone(),
            was,
            became,
            note,
        };
        store::add_event(tx, tenant, case.id, &event, Some(act.key.as_str()).filter(|k| !k.is_empty())).await.map_err(db_error)?;
        store::save(tx, &case).await.map_err(db_error)?;
        self.keep(tx, &case, &clocks, &fresh).await?;
        self.tell(tx, ctx, procedure, action, &case, &from, now).await?;
        for output in &action.outputs {
            match output.as_str() {
                "certificate" => self.issue(tx, ctx, procedure, &case).await?,
                "revoke_certificate" => self.revoke(tx, ctx, &case, &event.note).await?,
                _ => {}
            }
        }
        let told = CaseEvent {
            about: About { procedure: case.procedure.clone(), case: case.id, unit: case.unit, fields: case.fields.clone(), on: today },
            tenant,
            subject: case.subject.clone(),
            seq: case.seq,
            action: act.action.clone(),
            from,
            to: case.state.clone(),
            emits: action.emits.clone(),
        };
        self.board().happened(tx, ctx, &told).await?;
        let (was, became) = (unfenced(procedure, &event.was), unfenced(procedure, &event.became));
        let detail =
            serde_json::json!({"action": act.action, "from": told.from, "to": told.to, "seq": case.seq, "as": acting.actor, "was": was, "became": became});
        access::audit(tx, ctx, tenant, "case.act", &case.id.to_string(), detail).await.map_err(db_error)?;
        Ok(self.case_ref(&case, ctx.lang))
    }

    /// Refuses whoever acts on an older picture of the case, naming who did what meanwhile.
    pub(crate) async fn require_unmoved(&self, tx: &mut db::Tx, procedure: &Procedure, case: &CaseRow, seen: Option<i64>) -> Result<(), AppError> {
        let Some(seen) = seen.filter(|seen| *seen < case.seq) else { return Ok(()) };
        let later = store::events_after_tx(tx, case.tenant, case.id, seen).await.map_err(db_error)?;
        let Some(event) = later.iter().rev().find(|e| e.matters()) else { return Ok(()) };
        let what = |l: Lang| event_words(procedure, event, l);
        let state = |l: Lang| procedure.state(&case.state).map(|s| l.t(&s.title_vi, &s.title_en).to_owned()).unwrap_or_default();
        let at = crate::pages::moment(event.at);
        Err(AppError::new("case_moved", 409)
            .say(
                format!("{} vừa làm việc này trước: {}, {at}. Hồ sơ đang ở bước “{}”.", event.who_name, what(Lang::Vi), state(Lang::Vi)),
                format!("{} was faster: {}, {at}. The case now stands at “{}”.", event.who_name, what(Lang::En), state(Lang::En)),
            )
            .mend("Tải lại hồ sơ rồi xem còn việc gì.", "Reload the case and see what is left to do."))
    }

    /// Brings a case into a state: holder, clock of the step, pause of the whole, tasks. The caller writes all of it.
    pub(crate) fn enter(&self, ctx: &Context, procedure: &Procedure, case: &mut CaseRow, clocks: &mut Vec<ClockRow>, state: &State, now: i64) -> Vec<TaskRow> {
        let today = ctx.today();
        case.state.clone_from(state.code.get_ref());
        case.entered_at = now;
        let holder = if state.holder.is_empty() { case.holder_unit } else { self.holder_of(procedure, &state.holder, case.unit, today) };
        if holder != case.holder_unit || state.holder != case.holder {
            case.assignee_id = None;
            case.assignee.clear();
        }
        case.holder_unit = holder;
        case.holder.clone_from(&state.holder);
        let over = matches!(state.kind, StateKind::End | StateKind::Settled);
        case.open = !over;
        case.ended_at = over.then_some(now);
        if over {
            end_all(clocks, now, |_| true);
        } else if let Some(limit) = &state.limit {
            let mut clock = self.start(format!("step:{}", case.seq), state.code.get_ref(), limit, now);
            self.settle(procedure, holder, &mut clock);
            clocks.push(clock);
        }
        if let Some(whole) = total(clocks) {
            if state.pause_vi.is_empty() {
                whole.resume(now);
            } else {
                whole.pause(now, &state.pause_vi, &state.pause_en);
            }
            self.settle(procedure, holder, whole);
        }
        case.due = next_due(clocks);
        let tasks = state.tasks.iter().filter_map(|code| procedure.task(code)).map(|task| {
            let unit = self.holder_of(procedure, &task.by, case.unit, today);
            let due = task.limit.as_ref().and_then(|limit| {
                let clock = self.start(String::new(), "", limit, now);
                self.count(procedure, unit, &clock).due()
            });
            TaskRow {
                seq: case.seq,
                task: task.code.clone(),
                holder_unit: unit,
                holder: task.by.clone(),
                opened_at: now,
                due,
                open: true,
                ..TaskRow::default()
            }
        });
        tasks.collect()
    }

    /// Writes clocks and new tasks.
    pub(crate) async fn keep(&self, tx: &mut db::Tx, case: &CaseRow, clocks: &[ClockRow], tasks: &[TaskRow]) -> Result<(), AppError> {
        for clock in clocks {
            store::save_clock(tx, case.tenant, case.id, clock).await.map_err(db_error)?;
        }
        for task in tasks {
            store::add_task(tx, case.tenant, case.id, task).await.map_err(db_error)?;
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "all of it is what a notice says")]
    async fn tell(&self, tx: &mut db::Tx, ctx: &Context, procedure: &Procedure, action: &Action, case: &CaseRow, from: &str, now: i64) -> Result<(), AppError> {
        let mut actors: Vec<&str> = action.notify.iter().map(String::as_str).collect();
        if case.state != from && !case.holder.is_empty() && !actors.contains(&case.holder.as_str()) {
            actors.push(&case.holder);
        }
        for code in actors {
            let unit = self.holder_of(procedure, code, case.unit, ctx.today());
            let (vi, en) = (format!("{}: {}", action.title_vi, case.title), format!("{}: {}", action.title_en, case.title));
            let notice = NoticeRow { id: Uuid::now_v7(), case: case.id, actor: code.to_owned(), at: now, vi, en };
            store::add_notice(tx, case.tenant, unit, &notice).await.map_err(db_error)?;
        }
        Ok(())
    }

    /// Counts the clocks of a case anew and writes what moved, with the cause. Whether anything moved.
    pub(crate) fn recount(&self, procedure: &Procedure, case: &mut CaseRow, clocks: &mut [ClockRow], now: i64, why: (&str, &str)) -> bool {
        let holder = home(case);
        let mut moved = false;
        for clock in clocks.iter_mut().filter(|c| c.open) {
            let before = clock.due;
            if self.settle(procedure, holder, clock) {
                clock.causes.push(super::Cause { at: now, from: before, to: clock.due, vi: why.0.to_owned(), en: why.1.to_owned() });
                moved = true;
            }
        }
        case.due = next_due(clocks);
        moved
    }
}

/// What an event was, in words.
pub(crate) fn event_words(procedure: &Procedure, event: &EventRow, l: Lang) -> String {
    let named = match event.kind.as_str() {
        "act" => procedure.action(&event.action).map(|a| l.t(&a.title_vi, &a.title_en).to_owned()),
        "task" => procedure.task(&event.action).map(|t| l.t(&t.title_vi, &t.title_en).to_owned()),
        _ => None,
    };
    named.unwrap_or_else(|| {
        match event.kind.as_str() {
            "open" => l.t("Mở hồ sơ", "Opened"),
            "assign" => l.t("Giao việc", "Assigned"),
            "extend" => l.t("Gia hạn", "Extended"),
            "paper" => l.t("Đính kèm giấy tờ", "Attached a paper"),
            "comment" => l.t("Trao đổi", "Comment"),
            "recount" => l.t("Tính lại hạn", "Deadline counted again"),
            "escalate" => l.t("Báo quá hạn", "Reported as late"),
            "move" => l.t("Chuyển theo đơn vị kế thừa", "Moved to the legal successor"),
            _ => l.t("Ghi nhận", "Noted"),
        }
        .to_owned()
    })
}

fn not_here(procedure: &Procedure, case: &CaseRow) -> AppError {
    let state = |l: Lang| procedure.state(&case.state).map(|s| l.t(&s.title_vi, &s.title_en).to_owned()).unwrap_or_default();
    AppError::new("action_not_here", 409)
        .say(format!("Việc này không làm được ở bước “{}”.", state(Lang::Vi)), format!("This cannot be done at “{}”.", state(Lang::En)))
        .mend("Tải lại hồ sơ và chọn việc đang có.", "Reload the case and choose what can be done.")
}

/// Values of fields as the audit tells of them. Whoever reads the audit of a place sees that a field was entered that only some may
/// see, such as the result of the Front's survey, and not what: that stays in the case.
fn unfenced(procedure: &Procedure, fields: &Fields) -> Fields {
    let fenced = |code: &str| procedure.field(code).is_some_and(|field| !field.seen_by.is_empty());
    fields.iter().map(|(code, value)| (code.clone(), if fenced(code) { Value::Text("…".to_owned()) } else { value.clone() })).collect()
}
