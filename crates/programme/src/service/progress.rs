//! How the targets of a plan stand at a place, computed from figures with a few statements for all of them.

use super::Programme;
use crate::closing::{Closing, closing};
use crate::plan::{How, Plan, Reading, Show, Tree};
use crate::register::Held;
use crate::store::plan::Decision;
use crate::tally::{self, Place, State, Tally};
use crate::verdict::{Case, Forecast, Verdict, forecast, judge};
use access::{Context, db_error};
use calendar::Period;
use figures::{Ask, FigureView, Known};
use jiff::civil::{Date, date};
use places::Level;
use rust_decimal::Decimal;
use std::collections::HashMap;
use std::sync::Arc;
use ui::AppError;
use uuid::Uuid;

/// Periods of a trend.
const REACH: usize = 6;
/// First day of everything, for plans whose first day is not known.
const BEGINNING: Date = date(2021, 1, 1);

/// Why there is no value, precisely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// A measure that the reading counts does not exist (yet).
    NoMeasure(String),
    /// Nobody reported it in the periods looked at.
    NoFigures(String),
    /// There were no places of the level under the place while the plan ran.
    NoUnits(Level),
    /// No place belongs to those that are counted.
    NobodyCounted(String),
    /// The target says no way of counting.
    NoReading,
    /// No period has ended yet.
    NoPeriod,
    /// On today's map the place, or the level that is counted, is no longer there.
    NotToday(Level),
}

/// The other of two sources, said beside the value: what stands in where the first choice is used and has gaps, or the first choice
/// while it covers less than half of the places.
#[derive(Clone, Debug, PartialEq)]
pub struct Beside {
    /// What it counts.
    pub tally: Tally,
    /// Its period.
    pub period: Period,
    /// Places with an accepted value.
    pub known: i64,
}

/// A target at a place.
#[derive(Clone, Debug)]
pub struct Progress {
    /// The target as it applies to the plan.
    pub held: Held,
    /// The place.
    pub place: Uuid,
    /// How it is read; none when the target says none.
    pub reading: Option<Reading>,
    /// Whether the owner chose that reading.
    pub chosen: Option<Decision>,
    /// The decision to go on with it in another plan.
    pub carried_over: Option<Decision>,
    /// Last day on which it counts.
    pub closing: Option<Closing>,
    /// Whether that day has passed.
    pub over: bool,
    /// The period of the value.
    pub period: Option<Period>,
    /// Whether a newer period has ended of which nothing is known.
    pub older: bool,
    /// What was counted.
    pub tally: Tally,
    /// The figures read, of the place itself, in that period.
    pub figures: Vec<FigureView>,
    /// Whether the measures that stand in were read: those of first choice hold nothing, or cover less than half of the places.
    pub instead: bool,
    /// The other source, where there is one.
    pub beside: Option<Beside>,
    /// Code and names (Vietnamese, English) of every measure that the reading names and that exists.
    pub names: Vec<(String, String, String)>,
    /// Values of past periods, oldest first.
    pub past: Vec<(Period, Option<Decimal>)>,
    /// What must be reached.
    pub required: Decimal,
    /// See [`Forecast`].
    pub forecast: Option<Forecast>,
    /// See [`Verdict`].
    pub verdict: Verdict,
    /// What is missing for a value.
    pub lacks: Vec<Lack>,
}

/// One target on its way.
struct Work {
    held: Held,
    reading: Option<Reading>,
    chosen: Option<Decision>,
    carried_over: Option<Decision>,
    closing: Option<Closing>,
    periods: Vec<Period>,
    main: Vec<Arc<Known>>,
    instead: Vec<Arc<Known>>,
    lacks: Vec<Lack>,
}

fn map(tree: Tree) -> figures::Tree {
    match tree {
        Tree::Then => figures::Tree::Then,
        Tree::Today => figures::Tree::Today,
    }
}

impl Progress {
    /// The map it was read on.
    pub fn tree(&self) -> figures::Tree {
        self.figures.first().map(|v| v.tree).unwrap_or_default()
    }

    /// When the newest figure behind the value was accepted; microseconds UTC, none without a value.
    pub fn as_of(&self) -> Option<i64> {
        self.tally.value?;
        self.figures.iter().map(|v| v.as_of).max().filter(|at| *at > 0)
    }

