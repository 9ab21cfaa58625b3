//! The register of recognition decisions. The procedure that leads to them is a case elsewhere; here is what was decided.

use super::{Criteria, appraise::scorecard_href, unknown_unit};
use crate::store::recognise::{self, Act, Decision};
use access::{Context, Role, db_error};
use calendar::Period;
use figures::{Entry, Origin, Value};
use jiff::civil::Date;
use ui::AppError;
use uuid::Uuid;

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
        let mut entries = Vec::new();
        for year in from.year()..=ctx.today().year() {
            let end = super::measures::year_end(year);
            if !self.judges(&set, unit, end) {
                continue;
            }
            let Some(period) = Period::year(year) else { continue };
            let value = Value::Number(i64::from(standing(&known, end).is_some()));
            let measure = figures::define::measure_id(&set.recognised_code());
            entries.push(Entry { unit, measure, period, value, reason: Some(decision.number.clone()), cell: None, seen: None });
        }
        let origin = Origin { source: "criteria", note: scorecard_href(code, unit, from.year()), ..Origin::default() };
        self.figures().record_in(tx, ctx, &entries, &origin).await?;
        let detail = serde_json::json!({"set": code, "act": decision.act, "number": decision.number, "issued": decision.issued, "from": from});
        access::audit(tx, ctx, tenant, "criteria.recognise", &unit.to_string(), detail).await.map_err(db_error)?;
        Ok(decision.id)
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
