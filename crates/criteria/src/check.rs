//! What may be wrong with a set among the others: found before it is published, each with its place.

use crate::flaw::{At, Flaw};
use crate::model::{Choice, Compose, Indicator, Kind, Library, Set, Threshold, Traits, looser, province_id, threshold_for};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use uuid::Uuid;

/// What a set is compared with.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// The other published sets.
    pub library: Library,
    /// Codes of regions.
    pub regions: BTreeSet<String>,
    /// Codes of commune groups.
    pub groups: BTreeSet<String>,
    /// Codes of flags.
    pub flags: BTreeSet<String>,
    /// Codes of measures.
    pub measures: BTreeSet<String>,
    /// The region of a province.
    pub region_of: BTreeMap<Uuid, String>,
}

/// Most digits of a measure's code, which holds the code of the set and of the indicator.
const CODE: usize = 40;

/// Everything that is wrong with a set; empty when it may be published.
pub fn check(set: &Set, around: &Around) -> Vec<Flaw> {
    let mut out = Vec::new();
    head(set, around, &mut out);
    let mut numbers = HashSet::new();
    let mut codes = HashSet::new();
    for (c, criterion) in set.criteria.iter().enumerate() {
        let at = At { criterion: Some(c), ..At::default() };
        if criterion.title.is_empty() {
            out.push(Flaw::new("criterion_title_missing", at, "Tiêu chí chưa có tên.", "The criterion has no title."));
        }
        if !numbers.insert(&criterion.number) {
            let n = &criterion.number;
            out.push(Flaw::new("criterion_twice", at, format!("Tiêu chí số {n} có hai lần."), format!("Criterion {n} stands twice.")));
        }
        for (i, indicator) in criterion.indicators.iter().enumerate() {
            let whole = At { indicator: Some(i), ..at };
            let parts_of = indicator.parts.iter().enumerate().map(|(nth, p)| (p, At { part: Some(nth), ..whole }));
            for (one, at) in std::iter::once((indicator, whole)).chain(parts_of) {
                if !codes.insert(one.code.as_str()) {
                    let code = &one.code;
                    out.push(Flaw::new("indicator_twice", at, format!("Mã chỉ tiêu {code} có hai lần."), format!("Indicator {code} stands twice.")));
                }
                if set.measure_code(Some(&one.code)).len() > CODE {
                    out.push(Flaw::new(
                        "code_too_long",
                        at,
                        format!("Mã bộ “{}” và mã chỉ tiêu “{}” cộng lại quá dài.", set.code, one.code),
                        format!("The codes “{}” and “{}” are too long together.", set.code, one.code),
                    ));
                }
                this(set, one, at, around, &mut out);
            }
            parts(indicator, whole, &mut out);
        }
    }
    if let Some(round) = cycle(set, around) {
        let road = round.join(" → ");
        out.push(Flaw::new(
            "reference_cycle",
            At::default(),
            format!("Các bộ dẫn chiếu vòng tròn: {road}."),
            format!("The sets refer to each other in a circle: {road}."),
        ));
    }
    out
}

fn head(set: &Set, around: &Around, out: &mut Vec<Flaw>) {
    let top = At::default();
    let fits = |code: &str| {
        (3..=32).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') && !code.starts_with('-')
    };
    if !fits(&set.code) {
        out.push(Flaw::new(
            "set_code_invalid",
            top,
            "Mã bộ tiêu chí gồm 3 đến 32 chữ thường không dấu, chữ số, gạch nối: xa-thong-minh-2026.",
            "The code of a set takes 3 to 32 small letters, digits and hyphens: xa-thong-minh-2026.",
        ));
    }
    if set.title.is_empty() {
        out.push(Flaw::new("set_title_missing", top, "Bộ tiêu chí chưa có tên.", "The set has no title."));
    }
    if let (Some(from), Some(to)) = (set.effective_from, set.effective_to)
        && to < from
    {
        out.push(Flaw::new("set_dates", top, "Ngày hết hiệu lực trước ngày có hiệu lực.", "The last day comes before the first."));
    }
    let refers = set.requires.iter().chain(&set.required_by).chain(&set.based_on);
    for code in refers.filter(|code| **code != set.code && around.library.get(code).is_none()) {
        out.push(Flaw::new("unknown_set", top, format!("Không có bộ tiêu chí “{code}”."), format!("There is no set “{code}”.")));
    }
    for region in set.regions.iter().chain(set.region_rules.iter().map(|r| &r.region)).filter(|r| !around.regions.contains(*r)) {
        out.push(unknown_region(region, top));
    }
    for rule in set.region_rules.iter().filter(|r| !around.flags.contains(&r.flag)) {
        out.push(unknown_flag(&rule.flag, top));
    }
}