    /// The measure whose pages explain the value, where it is one.
    pub fn measure(&self) -> Option<&Arc<Known>> {
        self.figures.first().map(|v| &v.known)
    }
}

impl Programme {
    /// What the owner of a plan decided, newest last.
    ///
    /// # Errors
    /// What the database says.
    pub async fn decisions(&self, plan: &Plan) -> Result<Vec<Decision>, AppError> {
        let all = crate::store::plan::decisions(self.db(), self.tenant(plan.home)).await.map_err(db_error)?;
        Ok(all.into_iter().filter(|d| d.plan == plan.id).collect())
    }

    /// Every target of a plan at a place: the unit of the plan, or one below it. `today` reads on today's map.
    /// Targets that count a level above the place are left out.
    ///
    /// # Errors
    /// What the database says.
    pub async fn progress(&self, ctx: &Context, plan: &Arc<Plan>, place: Uuid, today: bool) -> Result<Vec<Progress>, AppError> {
        self.progress_of(ctx, plan, place, today, None).await
    }

    /// As [`Programme::progress`], for one target.
    ///
    /// # Errors
    /// What the database says.
    pub async fn progress_of(&self, ctx: &Context, plan: &Arc<Plan>, place: Uuid, today: bool, only: Option<&str>) -> Result<Vec<Progress>, AppError> {
        let (register, atlas) = (self.register(), self.atlas());
        let decisions = self.decisions(plan).await?;
        let level = atlas.unit(place).map(|u| u.level);
        let held = register.targets(&atlas, plan).into_iter().filter(|h| only.is_none_or(|code| h.target.code == code));
        let held = held.filter(|h| level.is_some_and(|l| l <= h.target.level)).collect();
        self.progress_held(ctx, held, &decisions, place, today, only.is_some()).await
    }

    /// How a target would stand at the unit of its plan if it were read in a way that nobody has saved yet.
    ///
    /// # Errors
    /// What the database says.
    pub async fn preview(&self, ctx: &Context, mut held: Held, reading: Reading) -> Result<Option<Progress>, AppError> {
        let place = held.plan.home;
        held.target.reading = vec![reading];
        Ok(self.progress_held(ctx, vec![held], &[], place, false, true).await?.pop())
    }

    /// `trend` reads past periods also where places are counted one by one and no forecast needs them.
    async fn progress_held(
        &self,
        ctx: &Context,
        held: Vec<Held>,
        decisions: &[Decision],
        place: Uuid,
        today: bool,
        trend: bool,
    ) -> Result<Vec<Progress>, AppError> {
        let mut works: Vec<Work> = held.into_iter().map(|h| self.work(ctx, h, place, decisions, today)).collect();
        let mut asks: Vec<Ask> = Vec::new();
        for work in &works {
            let tree = if today { figures::Tree::Today } else { work.reading.as_ref().map(|r| map(r.tree)).unwrap_or_default() };
            for known in work.main.iter().chain(&work.instead) {
                asks.extend(self.own_periods(known, work).into_iter().map(|period| Ask { known: Arc::clone(known), period, tree }));
            }
        }
        let views = self.figures().read_many(&asks, place).await.map_err(db_error)?;
        let mut read: HashMap<(Uuid, Period, bool), FigureView> = HashMap::new();
        for (ask, view) in asks.iter().zip(views) {
            read.insert((ask.known.measure.id, ask.period, ask.tree == figures::Tree::Today), view);
        }
        let mut out = Vec::with_capacity(works.len());
        for work in works.drain(..) {
            out.push(self.finish(ctx, work, (place, today, trend), &read).await?);
        }
        Ok(out)
    }

