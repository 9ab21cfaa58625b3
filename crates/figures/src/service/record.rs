//! Measures that the platform writes itself: results of assessments, closed cases. A crate above declares them and records their
//! values inside its own transaction, so that its records and the figures made of them never disagree.

use super::settle::{Continued, Touched};
use super::{Entry, Figures, MEASURES, Origin, Refusal};
use crate::catalog::Known;
use crate::define::measure_id;
use crate::ledger::{Line, State, Story};
use crate::measure::{Definition, Measure};
use crate::store::{self, Act, NewLine};
use access::{Context, db_error};
use db::{DbError, Tx};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use ui::AppError;
use uuid::Uuid;

/// A value to record and its measure in the version of the period.
type Job<'a> = (&'a Entry, Arc<Known>);

/// The word of [`Definition::enter`] for measures that no person enters.
pub const SYSTEM: &str = "system";

impl Figures {
    /// Declares measures of the platform that are not there yet, by code and version, inside a transaction that the caller commits;
    /// it then calls [`Figures::refresh`]. How many are new.
    ///
    /// # Errors
    /// A definition with problems, or one that people enter, is a defect; what the database says.
    pub async fn declare_in(&self, tx: &mut Tx, defs: &[Definition], by: &str, at: i64) -> Result<usize, DbError> {
        let catalog = self.catalog();
        let mut fresh = 0;
        for def in defs.iter().filter(|d| catalog.version(measure_id(&d.code), d.version).is_none()) {
            if let Some(problem) = def.problems().into_iter().next() {
                return Err(DbError::defect(format!("measure {}: {}", def.code, problem.en)));
            }
            if !def.is_recorded() || catalog.coded(&def.code).is_some_and(|k| !k.measure.def.is_recorded()) {
                return Err(DbError::defect(format!("measure {} is one that people enter", def.code)));
            }
            let measure = Measure { id: measure_id(&def.code), def: def.clone(), retired: false };
            store::add_measure(tx, &measure, by, at).await?;
            fresh += 1;
        }
        if fresh > 0 {
            places::store::bump(tx, MEASURES, "").await?;
        }
        Ok(fresh)
    }

    /// Records values of such measures as accepted lines in the name of whoever acts, inside a transaction that the caller commits;
    /// it then calls [`Figures::tell`]. The caller has asked for the role. How many lines are new; a value that is there already makes none.
    ///
    /// # Errors
    /// The first [`Refusal`] (unknown measure, closed unit, …) as an error; the transaction must then be given up.
    pub async fn record_in(&self, tx: &mut Tx, ctx: &Context, entries: &[Entry], origin: &Origin) -> Result<usize, AppError> {
        let atlas = self.places().atlas();
        let mut jobs: BTreeMap<(Uuid, Uuid, i64), Vec<Job<'_>>> = BTreeMap::new();
        for entry in entries {
            let known = self.check_spot(ctx, &atlas, entry)?;
            if !known.measure.def.is_recorded() {
                return Err(Refusal::new("entered_measure", "Chỉ tiêu này do người nhập.", "This measure is entered by people.").into());
            }
            let tenant = atlas.unit(entry.unit).map(|u| u.tenant).unwrap_or_default();
            jobs.entry((tenant, entry.measure, entry.period.to_i64())).or_default().push((entry, known));
        }
        let act = Act {
            id: Uuid::now_v7(),
            at: calendar::micros(ctx.at),
            who: ctx.account_id(),
            who_name: ctx.author_name().to_owned(),
            source: origin.source.to_owned(),
            file_name: origin.file_name.clone(),
            file_hash: origin.file_hash.clone(),
            note: origin.note.clone(),
        };
        for tenant in jobs.keys().map(|k| k.0).collect::<BTreeSet<_>>() {
            access::lock_tenant(tx, tenant).await.map_err(db_error)?;
        }
        let mut lines: Vec<NewLine> = Vec::new();
        let mut touched = Touched::new();
        for ((tenant, measure, period), list) in jobs {
            for (entry, known) in list {
                let story = Story::of(store::lines_tx(tx, tenant, (measure, period), entry.unit).await.map_err(db_error)?);
                if story.accepted.as_ref().is_some_and(|l| l.value == entry.value) {
                    continue;
                }
                let line = Line {
                    seq: story.last_seq + 1,
                    version: known.measure.def.version,
                    state: State::Accepted,
                    value: entry.value.clone(),
                    act: act.id,
                    cell: entry.cell.clone(),
                    reason: entry.reason.clone(),
                    replaces: story.accepted.as_ref().map(|l| l.seq),
                };
                lines.push(NewLine { tenant, measure, period, unit: entry.unit, line });
                touched.entry((measure, period)).or_default().insert(entry.unit);
            }
        }
        if lines.is_empty() {
            return Ok(0);
        }
        let used: BTreeSet<Uuid> = lines.iter().map(|l| l.tenant).collect();
        store::add_act(tx, &used.into_iter().collect::<Vec<_>>(), &act).await.map_err(db_error)?;
        store::add_lines(tx, &lines).await.map_err(db_error)?;
        self.settle(tx, &atlas, touched, &act, &Continued::default()).await.map_err(db_error)?;
        Ok(lines.len())
    }
}
