//! The list of reports, the desk where one is written, and the sheet that is printed.

use super::compose::Composed;
use super::service::{Report, Section};
use super::template::templates;
use super::{draw, store};
use crate::Programme;
use crate::forms::place_error;
use crate::task::Typed;
use access::Context;
use askama::Template;
use axum::response::Response;
use calendar::{Period, PeriodKind};
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Lang, Notice, Shell, Tone, page};
use uuid::Uuid;

struct Row {
    href: String,
    title: String,
    unit: String,
    period: String,
    state: (&'static str, String),
    synthetic: bool,
}

#[derive(Template)]
#[template(path = "reports.html")]
struct ListView {
    shell: Shell,
    unit: Uuid,
    unit_name: String,
    rows: Vec<Row>,
    may: bool,
    fields: Vec<Field>,
    summary: Html,
    unofficial: bool,
}

pub(super) fn label(period: Period, l: Lang) -> String {
    match l {
        Lang::Vi => period.label_vi(),
        Lang::En => period.label_en(),
    }
}

fn state(report: &Report, l: Lang) -> (&'static str, String) {
    match report.issues.last() {
        None => ("wait", l.t("đang soạn", "draft").to_owned()),
        Some(i) => {
            let day = i.issued_on.parse().map(lang::show::short_date).unwrap_or_default();
            ("ok", format!("{}/{} {} {day}", i.number, i.symbol, l.t("ngày", "of")))
        }
    }
}

/// Periods people write reports of: those that ended last and the running one.
fn periods(kind: PeriodKind, ctx: &Context) -> Vec<Period> {
    let calendar = calendar::Cutoff::calendar();
    let mut out: Vec<Period> = Period::containing(kind, ctx.today(), &calendar).into_iter().collect();
    while let Some(earlier) = out.last().and_then(|p| p.previous()).filter(|_| out.len() < 5) {
        out.push(earlier);
    }
    out
}

/// The list of reports of a unit and those below, with the form that begins one.
pub(super) async fn list(p: &Programme, ctx: &Context, unit: Uuid, typed: Option<&Typed>, error: Option<&AppError>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let atlas = p.atlas();
    let reports = p.reports(ctx, unit).await?;
    let level = atlas.on(ctx.today()).level(unit);
    let fitting: Vec<_> = templates().iter().filter(|t| Some(t.level) == level && p.may_report(ctx, t, unit)).collect();
    let was = |name: &str| typed.map(|t| crate::task::value(t, name).to_owned()).unwrap_or_default();
    let mut kinds: Vec<PeriodKind> = fitting.iter().map(|t| t.period).collect();
    kinds.dedup();
    let choices = kinds.into_iter().flat_map(|kind| periods(kind, ctx)).map(|p| (p.to_string(), label(p, l))).collect();
    let mut fields = vec![
        Field::new("template", l.t("Loại báo cáo", "Kind of report"))
            .kind(Kind::Select(fitting.iter().map(|t| (t.code.clone(), t.title(l).to_owned())).collect()))
            .value(was("template")),
        Field::new("period", l.t("Kỳ báo cáo", "Period")).kind(Kind::Select(choices)).value(was("period")),
    ];
    let mut shell = ctx.shell(l.t("Báo cáo", "Reports")).noindex();
    shell.path = format!("/reports?unit={unit}");
    if let Some(error) = error {
        place_error(&mut shell, &mut fields, error);
    }
    Ok(page(&ListView {
        unit,
        unit_name: atlas.full_name(unit, ctx.today()),
        rows: reports
            .iter()
            .map(|r| Row {
                href: format!("/reports/{}", r.id),
                title: r.template.title(l).to_owned(),
                unit: atlas.full_name(r.unit, ctx.today()),
                period: label(r.period, l),
                state: state(r, l),
                synthetic: r.synthetic,
            })
            .collect(),
        may: !fitting.is_empty(),
        unofficial: fitting.iter().any(|t| !t.official),
        summary: error_summary(l, &fields),
        fields,
        shell,
    }))
}

struct Box {
    code: String,
    field: Field,
    seq: i64,
    carried: Option<String>,
}

struct Version {
    version: i64,
    label: String,
    who: String,
    reason: String,
    sha256: String,
    short: String,
    docx: String,
    xlsx: String,
}

struct Moved {
    title: String,
    place: String,
    was: String,
    now: String,
    href: String,
}

#[derive(Template)]
#[template(path = "report.html")]
struct DeskView {
    shell: Shell,
    id: Uuid,
    lead: String,
    state: (&'static str, String),
    synthetic: bool,
    may: bool,
    boxes: Vec<Box>,
    heads: Vec<Field>,
    summary: Html,
    untouched: usize,
    blank: usize,
    codes: Vec<(String, String)>,
    versions: Vec<Version>,
    moved: Vec<Moved>,
    issue: Vec<Field>,
    seen: usize,
    body: Html,
    note: String,
}

/// What somebody typed and what was wrong with it.
#[derive(Clone, Copy, Default)]
pub(super) struct Again<'a> {
    pub typed: Option<&'a Typed>,
    pub error: Option<&'a AppError>,
    pub done: Option<&'a str>,
}

/// The desk of a report.
pub(super) async fn desk(p: &Programme, ctx: &Context, report: &Report, composed: &Composed, again: Again<'_>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let was = |name: &str, own: &str| {
        again.typed.filter(|t| t.iter().any(|(n, _)| n == name)).map_or_else(|| own.to_owned(), |t| crate::task::value(t, name).to_owned())
    };
    let mut boxes: Vec<Box> = report.sections.iter().zip(&report.template.section).map(|(s, outline)| text_box(s, &outline.heading, &was, l)).collect();
    let mut heads = vec![
        Field::new("signer_title", l.t("Quyền hạn, chức vụ người ký", "Authority and position of the signer"))
            .kind(Kind::Lines(2))
            .value(was("signer_title", &report.signer_title)),
        Field::new("signer_name", l.t("Họ tên người ký", "Name of the signer")).value(was("signer_name", &report.signer_name)),
        Field::new("recipients", l.t("Nơi nhận", "Recipients"))
            .kind(Kind::Lines(3))
            .value(was("recipients", &report.recipients))
            .hint(l.t("Mỗi dòng một nơi; “Lưu: VT” được thêm sẵn", "One per line; the file copy is added")),
    ];
    let number = p.next_number(report, ctx.today().year()).await?;
    let mut issue = vec![
        Field::new("number", l.t("Số", "Number"))
            .kind(Kind::Number)
            .value(was("number", &number.to_string()))
            .unit(format!("/{}", report.template.symbol))
            .hint(l.t("Số kế tiếp trong năm; sửa lại theo sổ văn thư nếu khác", "The next of the year; change it to the register's")),
        Field::new("day", l.t("Ngày ban hành", "Day of issue")).kind(Kind::Date).value(was("day", &ctx.today().to_string())),
    ];
    if !report.issues.is_empty() {
        issue.push(Field::new("reason", l.t("Vì sao ban hành lại", "Why it is issued again")).value(was("reason", "")).required());
    }
    let name = p.atlas().full_name(report.unit, ctx.today());
    let title = format!("{}, {name}, {}", report.template.title(l), label(report.period, l));
    let mut shell = ctx.shell(title.clone()).noindex().crumb(l.t("Báo cáo", "Reports"), format!("/reports?unit={}", report.unit)).here(label(report.period, l));
    shell.path = format!("/reports/{}", report.id);
    if let Some(error) = again.error {
        let text = format!("{} {}", error.what(l), error.how(l));
        let at = error.at.clone().unwrap_or_default();
        match boxes.iter_mut().map(|b| &mut b.field).chain(&mut heads).chain(&mut issue).find(|f| f.name == at) {
            Some(field) => field.error = Some(text),
            None => shell.notice = Some(Notice::new(Tone::Bad, text)),
        }
    } else {
        shell.notice = notice(l, again.done);
    }
    let all: Vec<Field> = boxes.iter().map(|b| b.field.clone()).chain(heads.iter().cloned()).chain(issue.iter().cloned()).collect();
    let moved = p.changed_since(report, &composed.facts).await?;
    Ok(page(&DeskView {
        id: report.id,
        lead: draw::summary(p, report, report.period.last_day().min(ctx.today())),
        state: state(report, l),
        synthetic: report.synthetic,
        may: p.may_report(ctx, report.template, report.unit),
        untouched: report.sections.iter().filter(|s| s.carried_from.is_some()).count(),
        blank: report
            .sections
            .iter()
            .zip(&report.template.section)
            .filter(|(s, outline)| s.words.trim().is_empty() && outline.block == super::template::Block::None && outline.code != "ket-qua")
            .count(),
        summary: error_summary(l, &all),
        boxes,
        heads,
        codes: codes(report, p, l),
        versions: report.issues.iter().rev().map(|i| version(report, i)).collect(),
        moved: moved
            .into_iter()
            .map(|c| Moved {
                title: format!("{}, {}", c.was.title, c.was.when),
                place: c.was.place,
                was: c.was.shown,
                now: c.now.unwrap_or_else(|| l.t("không còn trong báo cáo", "no longer in the report").to_owned()),
                href: c.was.href,
            })
            .collect(),
        issue,
        seen: report.issues.len(),
        body: draw::body(composed, true),
        note: if report.template.official { String::new() } else { report.template.source.clone() },
        shell,
    }))
}

