//! The rights of people over their data (Law 91/2025/QH15): to have it mended, and to have it erased where no task needs it.

use super::account::{not_found, refuse_own};
use crate::access::Access;
use crate::audit::{ERASE_ACT, audit, lock_tenant};
use crate::context::Context;
use crate::error::db_error;
use crate::role::Role;
use crate::secret::token;
use crate::store::{account, audit as audit_store, organisation, passkey, right as store, second, session, sign_on};
use db::Tx;
use serde_json::json;
use ui::AppError;
use uuid::Uuid;

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// The name is wrong; mended by accepting.
    Name,
    /// Something else is wrong; mended on its own page, then said.
    Other,
    /// Everything that tells who one was is to go.
    Erase,
}

impl Ask {
    /// All, in the order of the form.
    pub const ALL: [Ask; 3] = [Ask::Name, Ask::Other, Ask::Erase];

    /// The word in forms and in the database.
    pub fn word(self) -> &'static str {
        match self {
            Ask::Name => "name",
            Ask::Other => "other",
            Ask::Erase => "erase",
        }
    }

    /// Read from its word.
    pub fn parse(word: &str) -> Option<Ask> {
        Ask::ALL.into_iter().find(|ask| ask.word() == word)
    }

    /// On the screen.
    pub fn label(self, l: ui::Lang) -> &'static str {
        match self {
            Ask::Name => l.t("Đính chính họ tên", "Mend my name"),
            Ask::Other => l.t("Đính chính thông tin khác", "Mend something else"),
            Ask::Erase => l.t("Xóa dữ liệu của tôi", "Erase my data"),
        }
    }
}

/// A request as people see it.
#[derive(Clone, Debug)]
pub struct DataRequest {
    /// Id.
    pub id: Uuid,
    /// Whose data.
    pub account: Uuid,
    /// Their name today.
    pub name: String,
    /// What is asked.
    pub ask: Ask,
    /// What is wrong, or why.
    pub said: String,
    /// What is right.
    pub wanted: String,
    /// Where that can be seen.
    pub proof: String,
    /// When, microseconds UTC.
    pub at: i64,
    /// Open; done; refused.
    pub done: Option<bool>,
    /// The answer, by whom and when.
    pub answer: String,
    /// Who answered.
    pub answered_name: String,
}

fn view(row: store::RequestRow, name: String) -> DataRequest {
    DataRequest {
        id: row.id,
        account: row.account,
        name,
        ask: Ask::parse(&row.request).unwrap_or(Ask::Other),
        said: row.said,
        wanted: row.wanted,
        proof: row.proof,
        at: row.at,
        done: (row.state > 0).then_some(row.state == 1),
        answer: row.answer,
        answered_name: row.answered_name,
    }
}

fn words(text: &str, at: &'static str, least: usize) -> Result<String, AppError> {
    let text = lang::clean(text);
    if (least..=500).contains(&text.chars().count()) {
        return Ok(text);
    }
    Err(AppError::new("words_missing", 422)
        .say("Ô này cần ghi rõ, không quá 500 ký tự.", "This has to be filled in, with at most 500 characters.")
        .mend("Viết ngắn, đủ để người quản trị hiểu và kiểm tra được.", "Write briefly, enough for the administrator to understand and check.")
        .at(at))
}

impl Access {
    /// Asks the administrators of one's unit to mend or erase what is kept of oneself.
    ///
    /// # Errors
    /// 401/403; 403 `demo_account`; 422 `words_missing` with the field; 409 `asked_before`.
    pub async fn ask_about_data(&self, ctx: &Context, ask: Ask, said: &str, wanted: &str, proof: &str) -> Result<(), AppError> {
        ctx.require_person()?;
        let Some(id) = ctx.account_id() else { return Err(not_found()) };
        let row = store::RequestRow {
            id: Uuid::now_v7(),
            account: id,
            request: ask.word().to_owned(),
            said: words(said, "said", 3)?,
            wanted: words(wanted, "wanted", if ask == Ask::Erase { 0 } else { 1 })?,
            proof: words(proof, "proof", 0)?,
            at: ctx.at.as_microsecond(),
            state: 0,
            answer: String::new(),
            answered_at: None,
            answered_name: String::new(),
        };
        let tx = self.begin().await?;
        if store::of(self.db(), id).await.map_err(db_error)?.iter().any(|r| r.state == 0 && r.request == row.request) {
            return Err(AppError::new("asked_before", 409)
                .say("Bạn đã gửi yêu cầu như vậy và chưa có trả lời.", "You have asked for that already and there is no answer yet.")
                .mend("Chờ trả lời, hoặc gọi người quản trị của đơn vị.", "Wait for the answer, or call the administrator of your unit."));
        }
        let mut tx = tx;
        store::add(&mut tx, &row).await.map_err(db_error)?;
        self.act(tx, ctx, "personal.ask", id, json!({"request": row.id, "ask": row.request})).await
    }

