//! Registers from the workbook of another office system: the headings are recognised, every row is judged first, and what is
//! wrong goes back marked in the same workbook.

use super::store::{self, Document, Mark, RESERVED, Series};
use super::year_days;
use crate::Casework;
use crate::document::file::{self, Incoming, Kept};
use crate::document::symbol::{number_in, series_of};
use crate::document::{Hat, Office, kind, says_secret};
use access::{Context, audit, db_error, lock_tenant};
use calamine::{Data, Reader as _};
use jiff::civil::Date;
use print::{CellProblem, UploadLimits, annotate_xlsx, annotated_copy, inspect_upload};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Cursor;
use ui::AppError;
use uuid::Uuid;

/// A column of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// Number in the register of incoming documents.
    Number,
    /// Number and symbol on the document.
    Symbol,
    /// Date on it.
    Dated,
    /// Day it came.
    Day,
    /// Sender or recipients.
    Party,
    /// Subject.
    Title,
    /// Kind.
    Kind,
    /// Urgency.
    Urgency,
    /// Who signed.
    Signer,
    /// Note.
    Note,
    /// Secrecy: rows with anything in it are left out.
    Secrecy,
}

/// Headings as office systems write them, folded. The longer ones are tried first.
const HEADINGS: &[(Field, &[&str])] = &[
    (Field::Number, &["so den", "so thu tu den", "so vb den"]),
    (Field::Day, &["ngay den", "ngay tiep nhan", "ngay nhan", "ngay vao so"]),
    (Field::Symbol, &["so, ky hieu", "so ky hieu", "so/ky hieu", "so va ky hieu", "so hieu", "ky hieu", "so van ban"]),
    (Field::Dated, &["ngay van ban", "ngay ban hanh", "ngay vb", "ngay, thang, nam", "ngay thang", "ngay ky", "ngay thang van ban"]),
    (Field::Party, &["tac gia", "co quan ban hanh", "co quan gui", "noi gui", "noi ban hanh", "don vi gui", "noi nhan", "noi nhan van ban", "don vi nhan"]),
    (Field::Title, &["trich yeu", "ten loai va trich yeu", "trich yeu noi dung", "noi dung", "ten loai va trich yeu noi dung van ban"]),
    (Field::Kind, &["loai van ban", "ten loai", "loai", "hinh thuc"]),
    (Field::Urgency, &["do khan", "muc do khan", "khan"]),
    (Field::Signer, &["nguoi ky"]),
    (Field::Note, &["ghi chu"]),
    (Field::Secrecy, &["do mat", "muc do mat"]),
];

const LIMITS: UploadLimits = UploadLimits { bytes: 20_000_000, unpacked: 200_000_000, entries: 2_000, rows: 60_000, cells: 1_200_000 };
/// Rows among which the headings are looked for.
const HEAD_ROWS: usize = 25;

/// What an import would do, or did.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// Sheet that was read.
    pub sheet: String,
    /// Recognised columns with their headings as written.
    pub columns: Vec<(Field, String)>,
    /// Documents that can be written.
    pub good: Vec<Document>,
    /// Rows that stand in the register already.
    pub known: usize,
    /// Rows with a mark of secrecy, which are left out.
    pub secret: usize,
    /// What is wrong, by cell.
    pub problems: Vec<CellProblem>,
    /// Numbers between the first and the last that no row has; they are kept as reserved, to be explained.
    pub gaps: Vec<(i64, String, i64)>,
}

fn refuse(code: &'static str, vi: impl Into<String>, en: impl Into<String>) -> AppError {
    AppError::new(code, 422)
        .say(vi, en)
        .mend("Xuất lại sổ ra Excel (.xlsx) có dòng tiêu đề rồi gửi lại.", "Export the register as .xlsx with its heading row and send it again.")
        .at("files")
}

fn shown(cell: &Data) -> String {
    match cell {
        Data::String(text) => {
            let encoding = lang::legacy::suspect(text);
            encoding.map_or_else(|| lang::clean(text), |e| lang::clean(&lang::legacy::decode(text, e)))
        }
        Data::DateTime(at) => lang::excel_serial(at.as_f64()).map(|d| d.to_string()).unwrap_or_default(),
        Data::DateTimeIso(text) => text.get(..10).unwrap_or_default().to_owned(),
        Data::Float(n) if n.fract() == 0.0 && n.abs() < 1e15 => format!("{n:.0}"),
        Data::Empty | Data::Error(_) => String::new(),
        other => lang::clean(&other.to_string()),
    }
}

