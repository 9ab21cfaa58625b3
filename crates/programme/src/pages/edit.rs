//! Plans are edited by their owners: the head, one target at a time, the whole as text, or a file.

use super::{Link, crumbs, plan_of, words};
use crate::check::{Lines, read_toml, refusal};
use crate::exchange::{from_workbook, to_toml};
use crate::plan::{Definition, Head, Op, Pillar, Plan, PlanKind, Reading, Stated, Target};
use crate::register::Register;
use crate::service::Programme;
use access::Context;
use askama::Template;
use axum::extract::{Form, Multipart, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use places::Level;
use rust_decimal::Decimal;
use std::sync::Arc;
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Lang, Notice, Shell, Tone, page};

/// The pairs of a form.
pub(super) type Typed = Vec<(String, String)>;

pub(super) fn value<'a>(typed: &'a Typed, name: &str) -> &'a str {
    typed.iter().find(|(n, _)| n == name).map(|(_, v)| v.trim()).unwrap_or_default()
}

pub(super) fn see_other(to: String) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}

pub(super) fn with_status(mut response: Response, status: u16) -> Response {
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

/// Whether an error is shown in the form that caused it.
pub(super) fn in_form(error: &AppError) -> bool {
    matches!(error.status, 409 | 422)
}

/// Puts an error beside the field it names, or above the content.
pub(super) fn place_error(shell: &mut Shell, fields: &mut [Field], error: &AppError) {
    let text = format!("{} {}", error.what(shell.lang), error.how(shell.lang));
    let at = error.at.as_deref().map(|at| at.rsplit(", ").next().unwrap_or(at)).unwrap_or_default().to_owned();
    match fields.iter_mut().find(|field| field.name == at) {
        Some(field) => field.error = Some(text),
        None => shell.notice = Some(Notice::new(Tone::Bad, text)),
    }
}

#[derive(Template)]
#[template(path = "programme_edit.html")]
struct EditView {
    shell: Shell,
    action: String,
    fields: Vec<Field>,
    summary: Html,
    version: i64,
    targets: Vec<Link>,
    add: String,
    text: String,
    remove: Option<String>,
    is_new: bool,
    readings: Vec<Link>,
    above: String,
}

#[derive(Template)]
#[template(path = "programme_text.html")]
struct TextView {
    shell: Shell,
    action: String,
    text: String,
    rows: usize,
    version: i64,
    wrongs: Vec<(String, String)>,
    import: bool,
}

#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct Pick {
    target: Option<String>,
}

pub(super) fn day(text: &str, at: &'static str) -> Result<Option<jiff::civil::Date>, AppError> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().or_else(|_| lang::parse_date(text)).map(Some).map_err(|_| {
        AppError::new("date_unreadable", 422).say("Ngày chưa đúng.", "The date is not right.").mend("Viết dạng 30/6/2025.", "Write it as 30/6/2025.").at(at)
    })
}

pub(super) fn decimal(text: &str, at: &'static str) -> Result<Option<Decimal>, AppError> {
    if text.is_empty() {
        return Ok(None);
    }
    let plain = if text.contains(',') { text.replace('.', "").replace(',', ".") } else { text.to_owned() };
    plain.trim_end_matches('%').trim().parse().map(Some).map_err(|_| {
        AppError::new("value_unreadable", 422)
            .say(format!("“{text}” không phải là số."), format!("“{text}” is no number."))
            .mend("Viết như 97 hoặc 97,5.", "Write 97 or 97.5.")
            .at(at)
    })
}

