//! The share of work dossiers handled on the network: counted from events, published as a figure, opened down to each dossier.

mod check;
pub mod definition;
pub(crate) mod pages;
pub(crate) mod store;

pub use check::Recount;
pub use definition::{Asked, Broken, Definition};
pub use store::Count;

use crate::Casework;
use crate::document::{Hat, Office};
use crate::dossier::{Dossier, Step};
use access::{Context, Role, audit, db_error, lock_tenant};
use calendar::{Period, PeriodKind};
use db::Tx;
use figures::{Computed, Known, Published, Value};
use jiff::civil::Date;
use places::Level;
use std::sync::Arc;
use ui::AppError;
use uuid::Uuid;

/// The source of published values.
pub const SOURCE: &str = "casework";

/// The measure of a level.
pub fn measure_of(level: Level) -> Option<&'static str> {
    match level {
        Level::Province => Some("ho_so_mang_tinh"),
        Level::District => Some("ho_so_mang_huyen"),
        Level::Commune => Some("ho_so_mang_xa"),
        Level::Nation => Some("ho_so_mang_tw"),
        Level::Village => None,
    }
}

/// The share of a unit in a period.
#[derive(Clone, Debug)]
pub struct Share {
    /// Unit.
    pub unit: Uuid,
    /// Period.
    pub period: Period,
    /// Days of its data.
    pub days: (Date, Date),
    /// Dossiers closed here.
    pub closed: i64,
    /// Of these, handled wholly on the network.
    pub network: i64,
    /// What offices that work elsewhere said, and secret dossiers.
    pub counts: Vec<Count>,
    /// The definition it is counted by.
    pub definition: Definition,
    /// What stands as the figure when it is not this.
    pub kept: Option<Published>,
}

impl Share {
    /// Dossiers closed, here and elsewhere.
    pub fn of(&self) -> i64 {
        self.closed + self.counts.iter().map(|c| c.closed).sum::<i64>()
    }

    /// Handled wholly on the network, here and elsewhere.
    pub fn n(&self) -> i64 {
        self.network + self.counts.iter().map(|c| c.network).sum::<i64>()
    }

    /// Dossiers with state secrets, left out.
    pub fn secret(&self) -> i64 {
        self.counts.iter().map(|c| c.secret).sum()
    }
}

/// A closed dossier with what breaks it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// It.
    pub dossier: Dossier,
    /// The first step that breaks it; none when it counts.
    pub broken: Option<Broken>,
}

/// What is said about an office that works elsewhere.
#[derive(Clone, Debug, Default)]
pub struct NewCount {
    /// Name of its system; empty for secret dossiers only.
    pub system: String,
    /// Dossiers closed.
    pub closed: i64,
    /// Handled wholly on the network.
    pub network: i64,
    /// With state secrets.
    pub secret: i64,
}

fn newest_on(all: &[Definition], day: &str) -> Definition {
    all.iter().filter(|d| d.valid_from.as_str() <= day).max_by_key(|d| d.version).cloned().unwrap_or_default()
}

fn counts_of(traces: &[(crate::dossier::Trace, i64)], definition: &Definition) -> (i64, i64) {
    let closed = traces.iter().map(|t| t.1).sum();
    let network = traces.iter().filter(|(t, _)| definition.broken(*t).is_none()).map(|t| t.1).sum();
    (closed, network)
}

impl Casework {
    /// The tenant whose rules hold for a unit: that of the province it lies in today, be the unit older than the province or not.
    pub(crate) fn rule_tenant(&self, unit: Uuid, own: Uuid) -> Uuid {
        let atlas = self.figures().places().atlas();
        let province = atlas.on(self.figures().clock().today()).province(unit);
        province.and_then(|p| atlas.unit(p)).map_or(own, |p| p.tenant)
    }