fn text_box(section: &Section, heading: &str, was: &dyn Fn(&str, &str) -> String, l: Lang) -> Box {
    let name = format!("w-{}", section.code);
    let value = was(&name, &section.words);
    let rows = u8::try_from(value.lines().count() + value.chars().count() / 90 + 1).unwrap_or(12).clamp(2, 12);
    Box {
        code: section.code.clone(),
        field: Field::new(name, heading).kind(Kind::Lines(rows)).value(value),
        seq: section.seq,
        carried: section.carried_from.map(|p| format!("{} {}", l.t("chép từ", "carried from"), label(p, l))),
    }
}

/// The measures of the outline, to be put into words.
fn codes(report: &Report, p: &Programme, l: Lang) -> Vec<(String, String)> {
    let catalog = p.figures().catalog();
    let mut out: Vec<(String, String)> = Vec::new();
    for code in report.template.section.iter().flat_map(|s| &s.measures).map(String::as_str).chain(["so_ho", "so_nhan_khau"]) {
        if let Some(known) = catalog.coded(code)
            && !out.iter().any(|o| o.0.contains(&format!("{{{code}}}")))
        {
            out.push((format!("{{{code}}}"), known.measure.title(l).to_owned()));
        }
    }
    out
}

fn version(report: &Report, i: &store::Issued) -> Version {
    let day = i.issued_on.parse().map(lang::show::short_date).unwrap_or_default();
    Version {
        version: i.version,
        label: format!("{}/{} · {day}", i.number, i.symbol),
        who: format!("{}, {}", i.who_name, crate::task::moment(i.at)),
        reason: i.reason.clone(),
        short: i.docx_sha256.chars().take(8).collect(),
        sha256: i.docx_sha256.clone(),
        docx: format!("/reports/{}/issues/{}/docx", report.id, i.version),
        xlsx: format!("/reports/{}/issues/{}/xlsx", report.id, i.version),
    }
}

