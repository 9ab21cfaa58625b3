//! Plans and documents are changed by those who own them; every change is a new version with its reason, and a line in the audit.

use super::{CATALOG, Programme, find_unit};
use crate::check::{Lines, Wrong, check, refusal};
use crate::document::{Document, Kept};
use crate::plan::{Definition, Plan};
use crate::store;
use crate::store::document::File;
use crate::store::plan::Decision;
use access::{Context, audit, db_error, lock_tenant};
use db::Tx;
use figures::evidence::cleaned;
use jiff::civil::Date;
use std::sync::Arc;
use ui::AppError;
use uuid::Uuid;

/// Most bytes of a file.
pub const MOST: usize = 10_000_000;
/// Most files of a document.
const MOST_FILES: usize = 20;
/// Longest text of a document, in characters.
const LONGEST: usize = 2_000_000;

fn needed(text: &str, most: usize, field: &'static str, vi: &str, en: &str) -> Result<String, AppError> {
    let text = lang::clean(text);
    if text.is_empty() || text.chars().count() > most {
        return Err(AppError::new("text_missing", 422).say(vi, en).at(field));
    }
    Ok(text)
}

impl Programme {
    /// What is wrong with a plan, with the lines of the file it came from.
    pub fn check_plan(&self, def: &Definition, lines: &Lines<'_>) -> Vec<Wrong> {
        let atlas = self.atlas();
        let home = find_unit(&atlas, &def.plan.unit, def.plan.valid_to);
        check(def, home, &self.register(), &self.figures().catalog(), &atlas, lines)
    }

