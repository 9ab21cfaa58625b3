//! What criteria ask of a person: to correct what came back, to score in time, to appraise what waits, to renew evidence that ends, and to look
//! at recognised units in danger.

use super::appraise::scorecard_href;
use super::{Criteria, standing};
use crate::model::{Alarm, Outcome, Set, combine, watch};
use crate::store::assess::{self, Assessment, Stage};
use crate::store::office::Round;
use crate::store::recognise::{self, Decision};
use access::{Context, Role, db_error};
use jiff::civil::Date;
use places::Level;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use ui::{AppError, Lang};
use uuid::Uuid;
use work::{Answer, Duty, DutySource, Urgency};

/// Units of one person that are looked into; whoever has more reads the matrix.
const MOST_UNITS: usize = 5;

/// A recognised unit that fails too much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endangered {
    /// Unit.
    pub unit: Uuid,
    /// How much danger.
    pub alarm: Alarm,
    /// Failed criteria.
    pub failed: usize,
    /// Criteria proper.
    pub of: usize,
    /// Titles of the failed key criteria.
    pub keys: Vec<String>,
    /// The case of revocation that holds, or would hold with one more.
    pub case: String,
}

/// The last instant of a day in Vietnam, what that means today, and in words.
fn clock(due: Option<Date>, today: Date, l: Lang) -> (Option<i64>, Urgency, String) {
    let Some(due) = due else { return (None, Urgency::Open, String::new()) };
    let end = due.at(23, 59, 59, 0).to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(7))).map(|z| calendar::micros(z.timestamp())).ok();
    let days = today.until(due).map(|span| span.get_days()).unwrap_or(0);
    let urgency = match days {
        ..0 => Urgency::Late,
        0..=1 => Urgency::Soon,
        _ => Urgency::Open,
    };
    let left = match days {
        0 => l.t("hôm nay là ngày cuối", "today is the last day").to_owned(),
        1.. => format!("{} {days} {}", l.t("còn", "in"), l.t("ngày", "days")),
        _ => format!("{} {} {}", l.t("trễ", "late by"), -days, l.t("ngày", "days")),
    };
    (end, urgency, format!("{} {} · {left}", l.t("hạn", "due"), lang::show::short_date(due)))
}

fn many(states: &str, stage: Stage) -> usize {
    states.chars().filter(|c| Stage::from_letter(*c) == Some(stage)).count()
}

/// What every criterion comes to by the letters of an assessment.
fn criteria_of(set: &Set, outcomes: &str) -> Vec<Outcome> {
    let mut letters = outcomes.chars().map(|c| Outcome::from_letter(c).unwrap_or(Outcome::NoData));
    set.criteria.iter().map(|c| combine(c.indicators.iter().map(|_| letters.next().unwrap_or(Outcome::NoData)).collect::<Vec<_>>())).collect()
}

impl Criteria {
    /// Recognised units under a place that fail so much in a year that their recognition is in danger, the worst first.
    ///
    /// # Errors
    /// 404 `unknown_set`; what the database says.
    pub async fn endangered(&self, place: Uuid, code: &str, year: i16) -> Result<Vec<Endangered>, AppError> {
        let shelf = self.current().await;
        let set = self.set(code)?;
        let rows = self.rows_under(place, &set, year).await?;
        let decisions = recognise::of_set(self.db(), code).await.map_err(db_error)?;
        let mut by_unit: BTreeMap<Uuid, Vec<&Decision>> = BTreeMap::new();
        for d in &decisions {
            by_unit.entry(d.unit).or_default().push(d);
        }
        let mut out = Vec::new();
        for row in rows {
            let of_unit = by_unit.get(&row.unit).map(Vec::as_slice).unwrap_or_default();
            if standing(of_unit.iter().copied(), set.judged_on(year)).is_none() {
                continue;
            }
            let Some(own) = shelf.library.version(code, row.version) else { continue };
            let outcomes = criteria_of(own, &row.outcomes);
            let watched = watch(self.rules(), own, &outcomes);
            if watched.alarm != Alarm::Calm {
                let case = watched.case.map(|c| c.code.clone()).unwrap_or_default();
                let keys = watched.keys.iter().map(|k| (*k).to_owned()).collect();
                out.push(Endangered { unit: row.unit, alarm: watched.alarm, failed: watched.failed, of: watched.of, keys, case });
            }
        }
        out.sort_by_key(|e| (std::cmp::Reverse(e.alarm), std::cmp::Reverse(e.failed), e.unit));
        Ok(out)
    }

