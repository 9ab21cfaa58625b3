//! Reporting rounds: until when a province wants a period, who is late, closing and reopening.

use super::Figures;
use super::review::unknown_unit;
use crate::ledger::State;
use crate::store::{self, rooms::Round};
use access::{Context, Role, db_error};
use calendar::{Period, PeriodKind};
use db::DbError;
use jiff::civil::Date;
use places::{Atlas, Level};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use ui::AppError;
use uuid::Uuid;

/// Where a unit stands in a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Punctual {
    /// Everything is handed over.
    Done,
    /// Everything is handed over, the first part of it only after the due date, by so many days.
    DoneLate(i32),
    /// Something is missing and the due date has passed, by so many days.
    Late(i32),
    /// Something is missing and there is time, or no due date.
    Open,
}

/// One unit in a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Unit.
    pub unit: Uuid,
    /// Measures it has to report.
    pub measures: i64,
    /// Accepted, or said not to apply or not to be known.
    pub accepted: i64,
    /// Wait for acceptance for the first time.
    pub awaiting: i64,
    /// Drafts.
    pub drafts: i64,
    /// Given back.
    pub returned: i64,
    /// First submission, microseconds UTC.
    pub first: Option<i64>,
    /// Last submission, microseconds UTC.
    pub last: Option<i64>,
    /// See [`Punctual`].
    pub punctual: Punctual,
}

impl Standing {
    /// Measures that the unit has not handed over.
    pub fn missing(&self) -> i64 {
        (self.measures - self.accepted - self.awaiting).max(0)
    }
}

/// A round with all its units.
#[derive(Clone, Debug, Default)]
pub struct Lateness {
    /// Last day to submit, if the province has set one.
    pub due: Option<Date>,
    /// When it was closed, microseconds UTC, and by whom.
    pub closed: Option<(i64, String)>,
    /// Reason of the last closing or reopening.
    pub reason: String,
    /// Units in the order of the tree.
    pub units: Vec<Standing>,
}

impl Lateness {
    /// Units that are late.
    pub fn late(&self) -> usize {
        self.units.iter().filter(|u| matches!(u.punctual, Punctual::Late(_))).count()
    }
}

fn reason_of(text: &str) -> Result<String, AppError> {
    let reason = lang::clean(text);
    if reason.chars().count() < 3 {
        return Err(AppError::new("reason_required", 422)
            .say("Mở lại kỳ báo cáo phải có lý do.", "Reopening needs a reason.")
            .mend("Ghi rõ vì sao mở lại.", "Say why.")
            .at("reason"));
    }
    Ok(reason)
}

impl Figures {
    /// The round of a province in a period.
    ///
    /// # Errors
    /// What the database says.
    pub async fn round(&self, province: Uuid, period: Period) -> Result<Round, DbError> {
        let Some(tenant) = self.places().atlas().unit(province).map(|u| u.tenant) else { return Ok(Round::default()) };
        Ok(store::rooms::read_round(self.db(), tenant, province, period.to_i64()).await?.unwrap_or_default())
    }

    /// Says until when the province wants a period; none takes the date away.
    ///
    /// # Errors
    /// 401/403 without a reviewer's role in the province, 404 `unknown_unit`, 422 `due_before_end`.
    pub async fn set_due(&self, ctx: &Context, province: Uuid, period: Period, due: Option<Date>) -> Result<(), AppError> {
        if due.is_some_and(|d| d < period.first_day()) {
            return Err(AppError::new("due_before_end", 422)
                .say("Hạn nộp không thể trước ngày đầu kỳ.", "The due date cannot lie before the period.")
                .mend("Chọn ngày sau khi kỳ kết thúc.", "Choose a day after the period has ended.")
                .at("due"));
        }
        self.change_round(ctx, province, period, "round.due", move |round| {
            round.due = due.map(|d| d.to_string());
            Ok(())
        })
        .await
    }

