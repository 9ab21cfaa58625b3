//! Groups and marks of units: members with dates and legal basis.

use super::{CATALOG, Places};
use crate::atlas::Atlas;
use crate::model::{Group, GroupKind, Member};
use crate::pages::group_unknown;
use crate::store;
use access::{Context, Role, audit, db_error, lock_tenant};
use db::Tx;
use jiff::civil::Date;
use std::sync::Arc;
use ui::AppError;
use uuid::Uuid;

/// A group as an administrator writes it.
#[derive(Clone, Debug, Default)]
pub struct NewGroup {
    /// Short stable code of small letters, digits and `_`.
    pub code: String,
    /// Word of the kind.
    pub kind: String,
    /// Vietnamese name.
    pub name_vi: String,
    /// English name; the Vietnamese one when empty.
    pub name_en: String,
    /// Document.
    pub legal_basis: String,
}

impl Places {
    /// Makes a group.
    ///
    /// # Errors
    /// 403 without administration of the country; 422 `group_code_invalid`, `group_code_taken`, `group_kind_unknown`, `group_name_missing`.
    pub async fn add_group(&self, ctx: &Context, new: &NewGroup) -> Result<Uuid, AppError> {
        let (mut tx, atlas, centre) = self.open_groups(ctx).await?;
        ctx.require(Role::Administrator, &atlas.path(centre, ctx.today()))?;
        let code = lang::clean(&new.code);
        let fits = (2..=60).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !fits {
            return Err(AppError::new("group_code_invalid", 422)
                .say("Mã nhóm chưa đúng.", "The code of the group is not right.")
                .mend("Dùng chữ thường không dấu, chữ số và gạch dưới, ví dụ: bien_gioi.", "Use small letters, digits and underscores, such as bien_gioi.")
                .at("code"));
        }
        if atlas.groups().iter().any(|g| g.code == code) {
            return Err(AppError::new("group_code_taken", 422)
                .say(format!("Đã có nhóm mã {code}."), format!("There is a group {code} already."))
                .mend("Chọn mã khác.", "Choose another code.")
                .at("code"));
        }
        let kind = GroupKind::from_word(&new.kind)
            .ok_or_else(|| AppError::new("group_kind_unknown", 422).say("Chưa chọn loại nhóm.", "The kind of the group is missing.").at("kind"))?;
        let name_vi = lang::clean(&new.name_vi);
        if name_vi.is_empty() || name_vi.chars().count() > 200 {
            return Err(AppError::new("group_name_missing", 422)
                .say("Chưa ghi tên nhóm.", "The name of the group is missing.")
                .mend("Ghi tên trong 200 chữ.", "Write at most 200 letters.")
                .at("name_vi"));
        }
        let name_en = Some(lang::clean(&new.name_en)).filter(|n| !n.is_empty()).unwrap_or_else(|| name_vi.clone());
        let group = Group { id: Uuid::now_v7(), code, kind, name_vi, name_en, legal_basis: lang::clean(&new.legal_basis), members: Vec::new() };
        store::save_groups(&mut tx, std::slice::from_ref(&group)).await.map_err(db_error)?;
        let detail = serde_json::json!({"code": group.code, "kind": group.kind, "name": group.name_vi, "legal_basis": group.legal_basis});
        self.close_groups(ctx, tx, centre, "group.add", &group.code, detail).await?;
        Ok(group.id)
    }

    /// Puts units into a group from a day on.
    ///
    /// # Errors
    /// 403 unless all units lie in the administrator's places; 404 `unknown_group`; 422 `group_basis_missing`, `group_member_already`,
    /// `group_exclusive` (commune groups 1–3), `group_unit_not_living`.
    pub async fn add_members(&self, ctx: &Context, code: &str, units: &[Uuid], from: Date, legal_basis: &str) -> Result<(), AppError> {
        let (mut tx, atlas, centre) = self.open_groups(ctx).await?;
        let group = atlas.groups().iter().find(|g| g.code == code).ok_or_else(|| group_unknown(code))?;
        let basis: Arc<str> = basis(legal_basis)?.into();
        let mut members: Vec<Member> = Vec::new();
        for unit in units {
            let name = atlas.full_name(*unit, from);
            let Some(_) = atlas.version(*unit, from) else {
                let day = lang::show::short_date(from);
                return Err(AppError::new("group_unit_not_living", 422)
                    .say(format!("{name} không tồn tại vào ngày {day}."), format!("{name} does not exist on {day}."))
                    .mend("Xem lại ngày bắt đầu.", "Check the first day.")
                    .at("units"));
            };
            ctx.require(Role::Administrator, &atlas.path(*unit, from))?;
            let open = |g: &Group| g.members.iter().any(|m| m.unit == *unit && m.to.is_none_or(|to| from < to));
            if open(group) || members.iter().any(|m| m.unit == *unit) {
                return Err(AppError::new("group_member_already", 422)
                    .say(format!("{name} đã thuộc nhóm này vào ngày đó hoặc sau đó."), format!("{name} belongs to the group on that day or later."))
                    .mend("Bỏ dòng này, hoặc kết thúc lần trước rồi thêm lại.", "Take the line out, or end the earlier membership first.")
                    .at("units"));
            }
            let other = atlas.groups().iter().find(|g| g.kind == GroupKind::CommuneGroup && g.id != group.id && open(g));
            if let Some(other) = other.filter(|_| group.kind == GroupKind::CommuneGroup) {
                return Err(AppError::new("group_exclusive", 422)
                    .say(format!("{name} đang thuộc {}.", other.name_vi), format!("{name} belongs to {}.", other.name_en))
                    .mend("Mỗi xã chỉ thuộc một nhóm xã: kết thúc ở nhóm kia trước.", "A commune belongs to one commune group: end it there first.")
                    .at("units"));
            }
            members.push(Member { unit: *unit, from, to: None, legal_basis: Arc::clone(&basis) });
        }
        if members.is_empty() {
            return Err(AppError::new("group_units_missing", 422)
                .say("Chưa ghi đơn vị nào.", "No unit was given.")
                .mend("Mỗi dòng một đơn vị.", "One unit per line.")
                .at("units"));
        }
        store::save_groups(&mut tx, &[Group { members, ..group.clone() }]).await.map_err(db_error)?;
        let detail = serde_json::json!({"units": units, "from": from, "legal_basis": legal_basis});
        self.close_groups(ctx, tx, centre, "group.member.add", code, detail).await
    }

