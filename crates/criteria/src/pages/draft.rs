//! Composing a set: copied from another, brought as a file, edited in the browser, published.

use super::levels::multipart;
use super::{Link, Params, bad, done, in_form, see_other, unit as read_unit, with_status, words};
use crate::Criteria;
use crate::flaw::{Flaw, Lines};
use crate::model::{Confidence, Criterion, Indicator, Kind, Op, Scope, Set, Threshold};
use access::{Context, Role};
use askama::Template;
use axum::extract::{Form, Multipart, Path, State};
use axum::response::Response;
use std::collections::BTreeMap;
use ui::form::{Field, Kind as FieldKind, error_summary};
use ui::{AppError, Html, Notice, Shell, page};
use uuid::Uuid;

#[derive(Template)]
#[template(path = "criteria_admin.html")]
struct ListView {
    shell: Shell,
    drafts: Vec<(Link, String)>,
    copy: Vec<Field>,
    import: Vec<Field>,
    summary: Html,
    flaws: Vec<String>,
}

/// What somebody may keep sets for: the nation, provinces.
fn keepers(criteria: &Criteria, ctx: &Context) -> Vec<(Uuid, String)> {
    let atlas = criteria.figures().places().atlas();
    let today = ctx.today();
    let view = atlas.on(today);
    let mut out: Vec<Uuid> = Vec::new();
    for top in ctx.units_with(Role::Administrator) {
        out.push(top);
        if view.level(top) == Some(places::Level::Nation) {
            out.extend(view.under(top, places::Level::Province));
        }
    }
    out.dedup();
    out.into_iter().map(|u| (u, atlas.full_name(u, today))).collect()
}

fn list_view(criteria: &Criteria, ctx: &Context, kept: &Params, error: Option<&AppError>, flaws: &[Flaw], notice: Option<Notice>) -> Response {
    let l = ctx.lang;
    let shelf = criteria.shelf();
    let places: Vec<(String, String)> = keepers(criteria, ctx).into_iter().map(|(u, name)| (u.to_string(), name)).collect();
    let sets: Vec<(String, String)> = shelf.library.all().map(|s| (s.code.clone(), s.title(l).to_owned())).collect();
    let drafts = shelf
        .drafts
        .values()
        .filter(|d| criteria.figures().may(ctx, Role::Administrator, d.owner))
        .map(|d| (Link { href: format!("/admin/criteria/{}", d.set.code), text: d.set.title(l).to_owned() }, format!("{}, {}", d.by, words::moment(d.at))))
        .collect();
    let owner = |name: &str| Field::new(name, l.t("Bộ của", "Kept by")).kind(FieldKind::Select(places.clone())).value(kept.text(name));
    let mut copy = vec![
        Field::new("from", l.t("Chép từ bộ", "Copy from")).kind(FieldKind::Select(sets)).value(kept.text("from")),
        owner("owner"),
        Field::new("code", l.t("Mã bộ mới", "Code of the new set"))
            .hint(l.t(
                "Chữ thường không dấu, số, gạch nối; không đổi về sau: xa-thong-minh-2026. Giữ nguyên mã cũ để lập phiên bản mới của chính bộ đó.",
                "Small letters, digits, hyphens, for good: xa-thong-minh-2026. The old code makes a new version of that set.",
            ))
            .value(kept.text("code"))
            .required(),
        Field::new("title", l.t("Tên bộ", "Title")).value(kept.text("title")).required(),
    ];
    let mut shell = ctx
        .shell(l.t("Soạn bộ tiêu chí", "Compose a set"))
        .noindex()
        .notice(notice)
        .crumb(l.t("Bộ tiêu chí", "Sets of criteria"), "/criteria")
        .here(l.t("Soạn", "Compose"));
    shell.path = "/admin/criteria".to_owned();
    if let Some(error) = error {
        let text = format!("{} {}", error.what(l), error.how(l));
        match copy.iter_mut().find(|f| error.at.as_deref() == Some(f.name.as_str())) {
            Some(field) => field.error = Some(text),
            None => shell.notice = bad(ctx, error),
        }
    }
    let import = vec![
        owner("import_owner"),
        Field::new("file", l.t("Tệp TOML hoặc Excel", "TOML or Excel file"))
            .kind(FieldKind::File)
            .hint(l.t("Tải mẫu: mở một bộ bất kỳ rồi bấm Excel.", "For a template open any set and press Excel.")),
    ];
    page(&ListView { drafts, summary: error_summary(l, &copy), copy, import, flaws: flaws.iter().map(|f| f.says(l)).collect(), shell })
}

