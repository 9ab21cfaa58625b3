//! Use cases of reports: begin, write, issue, look for what changed since.

use super::fact::{Changed, Fact, changed};
use super::store::{self, Frozen, Head, Issued, Text};
use super::template::{Template, coded};
use super::{draw, refs};
use crate::Programme;
use crate::task::{hex, line, lines, refuse, unknown_unit};
use access::{Context, Role, db_error};
use calendar::Period;
use db::Tx;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use ui::AppError;
use uuid::Uuid;

/// A report to be begun.
#[derive(Clone, Debug)]
pub struct NewReport {
    /// Code of its outline.
    pub template: String,
    /// The unit that reports.
    pub unit: Uuid,
    /// The period.
    pub period: Period,
}

/// The words of a section of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Code of the section in the outline.
    pub code: String,
    /// Words, with references.
    pub words: String,
    /// The period whose words they still are.
    pub carried_from: Option<Period>,
    /// Number of their last change; 0 for the outline's own.
    pub seq: i64,
    /// Who changed them.
    pub changed_by: String,
}

/// A report with its words and what was issued of it.
#[derive(Clone, Debug)]
pub struct Report {
    /// Tenant of the unit.
    pub tenant: Uuid,
    /// Id.
    pub id: Uuid,
    /// Outline.
    pub template: &'static Template,
    /// The unit that reports.
    pub unit: Uuid,
    /// Period.
    pub period: Period,
    /// Authority and position of who signs, one per line.
    pub signer_title: String,
    /// Who signs; may be empty.
    pub signer_name: String,
    /// Who gets it, one per line.
    pub recipients: String,
    /// Words.
    pub sections: Vec<Section>,
    /// Issued versions, oldest first.
    pub issues: Vec<Issue>,
    /// Made up for a demonstration.
    pub synthetic: bool,
}

/// A version that was issued.
pub type Issue = Issued;

/// What is frozen of an issued report, beside its files.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Snapshot {
    pub template: String,
    pub template_version: i64,
    pub unit: Uuid,
    pub period: String,
    pub number: String,
    pub issued_on: String,
    pub signer: String,
    pub texts: Vec<(String, String)>,
    pub facts: Vec<Fact>,
}

/// How a report is to be issued.
#[derive(Clone, Debug)]
pub struct ToIssue {
    /// Number; the next free one when none is given.
    pub number: Option<i64>,
    /// Day on the document.
    pub day: Date,
    /// Versions that the person saw; another count means that somebody was faster.
    pub seen: usize,
    /// Why a further version is issued.
    pub reason: String,
}

fn unknown() -> AppError {
    AppError::new("unknown_report", 404)
        .say("Không có báo cáo nào ở địa chỉ này.", "There is no report at this address.")
        .mend("Xem danh sách báo cáo.", "See the list of reports.")
}

fn wrong(code: &'static str, at: &'static str, vi: impl Into<String>, en: impl Into<String>) -> AppError {
    AppError::new(code, 422).say(vi, en).mend("Sửa lại ô này.", "Mend it.").at(at)
}

impl Programme {
    /// Whether somebody may write a report of a unit: its officers and reviewers; what a plan reports also the owner of the plan.
    pub fn may_report(&self, ctx: &Context, template: &Template, unit: Uuid) -> bool {
        let owns = || self.register().plan(&template.plan).is_some_and(|plan| plan.home == unit && self.may_own(ctx, plan));
        self.figures().may(ctx, Role::Officer, unit) || self.figures().may(ctx, Role::Reviewer, unit) || owns()
    }

    /// Begins the report of a unit and period; its words are those of the last report of the same outline, to be gone over.
    /// The report that is there already is answered as it is.
    ///
    /// # Errors
    /// 401/403, 404 `unknown_template`, `unknown_unit`, 422 `wrong_level`, `wrong_period`, `future_period`.
    pub async fn begin_report(&self, ctx: &Context, new: &NewReport) -> Result<Uuid, AppError> {
        let mut tx = self.db().begin().await.map_err(db_error)?;
        let report = self.begin_report_in(&mut tx, ctx, new).await?;
        tx.commit().await.map_err(db_error)?;
        Ok(report.id)
    }

