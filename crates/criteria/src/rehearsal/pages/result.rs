//! The answer in words, tables and bars; the same on the page and live.

use super::super::effect::{Count, Flip, met_of};
use super::super::findings::Finding;
use super::super::scenario::{Answer, Question};
use super::super::score::Reading;
use super::{group_name, href};
use crate::Criteria;
use crate::model::Indicator;
use askama::Template;
use rust_decimal::Decimal;
use ui::chart::{BarItem, ranked_bars};
use ui::{AppError, Html, Lang, Tone};

/// Units named in a list of the page; the rest is a page of its own.
pub(super) const NAMED: usize = 40;
/// Provinces drawn as bars.
const DRAWN: usize = 12;

pub(super) struct Part {
    pub name: String,
    pub units: String,
    pub before: String,
    pub after: String,
    pub gained: String,
    pub lost: String,
}

pub(super) struct Unit {
    pub name: String,
    pub href: String,
    pub by: String,
    pub margin: String,
}

pub(super) struct ShiftRow {
    pub name: String,
    pub met: String,
    pub easier: String,
    pub harder: String,
}

/// The answer, ready to be shown or printed.
#[derive(Template)]
#[template(path = "rehearsal_result.html")]
pub(super) struct Told {
    l: Lang,
    pub finding: String,
    pub reading: String,
    pub compared: String,
    pub before: String,
    pub after: String,
    pub gained_count: usize,
    pub lost_count: usize,
    pub provenance: String,
    pub aside: String,
    bars: Html,
    pub provinces: Vec<Part>,
    pub regions: Vec<Part>,
    pub groups: Vec<Part>,
    pub gained: Vec<Unit>,
    pub lost: Vec<Unit>,
    pub near: Vec<Unit>,
    pub near_count: usize,
    /// Addresses of the whole lists; empty where all stand here.
    gained_more: String,
    lost_more: String,
    near_more: String,
    map: Html,
    pub shifts: Vec<ShiftRow>,
    pub notes: Vec<String>,
}

impl Told {
    pub(super) fn html(&self) -> Result<String, AppError> {
        self.render().map_err(|error| {
            tracing::error!(%error, "the answer of a rehearsal could not be written");
            AppError::new("internal", 500)
        })
    }
}

fn count(n: usize, l: Lang) -> String {
    l.number(Decimal::from(n), 0)
}

/// `+12`, `−3`, `0`.
pub(super) fn signed(n: i64, l: Lang) -> String {
    match n {
        0 => "0".to_owned(),
        1.. => format!("+{}", l.number(n.into(), 0)),
        _ => format!("−{}", l.number(n.unsigned_abs().into(), 0)),
    }
}

pub(super) fn difference(after: usize, before: usize) -> i64 {
    i64::try_from(after).unwrap_or(i64::MAX) - i64::try_from(before).unwrap_or(i64::MAX)
}

/// `14:32 22/11/2026` in Vietnam.
pub(super) fn moment(micros: i64) -> String {
    let minutes = micros.div_euclid(60_000_000) + 7 * 60;
    let day = calendar::from_micros(micros).map(calendar::local_date).map(lang::show::short_date).unwrap_or_default();
    format!("{:02}:{:02} {day}", minutes.div_euclid(60).rem_euclid(24), minutes.rem_euclid(60))
}

fn short(indicator: &Indicator) -> String {
    let title: String = indicator.title.chars().take(90).collect();
    let more = if title.len() < indicator.title.len() { "…" } else { "" };
    format!("{} {title}{more}", indicator.code)
}

/// What the units judged by the set are called.
fn things(answer: &Answer, l: Lang) -> &'static str {
    match answer.snapshot.grid.set.level {
        places::Level::Commune => l.t("xã", "communes"),
        places::Level::District => l.t("huyện", "districts"),
        places::Level::Province => l.t("tỉnh", "provinces"),
        places::Level::Village => l.t("thôn", "villages"),
        places::Level::Nation => l.t("đơn vị", "units"),
    }
}

/// A unit that gains, loses or nearly passes, in words.
pub(super) fn named(criteria: &Criteria, answer: &Answer, f: &Flip, l: Lang) -> Unit {
    let snapshot = &answer.snapshot;
    let set = &snapshot.grid.set;
    let atlas = criteria.figures().places().atlas();
    let day = set.judged_on(snapshot.year);
    let province = snapshot.provinces.get(f.at).copied().flatten().map(|p| atlas.name(p, day)).unwrap_or_default();
    let name = atlas.full_name(f.unit, day);
    let indicator = |nth: usize| set.indicators().nth(nth);
    let margin = f.margin.and_then(|(nth, m)| {
        let i = indicator(nth)?;
        let sign = if m.better.is_sign_negative() { "−" } else { "+" };
        Some(format!("{}: {} / {} ({sign}{})", i.code, l.number(m.value, 2), l.number(m.threshold, 2), l.number(m.better.abs(), 2)))
    });
    Unit {
        name: if province.is_empty() { name } else { format!("{name}, {province}") },
        href: format!("/criteria/{}/scorecards/{}/{}", set.code, f.unit, snapshot.year),
        by: f.by.iter().take(6).filter_map(|nth| indicator(*nth)).map(|i| i.code.clone()).collect::<Vec<_>>().join(", "),
        margin: margin.unwrap_or_default(),
    }
}

