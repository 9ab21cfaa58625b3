//! Who works on a case, how long it may take, and words to it: what changes without a transition.

use super::clock::{home, next_due};
use super::open::{unknown_case, unknown_procedure};
use super::{CaseRow, EventRow, StoredExtension};
use crate::Casework;
use crate::library::Version;
use crate::store::case as store;
use access::{Context, db_error};
use std::sync::Arc;
use ui::AppError;
use uuid::Uuid;

/// A case that is being changed, locked with its tenant.
pub(crate) struct Held {
    pub tx: db::Tx,
    pub case: CaseRow,
    pub version: Arc<Version>,
}

impl Casework {
    /// Begins a change of a case that the person sees.
    pub(crate) async fn hold(&self, ctx: &Context, id: Uuid, seen: Option<i64>) -> Result<Held, AppError> {
        let case = self.seen_case(ctx, id).await?;
        let mut tx = self.db().begin().await.map_err(db_error)?;
        access::lock_tenant(&mut tx, case.tenant).await.map_err(db_error)?;
        let case = store::find_tx(&mut tx, case.tenant, id).await.map_err(db_error)?.ok_or_else(unknown_case)?;
        let version = self.library().version(&case.procedure, case.version).ok_or_else(unknown_procedure)?;
        self.require_unmoved(&mut tx, &version.procedure, &case, seen).await?;
        Ok(Held { tx, case, version })
    }

    /// The event of a change, numbered next.
    pub(crate) fn next_event(&self, ctx: &Context, case: &mut CaseRow, kind: &str, note: String) -> EventRow {
        case.seq += 1;
        EventRow {
            seq: case.seq,
            at: calendar::micros(ctx.at),
            who_id: ctx.account_id(),
            who_name: ctx.author_name().to_owned(),
            acting: super::acting::said(ctx),
            kind: kind.to_owned(),
            from: case.state.clone(),
            to: case.state.clone(),
            note,
            ..EventRow::default()
        }
    }

    /// Writes a change with its event and ends the transaction.
    pub(crate) async fn finish(&self, mut held: Held, ctx: &Context, event: &EventRow, detail: serde_json::Value) -> Result<(), AppError> {
        let (tenant, id) = (held.case.tenant, held.case.id);
        store::add_event(&mut held.tx, tenant, id, event, None).await.map_err(db_error)?;
        store::save(&mut held.tx, &held.case).await.map_err(db_error)?;
        access::audit(&mut held.tx, ctx, tenant, &format!("case.{}", event.kind), &id.to_string(), detail).await.map_err(db_error)?;
        held.tx.commit().await.map_err(db_error)
    }

    /// Gives a case to one of those who may work on it, or takes it away (`None`). A head moves it from one to another without the
    /// first handing it back; whoever belongs to those who hold it takes what nobody has.
    ///
    /// # Errors
    /// 403 `assign_not_yours`, 404, 409 `case_moved`, 422 `worker_unknown`.
    pub async fn assign(&self, ctx: &Context, id: Uuid, to: Option<Uuid>, seen: Option<i64>, reason: &str) -> Result<(), AppError> {
        let mut held = self.hold(ctx, id, seen).await?;
        let head = self.leads(ctx, &held.version.procedure, &held.case);
        let actor = held.version.procedure.actor(&held.case.holder);
        let member = actor.is_some_and(|a| self.acts_as(ctx, a, held.case.unit));
        let myself = to == ctx.account_id() && to.is_some();
        let free = held.case.assignee_id.is_none() || held.case.assignee_id == ctx.account_id();
        if !(head || (member && free && (myself || to.is_none()))) {
            return Err(AppError::new("assign_not_yours", 403)
                .say(
                    "Chỉ người đứng đầu nơi đang giữ hồ sơ mới chuyển việc của người khác.",
                    "Only the head of the unit that holds the case moves it from one person to another.",
                )
                .mend("Nhờ lãnh đạo giao lại.", "Ask the head to assign it."));
        }
        let to = match to {
            Some(to) => {
                let found = self.workers(ctx, &held.version.procedure, &held.case).await?.into_iter().find(|w| w.id == to).map(|w| (w.id, w.name));
                let found = found.or_else(|| (myself && member).then(|| (to, ctx.author_name().to_owned())));
                Some(found.ok_or_else(|| {
                    AppError::new("worker_unknown", 422)
                        .say("Người này không thuộc nơi đang giữ hồ sơ.", "This person does not belong to those who hold the case.")
                        .mend("Chọn trong danh sách.", "Choose from the list.")
                        .at("to")
                })?)
            }
            None => None,
        };
        let before = std::mem::take(&mut held.case.assignee);
        held.case.assignee_id = to.as_ref().map(|t| t.0);
        held.case.assignee = to.map(|t| t.1).unwrap_or_default();
        let words = if held.case.assignee.is_empty() { format!("{before} → –") } else { format!("{before} → {}", held.case.assignee) };
        let note = if reason.trim().is_empty() { words.clone() } else { format!("{words}: {}", lang::clean(reason)) };
        let event = self.next_event(ctx, &mut held.case, "assign", note);
        self.finish(held, ctx, &event, serde_json::json!({"assign": words})).await
    }

