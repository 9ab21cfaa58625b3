//! What administrators do about personal data: requests of people, and how long things are kept.

use super::{Done, belongs_in_form, done, moment, place_error, with_status};
use crate::access::Access;
use crate::context::Context;
use crate::role::Role;
use crate::routes::see_other;
use crate::service::{Ask, DataRequest, Kept};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use std::collections::BTreeMap;
use ui::form::{Field, error_summary};
use ui::{AppError, Html, Lang, Notice, Shell, Tone, page};
use uuid::Uuid;

const PAGE: &str = "/admin/personal";

/// A request as people read it.
pub(super) struct Asked {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) href: String,
    pub(super) title: &'static str,
    pub(super) at: String,
    pub(super) said: String,
    pub(super) wanted: String,
    pub(super) proof: String,
    pub(super) state: (&'static str, &'static str),
    pub(super) answer: String,
    /// Accepting does all of it.
    pub(super) applies: bool,
}

pub(super) fn asked(request: DataRequest, l: Lang) -> Asked {
    let state = match request.done {
        None => (Tone::Warn.class(), l.t("chờ trả lời", "waiting")),
        Some(true) => ("ok", l.t("đã làm", "done")),
        Some(false) => (Tone::Bad.class(), l.t("từ chối", "refused")),
    };
    let answer = if request.done.is_some() { format!("{} ({})", request.answer, request.answered_name) } else { String::new() };
    Asked {
        id: request.id,
        name: request.name,
        href: format!("/admin/accounts/{}", request.account),
        title: request.ask.label(l),
        at: calendar::from_micros(request.at).map(moment).unwrap_or_default(),
        said: request.said,
        wanted: request.wanted,
        proof: request.proof,
        state,
        answer: answer.trim().to_owned(),
        applies: request.ask != Ask::Other,
    }
}

#[derive(Template)]
#[template(path = "personal.html")]
struct View {
    shell: Shell,
    requests: Vec<Asked>,
    /// The form of the terms; empty for those who do not look after the centre.
    terms: Vec<Field>,
    summary: Html,
    overdue: String,
}

async fn view(
    access: &Access,
    ctx: &Context,
    notice: Option<Notice>,
    typed: &BTreeMap<String, String>,
    error: Option<&AppError>,
) -> Result<Response, AppError> {
    ctx.require_person()?;
    ctx.require_somewhere(Role::Administrator)?;
    let l = ctx.lang;
    let mut shell = ctx
        .shell(l.t("Dữ liệu cá nhân", "Personal data"))
        .noindex()
        .notice(notice)
        .crumb(l.t("Tài khoản", "Accounts"), "/admin/accounts")
        .here(l.t("Dữ liệu cá nhân", "Personal data"));
    shell.path = PAGE.to_owned();
    let mut terms = Vec::new();
    let mut overdue = String::new();
    if ctx.may(Role::Administrator, &access.path(access.inner.options.centre, ctx.today())) {
        let known = access.retention_terms().await?;
        for kept in Kept::ALL {
            let term = known.iter().find(|t| t.kept == kept);
            let days = term.map(|t| t.days.to_string()).unwrap_or_default();
            let basis = term.map(|t| t.basis.clone()).unwrap_or_default();
            let basis_name = format!("{}_basis", kept.word());
            terms.push(
                Field::new(kept.word(), format!("{} ({})", kept.label(l), l.t("ngày", "days")))
                    .value(typed.get(kept.word()).unwrap_or(&days))
                    .attr("inputmode", "numeric")
                    .hint(l.t("Để trống: giữ, vì chưa biết quy định nào", "Empty: kept, because no rule is known")),
            );
            terms.push(
                Field::new(&basis_name, l.t("Theo văn bản", "By which document"))
                    .value(typed.get(&basis_name).unwrap_or(&basis))
                    .hint(l.t("Số, ngày, điều khoản quy định thời hạn này", "Number, date and clause that set this term")),
            );
        }
        let past = access.overdue_data(ctx).await?;
        overdue = format!(
            "{} {} · {} {}",
            past.accounts,
            l.t("tài khoản đã quá thời hạn", "accounts are past their term"),
            past.lines,
            l.t("dòng nhật ký đã quá thời hạn", "lines of the audit are past theirs")
        );
    }
    if let Some(error) = error {
        place_error(&mut shell, &mut terms, error);
    }
    let summary = error_summary(l, &terms);
    let requests = access.data_requests(ctx).await?.into_iter().map(|r| asked(r, l)).collect();
    Ok(page(&View { shell, requests, terms, summary, overdue }))
}

/// `GET /admin/personal`
pub(super) async fn show(State(access): State<Access>, ctx: Context, Query(word): Query<Done>) -> Result<Response, AppError> {
    view(&access, &ctx, done(ctx.lang, word.done.as_deref()), &BTreeMap::new(), None).await
}

#[derive(Deserialize)]
pub(super) struct AnswerEntry {
    accept: String,
    #[serde(default)]
    answer: String,
}

/// `POST /admin/personal/{id}` with `accept=1` or `accept=0`
pub(super) async fn answer(State(access): State<Access>, ctx: Context, Path(id): Path<Uuid>, Form(entry): Form<AnswerEntry>) -> Result<Response, AppError> {
    match access.answer_data_request(&ctx, id, entry.accept == "1", &entry.answer).await {
        Ok(()) => Ok(see_other(format!("{PAGE}?done=answered"))),
        Err(error) if belongs_in_form(&error) => {
            let status = error.status;
            Ok(with_status(view(&access, &ctx, None, &BTreeMap::new(), Some(&error)).await?, status))
        }
        Err(error) => Err(error),
    }
}

/// `POST /admin/personal`: the terms.
pub(super) async fn terms(State(access): State<Access>, ctx: Context, Form(typed): Form<BTreeMap<String, String>>) -> Result<Response, AppError> {
    for kept in Kept::ALL {
        let text = |name: &str| typed.get(name).map(|t| lang::clean(t)).unwrap_or_default();
        let days = text(kept.word());
        let outcome = match (days.is_empty(), days.parse::<i64>()) {
            (true, _) => access.set_retention(&ctx, kept, None, "").await,
            // What is no number is out of range.
            (false, read) => access.set_retention(&ctx, kept, Some(read.unwrap_or(0)), &text(&format!("{}_basis", kept.word()))).await,
        };
        match outcome {
            Ok(()) => {}
            Err(error) if belongs_in_form(&error) => {
                let status = error.status;
                return Ok(with_status(view(&access, &ctx, None, &typed, Some(&error)).await?, status));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(see_other(format!("{PAGE}?done=saved")))
}
