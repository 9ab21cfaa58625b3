//! The finding of a figure in words, in both languages, singular and plural right.

use super::show::{bare, judged, lower, n_of, not_met, period, reporters, signed, silent, whole, with_unit};
use crate::measure::{Kind, Measure, Rollup};
use crate::service::FigureView;
use rust_decimal::Decimal;
use ui::Lang;

/// The finding as a sentence without its full stop. `place` is empty for the nation.
pub(super) fn finding(v: &FigureView, place: &str, l: Lang) -> String {
    if v.own { own(v, place, l) } else { above(v, place, l) }
}

/// The title of a measure with its place: "Số hộ ở tỉnh Thanh Hóa".
fn titled(measure: &Measure, place: &str, l: Lang) -> String {
    let title = measure.title(l);
    match (place, l) {
        ("", _) => title.to_owned(),
        (_, Lang::Vi) => format!("{title} ở {}", within(place)),
        (_, Lang::En) => format!("{title} in {place}"),
    }
}

/// A place within a sentence: "tỉnh Thanh Hóa"; names without a kind stay as they are.
pub(super) fn within(place: &str) -> String {
    if lang::strip_kind(place).0.is_some() { lower(place) } else { place.to_owned() }
}

/// A unit that reports itself.
fn own(v: &FigureView, place: &str, l: Lang) -> String {
    let measure = &v.known.measure;
    let title = measure.title(l);
    let subject = if place.is_empty() { l.t("Cả nước", "The nation") } else { place };
    let Some(value) = with_unit(v, l) else {
        let (vi, en) = match v.status {
            crate::service::Status::Awaiting => ("đã gửi, đang chờ duyệt", "sent, awaiting review"),
            crate::service::Status::NotApplicable => ("không áp dụng", "not applicable"),
            crate::service::Status::NotKnown => ("nói chưa biết", "says it does not know"),
            _ if v.of == 0 => ("không phải báo cáo chỉ tiêu này", "does not report this measure"),
            _ => ("chưa báo cáo", "not reported"),
        };
        return match l {
            Lang::Vi => format!("{subject} {vi}: {}", lower(title)),
            Lang::En => format!("{}: {en}", titled(measure, place, l)),
        };
    };
    if measure.def.kind == Kind::YesNo {
        return match l {
            // "Xã đạt chỉ tiêu 8.4" is already a sentence about a commune.
            Lang::Vi => match rest_of_title(measure) {
                Some(rest) if v.value == Some(Decimal::ONE) => format!("{subject} {rest}"),
                Some(rest) => format!("{subject} chưa {rest}"),
                None => format!("{}: {value}", titled(measure, place, l)),
            },
            Lang::En => format!("{}: {value}", titled(measure, place, l)),
        };
    }
    let parts = v.parts.map(|(n, of)| match l {
        Lang::Vi => format!(", là {} trong {}", whole(n, l), whole(of, l)),
        Lang::En => format!(", that is {} of {}", whole(n, l), whole(of, l)),
    });
    format!("{}: {value}{}", titled(measure, place, l), parts.unwrap_or_default())
}

/// A title such as "Xã đạt chỉ tiêu 8.4" without its subject, when that is the kind of unit that reports.
fn rest_of_title(measure: &Measure) -> Option<String> {
    let subject = reporters(measure, 1, Lang::Vi);
    let lowered = lower(&measure.def.title_vi);
    let rest = lowered.strip_prefix(&subject)?.strip_prefix(' ')?;
    Some(rest.to_owned())
}

