//! What happens to evidence afterwards: unlinking, describing, opening.

use super::add::infected;
use super::{About, Library, Piece, Scan, Subject, Use};
use crate::service::unknown_unit;
use crate::store::{self as ledger, evidence as store};
use access::{Context, Role, db_error};
use ui::AppError;
use uuid::Uuid;

impl Library {
    /// Unlinks evidence from a subject with a reason; the line that linked it stays, and so does the file.
    ///
    /// # Errors
    /// What entering the figure would say; 422 `reason_required`, 404 when it is not linked.
    pub async fn unlink(&self, ctx: &Context, subject: &Subject, id: Uuid, reason: &str) -> Result<(), AppError> {
        let known = self.require_adding(ctx, subject).await?;
        let reason: String = lang::clean(reason).chars().take(500).collect();
        if reason.chars().count() < 3 {
            return Err(AppError::new("reason_required", 422)
                .say("Gỡ minh chứng phải có lý do.", "Unlinking evidence needs a reason.")
                .mend("Ghi vì sao tệp này không còn là minh chứng.", "Say why this no longer proves it.")
                .at("reason"));
        }
        let tenant = self.figures.places().atlas().unit(subject.unit()).map(|u| u.tenant).ok_or_else(unknown_unit)?;
        let mut tx = self.figures.db().begin().await.map_err(db_error)?;
        access::lock_tenant(&mut tx, tenant).await.map_err(db_error)?;
        if let Some(known) = &known {
            self.figures.require_open(&mut tx, &self.figures.places().atlas(), known, subject.unit(), subject.period()).await?;
        }
        let held = store::of_subject_tx(&mut tx, tenant, subject).await.map_err(db_error)?;
        let Some(piece) = held.iter().find(|p| p.id == id) else { return Err(AppError::new("not_found", 404)) };
        let act = self.figures.act(ctx, "form", "gỡ minh chứng");
        store::change_use(&mut tx, tenant, subject, id, -1, &reason, &act).await.map_err(db_error)?;
        ledger::add_act(&mut tx, &[tenant], &act).await.map_err(db_error)?;
        let detail = serde_json::json!({"sha256": piece.sha256, "reason": reason});
        access::audit(&mut tx, ctx, tenant, "evidence.remove", &self.key(subject), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)
    }

    /// Writes what a document says about itself: for the officers of the unit that brought it.
    ///
    /// # Errors
    /// 403 `role_required`, 422 `date_order`, 404.
    pub async fn describe(&self, ctx: &Context, via: Uuid, id: Uuid, about: &About) -> Result<(), AppError> {
        let piece = self.piece(ctx, via, id).await?;
        if !self.figures.may(ctx, Role::Officer, piece.unit) {
            ctx.require(Role::Officer, &[])?;
        }
        let about = about.tidy();
        if let (Some(from), Some(to)) = (about.issued, about.valid_until)
            && to < from
        {
            return Err(AppError::new("date_order", 422)
                .say("Ngày hết hiệu lực trước ngày văn bản.", "It ends before its own date.")
                .mend("Xem lại hai ngày.", "Check the two dates.")
                .at("valid_until"));
        }
        let mut tx = self.figures.db().begin().await.map_err(db_error)?;
        access::lock_tenant(&mut tx, piece.tenant).await.map_err(db_error)?;
        store::describe(&mut tx, piece.tenant, id, &about).await.map_err(db_error)?;
        let said = |a: &About| serde_json::json!({"number": a.number, "issued": a.issued.map(|d| d.to_string()), "issuer": a.issuer, "valid_until": a.valid_until.map(|d| d.to_string())});
        let detail = serde_json::json!({"sha256": piece.sha256, "before": said(&piece.about), "after": said(&about)});
        access::audit(&mut tx, ctx, piece.tenant, "evidence.describe", &id.to_string(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)
    }

    /// One piece, for those who may look into the unit that brought it or into one that uses it. `via` is any unit of its tenant.
    ///
    /// # Errors
    /// 404 for everybody else.
    pub async fn piece(&self, ctx: &Context, via: Uuid, id: Uuid) -> Result<Piece, AppError> {
        ctx.require_signed_in()?;
        let missing = || AppError::new("not_found", 404);
        let tenant = self.figures.places().atlas().unit(via).map(|u| u.tenant).ok_or_else(missing)?;
        let piece = store::file(self.figures.db(), tenant, id).await.map_err(db_error)?.ok_or_else(missing)?;
        if self.figures.may(ctx, Role::Viewer, piece.unit) {
            return Ok(piece);
        }
        let subjects = store::live_uses(self.figures.db(), tenant, id).await.map_err(db_error)?;
        if subjects.iter().any(|s| self.figures.may(ctx, Role::Viewer, s.unit())) { Ok(piece) } else { Err(missing()) }
    }

    /// Where a piece is used and was used: the lines about units that the reader may look into, in order of time.
    ///
    /// # Errors
    /// What the database says.
    pub async fn uses(&self, ctx: &Context, piece: &Piece) -> Result<Vec<Use>, AppError> {
        let all = store::uses(self.figures.db(), piece.tenant, piece.id).await.map_err(db_error)?;
        Ok(all.into_iter().filter(|u| self.figures.may(ctx, Role::Viewer, u.subject.unit())).collect())
    }

    /// The bytes of a piece. With a scanner configured nothing is given out before it is clean.
    ///
    /// # Errors
    /// As [`Library::piece`]; 409 `evidence_unscanned`, 422 `evidence_infected`; 404 for a link.
    pub async fn open(&self, ctx: &Context, via: Uuid, id: Uuid) -> Result<(Piece, Vec<u8>), AppError> {
        let piece = self.piece(ctx, via, id).await?;
        let bytes = self.bytes(&piece).await?;
        Ok((piece, bytes))
    }

    /// The bytes of a piece for callers that have decided that the reader may see it.
    ///
    /// # Errors
    /// 409 `evidence_unscanned`, 422 `evidence_infected`; 404 for a link.
    pub async fn bytes(&self, piece: &Piece) -> Result<Vec<u8>, AppError> {
        if piece.scan == Scan::Infected {
            return Err(infected(&piece.name));
        }
        if !self.served(piece.scan) {
            return Err(AppError::new("evidence_unscanned", 409)
                .say("Tệp này chưa được quét vi-rút nên chưa mở được.", "This file has not been scanned for viruses yet.")
                .mend("Đợi ít phút rồi tải lại trang.", "Wait a few minutes and load the page again."));
        }
        store::content(self.figures.db(), piece.tenant, piece.id).await.map_err(db_error)?.ok_or_else(|| AppError::new("not_found", 404))
    }
}