fn unknown_region(region: &str, at: At) -> Flaw {
    Flaw::new("unknown_region", at, format!("Không có vùng “{region}”."), format!("There is no region “{region}”."))
}

fn unknown_flag(flag: &str, at: At) -> Flaw {
    Flaw::new("unknown_flag", at, format!("Không có đặc điểm “{flag}”."), format!("There is no flag “{flag}”."))
}

fn this(set: &Set, i: &Indicator, at: At, around: &Around, out: &mut Vec<Flaw>) {
    let fits = !i.code.is_empty() && i.code.len() <= 10 && i.code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.');
    if !fits {
        out.push(Flaw::new(
            "indicator_code_invalid",
            at,
            format!("Mã chỉ tiêu “{}” chưa đúng: dùng chữ số, chữ thường và dấu chấm, như 8.4.", i.code),
            format!("The code “{}” is not right: digits, small letters and points, such as 8.4.", i.code),
        ));
    }
    if i.title.is_empty() {
        out.push(Flaw::new("indicator_title_missing", at, format!("Chỉ tiêu {} chưa có tên.", i.code), format!("Indicator {} has no title.", i.code)));
    }
    if let Some(formula) = &i.formula {
        match formula::Formula::parse(formula) {
            Err(error) => out.push(Flaw::new(
                "formula_broken",
                at,
                format!("Công thức của chỉ tiêu {} chưa đúng: {error}", i.code),
                format!("The formula of indicator {} is broken: {error}", i.code),
            )),
            Ok(formula) => {
                for code in formula.inputs().iter().filter(|c| !around.measures.contains(*c)) {
                    out.push(unknown_measure(code, at));
                }
            }
        }
    }
    if let Some(code) = i.measure.as_ref().filter(|m| !around.measures.contains(*m)) {
        out.push(unknown_measure(code, at));
    }
    match (i.kind, i.refers_to.as_ref()) {
        (Kind::Reference | Kind::Share, None) if i.measure.is_none() && i.formula.is_none() => out.push(Flaw::new(
            "reference_missing",
            at,
            format!("Chỉ tiêu {} cần cho biết đạt bộ tiêu chí nào.", i.code),
            format!("Indicator {} must say which set is met.", i.code),
        )),
        (_, Some(code)) if *code != set.code && around.library.get(code).is_none() => {
            out.push(Flaw::new("unknown_set", at, format!("Không có bộ tiêu chí “{code}”."), format!("There is no set “{code}”.")));
        }
        _ => {}
    }
    if i.kind == Kind::Choice && i.options.len() < 2 {
        out.push(Flaw::new(
            "options_missing",
            at,
            format!("Chỉ tiêu {} cần ít nhất hai mức để chọn.", i.code),
            format!("Indicator {} needs at least two choices.", i.code),
        ));
    }
    for (nth, t) in i.thresholds.iter().enumerate() {
        let at = At { threshold: Some(nth), ..at };
        threshold(set, i, t, at, around, out);
        if i.thresholds.iter().take(nth).any(|o| o.clashes(t) && (o.value, &o.expected) != (t.value, &t.expected)) {
            out.push(Flaw::new(
                "threshold_twice",
                at,
                format!("Chỉ tiêu {} có hai mức khác nhau cho cùng phạm vi và thời gian.", i.code),
                format!("Indicator {} has two different thresholds for the same scope and time.", i.code),
            ));
        }
    }
}

fn unknown_measure(code: &str, at: At) -> Flaw {
    Flaw::new("unknown_measure", at, format!("Không có số liệu mang mã “{code}”."), format!("There is no measure “{code}”."))
}