fn head_fields(head: &Head, register: &Register, is_new: bool, l: Lang) -> Vec<Field> {
    let plans: Vec<(String, String)> = std::iter::once((String::new(), l.t("(không có)", "(none)").to_owned()))
        .chain(register.plans().filter(|p| p.def.plan.code != head.code).map(|p| (p.def.plan.code.clone(), words::short_title(p, l))))
        .collect();
    let kinds = PlanKind::ALL.map(|k| (k.word().to_owned(), l.t(k.label().0, k.label().1).to_owned()));
    let date = |d: Option<jiff::civil::Date>| d.map(|d| d.to_string()).unwrap_or_default();
    let mut code = Field::new("code", l.t("Mã", "Code")).value(&head.code).required();
    code = if is_new {
        code.hint(
            l.t("Chữ thường không dấu, số, gạch ngang; không đổi về sau: bac-ninh-2026-2030", "Small letters, digits, hyphens; for good: bac-ninh-2026-2030"),
        )
    } else {
        code.attr("readonly", "")
    };
    vec![
        code,
        Field::new("title_vi", l.t("Tên", "Title")).kind(Kind::Lines(2)).value(&head.title_vi).required(),
        Field::new("title_en", l.t("Tên tiếng Anh", "English title")).value(&head.title_en),
        Field::new("kind", l.t("Loại", "Kind")).kind(Kind::Select(kinds.to_vec())).value(head.kind.word()),
        Field::new("authority", l.t("Nơi ban hành", "Issued by")).value(&head.authority),
        Field::new("unit", l.t("Đơn vị có kế hoạch", "Unit"))
            .value(&head.unit)
            .hint(l.t("Mã, hoặc tên kèm tỉnh; trống là cả nước", "Code, or name with province; empty for the country")),
        Field::new("parent", l.t("Thuộc chương trình, kế hoạch", "Under")).kind(Kind::Select(plans.clone())).value(head.parent.clone().unwrap_or_default()),
        Field::new("follows", l.t("Tiếp theo kế hoạch", "Follows")).kind(Kind::Select(plans)).value(head.follows.clone().unwrap_or_default()),
        Field::new("document", l.t("Mã văn bản trong thư viện", "Code of its document")).value(head.document.clone().unwrap_or_default()),
        Field::new("valid_from", l.t("Từ ngày", "From")).kind(Kind::Date).value(date(head.valid_from)),
        Field::new("valid_to", l.t("Đến hết ngày", "Last day")).kind(Kind::Date).value(head.valid_to.to_string()).required(),
        Field::new("inherits", l.t("Mục tiêu của cấp trên mà ở đây không nêu vẫn là mục tiêu", "Targets of the plan above that are not named here hold too"))
            .kind(Kind::Check)
            .value(if head.inherits { "1" } else { "" }),
        Field::new("source", l.t("Nguồn", "Source")).value(&head.source),
        Field::new("note", l.t("Ghi chú", "Note")).kind(Kind::Lines(2)).value(&head.note),
        Field::new("reason", l.t("Vì sao sửa", "Why")).hint(l.t("Ghi trong lịch sử", "Kept in the history")),
    ]
}

fn read_head(typed: &Typed, old: &Head) -> Result<Head, AppError> {
    let opt = |name: &str| Some(value(typed, name).to_owned()).filter(|t| !t.is_empty());
    Ok(Head {
        code: value(typed, "code").to_owned(),
        kind: PlanKind::from_word(value(typed, "kind")).unwrap_or(old.kind),
        title_vi: value(typed, "title_vi").to_owned(),
        title_en: value(typed, "title_en").to_owned(),
        authority: value(typed, "authority").to_owned(),
        document: opt("document"),
        parent: opt("parent"),
        follows: opt("follows"),
        inherits: value(typed, "inherits") == "1",
        unit: value(typed, "unit").to_owned(),
        valid_from: day(value(typed, "valid_from"), "valid_from")?,
        valid_to: day(value(typed, "valid_to"), "valid_to")?
            .ok_or_else(|| AppError::new("date_unreadable", 422).say("Cần ngày cuối.", "The last day is needed.").at("valid_to"))?,
        source: value(typed, "source").to_owned(),
        note: value(typed, "note").to_owned(),
        ..old.clone()
    })
}

fn empty_head(ctx: &Context) -> Head {
    let year = ctx.today().year();
    Head {
        code: String::new(),
        version: 0,
        kind: PlanKind::Plan,
        title_vi: String::new(),
        title_en: String::new(),
        authority: String::new(),
        document: None,
        parent: None,
        follows: None,
        inherits: true,
        unit: String::new(),
        valid_from: jiff::civil::Date::new(year, 1, 1).ok(),
        valid_to: jiff::civil::Date::new((year + 4) / 5 * 5, 12, 31).unwrap_or(ctx.today()),
        confidence: crate::document::Confidence::Entered,
        source: String::new(),
        note: String::new(),
    }
}

