//! Made-up assessments to try the platform with. Always the same on every machine; each line says that it is made up.

use crate::model::{Choice, Confidence, Given, Indicator, Kind, Op, Outcome, Set, Tally, combine, judge, threshold_for};
use crate::store::assess::{self, Assessment, Filled, Key, Line, Stage};
use crate::store::recognise::{self, Act, Decision};
use crate::store::{self, StoredSet};
use crate::{Criteria, source};
use calendar::Period;
use db::DbError;
use figures::{Ask, Tree, Value};
use jiff::civil::date;
use places::{Atlas, MapView};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// Code of the made-up set, which has a threshold for each of its indicators.
pub const SET: &str = "minh-hoa-2026";
const NOTE: &str = "Dữ liệu minh họa do máy tạo";

/// A number from 0 to 1 that depends only on its inputs.
fn chance(unit: Uuid, salt: &str) -> f64 {
    let (high, _) = Uuid::new_v5(&unit, salt.as_bytes()).as_u64_pair();
    #[expect(clippy::cast_precision_loss, reason = "a made-up share needs no precision")]
    let share = (high >> 12) as f64 / (1u64 << 52) as f64;
    share
}

/// The made-up set of a province: the indicators of the standard set that have one threshold for the country, for the year 2026.
fn made_up_set(base: &Set, province: &str, name: &str) -> Set {
    let mut set = base.clone();
    set.code = SET.to_owned();
    set.version = 1;
    set.title = "Bộ tiêu chí xã minh họa năm 2026 (dữ liệu dùng thử, không có giá trị pháp lý)".to_owned();
    set.title_en = "A made-up set for communes, 2026 (for trial, without legal force)".to_owned();
    set.document = "Minh họa".to_owned();
    set.authority = "Dữ liệu minh họa".to_owned();
    set.based_on = Some(base.code.clone());
    set.province = Some(province.to_owned());
    set.area = Some(name.to_owned());
    set.effective_from = Some(date(2026, 1, 1));
    set.effective_to = None;
    (set.criteria_count, set.indicator_count, set.complete) = (None, None, true);
    (set.amendments, set.region_rules, set.regions) = (Vec::new(), Vec::new(), Vec::new());
    (set.source, set.note) = (None, Some("Các chỉ tiêu lấy từ bộ 2021-2025; lập ra để dùng thử phần mềm.".to_owned()));
    for c in &mut set.criteria {
        c.indicators.retain(|i| i.thresholds.iter().any(|t| t.region.is_none() && t.to.is_none()));
        for i in &mut c.indicators {
            i.thresholds.retain(|t| t.region.is_none() && t.to.is_none());
            for t in &mut i.thresholds {
                (t.from, t.confidence) = (None, Confidence::Unsure);
            }
            i.was = Vec::new();
        }
    }
    set.criteria.retain(|c| !c.indicators.is_empty());
    set
}

/// A value near the threshold: better units are more often above it.
#[expect(clippy::cast_possible_truncation, reason = "made-up sizes are small")]
fn value(i: &Indicator, unit: Uuid, year: i16, threshold: Option<(Op, Decimal)>, quality: f64) -> Given {
    use rust_decimal::prelude::ToPrimitive as _;
    let luck = chance(unit, &format!("{}{year}", i.code));
    let good = luck < quality;
    if i.applies_if.is_some() && chance(unit, &i.code) < 0.3 {
        return Given::NotApplicable;
    }
    let (op, level) = threshold.unwrap_or((i.op.unwrap_or(Op::AtLeast), Decimal::from(80)));
    let level = level.to_f64().unwrap_or(50.0);
    let up = op.upward() != Some(false);
    let depth = chance(unit, &format!("{}depth", i.code));
    if i.kind.is_share() {
        let of = 40 + (chance(unit, "size") * 3_000.0) as i64;
        let share = match (good, up) {
            (true, true) => level + (100.0 - level) * depth,
            (false, true) => level * (0.72 + 0.27 * depth),
            (true, false) => level * depth,
            (false, false) => level + (100.0 - level) * 0.2 * depth + 0.3,
        };
        #[expect(clippy::cast_precision_loss, reason = "made-up sizes are small")]
        let exact = of as f64 * share / 100.0;
        let n = if good == up { exact.ceil() } else { exact.floor() };
        return Given::Ratio { n: (n as i64).clamp(0, of), of };
    }
    match i.kind {
        Kind::Count => Given::Number { value: Decimal::from(if good { level as i64 + (depth * 3.0) as i64 } else { 0 }) },
        Kind::Amount => {
            let amount = if good == up { level * (1.0 + 0.6 * depth) } else { level * (0.6 + 0.38 * depth) };
            Given::Number { value: Decimal::new((amount * 10.0) as i64, 1) }
        }
        _ => Given::Answer { yes: good },
    }
}