    fn work(&self, ctx: &Context, held: Held, place: Uuid, decisions: &[Decision], today: bool) -> Work {
        let atlas = self.atlas();
        let catalog = self.figures().catalog();
        let newest = |kind: &str| decisions.iter().rev().find(|d| d.kind == kind && d.target == held.target.code).cloned();
        let chosen = newest("reading").filter(|d| held.target.reading.iter().any(|r| r.code == d.choice));
        let reading = match &chosen {
            Some(d) => held.target.reading.iter().find(|r| r.code == d.choice),
            None => held.target.reading.first(),
        };
        let reading = reading.cloned();
        let from = held.plan.def.plan.valid_from.or(held.origin.def.plan.valid_from).unwrap_or(BEGINNING);
        // On today's map places lived all along; only the level can have ended.
        let asked = if today { atlas.nation().unwrap_or(place) } else { place };
        let closing = closing(&atlas, asked, held.target.level, from, held.deadline());
        let mut lacks = Vec::new();
        let mut known = |codes: &[String], say: bool| -> Vec<Arc<Known>> {
            let mut out = Vec::new();
            for code in codes {
                match catalog.coded(code).filter(|k| self.figures().may_see(ctx, k, place)) {
                    Some(found) => out.push(Arc::clone(found)),
                    None if say => lacks.push(Lack::NoMeasure(code.clone())),
                    None => {}
                }
            }
            out
        };
        let (main, instead) = match &reading {
            Some(r) => (known(&r.measures, true), known(&r.instead, false)),
            None => (Vec::new(), Vec::new()),
        };
        if reading.is_none() {
            lacks.push(Lack::NoReading);
        }
        if closing.is_none() {
            lacks.push(Lack::NoUnits(held.target.level));
        }
        if today {
            let map = atlas.on(self.figures().map_day());
            if !map.has(place) || (held.target.level != Level::Village && map.under(place, held.target.level).is_empty()) {
                lacks = vec![Lack::NotToday(held.target.level)];
            }
        }
        let carried_over = newest("carry_over").filter(|d| !d.choice.is_empty());
        let mut work = Work { held, reading, chosen, carried_over, closing, periods: Vec::new(), main, instead, lacks };
        if let Some(first) = work.main.first().or(work.instead.first()) {
            work.periods = self.own_periods(first, &work);
            if work.periods.is_empty() && work.closing.is_some() {
                work.lacks.push(Lack::NoPeriod);
            }
        }
        work
    }

    /// The periods of a measure whose data ended by the last day of a target, oldest first.
    fn own_periods(&self, known: &Known, work: &Work) -> Vec<Period> {
        let Some(last) = work.closing.map(|c| c.last) else { return Vec::new() };
        let last = work.reading.as_ref().and_then(|r| r.on).map_or(last, |on| on.min(last)).min(self.clock().today());
        let mut at = Period::containing(known.measure.def.period, last, &known.cutoff);
        let mut out = Vec::new();
        while let Some(period) = at.filter(|_| out.len() < REACH) {
            if known.window(period).1 <= last {
                out.push(period);
            }
            at = period.previous();
        }
        out.reverse();
        out
    }

