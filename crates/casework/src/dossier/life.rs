//! The life of a dossier: opened, given to somebody, closed, archived.

use super::step::{How, Step, Trace};
use super::store::{self, Dossier, State};
use super::{Change, ListItem, Stage, due_text};
use crate::Casework;
use crate::document::file::{self, Incoming, Kept};
use crate::document::{Hat, Office};
use crate::register::{document_unknown, store as registers};
use access::{Context, audit, db_error, lock_tenant};
use jiff::civil::Date;
use ui::AppError;
use uuid::Uuid;

/// A dossier to be opened.
#[derive(Clone, Debug, Default)]
pub struct NewDossier {
    /// Number and symbol; with one of the year's list, title and retention come from there when they are left empty.
    pub code: String,
    /// Title.
    pub title: String,
    /// How long it is kept; empty while not known.
    pub retention: String,
    /// Day by which it is to be closed.
    pub due: Option<Date>,
    /// The document that it begins with.
    pub document: Option<Uuid>,
    /// A mark of secrecy, if there is any: the dossier is then refused.
    pub secrecy: String,
}

/// To whom a dossier is given.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The colleague.
    pub to: Uuid,
    /// A new deadline.
    pub due: Option<Date>,
    /// What is expected.
    pub note: String,
}

fn reason(text: &str) -> Result<String, AppError> {
    let text = lang::clean(text);
    if text.chars().count() < 3 {
        return Err(AppError::new("field_missing", 422)
            .say("Chưa ghi lý do.", "The reason is not given.")
            .mend("Ghi một câu ngắn.", "Write a short sentence.")
            .at("reason"));
    }
    Ok(text.chars().take(600).collect())
}

impl Casework {
    /// Opens a dossier; with a document it begins with its registration.
    ///
    /// # Errors
    /// 404; 409 `dossier_exists`; 422 with the field, `secret_refused`.
    pub async fn open_dossier(&self, ctx: &Context, office: &Office, new: &NewDossier) -> Result<Dossier, AppError> {
        office.require_inside(ctx)?;
        if !lang::clean(&new.secrecy).is_empty() {
            return Err(crate::document::secret_refused("secrecy"));
        }
        let year = i64::from(ctx.today().year());
        let mut tx = self.db().begin().await.map_err(db_error)?;
        lock_tenant(&mut tx, office.tenant).await.map_err(db_error)?;
        let code = lang::clean(&new.code);
        let listed = store::list_item(&mut tx, office.tenant, office.id, year, &code).await.map_err(db_error)?;
        let base = listed.unwrap_or_else(|| ListItem { code: code.clone(), ..ListItem::default() });
        let given = |text: &str, otherwise: String| if lang::clean(text).is_empty() { otherwise } else { text.to_owned() };
        let item = ListItem {
            title: given(&new.title, base.title),
            retention: given(&new.retention, base.retention),
            heading: base.heading,
            keeper: base.keeper,
            code,
        };
        let item = item.checked()?;
        if store::is_coded(&mut tx, office.tenant, office.id, year, &item.code).await.map_err(db_error)? {
            return Err(AppError::new("dossier_exists", 409)
                .say(format!("Năm {year} đã có hồ sơ số {}.", item.code), format!("There is a dossier {} of {year} already.", item.code))
                .mend("Mở hồ sơ đó, hoặc chọn số khác.", "Open that dossier, or choose another code.")
                .at("code"));
        }
        let at = calendar::micros(ctx.at);
        // What is opened outside of the list belongs to it from then on.
        store::save_item(&mut tx, office.tenant, office.id, year, &item, at, ctx.author_name()).await.map_err(db_error)?;
        let dossier = Dossier {
            id: Uuid::now_v7(),
            office: office.id,
            unit: office.unit,
            year,
            code: item.code,
            title: item.title,
            retention: item.retention,
            state: State::Open,
            opened_on: ctx.today().to_string(),
            due: due_text(new.due),
            closed_on: String::new(),
            archived_on: String::new(),
            holder: None,
            holder_name: String::new(),
            stage: Stage::Assign.word().to_owned(),
            since: at,
            seq: 0,
            trace: Trace::default(),
            returns: 0,
        };
        store::add(&mut tx, office.tenant, &dossier).await.map_err(db_error)?;
        super::search::index(&mut tx, office.tenant, super::search::DOSSIER, office.id, dossier.id, &[&dossier.title, &dossier.code])
            .await
            .map_err(db_error)?;
        let mut change = Change { tx, seen: 0, dossier, events: Vec::new() };
        change.happened(ctx, Step::Open, How::System, None, "", "");
        if let Some(document) = new.document {
            self.put_in(&mut change, ctx, office, document).await?;
        }
        // Whoever opens one for themselves has it; a head or a clerk gives it to somebody.
        if !office.wears(ctx, Hat::Head)
            && new.document.is_none()
            && let Some(account) = ctx.account_id()
        {
            change.pass(ctx, Stage::Work, Some((account, ctx.author_name())));
        }
        let detail = serde_json::json!({"code": change.dossier.code, "title": change.dossier.title, "document": new.document});
        change.finish(ctx, office, "dossier.open", detail).await
    }

