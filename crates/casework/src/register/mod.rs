//! Registers of incoming and outgoing documents: numbers without gaps or doubles, and what is sent between offices.

mod deliver;
pub mod import;
mod number;
pub(crate) mod pages;
mod paper;
pub(crate) mod store;

pub use number::Issued;
pub use paper::Sheet;
pub use store::{Delivery, Document, Held, SentTo};

use crate::Casework;
use crate::document::file::{self, Attached, Incoming, Kept};
use crate::document::symbol::number_in;
use crate::document::{Hat, Office, kind, says_secret, secret_refused, text};
use crate::dossier::search;
use access::{Context, audit, db_error, lock_tenant};
use db::Tx;
use jiff::civil::Date;
use store::Series;
use ui::AppError;
use uuid::Uuid;

/// What somebody writes into a register.
#[derive(Clone, Debug, Default)]
pub struct NewDocument {
    /// Code of the kind.
    pub kind: String,
    /// Number and symbol on it (incoming); made by the platform for outgoing ones.
    pub symbol: String,
    /// Date on it; today for outgoing ones.
    pub dated: Option<Date>,
    /// What it is about.
    pub title: String,
    /// Who sent it, or whom it goes to.
    pub party: String,
    /// Who signed it.
    pub signer: String,
    /// Grade of urgency.
    pub urgency: i64,
    /// Day by which it has to be answered.
    pub due: Option<Date>,
    /// Pages.
    pub pages: i64,
    /// Note.
    pub note: String,
    /// A mark of secrecy, if there is any: the document is then refused.
    pub secrecy: String,
    /// Abbreviation of the part that drafted it, in official letters.
    pub part: String,
    /// A reserved number to use, for outgoing ones.
    pub reserved: Option<i64>,
    /// The same symbol from the same sender is in the register already and this is another one.
    pub twin: bool,
}

/// The first and the last day of a year.
pub(crate) fn year_days(year: i16) -> (Date, Date) {
    (jiff::civil::date(year, 1, 1), jiff::civil::date(year, 12, 31))
}

fn missing(at: &'static str, vi: &str, en: &str) -> AppError {
    AppError::new("field_missing", 422).say(vi, en).mend("Điền vào ô này.", "Fill this in.").at(at)
}

impl NewDocument {
    /// Cleans and checks what both registers share.
    fn checked(mut self, out: bool, today: Date) -> Result<NewDocument, AppError> {
        self.title = lang::clean(&self.title);
        self.party = lang::clean(&self.party);
        self.signer = lang::clean(&self.signer);
        self.symbol = lang::clean(&self.symbol);
        self.note = lang::clean(&self.note);
        self.part = lang::clean(&self.part);
        if !lang::clean(&self.secrecy).is_empty() || says_secret(&self.title) {
            return Err(secret_refused(if lang::clean(&self.secrecy).is_empty() { "title" } else { "secrecy" }));
        }
        if kind::kind(&self.kind).is_none() {
            return Err(missing("kind", "Chưa chọn loại văn bản.", "The kind of document is not chosen."));
        }
        if self.title.is_empty() {
            return Err(missing("title", "Chưa ghi trích yếu.", "It is not said what the document is about."));
        }
        if kind::urgency(self.urgency).is_none() {
            return Err(missing("urgency", "Độ khẩn chưa đúng.", "The grade of urgency is not known."));
        }
        if !out {
            if self.party.is_empty() {
                return Err(missing("party", "Chưa ghi cơ quan gửi.", "The sender is not given."));
            }
            let dated = self.dated.ok_or_else(|| missing("dated", "Chưa ghi ngày của văn bản.", "The date of the document is not given."))?;
            if dated > today {
                return Err(AppError::new("date_in_future", 422)
                    .say("Ngày của văn bản ở sau hôm nay.", "The date of the document lies after today.")
                    .mend("Xem lại ngày trên văn bản.", "Look at the date on the document again.")
                    .at("dated"));
            }
        }
        for (at, text, most) in
            [("title", &self.title, 600), ("party", &self.party, 300), ("signer", &self.signer, 120), ("symbol", &self.symbol, 80), ("note", &self.note, 600)]
        {
            if text.chars().count() > most {
                return Err(AppError::new("text_too_long", 422)
                    .say(format!("Ô này dài quá {most} chữ."), format!("This is longer than {most} letters."))
                    .mend("Viết ngắn lại.", "Make it shorter.")
                    .at(at));
            }
        }
        Ok(self)
    }
}