    async fn finish(
        &self,
        ctx: &Context,
        work: Work,
        (place, today, trend): (Uuid, bool, bool),
        read: &HashMap<(Uuid, Period, bool), FigureView>,
    ) -> Result<Progress, AppError> {
        let on_today = today || work.reading.as_ref().is_some_and(|r| r.tree == Tree::Today);
        let in_period = |list: &[Arc<Known>], nth_from_end: usize| -> Vec<FigureView> {
            let views = list.iter().filter_map(|known| {
                let periods = self.own_periods(known, &work);
                let period = *periods.get(periods.len().checked_sub(nth_from_end + 1)?)?;
                read.get(&(known.measure.id, period, on_today)).cloned()
            });
            views.collect()
        };
        let newest = |list: &[Arc<Known>]| (0..REACH).find(|nth| in_period(list, *nth).iter().any(|v| !tally::is_empty(v)));
        let (main, instead) = (newest(&work.main), newest(&work.instead));
        // A few scores do not hide what nearly everybody declared: they count from half of the places on.
        let known = |list: &[Arc<Known>], nth: usize| in_period(list, nth).iter().fold((0, 0), |(n, of), v| (n + v.n, of + v.of));
        let thin = main.zip(instead).is_some_and(|(main, instead)| {
            let (n, of) = known(&work.main, main);
            n * 2 < of && known(&work.instead, instead).0 > n
        });
        let stands_in = instead.is_some() && (main.is_none() || thin);
        let (list, found) = if stands_in { (&work.instead, instead) } else { (&work.main, main) };
        let figures = in_period(list, found.unwrap_or(0));
        let mut lacks = work.lacks.clone();
        if stands_in {
            // What stands in has a value: that the first choice is missing is said beside it, not as a lack of the value.
            lacks.retain(|l| !matches!(l, Lack::NoMeasure(_)));
        } else if found.is_none() && work.closing.is_some() && !lacks.iter().any(|l| matches!(l, Lack::NotToday(_))) {
            lacks.extend(list.iter().map(|k| Lack::NoFigures(k.measure.def.code.clone())));
            lacks.extend(work.instead.iter().map(|k| Lack::NoFigures(k.measure.def.code.clone())));
        }
        let reading = work.reading.clone();
        let over = work.closing.is_some_and(|c| c.last < self.clock().today());
        let mut counted = Tally::default();
        let mut past = Vec::new();
        if let (Some(reading), Some(_)) = (&reading, found) {
            if reading.how == How::Units {
                let (places, missing) = self.places_of(ctx, reading, figures.first(), place).await?;
                counted = tally::of_places(reading, &places);
                lacks.extend(missing);
                if counted.of == 0 && lacks.is_empty() {
                    lacks.push(Lack::NobodyCounted(reading.among.clone().unwrap_or_default()));
                }
                if trend || !over {
                    past = self
                        .past_of_places(ctx, reading, (0..work.periods.len()).rev().filter_map(|nth| in_period(list, nth).into_iter().next()), place)
                        .await?;
                }
            } else {
                let tally = |views: &[FigureView]| if reading.how == How::All { tally::of_all(views) } else { tally::of_figures(views) };
                counted = tally(&figures);
                if reading.how == How::All && counted.value.is_none() {
                    lacks.extend(figures.iter().filter(|v| tally::is_empty(v)).map(|v| Lack::NoFigures(v.known.measure.def.code.clone())));
                }
                past = (0..work.periods.len())
                    .rev()
                    .filter_map(|nth| {
                        let views = in_period(list, nth);
                        let period = views.first().map(|v| v.period)?;
                        Some((period, tally(&views).value))
                    })
                    .collect();
            }
        }
        let other = if stands_in { main.map(|nth| in_period(&work.main, nth)) } else { instead.map(|nth| in_period(&work.instead, nth)) };
        let beside = other.filter(|_| thin || counted.missing + counted.awaiting > 0).and_then(|views| {
            let period = views.first()?.period;
            Some(Beside { tally: tally::of_figures(&views), period, known: views.iter().map(|v| v.n).sum() })
        });
        // Periods before anybody reported are no gap in a line.
        let silent = past.iter().take_while(|(_, value): &&(Period, Option<Decimal>)| value.is_none()).count();
        past.drain(..silent);
        let period = figures.first().map(|v| v.period).filter(|_| found.is_some());
        let own_yes_no = figures.first().is_some_and(tally::is_answer);
        let required = if own_yes_no { Decimal::ONE } else { reading.as_ref().and_then(|r| r.needs).unwrap_or(work.held.target.value) };
        let share = counted.parts.is_some();
        let yes_no = own_yes_no || reading.as_ref().is_some_and(|r| r.show == Show::YesNo);
        let known: Vec<(Date, Decimal)> =
            figures.first().map(|v| past.iter().filter_map(|(p, value)| Some((v.known.window(*p).1, (*value)?))).collect()).unwrap_or_default();
        let ahead = work.closing.filter(|_| !over && !yes_no).and_then(|c| forecast(&known, c.last, share, if share { 1 } else { 0 }));
        let case = Case {
            op: work.held.target.op,
            required,
            value: counted.value,
            best: counted.best,
            gaps: counted.missing + counted.awaiting > 0,
            few: counted.speaks_for_few(),
            over,
            forecast: ahead.map(|f| f.value),
        };
        Ok(Progress {
            verdict: judge(&case),
            place,
            names: self.names(reading.as_ref()),
            reading,
            chosen: work.chosen,
            carried_over: work.carried_over,
            closing: work.closing,
            over,
            period,
            older: found.is_some_and(|nth| nth > 0),
            tally: counted,
            figures,
            instead: stands_in,
            beside,
            past,
            required,
            forecast: ahead,
            lacks,
            held: work.held,
        })
    }

