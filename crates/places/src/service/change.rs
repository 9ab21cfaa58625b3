//! Changes of units: worked out, applied, undone, completed.

use super::{CATALOG, Places};
use crate::atlas::Atlas;
use crate::model::{Change, ChangeKind};
use crate::pages::change_unknown;
use crate::plan::{Draft, DraftForm, Edit, Plan, whole_shares};
use crate::store::change::{self as store, Entered};
use access::{Context, Role, audit, db_error, lock_tenant};
use ui::{AppError, Html};
use uuid::Uuid;

/// A change worked out and not applied.
#[derive(Debug)]
pub struct Preview {
    /// What would happen.
    pub plan: Plan,
    /// The places as they would be.
    pub after: Atlas,
    /// The balance sheet; empty when nobody draws one.
    pub balance: Html,
}

/// A share of a divided unit as found out later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LateShare {
    /// Position of the part in the change.
    pub part: usize,
    /// Millionths of the people.
    pub by_population: Option<i64>,
    /// Millionths of the area.
    pub by_area: Option<i64>,
}

impl Places {
    /// What a change would do. Nothing is written.
    ///
    /// # Errors
    /// 403 `role_required`; 422 of the form and of the rules.
    pub async fn preview_change(&self, ctx: &Context, form: &DraftForm) -> Result<Preview, AppError> {
        ctx.require_somewhere(Role::Administrator)?;
        let atlas = self.current().await;
        let plan = self.plan(ctx, &atlas, form)?;
        let after = plan.after(&atlas);
        let balance = self.balance(ctx, &plan.change, &after).await;
        Ok(Preview { plan, after, balance })
    }

    fn plan(&self, ctx: &Context, atlas: &Atlas, form: &DraftForm) -> Result<Plan, AppError> {
        let draft = form.read(atlas)?;
        require_above(ctx, atlas, &draft)?;
        Plan::make(atlas, &draft, ctx.today())
    }

