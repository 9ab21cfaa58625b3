//! Procedures: the picture and the list that says the same, versions and what changed, writing and publishing.

use super::{done, moment, see_other, state_tone, stays, with_status};
use crate::Casework;
use crate::library::Version;
use crate::procedure::{Finding, Limit, Procedure, differences, picture};
use access::{Context, Role};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use ui::{AppError, Html, Lang, Notice, Shell, Tone, page};

#[derive(Template)]
#[template(path = "procedures.html")]
struct ListView {
    shell: Shell,
    items: Vec<(String, String, String, String)>,
    admin: bool,
}

fn writes(casework: &Casework, ctx: &Context) -> bool {
    casework.require_writer(ctx).is_ok()
}

/// `GET /procedures`
pub(super) async fn list(State(casework): State<Casework>, ctx: Context) -> Response {
    let l = ctx.lang;
    let library = casework.library();
    let admin = writes(&casework, &ctx);
    let items = library
        .codes()
        .filter_map(|code| library.published(code).or_else(|| library.newest(code).filter(|_| admin)))
        .map(|v| {
            let p = &v.procedure;
            (p.code.clone(), p.title(l).to_owned(), p.document.clone(), format!("{} {}", l.t("bản", "version"), v.number))
        })
        .collect();
    let shell = ctx.shell(l.t("Quy trình", "Procedures")).here(l.t("Quy trình", "Procedures"));
    page(&ListView { shell, items, admin })
}

#[derive(Deserialize, Default)]
pub(super) struct Which {
    version: Option<i64>,
    done: Option<String>,
}

struct Step {
    title: String,
    class: &'static str,
    who: String,
    limit: String,
    source: String,
    hint: String,
    actions: Vec<Way>,
    tasks: Vec<String>,
}

struct Way {
    numbers: String,
    title: String,
    who: String,
    to: String,
    asks: String,
    needs: String,
    guards: Vec<String>,
}

#[derive(Template)]
#[template(path = "procedure_show.html")]
struct ShowView {
    shell: Shell,
    code: String,
    title: String,
    document: String,
    note: String,
    limit: String,
    picture: Html,
    steps: Vec<Step>,
    settings: Vec<(String, String, String)>,
    versions: Vec<(i64, String, String, Option<i64>)>,
    version: i64,
    admin: bool,
}

fn amount(limit: Option<&Limit>, l: Lang) -> String {
    match limit {
        None => String::new(),
        Some(Limit { amount: Some(n), measure, .. }) => format!("{n} {}", l.t(measure.vi(), measure.en())),
        Some(_) => l.t("chưa có mức", "not known").to_owned(),
    }
}

fn steps(p: &Procedure, l: Lang) -> Vec<Step> {
    let actor = |code: &str| p.actor(code).map(|a| l.t(&a.title_vi, &a.title_en).to_owned()).unwrap_or_default();
    let state_title = |code: &str| p.state(code).map(|s| l.t(&s.title_vi, &s.title_en).to_owned()).unwrap_or_default();
    let steps = p.state.iter().map(|s| {
        let ways = p.action.iter().zip(1..).filter(|(a, _)| a.from.contains(s.code.get_ref())).map(|(a, n): (_, usize)| Way {
            numbers: n.to_string(),
            title: l.t(&a.title_vi, &a.title_en).to_owned(),
            who: a.by.iter().map(|b| actor(b)).collect::<Vec<_>>().join(", "),
            to: if a.to == *s.code.get_ref() { String::new() } else { state_title(&a.to) },
            asks: a.asks.iter().filter_map(|c| p.field(c)).map(|f| f.title(l).to_owned()).collect::<Vec<_>>().join("; "),
            needs: a.needs.iter().filter_map(|c| p.paper(c)).map(|f| l.t(&f.title_vi, &f.title_en).to_owned()).collect::<Vec<_>>().join("; "),
            guards: if l == Lang::Vi { a.guard_vi.clone() } else { a.guard_en.clone() },
        });
        Step {
            title: l.t(&s.title_vi, &s.title_en).to_owned(),
            class: state_tone(s).class(),
            who: actor(&s.holder),
            limit: amount(s.limit.as_ref(), l),
            source: s.limit.as_ref().map(|x| x.source.clone()).unwrap_or_default(),
            hint: l.t(&s.hint_vi, &s.hint_en).to_owned(),
            actions: ways.collect(),
            tasks: s.tasks.iter().filter_map(|t| p.task(t)).map(|t| format!("{} ({})", l.t(&t.title_vi, &t.title_en), actor(&t.by))).collect(),
        }
    });
    steps.collect()
}

