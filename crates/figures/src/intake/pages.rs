//! The handlers of the intake.

use super::check::{NEEDS_WORD, Report};
use super::desk::{self, Work};
use super::form::{self, Wanted};
use super::open::{LIMITS, OpenError, Progress, open};
use super::plan::Plan;
use super::propose::hex;
use super::store::{self, Job, Stage};
use super::view::{self, HomeView, JobLine, JobView};
use super::{book, demo as trial, foreign, layout};
use crate::service::{Figures, Intent};
use access::{Context, Role, db_error};
use askama::Template as _;
use axum::extract::{Form, Multipart, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use calendar::Period;
use print::{CellProblem, annotate_xlsx, annotated_copy, inspect_upload};
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use tokio::task::spawn_blocking;
use ui::{AppError, Html, page};
use uuid::Uuid;

type Fields = Form<Vec<(String, String)>>;
type Answer = Result<Response, AppError>;

/// How long an upload waits for its first result before it shows the progress bar.
const PATIENCE: Duration = Duration::from_millis(1_500);

#[derive(Debug, Default, serde::Deserialize)]
pub struct Choice {
    unit: Option<String>,
    period: Option<String>,
    before: Option<String>,
}

pub async fn home(State(figures): State<Figures>, ctx: Context, Query(choice): Query<Choice>) -> Answer {
    home_page(&figures, &ctx, choice, None).await
}

async fn home_page(figures: &Figures, ctx: &Context, choice: Choice, error: Option<&AppError>) -> Answer {
    let jobs = match ctx.account_id() {
        Some(who) => store::of_account(figures.db(), who).await.map_err(db_error)?,
        None => Vec::new(),
    };
    let l = ctx.lang;
    let periods = view::periods(figures, l);
    // Of the running quarter there is nothing to report yet; the one that has ended comes first.
    let ended = trial::period(figures).map(|p| p.to_string());
    let shell = ctx
        .shell(l.t("Nhập từ bảng tính", "Figures from a workbook"))
        .crumb(l.t("Hôm nay", "Today"), "/today")
        .here(l.t("Nhập từ bảng tính", "From a workbook"))
        .noindex();
    let home = HomeView {
        shell,
        units: view::units(figures, ctx),
        unit: choice.unit.unwrap_or_default(),
        period: choice.period.or(ended).unwrap_or_default(),
        periods,
        error: error.map(|e| (e.code.to_owned(), format!("{} {}", e.what(l), e.how(l)))),
        jobs: jobs
            .iter()
            .map(|j| {
                let (stage, tone) = view::stage(l, j.stage);
                JobLine { id: j.id, name: j.file_name.clone(), at: view::moment(j.created_at), tone, stage }
            })
            .collect(),
        demo: ctx.demo && trial::commune(figures).is_some_and(|u| figures.may(ctx, Role::Officer, u)),
    };
    let mut response = page(&home);
    if let Some(error) = error {
        *response.status_mut() = StatusCode::from_u16(error.status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    }
    Ok(response)
}

fn unit_of(text: Option<&str>) -> Option<Uuid> {
    text?.trim().parse().ok()
}

fn file((name, bytes): (String, Vec<u8>)) -> Response {
    let disposition = format!("attachment; filename=\"{}\"; filename*=UTF-8''{}", ascii(&name), ui::percent_encode(&name));
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

fn ascii(name: &str) -> String {
    lang::fold(name).chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '-' }).collect()
}

pub async fn template(State(figures): State<Figures>, ctx: Context, Query(choice): Query<Choice>) -> Answer {
    let period = choice.period.as_deref().and_then(|p| Period::parse_vi(p).ok());
    let (Some(unit), Some(period)) = (unit_of(choice.unit.as_deref()), period) else {
        return Err(AppError::new("bad_request", 400).say("Cần chọn đơn vị và kỳ báo cáo.", "Choose a unit and a period."));
    };
    let wanted = Wanted { unit, period, before: choice.before.is_some() };
    form::make(&figures, &ctx, wanted).await.map(file)
}

pub async fn demo(State(figures): State<Figures>, ctx: Context) -> Answer {
    trial::make(&figures, &ctx).await.map(file)
}

/// What came with an upload.
async fn received(mut parts: Multipart) -> Result<(String, Vec<u8>, Option<Uuid>), AppError> {
    let broken = |error: axum::extract::multipart::MultipartError| {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return too_large();
        }
        AppError::new("upload_incomplete", 422)
            .say("Tệp chưa tải lên hết.", "The file did not arrive completely.")
            .mend("Kiểm tra đường truyền rồi gửi lại.", "Check the connection and send it again.")
    };
    let (mut name, mut bytes, mut unit) = (String::new(), Vec::new(), None);
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        match part.name() {
            Some("file") => {
                name = lang::clean(part.file_name().unwrap_or_default()).chars().take(200).collect();
                bytes = part.bytes().await.map_err(broken)?.to_vec();
            }
            Some("unit") => unit = part.text().await.map_err(broken)?.parse().ok(),
            _ => {}
        }
    }
    // Some browsers send the whole path.
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    Ok((name, bytes, unit))
}