fn threshold(set: &Set, i: &Indicator, t: &Threshold, at: At, around: &Around, out: &mut Vec<Flaw>) {
    let code = &i.code;
    if let Some(region) = t.region.as_ref().filter(|r| !around.regions.contains(*r)) {
        out.push(unknown_region(region, at));
    }
    if let Some(group) = t.group.as_ref().filter(|g| !around.groups.contains(*g)) {
        out.push(Flaw::new("unknown_group", at, format!("Không có nhóm xã “{group}”."), format!("There is no commune group “{group}”.")));
    }
    if let Some(flag) = t.flag.as_ref().filter(|f| !around.flags.contains(*f)) {
        out.push(unknown_flag(flag, at));
    }
    if let (Some(from), Some(to)) = (t.from, t.to)
        && to < from
    {
        out.push(Flaw::new(
            "threshold_dates",
            at,
            format!("Mức của chỉ tiêu {code}: ngày cuối trước ngày đầu."),
            format!("Threshold of {code}: the last day comes before the first."),
        ));
    }
    if (t.value.is_some() || t.above.is_some()) && t.op.is_none() {
        out.push(Flaw::new(
            "op_missing",
            at,
            format!("Mức của chỉ tiêu {code} thiếu dấu so sánh (>=, <=, …)."),
            format!("The threshold of {code} lacks its comparison (>=, <=, …)."),
        ));
    }
    if !t.says() {
        out.push(Flaw::new("threshold_empty", at, format!("Mức của chỉ tiêu {code} còn trống."), format!("The threshold of {code} is empty.")));
    }
    let was_number = i.was.iter().any(|f| f.kind.is_some_and(Kind::is_number));
    if t.value.is_some() && !i.kind.is_number() && !was_number {
        out.push(Flaw::new(
            "threshold_kind",
            at,
            format!("Chỉ tiêu {code} là loại “{}”, không so với một số.", i.kind.label().0),
            format!("Indicator {code} is of kind “{}” and is not compared with a number.", i.kind.label().1),
        ));
    }
    if let Some(value) = t.value
        && i.kind.is_share()
        && !(rust_decimal::Decimal::ZERO..=rust_decimal::Decimal::ONE_HUNDRED).contains(&value)
    {
        out.push(Flaw::new(
            "threshold_range",
            at,
            format!("Mức của chỉ tiêu {code} phải từ 0 đến 100%."),
            format!("The threshold of {code} must lie between 0 and 100 %."),
        ));
    }
    if let Some(address) = &t.above {
        let own = address.split_once(':').is_some_and(|(s, c)| s == set.code && set.indicator(c).is_some());
        if !own && around.library.indicator(address).is_none() {
            out.push(Flaw::new("unknown_indicator", at, format!("Không có chỉ tiêu “{address}”."), format!("There is no indicator “{address}”.")));
        }
    }
    floor(set, i, t, at, around, out);
}

/// A province may ask more than the country, never less: compared with the country's own thresholds in the same set, and with the set it is based on.
fn floor(set: &Set, i: &Indicator, t: &Threshold, at: At, around: &Around, out: &mut Vec<Flaw>) {
    let (Some(op), Some(value)) = (t.op, t.value) else { return };
    let mut say = |floor_op: crate::model::Op, floor: rust_decimal::Decimal, set: &str| {
        let text = format!("{} {}", floor_op.shown(), lang::show::number_upto(floor, 6));
        out.push(Flaw::new(
            "looser_than_floor",
            at,
            format!("Mức {} {} của chỉ tiêu {} thấp hơn yêu cầu chung {text} ({set}).", op.shown(), lang::show::number_upto(value, 6), i.code),
            format!("The threshold {} {value} of {} asks less than the national floor {} {floor} ({set}).", op.sign(), i.code, floor_op.sign()),
        ));
    };
    let province = t.province.as_deref().or(set.province.as_deref()).map(province_id);
    let year = t.year.or_else(|| t.from.or(set.effective_from).map(jiff::civil::Date::year)).unwrap_or(2025);
    let region = t.region.clone().or_else(|| province.and_then(|p| around.region_of.get(&p).cloned()));
    let mut traits = Traits { region, group: t.group.clone(), flags: t.flag.iter().cloned().collect(), ..Traits::plain(year) };
    if t.province.is_some() {
        traits.day = t.from.unwrap_or(traits.day);
        let floor = i.thresholds.iter().filter(|o| o.province.is_none() && o.holds(traits.day));
        let floor = floor.filter(|o| o.region.as_deref().is_none_or(|r| traits.region.as_deref() == Some(r)) && o.year.is_none_or(|y| y == year));
        let floor = floor.filter(|o| {
            o.group.as_deref().is_none_or(|g| traits.group.as_deref() == Some(g)) && o.flag.as_deref().is_none_or(|f| traits.flags.iter().any(|x| x == f))
        });
        if let Some((floor_op, least)) = floor.filter_map(|o| o.op.zip(o.value)).find(|(o, v)| looser(op, value, *o, *v)) {
            say(floor_op, least, &set.code);
        }
    }
    let Some(base) = set.based_on.as_ref().filter(|b| **b != set.code).and_then(|b| around.library.get(b)) else { return };
    let Some(theirs) = base.indicator(i.base.as_deref().unwrap_or(&i.code)) else { return };
    if theirs.kind != i.kind {
        return;
    }
    // The floor is what the older set asked on its last day, when it is no longer in force.
    let judged = jiff::civil::date(year, 12, 31);
    traits.day = base.effective_to.map_or(judged, |to| to.min(judged));
    traits.year = traits.day.year();
    traits.provinces = Vec::new();
    if let Choice::Applies(applied) = threshold_for(&around.library, base, theirs, &traits)
        && let (Some(floor_op), Some(least)) = (applied.threshold.op, applied.value)
        && looser(op, value, floor_op, least)
    {
        say(floor_op, least, &base.code);
    }
}

