//! Drafts of outgoing documents: versions with their differences, comments, submission, signature, issuing.

use super::dossier_unknown;
use super::step::{How, Step};
use crate::Casework;
use crate::document::file::{self, Attached, Incoming, Kept};
use crate::document::{Office, kind, says_secret, secret_refused};
use access::{Context, db_error};
use db::{Db, DbError, Row, Tx, args};
use ui::{AppError, Lang};
use uuid::Uuid;

db::statements! {
    ADD: Tenant = "INSERT INTO draft (tenant_id, dossier_id, draft_id, office_id, kind, title, urgency, recipients, version, state, author_id, author_name, signer, document_id, at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    SAVE: Tenant = "UPDATE draft SET kind = $4, title = $5, urgency = $6, recipients = $7, version = $8, state = $9, signer = $10, document_id = $11, at = $12, \
                    author_id = $13, author_name = $14 WHERE tenant_id = $1 AND dossier_id = $2 AND draft_id = $3";
    OF_DOSSIER: Tenant = "SELECT dossier_id, draft_id, kind, title, urgency, recipients, version, state, author_id, author_name, signer, document_id, at FROM draft \
                          WHERE tenant_id = $1 AND dossier_id = $2 ORDER BY draft_id";
    ONE: Tenant = "SELECT dossier_id, draft_id, kind, title, urgency, recipients, version, state, author_id, author_name, signer, document_id, at FROM draft \
                   WHERE tenant_id = $1 AND dossier_id = $2 AND draft_id = $3";
    IN_STATE: Tenant = "SELECT dossier_id, draft_id, kind, title, urgency, recipients, version, state, author_id, author_name, signer, document_id, at FROM draft \
                        WHERE tenant_id = $1 AND office_id = $2 AND state = $3 ORDER BY draft_id LIMIT 200";
    UNFINISHED: Tenant = "SELECT draft_id FROM draft WHERE tenant_id = $1 AND dossier_id = $2 AND state < 3 LIMIT 1";
    ADD_VERSION: Tenant = "INSERT INTO draft_version (tenant_id, draft_id, version, text, note, at, who_name) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    VERSIONS: Tenant = "SELECT version, text, note, at, who_name FROM draft_version WHERE tenant_id = $1 AND draft_id = $2 ORDER BY version DESC";
    ADD_WORD: Tenant = "INSERT INTO draft_word (tenant_id, draft_id, word_id, version, kind, text, at, who_id, who_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    WORDS: Tenant = "SELECT version, kind, text, at, who_name FROM draft_word WHERE tenant_id = $1 AND draft_id = $2 ORDER BY word_id";
}

/// Where a draft stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftState {
    /// Being written.
    Writing,
    /// With the head, for signature.
    Submitted,
    /// Signed, waiting for its number.
    Signed,
    /// Issued.
    Issued,
    /// Given up.
    Dropped,
}

impl DraftState {
    fn code(self) -> i64 {
        match self {
            DraftState::Writing => 0,
            DraftState::Submitted => 1,
            DraftState::Signed => 2,
            DraftState::Issued => 3,
            DraftState::Dropped => 4,
        }
    }

    fn from_code(code: i64) -> DraftState {
        [DraftState::Writing, DraftState::Submitted, DraftState::Signed, DraftState::Issued]
            .into_iter()
            .find(|s| s.code() == code)
            .unwrap_or(DraftState::Dropped)
    }

    /// Its name.
    pub fn label(self, l: Lang) -> &'static str {
        match self {
            DraftState::Writing => l.t("đang soạn", "being written"),
            DraftState::Submitted => l.t("chờ ký", "waits for signature"),
            DraftState::Signed => l.t("đã ký, chờ cấp số", "signed, waits for its number"),
            DraftState::Issued => l.t("đã phát hành", "issued"),
            DraftState::Dropped => l.t("đã bỏ", "given up"),
        }
    }
}

