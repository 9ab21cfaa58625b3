//! Submission and acceptance: a small state machine of its own.

use super::enter::{asks_for_word, closed, explained};
use super::settle::{Continued, Touched};
use super::{Figures, Refusal};
use crate::catalog::Known;
use crate::ledger::{Line, State, Story};
use crate::store::{self, Act, NewLine};
use access::{Context, Role, db_error};
use calendar::Period;
use places::Atlas;
use std::collections::{BTreeMap, BTreeSet, HashMap};
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
    pub(crate) fn act(&self, ctx: &Context, source: &str, note: &str) -> Act {
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
    /// As [`Figures::submit_with`].
    pub async fn submit(&self, ctx: &Context, unit: Uuid, period: Period) -> Result<Submitted, AppError> {
        self.submit_with(ctx, unit, period, &HashMap::new()).await
    }

    /// The same with words of explanation by measure, for figures that ask for one.
    ///
    /// # Errors
    /// 401/403, 404 `unknown_unit`, 409 `closed_period`, 409 `nothing_to_submit`, 422 `unusual_change` or `reason_for_correction`
    /// when a figure lacks its word of explanation; nothing is handed over then.
    pub async fn submit_with(&self, ctx: &Context, unit: Uuid, period: Period, words: &HashMap<Uuid, String>) -> Result<Submitted, AppError> {
        let mut tx = self.db().begin().await.map_err(db_error)?;
        let done = self.submit_in(&mut tx, ctx, (unit, period), words, "form").await?;
        tx.commit().await.map_err(db_error)?;
        self.tell();
        Ok(done)
    }

    /// The same inside a transaction that the caller commits; it then calls [`Figures::tell`].
    ///
    /// # Errors
    /// As [`Figures::submit_with`].
    pub(crate) async fn submit_in(
        &self,
        tx: &mut db::Tx,
        ctx: &Context,
        of: (Uuid, Period),
        words: &HashMap<Uuid, String>,
        source: &str,
    ) -> Result<Submitted, AppError> {
        let (unit, period) = of;
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
            let Some(known) = catalog.for_period(key.0, period) else { continue };
            let story = Story::of(store::lines_tx(tx, place.tenant, key, unit).await.map_err(db_error)?);
            let Some(draft) = story.pending.as_ref().filter(|l| l.state == State::Draft) else { continue };
            self.require_open(tx, &atlas, known, unit, period).await?;
            let reason = words.get(&key.0).map(|w| lang::clean(w)).filter(|w| !w.is_empty()).or_else(|| draft.reason.clone());
            if !explained(reason.as_deref()) {
                let before = self.value_before(tx, place.tenant, known, period, unit).await.map_err(db_error)?;
                if let Some(refusal) = asks_for_word(known, &draft.value, &story, before.as_ref()) {
                    let (vi, en) =
                        (format!("{}: {}", known.measure.title(ui::Lang::Vi), refusal.vi), format!("{}: {}", known.measure.title(ui::Lang::En), refusal.en));
                    return Err(AppError::from(Refusal { vi, en, ..refusal }).at(known.measure.def.code.clone()));
                }
            }
            let line = Line { seq: story.last_seq + 1, state: State::Submitted, act: act.id, reason, ..draft.clone() };
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
        self.settle(tx, &atlas, touched, &act, &Continued::default()).await.map_err(db_error)?;
        let detail = serde_json::json!({"period": period.to_string(), "lines": lines.len()});
        access::audit(tx, ctx, place.tenant, "figure.submit", &unit.to_string(), detail).await.map_err(db_error)?;
        Ok(Submitted { lines: lines.len() })
    }

    /// Refuses when the province of the time has closed the period.
    pub(crate) async fn require_open(&self, tx: &mut db::Tx, atlas: &Atlas, known: &Known, unit: Uuid, period: Period) -> Result<(), AppError> {
        if let Some(province) = atlas.on(known.window(period).1).province(unit)
            && let Some(home) = atlas.unit(province)
            && store::rooms::round_tx(tx, home.tenant, province, period.to_i64()).await.map_err(db_error)?.is_some_and(|r| r.closed_at.is_some())
        {
            return Err(closed(period).into());
        }
        Ok(())
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

    /// Whether somebody accepts the figures of a unit: the level above does, so the role must be held above the unit, not in it.
    pub(crate) fn reviews(&self, ctx: &Context, atlas: &Atlas, unit: Uuid) -> bool {
        ctx.speaks_for_place() && self.paths_of(atlas, ctx, unit).iter().any(|path| ctx.may(Role::Reviewer, path.get(1..).unwrap_or_default()))
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
    pub(crate) async fn decide_in(
        &self,
        tx: &mut db::Tx,
        ctx: &Context,
        items: &[Pending],
        to: (State, Option<String>),
        source: &str,
    ) -> Result<usize, AppError> {
        let (state, reason) = to;
        ctx.require_signed_in()?;
        let atlas = self.places().atlas();
        let mut by_tenant: BTreeMap<Uuid, Vec<Pending>> = BTreeMap::new();
        for item in items {
            let Some(unit) = atlas.unit(item.unit) else { return Err(unknown_unit()) };
            if !self.reviews(ctx, &atlas, item.unit) {
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
                let mut own = false;
                for act in &story.acts_since_decision {
                    let author = store::act_author_tx(tx, *tenant, *act).await.map_err(db_error)?;
                    own |= author.is_some() && author == ctx.account_id();
                }
                if state == State::Accepted && own {
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
        self.settle(tx, &atlas, touched, &act, &Continued::default()).await.map_err(db_error)?;
        let word = if state == State::Accepted { "figure.accept" } else { "figure.return" };
        for tenant in tenants {
            let subjects: Vec<String> =
                lines.iter().filter(|l| l.tenant == tenant).take(50).map(|l| format!("{}/{}/{}#{}", l.unit, l.measure, l.period, l.line.seq)).collect();
            access::audit(tx, ctx, tenant, word, &act.id.to_string(), serde_json::json!({"lines": subjects, "reason": reason})).await.map_err(db_error)?;
        }
        if state == State::Accepted {
            metrics::counter!("conglang_figures_accepted_total").increment(lines.len() as u64);
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
    AppError::new("unknown_unit", 404).say("Không có nơi này.", "There is no such place.").mend("Tìm lại theo tên hoặc mã.", "Look it up by name or code.")
}