/// `GET /admin/criteria`
pub(super) async fn list(State(criteria): State<Criteria>, ctx: Context, params: Params) -> Result<Response, AppError> {
    criteria.current().await;
    Ok(list_view(&criteria, &ctx, &Params::default(), None, &[], done(ctx.lang, params.get("done").as_deref())))
}

/// `POST /admin/criteria`: a draft copied from a set.
pub(super) async fn copy(State(criteria): State<Criteria>, ctx: Context, Form(form): Form<Vec<(String, String)>>) -> Result<Response, AppError> {
    let params = Params(form);
    let owner = read_unit(&criteria, &ctx, &params.text("owner"))?;
    match criteria.copy(&ctx, &params.text("from"), &params.text("code"), &params.text("title"), owner).await {
        Ok(set) => Ok(see_other(&format!("/admin/criteria/{}", set.code))),
        Err(error) if in_form(&error) => Ok(with_status(list_view(&criteria, &ctx, &params, Some(&error), &[], None), error.status)),
        Err(error) => Err(error),
    }
}

/// `POST /admin/criteria/import`: a draft from a file.
pub(super) async fn import(State(criteria): State<Criteria>, ctx: Context, form: Multipart) -> Result<Response, AppError> {
    let (params, file) = multipart(form).await?;
    let owner = read_unit(&criteria, &ctx, &params.text("import_owner"))?;
    criteria.require_keeper(&ctx, owner)?;
    let bytes = file.map(|(_, _, bytes)| bytes).unwrap_or_default();
    match criteria.import(&ctx, &bytes, owner).await {
        Ok(Ok(set)) => Ok(see_other(&format!("/admin/criteria/{}", set.code))),
        Ok(Err(flaws)) => Ok(with_status(list_view(&criteria, &ctx, &params, None, &flaws, None), 422)),
        Err(error) if in_form(&error) => Ok(with_status(list_view(&criteria, &ctx, &params, Some(&error), &[], None), error.status)),
        Err(error) => Err(error),
    }
}

struct Line {
    /// Position, as the names of its boxes have it.
    at: String,
    code: String,
    title: String,
    kind: String,
    unit: String,
    op: String,
    value: String,
    more: usize,
    /// Where its thresholds by region, year and group are edited; empty for a line that is not saved yet.
    scopes: String,
    evidence: bool,
    owner: String,
    measure: String,
    applies_if: String,
}

struct Block {
    at: usize,
    number: String,
    title: String,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "criteria_draft.html")]
struct DraftView {
    shell: Shell,
    code: String,
    version: i64,
    fields: Vec<Field>,
    blocks: Vec<Block>,
    kinds: Vec<(&'static str, &'static str)>,
    ops: Vec<&'static str>,
    flaws: Vec<String>,
    saved: String,
    /// The draft as it was looked at, see [`Seen`].
    seen: i64,
}

fn simple(i: &Indicator) -> Option<&Threshold> {
    i.thresholds.iter().find(|t| {
        t.region.is_none() && t.group.is_none() && t.year.is_none() && t.province.is_none() && t.flag.is_none() && t.above.is_none() && t.to.is_none()
    })
}

