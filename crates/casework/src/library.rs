//! Procedures in memory: every version, read once, followed by a counter that other processes move too.

use crate::Casework;
use crate::procedure::{Finding, Procedure, SHIPPED, check, read};
use crate::store::{self, ProcedureRow};
use access::{Context, Role, db_error};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use ui::AppError;

/// The counter of procedures.
pub(crate) const PROCEDURES: &str = "procedures";

/// One version of a procedure.
#[derive(Clone, Debug)]
pub struct Version {
    /// Number.
    pub number: i64,
    /// `draft`, `published` or `retired`.
    pub state: String,
    /// The text.
    pub text: String,
    /// The text read.
    pub procedure: Procedure,
    /// Who entered it.
    pub entered_by: String,
    /// When.
    pub entered_at: i64,
    /// Who published it.
    pub published_by: Option<String>,
    /// When.
    pub published_at: Option<i64>,
}

/// All procedures.
#[derive(Debug, Default)]
pub struct Library {
    versions: BTreeMap<String, Vec<Arc<Version>>>,
}

impl Library {
    fn of(rows: Vec<ProcedureRow>) -> Library {
        let mut versions: BTreeMap<String, Vec<Arc<Version>>> = BTreeMap::new();
        for row in rows {
            match read(&row.body) {
                Ok(procedure) => versions.entry(row.code).or_default().push(Arc::new(Version {
                    number: row.version,
                    state: row.state,
                    text: row.body,
                    procedure,
                    entered_by: row.entered_by,
                    entered_at: row.entered_at,
                    published_by: row.published_by,
                    published_at: row.published_at,
                })),
                // Only what reads is stored; an older program may meet words it does not know.
                Err(finding) => tracing::error!(code = row.code, version = row.version, what = finding.en, "a stored procedure cannot be read"),
            }
        }
        Library { versions }
    }

    /// All codes.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.versions.keys().map(String::as_str)
    }

    /// All versions of a procedure, oldest first.
    pub fn versions(&self, code: &str) -> &[Arc<Version>] {
        self.versions.get(code).map(Vec::as_slice).unwrap_or_default()
    }

    /// A version.
    pub fn version(&self, code: &str, number: i64) -> Option<Arc<Version>> {
        self.versions(code).iter().find(|v| v.number == number).cloned()
    }

    /// The published version.
    pub fn published(&self, code: &str) -> Option<Arc<Version>> {
        self.versions(code).iter().rev().find(|v| v.state == "published").cloned()
    }

    /// The version for cases that are opened on a day.
    pub fn in_force(&self, code: &str, on: Date) -> Option<Arc<Version>> {
        self.published(code).filter(|v| v.procedure.holds_on(on))
    }

    /// The newest version, be it a draft.
    pub fn newest(&self, code: &str) -> Option<Arc<Version>> {
        self.versions(code).last().cloned()
    }
}

impl Casework {
    /// The procedures as last read.
    pub fn library(&self) -> Arc<Library> {
        Arc::clone(&self.inner.library.read().unwrap_or_else(PoisonError::into_inner).1)
    }

    /// Reads the procedures again if somebody changed them.
    pub(crate) async fn refresh_library(&self) -> Result<(), db::DbError> {
        let version = places::store::catalog(self.db(), PROCEDURES).await?.0;
        if self.inner.library.read().unwrap_or_else(PoisonError::into_inner).0 == version {
            return Ok(());
        }
        let library = Library::of(store::procedures(self.db()).await?);
        *self.inner.library.write().unwrap_or_else(PoisonError::into_inner) = (version, Arc::new(library));
        Ok(())
    }

    /// Loads the shipped procedures whose text is new; what an administrator changed here stays in force.
    pub(crate) async fn load_procedures(&self) -> Result<(), db::DbError> {
        let rows = store::procedures(self.db()).await?;
        let at = calendar::micros(self.places().clock().now());
        let mut fresh = Vec::new();
        for text in SHIPPED {
            let procedure = read(text).map_err(|f| db::DbError::defect(format!("a shipped procedure, line {}: {}", f.line, f.en)))?;
            let own: Vec<&ProcedureRow> = rows.iter().filter(|r| r.code == procedure.code).collect();
            let known = own.iter().any(|r| r.body == *text);
            // Somebody here works with a text of their own: ours does not push it aside.
            let theirs = own.iter().any(|r| r.entered_by != SHIPPER);
            if !known && !theirs {
                let number = own.iter().map(|r| r.version).max().unwrap_or(0) + 1;
                let row = ProcedureRow {
                    code: procedure.code.clone(),
                    version: number,
                    state: "draft".into(),
                    body: (*text).to_owned(),
                    entered_by: SHIPPER.into(),
                    entered_at: at,
                    published_by: None,
                    published_at: None,
                };
                fresh.push(row);
            }
        }
        if fresh.is_empty() {
            return Ok(());
        }
        let mut tx = self.db().begin().await?;
        for row in &fresh {
            store::add_procedure(&mut tx, row).await?;
            store::publish(&mut tx, &row.code, row.version, SHIPPER, at).await?;
        }
        places::store::bump(&mut tx, PROCEDURES, "").await?;
        tx.commit().await
    }

    /// What is wrong with a text; the procedure when it can be read at all.
    pub fn examine(&self, text: &str) -> (Option<Procedure>, Vec<Finding>) {
        match read(text) {
            Err(finding) => (None, vec![finding]),
            Ok(procedure) => {
                let facts: Vec<String> = self.board().fact_names().into_iter().map(|f| f.name).chain(KNOWN_FACTS.iter().map(|f| (*f).to_owned())).collect();
                let findings = check(text, &procedure, &facts);
                (Some(procedure), findings)
            }
        }
    }

