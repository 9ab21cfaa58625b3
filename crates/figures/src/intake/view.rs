//! What the pages of the intake show.

use super::book::address;
use super::check::{NEEDS_WORD, Report};
use super::desk::{self, Detail};
use super::foreign::{self, Draft};
use super::plan::{Part, Plan, Problem, Question};
use super::store::{Job, Stage};
use crate::measure::Kind;
use crate::service::Figures;
use access::{Context, Role};
use calendar::{Period, PeriodKind};
use jiff::Timestamp;
use places::Level;
use std::collections::BTreeSet;
use ui::{Html, Lang, Shell};
use uuid::Uuid;

/// Problems shown on the page; the marked workbook has them all.
const SHOWN: usize = 200;

/// First page: take a form, bring a file, earlier files.
#[derive(askama::Template)]
#[template(path = "intake_home.html")]
pub struct HomeView {
    pub shell: Shell,
    pub units: Vec<(String, String)>,
    pub unit: String,
    pub periods: Vec<(String, String)>,
    pub period: String,
    /// What was wrong with the last upload: code, sentence.
    pub error: Option<(String, String)>,
    pub jobs: Vec<JobLine>,
    pub demo: bool,
}

/// An earlier file.
pub struct JobLine {
    pub id: Uuid,
    pub name: String,
    pub at: String,
    pub tone: &'static str,
    pub stage: &'static str,
}

/// Page of one file.
#[derive(askama::Template)]
#[template(path = "intake_job.html")]
pub struct JobView {
    pub shell: Shell,
    pub id: Uuid,
    pub running: bool,
    pub body: Html,
}

/// Its inside, which is fetched again while a task works on it.
#[derive(askama::Template)]
#[template(path = "intake_body.html")]
pub struct BodyView {
    pub l: Lang,
    pub id: Uuid,
    pub heading: String,
    pub about: String,
    pub running: bool,
    pub interrupted: bool,
    /// Share done, 0 to 100.
    pub percent: Option<u64>,
    pub steps: String,
    pub error: Option<(String, String)>,
    pub ended: bool,
    pub map: Option<MapView>,
    pub report: Option<ReportView>,
}

/// The form that says what the columns are.
pub struct MapView {
    pub sheets: Vec<(String, String, bool)>,
    pub columns: Vec<MapColumn>,
    pub title: String,
    pub legacy: Vec<(String, String)>,
    pub period: String,
    pub first: u32,
    pub units: Vec<(String, String)>,
    pub unit: String,
    pub hidden_rows: usize,
    pub take_hidden: bool,
    pub totals: usize,
    pub remembered: bool,
    pub matched: usize,
}

/// One column and what it may be.
pub struct MapColumn {
    pub col: u32,
    pub letters: String,
    pub heading: String,
    pub samples: String,
    pub hidden: bool,
    /// Value, label, chosen.
    pub options: Vec<(String, String, bool)>,
}

/// What a dry run or a writing found.
pub struct ReportView {
    pub report: Report,
    pub written: bool,
    pub good: usize,
    pub tiles: Vec<(&'static str, usize, &'static str)>,
    pub problems: Vec<ProblemLine>,
    pub more: usize,
    pub questions: Vec<(Question, String)>,
    pub notes: Vec<String>,
    pub words: usize,
}

/// One problem as shown.
pub struct ProblemLine {
    pub cell: String,
    pub about: String,
    pub value: String,
    pub text: String,
    /// Name of the field for a word of explanation; empty where none helps.
    pub field: String,
}

fn pairs(l: Lang, shared: &'static [(&'static str, &'static str, &'static str)], word: &str) -> &'static str {
    shared.iter().find(|s| s.0 == word).map_or("", |s| l.t(s.1, s.2))
}

const STAGES: &[(&str, &str, &str)] = &[
    ("reading", "Đang đọc tệp", "Reading the file"),
    ("mapping", "Cần cho biết từng cột là gì", "Say what each column is"),
    ("checking", "Đang kiểm tra từng ô", "Checking every cell"),
    ("ready", "Đã kiểm tra, chưa ghi gì", "Checked, nothing written yet"),
    ("writing", "Đang ghi", "Writing"),
    ("done", "Đã nhận", "Taken in"),
    ("refused", "Không dùng được tệp này", "This file cannot be used"),
    ("cancelled", "Đã hủy", "Cancelled"),
];

