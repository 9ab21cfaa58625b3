//! `/why`: *Vì sao có số này?* A figure opened down to definition, formula, places, people, evidence and corrections.

use super::crumbs;
use super::params::{Asked, Params, full_name, measure};
use super::show::{bare, moment, n_of, period, reporters, tags, whole, with_unit};
use super::words::condition;
use crate::ledger::{Line, State};
use crate::measure::{Carry, Kind, Measure, OverTime, Rollup};
use crate::service::{Explanation, FigureView, Figures, Step, Tree};
use crate::value::Value;
use access::{Context, Who};
use askama::Template;
use axum::extract::State as Kept;
use axum::response::Response;
use ui::{AppError, Lang, Shell};

/// A place whose figure went in.
struct Part {
    name: String,
    value: String,
    n_of: String,
    tags: Vec<(&'static str, String)>,
    why: String,
}

/// A unit of an older map behind the figure.
struct Carried {
    name: String,
    share: String,
    estimated: bool,
    value: String,
    why: String,
}

/// One line of the ledger.
struct Entry {
    when: String,
    who: String,
    state: (&'static str, String),
    was: Option<String>,
    is: String,
    from: String,
    /// Address of the record it was made from.
    open: Option<String>,
    reason: String,
}

struct Proof {
    name: String,
    number: String,
    issued: String,
    issuer: String,
    sha256: String,
    href: String,
}

#[derive(Template)]
#[template(path = "public_why.html")]
struct Why {
    shell: Shell,
    head: String,
    sub: String,
    title: String,
    definition: String,
    legal: String,
    version: String,
    numerator: String,
    denominator: String,
    rule: String,
    formula: String,
    numbers: String,
    result: String,
    note: String,
    over_time: String,
    inputs: Vec<Part>,
    parts: Vec<Part>,
    parts_more: usize,
    all_parts: String,
    carried: Vec<Carried>,
    carry_rule: &'static str,
    entries: Vec<Entry>,
    evidence: Vec<Proof>,
    detailed: bool,
    own: bool,
    signed_in: bool,
    dashboard: String,
}

/// Places listed at most; the dashboard has them all.
const PARTS: usize = 70;

/// `GET /why?measure=&unit=&period=&tree=`.
pub(super) async fn page(Kept(f): Kept<Figures>, ctx: Context, params: Params) -> Result<Response, AppError> {
    let code = params.get("measure").unwrap_or_default();
    let known = measure(&f, &ctx, &code)?;
    let asked = Asked::read(&f, &ctx, &known, &params)?;
    let told = f.explain(&ctx, &asked.ask, asked.place).await?;
    let l = ctx.lang;
    let v = &told.figure;
    let m = &v.known.measure;
    let value = with_unit(v, l);
    let head = match (&value, l) {
        (Some(value), Lang::Vi) => format!("Vì sao là {value}?"),
        (Some(value), Lang::En) => format!("Why {value}?"),
        (None, _) => l.t("Vì sao chưa có số?", "Why is there no number?").to_owned(),
    };
    let names = |place| full_name(&asked.atlas, place, asked.view.date(), l);
    let shown: Vec<&FigureView> = told.parts.iter().filter(|p| p.of > 0 && f.may_see(&ctx, &p.known, p.place)).collect();
    let (rule, formula, numbers) = computation(&told, l);
    let shell = crumbs(ctx.shell(format!("{head} {}", m.title(l))), &asked, f.map_day()).crumb(m.title(l), asked.href().to_string()).here(period(v.period, l));
    let template = Why {
        head,
        sub: format!("{} · {} · {}", m.title(l), names(asked.place), period(v.period, l)),
        title: m.title(l).to_owned(),
        definition: if l == Lang::En && !m.def.definition_en.is_empty() { m.def.definition_en.clone() } else { m.def.definition_vi.clone() },
        legal: m.def.legal_basis.clone(),
        version: version(m, &f, l),
        numerator: m.def.numerator_vi.clone(),
        denominator: m.def.denominator_vi.clone(),
        rule,
        formula,
        numbers,
        result: value.unwrap_or_else(|| l.t("chưa có số", "no number yet").to_owned()),
        note: note(v, l),
        over_time: over_time(v, asked.ask.period, l),
        inputs: told
            .inputs
            .iter()
            .filter(|i| f.may_see(&ctx, &i.known, asked.place))
            .map(|i| Part {
                name: i.known.measure.title(l).to_owned(),
                value: with_unit(i, l).unwrap_or_else(|| "–".to_owned()),
                n_of: n_of(i, l),
                tags: tags(i, l),
                why: asked.why(asked.place).with("measure", i.known.measure.def.code.clone()).with("period", i.period.to_string()).to_string(),
            })
            .collect(),
        parts_more: shown.len().saturating_sub(PARTS),
        parts: shown.iter().take(PARTS).map(|p| part(&asked, p, l)).collect(),
        all_parts: format!("{}#bang", asked.href()),
        carried: told
            .carried
            .iter()
            .map(|c| {
                let then = c.figure.known.window(c.figure.period).1;
                let ask = crate::service::Ask { tree: Tree::Then, ..asked.ask.clone() };
                let view = f.view(&ask);
                let old = Asked { ask, view, place: c.unit, ..asked.clone() };
                Carried {
                    name: full_name(&asked.atlas, c.unit, then, l),
                    share: format!("{}%", l.number(rust_decimal::Decimal::new(c.share, 4), 2)),
                    estimated: c.estimated,
                    value: with_unit(&c.figure, l).unwrap_or_else(|| super::show::status(&c.figure, l).1),
                    why: old.why(c.unit).to_string(),
                }
            })
            .collect(),
        carry_rule: carry_rule(m.def.carry, l),
        entries: entries(&told, m, &ctx, l),
        evidence: told
            .evidence
            .iter()
            .map(|e| Proof {
                name: e.name.clone(),
                number: e.about.number.clone(),
                issued: e.about.issued.map(lang::show::short_date).unwrap_or_default(),
                issuer: e.about.issuer.clone(),
                sha256: e.sha256.clone(),
                href: format!("/evidence/file/{}/{}", asked.place, e.id),
            })
            .collect(),
        detailed: told.detailed,
        own: v.own,
        signed_in: ctx.who != Who::Public,
        dashboard: asked.href().to_string(),
        shell,
    };
    Ok(ui::page(&template))
}

fn part(asked: &Asked, p: &FigureView, l: Lang) -> Part {
    Part {
        name: asked.name(p.place),
        value: with_unit(p, l).unwrap_or_else(|| "–".to_owned()),
        n_of: n_of(p, l),
        tags: tags(p, l),
        why: asked.why(p.place).to_string(),
    }
}

/// Which version of the definition, and from when to when it holds.
fn version(m: &Measure, f: &Figures, l: Lang) -> String {
    let day = lang::show::short_date;
    let catalog = f.catalog();
    let next = catalog.versions(m.id).iter().find(|k| k.measure.def.version > m.def.version).and_then(|k| k.measure.def.valid_from.yesterday().ok());
    match (l, next) {
        (Lang::Vi, None) => format!("bản {}, hiệu lực từ {}", m.def.version, day(m.def.valid_from)),
        (Lang::Vi, Some(to)) => format!("bản {}, hiệu lực từ {} đến {}", m.def.version, day(m.def.valid_from), day(to)),
        (Lang::En, None) => format!("version {}, in force from {}", m.def.version, day(m.def.valid_from)),
        (Lang::En, Some(to)) => format!("version {}, in force from {} to {}", m.def.version, day(m.def.valid_from), day(to)),
    }
}

/// How it is computed: the rule, the formula, and the formula with the numbers put in.
fn computation(told: &Explanation, l: Lang) -> (String, String, String) {
    let v = &told.figure;
    let m = &v.known.measure;
    let who = reporters(m, 2, l);
    let formula = || match (&m.def.formula, &m.def.formula_of) {
        (Some(n), Some(of)) => format!("({n}) ÷ ({of})"),
        (Some(one), None) => one.clone(),
        _ => String::new(),
    };
    let ratio = v.parts.map(|(n, of)| format!("{} ÷ {}", whole(n, l), whole(of, l))).unwrap_or_default();
    if !told.carried.is_empty() {
        return (l.t("Chuyển từ các đơn vị cũ sang bản đồ hôm nay.", "Carried from older units to today’s map.").to_owned(), String::new(), ratio);
    }
    if v.own {
        let rule = match m.computed() {
            true => l.t("Tự tính từ các chỉ tiêu khác của cùng nơi, không ai nhập tay.", "Computed from other measures of the same place; nobody enters it."),
            false => l.t("Nơi này tự báo cáo.", "The place reports it itself."),
        };
        let text = if m.def.kind == Kind::Percent && !m.computed() { "n ÷ N".to_owned() } else { formula() };
        return (rule.to_owned(), text, ratio);
    }
    let rule = adds_up(m, l);
    let (text, numbers) = match m.def.rollup {
        Rollup::Sum if m.def.kind == Kind::Percent => ("Σ n ÷ Σ N".to_owned(), ratio),
        Rollup::Sum => ("Σ".to_owned(), sum(told, l)),
        Rollup::WeightedMean => {
            (format!("Σ ({} × {}) ÷ Σ {}", m.def.code, m.def.weight.clone().unwrap_or_default(), m.def.weight.clone().unwrap_or_default()), String::new())
        }
        Rollup::Min => (format!("min({})", m.def.code), String::new()),
        Rollup::Max => (format!("max({})", m.def.code), String::new()),
        Rollup::CountWhere => (format!("{} {who}{}", l.t("số", "number of"), condition(m, l)), String::new()),
        Rollup::ShareWhere => (format!("{} {who} {} ÷ {} {who}", l.t("số", "number of"), l.t("đạt", "that do"), l.t("số", "number of")), ratio),
        Rollup::None => (String::new(), String::new()),
    };
    let rule =
        if m.computed() { format!("{rule} {}: {}", l.t("Ở từng nơi, tự tính", "At each place it is computed"), formula()) } else { rule.to_owned() };
    (rule, text, numbers)
}

/// How the figures of places add up, in words.
pub(super) fn adds_up(m: &Measure, l: Lang) -> &'static str {
    match m.def.rollup {
        Rollup::Sum if m.def.kind == Kind::Percent => l.t(
            "Cộng n và N của mọi nơi, rồi chia; không lấy bình quân các tỷ lệ.",
            "n and N of all places are added up, then divided; percentages are never averaged.",
        ),
        Rollup::Sum => l.t("Cộng số của mọi nơi đã được duyệt.", "The accepted numbers of all places are added up."),
        Rollup::WeightedMean => l.t("Bình quân gia quyền.", "A weighted mean."),
        Rollup::Min => l.t("Lấy số nhỏ nhất.", "The smallest number."),
        Rollup::Max => l.t("Lấy số lớn nhất.", "The largest number."),
        Rollup::CountWhere => l.t("Đếm số nơi đạt điều kiện.", "Places that fulfil the condition are counted."),
        Rollup::ShareWhere => l.t("Số nơi đạt chia cho số nơi phải báo cáo.", "Places that fulfil it over places that have to report."),
        Rollup::None => l.t("Không cộng dồn.", "It does not add up."),
    }
}

/// A short sum written out.
fn sum(told: &Explanation, l: Lang) -> String {
    let known: Vec<String> = told.parts.iter().filter(|p| p.value.is_some()).filter_map(|p| bare(p, l)).collect();
    if (2..=8).contains(&known.len()) { known.join(" + ") } else { String::new() }
}

/// What of N is missing and still counts in it.
fn note(v: &FigureView, l: Lang) -> String {
    if v.own {
        return String::new();
    }
    let who = reporters(&v.known.measure, v.missing, l);
    let inside = v.known.measure.def.rollup == Rollup::ShareWhere;
    let mut out = match l {
        Lang::Vi => format!("{} trong {} {who} đã được duyệt", whole(v.n, l), whole(v.of, l)),
        Lang::En => format!("{} of {} {who} accepted", whole(v.n, l), whole(v.of, l)),
    };
    let mut say = |n: i64, vi: &str, en: &str| {
        if n > 0 {
            out.push_str(&format!("; {} {}", whole(n, l), l.t(vi, en)));
        }
    };
    if inside {
        say(v.missing, "chưa báo cáo vẫn nằm trong mẫu số", "not reported stay in the denominator");
        say(v.awaiting, "chờ duyệt cũng nằm trong mẫu số", "awaiting review stay in it too");
        say(v.not_applicable, "không áp dụng, đã bỏ khỏi mẫu số", "not applicable, left out of it");
    } else {
        say(v.missing, "chưa báo cáo, không tính là 0", "not reported, not counted as 0");
        say(v.awaiting, "chờ duyệt, chưa tính", "awaiting review, not yet counted");
        say(v.not_applicable, "không áp dụng", "not applicable");
    }
    say(v.estimated, "là ước tính", "are estimates");
    out.push('.');
    out
}

fn over_time(v: &FigureView, asked: calendar::Period, l: Lang) -> String {
    if asked.kind() == v.known.measure.def.period {
        return String::new();
    }
    let kind = v.known.measure.def.period;
    let kind = l.t(kind.label_vi(), kind.label_en());
    match (v.known.measure.def.over_time, l) {
        (OverTime::Last, Lang::Vi) => format!("Lấy {kind} cuối cùng có số trong kỳ."),
        (OverTime::Sum, Lang::Vi) => format!("Cộng các {kind} trong kỳ."),
        (OverTime::Mean, Lang::Vi) => format!("Bình quân các {kind} trong kỳ."),
        (OverTime::Last, Lang::En) => format!("The last {kind} with a figure."),
        (OverTime::Sum, Lang::En) => format!("The sum of each {kind} in it."),
        (OverTime::Mean, Lang::En) => format!("The mean of each {kind} in it."),
    }
}

pub(super) fn carry_rule(carry: Carry, l: Lang) -> &'static str {
    match carry {
        Carry::Sum | Carry::ByPopulation => l.t("Cộng lại; nơi bị chia thì chia theo dân số.", "Added up; a divided unit is shared by population."),
        Carry::ByArea => l.t("Cộng lại; nơi bị chia thì chia theo diện tích.", "Added up; a divided unit is shared by area."),
        Carry::WeightedMean => l.t("Bình quân gia quyền.", "A weighted mean."),
        Carry::Max => l.t("Lấy số lớn nhất.", "The largest."),
        Carry::Min => l.t("Lấy số nhỏ nhất.", "The smallest."),
        Carry::AllMustPass => l.t("Chỉ đạt khi mọi đơn vị cũ đều đạt.", "Met only if every older unit met it."),
        Carry::NotCarried => l.t("Không chuyển; chỉ nơi không đổi giữ số của mình.", "Not carried; only a unit that did not change keeps its figure."),
    }
}