    /// The assessments of the units under a place.
    pub(crate) async fn rows_under(&self, place: Uuid, set: &Set, year: i16) -> Result<Vec<Assessment>, AppError> {
        let day = set.judged_on(year);
        let under: HashSet<Uuid> = self.figures().places().atlas().on(day).under(place, set.level).into_iter().collect();
        let tenants = self.tenants_under(place, set.level, day);
        let rows = assess::all(self.db(), &set.code, year, tenants.as_deref()).await.map_err(db_error)?;
        Ok(rows.into_iter().filter(|r| under.contains(&r.unit)).collect())
    }

    async fn returned_and_ending(&self, ctx: &Context, unit: Uuid, out: &mut Vec<Duty>) -> Result<(), AppError> {
        let (l, today) = (ctx.lang, ctx.today());
        let name = self.figures().places().atlas().full_name(unit, today);
        for (code, year, row) in assess::of_unit(self.db(), self.tenant(unit)?, unit).await.map_err(db_error)? {
            let Ok(set) = self.set(&code) else { continue };
            let duty = Duty { about: format!("{name} · {}", set.title(l)), href: scorecard_href(&code, unit, year), ..Duty::default() };
            let back = many(&row.states, Stage::Returned);
            if back > 0 {
                out.push(Duty {
                    key: format!("returned:{unit}:{code}:{year}:{}", row.changed_at),
                    title: format!("{back} {}, {year}", l.t("chỉ tiêu bị trả lại", "indicators were returned")),
                    verb: l.t("Sửa và chấm lại", "Correct and score again").to_owned(),
                    urgency: Urgency::Soon,
                    ..duty.clone()
                });
            }
            // What proved an older year is history.
            if year + 1 < today.year() {
                continue;
            }
            let (ended, ending) = self.evidence_ending(ctx, super::set_id(&code), unit, year).await?;
            if ended + ending > 0 {
                let word = match (ended, ending) {
                    (0, n) => format!("{n} {}", l.t("minh chứng sắp hết hạn", "pieces of evidence end soon")),
                    (n, 0) => format!("{n} {}", l.t("minh chứng đã hết hạn", "pieces of evidence have ended")),
                    (n, m) => format!("{n} {}, {m} {}", l.t("minh chứng đã hết hạn", "pieces of evidence have ended"), l.t("sắp hết hạn", "end soon")),
                };
                out.push(Duty {
                    key: format!("evidence:{unit}:{code}:{year}:{ended}:{ending}"),
                    title: format!("{word}, {year}"),
                    verb: l.t("Thay minh chứng", "Renew the evidence").to_owned(),
                    urgency: if ended > 0 { Urgency::Soon } else { Urgency::Open },
                    ..duty
                });
            }
        }
        Ok(())
    }

    /// Scorecards that the province wants by a day and that have something open.
    async fn to_be_scored(&self, ctx: &Context, unit: Uuid, out: &mut Vec<Duty>) -> Result<(), AppError> {
        let (l, today) = (ctx.lang, ctx.today());
        let atlas = self.figures().places().atlas();
        let Some(province) = self.province_of(unit, today) else { return Ok(()) };
        for round in self.rounds(province).await?.into_iter().filter(|r| r.score_by.is_some()) {
            let Ok(newest) = self.set(&round.set) else { continue };
            let key = assess::Key { tenant: self.tenant(unit)?, set: round.set.clone(), year: round.year, unit };
            let state = assess::one(self.db(), &key).await.map_err(db_error)?;
            if state.is_none() && self.assessable(ctx, &newest, unit, round.year).is_err() {
                continue;
            }
            let of = self.pinned(&newest, state.as_ref()).indicators().count();
            let open = state.as_ref().map_or(of, |s| many(&s.states, Stage::Open) + many(&s.states, Stage::Returned));
            if open == 0 {
                continue;
            }
            let (due, urgency, due_words) = clock(round.score_by, today, l);
            out.push(Duty {
                key: format!("score:{unit}:{}:{}", round.set, round.year),
                title: format!("{} {}, {} {open}/{of} {}", l.t("Tự chấm", "Score"), round.year, l.t("còn", "open:"), l.t("chỉ tiêu", "indicators")),
                about: format!("{} · {}", atlas.full_name(unit, today), newest.title(l)),
                verb: l.t("Chấm điểm", "Score").to_owned(),
                href: scorecard_href(&round.set, unit, round.year),
                due,
                urgency,
                due_words,
                ..Duty::default()
            });
        }
        Ok(())
    }