    /// The tenants of the units of a province: communes that lived on through a merge keep theirs.
    fn share_tenants(&self, province: Uuid) -> Vec<Uuid> {
        let atlas = self.figures().places().atlas();
        let view = atlas.on(self.figures().clock().today());
        let mut all: Vec<Uuid> = view.under(province, Level::Commune).into_iter().chain([province]).filter_map(|u| atlas.unit(u)).map(|u| u.tenant).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The measure of a unit's level in the version of a day, and the period that the day falls in.
    pub(crate) fn share_measure(&self, unit: Uuid, day: Date) -> Option<(Arc<Known>, Period)> {
        let level = self.figures().places().atlas().unit(unit)?.level;
        let catalog = self.figures().catalog();
        let known = catalog.coded(measure_of(level)?)?;
        let period = Period::containing(known.measure.def.period, day, &known.cutoff)?;
        Some((Arc::clone(catalog.for_period(known.measure.id, period)?), period))
    }

    /// Publishes the share of a unit for the period of a day, in the transaction that changed it.
    pub(crate) async fn publish_share(&self, tx: &mut Tx, ctx: &Context, tenant: Uuid, unit: Uuid, day: Date) -> Result<Option<Published>, AppError> {
        self.publish_over(tx, ctx, (tenant, unit), day, None).await
    }

    async fn publish_over(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        (tenant, unit): (Uuid, Uuid),
        day: Date,
        take_over: Option<String>,
    ) -> Result<Option<Published>, AppError> {
        let Some((known, period)) = self.share_measure(unit, day) else { return Ok(None) };
        let window = known.window(period);
        let days = (window.0.to_string(), window.1.to_string());
        let definition = newest_on(&store::definitions_tx(tx, self.rule_tenant(unit, tenant)).await.map_err(db_error)?, &days.0);
        let traces = store::traces(tx, tenant, unit, (&days.0, &days.1)).await.map_err(db_error)?;
        let elsewhere = store::counts_tx(tx, tenant, unit, period.to_i64()).await.map_err(db_error)?;
        let (closed, network) = counts_of(&traces, &definition);
        let of = closed + elsewhere.iter().map(|c| c.closed).sum::<i64>();
        let n = network + elsewhere.iter().map(|c| c.network).sum::<i64>();
        // The page that opens the value down to each dossier.
        let note = format!("/dossiers/share?unit={unit}&period={period}");
        let value = if of == 0 { Value::NotApplicable } else { Value::Ratio { n, of } };
        let computed = Computed { unit, measure: known.measure.id, period, value, note, take_over };
        let published = self.figures().publish_in(tx, ctx.at, SOURCE, computed).await?;
        if let Published::Refused(refusal) = &published {
            tracing::warn!(%unit, code = refusal.code, "a share was computed but not taken");
        }
        Ok(Some(published))
    }

    /// Who may look at the share of a unit in detail: those who work there and those who review it from above.
    fn may_judge(&self, ctx: &Context, unit: Uuid) -> Result<Uuid, AppError> {
        let atlas = self.figures().places().atlas();
        let path = atlas.path(unit, ctx.today());
        let tenant = atlas.unit(unit).map(|u| u.tenant).ok_or_else(crate::document::office::office_unknown)?;
        if ctx.may(Role::Viewer, &path) { Ok(tenant) } else { Err(crate::document::office::office_unknown()) }
    }

    /// The share of a unit in the period of a day, counted now.
    ///
    /// # Errors
    /// 404 for those who have nothing to do with the unit.
    pub async fn share(&self, ctx: &Context, unit: Uuid, day: Date) -> Result<Share, AppError> {
        let tenant = self.may_judge(ctx, unit)?;
        let (known, period) = self.share_measure(unit, day).ok_or_else(no_measure)?;
        let window = known.window(period);
        let days = (window.0.to_string(), window.1.to_string());
        let definition = newest_on(&store::definitions(self.db(), self.rule_tenant(unit, tenant)).await.map_err(db_error)?, &days.0);
        let traces = store::read_traces(self.db(), tenant, unit, (&days.0, &days.1)).await.map_err(db_error)?;
        let counts = store::counts(self.db(), tenant, unit, period.to_i64()).await.map_err(db_error)?;
        let (closed, network) = counts_of(&traces, &definition);
        let kept = self.standing_share(tenant, unit, &known, period).await?;
        Ok(Share { unit, period, days: window, closed, network, counts, definition, kept })
    }

    /// The shares of all units of a province in the period of a day: (unit, n, N), counted here only.
    ///
    /// # Errors
    /// 404 for those who have nothing to do with it.
    pub async fn shares_of_province(&self, ctx: &Context, province: Uuid, level: Level, day: Date) -> Result<Vec<(Uuid, i64, i64)>, AppError> {
        let tenant = self.may_judge(ctx, province)?;
        let catalog = self.figures().catalog();
        let known = measure_of(level).and_then(|code| catalog.coded(code)).ok_or_else(no_measure)?;
        let period = Period::containing(known.measure.def.period, day, &known.cutoff).ok_or_else(no_measure)?;
        let window = known.window(period);
        let days = (window.0.to_string(), window.1.to_string());
        let definition = newest_on(&store::definitions(self.db(), tenant).await.map_err(db_error)?, &days.0);
        let atlas = self.figures().places().atlas();
        let mut out: Vec<(Uuid, i64, i64)> = Vec::new();
        let view = atlas.on(ctx.today());
        let mut found = Vec::new();
        for tenant in self.share_tenants(province) {
            found.extend(store::units(self.db(), tenant, (&days.0, &days.1)).await.map_err(db_error)?);
        }
        for (unit, trace, count) in found {
            // An older province's tenant may hold units that went elsewhere.
            if view.has(unit) && view.province(unit) != Some(province) {
                continue;
            }
            if atlas.unit(unit).is_none_or(|u| u.level != level) {
                continue;
            }
            let n = if definition.broken(trace).is_none() { count } else { 0 };
            match out.iter_mut().find(|(u, ..)| *u == unit) {
                Some(one) => *one = (unit, one.1 + n, one.2 + count),
                None => out.push((unit, n, count)),
            }
        }
        Ok(out)
    }

    /// The definition that a dossier is (or would today be) judged by.
    ///
    /// # Errors
    /// What the database says.
    pub async fn definition_for(&self, tenant: Uuid, dossier: &Dossier) -> Result<Definition, AppError> {
        let day = dossier.closed_on.parse().unwrap_or_else(|_| self.figures().clock().today());
        let all = store::definitions(self.db(), self.rule_tenant(dossier.unit, tenant)).await.map_err(db_error)?;
        let first = self.share_measure(dossier.unit, day).map_or(day, |(known, period)| known.window(period).0);
        Ok(newest_on(&all, &first.to_string()))
    }

    /// What stands as the figure, when people entered it.
    async fn standing_share(&self, tenant: Uuid, unit: Uuid, known: &Known, period: Period) -> Result<Option<Published>, AppError> {
        let key = (known.measure.id, period.to_i64());
        let lines = figures::store::lines(self.db(), tenant, key, unit).await.map_err(db_error)?;
        let Some(last) = lines.last() else { return Ok(None) };
        let acts = figures::store::acts(self.db(), tenant, key, unit).await.map_err(db_error)?;
        let kept = acts.get(&last.act).filter(|act| act.source != SOURCE);
        Ok(kept.map(|act| Published::Kept { source: act.source.clone(), who: act.who_name.clone(), at: act.at, value: last.value.clone() }))
    }

    /// The closed dossiers of a unit in a period, each with the step that broke it; behind a dossier, at most `limit`.
    ///
    /// # Errors
    /// 404 for those who have nothing to do with the unit.
    pub async fn judged(&self, ctx: &Context, unit: Uuid, day: Date, after: Option<Uuid>, limit: i64) -> Result<Vec<Judged>, AppError> {
        let tenant = self.may_judge(ctx, unit)?;
        let share = self.share(ctx, unit, day).await?;
        let days = (share.days.0.to_string(), share.days.1.to_string());
        let after = after.unwrap_or(Uuid::nil());
        let found = crate::dossier::store::in_period(self.db(), tenant, unit, (&days.0, &days.1), after, limit).await.map_err(db_error)?;
        Ok(found.into_iter().map(|dossier| Judged { broken: share.definition.broken(dossier.trace), dossier }).collect())
    }

    /// Lets the computed value take over from one that people entered, with the reason.
    ///
    /// # Errors
    /// 403, 404; 422 `field_missing`.
    pub async fn take_over(&self, ctx: &Context, office: &Office, day: Date, why: &str) -> Result<(), AppError> {
        office.require(ctx, Hat::Head)?;
        let why = lang::clean(why);
        if why.chars().count() < 3 {
            return Err(AppError::new("field_missing", 422)
                .say("Chưa ghi lý do.", "The reason is not given.")
                .mend("Ghi một câu ngắn.", "Write a short sentence.")
                .at("reason"));
        }
        let mut tx = self.db().begin().await.map_err(db_error)?;
        lock_tenant(&mut tx, office.tenant).await.map_err(db_error)?;
        self.publish_over(&mut tx, ctx, (office.tenant, office.unit), day, Some(why.clone())).await?;
        audit(&mut tx, ctx, office.tenant, "share.take_over", &office.unit.to_string(), serde_json::json!({"reason": why})).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        self.figures().tell();
        Ok(())
    }

    /// Takes what an office that works elsewhere counted, or how many secret dossiers there were; the figure follows at once.
    ///
    /// # Errors
    /// 403; 422 `count_invalid`.
    pub async fn save_count(&self, ctx: &Context, office: &Office, period: Period, new: &NewCount, source: &str) -> Result<(), AppError> {
        if !office.wears(ctx, Hat::Head) {
            office.require(ctx, Hat::Clerk)?;
        }
        let system: String = lang::clean(&new.system).chars().take(80).collect();
        let fits = new.closed >= 0 && new.secret >= 0 && (0..=new.closed).contains(&new.network) && new.closed < 10_000_000 && new.secret < 10_000_000;
        if !fits || (system.is_empty() && new.closed > 0) {
            return Err(AppError::new("count_invalid", 422)
                .say(
                    "Số đếm chưa hợp lý: số trên mạng không được lớn hơn số kết thúc, và phải ghi tên hệ thống đã đếm.",
                    "The counts do not fit: on the network cannot be more than closed, and the system that counted must be named.",
                )
                .mend("Xem lại ba số và tên hệ thống.", "Look at the three numbers and the name of the system.")
                .at("closed"));
        }
        let (known, _) = self.share_measure(office.unit, ctx.today()).ok_or_else(no_measure)?;
        if period.kind() != known.measure.def.period {
            return Err(AppError::new("unknown_period", 422)
                .say("Chỉ tiêu này báo cáo theo quý.", "This measure is reported by quarter.")
                .mend("Ghi kỳ dạng 2026-Q3.", "Write the period as 2026-Q3.")
                .at("period"));
        }
        let day = known.window(period).0;
        let count = Count {
            unit: office.unit,
            office: office.id,
            system,
            closed: new.closed,
            network: new.network,
            secret: new.secret,
            source: source.to_owned(),
            at: calendar::micros(ctx.at),
            who_name: ctx.author_name().to_owned(),
        };
        let mut tx = self.db().begin().await.map_err(db_error)?;
        lock_tenant(&mut tx, office.tenant).await.map_err(db_error)?;
        store::save_count(&mut tx, office.tenant, period.to_i64(), &count).await.map_err(db_error)?;
        self.publish_share(&mut tx, ctx, office.tenant, office.unit, day).await?;
        let detail =
            serde_json::json!({"period": period.to_string(), "system": count.system, "closed": count.closed, "network": count.network, "secret": count.secret});
        audit(&mut tx, ctx, office.tenant, "share.count", &office.id.to_string(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        self.figures().tell();
        Ok(())
    }

    /// All versions of a province's definition, oldest first, with the platform's own before them.
    ///
    /// # Errors
    /// 404 for those who have nothing to do with it.
    pub async fn definitions(&self, ctx: &Context, unit: Uuid) -> Result<Vec<Definition>, AppError> {
        let tenant = self.may_judge(ctx, unit)?;
        let mut all = vec![Definition::default()];
        all.extend(store::definitions(self.db(), tenant).await.map_err(db_error)?);
        Ok(all)
    }

    /// Gives a province another definition from the first day of a period on; the shares of all its units follow at once.
    ///
    /// # Errors
    /// 403 for whoever does not administer the province; 422 `definition_period`, `definition_empty`, `field_missing`.
    pub async fn set_definition(
        &self,
        ctx: &Context,
        province: Uuid,
        steps: &[(Step, Asked)],
        trusted: bool,
        from: Period,
        why: &str,
    ) -> Result<Definition, AppError> {
        let atlas = self.figures().places().atlas();
        let unit = atlas.unit(province).filter(|u| matches!(u.level, Level::Province | Level::Nation)).ok_or_else(crate::document::office::office_unknown)?;
        ctx.require(Role::Administrator, &atlas.path(province, ctx.today()))?;
        let tenant = unit.tenant;
        let why = lang::clean(why);
        if why.chars().count() < 3 {
            return Err(AppError::new("field_missing", 422)
                .say("Chưa ghi căn cứ hoặc lý do thay đổi.", "The basis of the change is not given.")
                .mend("Ghi số văn bản của tỉnh, hoặc một câu ngắn.", "Give the province's document, or a short sentence.")
                .at("reason"));
        }
        if !steps.iter().any(|(_, asked)| *asked == Asked::Required) {
            return Err(AppError::new("definition_empty", 422)
                .say("Cần ít nhất một bước bắt buộc, nếu không mọi hồ sơ đều được tính.", "At least one step must be required, or every dossier counts.")
                .mend("Chọn các bước bắt buộc.", "Choose the required steps.")
                .at("steps"));
        }
        let catalog = self.figures().catalog();
        let known = catalog.coded("ho_so_mang_xa").ok_or_else(no_measure)?;
        let now = Period::containing(PeriodKind::Quarter, ctx.today(), &known.cutoff).ok_or_else(no_measure)?;
        let (first, _) = known.window(from);
        if from.kind() != PeriodKind::Quarter || first < known.window(now).0 {
            return Err(AppError::new("definition_period", 422)
                .say(
                    "Định nghĩa mới áp dụng từ quý này trở đi; số của các quý trước giữ nguyên.",
                    "A new definition holds from this quarter on; figures of earlier quarters stay.",
                )
                .mend("Chọn quý này hoặc quý sau.", "Choose this quarter or a later one.")
                .at("from"));
        }
        let mut tx = self.db().begin().await.map_err(db_error)?;
        for tenant in self.share_tenants(province).into_iter().chain([tenant]) {
            lock_tenant(&mut tx, tenant).await.map_err(db_error)?;
        }
        let last = store::definitions_tx(&mut tx, tenant).await.map_err(db_error)?.last().map_or(0, |d| d.version);
        let definition = Definition {
            version: last + 1,
            valid_from: first.to_string(),
            steps: steps.iter().map(|(s, a)| (s.word().to_owned(), *a)).collect(),
            trusted_signature: trusted,
            reason: why.chars().take(500).collect(),
        };
        store::add_definition(&mut tx, tenant, &definition, calendar::micros(ctx.at), ctx.author_name()).await.map_err(db_error)?;
        if first <= ctx.today() {
            let (first, last) = known.window(from);
            for tenant in self.share_tenants(province) {
                let found = store::units(self.db(), tenant, (&first.to_string(), &last.to_string())).await.map_err(db_error)?;
                let units: std::collections::BTreeSet<Uuid> = found.iter().map(|u| u.0).collect();
                for unit in units {
                    self.publish_share(&mut tx, ctx, tenant, unit, ctx.today()).await?;
                }
            }
        }
        audit(&mut tx, ctx, tenant, "share.define", &province.to_string(), serde_json::to_value(&definition).unwrap_or_default()).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        self.figures().tell();
        Ok(definition)
    }
}

pub(crate) fn no_measure() -> AppError {
    AppError::new("unknown_measure", 404)
        .say("Cấp này không báo cáo tỷ lệ hồ sơ trên mạng.", "This level does not report the share of dossiers on the network.")
        .mend("Chọn một xã hoặc một tỉnh.", "Choose a commune or a province.")
}
