//! Evidence of figures and criteria: what a subject has, one file, and the whole library.

mod file;
mod library;
mod subject;

use super::{measure as read_measure, period as read_period, period_label, rows, unit as read_unit, unit_name};
use crate::Figures;
use crate::evidence::{About, Library, MOST, Piece, Subject};
use access::{Context, Need, Role, Routes};
use axum::extract::multipart::MultipartError;
use jiff::civil::Date;
use serde::Deserialize;
use ui::form::{Field, Kind};
use ui::{AppError, Lang};
use uuid::Uuid;

pub(super) fn routes() -> Routes<Figures> {
    let officer = Need::Role(Role::Officer);
    Routes::new()
        .get("/evidence", Need::SignedIn, subject::show)
        .upload("/evidence", officer, MOST * 5, subject::add)
        .post("/evidence/reuse", officer, subject::reuse)
        .post("/evidence/unlink", officer, subject::unlink)
        .get("/evidence/library", Need::Role(Role::Viewer), library::show)
        .get("/evidence/file/{unit}/{file}", Need::SignedIn, file::show)
        .post("/evidence/file/{unit}/{file}", officer, file::describe)
        .get("/evidence/file/{unit}/{file}/content", Need::SignedIn, file::download)
        .get("/evidence/file/{unit}/{file}/inline", Need::SignedIn, file::inline)
}

/// What a page is about, as its address or form says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct At {
    unit: String,
    period: String,
    measure: String,
    set: String,
    indicator: String,
    done: String,
}