fn too_large() -> AppError {
    let most = LIMITS.bytes / 1_000_000;
    AppError::new("upload_too_large", 422)
        .say(format!("Tệp quá lớn: tối đa {most} MB."), format!("The file is too large: at most {most} MB."))
        .mend("Hãy bỏ ảnh và các trang không cần, hoặc chia thành nhiều tệp.", "Remove pictures and sheets that are not needed, or split it.")
}

pub async fn upload(State(figures): State<Figures>, ctx: Context, parts: Multipart) -> Answer {
    match take_in(&figures, &ctx, parts).await {
        Ok(id) => Ok(Redirect::to(&format!("/intake/{id}")).into_response()),
        // What is wrong with the file is said beside the field.
        Err(error) if error.status == 422 => home_page(&figures, &ctx, Choice::default(), Some(&error)).await,
        Err(error) => Err(error),
    }
}

async fn take_in(figures: &Figures, ctx: &Context, parts: Multipart) -> Result<Uuid, AppError> {
    let (name, bytes, unit) = received(parts).await?;
    if name.is_empty() {
        return Err(AppError::new("upload_empty", 422)
            .say("Chưa chọn tệp.", "No file was chosen.")
            .mend("Chọn một tệp bảng tính rồi gửi.", "Choose a spreadsheet."));
    }
    if bytes.len() as u64 > LIMITS.bytes {
        return Err(too_large());
    }
    let own = ctx.units_with(Role::Officer);
    let unit = unit.or(own.first().copied()).unwrap_or_default();
    if !figures.may(ctx, Role::Officer, unit) {
        ctx.require(Role::Officer, &[])?;
    }
    // Looked at before anything is stored.
    let (looked, bytes) = {
        let name = name.clone();
        let look = move || {
            let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| inspect_upload(&name, &bytes, &LIMITS)));
            (found.map_or(Err(OpenError::Unreadable), |r| r.map_err(OpenError::from)), bytes)
        };
        spawn_blocking(look).await.map_err(|_| AppError::new("internal", 500))?
    };
    looked.map_err(|error| desk::refusal(&error))?;
    let at = calendar::micros(figures.clock().now());
    let job = Job {
        id: Uuid::now_v7(),
        who: ctx.account_id(),
        unit,
        file_name: name,
        file_hash: hex(&Sha256::digest(&bytes)),
        stage: Stage::Reading,
        done: 0,
        total: 0,
        detail: String::new(),
        created_at: at,
        changed_at: at,
        kind: String::new(),
        plan: String::new(),
        report: String::new(),
    };
    store::add(figures.db(), &job, bytes).await.map_err(db_error)?;
    let id = job.id;
    desk::start(figures, ctx, job, Work::Read).await?;
    figures.desk().wait(id, PATIENCE).await;
    Ok(id)
}

/// A job of one's own; others' do not exist.
async fn own_job(figures: &Figures, ctx: &Context, id: &str) -> Result<Job, AppError> {
    let none = || {
        AppError::new("unknown_import", 404)
            .say("Không có tệp này.", "There is no such file.")
            .mend("Mở lại từ trang “Nhập từ bảng tính”.", "Open it from the page of your files.")
    };
    let id = id.parse().map_err(|_| none())?;
    let job = store::read(figures.db(), id).await.map_err(db_error)?.ok_or_else(none)?;
    if job.who.is_some() && job.who == ctx.account_id() { Ok(job) } else { Err(none()) }
}

