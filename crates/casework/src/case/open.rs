//! Opening a case.

use super::{CaseRow, EventRow, Fields};
use crate::Casework;
use crate::store::case as store;
use access::{Context, db_error};
use ui::AppError;
use uuid::Uuid;
use work::{CaseRef, NewCase};

impl Casework {
    /// Opens a case; the same id again answers with the case that is there.
    ///
    /// # Errors
    /// 401, 403 `case_not_yours`, 404 `unknown_procedure`, `unknown_unit`, 409 `id_taken`, 422 `wrong_level`, `title_missing`.
    pub async fn open_case(&self, ctx: &Context, new: NewCase) -> Result<CaseRef, AppError> {
        let mut tx = self.db().begin().await.map_err(db_error)?;
        let done = self.open_in(&mut tx, ctx, new).await?;
        tx.commit().await.map_err(db_error)?;
        Ok(done)
    }

    pub(crate) async fn open_in(&self, tx: &mut db::Tx, ctx: &Context, new: NewCase) -> Result<CaseRef, AppError> {
        ctx.require_signed_in()?;
        let (now, today) = (calendar::micros(ctx.at), ctx.today());
        let atlas = self.places().atlas();
        let unit = atlas.unit(new.unit).filter(|u| u.on(today).is_some()).ok_or_else(unknown_unit)?;
        let version = self.library().in_force(&new.procedure, today).ok_or_else(unknown_procedure)?;
        let procedure = &version.procedure;
        if unit.level.word() != procedure.level {
            return Err(AppError::new("wrong_level", 422)
                .say("Quy trình này dành cho đơn vị cấp khác.", "This procedure is for units of another level.")
                .mend("Chọn đúng quy trình cho cấp của đơn vị.", "Choose the procedure of the unit's level.")
                .at("procedure"));
        }
        let title: String = lang::clean(&new.title).chars().take(300).collect();
        if title.is_empty() {
            return Err(AppError::new("title_missing", 422).say("Hồ sơ chưa có tên.", "The case has no title.").at("title"));
        }
        let start = procedure.start().ok_or_else(unknown_procedure)?;
        let by = [start.holder.clone()];
        let Some(acting) = self.acting(ctx, procedure, &by, new.unit) else { return Err(super::acting::not_yours(procedure, &by)) };
        access::lock_tenant(tx, unit.tenant).await.map_err(db_error)?;
        if let Some(there) = store::find_tx(tx, unit.tenant, new.id).await.map_err(db_error)? {
            if there.procedure == new.procedure && there.origin == new.unit {
                return Ok(self.case_ref(&there, ctx.lang));
            }
            return Err(AppError::new("id_taken", 409).say("Mã này đã dùng cho hồ sơ khác.", "This id belongs to another case."));
        }
        let mut fields = Fields::new();
        for (code, value) in new.fields {
            let field = procedure.field(&code).ok_or_else(|| {
                AppError::new("field_not_asked", 422).say(format!("Quy trình không có trường “{code}”."), format!("The procedure has no field “{code}”."))
            })?;
            fields.insert(code, field.accept(value)?);
        }
        let mut case = CaseRow {
            tenant: unit.tenant,
            id: new.id,
            procedure: procedure.code.clone(),
            version: version.number,
            unit: new.unit,
            origin: new.unit,
            title,
            subject: new.subject.chars().take(200).collect(),
            state: start.code.get_ref().clone(),
            open: true,
            seq: 1,
            holder_unit: acting.unit,
            holder: start.holder.clone(),
            assignee_id: ctx.account_id(),
            assignee: ctx.account_id().map(|_| ctx.author_name().to_owned()).unwrap_or_default(),
            fields: fields.clone(),
            opened_at: now,
            opened_by: ctx.author_name().to_owned(),
            entered_at: now,
            ended_at: None,
            due: None,
        };
        let mut clocks = Vec::new();
        let tasks = self.enter(ctx, procedure, &mut case, &mut clocks, start, now);
        store::add(tx, &case).await.map_err(db_error)?;
        let event = EventRow {
            seq: 1,
            at: now,
            who_id: ctx.account_id(),
            who_name: ctx.author_name().to_owned(),
            acting: acting.words,
            kind: "open".into(),
            to: case.state.clone(),
            became: fields,
            ..EventRow::default()
        };
        store::add_event(tx, case.tenant, case.id, &event, None).await.map_err(db_error)?;
        self.keep(tx, &case, &clocks, &tasks).await?;
        let detail = serde_json::json!({"procedure": case.procedure, "version": case.version, "unit": case.unit, "title": case.title});
        access::audit(tx, ctx, case.tenant, "case.open", &case.id.to_string(), detail).await.map_err(db_error)?;
        Ok(self.case_ref(&case, ctx.lang))
    }

    /// The tenant and row of a case that the person may see.
    ///
    /// # Errors
    /// 404 `unknown_case` also for what exists in secret.
    pub(crate) async fn seen_case(&self, ctx: &Context, id: Uuid) -> Result<CaseRow, AppError> {
        ctx.require_signed_in()?;
        let tenant = self.tenant_of(id).await?;
        let case = store::find(self.db(), tenant, id).await.map_err(db_error)?.ok_or_else(unknown_case)?;
        if !self.sees(ctx, case.unit) && !self.takes_part(ctx, &case) {
            return Err(unknown_case());
        }
        Ok(case)
    }

    /// The tenant that keeps a case.
    pub(crate) async fn tenant_of(&self, id: Uuid) -> Result<Uuid, AppError> {
        store::tenant_of(self.db(), id).await.map_err(db_error)?.ok_or_else(unknown_case)
    }

    /// Whether the person is any actor of the case, such as the Front of the same commune.
    fn takes_part(&self, ctx: &Context, case: &CaseRow) -> bool {
        let Some(version) = self.library().version(&case.procedure, case.version) else { return false };
        version.procedure.actor.iter().any(|actor| self.acts_as(ctx, actor, case.unit))
    }
}

pub(crate) fn unknown_case() -> AppError {
    AppError::new("unknown_case", 404).say("Không có hồ sơ này.", "There is no such case.").mend("Mở danh sách hồ sơ của bạn.", "Open the list of your cases.")
}

pub(crate) fn unknown_unit() -> AppError {
    AppError::new("unknown_unit", 404)
        .say("Không có nơi này hôm nay.", "There is no such place today.")
        .mend("Tìm lại theo tên.", "Look it up by name.")
        .at("unit")
}

pub(crate) fn unknown_procedure() -> AppError {
    AppError::new("unknown_procedure", 404)
        .say("Không có quy trình này đang có hiệu lực.", "No such procedure is in force.")
        .mend("Xem danh sách quy trình.", "See the list of procedures.")
        .at("procedure")
}
