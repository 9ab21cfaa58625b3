//! Proof of a task's output: a file, or the number of a document.

use super::model::Proof;
use super::service::{line, refuse};
use super::store;
use crate::Programme;
use access::{Context, Role, db_error};
use figures::evidence::{MOST, cleaned};
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};
use ui::AppError;
use uuid::Uuid;

/// Most pieces of one task.
const MOST_PIECES: usize = 30;

/// A piece of proof as it is brought.
#[derive(Clone, Debug, Default)]
pub struct NewProof {
    /// File name and bytes; none when only a document is named.
    pub file: Option<(String, Vec<u8>)>,
    /// Number of the document.
    pub number: String,
    /// Its date.
    pub issued: Option<Date>,
    /// Who issued it.
    pub issuer: String,
}

impl Programme {
    /// Adds proof to a task. What a file is, is read from its bytes; pictures lose what they tell about people.
    ///
    /// # Errors
    /// 401/403, 404, 409 `act_not_possible` when it has ended, 422 `field_required`, `file_unknown`, `too_large`, `too_many_files`.
    pub async fn prove_task(&self, ctx: &Context, id: Uuid, new: NewProof) -> Result<(), AppError> {
        let at_files = |code, vi: &str, en: &str| Err(AppError::new(code, 422).say(vi, en).at("files"));
        let (number, issuer) = (line(&new.number, 100), line(&new.issuer, 200));
        let (name, media, content) = match new.file.filter(|(_, bytes)| !bytes.is_empty()) {
            None if number.is_empty() => {
                return at_files("field_required", "Chưa có tệp, cũng chưa ghi số văn bản.", "There is neither a file nor the number of a document.");
            }
            None => (String::new(), String::new(), Vec::new()),
            Some((_, bytes)) if bytes.len() > MOST => return at_files("file_too_large", "Tệp lớn hơn 10 MB.", "The file is larger than 10 MB."),
            Some((name, bytes)) => {
                let looked = tokio::task::spawn_blocking(move || cleaned(&name, bytes)).await.map_err(|_| AppError::new("internal", 500))?;
                match looked {
                    Ok(clean) => (clean.name, clean.kind.media().to_owned(), clean.content),
                    Err(bad) => {
                        let (code, vi, en) = bad.said();
                        return at_files(code, &format!("Không nhận được tệp: {vi}"), &format!("The file is not taken: {en}"));
                    }
                }
            }
        };
        let mut tx = self.db().begin().await.map_err(db_error)?;
        let mut task = self.task_locked(&mut tx, ctx, id, None).await?;
        if !self.figures().may(ctx, Role::Officer, task.owner.unit) {
            return Err(refuse(ctx, Role::Officer));
        }
        if !task.state.open() {
            return Err(AppError::new("act_not_possible", 409)
                .say("Nhiệm vụ đã báo xong hoặc đã kết thúc.", "The task was reported as done or has ended.")
                .mend("Nếu bị trả lại, bổ sung lúc đó.", "Add to it when it is returned."));
        }
        if store::proofs_tx(&mut tx, task.tenant, id).await.map_err(db_error)?.len() >= MOST_PIECES {
            return at_files("too_many_files", "Tối đa 30 minh chứng cho một nhiệm vụ.", "At most 30 pieces for one task.");
        }
        let sha256 = if content.is_empty() { String::new() } else { hex(&Sha256::digest(&content)) };
        let proof = Proof {
            id: Uuid::now_v7(),
            name,
            media,
            size: i64::try_from(content.len()).unwrap_or(i64::MAX),
            sha256,
            number,
            issued: new.issued.map(|d| d.to_string()),
            issuer,
            who_name: ctx.author_name().to_owned(),
            at: calendar::micros(ctx.at),
        };
        store::add_proof(&mut tx, task.tenant, id, &proof, content).await.map_err(db_error)?;
        task.seq += 1;
        let said = if proof.name.is_empty() { proof.number.clone() } else { proof.name.clone() };
        let event = self.event(ctx, task.seq, "proof", None, &said);
        store::save(&mut tx, &task, event.at).await.map_err(db_error)?;
        store::add_event(&mut tx, task.tenant, id, &event).await.map_err(db_error)?;
        let detail = serde_json::json!({"name": proof.name, "number": proof.number, "sha256": proof.sha256});
        access::audit(&mut tx, ctx, task.tenant, "task.proof", &id.to_string(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)
    }

    /// Name, media type and bytes of a piece of proof.
    ///
    /// # Errors
    /// 401, 404 `unknown_task`, `unknown_file`.
    pub async fn task_proof(&self, ctx: &Context, id: Uuid, piece: Uuid) -> Result<(String, String, Vec<u8>), AppError> {
        let task = self.task(ctx, id).await?;
        let found = store::proof_content(self.db(), task.tenant, id, piece).await.map_err(db_error)?;
        found.filter(|f| !f.2.is_empty()).ok_or_else(|| AppError::new("unknown_file", 404).say("Không có tệp này.", "There is no such file."))
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
