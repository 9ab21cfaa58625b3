//! The yearly dossier list (danh mục hồ sơ) with its retention periods.

use super::store::{self, ListItem};
use crate::Casework;
use crate::document::{Hat, Office, says_secret, secret_refused};
use access::{Context, audit, db_error, lock_tenant};
use ui::AppError;

/// Most entries of a list.
const MANY: usize = 5_000;

fn wrong(code: &'static str, at: &'static str, vi: &str, en: &str) -> AppError {
    AppError::new(code, 422).say(vi, en).mend("Sửa lại rồi lưu.", "Correct it and save.").at(at)
}

/// A retention period as people write it: `vĩnh viễn`, `10 năm`, or empty while it is not known.
pub(crate) fn retention(text: &str) -> Result<String, AppError> {
    let text = lang::clean(text);
    let folded = lang::fold(&text);
    if text.is_empty() {
        return Ok(String::new());
    }
    if folded == "vinh vien" {
        return Ok("Vĩnh viễn".to_owned());
    }
    let years = folded.strip_suffix("nam").map(str::trim).and_then(|n| n.parse::<u32>().ok()).filter(|n| (1..=100).contains(n));
    years.map(|n| format!("{n} năm")).ok_or_else(|| {
        wrong(
            "retention_invalid",
            "retention",
            "Thời hạn bảo quản ghi “Vĩnh viễn” hoặc số năm, như “10 năm”; chưa biết thì để trống.",
            "The retention is “Vĩnh viễn” or a number of years such as “10 năm”; leave it empty while it is not known.",
        )
    })
}

impl ListItem {
    /// Cleans and checks an entry.
    ///
    /// # Errors
    /// 422 with the field.
    pub fn checked(&self) -> Result<ListItem, AppError> {
        let item = ListItem {
            code: lang::clean(&self.code),
            heading: lang::clean(&self.heading),
            title: lang::clean(&self.title),
            retention: retention(&self.retention)?,
            keeper: lang::clean(&self.keeper),
        };
        if item.code.is_empty() || item.code.chars().count() > 30 {
            return Err(wrong("code_missing", "code", "Số, ký hiệu hồ sơ còn trống hoặc quá dài.", "The code of the dossier is missing or too long."));
        }
        if item.title.is_empty() || item.title.chars().count() > 500 {
            return Err(wrong("title_missing", "title", "Tên hồ sơ còn trống hoặc quá dài.", "The title of the dossier is missing or too long."));
        }
        if says_secret(&item.title) {
            return Err(secret_refused("title"));
        }
        Ok(item)
    }
}

impl Casework {
    /// The dossier list of an office for a year.
    ///
    /// # Errors
    /// 404 for strangers.
    pub async fn dossier_list(&self, ctx: &Context, office: &Office, year: i64) -> Result<Vec<ListItem>, AppError> {
        self.require_reader(ctx, office).await?;
        store::list(self.db(), office.tenant, office.id, year).await.map_err(db_error)
    }

    /// Adds entries to the list of a year, or replaces those with the same code.
    ///
    /// # Errors
    /// 403; 422 with the field, or `list_too_long`.
    pub async fn save_list(&self, ctx: &Context, office: &Office, year: i64, items: &[ListItem]) -> Result<usize, AppError> {
        office.require(ctx, Hat::Clerk)?;
        if items.is_empty() || items.len() > MANY {
            return Err(wrong("list_too_long", "items", "Danh mục cần từ 1 đến 5.000 hồ sơ.", "A list has between 1 and 5,000 entries."));
        }
        let items = items.iter().map(ListItem::checked).collect::<Result<Vec<_>, _>>()?;
        let mut tx = self.db().begin().await.map_err(db_error)?;
        lock_tenant(&mut tx, office.tenant).await.map_err(db_error)?;
        for item in &items {
            store::save_item(&mut tx, office.tenant, office.id, year, item, calendar::micros(ctx.at), ctx.author_name()).await.map_err(db_error)?;
        }
        let detail = serde_json::json!({"year": year, "codes": items.iter().take(200).map(|i| &i.code).collect::<Vec<_>>(), "count": items.len()});
        audit(&mut tx, ctx, office.tenant, "dossier.list", &office.id.to_string(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        Ok(items.len())
    }
}

#[cfg(test)]
mod tests {
    use super::retention;

    #[test]
    fn retention_is_for_ever_or_years_or_not_known() {
        assert_eq!(retention("vĩnh viễn").unwrap(), "Vĩnh viễn");
        assert_eq!(retention(" 10  NĂM").unwrap(), "10 năm");
        assert_eq!(retention("").unwrap(), "");
        for text in ["lâu dài", "0 năm", "năm", "10"] {
            assert_eq!(retention(text).unwrap_err().code, "retention_invalid", "{text}");
        }
    }
}