fn line(set: &str, c: usize, nth: usize, i: Option<&Indicator>) -> Line {
    let t = i.and_then(simple);
    Line {
        at: format!("{c}.{nth}"),
        code: i.map(|i| i.code.clone()).unwrap_or_default(),
        title: i.map(|i| i.title.clone()).unwrap_or_default(),
        kind: i.map_or("yes_no", |i| i.kind.word()).to_owned(),
        unit: i.map(|i| i.unit.clone()).unwrap_or_default(),
        op: t.and_then(|t| t.op).or_else(|| i.and_then(|i| i.op)).map_or("", Op::sign).to_owned(),
        value: t.map(|t| t.value.map_or_else(|| t.expected.clone().unwrap_or_default(), |v| lang::show::number_upto(v, 6))).unwrap_or_default(),
        more: i.map_or(0, |i| i.thresholds.len() - usize::from(t.is_some())),
        scopes: i.filter(|i| !i.code.is_empty()).map(|i| super::scopes::address(set, &i.code)).unwrap_or_default(),
        evidence: i.is_some_and(|i| i.evidence),
        owner: i.and_then(|i| i.owner.clone()).unwrap_or_default(),
        measure: i.and_then(|i| i.measure.clone()).unwrap_or_default(),
        applies_if: i.and_then(|i| i.applies_if.clone()).unwrap_or_default(),
    }
}

fn draft_view(criteria: &Criteria, ctx: &Context, set: &Set, seen: &Seen, error: Option<&AppError>, notice: Option<Notice>) -> Response {
    let l = ctx.lang;
    let date = |d: Option<jiff::civil::Date>| d.map(|d| d.to_string()).unwrap_or_default();
    let mut fields = vec![
        Field::new("title", l.t("Tên bộ", "Title")).value(&set.title).required(),
        Field::new("title_en", l.t("Tên tiếng Anh", "English title")).value(&set.title_en),
        Field::new("document", l.t("Văn bản ban hành", "Document"))
            .hint(l.t("Số và ngày, ví dụ: 36/2026/QĐ-UBND (07/10/2026)", "Number and date"))
            .value(&set.document),
        Field::new("authority", l.t("Cơ quan ban hành", "Issued by")).value(&set.authority),
        Field::new("effective_from", l.t("Có hiệu lực từ", "First day")).kind(FieldKind::Date).value(date(set.effective_from)),
        Field::new("effective_to", l.t("Hết hiệu lực sau ngày", "Last day")).kind(FieldKind::Date).value(date(set.effective_to)),
        Field::new("requires", l.t("Phải đạt trước (mã bộ)", "Requires (code)")).value(set.requires.join(", ")),
    ];
    let mut shell = ctx
        .shell(format!("{} · {}", l.t("Bản thảo", "Draft"), set.title(l)))
        .noindex()
        .notice(notice)
        .crumb(l.t("Bộ tiêu chí", "Sets of criteria"), "/criteria")
        .crumb(l.t("Soạn", "Compose"), "/admin/criteria")
        .here(set.code.clone());
    shell.path = format!("/admin/criteria/{}", set.code);
    if let Some(error) = error {
        match fields.iter_mut().find(|f| error.at.as_deref() == Some(f.name.as_str())) {
            Some(field) => field.error = Some(format!("{} {}", error.what(l), error.how(l))),
            None => shell.notice = bad(ctx, error),
        }
    }
    let mut blocks: Vec<Block> = set
        .criteria
        .iter()
        .enumerate()
        .map(|(c, criterion)| Block {
            at: c,
            number: criterion.number.clone(),
            title: criterion.title.clone(),
            // One empty line to add an indicator.
            lines: criterion
                .indicators
                .iter()
                .enumerate()
                .map(|(n, i)| line(&set.code, c, n, Some(i)))
                .chain([line(&set.code, c, criterion.indicators.len(), None)])
                .collect(),
        })
        .collect();
    let next = blocks.len();
    blocks.push(Block { at: next, number: String::new(), title: String::new(), lines: vec![line(&set.code, next, 0, None), line(&set.code, next, 1, None)] });
    page(&DraftView {
        code: set.code.clone(),
        version: set.version,
        fields,
        blocks,
        kinds: Kind::ALL.iter().map(|k| (k.word(), l.t(k.label().0, k.label().1))).collect(),
        ops: Op::ALL.iter().map(|o| o.sign()).collect(),
        flaws: criteria.flaws(set, &Lines::default()).iter().map(|f| f.says(l)).collect(),
        saved: seen.by.clone(),
        seen: seen.at,
        shell,
    })
}