    /// The same inside a transaction that the caller commits.
    pub(crate) async fn begin_report_in(&self, tx: &mut Tx, ctx: &Context, new: &NewReport) -> Result<Report, AppError> {
        ctx.require_signed_in()?;
        let template = coded(&new.template)
            .ok_or_else(|| AppError::new("unknown_template", 404).say("Không có đề cương này.", "There is no such outline.").at("template"))?;
        let tenant = self.tenant_of(new.unit).ok_or_else(|| unknown_unit("unit"))?;
        if !self.may_report(ctx, template, new.unit) {
            return Err(refuse(ctx, Role::Officer));
        }
        if new.period.kind() != template.period {
            return Err(wrong(
                "wrong_period",
                "period",
                format!("Báo cáo này theo {}.", template.period.label_vi()),
                format!("This report is by {}.", template.period.label_en()),
            ));
        }
        if new.period.first_day() > ctx.today() {
            return Err(wrong("future_period", "period", "Kỳ này chưa bắt đầu.", "The period has not begun."));
        }
        if self.atlas().on(new.period.last_day().min(ctx.today())).level(new.unit) != Some(template.level) {
            return Err(wrong(
                "wrong_level",
                "unit",
                "Đề cương này không dành cho cấp của đơn vị, hoặc đơn vị không có vào cuối kỳ.",
                "The outline is for another level, or the unit did not exist at the end of the period.",
            ));
        }
        access::lock_tenant(tx, tenant).await.map_err(db_error)?;
        let code = new.period.to_i64();
        if let Some(there) = store::this(tx, tenant, &template.code, new.unit, code).await.map_err(db_error)? {
            let issues = store::issues(self.db(), tenant, there.id).await.map_err(db_error)?;
            return whole(there, Vec::new(), issues).ok_or_else(unknown);
        }
        let before = store::before(tx, tenant, &template.code, new.unit, code).await.map_err(db_error)?;
        let head = Head {
            tenant,
            id: Uuid::now_v7(),
            template: template.code.clone(),
            template_version: template.version,
            unit: new.unit,
            period: code,
            signer_title: before.as_ref().map_or_else(|| template.signer.clone(), |b| b.signer_title.clone()),
            signer_name: before.as_ref().map(|b| b.signer_name.clone()).unwrap_or_default(),
            recipients: before.as_ref().map_or_else(|| template.recipients.join("\n"), |b| b.recipients.clone()),
            synthetic: ctx.demo,
            made_by: ctx.author_name().to_owned(),
            made_at: calendar::micros(ctx.at),
        };
        store::add(tx, &head).await.map_err(db_error)?;
        if let Some(before) = &before {
            for old in store::texts_tx(tx, tenant, before.id).await.map_err(db_error)? {
                let text = Text { carried_from: Some(before.period), seq: 1, changed_by: ctx.author_name().to_owned(), changed_at: head.made_at, ..old };
                store::save_text(tx, tenant, head.id, &text).await.map_err(db_error)?;
            }
        }
        let detail = serde_json::json!({"template": head.template, "unit": head.unit, "period": new.period.to_string(), "carried": before.is_some()});
        access::audit(tx, ctx, tenant, "report.begin", &head.id.to_string(), detail).await.map_err(db_error)?;
        whole(head, Vec::new(), Vec::new()).ok_or_else(unknown)
    }

    /// A report that the reader may see: with any role above its unit.
    ///
    /// # Errors
    /// 401, 404 `unknown_report`.
    pub async fn report(&self, ctx: &Context, id: Uuid) -> Result<Report, AppError> {
        ctx.require_signed_in()?;
        let tenant = store::home(self.db(), id).await.map_err(db_error)?.ok_or_else(unknown)?;
        let head = store::one(self.db(), tenant, id).await.map_err(db_error)?.ok_or_else(unknown)?;
        if !self.figures().may(ctx, Role::Viewer, head.unit) {
            return Err(unknown());
        }
        let texts = store::texts(self.db(), tenant, id).await.map_err(db_error)?;
        let issues = store::issues(self.db(), tenant, id).await.map_err(db_error)?;
        whole(head, texts, issues).ok_or_else(unknown)
    }

