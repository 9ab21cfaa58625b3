//! Making figures agree with the ledger inside the transaction that wrote the lines: always fresh, never nightly.

use super::{Expected, Figures};
use crate::acc::Acc;
use crate::catalog::Known;
use crate::ledger::{Line, State, Story};
use crate::project::{Leaf, Spot, THEN, project};
use crate::store::{self, Act, NewLine, SliceKey};
use crate::value::{Value, scale};
use calendar::Period;
use db::{DbError, Tx};
use places::Atlas;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// Units whose lines changed, by slice.
pub(crate) type Touched = BTreeMap<SliceKey, BTreeSet<Uuid>>;

/// What the caller knows of the stories that its own act has just continued, so that they need not be read again.
#[derive(Debug, Default)]
pub(crate) struct Continued<'a> {
    /// The lines of the act, sorted by tenant, measure, period and unit; one for a figure.
    pub lines: &'a [NewLine],
    /// Stories before the act, read under the lock of the tenant; those without a line are left out.
    pub before: HashMap<(SliceKey, Uuid), Story>,
}

impl Continued<'_> {
    /// The stories of all these units, if the act wrote a line in every one.
    fn stories(&self, atlas: &Atlas, key: SliceKey, units: &BTreeSet<Uuid>) -> Option<HashMap<Uuid, Story>> {
        units
            .iter()
            .map(|unit| {
                let tenant = atlas.unit(*unit)?.tenant;
                let at = self.lines.binary_search_by_key(&(tenant, key.0, key.1, *unit), |l| (l.tenant, l.measure, l.period, l.unit)).ok()?;
                let mut story = self.before.get(&(key, *unit)).cloned().unwrap_or_default();
                story.push(self.lines.get(at)?.line.clone());
                Some((*unit, story))
            })
            .collect()
    }
}

/// From so many on, things are read in one question instead of one by one.
pub(crate) const MANY: usize = 8;

/// The leaf of one unit from its story.
pub(crate) fn leaf(known: &Known, story: &Story, weight: Option<i64>, as_of: i64) -> Leaf {
    let Some(line) = &story.accepted else {
        return Leaf { acc: Acc { awaiting: i64::from(story.awaits()), ..Acc::default() }, ..Leaf::default() };
    };
    let acc = Acc::leaf(&known.measure, known.condition.as_ref(), &line.value, weight, as_of);
    let words = if let Value::Words(text) = &line.value { Some(text.clone()) } else { None };
    Leaf { acc, words }
}

impl Figures {
    /// Brings the figures of all touched slices, and of what is computed from or weighted by them, up to date.
    pub(crate) async fn settle(&self, tx: &mut Tx, atlas: &Atlas, mut touched: Touched, act: &Act, told: &Continued<'_>) -> Result<(), DbError> {
        let began = std::time::Instant::now();
        // Formulas cannot go in circles (the catalogue refuses them), so this ends; the bound is a second fence.
        for _ in 0..16 {
            if touched.is_empty() {
                metrics::histogram!("conglang_rollup_seconds").record(began.elapsed().as_secs_f64());
                return Ok(());
            }
            let mut next = Touched::new();
            for (key, units) in &touched {
                self.settle_slice(tx, atlas, *key, units, act, told).await?;
                for (key, units) in self.weighted(*key, units) {
                    self.settle_slice(tx, atlas, key, &units, act, told).await?;
                }
            }
            for (key, units) in &touched {
                for (key, units) in self.compute(tx, atlas, *key, units, act).await? {
                    next.entry(key).or_default().extend(units);
                }
            }
            touched = next;
        }
        Err(DbError::defect("formulas that never settle"))
    }