    /// Ends memberships: `last` is the last day. The document that ends them is kept in the audit.
    ///
    /// # Errors
    /// 403; 404 `unknown_group`; 422 `group_basis_missing`, `group_member_unknown`, `group_dates`.
    pub async fn end_members(&self, ctx: &Context, code: &str, units: &[Uuid], last: Date, legal_basis: &str) -> Result<(), AppError> {
        let (mut tx, atlas, centre) = self.open_groups(ctx).await?;
        let group = atlas.groups().iter().find(|g| g.code == code).ok_or_else(|| group_unknown(code))?;
        basis(legal_basis)?;
        let wrong_day = || {
            AppError::new("group_dates", 422)
                .say("Ngày cuối không thể trước ngày đầu.", "The last day cannot come before the first.")
                .mend("Xem lại ngày.", "Check the day.")
                .at("last")
        };
        let to = last.tomorrow().map_err(|_| wrong_day())?;
        let mut ended: Vec<Member> = Vec::new();
        for unit in units {
            let name = atlas.full_name(*unit, last);
            let member = group.members.iter().find(|m| m.unit == *unit && m.to.is_none()).ok_or_else(|| {
                AppError::new("group_member_unknown", 422)
                    .say(format!("{name} không còn trong nhóm này."), format!("{name} is no longer in this group."))
                    .mend("Tải lại trang.", "Load the page again.")
                    .at("units")
            })?;
            let path = atlas.path(*unit, member.from.max(ctx.today()));
            ctx.require(Role::Administrator, if path.is_empty() { std::slice::from_ref(&centre) } else { &path })?;
            if to <= member.from {
                return Err(wrong_day());
            }
            ended.push(Member { to: Some(to), ..member.clone() });
        }
        if ended.is_empty() {
            return Err(AppError::new("group_units_missing", 422)
                .say("Chưa chọn đơn vị nào.", "No unit is ticked.")
                .mend("Đánh dấu các đơn vị.", "Tick the units.")
                .at("last"));
        }
        store::save_groups(&mut tx, &[Group { members: ended, ..group.clone() }]).await.map_err(db_error)?;
        let detail = serde_json::json!({"units": units, "last": last, "legal_basis": legal_basis});
        self.close_groups(ctx, tx, centre, "group.member.end", code, detail).await
    }

    async fn open_groups(&self, ctx: &Context) -> Result<(Tx, Arc<Atlas>, Uuid), AppError> {
        ctx.require_somewhere(Role::Administrator)?;
        let centre = self.current().await.nation().unwrap_or_default();
        let mut tx = self.db().begin().await.map_err(db_error)?;
        lock_tenant(&mut tx, centre).await.map_err(db_error)?;
        self.refresh().await.map_err(db_error)?;
        Ok((tx, self.atlas(), centre))
    }

    async fn close_groups(&self, ctx: &Context, mut tx: Tx, centre: Uuid, act: &str, subject: &str, detail: serde_json::Value) -> Result<(), AppError> {
        store::bump(&mut tx, CATALOG, "").await.map_err(db_error)?;
        audit(&mut tx, ctx, centre, act, subject, detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        self.refresh().await.map_err(db_error)?;
        Ok(())
    }
}

fn basis(text: &str) -> Result<String, AppError> {
    let basis: String = lang::clean(text).chars().take(300).collect();
    if basis.is_empty() {
        return Err(AppError::new("group_basis_missing", 422)
            .say("Chưa ghi căn cứ pháp lý.", "The legal basis is missing.")
            .mend("Ghi số và ngày văn bản.", "Give number and date of the document.")
            .at("basis"));
    }
    Ok(basis)
}