/// A subject with its words.
struct Told {
    subject: Subject,
    /// `Số hợp tác xã, Xã Phúc Hòa, quý III/2026`
    heading: String,
    /// The page on which it is filled in.
    back: String,
    /// The page of its evidence.
    href: String,
    /// The hidden fields that name it in a form.
    hidden: Vec<(&'static str, String)>,
}

impl At {
    fn subject(&self, figures: &Figures, ctx: &Context) -> Result<Subject, AppError> {
        let (unit, period) = (read_unit(figures, ctx, &self.unit)?, read_period(&self.period)?);
        if self.set.is_empty() {
            return Ok(Subject::Figure { measure: read_measure(figures, &self.measure, period)?.measure.id, period, unit });
        }
        let unknown = || AppError::new("unknown_indicator", 404).say("Không có chỉ tiêu này trong bộ tiêu chí.", "The set has no such indicator.");
        let set: Uuid = self.set.trim().parse().map_err(|_| unknown())?;
        let indicator = lang::clean(&self.indicator);
        if indicator.is_empty() || indicator.len() > 60 {
            return Err(unknown());
        }
        Ok(Subject::Criterion { set, indicator, period, unit })
    }
}

/// The words for a subject, its links and the fields of its forms.
async fn told(figures: &Figures, library: &Library, subject: Subject, l: Lang) -> Told {
    let (unit, period) = (subject.unit(), subject.period());
    match &subject {
        Subject::Figure { measure, .. } => {
            let catalog = figures.catalog();
            let known = catalog.for_period(*measure, period).or_else(|| catalog.newest(*measure)).cloned();
            let (title, code, day) = match &known {
                Some(k) => (k.measure.title(l).to_owned(), k.measure.def.code.clone(), k.window(period).1),
                None => (measure.to_string(), measure.to_string(), period.last_day()),
            };
            Told {
                heading: format!("{title}, {}, {}", unit_name(figures, unit, day), period_label(period, l)),
                back: format!("/enter?unit={unit}&period={period}"),
                href: rows::evidence_href(unit, &code, period),
                hidden: vec![("unit", unit.to_string()), ("period", period.to_string()), ("measure", code)],
                subject,
            }
        }
        // The proof of a task is added on its own page.
        Subject::Task { task, .. } => {
            let named = library.task(&subject, l).await;
            let title = named.as_ref().map_or_else(|| l.t("Nhiệm vụ", "Task").to_owned(), |n| n.title.clone());
            let href = named.map_or_else(|| format!("/tasks/{task}"), |n| n.href);
            Told { heading: format!("{title}, {}", unit_name(figures, unit, period.last_day())), back: href.clone(), href, hidden: Vec::new(), subject }
        }
        Subject::Criterion { set, indicator, .. } => {
            let named = library.criterion(&subject, l).await;
            let title = named.as_ref().map_or_else(|| format!("{} {indicator}", l.t("Chỉ tiêu", "Indicator")), |n| n.title.clone());
            Told {
                heading: format!("{title}, {}, {}", unit_name(figures, unit, period.last_day()), period_label(period, l)),
                back: named.map_or_else(|| format!("/places/{unit}"), |n| n.href),
                href: format!("/evidence?unit={unit}&set={set}&indicator={}&period={period}", ui::percent_encode(indicator)),
                hidden: vec![("unit", unit.to_string()), ("period", period.to_string()), ("set", set.to_string()), ("indicator", indicator.clone())],
                subject,
            }
        }
    }
}

/// A file as the pages list it.
struct Row {
    id: String,
    href: String,
    name: String,
    kind: &'static str,
    size: String,
    number: String,
    issued: String,
    issuer: String,
    until: String,
    tags: Vec<(&'static str, String)>,
    brought: String,
}

fn row(figures: &Figures, p: &Piece, today: Date, l: Lang) -> Row {
    Row {
        id: p.id.to_string(),
        href: format!("/evidence/file/{}/{}", p.unit, p.id),
        name: p.name.clone(),
        kind: kind(p, l),
        size: if p.url.is_some() { String::new() } else { size(p.size) },
        number: p.about.number.clone(),
        issued: p.about.issued.map(lang::show::short_date).unwrap_or_default(),
        issuer: p.about.issuer.clone(),
        until: p.about.valid_until.map(lang::show::short_date).unwrap_or_default(),
        tags: tags(&figures.evidence(), p, today, l),
        brought: format!("{}, {}", p.brought_by, super::moment(p.brought_at)),
    }
}

fn kind(p: &Piece, l: Lang) -> &'static str {
    use crate::evidence::FileKind::{Docx, Jpeg, Pdf, Png, Xlsx};
    match crate::evidence::FileKind::of_media(&p.media) {
        Some(Pdf) => "PDF",
        Some(Jpeg | Png) => l.t("ảnh", "picture"),
        Some(Docx) => "Word",
        Some(Xlsx) => "Excel",
        None => l.t("đường dẫn", "link"),
    }
}

/// What has to be said about a file: its end, its scan.
fn tags(library: &Library, p: &Piece, today: Date, l: Lang) -> Vec<(&'static str, String)> {
    use crate::evidence::Scan;
    let mut out = Vec::new();
    if p.expired(today) {
        out.push(("late", l.t("đã hết hạn", "has ended").to_owned()));
    } else if p.expiring(today) {
        let days = p.about.valid_until.and_then(|end| today.until(end).ok()).map_or(0, |s| s.get_days());
        out.push(("wait", format!("{} {days} {}", l.t("còn", "ends in"), l.t("ngày hiệu lực", "days"))));
    }
    let label = p.scan.label(library.scans(), l).to_owned();
    match p.scan {
        Scan::Infected => out.push(("late", label)),
        Scan::Unscanned | Scan::Refused => out.push(("plain", label)),
        Scan::Clean => out.push(("ok", label)),
        Scan::NotNeeded => {}
    }
    out
}

fn size(bytes: i64) -> String {
    if bytes >= 1_000_000 { format!("{},{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000) } else { format!("{} KB", (bytes + 999) / 1_000) }
}

/// What a form says about a document, as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    number: String,
    issued: String,
    issuer: String,
    valid_until: String,
    url: String,
}

impl Typed {
    fn of(about: &About) -> Typed {
        let day = |d: Option<Date>| d.map(|d| d.to_string()).unwrap_or_default();
        Typed { number: about.number.clone(), issued: day(about.issued), issuer: about.issuer.clone(), valid_until: day(about.valid_until), url: String::new() }
    }

    fn read(&self) -> Result<About, AppError> {
        let day = |text: &str, at: &'static str| match text.trim() {
            "" => Ok(None),
            text => lang::parse_date(text).map(Some).map_err(|p| AppError::new("date_unreadable", 422).say(p.vi(), p.en()).at(at)),
        };
        Ok(About {
            number: self.number.clone(),
            issued: day(&self.issued, "issued")?,
            issuer: self.issuer.clone(),
            valid_until: day(&self.valid_until, "valid_until")?,
        })
    }

    fn fields(&self, l: Lang, error: Option<&AppError>) -> Vec<Field> {
        vec![
            Field::new("number", l.t("Số, ký hiệu văn bản", "Number of the document")).value(&self.number),
            Field::new("issued", l.t("Ngày văn bản", "Date of the document")).kind(Kind::Date).value(&self.issued).error(at_field(error, "issued", l)),
            Field::new("issuer", l.t("Nơi ban hành", "Issued by")).value(&self.issuer),
            Field::new("valid_until", l.t("Có hiệu lực đến hết ngày", "Holds until"))
                .kind(Kind::Date)
                .hint(l.t("Bỏ trống nếu không có hạn. Trước hạn 60 ngày hệ thống sẽ nhắc.", "Leave it empty if it has no end. You are told 60 days before."))
                .value(&self.valid_until)
                .error(at_field(error, "valid_until", l)),
        ]
    }
}

fn at_field(error: Option<&AppError>, name: &str, l: Lang) -> Option<String> {
    error.filter(|e| e.at.as_deref() == Some(name)).map(|e| format!("{} {}", e.what(l), e.how(l)))
}

fn broken(error: MultipartError) -> AppError {
    if error.status().as_u16() == 413 {
        return AppError::new("evidence_too_large", 413)
            .say("Các tệp cộng lại quá lớn.", "The files together are too large.")
            .mend("Mỗi tệp không quá 10 MB; gửi ít tệp hơn một lần.", "At most 10 MB each; send fewer at a time.");
    }
    AppError::new("upload_broken", 400).say("Tệp chưa gửi lên hết.", "The upload was cut off.").mend("Gửi lại.", "Send it again.")
}

fn parsed(text: &str) -> Result<Uuid, AppError> {
    text.trim().parse().map_err(|_| AppError::new("not_found", 404))
}