    /// Applies a change: closes and opens versions, writes the event; every process sees it at its next question.
    /// The id of the change.
    ///
    /// # Errors
    /// As [`Places::preview_change`]; the rules are checked again on the newest places.
    pub async fn apply_change(&self, ctx: &Context, form: &DraftForm, summary: impl Fn(&Atlas, &Change) -> String) -> Result<Uuid, AppError> {
        ctx.require_somewhere(Role::Administrator)?;
        let centre = self.current().await.nation().unwrap_or_default();
        let mut tx = self.db().begin().await.map_err(db_error)?;
        lock_tenant(&mut tx, centre).await.map_err(db_error)?;
        // Whoever waited for the lock decides on what the one before left.
        self.refresh().await.map_err(db_error)?;
        let atlas = self.atlas();
        let plan = self.plan(ctx, &atlas, form)?;
        let record = plan.record(summary(&plan.after(&atlas), &plan.change));
        store::apply(&mut tx, &plan, Some(&record), ctx.author_name(), calendar::micros(ctx.at)).await.map_err(db_error)?;
        crate::store::bump(&mut tx, CATALOG, "").await.map_err(db_error)?;
        let detail = serde_json::json!({"form": form, "created": record.created, "summary": record.summary});
        audit(&mut tx, ctx, centre, "unit_change.apply", &plan.change.id.to_string(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        self.refresh().await.map_err(db_error)?;
        Ok(plan.change.id)
    }

    /// Takes a change back that is not in effect yet.
    ///
    /// # Errors
    /// 404 `unknown_change`; 422 `change_in_effect`, `change_undone`, `change_in_use`; 403.
    pub async fn undo_change(&self, ctx: &Context, id: Uuid) -> Result<(), AppError> {
        ctx.require_somewhere(Role::Administrator)?;
        let centre = self.current().await.nation().unwrap_or_default();
        let mut tx = self.db().begin().await.map_err(db_error)?;
        lock_tenant(&mut tx, centre).await.map_err(db_error)?;
        self.refresh().await.map_err(db_error)?;
        let atlas = self.atlas();
        let entered = store::one(&mut tx, id).await.map_err(db_error)?.ok_or_else(change_unknown)?;
        if !entered.applied {
            return Err(AppError::new("change_undone", 422).say("Thay đổi này đã được hoàn tác.", "This change has been undone already.").mend("", ""));
        }
        if let Some(change) = atlas.change(id) {
            require_for(ctx, &atlas, change)?;
        }
        if entered.effective <= ctx.today() {
            return Err(AppError::new("change_in_effect", 422)
                .say("Thay đổi đã có hiệu lực nên không hoàn tác được.", "The change is in effect and cannot be undone.")
                .mend("Nếu văn bản được sửa, nhập một thay đổi mới.", "If the decree was amended, enter a new change."));
        }
        if let Some(name) = in_use(&atlas, &entered) {
            return Err(AppError::new("change_in_use", 422)
                .say(format!("Đã có việc dựa trên thay đổi này: {name}."), format!("Something builds on this change already: {name}."))
                .mend("Hoàn tác các thay đổi nhập sau trước, theo thứ tự ngược.", "Undo the changes entered after it first, in reverse order."));
        }
        store::undo(&mut tx, &entered).await.map_err(db_error)?;
        crate::store::bump(&mut tx, CATALOG, "").await.map_err(db_error)?;
        let detail = serde_json::json!({"summary": entered.record.summary});
        audit(&mut tx, ctx, centre, "unit_change.undo", &id.to_string(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        self.refresh().await.map_err(db_error)?;
        Ok(())
    }

    /// Completes the shares of units that were divided, entered or from the facts, when a document gives them at last.
    ///
    /// # Errors
    /// 404 `unknown_change`; 422 `change_shares_sum`, `change_shares_incomplete`, `change_source_missing`, `change_not_divided`; 403.
    pub async fn complete_shares(&self, ctx: &Context, id: Uuid, shares: &[LateShare], source: &str) -> Result<(), AppError> {
        ctx.require_somewhere(Role::Administrator)?;
        let centre = self.current().await.nation().unwrap_or_default();
        let mut tx = self.db().begin().await.map_err(db_error)?;
        lock_tenant(&mut tx, centre).await.map_err(db_error)?;
        self.refresh().await.map_err(db_error)?;
        let atlas = self.atlas();
        let change = atlas.change(id).ok_or_else(change_unknown)?;
        require_for(ctx, &atlas, change)?;
        let source = lang::clean(source);
        if source.is_empty() {
            return Err(AppError::new("change_source_missing", 422)
                .say("Chưa ghi nguồn của tỷ lệ.", "The source of the shares is missing.")
                .mend("Ghi số văn bản công bố tỷ lệ.", "Give the document that publishes them.")
                .at("source"));
        }
        let rows = late_rows(change, shares)?;
        store::save_shares(&mut tx, id, &rows, &source, ctx.author_name(), calendar::micros(ctx.at)).await.map_err(db_error)?;
        crate::store::bump(&mut tx, CATALOG, "").await.map_err(db_error)?;
        let detail = serde_json::json!({"source": source, "shares": rows});
        audit(&mut tx, ctx, centre, "unit_change.shares", &id.to_string(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        self.refresh().await.map_err(db_error)?;
        Ok(())
    }

    /// The changes entered here, the newest first; those before an instant for the next page.
    ///
    /// # Errors
    /// 403; what the database says.
    pub async fn entered_changes(&self, ctx: &Context, until: Option<i64>, limit: usize) -> Result<Vec<Entered>, AppError> {
        ctx.require_somewhere(Role::Administrator)?;
        store::list(self.db(), until.unwrap_or(i64::MAX), i64::try_from(limit).unwrap_or(i64::MAX)).await.map_err(db_error)
    }

    /// Whether the reader may change what a change touched.
    pub(crate) fn may_change(&self, ctx: &Context, atlas: &Atlas, change: &Change) -> bool {
        require_for(ctx, atlas, change).is_ok()
    }
}

/// Whoever administers a place may not end or move the place itself: that takes the administrator of what is above.
fn require_above(ctx: &Context, atlas: &Atlas, draft: &Draft) -> Result<(), AppError> {
    let day = draft.effective;
    let before = day.yesterday().unwrap_or(day);
    for unit in draft.from.iter().copied().chain(draft.to.iter().filter_map(|t| t.unit)) {
        above(ctx, atlas, unit, before)?;
    }
    match draft.parent {
        Some(parent) => ctx.require(Role::Administrator, &atlas.path(parent, day)),
        None => Ok(()),
    }
}

fn above(ctx: &Context, atlas: &Atlas, unit: Uuid, on: jiff::civil::Date) -> Result<(), AppError> {
    let mut path = atlas.path(unit, on);
    if path.len() > 1 {
        path.remove(0);
    }
    // Grants are held in units of today as well as of their time.
    if ctx.may(Role::Administrator, &path) {
        return Ok(());
    }
    let mut today = atlas.path(unit, ctx.today());
    if today.len() > 1 {
        today.remove(0);
    }
    ctx.require(Role::Administrator, &today)
}

fn require_for(ctx: &Context, atlas: &Atlas, change: &Change) -> Result<(), AppError> {
    let before = change.effective.yesterday().unwrap_or(change.effective);
    for part in change.parts.iter().filter(|p| p.from != p.to || change.parts.iter().all(|p| p.from == p.to)) {
        if let Some(from) = part.from {
            let heirs = atlas.heirs(from, before, ctx.today().max(change.effective), crate::Basis::Population);
            let through_heirs = !heirs.is_empty() && heirs.iter().all(|h| above(ctx, atlas, h.unit, ctx.today().max(change.effective)).is_ok());
            if !through_heirs {
                above(ctx, atlas, from, before)?;
            }
        }
        if let Some(to) = part.to {
            above(ctx, atlas, to, change.effective)?;
        }
    }
    Ok(())
}

/// The name of something that was built on a change, if there is any.
fn in_use(atlas: &Atlas, entered: &Entered) -> Option<String> {
    let day = entered.effective;
    // Ids of entered changes are in the order of entering.
    let earlier = |c: &Change| c.effective == day && c.id.get_version_num() == 7 && c.id < entered.id;
    for edit in &entered.record.edits {
        let (unit, from, expected) = match edit {
            Edit::Open { unit, from } | Edit::Alter { unit, from, .. } => (*unit, *from, None),
            Edit::Close { unit, from, to, .. } => (*unit, *from, Some(*to)),
        };
        let version = atlas.unit(unit).and_then(|u| u.versions.iter().find(|v| v.from == from));
        let stands = match (version, expected) {
            (Some(v), Some(to)) => v.to == Some(to),
            // Open still, or closed by nothing that came later.
            (Some(_), None) => atlas.changes_of(unit).all(|c| c.id == entered.id || c.effective < day || earlier(c)),
            (None, _) => false,
        };
        if !stands {
            return Some(atlas.full_name(unit, day));
        }
    }
    let below = atlas.units().iter().find(|u| {
        let hangs = u.versions.iter().any(|v| v.parent.is_some_and(|p| entered.record.created.contains(&p)));
        let ours = entered.record.created.contains(&u.id)
            || entered.record.edits.iter().any(|e| matches!(e, Edit::Open { unit, .. } | Edit::Alter { unit, .. } if *unit == u.id));
        hangs && !ours
    });
    below.map(|u| atlas.full_name(u.id, day))
}

/// Ordinal, people, area, main part.
type ShareRow = (i64, Option<i64>, Option<i64>, bool);

fn late_rows(change: &Change, shares: &[LateShare]) -> Result<Vec<ShareRow>, AppError> {
    let not_divided = || {
        AppError::new("change_not_divided", 422)
            .say("Chỉ bổ sung tỷ lệ cho đơn vị bị chia.", "Shares are completed for divided units only.")
            .mend("Chọn một thay đổi loại “chia”.", "Choose a change of the kind “divide”.")
    };
    if change.kind != ChangeKind::Divide {
        return Err(not_divided());
    }
    let mut rows: Vec<ShareRow> = Vec::new();
    let mut sources: Vec<Uuid> = change.parts.iter().filter(|p| p.from != p.to || p.by_population != Some(crate::WHOLE)).filter_map(|p| p.from).collect();
    sources.dedup();
    for from in sources {
        let parts: Vec<usize> = change.parts.iter().enumerate().filter(|(_, p)| p.from == Some(from) && p.to.is_some()).map(|(i, _)| i).collect();
        if parts.len() < 2 {
            continue;
        }
        let given: Vec<LateShare> = parts
            .iter()
            .map(|part| shares.iter().find(|s| s.part == *part).copied().unwrap_or(LateShare { part: *part, by_population: None, by_area: None }))
            .collect();
        whole_shares(given.iter().map(|s| s.by_population), ("dân số", "population"))?;
        whole_shares(given.iter().map(|s| s.by_area), ("diện tích", "area"))?;
        let exact = |of: fn(&LateShare) -> Option<i64>| given.iter().map(of).collect::<Option<Vec<i64>>>().map(|list| crate::split(crate::WHOLE, &list));
        let (people, area) = (exact(|s| s.by_population), exact(|s| s.by_area));
        let known = people.as_ref().or(area.as_ref());
        let main = known.and_then(|w| w.iter().enumerate().max_by_key(|(i, s)| (**s, std::cmp::Reverse(*i)))).map(|m| m.0);
        for (at, part) in parts.iter().enumerate() {
            let stays = change.parts.get(*part).is_some_and(|p| p.is_default);
            let pick = |list: &Option<Vec<i64>>| list.as_ref().and_then(|l| l.get(at).copied());
            rows.push((i64::try_from(*part).unwrap_or(i64::MAX), pick(&people), pick(&area), main.map_or(stays, |m| m == at)));
        }
    }
    if rows.is_empty() { Err(not_divided()) } else { Ok(rows) }
}
