//! The path of a draft: handed up, given back or signed, issued with its number; or given up.

use super::Stage;
use super::draft::{Draft, DraftState, missing, save, wrong_state};
use super::step::{How, Step};
use crate::Casework;
use crate::document::file::{self, Incoming, Kept};
use crate::document::trust;
use crate::document::{Hat, Office, signature};
use crate::register::{Document, Issued, NewDocument};
use access::{Context, db_error};
use figures::evidence::FileKind;
use ui::AppError;
use uuid::Uuid;

/// How a signature was brought.
#[derive(Debug)]
pub enum Signing {
    /// A PDF that the agency's own program signed.
    Digital(Incoming),
    /// Signed by hand on paper.
    ByHand,
}

/// How a signed draft is issued.
#[derive(Debug, Default)]
pub struct Issuing {
    /// A reserved number to use.
    pub reserved: Option<i64>,
    /// Abbreviation of the part that drafted it, in official letters.
    pub part: String,
    /// The PDF with the agency's own signature, put on with the number.
    pub sealed: Option<Incoming>,
}

impl Casework {
    /// Hands a draft up for signature.
    ///
    /// # Errors
    /// 404; 409 `draft_moved`; 422 `head_unknown`.
    pub async fn submit_draft(&self, ctx: &Context, office: &Office, dossier: Uuid, id: Uuid, to: Uuid, note: &str) -> Result<(), AppError> {
        office.require_inside(ctx)?;
        let people = self.colleagues(ctx, office).await?;
        let head = people.iter().find(|c| c.id == to && c.head).cloned().ok_or_else(|| {
            AppError::new("head_unknown", 422)
                .say("Người nhận trình phải là lãnh đạo của cơ quan.", "Drafts are handed up to a head of the office.")
                .mend("Chọn lãnh đạo trong danh sách.", "Choose a head from the list.")
                .at("to")
        })?;
        let mut change = self.change_open(ctx, office, dossier, None).await?;
        let one = self.draft_tx(&mut change.tx, office, dossier, id).await?;
        if one.state != DraftState::Writing {
            return Err(wrong_state(&one));
        }
        let mut one = Draft { state: DraftState::Submitted, signer: head.name.clone(), at: calendar::micros(ctx.at), ..one };
        // Whoever wrote it may have left; it then comes back to the one who hands it up.
        if !people.iter().any(|c| Some(c.id) == one.author) {
            (one.author, one.author_name) = (ctx.account_id(), ctx.author_name().to_owned());
        }
        save(&mut change.tx, office.tenant, &one).await.map_err(db_error)?;
        change.happened(ctx, Step::Submit, How::System, Some(id), &head.name, &lang::clean(note));
        change.pass(ctx, Stage::Sign, Some((head.id, &head.name)));
        change.finish(ctx, office, "draft.submit", serde_json::json!({"draft": id, "to": head.id})).await.map(drop)
    }

    /// Gives a draft back to its author with what has to be changed.
    ///
    /// # Errors
    /// 403, 404; 409 `draft_moved`; 422 `field_missing`.
    pub async fn return_draft(&self, ctx: &Context, office: &Office, dossier: Uuid, id: Uuid, why: &str) -> Result<(), AppError> {
        office.require(ctx, Hat::Head)?;
        let why: String = lang::clean(why).chars().take(4_000).collect();
        if why.chars().count() < 3 {
            return Err(missing("reason", "Chưa ghi cần sửa gì.", "It is not said what has to be changed."));
        }
        let mut change = self.change_open(ctx, office, dossier, None).await?;
        let one = self.draft_tx(&mut change.tx, office, dossier, id).await?;
        if !matches!(one.state, DraftState::Submitted | DraftState::Signed) {
            return Err(wrong_state(&one));
        }
        let one = Draft { state: DraftState::Writing, signer: String::new(), at: calendar::micros(ctx.at), ..one };
        save(&mut change.tx, office.tenant, &one).await.map_err(db_error)?;
        self.add_word(&mut change.tx, ctx, office, &one, "return", &why).await?;
        change.happened(ctx, Step::Return, How::System, Some(id), &one.author_name, &why);
        change.dossier.returns += 1;
        change.pass(ctx, Stage::Work, one.author.map(|a| (a, one.author_name.as_str())));
        change.finish(ctx, office, "draft.return", serde_json::json!({"draft": id, "reason": why})).await.map(drop)
    }