    /// Closes a period: nothing of it can be entered or handed over any more in the province.
    ///
    /// # Errors
    /// 401/403, 404 `unknown_unit`, 409 `closed_period` when it is closed already.
    pub async fn close_round(&self, ctx: &Context, province: Uuid, period: Period, reason: &str) -> Result<(), AppError> {
        let (at, who, reason) = (calendar::micros(ctx.at), ctx.author_name().to_owned(), lang::clean(reason));
        self.change_round(ctx, province, period, "round.close", move |round| {
            if round.closed_at.is_some() {
                return Err(super::enter::closed(period).into());
            }
            (round.closed_at, round.closed_by, round.reason) = (Some(at), Some(who), reason);
            Ok(())
        })
        .await
    }

    /// Opens a closed period again.
    ///
    /// # Errors
    /// 401/403, 404 `unknown_unit`, 422 `reason_required`, 409 `not_closed`.
    pub async fn reopen_round(&self, ctx: &Context, province: Uuid, period: Period, reason: &str) -> Result<(), AppError> {
        let reason = reason_of(reason)?;
        self.change_round(ctx, province, period, "round.reopen", move |round| {
            if round.closed_at.is_none() {
                return Err(AppError::new("not_closed", 409).say("Kỳ báo cáo này đang mở.", "This period is open.").mend("Tải lại trang.", "Reload the page."));
            }
            (round.closed_at, round.closed_by, round.reason) = (None, None, reason);
            Ok(())
        })
        .await
    }

