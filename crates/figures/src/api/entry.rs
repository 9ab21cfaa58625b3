//! `POST /api/v1/figures`: entering in bulk, each row by itself, all that is taken at once.

use super::asked;
use super::once::{self, Begun, Ticket};
use super::operation::ENTER;
use crate::catalog::{Catalog, Known};
use crate::measure::Kind;
use crate::service::{Entry, Figures, Intent, Origin, Outcome, Refusal};
use crate::value::Value;
use access::{Context, db_error};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use calendar::Period;
use places::Atlas;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use ui::{AppError, Lang};
use utoipa::ToSchema;

/// Most rows of one request.
const ITEMS: usize = 50_000;

/// Values to be entered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnterRequest {
    /// Period of all rows that name none.
    #[serde(default)]
    pub period: Option<String>,
    /// Rows, at most 50,000.
    pub items: Vec<EnterItem>,
    /// Whether to hand them to the level above; else they are kept as drafts.
    #[serde(default)]
    pub submit: bool,
    /// Whether only to say what would happen.
    #[serde(default)]
    pub dry_run: bool,
    /// A word about where they come from.
    #[serde(default)]
    pub note: String,
}

/// One value: `value`, or `n` and `of`, or `status`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnterItem {
    /// Reporting unit: id, or official code at the end of the period.
    pub unit: String,
    /// Code of the measure.
    pub measure: String,
    /// Period, if another than that of the request.
    #[serde(default)]
    pub period: Option<String>,
    /// A number as text, `1` or `0` for yes or no, the step of a scale from 0, or words.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub value: Option<serde_json::Value>,
    /// For a percentage: how many, as text.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub n: Option<serde_json::Value>,
    /// For a percentage: of how many, as text.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub of: Option<serde_json::Value>,
    /// `not_known` or `not_applicable` instead of a value.
    #[serde(default)]
    pub status: Option<String>,
    /// Explanation of a correction or an unusual value.
    #[serde(default)]
    pub reason: Option<String>,
    /// Position of the last ledger line you have seen; the row is refused when there is a newer one.
    #[serde(default)]
    pub seen: Option<i64>,
}

/// What became of the rows.
#[derive(Debug, Serialize, ToSchema)]
pub struct Entered {
    /// One result per row, in their order.
    pub items: Vec<RowResult>,
    /// Rows.
    pub total: usize,
    /// Always null: there is one page.
    pub next: Option<String>,
    /// Rows written.
    pub written: usize,
    /// Rows that said nothing new.
    pub unchanged: usize,
    /// Rows refused.
    pub refused: usize,
}

/// What became of one row.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowResult {
    /// Position of the row, from 0.
    pub index: usize,
    /// `written`, `unchanged` or `refused`.
    pub status: &'static str,
    /// Stable code of the refusal.
    pub code: Option<&'static str>,
    /// The refusal in words.
    pub detail: Option<String>,
    /// Position of the new ledger line.
    pub seq: Option<i64>,
}

