//! The register of recognition decisions. The procedure that leads to them is a case elsewhere; here is what was decided.

use super::{Criteria, appraise::scorecard_href, unknown_unit};
use crate::model::Set;
use crate::store::recognise::{self, Act, Decision};
use access::{Context, Role, db_error};
use calendar::Period;
use figures::{Entry, Origin, Value};
use jiff::civil::Date;
use std::collections::BTreeMap;
use ui::AppError;
use uuid::Uuid;

/// The catalogue that notes to which year recognitions have been carried.
const RENEWED: &str = "criteria-recognised";

/// A decision as it is entered.
#[derive(Clone, Debug)]
pub struct NewDecision {
    /// What it does.
    pub act: Act,
    /// Number of the document.
    pub number: String,
    /// Its date.
    pub issued: Date,
    /// Who issued it.
    pub issuer: String,
    /// First day on which it holds; the date of the document when none is given.
    pub from: Option<Date>,
    /// Anything worth saying, such as the rule of the merge.
    pub note: String,
}

/// Whether a unit is recognised on a day by its decisions, oldest first.
pub fn standing<'a>(decisions: impl IntoIterator<Item = &'a Decision>, on: Date) -> Option<&'a Decision> {
    decisions.into_iter().filter(|d| d.from <= on).last().filter(|d| d.act != Act::Revoked)
}

impl Criteria {
    /// Enters a decision about a unit. The yearly figure "recognised" follows, from the year of the decision to this one.
    ///
    /// # Errors
    /// 403 without a reviewer's role above the unit; 404; 422 `decision_number`, `decision_date`, `wrong_level`, `nothing_to_keep`, `nothing_to_revoke`.
    pub async fn recognise(&self, ctx: &Context, code: &str, unit: Uuid, new: NewDecision) -> Result<Uuid, AppError> {
        self.current().await;
        self.require_at(ctx, Role::Reviewer, unit)?;
        let mut tx = self.db().begin().await.map_err(db_error)?;
        let id = self.recognise_in(&mut tx, ctx, code, unit, new).await?;
        tx.commit().await.map_err(db_error)?;
        self.figures().tell();
        Ok(id)
    }

    /// The same inside a transaction of the caller, who has made sure that the person may decide, commits, and then calls
    /// [`figures::Figures::tell`].
    ///
    /// # Errors
    /// As [`Criteria::recognise`] without the role; the transaction must then be given up.
    pub(crate) async fn recognise_in(&self, tx: &mut db::Tx, ctx: &Context, code: &str, unit: Uuid, new: NewDecision) -> Result<Uuid, AppError> {
        let set = self.set(code)?;
        let number: String = lang::clean(&new.number).chars().take(100).collect();
        if number.is_empty() {
            return Err(AppError::new("decision_number", 422).say("Chưa ghi số quyết định.", "The number of the decision is missing.").at("number"));
        }
        if new.issued > ctx.today() {
            return Err(AppError::new("decision_date", 422).say("Ngày quyết định chưa tới.", "The date of the decision lies ahead.").at("issued"));
        }
        let from = new.from.unwrap_or(new.issued);
        if !self.judges(&set, unit, from) {
            return Err(AppError::new("wrong_level", 422)
                .say("Đơn vị này không thuộc diện của bộ tiêu chí vào ngày đó.", "The unit is not judged by this set on that day.")
                .at("from"));
        }
        let tenant = self.tenant(unit)?;
        let mut known: Vec<Decision> = self.decisions(unit).await?.into_iter().filter(|d| d.set == code).collect();
        match new.act {
            Act::Revoked if standing(&known, from).is_none() => {
                return Err(AppError::new("nothing_to_revoke", 422)
                    .say("Đơn vị chưa được công nhận nên không có gì để thu hồi.", "The unit is not recognised.")
                    .at("kind"));
            }
            Act::Kept if !self.all_before_recognised(code, unit, from).await? => {
                return Err(AppError::new("nothing_to_keep", 422)
                    .say(
                        "Chỉ giữ công nhận khi mọi xã trước sắp xếp đều đã được công nhận (267/BNN-VPĐP).",
                        "Recognition is only kept when all communes before the merge were recognised.",
                    )
                    .mend("Nhập quyết định của các xã trước sắp xếp, hoặc xét công nhận lại.", "Enter the decisions of the communes before, or recognise anew.")
                    .at("kind"));
            }
            _ => {}
        }
        let decision = Decision {
            unit,
            set: code.to_owned(),
            id: Uuid::now_v7(),
            act: new.act,
            number,
            issued: new.issued,
            issuer: lang::clean(&new.issuer).chars().take(200).collect(),
            from,
            note: lang::clean(&new.note).chars().take(1_000).collect(),
            who_name: ctx.author_name().to_owned(),
            at: calendar::micros(ctx.at),
        };
        known.push(decision.clone());
        known.sort_by_key(|d| (d.from, d.id));
        access::lock_tenant(tx, tenant).await.map_err(db_error)?;
        recognise::add(tx, tenant, &decision).await.map_err(db_error)?;
        let entries = self.yearly(&set, unit, &known.iter().collect::<Vec<_>>(), from.year(), ctx.today().year(), &decision.number);
        let origin = Origin { source: "criteria", note: scorecard_href(code, unit, from.year()), ..Origin::default() };
        self.figures().record_in(tx, ctx, &entries, &origin).await?;
        let detail = serde_json::json!({"set": code, "act": decision.act, "number": decision.number, "issued": decision.issued, "from": from});
        access::audit(tx, ctx, tenant, "criteria.recognise", &unit.to_string(), detail).await.map_err(db_error)?;
        Ok(decision.id)
    }

