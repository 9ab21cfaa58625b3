//! Snapshots: a set over the real figures of a year, kept while the figures stay as they are.

use super::grid::{Grid, UnitRow};
use super::score::Scored;
use super::store;
use crate::Criteria;
use crate::model::{Given, Library, Set, Traits};
use crate::service::values::{given_of, is_linked};
use access::{Context, Role, db_error};
use calendar::Period;
use figures::{Ask, FigureView, Tree};
use places::Level;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;
use ui::AppError;
use uuid::Uuid;

/// What a snapshot was made from; another stamp means that it is no longer right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    /// Changes of figures that this process saw.
    figures: u64,
    /// Version of the catalogue of sets.
    sets: i64,
    /// Assessments of the year, and when one changed last.
    assessments: (i64, i64),
}

/// Other processes write figures too: after so many microseconds a snapshot is made anew.
const AGE: i64 = 60_000_000;
/// Snapshots kept.
const MOST: usize = 6;

/// Which set, year and part of the country.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    set: String,
    year: i16,
    within: Vec<Uuid>,
}

/// A set over the units that somebody may look at, with where its values come from.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The set over the units.
    pub grid: Grid,
    /// Its score without moves.
    pub start: Scored,
    /// Year of the figures.
    pub year: i16,
    /// Whether the set is a draft.
    pub draft: bool,
    /// Region and commune group of each unit, in the order of the grid.
    pub regions: Vec<Option<String>>,
    /// Commune group of each unit.
    pub groups: Vec<Option<String>>,
    /// Province of each unit.
    pub provinces: Vec<Option<Uuid>>,
    /// Values that come from figures.
    pub linked: usize,
    /// Values that were entered in assessments.
    pub entered: usize,
    /// When the newest of the figures was accepted; microseconds UTC, 0 for never.
    pub as_of: i64,
    /// When an assessment of the year changed last.
    pub assessed_at: i64,
    /// When it was taken.
    pub taken_at: i64,
}

struct Kept {
    key: Key,
    stamp: Stamp,
    at: i64,
    snapshot: Arc<Snapshot>,
}

/// The snapshots of this process.
#[derive(Default)]
pub struct Desk {
    // Held while one is made, so that it is made once.
    kept: tokio::sync::Mutex<Vec<Kept>>,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}

/// Values of a unit by code.
type Values = BTreeMap<String, Given>;

/// A set by its code in an address; `~` behind it asks for the draft.
pub(super) fn find(criteria: &Criteria, code: &str) -> Option<(Arc<Set>, bool)> {
    let shelf = criteria.shelf();
    match code.strip_suffix('~') {
        Some(code) => shelf.drafts.get(code).map(|d| (Arc::new(d.set.clone()), true)),
        None => shelf.library.get(code).map(|set| (Arc::clone(set), false)),
    }
}

impl Criteria {
    /// A set over the figures of a year and the units that the reader may look at.
    ///
    /// # Errors
    /// 403 for those without a role, 404 `unknown_set`, 422 `set_empty`, `no_units`.
    pub async fn snapshot(&self, ctx: &Context, code: &str, year: i16) -> Result<Arc<Snapshot>, AppError> {
        ctx.require_somewhere(Role::Viewer)?;
        self.current().await;
        let (set, draft) = find(self, code).ok_or_else(crate::unknown_set)?;
        if set.indicators().next().is_none() {
            return Err(AppError::new("set_empty", 422)
                .say("Bộ tiêu chí này chưa có chỉ tiêu nào để diễn tập.", "This set has no indicator to rehearse.")
                .mend("Chọn bộ khác hoặc thêm chỉ tiêu.", "Choose another set or add indicators."));
        }
        let nation = self.figures().places().atlas().nation().unwrap_or_default();
        let within = if self.figures().may(ctx, Role::Viewer, nation) { Vec::new() } else { ctx.units_with(Role::Viewer) };
        let key = Key { set: code.to_owned(), year, within };
        let figures = *self.figures().changes().borrow();
        let stamp = Stamp {
            figures,
            sets: places::store::catalog(self.db(), crate::service::CATALOG).await.map_err(db_error)?.0,
            assessments: store::stamp(self.db(), year).await.map_err(db_error)?,
        };
        let now = calendar::micros(self.figures().clock().now());
        let mut kept = self.rehearsals().kept.lock().await;
        if let Some(found) = kept.iter().find(|k| k.key == key && k.stamp == stamp && now - k.at < AGE) {
            return Ok(Arc::clone(&found.snapshot));
        }
        kept.retain(|k| k.key != key);
        let snapshot = Arc::new(self.taken(ctx, set, draft, &key, stamp, now).await?);
        if kept.len() >= MOST {
            kept.remove(0);
        }
        kept.push(Kept { key, stamp, at: now, snapshot: Arc::clone(&snapshot) });
        Ok(snapshot)
    }