/// The stage of a job in words, with the class of its tag.
pub fn stage(l: Lang, stage: Stage) -> (&'static str, &'static str) {
    let tone = match stage {
        Stage::Done => "ok",
        Stage::Refused => "late",
        Stage::Cancelled => "plain",
        _ => "wait",
    };
    (pairs(l, STAGES, stage.word()), tone)
}

/// Local day and time.
pub fn moment(micros: i64) -> String {
    let Ok(at) = Timestamp::from_microsecond(micros) else { return String::new() };
    let local = jiff::tz::Offset::constant(7).to_datetime(at);
    format!("{} {:02}:{:02}", lang::show::short_date(local.date()), local.hour(), local.minute())
}

/// The units a person may bring figures for: (id, label).
pub fn units(figures: &Figures, ctx: &Context) -> Vec<(String, String)> {
    let atlas = figures.places().atlas();
    let today = ctx.today();
    let view = atlas.on(today);
    let mut out: Vec<(String, String)> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut add = |unit: Uuid, label: String| {
        if seen.insert(unit) {
            out.push((unit.to_string(), label));
        }
    };
    for unit in ctx.units_with(Role::Officer) {
        let name = atlas.full_name(unit, today);
        match view.level(unit) {
            Some(Level::Nation) => {
                add(unit, format!("{name} – {}", ctx.lang.t("mỗi xã một dòng", "one row per commune")));
                for province in view.children(unit) {
                    add(*province, format!("{} – {}", atlas.full_name(*province, today), ctx.lang.t("mỗi xã một dòng", "one row per commune")));
                }
            }
            Some(Level::Province | Level::District) => {
                add(unit, format!("{name} – {}", ctx.lang.t("mỗi xã một dòng", "one row per commune")));
                for commune in view.under(unit, Level::Commune) {
                    add(commune, atlas.full_name(commune, today));
                }
            }
            _ => add(unit, name),
        }
    }
    out
}

/// Periods that may be filled in: of each kind in use, the one running and the four before it; newest first.
pub fn periods(figures: &Figures, l: Lang) -> Vec<(String, String)> {
    let catalog = figures.catalog();
    let mut found: Vec<Period> = Vec::new();
    for kind in PeriodKind::ALL {
        let Some(known) = catalog.current().find(|k| k.measure.def.period == kind && !k.measure.computed()) else { continue };
        let ended = figures.recent_periods(known, 4);
        found.extend(ended.last().and_then(|p| p.next()));
        found.extend(ended);
    }
    // The newest ended quarter is what most people come for, so quarters lead.
    found.sort_by_key(|p| (p.kind() != PeriodKind::Quarter, std::cmp::Reverse(p.last_day())));
    found.into_iter().map(|p| (p.to_string(), if l == Lang::Vi { p.label_vi() } else { p.label_en() })).collect()
}

