//! `/admin/audit`: who did what, when, to what; with filters, and as CSV.

use super::moment;
use crate::access::Access;
use crate::acts::{self, KINDS};
use crate::context::Context;
use crate::error::db_error;
use crate::service::AuditAsk;
use crate::store::account;
use crate::store::audit::Told;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, Uri, header};
use axum::response::Response;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use ui::api::{List, Reply};
use ui::{AppError, Shell, page};
use uuid::Uuid;

const HERE: &str = "/admin/audit";
const SHOWN: usize = 50;
const EXPORTED: usize = 20_000;

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    who: String,
    act: String,
    about: String,
    from: String,
    until: String,
    before: String,
    /// Read by the export only; kept here so that its address may carry it.
    format: String,
}

impl Asked {
    fn ask(&self, limit: usize) -> Result<AuditAsk, AppError> {
        let day = |name: &'static str, text: &str| -> Result<Option<Date>, AppError> {
            let text = text.trim();
            if text.is_empty() {
                return Ok(None);
            }
            text.parse().map(Some).map_err(|_| {
                AppError::new("date_invalid", 422)
                    .say(format!("Ngày “{}” chưa đúng.", text.chars().take(20).collect::<String>()), "The date is not right.")
                    .mend("Viết như 2026-11-22.", "Write it as 2026-11-22.")
                    .at(name)
            })
        };
        let part = |text: &str| lang::clean(text).chars().take(100).collect::<String>();
        Ok(AuditAsk {
            who: part(&self.who),
            act: part(&self.act),
            about: part(&self.about),
            from: day("from", &self.from)?,
            until: day("until", &self.until)?,
            before: place(&self.before),
            limit,
        })
    }

    fn address(&self, root: &str, before: &str) -> String {
        let e = ui::percent_encode;
        format!(
            "{root}?who={}&act={}&about={}&from={}&until={}&before={}",
            e(&self.who),
            e(&self.act),
            e(&self.about),
            e(&self.from),
            e(&self.until),
            e(before)
        )
    }
}