fn target_fields(t: &Target, catalog: &figures::Catalog, l: Lang) -> Vec<Field> {
    let pillars = Pillar::ALL.map(|p| (p.word().to_owned(), l.t(p.label().0, p.label().1).to_owned()));
    let levels = Level::ALL.map(|x| (x.word().to_owned(), l.t(x.label().0, x.label().1).to_owned()));
    let ops = [(">=", l.t("ít nhất", "at least")), ("<=", l.t("không quá", "at most"))].map(|(a, b)| (a.to_owned(), b.to_owned()));
    let stated = [
        ("at_least", l.t("ghi là mức tối thiểu", "as a minimum")),
        ("exact", l.t("chỉ ghi con số", "only the figure")),
        ("about", l.t("ghi là khoảng", "about")),
    ];
    let stated_word = match t.stated {
        Stated::AtLeast => "at_least",
        Stated::Exact => "exact",
        Stated::About => "about",
    };
    let mut measures: Vec<(String, String)> =
        vec![(String::new(), l.t("(như kế hoạch cấp trên, hoặc giữ cách đọc đang có)", "(as the plan above, or keep the readings)").to_owned())];
    measures.extend(catalog.current().map(|k| (k.measure.def.code.clone(), format!("{} ({})", k.measure.title(l), k.measure.def.code))));
    vec![
        Field::new("code", l.t("Mã mục tiêu", "Code"))
            .value(&t.code)
            .hint(l.t("Trùng mã với cấp trên nghĩa là thay mức của cấp trên", "The same code as above overrides that value"))
            .required(),
        Field::new("title_vi", l.t("Mục tiêu", "Target")).kind(Kind::Lines(2)).value(&t.title_vi).required(),
        Field::new("title_en", l.t("Tiếng Anh", "English")).value(&t.title_en),
        Field::new("pillar", l.t("Trụ cột", "Pillar")).kind(Kind::Select(pillars.to_vec())).value(t.pillar.word()),
        Field::new("level", l.t("Cấp được đếm", "Level counted")).kind(Kind::Select(levels.to_vec())).value(t.level.word()),
        Field::new("op", l.t("So sánh", "Comparison")).kind(Kind::Select(ops.to_vec())).value(t.op.word()),
        Field::new("value", l.t("Giá trị", "Value")).kind(Kind::Number).value(l.number(t.value, 6)).required(),
        Field::new("unit", l.t("Đơn vị tính", "Unit")).value(&t.unit),
        Field::new("stated", l.t("Văn bản ghi", "The document says"))
            .kind(Kind::Select(stated.map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec()))
            .value(stated_word),
        Field::new("deadline", l.t("Hạn riêng", "Own deadline"))
            .kind(Kind::Date)
            .value(t.deadline.map(|d| d.to_string()).unwrap_or_default())
            .hint(l.t("Trống là ngày cuối của kế hoạch", "Empty for the last day of the plan")),
        Field::new("clause", l.t("Điều, khoản", "Clause")).value(&t.clause),
        Field::new("measure", l.t("Đếm bằng chỉ tiêu", "Counted by")).kind(Kind::Select(measures)).value(""),
        Field::new("reading_vi", l.t("Cách đọc, in dưới con số", "The reading, printed under the figure"))
            .kind(Kind::Lines(2))
            .hint(l.t("Chỉ khi chọn chỉ tiêu ở trên", "Only with a measure chosen above")),
        Field::new("source", l.t("Nguồn", "Source")).value(&t.source),
        Field::new("note", l.t("Ghi chú", "Note")).kind(Kind::Lines(2)).value(&t.note),
        Field::new("reason", l.t("Vì sao sửa", "Why")).hint(l.t("Ghi trong lịch sử", "Kept in the history")),
    ]
}

fn empty_target() -> Target {
    Target {
        code: String::new(),
        pillar: Pillar::Government,
        title_vi: String::new(),
        title_en: String::new(),
        clause: String::new(),
        level: Level::Commune,
        op: Op::AtLeast,
        value: Decimal::ZERO,
        unit: "%".to_owned(),
        stated: Stated::AtLeast,
        deadline: None,
        reading: Vec::new(),
        confidence: crate::document::Confidence::Entered,
        source: String::new(),
        note: String::new(),
    }
}