/// The answer in the reader's language, with at most so many units in each list.
pub(super) fn told(criteria: &Criteria, q: &Question, answer: &Answer, most: usize, l: Lang) -> Told {
    let (snapshot, effect) = (&answer.snapshot, &answer.effect);
    let set = &snapshot.grid.set;
    let what = things(answer, l);
    let all = &effect.all;
    let atlas = criteria.figures().places().atlas();
    let day = set.judged_on(snapshot.year);
    let part = |name: String, c: &Count| Part {
        name,
        units: count(c.units, l),
        before: count(c.before, l),
        after: count(c.after, l),
        gained: signed(difference(c.gained, 0), l),
        lost: signed(-difference(c.lost, 0), l),
    };
    let mut provinces: Vec<(String, &Count)> = effect.provinces.iter().map(|(id, c)| (atlas.full_name(*id, day), c)).collect();
    provinces.sort_by_cached_key(|(name, c)| (std::cmp::Reverse(c.gained + c.lost), lang::sort_key(name)));
    let indicators: Vec<&Indicator> = set.indicators().collect();
    let list = |flips: &[Flip]| flips.iter().take(most).map(|f| named(criteria, answer, f, l)).collect::<Vec<_>>();
    let more = |which: &str, flips: &[Flip]| if flips.len() > most { format!("{}&which={which}", href("/rehearsal/units", q)) } else { String::new() };
    let moved = !q.moves.is_empty() || answer.against.is_some();
    Told {
        l,
        finding: finding(all, what, moved, l),
        reading: match q.reading {
            Reading::Judged => l.t(
                "Cách tính: đạt khi mọi chỉ tiêu chấm được đều đạt; chỉ tiêu chưa có mức hoặc chưa có số liệu để riêng.",
                "Reading: a unit passes when it meets every indicator that can be judged; those without threshold or data are set aside.",
            ),
            Reading::Strict => l.t(
                "Cách tính: chặt như phiếu chấm; chỉ tiêu chưa có mức hoặc chưa có số liệu thì chưa đạt.",
                "Reading: as strict as a scorecard; an indicator without threshold or data keeps the unit from passing.",
            ),
        }
        .to_owned(),
        compared: match &answer.against {
            Some(other) => other.grid.set.title(l).to_owned(),
            None => l.t("chính bộ này khi chưa thay đổi", "the set itself without changes").to_owned(),
        },
        before: count(all.before, l),
        after: count(all.after, l),
        gained_count: all.gained,
        lost_count: all.lost,
        provenance: provenance(answer, what, l),
        aside: aside(answer, l),
        bars: bars(&provinces, l),
        provinces: provinces.iter().map(|(name, c)| part(name.clone(), c)).collect(),
        regions: effect.regions.iter().map(|(code, c)| part(group_name(criteria, code, l), c)).collect(),
        groups: effect.groups.iter().map(|(code, c)| part(group_name(criteria, code, l), c)).collect(),
        gained: list(&effect.gained),
        lost: list(&effect.lost),
        near: list(&effect.near),
        near_count: effect.near.len(),
        gained_more: more("gained", &effect.gained),
        lost_more: more("lost", &effect.lost),
        near_more: more("near", &effect.near),
        map: super::map::drawn(criteria, answer, q.reading, l).unwrap_or_default(),
        shifts: shifts(answer, &indicators, l),
        notes: notes(answer, &indicators, l),
    }
}

fn finding(all: &Count, what: &str, moved: bool, l: Lang) -> String {
    let n = |n: usize| count(n, l);
    if !moved {
        return match l {
            Lang::Vi => format!("{} trên {} {what} đạt bộ này", n(all.after), n(all.units)),
            Lang::En => format!("{} of {} {what} pass this set", n(all.after), n(all.units)),
        };
    }
    match (all.gained, all.lost, l) {
        (0, 0, Lang::Vi) => format!("Không {what} nào đổi kết quả: vẫn {} trên {} {what} đạt", n(all.after), n(all.units)),
        (0, 0, Lang::En) => format!("Nothing changes: {} of {} {what} pass", n(all.after), n(all.units)),
        (_, _, Lang::Vi) => {
            format!(
                "Thêm {} {what} đạt, {} {what} không còn đạt: từ {} thành {} trên {}",
                n(all.gained),
                n(all.lost),
                n(all.before),
                n(all.after),
                n(all.units)
            )
        }
        (_, _, Lang::En) => {
            format!("{} {what} gain, {} lose: from {} to {} of {}", n(all.gained), n(all.lost), n(all.before), n(all.after), n(all.units))
        }
    }
}

