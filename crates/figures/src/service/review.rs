//! Submission and acceptance: a small state machine of its own.

use super::Figures;
use super::settle::Touched;
use crate::ledger::{Line, State, Story};
use crate::store::{self, Act, NewLine};
use access::{Context, Role, db_error};
use calendar::Period;
use std::collections::{BTreeMap, BTreeSet};
use ui::AppError;
use uuid::Uuid;

/// A figure that waits, at a given position of its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pending {
    /// Unit.
    pub unit: Uuid,
    /// Measure.
    pub measure: Uuid,
    /// Period.
    pub period: Period,
    /// Position of the line that was seen.
    pub seq: i64,
}

/// What a submission did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// Lines handed over.
    pub lines: usize,
}

fn stale() -> AppError {
    AppError::new("changed_meanwhile", 409)
        .say("Số liệu vừa có thay đổi nên chưa làm được việc này.", "The figure changed meanwhile.")
        .mend("Tải lại trang để xem giá trị mới rồi làm lại.", "Reload the page, look at the new value and try again.")
}

impl Figures {
    fn act(&self, ctx: &Context, source: &str, note: &str) -> Act {
        Act {
            id: Uuid::now_v7(),
            at: calendar::micros(ctx.at),
            who: ctx.account_id(),
            who_name: ctx.author_name().to_owned(),
            source: source.to_owned(),
            file_name: None,
            file_hash: None,
            note: note.to_owned(),
        }
    }

    /// Hands over all drafts (and returned figures that were edited) of a unit and period to the level above.
    ///
    /// # Errors
    /// 401/403, 404 `unknown_unit`, 409 `closed_period`, 409 `nothing_to_submit`.
    pub async fn submit(&self, ctx: &Context, unit: Uuid, period: Period) -> Result<Submitted, AppError> {
        let mut tx = self.db().begin().await.map_err(db_error)?;
        let done = self.submit_in(&mut tx, ctx, unit, period, "form").await?;
        tx.commit().await.map_err(db_error)?;
        self.tell();
        Ok(done)
    }

    /// The same inside a transaction that the caller commits; it then calls [`Figures::tell`].
    ///
    /// # Errors
    /// As [`Figures::submit`].
    pub(crate) async fn submit_in(&self, tx: &mut db::Tx, ctx: &Context, unit: Uuid, period: Period, source: &str) -> Result<Submitted, AppError> {
        ctx.require_signed_in()?;
        let atlas = self.places().atlas();
        let Some(place) = atlas.unit(unit) else { return Err(unknown_unit()) };
        if !self.may(ctx, Role::Officer, unit) {
            return ctx.require(Role::Officer, &[]).map(|()| Submitted { lines: 0 });
        }
        let catalog = self.catalog();
        access::lock_tenant(tx, place.tenant).await.map_err(db_error)?;
        let act = self.act(ctx, source, "");
        let mut lines = Vec::new();
        let mut touched = Touched::new();
        for known in catalog.current().filter(|k| k.measure.takes(period) && !k.measure.computed()) {
            let key = (known.measure.id, period.to_i64());
            let province = atlas.on(known.window(period).1).province(unit);
            if let Some(province) = province
                && let Some(home) = atlas.unit(province)
                && store::rooms::round_tx(tx, home.tenant, province, key.1).await.map_err(db_error)?.is_some_and(|r| r.closed_at.is_some())
            {
                return Err(AppError::new("closed_period", 409)
                    .say(format!("{} đã khóa sổ.", period.label_vi()), format!("{} is closed.", period.label_en()))
                    .mend("Đề nghị cấp trên mở lại kỳ báo cáo, kèm lý do.", "Ask the level above to reopen the period, with the reason."));
            }
            let story = Story::of(store::lines_tx(tx, place.tenant, key, unit).await.map_err(db_error)?);
            let Some(draft) = story.pending.as_ref().filter(|l| l.state == State::Draft) else { continue };
            let line = Line { seq: story.last_seq + 1, state: State::Submitted, act: act.id, ..draft.clone() };
            lines.push(NewLine { tenant: place.tenant, measure: key.0, period: key.1, unit, line });
            touched.entry(key).or_default().insert(unit);
        }
        if lines.is_empty() {
            return Err(AppError::new("nothing_to_submit", 409)
                .say("Không có số liệu nháp nào để nộp.", "There is no draft to submit.")
                .mend("Nhập số liệu rồi nộp.", "Enter figures first."));
        }
        store::add_act(tx, &[place.tenant], &act).await.map_err(db_error)?;
        store::add_lines(tx, &lines).await.map_err(db_error)?;
        store::rooms::add_submission(tx, place.tenant, period.to_i64(), unit, &act, lines.len()).await.map_err(db_error)?;
        self.settle(tx, &atlas, touched, &act).await.map_err(db_error)?;
        let detail = serde_json::json!({"period": period.to_string(), "lines": lines.len()});
        access::audit(tx, ctx, place.tenant, "figure.submit", &unit.to_string(), detail).await.map_err(db_error)?;
        Ok(Submitted { lines: lines.len() })
    }