pub async fn show(State(figures): State<Figures>, ctx: Context, Path(id): Path<String>) -> Answer {
    let job = own_job(&figures, &ctx, &id).await?;
    let body = view::body(&figures, &ctx, &job);
    let l = ctx.lang;
    let shell = ctx
        .shell(body.heading.clone())
        .crumb(l.t("Hôm nay", "Today"), "/today")
        .crumb(l.t("Nhập từ bảng tính", "From a workbook"), "/intake")
        .here(job.file_name.clone())
        .noindex();
    let running = body.running;
    let body = body.render().map(Html::trusted).map_err(|_| AppError::new("internal", 500))?;
    Ok(page(&JobView { shell, id: job.id, running, body }))
}

pub async fn live(State(figures): State<Figures>, ctx: Context, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let job = own_job(&figures, &ctx, &id).await?;
    let body = view::body(&figures, &ctx, &job).render().map_err(|_| AppError::new("internal", 500))?;
    let tag = format!("\"{}\"", hex(&Sha256::digest(body.as_bytes())).get(..24).unwrap_or_default());
    if headers.get(header::IF_NONE_MATCH).is_some_and(|seen| seen.as_bytes() == tag.as_bytes()) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()), (header::ETAG, tag), (header::CACHE_CONTROL, "no-store".to_owned())], body)
        .into_response())
}

fn wrong_stage() -> AppError {
    AppError::new("wrong_stage", 409)
        .say("Tệp này không còn ở bước đó.", "The file is no longer at that step.")
        .mend("Tải lại trang để xem bước hiện tại.", "Reload the page to see where it is.")
}

async fn again(figures: &Figures, ctx: &Context, job: Job, work: Work) -> Answer {
    let id = job.id;
    desk::start(figures, ctx, job, work).await?;
    figures.desk().wait(id, PATIENCE).await;
    Ok(Redirect::to(&format!("/intake/{id}")).into_response())
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|f| f.0 == name).map(|f| f.1.as_str())
}

