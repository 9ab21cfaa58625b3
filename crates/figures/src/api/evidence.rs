//! `GET /api/v1/evidence`: the evidence library without the bytes.

use super::asked;
use super::figure::{LIMIT, instant};
use super::operation::EVIDENCE;
use crate::evidence::{Filter, Piece, State as Wanted};
use crate::service::Figures;
use access::{Context, Who};
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use jiff::civil::Date;
use serde::Serialize;
use ui::AppError;
use ui::api::{Cursor, Query, Reply};
use utoipa::ToSchema;
use uuid::Uuid;

/// A document that proves something, without its bytes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceNote {
    /// Id.
    pub id: Uuid,
    /// Unit that brought it first.
    pub unit: Uuid,
    /// Its name.
    pub unit_name: String,
    /// Name of the file, or the address without its scheme.
    pub name: String,
    /// Media type; `text/uri-list` for a link.
    pub media: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256.
    pub sha256: String,
    /// Address of a link.
    pub url: Option<String>,
    /// Number of the document.
    pub number: String,
    /// Its date.
    pub issued: Option<String>,
    /// Who issued it.
    pub issuer: String,
    /// Last day on which it holds.
    pub valid_until: Option<String>,
    /// State of the virus scan: unscanned, clean, infected, not_needed, refused.
    pub scan: &'static str,
    /// When it was brought.
    pub brought_at: Option<String>,
    /// How many figures and criteria it proves now; null where that is not counted.
    pub uses: Option<i64>,
}

/// Fields as columns of a CSV file.
const COLUMNS: [&str; 14] = ["id", "unit", "unit_name", "name", "media", "size", "sha256", "url", "number", "issued", "issuer", "valid_until", "scan", "uses"];

impl EvidenceNote {
    /// With the name that the unit has, or had last.
    pub(super) fn of(figures: &Figures, p: Piece, day: Date, uses: Option<i64>) -> EvidenceNote {
        EvidenceNote {
            id: p.id,
            unit: p.unit,
            unit_name: figures.places().atlas().full_name(p.unit, day),
            name: p.name,
            media: p.media,
            size: p.size,
            sha256: p.sha256,
            url: p.url,
            number: p.about.number,
            issued: p.about.issued.map(|d| d.to_string()),
            issuer: p.about.issuer,
            valid_until: p.about.valid_until.map(|d| d.to_string()),
            scan: p.scan.word(),
            brought_at: instant(p.brought_at),
            uses,
        }
    }
}

/// What the reader may see of the library, the newest first.
pub(super) async fn list(State(figures): State<Figures>, ctx: Context, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query: Query = EVIDENCE.read(&uri)?;
    let (atlas, today) = (figures.places().atlas(), ctx.today());
    let question = query.question();
    let before = match query.one("next")?.map(|text| Cursor::open(text, &question)).transpose()? {
        Some(cursor) => {
            let [id] = cursor.parts::<1>().ok_or_else(Cursor::invalid)?;
            Some(id.parse::<Uuid>().map_err(|_| Cursor::invalid())?)
        }
        None => None,
    };
    let filter = Filter {
        text: query.one("q")?.unwrap_or_default().to_owned(),
        unit: query.one("unit")?.map(|text| asked::place(&atlas, text, None, today)).transpose()?,
        state: query.word("state", &Wanted::ALL.map(Wanted::word), Wanted::parse)?,
        before,
        limit: query.number("limit", 1..=LIMIT.1)?.unwrap_or(LIMIT.0),
    };
    let page = figures.evidence().search(&ctx, &filter).await?;
    let reply = Reply { query: &query, headers: &headers, public: ctx.who == Who::Public };
    let items: Vec<EvidenceNote> = page.items.into_iter().map(|f| EvidenceNote::of(&figures, f.piece, today, Some(f.uses))).collect();
    let next = page.next.map(|id| Cursor::new([id.to_string()]).seal(&question));
    let total = items.len();
    reply.list(&ui::api::List { items, total, next }, &COLUMNS, None)
}
