//! Keeping sets: the shipped ones, those that provinces compose, their versions and drafts.

use super::{Criteria, measures, unknown_set};
use crate::check::check;
use crate::flaw::{Flaw, Lines};
use crate::model::{Confidence, Library, Set, province_id};
use crate::store::{self, StoredSet};
use crate::{facts, source};
use access::{Context, Role, db_error};
use db::DbError;
use std::collections::BTreeMap;
use std::sync::Arc;
use ui::AppError;
use uuid::Uuid;

/// A version that is being written.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The set as it stands.
    pub set: Set,
    /// Who keeps it.
    pub owner: Uuid,
    /// Who changed it last.
    pub by: String,
    /// When; microseconds UTC.
    pub at: i64,
}

/// A set in the list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The newest published version, or the draft when there is none.
    pub set: Arc<Set>,
    /// Whether it is published.
    pub published: bool,
    /// Whether a draft waits.
    pub draft: bool,
}

impl Criteria {
    /// Loads the sets of the fact files that are not there yet and declares their measures. How many are new.
    pub(super) async fn load_facts(&self) -> Result<usize, DbError> {
        let sets = facts::shipped_sets().map_err(DbError::defect)?;
        let shelf = self.shelf();
        let fresh: Vec<Set> = sets.into_iter().filter(|s| shelf.library.version(&s.code, s.version).is_none()).collect();
        if fresh.is_empty() {
            return Ok(0);
        }
        let nation = self.figures().places().atlas().nation().unwrap_or_default();
        let at = calendar::micros(self.figures().clock().now());
        let mut tx = self.db().begin().await?;
        let known = places::store::bump_counted(&mut tx, super::CATALOG, "").await?;
        for set in &fresh {
            let owner = set.province.as_deref().map_or(nation, province_id);
            let (code, definition, by) = (set.code.clone(), source::write(set), "facts".to_owned());
            let stored = StoredSet { code, version: set.version, published: true, definition, by, at, owner, known };
            store::add_version(&mut tx, &stored).await?;
            self.figures().declare_in(&mut tx, &measures::of_set(set), "facts", at).await?;
        }
        tx.commit().await?;
        self.refresh().await?;
        Ok(fresh.len())
    }

    /// All sets, national ones first, then by code.
    pub fn list(&self) -> Vec<Listed> {
        let shelf = self.shelf();
        let mut out: Vec<Listed> =
            shelf.library.all().map(|set| Listed { set: Arc::clone(set), published: true, draft: shelf.drafts.contains_key(&set.code) }).collect();
        for (code, draft) in &shelf.drafts {
            if shelf.library.get(code).is_none() {
                out.push(Listed { set: Arc::new(draft.set.clone()), published: false, draft: true });
            }
        }
        out.sort_by_key(|l| (l.set.province.is_some(), std::cmp::Reverse(l.set.effective_from), l.set.level, l.set.rank, l.set.code.clone()));
        out
    }

    /// The unit that keeps a set: its province, else the nation.
    pub(crate) fn keeper(&self, set: &Set) -> Uuid {
        let atlas = self.figures().places().atlas();
        let nation = atlas.nation().unwrap_or_default();
        let Some(owner) = self.shelf().owners.get(&set.code).copied().or_else(|| set.province.as_deref().map(province_id)) else { return nation };
        owner
    }

    /// Refuses unless somebody administers what keeps the set (a province that has ended: what took it over).
    pub(crate) fn require_keeper(&self, ctx: &Context, owner: Uuid) -> Result<(), AppError> {
        self.require_at(ctx, Role::Administrator, owner)
    }

    /// Whether somebody may change a set.
    pub fn may_keep(&self, ctx: &Context, set: &Set) -> bool {
        self.figures().may(ctx, Role::Administrator, self.keeper(set))
    }

    /// What is wrong with a set as it stands.
    pub fn flaws(&self, set: &Set, lines: &Lines) -> Vec<Flaw> {
        let mut around = self.around();
        // The set is judged as the newest of its code, not against its own older version.
        let others = around.library.all().filter(|s| s.code != set.code).map(|s| (**s).clone()).collect::<Vec<_>>();
        around.library = Library::new(others);
        lines.place(check(set, &around))
    }

    /// Saves a draft of a set; a first one makes the set. Problems of a draft do not hinder saving, only publishing.
    ///
    /// # Errors
    /// 403 without administration of the province (or nation) that keeps it, 422 `set_code_invalid`, `set_code_taken`.
    pub async fn save_draft(&self, ctx: &Context, set: Set, owner: Uuid) -> Result<Set, AppError> {
        self.save_draft_seen(ctx, set, owner, None).await
    }