/// When a draft was saved that somebody looks at (0: not yet), and by whom in words. It goes with the form, so that who saves
/// second is told.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub at: i64,
    pub by: String,
}

impl Seen {
    /// What a form says it was made from; none of a program that does not say.
    pub fn of(form: &Params) -> Option<i64> {
        form.get("seen").and_then(|at| at.parse().ok())
    }
}

/// The draft of a set as it was last saved; of a set without a draft what would become its next version.
pub(super) async fn drafted(criteria: &Criteria, code: &str) -> Result<(Set, Seen), AppError> {
    let shelf = criteria.current().await;
    Ok(match shelf.drafts.get(code) {
        Some(draft) => (draft.set.clone(), Seen { at: draft.at, by: format!("{}, {}", draft.by, words::moment(draft.at)) }),
        None => (Set { version: shelf.library.get(code).map_or(1, |s| s.version + 1), ..(*criteria.set(code)?).clone() }, Seen::default()),
    })
}

/// `GET /admin/criteria/{set}`: the draft; a published set gets one when it is saved.
pub(super) async fn show(State(criteria): State<Criteria>, ctx: Context, Path(code): Path<String>, params: Params) -> Result<Response, AppError> {
    let (set, seen) = drafted(&criteria, &code).await?;
    criteria.require_keeper(&ctx, criteria.keeper(&set))?;
    Ok(draft_view(&criteria, &ctx, &set, &seen, None, done(ctx.lang, params.get("done").as_deref())))
}

/// The set as the form has it: what the form does not show stays as it was.
fn edited(old: &Set, form: &Params) -> Result<Set, AppError> {
    let mut set = old.clone();
    set.title = form.text("title");
    set.title_en = form.text("title_en");
    set.document = form.text("document");
    set.authority = form.text("authority");
    set.requires = form.text("requires").split(',').map(lang::clean).filter(|t| !t.is_empty()).collect();
    let date = |name: &'static str| -> Result<Option<jiff::civil::Date>, AppError> {
        form.get(name)
            .map(|text| {
                text.parse()
                    .or_else(|_| lang::parse_date(&text))
                    .map_err(|_| AppError::new("date_unreadable", 422).say("Ngày chưa đúng.", "The date is not right.").at(name))
            })
            .transpose()
    };
    set.effective_from = date("effective_from")?;
    set.effective_to = date("effective_to")?;
    let by_name: BTreeMap<&str, &str> = form.0.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let text = |name: String| by_name.get(name.as_str()).map(|v| lang::clean(v)).unwrap_or_default();
    let some = |text: String| Some(text).filter(|t| !t.is_empty());
    // Positions are those of the page that was sent, which may be older than the draft.
    let positions = |before: &str, after: &str| -> Vec<usize> {
        let mut all: Vec<usize> = form.0.iter().filter_map(|(name, _)| name.strip_prefix(before)?.strip_suffix(after)?.parse().ok()).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    let mut criteria = Vec::new();
    for c in positions("c.", ".title") {
        let before = old.criteria.get(c);
        let (number, title) = (text(format!("c.{c}.number")), text(format!("c.{c}.title")));
        if title.is_empty() {
            continue;
        }
        let mut indicators = Vec::new();
        for n in positions(&format!("i.{c}."), ".code") {
            let get = |name: &str| text(format!("i.{c}.{n}.{name}"));
            let (code, title) = (get("code"), get("title"));
            if code.is_empty() && title.is_empty() {
                continue;
            }
            let kind = Kind::from_word(&get("kind")).unwrap_or(Kind::YesNo);
            let mut i = before
                .and_then(|b| b.indicators.get(n))
                .cloned()
                .unwrap_or_else(|| Indicator { confidence: Confidence::Official, ..Indicator::new(&code, &title, kind) });
            if i.kind != kind {
                i.thresholds.clear();
                i.levels_by = Scope::National;
            }
            (i.code, i.title, i.kind) = (code, title, kind);
            i.unit = get("unit");
            i.evidence = !get("evidence").is_empty();
            i.owner = some(get("owner"));
            i.measure = some(get("measure"));
            i.applies_if = some(get("applies_if"));
            let value = get("value");
            let op = Op::from_sign(&get("op"));
            i.op = op.or(i.op);
            let at = simple(&i).map(|t| i.thresholds.iter().position(|o| std::ptr::eq(o, t)));
            let number = lang::parse_number(&value, lang::NumberHints::default()).ok().map(|n| n.value);
            if kind.is_number() && !value.is_empty() && number.is_none() {
                return Err(AppError::new("level_value", 422)
                    .say(format!("Mức của chỉ tiêu {} phải là số.", i.code), format!("The threshold of {} must be a number.", i.code)));
            }
            let new = (!value.is_empty()).then(|| {
                let old = simple(&i).cloned().unwrap_or_else(|| Threshold { confidence: Confidence::Official, ..Threshold::default() });
                if kind.is_number() {
                    Threshold { op: op.or(Some(Op::AtLeast)), value: number, expected: None, ..old }
                } else {
                    Threshold { op: None, value: None, expected: Some(value.clone()), ..old }
                }
            });
            match (at.flatten(), new) {
                (Some(at), Some(new)) => {
                    if let Some(t) = i.thresholds.get_mut(at) {
                        *t = new;
                    }
                }
                (None, Some(new)) => i.thresholds.push(new),
                (Some(at), None) => {
                    i.thresholds.remove(at);
                }
                (None, None) => {}
            }
            indicators.push(i);
        }
        criteria.push(Criterion {
            number,
            title,
            group: before.map(|b| b.group.clone()).unwrap_or_default(),
            condition: before.is_some_and(|b| b.condition),
            confidence: before.map_or(Confidence::Official, |b| b.confidence),
            note: before.and_then(|b| b.note.clone()),
            indicators,
        });
    }
    set.criteria = criteria;
    Ok(set)
}

