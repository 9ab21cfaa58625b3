//! Bringing evidence: files, links, and again what is there already.

use super::{About, BadFile, Clean, FileKind, Library, MOST, MOST_FILES, Piece, Scan, Subject, Upload, Verdict, cleaned, file::hex};
use crate::catalog::Known;
use crate::service::{Entry, unknown_unit};
use crate::store::{self as ledger, evidence as store};
use crate::value::Value;
use access::{Context, Role, db_error};
use std::sync::Arc;
use ui::AppError;
use uuid::Uuid;

/// The media type of a link.
pub(super) const LINK: &str = "text/uri-list";
/// Longest address.
const LONGEST: usize = 1_000;

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Files newly linked to the subject.
    pub linked: usize,
    /// Among them those the library had already.
    pub known: usize,
}

/// Evidence that was looked at and is ready to be kept.
#[derive(Debug)]
pub struct Prepared {
    known: Option<Arc<Known>>,
    rows: Vec<(Piece, Option<Vec<u8>>)>,
}

fn refuse(code: &'static str, name: &str, vi: &str, en: &str) -> AppError {
    AppError::new(code, 422)
        .say(format!("{name}: {vi}"), format!("{name}: {en}"))
        .mend(
            "Chọn tệp PDF, ảnh JPG hoặc PNG, Word .docx, Excel .xlsx, mỗi tệp không quá 10 MB.",
            "Choose PDF, JPG or PNG pictures, .docx or .xlsx, each at most 10 MB.",
        )
        .at("files")
}

fn bad(name: &str, why: BadFile) -> AppError {
    let (code, vi, en) = why.said();
    refuse(code, name, vi, en)
}

impl Library {
    /// Whether somebody may add evidence to a subject; the measure of a figure.
    pub(super) async fn require_adding(&self, ctx: &Context, subject: &Subject) -> Result<Option<Arc<Known>>, AppError> {
        ctx.require_signed_in()?;
        let atlas = self.figures.places().atlas();
        match subject {
            Subject::Figure { measure, period, unit } => {
                let probe = Entry { unit: *unit, measure: *measure, period: *period, value: Value::NotKnown, reason: None, cell: None, seen: None };
                Ok(Some(self.figures.check(ctx, &atlas, &probe)?))
            }
            Subject::Criterion { unit, .. } | Subject::Task { unit, .. } => {
                if atlas.unit(*unit).is_none() {
                    return Err(unknown_unit());
                }
                if !self.figures.may(ctx, Role::Officer, *unit) {
                    ctx.require(Role::Officer, &[])?;
                }
                // Who keeps the sets knows whether there is such an indicator.
                if matches!(subject, Subject::Criterion { .. }) && self.names_criteria() && self.criterion(subject, ctx.lang).await.is_none() {
                    return Err(AppError::new("unknown_indicator", 404).say("Không có chỉ tiêu này trong bộ tiêu chí.", "The set has no such indicator."));
                }
                Ok(None)
            }
        }
    }

    fn names_criteria(&self) -> bool {
        self.figures.evidence_ports().criteria.read().unwrap_or_else(std::sync::PoisonError::into_inner).is_some()
    }

    /// Brings files for a subject: all or none. What the tenant has already, by its bytes, is linked and not kept twice.
    ///
    /// # Errors
    /// What entering the figure would say; 422 `evidence_empty`, `evidence_too_large`, `evidence_kind`, `evidence_macros`, `evidence_bomb`,
    /// `evidence_damaged`, `evidence_encrypted`, `evidence_two_kinds`, `evidence_infected`, `evidence_too_many`.
    pub async fn attach(&self, ctx: &Context, subject: &Subject, about: &About, files: Vec<Upload>) -> Result<Added, AppError> {
        let prepared = self.prepare(ctx, subject, about, files).await?;
        self.keep(ctx, subject, prepared).await
    }

    /// Looks at files for a subject without keeping them yet; [`Library::keep_in`] does, in the transaction of the caller's own act.
    ///
    /// # Errors
    /// As [`Library::attach`].
    pub async fn prepare(&self, ctx: &Context, subject: &Subject, about: &About, files: Vec<Upload>) -> Result<Prepared, AppError> {
        let known = self.require_adding(ctx, subject).await?;
        let files: Vec<Upload> = files.into_iter().filter(|f| !f.bytes.is_empty()).collect();
        if files.is_empty() {
            return Err(AppError::new("evidence_empty", 422).say("Chưa chọn tệp nào.", "No file was chosen.").at("files"));
        }
        if files.len() > MOST_FILES {
            return Err(too_many());
        }
        let mut rows = Vec::new();
        for file in files {
            let name = lang::clean(&file.name);
            if file.bytes.len() > MOST {
                return Err(refuse("evidence_too_large", &name, "tệp lớn hơn 10 MB.", "the file is larger than 10 MB."));
            }
            let Upload { name: original, bytes } = file;
            let looked = tokio::task::spawn_blocking(move || cleaned(&original, bytes)).await;
            let clean = looked.map_err(|_| AppError::new("internal", 500))?.map_err(|why| bad(&name, why))?;
            let (scan, note) = self.first_scan(&clean, &name).await?;
            rows.push((clean, scan, note));
        }
        let tenant = self.figures.places().atlas().unit(subject.unit()).map(|u| u.tenant).ok_or_else(unknown_unit)?;
        let now = calendar::micros(ctx.at);
        let made = rows.into_iter().map(|(Clean { kind, name, content, sha256 }, scan, note)| {
            let piece = Piece {
                tenant,
                id: Uuid::now_v7(),
                unit: subject.unit(),
                sha256,
                name,
                media: FileKind::media(kind).to_owned(),
                size: i64::try_from(content.len()).unwrap_or(i64::MAX),
                url: None,
                about: about.tidy(),
                scan,
                scanned_at: (scan != Scan::Unscanned).then_some(now),
                scan_note: note,
                brought_by: ctx.author_name().to_owned(),
                brought_at: now,
            };
            (piece, Some(content))
        });
        Ok(Prepared { known, rows: made.collect() })
    }