fn parts(i: &Indicator, at: At, out: &mut Vec<Flaw>) {
    let code = &i.code;
    if i.kind != Kind::Composite {
        if !i.parts.is_empty() {
            out.push(Flaw::new(
                "parts_of_simple",
                at,
                format!("Chỉ tiêu {code} có nội dung thành phần nhưng không phải loại gồm nhiều nội dung."),
                format!("Indicator {code} has parts but is not composite."),
            ));
        }
        return;
    }
    if i.parts.is_empty() {
        out.push(Flaw::new(
            "parts_missing",
            at,
            format!("Chỉ tiêu {code} cần ít nhất một nội dung thành phần."),
            format!("Indicator {code} needs at least one part."),
        ));
    }
    if i.parts.iter().any(|p| p.kind == Kind::Composite) {
        out.push(Flaw::new(
            "parts_nested",
            at,
            format!("Nội dung thành phần của {code} không được chia nhỏ nữa."),
            format!("Parts of {code} cannot have parts."),
        ));
    }
    let reachable = match i.compose {
        Some(Compose::AtLeast(k)) => k >= 1 && k <= i.parts.len(),
        Some(Compose::Points(points)) => points <= i.parts.iter().map(|p| p.points.unwrap_or(rust_decimal::Decimal::ONE)).sum(),
        Some(Compose::All) | None => true,
    };
    if !reachable && !i.parts.is_empty() {
        out.push(Flaw::new(
            "parts_unreachable",
            at,
            format!("Số nội dung hoặc số điểm cần đạt của {code} không thể đạt được."),
            format!("What {code} asks of its parts cannot be reached."),
        ));
    }
}

/// The circle of sets that a set would close, if any.
fn cycle(set: &Set, around: &Around) -> Option<Vec<String>> {
    fn edges(set: &Set) -> BTreeSet<String> {
        let above = set.indicators().flat_map(|i| &i.thresholds).filter_map(|t| t.above.as_ref()?.split_once(':').map(|(s, _)| s.to_owned()));
        let refers = set.indicators().chain(set.indicators().flat_map(|i| &i.parts)).filter_map(|i| i.refers_to.clone());
        let own = set.code.clone();
        // A threshold may stand on another one of its own set.
        set.requires.iter().cloned().chain(refers).chain(above.filter(move |s| *s != own)).collect()
    }
    fn walk(at: &Set, goal: &str, around: &Around, road: &mut Vec<String>, seen: &mut HashSet<String>) -> bool {
        for next in edges(at) {
            if next == goal {
                road.push(next);
                return true;
            }
            if let Some(set) = around.library.get(&next).filter(|_| seen.insert(next.clone())) {
                road.push(next);
                if walk(set, goal, around, road, seen) {
                    return true;
                }
                road.pop();
            }
        }
        false
    }
    let mut road = vec![set.code.clone()];
    walk(set, &set.code, around, &mut road, &mut HashSet::new()).then_some(road)
}
