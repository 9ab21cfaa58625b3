//! Proof of a task's output: a file of the one evidence library, or the number of a document.
//!
//! Files brought before the library took them lie in `task_proof` with their bytes and stay readable; nothing is added there but numbers.

use super::model::{Proof, Task};
use super::service::{line, refuse};
use super::{store, words};
use crate::Programme;
use access::{Context, Role, db_error};
use figures::evidence::{About, Named, Piece, TaskNames, Upload};
use jiff::civil::Date;
use places::pages::BoxFuture;
use ui::{AppError, Lang};
use uuid::Uuid;

/// Most pieces of one task.
const MOST_PIECES: usize = 30;
/// Files offered to be used again.
const OFFERS: usize = 30;

/// A piece of proof as it is brought.
#[derive(Clone, Debug, Default)]
pub struct NewProof {
    /// File name and bytes; none when only a document is named.
    pub file: Option<(String, Vec<u8>)>,
    /// A file of the library, used once more.
    pub reuse: Option<Uuid>,
    /// Number of the document.
    pub number: String,
    /// Its date.
    pub issued: Option<Date>,
    /// Who issued it.
    pub issuer: String,
}

fn of_library(p: Piece) -> Proof {
    Proof {
        id: p.id,
        name: p.name,
        media: p.media,
        size: p.size,
        sha256: p.sha256,
        number: p.about.number,
        issued: p.about.issued.map(|d| d.to_string()),
        issuer: p.about.issuer,
        who_name: p.brought_by,
        at: p.brought_at,
        scan: Some(p.scan),
    }
}