    async fn taken(&self, ctx: &Context, set: Arc<Set>, draft: bool, key: &Key, stamp: Stamp, now: i64) -> Result<Snapshot, AppError> {
        let year = key.year;
        let day = set.judged_on(year);
        let atlas = self.figures().places().atlas();
        let view = atlas.on(day);
        let reporters = places::Reporters { level: set.level, kinds: set.kinds.clone() };
        let units: Vec<Uuid> =
            view.all(set.level).filter(|u| view.reports(*u, &reporters) && (key.within.is_empty() || self.figures().may(ctx, Role::Viewer, *u))).collect();
        if units.is_empty() {
            return Err(AppError::new("no_units", 422)
                .say(
                    "Trong phạm vi của bạn không có đơn vị nào thuộc diện của bộ này vào năm đó.",
                    "Within your reach no unit is judged by this set in that year.",
                )
                .mend("Chọn bộ khác hoặc năm khác.", "Choose another set or year."));
        }
        let (mut linked, mut as_of) = (HashMap::<Uuid, Values>::new(), 0);
        self.read_linked(&set, year, &mut linked, &mut as_of).await?;
        let mut entered = HashMap::<Uuid, Values>::new();
        self.read_entered(&set, year, &mut entered).await?;
        let (mut from_figures, mut from_people) = (0, 0);
        let mut rows: Vec<UnitRow<Values>> = Vec::with_capacity(units.len());
        for unit in units {
            let mut values = linked.remove(&unit).unwrap_or_default();
            let own = entered.remove(&unit).unwrap_or_default();
            // What a person scored counts before the figure, as on a scorecard.
            values.retain(|code, _| !own.contains_key(code));
            from_figures += values.len();
            from_people += own.len();
            values.extend(own);
            rows.push(UnitRow { unit, province: view.province(unit), traits: self.traits(&set, unit, year), values });
        }
        let library: Library = self.shelf().library.clone();
        let made = tokio::task::spawn_blocking(move || {
            let traits: HashMap<Uuid, (Option<Uuid>, Traits)> = rows.iter().map(|r| (r.unit, (r.province, r.traits.clone()))).collect();
            let grid = Grid::new(&library, set, rows);
            let start = grid.score(&[]);
            (grid, start, traits)
        });
        let (grid, start, traits) = made.await.map_err(|_| AppError::new("internal", 500))?;
        let of = |unit: &Uuid| traits.get(unit);
        Ok(Snapshot {
            regions: grid.units.iter().map(|u| of(u).and_then(|(_, t)| grid.set.region_for(t).0.map(str::to_owned))).collect(),
            groups: grid.units.iter().map(|u| of(u).and_then(|(_, t)| t.group.clone())).collect(),
            provinces: grid.units.iter().map(|u| of(u).and_then(|(p, _)| *p)).collect(),
            grid,
            start,
            year,
            draft,
            linked: from_figures,
            entered: from_people,
            as_of,
            assessed_at: stamp.assessments.1,
            taken_at: now,
        })
    }

