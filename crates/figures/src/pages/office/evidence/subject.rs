//! The evidence of one figure or criterion: what there is, adding, reusing, unlinking.

use super::super::{done, see_other, with_status};
use super::{At, Row, Told, Typed, at_field, broken, parsed, row, told};
use crate::Figures;
use crate::evidence::{Offer, Upload};
use access::Context;
use askama::Template;
use axum::extract::{Form, Multipart, Query, State};
use axum::response::Response;
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Notice, Shell, Tone, page};

struct Choice {
    value: String,
    row: Row,
    used_for: String,
    same: bool,
}

#[derive(Template)]
#[template(path = "office_evidence.html")]
struct EvidenceView {
    shell: Shell,
    heading: String,
    hidden: Vec<(&'static str, String)>,
    rows: Vec<Row>,
    choices: Vec<Choice>,
    may_add: bool,
    fields: Vec<Field>,
    summary: Html,
    back: String,
    unlink_error: (String, String, String),
}

/// `GET /evidence?unit=&period=` and `measure=`, or `set=&indicator=`
pub(in super::super) async fn show(State(figures): State<Figures>, ctx: Context, Query(at): Query<At>) -> Result<Response, AppError> {
    let told = opened(&figures, &ctx, &at).await?;
    view(&figures, &ctx, told, &Typed::default(), done(ctx.lang, Some(at.done.as_str())), None, Default::default()).await
}

async fn opened(figures: &Figures, ctx: &Context, at: &At) -> Result<Told, AppError> {
    let subject = at.subject(figures, ctx)?;
    Ok(told(figures, &figures.evidence(), subject, ctx.lang).await)
}

async fn view(
    figures: &Figures,
    ctx: &Context,
    told: Told,
    typed: &Typed,
    notice: Option<Notice>,
    error: Option<&AppError>,
    unlink_error: (String, String, String),
) -> Result<Response, AppError> {
    let (l, library, today) = (ctx.lang, figures.evidence(), ctx.today());
    let pieces = library.list_for(ctx, &told.subject).await?;
    let may_add = library.may_add(ctx, told.subject.unit());
    let offers = if may_add { library.offers(ctx, &told.subject).await? } else { Vec::new() };
    let mut choices = Vec::with_capacity(offers.len());
    for Offer { piece, used_for, same } in offers {
        let used_for = match used_for {
            Some(subject) => super::told(figures, &library, subject, l).await.heading,
            None => String::new(),
        };
        choices.push(Choice { value: format!("{}.{}", piece.unit, piece.id), row: row(figures, &piece, today, l), used_for, same });
    }
    let mut shell = ctx.shell(format!("{}: {}", l.t("Minh chứng", "Evidence"), told.heading)).noindex().notice(notice);
    shell = shell.crumb(l.t("Kho minh chứng", "Evidence library"), "/evidence/library").here(l.t("Minh chứng", "Evidence"));
    shell.path.clone_from(&told.href);
    let mut fields = vec![
        Field::new("files", l.t("Tệp", "Files"))
            .kind(Kind::File)
            .attr("multiple", "")
            .attr("accept", ".pdf,.jpg,.jpeg,.png,.docx,.xlsx")
            .hint(l.t(
                "PDF, ảnh JPG hoặc PNG, Word, Excel; mỗi tệp không quá 10 MB. Ảnh được bỏ vị trí và thông tin máy chụp.",
                "PDF, JPG or PNG, Word, Excel; at most 10 MB each. Pictures lose the place and device they were taken with.",
            ))
            .error(at_field(error, "files", l)),
        Field::new("url", l.t("hoặc đường dẫn trang công khai", "or the address of a public page"))
            .attr("inputmode", "url")
            .hint(l.t("Ví dụ quyết định đăng trên cổng thông tin của tỉnh.", "Such as a decision on the province's portal."))
            .value(&typed.url)
            .error(at_field(error, "url", l)),
    ];
    fields.extend(typed.fields(l, error));
    Ok(page(&EvidenceView {
        rows: pieces.iter().map(|p| row(figures, p, today, l)).collect(),
        choices,
        may_add,
        summary: error_summary(l, &fields),
        heading: told.heading,
        hidden: told.hidden,
        fields,
        back: told.back,
        unlink_error,
        shell,
    }))
}

/// `POST /evidence` with the subject, files, url, number, issued, issuer, valid_until.
pub(in super::super) async fn add(State(figures): State<Figures>, ctx: Context, mut form: Multipart) -> Result<Response, AppError> {
    let (mut at, mut typed, mut files) = (At::default(), Typed::default(), Vec::new());
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "files" {
            let file = field.file_name().unwrap_or_default().to_owned();
            files.push(Upload { name: file, bytes: field.bytes().await.map_err(broken)?.to_vec() });
            continue;
        }
        let text = field.text().await.map_err(broken)?;
        match name.as_str() {
            "unit" => at.unit = text,
            "measure" => at.measure = text,
            "period" => at.period = text,
            "set" => at.set = text,
            "indicator" => at.indicator = text,
            "number" => typed.number = text,
            "issued" => typed.issued = text,
            "issuer" => typed.issuer = text,
            "valid_until" => typed.valid_until = text,
            "url" => typed.url = text,
            _ => {}
        }
    }
    let told = opened(&figures, &ctx, &at).await?;
    let library = figures.evidence();
    files.retain(|f| !f.bytes.is_empty());
    let outcome = match typed.read() {
        Ok(about) if files.is_empty() && !typed.url.trim().is_empty() => library.attach_link(&ctx, &told.subject, &about, &typed.url).await,
        Ok(about) => library.attach(&ctx, &told.subject, &about, files).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(added) if added.known > 0 => Ok(see_other(&format!("{}&done=evidence_known", told.href))),
        Ok(_) => Ok(see_other(&format!("{}&done=evidence", told.href))),
        Err(error) => refused(&figures, &ctx, told, &typed, error).await,
    }
}