fn above(v: &FigureView, place: &str, l: Lang) -> String {
    let measure = &v.known.measure;
    let title = &titled(measure, place, l);
    let before = if place.is_empty() { String::new() } else { format!("{place}: ") };
    if v.of == 0 {
        return match l {
            Lang::Vi => format!("{title}: trong {} không có {} nào phải báo cáo", period(v.period, l), reporters(measure, 1, l)),
            Lang::En => format!("{title}: no {} reports it in {}", reporters(measure, 1, l), period(v.period, l)),
        };
    }
    if measure.def.rollup == Rollup::None {
        return format!("{title}: {}", l.t("không cộng dồn, xem từng nơi", "does not add up, see each place"));
    }
    let judged = judged(v);
    let gaps = gaps(v, l);
    if v.n == 0 && v.value.is_none() {
        let tail = if gaps.is_empty() { String::new() } else { format!("; {}", counted(v, &gaps, l)) };
        return format!("{title}: {}{tail}", l.t("chưa có số liệu", "no figures yet"));
    }
    if judged {
        let of = v.of - v.not_applicable;
        let all = v.met == of;
        let head = match (l, rest_of_title(measure)) {
            (Lang::Vi, Some(rest)) if all => format!("{before}cả {} {} {rest}", whole(of, l), reporters(measure, of, l)),
            (Lang::Vi, Some(rest)) => format!("{before}{} trong {} {} {rest}", whole(v.met, l), whole(of, l), reporters(measure, of, l)),
            (Lang::Vi, None) => format!("{title}: {} trong {} {}{}", whole(v.met, l), whole(of, l), reporters(measure, of, l), condition(measure, l)),
            (Lang::En, _) if all => format!("{title}: all {} {}{}", whole(of, l), reporters(measure, of, l), condition(measure, l)),
            (Lang::En, _) => format!("{title}: {} of {} {}{}", whole(v.met, l), whole(of, l), reporters(measure, of, l), condition(measure, l)),
        };
        return join(first_large(&head), &gaps);
    }
    let value = with_unit(v, l);
    let how = match (measure.def.rollup, l) {
        (Rollup::Min, Lang::Vi) => "thấp nhất ",
        (Rollup::Min, Lang::En) => "lowest ",
        (Rollup::Max, Lang::Vi) => "cao nhất ",
        (Rollup::Max, Lang::En) => "highest ",
        (Rollup::WeightedMean, Lang::Vi) => "bình quân ",
        (Rollup::WeightedMean, Lang::En) => "on average ",
        _ => "",
    };
    let head = match (&value, v.parts) {
        (Some(value), Some((n, of))) => match l {
            Lang::Vi => format!("{title}: {value}, là {} trong {}", whole(n, l), whole(of, l)),
            Lang::En => format!("{title}: {value}, that is {} of {}", whole(n, l), whole(of, l)),
        },
        (Some(value), None) => format!("{title}: {how}{value}"),
        (None, _) => return format!("{title}: {}", reported(v, l)),
    };
    if gaps.is_empty() {
        return match l {
            Lang::Vi => format!("{head}; đủ {} {}", whole(v.of, l), reporters(measure, v.of, l)),
            Lang::En if v.of == 1 => format!("{head}; the only {} has reported", reporters(measure, 1, l)),
            Lang::En => format!("{head}; all {} {} have reported", whole(v.of, l), reporters(measure, v.of, l)),
        };
    }
    format!("{head}; {}", counted(v, &gaps, l))
}

/// "12 trong 182 xã chưa báo cáo, 3 chờ duyệt".
fn counted(v: &FigureView, gaps: &[(i64, String)], l: Lang) -> String {
    let measure = &v.known.measure;
    let mut out = Vec::new();
    for (nth, (n, what)) in gaps.iter().enumerate() {
        out.push(match (nth, l) {
            (0, Lang::Vi) => format!("{} trong {} {} {what}", whole(*n, l), whole(v.of, l), reporters(measure, v.of, l)),
            (0, Lang::En) => format!("{} of {} {} {what}", whole(*n, l), whole(v.of, l), reporters(measure, v.of, l)),
            _ => format!("{} {what}", whole(*n, l)),
        });
    }
    out.join(", ")
}

/// "170 trong 182 xã đã báo cáo".
pub(super) fn reported(v: &FigureView, l: Lang) -> String {
    let (n, of, who) = (whole(v.n, l), whole(v.of, l), reporters(&v.known.measure, v.of, l));
    match l {
        Lang::Vi if v.n == v.of => format!("cả {of} {who} đã báo cáo"),
        Lang::Vi => format!("{n} trong {of} {who} đã báo cáo"),
        Lang::En => format!("{n} of {of} {who} {} reported", if v.n == 1 { "has" } else { "have" }),
    }
}

