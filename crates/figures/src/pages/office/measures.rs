//! Administration of measures: list, form over every field of a definition, trial, retirement, import and export.

use super::{done, see_other, with_status};
use crate::service::define::{MeasureFile, Trial};
use crate::{Definition, DefinitionProblem, Figures};
use access::{Context, Need, Role, Routes};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use ui::form::{Field, Kind as Box, error_summary};
use ui::{AppError, Html, Lang, Notice, Shell, Tone, page};
use uuid::Uuid;

pub(super) fn routes(admin: Need) -> Routes<Figures> {
    Routes::new()
        .get("/admin/measures", admin, list)
        .get("/admin/measures/new", admin, new)
        .post("/admin/measures", admin, save)
        .get("/admin/measures/export", admin, export)
        .post("/admin/measures/import", admin, import)
        .get("/admin/measures/{id}", admin, edit)
        .post("/admin/measures/{id}/retire", admin, retire)
}

/// Measures are defined by the administrator of the centre.
fn require(figures: &Figures, ctx: &Context) -> Result<(), AppError> {
    ctx.require(Role::Administrator, &[figures.places().atlas().nation().unwrap_or_default()])
}

struct Line {
    href: String,
    title: String,
    code: String,
    kind: &'static str,
    level: &'static str,
    period: &'static str,
    version: i64,
    computed: bool,
    retired: bool,
    retire: String,
}

#[derive(Template)]
#[template(path = "office_measures.html")]
struct ListView {
    shell: Shell,
    lines: Vec<Line>,
    typed: String,
    problems: Vec<(String, String)>,
}

#[derive(Deserialize, Default)]
pub(super) struct Word {
    done: Option<String>,
    format: Option<String>,
}

async fn list(State(figures): State<Figures>, ctx: Context, Query(word): Query<Word>) -> Result<Response, AppError> {
    list_view(&figures, &ctx, done(ctx.lang, word.done.as_deref()), String::new(), vec![])
}

fn list_view(figures: &Figures, ctx: &Context, notice: Option<Notice>, typed: String, problems: Vec<(String, String)>) -> Result<Response, AppError> {
    require(figures, ctx)?;
    let l = ctx.lang;
    let catalog = figures.catalog();
    let lines = catalog
        .all()
        .filter(|k| !k.measure.def.is_recorded())
        .map(|k| {
            let def = &k.measure.def;
            Line {
                href: format!("/admin/measures/{}", k.measure.id),
                title: k.measure.title(l).to_owned(),
                code: def.code.clone(),
                kind: choice(KINDS, &word_of(&def.kind), l),
                level: {
                    let (vi, en) = def.level.label();
                    l.t(vi, en)
                },
                period: l.t(def.period.label_vi(), def.period.label_en()),
                version: def.version,
                computed: k.measure.computed(),
                retired: k.measure.retired,
                retire: format!("/admin/measures/{}/retire", k.measure.id),
            }
        })
        .collect();
    let mut shell =
        ctx.shell(l.t("Quản trị chỉ tiêu", "Measures")).noindex().notice(notice).crumb(l.t("Hôm nay", "Today"), "/today").here(l.t("Chỉ tiêu", "Measures"));
    shell.path = "/admin/measures".to_owned();
    Ok(page(&ListView { shell, lines, typed, problems }))
}