pub async fn map(State(figures): State<Figures>, ctx: Context, Path(id): Path<String>, Form(fields): Fields) -> Answer {
    let mut job = own_job(&figures, &ctx, &id).await?;
    if job.kind != "foreign" || job.stage.works() || job.stage == Stage::Done {
        return Err(wrong_stage());
    }
    let mut plan: Plan = serde_json::from_str(&job.plan).map_err(|_| wrong_stage())?;
    if let Some(unit) = unit_of(field(&fields, "unit")) {
        if !figures.may(&ctx, Role::Officer, unit) {
            ctx.require(Role::Officer, &[])?;
        }
        job.unit = unit;
    }
    let first = field(&fields, "first").and_then(|f| f.trim().parse::<u32>().ok()).and_then(|f| f.checked_sub(1));
    let sheet = field(&fields, "sheet").unwrap_or(&plan.sheet).to_owned();
    let moved = sheet != plan.sheet || first.is_some_and(|f| f != plan.first) || job.unit != plan.scope;
    if field(&fields, "look").is_some() || moved || job.stage != Stage::Mapping {
        let (name, bytes) = (job.file_name.clone(), store::content(figures.db(), job.id).await.map_err(db_error)?);
        let opened = spawn_blocking(move || open(&name, &bytes, &Progress::default())).await.unwrap_or(Err(OpenError::Unreadable));
        let (_, book) = opened.map_err(|e| desk::refusal(&e))?;
        let first = first.filter(|f| sheet == plan.sheet && *f != plan.first);
        let (fresh, draft) = foreign::draft(&figures, &job, &book, Some(&sheet), first).await?;
        job.plan = serde_json::to_string(&fresh).unwrap_or_default();
        job.report = serde_json::to_string(&draft).unwrap_or_default();
        job.stage = Stage::Mapping;
        job.changed_at = calendar::micros(figures.clock().now());
        store::save(figures.db(), &job).await.map_err(db_error)?;
        return Ok(Redirect::to(&format!("/intake/{}", job.id)).into_response());
    }
    view::mapped(&mut plan, &fields);
    plan.hidden = field(&fields, "hidden").is_some();
    let written = field(&fields, "period").unwrap_or_default();
    let period = Period::parse_vi(written).ok().or_else(|| layout::find_period(written));
    let complaint = match period {
        None => Some((
            "unknown_period",
            "Chưa rõ số liệu của kỳ nào. Ghi kỳ, ví dụ quý II/2025.",
            "It is not known which period the figures are of. Write it, such as quý II/2025.",
        )),
        Some(_) if plan.columns.is_empty() => Some((
            "no_columns",
            "Chưa có cột nào là chỉ tiêu. Hãy chọn cho ít nhất một cột.",
            "No column is a measure yet. Choose one for at least one column.",
        )),
        Some(_)
            if (1..plan.columns.len()).any(|i| {
                plan.columns.get(..i).is_some_and(|before| plan.columns.get(i).is_some_and(|c| before.iter().any(|b| b.code == c.code && b.part == c.part)))
            }) =>
        {
            Some(("column_twice", "Một chỉ tiêu được chọn cho hai cột. Mỗi chỉ tiêu chỉ một cột.", "A measure was chosen for two columns. Choose each once."))
        }
        Some(_) => None,
    };
    if let Some(period) = period {
        plan.period = period.to_string();
    }
    job.plan = serde_json::to_string(&plan).unwrap_or_default();
    if let Some((code, vi, en)) = complaint {
        job.detail = serde_json::to_string(&desk::Detail { code: code.to_owned(), vi: vi.to_owned(), en: en.to_owned() }).unwrap_or_default();
        store::save(figures.db(), &job).await.map_err(db_error)?;
        let body = show(State(figures), ctx, Path(id)).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, body).into_response());
    }
    remember(&figures, &ctx, &job, &plan).await?;
    again(&figures, &ctx, job, Work::Check).await
}

async fn remember(figures: &Figures, ctx: &Context, job: &Job, plan: &Plan) -> Result<(), AppError> {
    let Some(draft) = serde_json::from_str::<foreign::Draft>(&job.report).ok().filter(|_| job.stage == Stage::Mapping) else { return Ok(()) };
    let tenant = figures.places().atlas().unit(job.unit).map(|u| u.tenant).unwrap_or_default();
    let text = serde_json::to_string(&plan.remembered()).unwrap_or_default();
    store::save_mapping(figures.db(), tenant, &draft.shape, &text, calendar::micros(ctx.at), ctx.author_name()).await.map_err(db_error)
}

/// Answers to questions and words of explanation; the file is checked again.
pub async fn answer(State(figures): State<Figures>, ctx: Context, Path(id): Path<String>, Form(fields): Fields) -> Answer {
    let mut job = own_job(&figures, &ctx, &id).await?;
    if job.stage != Stage::Ready {
        return Err(wrong_stage());
    }
    take_answers(&mut job, &fields)?;
    again(&figures, &ctx, job, Work::Check).await
}

fn take_answers(job: &mut Job, fields: &[(String, String)]) -> Result<(), AppError> {
    let mut plan: Plan = serde_json::from_str(&job.plan).map_err(|_| wrong_stage())?;
    let report: Report = serde_json::from_str(&job.report).unwrap_or_default();
    let all = field(fields, "reason.all").map(lang::clean).filter(|t| !t.is_empty());
    for problem in report.problems.iter().filter(|p| NEEDS_WORD.contains(&p.code.as_str())) {
        let key = format!("reason.{}.{}", problem.row, problem.col);
        let own = field(fields, &key).map(lang::clean).filter(|t| !t.is_empty());
        if let Some(word) = own.or_else(|| all.clone()) {
            plan.answers.insert(key, word.chars().take(500).collect());
        }
    }
    for question in &report.questions {
        if let Some(value) = field(fields, &question.key).filter(|v| question.options.iter().any(|o| o.0 == **v)) {
            plan.answers.insert(question.key.clone(), value.to_owned());
        }
    }
    job.plan = serde_json::to_string(&plan).unwrap_or_default();
    Ok(())
}