    /// The same, unless somebody saved the draft after it was looked at: `seen` is [`Draft::at`] as it was then, 0 for no draft yet.
    ///
    /// # Errors
    /// 409 `draft_changed`, and as [`Criteria::save_draft`].
    pub async fn save_draft_seen(&self, ctx: &Context, mut set: Set, owner: Uuid, seen: Option<i64>) -> Result<Set, AppError> {
        let shelf = self.current().await;
        let keeper = shelf.owners.get(&set.code).copied().unwrap_or(owner);
        if keeper != owner {
            return Err(AppError::new("set_code_taken", 422)
                .say(format!("Mã “{}” đã thuộc bộ tiêu chí của nơi khác.", set.code), format!("The code “{}” belongs to a set of another keeper.", set.code))
                .mend("Chọn mã khác.", "Choose another code.")
                .at("code"));
        }
        self.require_keeper(ctx, keeper)?;
        if let Some(flaw) = self.flaws(&set, &Lines::default()).into_iter().find(|f| matches!(f.code, "set_code_invalid" | "set_title_missing")) {
            return Err(AppError::new(flaw.code, 422).say(flaw.vi, flaw.en).at(if flaw.code == "set_code_invalid" { "code" } else { "title" }));
        }
        set.version = shelf.library.get(&set.code).map_or(1, |s| s.version + 1);
        let tenant = self.tenant(keeper)?;
        let (mut tx, known) = self.unsealed(tenant).await?;
        let saved = store::draft_saved(&mut tx, &set.code, set.version).await.map_err(db_error)?;
        if seen.is_some_and(|seen| seen != saved.as_ref().map_or(0, |(_, at)| *at)) {
            return Err(draft_changed(saved.map(|(by, _)| by).unwrap_or_default()));
        }
        let stored = StoredSet {
            known,
            code: set.code.clone(),
            version: set.version,
            published: false,
            definition: source::write(&set),
            by: ctx.author_name().to_owned(),
            at: calendar::micros(ctx.at),
            owner: keeper,
        };
        if !store::change_draft(&mut tx, &stored).await.map_err(db_error)? {
            store::add_version(&mut tx, &stored).await.map_err(db_error)?;
        }
        let detail = serde_json::json!({"version": set.version});
        self.seal(tx, ctx, tenant, "criteria.draft", &set.code, detail).await?;
        Ok(set)
    }

    /// Makes a draft from a set: a new version of it, or (with another code) a set of a province based on it.
    ///
    /// # Errors
    /// 404 `unknown_set`, and as [`Criteria::save_draft`].
    pub async fn copy(&self, ctx: &Context, from: &str, code: &str, title: &str, owner: Uuid) -> Result<Set, AppError> {
        let shelf = self.current().await;
        let base = shelf.library.get(from).ok_or_else(unknown_set)?;
        let mut set = (**base).clone();
        if code != from {
            if shelf.library.get(code).is_some() || shelf.drafts.contains_key(code) {
                return Err(AppError::new("set_code_taken", 422)
                    .say(format!("Đã có bộ tiêu chí mã “{code}”."), format!("There is a set “{code}” already."))
                    .mend("Chọn mã khác.", "Choose another code.")
                    .at("code"));
            }
            let atlas = self.figures().places().atlas();
            set.code = code.to_owned();
            set.title = lang::clean(title);
            set.title_en = String::new();
            set.based_on = Some(base.code.clone());
            set.document = String::new();
            set.requires = Vec::new();
            set.required_by = None;
            set.amendments = Vec::new();
            set.annexes = Vec::new();
            set.confidence = Confidence::Official;
            set.source = None;
            set.note = None;
            set.criteria_count = None;
            set.indicator_count = None;
            set.complete = true;
            if atlas.nation() != Some(owner) {
                set.province = Some(owner.to_string());
                set.area = Some(atlas.name(owner, ctx.today()));
                set.authority = format!("UBND {}", atlas.full_name(owner, ctx.today()));
            }
        }
        self.save_draft(ctx, set, owner).await
    }