fn read_target(typed: &Typed, old: &Target) -> Result<Target, AppError> {
    let mut reading = old.reading.clone();
    let measure = value(typed, "measure");
    if !measure.is_empty() {
        let title = value(typed, "reading_vi");
        let first = Reading {
            code: measure.replace('_', "-"),
            title_vi: if title.is_empty() { measure.to_owned() } else { title.to_owned() },
            title_en: String::new(),
            how: crate::plan::How::Value,
            show: if value(typed, "unit") == "%" { crate::plan::Show::Share } else { crate::plan::Show::Number },
            measures: vec![measure.to_owned()],
            instead: Vec::new(),
            level: None,
            kinds: Vec::new(),
            groups: Vec::new(),
            but_groups: Vec::new(),
            among: None,
            at_least: None,
            needs: None,
            tree: crate::plan::Tree::Then,
            on: None,
        };
        reading.retain(|r| r.code != first.code);
        reading.insert(0, first);
    }
    Ok(Target {
        code: value(typed, "code").to_owned(),
        pillar: Pillar::from_word(value(typed, "pillar")).unwrap_or(old.pillar),
        title_vi: value(typed, "title_vi").to_owned(),
        title_en: value(typed, "title_en").to_owned(),
        clause: value(typed, "clause").to_owned(),
        level: Level::from_word(value(typed, "level")).unwrap_or(old.level),
        op: if value(typed, "op") == "<=" { Op::AtMost } else { Op::AtLeast },
        value: decimal(value(typed, "value"), "value")?
            .ok_or_else(|| AppError::new("value_unreadable", 422).say("Cần giá trị.", "The value is needed.").at("value"))?,
        unit: value(typed, "unit").to_owned(),
        stated: match value(typed, "stated") {
            "exact" => Stated::Exact,
            "about" => Stated::About,
            _ => Stated::AtLeast,
        },
        deadline: day(value(typed, "deadline"), "deadline")?,
        reading,
        source: value(typed, "source").to_owned(),
        note: value(typed, "note").to_owned(),
        ..old.clone()
    })
}

/// What the form of a plan or target shows again after an error.
pub(super) fn keep(fields: &mut [Field], typed: &Typed) {
    for field in fields.iter_mut() {
        if let Some((_, v)) = typed.iter().find(|(n, _)| *n == field.name) {
            field.value = v.clone();
        } else if matches!(field.kind, Kind::Check) {
            field.value = String::new();
        }
    }
}

struct Asked<'a> {
    plan: Option<&'a Arc<Plan>>,
    target: Option<&'a str>,
    typed: Option<&'a Typed>,
    error: Option<&'a AppError>,
}

fn view(programme: &Programme, ctx: &Context, asked: &Asked<'_>) -> Response {
    let (l, register) = (ctx.lang, programme.register());
    let head = asked.plan.map_or_else(|| empty_head(ctx), |p| p.def.plan.clone());
    let code = head.code.clone();
    let target = asked.target.map(|t| asked.plan.and_then(|p| p.def.target.iter().find(|x| x.code == t)).cloned().unwrap_or_else(empty_target));
    let mut fields = match &target {
        Some(t) => target_fields(t, &programme.figures().catalog(), l),
        None => head_fields(&head, &register, asked.plan.is_none(), l),
    };
    if let Some(typed) = asked.typed {
        keep(&mut fields, typed);
    }
    let title = match (&target, asked.plan) {
        (Some(t), _) if t.code.is_empty() => l.t("Thêm mục tiêu", "Add a target").to_owned(),
        (Some(t), _) => format!("{} {}", l.t("Sửa mục tiêu", "Edit target"), t.code),
        (None, Some(p)) => format!("{}: {}", l.t("Sửa", "Edit"), words::short_title(p, l)),
        (None, None) => l.t("Lập kế hoạch mới", "New plan").to_owned(),
    };
    let mut shell = ctx.shell(title.clone()).noindex();
    shell = match asked.plan {
        Some(p) => crumbs(shell, &register, p).crumb(words::short_title(p, l), format!("/plans/{code}")).here(title),
        None => shell.crumb(l.t("Chương trình", "Programme"), "/programme").here(title),
    };
    shell.path = asked.plan.map_or_else(|| "/plans/new".to_owned(), |_| format!("/plans/{code}/edit"));
    if let Some(error) = asked.error {
        place_error(&mut shell, &mut fields, error);
    }
    let target_action = |t: &str| format!("/plans/{code}/targets/{}/edit", ui::percent_encode(if t.is_empty() { "new" } else { t }));
    let known = target.as_ref().filter(|t| !t.code.is_empty());
    let view = EditView {
        action: match (&target, asked.plan) {
            (Some(t), _) => target_action(&t.code),
            (None, Some(_)) => format!("/plans/{code}/edit"),
            (None, None) => "/plans".to_owned(),
        },
        summary: error_summary(l, &fields),
        fields,
        version: head.version,
        targets: match (&target, asked.plan) {
            (None, Some(p)) => p
                .def
                .target
                .iter()
                .map(|t| Link {
                    href: format!("/plans/{code}/edit?target={}", ui::percent_encode(&t.code)),
                    text: format!("{} {}: {}", t.code, t.title(l), words::asked(t, t.value, l)),
                })
                .collect(),
            _ => Vec::new(),
        },
        add: if asked.plan.is_some() && target.is_none() { format!("/plans/{code}/edit?target=new") } else { String::new() },
        text: if asked.plan.is_some() { format!("/plans/{code}/text") } else { "/plans/import".to_owned() },
        remove: known.map(|t| format!("/plans/{code}/targets/{}/remove", ui::percent_encode(&t.code))),
        is_new: asked.plan.is_none(),
        readings: known.zip(asked.plan).map(|(t, p)| readings(programme, p, t, l)).unwrap_or_default(),
        above: known.zip(asked.plan).map(|(t, p)| above(programme, p, t, l)).unwrap_or_default(),
        shell,
    };
    let response = page(&view);
    match asked.error {
        Some(error) => with_status(response, error.status),
        None => response,
    }
}