struct Batch {
    rows: Vec<db::Arg>,
    lines: Vec<db::Arg>,
    results: HashMap<String, Vec<(Uuid, Value)>>,
    count: usize,
}

fn result(o: Outcome) -> Option<Value> {
    match o {
        Outcome::Met => Some(Value::Number(1)),
        Outcome::NotMet => Some(Value::Number(0)),
        Outcome::NoLevel => Some(Value::NotKnown),
        Outcome::NotApplicable => Some(Value::NotApplicable),
        Outcome::NoData => None,
    }
}

/// Loads made-up assessments of the demo provinces: the standard set in 2024 (two of them, on the old map) and 2025, the advanced set in
/// 2024 where the standard one goes well, and a made-up set in 2026. How many units were scored.
///
/// # Errors
/// What the database says.
pub async fn seed(criteria: &Criteria, provinces: impl Fn(&Atlas, &MapView) -> Vec<Uuid>, spared: Uuid) -> Result<usize, DbError> {
    let figures = criteria.figures();
    let atlas = figures.places().atlas();
    let at = calendar::micros(figures.clock().now());
    let shelf = criteria.shelf();
    let Some(base) = shelf.library.get("commune-2021-2025").cloned() else { return Ok(0) };
    // Whatever is there stays as it is.
    if !assess::years(criteria.db()).await?.is_empty() {
        return Ok(0);
    }
    if shelf.library.get(SET).is_none() {
        let today = figures.clock().today();
        let province = places::facts::unit_id("p:new:24");
        let set = made_up_set(&base, &province.to_string(), &atlas.name(province, today));
        let mut tx = criteria.db().begin().await?;
        let known = places::store::bump_counted(&mut tx, crate::CATALOG, "").await?;
        let (code, definition, by) = (set.code.clone(), source::write(&set), "minh họa".to_owned());
        let stored = StoredSet { code, version: 1, published: true, definition, by, at, owner: province, known };
        store::add_version(&mut tx, &stored).await?;
        figures.declare_in(&mut tx, &crate::measures_of(&set), "minh họa", at).await?;
        tx.commit().await?;
        criteria.refresh().await?;
    }
    let mut scored = 0;
    for (code, year, all) in
        [("commune-2021-2025", 2024, true), ("commune-2021-2025", 2025, true), ("commune-advanced-2021-2025", 2024, false), (SET, 2026, true)]
    {
        let Some(set) = criteria.shelf().library.get(code).cloned() else { continue };
        let day = set.judged_on(year);
        let view = atlas.on(day);
        let places = match set.province.as_deref() {
            Some(p) => vec![crate::model::province_id(p)],
            // The old map has many communes: two provinces of it are enough to try with.
            None if year < 2025 => ["p:old:24", "p:old:27"].map(places::facts::unit_id).to_vec(),
            None => provinces(&atlas, &view),
        };
        let mut units: Vec<Uuid> = places.iter().flat_map(|p| view.under(*p, set.level)).filter(|u| criteria.judges(&set, *u, day)).collect();
        units.retain(|u| (all || chance(*u, "quality") > 0.55) && chance(*u, &format!("{code}{year}")) > 0.04);
        // Rows of a table are appended in the order of its key.
        units.sort_by_key(|u| (atlas.unit(*u).map(|u| u.tenant), *u));
        scored += load(criteria, &set, year, &units, &places, spared).await?;
    }
    recognised(criteria, &base, &provinces).await?;
    Ok(scored)
}

