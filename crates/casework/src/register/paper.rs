//! Registers and lists on paper and as workbooks.

use super::{Between, Document};
use crate::Casework;
use crate::document::{Office, kind};
use crate::dossier::{Balance, Dossier, Load, OpenItem, Step};
use access::{Context, db_error};
use jiff::civil::Date;
use print::{Block, Book, Cell, Column, Kind, Language, Report, Table};
use ui::{AppError, Lang};
use uuid::Uuid;

/// A table with the day it was made, to be written as a workbook or printed.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The table.
    pub table: Table,
    /// Where it comes from.
    pub about: Vec<(String, String)>,
    /// Day.
    pub made: Date,
    /// Language.
    pub lang: Lang,
}

/// Rows of one register that are printed at most.
const MOST: i64 = 50_000;

fn text(value: &str) -> Cell {
    if value.is_empty() { Cell::Empty } else { Cell::Text(value.to_owned()) }
}

fn day(value: &str) -> Cell {
    value.parse().map_or(Cell::Empty, Cell::Date)
}

fn whole(value: i64) -> Cell {
    Cell::Int(value)
}

fn broken(error: impl std::fmt::Display) -> AppError {
    tracing::error!(%error, "a file could not be made");
    AppError::new("internal", 500)
}

/// Several tables that belong together; there is at least one.
#[derive(Clone, Debug)]
pub struct Sheets(pub Vec<Sheet>);

impl Sheets {
    /// As one .xlsx with a worksheet for each.
    ///
    /// # Errors
    /// 500 when the temporary folder is full.
    pub fn xlsx(&self) -> Result<Vec<u8>, AppError> {
        let Some(first) = self.0.first() else { return Err(AppError::new("internal", 500)) };
        let language = if first.lang == Lang::Vi { Language::Vi } else { Language::En };
        let sheets = self.0.iter().map(|s| s.table.clone()).collect();
        let book = Book { language, made: first.made, sheets, about: first.about.clone(), definitions: None };
        print::to_xlsx(&book).map_err(broken)
    }

    /// As one Word document to be signed.
    ///
    /// # Errors
    /// 500.
    pub fn docx(&self, office: &Office, title: &str, summary: &str) -> Result<Vec<u8>, AppError> {
        let report = Report {
            body_name: office.name.clone(),
            title: title.to_owned(),
            summary: summary.to_owned(),
            date: self.0.first().map(|s| s.made),
            blocks: self.0.iter().map(|s| Block::Table(s.table.clone())).collect(),
            ..Report::default()
        };
        print::to_docx(&report).map_err(broken)
    }
}

impl Sheet {
    /// As .xlsx.
    ///
    /// # Errors
    /// 500 when the temporary folder is full.
    pub fn xlsx(&self) -> Result<Vec<u8>, AppError> {
        Sheets(vec![self.clone()]).xlsx()
    }

    /// As a Word document to be signed.
    ///
    /// # Errors
    /// 500.
    pub fn docx(&self, office: &Office, title: &str, summary: &str) -> Result<Vec<u8>, AppError> {
        Sheets(vec![self.clone()]).docx(office, title, summary)
    }
}

impl Casework {
    /// The register of incoming or outgoing documents between two days, in order, with the columns of the decree's registers.
    ///
    /// # Errors
    /// 404 for those who do not work there.
    pub async fn register_sheet(&self, ctx: &Context, office: &Office, ask: &Between) -> Result<Sheet, AppError> {
        self.require_reader(ctx, office).await?;
        let days = (ask.from.to_string(), ask.to.to_string());
        let found = super::store::of_days(self.db(), office.tenant, office.id, ask.out, (&days.0, &days.1), Uuid::nil(), MOST).await.map_err(db_error)?;
        let l = ctx.lang;
        let titles: &[(&str, Kind)] = if ask.out {
            &[
                (l.t("Số, ký hiệu", "Number and symbol"), Kind::Text),
                (l.t("Ngày văn bản", "Date"), Kind::Date),
                (l.t("Tên loại", "Kind"), Kind::Text),
                (l.t("Trích yếu", "Subject"), Kind::Text),
                (l.t("Người ký", "Signed by"), Kind::Text),
                (l.t("Nơi nhận", "Recipients"), Kind::Text),
                (l.t("Độ khẩn", "Urgency"), Kind::Text),
                (l.t("Ghi chú", "Note"), Kind::Text),
            ]
        } else {
            &[
                (l.t("Ngày đến", "Came on"), Kind::Date),
                (l.t("Số đến", "Number"), Kind::Number { decimals: 0 }),
                (l.t("Tác giả", "Sender"), Kind::Text),
                (l.t("Số, ký hiệu", "Number and symbol"), Kind::Text),
                (l.t("Ngày văn bản", "Date"), Kind::Date),
                (l.t("Tên loại và trích yếu", "Kind and subject"), Kind::Text),
                (l.t("Đơn vị, người nhận", "Handed to"), Kind::Text),
                (l.t("Ngày chuyển", "Handed on"), Kind::Date),
                (l.t("Độ khẩn", "Urgency"), Kind::Text),
                (l.t("Ghi chú", "Note"), Kind::Text),
            ]
        };
        let rows = found.iter().map(|d| if ask.out { out_row(d, l) } else { in_row(d, l) }).collect();
        let name = if ask.out {
            l.t("Sổ đăng ký văn bản đi", "Register of outgoing documents")
        } else {
            l.t("Sổ đăng ký văn bản đến", "Register of incoming documents")
        };
        Ok(self.sheet(ctx, name, office, titles, rows, &format!("{} – {}", lang::show::short_date(ask.from), lang::show::short_date(ask.to))))
    }