/// The ways of reading a target, each with its form.
fn readings(programme: &Programme, plan: &Arc<Plan>, target: &Target, l: Lang) -> Vec<Link> {
    let path = format!("/plans/{}/targets/{}/readings", plan.def.plan.code, ui::percent_encode(&target.code));
    let held = programme.register().targets(&programme.atlas(), plan).into_iter().find(|h| h.own() && h.target.code == target.code);
    let all = held.map(|h| h.target.reading).unwrap_or_default();
    let links = all.iter().map(|r| Link { href: format!("{path}/{}", ui::percent_encode(&r.code)), text: r.title(l).to_owned() });
    links.chain([Link { href: format!("{path}/new"), text: l.t("Thêm một cách đọc", "Add a reading").to_owned() }]).collect()
}

/// What the plan above asks for, and which of the two is stricter.
fn above(programme: &Programme, plan: &Arc<Plan>, target: &Target, l: Lang) -> String {
    use crate::register::Stricter;
    let held = programme.register().targets(&programme.atlas(), plan).into_iter().find(|h| h.own() && h.target.code == target.code);
    let Some((held, (above, value))) = held.and_then(|h| h.above.clone().map(|a| (h, a))) else { return String::new() };
    let mark = match held.stricter() {
        Some(Stricter::Own) => l.t("ở đây chặt hơn", "stricter here"),
        Some(Stricter::Above) => l.t("cấp trên chặt hơn", "stricter above"),
        _ => l.t("bằng nhau", "the same"),
    };
    format!("{}: {} ({mark})", words::short_title(&above, l), words::asked(target, value, l))
}

/// The plan and its owner at the door.
pub(super) async fn owned(programme: &Programme, ctx: &Context, code: &str) -> Result<Arc<Plan>, AppError> {
    let register = programme.current().await;
    let plan = plan_of(&register, code)?;
    programme.require_owner(ctx, plan.home)?;
    Ok(plan)
}

/// `GET /plans/new`
pub(super) async fn new(State(programme): State<Programme>, ctx: Context) -> Result<Response, AppError> {
    programme.current().await;
    Ok(view(&programme, &ctx, &Asked { plan: None, target: None, typed: None, error: None }))
}

/// `POST /plans`
pub(super) async fn create(State(programme): State<Programme>, ctx: Context, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    let made = async {
        let head = read_head(&typed, &empty_head(&ctx))?;
        let def = Definition { plan: head, target: Vec::new(), claim: Vec::new(), task_group: Vec::new() };
        programme.save_plan(&ctx, def, value(&typed, "reason"), Some(0), &Lines::Unknown).await
    };
    match made.await {
        Ok(plan) => Ok(see_other(format!("/plans/{}?done=saved", plan.def.plan.code))),
        Err(error) if in_form(&error) => Ok(view(&programme, &ctx, &Asked { plan: None, target: None, typed: Some(&typed), error: Some(&error) })),
        Err(error) => Err(error),
    }
}

/// `GET /plans/{code}/edit?target=`
pub(super) async fn edit(State(programme): State<Programme>, ctx: Context, Path(code): Path<String>, Query(pick): Query<Pick>) -> Result<Response, AppError> {
    let plan = owned(&programme, &ctx, &code).await?;
    Ok(view(&programme, &ctx, &Asked { plan: Some(&plan), target: pick.target.as_deref(), typed: None, error: None }))
}