    /// Puts a registered document into a dossier.
    async fn put_in(&self, change: &mut Change, ctx: &Context, office: &Office, document: Uuid) -> Result<(), AppError> {
        let id = change.dossier.id;
        let found = registers::one_tx(&mut change.tx, office.tenant, document).await.map_err(db_error)?;
        let found = found.filter(|d| d.office == office.id).ok_or_else(document_unknown)?;
        if !registers::link(&mut change.tx, office.tenant, document, id).await.map_err(db_error)? {
            return Err(AppError::new("document_in_dossier", 409)
                .say("Văn bản này đã nằm trong một hồ sơ khác.", "This document is in another dossier already.")
                .mend("Mở văn bản để xem hồ sơ của nó.", "Open the document to see its dossier."));
        }
        let how = if found.here() { How::System } else { How::Import };
        change.happened(ctx, Step::Register, how, Some(document), "", &found.symbol);
        change.happened(ctx, Step::File, How::System, Some(document), "", &found.symbol);
        if !found.out {
            registers::hand(&mut change.tx, office.tenant, document, calendar::micros(ctx.at), &change.dossier.code).await.map_err(db_error)?;
        }
        Ok(())
    }

    /// Puts a registered document into an open dossier.
    ///
    /// # Errors
    /// 404, 409.
    pub async fn file_document(&self, ctx: &Context, office: &Office, id: Uuid, document: Uuid) -> Result<Dossier, AppError> {
        let mut change = self.change_open(ctx, office, id, None).await?;
        self.put_in(&mut change, ctx, office, document).await?;
        change.finish(ctx, office, "dossier.file", serde_json::json!({"document": document})).await
    }

    /// Adds files that are no registered documents: notes, pictures, annexes.
    ///
    /// # Errors
    /// 404, 409; as [`file::keep`].
    pub async fn attach_to_dossier(&self, ctx: &Context, office: &Office, id: Uuid, files: Vec<Incoming>) -> Result<Dossier, AppError> {
        office.require_inside(ctx)?;
        let files = crate::register::read_texts(files)?;
        if files.is_empty() {
            return Err(AppError::new("file_missing", 422)
                .say("Chưa chọn tệp nào.", "No file is chosen.")
                .mend("Chọn tệp rồi gửi.", "Choose a file and send it.")
                .at("files"));
        }
        let mut change = self.change_open(ctx, office, id, None).await?;
        let at = calendar::micros(ctx.at);
        for (incoming, text) in files {
            let kept = file::keep(&mut change.tx, office.tenant, id, incoming, &Kept::plain("attachment", at, ctx.author_name())).await?;
            super::search::index(&mut change.tx, office.tenant, super::search::DOSSIER, office.id, id, &[&kept.name, &text]).await.map_err(db_error)?;
            change.happened(ctx, Step::File, How::System, None, "", &kept.name);
        }
        change.finish(ctx, office, "dossier.attach", serde_json::json!({})).await
    }

