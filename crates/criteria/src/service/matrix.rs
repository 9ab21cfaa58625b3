//! Units by indicators: the whole picture of a set and year, read from one row per unit.

use super::Criteria;
use crate::model::{Outcome, Set, Tally};
use crate::store::assess::{self, Assessment};
use access::db_error;
use std::collections::HashMap;
use std::sync::Arc;
use ui::AppError;
use uuid::Uuid;

/// What is asked of the matrix.
#[derive(Clone, Debug)]
pub struct MatrixAsk {
    /// Set.
    pub set: String,
    /// Year.
    pub year: i16,
    /// Units under this place.
    pub under: Uuid,
    /// Only units where this indicator…
    pub indicator: Option<String>,
    /// …came out so.
    pub outcome: Option<Outcome>,
}

/// A unit of the matrix.
#[derive(Clone, Debug)]
pub struct MatrixRow {
    /// Unit.
    pub unit: Uuid,
    /// Its assessment; none when nothing was scored.
    pub state: Option<Assessment>,
}

/// The matrix with its totals.
#[derive(Clone, Debug)]
pub struct Board {
    /// The newest version of the set; rows of older versions are read by their own.
    pub set: Arc<Set>,
    /// Rows in the order of the tree.
    pub rows: Vec<MatrixRow>,
    /// Units that have to be judged.
    pub of: usize,
    /// Per indicator of the set, over all rows.
    pub columns: Vec<Tally>,
    /// Units by the outcome of the whole set.
    pub whole: Tally,
    /// Of these as appraised.
    pub accepted: Tally,
}

impl Board {
    /// The outcome letter of a row for an indicator of the board's set; rows of another version are looked up by code.
    pub fn outcome(&self, row: &MatrixRow, nth: usize, positions: &Positions) -> Outcome {
        let Some(state) = &row.state else { return Outcome::NoData };
        let at = positions.of(state.version, nth);
        at.and_then(|at| state.outcomes.chars().nth(at)).and_then(Outcome::from_letter).unwrap_or(Outcome::NoData)
    }
}

/// Where the indicators of the newest version stand in older ones.
#[derive(Clone, Debug, Default)]
pub struct Positions(HashMap<i64, Vec<Option<usize>>>);

impl Positions {
    fn of(&self, version: i64, nth: usize) -> Option<usize> {
        match self.0.get(&version) {
            Some(map) => map.get(nth).copied().flatten(),
            None => Some(nth),
        }
    }
}

impl Criteria {
    /// Where the indicators of a set stand in its older versions.
    pub fn positions(&self, set: &Set) -> Positions {
        let shelf = self.shelf();
        let old = shelf.library.versions(&set.code).iter().filter(|s| s.version != set.version);
        Positions(old.map(|s| (s.version, set.indicators().map(|i| s.indicators().position(|o| o.code == i.code)).collect())).collect())
    }

    /// The matrix of a set and year under a place.
    ///
    /// # Errors
    /// 404 `unknown_set`; what the database says.
    pub async fn board(&self, ask: &MatrixAsk) -> Result<Board, AppError> {
        self.current().await;
        let set = self.set(&ask.set)?;
        let day = set.judged_on(ask.year);
        let atlas = self.figures().places().atlas();
        let view = atlas.on(day);
        let units: Vec<Uuid> = view.under(ask.under, set.level).into_iter().filter(|u| self.judges(&set, *u, day)).collect();
        let tenants = self.tenants_under(ask.under, set.level, day);
        let rows = assess::all(self.db(), &ask.set, ask.year, tenants.as_deref()).await.map_err(db_error)?;
        let mut by_unit: HashMap<Uuid, Assessment> = rows.into_iter().map(|r| (r.unit, r)).collect();
        let rows: Vec<MatrixRow> = units.into_iter().map(|unit| MatrixRow { state: by_unit.remove(&unit), unit }).collect();
        let positions = self.positions(&set);
        let mut board =
            Board { of: rows.len(), rows, columns: vec![Tally::default(); set.indicators().count()], whole: Tally::default(), accepted: Tally::default(), set };
        let mut columns: Vec<Vec<Outcome>> = vec![Vec::new(); board.columns.len()];
        for row in &board.rows {
            let letters: Vec<Outcome> = match &row.state {
                Some(state) => state.outcomes.chars().map(|c| Outcome::from_letter(c).unwrap_or(Outcome::NoData)).collect(),
                None => Vec::new(),
            };
            for (nth, column) in columns.iter_mut().enumerate() {
                let at = row.state.as_ref().and_then(|s| positions.of(s.version, nth));
                column.push(at.and_then(|at| letters.get(at)).copied().unwrap_or(Outcome::NoData));
            }
        }
        board.columns = columns.into_iter().map(Tally::of).collect();
        board.whole = Tally::of(board.rows.iter().map(|r| r.state.as_ref().map_or(Outcome::NoData, |s| s.whole)));
        board.accepted = Tally::of(board.rows.iter().map(|r| r.state.as_ref().map_or(Outcome::NoData, |s| s.accepted)));
        if let Some(wanted) = ask.outcome {
            let nth = ask.indicator.as_ref().and_then(|code| board.set.indicators().position(|i| i.code == *code));
            let keep: Vec<bool> = board
                .rows
                .iter()
                .map(|r| match nth {
                    Some(nth) => board.outcome(r, nth, &positions) == wanted,
                    None => r.state.as_ref().map_or(Outcome::NoData, |s| s.whole) == wanted,
                })
                .collect();
            let mut keep = keep.into_iter();
            board.rows.retain(|_| keep.next().unwrap_or(false));
        }
        Ok(board)
    }
}