/// A draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Id.
    pub id: Uuid,
    /// Its dossier.
    pub dossier: Uuid,
    /// Kind of the document it is to become.
    pub kind: String,
    /// What it is about.
    pub title: String,
    /// Grade of urgency.
    pub urgency: i64,
    /// Whom it goes to.
    pub recipients: String,
    /// Newest version, from 1.
    pub version: i64,
    /// Where it stands.
    pub state: DraftState,
    /// Who wrote it.
    pub author: Option<Uuid>,
    /// Their name.
    pub author_name: String,
    /// Who signed it.
    pub signer: String,
    /// The document it became.
    pub document: Option<Uuid>,
    /// When it changed last, microseconds UTC.
    pub at: i64,
}

/// A version of a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftVersion {
    /// Number, from 1.
    pub version: i64,
    /// Text; empty when only the file counts.
    pub text: String,
    /// What was changed.
    pub note: String,
    /// Microseconds UTC.
    pub at: i64,
    /// Who wrote it.
    pub who_name: String,
}

/// Something said about a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The version it is about.
    pub version: i64,
    /// `comment`, `opinion`, `return`.
    pub kind: String,
    /// What was said.
    pub text: String,
    /// Microseconds UTC.
    pub at: i64,
    /// By whom.
    pub who_name: String,
}

/// What somebody writes as a draft.
#[derive(Clone, Debug, Default)]
pub struct NewDraft {
    /// Code of the kind.
    pub kind: String,
    /// What it is about.
    pub title: String,
    /// Grade of urgency.
    pub urgency: i64,
    /// Whom it goes to.
    pub recipients: String,
    /// Text.
    pub text: String,
    /// What was changed since the version before.
    pub note: String,
}

fn draft(r: &Row) -> Result<Draft, DbError> {
    Ok(Draft {
        dossier: r.uuid(0)?,
        id: r.uuid(1)?,
        kind: r.text(2)?,
        title: r.text(3)?,
        urgency: r.int(4)?,
        recipients: r.text(5)?,
        version: r.int(6)?,
        state: DraftState::from_code(r.int(7)?),
        author: r.uuid_opt(8)?,
        author_name: r.text(9)?,
        signer: r.text(10)?,
        document: r.uuid_opt(11)?,
        at: r.int(12)?,
    })
}

/// Whether a dossier holds a draft that is neither issued nor given up.
pub(crate) async fn unfinished(tx: &mut Tx, tenant: Uuid, dossier: Uuid) -> Result<bool, DbError> {
    Ok(tx.opt(&UNFINISHED, args![tenant, dossier]).await?.is_some())
}

/// The drafts of an office that wait for their number.
pub(crate) async fn to_issue(db: &Db, tenant: Uuid, office: Uuid) -> Result<Vec<Draft>, DbError> {
    db.all(&IN_STATE, args![tenant, office, DraftState::Signed.code()]).await?.iter().map(draft).collect()
}

pub(crate) async fn save(tx: &mut Tx, tenant: Uuid, d: &Draft) -> Result<(), DbError> {
    let values = args![
        tenant,
        d.dossier,
        d.id,
        &d.kind,
        &d.title,
        d.urgency,
        &d.recipients,
        d.version,
        d.state.code(),
        &d.signer,
        d.document,
        d.at,
        d.author,
        &d.author_name
    ];
    tx.exec(&SAVE, values).await.map(drop)
}

pub(crate) fn wrong_state(d: &Draft) -> AppError {
    AppError::new("draft_moved", 409)
        .say(format!("Dự thảo này {}.", d.state.label(Lang::Vi)), format!("This draft is {}.", d.state.label(Lang::En)))
        .mend("Tải lại trang để làm bước tiếp theo.", "Reload the page for the next step.")
}

pub(crate) fn missing(at: &'static str, vi: &str, en: &str) -> AppError {
    AppError::new("field_missing", 422).say(vi, en).mend("Điền vào ô này.", "Fill this in.").at(at)
}

