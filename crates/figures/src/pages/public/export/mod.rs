//! What leaves as a file: the table of a dashboard as XLSX and CSV, the dashboard as a Word report, the completeness board.
//! A file says by itself what it shows, from where, when, for whom and under which definition.

mod board;
mod sheet;
mod source;
mod word;

use super::dashboard::Read;
use super::params::{Asked, Params, measure};
use crate::Figures;
use access::{Context, Need, Routes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use places::Level;
use print::{Language, PrintError};
use tokio::sync::Semaphore;
use ui::{AppError, Lang};

pub(super) fn routes() -> Routes<Figures> {
    Routes::new()
        .get("/measures/{code}/export.xlsx", Need::Public, xlsx)
        .get("/measures/{code}/export.csv", Need::Public, csv)
        .get("/measures/{code}/export.docx", Need::Public, docx)
        .get("/completeness/export.xlsx", Need::Public, board::xlsx)
        .get("/completeness/export.csv", Need::Public, board::csv)
}

/// Files made at the same time; each may hold a large table in memory.
static ROOM: Semaphore = Semaphore::const_new(2);

/// Kinds of files: ending and media type.
#[derive(Clone, Copy, Debug)]
enum File {
    Xlsx,
    Csv,
    Docx,
}

impl File {
    fn ending(self) -> &'static str {
        match self {
            File::Xlsx => "xlsx",
            File::Csv => "csv",
            File::Docx => "docx",
        }
    }

    fn media(self) -> &'static str {
        match self {
            File::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            File::Csv => "text/csv; charset=utf-8; header=present",
            File::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        }
    }
}

/// The dashboard of an address, read as its page reads it.
async fn read(f: &Figures, ctx: &Context, code: &str, params: &Params) -> Result<Read, AppError> {
    let known = measure(f, ctx, code)?;
    let asked = Asked::read(f, ctx, &known, params)?;
    Read::new(f, ctx, asked, params, true).await
}

/// `GET /measures/{code}/export.xlsx?unit=&period=&tree=&level=`
async fn xlsx(State(f): State<Figures>, ctx: Context, Path(code): Path<String>, params: Params, headers: HeaderMap) -> Result<Response, AppError> {
    let read = read(&f, &ctx, &code, &params).await?;
    let book = sheet::book(&f, &ctx, &read, &source::host(&headers));
    make(File::Xlsx, name(&read.asked, &code, read.level), move || print::to_xlsx(&book)).await
}

/// `GET /measures/{code}/export.csv`
async fn csv(State(f): State<Figures>, ctx: Context, Path(code): Path<String>, params: Params) -> Result<Response, AppError> {
    let read = read(&f, &ctx, &code, &params).await?;
    let table = sheet::places(&read, ctx.lang);
    make(File::Csv, name(&read.asked, &code, read.level), move || Ok(print::to_csv(&table))).await
}

/// `GET /measures/{code}/export.docx`
async fn docx(State(f): State<Figures>, ctx: Context, Path(code): Path<String>, params: Params, headers: HeaderMap) -> Result<Response, AppError> {
    let read = read(&f, &ctx, &code, &params).await?;
    let draft = word::Draft::of(&f, &ctx, &read, &source::host(&headers));
    make(File::Docx, name(&read.asked, &code, read.level), move || draft.finish()).await
}

/// A name that says what is in the file: `so_ho_2025_24_commune`.
fn name(asked: &Asked, what: &str, level: Option<Level>) -> String {
    let token = asked.token(asked.place);
    let place = if token.is_empty() { "vn" } else { token.as_str() };
    let tree = if asked.ask.tree == crate::service::Tree::Today { "_today" } else { "" };
    let level = level.map(|l| format!("_{}", l.word())).unwrap_or_default();
    format!("{what}_{}_{place}{level}{tree}", asked.ask.period)
}

/// Writes a file away from the threads that answer requests.
async fn make(kind: File, name: String, work: impl FnOnce() -> Result<Vec<u8>, PrintError> + Send + 'static) -> Result<Response, AppError> {
    let _room = ROOM.acquire().await.map_err(|_| AppError::new("internal", 500))?;
    let made = tokio::task::spawn_blocking(work).await.map_err(|_| AppError::new("internal", 500))?;
    let bytes = made.map_err(|error| match error {
        PrintError::TooLarge => AppError::new("table_too_large", 422)
            .say("Bảng lớn hơn mức một trang tính chứa được.", "The table is larger than a worksheet can hold.")
            .mend("Chọn một địa bàn nhỏ hơn.", "Choose a smaller place."),
        error => {
            tracing::error!(%error, "a file could not be written");
            AppError::new("internal", 500)
        }
    })?;
    let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')).collect();
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind.media()));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}.{}\"", kind.ending())) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// The language of the words `print` adds itself.
fn language(l: Lang) -> Language {
    match l {
        Lang::Vi => Language::Vi,
        Lang::En => Language::En,
    }
}