    /// A scan before the file is kept, if there is a scanner; one that does not answer is asked again later.
    async fn first_scan(&self, clean: &Clean, name: &str) -> Result<(Scan, String), AppError> {
        let Some(scanner) = self.scanner() else { return Ok((Scan::Unscanned, String::new())) };
        match scanner.scan(&clean.content).await {
            Ok(Verdict::Clean) => Ok((Scan::Clean, String::new())),
            Ok(Verdict::Refused(why)) => Ok((Scan::Refused, why)),
            Ok(Verdict::Infected(what)) => Err(AppError::new("evidence_infected", 422)
                .say(
                    format!("{name}: máy quét tìm thấy mã độc ({what}), tệp không được nhận."),
                    format!("{name}: the scanner found {what}; the file is refused."),
                )
                .mend("Quét vi-rút máy tính đã tạo tệp này rồi xuất lại tệp.", "Scan the computer it comes from and make the file anew.")
                .at("files")),
            Err(problem) => {
                tracing::warn!(%problem, "a file is kept until the scanner answers");
                Ok((Scan::Unscanned, String::new()))
            }
        }
    }

    /// Brings the address of a page as evidence; its date is the day it was looked at unless the document says another.
    ///
    /// # Errors
    /// As [`Library::attach`], and 422 `evidence_url`.
    pub async fn attach_link(&self, ctx: &Context, subject: &Subject, about: &About, url: &str) -> Result<Added, AppError> {
        let known = self.require_adding(ctx, subject).await?;
        let url = checked_url(url)?;
        let tenant = self.figures.places().atlas().unit(subject.unit()).map(|u| u.tenant).ok_or_else(unknown_unit)?;
        let mut about = about.tidy();
        about.issued = about.issued.or(Some(ctx.today()));
        let piece = Piece {
            tenant,
            id: Uuid::now_v7(),
            unit: subject.unit(),
            sha256: hex(url.as_bytes()),
            name: url.split_once("://").map_or(url.as_str(), |(_, rest)| rest).trim_end_matches('/').chars().take(160).collect(),
            media: LINK.to_owned(),
            size: 0,
            url: Some(url),
            about,
            scan: Scan::NotNeeded,
            scanned_at: None,
            scan_note: String::new(),
            brought_by: ctx.author_name().to_owned(),
            brought_at: calendar::micros(ctx.at),
        };
        self.keep(ctx, subject, Prepared { known, rows: vec![(piece, None)] }).await
    }

    /// Links what the library has to another subject.
    ///
    /// # Errors
    /// As [`Library::attach`]; 404 for a file that the reader may not see.
    pub async fn reuse(&self, ctx: &Context, subject: &Subject, via: Uuid, id: Uuid) -> Result<Added, AppError> {
        let prepared = self.prepare_reuse(ctx, subject, via, id).await?;
        self.keep(ctx, subject, prepared).await
    }

    /// The first half of [`Library::reuse`]; [`Library::keep_in`] is the second.
    ///
    /// # Errors
    /// As [`Library::reuse`].
    pub async fn prepare_reuse(&self, ctx: &Context, subject: &Subject, via: Uuid, id: Uuid) -> Result<Prepared, AppError> {
        let known = self.require_adding(ctx, subject).await?;
        let piece = self.piece(ctx, via, id).await?;
        let tenant = self.figures.places().atlas().unit(subject.unit()).map(|u| u.tenant).ok_or_else(unknown_unit)?;
        // A file of another tenant is kept once more where it is used, so that each tenant can live by itself.
        let content = match tenant == piece.tenant {
            true => None,
            false => store::content(self.figures.db(), piece.tenant, piece.id).await.map_err(db_error)?,
        };
        let rows = vec![(Piece { tenant, unit: if tenant == piece.tenant { piece.unit } else { subject.unit() }, ..piece }, content)];
        Ok(Prepared { known, rows })
    }

    async fn keep(&self, ctx: &Context, subject: &Subject, prepared: Prepared) -> Result<Added, AppError> {
        let mut tx = self.figures.db().begin().await.map_err(db_error)?;
        let out = self.keep_in(&mut tx, ctx, subject, prepared).await?;
        if out.linked > 0 {
            tx.commit().await.map_err(db_error)?;
            self.ring();
        }
        Ok(out)
    }

