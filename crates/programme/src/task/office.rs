//! Offices that own or help with a task: real organisations where the unit has one of that name, words otherwise.

use super::model::Party;
use crate::Programme;
use jiff::civil::Date;
use ui::AppError;
use uuid::Uuid;

impl Programme {
    /// A party with the organisation that its words name, by name or abbreviation, with or without tones. Words that fit none stay words.
    ///
    /// # Errors
    /// What the database says.
    pub(super) async fn with_office(&self, party: Party, on: Date) -> Result<Party, AppError> {
        let Some(access) = self.offices().filter(|_| !party.body.is_empty()) else { return Ok(Party { organisation: None, ..party }) };
        let wanted = lang::fold(&party.body);
        let all = access.organisations_of(party.unit, on).await?;
        let fits = |name: &str| !name.is_empty() && lang::fold(name) == wanted;
        // "Sở Y tế" also names "Sở Y tế tỉnh Bắc Ninh".
        let begins = |name: &str| lang::fold(name).strip_prefix(&wanted).is_some_and(|rest| rest.starts_with(' '));
        let mut long = all.iter().filter(|o| begins(&o.name));
        let only = long.next().filter(|_| long.next().is_none());
        let found = all.iter().find(|o| fits(&o.name) || fits(&o.abbreviation)).or(only);
        Ok(Party { organisation: found.map(|o| o.id), ..party })
    }

    /// The page and the name of a party's organisation, with who goes on with its work when it has ended.
    ///
    /// # Errors
    /// What the database says.
    pub(super) async fn office_now(&self, party: &Party, on: Date) -> Result<Option<(String, String)>, AppError> {
        let (Some(access), Some(id)) = (self.offices(), party.organisation) else { return Ok(None) };
        let Some(now) = access.heir_of_organisation(id, on).await? else {
            let last = access.organisation(id, on).await?;
            return Ok(last.map(|o| (format!("/organisations/{id}"), o.name)));
        };
        Ok(Some((format!("/organisations/{}", now.id), now.name)))
    }

    /// The organisations of a unit, by name, to be suggested in forms.
    ///
    /// # Errors
    /// What the database says.
    pub(super) async fn office_names(&self, unit: Uuid, on: Date) -> Result<Vec<String>, AppError> {
        let Some(access) = self.offices() else { return Ok(Vec::new()) };
        let unit_name = self.atlas().full_name(unit, on);
        Ok(access.organisations_of(unit, on).await?.into_iter().map(|o| format!("{}, {unit_name}", o.name)).collect())
    }
}