    async fn change_round(
        &self,
        ctx: &Context,
        province: Uuid,
        period: Period,
        act: &str,
        change: impl FnOnce(&mut Round) -> Result<(), AppError> + Send,
    ) -> Result<(), AppError> {
        ctx.require_signed_in()?;
        let atlas = self.places().atlas();
        let Some(place) = atlas.unit(province).filter(|u| u.level == Level::Province) else { return Err(unknown_unit()) };
        if !self.may(ctx, Role::Reviewer, province) {
            return ctx.require(Role::Reviewer, &[]);
        }
        let mut tx = self.db().begin().await.map_err(db_error)?;
        access::lock_tenant(&mut tx, place.tenant).await.map_err(db_error)?;
        let mut round = store::rooms::round_tx(&mut tx, place.tenant, province, period.to_i64()).await.map_err(db_error)?.unwrap_or_default();
        change(&mut round)?;
        store::rooms::save_round(&mut tx, place.tenant, province, period.to_i64(), &round).await.map_err(db_error)?;
        let detail = serde_json::json!({"period": period.to_string(), "due": round.due, "closed": round.closed_at.is_some(), "reason": round.reason});
        access::audit(&mut tx, ctx, place.tenant, act, &province.to_string(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        self.tell();
        Ok(())
    }

    /// Who has handed over what in a period, under a province (or any unit; the round is then that of its province).
    ///
    /// # Errors
    /// What the database says.
    pub async fn lateness(&self, ctx: &Context, under: Uuid, period: Period) -> Result<Lateness, DbError> {
        let atlas = self.places().atlas();
        let catalog = self.catalog();
        let today = ctx.today();
        let mut rows: BTreeMap<Uuid, Standing> = BTreeMap::new();
        let mut order: Vec<Uuid> = Vec::new();
        let mut province = None;
        for known in catalog.current().filter(|k| k.measure.takes(period) && !k.measure.computed()) {
            let Some(known) = catalog.for_period(known.measure.id, period) else { continue };
            let (first, last) = known.window(period);
            let units: BTreeSet<Uuid> = self.reporters(known, period, under).into_iter().collect();
            if first > today || units.is_empty() {
                continue;
            }
            let view = atlas.on(last);
            province = province.or_else(|| view.province(under));
            let tenants = tenants_of(&atlas, units.iter());
            let leaves =
                store::at_level(self.db(), (known.measure.id, period.to_i64()), crate::project::THEN, known.measure.def.level.depth(), Some(&tenants)).await?;
            for unit in view.under(under, known.measure.def.level).into_iter().filter(|u| units.contains(u)) {
                let row = rows.entry(unit).or_insert_with(|| {
                    order.push(unit);
                    Standing { unit, measures: 0, accepted: 0, awaiting: 0, drafts: 0, returned: 0, first: None, last: None, punctual: Punctual::Open }
                });
                row.measures += 1;
                if let Some(leaf) = leaves.get(&unit) {
                    row.accepted += leaf.acc.n + leaf.acc.na + leaf.acc.unknown;
                    row.awaiting += leaf.acc.awaiting;
                }
            }
        }
        for tenant in tenants_of(&atlas, rows.keys()) {
            self.fill(tenant, period, &mut rows).await?;
        }
        let round = match province {
            Some(province) => self.round(province, period).await?,
            None => Round::default(),
        };
        let due = round.due.as_deref().and_then(|d| d.parse::<Date>().ok());
        for row in rows.values_mut() {
            row.punctual = punctual(row, due, today);
        }
        Ok(Lateness {
            due,
            closed: round.closed_at.map(|at| (at, round.closed_by.unwrap_or_default())),
            reason: round.reason,
            units: order.into_iter().filter_map(|u| rows.remove(&u)).collect(),
        })
    }

    /// Drafts, returned figures and submissions of one tenant.
    async fn fill(&self, tenant: Uuid, period: Period, rows: &mut BTreeMap<Uuid, Standing>) -> Result<(), DbError> {
        for state in [State::Draft, State::Returned] {
            for (unit, code, count) in store::waiting::counts(self.db(), tenant, state).await? {
                if let Some(row) = rows.get_mut(&unit).filter(|_| code == period.to_i64()) {
                    let field = if state == State::Draft { &mut row.drafts } else { &mut row.returned };
                    *field += count;
                }
            }
        }
        for (unit, first, last) in store::rooms::submissions(self.db(), tenant, period.to_i64()).await? {
            if let Some(row) = rows.get_mut(&unit) {
                (row.first, row.last) = (Some(first), Some(last));
            }
        }
        Ok(())
    }

    /// The periods people are asked for: of each length in use, the newest that has ended and the running one if it may be entered, newest first.
    pub fn open_periods(&self, today: Date) -> Vec<Period> {
        let catalog = self.catalog();
        let mut kinds: HashMap<PeriodKind, Period> = HashMap::new();
        for known in catalog.current().filter(|k| !k.measure.computed()) {
            if let Some(newest) = Period::containing(known.measure.def.period, today, &known.cutoff).and_then(Period::previous) {
                let kept = kinds.entry(known.measure.def.period).or_insert(newest);
                *kept = (*kept).max(newest);
            }
        }
        let mut out: Vec<Period> = kinds.into_values().collect();
        out.sort_unstable_by(|a, b| b.cmp(a));
        out
    }
}

fn tenants_of<'a>(atlas: &Atlas, units: impl Iterator<Item = &'a Uuid>) -> Vec<Uuid> {
    let set: BTreeSet<Uuid> = units.filter_map(|u| atlas.unit(*u)).map(|u| u.tenant).collect();
    set.into_iter().collect()
}

fn punctual(row: &Standing, due: Option<Date>, today: Date) -> Punctual {
    let days = |from: Date, to: Date| from.until(to).map(|s| s.get_days()).unwrap_or(0);
    let first = row.first.and_then(calendar::from_micros).map(calendar::local_date);
    match (row.missing() == 0, due) {
        (true, Some(due)) => match first.filter(|f| *f > due) {
            Some(first) => Punctual::DoneLate(days(due, first)),
            None => Punctual::Done,
        },
        (true, None) => Punctual::Done,
        (false, Some(due)) if today > due => Punctual::Late(days(due, today)),
        (false, _) => Punctual::Open,
    }
}