fn date(cell: &Data) -> Option<Date> {
    match cell {
        Data::Float(n) if (20_000.0..80_000.0).contains(n) => lang::excel_serial(*n),
        _ => {
            let text = shown(cell);
            text.parse().ok().or_else(|| lang::parse_date(&text).ok())
        }
    }
}

fn field_of(heading: &str) -> Option<Field> {
    let folded = lang::fold(heading);
    let exact = HEADINGS.iter().find(|(_, names)| names.contains(&folded.as_str())).map(|h| h.0);
    exact.or_else(|| {
        let names = HEADINGS.iter().flat_map(|(f, names)| names.iter().map(move |n| (*f, *n)));
        names.filter(|(_, n)| n.len() > 5 && folded.starts_with(n)).max_by_key(|(_, n)| n.len()).map(|h| h.0)
    })
}

/// The cells of the first sheet in which a heading row is found: name, heading row, column of each field.
type Layout = (String, usize, BTreeMap<Field, usize>, Vec<Vec<Data>>);

fn open(name: &str, bytes: &[u8]) -> Result<Layout, AppError> {
    inspect_upload(name, bytes, &LIMITS).map_err(|p| refuse(p.code(), p.vi(), p.en()))?;
    let mut book = calamine::open_workbook_auto_from_rs(Cursor::new(bytes))
        .map_err(|_| refuse("workbook_unreadable", "Không đọc được tệp bảng tính này.", "This workbook cannot be read."))?;
    for sheet in book.sheet_names() {
        let Ok(range) = book.worksheet_range(&sheet) else { continue };
        let top = range.start().unwrap_or_default();
        let pad = usize::try_from(top.1).unwrap_or_default();
        // Rows and columns count from the corner of the sheet, so that marks land on the right cells.
        let mut rows: Vec<Vec<Data>> = vec![Vec::new(); usize::try_from(top.0).unwrap_or_default().min(1_000)];
        rows.extend(range.rows().map(|row| std::iter::repeat_n(Data::Empty, pad).chain(row.iter().cloned()).collect()));
        for (at, row) in rows.iter().enumerate().take(HEAD_ROWS) {
            let mut columns = BTreeMap::new();
            for (col, cell) in row.iter().enumerate() {
                if let Some(field) = field_of(&shown(cell)) {
                    columns.entry(field).or_insert(col);
                }
            }
            if columns.contains_key(&Field::Title) && columns.contains_key(&Field::Symbol) {
                return Ok((sheet, at, columns, rows));
            }
        }
    }
    Err(refuse(
        "headings_unknown",
        "Không thấy dòng tiêu đề có cột “Số, ký hiệu” và “Trích yếu”.",
        "There is no heading row with the columns “Số, ký hiệu” and “Trích yếu”.",
    ))
}

/// What the rows are judged against.
struct Against<'a> {
    office: &'a Office,
    out: bool,
    shared: bool,
    system: &'a str,
    ctx: &'a Context,
    booked: &'a HashMap<(i64, String, i64), String>,
}