    async fn settle_slice(&self, tx: &mut Tx, atlas: &Atlas, key: SliceKey, units: &BTreeSet<Uuid>, act: &Act, told: &Continued<'_>) -> Result<(), DbError> {
        let catalog = self.catalog();
        let Some((known, period)) = Period::from_i64(key.1).and_then(|p| Some((catalog.for_period(key.0, p)?, p))) else { return Ok(()) };
        let maps = self.maps(atlas, known, period);
        let road = self.road(&maps, known);
        let tenant_of = |u: &Uuid| atlas.unit(*u).map(|u| u.tenant);
        let own: BTreeSet<Uuid> = units.iter().filter_map(tenant_of).collect();
        let (sources, targets) = neighbours(atlas, road.today.as_deref(), units, &own);
        // Writers of different old provinces meet in the rows of the province that took them over: one after the other,
        // and each reads the leaves of the others only once it holds the lock.
        for tenant in targets.difference(&own) {
            access::lock_tenant(tx, *tenant).await?;
        }
        let level = known.measure.def.level.depth();
        let changing: BTreeSet<Uuid> = own.union(&targets).copied().collect();
        let mut stored: HashMap<Spot, Leaf> = HashMap::new();
        let mut leaves: HashMap<Uuid, Leaf> = HashMap::new();
        let rows = if changing.len() > MANY {
            store::rows_all_tx(tx, key).await?
        } else {
            let mut rows = Vec::new();
            for tenant in &changing {
                rows.extend(store::rows_tx(tx, *tenant, key).await?);
            }
            for tenant in sources.difference(&changing) {
                leaves.extend(store::leaves_tx(tx, *tenant, key, level).await?);
            }
            rows
        };
        for (spot, leaf) in rows {
            if spot.tree == THEN && spot.level == level && sources.contains(&spot.tenant) {
                leaves.insert(spot.place, leaf.clone());
            }
            if changing.contains(&spot.tenant) {
                stored.insert(spot, leaf);
            }
        }
        let stories = match told.stories(atlas, key, units) {
            Some(stories) => stories,
            None => self.stories(tx, atlas, key, units).await?,
        };
        let weights = self.weights(tx, atlas, known, period, units).await?;
        let times = self.times(tx, atlas, &stories, act).await?;
        for unit in units {
            let story = stories.get(unit).cloned().unwrap_or_default();
            let at = story.accepted.as_ref().and_then(|l| times.get(&l.act)).copied().unwrap_or(0);
            leaves.insert(*unit, leaf(known, &story, weights.get(unit).copied(), at));
        }
        let ours = |s: &Spot| if s.tree == THEN { own.contains(&s.tenant) } else { targets.contains(&s.tenant) };
        let mut wanted = project(&known.measure, known.condition.as_ref(), &leaves, &road.ways());
        wanted.retain(|(s, _)| ours(s));
        // What stays in `stored` afterwards has nothing behind it any more.
        let (mut new, mut changed) = (Vec::new(), Vec::new());
        for row in wanted {
            match stored.remove(&row.0) {
                None => new.push(row),
                Some(old) if old != row.1 => changed.push(row),
                Some(_) => {}
            }
        }
        // The tenants are locked, so a row that was not there is new; looking for it again would cost more than writing it.
        store::add_rows(tx, store::figure_rows(key, &new)).await?;
        store::save_rows(tx, key, &changed).await?;
        for spot in stored.keys().filter(|s| ours(s)) {
            store::drop_row(tx, key, spot).await?;
        }
        Ok(())
    }

    /// What the ledger says of each unit.
    async fn stories(&self, tx: &mut Tx, atlas: &Atlas, key: SliceKey, units: &BTreeSet<Uuid>) -> Result<HashMap<Uuid, Story>, DbError> {
        let mut out: HashMap<Uuid, Story> = HashMap::new();
        let mut by_tenant: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
        for unit in units {
            if let Some(known) = atlas.unit(*unit) {
                by_tenant.entry(known.tenant).or_default().push(*unit);
            }
        }
        if by_tenant.len() > MANY {
            for (unit, line) in store::slice_lines_all_tx(tx, key).await? {
                if units.contains(&unit) {
                    out.entry(unit).or_default().push(line);
                }
            }
            return Ok(out);
        }
        for (tenant, units) in by_tenant {
            if units.len() > MANY {
                for (unit, line) in store::slice_lines_tx(tx, tenant, key).await? {
                    out.entry(unit).or_default().push(line);
                }
            } else {
                for unit in units {
                    out.insert(unit, Story::of(store::lines_tx(tx, tenant, key, unit).await?));
                }
            }
        }
        Ok(out)
    }

