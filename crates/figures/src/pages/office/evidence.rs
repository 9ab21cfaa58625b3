//! Evidence of a figure: list, upload, download.

use super::enter::Pick;
use super::{done, measure as read_measure, period as read_period, period_label, rows, see_other, unit as read_unit, unit_name, with_status};
use crate::Figures;
use crate::service::evidence::{About, Spot, Upload};
use access::{Context, Role};
use askama::Template;
use axum::extract::{Multipart, Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Notice, Shell, page};
use uuid::Uuid;

struct Piece {
    href: String,
    name: String,
    size: String,
    number: String,
    issued: String,
    issuer: String,
    sha256: String,
    short: String,
}

#[derive(Template)]
#[template(path = "office_evidence.html")]
struct EvidenceView {
    shell: Shell,
    heading: String,
    unit: String,
    measure: String,
    period: String,
    pieces: Vec<Piece>,
    may_add: bool,
    fields: Vec<Field>,
    summary: Html,
    back: String,
}

/// `GET /evidence?unit=&measure=&period=`
pub(super) async fn show(State(figures): State<Figures>, ctx: Context, Query(pick): Query<Pick>) -> Result<Response, AppError> {
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    let at = (text(&pick.unit), text(&pick.measure), text(&pick.period));
    view(&figures, &ctx, &at, &About::default(), "", done(ctx.lang, pick.done.as_deref()), None).await
}

type At = (String, String, String);

async fn view(
    figures: &Figures,
    ctx: &Context,
    at: &At,
    about: &About,
    issued: &str,
    notice: Option<Notice>,
    error: Option<&AppError>,
) -> Result<Response, AppError> {
    let l = ctx.lang;
    let unit = read_unit(figures, ctx, &at.0)?;
    let period = read_period(&at.2)?;
    let known = read_measure(figures, &at.1, period)?;
    let spot = Spot { unit, measure: known.measure.id, period };
    let code = &known.measure.def.code;
    let pieces = figures.evidence_of(ctx, spot).await?;
    let place = unit_name(figures, unit, known.window(period).1);
    let heading = format!("{}, {place}, {}", known.measure.title(l), period_label(period, l));
    let back = format!("/enter?unit={unit}&period={period}");
    let mut shell = ctx.shell(format!("{}: {heading}", l.t("Minh chứng", "Evidence"))).noindex().notice(notice);
    shell = shell.crumb(l.t("Nhập số liệu", "Enter figures"), back.clone()).here(l.t("Minh chứng", "Evidence"));
    shell.path = rows::evidence_href(unit, code, period);
    let at_field = |name: &str| error.filter(|e| e.at.as_deref() == Some(name)).map(|e| format!("{} {}", e.what(l), e.how(l)));
    let fields = vec![
        Field::new("files", l.t("Tệp", "Files"))
            .kind(Kind::File)
            .attr("multiple", "")
            .attr("accept", ".pdf,.jpg,.jpeg,.png,.docx,.xlsx")
            .hint(l.t(
                "PDF, ảnh JPG hoặc PNG, Word, Excel; mỗi tệp không quá 10 MB. Ảnh được bỏ vị trí và thông tin máy chụp.",
                "PDF, JPG or PNG, Word, Excel; at most 10 MB each. Pictures lose the place and device they were taken with.",
            ))
            .error(at_field("files")),
        Field::new("number", l.t("Số, ký hiệu văn bản", "Number of the document")).value(&about.number),
        Field::new("issued", l.t("Ngày văn bản", "Date of the document")).kind(Kind::Date).value(issued).error(at_field("issued")),
        Field::new("issuer", l.t("Nơi ban hành", "Issued by")).value(&about.issuer),
    ];
    Ok(page(&EvidenceView {
        pieces: pieces
            .into_iter()
            .map(|e| Piece {
                href: format!("/evidence/{unit}/{code}/{period}/{}", e.id),
                size: size(e.size),
                issued: e.issued.as_deref().and_then(|d| d.parse().ok()).map(lang::show::short_date).unwrap_or_default(),
                name: e.name,
                number: e.number,
                issuer: e.issuer,
                short: e.sha256.chars().take(8).collect(),
                sha256: e.sha256,
            })
            .collect(),
        may_add: figures.may(ctx, Role::Officer, unit),
        summary: error_summary(l, &fields),
        unit: unit.to_string(),
        measure: code.clone(),
        period: period.to_string(),
        heading,
        fields,
        back,
        shell,
    }))
}

fn size(bytes: i64) -> String {
    if bytes >= 1_000_000 { format!("{},{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000) } else { format!("{} KB", (bytes + 999) / 1_000) }
}

/// `POST /evidence` with unit, measure, period, files, number, issued, issuer.
pub(super) async fn add(State(figures): State<Figures>, ctx: Context, mut form: Multipart) -> Result<Response, AppError> {
    let broken = |_| AppError::new("upload_broken", 400).say("Tệp chưa gửi lên hết.", "The upload was cut off.").mend("Gửi lại.", "Send it again.");
    let (mut at, mut about, mut issued, mut files) = (At::default(), About::default(), String::new(), Vec::new());
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "files" {
            let file = field.file_name().unwrap_or_default().to_owned();
            files.push(Upload { name: file, bytes: field.bytes().await.map_err(broken)?.to_vec() });
            continue;
        }
        let text = field.text().await.map_err(broken)?;
        match name.as_str() {
            "unit" => at.0 = text,
            "measure" => at.1 = text,
            "period" => at.2 = text,
            "number" => about.number = text,
            "issued" => issued = text,
            "issuer" => about.issuer = text,
            _ => {}
        }
    }
    let (unit, period) = (read_unit(&figures, &ctx, &at.0)?, read_period(&at.2)?);
    let known = read_measure(&figures, &at.1, period)?;
    let date = match issued.trim() {
        "" => Ok(None),
        text => lang::parse_date(text).map(Some).map_err(|p| AppError::new("date_unreadable", 422).say(p.vi(), p.en()).at("issued")),
    };
    let outcome = match date {
        Ok(date) => {
            about.issued = date;
            figures.attach(&ctx, Spot { unit, measure: known.measure.id, period }, &about, files).await
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(_) => Ok(see_other(&format!("{}&done=evidence", rows::evidence_href(unit, &known.measure.def.code, period)))),
        Err(error) if matches!(error.status, 409 | 422 | 503) => {
            let notice = error.at.is_none().then(|| Notice::new(ui::Tone::Bad, format!("{} {}", error.what(ctx.lang), error.how(ctx.lang))));
            Ok(with_status(view(&figures, &ctx, &at, &about, &issued, notice, Some(&error)).await?, error.status))
        }
        Err(error) => Err(error),
    }
}

/// `GET /evidence/{unit}/{measure}/{period}/{id}`
pub(super) async fn download(
    State(figures): State<Figures>,
    ctx: Context,
    Path((unit, code, period, id)): Path<(String, String, String, Uuid)>,
) -> Result<Response, AppError> {
    let (unit, period) = (read_unit(&figures, &ctx, &unit)?, read_period(&period)?);
    let known = read_measure(&figures, &code, period)?;
    let (name, media, bytes) = figures.evidence_file(&ctx, Spot { unit, measure: known.measure.id, period }, id).await?;
    let disposition = format!("attachment; filename*=UTF-8''{}", ui::percent_encode(&name));
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| AppError::new("internal", 500));
    let headers = [
        (header::CONTENT_TYPE, value(&media)?),
        (header::CONTENT_DISPOSITION, value(&disposition)?),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    Ok((headers, bytes).into_response())
}