/// Enters values; needs the role in each reporting unit.
pub(super) async fn enter(State(figures): State<Figures>, ctx: Context, uri: Uri, headers: HeaderMap, body: Bytes) -> Result<Response, AppError> {
    ENTER.read(&uri)?;
    let request: EnterRequest = once::read(&headers, &body)?;
    if request.items.len() > ITEMS {
        return Err(too_many(ITEMS));
    }
    let period = request.period.as_deref().map(asked::period).transpose()?;
    let atlas = figures.places().atlas();
    let catalog = figures.catalog();
    let mut rows: Vec<Option<Outcome>> = Vec::with_capacity(request.items.len());
    let mut entries: Vec<Entry> = Vec::new();
    let mut places: Vec<usize> = Vec::new();
    for (at, item) in request.items.iter().enumerate() {
        match entry(&figures, &ctx, &atlas, &catalog, period, item) {
            Ok(entry) => {
                rows.push(None);
                entries.push(entry);
                places.push(at);
            }
            Err(refusal) => rows.push(Some(Outcome::Refused(refusal))),
        }
    }
    let origin = Origin { source: "api", note: lang::clean(&request.note).chars().take(500).collect(), ..Origin::default() };
    let intent = match (request.dry_run, request.submit) {
        (true, _) => Intent::DryRun,
        (_, true) => Intent::Submit,
        _ => Intent::Draft,
    };
    if intent == Intent::DryRun {
        let mut tx = figures.db().begin().await.map_err(db_error)?;
        let done = figures.enter_in(&mut tx, &ctx, &entries, &origin, intent).await?;
        return Ok(axum::response::IntoResponse::into_response(axum::Json(entered(rows, &places, done, ctx.lang))));
    }
    let mut ticket = match Ticket::begin(&figures, &ctx, &headers, uri.path(), &body).await? {
        Begun::First(ticket) => ticket,
        Begun::Again(response) => return Ok(response),
    };
    let done = figures.enter_in(&mut ticket.tx, &ctx, &entries, &origin, intent).await?;
    ticket.finish(&figures, &entered(rows, &places, done, ctx.lang)).await
}

pub(super) fn too_many(most: usize) -> AppError {
    AppError::new("too_many_items", 422)
        .say(format!("Một lần gửi nhận nhiều nhất {most} dòng."), format!("One request takes at most {most} rows."))
        .mend("Chia thành nhiều lần gửi, mỗi lần một Idempotency-Key.", "Split it, with one Idempotency-Key each.")
        .at("items")
}

fn entered(mut rows: Vec<Option<Outcome>>, places: &[usize], done: Vec<Outcome>, lang: Lang) -> Entered {
    for (at, outcome) in places.iter().zip(done) {
        if let Some(row) = rows.get_mut(*at) {
            *row = Some(outcome);
        }
    }
    let mut out = Entered { items: Vec::with_capacity(rows.len()), total: rows.len(), next: None, written: 0, unchanged: 0, refused: 0 };
    for (index, outcome) in rows.into_iter().enumerate() {
        let mut row = RowResult { index, status: "unchanged", code: None, detail: None, seq: None };
        match outcome {
            Some(Outcome::Written { seq }) => {
                (row.status, row.seq) = ("written", Some(seq));
                out.written += 1;
            }
            Some(Outcome::Refused(refusal)) => {
                (row.status, row.code) = ("refused", Some(refusal.code));
                row.detail = Some(if lang == Lang::Vi { refusal.vi } else { refusal.en });
                out.refused += 1;
            }
            Some(Outcome::Unchanged) | None => out.unchanged += 1,
        }
        out.items.push(row);
    }
    out
}

fn entry(figures: &Figures, ctx: &Context, atlas: &Atlas, catalog: &Catalog, period: Option<Period>, item: &EnterItem) -> Result<Entry, Refusal> {
    let refuse = |e: AppError| Refusal::new(e.code, e.vi, e.en);
    let known = asked::measure(figures, ctx, catalog, &item.measure).map_err(refuse)?;
    let period = match &item.period {
        Some(text) => asked::period(text).map_err(refuse)?,
        None => period.ok_or_else(|| Refusal::new("bad_period", "Dòng này không có kỳ.", "This row has no period."))?,
    };
    let known = catalog.for_period(known.measure.id, period).unwrap_or(known);
    let unit = asked::place(atlas, &item.unit, Some(known.measure.def.level), known.window(period).1).map_err(refuse)?;
    Ok(Entry {
        unit,
        measure: known.measure.id,
        period,
        value: value(known, item)?,
        reason: item.reason.as_deref().map(|r| lang::clean(r).chars().take(1_000).collect()),
        cell: None,
        seen: item.seen,
    })
}