fn join(head: String, gaps: &[(i64, String)]) -> String {
    if gaps.is_empty() {
        return head;
    }
    let gaps: Vec<String> = gaps.iter().map(|(_, text)| text.clone()).collect();
    format!("{head}; {}", gaps.join(", "))
}

/// Why units are not counted, each with its number.
fn gaps(v: &FigureView, l: Lang) -> Vec<(i64, String)> {
    let judged = judged(v);
    let one = |n: i64, vi: &str, en_one: &str, en_many: &str| {
        let text = match (l, judged) {
            (Lang::Vi, true) => format!("{} {vi}", whole(n, l)),
            (Lang::Vi, false) => vi.to_owned(),
            (Lang::En, true) => format!("{} {}", whole(n, l), if n == 1 { en_one } else { en_many }),
            (Lang::En, false) => if n == 1 { en_one } else { en_many }.to_owned(),
        };
        (n, text)
    };
    let mut out = Vec::new();
    if judged {
        out.push(one(not_met(v), "chưa đạt", "does not", "do not"));
    }
    out.push(one(silent(v), "chưa báo cáo", "has not reported", "have not reported"));
    out.push(one(v.not_known, "nói chưa biết", "does not know", "do not know"));
    out.push(one(v.awaiting, "chờ duyệt", "awaits review", "await review"));
    if judged {
        out.push(one(v.not_applicable, "không áp dụng", "is not concerned", "are not concerned"));
    }
    out.retain(|(n, _)| *n > 0);
    out
}

/// The condition in words, where it is a plain comparison; empty if the title says it all.
pub(super) fn condition(measure: &Measure, l: Lang) -> String {
    if measure.def.kind == Kind::YesNo {
        return String::new();
    }
    let Some(text) = &measure.def.condition else { return String::new() };
    let plain = text.trim().strip_prefix("value").map(str::trim);
    let (sign, number) = match plain {
        Some(rest) if rest.starts_with(">=") || rest.starts_with("<=") => rest.split_at(2),
        Some(rest) if rest.starts_with(['>', '<']) => rest.split_at(1),
        _ => return format!(" ({text})"),
    };
    let Ok(number) = number.trim().parse::<Decimal>() else { return format!(" ({text})") };
    let step = usize::try_from(number).ok().and_then(|at| measure.def.steps.get(at)).filter(|_| measure.def.kind == Kind::Ordinal);
    let limit = match step {
        Some(step) => format!("“{step}”"),
        None => format!("{} {}", l.number(number, 6), if measure.def.unit == "%" && measure.def.kind != Kind::Percent { "" } else { &measure.def.unit })
            .trim_end()
            .to_owned(),
    };
    match (sign, l) {
        (">=", Lang::Vi) => format!(" từ {limit} trở lên"),
        ("<=", Lang::Vi) => format!(" từ {limit} trở xuống"),
        (">", Lang::Vi) => format!(" trên {limit}"),
        (_, Lang::Vi) => format!(" dưới {limit}"),
        (">=", Lang::En) => format!(" at {limit} or above"),
        ("<=", Lang::En) => format!(" at {limit} or below"),
        (">", Lang::En) => format!(" above {limit}"),
        (_, Lang::En) => format!(" below {limit}"),
    }
}