    /// Lengthens the clock of the whole, or of the step where there is none, with a reason. A head of the unit that holds it does.
    ///
    /// # Errors
    /// 403 `extend_not_yours`, 404, 409 `case_moved`, `no_clock`, 422 `reason_required`, `extension_too_long`.
    pub async fn extend(&self, ctx: &Context, id: Uuid, amount: u32, reason: &str, seen: Option<i64>) -> Result<(), AppError> {
        let reason = lang::clean(reason);
        if reason.chars().count() < 3 {
            return Err(AppError::new("reason_required", 422).say("Gia hạn phải có lý do.", "An extension needs a reason.").at("reason"));
        }
        if amount == 0 || amount > 250 {
            return Err(AppError::new("extension_too_long", 422).say("Gia hạn từ 1 đến 250.", "An extension is 1 to 250.").at("amount"));
        }
        let mut held = self.hold(ctx, id, seen).await?;
        if !self.leads(ctx, &held.version.procedure, &held.case) {
            return Err(AppError::new("extend_not_yours", 403)
                .say("Chỉ người đứng đầu nơi đang giữ hồ sơ gia hạn.", "Only the head of the unit that holds the case gives more time.")
                .mend("Nhờ lãnh đạo gia hạn.", "Ask the head."));
        }
        let now = calendar::micros(ctx.at);
        let mut clocks = store::clocks_tx(&mut held.tx, held.case.tenant, id).await.map_err(db_error)?;
        let at = clocks.iter().position(|c| c.open && c.state.is_empty()).or_else(|| clocks.iter().position(|c| c.open && c.amount.is_some()));
        let Some(clock) = at.and_then(|at| clocks.get_mut(at)) else {
            return Err(AppError::new("no_clock", 409).say("Hồ sơ không có thời hạn nào đang chạy.", "No clock of this case is running."));
        };
        let before = clock.due;
        clock.extensions.push(StoredExtension { amount, reason: reason.clone(), by: ctx.author_name().to_owned(), at: now });
        self.settle(&held.version.procedure, home(&held.case), clock);
        clock.causes.push(super::Cause { at: now, from: before, to: clock.due, vi: format!("Gia hạn: {reason}"), en: format!("Extended: {reason}") });
        let clock = clock.clone();
        store::save_clock(&mut held.tx, held.case.tenant, id, &clock).await.map_err(db_error)?;
        held.case.due = next_due(&clocks);
        let event = self.next_event(ctx, &mut held.case, "extend", format!("+{amount}: {reason}"));
        self.finish(held, ctx, &event, serde_json::json!({"amount": amount, "reason": reason})).await
    }

    /// Adds a word to a case.
    ///
    /// # Errors
    /// 404, 422 `comment_empty`.
    pub async fn comment(&self, ctx: &Context, id: Uuid, text: &str) -> Result<(), AppError> {
        let text: String = lang::clean(text).chars().take(2_000).collect();
        if text.is_empty() {
            return Err(AppError::new("comment_empty", 422).say("Chưa ghi gì.", "Nothing was written.").at("text"));
        }
        let mut held = self.hold(ctx, id, None).await?;
        let event = self.next_event(ctx, &mut held.case, "comment", text);
        self.finish(held, ctx, &event, serde_json::json!({})).await
    }
}