fn notice(l: Lang, word: Option<&str>) -> Option<Notice> {
    let text = match word? {
        "begun" => l.t("Đã mở báo cáo. Các mục chép từ kỳ trước cần xem lại.", "The report is begun. Go over the sections carried from the last period."),
        "saved" => l.t("Đã lưu.", "Saved."),
        "issued" => l.t(
            "Đã ban hành. Bản này được giữ nguyên; số thay đổi về sau sẽ hiện ở đây.",
            "Issued. This version stays as it is; figures that change later are listed here.",
        ),
        _ => return None,
    };
    Some(Notice::new(Tone::Good, text))
}

#[derive(Template)]
#[template(path = "report_print.html")]
struct PrintView {
    shell: Shell,
    superior: String,
    body_name: String,
    number: String,
    date: String,
    title: String,
    lead: String,
    body: Html,
    recipients: Vec<String>,
    signer: Vec<String>,
    signer_name: String,
}

/// The sheet as it will look on paper.
pub(super) fn print_view(p: &Programme, ctx: &Context, report: &Report, composed: &Composed) -> Response {
    let l = ctx.lang;
    let day = report.period.last_day().min(ctx.today());
    let (superior, body_name, place) = draw::issuer(p, report, day);
    let last = report.issues.last();
    let mut shell = ctx.shell(format!("{} {}", report.template.document, label(report.period, l))).noindex();
    shell = shell.crumb(l.t("Báo cáo", "Reports"), format!("/reports/{}", report.id)).here(l.t("Bản in", "Print view"));
    shell.path = format!("/reports/{}/print", report.id);
    let date = last.and_then(|i| i.issued_on.parse().ok()).map_or_else(|| format!("{place}, ngày … tháng … năm …"), |d| lang::show::date_line(&place, d));
    page(&PrintView {
        superior: superior.to_uppercase(),
        body_name: body_name.to_uppercase(),
        number: format!("{}/{}", last.map_or_else(|| "…".to_owned(), |i| i.number.to_string()), report.template.symbol),
        date,
        title: report.template.document.to_uppercase(),
        lead: draw::summary(p, report, day),
        body: draw::body(composed, false),
        recipients: report.recipients.lines().map(str::to_owned).collect(),
        signer: report.signer_title.lines().map(str::to_uppercase).collect(),
        signer_name: report.signer_name.clone(),
        shell,
    })
}