/// The inside of a job's page.
pub fn body(figures: &Figures, ctx: &Context, job: &Job) -> BodyView {
    let l = ctx.lang;
    let interrupted = desk::interrupted(figures, job);
    let running = job.stage.works() && !interrupted;
    let (done, total) = figures.desk().progress(job.id).unwrap_or((u64::try_from(job.done).unwrap_or(0), u64::try_from(job.total).unwrap_or(0)));
    let detail: Option<Detail> = serde_json::from_str(&job.detail).ok();
    let report: Option<Report> = if matches!(job.stage, Stage::Ready | Stage::Done) { serde_json::from_str(&job.report).ok() } else { None };
    let plan: Option<Plan> = serde_json::from_str(&job.plan).ok();
    let draft: Option<Draft> = if job.stage == Stage::Mapping { serde_json::from_str(&job.report).ok() } else { None };
    let heading = match &report {
        Some(r) if job.stage == Stage::Done => match (r.written.unwrap_or(0), r.wrong) {
            (0, 0) => l.t("Không có gì mới: mọi giá trị đã có sẵn", "Nothing new: every value was already there").to_owned(),
            (n, 0) => format!("{} {n} {}", l.t("Đã nhận", "Took in"), l.t("giá trị, không còn lỗi", "values, nothing wrong")),
            (n, wrong) => format!("{} {n} {}, {wrong} {}", l.t("Đã nhận", "Took in"), l.t("giá trị", "values"), l.t("chỗ cần sửa", "places to mend")),
        },
        Some(r) => match (r.new + r.changed, r.wrong) {
            (0, 0) => l.t("Tệp này không thay đổi gì", "This file changes nothing").to_owned(),
            (n, 0) => format!("{n} {}", l.t("giá trị đúng, sẵn sàng nhận", "values are right and ready")),
            (0, wrong) => format!("{wrong} {}", l.t("chỗ cần sửa, không có giá trị mới", "places to mend, no new values")),
            (n, wrong) => format!("{n} {}, {wrong} {}", l.t("giá trị đúng", "values are right"), l.t("chỗ cần sửa", "places to mend")),
        },
        None if interrupted => l.t("Việc này bị ngắt giữa chừng", "This was interrupted").to_owned(),
        None => stage(l, job.stage).0.to_owned(),
    };
    let atlas = figures.places().atlas();
    let period = plan.as_ref().and_then(|p| p.period.parse::<Period>().ok());
    let place = atlas.full_name(plan.as_ref().map_or(job.unit, |p| p.scope), period.map_or(ctx.today(), Period::last_day));
    let about = match period {
        Some(p) => format!("{} · {place} · {}", job.file_name, if l == Lang::Vi { p.label_vi() } else { p.label_en() }),
        None => format!("{} · {place}", job.file_name),
    };
    BodyView {
        l,
        id: job.id,
        heading,
        about,
        running,
        interrupted,
        percent: (done * 100).checked_div(total).map(|p| p.min(100)).filter(|_| job.stage != Stage::Reading),
        steps: match (done, total) {
            (0, _) => String::new(),
            (n, 0) => format!("{} {n}", l.t("dòng đã đọc:", "rows read:")),
            (n, all) => format!("{} {}/{all}", l.t("dòng", "rows"), n.min(all)),
        },
        error: detail.map(|d| (d.code, if l == Lang::Vi { d.vi } else { d.en })),
        ended: matches!(job.stage, Stage::Refused | Stage::Cancelled | Stage::Done),
        map: draft.zip(plan.clone()).map(|(draft, plan)| map_view(figures, ctx, &draft, &plan)),
        report: report.map(|r| report_view(l, r, plan.as_ref(), job)),
    }
}

fn map_view(figures: &Figures, ctx: &Context, draft: &Draft, plan: &Plan) -> MapView {
    let l = ctx.lang;
    let mut choices: Vec<(String, String)> = vec![
        (String::new(), l.t("– bỏ qua –", "– leave out –").to_owned()),
        ("@code".to_owned(), l.t("Mã đơn vị", "Code of the unit").to_owned()),
        ("@name".to_owned(), l.t("Tên đơn vị", "Name of the unit").to_owned()),
        ("@reason".to_owned(), l.t("Lời giải thích", "Explanation").to_owned()),
    ];
    for known in foreign::measures(figures, plan.level) {
        let def = &known.measure.def;
        let title = format!(
            "{} ({}{})",
            known.measure.title(l),
            def.unit,
            if def.unit.is_empty() { def.period.label_vi().to_owned() } else { format!(", {}", def.period.label_vi()) }
        );
        if def.kind == Kind::Percent {
            choices.push((format!("{}.n", def.code), format!("{title} – n: {}", def.numerator_vi)));
            choices.push((format!("{}.of", def.code), format!("{title} – N: {}", def.denominator_vi)));
        } else {
            choices.push((def.code.clone(), title));
        }
    }
    let meaning = |col: u32| {
        if plan.code == Some(col) {
            return "@code".to_owned();
        }
        if plan.name == Some(col) {
            return "@name".to_owned();
        }
        if plan.reason == Some(col) {
            return "@reason".to_owned();
        }
        plan.columns.iter().find(|c| c.col == col).map(|c| format!("{}{}", c.code, c.part.suffix())).unwrap_or_default()
    };
    let columns = draft
        .columns
        .iter()
        .map(|c| {
            let chosen = meaning(c.col);
            MapColumn {
                col: c.col,
                letters: c.letters.clone(),
                heading: c.heading.clone(),
                samples: c.samples.join(" · "),
                hidden: c.hidden,
                options: choices.iter().map(|(value, label)| (value.clone(), label.clone(), *value == chosen)).collect(),
            }
        })
        .collect();
    let period = plan.period.parse::<Period>().map(|p| p.label_vi()).unwrap_or_default();
    MapView {
        sheets: draft
            .sheets
            .iter()
            .map(|(name, rows, hidden)| {
                let hidden = if *hidden { l.t(", ẩn", ", hidden") } else { "" };
                (name.clone(), format!("{name} ({rows} {}{hidden})", l.t("dòng", "rows")), *name == plan.sheet)
            })
            .collect(),
        columns,
        title: draft.title.join(" / "),
        legacy: draft.legacy.clone(),
        period,
        first: plan.first + 1,
        units: units(figures, ctx),
        unit: plan.scope.to_string(),
        hidden_rows: draft.hidden_rows,
        take_hidden: plan.hidden,
        totals: draft.totals,
        remembered: draft.remembered,
        matched: plan.columns.len(),
    }
}