fn judge(layout: &Layout, against: &Against<'_>) -> Judged {
    let (sheet, head, columns, rows) = layout;
    let mut out = Judged { sheet: sheet.clone(), ..Judged::default() };
    let heads = rows.get(*head);
    out.columns = columns.iter().map(|(f, c)| (*f, heads.and_then(|r| r.get(*c)).map(shown).unwrap_or_default())).collect();
    let mut seen: HashMap<(i64, String, i64), usize> = HashMap::new();
    for (at, row) in rows.iter().enumerate().skip(head + 1) {
        let cell = |f: Field| columns.get(&f).and_then(|c| row.get(*c)).unwrap_or(&Data::Empty);
        let text = |f: Field| shown(cell(f));
        let (title, symbol) = (text(Field::Title), text(Field::Symbol));
        // Rows of totals, signatures and the numbering of columns under the headings are no documents.
        if (title.is_empty() && symbol.is_empty()) || (title.parse::<u32>().is_ok() && symbol.parse::<u32>().is_ok()) {
            continue;
        }
        let mut wrong: Vec<(Field, String)> = Vec::new();
        let secrecy = lang::fold(&text(Field::Secrecy));
        if !matches!(secrecy.as_str(), "" | "thuong" | "khong" | "binh thuong") || says_secret(&title) {
            out.secret += 1;
            continue;
        }
        if title.is_empty() {
            wrong.push((Field::Title, "Thiếu trích yếu. Ghi nội dung văn bản nói về việc gì.".into()));
        }
        let dated = date(cell(Field::Dated));
        if dated.is_none() {
            wrong.push((Field::Dated, "Không đọc được ngày văn bản. Ghi dạng 05/02/2026.".into()));
        }
        let day = if against.out { dated } else { date(cell(Field::Day)).or(dated) };
        if day.is_some_and(|d| d > against.ctx.today()) {
            wrong.push((Field::Day, "Ngày này ở sau hôm nay. Xem lại ngày.".into()));
        }
        let party = text(Field::Party);
        if party.is_empty() && !against.out {
            wrong.push((Field::Party, "Thiếu cơ quan gửi.".into()));
        }
        let said = text(Field::Kind);
        let kind = if said.is_empty() { kind_in_symbol(&symbol).or_else(|| kind_in_title(&title)) } else { kind::kind_named(&said) };
        let kind = match kind {
            Some(kind) => kind.code.clone(),
            None if said.is_empty() => "cong_van".to_owned(),
            None => {
                wrong.push((Field::Kind, format!("Không có loại văn bản “{said}” trong Nghị định 30/2020. Ghi như: Báo cáo, Công văn, Quyết định.")));
                String::new()
            }
        };
        let urgency = kind::urgency_named(&text(Field::Urgency));
        if urgency.is_none() {
            wrong.push((Field::Urgency, "Độ khẩn ghi: Khẩn, Thượng khẩn, Hỏa tốc, hoặc để trống.".into()));
        }
        let number = if against.out { number_in(&symbol) } else { number_in(&text(Field::Number)) };
        let at_field = if against.out { Field::Symbol } else { Field::Number };
        if number.is_none() {
            wrong.push((at_field, "Không đọc được số. Ghi số nguyên, như 15.".into()));
        }
        if let (Some(number), Some(day), true) = (number, day, wrong.is_empty()) {
            let series = if against.out { series_of(&kind, against.shared) } else { String::new() };
            let key = (i64::from(day.year()), series.clone(), number);
            if let Some(first) = seen.insert(key.clone(), at + 1) {
                wrong.push((at_field, format!("Số {number} đã có ở dòng {first}. Mỗi số chỉ dùng một lần trong năm.")));
            } else if let Some(there) = against.booked.get(&key) {
                if *there == symbol {
                    out.known += 1;
                    continue;
                }
                wrong.push((at_field, format!("Số {number} trong sổ đang là văn bản {there}. Xem lại số hoặc ký hiệu.")));
            } else {
                let at = calendar::micros(against.ctx.at);
                out.good.push(Document {
                    id: Uuid::now_v7(),
                    office: against.office.id,
                    unit: against.office.unit,
                    out: against.out,
                    year: key.0,
                    series,
                    number,
                    kind,
                    symbol,
                    dated: dated.unwrap_or(day).to_string(),
                    day: day.to_string(),
                    title: title.chars().take(600).collect(),
                    party: party.chars().take(300).collect(),
                    signer: text(Field::Signer).chars().take(120).collect(),
                    urgency: urgency.map_or(0, |u| u.code),
                    due: String::new(),
                    pages: 0,
                    note: text(Field::Note).chars().take(600).collect(),
                    dossier: None,
                    source: format!("import:{}", against.system),
                    at,
                    who_name: against.ctx.author_name().to_owned(),
                    handed_at: Some(at),
                    handed_to: against.system.to_owned(),
                });
            }
        }
        for (field, message) in wrong {
            let col = columns.get(&field).or_else(|| columns.get(&Field::Title)).copied().unwrap_or_default();
            let (row, col) = (u32::try_from(at).unwrap_or_default(), u32::try_from(col).unwrap_or_default());
            out.problems.push(CellProblem { sheet: sheet.clone(), row, col, message });
        }
    }
    out.gaps = gaps(&out.good, against.booked);
    out
}