impl Casework {
    /// Registers a document that came in: the next number of the year, its files, and its words for searching.
    ///
    /// # Errors
    /// 403 `hat_required`; 422 with the field; 409 `registered_before`.
    pub async fn register(&self, ctx: &Context, office: &Office, new: NewDocument, files: Vec<Incoming>) -> Result<Document, AppError> {
        office.require(ctx, Hat::Clerk)?;
        let new = new.checked(false, ctx.today())?;
        let texts = read_texts(files)?;
        let mut tx = self.db().begin().await.map_err(db_error)?;
        lock_tenant(&mut tx, office.tenant).await.map_err(db_error)?;
        let document = self.register_in(&mut tx, ctx, office, new, "system").await?;
        let mut words = vec![];
        for (incoming, text) in texts {
            file::keep(&mut tx, office.tenant, document.id, incoming, &Kept::plain("original", document.at, ctx.author_name())).await?;
            words.push(text);
        }
        self.index_document(&mut tx, office, &document, &words).await?;
        let detail = serde_json::json!({"number": document.number, "symbol": document.symbol, "title": document.title, "urgency": document.urgency});
        audit(&mut tx, ctx, office.tenant, "document.register", &document.id.to_string(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        Ok(document)
    }

    /// The same without files inside a transaction that holds the tenant.
    pub(crate) async fn register_in(&self, tx: &mut Tx, ctx: &Context, office: &Office, new: NewDocument, source: &str) -> Result<Document, AppError> {
        let dated = new.dated.map(|d| d.to_string()).unwrap_or_default();
        if !new.symbol.is_empty() && !new.twin {
            let twins = store::twins(tx, office.tenant, office.id, false, &new.symbol).await.map_err(db_error)?;
            if let Some(twin) = twins.iter().find(|t| t.4 == dated && lang::fold(&t.3) == lang::fold(&new.party)) {
                return Err(AppError::new("registered_before", 409)
                    .say(
                        format!("Văn bản {} của {} đã vào sổ với số đến {}.", new.symbol, new.party, twin.1),
                        format!("{} from {} is in the register already, under number {}.", new.symbol, new.party, twin.1),
                    )
                    .mend("Nếu là văn bản khác, đánh dấu “Vẫn vào sổ”.", "If it is another document, tick “Register it all the same”.")
                    .at("symbol"));
            }
        }
        let today = ctx.today();
        let series = Series { tenant: office.tenant, office: office.id, direction: 0, year: i64::from(today.year()), series: String::new() };
        let number = store::take_next(tx, &series, 1).await.map_err(db_error)?;
        let at = calendar::micros(ctx.at);
        let document = Document {
            id: Uuid::now_v7(),
            office: office.id,
            unit: office.unit,
            out: false,
            year: series.year,
            series: String::new(),
            number,
            kind: new.kind,
            symbol: new.symbol,
            dated,
            day: today.to_string(),
            title: new.title,
            party: new.party,
            signer: new.signer,
            urgency: new.urgency,
            due: new.due.map(|d| d.to_string()).unwrap_or_default(),
            pages: new.pages.clamp(0, 100_000),
            note: new.note,
            dossier: None,
            source: source.to_owned(),
            at,
            who_name: ctx.author_name().to_owned(),
            handed_at: None,
            handed_to: String::new(),
        };
        store::put_number(tx, &series, number, &store::Mark::used(document.id, at, ctx.author_name())).await.map_err(db_error)?;
        store::add(tx, office.tenant, &document, ctx.account_id()).await.map_err(db_error)?;
        Ok(document)
    }

    pub(crate) async fn index_document(&self, tx: &mut Tx, office: &Office, d: &Document, texts: &[String]) -> Result<(), AppError> {
        let mut all = vec![d.title.as_str(), d.symbol.as_str(), d.party.as_str()];
        all.extend(texts.iter().map(String::as_str));
        search::index(tx, office.tenant, search::DOCUMENT, office.id, d.id, &all).await.map_err(db_error)
    }

    /// Hands a document on to somebody who has no dossier of it: for information. The same-day rule looks at this moment.
    ///
    /// # Errors
    /// 403, 404; 409 `handed_on_before`.
    pub async fn hand_on(&self, ctx: &Context, office: &Office, id: Uuid, to: &str) -> Result<(), AppError> {
        if !office.wears(ctx, Hat::Head) {
            office.require(ctx, Hat::Clerk)?;
        }
        let to = lang::clean(to);
        if to.is_empty() {
            return Err(missing("to", "Chưa ghi chuyển cho ai.", "It is not said to whom it goes."));
        }
        let mut tx = self.db().begin().await.map_err(db_error)?;
        lock_tenant(&mut tx, office.tenant).await.map_err(db_error)?;
        let document = store::one_tx(&mut tx, office.tenant, id).await.map_err(db_error)?.filter(|d| d.office == office.id).ok_or_else(document_unknown)?;
        if !store::hand(&mut tx, office.tenant, id, calendar::micros(ctx.at), &to).await.map_err(db_error)? {
            return Err(AppError::new("handed_on_before", 409)
                .say(format!("Văn bản này đã chuyển cho {}.", document.handed_to), format!("This document went to {} already.", document.handed_to))
                .mend("", ""));
        }
        audit(&mut tx, ctx, office.tenant, "document.hand_on", &id.to_string(), serde_json::json!({"to": to})).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)
    }

    /// One document with its files, for those who work in its office or in its successor.
    ///
    /// # Errors
    /// 404 `unknown_document`.
    pub async fn document(&self, ctx: &Context, office: &Office, id: Uuid) -> Result<(Document, Vec<Attached>, Vec<SentTo>), AppError> {
        self.require_reader(ctx, office).await?;
        let document = store::one(self.db(), office.tenant, id).await.map_err(db_error)?.filter(|d| d.office == office.id).ok_or_else(document_unknown)?;
        let files = file::files(self.db(), office.tenant, id).await.map_err(db_error)?;
        let sent = if document.out { store::sent_to(self.db(), office.tenant, id).await.map_err(db_error)? } else { Vec::new() };
        Ok((document, files, sent))
    }

    /// A register between two days, the newest first; and whether there is more.
    ///
    /// # Errors
    /// 404 for strangers.
    pub async fn documents(&self, ctx: &Context, office: &Office, ask: &Between) -> Result<(Vec<Document>, bool), AppError> {
        self.require_reader(ctx, office).await?;
        let days = (ask.from.to_string(), ask.to.to_string());
        let before = ask.before.unwrap_or(Uuid::max());
        let mut found = store::newest(self.db(), office.tenant, office.id, ask.out, (&days.0, &days.1), before, ask.limit + 1).await.map_err(db_error)?;
        let limit = usize::try_from(ask.limit).unwrap_or_default();
        let more = found.len() > limit;
        found.truncate(limit);
        Ok((found, more))
    }

    /// The file of a document that somebody may see.
    ///
    /// # Errors
    /// 404 `unknown_file`.
    pub async fn document_file(&self, ctx: &Context, office: &Office, owner: Uuid, id: Uuid) -> Result<Attached, AppError> {
        self.require_reader(ctx, office).await?;
        let files = file::files(self.db(), office.tenant, owner).await.map_err(db_error)?;
        files.into_iter().find(|f| f.id == id).ok_or_else(|| {
            AppError::new("unknown_file", 404)
                .say("Không có tệp này.", "There is no such file.")
                .mend("Mở lại trang của văn bản.", "Open the page of the document again.")
        })
    }
}

/// Which part of a register.
#[derive(Clone, Copy, Debug)]
pub struct Between {
    /// Outgoing.
    pub out: bool,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Only those registered before this one.
    pub before: Option<Uuid>,
    /// At most so many.
    pub limit: i64,
}

/// The texts of files, for searching; taken out before the database is held.
pub(crate) fn read_texts(files: Vec<Incoming>) -> Result<Vec<(Incoming, String)>, AppError> {
    let mut out = Vec::new();
    for mut incoming in files {
        let text = incoming.bytes(text::MOST)?.map(|bytes| text::extract(&bytes)).unwrap_or_default();
        if says_secret(&incoming.name) || text.lines().take(40).any(|line| matches!(line.trim(), "MẬT" | "TỐI MẬT" | "TUYỆT MẬT")) {
            return Err(secret_refused("files"));
        }
        out.push((incoming, text));
    }
    Ok(out)
}

/// The refusal of a document that does not exist, or not for the one who asks.
pub fn document_unknown() -> AppError {
    AppError::new("unknown_document", 404)
        .say("Không có văn bản này trong sổ của cơ quan.", "There is no such document in the register of the office.")
        .mend("Tìm theo số, ký hiệu hoặc trích yếu.", "Search by number, symbol or subject.")
}

/// Whether an incoming document waits longer than the same-day rule allows.
pub fn waits_too_long(d: &Document, today: Date) -> bool {
    let Ok(day) = d.day.parse::<Date>() else { return false };
    let by = kind::hand_on_by(day, d.urgency);
    match d.handed_at.and_then(calendar::from_micros).map(calendar::local_date) {
        Some(handed) => handed > by,
        None => !d.out && today > by,
    }
}

/// The number on a document from elsewhere, for sorting.
pub fn leading_number(symbol: &str) -> i64 {
    number_in(symbol).unwrap_or_default()
}