/// The page again, with what was refused beside its field.
async fn refused(figures: &Figures, ctx: &Context, told: Told, typed: &Typed, error: AppError) -> Result<Response, AppError> {
    if !matches!(error.status, 409 | 422 | 503) {
        return Err(error);
    }
    let notice = error.at.is_none().then(|| Notice::new(Tone::Bad, format!("{} {}", error.what(ctx.lang), error.how(ctx.lang))));
    Ok(with_status(view(figures, ctx, told, typed, notice, Some(&error), Default::default()).await?, error.status))
}

/// The subject and the chosen files of a form.
fn pairs(form: Vec<(String, String)>) -> (At, Vec<String>, String) {
    let (mut at, mut files, mut reason) = (At::default(), Vec::new(), String::new());
    for (name, text) in form {
        match name.as_str() {
            "unit" => at.unit = text,
            "measure" => at.measure = text,
            "period" => at.period = text,
            "set" => at.set = text,
            "indicator" => at.indicator = text,
            "file" => files.push(text),
            "reason" => reason = text,
            _ => {}
        }
    }
    (at, files, reason)
}

/// `POST /evidence/reuse` with the subject and one or more files as `unit.file`.
pub(in super::super) async fn reuse(State(figures): State<Figures>, ctx: Context, Form(form): Form<Vec<(String, String)>>) -> Result<Response, AppError> {
    let (at, files, _) = pairs(form);
    let told = opened(&figures, &ctx, &at).await?;
    let library = figures.evidence();
    if files.is_empty() {
        let error = AppError::new("nothing_chosen", 422)
            .say("Chưa chọn minh chứng nào.", "No evidence was chosen.")
            .mend("Đánh dấu vào tệp cần dùng lại.", "Tick what is to be reused.");
        return refused(&figures, &ctx, told, &Typed::default(), error).await;
    }
    for file in files.iter().take(crate::evidence::MOST_FILES) {
        let (via, id) = file.split_once('.').unwrap_or_default();
        if let Err(error) = library.reuse(&ctx, &told.subject, parsed(via)?, parsed(id)?).await {
            return refused(&figures, &ctx, told, &Typed::default(), error).await;
        }
    }
    Ok(see_other(&format!("{}&done=evidence", told.href)))
}

/// `POST /evidence/unlink` with the subject, a file and the reason.
pub(in super::super) async fn unlink(State(figures): State<Figures>, ctx: Context, Form(form): Form<Vec<(String, String)>>) -> Result<Response, AppError> {
    let (at, files, reason) = pairs(form);
    let told = opened(&figures, &ctx, &at).await?;
    let file = files.first().cloned().unwrap_or_default();
    match figures.evidence().unlink(&ctx, &told.subject, parsed(&file)?, &reason).await {
        Ok(()) => Ok(see_other(&format!("{}&done=unlinked", told.href))),
        Err(error) if error.code == "reason_required" => {
            let said = (file, reason, format!("{} {}", error.what(ctx.lang), error.how(ctx.lang)));
            Ok(with_status(view(&figures, &ctx, told, &Typed::default(), None, None, said).await?, 422))
        }
        Err(error) => refused(&figures, &ctx, told, &Typed::default(), error).await,
    }
}