    /// What waits for this person (in the acting post) under a place, and recognised units in danger.
    async fn to_appraise_under(&self, ctx: &Context, place: Uuid, out: &mut Vec<Duty>) -> Result<(), AppError> {
        let (l, today) = (ctx.lang, ctx.today());
        let atlas = self.figures().places().atlas();
        let name = atlas.full_name(place, today);
        let Some(province) = self.province_of(place, today) else { return Ok(()) };
        let rounds = self.rounds(province).await?;
        for (code, year, _) in assess::years(self.db()).await.map_err(db_error)? {
            let Ok(newest) = self.set(&code) else { continue };
            let waiting = self.waiting_for(ctx, place, &newest, year).await?;
            let page = self.province_of(place, newest.judged_on(year)).unwrap_or(province);
            let href = format!("/criteria/{code}/office/{page}/{year}");
            let about = format!("{name} · {}", newest.title(l));
            if waiting.0 > 0 {
                let round: Option<&Round> = rounds.iter().find(|r| r.set == code && r.year == year);
                let (due, urgency, due_words) = clock(round.and_then(|r| r.appraise_by), today, l);
                let post = ctx.post().map(|p| format!(" · {}", p.organisation_name)).unwrap_or_default();
                out.push(Duty {
                    key: format!("appraise:{place}:{code}:{year}"),
                    title: format!(
                        "{} {}, {} {}, {year}",
                        waiting.0,
                        l.t("chỉ tiêu chờ thẩm định", "indicators await appraisal"),
                        waiting.1,
                        l.t("đơn vị", "units")
                    ),
                    about: format!("{about}{post}"),
                    verb: l.t("Thẩm định", "Appraise").to_owned(),
                    href: href.clone(),
                    due,
                    urgency,
                    due_words,
                    ..Duty::default()
                });
            }
            if year + 1 < today.year() || atlas.unit(place).is_none_or(|u| u.level != Level::Province) {
                continue;
            }
            let danger = self.endangered(place, &code, year).await?;
            let revocable = danger.iter().filter(|e| e.alarm == Alarm::Revocable).count();
            if revocable > 0 {
                out.push(Duty {
                    key: format!("danger:{place}:{code}:{year}:{revocable}"),
                    title: format!(
                        "{revocable} {}, {year}",
                        l.t("đơn vị đã công nhận rơi vào trường hợp xét thu hồi", "recognised units fall under revocation")
                    ),
                    about,
                    verb: l.t("Xem danh sách", "See the list").to_owned(),
                    href: format!("{href}#theo-doi"),
                    urgency: Urgency::Open,
                    ..Duty::default()
                });
            }
        }
        Ok(())
    }

    /// How many indicators of how many units wait for this person.
    async fn waiting_for(&self, ctx: &Context, place: Uuid, newest: &Arc<Set>, year: i16) -> Result<(usize, usize), AppError> {
        let shelf = self.shelf();
        let (mut indicators, mut units) = (0, 0);
        let rows = self.rows_under(place, newest, year).await?;
        if !rows.iter().any(|r| many(&r.states, Stage::Scored) > 0) {
            return Ok((0, 0));
        }
        let owners = match self.province_of(place, newest.judged_on(year)) {
            Some(province) => self.owners(province, &newest.code).await?,
            None => BTreeMap::new(),
        };
        for row in rows {
            let Some(set) = shelf.library.version(&newest.code, row.version) else { continue };
            let own = set.indicators().zip(row.states.chars()).filter(|(_, s)| Stage::from_letter(*s) == Some(Stage::Scored));
            let n = own.filter(|(i, _)| self.may_appraise(ctx, row.unit, owners.get(&i.code))).count();
            indicators += n;
            units += usize::from(n > 0);
        }
        Ok((indicators, units))
    }
}

impl DutySource for Criteria {
    fn name(&self) -> &'static str {
        "criteria"
    }

    fn duties<'a>(&'a self, ctx: &'a Context, most: usize) -> Answer<'a, Vec<Duty>> {
        Box::pin(async move {
            self.current().await;
            let mut out = Vec::new();
            let atlas = self.figures().places().atlas();
            let known = |unit: &Uuid| atlas.unit(*unit).is_some_and(|u| u.level != Level::Nation);
            // Who acts for the Front scores nothing, and appraises what is given to it.
            for unit in ctx.units_with(Role::Officer).into_iter().filter(|unit| ctx.speaks_for_place() && known(unit)).take(MOST_UNITS) {
                self.returned_and_ending(ctx, unit, &mut out).await?;
                self.to_be_scored(ctx, unit, &mut out).await?;
            }
            for place in ctx.units_with(Role::Reviewer).into_iter().filter(known).take(MOST_UNITS) {
                self.to_appraise_under(ctx, place, &mut out).await?;
            }
            out.sort_by_key(|duty| (duty.urgency, duty.due.is_none(), duty.due));
            out.truncate(most);
            Ok(out)
        })
    }
}
