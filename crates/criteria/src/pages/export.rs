//! A set as a file.

use crate::model::Set;
use crate::{Criteria, source};
use access::Context;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use ui::AppError;

/// `GET /criteria/{set}/export.toml`
pub(super) async fn toml(State(criteria): State<Criteria>, Path(code): Path<String>) -> Result<Response, AppError> {
    criteria.current().await;
    let set = criteria.set(&code)?;
    let name = format!("attachment; filename=\"{code}.toml\"");
    Ok(([(header::CONTENT_TYPE, "application/toml; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)], source::write(&set)).into_response())
}

/// `GET /criteria/{set}/export.xlsx`
pub(super) async fn xlsx(State(criteria): State<Criteria>, ctx: Context, Path(code): Path<String>) -> Result<Response, AppError> {
    criteria.current().await;
    let set: std::sync::Arc<Set> = criteria.set(&code)?;
    let bytes = source::write_xlsx(&set, ctx.today()).map_err(|_| AppError::new("internal", 500))?;
    let name = format!("attachment; filename=\"{code}.xlsx\"");
    Ok(([(header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned()), (header::CONTENT_DISPOSITION, name)], bytes)
        .into_response())
}