fn state_word(state: &str, l: Lang) -> &'static str {
    match state {
        "draft" => l.t("bản nháp", "draft"),
        "published" => l.t("đang áp dụng", "in force"),
        _ => l.t("đã thay thế", "replaced"),
    }
}

fn chosen(casework: &Casework, ctx: &Context, code: &str, version: Option<i64>) -> Result<std::sync::Arc<Version>, AppError> {
    let library = casework.library();
    let found = match version {
        Some(number) => library.version(code, number),
        None => library.published(code).or_else(|| library.newest(code)),
    };
    // A draft is its writers' own.
    found.filter(|v| v.state != "draft" || writes(casework, ctx)).ok_or_else(crate::case::unknown_procedure)
}

/// `GET /procedures/{code}?version=`
pub(super) async fn show(State(casework): State<Casework>, ctx: Context, Path(code): Path<String>, Query(which): Query<Which>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let version = chosen(&casework, &ctx, &code, which.version)?;
    let p = &version.procedure;
    let admin = writes(&casework, &ctx);
    let library = casework.library();
    let mut earlier = None;
    let mut versions: Vec<(i64, String, String, Option<i64>)> = Vec::new();
    for v in library.versions(&code).iter().filter(|v| v.state != "draft" || admin) {
        versions.push((
            v.number,
            state_word(&v.state, l).to_owned(),
            format!("{} · {}", v.published_by.as_ref().unwrap_or(&v.entered_by), moment(v.published_at.unwrap_or(v.entered_at))),
            earlier,
        ));
        earlier = Some(v.number);
    }
    versions.reverse();
    let shell = ctx.shell(p.title(l)).notice(done(&ctx, which.done.as_deref())).crumb(l.t("Quy trình", "Procedures"), "/procedures").here(p.title(l));
    Ok(page(&ShowView {
        code: p.code.clone(),
        title: p.title(l).to_owned(),
        document: p.document.clone(),
        note: l.t(&p.note_vi, &p.note_en).to_owned(),
        limit: amount(p.limit.as_ref(), l),
        picture: picture(p, None, l),
        steps: steps(p, l),
        settings: p
            .setting
            .iter()
            .map(|s| {
                let value = s.value.map_or_else(|| l.t("chưa có mức", "not known").to_owned(), |v| format!("{v} {}", s.unit));
                (l.t(&s.title_vi, &s.title_en).to_owned(), value, s.source.clone())
            })
            .collect(),
        versions,
        version: version.number,
        admin,
        shell,
    }))
}

#[derive(Deserialize, Default)]
pub(super) struct Pair {
    #[serde(default)]
    from: i64,
    #[serde(default)]
    to: i64,
}