/// `POST /plans/{code}/edit`
pub(super) async fn save(State(programme): State<Programme>, ctx: Context, Path(code): Path<String>, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    let plan = owned(&programme, &ctx, &code).await?;
    let made = async {
        let head = Head { code: code.clone(), ..read_head(&typed, &plan.def.plan)? };
        let def = Definition { plan: head, ..plan.def.clone() };
        programme.save_plan(&ctx, def, value(&typed, "reason"), value(&typed, "version").parse().ok(), &Lines::Unknown).await
    };
    match made.await {
        Ok(_) => Ok(see_other(format!("/plans/{code}?done=saved"))),
        Err(error) if in_form(&error) => Ok(view(&programme, &ctx, &Asked { plan: Some(&plan), target: None, typed: Some(&typed), error: Some(&error) })),
        Err(error) => Err(error),
    }
}

/// `POST /plans/{code}/targets/{target}/edit`; `new` adds one.
pub(super) async fn save_target(
    State(programme): State<Programme>,
    ctx: Context,
    Path((code, target)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Result<Response, AppError> {
    let plan = owned(&programme, &ctx, &code).await?;
    let at = plan.def.target.iter().position(|t| t.code == target);
    let made = async {
        let old = at.and_then(|n| plan.def.target.get(n)).cloned().unwrap_or_else(empty_target);
        let new = read_target(&typed, &old)?;
        let mut def = plan.def.clone();
        match at.and_then(|n| def.target.get_mut(n)) {
            Some(slot) => *slot = new,
            None if target == "new" => def.target.push(new),
            None => return Err(super::unknown_target(&target)),
        }
        programme.save_plan(&ctx, def, value(&typed, "reason"), value(&typed, "version").parse().ok(), &Lines::Unknown).await
    };
    match made.await {
        Ok(_) => Ok(see_other(format!("/plans/{code}?done=saved"))),
        Err(error) if in_form(&error) => {
            Ok(view(&programme, &ctx, &Asked { plan: Some(&plan), target: Some(&target), typed: Some(&typed), error: Some(&error) }))
        }
        Err(error) => Err(error),
    }
}

/// `POST /plans/{code}/targets/{target}/remove`
pub(super) async fn remove_target(
    State(programme): State<Programme>,
    ctx: Context,
    Path((code, target)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Result<Response, AppError> {
    let plan = owned(&programme, &ctx, &code).await?;
    let mut def = plan.def.clone();
    let before = def.target.len();
    def.target.retain(|t| t.code != target);
    if def.target.len() == before {
        return Err(super::unknown_target(&target));
    }
    let reason = format!("{} {target}", ctx.lang.t("bỏ mục tiêu", "target removed:"));
    programme.save_plan(&ctx, def, &reason, value(&typed, "version").parse().ok(), &Lines::Unknown).await?;
    Ok(see_other(format!("/plans/{code}?done=saved")))
}

fn text_view(programme: &Programme, ctx: &Context, plan: Option<&Arc<Plan>>, text: String, error: Option<&AppError>) -> Response {
    let (l, register) = (ctx.lang, programme.register());
    let title = if plan.is_some() { l.t("Sửa dạng văn bản TOML", "Edit as TOML") } else { l.t("Nạp kế hoạch từ tệp", "Import a plan") };
    let mut shell = ctx.shell(title).noindex();
    shell = match plan {
        Some(p) => crumbs(shell, &register, p).crumb(words::short_title(p, l), format!("/plans/{}", p.def.plan.code)).here(title),
        None => shell.crumb(l.t("Chương trình", "Programme"), "/programme").here(title),
    };
    shell.path = plan.map_or_else(|| "/plans/import".to_owned(), |p| format!("/plans/{}/text", p.def.plan.code));
    let wrongs: Vec<(String, String)> = error
        .map(|e| e.what(l).split(" · ").map(|w| w.split_once(": ").map_or((String::new(), w.to_owned()), |(a, b)| (a.to_owned(), b.to_owned()))).collect())
        .unwrap_or_default();
    let view = TextView {
        action: shell.path.clone(),
        rows: text.lines().count().clamp(20, 60),
        text,
        version: plan.map_or(0, |p| p.def.plan.version),
        wrongs,
        import: plan.is_none(),
        shell,
    };
    with_status(page(&view), error.map_or(200, |e| e.status))
}

/// `GET /plans/{code}/text`
pub(super) async fn text(State(programme): State<Programme>, ctx: Context, Path(code): Path<String>) -> Result<Response, AppError> {
    let plan = owned(&programme, &ctx, &code).await?;
    Ok(text_view(&programme, &ctx, Some(&plan), to_toml(&plan.def).unwrap_or_default(), None))
}

/// `POST /plans/{code}/text`
pub(super) async fn save_text(
    State(programme): State<Programme>,
    ctx: Context,
    Path(code): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, AppError> {
    let plan = owned(&programme, &ctx, &code).await?;
    let written = typed.iter().find(|(n, _)| n == "text").map(|(_, v)| v.replace("\r\n", "\n")).unwrap_or_default();
    let made = async {
        let mut def = read_toml(&written).map_err(|w| refusal(&[w]))?;
        // The code names the plan that is edited; another one would be another plan.
        def.plan.code.clone_from(&code);
        programme.save_plan(&ctx, def, value(&typed, "reason"), value(&typed, "version").parse().ok(), &Lines::Toml(&written)).await
    };
    match made.await {
        Ok(_) => Ok(see_other(format!("/plans/{code}?done=saved"))),
        Err(error) if in_form(&error) => Ok(text_view(&programme, &ctx, Some(&plan), written.clone(), Some(&error))),
        Err(error) => Err(error),
    }
}

/// `GET /plans/import`
pub(super) async fn import_form(State(programme): State<Programme>, ctx: Context) -> Result<Response, AppError> {
    programme.current().await;
    Ok(text_view(&programme, &ctx, None, String::new(), None))
}

/// `POST /plans/import` with a TOML or XLSX file, or text.
pub(super) async fn import(State(programme): State<Programme>, ctx: Context, mut form: Multipart) -> Result<Response, AppError> {
    let broken = |_| AppError::new("upload_broken", 400).say("Tệp chưa gửi lên hết.", "The upload was cut off.").mend("Gửi lại.", "Send it again.");
    let (mut name, mut bytes, mut written, mut reason) = (String::new(), Vec::new(), String::new(), String::new());
    while let Some(field) = form.next_field().await.map_err(broken)? {
        match field.name().unwrap_or_default() {
            "file" => {
                name = field.file_name().unwrap_or_default().to_owned();
                bytes = field.bytes().await.map_err(broken)?.to_vec();
            }
            "text" => written = field.text().await.map_err(broken)?.replace("\r\n", "\n"),
            "reason" => reason = field.text().await.map_err(broken)?,
            _ => {}
        }
    }
    let made = programme.import_plan(&ctx, &name, &bytes, &written, &reason).await;
    match made {
        Ok(plan) => Ok(see_other(format!("/plans/{}?done=saved", plan.def.plan.code))),
        Err(error) if in_form(&error) => {
            let shown = if bytes.is_empty() { written } else { String::from_utf8(bytes).unwrap_or_default() };
            Ok(text_view(&programme, &ctx, None, shown, Some(&error)))
        }
        Err(error) => Err(error),
    }
}

impl Programme {
    /// Takes a plan from a file (TOML or XLSX by its name) or from TOML text. A plan that is there gets a new version.
    ///
    /// # Errors
    /// As [`Programme::save_plan`]; 422 `plan_unreadable` with line or row.
    pub async fn import_plan(&self, ctx: &Context, name: &str, bytes: &[u8], written: &str, reason: &str) -> Result<Arc<Plan>, AppError> {
        if name.to_lowercase().ends_with(".xlsx") {
            let (def, rows) = from_workbook(name, bytes).map_err(|w| refusal(&[w]))?;
            return self.save_plan(ctx, def, reason, None, &Lines::Sheet(rows)).await;
        }
        let text = if bytes.is_empty() {
            written.to_owned()
        } else {
            String::from_utf8(bytes.to_vec()).map_err(|_| {
                AppError::new("plan_unreadable", 422)
                    .say("Tệp không phải UTF-8 hoặc không phải TOML.", "The file is not UTF-8, or no TOML.")
                    .mend("Nạp tệp .toml hoặc .xlsx.", "Bring a .toml or .xlsx file.")
                    .at("file")
            })?
        };
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let def = read_toml(&text).map_err(|w| refusal(&[w]))?;
        self.save_plan(ctx, def, reason, None, &Lines::Toml(&text)).await
    }
}