fn place(text: &str) -> Option<(i64, Uuid, i64)> {
    let mut parts = text.splitn(3, '.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// A line in words.
struct Line {
    when: String,
    who: String,
    capacity: String,
    origin: String,
    act: String,
    code: String,
    about: String,
    about_href: String,
    detail: Vec<(String, String)>,
    chain: String,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct View {
    shell: Shell,
    asked: Asked,
    kinds: Vec<(&'static str, &'static str)>,
    lines: Vec<Line>,
    next: Option<String>,
    export: String,
    problem: String,
}

/// The id in a subject such as `account/01a2…`, or alone.
fn id_of(text: &str) -> Option<Uuid> {
    text.rsplit('/').next().and_then(|id| id.parse().ok())
}

/// Names of the accounts that lines are about.
async fn people(access: &Access, lines: &[Told]) -> Result<HashMap<Uuid, String>, AppError> {
    let mut names = HashMap::new();
    let ids: BTreeSet<Uuid> = lines.iter().filter(|l| l.subject.starts_with("account/")).filter_map(|l| id_of(&l.subject)).collect();
    for id in ids {
        if let Some(row) = account::by_id(access.db(), id).await.map_err(db_error)? {
            names.insert(id, format!("{} ({})", row.name, row.login));
        }
    }
    Ok(names)
}

fn line(access: &Access, ctx: &Context, told: &Told, people: &HashMap<Uuid, String>) -> Line {
    let (l, today) = (ctx.lang, ctx.today());
    let id = id_of(&told.subject);
    let unit = id.and_then(|id| access.inner.units.name(id, today));
    let behalf = told.behalf_label(l);
    let capacity = if behalf.is_empty() { told.capacity_label() } else { format!("{}, {behalf}", told.capacity_label()) };
    let person = id.and_then(|id| people.get(&id).cloned());
    let about_href = match (id, &unit, &person) {
        (Some(id), Some(_), _) => format!("/places/{id}"),
        (Some(id), None, Some(_)) => format!("/admin/accounts/{id}"),
        _ => String::new(),
    };
    // Ids of units are told by their names.
    let named = |value: String| value.parse::<Uuid>().ok().and_then(|id| access.inner.units.name(id, today)).unwrap_or(value);
    Line {
        when: calendar::from_micros(told.at).map(moment).unwrap_or_default(),
        who: told.who_name.clone(),
        capacity,
        origin: told.origin_label(),
        act: acts::words(&told.act, l),
        code: told.act.clone(),
        about: unit.or(person).unwrap_or_else(|| told.subject.clone()),
        about_href,
        detail: detail(&told.detail).into_iter().map(|(name, value)| (name, named(value))).collect(),
        chain: format!("{} · {}", access.unit_name(told.tenant, today, l), told.seq),
    }
}

/// The fields of a detail, shortened; nested ones as JSON.
fn detail(text: &str) -> Vec<(String, String)> {
    let short = |text: String| if text.chars().count() > 300 { format!("{}…", text.chars().take(300).collect::<String>()) } else { text };
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Object(map)) => map
            .into_iter()
            .filter(|(_, v)| !v.is_null())
            .map(|(name, value)| (name, short(value.as_str().map_or_else(|| value.to_string(), str::to_owned))))
            .collect(),
        Ok(serde_json::Value::Null) | Err(_) => Vec::new(),
        Ok(other) => vec![(String::new(), short(other.to_string()))],
    }
}

/// `GET /admin/audit?who=&act=&about=&from=&until=&before=`
pub(super) async fn show(State(access): State<Access>, ctx: Context, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let (found, problem) = match asked.ask(SHOWN) {
        Ok(ask) => (access.read_audit(&ctx, &ask).await?, String::new()),
        Err(error) => {
            access.read_audit(&ctx, &AuditAsk { limit: 1, ..AuditAsk::default() }).await?;
            (crate::service::AuditPage::default(), format!("{} {}", error.what(l), error.how(l)))
        }
    };
    let shell = ctx.shell(l.t("Nhật ký hệ thống", "Audit")).noindex().crumb(l.t("Hôm nay", "Today"), "/today").here(l.t("Nhật ký", "Audit"));
    let people = people(&access, &found.lines).await?;
    let view = View {
        kinds: KINDS.iter().map(|(code, vi, en)| (*code, l.t(vi, en))).collect(),
        lines: found.lines.iter().map(|told| line(&access, &ctx, told, &people)).collect(),
        next: found.next.map(|(at, tenant, seq)| asked.address(HERE, &format!("{at}.{}.{seq}", tenant.simple()))),
        export: format!("{}&format=csv", asked.address("/admin/audit/export", "")),
        problem,
        asked,
        shell,
    };
    Ok(page(&view))
}

/// A line as a row of the export.
#[derive(Serialize)]
struct Row {
    at: String,
    who: String,
    capacity: String,
    origin: String,
    act: String,
    act_words: String,
    subject: String,
    subject_name: String,
    detail: String,
    chain: Uuid,
    number: i64,
}

/// `GET /admin/audit/export`: the same lines as CSV, at most 20,000; the header `Link` leads on.
pub(super) async fn export(
    State(access): State<Access>,
    ctx: Context,
    uri: Uri,
    headers: axum::http::HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    let found = access.read_audit(&ctx, &asked.ask(EXPORTED)?).await?;
    let rows = found.lines.into_iter().map(|told| Row {
        at: calendar::from_micros(told.at).map(|at| at.to_string()).unwrap_or_default(),
        act_words: acts::words(&told.act, ctx.lang),
        capacity: told.capacity_label(),
        origin: told.origin_label(),
        subject_name: id_of(&told.subject).and_then(|id| access.inner.units.name(id, ctx.today())).unwrap_or_default(),
        who: told.who_name,
        act: told.act,
        subject: told.subject,
        detail: told.detail,
        chain: told.tenant,
        number: told.seq,
    });
    let items: Vec<Row> = rows.collect();
    let query = ui::api::Query::read(&uri, &["who", "act", "about", "from", "until", "before", "format"])?;
    let list = List { total: items.len(), items, next: None };
    let mut response = Reply { query: &query, headers: &headers, public: false }.list(
        &list,
        &["at", "who", "capacity", "origin", "act", "act_words", "subject", "subject_name", "detail", "chain", "number"],
        None,
    )?;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"nhat-ky.csv\""));
    if let Some((at, tenant, seq)) = found.next {
        let on = asked.address("/admin/audit/export", &format!("{at}.{}.{seq}", tenant.simple()));
        if let Ok(link) = HeaderValue::from_str(&format!("<{on}&format={}>; rel=\"next\"", ui::percent_encode(&asked.format))) {
            headers.insert(header::LINK, link);
        }
    }
    Ok(response)
}
