//! How long personal data are kept: terms entered with the document that sets them, and the job that takes away what is past them.
//! Where no term is entered nothing goes.

use crate::access::Access;
use crate::audit::audit_tenants;
use crate::context::Context;
use crate::error::db_error;
use crate::role::Role;
use crate::store::right as store;
use serde_json::json;
use ui::AppError;

const DAY: i64 = 86_400_000_000;
/// Rows of one transaction.
const ROUND: i64 = 500;

/// What has a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Accounts after they were closed.
    Accounts,
    /// What the audit says of who did something and from where.
    Audit,
}

impl Kept {
    /// All.
    pub const ALL: [Kept; 2] = [Kept::Accounts, Kept::Audit];

    /// The word in forms and in the database.
    pub fn word(self) -> &'static str {
        match self {
            Kept::Accounts => "accounts",
            Kept::Audit => "audit",
        }
    }

    /// On the screen.
    pub fn label(self, l: ui::Lang) -> &'static str {
        match self {
            Kept::Accounts => l.t("Tài khoản đã khóa: họ tên, tên đăng nhập", "Closed accounts: name, login"),
            Kept::Audit => l.t("Nhật ký: người làm, thiết bị, địa chỉ, nội dung", "Audit: who, device, address, contents"),
        }
    }
}

/// A term in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Of what.
    pub kept: Kept,
    /// Days after closing, or after the act.
    pub days: i64,
    /// The document that sets it.
    pub basis: String,
    /// Who entered it.
    pub entered_name: String,
}

/// What is past its term, or was taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overdue {
    /// Accounts.
    pub accounts: u64,
    /// Lines of the audit.
    pub lines: u64,
}

impl Access {
    /// The terms in force.
    ///
    /// # Errors
    /// What the database says.
    pub async fn retention_terms(&self) -> Result<Vec<Term>, AppError> {
        let rows = store::terms(self.db()).await.map_err(db_error)?;
        let read = |row: store::TermRow| {
            let kept = Kept::ALL.into_iter().find(|k| k.word() == row.kind)?;
            Some(Term { kept, days: row.days, basis: row.basis, entered_name: row.entered_name })
        };
        Ok(rows.into_iter().filter_map(read).collect())
    }

    /// Enters the term of a kind, or with `None` takes it back: it is then kept.
    ///
    /// # Errors
    /// 401/403 unless the caller administers the centre; 422 `days_invalid`, `basis_missing`.
    pub async fn set_retention(&self, ctx: &Context, kept: Kept, days: Option<i64>, basis: &str) -> Result<(), AppError> {
        ctx.require_person()?;
        let centre = self.inner.options.centre;
        ctx.require(Role::Administrator, &self.path(centre, ctx.today()))?;
        let basis = lang::clean(basis);
        let mut tx = self.begin().await?;
        match days {
            None => store::drop_term(&mut tx, kept.word()).await.map_err(db_error)?,
            Some(days) => {
                if !(30..=36_500).contains(&days) {
                    return Err(AppError::new("days_invalid", 422)
                        .say("Thời hạn từ 30 đến 36.500 ngày.", "A term has 30 to 36,500 days.")
                        .mend("Để trống nếu chưa có quy định: dữ liệu được giữ.", "Leave it empty where no rule is known: the data stay.")
                        .at(kept.word()));
                }
                if !(3..=300).contains(&basis.chars().count()) {
                    return Err(AppError::new("basis_missing", 422)
                        .say("Chưa ghi văn bản quy định thời hạn này.", "The document that sets this term is not given.")
                        .mend("Ghi số, ngày, điều khoản của văn bản.", "Give its number, date and clause.")
                        .at(format!("{}_basis", kept.word())));
                }
                let row = store::TermRow {
                    kind: kept.word().to_owned(),
                    days,
                    basis: basis.clone(),
                    entered_at: ctx.at.as_microsecond(),
                    entered_name: ctx.author_name().to_owned(),
                };
                store::set_term(&mut tx, &row).await.map_err(db_error)?;
            }
        }
        self.act(tx, ctx, "personal.term", centre, json!({"kind": kept.word(), "days": days, "basis": basis})).await
    }

    /// How much is past its term now; nothing is touched.
    ///
    /// # Errors
    /// What the database says.
    pub async fn overdue_data(&self, ctx: &Context) -> Result<Overdue, AppError> {
        let mut out = Overdue::default();
        for term in self.retention_terms().await? {
            let before = ctx.at.as_microsecond() - term.days * DAY;
            match term.kept {
                Kept::Accounts => out.accounts = store::overdue(self.db(), before, i64::MAX).await.map_err(db_error)?.len() as u64,
                Kept::Audit => {
                    for tenant in audit_tenants(self.db()).await.map_err(db_error)? {
                        out.lines += u64::try_from(store::old_count(self.db(), tenant, before).await.map_err(db_error)?).unwrap_or(0);
                    }
                }
            }
        }
        Ok(out)
    }

    /// Takes away what is past its term, some hundred rows at a time, so that nobody waits long for it. What was taken.
    ///
    /// # Errors
    /// What the database says; what was taken before stays taken and is written down.
    pub async fn keep_terms(&self, ctx: &Context) -> Result<Overdue, AppError> {
        let mut out = Overdue::default();
        for term in self.retention_terms().await? {
            let before = ctx.at.as_microsecond() - term.days * DAY;
            match term.kept {
                Kept::Accounts => loop {
                    let due = store::overdue(self.db(), before, ROUND).await.map_err(db_error)?;
                    if due.is_empty() {
                        break;
                    }
                    for id in due {
                        let mut tx = self.begin().await?;
                        self.erase_account(&mut tx, ctx, id).await?;
                        self.act(tx, ctx, "personal.expire", id, json!({"days": term.days, "basis": term.basis})).await?;
                        out.accounts += 1;
                    }
                },
                Kept::Audit => {
                    for tenant in audit_tenants(self.db()).await.map_err(db_error)? {
                        loop {
                            let mut tx = self.begin().await?;
                            let lines = store::old_lines(&mut tx, tenant, before, ROUND).await.map_err(db_error)?;
                            if lines.is_empty() {
                                break;
                            }
                            self.erase_lines(&mut tx, ctx, tenant, &lines, "audit", &term.basis).await?;
                            tx.commit().await.map_err(db_error)?;
                            out.lines += lines.len() as u64;
                        }
                    }
                }
            }
        }
        Ok(out)
    }
}