    /// Signs a draft: the signed PDF is checked and kept; a signature by hand is only written down, and counts as paper.
    ///
    /// # Errors
    /// 403, 404; 409 `draft_moved`; 422 `signature_…` (see [`signature::Fault`]).
    pub async fn sign_draft(&self, ctx: &Context, office: &Office, dossier: Uuid, id: Uuid, signing: Signing) -> Result<Option<signature::Report>, AppError> {
        office.require(ctx, Hat::Head)?;
        let checked = match signing {
            Signing::ByHand => None,
            Signing::Digital(incoming) => Some(self.checked_pdf(ctx, office, incoming).await?),
        };
        let mut change = self.change_open(ctx, office, dossier, None).await?;
        let one = self.draft_tx(&mut change.tx, office, dossier, id).await?;
        if one.state != DraftState::Submitted {
            return Err(wrong_state(&one));
        }
        let at = calendar::micros(ctx.at);
        let report = match checked {
            None => {
                change.happened(ctx, Step::Sign, How::Paper, Some(id), "", "ký tay");
                None
            }
            Some((incoming, report)) => {
                let said = serde_json::to_string(&report).unwrap_or_default();
                file::keep(&mut change.tx, office.tenant, id, incoming, &Kept { role: "signed", signature: &said, at, who: ctx.author_name() }).await?;
                change.happened(ctx, Step::Sign, How::System, Some(id), &report.signers(), "");
                if report.trusted() {
                    change.happened(ctx, Step::Trusted, How::System, Some(id), &report.signers(), "");
                }
                Some(report)
            }
        };
        let one = Draft { state: DraftState::Signed, signer: ctx.author_name().to_owned(), at, ..one };
        save(&mut change.tx, office.tenant, &one).await.map_err(db_error)?;
        change.pass(ctx, Stage::Issue, None);
        change
            .finish(
                ctx,
                office,
                "draft.sign",
                serde_json::json!({"draft": id, "digital": report.is_some(), "signers": report.as_ref().map(signature::Report::signers)}),
            )
            .await?;
        Ok(report)
    }

    /// Checks the signatures of an uploaded PDF against the trust list of the province.
    async fn checked_pdf(&self, ctx: &Context, office: &Office, mut incoming: Incoming) -> Result<(Incoming, signature::Report), AppError> {
        let bytes =
            incoming.bytes(signature::MOST)?.filter(|b| FileKind::of(b) == Ok(FileKind::Pdf)).ok_or_else(|| AppError::from(signature::Fault::NotPdf))?;
        let trust = trust::certificates(self.db(), self.rule_tenant(office.unit, office.tenant)).await.map_err(db_error)?;
        let at = ctx.at;
        let checked = tokio::task::spawn_blocking(move || signature::verify(&bytes, &trust, at)).await;
        let report = checked.map_err(|_| AppError::from(signature::Fault::Unreadable))??;
        Ok((incoming, report))
    }

    /// Issues a signed draft: it takes its number, stands in the register and in the dossier. A PDF with the agency's own
    /// signature, put on with the number, may come with it and is checked too.
    ///
    /// # Errors
    /// 403, 404; 409 `draft_moved`; 422.
    pub async fn issue_draft(&self, ctx: &Context, office: &Office, dossier: Uuid, id: Uuid, how: Issuing) -> Result<Document, AppError> {
        office.require(ctx, Hat::Clerk)?;
        let sealed = match how.sealed {
            Some(incoming) => Some(self.checked_pdf(ctx, office, incoming).await?),
            None => None,
        };
        let mut change = self.change_open(ctx, office, dossier, None).await?;
        let one = self.draft_tx(&mut change.tx, office, dossier, id).await?;
        if one.state != DraftState::Signed {
            return Err(wrong_state(&one));
        }
        let new = NewDocument {
            kind: one.kind.clone(),
            title: one.title.clone(),
            party: one.recipients.clone(),
            signer: one.signer.clone(),
            urgency: one.urgency,
            part: how.part,
            reserved: how.reserved,
            ..NewDocument::default()
        };
        let Issued { document } = self.issue_in(&mut change.tx, ctx, office, new, Some(dossier)).await?;
        if let Some((incoming, report)) = sealed {
            let said = serde_json::to_string(&report).unwrap_or_default();
            file::keep(&mut change.tx, office.tenant, id, incoming, &Kept { role: "signed", signature: &said, at: document.at, who: ctx.author_name() })
                .await?;
        }
        file::hand_over(&mut change.tx, office.tenant, id, document.id).await.map_err(db_error)?;
        self.index_document(&mut change.tx, office, &document, &[]).await?;
        save(&mut change.tx, office.tenant, &Draft { state: DraftState::Issued, document: Some(document.id), at: document.at, ..one.clone() })
            .await
            .map_err(db_error)?;
        change.happened(ctx, Step::Issue, How::System, Some(document.id), &one.recipients, &document.symbol);
        change.happened(ctx, Step::File, How::System, Some(document.id), "", &document.symbol);
        change.pass(ctx, Stage::Close, one.author.map(|a| (a, one.author_name.as_str())));
        change.finish(ctx, office, "draft.issue", serde_json::json!({"draft": id, "symbol": document.symbol})).await?;
        Ok(document)
    }

    /// Gives up a draft that is being written.
    ///
    /// # Errors
    /// 404; 409 `draft_moved`.
    pub async fn drop_draft(&self, ctx: &Context, office: &Office, dossier: Uuid, id: Uuid) -> Result<(), AppError> {
        let mut change = self.change_open(ctx, office, dossier, None).await?;
        let one = self.draft_tx(&mut change.tx, office, dossier, id).await?;
        if one.state != DraftState::Writing {
            return Err(wrong_state(&one));
        }
        save(&mut change.tx, office.tenant, &Draft { state: DraftState::Dropped, at: calendar::micros(ctx.at), ..one }).await.map_err(db_error)?;
        change.finish(ctx, office, "draft.drop", serde_json::json!({"draft": id})).await.map(drop)
    }
}