    /// When the accepted lines were made; of the act under way it is known.
    async fn times(&self, tx: &mut Tx, atlas: &Atlas, stories: &HashMap<Uuid, Story>, act: &Act) -> Result<HashMap<Uuid, i64>, DbError> {
        let mut out = HashMap::from([(act.id, act.at)]);
        let mut asked: BTreeSet<(Uuid, Uuid)> = BTreeSet::new();
        for (unit, story) in stories {
            if let (Some(line), Some(known)) = (&story.accepted, atlas.unit(*unit))
                && line.act != act.id
                && asked.insert((known.tenant, line.act))
                && let Some(at) = store::act_time_tx(tx, known.tenant, line.act).await?
            {
                out.insert(line.act, at);
            }
        }
        Ok(out)
    }

    /// Stored numbers of the weight measure.
    async fn weights(&self, tx: &mut Tx, atlas: &Atlas, known: &Known, period: Period, units: &BTreeSet<Uuid>) -> Result<HashMap<Uuid, i64>, DbError> {
        let catalog = self.catalog();
        let Some(weight) = known.measure.def.weight.as_deref().and_then(|w| catalog.coded(w)) else { return Ok(HashMap::new()) };
        let Some(at) = known.period_of(weight, period) else { return Ok(HashMap::new()) };
        let tenants: BTreeSet<Uuid> = units.iter().filter_map(|u| atlas.unit(*u)).map(|u| u.tenant).collect();
        let mut out = HashMap::new();
        for tenant in tenants {
            let rows = store::leaves_tx(tx, tenant, (weight.measure.id, at.to_i64()), weight.measure.def.level.depth()).await?;
            out.extend(rows.into_iter().filter_map(|(unit, leaf)| Some((unit, leaf.acc.hi?))));
        }
        Ok(out)
    }

    /// Slices whose weight is a touched one.
    fn weighted(&self, key: SliceKey, units: &BTreeSet<Uuid>) -> Touched {
        let catalog = self.catalog();
        let mut out = Touched::new();
        let Some((weight, period)) = Period::from_i64(key.1).and_then(|p| Some((catalog.newest(key.0)?, p))) else { return out };
        for id in catalog.weight_of(key.0) {
            let Some(known) = catalog.newest(*id) else { continue };
            for p in same_or_within(known, weight, period) {
                out.entry((*id, p.to_i64())).or_default().extend(units.iter().copied());
            }
        }
        out
    }

    /// Evaluates what is computed from touched slices; appends lines where the value is another one than before.
    async fn compute(&self, tx: &mut Tx, atlas: &Atlas, key: SliceKey, units: &BTreeSet<Uuid>, act: &Act) -> Result<Touched, DbError> {
        let catalog = self.catalog();
        let mut out = Touched::new();
        let Some((input, period)) = Period::from_i64(key.1).and_then(|p| Some((catalog.newest(key.0)?, p))) else { return Ok(out) };
        for id in catalog.computed_from(key.0) {
            let Some(newest) = catalog.newest(*id) else { continue };
            for p in same_or_within(newest, input, period) {
                let Some(known) = catalog.for_period(*id, p) else { continue };
                let changed = self.compute_slice(tx, atlas, known, p, units, act).await?;
                if !changed.is_empty() {
                    out.entry((*id, p.to_i64())).or_default().extend(changed);
                }
            }
        }
        Ok(out)
    }