    /// The yearly figure "recognised" of a unit by its decisions, oldest first, in each year in which the unit is one that the set judges.
    fn yearly(&self, set: &Set, unit: Uuid, decisions: &[&Decision], first: i16, last: i16, reason: &str) -> Vec<Entry> {
        let measure = figures::define::measure_id(&set.recognised_code());
        let year = |year: i16| {
            let end = super::measures::year_end(year);
            let period = Period::year(year).filter(|_| self.judges(set, unit, end))?;
            let value = Value::Number(i64::from(standing(decisions.iter().copied(), end).is_some()));
            Some(Entry { unit, measure, period, value, reason: Some(reason.to_owned()), cell: None, seen: None })
        };
        (first..=last).filter_map(year).collect()
    }

    /// Carries what was decided into a year that has begun, so that a recognition that nobody touched counts in it too. It looks once per
    /// year and database, and goes back over years in which the platform did not run. How many figures are new.
    ///
    /// # Errors
    /// What the database says.
    pub async fn renew(&self) -> Result<usize, AppError> {
        let ctx = Context::system(self.figures().clock().now());
        let year = ctx.today().year();
        let (_, done) = places::store::catalog(self.db(), RENEWED).await.map_err(db_error)?;
        let done = done.parse::<i16>().ok();
        if done.is_some_and(|done| done >= year) {
            return Ok(0);
        }
        let shelf = self.current().await;
        let mut written = 0;
        for set in shelf.library.all() {
            let all = recognise::of_set(self.db(), &set.code).await.map_err(db_error)?;
            let mut by_unit: BTreeMap<Uuid, Vec<&Decision>> = BTreeMap::new();
            for decision in &all {
                by_unit.entry(decision.unit).or_default().push(decision);
            }
            let mut entries: BTreeMap<Uuid, Vec<Entry>> = BTreeMap::new();
            for (unit, decisions) in by_unit {
                let (Some(first), Some(newest), Ok(tenant)) = (decisions.first(), decisions.last(), self.tenant(unit)) else { continue };
                let first = done.map_or(first.from.year(), |done| first.from.year().max(done + 1));
                entries.entry(tenant).or_default().extend(self.yearly(set, unit, &decisions, first, year, &newest.number));
            }
            let origin = Origin { source: "criteria", note: format!("/criteria/{}", set.code), ..Origin::default() };
            // One tenant at a time, so that nobody waits for long.
            for list in entries.into_values().filter(|list| !list.is_empty()) {
                let mut tx = self.db().begin().await.map_err(db_error)?;
                written += self.figures().record_in(&mut tx, &ctx, &list, &origin).await?;
                tx.commit().await.map_err(db_error)?;
            }
        }
        let mut tx = self.db().begin().await.map_err(db_error)?;
        places::store::bump(&mut tx, RENEWED, &year.to_string()).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        if written > 0 {
            self.figures().tell();
        }
        Ok(written)
    }

    /// Decisions about a unit, oldest first, of all sets.
    ///
    /// # Errors
    /// 404 `unknown_unit`; what the database says.
    pub async fn decisions(&self, unit: Uuid) -> Result<Vec<Decision>, AppError> {
        recognise::of_unit(self.db(), self.tenant(unit)?, unit).await.map_err(db_error)
    }

    /// Whether every unit that a unit was made of was recognised on its last day.
    async fn all_before_recognised(&self, code: &str, unit: Uuid, on: Date) -> Result<bool, AppError> {
        let atlas = self.figures().places().atlas();
        let unit_from = atlas.unit(unit).ok_or_else(unknown_unit)?.from();
        let Some((before, last)) = self.before(&atlas, unit, on) else { return Ok(false) };
        if unit_from.is_none() || before.is_empty() {
            return Ok(false);
        }
        for old in before {
            let known = self.decisions(old).await?;
            if standing(known.iter().filter(|d| d.set == code), last).is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