    fn sheet(&self, ctx: &Context, name: &str, office: &Office, titles: &[(&str, Kind)], rows: Vec<Vec<Cell>>, span: &str) -> Sheet {
        let l = ctx.lang;
        let columns = titles.iter().map(|(title, kind)| Column::new(*title, *kind)).collect();
        let table = Table { title: name.to_owned(), subtitle: format!("{} · {span}", office.name), columns, rows, notes: vec![kind::source().to_owned()] };
        let about = vec![
            (l.t("Cơ quan", "Office").to_owned(), office.name.clone()),
            (l.t("Khoảng thời gian", "Span").to_owned(), span.to_owned()),
            (l.t("Người xuất", "Made by").to_owned(), ctx.author_name().to_owned()),
        ];
        Sheet { table, about, made: ctx.today(), lang: l }
    }

    /// The list of dossiers that are handed to the archive, or of any other set.
    pub fn dossier_sheet(&self, ctx: &Context, office: &Office, name: &str, dossiers: &[Dossier]) -> Sheet {
        let l = ctx.lang;
        let titles = [
            (l.t("Số, ký hiệu hồ sơ", "Code"), Kind::Text),
            (l.t("Tên hồ sơ", "Title"), Kind::Text),
            (l.t("Thời hạn bảo quản", "Retention"), Kind::Text),
            (l.t("Ngày mở", "Opened"), Kind::Date),
            (l.t("Hạn", "Due"), Kind::Date),
            (l.t("Ngày kết thúc", "Closed"), Kind::Date),
            (l.t("Người giữ", "Held by"), Kind::Text),
            (l.t("Đang ở bước", "Stage"), Kind::Text),
        ];
        let rows = dossiers
            .iter()
            .map(|d| {
                let stage = crate::dossier::Stage::from_word(&d.stage).label(l);
                vec![
                    text(&d.code),
                    text(&d.title),
                    text(&d.retention),
                    day(&d.opened_on),
                    d.deadline().map_or(Cell::Empty, Cell::Date),
                    day(&d.closed_on),
                    text(&d.holder_name),
                    text(stage),
                ]
            })
            .collect();
        self.sheet(ctx, name, office, &titles, rows, &lang::show::short_date(ctx.today()))
    }

    /// The report of an office: the balance of a period, what each holds at each step, and every open dossier with how long is left.
    pub fn report_sheets(&self, ctx: &Context, office: &Office, (from, to): (Date, Date), b: &Balance, loads: &[Load], open: &[OpenItem]) -> Sheets {
        let l = ctx.lang;
        let number = Kind::Number { decimals: 0 };
        let span = format!("{} – {}", lang::show::short_date(from), lang::show::short_date(to));
        let balance = [
            (l.t("Tồn kỳ trước", "Carried over"), b.carried),
            (l.t("Mới mở", "Received"), b.received),
            (l.t("Kết thúc đúng hạn", "Closed in time"), b.closed_in_time),
            (l.t("Kết thúc trễ", "Closed late"), b.closed_late),
            (l.t("Đang xử lý, trong hạn", "Open, in time"), b.open),
            (l.t("Đang xử lý, trễ", "Open, late"), b.open_late),
            (l.t("Có dự thảo bị trả lại", "With a draft given back"), b.returned),
        ];
        let titles = [(l.t("Nội dung", "What"), Kind::Text), (l.t("Số hồ sơ", "Dossiers"), number)];
        let rows = balance.iter().map(|(name, n)| vec![text(name), whole(*n)]).collect();
        let first = self.sheet(ctx, l.t("Cân đối trong kỳ", "Balance of the period"), office, &titles, rows, &span);
        let today = lang::show::short_date(ctx.today());
        let titles = [
            (l.t("Người giữ", "Held by"), Kind::Text),
            (l.t("Bước", "Step"), Kind::Text),
            (l.t("Đang xử lý", "Open"), number),
            (l.t("Trễ", "Late"), number),
            (l.t("Trễ lâu nhất (ngày)", "The longest (days)"), number),
        ];
        let count = |n: usize| whole(i64::try_from(n).unwrap_or(i64::MAX));
        let holder = |name: &str| text(if name.is_empty() { l.t("chưa giao", "nobody") } else { name });
        let rows = loads.iter().map(|x| vec![holder(&x.holder), text(x.stage.label(l)), count(x.open), count(x.late), whole(x.longest.into())]).collect();
        let second = self.sheet(ctx, l.t("Theo người giữ và bước", "By holder and step"), office, &titles, rows, &today);
        let titles = [
            (l.t("Số, ký hiệu hồ sơ", "Code"), Kind::Text),
            (l.t("Tên hồ sơ", "Title"), Kind::Text),
            (l.t("Bước", "Step"), Kind::Text),
            (l.t("Người giữ", "Held by"), Kind::Text),
            (l.t("Hạn", "Due"), Kind::Date),
            (l.t("Còn (ngày)", "Left (days)"), number),
        ];
        let rows = open
            .iter()
            .map(|i| {
                let d = &i.dossier;
                let due = d.deadline().map_or(Cell::Empty, Cell::Date);
                vec![text(&d.code), text(&d.title), text(i.stage.label(l)), holder(&d.holder_name), due, i.left.map_or(Cell::Empty, |n| whole(n.into()))]
            })
            .collect();
        let third = self.sheet(ctx, l.t("Hồ sơ đang xử lý", "Open dossiers"), office, &titles, rows, &today);
        Sheets(vec![first, second, third])
    }

