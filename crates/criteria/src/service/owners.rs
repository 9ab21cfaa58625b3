//! Who appraises what in a province, and until when.

use super::{Criteria, unknown_indicator};
use crate::store::office::{self, Owner, Round};
use access::{Context, Role, Who, db_error};
use jiff::civil::Date;
use std::collections::BTreeMap;
use ui::AppError;
use uuid::Uuid;

/// Who is to appraise indicators.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewOwner {
    /// Its name; that of the organisation when empty.
    pub department: String,
    /// An organisation of the province: whoever holds a post there decides.
    pub organisation: Option<Uuid>,
    /// Otherwise people by their logins; nobody named means every reviewer of the province.
    pub logins: Vec<String>,
}

impl Criteria {
    /// Who owns the indicators of a set in the province of a unit. An organisation that has ended is followed to the one that took over.
    ///
    /// # Errors
    /// What the database says.
    pub async fn owners(&self, province: Uuid, set: &str) -> Result<BTreeMap<String, Owner>, AppError> {
        let mut list = office::owners(self.db(), self.tenant(province)?, province, set).await.map_err(db_error)?;
        let today = self.figures().clock().today();
        let mut heirs: BTreeMap<Uuid, (Uuid, String)> = BTreeMap::new();
        for owner in &mut list {
            let (Some(id), Some(access)) = (owner.organisation, self.access()) else { continue };
            if let std::collections::btree_map::Entry::Vacant(free) = heirs.entry(id)
                && let Some(heir) = access.heir_of_organisation(id, today).await?
            {
                free.insert((heir.id, heir.name));
            }
            if let Some((heir, name)) = heirs.get(&id) {
                owner.organisation = Some(*heir);
                owner.department.clone_from(name);
            }
        }
        Ok(list.into_iter().map(|o| (o.indicator.clone(), o)).collect())
    }

    /// Organisations of a province that may be given indicators: id and name, by name.
    ///
    /// # Errors
    /// What the database says.
    pub async fn departments(&self, province: Uuid) -> Result<Vec<(Uuid, String)>, AppError> {
        let Some(access) = self.access() else { return Ok(Vec::new()) };
        let all = access.organisations_of(province, self.figures().clock().today()).await?;
        Ok(all.into_iter().filter(|o| o.body() == Some(access::Body::Executive) || o.body() == Some(access::Body::Front)).map(|o| (o.id, o.name)).collect())
    }