async fn load(criteria: &Criteria, set: &Arc<Set>, year: i16, units: &[Uuid], places: &[Uuid], spared: Uuid) -> Result<usize, DbError> {
    let figures = criteria.figures();
    let atlas = figures.places().atlas();
    let shelf = criteria.shelf();
    let Some(period) = Period::year(year) else { return Ok(0) };
    let at = calendar::micros(figures.clock().now());
    let linked = from_figures(criteria, set, year, places).await?;
    let mut batch = Batch { rows: Vec::new(), lines: Vec::new(), results: HashMap::new(), count: 0 };
    for unit in units {
        let Some(tenant) = atlas.unit(*unit).map(|u| u.tenant) else { continue };
        let traits = criteria.traits(set, *unit, year);
        // The best ones meet everything that has a threshold, so that every list has somebody in it.
        let best = chance(*unit, "quality") > 0.85;
        let quality = if best { 1.0 } else { 0.62 + 0.36 * chance(*unit, "quality") + 0.02 * f64::from(year - 2024) };
        let mut values: BTreeMap<String, Given> = BTreeMap::new();
        for (nth, i) in set.indicators().enumerate() {
            // The demo commune has its newest year still to fill in.
            if (*unit == spared && year >= 2026 && nth % 3 == 1) || (!best && chance(*unit, &format!("{}{year}open", i.code)) < 0.03) {
                continue;
            }
            if crate::values_linked(i) {
                if let Some(given) = linked.get(&(*unit, i.code.clone())) {
                    values.insert(i.code.clone(), given.clone());
                }
                continue;
            }
            if i.kind == Kind::Text {
                continue;
            }
            let level = match threshold_for(&shelf.library, set, i, &traits) {
                Choice::Applies(a) => a.threshold.op.zip(a.value),
                Choice::Missing(_) => None,
            };
            values.insert(i.code.clone(), value(i, *unit, year, level, quality));
        }
        let card = judge(&shelf.library, set, &traits, &values);
        let key = Key { tenant, set: set.code.clone(), year, unit: *unit };
        let mut outcomes = String::new();
        let mut states = String::new();
        let mut counted = Vec::new();
        for j in &card.indicators {
            let code = &j.indicator.code;
            let Some(given) = values.get(code) else {
                outcomes.push(Outcome::NoData.letter());
                states.push(Stage::Open.letter());
                counted.push(Outcome::NoData);
                continue;
            };
            let outcome = if j.indicator.evidence && j.outcome == Outcome::Met { Outcome::NoData } else { j.outcome };
            let stage = match chance(*unit, &format!("{code}{year}stage")) {
                _ if best || j.indicator.evidence => {
                    if best {
                        Stage::Accepted
                    } else {
                        Stage::Scored
                    }
                }
                x if x < 0.07 && year >= 2025 => Stage::Scored,
                x if x < 0.09 => Stage::Returned,
                _ => Stage::Accepted,
            };
            outcomes.push(outcome.letter());
            states.push(stage.letter());
            let line = |seq: i64, stage: Stage, who: &str, reason: &str| Line {
                indicator: code.clone(),
                seq,
                version: set.version,
                stage,
                filled: Filled { given: Some(given.clone()), parts: BTreeMap::new(), linked: crate::values_linked(j.indicator) },
                outcome,
                basis: crate::basis_of(set, j),
                note: if seq == 1 { NOTE.to_owned() } else { String::new() },
                reason: reason.to_owned(),
                who: None,
                who_name: who.to_owned(),
                at,
                known: shelf.known,
            };
            assess::line_row(&mut batch.lines, &key, &line(1, Stage::Scored, "Cán bộ xã (minh họa)", ""))?;
            if stage != Stage::Scored {
                let reason = if stage == Stage::Returned { "Minh chứng chưa khớp số liệu, đề nghị rà lại (minh họa)" } else { "" };
                assess::line_row(&mut batch.lines, &key, &line(2, stage, "Cơ quan chủ trì (minh họa)", reason))?;
            }
            let result_of = if stage == Stage::Accepted { outcome } else { Outcome::NoData };
            counted.push(result_of);
            if let Some(value) = result(result_of) {
                batch.results.entry(set.measure_code(Some(code))).or_default().push((*unit, value));
            }
        }
        let mut accepted = combine(counted);
        if accepted == Outcome::Met && !set.is_whole() {
            accepted = Outcome::NoLevel;
        }
        if let Some(value) = result(accepted) {
            batch.results.entry(set.measure_code(None)).or_default().push((*unit, value));
        }
        let letters = || outcomes.chars().filter_map(Outcome::from_letter);
        let by_criterion: Vec<Outcome> =
            (0..set.criteria.len()).map(|c| combine(card.indicators.iter().zip(letters()).filter(|(j, _)| j.criterion == c).map(|(_, o)| o))).collect();
        let mut whole = combine(by_criterion.iter().copied());
        if whole == Outcome::Met && !set.is_whole() {
            whole = Outcome::NoLevel;
        }
        let proper = set.criteria.iter().zip(&by_criterion).filter(|(c, _)| !c.condition).map(|(_, o)| *o);
        let row = Assessment {
            unit: *unit,
            version: set.version,
            met: i64::try_from(Tally::of(letters()).met).unwrap_or(0),
            criteria_met: i64::try_from(Tally::of(proper).met).unwrap_or(0),
            outcomes: outcomes.clone(),
            states,
            whole,
            accepted,
            changed_at: at,
        };
        assess::assessment_row(&mut batch.rows, &key, &row);
        batch.count += 1;
    }
    let mut tx = criteria.db().begin().await?;
    tx.insert(&assess::LINE, batch.lines).await?;
    tx.insert(&assess::ASSESSMENT, batch.rows).await?;
    tx.commit().await?;
    let mut bulk = figures.bulk(NOTE, at).await?;
    let mut codes: Vec<_> = batch.results.into_iter().collect();
    codes.sort_by(|a, b| a.0.cmp(&b.0));
    for (code, values) in codes {
        bulk.slice(figures::define::measure_id(&code), period, values).await?;
    }
    bulk.finish().await?;
    Ok(batch.count)
}

