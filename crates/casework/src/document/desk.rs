//! What the pages of registers and dossiers share: offices in addresses, forms with files, downloads.

use super::file::{Attached, Incoming};
use super::office::office_unknown;
use super::{Office, kind};
use crate::Casework;
use access::{Context, db_error};
use axum::extract::Multipart;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use jiff::civil::Date;
use ui::form::{Field, Kind};
use ui::{AppError, Lang, Notice, Shell, Tone};
use uuid::Uuid;

/// Bytes of a request with files in it.
pub(crate) const MAX_BODY: usize = 215_000_000;

/// A form as it came: fields in order, and files on the disk.
#[derive(Debug, Default)]
pub(crate) struct Typed {
    pub fields: Vec<(String, String)>,
    pub files: Vec<Incoming>,
}

impl Typed {
    /// From a form without files.
    pub fn plain(fields: Vec<(String, String)>) -> Typed {
        Typed { fields, files: Vec::new() }
    }

    /// Reads a form with files; each file goes to the disk piece by piece.
    pub async fn read(mut form: Multipart) -> Result<Typed, AppError> {
        let broken = |e: axum::extract::multipart::MultipartError| {
            if e.status() == StatusCode::PAYLOAD_TOO_LARGE {
                return AppError::new("file_too_large", 413)
                    .say("Tệp quá lớn, mỗi lần gửi tối đa 210 MB.", "Too large: at most 210 MB at a time.")
                    .mend("Nén lại hoặc chia nhỏ tệp.", "Compress or split the file.");
            }
            AppError::new("upload_broken", 400).say("Tệp chưa gửi lên hết.", "The upload was cut off.").mend("Gửi lại.", "Send it again.")
        };
        let mut typed = Typed::default();
        let mut refused: Option<AppError> = None;
        while let Some(mut field) = form.next_field().await.map_err(broken)? {
            let name = field.name().unwrap_or_default().to_owned();
            match field.file_name().map(str::to_owned) {
                Some(file) => {
                    let mut incoming = Some(Incoming::new(file)).transpose().unwrap_or_else(|error| {
                        refused.get_or_insert(error);
                        None
                    });
                    while let Some(piece) = field.chunk().await.map_err(broken)? {
                        if let Some(Err(error)) = incoming.as_mut().map(|i| i.push(&piece)) {
                            // Room is given back at once; the rest is read and thrown away, because a browser that is cut off
                            // while it sends shows its own error instead of ours.
                            refused.get_or_insert(error);
                            incoming = None;
                        }
                    }
                    // An empty box of the form is no file.
                    typed.files.extend(incoming.filter(|i| i.size() > 0 && typed.files.len() < 30));
                }
                None => {
                    let text = field.text().await.map_err(broken)?;
                    if typed.fields.len() < 500 {
                        typed.fields.push((name, text));
                    }
                }
            }
        }
        refused.map_or(Ok(typed), Err)
    }

    /// A field; empty when it is not there.
    pub fn text(&self, name: &str) -> &str {
        self.fields.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
    }

    /// Every value of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// A whole number; none when it is empty.
    pub fn number(&self, name: &'static str) -> Result<Option<i64>, AppError> {
        let text = self.text(name).trim();
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| {
            AppError::new("number_unreadable", 422)
                .say("Ô này cần một số nguyên.", "This needs a whole number.")
                .mend("Ghi chữ số, như 15.", "Write digits, such as 15.")
                .at(name)
        })
    }

    /// A day; none when it is empty.
    pub fn date(&self, name: &'static str) -> Result<Option<Date>, AppError> {
        let text = self.text(name).trim();
        if text.is_empty() {
            return Ok(None);
        }
        let date: Result<Date, _> = text.parse().or_else(|_| lang::parse_date(text));
        match date {
            Ok(date) if (1900..=2200).contains(&date.year()) => Ok(Some(date)),
            Ok(_) => Err(AppError::new("date_unreadable", 422)
                .say("Năm phải từ 1900 đến 2200.", "The year must lie between 1900 and 2200.")
                .mend("Xem lại năm.", "Look at the year.")
                .at(name)),
            Err(problem) => Err(AppError::new("date_unreadable", 422)
                .say(problem.vi(), problem.en())
                .mend("Viết ngày dạng 30/6/2026.", "Write the date as 30/6/2026.")
                .at(name)),
        }
    }

    /// An id.
    pub fn id(&self, name: &str) -> Option<Uuid> {
        self.text(name).trim().parse().ok()
    }

    /// Takes the files out.
    pub fn take_files(&mut self) -> Vec<Incoming> {
        std::mem::take(&mut self.files)
    }
}