    /// Tells the scanner that something waits; call it after the commit that follows [`Library::keep_in`].
    pub fn ring(&self) {
        self.figures.evidence_ports().bell.notify_one();
    }

    /// Keeps and links what was prepared, in the transaction of the caller, who commits it.
    ///
    /// # Errors
    /// 409 for a closed period, 422 `evidence_infected`, `evidence_too_many`.
    pub async fn keep_in(&self, tx: &mut db::Tx, ctx: &Context, subject: &Subject, prepared: Prepared) -> Result<Added, AppError> {
        let Prepared { known, rows } = prepared;
        let Some(tenant) = rows.first().map(|(p, _)| p.tenant) else { return Ok(Added::default()) };
        access::lock_tenant(tx, tenant).await.map_err(db_error)?;
        if let Some(known) = &known {
            self.figures.require_open(tx, &self.figures.places().atlas(), known, subject.unit(), subject.period()).await?;
        }
        let held = store::of_subject_tx(tx, tenant, subject).await.map_err(db_error)?.len();
        let act = self.figures.act(ctx, "form", "minh chứng");
        let mut out = Added::default();
        let mut hashes = Vec::new();
        for (piece, content) in rows {
            let id = match store::by_hash(tx, tenant, &piece.sha256).await.map_err(db_error)? {
                Some((_, Scan::Infected)) => return Err(infected(&piece.name)),
                Some((id, _)) => {
                    out.known += 1;
                    id
                }
                None => {
                    store::add_file(tx, &piece, &act).await.map_err(db_error)?;
                    if let Some(content) = content {
                        store::add_content(tx, tenant, piece.id, content).await.map_err(db_error)?;
                    }
                    piece.id
                }
            };
            if store::change_use(tx, tenant, subject, id, 1, "", &act).await.map_err(db_error)? {
                out.linked += 1;
                hashes.push(piece.sha256);
            }
        }
        if held + out.linked > MOST_FILES {
            return Err(too_many());
        }
        if out.linked > 0 {
            ledger::add_act(tx, &[tenant], &act).await.map_err(db_error)?;
            access::audit(tx, ctx, tenant, "evidence.add", &self.key(subject), serde_json::json!({"sha256": hashes})).await.map_err(db_error)?;
        }
        Ok(out)
    }

    /// What the audit calls a subject.
    pub(super) fn key(&self, subject: &Subject) -> String {
        match subject {
            Subject::Figure { measure, period, unit } => {
                let catalog = self.figures.catalog();
                let code = catalog.newest(*measure).map_or_else(|| measure.to_string(), |k| k.measure.def.code.clone());
                format!("{unit}/{code}/{period}")
            }
            Subject::Criterion { set, indicator, period, unit } => format!("{unit}/{set}#{indicator}/{period}"),
            Subject::Task { task, unit, .. } => format!("{unit}/task/{task}"),
        }
    }
}

fn too_many() -> AppError {
    AppError::new("evidence_too_many", 422)
        .say(format!("Mỗi chỉ tiêu có tối đa {MOST_FILES} minh chứng."), format!("An indicator has at most {MOST_FILES} pieces of evidence."))
        .at("files")
}

pub(super) fn infected(name: &str) -> AppError {
    AppError::new("evidence_infected", 422)
        .say(format!("{name}: tệp này có mã độc, không dùng làm minh chứng được."), format!("{name}: this file is infected and proves nothing."))
        .mend("Quét vi-rút máy tính đã tạo tệp này rồi xuất lại tệp.", "Scan the computer it comes from and make the file anew.")
        .at("files")
}

/// An address of the web that is safe to show as a link: http or https, no name or password in it.
fn checked_url(text: &str) -> Result<String, AppError> {
    let url = text.trim();
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let fine = url.len() <= LONGEST
        && host.contains('.')
        && !host.contains('@')
        && !url.chars().any(|c| c.is_whitespace() || c.is_control() || "<>\"'`\\".contains(c));
    if fine {
        return Ok(url.to_owned());
    }
    Err(AppError::new("evidence_url", 422)
        .say("Địa chỉ này không phải một trang trên mạng.", "This is not the address of a page on the web.")
        .mend("Chép cả địa chỉ từ trình duyệt, bắt đầu bằng https://", "Copy the whole address from the browser, beginning with https://")
        .at("url"))
}

#[cfg(test)]
mod tests {
    use super::checked_url;

    #[test]
    fn only_addresses_of_the_web() {
        for good in ["https://bacgiang.gov.vn/van-ban?id=1", "http://a.vn", "https://xã.vn/ý"] {
            assert_eq!(checked_url(&format!(" {good} ")).unwrap(), good);
        }
        for bad in [
            "",
            "javascript:alert(1)",
            "https://",
            "https://localhost",
            "ftp://a.vn",
            "https://u@a.vn",
            "https://a.vn/\"x",
            "https://a.vn/a b",
            "data:text/html,x",
        ] {
            assert_eq!(checked_url(bad).unwrap_err().code, "evidence_url", "{bad}");
        }
    }
}
