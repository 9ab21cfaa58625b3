//! Handlers of the report pages.

use super::draw;
use super::page::{self, Again};
use super::service::{NewReport, ToIssue};
use crate::Programme;
use crate::forms::{DOCX, XLSX, belongs_in_form, download, see_other, with_status, written};
use crate::task::{Typed, date, place, value};
use access::{Context, Need, Routes};
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use ui::AppError;
use uuid::Uuid;

/// Pages of reports. Who may do what depends on the unit, so the use cases ask.
pub(crate) fn routes() -> Routes<Programme> {
    let somebody = Need::SignedIn;
    Routes::new()
        .get("/reports", somebody, list)
        .post("/reports", somebody, begin)
        .get("/reports/{report}", somebody, show)
        .post("/reports/{report}", somebody, save)
        .post("/reports/{report}/issue", somebody, issue)
        .get("/reports/{report}/print", somebody, print_view)
        .get("/reports/{report}/draft/{file}", somebody, draft)
        .get("/reports/{report}/issues/{version}/{file}", somebody, issued)
}

#[derive(Debug, Default, Deserialize)]
struct Pick {
    unit: Option<String>,
    done: Option<String>,
}

fn parse(text: &str) -> Result<Uuid, AppError> {
    text.parse().map_err(|_| unknown())
}

fn unknown() -> AppError {
    AppError::new("unknown_report", 404)
        .say("Không có báo cáo nào ở địa chỉ này.", "There is no report at this address.")
        .mend("Xem danh sách báo cáo.", "See the list of reports.")
}

async fn list(State(p): State<Programme>, ctx: Context, Query(pick): Query<Pick>) -> Result<Response, AppError> {
    ctx.require_signed_in()?;
    let unit = place(&p, &ctx, pick.unit.as_deref())?;
    page::list(&p, &ctx, unit, None, None).await
}

async fn begin(State(p): State<Programme>, ctx: Context, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    ctx.require_signed_in()?;
    let unit = place(&p, &ctx, Some(value(&typed, "unit")))?;
    let period = value(&typed, "period").trim().parse().map_err(|_| {
        AppError::new("wrong_period", 422)
            .say("Kỳ báo cáo chưa đúng.", "The period is not right.")
            .mend("Chọn một kỳ trong danh sách.", "Choose one of the list.")
            .at("period")
    });
    let outcome = match period {
        Ok(period) => p.begin_report(&ctx, &NewReport { template: value(&typed, "template").to_owned(), unit, period }).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(id) => Ok(see_other(&format!("/reports/{id}?done=begun"))),
        Err(error) if belongs_in_form(&error) => Ok(with_status(page::list(&p, &ctx, unit, Some(&typed), Some(&error)).await?, error.status)),
        Err(error) => Err(error),
    }
}

async fn show(State(p): State<Programme>, ctx: Context, Path(id): Path<String>, Query(pick): Query<Pick>) -> Result<Response, AppError> {
    let report = p.report(&ctx, parse(&id)?).await?;
    let composed = p.compose(&ctx, &report, report.template).await?;
    page::desk(&p, &ctx, &report, &composed, Again { done: pick.done.as_deref(), ..Again::default() }).await
}

/// The desk again, with what went wrong.
async fn again(p: &Programme, ctx: &Context, id: Uuid, typed: &Typed, error: AppError) -> Result<Response, AppError> {
    if !belongs_in_form(&error) {
        return Err(error);
    }
    let report = p.report(ctx, id).await?;
    let composed = p.compose(ctx, &report, report.template).await?;
    let response = page::desk(p, ctx, &report, &composed, Again { typed: Some(typed), error: Some(&error), done: None }).await?;
    Ok(with_status(response, error.status))
}

async fn save(State(p): State<Programme>, ctx: Context, Path(id): Path<String>, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    let id = parse(&id)?;
    let report = p.report(&ctx, id).await?;
    let sections: Vec<(String, String, i64)> = report
        .template
        .section
        .iter()
        .filter(|s| typed.iter().any(|(n, _)| *n == format!("w-{}", s.code)))
        .map(|s| (s.code.clone(), value(&typed, &format!("w-{}", s.code)).to_owned(), value(&typed, &format!("s-{}", s.code)).parse().unwrap_or(-1)))
        .collect();
    let signer = (value(&typed, "signer_title"), value(&typed, "signer_name"));
    match p.write_report(&ctx, id, &sections, signer, value(&typed, "recipients")).await {
        Ok(()) => Ok(see_other(&format!("/reports/{id}?done=saved"))),
        Err(error) => again(&p, &ctx, id, &typed, error).await,
    }
}

async fn issue(State(p): State<Programme>, ctx: Context, Path(id): Path<String>, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    let id = parse(&id)?;
    p.report(&ctx, id).await?;
    let outcome = async {
        let number = match value(&typed, "number").trim() {
            "" => None,
            text => Some(text.parse().map_err(|_| {
                AppError::new("number_invalid", 422)
                    .say("Số văn bản phải là số nguyên.", "The number is a whole number.")
                    .mend("Sửa lại ô này.", "Mend it.")
                    .at("number")
            })?),
        };
        let day = date(value(&typed, "day"), "day")?.unwrap_or_else(|| ctx.today());
        let seen = value(&typed, "seen").parse().unwrap_or(usize::MAX);
        p.issue_report(&ctx, id, &ToIssue { number, day, seen, reason: value(&typed, "reason").to_owned() }).await
    };
    match outcome.await {
        Ok(_) => Ok(see_other(&format!("/reports/{id}?done=issued"))),
        Err(error) => again(&p, &ctx, id, &typed, error).await,
    }
}

async fn print_view(State(p): State<Programme>, ctx: Context, Path(id): Path<String>) -> Result<Response, AppError> {
    let report = p.report(&ctx, parse(&id)?).await?;
    let composed = p.compose(&ctx, &report, report.template).await?;
    Ok(page::print_view(&p, &ctx, &report, &composed))
}

/// `docx` or `xlsx` of the report as it is now.
async fn draft(State(p): State<Programme>, ctx: Context, Path((id, file)): Path<(String, String)>) -> Result<Response, AppError> {
    let report = p.report(&ctx, parse(&id)?).await?;
    let composed = p.compose(&ctx, &report, report.template).await?;
    let name = format!("bao-cao-{}-{}", report.template.code, report.period);
    match file.as_str() {
        "docx" => {
            let paper = draw::paper(&p, &ctx, &report, composed, None);
            download(&format!("{name}.docx"), DOCX, written(move || print::to_docx(&draw::drawn(paper))).await?)
        }
        "xlsx" => {
            let sheet = draw::appendix(&p, &ctx, &report, &composed);
            download(&format!("{name}.xlsx"), XLSX, written(move || print::to_xlsx(&sheet)).await?)
        }
        _ => Err(unknown()),
    }
}

async fn issued(State(p): State<Programme>, ctx: Context, Path((id, version, file)): Path<(String, String, String)>) -> Result<Response, AppError> {
    let version = version.parse().map_err(|_| unknown())?;
    let (docx, xlsx) = p.issued_files(&ctx, parse(&id)?, version).await?;
    match file.as_str() {
        "docx" => download(&format!("bao-cao-{version}.docx"), DOCX, docx),
        "xlsx" => download(&format!("phu-luc-{version}.xlsx"), XLSX, xlsx),
        _ => Err(unknown()),
    }
}