    /// Keeps a text as a draft: a new version, or the draft that is there. The number of the version.
    ///
    /// # Errors
    /// 403, 422 `procedure_unreadable` with its line.
    pub async fn save_procedure(&self, ctx: &Context, text: &str) -> Result<(String, i64), AppError> {
        self.require_writer(ctx)?;
        let text = text.replace("\r\n", "\n");
        let procedure = read(&text).map_err(|finding| {
            AppError::new("procedure_unreadable", 422)
                .say(format!("Dòng {}: {}", finding.line, finding.vi), format!("Line {}: {}", finding.line, finding.en))
                .mend("Sửa dòng đó rồi lưu lại.", "Mend that line and save again.")
                .at("text")
        })?;
        let (code, at, who) = (procedure.code.clone(), calendar::micros(ctx.at), ctx.author_name().to_owned());
        let mut tx = self.db().begin().await.map_err(db_error)?;
        let tenant = self.places().atlas().nation().unwrap_or_default();
        access::lock_tenant(&mut tx, tenant).await.map_err(db_error)?;
        let newest = store::procedures(self.db()).await.map_err(db_error)?.into_iter().rfind(|r| r.code == code);
        let number = match newest {
            Some(row) if row.state == "draft" => {
                store::save_draft(&mut tx, &code, row.version, &text, &who, at).await.map_err(db_error)?;
                row.version
            }
            other => {
                let number = other.map_or(1, |r| r.version + 1);
                let row = ProcedureRow {
                    code: code.clone(),
                    version: number,
                    state: "draft".into(),
                    body: text,
                    entered_by: who,
                    entered_at: at,
                    published_by: None,
                    published_at: None,
                };
                store::add_procedure(&mut tx, &row).await.map_err(db_error)?;
                number
            }
        };
        places::store::bump(&mut tx, PROCEDURES, "").await.map_err(db_error)?;
        access::audit(&mut tx, ctx, tenant, "procedure.save", &code, serde_json::json!({"version": number})).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        self.refresh_library().await.map_err(db_error)?;
        Ok((code, number))
    }

    /// Publishes a draft, if nothing is wrong with it. Open cases keep their version.
    ///
    /// # Errors
    /// 403, 404 `unknown_procedure`, 409 `not_a_draft`, 422 `procedure_faulty` naming the first finding and how many there are.
    pub async fn publish_procedure(&self, ctx: &Context, code: &str, number: i64) -> Result<(), AppError> {
        self.require_writer(ctx)?;
        let version = self.library().version(code, number).ok_or_else(crate::case::unknown_procedure)?;
        let (_, findings) = self.examine(&version.text);
        if let Some(first) = findings.first() {
            return Err(AppError::new("procedure_faulty", 422)
                .say(
                    format!("Còn {} lỗi; dòng {}: {}", findings.len(), first.line, first.vi),
                    format!("{} findings; line {}: {}", findings.len(), first.line, first.en),
                )
                .mend("Sửa hết lỗi rồi ban hành.", "Mend them, then publish.")
                .at("text"));
        }
        let tenant = self.places().atlas().nation().unwrap_or_default();
        let mut tx = self.db().begin().await.map_err(db_error)?;
        access::lock_tenant(&mut tx, tenant).await.map_err(db_error)?;
        if !store::publish(&mut tx, code, number, ctx.author_name(), calendar::micros(ctx.at)).await.map_err(db_error)? {
            return Err(AppError::new("not_a_draft", 409).say("Bản này đã ban hành hoặc đã bỏ.", "This version is no draft any more."));
        }
        places::store::bump(&mut tx, PROCEDURES, "").await.map_err(db_error)?;
        access::audit(&mut tx, ctx, tenant, "procedure.publish", code, serde_json::json!({"version": number})).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        self.refresh_library().await.map_err(db_error)
    }

    /// Throws a draft away.
    ///
    /// # Errors
    /// 403, 409 `not_a_draft`.
    pub async fn drop_procedure(&self, ctx: &Context, code: &str, number: i64) -> Result<(), AppError> {
        self.require_writer(ctx)?;
        let tenant = self.places().atlas().nation().unwrap_or_default();
        let mut tx = self.db().begin().await.map_err(db_error)?;
        access::lock_tenant(&mut tx, tenant).await.map_err(db_error)?;
        if !store::drop_draft(&mut tx, code, number).await.map_err(db_error)? {
            return Err(AppError::new("not_a_draft", 409).say("Bản này đã ban hành hoặc đã bỏ.", "This version is no draft any more."));
        }
        places::store::bump(&mut tx, PROCEDURES, "").await.map_err(db_error)?;
        access::audit(&mut tx, ctx, tenant, "procedure.drop", code, serde_json::json!({"version": number})).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        self.refresh_library().await.map_err(db_error)
    }

    /// Procedures are the nation's: an administrator there writes them.
    pub(crate) fn require_writer(&self, ctx: &Context) -> Result<(), AppError> {
        let nation = self.places().atlas().nation().unwrap_or_default();
        ctx.require(Role::Administrator, &[nation])
    }
}

/// Who enters the shipped texts.
const SHIPPER: &str = "conglang";
/// Facts that shipped procedures may name before the domain that knows them is part of the installation.
const KNOWN_FACTS: &[&str] = &["criteria_met", "criteria_total", "criteria_unknown", "satisfaction_met"];