impl NewDraft {
    fn checked(&self) -> Result<NewDraft, AppError> {
        let new = NewDraft {
            kind: self.kind.clone(),
            title: lang::clean(&self.title),
            urgency: self.urgency,
            recipients: lang::clean(&self.recipients),
            text: self.text.replace('\0', "").chars().take(200_000).collect(),
            note: lang::clean(&self.note),
        };
        if says_secret(&new.title) {
            return Err(secret_refused("title"));
        }
        if kind::kind(&new.kind).is_none() {
            return Err(missing("kind", "Chưa chọn loại văn bản.", "The kind of document is not chosen."));
        }
        if new.title.is_empty() || new.title.chars().count() > 600 {
            return Err(missing("title", "Trích yếu còn trống hoặc dài quá 600 chữ.", "The subject is missing or longer than 600 letters."));
        }
        if kind::urgency(new.urgency).is_none() {
            return Err(missing("urgency", "Độ khẩn chưa đúng.", "The grade of urgency is not known."));
        }
        Ok(new)
    }
}

impl Casework {
    /// The drafts of a dossier.
    ///
    /// # Errors
    /// What the database says.
    pub async fn drafts(&self, office: &Office, dossier: Uuid) -> Result<Vec<Draft>, AppError> {
        self.db().all(&OF_DOSSIER, args![office.tenant, dossier]).await.and_then(|rows| rows.iter().map(draft).collect()).map_err(db_error)
    }

    /// One draft with its versions (newest first), what was said about it, and its files.
    ///
    /// # Errors
    /// 404.
    pub async fn draft(
        &self,
        ctx: &Context,
        office: &Office,
        dossier: Uuid,
        id: Uuid,
    ) -> Result<(Draft, Vec<DraftVersion>, Vec<Word>, Vec<Attached>), AppError> {
        self.dossier(ctx, office, dossier).await?;
        let found = self.db().opt(&ONE, args![office.tenant, dossier, id]).await.map_err(db_error)?.as_ref().map(draft).transpose().map_err(db_error)?;
        let found = found.ok_or_else(dossier_unknown)?;
        let version = |r: &Row| Ok(DraftVersion { version: r.int(0)?, text: r.text(1)?, note: r.text(2)?, at: r.int(3)?, who_name: r.text(4)? });
        let word = |r: &Row| Ok(Word { version: r.int(0)?, kind: r.text(1)?, text: r.text(2)?, at: r.int(3)?, who_name: r.text(4)? });
        let db = self.db();
        let versions = db.all(&VERSIONS, args![office.tenant, id]).await.and_then(|rows| rows.iter().map(version).collect()).map_err(db_error)?;
        let words = db.all(&WORDS, args![office.tenant, id]).await.and_then(|rows| rows.iter().map(word).collect()).map_err(db_error)?;
        Ok((found, versions, words, file::files(db, office.tenant, id).await.map_err(db_error)?))
    }

    /// Signed drafts of an office that wait for their number.
    ///
    /// # Errors
    /// 404 for those who do not work there.
    pub async fn drafts_to_issue(&self, ctx: &Context, office: &Office) -> Result<Vec<Draft>, AppError> {
        office.require_inside(ctx)?;
        to_issue(self.db(), office.tenant, office.id).await.map_err(db_error)
    }

    pub(crate) async fn draft_tx(&self, tx: &mut Tx, office: &Office, dossier: Uuid, id: Uuid) -> Result<Draft, AppError> {
        let row = tx.opt(&ONE, args![office.tenant, dossier, id]).await.map_err(db_error)?;
        row.as_ref().map(draft).transpose().map_err(db_error)?.ok_or_else(dossier_unknown)
    }