type Choices = &'static [(&'static str, &'static str, &'static str)];
const KINDS: Choices = &[
    ("count", "số đếm", "count"),
    ("amount", "số lượng có thập phân", "amount"),
    ("percent", "tỷ lệ n/N", "percentage n of N"),
    ("yes_no", "đạt / chưa đạt", "yes or no"),
    ("ordinal", "bậc thang", "steps of a scale"),
    ("text", "chữ", "words"),
];
const ROLLUPS: Choices = &[
    ("sum", "cộng dồn (tỷ lệ: Σn/ΣN)", "sum (percentages: Σn of ΣN)"),
    ("weighted_mean", "bình quân gia quyền", "weighted mean"),
    ("min", "nhỏ nhất", "smallest"),
    ("max", "lớn nhất", "largest"),
    ("count_where", "đếm đơn vị thỏa điều kiện", "count of units that…"),
    ("share_where", "tỷ lệ đơn vị thỏa điều kiện", "share of units that…"),
    ("none", "không cộng dồn", "not at all"),
];
const OVER_TIME: Choices = &[("last", "lấy kỳ cuối", "the last one"), ("sum", "cộng các kỳ", "sum"), ("mean", "bình quân các kỳ", "mean")];
const CARRIES: Choices = &[
    ("sum", "cộng lại; đơn vị bị chia: theo dân số", "added up; divided by population"),
    ("weighted_mean", "bình quân gia quyền", "weighted mean"),
    ("max", "lớn nhất", "largest"),
    ("min", "nhỏ nhất", "smallest"),
    ("all_must_pass", "mọi đơn vị cũ phải đạt", "all must pass"),
    ("by_population", "chia theo dân số", "by population"),
    ("by_area", "chia theo diện tích", "by area"),
    ("not_carried", "không mang sang", "not carried"),
];
const LEVELS: Choices = &[
    ("province", "tỉnh", "province"),
    ("district", "huyện (trước 01/7/2025)", "district (before July 2025)"),
    ("commune", "xã", "commune"),
    ("village", "thôn", "village"),
    ("nation", "cả nước", "nation"),
];
const PERIODS: Choices = &[
    ("year", "năm", "year"),
    ("half", "6 tháng", "half-year"),
    ("nine_months", "9 tháng", "nine months"),
    ("quarter", "quý", "quarter"),
    ("month", "tháng", "month"),
    ("day", "ngày", "day"),
];
const CUTOFFS: Choices = &[("nd09", "theo Nghị định 09/2019", "by Decree 09/2019"), ("calendar", "theo lịch", "by the calendar")];
const OFFICERS: Choices = &[("officer", "cán bộ nhập liệu", "officer")];
const REVIEWERS: Choices = &[("reviewer", "người duyệt", "reviewer")];

fn word_of<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn choice(list: Choices, word: &str, l: Lang) -> &'static str {
    list.iter().find(|c| c.0 == word).map_or("", |c| l.t(c.1, c.2))
}

/// How a field of the definition is asked for.
enum How {
    Line,
    Lines,
    Choice(Choices),
    Check,
}

/// Vietnamese and English.
type Both = (&'static str, &'static str);

/// Every field of a definition: name, label and help in both languages.
const FIELDS: &[(&str, How, Both, Both)] = &[
    (
        "code",
        How::Line,
        ("Mã", "Code"),
        (
            "Chữ thường không dấu, số, gạch dưới; dùng trong công thức và API, không đổi về sau.",
            "Lower-case letters, digits, _; used in formulas and the API, never changed.",
        ),
    ),
    ("title_vi", How::Line, ("Tên tiếng Việt", "Vietnamese title"), ("", "")),
    ("title_en", How::Line, ("Tên tiếng Anh", "English title"), ("", "")),
    (
        "definition_vi",
        How::Lines,
        ("Định nghĩa", "Definition in Vietnamese"),
        ("Đếm cái gì, vào lúc nào, không tính cái gì.", "What is counted, when, and what is left out."),
    ),
    ("definition_en", How::Lines, ("Định nghĩa tiếng Anh", "Definition in English"), ("", "")),
    ("legal_basis", How::Line, ("Căn cứ", "Legal basis"), ("Số, ngày văn bản và chỗ trong văn bản.", "Number, date and place in the document.")),
    ("source", How::Line, ("Nguồn của định nghĩa", "Source of the definition"), ("", "")),
    ("kind", How::Choice(KINDS), ("Loại giá trị", "Kind"), ("Không đổi được giữa các phiên bản.", "Never changes between versions.")),
    ("unit", How::Line, ("Đơn vị tính", "Unit of measurement"), ("hộ, %, triệu đồng…", "hộ, %, triệu đồng…")),
    ("decimals", How::Line, ("Số chữ số thập phân", "Decimals"), ("0 đến 6.", "0 to 6.")),
    ("numerator_vi", How::Line, ("Tỷ lệ: n đếm gì", "Percentage: what n counts"), ("", "")),
    ("denominator_vi", How::Line, ("Tỷ lệ: N đếm gì", "Percentage: what N counts"), ("", "")),
    ("steps", How::Lines, ("Bậc thang: các mức", "Steps of the scale"), ("Mỗi dòng một mức, từ thấp đến cao.", "One per line, lowest first.")),
    ("level", How::Choice(LEVELS), ("Cấp báo cáo", "Level that reports"), ("", "")),
    (
        "kinds",
        How::Line,
        ("Chỉ các loại đơn vị", "Only these kinds of units"),
        ("Ví dụ: xã, phường. Để trống là mọi đơn vị của cấp.", "For example: xã, phường. Empty means all."),
    ),
    ("period", How::Choice(PERIODS), ("Kỳ báo cáo", "Period"), ("", "")),
    ("cutoff", How::Choice(CUTOFFS), ("Chốt số liệu", "Cut-off"), ("", "")),
    (
        "valid_from",
        How::Line,
        ("Hiệu lực từ ngày", "In force from"),
        (
            "Phiên bản mới bắt đầu sau kỳ cuối cùng đã có số liệu, để số cũ không đổi nghĩa.",
            "A new version begins after the last period with figures, so that old figures keep their meaning.",
        ),
    ),
    ("rollup", How::Choice(ROLLUPS), ("Cộng lên cấp trên", "Adds up over places"), ("", "")),
    ("weight", How::Line, ("Trọng số", "Weight"), ("Mã chỉ tiêu làm trọng số, cho bình quân gia quyền.", "Code of the weight, for a weighted mean.")),
    ("condition", How::Line, ("Điều kiện", "Condition"), ("Ví dụ: value >= 97", "For example: value >= 97")),
    ("over_time", How::Choice(OVER_TIME), ("Cộng theo thời gian", "Adds up over time"), ("", "")),
    ("carry", How::Choice(CARRIES), ("Khi đơn vị hành chính thay đổi", "Across changes of units"), ("", "")),
    ("min", How::Line, ("Nhỏ nhất hợp lý", "Smallest plausible"), ("Để trống nếu không có căn cứ.", "Empty without a basis.")),
    ("max", How::Line, ("Lớn nhất hợp lý", "Largest plausible"), ("", "")),
    ("enter", How::Choice(OFFICERS), ("Ai nhập", "Who enters"), ("", "")),
    ("accept", How::Choice(REVIEWERS), ("Ai duyệt", "Who accepts"), ("", "")),
    (
        "formula",
        How::Line,
        ("Công thức", "Formula"),
        (
            "Mã các chỉ tiêu khác và phép tính; chỉ tiêu khi đó được tính, không nhập tay. Tỷ lệ: công thức của n.",
            "Codes of other measures; the measure is then computed. For a percentage: n.",
        ),
    ),
    ("formula_of", How::Line, ("Công thức của N", "Formula of N"), ("Chỉ cho tỷ lệ.", "Only for percentages.")),
    ("public", How::Check, ("Công khai số liệu đã duyệt", "Accepted figures are public"), ("", "")),
];