    fn names(&self, reading: Option<&Reading>) -> Vec<(String, String, String)> {
        let catalog = self.figures().catalog();
        let codes = reading.map(|r| r.codes().map(str::to_owned).collect::<Vec<_>>()).unwrap_or_default();
        let name = |code: String| {
            let known = catalog.coded(&code)?;
            Some((code, known.measure.title(ui::Lang::Vi).to_owned(), known.measure.title(ui::Lang::En).to_owned()))
        };
        codes.into_iter().filter_map(name).collect()
    }

    /// What counting places one by one gave in past periods, oldest first. Periods in which nobody reported are not read.
    async fn past_of_places(
        &self,
        ctx: &Context,
        reading: &Reading,
        samples: impl Iterator<Item = FigureView>,
        under: Uuid,
    ) -> Result<Vec<(Period, Option<Decimal>)>, AppError> {
        let mut out = Vec::new();
        for sample in samples {
            let value = match tally::is_empty(&sample) {
                true => None,
                false => tally::of_places(reading, &self.places_of(ctx, reading, Some(&sample), under).await?.0).value,
            };
            out.push((sample.period, value));
        }
        Ok(out)
    }

    /// The places that a reading counts one by one under a place, in the period of a figure, in the order of the tree.
    ///
    /// # Errors
    /// What the database says.
    pub async fn places_of(&self, ctx: &Context, reading: &Reading, sample: Option<&FigureView>, under: Uuid) -> Result<(Vec<Place>, Vec<Lack>), AppError> {
        let Some(sample) = sample else { return Ok((Vec::new(), Vec::new())) };
        let ask = Ask { known: Arc::clone(&sample.known), period: sample.period, tree: sample.tree };
        let level = reading.level.unwrap_or(sample.known.measure.def.level);
        let rows = self.figures().read_level(&ask, under, level).await.map_err(db_error)?;
        let mut lacks = Vec::new();
        let mut members: Option<HashMap<Uuid, bool>> = None;
        if let Some(code) = &reading.among {
            match self.figures().catalog().coded(code).filter(|k| self.figures().may_see(ctx, k, under)) {
                None => lacks.push(Lack::NoMeasure(code.clone())),
                Some(known) => {
                    let last = sample.known.window(sample.period).1;
                    let period = Period::containing(known.measure.def.period, last, &known.cutoff);
                    // A yearly recognition is read in the year around the period, or the one before while that year is not over.
                    let mut found = HashMap::new();
                    for period in period.into_iter().flat_map(|p| [Some(p), p.previous()]).flatten() {
                        let ask = Ask { known: Arc::clone(known), period, tree: sample.tree };
                        let views = self.figures().read_level(&ask, under, level).await.map_err(db_error)?;
                        if views.iter().any(|v| v.n > 0) {
                            found = views.into_iter().map(|v| (v.place, v.met > 0)).collect();
                            break;
                        }
                    }
                    if found.is_empty() {
                        lacks.push(Lack::NoFigures(code.clone()));
                    }
                    members = Some(found);
                }
            }
        }
        let atlas = self.atlas();
        let view = self.figures().view(&ask);
        let group = |code: &String| atlas.groups().iter().find(|g| g.code == *code).map(|g| g.id);
        let (wanted, unwanted): (Vec<Uuid>, Vec<Uuid>) =
            (reading.groups.iter().filter_map(group).collect(), reading.but_groups.iter().filter_map(group).collect());
        let counted = |place: Uuid| {
            let kind = || atlas.version(place, view.date()).map(|v| v.kind.to_string());
            let of: Vec<Uuid> = if wanted.is_empty() && unwanted.is_empty() { Vec::new() } else { view.groups(place) };
            (reading.kinds.is_empty() || kind().is_some_and(|k| reading.kinds.contains(&k)))
                && (reading.groups.is_empty() || wanted.iter().any(|g| of.contains(g)))
                && !unwanted.iter().any(|g| of.contains(g))
        };
        let places = rows.into_iter().filter(|v| counted(v.place)).filter_map(|figure| {
            let state = match (&members, &reading.among) {
                (Some(m), _) if m.get(&figure.place) != Some(&true) => return None,
                (None, Some(_)) => return None,
                _ => tally::state(&figure, reading.at_least),
            };
            Some(Place { unit: figure.place, state, figure })
        });
        let places: Vec<Place> = places.filter(|p| p.state != State::Out || p.figure.of > 0).collect();
        Ok((places, lacks))
    }
}
