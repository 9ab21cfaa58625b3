//! Numbers of outgoing documents: taken when a document is issued, reserved beforehand, or void with the reason.

use super::store::{self, Document, Held, Mark, RESERVED, Series, VOID};
use super::{NewDocument, missing};
use crate::Casework;
use crate::document::file::Kept;
use crate::document::kind::{self, DocumentKind};
use crate::document::symbol::{Symbol, series_of};
use crate::document::{Hat, Office};
use access::{Context, audit, db_error, lock_tenant};
use db::Tx;
use ui::AppError;
use uuid::Uuid;

/// A document that has just been issued.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The document with its number.
    pub document: Document,
}

/// How an office numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book {
    /// Abbreviation of the organisation: `UBND`.
    pub symbol: String,
    /// One series for all kinds.
    pub shared: bool,
}

impl Default for Book {
    /// `UBND`, a series per kind: what People's Committees use; the office changes it where it does otherwise.
    fn default() -> Book {
        Book { symbol: "UBND".to_owned(), shared: false }
    }
}

fn reason(text: &str) -> Result<String, AppError> {
    let text = lang::clean(text);
    if text.chars().count() < 3 {
        return Err(missing("reason", "Chưa ghi lý do.", "The reason is not given."));
    }
    Ok(text.chars().take(300).collect())
}

fn wanted(code: &str) -> Result<&'static DocumentKind, AppError> {
    kind::kind(code).ok_or_else(|| missing("kind", "Chưa chọn loại văn bản.", "The kind of document is not chosen."))
}

impl Casework {
    /// How an office numbers.
    ///
    /// # Errors
    /// What the database says.
    pub async fn book(&self, office: &Office) -> Result<Book, AppError> {
        let book = store::read_book(self.db(), office.tenant, office.id).await.map_err(db_error)?;
        Ok(book.map(|(symbol, shared)| Book { symbol, shared }).unwrap_or_default())
    }

    /// Sets how an office numbers from now on. The series that have begun go on where they stand.
    ///
    /// # Errors
    /// 403; 422 `symbol_invalid`.
    pub async fn set_book(&self, ctx: &Context, office: &Office, book: &Book) -> Result<(), AppError> {
        office.require(ctx, Hat::Clerk)?;
        let symbol = lang::clean(&book.symbol);
        if symbol.is_empty() || symbol.chars().count() > 20 || !symbol.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '.') {
            return Err(AppError::new("symbol_invalid", 422)
                .say("Chữ viết tắt của cơ quan chưa đúng.", "The abbreviation of the organisation is not right.")
                .mend("Ghi như trên văn bản, ví dụ UBND, VP, SNNMT.", "Write it as on documents, such as UBND.")
                .at("symbol"));
        }
        let mut tx = self.db().begin().await.map_err(db_error)?;
        lock_tenant(&mut tx, office.tenant).await.map_err(db_error)?;
        store::save_book(&mut tx, office.tenant, office.id, office.unit, &symbol, book.shared).await.map_err(db_error)?;
        let detail = serde_json::json!({"symbol": symbol, "shared": book.shared});
        audit(&mut tx, ctx, office.tenant, "register.book", &office.id.to_string(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)
    }