fn provenance(answer: &Answer, what: &str, l: Lang) -> String {
    let s = &answer.snapshot;
    let when = |micros: i64| if micros == 0 { l.t("chưa có", "none yet").to_owned() } else { moment(micros) };
    match l {
        Lang::Vi => format!(
            "{} {what}, năm {}: {} giá trị lấy từ số liệu (duyệt mới nhất lúc {}), {} giá trị từ bảng chấm (đổi lần cuối lúc {}). Đọc lúc {}.",
            count(s.grid.units.len(), l),
            s.year,
            count(s.linked, l),
            when(s.as_of),
            count(s.entered, l),
            when(s.assessed_at),
            moment(s.taken_at)
        ),
        Lang::En => format!(
            "{} {what}, {}: {} values from figures (the newest accepted at {}), {} from scorecards (changed last at {}). Read at {}.",
            count(s.grid.units.len(), l),
            s.year,
            count(s.linked, l),
            when(s.as_of),
            count(s.entered, l),
            when(s.assessed_at),
            moment(s.taken_at)
        ),
    }
}

fn aside(answer: &Answer, l: Lang) -> String {
    let (no_level, no_data) = answer.effect.aside;
    if no_level + no_data == 0 {
        return String::new();
    }
    match l {
        Lang::Vi => format!("Còn {} ô chưa có mức và {} ô chưa có số liệu.", count(no_level, l), count(no_data, l)),
        Lang::En => format!("{} cells have no threshold and {} no data.", count(no_level, l), count(no_data, l)),
    }
}

/// The provinces that change most, as net bars.
fn bars(provinces: &[(String, &Count)], l: Lang) -> Html {
    let drawn: Vec<&(String, &Count)> = provinces.iter().filter(|(_, c)| c.gained + c.lost > 0).take(DRAWN).collect();
    let most = drawn.iter().map(|(_, c)| c.gained.max(c.lost)).max().unwrap_or(0);
    if drawn.is_empty() || most == 0 {
        return Html::default();
    }
    let items: Vec<BarItem> = drawn
        .iter()
        .map(|(name, c)| {
            let net = difference(c.after, c.before);
            #[expect(clippy::cast_precision_loss, reason = "the length of a bar")]
            let share = net.unsigned_abs() as f64 / most as f64;
            BarItem {
                label: name.clone(),
                value_text: signed(net, l),
                share: share.min(1.0),
                n_of_text: format!("{}/{}", count(c.after, l), count(c.units, l)),
                tone: if net < 0 { Tone::Bad } else { Tone::Good },
                ..BarItem::default()
            }
        })
        .collect();
    ranked_bars(&items)
}

fn shifts(answer: &Answer, indicators: &[&Indicator], l: Lang) -> Vec<ShiftRow> {
    let now = answer.effect.all.after;
    let mut rows: Vec<_> = answer.shifts.iter().collect();
    // Those that change most first; those that change nothing say nothing.
    let weight = |s: &super::super::findings::Shift| difference(s.easier, now).unsigned_abs() + difference(s.harder, now).unsigned_abs();
    rows.sort_by_key(|s| (std::cmp::Reverse(weight(s)), s.indicator));
    rows.into_iter()
        .filter(|s| weight(s) > 0)
        .take(20)
        .filter_map(|s| {
            let (met, judged) = met_of(&answer.after, s.indicator);
            Some(ShiftRow {
                name: indicators.get(s.indicator).map(|i| short(i))?,
                met: format!("{}/{}", count(met, l), count(judged, l)),
                easier: signed(difference(s.easier, now), l),
                harder: signed(difference(s.harder, now), l),
            })
        })
        .collect()
}

fn notes(answer: &Answer, indicators: &[&Indicator], l: Lang) -> Vec<String> {
    let name = |nth: usize| indicators.get(nth).map(|i| short(i)).unwrap_or_default();
    let mut out = Vec::new();
    let kinds = [
        (Finding::Everybody, l.t("Ai cũng đạt (chỉ tiêu không phân loại được)", "Everybody meets it (it tells nobody apart)")),
        (Finding::Nobody, l.t("Không ai đạt", "Nobody meets it")),
        (Finding::NoData, l.t("Không nơi nào có số liệu", "It has data nowhere")),
        (Finding::NoLevel, l.t("Chưa có mức ở bất kỳ đâu", "It has a threshold nowhere")),
    ];
    for (kind, words) in kinds {
        let those: Vec<String> = answer.findings.single.iter().filter(|(_, f)| *f == kind).map(|(nth, _)| name(*nth)).collect();
        if !those.is_empty() {
            out.push(format!("{words}: {}.", those.join("; ")));
        }
    }
    for pair in answer.findings.pairs.iter().take(20) {
        let words = if pair.same == pair.both {
            l.t("cho kết quả giống hệt nhau", "come out the same")
        } else {
            l.t("gần như lặp lại nhau", "nearly repeat each other")
        };
        let phi = l.number(Decimal::new(pair.phi.into(), 3), 2);
        out.push(format!(
            "{} {} {} {words}: {}/{} {} (phi {phi}).",
            name(pair.first),
            l.t("và", "and"),
            name(pair.second),
            l.number(pair.same.into(), 0),
            l.number(pair.both.into(), 0),
            l.t("nơi cùng kết quả", "units agree")
        ));
    }
    out
}