    /// Publishes the draft of a set: from now on it is a version that never changes. Its measures are declared.
    ///
    /// # Errors
    /// 404 `unknown_set`; 403; 422 with the first flaw of the draft; 422 `set_document_missing`, `set_empty`, `set_dates`.
    pub async fn publish(&self, ctx: &Context, code: &str) -> Result<Arc<Set>, AppError> {
        let shelf = self.current().await;
        let draft = shelf.drafts.get(code).ok_or_else(unknown_set)?;
        self.require_keeper(ctx, draft.owner)?;
        let set = &draft.set;
        if let Some(flaw) = self.flaws(set, &Lines::default()).into_iter().next() {
            return Err(AppError::new(flaw.code, 422).say(flaw.vi, flaw.en).mend("Sửa bản thảo rồi ban hành lại.", "Mend the draft and publish again."));
        }
        if set.document.is_empty() {
            return Err(AppError::new("set_document_missing", 422)
                .say("Bộ tiêu chí chưa có văn bản ban hành.", "The set names no document that issues it.")
                .mend("Ghi số, ngày văn bản.", "Give number and date of the document.")
                .at("document"));
        }
        if set.effective_from.is_none() {
            return Err(AppError::new("set_dates", 422).say("Chưa ghi ngày có hiệu lực.", "The first day is missing.").at("effective_from"));
        }
        if set.indicators().next().is_none() {
            return Err(AppError::new("set_empty", 422)
                .say("Bộ tiêu chí chưa có chỉ tiêu nào.", "The set has no indicator.")
                .mend("Thêm chỉ tiêu.", "Add an indicator."));
        }
        let at = calendar::micros(ctx.at);
        let tenant = self.tenant(draft.owner)?;
        let (mut tx, known) = self.unsealed(tenant).await?;
        let stored = StoredSet {
            known,
            code: set.code.clone(),
            version: set.version,
            published: true,
            definition: source::write(set),
            by: ctx.author_name().to_owned(),
            at,
            owner: draft.owner,
        };
        if !store::change_draft(&mut tx, &stored).await.map_err(db_error)? {
            return Err(AppError::new("conflict", 409));
        }
        self.figures().declare_in(&mut tx, &measures::of_set(set), ctx.author_name(), at).await.map_err(db_error)?;
        let detail = serde_json::json!({"version": set.version, "document": set.document});
        self.seal(tx, ctx, tenant, "criteria.publish", code, detail).await?;
        self.set(code)
    }

    /// Throws a draft away.
    ///
    /// # Errors
    /// 404 `unknown_set`, 403.
    pub async fn discard(&self, ctx: &Context, code: &str) -> Result<(), AppError> {
        let shelf = self.current().await;
        let draft = shelf.drafts.get(code).ok_or_else(unknown_set)?;
        self.require_keeper(ctx, draft.owner)?;
        let tenant = self.tenant(draft.owner)?;
        let (mut tx, _) = self.unsealed(tenant).await?;
        store::drop_draft(&mut tx, code, draft.set.version).await.map_err(db_error)?;
        self.seal(tx, ctx, tenant, "criteria.discard", code, serde_json::json!({})).await
    }

    /// Reads a set from a file, TOML or a workbook, and saves it as a draft. Refusals carry their lines.
    ///
    /// # Errors
    /// The outer one as [`Criteria::save_draft`]; the inner list says what is wrong with the file, and nothing was saved.
    pub async fn import(&self, ctx: &Context, bytes: &[u8], owner: Uuid) -> Result<Result<Set, Vec<Flaw>>, AppError> {
        self.current().await;
        let read = if bytes.starts_with(b"PK") {
            source::read_xlsx(bytes)
        } else {
            match std::str::from_utf8(bytes) {
                Ok(text) => source::read(text),
                Err(_) => Err(Flaw::new(
                    "file_unreadable",
                    crate::At::default(),
                    "Tệp không phải TOML (UTF-8) hay Excel.",
                    "The file is neither TOML in UTF-8 nor a workbook.",
                )),
            }
        };
        let (mut set, lines) = match read {
            Ok(read) => read,
            Err(flaw) => return Ok(Err(vec![flaw])),
        };
        let atlas = self.figures().places().atlas();
        if atlas.nation() != Some(owner) && set.province.is_none() {
            set.province = Some(owner.to_string());
            set.area = Some(atlas.name(owner, ctx.today()));
        }
        let flaws = self.flaws(&set, &lines);
        if !flaws.is_empty() {
            return Ok(Err(flaws));
        }
        self.save_draft(ctx, set, owner).await.map(Ok)
    }

    /// Versions of a set with who published them and when, newest first.
    pub fn versions(&self, code: &str) -> Vec<(Arc<Set>, String, i64)> {
        let shelf = self.shelf();
        let of: BTreeMap<i64, (String, i64)> = shelf.published.iter().filter(|((c, _), _)| c == code).map(|((_, v), by)| (*v, by.clone())).collect();
        let mut out: Vec<_> = shelf.library.versions(code).iter().map(|s| (Arc::clone(s), of.get(&s.version).cloned().unwrap_or_default())).collect();
        out.reverse();
        out.into_iter().map(|(s, (by, at))| (s, by, at)).collect()
    }
}

fn draft_changed(by: String) -> AppError {
    let (vi, en) = match by.as_str() {
        "" => (
            "Bản thảo này đã được ban hành hoặc bỏ từ khi bạn mở trang.".to_owned(),
            "The draft was published or dropped since you opened the page.".to_owned(),
        ),
        by => (format!("{by} đã lưu bản thảo này sau khi bạn mở trang."), format!("{by} saved this draft after you opened the page.")),
    };
    AppError::new("draft_changed", 409).say(vi, en).mend(
        "Dưới đây là bản mới nhất. Chữ bạn vừa gõ còn ở trang trước: bấm Quay lại của trình duyệt để chép sang.",
        "Below is the newest one. What you typed is on the page before: press the browser's Back to copy it over.",
    )
}