    /// Values that come from figures, for all units at once: one reading per measure.
    async fn read_linked(&self, set: &Set, year: i16, out: &mut HashMap<Uuid, Values>, as_of: &mut i64) -> Result<(), AppError> {
        let (Some(period), Some(nation)) = (Period::year(year), self.figures().places().atlas().nation()) else { return Ok(()) };
        let catalog = self.figures().catalog();
        let all = || set.indicators().flat_map(|i| std::iter::once(i).chain(&i.parts)).filter(|i| is_linked(i));
        let wanted: BTreeSet<String> = all().flat_map(|i| self.sources(i)).collect();
        let mut views: HashMap<String, HashMap<Uuid, FigureView>> = HashMap::new();
        for code in wanted {
            let Some(known) = catalog.coded(&code) else { continue };
            let ask = Ask { known: Arc::clone(known), period, tree: Tree::Then };
            let list = self.figures().read_level(&ask, nation, set.level).await.map_err(db_error)?;
            *as_of = list.iter().map(|v| v.as_of).max().unwrap_or(0).max(*as_of);
            views.insert(code, list.into_iter().map(|v| (v.place, v)).collect());
        }
        for indicator in all() {
            let sources = self.sources(indicator);
            let units: BTreeSet<Uuid> = sources.iter().filter_map(|c| views.get(c)).flat_map(|v| v.keys().copied()).collect();
            let formula = indicator.formula.as_ref().and_then(|text| formula::Formula::parse(text).ok());
            for unit in units {
                let view = |code: &str| views.get(code).and_then(|v| v.get(&unit));
                let given = match &formula {
                    Some(formula) => formula.eval_with(|code| view(code).and_then(|v| v.value)).ok().flatten().map(|value| Given::Number { value }),
                    None => sources.iter().filter_map(|code| view(code)).find_map(|v| given_of(v, indicator.kind)),
                };
                if let Some(given) = given {
                    out.entry(unit).or_default().insert(indicator.code.clone(), given);
                }
            }
        }
        Ok(())
    }

    /// Values that people entered: of the set itself, else of the set it was copied from, indicator by indicator.
    async fn read_entered(&self, set: &Set, year: i16, out: &mut HashMap<Uuid, Values>) -> Result<(), AppError> {
        for (unit, lines) in store::entered(self.db(), &set.code, year).await.map_err(db_error)? {
            let values = out.entry(unit).or_default();
            for (indicator, filled) in lines {
                values.extend(filled.given.map(|g| (indicator, g)));
                values.extend(filled.parts);
            }
        }
        let Some(base) = &set.based_on else { return Ok(()) };
        let lines = store::entered(self.db(), base, year).await.map_err(db_error)?;
        for indicator in set.indicators() {
            let code = indicator.base.as_ref().unwrap_or(&indicator.code);
            for (unit, own) in &lines {
                let Some(filled) = own.get(code) else { continue };
                let values = out.entry(*unit).or_default();
                if let Some(given) = &filled.given {
                    values.entry(indicator.code.clone()).or_insert_with(|| given.clone());
                }
                for (part, given) in &filled.parts {
                    values.entry(part.clone()).or_insert_with(|| given.clone());
                }
            }
        }
        Ok(())
    }

    /// Sets that may be rehearsed: code (with `~` for a draft), title, whether a draft; published ones first.
    pub fn rehearsable(&self, lang: ui::Lang) -> Vec<(String, String, bool)> {
        let shelf = self.shelf();
        let judged = |set: &Set| set.indicators().next().is_some() && matches!(set.level, Level::Commune | Level::District | Level::Province | Level::Village);
        let mut out: Vec<(String, String, bool)> =
            shelf.library.all().filter(|s| judged(s)).map(|s| (s.code.clone(), s.title(lang).to_owned(), false)).collect();
        out.extend(shelf.drafts.iter().filter(|(_, d)| judged(&d.set)).map(|(code, d)| (format!("{code}~"), d.set.title(lang).to_owned(), true)));
        out
    }
}