    /// The contents of one dossier (mục lục văn bản): its documents in order.
    ///
    /// # Errors
    /// 404.
    pub async fn contents_sheet(&self, ctx: &Context, office: &Office, id: Uuid) -> Result<(Dossier, Sheet), AppError> {
        let (dossier, events) = self.dossier(ctx, office, id).await?;
        let documents = self.dossier_documents(ctx, office, id).await?;
        let before = self.offices_before(ctx, office).await?;
        let l = ctx.lang;
        let titles = [
            (l.t("STT", "No."), Kind::Number { decimals: 0 }),
            (l.t("Số, ký hiệu", "Number and symbol"), Kind::Text),
            (l.t("Ngày văn bản", "Date"), Kind::Date),
            (l.t("Tên loại và trích yếu", "Kind and subject"), Kind::Text),
            (l.t("Tác giả", "Author"), Kind::Text),
            (l.t("Ghi chú", "Note"), Kind::Text),
        ];
        let rows: Vec<Vec<Cell>> = documents
            .iter()
            .zip(1i64..)
            .map(|(d, n)| {
                // An office that is no more stays the author of what it sent.
                let keeper = before.iter().find(|o| o.id == d.office).unwrap_or(office);
                let author = if d.out { &keeper.name } else { &d.party };
                vec![whole(n), text(&d.symbol), day(&d.dated), text(&format!("{}: {}", kind_name(&d.kind, l), d.title)), text(author), text(&d.note)]
            })
            .collect();
        let mut sheet = self.sheet(
            ctx,
            l.t("Mục lục văn bản trong hồ sơ", "Contents of the dossier"),
            office,
            &titles,
            rows,
            &format!("{} – {}", dossier.code, dossier.title),
        );
        if let Some(closed) = events.iter().rev().find(|e| e.step == Step::Close) {
            sheet.table.notes.push(format!("{}: {}", l.t("Người kết thúc hồ sơ", "Closed by"), closed.who_name));
        }
        if !dossier.retention.is_empty() {
            sheet.table.notes.push(format!("{}: {}", l.t("Thời hạn bảo quản", "Retention"), dossier.retention));
        }
        Ok((dossier, sheet))
    }
}

fn kind_name(code: &str, l: Lang) -> String {
    kind::kind(code).map_or_else(|| code.to_owned(), |k| k.label(l).to_owned())
}

fn urgency_name(code: i64, l: Lang) -> String {
    if code == 0 { String::new() } else { kind::urgency(code).map_or_else(String::new, |u| l.t(&u.vi, &u.en).to_owned()) }
}

fn out_row(d: &Document, l: Lang) -> Vec<Cell> {
    vec![
        text(&d.symbol),
        day(&d.dated),
        text(&kind_name(&d.kind, l)),
        text(&d.title),
        text(&d.signer),
        text(&d.party),
        text(&urgency_name(d.urgency, l)),
        text(&d.note),
    ]
}

fn in_row(d: &Document, l: Lang) -> Vec<Cell> {
    let handed = d.handed_at.and_then(calendar::from_micros).map_or(Cell::Empty, |at| Cell::Date(calendar::local_date(at)));
    let what = format!("{}: {}", kind_name(&d.kind, l), d.title);
    vec![
        day(&d.day),
        whole(d.number),
        text(&d.party),
        text(&d.symbol),
        day(&d.dated),
        text(&what),
        text(&d.handed_to),
        handed,
        text(&urgency_name(d.urgency, l)),
        text(&d.note),
    ]
}
