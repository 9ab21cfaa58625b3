//! The completeness board of a set: which thresholds are known, and entering a missing one in one line.

use super::{Link, Params, bad, done, in_form, see_other, with_status, words};
use crate::{Criteria, NewLevel, slots};
use access::Context;
use askama::Template;
use axum::extract::{Multipart, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use figures::evidence::FileKind;
use ui::{AppError, Notice, Shell, page};

struct Place {
    scope: String,
    known: Option<(String, Option<&'static str>)>,
}

struct Item {
    code: String,
    title: String,
    op: String,
    by: &'static str,
    unit: String,
    places: Vec<Place>,
    regions: Vec<(String, String)>,
    groups: Vec<(String, String)>,
    by_year: bool,
    missing: usize,
    number: bool,
}

struct Entered {
    id: String,
    code: String,
    value: String,
    document: String,
    page: String,
    file: Option<Link>,
    who: String,
    ended: String,
}

#[derive(Template)]
#[template(path = "criteria_levels.html")]
struct View {
    shell: Shell,
    code: String,
    known: usize,
    of: usize,
    official: usize,
    items: Vec<Item>,
    full: Vec<(String, String)>,
    entered: Vec<Entered>,
    may: bool,
    document: String,
}

async fn view(
    criteria: &Criteria,
    ctx: &Context,
    code: &str,
    error: Option<&AppError>,
    notice: Option<Notice>,
    document: String,
) -> Result<Response, AppError> {
    let l = ctx.lang;
    let shelf = criteria.current().await;
    let set = criteria.set(code)?;
    let atlas = criteria.figures().places().atlas();
    let group = |code: &str| atlas.groups().iter().find(|g| g.code == code).map_or_else(|| code.to_owned(), |g| l.t(&g.name_vi, &g.name_en).to_owned());
    let all = slots(&set);
    let mut items: Vec<Item> = Vec::new();
    let mut full = Vec::new();
    for i in set.indicators().flat_map(|i| std::iter::once(i).chain(&i.parts)) {
        let own: Vec<_> = all.iter().filter(|s| s.indicator.code == i.code).collect();
        let missing = own.iter().filter(|s| s.known.is_none()).count();
        if missing == 0 {
            if !own.is_empty() {
                full.push((i.code.clone(), i.title.clone()));
            }
            continue;
        }
        let places = own
            .iter()
            .map(|s| Place {
                scope: [s.region.map(&group), s.group.map(&group), s.year.map(|y| y.to_string())].into_iter().flatten().collect::<Vec<_>>().join(", "),
                known: s.known.map(|t| (words::threshold(t, &i.unit, l), words::doubt(t.confidence, l))),
            })
            .collect();
        let choices = |pick: fn(&crate::Slot<'_>) -> Option<String>| -> Vec<(String, String)> {
            let mut out: Vec<(String, String)> = Vec::new();
            for code in own.iter().filter_map(|s| pick(s)) {
                if !out.iter().any(|(c, _)| *c == code) {
                    let name = group(&code);
                    out.push((code, name));
                }
            }
            out
        };
        items.push(Item {
            regions: choices(|s| s.region.map(str::to_owned)),
            groups: choices(|s| s.group.map(str::to_owned)),
            by_year: own.iter().any(|s| s.year.is_some()),
            code: i.code.clone(),
            title: i.title.clone(),
            op: i.op.map_or(">=", crate::model::Op::sign).to_owned(),
            by: l.t(i.levels_by.label().0, i.levels_by.label().1),
            unit: words::unit_of(&i.unit),
            places,
            missing,
            number: i.kind.is_number(),
        });
    }
    let entered = shelf.entered.iter().filter(|e| e.set == code).rev();
    let entered = entered.map(|e| {
        let unit = set.indicator(&e.indicator).map(|i| i.unit.clone()).unwrap_or_default();
        Entered {
            id: e.id.to_string(),
            code: e.indicator.clone(),
            value: format!("{} ({})", words::threshold(&e.threshold, &unit, l), words::scope(&e.threshold, &atlas, l)),
            document: e.document.clone(),
            page: e.page.clone(),
            file: e.file.as_ref().map(|(name, hash)| Link { href: format!("/criteria/annex/{hash}"), text: name.clone() }),
            who: format!("{}, {}", e.by, words::moment(e.at)),
            ended: e.ended.as_ref().map(|(by, at)| format!("{by}, {}", words::moment(*at))).unwrap_or_default(),
        }
    });
    let title = format!("{} · {}", l.t("Mức phải đạt", "Thresholds"), set.title(l));
    let mut shell = ctx
        .shell(title)
        .notice(error.and_then(|e| bad(ctx, e)).or(notice))
        .crumb(l.t("Bộ tiêu chí", "Sets of criteria"), "/criteria")
        .crumb(set.title(l), format!("/criteria/{code}"))
        .here(l.t("Mức phải đạt", "Thresholds"));
    shell.path = format!("/criteria/{code}/levels");
    let view = View {
        code: code.to_owned(),
        known: all.iter().filter(|s| s.known.is_some()).count(),
        of: all.len(),
        official: all.iter().filter(|s| s.known.is_some_and(|t| t.confidence == crate::model::Confidence::Official)).count(),
        items,
        full,
        entered: entered.collect(),
        may: criteria.may_keep(ctx, &set),
        document: if document.is_empty() { set.document.clone() } else { document },
        shell,
    };
    Ok(with_status(page(&view), error.map_or(200, |e| e.status)))
}

/// `GET /criteria/{set}/levels`
pub(super) async fn show(State(criteria): State<Criteria>, ctx: Context, Path(code): Path<String>, params: Params) -> Result<Response, AppError> {
    view(&criteria, &ctx, &code, None, done(ctx.lang, params.get("done").as_deref()), String::new()).await
}

/// The fields and the one file of a form.
pub(super) async fn multipart(mut form: Multipart) -> Result<(Params, Option<(String, String, Vec<u8>)>), AppError> {
    let unreadable = || AppError::new("bad_request", 400).say("Không đọc được biểu mẫu.", "The form cannot be read.");
    let mut params = Params::default();
    let mut file = None;
    while let Some(field) = form.next_field().await.map_err(|_| unreadable())? {
        let name = field.name().unwrap_or_default().to_owned();
        if let Some(file_name) = field.file_name().map(lang::clean) {
            let bytes = field.bytes().await.map_err(|_| unreadable())?.to_vec();
            if !bytes.is_empty() {
                file = Some((file_name.chars().take(150).collect(), name, bytes));
            }
        } else {
            params.0.push((name, field.text().await.map_err(|_| unreadable())?));
        }
    }
    Ok((params, file))
}

/// `POST /criteria/{set}/levels`
pub(super) async fn enter(State(criteria): State<Criteria>, ctx: Context, Path(code): Path<String>, form: Multipart) -> Result<Response, AppError> {
    let (params, file) = multipart(form).await?;
    let set = criteria.set(&code)?;
    criteria.require_keeper(&ctx, criteria.keeper(&set))?;
    let file = match file {
        None => None,
        // What it is, is read from the bytes; a page of an annex is a PDF or a picture.
        Some((name, _, bytes)) => match FileKind::of(&bytes).ok().filter(|k| matches!(k, FileKind::Pdf | FileKind::Jpeg | FileKind::Png)) {
            Some(kind) => Some((name, kind.media().to_owned(), bytes)),
            None => {
                let error = AppError::new("annex_kind", 422)
                    .say("Trang phụ lục phải là PDF hoặc ảnh.", "The page of the annex must be a PDF or a picture.")
                    .mend("Chọn tệp PDF, JPEG hoặc PNG.", "Choose a PDF, JPEG or PNG.");
                return view(&criteria, &ctx, &code, Some(&error), None, params.text("document")).await;
            }
        },
    };
    let new = NewLevel {
        indicator: params.text("indicator"),
        op: params.text("op"),
        value: params.text("value"),
        region: params.text("region"),
        year: params.text("level_year"),
        group: params.text("group"),
        province: params.text("province"),
        document: params.text("document"),
        page: params.text("page"),
        file,
    };
    let indicator = new.indicator.clone();
    match criteria.enter_level(&ctx, &code, new).await {
        Ok(_) => Ok(see_other(&format!("/criteria/{code}/levels?done=level#m-{}", ui::percent_encode(&indicator)))),
        Err(error) if in_form(&error) => view(&criteria, &ctx, &code, Some(&error), None, params.text("document")).await,
        Err(error) => Err(error),
    }
}

/// `POST /criteria/{set}/levels/end`
pub(super) async fn end(
    State(criteria): State<Criteria>,
    ctx: Context,
    Path(code): Path<String>,
    axum::extract::Form(form): axum::extract::Form<Vec<(String, String)>>,
) -> Result<Response, AppError> {
    let set = criteria.set(&code)?;
    criteria.require_keeper(&ctx, criteria.keeper(&set))?;
    let id = Params(form).get("level").and_then(|id| id.parse().ok()).unwrap_or_default();
    criteria.end_level(&ctx, id).await?;
    Ok(see_other(&format!("/criteria/{code}/levels?done=level_ended")))
}

/// `GET /criteria/annex/{hash}`: PDF and pictures are looked at in the browser.
pub(super) async fn page_of_annex(State(criteria): State<Criteria>, Path(hash): Path<String>) -> Result<Response, AppError> {
    let page = criteria.annex_page(&hash).await?;
    let name: String = page.name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')).collect();
    // Nothing in it may run or reach out, whatever it is; a sandboxed PDF would not be shown at all.
    let policy = if FileKind::of_media(&page.media) == Some(FileKind::Pdf) {
        "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
    } else {
        "sandbox; default-src 'none'"
    };
    let headers = [
        (header::CONTENT_TYPE, page.media),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_SECURITY_POLICY, policy.to_owned()),
    ];
    Ok((StatusCode::OK, headers, page.content).into_response())
}