/// The value of a row, checked against its measure.
fn value(known: &Known, item: &EnterItem) -> Result<Value, Refusal> {
    let refuse = |p: crate::value::ValueProblem| Refusal::new(p.code, p.vi, p.en);
    match (&item.value, &item.n, &item.of, item.status.as_deref()) {
        (None, None, None, Some("not_known")) => Ok(Value::NotKnown),
        (None, None, None, Some("not_applicable")) => Ok(Value::NotApplicable),
        (None, None, None, Some(_)) => {
            Err(Refusal::new("status_invalid", "“status” chỉ nhận not_known hoặc not_applicable.", "“status” takes not_known or not_applicable."))
        }
        (Some(value), None, None, None) if known.measure.def.kind == Kind::Text => {
            let text = value.as_str().ok_or_else(|| Refusal::new("value_kind", "Chỉ tiêu này cần chữ.", "This measure takes words."))?;
            Value::words(&known.measure, text).map_err(refuse)
        }
        (Some(value), None, None, None) => Value::number(&known.measure, number(value)?).map_err(refuse),
        (None, Some(n), Some(of), None) => Value::ratio(&known.measure, number(n)?, number(of)?).map_err(refuse),
        (None, None, None, None) => Err(Refusal::new("value_missing", "Dòng này không có giá trị.", "This row has no value.")),
        _ => Err(Refusal::new("value_conflict", "Cho “value”, hoặc cả “n” và “of”, hoặc “status”.", "Give “value”, or both “n” and “of”, or “status”.")),
    }
}

/// A number in text: digits, and a point or comma before the decimals. `1,234` may mean two things and is refused.
fn number(value: &serde_json::Value) -> Result<Decimal, Refusal> {
    let text = match value {
        serde_json::Value::String(text) => text.trim(),
        serde_json::Value::Number(_) => {
            return Err(Refusal::new(
                "number_as_text",
                "Viết số trong dấu nháy, ví dụ \"12.5\", để không bị làm tròn.",
                "Write numbers in quotes, such as \"12.5\", so that none is rounded.",
            ));
        }
        _ => return Err(not_a_number()),
    };
    let body = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = body.split_once(['.', ',']).map_or((body, None), |(w, f)| (w, Some(f)));
    let digits = |s: &str, most: usize| (1..=most).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole, 18) || fraction.is_some_and(|f| !digits(f, 9)) {
        return Err(not_a_number());
    }
    if body.contains(',') && fraction.is_some_and(|f| f.len() == 3) {
        return Err(Refusal::new(
            "ambiguous_number",
            format!("“{text}” có thể hiểu hai cách. Dùng dấu chấm trước phần thập phân."),
            format!("“{text}” can be read in two ways. Use a point before the decimals."),
        ));
    }
    text.replace(',', ".").parse().map_err(|_| not_a_number())
}

fn not_a_number() -> Refusal {
    Refusal::new("number_invalid", "Không phải một số, ví dụ đúng: \"1234\" hoặc \"12.5\".", "Not a number; right are \"1234\" or \"12.5\".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn numbers_are_digits_in_text() {
        let read = |v: serde_json::Value| number(&v).map(|d| d.to_string()).map_err(|r| r.code);
        assert_eq!(read(json!("12,5")), Ok("12.5".into()));
        assert_eq!(read(json!("1.234")), Ok("1.234".into()));
        assert_eq!(read(json!("-7")), Ok("-7".into()));
        assert_eq!(read(json!("1,234")), Err("ambiguous_number"));
        assert_eq!(read(json!(12.5)), Err("number_as_text"));
        for bad in ["", "1e5", "1.2.3", "NaN", "+1", "１", "1 000", ".5", "5.", "0x1", "--1", "1234567890123456789"] {
            assert_eq!(read(json!(bad)), Err("number_invalid"), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_canonical_decimal_comes_back_exactly(units in -999_999_999_999_999i64..=999_999_999_999_999, scale in 0u32..9) {
            let value = Decimal::new(units, scale);
            prop_assert_eq!(number(&json!(value.to_string())).unwrap(), value);
        }

        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            let _ = number(&json!(text));
        }
    }
}