fn kind_in_symbol(symbol: &str) -> Option<&'static kind::DocumentKind> {
    let after = symbol.split_once('/')?.1;
    let mark = after.split(['-', '/']).next()?;
    kind::kinds().iter().find(|k| !k.abbreviation.is_empty() && k.abbreviation == mark)
}

fn kind_in_title(title: &str) -> Option<&'static kind::DocumentKind> {
    let folded = lang::fold(title);
    kind::kinds().iter().find(|k| folded.starts_with(&format!("{} ", lang::fold(&k.vi))))
}

/// Numbers that neither the register nor the file has, below the highest of the file.
fn gaps(good: &[Document], booked: &HashMap<(i64, String, i64), String>) -> Vec<(i64, String, i64)> {
    let mut all: BTreeMap<(i64, String), BTreeSet<i64>> = BTreeMap::new();
    for d in good {
        all.entry((d.year, d.series.clone())).or_default().insert(d.number);
    }
    let mut out = Vec::new();
    for ((year, series), mut numbers) in all {
        let most = numbers.last().copied().unwrap_or_default();
        numbers.extend(booked.keys().filter(|k| k.0 == year && k.1 == series).map(|k| k.2));
        // A file that begins in the middle of a year says nothing about what was before; only so many are kept as missing.
        out.extend((1..=most).filter(|n| !numbers.contains(n)).take(2_000).map(|n| (year, series.clone(), n)));
    }
    out
}

impl Casework {
    /// Keeps an uploaded register to be looked at; its id.
    ///
    /// # Errors
    /// 403; 422 of the guard (macros, bombs, links to other files, …) or `headings_unknown`.
    pub async fn keep_register_file(&self, ctx: &Context, office: &Office, mut incoming: Incoming) -> Result<Uuid, AppError> {
        office.require(ctx, Hat::Clerk)?;
        let bytes = incoming.bytes(LIMITS.bytes)?.ok_or_else(|| refuse("too_large", "Tệp lớn quá 20 MB.", "The file is larger than 20 MB."))?;
        let name = incoming.name.clone();
        tokio::task::spawn_blocking(move || open(&name, &bytes).map(drop)).await.map_err(|_| AppError::new("internal", 500))??;
        let id = Uuid::now_v7();
        let mut tx = self.db().begin().await.map_err(db_error)?;
        lock_tenant(&mut tx, office.tenant).await.map_err(db_error)?;
        let name = incoming.name.clone();
        file::keep(&mut tx, office.tenant, id, incoming, &Kept::plain("import", calendar::micros(ctx.at), ctx.author_name())).await?;
        audit(&mut tx, ctx, office.tenant, "register.upload", &id.to_string(), serde_json::json!({"file": name})).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        Ok(id)
    }

    /// Judges a kept file without writing anything.
    ///
    /// # Errors
    /// 403; 404 `unknown_file`.
    pub async fn judge_register(&self, ctx: &Context, office: &Office, id: Uuid, out: bool, system: &str) -> Result<(String, Judged, Vec<u8>), AppError> {
        office.require(ctx, Hat::Clerk)?;
        let kept = file::files(self.db(), office.tenant, id).await.map_err(db_error)?;
        let kept = kept.into_iter().find(|f| f.role == "import").ok_or_else(|| {
            AppError::new("unknown_file", 404).say("Không có tệp này.", "There is no such file.").mend("Gửi lại tệp.", "Send the file again.")
        })?;
        let bytes = file::content(self.db(), office.tenant, &kept).await.map_err(db_error)?;
        let this = i64::from(ctx.today().year());
        let booked = store::booked(self.db(), office.tenant, office.id, out, (this - 5, this)).await.map_err(db_error)?;
        let shared = self.book(office).await?.shared;
        let (office, system, ctx, name) = (office.clone(), lang::clean(system), ctx.clone(), kept.name.clone());
        let work = tokio::task::spawn_blocking(move || {
            let layout = open(&name, &bytes)?;
            let judged = judge(&layout, &Against { office: &office, out, shared, system: &system, ctx: &ctx, booked: &booked });
            Ok::<_, AppError>((judged, bytes))
        });
        let (judged, bytes) = work.await.map_err(|_| AppError::new("internal", 500))??;
        Ok((kept.name, judged, bytes))
    }