    /// Reports under a unit that the reader may see, newest periods first.
    ///
    /// # Errors
    /// 401; what the database says.
    pub async fn reports(&self, ctx: &Context, under: Uuid) -> Result<Vec<Report>, AppError> {
        ctx.require_signed_in()?;
        let atlas = self.atlas();
        let mut out = Vec::new();
        for tenant in self.tenants_under(under, ctx.today()) {
            let mut issues = store::issues_of_tenant(self.db(), tenant).await.map_err(db_error)?;
            for head in store::of_tenant(self.db(), tenant, 2_000).await.map_err(db_error)? {
                let mine: Vec<Issued> = issues.extract_if(.., |i| i.0 == head.id).map(|i| i.1).collect();
                let inside = Some(under) == atlas.nation() || self.above(&atlas, head.unit, ctx.today()).contains(&under);
                if inside && self.figures().may(ctx, Role::Viewer, head.unit) {
                    out.extend(whole(head, Vec::new(), mine));
                }
            }
        }
        out.sort_by_key(|r| (std::cmp::Reverse(r.period.last_day()), r.template.level, lang::sort_key(&atlas.name(r.unit, ctx.today()))));
        Ok(out)
    }

    /// Writes words of sections, and who signs and gets it. Each section names the change it has seen.
    ///
    /// # Errors
    /// 401/403, 404, 409 `report_changed`, 422 `reference_broken`, `text_too_long`.
    pub async fn write_report(
        &self,
        ctx: &Context,
        id: Uuid,
        sections: &[(String, String, i64)],
        signer: (&str, &str),
        recipients: &str,
    ) -> Result<(), AppError> {
        let report = self.report(ctx, id).await?;
        if !self.may_report(ctx, report.template, report.unit) {
            return Err(refuse(ctx, Role::Officer));
        }
        let catalog = self.figures().catalog();
        let mut tx = self.db().begin().await.map_err(db_error)?;
        access::lock_tenant(&mut tx, report.tenant).await.map_err(db_error)?;
        let there = store::texts_tx(&mut tx, report.tenant, id).await.map_err(db_error)?;
        let at = calendar::micros(ctx.at);
        let mut changes = Vec::new();
        for (code, words, seen) in sections {
            let Some(outline) = report.template.section.iter().find(|s| s.code == *code) else { continue };
            let words = lines(words, 20_001);
            let place = format!("w-{code}");
            if words.chars().count() > 20_000 {
                return Err(AppError::new("text_too_long", 422).say("Một mục tối đa 20.000 ký tự.", "A section holds at most 20,000 characters.").at(place));
            }
            check_references(&catalog, &words).map_err(|e| e.at(place.clone()))?;
            let old = there.iter().find(|t| t.section == *code);
            let was = old.map_or(outline.words.as_str(), |t| t.words.as_str());
            if was == words {
                continue;
            }
            if old.map_or(0, |t| t.seq) != *seen {
                return Err(AppError::new("report_changed", 409)
                    .say(
                        format!("Mục “{}” vừa được {} sửa.", outline.heading, old.map_or("người khác", |t| t.changed_by.as_str())),
                        "Somebody else has just changed this section.",
                    )
                    .mend("Chép phần bạn viết, tải lại trang rồi dán vào.", "Keep your words, reload the page and put them in again.")
                    .at(place));
            }
            let text = Text { section: code.clone(), words, carried_from: None, seq: seen + 1, changed_by: ctx.author_name().to_owned(), changed_at: at };
            store::save_text(&mut tx, report.tenant, id, &text).await.map_err(db_error)?;
            changes.push(code.clone());
        }
        let mut head = store::one(self.db(), report.tenant, id).await.map_err(db_error)?.ok_or_else(unknown)?;
        let fresh = (lines(signer.0, 300), line(signer.1, 100), lines(recipients, 3_000));
        if (&head.signer_title, &head.signer_name, &head.recipients) != (&fresh.0, &fresh.1, &fresh.2) {
            (head.signer_title, head.signer_name, head.recipients) = fresh;
            store::save(&mut tx, &head, at).await.map_err(db_error)?;
            changes.push("ky".to_owned());
        }
        if changes.is_empty() {
            return Ok(());
        }
        access::audit(&mut tx, ctx, report.tenant, "report.write", &id.to_string(), serde_json::json!({"sections": changes})).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)
    }

    /// The number a report would get on a day.
    ///
    /// # Errors
    /// What the database says.
    pub async fn next_number(&self, report: &Report, year: i16) -> Result<i64, AppError> {
        store::last_number(self.db(), report.tenant, report.unit, i64::from(year), &report.template.symbol).await.map(|n| n + 1).map_err(db_error)
    }

    /// Issues a report: freezes words, figures and both files under a number that nobody else has in the year. A further version
    /// takes a further number and says why.
    ///
    /// # Errors
    /// 401/403, 404, 409 `report_changed`, 422 `number_taken`, `number_invalid`, `day_invalid`, `reason_required`.
    pub async fn issue_report(&self, ctx: &Context, id: Uuid, to: &ToIssue) -> Result<i64, AppError> {
        let report = self.report(ctx, id).await?;
        if !self.may_report(ctx, report.template, report.unit) {
            return Err(refuse(ctx, Role::Officer));
        }
        if to.day > ctx.today() || to.day < report.period.first_day() {
            return Err(wrong(
                "day_invalid",
                "day",
                "Ngày ban hành phải từ đầu kỳ đến hôm nay.",
                "The day must lie between the beginning of the period and today.",
            ));
        }
        let reason = if report.issues.is_empty() { String::new() } else { crate::task::reason(&to.reason).map_err(|e| e.at("reason"))? };
        let year = i64::from(to.day.year());
        let number = match to.number {
            Some(n) if (1..=99_999).contains(&n) => n,
            Some(_) => return Err(wrong("number_invalid", "number", "Số văn bản từ 1 đến 99.999.", "The number lies between 1 and 99,999.")),
            None => self.next_number(&report, to.day.year()).await?,
        };
        // Everything slow is done before the tenant is locked.
        let composed = self.compose(ctx, &report, report.template).await?;
        let snapshot = Snapshot {
            template: report.template.code.clone(),
            template_version: report.template.version,
            unit: report.unit,
            period: report.period.to_string(),
            number: format!("{number}/{}", report.template.symbol),
            issued_on: to.day.to_string(),
            signer: report.signer_name.clone(),
            texts: report.sections.iter().map(|s| (s.code.clone(), s.words.clone())).collect(),
            facts: composed.facts.clone(),
        };
        let snapshot = serde_json::to_string(&snapshot).map_err(|_| AppError::new("internal", 500))?;
        let sheet = draw::appendix(self, ctx, &report, &composed);
        let paper = draw::paper(self, ctx, &report, composed, Some((number, to.day)));
        let docx = crate::forms::written(move || print::to_docx(&draw::drawn(paper))).await?;
        let xlsx = crate::forms::written(move || print::to_xlsx(&sheet)).await?;
        let mut tx = self.db().begin().await.map_err(db_error)?;
        access::lock_tenant(&mut tx, report.tenant).await.map_err(db_error)?;
        let there = store::issues_tx(&mut tx, report.tenant, id).await.map_err(db_error)?;
        if there.len() != to.seen {
            return Err(AppError::new("report_changed", 409)
                .say("Báo cáo này vừa được ban hành.", "This report has just been issued.")
                .mend("Tải lại trang để xem bản đã ban hành.", "Reload the page to see it."));
        }
        if store::number_taken(&mut tx, report.tenant, report.unit, year, &report.template.symbol, number).await.map_err(db_error)? {
            return Err(wrong("number_taken", "number", format!("Số {number} năm {year} đã dùng."), format!("Number {number} of {year} is taken.")));
        }
        let issued = Issued {
            version: i64::try_from(there.len()).unwrap_or(0) + 1,
            year,
            number,
            symbol: report.template.symbol.clone(),
            issued_on: to.day.to_string(),
            reason,
            who_name: ctx.author_name().to_owned(),
            at: calendar::micros(ctx.at),
            sha256: hex(&Sha256::digest(snapshot.as_bytes())),
            docx_sha256: hex(&Sha256::digest(&docx)),
        };
        let head = store::one(self.db(), report.tenant, id).await.map_err(db_error)?.ok_or_else(unknown)?;
        let detail = serde_json::json!({"version": issued.version, "number": number, "year": year, "sha256": issued.sha256, "docx": issued.docx_sha256});
        store::add_issue(&mut tx, &head, &issued, ctx.account_id(), Frozen { snapshot, docx, xlsx }).await.map_err(db_error)?;
        access::audit(&mut tx, ctx, report.tenant, "report.issue", &id.to_string(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        Ok(issued.version)
    }

    /// The Word file and the Excel appendix of an issued version, as they were.
    ///
    /// # Errors
    /// 401, 404.
    pub async fn issued_files(&self, ctx: &Context, id: Uuid, version: i64) -> Result<(Vec<u8>, Vec<u8>), AppError> {
        let report = self.report(ctx, id).await?;
        store::files(self.db(), report.tenant, id, version).await.map_err(db_error)?.ok_or_else(unknown)
    }

    /// The numbers that are others now than in the last issued version.
    ///
    /// # Errors
    /// What the database says.
    pub async fn changed_since(&self, report: &Report, now: &[Fact]) -> Result<Vec<Changed>, AppError> {
        let Some(last) = report.issues.last() else { return Ok(Vec::new()) };
        let text = store::snapshot(self.db(), report.tenant, report.id, last.version).await.map_err(db_error)?.ok_or_else(unknown)?;
        let snapshot: Snapshot = serde_json::from_str(&text).map_err(|_| AppError::new("internal", 500))?;
        Ok(changed(&snapshot.facts, now))
    }
}

fn check_references(catalog: &figures::Catalog, words: &str) -> Result<(), AppError> {
    let broken = |what: String| {
        AppError::new("reference_broken", 422)
            .say(format!("Không hiểu chỗ chèn số “{what}”."), format!("The reference “{what}” cannot be read."))
            .mend("Viết mã chỉ tiêu trong ngoặc nhọn, như {so_htx} hoặc {so_htx:truoc}.", "Write the code of a measure in braces, such as {so_htx}.")
    };
    for text in words.lines() {
        for run in refs::parse(text).map_err(broken)? {
            if let refs::Run::Figure { code, .. } = run
                && catalog.coded(&code).is_none()
            {
                return Err(broken(format!("{{{code}}}")));
            }
        }
    }
    Ok(())
}

fn whole(head: Head, texts: Vec<Text>, issues: Vec<Issued>) -> Option<Report> {
    let template = coded(&head.template)?;
    let sections = template
        .section
        .iter()
        .map(|outline| match texts.iter().find(|t| t.section == outline.code) {
            Some(t) => Section {
                code: t.section.clone(),
                words: t.words.clone(),
                carried_from: t.carried_from.and_then(Period::from_i64),
                seq: t.seq,
                changed_by: t.changed_by.clone(),
            },
            None => Section { code: outline.code.clone(), words: outline.words.clone(), carried_from: None, seq: 0, changed_by: String::new() },
        })
        .collect();
    Some(Report {
        tenant: head.tenant,
        id: head.id,
        template,
        unit: head.unit,
        period: Period::from_i64(head.period)?,
        signer_title: head.signer_title,
        signer_name: head.signer_name,
        recipients: head.recipients,
        sections,
        issues,
        synthetic: head.synthetic,
    })
}