    async fn compute_slice(
        &self,
        tx: &mut Tx,
        atlas: &Atlas,
        known: &Arc<Known>,
        period: Period,
        units: &BTreeSet<Uuid>,
        act: &Act,
    ) -> Result<BTreeSet<Uuid>, DbError> {
        let catalog = self.catalog();
        let tenants: BTreeSet<Uuid> = units.iter().filter_map(|u| atlas.unit(*u)).map(|u| u.tenant).collect();
        let mut inputs: HashMap<Uuid, BTreeMap<String, Option<Decimal>>> = HashMap::new();
        for code in known.inputs() {
            let Some(input) = catalog.coded(&code) else { continue };
            let Some(at) = known.period_of(input, period) else { continue };
            for tenant in &tenants {
                for (unit, leaf) in store::leaves_tx(tx, *tenant, (input.measure.id, at.to_i64()), input.measure.def.level.depth()).await? {
                    if units.contains(&unit) {
                        let shown = if leaf.acc.n > 0 { leaf.acc.value_of_unit(&input.measure) } else { None };
                        inputs.entry(unit).or_default().insert(code.clone(), shown);
                    }
                }
            }
        }
        let key = (known.measure.id, period.to_i64());
        let stories = self.stories(tx, atlas, key, units).await?;
        let mut lines = Vec::new();
        let mut act_tenants = BTreeSet::new();
        for unit in units {
            let given = inputs.get(unit).cloned().unwrap_or_default();
            let value = computed(known, &given).unwrap_or(Value::NotKnown);
            let story = stories.get(unit).cloned().unwrap_or_default();
            if story.accepted.as_ref().map_or(value == Value::NotKnown, |l| l.value == value) {
                continue;
            }
            let Some(place) = atlas.unit(*unit) else { continue };
            act_tenants.insert(place.tenant);
            let line = Line {
                seq: story.last_seq + 1,
                version: known.measure.def.version,
                state: State::Accepted,
                value,
                act: act.id,
                cell: Some("=".to_owned()),
                reason: None,
                replaces: story.accepted.as_ref().map(|l| l.seq),
            };
            lines.push(NewLine { tenant: place.tenant, measure: key.0, period: key.1, unit: *unit, line });
        }
        store::add_act(tx, &act_tenants.into_iter().collect::<Vec<_>>(), act).await?;
        store::add_lines(tx, &lines).await?;
        Ok(lines.into_iter().map(|l| l.unit).collect())
    }
}

/// The value of a computed measure from its inputs; none when an input is missing or the result does not fit.
pub(crate) fn computed(known: &Known, inputs: &BTreeMap<String, Option<Decimal>>) -> Option<Value> {
    let given: BTreeMap<String, Option<Decimal>> = known
        .inputs()
        .into_iter()
        .map(|code| {
            let v = inputs.get(&code).copied().flatten();
            (code, v)
        })
        .collect();
    let eval = |f: &formula::Formula| f.eval(&given).ok().flatten();
    let first = eval(known.formula.as_ref()?)?;
    let round = |d: Decimal, dp| d.round_dp_with_strategy(dp, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
    match &known.formula_of {
        Some(of) => Some(Value::Ratio { n: scale(round(first, 0), 0)?, of: scale(round(eval(of)?, 0), 0)? }),
        None => Some(Value::Number(scale(round(first, known.measure.scale()), known.measure.scale())?)),
    }
}

/// Periods of `known` that use the value of `input` in `period`: the same one, or the shorter ones within it.
fn same_or_within(known: &Known, input: &Known, period: Period) -> Vec<Period> {
    let kind = known.measure.def.period;
    if kind == input.measure.def.period {
        return vec![period];
    }
    period.within(kind)
}

/// Which tenants' units must be read, and in which tenants rows of today's map change, when units of `own` change.
fn neighbours(atlas: &Atlas, expected: Option<&Expected>, units: &BTreeSet<Uuid>, own: &BTreeSet<Uuid>) -> (BTreeSet<Uuid>, BTreeSet<Uuid>) {
    let mut sources = own.clone();
    let Some(expected) = expected else { return (sources, BTreeSet::new()) };
    let succession = &expected.succession;
    let targets: BTreeSet<Uuid> = units.iter().filter_map(|u| succession.heirs.get(u)).flatten().filter_map(|h| atlas.unit(h.unit)).map(|u| u.tenant).collect();
    for (heir, parents) in &succession.parents {
        if atlas.unit(*heir).is_some_and(|u| targets.contains(&u.tenant)) {
            sources.extend(parents.iter().filter_map(|(u, _)| atlas.unit(*u)).map(|u| u.tenant));
        }
    }
    (sources, targets)
}