    /// One's own requests, the newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn own_data_requests(&self, ctx: &Context) -> Result<Vec<DataRequest>, AppError> {
        let Some(id) = ctx.account_id() else { return Ok(Vec::new()) };
        Ok(store::of(self.db(), id).await.map_err(db_error)?.into_iter().map(|row| view(row, ctx.author_name().to_owned())).collect())
    }

    /// Open requests of the people that the caller administers, the oldest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn data_requests(&self, ctx: &Context) -> Result<Vec<DataRequest>, AppError> {
        if !ctx.may_somewhere(Role::Administrator) {
            return Ok(Vec::new());
        }
        let today = ctx.today();
        let open = store::open(self.db()).await.map_err(db_error)?;
        let mine = open.into_iter().filter(|(row, _, unit)| ctx.account_id() != Some(row.account) && ctx.may(Role::Administrator, &self.path(*unit, today)));
        Ok(mine.map(|(row, name, _)| view(row, name)).collect())
    }

    /// Answers a request. Accepting a name changes it; accepting an erasure closes the account and takes away who it was.
    ///
    /// # Errors
    /// 401/403/404 as [`Access::disable`]; 409 `answered_before`, `still_needed`; 422 `words_missing`.
    pub async fn answer_data_request(&self, ctx: &Context, id: Uuid, accept: bool, answer: &str) -> Result<(), AppError> {
        let mut tx = self.begin().await?;
        let row = store::one(&mut tx, id).await.map_err(db_error)?.ok_or_else(not_found)?;
        drop(tx);
        let (mut tx, account) = self.managed(ctx, row.account).await?;
        refuse_own(ctx, row.account)?;
        if accept && account.demo {
            return Err(super::account::demo_account());
        }
        let ask = Ask::parse(&row.request).unwrap_or(Ask::Other);
        // Refusing needs a reason; "something else" is mended elsewhere, and the answer says how.
        let answer = words(answer, "answer", if accept && ask != Ask::Other { 0 } else { 3 })?;
        let state = if accept { 1 } else { 2 };
        if !store::answer(&mut tx, id, state, &answer, ctx.at.as_microsecond(), ctx.author_name()).await.map_err(db_error)? {
            return Err(AppError::new("answered_before", 409)
                .say("Yêu cầu này đã có người trả lời.", "Somebody has answered this request already.")
                .mend("Tải lại trang.", "Reload the page."));
        }
        let mut detail = json!({"request": id, "ask": row.request, "accepted": accept});
        match ask {
            Ask::Name if accept => {
                let name = super::account::clean_name(&row.wanted)?;
                account::rename(&mut tx, row.account, &name).await.map_err(db_error)?;
                detail = json!({"request": id, "ask": row.request, "accepted": accept, "from": account.name, "to": name});
            }
            Ask::Erase if accept => {
                self.refuse_needed(&mut tx, ctx, row.account).await?;
                self.erase_account(&mut tx, ctx, row.account).await?;
            }
            _ => {}
        }
        self.act(tx, ctx, "personal.answer", row.account, detail).await
    }

    /// Whoever holds a role or a post is needed: their data are the record of who may do what.
    async fn refuse_needed(&self, tx: &mut Tx, ctx: &Context, id: Uuid) -> Result<(), AppError> {
        let today = ctx.today();
        let busy = !account::grants_open(tx, id, today).await.map_err(db_error)?.is_empty()
            || !organisation::held_in(tx, id, today).await.map_err(db_error)?.is_empty();
        if !busy {
            return Ok(());
        }
        Err(AppError::new("still_needed", 409)
            .say(
                "Người này còn vai trò hoặc chức vụ: dữ liệu còn cần cho nhiệm vụ được giao nên chưa xóa được.",
                "This person still holds a role or a post: the data are needed for that task and cannot be erased yet.",
            )
            .mend("Kết thúc vai trò, chức vụ trước; hoặc từ chối và ghi rõ lý do.", "End the roles and posts first; or refuse and say why."))
    }

    /// Takes away everything that tells who an account was. Acts keep pointing to it: the law wants to know that they were one
    /// person's, and the audit keeps who did them until its own term.
    pub(crate) async fn erase_account(&self, tx: &mut Tx, ctx: &Context, id: Uuid) -> Result<(), AppError> {
        let at = ctx.at.as_microsecond();
        let hash = self.inner.hasher.hash(&token()?).await?;
        let login = format!("erased-{}", id.simple());
        store::anonymise(tx, id, "Người dùng đã xóa", &login, &hash, at).await.map_err(db_error)?;
        second::drop_totp(tx, id).await.map_err(db_error)?;
        passkey::end_all(tx, id).await.map_err(db_error)?;
        sign_on::end_all(tx, id).await.map_err(db_error)?;
        second::distrust(tx, id).await.map_err(db_error)?;
        session::end_others(tx, id, Uuid::nil()).await.map_err(db_error)?;
        session::end_tokens(tx, id).await.map_err(db_error)?;
        // Lines about the account carry its login and names; what they did about themselves is no act of an office.
        let centre = self.inner.options.centre;
        let about = audit_store::of_subject(self.db(), centre, &format!("account/{id}"), i64::MAX, 10_000).await.map_err(db_error)?;
        let of_them = |line: &&audit_store::Told| line.act.starts_with("account.") || line.act == "personal.answer" || line.who_id == Some(id);
        let lines: Vec<i64> = about.iter().filter(of_them).map(|line| line.seq).collect();
        self.erase_lines(tx, ctx, centre, &lines, &format!("account/{id}"), "yêu cầu hoặc hết thời hạn lưu").await
    }

    /// Takes the contents of lines of the audit away and says so in the same chain, which still closes.
    pub(crate) async fn erase_lines(&self, tx: &mut Tx, ctx: &Context, tenant: Uuid, lines: &[i64], subject: &str, why: &str) -> Result<(), AppError> {
        lock_tenant(tx, tenant).await.map_err(db_error)?;
        let mut gone = Vec::new();
        for seq in lines {
            if audit_store::erase(tx, tenant, *seq, ctx.at.as_microsecond()).await.map_err(db_error)? {
                gone.push(*seq);
            }
        }
        if gone.is_empty() {
            return Ok(());
        }
        audit(tx, ctx, tenant, ERASE_ACT, subject, json!({"lines": gone, "why": why})).await.map_err(db_error)
    }
}