pub(super) fn first_large(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// What happened between two figures of one place: the title of the trend.
pub(super) fn movement(old: &FigureView, new: &FigureView, l: Lang) -> String {
    let then = period(old.period, l);
    let (Some(was), Some(is)) = (old.value, new.value) else {
        let lacking = if new.value.is_none() { new } else { old };
        if lacking.of == 0 {
            return match l {
                Lang::Vi => format!("Chưa so được với {then}: trên bản đồ khi đó chưa có nơi này"),
                Lang::En => format!("Not comparable with {then}: the place was not on the map then"),
            };
        }
        return match l {
            Lang::Vi => format!("Chưa so được với {then}: {} chưa có số", period(lacking.period, l)),
            Lang::En => format!("Not comparable with {then}: no figure for {}", period(lacking.period, l)),
        };
    };
    let difference = is - was;
    if difference.is_zero() {
        return match l {
            Lang::Vi => format!("Không đổi so với {then}"),
            Lang::En => format!("Unchanged since {then}"),
        };
    }
    let up = !difference.is_sign_negative();
    let size = match (new.is_percent(), l) {
        (true, Lang::Vi) => format!("{} điểm phần trăm", l.number(difference.abs(), new.decimals())),
        (true, Lang::En) => format!("{} percentage points", l.number(difference.abs(), new.decimals())),
        (false, _) => {
            let unit = super::show::unit(new, l);
            format!("{} {unit}", l.number(difference.abs(), new.decimals())).trim_end().to_owned()
        }
    };
    let relative = if new.is_percent() || was.is_zero() { None } else { (difference.abs() * Decimal::ONE_HUNDRED).checked_div(was.abs()) };
    let relative = relative.map(|p| format!(" ({}%)", l.number(p, 1))).unwrap_or_default();
    let fewer = if old.n != new.n && !new.own { note_on_n(old, new, l) } else { String::new() };
    match (up, l) {
        (true, Lang::Vi) => format!("Tăng {size}{relative} so với {then}{fewer}"),
        (false, Lang::Vi) => format!("Giảm {size}{relative} so với {then}{fewer}"),
        (true, Lang::En) => format!("Up {size}{relative} since {then}{fewer}"),
        (false, Lang::En) => format!("Down {size}{relative} since {then}{fewer}"),
    }
}

/// A change may come from other units having reported; the reader must know.
fn note_on_n(old: &FigureView, new: &FigureView, l: Lang) -> String {
    match l {
        Lang::Vi => format!(" (khi đó {}, nay {} nơi báo cáo)", whole(old.n, l), whole(new.n, l)),
        Lang::En => format!(" ({} units reported then, {} now)", whole(old.n, l), whole(new.n, l)),
    }
}

/// How two figures stand to each other: `a` and `b` are how they are called.
pub(super) fn difference(a: (&str, &FigureView), b: (&str, &FigureView), l: Lang) -> String {
    let ((a_name, a), (b_name, b)) = (a, b);
    let (Some(x), Some(y)) = (a.value, b.value) else {
        let who = if a.value.is_none() { a_name } else { b_name };
        return match l {
            Lang::Vi => format!("Chưa so được: {who} chưa có số liệu"),
            Lang::En => format!("Not comparable: {who} has no figure"),
        };
    };
    if let (true, Some(p), Some(q)) = (a.own && a.known.measure.def.kind == Kind::YesNo, bare(a, l), bare(b, l)) {
        return format!("{a_name}: {p}; {b_name}: {q}");
    }
    let gap = x - y;
    if gap.is_zero() {
        return match l {
            Lang::Vi => format!("{a_name} và {b_name} bằng nhau"),
            Lang::En => format!("{a_name} and {b_name} are equal"),
        };
    }
    let size = signed(gap.abs(), a, l).trim_start_matches('+').to_owned();
    let unit = super::show::unit(a, l);
    let size = if unit.is_empty() { size } else { format!("{size} {unit}") };
    match (gap.is_sign_negative(), l) {
        (false, Lang::Vi) => format!("{a_name} cao hơn {b_name} {size}"),
        (true, Lang::Vi) => format!("{a_name} thấp hơn {b_name} {size}"),
        (false, Lang::En) => format!("{a_name} is {size} above {b_name}"),
        (true, Lang::En) => format!("{a_name} is {size} below {b_name}"),
    }
}

/// `132 / 182`, or how many have reported.
pub(super) fn behind(v: &FigureView, l: Lang) -> String {
    match v.parts {
        Some(_) => format!("= {}", n_of(v, l).replace('/', " / ")),
        None if v.own || v.known.measure.def.rollup == Rollup::None => String::new(),
        None => reported(v, l),
    }
}