    /// Writes the good rows of a kept file into the register; rows that stand there already are passed over, so a second time
    /// adds nothing. Numbers that no row has are kept as reserved, to be explained.
    ///
    /// # Errors
    /// 403; 404; 422 `system_missing`.
    pub async fn import_register(&self, ctx: &Context, office: &Office, id: Uuid, out: bool, system: &str) -> Result<Judged, AppError> {
        if lang::clean(system).is_empty() {
            return Err(AppError::new("system_missing", 422)
                .say("Chưa ghi tên hệ thống mà sổ này lấy từ đó.", "It is not said which system this register comes from.")
                .mend("Ghi tên phần mềm, ví dụ tên hệ thống quản lý văn bản của tỉnh.", "Give the name of the program.")
                .at("system"));
        }
        let (name, judged, _) = self.judge_register(ctx, office, id, out, system).await?;
        let at = calendar::micros(ctx.at);
        let mut tx = self.db().begin().await.map_err(db_error)?;
        lock_tenant(&mut tx, office.tenant).await.map_err(db_error)?;
        let series = |year: i64, series: &str| Series { tenant: office.tenant, office: office.id, direction: i64::from(out), year, series: series.to_owned() };
        for document in &judged.good {
            let key = series(document.year, &document.series);
            store::raise(&mut tx, &key, document.number).await.map_err(db_error)?;
            match store::number_state(&mut tx, &key, document.number).await.map_err(db_error)? {
                None => store::put_number(&mut tx, &key, document.number, &Mark::used(document.id, at, ctx.author_name())).await.map_err(db_error)?,
                Some(RESERVED) => {
                    store::use_reserved(&mut tx, &key, document.number, &Mark::used(document.id, at, ctx.author_name())).await.map_err(db_error)?;
                }
                // Somebody was faster since it was judged.
                Some(_) => continue,
            }
            store::add(&mut tx, office.tenant, document, ctx.account_id()).await.map_err(db_error)?;
            self.index_document(&mut tx, office, document, &[]).await?;
        }
        for (year, name_of, number) in &judged.gaps {
            let key = series(*year, name_of);
            if store::number_state(&mut tx, &key, *number).await.map_err(db_error)?.is_none() {
                let why = format!("không có trong tệp {name}");
                store::put_number(&mut tx, &key, *number, &Mark::held(RESERVED, &why, at, ctx.author_name())).await.map_err(db_error)?;
            }
        }
        let detail = serde_json::json!({"file": name, "system": lang::clean(system), "rows": judged.good.len(), "left": judged.problems.len()});
        audit(&mut tx, ctx, office.tenant, "register.import", &id.to_string(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        Ok(judged)
    }

    /// The kept file with its bad cells marked.
    ///
    /// # Errors
    /// 403; 404.
    pub async fn marked_register(&self, ctx: &Context, office: &Office, id: Uuid, out: bool) -> Result<(String, Vec<u8>), AppError> {
        let (name, judged, bytes) = self.judge_register(ctx, office, id, out, "").await?;
        let summary = vec![format!("{} dòng vào sổ được, {} ô cần sửa.", judged.good.len(), judged.problems.len())];
        let marked = annotate_xlsx(&bytes, &judged.problems, &summary).or_else(|_| {
            let rows = open(&name, &bytes).map(|l| l.3).unwrap_or_default();
            let texts = rows.iter().map(|r| r.iter().map(shown).collect()).collect();
            annotated_copy(&[(judged.sheet.clone(), texts)], &judged.problems, &summary)
        });
        let marked = marked.map_err(|error| {
            tracing::error!(%error, "a register could not be marked");
            AppError::new("internal", 500)
        })?;
        Ok((format!("can-sua-{}", name.rsplit_once('.').map_or(name.as_str(), |n| n.0)) + ".xlsx", marked))
    }
}

/// The years a register page offers: this one and those before it, with their days.
pub fn years(today: Date) -> Vec<(i64, Date, Date)> {
    (0..5).map(|n| today.year() - n).map(|y| (i64::from(y), year_days(y).0, year_days(y).1)).collect()
}
