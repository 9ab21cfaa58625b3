//! A figure as it is read: number with its unit, n of N, what is missing, the change since another period.

use crate::measure::{Kind, Measure, Rollup};
use crate::service::{FigureView, Status};
use calendar::Period;
use jiff::Timestamp;
use places::Level;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use ui::chart::{StackedBar, stacked_bar};
use ui::{Html, Lang};

/// A whole number in the reader's notation.
pub(super) fn whole(n: i64, l: Lang) -> String {
    l.number(Decimal::from(n), 0)
}

/// A label of a period in the reader's language.
pub(super) fn period(p: Period, l: Lang) -> String {
    match l {
        Lang::Vi => p.label_vi(),
        Lang::En => p.label_en(),
    }
}

/// Day and time of an instant; only the time if that was today.
pub(super) fn moment(micros: i64, now: Timestamp, l: Lang) -> String {
    let Ok(at) = Timestamp::from_microsecond(micros) else { return String::new() };
    let zoned = calendar::local_time(at);
    let day = zoned.date();
    let time = format!("{:02}:{:02}", zoned.hour(), zoned.minute());
    if day == calendar::local_date(now) {
        return format!("{time} {}", l.t("hôm nay", "today"));
    }
    format!("{time} {}", lang::show::short_date(day))
}

/// How reporting units are called: xã, phường…; English by number.
pub(super) fn reporters(measure: &Measure, n: i64, l: Lang) -> String {
    let level = measure.def.level;
    match l {
        Lang::Vi => match measure.def.kinds.as_slice() {
            [only] => only.clone(),
            _ => match level {
                Level::Nation => "cả nước".to_owned(),
                Level::Province => "tỉnh, thành phố".to_owned(),
                Level::District => "đơn vị cấp huyện".to_owned(),
                Level::Commune => "đơn vị cấp xã".to_owned(),
                Level::Village => "thôn, tổ dân phố".to_owned(),
            },
        },
        Lang::En => {
            let (one, many) = match level {
                Level::Nation => ("nation", "nations"),
                Level::Province => ("province", "provinces"),
                Level::District => ("district", "districts"),
                Level::Commune => ("commune", "communes"),
                Level::Village => ("village", "villages"),
            };
            if n == 1 { one } else { many }.to_owned()
        }
    }
}

/// The number alone; words of an unknown value are in [`status`].
pub(super) fn bare(v: &FigureView, l: Lang) -> Option<String> {
    let def = &v.known.measure.def;
    if let Some(words) = &v.words
        && v.own
    {
        return Some(words.clone());
    }
    let value = v.value?;
    Some(match def.kind {
        Kind::YesNo if v.own => if value == Decimal::ONE { l.t("đạt", "met") } else { l.t("chưa đạt", "not met") }.to_owned(),
        Kind::Ordinal if v.own || matches!(def.rollup, Rollup::Min | Rollup::Max) => step(&v.known.measure, value, l),
        _ if v.is_percent() => format!("{}%", l.number(value, v.decimals())),
        _ => l.number(value, v.decimals()),
    })
}

fn step(measure: &Measure, value: Decimal, l: Lang) -> String {
    let name = value.to_usize().and_then(|at| measure.def.steps.get(at)).cloned();
    name.unwrap_or_else(|| l.number(value, 0))
}

/// The number with its unit of measurement.
pub(super) fn with_unit(v: &FigureView, l: Lang) -> Option<String> {
    let text = bare(v, l)?;
    let unit = unit(v, l);
    let text = if unit.is_empty() { text } else { format!("{text} {unit}") };
    Some(if v.estimated > 0 { format!("≈ {text}") } else { text })
}

/// What stands behind the number: nothing for percentages and words.
pub(super) fn unit(v: &FigureView, l: Lang) -> String {
    let def = &v.known.measure.def;
    if v.is_percent() || matches!(def.kind, Kind::Text) || (v.own && matches!(def.kind, Kind::YesNo | Kind::Ordinal)) {
        return String::new();
    }
    match def.rollup {
        Rollup::CountWhere if !v.own => reporters(&v.known.measure, v.met, l),
        Rollup::Min | Rollup::Max if def.kind == Kind::Ordinal => String::new(),
        _ => def.unit.clone(),
    }
}

/// Whether units are judged by a condition at this place.
pub(super) fn judged(v: &FigureView) -> bool {
    !v.own && matches!(v.known.measure.def.rollup, Rollup::ShareWhere | Rollup::CountWhere)
}

/// Units that reported and do not fulfil the condition.
pub(super) fn not_met(v: &FigureView) -> i64 {
    (v.n - v.met).max(0)
}

/// Units that reported nothing at all.
pub(super) fn silent(v: &FigureView) -> i64 {
    (v.missing - v.not_known).max(0)
}

/// `n/N`: the parts of a percentage, else reported of all that have to.
pub(super) fn n_of(v: &FigureView, l: Lang) -> String {
    match v.parts {
        Some((n, of)) => format!("{}/{}", whole(n, l), whole(of, l)),
        None if v.own || v.known.measure.def.rollup == Rollup::None => String::new(),
        None => format!("{}/{}", whole(v.n, l), whole(v.of, l)),
    }
}

/// Length of a bar in 0..=1 where the value is a percentage.
pub(super) fn share(v: &FigureView) -> Option<f64> {
    v.value.filter(|_| v.is_percent())?.to_f64().map(|p| p / 100.0)
}

