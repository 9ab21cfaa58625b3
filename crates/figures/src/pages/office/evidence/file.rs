//! One file: preview, what it says about itself, where it is used, its scan.

use super::super::{done, moment, see_other, with_status};
use super::{Row, Typed, parsed, row, told};
use crate::Figures;
use crate::evidence::{FileKind, Piece};
use access::{Context, Role};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use ui::form::{Field, error_summary};
use ui::{AppError, Html, Notice, Shell, page};

/// What a browser may do with a file that it shows in our page: nothing but show it. PDF viewers are plug-ins with styles of their own.
const SHOWN: &str = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'";
/// A picture or a file that is saved needs not even that.
const SANDBOX: &str = "sandbox; default-src 'none'; frame-ancestors 'self'";

#[derive(Deserialize)]
pub(in super::super) struct Pick {
    done: Option<String>,
}

struct UseLine {
    heading: String,
    href: String,
    linked: bool,
    reason: String,
    who: String,
}

#[derive(Template)]
#[template(path = "office_evidence_file.html")]
struct FileView {
    shell: Shell,
    row: Row,
    sha256: String,
    link: Option<String>,
    /// Address and whether it is a picture.
    preview: Option<(String, bool)>,
    content: Option<String>,
    /// Why it cannot be opened.
    kept_back: String,
    scanned: String,
    scan_note: String,
    unit: String,
    uses: Vec<UseLine>,
    may_edit: bool,
    action: String,
    fields: Vec<Field>,
    summary: Html,
}

/// `GET /evidence/file/{unit}/{file}`
pub(in super::super) async fn show(
    State(figures): State<Figures>,
    ctx: Context,
    Path((unit, file)): Path<(String, String)>,
    Query(pick): Query<Pick>,
) -> Result<Response, AppError> {
    let piece = figures.evidence().piece(&ctx, parsed(&unit)?, parsed(&file)?).await?;
    let typed = Typed::of(&piece.about);
    view(&figures, &ctx, piece, &typed, done(ctx.lang, pick.done.as_deref()), None).await
}

async fn view(figures: &Figures, ctx: &Context, piece: Piece, typed: &Typed, notice: Option<Notice>, error: Option<&AppError>) -> Result<Response, AppError> {
    let (l, library, today) = (ctx.lang, figures.evidence(), ctx.today());
    let mut uses = Vec::new();
    for line in library.uses(ctx, &piece).await?.into_iter().rev() {
        let told = told(figures, &library, line.subject, l).await;
        uses.push(UseLine {
            heading: told.heading,
            href: told.href,
            linked: line.linked,
            reason: line.reason,
            who: format!("{}, {}", line.who, moment(line.at)),
        });
    }
    let base = format!("/evidence/file/{}/{}", piece.unit, piece.id);
    let served = library.served(piece.scan);
    let picture = matches!(FileKind::of_media(&piece.media), Some(FileKind::Jpeg | FileKind::Png));
    let fields = typed.fields(l, error);
    let mut shell = ctx.shell(format!("{}: {}", l.t("Minh chứng", "Evidence"), piece.name)).noindex().notice(notice);
    shell = shell.crumb(l.t("Kho minh chứng", "Evidence library"), "/evidence/library").here(piece.name.clone());
    shell.path.clone_from(&base);
    Ok(page(&FileView {
        row: row(figures, &piece, today, l),
        sha256: piece.sha256.clone(),
        link: piece.url.clone(),
        preview: (served && piece.previewable()).then(|| (format!("{base}/inline"), picture)),
        content: (served && piece.url.is_none()).then(|| format!("{base}/content")),
        kept_back: match (served, piece.scan) {
            (true, _) => String::new(),
            (false, crate::evidence::Scan::Infected) => {
                l.t("Máy quét tìm thấy mã độc trong tệp này. Không ai mở được tệp.", "The scanner found this file infected. Nobody can open it.").to_owned()
            }
            (false, _) => l
                .t(
                    "Tệp chưa được quét vi-rút nên chưa mở được. Đợi ít phút rồi tải lại trang.",
                    "The file waits for its virus scan and cannot be opened yet. Load the page again in a few minutes.",
                )
                .to_owned(),
        },
        scanned: piece.scanned_at.map(moment).unwrap_or_default(),
        scan_note: piece.scan_note.clone(),
        unit: figures.places().atlas().full_name(piece.unit, today),
        uses,
        may_edit: figures.may(ctx, Role::Officer, piece.unit),
        action: base,
        summary: error_summary(l, &fields),
        fields,
        shell,
    }))
}

/// `POST /evidence/file/{unit}/{file}` with number, issued, issuer, valid_until.
pub(in super::super) async fn describe(
    State(figures): State<Figures>,
    ctx: Context,
    Path((unit, file)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Result<Response, AppError> {
    let (unit, file) = (parsed(&unit)?, parsed(&file)?);
    let library = figures.evidence();
    let outcome = match typed.read() {
        Ok(about) => library.describe(&ctx, unit, file, &about).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => Ok(see_other(&format!("/evidence/file/{unit}/{file}?done=described"))),
        Err(error) if error.status == 422 => {
            let piece = library.piece(&ctx, unit, file).await?;
            Ok(with_status(view(&figures, &ctx, piece, &typed, None, Some(&error)).await?, 422))
        }
        Err(error) => Err(error),
    }
}

/// `GET /evidence/file/{unit}/{file}/content`: to be saved.
pub(in super::super) async fn download(state: State<Figures>, ctx: Context, path: Path<(String, String)>) -> Result<Response, AppError> {
    given(state, ctx, path, false).await
}

/// `GET /evidence/file/{unit}/{file}/inline`: to be shown in the page; only PDF and pictures are.
pub(in super::super) async fn inline(state: State<Figures>, ctx: Context, path: Path<(String, String)>) -> Result<Response, AppError> {
    given(state, ctx, path, true).await
}

async fn given(State(figures): State<Figures>, ctx: Context, Path((unit, file)): Path<(String, String)>, inline: bool) -> Result<Response, AppError> {
    let (piece, bytes) = figures.evidence().open(&ctx, parsed(&unit)?, parsed(&file)?).await?;
    let inline = inline && piece.previewable();
    let how = if inline { "inline" } else { "attachment" };
    let policy = if inline && FileKind::of_media(&piece.media) == Some(FileKind::Pdf) { SHOWN } else { SANDBOX };
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| AppError::new("internal", 500));
    let headers = [
        (header::CONTENT_TYPE, value(&piece.media)?),
        (header::CONTENT_DISPOSITION, value(&format!("{how}; filename*=UTF-8''{}", ui::percent_encode(&piece.name)))?),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    Ok((headers, bytes).into_response())
}
