//! The calendar: what is off and worked, the deadline that explains itself, and entering a year.

use super::case::weekday;
use super::{moment, see_other, stays, with_status};
use crate::Casework;
use access::{Context, Role};
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::response::Response;
use calendar::{Ask, Confidence, CountRule, Measure, OffKind};
use jiff::civil::{Time, date};
use places::Level;
use serde::Deserialize;
use ui::form::{Field, Kind};
use ui::{AppError, Lang, Notice, Shell, Tone, page};
use uuid::Uuid;

#[derive(Deserialize, Default)]
pub(super) struct Asked {
    #[serde(default)]
    year: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    days: String,
    #[serde(default)]
    measure: String,
}

struct OffLine {
    days: String,
    name: String,
    kind: (&'static str, String),
    source: String,
}

#[derive(Template)]
#[template(path = "calendar.html")]
struct CalendarView {
    shell: Shell,
    year: i16,
    years: Vec<i16>,
    place: String,
    unit: String,
    provinces: Vec<(String, String)>,
    offs: Vec<OffLine>,
    office: Vec<String>,
    fields: Vec<Field>,
    due: Option<String>,
    rows: Vec<(String, bool, u32, String)>,
    trouble: Option<String>,
    admin: bool,
    told: bool,
}

/// `GET /calendar?year=&unit=&from=&days=&measure=`
pub(super) async fn show(State(casework): State<Casework>, ctx: Context, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let (l, today) = (ctx.lang, ctx.today());
    let atlas = casework.places().atlas();
    let nation = atlas.nation().unwrap_or_default();
    let unit = asked.unit.trim().parse::<Uuid>().ok().filter(|u| atlas.unit(*u).is_some()).unwrap_or(nation);
    let calendar = casework.calendar_of(unit, today);
    let year: i16 = asked.year.trim().parse().ok().filter(|y| (2000..=2100).contains(y)).unwrap_or_else(|| today.year());
    let mut years: Vec<i16> = calendar.spans().map(|s| s.from.year()).collect();
    years.sort_unstable();
    years.dedup();
    let (mut due, mut rows, mut trouble) = (None, Vec::new(), None);
    let measure = if asked.measure == "days" { Measure::Days } else { Measure::WorkingDays };
    if !asked.days.trim().is_empty() {
        match (lang::parse_date(&asked.from), asked.days.trim().parse::<u32>()) {
            (Ok(from), Ok(amount)) => {
                let rule = CountRule::default();
                let ask = Ask { start: from.to_datetime(Time::constant(8, 0, 0, 0)), amount, measure, rule: &rule, pauses: &[], extensions: &[] };
                match calendar.due(&ask) {
                    Ok(found) => {
                        due = found.day().map(|d| weekday(d, l));
                        rows = found.rows.iter().map(|r| (weekday(r.day, l), r.counts, r.so_far, l.t(&r.why.vi(), &r.why.en()).to_owned())).collect();
                    }
                    Err(error) => trouble = Some(l.t(&error.vi(), &error.to_string()).to_owned()),
                }
            }
            _ => trouble = Some(l.t("Nhập ngày như 26/04/2024 và số ngày.", "Give a date such as 2024-04-26 and a number of days.").to_owned()),
        }
    }
    let measures =
        vec![("working_days".to_owned(), l.t("ngày làm việc", "working days").to_owned()), ("days".to_owned(), l.t("mọi ngày", "all days").to_owned())];
    let fields = vec![
        Field::new("from", l.t("Từ ngày nhận", "From the day of receipt")).kind(Kind::Date).value(if asked.from.is_empty() {
            today.to_string()
        } else {
            asked.from.clone()
        }),
        Field::new("days", l.t("Thời hạn", "Limit")).kind(Kind::Number).value(asked.days.clone()),
        Field::new("measure", l.t("Tính theo", "Counted in")).kind(Kind::Select(measures)).value(asked.measure.clone()),
    ];
    let view = atlas.on(today);
    let provinces: Vec<(String, String)> = view.all(Level::Province).map(|p| (p.to_string(), atlas.name(p, today))).collect();
    let mut provinces = provinces;
    provinces.sort_by_key(|p| lang::sort_key(&p.1));
    let shell = ctx
        .shell(l.t("Lịch làm việc", "Working calendar"))
        .describe(l.t("Ngày nghỉ, ngày làm bù và cách tính thời hạn", "Days off, days worked in exchange, and how limits are counted"))
        .here(l.t("Lịch làm việc", "Calendar"));
    Ok(page(&CalendarView {
        year,
        years,
        place: if unit == nation { l.t("cả nước", "the nation").to_owned() } else { atlas.full_name(unit, today) },
        unit: if unit == nation { String::new() } else { unit.to_string() },
        provinces,
        offs: offs(&calendar, year, l),
        told: calendar.spans().any(|s| s.from.year() <= year && year <= s.to.year()),
        office: calendar.office(today).map(|o| o.windows.iter().map(ToString::to_string).collect()).unwrap_or_default(),
        fields,
        due,
        rows,
        trouble,
        admin: ctx.may_somewhere(Role::Administrator),
        shell,
    }))
}

fn offs(calendar: &calendar::WorkCalendar, year: i16, l: Lang) -> Vec<OffLine> {
    let (first, last) = (date(year, 1, 1), date(year, 12, 31));
    let mut lines = Vec::new();
    let unseen = |c: Confidence, source: &str| match c {
        Confidence::Memory => l.t("chưa đối chiếu văn bản", "document not seen yet").to_owned(),
        _ => source.to_owned(),
    };
    for span in calendar.spans() {
        for off in span.off.iter().filter(|o| o.to >= first && o.from <= last) {
            let days = if off.from == off.to { weekday(off.from, l) } else { format!("{} – {}", weekday(off.from, l), weekday(off.to, l)) };
            let class = if off.kind == OffKind::Statutory { "late" } else { "wait" };
            lines.push((
                off.from,
                OffLine {
                    days,
                    name: l.t(&off.name_vi, &off.name_en).to_owned(),
                    kind: (class, l.t(off.kind.vi(), off.kind.en()).to_owned()),
                    source: unseen(off.confidence, off.source.as_deref().unwrap_or(&span.source)),
                },
            ));
        }
        for worked in span.working.iter().filter(|w| w.day.year() == year) {
            let name = worked.instead_of.map(|d| format!("{} {}", l.t("làm bù cho", "worked for"), weekday(d, l))).unwrap_or_default();
            lines.push((
                worked.day,
                OffLine {
                    days: weekday(worked.day, l),
                    name,
                    kind: ("ok", l.t("ngày làm việc", "working day").to_owned()),
                    source: unseen(worked.confidence, worked.source.as_deref().unwrap_or(&span.source)),
                },
            ));
        }
        for unknown in span.unknown.iter().filter(|u| u.day.year() == year) {
            lines.push((
                unknown.day,
                OffLine {
                    days: weekday(unknown.day, l),
                    name: l.t(&unknown.why_vi, &unknown.why_en).to_owned(),
                    kind: ("none", l.t("chưa biết", "not known").to_owned()),
                    source: String::new(),
                },
            ));
        }
    }
    lines.sort_by_key(|(day, _)| *day);
    lines.into_iter().map(|(_, line)| line).collect()
}

#[derive(Deserialize, Default)]
pub(super) struct Entered {
    #[serde(default)]
    scope: String,
    #[serde(default)]
    document: String,
    #[serde(default)]
    body: String,
    counted: Option<String>,
    moved: Option<String>,
}

#[derive(Template)]
#[template(path = "calendar_edit.html")]
struct EditView {
    shell: Shell,
    summary: ui::Html,
    fields: Vec<Field>,
    versions: Vec<(i64, String, String)>,
}

const EXAMPLE: &str = "[[span]]\nfrom = \"2027-01-01\"\nto = \"2027-12-31\"\nsource = \"…\"\n\n[[span.off]]\nfrom = \"2027-01-01\"\nto = \"2027-01-01\"\nkind = \"statutory\"\nname_vi = \"Tết Dương lịch\"\nname_en = \"New Year\"\n\n[[office]]\nfrom = \"2027-01-01\"\nwindows = [\"07:30-11:30\", \"13:30-17:00\"]\nsource = \"…\"\n";

/// `GET /admin/calendar?scope=`
pub(super) async fn edit(State(casework): State<Casework>, ctx: Context, Query(entered): Query<Entered>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let notice = entered.counted.as_ref().map(|counted| {
        let moved = entered.moved.clone().unwrap_or_default();
        Notice::new(
            Tone::Good,
            format!(
                "{} {counted} {} {moved} {}",
                l.t("Đã nhập lịch. Tính lại", "Entered. Counted"),
                l.t("hồ sơ đang mở,", "open cases again,"),
                l.t("hồ sơ đổi hạn.", "deadlines moved.")
            ),
        )
    });
    editor(&casework, &ctx, &entered, notice, None)
}

fn editor(casework: &Casework, ctx: &Context, entered: &Entered, notice: Option<Notice>, error: Option<&AppError>) -> Result<Response, AppError> {
    let (l, today) = (ctx.lang, ctx.today());
    let atlas = casework.places().atlas();
    let scopes: Vec<(String, String)> = ctx
        .units_with(Role::Administrator)
        .into_iter()
        .filter(|u| atlas.unit(*u).is_some_and(|u| matches!(u.level, Level::Nation | Level::Province)))
        .map(|u| (u.to_string(), atlas.full_name(u, today)))
        .collect();
    let scope = entered.scope.parse::<Uuid>().ok().or_else(|| scopes.first().and_then(|s| s.0.parse().ok())).unwrap_or_default();
    let calendars = casework.calendars();
    let mut versions: Vec<(i64, String, String)> =
        calendars.versions(scope).map(|c| (c.version, c.document.clone(), format!("{} · {}", c.entered_by, moment(c.entered_at)))).collect();
    versions.reverse();
    let body = match (entered.body.is_empty(), calendars.versions(scope).last()) {
        (false, _) => entered.body.clone(),
        (true, Some(last)) => last.body.clone(),
        (true, None) => EXAMPLE.to_owned(),
    };
    let wrong = |name: &str| error.filter(|e| e.at.as_deref() == Some(name)).map(|e| format!("{} {}", e.what(l), e.how(l)));
    let fields = vec![
        Field::new("scope", l.t("Của", "Of")).kind(Kind::Select(scopes)).value(scope.to_string()).error(wrong("scope")),
        Field::new("document", l.t("Văn bản ban hành", "Document"))
            .value(&entered.document)
            .hint(l.t("Số, ngày, cơ quan ban hành", "Number, date, issuer"))
            .error(wrong("document"))
            .required(),
        Field::new("body", l.t("Ngày nghỉ, ngày làm bù, giờ làm việc", "Days off, days worked, office hours"))
            .kind(Kind::Lines(22))
            .value(body)
            .hint(l.t(
                "Dán từ Excel, mỗi dòng: từ ngày; đến ngày; loại (nghỉ lễ, nghỉ bù, nghỉ hoán đổi, tỉnh, khác, làm bù); tên; nguồn. Chỉ thay các năm có trong bảng. Hoặc cả tệp TOML.",
                "Paste from Excel, one row each: first day; last day; kind; name; source. Only the years in the table are replaced. Or the whole as TOML.",
            ))
            .attr("spellcheck", "false")
            .error(wrong("body")),
    ];
    let notice = notice.or_else(|| error.filter(|e| e.at.is_none()).map(|e| Notice::new(Tone::Bad, format!("{} {}", e.what(l), e.how(l)))));
    let shell = ctx
        .shell(l.t("Nhập lịch làm việc", "Enter a calendar"))
        .noindex()
        .notice(notice)
        .crumb(l.t("Lịch làm việc", "Calendar"), "/calendar")
        .here(l.t("Nhập", "Enter"));
    let summary = ui::form::error_summary(l, &fields);
    Ok(page(&EditView { summary, fields, versions, shell }))
}

/// `POST /admin/calendar`
pub(super) async fn save(State(casework): State<Casework>, ctx: Context, Form(entered): Form<Entered>) -> Result<Response, AppError> {
    let scope = entered.scope.trim().parse::<Uuid>().map_err(|_| crate::case::unknown_unit())?;
    match casework.enter_calendar(&ctx, scope, &entered.body, &entered.document).await {
        Ok(change) => Ok(see_other(&format!("/admin/calendar?scope={scope}&counted={}&moved={}", change.recounted.cases, change.recounted.moved))),
        Err(error) if stays(&error) && error.code != "role_required" => {
            let shown = editor(&casework, &ctx, &entered, None, Some(&error))?;
            Ok(with_status(shown, error.status))
        }
        Err(error) => Err(error),
    }
}