pub(crate) fn see_other(to: &str) -> Response {
    match HeaderValue::from_str(to) {
        Ok(to) => (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response(),
        Err(_) => AppError::new("internal", 500).into_response(),
    }
}

pub(crate) fn with_status(mut response: Response, status: u16) -> Response {
    if let Ok(status) = StatusCode::from_u16(status) {
        *response.status_mut() = status;
    }
    response
}

/// Whether an error is shown in the form that caused it.
pub(crate) fn in_form(error: &AppError) -> bool {
    matches!(error.status, 409 | 413 | 422 | 507)
}

/// Puts an error beside the field it names, or above the content.
pub(crate) fn place(shell: &mut Shell, fields: &mut [Field], error: &AppError) {
    let text = format!("{} {}", error.what(shell.lang), error.how(shell.lang));
    match fields.iter_mut().find(|f| error.at.as_deref() == Some(f.name.as_str())) {
        Some(field) => field.error = Some(text),
        None => shell.notice = Some(Notice::new(Tone::Bad, text)),
    }
}

pub(crate) fn id_of(text: &str) -> Result<Uuid, AppError> {
    text.trim().parse().map_err(|_| office_unknown())
}

impl Casework {
    /// The office of an address, for those who work there or in its successor.
    pub(crate) async fn desk(&self, ctx: &Context, text: &str) -> Result<Office, AppError> {
        let office = self.office_once(ctx, id_of(text)?).await?;
        self.require_reader(ctx, &office).await?;
        Ok(office)
    }

    /// The office chosen in the address, or the only or first one of the reader.
    pub(crate) async fn chosen(&self, ctx: &Context, text: Option<&str>) -> Result<(Office, Vec<Office>), AppError> {
        let mine = self.my_offices(ctx).await?;
        let office = match text.map(str::trim).filter(|t| !t.is_empty()) {
            Some(text) => self.desk(ctx, text).await?,
            None => mine.first().cloned().ok_or_else(|| {
                AppError::new("no_office", 403)
                    .say("Bạn chưa được phân công ở cơ quan nào có sổ văn bản và hồ sơ.", "You have no post in an office that keeps registers and dossiers.")
                    .mend("Nhờ người quản trị của đơn vị phân công.", "Ask the administrator of the unit for a post.")
            })?,
        };
        Ok((office, mine))
    }

    /// A file as a download, sent piece by piece.
    pub(crate) async fn send_file(&self, tenant: Uuid, file: Attached) -> Result<Response, AppError> {
        let (tx, rx) = tokio::sync::mpsc::channel::<Result<Vec<u8>, std::io::Error>>(2);
        let (casework, sha) = (self.clone(), file.sha256.clone());
        // The first part is read before anything is answered, so that a database that is gone is said so.
        let first = self.file_part(tenant, &sha, 0).await.map_err(db_error)?.unwrap_or_default();
        tokio::spawn(async move {
            let mut part = 1;
            let mut piece = Some(first);
            while let Some(bytes) = piece.take() {
                if tx.send(Ok(bytes)).await.is_err() {
                    return;
                }
                match casework.file_part(tenant, &sha, part).await {
                    Ok(next) => piece = next,
                    Err(error) => {
                        tracing::error!(%error, "a file broke off");
                        let _ = tx.send(Err(std::io::Error::other("broke off"))).await;
                    }
                }
                part += 1;
            }
        });
        let stream = futures_util::stream::unfold(rx, |mut rx| async { rx.recv().await.map(|item| (item, rx)) });
        attachment(&file.name, &file.media, axum::body::Body::from_stream(stream))
    }
}

/// A download that a browser never opens as a page of ours.
pub(crate) fn attachment(name: &str, media: &str, body: axum::body::Body) -> Result<Response, AppError> {
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| AppError::new("internal", 500));
    let headers = [
        (header::CONTENT_TYPE, value(media)?),
        (header::CONTENT_DISPOSITION, value(&format!("attachment; filename*=UTF-8''{}", ui::percent_encode(name)))?),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    Ok((headers, body).into_response())
}

pub(crate) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
pub(crate) const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// `14:32 22/11/2026` of an instant, in Vietnam.
pub(crate) fn moment(micros: i64) -> String {
    let Some(at) = calendar::from_micros(micros).map(calendar::local_time) else { return String::new() };
    format!("{:02}:{:02} {}", at.hour(), at.minute(), lang::show::short_date(at.date()))
}

/// `05/02/2026` of an ISO day; empty stays empty.
pub(crate) fn short(day: &str) -> String {
    day.parse().map(lang::show::short_date).unwrap_or_default()
}

/// A size for people.
pub(crate) fn size(bytes: i64) -> String {
    match bytes {
        ..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} KB", bytes / 1_000),
        _ => format!("{},{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

pub(crate) fn kind_name(code: &str, l: Lang) -> String {
    kind::kind(code).map_or_else(|| code.to_owned(), |k| k.label(l).to_owned())
}

/// A tag for an urgency above the lowest: class and word.
pub(crate) fn urgency_tag(code: i64, l: Lang) -> Option<(&'static str, String)> {
    let urgency = kind::urgency(code).filter(|u| u.code > 0)?;
    Some((if code > 1 { "late" } else { "wait" }, l.t(&urgency.vi, &urgency.en).to_owned()))
}

/// Days left in words and whether it is late: class and words.
pub(crate) fn due_tag(due: Option<Date>, today: Date, l: Lang) -> Option<(&'static str, String)> {
    let due = due?;
    let days = today.until(due).map(|s| s.get_days()).unwrap_or_default();
    Some(match days {
        0 => ("wait", l.t("hạn hôm nay", "due today").to_owned()),
        1..=3 => ("wait", format!("{} {days} {}", l.t("còn", "in"), l.t("ngày", "days"))),
        4.. => ("plain", format!("{} {days} {}", l.t("còn", "in"), l.t("ngày", "days"))),
        _ => ("late", format!("{} {} {}", l.t("trễ", "late by"), -days, l.t("ngày", "days"))),
    })
}

/// The field that chooses a kind.
pub(crate) fn kind_field(l: Lang, value: &str) -> Field {
    let options =
        std::iter::once((String::new(), l.t("– chọn –", "– choose –").to_owned())).chain(kind::kinds().iter().map(|k| (k.code.clone(), k.label(l).to_owned())));
    Field::new("kind", l.t("Loại văn bản", "Kind")).kind(Kind::Select(options.collect())).value(value).required()
}

/// The field that chooses a grade of urgency.
pub(crate) fn urgency_field(l: Lang, value: &str) -> Field {
    let options = kind::urgencies().iter().map(|u| (u.code.to_string(), l.t(&u.vi, &u.en).to_owned())).collect();
    Field::new("urgency", l.t("Độ khẩn", "Urgency")).kind(Kind::Select(options)).value(if value.is_empty() { "0" } else { value })
}

/// The field for a mark of secrecy: any value is refused with the reason.
pub(crate) fn secrecy_field(l: Lang, value: &str) -> Field {
    let options = [("", l.t("Không mật", "Not secret")), ("mat", "Mật"), ("toi_mat", "Tối mật"), ("tuyet_mat", "Tuyệt mật")];
    Field::new("secrecy", l.t("Độ mật", "Secrecy"))
        .kind(Kind::Select(options.map(|(v, t)| (v.to_owned(), t.to_owned())).to_vec()))
        .value(value)
        .hint(l.t("Văn bản mật không được đưa vào đây.", "Secret documents may not be put here."))
}

/// The field for files.
pub(crate) fn files_field(l: Lang, label: &str) -> Field {
    Field::new("files", label)
        .kind(Kind::File)
        .attr("multiple", "multiple")
        .hint(l.t("PDF, Word, Excel, ảnh; mỗi tệp tối đa 210 MB.", "PDF, Word, Excel, pictures; at most 210 MB each."))
}
