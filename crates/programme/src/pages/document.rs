//! `/documents/{code}`: one document with its validity, its links, its files, and the targets it sets.

use super::library::validity_tag;
use super::plan::cards;
use super::show::Card;
use super::{Link, words};
use crate::document::Kept;
use crate::register::Register;
use crate::service::Programme;
use access::{Context, db_error};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use ui::{AppError, Notice, Shell, Tone, page};
use uuid::Uuid;

struct PlanBlock {
    link: Link,
    cards: Vec<Card>,
}

struct FileLine {
    href: String,
    name: String,
    size: String,
    short: String,
    sha256: String,
    state: (&'static str, &'static str),
}

#[derive(Template)]
#[template(path = "programme_document.html")]
struct DocumentView {
    shell: Shell,
    number: String,
    title: String,
    tone: &'static str,
    validity: String,
    facts: Vec<(&'static str, String)>,
    links: Vec<(&'static str, Link)>,
    text: Vec<String>,
    files: Vec<FileLine>,
    plans: Vec<PlanBlock>,
    note: String,
    source: String,
    confidence: &'static str,
    edit: Option<String>,
    upload: Option<String>,
    api: String,
}

/// A document by its code.
///
/// # Errors
/// 404 `unknown_document`.
pub(super) fn document_of(register: &Register, code: &str) -> Result<Arc<Kept>, AppError> {
    register.document(code).cloned().ok_or_else(|| {
        let code: String = code.chars().take(60).collect();
        AppError::new("unknown_document", 404)
            .say(format!("Không có văn bản nào ở địa chỉ “{code}”."), format!("There is no document “{code}”."))
            .mend("Tìm theo số hoặc theo chữ ở trang Văn bản.", "Search by number or words on the page Documents.")
    })
}

#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct Done {
    done: Option<String>,
}

/// `GET /documents/{code}`
pub(super) async fn show(State(programme): State<Programme>, ctx: Context, Path(code): Path<String>, Query(done): Query<Done>) -> Result<Response, AppError> {
    let register = programme.current().await;
    let kept = document_of(&register, &code)?;
    let (l, a) = (ctx.lang, &kept.about);
    let text = crate::store::document::body(programme.db(), kept.id).await.map_err(db_error)?;
    let files = crate::store::document::files(programme.db(), kept.id).await.map_err(db_error)?;
    let reads = crate::store::document::reads(programme.db(), kept.id).await.map_err(db_error)?;
    let state = |file: Uuid| {
        let found = reads.iter().find(|r| r.0 == file).and_then(|r| crate::service::words::State::of(r.1));
        found.map_or(("wait", l.t("đang đọc chữ bên trong", "being read for searching")), |s| {
            let (vi, en, tone) = s.label();
            (tone, l.t(vi, en))
        })
    };
    let (tone, validity) = validity_tag(&register, &kept, &ctx);
    let (vi, en) = a.kind.label();
    let day = |d: Option<jiff::civil::Date>| d.map(lang::show::short_date).unwrap_or_default();
    let mut facts = vec![
        (l.t("Loại", "Kind"), l.t(vi, en).to_owned()),
        (l.t("Nơi ban hành", "Issued by"), a.issuer.clone()),
        (l.t("Ngày ban hành", "Issued"), a.issued_label()),
        (l.t("Có hiệu lực từ", "In force from"), day(a.valid_from)),
        (l.t("Ngày cuối có hiệu lực", "Last day in force"), day(a.valid_to)),
    ];
    facts.retain(|f| !f.1.is_empty());
    let mut plans = Vec::new();
    for plan in register.plans_of_document(&code) {
        let cards = cards(&programme, &register, &ctx, plan, plan.home).await?;
        plans.push(PlanBlock { link: Link { href: format!("/plans/{}", plan.def.plan.code), text: words::short_title(plan, l) }, cards });
    }
    let (vi, en) = a.confidence.label();
    let may = programme.may_keep(&ctx, kept.home);
    let title = format!("{} · {}", a.number, a.title);
    let mut shell =
        ctx.shell(title).crumb(l.t("Chương trình", "Programme"), "/programme").crumb(l.t("Văn bản", "Documents"), "/documents").here(a.number.clone());
    if done.done.is_some() {
        shell = shell.notice(Some(Notice::new(Tone::Good, l.t("Đã lưu.", "Saved."))));
    }
    let view = DocumentView {
        shell: shell.describe(a.title.clone()),
        number: a.cited(),
        title: a.title.clone(),
        tone,
        validity,
        facts,
        links: links(&register, &kept, l),
        text: text.lines().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect(),
        files: files
            .into_iter()
            .map(|f| FileLine {
                href: format!("/documents/{code}/files/{}", f.id),
                state: state(f.id),
                name: f.name,
                size: format!("{} KB", (f.size + 999) / 1_000),
                short: f.sha256.chars().take(8).collect(),
                sha256: f.sha256,
            })
            .collect(),
        plans,
        note: a.note.clone(),
        source: a.source.clone(),
        confidence: l.t(vi, en),
        edit: may.then(|| format!("/documents/{code}/edit")),
        upload: may.then(|| format!("/documents/{code}/files")),
        api: format!("/api/v1/documents?q={}", ui::percent_encode(&a.number)),
    };
    Ok(page(&view))
}

fn links(register: &Register, kept: &Kept, l: ui::Lang) -> Vec<(&'static str, Link)> {
    let a = &kept.about;
    let link = |d: &Arc<Kept>| Link { href: format!("/documents/{}", d.about.code), text: format!("{}: {}", d.about.number, d.about.title) };
    let mut out = Vec::new();
    let mut put = |word: &'static str, code: &String| out.extend(register.document(code).map(|d| (word, link(d))));
    a.replaced_by.iter().for_each(|c| put(l.t("Được thay bằng", "Replaced by"), c));
    a.based_on.iter().for_each(|c| put(l.t("Căn cứ", "Rests on"), c));
    a.amends.iter().for_each(|c| put(l.t("Sửa đổi", "Amends"), c));
    for (word, d) in register.linked(&a.code) {
        let word = match word {
            "amended_by" => l.t("Được sửa đổi bởi", "Amended by"),
            "replaces" => l.t("Thay cho", "Replaces"),
            _ => l.t("Là căn cứ của", "Basis of"),
        };
        out.push((word, link(d)));
    }
    out
}

/// `GET /documents/{code}/files/{file}`
pub(super) async fn file(State(programme): State<Programme>, Path((code, file)): Path<(String, String)>) -> Result<Response, AppError> {
    let register = programme.current().await;
    let kept = document_of(&register, &code)?;
    let gone = || {
        AppError::new("unknown_file", 404)
            .say("Văn bản này không có tệp đó.", "The document has no such file.")
            .mend("Mở lại trang văn bản.", "Open the page of the document again.")
    };
    let id: Uuid = file.parse().map_err(|_| gone())?;
    let (name, media, content) = crate::store::document::file(programme.db(), kept.id, id).await.map_err(db_error)?.ok_or_else(gone)?;
    // Never shown inside our pages by the browser's own guess: always as a download under its own name.
    let disposition = format!("attachment; filename*=UTF-8''{}", ui::percent_encode(&name));
    let mut response = content.into_response();
    let headers = response.headers_mut();
    if let (Ok(kind), Ok(how)) = (HeaderValue::from_str(&media), HeaderValue::from_str(&disposition)) {
        headers.insert(header::CONTENT_TYPE, kind);
        headers.insert(header::CONTENT_DISPOSITION, how);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}