/// `POST /admin/criteria/{set}`
pub(super) async fn save(
    State(criteria): State<Criteria>,
    ctx: Context,
    Path(code): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, AppError> {
    let (old, now) = drafted(&criteria, &code).await?;
    let owner = criteria.keeper(&old);
    criteria.require_keeper(&ctx, owner)?;
    let params = Params(form);
    let seen = Seen::of(&params);
    let outcome = match edited(&old, &params) {
        Ok(set) => criteria.save_draft_seen(&ctx, set.clone(), owner, seen).await.map_err(|e| (e, set)),
        Err(error) => Err((error, old)),
    };
    match outcome {
        Ok(set) => Ok(see_other(&format!("/admin/criteria/{}?done=saved", set.code))),
        Err((error, _)) if error.code == "draft_changed" => {
            let (newest, seen) = drafted(&criteria, &code).await?;
            Ok(with_status(draft_view(&criteria, &ctx, &newest, &seen, Some(&error), None), error.status))
        }
        Err((error, set)) if in_form(&error) => {
            let seen = Seen { at: seen.unwrap_or(now.at), by: now.by };
            Ok(with_status(draft_view(&criteria, &ctx, &set, &seen, Some(&error), None), error.status))
        }
        Err((error, _)) => Err(error),
    }
}

/// `POST /admin/criteria/{set}/publish`
pub(super) async fn publish(State(criteria): State<Criteria>, ctx: Context, Path(code): Path<String>) -> Result<Response, AppError> {
    match criteria.publish(&ctx, &code).await {
        Ok(set) => Ok(see_other(&format!("/criteria/{}?done=published", set.code))),
        Err(error) if in_form(&error) => {
            let (set, seen) = drafted(&criteria, &code).await?;
            Ok(with_status(draft_view(&criteria, &ctx, &set, &seen, Some(&error), None), error.status))
        }
        Err(error) => Err(error),
    }
}

/// `POST /admin/criteria/{set}/discard`
pub(super) async fn discard(State(criteria): State<Criteria>, ctx: Context, Path(code): Path<String>) -> Result<Response, AppError> {
    criteria.discard(&ctx, &code).await?;
    Ok(see_other("/admin/criteria?done=discarded"))
}