fn written(value: &Value, m: &Measure, l: Lang) -> String {
    match value {
        Value::Words(text) => text.clone(),
        Value::NotApplicable => l.t("không áp dụng", "not applicable").to_owned(),
        Value::NotKnown => l.t("chưa biết", "not known").to_owned(),
        Value::Ratio { n, of } => {
            let share = value.shown(m).map(|p| format!(" = {}%", l.number(p, m.def.decimals))).unwrap_or_default();
            format!("{}/{}{share}", whole(*n, l), whole(*of, l))
        }
        Value::Number(n) => match m.def.kind {
            Kind::YesNo => if *n == 1 { l.t("đạt", "met") } else { l.t("chưa đạt", "not met") }.to_owned(),
            Kind::Ordinal => usize::try_from(*n).ok().and_then(|at| m.def.steps.get(at)).cloned().unwrap_or_else(|| whole(*n, l)),
            _ => format!("{} {}", l.number(crate::value::unscale(*n, m.scale()), m.def.decimals), m.def.unit),
        },
    }
}

/// The lines of the ledger in words, each with what the figure was before it.
fn entries(told: &Explanation, m: &Measure, ctx: &Context, l: Lang) -> Vec<Entry> {
    let mut last: Option<&Line> = None;
    let mut out = Vec::new();
    for Step { line, act } in &told.steps {
        let (vi, en) = line.state.label();
        let class = match line.state {
            State::Accepted => "ok",
            State::Submitted => "wait",
            State::Returned => "late",
            State::Draft => "plain",
        };
        let was = last.filter(|b| b.value != line.value).map(|b| written(&b.value, m, l));
        let source = act.as_ref().map(|a| match (&a.file_name, &line.cell) {
            (Some(file), Some(cell)) => format!("{file}, {} {cell}", l.t("ô", "cell")),
            (Some(file), None) => file.clone(),
            (None, Some(cell)) if cell == "=" => l.t("máy tính từ công thức", "computed by formula").to_owned(),
            _ => match a.source.as_str() {
                // Handing over, accepting and returning repeat a value; only the first line enters it.
                "form" => match line.state {
                    State::Submitted if last.is_some_and(|b| b.value == line.value) => l.t("nộp trên trang", "handed over on the page"),
                    State::Accepted => l.t("duyệt trên trang", "accepted on the page"),
                    State::Returned => l.t("trả lại trên trang", "returned on the page"),
                    State::Draft | State::Submitted => l.t("nhập trên trang", "entered on the page"),
                }
                .to_owned(),
                "workbook" => l.t("tệp bảng tính", "workbook").to_owned(),
                "works" => l.t("sổ công trình", "register of works").to_owned(),
                "api" => "API".to_owned(),
                "casework" => l.t("đếm từ hồ sơ công việc trên hệ thống", "counted from work dossiers on the platform").to_owned(),
                "criteria" => l.t("bảng chấm điểm theo bộ tiêu chí", "scorecard of a set of criteria").to_owned(),
                "computed" => l.t("máy tính từ công thức", "computed by formula").to_owned(),
                other => other.to_owned(),
            },
        });
        out.push(Entry {
            when: act.as_ref().map(|a| moment(a.at, ctx.at, l)).unwrap_or_default(),
            who: act.as_ref().map(|a| a.who_name.clone()).unwrap_or_default(),
            state: (class, l.t(vi, en).to_owned()),
            was,
            is: written(&line.value, m, l),
            from: source.unwrap_or_default(),
            open: act.as_ref().filter(|a| a.note.starts_with("/")).map(|a| a.note.clone()),
            reason: line.reason.clone().unwrap_or_default(),
        });
        last = Some(line);
    }
    out
}