#[derive(Template)]
#[template(path = "office_measure.html")]
struct FormView {
    shell: Shell,
    title: String,
    fields: Vec<Field>,
    summary: Html,
    base: String,
    trial: Option<Shown>,
    versions: Vec<String>,
}

/// A trial in words.
struct Shown {
    sentence: String,
    rows: Vec<(String, String)>,
}

/// The texts of a form from a definition.
fn texts(def: &Definition) -> Map<String, Json> {
    let mut out = match serde_json::to_value(def) {
        Ok(Json::Object(map)) => map,
        _ => Map::new(),
    };
    out.insert("kinds".to_owned(), json!(def.kinds.join(", ")));
    out.insert("steps".to_owned(), json!(def.steps.join("\n")));
    out
}

fn text_of(value: Option<&Json>) -> String {
    match value {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Number(n)) => n.to_string(),
        Some(Json::Bool(true)) => "1".to_owned(),
        _ => String::new(),
    }
}

/// Reads the form. What cannot be read is a problem at its field.
fn read(fields: &Map<String, Json>) -> Result<Definition, Vec<DefinitionProblem>> {
    let mut out = Map::new();
    let mut problems = Vec::new();
    let mut say = |field: &'static str, vi: &str, en: &str| problems.push(DefinitionProblem { field, vi: vi.to_owned(), en: en.to_owned() });
    for (name, _, _, _) in FIELDS {
        let text = text_of(fields.get(*name));
        let clean = lang::clean(&text);
        let value = match *name {
            "kinds" => json!(clean.split(',').map(lang::clean).filter(|k| !k.is_empty()).collect::<Vec<_>>()),
            "steps" => json!(text.lines().map(lang::clean).filter(|k| !k.is_empty()).collect::<Vec<_>>()),
            "public" => json!(!clean.is_empty()),
            "decimals" => match clean.parse::<u32>() {
                Ok(n) => json!(n),
                Err(_) => {
                    say("decimals", "Ghi số từ 0 đến 6.", "Write a number from 0 to 6.");
                    json!(0)
                }
            },
            "min" | "max" if !clean.is_empty() => match lang::number::parse_number(&clean, lang::number::NumberHints::default()) {
                Ok(n) if n.ambiguous.is_none() => json!(n.value.to_string()),
                _ => {
                    say(if *name == "min" { "min" } else { "max" }, "Viết số cho rõ, ví dụ 1234,5.", "Write a clear number, for example 1234,5.");
                    Json::Null
                }
            },
            "weight" | "condition" | "formula" | "formula_of" | "min" | "max" if clean.is_empty() => Json::Null,
            "valid_from" => match lang::parse_date(&clean) {
                Ok(date) => json!(date.to_string()),
                Err(p) => {
                    say("valid_from", p.vi(), p.en());
                    json!("2000-01-01")
                }
            },
            _ => json!(clean),
        };
        out.insert((*name).to_owned(), value);
    }
    out.insert("version".to_owned(), json!(1));
    match serde_json::from_value::<Definition>(Json::Object(out)) {
        Ok(def) if problems.is_empty() => Ok(def),
        Ok(_) => Err(problems),
        Err(error) => {
            problems.push(DefinitionProblem {
                field: "code",
                vi: format!("Định nghĩa chưa đọc được: {error}"),
                en: format!("The definition cannot be read: {error}"),
            });
            Err(problems)
        }
    }
}

