//! Values that another part of the platform computes from its own records, of measures that people enter too where an office
//! works elsewhere. Measures that only the platform writes are in [`super::record`].
//!
//! The rule about two sources of one figure: whoever gave the value that stands keeps it. A computed value never replaces one
//! that people entered, and people correct a computed one with a reason that the reviewer sees; changing over is an act of its own.

use super::{Entry, Figures, Intent, Origin, Outcome, Refusal};
use crate::ledger::Story;
use crate::store;
use crate::value::Value;
use access::{Context, db_error};
use calendar::Period;
use ui::AppError;
use uuid::Uuid;

/// A value with where it comes from.
#[derive(Clone, Debug)]
pub struct Computed {
    /// Unit.
    pub unit: Uuid,
    /// Measure.
    pub measure: Uuid,
    /// Period.
    pub period: Period,
    /// Value.
    pub value: Value,
    /// What it was computed from, in words.
    pub note: String,
    /// Why it takes over from a value that people entered; none leaves theirs in place.
    pub take_over: Option<String>,
}

/// What became of a computed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published {
    /// It stands.
    Stands,
    /// People entered another one, which stays: source, who, when in microseconds UTC, and the value.
    Kept {
        /// `form`, `workbook`, `api`, …
        source: String,
        /// Who entered it.
        who: String,
        /// When.
        at: i64,
        /// What it says.
        value: Value,
    },
    /// Refused: a closed period, a unit that has ended.
    Refused(Refusal),
}

impl Figures {
    /// Publishes a computed value in the caller's transaction, which must hold the tenant. `source` names the part of the platform
    /// in one word. After the commit call [`Figures::tell`].
    ///
    /// # Errors
    /// What the database says.
    pub async fn publish_in(&self, tx: &mut db::Tx, at: jiff::Timestamp, source: &'static str, computed: Computed) -> Result<Published, AppError> {
        let ctx = Context::system(at);
        let tenant = self.places().atlas().unit(computed.unit).map(|u| u.tenant).unwrap_or_default();
        let key = (computed.measure, computed.period.to_i64());
        let story = Story::of(store::lines_tx(tx, tenant, key, computed.unit).await.map_err(db_error)?);
        if let (Some(last), None) = (story.pending.as_ref().or(story.accepted.as_ref()), &computed.take_over) {
            let origin = store::act_origin_tx(tx, tenant, last.act).await.map_err(db_error)?;
            if let Some((by, who, at)) = origin.filter(|(by, ..)| by != source) {
                return Ok(Published::Kept { source: by, who, at, value: last.value.clone() });
            }
        }
        let entry = Entry {
            unit: computed.unit,
            measure: computed.measure,
            period: computed.period,
            value: computed.value,
            reason: computed.take_over,
            cell: None,
            seen: None,
        };
        let origin = Origin { source, note: computed.note, ..Origin::default() };
        let outcomes = self.enter_in(tx, &ctx, &[entry], &origin, Intent::Accept).await?;
        Ok(match outcomes.into_iter().next() {
            Some(Outcome::Refused(refusal)) => Published::Refused(refusal),
            _ => Published::Stands,
        })
    }
}