    /// Gives a dossier to a colleague. A head may take it from whoever has it; a holder may pass on their own.
    ///
    /// # Errors
    /// 403 `hat_required`; 404; 409 `dossier_moved`; 422 `colleague_unknown`.
    pub async fn assign_dossier(&self, ctx: &Context, office: &Office, id: Uuid, seen: Option<i64>, given: &Given) -> Result<Dossier, AppError> {
        office.require_inside(ctx)?;
        let people = self.colleagues(ctx, office).await?;
        let to = people.into_iter().find(|c| c.id == given.to).ok_or_else(|| {
            AppError::new("colleague_unknown", 422)
                .say("Người này không làm việc ở cơ quan.", "This person does not work in the office.")
                .mend("Chọn trong danh sách.", "Choose from the list.")
                .at("to")
        })?;
        let mut change = self.change_open(ctx, office, id, seen).await?;
        if !(ctx.account_id().is_some() && change.dossier.holder == ctx.account_id()) {
            office.require(ctx, Hat::Head)?;
        }
        if let Some(due) = given.due {
            change.dossier.due = due.to_string();
        }
        change.happened(ctx, Step::Assign, How::System, None, &to.name, &lang::clean(&given.note));
        change.pass(ctx, Stage::Work, Some((to.id, &to.name)));
        change.finish(ctx, office, "dossier.assign", serde_json::json!({"to": to.id, "name": to.name})).await
    }

    /// Gives many dossiers to one colleague. Those that moved meanwhile are left out; their ids come back.
    ///
    /// # Errors
    /// As [`Casework::assign_dossier`], of what concerns them all.
    pub async fn assign_dossiers(&self, ctx: &Context, office: &Office, ids: &[Uuid], to: Uuid) -> Result<Vec<Uuid>, AppError> {
        office.require(ctx, Hat::Head)?;
        let mut left = Vec::new();
        for id in ids.iter().take(200) {
            match self.assign_dossier(ctx, office, *id, None, &Given { to, ..Given::default() }).await {
                Ok(_) => {}
                Err(error) if matches!(error.status, 404 | 409) => left.push(*id),
                Err(error) => return Err(error),
            }
        }
        Ok(left)
    }

    /// Writes an opinion into a dossier.
    ///
    /// # Errors
    /// 404, 409; 422 `field_missing`.
    pub async fn opinion(&self, ctx: &Context, office: &Office, id: Uuid, text: &str) -> Result<Dossier, AppError> {
        let text = reason(text)?;
        let mut change = self.change_open(ctx, office, id, None).await?;
        change.happened(ctx, Step::Opinion, How::System, None, "", &text);
        change.finish(ctx, office, "dossier.opinion", serde_json::json!({})).await
    }

    /// Writes down that a step was done on paper. The dossier then no longer counts as handled on the network.
    ///
    /// # Errors
    /// 404, 409; 422 `step_invalid`, `field_missing`.
    pub async fn on_paper(&self, ctx: &Context, office: &Office, id: Uuid, step: Step, note: &str) -> Result<Dossier, AppError> {
        let note = reason(note)?;
        if !Step::ON_PAPER.contains(&step) {
            return Err(AppError::new("step_invalid", 422)
                .say("Bước này không ghi nhận làm trên giấy được.", "This step cannot be recorded as done on paper.")
                .mend("Chọn bước khác.", "Choose another step.")
                .at("step"));
        }
        let mut change = self.change_open(ctx, office, id, None).await?;
        change.happened(ctx, step, How::Paper, None, "", &note);
        change.finish(ctx, office, "dossier.on_paper", serde_json::json!({"step": step.word()})).await
    }

    /// Closes a dossier; the share of its unit is published in the same transaction.
    ///
    /// # Errors
    /// 403 for whoever neither holds it nor is the head; 409 `draft_unfinished`, `dossier_moved`.
    pub async fn close_dossier(&self, ctx: &Context, office: &Office, id: Uuid, seen: Option<i64>) -> Result<Dossier, AppError> {
        let mut change = self.change_open(ctx, office, id, seen).await?;
        if !(ctx.account_id().is_some() && change.dossier.holder == ctx.account_id()) {
            office.require(ctx, Hat::Head)?;
        }
        if super::draft::unfinished(&mut change.tx, office.tenant, id).await.map_err(db_error)? {
            return Err(AppError::new("draft_unfinished", 409)
                .say("Hồ sơ còn dự thảo chưa phát hành.", "A draft in this dossier is not issued yet.")
                .mend("Phát hành hoặc bỏ dự thảo rồi kết thúc hồ sơ.", "Issue the draft or give it up, then close the dossier."));
        }
        change.happened(ctx, Step::Close, How::System, None, "", "");
        change.dossier.state = State::Closed;
        change.dossier.closed_on = ctx.today().to_string();
        change.pass(ctx, Stage::Done, None);
        change.write(ctx, office).await?;
        self.publish_share(&mut change.tx, ctx, office.tenant, office.unit, ctx.today()).await?;
        let dossier = change.finish(ctx, office, "dossier.close", serde_json::json!({})).await?;
        self.figures().tell();
        Ok(dossier)
    }