#[derive(Template)]
#[template(path = "procedure_diff.html")]
struct DiffView {
    shell: Shell,
    code: String,
    title: String,
    from: i64,
    to: i64,
    changes: Vec<(char, &'static str, String)>,
}

/// `GET /procedures/{code}/diff?from=&to=`
pub(super) async fn diff(State(casework): State<Casework>, ctx: Context, Path(code): Path<String>, Query(pair): Query<Pair>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let (old, new) = (chosen(&casework, &ctx, &code, Some(pair.from))?, chosen(&casework, &ctx, &code, Some(pair.to))?);
    let changes = differences(&old.procedure, &new.procedure)
        .into_iter()
        .map(|c| {
            let class = match c.sign {
                '+' => "ok",
                '-' => "late",
                _ => "wait",
            };
            (c.sign, class, c.said(l).to_owned())
        })
        .collect();
    let title = new.procedure.title(l).to_owned();
    let shell = ctx
        .shell(l.t("Thay đổi", "What changed"))
        .noindex()
        .crumb(l.t("Quy trình", "Procedures"), "/procedures")
        .crumb(title.clone(), format!("/procedures/{code}"))
        .here(l.t("Thay đổi", "What changed"));
    Ok(page(&DiffView { shell, code, title, from: pair.from, to: pair.to, changes }))
}

#[derive(Template)]
#[template(path = "procedure_edit.html")]
struct EditView {
    shell: Shell,
    code: String,
    text: String,
    findings: Vec<(usize, String)>,
    picture: Html,
    draft: Option<i64>,
    facts: Vec<(String, String)>,
}

/// `GET /admin/procedures/{code}`; `new` begins an empty one.
pub(super) async fn edit(State(casework): State<Casework>, ctx: Context, Path(code): Path<String>, Query(which): Query<Which>) -> Result<Response, AppError> {
    casework.require_writer(&ctx)?;
    let newest = casework.library().newest(&code);
    let text = newest.as_ref().map(|v| v.text.clone()).unwrap_or_default();
    if newest.is_none() && code != "new" {
        return Err(crate::case::unknown_procedure());
    }
    editor(&casework, &ctx, &code, text, done(&ctx, which.done.as_deref()))
}

fn editor(casework: &Casework, ctx: &Context, code: &str, text: String, notice: Option<Notice>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let (read, findings): (Option<Procedure>, Vec<Finding>) = if text.is_empty() { (None, Vec::new()) } else { casework.examine(&text) };
    let draft = casework.library().newest(code).filter(|v| v.state == "draft").map(|v| v.number);
    let shell = ctx
        .shell(l.t("Soạn quy trình", "Write a procedure"))
        .noindex()
        .notice(notice)
        .crumb(l.t("Quy trình", "Procedures"), "/procedures")
        .here(l.t("Soạn", "Write"));
    Ok(page(&EditView {
        code: code.to_owned(),
        text,
        findings: findings.iter().map(|f| (f.line, f.said(l).to_owned())).collect(),
        picture: read.as_ref().map(|p| picture(p, None, l)).unwrap_or_default(),
        draft,
        facts: casework.board().fact_names().into_iter().map(|f| (f.name, l.t(&f.vi, &f.en).to_owned())).collect(),
        shell,
    }))
}

#[derive(Deserialize, Default)]
pub(super) struct Text {
    #[serde(default)]
    text: String,
    #[serde(default)]
    check: String,
}

/// `POST /admin/procedures/{code}`: keeps a draft, or only looks at it.
pub(super) async fn save(State(casework): State<Casework>, ctx: Context, Path(code): Path<String>, Form(form): Form<Text>) -> Result<Response, AppError> {
    casework.require_writer(&ctx)?;
    if !form.check.is_empty() {
        return editor(&casework, &ctx, &code, form.text, None);
    }
    match casework.save_procedure(&ctx, &form.text).await {
        Ok((code, _)) => Ok(see_other(&format!("/admin/procedures/{code}?done=saved"))),
        Err(error) if stays(&error) => {
            let notice = Notice::new(Tone::Bad, format!("{} {}", error.what(ctx.lang), error.how(ctx.lang)));
            let shown = editor(&casework, &ctx, &code, form.text, Some(notice))?;
            Ok(with_status(shown, error.status))
        }
        Err(error) => Err(error),
    }
}

/// `POST /admin/procedures/{code}/{version}/publish`
pub(super) async fn publish(State(casework): State<Casework>, ctx: Context, Path((code, version)): Path<(String, String)>) -> Result<Response, AppError> {
    casework.require_writer(&ctx)?;
    let number = version.parse().map_err(|_| crate::case::unknown_procedure())?;
    match casework.publish_procedure(&ctx, &code, number).await {
        Ok(()) => Ok(see_other(&format!("/procedures/{code}?done=published"))),
        Err(error) if stays(&error) => {
            let text = casework.library().version(&code, number).map(|v| v.text.clone()).unwrap_or_default();
            let notice = Notice::new(Tone::Bad, format!("{} {}", error.what(ctx.lang), error.how(ctx.lang)));
            let shown = editor(&casework, &ctx, &code, text, Some(notice))?;
            Ok(with_status(shown, error.status))
        }
        Err(error) => Err(error),
    }
}

/// `POST /admin/procedures/{code}/{version}/drop`
pub(super) async fn throw(State(casework): State<Casework>, ctx: Context, Path((code, version)): Path<(String, String)>) -> Result<Response, AppError> {
    ctx.require_somewhere(Role::Administrator)?;
    casework.require_writer(&ctx)?;
    let number = version.parse().map_err(|_| crate::case::unknown_procedure())?;
    casework.drop_procedure(&ctx, &code, number).await?;
    Ok(see_other("/procedures?done=dropped"))
}