    /// Reserves the next numbers of a kind, with the reason.
    ///
    /// # Errors
    /// 403; 422 `field_missing`, `too_many_numbers`.
    pub async fn reserve(&self, ctx: &Context, office: &Office, kind: &str, count: i64, why: &str) -> Result<Vec<i64>, AppError> {
        office.require(ctx, Hat::Clerk)?;
        let (kind, why) = (wanted(kind)?, reason(why)?);
        if !(1..=50).contains(&count) {
            return Err(AppError::new("too_many_numbers", 422)
                .say("Mỗi lần giữ từ 1 đến 50 số.", "Between 1 and 50 numbers at a time.")
                .mend("Ghi số lượng ít hơn.", "Give a smaller count.")
                .at("count"));
        }
        let mut tx = self.db().begin().await.map_err(db_error)?;
        lock_tenant(&mut tx, office.tenant).await.map_err(db_error)?;
        let series = self.series(&mut tx, ctx, office, kind).await?.0;
        let first = store::take_next(&mut tx, &series, count).await.map_err(db_error)?;
        let numbers: Vec<i64> = (first..first + count).collect();
        for number in &numbers {
            store::put_number(&mut tx, &series, *number, &Mark::held(RESERVED, &why, calendar::micros(ctx.at), ctx.author_name())).await.map_err(db_error)?;
        }
        let detail = serde_json::json!({"kind": kind.code, "numbers": numbers, "reason": why});
        audit(&mut tx, ctx, office.tenant, "register.reserve", &office.id.to_string(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        Ok(numbers)
    }

    /// Gives up a reserved number for good: it stays in the register as void, with the reason, and is never given again.
    ///
    /// # Errors
    /// 403; 404 `unknown_number`; 422 `field_missing`.
    pub async fn void(&self, ctx: &Context, office: &Office, year: i64, series: &str, number: i64, why: &str) -> Result<(), AppError> {
        office.require(ctx, Hat::Clerk)?;
        let why = reason(why)?;
        let mut tx = self.db().begin().await.map_err(db_error)?;
        lock_tenant(&mut tx, office.tenant).await.map_err(db_error)?;
        let key = Series { tenant: office.tenant, office: office.id, direction: 1, year, series: series.to_owned() };
        if !store::use_reserved(&mut tx, &key, number, &Mark::held(VOID, &why, calendar::micros(ctx.at), ctx.author_name())).await.map_err(db_error)? {
            return Err(not_reserved(number));
        }
        let detail = serde_json::json!({"series": series, "number": number, "reason": why});
        audit(&mut tx, ctx, office.tenant, "register.void", &office.id.to_string(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)
    }

    /// The numbers of a year that are reserved or void.
    ///
    /// # Errors
    /// 404 for those who do not work there.
    pub async fn held_numbers(&self, ctx: &Context, office: &Office, year: i64) -> Result<Vec<Held>, AppError> {
        office.require_inside(ctx)?;
        store::held(self.db(), office.tenant, office.id, year).await.map_err(db_error)
    }

    /// Numbers of a year that are missing from a register: there must be none. For `verify` and for tests.
    ///
    /// # Errors
    /// What the database says.
    pub async fn gaps(&self, office: &Office, year: i64) -> Result<Vec<(bool, String, i64)>, db::DbError> {
        let mut out = Vec::new();
        for (direction, series, last) in store::series_of(self.db(), office.tenant, office.id, year).await? {
            let key = Series { tenant: office.tenant, office: office.id, direction, year, series: series.clone() };
            let there = store::numbers(self.db(), &key).await?;
            out.extend((1..=last).filter(|n| there.binary_search(n).is_err()).map(|n| (direction == 1, series.clone(), n)));
        }
        Ok(out)
    }

    async fn series(&self, tx: &mut Tx, ctx: &Context, office: &Office, kind: &DocumentKind) -> Result<(Series, String), AppError> {
        let (symbol, shared) = match store::book(tx, office.tenant, office.id).await.map_err(db_error)? {
            Some(book) => book,
            None => (Book::default().symbol, Book::default().shared),
        };
        let year = i64::from(ctx.today().year());
        Ok((Series { tenant: office.tenant, office: office.id, direction: 1, year, series: series_of(&kind.code, shared) }, symbol))
    }

    /// Issues a document inside a transaction that holds the tenant: it takes its number and stands in the register.
    pub(crate) async fn issue_in(&self, tx: &mut Tx, ctx: &Context, office: &Office, new: NewDocument, dossier: Option<Uuid>) -> Result<Issued, AppError> {
        let new = new.checked(true, ctx.today())?;
        let kind = wanted(&new.kind)?;
        let (series, organisation) = self.series(tx, ctx, office, kind).await?;
        let at = calendar::micros(ctx.at);
        let id = Uuid::now_v7();
        let number = match new.reserved {
            Some(number) => {
                if !store::use_reserved(tx, &series, number, &Mark::used(id, at, ctx.author_name())).await.map_err(db_error)? {
                    return Err(not_reserved(number));
                }
                number
            }
            None => {
                let number = store::take_next(tx, &series, 1).await.map_err(db_error)?;
                store::put_number(tx, &series, number, &Mark::used(id, at, ctx.author_name())).await.map_err(db_error)?;
                number
            }
        };
        let today = ctx.today().to_string();
        let document = Document {
            id,
            office: office.id,
            unit: office.unit,
            out: true,
            year: series.year,
            series: series.series,
            number,
            kind: kind.code.clone(),
            symbol: Symbol { number, kind, organisation: &organisation, part: &new.part }.to_string(),
            dated: today.clone(),
            day: today,
            title: new.title,
            party: new.party,
            signer: new.signer,
            urgency: new.urgency,
            due: new.due.map(|d| d.to_string()).unwrap_or_default(),
            pages: new.pages.clamp(0, 100_000),
            note: new.note,
            dossier,
            source: "system".to_owned(),
            at,
            who_name: ctx.author_name().to_owned(),
            handed_at: None,
            handed_to: String::new(),
        };
        store::add(tx, office.tenant, &document, ctx.account_id()).await.map_err(db_error)?;
        Ok(Issued { document })
    }

    /// Issues a document that has no dossier here: signed on paper, written elsewhere.
    ///
    /// # Errors
    /// 403; 422 with the field; 404 `unknown_number`.
    pub async fn issue_document(
        &self,
        ctx: &Context,
        office: &Office,
        new: NewDocument,
        files: Vec<crate::document::file::Incoming>,
    ) -> Result<Document, AppError> {
        office.require(ctx, Hat::Clerk)?;
        let texts = super::read_texts(files)?;
        let mut tx = self.db().begin().await.map_err(db_error)?;
        lock_tenant(&mut tx, office.tenant).await.map_err(db_error)?;
        let Issued { document } = self.issue_in(&mut tx, ctx, office, new, None).await?;
        let mut words = Vec::new();
        for (incoming, text) in texts {
            crate::document::file::keep(&mut tx, office.tenant, document.id, incoming, &Kept::plain("original", document.at, ctx.author_name())).await?;
            words.push(text);
        }
        self.index_document(&mut tx, office, &document, &words).await?;
        let detail = serde_json::json!({"symbol": document.symbol, "title": document.title});
        audit(&mut tx, ctx, office.tenant, "document.issue", &document.id.to_string(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        Ok(document)
    }
}

fn not_reserved(number: i64) -> AppError {
    AppError::new("unknown_number", 404)
        .say(format!("Số {number} không phải số đang giữ."), format!("The number {number} is not a reserved one."))
        .mend("Chọn trong danh sách số đang giữ.", "Choose from the list of reserved numbers.")
        .at("reserved")
}