fn form(figures: &Figures, ctx: &Context, typed: &Map<String, Json>, problems: &[DefinitionProblem], trial: Option<&Trial>) -> Result<Response, AppError> {
    require(figures, ctx)?;
    let l = ctx.lang;
    let fields: Vec<Field> = FIELDS
        .iter()
        .map(|(name, how, label, help)| {
            let kind = match how {
                How::Line => Box::Text,
                How::Lines => Box::Lines(3),
                How::Check => Box::Check,
                How::Choice(list) => Box::Select(list.iter().map(|c| (c.0.to_owned(), l.t(c.1, c.2).to_owned())).collect()),
            };
            let error: Vec<&str> = problems.iter().filter(|p| p.field == *name).map(|p| l.t(&p.vi, &p.en)).collect();
            Field::new(*name, l.t(label.0, label.1))
                .kind(kind)
                .hint(l.t(help.0, help.1))
                .value(text_of(typed.get(*name)))
                .error((!error.is_empty()).then(|| error.join(" ")))
        })
        .collect();
    let catalog = figures.catalog();
    let code = text_of(typed.get("code"));
    let held = catalog.coded(&code);
    let title =
        held.map_or_else(|| l.t("Chỉ tiêu mới", "New measure").to_owned(), |k| format!("{}: {}", k.measure.title(l), l.t("phiên bản mới", "new version")));
    let versions = held
        .map(|k| {
            catalog
                .versions(k.measure.id)
                .iter()
                .map(|v| {
                    format!(
                        "{} {}: {} {}",
                        l.t("Phiên bản", "Version"),
                        v.measure.def.version,
                        l.t("từ", "from"),
                        lang::show::short_date(v.measure.def.valid_from)
                    )
                })
                .collect()
        })
        .unwrap_or_default();
    let mut shell = ctx.shell(&title).noindex().crumb(l.t("Chỉ tiêu", "Measures"), "/admin/measures").here(&title);
    shell.path = "/admin/measures/new".to_owned();
    Ok(page(&FormView {
        title,
        summary: error_summary(l, &fields),
        fields,
        base: "/admin/measures".to_owned(),
        trial: trial.map(|t| shown(figures, ctx, t)),
        versions,
        shell,
    }))
}

fn shown(figures: &Figures, ctx: &Context, trial: &Trial) -> Shown {
    let l = ctx.lang;
    let Some(period) = trial.period else {
        return Shown {
            sentence: l.t("Không có công thức để thử, hoặc chưa có số liệu đầu vào.", "No formula to try, or no input figures yet.").to_owned(),
            rows: vec![],
        };
    };
    Shown {
        sentence: match l {
            Lang::Vi => format!("Thử trên số liệu {}: tính được {} đơn vị, {} đơn vị thiếu đầu vào.", period.label_vi(), trial.computed, trial.missing),
            Lang::En => format!("Tried on {}: {} units computed, {} lack an input.", period.label_en(), trial.computed, trial.missing),
        },
        rows: trial
            .examples
            .iter()
            .map(|(unit, value)| (super::unit_name(figures, *unit, period.last_day()), super::cell::said_of(&trial.known, value, l)))
            .collect(),
    }
}

async fn new(State(figures): State<Figures>, ctx: Context) -> Result<Response, AppError> {
    let first = json!({"kind": "count", "decimals": 0, "level": "commune", "period": "quarter", "cutoff": "nd09", "rollup": "sum", "over_time": "last", "carry": "sum", "public": true,
        "valid_from": ctx.today().to_string()});
    let Json::Object(first) = first else { return Err(AppError::new("internal", 500)) };
    form(&figures, &ctx, &first, &[], None)
}