    /// Accepts waiting figures. All or none: one that changed meanwhile stops the whole.
    ///
    /// # Errors
    /// 403 `role_required` (a reviewer above the unit is needed), 403 `own_figure` (two people cannot be the same person),
    /// 409 `changed_meanwhile`.
    pub async fn accept(&self, ctx: &Context, items: &[Pending]) -> Result<usize, AppError> {
        self.decide(ctx, items, State::Accepted, None).await
    }

    /// Gives one figure back with a reason; the others of the unit go on.
    ///
    /// # Errors
    /// As [`Figures::accept`], and 422 `reason_required`.
    pub async fn give_back(&self, ctx: &Context, item: Pending, reason: &str) -> Result<(), AppError> {
        let reason = checked_reason(reason)?;
        self.decide(ctx, &[item], State::Returned, Some(reason)).await.map(drop)
    }

    async fn decide(&self, ctx: &Context, items: &[Pending], state: State, reason: Option<String>) -> Result<usize, AppError> {
        let mut tx = self.db().begin().await.map_err(db_error)?;
        let count = self.decide_in(&mut tx, ctx, items, (state, reason), "form").await?;
        tx.commit().await.map_err(db_error)?;
        self.tell();
        Ok(count)
    }

    /// Accepts or returns inside a transaction that the caller commits; it then calls [`Figures::tell`].
    ///
    /// # Errors
    /// As [`Figures::accept`].
    pub(crate) async fn decide_in(&self, tx: &mut db::Tx, ctx: &Context, items: &[Pending], to: (State, Option<String>), source: &str) -> Result<usize, AppError> {
        let (state, reason) = to;
        ctx.require_signed_in()?;
        let atlas = self.places().atlas();
        let mut by_tenant: BTreeMap<Uuid, Vec<Pending>> = BTreeMap::new();
        for item in items {
            let Some(unit) = atlas.unit(item.unit) else { return Err(unknown_unit()) };
            // The level above accepts: the role must be held above the unit, not in it.
            let above: Vec<Vec<Uuid>> = self.paths_of(&atlas, ctx, item.unit).into_iter().map(|p| p.into_iter().skip(1).collect()).collect();
            if !above.iter().any(|p| ctx.may(Role::Reviewer, p)) {
                ctx.require(Role::Reviewer, &[])?;
            }
            by_tenant.entry(unit.tenant).or_default().push(*item);
        }
        let act = self.act(ctx, source, reason.as_deref().unwrap_or_default());
        let mut lines = Vec::new();
        let mut touched = Touched::new();
        for (tenant, items) in &by_tenant {
            access::lock_tenant(tx, *tenant).await.map_err(db_error)?;
            for item in items {
                let key = (item.measure, item.period.to_i64());
                let story = Story::of(store::lines_tx(tx, *tenant, key, item.unit).await.map_err(db_error)?);
                let Some(line) = story.pending.as_ref().filter(|l| l.state == State::Submitted && l.seq == item.seq && story.last_seq == item.seq) else {
                    return Err(stale());
                };
                let author = store::act_author_tx(tx, *tenant, line.act).await.map_err(db_error)?;
                if state == State::Accepted && author.is_some() && author == ctx.account_id() {
                    return Err(AppError::new("own_figure", 403)
                        .say("Người nhập không tự duyệt số của mình.", "One cannot accept one's own figure.")
                        .mend("Nhờ người duyệt khác.", "Ask another reviewer."));
                }
                let line = Line {
                    seq: story.last_seq + 1,
                    state,
                    act: act.id,
                    reason: reason.clone().or_else(|| line.reason.clone()),
                    replaces: story.accepted.as_ref().map(|l| l.seq),
                    ..line.clone()
                };
                lines.push(NewLine { tenant: *tenant, measure: key.0, period: key.1, unit: item.unit, line });
                touched.entry(key).or_default().insert(item.unit);
            }
        }
        let tenants: BTreeSet<Uuid> = by_tenant.keys().copied().collect();
        store::add_act(tx, &tenants.iter().copied().collect::<Vec<_>>(), &act).await.map_err(db_error)?;
        store::add_lines(tx, &lines).await.map_err(db_error)?;
        self.settle(tx, &atlas, touched, &act).await.map_err(db_error)?;
        let word = if state == State::Accepted { "figure.accept" } else { "figure.return" };
        for tenant in tenants {
            let subjects: Vec<String> =
                lines.iter().filter(|l| l.tenant == tenant).take(50).map(|l| format!("{}/{}/{}#{}", l.unit, l.measure, l.period, l.line.seq)).collect();
            access::audit(tx, ctx, tenant, word, &act.id.to_string(), serde_json::json!({"lines": subjects, "reason": reason})).await.map_err(db_error)?;
        }
        Ok(lines.len())
    }
}

/// The reason of a return, cleaned.
pub(crate) fn checked_reason(reason: &str) -> Result<String, AppError> {
    let reason = lang::clean(reason);
    if reason.chars().count() < 3 {
        return Err(AppError::new("reason_required", 422)
            .say("Trả lại phải có lý do.", "A return needs a reason.")
            .mend("Ghi rõ cần sửa gì.", "Say what has to be changed."));
    }
    Ok(reason)
}

pub(crate) fn unknown_unit() -> AppError {
    AppError::new("unknown_unit", 404)
        .say("Không có nơi này.", "There is no such place.")
        .mend("Tìm lại theo tên hoặc mã.", "Look it up by name or code.")
}
