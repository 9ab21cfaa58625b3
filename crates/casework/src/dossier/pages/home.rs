//! The dossiers of an office, and what is found among them.

use super::{Answer, Ask, Row, done, row, shell};
use crate::Casework;
use crate::document::desk::{kind_name, short};
use crate::document::{Colleague, Hat, Office};
use crate::dossier::State;
use crate::register::Document;
use access::Context;
use askama::Template;
use axum::extract::{Query, State as App};
use ui::{Shell, page};

#[derive(Template)]
#[template(path = "dossiers.html")]
struct HomeView {
    shell: Shell,
    office: Office,
    offices: Vec<Office>,
    mine: Vec<Row>,
    to_issue: Vec<(String, String, String)>,
    arrivals: usize,
    state: &'static str,
    rows: Vec<Row>,
    next: Option<String>,
    head: bool,
    clerk: bool,
    colleagues: Vec<Colleague>,
}

pub(super) fn state_of(word: Option<&str>) -> (State, &'static str) {
    match word {
        Some("closed") => (State::Closed, "closed"),
        Some("archived") => (State::Archived, "archived"),
        _ => (State::Open, "open"),
    }
}

/// `GET /dossiers?office=&state=open|closed|archived&due=&after=`
pub(super) async fn home(App(work): App<Casework>, ctx: Context, Query(ask): Query<Ask>) -> Answer {
    let (office, offices) = work.chosen(&ctx, ask.office.as_deref()).await?;
    let l = ctx.lang;
    let (state, word) = state_of(ask.state.as_deref());
    let after = ask.after.as_deref().and_then(|a| a.parse().ok()).map(|id| (ask.due.clone().unwrap_or_default(), id));
    let (found, more) = work.dossiers(&ctx, &office, state, after, 50).await?;
    let (head, clerk) = (office.wears(&ctx, Hat::Head), office.wears(&ctx, Hat::Clerk));
    let mine = work.held_dossiers(&ctx, &office, 100).await?;
    let waiting = if clerk { work.drafts_to_issue(&ctx, &office).await? } else { Vec::new() };
    let arrivals = if clerk { work.arrivals(&ctx, &office).await?.len() } else { 0 };
    let title = l.t("Hồ sơ công việc", "Work dossiers");
    let shell = ctx.shell(title).noindex().notice(done(l, ask.done.as_deref())).crumb(l.t("Hôm nay", "Today"), "/today").here(title);
    Ok(page(&HomeView {
        mine: mine.iter().map(|d| row(&ctx, &office, d)).collect(),
        to_issue: waiting
            .into_iter()
            .map(|d| (format!("/dossiers/{}/{}/drafts/{}", office.id, d.dossier, d.id), format!("{}: {}", kind_name(&d.kind, l), d.title), d.signer))
            .collect(),
        arrivals,
        rows: found.iter().map(|d| row(&ctx, &office, d)).collect(),
        next: found.last().filter(|_| more).map(|d| format!("/dossiers?office={}&state={word}&due={}&after={}", office.id, d.due, d.id)),
        colleagues: if head { work.colleagues(&ctx, &office).await? } else { Vec::new() },
        state: word,
        head,
        clerk,
        office,
        offices,
        shell,
    }))
}

#[derive(Template)]
#[template(path = "dossier_found.html")]
struct FoundView {
    shell: Shell,
    office: Office,
    q: String,
    dossiers: Vec<Row>,
    documents: Vec<(String, String, String, String)>,
    more: bool,
}

/// `GET /dossiers/search?office=&q=`
pub(super) async fn search(App(work): App<Casework>, ctx: Context, Query(ask): Query<Ask>) -> Answer {
    let (office, _) = work.chosen(&ctx, ask.office.as_deref()).await?;
    let l = ctx.lang;
    let q: String = ask.q.as_deref().map(lang::clean).unwrap_or_default().chars().take(200).collect();
    let found = if q.is_empty() { crate::dossier::Found::default() } else { work.find(&ctx, &office, &q, 30).await? };
    let title = l.t("Tìm hồ sơ, văn bản", "Search dossiers and documents");
    let line = |d: &Document| {
        (
            format!("/registers/{}/documents/{}", office.id, d.id),
            d.symbol.clone(),
            format!("{}: {}", kind_name(&d.kind, l), d.title),
            format!("{} · {}", d.party, short(&d.dated)),
        )
    };
    Ok(page(&FoundView {
        shell: shell(&ctx, title, &office).here(title),
        dossiers: found.dossiers.iter().map(|d| row(&ctx, &office, d)).collect(),
        documents: found.documents.iter().map(line).collect(),
        more: found.more,
        q,
        office,
    }))
}