/// Values of linked indicators of all units, as the figures have them.
async fn from_figures(criteria: &Criteria, set: &Set, year: i16, places: &[Uuid]) -> Result<HashMap<(Uuid, String), Given>, DbError> {
    let figures = criteria.figures();
    let catalog = figures.catalog();
    let mut out = HashMap::new();
    let Some(period) = Period::year(year) else { return Ok(out) };
    for i in set.indicators() {
        let Some(known) = i.measure.as_deref().and_then(|code| catalog.coded(code)) else { continue };
        let ask = Ask { known: Arc::clone(known), period, tree: Tree::Then };
        for place in places {
            for view in figures.read_level(&ask, *place, set.level).await? {
                if let Some(given) = crate::given_of(&view, i.kind) {
                    out.insert((view.place, i.code.clone()), given);
                }
            }
        }
    }
    Ok(out)
}

/// Made-up decisions: better communes of the old map were recognised in 2023.
async fn recognised(criteria: &Criteria, set: &Set, provinces: &impl Fn(&Atlas, &MapView) -> Vec<Uuid>) -> Result<(), DbError> {
    let figures = criteria.figures();
    let atlas = figures.places().atlas();
    let at = calendar::micros(figures.clock().now());
    let mut values: BTreeMap<i16, Vec<(Uuid, Value)>> = BTreeMap::new();
    let mut tx = criteria.db().begin().await?;
    for year in [2023, 2024] {
        let view = atlas.on(date(year, 12, 31));
        for unit in provinces(&atlas, &view).into_iter().flat_map(|p| view.under(p, set.level)).filter(|u| criteria.judges(set, *u, view.date())) {
            let yes = chance(unit, "quality") > 0.45;
            if yes && year == 2023 {
                let Some(tenant) = atlas.unit(unit).map(|u| u.tenant) else { continue };
                let decision = Decision {
                    unit,
                    set: set.code.clone(),
                    id: Uuid::new_v5(&unit, b"recognition"),
                    act: Act::Recognised,
                    number: "minh họa/QĐ-UBND".to_owned(),
                    issued: date(2023, 12, 1),
                    issuer: "Chủ tịch UBND cấp tỉnh (minh họa)".to_owned(),
                    from: date(2023, 12, 1),
                    note: NOTE.to_owned(),
                    who_name: "Hệ thống".to_owned(),
                    at,
                };
                recognise::add(&mut tx, tenant, &decision).await?;
            }
            values.entry(year).or_default().push((unit, Value::Number(i64::from(yes))));
        }
    }
    tx.commit().await?;
    let mut bulk = figures.bulk(NOTE, at).await?;
    for (year, list) in values {
        if let Some(period) = Period::year(year) {
            bulk.slice(figures::define::measure_id(&set.recognised_code()), period, list).await?;
        }
    }
    bulk.finish().await.map(drop)
}
