//! Opinions in parallel: each is asked of one actor and answered once.

use super::answer::answered;
use super::open::unknown_case;
use super::{Fields, TaskRow};
use crate::Casework;
use crate::store::case as store;
use access::{Context, db_error};
use ui::AppError;
use uuid::Uuid;

/// The answer to a task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskAnswer {
    /// Case.
    pub case: Uuid,
    /// Code of the task.
    pub task: String,
    /// `agreed`, `against`, or empty where none is asked.
    pub verdict: String,
    /// Fields.
    pub fields: Fields,
    /// A word; needed with `against`.
    pub note: String,
}

impl Casework {
    /// Answers a task.
    ///
    /// # Errors
    /// 403 `case_not_yours`, 404 `unknown_case`, 409 `task_done` naming by whom, 422 `verdict_missing`, `note_required`, `paper_missing` and
    /// what fields say.
    pub async fn answer_task(&self, ctx: &Context, answer: TaskAnswer) -> Result<(), AppError> {
        let mut held = self.hold(ctx, answer.case, None).await?;
        let procedure = held.version.procedure.clone();
        let tenant = held.case.tenant;
        let tasks = store::tasks_tx(&mut held.tx, tenant, answer.case).await.map_err(db_error)?;
        let Some(row) = tasks.iter().rev().find(|t| t.task == answer.task) else { return Err(unknown_case()) };
        let task = procedure.task(&answer.task).ok_or_else(unknown_case)?;
        let by = [task.by.clone()];
        let Some(acting) = self.acting(ctx, &procedure, &by, held.case.unit) else { return Err(super::acting::not_yours(&procedure, &by)) };
        if !row.open {
            let at = row.done_at.map(crate::pages::moment).unwrap_or_default();
            return Err(AppError::new("task_done", 409)
                .say(format!("{} đã trả lời, {at}.", row.done_by), format!("{} has answered, {at}.", row.done_by))
                .mend("Tải lại hồ sơ.", "Reload the case."));
        }
        let note: String = lang::clean(&answer.note).chars().take(2_000).collect();
        let verdict = match (task.verdict, answer.verdict.as_str()) {
            (false, _) => "done",
            (true, "agreed") => "agreed",
            (true, "against") if note.chars().count() < 3 => {
                return Err(AppError::new("note_required", 422).say("Không đồng ý thì cần ghi rõ vì sao.", "Say why when you do not agree.").at("note"));
            }
            (true, "against") => "against",
            (true, _) => {
                return Err(AppError::new("verdict_missing", 422).say("Chọn đồng ý hoặc không đồng ý.", "Choose agreed or not agreed.").at("verdict"));
            }
        };
        let papers = store::papers_tx(&mut held.tx, tenant, answer.case).await.map_err(db_error)?;
        if let Some(missing) = task.needs.iter().filter_map(|code| procedure.paper(code)).find(|p| !papers.iter().any(|have| have.paper == p.code)) {
            return Err(AppError::new("paper_missing", 422)
                .say(format!("Chưa có giấy tờ: {}.", missing.title_vi), format!("A paper is missing: {}.", missing.title_en))
                .mend("Đính kèm rồi trả lời.", "Attach it, then answer.")
                .at(format!("paper-{}", missing.code)));
        }
        let became = answered(&procedure, &task.asks, &answer.fields)?;
        let now = calendar::micros(ctx.at);
        let done =
            TaskRow { open: false, verdict: verdict.to_owned(), note: note.clone(), done_by: ctx.author_name().to_owned(), done_at: Some(now), ..row.clone() };
        if !store::end_task(&mut held.tx, tenant, answer.case, &done).await.map_err(db_error)? {
            return Err(AppError::new("task_done", 409).say("Ý kiến này đã được trả lời.", "This opinion was given already."));
        }
        let was: Fields = became.keys().filter_map(|code| held.case.fields.get(code).map(|v| (code.clone(), v.clone()))).collect();
        held.case.fields.extend(became.clone());
        let mut event = self.next_event(ctx, &mut held.case, "task", note);
        event.action.clone_from(&answer.task);
        event.acting = acting.words;
        event.was = was;
        event.became = became;
        let detail = serde_json::json!({"task": answer.task, "verdict": verdict});
        self.finish(held, ctx, &event, detail).await
    }
}
