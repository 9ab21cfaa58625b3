//! `GET /api/v1/figures/explain`: everything behind one figure.

use super::asked;
use super::evidence::EvidenceNote;
use super::figure::{Figure, decimal, instant};
use super::operation::EXPLAIN;
use crate::ledger::State as LineState;
use crate::measure::{Definition, Measure};
use crate::service::{Ask, Explanation, Figures, Step};
use crate::value::Value;
use access::{Context, Who};
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use rust_decimal::Decimal;
use serde::Serialize;
use std::sync::Arc;
use ui::AppError;
use ui::api::Reply;
use utoipa::ToSchema;
use uuid::Uuid;

/// A figure with everything behind it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Explained {
    /// The figure.
    pub figure: Figure,
    /// The definition in the version of the period.
    pub definition: Definition,
    /// The figures of the level below that it adds up from.
    pub parts: Vec<Figure>,
    /// The figures a computed one was computed from.
    pub inputs: Vec<Figure>,
    /// On today's map: the former units it was carried from.
    pub carried: Vec<Carried>,
    /// The ledger lines of a reporting unit, the oldest first; without a role in the place, only the one that counts.
    pub lines: Vec<LedgerLine>,
    /// The documents behind a reporting unit's figure; only with a role in the place.
    pub evidence: Vec<EvidenceNote>,
    /// Whether people, files and evidence are shown.
    pub detailed: bool,
}

/// A former unit behind a figure on today's map.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Carried {
    /// The former unit.
    pub unit: Uuid,
    /// Which part of it came here, from 0 to 1, as text.
    pub share: String,
    /// Whether the part is an estimate.
    pub estimated: bool,
    /// Its figure as it was then.
    pub figure: Figure,
}

/// One line of the ledger.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct LedgerLine {
    /// Position among the lines of the figure, from 1.
    pub seq: i64,
    /// Version of the definition under which it was entered.
    pub version: i64,
    /// What it does: `draft`, `submitted`, `accepted`, `returned`.
    #[schema(value_type = LineState)]
    pub state: Option<LineState>,
    /// Exact decimal as text.
    pub value: Option<String>,
    /// Words, for a measure in words.
    pub text: Option<String>,
    /// For a percentage: how many.
    pub numerator: Option<String>,
    /// For a percentage: of how many.
    pub denominator: Option<String>,
    /// `not_known` or `not_applicable` where there is no value.
    pub status: Option<&'static str>,
    /// Reason of a correction, a return or an unusual value.
    pub reason: Option<String>,
    /// Cell of the workbook it came from.
    pub cell: Option<String>,
    /// Position of the accepted line it replaces.
    pub replaces: Option<i64>,
    /// When, RFC 3339 in UTC.
    pub at: Option<String>,
    /// Who.
    pub who: Option<String>,
    /// From what: `form`, `workbook`, `api`, `bulk`, `computed`.
    pub source: Option<String>,
    /// Name of the file it came from.
    pub file_name: Option<String>,
    /// SHA-256 of that file.
    pub file_sha256: Option<String>,
}

impl LedgerLine {
    fn of(step: &Step, measure: &Measure) -> LedgerLine {
        let line = &step.line;
        let mut out = LedgerLine {
            seq: line.seq,
            version: line.version,
            state: Some(line.state),
            value: line.value.shown(measure).map(decimal),
            reason: line.reason.clone(),
            cell: line.cell.clone(),
            replaces: line.replaces,
            ..LedgerLine::default()
        };
        match &line.value {
            Value::Ratio { n, of } => (out.numerator, out.denominator) = (Some(n.to_string()), Some(of.to_string())),
            Value::Words(text) => out.text = Some(text.clone()),
            Value::NotKnown => out.status = Some("not_known"),
            Value::NotApplicable => out.status = Some("not_applicable"),
            Value::Number(_) => {}
        }
        if let Some(act) = &step.act {
            out.at = instant(act.at);
            out.who = Some(act.who_name.clone());
            out.source = Some(act.source.clone());
            out.file_name = act.file_name.clone();
            out.file_sha256 = act.file_hash.clone();
        }
        out
    }
}

/// Opens a figure.
pub(super) async fn one(State(figures): State<Figures>, ctx: Context, uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = EXPLAIN.read(&uri)?;
    let catalog = figures.catalog();
    let atlas = figures.places().atlas();
    let known = asked::measure(&figures, &ctx, &catalog, query.need("measure")?)?;
    let period = query.one("period")?.map(asked::period).transpose()?;
    let period = asked::period_or_newest(&figures, known, period)?;
    let ask = Ask { known: Arc::clone(known), period, tree: asked::tree(&query)? };
    let view = figures.view(&ask);
    let day = view.date();
    let place = asked::place(&atlas, query.need("unit")?, None, day)?;
    asked::visible(&figures, &ctx, known, place)?;
    if !view.has(place) && view.members(place).is_empty() {
        return Err(asked::not_on_map(&atlas, place, day));
    }
    let Explanation { figure, parts, inputs, carried, steps, evidence, detailed } = figures.explain(&ctx, &ask, place).await?;
    let said = |f: &crate::service::FigureView| Figure::of(f, &atlas, day);
    let seen = |f: &&crate::service::FigureView| figures.may_see(&ctx, &f.known, f.place);
    let out = Explained {
        definition: figure.known.measure.def.clone(),
        parts: parts.iter().filter(seen).map(said).collect(),
        inputs: inputs.iter().filter(seen).map(said).collect(),
        carried: carried
            .iter()
            .map(|c| Carried {
                unit: c.unit,
                share: decimal(Decimal::new(c.share, 6)),
                estimated: c.estimated,
                figure: Figure::of(&c.figure, &atlas, c.figure.known.window(c.figure.period).1),
            })
            .collect(),
        lines: steps.iter().map(|s| LedgerLine::of(s, &figure.known.measure)).collect(),
        evidence: evidence.into_iter().map(|p| EvidenceNote::of(&figures, p, day, None)).collect(),
        detailed,
        figure: said(&figure),
    };
    Reply { query: &query, headers: &headers, public: ctx.who == Who::Public }.one(&out)
}