fn report_view(l: Lang, report: Report, plan: Option<&Plan>, job: &Job) -> ReportView {
    let sheet = plan.map(|p| p.sheet.clone()).unwrap_or_default();
    let text = |p: &Problem| if l == Lang::Vi { p.vi.clone() } else { p.en.clone() };
    let field = |p: &Problem| {
        if NEEDS_WORD.contains(&p.code.as_str()) && job.stage == Stage::Ready { format!("reason.{}.{}", p.row, p.col) } else { String::new() }
    };
    let problems: Vec<ProblemLine> = report
        .problems
        .iter()
        .take(SHOWN)
        .map(|p| ProblemLine {
            cell: format!("{sheet}!{}", address(p.row, p.col)),
            about: p.about.clone(),
            value: p.value.clone(),
            text: text(p),
            field: field(p),
        })
        .collect();
    let mut notes = Vec::new();
    if let Some(at) = report.taken_before {
        notes.push(format!(
            "{} {}. {}",
            l.t("Chính tệp này đã được nhận lúc", "This very file was taken in at"),
            moment(at),
            l.t("Giá trị đã có sẵn thì không ghi lại.", "Values that are there already are not written again.")
        ));
    }
    let out = report.left_out;
    for (count, vi, en) in [
        (out.totals, "dòng tổng cộng được bỏ qua", "rows of totals left out"),
        (out.hidden, "dòng ẩn được bỏ qua", "hidden rows left out"),
        (out.other, "dòng không có số liệu hoặc là tiêu đề nhóm được bỏ qua", "rows without figures, or headings of groups, left out"),
    ] {
        if count > 0 {
            notes.push(format!("{count} {}.", l.t(vi, en)));
        }
    }
    for (cell, written, unit) in report.mended.iter().take(6) {
        notes.push(format!("{cell}: “{written}” {} {unit}.", l.t("được hiểu là", "was taken as")));
    }
    if report.mended.len() > 6 {
        notes.push(format!("… {} {}.", report.mended.len() - 6, l.t("chỗ khác tương tự", "more of the same")));
    }
    for (before, after) in report.legacy.iter().take(5) {
        notes.push(format!("“{before}” {} “{after}”.", l.t("gõ bằng phông cũ, đọc là", "is in an old encoding and reads")));
    }
    let written = job.stage == Stage::Done;
    ReportView {
        tiles: vec![
            (if written { l.t("ghi mới", "written new") } else { l.t("mới", "new") }, report.new, "ok"),
            (if written { l.t("đã sửa", "corrected") } else { l.t("thay đổi", "changed") }, report.changed, "wait"),
            (l.t("đã có sẵn", "unchanged"), report.unchanged, "plain"),
            (l.t("cần sửa", "to mend"), report.wrong, "late"),
        ],
        written,
        good: report.new + report.changed,
        more: report.wrong.saturating_sub(problems.len()),
        words: problems.iter().filter(|p| !p.field.is_empty()).count(),
        problems,
        questions: report
            .questions
            .iter()
            .filter(|_| !written)
            .map(|q| (q.clone(), plan.and_then(|p| p.answers.get(&q.key)).cloned().unwrap_or_default()))
            .collect(),
        notes,
        report,
    }
}

/// The columns as a person mapped them; unknown words are left out.
pub fn mapped(plan: &mut Plan, fields: &[(String, String)]) {
    plan.columns.clear();
    (plan.code, plan.name, plan.reason) = (None, None, None);
    for (name, value) in fields {
        let Some(col) = name.strip_prefix("col.").and_then(|c| c.parse::<u32>().ok()) else { continue };
        match value.as_str() {
            "" => {}
            "@code" => plan.code = Some(col),
            "@name" => plan.name = Some(col),
            "@reason" => plan.reason = Some(col),
            key => {
                let (code, part) = Part::split(key);
                plan.columns.push(super::plan::Column { col, code: code.to_owned(), part });
            }
        }
    }
}
