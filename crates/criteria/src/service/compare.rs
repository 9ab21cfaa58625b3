//! Two sets side by side: what was added, dropped, renamed, made stricter or looser; and which units pass one and not the other.

use super::{Criteria, MatrixAsk};
use crate::model::{Choice, Indicator, Kind, Library, Outcome, Set, Threshold, Traits, looser, threshold_for};
use ui::AppError;
use uuid::Uuid;

/// How an indicator differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Only in the second.
    Added,
    /// Only in the first.
    Dropped,
    /// The same thing under another title.
    Renamed,
    /// The second asks more.
    Stricter,
    /// The second asks less.
    Looser,
    /// It is judged in another way.
    OtherKind,
    /// A threshold is missing on one side.
    Unknown,
    /// No difference.
    Same,
}

impl Change {
    /// (Vietnamese, English).
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            Change::Added => ("thêm mới", "added"),
            Change::Dropped => ("bỏ", "dropped"),
            Change::Renamed => ("đổi tên", "renamed"),
            Change::Stricter => ("chặt hơn", "stricter"),
            Change::Looser => ("nới hơn", "looser"),
            Change::OtherKind => ("đổi cách chấm", "judged otherwise"),
            Change::Unknown => ("chưa so được: thiếu mức", "cannot be compared: a threshold is missing"),
            Change::Same => ("như cũ", "the same"),
        }
    }
}

/// A line of the comparison.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// In the first set.
    pub first: Option<&'a Indicator>,
    /// In the second.
    pub second: Option<&'a Indicator>,
    /// The difference.
    pub change: Change,
    /// Whether the title differs too.
    pub renamed: bool,
}

/// A comparison.
#[derive(Clone, Debug)]
pub struct Compared<'a> {
    /// Lines: those of the first in order, then what was added.
    pub rows: Vec<Row<'a>>,
}

/// Units that pass one set and not the other.
#[derive(Clone, Debug, Default)]
pub struct PassesOne {
    /// Meet the first and not the second.
    pub first: Vec<Uuid>,
    /// Meet the second and not the first.
    pub second: Vec<Uuid>,
    /// Meet both.
    pub both: usize,
    /// Meet neither, or one cannot be judged.
    pub neither: usize,
}

/// How alike two titles are: the share of words in common, from 0 to 100.
fn alike(a: &str, b: &str) -> usize {
    let words = |t: &str| -> std::collections::BTreeSet<String> {
        lang::fold(t).split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
    };
    let (a, b) = (words(a), words(b));
    let all = a.union(&b).count();
    (a.intersection(&b).count() * 100).checked_div(all).unwrap_or(100)
}

/// Compares two sets. Indicators are matched by a stated base, by an equal or nearly equal title, then by code with a title half alike.
pub fn compare<'a>(library: &Library, first: &'a Set, second: &'a Set) -> Compared<'a> {
    let ours: Vec<&Indicator> = first.indicators().collect();
    let theirs: Vec<&Indicator> = second.indicators().collect();
    let mut taken = vec![false; theirs.len()];
    let mut partner: Vec<Option<usize>> = vec![None; ours.len()];
    type Match = fn(&Indicator, &Indicator) -> bool;
    let rounds: [Match; 4] = [
        |a, b| b.base.as_ref() == Some(&a.code),
        |a, b| a.code == b.code && alike(&a.title, &b.title) >= 40,
        |a, b| alike(&a.title, &b.title) >= 75,
        |a, b| alike(&a.title, &b.title) >= 55 && a.kind == b.kind,
    ];
    for fits in rounds {
        for (nth, a) in ours.iter().enumerate() {
            if partner.get(nth).copied().flatten().is_some() {
                continue;
            }
            let found = theirs.iter().enumerate().find(|(at, b)| !taken.get(*at).copied().unwrap_or(true) && fits(a, b)).map(|(at, _)| at);
            if let Some(at) = found {
                if let Some(t) = taken.get_mut(at) {
                    *t = true;
                }
                if let Some(p) = partner.get_mut(nth) {
                    *p = Some(at);
                }
            }
        }
    }
    let mut rows: Vec<Row<'a>> = ours
        .iter()
        .zip(&partner)
        .map(|(a, at)| match at.and_then(|at| theirs.get(at)) {
            None => Row { first: Some(a), second: None, change: Change::Dropped, renamed: false },
            Some(b) => {
                let renamed = lang::fold(&a.title) != lang::fold(&b.title);
                Row { first: Some(a), second: Some(b), change: differs(library, (first, a), (second, b), renamed), renamed }
            }
        })
        .collect();
    rows.extend(theirs.iter().zip(&taken).filter(|(_, t)| !**t).map(|(b, _)| Row { first: None, second: Some(b), change: Change::Added, renamed: false }));
    Compared { rows }
}

fn differs(library: &Library, (first, a): (&Set, &Indicator), (second, b): (&Set, &Indicator), renamed: bool) -> Change {
    if a.kind != b.kind && (a.kind.is_number() != b.kind.is_number() || a.kind == Kind::Composite || b.kind == Kind::Composite) {
        return Change::OtherKind;
    }
    if !a.kind.is_number() {
        return if renamed { Change::Renamed } else { Change::Same };
    }
    // Every region for which either has a threshold is compared; the general one too.
    let regions: std::collections::BTreeSet<Option<String>> =
        a.thresholds.iter().chain(&b.thresholds).map(|t: &Threshold| t.region.clone()).chain([None]).collect();
    let (mut stricter, mut loose, mut missing, mut compared) = (false, false, false, false);
    for region in regions {
        let value = |set: &Set, i: &Indicator| {
            let year = set.effective_to.map_or(2025, jiff::civil::Date::year);
            let traits = Traits { day: set.judged_on(year), region: region.clone(), ..Traits::plain(year) };
            match threshold_for(library, set, i, &traits) {
                Choice::Applies(x) => x.threshold.op.zip(x.value),
                Choice::Missing(_) => None,
            }
        };
        match (value(first, a), value(second, b)) {
            (Some((op, x)), Some((other, y))) => {
                compared = true;
                loose |= looser(other, y, op, x);
                stricter |= looser(op, x, other, y);
            }
            (None, None) => {}
            _ => missing = true,
        }
    }
    match (stricter, loose) {
        (true, _) => Change::Stricter,
        (_, true) => Change::Looser,
        _ if missing || !compared => Change::Unknown,
        _ if renamed => Change::Renamed,
        _ => Change::Same,
    }
}

impl Criteria {
    /// Which units under a place pass one of two sets and not the other, each in its year, by what they scored.
    ///
    /// # Errors
    /// 404 `unknown_set`; what the database says.
    pub async fn passes_one(&self, first: (&str, i16), second: (&str, i16), under: Uuid) -> Result<PassesOne, AppError> {
        let ask = |(set, year): (&str, i16)| MatrixAsk { set: set.to_owned(), year, under, indicator: None, outcome: None };
        let a = self.board(&ask(first)).await?;
        let b = self.board(&ask(second)).await?;
        let other: std::collections::HashMap<Uuid, Outcome> = b.rows.iter().filter_map(|r| Some((r.unit, r.state.as_ref()?.whole))).collect();
        let mut out = PassesOne::default();
        for row in &a.rows {
            let one = row.state.as_ref().map(|s| s.whole) == Some(Outcome::Met);
            let two = other.get(&row.unit) == Some(&Outcome::Met);
            match (one, two) {
                (true, true) => out.both += 1,
                (true, false) => out.first.push(row.unit),
                (false, true) => out.second.push(row.unit),
                (false, false) => out.neither += 1,
            }
        }
        Ok(out)
    }
}