pub async fn write(State(figures): State<Figures>, ctx: Context, Path(id): Path<String>, Form(fields): Fields) -> Answer {
    let mut job = own_job(&figures, &ctx, &id).await?;
    if job.stage != Stage::Ready {
        return Err(wrong_stage());
    }
    take_answers(&mut job, &fields)?;
    let intent = if field(&fields, "intent") == Some("draft") { Intent::Draft } else { Intent::Submit };
    again(&figures, &ctx, job, Work::Write(intent)).await
}

pub async fn cancel(State(figures): State<Figures>, ctx: Context, Path(id): Path<String>) -> Answer {
    let job = own_job(&figures, &ctx, &id).await?;
    if matches!(job.stage, Stage::Done | Stage::Refused | Stage::Cancelled) {
        return Err(wrong_stage());
    }
    figures.desk().stop(job.id).await;
    // It may have come to its end meanwhile; what is written stays written.
    let mut job = own_job(&figures, &ctx, &id).await?;
    match job.stage {
        Stage::Done => {}
        // The transaction was rolled back, or it was committed a moment before: a dry run shows which.
        Stage::Writing => return again(&figures, &ctx, job, Work::Check).await,
        _ => {
            job.stage = Stage::Cancelled;
            job.changed_at = calendar::micros(figures.clock().now());
            store::save(figures.db(), &job).await.map_err(db_error)?;
            store::forget(figures.db(), job.id).await.map_err(db_error)?;
        }
    }
    Ok(Redirect::to(&format!("/intake/{}", job.id)).into_response())
}

pub async fn resume(State(figures): State<Figures>, ctx: Context, Path(id): Path<String>) -> Answer {
    let job = own_job(&figures, &ctx, &id).await?;
    if !desk::interrupted(&figures, &job) {
        return Err(wrong_stage());
    }
    let work = if job.stage == Stage::Reading { Work::Read } else { Work::Check };
    again(&figures, &ctx, job, work).await
}

/// The file as it was brought, its bad cells marked and explained.
pub async fn marked(State(figures): State<Figures>, ctx: Context, Path(id): Path<String>) -> Answer {
    let job = own_job(&figures, &ctx, &id).await?;
    let (plan, report) = match (serde_json::from_str::<Plan>(&job.plan), serde_json::from_str::<Report>(&job.report)) {
        (Ok(plan), Ok(report)) if matches!(job.stage, Stage::Ready | Stage::Done) => (plan, report),
        _ => return Err(wrong_stage()),
    };
    let bytes = store::content(figures.db(), job.id).await.map_err(db_error)?;
    let problems: Vec<CellProblem> =
        report.problems.iter().map(|p| CellProblem { sheet: plan.sheet.clone(), row: p.row, col: p.col, message: p.vi.clone() }).collect();
    let summary = vec![
        format!("Tệp {} – {}", job.file_name, view::moment(job.changed_at)),
        format!("{} mới, {} thay đổi, {} đã có sẵn, {} cần sửa.", report.new, report.changed, report.unchanged, report.wrong),
        "Sửa các ô được tô màu rồi tải tệp này lên lại; các ô đúng không cần nhập lại.".to_owned(),
    ];
    let (name, file_name) = (job.file_name.clone(), job.file_name.clone());
    let made = spawn_blocking(move || {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            if name.to_lowercase().ends_with(".xlsx")
                && let Ok(marked) = annotate_xlsx(&bytes, &problems, &summary)
            {
                return Some(marked);
            }
            let (_, book): (_, book::Book) = open(&name, &bytes, &Progress::default()).ok()?;
            annotated_copy(&book.texts(), &problems, &summary).ok()
        }))
        .ok()
        .flatten()
    });
    let bytes = made.await.ok().flatten().ok_or_else(|| AppError::new("internal", 500))?;
    let stem = file_name.rsplit_once('.').map_or(file_name.as_str(), |(stem, _)| stem);
    Ok(file((format!("{stem}-can-sua.xlsx"), bytes)))
}
