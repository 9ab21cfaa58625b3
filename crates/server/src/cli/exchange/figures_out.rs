use super::{Format, write};
use anyhow::{Context as _, anyhow};
use calendar::Period;
use figures::{Ask, Figures, Status, Tree};
use rust_decimal::Decimal;
use serde::Serialize;
use std::io::Write;
use std::sync::Arc;
use uuid::Uuid;

/// One figure as a unit reported it.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    unit_id: Uuid,
    unit_code: Option<String>,
    unit_name: String,
    measure: String,
    period: String,
    /// A decimal with a point, words, `NA` or `?`; empty for a percentage, which is n and of.
    value: String,
    n: Option<i64>,
    of: Option<i64>,
}

/// Writes the accepted figures of the units that report, slice by slice.
pub(super) async fn run(figures: &Figures, measure: Option<&str>, period: Option<Period>, format: Format, out: &mut impl Write) -> anyhow::Result<()> {
    let catalog = figures.catalog();
    let atlas = figures.places().atlas();
    let nation = atlas.nation().context("the database holds no places")?;
    let only = match measure {
        Some(code) => Some(catalog.coded(code).ok_or_else(|| anyhow!("there is no measure {code:?} (không có chỉ tiêu này)"))?.measure.id),
        None => None,
    };
    let mut slices = figures::store::slices(figures.db()).await?;
    slices.retain(|(id, at)| only.is_none_or(|o| o == *id) && period.is_none_or(|p| p.to_i64() == *at));
    slices.sort_unstable();
    let mut rows = Vec::new();
    for (id, at) in slices {
        let Some((known, period)) = Period::from_i64(at).and_then(|p| Some((catalog.for_period(id, p)?, p))) else { continue };
        // What is computed is computed again wherever it is brought in.
        if known.measure.computed() {
            continue;
        }
        let ask = Ask { known: Arc::clone(known), period, tree: Tree::Then };
        let last = known.window(period).1;
        for figure in figures.read_level(&ask, nation, known.measure.def.level).await? {
            let words = match figure.status {
                Status::NotApplicable => Some("NA".to_owned()),
                Status::NotKnown => Some("?".to_owned()),
                Status::Accepted => figure.words.clone().or_else(|| figure.value.filter(|_| figure.parts.is_none()).map(|v: Decimal| v.to_string())),
                _ => continue,
            };
            let accepted = figure.status == Status::Accepted;
            rows.push(Row {
                unit_id: figure.place,
                unit_code: atlas.version(figure.place, last).and_then(|v| v.code.as_deref()).map(str::to_owned),
                unit_name: atlas.full_name(figure.place, last),
                measure: known.measure.def.code.clone(),
                period: period.to_string(),
                value: words.unwrap_or_default(),
                n: figure.parts.filter(|_| accepted).map(|p| p.0),
                of: figure.parts.filter(|_| accepted).map(|p| p.1),
            });
        }
    }
    write(out, format, rows.into_iter())
}
