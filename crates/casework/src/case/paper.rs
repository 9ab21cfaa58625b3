//! Papers of a case: files, judged by their bytes, pictures without what they tell about the person.

use super::PaperRow;
use crate::Casework;
use crate::store::case as store;
use access::{Context, db_error};
use figures::evidence::{Clean, MOST, cleaned};
use ui::AppError;
use uuid::Uuid;

/// Most papers of one case.
const MOST_PAPERS: usize = 200;

/// A file as it was brought.
#[derive(Clone, Debug, Default)]
pub struct Brought {
    /// Code of the paper it is.
    pub paper: String,
    /// Its name on the device.
    pub name: String,
    /// Bytes.
    pub bytes: Vec<u8>,
    /// Number and date of the document.
    pub number: String,
}

impl Casework {
    /// Attaches a file to a case; the same file under the same name of paper is kept once.
    ///
    /// # Errors
    /// 403 `case_not_yours`, 404, 409 `case_ended`, 422 `paper_unknown`, `file_empty`, `file_too_large`, `too_many_papers` and what evidence says of files.
    pub async fn attach(&self, ctx: &Context, id: Uuid, brought: Brought) -> Result<(), AppError> {
        let refuse = |code: &'static str, vi: &str, en: &str| {
            AppError::new(code, 422)
                .say(vi, en)
                .mend("Chọn tệp PDF, JPG, PNG, .docx hoặc .xlsx không quá 10 MB.", "Choose a PDF, JPG, PNG, .docx or .xlsx of at most 10 MB.")
                .at("file")
        };
        if brought.bytes.is_empty() {
            return Err(refuse("file_empty", "Chưa chọn tệp nào.", "No file was chosen."));
        }
        if brought.bytes.len() > MOST {
            return Err(refuse("file_too_large", "Tệp lớn hơn 10 MB.", "The file is larger than 10 MB."));
        }
        let Brought { paper: wanted, name, bytes, number } = brought;
        // Office documents are unpacked to look for macros: not on the thread that serves others.
        let looked = tokio::task::spawn_blocking(move || cleaned(&name, bytes)).await.map_err(|_| AppError::new("internal", 500))?;
        let Clean { kind, name, content, sha256 } = looked.map_err(|why| {
            let (code, vi, en) = why.said();
            AppError::new(code, 422).say(vi, en).mend("Chọn tệp PDF, JPG, PNG, .docx hoặc .xlsx.", "Choose a PDF, JPG, PNG, .docx or .xlsx.").at("file")
        })?;
        let mut held = self.hold(ctx, id, None).await?;
        let procedure = &held.version.procedure;
        let paper = procedure
            .paper(&wanted)
            .ok_or_else(|| AppError::new("paper_unknown", 422).say("Quy trình không có loại giấy tờ này.", "The procedure knows no such paper.").at("paper"))?
            .clone();
        let everybody: Vec<String> = procedure.actor.iter().map(|a| a.code.clone()).collect();
        let by = if paper.seen_by.is_empty() { &everybody } else { &paper.seen_by };
        let Some(acting) = self.acting(ctx, procedure, by, held.case.unit) else { return Err(super::acting::not_yours(procedure, by)) };
        let there = store::papers_tx(&mut held.tx, held.case.tenant, id).await.map_err(db_error)?;
        if there.iter().any(|p| p.sha256 == sha256 && p.paper == paper.code) {
            return Ok(());
        }
        if there.len() >= MOST_PAPERS {
            return Err(refuse("too_many_papers", "Hồ sơ đã có quá nhiều giấy tờ.", "The case has too many papers."));
        }
        let row = PaperRow {
            id: Uuid::now_v7(),
            paper: paper.code.clone(),
            name,
            media: kind.media().to_owned(),
            size: i64::try_from(content.len()).unwrap_or(i64::MAX),
            sha256: sha256.clone(),
            number: lang::clean(&number).chars().take(120).collect(),
            at: calendar::micros(ctx.at),
            who_name: ctx.author_name().to_owned(),
        };
        store::add_paper(&mut held.tx, held.case.tenant, id, &row, content).await.map_err(db_error)?;
        let mut event = self.next_event(ctx, &mut held.case, "paper", format!("{}: {}", paper.title_vi, row.name));
        event.action.clone_from(&paper.code);
        event.acting = acting.words;
        self.finish(held, ctx, &event, serde_json::json!({"paper": paper.code, "sha256": sha256})).await
    }

    /// Name, media type and bytes of a paper, for those who may open it.
    ///
    /// # Errors
    /// 404 for everybody else.
    pub async fn paper(&self, ctx: &Context, id: Uuid, paper: Uuid) -> Result<(String, String, Vec<u8>), AppError> {
        let case = self.seen_case(ctx, id).await?;
        let found = store::paper_content(self.db(), case.tenant, id, paper).await.map_err(db_error)?;
        let (code, name, media, content) = found.ok_or_else(super::open::unknown_case)?;
        let version = self.library().version(&case.procedure, case.version).ok_or_else(super::open::unknown_procedure)?;
        let seen_by = version.procedure.paper(&code).map(|p| p.seen_by.clone()).unwrap_or_default();
        if !self.is_any(ctx, &version.procedure, &seen_by, case.unit) {
            return Err(super::open::unknown_case());
        }
        Ok((name, media, content))
    }
}