    /// Takes a plan or a new version of one. `based_on` is the version that was looked at, 0 for a new plan; none takes whatever is there.
    ///
    /// # Errors
    /// 403 unless the owner; 422 with what is wrong and where; 409 `plan_changed` when somebody else was faster, `plan_exists`.
    pub async fn save_plan(&self, ctx: &Context, mut def: Definition, reason: &str, based_on: Option<i64>, lines: &Lines<'_>) -> Result<Arc<Plan>, AppError> {
        self.refresh().await.map_err(db_error)?;
        let atlas = self.atlas();
        let register = self.register();
        let old = register.plan(&def.plan.code).cloned();
        if let Some(old) = &old {
            self.require_owner(ctx, old.home)?;
        }
        clean(&mut def);
        let home = find_unit(&atlas, &def.plan.unit, def.plan.valid_to);
        match home {
            Some(home) => self.require_owner(ctx, home)?,
            None => ctx.require_somewhere(access::Role::Administrator)?,
        }
        let wrongs = check(&def, home, &register, &self.figures().catalog(), &atlas, lines);
        let Some(home) = home.filter(|_| wrongs.is_empty()) else { return Err(refusal(&wrongs)) };
        def.plan.unit = home.to_string();
        let id = old.as_ref().map_or_else(Uuid::now_v7, |p| p.id);
        let tenant = self.tenant(home);
        let mut tx = self.db().begin().await.map_err(db_error)?;
        lock_tenant(&mut tx, tenant).await.map_err(db_error)?;
        let last = store::plan::last_version(&mut tx, id).await.map_err(db_error)?;
        if based_on == Some(0) && last > 0 {
            return Err(AppError::new("plan_exists", 409)
                .say(format!("Đã có kế hoạch mang mã {}.", def.plan.code), format!("There is a plan {} already.", def.plan.code))
                .mend("Chọn mã khác, hoặc sửa kế hoạch đang có.", "Choose another code, or edit the plan that is there.")
                .at("code"));
        }
        if based_on.is_some_and(|seen| seen != last) {
            return Err(AppError::new("plan_changed", 409)
                .say("Trong lúc bạn sửa, người khác đã lưu kế hoạch này.", "Somebody else saved the plan while you were editing.")
                .mend("Mở lại trang sửa, xem thay đổi rồi sửa tiếp.", "Open the page again, look at the change and go on from there."));
        }
        def.plan.version = last + 1;
        if old.as_ref().is_some_and(|o| Definition { plan: crate::plan::Head { version: last + 1, ..o.def.plan.clone() }, ..o.def.clone() } == def) {
            // The same once more changes nothing.
            return old.ok_or_else(|| AppError::new("internal", 500));
        }
        let plan = Plan { id, home, place: String::new(), def };
        let reason: String = lang::clean(reason).chars().take(500).collect();
        store::plan::save(&mut tx, &plan, &reason, ctx.author_name(), calendar::micros(ctx.at)).await.map_err(db_error)?;
        places::store::bump(&mut tx, CATALOG, "").await.map_err(db_error)?;
        let detail = serde_json::json!({"code": plan.def.plan.code, "version": plan.def.plan.version, "targets": plan.def.target.len(), "reason": reason});
        audit(&mut tx, ctx, tenant, "plan.save", &id.to_string(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        self.refresh().await.map_err(db_error)?;
        Ok(Arc::new(plan))
    }

    /// Chooses how a target of the plan is read.
    ///
    /// # Errors
    /// 403 unless the owner; 404 `unknown_target`; 422 `unknown_reading`, `text_missing`.
    pub async fn choose_reading(&self, ctx: &Context, plan: &Plan, target: &str, reading: &str, reason: &str) -> Result<(), AppError> {
        self.require_owner(ctx, plan.home)?;
        let held = self.held(plan, target)?;
        if !held.target.reading.iter().any(|r| r.code == reading) {
            return Err(AppError::new("unknown_reading", 422).say("Mục tiêu không có cách đọc này.", "The target has no such reading.").at("reading"));
        }
        let reason = needed(reason, 500, "reason", "Cần lý do, tối đa 500 chữ.", "A reason is needed, at most 500 letters.")?;
        self.decide(ctx, plan, "reading", target, reading, "", reason).await
    }

    /// Writes down that a closed target goes on in a later plan, by a document.
    ///
    /// # Errors
    /// 403 unless the owner; 404 `unknown_target`, `unknown_plan`; 422 `target_still_open`, `not_a_later_plan`, `text_missing`.
    pub async fn carry_over(&self, ctx: &Context, plan: &Plan, target: &str, to: &str, document: &str, reason: &str) -> Result<(), AppError> {
        self.require_owner(ctx, plan.home)?;
        let held = self.held(plan, target)?;
        let register = self.register();
        let later = register.plan(to).ok_or_else(|| AppError::new("unknown_plan", 404).say("Không có kế hoạch này.", "There is no such plan.").at("plan"))?;
        let from = plan.def.plan.valid_from.unwrap_or(Date::constant(2021, 1, 1));
        let closing = crate::closing::closing(&self.atlas(), plan.home, held.target.level, from, held.deadline());
        if closing.is_none_or(|c| c.last >= ctx.today()) {
            return Err(AppError::new("target_still_open", 422)
                .say("Mục tiêu chưa đóng nên chưa chuyển tiếp.", "The target has not closed yet.")
                .mend("Đợi đến sau ngày đóng.", "Wait until it has closed."));
        }
        if later.def.plan.valid_to <= plan.def.plan.valid_to {
            return Err(AppError::new("not_a_later_plan", 422)
                .say("Kế hoạch nhận phải kết thúc sau kế hoạch này.", "The other plan must end after this one.")
                .at("plan"));
        }
        let document = needed(document, 200, "document", "Cần số và ngày văn bản quyết định.", "Number and date of the decision are needed.")?;
        let reason = needed(reason, 500, "reason", "Cần lý do, tối đa 500 chữ.", "A reason is needed, at most 500 letters.")?;
        self.decide(ctx, plan, "carry_over", target, to, &document, reason).await
    }

    fn held(&self, plan: &Plan, target: &str) -> Result<crate::register::Held, AppError> {
        let register = self.register();
        let plan = register.plan(&plan.def.plan.code).ok_or_else(|| AppError::new("unknown_plan", 404))?;
        register
            .targets(&self.atlas(), plan)
            .into_iter()
            .find(|h| h.target.code == target)
            .ok_or_else(|| AppError::new("unknown_target", 404).say("Kế hoạch không có mục tiêu này.", "The plan has no such target."))
    }

    #[expect(clippy::too_many_arguments, reason = "a decision has that many parts")]
    async fn decide(&self, ctx: &Context, plan: &Plan, kind: &str, target: &str, choice: &str, document: &str, reason: String) -> Result<(), AppError> {
        let tenant = self.tenant(plan.home);
        let mut tx = self.db().begin().await.map_err(db_error)?;
        lock_tenant(&mut tx, tenant).await.map_err(db_error)?;
        let new = Decision {
            plan: plan.id,
            seq: 0,
            kind: kind.to_owned(),
            target: target.to_owned(),
            choice: choice.to_owned(),
            document: document.to_owned(),
            reason: reason.clone(),
            by: ctx.author_name().to_owned(),
            at: calendar::micros(ctx.at),
        };
        store::plan::decide(&mut tx, tenant, new).await.map_err(db_error)?;
        let detail = serde_json::json!({"plan": plan.def.plan.code, "target": target, "choice": choice, "document": document, "reason": reason});
        audit(&mut tx, ctx, tenant, &format!("plan.{kind}"), &plan.id.to_string(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)
    }

    /// Takes a document or a change of one.
    ///
    /// # Errors
    /// 403 unless it is kept by this person; 422 `document_code_invalid`, `text_missing`, `document_days`, `issued_invalid`, `unknown_document`, `unknown_unit`;
    /// 409 `document_exists`.
    pub async fn save_document(&self, ctx: &Context, about: Document, is_new: bool) -> Result<Arc<Kept>, AppError> {
        self.refresh().await.map_err(db_error)?;
        let mut tx = self.db().begin().await.map_err(db_error)?;
        let kept = self.save_document_in(&mut tx, ctx, about, is_new).await?;
        tx.commit().await.map_err(db_error)?;
        self.refresh().await.map_err(db_error)?;
        Ok(Arc::new(kept))
    }

    /// The same inside a transaction that the caller commits; the register is to be [refreshed](Programme::refresh) before and after.
    pub(crate) async fn save_document_in(&self, tx: &mut Tx, ctx: &Context, mut about: Document, is_new: bool) -> Result<Kept, AppError> {
        let (register, atlas) = (self.register(), self.atlas());
        let old = register.document(&about.code).cloned();
        if let Some(old) = &old {
            self.require_owner(ctx, old.home)?;
        }
        let home = find_unit(&atlas, &about.unit, ctx.today())
            .ok_or_else(|| AppError::new("unknown_unit", 422).say("Không tìm thấy đơn vị này.", "No unit is called so.").at("unit"))?;
        self.require_owner(ctx, home)?;
        let fits = (2..=80).contains(&about.code.len()) && about.code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !fits {
            return Err(AppError::new("document_code_invalid", 422)
                .say("Mã chỉ gồm chữ không dấu, số và gạch ngang.", "The code takes ASCII letters, digits and hyphens.")
                .mend("Ví dụ: 924-QD-TTg.", "For example 924-QD-TTg.")
                .at("code"));
        }
        if is_new && old.is_some() {
            return Err(AppError::new("document_exists", 409)
                .say(format!("Đã có văn bản mang mã {}.", about.code), format!("There is a document {} already.", about.code))
                .mend("Tìm văn bản đó trong thư viện rồi sửa.", "Find it in the library and edit it.")
                .at("code"));
        }
        about.number = needed(&about.number, 100, "number", "Cần số, ký hiệu văn bản.", "The number is needed.")?;
        about.title = needed(&about.title, 600, "title", "Cần trích yếu văn bản.", "The title is needed.")?;
        about.issuer = needed(&about.issuer, 200, "issuer", "Cần nơi ban hành.", "Who issued it is needed.")?;
        let issued_ok = about.issued.is_empty() || ["", "-01", "-01-01"].iter().any(|rest| format!("{}{rest}", about.issued).parse::<Date>().is_ok());
        if !issued_ok {
            return Err(AppError::new("issued_invalid", 422)
                .say("Ngày ban hành chưa đúng.", "The date of issue is not right.")
                .mend("Viết 2025-06-30, 2025-06 hoặc 2025.", "Write 2025-06-30, 2025-06 or 2025.")
                .at("issued"));
        }
        if about.valid_from.zip(about.valid_to).is_some_and(|(from, to)| to < from) {
            return Err(AppError::new("document_days", 422).say("Ngày hết hiệu lực trước ngày có hiệu lực.", "It ends before it begins.").at("valid_to"));
        }
        let missing = about.amends.iter().chain(&about.based_on).chain(&about.replaced_by).find(|c| register.document(c).is_none() || **c == about.code);
        if let Some(code) = missing {
            return Err(AppError::new("unknown_document", 422)
                .say(format!("Thư viện chưa có văn bản {code}."), format!("The library has no document {code}."))
                .mend("Thêm văn bản đó trước.", "Add that document first.")
                .at("based_on"));
        }
        about.text = about.text.chars().take(LONGEST).collect();
        about.note = lang::clean(&about.note);
        about.source = lang::clean(&about.source);
        about.unit = home.to_string();
        let kept = Kept { id: old.as_ref().map_or_else(Uuid::now_v7, |d| d.id), home, about };
        let tenant = self.tenant(home);
        lock_tenant(tx, tenant).await.map_err(db_error)?;
        store::document::save(tx, &kept, ctx.author_name(), calendar::micros(ctx.at)).await.map_err(db_error)?;
        places::store::bump(tx, CATALOG, "").await.map_err(db_error)?;
        let detail = serde_json::json!({"code": kept.about.code, "number": kept.about.number, "new": old.is_none()});
        audit(tx, ctx, tenant, "document.save", &kept.id.to_string(), detail).await.map_err(db_error)?;
        Ok(kept)
    }

    /// Adds a file to a document. What a file is, is read from its bytes.
    ///
    /// # Errors
    /// 403; 422 `file_too_large`, `too_many_files`, and what is wrong with the file: `evidence_kind`, `evidence_damaged`, …
    pub async fn add_file(&self, ctx: &Context, kept: &Kept, name: &str, bytes: Vec<u8>) -> Result<Uuid, AppError> {
        self.require_owner(ctx, kept.home)?;
        if bytes.is_empty() || bytes.len() > MOST {
            return Err(AppError::new("file_too_large", 422).say("Tệp trống hoặc lớn hơn 10 MB.", "The file is empty or larger than 10 MB.").at("file"));
        }
        let name = name.to_owned();
        let looked = tokio::task::spawn_blocking(move || cleaned(&name, bytes)).await.map_err(|_| AppError::new("internal", 500))?;
        let clean = looked.map_err(|bad| {
            let (code, vi, en) = bad.said();
            AppError::new(code, 422)
                .say(format!("Không nhận được tệp: {vi}"), format!("The file is not taken: {en}"))
                .mend("Chỉ nhận PDF, Word .docx, Excel .xlsx, ảnh JPG hoặc PNG.", "Only PDF, .docx, .xlsx, JPG and PNG are taken.")
                .at("file")
        })?;
        if store::document::files(self.db(), kept.id).await.map_err(db_error)?.len() >= MOST_FILES {
            return Err(AppError::new("too_many_files", 422).say("Mỗi văn bản tối đa 20 tệp.", "A document has at most 20 files.").at("file"));
        }
        let file = File {
            id: Uuid::now_v7(),
            name: clean.name,
            media: clean.kind.media().to_owned(),
            size: i64::try_from(clean.content.len()).unwrap_or(i64::MAX),
            sha256: clean.sha256,
            by: ctx.author_name().to_owned(),
            at: calendar::micros(ctx.at),
        };
        let tenant = self.tenant(kept.home);
        let mut tx = self.db().begin().await.map_err(db_error)?;
        lock_tenant(&mut tx, tenant).await.map_err(db_error)?;
        store::document::add_file(&mut tx, kept.id, &file, clean.content).await.map_err(db_error)?;
        let detail = serde_json::json!({"code": kept.about.code, "file": file.name, "sha256": file.sha256});
        audit(&mut tx, ctx, tenant, "document.file", &kept.id.to_string(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        self.bell().notify_one();
        Ok(file.id)
    }
}

/// Texts are cleaned at the edge.
fn clean(def: &mut Definition) {
    let head = &mut def.plan;
    for text in [&mut head.title_vi, &mut head.title_en, &mut head.authority, &mut head.note, &mut head.source, &mut head.code] {
        *text = lang::clean(text);
    }
    for code in [&mut head.document, &mut head.parent, &mut head.follows] {
        *code = code.take().map(|c| lang::clean(&c)).filter(|c| !c.is_empty());
    }
    for target in &mut def.target {
        for text in [&mut target.code, &mut target.title_vi, &mut target.title_en, &mut target.clause, &mut target.unit, &mut target.source, &mut target.note] {
            *text = lang::clean(text);
        }
        for reading in &mut target.reading {
            for text in [&mut reading.code, &mut reading.title_vi, &mut reading.title_en] {
                *text = lang::clean(text);
            }
        }
    }
    for claim in &mut def.claim {
        for text in [&mut claim.title_vi, &mut claim.source, &mut claim.note] {
            *text = lang::clean(text);
        }
    }
}