/// The value as a floating number, for drawing only.
pub(super) fn height(v: &FigureView) -> Option<f64> {
    v.value?.to_f64()
}

/// One word for what there is instead of a value, and its class.
pub(super) fn status(v: &FigureView, l: Lang) -> (&'static str, String) {
    let (class, vi, en) = match v.status {
        Status::Accepted => ("ok", "đã duyệt", "accepted"),
        Status::Awaiting => ("wait", "chờ duyệt", "awaiting review"),
        Status::NotKnown => ("none", "nói chưa biết", "not known"),
        Status::NotApplicable => ("plain", "không áp dụng", "not applicable"),
        Status::Missing if v.of == 0 => ("plain", "không phải báo cáo", "does not report"),
        Status::Missing => ("none", "chưa báo cáo", "not reported"),
        Status::Complete => ("ok", "đủ", "complete"),
        Status::Partial => ("none", "chưa đủ", "incomplete"),
    };
    (class, l.t(vi, en).to_owned())
}

fn count(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

/// The bar of a figure: judged units, the two parts of a percentage, or how many have reported.
pub(super) fn bar(v: &FigureView, l: Lang) -> Option<Html> {
    standing(v, l).map(|bar| stacked_bar(&bar))
}

/// What that bar is made of.
pub(super) fn standing(v: &FigureView, l: Lang) -> Option<StackedBar> {
    let empty = StackedBar { lang: l, unknown_text: l.t("nói chưa biết", "not known").to_owned(), ..StackedBar::default() };
    let def = &v.known.measure.def;
    let bar = match v.parts {
        Some((n, of)) if def.kind == Kind::Percent => StackedBar {
            met: count(n),
            not_met: count(of - n),
            met_text: if l == Lang::Vi && !def.numerator_vi.is_empty() { lower(&def.numerator_vi) } else { l.t("có", "yes").to_owned() },
            not_text: l.t("còn lại", "the rest").to_owned(),
            ..empty
        },
        _ if v.own || v.of == 0 || def.rollup == Rollup::None => return None,
        _ if judged(v) => StackedBar {
            met: count(v.met),
            not_met: count(not_met(v)),
            missing: count(silent(v)),
            unknown: count(v.not_known),
            awaiting: count(v.awaiting),
            na: count(v.not_applicable),
            ..empty
        },
        _ => StackedBar {
            met: count(v.n),
            missing: count(silent(v)),
            unknown: count(v.not_known),
            awaiting: count(v.awaiting),
            na: count(v.not_applicable),
            met_text: l.t("đã báo cáo", "reported").to_owned(),
            ..empty
        },
    };
    Some(bar)
}

/// With a small first letter.
pub(super) fn lower(text: &str) -> String {
    let mut chars = text.chars();
    // An abbreviation such as OCOP or HTX stays.
    let second_small = text.chars().nth(1).is_none_or(|c| !c.is_uppercase());
    match chars.next() {
        Some(first) if second_small => first.to_lowercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}

/// The change from an older figure to a newer one: in points for percentages, else in the unit.
pub(super) fn change(old: &FigureView, new: &FigureView, l: Lang) -> Option<(Decimal, String)> {
    if new.own && matches!(new.known.measure.def.kind, Kind::YesNo | Kind::Ordinal | Kind::Text) {
        let (was, is) = (old.value?, new.value?);
        let text = if was == is { l.t("như cũ", "same").to_owned() } else { format!("{} → {}", bare(old, l)?, bare(new, l)?) };
        return Some((is - was, text));
    }
    let difference = new.value?.checked_sub(old.value?)?;
    Some((difference, signed(difference, new, l)))
}

/// A difference with its sign and unit, short: `+3,2 đ%`.
pub(super) fn signed(difference: Decimal, v: &FigureView, l: Lang) -> String {
    let sign = if difference.is_sign_negative() { "−" } else { "+" };
    let text = l.number(difference.abs(), v.decimals());
    if difference.is_zero() {
        return "0".to_owned();
    }
    match v.is_percent() {
        true => format!("{sign}{text} {}", l.t("điểm", "pts")),
        false => format!("{sign}{text}"),
    }
}

/// What is missing in a figure, as tags.
pub(super) fn tags(v: &FigureView, l: Lang) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    if v.own {
        if v.value.is_none() || v.status != Status::Accepted {
            out.push(status(v, l));
        }
    } else if v.known.measure.def.rollup == Rollup::None {
        out.push(("plain", l.t("không cộng dồn", "does not add up").to_owned()));
    } else {
        let mut say = |n: i64, class, vi: &str, en: &str| {
            if n > 0 {
                out.push((class, format!("{} {}", whole(n, l), l.t(vi, en))));
            }
        };
        say(silent(v), "none", "chưa báo cáo", "not reported");
        say(v.not_known, "none", "chưa biết", "not known");
        say(v.awaiting, "wait", "chờ duyệt", "awaiting");
        say(v.not_applicable, "plain", "không áp dụng", "n/a");
        if v.of == 0 {
            out.push(("plain", l.t("không phải báo cáo", "does not report").to_owned()));
        }
    }
    if v.estimated > 0 {
        out.push(("wait", l.t("ước tính", "estimate").to_owned()));
    }
    out
}