impl Programme {
    /// Adds proof to a task. A file goes into the evidence library: kept once by its bytes, scanned, used as often as wanted.
    ///
    /// # Errors
    /// 401/403, 404, 409 `act_not_possible` when it has ended, 422 `field_required`, `too_many_files`, `file_twice`, and what the library
    /// says about a file: `evidence_kind`, `evidence_too_large`, `evidence_infected`.
    pub async fn prove_task(&self, ctx: &Context, id: Uuid, new: NewProof) -> Result<(), AppError> {
        let at_files = |code, vi: &str, en: &str| Err(AppError::new(code, 422).say(vi, en).at("files"));
        let (number, issuer) = (line(&new.number, 100), line(&new.issuer, 200));
        let library = self.figures().evidence();
        let seen = self.task(ctx, id).await?;
        if !self.figures().may(ctx, Role::Officer, seen.owner.unit) {
            return Err(refuse(ctx, Role::Officer));
        }
        let subject = seen.subject().ok_or_else(|| AppError::new("internal", 500))?;
        let about = About { number: number.clone(), issued: new.issued, issuer: issuer.clone(), valid_until: None };
        let (prepared, name) = match (new.file.filter(|(_, bytes)| !bytes.is_empty()), new.reuse) {
            (Some((name, bytes)), _) => (Some(library.prepare(ctx, &subject, &about, vec![Upload { name: name.clone(), bytes }]).await?), lang::clean(&name)),
            (None, Some(file)) => {
                let piece = library.piece(ctx, seen.owner.unit, file).await?;
                (Some(library.prepare_reuse(ctx, &subject, seen.owner.unit, file).await?), piece.name)
            }
            (None, None) if number.is_empty() => {
                return at_files("field_required", "Chưa có tệp, cũng chưa ghi số văn bản.", "There is neither a file nor the number of a document.");
            }
            (None, None) => (None, String::new()),
        };
        let mut tx = self.db().begin().await.map_err(db_error)?;
        let mut task = self.task_locked(&mut tx, ctx, id, None).await?;
        if !task.state.open() {
            return Err(AppError::new("act_not_possible", 409)
                .say("Nhiệm vụ đã báo xong hoặc đã kết thúc.", "The task was reported as done or has ended.")
                .mend("Nếu bị trả lại, bổ sung lúc đó.", "Add to it when it is returned."));
        }
        let held = store::proofs_tx(&mut tx, task.tenant, id).await.map_err(db_error)?.len() + library.linked_in(&mut tx, &subject).await?.len();
        if held >= MOST_PIECES {
            return at_files("too_many_files", "Tối đa 30 minh chứng cho một nhiệm vụ.", "At most 30 pieces for one task.");
        }
        match prepared {
            Some(prepared) => {
                if library.keep_in(&mut tx, ctx, &subject, prepared).await?.linked == 0 {
                    return at_files("file_twice", "Tệp này đã là minh chứng của nhiệm vụ.", "This file is proof of the task already.");
                }
            }
            None => {
                let proof = Proof {
                    id: Uuid::now_v7(),
                    name: String::new(),
                    media: String::new(),
                    size: 0,
                    sha256: String::new(),
                    number: number.clone(),
                    issued: new.issued.map(|d| d.to_string()),
                    issuer,
                    who_name: ctx.author_name().to_owned(),
                    at: calendar::micros(ctx.at),
                    scan: None,
                };
                store::add_proof(&mut tx, task.tenant, id, &proof).await.map_err(db_error)?;
            }
        }
        task.seq += 1;
        let said = if name.is_empty() { number.clone() } else { name.clone() };
        let event = self.event(ctx, task.seq, "proof", None, &said);
        store::save(&mut tx, &task, event.at).await.map_err(db_error)?;
        store::add_event(&mut tx, task.tenant, id, &event).await.map_err(db_error)?;
        let detail = serde_json::json!({"name": name, "number": number});
        access::audit(&mut tx, ctx, task.tenant, "task.proof", &id.to_string(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        library.ring();
        Ok(())
    }

    /// The proof of a task, the oldest first, for those who may see the task.
    ///
    /// # Errors
    /// What the database says.
    pub async fn proofs_of(&self, task: &Task) -> Result<Vec<Proof>, AppError> {
        let mut out = store::proofs(self.db(), task.tenant, task.id).await.map_err(db_error)?;
        if let Some(subject) = task.subject() {
            out.extend(self.figures().evidence().linked(&subject).await?.into_iter().map(of_library));
        }
        out.sort_by_key(|p| (p.at, p.id));
        Ok(out)
    }

    /// Whether a task has proof that holds, in the transaction of the act that needs it. An infected file proves nothing.
    pub(super) async fn proved(&self, tx: &mut db::Tx, ctx: &Context, task: &Task) -> Result<bool, AppError> {
        if !store::proofs_tx(tx, task.tenant, task.id).await.map_err(db_error)?.is_empty() {
            return Ok(true);
        }
        let Some(subject) = task.subject() else { return Ok(false) };
        Ok(self.figures().evidence().linked_in(tx, &subject).await?.iter().any(|p| p.valid_on(ctx.today())))
    }

    /// Files of the owner's library that could prove a task too: id and words.
    pub(super) async fn proof_offers(&self, ctx: &Context, task: &Task) -> Result<Vec<(String, String)>, AppError> {
        let Some(subject) = task.subject() else { return Ok(Vec::new()) };
        let offers = self.figures().evidence().offers(ctx, &subject).await?;
        let words = |p: &Piece| if p.about.number.is_empty() { p.name.clone() } else { format!("{} · {}", p.about.number, p.name) };
        Ok(offers.iter().filter(|o| o.piece.size > 0).take(OFFERS).map(|o| (o.piece.id.to_string(), words(&o.piece))).collect())
    }

    /// Name, media type and bytes of a piece of proof. With a scanner configured nothing is given out before it is clean.
    ///
    /// # Errors
    /// 401, 404 `unknown_task`, `unknown_file`, 409 `evidence_unscanned`, 422 `evidence_infected`.
    pub async fn task_proof(&self, ctx: &Context, id: Uuid, piece: Uuid) -> Result<(String, String, Vec<u8>), AppError> {
        let task = self.task(ctx, id).await?;
        let library = self.figures().evidence();
        if let Some(subject) = task.subject()
            && let Some(found) = library.linked(&subject).await?.into_iter().find(|p| p.id == piece)
        {
            let bytes = library.bytes(&found).await?;
            return Ok((found.name, found.media, bytes));
        }
        let found = store::proof_content(self.db(), task.tenant, id, piece).await.map_err(db_error)?;
        found.filter(|f| !f.2.is_empty()).ok_or_else(|| AppError::new("unknown_file", 404).say("Không có tệp này.", "There is no such file."))
    }
}

/// Names tasks on the pages of the evidence library; hand it to [`figures::Figures::set_tasks`] at start.
#[derive(Clone, Debug)]
pub struct TaskTitles(pub Programme);

impl TaskNames for TaskTitles {
    fn named<'a>(&'a self, task: Uuid, unit: Uuid, lang: Lang) -> BoxFuture<'a, Option<Named>> {
        Box::pin(async move {
            let tenant = self.0.tenant_of(unit)?;
            let found = store::one(self.0.db(), tenant, task).await.ok().flatten()?;
            let title = format!("{}: {}", lang.t("Nhiệm vụ", "Task"), words::headline(&found));
            Some(Named { title, href: format!("/tasks/{task}") })
        })
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