    /// Opens a closed dossier again.
    ///
    /// # Errors
    /// 403 for whoever is not the head; 409 `dossier_archived`; 422 `field_missing`.
    pub async fn reopen_dossier(&self, ctx: &Context, office: &Office, id: Uuid, why: &str) -> Result<Dossier, AppError> {
        office.require(ctx, Hat::Head)?;
        let why = reason(why)?;
        let mut change = self.change(ctx, office, id, None).await?;
        if change.dossier.state != State::Closed {
            return Err(AppError::new("dossier_archived", 409)
                .say("Chỉ mở lại được hồ sơ đã kết thúc mà chưa nộp lưu trữ.", "Only a closed dossier that is not with the archive can be opened again.")
                .mend("", ""));
        }
        let closed = change.dossier.closed_on.parse::<Date>().unwrap_or(ctx.today());
        change.happened(ctx, Step::Return, How::System, None, "", &why);
        change.dossier.state = State::Open;
        change.dossier.closed_on = String::new();
        change.pass(ctx, Stage::Assign, None);
        change.write(ctx, office).await?;
        self.publish_share(&mut change.tx, ctx, office.tenant, office.unit, closed).await?;
        let dossier = change.finish(ctx, office, "dossier.reopen", serde_json::json!({"reason": why})).await?;
        self.figures().tell();
        Ok(dossier)
    }

    /// Hands closed dossiers to the archive.
    ///
    /// # Errors
    /// 403; 409 `dossier_not_closed` naming the first that is not closed. Nothing is handed over then.
    pub async fn archive(&self, ctx: &Context, office: &Office, ids: &[Uuid], basis: &str) -> Result<usize, AppError> {
        office.require(ctx, Hat::Clerk)?;
        let basis = lang::clean(basis);
        let mut tx = self.db().begin().await.map_err(db_error)?;
        lock_tenant(&mut tx, office.tenant).await.map_err(db_error)?;
        let mut count = 0;
        for id in ids.iter().take(500) {
            let dossier =
                store::one_tx(&mut tx, office.tenant, *id).await.map_err(db_error)?.filter(|d| d.office == office.id).ok_or_else(super::dossier_unknown)?;
            if dossier.state != State::Closed {
                return Err(AppError::new("dossier_not_closed", 409)
                    .say(
                        format!("Hồ sơ {} chưa kết thúc hoặc đã nộp.", dossier.code),
                        format!("The dossier {} is not closed, or was handed over before.", dossier.code),
                    )
                    .mend("Bỏ chọn hồ sơ này.", "Leave this one out."));
            }
            let mut change = Change { tx, seen: dossier.seq, dossier, events: Vec::new() };
            change.happened(ctx, Step::Archive, How::System, None, "", &basis);
            change.dossier.state = State::Archived;
            change.dossier.archived_on = ctx.today().to_string();
            change.write(ctx, office).await?;
            count += 1;
            tx = change.tx;
        }
        audit(&mut tx, ctx, office.tenant, "dossier.archive", &office.id.to_string(), serde_json::json!({"count": count, "basis": basis}))
            .await
            .map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        Ok(count)
    }

    /// Notes in a dossier that its document was sent; for the sending itself.
    pub(crate) async fn sent_in(&self, tx: &mut db::Tx, ctx: &Context, office: &Office, id: Uuid, document: Uuid, to: &str) -> Result<(), AppError> {
        let Some(mut dossier) = store::one_tx(tx, office.tenant, id).await.map_err(db_error)? else { return Ok(()) };
        let seen = dossier.seq;
        dossier.seq += 1;
        // What is sent after closing is written down, but the closed dossier keeps the trace it was counted with.
        if dossier.state == State::Open {
            dossier.trace = dossier.trace.with(Step::Send, How::System);
        } else {
            return Ok(());
        }
        let event = store::Event {
            seq: dossier.seq,
            at: calendar::micros(ctx.at),
            who_name: ctx.author_name().to_owned(),
            step: Step::Send,
            how: How::System,
            document: Some(document),
            to_name: to.chars().take(600).collect(),
            note: String::new(),
        };
        store::save(tx, office.tenant, &dossier, seen).await.map_err(db_error)?;
        store::add_event(tx, office.tenant, id, ctx.account_id(), &event).await.map_err(db_error)
    }
}