    /// Says who appraises indicators in a province.
    ///
    /// # Errors
    /// 403 without administration of the province; 404 `unknown_set`, `unknown_indicator`; 422 `owner_required`, `unknown_organisation`.
    pub async fn set_owner(&self, ctx: &Context, province: Uuid, code: &str, indicators: &[String], new: &NewOwner) -> Result<(), AppError> {
        let set = self.set(code)?;
        self.require_at(ctx, Role::Administrator, province)?;
        for i in indicators {
            if !set.indicators().any(|x| x.code == *i) {
                return Err(unknown_indicator(i));
            }
        }
        let mut department: String = lang::clean(&new.department).chars().take(200).collect();
        if let Some(id) = new.organisation {
            let known = self.departments(province).await?.into_iter().find(|(o, _)| *o == id).ok_or_else(|| {
                AppError::new("unknown_organisation", 422)
                    .say("Tỉnh không có cơ quan này.", "The province has no such organisation.")
                    .mend("Chọn trong danh sách, hoặc lập cơ quan ở mục Cơ quan.", "Choose from the list, or add it under Organisations.")
                    .at("organisation")
            })?;
            department = known.1;
        }
        if department.is_empty() {
            return Err(AppError::new("owner_required", 422)
                .say("Chưa chọn cơ quan, cũng chưa ghi tên.", "Neither an organisation nor a name is given.")
                .at("department"));
        }
        let logins: Vec<String> = new.logins.iter().map(|l| lang::clean(l)).filter(|l| !l.is_empty() && !l.contains(' ')).collect();
        let tenant = self.tenant(province)?;
        let mut tx = self.db().begin().await.map_err(db_error)?;
        access::lock_tenant(&mut tx, tenant).await.map_err(db_error)?;
        for i in indicators {
            let owner = Owner {
                indicator: i.clone(),
                department: department.clone(),
                organisation: new.organisation,
                logins: logins.clone(),
                who_name: ctx.author_name().to_owned(),
                at: calendar::micros(ctx.at),
            };
            office::save_owner(&mut tx, tenant, province, code, &owner).await.map_err(db_error)?;
        }
        let detail = serde_json::json!({"set": code, "indicators": indicators, "department": department, "organisation": new.organisation, "logins": logins});
        access::audit(&mut tx, ctx, tenant, "criteria.owner", &province.to_string(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)
    }

    /// Whether somebody may appraise an indicator of a unit by the division of work of its province.
    pub fn may_appraise(&self, ctx: &Context, unit: Uuid, owner: Option<&Owner>) -> bool {
        if !self.figures().holds(ctx, Role::Reviewer, unit) {
            return false;
        }
        // The Front appraises what the division of work gives it, and nothing else.
        if let Some(organisation) = owner.filter(|_| ctx.who != Who::System).and_then(|owner| owner.organisation) {
            return ctx.post().is_some_and(|post| post.organisation == organisation);
        }
        if !ctx.speaks_for_place() {
            return false;
        }
        let Some(owner) = owner.filter(|_| ctx.who != Who::System) else { return true };
        match &ctx.who {
            _ if owner.logins.is_empty() => true,
            Who::Account { login, .. } => owner.logins.contains(login),
            _ => false,
        }
    }

    /// Until when the sets of a province are to be scored and appraised.
    ///
    /// # Errors
    /// 404 `unknown_unit`; what the database says.
    pub async fn rounds(&self, province: Uuid) -> Result<Vec<Round>, AppError> {
        office::rounds(self.db(), self.tenant(province)?, province).await.map_err(db_error)
    }

    /// Sets the deadlines of a set and year in a province; a day that is not given takes it away.
    ///
    /// # Errors
    /// 403 without administration of the province; 404 `unknown_set`; 422 `round_dates`, `set_not_in_force`.
    pub async fn set_round(
        &self,
        ctx: &Context,
        province: Uuid,
        code: &str,
        year: i16,
        dates: (Option<Date>, Option<Date>),
        document: &str,
    ) -> Result<(), AppError> {
        let set = self.set(code)?;
        self.require_at(ctx, Role::Administrator, province)?;
        if !set.in_year(year) {
            return Err(AppError::new("set_not_in_force", 422)
                .say(format!("Bộ tiêu chí {code} không áp dụng cho năm {year}."), format!("The set {code} is not in force in {year}."))
                .at("score_by"));
        }
        let (score_by, appraise_by) = dates;
        if let (Some(first), Some(then)) = (score_by, appraise_by)
            && then < first
        {
            return Err(AppError::new("round_dates", 422)
                .say("Hạn thẩm định phải sau hạn tự chấm.", "The appraisal must end after the scoring.")
                .at("appraise_by"));
        }
        let round = Round {
            set: code.to_owned(),
            year,
            score_by,
            appraise_by,
            document: lang::clean(document).chars().take(200).collect(),
            who_name: ctx.author_name().to_owned(),
            at: calendar::micros(ctx.at),
        };
        let tenant = self.tenant(province)?;
        let mut tx = self.db().begin().await.map_err(db_error)?;
        access::lock_tenant(&mut tx, tenant).await.map_err(db_error)?;
        office::save_round(&mut tx, tenant, province, &round).await.map_err(db_error)?;
        let detail = serde_json::json!({"set": code, "year": year, "score_by": score_by, "appraise_by": appraise_by, "document": round.document});
        access::audit(&mut tx, ctx, tenant, "criteria.round", &province.to_string(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        self.figures().tell();
        Ok(())
    }
}