    /// Begins a draft in a dossier, or (with `id`) writes its next version.
    ///
    /// # Errors
    /// 404; 409 `draft_moved`, `draft_changed`; 422 with the field.
    pub async fn write_draft(
        &self,
        ctx: &Context,
        office: &Office,
        dossier: Uuid,
        id: Option<(Uuid, i64)>,
        new: &NewDraft,
        files: Vec<Incoming>,
    ) -> Result<Draft, AppError> {
        office.require_inside(ctx)?;
        let new = new.checked()?;
        let files = crate::register::read_texts(files)?;
        let mut change = self.change_open(ctx, office, dossier, None).await?;
        let at = calendar::micros(ctx.at);
        let mut one = match id {
            None => Draft {
                id: Uuid::now_v7(),
                dossier,
                kind: String::new(),
                title: String::new(),
                urgency: 0,
                recipients: String::new(),
                version: 0,
                state: DraftState::Writing,
                author: ctx.account_id(),
                author_name: ctx.author_name().to_owned(),
                signer: String::new(),
                document: None,
                at,
            },
            Some((id, seen)) => {
                let old = self.draft_tx(&mut change.tx, office, dossier, id).await?;
                if old.state != DraftState::Writing {
                    return Err(wrong_state(&old));
                }
                if old.version != seen {
                    return Err(AppError::new("draft_changed", 409)
                        .say(
                            format!("Người khác đã lưu bản {} trong lúc bạn viết.", old.version),
                            format!("Somebody else saved version {} while you wrote.", old.version),
                        )
                        .mend("Chép nội dung của bạn, tải lại trang và so hai bản.", "Copy your text, reload the page and compare the two.")
                        .at("text"));
                }
                old
            }
        };
        let first = one.version == 0;
        one = Draft { kind: new.kind, title: new.title, urgency: new.urgency, recipients: new.recipients, version: one.version + 1, at, ..one };
        let tx = &mut change.tx;
        if first {
            let values = args![
                office.tenant,
                dossier,
                one.id,
                office.id,
                &one.kind,
                &one.title,
                one.urgency,
                &one.recipients,
                one.version,
                one.state.code(),
                one.author,
                &one.author_name,
                &one.signer,
                one.document,
                one.at
            ];
            tx.exec(&ADD, values).await.map_err(db_error)?;
        } else {
            save(tx, office.tenant, &one).await.map_err(db_error)?;
        }
        tx.exec(&ADD_VERSION, args![office.tenant, one.id, one.version, &new.text, &new.note, at, ctx.author_name()]).await.map_err(db_error)?;
        for (incoming, _) in files {
            file::keep(tx, office.tenant, one.id, incoming, &Kept::plain("draft", at, ctx.author_name())).await?;
        }
        change.happened(ctx, Step::Draft, How::System, Some(one.id), "", &format!("{} – bản {}", one.title, one.version));
        change.finish(ctx, office, "draft.write", serde_json::json!({"draft": one.id, "version": one.version})).await?;
        Ok(one)
    }

    /// Says something about a draft: a comment, or an opinion that counts as a step.
    ///
    /// # Errors
    /// 404, 409; 422 `field_missing`.
    pub async fn say_of_draft(&self, ctx: &Context, office: &Office, dossier: Uuid, id: Uuid, opinion: bool, text: &str) -> Result<(), AppError> {
        let text: String = lang::clean(text).chars().take(4_000).collect();
        if text.is_empty() {
            return Err(missing("word", "Chưa ghi ý kiến.", "Nothing is written."));
        }
        let mut change = self.change_open(ctx, office, dossier, None).await?;
        let one = self.draft_tx(&mut change.tx, office, dossier, id).await?;
        self.add_word(&mut change.tx, ctx, office, &one, if opinion { "opinion" } else { "comment" }, &text).await?;
        if opinion {
            change.happened(ctx, Step::Opinion, How::System, Some(id), "", &text);
        }
        change.finish(ctx, office, "draft.say", serde_json::json!({"draft": id, "opinion": opinion})).await.map(drop)
    }

    pub(crate) async fn add_word(&self, tx: &mut Tx, ctx: &Context, office: &Office, one: &Draft, kind: &str, text: &str) -> Result<(), AppError> {
        let values = args![office.tenant, one.id, Uuid::now_v7(), one.version, kind, text, calendar::micros(ctx.at), ctx.account_id(), ctx.author_name()];
        tx.exec(&ADD_WORD, values).await.map(drop).map_err(db_error)
    }
}