async fn edit(State(figures): State<Figures>, ctx: Context, Path(id): Path<Uuid>) -> Result<Response, AppError> {
    let known = figures.catalog().newest(id).cloned().ok_or_else(|| AppError::new("unknown_measure", 404))?;
    form(&figures, &ctx, &texts(&known.measure.def), &[], None)
}

/// `POST /admin/measures` with every field of the definition; `then=try` only tries it.
async fn save(State(figures): State<Figures>, ctx: Context, Form(fields): Form<Vec<(String, String)>>) -> Result<Response, AppError> {
    require(&figures, &ctx)?;
    let typed: Map<String, Json> = fields.into_iter().map(|(name, value)| (name, Json::String(value))).collect();
    let def = match read(&typed) {
        Ok(def) => def,
        Err(problems) => return Ok(with_status(form(&figures, &ctx, &typed, &problems, None)?, 422)),
    };
    let problems = figures.definition_problems(&def).await?;
    if !problems.is_empty() {
        return Ok(with_status(form(&figures, &ctx, &typed, &problems, None)?, 422));
    }
    if text_of(typed.get("then")) == "try" {
        let trial = figures.try_definition(&def).await?;
        return form(&figures, &ctx, &typed, &[], Some(&trial));
    }
    figures.define(&ctx, def).await?;
    Ok(see_other("/admin/measures?done=measure"))
}

#[derive(Deserialize)]
struct Retire {
    retired: String,
}

async fn retire(State(figures): State<Figures>, ctx: Context, Path(id): Path<Uuid>, Form(entry): Form<Retire>) -> Result<Response, AppError> {
    let retired = entry.retired == "1";
    figures.retire(&ctx, id, retired).await?;
    Ok(see_other(&format!("/admin/measures?done={}", if retired { "retired" } else { "resumed" })))
}

/// `GET /admin/measures/export?format=toml|json`
async fn export(State(figures): State<Figures>, ctx: Context, Query(ask): Query<Word>) -> Result<Response, AppError> {
    require(&figures, &ctx)?;
    let file = MeasureFile {
        theme_vi: String::new(),
        theme_en: String::new(),
        measure: figures.catalog().all().filter(|k| !k.measure.def.is_recorded()).map(|k| k.measure.def.clone()).collect(),
    };
    let defect = |_| AppError::new("internal", 500);
    let json = ask.format.as_deref() == Some("json");
    let (text, media, name) = if json {
        (serde_json::to_string_pretty(&file).map_err(|_| AppError::new("internal", 500))?, "application/json", "attachment; filename=\"chi-tieu.json\"")
    } else {
        (toml::to_string(&file).map_err(defect)?, "application/toml; charset=utf-8", "attachment; filename=\"chi-tieu.toml\"")
    };
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(media)), (header::CONTENT_DISPOSITION, HeaderValue::from_static(name))], text).into_response())
}

#[derive(Deserialize)]
struct Import {
    text: String,
}

/// `POST /admin/measures/import`: a measure set as TOML or JSON; what equals the version in use is left alone.
async fn import(State(figures): State<Figures>, ctx: Context, Form(entry): Form<Import>) -> Result<Response, AppError> {
    require(&figures, &ctx)?;
    let l = ctx.lang;
    let file = match MeasureFile::parse(&entry.text) {
        Ok(file) => file,
        Err(why) => {
            let problems = vec![(l.t("Tệp", "File").to_owned(), why)];
            let notice = Notice::new(Tone::Bad, l.t("Chưa đọc được bộ chỉ tiêu.", "The measure set cannot be read."));
            return Ok(with_status(list_view(&figures, &ctx, Some(notice), entry.text, problems)?, 422));
        }
    };
    let (added, problems) = figures.define_all(&ctx, file.measure).await?;
    let words = format!("{} {added} {}", l.t("Đã nhận", "Taken:"), l.t("định nghĩa mới hoặc phiên bản mới.", "new definitions or versions."));
    let problems: Vec<(String, String)> =
        problems.into_iter().map(|(code, p)| (code, p.iter().map(|p| l.t(&p.vi, &p.en)).collect::<Vec<_>>().join(" "))).collect();
    let tone = if problems.is_empty() { Tone::Good } else { Tone::Warn };
    let (typed, status) = if problems.is_empty() { (String::new(), 200) } else { (entry.text, 422) };
    Ok(with_status(list_view(&figures, &ctx, Some(Notice::new(tone, words)), typed, problems)?, status))
}
